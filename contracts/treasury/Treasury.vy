# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Treasury
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Keeps the DAO's money in buckets, collects what models earn per epoch, and passes the holders' share on.
@dev Every asset in a bucket is owned by the DAO; a commitment is the DAO's promise through one controller contract.
     See `outflows` for how much a vote may take by which function, and `holders_floors` for when holders get no part of
     an epoch.
     The governance token may be accepted like any other asset, so that a vote can pay contributors in it; the
     deployment excludes this contract from income and from the quorum.
@custom:invariant accounted(asset) = sum of free + sum of committed + unclosed income + waiting income + in kind, and
                  balance >= accounted.
                  Closing an epoch splits all of its income, once. A purpose with a source is filled by that source, by
                  its wind-down controller and by bonds of its grants that are lost, and by nobody else.
@custom:halt There is no pause. New obligations stop when a vote withdraws the committer role; deposits, income,
     payments and releases of what was committed, and the closing of epochs cannot be stopped. The holders' part of an
     epoch waits for `push_holders`, and holds up nothing else, while HolderIncome is not set or refuses it.
"""

from ethereum.ercs import IERC20

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.treasury import accepted_assets
from contracts.treasury import buckets
from contracts.treasury import commitments
from contracts.treasury import epoch_ends
from contracts.treasury import epoch_income
from contracts.treasury import holders_floors
from contracts.treasury import in_kind_assets
from contracts.treasury import income_policy
from contracts.treasury import outflow_caps
from contracts.treasury import outflows
from contracts.treasury import wind_down_permits
from interfaces import IHolderIncome
from interfaces import ITreasury
from interfaces import ITreasuryAccounts
from interfaces import ITreasuryLimits

implements: ITreasury
implements: ITreasuryAccounts
implements: ITreasuryLimits

initializes: asset_ledger
initializes: governed
initializes: accepted_assets
initializes: epoch_ends
initializes: buckets[epoch_ends := epoch_ends]
initializes: commitments[buckets := buckets]
initializes: epoch_income
initializes: holders_floors[
    governed := governed,
    accepted_assets := accepted_assets,
    buckets := buckets,
    epoch_ends := epoch_ends,
    epoch_income := epoch_income,
]
initializes: in_kind_assets
initializes: income_policy
initializes: outflow_caps
initializes: wind_down_permits
initializes: outflows[
    asset_ledger := asset_ledger,
    governed := governed,
    accepted_assets := accepted_assets,
    buckets := buckets,
    commitments := commitments,
    epoch_ends := epoch_ends,
    epoch_income := epoch_income,
    in_kind_assets := in_kind_assets,
    outflow_caps := outflow_caps,
    wind_down_permits := wind_down_permits,
]

exports: asset_ledger.accounted
exports: (governed.owner, governed.transfer_ownership)
exports: (accepted_assets.assets, accepted_assets.is_accepted)
exports: (
    buckets.purpose_count,
    buckets.purpose_name,
    buckets.purpose_source,
    buckets.free,
    buckets.committed,
    buckets.total_committed,
)
exports: (commitments.commitment, commitments.commitment_count)
exports: (
    epoch_income.income,
    epoch_income.unclosed_income,
    epoch_income.is_closed,
    epoch_income.first_unclosed,
    epoch_income.first_waiting,
    epoch_income.waiting_income,
    epoch_income.waiting_part,
)
exports: epoch_ends.TOKEN
exports: (holders_floors.set_holders_floor, holders_floors.holders_floor_at, holders_floors.next_floor_check)
exports: in_kind_assets.in_kind
exports: (income_policy.policy_at, income_policy.holder_income_at)
exports: (outflow_caps.spend_cap_bps, outflow_caps.grant_cap_bps)
exports: (
    outflows.spend,
    outflows.spend_beyond_cap,
    outflows.commit,
    outflows.commit_beyond_cap,
    outflows.commit_deposit,
    outflows.set_caps,
    outflows.set_committer,
    outflows.is_committer,
    outflows.total_free,
    outflows.spendable,
    outflows.grantable,
    outflows.taken_lately,
)
exports: wind_down_permits.wind_down_controller

# After so many epochs a holders' part that its HolderIncome refuses goes to the one in force.
PATIENCE_EPOCHS: constant(uint256) = 12
# Purposes that one view returns at most.
MAX_PURPOSES_PER_VIEW: constant(uint256) = 32

is_income_source: public(HashMap[address, bool])


@deploy
def __init__(
    token: address, holders_bps: uint256, grants_bps: uint256, spend_cap_bps: uint256, grant_cap_bps: uint256
):
    """
    @notice Opens the purposes "reserve" (1) and "grants" (2) and sets the first policy, in force from epoch 1.
    @param token Governance token. Income is counted by its epochs.
    @param holders_bps Share of the holders, in basis points, at most 5_000.
    @param grants_bps Share of the next grants, in basis points, at least 4_000. The reserve gets the rest.
    @param spend_cap_bps What direct spends may take of an asset within 30 days, in basis points, at most 1_000.
    @param grant_cap_bps What grants may take of a purpose within 30 days, in basis points, at most 5_000.
    """
    governed.__init__()
    accepted_assets.__init__()
    epoch_ends.__init__(token)
    buckets.__init__()
    commitments.__init__()
    epoch_income.__init__()
    holders_floors.__init__()
    in_kind_assets.__init__()
    income_policy.__init__(holders_bps, grants_bps)
    outflow_caps.__init__(spend_cap_bps, grant_cap_bps)
    outflows.__init__()
    wind_down_permits.__init__()
    self._create_purpose("reserve", empty(address))
    self._create_purpose("grants", empty(address))
    self._log_policy(1, holders_bps, grants_bps)


# --- money in ---------------------------------------------------------------------------------------------------------


@external
def deposit(purpose: uint256, asset: address, amount: uint256):
    buckets._check_exists(purpose)
    self._check_may_fill(purpose, asset)
    accepted_assets._check(asset)
    outflows._check_amount(amount)
    buckets._credit(purpose, asset, amount)
    log ITreasury.Deposited(payer=msg.sender, purpose=purpose, asset=asset, amount=amount)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def receive_income(asset: address, amount: uint256):
    assert self.is_income_source[msg.sender], "caller is no income source"
    accepted_assets._check(asset)
    outflows._check_amount(amount)
    epoch: uint256 = epoch_ends._current_epoch()
    if epoch_income._record(epoch, asset, amount):
        epoch_ends._touch(asset, buckets.free[buckets.GRANTS][asset])
    log ITreasury.IncomeReceived(epoch=epoch, asset=asset, source=msg.sender, amount=amount)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def receive_in_kind(asset: address, amount: uint256):
    assert not accepted_assets.is_accepted[asset], "asset is accepted"
    outflows._check_amount(amount)
    in_kind_assets._credit(asset, amount)
    log ITreasuryAccounts.ReceivedInKind(asset=asset, payer=msg.sender, amount=amount)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def close_epoch(epoch: uint256, asset: address):
    accepted_assets._check(asset)
    amount: uint256 = epoch_income._close(epoch, asset, epoch_ends._current_epoch())
    policy: ITreasury.Policy = income_policy._policy(income_policy._at(epoch))
    to_holders: uint256 = amount * policy.holders_bps // income_policy.BPS
    to_grants: uint256 = amount * policy.grants_bps // income_policy.BPS
    # The two shares are 10_000 basis points at most.
    to_reserve: uint256 = unsafe_sub(unsafe_sub(amount, to_holders), to_grants)
    if to_holders > 0 and holders_floors._is_below_floor(epoch, asset, to_holders):
        to_grants += to_holders
        to_holders = 0
    buckets._credit(buckets.GRANTS, asset, to_grants)
    epoch_ends._credit_from_closing(asset, to_grants)
    buckets._credit(buckets.RESERVE, asset, to_reserve)
    log ITreasury.EpochClosed(
        epoch=epoch, asset=asset, to_holders=to_holders, to_grants=to_grants, to_reserve=to_reserve
    )
    if to_holders == 0:
        return
    # Pots are made in the order of their epochs: while an older part waits, this one waits as well.
    is_pushed: bool = False
    if epoch_income.first_waiting[asset] == 0:
        # A call of its own: if anything in it fails, only the push is undone, not the closing.
        push: Bytes[100] = abi_encode(
            epoch, asset, to_holders, method_id=method_id("push_from_closing(uint256,address,uint256)")
        )
        is_pushed = raw_call(self, push, revert_on_failure=False)
    if not is_pushed:
        epoch_income._record_waiting(epoch, asset, to_holders)
        log ITreasury.HoldersWait(epoch=epoch, asset=asset, amount=to_holders)


@external
def push_holders(asset: address) -> uint256:
    epoch: uint256 = epoch_income.first_waiting[asset]
    assert epoch != 0, "nothing waits"
    now: uint256 = epoch_ends._current_epoch()
    at_epoch: uint256 = now if now > unsafe_add(epoch, PATIENCE_EPOCHS) else epoch
    amount: uint256 = epoch_income._release_waiting(epoch, asset)
    log ITreasury.HoldersPushed(epoch=epoch, asset=asset, amount=amount)
    self._push_holders(epoch, asset, amount, at_epoch)
    return amount


@external
@reentrant
def push_from_closing(epoch: uint256, asset: address, amount: uint256):
    assert msg.sender == self, "caller is not the treasury"
    self._push_holders(epoch, asset, amount, epoch)


# --- money out --------------------------------------------------------------------------------------------------------


@external
def pay_commitment(commitment_id: uint256, receiver: address, amount: uint256):
    commitments._only_controller(commitment_id)
    outflows._check_receiver(receiver)
    if amount == 0:
        return
    purpose: uint256 = 0
    asset: address = empty(address)
    purpose, asset = commitments._debit(commitment_id, amount)
    log ITreasury.CommitmentPaid(commitment_id=commitment_id, receiver=receiver, asset=asset, amount=amount)
    asset_ledger._push(asset, receiver, amount)


@external
def release_commitment(commitment_id: uint256, amount: uint256):
    commitments._only_controller(commitment_id)
    if amount == 0:
        return
    purpose: uint256 = 0
    asset: address = empty(address)
    purpose, asset = commitments._debit(commitment_id, amount)
    buckets._credit(purpose, asset, amount)
    log ITreasury.CommitmentReleased(commitment_id=commitment_id, asset=asset, amount=amount)


@external
def spend_in_kind(asset: address, receiver: address, amount: uint256):
    governed._only_owner()
    outflows._check_receiver(receiver)
    outflows._check_amount(amount)
    in_kind_assets._debit(asset, amount)
    log ITreasuryAccounts.SpentInKind(asset=asset, receiver=receiver, amount=amount)
    asset_ledger._push(asset, receiver, amount)


@external
def move_free(from_purpose: uint256, to_purpose: uint256, asset: address, amount: uint256):
    governed._only_owner()
    buckets._check_exists(to_purpose)
    self._check_may_fill(to_purpose, asset)
    outflows._check_amount(amount)
    buckets._debit(from_purpose, asset, amount)
    buckets._credit(to_purpose, asset, amount)
    log ITreasury.Moved(from_purpose=from_purpose, to_purpose=to_purpose, asset=asset, amount=amount)


@external
def allow_wind_down(purpose: uint256, asset: address, controller: address):
    governed._only_owner()
    buckets._check_exists(purpose)
    wind_down_permits._allow(purpose, asset, controller)
    log ITreasury.WindDownAllowed(purpose=purpose, asset=asset, controller=controller)


@external
def release_for_wind_down(purpose: uint256, asset: address, amount: uint256):
    wind_down_permits._check(purpose, asset)
    outflows._check_amount(amount)
    buckets._debit(purpose, asset, amount)
    log ITreasury.WindDownReleased(purpose=purpose, asset=asset, controller=msg.sender, amount=amount)
    asset_ledger._push(asset, msg.sender, amount)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    outflows._check_receiver(receiver)
    amount: uint256 = asset_ledger._skim(asset, receiver, self)
    log ITreasury.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- settings ---------------------------------------------------------------------------------------------------------


@external
def accept_asset(asset: address):
    governed._only_owner()
    probed: bool = accepted_assets._accept(asset)
    log ITreasury.AssetAccepted(asset=asset, probed=probed)


@external
def create_purpose(name: String[64]) -> uint256:
    governed._only_owner()
    return self._create_purpose(name, empty(address))


@external
def create_round_purpose(name: String[64], source: address) -> uint256:
    governed._only_owner()
    assert source.is_contract, "source is no contract"
    return self._create_purpose(name, source)


@external
def set_income_source(account: address, allowed: bool):
    governed._only_owner()
    outflows._check_account(account)
    self.is_income_source[account] = allowed
    log ITreasury.IncomeSourceChanged(account=account, allowed=allowed)


@external
def set_holder_income(new_holder_income: address) -> uint256:
    governed._only_owner()
    assert new_holder_income.is_contract, "holder income is no contract"
    # A HolderIncome of another Treasury would refuse every pot.
    treasury: address = staticcall IHolderIncome(new_holder_income).TREASURY()
    assert treasury == self, "holder income is not ours"
    old_holder_income: address = income_policy._holder_income(income_policy._last())
    from_epoch: uint256 = income_policy._set_holder_income(epoch_ends._first_after_notice(), new_holder_income)
    log ITreasury.HolderIncomeChanged(
        from_epoch=from_epoch, old_holder_income=old_holder_income, new_holder_income=new_holder_income
    )
    return from_epoch


@external
def set_policy(holders_bps: uint256, grants_bps: uint256) -> uint256:
    governed._only_owner()
    from_epoch: uint256 = epoch_ends._first_after_notice()
    income_policy._set_shares(from_epoch, holders_bps, grants_bps)
    self._log_policy(from_epoch, holders_bps, grants_bps)
    return from_epoch


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def holder_income() -> address:
    return income_policy._holder_income(income_policy._at(epoch_ends._current_epoch()))


@external
@view
@reentrant
def is_solvent(ledger: address) -> bool:
    for asset: address in accepted_assets._assets:
        if not self._is_covered(ledger, asset):
            return False
    return self._is_covered(ledger, epoch_ends.TOKEN)


@external
@view
def statement(asset: address) -> ITreasuryAccounts.Statement:
    return ITreasuryAccounts.Statement(
        balance=staticcall IERC20(asset).balanceOf(self),
        accounted=asset_ledger.accounted[asset],
        free=outflows._total_free(asset),
        committed=buckets.total_committed[asset],
        unclosed_income=epoch_income.unclosed_income[asset],
        waiting_income=epoch_income.waiting_income[asset],
        in_kind=in_kind_assets.in_kind[asset],
    )


@external
@view
def purposes(asset: address, first_purpose: uint256) -> DynArray[ITreasuryAccounts.Bucket, MAX_PURPOSES_PER_VIEW]:
    found: DynArray[ITreasuryAccounts.Bucket, MAX_PURPOSES_PER_VIEW] = []
    for i: uint256 in range(MAX_PURPOSES_PER_VIEW):
        purpose: uint256 = first_purpose + i
        if purpose > buckets.purpose_count:
            break
        found.append(
            ITreasuryAccounts.Bucket(
                purpose=purpose,
                name=buckets.purpose_name[purpose],
                free=buckets.free[purpose][asset],
                committed=buckets.committed[purpose][asset],
            )
        )
    return found


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _push_holders(epoch: uint256, asset: address, amount: uint256, at_epoch: uint256):
    """
    @dev Hands the holders' part of `epoch` to the HolderIncome that was in force in `at_epoch`.
    """
    holder_income: address = income_policy._holder_income(income_policy._at(at_epoch))
    assert holder_income != empty(address), "holder income is not set"
    asset_ledger._begin_hand_over(asset, holder_income, amount)
    extcall IHolderIncome(holder_income).fund(epoch, asset, amount)
    asset_ledger._end_hand_over(asset, amount)


@internal
@view
def _is_covered(ledger: address, asset: address) -> bool:
    owed: uint256 = staticcall ITreasury(ledger).accounted(asset)
    return owed == 0 or staticcall IERC20(asset).balanceOf(ledger) >= owed


@internal
@view
def _check_may_fill(purpose: uint256, asset: address):
    """
    @dev The wind-down controller may fill the purpose too: it gives back what it could not pay out.
    """
    source: address = buckets.purpose_source[purpose]
    if source == empty(address) or msg.sender == source:
        return
    assert msg.sender == wind_down_permits.wind_down_controller[purpose][asset], "purpose has a source"


@internal
def _create_purpose(name: String[64], source: address) -> uint256:
    purpose: uint256 = buckets._create(name, source)
    log ITreasury.PurposeCreated(purpose=purpose, name=name, source=source)
    return purpose


@internal
def _log_policy(from_epoch: uint256, holders_bps: uint256, grants_bps: uint256):
    log ITreasury.PolicyChanged(
        from_epoch=from_epoch,
        holders_bps=holders_bps,
        grants_bps=grants_bps,
        reserve_bps=income_policy._reserve_bps(holders_bps, grants_bps),
    )
