"""Constants, typed errors, events and signatures of the token's tests."""

from typing import Any

import boa

from tests.support import ZERO_ADDRESS

NAME = "Flywheel"
SYMBOL = "FLY"
ETHER = 10**18
CAP = 10**9 * ETHER
HELD = 1_000 * ETHER
MAX_SUPPLY = 2**96 - 1

PERMIT = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}
DELEGATION = {
    "Delegation": [
        {"name": "delegatee", "type": "address"},
        {"name": "nonce", "type": "uint256"},
        {"name": "expiry", "type": "uint256"},
    ]
}


def sign(token: Any, signer: Any, types: dict, **overrides: Any) -> tuple[int, bytes, bytes]:
    """EIP-712 signature (v, r, s) in the token's domain. `overrides` are the message's fields;
    `domain` may replace fields of the domain."""
    domain = {
        "name": NAME,
        "version": "1",
        "chainId": boa.env.evm.patch.chain_id,
        "verifyingContract": token.address,
        **overrides.pop("domain", {}),
    }
    signed = signer.sign_typed_data(domain, types, overrides)
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def transferred(sender: str, receiver: str, amount: int) -> tuple:
    return ("Transfer", sender, receiver, amount)


def minted(receiver: str, amount: int) -> tuple:
    return transferred(ZERO_ADDRESS, receiver, amount)


def votes_changed(delegate: str, before: int, after: int) -> tuple:
    return ("DelegateVotesChanged", delegate, before, after)
