# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposer suffix
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A description that ends in `#proposer=0x...` may be proposed by that account only, so that nobody can take
        another's proposal out of the mempool, make it first and cancel it.
"""

SUFFIX_LENGTH: constant(uint256) = 52
MARKER: constant(bytes12) = 0x2370726f706f7365723d3078  # "#proposer=0x"


@internal
@pure
def _allows(proposer: address, tail: Bytes[SUFFIX_LENGTH]) -> bool:
    """
    @dev `tail` is the end of the description. No suffix, or one that holds no address, restricts nobody.
    """
    if len(tail) < SUFFIX_LENGTH or convert(slice(tail, 0, 12), bytes12) != MARKER:
        return True
    named: uint256 = 0
    for i: uint256 in range(12, SUFFIX_LENGTH):
        character: uint256 = convert(slice(tail, i, 1), uint256)
        digit: uint256 = 16
        if character >= 48 and character <= 57:  # 0-9
            digit = character - 48
        elif character >= 65 and character <= 70:  # A-F
            digit = character - 55
        elif character >= 97 and character <= 102:  # a-f
            digit = character - 87
        if digit == 16:
            return True
        named = named * 16 + digit
    return named == convert(proposer, uint256)
