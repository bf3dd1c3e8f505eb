# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title Governed target
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a proposal may call in tests: stores, refuses, burns gas, or calls back and remembers the answer.
"""

stored: public(uint256)
counted: public(uint256)
filled: public(HashMap[uint256, uint256])
callback_target: address
callback_payload: Bytes[8_192]
callback_succeeded: public(bool)
callback_answer: public(Bytes[512])


@external
@payable
def store(amount: uint256):
    self.stored = amount


@external
def spend(purpose: uint256, asset: address, receiver: address, amount: uint256):
    """
    @notice Stores and counts, by a name that a Governor may call ordinary.
    """
    self.stored = amount
    self.counted += 1


@external
def count():
    self.counted += 1


@external
def refuse():
    raise "target refuses"


@external
def refuse_silently():
    raw_revert(b"")


@external
def fill(count: uint256):
    """
    @notice Writes `count` fresh slots, about 22,000 gas each.
    """
    for i: uint256 in range(count, bound=1_000):
        self.filled[i] = 1


@external
def arm(target: address, payload: Bytes[8_192]):
    """
    @notice What `call_back` calls from now on.
    """
    self.callback_target = target
    self.callback_payload = payload


@external
def call_back():
    success: bool = False
    answer: Bytes[512] = b""
    success, answer = raw_call(
        self.callback_target, self.callback_payload, max_outsize=512, revert_on_failure=False
    )
    self.callback_succeeded = success
    self.callback_answer = answer
