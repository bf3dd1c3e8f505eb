"""FundingRounds: construction, opening, the reservation of tokens, cancelling, skimming."""

import boa
import pytest

from tests.kits.funding import (
    EXPIRY_SECONDS,
    FINALIZE_SECONDS,
    MAX_ROUND_SECONDS,
    MAX_VESTING_SECONDS,
    NOTICE_SECONDS,
    PRICE,
    REDEEM_SECONDS,
    TERMS,
    TOKEN,
    TOP_UP_SECONDS,
    USDC,
    State,
    event_names,
    sole_event,
)
from tests.support import DAY, ZERO_ADDRESS, deploy, deploy_asset, events, now, pass_time

CAP_TOKENS = TERMS["hard_cap"] * TOKEN // PRICE
MAX_128 = 2**128 - 1
MAX_112 = 2**112 - 1


# --- constructor ---


def test_constructor__wires__token_treasury_and_owner(suite, owner):
    rounds = suite.rounds
    assert rounds.TOKEN() == suite.token.address
    assert rounds.TREASURY() == suite.treasury.address
    assert rounds.owner() == owner
    assert rounds.round_count() == 0
    assert rounds.tokens_reserved() == 0


def test_constructor__zero_address__reverts(suite):
    with boa.reverts("token is zero"):
        deploy("RoundRules", ZERO_ADDRESS, suite.treasury)
    with boa.reverts("treasury is zero"):
        deploy("RoundRules", suite.token, ZERO_ADDRESS)


def test_constants__all__have_their_literal_values(suite):
    assert suite.rounds.FINALIZE_SECONDS() == FINALIZE_SECONDS == 2_592_000
    assert suite.rounds.MAX_ROUND_SECONDS() == MAX_ROUND_SECONDS == 31_622_400
    assert suite.rounds.MAX_VESTING_SECONDS() == MAX_VESTING_SECONDS == 316_224_000
    assert suite.redemptions.NOTICE_SECONDS() == NOTICE_SECONDS == 1_209_600
    assert suite.redemptions.EXPIRY_SECONDS() == EXPIRY_SECONDS == 2_592_000
    assert suite.redemptions.REDEEM_SECONDS() == REDEEM_SECONDS == 63_072_000
    assert suite.redemptions.TOP_UP_SECONDS() == TOP_UP_SECONDS == 15_552_000


# --- open_round ---


def test_open_round__owner__freezes_the_terms_and_logs_them(suite):
    terms = suite.terms(max_contribution=500 * USDC)
    round_id = suite.open(**terms)
    assert event_names(suite.rounds) == ["RoundOpened"]
    logged = sole_event(suite.rounds, "RoundOpened")
    assert logged[:3] == (round_id, suite.asset.address, terms["purpose"])
    assert tuple(logged[3]) == tuple(terms.values())
    stored = suite.rounds.round(round_id)
    assert tuple(stored.terms) == tuple(terms.values())
    assert tuple(stored)[1:] == (0, 0, 0, 0, 0, 0, 0, 0, 0, False)
    assert suite.state(round_id) == State.PENDING


def test_open_round__several__count_from_one(suite):
    assert [suite.open(), suite.open(), suite.open()] == [1, 2, 3]
    assert suite.rounds.round_count() == 3
    assert suite.rounds.tokens_reserved() == 3 * CAP_TOKENS


def test_open_round__widest_terms__come_back_unmixed(make_suite, owner):
    """Every packed field at its limit at once."""
    suite = make_suite(minter_cap=2**96 - 1)
    widest = {
        "price": MAX_128,
        "soft_goal": MAX_112,
        "hard_cap": MAX_112,
        "min_contribution": MAX_112,
        "max_contribution": MAX_112,
        "starts_at": now() + MAX_ROUND_SECONDS,
        "ends_at": now() + 2 * MAX_ROUND_SECONDS,
        "is_pro_rata": True,
        "allow_list_root": b"\xff" * 32,
        "cliff_seconds": MAX_VESTING_SECONDS,
        "vesting_seconds": MAX_VESTING_SECONDS,
        "terms_hash": b"\xff" * 32,
        "terms_uri": "u" * 128,
    }
    round_id = suite.open(**widest)
    assert tuple(suite.rounds.round(round_id).terms) == tuple(suite.terms(**widest).values())
    assert suite.rounds.tokens_reserved() == MAX_112 * TOKEN // MAX_128


def test_open_round__not_the_owner__reverts(suite, guardian, stranger):
    terms = tuple(suite.terms().values())
    for sender in (guardian, stranger):
        with boa.reverts("caller is not the owner"):
            suite.rounds.open_round(terms, sender=sender)


def test_open_round__governance_token_as_asset__reverts(suite, owner):
    suite.treasury.accept_asset(suite.token, sender=owner)
    with boa.reverts("asset is the governance token"):
        suite.open(asset=suite.token.address)


def test_open_round__asset_not_accepted__reverts(suite):
    with boa.reverts("asset is not accepted"):
        suite.open(asset=deploy_asset("OTHER").address)


def test_open_round__purpose__is_one_that_these_rounds_fill(suite, owner):
    suite.treasury.create_purpose("fed by anybody", sender=owner)
    suite.treasury.create_round_purpose("fed by another", suite.treasury, sender=owner)
    for purpose in (0, 1, 2, 3, 4, 6):
        with boa.reverts("purpose takes no rounds"):
            suite.open(purpose=purpose)
    suite.open(purpose=5)


@pytest.mark.parametrize("asset", ["same", "other"])
def test_open_round__purpose_has_a_round__another_only_after_it_failed(
    suite, owner, contributor, asset
):
    """So that what rounds brought to a purpose is one round's, in whatever asset."""
    dai = deploy_asset("DAI", 18)
    suite.treasury.accept_asset(dai, sender=owner)
    changes = {"asset": dai.address} if asset == "other" else {}
    failing = suite.open_now()
    purpose = suite.opened[failing]["purpose"]
    assert suite.rounds.round_of(purpose) == failing
    with boa.reverts("purpose has a round"):
        suite.open_now(purpose=purpose, **changes)
    suite.warp_to_end(failing)
    cancelled = suite.open_now(purpose=purpose, **changes)
    suite.rounds.cancel(cancelled, sender=owner)
    last = suite.open_now(purpose=purpose)
    suite.pay(last, contributor, TERMS["hard_cap"])
    for _ in range(2):
        with boa.reverts("purpose has a round"):
            suite.open_now(purpose=purpose, **changes)
        if suite.state(last) == State.SUCCEEDED:
            suite.rounds.finalize(last)
    pass_time(1_000 * DAY)
    with boa.reverts("purpose has a round"):
        suite.open_now(purpose=purpose, **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": 0}, "price is out of bounds"),
        ({"price": MAX_128 + 1}, "price is out of bounds"),
        ({"hard_cap": MAX_112 + 1}, "goal or cap is out of bounds"),
        ({"soft_goal": 0}, "goal or cap is out of bounds"),
        ({"soft_goal": 2_000 * USDC + 1}, "goal or cap is out of bounds"),
        ({"hard_cap": 0}, "goal or cap is out of bounds"),
        ({"min_contribution": 2_000 * USDC + 1}, "minimum is out of bounds"),
        ({"min_contribution": 0}, "minimum is out of bounds"),
        ({"price": 3 * TOKEN, "min_contribution": 2}, "minimum is out of bounds"),
        ({"max_contribution": MAX_112 + 1}, "maximum is out of bounds"),
        ({"max_contribution": 10 * USDC - 1}, "maximum is out of bounds"),
        ({"max_contribution": 1}, "maximum is out of bounds"),
        ({"vesting_seconds": MAX_VESTING_SECONDS + 1}, "vesting is out of bounds"),
        ({"cliff_seconds": 1}, "vesting is out of bounds"),
        ({"cliff_seconds": DAY + 1, "vesting_seconds": DAY}, "vesting is out of bounds"),
    ],
)
def test_open_round__bad_amounts__revert(suite, changes, reason):
    with boa.reverts(reason):
        suite.open(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"soft_goal": 1},
        {"soft_goal": 2_000 * USDC},
        {"min_contribution": 1},
        {"min_contribution": 2_000 * USDC},
        {"price": 3 * TOKEN, "min_contribution": 3},
        {"max_contribution": 0},
        {"max_contribution": 10 * USDC},
        {"cliff_seconds": DAY, "vesting_seconds": DAY},
        {"vesting_seconds": MAX_VESTING_SECONDS},
    ],
)
def test_open_round__amounts_at_the_boundary__are_taken(suite, changes):
    terms = suite.terms(**changes)
    assert tuple(suite.rounds.round(suite.open(**terms)).terms) == tuple(terms.values())


@pytest.mark.parametrize(
    ("start", "length", "reason"),
    [
        (-1, DAY, "start is out of bounds"),
        (0, DAY, None),
        (MAX_ROUND_SECONDS, DAY, None),
        (MAX_ROUND_SECONDS + 1, DAY, "start is out of bounds"),
        (DAY, 1, None),
        (DAY, 0, "end is out of bounds"),
        (DAY, -1, "end is out of bounds"),
        (DAY, MAX_ROUND_SECONDS, None),
        (DAY, MAX_ROUND_SECONDS + 1, "end is out of bounds"),
    ],
)
def test_open_round__window__has_exact_bounds(suite, start, length, reason):
    starts_at = now() + start
    window = {"starts_at": starts_at, "ends_at": starts_at + length}
    if reason is None:
        suite.open(**window)
        return
    with boa.reverts(reason):
        suite.open(**window)


# --- reserved tokens ---


def test_open_round__minter_cap__must_cover_all_live_rounds(make_suite):
    suite = make_suite(minter_cap=2 * CAP_TOKENS)
    suite.open()
    more = {"hard_cap": TERMS["hard_cap"] + 1}
    with boa.reverts("minter cap or supply exceeded"):
        suite.open(**more)
    suite.open()
    with boa.reverts("minter cap or supply exceeded"):
        suite.open(price=2**112 - 1, hard_cap=2**112 - 1, min_contribution=2**111)


def test_open_round__what_was_minted__counts_against_the_cap(make_suite, contributor):
    suite = make_suite(minter_cap=2 * CAP_TOKENS)
    round_id = suite.open_now()
    suite.pay(round_id, contributor, TERMS["soft_goal"])
    suite.end_successful(round_id)
    assert suite.rounds.tokens_reserved() == 0
    suite.open()
    suite.open(hard_cap=TERMS["hard_cap"] // 2)
    with boa.reverts("minter cap or supply exceeded"):
        suite.open(hard_cap=1, soft_goal=1, min_contribution=1)


def test_open_round__minter_cap_revoked__reverts(suite, owner):
    suite.token.set_minter(suite.rounds, 0, sender=owner)
    with boa.reverts("minter cap or supply exceeded"):
        suite.open()


def test_open_round__supply_of_96_bits__must_cover_all_live_rounds(make_suite, owner, holder):
    suite = make_suite(minter_cap=2**96 - 1)
    suite.open()
    room = 2**96 - 1 - CAP_TOKENS - CAP_TOKENS
    suite.token.set_minter(owner, 2**96 - 1, sender=owner)
    suite.token.mint(holder, room + 1, sender=owner)
    with boa.reverts("minter cap or supply exceeded"):
        suite.open()
    suite.token.burn(1, sender=holder)
    suite.open()


def test_tokens_reserved__failed_round__is_released_by_anyone_once(suite, stranger):
    failing, live = suite.open_now(), suite.open(starts_at=now() + 300 * DAY)
    suite.warp_to_end(failing, -1)
    with boa.reverts("round is not refundable"):
        suite.rounds.release_reservation(failing)
    suite.warp_to_end(failing)
    assert suite.rounds.tokens_reserved() == 2 * CAP_TOKENS
    assert suite.rounds.release_reservation(failing, sender=stranger) == CAP_TOKENS
    assert event_names(suite.rounds) == ["ReservationReleased"]
    assert sole_event(suite.rounds, "ReservationReleased") == (failing, CAP_TOKENS)
    assert suite.rounds.tokens_reserved() == CAP_TOKENS
    assert suite.rounds.release_reservation(failing, sender=stranger) == 0
    assert events(suite.rounds) == []
    assert suite.rounds.tokens_reserved() == CAP_TOKENS
    assert suite.state(live) == State.PENDING


def test_tokens_reserved__cancelled_round__is_released_with_it(suite, owner):
    round_id = suite.open()
    suite.open()
    suite.rounds.cancel(round_id, sender=owner)
    assert suite.rounds.tokens_reserved() == CAP_TOKENS
    assert suite.rounds.release_reservation(round_id) == 0
    assert suite.rounds.tokens_reserved() == CAP_TOKENS


def test_release_reservation__finalized_round__reverts(suite, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, TERMS["hard_cap"])
    with boa.reverts("round is not refundable"):
        suite.rounds.release_reservation(round_id)
    suite.rounds.finalize(round_id)
    with boa.reverts("round is not refundable"):
        suite.rounds.release_reservation(round_id)


# --- cancel ---


def test_cancel__pending_open_or_succeeded__is_for_good(suite, owner, contributor):
    pending, running, full, ended = suite.open(), *(suite.open_now() for _ in range(3))
    suite.pay(full, contributor, TERMS["hard_cap"])
    suite.pay(ended, contributor, TERMS["soft_goal"])
    for round_id in (pending, running, full):
        suite.rounds.cancel(round_id, sender=owner)
        assert event_names(suite.rounds) == ["RoundCancelled"]
        assert sole_event(suite.rounds, "RoundCancelled") == (round_id,)
    suite.warp_to_end(ended)
    suite.rounds.cancel(ended, sender=owner)
    pass_time(2 * FINALIZE_SECONDS)
    for round_id in (pending, running, full, ended):
        assert suite.state(round_id) == State.CANCELLED
        assert suite.rounds.round(round_id).cancelled
        with boa.reverts("round has not succeeded"):
            suite.rounds.finalize(round_id)
        with boa.reverts("round is not open"):
            suite.pay(round_id, contributor, 100 * USDC)
        with boa.reverts("round is over"):
            suite.rounds.cancel(round_id, sender=owner)


def test_cancel__finalized__reverts(suite, owner, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, TERMS["hard_cap"])
    suite.rounds.finalize(round_id)
    with boa.reverts("round is over"):
        suite.rounds.cancel(round_id, sender=owner)


def test_cancel__failed__reverts(suite, owner):
    round_id = suite.open_now()
    suite.warp_to_end(round_id)
    with boa.reverts("round is over"):
        suite.rounds.cancel(round_id, sender=owner)


def test_cancel__paused__works(suite, owner, guardian):
    round_id = suite.open()
    suite.rounds.pause(sender=guardian)
    suite.rounds.cancel(round_id, sender=owner)


def test_cancel__not_the_owner__reverts(suite, guardian, stranger):
    round_id = suite.open()
    for sender in (guardian, stranger):
        with boa.reverts("caller is not the owner"):
            suite.rounds.cancel(round_id, sender=sender)


# --- skim ---


def test_skim__donated_asset__leaves_what_is_owed(suite, owner, contributor, stranger):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, 100 * USDC)
    suite.asset.mint(suite.rounds, 7)
    assert suite.rounds.skim(suite.asset, stranger, sender=owner) == 7
    assert event_names(suite.rounds) == ["Transfer", "Skimmed"]
    assert sole_event(suite.rounds, "Skimmed") == (suite.asset.address, stranger, 7)
    assert suite.asset.balanceOf(stranger) == 7
    assert suite.rounds.skim(suite.asset, stranger, sender=owner) == 0
    assert suite.asset.balanceOf(suite.rounds) == 100 * USDC


def test_skim__governance_token__leaves_what_is_to_be_claimed(suite, owner, contributor, stranger):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, TERMS["hard_cap"])
    suite.rounds.finalize(round_id)
    assert suite.rounds.skim(suite.token, stranger, sender=owner) == 0
    suite.rounds.claim(round_id, contributor)
    suite.token.transfer(suite.rounds, 5, sender=contributor)
    assert suite.rounds.skim(suite.token, stranger, sender=owner) == 5


def test_skim__not_the_owner__reverts(suite, guardian, stranger):
    suite.asset.mint(suite.rounds, 7)
    for sender in (guardian, stranger):
        with boa.reverts("caller is not the owner"):
            suite.rounds.skim(suite.asset, sender, sender=sender)


# --- unknown rounds ---


@pytest.mark.parametrize("round_id", [0, 2, 2**256 - 1])
def test_any_function__unknown_round__reverts(suite, owner, stranger, round_id):
    suite.open()
    rounds = suite.rounds
    calls = [
        lambda: rounds.contribute(round_id, 1),
        lambda: rounds.contribute_with_permit(round_id, 1, 1, 1, 27, b"", b"", []),
        lambda: rounds.finalize(round_id),
        lambda: rounds.claim(round_id, stranger),
        lambda: rounds.refund(round_id, stranger),
        lambda: rounds.release_reservation(round_id),
        lambda: rounds.cancel(round_id, sender=owner),
        lambda: rounds.round(round_id),
        lambda: rounds.state(round_id),
        lambda: rounds.claimable(round_id, stranger),
        lambda: rounds.refundable(round_id, stranger),
    ]
    for call in calls:
        with boa.reverts("round is unknown"):
            call()
    assert rounds.contribution(round_id, stranger) == 0
