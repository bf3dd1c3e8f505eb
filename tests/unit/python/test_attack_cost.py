"""How many tokens pass a vote: by the Governor's own conditions, a token wei less does not."""

from hypothesis import given
from hypothesis import strategies as st

from flywheel.governance.attack_cost import tokens_needed


def passes(bought: int, counted: int, turnout: int, quorum: int, majority_bps: int) -> bool:
    against = (counted - bought) * turnout // counted
    return (
        bought >= quorum
        and bought > against
        and bought * 10_000 >= majority_bps * (bought + against)
    )


@given(data=st.data(), majority_bps=st.integers(5_000, 8_000))
def test_tokens_needed__few_tokens__are_the_least_that_pass(data, majority_bps):
    counted = data.draw(st.integers(1, 300))
    turnout = data.draw(st.integers(0, counted))
    quorum = data.draw(st.integers(1, counted))
    least = next(
        bought
        for bought in range(1, counted + 1)
        if passes(bought, counted, turnout, quorum, majority_bps)
    )

    assert tokens_needed(counted, turnout, quorum, majority_bps) == least


@given(data=st.data(), majority_bps=st.integers(5_000, 8_000))
def test_tokens_needed__any_vote__pass(data, majority_bps):
    counted = data.draw(st.integers(1, 10**27))
    turnout = data.draw(st.integers(0, counted))
    quorum = data.draw(st.integers(1, counted))
    needed = tokens_needed(counted, turnout, quorum, majority_bps)

    assert passes(needed, counted, turnout, quorum, majority_bps)
    assert needed <= counted
    assert not passes(needed - 1, counted, turnout, quorum, majority_bps)


def test_tokens_needed__nobody_against__is_the_quorum():
    assert tokens_needed(1_000, 0, 100, 5_000) == 100


def test_tokens_needed__all_others_against__is_the_majority():
    assert tokens_needed(1_000, 1_000, 100, 5_000) == 501
    assert tokens_needed(30_000, 30_000, 100, 6_667) == 20_001


def test_tokens_needed__nobody_can_vote__is_the_quorum():
    assert tokens_needed(0, 0, 7, 5_000) == 7
