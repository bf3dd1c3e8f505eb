# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Energy ledger
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Reports and running footprints: `IEnergyLedger` says what each function does and refuses.
@dev Composition root. `energy_figures` holds the bounds, `footprints` what counts, `attestation_book` who stands by a
     report. A challenged report stays in the sums: otherwise a guardian could lower a footprint below what was
     reported. Readers see the mark.
@custom:invariant A TRAINING footprint is the sum over the live reports of its subject, to the unit.
                  A report never changes, and is superseded at most once.
@custom:halt Nothing here can be halted: reports create no obligation, and builders may need them to be paid.
"""

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety
from contracts.models import attestation_book
from contracts.models import energy_figures
from contracts.models import footprints
from contracts.models import packed_footprint
from interfaces import IEnergyLedger
from interfaces import IGrantApplications
from interfaces import IModelRegistry
from interfaces import ITrainingGrants

implements: IEnergyLedger

initializes: governed
initializes: safety[governed := governed]
initializes: attestation_book
initializes: footprints
uses: guardians

# No pause: there is nothing that it could stop.
exports: (
    governed.__interface__,
    safety.set_guardian,
    guardians.guardian,
    guardians.guardian_expires_at,
    guardians.MAX_GUARDIAN_SECONDS,
)
exports: (attestation_book.__interface__, energy_figures.__interface__)

# Models in one lineage with the model itself; what is asked on chain has to end.
MAX_LINEAGE: public(constant(uint256)) = 64

grants: public(address)
registry: public(address)
report_count: public(uint256)
reports: HashMap[uint256, IEnergyLedger.Report]
reporter: public(HashMap[uint256, address])
# Report => the contract that its subject's id belongs to.
source_of: public(HashMap[uint256, address])
superseded_by: public(HashMap[uint256, uint256])
is_challenged: public(HashMap[uint256, bool])
# Report => whether a vote took a challenge off; then only a vote can repeat it.
was_cleared: HashMap[uint256, bool]


@deploy
def __init__():
    """
    @notice The deployer is the owner until it hands over; it names the sources afterwards.
    """
    governed.__init__()
    safety.__init__()
    attestation_book.__init__()
    footprints.__init__()


# --- reports ---


@external
def report(data: IEnergyLedger.Report) -> uint256:
    source: address = self._source_for(data.subject_kind)
    self._check_authority(data.subject_kind, data.subject_id, data.milestone, source)
    self._check_phase(data.phase)
    energy_figures._check(data)

    report_id: uint256 = self.report_count + 1
    self.report_count = report_id
    old: packed_footprint.Footprint = empty(packed_footprint.Footprint)
    if data.supersedes != 0:
        self._check_superseded(data, source)
        self.superseded_by[data.supersedes] = report_id
        old = self._figures(data.supersedes)
    self.reports[report_id] = data
    self.reporter[report_id] = msg.sender
    self.source_of[report_id] = source
    if data.phase == IEnergyLedger.Phase.TRAINING:
        footprints._replace(source, data.subject_id, old, self._figures(report_id))
    else:
        footprints._follow(source, data.subject_id, data.supersedes, report_id)
    log IEnergyLedger.Reported(
        report_id=report_id,
        subject_kind=data.subject_kind,
        subject_id=data.subject_id,
        reporter=msg.sender,
        report=data,
    )
    return report_id


@external
def attest(report_id: uint256, attester: address, signature: Bytes[1_024]):
    attestation_book._attest(report_id, attester, self._attestation_digest(report_id), signature)


# --- gated ---


@external
def challenge(report_id: uint256, reason_hash: bytes32):
    is_owner: bool = msg.sender == governed.ownable.owner
    assert is_owner or guardians._is_guardian(msg.sender), "caller may not challenge"
    self._check_exists(report_id)
    assert not self.is_challenged[report_id], "report is challenged"
    assert is_owner or not self.was_cleared[report_id], "challenge was cleared"
    self.is_challenged[report_id] = True
    log IEnergyLedger.Challenged(report_id=report_id, reason_hash=reason_hash)


@external
def clear_challenge(report_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    assert self.is_challenged[report_id], "report is not challenged"
    self.is_challenged[report_id] = False
    self.was_cleared[report_id] = True
    log IEnergyLedger.ChallengeCleared(report_id=report_id, reason_hash=reason_hash)


@external
def set_sources(grants: address, registry: address):
    governed._only_owner()
    # A shared address would let one id stand for a grant and for a model.
    assert grants != registry or grants == empty(address), "sources are the same"
    self.grants = grants
    self.registry = registry
    log IEnergyLedger.SourcesChanged(grants=grants, registry=registry)


# --- views ---


@external
@view
def report_of(report_id: uint256) -> IEnergyLedger.Report:
    return self.reports[report_id]


@external
@view
def report_hash(report_id: uint256) -> bytes32:
    return self._report_hash(report_id)


@external
@view
def attestation_digest(report_id: uint256) -> bytes32:
    return self._attestation_digest(report_id)


@external
@view
def is_valid_for(report_id: uint256, grant_id: uint256, milestone: uint256, phase: IEnergyLedger.Phase) -> bool:
    return (
        self.source_of[report_id] == self.grants
        and self.reports[report_id].subject_kind == IEnergyLedger.SubjectKind.MILESTONE
        and self.reports[report_id].subject_id == grant_id
        and self.reports[report_id].milestone == milestone
        and self.reports[report_id].phase == phase
        and self.superseded_by[report_id] == 0
    )


@external
@view
def footprint(
    subject_kind: IEnergyLedger.SubjectKind, subject_id: uint256, phase: IEnergyLedger.Phase
) -> IEnergyLedger.Footprint:
    source: address = self._source_for(subject_kind)
    self._check_phase(phase)
    if phase == IEnergyLedger.Phase.SERVING:
        return self._told(self._figures(footprints._serving_report(source, subject_id)))
    return self._told(footprints._sum(source, subject_id))


@external
@view
def serving_report(subject_kind: IEnergyLedger.SubjectKind, subject_id: uint256) -> uint256:
    return footprints._serving_report(self._source_for(subject_kind), subject_id)


@external
@view
def footprint_with_ancestors(model_id: uint256) -> IEnergyLedger.Footprint:
    source: address = self.registry
    assert source != empty(address), "no registry"
    lineage: DynArray[uint256, MAX_LINEAGE] = [model_id]
    total: packed_footprint.Footprint = empty(packed_footprint.Footprint)
    for index: uint256 in range(MAX_LINEAGE):
        if index == len(lineage):
            break
        own: packed_footprint.Footprint = footprints._sum(source, lineage[index])
        total.energy_wh += own.energy_wh
        total.emissions_grams += own.emissions_grams
        total.market_grams += own.market_grams
        parents: DynArray[IModelRegistry.Parent, 4] = staticcall IModelRegistry(source).parents(lineage[index])
        for parent: IModelRegistry.Parent in parents:
            if parent.model_id not in lineage:
                assert len(lineage) < MAX_LINEAGE, "too many ancestors"
                lineage.append(parent.model_id)
    return self._told(total)


# --- internals ---


@internal
@view
def _check_superseded(data: IEnergyLedger.Report, source: address):
    """
    @dev Who filed the old report does not matter: whoever may report now may correct what came before. What a
         review is about stays what it is until the review ends.
    """
    old_id: uint256 = data.supersedes
    assert (
        self.source_of[old_id] == source
        and self.reports[old_id].subject_kind == data.subject_kind
        and self.reports[old_id].subject_id == data.subject_id
        and self.reports[old_id].milestone == data.milestone
        and self.reports[old_id].phase == data.phase
    ), "superseded report differs"
    assert self.superseded_by[old_id] == 0, "report is superseded already"
    if data.subject_kind == IEnergyLedger.SubjectKind.MILESTONE:
        reviewed: ITrainingGrants.Milestone = staticcall ITrainingGrants(source).milestone(
            data.subject_id, data.milestone
        )
        in_review: bool = reviewed.state in (
            ITrainingGrants.MilestoneState.SUBMITTED | ITrainingGrants.MilestoneState.OBJECTED
        )
        assert reviewed.energy_report_id != old_id or not in_review, "report is under review"
        # What was accepted stays part of the carbon budget: nobody reviews its correction.
        is_smaller: bool = data.emissions_grams < self.reports[old_id].emissions_grams
        assert reviewed.accepted_at == 0 or not is_smaller, "accepted report was larger"


@internal
@view
def _check_authority(
    subject_kind: IEnergyLedger.SubjectKind, subject_id: uint256, milestone: uint256, source: address
):
    """
    @dev Refuses callers that may not report on the subject, and everybody while its source is not set.
    """
    is_allowed: bool = False
    if source == empty(address):
        pass
    elif subject_kind == IEnergyLedger.SubjectKind.MILESTONE:
        grants: ITrainingGrants = ITrainingGrants(source)
        state: ITrainingGrants.GrantState = staticcall grants.state(subject_id)
        assert state == ITrainingGrants.GrantState.ACTIVE, "grant is not active"
        applications: IGrantApplications = IGrantApplications(staticcall grants.applications())
        count: uint256 = (staticcall applications.application(subject_id)).milestone_count
        assert milestone > 0 and milestone <= count, "no such milestone"
        is_allowed = msg.sender == staticcall grants.recipient(subject_id)
    else:
        assert milestone == 0, "a model has no milestone"
        is_allowed = staticcall IModelRegistry(source).may_report_energy(subject_id, msg.sender)
    assert is_allowed, "caller may not report"


@internal
@view
def _check_exists(report_id: uint256):
    assert self.reporter[report_id] != empty(address), "no such report"


@internal
@view
def _source_for(subject_kind: IEnergyLedger.SubjectKind) -> address:
    if subject_kind == IEnergyLedger.SubjectKind.MILESTONE:
        return self.grants
    assert subject_kind == IEnergyLedger.SubjectKind.MODEL, "unknown subject kind"
    return self.registry


@internal
@view
def _check_phase(phase: IEnergyLedger.Phase):
    assert phase == IEnergyLedger.Phase.TRAINING or phase == IEnergyLedger.Phase.SERVING, "unknown phase"


@internal
@view
def _figures(report_id: uint256) -> packed_footprint.Footprint:
    """
    @dev What a report adds to a footprint: where it states no market-based figure, its location-based one stands for
         it. Zero for report 0.
    """
    market_grams: uint256 = self.reports[report_id].emissions_grams
    if self.reports[report_id].has_market:
        market_grams = self.reports[report_id].market_grams
    return packed_footprint.Footprint(
        energy_wh=self.reports[report_id].energy_wh,
        emissions_grams=self.reports[report_id].emissions_grams,
        market_grams=market_grams,
    )


@internal
@view
def _report_hash(report_id: uint256) -> bytes32:
    self._check_exists(report_id)
    data: IEnergyLedger.Report = self.reports[report_id]
    return keccak256(abi_encode(data))


@internal
@view
def _attestation_digest(report_id: uint256) -> bytes32:
    report_hash: bytes32 = self._report_hash(report_id)
    return attestation_book._digest(
        report_id, self.reports[report_id].energy_wh, self.reports[report_id].emissions_grams, report_hash
    )


@internal
@pure
def _told(figures: packed_footprint.Footprint) -> IEnergyLedger.Footprint:
    return IEnergyLedger.Footprint(
        energy_wh=figures.energy_wh,
        emissions_grams=figures.emissions_grams,
        market_grams=figures.market_grams,
    )
