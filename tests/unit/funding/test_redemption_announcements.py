"""Redemptions: what a vote announces, takes back, and what may begin when."""

import boa
import pytest

from tests.kits.funding import (
    EXPIRY_SECONDS,
    NOTICE_SECONDS,
    sole_event,
)
from tests.kits.redemptions import CAP, LEFT
from tests.support import DAY, MAX_UINT, deploy, now, pass_time

# --- the announcement ---


def test_announce__owner__names_the_round_a_sum_and_an_end(story):
    redemptions = story.suite.redemptions
    story.announce(7)
    starts_at = now() + NOTICE_SECONDS
    logged = sole_event(redemptions, "WindDownAnnounced")
    assert logged == (story.round_id, 7, starts_at, starts_at + EXPIRY_SECONDS)
    expected = (starts_at, starts_at + EXPIRY_SECONDS, 7, 0, 0, 0, 0, 0)
    assert tuple(redemptions.wind_down(story.round_id)) == expected


@pytest.mark.parametrize(
    ("voting_period", "delay", "notice"),
    [(DAY, 0, NOTICE_SECONDS), (2 * DAY + 1, 0, 14 * DAY + 1), (5 * DAY, 7 * DAY, 23 * DAY)],
)
def test_announce__with_a_governor__a_vote_can_withdraw_it(
    story, owner, stranger, voting_period, delay, notice
):
    """A day to the vote, its period, three extensions of a day, a delay, and a week to notice."""
    redemptions = story.suite.redemptions
    governor = deploy("MockVoteTimes", DAY, voting_period, DAY, DAY, delay)
    with boa.env.prank(stranger), boa.reverts("caller is not the owner"):
        redemptions.set_governor(governor.address)
    redemptions.set_governor(governor.address, sender=owner)
    assert redemptions.governor() == governor.address
    story.announce(7)
    announced = redemptions.wind_down(story.round_id)
    assert announced.starts_at == now() + notice
    assert announced.expires_at == now() + notice + EXPIRY_SECONDS


@pytest.mark.parametrize("voting_days", [1, 40])
def test_announce__again_under_another_governor__never_begins_earlier(story, owner, voting_days):
    """Who reads the first announcement and plans to vote is not overtaken by the second."""
    redemptions = story.suite.redemptions
    slow = deploy("MockVoteTimes", DAY, 5 * DAY, DAY, DAY, 7 * DAY)
    redemptions.set_governor(slow.address, sender=owner)
    story.announce()
    first = redemptions.wind_down(story.round_id).starts_at
    pass_time(DAY)
    other = deploy("MockVoteTimes", DAY, voting_days * DAY, 0, 0, 0)
    redemptions.set_governor(other.address, sender=owner)
    story.announce()
    announced = redemptions.wind_down(story.round_id)
    assert announced.starts_at == max(first, now() + 14 * DAY, now() + (voting_days + 8) * DAY)
    assert announced.expires_at == announced.starts_at + EXPIRY_SECONDS


@pytest.mark.parametrize("min_pool", [0, CAP + 1, MAX_UINT])
def test_announce__minimum__is_above_zero_and_at_most_what_was_brought(story, owner, min_pool):
    with boa.reverts("minimum is out of bounds"):
        story.suite.redemptions.announce(story.round_id, min_pool, sender=owner)
    story.suite.redemptions.announce(story.round_id, CAP, sender=owner)


def test_announce__wrong_caller_or_round__reverts(story, guardian, owner):
    redemptions = story.suite.redemptions
    with boa.reverts("caller is not the owner"):
        redemptions.announce(story.round_id, 1, sender=guardian)
    with boa.reverts("round is unknown"):
        redemptions.announce(99, 1, sender=owner)
    with boa.reverts("round is not finalized"):
        redemptions.announce(story.suite.open(), 1, sender=owner)
    story.begin()
    with boa.reverts("wind-down has begun"):
        redemptions.announce(story.round_id, 1, sender=owner)


def test_withdraw__owner__before_it_has_begun(story, owner, guardian):
    redemptions = story.suite.redemptions
    with boa.reverts("no wind-down is announced"):
        redemptions.withdraw(story.round_id, sender=owner)
    story.announce()
    with boa.reverts("caller is not the owner"):
        redemptions.withdraw(story.round_id, sender=guardian)
    redemptions.withdraw(story.round_id, sender=owner)
    assert sole_event(redemptions, "WindDownWithdrawn") == (story.round_id,)
    pass_time(NOTICE_SECONDS)
    with boa.reverts("no notice has ended"):
        redemptions.begin(story.round_id)
    story.begin()
    with boa.reverts("wind-down has begun"):
        redemptions.withdraw(story.round_id, sender=owner)


@pytest.mark.parametrize(
    ("elapsed", "reason"),
    [
        (NOTICE_SECONDS - 1, "no notice has ended"),
        (NOTICE_SECONDS, None),
        (NOTICE_SECONDS + EXPIRY_SECONDS - 1, None),
        (NOTICE_SECONDS + EXPIRY_SECONDS, "announcement has expired"),
        (900 * DAY, "announcement has expired"),
    ],
)
def test_begin__announcement__holds_from_its_notice_to_its_end(story, stranger, elapsed, reason):
    """A stale announcement used to fire years later, on another round's money."""
    story.announce()
    pass_time(elapsed)
    if reason is None:
        assert story.suite.redemptions.begin(story.round_id, sender=stranger) == LEFT
        return
    with boa.reverts(reason):
        story.suite.redemptions.begin(story.round_id, sender=stranger)


def test_begin__announced_again__notice_begins_anew(story):
    story.announce()
    pass_time(NOTICE_SECONDS)
    story.announce()
    with boa.reverts("no notice has ended"):
        story.suite.redemptions.begin(story.round_id)
    pass_time(NOTICE_SECONDS)
    story.suite.redemptions.begin(story.round_id)
    with boa.reverts("wind-down has begun"):
        story.suite.redemptions.begin(story.round_id)


def test_begin__without_a_vote_in_the_treasury__reverts(story, owner):
    story.suite.redemptions.announce(story.round_id, 1, sender=owner)
    pass_time(NOTICE_SECONDS)
    with boa.reverts("wind-down is not allowed"):
        story.suite.redemptions.begin(story.round_id)


@pytest.mark.parametrize(("min_pool", "passes"), [(LEFT, True), (LEFT + 1, False)])
def test_begin__minimum__must_be_free(story, min_pool, passes):
    story.announce(min_pool)
    pass_time(NOTICE_SECONDS)
    if passes:
        assert story.suite.redemptions.begin(story.round_id) == LEFT
        return
    with boa.reverts("too little money is free"):
        story.suite.redemptions.begin(story.round_id)
