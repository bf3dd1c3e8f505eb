"""The steps of a random life of grants and leases, each with what the second model says of it."""

from types import SimpleNamespace
from typing import Any

from tests.kits import grants as kit
from tests.kits.grants import ACTIVE, GRANTS_PURPOSE, PRICE, USDC
from tests.properties.grants_by_events import BPS, NOBODY
from tests.properties.grants_lease_steps import LeaseSteps
from tests.properties.grants_stage import HASHES, SMALL_PURPOSE, STANDARD_LEASE, Attempt
from tests.support import DAY, now


class Steps(LeaseSteps):
    """Random calls of every kind."""

    # --- steps ---

    STEPS_BY_WEIGHT = (
        *("apply", "approve", "approve", "bond", "bond", "bond", "withdraw", "draw", "draw"),
        *("submit",) * 8,
        *("object",) * 5,
        *("decide", "decide", "propose", "name", "succeed", "succeed"),
        *("move", "move_votes", "order", "order", "order", "order", "order", "order"),
        *("voucher", "voucher", "voucher", "notice", "notice", "close", "return"),
    )

    OF_REVIEWS = ("object", "object", "object", "object", "withdraw", "decide", "order")
    OF_LEASES = ("order", "order", "order", "voucher", "voucher", "notice", "close")
    DULL = ("terminate", "expire", "name", "propose", "move", "move votes", "succeed", "apply")

    def step(self, related: list[str]) -> None:
        """Mostly something that the model lets pass and that moves money, sometimes anything."""
        steps: tuple[str, ...] | list[str] = self.STEPS_BY_WEIGHT
        if related and self.random.random() < 0.8:
            steps = related
        elif self.some("submit") and self.random.random() < 0.5:
            steps = ("submit",)
        elif self.some("object") and self.random.random() < 0.6:
            steps = self.OF_REVIEWS
        elif self.some("order") and self.random.random() < 0.5:
            steps = self.OF_LEASES
        attempt = self.build(self.random.choice(steps))
        for _ in range(15):
            is_dull = attempt.name in self.DULL and self.random.random() < 0.8
            if is_dull or (attempt.reasons and self.random.random() < 0.9):
                attempt = self.build(self.random.choice(steps))
        self.attempt(attempt)

    def some(self, name: str) -> bool:
        """Whether a step fits some grant now, and a submission would pass."""
        return any(self.fits(name, grant) for grant in self.model.grants() if self.timely(grant))

    def timely(self, grant: int) -> bool:
        model = self.model
        if model.state(grant, now()) != ACTIVE or model.all_accepted(grant, now()):
            return False
        if not model.is_bonded(grant):
            return False
        return model.in_review(grant, now()) is not None or not model.is_overdue(grant, now())

    def build(self, name: str) -> Attempt:
        """A random call of this kind, or a proof that nothing can be done yet."""
        if name in ("voucher", "notice", "close"):
            orders = [event.order for event in self.model.past("ordered")]
            if not orders:
                return self.build("order")
            is_stopped = name == "close"
            told = self.model.notice
            fitting = [o for o in orders if (told(o) is not None) == is_stopped]
            fitting = [o for o in fitting if not self.model.is_closed(o)]
            some = fitting if fitting and self.random.random() < 0.8 else orders
            return getattr(self, name)(self.random.choice(some[-4:]))
        grants = self.model.grants()
        if name == "move_votes":
            return self.move_votes()
        if not grants or (name == "apply" and len(grants) < 3):
            return self.apply()
        name = "submit" if name == "apply" else name
        name = f"{name}_budget" if name == "return" else name
        fitting = [grant for grant in grants if self.fits(name, grant)]
        if fitting and self.random.random() < 0.9:
            grants = fitting
        chosen = getattr(self, name)(self.random.choice(grants))
        assert isinstance(chosen, Attempt)
        return chosen

    def fits(self, name: str, grant: int) -> bool:
        """Whether this step is likely to say something about a grant now."""
        model = self.model
        if name in ("approve", "return_budget"):
            return (model.approval(grant) is None) == (name == "approve")
        if model.state(grant, now()) != ACTIVE:
            return False
        if name == "order":
            return any(model.terms(grant).unlocked) and model.may_order(grant, now())
        if name in ("object", "withdraw", "decide"):
            return model.in_review(grant, now()) is not None
        if name == "submit" and model.in_review(grant, now()) is None:
            return now() >= model.ready_at(grant, now())
        return name != "submit"

    # --- steps: terms ---

    def apply(self) -> Attempt:
        terms = self.random_terms()
        for _ in range(400):
            if not self.model.of_terms(terms):
                break
            if len(self.model.of_terms(terms)) == 1 and self.random.random() < 0.02:
                break
            terms = self.random_terms()
        milestones = [
            kit.milestone_terms(amount, due, stream_seconds=stream, compute_unlocked=unlocked)
            for amount, due, stream, unlocked in zip(
                terms.amounts, terms.dues, terms.streams, terms.unlocked, strict=True
            )
        ]
        changes = {
            "kind": self.random.choice((kit.DATA, kit.EVALUATION, kit.SERVING)),
            "purpose": terms.purpose,
            "bond": terms.bond,
            "carbon_budget_grams": terms.carbon,
            "max_price_per_gpu_hour": terms.max_price,
            "max_compute_per_day": terms.max_day,
            "milestones": milestones,
            "split": [],
        }

        def record(grant: int) -> None:
            assert grant == len(self.model.grants()) + 1
            self.model.record(now(), "applied", grant=grant, terms=terms)

        call = lambda: self.world.apply(recipient=terms.recipient, **changes)  # noqa: E731
        return Attempt("apply", self.model.of_terms(terms), call, record)

    def random_terms(self) -> Any:
        pick, some = self.random.choice, self.random.randint
        count, unit = some(3, 6), pick((1, 31 * USDC + 1, 31 * USDC + 1))
        amounts = [some(900, 1_300) * unit + some(0, unit) for _ in range(count)]
        amounts[-1] = pick((amounts[-1], -(-sum(amounts[:-1]) // 9)))
        unlocked = [0] * count
        if self.random.random() < 0.85:
            unlocked = [some(100, 900) * unit for _ in range(count - 1)] + [pick((0, 77 * unit))]
        else:
            amounts = pick((amounts, [amounts[0]] * count))
        bond = -(-(sum(amounts) + sum(unlocked)) // 10) - pick((0, 0, 0, -1, -unit, 1))
        if any(unlocked):
            unlocked[0] = min(unlocked[0], (100 * bond + 15 * sum(unlocked[1:])) // 85)
            unlocked[0] += pick((0, 0, 0, 1))
        dues = [28 * DAY + pick((0, 5 * DAY, 5 * DAY, -1))]
        for _ in range(count - 1):
            dues.append(dues[-1] + 14 * DAY + pick((0, 1, 15 * DAY, 15 * DAY, 30 * DAY, -1)))
        per_day = PRICE * 24 * 8 if unit > 1 else 7 * 24
        gpus, seconds = STANDARD_LEASE
        exact = gpus * seconds * 700 * 12_000 * 400 // (BPS * 3_600 * 1_000)
        return SimpleNamespace(
            recipient=pick(self.builders),
            purpose=pick((GRANTS_PURPOSE, GRANTS_PURPOSE, SMALL_PURPOSE)),
            bond=bond,
            carbon=pick((0, 0, exact, exact - 1)) if any(unlocked) else 0,
            max_price=pick((PRICE, PRICE, PRICE - 1)),
            max_day=max(1, min(per_day, sum(unlocked) // 7)) + pick((0, 0, 0, 1)),
            amounts=amounts,
            dues=dues,
            streams=[pick((0, 0, 1, 9 * DAY, 33 * DAY + 7)) for _ in amounts],
            unlocked=unlocked,
        )

    def approve(self, grant: int) -> Attempt:
        world, sender = self.world, self.anyone(self.world.owner)
        review, bps = (
            self.random.choice((DAY, 7 * DAY)),
            self.random.choice((100, 100, 100, 137, 500)),
        )
        is_beyond = self.random.random() < 0.3
        name = "approve_beyond_cap" if is_beyond else "approve"

        def call() -> None:
            world.grants.set_review_seconds(review, sender=world.owner)
            world.grants.set_objection_bps(bps, sender=world.owner)
            terms_hash = world.applications.terms_hash(grant)
            getattr(world.grants, name)(grant, terms_hash, sender=sender)

        reasons = self.model.of_approval(grant, now(), sender, is_beyond)
        record = self.noted("approved", grant=grant, review=review, bps=bps)
        return Attempt(name, reasons, call, record)

    def bond(self, grant: int) -> Attempt:
        payer = self.world.stranger
        call = lambda: self.world.grants.post_bond(grant, sender=payer)  # noqa: E731
        amount = self.model.terms(grant).bond
        record = self.noted("bonded", grant=grant, payer=payer, amount=amount)
        return Attempt("bond", self.model.of_bond(grant, now()), call, record)

    # --- steps: milestones ---

    def submit(self, grant: int) -> Attempt:
        model, world = self.model, self.world
        sender = self.anyone(model.recipient(grant))
        evidence = self.random.choice(HASHES)
        arguments = (grant, evidence, "ipfs://evidence", 0, 0, 0)

        def record(_: Any) -> None:
            milestone = model.in_turn(grant, now())
            before = model.submission(grant, milestone)
            carbon = model.terms(grant).carbon
            facts = {
                "grant": grant,
                "milestone": milestone,
                "number": before.number + 1 if before else 1,
                "needs_vote": 0 < carbon < model.carbon_grams(grant),
                "evidence": evidence,
            }
            model.record(now(), "submitted", **facts)

        reasons = model.of_submission(grant, now(), sender)
        return Attempt(
            "submit", reasons, lambda: world.grants.submit(*arguments, sender=sender), record
        )

    def reviewed(self, grant: int) -> tuple[int, int]:
        """Mostly the milestone under review and the number of its submission."""
        if self.model.approval(grant) is None:
            return 1, 1
        milestone = self.model.in_turn(grant, now())
        if self.random.random() < 0.1:
            milestone = self.random.randint(1, self.model.length(grant))
        milestone = min(milestone, self.model.length(grant))
        submission = self.model.submission(grant, milestone)
        return milestone, submission.number if submission else 1

    def withdraw(self, grant: int) -> Attempt:
        sender = self.anyone(self.model.recipient(grant))
        milestone, number = self.in_turn_and_number(grant)
        record = self.noted("withdrawn", grant=grant, milestone=milestone, number=number)
        reasons = self.model.of_withdrawal(grant, now(), sender)
        call = lambda: self.world.grants.withdraw_submission(grant, sender=sender)  # noqa: E731
        return Attempt("withdraw", reasons, call, record)

    def in_turn_and_number(self, grant: int) -> tuple[int, int]:
        if self.model.approval(grant) is None:
            return 1, 0
        milestone = self.model.in_turn(grant, now())
        submission = self.model.submission(grant, milestone)
        return milestone, submission.number if submission else 0

    def object(self, grant: int) -> Attempt:
        model, world = self.model, self.world
        milestone, number = self.reviewed(grant)
        few = self.voters[:-1]
        sender = self.random.choice((*few, *few, *few, world.guardian, world.owner, *self.voters))
        reviewed = model.submission(grant, milestone)
        exact = [voter for voter in few if reviewed and self.is_at_threshold(reviewed, voter)]
        if exact and self.random.random() < 0.6:
            sender = self.random.choice(exact)
        reasons = model.of_objection(grant, milestone, now(), sender)

        def record(_: Any) -> None:
            facts = {
                "grant": grant,
                "milestone": milestone,
                "number": number,
                "account": sender,
                "votes": model.votes(sender, reviewed.at - 1),
                "alone": model.reaches_alone(sender, now()),
            }
            model.record(now(), "objected", **facts)

        call = lambda: world.grants.object(grant, milestone, HASHES[0], sender=sender)  # noqa: E731
        return Attempt("object", reasons, call, record)

    def is_at_threshold(self, submission: Any, voter: str) -> bool:
        """Whether the votes of this account make exactly what holds a review or stops it."""
        votes = self.model.votes(voter, submission.at - 1)
        total = (self.model.objection_votes(submission) + votes) * BPS
        bounds = (self.model.approval(submission.grant).bps, kit.DECISIVE_BPS)
        supply = self.model.supply(submission.at - 1)
        return votes > 0 and total in [bound * supply for bound in bounds]

    def decide(self, grant: int) -> Attempt:
        milestone, number = self.reviewed(grant)
        number += self.random.choice((0,) * 9 + (1,))
        pay_bps = self.random.choice((0, 0, 0, 1, 3_333, 9_999, BPS, BPS, BPS + 1))
        sender = self.anyone(self.world.owner)
        arguments = (grant, milestone, number, pay_bps)
        reasons = self.model.of_decision(*arguments, now(), sender)
        facts = {"grant": grant, "milestone": milestone, "number": number, "pay_bps": pay_bps}
        call = lambda: self.world.grants.decide(*arguments, HASHES[1], sender=sender)  # noqa: E731
        return Attempt("decide", reasons, call, self.noted("decided", **facts))

    def draw(self, grant: int) -> Attempt:
        model, second = self.model, now()

        def record(amount: int) -> None:
            assert amount == model.drawable(grant, second)
            is_last = model.is_paid_off(grant, second)
            facts = {
                "grant": grant,
                "account": model.recipient(grant),
                "amount": amount,
                "parts": model.parts(grant, second),
                "to_the_end": model.let_go(grant, second),
                "is_last": is_last,
                "bond": model.terms(grant).bond if is_last else 0,
            }
            model.record(second, "drawn", **facts)

        call = lambda: self.world.grants.draw(grant, sender=self.world.stranger)  # noqa: E731
        return Attempt("draw", model.of_draw(grant, second), call, record)

    def terminate(self, grant: int) -> Attempt:
        sender = self.anyone(self.world.owner)
        reasons = self.model.of_termination(grant, now(), sender)
        call = lambda: self.world.grants.terminate(grant, HASHES[2], sender=sender)  # noqa: E731
        return Attempt("terminate", reasons, call, self.noted("terminated", grant=grant))

    def expire(self, grant: int) -> Attempt:
        call = lambda: self.world.grants.expire(grant, sender=self.world.stranger)  # noqa: E731
        reasons = self.model.of_expiry(grant, now())
        return Attempt("expire", reasons, call, self.noted("expired", grant=grant))

    def move(self, grant: int) -> Attempt:
        sender, milestone = self.anyone(self.world.owner), self.reviewed(grant)[0]
        due_at = self.model.due_at(grant, milestone, now())
        later = self.random.choice((0, 1, DAY, 30 * DAY, 365 * DAY, 365 * DAY + 1))
        new_due_at = self.random.choice((due_at, due_at, max(now(), due_at))) + later
        reasons = self.model.of_move(grant, milestone, new_due_at, now(), sender)
        facts = {"grant": grant, "milestone": milestone, "later_by": new_due_at - due_at}
        arguments = (grant, milestone, new_due_at)
        call = lambda: self.world.grants.move_due(*arguments, sender=sender)  # noqa: E731
        return Attempt("move", reasons, call, self.noted("due moved", **facts))

    # --- steps: votes and recipients ---

    def move_votes(self) -> Attempt:
        """A unit or all from one voter to another, in the second before a submission or at it."""
        sender, to = self.random.sample(self.voters, 2)
        has = self.model.votes(sender, now())
        amount = self.random.choice((min(1, has), has))
        record = self.noted("moved votes", sender=sender, to=to, amount=amount)
        call = lambda: self.world.token.transfer(to, amount, sender=sender)  # noqa: E731
        return Attempt("move votes", set(), call, record)

    def propose(self, grant: int) -> Attempt:
        sender = self.anyone(self.model.recipient(grant))
        chosen = self.random.choice((*self.builders, NOBODY))
        reasons = self.model.of_proposal(grant, sender)
        call = lambda: self.world.grants.propose_recipient(grant, chosen, sender=sender)  # noqa: E731
        return Attempt(
            "propose", reasons, call, self.noted("proposed", grant=grant, account=chosen)
        )

    def name(self, grant: int) -> Attempt:
        sender = self.anyone(self.world.owner)
        chosen = self.random.choice((*self.builders, *self.builders, NOBODY))
        reasons = self.model.of_naming(grant, now(), sender)
        facts = {"grant": grant, "account": chosen}
        record = self.noted("named", **facts, replaces_at=now() + kit.REPLACEMENT_SECONDS)
        call = lambda: self.world.grants.replace_recipient(grant, chosen, sender=sender)  # noqa: E731
        return Attempt("name", reasons, call, record)

    def succeed(self, grant: int) -> Attempt:
        model, pending = self.model, self.model.pending(grant)
        sender = self.anyone(pending.account if pending else self.builders[0])

        def record(_: Any) -> None:
            facts = {"grant": grant, "milestone": 0, "number": 0}
            if model.approval(grant) is not None:
                facts["milestone"], facts["number"] = self.in_turn_and_number(grant)
                if model.in_review(grant, now()) is not None:
                    model.record(now(), "withdrawn", **facts)
                if pending.name == "named" and model.state(grant, now()) == ACTIVE:
                    model.record(now(), "given time", **facts)
            model.record(now(), "succeeded", grant=grant, account=sender)

        reasons = model.of_succession(grant, now(), sender)
        call = lambda: self.world.grants.accept_recipient(grant, sender=sender)  # noqa: E731
        return Attempt("succeed", reasons, call, record)
