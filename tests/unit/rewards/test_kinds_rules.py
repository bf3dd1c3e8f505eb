"""The rules of reports, rankings and units: what they take, what they refuse, and their text."""

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import kinds, rules
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.rules import LabelRule, RankingRule, ReportRule, UnitRule

ONE, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
REPORTS = "kind: reports\npoints: {high: 30, low: 2}\n"
RANKING = "kind: ranking\nbenchmark: 3\nprizes: [50, 30, 20]\n"
UNITS = f"kind: units\nvalidators: ['{ONE}', '{OTHER}']\nthreshold: 2\n"


@pytest.fixture
def rule(tmp_path):
    """Writes a rule and returns its path."""

    def write(text: str):
        path = tmp_path / "rule.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_read__each_kind__has_its_fields(rule):
    assert rules.read(rule(REPORTS)) == ReportRule({"high": 30, "low": 2})
    assert rules.read(rule(RANKING)) == RankingRule(3, (50, 30, 20))
    whole = RankingRule(3, (50, 30, 20), -5, False)
    assert rules.read(rule(f"{RANKING}least_score: -5\nis_higher_better: false\n")) == whole
    led = RankingRule(3, (50, 30, 20), least_lead=5_000)
    assert rules.read(rule(f"{RANKING}least_lead: 5000.0\n")) == led
    assert rules.read(rule(UNITS)) == UnitRule((ONE, OTHER), 2)
    assert rules.read(rule("judges: 4\n")) == LabelRule(judges=4)


@pytest.mark.parametrize(
    "made",
    [
        LabelRule(confidence=0.00001, full_at=0.5),
        ReportRule({"on": 1, "0x12": 2, "010": 3, "ärger: #": 4, "a" * 200: 5}),
        RankingRule(1, (7,), None, True),
        RankingRule(1, (7, 7), -(10**27), False, 10**27),
        UnitRule((ONE, OTHER), 1),
    ],
    ids=lambda made: made.kind,
)
def test_text_of__each_kind__is_read_as_the_same_rule(rule, made):
    assert rules.read(rule(rules.text_of(made))) == made


def test_read__whole_numbers_written_as_fractions__are_whole(rule):
    made = rules.read(rule("kind: ranking\nbenchmark: 3.0\nprizes: [5.0]\nleast_score: 1.0\n"))
    assert isinstance(made, RankingRule)
    numbers = (made.benchmark, made.least_score, *made.prizes)
    assert [type(number) for number in numbers] == [int, int, int]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: gifts\n", "line 1: kind: there is no kind 'gifts'. Write one of labels, reports"),
        ("judges: 3\nkind: [units]\n", r"line 2: kind: there is no kind '\['units'\]'"),
        ("kind: reports\n", "points must be given"),
        ("kind: reports\npoints: {}\n", "points"),
        ("kind: reports\npoints:\n  high: 0\n", "line 3"),
        ("kind: reports\npoints:\n  high: 1000001\n", "line 3"),
        ("kind: reports\npoints:\n  high: 1.5\n", "line 3"),
        ("kind: reports\npoints:\n  high: true\n", "line 3"),
        ("kind: reports\npoints:\n  ' ': 1\n", "line 3: .*The severity is empty"),
        ("kind: reports\npoints:\n  high: 1\n  'high ': 2\n", "line 4: .*is there already"),
        ('kind: reports\npoints:\n  "hi\\u200Bgh": 1\n', "cannot be seen"),
        ("kind: reports\npoints: {high: 1}\njudges: 3\n", "there is no 'judges' here"),
        ("kind: ranking\nbenchmark: 1\n", "prizes must be given"),
        ("kind: ranking\nbenchmark: 0\nprizes: [1]\n", "benchmark"),
        ("kind: ranking\nbenchmark: 1\nprizes: []\n", "prizes"),
        ("kind: ranking\nbenchmark: 1\nprizes: [3, 0]\n", "prizes"),
        ("kind: ranking\nbenchmark: 1\nprizes:\n- 3\n- 4\n", "line 5: .*whoever does worse"),
        ("kind: ranking\nbenchmark: 1\nprizes: [1]\nleast_score: 0.5\n", "least_score"),
        ("kind: ranking\nbenchmark: 1\nprizes: [1]\nleast_lead: -1\n", "least_lead"),
        ("kind: ranking\nbenchmark: 1\nprizes: [1]\nleast_lead: 0.5\n", "least_lead"),
        (
            f"kind: units\nvalidators:\n- '{ONE}'\n- '0x{'00' * 20}'\nthreshold: 1\n",
            "line 4: .*nobody signs for the zero address",
        ),
        (f"kind: units\nvalidators: ['{ONE}']\nthreshold: 2\n", "line 3: .*can never sign"),
        (f"kind: units\nvalidators: ['{ONE}']\nthreshold: 0\n", "threshold"),
        ("kind: units\nvalidators: []\nthreshold: 1\n", "validators"),
        ("kind: units\nvalidators: [eve]\nthreshold: 1\n", "'eve' is not an address"),
        (f"kind: units\nvalidators: [{ONE}]\nthreshold: 1\n", "write an address in quotes"),
        (
            f"kind: units\nvalidators:\n- '0x{'aB' * 20}'\nthreshold: 1\n",
            "line 3: .*capitals do not fit",
        ),
        (
            f"kind: units\nvalidators:\n- '0x{'ab' * 20}'\n- '0x{'AB' * 20}'\nthreshold: 1\n",
            "line 4: .*is there already",
        ),
    ],
)
def test_read__hostile__is_refused_with_its_line(rule, text, said):
    with pytest.raises(FlywheelError, match=said):
        rules.read(rule(text))


def test_read_rule__of_labels__refuses_another_kind(rule, tmp_path):
    with pytest.raises(FlywheelError, match=r"is a rule of the kind reports\. Give one of labels"):
        JobFiles(tmp_path / "labels.csv", rule=rule(REPORTS)).read_rule()


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (REPORTS, "gold"),
        (REPORTS, "signatures"),
        (RANKING, "persons"),
        (RANKING, "results"),
        (RANKING, "seen"),
        (UNITS, "appeals"),
        ("kind: labels\n", "signatures"),
    ],
)
def test_given__a_file_that_the_kind_has_not__is_refused(rule, tmp_path, text, option):
    with pytest.raises(FlywheelError, match=f"has no --{option}. Leave it out"):
        kinds.given(tmp_path / "file.csv", rule=rule(text), **{option: tmp_path / "other.csv"})


def test_given__no_rule__is_a_labelling_job(tmp_path):
    found = kinds.given(tmp_path / "labels.csv", gold=tmp_path / "gold.csv", signatures=None)
    assert found == JobFiles(tmp_path / "labels.csv", gold=tmp_path / "gold.csv")
