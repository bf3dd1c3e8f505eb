# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed attestor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An evaluator that attested a claim, and under which of its admissions.
@dev No state.
     [0..159]   account     the evaluator
     [160..255] admission   number of its admission to the benchmark, odd
"""

struct Attestor:
    account: address
    admission: uint256


ACCOUNT_MASK: constant(uint256) = 2**160 - 1
ADMISSION_OFFSET: constant(uint256) = 160
ADMISSION_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(attestor: Attestor) -> uint256:
    assert attestor.admission <= ADMISSION_MASK, "admission is too large"
    return convert(attestor.account, uint256) | (attestor.admission << ADMISSION_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Attestor:
    return Attestor(account=self._account(packed), admission=self._admission(packed))


@internal
@pure
def _account(packed: uint256) -> address:
    return convert(convert(packed & ACCOUNT_MASK, uint160), address)


@internal
@pure
def _admission(packed: uint256) -> uint256:
    return packed >> ADMISSION_OFFSET
