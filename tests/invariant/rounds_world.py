"""Funding rounds with their models: each action runs on the contract, must end as the model says,
and is booked there."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import boa
from eth_account import Account

from flywheel.funding.allow_list import AllowList
from tests.invariant.counting import ChainMachine, HandlerCount
from tests.invariant.rounds_model import RoundModel
from tests.kits.funding import (
    EXPIRY_SECONDS,
    NOTICE_SECONDS,
    REDEEM_SECONDS,
    State,
    deploy_rounds_suite,
    sign_permit,
)
from tests.support import DAY, account, fund_and_approve, now

CONTRIBUTORS = 7


class RoundWorld(ChainMachine):
    """A chain of its own with seven contributors; each round has its purpose."""

    handlers = HandlerCount()

    def set_up(self) -> None:
        self.suite = deploy_rounds_suite(account("governance"), minter_cap=2**95)
        self.guardian = account("guardian")
        self.suite.rounds.set_guardian(self.guardian, now() + 366 * DAY, sender=self.suite.owner)
        signers = [Account.from_key(bytes([i + 1]) * 32) for i in range(CONTRIBUTORS)]
        self.signers = {signer.address: signer for signer in signers}
        self.contributors = list(self.signers)
        self.models: dict[int, RoundModel] = {}
        # What each round has left in its purpose.
        self.free: Counter[int] = Counter()
        # Held and owed to nobody, by asset; and what the contributors got.
        self.dust = {self.suite.asset.address: 0, self.suite.token.address: 0}
        self.tokens: Counter[str] = Counter()
        self.money: Counter[str] = Counter()

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

    def list_of(self, round_id: int, names: tuple[str, ...]) -> AllowList:
        return AllowList.build(1, str(self.suite.rounds.address), round_id, names)

    # --- contributing ---

    def proof_of(self, round_id: int, contributor: str) -> list[bytes]:
        listed = self.models[round_id].listed
        return self.list_of(round_id, listed).proof_of(contributor) if contributor in listed else []

    def with_approval(
        self, round_id: int, contributor: str, amount: int, proof: list[bytes]
    ) -> Callable[[], int]:
        rounds = self.suite.rounds
        fund_and_approve(self.suite.asset, contributor, rounds, amount)
        if self.models[round_id].listed:
            return lambda: rounds.contribute_with_proof(round_id, amount, proof, sender=contributor)
        return lambda: rounds.contribute(round_id, amount, sender=contributor)

    def with_permit(
        self, round_id: int, contributor: str, amount: int, proof: list[bytes], front_run: bool
    ) -> Callable[[], int]:
        asset, rounds = self.suite.asset, self.suite.rounds
        asset.mint(contributor, amount)
        permit = sign_permit(asset, self.signers[contributor], rounds.address, amount, now())
        if front_run:
            asset.permit(contributor, rounds, amount, now(), *permit)
        return lambda: rounds.contribute_with_permit(
            round_id, amount, amount, now(), *permit, proof, sender=contributor
        )

    def empty_wallet(self, contributor: str) -> None:
        """Sends away what was not taken, so that wallets hold what the rounds paid only."""
        asset = self.suite.asset
        rest = asset.balanceOf(contributor) - self.money[contributor]
        asset.transfer(self.suite.owner, rest, sender=contributor)

    # --- outcome ---

    def finalize(self, round_id: int) -> None:
        model = self.models[round_id]
        self.attempt("finalize", True, lambda: self.suite.rounds.finalize(round_id))
        model.finalized_at, model.released = now(), True
        model.vests_from = model.ends_at
        self.free[round_id] += model.proceeds

    def settle(self, name: str, round_id: int, people: list[str]) -> None:
        """Claims or refunds for some, in any order; whoever has nothing to get is refused."""
        model = self.models[round_id]
        call = getattr(self.suite.rounds, name)
        for contributor in people:
            tokens, units = self.due(name, model, contributor)
            if not tokens + units:
                with boa.reverts("nothing to settle"):
                    call(round_id, contributor)
                continue
            got = self.attempt(name, True, partial(call, round_id, contributor))
            assert got == (tokens if name == "claim" else units)
            self.book_settlement(round_id, contributor, tokens, units)

    def settle_batch(self, name: str, round_id: int, people: list[str]) -> None:
        """The same at once, the first one twice: nobody is refused and nobody is paid twice."""
        dues = [self.due(name, self.models[round_id], contributor) for contributor in people]
        call = getattr(self.suite.rounds, f"{name}_batch")
        batch = [*people, people[0]]
        got = self.attempt(f"{name}_batch", True, lambda: call(round_id, batch))
        assert got == sum(due[0 if name == "claim" else 1] for due in dues)
        for contributor, (tokens, units) in zip(people, dues, strict=True):
            self.book_settlement(round_id, contributor, tokens, units)

    def due(self, name: str, model: RoundModel, contributor: str) -> tuple[int, int]:
        """Token wei and units of the asset that a claim or a refund gives."""
        tokens = model.claimable(contributor, now()) if name == "claim" else 0
        return tokens, model.refundable(contributor, now())

    def book_settlement(self, round_id: int, contributor: str, tokens: int, units: int) -> None:
        model = self.models[round_id]
        was_settled = model.all_settled
        model.tokens_out[contributor] += tokens
        self.tokens[contributor] += tokens
        self.money[contributor] += units
        if units:
            model.refunded.add(contributor)
            model.released = True
        self.note_end(model, was_settled)
        assert tuple(self.suite.rounds.position(round_id, contributor)) == model.position(
            contributor
        )

    def note_end(self, model: RoundModel, was_settled: bool) -> None:
        """What rounding leaves of a round is owed to nobody after its last settlement."""
        if model.finalized and model.all_settled and not was_settled:
            self.dust[self.suite.asset.address] += model.surplus_left()

    # --- wind-downs ---

    def purpose_of(self, round_id: int) -> int:
        return int(self.models[round_id].terms["purpose"])

    def spend(self, round_id: int, amount: int) -> None:
        owner, treasury = self.suite.owner, self.suite.treasury
        if amount:
            purpose = self.purpose_of(round_id)
            treasury.spend_beyond_cap(
                purpose, self.suite.asset, self.guardian, amount, sender=owner
            )
            self.free[round_id] -= amount

    def announce(self, round_id: int, min_pool: int) -> None:
        owner, asset, redemptions = self.suite.owner, self.suite.asset, self.suite.redemptions
        purpose = self.purpose_of(round_id)
        self.suite.treasury.allow_wind_down(purpose, asset, redemptions, sender=owner)
        call = partial(redemptions.announce, round_id, min_pool, sender=owner)
        self.attempt("announce", True, call)
        record = self.models[round_id].wind_down
        record.starts_at, record.min_pool = now() + NOTICE_SECONDS, min_pool

    def begin(self, round_id: int) -> None:
        model = self.models[round_id]
        record, free = model.wind_down, self.free[round_id]
        in_time = now() < record.starts_at + EXPIRY_SECONDS
        allowed = in_time and free >= record.min_pool
        call = partial(self.suite.redemptions.begin, round_id)
        assert self.attempt("begin", allowed, call) == (free if allowed else None)
        if allowed:
            record.pool, record.closes_at = free, now() + REDEEM_SECONDS
            model.vesting_ended = True
            self.free[round_id] = 0

    def redeemable(self, model: RoundModel, name: str) -> int:
        """Token wei it was allotted, has not burned, and has: in the round or in its wallet."""
        left = model.tokens_of(name) - model.wind_down.burned[name]
        return min(left, model.held(name) + self.tokens[name])

    def redeem_for(self, round_id: int, name: str, tokens: int) -> None:
        model, redemptions = self.models[round_id], self.suite.redemptions
        record = model.wind_down
        left = model.tokens_of(name) - record.burned[name]
        amount = model.worth(record.burned[name] + tokens) - record.paid[name]
        call = partial(redemptions.redeem, round_id, name)
        self.suite.token.approve(redemptions, tokens, sender=name)
        with boa.reverts("more than the round allotted"):
            call(left + 1, 0, name, sender=name)
        if amount:
            with boa.reverts("payment is below the minimum"):
                call(tokens, amount + 1, name, sender=name)
        got = self.attempt("redeem", amount > 0, partial(call, tokens, amount, name, sender=name))
        assert got == (amount or None)
        if not amount:
            return
        if model.held(name) > 0:
            surplus = model.refundable(name, now())
            self.book_settlement(round_id, name, model.claimable(name, now()), surplus)
        record.burned[name] += tokens
        record.paid[name] += amount
        self.tokens[name] -= tokens
        self.money[name] += amount

    def close(self, round_id: int) -> None:
        model = self.models[round_id]
        record, close = model.wind_down, self.suite.redemptions.close
        if not model.finalized:
            with boa.reverts("round is not finalized"):
                close(round_id)
            return
        rest = record.pool - model.worth(record.burned.total()) if record.pool else 0
        if rest == record.returned:
            with boa.reverts("nothing to return"):
                close(round_id)
            return
        assert self.attempt("close", True, lambda: close(round_id)) == rest
        record.returned += rest
        self.free[round_id] += rest
