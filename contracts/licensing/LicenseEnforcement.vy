# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License enforcement
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Bonds and what they are for: missing reports, overdue dues, assessments after audits, disputes, ends. Payments in
        kind.
@dev Holds bonds, disputed amounts, refunds and offers in kind; pays the models through the market and the router like anybody else.
@custom:invariant accounted(asset) = sum of bonds + open disputes' amounts + refunds + open offers in kind, per asset.
                  Of a dispute's amount each unit goes to the model or back to who disputed, never elsewhere.
@custom:halt Cannot be paused: what is owed must stay enforceable, and what is disputed must end.
"""

from ethereum.ercs import IERC721

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.licensing import in_kind_offers
from contracts.licensing import terms_words
from interfaces import ILicenseCatalog
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket
from interfaces import IRoyaltyRouter

implements: ILicenseEnforcement

initializes: governed
initializes: asset_ledger
initializes: in_kind_offers

exports: (governed.owner, governed.transfer_ownership)
exports: asset_ledger.accounted

# Missing periods that one `enforce` books; more take more calls.
MAX_ENFORCED: constant(uint256) = 12
# To read an audit's findings and to answer them.
ANSWER_SECONDS: public(constant(uint256)) = 14 * 86_400
# Several votes fit; a dispute that nobody decides must not hold money for ever.
DECISION_SECONDS: public(constant(uint256)) = 60 * 86_400
MAX_UNITS: constant(uint256) = 2**64 - 1

MARKET: public(immutable(ILicenseMarket))
CATALOG: public(immutable(ILicenseCatalog))

bond: public(HashMap[uint256, uint256])
# Account => asset => what decisions gave back and nobody withdrew yet.
refund: public(HashMap[address, HashMap[address, uint256]])
_assessments: HashMap[uint256, ILicenseEnforcement.Assessment]
_disputes: HashMap[uint256, ILicenseEnforcement.Dispute]
# License => estimated period => disputed once.
_was_disputed: HashMap[uint256, HashMap[uint256, bool]]


@deploy
def __init__(market: address, catalog: address):
    """
    @param market The LicenseMarket whose licenses are enforced, for ever; this contract must be its enforcement.
    @param catalog The LicenseCatalog whose terms it sells.
    """
    assert market != empty(address), "market is zero"
    assert catalog != empty(address), "catalog is zero"
    governed.__init__()
    in_kind_offers.__init__()
    MARKET = ILicenseMarket(market)
    CATALOG = ILicenseCatalog(catalog)


# --- bonds ---


@external
def receive_bond(license_id: uint256, asset: address, amount: uint256):
    assert msg.sender == MARKET.address, "caller is not the market"
    self.bond[license_id] += amount
    log ILicenseEnforcement.BondReceived(license_id=license_id, asset=asset, amount=amount)
    asset_ledger._book_arrived(asset, amount)


@external
def enforce(license_id: uint256) -> (uint256, uint256):
    booked: uint256 = 0
    for _: uint256 in range(MAX_ENFORCED):
        if not self._is_missing(license_id):
            break
        extcall MARKET.estimate(license_id)
        booked += 1
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    bond: uint256 = self.bond[license_id]
    amount: uint256 = min(bond, state.overdue + state.interest)
    assert booked > 0 or amount > 0, "nothing to enforce"
    self.bond[license_id] = bond - amount
    log ILicenseEnforcement.Enforced(license_id=license_id, account=msg.sender, booked=booked, amount=amount)
    if amount > 0:
        asset: address = self._core(state.terms_id).asset
        asset_ledger._hand_over_begin(asset, MARKET.address, amount)
        extcall MARKET.pay(license_id, amount)
        asset_ledger._hand_over_end(asset, amount)
    return booked, amount


@external
def release_bond(license_id: uint256) -> uint256:
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    core: terms_words.Core = self._core(state.terms_id)
    # One period more in which an audit still finds the bond.
    over: bool = state.ends_at != max_value(uint256) and block.timestamp >= state.ends_at + core.period_seconds
    assert over and not state.held, "bond is still held"
    period: uint256 = 0
    ends_at: uint256 = 0
    due_at: uint256 = 0
    period, ends_at, due_at = staticcall MARKET.next_period(license_id)
    assert period == 0 and staticcall MARKET.outstanding(license_id) == 0, "license has arrears"
    amount: uint256 = self.bond[license_id]
    self.bond[license_id] = 0
    licensee: address = self._licensee(license_id)
    log ILicenseEnforcement.BondReturned(license_id=license_id, licensee=licensee, amount=amount)
    asset_ledger._push(core.asset, licensee, amount)
    return amount


# --- ends ---


@external
def terminate(license_id: uint256):
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._check_running(state)
    assert state.overdue_since != 0, "nothing is overdue"
    words: uint256[5] = staticcall CATALOG.packed(state.terms_id)
    cured_until: uint256 = state.overdue_since + terms_words._cure_seconds(words[4])
    assert block.timestamp >= cured_until, "license can still be cured"
    assert not self._is_missing(license_id), "report is missing"
    assert self.bond[license_id] == 0, "bond is not used up"
    log ILicenseEnforcement.Terminated(license_id=license_id, account=msg.sender)
    extcall MARKET.end(license_id, block.timestamp)


@external
def surrender(license_id: uint256) -> uint256:
    self._only_licensee(license_id)
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    self._check_running(state)
    assert state.ends_at == max_value(uint256), "term is not over"
    period_seconds: uint256 = self._core(state.terms_id).period_seconds
    ends_at: uint256 = block.timestamp
    if period_seconds > 0:
        ends_at = state.starts_at + ((block.timestamp - state.starts_at) // period_seconds + 1) * period_seconds
    log ILicenseEnforcement.Surrendered(license_id=license_id, account=msg.sender, ends_at=ends_at)
    extcall MARKET.end(license_id, ends_at)
    return ends_at


# --- assessments and disputes ---


@external
def assess(license_id: uint256, period: uint256, revenue: uint256, units: uint256, evidence_hash: bytes32) -> uint256:
    governed._only_owner()
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    assert not state.held, "license is in dispute"
    known: uint256 = 0
    estimated: bool = False
    known, estimated = staticcall MARKET.reported(license_id, period)
    assert revenue <= terms_words.MASK_112 and units <= MAX_UNITS, "figures are too large"
    words: uint256[5] = staticcall CATALOG.packed(state.terms_id)
    core: terms_words.Core = terms_words._core(words[0], words[1])
    due: uint256 = terms_words._due(core, words[2], revenue, units, state.due - known)
    assert due != known, "nothing changes"
    answer_until: uint256 = block.timestamp
    if due > known:
        answer_until += ANSWER_SECONDS
        self._assessments[license_id] = ILicenseEnforcement.Assessment(
            period=period, extra=due - known, answer_until=answer_until
        )
    log ILicenseEnforcement.Assessed(
        license_id=license_id,
        period=period,
        old_due=known,
        new_due=due,
        answer_until=answer_until,
        evidence_hash=evidence_hash,
    )
    extcall MARKET.decide(license_id, period, 0, known - min(due, known), 0, 0, due > known)
    return due


@external
def conclude(license_id: uint256):
    assessment: ILicenseEnforcement.Assessment = self._assessments[license_id]
    assert assessment.period != 0, "no assessment is open"
    if block.timestamp < assessment.answer_until:
        assert msg.sender == self._licensee(license_id), "answer window is open"
    self._assessments[license_id] = empty(ILicenseEnforcement.Assessment)
    log ILicenseEnforcement.AssessmentConcluded(
        license_id=license_id, period=assessment.period, extra=assessment.extra
    )
    extcall MARKET.decide(license_id, assessment.period, assessment.extra, 0, 0, 0, False)


@external
def dispute(license_id: uint256, period: uint256, amount: uint256, evidence_hash: bytes32):
    self._only_licensee(license_id)
    assert self._disputes[license_id].period == 0, "dispute is open"
    assessment: ILicenseEnforcement.Assessment = self._assessments[license_id]
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    most: uint256 = assessment.extra
    if assessment.period != 0:
        self._check_disputable(period == assessment.period)
        assert block.timestamp < assessment.answer_until, "answer window is over"
        self._assessments[license_id] = empty(ILicenseEnforcement.Assessment)
        log ILicenseEnforcement.AssessmentConcluded(license_id=license_id, period=period, extra=assessment.extra)
    else:
        most = self._disputable(license_id, state, period)
        self._was_disputed[license_id][period] = True
    assert amount > 0 and amount <= most, "amount cannot be disputed"
    self._disputes[license_id] = ILicenseEnforcement.Dispute(
        period=period,
        amount=amount,
        account=msg.sender,
        decide_until=block.timestamp + DECISION_SECONDS,
    )
    log ILicenseEnforcement.Disputed(
        license_id=license_id, period=period, account=msg.sender, amount=amount, evidence_hash=evidence_hash
    )
    asset_ledger._pull(self._core(state.terms_id).asset, msg.sender, amount)
    extcall MARKET.decide(license_id, period, assessment.extra, 0, amount, 0, True)


@external
def decide(license_id: uint256, upheld: uint256):
    governed._only_owner()
    amount: uint256 = self._open_amount(license_id)
    assert upheld <= amount, "more than is in escrow"
    self._end_dispute(license_id, upheld)


@external
def expire(license_id: uint256):
    amount: uint256 = self._open_amount(license_id)
    assert block.timestamp >= self._disputes[license_id].decide_until, "dispute is not expired"
    self._end_dispute(license_id, amount)


@external
def withdraw(account: address, asset: address) -> uint256:
    amount: uint256 = self.refund[account][asset]
    if amount == 0:
        return 0
    self.refund[account][asset] = 0
    log ILicenseEnforcement.Refunded(account=account, asset=asset, amount=amount)
    asset_ledger._push(asset, account, amount)
    return amount


# --- in kind ---


@external
def offer_in_kind(license_id: uint256, token: address, amount: uint256, credit: uint256):
    self._only_licensee(license_id)
    in_kind_offers._make(
        license_id, ILicenseEnforcement.InKindOffer(token=token, amount=amount, credit=credit, account=msg.sender)
    )
    log ILicenseEnforcement.InKindOffered(
        license_id=license_id, token=token, account=msg.sender, amount=amount, credit=credit
    )
    asset_ledger._pull(token, msg.sender, amount)


@external
def withdraw_in_kind(license_id: uint256):
    offer: ILicenseEnforcement.InKindOffer = in_kind_offers._end(license_id)
    assert msg.sender == offer.account, "caller did not offer it"
    log ILicenseEnforcement.InKindWithdrawn(license_id=license_id, token=offer.token, amount=offer.amount)
    asset_ledger._push(offer.token, offer.account, offer.amount)


@external
def accept_in_kind(license_id: uint256, token: address, amount: uint256, credit: uint256):
    governed._only_owner()
    offer: ILicenseEnforcement.InKindOffer = in_kind_offers._end(license_id)
    seen: bool = offer.token == token and offer.amount == amount and offer.credit == credit
    assert seen, "offer is another"
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    registry: address = staticcall CATALOG.REGISTRY()
    assert staticcall IERC721(registry).ownerOf(state.model_id) == msg.sender, "caller does not own the model"
    log ILicenseEnforcement.InKindAccepted(license_id=license_id, token=token, amount=amount, credit=credit)
    # Counted as paid; no period has the number 0, so none is changed.
    extcall MARKET.decide(license_id, 0, 0, 0, credit, 0, state.held)
    router: address = staticcall MARKET.router()
    asset_ledger._push(token, router, amount)
    extcall IRoyaltyRouter(router).collect(
        offer.account, state.model_id, token, amount, convert(license_id, bytes32)
    )


# --- wiring ---


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, staticcall CATALOG.treasury())
    log ILicenseEnforcement.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def assessment(license_id: uint256) -> ILicenseEnforcement.Assessment:
    return self._assessments[license_id]


@external
@view
def in_kind_offer(license_id: uint256) -> ILicenseEnforcement.InKindOffer:
    return in_kind_offers._offers[license_id]


@external
@view
def open_dispute(license_id: uint256) -> ILicenseEnforcement.Dispute:
    return self._disputes[license_id]


# --- internals ---


@internal
@view
def _open_amount(license_id: uint256) -> uint256:
    amount: uint256 = self._disputes[license_id].amount
    assert amount > 0, "no dispute is open"
    return amount


@internal
def _end_dispute(license_id: uint256, upheld: uint256):
    """
    @dev `upheld` of the escrow goes to the model, the rest waits for who disputed. Licenses that were terminated or
         whose model was sold meanwhile change nothing about it.
    """
    dispute: ILicenseEnforcement.Dispute = self._disputes[license_id]
    state: ILicenseMarket.License = staticcall MARKET.license(license_id)
    asset: address = self._core(state.terms_id).asset
    rest: uint256 = dispute.amount - upheld
    self._disputes[license_id] = empty(ILicenseEnforcement.Dispute)
    self.refund[dispute.account][asset] += rest
    log ILicenseEnforcement.DisputeDecided(
        license_id=license_id, period=dispute.period, upheld=upheld, refunded=rest
    )
    extcall MARKET.decide(license_id, dispute.period, 0, rest, 0, rest, False)
    if upheld > 0:
        router: address = staticcall MARKET.router()
        asset_ledger._hand_over_begin(asset, router, upheld)
        extcall IRoyaltyRouter(router).pay(state.model_id, asset, upheld, convert(license_id, bytes32))
        asset_ledger._hand_over_end(asset, upheld)


@internal
@view
def _disputable(license_id: uint256, state: ILicenseMarket.License, period: uint256) -> uint256:
    """
    @dev How much of an estimated period can still be disputed.
    """
    due: uint256 = 0
    estimated: bool = False
    due, estimated = staticcall MARKET.reported(license_id, period)
    self._check_disputable(estimated and not self._was_disputed[license_id][period] and not state.held)
    return min(due, state.due - min(state.due, state.paid))


@internal
@pure
def _check_disputable(is_disputable: bool):
    assert is_disputable, "period cannot be disputed"


@internal
@view
def _is_missing(license_id: uint256) -> bool:
    """
    @dev Whether the next report is overdue.
    """
    period: uint256 = 0
    ends_at: uint256 = 0
    due_at: uint256 = 0
    period, ends_at, due_at = staticcall MARKET.next_period(license_id)
    return period != 0 and block.timestamp >= due_at


@internal
@view
def _core(terms_id: uint256) -> terms_words.Core:
    """
    @dev The catalogue never changes terms, so it says what the market froze.
    """
    words: uint256[5] = staticcall CATALOG.packed(terms_id)
    return terms_words._core(words[0], words[1])


@internal
@view
def _licensee(license_id: uint256) -> address:
    return staticcall IERC721(MARKET.address).ownerOf(license_id)


@internal
@view
def _only_licensee(license_id: uint256):
    # Answers for what is not there with the market's words.
    assert staticcall MARKET.license_count() >= license_id and license_id > 0, "unknown license"
    assert msg.sender == self._licensee(license_id), "caller is not the licensee"


@internal
@view
def _check_running(state: ILicenseMarket.License):
    assert not state.ended_early and block.timestamp < state.ends_at, "license has ended"
