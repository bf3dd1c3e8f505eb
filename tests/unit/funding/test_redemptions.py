"""Redemptions: a vote abandons a purpose, and its money goes back to who paid it in."""

import boa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.funding import (
    NOTICE_SECONDS,
    REDEEM_SECONDS,
    TOKEN,
    TOP_UP_SECONDS,
    USDC,
    deploy_rounds_suite,
    event_names,
    sole_event,
)
from tests.kits.redemptions import CAP, LEFT, MINTED, Story, tell
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import (
    DAY,
    ZERO_ADDRESS,
    account,
    events,
    fund_and_approve,
    now,
    pass_time,
    warp_to,
)

# --- what is shared ---


def test_begin__done__takes_the_free_money_and_ends_the_vesting(suite, contributor):
    round_id = suite.open_now(vesting_seconds=300 * DAY)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    story = Story(suite, round_id)
    story.announce()
    pass_time(NOTICE_SECONDS)
    before = suite.rounds.unvested_at(now() - 1)
    assert 0 < before < MINTED
    suite.redemptions.begin(round_id)
    assert event_names(suite.redemptions) == [
        *("PoolFilled", "VestingEnded", "WindDownReleased", "Transfer"),
    ]
    filled = sole_event(suite.redemptions, "PoolFilled")
    assert filled == (round_id, CAP, CAP, now() + REDEEM_SECONDS)
    assert suite.redemptions.accounted(suite.asset) == CAP
    assert suite.rounds.claimable(round_id, contributor) == MINTED
    assert suite.rounds.round(round_id).vesting_ended_at == now()
    assert suite.rounds.unvested_at(now()) == 0
    assert suite.rounds.unvested_at(now() - 1) == before
    assert story.redeem(contributor, MINTED) == CAP


def test_deposit__purpose_of_a_round__takes_the_rounds_money_only(story, owner, stranger):
    """So neither income nor a stranger's unit is ever shared, nor ends anybody's right."""
    suite, treasury = story.suite, story.suite.treasury
    suite.asset.mint(stranger, 10)
    suite.asset.approve(treasury, 10, sender=stranger)
    for purpose, reason in ((story.purpose, "purpose has a source"), (2, None)):
        if reason is None:
            treasury.deposit(purpose, suite.asset, 10, sender=stranger)
            continue
        with boa.reverts(reason):
            treasury.deposit(purpose, suite.asset, 10, sender=stranger)
    with boa.reverts("purpose has a source"):
        treasury.move_free(2, story.purpose, suite.asset, 1, sender=owner)
    assert story.free == LEFT


def test_begin__other_rounds_of_the_suite__keep_their_money(story, contributor, holder, stranger):
    """A spent round used to be paid back out of a later round's money."""
    suite = story.suite
    later = tell(suite, stranger, holder, CAP)
    suite.treasury.spend_beyond_cap(
        story.purpose, suite.asset, stranger, LEFT - 1, sender=suite.owner
    )
    assert story.begin() == 1
    assert later.free == CAP
    with boa.reverts("payment is below the minimum"):
        story.redeem(contributor, 3_000 * TOKEN)
    with boa.reverts("nothing to add"):
        suite.redemptions.top_up(story.round_id)


def test_top_up__commitment_ends__everybody_is_made_whole(promised, contributor, holder, owner):
    """Also who burned before: the pool is one, whenever its money came."""
    story, commitment = promised
    suite, redemptions = story.suite, story.suite.redemptions
    assert story.begin() == LEFT
    with boa.reverts("nothing to add"):
        redemptions.top_up(story.round_id)
    assert story.redeem(contributor, 3_000 * TOKEN) == 750 * USDC
    suite.treasury.release_commitment(commitment, LEFT, sender=owner)
    assert redemptions.top_up(story.round_id) == LEFT
    assert story.redeem(holder, 1_000 * TOKEN) == 500 * USDC
    assert redemptions.collectable(story.round_id, contributor) == 750 * USDC
    assert redemptions.collect(story.round_id, contributor) == 750 * USDC
    assert sole_event(redemptions, "RedemptionPaid") == (
        *(story.round_id, contributor, contributor, 750 * USDC),
    )
    assert suite.asset.balanceOf(contributor) == 1_500 * USDC
    with boa.reverts("nothing to collect"):
        redemptions.collect(story.round_id, contributor)
    assert redemptions.accounted(suite.asset) == suite.asset.balanceOf(redemptions) == 0
    assert suite.token.totalSupply() == 0
    with boa.reverts("nothing to add"):
        redemptions.top_up(story.round_id)


def test_top_up__early__does_not_close_the_redemption_sooner(promised, owner):
    story, commitment = promised
    redemptions = story.suite.redemptions
    story.begin()
    closes_at = now() + REDEEM_SECONDS
    pass_time(1)
    story.suite.treasury.release_commitment(commitment, LEFT, sender=owner)
    redemptions.top_up(story.round_id)
    assert redemptions.wind_down(story.round_id).closes_at == closes_at


def test_top_up__late__keeps_the_redemption_open_long_enough(promised, owner, holder):
    story, commitment = promised
    redemptions = story.suite.redemptions
    story.begin()
    pass_time(REDEEM_SECONDS - 1)
    story.suite.treasury.release_commitment(commitment, LEFT - 1, sender=owner)
    redemptions.top_up(story.round_id)
    assert redemptions.wind_down(story.round_id).closes_at == now() + TOP_UP_SECONDS
    pass_time(TOP_UP_SECONDS - 1)
    story.redeem(holder, 1_000 * TOKEN)
    story.suite.treasury.release_commitment(commitment, 1, sender=owner)
    pass_time(1)
    with boa.reverts("redemption is not open"):
        redemptions.top_up(story.round_id)


def test_top_up__another_controller_filled_the_purpose__pool_is_what_the_round_brought_at_most(
    story, contributor, holder, stranger, owner
):
    suite, redemptions = story.suite, story.suite.redemptions
    assert story.begin() == LEFT
    suite.treasury.allow_wind_down(story.purpose, suite.asset, stranger, sender=owner)
    fund_and_approve(suite.asset, stranger, suite.treasury, CAP)
    suite.treasury.deposit(story.purpose, suite.asset, CAP, sender=stranger)
    suite.treasury.allow_wind_down(story.purpose, suite.asset, redemptions, sender=owner)
    assert redemptions.top_up(story.round_id) == CAP - LEFT
    assert redemptions.wind_down(story.round_id).pool == CAP
    assert story.free == LEFT
    with boa.reverts("nothing to add"):
        redemptions.top_up(story.round_id)
    assert story.redeem(contributor, 3_000 * TOKEN) == 1_500 * USDC
    assert story.redeem(holder, 1_000 * TOKEN) == 500 * USDC


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_redeem__any_order_and_any_money__pays_what_one_redemption_would(data):
    """Split and interleaved with top-ups, everybody ends with the floor of its part."""
    with boa.env.anchor():
        owner, people = account("governance"), [account(f"p{i}") for i in range(3)]
        suite = deploy_rounds_suite(owner)
        round_id = suite.open_now(price=7, hard_cap=1_000_003, soft_goal=1, min_contribution=1)
        for who, paid in zip(people, (333_331, 7, 666_665), strict=True):
            suite.pay(round_id, who, paid)
        suite.rounds.finalize(round_id)
        story = Story(suite, round_id)
        suite.treasury.set_committer(owner, True, sender=owner)
        promise = suite.treasury.commit_beyond_cap(
            story.purpose, suite.asset, 900_000, owner, sender=owner
        )
        story.begin()
        released = 0
        left = {who: suite.rounds.position(round_id, who).tokens for who in people}
        for _ in range(data.draw(st.integers(0, 12))):
            who = data.draw(st.sampled_from(people))
            burn = data.draw(st.integers(0, left[who]))
            add = data.draw(st.integers(0, 100_000))
            if add and released + add <= 900_000:
                suite.treasury.release_commitment(promise, add, sender=owner)
                suite.redemptions.top_up(round_id)
                released += add
            worth = suite.redemptions.redemption_value(
                round_id, suite.redemptions.burned(round_id, who) + burn
            )
            if worth > suite.asset.balanceOf(who):
                story.redeem(who, burn)
                left[who] -= burn
        for who in people:
            if suite.redemptions.redemption_value(
                round_id, suite.rounds.position(round_id, who).tokens
            ) > suite.asset.balanceOf(who):
                story.redeem(who, left[who])
            tokens = suite.rounds.position(round_id, who).tokens
            burned = suite.redemptions.burned(round_id, who)
            pool, minted = 100_003 + released, suite.rounds.round(round_id).tokens_minted
            assert suite.asset.balanceOf(who) == pool * burned // minted
            assert pool * tokens // minted == suite.asset.balanceOf(who)


# --- redemption ---


def test_redeem__before_any_vote__says_so_first(story, contributor):
    with boa.reverts("redemption is not open"):
        story.redeem(contributor, TOKEN)
    story.announce()
    with boa.reverts("redemption is not open"):
        story.redeem(contributor, TOKEN)
    assert story.suite.redemptions.redemption_value(story.round_id, TOKEN) == 0


def test_redeem__part__claims_first_and_burns(story, contributor):
    suite = story.suite
    story.begin()
    assert story.redeem(contributor, 1_000 * TOKEN, 250 * USDC) == 250 * USDC
    redeemed = sole_event(suite.redemptions, "Redeemed")
    assert redeemed == (story.round_id, contributor, 1_000 * TOKEN)
    assert suite.token.balanceOf(contributor) == 2_000 * TOKEN
    assert suite.token.totalSupply() == 3_000 * TOKEN
    assert suite.redemptions.burned(story.round_id, contributor) == 1_000 * TOKEN
    assert suite.rounds.position(story.round_id, contributor).tokens_out == 3_000 * TOKEN


def test_redeem__stranger_claims_in_front__changes_nothing(story, contributor, stranger):
    """A claim used to make the redemption that it overtook revert."""
    story.begin()
    story.suite.token.approve(story.suite.redemptions, MINTED, sender=contributor)
    story.suite.rounds.claim(story.round_id, contributor, sender=stranger)
    assert (
        story.suite.redemptions.redeem(
            story.round_id, contributor, 3_000 * TOKEN, 0, contributor, sender=contributor
        )
        == 750 * USDC
    )


def test_redeem__more_than_allotted_or_of_another__reverts(story, contributor, holder, stranger):
    suite = story.suite
    story.begin()
    suite.rounds.claim(story.round_id, holder)
    suite.token.transfer(contributor, TOKEN, sender=holder)
    with boa.reverts("more than the round allotted"):
        story.redeem(contributor, 3_000 * TOKEN + 1)
    for account_ in (holder, stranger):
        with boa.reverts("position is held by another"):
            suite.redemptions.redeem(
                story.round_id, account_, TOKEN, 0, contributor, sender=contributor
            )


def test_redeem__min_out__is_kept_to_the_unit(story, holder):
    story.begin()
    for tokens, min_out in ((1_000 * TOKEN, 250 * USDC + 1), (0, 0), (4 * 10**12 - 1, 0)):
        with boa.reverts("payment is below the minimum"):
            story.redeem(holder, tokens, min_out)
    assert story.redeem(holder, 1_000 * TOKEN, 250 * USDC) == 250 * USDC


def test_redeem__receiver__is_paid_instead(story, holder, stranger):
    story.begin()
    with boa.reverts("receiver is zero"):
        story.redeem(holder, TOKEN, receiver=ZERO_ADDRESS)
    assert story.redeem(holder, 4 * TOKEN, receiver=stranger) == USDC
    assert story.suite.asset.balanceOf(stranger) == USDC


def test_redeem__asset_refuses_the_holder__another_address_is_paid(make_suite, contributor, holder):
    suite = make_suite(asset=deploy_odd_asset())
    story = tell(suite, contributor, holder)
    story.begin()
    suite.asset.set_blacklisted(holder, True)
    with boa.reverts("account is blacklisted"):
        story.redeem(holder, 1_000 * TOKEN)
    assert suite.redemptions.burned(story.round_id, holder) == 0
    assert story.redeem(holder, 1_000 * TOKEN, receiver=account("other")) == 250 * USDC
    suite.asset.misbehave(Fault.RETURNS_NOTHING, Entry.ALL)
    assert story.redeem(contributor, TOKEN) == USDC // 4


def test_collect_to__holder_only__is_paid_elsewhere(promised, contributor, stranger, owner):
    story, commitment = promised
    redemptions = story.suite.redemptions
    story.begin()
    story.redeem(contributor, 3_000 * TOKEN)
    story.suite.treasury.release_commitment(commitment, LEFT, sender=owner)
    redemptions.top_up(story.round_id)
    with boa.reverts("position is held by another"):
        redemptions.collect_to(story.round_id, contributor, stranger, sender=stranger)
    with boa.reverts("receiver is zero"):
        redemptions.collect_to(story.round_id, contributor, ZERO_ADDRESS, sender=contributor)
    redemptions.collect_to(story.round_id, contributor, stranger, sender=contributor)
    assert story.suite.asset.balanceOf(stranger) == 750 * USDC


def test_redeem__position_was_moved__is_the_new_holders(story, contributor, stranger):
    suite = story.suite
    suite.rounds.move_position(story.round_id, contributor, stranger, sender=contributor)
    story.begin()
    with boa.reverts("position is held by another"):
        story.redeem(contributor, TOKEN)
    suite.token.approve(suite.redemptions, MINTED, sender=stranger)
    paid = suite.redemptions.redeem(
        story.round_id, contributor, 3_000 * TOKEN, 0, stranger, sender=stranger
    )
    assert paid == 750 * USDC == suite.asset.balanceOf(stranger)
    # The tokens that are burned are counted on the position: moving it brings no second right.
    third = account("third")
    suite.rounds.move_position(story.round_id, contributor, third, sender=stranger)
    with boa.reverts("more than the round allotted"):
        suite.redemptions.redeem(story.round_id, contributor, 1, 0, stranger, sender=third)


def test_redeem__paused__works(story, holder, guardian):
    story.begin()
    story.suite.rounds.pause(sender=guardian)
    assert story.redeem(holder, TOKEN) == USDC // 4


def test_redeem__last_second__and_the_first_too_late(story, holder):
    story.begin()
    pass_time(REDEEM_SECONDS - 1)
    story.redeem(holder, TOKEN)
    with boa.reverts("redemption is open"):
        story.suite.redemptions.close(story.round_id)
    pass_time(1)
    with boa.reverts("redemption is not open"):
        story.redeem(holder, TOKEN)


# --- the end ---


def test_close__after_the_end__rest_is_the_purposes_and_what_was_burned_for_stays(
    promised, contributor, holder, stranger, owner
):
    story, commitment = promised
    suite, redemptions = story.suite, story.suite.redemptions
    story.begin()
    story.redeem(holder, 1_000 * TOKEN)
    suite.treasury.release_commitment(commitment, LEFT, sender=owner)
    redemptions.top_up(story.round_id)
    warp_to(redemptions.wind_down(story.round_id).closes_at)
    rest = CAP - 500 * USDC
    assert redemptions.close(story.round_id, sender=stranger) == rest
    assert sole_event(redemptions, "WindDownClosed") == (story.round_id, rest)
    assert story.free == rest
    for _ in range(2):
        with boa.reverts("nothing to return"):
            redemptions.close(story.round_id)
    assert redemptions.accounted(suite.asset) == 250 * USDC
    assert redemptions.collect(story.round_id, holder) == 250 * USDC
    assert suite.asset.balanceOf(redemptions) == 0


def test_close__never_announced__reverts(story):
    with boa.reverts("nothing to return"):
        story.suite.redemptions.close(story.round_id)


# --- the treasury's side ---


def test_allow_wind_down__one_purpose_and_asset__until_a_vote_takes_it_back(story, owner, stranger):
    treasury, asset = story.suite.treasury, story.suite.asset.address
    with boa.reverts("caller is not the owner"):
        treasury.allow_wind_down(story.purpose, asset, stranger, sender=stranger)
    with boa.reverts("purpose is unknown"):
        treasury.allow_wind_down(99, asset, stranger, sender=owner)
    treasury.allow_wind_down(story.purpose, asset, stranger, sender=owner)
    assert sole_event(treasury, "WindDownAllowed") == (story.purpose, asset, stranger)
    for purpose, amount, reason in (
        (1, 1, "wind-down is not allowed"),
        (story.purpose, 0, "amount is zero"),
        (story.purpose, LEFT + 1, "free money is too low"),
    ):
        with boa.reverts(reason):
            treasury.release_for_wind_down(purpose, asset, amount, sender=stranger)
    for _ in range(2):
        treasury.release_for_wind_down(story.purpose, asset, 1, sender=stranger)
        released = (story.purpose, asset, stranger, 1)
        assert sole_event(treasury, "WindDownReleased") == released
    treasury.allow_wind_down(story.purpose, asset, ZERO_ADDRESS, sender=owner)
    with boa.reverts("wind-down is not allowed"):
        treasury.release_for_wind_down(story.purpose, asset, 1, sender=stranger)


# --- wiring ---


def test_set_redemptions__owner__once(suite, owner, stranger):
    assert suite.rounds.redemptions() == suite.redemptions.address
    with boa.reverts("caller is not the owner"):
        suite.rounds.set_redemptions(stranger, sender=stranger)
    for other in (stranger, suite.redemptions):
        with boa.reverts("redemptions are set"):
            suite.rounds.set_redemptions(other, sender=owner)


def test_end_vesting__only_the_redemptions__and_nothing_twice(story, owner):
    rounds, redemptions = story.suite.rounds, story.suite.redemptions
    for caller in (owner, ZERO_ADDRESS):
        with boa.reverts("caller is not the redemptions"):
            rounds.end_vesting(story.round_id, sender=caller)
    rounds.end_vesting(story.round_id, sender=redemptions.address)
    assert events(rounds) == []


def test_skim__donation__leaves_the_pools(story, owner, stranger):
    suite = story.suite
    story.begin()
    suite.asset.mint(suite.redemptions, 9)
    with boa.reverts("caller is not the owner"):
        suite.redemptions.skim(suite.asset, stranger, sender=stranger)
    with boa.reverts("receiver is the payer"):
        suite.redemptions.skim(suite.asset, suite.redemptions, sender=owner)
    assert suite.redemptions.skim(suite.asset, stranger, sender=owner) == 9
    assert sole_event(suite.redemptions, "Skimmed") == (suite.asset.address, stranger, 9)
    assert suite.asset.balanceOf(suite.redemptions) == LEFT
