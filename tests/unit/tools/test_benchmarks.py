"""Verdicts, faults and the page of the benchmarks; no node is needed for them."""

import pytest

from benchmarks import page, scaling
from benchmarks.rows import ELSEWHERE, OURS, Row

TARGET = 100
VERSIONS = {
    name: f"<{name}>"
    for name in ("node", "hardfork", "vyper", "openzeppelin", "solc", "evm", "asset_decimals")
}


def operation(name: str = "vote", must_reach: int | None = TARGET, **elsewhere: int):
    return page.Operation(name, f"a {name}", "steady", 50, must_reach, elsewhere)


def verdict_of(gas: int, exceptions: page.Exceptions | None = None, **elsewhere: int):
    """The verdict on one operation that cost `gas`."""
    operations = [operation(**elsewhere)]
    rows = page.to_rows(operations, [("vote", "steady", OURS, gas)])
    (verdict,) = page.judge(operations, rows, exceptions or page.Exceptions())
    return verdict


def accepted(at_most: int) -> page.Exceptions:
    return page.Exceptions(misses={"vote": (at_most, "a reason")})


# --- rows ---


def test_to_rows__target_state__alone_has_the_limit() -> None:
    measured = [("vote", "steady", OURS, 60), ("vote", "first", OURS, 80)]
    assert page.to_rows([operation(Bravo=90)], measured) == [
        Row("vote", "steady", OURS, 60, 50),
        Row("vote", "first", OURS, 80, None),
        Row("vote", ELSEWHERE, "Bravo", 90, 50),
    ]


def test_to_rows__operation_unknown__is_refused() -> None:
    with pytest.raises(KeyError):
        page.to_rows([operation()], [("votes", "steady", OURS, 60)])


# --- verdicts ---


@pytest.mark.parametrize(
    ("gas", "exceptions", "reached"),
    [
        (TARGET, page.Exceptions(), page.REACHED),
        (TARGET + 1, page.Exceptions(), page.MISSED),
        (TARGET + 10, accepted(TARGET + 10), page.ACCEPTED),
        (TARGET + 11, accepted(TARGET + 10), page.MISSED),
        (TARGET, accepted(TARGET + 10), page.REACHED),
    ],
)
def test_judge__around_target_and_accepted_miss__tells_them_apart(
    gas: int, exceptions: page.Exceptions, reached: str
) -> None:
    verdict = verdict_of(gas, exceptions)
    assert verdict.reached == reached
    assert bool(page.faults([verdict], exceptions)) == (reached == page.MISSED)


def test_judge__other_states__do_not_count() -> None:
    operations = [operation()]
    measured = [("vote", "first", OURS, 999), ("vote", "steady", OURS, 60)]
    (verdict,) = page.judge(operations, page.to_rows(operations, measured), page.Exceptions())
    assert (verdict.ours, verdict.reached) == (60, page.REACHED)


def test_judge__several_peers__compares_with_the_cheapest() -> None:
    verdict = verdict_of(60, Bravo=120, Aragon=80)
    assert verdict.best_peer == 80
    assert verdict.ratio == 0.75


def test_judge__no_target__reaches_and_misses_nothing() -> None:
    operations = [operation(must_reach=None)]
    rows = page.to_rows(operations, [("vote", "steady", OURS, 10**9)])
    verdicts = page.judge(operations, rows, page.Exceptions())
    assert [one.reached for one in verdicts] == [page.OPEN]
    assert page.faults(verdicts, page.Exceptions()) == []


# --- faults ---


def test_faults__target_missed__says_by_how_much() -> None:
    exceptions = accepted(110)
    assert page.faults([verdict_of(111, exceptions)], exceptions) == [
        "vote: 111 gas, at most 110 allowed"
    ]


def test_faults__operation_not_measured__fails_unless_it_is_an_exception() -> None:
    verdicts = page.judge([operation()], [], page.Exceptions())
    assert page.faults(verdicts, page.Exceptions()) == ["vote: was not measured"]
    assert page.faults(verdicts, page.Exceptions(unmeasured={"vote": "a reason"})) == []


def test_faults__exception_of_no_operation__fails() -> None:
    exceptions = page.Exceptions(misses={"veto": (1, "a reason")}, unmeasured={"draw": "a reason"})
    assert page.faults([verdict_of(60)], exceptions) == [
        "veto: is excepted, but no operation",
        "draw: is excepted, but no operation",
    ]
    assert page.stale([verdict_of(60)], exceptions) == []


def test_stale__exception_that_holds_no_more__is_named() -> None:
    assert page.stale([verdict_of(TARGET)], accepted(110)) == ["vote"]
    assert page.stale([verdict_of(TARGET + 1)], accepted(110)) == []
    assert page.stale([verdict_of(60)], page.Exceptions(unmeasured={"vote": "a reason"})) == [
        "vote"
    ]


# --- scaling ---


def test_scaling_faults__growth_above_one_percent__is_a_fault() -> None:
    grown = {"even": {10: 1_000, 10_000: 1_010}, "grown": {10: 1_000, 10_000: 1_011}}
    assert page.scaling_faults(grown) == ["grown: differs by 1.10% among 10 and 10,000 others"]


def test_scaling_faults__cheaper_among_more__is_a_fault_too() -> None:
    assert page.scaling_faults({"vote": {10: 1_000, 100: 1_000, 1_000: 989}})


def test_scaling_table__large_run_of_other_contracts__is_left_out() -> None:
    small = {"vote": {10: 1_000, 100: 1_000}}
    current = page.scaling_table(small, {"vote": {10: 1_000, 10_000: 1_005}})
    assert current == [
        {"operation": "vote", "gas": {10: 1_000, 100: 1_000, 10_000: 1_005}, "growth": 0.005}
    ]
    for outdated in ({"vote": {10: 1_001, 10_000: 1_001}}, {}):
        (line,) = page.scaling_table(small, outdated)
        assert line["gas"] == small["vote"]


def test_by_size__rows_of_all_kinds__finds_those_of_scaling() -> None:
    rows = [
        Row("vote", "steady", OURS, 60, 50),
        Row("vote", scaling.state(10), OURS, 61, None),
        Row("vote", scaling.state(10_000), OURS, 62, None),
    ]
    assert scaling.by_size(rows) == {"vote": {10: 61, 10_000: 62}}


# --- page ---


def test_render__every_kind_of_line__shows_figures_reasons_and_sources() -> None:
    operations = [operation(Bravo=1_234), operation("veto"), operation("draw")]
    exceptions = page.Exceptions({"veto": (150, "Too many words.")}, {"draw": "Nobody draws."})
    measured = [
        ("vote", "steady", OURS, 60),
        ("vote", "steady", "OpenZeppelin 5", 80),
        ("veto", "steady", OURS, 140),
    ]
    rows = page.to_rows(operations, measured)
    verdicts = page.judge(operations, rows, exceptions)
    lines = page.scaling_table({"vote": {10: 1_000, 100: 1_010}}, {})
    text = page.render(verdicts, rows, exceptions, lines, VERSIONS)
    peers = "OpenZeppelin 5 80; Bravo 1,234*"
    assert f"| a vote<br>`vote`, steady | 60 | {peers} | 0.75 | 50 | 100 | yes |\n" in text
    assert "| 140 |  |  | 50 | 100 | no, accepted |" in text
    assert "| not measured |" in text
    assert "- `veto`, at most 150: Too many words." in text
    assert "- `draw`: Nobody draws." in text
    assert "| `vote` | 1,000 | 1,010 | 1.00% |" in text
    assert all(value in text for value in VERSIONS.values())


def test_render__no_exceptions__has_no_sections_for_them() -> None:
    rows = page.to_rows([operation()], [("vote", "steady", OURS, 60)])
    verdicts = page.judge([operation()], rows, page.Exceptions())
    text = page.render(verdicts, rows, page.Exceptions(), [], VERSIONS)
    assert "## Targets that are missed" not in text
    assert "## Not measured" not in text


# --- the project's own data ---


def test_load__the_projects_files__fit_each_other() -> None:
    operations, exceptions = page.load_operations(), page.load_exceptions()
    names = [one.operation for one in operations]
    assert len(names) == len(set(names))
    for one in operations:
        assert one.must_reach is None or one.must_reach > 0
    targets = {one.operation: one.must_reach for one in operations}
    for name, (most, reason) in exceptions.misses.items():
        assert most > (targets[name] or most)
        assert reason
    assert set(exceptions.unmeasured) <= set(names)
    assert set(scaling.OPERATIONS) <= set(names)
