"""I9 and I10: whatever happens to however many rounds at once, each contributor can leave with
exactly its refund or its tokens; the contract holds what it owes, and donations."""

from collections.abc import Callable
from functools import partial
from typing import Any

import boa
from eth_account import Account
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.invariant.counting import HandlerCount, run_machine
from tests.invariant.rounds_model import RoundModel
from tests.support import DAY, account, fresh_chain, fund_and_approve, now, pass_time, warp_to
from tests.unit.funding.rounds_support import (
    FINALIZE_SECONDS,
    TOKEN,
    State,
    deploy_rounds_suite,
    sign_permit,
)

CONTRIBUTORS = 7
MOST_ROUNDS = 8
# Half a dollar, a seventh of a unit, and prices at which units mint less than a token wei.
PRICES = [500_000, TOKEN // 7, 3 * TOKEN, 1_000 * TOKEN + 1]

who_indexes = st.integers(0, CONTRIBUTORS - 1)
round_picks = st.integers(0, MOST_ROUNDS - 1)
# Who, how much above the minimum in per cent of the cap, and how it is allowed.
offer_lists = st.lists(
    st.tuples(
        who_indexes,
        st.one_of(st.integers(0, 30), st.integers(0, 30), st.just(200)),
        st.sampled_from(["approval", "permit", "front-run permit"]),
    ),
    min_size=3,
    max_size=6,
)


class RoundMachine(RuleBasedStateMachine):
    handlers = HandlerCount()

    def __init__(self) -> None:
        super().__init__()
        self.chain = fresh_chain()
        self.chain.__enter__()
        self.suite = deploy_rounds_suite(account("governance"), minter_cap=2**95)
        self.guardian = account("guardian")
        self.suite.rounds.set_guardian(self.guardian, now() + 366 * DAY, sender=self.suite.owner)
        signers = [Account.from_key(bytes([i + 1]) * 32) for i in range(CONTRIBUTORS)]
        self.signers = {signer.address: signer for signer in signers}
        self.contributors = list(self.signers)
        self.models: dict[int, RoundModel] = {}
        self.donated = {self.suite.asset.address: 0, self.suite.token.address: 0}
        self.tokens: dict[str, int] = dict.fromkeys(self.contributors, 0)
        self.refunds: dict[str, int] = dict.fromkeys(self.contributors, 0)

    # --- helpers ---

    def attempt(self, name: str, allowed: bool, call: Callable[[], Any]) -> Any:
        """Counts `call` as handler `name`; it must succeed if `allowed` and revert if not."""
        succeeded, result = False, None
        with self.handlers.counts(name):
            result = call()
            succeeded = True
        assert succeeded == allowed, f"{name} should {'succeed' if allowed else 'revert'}"
        return result if succeeded else None

    def pick(self, index: int, states: State) -> int | None:
        """A round in one of `states`, if there is one."""
        found = [i for i, model in self.models.items() if model.state(now()) in states]
        return found[index % len(found)] if found else None

    def is_paused(self) -> bool:
        return now() < self.suite.rounds.paused_until()

    def resume(self) -> None:
        """Ends a pause, so that it does not starve the other handlers."""
        if self.is_paused():
            self.suite.rounds.unpause(sender=self.suite.owner)

    # --- rounds ---

    @initialize()
    def open_two(self) -> None:
        for price in PRICES[:2]:
            self.open_usual(price, pro_rata=price == PRICES[0])

    def open_usual(self, price: int, pro_rata: bool = False) -> None:
        """At every other price the goal is hard to reach."""
        goal = 90 if price in PRICES[1::2] else 20
        usual = {"least": 1, "most": 0, "wait": 0, "length": 10 * DAY}
        self.open_round(price, units=5_000, goal=goal, pro_rata=pro_rata, **usual)

    @rule(
        price=st.sampled_from(PRICES),
        units=st.integers(1, 10_000),
        goal=st.integers(1, 100),
        least=st.integers(1, 30),
        most=st.sampled_from([0, 0, 0, 60]),
        wait=st.sampled_from([0, 0, 1, 5 * DAY]),
        length=st.sampled_from([1, 10 * DAY, 10 * DAY, 40 * DAY]),
        pro_rata=st.booleans(),
    )
    def open_round(
        self,
        price: int,
        units: int,
        goal: int,
        least: int,
        most: int,
        wait: int,
        length: int,
        pro_rata: bool,
    ) -> None:
        """`goal`, `least` and `most` are per cent of the cap, which is worth `units` sales."""
        if len(self.models) == MOST_ROUNDS:
            return
        smallest = -(-price // TOKEN)  # that mints at least one token wei
        hard_cap = units * smallest + units % 3
        min_contribution = max(smallest, hard_cap * least // 100)
        terms = self.suite.terms(
            price=price,
            hard_cap=hard_cap,
            soft_goal=max(1, hard_cap * goal // 100),
            min_contribution=min_contribution,
            max_contribution=most and max(min_contribution, hard_cap * most // 100),
            starts_at=now() + wait,
            ends_at=now() + wait + length,
            is_pro_rata=pro_rata,
        )
        self.resume()
        round_id = self.attempt("open_round", True, lambda: self.suite.open(**terms))
        self.models[round_id] = RoundModel(terms)

    @rule(index=round_picks, first=who_indexes, people=st.integers(1, 3))
    def conclude(self, index: int, first: int, people: int) -> None:
        """Takes two rounds that are over a step further; what their state forbids is refused."""
        over = State.SUCCEEDED | State.FINALIZED | State.FAILED | State.CANCELLED
        for number in index, index + 1:
            round_id = self.pick(number, over)
            if round_id is not None:
                self.conclude_round(round_id, first, people)

    def conclude_round(self, round_id: int, first: int, people: int) -> None:
        model, rounds, someone = self.models[round_id], self.suite.rounds, self.contributors[first]
        state = model.state(now())
        if state != State.SUCCEEDED:
            with boa.reverts("round has not succeeded"):
                rounds.finalize(round_id)
        if state != State.FINALIZED:
            with boa.reverts("round is not finalized"):
                rounds.claim(round_id, someone)
        if state not in State.FAILED | State.CANCELLED:
            with boa.reverts("round is not refundable"):
                rounds.refund(round_id, someone)
        if state == State.SUCCEEDED:
            self.attempt("finalize", True, lambda: rounds.finalize(round_id))
            model.finalized = model.released = True
        elif state == State.FINALIZED:
            self.settle("claim", round_id, first, people)
        else:
            self.settle("refund", round_id, first, people)

    @rule(index=round_picks, kind=st.sampled_from(["cancel", "release", "donate", "skim", "pause"]))
    def disturb(self, index: int, kind: str) -> None:
        """What happens now and then, in one rule so that it does not crowd out the others."""
        getattr(self, kind)(index)

    def cancel(self, index: int) -> None:
        round_id = self.pick(index, State.PENDING | State.OPEN | State.SUCCEEDED)
        if round_id is None:
            return
        cancel = self.suite.rounds.cancel
        self.attempt("cancel", True, lambda: cancel(round_id, sender=self.suite.owner))
        self.models[round_id].cancelled = self.models[round_id].released = True

    def release(self, index: int) -> None:
        round_id = self.pick(index, State.FAILED | State.CANCELLED)
        if round_id is None:
            return
        model = self.models[round_id]
        release = self.suite.rounds.release_reservation
        released = self.attempt("release", True, lambda: release(round_id))
        assert released == model.tokens_reserved()
        model.released = True

    def donate(self, index: int) -> None:
        """To make the amount differ from all others it depends on what came before."""
        asset, donor = self.suite.asset, self.contributors[index % CONTRIBUTORS]
        amount = 7 + 10**index + self.donated[asset.address]
        asset.mint(self.suite.rounds, amount)
        self.donated[asset.address] += amount
        tokens = self.tokens[donor] // 2
        self.suite.token.transfer(self.suite.rounds, tokens, sender=donor)
        self.tokens[donor] -= tokens
        self.donated[self.suite.token.address] += tokens

    def skim(self, index: int) -> None:
        asset = self.suite.asset if index % 2 else self.suite.token
        skim, sink = self.suite.rounds.skim, self.suite.owner
        amount = self.attempt("skim", True, lambda: skim(asset, sink, sender=self.suite.owner))
        assert amount == self.donated[asset.address]
        self.donated[asset.address] = 0

    def pause(self, _: int) -> None:
        rounds = self.suite.rounds
        if not rounds.paused_until() or now() >= rounds.paused_until() + 14 * DAY:
            self.attempt("pause", True, lambda: rounds.pause(sender=self.guardian))

    @rule(seconds=st.one_of(st.none(), st.integers(0, 5 * DAY)))
    def travel(self, seconds: int | None) -> None:
        """Some time, or to the last second before the next edge in any round's life, or onto it."""
        if seconds is not None:
            pass_time(seconds)
            return
        terms = [model.terms for model in self.models.values()]
        edges = [edge for t in terms for edge in (t["starts_at"], t["ends_at"])]
        edges += [t["ends_at"] + FINALIZE_SECONDS for t in terms]
        if nexts := [edge for edge in edges if edge > now()]:
            warp_to(max(min(nexts) - 1, min(now() + 1, min(nexts))))

    # --- contributors ---

    @rule(index=round_picks, offers=offer_lists)
    def contribute(self, index: int, offers: list[tuple[int, int, str]]) -> None:
        if self.pick(index, State.OPEN) is None:
            self.open_usual(PRICES[index % len(PRICES)])
        for who, part, way in offers:
            round_id = self.pick(index, State.OPEN)
            if round_id is None:
                return
            model = self.models[round_id]
            amount = model.terms["min_contribution"] + model.terms["hard_cap"] * part // 100
            contributor = self.willing(model, who, amount)
            if way == "approval":
                call = self.with_approval(round_id, contributor, amount)
            else:
                call = self.with_permit(round_id, contributor, amount, way == "front-run permit")
            if self.is_paused():
                with boa.reverts("paused"):
                    call()
                self.resume()
            taken = model.taken(contributor, amount)
            assert self.attempt(way, taken > 0, call) == (taken or None)
            model.paid[contributor] += taken
            self.empty_wallet(contributor)

    def willing(self, model: RoundModel, who: int, amount: int) -> str:
        """Number `who`, or the next one whose maximum leaves room for `amount`, if any."""
        queue = self.contributors[who:] + self.contributors[:who]
        return next((account for account in queue if model.taken(account, amount)), queue[0])

    def with_approval(self, round_id: int, contributor: str, amount: int) -> Callable[[], int]:
        rounds = self.suite.rounds
        fund_and_approve(self.suite.asset, contributor, rounds, amount)
        return lambda: rounds.contribute(round_id, amount, sender=contributor)

    def with_permit(
        self, round_id: int, contributor: str, amount: int, front_run: bool
    ) -> Callable[[], int]:
        asset, rounds = self.suite.asset, self.suite.rounds
        asset.mint(contributor, amount)
        permit = sign_permit(asset, self.signers[contributor], rounds.address, amount, now())
        if front_run:
            asset.permit(contributor, rounds, amount, now(), *permit)
        return lambda: rounds.contribute_with_permit(
            round_id, amount, amount, now(), *permit, sender=contributor
        )

    def empty_wallet(self, contributor: str) -> None:
        """Sends away what was not taken, so that wallets hold refunds only."""
        asset = self.suite.asset
        rest = asset.balanceOf(contributor) - self.refunds[contributor]
        asset.transfer(self.suite.owner, rest, sender=contributor)

    def settle(self, name: str, round_id: int, first: int, people: int) -> None:
        """Claims or refunds for some, in any order; whoever has nothing to get is refused."""
        model = self.models[round_id]
        call = getattr(self.suite.rounds, name)
        for who in range(first, first + people):
            contributor = self.contributors[who % CONTRIBUTORS]
            if not model.pending(contributor):
                with boa.reverts("nothing to settle"):
                    call(round_id, contributor)
                continue
            got = self.attempt(name, True, partial(call, round_id, contributor))
            self.book_settlement(name, model, contributor, got)

    def book_settlement(self, name: str, model: RoundModel, contributor: str, got: int) -> None:
        paid = model.paid[contributor]
        if name == "claim":
            assert got == model.tokens_of(contributor)
            self.tokens[contributor] += got
            self.refunds[contributor] += model.surplus(contributor)
        else:
            assert got == paid
            self.refunds[contributor] += got
            model.released = True
        model.settled.add(contributor)
        if model.finalized and model.settled == model.paid.keys():
            self.donated[self.suite.asset.address] += model.surplus_left()

    # --- invariants ---

    @invariant()
    def books_match(self) -> None:
        rounds, models = self.suite.rounds, self.models.values()
        assert rounds.tokens_reserved() == sum(model.tokens_reserved() for model in models)
        for asset, owed in (
            (self.suite.asset, sum(model.asset_owed() for model in models)),
            (self.suite.token, sum(model.tokens_outstanding() for model in models)),
        ):
            assert rounds.accounted(asset) == owed
            assert asset.balanceOf(rounds) == owed + self.donated[asset.address]

    @invariant()
    def rounds_match(self) -> None:
        for round_id, model in self.models.items():
            stored = self.suite.rounds.round(round_id)
            assert self.suite.state(round_id) == model.state(now())
            assert stored.raised == model.raised
            assert model.terms["is_pro_rata"] or model.raised <= model.terms["hard_cap"]
            assert stored.contributors == len(model.paid)
            assert stored.paid_settled == model.settled_amount
            assert stored.tokens_minted == (
                model.tokens_for(model.accepted) if model.finalized else 0
            )

    @invariant()
    def contributors_match(self) -> None:
        for contributor in self.contributors:
            assert self.suite.asset.balanceOf(contributor) == self.refunds[contributor]
            assert self.suite.token.balanceOf(contributor) == self.tokens[contributor]
            assert self.suite.token.getVotes(contributor) == self.tokens[contributor]

    @invariant()
    def proceeds_are_at_the_treasury(self) -> None:
        proceeds = sum(model.proceeds for model in self.models.values() if model.finalized)
        assert self.suite.treasury.free(2, self.suite.asset) == proceeds

    # --- the end ---

    def teardown(self) -> None:
        try:
            self.everybody_leaves()
        finally:
            self.chain.__exit__(None, None, None)

    def everybody_leaves(self) -> None:
        """Half of the successes expire unfinalized; each gets all of its refund or tokens."""
        rounds = self.suite.rounds
        for round_id, model in self.models.items():
            if round_id % 2 and model.state(now()) == State.SUCCEEDED:
                rounds.finalize(round_id)
                model.finalized = model.released = True
        pass_time(1_000 * DAY)
        for round_id, model in self.models.items():
            assert tuple(rounds.round(round_id).terms) == tuple(model.terms.values())
            for contributor in model.paid:
                paid = model.pending(contributor)
                kept = model.paid[contributor] if model.finalized else paid
                assert rounds.contribution(round_id, contributor) == kept
                claimable = model.tokens_of(contributor) if model.finalized and paid else 0
                assert rounds.claimable(round_id, contributor) == claimable
                back = model.surplus(contributor) if model.finalized else paid
                assert rounds.refundable(round_id, contributor) == (back if paid else 0)
                if paid:
                    name = "claim" if model.finalized else "refund"
                    call = partial(getattr(rounds, name), round_id, contributor)
                    got = self.attempt(name, True, call)
                    self.book_settlement(name, model, contributor, got)
            model.settled |= model.paid.keys()
            assert model.asset_owed() == model.tokens_outstanding() == 0
        self.books_match()
        self.contributors_match()
        for contributor in self.contributors:
            refunds = [
                model.surplus(contributor) if model.finalized else model.paid[contributor]
                for model in self.models.values()
                if model.paid[contributor]
            ]
            assert self.refunds[contributor] == sum(refunds)


def test_round_machine__any_history__everybody_leaves_whole():
    run_machine(RoundMachine, examples=20, steps=30)
