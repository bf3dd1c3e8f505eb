"""docs/ECONOMICS.md is what the command prints, each knob moves it, and cases have verdicts."""

import re
from dataclasses import fields, replace

import pytest

from flywheel.deploy import parameters
from flywheel.economics import __main__ as command
from flywheel.economics import published, sensitivity
from flywheel.economics.assumptions import AXES, KNOBS, Assumptions, Axes, with_knobs
from flywheel.economics.rules import DAY, Rules
from flywheel.economics.tables import render
from flywheel.errors import FlywheelError
from tests.kits.economics import RULES
from tools.paths import ROOT

# Other values of each knob, within its bounds and far enough from the default to show.
OTHERS: dict[str, tuple[float, ...]] = {
    "token_loss": (0, 0.9),
    "money_rate": (0, 1),
    "depth": (0.05, 0.5),
    "free_money": (0.3, 3),
    "grants_share": (0.2, 1),
    "first_payment": (0.1, 0.5),
    "round_size": (0.1, 0.5),
    "least_report": (0.3, 0.6),
    "late_rate": (0, 1),
    "licence_value": (0.5, 2),
    "grant_failure": (0.1, 0.7),
    "income_multiple": (0.9, 3),
    "income_spread": (0.5, 2),
    "licence_half_life": (0.5, 6),
    "typical_grant": (100_000, 900_000),
    "years": (3, 20),
}
# The same of rows and columns.
OTHER_AXES = {
    "turnouts": "0.15",
    "audit_rates": "0.4,0.6",
    "bonds": "2",
    "minima": "0.3",
    "grant_sizes": "0.4",
    "failures": "0.3",
    "starts": "7",
    "holders": "0.4",
    "multiples": "1,2",
}


def tables(page: str) -> list[tuple[str, frozenset[str]]]:
    """Each table after the lists of knobs, with the knobs that the line below it names."""
    body = page.split("## Buying a vote")[1]
    found: list[tuple[str, frozenset[str]]] = []
    for table, line in re.findall(r"((?:^\|.*\n)+)\n^Assumes (.*)$", body, re.MULTILINE):
        found.append((table, frozenset(re.findall(r"`(\w+)`", line))))
    assert len(found) == body.count("| --- |")
    return found


def shown(rules: Rules, assumptions: Assumptions, axes: Axes | None = None) -> str:
    return render(rules, assumptions, axes or Axes(), "a file")


@pytest.fixture(scope="module")
def page() -> str:
    return shown(RULES, Assumptions())


def test_document__today__is_what_the_command_prints(capsys):
    assert command.main([str(ROOT / command.DEFAULT)]) == 0

    printed = capsys.readouterr().out.replace(f"{ROOT}/", "")
    assert printed == (ROOT / "docs" / "ECONOMICS.md").read_text(encoding="utf-8")


@pytest.mark.deep
@pytest.mark.parametrize("knob", [knob.name for knob in KNOBS])
def test_render__knob_turned__moves_the_tables_that_name_it_and_no_other(knob, page):
    before = tables(page)
    moved = [False] * len(before)
    for value in OTHERS[knob]:
        turned, _ = with_knobs(Assumptions(), Axes(), (f"{knob}={value}",))
        after = tables(shown(RULES, turned))
        moved = [was or new != old for was, new, old in zip(moved, after, before, strict=True)]

    assert moved == [knob in names for _, names in before]
    assert any(moved)


@pytest.mark.parametrize("axis", [axis.name for axis in AXES])
def test_render__other_rows_or_columns__moves_a_table(axis, page):
    _, axes = with_knobs(Assumptions(), Axes(), (f"{axis}={OTHER_AXES[axis]}",))

    assert tables(shown(RULES, Assumptions(), axes)) != tables(page)


def test_of__file_with_a_floor__its_typical_grant_is_that():
    """The small DAOs of the tables are counted in it, so that a rehearsal's file reads too."""
    assert Assumptions.of(replace(RULES, floor=100)).typical_grant == 100
    assert Assumptions.of(replace(RULES, floor=0)).typical_grant == 200_000


@pytest.mark.parametrize("name", ["sepolia", "devnet"])
def test_main__rehearsal__has_lives_that_go_on(name, capsys):
    assert command.main([str(ROOT / "parameters" / f"{name}.yaml")]) == 0

    rows = re.findall(r"^\| \$[\d,]+ \|.*$", capsys.readouterr().out, re.MULTILINE)
    assert len(rows) == 4
    assert len(set(rows)) > 1


def test_mainnet__figures_of_its_comments__are_those_of_the_model():
    path = ROOT / command.DEFAULT
    text = path.read_text(encoding="utf-8")
    rules = Rules.of(parameters.load(path))
    world = Assumptions.of(rules)
    rows = {(row.rule, row.value): row for row in sensitivity.changes(rules, world)}
    usual = rows["all as in the file", 0]
    ended = {rule: f"{row.ended * 100:.0f}" for rule, row in rows.items()}
    lasting = ended["all as in the file", 0]
    said = [
        f"11 days from an ordinary proposal to its execution, not {usual.ordinary_seconds // DAY}",
        f"a gain of {rows['quorum', 0.05].ordinary_gains[0]:.2f} of the value of all tokens, not "
        f"{usual.ordinary_gains[0]:.2f}",
        f"at 15 % it gains {rows['strict_quorum', 0.15].strict_gains[0]:.2f}, not "
        f"{usual.strict_gains[0]:.2f}",
        f"gains {rows['strict_majority', 0.6].strict_gains[1]:.2f} of the value of all tokens; "
        f"here it loses {-usual.strict_gains[1]:.2f}",
        f"with 50 % {ended['holders', 0.5]} of 100 small DAOs end, with 20 % {lasting}",
        f"takes {rows['spend_cap', 0.1].ordinary_gains[0] - usual.ordinary_gains[0]:.2f} more",
        f"gains {rows['grant_cap', 0.5].ordinary_gains[0]:.2f} in a quiet week, and "
        f"{ended['grant_cap', 0.5]} of 100 small DAOs end; at 10 % {ended['grant_cap', 0.1]} do",
        f"without it {ended['floor', 0]} of 100 small DAOs end, not {lasting}",
    ]
    prose = " ".join(re.findall(r"#\s*(.*)", text))
    assert [one for one in said if one not in prose] == []


@pytest.mark.parametrize("rule", [rule.name for rule in fields(Rules)])
def test_render__rule_changed__moves_the_page(rule, page):
    value = getattr(RULES, rule)
    changed = replace(RULES, **{rule: value * 2 if value > 1 else value * 0.9})

    assert shown(changed, Assumptions()) != page


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("luck=1", "'luck' is no knob of the model"),
        ("depth", "'depth=' has no number"),
        ("depth=much", "'depth=much' has no number"),
        ("turnouts=0.1,much", "'turnouts=much' has no number"),
        ("turnouts=0.1,1.1", "turnouts is 1.1"),
        ("turnouts=" + ",".join(["0.1"] * 10), "turnouts has 10 values"),
        ("depth=0", "depth is 0"),
        ("token_loss=1.1", "token_loss is 1.1"),
        ("token_loss=nan", "token_loss is nan"),
    ],
)
def test_with_knobs__wrong_setting__says_what_to_write(setting, reason):
    with pytest.raises(FlywheelError) as error:
        with_knobs(Assumptions(), Axes(), (setting,))
    assert str(error.value).startswith(reason)


def test_main__wrong_knob__one_line_and_failure(capsys):
    assert command.main([str(ROOT / command.DEFAULT), "--set", "luck=1"]) == 1
    assert capsys.readouterr().err.startswith("economics: 'luck' is no knob")


def test_main__help__names_every_knob(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    text = capsys.readouterr().out
    assert [knob.name for knob in (*KNOBS, *AXES) if f"  {knob.name}=" not in text] == []


def test_main__write__file_has_the_page(tmp_path):
    target = tmp_path / "page.md"

    assert command.main([str(ROOT / command.DEFAULT), "--write", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith("# What attacks and cheating earn")


def test_verdict__published_cases__none_passes_and_each_says_why():
    compound, beanstalk, build, nouns = published.CASES

    assert published.verdict(compound, RULES).startswith("No: 6.82 % of the tokens")
    assert published.verdict(beanstalk, RULES).startswith("No: 0 % of the tokens")
    assert published.verdict(build, RULES).startswith("Only with 20 % of all tokens")
    assert published.verdict(nouns, RULES).startswith("No: 55.8 % of for and against")


def test_verdict__rules_removed__cases_pass():
    weak = replace(RULES, quorum=0.04, strict_quorum=0.04, strict_majority=0.5)
    compound, _, _, nouns = published.CASES

    assert published.verdict(compound, weak) == "Yes, as an ordinary proposal"
    assert published.verdict(nouns, weak) == "Yes, as a strict proposal"
