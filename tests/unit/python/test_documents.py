"""Checked YAML: what is wrong is said with file, line and reason."""

from pathlib import Path

import pytest
import yaml

from flywheel import amounts, documents
from flywheel.deploy import parameters
from flywheel.errors import FlywheelError
from flywheel.reading import texts
from flywheel.story import lineage_scenario, scenario

DEVNET = Path("parameters/devnet.yaml")
APPLICATION = Path("examples/application.yaml")


@pytest.fixture
def changed(tmp_path):
    """Writes a copy of a file with one text replaced; returns its path and the changed line."""

    def change(source, old, new):
        text = source.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {source}"
        before = text[: text.index(old)]
        path = tmp_path / "changed.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path, before.count("\n") + 1

    return change


def refusal(load, path):
    with pytest.raises(FlywheelError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("holders_bps: 4000", "holders_bps: 5001", "holders get 0 to 5000 basis points"),
        ("grants_bps: 5000", "grants_bps: 3999", "the next grants get 4000 to 10000"),
        ('holders_floor: "0"', 'holders_floor: "-1"', "write an amount"),
        ('price: "0.10"', 'price: "ten cents"', "write an amount"),
        ("voting_period: 7 days", "voting_period: a week", "write a duration"),
        ("decimals: 6", "decimals: six", "is not of type 'integer'"),
        ("window: 30 days", "widow: 30 days", "no 'widow' here. Perhaps 'window' is meant."),
        ("round_cap:", "colour:", "no 'colour' here. Use one of epoch, name, round_cap, symbol."),
        ("spend_cap_percent: 5", "spend_cap_percent: 5.5", "write an amount"),
    ],
)
def test_load__wrong_value__names_line_and_reason(changed, old, new, reason):
    path, line = changed(DEVNET, old, new)
    said = refusal(parameters.load, path)
    assert reason in said
    assert f"{path}, line {line}:" in said


def test_load__unknown_key__names_the_section(changed):
    path, _ = changed(DEVNET, "    window: 30 days\n", "    window: 30 days\n    colour: red\n")
    said = refusal(parameters.load, path)
    name = path.read_text(encoding="utf-8").index("colour:")
    line = path.read_text(encoding="utf-8")[:name].count("\n") + 1
    assert f"line {line}: suite.genesis_round: there is no 'colour' here" in said


def test_load__missing_key__is_named(changed):
    path, _ = changed(DEVNET, "    window: 30 days\n", "")
    assert "suite.genesis_round: window must be given." in refusal(parameters.load, path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('strict_majority_percent: "66.67"', 'strict_majority_percent: "66.667"', "governor."),
        ('price: "0.10"', 'price: "0.1000001"', "genesis_round."),
    ],
)
def test_load__too_many_decimals__names_the_field(changed, old, new, said):
    path, _ = changed(DEVNET, old, new)
    field = said + new.split(":")[0]
    assert f"{path}: {field}: '" in refusal(parameters.load, path)


def test_load__broken_yaml__names_the_line(changed):
    path, line = changed(DEVNET, "  timelock: {delay: 2 days}", "  timelock: {delay: 2 days")
    said = refusal(parameters.load, path)
    assert str(path) in said
    assert f"line {line}" in said or f"line {line + 1}" in said


def test_load__key_twice__is_refused(changed):
    path, line = changed(
        DEVNET, "  timelock: {delay: 2 days}\n", "  timelock: {delay: 2 days}\n  timelock: {}\n"
    )
    assert f"line {line + 1}: 'timelock' was given" in refusal(parameters.load, path)


def test_load__missing_file__says_so(tmp_path):
    assert "Cannot read" in refusal(parameters.load, tmp_path / "none.yaml")


LAST = "terms_uri: ipfs://devnet/round-terms"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('round_cap: "3_000_000"', 'round_cap: "2_999_999"', "above token.round_cap"),
        ('soft_goal: "250_000"', 'soft_goal: "300_001"', "soft_goal must be above zero"),
        ("grants_bps: 5000", "grants_bps: 6001", "sum to more than 10000"),
        ('holders_floor: "0"', 'holders_floor: "300_001"', "more than the first round can bring"),
        ('quorum_minimum: "100_000"', 'quorum_minimum: "1_250_001"', "quorum_minimum is more than"),
        ('threshold: "10_000"', 'threshold: "1_250_001"', "proposal_threshold is more than half"),
        ("spend_cap_percent: 5", "spend_cap_percent: '10.01'", "an ordinary vote spends 0 to 10 %"),
        ("grant_cap_percent: 25", "grant_cap_percent: '50.01'", "an ordinary vote grants 0 to 50"),
        ("objection_bps: 100", "objection_bps: 0", "one that nobody can make protects nobody"),
        ("objection_bps: 100", "objection_bps: 501", "Write 1 to 500 basis points"),
        ("strict_delay: 4 days", "strict_delay: 31 days", "strict_delay is 31 days"),
        (LAST, f"vesting: {{cliff: 1 day, length: 9 days}}\n    {LAST}", "nobody could vote"),
        (LAST, f"vesting: {{length: 9 days}}\n    {LAST}", "until then nobody could vote"),
    ],
)
def test_load__contradiction__is_refused(changed, old, new, reason):
    path, _ = changed(DEVNET, old, new)
    assert reason in refusal(parameters.load, path)


def test_load__first_round_that_vests__may_be_pro_rata(changed):
    path, _ = changed(DEVNET, LAST, f"mode: pro rata\n    vesting: {{length: 9 days}}\n    {LAST}")
    assert parameters.load(path).genesis_round.vesting_seconds == 9 * 86_400


def test_load__limits_at_their_bounds__are_read(changed):
    path, _ = changed(DEVNET, "spend_cap_percent: 5", "spend_cap_percent: 10")
    assert parameters.load(path).spend_cap_bps == 1_000
    path, _ = changed(DEVNET, "spend_cap_percent: 5", 'spend_cap_percent: "5.5"')
    assert parameters.load(path).spend_cap_bps == 550
    path, _ = changed(DEVNET, "grant_cap_percent: 25", "grant_cap_percent: 50")
    assert parameters.load(path).grant_cap_bps == 5_000
    path, _ = changed(DEVNET, 'holders_floor: "0"', 'holders_floor: "300_000"')
    assert parameters.load(path).holders_floor == 300_000 * 10**6


def test_load__limits_left_out__have_defaults():
    found = scenario.load("mpt-7b").suite
    assert (found.spend_cap_bps, found.grant_cap_bps, found.holders_floor) == (500, 2_500, 0)


@pytest.mark.parametrize("name", scenario.names())
def test_scenario__that_ships__is_valid_and_cites_sources(name):
    path = scenario.find(name)
    of_models = lineage_scenario.is_one(path)
    tale = lineage_scenario.load(path).story if of_models else scenario.load(name)
    assert tale.name == name
    assert tale.sources or name in ("failed-round", "oversubscribed")
    assert all(url.startswith("https://") for _, url in tale.sources)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("name: university", "name: startup", "the name 'startup' is used twice"),
        ("dataset_bps: 1500", "dataset_bps: 1501", "does not sum to 10000"),
        ('compute: "45_000"', 'compute: "35_000"', "the GPU-hours up to it cost more than is"),
        (
            'compute: "80_000", compute_percent: 60',
            'compute: "90_000", compute_percent: 60',
            "at most a third of milestones and compute",
        ),
        ("due: 55 days", "due: 40 days", "a milestone is due 14 days after the one before"),
        ('"10_000", due: 120', '"3_000", due: 120', "a tenth of all milestones or more"),
        ("gpu_hours: 60_192", "dies_at_percent: 5", "only one of dies_at_percent and replaced_by"),
        ("vote: for}", "vote: maybe}", "'maybe' is not one of"),
        ("compute_percent: 100, energy", "compute_percent: 101, energy", "0 to 100 per cent"),
    ],
)
def test_scenario__wrong__names_the_fault(changed, old, new, reason):
    path, _ = changed(scenario.SCENARIOS / "mpt-7b.yaml", old, new)
    assert reason in refusal(lambda file: scenario.load(str(file)), path)


def test_load__several_faults__are_listed_at_once_with_their_lines(tmp_path):
    path = tmp_path / "faulty.yaml"
    text = APPLICATION.read_text(encoding="utf-8")
    for old, new in (("due: 30 days", "due: 30"), ("purpose:", "purpos:"), ("bps: 6000", "bps: x")):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    said = refusal(lambda file: documents.load(file, "application"), path).splitlines()
    assert len(said) == 3
    assert said[0].endswith("there is no 'purpos' here. Perhaps 'purpose' is meant.")
    assert said[1].endswith(
        'milestones.0.due: write a duration with its unit, such as "7 days" or "36 hours".'
    )
    assert "split.0.bps: write basis points" in said[2]
    assert all(line.startswith(f"{path}, line ") for line in said)


def test_refuse__several_places__are_listed_in_the_order_of_lines(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text("a: 1\nb: 2\n", encoding="utf-8")
    documents.refuse(path, [])
    with pytest.raises(FlywheelError) as caught:
        documents.refuse(path, [(["b"], "is wrong."), (["a"], "is bad")])
    assert str(caught.value) == f"{path}, line 1: a: is bad.\n{path}, line 2: b: is wrong."


def test_reading__refusal_inside__has_file_and_line(tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text("a: 1\nb: 0.123\n", encoding="utf-8")
    with (
        pytest.raises(
            FlywheelError, match=r"one\.yaml, line 2: b: '0\.123' has more than 2 decimals"
        ),
        documents.reading(path, "b"),
    ):
        amounts.to_units("0.123", 2)


def test_find__unknown_name__lists_what_there_is():
    with pytest.raises(FlywheelError, match="mpt-7b"):
        scenario.find("mpt-8b")


def test_line_of__path__leads_to_the_deepest_node():
    text = "a:\n  b:\n    - 1\n    - c: 2\n"
    assert yaml.safe_load(text) == {"a": {"b": [1, {"c": 2}]}}
    assert documents.line_of(text, []) == 1
    assert documents.line_of(text, ["a", "b"]) == 2
    assert documents.line_of(text, ["a", "b", 1, "c"]) == 4
    assert documents.line_of(text, ["a", "x"]) == 1


def test_error__path_as_long_as_a_book__keeps_its_beginning_and_what_to_do():
    """Found by an hour of the fuzzer over readers: a model's file named a card of 5,000 digits."""
    with pytest.raises(FlywheelError) as caught:
        documents.load(Path("/" + "9" * 5_000), "model")
    (line,) = str(caught.value).splitlines()
    assert len(line) == 903
    assert line.startswith("Cannot read ")
    assert line.endswith("File name too long. Check the path.")


def test_load__path_with_marks_that_nobody_sees__is_told_without_them():
    """A file may name another one: found by a long run of the fuzzer over readers."""
    with pytest.raises(
        FlywheelError, match=r"^Cannot read .*/\?README\.md: No such file"
    ) as caught:
        texts.read_text(Path("/nowhere/\ufeffREADME.md"))
    assert str(caught.value).isprintable()
