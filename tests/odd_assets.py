"""Tokens that misbehave: the switches of contracts/mocks/OddAsset.vy, and what the wild has."""

from enum import IntFlag
from typing import Any

from tests.support import deploy


class Entry(IntFlag):
    """Mirror of `OddAsset.Entry`: where a fault shows."""

    TRANSFER = 1
    TRANSFER_FROM = 2
    APPROVE = 4
    MOVES = TRANSFER | TRANSFER_FROM
    ALL = MOVES | APPROVE


class Fault(IntFlag):
    """Mirror of `OddAsset.Fault`."""

    NONE = 0
    RETURNS_NOTHING = 1
    RETURNS_FALSE = 2
    RETURNS_GARBAGE = 4
    RETURNS_SHORT = 8
    MOVES_NOTHING = 16
    FEE_ON_RECEIVER = 32
    FEE_ON_SENDER = 64
    PAUSED = 128
    REVERTS = 256
    BURNS_GAS = 512
    REVERTS_ON_ZERO = 1024
    REVERTS_OVER_96_BITS = 2048
    REVERTS_ON_REAPPROVAL = 4096
    NOTIFIES_RECEIVER = 8192


class Mood(IntFlag):
    """Mirror of `Hostile.Mood`."""

    REVERTS = 1
    BURNS_GAS = 2
    RETURNS_100_KB = 4
    REVERTS_WITH_100_KB = 8


# Faults that a careful caller does not notice.
HARMLESS_FAULTS = (
    Fault.NONE,
    Fault.RETURNS_NOTHING,
    Fault.REVERTS_ON_ZERO,
    Fault.REVERTS_OVER_96_BITS,
    Fault.REVERTS_ON_REAPPROVAL,
    Fault.RETURNS_NOTHING | Fault.REVERTS_ON_REAPPROVAL,
)
# Faults of a movement that a careful caller must refuse, with the reason (None: it has none).
REFUSED_FAULTS: dict[Fault, str | None] = {
    Fault.RETURNS_FALSE: "asset transfer failed",
    Fault.RETURNS_FALSE | Fault.MOVES_NOTHING: "asset transfer failed",
    Fault.RETURNS_GARBAGE: None,
    Fault.RETURNS_SHORT: None,
    Fault.MOVES_NOTHING: "asset took a fee",
    Fault.PAUSED: "asset is paused",
    Fault.REVERTS: None,
    Fault.BURNS_GAS: None,
}
# Cells of the tables: why a call fails; kinds of tokens by the names of the rows.
REASONS = {
    "failed": "asset transfer failed",
    "approve": "asset approval failed",
    "allow": "allowance is too low",
    "fee": "asset took a fee",
    "short": "asset was not handed over",
    "missing": "asset did not arrive",
    "paused": "asset is paused",
    "black": "account is blacklisted",
    "low": "balance is too low",
    "reverts": None,
}
NAMED_FAULTS = {
    "plain": Fault.NONE,
    "no return value": Fault.RETURNS_NOTHING,
    "false, moves": Fault.RETURNS_FALSE,
    "false, stays": Fault.RETURNS_FALSE | Fault.MOVES_NOTHING,
    "garbage, moves": Fault.RETURNS_GARBAGE,
    "garbage, stays": Fault.RETURNS_GARBAGE | Fault.MOVES_NOTHING,
    "short, moves": Fault.RETURNS_SHORT,
    "true, stays": Fault.MOVES_NOTHING,
    "fee on receiver": Fault.FEE_ON_RECEIVER,
    "fee on sender": Fault.FEE_ON_SENDER,
    "paused": Fault.PAUSED,
    "reverts": Fault.REVERTS,
    "burns gas": Fault.BURNS_GAS,
    "reverts on zero": Fault.REVERTS_ON_ZERO,
    "reverts over 96 bits": Fault.REVERTS_OVER_96_BITS,
    "reverts on reapproval": Fault.REVERTS_ON_REAPPROVAL,
    "hook of the receiver": Fault.NOTIFIES_RECEIVER,
}


def deploy_odd_asset(
    fault: Fault = Fault.NONE, entries: Entry = Entry.ALL, symbol: str = "ODD", decimals: int = 6
) -> Any:
    """An `OddAsset` that shows `fault` at `entries` until told otherwise by `misbehave`."""
    asset = deploy("OddAsset", f"Odd {symbol}", symbol, decimals)
    for function in ("transfer", "transferFrom", "approve"):
        # Their raw replies follow no type, so boa must not decode them.
        getattr(asset, function).func_t.return_type = None
    asset.misbehave(fault, entries)
    return asset


def program_reentry(
    asset: Any,
    target: Any,
    payload: bytes,
    *,
    entries: Entry = Entry.MOVES,
    calls: int = 1,
    runs_first: bool = False,
    is_strict: bool = False,
) -> None:
    """Makes the next `calls` uses of `entries` call `target` with `payload` (see `calldata_of`)."""
    target_address = getattr(target, "address", target)
    asset.program_hook(target_address, payload, entries, calls, runs_first, is_strict)


def calldata_of(contract: Any, function: str, *args: Any) -> bytes:
    """The call data of `contract.<function>(*args)`, for hooks, actors and proposals."""
    return bytes(getattr(contract, function).prepare_calldata(*args))
