"""Data contributors: create a campaign, publish what is earned, claim it."""

from collections.abc import Callable, Sequence
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel import chain, rewards
from flywheel.errors import fix
from flywheel.merkle import Domain, RewardTree
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI

BATCH = 50


class CampaignKind(IntFlag):
    DATASET = 1
    COMPUTE_POOL = 2


def create_campaign(
    suite: Suite,
    publisher: "AccountAPI",
    kind: CampaignKind,
    challenge_seconds: int,
    uri: str,
) -> int:
    """Creates a campaign whose roots `publisher` proposes; returns its id."""
    receipt = chain.send(
        suite.rewards.create_campaign,
        (int(kind), publisher.address, challenge_seconds, bytes(keccak(text=uri)), uri),
        sender=publisher,
    )
    return int(chain.event_of(receipt, suite.rewards.CampaignCreated).campaign_id)


def domain(suite: Suite, campaign_id: int) -> Domain:
    """What every leaf of a campaign in the suite's asset is bound to."""
    return Domain(
        chain.chain_id(), str(suite.rewards.address), campaign_id, str(suite.asset.address)
    )


def funded(suite: Suite, campaign_id: int) -> int:
    """Units of the asset that a campaign ever received."""
    return int(suite.rewards.distribution(campaign_id, suite.asset.address).funded)


def publish(suite: Suite, publisher: "AccountAPI", folder: Path, uri: str) -> int:
    """Proposes the root of a publication after recomputing it from its file.

    Returns the time from which it can be activated. Raises `FlywheelError` when the files do not
    agree with themselves, with this chain, or with what the campaign has been funded with.
    """
    manifest = rewards.read_manifest(folder)
    tree = rewards.recompute_root(folder)
    wanted = domain(suite, manifest.campaign_id)
    if manifest.domain != wanted:
        raise fix(
            f"{folder} is for contract {manifest.contract} on chain {manifest.chain_id}, "
            f"not for {wanted.contract} on chain {wanted.chain_id}",
            "Build it again for this network",
        )
    receipt = chain.send(
        suite.rewards.propose_root,
        manifest.campaign_id,
        suite.asset.address,
        tree.root,
        tree.total,
        bytes.fromhex(manifest.keccak256.removeprefix("0x")),
        uri,
        sender=publisher,
    )
    return int(chain.event_of(receipt, suite.rewards.RootProposed).activates_at)


def activate(suite: Suite, caller: "AccountAPI", campaign_id: int, root: bytes) -> int:
    """Activates a root after its challenge window; returns its total in units."""
    receipt = chain.send(
        suite.rewards.activate_root, campaign_id, suite.asset.address, root, sender=caller
    )
    return int(chain.event_of(receipt, suite.rewards.RootActivated).total)


def claim(
    suite: Suite,
    caller: "AccountAPI",
    tree: RewardTree,
    accounts: Sequence[str],
    on_batch: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """Pays every account of `accounts` what its leaf adds, in batches; account -> units paid.

    Accounts that have claimed it all are passed over. `on_batch(n)` is told after n accounts.
    """
    campaign_id = tree.domain.campaign_id
    paid: dict[str, int] = {}
    for start in range(0, len(accounts), BATCH):
        batch = accounts[start : start + BATCH]
        claims = [
            (account, tree.cumulative_of(account), tree.proof_of(account)) for account in batch
        ]
        receipt = chain.send(
            suite.rewards.claim_batch, campaign_id, suite.asset.address, claims, sender=caller
        )
        for log in suite.rewards.RewardClaimed.from_receipt(receipt):
            paid[str(log.account)] = int(log.amount)
        on_batch(start + len(batch))
    return paid
