"""ComputeEscrow against a small model of its own: what leases reserve, pay and give back.

The model keeps a lease as machines, price and times, and works all sums out anew from these.
"""

import os
from dataclasses import dataclass

import boa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import support
from tests.kits.grants import COMPUTE_BUDGET, DRAW_SECONDS, HOUR, UNLOCKED, sign_voucher
from tests.support import DAY

FACTOR = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("order"),
            st.integers(0, 2 * 10**6),
            st.integers(1, 40),
            st.integers(0, 3 * DAY),
            st.integers(1, 20 * DAY),
        ),
        st.tuples(st.just("draw"), st.integers(0, 9), st.floats(0, 1.1)),
        st.tuples(st.just("notice"), st.integers(0, 9)),
        st.tuples(st.just("close"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, 4 * DAY)),
    ),
    min_size=4,
    max_size=20,
)


@dataclass
class Lease:
    """One order."""

    order_id: int
    price: int
    gpus: int
    starts_at: int
    ends_at: int
    drawn: int = 0
    stopped: bool = False
    closed: bool = False

    @property
    def paid(self) -> int:
        return self.price * self.drawn // HOUR

    @property
    def reserved(self) -> int:
        if self.closed:
            return self.paid
        return -(-self.price * self.most(self.ends_at) // HOUR)

    @property
    def rate(self) -> int:
        return 0 if self.stopped else self.price * self.gpus * 24

    @property
    def emits(self) -> int:
        """gCO2e at 700 W, a PUE of 1.2 and 400 g/kWh, of all that was or may still be drawn."""
        delivered = self.drawn if self.closed else self.most(self.ends_at)
        return delivered * 700 * 12 // 10 * 400 // 3_600_000

    def most(self, until: int) -> int:
        """GPU-seconds from the start to `until`."""
        return self.gpus * max(0, min(until, self.ends_at) - self.starts_at)


@settings(
    max_examples=20 * FACTOR,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_leases__any_sequence__pay_what_the_model_says(world, grant_id, steps):
    with boa.env.anchor():
        leases: list[Lease] = []
        for kind, *args in steps:
            if kind == "order":
                order(world, grant_id, leases, *args)
            elif kind == "wait":
                support.pass_time(args[0])
                if support.now() >= world.due_at(grant_id):
                    # Overdue, it would earn nothing: the end of a grant is a matter of its own.
                    break
            elif leases:
                chosen = leases[args[0] % len(leases)]
                {"draw": draw, "notice": notice, "close": close}[kind](world, chosen, *args[1:])
            check(world, grant_id, leases)
        settle(world, grant_id, leases)


def order(world, grant_id, leases, price, gpus, delay, seconds) -> None:
    """Refused if it does not fit into what is unlocked or into the rate, and only then."""
    price = max(1, price)
    starts_at = support.now() + delay
    lease = Lease(0, price, gpus, starts_at, starts_at + seconds)
    offer_id = world.offer(price=price, gpus=40)
    args = (grant_id, offer_id, gpus, starts_at, starts_at + seconds, price)
    ordered = sum(one.reserved for one in leases)
    rate = sum(one.rate for one in leases)
    reason = None
    if ordered + lease.reserved > UNLOCKED[0]:
        reason = "budget is too small"
    elif rate + lease.rate > world.applications.compute_caps(grant_id)[1]:
        reason = "rate is above the grant's"
    if reason:
        with boa.reverts(reason):
            world.escrow.order(*args, sender=world.builder)
        return
    lease.order_id = world.escrow.order(*args, sender=world.builder)
    leases.append(lease)


def draw(world, lease, part: float) -> None:
    """A voucher for a part of what may be delivered by now, or a little more than all of it."""
    most = lease.most(support.now())
    wanted = int(most * part)
    reason = None
    if lease.closed:
        reason = "order is not open"
    elif support.now() >= lease.ends_at + DRAW_SECONDS:
        reason = "order is over"
    elif wanted <= lease.drawn:
        reason = "voucher is stale"
    elif wanted > most:
        reason = "voucher is ahead of the lease"
    elif lease.price * wanted // HOUR == lease.paid:
        reason = "nothing to draw"
    signature = sign_voucher(world.escrow, lease.order_id, wanted)
    if reason:
        with boa.reverts(reason):
            world.escrow.draw(lease.order_id, wanted, signature)
        return
    before = world.asset.balanceOf(world.provider)
    paid_before = lease.paid
    lease.drawn = wanted
    assert world.escrow.draw(lease.order_id, wanted, signature) == lease.paid - paid_before
    assert world.asset.balanceOf(world.provider) - before == lease.paid - paid_before


def notice(world, lease) -> None:
    if lease.closed or lease.stopped:
        with boa.reverts("order is not open" if lease.closed else "order is stopped"):
            world.escrow.give_notice(lease.order_id, sender=world.provider)
        return
    lease.ends_at = min(lease.ends_at, max(lease.starts_at, support.now()))
    lease.stopped = True
    world.escrow.give_notice(lease.order_id, sender=world.provider)


def close(world, lease) -> None:
    if lease.closed or not lease.stopped:
        with boa.reverts("order is not open" if lease.closed else "order is not stopped"):
            world.escrow.close_order(lease.order_id, sender=world.provider)
        return
    lease.closed = True
    world.escrow.close_order(lease.order_id, sender=world.provider)


def check(world, grant_id, leases) -> None:
    budget = world.escrow.budget(grant_id)
    paid = sum(one.paid for one in leases)
    assert budget.ordered == sum(one.reserved for one in leases) <= UNLOCKED[0]
    assert budget.rate_per_day == sum(one.rate for one in leases)
    assert budget.carbon_grams == sum(one.emits for one in leases)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - budget.ordered
    remaining = world.treasury.commitment(budget.commitment_id).remaining
    assert remaining + paid + budget.returned == budget.total == COMPUTE_BUDGET
    for one in leases:
        found = world.escrow.order_of(one.order_id)
        assert (found.paid, found.reserved, found.gpu_seconds) == (
            *(one.paid, one.reserved, one.drawn),
        )
        elapsed = max(0, support.now() - one.starts_at)
        assert found.paid * HOUR <= one.gpus * one.price * elapsed
        assert found.paid <= found.reserved


def settle(world, grant_id, leases) -> None:
    """The grant ends: what was not paid to providers is the purpose's, to the unit. Leases of an
    overdue one had stopped at its date."""
    ended_at = min(support.now(), world.due_at(grant_id))
    world.terminate(grant_id)
    returned = world.escrow.return_budget(grant_id)
    for one in leases:
        if not one.stopped:
            world.escrow.give_notice(one.order_id, sender=world.stranger)
            one.ends_at = min(one.ends_at, max(one.starts_at, ended_at))
            one.stopped = True
        if not one.closed:
            support.warp_to(max(support.now(), one.ends_at))
            world.escrow.close_order(one.order_id, sender=world.provider)
            one.closed = True
    held = COMPUTE_BUDGET - returned - sum(one.paid for one in leases)
    if held:
        returned += world.escrow.return_budget(grant_id)
    budget = world.escrow.budget(grant_id)
    paid = sum(one.paid for one in leases)
    assert paid + returned == COMPUTE_BUDGET == budget.ordered + budget.returned
    assert budget.carbon_grams == sum(one.emits for one in leases)
    assert world.treasury.commitment(budget.commitment_id).remaining == 0
    assert world.asset.balanceOf(world.provider) == paid
    assert world.asset.balanceOf(world.escrow) == 0
