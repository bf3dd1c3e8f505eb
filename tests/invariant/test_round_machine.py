"""I9, I10 and I10a: whatever happens to however many rounds and wind-downs at once, each
contributor can leave with exactly its refund, its tokens or its part of a pool; the contract holds
what it owes, and donations."""

from typing import Any

import boa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.invariant.counting import HandlerCount, run_machine
from tests.invariant.rounds_model import RoundModel
from tests.invariant.rounds_world import CONTRIBUTORS, RoundWorld
from tests.kits.funding import EXPIRY_SECONDS, TOKEN, State
from tests.support import DAY, now, pass_time, warp_to

MOST_ROUNDS = 8
# Half a dollar, a seventh of a unit, and prices at which units mint less than a token wei.
PRICES = [500_000, TOKEN // 7, 3 * TOKEN, 1_000 * TOKEN + 1]
# Cliff and whole length.
VESTINGS = [(0, 0), (0, 40 * DAY), (0, 0), (5 * DAY, 20 * DAY)]

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


class RoundMachine(RoundWorld):
    handlers = HandlerCount()
    at_end = False
    turn = 0

    # --- rounds ---

    @initialize()
    def open_two(self) -> None:
        """One is over-subscribed and stays open, the other is full."""
        for price in PRICES[:2]:
            self.open_usual(price, pro_rata=price == PRICES[0])
        self.contribute(1, [(3, 60, "approval"), (4, 60, "permit")])
        self.contribute(0, [(0, 60, "approval"), (1, 60, "front-run permit"), (2, 7, "approval")])

    def open_usual(
        self, price: int, pro_rata: bool = False, vesting: tuple[int, int] | None = None
    ) -> None:
        """At every other price the goal is hard to reach."""
        goal = 90 if price in PRICES[1::2] else 20
        usual = {"least": 1, "most": 0, "wait": 0, "length": 10 * DAY, "listed": 0}
        vesting = vesting or VESTINGS[len(self.models) % len(VESTINGS)]
        self.open_round(price, units=5_000, goal=goal, pro_rata=pro_rata, vesting=vesting, **usual)

    @rule(
        price=st.sampled_from(PRICES),
        units=st.integers(1, 10_000),
        goal=st.integers(1, 100),
        least=st.integers(1, 30),
        most=st.sampled_from([0, 0, 0, 60]),
        wait=st.sampled_from([0, 0, 1, 5 * DAY]),
        length=st.sampled_from([1, 10 * DAY, 10 * DAY, 40 * DAY]),
        pro_rata=st.booleans(),
        listed=st.sampled_from([0, 1, 5, 6]),
        vesting=st.sampled_from(VESTINGS),
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
        listed: int,
        vesting: tuple[int, int],
    ) -> None:
        """`goal`, `least` and `most` are per cent of the cap, which is worth `units` sales; the
        last `listed` contributors are on the allow-list, 0 for no list."""
        if len(self.models) == MOST_ROUNDS:
            return
        smallest = -(-price // TOKEN)  # that mints at least one token wei
        hard_cap = units * smallest + units % 3
        min_contribution = max(smallest, hard_cap * least // 100)
        names = tuple(self.contributors[CONTRIBUTORS - listed :])
        terms = self.suite.terms(
            price=price,
            hard_cap=hard_cap,
            soft_goal=max(1, hard_cap * goal // 100),
            min_contribution=min_contribution,
            max_contribution=most and max(min_contribution, hard_cap * most // 100),
            starts_at=now() + wait,
            ends_at=now() + wait + length,
            purpose=self.suite.treasury.purpose_count() + 1,
            is_pro_rata=pro_rata,
            allow_list_root=self.list_of(len(self.models) + 1, names).root if names else b"\0" * 32,
            cliff_seconds=vesting[0],
            vesting_seconds=vesting[1],
        )
        round_id = self.attempt("open_round", True, lambda: self.suite.open(**terms))
        self.models[round_id] = RoundModel(terms, names, ends_at=terms["ends_at"])

    @rule(index=round_picks, first=who_indexes, people=st.integers(1, 4), batch=st.booleans())
    def conclude(self, index: int, first: int, people: int, batch: bool) -> None:
        """Takes two rounds that are over a step further, preferably one that has succeeded and one
        that is finalized; what their state forbids is refused."""
        over = State.SUCCEEDED | State.FINALIZED | State.FAILED | State.CANCELLED
        if self.pick(index, over) is None:
            warp_to(max(now(), min(model.ends_at for model in self.models.values())))
        for wanted in State.SUCCEEDED, State.FINALIZED:
            round_id = self.pick(index, wanted) or self.pick(index, over)
            if round_id is not None:
                self.conclude_round(round_id, first, people, batch)

    def conclude_round(self, round_id: int, first: int, people: int, batch: bool) -> None:
        model, rounds, someone = self.models[round_id], self.suite.rounds, self.contributors[first]
        state = model.state(now())
        is_over_subscribed = state == State.FINALIZED and model.raised > model.terms["hard_cap"]
        if state != State.SUCCEEDED:
            with boa.reverts("round has not succeeded"):
                rounds.finalize(round_id)
        if state != State.FINALIZED:
            with boa.reverts("round is not finalized"):
                rounds.claim(round_id, someone)
            with boa.reverts("redemption is not open"):
                self.suite.redemptions.redeem(round_id, someone, 1, 0, someone, sender=someone)
        if state not in State.FAILED | State.CANCELLED and not is_over_subscribed:
            with boa.reverts("round is not refundable"):
                rounds.refund(round_id, someone)
        people_of = [self.contributors[i % CONTRIBUTORS] for i in range(first, first + people)]
        if state == State.SUCCEEDED:
            self.finalize(round_id)
        elif batch:
            self.settle_batch(
                "claim" if state == State.FINALIZED else "refund", round_id, people_of
            )
        elif is_over_subscribed and people == 1:
            self.settle("refund", round_id, people_of)
        else:
            self.settle("claim" if state == State.FINALIZED else "refund", round_id, people_of)

    @rule(index=round_picks, kind=st.sampled_from(["cancel", "release", "donate", "skim", "pause"]))
    def disturb(self, index: int, kind: str) -> None:
        """What happens now and then, in one rule so that it does not crowd out the others."""
        getattr(self, kind)(index)

    def cancel(self, index: int) -> None:
        round_id = self.pick(index, State.PENDING | State.OPEN | State.SUCCEEDED)
        if round_id is None or index % 2:
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
        amount = 7 + 10**index + self.dust[asset.address]
        asset.mint(self.suite.rounds, amount)
        self.dust[asset.address] += amount
        tokens = self.tokens[donor] // 2
        self.suite.token.transfer(self.suite.rounds, tokens, sender=donor)
        self.tokens[donor] -= tokens
        self.dust[self.suite.token.address] += tokens

    def skim(self, index: int) -> None:
        asset = self.suite.asset if index % 2 else self.suite.token
        skim, sink = self.suite.rounds.skim, self.suite.owner
        amount = self.attempt("skim", True, lambda: skim(asset, sink, sender=self.suite.owner))
        assert amount == self.dust[asset.address]
        self.dust[asset.address] = 0

    def pause(self, _: int) -> None:
        rounds = self.suite.rounds
        if not rounds.paused_until() or now() >= rounds.paused_until() + 14 * DAY:
            meets = [m for m in self.models.values() if now() < m.ends_at]
            self.attempt("pause", True, lambda: rounds.pause(sender=self.guardian))
            self.pause_over(meets, now())

    def pause_over(self, meets: list[RoundModel], began: int) -> None:
        """A vote opens a round in it, and ends it after a week; by as much of it as they met rounds
        end later."""
        pass_time(3 * DAY)
        known = len(self.models)
        self.open_usual(PRICES[known % len(PRICES)], vesting=(0, 0))
        meets += list(self.models.values())[known:]
        pass_time(4 * DAY)
        self.resume()
        for model in meets:
            model.ends_at += max(0, now() - max(began, model.terms["starts_at"]))

    @rule(seconds=st.one_of(st.none(), st.integers(0, 5 * DAY)))
    def travel(self, seconds: int | None) -> None:
        """Some time, or to the last second before the next edge in any round's life, or onto it."""
        if seconds is not None:
            pass_time(seconds)
            return
        edges = [edge for model in self.models.values() for edge in model.edges()]
        edges += [model.wind_down.starts_at for model in self.models.values()]
        if nexts := [edge for edge in edges if edge > now()]:
            warp_to(max(min(nexts) - 1, min(now() + 1, min(nexts))))

    # --- contributors ---

    @rule(index=round_picks, offers=offer_lists)
    def contribute(self, index: int, offers: list[tuple[int, int, str]]) -> None:
        if self.pick(index, State.OPEN) is None:
            self.open_usual(PRICES[index % len(PRICES)], pro_rata=index % 2 == 0)
        for who, part, way in offers:
            round_id = self.pick(index, State.OPEN)
            if round_id is None:
                return
            model = self.models[round_id]
            amount = model.terms["min_contribution"] + model.terms["hard_cap"] * part // 100
            contributor = self.willing(model, who, amount)
            proof = self.proof_of(round_id, contributor)
            if way == "approval":
                call = self.with_approval(round_id, contributor, amount, proof)
            else:
                call = self.with_permit(
                    round_id, contributor, amount, proof, front_run=way == "front-run permit"
                )
            if self.is_paused():
                with boa.reverts("paused"):
                    call()
                self.resume()
            self.refuse_strangers(round_id, who, amount, proof)
            taken = model.taken(contributor, amount)
            assert self.attempt(way, taken > 0, call) == (taken or None)
            if taken:
                model.paid[contributor] += taken
            self.empty_wallet(contributor)

    def willing(self, model: RoundModel, who: int, amount: int) -> str:
        """Number `who`, or the next one who may and whose maximum leaves room, if any."""
        queue = self.contributors[who:] + self.contributors[:who]
        return next((account for account in queue if model.taken(account, amount)), queue[0])

    def refuse_strangers(self, round_id: int, who: int, amount: int, proof: list[bytes]) -> None:
        """Number `who`, if it is not on the list, cannot use the proof of one who is."""
        rounds, stranger = self.suite.rounds, self.contributors[who]
        if not self.models[round_id].is_allowed(stranger):
            with boa.reverts("account is not allowed"):
                rounds.contribute_with_proof(round_id, amount, proof, sender=stranger)

    # --- wind-downs ---

    @rule(index=round_picks, part=st.sampled_from([0, 0, 3, 50, 97]))
    def abandon(self, index: int, part: int) -> None:
        """Announces a wind-down of what is left when `part` per cent are spent, or begins one."""
        round_id = self.pick(index, State.FINALIZED)
        if round_id is None or not self.free[round_id]:
            return
        record = self.models[round_id].wind_down
        if record.pool:
            return
        if not record.starts_at or now() >= record.starts_at + EXPIRY_SECONDS:
            self.spend(round_id, self.free[round_id] * part // 100)
            self.announce(round_id, min(1 + part, self.models[round_id].proceeds))
            return
        if now() < record.starts_at:
            with boa.reverts("no notice has ended"):
                self.suite.redemptions.begin(round_id)
            if part:
                return
            warp_to(record.starts_at)
        self.begin(round_id)

    @rule(index=round_picks, who=who_indexes, part=st.integers(1, 100))
    def redeem(self, index: int, who: int, part: int) -> None:
        """Some of what a contributor may burn for its part of a pool, and one wei too many."""
        found = [
            (round_id, name)
            for round_id, model in self.models.items()
            for name in self.contributors[who:] + self.contributors[:who]
            if model.wind_down.is_open(now()) and self.redeemable(model, name)
        ]
        if found:
            round_id, name = found[index % len(found)]
            tokens = -(-self.redeemable(self.models[round_id], name) * part // 100)
            self.redeem_for(round_id, name, tokens)

    # --- invariants ---

    def in_turn(self, items: list[Any]) -> list[Any]:
        """Every third one, others at each step; all of them at the end."""
        if self.at_end:
            return items
        self.turn += 1
        return items[self.turn % 3 :: 3]

    @invariant()
    def books_match(self) -> None:
        rounds, models = self.suite.rounds, self.models.values()
        pools = sum(model.wind_down.accounted for model in models)
        redemptions = self.suite.redemptions
        assert redemptions.accounted(self.suite.asset) == pools
        assert self.suite.asset.balanceOf(redemptions) == pools
        assert rounds.unvested_at(now()) == sum(model.unvested(now()) for model in models)
        outstanding = sum(model.tokens_outstanding() for model in models)
        assert rounds.tokens_reserved() == sum(model.tokens_reserved() for model in models)
        for asset, owed in (
            (self.suite.asset, sum(model.asset_owed() for model in models)),
            (self.suite.token, outstanding),
        ):
            assert rounds.accounted(asset) == owed
            assert asset.balanceOf(rounds) == owed + self.dust[asset.address]

    @invariant()
    def rounds_match(self) -> None:
        for round_id in self.in_turn(list(self.models)):
            model, stored = self.models[round_id], self.suite.rounds.round(round_id)
            assert self.suite.state(round_id) == model.state(now())
            assert stored.raised == model.raised
            assert model.terms["is_pro_rata"] or model.raised <= model.terms["hard_cap"]
            assert stored.contributors == len(model.paid)
            assert stored.paid_settled == model.settled_amount
            assert stored.tokens_minted == (model.minted if model.finalized else 0)
            assert stored.proceeds == (model.proceeds if model.finalized else 0)
            assert stored.surplus_left == (model.asset_owed() if model.finalized else 0)
            assert stored.terms.ends_at == model.ends_at

    @invariant()
    def contributors_match(self) -> None:
        for contributor in self.in_turn(self.contributors):
            assert self.suite.asset.balanceOf(contributor) == self.money[contributor]
            assert self.suite.token.balanceOf(contributor) == self.tokens[contributor]
            assert self.suite.token.getVotes(contributor) == self.tokens[contributor]
        assert self.suite.token.getVotes(self.suite.rounds) == 0

    @invariant()
    def wind_downs_match(self) -> None:
        """I10a: paid + returned <= pool <= brought, burned <= allotted, one round to a purpose."""
        for round_id, model in self.models.items():
            purpose, record = self.purpose_of(round_id), model.wind_down
            free = self.suite.treasury.free(purpose, self.suite.asset)
            assert free == self.free[round_id]
            assert self.suite.rounds.round_of(purpose) == round_id
            stored = self.suite.redemptions.wind_down(round_id)
            assert (stored.starts_at, stored.min_pool) == (record.starts_at, record.min_pool)
            assert (stored.pool, stored.paid) == (record.pool, record.paid.total())
            assert (stored.returned, stored.closes_at) == (record.returned, record.closes_at)
            assert stored.paid + stored.returned <= stored.pool <= max(model.proceeds, 0)
            assert stored.tokens_burned == record.burned.total()
            assert all(burned <= model.tokens_of(name) for name, burned in record.burned.items())

    # --- the end ---

    def check_at_end(self) -> None:
        self.everybody_leaves()

    def everybody_leaves(self) -> None:
        """Half of the successes expire unfinalized, half of the purposes abandoned; half of those
        whom a pool would pay redeem, and the others get all of their refunds and tokens."""
        for round_id, model in self.models.items():
            terms = model.terms | {"ends_at": model.ends_at}
            assert tuple(self.suite.rounds.round(round_id).terms) == tuple(terms.values())
            if round_id % 2 and model.state(now()) == State.SUCCEEDED:
                self.finalize(round_id)
        for round_id, model in self.models.items():
            has_money = model.finalized and self.free[round_id] > 0
            if round_id % 2 and has_money and not model.wind_down.pool:
                self.announce(round_id, 1)
                warp_to(model.wind_down.starts_at)
                self.begin(round_id)
        for round_id, model in self.models.items():
            if model.wind_down.is_open(now()):
                for name in self.contributors[::2]:
                    tokens = self.redeemable(model, name)
                    if tokens:
                        self.redeem_for(round_id, name, tokens)
                if model.wind_down.is_open(now()):
                    with boa.reverts("redemption is open"):
                        self.suite.redemptions.close(round_id)
        pass_time(1_000 * DAY)
        for round_id, model in self.models.items():
            self.leave(round_id, model)
        for round_id in self.models:
            self.close(round_id)
        self.at_end = True
        self.books_match()
        self.rounds_match()
        self.contributors_match()
        self.wind_downs_match()
        self.nothing_but_dust_stays()

    def leave(self, round_id: int, model: RoundModel) -> None:
        """The views say what each can still have, and it has that and nothing after."""
        rounds = self.suite.rounds
        name = "claim" if model.finalized else "refund"
        for contributor in model.paid:
            tokens, units = self.due(name, model, contributor)
            assert rounds.claimable(round_id, contributor) == tokens
            assert rounds.refundable(round_id, contributor) == units
            self.settle(name, round_id, [contributor])
            assert model.is_settled(contributor)
            assert rounds.claimable(round_id, contributor) == 0
            assert rounds.refundable(round_id, contributor) == 0
        assert model.asset_owed() == model.tokens_outstanding() == 0

    def nothing_but_dust_stays(self) -> None:
        """Nothing is owed, and a vote can have what is left: donations and what rounding left."""
        rounds, owner = self.suite.rounds, self.suite.owner
        for asset in (self.suite.asset, self.suite.token):
            assert rounds.accounted(asset) == 0
            assert rounds.skim(asset, owner, sender=owner) == self.dust[asset.address]
            assert asset.balanceOf(rounds) == 0


def test_round_machine__any_history__everybody_leaves_whole():
    run_machine(RoundMachine, examples=10, steps=30)
