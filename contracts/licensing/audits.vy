# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Audits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The open assessment or dispute of each period of a license; a period has at most one of them.
@custom:invariant _open_count is the number of a license's open assessments and disputes. A dispute's amount is above
                  zero.
"""

from contracts.licensing import accusations
from interfaces import ILicenseEnforcement

# The auditor gets at most 1 / AUDIT_PARTS of a forfeited bond; the rest goes to the model, which was cheated.
AUDIT_PARTS: constant(uint256) = 2

# License => open assessments and disputes.
_open_count: HashMap[uint256, uint256]
# License => period => its open assessment; zeros if none.
_assessments: HashMap[uint256, HashMap[uint256, ILicenseEnforcement.Assessment]]
# License => period => its open dispute; zeros if none.
_disputes: HashMap[uint256, HashMap[uint256, ILicenseEnforcement.Dispute]]
# License => period => who paid for the audit of its last assessment. It stays when that turns into a dispute.
_audits: HashMap[uint256, HashMap[uint256, ILicenseEnforcement.Audit]]


@deploy
def __init__():
    pass


# --- views ---


@external
@view
def assessment(license_id: uint256, period: uint256) -> ILicenseEnforcement.Assessment:
    return self._assessments[license_id][period]


@external
@view
def audit(license_id: uint256, period: uint256) -> ILicenseEnforcement.Audit:
    return self._audits[license_id][period]


@external
@view
def open_dispute(license_id: uint256, period: uint256) -> ILicenseEnforcement.Dispute:
    return self._disputes[license_id][period]


# --- internals ---


@internal
@view
def _is_open(license_id: uint256) -> bool:
    return self._open_count[license_id] > 0


@internal
@view
def _check_not_open(license_id: uint256, period: uint256):
    is_assessed: bool = self._assessments[license_id][period].answer_until != 0
    assert not is_assessed and self._disputes[license_id][period].amount == 0, "period is in dispute"


@internal
@view
def _check_audit_cost(auditor: address, audit_cost: uint256):
    assert (auditor == empty(address)) == (audit_cost == 0), "audit cost is incomplete"
    # A refund that is credited to this contract could never be withdrawn.
    assert auditor != self, "auditor is the enforcement"


@internal
@view
def _auditor_part(license_id: uint256, period: uint256, bond: uint256) -> (address, uint256):
    """
    @dev The auditor of the last assessment of a period, and its part of a forfeited bond of `bond` units.
    """
    audit: ILicenseEnforcement.Audit = self._audits[license_id][period]
    return audit.auditor, min(audit.cost, bond // AUDIT_PARTS)


@internal
def _open_assessment(
    license_id: uint256, period: uint256, due: uint256, auditor: address, audit_cost: uint256
) -> uint256:
    """
    @dev Opens the assessment of a period of which nothing is open. Returns until when it can be answered.
    """
    self._audits[license_id][period] = ILicenseEnforcement.Audit(auditor=auditor, cost=audit_cost)
    if audit_cost > 0:
        log ILicenseEnforcement.AuditCostNamed(
            license_id=license_id, period=period, auditor=auditor, audit_cost=audit_cost
        )
    answer_until: uint256 = block.timestamp + accusations.ANSWER_SECONDS
    self._assessments[license_id][period] = ILicenseEnforcement.Assessment(due=due, answer_until=answer_until)
    self._open_count[license_id] += 1
    return answer_until


@internal
@view
def _load_assessment(license_id: uint256, period: uint256) -> ILicenseEnforcement.Assessment:
    assessment: ILicenseEnforcement.Assessment = self._assessments[license_id][period]
    assert assessment.answer_until != 0, "no assessment is open"
    return assessment


@internal
def _close_assessment(license_id: uint256, period: uint256):
    self._assessments[license_id][period] = empty(ILicenseEnforcement.Assessment)
    self._open_count[license_id] -= 1


@internal
def _dispute(license_id: uint256, period: uint256, amount: uint256, vote_seconds: uint256) -> uint256:
    """
    @dev Replaces the open assessment by a dispute of `amount`, opened by the caller. Returns until when it can be
         decided.
    """
    decide_until: uint256 = block.timestamp + vote_seconds
    self._disputes[license_id][period] = ILicenseEnforcement.Dispute(
        amount=amount,
        due=self._assessments[license_id][period].due,
        account=msg.sender,
        opened_at=block.timestamp,
        decide_until=decide_until,
    )
    self._assessments[license_id][period] = empty(ILicenseEnforcement.Assessment)
    return decide_until


@internal
@view
def _load_dispute(license_id: uint256, period: uint256) -> ILicenseEnforcement.Dispute:
    dispute: ILicenseEnforcement.Dispute = self._disputes[license_id][period]
    assert dispute.amount > 0, "no dispute is open"
    return dispute


@internal
def _close_dispute(license_id: uint256, period: uint256):
    self._disputes[license_id][period] = empty(ILicenseEnforcement.Dispute)
    self._open_count[license_id] -= 1
