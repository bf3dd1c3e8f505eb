"""Ranges of logs: every block once and in order, whatever the node refuses."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from flywheel.chain import logs, node
from flywheel.chain.patient import NodeGaveUp
from flywheel.errors import FlywheelError


class Limited:
    """A node that has one log in each block of `dense`, else none, and gives so many blocks and so
    many logs at a time."""

    def __init__(self, blocks: int, results: int = 10**9, dense: range = range(10**9)) -> None:
        self.blocks, self.results, self.dense = blocks, results, dense
        self.asked: list[tuple[int, int]] = []

    def __call__(self, first: int, last: int) -> list[int]:
        self.asked.append((first, last))
        if last - first + 1 > self.blocks:
            raise node.Refused({"code": -32602, "message": "range is too large"})
        found = range(max(first, self.dense.start), min(last + 1, self.dense.stop))
        if len(found) > self.results:
            raise node.Refused({"code": -32005, "message": "too many results"})
        return list(found)


@given(st.integers(0, 50), st.integers(0, 3_000), st.integers(1, 3_500), st.integers(1, 100))
def test_in_ranges__any_limits__every_block_once_and_in_order(first, count, blocks, results):
    found = logs.in_ranges(Limited(blocks, results), first, first + count)
    assert found == list(range(first, first + count + 1))


def test_in_ranges__no_limit__asks_once():
    ask = Limited(10**9)
    logs.in_ranges(ask, 5, 3_000_000)
    assert ask.asked == [(5, 3_000_000)]


def test_in_ranges__2_000_blocks_at_a_time__wastes_less_than_half():
    ask = Limited(2_000)
    logs.in_ranges(ask, 0, 2_999_999)
    assert len(ask.asked) < 1.5 * 1_500


def test_in_ranges__dense_at_first__grows_again():
    ask = Limited(10**9, 50, range(500))
    assert logs.in_ranges(ask, 0, 2_999_999) == list(range(500))
    assert len(ask.asked) < 300


@pytest.mark.parametrize("error", [NodeGaveUp("HTTP 504"), requests.Timeout("slow")])
def test_in_ranges__no_answer_in_time__asks_for_less(error):
    def ask(first: int, last: int) -> list[int]:
        if last > first:
            raise error
        return [first]

    assert logs.in_ranges(ask, 3, 9) == [3, 4, 5, 6, 7, 8, 9]


def test_in_ranges__single_block_refused__says_which():
    with pytest.raises(FlywheelError, match=r"no logs of blocks 4 to 4 \(range is too large\)"):
        logs.in_ranges(Limited(0), 4, 9)


def test_in_ranges__method_unknown__is_told_at_once():
    asked = []

    def ask(first: int, last: int) -> list[int]:
        asked.append(first)
        raise node.Refused({"code": logs.METHOD_NOT_FOUND, "message": "no such method"})

    with pytest.raises(FlywheelError, match="no such method"):
        logs.in_ranges(ask, 0, 1_000)
    assert len(asked) == 1


def test_in_ranges__nothing_to_read__asks_nothing():
    assert logs.in_ranges(Limited(1), 7, 6) == []
