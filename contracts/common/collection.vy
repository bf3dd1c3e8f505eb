# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Collection
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice ERC-721 tokens with ids from 1 that only the contract around this module can mint, and nobody can burn.
@dev snekmate's `erc721` behind the reentrancy lock, with the errors of ERC-6093. The deployable initializes `erc721`
     and exports none of it: minting, burning, permits and its minter role cannot be reached. Nothing here is payable;
     ERC-721 allows the stricter mutability. The views are `reentrant` because a receiver reads them while it is handed
     a token; the state they read is final by then.
@custom:invariant Ids 1 to `_count()` exist, each with one owner.
"""

from ethereum.ercs import IERC721
from snekmate.tokens import erc721

from contracts.common import token_receivers

uses: erc721

# ERC-165, ERC-721 and its metadata extension.
INTERFACES: constant(bytes4[3]) = [0x01FFC9A7, 0x80AC58CD, 0x5B5E139F]

_last_id: uint256


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
    if msg.sender != holder and not erc721.isApprovedForAll[holder][msg.sender]:
        raw_revert(abi_encode(msg.sender, method_id=method_id("ERC721InvalidApprover(address)")))
    erc721._approve(to, token_id)


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
    # snekmate's own verb refuses the caller itself, which OpenZeppelin's lets pass.
    erc721.isApprovedForAll[msg.sender][operator] = approved
    log IERC721.ApprovalForAll(owner=msg.sender, operator=operator, approved=approved)


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves `token_id` from `owner` to `to`.
    @dev Authority: the token's owner, its approved account or its operator.
    @custom:reverts ERC721NonexistentToken, ERC721InsufficientApproval, ERC721IncorrectOwner, ERC721InvalidReceiver.
    """
    self._transfer_from(owner, to, token_id)


@external
def safeTransferFrom(owner: address, to: address, token_id: uint256, data: Bytes[1_024] = b""):
    """
    @notice Moves `token_id` from `owner` to `to`, which must accept it if it is a contract.
    @dev Authority: the token's owner, its approved account or its operator. The lock holds during the receiver's call:
         it can read this contract but cannot pass the token on in the same breath.
    @custom:reverts As transferFrom, and ERC721InvalidReceiver when the receiver does not answer as it must.
    """
    self._safe_transfer_from(owner, to, token_id, data)


@external
@view
@reentrant
def name() -> String[25]:
    """
    @notice Name of the collection.
    """
    return erc721.name


@external
@view
@reentrant
def symbol() -> String[5]:
    """
    @notice Symbol of the collection.
    """
    return erc721.symbol


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
    return erc721._balance_of(owner)


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
    return erc721._token_approvals[token_id]


@external
@view
@reentrant
def isApprovedForAll(owner: address, operator: address) -> bool:
    """
    @notice Whether `operator` may act for every token of `owner`.
    """
    return erc721.isApprovedForAll[owner][operator]


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice Whether this contract speaks the interface `interface_id` (ERC-165).
    """
    return interface_id in INTERFACES


@internal
def _mint(receiver: address) -> uint256:
    """
    @dev A new token to `receiver`, without a call to it: a receiver that cannot answer blocks nothing. Returns its id.
    """
    token_id: uint256 = self._last_id + 1
    self._last_id = token_id
    erc721._mint(receiver, token_id)
    return token_id


@internal
def _transfer_from(owner: address, to: address, token_id: uint256):
    """
    @dev transferFrom, for a deployable that asks for more before.
    """
    holder: address = self._owner_of(token_id)
    if not self._is_approved_or_owner(msg.sender, token_id):
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
    erc721._transfer(owner, to, token_id)


@internal
def _safe_transfer_from(owner: address, to: address, token_id: uint256, data: Bytes[1_024]):
    """
    @dev safeTransferFrom, for a deployable that asks for more before.
    """
    self._transfer_from(owner, to, token_id)
    token_receivers._check_received(owner, to, token_id, data)


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
def _owner_of(token_id: uint256) -> address:
    """
    @dev The owner, or ERC721NonexistentToken.
    """
    holder: address = erc721._owners[token_id]
    if holder == empty(address):
        raw_revert(abi_encode(token_id, method_id=method_id("ERC721NonexistentToken(uint256)")))
    return holder


@internal
@view
def _is_approved_or_owner(account: address, token_id: uint256) -> bool:
    """
    @dev Whether `account` may act for `token_id`, which must exist.
    """
    holder: address = self._owner_of(token_id)
    if account == holder or erc721.isApprovedForAll[holder][account]:
        return True
    return account == erc721._token_approvals[token_id]
