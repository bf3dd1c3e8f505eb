"""Licensees: buy a licence, report revenue, pay."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel import amounts, chain
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


@dataclass(frozen=True)
class Licence:
    """A licence as it stands."""

    license_id: int
    terms_id: int
    model_id: int
    licensee: str
    starts_at: int
    ends_at: int
    periods_reported: int
    revenue: int
    due: int
    paid: int
    next_period: int
    next_period_ends_at: int
    next_period_due_at: int
    in_good_standing: bool

    @property
    def outstanding(self) -> int:
        return self.due - self.paid


def offer(suite: Suite, terms: LicenceTerms) -> governance.Action:
    """The action that offers licence terms for a model of the DAO."""
    return governance.action(
        suite.market,
        "offer_terms",
        (
            terms.model_id,
            suite.asset.address,
            terms.upfront_fee,
            terms.share_bps,
            terms.minimum_per_period,
            terms.period_seconds,
            terms.grace_seconds,
            terms.term_seconds,
            terms.transferable,
            bytes(keccak(text=terms.legal_uri)),
            terms.legal_uri,
        ),
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
) -> int:
    """Buys a licence; without maxima, at the terms as they are read now. Returns its id."""
    terms = chain.call(suite.market.terms, terms_id)
    fee_limit = terms.upfront_fee if max_fee is None else max_fee
    share_limit = terms.share_bps if max_share_bps is None else max_share_bps
    if terms.upfront_fee > fee_limit:
        raise fix(
            f"The fee is {suite.money(terms.upfront_fee)}, above {suite.money(fee_limit)}",
            "Raise --max-fee or choose other terms",
        )
    assets.ensure_allowance(suite, payer, suite.market, terms.upfront_fee)
    receipt = chain.send(suite.market.buy, terms_id, licensee, fee_limit, share_limit, sender=payer)
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
        periods_reported=data.periods_reported,
        revenue=data.revenue,
        due=data.due,
        paid=data.paid,
        next_period=number,
        next_period_ends_at=ends_at,
        next_period_due_at=due_at,
        in_good_standing=bool(suite.market.is_in_good_standing(license_id)),
    )


def due_for(suite: Suite, license_id: int, revenue: int) -> int:
    """What one period with that revenue costs: max(minimum, share of the revenue rounded up)."""
    terms = suite.market.terms(suite.market.license(license_id).terms_id)
    share = -(-revenue * terms.share_bps // amounts.BPS)
    return max(int(terms.minimum_per_period), share)


def report_and_pay(
    suite: Suite,
    licensee: "AccountAPI",
    license_id: int,
    period: int,
    revenue: int,
    evidence_hash: bytes,
) -> int:
    """Reports a period and pays all that is outstanding with it; returns units paid."""
    licence = get(suite, license_id)
    if period != licence.next_period:
        raise fix(
            f"Period {period} is not the next one to report", f"Report period {licence.next_period}"
        )
    total = licence.outstanding + due_for(suite, license_id, revenue)
    assets.ensure_allowance(suite, licensee, suite.market, total)
    receipt = chain.send(
        suite.market.report_and_pay,
        license_id,
        period,
        revenue,
        evidence_hash,
        total,
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
