# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Model registry
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The models the DAO paid for or was given, as ERC-721 tokens with their digest, card and revenue split.
@dev Any kind may be registered without naming a parent: what it was derived from may live outside this registry.
     The digest is what the registrant says it is; anybody can hash the published weights and compare.
@custom:invariant A registered model never changes: digest, card, kind, grant and split are written once.
                  No two models have one weights digest. Every split has shares of 10_000 bps in total.
                  The last id is the number of models; each has exactly one owner.
@custom:halt Cannot be paused: registering costs nobody anything, and a split that is read must stay readable.
"""

from ethereum.ercs import IERC165
from snekmate.auth import ownable
from snekmate.tokens import erc721

from contracts.common import collection
from contracts.common import governed
from contracts.common import shares
from interfaces import IModelRegistry
from interfaces import ITrainingGrants

implements: IERC165
implements: IModelRegistry

uses: ownable

initializes: governed
initializes: erc721[ownable := ownable]
initializes: collection[erc721 := erc721]

exports: (governed.owner, governed.transfer_ownership)
exports: (
    collection.approve,
    collection.setApprovalForAll,
    collection.transferFrom,
    collection.safeTransferFrom,
    collection.name,
    collection.symbol,
    collection.balanceOf,
    collection.ownerOf,
    collection.getApproved,
    collection.isApprovedForAll,
    collection.supportsInterface,
)

grants: public(address)

_models: HashMap[uint256, IModelRegistry.Model]
_names: HashMap[uint256, String[64]]
_card_uris: HashMap[uint256, String[128]]
# Packed by `shares`: a settlement reads the whole split.
_splits: HashMap[uint256, DynArray[uint256, 8]]
_model_of_digest: HashMap[bytes32, uint256]


@deploy
def __init__(grants_: address, name_: String[25], symbol_: String[5]):
    """
    @param grants_ The TrainingGrants contract, not zero.
    @param name_ ERC-721 name of the collection.
    @param symbol_ ERC-721 symbol of the collection.
    """
    governed.__init__()
    # The base URI stays empty; the domain of permits has a name, but permits cannot be reached.
    erc721.__init__(name_, symbol_, "", name_, "1")
    collection.__init__()
    self._set_grants(grants_)


# --- open ---


@external
def register(model: IModelRegistry.ModelTerms) -> uint256:
    """
    @dev The token is minted without a call to its receiver, so an owner that is a contract needs no receiver hook.
    """
    split: DynArray[ITrainingGrants.Share, 8] = self._authorized_split(model)
    shares._check_split(split)
    kind: uint256 = convert(model.kind, uint256)
    assert kind != 0 and kind & (kind - 1) == 0, "kind is not exactly one"
    assert model.weights_digest != empty(bytes32), "weights digest is empty"
    assert self._model_of_digest[model.weights_digest] == 0, "weights are already registered"
    assert model.card_hash != empty(bytes32), "card hash is empty"
    assert len(model.name) > 0, "name is empty"

    model_id: uint256 = collection._mint(ownable.owner)
    self._model_of_digest[model.weights_digest] = model_id
    self._models[model_id] = IModelRegistry.Model(
        kind=model.kind,
        grant_id=model.grant_id,
        registrant=msg.sender,
        registered_at=block.timestamp,
        weights_digest=model.weights_digest,
        card_hash=model.card_hash,
    )
    self._names[model_id] = model.name
    self._card_uris[model_id] = model.card_uri
    self._splits[model_id] = shares._pack(split)

    log IModelRegistry.ModelRegistered(
        model_id=model_id,
        grant_id=model.grant_id,
        registrant=msg.sender,
        kind=model.kind,
        weights_digest=model.weights_digest,
        card_hash=model.card_hash,
        card_uri=model.card_uri,
        name=model.name,
    )
    log IModelRegistry.SplitSet(model_id=model_id, split=split)
    return model_id


# --- gated ---


@external
def set_grants(new_grants: address):
    governed._only_owner()
    self._set_grants(new_grants)


# --- views ---


@external
@view
def model_count() -> uint256:
    return collection._count()


@external
@view
def model(model_id: uint256) -> IModelRegistry.Model:
    self._check_exists(model_id)
    return self._models[model_id]


@external
@view
def split(model_id: uint256) -> DynArray[ITrainingGrants.Share, 8]:
    self._check_exists(model_id)
    return shares._unpack(self._splits[model_id])


@external
@view
def packed_split(model_id: uint256) -> DynArray[uint256, 8]:
    self._check_exists(model_id)
    return self._splits[model_id]


@external
@view
def exists(model_id: uint256) -> bool:
    return collection._exists(model_id)


@external
@view
def model_of_digest(weights_digest: bytes32) -> uint256:
    return self._model_of_digest[weights_digest]


@external
@view
def model_name(model_id: uint256) -> String[64]:
    self._check_exists(model_id)
    return self._names[model_id]


@external
@view
def may_report_energy(model_id: uint256, account: address) -> bool:
    if not collection._exists(model_id):
        return False
    return account == self._models[model_id].registrant or account == collection._owner_of(model_id)


@external
@view
@reentrant
def tokenURI(token_id: uint256) -> String[128]:
    """
    @notice Where the model card is. Open during a call: whoever is handed the token may read it.
    @custom:reverts ERC721NonexistentToken.
    """
    collection._owner_of(token_id)
    return self._card_uris[token_id]


# --- internals ---


@internal
@view
def _authorized_split(model: IModelRegistry.ModelTerms) -> DynArray[ITrainingGrants.Share, 8]:
    """
    @dev Checks that the caller may register `model` and returns the split that binds it, not yet checked.
    """
    if model.grant_id == 0:
        governed._only_owner()
        return model.split
    assert len(model.split) == 0, "grant sets the split"
    grants: ITrainingGrants = ITrainingGrants(self.grants)
    assert staticcall grants.may_register_model(model.grant_id, msg.sender), "caller may not register"
    return staticcall grants.split(model.grant_id)


@internal
@view
def _check_exists(model_id: uint256):
    assert collection._exists(model_id), "unknown model"


@internal
def _set_grants(new_grants: address):
    assert new_grants != empty(address), "grants is zero"
    old_grants: address = self.grants
    self.grants = new_grants
    log IModelRegistry.GrantsChanged(old_grants=old_grants, new_grants=new_grants)
