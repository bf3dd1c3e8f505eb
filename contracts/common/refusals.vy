# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Refusals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Where a contract near the size limit refuses a call: each `assert` with a reason of its own is some 50 bytes longer
        than a call of this, and costs the same gas while nothing is refused.
@dev No state.
"""


@internal
@pure
def _refuse(reason: String[32]):
    raise reason
