"""Signatures by Ape accounts: of structs (EIP-712) and of texts (EIP-191)."""

from typing import TYPE_CHECKING, Any

from flywheel.chain import connection
from flywheel.errors import fix

if TYPE_CHECKING:
    from ape.api import AccountAPI

_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def sign(
    account: "AccountAPI",
    contract: str,
    name: str,
    version: str,
    struct: str,
    fields: dict[str, str],
    values: dict[str, Any],
    inner: dict[str, dict[str, str]] | None = None,
) -> bytes:
    """Signs one struct for `contract`, whose domain is (name, version, this chain, contract).

    `fields`: field -> type, in order; `inner`: the same for each struct that is such a type.
    Returns 65 bytes: r, s, v. Raises `FlywheelError` if refused.
    """
    from eth_account.messages import encode_typed_data

    message = encode_typed_data(
        full_message={
            "domain": {
                "name": name,
                "version": version,
                "chainId": connection.chain_id(),
                "verifyingContract": contract,
            },
            "types": {
                "EIP712Domain": _DOMAIN,
                **{
                    called: [{"name": field, "type": kind} for field, kind in known.items()]
                    for called, known in {struct: fields, **(inner or {})}.items()
                },
            },
            "primaryType": struct,
            "message": values,
        }
    )
    return _signed(account, message, struct)


def sign_text(account: "AccountAPI", text: str) -> bytes:
    """Signs a text that people can read. Returns 65 bytes as `sign` does."""
    from eth_account.messages import encode_defunct

    return _signed(account, encode_defunct(text=text), "text")


def signer_of(text: str, signature: bytes) -> str | None:
    """Whose key signed a text; None if the signature is no key's."""
    from eth_account import Account
    from eth_account.messages import encode_defunct
    from eth_keys.exceptions import BadSignature, ValidationError

    try:
        return str(Account.recover_message(encode_defunct(text=text), signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


def _signed(account: "AccountAPI", message: Any, what: str) -> bytes:
    signature = account.sign_message(message)
    if signature is None:
        raise fix(f"The {what} was not signed", "Confirm it in the wallet")
    r, s = (bytes(part).rjust(32, b"\0") for part in (signature.r, signature.s))
    return r + s + bytes([signature.v])


def parts(signature: bytes) -> tuple[int, bytes, bytes]:
    """(v, r, s) of 65 bytes, as ERC-2612 and `delegateBySig` take them."""
    return signature[64], signature[:32], signature[32:64]
