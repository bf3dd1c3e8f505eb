# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Token receiver
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Accepts ERC-721 and ERC-1155 tokens sent by their safe transfer functions.
@dev Reentrant, because a batch of the Timelock may transfer a token to the Timelock. Nothing is written here.
"""


@external
@pure
@reentrant
def onERC721Received(operator: address, owner: address, token_id: uint256, data: Bytes[1_024]) -> bytes4:
    """
    @notice Accepts an ERC-721 token.
    @return The function's own selector, by which it accepts.
    """
    return 0x150b7a02


@external
@pure
@reentrant
def onERC1155Received(operator: address, owner: address, id: uint256, amount: uint256, data: Bytes[1_024]) -> bytes4:
    """
    @notice Accepts ERC-1155 tokens of one kind.
    @return The function's own selector, by which it accepts.
    """
    return 0xf23a6e61


@external
@pure
@reentrant
def onERC1155BatchReceived(
    operator: address,
    owner: address,
    ids: DynArray[uint256, 128],
    amounts: DynArray[uint256, 128],
    data: Bytes[1_024],
) -> bytes4:
    """
    @notice Accepts ERC-1155 tokens of up to 128 kinds.
    @return The function's own selector, by which it accepts.
    """
    return 0xbc197c81
