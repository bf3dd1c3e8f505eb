"""Attestations by signature: what an evaluator signs, and everything that is not quite it."""

import boa
import pytest
from eth_account import Account

from flywheel.evaluations import claims
from tests.kits.evaluations import (
    ACCURACY,
    CLAIM_FIELDS,
    EVALUATOR_KEYS,
    EVIDENCE,
    SCORE,
    STEREOTYPES,
    make_claim,
)
from tests.kits.grants import logged
from tests.support import DAY, MAX_UINT, deploy, now, pass_time

NOT_SIGNED = "signature is not the evaluator's"
NOT_ADMITTED = "evaluator is not admitted"
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_attest_by_signature__by_anybody__counts_as_the_evaluators(world, claim_id):
    world.attest_by(claim_id, world.sign(claim_id))
    evaluator = world.evaluators[0]
    assert logged(world.contract) == [
        ("ClaimAttested", {"claim_id": claim_id, "evaluator": evaluator, "attestations": 1})
    ]
    assert world.contract.attestors(claim_id) == [evaluator]


def test_attest_by_signature__the_last_one__reaches_the_threshold(world, claim_id):
    world.attest(claim_id, world.evaluators[1])
    world.attest_by(claim_id, world.sign(claim_id))
    assert [name for name, _ in logged(world.contract)] == ["ClaimAttested", "ThresholdReached"]
    assert world.meets(claim_id)


def test_attestation_digest__of_an_evaluator__is_what_wallets_sign(world, claim_id):
    """eth_account builds the same digest from the types that the interface names."""
    digest = world.contract.attestation_digest(claim_id, world.evaluators[0], 5)
    signed = bytes(Account.unsafe_sign_hash(digest, EVALUATOR_KEYS[0]).signature)
    assert signed == world.sign(claim_id, deadline=5)


def test_attestation_digest__of_a_stranger__is_refused(world, claim_id):
    with boa.reverts(NOT_ADMITTED):
        world.contract.attestation_digest(claim_id, world.stranger, 5)


def test_hash_of__of_the_python_half__is_the_contracts(world):
    """By it commands tell whether a node's event is what was claimed."""
    claim = make_claim(score=0, evidence_uri="ipfs://Modell-Bewertung ü", harness="h" * 64)
    state = world.contract.claim_of(world.contract.claim(claim, sender=world.claimant))
    message = dict(zip(claims.CLAIM_TYPES, (*claim, world.claimant), strict=True))
    assert claims.hash_of(message) == state.claim_hash
    assert list(claims.CLAIM_TYPES.items()) == list(CLAIM_FIELDS)


# What differs in what was signed from what is handed in.
WRONG = {
    "another chain": {"chainId": 11155111},
    "another contract": {"verifyingContract": "0x" + "22" * 20},
    "another name": {"name": "Flywheel ComputeEscrow"},
    "another version": {"version": "2"},
    "another admission": {"admission": 3},
    "no admission": {"admission": 0},
    "another deadline": {"deadline": MAX_UINT - 1},
    "another key": {"key": EVALUATOR_KEYS[1]},
    "another claimant": {"claimant": "0x" + "22" * 20},
    "other weights": {"claim": make_claim(weights_digest=EVIDENCE)},
    "another benchmark": {"claim": make_claim(benchmark_id=STEREOTYPES)},
    "another score": {"claim": make_claim(score=SCORE - 1)},
    "another harness": {"claim": make_claim(harness="x")},
    "other evidence": {"claim": make_claim(evidence_hash=b"\x01" * 32)},
    "another address": {"claim": make_claim(evidence_uri="x")},
}


@pytest.mark.parametrize("what", WRONG)
def test_attest_by_signature__of_something_else__reverts(world, claim_id, what):
    with boa.reverts(NOT_SIGNED):
        world.attest_by(claim_id, world.sign(claim_id, **WRONG[what]))


def test_attest_by_signature__of_an_equal_claim__reverts(world, claim_id):
    """The same fields under another id: a signature is for one claim."""
    twin = world.claim()
    with boa.reverts(NOT_SIGNED):
        world.attest_by(twin, world.sign(claim_id))
    assert world.contract.claim_of(twin).claim_hash == world.contract.claim_of(claim_id).claim_hash


def test_attest_by_signature__again__reverts(world, claim_id):
    signature = world.sign(claim_id)
    world.attest_by(claim_id, signature)
    with boa.reverts("already attested"):
        world.attest_by(claim_id, signature)


@pytest.mark.parametrize("seconds", [0, 1])
def test_attest_by_signature__at_its_deadline__counts_until_then(world, claim_id, seconds):
    deadline = now() + DAY
    signature = world.sign(claim_id, deadline=deadline)
    pass_time(DAY + seconds)
    if seconds:
        with boa.reverts("signature has expired"):
            world.attest_by(claim_id, signature, deadline)
    else:
        world.attest_by(claim_id, signature, deadline)


def test_attest_by_signature__after_the_evaluator_was_removed__reverts(world, claim_id):
    signature = world.sign(claim_id)
    world.admit(world.evaluators[0], admitted=False)
    with boa.reverts(NOT_ADMITTED):
        world.attest_by(claim_id, signature)


def test_attest_by_signature__of_an_earlier_admission__never_counts_again(world, claim_id):
    """What a lost key signed before a vote removed it stays worthless."""
    signature = world.sign(claim_id)
    world.admit(world.evaluators[0], admitted=False)
    world.admit(world.evaluators[0])
    with boa.reverts(NOT_SIGNED):
        world.attest_by(claim_id, signature)
    world.attest_by(claim_id, world.sign(claim_id, admission=3))


def test_attest_by_signature__signed_before_the_first_admission__reverts(world, claim_id):
    key, account = EVALUATOR_KEYS[2], world.evaluators[2]
    signature = world.sign(claim_id, admission=0, key=key)
    for reason in (NOT_ADMITTED, NOT_SIGNED):
        with boa.reverts(reason):
            world.contract.attest_by_signature(claim_id, account, MAX_UINT, signature)
        world.admit(account)


def test_attest_by_signature__unknown_attested_or_void_claim__reverts(world):
    with boa.reverts("no such claim"):
        world.attest_by(1, world.sign(1))
    attested = world.claim()
    signature = world.sign(attested)
    world.admit(world.evaluators[2])
    for evaluator in world.evaluators[1:3]:
        world.attest(attested, evaluator)
    with boa.reverts("claim is attested"):
        world.attest_by(attested, signature)
    world.contract.void_claim(attested, EVIDENCE, sender=world.owner)
    with boa.reverts("claim is void"):
        world.attest_by(attested, signature)


@pytest.mark.parametrize("form", ["high s", "v of 29", "short", "long", "empty", "zeros"])
def test_attest_by_signature__malformed__reverts(world, claim_id, form):
    good = world.sign(claim_id)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high_s = (SECP256K1_ORDER - s).to_bytes(32, "big")
    forms = {
        "high s": r + high_s + bytes([55 - v]),
        "v of 29": good[:64] + bytes([29]),
        "short": good[:64],
        "long": good + b"\0",
        "empty": b"",
        "zeros": bytes(65),
    }
    with boa.reverts(NOT_SIGNED):
        world.attest_by(claim_id, forms[form])


# --- evaluators that are contracts (ERC-1271) ---


@pytest.fixture
def wallet(world):
    wallet = deploy("MockWallet")
    world.admit(wallet.address)
    return wallet


def test_attest_by_signature__that_a_wallet_accepts__counts(world, claim_id, wallet):
    digest = world.contract.attestation_digest(claim_id, wallet, MAX_UINT)
    wallet.accept(digest, b"two of three")
    world.contract.attest_by_signature(claim_id, wallet, MAX_UINT, b"two of three")
    assert world.contract.attestors(claim_id) == [wallet.address]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="says no"),
        pytest.param("5f5ffd", id="reverts"),
        pytest.param("00", id="says nothing"),
        pytest.param("fe", id="burns its gas"),
        pytest.param("631626ba7e60e01b5f5260045ff3", id="answers four bytes"),
    ],
)
def test_attest_by_signature__that_a_wallet_does_not_accept__reverts(world, claim_id, wallet, code):
    if code:
        boa.env.set_code(wallet.address, bytes.fromhex(code))
    with boa.reverts(NOT_SIGNED):
        world.contract.attest_by_signature(claim_id, wallet, MAX_UINT, b"\x01" * 65)


def test_attest_by_signature__of_an_account_with_code_and_key__counts(world, claim_id):
    """Its code knows nothing of ERC-1271 (EIP-7702); what its key signed still counts."""
    signature = world.sign(claim_id)
    boa.env.set_code(world.evaluators[0], b"\x00")
    world.attest_by(claim_id, signature)
    assert world.contract.admission(ACCURACY, world.evaluators[0]) == 1
