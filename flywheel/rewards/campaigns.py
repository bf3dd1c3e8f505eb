"""Data contributors: create a campaign, publish drops of what is earned, claim them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix, unknown
from flywheel.rewards import judgements, publication, shares
from flywheel.rewards.leaves import Domain, Leaf
from flywheel.rewards.merkle import RewardTree
from flywheel.states import CampaignKind

if TYPE_CHECKING:
    from ape.api import AccountAPI

# As ContributorRewards has them.
BATCH = 50
DROPS = 16
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
) -> int:
    """Creates a campaign whose drops `publisher` proposes; returns its id."""
    receipt = connection.send(
        suite.rewards.create_campaign,
        publisher.address,
        challenge_seconds,
        (int(kind), bytes(keccak(text=uri)), uri),
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


def next_number(suite: Suite, campaign_id: int) -> int:
    """Of the drop that a campaign proposes next."""
    return int(connection.call(suite.rewards.campaign, campaign_id).drop_count) + 1


def free(suite: Suite, campaign_id: int) -> int:
    """Units of the asset that a campaign has and no drop promises."""
    return int(connection.call(suite.rewards.free, campaign_id, suite.asset.address))


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
    labels: Path,
    folder: Path,
    addresses: Path | None = None,
) -> tuple[publication.Manifest, dict[str, int]]:
    """Shares a campaign's free money by the accepted work in `labels`, as its next drop.

    Writes the files to `folder`; returns the manifest and the accepted judgements by worker. Raises
    `FlywheelError` if there is nothing to share.
    """
    work = judgements.accepted_work(judgements.read_labels(labels))
    require(suite, campaign_id)
    pool = free(suite, campaign_id)
    if pool == 0:
        raise fix(f"Campaign {campaign_id} has nothing to share", "Wait until it has income")
    by_worker = dict(zip(work["worker"], map(int, work["accepted"]), strict=True))
    earned = shares.split(by_worker, pool)
    leaves = shares.leaves_of(earned, shares.addresses_of(earned, addresses))
    drop = domain(suite, campaign_id, next_number(suite, campaign_id))
    return publication.publish(folder, drop, leaves), by_worker


def checked_tree(suite: Suite, folder: Path) -> RewardTree:
    """The tree of a publication, recomputed from its file. Raises `FlywheelError` when the files do
    not agree with themselves or are not for this deployment."""
    tree = publication.recompute_root(folder)
    wanted = domain(suite, tree.domain.campaign_id, tree.domain.number)
    if tree.domain.drop_id != wanted.drop_id or tree.domain.encode() != wanted.encode():
        raise fix(
            f"{folder} is for contract {tree.domain.contract} on chain {tree.domain.chain_id} and "
            f"the asset {tree.domain.asset}, not for {wanted.contract} on chain {wanted.chain_id} "
            f"and {wanted.asset}",
            "Build it again for this network",
        )
    return tree


def publish(suite: Suite, publisher: "AccountAPI", tree: RewardTree, folder: Path, uri: str) -> int:
    """Proposes the drop of the publication in `folder`, whose tree is its `checked_tree`.

    Returns the time from which it can be activated. Raises `FlywheelError` when it was made for
    another drop, or changed since.
    """
    manifest = publication.read_manifest(folder)
    if (manifest.domain, manifest.root) != (tree.domain, f"0x{tree.root.hex()}"):
        raise fix(f"{folder} changed while it was looked at", "Run the command again")
    number = next_number(suite, manifest.campaign_id)
    if manifest.number != number:
        raise fix(
            f"{folder} is drop {manifest.number} of campaign {manifest.campaign_id}, whose next "
            f"drop is {number}",
            "Build it again: every leaf names its drop",
        )
    terms = (
        number,
        suite.asset.address,
        tree.root,
        tree.total,
        MIN_CLAIM_SECONDS,
        bytes.fromhex(manifest.keccak256.removeprefix("0x")),
        bytes(keccak((folder / publication.MANIFEST_FILE).read_bytes())),
        uri,
    )
    receipt = connection.send(
        suite.rewards.propose_drop, manifest.campaign_id, terms, sender=publisher
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


# --- claims ---


def claim(
    suite: Suite,
    caller: "AccountAPI",
    tree: RewardTree,
    accounts: Sequence[str],
    on_batch: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """Pays the leaves of `accounts`, in batches; account -> units paid.

    Leaves that are paid already are passed over, and so are those that the asset refuses to pay: a
    batch that fails is halved until they stand alone. `on_batch(n)` hears of n accounts. Raises
    `FlywheelError` if not a single account could be paid, or if a few have nothing to get.
    """
    leaves = [tree.leaf_of(item) for item in accounts]
    if len(leaves) <= BATCH:
        leaves = [leaf for leaf in leaves if not _is_claimed(suite, tree.domain, leaf)]
        if not leaves:
            raise fix("Nothing waits for them in this drop", "Claim when a later one is active")
    payer = _Payer(suite, caller, tree)
    for start in range(0, len(leaves), BATCH):
        batch = leaves[start : start + BATCH]
        payer.pay_batch(batch)
        on_batch(start + len(batch))
    return payer.result()


def claim_all(
    suite: Suite,
    caller: "AccountAPI",
    tree: RewardTree,
    on_batch: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """`claim` for every account of a drop, up to 64 neighbours at a time by one proof."""
    payer, done = _Payer(suite, caller, tree), 0
    for leaves, proof in tree.ranges():
        payer.pay_range(leaves, proof)
        done += len(leaves)
        on_batch(done)
    return payer.result()


def claim_drops(
    suite: Suite, caller: "AccountAPI", trees: Sequence[RewardTree], account: str
) -> int:
    """Pays an account its leaves of several drops, up to 16 in a transaction; returns the units.
    Raises `FlywheelError` if nothing waits for it."""
    parts = []
    for tree in trees:
        index = tree.index_of(account)
        if index is None or _is_claimed(suite, tree.domain, tree.leaf(index)):
            continue
        leaf = tree.leaf(index)
        parts.append((tree.domain.drop_id, index, leaf.amount, leaf.page_total, tree.proof(index)))
    if not parts:
        raise fix(f"Nothing waits for {account} in these drops", "Check the account")
    paid = 0
    for start in range(0, len(parts), DROPS):
        some = parts[start : start + DROPS]
        receipt = connection.send(suite.rewards.claim_drops, account, some, sender=caller)
        paid += sum(_paid_in(suite, receipt).values())
    return paid


class _Payer:
    """Pays leaves of one drop, and remembers who got what and who could not be paid."""

    def __init__(self, suite: Suite, caller: "AccountAPI", tree: RewardTree) -> None:
        self.suite, self.caller, self.tree = suite, caller, tree
        self.paid: dict[str, int] = {}
        self.refused: list[FlywheelError] = []

    def pay_range(self, leaves: list[Leaf], proof: list[bytes]) -> None:
        given = [leaf.argument for leaf in leaves]
        try:
            self._send(self.suite.rewards.claim_range, given, proof)
        except FlywheelError:
            for start in range(0, len(leaves), BATCH):
                self.pay_batch(leaves[start : start + BATCH])

    def pay_batch(self, leaves: Sequence[Leaf]) -> None:
        given = [(leaf.argument, self.tree.proof(leaf.index)) for leaf in leaves]
        try:
            self._send(self.suite.rewards.claim_batch, given)
        except FlywheelError as error:
            if len(leaves) == 1:
                self.refused.append(error)
                return
            half = len(leaves) // 2
            self.pay_batch(leaves[:half])
            self.pay_batch(leaves[half:])

    def result(self) -> dict[str, int]:
        if self.refused and not self.paid:
            raise self.refused[0]
        return self.paid

    def _send(self, method: Any, *args: Any) -> None:
        receipt = connection.send(method, self.tree.domain.drop_id, *args, sender=self.caller)
        self.paid |= _paid_in(self.suite, receipt)


def _paid_in(suite: Suite, receipt: Any) -> dict[str, int]:
    """Account -> units paid, from a receipt; several drops of an account are added up."""
    found: Counter[str] = Counter()
    for log in suite.rewards.RewardClaimed.from_receipt(receipt):
        found[str(log.account)] += int(log.amount)
    return found


def _is_claimed(suite: Suite, drop: Domain, leaf: Leaf) -> bool:
    return bool(connection.call(suite.rewards.is_claimed, drop.drop_id, leaf.index))
