"""docs/ECONOMICS.md: the tables of the model with what they assume."""

from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flywheel import amounts
from flywheel.economics import licensee, published, sensitivity, takeover, wheel
from flywheel.economics.assumptions import AXES, KNOBS, Assumptions, Axes
from flywheel.economics.published import percent
from flywheel.economics.rules import DAY, TOLERANCE, Rules
from flywheel.licensing import offer_terms

Rows = list[tuple[str, ...]]
# Columns that are not figures.
TEXTS = ("Meaning", "Where the value is from")
# What a licensee of the presets with a bond by tier usually owes in a period, as their files say.
USUAL_DUES = {"enterprise": 5_000, "enterprise-mid": 20_000, "enterprise-large": 100_000}


def render(rules: Rules, assumptions: Assumptions, axes: Axes, origin: str) -> str:
    """The page as Markdown, for the rules of the parameters file called `origin`."""
    plan = wheel.Plan.of(rules)
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
        assumes=lambda *names: _assumes(assumptions, names),
        axes=axes,
        knobs=_knobs(assumptions),
        axis_rows=_axes(axes),
        shares=_shares(rules, assumptions, axes),
        market=_market(rules, assumptions, axes),
        rounds=_rounds(rules, assumptions, axes),
        safe=_safe(rules, assumptions),
        reports=_reports(assumptions, axes),
        without_bond=_report_row("no forfeit", 6, False, assumptions, axes),
        honest=_honest(assumptions, axes),
        presets=_presets(assumptions),
        sizes=_sizes(plan, assumptions, axes),
        starts=_starts(plan, assumptions, axes),
        policies=_policies(plan, assumptions, axes),
        multiples=_multiples(plan, assumptions, axes),
        size_names=[f"{percent(size)} of it" for size in axes.grant_sizes],
        reserve=plan.reserve,
        sensitivity=_sensitivity(rules, assumptions),
        turnouts=[percent(turnout) for turnout in sensitivity.TURNOUTS],
        sensitivity_start=sensitivity.SMALL_START * assumptions.typical_grant,
        cases=published.CASES,
        verdict=lambda case: published.verdict(case, rules),
        percent=percent,
        money=lambda units: f"${units:,.0f}",
        duration=amounts.show_duration,
        tolerance=TOLERANCE,
        bonds=[_dues(bond) for bond in axes.bonds],
        rates=[percent(rate) for rate in axes.audit_rates],
        lives=wheel.LIVES,
    )


def _table(rows: Rows, *header: str) -> str:
    """A Markdown table whose columns of figures stand to the right."""
    is_text = [column == 0 or header[column] in TEXTS for column in range(len(header))]
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
            knob.metadata["basis"],
        )
        for knob in KNOBS
    ]


def _axes(axes: Axes) -> Rows:
    return [
        (
            f"`{axis.name}`",
            ", ".join(f"{value:g}" for value in getattr(axes, axis.name)),
            axis.metadata["meaning"],
        )
        for axis in AXES
    ]


def _assumes(assumptions: Assumptions, names: tuple[str, ...]) -> str:
    """The line under a table: the knobs that move it, with their values."""
    values = (f"`{name}` {getattr(assumptions, name):,g}" for name in names)
    return f"Assumes {', '.join(values)}." if names else "Assumes nothing."


def _shares(rules: Rules, assumptions: Assumptions, axes: Axes) -> Rows:
    classes = takeover.votes(rules, assumptions)
    return [
        (
            percent(turnout),
            *(percent(takeover.share_needed(vote, turnout)) for vote in classes),
        )
        for turnout in axes.turnouts
    ]


def _market(rules: Rules, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for turnout in axes.turnouts:
        row = [percent(turnout)]
        for vote in takeover.votes(rules, assumptions):
            attack = takeover.by_market(vote, turnout, assumptions)
            row += [f"{attack.price:.2f}", f"{attack.taken:.2f}", _signed(attack.gain)]
        rows.append(tuple(row))
    return rows


def _rounds(rules: Rules, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for turnout in axes.turnouts:
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
    name: str, bond: float, is_forfeited: bool, assumptions: Assumptions, axes: Axes
) -> tuple[str, ...]:
    deal = licensee.Deal(bond, is_forfeited)
    reports = (licensee.best_report(rate, deal, assumptions) for rate in axes.audit_rates)
    return (name, *(percent(report) for report in reports))


def _reports(assumptions: Assumptions, axes: Axes) -> Rows:
    return [_report_row(_dues(bond), bond, True, assumptions, axes) for bond in axes.bonds]


def _dues(bond: float) -> str:
    return f"{bond:g} due{'' if bond == 1 else 's'}"


def _honest(assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for minimum in axes.minima:
        row = [percent(minimum)]
        for bond in axes.bonds:
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


def _sizes(plan: wheel.Plan, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for failure in axes.failures:
        world = replace(assumptions, grant_failure=failure)
        row = [percent(failure)]
        for size in axes.grant_sizes:
            row.append(_of_100(wheel.play(replace(plan, grant_size=size), world)))
        rows.append(tuple(row))
    return rows


def _starts(plan: wheel.Plan, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for grants in axes.starts:
        start = grants * assumptions.typical_grant
        row = [f"${start:,.0f}"]
        for size in axes.grant_sizes:
            other = replace(plan, grant_size=size, start=start)
            row.append(_of_100(wheel.play(other, assumptions)))
        rows.append(tuple(row))
    return rows


def _policies(plan: wheel.Plan, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    floor = max(plan.floor, assumptions.typical_grant)
    for holders in axes.holders:
        row = [percent(holders)]
        for least in (0.0, floor):
            grants = max(0.0, 1 - plan.reserve - holders)
            other = replace(plan, holders=holders, grants=grants, floor=least)
            outcome = wheel.play(other, assumptions)
            row += [_of_100(outcome), f"${outcome.holders_income:,.0f}"]
        rows.append(tuple(row))
    return rows


def _multiples(plan: wheel.Plan, assumptions: Assumptions, axes: Axes) -> Rows:
    rows: Rows = []
    for multiple in axes.multiples:
        world = replace(assumptions, income_multiple=multiple)
        outcome = wheel.play(plan, world)
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
