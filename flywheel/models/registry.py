"""Builders: register a trained model; what the registry tells of it."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_utils import keccak, to_checksum_address

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import unknown
from flywheel.governance import proposals
from flywheel.grants.grant_terms import Share
from flywheel.models import lineage
from flywheel.models.kinds import ModelKind as ModelKind
from flywheel.royalties.receivers import KIND_SHIFT
from flywheel.states import ReceiverKind

if TYPE_CHECKING:
    from ape.api import AccountAPI

RECEIVER_BITS = 160
MASK_16 = 2**16 - 1


@dataclass(frozen=True)
class Model:
    """A model as it stands; shares in bps, times in unix seconds."""

    model_id: int
    name: str
    kind: ModelKind
    owner: str
    registrant: str
    registered_at: int
    grant_id: int
    weights_digest: bytes
    card_hash: bytes
    card_uri: str
    fingerprint: bytes
    fee_bps: int
    floor_bps: int
    parents: tuple[tuple[int, int, int], ...]
    """(model id, licence id, bps of the link)"""
    ancestors: dict[int, int]
    split: tuple[Share, ...]
    announced: tuple[Share, ...]
    announced_for: int


def require(suite: Suite, model_id: int) -> None:
    """Raises `FlywheelError` if there is no such model."""
    count = int(suite.registry.model_count())
    if not 1 <= model_id <= count:
        raise unknown("model", model_id, count)


def get(suite: Suite, model_id: int) -> Model:
    """Reads one model. Raises `FlywheelError` if it does not exist."""
    require(suite, model_id)
    registry = suite.registry
    data = registry.model(model_id)
    words = connection.call(registry.distribution, model_id)[1]
    announced, effective_at = connection.call(registry.scheduled_split, model_id)
    return Model(
        model_id=model_id,
        name=str(registry.model_name(model_id)),
        kind=ModelKind(data.kind),
        owner=str(registry.ownerOf(model_id)),
        registrant=str(data.registrant),
        registered_at=int(data.registered_at),
        grant_id=int(data.grant_id),
        weights_digest=bytes(data.weights_digest),
        card_hash=bytes(data.card_hash),
        card_uri=str(registry.tokenURI(model_id)),
        fingerprint=bytes(data.fingerprint),
        fee_bps=(int(words[0]) >> 192) & MASK_16,
        floor_bps=int(registry.floor_bps(model_id)),
        parents=tuple(
            (int(item.model_id), int(item.license_id), int(item.share_bps))
            for item in connection.call(registry.parents, model_id)
        ),
        ancestors=ancestors(suite, model_id),
        split=tuple(map(_share, words)),
        announced=tuple(map(_share, announced)),
        announced_for=int(effective_at),
    )


def ancestors(suite: Suite, model_id: int) -> lineage.Table:
    """What the model owes its ancestors, in the registry's order."""
    return {
        int(item.model_id): int(item.share_bps)
        for item in connection.call(suite.registry.ancestors, model_id)
    }


def _share(word: int) -> Share:
    """One share of a split, from its packed word."""
    receiver = word & (2**RECEIVER_BITS - 1)
    kind = ReceiverKind((word >> KIND_SHIFT) & 0xFF)
    bps = (word >> RECEIVER_BITS) & MASK_16
    if kind == ReceiverKind.ACCOUNT:
        return Share(kind, bps, account=to_checksum_address(f"0x{receiver:040x}"))
    return Share(kind, bps, campaign_id=receiver)


def named(suite: Suite, name: str) -> list[int]:
    """Ids of the models of that name; names are not unique."""
    count = int(suite.registry.model_count())
    return [
        model_id
        for model_id in range(1, count + 1)
        if str(suite.registry.model_name(model_id)) == name
    ]


# --- registration ---


def commitment(suite: Suite, registrant: str, weights_digest: bytes, salt: bytes) -> bytes:
    return bytes(connection.call(suite.registry.commitment, registrant, weights_digest, salt))


def committed_at(suite: Suite, registrant: str, weights_digest: bytes, salt: bytes) -> int:
    """When this was committed to, 0 if it was not or is used."""
    found = commitment(suite, registrant, weights_digest, salt)
    return int(connection.call(suite.registry.committed_at, found))


def commit(
    suite: Suite, builder: "AccountAPI", weights_digest: bytes, salt: bytes | None = None
) -> bytes:
    """First half of a registration: commits to the digest; returns the salt that `register` needs.

    The salt is random unless one is given: a guessable one lets others find what was committed.
    """
    chosen = salt or secrets.token_bytes(32)
    found = commitment(suite, str(builder.address), weights_digest, chosen)
    connection.send(suite.registry.commit, found, sender=builder)
    return chosen


def await_reveal(suite: Suite, committed: int) -> None:
    """Waits until what was committed at that time may be registered; moves a test chain's clock."""
    seconds = (
        committed + int(connection.call(suite.registry.MIN_COMMIT_SECONDS)) + 1 - connection.now()
    )
    if seconds <= 0:
        return
    if connection.is_local():
        connection.pass_time(seconds)
    else:
        time.sleep(seconds)


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
    card_hash: bytes | None = None,
    salt: bytes | None = None,
) -> int:
    """Commits to the digest, waits the minute that keeps others from copying it, registers; returns
    the model's id. With the `salt` of an earlier `commit` it only registers.

    A grant's model has the split its terms were approved with; any other brings its own `split`, of
    (receiver kind, account, campaign id, bps). `parents` are (model id, license id), 0 for a parent
    of one's own; `datasets` (campaign id, weight in bps). The card's hash is of its bytes; without
    one, of its address.
    """
    if salt is None:
        salt = commit(suite, builder, weights_digest)
        await_reveal(suite, committed_at(suite, str(builder.address), weights_digest, salt))
    terms = struct(
        grant_id,
        kind,
        name,
        weights_digest,
        card_uri,
        split=split,
        parents=parents,
        datasets=datasets,
        fingerprint=fingerprint,
        card_hash=card_hash,
        salt=salt,
    )
    receipt = connection.send(suite.registry.register, terms, sender=builder)
    return int(connection.event_of(receipt, suite.registry.ModelRegistered).model_id)


def struct(
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
    card_hash: bytes | None = None,
    salt: bytes = bytes(32),
) -> tuple[object, ...]:
    """`IModelRegistry.ModelTerms`."""
    return (
        int(kind),
        grant_id,
        weights_digest,
        bytes(keccak(text=card_uri)) if card_hash is None else card_hash,
        card_uri,
        name,
        list(split),
        list(parents),
        list(datasets),
        fingerprint,
        salt,
    )


def registration(
    suite: Suite, kind: ModelKind, name: str, weights_digest: bytes, card_uri: str
) -> proposals.Action:
    """The action that registers a model as the DAO's own, all of whose revenue is its income.

    It needs no commitment, and shows its digest while the holders vote: others may register it
    first (docs/RISKS.md).
    """
    split = [Share(ReceiverKind.TREASURY, 10_000).argument]
    terms = struct(0, kind, name, weights_digest, card_uri, split=split)
    words = f"register the model {name} as the DAO's"
    return proposals.action(suite.registry, "register", terms, words=words)


# --- owners ---


def set_split(
    suite: Suite, owner: "AccountAPI", model_id: int, split: Sequence[Share]
) -> tuple[tuple[Share, ...], int]:
    """Announces another split, or takes an announced one back when `split` is empty; returns it and
    when it may take effect."""
    arguments = [item.argument for item in split]
    connection.send(suite.registry.set_split, model_id, arguments, sender=owner)
    announced, effective_at = connection.call(suite.registry.scheduled_split, model_id)
    return tuple(map(_share, announced)), int(effective_at)


def approve_derivation(
    suite: Suite, owner: "AccountAPI", model_id: int, commitment: bytes, approved: bool = True
) -> None:
    """Lets the model of this commitment be derived from `model_id`, or takes that back."""
    arguments = (model_id, commitment, approved)
    connection.send(suite.rights.approve_derivation, *arguments, sender=owner)


def end_exclusivity(suite: Suite, caller: "AccountAPI", model_id: int, license_id: int) -> None:
    """Lets licences of the model be sold again after the exclusive one has ended."""
    connection.send(suite.catalog.end_exclusivity, model_id, license_id, sender=caller)


def refresh(suite: Suite, caller: "AccountAPI", model_id: int) -> None:
    """Divides what the model has received, then puts its announced split and today's fee in
    force."""
    connection.send(suite.registry.refresh, model_id, sender=caller)
