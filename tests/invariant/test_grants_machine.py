"""Grants from application to the last draw, beside a plain Python model, in two suites at once.

Builders, providers, holders, guardian and owner (who stands for the Timelock) do the same in both;
a stranger pokes at the second one (P2). After each step: acceptance times never move (I11), paid <=
earned <= amount, ordered + returned <= total, what the Treasury has committed is what milestones,
bonds and budgets say (I21), and neither grants nor escrow hold anything but donations (I18). In the
end everybody leaves (I17), nobody with more than it was owed (I16), in both suites with the same.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.invariant.grants_model import ACTIVE, EXPIRED, TERMINATED, Grant, Step
from tests.invariant.grants_world import (
    BUILDERS,
    CARBON_BUDGET,
    HOLDERS,
    KINDS,
    POCKET,
    PROVIDERS,
    UNLOCKED,
    Twins,
    submit,
)
from tests.invariant.lease_steps import LeaseSteps
from tests.kits.grants import (
    ESCALATION_SECONDS,
    HOUR,
    MILESTONE,
    PHASE_TRAINING,
    REASON,
    TREASURY_FUNDS,
    WHOLE,
    make_report,
)
from tests.support import DAY, now, pass_time, warp_to

MAX_GRANTS = 6
YEAR = 365 * DAY
HANDLERS = (
    *("approve", "post_bond", "submit", "withdraw", "object", "decide", "escalate", "draw"),
    *("order", "draw_voucher", "give_notice", "terminate", "move_due", "hand_over", "challenge"),
)
LAST_HANDLERS = ("expire", "return_budget", "replace", "close_order", "donate")
# Twice what needs to be done before others can follow.
DEEDS = (*HANDLERS, *LAST_HANDLERS, "submit", "order", "draw_voucher")
STATES = {ACTIVE: 4, "completed": 8, TERMINATED: 16, EXPIRED: 32}

picks = st.integers(0, 10**6)
seconds = st.integers(1, 4 * DAY) | st.sampled_from([1, DAY, 5 * DAY, 7 * DAY, 14 * DAY])
OBJECTORS = (*HOLDERS, "guardian")


class GrantsMachine(LeaseSteps, ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.twins = Twins()
        self.quiet = self.twins.quiet
        self.grants: dict[int, Grant] = {}
        self.orders: dict[int, int] = {}
        self.stopped: dict[int, int] = {}
        self.notices: dict[int, tuple[str, int]] = {}
        self.acceptances: dict[tuple[int, int], int] = {}
        self.donated, self.words = 0, 0
        self.begin = [suite.holdings() for suite in self.twins.suites]
        self.votes = self.quiet.token.past_quorum_supply(now() - 1)
        for number in range(3):
            self.start(number)

    # --- choosing ---

    def settle(self) -> None:
        for grant in self.grants.values():
            grant.settle(now())

    def those(self, *conditions: Any) -> list[Grant]:
        """Active grants that meet the conditions."""
        self.settle()
        return [
            grant
            for grant in self.grants.values()
            if grant.state == ACTIVE and all(condition(grant) for condition in conditions)
        ]

    def reviewed(self) -> list[Grant]:
        return self.those(lambda g: g.review is not None)

    def submittable(self) -> list[Grant]:
        """Grants that may submit now, or the first that may, once its time has come."""

        def ready() -> list[Grant]:
            # A minute passes while a model is registered.
            return self.those(lambda g: g.may_submit(now()) and g.may_submit(now() + HOUR))

        found = ready()
        early = self.those(lambda g: g.submits_from() > now() and g.may_submit(g.submits_from()))
        if not found and early:
            warp_to(min(grant.submits_from() for grant in early))
            found = ready()
        return found

    # --- approvals and bonds ---

    def start(self, number: int) -> Grant:
        builder = self.pick(list(BUILDERS), number)
        kind, stream = self.pick(list(KINDS), number), (number % 3) * 50 * DAY
        grant_id = self.twins.apply(builder, kind, stream)
        terms = self.quiet.applications.terms(grant_id)
        steps = [
            Step(item.amount, item.due_seconds, item.stream_seconds, item.compute_unlocked)
            for item in terms.milestones
        ]
        for suite in self.twins.suites:
            suite.approve(grant_id)
        approved_at, grace = self.quiet.grants.approval(grant_id)
        assert approved_at == now()
        grant = Grant(grant_id, builder, steps, terms.bond, now(), kind, grace)
        self.grants[grant_id] = grant
        if number % 4:
            self.bond(grant)
        return grant

    def bond(self, grant: Grant) -> None:
        self.twins.both(lambda s: s.grants.post_bond(grant.number, sender=s.at(grant.builder)))
        grant.is_bonded = True

    def approve(self, number: int) -> None:
        if len(self.grants) < MAX_GRANTS:
            with self.handlers.counts("approve"):
                self.start(number)

    def post_bond(self, number: int) -> None:
        found = self.those(lambda g: not g.is_bonded and now() < g.due_at)
        grant = self.pick(found, number)
        if grant:
            with self.handlers.counts("post_bond"):
                self.bond(grant)

    # --- reviews ---

    def submit(self, number: int) -> None:
        grant = self.pick(self.submittable(), number)
        if grant:
            with self.handlers.counts("submit"):
                self.hand_in(grant, is_challenged=number % 5 == 0)

    def hand_in(self, grant: Grant, is_challenged: bool) -> None:
        named = self.twins.named(grant)
        # A lease that a stranger closed emits no more than was drawn.
        self.twins.sweep([n for n, owner in self.orders.items() if owner == grant.number])
        doubted = is_challenged and named["report"] > 0
        if doubted:
            self.challenge_report(named["report"])
        needs_vote = grant.kind == "carbon" and self.carbon_of(grant) > CARBON_BUDGET
        self.twins.both(lambda s: submit(s, grant, named))
        self.settle()
        grant.submit(now(), needs_vote, doubted)

    def carbon_of(self, grant: Grant) -> int:
        reported = self.quiet.ledger.footprint(MILESTONE, grant.number, PHASE_TRAINING)
        return max(reported.emissions_grams, self.quiet.escrow.carbon_grams(grant.number))

    def some_review(self, number: int) -> Grant | None:
        """A grant in review: if there is none, one that is handed in for it."""
        found = self.reviewed()
        if not found:
            ready = self.pick(self.submittable(), number)
            if ready is None:
                return None
            self.hand_in(ready, is_challenged=False)
            found = [ready]
        return self.pick(found, number)

    def challenge_report(self, report_id: int) -> None:
        self.twins.both(lambda s: s.ledger.challenge(report_id, REASON, sender=s.at("guardian")))

    def challenge(self, number: int) -> None:
        """Of what is under review, or accepted long ago: it moves nothing. If there is no other
        report, one is filed for it."""
        ids = range(1, self.quiet.ledger.report_count() + 1)
        doubtful = [n for n in ids if not self.quiet.ledger.is_challenged(n)]
        grant = self.pick(self.those(), number)
        if not doubtful and grant:
            data = make_report(grant.number, 1)
            by = grant.builder
            doubtful = [self.twins.both(lambda s: s.ledger.report(data, sender=s.at(by)))]
        if doubtful:
            with self.handlers.counts("challenge"):
                self.challenge_report(self.pick(doubtful, number))

    def withdraw(self, number: int) -> None:
        grant = self.some_review(number)
        if grant and number % 3:
            with self.handlers.counts("withdraw"):
                self.twins.both(
                    lambda s: s.grants.withdraw_submission(grant.number, sender=s.at(grant.builder))
                )
                grant.withdraw(now())

    def object(self, number: int) -> None:
        grant = self.some_review(number)
        for who in {self.pick(OBJECTORS, number // 7), self.pick(OBJECTORS, number // 29)}:
            if grant and grant.review and who not in grant.review.objectors:
                with self.handlers.counts("object"):
                    self.raise_objection(grant, who)

    def raise_objection(self, grant: Grant, who: str) -> None:
        assert grant.review
        args = (grant.number, grant.in_turn, REASON)
        self.twins.both(lambda s: s.grants.object(*args, sender=s.at(who)))
        seen_at = grant.review.submitted_at - 1
        votes = self.quiet.token.getPastVotes(self.quiet.at(who), seen_at)
        grant.review.object(who, votes, self.votes, who == "guardian")

    def decide(self, number: int) -> None:
        pay_bps = self.pick([0, 1, 3_333, WHOLE, WHOLE], number // 7)
        grant = self.some_review(number)
        if grant:
            with self.handlers.counts("decide"):
                self.rule_on(grant, pay_bps)

    def rule_on(self, grant: Grant, pay_bps: int) -> None:
        args = (grant.number, grant.in_turn, grant.review.number, pay_bps, REASON)
        self.twins.both(lambda s: s.grants.decide(*args, sender=s.owner))
        grant.decide(now(), pay_bps)

    def escalate(self, number: int) -> None:
        """Proposed and named in one second."""
        grant = self.some_review(number)
        if grant is None or grant.in_turn > 1 or not grant.review or grant.review.held_until:
            return
        if not grant.review.objected and "guardian" not in grant.review.objectors:
            self.raise_objection(grant, "guardian")
        if grant.review.objected:
            with self.handlers.counts("escalate"):
                self.words += 1
                words = f"proposal {self.words}"
                self.twins.propose_rejection(grant, words)
                args = (grant.number, 1, 0, REASON, words)
                self.twins.both(lambda s: s.name_proposal(*args))
                window = max(ESCALATION_SECONDS, self.quiet.grants.vote_seconds())
                end = grant.review.submitted_at + 7 * DAY
                grant.review.held_until = max(now(), end) + window

    # --- payments and ends ---

    def draw_in_both(self, grant: Grant) -> None:
        """Of the poked suite it may have been drawn already."""
        assert self.twins.each(lambda s: s.grants.draw(grant.number))[0]
        grant.draw(now())

    def draw(self, number: int) -> None:
        self.settle()
        found = [g for g in self.grants.values() if g.drawable(now()) > 0]
        if found:
            with self.handlers.counts("draw"):
                self.draw_in_both(self.pick(found, number))

    def terminate(self, number: int) -> None:
        """Not of what only waits to be drawn: a stranger's draw would save its bond."""
        grant = self.pick(self.those(lambda g: not g.all_accepted), number)
        if grant and number % 4 == 0:
            with self.handlers.counts("terminate"):
                args = (grant.number, REASON)
                self.twins.both(lambda s: s.grants.terminate(*args, sender=s.owner))
                grant.end(now(), TERMINATED)

    def expire(self, number: int) -> None:
        self.settle()
        grant = self.pick([g for g in self.grants.values() if g.may_expire(now())], number)
        if grant:
            with self.handlers.counts("expire"):
                self.end_by_time(grant)

    def end_by_time(self, grant: Grant) -> None:
        self.twins.both(lambda s: s.grants.expire(grant.number, sender=s.at("stranger")))
        grant.end(now(), EXPIRED)

    def move_due(self, number: int) -> None:
        found = self.those(lambda g: g.review is None and not g.all_accepted)
        grant = self.pick(found, number)
        if grant and number % 2:
            new_due_at = max(grant.due_at, now()) + 1 + number % (60 * DAY)
            if new_due_at > grant.due_at + YEAR:
                return
            with self.handlers.counts("move_due"):
                args = (grant.number, grant.in_turn, new_due_at)
                self.twins.both(lambda s: s.grants.move_due(*args, sender=s.owner))
                grant.move_due(new_due_at)

    def hand_over(self, number: int) -> None:
        """What was released goes to who built, before the other one takes over."""
        found = self.those(lambda g: g.review is None and g.number not in self.notices)
        grant, heir = self.pick(found, number), self.pick(list(BUILDERS), number)
        if grant:
            with self.handlers.counts("hand_over"):
                if grant.drawable(now()) > 0:
                    self.draw_in_both(grant)
                number, old = grant.number, grant.builder
                self.twins.both(
                    lambda s: s.grants.propose_recipient(number, s.at(heir), sender=s.at(old))
                )
                self.twins.both(lambda s: s.grants.accept_recipient(number, sender=s.at(heir)))
                grant.builder = heir

    def replace(self, number: int) -> None:
        """A vote names a successor; two weeks later it takes its place."""
        self.settle()
        for grant_id, (heir, since) in list(self.notices.items()):
            grant = self.grants[grant_id]
            if now() >= since + 14 * DAY:
                with self.handlers.counts("replace"):
                    if grant.drawable(now()) > 0:
                        self.draw_in_both(grant)
                    self.twins.both(
                        lambda s, n=grant_id, who=heir: s.grants.accept_recipient(
                            n, sender=s.at(who)
                        )
                    )
                    grant.succeed(heir, now())
                    del self.notices[grant_id]
                return
        grant, heir = self.pick(self.those(), number), self.pick(list(BUILDERS), number)
        if grant and grant.number not in self.notices:
            self.twins.both(
                lambda s: s.grants.replace_recipient(grant.number, s.at(heir), sender=s.owner)
            )
            self.notices[grant.number] = (heir, now())

    # --- others ---

    def donate(self, number: int) -> None:
        amount = number + 1
        with self.handlers.counts("donate"):
            for suite in self.twins.suites:
                for contract in (suite.grants, suite.escrow):
                    suite.asset.mint(contract, amount)
            self.donated += amount

    @rule(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), picks), min_size=4, max_size=8))
    def act(self, deeds: list[tuple[str, int]]) -> None:
        """A rule for each would be left out of most examples: hypothesis switches rules off."""
        for name, number in deeds:
            getattr(self, name)(number)

    @rule(time=seconds)
    def wait(self, time: int) -> None:
        pass_time(time)
        self.twins.poke(list(self.orders), list(self.grants))

    # --- what holds ---

    @invariant()
    def grants_are_the_models(self) -> None:
        self.settle()
        for suite in self.twins.suites:
            for grant in self.grants.values():
                self.check(suite, grant)
            self.check_money(suite)

    def check(self, suite: Any, grant: Grant) -> None:
        contract = suite.grants
        if suite is self.quiet:
            assert contract.state(grant.number) == STATES[grant.state]
            assert contract.drawable(grant.number) == grant.drawable(now())
        assert contract.recipient(grant.number) == suite.at(grant.builder)
        assert contract.milestone_in_turn(grant.number) == grant.in_turn
        for number, step in enumerate(grant.steps, 1):
            found = contract.milestone(grant.number, number)
            assert found.paid <= found.earned <= found.amount == step.amount
            if number < grant.in_turn:
                second, earned = grant.accepted[number - 1]
                assert (found.accepted_at, found.earned) == (second, earned)
                key = (grant.number, number)
                assert self.acceptances.setdefault(key, second) == second
            else:
                assert found.accepted_at == found.earned == 0
            if number == grant.in_turn and grant.state == ACTIVE:
                accepts_at = grant.review.accepts_at() if grant.review else 0
                assert (found.accepts_at, found.due_at) == (accepts_at, grant.due_at)

    def check_money(self, suite: Any) -> None:
        """I21 and I18. What a stranger drew first is not in the model of the poked suite."""
        committed = 0
        for grant in self.grants.values():
            budget = suite.escrow.budget(grant.number)
            assert budget.ordered + budget.returned <= budget.total
            orders = [suite.escrow.order_of(n) for n, g in self.orders.items() if g == grant.number]
            assert budget.ordered == sum(order.reserved for order in orders)
            assert all(order.paid <= order.reserved for order in orders)
            committed += budget.total - budget.returned - sum(order.paid for order in orders)
            if suite is self.quiet:
                committed += grant.committed(now())
            else:
                ids = suite.grants.commitments(grant.number)
                committed += sum(suite.treasury.commitment(n).remaining for n in ids if n)
        assert suite.committed() == committed
        assert committed + suite.free() == suite.asset.balanceOf(suite.treasury)
        for contract in (suite.grants, suite.escrow):
            assert suite.asset.balanceOf(contract) == self.donated

    # --- everybody leaves ---

    def check_at_end(self) -> None:
        self.settle()
        for order_id in self.drawable_orders():
            self.collect(order_id)
        for _ in range(2):
            pass_time(3 * YEAR)
            self.settle()
            for grant in self.reviewed():
                self.rule_on(grant, WHOLE)
            pass_time(3 * YEAR)
            for grant in self.grants.values():
                if grant.may_expire(now()):
                    self.end_by_time(grant)
        for grant in self.grants.values():
            self.twins.each(lambda s, n=grant.number: s.grants.draw(n))
            grant.draw(now())
            assert grant.is_over
        for suite in self.twins.suites:
            for order_id in self.orders:
                suite.attempt("escrow", "give_notice", order_id)
                suite.attempt("escrow", "close_order", order_id)
            for grant in self.grants.values():
                suite.attempt("escrow", "return_budget", grant.number)
            assert all(suite.escrow.order_of(n).is_closed for n in self.orders)
            assert suite.committed() == 0
            self.check(suite, self.grants[1])
        self.check_wallets()

    def check_wallets(self) -> None:
        """Everybody has what the model says, and the stranger nothing; the poked suite agrees."""
        quiet, poked = (suite.holdings() for suite in self.twins.suites)
        assert quiet == poked
        assert quiet["stranger"] == quiet["guardian"] == quiet["owner"] == 0
        assert self.quiet.free() == quiet["treasury"]
        bonded = sum(g.bond for g in self.grants.values() if g.is_bonded)
        returned = sum(g.bond for g in self.grants.values() if g.state == "completed")
        earned = sum(sum(g.paid) for g in self.grants.values())
        compute = sum(self.quiet.escrow.order_of(n).paid for n in self.orders)
        builders = sum(quiet[name] for name in BUILDERS)
        assert builders == len(BUILDERS) * POCKET - bonded + returned + earned
        assert sum(quiet[name] for name in PROVIDERS) + quiet["rewards"] == compute
        assert quiet["treasury"] == TREASURY_FUNDS + bonded - returned - earned - compute
        for grant in self.grants.values():
            assert grant.paid == grant.released(now())
            of_grant = [
                self.quiet.escrow.order_of(n).paid
                for n, g in self.orders.items()
                if g == grant.number
            ]
            assert sum(of_grant) <= 2 * UNLOCKED


def test_grants_machine():
    run_machine(GrantsMachine, examples=4, steps=30)
    tried = GrantsMachine.handlers.tried.keys()
    assert set(HANDLERS) <= tried <= {*HANDLERS, *LAST_HANDLERS}
