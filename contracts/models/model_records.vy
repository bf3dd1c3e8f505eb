# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Model records
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What is known of each model itself: who registered it, its weights, its name, its card and its datasets.
@custom:invariant All but the card is written once. No two models have one weights digest.
"""

from contracts.models import packed_registration
from interfaces import IModelRegistry

struct Record:
    # A packed registration.
    registration: uint256
    weights_digest: bytes32
    fingerprint: bytes32


model_of_digest: public(HashMap[bytes32, uint256])
_records: HashMap[uint256, Record]
_names: HashMap[uint256, String[64]]
_card_hashes: HashMap[uint256, bytes32]
_card_uris: HashMap[uint256, String[128]]
# Packed shares: the receiver is a campaign, the bps are its weight.
_datasets: HashMap[uint256, DynArray[uint256, 8]]


@deploy
def __init__():
    pass


@external
@view
def datasets(model_id: uint256) -> DynArray[uint256, 8]:
    return self._datasets[model_id]


@internal
@view
def _check_new(model: IModelRegistry.ModelTerms):
    """
    @dev Refuses what no model may be, and weights that are registered already.
    """
    kind: uint256 = convert(model.kind, uint256)
    assert kind != 0 and kind & (kind - 1) == 0, "kind is not exactly one"
    assert model.kind != IModelRegistry.ModelKind.FOUNDATION or len(model.parents) == 0, "foundation has a parent"
    assert model.weights_digest != empty(bytes32), "weights digest is empty"
    assert self.model_of_digest[model.weights_digest] == 0, "weights are already registered"
    assert len(model.name) > 0, "name is empty"


@internal
def _record(
    model_id: uint256,
    model: IModelRegistry.ModelTerms,
    is_fee_free: bool,
    grants_number: uint256,
    datasets: DynArray[uint256, 8],
):
    """
    @dev Writes a checked model, registered now by the caller. `datasets` are packed shares; `grants_number` says which
         TrainingGrants the grant is of.
    """
    self.model_of_digest[model.weights_digest] = model_id
    self._records[model_id].registration = packed_registration._pack(
        packed_registration.Registration(
            registrant=msg.sender,
            registered_at=block.timestamp,
            grant_id=model.grant_id,
            is_fee_free=is_fee_free,
            grants_number=grants_number,
            kind=convert(model.kind, uint256),
        )
    )
    self._records[model_id].weights_digest = model.weights_digest
    if model.fingerprint != empty(bytes32):
        self._records[model_id].fingerprint = model.fingerprint
    self._names[model_id] = model.name
    self._set_card(model_id, model.card_hash, model.card_uri)
    if len(datasets) > 0:
        self._datasets[model_id] = datasets


@internal
def _set_card(model_id: uint256, card_hash: bytes32, card_uri: String[128]):
    assert card_hash != empty(bytes32), "card hash is empty"
    self._card_hashes[model_id] = card_hash
    self._card_uris[model_id] = card_uri


@internal
@view
def _model(model_id: uint256) -> IModelRegistry.Model:
    """
    @dev What is told of a model that exists.
    """
    record: Record = self._records[model_id]
    registration: packed_registration.Registration = packed_registration._unpack(record.registration)
    return IModelRegistry.Model(
        kind=convert(registration.kind, IModelRegistry.ModelKind),
        grant_id=registration.grant_id,
        registrant=registration.registrant,
        registered_at=registration.registered_at,
        weights_digest=record.weights_digest,
        card_hash=self._card_hashes[model_id],
        fingerprint=record.fingerprint,
    )


@internal
@view
def _kind(model_id: uint256) -> IModelRegistry.ModelKind:
    return convert(packed_registration._kind(self._records[model_id].registration), IModelRegistry.ModelKind)


@internal
@view
def _grant_id(model_id: uint256) -> uint256:
    return packed_registration._grant_id(self._records[model_id].registration)


@internal
@view
def _grants_number(model_id: uint256) -> uint256:
    return packed_registration._grants_number(self._records[model_id].registration)


@internal
@view
def _is_fee_free(model_id: uint256) -> bool:
    return packed_registration._is_fee_free(self._records[model_id].registration)
