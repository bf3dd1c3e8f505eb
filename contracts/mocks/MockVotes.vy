# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock votes
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The part of the governance token that the Governor reads, with votes and supply set by the test. A value holds
        from the second in which it was set.
"""

struct Checkpoint:
    timestamp: uint256
    amount: uint256


CLOCK_MODE: public(constant(String[14])) = "mode=timestamp"

skew: public(uint256)
votes: HashMap[address, DynArray[Checkpoint, 32]]
supply: DynArray[Checkpoint, 32]


@deploy
def __init__(skew: uint256):
    """
    @param skew Seconds by which the clock runs ahead of the chain's.
    """
    self.skew = skew


@external
def set_votes(account: address, amount: uint256):
    self.votes[account].append(Checkpoint(timestamp=block.timestamp, amount=amount))


@external
def set_supply(amount: uint256):
    self.supply.append(Checkpoint(timestamp=block.timestamp, amount=amount))


@external
@view
def clock() -> uint48:
    return convert(block.timestamp + self.skew, uint48)


@external
@view
def getPastVotes(account: address, timepoint: uint256) -> uint256:
    return self._at(self.votes[account], timepoint)


@external
@view
def past_quorum_supply(timepoint: uint256) -> uint256:
    return self._at(self.supply, timepoint)


@internal
@view
def _at(checkpoints: DynArray[Checkpoint, 32], timepoint: uint256) -> uint256:
    assert timepoint < block.timestamp, "lookup is in the future"
    amount: uint256 = 0
    for checkpoint: Checkpoint in checkpoints:
        if checkpoint.timestamp > timepoint:
            break
        amount = checkpoint.amount
    return amount
