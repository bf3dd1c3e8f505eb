# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title Hostile
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An account whose every call fails in the way it was made to: tests who is harmed by it.
"""

flag Mood:
    REVERTS
    BURNS_GAS
    RETURNS_100_KB
    REVERTS_WITH_100_KB


mood: public(Mood)


@deploy
def __init__(mood: Mood):
    self.mood = mood


@external
@payable
@raw_return
def __default__() -> Bytes[102_400]:
    mood: Mood = self.mood
    assert Mood.REVERTS not in mood, "hostile"
    # An invalid opcode takes everything that the caller passed on.
    assert Mood.BURNS_GAS not in mood, UNREACHABLE
    noise: Bytes[102_400] = abi_encode(empty(uint256[3_200]))
    if Mood.REVERTS_WITH_100_KB in mood:
        raw_revert(noise)
    return noise
