"""I1, I2, I3 and I14: supply, votes and balance-seconds against a model that forgets nothing."""

from itertools import pairwise

import boa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.invariant.token_model import TokenModel
from tests.support import (
    DAY,
    ZERO_ADDRESS,
    account,
    deploy,
    now,
    pass_time,
    reverts_otherwise,
    warp_to,
)

# Of a refusal whose words are not told.
WHY = "the unit tests name each reason; here any amount is tried"

ACTORS = 7
EPOCH_SECONDS = 7 * DAY
CAP = 2**96 - 1

actors = st.integers(0, ACTORS - 1)
maybe_actors = st.one_of(st.none(), actors)
places = st.sampled_from(["treasury", "rewards"])
# Parts of a balance: nothing, all, any; in 10_000ths.
parts = st.one_of(st.sampled_from([0, 1, 10_000]), st.integers(0, 10_000))
# Seconds before a transfer: often none, so that several changes share a second.
pauses = st.sampled_from([0, 0, 1, 3_600, DAY])


class TokenMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner = account("owner")
        self.minter = account("minter")
        self.actors = [account(f"actor {i}") for i in range(ACTORS)]
        genesis = now() - 3 * DAY
        self.token = deploy(
            "GovernanceToken", "Flywheel", "FLY", genesis, EPOCH_SECONDS, sender=self.owner
        )
        self.token.set_minter(self.minter, CAP, sender=self.owner)
        self.model = TokenModel(genesis, EPOCH_SECONDS)
        for actor in self.actors[: ACTORS // 2]:
            self.token.mint(actor, 10**24, sender=self.minter)
            self.model.mint(now(), actor, 10**24)
        self.clock = self.token.clock()
        # Every example starts with something of everything.
        self.delegate(owner=0, to=0)
        self.delegate(owner=1, to=2)
        self.toggle_exclusion(who=2)
        self.announce_exclusion(who=0, excluded=True)
        self.set_uncounted(place="treasury", choice=0)
        self.set_uncounted(place="rewards", choice=3)

    def part_of(self, actor: str, part: int) -> int:
        return self.model.balances[actor] * part // 10_000

    # --- handlers ---

    @rule(owner=actors, to=actors, part=parts, pause=pauses)
    def transfer(self, owner: int, to: int, part: int, pause: int) -> None:
        pass_time(pause)
        sender, receiver = self.actors[owner], self.actors[to]
        amount = self.part_of(sender, part)
        with self.handlers.counts("transfer"):
            self.token.transfer(receiver, amount, sender=sender)
            self.model.transfer(now(), sender, receiver, amount)

    @rule(spender=actors, owner=actors, to=actors, part=parts, pause=pauses)
    def transfer_from(self, spender: int, owner: int, to: int, part: int, pause: int) -> None:
        pass_time(pause)
        holder, receiver = self.actors[owner], self.actors[to]
        amount = self.part_of(holder, part)
        with self.handlers.counts("transfer_from"):
            self.token.approve(self.actors[spender], amount, sender=holder)
            self.token.transferFrom(holder, receiver, amount, sender=self.actors[spender])
            self.model.transfer(now(), holder, receiver, amount)

    @rule(to=actors, amount=st.one_of(st.sampled_from([0, 1]), st.integers(0, 2**86)))
    def mint(self, to: int, amount: int) -> None:
        with self.handlers.counts("mint"):
            self.token.mint(self.actors[to], amount, sender=self.minter)
            self.model.mint(now(), self.actors[to], amount)

    @rule(owner=actors, part=parts)
    def burn(self, owner: int, part: int) -> None:
        holder = self.actors[owner]
        amount = self.part_of(holder, part)
        with self.handlers.counts("burn"):
            self.token.burn(amount, sender=holder)
            self.model.burn(now(), holder, amount)

    @rule(owner=actors, to=maybe_actors)
    def delegate(self, owner: int, to: int | None) -> None:
        holder = self.actors[owner]
        delegatee = None if to is None else self.actors[to]
        if self.model.is_uncounted(holder):
            with boa.reverts("account cannot delegate"):
                self.token.delegate(delegatee or ZERO_ADDRESS, sender=holder)
            return
        with self.handlers.counts("delegate"):
            self.token.delegate(delegatee or ZERO_ADDRESS, sender=holder)
            self.model.delegate(now(), holder, delegatee)

    @rule(owner=actors, by_rewards=st.booleans())
    def delegate_default(self, owner: int, by_rewards: bool) -> None:
        holder = self.actors[owner]
        sender = (by_rewards and self.model.uncounted["rewards"]) or self.minter
        with self.handlers.counts("delegate_default"):
            self.token.delegate_default(holder, sender=sender)
            if holder not in self.model.delegate_of and not self.model.is_uncounted(holder):
                self.model.delegate(now(), holder, holder)

    @rule(who=actors)
    def toggle_exclusion(self, who: int) -> None:
        actor = self.actors[who]
        excluded = actor not in self.model.excluded
        with self.handlers.counts("toggle_exclusion"):
            self.token.internal._set_excluded(actor, excluded)
            self.model.set_excluded(now(), actor, excluded)

    @rule(who=actors, excluded=st.booleans())
    def announce_exclusion(self, who: int, excluded: bool) -> None:
        """Counts two epochs later; at once while no token exists."""
        actor = self.actors[who]
        with self.handlers.counts("announce_exclusion"):
            self.token.set_excluded(actor, excluded, sender=self.owner)
            self.model.announce_exclusion(now(), actor, excluded)

    @rule(who=actors, waits=st.booleans())
    def apply_exclusion(self, who: int, waits: bool) -> None:
        actor = self.actors[who]
        if actor not in self.model.announced:
            with boa.reverts("no exclusion is announced"):
                self.token.apply_exclusion(actor)
            return
        excluded, from_epoch = self.model.announced[actor]
        if waits:
            warp_to(max(now(), self.token.epoch_start(from_epoch)))
        if self.model.epoch_at(now()) < from_epoch:
            with boa.reverts("notice has not ended"):
                self.token.apply_exclusion(actor)
            return
        with self.handlers.counts("apply_exclusion"):
            self.token.apply_exclusion(actor)
            self.model.set_excluded(now(), actor, excluded)

    @rule(place=places, choice=maybe_actors)
    def set_uncounted(self, place: str, choice: int | None) -> None:
        chosen = None if choice is None else self.actors[choice]
        set_place = getattr(self.token, f"set_{place}")
        is_new = chosen is not None and chosen != self.model.uncounted[place]
        if is_new and self.model.is_uncounted(chosen):
            with boa.reverts("account is left out already"):
                set_place(chosen, sender=self.owner)
            return
        with self.handlers.counts(f"set_{place}"):
            set_place(chosen or ZERO_ADDRESS, sender=self.owner)
            self.model.set_uncounted(now(), place, chosen)

    @rule(owner=actors, excess=st.integers(1, 2**128))
    def overdraw_is_refused(self, owner: int, excess: int) -> None:
        holder = self.actors[owner]
        amount = self.model.balances[holder] + excess
        with reverts_otherwise(WHY):
            self.token.transfer(self.actors[0], amount, sender=holder)
        with reverts_otherwise(WHY):
            self.token.burn(amount, sender=holder)

    # --- time ---

    @rule(epochs=st.integers(1, 3), offset=st.integers(-1, 1))
    def wait_for_a_boundary(self, epochs: int, offset: int) -> None:
        boundary = self.token.epoch_start(self.token.epoch_at(now()) + epochs)
        warp_to(max(now(), boundary + offset))

    # --- invariants ---

    @invariant()
    def supply_is_the_sum_of_balances(self) -> None:
        balances = {actor: self.token.balanceOf(actor) for actor in self.actors}
        assert balances == {actor: self.model.balances[actor] for actor in self.actors}
        supply = self.token.totalSupply()
        assert supply == sum(balances.values()) == self.model.minted - self.model.burnt <= CAP

    @invariant()
    def votes_and_undelegated_are_the_supply(self) -> None:
        votes = sum(self.token.getVotes(actor) for actor in self.actors)
        undelegated = sum(
            self.model.balances[actor]
            for actor in self.actors
            if self.model.delegate_of.get(actor) is None
        )
        assert votes + undelegated == self.token.totalSupply()

    @invariant()
    def uncounted_have_no_delegate(self) -> None:
        found = {"treasury": self.token.treasury(), "rewards": self.token.rewards()}
        assert found == {place: one or ZERO_ADDRESS for place, one in self.model.uncounted.items()}
        for one in self.model.uncounted.values():
            assert one is None or self.token.delegates(one) == ZERO_ADDRESS

    @invariant()
    def exclusions_are_those_announced(self) -> None:
        for actor in self.actors:
            assert self.token.is_excluded(actor) == (actor in self.model.excluded)
            announced = self.model.announced.get(actor, (False, 0))
            assert tuple(self.token.announced_exclusion(actor)) == announced

    @invariant()
    def clock_never_falls(self) -> None:
        clock = self.token.clock()
        assert clock >= self.clock
        self.clock = clock

    @invariant()
    def balance_seconds_add_up(self) -> None:
        self.check_epoch(self.model.epoch_at(now()))

    def check_epoch(self, epoch: int) -> None:
        """Exactly the model's figures, and so exactly their sum."""
        found = [self.token.balance_seconds(actor, epoch) for actor in self.actors]
        assert found == [self.model.balance_seconds(actor, epoch, now()) for actor in self.actors]
        assert self.token.eligible_balance_seconds(epoch) == sum(found)
        assert self.token.supply_balance_seconds(epoch) == self.model.supply_seconds(epoch, now())

    def check_past(self, moment: int) -> None:
        for actor in self.actors:
            assert self.token.getPastVotes(actor, moment) == self.model.votes[actor].at(moment)
        assert self.token.getPastTotalSupply(moment) == self.model.supply.at(moment)
        assert self.token.past_quorum_supply(moment) == self.model.quorum_supply(moment)

    def check_at_end(self) -> None:
        """All of the past, at the end of each example, against the model's whole history."""
        assert self.token.minted_by(self.minter) == self.model.minted
        for actor in self.actors:
            expected = self.model.delegate_of.get(actor) or ZERO_ADDRESS
            assert self.token.delegates(actor) == expected
            count = self.token.numCheckpoints(actor)
            found = [self.token.checkpoints(actor, index) for index in range(count)]
            assert found == self.model.votes[actor].changes
            assert all(a < b for (a, _), (b, _) in pairwise(found))
        for moment in {m + d for m in self.model.moments() for d in (-1, 0, 1)}:
            if moment < now():
                self.check_past(moment)
        for epoch in range(1, self.model.epoch_at(now()) + 2):
            self.check_epoch(epoch)


def test_token_machine():
    run_machine(TokenMachine, examples=12, least=1.0)
