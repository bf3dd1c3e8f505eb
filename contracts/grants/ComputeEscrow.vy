# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Compute escrow
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Offers, orders and vouchers: `IComputeEscrow` says what each function does and refuses.
@dev A builder may well order from itself: a vote on a compute budget trusts the builder to spend it on compute.
     What it cannot do is to spend more, or to take back what a provider holds a voucher for. A provider bounds its
     own risk by asking for vouchers often; those of an ERC-1271 wallet it should draw at once, as a wallet may
     change its mind.
@custom:invariant ordered + returned <= total, for every budget.
                  The Treasury's commitment to a budget is total - returned - paid.
                  An order pays at most what it reserved, and a GPU-second of it once.
@custom:halt The guardian may pause `register_offer` and `order` for a while. Draws, closings and returns go on.
"""

from contracts.common import governed
from contracts.common import safety
from contracts.common import signature_checks
from contracts.grants import vouchers
from interfaces import IComputeEscrow
from interfaces import ITrainingGrants
from interfaces import ITreasury

implements: IComputeEscrow

initializes: governed
initializes: safety[governed := governed]
initializes: vouchers

exports: (governed.__interface__, safety.__interface__, vouchers.__interface__)

# How long orders go on at most after their grant has ended, and how long only its provider may close an order that has
# ended: the time to draw the last voucher.
DRAW_SECONDS: public(constant(uint256)) = 7 * 86_400
SECONDS_PER_HOUR: constant(uint256) = 3_600

TREASURY: public(immutable(ITreasury))

grants: public(address)
offer_count: public(uint256)
order_count: public(uint256)
# Whether any budget was ever opened.
in_use: bool
offers: HashMap[uint256, IComputeEscrow.Offer]
budgets: HashMap[uint256, IComputeEscrow.Budget]
orders: HashMap[uint256, IComputeEscrow.Order]


@deploy
def __init__(treasury: address):
    """
    @notice Wires the Treasury. The deployer is the owner until it hands over; it names TrainingGrants afterwards.
    @param treasury Where the budgets are committed.
    """
    governed.__init__()
    safety.__init__()
    vouchers.__init__()
    assert treasury != empty(address), "treasury is zero"
    TREASURY = ITreasury(treasury)


# --- offers ---


@external
def register_offer(offer: IComputeEscrow.Offer) -> uint256:
    safety._check_running()
    self._check_provider(offer.provider)
    self._check_active(offer.active)
    assert staticcall TREASURY.is_accepted(offer.asset), "asset is not accepted"
    assert offer.price_per_gpu_hour > 0, "price is zero"
    assert len(offer.hardware) > 0, "hardware is not named"
    offer_id: uint256 = self.offer_count + 1
    self.offer_count = offer_id
    self.offers[offer_id] = offer
    log IComputeEscrow.OfferRegistered(offer_id=offer_id, provider=msg.sender, asset=offer.asset, offer=offer)
    return offer_id


@external
def withdraw_offer(offer_id: uint256):
    self._check_provider(self.offers[offer_id].provider)
    self._check_active(self.offers[offer_id].active)
    self.offers[offer_id].active = False
    log IComputeEscrow.OfferWithdrawn(offer_id=offer_id)


# --- orders ---


@external
def order(
    grant_id: uint256, offer_id: uint256, gpu_seconds: uint256, expires_at: uint256, max_price: uint256
) -> uint256:
    safety._check_running()
    assert staticcall ITrainingGrants(self.grants).recipient(grant_id) == msg.sender, "caller is not the recipient"
    ends_at: uint256 = self.budgets[grant_id].ends_at
    assert not self.budgets[grant_id].closed and block.timestamp < ends_at, "budget is closed"
    self._check_active(self.offers[offer_id].active)
    assert self.offers[offer_id].asset == self.budgets[grant_id].asset, "offer is in another asset"
    price: uint256 = self.offers[offer_id].price_per_gpu_hour
    assert price <= max_price, "price is too high"
    assert gpu_seconds > 0, "no time is ordered"
    assert expires_at > block.timestamp, "expiry has passed"
    assert expires_at <= ends_at, "expiry is after the budget"
    amount: uint256 = (price * gpu_seconds + SECONDS_PER_HOUR - 1) // SECONDS_PER_HOUR
    assert amount <= self._unordered(grant_id), "budget is too small"

    order_id: uint256 = self.order_count + 1
    self.order_count = order_id
    self.budgets[grant_id].ordered += amount
    provider: address = self.offers[offer_id].provider
    self.orders[order_id] = IComputeEscrow.Order(
        grant_id=grant_id,
        offer_id=offer_id,
        provider=provider,
        builder=msg.sender,
        price_per_gpu_hour=price,
        gpu_seconds=gpu_seconds,
        drawn_gpu_seconds=0,
        amount=amount,
        paid=0,
        expires_at=expires_at,
        closed=False,
    )
    log IComputeEscrow.OrderOpened(
        order_id=order_id,
        grant_id=grant_id,
        provider=provider,
        offer_id=offer_id,
        gpu_seconds=gpu_seconds,
        amount=amount,
        expires_at=expires_at,
    )
    return order_id


@external
def draw(
    order_id: uint256, gpu_seconds: uint256, signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES]
) -> uint256:
    self._only_open(order_id)
    assert gpu_seconds > self.orders[order_id].drawn_gpu_seconds, "voucher is stale"
    assert gpu_seconds <= self.orders[order_id].gpu_seconds, "voucher exceeds the order"
    assert signature_checks._is_valid(
        self.orders[order_id].builder, vouchers._digest(order_id, gpu_seconds), signature
    ), "voucher is not the builder's"
    earned: uint256 = self.orders[order_id].price_per_gpu_hour * gpu_seconds // SECONDS_PER_HOUR
    amount: uint256 = earned - self.orders[order_id].paid
    assert amount > 0, "nothing to draw"

    self.orders[order_id].drawn_gpu_seconds = gpu_seconds
    self.orders[order_id].paid = earned
    grant_id: uint256 = self.orders[order_id].grant_id
    self.budgets[grant_id].paid += amount
    provider: address = self.orders[order_id].provider
    log IComputeEscrow.VoucherDrawn(order_id=order_id, provider=provider, gpu_seconds=gpu_seconds, amount=amount)
    extcall TREASURY.pay_commitment(self.budgets[grant_id].commitment_id, provider, amount)
    return amount


@external
def close_order(order_id: uint256):
    self._only_open(order_id)
    grant_id: uint256 = self.orders[order_id].grant_id
    if msg.sender != self.orders[order_id].provider:
        ends_at: uint256 = min(self.orders[order_id].expires_at, self.budgets[grant_id].ends_at)
        assert block.timestamp >= ends_at + DRAW_SECONDS, "order may still be drawn"
    released: uint256 = self.orders[order_id].amount - self.orders[order_id].paid
    self.orders[order_id].closed = True
    self.budgets[grant_id].ordered -= released
    log IComputeEscrow.OrderClosed(order_id=order_id, released=released)


@external
def return_budget(grant_id: uint256) -> uint256:
    assert self._has_ended(grant_id), "budget has not ended"
    amount: uint256 = self._unordered(grant_id)
    assert amount > 0, "nothing to return"
    self.budgets[grant_id].returned += amount
    log IComputeEscrow.BudgetReturned(grant_id=grant_id, amount=amount)
    extcall TREASURY.release_commitment(self.budgets[grant_id].commitment_id, amount)
    return amount


# --- gated ---


@external
def set_grants(new_grants: address):
    governed._only_owner()
    assert new_grants != empty(address), "grants is zero"
    assert not self.in_use, "a budget was opened"
    old_grants: address = self.grants
    self.grants = new_grants
    log IComputeEscrow.GrantsChanged(old_grants=old_grants, new_grants=new_grants)


@external
def open_budget(grant_id: uint256, commitment_id: uint256, asset: address, amount: uint256, ends_at: uint256):
    self._only_grants()
    assert self.budgets[grant_id].commitment_id == 0, "budget exists"
    self.in_use = True
    self.budgets[grant_id] = IComputeEscrow.Budget(
        commitment_id=commitment_id,
        asset=asset,
        total=amount,
        ordered=0,
        returned=0,
        paid=0,
        ends_at=ends_at,
        closed=False,
    )
    log IComputeEscrow.BudgetOpened(grant_id=grant_id, asset=asset, amount=amount, ends_at=ends_at)


@external
def extend_budget(grant_id: uint256, ends_at: uint256):
    self._only_grants()
    old_ends_at: uint256 = self.budgets[grant_id].ends_at
    if old_ends_at == 0 or self.budgets[grant_id].closed or ends_at <= old_ends_at:
        return
    self.budgets[grant_id].ends_at = ends_at
    log IComputeEscrow.BudgetExtended(grant_id=grant_id, old_ends_at=old_ends_at, new_ends_at=ends_at)


@external
def close_budget(grant_id: uint256):
    self._only_grants()
    if self.budgets[grant_id].ends_at == 0 or self.budgets[grant_id].closed:
        return
    ends_at: uint256 = min(self.budgets[grant_id].ends_at, block.timestamp + DRAW_SECONDS)
    self.budgets[grant_id].ends_at = ends_at
    self.budgets[grant_id].closed = True
    log IComputeEscrow.BudgetClosing(grant_id=grant_id, ends_at=ends_at)


# --- views ---


@external
@view
def offer(offer_id: uint256) -> IComputeEscrow.Offer:
    return self.offers[offer_id]


@external
@view
def budget(grant_id: uint256) -> IComputeEscrow.Budget:
    return self.budgets[grant_id]


@external
@view
def order_of(order_id: uint256) -> IComputeEscrow.Order:
    return self.orders[order_id]


@external
@view
def available(grant_id: uint256) -> uint256:
    if self._has_ended(grant_id):
        return 0
    return self._unordered(grant_id)


@external
@view
def voucher_digest(order_id: uint256, gpu_seconds: uint256) -> bytes32:
    return vouchers._digest(order_id, gpu_seconds)


# --- internals ---


@internal
@view
def _unordered(grant_id: uint256) -> uint256:
    return self.budgets[grant_id].total - self.budgets[grant_id].ordered - self.budgets[grant_id].returned


@internal
@view
def _has_ended(grant_id: uint256) -> bool:
    return self.budgets[grant_id].closed or block.timestamp >= self.budgets[grant_id].ends_at


@internal
@view
def _only_open(order_id: uint256):
    """
    @dev An unknown order has no builder.
    """
    assert self.orders[order_id].builder != empty(address) and not self.orders[order_id].closed, "order is not open"


@internal
@view
def _only_grants():
    assert msg.sender == self.grants, "caller is not the grants"


@internal
@view
def _check_provider(provider: address):
    assert msg.sender == provider, "caller is not the provider"


# --- pure helpers ---


@internal
@pure
def _check_active(is_active: bool):
    assert is_active, "offer is not active"
