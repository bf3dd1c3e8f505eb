# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Receiver checks
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Asks a contract that was just handed an ERC-721 token whether it takes it.
@dev No state. An account without code takes every token. If a contract reverts with a reason, that is passed on; no
     answer or another one is ERC721InvalidReceiver.
"""

# The answer of a receiver that accepts: its selector of onERC721Received, followed by 28 zero bytes.
RECEIVED: constant(bytes32) = 0x150B7A0200000000000000000000000000000000000000000000000000000000
# A receiver's reason is passed on up to this length.
MAX_ANSWER_BYTES: constant(uint256) = 512


@internal
def _check_received(owner: address, to: address, token_id: uint256, data: Bytes[1_024]):
    if not to.is_contract:
        return
    success: bool = False
    answer: Bytes[MAX_ANSWER_BYTES] = b""
    success, answer = raw_call(
        to,
        abi_encode(
            msg.sender,
            owner,
            token_id,
            data,
            method_id=method_id("onERC721Received(address,address,uint256,bytes)"),
        ),
        max_outsize=MAX_ANSWER_BYTES,
        revert_on_failure=False,
    )
    if not success and len(answer) > 0:
        raw_revert(answer)
    if len(answer) < 32 or convert(slice(answer, 0, 32), bytes32) != RECEIVED:
        self._revert_receiver(to)


@internal
@pure
def _revert_receiver(to: address):
    raw_revert(abi_encode(to, method_id=method_id("ERC721InvalidReceiver(address)")))
