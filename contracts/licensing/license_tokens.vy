# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License tokens
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice ERC-721 tokens with ids from 1 that only the contract around this module mints, and nobody burns. Each keeps a
        tag of 96 bits beside its owner, and remembers who owned it before.
@dev Not `collection` over snekmate's erc721: owner and tag in one word make each report 2,100 gas cheaper, and past owners
     are part of what a license proves. Errors are those of ERC-6093. Views are `reentrant` because a receiver reads them
     while it is handed a token; the state they read is final by then.
@custom:invariant Ids 1 to `_count()` exist, each with one owner. Past owners are in the order of time.
"""

from ethereum.ercs import IERC721

from contracts.common import token_receivers

# ERC-165, ERC-721, its metadata extension, ERC-5192.
INTERFACES: constant(bytes4[4]) = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F, 0xB45A3C0E]
MASK_160: constant(uint256) = 2**160 - 1

_last_id: uint256
# Owner | tag << 160
_words: HashMap[uint256, uint256]
_balances: HashMap[address, uint256]
_approved: HashMap[uint256, address]
_operators: HashMap[address, HashMap[address, bool]]
# Token => number, from 1 => owner | (first second in which it was no longer) << 160
_past_owners: HashMap[uint256, HashMap[uint256, uint256]]
# Token => how often it was moved.
move_count: reentrant(public(HashMap[uint256, uint256]))


@deploy
def __init__():
    pass


@external
def approve(to: address, token_id: uint256):
    """
    @notice Lets `to` move `token_id` until it is next moved; the zero address takes that back.
    @dev Authority: the token's owner or its operator.
    @param to The account that may move the token.
    @param token_id The token.
    @custom:reverts ERC721NonexistentToken, ERC721InvalidApprover.
    """
    holder: address = self._owner_of(token_id)
    if msg.sender != holder and not self._operators[holder][msg.sender]:
        raw_revert(abi_encode(msg.sender, method_id=method_id("ERC721InvalidApprover(address)")))
    self._approved[token_id] = to
    log IERC721.Approval(owner=holder, approved=to, token_id=token_id)


@external
def setApprovalForAll(operator: address, approved: bool):
    """
    @notice Lets `operator` move every token of the caller, or takes that back.
    @param operator The account, not zero.
    @param approved Whether it may.
    @custom:reverts ERC721InvalidOperator.
    """
    if operator == empty(address):
        raw_revert(abi_encode(operator, method_id=method_id("ERC721InvalidOperator(address)")))
    self._operators[msg.sender][operator] = approved
    log IERC721.ApprovalForAll(owner=msg.sender, operator=operator, approved=approved)


@external
@view
@reentrant
def balanceOf(owner: address) -> uint256:
    """
    @notice Number of tokens of `owner`.
    @custom:reverts ERC721InvalidOwner for the zero address.
    """
    if owner == empty(address):
        raw_revert(abi_encode(owner, method_id=method_id("ERC721InvalidOwner(address)")))
    return self._balances[owner]


@external
@view
@reentrant
def ownerOf(token_id: uint256) -> address:
    """
    @notice Owner of `token_id`.
    @custom:reverts ERC721NonexistentToken.
    """
    return self._owner_of(token_id)


@external
@view
@reentrant
def getApproved(token_id: uint256) -> address:
    """
    @notice Account that may move `token_id` besides its owner and operators, or zero.
    @custom:reverts ERC721NonexistentToken.
    """
    self._owner_of(token_id)
    return self._approved[token_id]


@external
@view
@reentrant
def isApprovedForAll(owner: address, operator: address) -> bool:
    """
    @notice Whether `operator` may move every token of `owner`.
    """
    return self._operators[owner][operator]


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice Whether this contract speaks the interface `interface_id` (ERC-165).
    """
    return interface_id in INTERFACES


@internal
def _mint(receiver: address, tag: uint256) -> uint256:
    """
    @dev A new token to `receiver`, without a call to it: a receiver that cannot answer blocks nothing. Returns its id.
    """
    token_id: uint256 = self._last_id + 1
    self._last_id = token_id
    self._words[token_id] = convert(receiver, uint256) | (tag << 160)
    self._balances[receiver] += 1
    log IERC721.Transfer(sender=empty(address), receiver=receiver, token_id=token_id)
    return token_id


@internal
def _move(owner: address, to: address, token_id: uint256):
    """
    @dev Moves a token after ERC-721's checks.
    """
    holder: address = self._owner_of(token_id)
    if not self._may_move(msg.sender, holder, token_id):
        raw_revert(
            abi_encode(msg.sender, token_id, method_id=method_id("ERC721InsufficientApproval(address,uint256)"))
        )
    if owner != holder:
        raw_revert(
            abi_encode(
                owner, token_id, holder, method_id=method_id("ERC721IncorrectOwner(address,uint256,address)")
            )
        )
    if to == empty(address):
        token_receivers._revert_receiver(to)
    # A token sent to its own holder has not moved.
    if to != owner:
        number: uint256 = self.move_count[token_id] + 1
        self.move_count[token_id] = number
        self._past_owners[token_id][number] = convert(owner, uint256) | (block.timestamp << 160)
        # The owner gives way to `to`, the tag stays.
        self._words[token_id] ^= convert(owner, uint256) ^ convert(to, uint256)
    self._approved[token_id] = empty(address)
    self._balances[owner] -= 1
    self._balances[to] += 1
    log IERC721.Transfer(sender=owner, receiver=to, token_id=token_id)


@internal
def _set_tag(owner: address, token_id: uint256, tag: uint256):
    """
    @dev `owner` is the token's, which the caller has just read.
    """
    self._words[token_id] = convert(owner, uint256) | (tag << 160)


@internal
@view
def _count() -> uint256:
    return self._last_id


@internal
@view
def _owner_and_tag(token_id: uint256) -> (address, uint256):
    """
    @dev Zeros for a token that does not exist.
    """
    word: uint256 = self._words[token_id]
    return convert(convert(word & MASK_160, uint160), address), word >> 160


@internal
@view
def _owner_of(token_id: uint256) -> address:
    """
    @dev The owner, or ERC721NonexistentToken.
    """
    holder: address = empty(address)
    tag: uint256 = 0
    holder, tag = self._owner_and_tag(token_id)
    if holder == empty(address):
        raw_revert(abi_encode(token_id, method_id=method_id("ERC721NonexistentToken(uint256)")))
    return holder


@internal
@view
def _owner_at(token_id: uint256, at: uint256) -> address:
    """
    @dev Who owned the token at the end of second `at`, which is not in the future: found by search among its moves.
    """
    low: uint256 = 0
    high: uint256 = self.move_count[token_id]
    # The first move after `at`, if any, is number low + 1 in the end.
    for _: uint256 in range(256):
        if low == high:
            break
        middle: uint256 = (low + high) // 2
        if self._past_owners[token_id][middle + 1] >> 160 > at:
            high = middle
        else:
            low = middle + 1
    word: uint256 = self._words[token_id]
    if low < self.move_count[token_id]:
        word = self._past_owners[token_id][low + 1]
    return convert(convert(word & MASK_160, uint160), address)


@internal
@view
def _may_move(account: address, holder: address, token_id: uint256) -> bool:
    """
    @dev Whether `account` may move `token_id`, which `holder` owns.
    """
    if account == holder or self._operators[holder][account]:
        return True
    return account == self._approved[token_id]
