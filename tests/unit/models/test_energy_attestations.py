"""EnergyLedger: attestations in person and by signature (EIP-712, ERC-1271)."""

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests import support
from tests.kits.grants import (
    BUILDER_KEY,
    MILESTONE,
    PHASE_TRAINING,
    World,
    attestation,
    keyed_account,
    logged,
    make_world,
    sign_message,
)
from tests.support import ZERO_ADDRESS

AUDITOR_KEY = b"\x0d" * 32
NOT_SIGNED = "signature is not the attester's"
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def auditor(world) -> str:
    return keyed_account(AUDITOR_KEY)


@pytest.fixture
def report_id(world) -> int:
    return world.report(world.active())


def test_attest__in_person__counted_and_logged(world, report_id, auditor):
    world.ledger.attest(report_id, auditor, b"", sender=auditor)
    fields = {"report_id": report_id, "attester": auditor, "attestations": 1}
    assert logged(world.ledger) == [("Attested", fields)]
    assert world.ledger.attestations(report_id) == 1
    assert world.ledger.has_attested(report_id, auditor)
    assert not world.ledger.has_attested(report_id, world.builder)


def test_attest__by_signature__carried_by_anybody(world, report_id, auditor):
    signature = sign_message(attestation(world.ledger, report_id), AUDITOR_KEY)
    world.ledger.attest(report_id, auditor, signature, sender=world.stranger)
    assert world.ledger.has_attested(report_id, auditor)
    assert not world.ledger.has_attested(report_id, world.stranger)
    world.ledger.attest(report_id, world.builder, b"", sender=world.builder)
    assert world.ledger.attestations(report_id) == 2


def test_attest__nothing_else_changes(world, report_id, auditor):
    """No power follows: validity, footprint and review are what they were."""
    grant_id = world.ledger.report_of(report_id).subject_id
    views = (
        lambda: world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING),
        lambda: tuple(world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING)),
        lambda: world.ledger.is_challenged(report_id),
        lambda: world.ledger.superseded_by(report_id),
    )
    before = [view() for view in views]
    world.ledger.attest(report_id, auditor, b"", sender=auditor)
    assert [view() for view in views] == before


def test_attest__superseded_and_challenged__still_possible(world, report_id, auditor):
    grant_id = world.ledger.report_of(report_id).subject_id
    world.challenge(report_id)
    world.report(grant_id, supersedes=report_id)
    world.ledger.attest(report_id, auditor, b"", sender=auditor)
    assert world.ledger.attestations(report_id) == 1
    assert world.ledger.attestations(report_id + 1) == 0


def test_attest__twice__reverts(world, report_id, auditor):
    signature = sign_message(attestation(world.ledger, report_id), AUDITOR_KEY)
    world.ledger.attest(report_id, auditor, signature)
    with boa.reverts("report is attested already"):
        world.ledger.attest(report_id, auditor, signature)
    with boa.reverts("report is attested already"):
        world.ledger.attest(report_id, auditor, b"", sender=auditor)


def test_attest__unknown_report__reverts(world, auditor):
    for unknown in (0, 1):
        with boa.reverts("no such report"):
            world.ledger.attest(unknown, auditor, b"", sender=auditor)
        with boa.reverts("no such report"):
            world.ledger.report_hash(unknown)
        with boa.reverts("no such report"):
            world.ledger.attestation_digest(unknown)


def test_attestation_digest__is_that_of_eip_712(world, report_id):
    message = attestation(world.ledger, report_id)
    assert world.ledger.report_hash(report_id) == message["message"]["reportHash"]
    signable = encode_typed_data(full_message=message)
    expected = keccak(b"\x19\x01" + signable.header + signable.body)
    assert world.ledger.attestation_digest(report_id) == expected


WRONG = {
    "chain": {"domain": {"chainId": 7}},
    "contract": {"domain": {"verifyingContract": "0x" + "11" * 20}},
    "name": {"domain": {"name": "Flywheel ComputeEscrow"}},
    "version": {"domain": {"version": "2"}},
    "report": {"reportId": 2},
    "energy": {"energyWh": 1},
    "emissions": {"emissionsGrams": 1},
    "content": {"reportHash": b"\x01" * 32},
}


@pytest.mark.parametrize("what", WRONG)
def test_attest__signature_of_something_else__reverts(world, report_id, auditor, what):
    signature = sign_message(attestation(world.ledger, report_id, **WRONG[what]), AUDITOR_KEY)
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(report_id, auditor, signature)


def test_attest__signature_of_another_report__is_no_replay(world, report_id, auditor):
    """Two reports with the same content are two reports."""
    signature = sign_message(attestation(world.ledger, report_id), AUDITOR_KEY)
    twin = world.report(world.ledger.report_of(report_id).subject_id)
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(twin, auditor, signature)


def malformed(signature: bytes) -> dict[str, bytes]:
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    high = (SECP256K1_ORDER - s).to_bytes(32, "big")
    return {
        "empty": b"",
        "short": signature[:64],
        "long": signature + b"\0",
        "high s": r + high + bytes([55 - v]),
        "wrong v": signature[:64] + b"\x1d",
        "zeros": b"\0" * 65,
    }


@pytest.mark.parametrize("what", malformed(b"\1" * 64 + b"\x1b"))
def test_attest__malformed_signature__reverts(world, report_id, auditor, what):
    signature = sign_message(attestation(world.ledger, report_id), AUDITOR_KEY)
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(report_id, auditor, malformed(signature)[what])


def test_attest__signature_of_somebody_else__reverts(world, report_id, auditor):
    signature = sign_message(attestation(world.ledger, report_id), BUILDER_KEY)
    for attester in (auditor, ZERO_ADDRESS, world.ledger.address):
        with boa.reverts(NOT_SIGNED):
            world.ledger.attest(report_id, attester, signature)
    assert Account.from_key(BUILDER_KEY).address == world.builder


def test_attest__contract_with_erc_1271__its_answer_counts(world, report_id):
    wallet = support.deploy("MockWallet", sender=world.owner)
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(report_id, wallet.address, b"\1" * 200)
    wallet.accept(world.ledger.attestation_digest(report_id), b"\1" * 200)
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(report_id, wallet.address, b"\2" * 200)
    world.ledger.attest(report_id, wallet.address, b"\1" * 200)
    assert world.ledger.has_attested(report_id, wallet.address)


def test_attest__contract_that_reverts__is_refused(world, report_id):
    """A contract without ERC-1271 has no `isValidSignature` to answer with."""
    with boa.reverts(NOT_SIGNED):
        world.ledger.attest(report_id, world.asset.address, b"\1" * 65)
