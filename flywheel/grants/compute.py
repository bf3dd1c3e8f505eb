"""Compute: offers of machines, leases out of a grant's budget, and what they cost."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flywheel.amounts import BPS
from flywheel.chain import connection, logs
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import fix, unknown
from flywheel.treasury.assets import unit_of

if TYPE_CHECKING:
    from ape.api import AccountAPI

SECONDS_PER_HOUR = 3_600
HOURS_PER_DAY = 24
# A power usage effectiveness is written with at most four.
PUE_DECIMALS = 4
# As the contract has them.
DRAW_SECONDS = 7 * 86_400
MAX_LEASE_SECONDS = 366 * 86_400


@dataclass(frozen=True)
class Offer:
    """Machines at a price: units of the suite's asset per GPU-hour, watts of a GPU at full load,
    gCO2e per kWh. With a campaign that is paid in the provider's place."""

    hardware: str
    region: str
    price_per_gpu_hour: int
    gpus: int
    watts_per_gpu: int
    pue_bps: int
    grams_per_kwh: int
    uri: str = ""
    campaign_id: int = 0

    @property
    def grams_per_gpu_hour(self) -> Fraction:
        return Fraction(self.watts_per_gpu * self.pue_bps * self.grams_per_kwh, BPS * 1_000)


@dataclass(frozen=True)
class Registered:
    """An offer as the chain has it."""

    offer_id: int
    provider: str
    asset: str
    is_active: bool
    offer: Offer


@dataclass(frozen=True)
class Lease:
    """An order; `earns_until` is when it ends by what is known now, `drawable_until` the last
    moment for a voucher, `delivered_at_most` the GPU-seconds that a voucher may state now."""

    order_id: int
    grant_id: int
    offer_id: int
    provider: str
    gpus: int
    price_per_gpu_hour: int
    starts_at: int
    earns_until: int
    delivered_at_most: int
    gpu_seconds: int
    paid: int
    reserved: int
    is_stopped: bool
    is_closed: bool

    @property
    def drawable_until(self) -> int:
        return self.earns_until + DRAW_SECONDS


@dataclass(frozen=True)
class Budget:
    """A grant's compute: units of its asset, gCO2e of its leases by the offers' figures."""

    grant_id: int
    asset: str
    total: int
    unlocked: int
    available: int
    reserved: int
    paid: int
    returned: int
    rate_per_day: int
    max_per_day: int
    max_price_per_gpu_hour: int
    carbon_grams: int
    recipient: str
    stops_at: int
    is_over: bool
    leases: tuple[Lease, ...]


# --- offers ---


def register_offer(suite: Suite, provider: "AccountAPI", offer: Offer) -> int:
    """Registers an offer in the suite's asset. Returns its id."""
    receipt = connection.send(
        suite.escrow.register_offer,
        (
            provider.address,
            suite.asset.address,
            offer.price_per_gpu_hour,
            offer.gpus,
            offer.watts_per_gpu,
            offer.pue_bps,
            offer.grams_per_kwh,
            offer.campaign_id,
            True,
            offer.hardware,
            offer.region,
            offer.uri,
        ),
        sender=provider,
    )
    return int(connection.event_of(receipt, suite.escrow.OfferRegistered).offer_id)


def refuse(suite: Suite, offer: Offer) -> None:
    """Raises `FlywheelError` for an offer that the contract would refuse."""
    if not offer.price_per_gpu_hour:
        raise fix("The price is zero", "Write what a GPU-hour costs")
    if offer.pue_bps < BPS:
        raise fix("A power usage effectiveness is 1 or more", "Correct --pue")
    longest = {"HARDWARE": (offer.hardware, 64), "--region": (offer.region, 32)}
    for name, (text, limit) in {**longest, "--uri": (offer.uri, 128)}.items():
        if len(text.encode()) > limit:
            raise fix(f"{name} has more than {limit} bytes", "Write a shorter one")
    if not offer.hardware:
        raise fix("HARDWARE is empty", "Name it, such as A100-40GB")
    count = int(connection.call(suite.rewards.campaign_count))
    if offer.campaign_id > count:
        raise unknown("campaign", offer.campaign_id, count)


def withdraw_offer(suite: Suite, provider: "AccountAPI", offer_id: int) -> None:
    """Takes no more orders on an offer."""
    connection.send(suite.escrow.withdraw_offer, offer_id, sender=provider)


def offer_of(suite: Suite, offer_id: int) -> Registered:
    """One offer. Raises `FlywheelError` if there is none of this number."""
    count = int(connection.call(suite.escrow.offer_count))
    if not 1 <= offer_id <= count:
        raise fix(f"There is no offer {offer_id}", "See 'ape run compute offers'")
    return _offer(suite, offer_id)


def _offer(suite: Suite, offer_id: int) -> Registered:
    """An offer that exists."""
    found = connection.call(suite.escrow.offer, offer_id)
    told = Offer(**{item.name: getattr(found, item.name) for item in fields(Offer)})
    return Registered(offer_id, str(found.provider), str(found.asset), bool(found.is_active), told)


def offers(suite: Suite) -> Iterator[Registered]:
    """All offers that take orders, oldest first."""
    for offer_id in range(1, int(connection.call(suite.escrow.offer_count)) + 1):
        found = _offer(suite, offer_id)
        if found.is_active:
            yield found


def in_order(found: list[Registered], by: str) -> list[Registered]:
    """By `price`, by `carbon` (grams per GPU-hour), or by `both`: the sum of the places in each."""

    def price(item: Registered) -> Any:
        return item.offer.price_per_gpu_hour

    def carbon(item: Registered) -> Any:
        return item.offer.grams_per_gpu_hour

    def both(item: Registered) -> Any:
        return sum(
            sum(1 for other in found if key(other) < key(item)) for key in (price, carbon)
        ), price(item)

    return sorted(found, key={"price": price, "carbon": carbon, "both": both}[by])


# --- leases ---


def cost(price_per_gpu_hour: int, gpu_seconds: int) -> int:
    """What an order of so much reserves, in units, rounded up."""
    return -(-price_per_gpu_hour * gpu_seconds // SECONDS_PER_HOUR)


def require_room(suite: Suite, grant_id: int, chosen: Registered, gpus: int, seconds: int) -> None:
    """Raises `FlywheelError` for an order that the grant has no money or no leave for."""
    found, price = budget(suite, grant_id), chosen.offer.price_per_gpu_hour
    money = unit_of(suite, found.asset).show
    see = f"See 'ape run compute status {grant_id}'"
    if not chosen.is_active:
        raise fix(f"Offer {chosen.offer_id} takes no more orders", "See 'ape run compute offers'")
    if gpus > chosen.offer.gpus:
        raise fix(f"Offer {chosen.offer_id} has {chosen.offer.gpus} GPUs", "Order no more")
    if seconds > MAX_LEASE_SECONDS:
        raise fix("A lease is at most 366 days", "Write a shorter --life")
    if price > found.max_price_per_gpu_hour:
        most = money(found.max_price_per_gpu_hour)
        raise fix(f"The grant pays at most {most} per GPU-hour", "Choose a cheaper offer")
    if (reserved := cost(price, gpus * seconds)) > found.available:
        raise fix(f"It costs {money(reserved)}, {money(found.available)} can be ordered now", see)
    rate = found.rate_per_day + price * gpus * HOURS_PER_DAY
    if rate > found.max_per_day:
        most, now = money(found.max_per_day), connection.now()
        ended = [
            f"'ape run compute notice {item.order_id}'"
            for item in found.leases
            if not item.is_stopped and item.earns_until <= now
        ]
        freed = f"Let go of what has ended, which counts until then: {', '.join(ended)}"
        raise fix(
            f"All orders would cost {money(rate)} a day, {most} are allowed",
            freed if ended else see,
        )


def order(
    suite: Suite,
    builder: "AccountAPI",
    grant_id: int,
    offer_id: int,
    gpus: int,
    starts_at: int,
    seconds: int,
    max_price: int,
) -> int:
    """Leases GPUs out of a grant's budget from `starts_at` on; `max_price` in units per GPU-hour.
    Returns the order's id."""
    receipt = connection.send(
        suite.escrow.order,
        grant_id,
        offer_id,
        gpus,
        starts_at,
        starts_at + seconds,
        max_price,
        sender=builder,
    )
    return int(connection.event_of(receipt, suite.escrow.OrderOpened).order_id)


def give_notice(suite: Suite, caller: "AccountAPI", order_id: int) -> int:
    """Stops a lease now; returns the units that can be ordered elsewhere at once."""
    receipt = connection.send(suite.escrow.give_notice, order_id, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.OrderStopped).released)


def close_order(suite: Suite, caller: "AccountAPI", order_id: int) -> int:
    """Closes a stopped order; returns the units freed for the grant's compute budget."""
    receipt = connection.send(suite.escrow.close_order, order_id, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.OrderClosed).released)


def return_budget(suite: Suite, caller: "AccountAPI", grant_id: int) -> int:
    """Returns what no order holds of an ended grant's budget to its purpose; returns units."""
    receipt = connection.send(suite.escrow.return_budget, grant_id, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.BudgetReturned).amount)


def lease(suite: Suite, order_id: int) -> Lease:
    """One order. Raises `FlywheelError` if there is none of this number."""
    count = int(connection.call(suite.escrow.order_count))
    if not 1 <= order_id <= count:
        raise fix(f"There is no order {order_id}", f"{count} orders were opened so far")
    return _lease(suite, order_id, connection.now())


def _lease(suite: Suite, order_id: int, now: int) -> Lease:
    """An order that exists, as of `now`."""
    found = connection.call(suite.escrow.order_of, order_id)
    earns_until = int(connection.call(suite.escrow.lease_ends_at, order_id))
    until = min(earns_until, now)
    return Lease(
        order_id=order_id,
        grant_id=int(found.grant_id),
        offer_id=int(found.offer_id),
        provider=str(found.provider),
        gpus=int(found.gpus),
        price_per_gpu_hour=int(found.price_per_gpu_hour),
        starts_at=int(found.starts_at),
        earns_until=earns_until,
        delivered_at_most=int(found.gpus) * max(0, until - int(found.starts_at)),
        gpu_seconds=int(found.gpu_seconds),
        paid=int(found.paid),
        reserved=int(found.reserved),
        is_stopped=bool(found.is_stopped),
        is_closed=bool(found.is_closed),
    )


# --- budgets ---


def unordered(suite: Suite, grant_id: int) -> int:
    """Units of a compute budget that no order holds and that have not been returned."""
    budget = connection.call(suite.escrow.budget, grant_id)
    return int(budget.total - budget.ordered - budget.returned)


def budget(suite: Suite, grant_id: int) -> Budget:
    """A grant's compute. Raises `FlywheelError` if it has no budget."""
    found = connection.call(suite.escrow.budget, grant_id)
    if not int(found.commitment_id):
        raise fix(f"Grant {grant_id} has no compute budget", "See 'ape run grants show'")
    topics = {"grant_id": grant_id}
    opened = logs.of_event(suite.escrow.OrderOpened, first_block(), topics=topics)
    now = connection.now()
    leases = tuple(_lease(suite, int(log.order_id), now) for log in opened)
    rights = connection.call(suite.grants.compute_rights, grant_id)
    max_price, max_per_day = connection.call(suite.applications.compute_caps, grant_id)
    paid = sum(item.paid for item in leases)
    return Budget(
        grant_id=grant_id,
        asset=str(found.asset),
        total=int(found.total),
        unlocked=int(connection.call(suite.grants.compute_unlocked, grant_id)),
        available=int(connection.call(suite.escrow.available, grant_id)),
        reserved=int(found.ordered) - paid,
        paid=paid,
        returned=int(found.returned),
        rate_per_day=int(found.rate_per_day),
        max_per_day=int(max_per_day),
        max_price_per_gpu_hour=int(max_price),
        carbon_grams=int(found.carbon_grams),
        recipient=str(rights.recipient),
        stops_at=int(rights.stops_at),
        is_over=bool(rights.is_over),
        leases=leases,
    )
