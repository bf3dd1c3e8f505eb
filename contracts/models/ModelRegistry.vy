# pragma version 0.4.3
# pragma nonreentrancy on
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
@custom:halt Cannot be paused: registering costs nobody anything, and what a settlement reads must stay readable.
"""

from ethereum.ercs import IERC165
from snekmate.auth import ownable
from snekmate.tokens import erc721

from contracts.common import collection
from contracts.common import governed
from contracts.common import shares
from contracts.models import digest_commitments
from contracts.models import ancestor_tables
from contracts.models import ancestor_words
from contracts.models import revenue_splits
from contracts.models import tenures
from interfaces import IContributorRewards
from interfaces import ILineageRules
from interfaces import IModelRegistry
from interfaces import IRoyaltyRouter
from interfaces import ITrainingGrants

implements: IERC165
implements: IModelRegistry

uses: ownable

initializes: governed
initializes: erc721[ownable := ownable]
initializes: collection[erc721 := erc721]
initializes: digest_commitments
initializes: ancestor_tables
initializes: revenue_splits
initializes: tenures

exports: (governed.owner, governed.transfer_ownership)
# Moving a model ends what its owner announced: see transferFrom below.
exports: (
    collection.approve,
    collection.setApprovalForAll,
    collection.name,
    collection.symbol,
    collection.balanceOf,
    collection.ownerOf,
    collection.getApproved,
    collection.isApprovedForAll,
)
exports: (digest_commitments.MIN_COMMIT_SECONDS, digest_commitments.committed_at)


# What LicenseRights says of a license that a child is derived under; it reverts if the license is not in good
# standing, not held by `account`, does not allow the kind, or asks for an approval that `commitment` does not have.
# Returns the licensed model and what the child owes it.
interface Derivations:
    def derivation_share(
        license_id: uint256, account: address, kind: uint256, commitment: bytes32
    ) -> (uint256, uint256): view


# Everything about a model that never changes and fits a word: registrant | registered_at << 160 | grant_id << 200 |
# is_fee_free << 240 | kind << 248.
struct Record:
    facts: uint256
    weights_digest: bytes32
    fingerprint: bytes32


# ERC-4906.
METADATA_UPDATES: constant(bytes4) = 0x49064906
SPLIT_NOTICE_SECONDS: public(constant(uint256)) = revenue_splits.NOTICE_SECONDS
BPS: constant(uint256) = 10_000
MASK_40: constant(uint256) = 2**40 - 1
# Of a model that was minted to the owner of this contract.
FEE_FREE: constant(uint256) = 2**240
MASK_64: constant(uint256) = 2**64 - 1
MASK_160: constant(uint256) = 2**160 - 1

LINEAGE: public(immutable(ILineageRules))

grants: public(address)
rewards: public(address)
rights: public(address)
router: public(address)
protocol_fee_bps: public(uint256)
contractURI: public(String[128])

_records: HashMap[uint256, Record]
_names: HashMap[uint256, String[64]]
_card_hashes: HashMap[uint256, bytes32]
_card_uris: HashMap[uint256, String[128]]
# Packed shares of campaigns whose bps are weights.
_datasets: HashMap[uint256, DynArray[uint256, 8]]
_model_of_digest: HashMap[bytes32, uint256]


@deploy
def __init__(grants_: address, lineage: address, name_: String[25], symbol_: String[5]):
    """
    @param grants_ The TrainingGrants contract, not zero.
    @param lineage The LineageRules that work out tables of ancestors, for ever.
    @param name_ ERC-721 name of the collection.
    @param symbol_ ERC-721 symbol of the collection.
    """
    governed.__init__()
    # The base URI stays empty; the domain of permits has a name, but permits cannot be reached.
    erc721.__init__(name_, symbol_, "", name_, "1")
    collection.__init__()
    digest_commitments.__init__()
    ancestor_tables.__init__()
    revenue_splits.__init__()
    tenures.__init__()
    assert lineage != empty(address), "lineage is zero"
    LINEAGE = ILineageRules(lineage)
    self._set_grants(grants_)


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
    # A grant's split was voted: it must not keep the builder from registering.
    self._check_receivers(split)
    if model.grant_id > 0:
        self._check_free(len(split) == 0)
        grants: ITrainingGrants = ITrainingGrants(self.grants)
        assert staticcall grants.may_register_model(model.grant_id, msg.sender), "caller may not register"
        receiver = ownable.owner
        split = staticcall grants.split(model.grant_id)
    kind: uint256 = convert(model.kind, uint256)
    assert kind != 0 and kind & (kind - 1) == 0, "kind is not exactly one"
    assert model.kind != IModelRegistry.ModelKind.FOUNDATION or len(model.parents) == 0, "foundation has a parent"
    assert model.weights_digest != empty(bytes32), "weights digest is empty"
    assert self._model_of_digest[model.weights_digest] == 0, "weights are already registered"
    assert len(model.name) > 0, "name is empty"
    commitment: bytes32 = digest_commitments._commitment(msg.sender, model.weights_digest, model.salt)
    # The owner needs no commitment: a vote has decided in the open, and what it owns now counts.
    committed_at: uint256 = block.timestamp
    if msg.sender != ownable.owner:
        committed_at = digest_commitments._use(commitment)
    datasets: DynArray[uint256, 8] = self._pack_datasets(model.datasets)
    words: DynArray[uint256, 16] = self._pack_split(split, datasets)
    parents: DynArray[uint256, 4] = []
    table: uint256[4] = empty(uint256[4])
    if len(model.parents) > 0:
        links: DynArray[ILineageRules.Link, 4] = []
        parents, links = self._resolve(model.parents, receiver, kind, commitment, committed_at)
        table = staticcall LINEAGE.table_of(self, links)

    model_id: uint256 = collection._mint(receiver)
    self._model_of_digest[model.weights_digest] = model_id
    facts: uint256 = (
        convert(msg.sender, uint256)
        | (block.timestamp << 160)
        | (model.grant_id << 200)
        | (kind << 248)
    )
    if receiver == ownable.owner:
        facts |= FEE_FREE
    self._records[model_id].facts = facts
    self._records[model_id].weights_digest = model.weights_digest
    if model.fingerprint != empty(bytes32):
        self._records[model_id].fingerprint = model.fingerprint
    self._names[model_id] = model.name
    self._set_card(model_id, model.card_hash, model.card_uri)
    ancestor_tables._record(model_id, parents, table)
    revenue_splits._open(model_id, ancestor_words._count(table[0]))
    self._apply_fee(model_id, facts)
    revenue_splits._set(model_id, words)
    if len(datasets) > 0:
        self._datasets[model_id] = datasets
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
            ancestors=ancestor_words._entries(table),
            datasets=datasets,
        )
    self._log_split(model_id, words, block.timestamp)
    return model_id


@external
def refresh(model_id: uint256):
    self._check_exists(model_id)
    # Before anything changes: what was received until now is divided by what was in force until now.
    extcall IRoyaltyRouter(self.router).settle_all(model_id)
    words: DynArray[uint256, 16] = revenue_splits._take_due(model_id)
    self._apply_fee(model_id, self._records[model_id].facts)
    if len(words) > 0:
        revenue_splits._set(model_id, words)
        self._log_split(model_id, words, block.timestamp)


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves model `token_id` from `owner` to `to`; what `owner` announced for it ends.
    @dev Authority: the token's owner, its approved account or its operator.
    @custom:reverts ERC721NonexistentToken, ERC721InsufficientApproval, ERC721IncorrectOwner, ERC721InvalidReceiver.
    """
    self._begin_tenure(token_id)
    collection._transfer_from(owner, to, token_id)


@external
def safeTransferFrom(owner: address, to: address, token_id: uint256, data: Bytes[1_024] = b""):
    """
    @notice Moves model `token_id` from `owner` to `to`, which must accept it if it is a contract.
    @dev As transferFrom. The lock holds during the receiver's call: it can read this contract but cannot pass the token
         on in the same breath.
    @custom:reverts As transferFrom, and ERC721InvalidReceiver when the receiver does not answer as it must.
    """
    self._begin_tenure(token_id)
    collection._safe_transfer_from(owner, to, token_id, data)


# --- gated ---


@external
def set_split(model_id: uint256, split: DynArray[ITrainingGrants.Share, 8]):
    self._only_model_owner(model_id)
    self._check_free(self._grant_of(model_id) == 0)
    words: DynArray[uint256, 16] = []
    self._check_receivers(split)
    if len(split) > 0:
        words = self._pack_split(split, self._datasets[model_id])
    effective_at: uint256 = revenue_splits._schedule(model_id, words)
    self._log_split(model_id, words, effective_at)


@external
def set_card(model_id: uint256, card_hash: bytes32, card_uri: String[128]):
    self._only_model_owner(model_id)
    self._set_card(model_id, card_hash, card_uri)
    log IModelRegistry.CardChanged(model_id=model_id, card_hash=card_hash, card_uri=card_uri)
    log IModelRegistry.MetadataUpdate(_tokenId=model_id)


@external
def set_floor(model_id: uint256, floor_bps: uint256):
    governed._only_owner()
    self._check_exists(model_id)
    kind: IModelRegistry.ModelKind = self._kind_of(model_id)
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
def set_grants(new_grants: address):
    governed._only_owner()
    self._set_grants(new_grants)


@external
def set_rewards(new_rewards: address):
    governed._only_owner()
    self.rewards = new_rewards
    self._log_links()


@external
def set_rights(new_rights: address):
    governed._only_owner()
    self.rights = new_rights
    self._log_links()


@external
def set_router(new_router: address):
    governed._only_owner()
    self.router = new_router
    self._log_links()


@external
def set_contract_uri(new_uri: String[128]):
    governed._only_owner()
    self.contractURI = new_uri
    log IModelRegistry.ContractURIUpdated()


# --- views ---


@external
@view
def model_count() -> uint256:
    return collection._count()


@external
@view
def model(model_id: uint256) -> IModelRegistry.Model:
    self._check_exists(model_id)
    facts: uint256 = self._records[model_id].facts
    return IModelRegistry.Model(
        kind=self._kind_of(model_id),
        grant_id=self._grant_of(model_id),
        registrant=self._registrant_of(model_id),
        registered_at=(facts >> 160) & MASK_40,
        weights_digest=self._records[model_id].weights_digest,
        card_hash=self._card_hashes[model_id],
        fingerprint=self._records[model_id].fingerprint,
    )


@external
@view
def split(model_id: uint256) -> DynArray[ITrainingGrants.Share, 16]:
    self._check_exists(model_id)
    return shares._unpack(revenue_splits._words(model_id))


@external
@view
def scheduled_split(model_id: uint256) -> (DynArray[uint256, 16], uint256):
    return revenue_splits._scheduled_words(model_id), revenue_splits._effective_at(model_id)


@external
@view
def ancestors(model_id: uint256) -> DynArray[IModelRegistry.Ancestor, 16]:
    self._check_exists(model_id)
    found: DynArray[IModelRegistry.Ancestor, 16] = []
    entries: DynArray[uint256, 16] = ancestor_tables._ancestors(model_id)
    for entry: uint256 in entries:
        found.append(IModelRegistry.Ancestor(model_id=entry & MASK_40, share_bps=ancestor_words._share(entry)))
    return found


@external
@view
def parents(model_id: uint256) -> DynArray[IModelRegistry.Parent, 4]:
    self._check_exists(model_id)
    found: DynArray[IModelRegistry.Parent, 4] = []
    for word: uint256 in ancestor_tables._parents[model_id]:
        found.append(
            IModelRegistry.Parent(
                model_id=word & MASK_40, license_id=(word >> 40) & MASK_64, share_bps=word >> 104
            )
        )
    return found


@external
@view
def datasets(model_id: uint256) -> DynArray[uint256, 8]:
    return self._datasets[model_id]


@external
@view
@reentrant
def distribution(model_id: uint256) -> (DynArray[uint256, 4], DynArray[uint256, 16]):
    words: DynArray[uint256, 16] = revenue_splits._words(model_id)
    return ancestor_tables._words(model_id, revenue_splits._ancestor_count(words)), words


@external
@view
@reentrant
def ancestor_table(model_id: uint256) -> uint256[4]:
    return ancestor_tables._tables[model_id]


@external
@view
@reentrant
def tenure(model_id: uint256) -> (uint256, uint256):
    return tenures._number(model_id), tenures._since(model_id)


@external
@view
@reentrant
def floor_count() -> uint256:
    return ancestor_tables._floor_count


@external
@view
@reentrant
def floor_bps(model_id: uint256) -> uint256:
    return ancestor_tables._floors[model_id]


@external
@view
@reentrant
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
    return account == self._registrant_of(model_id) or account == collection._owner_of(model_id)


@external
@view
def commitment(registrant: address, weights_digest: bytes32, salt: bytes32) -> bytes32:
    return digest_commitments._commitment(registrant, weights_digest, salt)


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


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    """
    @notice Whether this contract speaks the interface `interface_id` (ERC-165).
    """
    return interface_id == METADATA_UPDATES or interface_id in collection.INTERFACES


# --- internals ---


@internal
@view
def _resolve(
    parents: DynArray[IModelRegistry.ParentLink, 4],
    receiver: address,
    kind: uint256,
    commitment: bytes32,
    committed_at: uint256,
) -> (DynArray[uint256, 4], DynArray[ILineageRules.Link, 4]):
    """
    @dev The links as they are stored and as LineageRules takes them: of a licensed parent what its license says, of an
         own one what its ancestors get.
    """
    words: DynArray[uint256, 4] = []
    links: DynArray[ILineageRules.Link, 4] = []
    for parent: IModelRegistry.ParentLink in parents:
        self._check_exists(parent.model_id)
        is_own: bool = parent.license_id == 0
        share_bps: uint256 = 0
        if is_own:
            # Not moved since the commitment: a token lent for a while makes nothing one's own.
            is_held: bool = tenures._since(parent.model_id) <= committed_at
            is_held = is_held and collection._owner_of(parent.model_id) == receiver
            assert is_held, "parent needs a license"
            share_bps = ancestor_tables._owed(parent.model_id)
        else:
            licensed_id: uint256 = 0
            licensed_id, share_bps = staticcall Derivations(self.rights).derivation_share(
                parent.license_id, msg.sender, kind, commitment
            )
            assert licensed_id == parent.model_id, "license is of another model"
        words.append(parent.model_id | (parent.license_id << 40) | (share_bps << 104))
        is_foundation: bool = self._kind_of(parent.model_id) == IModelRegistry.ModelKind.FOUNDATION
        links.append(
            ILineageRules.Link(
                model_id=parent.model_id, share_bps=share_bps, is_own=is_own, is_foundation=is_foundation
            )
        )
    return words, links


@internal
def _begin_tenure(model_id: uint256):
    tenures._begin(model_id)
    if revenue_splits._drop(model_id):
        self._log_split(model_id, [], 0)


@internal
@view
def _pack_datasets(datasets: DynArray[IModelRegistry.Dataset, 8]) -> DynArray[uint256, 8]:
    words: DynArray[uint256, 8] = []
    if len(datasets) == 0:
        return words
    total: uint256 = 0
    for dataset: IModelRegistry.Dataset in datasets:
        total += dataset.weight_bps
        self._check_campaign(dataset.campaign_id)
        words.append(dataset.campaign_id | (dataset.weight_bps << shares.RECEIVER_BITS))
    assert total == BPS, "weights do not sum to 10000"
    return words


@internal
@view
def _pack_split(
    split: DynArray[ITrainingGrants.Share, 8], datasets: DynArray[uint256, 8]
) -> DynArray[uint256, 16]:
    """
    @dev A split in words, checked. Whoever creates a campaign publishes its roots: one that does not exist yet could
         become anybody's.
    """
    shares._check_split(split, 0)
    for share: ITrainingGrants.Share in split:
        if share.campaign_id > 0:
            self._check_campaign(share.campaign_id)
    return shares._pack(split, datasets)


@internal
@view
def _check_receivers(split: DynArray[ITrainingGrants.Share, 8]):
    """
    @dev Refuses a share of a contract of the suite, where money would be stuck or fall to a vote: the DAO has its own
         kind of share. Contracts of the suite have one owner; those without one that could be met here are named.
    """
    for share: ITrainingGrants.Share in split:
        account: address = share.account
        if account == empty(address):
            continue
        is_of_suite: bool = account in [self, ownable.owner, self.rights, LINEAGE.address]
        if account.is_contract and not is_of_suite:
            success: bool = False
            answer: Bytes[32] = b""
            success, answer = raw_call(
                account,
                method_id("owner()"),
                max_outsize=32,
                is_static_call=True,
                revert_on_failure=False,
            )
            is_of_suite = success and answer == abi_encode(ownable.owner)
        assert not is_of_suite, "receiver is of the suite"


@internal
@view
def _check_campaign(campaign_id: uint256):
    rewards: address = self.rewards
    limit: uint256 = shares.MAX_RECEIVER
    if rewards != empty(address):
        limit = staticcall IContributorRewards(rewards).campaign_count()
    assert campaign_id > 0 and campaign_id <= limit, "no such campaign"


@internal
def _set_card(model_id: uint256, card_hash: bytes32, card_uri: String[128]):
    assert card_hash != empty(bytes32), "card hash is empty"
    self._card_hashes[model_id] = card_hash
    self._card_uris[model_id] = card_uri


@internal
def _log_split(model_id: uint256, words: DynArray[uint256, 16], effective_at: uint256):
    log IModelRegistry.SplitSet(model_id=model_id, split=shares._unpack(words), effective_at=effective_at)


@internal
def _apply_fee(model_id: uint256, facts: uint256):
    """
    @dev What the model pays the Treasury from now on: nothing if it was minted to the owner, whoever holds it later.
    """
    fee_bps: uint256 = 0
    if facts & FEE_FREE == 0:
        fee_bps = self.protocol_fee_bps
    revenue_splits._set_fee(model_id, fee_bps)
    log IModelRegistry.ProtocolFeeApplied(model_id=model_id, fee_bps=fee_bps)


@internal
@view
def _kind_of(model_id: uint256) -> IModelRegistry.ModelKind:
    return convert(self._records[model_id].facts >> 248, IModelRegistry.ModelKind)


@internal
@view
def _grant_of(model_id: uint256) -> uint256:
    return (self._records[model_id].facts >> 200) & MASK_40


@internal
@view
def _registrant_of(model_id: uint256) -> address:
    return convert(convert(self._records[model_id].facts & MASK_160, uint160), address)


@internal
@view
def _only_model_owner(model_id: uint256):
    assert collection._owner_of(model_id) == msg.sender, "caller does not own the model"


@internal
@pure
def _check_free(is_free: bool):
    """
    @dev A grant's model has the split that the grant was approved with.
    """
    assert is_free, "grant sets the split"


@internal
@view
def _check_exists(model_id: uint256):
    assert collection._exists(model_id), "unknown model"


@internal
def _log_links():
    log IModelRegistry.LinksChanged(rewards=self.rewards, rights=self.rights, router=self.router)


@internal
def _set_grants(new_grants: address):
    assert new_grants != empty(address), "grants is zero"
    old_grants: address = self.grants
    self.grants = new_grants
    log IModelRegistry.GrantsChanged(old_grants=old_grants, new_grants=new_grants)
