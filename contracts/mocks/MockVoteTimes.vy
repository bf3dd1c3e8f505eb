# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock vote times
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice For tests: a Governor and its Timelock as far as the length of a vote goes.
"""

votingDelay: public(uint256)
votingPeriod: public(uint256)
lateQuorumVoteExtension: public(uint48)
getMinDelay: public(uint256)
STRICT_DELAY: public(uint256)


@deploy
def __init__(delay: uint256, period: uint256, extension: uint48, timelock_delay: uint256, strict_delay: uint256):
    """
    @param delay Seconds from proposal to vote.
    @param period Seconds of voting.
    @param extension Seconds after a late quorum.
    @param timelock_delay Seconds from queue to execution.
    @param strict_delay Seconds from queue to execution of a strict proposal.
    """
    self.votingDelay = delay
    self.votingPeriod = period
    self.lateQuorumVoteExtension = extension
    self.getMinDelay = timelock_delay
    self.STRICT_DELAY = strict_delay


@external
@view
def timelock() -> address:
    """
    @notice Itself.
    """
    return self
