# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Drop book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The drops: each one's Merkle root, its money, and who of its leaves has claimed.
@dev Knows nothing of who may call, of campaigns or of tokens. A drop's money is its own from its proposal on. Each leaf
     names the total of its page; the first claim of a page moves that total from the drop to the page. So publishing
     costs the same for any number of leaves, and a claim writes one slot.
     A root whose leaves add up to more than the drop has, or disagree about a page, misdirects money of that drop only.
@custom:invariant For each drop: unopened + sum of the pages' left + claimed = total, from the proposal to the end.
                  A leaf is claimed at most once, and only while the root is active.
"""

from contracts.common import refusals
from contracts.rewards import packed_drop_head
from contracts.rewards import packed_page
from interfaces import IContributorRewards

# 2**25 pages of 128: as many leaves as a proof of 32 hashes reaches.
MAX_PAGES: constant(uint256) = 2**25
# The most leaves that one node's proof pays, and the levels of their tree.
MAX_RANGE: constant(uint256) = 64
RANGE_LEVELS: constant(uint256) = 6

struct Drop:
    root: bytes32  # of the leaves that can be claimed; zero before the activation and after the end
    head: uint256  # packed_drop_head
    pending_root: bytes32
    pages: uint256[MAX_PAGES]  # packed_page

# Drop id => the drop.
drops: HashMap[uint256, Drop]


@internal
def _propose(drop_id: uint256, root: bytes32, total: uint256, opens_at: uint256, claim_seconds: uint256):
    self.drops[drop_id].pending_root = root
    self.drops[drop_id].head = packed_drop_head._pack(
        packed_drop_head.DropHead(unopened=total, turns_at=opens_at, claim_seconds=claim_seconds, is_held=False)
    )


@internal
def _hold(drop_id: uint256, held_until: uint256) -> uint256:
    """
    @dev Returns the earliest second of its activation, which is never earlier than it was.
    """
    head: packed_drop_head.DropHead = self._pending(drop_id)
    assert not head.is_held, "drop was held before"
    head.is_held = True
    head.turns_at = max(head.turns_at, held_until)
    self.drops[drop_id].head = packed_drop_head._pack(head)
    return head.turns_at


@internal
def _withdraw(drop_id: uint256) -> uint256:
    """
    @dev Returns the drop's total, which is free again.
    """
    total: uint256 = self._pending(drop_id).unopened
    self.drops[drop_id].pending_root = empty(bytes32)
    self.drops[drop_id].head = 0
    return total


@internal
def _activate(drop_id: uint256) -> uint256:
    """
    @dev Returns the first second at which the drop can be ended.
    """
    head: packed_drop_head.DropHead = self._pending(drop_id)
    assert block.timestamp >= head.turns_at, "challenge window is open"
    head.turns_at = block.timestamp + head.claim_seconds
    self.drops[drop_id].head = packed_drop_head._pack(head)
    self.drops[drop_id].root = self.drops[drop_id].pending_root
    self.drops[drop_id].pending_root = empty(bytes32)
    return head.turns_at


@internal
def _end(drop_id: uint256, pages: DynArray[uint256, 128]) -> uint256:
    """
    @dev Stops claims for good. Returns what no page received, and what is left on the named pages.
    """
    head: packed_drop_head.DropHead = packed_drop_head._unpack(self.drops[drop_id].head)
    assert head.turns_at != 0 and self.drops[drop_id].pending_root == empty(bytes32), "drop is not active"
    assert block.timestamp >= head.turns_at, "drop has not ended"
    amount: uint256 = head.unopened
    head.unopened = 0
    self.drops[drop_id].root = empty(bytes32)
    self.drops[drop_id].head = packed_drop_head._pack(head)
    for page: uint256 in pages:
        self._check_page(page)
        amount += packed_page._left(self.drops[drop_id].pages[page])
        self.drops[drop_id].pages[page] = 0
    return amount


@internal
def _collect(drop_id: uint256, index: uint256, account: address, amount: uint256, page_total: uint256) -> bool:
    """
    @dev Records the claim of a leaf. Its caller checks the proof, or reverts. False, and nothing happened, if the leaf
         was claimed before.
    """
    page: uint256 = index // packed_page.LEAVES
    if page >= MAX_PAGES:
        self._refuse_page()
    packed: uint256 = self.drops[drop_id].pages[page]
    if packed == 0:
        packed = self._open(drop_id, page, page_total)
    packed = packed_page._after_claim(packed, index, amount)
    if packed == 0:
        return False
    self.drops[drop_id].pages[page] = packed
    log IContributorRewards.RewardClaimed(drop_id=drop_id, account=account, index=index, amount=amount)
    return True


@internal
def _collect_range(drop_id: uint256, leaves: DynArray[IContributorRewards.Leaf, MAX_RANGE]) -> uint256:
    """
    @dev `_collect` of each leaf; neighbours share a page, which is written once. In what it returns bit `i` says that
         leaf `i` was not claimed before.
    """
    are_new: uint256 = 0
    bit: uint256 = 1
    page: uint256 = leaves[0].index // packed_page.LEAVES
    packed: uint256 = self._page(drop_id, page, leaves[0].page_total)
    for leaf: IContributorRewards.Leaf in leaves:
        if leaf.index // packed_page.LEAVES != page:
            self.drops[drop_id].pages[page] = packed
            page = leaf.index // packed_page.LEAVES
            packed = self._page(drop_id, page, leaf.page_total)
        after: uint256 = packed_page._after_claim(packed, leaf.index, leaf.amount)
        if after != 0:
            packed = after
            are_new |= bit
            log IContributorRewards.RewardClaimed(
                drop_id=drop_id, account=leaf.account, index=leaf.index, amount=leaf.amount
            )
        bit = unsafe_mul(bit, 2)
    self.drops[drop_id].pages[page] = packed
    return are_new


@internal
def _page(drop_id: uint256, page: uint256, page_total: uint256) -> uint256:
    """
    @dev The page, packed, which gets its total if nobody has claimed from it. The caller stores it.
    """
    self._check_page(page)
    packed: uint256 = self.drops[drop_id].pages[page]
    if packed != 0:
        return packed
    return self._open(drop_id, page, page_total)


@internal
def _open(drop_id: uint256, page: uint256, page_total: uint256) -> uint256:
    """
    @dev Moves the total of a page from the drop to the page; returns the page, packed.
    """
    head: uint256 = self.drops[drop_id].head
    assert page_total <= packed_drop_head._unopened(head), "pages exceed the drop"
    self.drops[drop_id].head = packed_drop_head._less_unopened(head, page_total)
    log IContributorRewards.PageOpened(drop_id=drop_id, page=page, total=page_total)
    return packed_page._opened(page_total)


@internal
@view
def _is_claimed(drop_id: uint256, index: uint256) -> bool:
    page: uint256 = index // packed_page.LEAVES
    return page < MAX_PAGES and packed_page._is_claimed(self.drops[drop_id].pages[page], index)


@internal
@view
def _node_above(drop_id: uint256, leaves: DynArray[IContributorRewards.Leaf, MAX_RANGE]) -> bytes32:
    """
    @dev The node of the tree that has exactly these leaves below it, 1, 2, 4 or so on of them in the tree's order. They
         are hashed here, so no node can pass for one of them.
    """
    count: uint256 = len(leaves)
    assert count > 0 and count & (count - 1) == 0, "leaves are no whole subtree"
    nodes: bytes32[MAX_RANGE] = empty(bytes32[MAX_RANGE])
    filled: uint256 = 0
    for leaf: IContributorRewards.Leaf in leaves:
        nodes[filled] = keccak256(abi_encode(keccak256(abi_encode(chain.id, self, drop_id, leaf))))
        filled = unsafe_add(filled, 1)
    for _: uint256 in range(RANGE_LEVELS):
        count //= 2
        if count == 0:
            break
        for i: uint256 in range(count, bound=32):
            left: bytes32 = nodes[unsafe_mul(2, i)]
            right: bytes32 = nodes[unsafe_add(unsafe_mul(2, i), 1)]
            if convert(left, uint256) < convert(right, uint256):
                nodes[i] = keccak256(abi_encode(left, right))
            else:
                nodes[i] = keccak256(abi_encode(right, left))
    return nodes[0]


@internal
@view
def _leaf(drop_id: uint256, leaf: IContributorRewards.Leaf) -> bytes32:
    """
    @dev Hashed twice, so that no node of a tree, which is the hash of 64 bytes, can pass for a leaf. Chain and
         contract keep a leaf from being replayed elsewhere, the drop's id, with campaign and asset, from being
         replayed here.
    """
    return keccak256(abi_encode(keccak256(abi_encode(chain.id, self, drop_id, leaf))))


@internal
@view
def _pending(drop_id: uint256) -> packed_drop_head.DropHead:
    assert self.drops[drop_id].pending_root != empty(bytes32), "drop is not pending"
    return packed_drop_head._unpack(self.drops[drop_id].head)


@internal
@pure
def _check_page(page: uint256):
    if page >= MAX_PAGES:
        self._refuse_page()


@internal
@pure
def _refuse_page():
    refusals._refuse("index is out of range")
