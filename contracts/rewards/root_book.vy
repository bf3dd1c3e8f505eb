# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Root book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Money and Merkle roots of each (campaign, asset): funding, the pending and the active root, what was claimed.
@dev Knows nothing of who may call or of tokens. At most one root is pending and nothing overwrites it, so what
     watchers challenge is what activates. Claims are cumulative: a leaf of an older root, or the same leaf twice,
     is worth nothing more.
@custom:invariant For each (campaign, asset): paid <= active_total <= funded < 2^128, none of the three ever falls,
     paid is the sum of `claimed` over all accounts.
"""

from contracts.common import merkle_proofs
from contracts.rewards import packed_pending_root
from contracts.rewards import packed_root_totals
from interfaces import IContributorRewards

# As much as a packed total holds.
MAX_FUNDED: constant(uint256) = packed_root_totals.ACTIVE_TOTAL_MASK

# A claim reads the first two slots and writes the second.
struct Book:
    active_root: bytes32
    totals: uint256  # packed_root_totals
    funded: uint256
    pending_root: bytes32
    pending: uint256  # packed_pending_root; 0 when nothing is pending

# Campaign => asset => its book.
books: HashMap[uint256, HashMap[address, Book]]
# Campaign => asset => account => units of the asset paid so far.
claimed: HashMap[uint256, HashMap[address, HashMap[address, uint256]]]


@internal
def _fund(campaign_id: uint256, asset: address, amount: uint256):
    assert amount > 0, "amount is zero"
    # What is funded bounds every packed total. Written as a difference, which cannot overflow.
    funded: uint256 = self.books[campaign_id][asset].funded
    assert amount <= MAX_FUNDED - funded, "funded amount is too large"
    self.books[campaign_id][asset].funded = funded + amount


@internal
def _propose(campaign_id: uint256, asset: address, root: bytes32, total: uint256, activates_at: uint256):
    """
    @dev A total equal to the active one is allowed: it corrects leaves without promising more.
    """
    assert root != empty(bytes32), "root is zero"
    assert self.books[campaign_id][asset].pending == 0, "a root is pending"
    active_total: uint256 = packed_root_totals._active_total(self.books[campaign_id][asset].totals)
    assert total >= active_total, "total is below the active one"
    self._check_funded(campaign_id, asset, total)
    self.books[campaign_id][asset].pending_root = root
    self.books[campaign_id][asset].pending = packed_pending_root._pack(
        packed_pending_root.PendingRoot(total=total, activates_at=activates_at)
    )


@internal
def _cancel(campaign_id: uint256, asset: address, root: bytes32):
    self._pending_of(campaign_id, asset, root)
    self._clear_pending(campaign_id, asset)


@internal
def _activate(campaign_id: uint256, asset: address, root: bytes32) -> uint256:
    """
    @dev Returns the total of the root, in units of the asset.
    """
    pending: uint256 = self._pending_of(campaign_id, asset, root)
    total: uint256 = packed_pending_root._total(pending)
    assert block.timestamp >= packed_pending_root._activates_at(pending), "challenge window is open"
    # It was so when the root was proposed, and funding never falls; but all claims rest on it, so it is checked twice.
    self._check_funded(campaign_id, asset, total)
    self.books[campaign_id][asset].active_root = root
    self.books[campaign_id][asset].totals = packed_root_totals._with_active_total(
        self.books[campaign_id][asset].totals, total
    )
    self._clear_pending(campaign_id, asset)
    return total


@internal
def _collect(
    campaign_id: uint256,
    asset: address,
    account: address,
    cumulative: uint256,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
) -> uint256:
    """
    @dev Records as paid, and returns, what `account` has still to get. Zero, with nothing checked or written, when it
         has got `cumulative` already.
    """
    paid: uint256 = self.claimed[campaign_id][asset][account]
    if paid >= cumulative:
        return 0
    leaf: bytes32 = self._leaf(campaign_id, asset, account, cumulative)
    assert merkle_proofs._is_member(self.books[campaign_id][asset].active_root, leaf, proof), "proof is invalid"

    amount: uint256 = cumulative - paid
    totals: uint256 = self.books[campaign_id][asset].totals
    # A root whose leaves add up to more than its total can take nothing that belongs to other campaigns.
    assert amount <= packed_root_totals._unpaid(totals), "claims exceed the total"
    self.claimed[campaign_id][asset][account] = cumulative
    self.books[campaign_id][asset].totals = packed_root_totals._add_paid(totals, amount)
    return amount


@internal
@view
def _distribution(campaign_id: uint256, asset: address) -> IContributorRewards.Distribution:
    book: Book = self.books[campaign_id][asset]
    return IContributorRewards.Distribution(
        funded=book.funded,
        paid=packed_root_totals._paid(book.totals),
        active_root=book.active_root,
        active_total=packed_root_totals._active_total(book.totals),
        pending_root=book.pending_root,
        pending_total=packed_pending_root._total(book.pending),
        activates_at=packed_pending_root._activates_at(book.pending),
    )


@internal
@view
def _leaf(campaign_id: uint256, asset: address, account: address, cumulative: uint256) -> bytes32:
    """
    @dev Hashed twice, so that no node of a tree, which is the hash of 64 bytes, can pass for a leaf. Chain and
         contract keep a leaf from being replayed elsewhere, campaign and asset from being replayed here.
    """
    return keccak256(
        abi_encode(keccak256(abi_encode(chain.id, self, campaign_id, asset, account, cumulative)))
    )


@internal
@view
def _pending_of(campaign_id: uint256, asset: address, root: bytes32) -> uint256:
    """
    @dev The packed total and activation time of the pending root, which must be `root`.
    """
    pending: uint256 = self.books[campaign_id][asset].pending
    assert pending != 0, "no root is pending"
    assert root == self.books[campaign_id][asset].pending_root, "another root is pending"
    return pending


@internal
@view
def _check_funded(campaign_id: uint256, asset: address, total: uint256):
    assert total <= self.books[campaign_id][asset].funded, "total is above the funding"


@internal
def _clear_pending(campaign_id: uint256, asset: address):
    self.books[campaign_id][asset].pending_root = empty(bytes32)
    self.books[campaign_id][asset].pending = 0
