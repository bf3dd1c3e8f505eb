# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Model registry
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Models as ERC-721 tokens: digest, card, lineage, datasets and revenue split.
@dev Any kind may be registered without naming a parent: what it was derived from may live outside this registry.
     The digest is what the registrant says it is; anybody can hash the published weights and compare.
@custom:invariant Digest, kind, grant, parents, ancestors and datasets of a model are written once.
                  No two models have one weights digest. Parents have smaller ids, so there are no cycles.
                  The last id is the number of models; each has exactly one owner.
@custom:halt Cannot be paused: a registration creates no obligation, and settlements must be able to read.
"""

from ethereum.ercs import IERC165
from snekmate.auth import ownable

from contracts.common import governed
from contracts.common import receiver_checks
from contracts.common import shares
from contracts.common import tagged_tokens
from contracts.models import ancestor_tables
from contracts.models import digest_commitments
from contracts.models import model_records
from contracts.models import model_tokens
from contracts.models import packed_ancestor
from contracts.models import packed_parent
from contracts.models import packed_split_head
from contracts.models import packed_table_head
from contracts.models import packed_tenure
from contracts.models import parentage
from contracts.models import registry_links
from contracts.models import revenue_splits
from contracts.models import split_terms
from interfaces import ILineageRules
from interfaces import IModelRegistry
from interfaces import IRoyaltyRouter
from interfaces import ITrainingGrants

implements: IERC165
implements: IModelRegistry

uses: ownable

initializes: governed
initializes: tagged_tokens
initializes: model_tokens[tagged_tokens := tagged_tokens]
initializes: digest_commitments
initializes: model_records
initializes: ancestor_tables
initializes: revenue_splits
initializes: registry_links[governed := governed]
initializes: split_terms[ownable := ownable, registry_links := registry_links]
initializes: parentage[
    tagged_tokens := tagged_tokens,
    ancestor_tables := ancestor_tables,
    model_records := model_records,
    model_tokens := model_tokens,
    registry_links := registry_links,
]

exports: (governed.owner, governed.transfer_ownership)
# Without the transfers: those below also end what the owner announced.
exports: (
    tagged_tokens.approve,
    tagged_tokens.setApprovalForAll,
    tagged_tokens.balanceOf,
    tagged_tokens.ownerOf,
    tagged_tokens.getApproved,
    tagged_tokens.isApprovedForAll,
)
exports: (digest_commitments.MIN_COMMIT_SECONDS, digest_commitments.committed_at)
exports: (model_records.datasets, model_records.model_of_digest)
exports: (ancestor_tables.ancestor_table, ancestor_tables.floor_bps, ancestor_tables.floor_count)
exports: (
    registry_links.grants,
    registry_links.rewards,
    registry_links.rights,
    registry_links.router,
    registry_links.set_grants,
    registry_links.set_rewards,
    registry_links.set_rights,
    registry_links.set_router,
)

# ERC-4906.
METADATA_UPDATES: constant(bytes4) = 0x49064906
SPLIT_NOTICE_SECONDS: public(constant(uint256)) = revenue_splits.NOTICE_SECONDS

LINEAGE: public(immutable(ILineageRules))
NAME: immutable(String[25])
SYMBOL: immutable(String[5])

protocol_fee_bps: public(uint256)
contractURI: public(String[128])


@deploy
def __init__(grants_: address, lineage: address, name_: String[25], symbol_: String[5]):
    """
    @param grants_ The TrainingGrants contract, not zero.
    @param lineage The LineageRules that work out tables of ancestors, for ever.
    @param name_ ERC-721 name of the collection.
    @param symbol_ ERC-721 symbol of the collection.
    """
    governed.__init__()
    tagged_tokens.__init__()
    digest_commitments.__init__()
    model_records.__init__()
    ancestor_tables.__init__()
    revenue_splits.__init__()
    assert lineage != empty(address), "lineage is zero"
    LINEAGE = ILineageRules(lineage)
    NAME = name_
    SYMBOL = symbol_
    registry_links.__init__(grants_)


# --- open ---


@external
def commit(commitment: bytes32):
    digest_commitments._commit(commitment)
    log IModelRegistry.WeightsCommitted(commitment=commitment, account=msg.sender)


@external
def register(model: IModelRegistry.ModelTerms) -> uint256:
    """
    @dev The token is minted without a call to its receiver, so an owner that is a contract needs no receiver hook.
    """
    receiver: address = msg.sender
    split: DynArray[ITrainingGrants.Share, 8] = model.split
    # Before a grant's split takes its place: that one was voted, and unchecked it cannot block the builder.
    split_terms._check_receivers(split, LINEAGE.address)
    if model.grant_id > 0:
        self._check_free(len(split) == 0)
        receiver = ownable.owner
        split = registry_links._granted_split(model.grant_id, msg.sender)
    model_records._check_new(model)
    commitment: bytes32 = digest_commitments._commitment(msg.sender, model.weights_digest, model.salt)
    # The owner needs no commitment: its vote was public. Which parents are its own is looked at as of now.
    committed_at: uint256 = block.timestamp
    if msg.sender != ownable.owner:
        committed_at = digest_commitments._use(commitment)
    datasets: DynArray[uint256, 8] = split_terms._pack_datasets(model.datasets)
    packed_split: DynArray[uint256, 16] = split_terms._pack_split(split, datasets)
    parents: DynArray[uint256, 4] = []
    table: uint256[4] = empty(uint256[4])
    if len(model.parents) > 0:
        links: DynArray[ILineageRules.Link, 4] = parentage._links(
            model.parents, receiver, model.kind, commitment, committed_at
        )
        table = staticcall LINEAGE.table_of(self, links)
        parents = parentage._pack_parents(model.parents, links)
        if model.grant_id > 0:
            registry_links._check_owed(model.grant_id, packed_table_head._owed_bps(table[0]))

    model_id: uint256 = tagged_tokens._mint(receiver, 0)
    model_records._record(
        model_id, model, receiver == ownable.owner, registry_links._grants_number, datasets
    )
    ancestor_tables._record(model_id, parents, table)
    ancestor_count: uint256 = packed_table_head._ancestor_count(table[0])
    fee_bps: uint256 = self._fee_bps(model_id)
    revenue_splits._set_first(model_id, ancestor_count, fee_bps, packed_split)
    log IModelRegistry.ProtocolFeeApplied(model_id=model_id, fee_bps=fee_bps)
    self._log_registration(model_id, model, parents, table, datasets)
    self._log_split(model_id, packed_split, block.timestamp)
    return model_id


@external
def refresh(model_id: uint256):
    self._check_exists(model_id)
    # Before anything changes: what was received until now is divided by what was in force until now.
    extcall IRoyaltyRouter(registry_links.router).settle_all(model_id)
    split: DynArray[uint256, 16] = revenue_splits._remove_due_split(model_id)
    # A model that was minted to the owner stays free of the fee, whoever holds it.
    fee_bps: uint256 = self._fee_bps(model_id)
    revenue_splits._set_fee(model_id, fee_bps)
    log IModelRegistry.ProtocolFeeApplied(model_id=model_id, fee_bps=fee_bps)
    if len(split) > 0:
        revenue_splits._set(model_id, split)
        self._log_split(model_id, split, block.timestamp)


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves model `token_id` from `owner` to `to`; what `owner` announced for it ends.
    @dev Authority: the token's owner, its approved account or its operator.
    @custom:reverts ERC721NonexistentToken, ERC721InsufficientApproval, ERC721IncorrectOwner, ERC721InvalidReceiver.
    """
    self._move(owner, to, token_id)


@external
def safeTransferFrom(owner: address, to: address, token_id: uint256, data: Bytes[1_024] = b""):
    """
    @notice Moves model `token_id` from `owner` to `to`, which must accept it if it is a contract.
    @dev As transferFrom. The lock holds during the receiver's call: it can read this contract but cannot pass the token
         on in the same breath.
    @custom:reverts As transferFrom, and ERC721InvalidReceiver when the receiver does not answer as it must.
    """
    self._move(owner, to, token_id)
    receiver_checks._check_received(owner, to, token_id, data)


# --- gated ---


@external
def set_split(model_id: uint256, split: DynArray[ITrainingGrants.Share, 8]):
    self._only_model_owner(model_id)
    self._check_free(model_records._grant_id(model_id) == 0)
    split_terms._check_receivers(split, LINEAGE.address)
    packed_split: DynArray[uint256, 16] = []
    if len(split) > 0:
        packed_split = split_terms._pack_split(split, model_records._datasets[model_id])
    effective_at: uint256 = revenue_splits._schedule(model_id, packed_split)
    self._log_split(model_id, packed_split, effective_at)


@external
def set_card(model_id: uint256, card_hash: bytes32, card_uri: String[128]):
    self._only_model_owner(model_id)
    model_records._set_card(model_id, card_hash, card_uri)
    log IModelRegistry.CardChanged(model_id=model_id, card_hash=card_hash, card_uri=card_uri)
    log IModelRegistry.MetadataUpdate(_tokenId=model_id)


@external
def set_floor(model_id: uint256, floor_bps: uint256):
    governed._only_owner()
    self._check_exists(model_id)
    kind: IModelRegistry.ModelKind = model_records._kind(model_id)
    assert kind == IModelRegistry.ModelKind.FOUNDATION, "only foundations get a floor"
    old_floor_bps: uint256 = ancestor_tables._floors[model_id]
    ancestor_tables._set_floor(model_id, floor_bps)
    log IModelRegistry.FloorChanged(model_id=model_id, old_floor_bps=old_floor_bps, new_floor_bps=floor_bps)


@external
def set_protocol_fee(new_fee_bps: uint256):
    governed._only_owner()
    assert new_fee_bps <= revenue_splits.MAX_FEE_BPS, "fee is too high"
    old_fee_bps: uint256 = self.protocol_fee_bps
    self.protocol_fee_bps = new_fee_bps
    log IModelRegistry.ProtocolFeeChanged(old_fee_bps=old_fee_bps, new_fee_bps=new_fee_bps)


@external
def set_contract_uri(new_uri: String[128]):
    governed._only_owner()
    self.contractURI = new_uri
    log IModelRegistry.ContractURIUpdated()


# --- views ---


@external
@view
def model_count() -> uint256:
    return tagged_tokens._count()


@external
@view
def model(model_id: uint256) -> IModelRegistry.Model:
    self._check_exists(model_id)
    return model_records._model(model_id)


@external
@view
def split(model_id: uint256) -> DynArray[ITrainingGrants.Share, 16]:
    self._check_exists(model_id)
    return shares._unpack_split(revenue_splits._split(model_id))


@external
@view
def scheduled_split(model_id: uint256) -> (DynArray[uint256, 16], uint256):
    return revenue_splits._scheduled_split(model_id), revenue_splits._effective_at(model_id)


@external
@view
def ancestors(model_id: uint256) -> DynArray[IModelRegistry.Ancestor, 16]:
    self._check_exists(model_id)
    found: DynArray[IModelRegistry.Ancestor, 16] = []
    entries: DynArray[uint256, 16] = ancestor_tables._ancestors_of(model_id)
    for packed: uint256 in entries:
        found.append(
            IModelRegistry.Ancestor(
                model_id=packed_ancestor._model_id(packed), share_bps=packed_ancestor._share_bps(packed)
            )
        )
    return found


@external
@view
def parents(model_id: uint256) -> DynArray[IModelRegistry.Parent, 4]:
    self._check_exists(model_id)
    found: DynArray[IModelRegistry.Parent, 4] = []
    entries: DynArray[uint256, 4] = ancestor_tables._parents_of(model_id)
    for packed: uint256 in entries:
        parent: packed_parent.Parent = packed_parent._unpack(packed)
        found.append(
            IModelRegistry.Parent(
                model_id=parent.model_id, license_id=parent.license_id, share_bps=parent.share_bps
            )
        )
    return found


@external
@view
@reentrant
def distribution(model_id: uint256) -> (DynArray[uint256, 4], DynArray[uint256, 16]):
    split: DynArray[uint256, 16] = revenue_splits._split(model_id)
    ancestor_count: uint256 = packed_split_head._ancestor_count(split[0])
    return ancestor_tables._table(model_id, ancestor_count), split


@external
@view
@reentrant
def tenure(model_id: uint256) -> (uint256, uint256):
    tenure: packed_tenure.Tenure = model_tokens._tenure(model_id)
    return tenure.number, tenure.since


@external
@view
@reentrant
def exists(model_id: uint256) -> bool:
    return tagged_tokens._exists(model_id)


@external
@view
def model_name(model_id: uint256) -> String[64]:
    self._check_exists(model_id)
    return model_records._names[model_id]


@external
@view
def may_report_energy(model_id: uint256, account: address) -> bool:
    if not tagged_tokens._exists(model_id):
        return False
    if account == tagged_tokens._owner_of(model_id):
        return True
    # The same number of another TrainingGrants would be somebody else's grant.
    if model_records._grants_number(model_id) != registry_links._grants_number:
        return False
    grants: ITrainingGrants = ITrainingGrants(registry_links.grants)
    return staticcall grants.may_register_model(model_records._grant_id(model_id), account)


@external
@view
def commitment(registrant: address, weights_digest: bytes32, salt: bytes32) -> bytes32:
    return digest_commitments._commitment(registrant, weights_digest, salt)


@external
@view
@reentrant
def name() -> String[25]:
    """
    @notice Name of the collection.
    """
    return NAME


@external
@view
@reentrant
def symbol() -> String[5]:
    """
    @notice Symbol of the collection.
    """
    return SYMBOL


@external
@view
@reentrant
def tokenURI(token_id: uint256) -> String[128]:
    """
    @notice Where the model card is. Open during a call: whoever is handed the token may read it.
    @custom:reverts ERC721NonexistentToken.
    """
    tagged_tokens._owner_of(token_id)
    return model_records._card_uris[token_id]


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice Whether this contract speaks the interface `interface_id` (ERC-165).
    """
    return interface_id == METADATA_UPDATES or interface_id in tagged_tokens.INTERFACES


# --- internals ---


@internal
def _move(owner: address, to: address, model_id: uint256):
    """
    @dev A move begins a new tenure and drops the scheduled split.
    """
    model_tokens._begin_tenure(model_id)
    if revenue_splits._cancel_scheduled(model_id):
        self._log_split(model_id, [], 0)
    tagged_tokens._move(owner, to, model_id)


@internal
@view
def _fee_bps(model_id: uint256) -> uint256:
    """
    @dev What the model pays the Treasury from now on.
    """
    if model_records._is_fee_free(model_id):
        return 0
    return self.protocol_fee_bps


@internal
def _log_registration(
    model_id: uint256,
    model: IModelRegistry.ModelTerms,
    parents: DynArray[uint256, 4],
    table: uint256[4],
    datasets: DynArray[uint256, 8],
):
    log IModelRegistry.ModelRegistered(
        model_id=model_id,
        grant_id=model.grant_id,
        registrant=msg.sender,
        kind=model.kind,
        weights_digest=model.weights_digest,
        card_hash=model.card_hash,
        card_uri=model.card_uri,
        name=model.name,
        fingerprint=model.fingerprint,
    )
    if len(parents) + len(datasets) > 0:
        log IModelRegistry.LineageRecorded(
            model_id=model_id,
            parents=parents,
            ancestors=packed_ancestor._entries(table),
            datasets=datasets,
        )


@internal
def _log_split(model_id: uint256, split: DynArray[uint256, 16], effective_at: uint256):
    log IModelRegistry.SplitSet(model_id=model_id, split=shares._unpack_split(split), effective_at=effective_at)


@internal
@view
def _only_model_owner(model_id: uint256):
    assert tagged_tokens._owner_of(model_id) == msg.sender, "caller does not own the model"


@internal
@pure
def _check_free(is_free: bool):
    """
    @dev Refuses a split given for a model of a grant: its split is the one that the grant was approved with.
    """
    assert is_free, "grant sets the split"


@internal
@view
def _check_exists(model_id: uint256):
    assert tagged_tokens._exists(model_id), "unknown model"
