# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title Mock token receiver
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Receives ERC-721 tokens, answers what it was told to, and first makes the one call it was told to make.
@dev Unlocked on purpose: what it calls may call back.
"""

answer: public(bytes4)
target: public(address)
payload: public(Bytes[1_024])
call_succeeded: public(bool)
response: public(Bytes[256])
received_data: public(Bytes[1_024])
received_operator: public(address)


@deploy
def __init__(answer: bytes4):
    self.answer = answer


@external
def program(target: address, payload: Bytes[1_024]):
    """
    @notice Makes every later receipt call `target` with `payload`; a failure is recorded, not passed on.
    """
    self.target = target
    self.payload = payload


@external
def onERC721Received(operator: address, owner: address, token_id: uint256, data: Bytes[1_024]) -> bytes4:
    self.received_operator = operator
    self.received_data = data
    if self.target != empty(address):
        success: bool = False
        response: Bytes[256] = b""
        success, response = raw_call(self.target, self.payload, max_outsize=256, revert_on_failure=False)
        self.call_succeeded = success
        self.response = response
    return self.answer
