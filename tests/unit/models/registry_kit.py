"""A ModelRegistry on mock grants, model terms and splits, for every folder that needs models."""

from enum import IntFlag
from itertools import count
from typing import Any, NamedTuple

import boa
from eth_utils import to_checksum_address

from tests.support import ZERO_ADDRESS, deploy, deployer_of

BPS = 10_000
CARD_HASH = b"\x0c" * 32
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


def model_terms(**changes: Any) -> ModelTerms:
    """Terms that the owner may register, with weights of their own; `changes` replace fields."""
    terms = ModelTerms(
        kind=Kind.FOUNDATION,
        grant_id=0,
        weights_digest=next(_digests).to_bytes(32, "big"),
        card_hash=CARD_HASH,
        card_uri="ipfs://card",
        name="open-7b",
        split=[treasury_share(BPS)],
    )
    return terms._replace(**changes)


class Models(NamedTuple):
    """A registry and the grants it asks."""

    registry: Any
    grants: Any


def deploy_models(owner: str, registry_deployer: Any = None) -> Models:
    """A registry of `owner`, of another deployer than the usual if one is given."""
    grants = deploy("MockGrantSplits")
    deployer = registry_deployer or deployer_of("ModelRegistry")
    with boa.env.prank(owner):
        registry = deployer.deploy(grants.address, "Flywheel Models", "FWMOD")
    return Models(registry, grants)


def register(registry: Any, sender: str, **changes: Any) -> int:
    """Registers a model of `model_terms(**changes)` and returns its id."""
    with boa.env.prank(sender):
        return registry.register(model_terms(**changes))
