# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governance token
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The token of the DAO: ERC-20 with permits (ERC-2612), delegated votes (ERC-5805, ERC-6372) and the
        balance-seconds by which holders share income, without staking or delegation.
@dev Delegation, checkpoints and errors follow OpenZeppelin's ERC20Votes. What a transfer must know of an account
     besides its balance (its choice of a delegate, whether the quorum leaves it out, whether it is excluded) is kept as
     tags in the slot of the balance. So a transfer between accounts without a delegate writes two slots, a record for
     each whose first change in an epoch it is, and the sum of all that is not excluded if one of the two is excluded.
     Who delegates to itself needs no slot for that. The token calls no other contract.
@custom:invariant (1) totalSupply() is the sum of all balances, equals all mints less all burns, and is below 2^96.
        (2) The votes of all delegates and the balances of accounts without a delegate add up to totalSupply(). (3) A
        nonce grows by one with each signature used and never otherwise.
@custom:halt Nobody halts it. The owner stops a minter with a cap of 0. 136 years after the deployment mints, burns, the
             moves of votes and of tokens that the quorum leaves out end, because a checkpoint has 32 bits for its time.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from snekmate.tokens.interfaces import IERC20Permit
from snekmate.utils import eip712_domain_separator
from snekmate.utils.interfaces import IERC5267

from contracts.common import governed
from contracts.common import signature_checks
from contracts.token import minters
from contracts.token import packed_announcement
from contracts.token import time_weighted
from contracts.token import token_errors
from contracts.token import vote_checkpoints
from interfaces import IGovernanceToken

implements: IGovernanceToken
implements: IERC20
implements: IERC20Detailed
implements: IERC20Permit
implements: IERC5267

initializes: governed
initializes: eip712_domain_separator
initializes: minters[governed := governed]
initializes: time_weighted
initializes: vote_checkpoints

exports: (
    governed.__interface__,
    eip712_domain_separator.eip712Domain,
    minters.__interface__,
    time_weighted.__interface__,
    vote_checkpoints.__interface__,
)

PERMIT_TYPEHASH: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
DELEGATION_TYPEHASH: constant(bytes32) = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)")

# Tags in the slot of an account's balance. Bit 0 is time_weighted.EXCLUDED, bit 1 marks what the quorum leaves out, and
# bits 2 and 3 are the account's choice of a delegate.
UNCOUNTED: constant(uint256) = 2
DELEGATION_MASK: constant(uint256) = 12
# Values of that choice. An account that chose nobody did choose: `delegate_default` leaves it alone.
NEVER_CHOSE: constant(uint256) = 0
CHOSE_ONESELF: constant(uint256) = 4
CHOSE_ANOTHER: constant(uint256) = 8
CHOSE_NOBODY: constant(uint256) = 12

# One full epoch passes between the one in which an exclusion is voted and the first one it applies to.
EXCLUSION_NOTICE_EPOCHS: constant(uint256) = 2

SYMBOL: immutable(String[10])
decimals: public(immutable(uint8))

# Owner => spender => token wei; the maximum is never used up.
allowance: public(HashMap[address, HashMap[address, uint256]])
# Account => signatures used, by permits and delegations together.
nonces: public(HashMap[address, uint256])
# The accounts whose tokens the quorum leaves out, and which cannot delegate; zero for none. The second holds tokens for
# contributors, who vote with them from their first claim on.
treasury: public(address)
rewards: public(address)
# Account => packed announcement of an exclusion, or of its end; zero for none.
_announced: HashMap[address, uint256]
# Delegate of an account tagged CHOSE_ANOTHER; stale under any other tag.
_chosen_delegate: HashMap[address, address]


@deploy
def __init__(name_: String[50], symbol_: String[10], genesis: uint256, epoch_seconds: uint256):
    """
    @param name_ Name of the token and of its signing domain.
    @param symbol_ Ticker.
    @param genesis Unix time at which epoch 1 begins, not in the future.
    @param epoch_seconds Length of an epoch, from 1 day to 90 days.
    @custom:reverts `genesis is in the future`, `epoch is too short`, `epoch is too long`.
    """
    governed.__init__()
    eip712_domain_separator.__init__(name_, "1")
    time_weighted.__init__(genesis, epoch_seconds)
    vote_checkpoints.__init__()
    SYMBOL = symbol_
    decimals = 18


# --- ERC-20 ---


@external
def transfer(to: address, amount: uint256) -> bool:
    self._transfer(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self._spend_allowance(owner, msg.sender, amount)
    self._transfer(owner, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self._approve(msg.sender, spender, amount)
    return True


@external
def permit(owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32):
    if block.timestamp > deadline:
        token_errors._expired_permit(deadline)
    nonce: uint256 = self.nonces[owner]
    self.nonces[owner] = unsafe_add(nonce, 1)
    message: bytes32 = keccak256(abi_encode(PERMIT_TYPEHASH, owner, spender, amount, nonce, deadline))
    signer: address = self._signer_of(message, v, r, s)
    if signer != owner:
        token_errors._invalid_signer(signer, owner)
    self._approve(owner, spender, amount)


@external
def burn(amount: uint256):
    self._burn(msg.sender, amount)


@external
def burnFrom(account: address, amount: uint256):
    self._spend_allowance(account, msg.sender, amount)
    self._burn(account, amount)


# --- delegation ---


@external
def delegate(delegatee: address):
    self._delegate(msg.sender, delegatee)


@external
def delegateBySig(delegatee: address, nonce: uint256, expiry: uint256, v: uint8, r: bytes32, s: bytes32):
    if block.timestamp > expiry:
        token_errors._expired_delegation(expiry)
    message: bytes32 = keccak256(abi_encode(DELEGATION_TYPEHASH, delegatee, nonce, expiry))
    signer: address = self._signer_of(message, v, r, s)
    current: uint256 = self.nonces[signer]
    if nonce != current:
        token_errors._invalid_nonce(signer, current)
    self.nonces[signer] = unsafe_add(current, 1)
    self._delegate(signer, delegatee)


# --- minters ---


@external
def mint(to: address, amount: uint256):
    minters._record_mint(msg.sender, amount)
    if to == empty(address):
        token_errors._invalid_receiver()
    tags: uint256 = 0
    if amount != 0:
        tags = time_weighted._create(to, amount)
    log IGovernanceToken.Transfer(sender=empty(address), receiver=to, value=amount)
    if amount != 0:
        vote_checkpoints._increase(vote_checkpoints.SUPPLY, amount)
        self._follow_uncounted(0, tags, amount)
        self._move_votes(empty(address), self._delegate_of(to, tags), amount)


@external
def delegate_default(account: address):
    # Reverts unless the caller is a minter; the cap itself does not matter.
    if msg.sender != self.rewards:
        minters._cap_of(msg.sender)
    tags: uint256 = time_weighted._tags(account)
    if account != empty(address) and tags & (DELEGATION_MASK | UNCOUNTED) == NEVER_CHOSE:
        self._delegate(account, account)


# --- governed ---


@external
def set_excluded(account: address, excluded: bool):
    governed._only_owner()
    # While there are no tokens nobody loses anything, so that at deployment the suite's contracts are excluded at once.
    if time_weighted._balance(time_weighted.SUPPLY) == 0:
        self._set_excluded(account, excluded)
        return
    from_epoch: uint256 = time_weighted._epoch_at(block.timestamp) + EXCLUSION_NOTICE_EPOCHS
    self._announced[account] = packed_announcement._pack(
        packed_announcement.Announcement(is_excluded=excluded, from_epoch=from_epoch)
    )
    log IGovernanceToken.ExclusionAnnounced(account=account, excluded=excluded, from_epoch=from_epoch)


@external
def apply_exclusion(account: address):
    announced: packed_announcement.Announcement = packed_announcement._unpack(self._announced[account])
    assert announced.from_epoch != 0, "no exclusion is announced"
    assert time_weighted._epoch_at(block.timestamp) >= announced.from_epoch, "notice has not ended"
    self._set_excluded(account, announced.is_excluded)


@external
def set_treasury(new_treasury: address):
    governed._only_owner()
    old_treasury: address = self.treasury
    if new_treasury == old_treasury:
        return
    self.treasury = new_treasury
    self._swap_uncounted(old_treasury, new_treasury)
    log IGovernanceToken.TreasuryChanged(old_treasury=old_treasury, new_treasury=new_treasury)


@external
def set_rewards(new_rewards: address):
    governed._only_owner()
    old_rewards: address = self.rewards
    if new_rewards == old_rewards:
        return
    self.rewards = new_rewards
    self._swap_uncounted(old_rewards, new_rewards)
    log IGovernanceToken.RewardsChanged(old_rewards=old_rewards, new_rewards=new_rewards)


# --- views ---


@external
@view
def name() -> String[50]:
    return eip712_domain_separator._NAME


@external
@view
def symbol() -> String[10]:
    return SYMBOL


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    return eip712_domain_separator._domain_separator_v4()


@external
@view
def delegates(account: address) -> address:
    return self._delegate_of(account, time_weighted._tags(account))


@external
@view
def announced_exclusion(account: address) -> (bool, uint256):
    announced: packed_announcement.Announcement = packed_announcement._unpack(self._announced[account])
    return announced.is_excluded, announced.from_epoch


# --- internals ---


@internal
def _set_excluded(account: address, excluded: bool):
    self._announced[account] = 0
    if (time_weighted._tags(account) & time_weighted.EXCLUDED != 0) != excluded:
        time_weighted._set_excluded(account, excluded)
        log IGovernanceToken.ExclusionChanged(account=account, excluded=excluded)


@internal
def _transfer(owner: address, to: address, amount: uint256):
    if owner == empty(address):
        token_errors._invalid_sender()
    if to == empty(address):
        token_errors._invalid_receiver()
    if owner == to or amount == 0:
        time_weighted._check_covered(owner, time_weighted._balance(convert(owner, uint256)), amount)
        log IGovernanceToken.Transfer(sender=owner, receiver=to, value=amount)
        return
    owner_tags: uint256 = 0
    to_tags: uint256 = 0
    owner_tags, to_tags = time_weighted._move(owner, to, amount)
    log IGovernanceToken.Transfer(sender=owner, receiver=to, value=amount)
    if (owner_tags | to_tags) & (DELEGATION_MASK | UNCOUNTED) != 0:
        self._follow_uncounted(owner_tags, to_tags, amount)
        self._move_votes(self._delegate_of(owner, owner_tags), self._delegate_of(to, to_tags), amount)


@internal
def _burn(owner: address, amount: uint256):
    if owner == empty(address):
        token_errors._invalid_sender()
    tags: uint256 = 0
    if amount != 0:
        tags = time_weighted._destroy(owner, amount)
    log IGovernanceToken.Transfer(sender=owner, receiver=empty(address), value=amount)
    if amount != 0:
        vote_checkpoints._decrease(vote_checkpoints.SUPPLY, amount)
        self._follow_uncounted(tags, 0, amount)
        self._move_votes(self._delegate_of(owner, tags), empty(address), amount)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self._set_allowance(owner, spender, amount)
    log IGovernanceToken.Approval(owner=owner, spender=spender, value=amount)


@internal
def _set_allowance(owner: address, spender: address, amount: uint256):
    if owner == empty(address):
        token_errors._invalid_approver()
    if spender == empty(address):
        token_errors._invalid_spender()
    self.allowance[owner][spender] = amount


@internal
def _spend_allowance(owner: address, spender: address, amount: uint256):
    allowed: uint256 = self.allowance[owner][spender]
    if allowed == max_value(uint256):
        return
    if allowed < amount:
        token_errors._insufficient_allowance(spender, allowed, amount)
    self._set_allowance(owner, spender, unsafe_sub(allowed, amount))


@internal
def _delegate(delegator: address, delegatee: address):
    choice: uint256 = CHOSE_ANOTHER
    if delegatee == empty(address):
        choice = CHOSE_NOBODY
    elif delegatee == delegator:
        choice = CHOSE_ONESELF
    held: uint256 = 0
    tags: uint256 = 0
    held, tags = time_weighted._set_tags(delegator, DELEGATION_MASK, choice)
    assert tags & UNCOUNTED == 0, "account cannot delegate"
    before: address = self._delegate_of(delegator, tags)
    if choice == CHOSE_ANOTHER:
        self._chosen_delegate[delegator] = delegatee
    log IGovernanceToken.DelegateChanged(delegator=delegator, fromDelegate=before, toDelegate=delegatee)
    self._move_votes(before, delegatee, held)


@internal
def _move_votes(before: address, after: address, amount: uint256):
    """
    @dev Moves `amount` of votes from the delegate `before` to the delegate `after`; the zero address is nobody.
    """
    if before == after or amount == 0:
        return
    votes: uint256 = 0
    if before != empty(address):
        votes = vote_checkpoints._decrease(convert(before, uint256), amount)
        log IGovernanceToken.DelegateVotesChanged(
            delegate=before, previousVotes=votes, newVotes=unsafe_sub(votes, amount)
        )
    if after != empty(address):
        votes = vote_checkpoints._increase(convert(after, uint256), amount)
        log IGovernanceToken.DelegateVotesChanged(
            delegate=after, previousVotes=votes, newVotes=unsafe_add(votes, amount)
        )


@internal
def _swap_uncounted(old_account: address, new_account: address):
    """
    @dev The quorum counts what `old_account` holds from this second on, and leaves out what `new_account` holds. Zero
         is nobody.
    """
    held: uint256 = 0
    tags: uint256 = 0
    if old_account != empty(address):
        held, tags = time_weighted._set_tags(old_account, UNCOUNTED, 0)
        vote_checkpoints._decrease(vote_checkpoints.UNCOUNTED_HELD, held)
    if new_account != empty(address):
        tags = time_weighted._tags(new_account)
        assert tags & UNCOUNTED == 0, "account is left out already"
        # What the quorum leaves out must not vote either. Anybody can claim a position for an account and so give it a
        # delegate. This removes that delegate; if it reverted instead, anybody could block the vote so.
        if self._delegate_of(new_account, tags) != empty(address):
            self._delegate(new_account, empty(address))
        held, tags = time_weighted._set_tags(new_account, UNCOUNTED, UNCOUNTED)
        vote_checkpoints._increase(vote_checkpoints.UNCOUNTED_HELD, held)


@internal
def _follow_uncounted(owner_tags: uint256, to_tags: uint256, amount: uint256):
    """
    @dev Keeps the trace of what the accounts hold together that the quorum leaves out. A transfer to oneself does not
         come here.
    """
    if owner_tags & UNCOUNTED != 0:
        vote_checkpoints._decrease(vote_checkpoints.UNCOUNTED_HELD, amount)
    if to_tags & UNCOUNTED != 0:
        vote_checkpoints._increase(vote_checkpoints.UNCOUNTED_HELD, amount)


@internal
@view
def _delegate_of(account: address, tags: uint256) -> address:
    choice: uint256 = tags & DELEGATION_MASK
    if choice == CHOSE_ONESELF:
        return account
    if choice == CHOSE_ANOTHER:
        return self._chosen_delegate[account]
    return empty(address)


@internal
@view
def _signer_of(message: bytes32, v: uint8, r: bytes32, s: bytes32) -> address:
    digest: bytes32 = eip712_domain_separator._hash_typed_data_v4(message)
    if convert(s, uint256) > signature_checks.MAX_S:
        token_errors._invalid_s(s)
    signer: address = ecrecover(digest, v, r, s)
    if signer == empty(address):
        token_errors._invalid_signature()
    return signer
