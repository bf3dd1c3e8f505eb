# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed registration
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who registered a model and when, its kind, its grant, and whether it is free of the fee.
@dev No state.
     [0..159]   registrant     the account that registered it
     [160..199] registered_at  unix seconds
     [200..239] grant_id       of the grant that paid for it; 0 for none
     [240]      is_fee_free    it was minted to the owner of the registry, and never pays the protocol fee
     [241..247] grants_number  which of the registry's TrainingGrants `grant_id` belongs to; its first one is 1
     [248..255] kind           a member of ModelKind
"""

struct Registration:
    registrant: address
    registered_at: uint256
    grant_id: uint256
    is_fee_free: bool
    grants_number: uint256
    kind: uint256


REGISTRANT_MASK: constant(uint256) = 2**160 - 1
REGISTERED_AT_OFFSET: constant(uint256) = 160
REGISTERED_AT_MASK: constant(uint256) = 2**40 - 1
GRANT_ID_OFFSET: constant(uint256) = 200
GRANT_ID_MASK: constant(uint256) = 2**40 - 1
IS_FEE_FREE: constant(uint256) = 1 << 240
GRANTS_NUMBER_OFFSET: constant(uint256) = 241
GRANTS_NUMBER_MASK: constant(uint256) = 2**7 - 1
KIND_OFFSET: constant(uint256) = 248
KIND_MASK: constant(uint256) = 2**8 - 1


@internal
@pure
def _pack(registration: Registration) -> uint256:
    assert registration.registered_at <= REGISTERED_AT_MASK, "registration is too late"
    assert (
        registration.grant_id <= GRANT_ID_MASK
        and registration.grants_number <= GRANTS_NUMBER_MASK
        and registration.kind <= KIND_MASK
    ), "registration is too large"
    packed: uint256 = (
        convert(registration.registrant, uint256)
        | (registration.registered_at << REGISTERED_AT_OFFSET)
        | (registration.grant_id << GRANT_ID_OFFSET)
        | (registration.grants_number << GRANTS_NUMBER_OFFSET)
        | (registration.kind << KIND_OFFSET)
    )
    return packed | IS_FEE_FREE if registration.is_fee_free else packed


@internal
@pure
def _unpack(packed: uint256) -> Registration:
    return Registration(
        registrant=self._registrant(packed),
        registered_at=(packed >> REGISTERED_AT_OFFSET) & REGISTERED_AT_MASK,
        grant_id=self._grant_id(packed),
        is_fee_free=self._is_fee_free(packed),
        grants_number=self._grants_number(packed),
        kind=self._kind(packed),
    )


@internal
@pure
def _registrant(packed: uint256) -> address:
    return convert(convert(packed & REGISTRANT_MASK, uint160), address)


@internal
@pure
def _grant_id(packed: uint256) -> uint256:
    return (packed >> GRANT_ID_OFFSET) & GRANT_ID_MASK


@internal
@pure
def _is_fee_free(packed: uint256) -> bool:
    return packed & IS_FEE_FREE != 0


@internal
@pure
def _grants_number(packed: uint256) -> uint256:
    return (packed >> GRANTS_NUMBER_OFFSET) & GRANTS_NUMBER_MASK


@internal
@pure
def _kind(packed: uint256) -> uint256:
    return packed >> KIND_OFFSET
