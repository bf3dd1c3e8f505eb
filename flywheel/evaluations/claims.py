"""Benchmarks and claims on chain: what is there, and what somebody adds to it.

Of a claim the contract keeps the hash; all of it is in its event. What a node tells in an event is
taken only if it has the hash that the contract keeps.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_abi import encode
from eth_utils import keccak

from flywheel.chain import any_text, connection, logs
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import FlywheelError, fix, unknown
from flywheel.evaluations import scores
from flywheel.evaluations.harness import Measured
from flywheel.reading import texts
from flywheel.shown import Shown
from flywheel.wording.lexicon import show_time

if TYPE_CHECKING:
    from ape.api import AccountAPI

MAX_URI = 128
MAX_HARNESS = 64
# Claims that nobody attested cost nothing to file: of more than these only the number is told.
MOST_UNATTESTED = 20
CLAIM_TYPES = {
    "weightsDigest": "bytes32",
    "benchmarkId": "uint256",
    "score": "int256",
    "harness": "string",
    "evidenceHash": "bytes32",
    "evidenceUri": "string",
    "claimant": "address",
}
_DIGEST = re.compile("(0x)?[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Benchmark:
    """What is measured: scores in millionths, `threshold` in attestations."""

    benchmark_id: int
    name: str
    task_hash: bytes
    higher_is_better: bool
    min_score: int
    max_score: int
    threshold: int

    @property
    def direction(self) -> str:
        return "higher is better" if self.higher_is_better else "lower is better"

    @property
    def scale(self) -> str:
        return f"{scores.show(self.min_score)} to {scores.show(self.max_score)}"


@dataclass(frozen=True)
class Claim:
    """A claim and what became of it; times in Unix seconds, 0 for what did not happen."""

    claim_id: int
    benchmark: Benchmark
    weights_digest: bytes
    score: int
    harness: str
    evidence_hash: bytes
    evidence_uri: str
    claimant: str
    claim_hash: bytes
    claimed_at: int
    attested_at: int
    voided_at: int
    attestors: tuple[str, ...]

    @property
    def is_attested(self) -> bool:
        return bool(self.attested_at) and not self.voided_at

    @property
    def is_readable(self) -> bool:
        """Whether its texts are texts: the contract takes any bytes, and nobody can read those."""
        return any_text.UNREADABLE not in self.harness + self.evidence_uri

    @property
    def standing(self) -> Shown:
        """In words: a score that nobody attested is never shown without saying so."""
        count = len(self.attestors)
        if self.voided_at:
            return Shown(f"void since {show_time(self.voided_at)}", "void")
        if self.attested_at:
            return Shown(f"attested by {count} on {show_time(self.attested_at)}", "attested")
        if not count:
            return Shown("claimed, attested by nobody", "claimed")
        wanted = self.benchmark.threshold
        return Shown(f"claimed, attested by {count} of {wanted}", "claimed")

    @property
    def message(self) -> dict[str, Any]:
        """The struct `Claim` that evaluators sign."""
        return {
            "weightsDigest": self.weights_digest,
            "benchmarkId": self.benchmark.benchmark_id,
            "score": self.score,
            "harness": self.harness,
            "evidenceHash": self.evidence_hash,
            "evidenceUri": self.evidence_uri,
            "claimant": self.claimant,
        }


def digest_of(text: str) -> bytes:
    """Weights' digest of what somebody wrote. Raises `FlywheelError`."""
    if not _DIGEST.fullmatch(text):
        raise fix(f"'{texts.shown(text)}' is no digest", "Write 64 hexadecimal digits")
    return bytes.fromhex(text.removeprefix("0x"))


def hash_of(message: dict[str, Any]) -> bytes:
    """EIP-712 struct hash of `Claim.message`."""
    kinds = ",".join(f"{kind} {name}" for name, kind in CLAIM_TYPES.items())
    hashed = [
        bytes(keccak(text=message[name])) if kind == "string" else message[name]
        for name, kind in CLAIM_TYPES.items()
    ]
    types = ["bytes32" if kind == "string" else kind for kind in CLAIM_TYPES.values()]
    typehash = bytes(keccak(text=f"Claim({kinds})"))
    return bytes(keccak(encode(["bytes32", *types], [typehash, *hashed])))


# --- reading ---


def benchmark(suite: Suite, benchmark_id: int) -> Benchmark:
    """One benchmark. Raises `FlywheelError` if there is none."""
    found = connection.call(suite.evaluations.benchmark_of, benchmark_id)
    if not int(found.threshold):
        count = int(suite.evaluations.benchmark_count())
        raise unknown("benchmark", benchmark_id, count)
    return Benchmark(
        benchmark_id,
        str(found.name),
        bytes(found.task_hash),
        bool(found.higher_is_better),
        int(found.min_score),
        int(found.max_score),
        int(found.threshold),
    )


def benchmarks(suite: Suite) -> list[Benchmark]:
    count = int(suite.evaluations.benchmark_count())
    return [benchmark(suite, number) for number in range(1, count + 1)]


def evaluators(suite: Suite) -> dict[int, list[str]]:
    """Who may attest now, by benchmark, from the events of their admission."""
    last: dict[tuple[int, str], bool] = {}
    for log in logs.of_event(suite.evaluations.EvaluatorChanged, first_block()):
        last[int(log.benchmark_id), str(log.account)] = bool(log.admitted)
    found: dict[int, list[str]] = {}
    for (number, account), admitted in last.items():
        if admitted:
            found.setdefault(number, []).append(account)
    return found


def get(suite: Suite, claim_id: int) -> Claim:
    """One claim. Raises `FlywheelError` if there is none."""
    count = int(suite.evaluations.claim_count())
    if not 1 <= claim_id <= count:
        raise unknown("claim", claim_id, count)
    return _of_event(suite, _events(suite, {"claim_id": claim_id})[0])


def about(suite: Suite, digest: bytes) -> list[Claim]:
    """The claims about weights: attested ones first, the newest of each kind before others."""
    if not int(suite.evaluations.claim_count()):
        return []
    found = [_of_event(suite, log) for log in _events(suite, {"weights_digest": digest})]
    return sorted(found, key=lambda item: (not item.is_attested, -item.claim_id))


def listed(found: Sequence[Claim]) -> Shown:
    """Claims for the page of a model: a line each; of those that nobody attested, which cost
    nothing to file, at most MOST_UNATTESTED. Empty if there are none."""
    if not found:
        return Shown("", "")
    kept = shortened(found)
    lines = [
        f"{item.claim_id}: {scores.show(item.score)} of {item.benchmark.name}, {item.standing}"
        for item in kept
    ]
    if len(kept) < len(found):
        lines.append(f"and {len(found) - len(kept)} more that nobody attested")
    data = [
        {
            "claim": item.claim_id,
            "benchmark": item.benchmark.benchmark_id,
            "score": item.score,
            "standing": item.standing.data,
        }
        for item in found
    ]
    return Shown("\n".join(lines), data)


def shortened(found: Sequence[Claim]) -> list[Claim]:
    """All claims but the oldest of those that nobody attested, if there are many of these."""
    unattested = [item for item in found if not item.attestors and not item.voided_at]
    return [item for item in found if item not in unattested[MOST_UNATTESTED:]]


def _events(suite: Suite, topics: dict[str, Any]) -> list[Any]:
    found = logs.of_event(suite.evaluations.Claimed, first_block(), topics=topics)
    if "claim_id" in topics and not found:
        raise fix("The node has no event of this claim", "Run it again later, or use another node")
    return found


def _of_event(suite: Suite, log: Any) -> Claim:
    claim_id = int(log.claim_id)
    state = connection.call(suite.evaluations.claim_of, claim_id)
    *_, harness, evidence_hash, evidence_uri = log.claim
    claim = Claim(
        claim_id,
        benchmark(suite, int(state.benchmark_id)),
        bytes(state.weights_digest),
        int(state.score),
        str(harness),
        bytes(evidence_hash),
        str(evidence_uri),
        str(state.claimant),
        bytes(state.claim_hash),
        int(state.claimed_at),
        int(state.attested_at),
        int(state.voided_at),
        tuple(map(str, connection.call(suite.evaluations.attestors, claim_id))),
    )
    # What is no text is not known to the bit, and nobody attests it by a command.
    if claim.is_readable and hash_of(claim.message) != claim.claim_hash:
        raise fix(
            f"What the node tells of claim {claim_id} is not what was claimed", "Use another node"
        )
    return claim


# --- sending ---


def fitting(suite: Suite, measured: Measured) -> Benchmark:
    """The benchmark of what was measured. Raises `FlywheelError` if there is none, or if the file
    says that the other direction is better."""
    same = [found for found in benchmarks(suite) if found.task_hash == measured.task_hash]
    told = measured.higher_is_better
    for found in same:
        if told in (None, found.higher_is_better):
            return found
    if same:
        raise fix(
            f"Of benchmark {same[0].benchmark_id}, {same[0].direction}, but the file says the "
            "opposite",
            "Have a vote add a benchmark with the right direction",
        )
    raise fix(
        f"No benchmark has the task hash 0x{measured.task_hash.hex()} of {measured.name}",
        "Have a vote add it: it measures another configuration than those that are there",
    )


def check_uri(uri: str) -> None:
    """Raises `FlywheelError` if the contract could not keep where the evidence is."""
    if not uri:
        raise fix("Where the evidence is must be said", f"Give --uri of 1 to {MAX_URI} bytes")
    texts.refuse_long(uri, MAX_URI, "The evidence's address")


def file_claim(
    suite: Suite,
    claimant: "AccountAPI",
    target: Benchmark,
    digest: bytes,
    measured: Measured,
    uri: str,
) -> int:
    """Claims a measured score; returns the claim's id."""
    check_uri(uri)
    score = measured.score(target.higher_is_better)
    if not target.min_score <= score <= target.max_score:
        raise fix(
            f"{scores.show(score)} is not on the scale of benchmark {target.benchmark_id}, "
            f"{target.scale}",
            "Look whether the metric is the right one",
        )
    texts.refuse_long(measured.harness, MAX_HARNESS, "The harness")
    receipt = connection.send(
        suite.evaluations.claim,
        (digest, target.benchmark_id, score, measured.harness, measured.evidence_hash, uri),
        sender=claimant,
    )
    return int(connection.event_of(receipt, suite.evaluations.Claimed).claim_id)


def require_open(suite: Suite, claim: Claim, evaluator: str) -> int:
    """The number of the evaluator's admission. Raises `FlywheelError` if it cannot attest."""
    if claim.voided_at or claim.attested_at:
        raise fix(f"Claim {claim.claim_id} is {claim.standing}", "Nothing is left to attest")
    if not claim.is_readable:
        raise fix(
            f"Harness or evidence of claim {claim.claim_id} are no text that anybody can read",
            "Have it filed again",
        )
    if evaluator in claim.attestors:
        raise FlywheelError(f"{evaluator} has attested claim {claim.claim_id} already.")
    number = claim.benchmark.benchmark_id
    admission = int(suite.evaluations.admission(number, evaluator))
    if not admission:
        raise fix(
            f"{evaluator} is no evaluator of benchmark {number}", "Use the account that is admitted"
        )
    return admission


def attest(suite: Suite, evaluator: "AccountAPI", claim: Claim) -> None:
    """Attests a claim as it was read."""
    connection.send(suite.evaluations.attest, claim.claim_id, claim.claim_hash, sender=evaluator)
