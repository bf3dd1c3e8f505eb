# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Tagged tokens
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice ERC-721 tokens with ids from 1, which only the contract that uses this module mints, and nobody burns. Each
        keeps a tag of 96 bits with its owner, for whatever the contract reads together with the owner.
@dev Not snekmate's erc721: its lists of all tokens and of each owner's tokens cost 88,000 gas a mint, and nobody here
     reads them; Transfer events tell the same. Errors are those of ERC-6093. No function is payable, which ERC-721
     allows. Views are `reentrant` because a receiver may read them while it is handed a token; what they read is final
     by then.
@custom:invariant Ids 1 to `_count()` exist, each with one owner. Balances are the numbers of tokens of their owners.
"""

from ethereum.ercs import IERC721

from contracts.common import packed_owner
from contracts.common import receiver_checks

# ERC-165, ERC-721, its metadata extension.
INTERFACES: constant(bytes4[3]) = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F]

# The id of the last token; 0 before the first.
_last_id: uint256
# Token => packed owner.
_owners: HashMap[uint256, uint256]
# Owner => how many tokens it has.
_balances: HashMap[address, uint256]
# Token => account that may move it until it is next moved; zero for none.
_approved: HashMap[uint256, address]
# Owner => operator => whether it may move every token of the owner.
_operators: HashMap[address, HashMap[address, bool]]


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
    @dev Authority: anybody, over its own tokens.
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


@internal
def _mint(receiver: address, tag: uint256) -> uint256:
    """
    @dev Mints a token to `receiver` and returns its id. The receiver is not called, so that it cannot block anything.
    """
    token_id: uint256 = self._last_id + 1
    self._last_id = token_id
    self._owners[token_id] = packed_owner._pack(packed_owner.Owner(account=receiver, tag=tag))
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
        receiver_checks._revert_receiver(to)
    self._approved[token_id] = empty(address)
    self._owners[token_id] = packed_owner._with_account(self._owners[token_id], to)
    self._balances[owner] -= 1
    self._balances[to] += 1
    log IERC721.Transfer(sender=owner, receiver=to, token_id=token_id)


@internal
def _set_tag(token_id: uint256, owner: address, tag: uint256):
    """
    @dev Sets the tag. `owner` must be the token's owner, which the caller has just read.
    """
    self._owners[token_id] = packed_owner._pack(packed_owner.Owner(account=owner, tag=tag))


@internal
@view
def _count() -> uint256:
    return self._last_id


@internal
@view
def _exists(token_id: uint256) -> bool:
    return token_id > 0 and token_id <= self._last_id


@internal
@view
def _owner_and_tag(token_id: uint256) -> (address, uint256):
    """
    @dev Zeros for a token that does not exist.
    """
    packed: uint256 = self._owners[token_id]
    return packed_owner._account(packed), packed_owner._tag(packed)


@internal
@view
def _owner_of(token_id: uint256) -> address:
    """
    @dev The owner, or ERC721NonexistentToken.
    """
    owner: address = packed_owner._account(self._owners[token_id])
    if owner == empty(address):
        raw_revert(abi_encode(token_id, method_id=method_id("ERC721NonexistentToken(uint256)")))
    return owner


@internal
@view
def _may_move(account: address, owner: address, token_id: uint256) -> bool:
    """
    @dev Whether `account` may move `token_id`, which `owner` owns.
    """
    if account == owner or self._operators[owner][account]:
        return True
    return account == self._approved[token_id]
