"""The steps of a random life that concern leases, with what the second model says of them."""

from types import SimpleNamespace
from typing import Any

from tests.kits import grants as kit
from tests.kits.grants import USDC
from tests.properties.grants_stage import Attempt, Stage
from tests.support import DAY, now


class LeaseSteps(Stage):
    """Random orders, vouchers, notices, closings and returns of budgets."""

    def order(self, grant: int) -> Attempt:
        wanted = self.random_lease(grant)
        sender = self.anyone(self.model.recipient(grant))
        arguments = (grant, wanted.offer, wanted.gpus, wanted.starts_at, wanted.until)

        def record(number: int) -> None:
            assert number == len(self.model.past("ordered")) + 1
            self.model.record(now(), "ordered", order=number, **vars(wanted))

        def call() -> Any:
            return self.world.escrow.order(*arguments, wanted.max_price, sender=sender)

        return Attempt("order", self.model.of_order(wanted, now(), sender), call, record)

    def random_lease(self, grant: int) -> Any:
        pick = self.random.choice
        is_tiny = self.model.terms(grant).bond < USDC
        number = pick((2, 2, 2, 2, 1, 4)) if is_tiny else pick((1, 3, 3, 3, 3, 4))
        offer = self.model.offers[number]
        gpus = pick((1, 3, 8, 8, 9, 33, 0)) if number != 2 else pick((1, 1, 2))
        seconds = pick((DAY, 10 * DAY, 10 * DAY, 997, 366 * DAY, 366 * DAY + 1, 0))
        if self.model.approval(grant) and self.random.random() < 0.8:
            per_day = self.model.terms(grant).max_day - self.model.rate_per_day(grant)
            gpus = pick((gpus, 1, 1, min(offer.gpus, per_day // (24 * offer.price))))
            left = self.model.available(grant, now()) * 3_600
            longest = left // max(1, gpus * offer.price)
            seconds = pick((min(10 * DAY, longest), min(10 * DAY, longest), longest, longest + 1))
        starts_at = now() + pick((0, 0, 0, 0, DAY, 20 * DAY, -1))
        return SimpleNamespace(
            grant=grant,
            offer=number,
            gpus=gpus,
            starts_at=starts_at,
            until=starts_at + seconds,
            max_price=offer.price - pick((0,) * 9 + (1,)),
        )

    def voucher(self, order: int) -> Attempt:
        model, escrow, pick = self.model, self.world.escrow, self.random.choice
        delivered, drawn = model.delivered(order, now()), model.gpu_seconds(order)
        stated = pick(
            (delivered, delivered, delivered + 1, (delivered + drawn) // 2, drawn, drawn + 1)
        )
        recipient = model.recipient(model.order(order).grant)
        signer = recipient if self.random.random() < 0.9 else pick(self.builders)
        before = model.lease_paid(order)

        def record(amount: int) -> None:
            assert amount == model.worth(order, stated) - before
            model.record(now(), "voucher", order=order, gpu_seconds=stated)

        def call() -> Any:
            signature = kit.sign_voucher(escrow, order, stated, self.keys[signer])
            return escrow.draw(order, stated, signature, sender=self.world.stranger)

        reasons = model.of_voucher(order, stated, now(), signer)
        return Attempt("voucher", reasons, call, record)

    def notice(self, order: int) -> Attempt:
        made = self.model.order(order)
        provider = self.model.offers[made.offer].provider
        strangers = (self.world.stranger, self.world.stranger)
        sender = self.random.choice((provider, self.model.recipient(made.grant), *strangers))
        ends_at = self.model.stopped_at(order, now())
        record = self.noted("stopped", order=order, ends_at=ends_at)
        reasons = self.model.of_notice(order, now(), sender)
        call = lambda: self.world.escrow.give_notice(order, sender=sender)  # noqa: E731
        return Attempt("notice", reasons, call, record)

    def close(self, order: int) -> Attempt:
        provider = self.model.offers[self.model.order(order).offer].provider
        sender = self.random.choice((provider, self.world.stranger, self.world.stranger))
        reasons = self.model.of_closing(order, now(), sender)
        call = lambda: self.world.escrow.close_order(order, sender=sender)  # noqa: E731
        return Attempt("close", reasons, call, self.noted("closed", order=order))

    def return_budget(self, grant: int) -> Attempt:
        amount = self.model.returnable(grant) if self.model.is_over(grant, now()) else 0

        def record(given: int) -> None:
            assert given == amount
            self.model.record(now(), "returned", grant=grant, amount=amount)

        call = lambda: self.world.escrow.return_budget(grant, sender=self.world.stranger)  # noqa: E731
        return Attempt("return", self.model.of_return(grant, now()), call, record)
