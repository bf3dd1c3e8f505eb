# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Refusals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Refuses a call with a reason, for contracts near the size limit: an `assert` with a reason of its own takes some
        50 bytes more than a call of this, and the gas is the same while nothing is refused.
@dev No state.
"""


@internal
@pure
def _refuse(reason: String[32]):
    raise reason
