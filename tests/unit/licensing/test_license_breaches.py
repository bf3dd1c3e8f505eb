"""What a license costs an account that lost one of the model by a breach: three prices, once."""

import boa
import pytest

from tests.kits import licensing as market_kit
from tests.kits.disputes import ANSWER
from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    add_model,
    buy,
    offer,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.models import treasury_share
from tests.kits.treasury import accept, event_rows
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, fund_and_approve, now, pass_time, warp_to

BOND = 10_000
TIMES = 3

# --- the next license after a breach ---


def _lose(suite, license_id):
    """The license is terminated because nothing was reported."""
    state = suite.market.license(license_id)
    core = suite.catalog.terms(state.terms_id)
    warp_to(state.starts_at + core.period_seconds + core.grace_seconds + core.cure_seconds)
    assert suite.enforcement.terminate(license_id)


def _misuse(suite, license_id):
    suite.enforcement.accuse(license_id, EVIDENCE, sender=suite.owner)
    pass_time(ANSWER)
    suite.enforcement.end_for_misuse(license_id, EVIDENCE, sender=suite.owner)


def _fee_of_the_last(suite):
    rows = [row for row in event_rows(suite.market) if row[0] == "LicenseBought"]
    return rows[-1][4]


@pytest.mark.parametrize("end", [_lose, _misuse])
def test_buy__after_a_breach__costs_three_fees_once(
    suite, market, catalog, licensee, terms_id, license_id, end
):
    assert catalog.FEES_AFTER_TERMINATION() == TIMES
    assert catalog.fee_for(terms_id, licensee) == FEE
    end(suite, license_id)
    assert catalog.fee_for(terms_id, licensee) == TIMES * FEE
    digest = catalog.terms_hash(terms_id)
    fund_and_approve(suite.asset, licensee, market.address, TIMES * FEE)
    before = suite.router.pending(1, suite.asset.address)
    with boa.env.prank(licensee), boa.reverts("cost is above the maximum"):
        market.buy(terms_id, digest, TIMES * FEE - 1)
    market.buy(terms_id, digest, TIMES * FEE, sender=licensee)
    assert _fee_of_the_last(suite) == TIMES * FEE
    assert suite.router.pending(1, suite.asset.address) - before == TIMES * FEE
    assert suite.asset.balanceOf(licensee) == 0
    assert catalog.fee_for(terms_id, licensee) == FEE
    buy(suite, licensee, terms_id)
    assert _fee_of_the_last(suite) == FEE


def test_buy__price_that_rises_under_the_buyer__takes_nothing(
    suite, market, catalog, licensee, terms_id, license_id
):
    """Somebody ends its other license in front of its purchase: it named the most it pays."""
    digest = catalog.terms_hash(terms_id)
    fund_and_approve(suite.asset, licensee, market.address, 10 * FEE)
    _lose(suite, license_id)
    with boa.env.prank(licensee), boa.reverts("cost is above the maximum"):
        market.buy(terms_id, digest, FEE)
    assert suite.asset.balanceOf(licensee) == 10 * FEE


def test_buy__by_another_account_or_of_another_model__costs_the_fee(
    suite, catalog, licensee, payer, terms_id, license_id
):
    add_model(suite, [treasury_share(10_000)])
    other = offer(suite, model_id=2)
    _lose(suite, license_id)
    assert catalog.fee_for(terms_id, payer) == FEE
    assert catalog.fee_for(other, licensee) == FEE
    buy(suite, payer, terms_id)
    assert _fee_of_the_last(suite) == FEE
    buy(suite, licensee, other)
    assert _fee_of_the_last(suite) == FEE
    assert catalog.fee_for(terms_id, licensee) == TIMES * FEE


def test_fee_for__licenses_ended_otherwise__is_the_fee(
    suite, market, enforcement, catalog, licensee, payer, terms_id, license_id
):
    """A term that ended with arrears, a license that was given up, one that was sold on."""
    perpetual = sell(suite, licensee, term_seconds=0)
    enforcement.surrender(perpetual, sender=licensee)
    market.transferFrom(licensee, payer, license_id, sender=licensee)
    pass_time(4 * PERIOD)
    for who in (licensee, payer):
        assert catalog.fee_for(terms_id, who) == FEE


@pytest.mark.parametrize("end", [_lose, _misuse])
@pytest.mark.parametrize("is_back", [False, True])
def test_note_end__license_that_was_moved__marks_nobody(
    suite, market, catalog, licensee, payer, terms_id, license_id, end, is_back
):
    """Anybody may send a license to anybody, in the second of its purchase or of its end."""
    assert market.move_count(license_id) == 0
    market.transferFrom(licensee, payer, license_id, sender=licensee)
    if is_back:
        market.transferFrom(payer, licensee, license_id, sender=payer)
    assert market.move_count(license_id) == 1 + is_back
    end(suite, license_id)
    for who in (licensee, payer):
        assert catalog.fee_for(terms_id, who) == FEE


@pytest.mark.parametrize("end", [_lose, _misuse])
def test_note_end__license_sent_to_its_own_holder__marks_the_holder(
    suite, market, catalog, licensee, payer, terms_id, license_id, end
):
    """It has not moved: else one call would free a licensee of the mark for good."""
    market.approve(payer, license_id, sender=licensee)
    market.transferFrom(licensee, licensee, license_id, sender=payer)
    assert market.move_count(license_id) == 0
    assert market.getApproved(license_id) == ZERO_ADDRESS
    assert (market.ownerOf(license_id), market.balanceOf(licensee)) == (licensee, 1)
    assert market.owner_at(license_id, now()) == licensee
    end(suite, license_id)
    assert catalog.fee_for(terms_id, licensee) == TIMES * FEE


def test_note_end__exclusive_license__keeps_the_mark_beside_the_exclusivity(
    suite, catalog, licensee, payer, terms_id
):
    """What a sale asks about its model is one word: neither part may take the other away."""
    plain = terms_id
    exclusive = offer(suite, exclusive=True, upfront_fee=FEE)
    license_id = buy(suite, licensee, exclusive)
    assert catalog.fee_for(plain, licensee) == FEE
    _lose(suite, license_id)
    assert catalog.fee_for(plain, licensee) == TIMES * FEE
    catalog.end_exclusivity(1, license_id)
    assert catalog.fee_for(plain, licensee) == TIMES * FEE
    buy(suite, payer, exclusive)
    assert catalog.fee_for(plain, licensee) == TIMES * FEE
    assert catalog.exclusive_terms(1) == exclusive


def test_terminate__bond_that_cures__marks_nobody(suite, enforcement, catalog, licensee, terms_id):
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    warp_to(period_end(suite, license_id, 1) + GRACE + CURE - DAY)
    market_kit.report_next(suite, licensee, license_id, 2)
    warp_to(period_end(suite, license_id, 1) + GRACE + CURE)
    assert not enforcement.terminate(license_id)
    assert catalog.fee_for(terms_id, licensee) == FEE


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"upfront_fee": 7}, 7),
        ({"upfront_fee": 0}, MINIMUM),
        ({"upfront_fee": 0, "bond": BOND}, MINIMUM),
        ({"upfront_fee": 0, "minimum_per_period": 0, "bond": BOND}, BOND),
    ],
)
def test_buy__terms_without_a_fee__costs_three_of_what_they_ask_for_instead(
    suite, market, catalog, licensee, changes, price
):
    terms_id = offer(suite, **changes)
    license_id = buy(suite, licensee, terms_id)
    _lose(suite, license_id)
    assert catalog.fee_for(terms_id, licensee) == TIMES * price
    cost = TIMES * price + changes.get("bond", 0)
    fund_and_approve(suite.asset, licensee, market.address, cost)
    market.buy(terms_id, catalog.terms_hash(terms_id), cost, sender=licensee)
    assert _fee_of_the_last(suite) == TIMES * price
    assert catalog.fee_for(terms_id, licensee) == changes["upfront_fee"]


def test_buy__cheaper_terms_after_a_breach__keep_the_mark(suite, market, catalog, licensee):
    """The example of contracts/licensing/former_licensees.vy, each price from both sides."""
    dear, even = offer(suite, upfront_fee=25_000), offer(suite, upfront_fee=25_001)
    cheap = offer(suite, upfront_fee=500)
    free = offer(
        suite, upfront_fee=0, share_bps=0, minimum_per_period=0, period_seconds=0, grace_seconds=0
    )
    below = offer(suite, upfront_fee=24_999)
    _lose(suite, buy(suite, licensee, dear))

    def bought(terms_id):
        fund_and_approve(suite.asset, licensee, market.address, 10**6)
        market.buy(terms_id, catalog.terms_hash(terms_id), MAX_UINT, sender=licensee)
        return _fee_of_the_last(suite)

    assert [bought(free), bought(cheap), bought(cheap), bought(below)] == [0, 1_500, 1_500, 74_997]
    assert catalog.fee_for(even, licensee) == 75_003
    assert bought(dear) == 75_000
    assert [bought(one) for one in (free, cheap, dear, even)] == [0, 500, 25_000, 25_001]


def test_buy__two_licenses_lost__one_mark_of_the_dearest(suite, catalog, licensee):
    first, second = offer(suite, upfront_fee=900), offer(suite, upfront_fee=300)
    lost = [buy(suite, licensee, terms_id) for terms_id in (first, second)]
    for license_id in lost:
        _lose(suite, license_id)
    assert catalog.fee_for(second, licensee) == 900
    market_kit.fund_and_approve(suite.asset, licensee, suite.market.address, 2_700)
    digest = catalog.terms_hash(first)
    suite.market.buy(first, digest, 2_700, sender=licensee)
    assert catalog.fee_for(second, licensee) == 300


def test_buy__terms_in_another_asset__keep_the_mark(
    suite, market, catalog, owner, licensee, terms_id
):
    """What one asset's unit is worth in the other nobody here knows."""
    other = market_kit.deploy_asset("EUR", 6)
    accept(suite.treasury, owner, other)
    usual, foreign = terms_id, offer(suite, asset=other.address, upfront_fee=10 * FEE)
    _lose(suite, buy(suite, licensee, usual))
    fund_and_approve(other, licensee, market.address, 30 * FEE)
    market.buy(foreign, catalog.terms_hash(foreign), 30 * FEE, sender=licensee)
    assert catalog.fee_for(foreign, licensee) == 30 * FEE
    assert catalog.fee_for(usual, licensee) == TIMES * FEE
    fund_and_approve(suite.asset, licensee, market.address, TIMES * FEE)
    market.buy(usual, catalog.terms_hash(usual), TIMES * FEE, sender=licensee)
    assert catalog.fee_for(foreign, licensee) == 10 * FEE
    # A mark in the other asset is one of its own.
    licenses = [market.license_count() - 1, market.license_count()]
    for license_id in licenses:
        _lose(suite, license_id)
    fund_and_approve(suite.asset, licensee, market.address, TIMES * FEE)
    market.buy(usual, catalog.terms_hash(usual), TIMES * FEE, sender=licensee)
    assert catalog.fee_for(usual, licensee) == TIMES * FEE


def test_renew__other_license_after_a_breach__costs_the_fee(suite, market, licensee, license_id):
    kept = sell(suite, licensee, renewable=True)
    for period in (1, 2):
        report_next(suite, licensee, kept, period)
        pay(suite, licensee, kept, DUE)
    _lose(suite, license_id)
    fund_and_approve(suite.asset, licensee, market.address, FEE)
    market.renew(kept, FEE, sender=licensee)
    assert suite.asset.balanceOf(licensee) == 0


# --- note_end ---


def test_note_end__not_the_enforcement__reverts(suite, catalog, license_id, request):
    for role in ("owner", "licensee", "stranger"):
        caller = request.getfixturevalue(role)
        with boa.env.prank(caller), boa.reverts("caller is not the enforcement"):
            catalog.note_end(suite.market.address, license_id)
    with boa.env.prank(suite.market.address), boa.reverts("caller is not the enforcement"):
        catalog.note_end(suite.market.address, license_id)
    # What is no market is asked nothing.
    for market in (ZERO_ADDRESS, suite.enforcement.address):
        caller = suite.enforcement.address
        with boa.env.prank(caller), boa.reverts("caller is not the enforcement"):
            catalog.note_end(market, license_id)


def test_note_end__license_that_does_not_exist__reverts(suite, catalog):
    with boa.env.prank(suite.enforcement.address), boa.reverts("unknown license"):
        catalog.note_end(suite.market.address, 99)


@pytest.mark.parametrize("next_market", ["another", "none"])
def test_terminate__market_that_was_replaced__still_ends_and_marks(
    suite, catalog, owner, stranger, licensee, terms_id, license_id, next_market
):
    """What was sold before a market was replaced goes on there, breaches included."""
    catalog.set_market(stranger if next_market == "another" else ZERO_ADDRESS, sender=owner)
    _lose(suite, license_id)
    assert suite.market.license(license_id).ended_early
    assert catalog.fee_for(terms_id, licensee) == TIMES * FEE


def test_terminate__catalog_is_paused__still_ends_and_marks(
    suite, catalog, owner, licensee, terms_id, license_id
):
    catalog.set_guardian(owner, now() + 300 * DAY, sender=owner)
    warp_to(period_end(suite, license_id, 1) + GRACE + CURE - DAY)
    catalog.pause(sender=owner)
    _lose(suite, license_id)
    assert catalog.fee_for(terms_id, licensee) == TIMES * FEE


def test_fee_for__unknown_terms__reverts(catalog, licensee):
    with boa.reverts("unknown terms"):
        catalog.fee_for(99, licensee)
