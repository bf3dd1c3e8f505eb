# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Parentage
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which models a new one may name as its parents, and what it owes each of them.
@dev No state. A licensed parent gets what its license says, one of the same owner what its ancestors get.
"""

from contracts.common import tagged_tokens
from contracts.models import ancestor_tables
from contracts.models import model_records
from contracts.models import model_tokens
from contracts.models import packed_parent
from contracts.models import registry_links
from interfaces import ILineageRules
from interfaces import IModelRegistry

uses: tagged_tokens
uses: ancestor_tables
uses: model_records
uses: model_tokens
uses: registry_links


# What LicenseRights says of a license that a child is derived under; it reverts if the license is not in good
# standing, not held by `account`, does not allow the kind, or asks for an approval that `commitment` does not have.
# Returns the licensed model and what the child owes it.
interface Derivations:
    def derivation_share(
        license_id: uint256, account: address, kind: uint256, commitment: bytes32
    ) -> (uint256, uint256): view


@internal
@view
def _link(
    parent: IModelRegistry.ParentLink,
    receiver: address,
    kind: IModelRegistry.ModelKind,
    commitment: bytes32,
    committed_at: uint256,
) -> ILineageRules.Link:
    """
    @dev What a child of `kind` owes `parent`, as LineageRules takes it. Its weights were committed to at
         `committed_at`, and `receiver` will own it. Refuses a parent that is neither the receiver's own nor licensed to
         the caller.
    """
    assert tagged_tokens._exists(parent.model_id), "unknown model"
    is_own: bool = parent.license_id == 0
    share_bps: uint256 = 0
    if is_own:
        # Its token must not have moved since the commitment: a borrowed token is no own parent.
        is_held: bool = model_tokens._tenure(parent.model_id).since <= committed_at
        is_held = is_held and tagged_tokens._owner_of(parent.model_id) == receiver
        assert is_held, "parent needs a license"
        share_bps = ancestor_tables._owed_bps(parent.model_id)
    else:
        licensed_id: uint256 = 0
        licensed_id, share_bps = staticcall Derivations(registry_links.rights).derivation_share(
            parent.license_id, msg.sender, convert(kind, uint256), commitment
        )
        assert licensed_id == parent.model_id, "license is of another model"
    return ILineageRules.Link(
        model_id=parent.model_id,
        share_bps=share_bps,
        is_own=is_own,
        is_foundation=model_records._kind(parent.model_id) == IModelRegistry.ModelKind.FOUNDATION,
    )


@internal
@view
def _links(
    parents: DynArray[IModelRegistry.ParentLink, 4],
    receiver: address,
    kind: IModelRegistry.ModelKind,
    commitment: bytes32,
    committed_at: uint256,
) -> DynArray[ILineageRules.Link, 4]:
    """
    @dev The links to all parents of a new model.
    """
    links: DynArray[ILineageRules.Link, 4] = []
    for parent: IModelRegistry.ParentLink in parents:
        links.append(self._link(parent, receiver, kind, commitment, committed_at))
    return links


@internal
@pure
def _pack_parents(
    parents: DynArray[IModelRegistry.ParentLink, 4], links: DynArray[ILineageRules.Link, 4]
) -> DynArray[uint256, 4]:
    """
    @dev The parents as they are stored. LineageRules has bounded what the links owe.
    """
    packed: DynArray[uint256, 4] = []
    index: uint256 = 0
    for parent: IModelRegistry.ParentLink in parents:
        packed.append(
            packed_parent._pack(
                packed_parent.Parent(
                    model_id=parent.model_id, license_id=parent.license_id, share_bps=links[index].share_bps
                )
            )
        )
        index += 1
    return packed
