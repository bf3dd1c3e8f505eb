# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vote windows
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How long something must stay open that only a vote can answer: as long as a vote takes, and a week to notice it.
@dev The length is read when a window opens; a window that is open keeps it. A new Governor has to be named here in each
     contract that has this module: the old one goes on answering with its last settings.
@custom:invariant `vote_seconds()` is between 7 and 220 days. Whoever is named as Governor has answered as one.
"""

from contracts.common import governed
from interfaces import IGovernor
from interfaces import ITimelock

uses: governed

event GovernorChanged:
    old_governor: indexed(address)
    new_governor: indexed(address)

# To see that there is something to vote about, and to write the proposal.
NOTICE_SECONDS: constant(uint256) = 7 * 86_400
# What `_vote_seconds` answers before a Governor is named.
UNSET_SECONDS: constant(uint256) = 120 * 86_400
# All moves of a deadline together are at most three extensions long, see governance/late_quorum.vy.
EXTENSIONS: constant(uint256) = 3
# Above the longest that a Governor allows: 30 days of delay, 60 of voting, 3 x 30 of extensions, 30 in the Timelock,
# and the 7 days of notice.
MAX_SECONDS: constant(uint256) = 220 * 86_400

governor: public(address)


@deploy
def __init__():
    pass


@external
def set_governor(new_governor: address):
    """
    @notice Names the Governor from which the length of a vote is read.
    @dev Authority: the owner.
    @param new_governor The Governor. It is asked at once, because a wrong address would stop all that opens a window.
    @custom:reverts `caller is not the owner`, `not a governor`, or a revert of one of the Governor's getters.
    """
    governed._only_owner()
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        new_governor,
        method_id("STRICT_DELAY()"),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    assert success and len(answer) == 32, "not a governor"
    old_governor: address = self.governor
    self.governor = new_governor
    self._vote_seconds()
    log GovernorChanged(old_governor=old_governor, new_governor=new_governor)


@external
@view
def vote_seconds() -> uint256:
    """
    @notice How long a window is, if it opens now, in which only a vote can answer.
    @return Seconds: voting delay, voting period, three extensions, the longer of the Timelock's delay and the strict
            one, and 7 days; at most 220 days. Without a Governor, 120 days.
    """
    return self._vote_seconds()


@internal
@view
def _window_seconds(shortest: uint256) -> uint256:
    """
    @dev The length of a window that opens now: `shortest`, or as long as a vote takes if that is longer. Before a
         Governor is named it is `shortest`.
    """
    if self.governor == empty(address):
        return shortest
    return max(shortest, self._vote_seconds())


@internal
@view
def _vote_seconds() -> uint256:
    if self.governor == empty(address):
        return UNSET_SECONDS
    body: IGovernor = IGovernor(self.governor)
    voting: uint256 = staticcall body.votingDelay() + staticcall body.votingPeriod()
    extensions: uint256 = EXTENSIONS * convert(staticcall body.lateQuorumVoteExtension(), uint256)
    timelock: ITimelock = ITimelock(staticcall body.timelock())
    delay: uint256 = max(staticcall timelock.getMinDelay(), staticcall body.STRICT_DELAY())
    return min(voting + extensions + delay + NOTICE_SECONDS, MAX_SECONDS)
