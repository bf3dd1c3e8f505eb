"""Ballots and delegations by signature: signed into a file, which anybody may submit."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection, signatures, signed_files
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.reading import values
from flywheel.reading.texts import shown
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
        signed_files.save(path, content)


_PLAIN_FIELDS = ("kind", "chainId", "contract", "signer", "message", "signature")
_AGAIN = "Ask who signed it for the file again"


def load(path: Path) -> Signed:
    """Reads a file of `save`. Raises `FlywheelError` if it is none, or says what cannot be.

    The signer of a ballot is the voter of its message: the chain counts the vote of the latter,
    while the former is what people are shown and whose nonce is looked up.
    """
    return signed_files.read(path, "signed ballot or delegation", _AGAIN, _signed)


def _signed(content: dict[str, Any]) -> Signed:
    kind = content.get("kind")
    if kind not in (BALLOT, DELEGATION):
        raise FlywheelError(f"its kind is {shown(kind)}")
    signed_files.require_names(content, _PLAIN_FIELDS)
    fields = _BALLOT_FIELDS if kind == BALLOT else _DELEGATION_FIELDS
    signed = Signed(
        kind,
        values.whole_number(content["chainId"], "chainId"),
        values.address(content["contract"], "contract"),
        values.address(content["signer"], "signer"),
        _message(content["message"], fields),
        values.hexadecimal(content["signature"], "signature"),
    )
    _check_signer(signed)
    return signed


def _message(written: Any, fields: dict[str, str]) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise FlywheelError("its message is no object with names")
    signed_files.require_names(written, fields)
    return {
        name: values.address(written[name], name)
        if abi_type == "address"
        else values.whole_number(written[name], name, 2 ** int(abi_type.removeprefix("uint")) - 1)
        for name, abi_type in fields.items()
    }


def _check_signer(signed: Signed) -> None:
    if not signed.signature:
        raise FlywheelError("its signature is empty")
    if signed.kind == DELEGATION:
        if len(signed.signature) != 65:
            raise FlywheelError("a delegation needs a signature of 65 bytes")
        return
    voter = signed.message["voter"]
    if voter.lower() != signed.signer.lower():
        raise FlywheelError(f"it is shown as signed by {signed.signer}, but votes for {voter}")
    if signed.message["support"] not in list(Support):
        raise FlywheelError(f"its support is {signed.message['support']}")


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
    signature = signatures.sign(signer, target, name, version, struct, fields, message)
    return Signed(kind, connection.chain_id(), target, str(signer.address), message, signature)


def check(suite: Suite, signed: Signed) -> None:
    """Raises `FlywheelError` if it is not for this deployment, or its turn is past or not yet."""
    contract = suite.governor if signed.kind == BALLOT else suite.token
    signed_files.require_here(signed.chain_id, signed.contract, str(contract.address))
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
        *signatures.parts(signature),
        sender=caller,
    )
    return f"delegated to {message['delegatee']}"


def in_order(files: list[tuple[Path, Signed]]) -> list[tuple[Path, Signed]]:
    """By signer's nonce, so that several of one signer pass in one go."""
    return sorted(files, key=lambda item: item[1].message["nonce"])
