"""A second plain-Python model of contributor rewards, written from the interface alone.

Money lies in jars: outside, free for a campaign, in a drop, on a page, with an account. Every step
moves it from one jar into another, so nothing can appear or vanish. A call is answered with all
reasons why it must be refused; without any it is carried out. Which of several reasons a contract
names is its own business. What the interface leaves open is marked GUESS; where the contract does
something else than the interface led to believe, the model follows it and says DIFFERS.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from flywheel.rewards.leaves import Domain, Leaf, keccak, leaf_hash, parts_of
from tests.support import DAY, ZERO_ADDRESS

YEAR = 365 * DAY
HOLD = 14 * DAY
DORMANT = 2 * YEAR
PAGE = 128
# GUESS: the interface has `index is out of range` and no range; the tree library has this one.
MOST_LEAVES = 2**32
# GUESS: of `amount is too large`; the interface bounds a drop's total and no other sum.
MOST_MONEY = 2**128 - 1
OUTSIDE = "outside"
NOT_PUBLISHER = "caller is not the publisher"

Reasons = set[str]
LeafTuple = tuple[int, str, int, int]


@dataclass
class Answer:
    reasons: Reasons = field(default_factory=set)
    value: int | None = None


@dataclass
class CampaignBook:
    publisher: str
    challenge: int
    active_at: int
    drops: int = 0


@dataclass
class DropBook:
    campaign: int
    asset: str
    root: bytes
    claim_seconds: int
    opens_at: int
    ends_at: int = 0
    is_held: bool = False
    state: str = "pending"
    paid: set[int] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """DIFFERS: `activate_drop` opens a drop "for `claim_seconds`"; yet claims go on until
        somebody calls `end_drop`."""
        return self.state == "active"


def split_id(drop_id: int) -> tuple[int, int, int]:
    """Asset, campaign, number, to be read off the hexadecimal digits."""
    digits = f"{drop_id:064x}"
    return int(digits[:40], 16), int(digits[40:52], 16), int(digits[52:], 16)


def node_of(nodes: Sequence[bytes]) -> bytes:
    """The node above 1, 2, 4, ... nodes that stand side by side."""
    if len(nodes) == 1:
        return nodes[0]
    half = len(nodes) // 2
    return keccak(b"".join(sorted((node_of(nodes[:half]), node_of(nodes[half:])))))


def check(*reasons: tuple[bool, str]) -> Reasons:
    """The reasons whose condition is not met."""
    return {reason for is_met, reason in reasons if not is_met}


@dataclass
class Books:
    """All campaigns and drops, and the jars."""

    chain_id: int
    contract: str
    owner: str
    guardian: str
    campaigns: dict[int, CampaignBook] = field(default_factory=dict)
    drops: dict[int, DropBook] = field(default_factory=dict)
    jars: Counter[Any] = field(default_factory=Counter)
    is_paused: bool = False

    def move(self, source: Any, target: Any, amount: int) -> int:
        self.jars[source] -= amount
        self.jars[target] += amount
        assert source == OUTSIDE or self.jars[source] >= 0
        return amount

    # --- campaigns ---

    def fund(self, at: int, sender: str, campaign: int, asset: str, amount: int) -> Answer:
        jar = ("free", campaign, asset)
        reasons = check(
            (campaign in self.campaigns, "campaign is unknown"),
            (amount > 0, "amount is zero"),
            (self.jars[jar] + amount <= MOST_MONEY, "amount is too large"),
        )
        if not reasons:
            self.move(OUTSIDE, jar, amount)
        return Answer(reasons)

    def set_publisher(self, at: int, sender: str, campaign: int, new: str) -> Answer:
        found = self.campaigns.get(campaign)
        reasons = check(
            (found is not None, "campaign is unknown"),
            (found is not None and sender in (found.publisher, self.owner), NOT_PUBLISHER),
            (new != ZERO_ADDRESS, "publisher is zero"),
        )
        if not reasons:
            found.publisher = new
        return Answer(reasons)

    def close_dormant(self, at: int, sender: str, campaign: int, asset: str, to: str) -> Answer:
        found, jar = self.campaigns.get(campaign), ("free", campaign, asset)
        reasons = check(
            (sender == self.owner, "caller is not the owner"),
            (to != ZERO_ADDRESS, "receiver is zero"),
            (to != self.contract, "receiver is the payer"),
            (found is not None, "campaign is unknown"),
            (found is not None and at >= found.active_at + DORMANT, "campaign is not dormant"),
            (self.jars[jar] > 0, "nothing is free"),
        )
        return Answer(reasons, None if reasons else self.send(jar, asset, to, self.jars[jar]))

    def send(self, jar: Any, asset: str, to: str, amount: int) -> int:
        return self.move(jar, ("account", asset, to), amount)

    # --- drops ---

    def propose_drop(self, at: int, sender: str, campaign: int, terms: tuple[Any, ...]) -> Answer:
        number, asset, root, total, claim_seconds, leaves_hash, manifest_hash, uri = terms
        found, jar = self.campaigns.get(campaign), ("free", campaign, asset)
        reasons = check(
            (not self.is_paused, "paused"),
            (found is not None, "campaign is unknown"),
            (found is not None and sender == found.publisher, NOT_PUBLISHER),
            (found is not None and number == found.drops + 1, "not the next drop"),
            (any(root), "root is zero"),
            (total > 0, "total is zero"),
            (any(leaves_hash) and any(manifest_hash), "hash is empty"),
            (bool(uri), "uri is empty"),
            (3 * YEAR <= claim_seconds <= 10 * YEAR, "claim time out of bounds"),
            (total <= self.jars[jar], "total is above the free money"),
        )
        if reasons:
            return Answer(reasons)
        drop_id = int(f"{int(asset, 16):040x}{campaign:012x}{number:012x}", 16)
        opens_at = at + found.challenge
        self.drops[drop_id] = DropBook(campaign, asset, root, claim_seconds, opens_at)
        self.move(jar, ("drop", drop_id), total)
        found.drops, found.active_at = number, at
        return Answer(value=drop_id)

    def pending(self, drop_id: int) -> DropBook | None:
        found = self.drops.get(drop_id)
        return found if found and found.state == "pending" else None

    def withdraw_drop(self, at: int, sender: str, drop_id: int) -> Answer:
        campaign = self.campaigns.get(split_id(drop_id)[1])
        may = campaign is not None and sender == campaign.publisher
        known = (campaign is not None, "campaign is unknown")
        return self.give_up(drop_id, "withdrawn", check(known, (may, NOT_PUBLISHER)))

    def cancel_drop(self, at: int, sender: str, drop_id: int, reason_hash: bytes) -> Answer:
        may = check((sender == self.owner, "caller is not the owner"))
        return self.give_up(drop_id, "cancelled", may)

    def give_up(self, drop_id: int, state: str, reasons: Reasons) -> Answer:
        found, jar = self.pending(drop_id), ("drop", drop_id)
        if found is None:
            return Answer(reasons | {"drop is not pending"})
        free = ("free", found.campaign, found.asset)
        fits = self.jars[free] + self.jars[jar] <= MOST_MONEY
        reasons = reasons | check((fits, "amount is too large"))
        if not reasons:
            self.move(jar, free, self.jars[jar])
            found.state = state
        return Answer(reasons)

    def hold_drop(self, at: int, sender: str, drop_id: int, reason_hash: bytes) -> Answer:
        found = self.pending(drop_id)
        reasons = check(
            (sender == self.guardian, "caller is not the guardian"),
            (found is not None, "drop is not pending"),
            (found is None or not found.is_held, "drop was held before"),
        )
        if not reasons:
            # GUESS: a hold never brings the activation forward; without a Governor it is 14 days.
            found.opens_at, found.is_held = max(found.opens_at, at + HOLD), True
        return Answer(reasons)

    def activate_drop(self, at: int, sender: str, drop_id: int) -> Answer:
        found = self.pending(drop_id)
        is_over = found is not None and at >= found.opens_at
        reasons = check(
            (found is not None, "drop is not pending"), (is_over, "challenge window is open")
        )
        if not reasons:
            found.state, found.ends_at = "active", at + found.claim_seconds
        return Answer(reasons)

    def end_drop(self, at: int, sender: str, drop_id: int, pages: list[int]) -> Answer:
        found = self.drops.get(drop_id)
        is_active = found is not None and found.state in ("active", "ended")
        jars = [("drop", drop_id), *(("page", drop_id, page) for page in sorted(set(pages)))]
        left = sum(self.jars[jar] for jar in jars)
        free = ("free", found.campaign, found.asset) if is_active else None
        reasons = check(
            (is_active, "drop is not active"),
            (is_active and at >= found.ends_at, "drop has not ended"),
            (all(page < MOST_LEAVES // PAGE for page in pages), "index is out of range"),
            (self.jars[free] + left <= MOST_MONEY, "amount is too large"),
        )
        if reasons:
            return Answer(reasons)
        for jar in jars:
            self.move(jar, free, self.jars[jar])
        found.paid = {index for index in found.paid if index // PAGE not in pages}
        found.opened -= set(pages)
        found.state = "ended"
        return Answer(value=left)

    # --- claims ---

    @contextmanager
    def undone_if_refused(self) -> Iterator[Reasons]:
        """What is done within is kept only if no reason is added."""
        before = deepcopy((self.drops, self.jars))
        reasons: Reasons = set()
        yield reasons
        if reasons:
            self.drops, self.jars = before

    def node(self, drop_id: int, leaf: LeafTuple) -> bytes:
        return leaf_hash(Domain(self.chain_id, self.contract, *parts_of(drop_id)), Leaf(*leaf))

    def pay(self, drop_id: int, leaf: LeafTuple, to: str) -> Answer:
        """One leaf that is proven. One that is paid already is passed over, also if it was in the
        same call."""
        index, _, amount, page_total = leaf
        found = self.drops.get(drop_id)
        reasons = self.open_reasons(drop_id)
        reasons |= check((index < MOST_LEAVES, "index is out of range"))
        if reasons or index in found.paid:
            return Answer(reasons, 0)
        jar, page = ("drop", drop_id), ("page", drop_id, index // PAGE)
        is_opened = index // PAGE in found.opened
        has_page = is_opened or page_total <= self.jars[jar]
        on_page = self.jars[page] if is_opened else page_total
        reasons = check(
            (has_page, "pages exceed the drop"),
            (amount <= on_page, "claims exceed the page"),
        )
        if reasons:
            return Answer(reasons, 0)
        if not is_opened:
            self.move(jar, page, page_total)
            found.opened.add(index // PAGE)
        found.paid.add(index)
        return Answer(value=self.send(page, found.asset, to, amount))

    def open_reasons(self, drop_id: int) -> Reasons:
        found = self.drops.get(drop_id)
        return check((found is not None and found.is_open, "drop is not active"))

    def is_proven(self, drop_id: int, node: bytes, proof: list[bytes]) -> bool:
        found = self.drops.get(drop_id)
        for sibling in proof:
            node = node_of([node, sibling])
        return found is None or found.root == node

    def claim(self, at: int, sender: str, drop_id: int, leaf: LeafTuple, proof: Any) -> Answer:
        with self.undone_if_refused() as reasons:
            reasons |= self.pay_one(drop_id, leaf, proof, leaf[1]).reasons
            # DIFFERS: only `claim` refuses a leaf of nothing, and blames the asset.
            reasons |= check((leaf[2] > 0, "asset took a fee"))
        return Answer(reasons)

    def pay_one(self, drop_id: int, leaf: LeafTuple, proof: Any, to: str) -> Answer:
        found = self.drops.get(drop_id)
        is_proven = self.is_proven(drop_id, self.node(drop_id, leaf), proof)
        is_new = found is None or leaf[0] not in found.paid
        with self.undone_if_refused() as reasons:
            reasons |= check((is_proven, "proof is invalid"), (is_new, "claimed already"))
            reasons |= self.pay(drop_id, leaf, to).reasons
        return Answer(reasons)

    def claim_to(
        self, at: int, sender: str, drop_id: int, leaf: LeafTuple, proof: Any, to: str, signed: Any
    ) -> Answer:
        """`signed`: (deadline, whether the account's signature of this call's values is there)."""
        deadline, is_signed = signed
        is_self = sender == leaf[1]
        reasons = check(
            (to != ZERO_ADDRESS, "receiver is zero"),
            (to != self.contract, "receiver is the payer"),
            (is_self or at <= deadline, "signature has expired"),
            (is_self or is_signed, "signature is not the account's"),
        )
        with self.undone_if_refused() as all_reasons:
            all_reasons |= reasons | self.pay_one(drop_id, leaf, proof, to).reasons
        return Answer(all_reasons)

    def pay_all(self, parts: list[tuple[int, LeafTuple, bool]]) -> Answer:
        """Several leaves, each with whether it is proven."""
        paid = 0
        with self.undone_if_refused() as reasons:
            for drop_id, leaf, is_proven in parts:
                reasons |= check((is_proven, "proof is invalid"))
                answer = self.pay(drop_id, leaf, leaf[1])
                reasons |= answer.reasons
                paid += answer.value or 0
        return Answer(reasons, paid)

    def claim_batch(self, at: int, sender: str, drop_id: int, claims: list[Any]) -> Answer:
        paid = 0
        with self.undone_if_refused() as reasons:
            # GUESS: an empty batch is refused as well if the drop is not active.
            reasons |= self.open_reasons(drop_id)
            for leaf, proof in claims:
                found = self.drops.get(drop_id)
                # An index that is paid already is passed over, "with whatever is said of it".
                is_proven = self.is_proven(drop_id, self.node(drop_id, leaf), proof)
                is_proven |= found is not None and leaf[0] in found.paid
                answer = self.pay_all([(drop_id, leaf, is_proven)])
                reasons |= answer.reasons
                paid += answer.value
        return Answer(reasons, paid)

    def claim_range(self, at: int, sender: str, drop_id: int, leaves: Any, proof: Any) -> Answer:
        if len(leaves) not in (1, 2, 4, 8, 16, 32, 64):
            answer = self.pay_all([(drop_id, leaf, False) for leaf in leaves])
            return Answer(answer.reasons | {"leaves are no whole subtree"})
        node = node_of([self.node(drop_id, leaf) for leaf in leaves])
        is_proven = self.is_proven(drop_id, node, proof)
        return self.pay_all([(drop_id, leaf, is_proven) for leaf in leaves])

    def claim_drops(self, at: int, sender: str, account: str, parts: list[Any]) -> Answer:
        rows = []
        for drop_id, index, amount, page_total, proof in parts:
            leaf = (index, account, amount, page_total)
            node = self.node(drop_id, leaf)
            rows.append((drop_id, leaf, self.is_proven(drop_id, node, proof)))
        with self.undone_if_refused() as reasons:
            reasons |= check(
                (bool(parts), "no claims"),
                (len({split_id(row[0])[0] for row in rows}) < 2, "drops pay different assets"),
            )
            answer = self.pay_all(rows)
            reasons |= answer.reasons
        return Answer(reasons, answer.value)

    # --- views ---

    def drop_view(self, drop_id: int) -> tuple[Any, ...]:
        """Roots, money, time; then the time to claim and the hold while it is pending or active."""
        found, nothing = self.drops.get(drop_id), bytes(32)
        if found is None or found.state not in ("pending", "active", "ended"):
            return (nothing, nothing, 0, 0)
        if found.state == "ended":
            return (nothing, nothing, self.jars["drop", drop_id], found.ends_at)
        is_pending = found.state == "pending"
        roots = (found.root, nothing) if is_pending else (nothing, found.root)
        turns_at = found.opens_at if is_pending else found.ends_at
        view = (*roots, self.jars["drop", drop_id], turns_at)
        return (*view, found.claim_seconds, found.is_held)

    def page_view(self, drop_id: int, page: int) -> tuple[int, int]:
        found = self.drops.get(drop_id)
        paid = found.paid if found else set()
        bits = sum(1 << index % PAGE for index in paid if index // PAGE == page)
        return self.jars["page", drop_id, page], bits

    def inside(self, asset: str) -> int:
        """What the contract owes in an asset."""
        return sum(
            amount
            for jar, amount in self.jars.items()
            if (jar[0] == "free" and jar[2] == asset)
            or (jar[0] in ("drop", "page") and split_id(jar[1])[0] == int(asset, 16))
        )
