"""docs/ECONOMICS.md is what the command prints, each knob moves it, and cases have verdicts."""

from dataclasses import fields, replace

import pytest

from flywheel.economics import __main__ as command
from flywheel.economics import published
from flywheel.economics.assumptions import KNOBS, Assumptions, with_knobs
from flywheel.economics.rules import Rules
from flywheel.economics.tables import render
from flywheel.errors import FlywheelError
from tests.kits.economics import RULES
from tools.paths import ROOT

# Another value of each knob, within its bounds and far enough from the default to show.
OTHERS = {
    "token_loss": 0.9,
    "money_rate": 0.5,
    "depth": 0.2,
    "free_money": 3,
    "grants_share": 0.2,
    "first_payment": 0.3,
    "round_size": 0.1,
    "least_report": 0.3,
    "late_rate": 0.6,
    "licence_value": 2,
    "grant_failure": 0.7,
    "income_multiple": 0.9,
    "income_spread": 2,
    "licence_half_life": 6,
    "typical_grant": 900_000,
    "years": 3,
}


def tables(page: str) -> str:
    """The page without the list of knobs, which shows each value anyhow, and without its prose."""
    body = page.split("## Buying a vote")[1]
    return "\n".join(line for line in body.splitlines() if line.startswith("|"))


@pytest.fixture(scope="module")
def page() -> str:
    return render(RULES, Assumptions(), "a file")


def test_document__today__is_what_the_command_prints(capsys):
    assert command.main([str(ROOT / command.DEFAULT)]) == 0

    printed = capsys.readouterr().out.replace(f"{ROOT}/", "")
    assert printed == (ROOT / "docs" / "ECONOMICS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("knob", [knob.name for knob in KNOBS])
def test_render__knob_turned__moves_a_table(knob, page):
    turned = with_knobs(Assumptions(), (f"{knob}={OTHERS[knob]}",))

    assert tables(render(RULES, turned, "a file")) != tables(page)


@pytest.mark.parametrize("rule", [rule.name for rule in fields(Rules)])
def test_render__rule_changed__moves_the_page(rule, page):
    value = getattr(RULES, rule)
    changed = replace(RULES, **{rule: value * 2 if value > 1 else value * 0.9})

    assert render(changed, Assumptions(), "a file") != page


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("luck=1", "'luck' is no knob of the model"),
        ("depth", "'depth' has no number"),
        ("depth=much", "'depth=much' has no number"),
        ("depth=0", "depth is 0"),
        ("token_loss=1.1", "token_loss is 1.1"),
        ("token_loss=nan", "token_loss is nan"),
    ],
)
def test_with_knobs__wrong_setting__says_what_to_write(setting, reason):
    with pytest.raises(FlywheelError) as error:
        with_knobs(Assumptions(), (setting,))
    assert str(error.value).startswith(reason)


def test_main__wrong_knob__one_line_and_failure(capsys):
    assert command.main([str(ROOT / command.DEFAULT), "--set", "luck=1"]) == 1
    assert capsys.readouterr().err.startswith("economics: 'luck' is no knob")


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
