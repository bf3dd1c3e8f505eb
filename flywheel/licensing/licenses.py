"""Licensees: buy a licence, report revenue, pay, renew; licensors: offer and retire terms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flywheel import amounts
from flywheel.chain import connection, logs
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import fix, unknown
from flywheel.governance import proposals
from flywheel.licensing import dues
from flywheel.licensing.offer_terms import LicenceTerms, day_and_time, royalty_words
from flywheel.models import registry
from flywheel.models.kinds import ModelKind
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI

FOREVER = 2**64  # Ends from here on never come.


@dataclass(frozen=True)
class Licence:
    """A licence as it stands."""

    license_id: int
    terms_id: int
    model_id: int
    licensee: str
    starts_at: int
    ends_at: int
    ended_early: bool
    periods_reported: int
    periods_booked: int
    overdue: int
    interest: int
    overdue_since: int
    bond: int
    # Unix second since which the bond is below that of the terms, 0 if it is not.
    bond_short_since: int
    held: bool
    due: int
    paid: int
    next_period: int
    next_period_opens_at: int
    next_period_due_at: int
    # What the next period and those after it owe by estimate, if somebody booked it: a report
    # replaces that.
    estimates: tuple[int, ...]
    reporter: str
    in_good_standing: bool

    @property
    def outstanding(self) -> int:
        return max(0, self.due - self.paid) + self.interest

    @property
    def credit(self) -> int:
        return max(0, self.paid - self.due)


@dataclass(frozen=True)
class Report:
    """A period as it was reported on chain, or estimated because nobody reported it."""

    period: int
    revenue: int
    units: int
    evidence_hash: bytes
    due: int
    estimated: bool


# --- licensors ---


def to_derive(
    model_id: int, fee: int, shares: Mapping[ModelKind, int], legal_uri: str
) -> LicenceTerms:
    """Terms for deriving only: `fee` at once, and `shares` in basis points of what a derived model
    is paid, by its kind."""
    return LicenceTerms(
        model_id=model_id,
        upfront_fee=fee,
        share_bps=0,
        minimum_per_period=0,
        period_seconds=0,
        grace_seconds=0,
        term_seconds=0,
        transferable=False,
        legal_uri=legal_uri,
        derivation_bps=tuple((kind.value.bit_length() - 1, bps) for kind, bps in shares.items()),
    )


def offer(suite: Suite, terms: LicenceTerms) -> proposals.Action:
    """The action that offers licence terms for a model of the DAO."""
    unit = assets.unit_of(suite, terms.asset)
    return proposals.action(
        suite.catalog,
        "offer_terms",
        terms.struct(str(suite.asset.address)),
        words=(
            f"offer {'exclusive ' if terms.exclusive else ''}licences of model {terms.model_id}: "
            f"{unit.show(terms.upfront_fee)} at once, "
            f"royalty: {royalty_words(terms, unit)}"
        ),
    )


def owner_of_model(suite: Suite, model_id: int) -> str:
    """Who may offer and retire terms of a model. Raises `FlywheelError` if there is no model."""
    registry.require(suite, model_id)
    return str(suite.registry.ownerOf(model_id))


def require_offer_succeeds(suite: Suite, terms: LicenceTerms, owner: str) -> None:
    """Raises `FlywheelError` with the catalog's reason if it would refuse the offer now."""
    from flywheel.chain import reverts, simulation
    from flywheel.errors import FlywheelError

    action = offer(suite, terms)
    outcomes, _ = simulation.run([simulation.Call(owner, action.target, action.calldata, 0)])
    if not outcomes[0].ok:
        raise FlywheelError(reverts.explain_reason(outcomes[0].reason))


def offer_directly(suite: Suite, owner: "AccountAPI", terms: LicenceTerms) -> int:
    """Offers terms for a model of one's own; returns their id."""
    struct = terms.struct(str(suite.asset.address))
    receipt = connection.send(suite.catalog.offer_terms, struct, sender=owner)
    return int(connection.event_of(receipt, suite.catalog.TermsOffered).terms_id)


def as_named_action(suite: Suite, terms: LicenceTerms) -> dict[str, Any]:
    """The offer as `ape run vote propose` reads it, every amount with its unit."""
    unit = assets.unit_of(suite, terms.asset)
    known = unit.symbol if unit.symbol in (suite.symbol, suite.token_symbol) else "units"

    def money(units: int) -> str:
        exact = amounts.show(units, unit.decimals if known == unit.symbol else 0)
        return f"{exact} {known}"

    shares = dict(terms.derivation_bps)
    return {
        "contract": "LicenseCatalog",
        "function": "offer_terms",
        "arguments": {
            "terms": {
                "model_id": terms.model_id,
                "asset": unit.address,
                "upfront_fee": money(terms.upfront_fee),
                "bond": money(terms.bond),
                "share_bps": f"{terms.share_bps} bps",
                "price_per_unit": money(terms.price_per_unit),
                "minimum_per_period": money(terms.minimum_per_period),
                "royalty_cap": money(terms.royalty_cap),
                "late_bps_per_year": f"{terms.late_bps_per_year} bps",
                "period_seconds": f"{terms.period_seconds} seconds",
                "grace_seconds": f"{terms.grace_seconds} seconds",
                "cure_seconds": f"{terms.cure_seconds} seconds",
                "term_seconds": f"{terms.term_seconds} seconds",
                "max_licenses": terms.max_licenses,
                "offered_until": day_and_time(terms.offered_until),
                "licensee": terms.licensee or connection.ZERO_ADDRESS,
                "arbiter": terms.arbiter or connection.ZERO_ADDRESS,
                "transferable": terms.transferable,
                "sublicensable": terms.sublicensable,
                "renewable": terms.renewable,
                "exclusive": terms.exclusive,
                "approval_required": terms.approval_required,
                "share_alike": terms.share_alike,
                "attribution": terms.attribution,
                "derivations": sum(1 << kind for kind in shares),
                "derivation_share_bps": [f"{shares.get(kind, 0)} bps" for kind in range(8)],
                "field_of_use": terms.field_of_use,
                "legal_hash": f"0x{terms.legal_hash.hex()}",
                "legal_uri": terms.legal_uri,
                "summary_hash": f"0x{(terms.summary_hash or bytes(32)).hex()}",
                "summary_uri": terms.summary_uri,
            }
        },
    }


def retire(suite: Suite, owner: "AccountAPI", terms_id: int) -> None:
    """Sells no more licences under these terms; those that were sold are untouched."""
    connection.send(suite.catalog.retire_terms, terms_id, sender=owner)


# --- licensees ---


def terms_of(suite: Suite, terms_id: int) -> LicenceTerms:
    """Terms by their id. Raises `FlywheelError` if they do not exist."""
    return LicenceTerms.of(connection.call(suite.catalog.terms, terms_id))


def fee_for(suite: Suite, terms_id: int, account: str) -> int:
    """What an account would be charged at once, apart from the bond, for a licence under terms."""
    return int(connection.call(suite.catalog.fee_for, terms_id, account))


def why_dearer(suite: Suite, terms: LicenceTerms, fee: int) -> str:
    """Why an account pays `fee` and not the fee of the terms; empty if it pays that."""
    times = int(suite.catalog.FEES_AFTER_TERMINATION())
    if fee == terms.upfront_fee:
        return ""
    if terms.upfront_fee:
        price = "the fee"
    else:
        price = "the minimum per period" if terms.minimum_per_period else "the bond"
    return (
        f"{times} times {price}: a licence of model {terms.model_id} that this account held was "
        "ended for unpaid dues, missing reports or misuse; so it is until it has bought one that "
        "costs no less than the one it lost"
    )


def buy(suite: Suite, licensee: "AccountAPI", terms_id: int, max_cost: int | None = None) -> int:
    """Buys a licence under the terms as they are read now: their hash is sent. Returns its id."""
    terms = terms_of(suite, terms_id)
    unit = assets.unit_of(suite, terms.asset)
    cost = fee_for(suite, terms_id, str(licensee.address)) + terms.bond
    limit = cost if max_cost is None else max_cost
    if cost > limit:
        raise fix(
            f"Fee and bond are {unit.show(cost)}, above {unit.show(limit)}",
            "Raise --max-cost or choose other terms",
        )
    if not suite.catalog.is_offered(terms_id):
        raise fix(f"Terms {terms_id} are not on offer", "See 'ape run license terms show'")
    assets.require_balance(suite, str(licensee.address), cost, unit)
    terms_hash = bytes(suite.catalog.terms_hash(terms_id))
    call = (suite.market.buy, terms_id, terms_hash, limit)
    receipt = assets.pay(suite, licensee, suite.market, cost, unit, call)
    return int(connection.event_of(receipt, suite.market.LicenseBought).license_id)


def set_reporter(suite: Suite, licensee: "AccountAPI", license_id: int, reporter: str) -> None:
    """Names who may report for the holder; the zero address: nobody."""
    connection.send(suite.market.set_reporter, license_id, reporter, sender=licensee)


def renewal_cost(suite: Suite, licence: Licence) -> tuple[int, int]:
    """What a further term takes from the payer: its fee, and what the bond lacks."""
    terms = terms_of(suite, licence.terms_id)
    return terms.upfront_fee, max(0, terms.bond - licence.bond)


def renew(suite: Suite, payer: "AccountAPI", licence: Licence, max_cost: int) -> int:
    """Adds a term; returns the first second after it."""
    unit = assets.unit_of(suite, terms_of(suite, licence.terms_id).asset)
    cost = sum(renewal_cost(suite, licence))
    assets.require_balance(suite, str(payer.address), cost, unit)
    call = (suite.market.renew, licence.license_id, max_cost)
    receipt = assets.pay(suite, payer, suite.market, cost, unit, call)
    return int(connection.event_of(receipt, suite.market.LicenseRenewed).ends_at)


def transfer(suite: Suite, owner: "AccountAPI", license_id: int, to: str) -> None:
    """Hands a licence on, its bond and its obligations with it."""
    holder = get(suite, license_id).licensee
    connection.send(
        connection.method(suite.market, "transferFrom"), holder, to, license_id, sender=owner
    )


def get(suite: Suite, license_id: int) -> Licence:
    """Reads one licence. Raises `FlywheelError` if it does not exist."""
    count = int(suite.market.license_count())
    if not 1 <= license_id <= count:
        raise unknown("licence", license_id, count)
    data = suite.market.license(license_id)
    number, opens_at, due_at = suite.market.next_period(license_id)
    return Licence(
        license_id=license_id,
        terms_id=data.terms_id,
        model_id=data.model_id,
        licensee=str(suite.market.ownerOf(license_id)),
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        ended_early=bool(data.ended_early),
        periods_reported=data.periods_reported,
        periods_booked=data.periods_booked,
        overdue=data.overdue,
        interest=data.interest,
        overdue_since=data.overdue_since,
        bond=int(suite.enforcement.bond(license_id)),
        bond_short_since=int(suite.enforcement.bond_short_since(license_id)),
        held=bool(suite.enforcement.is_held(license_id)),
        due=data.due,
        paid=data.paid,
        next_period=number,
        next_period_opens_at=opens_at,
        next_period_due_at=due_at,
        estimates=_estimates_of(suite, license_id, data),
        reporter=str(suite.market.reporter(license_id)),
        in_good_standing=bool(suite.market.is_in_good_standing(license_id)),
    )


def _estimates_of(suite: Suite, license_id: int, data: Any) -> tuple[int, ...]:
    missing = range(data.periods_reported + 1, data.periods_booked + 1)
    return tuple(int(suite.market.reported(license_id, number)[0]) for number in missing)


def of_account(suite: Suite, account: str) -> list[Licence]:
    """All licences that an account holds, the oldest first."""
    left = int(suite.market.balanceOf(account))
    found: list[Licence] = []
    for license_id in range(int(suite.market.license_count()), 0, -1):
        if len(found) == left:
            break
        if same_account(suite.market.ownerOf(license_id), account):
            found.append(get(suite, license_id))
    return found[::-1]


def may_act(suite: Suite, account: str, licence: Licence) -> bool:
    """Whether an account may report for a licence: its holder, or whom the holder named."""
    return any(same_account(account, who) for who in (licence.licensee, licence.reporter))


def same_account(account: Any, other: Any) -> bool:
    return str(account).lower() == str(other).lower()


def reports(suite: Suite, license_id: int) -> dict[int, Report]:
    """All periods that are on chain, by their number, from the market's events."""
    units = {
        int(log.period): int(log.units) for log in _logs(suite.market.UnitsReported, license_id)
    }
    found = {
        int(log.period): Report(
            period=int(log.period),
            revenue=int(log.revenue),
            units=units.get(int(log.period), 0),
            evidence_hash=bytes(log.evidence_hash),
            due=int(log.due),
            estimated=False,
        )
        for log in _logs(suite.market.PeriodReported, license_id)
    }
    for log in _logs(suite.market.PeriodEstimated, license_id):
        number = int(log.period)
        found.setdefault(number, Report(number, 0, 0, bytes(32), int(log.due), True))
    return found


def paid_so_far(suite: Suite, license_id: int) -> int:
    """Royalties and interest that a licence ever paid, from the market's events."""
    return sum(int(log.amount) for log in _logs(suite.market.RoyaltyPaid, license_id))


def _logs(event: Any, license_id: int) -> Iterator[Any]:
    found = logs.of_event(event, first_block(), topics={"license_id": license_id})
    return (log for log in found if int(log.license_id) == license_id)


def outlook(suite: Suite, licence: Licence) -> dues.Outlook:
    """The licence as it stands now, to see what reports would cost."""
    terms = terms_of(suite, licence.terms_id)
    last: int | None = licence.periods_reported
    if licence.next_period:
        ends = licence.ends_at
        # The origin moves with late renewals; due times follow it.
        end = licence.next_period_due_at - terms.grace_seconds
        origin = end - licence.next_period * terms.period_seconds
        last = None if ends >= FOREVER else (ends - origin) // terms.period_seconds
        if licence.ended_early and ends < FOREVER:
            last = licence.next_period + max(0, ends - end + terms.period_seconds - 1) // (
                terms.period_seconds
            )
    return dues.Outlook(
        terms=terms,
        unit=assets.unit_of(suite, terms.asset),
        now=connection.now(),
        due=licence.due,
        paid=licence.paid,
        interest=licence.interest,
        next_period=licence.next_period,
        next_ends_at=licence.next_period_opens_at,
        next_due_at=licence.next_period_due_at,
        last_period=last,
        estimates=licence.estimates,
        assessed=_assessed(suite, licence) if licence.estimates else frozenset(),
    )


def _assessed(suite: Suite, licence: Licence) -> frozenset[int]:
    """Estimated periods of which an assessment stands, from the enforcement's events."""
    found = _logs(suite.enforcement.AssessmentConcluded, licence.license_id)
    return frozenset(int(log.period) for log in found if log.period > licence.periods_reported)


def due_for(suite: Suite, license_id: int, revenue: int, units: int = 0) -> int:
    """What the next period with that revenue and those units costs, apart from interest."""
    return outlook(suite, get(suite, license_id)).cost(revenue, units).due


def report_and_pay(
    suite: Suite,
    licensee: "AccountAPI",
    license_id: int,
    period: int,
    revenue: int,
    evidence_hash: bytes,
    units: int = 0,
) -> int:
    """Reports a period and pays all that is outstanding with it; returns units paid."""
    licence = get(suite, license_id)
    if period != licence.next_period:
        raise not_next(licence, period)
    view = outlook(suite, licence)
    cost = view.cost(revenue, units)
    assets.require_balance(suite, str(licensee.address), cost.to_pay, view.unit)
    report = Report(period, revenue, units, evidence_hash, 0, False)
    call = report_call(suite, license_id, report, cost.max_amount)
    assets.allow(suite, licensee, suite.market, cost.max_amount, view.unit, call)
    return send_report(suite, licensee, license_id, report, cost.max_amount)


def not_next(licence: Licence, period: int) -> Exception:
    """Why `period` cannot be reported now, and which can."""
    if not licence.next_period:
        return fix(
            f"Licence {licence.license_id} has no period left to report",
            "Renew it with 'ape run license renew', or pay with 'ape run royalty pay'",
        )
    return fix(
        f"Period {period} is not the next one to report", f"Report period {licence.next_period}"
    )


def report_call(suite: Suite, license_id: int, report: Report, max_amount: int) -> tuple[Any, ...]:
    """The method that reports a period and pays at most `max_amount`, and its arguments."""
    return (
        suite.market.report_and_pay,
        license_id,
        report.period,
        report.revenue,
        report.evidence_hash,
        max_amount,
        report.units,
    )


def send_report(
    suite: Suite, licensee: "AccountAPI", license_id: int, report: Report, max_amount: int
) -> int:
    """Reports and pays at most `max_amount`, which the market may take; returns units paid."""
    call = report_call(suite, license_id, report, max_amount)
    receipt = connection.send(*call, sender=licensee)
    return sum(int(log.amount) for log in connection.events_of(receipt, suite.market.RoyaltyPaid))


def pay(
    suite: Suite, payer: "AccountAPI", license_id: int, amount: int | None, ahead: bool = False
) -> int:
    """Pays at most `amount` of what is outstanding, all of it if None, or all of `amount` ahead;
    returns units paid. What accrues until the transaction is mined is paid, too.

    Raises `FlywheelError` when an earlier payment that nobody saw the end of was made after all:
    nothing else tells it from what is to be paid ahead now.
    """
    connection.finish_earlier(payer, resumes=False)
    licence = get(suite, license_id)
    terms = terms_of(suite, licence.terms_id)
    unit = assets.unit_of(suite, terms.asset)
    owed = int(suite.market.outstanding(license_id))
    wanted = int(amount or 0) if ahead else owed if amount is None else min(amount, owed)
    if wanted == 0:
        raise fix(f"Nothing is outstanding on licence {license_id}", "Report the next period first")
    if ahead and not licence.in_good_standing:
        raise fix(
            f"Licence {license_id} is late: nothing is paid ahead",
            "Report what is missing and pay it, then pay ahead",
        )
    limit = wanted
    if not ahead and wanted == owed and licence.overdue_since:
        limit += dues.slack(owed, terms.late_bps_per_year)
        if amount is not None:
            limit = min(limit, amount)
    assets.require_balance(suite, str(payer.address), wanted, unit)
    method = suite.market.prepay if ahead else suite.market.pay
    receipt = assets.pay(suite, payer, suite.market, limit, unit, (method, license_id, limit))
    return sum(int(log.amount) for log in connection.events_of(receipt, suite.market.RoyaltyPaid))
