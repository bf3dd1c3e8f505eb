"""The steps of grants_machine that are about compute: leases, vouchers, notices, budgets."""

from typing import Any

from tests.invariant.counting import HandlerCount
from tests.invariant.grants_model import Grant
from tests.invariant.grants_world import PRICE, PROVIDERS, Suite, Twins
from tests.kits.grants import DRAW_SECONDS, HOUR
from tests.support import DAY, now, pass_time


class LeaseSteps:
    """Mixed into the machine, which has the grants."""

    handlers: HandlerCount
    twins: Twins
    quiet: Suite
    grants: dict[int, Grant]
    # Order id => its grant; when a provider stopped it.
    orders: dict[int, int]
    stopped: dict[int, int]

    def settle(self) -> None:
        raise NotImplementedError

    def those(self, *conditions: Any) -> list[Grant]:
        raise NotImplementedError

    def pick(self, items: list[Any], number: int) -> Any:
        return items[number % len(items)] if items else None

    def provider_of(self, order_id: int) -> str:
        by = self.quiet.escrow.order_of(order_id).provider
        return next(name for name, who in self.quiet.people.items() if who == by)

    def order(self, number: int) -> None:
        gpus, days = 1 + number % 4, 1 + number % 41
        found = self.those(
            lambda g: g.is_bonded and not g.all_accepted,
            lambda g: g.review is not None or now() < g.due_at,
        )
        grant = self.pick(found, number)
        if grant:
            self.twins.sweep([n for n, owner in self.orders.items() if owner == grant.number])
            starts_at, offer_id = now() + (number % 3) * DAY, 1 + number % len(PROVIDERS)
            left = self.quiet.escrow.available(grant.number)
            assert left <= grant.unlocked()
            most = left * HOUR // (PRICE * gpus)
            lease = min(days * DAY, most)
            if lease == 0:
                return
            with self.handlers.counts("order"):
                args = (grant.number, offer_id, gpus, starts_at, starts_at + lease, PRICE)
                order_id = self.twins.both(
                    lambda s: s.escrow.order(*args, sender=s.at(grant.builder))
                )
                self.orders[order_id] = grant.number

    def delivered(self, order_id: int) -> int:
        """GPU-seconds of the lease so far."""
        lease = self.quiet.escrow.order_of(order_id)
        until = min(now(), self.quiet.escrow.lease_ends_at(order_id))
        return int(lease.gpus * max(0, until - lease.starts_at))

    def drawable_orders(self) -> list[int]:
        """Orders with delivered time that nobody drew, and time left to draw it."""
        found = []
        for order_id in self.orders:
            lease = self.quiet.escrow.order_of(order_id)
            ends_at = self.quiet.escrow.lease_ends_at(order_id)
            fresh = self.delivered(order_id) >= lease.gpu_seconds + HOUR
            if fresh and not lease.is_closed and now() < ends_at + DRAW_SECONDS:
                found.append(order_id)
        return found

    def draw_voucher(self, number: int) -> None:
        if not self.drawable_orders():
            self.order(number)
            pass_time(3 * DAY)
        order_id = self.pick(self.drawable_orders(), number)
        if order_id:
            with self.handlers.counts("draw_voucher"):
                self.collect(order_id, 1 + number % 4)

    def collect(self, order_id: int, part: int = 4) -> None:
        drawn = self.quiet.escrow.order_of(order_id).gpu_seconds
        wanted = drawn + max(HOUR, (self.delivered(order_id) - drawn) * part // 4)
        builder = self.grants[self.orders[order_id]].builder
        self.twins.both(
            lambda s: s.escrow.draw(order_id, wanted, s.sign(order_id, wanted, builder))
        )

    def give_notice(self, number: int) -> None:
        """While the lease runs; what is left of an ended one is anybody's to stop."""
        self.settle()
        running = [
            n
            for n, grant_id in self.orders.items()
            if n not in self.stopped
            and not self.grants[grant_id].is_over
            and now() < self.quiet.escrow.order_of(n).ends_at
        ]
        order_id = self.pick(running, number)
        if order_id and number % 2:
            with self.handlers.counts("give_notice"):
                name = self.provider_of(order_id)
                self.twins.both(lambda s: s.escrow.give_notice(order_id, sender=s.at(name)))
                self.stopped[order_id] = now()

    def close_order(self, number: int) -> None:
        """By the provider, while nobody else may."""
        fresh = [
            n
            for n, stopped_at in self.stopped.items()
            if now() < self.quiet.escrow.order_of(n).ends_at + DRAW_SECONDS
            and not self.quiet.escrow.order_of(n).is_closed
        ]
        order_id = self.pick(fresh, number)
        if order_id and number % 2:
            with self.handlers.counts("close_order"):
                name = self.provider_of(order_id)
                self.twins.both(lambda s: s.escrow.close_order(order_id, sender=s.at(name)))

    def return_budget(self, number: int) -> None:
        self.settle()
        found = []
        for grant in self.grants.values():
            budget = self.quiet.escrow.budget(grant.number)
            if grant.is_over and budget.total > budget.ordered + budget.returned:
                found.append(grant)
        grant = self.pick(found, number)
        if grant:
            with self.handlers.counts("return_budget"):
                assert self.twins.each(lambda s: s.escrow.return_budget(grant.number))[0]
