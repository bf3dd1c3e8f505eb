# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governor links
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The token that votes and the Timelock that acts, both for the life of the Governor.
"""

from contracts.governance import governor_errors as errors
from interfaces import IGovernanceToken
from interfaces import ITimelock

TOKEN: immutable(IGovernanceToken)
TIMELOCK: immutable(ITimelock)
# How long the Timelock keeps a ready operation; it never changes there.
GRACE_SECONDS: immutable(uint256)


@deploy
def __init__(token_: address, timelock_: address):
    TOKEN = IGovernanceToken(token_)
    TIMELOCK = ITimelock(timelock_)
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
def _quorum_supply(timepoint: uint256) -> uint256:
    return staticcall TOKEN.past_quorum_supply(timepoint)
