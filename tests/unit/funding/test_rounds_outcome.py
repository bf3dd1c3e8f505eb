"""FundingRounds: the state from time and totals, finalize, claim, refund."""

import boa
import pytest

from tests.kits.funding import (
    FINALIZE_SECONDS,
    FIRST_PURPOSE,
    PRICE,
    TERMS,
    TOKEN,
    USDC,
    State,
    event_names,
    sole_event,
)
from tests.support import DAY, ZERO_ADDRESS, events, now, reverts_otherwise, warp_to

GOAL = TERMS["soft_goal"]
CAP = TERMS["hard_cap"]


@pytest.fixture
def finalized(suite, contributor, holder) -> int:
    """A round in which `contributor` paid 700 and `holder` 400 dollars."""
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 700 * USDC)
    suite.pay(round_id, holder, 400 * USDC)
    suite.end_successful(round_id)
    return round_id


@pytest.fixture
def failed(suite, contributor, holder) -> int:
    """A round that ended one unit short of its goal, with the same two contributors."""
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 700 * USDC)
    suite.pay(round_id, holder, GOAL - 700 * USDC - 1)
    suite.warp_to_end(round_id)
    return round_id


# --- state ---


@pytest.mark.parametrize(
    ("raised", "offset", "state"),
    [
        (0, -1, State.OPEN),
        (GOAL - 1, -1, State.OPEN),
        (GOAL - 1, 0, State.FAILED),
        (GOAL - 1, FINALIZE_SECONDS, State.FAILED),
        (GOAL, -1, State.OPEN),
        (GOAL, 0, State.SUCCEEDED),
        (GOAL, FINALIZE_SECONDS - 1, State.SUCCEEDED),
        (GOAL, FINALIZE_SECONDS, State.FAILED),
        (CAP - 1, -1, State.OPEN),
        (CAP, -1, State.SUCCEEDED),
        (CAP, FINALIZE_SECONDS - 1, State.SUCCEEDED),
        (CAP, FINALIZE_SECONDS, State.FAILED),
    ],
)
def test_state__around_the_end__follows_time_and_totals(suite, contributor, raised, offset, state):
    """`offset` counts from the end. Whatever may be done in the state is done, all else reverts."""
    round_id = suite.open_now()
    if raised > 0:
        suite.pay(round_id, contributor, raised)
    suite.warp_to_end(round_id, offset)
    assert suite.state(round_id) == state
    refundable = raised if state == State.FAILED else 0
    assert suite.rounds.refundable(round_id, contributor) == refundable
    assert suite.rounds.claimable(round_id, contributor) == 0
    if refundable:
        assert suite.rounds.refund(round_id, contributor) == raised
    elif state != State.FAILED:
        with boa.reverts("round is not refundable"):
            suite.rounds.refund(round_id, contributor)
    if state == State.SUCCEEDED:
        suite.rounds.finalize(round_id)
        assert suite.state(round_id) == State.FINALIZED
    else:
        with boa.reverts("round has not succeeded"):
            suite.rounds.finalize(round_id)


def test_state__before_the_start__is_pending(suite):
    round_id = suite.open()
    warp_to(suite.opened[round_id]["starts_at"] - 1)
    assert suite.state(round_id) == State.PENDING
    warp_to(suite.opened[round_id]["starts_at"])
    assert suite.state(round_id) == State.OPEN


def test_state__finalized__stays_so_after_the_deadline(suite, finalized, contributor):
    suite.warp_to_end(finalized, 10 * FINALIZE_SECONDS)
    assert suite.state(finalized) == State.FINALIZED
    with boa.reverts("round is not refundable"):
        suite.rounds.refund(finalized, contributor)
    suite.rounds.claim(finalized, contributor)


# --- finalize ---


def test_finalize__by_anyone__mints_and_hands_over(suite, contributor, stranger):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, GOAL + 1)
    suite.warp_to_end(round_id)
    tokens = suite.tokens_for(round_id, GOAL + 1)
    suite.rounds.finalize(round_id, sender=stranger)
    assert event_names(suite.rounds) == [
        "RoundFinalized",
        "Transfer",
        "Approval",
        "Deposited",
        "Transfer",
    ]
    assert sole_event(suite.rounds, "RoundFinalized") == (round_id, GOAL + 1, GOAL + 1, tokens)
    deposited = sole_event(suite.rounds, "Deposited")
    assert deposited == (suite.rounds.address, FIRST_PURPOSE, suite.asset.address, GOAL + 1)
    assert suite.treasury.free(FIRST_PURPOSE, suite.asset) == GOAL + 1
    assert suite.asset.balanceOf(suite.rounds) == 0
    assert suite.asset.allowance(suite.rounds, suite.treasury) == 0
    assert suite.rounds.accounted(suite.asset) == 0
    assert suite.rounds.accounted(suite.token) == tokens
    assert suite.token.balanceOf(suite.rounds) == suite.token.totalSupply() == tokens
    stored = suite.rounds.round(round_id)
    assert (stored.finalized_at, stored.tokens_minted, stored.paid_settled) == (now(), tokens, 0)
    assert (stored.contributors, stored.proceeds, stored.surplus_left) == (1, GOAL + 1, 0)
    assert suite.rounds.tokens_reserved() == 0


def test_finalize__twice__reverts(suite, finalized):
    with boa.reverts("round has not succeeded"):
        suite.rounds.finalize(finalized)


def test_finalize__cap_reached__does_not_wait_for_the_end(suite, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    assert suite.rounds.claim(round_id, contributor) == suite.tokens_for(round_id, CAP)


def test_finalize__other_purpose__goes_to_its_bucket(suite, contributor):
    suite.create_purpose()
    purpose = suite.create_purpose()
    round_id = suite.open_now(purpose=purpose)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    assert suite.treasury.free(purpose, suite.asset) == CAP
    assert suite.treasury.free(FIRST_PURPOSE, suite.asset) == 0


def test_finalize__paused__works(suite, contributor, guardian):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP)
    suite.rounds.pause(sender=guardian)
    suite.rounds.finalize(round_id)
    suite.rounds.claim(round_id, contributor)


def test_finalize__minter_cap_revoked__reverts_and_the_deadline_pays_back(
    suite, owner, contributor
):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP)
    suite.token.set_minter(suite.rounds, 0, sender=owner)
    with reverts_otherwise("the token's own refusal"):
        suite.rounds.finalize(round_id)
    assert suite.state(round_id) == State.SUCCEEDED
    suite.warp_to_end(round_id, FINALIZE_SECONDS)
    assert suite.rounds.refund(round_id, contributor) == CAP


def test_finalize__other_rounds_money__is_not_touched(suite, contributor, holder):
    done, running = suite.open_now(), suite.open_now()
    suite.pay(running, holder, 333 * USDC)
    suite.pay(done, contributor, CAP)
    suite.rounds.finalize(done)
    assert suite.rounds.accounted(suite.asset) == 333 * USDC
    assert suite.asset.balanceOf(suite.rounds) == 333 * USDC


# --- claim ---


def test_claim__by_anyone__pays_and_delegates_the_contributor(
    suite, finalized, contributor, stranger
):
    tokens = 700 * USDC * TOKEN // PRICE
    assert suite.rounds.claimable(finalized, contributor) == tokens
    assert suite.rounds.claim(finalized, contributor, sender=stranger) == tokens
    assert event_names(suite.rounds) == [
        "TokensClaimed",
        "DelegateChanged",
        "Transfer",
        "DelegateVotesChanged",
    ]
    assert sole_event(suite.rounds, "TokensClaimed") == (finalized, contributor, tokens)
    assert suite.token.balanceOf(contributor) == suite.token.getVotes(contributor) == tokens
    assert suite.token.balanceOf(stranger) == 0
    assert suite.rounds.contribution(finalized, contributor) == 700 * USDC
    assert suite.rounds.claimable(finalized, contributor) == 0
    assert suite.rounds.round(finalized).paid_settled == 700 * USDC
    assert suite.rounds.accounted(suite.token) == 400 * USDC * TOKEN // PRICE


def test_claim__delegated_before__keeps_the_delegate(suite, finalized, contributor, holder):
    suite.token.delegate(holder, sender=contributor)
    suite.rounds.claim(finalized, contributor)
    assert suite.token.delegates(contributor) == holder
    assert suite.token.getVotes(holder) == suite.token.balanceOf(contributor)


def test_claim__minter_role_lost__still_pays(suite, finalized, owner, contributor):
    suite.token.set_minter(suite.rounds, 0, sender=owner)
    assert suite.rounds.claim(finalized, contributor) == 700 * USDC * TOKEN // PRICE
    assert suite.token.delegates(contributor) == ZERO_ADDRESS


def test_claim__twice_or_by_a_non_contributor__reverts(suite, finalized, contributor, stranger):
    suite.rounds.claim(finalized, contributor)
    for account in (contributor, stranger, ZERO_ADDRESS):
        with boa.reverts("nothing to settle"):
            suite.rounds.claim(finalized, account)


def test_claim__not_finalized__reverts(suite, owner, contributor):
    pending = suite.open()
    full, running, cancelled = suite.open_now(), suite.open_now(), suite.open_now()
    for round_id, amount in ((full, CAP), (running, 50 * USDC), (cancelled, 50 * USDC)):
        suite.pay(round_id, contributor, amount)
    suite.rounds.cancel(cancelled, sender=owner)
    for round_id in (pending, full, running, cancelled):
        with boa.reverts("round is not finalized"):
            suite.rounds.claim(round_id, contributor)
    suite.warp_to_end(running)
    with boa.reverts("round is not finalized"):
        suite.rounds.claim(running, contributor)


@pytest.mark.parametrize("last_first", [False, True])
def test_claim__last__burns_the_remainder(suite, contributor, holder, builder, last_first):
    """Three thirds that round down leave 2 wei, whoever comes last."""
    round_id = suite.open_now(price=3 * TOKEN, min_contribution=3, soft_goal=3, hard_cap=100)
    for account, amount in ((contributor, 5), (holder, 5), (builder, 5)):
        suite.pay(round_id, account, amount)
    suite.end_successful(round_id)
    assert suite.token.totalSupply() == 15 // 3
    accounts = [contributor, holder, builder]
    for account in accounts[::-1] if last_first else accounts:
        assert events(suite.rounds, "RemainderBurned") == []
        assert suite.rounds.claim(round_id, account) == 1
    assert event_names(suite.rounds)[-2:] == ["RemainderBurned", "Transfer"]
    assert sole_event(suite.rounds, "RemainderBurned") == (round_id, 2)
    assert suite.token.totalSupply() == 3
    assert suite.token.balanceOf(suite.rounds) == suite.rounds.accounted(suite.token) == 0


def test_claim__no_remainder__burns_nothing(suite, finalized, contributor, holder):
    suite.rounds.claim(finalized, contributor)
    suite.rounds.claim(finalized, holder)
    assert events(suite.rounds, "RemainderBurned") == []
    assert suite.token.totalSupply() == 1_100 * USDC * TOKEN // PRICE


def test_claim__last_of_one_round__leaves_the_tokens_of_others(
    suite, finalized, contributor, holder
):
    other = suite.open_now(price=3 * PRICE)
    suite.pay(other, contributor, CAP)
    suite.rounds.finalize(other)
    suite.rounds.claim(finalized, contributor)
    suite.rounds.claim(finalized, holder)
    expected = suite.tokens_for(other, CAP)
    assert suite.rounds.accounted(suite.token) == expected
    assert suite.rounds.claim(other, contributor) == expected


# --- refund ---


def test_refund__failed_round__pays_exactly_by_anyone(suite, failed, contributor, holder, stranger):
    assert suite.rounds.refundable(failed, contributor) == 700 * USDC
    assert suite.rounds.refund(failed, contributor, sender=stranger) == 700 * USDC
    assert event_names(suite.rounds) == ["Transfer", "Refunded", "ReservationReleased"]
    assert sole_event(suite.rounds, "Refunded") == (failed, contributor, 700 * USDC)
    assert suite.rounds.tokens_reserved() == 0
    assert suite.asset.balanceOf(contributor) == 700 * USDC
    assert suite.asset.balanceOf(stranger) == 0
    assert suite.rounds.refundable(failed, contributor) == 0
    suite.rounds.refund(failed, holder)
    assert event_names(suite.rounds) == ["Transfer", "Refunded"]
    assert suite.rounds.round(failed).paid_settled == suite.rounds.round(failed).raised
    assert suite.asset.balanceOf(suite.rounds) == suite.rounds.accounted(suite.asset) == 0
    assert suite.token.totalSupply() == 0


def test_refund__cancelled_round__pays_exactly(suite, owner, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 123 * USDC)
    suite.rounds.cancel(round_id, sender=owner)
    assert suite.rounds.refundable(round_id, contributor) == 123 * USDC
    assert suite.rounds.refund(round_id, contributor) == 123 * USDC
    assert event_names(suite.rounds) == ["Transfer", "Refunded"]
    assert suite.asset.balanceOf(contributor) == 123 * USDC


def test_refund__paused__works(suite, failed, contributor, guardian):
    suite.rounds.pause(sender=guardian)
    suite.rounds.refund(failed, contributor)
    suite.rounds.release_reservation(failed)


def test_refund__twice_or_by_a_non_contributor__reverts(suite, failed, contributor, stranger):
    suite.rounds.refund(failed, contributor)
    for account in (contributor, stranger, ZERO_ADDRESS):
        with boa.reverts("nothing to settle"):
            suite.rounds.refund(failed, account)


def test_refund__neither_failed_nor_cancelled__reverts(suite, finalized, contributor):
    pending, running = suite.open(), suite.open_now()
    suite.pay(running, contributor, 50 * USDC)
    for round_id in (pending, running, finalized):
        with boa.reverts("round is not refundable"):
            suite.rounds.refund(round_id, contributor)


def test_refund__years_later__still_pays(suite, failed, holder):
    warp_to(now() + 3_650 * DAY)
    assert suite.rounds.refund(failed, holder) == GOAL - 700 * USDC - 1
