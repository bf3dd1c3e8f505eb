"""Builders: register a trained model."""

from enum import IntFlag
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel import chain
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


class ModelKind(IntFlag):
    FOUNDATION = 1
    VERSION = 2
    FINE_TUNE = 4
    ADAPTER = 8
    DISTILLATION = 16
    QUANTIZATION = 32
    PRUNING = 64
    MERGE = 128


def register(
    suite: Suite,
    builder: "AccountAPI",
    grant_id: int,
    kind: ModelKind,
    name: str,
    weights_digest: bytes,
    card_uri: str,
) -> int:
    """Registers a grant's model under the split its terms were approved with; returns its id."""
    receipt = chain.send(
        suite.registry.register,
        (
            int(kind),
            grant_id,
            weights_digest,
            bytes(keccak(text=card_uri)),
            card_uri,
            name,
            [],
        ),
        sender=builder,
    )
    return int(chain.event_of(receipt, suite.registry.ModelRegistered).model_id)
