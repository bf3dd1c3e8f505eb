# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Calls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A call that succeeds or takes everything with it, whatever gas it was given.
"""

from contracts.governance import limits

# Enough for a reason string or a typed error; a target that returns more cannot make the executor pay for it.
MAX_ERROR_BYTES: constant(uint256) = 512


@internal
def _call(target: address, amount: uint256, payload: Bytes[limits.MAX_CALLDATA_BYTES]):
    """
    @dev A call of an account without code would succeed and do nothing; only plain payments may go to one.
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
