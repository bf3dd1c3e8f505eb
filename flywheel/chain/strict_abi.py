"""Decoding of what anybody may have chosen: calldata, return values, reasons of reverts.

Ape replaces eth_abi's decoder of numbers, for the whole process, by one that reads zeros past the
end of the data: a list that says it has 2**255 numbers would then be read for ever. This registry
has eth_abi's own decoder, which refuses such data at once.
"""

from collections.abc import Iterable
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.decoding import UnsignedIntegerDecoder
from eth_abi.encoding import UnsignedIntegerEncoder
from eth_abi.registry import BaseEquals, registry


def _codec() -> ABICodec:
    own = registry.copy()
    own.unregister("uint")
    own.register(BaseEquals("uint"), UnsignedIntegerEncoder, UnsignedIntegerDecoder, label="uint")
    return ABICodec(own)


_CODEC = _codec()


def decode(types: Iterable[str], data: bytes) -> tuple[Any, ...]:
    """The values of these ABI types.

    Raises `eth_abi.exceptions.DecodingError` where the data ends before they do.
    """
    return tuple(_CODEC.decode(list(types), data))
