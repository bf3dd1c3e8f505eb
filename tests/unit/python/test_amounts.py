from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel import amounts
from flywheel.errors import FlywheelError


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [
        ("12.5", 6, 12_500_000),
        ("0", 6, 0),
        (".5", 1, 5),
        ("1,000,000", 0, 1_000_000),
        ("1_000.000001", 6, 1_000_000_001),
        (7, 18, 7 * 10**18),
        (Decimal("0.1"), 1, 1),
        ("1" * 60, 18, int("1" * 60) * 10**18),
    ],
)
def test_to_units__exact_amount__is_converted(text, decimals, units):
    assert amounts.to_units(text, decimals) == units


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not an amount"),
        ("12.5 USDC", "is not an amount"),
        ("-1", "is not a positive amount"),
        ("nan", "is not an amount"),
        ("inf", "is not an amount"),
        ("12,5", "is not an amount"),
        ("0,5", "is not an amount"),
        ("1,00,000", "is not an amount"),
        ("1_", "is not an amount"),
        ("1e3", "is not an amount"),
        ("0.0000001", "has more than 6 decimals"),
    ],
)
def test_to_units__bad_text__names_the_fix(text, reason):
    with pytest.raises(FlywheelError, match=reason):
        amounts.to_units(text, 6)


@given(st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_show__any_amount__reads_back(units, decimals):
    assert amounts.to_units(amounts.show(units, decimals), decimals) == units
    assert amounts.to_units(amounts.from_units(units, decimals), decimals) == units


@pytest.mark.parametrize(
    ("units", "shown"),
    [(0, "0 USDC"), (1, "0.000001 USDC"), (12_500_000, "12.5 USDC"), (-1_500_000, "-1.5 USDC")],
)
def test_show__with_symbol__drops_trailing_zeros(units, shown):
    assert amounts.show(units, 6, "USDC") == shown


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("7 days", 604_800),
        ("1 day 12 hours", 129_600),
        ("9.5 days", 820_800),
        ("0 days", 0),
        (15, 15),
        ("1 week", 604_800),
    ],
)
def test_seconds__written_duration__is_converted(text, total):
    assert amounts.seconds(text) == total


@pytest.mark.parametrize(
    "text", ["soon", "7 dayz", "-7 days", -1, "0.3 seconds", "7 days!", "1.2.3 days", "90"]
)
def test_seconds__bad_text__is_refused(text):
    with pytest.raises(FlywheelError):
        amounts.seconds(text)


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90_061, "1 day 1 hour"),
        (604_800, "7 days"),
        (61, "1 minute 1 second"),
    ],
)
def test_show_duration__names_two_largest_units(total, shown):
    assert amounts.show_duration(total) == shown


def test_show_bps__keeps_fractions():
    assert amounts.show_bps(1_250) == "12.5 %"
    assert amounts.show_bps(10_000) == "100 %"
