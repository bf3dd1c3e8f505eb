# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title Actor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A contract that calls what it is told: stands for a Safe, a Timelock or a contract caller in tests.
"""


@external
@payable
def act(target: address, payload: Bytes[8_192]) -> Bytes[2_048]:
    """
    @notice Calls `target` with `payload` and bubbles a revert up.
    """
    return raw_call(target, payload, max_outsize=2_048, value=msg.value)
