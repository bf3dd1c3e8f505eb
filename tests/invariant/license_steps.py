"""Steps of the royalty machine: terms, sales, transfers, sublicences, reports and payments."""

import random
from collections.abc import Callable
from typing import Any

import boa

from flywheel.licensing.reference import Account, Rates
from tests.invariant.counting import HandlerCount
from tests.invariant.royalty_world import L, License, World
from tests.kits.licensing import EVIDENCE, LEGAL_HASH, MAX_UINT, Terms
from tests.support import DAY, ZERO_ADDRESS, now

PERIOD = 28 * DAY
GRACES = (7 * DAY, 10 * DAY, PERIOD)
CURE = 8 * DAY
TERM_PERIODS = 3

Fits = Callable[[License], Any]


class Steps:
    """What all steps use: the world, the dice, who acts and in which asset."""

    handlers: HandlerCount
    world: World
    dice: random.Random
    actor: str
    asset: Any

    def picked(self, fits: Fits = lambda held: True) -> list[tuple[int, License]]:
        """One of the licences that fit, or none."""
        fit = [item for item in self.world.licenses.items() if fits(item[1])]
        return [self.dice.choice(fit)] if fit else []

    def amount(self) -> int:
        return self.dice.choice([self.dice.randint(1, 30), self.dice.randint(1, 10**12)])

    def is_paused(self) -> bool:
        return now() < self.world.suite.catalog.paused_until()

    def pay_all(self, license_id: int, held: License) -> None:
        """All that is owed, out of the licensee's pocket."""
        owed = held.book.outstanding
        self.world.fund(held.holder, held.asset, L, owed)
        assert self.world.call(L, "pay", license_id, owed, sender=held.holder) == owed
        self.book_payment(held, held.holder, owed)

    def book_payment(self, held: License, payer: str, amount: int, ahead: bool = False) -> None:
        if amount:
            held.book.pay(amount, ahead)
        self.world.spend(payer, held.asset, amount)
        self.world.receive(held.terms.model_id, held.asset, amount)


class LicenseSteps(Steps):
    # --- terms and sales ---

    def offer(self) -> None:
        world, dice = self.world, self.dice
        model_id, model = dice.choice(list(world.models.items()))
        if self.is_paused():
            world.vote("LicenseCatalog", "unpause")
        periods = dice.random() < 0.85
        allowed = dice.choice([0, 255, 255, dice.randrange(256)])
        shares = [dice.randint(0, 1_800) if allowed >> kind & 1 else 0 for kind in range(8)]
        terms = Terms(
            model_id=model_id,
            asset=self.asset.address,
            upfront_fee=dice.choice([0, self.amount()]),
            bond=dice.choice([0, dice.randint(1, 3_000)]) if periods else 0,
            share_bps=dice.randint(1, 2_000) if periods else 0,
            price_per_unit=dice.randint(0, 9) if periods else 0,
            minimum_per_period=dice.choice([0, dice.randint(1, 1_000)]) if periods else 0,
            royalty_cap=dice.choice([0, 0, 30_000]) if periods else 0,
            late_bps_per_year=dice.choice([0, 1_111, 3_600]),
            period_seconds=PERIOD if periods else 0,
            grace_seconds=dice.choice(GRACES) if periods else 0,
            cure_seconds=CURE,
            term_seconds=dice.choice([0, TERM_PERIODS * PERIOD]),
            max_licenses=0,
            offered_until=0,
            licensee=ZERO_ADDRESS,
            arbiter=ZERO_ADDRESS,
            transferable=dice.random() < 0.8,
            sublicensable=dice.random() < 0.6,
            renewable=dice.random() < 0.6,
            exclusive=False,
            approval_required=False,
            share_alike=allowed > 0 and dice.random() < 0.5,
            attribution=dice.random() < 0.5,
            derivations=allowed,
            derivation_share_bps=shares,
            field_of_use="",
            legal_hash=LEGAL_HASH,
            legal_uri=f"ipfs://{len(world.terms)}",
            summary_hash=bytes(32),
            summary_uri="",
        )
        if periods and terms.bond + terms.minimum_per_period == 0:
            # Who never reports would have nothing at stake.
            with boa.reverts("no minimum and no bond"):
                world.suite.catalog.offer_terms(terms, sender=model.owner)
            terms = terms._replace(bond=dice.randint(1, 3_000))
        with self.handlers.counts("offer"):
            terms_id = world.call("LicenseCatalog", "offer_terms", terms, sender=model.owner)
            world.terms[terms_id] = terms
            world.offered.add(terms_id)

    def retire(self) -> None:
        world = self.world
        if len(world.offered) > 2:
            terms_id = self.dice.choice(sorted(world.offered))
            owner = world.models[world.terms[terms_id].model_id].owner
            with self.handlers.counts("retire"):
                world.call("LicenseCatalog", "retire_terms", terms_id, sender=owner)
                world.offered.discard(terms_id)

    def buy(self) -> None:
        world = self.world
        if not world.offered:
            return
        terms_id = self.dice.choice(sorted(world.offered))
        # Who lost a licence comes back more often than chance would have it.
        back = [
            (who, number)
            for number in sorted(world.offered)
            for (who, model_id), lost in world.lost.items()
            if lost and world.terms[number].model_id == model_id
        ]
        if back and self.dice.random() < 0.5:
            self.actor, terms_id = self.dice.choice(back)
        terms = world.terms[terms_id]
        asset = next(a for a in world.assets if a.address == terms.asset)
        fee = world.suite.catalog.fee_for(terms_id, self.actor)
        cost = fee + terms.bond
        arguments = (terms_id, world.suite.catalog.terms_hash(terms_id), cost)
        world.fund(self.actor, asset, L, cost)
        if self.is_paused():
            with boa.reverts("paused"):
                world.call(L, "buy", *arguments, sender=self.actor)
            return
        with self.handlers.counts("buy"):
            license_id = world.call(L, "buy", *arguments, sender=self.actor)
            world.spend(self.actor, asset, cost)
            assert world.charge(self.actor, terms) == fee
            world.receive(terms.model_id, asset, fee)
            world.licenses[license_id] = self.new_license(terms_id, asset, self.actor)

    def new_license(self, terms_id: int, asset: Any, licensee: str) -> License:
        terms = self.world.terms[terms_id]
        money = (terms.share_bps, terms.price_per_unit, terms.minimum_per_period)
        count = TERM_PERIODS if terms.term_seconds else None
        book = Account(
            Rates(*money, terms.royalty_cap),
            terms.late_bps_per_year,
            now(),
            terms.period_seconds,
            terms.grace_seconds,
            count if terms.period_seconds else 0,
            now(),
        )
        ends_at = now() + terms.term_seconds if terms.term_seconds else None
        return License(terms_id, terms, asset, licensee, book, terms.bond, ends_at)

    def renew(self) -> None:
        world = self.world

        def may(held: License) -> bool:
            offered = held.terms.renewable or held.terms_id in world.offered
            return bool(held.terms.term_seconds and offered and not held.ended_early)

        for license_id, held in self.picked(lambda held: may(held) and held.is_reported):
            self.pay_all(license_id, held)
            refill = held.terms.bond - min(held.terms.bond, held.bond)
            cost = held.terms.upfront_fee + refill
            world.fund(held.holder, held.asset, L, cost)
            with self.handlers.counts("renew"):
                world.call(L, "renew", license_id, cost, sender=held.holder)
                world.spend(held.holder, held.asset, cost)
                world.receive(held.terms.model_id, held.asset, held.terms.upfront_fee)
                held.bond += refill
                held.short_since = 0
                held.book.renew(held.ends_at, TERM_PERIODS if held.book.period else 0)
                held.ends_at = max(now(), held.ends_at) + held.terms.term_seconds
        for license_id, held in self.picked(lambda held: may(held) and not held.is_clear):
            with boa.reverts("license has arrears"):
                world.call(L, "renew", license_id, MAX_UINT, sender=held.holder)

    def transfer(self) -> None:
        """A licence moves only when nothing is owed, missing or open in it."""
        world, to = self.world, self.dice.choice(self.world.actors)
        for license_id, held in self.picked(lambda held: held.terms.transferable):
            arguments = (held.holder, to, license_id)
            fault = self.why_not_moved(held)
            if fault:
                with boa.reverts(fault):
                    world.call(L, "transferFrom", *arguments, sender=held.holder)
                return
            with self.handlers.counts("transfer"):
                world.call(L, "transferFrom", *arguments, sender=held.holder)
                held.holder, held.reporter = to, None

    def why_not_moved(self, held: License) -> str | None:
        if held.ended_early:
            return "license has ended"
        if not held.is_clear:
            return "license has arrears"
        return "license is in dispute" if held.is_held else None

    def name_reporter(self) -> None:
        for license_id, held in self.picked():
            with self.handlers.counts("name_reporter"):
                held.reporter = self.dice.choice([*self.world.actors, None])
                args = (license_id, held.reporter or ZERO_ADDRESS)
                self.world.call(L, "set_reporter", *args, sender=held.holder)

    def sublicense(self) -> None:
        world = self.world
        covered = [i for i, held in world.licenses.items() if world.covers(i, held.holder)]
        for license_id in covered[self.dice.randrange(len(covered) or 1) :][:1]:
            held = world.licenses[license_id]
            arguments = (license_id, self.actor)
            if not held.terms.sublicensable:
                with boa.reverts("license is not sublicensable"):
                    world.call("LicenseRights", "sublicense", *arguments, sender=held.holder)
                return
            with self.handlers.counts("sublicense"):
                number = world.call("LicenseRights", "sublicense", *arguments, sender=held.holder)
                world.sublicenses[number] = (license_id, self.actor, True)

    def end_sublicense(self) -> None:
        world = self.world
        running = [number for number, (_, _, runs) in world.sublicenses.items() if runs]
        if running:
            number = self.dice.choice(running)
            parent, licensee, _ = world.sublicenses[number]
            sender = self.dice.choice([licensee, world.licenses[parent].holder])
            with self.handlers.counts("end_sublicense"):
                world.call("LicenseRights", "end_sublicense", number, sender=sender)
                world.sublicenses[number] = (parent, licensee, False)

    def present(self) -> None:
        """Who presents a licence for its model is found under the model, as far as it covers."""
        world, rights = self.world, self.world.suite.rights
        for license_id, held in self.picked():
            model_id, who = held.terms.model_id, held.holder
            with self.handlers.counts("present"):
                world.call("LicenseRights", "present", license_id, sender=who)
                assert rights.presented(model_id, who, now()) == license_id
                covered = world.covers(license_id, who)
                assert rights.is_licensed(model_id, who, 0, now()) == covered

    # --- reports and payments ---

    def report(self) -> None:
        """The next period, at its end or later, alone or with all that is owed."""
        for license_id, held in self.picked(lambda held: held.book.has_next):
            book = held.book
            opens_at = book.next_opens_at
            if opens_at > now() + PERIOD:
                return
            self.world.go_to(opens_at)
            who = held.reporter or held.holder
            figures = (self.dice.choice([0, self.dice.randrange(10**6)]), self.dice.randrange(100))
            arguments = (license_id, book.reported + 1, figures[0], EVIDENCE)
            if self.dice.random() < 0.5:
                with self.handlers.counts("report"):
                    sent = (*arguments, figures[1])
                    due = self.world.call(L, "report", *sent, sender=who)
                    assert due == book.report(*figures)
                return
            book.report(*figures)
            expected = book.outstanding
            self.world.fund(who, held.asset, L, expected)
            with self.handlers.counts("report_and_pay"):
                sent = (*arguments, expected, figures[1])
                assert self.world.call(L, "report_and_pay", *sent, sender=who) == expected
                self.book_payment(held, who, expected)

    def pay(self) -> None:
        """Too little, just enough, more than enough, or ahead, by anybody."""
        for license_id, held in self.picked():
            owed = held.book.outstanding
            offered = self.dice.choice([1, owed // 2, owed, owed + self.amount()])
            ahead = self.dice.random() < 0.2 and offered < 10**6
            expected = offered if ahead else min(offered, owed)
            if ahead and held.book.lapse:
                with boa.reverts("license is late"):
                    self.world.call(L, "prepay", license_id, offered, sender=self.actor)
                return
            self.world.fund(self.actor, held.asset, L, offered)
            with self.handlers.counts("pay"):
                function = "prepay" if ahead else "pay"
                taken = self.world.call(L, function, license_id, offered, sender=self.actor)
                assert taken == expected
                self.book_payment(held, self.actor, expected, ahead)
