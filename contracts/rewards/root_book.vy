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
from interfaces import IContributorRewards

# A claim reads the first two slots and writes the second.
struct Book:
    active_root: bytes32
    # paid in the low 128 bits, active_total in the high ones.
    totals: uint256
    funded: uint256
    pending_root: bytes32
    # pending_total in the low 128 bits, activates_at in the high ones; 0 when nothing is pending.
    pending: uint256


HALF: constant(uint256) = 128
LOW_MASK: constant(uint256) = 2**128 - 1

# Campaign => asset => its book.
books: HashMap[uint256, HashMap[address, Book]]
# Campaign => asset => account => units of the asset paid so far.
claimed: HashMap[uint256, HashMap[address, HashMap[address, uint256]]]


@internal
def _fund(campaign_id: uint256, asset: address, amount: uint256):
    assert amount > 0, "amount is zero"
    # The totals are packed in half words; every total is bounded by `funded`. A difference cannot overflow.
    funded: uint256 = self.books[campaign_id][asset].funded
    assert amount <= LOW_MASK - funded, "funded amount is too large"
    self.books[campaign_id][asset].funded = funded + amount


@internal
def _propose(campaign_id: uint256, asset: address, root: bytes32, total: uint256, activates_at: uint256):
    """
    @dev A total equal to the active one is allowed: it corrects leaves without promising more.
    """
    assert root != empty(bytes32), "root is zero"
    assert self.books[campaign_id][asset].pending == 0, "a root is pending"
    assert total >= self.books[campaign_id][asset].totals >> HALF, "total is below the active one"
    self._check_funded(campaign_id, asset, total)
    self.books[campaign_id][asset].pending_root = root
    self.books[campaign_id][asset].pending = (activates_at << HALF) | total


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
    total: uint256 = pending & LOW_MASK
    assert block.timestamp >= pending >> HALF, "challenge window is open"
    # Holds since the proposal, as funding never falls; the promise that all claims rest on is worth a second look.
    self._check_funded(campaign_id, asset, total)
    paid: uint256 = self.books[campaign_id][asset].totals & LOW_MASK
    self.books[campaign_id][asset].active_root = root
    self.books[campaign_id][asset].totals = (total << HALF) | paid
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
    @dev Books what `account` has still to get and returns it. Zero, with nothing checked or written, when it has
         had `cumulative` already.
    """
    had: uint256 = self.claimed[campaign_id][asset][account]
    if had >= cumulative:
        return 0
    leaf: bytes32 = self._leaf(campaign_id, asset, account, cumulative)
    assert merkle_proofs._is_member(self.books[campaign_id][asset].active_root, leaf, proof), "proof is invalid"

    amount: uint256 = cumulative - had
    totals: uint256 = self.books[campaign_id][asset].totals
    # A root whose leaves add up to more than its total can take nothing that belongs to other campaigns.
    assert amount <= (totals >> HALF) - (totals & LOW_MASK), "claims exceed the total"
    self.claimed[campaign_id][asset][account] = cumulative
    self.books[campaign_id][asset].totals = totals + amount
    return amount


@internal
@view
def _distribution(campaign_id: uint256, asset: address) -> IContributorRewards.Distribution:
    book: Book = self.books[campaign_id][asset]
    return IContributorRewards.Distribution(
        funded=book.funded,
        paid=book.totals & LOW_MASK,
        active_root=book.active_root,
        active_total=book.totals >> HALF,
        pending_root=book.pending_root,
        pending_total=book.pending & LOW_MASK,
        activates_at=book.pending >> HALF,
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
