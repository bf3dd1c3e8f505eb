# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Review policy
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How long a submission is open to objections and who may object.
@custom:invariant Both numbers stay within their bounds. A grant copies them when it is approved, so that a later
                  vote changes no review that somebody relies on.
"""

from contracts.common import governed
from contracts.common import guardians
from interfaces import IGovernanceToken
from interfaces import ITrainingGrants

uses: governed
uses: guardians

# Less than a day lets a night hide a submission; more than DECISION_SECONDS would let an objection lapse within
# the very window that it stopped.
MIN_REVIEW_SECONDS: public(constant(uint256)) = 86_400
MAX_REVIEW_SECONDS: public(constant(uint256)) = 30 * 86_400
# A fifth is twice the quorum that the parameter files set for the ordinary vote it asks for: more would silence all.
MAX_OBJECTION_BPS: public(constant(uint256)) = 2_000
BPS: constant(uint256) = 10_000

TOKEN: public(immutable(IGovernanceToken))

review_seconds: public(uint256)
objection_bps: public(uint256)


@deploy
def __init__(token: address, review_seconds: uint256, objection_bps: uint256):
    assert token != empty(address), "token is zero"
    TOKEN = IGovernanceToken(token)
    self._set_review_seconds(review_seconds)
    self._set_objection_bps(objection_bps)


@external
def set_review_seconds(new_review_seconds: uint256):
    governed._only_owner()
    self._set_review_seconds(new_review_seconds)


@external
def set_objection_bps(new_objection_bps: uint256):
    governed._only_owner()
    self._set_objection_bps(new_objection_bps)


@internal
def _set_review_seconds(new_review_seconds: uint256):
    assert (
        new_review_seconds >= MIN_REVIEW_SECONDS and new_review_seconds <= MAX_REVIEW_SECONDS
    ), "review is out of bounds"
    old_review_seconds: uint256 = self.review_seconds
    self.review_seconds = new_review_seconds
    log ITrainingGrants.ReviewSecondsChanged(
        old_review_seconds=old_review_seconds, new_review_seconds=new_review_seconds
    )


@internal
def _set_objection_bps(new_objection_bps: uint256):
    assert new_objection_bps > 0 and new_objection_bps <= MAX_OBJECTION_BPS, "objection is out of bounds"
    old_objection_bps: uint256 = self.objection_bps
    self.objection_bps = new_objection_bps
    log ITrainingGrants.ObjectionBpsChanged(
        old_objection_bps=old_objection_bps, new_objection_bps=new_objection_bps
    )


@internal
@view
def _may_object(account: address, bps: uint256) -> bool:
    """
    @dev Votes and supply of the past second: what is borrowed and returned in one transaction has none. Compared as
         products, which is the threshold rounded up.
    """
    if account == governed.ownable.owner or guardians._is_guardian(account):
        return True
    votes: uint256 = staticcall TOKEN.getPastVotes(account, block.timestamp - 1)
    supply: uint256 = staticcall TOKEN.past_quorum_supply(block.timestamp - 1)
    return votes > 0 and votes * BPS >= supply * bps
