"""Campaigns: create one, publish drops of what is earned, open them. claims.py pays them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eth_utils import keccak

from flywheel.chain import connection, logs
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import FlywheelError, fix, unknown
from flywheel.reading import texts
from flywheel.rewards import drop_files, inputs, publication
from flywheel.rewards.earnings import Earned, Files
from flywheel.rewards.leaves import Domain
from flywheel.rewards.merkle import RewardTree
from flywheel.states import CampaignKind
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI

# As ContributorRewards has it.
MIN_CLAIM_SECONDS = 3 * 365 * 86_400


@dataclass(frozen=True)
class DropState:
    """Where a drop stands. `state`: "PENDING", "ACTIVE", "ENDED" or "NONE" if it never was, was
    withdrawn or cancelled. `turns_at`: of its earliest activation, or of its end; 0 if it is none.
    """

    number: int
    drop_id: int
    state: str
    root: bytes
    unopened: int
    turns_at: int


def create_campaign(
    suite: Suite,
    publisher: "AccountAPI",
    kind: CampaignKind,
    challenge_seconds: int,
    uri: str,
    content_hash: bytes | None = None,
) -> int:
    """Creates a campaign whose drops `publisher` proposes; returns its id. The chain keeps the hash
    of the metadata that describe it, or of the URI if there are none."""
    receipt = connection.send(
        suite.rewards.create_campaign,
        publisher.address,
        challenge_seconds,
        (int(kind), content_hash or bytes(keccak(text=uri)), uri),
        sender=publisher,
    )
    return int(connection.event_of(receipt, suite.rewards.CampaignCreated).campaign_id)


def require(suite: Suite, campaign_id: int) -> None:
    """Raises `FlywheelError` if there is no such campaign."""
    count = int(connection.call(suite.rewards.campaign_count))
    if not 1 <= campaign_id <= count:
        raise unknown("campaign", campaign_id, count, "Create one: 'ape run rewards create'")


def domain(suite: Suite, campaign_id: int, number: int) -> Domain:
    """What every leaf of a drop in the suite's asset is bound to."""
    return Domain(
        connection.chain_id(),
        str(suite.rewards.address),
        campaign_id,
        str(suite.asset.address),
        number,
    )


def name_of(drop: Domain) -> str:
    return f"drop {drop.number} of campaign {drop.campaign_id}"


def next_number(suite: Suite, campaign_id: int) -> int:
    """Of the drop that a campaign proposes next."""
    return int(connection.call(suite.rewards.campaign, campaign_id).drop_count) + 1


def free(suite: Suite, campaign_id: int) -> int:
    """Units of the asset that a campaign has and no drop promises."""
    return int(connection.call(suite.rewards.free, campaign_id, suite.asset.address))


def fund(suite: Suite, giver: "AccountAPI", campaign_id: int, units: int) -> None:
    """Gives a campaign money of the suite's asset, for good. Raises `FlywheelError` if the giver
    does not hold it."""
    assets.require_balance(suite, str(giver.address), units)
    call = (suite.rewards.fund, campaign_id, suite.asset.address, units)
    assets.allow(suite, giver, suite.rewards, units, then=call)
    connection.send(*call, sender=giver)


def state_of(suite: Suite, drop: Domain) -> DropState:
    found = connection.call(suite.rewards.drop, drop.drop_id)
    pending, active = bytes(found.pending_root), bytes(found.root)
    turns_at = int(found.turns_at)
    state = "PENDING" if any(pending) else "ACTIVE" if any(active) else "ENDED"
    return DropState(
        drop.number,
        drop.drop_id,
        state if turns_at else "NONE",
        pending if any(pending) else active,
        int(found.unopened),
        turns_at,
    )


def drops(suite: Suite, campaign_id: int) -> list[DropState]:
    """All drops of a campaign in the suite's asset, the newest first."""
    require(suite, campaign_id)
    last = next_number(suite, campaign_id) - 1
    found = (state_of(suite, domain(suite, campaign_id, number)) for number in range(last, 0, -1))
    return [item for item in found if item.state != "NONE"]


def build(
    suite: Suite,
    campaign_id: int,
    files: Files,
    folder: Path,
    addresses: Path | None = None,
) -> tuple[publication.Manifest, Earned]:
    """Shares a campaign's free money by the work in `files`, as its next drop, and writes the
    publication to `folder`. Raises `FlywheelError` if there is nothing to share, or no work."""
    require(suite, campaign_id)
    pool = free(suite, campaign_id)
    if pool == 0:
        raise fix(
            f"Campaign {campaign_id} has nothing to share",
            "Settle what models owe it ('ape run royalty settle'), or give it money "
            "('ape run rewards fund')",
        )
    drop = domain(suite, campaign_id, next_number(suite, campaign_id))
    checked = files.check(suite, addresses)
    try:
        return drop_files.build(folder, drop, pool, checked, addresses)
    except FlywheelError as error:
        raise FlywheelError(_with_given(str(error), folder, files)) from None


def _with_given(message: str, folder: Path, files: Files) -> str:
    """`message`, in which a copy that is read beside `folder` before it takes its place is called
    by the file that was given: by the time that somebody reads it, the copy is gone."""

    def given(match: re.Match[str]) -> str:
        path = getattr(files, match["name"], None)
        return match[0] if path is None else str(path)

    places = "|".join(re.escape(f"{path}/") for path in (folder.parent.absolute(), folder.parent))
    draft = rf"(?:{places})?\.[^/\n]*-[^/\s]+/draft/{inputs.FOLDER}/"
    return re.sub(rf"{draft}(?P<name>[a-z]+)\.[a-z]+", given, message)


def checked_tree(suite: Suite, folder: Path) -> RewardTree:
    """The tree of a publication, recomputed from its file. Raises `FlywheelError` when the files do
    not agree with themselves or are not for this deployment."""
    require_here(suite, publication.read_manifest(folder).domain, folder)
    return publication.recompute_root(folder)


def require_here(suite: Suite, drop: Domain, folder: Path) -> None:
    """Raises `FlywheelError` if the publication in `folder` is of another deployment."""
    wanted = domain(suite, drop.campaign_id, drop.number)
    if drop.drop_id != wanted.drop_id or drop.encode() != wanted.encode():
        raise fix(
            f"{folder} is for contract {drop.contract} on chain {drop.chain_id} and "
            f"the asset {drop.asset}, not for {wanted.contract} on chain {wanted.chain_id} "
            f"and {wanted.asset}",
            "Build it again for this network",
        )


def require_pending(suite: Suite, tree: RewardTree) -> None:
    """Raises `FlywheelError` unless the drop of `tree` is pending on chain, with its root and its
    total: whoever opens it has looked at this one."""
    name, state = name_of(tree.domain).capitalize(), state_of(suite, tree.domain)
    if state.state == "NONE":
        raise fix(
            f"{name} is not on the chain: nobody proposed it, or it was withdrawn",
            "Publish it, or wait until its publisher does",
        )
    if state.state != "PENDING":
        raise fix(f"{name} is {state.state.lower()}", "Only a pending drop is activated")
    if (state.root, state.unopened) != (tree.root, tree.total):
        raise fix(
            f"{name} has another root or total on the chain than in this folder",
            "Download it again; if it stays so, tell the guardian",
        )


class DropTerms(NamedTuple):
    """As a drop was proposed; in the order of the contract's struct."""

    number: int
    asset: str
    root: bytes
    total: int
    claim_seconds: int
    leaves_hash: bytes
    manifest_hash: bytes
    uri: str


def proposed_terms(suite: Suite, drop: Domain) -> DropTerms | None:
    """The terms with which a drop was proposed last; None if it never was."""
    event = suite.rewards.DropProposed
    found = logs.of_event(event, first_block(), topics={"drop_id": drop.drop_id})
    if not found:
        return None
    # Ape gives the members of a struct in an event as a list.
    number, asset, root, total, seconds, leaves, manifest, uri = found[-1].terms
    return DropTerms(
        int(number),
        str(asset),
        bytes(root),
        int(total),
        int(seconds),
        bytes(leaves),
        bytes(manifest),
        str(uri),
    )


def publish(suite: Suite, publisher: "AccountAPI", tree: RewardTree, folder: Path, uri: str) -> int:
    """Proposes the drop of the publication in `folder`, whose tree is its `checked_tree`.

    Returns the time from which it can be activated. Raises `FlywheelError` when it was made for
    another drop, or changed since.
    """
    manifest = publication.read_manifest(folder)
    if (manifest.domain, manifest.root) != (tree.domain, f"0x{tree.root.hex()}"):
        raise fix(f"{folder} changed while it was looked at", "Run the command again")
    number = next_number(suite, manifest.campaign_id)
    state = state_of(suite, tree.domain)
    if manifest.number < number and state.root == tree.root:
        raise fix(
            f"{folder} is on the chain already, as {name_of(tree.domain)}: {state.state}",
            f"Look with 'ape run rewards show {manifest.campaign_id}'",
        )
    if manifest.number != number:
        raise fix(
            f"{folder} is drop {manifest.number} of campaign {manifest.campaign_id}, whose next "
            f"drop is {number}",
            "Build it again: every leaf names its drop",
        )
    terms = DropTerms(
        number,
        str(suite.asset.address),
        tree.root,
        tree.total,
        MIN_CLAIM_SECONDS,
        bytes.fromhex(manifest.keccak256.removeprefix("0x")),
        bytes(keccak(texts.read_bytes(folder / publication.MANIFEST_FILE))),
        uri,
    )
    receipt = connection.send(
        suite.rewards.propose_drop, manifest.campaign_id, tuple(terms), sender=publisher
    )
    return int(connection.event_of(receipt, suite.rewards.DropProposed).opens_at)


def withdraw(suite: Suite, publisher: "AccountAPI", drop: Domain) -> int:
    """Takes a pending drop back; returns the units that are free again."""
    receipt = connection.send(suite.rewards.withdraw_drop, drop.drop_id, sender=publisher)
    return int(connection.event_of(receipt, suite.rewards.DropWithdrawn).returned)


def activate(suite: Suite, caller: "AccountAPI", drop: Domain) -> int:
    """Opens a drop for claims after its challenge window; returns the time of its end."""
    receipt = connection.send(suite.rewards.activate_drop, drop.drop_id, sender=caller)
    return int(connection.event_of(receipt, suite.rewards.DropActivated).ends_at)
