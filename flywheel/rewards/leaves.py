"""Leaves of drops: what they are bound to, and their hash. Imports no table library."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import sha3
from eth_utils import to_checksum_address

from flywheel.errors import fix

# Leaves of a page, as ContributorRewards has them.
PAGE = 128
_NUMBER_MASK = (1 << 48) - 1
_WORD = 32
_LOWER_CASE = re.compile(r"(?:0x[0-9a-f]{40}\n)*+")


def keccak(data: bytes) -> bytes:
    """keccak256 as the EVM has it (not the later SHA-3)."""
    return bytes(sha3.keccak_256(data).digest())


@dataclass(frozen=True)
class Domain:
    """What all leaves of a drop have in common: where they are claimed, of which campaign, in which
    asset, and as which of its drops."""

    chain_id: int
    contract: str
    campaign_id: int
    asset: str
    number: int

    @property
    def drop_id(self) -> int:
        """As `drop_id` of the contract packs it."""
        asset = int.from_bytes(address_bytes(self.asset), "big")
        return asset << 96 | self.campaign_id << 48 | self.number

    def encode(self) -> bytes:
        """The first three words of a leaf's ABI encoding."""
        return (
            self.chain_id.to_bytes(_WORD, "big")
            + address_bytes(self.contract).rjust(_WORD, b"\0")
            + self.drop_id.to_bytes(_WORD, "big")
        )


@dataclass(frozen=True)
class Leaf:
    """One leaf; amounts in units of the asset, the account in lower case."""

    index: int
    account: str
    amount: int
    page_total: int

    @property
    def argument(self) -> tuple[int, str, int, int]:
        """`IContributorRewards.Leaf`."""
        return self.index, self.account, self.amount, self.page_total


def address_bytes(address: str) -> bytes:
    """The 20 bytes of a hexadecimal address in any case. `FlywheelError` if it is not one."""
    try:
        data = bytes.fromhex(address.removeprefix("0x"))
    except (ValueError, AttributeError):
        data = b""
    if len(data) != 20 or not address.startswith("0x"):
        raise fix(f"'{address}' is not an address", "Write 0x and 40 hexadecimal digits")
    return data


def packed(addresses: Iterable[str]) -> bytes | None:
    """The 20 bytes of each, or None if one is not 0x and 40 hexadecimal digits in lower case; a
    million in some tenths of a second."""
    lines = list(addresses)
    text = "\n".join([*lines, ""])
    # Two addresses in one text would be two lines: the length tells.
    if len(text) != 43 * len(lines) or not _LOWER_CASE.fullmatch(text):
        return None
    return bytes.fromhex(text.replace("0x", ""))


def leaf_hash(domain: Domain, leaf: Leaf) -> bytes:
    """What `ContributorRewards.leaf` returns: the double hash of the seven encoded values."""
    encoded = (
        domain.encode()
        + leaf.index.to_bytes(_WORD, "big")
        + address_bytes(leaf.account).rjust(_WORD, b"\0")
        + leaf.amount.to_bytes(_WORD, "big")
        + leaf.page_total.to_bytes(_WORD, "big")
    )
    return keccak(keccak(encoded))


class DropId(NamedTuple):
    """The parts of a drop's id; the asset with its checksum."""

    campaign_id: int
    asset: str
    number: int


def parts_of(drop_id: int) -> DropId:
    """As the contract packs them."""
    asset = str(to_checksum_address((drop_id >> 96).to_bytes(20, "big")))
    return DropId(drop_id >> 48 & _NUMBER_MASK, asset, drop_id & _NUMBER_MASK)
