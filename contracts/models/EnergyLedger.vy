# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Energy ledger
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Reports and running footprints: `IEnergyLedger` says what each function does and refuses.
@dev A challenged report stays in the sums: otherwise a guardian could lower a footprint below what was reported.
     Readers see the mark.
@custom:invariant A TRAINING footprint is the sum over the live reports of its subject, to the unit.
                  A report never changes, and is superseded at most once.
@custom:halt Nothing here can be halted: reports create no obligation, and builders may need them to be paid.
"""

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety
from interfaces import IEnergyLedger
from interfaces import IModelRegistry
from interfaces import ITrainingGrants

implements: IEnergyLedger

initializes: governed
initializes: safety[governed := governed]
uses: guardians

# No pause: there is nothing that it could stop.
exports: (
    governed.__interface__,
    safety.set_guardian,
    guardians.guardian,
    guardians.guardian_expires_at,
    guardians.MAX_GUARDIAN_SECONDS,
)

UNIT_BPS: constant(uint256) = 10_000
# Thousands of times what mankind uses in a year, in Wh; keeps the running sums from ever overflowing.
MAX_FIGURE: public(constant(uint256)) = 10**21

struct Footprint:
    energy_wh: uint256
    emissions_grams: uint256

struct Challenge:
    challenged_at: uint256    # 0: no challenge stands
    cleared_at: uint256       # 0: none was cleared

grants: public(address)
registry: public(address)
report_count: public(uint256)
reports: HashMap[uint256, IEnergyLedger.Report]
reporter: public(HashMap[uint256, address])
# Report => the contract that its subject's id belongs to.
source_of: public(HashMap[uint256, address])
superseded_by: public(HashMap[uint256, uint256])
challenges: HashMap[uint256, Challenge]
# Source => subject => phase => sum of the live reports (TRAINING) or the latest rate (SERVING). The source tells
# milestones from models.
footprints: HashMap[address, HashMap[uint256, HashMap[IEnergyLedger.Phase, Footprint]]]


@deploy
def __init__():
    """
    @notice The deployer is the owner until it hands over; it names the sources afterwards.
    """
    governed.__init__()
    safety.__init__()


# --- reports ---


@external
def report(data: IEnergyLedger.Report) -> uint256:
    source: address = self._source_for(data.subject_kind)
    self._check_authority(data, source)
    self._check_figures(data)

    report_id: uint256 = self.report_count + 1
    self.report_count = report_id
    if data.supersedes != 0:
        self._supersede(data, source, report_id)
    self.reports[report_id] = data
    self.reporter[report_id] = msg.sender
    self.source_of[report_id] = source
    live: Footprint = Footprint(energy_wh=data.energy_wh, emissions_grams=data.emissions_grams)
    if data.phase == IEnergyLedger.Phase.TRAINING:
        live.energy_wh += self.footprints[source][data.subject_id][data.phase].energy_wh
        live.emissions_grams += self.footprints[source][data.subject_id][data.phase].emissions_grams
    self.footprints[source][data.subject_id][data.phase] = live
    log IEnergyLedger.Reported(
        report_id=report_id,
        subject_kind=data.subject_kind,
        subject_id=data.subject_id,
        reporter=msg.sender,
        report=data,
    )
    return report_id


# --- gated ---


@external
def challenge(report_id: uint256, reason_hash: bytes32):
    is_owner: bool = msg.sender == governed.ownable.owner
    assert is_owner or guardians._is_guardian(msg.sender), "caller may not challenge"
    assert self.reporter[report_id] != empty(address), "no such report"
    assert self.challenges[report_id].challenged_at == 0, "report is challenged"
    assert is_owner or self.challenges[report_id].cleared_at == 0, "challenge was cleared"
    self.challenges[report_id].challenged_at = block.timestamp
    log IEnergyLedger.Challenged(report_id=report_id, reason_hash=reason_hash)


@external
def clear_challenge(report_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    assert self.challenges[report_id].challenged_at != 0, "report is not challenged"
    self.challenges[report_id] = Challenge(challenged_at=0, cleared_at=block.timestamp)
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
def is_challenged(report_id: uint256) -> bool:
    return self.challenges[report_id].challenged_at != 0


@external
@view
def challenge_times(report_id: uint256) -> (uint256, uint256):
    return self.challenges[report_id].challenged_at, self.challenges[report_id].cleared_at


@external
@view
def is_valid_for(report_id: uint256, grant_id: uint256, milestone: uint256) -> bool:
    return (
        self.source_of[report_id] == self.grants
        and self.reports[report_id].subject_kind == IEnergyLedger.SubjectKind.MILESTONE
        and self.reports[report_id].subject_id == grant_id
        and self.reports[report_id].milestone == milestone
        and self.superseded_by[report_id] == 0
        and self.challenges[report_id].challenged_at == 0
    )


@external
@view
def footprint(
    subject_kind: IEnergyLedger.SubjectKind, subject_id: uint256, phase: IEnergyLedger.Phase
) -> (uint256, uint256):
    live: Footprint = self.footprints[self._source_for(subject_kind)][subject_id][phase]
    return live.energy_wh, live.emissions_grams


# --- internals ---


@internal
def _supersede(data: IEnergyLedger.Report, source: address, report_id: uint256):
    """
    @dev Takes the old report out of the sums. A rate needs no undoing: each later report overwrites it.
    """
    old_id: uint256 = data.supersedes
    assert (
        self.source_of[old_id] == source
        and self.reporter[old_id] == msg.sender
        and self.reports[old_id].subject_kind == data.subject_kind
        and self.reports[old_id].subject_id == data.subject_id
        and self.reports[old_id].milestone == data.milestone
        and self.reports[old_id].phase == data.phase
    ), "superseded report differs"
    assert self.superseded_by[old_id] == 0, "report is superseded already"
    self.superseded_by[old_id] = report_id
    if data.phase == IEnergyLedger.Phase.TRAINING:
        self.footprints[source][data.subject_id][data.phase].energy_wh -= self.reports[old_id].energy_wh
        self.footprints[source][data.subject_id][data.phase].emissions_grams -= self.reports[old_id].emissions_grams


@internal
@view
def _check_authority(data: IEnergyLedger.Report, source: address):
    """
    @dev Refuses callers that may not report on the subject, and everybody while its source is not set.
    """
    is_allowed: bool = False
    if source == empty(address):
        pass
    elif data.subject_kind == IEnergyLedger.SubjectKind.MILESTONE:
        count: uint256 = staticcall ITrainingGrants(source).milestone_count(data.subject_id)
        assert data.milestone > 0 and data.milestone <= count, "no such milestone"
        recipient: address = staticcall ITrainingGrants(source).recipient(data.subject_id)
        is_allowed = msg.sender == recipient
    else:
        assert data.milestone == 0, "a model has no milestone"
        is_allowed = staticcall IModelRegistry(source).may_report_energy(data.subject_id, msg.sender)
    assert is_allowed, "caller may not report"


@internal
@view
def _source_for(subject_kind: IEnergyLedger.SubjectKind) -> address:
    if subject_kind == IEnergyLedger.SubjectKind.MILESTONE:
        return self.grants
    assert subject_kind == IEnergyLedger.SubjectKind.MODEL, "unknown subject kind"
    return self.registry


@internal
@view
def _check_figures(data: IEnergyLedger.Report):
    assert data.phase == IEnergyLedger.Phase.TRAINING or data.phase == IEnergyLedger.Phase.SERVING, "unknown phase"
    assert data.energy_wh > 0, "energy is zero"
    assert max(data.energy_wh, data.emissions_grams) <= MAX_FIGURE, "figure is too large"
    assert data.pue_bps >= UNIT_BPS, "pue is below one"
    assert len(data.method) > 0, "method is not named"
    assert data.evidence_hash != empty(bytes32), "evidence hash is empty"
