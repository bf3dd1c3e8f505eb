"""Licensees: buy a licence, report revenue, pay."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel import amounts, chain, licensing_math
from flywheel.actions import assets, governance
from flywheel.errors import fix
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class LicenceTerms:
    """Terms of a licence; amounts in units of the asset, times in seconds."""

    model_id: int
    upfront_fee: int
    share_bps: int
    minimum_per_period: int
    period_seconds: int
    grace_seconds: int
    term_seconds: int
    transferable: bool
    legal_uri: str
    bond: int = 0
    price_per_unit: int = 0
    royalty_cap: int = 0
    late_bps_per_year: int = 0
    cure_seconds: int = 0
    sublicensable: bool = False
    renewable: bool = False
    derivation_bps: tuple[tuple[int, int], ...] = ()
    """Kinds that may be derived, by their number in ModelKind from 0, and what each owes."""
    field_of_use: str = ""

    def struct(self, asset: str) -> tuple[object, ...]:
        """`ILicenseCatalog.Terms`."""
        shares = dict(self.derivation_bps)
        return (
            self.model_id,
            asset,
            self.upfront_fee,
            self.bond,
            self.share_bps,
            self.price_per_unit,
            self.minimum_per_period,
            self.royalty_cap,
            self.late_bps_per_year,
            self.period_seconds,
            self.grace_seconds,
            self.cure_seconds,
            self.term_seconds,
            self.transferable,
            self.sublicensable,
            self.renewable,
            sum(1 << kind for kind in shares),
            [shares.get(kind, 0) for kind in range(8)],
            self.field_of_use,
            bytes(keccak(text=self.legal_uri)),
            self.legal_uri,
        )


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
    overdue: int
    interest: int
    overdue_since: int
    bond: int
    held: bool
    due: int
    paid: int
    next_period: int
    next_period_ends_at: int
    next_period_due_at: int
    in_good_standing: bool

    @property
    def outstanding(self) -> int:
        return max(0, self.due - self.paid) + self.interest

    @property
    def credit(self) -> int:
        return max(0, self.paid - self.due)


def offer(suite: Suite, terms: LicenceTerms) -> governance.Action:
    """The action that offers licence terms for a model of the DAO."""
    return governance.action(
        suite.catalog,
        "offer_terms",
        terms.struct(str(suite.asset.address)),
        words=(
            f"offer licences of model {terms.model_id}: {suite.money(terms.upfront_fee)} at once, "
            f"{amounts.show_bps(terms.share_bps)} of revenue, at least "
            f"{suite.money(terms.minimum_per_period)} per "
            f"{amounts.show_duration(terms.period_seconds)}"
        ),
    )


def buy(
    suite: Suite,
    payer: "AccountAPI",
    terms_id: int,
    licensee: str,
    max_fee: int | None = None,
    max_share_bps: int | None = None,
    max_price: int | None = None,
) -> int:
    """Buys a licence; without maxima, at the terms as they are read now. Returns its id."""
    terms = chain.call(suite.catalog.terms, terms_id)
    cost = terms.upfront_fee + terms.bond
    fee_limit = cost if max_fee is None else max_fee
    share_limit = terms.share_bps if max_share_bps is None else max_share_bps
    if cost > fee_limit:
        raise fix(
            f"Fee and bond are {suite.money(cost)}, above {suite.money(fee_limit)}",
            "Raise --max-fee or choose other terms",
        )
    assets.ensure_allowance(suite, payer, suite.market, cost)
    price_limit = terms.price_per_unit if max_price is None else max_price
    limits = (fee_limit, share_limit, price_limit)
    receipt = chain.send(suite.market.buy, terms_id, licensee, *limits, sender=payer)
    return int(chain.event_of(receipt, suite.market.LicenseBought).license_id)


def get(suite: Suite, license_id: int) -> Licence:
    """Reads one licence. Raises `FlywheelError` if it does not exist."""
    count = int(suite.market.license_count())
    if not 1 <= license_id <= count:
        raise fix(f"There is no licence {license_id}", f"Licences 1 to {count} exist")
    data = suite.market.license(license_id)
    number, ends_at, due_at = suite.market.next_period(license_id)
    return Licence(
        license_id=license_id,
        terms_id=data.terms_id,
        model_id=data.model_id,
        licensee=str(suite.market.ownerOf(license_id)),
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        ended_early=bool(data.ended_early),
        periods_reported=data.periods_reported,
        overdue=data.overdue,
        interest=data.interest,
        overdue_since=data.overdue_since,
        bond=int(suite.enforcement.bond(license_id)),
        held=bool(data.held),
        due=data.due,
        paid=data.paid,
        next_period=number,
        next_period_ends_at=ends_at,
        next_period_due_at=due_at,
        in_good_standing=bool(suite.market.is_in_good_standing(license_id)),
    )


def due_for(suite: Suite, license_id: int, revenue: int, units: int = 0) -> int:
    """What the next period with that revenue and those units costs, apart from interest."""
    licence = suite.market.license(license_id)
    terms = suite.catalog.terms(licence.terms_id)
    return licensing_math.due(
        licensing_math.Rates(
            share_bps=int(terms.share_bps),
            price_per_unit=int(terms.price_per_unit),
            minimum=int(terms.minimum_per_period),
            cap=int(terms.royalty_cap),
        ),
        revenue,
        units,
        int(licence.due),
    )


def to_pay(suite: Suite, license_id: int, revenue: int, units: int = 0) -> int:
    """What reporting the next period now takes from the payer: dues, interest, less credit."""
    licence = get(suite, license_id)
    terms = suite.catalog.terms(licence.terms_id)
    due = due_for(suite, license_id, revenue, units)
    owed = max(0, licence.due + due - licence.paid)
    late = max(0, chain.now() - licence.next_period_due_at) if licence.next_period else 0
    fresh = owed - max(0, licence.due - licence.paid)
    # Interest runs on between reading and sending: a minute's worth on top, never taken unless due.
    seconds = fresh * late + owed * 60
    interest = licensing_math.interest(seconds, int(terms.late_bps_per_year))
    return owed + licence.interest + interest + (1 if interest else 0)


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
        raise fix(
            f"Period {period} is not the next one to report", f"Report period {licence.next_period}"
        )
    total = to_pay(suite, license_id, revenue, units)
    assets.ensure_allowance(suite, licensee, suite.market, total)
    receipt = chain.send(
        suite.market.report_and_pay,
        license_id,
        period,
        revenue,
        evidence_hash,
        total,
        units,
        sender=licensee,
    )
    return sum(int(log.amount) for log in suite.market.RoyaltyPaid.from_receipt(receipt))


def pay(suite: Suite, payer: "AccountAPI", license_id: int, amount: int) -> int:
    """Pays at most `amount` of what is outstanding; returns units paid."""
    wanted = min(amount, int(suite.market.outstanding(license_id)))
    if wanted == 0:
        raise fix(f"Nothing is outstanding on licence {license_id}", "Report the next period first")
    assets.ensure_allowance(suite, payer, suite.market, wanted)
    receipt = chain.send(suite.market.pay, license_id, wanted, sender=payer)
    return int(chain.event_of(receipt, suite.market.RoyaltyPaid).amount)
