"""Receivers of a settlement as RoyaltyRouter has them: kind << KIND_SHIFT | id."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

KIND_SHIFT = 176
TREASURY, ACCOUNT, CAMPAIGN, ANCESTOR = 1, 2, 4, 8


def parts(logged: Iterable[Any]) -> Iterator[tuple[int, int, int]]:
    """Of the parts in a RoyaltySettled, decoded by Ape or by web3, each receiver's
    `(kind, id, units)`; an account's id is its address."""
    for part in logged:
        receiver, amount = map(int, part.values() if isinstance(part, Mapping) else part)
        yield receiver >> KIND_SHIFT, receiver & (2**KIND_SHIFT - 1), amount
