"""FundingRounds: a pause moves the end of the rounds that it meets, and picks no buyers."""

import boa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.funding import (
    FINALIZE_SECONDS,
    TERMS,
    USDC,
    State,
    deploy_rounds_suite,
)
from tests.support import DAY, account, now, pass_time, warp_to

CAP, GOAL = TERMS["hard_cap"], TERMS["soft_goal"]
PAUSE = 14 * DAY


def test_pause__open_round__ends_later_by_its_length(suite, guardian, contributor):
    round_id = suite.open_now()  # ten days
    end = suite.opened[round_id]["ends_at"]
    pass_time(DAY)
    suite.rounds.pause(sender=guardian)
    assert suite.rounds.round(round_id).terms.ends_at == end + PAUSE
    with boa.reverts("paused"):
        suite.pay(round_id, contributor, GOAL)
    warp_to(end + PAUSE - 1)
    assert suite.state(round_id) == State.OPEN
    suite.pay(round_id, contributor, GOAL)
    pass_time(1)
    assert suite.state(round_id) == State.SUCCEEDED
    warp_to(end + PAUSE + FINALIZE_SECONDS - 1)
    assert suite.state(round_id) == State.SUCCEEDED
    pass_time(1)
    assert suite.state(round_id) == State.FAILED


def test_pause__pro_rata__the_first_payer_is_not_the_only_one(suite, guardian, contributor, holder):
    """A guardian's friend used to get all of a pro-rata round."""
    round_id = suite.open_now(is_pro_rata=True)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.pause(sender=guardian)
    suite.warp_to_end(round_id)
    with boa.reverts("round has not succeeded"):
        suite.rounds.finalize(round_id)
    pass_time(PAUSE - 1)
    suite.pay(round_id, holder, 3 * CAP)
    pass_time(1)
    suite.rounds.finalize(round_id)
    tokens = suite.rounds.position(round_id, contributor).tokens
    assert tokens == suite.rounds.round(round_id).tokens_minted // 4


def test_unpause__early__end_moves_by_what_the_pause_lasted(suite, guardian, owner):
    round_id = suite.open_now()
    end = suite.opened[round_id]["ends_at"]
    suite.rounds.pause(sender=guardian)
    pass_time(3 * DAY)
    suite.rounds.unpause(sender=owner)
    assert suite.rounds.round(round_id).terms.ends_at == end + 3 * DAY


def test_pause__before_the_start__counts_what_overlaps(suite, guardian):
    round_id = suite.open(starts_at=now() + 2 * DAY)
    end = suite.opened[round_id]["ends_at"]
    suite.rounds.pause(sender=guardian)
    assert suite.rounds.round(round_id).terms.ends_at == end + PAUSE - 2 * DAY
    far = suite.rounds.round(round_id).terms.starts_at
    assert far == suite.opened[round_id]["starts_at"]


@pytest.mark.parametrize("paid", [0, GOAL])
def test_pause__round_that_is_over__stays_over(suite, guardian, contributor, paid):
    round_id = suite.open_now()
    if paid:
        suite.pay(round_id, contributor, paid)
    suite.warp_to_end(round_id)
    before = suite.state(round_id)
    suite.rounds.pause(sender=guardian)
    assert suite.state(round_id) == before
    assert suite.rounds.round(round_id).terms.ends_at == suite.opened[round_id]["ends_at"]


def test_pause__vesting__counts_from_the_end_that_it_moved(suite, guardian, contributor):
    round_id = suite.open_now(vesting_seconds=100 * DAY)
    suite.rounds.pause(sender=guardian)
    end = suite.opened[round_id]["ends_at"] + PAUSE
    pass_time(PAUSE)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    assert suite.rounds.round(round_id).vesting_starts_at == end


@pytest.mark.parametrize("is_ended_early", [False, True])
def test_open_round__in_a_pause__a_vote_opens_it_and_it_lasts_as_long(
    suite, guardian, owner, contributor, is_ended_early
):
    """A pause never stops what a vote decided: it moves that round's end like any other's."""
    suite.rounds.pause(sender=guardian)
    pass_time(4 * DAY)
    round_id = suite.open(starts_at=now() + 2 * DAY)
    end = suite.opened[round_id]["ends_at"]
    assert suite.rounds.round(round_id).terms.ends_at == end + PAUSE - 6 * DAY
    warp_to(suite.opened[round_id]["starts_at"])
    with boa.reverts("paused"):
        suite.pay(round_id, contributor, GOAL)
    if is_ended_early:
        pass_time(DAY)
        suite.rounds.unpause(sender=owner)
        assert suite.rounds.round(round_id).terms.ends_at == end + DAY
    else:
        warp_to(suite.rounds.paused_until())
    suite.pay(round_id, contributor, GOAL)


def test_pause__after_more_than_a_round_can_meet__still_moves_the_end(suite, guardian, owner):
    """A round counts the pauses from its own opening on, not those of all time."""
    for _ in range(65):
        suite.rounds.set_guardian(guardian, now() + 30 * DAY, sender=owner)
        suite.rounds.pause(sender=guardian)
        suite.rounds.unpause(sender=owner)
        pass_time(PAUSE)
    round_id = suite.open_now()
    end = suite.opened[round_id]["ends_at"]
    pass_time(DAY)
    suite.rounds.pause(sender=guardian)
    assert suite.rounds.round(round_id).terms.ends_at == end + PAUSE


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 14)), max_size=6),
    delay=st.integers(0, 10),
)
def test_ends_at__random_pauses__leave_the_terms_days_to_contribute(lengths, delay):
    """By brute force: the days on which a contribution was possible are those of the terms."""
    with boa.env.anchor():
        owner, guardian = account("governance"), account("watch")
        suite = deploy_rounds_suite(owner)
        suite.rounds.set_guardian(guardian, now() + 366 * DAY, sender=owner)
        round_id = suite.open(starts_at=now() + delay * DAY)
        pauses = iter(lengths)
        wait, length, until = *next(pauses, (10**6, 0)), -1
        open_days, day = 0, 0
        while day < 300 and suite.state(round_id) in (State.PENDING, State.OPEN):
            if until < 0 and wait <= 0:
                suite.rounds.pause(sender=guardian)
                until = day + length
            if 0 <= until <= day:
                if length < 14:
                    suite.rounds.unpause(sender=owner)
                wait, length, until = *next(pauses, (10**6, 0)), -1
                wait += 14
            if suite.state(round_id) == State.OPEN and until < 0:
                open_days += 1
            pass_time(DAY)
            wait, day = wait - 1, day + 1
        assert open_days == 10


# --- a cap that a vote lowers ---


def test_cancel_unmintable__cap_lowered_after_the_success__pays_back_at_once(
    suite, owner, contributor, stranger
):
    """The money used to be locked for forty days."""
    round_id = suite.open_now()
    with boa.reverts("round has not succeeded"):
        suite.rounds.cancel_unmintable(round_id)
    suite.pay(round_id, contributor, CAP)
    with boa.reverts("round can be minted"):
        suite.rounds.cancel_unmintable(round_id)
    needed = suite.tokens_for(round_id, CAP)
    suite.token.set_minter(suite.rounds, needed, sender=owner)
    with boa.reverts("round can be minted"):
        suite.rounds.cancel_unmintable(round_id)
    suite.token.set_minter(suite.rounds, needed - 1, sender=owner)
    with boa.reverts("mint is above the cap"):
        suite.rounds.finalize(round_id)
    suite.rounds.cancel_unmintable(round_id, sender=stranger)
    assert suite.state(round_id) == State.CANCELLED
    assert suite.rounds.refund(round_id, contributor) == CAP
    assert suite.rounds.tokens_reserved() == 0


def test_cancel_unmintable__cap_of_zero_or_below_what_was_minted__pays_back(
    suite, owner, contributor
):
    first = suite.open_now()
    suite.pay(first, contributor, CAP)
    suite.rounds.finalize(first)
    for cap in (0, 1):
        with boa.env.anchor():
            round_id = suite.open_now()
            suite.pay(round_id, contributor, CAP)
            suite.token.set_minter(suite.rounds, cap, sender=owner)
            suite.rounds.cancel_unmintable(round_id)
            assert suite.rounds.refund(round_id, contributor) == CAP


# --- all or nothing ---


@pytest.mark.parametrize(
    ("offered", "least", "taken"),
    [
        (300, 300, None),
        (300, 201, None),
        (300, 200, 200),
        (300, 0, 200),
        (150, 150, 150),
        (150, 151, None),
    ],
)
def test_contribute__minimum__takes_it_or_nothing(
    suite, contributor, holder, offered, least, taken
):
    round_id = suite.open_now()
    suite.pay(round_id, holder, CAP - 200 * USDC)
    suite.asset.mint(contributor, offered * USDC)
    suite.asset.approve(suite.rounds, offered * USDC, sender=contributor)
    calls = (
        lambda: suite.rounds.contribute(round_id, offered * USDC, least * USDC, sender=contributor),
        lambda: suite.rounds.contribute_with_proof(
            round_id, offered * USDC, [], least * USDC, sender=contributor
        ),
        lambda: suite.rounds.contribute_with_permit(
            *(round_id, offered * USDC, 1, now(), 27, b"", b"", [], least * USDC),
            sender=contributor,
        ),
    )
    for call in calls:
        with boa.env.anchor():
            if taken is None:
                with boa.reverts("less than the minimum is left"):
                    call()
            else:
                assert call() == taken * USDC
