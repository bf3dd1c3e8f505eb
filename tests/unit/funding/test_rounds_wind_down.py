"""FundingRounds and Treasury: a vote abandons a purpose, and its money goes back."""

from dataclasses import dataclass

import boa
import pytest

from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, events, now, pass_time, warp_to
from tests.unit.funding.rounds_support import (
    NOTICE_SECONDS,
    REDEEM_SECONDS,
    TERMS,
    TOKEN,
    USDC,
    RoundsSuite,
    event_names,
    sole_event,
)

CAP = TERMS["hard_cap"]
# The first round brings 2,000 for 4,000 tokens, the second 1,000 for 1,000; 1,500 are left.
LEFT = 1_500 * USDC


@dataclass
class Story:
    """Two rounds of one purpose, of which half of the money was spent."""

    suite: RoundsSuite
    purpose: int
    first: int
    second: int

    def announce(self, least: int = 0) -> None:
        suite, owner = self.suite, self.suite.owner
        suite.treasury.allow_wind_down(self.purpose, suite.asset, suite.rounds, sender=owner)
        suite.rounds.announce_wind_down(self.purpose, suite.asset, least, sender=owner)

    def wind_down(self) -> int:
        self.announce()
        pass_time(NOTICE_SECONDS)
        return int(self.suite.rounds.wind_down(1))


def tell(suite, owner, contributor, holder, builder, stranger) -> Story:
    purpose = suite.treasury.create_purpose("a model", sender=owner)
    first = suite.open_now(purpose=purpose)
    suite.pay(first, contributor, 1_500 * USDC)
    suite.pay(first, holder, 500 * USDC)
    suite.rounds.finalize(first)
    second = suite.open_now(purpose=purpose, price=USDC, hard_cap=1_000 * USDC)
    suite.pay(second, builder, 1_000 * USDC)
    suite.rounds.finalize(second)
    suite.treasury.spend(purpose, suite.asset, stranger, 3_000 * USDC - LEFT, sender=owner)
    return Story(suite, purpose, first, second)


@pytest.fixture
def story(suite, owner, contributor, holder, builder, stranger) -> Story:
    return tell(suite, owner, contributor, holder, builder, stranger)


# --- notice ---


def test_announce_wind_down__owner__begins_the_notice(story):
    rounds, asset = story.suite.rounds, story.suite.asset.address
    assert rounds.running_wind_down(story.purpose, asset) == 1
    story.announce(least=7)
    assert sole_event(rounds, "WindDownAnnounced") == (
        *(story.purpose, asset, 7, now() + NOTICE_SECONDS),
    )
    expected = (story.purpose, asset, now() + NOTICE_SECONDS, 7, 3_000 * USDC, 0, 0, 0, 0)
    assert tuple(rounds.wind_down_of(1)) == expected


def test_announce_wind_down__wrong_caller_or_nothing_raised__reverts(story, guardian, owner):
    rounds, asset = story.suite.rounds, story.suite.asset
    with boa.reverts("caller is not the owner"):
        rounds.announce_wind_down(story.purpose, asset, 0, sender=guardian)
    for purpose, paid_in in ((1, asset), (story.purpose, story.suite.token), (99, asset)):
        with boa.reverts("no round brought money"):
            rounds.announce_wind_down(purpose, paid_in, 0, sender=owner)


def test_wind_down__notice__ends_to_the_second(story, stranger):
    rounds = story.suite.rounds
    with boa.reverts("no notice has ended"):
        rounds.wind_down(1)
    story.announce()
    pass_time(NOTICE_SECONDS - 1)
    with boa.reverts("no notice has ended"):
        rounds.wind_down(1)
    with boa.reverts("payment is below the minimum"):
        rounds.redeem(story.first, TOKEN, 0)
    pass_time(1)
    assert rounds.wind_down(1, sender=stranger) == LEFT
    with boa.reverts("no notice has ended"):
        rounds.wind_down(1)


def test_wind_down__announced_again__waits_anew_and_may_never_come(story, owner):
    rounds, asset = story.suite.rounds, story.suite.asset
    story.announce()
    pass_time(NOTICE_SECONDS)
    rounds.announce_wind_down(story.purpose, asset, MAX_UINT, sender=owner)
    with boa.reverts("no notice has ended"):
        rounds.wind_down(1)
    pass_time(NOTICE_SECONDS)
    with boa.reverts("too little money is free"):
        rounds.wind_down(1)


@pytest.mark.parametrize(("least", "passes"), [(LEFT, True), (LEFT + 1, False)])
def test_wind_down__least__must_be_free(story, least, passes):
    story.announce(least)
    pass_time(NOTICE_SECONDS)
    if passes:
        assert story.suite.rounds.wind_down(1) == LEFT
        return
    with boa.reverts("too little money is free"):
        story.suite.rounds.wind_down(1)


def test_wind_down__nothing_free__reverts(story, owner, stranger):
    story.suite.treasury.spend(story.purpose, story.suite.asset, stranger, LEFT, sender=owner)
    story.announce()
    pass_time(NOTICE_SECONDS)
    with boa.reverts("too little money is free"):
        story.suite.rounds.wind_down(1)


def test_wind_down__other_money_of_the_purpose__stays(story, owner):
    """What the rounds did not bring is not theirs."""
    suite = story.suite
    suite.asset.mint(owner, 9_000 * USDC)
    suite.asset.approve(suite.treasury, 9_000 * USDC, sender=owner)
    suite.treasury.deposit(story.purpose, suite.asset, 9_000 * USDC, sender=owner)
    assert story.wind_down() == 3_000 * USDC
    assert suite.treasury.free(story.purpose, suite.asset) == 7_500 * USDC


def test_wind_down__committed_money__stays(story, owner, stranger):
    suite = story.suite
    suite.treasury.set_committer(owner, True, sender=owner)
    suite.treasury.commit(story.purpose, suite.asset, 500 * USDC, stranger, sender=owner)
    assert story.wind_down() == LEFT - 500 * USDC
    assert suite.treasury.committed(story.purpose, suite.asset) == 500 * USDC


def test_wind_down__done__books_the_pool_and_logs(story):
    suite = story.suite
    story.wind_down()
    assert event_names(suite.rounds) == ["WoundDown", "WindDownReleased", "Transfer"]
    assert sole_event(suite.rounds, "WoundDown") == (1, LEFT)
    assert suite.rounds.accounted(suite.asset) == LEFT == suite.asset.balanceOf(suite.rounds)
    record = suite.rounds.wind_down_of(1)
    assert (record.pool, record.closes_at) == (LEFT, now() + REDEEM_SECONDS)
    assert suite.rounds.running_wind_down(story.purpose, suite.asset) == 0


# --- the Treasury's side ---


def test_release_for_wind_down__without_a_vote_there__reverts(story, owner):
    suite = story.suite
    suite.rounds.announce_wind_down(story.purpose, suite.asset, 0, sender=owner)
    pass_time(NOTICE_SECONDS)
    with boa.reverts("wind-down is not allowed"):
        suite.rounds.wind_down(1)


def test_allow_wind_down__only_the_owner_names_one_purpose_once(story, owner, stranger):
    treasury, asset = story.suite.treasury, story.suite.asset.address
    with boa.reverts("caller is not the owner"):
        treasury.allow_wind_down(story.purpose, asset, stranger, sender=stranger)
    with boa.reverts("purpose is unknown"):
        treasury.allow_wind_down(99, asset, stranger, sender=owner)
    treasury.allow_wind_down(story.purpose, asset, stranger, sender=owner)
    assert sole_event(treasury, "WindDownAllowed") == (story.purpose, asset, stranger)
    assert treasury.wind_down_controller(story.purpose, asset) == stranger
    for purpose, amount, reason in (
        (1, 1, "wind-down is not allowed"),
        (story.purpose, 0, "amount is zero"),
        (story.purpose, LEFT + 1, "free money is too low"),
    ):
        with boa.reverts(reason):
            treasury.release_for_wind_down(purpose, asset, amount, sender=stranger)
    with boa.reverts("wind-down is not allowed"):
        treasury.release_for_wind_down(story.purpose, asset, 1, sender=owner)
    treasury.release_for_wind_down(story.purpose, asset, LEFT - 1, sender=stranger)
    assert sole_event(treasury, "WindDownReleased") == (story.purpose, asset, stranger, LEFT - 1)
    assert treasury.free(story.purpose, asset) == 1
    with boa.reverts("wind-down is not allowed"):
        treasury.release_for_wind_down(story.purpose, asset, 1, sender=stranger)
    treasury.allow_wind_down(story.purpose, asset, stranger, sender=owner)
    treasury.allow_wind_down(story.purpose, asset, ZERO_ADDRESS, sender=owner)
    with boa.reverts("wind-down is not allowed"):
        treasury.release_for_wind_down(story.purpose, asset, 1, sender=stranger)


# --- redemption ---


def test_redeem__unclaimed_tokens__burns_them_for_the_part(story, contributor):
    suite, rounds = story.suite, story.suite.rounds
    story.wind_down()
    # 1,500 of 3,000 are left: 75 % of the first round's 1,000 of them.
    assert rounds.redemption_value(story.first, 3_000 * TOKEN) == 750 * USDC
    paid = rounds.redeem(story.first, 3_000 * TOKEN, 750 * USDC, sender=contributor)
    assert paid == 750 * USDC == suite.asset.balanceOf(contributor)
    redeemed = (story.first, contributor, 3_000 * TOKEN, 750 * USDC)
    assert sole_event(rounds, "Redeemed") == redeemed
    assert suite.token.totalSupply() == 2_000 * TOKEN
    assert tuple(rounds.position(story.first, contributor))[2:] == (3_000 * TOKEN,) * 3
    with boa.reverts("nothing to settle"):
        rounds.claim(story.first, contributor)


def test_redeem__claimed_tokens__need_an_allowance(story, contributor):
    suite, rounds = story.suite, story.suite.rounds
    rounds.claim(story.first, contributor)
    story.wind_down()
    with boa.reverts():
        rounds.redeem(story.first, 1_000 * TOKEN, 0, sender=contributor)
    suite.token.approve(rounds, 1_000 * TOKEN, sender=contributor)
    assert rounds.redeem(story.first, 1_000 * TOKEN, 0, sender=contributor) == 250 * USDC
    assert suite.token.balanceOf(contributor) == 2_000 * TOKEN
    assert suite.token.getVotes(contributor) == 2_000 * TOKEN


def test_redeem__everybody__shares_by_what_each_put_in(story, contributor, holder, builder):
    suite, rounds = story.suite, story.suite.rounds
    story.wind_down()
    for round_id, who, tokens, paid in (
        (story.first, contributor, 3_000, 750),
        (story.first, holder, 1_000, 250),
        (story.second, builder, 1_000, 500),
    ):
        assert rounds.redeem(round_id, tokens * TOKEN, 0, sender=who) == paid * USDC
    assert rounds.accounted(suite.asset) == suite.asset.balanceOf(rounds) == 0
    assert suite.token.totalSupply() == rounds.accounted(suite.token) == 0
    stored = rounds.round(story.first)
    assert stored.paid_settled == stored.raised


def test_redeem__unvested_tokens__are_redeemed_and_vest_no_more(suite, owner, contributor):
    purpose = suite.treasury.create_purpose("a model", sender=owner)
    round_id = suite.open_now(purpose=purpose, vesting_seconds=100 * DAY)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    story = Story(suite, purpose, round_id, 0)
    begin = now()
    story.wind_down()
    assert suite.rounds.redeem(round_id, 3_000 * TOKEN, 0, sender=contributor) == CAP * 3 // 4
    assert suite.rounds.claimable(round_id, contributor) == 0
    warp_to(begin + 90 * DAY)
    assert suite.rounds.claim(round_id, contributor) == 600 * TOKEN
    warp_to(begin + 100 * DAY)
    assert suite.rounds.claim(round_id, contributor) == 400 * TOKEN
    assert suite.rounds.round(round_id).paid_settled == CAP


def test_redeem__min_out__is_kept_to_the_unit(story, holder):
    rounds = story.suite.rounds
    story.wind_down()
    with boa.reverts("payment is below the minimum"):
        rounds.redeem(story.first, 1_000 * TOKEN, 250 * USDC + 1, sender=holder)
    assert rounds.redeem(story.first, 1_000 * TOKEN, 250 * USDC, sender=holder) == 250 * USDC


def test_redeem__zero_payment__burns_nothing(story, holder):
    rounds = story.suite.rounds
    story.wind_down()
    # A unit is worth 4 * 10**12 token wei here.
    least = 4 * 10**12
    for tokens in (0, least - 1):
        with boa.reverts("payment is below the minimum"):
            rounds.redeem(story.first, tokens, 0, sender=holder)
    assert rounds.redeem(story.first, least, 0, sender=holder) == 1


def test_redeem__other_round_than_the_wound_down__reverts(story, holder, contributor):
    suite = story.suite
    story.wind_down()
    later = suite.open_now(purpose=story.purpose)
    suite.pay(later, holder, CAP)
    with boa.reverts("round is not finalized"):
        suite.rounds.redeem(later, TOKEN, 0, sender=holder)
    suite.rounds.finalize(later)
    with boa.reverts("payment is below the minimum"):
        suite.rounds.redeem(later, TOKEN, 0, sender=holder)
    assert suite.rounds.running_wind_down(story.purpose, suite.asset) == 2
    assert suite.rounds.round(later).wind_down_id == 2
    assert suite.rounds.redeem(story.first, TOKEN, 0, sender=contributor) == USDC // 4


def test_redeem__paused__works(story, holder, guardian):
    story.wind_down()
    story.suite.rounds.pause(sender=guardian)
    assert story.suite.rounds.redeem(story.first, TOKEN, 0, sender=holder) == USDC // 4


def test_redeem__last_second__and_the_first_too_late(story, holder):
    rounds = story.suite.rounds
    story.wind_down()
    with boa.reverts("redemption is open"):
        rounds.close_wind_down(1)
    pass_time(REDEEM_SECONDS - 1)
    rounds.redeem(story.first, TOKEN, 0, sender=holder)
    with boa.reverts("redemption is open"):
        rounds.close_wind_down(1)
    pass_time(1)
    with boa.reverts("redemption is not open"):
        rounds.redeem(story.first, TOKEN, 0, sender=holder)


# --- the end ---


def test_close_wind_down__after_the_end__rest_is_the_purposes_again(story, holder, stranger):
    suite, rounds = story.suite, story.suite.rounds
    story.wind_down()
    rounds.redeem(story.first, 1_000 * TOKEN, 0, sender=holder)
    pass_time(REDEEM_SECONDS)
    rest = LEFT - 250 * USDC
    assert rounds.close_wind_down(1, sender=stranger) == rest
    assert sole_event(rounds, "WindDownClosed") == (1, rest)
    assert suite.treasury.free(story.purpose, suite.asset) == rest
    assert rounds.accounted(suite.asset) == suite.asset.balanceOf(rounds) == 0
    for wind_down_id in (0, 1, 2):
        with boa.reverts("nothing to return"):
            rounds.close_wind_down(wind_down_id)


def test_redeem__hostile_asset__leaves_tokens_and_claim(
    make_suite, owner, contributor, holder, builder, stranger
):
    suite = make_suite(asset=deploy_odd_asset())
    story = tell(suite, owner, contributor, holder, builder, stranger)
    story.wind_down()
    suite.asset.set_blacklisted(holder, True)
    with boa.reverts("account is blacklisted"):
        suite.rounds.redeem(story.first, 1_000 * TOKEN, 0, sender=holder)
    assert suite.rounds.redeem(story.first, TOKEN, 0, sender=contributor) == USDC // 4
    suite.asset.set_blacklisted(holder, False)
    suite.asset.misbehave(Fault.RETURNS_NOTHING, Entry.ALL)
    assert suite.rounds.redeem(story.first, 1_000 * TOKEN, 0, sender=holder) == 250 * USDC


def test_wind_down__over_subscribed_round__pays_back_what_it_brought(
    suite, owner, contributor, holder
):
    purpose = suite.treasury.create_purpose("a model", sender=owner)
    round_id = suite.open_now(purpose=purpose, is_pro_rata=True)
    for who, amount in ((contributor, CAP), (holder, 2 * CAP)):
        suite.pay(round_id, who, amount)
    suite.end_successful(round_id)
    story = Story(suite, purpose, round_id, 0)
    assert story.wind_down() == CAP - 1
    tokens = suite.rounds.position(round_id, contributor).tokens
    assert suite.rounds.redeem(round_id, tokens, 0, sender=contributor) == (CAP - 1) * tokens // (
        4_000 * TOKEN
    )
    # Redeemed out of the round, and the surplus is still its own.
    assert events(suite.rounds, "RemainderBurned") == []
    surplus = CAP - suite.rounds.position(round_id, contributor).used
    assert suite.rounds.refund(round_id, contributor) == surplus
