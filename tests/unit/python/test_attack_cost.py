"""How many tokens pass a vote: by the Governor's own conditions, one token wei less does not."""

from hypothesis import given
from hypothesis import strategies as st

from flywheel.attack_cost import tokens_needed

WEI = st.integers(0, 10**27)


def passes(in_favour: int, against: int, quorum: int, majority_bps: int) -> bool:
    return (
        in_favour >= quorum
        and in_favour > against
        and in_favour * 10_000 >= majority_bps * (in_favour + against)
    )


@given(against=WEI, quorum=WEI, majority_bps=st.integers(5_000, 8_000))
def test_tokens_needed__any_vote__is_the_least_that_passes(against, quorum, majority_bps):
    needed = tokens_needed(against, quorum, majority_bps)

    assert passes(needed, against, quorum, majority_bps)
    assert not passes(needed - 1, against, quorum, majority_bps)


def test_tokens_needed__nobody_against__is_the_quorum():
    assert tokens_needed(0, 100, 5_000) == 100


def test_tokens_needed__two_thirds__is_twice_those_against():
    assert tokens_needed(300, 100, 6_667) == 601
