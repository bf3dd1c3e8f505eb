"""A ModelRegistry on mock grants, model terms and splits, for every folder that needs models."""

from enum import IntFlag
from itertools import count
from typing import Any, NamedTuple

import boa
from eth_utils import to_checksum_address

from tests.support import ZERO_ADDRESS, deploy, deployer_of, pass_time

BPS = 10_000
CARD_HASH = b"\x0c" * 32
SALT = b"\x5a" * 32
COMMIT_SECONDS = 60
_digests = count(1)


class Kind(IntFlag):
    """Mirror of `IModelRegistry.ModelKind`."""

    FOUNDATION = 1
    VERSION = 2
    FINE_TUNE = 4
    ADAPTER = 8
    DISTILLATION = 16
    QUANTIZATION = 32
    PRUNING = 64
    MERGE = 128


class Receiver(IntFlag):
    """Mirror of `ITrainingGrants.ReceiverKind`."""

    TREASURY = 1
    ACCOUNT = 2
    CAMPAIGN = 4


class Share(NamedTuple):
    """Mirror of `ITrainingGrants.Share`."""

    kind: int
    account: str
    campaign_id: int
    bps: int


def payee(number: int) -> str:
    """The same address for the same number, with no need for a chain."""
    return to_checksum_address(f"0x{0xFA0000 + number:040x}")


def treasury_share(bps: int) -> Share:
    return Share(Receiver.TREASURY, ZERO_ADDRESS, 0, bps)


def account_share(account: str, bps: int) -> Share:
    return Share(Receiver.ACCOUNT, account, 0, bps)


def campaign_share(campaign_id: int, bps: int) -> Share:
    return Share(Receiver.CAMPAIGN, ZERO_ADDRESS, campaign_id, bps)


class ModelTerms(NamedTuple):
    """Mirror of `IModelRegistry.ModelTerms`."""

    kind: int
    grant_id: int
    weights_digest: bytes
    card_hash: bytes
    card_uri: str
    name: str
    split: list[Share]
    parents: list[tuple[int, int]]
    datasets: list[tuple[int, int]]
    fingerprint: bytes
    salt: bytes


def model_terms(**changes: Any) -> ModelTerms:
    """Terms that anybody may register, with weights of their own; `changes` replace fields."""
    terms = ModelTerms(
        kind=Kind.FOUNDATION,
        grant_id=0,
        weights_digest=next(_digests).to_bytes(32, "big"),
        card_hash=CARD_HASH,
        card_uri="ipfs://card",
        name="open-7b",
        split=[treasury_share(BPS)],
        parents=[],
        datasets=[],
        fingerprint=bytes(32),
        salt=SALT,
    )
    return terms._replace(**changes)


class Models(NamedTuple):
    """A registry and the grants it asks."""

    registry: Any
    grants: Any


def deploy_models(
    owner: str, registry_deployer: Any = None, lineage_deployer: Any = None
) -> Models:
    """A registry of `owner`, of other deployers than the usual if some are given."""
    grants = deploy("MockGrantSplits")
    lineage = (lineage_deployer or deployer_of("LineageRules")).deploy()
    deployer = registry_deployer or deployer_of("ModelRegistry")
    with boa.env.prank(owner):
        registry = deployer.deploy(grants.address, lineage, "Flywheel Models", "FWMOD")
    return Models(registry, grants)


def register(registry: Any, sender: str, **changes: Any) -> int:
    """Registers a model of `model_terms(**changes)`, committed to as its registrant must, and
    returns its id."""
    terms = model_terms(**changes)
    if sender != registry.owner():
        commit(registry, sender, terms)
    with boa.env.prank(sender):
        return registry.register(terms)


def commit(registry: Any, sender: str, terms: ModelTerms, seconds: int = COMMIT_SECONDS) -> None:
    """Commits `sender` to the weights of `terms` and waits, without moving the clock if it did."""
    commitment = registry.commitment(sender, terms.weights_digest, terms.salt)
    if not registry.committed_at(commitment):
        with boa.env.prank(sender):
            registry.commit(commitment)
        pass_time(seconds)
