"""Claims, evaluators that come and go, thresholds that move, beside a plain Python model.

The model is written from interfaces/IEvaluations.vyi. What was attested stays so, and nobody whose
admission ended counts for what is not; the events alone tell the same.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.kits.evaluations import (
    EVALUATOR_KEYS,
    MILLION,
    REASON,
    THRESHOLD,
    make_claim,
    make_evaluations,
    sign_attestation,
)
from tests.kits.grants import logged
from tests.support import MAX_UINT, now, pass_time, reverts_otherwise

# Of a refusal whose words are not told.
WHY = "the unit tests name each reason; here any attestation is tried"
PEOPLE = 5
CLAIMS_AT_FIRST = 3
DIGESTS = (b"\xd1" * 32, b"\xd2" * 32)
BENCHMARKS = (1, 2)
HANDLERS = ("set_threshold", "set_evaluator", "claim", "attest", "hand_in", "void")

people = st.integers(0, PEOPLE - 1)
benchmarks = st.sampled_from(BENCHMARKS)
scores = st.integers(0, MILLION) | st.sampled_from([0, 1, MILLION])
picks = st.integers(0, 10**6)


@dataclass
class Claim:
    """What the books should say of one claim."""

    digest: bytes
    benchmark: int
    score: int
    claimant: str
    claimed_at: int
    attested_at: int = 0
    voided_at: int = 0
    # (evaluator, its number), in the order of their attestations.
    attestors: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Books:
    """Benchmarks, evaluators and claims; ids from 1."""

    thresholds: dict[int, int] = field(default_factory=dict)
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)

    def admission(self, benchmark: int, account: str) -> int:
        number = self.numbers.get((benchmark, account), 0)
        return number if number % 2 else 0

    def counting(self, claim: Claim) -> list[tuple[str, int]]:
        if claim.attested_at:
            return claim.attestors
        return [
            (who, number)
            for who, number in claim.attestors
            if number == self.admission(claim.benchmark, who)
        ]

    def may_attest(self, claim: Claim, who: str) -> bool:
        number = self.admission(claim.benchmark, who)
        is_open = not claim.attested_at and not claim.voided_at
        return is_open and number > 0 and (who, number) not in claim.attestors

    def attest(self, claim: Claim, who: str, when: int) -> None:
        number = self.admission(claim.benchmark, who)
        claim.attestors = [*self.counting(claim), (who, number)]
        if len(claim.attestors) >= self.thresholds[claim.benchmark]:
            claim.attested_at = when


@dataclass(frozen=True)
class Signed:
    """A signature that somebody keeps, and what it was made for."""

    claim_id: int
    who: str
    admission: int
    signature: bytes


class EvaluationsMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.world = make_evaluations()
        self.people = self.world.evaluators[:PEOPLE]
        self.books = Books(dict.fromkeys(BENCHMARKS, THRESHOLD))
        self.inputs: dict[int, tuple] = {}
        self.signed: list[Signed] = []
        # What was read from events after each call, with the time of the block.
        self.told: list[tuple[str, dict[str, Any], int]] = []
        for benchmark in BENCHMARKS:
            for who in self.people:
                self.books.numbers[benchmark, who] = 1
                self.world.admit(who, benchmark)
                self.did()
        for person in range(CLAIMS_AT_FIRST):
            self.file(BENCHMARKS[person % 2], person, DIGESTS[0], MILLION // 2)

    def did(self) -> None:
        self.told += [(name, fields, now()) for name, fields in logged(self.world.contract)]

    def pick(self, items: list[Any], number: int) -> Any:
        return items[number % len(items)]

    # --- handlers ---

    @rule(benchmark=benchmarks, threshold=st.integers(1, 4))
    def set_threshold(self, benchmark: int, threshold: int) -> None:
        with self.handlers.counts("set_threshold"):
            self.world.contract.set_threshold(benchmark, threshold, sender=self.world.owner)
            self.did()
            self.books.thresholds[benchmark] = threshold

    @rule(benchmark=benchmarks, person=people, admitted=st.sampled_from([True, True, False]))
    def set_evaluator(self, benchmark: int, person: int, admitted: bool) -> None:
        who = self.people[person]
        with self.handlers.counts("set_evaluator"):
            self.world.admit(who, benchmark, admitted)
            self.did()
            if bool(self.books.admission(benchmark, who)) != admitted:
                number = self.books.numbers.get((benchmark, who), 0)
                self.books.numbers[benchmark, who] = number + 1

    @rule(benchmark=benchmarks, person=people, digest=st.sampled_from(DIGESTS), score=scores)
    def claim(self, benchmark: int, person: int, digest: bytes, score: int) -> None:
        with self.handlers.counts("claim"):
            self.file(benchmark, person, digest, score)

    def file(self, benchmark: int, person: int, digest: bytes, score: int) -> None:
        who = self.people[person]
        data = make_claim(benchmark_id=benchmark, weights_digest=digest, score=score)
        claim_id = self.world.contract.claim(data, sender=who)
        self.did()
        assert claim_id == len(self.books.claims) + 1
        self.books.claims[claim_id] = Claim(digest, benchmark, score, who, now())
        self.inputs[claim_id] = data

    def open_pairs(self) -> list[tuple[int, str]]:
        return [
            (claim_id, who)
            for claim_id, claim in self.books.claims.items()
            for who in self.people
            if self.books.may_attest(claim, who)
        ]

    @precondition(open_pairs)
    @rule(numbers=st.lists(picks, min_size=1, max_size=3))
    def attest(self, numbers: list[int]) -> None:
        for number in numbers:
            pairs = self.open_pairs()
            if pairs:
                claim_id, who = self.pick(pairs, number)
                with self.handlers.counts("attest"):
                    self.world.attest(claim_id, who)
                    self.did()
                    self.books.attest(self.books.claims[claim_id], who, now())

    @rule(number=picks, person=people)
    def attest_what_may_not_be(self, number: int, person: int) -> None:
        claim_id = self.pick(list(self.books.claims), number)
        who = self.people[person]
        if self.books.may_attest(self.books.claims[claim_id], who):
            return
        with reverts_otherwise(WHY):
            self.world.attest(claim_id, who)

    @precondition(open_pairs)
    @rule(numbers=st.lists(picks, min_size=1, max_size=3))
    def sign(self, numbers: list[int]) -> None:
        """Kept to be handed in at any later time."""
        for number in numbers:
            claim_id, who = self.pick(self.open_pairs(), number)
            claim = self.books.claims[claim_id]
            admission = self.books.admission(claim.benchmark, who)
            signature = sign_attestation(
                self.world.contract,
                claim_id,
                self.inputs[claim_id],
                claim.claimant,
                admission=admission,
                key=EVALUATOR_KEYS[self.people.index(who)],
            )
            self.signed.append(Signed(claim_id, who, admission, signature))

    @precondition(lambda self: self.signed)
    @rule(number=picks)
    def hand_in(self, number: int) -> None:
        item = self.pick(self.signed, number)
        claim = self.books.claims[item.claim_id]
        may = self.books.may_attest(claim, item.who)
        args = (item.claim_id, item.who, MAX_UINT, item.signature)
        if may and item.admission == self.books.admission(claim.benchmark, item.who):
            with self.handlers.counts("hand_in"):
                self.world.contract.attest_by_signature(*args)
                self.did()
                self.books.attest(claim, item.who, now())
            return
        with reverts_otherwise(WHY):
            self.world.contract.attest_by_signature(*args)

    @rule(number=picks)
    def void(self, number: int) -> None:
        claim_id = self.pick(list(self.books.claims), number)
        if number % 3 or self.books.claims[claim_id].voided_at:
            return
        with self.handlers.counts("void"):
            self.world.contract.void_claim(claim_id, REASON, sender=self.world.owner)
            self.did()
            self.books.claims[claim_id].voided_at = now()

    @rule(seconds=st.integers(1, 10**6))
    def wait(self, seconds: int) -> None:
        pass_time(seconds)

    # --- what holds ---

    @invariant()
    def books_are_the_models(self) -> None:
        for claim_id, claim in self.books.claims.items():
            state = self.world.contract.claim_of(claim_id)
            assert (state.weights_digest, state.benchmark_id) == (claim.digest, claim.benchmark)
            assert (state.score, state.claimant) == (claim.score, claim.claimant)
            times = (state.claimed_at, state.attested_at, state.voided_at)
            assert times == (claim.claimed_at, claim.attested_at, claim.voided_at)
            counting = [who for who, _ in self.books.counting(claim)]
            assert self.world.contract.attestors(claim_id) == counting

    def check_at_end(self) -> None:
        self.check_what_claims_meet()
        assert self.from_events() == self.books.claims

    def check_what_claims_meet(self) -> None:
        for claim_id, claim in self.books.claims.items():
            is_attested = bool(claim.attested_at) and not claim.voided_at
            assert self.world.contract.is_attested(claim_id) == is_attested
            for required in (claim.score - 1, claim.score, claim.score + 1):
                is_higher = claim.benchmark == 1
                good = claim.score >= required if is_higher else claim.score <= required
                for builder, applicant in pairwise([*self.people, self.people[0]]):
                    clean = not {builder, applicant} & {who for who, _ in claim.attestors}
                    args = (claim_id, claim.digest, claim.benchmark, required, builder, applicant)
                    found = self.world.contract.meets(*args)
                    assert found == (is_attested and good and clean)

    def from_events(self) -> dict[int, Claim]:
        """The claims as a reader of events sees them."""
        books = Books()
        for name, fields, when in self.told:
            if name == "EvaluatorChanged":
                key = (fields["benchmark_id"], fields["account"])
                books.numbers[key] = fields["standing_number"]
            elif name == "Claimed":
                digest, benchmark, score, *_ = fields["claim"]
                claim = Claim(digest, benchmark, score, fields["claimant"], when)
                books.claims[fields["claim_id"]] = claim
            elif name == "ClaimAttested":
                claim = books.claims[fields["claim_id"]]
                who = fields["evaluator"]
                number = books.admission(claim.benchmark, who)
                claim.attestors = [*books.counting(claim), (who, number)]
                assert len(claim.attestors) == fields["attestations"]
            elif name == "ThresholdReached":
                books.claims[fields["claim_id"]].attested_at = when
            elif name == "ClaimVoided":
                books.claims[fields["claim_id"]].voided_at = when
        return books.claims


def test_evaluations_machine():
    run_machine(EvaluationsMachine, examples=12, steps=40)
    assert set(HANDLERS) == EvaluationsMachine.handlers.tried.keys()
