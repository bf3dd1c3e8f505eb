# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposer suffix
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A description that ends in `#proposer=0x...` may be proposed by that account only, so that nobody can take
        another's proposal out of the mempool, make it first and cancel it.
"""

LENGTH: constant(uint256) = 52
MARKER: constant(uint256) = 10967915441013376328457334904  # "#proposer=0x", 12 bytes
# Digits of the address that each of the two numbers ends with.
DIGITS: constant(uint256) = 20


@internal
@pure
def _allows(proposer: address, head: uint256, tail: uint256) -> bool:
    """
    @dev `head` and `tail` are the first and the last 32 of the last 52 bytes of a description. `head` is the marker and
         digits 1 to 20, `tail` is digits 9 to 40. Without the marker, or if no address follows it, nobody is
         restricted.
    """
    if head >> 160 != MARKER:
        return True
    named: uint256 = 0
    digits: uint256 = head << 96
    for i: uint256 in range(2 * DIGITS):
        if i == DIGITS:
            digits = tail << 96
        character: uint256 = digits >> 248
        digits <<= 8
        # A character below the range wraps around to a large number, which is no digit either, like one above it.
        digit: uint256 = unsafe_sub(character, 48)  # 0-9
        if digit > 9:
            digit = unsafe_sub(character | 32, 87)  # A-F and a-f
            if digit < 10 or digit > 15:
                return True
        named = (named << 4) | digit
    return named == convert(proposer, uint256)
