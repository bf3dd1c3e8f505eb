"""Attestations of energy reports: in person, or signed into a file that anybody may submit."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection, signatures, signed_files
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.reading import values

if TYPE_CHECKING:
    from ape.api import AccountAPI

KIND = "energy attestation"
_FIELDS = ("kind", "chainId", "contract", "report", "attester", "signature")
_TYPES = {
    "reportId": "uint256",
    "energyWh": "uint256",
    "emissionsGrams": "uint256",
    "reportHash": "bytes32",
}
_AGAIN = "Ask who signed it for the file again"


@dataclass(frozen=True)
class Attestation:
    """What a file holds: who stands by which report of which ledger."""

    chain_id: int
    contract: str
    report_id: int
    attester: str
    signature: bytes

    def save(self, path: Path) -> None:
        content = {
            "kind": KIND,
            "chainId": self.chain_id,
            "contract": self.contract,
            "report": self.report_id,
            "attester": self.attester,
            "signature": "0x" + self.signature.hex(),
        }
        signed_files.save(path, content)


def load(path: Path) -> Attestation:
    """Reads a file of `save`. Raises `FlywheelError` if it is none."""
    return signed_files.read(path, "signed attestation", _AGAIN, _attestation)


def _attestation(content: dict[str, Any]) -> Attestation:
    signed_files.require_names(content, _FIELDS)
    if content["kind"] != KIND:
        raise FlywheelError("it is of another kind")
    return Attestation(
        values.whole_number(content["chainId"], "chainId"),
        values.address(content["contract"], "contract"),
        values.whole_number(content["report"], "report"),
        values.address(content["attester"], "attester"),
        values.hexadecimal(content["signature"], "signature"),
    )


def sign(suite: Suite, attester: "AccountAPI", report_id: int) -> Attestation:
    """The attester's EIP-712 signature of a report as the chain has it."""
    ledger = suite.energy
    data = connection.call(ledger.report_of, report_id)
    signed = signatures.sign(
        attester,
        str(ledger.address),
        "Flywheel EnergyLedger",
        "1",
        "Attestation",
        _TYPES,
        {
            "reportId": report_id,
            "energyWh": int(data.energy_wh),
            "emissionsGrams": int(data.emissions_grams),
            "reportHash": bytes(connection.call(ledger.report_hash, report_id)),
        },
    )
    return Attestation(
        connection.chain_id(), str(ledger.address), report_id, str(attester.address), signed
    )


def attest(suite: Suite, attester: "AccountAPI", report_id: int) -> int:
    """Attests in person; returns how many accounts have attested the report."""
    receipt = connection.send(
        suite.energy.attest, report_id, attester.address, b"", sender=attester
    )
    return int(connection.event_of(receipt, suite.energy.Attested).attestations)


def submit(suite: Suite, caller: "AccountAPI", signed: Attestation) -> int:
    """Brings what somebody signed; returns how many accounts have attested the report.

    Raises `FlywheelError` if it was signed for another chain or another ledger.
    """
    here = connection.chain_id(), str(suite.energy.address).lower()
    if (signed.chain_id, signed.contract.lower()) != here:
        raise fix("The attestation is of another chain or another EnergyLedger", _AGAIN)
    receipt = connection.send(
        suite.energy.attest, signed.report_id, signed.attester, signed.signature, sender=caller
    )
    return int(connection.event_of(receipt, suite.energy.Attested).attestations)
