"""docs/ECONOMICS.md: the tables of the model with what they assume."""

from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flywheel import amounts, offer_terms
from flywheel.economics import licensee, published, sensitivity, takeover, wheel
from flywheel.economics.assumptions import KNOBS, Assumptions
from flywheel.economics.published import percent
from flywheel.economics.rules import DAY, TOLERANCE, Rules

Rows = list[tuple[str, ...]]
TURNOUTS = (0.05, 0.1, 0.2, 0.3, 0.4)
AUDIT_RATES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
BONDS = (0, 1, 3, 6, 12)
MINIMA = (0.1, 0.25, 0.5, 0.75)
GRANT_SIZES = (1.0, 0.5, 0.25, 0.1)
FAILURES = (0.2, 0.4, 0.6)
HOLDERS = (0.0, 0.2, 0.5, 0.8)
MULTIPLES = (0.8, 1.2, 1.6, 2.4)
STARTS = (1_000_000.0, 2_000_000.0, 5_000_000.0, 25_000_000.0)
RESERVE = 0.1
# What a licensee of the presets with a bond by tier usually owes in a period, as their files say.
USUAL_DUES = {"enterprise": 5_000, "enterprise-mid": 20_000, "enterprise-large": 100_000}


def render(rules: Rules, assumptions: Assumptions, origin: str) -> str:
    """The page as Markdown, for the rules of the parameters file called `origin`."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # The page is Markdown, and all that goes in is ours.
        autoescape=False,
    )
    environment.filters["table"] = _table
    template = environment.get_template("page.md.jinja")
    return template.render(
        origin=origin,
        rules=rules,
        assumptions=assumptions,
        knobs=_knobs(assumptions),
        shares=_shares(rules, assumptions),
        market=_market(rules, assumptions),
        rounds=_rounds(rules, assumptions),
        safe=_safe(rules, assumptions),
        reports=_reports(assumptions),
        without_bond=_report_row("no forfeit", 6, False, assumptions),
        honest=_honest(assumptions),
        presets=_presets(assumptions),
        sizes=_sizes(rules, assumptions),
        starts=_starts(rules, assumptions),
        policies=_policies(rules, assumptions),
        multiples=_multiples(rules, assumptions),
        sensitivity=_sensitivity(rules, assumptions),
        turnouts=[percent(turnout) for turnout in sensitivity.TURNOUTS],
        sensitivity_start=sensitivity.SMALL_START,
        cases=published.CASES,
        verdict=lambda case: published.verdict(case, rules),
        percent=percent,
        money=lambda units: f"${units:,.0f}",
        duration=amounts.show_duration,
        tolerance=TOLERANCE,
        bonds=[_dues(bond) for bond in BONDS],
        rates=[percent(rate) for rate in AUDIT_RATES],
        lives=wheel.LIVES,
    )


def _table(rows: Rows, *header: str) -> str:
    """A Markdown table whose columns of figures stand to the right."""
    is_text = [column == 0 or header[column] == "Meaning" for column in range(len(header))]
    lines = [header, tuple("---" if text else "--:" for text in is_text), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _or_none(share: float | None) -> str:
    return "none" if share is None else percent(share)


def _signed(share: float) -> str:
    return f"{share:+.2f}"


def _knobs(assumptions: Assumptions) -> Rows:
    return [
        (
            f"`{knob.name}`",
            f"{getattr(assumptions, knob.name):,g}",
            knob.metadata["meaning"],
        )
        for knob in KNOBS
    ]


def _shares(rules: Rules, assumptions: Assumptions) -> Rows:
    classes = takeover.votes(rules, assumptions)
    return [
        (
            percent(turnout),
            *(percent(takeover.share_needed(vote, turnout)) for vote in classes),
        )
        for turnout in TURNOUTS
    ]


def _market(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for turnout in TURNOUTS:
        row = [percent(turnout)]
        for vote in takeover.votes(rules, assumptions):
            attack = takeover.by_market(vote, turnout, assumptions)
            row += [f"{attack.price:.2f}", f"{attack.taken:.2f}", _signed(attack.gain)]
        rows.append(tuple(row))
    return rows


def _rounds(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for turnout in TURNOUTS:
        row = [percent(turnout)]
        for vote in takeover.votes(rules, assumptions):
            attack = takeover.by_round(vote, turnout, assumptions)
            row += (
                ["too few tokens", ""]
                if attack is None
                else [f"{attack.taken:.2f}", _signed(attack.gain)]
            )
        rows.append(tuple(row))
    return rows


def _safe(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for vote in takeover.votes(rules, assumptions):
        turnout = takeover.safe_turnout(vote, assumptions)
        rows.append((vote.name, _or_none(turnout)))
    return rows


def _report_row(
    name: str, bond: float, is_forfeited: bool, assumptions: Assumptions
) -> tuple[str, ...]:
    deal = licensee.Deal(bond, is_forfeited)
    reports = (licensee.best_report(rate, deal, assumptions) for rate in AUDIT_RATES)
    return (name, *(percent(report) for report in reports))


def _reports(assumptions: Assumptions) -> Rows:
    return [_report_row(_dues(bond), bond, True, assumptions) for bond in BONDS]


def _dues(bond: int) -> str:
    return f"{bond} due{'' if bond == 1 else 's'}"


def _honest(assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for minimum in MINIMA:
        row = [percent(minimum)]
        for bond in BONDS:
            world = replace(assumptions, least_report=minimum)
            rate = licensee.honest_rate(licensee.Deal(bond, True), world)
            row.append(_or_none(rate))
        rows.append(tuple(row))
    return rows


def _presets(assumptions: Assumptions) -> Rows:
    """The presets with a bond by tier, at their usual due and at twice that."""
    rows: Rows = []
    documents = offer_terms.presets()
    for name, usual in USUAL_DUES.items():
        terms = documents[name]["terms"]
        bond, minimum = (amounts.to_units(terms[key], 0) for key in ("bond", "minimum"))
        period = amounts.seconds(terms["period"])
        for due in (usual, 2 * usual):
            world = replace(assumptions, least_report=minimum / due)
            rate = licensee.honest_rate(licensee.Deal(bond / due, True, period), world)
            rows.append(
                (
                    f"`{name}`",
                    f"{due:,}",
                    f"{bond / due:g}",
                    percent(minimum / due),
                    _or_none(rate),
                )
            )
    return rows


def _of_100(outcome: wheel.Outcome) -> str:
    return f"{outcome.ended * 100:.0f}"


def _sizes(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    plan = wheel.Plan.of(rules)
    for failure in FAILURES:
        world = replace(assumptions, grant_failure=failure)
        row = [percent(failure)]
        for size in GRANT_SIZES:
            row.append(_of_100(wheel.play(replace(plan, grant_size=size), world)))
        rows.append(tuple(row))
    return rows


def _starts(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for start in STARTS:
        row = [f"${start:,.0f}"]
        for size in GRANT_SIZES:
            plan = replace(wheel.Plan.of(rules), grant_size=size, start=start)
            row.append(_of_100(wheel.play(plan, assumptions)))
        rows.append(tuple(row))
    return rows


def _policies(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    floor = max(rules.floor, assumptions.typical_grant)
    for holders in HOLDERS:
        row = [percent(holders)]
        for least in (0.0, floor):
            grants = 1 - RESERVE - holders
            plan = replace(wheel.Plan.of(rules), holders=holders, grants=grants, floor=least)
            outcome = wheel.play(plan, assumptions)
            row += [_of_100(outcome), f"${outcome.holders_income:,.0f}"]
        rows.append(tuple(row))
    return rows


def _multiples(rules: Rules, assumptions: Assumptions) -> Rows:
    rows: Rows = []
    for multiple in MULTIPLES:
        world = replace(assumptions, income_multiple=multiple)
        outcome = wheel.play(wheel.Plan.of(rules), world)
        rows.append((f"{multiple:g}", _of_100(outcome), f"{outcome.grants:.0f}"))
    return rows


def _sensitivity(rules: Rules, assumptions: Assumptions) -> Rows:
    return [
        (
            f"{_rule(change.rule)} {_value(change)}" if change.is_other else change.rule,
            *map(_signed, change.ordinary_gains),
            *map(_signed, change.strict_gains),
            f"{change.ordinary_seconds / DAY:g}",
            f"{change.strict_seconds / DAY:g}",
            f"{change.ended * 100:.0f}",
        )
        for change in sensitivity.changes(rules, assumptions)
    ]


def _rule(name: str) -> str:
    return name.replace("_", " ")


def _value(change: sensitivity.Change) -> str:
    if "delay" in change.rule or "period" in change.rule:
        return amounts.show_duration(int(change.value))
    return f"${change.value:,.0f}" if change.rule == "floor" else percent(change.value)
