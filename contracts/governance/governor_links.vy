# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governor links
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The contracts that the Governor works with for its whole life: the token whose holders vote, the rounds in which
        tokens vest, and the Timelock that executes.
"""

from contracts.governance import governor_errors as errors
from interfaces import IGovernanceToken
from interfaces import ITimelock

# What the Governor asks of FundingRounds.
interface VestingRounds:
    def unvested_at(timepoint: uint256) -> uint256: view


# More than one part in ten of what circulates is always enough to propose.
NEED_PARTS: constant(uint256) = 10

TOKEN: immutable(IGovernanceToken)
TIMELOCK: immutable(ITimelock)
# The FundingRounds whose unvested tokens cannot vote; the zero address for none.
ROUNDS: immutable(VestingRounds)
# Seconds for which an operation stays ready in the Timelock, a constant there.
GRACE_SECONDS: immutable(uint256)


@deploy
def __init__(token_: address, timelock_: address, rounds_: address):
    TOKEN = IGovernanceToken(token_)
    TIMELOCK = ITimelock(timelock_)
    ROUNDS = VestingRounds(rounds_)
    GRACE_SECONDS = staticcall ITimelock(timelock_).GRACE_SECONDS()
    token_clock: uint48 = staticcall IGovernanceToken(token_).clock()
    if convert(token_clock, uint256) != block.timestamp:
        errors._inconsistent_clock()


@external
@view
@reentrant
def token() -> address:
    return TOKEN.address


@external
@view
@reentrant
def timelock() -> address:
    return TIMELOCK.address


@external
@view
@reentrant
def rounds() -> address:
    return ROUNDS.address


@internal
@view
def _only_timelock():
    if msg.sender != TIMELOCK.address:
        errors._only_executor(msg.sender)


@internal
@view
def _votes(account: address, timepoint: uint256) -> uint256:
    return staticcall TOKEN.getPastVotes(account, timepoint)


@internal
@view
def _votes_and_needed(account: address, threshold: uint256) -> (uint256, uint256):
    """
    @dev The votes of an account a second ago, and how many a proposer needed then: the threshold, or one token wei more
         than a tenth of what circulated if that is less. So burning and redeeming cannot put proposals out of reach.
    """
    votes: uint256 = self._votes(account, block.timestamp - 1)
    if votes >= threshold:
        return votes, threshold
    # The + 1 keeps the need above zero, so that an account without votes never has enough here.
    return votes, min(threshold, self._circulating_supply(block.timestamp - 1) // NEED_PARTS + 1)


@internal
@view
def _most_tokens_left_rounds() -> bool:
    """
    @dev Whether more than half of all tokens have left the rounds, or none is in them.
    """
    waiting: uint256 = staticcall TOKEN.balanceOf(ROUNDS.address)
    return waiting == 0 or 2 * waiting < staticcall TOKEN.totalSupply()


@internal
@view
def _counted_supply(timepoint: uint256) -> uint256:
    """
    @dev Tokens that could vote at `timepoint`: neither the Treasury's nor those that had not vested.
    """
    circulating: uint256 = self._circulating_supply(timepoint)
    return circulating - min(circulating, self._unvested(timepoint))


@internal
@view
def _circulating_supply(timepoint: uint256) -> uint256:
    """
    @dev Tokens that existed at `timepoint`, less the Treasury's.
    """
    return staticcall TOKEN.past_quorum_supply(timepoint)


@internal
@view
def _unvested(timepoint: uint256) -> uint256:
    """
    @dev Tokens in rounds that nobody could claim yet at `timepoint`.
    """
    if ROUNDS.address == empty(address):
        return 0
    return staticcall ROUNDS.unvested_at(timepoint)
