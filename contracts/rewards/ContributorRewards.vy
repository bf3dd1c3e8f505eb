# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Contributor rewards
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Pays the contributors of datasets and compute pools, of competitions and of tests, each by a Merkle proof, out
        of what their campaign received: `IContributorRewards` says what each function does and refuses.
@dev A campaign has free money. A drop takes its total out of it when it is proposed, and nothing touches that any more
     but the claims of its own leaves, and its end: no later drop, no vote and no publisher can take what an active drop
     promises. Contributors trust the publisher for the leaves, and whoever recomputes them, the guardian and the vote
     to stop a wrong drop while it is pending.
     It keeps no sum of what it owes in an asset, which each claim would have to write. So nothing can be skimmed: what
     is sent here without funding a campaign stays here.
@custom:invariant For each asset: sum of the campaigns' free money + sum of what drops have left <= balanceOf(self).
                  For each drop: unopened + left on its pages + claimed = total.
@custom:halt The guardian's pause stops `propose_drop` and nothing else. It may hold a pending drop once, for as long as
             a vote takes; a vote cancels it. Funding, activation, claims and ends go on always.
"""

from ethereum.ercs import IERC20
from snekmate.utils import eip712_domain_separator

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import merkle_proofs
from contracts.common import refusals
from contracts.common import safety
from contracts.common import signature_checks
from contracts.common import vote_windows
from contracts.rewards import campaign_book
from contracts.rewards import drop_book
from contracts.rewards import packed_drop_head
from contracts.rewards import packed_drop_id
from contracts.rewards import packed_page
from interfaces import IContributorRewards

implements: IContributorRewards

initializes: governed
initializes: safety[governed := governed]
initializes: vote_windows[governed := governed]
initializes: eip712_domain_separator
initializes: campaign_book
initializes: drop_book

exports: (
    governed.__interface__,
    safety.__interface__,
    vote_windows.__interface__,
    eip712_domain_separator.eip712Domain,
    campaign_book.campaign_count,
    campaign_book.free,
)

MIN_CHALLENGE_SECONDS: public(constant(uint256)) = campaign_book.MIN_CHALLENGE_SECONDS
MAX_CHALLENGE_SECONDS: public(constant(uint256)) = campaign_book.MAX_CHALLENGE_SECONDS
DORMANT_SECONDS: public(constant(uint256)) = campaign_book.DORMANT_SECONDS
# A contributor may be long away; what is still unclaimed after ten years pays the next ones.
MIN_CLAIM_SECONDS: public(constant(uint256)) = 3 * 365 * 86_400
MAX_CLAIM_SECONDS: public(constant(uint256)) = 10 * 365 * 86_400
# A guardian's hold, if no vote takes longer.
MIN_HOLD_SECONDS: constant(uint256) = 14 * 86_400
MAX_BATCH: constant(uint256) = 50
MAX_DROPS: constant(uint256) = 16
MAX_PAGES_ENDED: constant(uint256) = 128

CLAIM_TO_TYPEHASH: public(constant(bytes32)) = keccak256(
    "ClaimTo(uint256 dropId,uint256 index,address receiver,uint256 deadline)"
)

# Whose holders vote: who claims it for the first time votes with it.
TOKEN: public(immutable(address))


@deploy
def __init__(token: address):
    """
    @notice The deployer is the owner until it hands over to the Timelock.
    @param token The governance token.
    """
    governed.__init__()
    safety.__init__()
    vote_windows.__init__()
    eip712_domain_separator.__init__("Flywheel Rewards", "1")
    assert token != empty(address), "token is zero"
    TOKEN = token


# --- campaigns ---


@external
def create_campaign(
    publisher: address, challenge_seconds: uint256, description: IContributorRewards.Description
) -> uint256:
    campaign_id: uint256 = campaign_book._create(publisher, challenge_seconds, description)
    log IContributorRewards.CampaignCreated(
        campaign_id=campaign_id,
        publisher=publisher,
        challenge_seconds=challenge_seconds,
        description=description,
    )
    return campaign_id


@external
def set_publisher(campaign_id: uint256, new_publisher: address):
    old_publisher: address = campaign_book._head(campaign_id).publisher
    if not governed._is_owner():
        campaign_book._only_publisher(campaign_id)
    campaign_book._set_publisher(campaign_id, new_publisher)
    log IContributorRewards.PublisherChanged(
        campaign_id=campaign_id, old_publisher=old_publisher, new_publisher=new_publisher
    )


@external
def fund(campaign_id: uint256, asset: address, amount: uint256):
    campaign_book._head(campaign_id)
    assert amount > 0, "amount is zero"
    campaign_book._add_free(campaign_id, asset, amount)
    log IContributorRewards.CampaignFunded(campaign_id=campaign_id, asset=asset, payer=msg.sender, amount=amount)
    asset_ledger._forward(asset, msg.sender, self, amount)


# --- drops ---


@external
def propose_drop(campaign_id: uint256, drop: IContributorRewards.DropTerms) -> uint256:
    safety._check_running()
    campaign_book._only_publisher(campaign_id)
    assert drop.root != empty(bytes32), "root is zero"
    assert drop.total > 0, "total is zero"
    # Without the files nobody could find its leaf, nor say whether the amounts are right.
    assert drop.leaves_hash != empty(bytes32) and drop.manifest_hash != empty(bytes32), "hash is empty"
    assert len(drop.uri) > 0, "uri is empty"
    assert (
        drop.claim_seconds >= MIN_CLAIM_SECONDS and drop.claim_seconds <= MAX_CLAIM_SECONDS
    ), "claim time out of bounds"

    opens_at: uint256 = campaign_book._take_for_drop(campaign_id, drop.number, drop.asset, drop.total)
    drop_id: uint256 = packed_drop_id._pack(
        packed_drop_id.DropId(number=drop.number, campaign_id=campaign_id, asset=drop.asset)
    )
    drop_book._propose(drop_id, drop.root, drop.total, opens_at, drop.claim_seconds)
    log IContributorRewards.DropProposed(
        drop_id=drop_id, campaign_id=campaign_id, asset=drop.asset, opens_at=opens_at, terms=drop
    )
    return drop_id


@external
def withdraw_drop(drop_id: uint256):
    drop: packed_drop_id.DropId = packed_drop_id._unpack(drop_id)
    campaign_book._only_publisher(drop.campaign_id)
    returned: uint256 = drop_book._withdraw(drop_id)
    campaign_book._add_free(drop.campaign_id, drop.asset, returned)
    log IContributorRewards.DropWithdrawn(drop_id=drop_id, returned=returned)


@external
def hold_drop(drop_id: uint256, reason_hash: bytes32):
    safety._only_guardian()
    held_until: uint256 = block.timestamp + vote_windows._window_seconds(MIN_HOLD_SECONDS)
    opens_at: uint256 = drop_book._hold(drop_id, held_until)
    log IContributorRewards.DropHeld(drop_id=drop_id, opens_at=opens_at, reason_hash=reason_hash)


@external
def activate_drop(drop_id: uint256):
    ends_at: uint256 = drop_book._activate(drop_id)
    log IContributorRewards.DropActivated(drop_id=drop_id, ends_at=ends_at)


@external
def end_drop(drop_id: uint256, pages: DynArray[uint256, MAX_PAGES_ENDED]) -> uint256:
    drop: packed_drop_id.DropId = packed_drop_id._unpack(drop_id)
    returned: uint256 = drop_book._end(drop_id, pages)
    campaign_book._add_free(drop.campaign_id, drop.asset, returned)
    log IContributorRewards.DropEnded(drop_id=drop_id, pages=pages, returned=returned)
    return returned


# --- claims ---

# `claim` and `claim_batch` follow proofs themselves: to hand a proof to a function copies it, for 700 gas.


@external
def claim(
    drop_id: uint256, leaf: IContributorRewards.Leaf, proof: DynArray[bytes32, merkle_proofs.MAX_PROOF]
):
    node: bytes32 = keccak256(abi_encode(keccak256(abi_encode(chain.id, self, drop_id, leaf))))
    for sibling: bytes32 in proof:
        if convert(node, uint256) < convert(sibling, uint256):
            node = keccak256(abi_encode(node, sibling))
        else:
            node = keccak256(abi_encode(sibling, node))
    if node != drop_book.drops[drop_id].root:
        self._refuse_proof(drop_id)
    is_new: bool = drop_book._collect(drop_id, leaf.index, leaf.account, leaf.amount, leaf.page_total)
    if not is_new:
        self._refuse_claimed()
    asset: IERC20 = IERC20(packed_drop_id._asset(drop_id))
    balance_before: uint256 = staticcall asset.balanceOf(self)
    self._send(asset.address, leaf.account, leaf.amount)
    balance_after: uint256 = staticcall asset.balanceOf(self)
    asset_ledger._check_paid(balance_before, balance_after, leaf.amount)


@external
def claim_to(
    drop_id: uint256,
    leaf: IContributorRewards.Leaf,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
    receiver: address,
    deadline: uint256,
    signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES],
):
    asset_ledger._check_receiver(receiver)
    if msg.sender != leaf.account:
        assert block.timestamp <= deadline, "signature has expired"
        digest: bytes32 = self._claim_to_digest(drop_id, leaf.index, receiver, deadline)
        assert signature_checks._is_valid(leaf.account, digest, signature), "signature is not the account's"
    node: bytes32 = drop_book._leaf(drop_id, leaf)
    if not merkle_proofs._is_member(drop_book.drops[drop_id].root, node, proof):
        self._refuse_proof(drop_id)
    is_new: bool = drop_book._collect(drop_id, leaf.index, leaf.account, leaf.amount, leaf.page_total)
    if not is_new:
        self._refuse_claimed()
    log IContributorRewards.RewardSentTo(drop_id=drop_id, account=leaf.account, receiver=receiver)
    self._pay(packed_drop_id._asset(drop_id), receiver, leaf.amount)


@external
def claim_batch(drop_id: uint256, claims: DynArray[IContributorRewards.Claim, MAX_BATCH]) -> uint256:
    root: bytes32 = self._active_root(drop_id)
    asset: address = packed_drop_id._asset(drop_id)
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    paid: uint256 = 0
    for item: IContributorRewards.Claim in claims:
        leaf: IContributorRewards.Leaf = item.leaf
        is_new: bool = drop_book._collect(drop_id, leaf.index, leaf.account, leaf.amount, leaf.page_total)
        if not is_new:
            continue
        node: bytes32 = keccak256(abi_encode(keccak256(abi_encode(chain.id, self, drop_id, leaf))))
        for sibling: bytes32 in item.proof:
            if convert(node, uint256) < convert(sibling, uint256):
                node = keccak256(abi_encode(node, sibling))
            else:
                node = keccak256(abi_encode(sibling, node))
        if node != root:
            self._refuse_proof(drop_id)
        paid += leaf.amount
        self._send(asset, leaf.account, leaf.amount)
    self._check_paid(asset, balance_before, paid)
    return paid


@external
def claim_range(
    drop_id: uint256,
    leaves: DynArray[IContributorRewards.Leaf, drop_book.MAX_RANGE],
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
) -> uint256:
    node: bytes32 = drop_book._node_above(drop_id, leaves)
    if not merkle_proofs._is_member(drop_book.drops[drop_id].root, node, proof):
        self._refuse_proof(drop_id)
    are_new: uint256 = drop_book._collect_range(drop_id, leaves)
    asset: address = packed_drop_id._asset(drop_id)
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    paid: uint256 = 0
    for leaf: IContributorRewards.Leaf in leaves:
        if are_new & 1 != 0:
            paid += leaf.amount
            self._send(asset, leaf.account, leaf.amount)
        are_new //= 2
    self._check_paid(asset, balance_before, paid)
    return paid


@external
def claim_drops(account: address, parts: DynArray[IContributorRewards.Part, MAX_DROPS]) -> uint256:
    assert len(parts) > 0, "no claims"
    asset: address = packed_drop_id._asset(parts[0].drop_id)
    paid: uint256 = 0
    for part: IContributorRewards.Part in parts:
        assert packed_drop_id._asset(part.drop_id) == asset, "drops pay different assets"
        leaf: IContributorRewards.Leaf = IContributorRewards.Leaf(
            index=part.index, account=account, amount=part.amount, page_total=part.page_total
        )
        node: bytes32 = drop_book._leaf(part.drop_id, leaf)
        if not merkle_proofs._is_member(drop_book.drops[part.drop_id].root, node, part.proof):
            self._refuse_proof(part.drop_id)
        is_new: bool = drop_book._collect(part.drop_id, part.index, account, part.amount, part.page_total)
        if is_new:
            paid += part.amount
    self._pay(asset, account, paid)
    return paid


# --- governed ---


@external
def cancel_drop(drop_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    drop: packed_drop_id.DropId = packed_drop_id._unpack(drop_id)
    returned: uint256 = drop_book._withdraw(drop_id)
    campaign_book._add_free(drop.campaign_id, drop.asset, returned)
    log IContributorRewards.DropCancelled(drop_id=drop_id, returned=returned, reason_hash=reason_hash)


@external
def close_dormant(campaign_id: uint256, asset: address, receiver: address) -> uint256:
    governed._only_owner()
    asset_ledger._check_receiver(receiver)
    amount: uint256 = campaign_book._take_dormant(campaign_id, asset)
    log IContributorRewards.DormantMoneySent(
        campaign_id=campaign_id, asset=asset, receiver=receiver, amount=amount
    )
    self._pay(asset, receiver, amount)
    return amount


# --- views ---


@external
@view
def campaign(campaign_id: uint256) -> IContributorRewards.Campaign:
    return campaign_book._campaign(campaign_id)


@external
@view
def drop(drop_id: uint256) -> IContributorRewards.Drop:
    found: packed_drop_id.DropId = packed_drop_id._unpack(drop_id)
    head: packed_drop_head.DropHead = packed_drop_head._unpack(drop_book.drops[drop_id].head)
    pending: bytes32 = drop_book.drops[drop_id].pending_root
    active: bytes32 = drop_book.drops[drop_id].root
    return IContributorRewards.Drop(
        campaign_id=found.campaign_id,
        asset=found.asset,
        number=found.number,
        pending_root=pending,
        root=active,
        unopened=head.unopened,
        turns_at=head.turns_at,
        claim_seconds=head.claim_seconds,
        is_held=head.is_held,
    )


@external
@view
def drop_id(campaign_id: uint256, asset: address, number: uint256) -> uint256:
    return packed_drop_id._pack(
        packed_drop_id.DropId(number=number, campaign_id=campaign_id, asset=asset)
    )


@external
@view
def page(drop_id: uint256, page: uint256) -> (uint256, uint256):
    drop_book._check_page(page)
    packed: uint256 = drop_book.drops[drop_id].pages[page]
    return packed_page._left(packed), packed_page._claimed(packed)


@external
@view
def is_claimed(drop_id: uint256, index: uint256) -> bool:
    return drop_book._is_claimed(drop_id, index)


@external
@view
def leaf(drop_id: uint256, leaf: IContributorRewards.Leaf) -> bytes32:
    return drop_book._leaf(drop_id, leaf)


@external
@view
def claim_to_digest(drop_id: uint256, index: uint256, receiver: address, deadline: uint256) -> bytes32:
    return self._claim_to_digest(drop_id, index, receiver, deadline)


# --- internals ---


@internal
def _pay(asset: address, receiver: address, amount: uint256):
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    self._send(asset, receiver, amount)
    self._check_paid(asset, balance_before, amount)


@internal
def _send(asset: address, receiver: address, amount: uint256):
    """
    @dev The caller compares the balance afterwards. Who gets the governance token for the first time votes with it.
         That may fail: this contract may have lost the right to say so. It comes before the transfer so that no caller
         can starve it of gas: the 1/64 that would be left is not enough for the transfer.
    """
    if amount == 0:
        return
    if asset == TOKEN:
        is_delegated: bool = raw_call(
            TOKEN, abi_encode(receiver, method_id=method_id("delegate_default(address)")), revert_on_failure=False
        )
    assert extcall IERC20(asset).transfer(receiver, amount, default_return_value=True), "asset transfer failed"


@internal
@view
def _check_paid(asset: address, balance_before: uint256, paid: uint256):
    if paid > 0:
        asset_ledger._check_paid(balance_before, staticcall IERC20(asset).balanceOf(self), paid)


@internal
@view
def _claim_to_digest(drop_id: uint256, index: uint256, receiver: address, deadline: uint256) -> bytes32:
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(CLAIM_TO_TYPEHASH, drop_id, index, receiver, deadline))
    )


@internal
@view
def _refuse_proof(drop_id: uint256):
    """
    @dev The root of a drop that is not active is zero, which no proof leads to.
    """
    self._active_root(drop_id)
    refusals._refuse("proof is invalid")


@internal
@pure
def _refuse_claimed():
    refusals._refuse("claimed already")


@internal
@view
def _active_root(drop_id: uint256) -> bytes32:
    root: bytes32 = drop_book.drops[drop_id].root
    assert root != empty(bytes32), "drop is not active"
    return root
