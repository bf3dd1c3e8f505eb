"""Licences and terms for people and programs: tables, records, what to do next."""

from typing import Any

from flywheel import amounts
from flywheel.amounts import Unit
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.licensing import licenses, offer_terms, rights
from flywheel.licensing.licenses import Licence
from flywheel.licensing.offer_terms import LicenceTerms
from flywheel.models.kinds import KINDS
from flywheel.shown import NEVER, NONE, Record, Shown, Table, yes
from flywheel.treasury import assets
from flywheel.wording.lexicon import is_zero, show_time

PERPETUAL = Shown("perpetual", None)
TERMS_COLUMNS = (
    "Terms", "Model", "Name", "Fee", "Bond", "Share", "Unit price", "Minimum", "Period", "Term",
    "Derivations", "On offer",
)  # fmt: skip
LICENCE_COLUMNS = (
    "Licence", "Model", "Name", "Standing", "Presented", "Next period", "Report and pay by",
    "Outstanding", "Bond", "Ends",
)  # fmt: skip


def day(timestamp: int) -> str:
    """A time for people; empty for none and for one that never comes."""
    return "" if timestamp == 0 or timestamp >= licenses.FOREVER else show_time(timestamp)


# --- terms ---


def list_terms(suite: Suite, model_id: int | None, every: bool) -> Table:
    """The terms on offer, or all that ever were; those of one model only if it is named."""
    rows = []
    for terms_id in range(1, int(suite.catalog.terms_count()) + 1):
        offered = bool(suite.catalog.is_offered(terms_id))
        terms = licenses.terms_of(suite, terms_id)
        if (every or offered) and model_id in (None, terms.model_id):
            name = str(suite.registry.model_name(terms.model_id))
            unit = assets.unit_of(suite, terms.asset)
            rows.append((terms_id, terms.model_id, name, *_figures(terms, unit), yes(offered)))
    return Table("Licence terms", TERMS_COLUMNS, rows)


def list_presets(suite: Suite) -> Table:
    unit = assets.unit_of(suite)
    rows = []
    for name, document in offer_terms.presets().items():
        terms = offer_terms.load(offer_terms.PRESETS / f"{name}.yaml", unit)
        rows.append((name, *_figures(terms, unit), terms.field_of_use, document["title"]))
    columns = ("Preset", *TERMS_COLUMNS[3:-1], "Field of use", "Title")
    return Table("Presets: 'ape run license terms offer'", columns, rows)


def _figures(terms: LicenceTerms, unit: Unit) -> tuple[str, ...]:
    return (
        unit.show(terms.upfront_fee),
        unit.show(terms.bond),
        amounts.show_bps(terms.share_bps),
        unit.show(terms.price_per_unit),
        unit.show(terms.minimum_per_period),
        amounts.show_duration(terms.period_seconds) if terms.period_seconds else NONE,
        amounts.show_duration(terms.term_seconds) if terms.term_seconds else PERPETUAL,
        ", ".join(KINDS[kind] for kind, _ in terms.derivation_bps) or "none",
    )


def terms_from(suite: Suite, source: str) -> tuple[str, LicenceTerms, Unit]:
    """Terms of the chain by their number, of a preset or of a file; with a name for them."""
    if source.isdigit():
        terms = licenses.terms_of(suite, int(source))
        return f"Terms {source}", terms, assets.unit_of(suite, terms.asset)
    path = offer_terms.path_of(source)
    unit = unit_of_file(suite, path)
    return source, offer_terms.load(path, unit), unit


def unit_of_file(suite: Suite, path: Any) -> Unit:
    """The asset that a terms file counts in: the suite's, unless it names another."""
    from flywheel import documents
    from flywheel.errors import FlywheelError

    named = str(documents.load(path, "terms")["terms"].get("asset", suite.symbol))
    known = {suite.symbol: str(suite.asset.address), suite.token_symbol: str(suite.token.address)}
    try:
        return assets.unit_of(suite, known.get(named) or connection.address(named))
    except FlywheelError as error:
        raise documents.misfit(path, ["terms", "asset"], str(error)) from None


def show_terms(suite: Suite, source: str) -> Record:
    name, terms, unit = terms_from(suite, source)
    fields: dict[str, Any] = {}
    if terms.model_id:
        fields["Model"] = f"{terms.model_id}, {suite.registry.model_name(terms.model_id)}"
    fields["Asset"] = f"{unit.symbol} {unit.address}"
    fields |= offer_terms.in_words(terms, unit)
    if source.isdigit():
        fields["On offer"] = yes(suite.catalog.is_offered(int(source)))
        fields["Content hash"] = "0x" + bytes(suite.catalog.terms_hash(int(source))).hex()
    return Record(name, fields)


def quote(
    suite: Suite, source: str, revenue: str | None, units: int, buyer: str | None = None
) -> Record:
    """What a licence costs at once, and a period of that revenue and those units; for `buyer`, if
    the terms are on the chain."""
    from flywheel.licensing import dues

    name, terms, unit = terms_from(suite, source)
    fee, why_fee = terms.upfront_fee, ""
    if buyer is not None and source.isdigit():
        fee = licenses.fee_for(suite, int(source), buyer)
        why_fee = licenses.why_dearer(suite, terms, fee)
    fields: dict[str, Any] = {
        "Asset": unit.symbol,
        "Fee": unit.show(fee),
        **({"Why this fee": why_fee} if why_fee else {}),
        "Bond": unit.show(terms.bond),
        "At once": unit.show(fee + terms.bond),
        "Royalty": offer_terms.royalty_words(terms, unit),
    }
    first = 0
    if terms.period_seconds:
        earned = unit.units(revenue) if revenue is not None else 0
        first, why = dues.why(terms.rates, earned, units, 0, unit)
        fields["A period"] = unit.show(first)
        fields["Why"] = why
        fields["Periods"] = offer_terms.in_words(terms, unit)["Reports"]
    fields["To have ready"] = unit.show(fee + terms.bond + first)
    fields["Of that within a period"] = unit.show(first)
    return Record(f"{name} costs", fields)


# --- licences ---


def standing(licence: Licence, now: int) -> str:
    if now >= licence.ends_at:
        early = "ended early" if licence.ended_early else "ended"
        return f"{early}, in arrears" if licence.overdue_since else early
    if licence.overdue_since:
        return f"in arrears since {show_time(licence.overdue_since)}"
    return "good"


def list_licences(suite: Suite, account: str) -> Table:
    rows = []
    for licence in licenses.of_account(suite, account):
        unit = unit_of_licence(suite, licence)
        now = connection.now()
        rows.append(
            (
                licence.license_id,
                licence.model_id,
                str(suite.registry.model_name(licence.model_id)),
                standing(licence, now),
                yes(_is_presented(suite, licence, now)),
                licence.next_period or NONE,
                day(licence.next_period_due_at),
                unit.show(licence.outstanding),
                unit.show(licence.bond),
                day(licence.ends_at) or NEVER,
            )
        )
    return Table(f"Licences of {account}", LICENCE_COLUMNS, rows)


def show_licence(suite: Suite, license_id: int) -> Record:
    """Everything about a licence that its holder or its licensor asks; of a sublicence less."""
    if license_id >= rights.SUBLICENCE:
        return _show_sublicence(suite, license_id)
    licence = licenses.get(suite, license_id)
    unit, now = unit_of_licence(suite, licence), connection.now()
    return Record(
        f"Licence {license_id} of model {licence.model_id}",
        {
            "Licensee": licence.licensee,
            "Terms": licence.terms_id,
            "In good standing": yes(licence.in_good_standing),
            "Presented": yes(_is_presented(suite, licence, now)),
            "Reporter": "" if is_zero(licence.reporter) else licence.reporter,
            "Periods reported": licence.periods_reported,
            "Of that estimated beyond": licence.periods_booked - licence.periods_reported,
            "Due": unit.show(licence.due),
            "Paid": unit.show(licence.paid),
            "Outstanding": unit.show(licence.outstanding),
            "Of that overdue": unit.show(licence.overdue),
            "Of that interest": unit.show(licence.interest),
            "Overdue since": day(licence.overdue_since),
            "Credit": unit.show(licence.credit),
            "Bond": unit.show(licence.bond),
            "Assessed or in dispute": _held(suite, licence, unit),
            "Ends": day(licence.ends_at) or NEVER,
            "Next period": licence.next_period or NONE,
            "Report from": day(licence.next_period_opens_at),
            "Report and pay by": day(licence.next_period_due_at),
            "Next": _next(suite, licence, unit, now),
        },
    )


def unit_of_licence(suite: Suite, licence: Licence) -> Unit:
    return assets.unit_of(suite, licenses.terms_of(suite, licence.terms_id).asset)


def _show_sublicence(suite: Suite, sublicense_id: int) -> Record:
    granted = rights.get_sublicence(suite, sublicense_id)
    covers = suite.rights.is_covered(sublicense_id, granted.licensee, 0, connection.now())
    return Record(
        f"Sublicence {sublicense_id}",
        {
            "Licensee": granted.licensee,
            "Under licence": granted.parent_id,
            "Since": show_time(granted.starts_at),
            "Ended": day(granted.ends_at) or "no",
            "Covers now": yes(covers),
        },
    )


def _is_presented(suite: Suite, licence: Licence, now: int) -> bool:
    shown = suite.rights.presented(licence.model_id, licence.licensee, now)
    return bool(shown == licence.license_id)


def _held(suite: Suite, licence: Licence, unit: Unit) -> str:
    """What is open about a licence: assessments and disputes by period, an accusation."""
    if not licence.held:
        return "no"
    number, found = licence.license_id, []
    for period in range(max(1, licence.periods_booked - 23), licence.periods_booked + 1):
        assessed = suite.enforcement.assessment(number, period)
        if assessed.answer_until:
            found.append(
                f"period {period} is assessed at {unit.show(assessed.due)}, to be answered by "
                f"{show_time(assessed.answer_until)}{_audit(suite, number, period, unit)}"
            )
        disputed = suite.enforcement.open_dispute(number, period)
        if disputed.amount:
            found.append(
                f"{unit.show(disputed.amount)} of period {period} are in escrow, to be "
                f"decided by {show_time(disputed.decide_until)}"
                f"{_audit(suite, number, period, unit)}"
            )
    accused = suite.enforcement.accusation(number)
    if accused.answer_until:
        found.append(f"accused of misuse, to be answered by {show_time(accused.answer_until)}")
    return "; ".join(found) or "yes"


def _audit(suite: Suite, license_id: int, period: int, unit: Unit) -> str:
    """What an open assessment says of its audit; empty if it names nobody."""
    audit = suite.enforcement.audit(license_id, period)
    if not audit.cost:
        return ""
    return (
        f", after an audit that cost {audit.auditor} {unit.show(audit.cost)}: that, and at most "
        "half of the bond, if the bond is lost by it"
    )


def _next(suite: Suite, licence: Licence, unit: Unit, now: int) -> str:
    """What its holder should do, the most urgent first."""
    number, steps = licence.license_id, []
    if licence.next_period and now >= licence.next_period_opens_at:
        steps.append(f"'ape run royalty report {number} REVENUE' for period {licence.next_period}")
    if licence.outstanding:
        steps.append(f"'ape run royalty pay {number}' for {unit.show(licence.outstanding)}")
    if licence.overdue_since and now < licence.ends_at:
        terms = licenses.terms_of(suite, licence.terms_id)
        ends = show_time(licence.overdue_since + terms.cure_seconds)
        steps.append(f"all by {ends}, or anybody may take the bond and then end the licence")
    if licence.bond_short_since and now < licence.ends_at:
        ends = show_time(licence.bond_short_since + int(suite.enforcement.REFILL_SECONDS()))
        steps.append(f"'ape run license fill-bond {number}' by {ends}, or anybody may end it")
    if now < licence.ends_at and not _is_presented(suite, licence, now):
        steps.append(f"'ape run license present {number}', so that others can verify it")
    if now >= licence.ends_at and not licence.ended_early and not steps:
        steps.append(f"'ape run license renew {number}'")
    return "; ".join(steps) or "nothing"


def past_time(text: str) -> int:
    """Unix seconds of a date in UTC, or of Unix seconds. Raises `FlywheelError`, also for a time
    that has not come yet."""
    from datetime import UTC, datetime

    from flywheel.errors import fix

    if text.isascii() and text.isdigit():
        found = int(text)
    else:
        try:
            written = datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
        except ValueError:
            raise fix(f"'{text}' is no time", "Write '2030-01-31 12:00' (UTC)") from None
        found = int((written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp())
    if not 0 <= found <= connection.now():
        raise fix(f"{text} is not in the past", "Nobody can know that: give now or earlier")
    return found
