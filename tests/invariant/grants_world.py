"""Two suites with the same people, who do the same in both; a stranger pokes at the second one."""

from collections.abc import Callable
from typing import Any

import boa
from eth_account import Account
from eth_utils import keccak

from tests.attack.grant_world import VOTES, decision, works
from tests.attack.grant_world import with_governor as add_governor
from tests.kits.evaluations import make_benchmark, make_claim
from tests.kits.grants import (
    DATA,
    EVIDENCE,
    PHASE_TRAINING,
    TRAINING,
    USDC,
    World,
    make_report,
    make_terms,
    make_world,
    milestone_terms,
    sign_voucher,
)
from tests.kits.models import COMMIT_SECONDS, commit, model_terms
from tests.support import DAY, account, fund_and_approve, now, pass_time

BUILDERS = {f"builder {n}": bytes([0x40 + n]) * 32 for n in range(3)}
PROVIDERS = ("provider one", "provider two")
# Of all votes, in basis points.
HOLDERS = {"small": 60, "middle": 100, "large": 500}
KINDS = ("plain", "energy", "score", "training", "carbon")
PART = 3_000 * USDC
UNLOCKED = 2_000 * USDC
# The first unlock, but for 15 % of all compute; more than a tenth of the whole.
BOND = UNLOCKED - 2 * UNLOCKED * 15 // 100
PRICE = USDC // 3
CARBON_BUDGET = 10**6
CAMPAIGN = 1
POCKET = 10**12


class Suite(World):
    """One suite, with its people by name."""

    def at(self, name: str) -> str:
        return str(self.people[name])

    def sign(self, order_id: int, gpu_seconds: int, builder: str) -> bytes:
        return sign_voucher(self.escrow, order_id, gpu_seconds, BUILDERS[builder])

    def attempt(self, contract: str, function: str, *args: Any, by: str = "stranger") -> bool:
        return works(getattr(self[contract], function), *args, sender=self.at(by))

    def name_proposal(
        self, grant_id: int, milestone: int, pay_bps: int, reason_hash: bytes, words: str
    ) -> None:
        described = keccak(text=words)
        args = (grant_id, milestone, pay_bps, reason_hash, described)
        self.grants.escalate(*args, sender=self.at("stranger"))

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def holdings(self) -> dict[str, int]:
        """What everybody has of the asset, campaigns included."""
        found = {name: self.asset.balanceOf(who) for name, who in self.people.items()}
        for name in ("treasury", "rewards", "grants", "escrow"):
            found[name] = self.asset.balanceOf(self[name])
        return found


def make_suite() -> Suite:
    world = make_world()
    world.governor = add_governor(world)
    people = {name: str(Account.from_key(key).address) for name, key in BUILDERS.items()}
    for address in people.values():
        boa.env.set_balance(address, 10**21)
    for name in (*PROVIDERS, *HOLDERS, "evaluator"):
        people[name] = account(name)
    people |= {"owner": world.owner, "guardian": world.guardian, "stranger": world.stranger}
    for name, bps in HOLDERS.items():
        world.token.delegate(people[name], sender=people[name])
        world.token.transfer(people[name], VOTES * bps // 10_000, sender=world.owner)
    for name in BUILDERS:
        fund_and_approve(world.asset, people[name], world.grants, POCKET)
    world.evaluations.add_benchmark(make_benchmark(threshold=1), sender=world.owner)
    world.evaluations.set_evaluator(1, people["evaluator"], True, sender=world.owner)
    return Suite(**vars(world), people=people)


class Twins:
    """The quiet suite and the poked one."""

    def __init__(self) -> None:
        self.suites = (make_suite(), make_suite())
        self.quiet, self.poked = self.suites
        pass_time(2)
        for number, name in enumerate(PROVIDERS):
            self.both(
                lambda s, n=number, who=name: s.escrow.register_offer(
                    offer(s, who, n), sender=s.at(who)
                )
            )

    def both(self, call: Callable[[Suite], Any]) -> Any:
        """Makes the call in both suites. Raises its refusal, which has to be that of both."""
        results = []
        for suite in self.suites:
            try:
                results.append((True, call(suite)))
            except boa.BoaError as error:
                results.append((False, error))
        (went, result), (poked_went, poked) = results
        assert went == poked_went, (result, poked)
        if not went:
            raise result
        assert not isinstance(result, int) or result == poked
        return result

    def each(self, call: Callable[[Suite], Any]) -> list[bool]:
        """Tries the call in both, where a poke may have done it before."""
        return [works(call, suite) for suite in self.suites]

    def apply(self, builder: str, kind: str, stream_seconds: int) -> int:
        return int(
            self.both(
                lambda s: s.applications.apply(
                    terms_of(s, builder, kind, stream_seconds), sender=s.at(builder)
                )
            )
        )

    def named(self, grant: Any) -> dict[str, Any]:
        """What the milestone in turn asks for, made in both suites: arguments of `submit`."""
        number, builder, kind = grant.number, grant.builder, grant.kind
        found = {"evidence": EVIDENCE, "report": 0, "model": 0, "claim": 0}
        is_last = grant.in_turn == len(grant.steps)
        if kind in ("energy", "training") and is_last:
            data = make_report(number, grant.in_turn)
            found["report"] = self.both(lambda s: s.ledger.report(data, sender=s.at(builder)))
        if kind == "training" and is_last:
            terms = model_terms(grant_id=number, split=[])
            for suite in self.suites:
                commit(suite.registry, suite.at(builder), terms, seconds=0)
            pass_time(COMMIT_SECONDS)
            found["model"] = self.both(lambda s: s.registry.register(terms, sender=s.at(builder)))
            found["evidence"] = terms.weights_digest
        if kind == "score" and grant.in_turn == 1:
            data = make_claim(weights_digest=EVIDENCE)
            claim_id = self.both(lambda s: s.evaluations.claim(data, sender=s.at(builder)))
            self.both(
                lambda s: s.evaluations.attest(
                    claim_id,
                    s.evaluations.claim_of(claim_id).claim_hash,
                    sender=s.at("evaluator"),
                )
            )
            found["claim"] = claim_id
        return found

    def propose_rejection(self, grant: Any, words: str) -> None:
        """A live proposal about the submission in review, of milestone 1 only."""
        assert grant.review is not None
        assert grant.in_turn == 1
        number = grant.review.number
        for suite in self.suites:
            decision(suite, suite.governor, grant.number, number, words)

    def poke(self, order_ids: list[int], grant_ids: list[int]) -> None:
        """Everything that is a stranger's to call, but what ends a grant or holds a review."""
        for grant_id in grant_ids:
            self.poked.attempt("grants", "draw", grant_id)
            self.poked.attempt("escrow", "return_budget", grant_id)
        for order_id in order_ids:
            self.poked.attempt("escrow", "give_notice", order_id)
            self.poked.attempt("escrow", "close_order", order_id)

    def sweep(self, order_ids: list[int]) -> None:
        """What a stranger may have freed in one suite, the builder frees in both."""
        for suite in self.suites:
            for order_id in order_ids:
                if now() >= suite.escrow.order_of(order_id).ends_at:
                    suite.attempt("escrow", "give_notice", order_id)
                    suite.attempt("escrow", "close_order", order_id)


def offer(suite: Suite, provider: str, number: int) -> tuple[Any, ...]:
    """The second provider is a pool that pays its miners."""
    figures = (PRICE, 64, 700, 12_000, 400, CAMPAIGN if number else 0, True)
    return (suite.at(provider), suite.asset.address, *figures, "H100", "eu", "ipfs://offer")


def terms_of(suite: Suite, builder: str, kind: str, stream_seconds: int) -> tuple[Any, ...]:
    first: dict[str, Any] = {"compute_unlocked": UNLOCKED, "stream_seconds": stream_seconds}
    last: dict[str, Any] = {}
    if kind == "score":
        first |= {"benchmark_id": 1, "required_score": 1}
    if kind in ("energy", "training"):
        last |= {"energy_phase": PHASE_TRAINING}
    if kind == "training":
        last |= {"model_required": True}
    milestones = [
        milestone_terms(PART, 30 * DAY, **first),
        milestone_terms(PART + 1, 60 * DAY, compute_unlocked=UNLOCKED),
        milestone_terms(PART, 100 * DAY, **last),
    ]
    return make_terms(
        suite.at(builder),
        suite.asset.address,
        kind=TRAINING if kind == "training" else DATA,
        milestones=milestones,
        bond=BOND + 1,
        carbon_budget_grams=CARBON_BUDGET if kind == "carbon" else 0,
        max_compute_per_day=2 * UNLOCKED // 7,
    )


def submit(suite: Suite, grant: Any, named: dict[str, Any]) -> None:
    suite.grants.submit(
        grant.number,
        named["evidence"],
        "ipfs://evidence",
        named["report"],
        named["model"],
        named["claim"],
        sender=suite.at(grant.builder),
    )
