"""Ballots and delegations by signature: signed into a file, which anybody may submit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection, signatures
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.states import Support

if TYPE_CHECKING:
    from ape.api import AccountAPI

BALLOT, DELEGATION = "ballot", "delegation"
_BALLOT_FIELDS = {
    "proposalId": "uint256",
    "support": "uint8",
    "voter": "address",
    "nonce": "uint256",
}
_DELEGATION_FIELDS = {"delegatee": "address", "nonce": "uint256", "expiry": "uint256"}


@dataclass(frozen=True)
class Signed:
    """What a file holds; `contract` is the Governor for a ballot, the token for a delegation."""

    kind: str
    chain_id: int
    contract: str
    signer: str
    message: dict[str, Any]
    signature: bytes

    def save(self, path: Path) -> None:
        content = {
            "kind": self.kind,
            "chainId": self.chain_id,
            "contract": self.contract,
            "signer": self.signer,
            # Numbers as text: JavaScript would round a proposal's id.
            "message": {name: str(value) for name, value in self.message.items()},
            "signature": "0x" + self.signature.hex(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def load(path: Path) -> Signed:
    """Reads a file of `save`. Raises `FlywheelError` if it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kind, written = content["kind"], content["message"]
        fields = {BALLOT: _BALLOT_FIELDS, DELEGATION: _DELEGATION_FIELDS}[kind]
        return Signed(
            kind,
            int(content["chainId"]),
            str(content["contract"]),
            str(content["signer"]),
            {
                name: str(written[name]) if abi_type == "address" else int(written[name])
                for name, abi_type in fields.items()
            },
            bytes.fromhex(content["signature"].removeprefix("0x")),
        )
    except OSError as error:
        raise fix(f"Cannot read {path}: {error.strerror}", "Check the path") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise fix(
            f"{path} is no signed ballot or delegation", "Ask who signed it for the file again"
        ) from None


def sign_ballot(
    suite: Suite,
    voter: "AccountAPI",
    proposal_id: int,
    support: Support,
    nonce: int | None = None,
) -> Signed:
    """A ballot by signature. Ballots use up nonces in order: the next one unless given."""
    used = int(suite.governor.nonces(voter.address))
    if nonce is not None and nonce < used:
        raise fix(f"Nonce {nonce} is used", f"Give {used} or more with --nonce")
    message = {
        "proposalId": proposal_id,
        "support": int(support),
        "voter": str(voter.address),
        "nonce": used if nonce is None else nonce,
    }
    return _sign(suite.governor, voter, BALLOT, "Ballot", _BALLOT_FIELDS, message)


def sign_delegation(suite: Suite, holder: "AccountAPI", delegatee: str, expiry: int) -> Signed:
    """A delegation by signature, valid until `expiry` (Unix seconds)."""
    message = {
        "delegatee": delegatee,
        "nonce": int(suite.token.nonces(holder.address)),
        "expiry": expiry,
    }
    return _sign(suite.token, holder, DELEGATION, "Delegation", _DELEGATION_FIELDS, message)


def _sign(
    contract: Any,
    signer: "AccountAPI",
    kind: str,
    struct: str,
    fields: dict[str, str],
    message: dict[str, Any],
) -> Signed:
    _, name, version, *_ = contract.eip712Domain()
    target = str(contract.address)
    v, r, s = signatures.sign(signer, target, name, version, struct, fields, message)
    signature = r + s + bytes([v])
    return Signed(kind, connection.chain_id(), target, str(signer.address), message, signature)


def check(suite: Suite, signed: Signed) -> None:
    """Raises `FlywheelError` if it is not for this deployment, or its turn is past or not yet."""
    contract = suite.governor if signed.kind == BALLOT else suite.token
    here = connection.chain_id()
    if signed.chain_id != here:
        raise fix(f"It is for chain {signed.chain_id}, this is chain {here}", "Use its chain")
    if signed.contract.lower() != str(contract.address).lower():
        raise fix(f"It is for the contract {signed.contract}, not for ours", "Use its deployment")
    nonce = int(contract.nonces(signed.signer))
    if signed.message["nonce"] < nonce:
        raise fix(f"{signed.signer} has used nonce {signed.message['nonce']}", "Sign a new one")
    if signed.message["nonce"] > nonce:
        raise fix(
            f"{signed.signer} has signed another one before this", "Submit that one too, or first"
        )


def submit(suite: Suite, caller: "AccountAPI", signed: Signed) -> str:
    """Submits one; returns what it did in words. Raises `FlywheelError` if it is refused."""
    check(suite, signed)
    message, signature = signed.message, signed.signature
    if signed.kind == BALLOT:
        receipt = connection.send(
            suite.governor.castVoteBySig,
            message["proposalId"],
            message["support"],
            message["voter"],
            signature,
            sender=caller,
        )
        weight = int(connection.event_of(receipt, suite.governor.VoteCast).weight)
        return f"{Support(message['support']).name.lower()} with {suite.tokens(weight)}"
    if len(signature) != 65:
        raise FlywheelError("A delegation needs a signature of 65 bytes.")
    connection.send(
        suite.token.delegateBySig,
        message["delegatee"],
        message["nonce"],
        message["expiry"],
        signature[64],
        signature[:32],
        signature[32:64],
        sender=caller,
    )
    return f"delegated to {message['delegatee']}"


def in_order(files: list[tuple[Path, Signed]]) -> list[tuple[Path, Signed]]:
    """By signer's nonce, so that several of one signer pass in one go."""
    return sorted(files, key=lambda item: item[1].message["nonce"])
