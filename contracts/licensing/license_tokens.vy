# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License tokens
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Tagged tokens that remember who owned them before, second by second: LicenseRights asks who held a license at a
        time in the past.
@dev Views are `reentrant` because a receiver reads them while it is handed a token; what they read is final by then.
     Those of market_views that are not revert meanwhile.
@custom:invariant Past owners are in the order of time. A token that is sent to its own holder has not moved.
"""

from contracts.common import packed_owner
from contracts.common import tagged_tokens

uses: tagged_tokens

# ERC-5192, on top of those of tagged tokens.
LOCKED_TOKENS: constant(bytes4) = 0xB45A3C0E

# Token => number of the move, from 1 => packed owner before it; the tag is the second of the move.
_past_owners: HashMap[uint256, HashMap[uint256, uint256]]
# Token => how often it was moved.
move_count: reentrant(public(HashMap[uint256, uint256]))


@deploy
def __init__():
    pass


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice Whether this contract speaks the interface `interface_id` (ERC-165).
    """
    return interface_id == LOCKED_TOKENS or interface_id in tagged_tokens.INTERFACES


@internal
def _move(owner: address, to: address, token_id: uint256):
    """
    @dev Moves a token after ERC-721's checks, and remembers the former owner.
    """
    if to != owner:
        number: uint256 = self.move_count[token_id] + 1
        self.move_count[token_id] = number
        self._past_owners[token_id][number] = packed_owner._pack(
            packed_owner.Owner(account=owner, tag=block.timestamp)
        )
    tagged_tokens._move(owner, to, token_id)


@internal
@view
def _owner_at(token_id: uint256, at: uint256) -> address:
    """
    @dev Who owned the token at the end of second `at`, which is not in the future: found by search among its moves.
    """
    low: uint256 = 0
    high: uint256 = self.move_count[token_id]
    # In the end the first move after `at` has the number low + 1, if there is one.
    for _: uint256 in range(256):
        if low == high:
            break
        middle: uint256 = (low + high) // 2
        if packed_owner._tag(self._past_owners[token_id][middle + 1]) > at:
            high = middle
        else:
            low = middle + 1
    if low < self.move_count[token_id]:
        return packed_owner._account(self._past_owners[token_id][low + 1])
    owner: address = empty(address)
    tag: uint256 = 0
    owner, tag = tagged_tokens._owner_and_tag(token_id)
    return owner
