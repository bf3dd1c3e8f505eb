# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Review policy
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How long a submission is open to objections, and how many it takes.
@custom:invariant Both numbers stay within their bounds. A grant copies them when it is approved, so that a later
                  vote changes no review that somebody relies on.
"""

from contracts.common import governed
from interfaces import IReviewPolicy

uses: governed

# Less than a day lets a night hide a submission; more than a month keeps a builder from its next milestone.
MIN_REVIEW_SECONDS: public(constant(uint256)) = 86_400
MAX_REVIEW_SECONDS: public(constant(uint256)) = 30 * 86_400
# From `objections.DECISIVE_BPS` on no objection lapses: a threshold above it would have nothing to hold.
MAX_OBJECTION_BPS: public(constant(uint256)) = 500

review_seconds: public(uint256)
objection_bps: public(uint256)


@deploy
def __init__(review_seconds: uint256, objection_bps: uint256):
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
    log IReviewPolicy.ReviewSecondsChanged(
        old_review_seconds=old_review_seconds, new_review_seconds=new_review_seconds
    )


@internal
def _set_objection_bps(new_objection_bps: uint256):
    assert new_objection_bps > 0 and new_objection_bps <= MAX_OBJECTION_BPS, "objection is out of bounds"
    old_objection_bps: uint256 = self.objection_bps
    self.objection_bps = new_objection_bps
    log IReviewPolicy.ObjectionBpsChanged(
        old_objection_bps=old_objection_bps, new_objection_bps=new_objection_bps
    )
