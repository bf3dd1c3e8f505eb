# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Compute escrow
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Offers, leases and vouchers: `IComputeEscrow` says what each function does and refuses.
@dev A builder may well order from itself. What it can take so is bounded by the price and the rate that its terms cap,
     by the time that has passed, and by what its milestone unlocks; and it loses the bond. A provider bounds its own
     risk by asking for vouchers often, and draws them while their signer is the grant's recipient.
@custom:invariant ordered + returned <= total, for every budget.
                  The Treasury's commitment to a budget is total - returned - paid.
                  An order pays at most GPUs x price x time since its start, a GPU-second once, and what it reserved.
@custom:halt The guardian may pause `register_offer` and `order` for a while. Draws, notices and returns go on.
"""

from ethereum.ercs import IERC20

from contracts.common import governed
from contracts.common import safety
from contracts.common import signature_checks
from contracts.grants import budgets
from contracts.grants import leases
from contracts.grants import offers
from contracts.grants import packed_budget
from contracts.grants import packed_lease
from contracts.grants import packed_offer_head
from contracts.grants import packed_power
from contracts.grants import packed_usage
from contracts.grants import vouchers
from interfaces import IComputeEscrow
from interfaces import IContributorRewards
from interfaces import IGrantApplications
from interfaces import ITrainingGrants
from interfaces import ITreasury

implements: IComputeEscrow

initializes: governed
initializes: safety[governed := governed]
initializes: vouchers
initializes: offers
initializes: budgets

exports: (governed.__interface__, safety.__interface__, vouchers.__interface__, offers.offer_count)

# How long the last voucher of a lease can be drawn after its end.
DRAW_SECONDS: constant(uint256) = 7 * 86_400
# What is reserved for longer could as well be ordered later, at the price of then.
MAX_LEASE_SECONDS: constant(uint256) = 366 * 86_400

TREASURY: public(immutable(ITreasury))
REWARDS: public(immutable(IContributorRewards))

grants: public(address)
order_count: public(uint256)
# Order id => the lease, and what came of it, packed.
leased: HashMap[uint256, uint256]
used: HashMap[uint256, uint256]


@deploy
def __init__(treasury: address, rewards: address):
    """
    @notice Wires the Treasury. The deployer is the owner until it hands over; it names TrainingGrants afterwards.
    @param treasury Where the budgets are committed.
    @param rewards Where the campaigns are that offers may name as payees.
    """
    governed.__init__()
    safety.__init__()
    vouchers.__init__()
    offers.__init__()
    budgets.__init__()
    assert treasury != empty(address), "treasury is zero"
    assert rewards != empty(address), "rewards is zero"
    TREASURY = ITreasury(treasury)
    REWARDS = IContributorRewards(rewards)


# --- offers ---


@external
def register_offer(offer: IComputeEscrow.Offer) -> uint256:
    safety._check_running()
    assert msg.sender == offer.provider, "caller is not the provider"
    assert staticcall TREASURY.is_accepted(offer.asset), "asset is not accepted"
    # Whoever creates a campaign publishes its drops: one that does not exist yet could become anybody's.
    assert offer.campaign_id <= staticcall REWARDS.campaign_count(), "no such campaign"
    offer_id: uint256 = offers._register(offer)
    log IComputeEscrow.OfferRegistered(offer_id=offer_id, provider=msg.sender, asset=offer.asset, offer=offer)
    return offer_id


@external
def withdraw_offer(offer_id: uint256):
    offers._withdraw(offer_id, msg.sender)
    log IComputeEscrow.OfferWithdrawn(offer_id=offer_id)


# --- orders ---


@external
def order(
    grant_id: uint256, offer_id: uint256, gpus: uint256, starts_at: uint256, ends_at: uint256, max_price: uint256
) -> uint256:
    safety._check_running()
    rights: ITrainingGrants.ComputeRights = self._rights(grant_id)
    assert msg.sender == rights.recipient, "caller is not the recipient"
    assert block.timestamp < rights.stops_at, "grant may not order"
    head: packed_offer_head.OfferHead = offers._head(offer_id)
    offers._check_active(head.is_active)
    assert offers.assets[offer_id] == budgets.asset[grant_id], "offer is in another asset"
    assert gpus > 0, "no GPUs"
    assert gpus <= head.gpus, "too many GPUs"
    assert starts_at >= block.timestamp, "start has passed"
    assert ends_at > starts_at, "lease is empty"
    assert ends_at - starts_at <= MAX_LEASE_SECONDS, "lease is too long"
    power: packed_power.Power = offers._power(offer_id)
    assert power.price_per_gpu_hour <= max_price, "price is too high"
    reserved: uint256 = self._promise(grant_id, power, gpus, ends_at - starts_at)

    order_id: uint256 = self.order_count + 1
    self.order_count = order_id
    self.leased[order_id] = packed_lease._pack(
        packed_lease.Lease(
            grant_id=grant_id,
            offer_id=offer_id,
            gpus=gpus,
            starts_at=starts_at,
            ends_at=ends_at,
            is_stopped=False,
            is_closed=False,
        )
    )
    self.used[order_id] = packed_usage._pack(packed_usage.Usage(gpu_seconds=0, paid=0, reserved=reserved))
    log IComputeEscrow.OrderOpened(
        order_id=order_id,
        grant_id=grant_id,
        provider=head.provider,
        offer_id=offer_id,
        gpus=gpus,
        starts_at=starts_at,
        ends_at=ends_at,
        reserved=reserved,
    )
    return order_id


@external
def draw(
    order_id: uint256, gpu_seconds: uint256, signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES]
) -> uint256:
    lease: packed_lease.Lease = self._open_lease(order_id)
    usage: packed_usage.Usage = packed_usage._unpack(self.used[order_id])
    rights: ITrainingGrants.ComputeRights = self._rights(lease.grant_id)
    ends_at: uint256 = min(lease.ends_at, rights.stops_at)
    assert block.timestamp < ends_at + DRAW_SECONDS, "order is over"
    assert gpu_seconds > usage.gpu_seconds, "voucher is stale"
    assert (
        gpu_seconds <= leases._gpu_seconds(lease, min(ends_at, block.timestamp))
    ), "voucher is ahead of the lease"
    assert signature_checks._is_valid(
        rights.recipient, vouchers._digest(order_id, gpu_seconds), signature
    ), "voucher is not the builder's"
    power: packed_power.Power = offers._power(lease.offer_id)
    earned: uint256 = leases._earned(power.price_per_gpu_hour, gpu_seconds)
    amount: uint256 = earned - usage.paid
    assert amount > 0, "nothing to draw"

    usage.gpu_seconds = gpu_seconds
    usage.paid = earned
    self.used[order_id] = packed_usage._pack(usage)
    head: packed_offer_head.OfferHead = offers._head(lease.offer_id)
    log IComputeEscrow.VoucherDrawn(
        order_id=order_id, provider=head.provider, gpu_seconds=gpu_seconds, amount=amount
    )
    self._pay(lease.grant_id, head, amount)
    return amount


@external
def give_notice(order_id: uint256):
    lease: packed_lease.Lease = self._open_lease(order_id)
    assert not lease.is_stopped, "order is stopped"
    rights: ITrainingGrants.ComputeRights = self._rights(lease.grant_id)
    is_party: bool = msg.sender == rights.recipient or msg.sender == offers._head(lease.offer_id).provider
    assert is_party or rights.is_over or block.timestamp >= lease.ends_at, "caller may not give notice"
    power: packed_power.Power = offers._power(lease.offer_id)
    usage: packed_usage.Usage = packed_usage._unpack(self.used[order_id])
    ordered_seconds: uint256 = leases._gpu_seconds(lease, lease.ends_at)
    # A due date that has passed may still be moved by a vote; the end of a grant may not.
    until: uint256 = min(block.timestamp, rights.stops_at) if rights.is_over else block.timestamp
    lease.ends_at = min(lease.ends_at, max(lease.starts_at, until))
    lease.is_stopped = True
    self.leased[order_id] = packed_lease._pack(lease)
    due_seconds: uint256 = leases._gpu_seconds(lease, lease.ends_at)
    due: uint256 = leases._reserve(power.price_per_gpu_hour, due_seconds)
    released: uint256 = usage.reserved - due
    usage.reserved = due
    self.used[order_id] = packed_usage._pack(usage)
    budgets._free(
        lease.grant_id,
        packed_budget.Budget(
            ordered=released,
            rate_per_day=leases._rate_per_day(power.price_per_gpu_hour, lease.gpus),
            carbon_grams=leases._carbon_grams(power, ordered_seconds) - leases._carbon_grams(power, due_seconds),
        ),
    )
    log IComputeEscrow.OrderStopped(
        order_id=order_id, account=msg.sender, ends_at=lease.ends_at, released=released
    )


@external
def close_order(order_id: uint256):
    lease: packed_lease.Lease = self._open_lease(order_id)
    assert lease.is_stopped, "order is not stopped"
    if msg.sender != offers._head(lease.offer_id).provider:
        assert block.timestamp >= lease.ends_at + DRAW_SECONDS, "order may still be drawn"
    lease.is_closed = True
    self.leased[order_id] = packed_lease._pack(lease)
    power: packed_power.Power = offers._power(lease.offer_id)
    usage: packed_usage.Usage = packed_usage._unpack(self.used[order_id])
    due_seconds: uint256 = leases._gpu_seconds(lease, lease.ends_at)
    released: uint256 = usage.reserved - usage.paid
    usage.reserved = usage.paid
    self.used[order_id] = packed_usage._pack(usage)
    budgets._free(
        lease.grant_id,
        packed_budget.Budget(
            ordered=released,
            rate_per_day=0,
            carbon_grams=leases._carbon_grams(power, due_seconds) - leases._carbon_grams(power, usage.gpu_seconds),
        ),
    )
    log IComputeEscrow.OrderClosed(order_id=order_id, released=released)


@external
def return_budget(grant_id: uint256) -> uint256:
    assert self._rights(grant_id).is_over, "grant is not over"
    ordered: uint256 = budgets._promised(grant_id).ordered
    amount: uint256 = budgets.total[grant_id] - ordered - budgets.returned[grant_id]
    assert amount > 0, "nothing to return"
    budgets._return(grant_id, amount)
    log IComputeEscrow.BudgetReturned(grant_id=grant_id, amount=amount)
    extcall TREASURY.release_commitment(budgets.commitment_id[grant_id], amount)
    return amount


# --- gated ---


@external
def set_grants(new_grants: address):
    governed._only_owner()
    assert new_grants != empty(address), "grants is zero"
    assert not budgets.in_use, "a budget was opened"
    old_grants: address = self.grants
    self.grants = new_grants
    log IComputeEscrow.GrantsChanged(old_grants=old_grants, new_grants=new_grants)


@external
def open_budget(grant_id: uint256, commitment_id: uint256, asset: address, amount: uint256):
    assert msg.sender == self.grants, "caller is not the grants"
    budgets._open(grant_id, commitment_id, asset, amount)
    log IComputeEscrow.BudgetOpened(grant_id=grant_id, asset=asset, amount=amount)


# --- views ---


@external
@view
def offer(offer_id: uint256) -> IComputeEscrow.Offer:
    return offers._read(offer_id)


@external
@view
def budget(grant_id: uint256) -> IComputeEscrow.Budget:
    return budgets._read(grant_id)


@external
@view
def order_of(order_id: uint256) -> IComputeEscrow.Order:
    lease: packed_lease.Lease = packed_lease._unpack(self.leased[order_id])
    usage: packed_usage.Usage = packed_usage._unpack(self.used[order_id])
    return IComputeEscrow.Order(
        grant_id=lease.grant_id,
        offer_id=lease.offer_id,
        provider=offers._head(lease.offer_id).provider,
        gpus=lease.gpus,
        price_per_gpu_hour=offers._power(lease.offer_id).price_per_gpu_hour,
        starts_at=lease.starts_at,
        ends_at=lease.ends_at,
        gpu_seconds=usage.gpu_seconds,
        paid=usage.paid,
        reserved=usage.reserved,
        is_stopped=lease.is_stopped,
        is_closed=lease.is_closed,
    )


@external
@view
def lease_ends_at(order_id: uint256) -> uint256:
    lease: packed_lease.Lease = packed_lease._unpack(self.leased[order_id])
    if lease.grant_id == 0:
        return 0
    return min(lease.ends_at, self._rights(lease.grant_id).stops_at)


@external
@view
def available(grant_id: uint256) -> uint256:
    if budgets.commitment_id[grant_id] == 0 or block.timestamp >= self._rights(grant_id).stops_at:
        return 0
    return self._unordered(grant_id)


@external
@view
def carbon_grams(grant_id: uint256) -> uint256:
    return budgets._promised(grant_id).carbon_grams


@external
@view
def voucher_digest(order_id: uint256, gpu_seconds: uint256) -> bytes32:
    return vouchers._digest(order_id, gpu_seconds)


# --- internals ---


@internal
def _promise(grant_id: uint256, power: packed_power.Power, gpus: uint256, seconds: uint256) -> uint256:
    """
    @dev An order may reserve what is unlocked and no other order has, within the caps of the terms. Returns what it
         reserves.
    """
    gpu_seconds: uint256 = gpus * seconds
    reserved: uint256 = leases._reserve(power.price_per_gpu_hour, gpu_seconds)
    assert reserved <= self._unordered(grant_id), "budget is too small"
    applications: IGrantApplications = IGrantApplications(staticcall ITrainingGrants(self.grants).applications())
    max_price: uint256 = 0
    max_per_day: uint256 = 0
    max_price, max_per_day = staticcall applications.compute_caps(grant_id)
    assert power.price_per_gpu_hour <= max_price, "price is above the grant's"
    rate_per_day: uint256 = leases._rate_per_day(power.price_per_gpu_hour, gpus)
    assert budgets._promised(grant_id).rate_per_day + rate_per_day <= max_per_day, "rate is above the grant's"
    budgets._promise(
        grant_id,
        packed_budget.Budget(
            ordered=reserved, rate_per_day=rate_per_day, carbon_grams=leases._carbon_grams(power, gpu_seconds)
        ),
    )
    return reserved


@internal
def _pay(grant_id: uint256, head: packed_offer_head.OfferHead, amount: uint256):
    """
    @dev Money for a campaign passes through here: it funds the campaign within the same call.
    """
    commitment_id: uint256 = budgets.commitment_id[grant_id]
    if head.campaign_id == 0:
        extcall TREASURY.pay_commitment(commitment_id, head.provider, amount)
        return
    asset: address = budgets.asset[grant_id]
    extcall TREASURY.pay_commitment(commitment_id, self, amount)
    assert extcall IERC20(asset).approve(REWARDS.address, amount, default_return_value=True), "asset approval failed"
    extcall REWARDS.fund(head.campaign_id, asset, amount)


@internal
@view
def _unordered(grant_id: uint256) -> uint256:
    """
    @dev Of an ended grant all that is not reserved has been, or will be, returned.
    """
    unlocked: uint256 = staticcall ITrainingGrants(self.grants).compute_unlocked(grant_id)
    return unlocked - budgets._promised(grant_id).ordered


@internal
@view
def _rights(grant_id: uint256) -> ITrainingGrants.ComputeRights:
    return staticcall ITrainingGrants(self.grants).compute_rights(grant_id)


@internal
@view
def _open_lease(order_id: uint256) -> packed_lease.Lease:
    """
    @dev An unknown order is of no grant.
    """
    lease: packed_lease.Lease = packed_lease._unpack(self.leased[order_id])
    assert lease.grant_id != 0 and not lease.is_closed, "order is not open"
    return lease
