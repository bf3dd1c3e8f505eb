"""Shares of a budget, by worker and by account."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import shares
from flywheel.rewards.leaves import keccak

ASSET = "0x" + "aA" * 20
WORK = st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), max_size=30)


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


@given(work=WORK, units=st.integers(0, 2**128 - 1))
def test_split__any_work__sums_exactly_and_rounds_by_less_than_one(work, units):
    if not any(work.values()):
        with pytest.raises(FlywheelError, match="no accepted work"):
            shares.split(work, units)
        return
    parts = shares.split(work, units)
    assert sum(parts.values()) == units
    assert set(parts) == {name for name, amount in work.items() if amount}
    for name, part in parts.items():
        assert abs(part - Fraction(units * work[name], sum(work.values()))) < 1


def test_split__order_of_the_workers__does_not_matter():
    assert shares.split({"b": 1, "a": 1, "c": 1}, 100) == {"a": 33, "b": 33, "c": 34}


@pytest.mark.parametrize(("work", "units"), [({"a": -1, "b": 2}, 1), ({"a": 1}, -1)])
def test_split__negative__is_refused(work, units):
    with pytest.raises(FlywheelError, match="cannot be negative"):
        shares.split(work, units)


# --- accounts ---


def test_demo_address__is_the_documented_hash():
    expected = keccak(b"flywheel-contributor:w0001")[-20:].hex()
    assert shares.demo_address("w0001").lower() == f"0x{expected}"


def test_addresses_of__no_file__derives_each():
    assert shares.addresses_of(["w1", "w2"]) == {
        "w1": shares.demo_address("w1"),
        "w2": shares.demo_address("w2"),
    }


def test_addresses_of__file__maps_each(tmp_path):
    lower = shares.demo_address("x").lower()
    path = write(tmp_path, "map.csv", "worker,address", f"w1,{lower}", f"w2,{lower}")
    assert shares.addresses_of(["w2"], path) == {"w2": lower}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["w1,0x12"], r"line 2: '0x12' is not an address"),
        (["w1,0x" + "11" * 20, "w1,0x" + "22" * 20], r"line 3: worker 'w1' is there already"),
        (["w2,0x" + "11" * 20], r"1 workers have no account, first 'w1'"),
        (["w1,"], r"line 2: no address"),
    ],
)
def test_addresses_of__faulty_file__names_line_and_fault(tmp_path, lines, reason):
    path = write(tmp_path, "map.csv", "worker,address", *lines)
    with pytest.raises(FlywheelError, match=reason) as caught:
        shares.addresses_of(["w1"], path)
    assert str(path) in str(caught.value)


def test_leaves_of__workers_of_one_account__are_added_up():
    one, two = shares.demo_address("one"), shares.demo_address("two")
    leaves = shares.leaves_of(
        {"a": 1, "b": 2, "c": 4, "d": 0}, {"a": one, "b": two, "c": one.lower(), "d": ASSET}
    )
    assert leaves == {one.lower(): 5, two.lower(): 2}
    assert list(leaves) == sorted(leaves)
