# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License enforcement
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Holds bonds, pays overdue dues from them, and lets the arbiter assess periods, decide disputes and end licenses.
@dev Holds bonds, disputed amounts and refunds; pays dues through the market, and forfeited bonds straight to the
     router.
@custom:invariant accounted(asset) = sum of bonds + open disputes' amounts + refunds, per asset. Of a dispute's amount
                  each unit goes to the model or back to who disputed, never elsewhere.
@custom:halt Cannot be paused: what is owed must stay enforceable, and what is disputed must end. A conclusion,
             decision, expiry or dispute of a part that forfeits a bond waits while the router refuses the asset
             (docs/RISKS.md).
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC721

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import vote_windows
from contracts.licensing import accusations
from contracts.licensing import audits
from contracts.licensing import bonds
from contracts.licensing import packed_terms_billing
from contracts.licensing import packed_terms_derivation
from contracts.licensing import refunds
from contracts.licensing import shortfalls
from contracts.licensing import terms_layout
from interfaces import ILicenseCatalog
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket
from interfaces import IRoyaltyRouter

implements: ILicenseEnforcement

initializes: governed
initializes: asset_ledger
initializes: vote_windows[governed := governed]
initializes: accusations
initializes: audits
initializes: bonds[asset_ledger := asset_ledger]
initializes: refunds[asset_ledger := asset_ledger]
initializes: shortfalls

exports: (governed.owner, governed.transfer_ownership)
exports: (accusations.ANSWER_SECONDS, accusations.accusation, asset_ledger.accounted)
exports: (audits.assessment, audits.audit, audits.open_dispute)
exports: (bonds.REFILL_SECONDS, bonds.bond, bonds.bond_short_since)
exports: (refunds.refund, refunds.withdraw)
exports: (vote_windows.governor, vote_windows.set_governor, vote_windows.vote_seconds)

MARKET: public(immutable(ILicenseMarket))
CATALOG: public(immutable(ILicenseCatalog))


@deploy
def __init__(market: address, catalog: address):
    """
    @param market The LicenseMarket whose licenses are enforced, for ever; this contract must be its enforcement.
    @param catalog The LicenseCatalog whose terms it sells.
    """
    assert market != empty(address), "market is zero"
    assert catalog != empty(address), "catalog is zero"
    governed.__init__()
    vote_windows.__init__()
    accusations.__init__()
    audits.__init__()
    bonds.__init__()
    refunds.__init__()
    shortfalls.__init__()
    MARKET = ILicenseMarket(market)
    CATALOG = ILicenseCatalog(catalog)


# --- bonds ---


@external
def receive_bond(license_id: uint256, asset: address, amount: uint256):
    assert msg.sender == MARKET.address, "caller is not the market"
    bonds._receive(license_id, asset, amount)


@external
def fill_bond(license_id: uint256, max_amount: uint256) -> uint256:
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._check_not_ended(state)
    packed_terms: uint256[5] = self._packed_terms(state.terms_id)
    full_bond: uint256 = terms_layout._bond(packed_terms)
    return bonds._fill(license_id, terms_layout._asset(packed_terms), full_bond, max_amount)


@external
def enforce(license_id: uint256) -> (uint256, uint256):
    booked: uint256 = 0
    amount: uint256 = 0
    booked, amount = self._enforce(license_id)
    assert booked > 0 or amount > 0, "nothing to enforce"
    return booked, amount


@external
def release_bond(license_id: uint256) -> uint256:
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    packed_terms: uint256[5] = self._packed_terms(state.terms_id)
    period_seconds: uint256 = packed_terms_billing._period_seconds(packed_terms[terms_layout.BILLING])
    # An audit still finds the bond for one period after the end.
    is_over: bool = state.ends_at != max_value(uint256) and block.timestamp >= state.ends_at + period_seconds
    assert is_over and not self._is_held(license_id), "bond is still held"
    period: uint256 = 0
    opens_at: uint256 = 0
    due_at: uint256 = 0
    period, opens_at, due_at = staticcall MARKET.next_period(license_id)
    assert period == 0 and staticcall MARKET.outstanding(license_id) == 0, "license has arrears"
    return bonds._pay_back(license_id, terms_layout._asset(packed_terms), self._licensee(license_id))


# --- ends ---


@external
def terminate(license_id: uint256) -> bool:
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._check_not_ended(state)
    is_bond_late: bool = bonds._is_refill_overdue(license_id)
    if not is_bond_late:
        assert state.overdue_since != 0, "nothing is overdue"
        derivation: uint256 = self._packed_terms(state.terms_id)[terms_layout.DERIVATION]
        curable_until: uint256 = state.overdue_since + packed_terms_derivation._cure_seconds(derivation)
        assert block.timestamp >= curable_until, "license can still be cured"
    self._enforce(license_id)
    if not is_bond_late:
        if staticcall MARKET.is_in_good_standing(license_id):
            return False
        self._check_bond_is_no_use(license_id)
    log ILicenseEnforcement.Terminated(license_id=license_id, account=msg.sender)
    self._end_for_breach(license_id)
    return True


@external
def surrender(license_id: uint256) -> uint256:
    self._only_licensee(license_id)
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._check_not_ended(state)
    assert state.ends_at == max_value(uint256), "term is not over"
    billing: uint256 = self._packed_terms(state.terms_id)[terms_layout.BILLING]
    period_seconds: uint256 = packed_terms_billing._period_seconds(billing)
    ends_at: uint256 = block.timestamp
    if period_seconds > 0:
        ends_at = state.starts_at + ((block.timestamp - state.starts_at) // period_seconds + 1) * period_seconds
    log ILicenseEnforcement.Surrendered(license_id=license_id, account=msg.sender, ends_at=ends_at)
    extcall MARKET.end(license_id, ends_at)
    return ends_at


# --- assessments and disputes ---


@external
def assess(
    license_id: uint256,
    period: uint256,
    revenue: uint256,
    units: uint256,
    evidence_hash: bytes32,
    auditor: address = empty(address),
    audit_cost: uint256 = 0,
) -> uint256:
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._only_arbiter(state.terms_id)
    audits._check_not_open(license_id, period)
    # An arbiter named by terms could otherwise pay itself out of the bond that its own finding forfeits.
    assert audit_cost == 0 or msg.sender == governed.ownable.owner, "only a vote pays for an audit"
    audits._check_audit_cost(auditor, audit_cost)
    due: uint256 = staticcall MARKET.due_for(license_id, period, revenue, units)
    old_due: uint256 = 0
    is_estimate: bool = False
    is_capped: bool = False
    old_due, is_estimate, is_capped = staticcall MARKET.reported(license_id, period)
    if is_estimate:
        # The assessment comes before the report, which cannot hide what was found: a shortfall counts from `due` on.
        shortfalls._set_judged_due(license_id, period, due)
    else:
        shortfalls._record_own_due(license_id, period, old_due, is_capped)
    # An assessment of an estimate also binds the later report: it can be answered even if it lowers the estimate.
    is_answered: bool = due > old_due or is_estimate
    assert is_answered or due < old_due, "nothing changes"
    answer_until: uint256 = block.timestamp
    if is_answered:
        answer_until = audits._open_assessment(license_id, period, due, auditor, audit_cost)
    log ILicenseEnforcement.Assessed(
        license_id=license_id, period=period, old_due=old_due, new_due=due, answer_until=answer_until,
        evidence_hash=evidence_hash,
    )
    if not is_answered:
        if staticcall MARKET.is_in_good_standing(license_id):
            shortfalls._record_paid_due(license_id, period, old_due)
        extcall MARKET.set_due(license_id, period, due, shortfalls._own_or_paid_due(license_id, period), 0, 0)
    return due


@external
def conclude(license_id: uint256, period: uint256):
    assessment: ILicenseEnforcement.Assessment = audits._load_assessment(license_id, period)
    if block.timestamp < assessment.answer_until:
        assert msg.sender == self._licensee(license_id), "answer window is open"
    audits._close_assessment(license_id, period)
    self._apply_assessment(license_id, period, assessment.due, assessment.due, 0, 0)


@external
def dispute(license_id: uint256, period: uint256, amount: uint256, evidence_hash: bytes32):
    self._only_licensee(license_id)
    assessment: ILicenseEnforcement.Assessment = audits._load_assessment(license_id, period)
    assert block.timestamp < assessment.answer_until, "answer window is over"
    old_due: uint256 = 0
    is_estimate: bool = False
    is_capped: bool = False
    old_due, is_estimate, is_capped = staticcall MARKET.reported(license_id, period)
    # An estimate is answered by the licensee's own report, not by a dispute.
    assert not is_estimate, "period is not reported"
    max_amount: uint256 = assessment.due - min(assessment.due, old_due)
    assert amount > 0 and amount <= max_amount, "amount cannot be disputed"
    decide_until: uint256 = audits._dispute(license_id, period, amount, vote_windows._vote_seconds())
    log ILicenseEnforcement.Disputed(
        license_id=license_id, period=period, account=msg.sender, amount=amount, decide_until=decide_until,
        evidence_hash=evidence_hash,
    )
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    asset_ledger._pull(self._asset(state.terms_id), msg.sender, amount)
    if amount < max_amount:
        self._apply_assessment(license_id, period, assessment.due - amount, assessment.due, 0, 0)


@external
def decide(license_id: uint256, period: uint256, opened_at: uint256, upheld: uint256):
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._only_arbiter(state.terms_id)
    dispute: ILicenseEnforcement.Dispute = audits._load_dispute(license_id, period)
    assert dispute.opened_at == opened_at, "dispute is another"
    assert block.timestamp < dispute.decide_until, "dispute is expired"
    assert upheld <= dispute.amount, "more than is in escrow"
    self._end_dispute(license_id, period, dispute, upheld)


@external
def expire(license_id: uint256, period: uint256):
    dispute: ILicenseEnforcement.Dispute = audits._load_dispute(license_id, period)
    assert block.timestamp >= dispute.decide_until, "dispute is not expired"
    self._end_dispute(license_id, period, dispute, dispute.amount)


# --- misuse ---


@external
def accuse(license_id: uint256, evidence_hash: bytes32):
    self._check_accuser(license_id)
    accusations._open(license_id, evidence_hash, vote_windows._vote_seconds())


@external
def answer(license_id: uint256, answer_hash: bytes32):
    self._only_licensee(license_id)
    accusations._answer(license_id, answer_hash)


@external
def end_for_misuse(license_id: uint256, evidence_hash: bytes32):
    self._check_accuser(license_id)
    accusations._decide(license_id, evidence_hash)
    self._end_for_breach(license_id)


# --- wiring ---


@external
def skim_market(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    asset_ledger._check_receiver(receiver)
    amount: uint256 = staticcall IERC20(asset).balanceOf(MARKET.address)
    log ILicenseEnforcement.Skimmed(asset=asset, receiver=receiver, amount=amount)
    asset_ledger._forward(asset, MARKET.address, receiver, amount)
    return amount


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, staticcall CATALOG.treasury())
    log ILicenseEnforcement.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def is_held(license_id: uint256) -> bool:
    return self._is_held(license_id)


# --- internals ---


@internal
def _enforce(license_id: uint256) -> (uint256, uint256):
    """
    @dev Estimates what is missing and pays what is overdue from the bond. Returns the periods booked and the amount.
    """
    booked: uint256 = extcall MARKET.estimate(license_id)
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    # While an assessment or a dispute is open the bond pays no dues, so that all of it can be forfeited.
    amount: uint256 = 0
    if not audits._is_open(license_id):
        amount = min(bonds.bond[license_id], state.overdue + state.interest)
    if booked == 0 and amount == 0:
        return 0, 0
    if amount > 0:
        bonds._reduce(license_id, amount, terms_layout._bond(self._packed_terms(state.terms_id)))
    log ILicenseEnforcement.Enforced(license_id=license_id, account=msg.sender, booked=booked, amount=amount)
    self._pay_market(license_id, state.terms_id, amount)
    return booked, amount


@internal
@view
def _check_bond_is_no_use(license_id: uint256):
    """
    @dev Refuses to terminate while an open audit alone keeps the bond from curing the license: no report is missing and
         the bond covers the overdue principal. Interest is left out, as it grew while the bond had to wait.
    """
    if not audits._is_open(license_id):
        return
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    bond: uint256 = bonds.bond[license_id]
    is_no_use: bool = state.periods_booked > state.periods_reported or bond == 0 or state.overdue > bond
    assert is_no_use, "bond waits for an audit"


@internal
def _end_dispute(license_id: uint256, period: uint256, dispute: ILicenseEnforcement.Dispute, upheld: uint256):
    """
    @dev Closes a dispute. Of `upheld` as much goes to the model as the due rises within the cap and credit does not
         pay; the rest of the escrow is credited to who disputed. An end of the license or a sale of the model changes
         nothing.
    """
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    audits._close_dispute(license_id, period)
    due: uint256 = dispute.due - dispute.amount + upheld
    raised: uint256 = self._apply_assessment(license_id, period, due, dispute.due, upheld, dispute.opened_at)
    shortfalls._lower_judged_due(license_id, period, due)
    owed: uint256 = min(upheld, min(raised, staticcall MARKET.outstanding(license_id)))
    rest: uint256 = dispute.amount - owed
    refunds._credit(dispute.account, self._asset(state.terms_id), rest)
    log ILicenseEnforcement.DisputeDecided(license_id=license_id, period=period, upheld=owed, refunded=rest)
    self._pay_market(license_id, state.terms_id, owed)


@internal
def _apply_assessment(
    license_id: uint256, period: uint256, due: uint256, assessed: uint256, escrow: uint256, escrow_since: uint256
) -> uint256:
    """
    @dev Makes the period owe `due`, the part of `assessed` that stands. An own report is only raised, an estimate also
         lowered. `escrow` units of the raise have been here since `escrow_since`. Forfeits the bond if the own report
         was short of `due`, whatever the cap leaves of it. Returns by how much the due rose.
    """
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    old_due: uint256 = 0
    is_estimate: bool = False
    is_capped: bool = False
    old_due, is_estimate, is_capped = staticcall MARKET.reported(license_id, period)
    stands: uint256 = due
    if not is_estimate:
        stands = max(due, old_due)
        shortfalls._record_own_due(license_id, period, old_due, is_capped)
    new_due: uint256 = extcall MARKET.set_due(
        license_id, period, stands, shortfalls._own_or_paid_due(license_id, period), escrow, escrow_since
    )
    raised: uint256 = new_due - min(new_due, old_due)
    log ILicenseEnforcement.AssessmentConcluded(license_id=license_id, period=period, raised=raised)
    if shortfalls._is_short(license_id, period, due):
        # The next shortfall counts from all of the assessment: what is still in dispute was hidden by the same report
        # and must not cost a second bond.
        shortfalls._set_judged_due(license_id, period, assessed)
        self._forfeit(license_id, period, state)
    return raised


@internal
def _forfeit(license_id: uint256, period: uint256, state: ILicenseMarket.License):
    """
    @dev Forfeits the whole bond: the cost of the audit, at most half of the bond, is credited to the auditor, the rest
         goes to the model. It pays no dues.
    """
    bond: uint256 = bonds.bond[license_id]
    if bond == 0:
        return
    packed_terms: uint256[5] = self._packed_terms(state.terms_id)
    asset: address = terms_layout._asset(packed_terms)
    auditor: address = empty(address)
    audit_paid: uint256 = 0
    auditor, audit_paid = audits._auditor_part(license_id, period, bond)
    amount: uint256 = bond - audit_paid
    bonds._reduce(license_id, bond, terms_layout._bond(packed_terms))
    refunds._credit(auditor, asset, audit_paid)
    log ILicenseEnforcement.BondForfeited(
        license_id=license_id, period=period, amount=amount, auditor=auditor, audit_paid=audit_paid
    )
    router: address = staticcall MARKET.router()
    asset_ledger._begin_hand_over(asset, router, amount)
    extcall IRoyaltyRouter(router).pay(state.model_id, asset, amount, convert(license_id, bytes32))
    asset_ledger._end_hand_over(asset, amount)


@internal
def _end_for_breach(license_id: uint256):
    """
    @dev Ends the license at once. A holder who bought it itself pays more for its next one of the model.
    """
    extcall MARKET.end(license_id, block.timestamp)
    extcall CATALOG.note_end(MARKET.address, license_id)


@internal
def _pay_market(license_id: uint256, terms_id: uint256, amount: uint256):
    if amount == 0:
        return
    asset: address = self._asset(terms_id)
    asset_ledger._begin_hand_over(asset, MARKET.address, amount)
    extcall MARKET.pay(license_id, amount)
    asset_ledger._end_hand_over(asset, amount)


@internal
@view
def _is_held(license_id: uint256) -> bool:
    return audits._is_open(license_id) or accusations._is_open(license_id)


@internal
@view
def _check_accuser(license_id: uint256):
    """
    @dev The arbiter, of a license that has not ended.
    """
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._only_arbiter(state.terms_id)
    self._check_not_ended(state)


@internal
@view
def _packed_terms(terms_id: uint256) -> uint256[5]:
    """
    @dev Packed terms, read from the catalog: they never change, so they equal the copy of the market.
    """
    return staticcall CATALOG.packed(terms_id)


@internal
@view
def _asset(terms_id: uint256) -> address:
    return terms_layout._asset(self._packed_terms(terms_id))


@internal
@view
def _licensee(license_id: uint256) -> address:
    return staticcall IERC721(MARKET.address).ownerOf(license_id)


@internal
@view
def _only_licensee(license_id: uint256):
    # ownerOf would revert with ERC721NonexistentToken; this contract says `unknown license`.
    assert staticcall MARKET.license_count() >= license_id and license_id > 0, "unknown license"
    assert msg.sender == self._licensee(license_id), "caller is not the licensee"


@internal
@view
def _only_arbiter(terms_id: uint256):
    """
    @dev Refuses all but who assesses and decides about licenses under these terms.
    """
    assert msg.sender == staticcall CATALOG.arbiter_of(terms_id), "caller is not the arbiter"


@internal
@view
def _check_not_ended(state: ILicenseMarket.License):
    # A surrendered license runs on to its end: surrendering shields from nothing.
    assert block.timestamp < state.ends_at, "license has ended"
