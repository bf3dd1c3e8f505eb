# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Outflows
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How free money is spent by vote and promised by committers: within a cap, or beyond it by functions of their
        own.
@dev The Governor classes a proposal by the functions that it calls, so going beyond the cap is a function of its own.
     Both kinds count towards the window. Payments and releases of commitments, and wind-downs, are outside of any cap.
     Within the caps nothing leaves a purpose that a vote has allowed to be wound down: its supporters rely on that.
@custom:invariant After each spend within the cap the spends of the window are at most `spend_cap_bps` of what is free
                  in that asset and what they took; likewise commitments of a purpose and `grant_cap_bps`.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.treasury import accepted_assets
from contracts.treasury import buckets
from contracts.treasury import commitments
from contracts.treasury import epoch_ends
from contracts.treasury import epoch_income
from contracts.treasury import in_kind_assets
from contracts.treasury import outflow_caps
from contracts.treasury import wind_down_permits
from interfaces import ITreasury
from interfaces import ITreasuryLimits

uses: asset_ledger
uses: governed
uses: accepted_assets
uses: buckets
uses: commitments
uses: epoch_ends
uses: epoch_income
uses: in_kind_assets
uses: outflow_caps
uses: wind_down_permits

is_committer: public(HashMap[address, bool])


@deploy
def __init__():
    pass


# --- spends -----------------------------------------------------------------------------------------------------------


@external
def spend(purpose: uint256, asset: address, receiver: address, amount: uint256):
    governed._only_owner()
    # An ordinary vote may take nothing from what a strict one has allowed to be paid back.
    assert not wind_down_permits._is_allowed(purpose, asset), "purpose may be wound down"
    assert amount <= self._spendable(asset), "spend is above the cap"
    self._spend(purpose, asset, receiver, amount)


@external
def spend_beyond_cap(purpose: uint256, asset: address, receiver: address, amount: uint256):
    governed._only_owner()
    self._spend(purpose, asset, receiver, amount)


# --- promises ---------------------------------------------------------------------------------------------------------


@external
def commit(purpose: uint256, asset: address, amount: uint256, controller: address) -> uint256:
    self._only_committer()
    assert amount <= self._grantable(purpose, asset), "grant is above the cap"
    return self._commit(purpose, asset, amount, controller)


@external
def commit_beyond_cap(purpose: uint256, asset: address, amount: uint256, controller: address) -> uint256:
    self._only_committer()
    return self._commit(purpose, asset, amount, controller)


@external
def commit_deposit(purpose: uint256, asset: address, amount: uint256) -> uint256:
    self._only_committer()
    buckets._check_exists(purpose)
    accepted_assets._check(asset)
    self._check_amount(amount)
    buckets._credit(purpose, asset, amount)
    commitment_id: uint256 = commitments._open(purpose, asset, amount, msg.sender)
    log ITreasury.Deposited(payer=msg.sender, purpose=purpose, asset=asset, amount=amount)
    log ITreasury.Committed(
        commitment_id=commitment_id, purpose=purpose, asset=asset, controller=msg.sender, amount=amount
    )
    asset_ledger._pull(asset, msg.sender, amount)
    return commitment_id


# --- settings ---------------------------------------------------------------------------------------------------------


@external
def set_caps(spend_cap_bps: uint256, grant_cap_bps: uint256):
    governed._only_owner()
    old_spend_cap_bps: uint256 = outflow_caps.spend_cap_bps
    old_grant_cap_bps: uint256 = outflow_caps.grant_cap_bps
    outflow_caps._set(spend_cap_bps, grant_cap_bps)
    log ITreasuryLimits.CapsChanged(
        old_spend_cap_bps=old_spend_cap_bps,
        old_grant_cap_bps=old_grant_cap_bps,
        new_spend_cap_bps=spend_cap_bps,
        new_grant_cap_bps=grant_cap_bps,
    )


@external
def set_committer(account: address, allowed: bool):
    governed._only_owner()
    self._check_account(account)
    self.is_committer[account] = allowed
    log ITreasury.CommitterChanged(account=account, allowed=allowed)


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def total_free(asset: address) -> uint256:
    return self._total_free(asset)


@external
@view
def spendable(asset: address) -> uint256:
    return self._spendable(asset)


@external
@view
def grantable(purpose: uint256, asset: address) -> uint256:
    return self._grantable(purpose, asset)


@external
@view
def taken_lately(purpose: uint256, asset: address) -> uint256:
    return outflow_caps._taken(purpose, asset)


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _spend(purpose: uint256, asset: address, receiver: address, amount: uint256):
    self._check_receiver(receiver)
    self._check_amount(amount)
    buckets._debit(purpose, asset, amount)
    outflow_caps._record(outflow_caps.ALL_PURPOSES, asset, amount)
    log ITreasury.Spent(purpose=purpose, asset=asset, receiver=receiver, amount=amount)
    asset_ledger._push(asset, receiver, amount)


@internal
def _commit(purpose: uint256, asset: address, amount: uint256, controller: address) -> uint256:
    self._check_amount(amount)
    commitment_id: uint256 = commitments._open(purpose, asset, amount, controller)
    outflow_caps._record(purpose, asset, amount)
    log ITreasury.Committed(
        commitment_id=commitment_id, purpose=purpose, asset=asset, controller=controller, amount=amount
    )
    return commitment_id


@internal
@view
def _spendable(asset: address) -> uint256:
    """
    @dev Zero for the governance token: the Treasury's tokens have no votes, and would have them once they are spent.
    """
    if asset == epoch_ends.TOKEN:
        return 0
    return outflow_caps._room(
        outflow_caps.ALL_PURPOSES, asset, self._total_free(asset), outflow_caps.spend_cap_bps
    )


@internal
@view
def _grantable(purpose: uint256, asset: address) -> uint256:
    """
    @dev Zero for the governance token too, and where the purpose may be wound down.
    """
    if asset == epoch_ends.TOKEN or wind_down_permits._is_allowed(purpose, asset):
        return 0
    return outflow_caps._room(purpose, asset, buckets.free[purpose][asset], outflow_caps.grant_cap_bps)


@internal
@view
def _total_free(asset: address) -> uint256:
    owned: uint256 = asset_ledger.accounted[asset] - in_kind_assets.in_kind[asset]
    waiting: uint256 = epoch_income.unclosed_income[asset] + epoch_income.waiting_income[asset]
    return owned - buckets.total_committed[asset] - waiting


@internal
@view
def _only_committer():
    assert self.is_committer[msg.sender], "caller is not a committer"


@internal
@pure
def _check_amount(amount: uint256):
    assert amount > 0, "amount is zero"


@internal
@pure
def _check_account(account: address):
    assert account != empty(address), "account is zero"


@internal
@view
def _check_receiver(receiver: address):
    """
    @dev Money sent to this contract itself would turn into surplus.
    """
    assert receiver != empty(address), "receiver is zero"
    assert receiver != self, "receiver is the treasury"
