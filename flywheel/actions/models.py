"""Builders: register a trained model."""

import secrets
import time
from collections.abc import Sequence
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
    *,
    split: Sequence[tuple[int, str, int, int]] = (),
    parents: Sequence[tuple[int, int]] = (),
    datasets: Sequence[tuple[int, int]] = (),
    fingerprint: bytes = bytes(32),
) -> int:
    """Commits to the digest, waits the minute that keeps others from copying it, registers; returns
    the model's id.

    A grant's model has the split its terms were approved with; any other brings its own `split`, of
    (receiver kind, account, campaign id, bps). `parents` are (model id, license id), 0 for a parent
    of one's own; `datasets` (campaign id, weight in bps).
    """
    salt = _commit(suite, builder, weights_digest)
    receipt = chain.send(
        suite.registry.register,
        (
            int(kind),
            grant_id,
            weights_digest,
            bytes(keccak(text=card_uri)),
            card_uri,
            name,
            list(split),
            list(parents),
            list(datasets),
            fingerprint,
            salt,
        ),
        sender=builder,
    )
    return int(chain.event_of(receipt, suite.registry.ModelRegistered).model_id)


def _commit(suite: Suite, builder: "AccountAPI", weights_digest: bytes) -> bytes:
    """The salt that the registration must name, once the commitment is old enough."""
    salt = secrets.token_bytes(32)
    registry = suite.registry
    commitment = chain.call(registry.commitment, builder.address, weights_digest, salt)
    chain.send(registry.commit, commitment, sender=builder)
    seconds = int(chain.call(registry.MIN_COMMIT_SECONDS)) + 1
    if chain.is_local():
        chain.pass_time(seconds)
    else:
        time.sleep(seconds)
    return salt
