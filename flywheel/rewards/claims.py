"""Paying what active drops owe: to one contributor of many drops, to many of one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.printable import on_one_line
from flywheel.rewards import campaigns, publication, shards
from flywheel.rewards.leaves import PAGE, Domain, Leaf
from flywheel.rewards.merkle import RewardTree
from flywheel.rewards.shards import ShardedLeaf
from flywheel.wording.lexicon import show_time

if TYPE_CHECKING:
    from ape.api import AccountAPI

# As ContributorRewards has them.
BATCH = 50
DROPS = 16

Proved = tuple[Leaf, list[bytes]]
Heard = Callable[[int], None]


def publications(folders: Iterable[Path]) -> list[Path]:
    """Those of `folders` that are publications, and the ones that lie in the others. Raises
    `FlywheelError` for a folder without any."""
    found: list[Path] = []
    for folder in folders:
        if (folder / publication.MANIFEST_FILE).is_file():
            inside = [folder]
        else:
            inside = sorted(path.parent for path in folder.rglob(publication.MANIFEST_FILE))
        if not inside:
            raise fix(f"{folder} holds no publication of a drop", "Download one, or check the path")
        found.extend(item for item in inside if item not in found)
    return found


def waiting(
    suite: Suite, folders: Sequence[Path], accounts: Sequence[str]
) -> tuple[list[ShardedLeaf], list[str]]:
    """The leaves of `accounts` that can be paid now, each once however many copies of its drop
    there are, and why each other one cannot.

    One folder of several that is damaged, or of another deployment, is such a reason: whoever puts
    it among the others stops nobody. Raises `FlywheelError` if it is the only one.
    """
    found: dict[tuple[int, int], ShardedLeaf] = {}
    reasons: list[str] = []
    each = {account.lower(): account for account in accounts}
    for folder in folders:
        for account in each.values():
            try:
                leaf = _leaf_here(suite, folder, account)
            except FlywheelError as error:
                reasons.append(_reason(error, folder, len(folders)))
                continue
            if leaf is None:
                reasons.append(f"{account} has nothing in {folder}")
                continue
            reason = _why_not(suite, leaf)
            if reason:
                reasons.append(f"{account}: {reason}")
            else:
                found.setdefault((leaf.domain.drop_id, leaf.leaf.index), leaf)
    return list(found.values()), list(dict.fromkeys(reasons))


def payable(suite: Suite, folders: Sequence[Path]) -> tuple[list[RewardTree], list[str]]:
    """The trees of the drops that can be paid now, each once, and why each other one cannot; as
    `waiting`."""
    found: dict[int, RewardTree] = {}
    reasons: list[str] = []
    for folder in folders:
        try:
            tree = campaigns.checked_tree(suite, folder)
        except FlywheelError as error:
            reasons.append(_reason(error, folder, len(folders)))
            continue
        reason = _why_no_drop(suite, tree.domain, tree.root)
        if not reason and next(iter(unpaid(suite, tree)), None) is None:
            reason = f"{campaigns.name_of(tree.domain)} was paid to everybody already"
        if reason:
            reasons.append(reason)
        else:
            found.setdefault(tree.domain.drop_id, tree)
    return list(found.values()), list(dict.fromkeys(reasons))


def _leaf_here(suite: Suite, folder: Path, account: str) -> ShardedLeaf | None:
    leaf = shards.look_up(folder, account)
    if leaf is not None:
        campaigns.require_here(suite, leaf.domain, folder)
    return leaf


def _reason(error: FlywheelError, folder: Path, count: int) -> str:
    """What is wrong with one of `count` folders. Raises it if there are no others."""
    if count == 1:
        raise error
    name, text = on_one_line(folder), " ".join(str(error).rstrip(".").split("\n"))
    return text if name in text else f"{name}: {text}"


def _why_not(suite: Suite, found: ShardedLeaf) -> str:
    """Why a leaf cannot be paid now; nothing if it can."""
    reason = _why_no_drop(suite, found.domain, found.root)
    if not reason and is_claimed(suite, found):
        return f"{campaigns.name_of(found.domain)} was paid already"
    return reason


def _why_no_drop(suite: Suite, drop: Domain, root: bytes) -> str:
    """Why nothing of a drop can be paid now; nothing if it can."""
    name, state = campaigns.name_of(drop), campaigns.state_of(suite, drop)
    if state.state == "NONE":
        return f"{name} is not on the chain: nobody proposed it, or it was withdrawn"
    if state.state == "ENDED":
        return f"{name} ended at {show_time(state.turns_at)}"
    if state.root != root:
        return f"{name} has another root on the chain than in this folder"
    if state.state == "PENDING" and state.turns_at <= connection.now():
        return f"{name} waits for somebody to run 'ape run rewards activate' with its folder"
    if state.state == "PENDING":
        return f"{name} can be activated from {show_time(state.turns_at)}, and claimed then"
    return ""


def is_claimed(suite: Suite, found: ShardedLeaf) -> bool:
    claimed = connection.call(suite.rewards.is_claimed, found.domain.drop_id, found.leaf.index)
    return bool(claimed)


def pay(
    suite: Suite, caller: "AccountAPI", found: Sequence[ShardedLeaf], heard: Heard = lambda _: None
) -> dict[str, int]:
    """Pays leaves that `waiting` gave; account -> units paid.

    Leaves of one account in several drops go in one transfer, up to 16 of them; leaves of one drop
    in batches. Leaves that the asset refuses to pay are passed over. `heard(n)`: n are done. Raises
    `FlywheelError` if not a single one could be paid.
    """
    by_account: dict[str, list[ShardedLeaf]] = {}
    for item in found:
        by_account.setdefault(item.leaf.account, []).append(item)
    payer = _Payer(suite, caller, heard)
    single: dict[int, list[Proved]] = {}
    for items in by_account.values():
        if len(items) > 1:
            payer.pay_drops(items)
        else:
            proved = (items[0].leaf, items[0].proof)
            single.setdefault(items[0].domain.drop_id, []).append(proved)
    for drop_id, leaves in single.items():
        for start in range(0, len(leaves), BATCH):
            payer.pay_batch(drop_id, leaves[start : start + BATCH])
    return payer.result()


def pay_all(
    suite: Suite,
    caller: "AccountAPI",
    tree: RewardTree,
    heard: Heard = lambda _: None,
    left: set[int] | None = None,
) -> dict[str, int]:
    """Pays every account of a drop that was not paid yet, up to 64 neighbours at a time by one
    proof; as `pay`. `left`: what `unpaid` gave, if the caller has asked already."""
    payer = _Payer(suite, caller, heard)
    left = set(unpaid(suite, tree)) if left is None else left
    for leaves, proof in tree.ranges():
        some = [leaf for leaf in leaves if leaf.index in left]
        if len(some) == len(leaves):
            payer.pay_range(tree, leaves, proof)
        else:
            payer.pay_leaves(tree, some)
    return payer.result()


def unpaid(suite: Suite, tree: RewardTree) -> Iterator[int]:
    """Indexes of the leaves that no claim has paid, by one look at each page of 128."""
    for page in range(-(-len(tree) // PAGE)):
        claimed = int(connection.call(suite.rewards.page, tree.domain.drop_id, page)[1])
        start = page * PAGE
        leaves = range(start, min(start + PAGE, len(tree)))
        yield from (index for index in leaves if not claimed >> (index - start) & 1)


class _Payer:
    """Pays leaves, and remembers who got what and who could not be paid."""

    def __init__(self, suite: Suite, caller: "AccountAPI", heard: Heard) -> None:
        self.suite, self.caller, self.heard = suite, caller, heard
        self.paid: Counter[str] = Counter()
        self.refused: list[FlywheelError] = []

    def pay_drops(self, items: Sequence[ShardedLeaf]) -> None:
        for start in range(0, len(items), DROPS):
            some = items[start : start + DROPS]
            parts = [
                (x.domain.drop_id, x.leaf.index, x.leaf.amount, x.leaf.page_total, x.proof)
                for x in some
            ]
            try:
                self._send(self.suite.rewards.claim_drops, len(some), some[0].leaf.account, parts)
            except FlywheelError as error:
                self.refused.append(error)

    def pay_range(self, tree: RewardTree, leaves: list[Leaf], proof: list[bytes]) -> None:
        drop_id, given = tree.domain.drop_id, [leaf.argument for leaf in leaves]
        try:
            self._send(self.suite.rewards.claim_range, len(leaves), drop_id, given, proof)
        except FlywheelError:
            self.pay_leaves(tree, leaves)

    def pay_leaves(self, tree: RewardTree, leaves: list[Leaf]) -> None:
        proved = [(leaf, tree.proof(leaf.index)) for leaf in leaves]
        for start in range(0, len(proved), BATCH):
            self.pay_batch(tree.domain.drop_id, proved[start : start + BATCH])

    def pay_batch(self, drop_id: int, leaves: Sequence[Proved]) -> None:
        """A batch that fails is halved until what cannot be paid stands alone."""
        given = [(leaf.argument, proof) for leaf, proof in leaves]
        try:
            self._send(self.suite.rewards.claim_batch, len(leaves), drop_id, given)
        except FlywheelError as error:
            if len(leaves) == 1:
                self.refused.append(error)
                return
            half = len(leaves) // 2
            self.pay_batch(drop_id, leaves[:half])
            self.pay_batch(drop_id, leaves[half:])

    def result(self) -> dict[str, int]:
        if self.refused and not self.paid:
            raise self.refused[0]
        return dict(self.paid)

    def _send(self, method: Any, count: int, *args: Any) -> None:
        receipt = connection.send(method, *args, sender=self.caller)
        for log in connection.events_of(receipt, self.suite.rewards.RewardClaimed):
            self.paid[str(log.account)] += int(log.amount)
        self.heard(count)
