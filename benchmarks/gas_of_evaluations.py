"""Claimed scores of weights and their attestations, by call and by signature."""

from eth_account import Account

from benchmarks.contracts import Contract
from benchmarks.peers_world import World
from benchmarks.rows import OURS, STEADY, Measured, bench

HASH = b"\x22" * 32
DIGEST = b"\xd1" * 32
MILLION = 10**6
THRESHOLD = 2
BENCHMARK = 1
KEY = b"\xe0" * 32
FOREVER = 2**256 - 1
# Names and addresses as long as real ones.
HARNESS = "lm-evaluation-harness 0.4.9.2 (02bb9278)"
URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


def measured(world: World) -> tuple[Contract, list[str], int]:
    """The contract, claimant, two evaluators and one that signs, and a claim that waits."""
    contract = world.suite["Evaluations"]
    claimant, *evaluators = world.people(1 + THRESHOLD)
    signer = str(Account.from_key(KEY).address)
    benchmark = ("lambada_openai, acc", HASH, True, 0, MILLION, THRESHOLD)
    contract.send(world.owner, "add_benchmark", benchmark)
    for account in (*evaluators, signer):
        contract.send(world.owner, "set_evaluator", BENCHMARK, account, True)
    for _ in range(2):
        contract.send(claimant, "claim", _claim())
    for evaluator in evaluators:
        contract.send(evaluator, "attest", 1, _hash_of(contract, 1))
    return contract, [claimant, *evaluators, signer], 2


def _claim() -> tuple[object, ...]:
    return (DIGEST, BENCHMARK, 457_791, HARNESS, HASH, URI)


def _hash_of(contract: Contract, claim_id: int) -> bytes:
    return bytes(contract.read("claim_of", claim_id)[4])


@bench("claim_score")
def claim_score(world: World) -> Measured:
    contract, (claimant, *_), _ = measured(world)
    yield STEADY, OURS, contract.gas(claimant, "claim", _claim())


@bench("attest_score")
def attest_score(world: World) -> Measured:
    """The first attestation of a claim."""
    contract, (_, evaluator, *_), claim_id = measured(world)
    yield STEADY, OURS, contract.gas(evaluator, "attest", claim_id, _hash_of(contract, claim_id))


@bench("attest_score_last")
def attest_score_last(world: World) -> Measured:
    """The attestation that reaches a threshold of two."""
    contract, (_, first, second, _), claim_id = measured(world)
    claim_hash = _hash_of(contract, claim_id)
    contract.send(first, "attest", claim_id, claim_hash)
    yield STEADY, OURS, contract.gas(second, "attest", claim_id, claim_hash)


@bench("attest_score_by_sig")
def attest_score_by_sig(world: World) -> Measured:
    """The first attestation of a claim, by signature."""
    contract, (caller, _, _, signer), claim_id = measured(world)
    digest = contract.read("attestation_digest", claim_id, signer, FOREVER)
    signature = bytes(Account.unsafe_sign_hash(digest, KEY).signature)
    args = (claim_id, signer, FOREVER, signature)
    yield STEADY, OURS, contract.gas(caller, "attest_by_signature", *args)
