"""FundingRounds: contribute and contribute_with_permit."""

import boa
import pytest

from tests.kits.funding import (
    SIGNER,
    TERMS,
    TOKEN,
    USDC,
    State,
    event_names,
    sign_permit,
    sole_event,
)
from tests.odd_assets import deploy_odd_asset
from tests.support import DAY, deploy, fund_and_approve, now, warp_to

CAP = TERMS["hard_cap"]
MINIMUM = TERMS["min_contribution"]


# --- success ---


def test_contribute__open_round__pulls_books_and_logs(suite, contributor, holder):
    round_id = suite.open_now()
    assert suite.pay(round_id, contributor, 100 * USDC) == 100 * USDC
    assert event_names(suite.rounds) == ["Contributed", "Transfer"]
    assert sole_event(suite.rounds, "Contributed") == (
        round_id,
        contributor,
        100 * USDC,
        100 * USDC,
    )
    suite.pay(round_id, contributor, 20 * USDC)
    suite.pay(round_id, holder, 30 * USDC)
    assert sole_event(suite.rounds, "Contributed") == (round_id, holder, 30 * USDC, 150 * USDC)
    assert suite.rounds.contribution(round_id, contributor) == 120 * USDC
    assert suite.rounds.contribution(round_id, holder) == 30 * USDC
    assert suite.rounds.round(round_id).raised == 150 * USDC
    assert suite.rounds.accounted(suite.asset) == 150 * USDC
    assert suite.asset.balanceOf(suite.rounds) == 150 * USDC
    assert suite.rounds.claimable(round_id, contributor) == 0
    assert suite.rounds.refundable(round_id, contributor) == 0


def test_contribute__before_success__mints_and_delegates_nothing(suite, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP)
    assert suite.token.totalSupply() == 0
    assert suite.token.getVotes(contributor) == 0


def test_contribute__two_rounds__are_kept_apart(suite, contributor):
    first, second = suite.open_now(), suite.open_now()
    suite.pay(first, contributor, 100 * USDC)
    suite.pay(second, contributor, 40 * USDC)
    assert suite.rounds.contribution(first, contributor) == 100 * USDC
    assert suite.rounds.contribution(second, contributor) == 40 * USDC
    assert suite.rounds.round(first).raised == 100 * USDC
    assert suite.rounds.accounted(suite.asset) == 140 * USDC


# --- window ---


def test_contribute__window__is_half_open(suite, contributor):
    round_id = suite.open()
    terms = suite.opened[round_id]
    for timestamp, is_open in [
        (terms["starts_at"] - 1, False),
        (terms["starts_at"], True),
        (terms["ends_at"] - 1, True),
        (terms["ends_at"], False),
    ]:
        warp_to(timestamp)
        if is_open:
            suite.pay(round_id, contributor, MINIMUM)
        else:
            with boa.reverts("round is not open"):
                suite.pay(round_id, contributor, MINIMUM)
    assert suite.rounds.round(round_id).raised == 2 * MINIMUM


def test_contribute__paused__reverts_until_the_pause_is_over(suite, contributor, guardian):
    round_id = suite.open_now(ends_at=now() + 20 * DAY)
    suite.rounds.pause(sender=guardian)
    with boa.reverts("paused"):
        suite.pay(round_id, contributor, MINIMUM)
    with boa.reverts("paused"):
        suite.rounds.contribute_with_permit(round_id, MINIMUM, 0, 0, 27, b"", b"", [])
    warp_to(suite.rounds.paused_until())
    suite.pay(round_id, contributor, MINIMUM)


# --- amounts ---


def test_contribute__minimum__is_per_contribution(suite, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 5 * MINIMUM)
    for amount in (0, 1, MINIMUM - 1):
        with boa.reverts("contribution is too small"):
            suite.pay(round_id, contributor, amount)
    assert suite.pay(round_id, contributor, MINIMUM) == MINIMUM


def test_contribute__over_the_cap__is_trimmed_and_fills_it(suite, contributor, holder):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP - 300 * USDC)
    assert suite.pay(round_id, holder, 1_000 * USDC) == 300 * USDC
    assert suite.asset.balanceOf(holder) == 700 * USDC
    assert suite.rounds.round(round_id).raised == CAP
    assert suite.state(round_id) == State.SUCCEEDED
    with boa.reverts("round is not open"):
        suite.pay(round_id, holder, MINIMUM)


def test_contribute__largest_amount__does_not_overflow(suite, contributor):
    round_id = suite.open_now()
    suite.asset.mint(contributor, CAP)
    suite.asset.approve(suite.rounds, 2**256 - 1, sender=contributor)
    assert suite.rounds.contribute(round_id, 2**256 - 1, sender=contributor) == CAP


@pytest.mark.parametrize("gap", [1, MINIMUM - 1])
def test_contribute__gap_below_the_minimum__can_be_filled(suite, contributor, holder, gap):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP - gap)
    if gap > 1:
        with boa.reverts("contribution is too small"):
            suite.pay(round_id, holder, gap - 1)
    assert suite.state(round_id) == State.OPEN
    assert suite.pay(round_id, holder, gap) == gap
    assert suite.state(round_id) == State.SUCCEEDED


def test_contribute__gap_that_mints_nothing__counts_as_full(suite, contributor, holder):
    """At 3 units per token wei, a gap of 2 units cannot be sold: the goal is reached without it."""
    odd_price = {"price": 3 * TOKEN, "min_contribution": 3, "hard_cap": 3_000, "soft_goal": 3_000}
    short, full = suite.open_now(**odd_price), suite.open_now(**odd_price)
    suite.pay(short, contributor, 2_997)
    assert suite.state(short) == State.OPEN
    suite.pay(full, contributor, 2_998)
    assert suite.state(full) == State.SUCCEEDED
    with boa.reverts("round is not open"):
        suite.pay(full, holder, 2)
    suite.rounds.finalize(full)
    assert suite.rounds.round(full).tokens_minted == 2_998 // 3
    suite.pay(short, holder, 3)
    assert suite.rounds.claim(full, contributor) == 999


def test_contribute__maximum__counts_the_total_of_an_account(suite, contributor, holder):
    maximum = 100 * USDC
    round_id = suite.open_now(max_contribution=maximum)
    with boa.reverts("account maximum exceeded"):
        suite.pay(round_id, contributor, maximum + 1)
    suite.pay(round_id, contributor, maximum - MINIMUM)
    with boa.reverts("account maximum exceeded"):
        suite.pay(round_id, contributor, MINIMUM + 1)
    suite.pay(round_id, contributor, MINIMUM)
    with boa.reverts("account maximum exceeded"):
        suite.pay(round_id, contributor, MINIMUM)
    suite.pay(round_id, holder, maximum)


def test_contribute__maximum__counts_what_is_taken(suite, contributor, holder):
    """An offer above the maximum is fine once it is trimmed below it."""
    round_id = suite.open_now(max_contribution=CAP - MINIMUM)
    suite.pay(round_id, contributor, CAP - MINIMUM)
    assert suite.pay(round_id, holder, 5 * CAP) == MINIMUM


# --- payment ---


def test_contribute__without_allowance_or_balance__reverts(suite, contributor):
    round_id = suite.open_now()
    suite.asset.mint(contributor, MINIMUM)
    with boa.reverts("allowance is too low"):
        suite.rounds.contribute(round_id, MINIMUM, sender=contributor)
    suite.asset.approve(suite.rounds, 2 * MINIMUM, sender=contributor)
    with boa.reverts("balance is too low"):
        suite.rounds.contribute(round_id, 2 * MINIMUM, sender=contributor)
    assert suite.rounds.contribution(round_id, contributor) == 0


def test_contribute__contract_caller__is_the_contributor(suite, stranger):
    """A Safe pays, and is the one to be refunded."""
    safe = deploy("Actor")
    round_id = suite.open_now()
    suite.asset.mint(safe, MINIMUM)
    for target, function, arguments in [
        (suite.asset, "approve", (suite.rounds.address, MINIMUM)),
        (suite.rounds, "contribute", (round_id, MINIMUM)),
    ]:
        safe.act(target, getattr(target, function).prepare_calldata(*arguments), sender=stranger)
    assert suite.rounds.contribution(round_id, safe) == MINIMUM
    assert suite.rounds.contribution(round_id, stranger) == 0


# --- permits ---


def contribute_with_permit(suite, round_id, permit_amount, *, signer=SIGNER, sender=None) -> int:
    deadline = now() + DAY
    signature = sign_permit(suite.asset, signer, suite.rounds.address, permit_amount, deadline)
    return suite.rounds.contribute_with_permit(
        round_id, MINIMUM, permit_amount, deadline, *signature, [], sender=sender or signer.address
    )


def test_contribute_with_permit__good_permit__needs_no_approval(suite):
    round_id = suite.open_now()
    suite.asset.mint(SIGNER.address, MINIMUM)
    assert contribute_with_permit(suite, round_id, MINIMUM) == MINIMUM
    assert event_names(suite.rounds) == ["Approval", "Contributed", "Transfer"]
    assert sole_event(suite.rounds, "Contributed") == (round_id, SIGNER.address, MINIMUM, MINIMUM)
    assert suite.asset.nonces(SIGNER.address) == 1


def test_contribute_with_permit__permit_of_another__pays_nothing_for_me(suite, stranger):
    round_id = suite.open_now()
    suite.asset.mint(SIGNER.address, MINIMUM)
    with boa.reverts("allowance is too low"):
        contribute_with_permit(suite, round_id, MINIMUM, sender=stranger)
    assert suite.asset.balanceOf(SIGNER.address) == MINIMUM


def test_contribute_with_permit__permit_too_small__reverts(suite):
    round_id = suite.open_now()
    suite.asset.mint(SIGNER.address, MINIMUM)
    with boa.reverts("allowance is too low"):
        contribute_with_permit(suite, round_id, MINIMUM - 1)


def test_contribute_with_permit__bad_permit_but_allowance__works(suite):
    round_id = suite.open_now()
    fund_and_approve(suite.asset, SIGNER.address, suite.rounds, MINIMUM)
    taken = suite.rounds.contribute_with_permit(
        *(round_id, MINIMUM, MINIMUM, now() - 1, 27, b"\x01" * 32, b"\x01" * 32, []),
        sender=SIGNER.address,
    )
    assert taken == MINIMUM
    assert event_names(suite.rounds) == ["Contributed", "Transfer"]


def test_contribute_with_permit__asset_without_permits__uses_the_allowance(make_suite):
    suite = make_suite(asset=deploy_odd_asset())
    round_id = suite.open_now()
    fund_and_approve(suite.asset, SIGNER.address, suite.rounds, MINIMUM)
    taken = suite.rounds.contribute_with_permit(
        round_id, MINIMUM, MINIMUM, now(), 27, b"", b"", [], sender=SIGNER.address
    )
    assert taken == MINIMUM


def test_contribute_with_permit__of_another_amount__leaves_the_rest_allowed(suite):
    """What is permitted is what was signed, not what is paid."""
    round_id = suite.open_now()
    suite.asset.mint(SIGNER.address, 300 * USDC)
    permit = sign_permit(suite.asset, SIGNER, suite.rounds.address, 300 * USDC, now())
    call = (round_id, 100 * USDC, 300 * USDC, now(), *permit, [])
    assert suite.rounds.contribute_with_permit(*call, sender=SIGNER.address) == 100 * USDC
    assert suite.asset.allowance(SIGNER.address, suite.rounds) == 200 * USDC
