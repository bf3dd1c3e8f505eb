# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Model tokens
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The tokens of models. The tag of each is its tenure: how often it has moved, and when last. What an owner
        announced counts in its tenure alone.
@custom:invariant The number of a tenure grows by one with each move of the token and never otherwise.
"""

from contracts.common import tagged_tokens
from contracts.models import packed_tenure

uses: tagged_tokens


@internal
def _begin_tenure(model_id: uint256):
    """
    @dev Counts a move of the token. To be called once for each.
    """
    owner: address = empty(address)
    tag: uint256 = 0
    owner, tag = tagged_tokens._owner_and_tag(model_id)
    tenure: packed_tenure.Tenure = packed_tenure._unpack(tag)
    tenure.number += 1
    tenure.since = block.timestamp
    tagged_tokens._set_tag(model_id, owner, packed_tenure._pack(tenure))


@internal
@view
def _tenure(model_id: uint256) -> packed_tenure.Tenure:
    """
    @dev Zeros before the first move: a model that never moved was always its owner's.
    """
    owner: address = empty(address)
    tag: uint256 = 0
    owner, tag = tagged_tokens._owner_and_tag(model_id)
    return packed_tenure._unpack(tag)
