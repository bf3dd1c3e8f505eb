"""Data contributors: create a campaign, publish what is earned, claim it."""

from collections.abc import Callable, Sequence
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.rewards import labelling
from flywheel.rewards.merkle import Domain, RewardTree

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
    receipt = connection.send(
        suite.rewards.create_campaign,
        (int(kind), publisher.address, challenge_seconds, bytes(keccak(text=uri)), uri),
        sender=publisher,
    )
    return int(connection.event_of(receipt, suite.rewards.CampaignCreated).campaign_id)


def require(suite: Suite, campaign_id: int) -> None:
    """Raises `FlywheelError` if there is no such campaign."""
    count = int(connection.call(suite.rewards.campaign_count))
    if not 1 <= campaign_id <= count:
        known = f"Campaigns 1 to {count} exist" if count else "Create one: 'ape run rewards create'"
        raise fix(f"There is no campaign {campaign_id}", known)


def domain(suite: Suite, campaign_id: int) -> Domain:
    """What every leaf of a campaign in the suite's asset is bound to."""
    return Domain(
        connection.chain_id(), str(suite.rewards.address), campaign_id, str(suite.asset.address)
    )


def funded(suite: Suite, campaign_id: int) -> int:
    """Units of the asset that a campaign ever received."""
    return int(suite.rewards.distribution(campaign_id, suite.asset.address).funded)


def build(
    suite: Suite,
    campaign_id: int,
    labels: Path,
    folder: Path,
    addresses: Path | None = None,
    previous: Path | None = None,
) -> tuple[labelling.Manifest, dict[str, int]]:
    """Shares what a campaign received since its last publication by the accepted work in `labels`.

    Each publication adds to the one before, whose folder is `previous`: sharing the whole sum anew
    would take from people what they claimed. Writes the files to `folder`; returns the manifest
    and the accepted judgements by worker. Raises `FlywheelError` if `previous` is missing or not
    what the chain has, or if there is nothing new to share.
    """
    work = labelling.accepted_work(labelling.read_labels(labels))
    require(suite, campaign_id)
    earlier = _earlier_leaves(suite, campaign_id, previous)
    pool = funded(suite, campaign_id) - sum(earlier.values())
    if pool == 0:
        raise fix(f"Campaign {campaign_id} has received nothing new", "Wait until it has income")
    by_worker = dict(zip(work["worker"], map(int, work["accepted"]), strict=True))
    earned = labelling.split(by_worker, pool)
    part = labelling.leaves_of(earned, labelling.addresses_of(earned, addresses))
    leaves = labelling.accrue(earlier, part)
    return labelling.publish(folder, domain(suite, campaign_id), leaves), by_worker


def _earlier_leaves(suite: Suite, campaign_id: int, previous: Path | None) -> dict[str, int]:
    """Account -> units of the publication that the chain has now; empty before the first."""
    state = suite.rewards.distribution(campaign_id, suite.asset.address)
    if state.activates_at:
        raise fix(
            f"A root of campaign {campaign_id} waits for its activation",
            "Activate it with 'ape run rewards activate', then build the next",
        )
    if state.active_total == 0:
        return {}
    if previous is None:
        raise fix(
            f"Campaign {campaign_id} has published {suite.money(state.active_total)} already",
            "Give the folder of that publication with --previous",
        )
    tree = labelling.recompute_root(previous)
    if tree.root != bytes(state.active_root):
        raise fix(
            f"{previous} is not the active publication of campaign {campaign_id}",
            f"Give the folder whose root is 0x{bytes(state.active_root).hex()}",
        )
    return dict(tree.items())


def publish(suite: Suite, publisher: "AccountAPI", folder: Path, uri: str) -> int:
    """Proposes the root of a publication after recomputing it from its file.

    Returns the time from which it can be activated. Raises `FlywheelError` when the files do not
    agree with themselves, with this chain, or with what the campaign has been funded with.
    """
    manifest = labelling.read_manifest(folder)
    tree = labelling.recompute_root(folder)
    wanted = domain(suite, manifest.campaign_id)
    if manifest.domain != wanted:
        raise fix(
            f"{folder} is for contract {manifest.contract} on chain {manifest.chain_id}, "
            f"not for {wanted.contract} on chain {wanted.chain_id}",
            "Build it again for this network",
        )
    receipt = connection.send(
        suite.rewards.propose_root,
        manifest.campaign_id,
        suite.asset.address,
        tree.root,
        tree.total,
        bytes.fromhex(manifest.keccak256.removeprefix("0x")),
        uri,
        sender=publisher,
    )
    return int(connection.event_of(receipt, suite.rewards.RootProposed).activates_at)


def activate(suite: Suite, caller: "AccountAPI", campaign_id: int, root: bytes) -> int:
    """Activates a root after its challenge window; returns its total in units."""
    receipt = connection.send(
        suite.rewards.activate_root, campaign_id, suite.asset.address, root, sender=caller
    )
    return int(connection.event_of(receipt, suite.rewards.RootActivated).total)


def claim(
    suite: Suite,
    caller: "AccountAPI",
    tree: RewardTree,
    accounts: Sequence[str],
    on_batch: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """Pays every account of `accounts` what its leaf adds, in batches; account -> units paid.

    Accounts that have claimed it all are passed over, and so are those that the asset refuses to
    pay: a batch that fails is halved until they stand alone. `on_batch(n)` hears of n accounts.
    Raises `FlywheelError` if not a single account could be paid, or if a few have nothing to get.
    """
    if len(accounts) <= BATCH:
        accounts = [item for item in accounts if _is_owed(suite, tree, item)]
        if not accounts:
            raise fix("Nothing new waits for them", "Claim when a later root is active")
    paid: dict[str, int] = {}
    refused: list[FlywheelError] = []

    def pay(batch: Sequence[str]) -> None:
        try:
            paid.update(_claim_batch(suite, caller, tree, batch))
        except FlywheelError as error:
            if len(batch) == 1:
                refused.append(error)
                return
            half = len(batch) // 2
            pay(batch[:half])
            pay(batch[half:])

    for start in range(0, len(accounts), BATCH):
        batch = accounts[start : start + BATCH]
        pay(batch)
        on_batch(start + len(batch))
    if refused and not paid:
        raise refused[0]
    return paid


def _is_owed(suite: Suite, tree: RewardTree, account: str) -> bool:
    where = (tree.domain.campaign_id, suite.asset.address, account)
    return tree.cumulative_of(account) > int(connection.call(suite.rewards.claimed, *where))


def _claim_batch(
    suite: Suite, caller: "AccountAPI", tree: RewardTree, batch: Sequence[str]
) -> dict[str, int]:
    claims = [(item, tree.cumulative_of(item), tree.proof_of(item)) for item in batch]
    receipt = connection.send(
        suite.rewards.claim_batch,
        tree.domain.campaign_id,
        suite.asset.address,
        claims,
        sender=caller,
    )
    logs = suite.rewards.RewardClaimed.from_receipt(receipt)
    return {str(log.account): int(log.amount) for log in logs}
