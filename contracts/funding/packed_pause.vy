# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed pause
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When contributions were stopped.
@dev No state.
     [0..127]   began  unix second
     [128..255] until  first unix second after the pause
"""

from contracts.common import refusals

struct Pause:
    began: uint256
    until: uint256

BEGAN_MASK: constant(uint256) = 2**128 - 1
UNTIL_OFFSET: constant(uint256) = 128
UNTIL_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(pause: Pause) -> uint256:
    if pause.began > BEGAN_MASK or pause.until > UNTIL_MASK:
        refusals._refuse("pause is too late")
    return pause.began | (pause.until << UNTIL_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Pause:
    return Pause(
        began=packed & BEGAN_MASK,
        until=packed >> UNTIL_OFFSET,
    )
