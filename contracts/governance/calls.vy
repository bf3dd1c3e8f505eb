# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Calls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Makes a call that must succeed: if it fails, for lack of gas or otherwise, this reverts as well.
"""

from contracts.governance import limits

# Room for a reason string or a typed error. What is longer is cut, so that no target makes the executor pay for it.
MAX_ERROR_BYTES: constant(uint256) = 512


@internal
def _call(target: address, amount: uint256, payload: Bytes[limits.MAX_CALLDATA_BYTES]):
    """
    @dev An account without code gets plain payments only: with calldata the call would succeed there and do nothing.
    """
    if len(payload) > 0 and not target.is_contract:
        raw_revert(abi_encode(target, method_id=method_id("AddressEmptyCode(address)")))
    success: bool = False
    answer: Bytes[MAX_ERROR_BYTES] = b""
    success, answer = raw_call(
        target, payload, max_outsize=MAX_ERROR_BYTES, value=amount, revert_on_failure=False
    )
    if not success:
        if len(answer) > 0:
            raw_revert(answer)
        raw_revert(method_id("FailedCall()"))
