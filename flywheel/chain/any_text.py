"""Strings of contracts are bytes that anybody chose.

Vyper's and Solidity's `string` may hold what is no UTF-8. Decoders that refuse it would let one
such description, reason or name take every command that reads it away from everybody else. What is
no UTF-8 is read as U+FFFD, which says so on a screen; where the bytes count, as in the hash of a
description, they are read as `bytes`, whose encoding is the same.
"""

from typing import Any

from eth_abi.decoding import StringDecoder

# What stands for bytes that are no UTF-8.
UNREADABLE = "\ufffd"


def text_of(data: bytes, _errors: str = "") -> str:
    """`data` as text; never fails."""
    return data.decode("utf-8", errors="replace")


def install() -> None:
    """Has every decoder of this process read strings so: Ape's, web3's and eth_abi's own."""
    decoder: Any = StringDecoder
    decoder.decoder_fn = staticmethod(text_of)
