"""Attestations by signature: signed into a file without gas, handed in by anybody."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection, signatures, signed_files
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.evaluations import claims
from flywheel.evaluations.claims import Claim
from flywheel.reading import values
from flywheel.reading.texts import shown

if TYPE_CHECKING:
    from ape.api import AccountAPI

KIND = "attestation"
ATTESTATION_TYPES = {
    "claimId": "uint256",
    "admission": "uint256",
    "deadline": "uint256",
    "claim": "Claim",
}
_FIELDS = (
    "kind",
    "chainId",
    "contract",
    "evaluator",
    "claimId",
    "claimHash",
    "deadline",
    "signature",
)
_AGAIN = "Ask the evaluator for the file again"


@dataclass(frozen=True)
class Signed:
    """What a file holds: whose attestation of which claim, until when it may be handed in."""

    chain_id: int
    contract: str
    evaluator: str
    claim_id: int
    claim_hash: bytes
    deadline: int
    signature: bytes

    def save(self, path: Path) -> None:
        content = {
            "kind": KIND,
            "chainId": self.chain_id,
            "contract": self.contract,
            "evaluator": self.evaluator,
            # Numbers as text: JavaScript would round large ones.
            "claimId": str(self.claim_id),
            "claimHash": "0x" + self.claim_hash.hex(),
            "deadline": str(self.deadline),
            "signature": "0x" + self.signature.hex(),
        }
        signed_files.save(path, content)


def load(path: Path) -> Signed:
    """Reads a file of `save`. Raises `FlywheelError` if it is none."""
    return signed_files.read(path, "signed attestation", _AGAIN, _signed)


def _signed(content: dict[str, Any]) -> Signed:
    if content.get("kind") != KIND:
        raise FlywheelError(f"its kind is {shown(content.get('kind'))}")
    signed_files.require_names(content, _FIELDS)
    signed = Signed(
        values.whole_number(content["chainId"], "chainId"),
        values.address(content["contract"], "contract"),
        values.address(content["evaluator"], "evaluator"),
        values.whole_number(content["claimId"], "claimId"),
        values.hexadecimal(content["claimHash"], "claimHash"),
        values.whole_number(content["deadline"], "deadline"),
        values.hexadecimal(content["signature"], "signature"),
    )
    if not signed.signature:
        raise FlywheelError("its signature is empty")
    return signed


def sign(suite: Suite, evaluator: "AccountAPI", claim: Claim, deadline: int) -> Signed:
    """Signs an attestation of the claim as it was read, good until `deadline` (Unix seconds)."""
    address = str(evaluator.address)
    admission = claims.require_open(suite, claim, address)
    contract = str(suite.evaluations.address)
    signature = signatures.sign(
        evaluator,
        contract,
        "Flywheel Evaluations",
        "1",
        "Attestation",
        ATTESTATION_TYPES,
        {
            "claimId": claim.claim_id,
            "admission": admission,
            "deadline": deadline,
            "claim": claim.message,
        },
        {"Claim": claims.CLAIM_TYPES},
    )
    chain_id = connection.chain_id()
    return Signed(
        chain_id, contract, address, claim.claim_id, claim.claim_hash, deadline, signature
    )


def check(suite: Suite, signed: Signed) -> Claim:
    """The claim that was signed. Raises `FlywheelError` if the file is not for this deployment and
    this claim, too late, or of somebody who cannot attest any more."""
    signed_files.require_here(signed.chain_id, signed.contract, str(suite.evaluations.address))
    if connection.now() > signed.deadline:
        raise fix("It has expired", "Have the evaluator sign again")
    claim = claims.get(suite, signed.claim_id)
    if claim.claim_hash != signed.claim_hash:
        raise fix(f"Claim {signed.claim_id} is another than was signed", "Have it signed again")
    claims.require_open(suite, claim, connection.address(signed.evaluator))
    return claim


def submit(suite: Suite, caller: "AccountAPI", signed: Signed) -> None:
    """Hands one in."""
    connection.send(
        suite.evaluations.attest_by_signature,
        signed.claim_id,
        signed.evaluator,
        signed.deadline,
        signed.signature,
        sender=caller,
    )
