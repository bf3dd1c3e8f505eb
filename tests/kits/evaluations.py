"""An Evaluations contract with two benchmarks, evaluators with keys, and signed attestations."""

from types import SimpleNamespace
from typing import Any

import boa
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests import support
from tests.kits.grants import keyed_account

MILLION = 1_000_000
DIGEST = b"\xd1" * 32
TASK_HASH = b"\x7a" * 32
EVIDENCE = b"\xe1" * 32
REASON = b"\x02" * 32
HARNESS = "lm-evaluation-harness 0.4.9"
URI = "ipfs://results.json"
# An accuracy, of which more is better, and a rate of stereotypes, of which less is.
ACCURACY, STEREOTYPES = 1, 2
THRESHOLD = 2
SCORE = 457_791
EVALUATOR_KEYS = [bytes([0xE0 + number]) * 32 for number in range(9)]
MAX_THRESHOLD = 8
MAX_SCORE = 10**27

CLAIM_FIELDS = (
    ("weightsDigest", "bytes32"),
    ("benchmarkId", "uint256"),
    ("score", "int256"),
    ("harness", "string"),
    ("evidenceHash", "bytes32"),
    ("evidenceUri", "string"),
    ("claimant", "address"),
)
ATTESTATION_FIELDS = (
    ("claimId", "uint256"),
    ("admission", "uint256"),
    ("deadline", "uint256"),
    ("claim", "Claim"),
)


def make_benchmark(**changes: Any) -> tuple:
    """An accuracy; any field by keyword."""
    fields = {
        "name": "lambada_openai, accuracy",
        "task_hash": TASK_HASH,
        "higher_is_better": True,
        "min_score": 0,
        "max_score": MILLION,
        "threshold": THRESHOLD,
    }
    assert changes.keys() <= fields.keys()
    return tuple({**fields, **changes}.values())


def make_claim(**changes: Any) -> tuple:
    """A claim about the accuracy; any field by keyword."""
    fields = {
        "weights_digest": DIGEST,
        "benchmark_id": ACCURACY,
        "score": SCORE,
        "harness": HARNESS,
        "evidence_hash": EVIDENCE,
        "evidence_uri": URI,
    }
    assert changes.keys() <= fields.keys()
    return tuple({**fields, **changes}.values())


def sign_attestation(
    contract: Any,
    claim_id: int,
    claim: tuple,
    claimant: str,
    *,
    admission: int = 1,
    deadline: int = 2**256 - 1,
    key: bytes = EVALUATOR_KEYS[0],
    **domain: Any,
) -> bytes:
    """65-byte signature of an attestation; any field of the EIP-712 domain by keyword."""
    names = [name for name, _ in CLAIM_FIELDS]
    message = {
        "domain": {
            "name": "Flywheel Evaluations",
            "version": "1",
            "chainId": boa.env.evm.chain.chain_id,
            "verifyingContract": contract.address,
            **domain,
        },
        "types": {
            "Attestation": [{"name": name, "type": kind} for name, kind in ATTESTATION_FIELDS],
            "Claim": [{"name": name, "type": kind} for name, kind in CLAIM_FIELDS],
        },
        "primaryType": "Attestation",
        "message": {
            "claimId": claim_id,
            "admission": admission,
            "deadline": deadline,
            "claim": dict(zip(names, (*claim, claimant), strict=True)),
        },
    }
    signed = Account.sign_message(encode_typed_data(full_message=message), key)
    return bytes(signed.signature)


class EvaluationsWorld(SimpleNamespace):
    """The contract and its people, and the steps that most tests begin with."""

    def add(self, **changes: Any) -> int:
        return int(self.contract.add_benchmark(make_benchmark(**changes), sender=self.owner))

    def admit(self, account: str, benchmark_id: int = ACCURACY, admitted: bool = True) -> None:
        self.contract.set_evaluator(benchmark_id, account, admitted, sender=self.owner)

    def claim(self, sender: str | None = None, **changes: Any) -> int:
        return int(self.contract.claim(make_claim(**changes), sender=sender or self.claimant))

    def attest(self, claim_id: int, evaluator: str) -> None:
        claim_hash = self.contract.claim_of(claim_id).claim_hash
        self.contract.attest(claim_id, claim_hash, sender=evaluator)

    def attested(self, **changes: Any) -> int:
        """A claim that both evaluators of its benchmark have attested."""
        claim_id = self.claim(**changes)
        for evaluator in self.evaluators[:THRESHOLD]:
            self.attest(claim_id, evaluator)
        return claim_id

    def sign(self, claim_id: int, **changes: Any) -> bytes:
        """A signature of the first evaluator, over the claim of `make_claim`."""
        claim = changes.pop("claim", make_claim())
        claimant = changes.pop("claimant", self.claimant)
        return sign_attestation(self.contract, claim_id, claim, claimant, **changes)

    def attest_by(self, claim_id: int, signature: bytes, deadline: int = 2**256 - 1) -> None:
        self.contract.attest_by_signature(
            claim_id, self.evaluators[0], deadline, signature, sender=self.stranger
        )

    def meets(self, claim_id: int, **changes: Any) -> bool:
        fields = {
            "weights_digest": DIGEST,
            "benchmark_id": ACCURACY,
            "required_score": SCORE,
            "builder": self.builder,
            "applicant": self.builder,
        }
        assert changes.keys() <= fields.keys()
        return bool(self.contract.meets(claim_id, *{**fields, **changes}.values()))


def make_evaluations(deployer: Any = None) -> EvaluationsWorld:
    """Two benchmarks, two evaluators admitted to both; `deployer` of a mutant, if any."""
    people = {name: support.account(name) for name in ("owner", "claimant", "builder", "stranger")}
    with boa.env.prank(people["owner"]):
        contract = (deployer or support.deployer_of("Evaluations")).deploy()
    evaluators = [keyed_account(key) for key in EVALUATOR_KEYS]
    world = EvaluationsWorld(contract=contract, evaluators=evaluators, **people)
    world.add()
    world.add(name="crows_pairs_english, pct_stereotype", higher_is_better=False)
    for benchmark_id in (ACCURACY, STEREOTYPES):
        for evaluator in evaluators[:THRESHOLD]:
            world.admit(evaluator, benchmark_id)
    return world
