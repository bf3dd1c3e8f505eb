# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Budgets
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The compute budget of each grant, and how much of it is promised to providers.
@custom:invariant ordered + returned <= total, for every budget.
"""

from contracts.grants import packed_budget
from interfaces import IComputeEscrow

# Whether any budget was ever opened.
in_use: bool
# Grant id => what never changes, what was given back, and what is promised, packed.
commitment_id: HashMap[uint256, uint256]
asset: HashMap[uint256, address]
total: HashMap[uint256, uint256]
returned: HashMap[uint256, uint256]
promised: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
def _open(grant_id: uint256, commitment_id: uint256, asset: address, amount: uint256):
    assert self.commitment_id[grant_id] == 0, "budget exists"
    self.in_use = True
    self.commitment_id[grant_id] = commitment_id
    self.asset[grant_id] = asset
    self.total[grant_id] = amount


@internal
def _promise(grant_id: uint256, more: packed_budget.Budget):
    """
    @dev What a new order sets aside.
    """
    budget: packed_budget.Budget = self._promised(grant_id)
    budget.ordered += more.ordered
    budget.rate_per_day += more.rate_per_day
    budget.carbon_grams += more.carbon_grams
    self.promised[grant_id] = packed_budget._pack(budget)


@internal
def _free(grant_id: uint256, less: packed_budget.Budget):
    """
    @dev What an order needs no longer.
    """
    budget: packed_budget.Budget = self._promised(grant_id)
    budget.ordered -= less.ordered
    budget.rate_per_day -= less.rate_per_day
    budget.carbon_grams -= less.carbon_grams
    self.promised[grant_id] = packed_budget._pack(budget)


@internal
def _return(grant_id: uint256, amount: uint256):
    self.returned[grant_id] += amount


@internal
@view
def _promised(grant_id: uint256) -> packed_budget.Budget:
    return packed_budget._unpack(self.promised[grant_id])


@internal
@view
def _read(grant_id: uint256) -> IComputeEscrow.Budget:
    budget: packed_budget.Budget = self._promised(grant_id)
    return IComputeEscrow.Budget(
        commitment_id=self.commitment_id[grant_id],
        asset=self.asset[grant_id],
        total=self.total[grant_id],
        ordered=budget.ordered,
        returned=self.returned[grant_id],
        rate_per_day=budget.rate_per_day,
        carbon_grams=budget.carbon_grams,
    )
