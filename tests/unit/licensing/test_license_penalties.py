"""What cheating costs a licensee: its bond and the audit, and a dearer license after a breach."""

import boa
import pytest

from tests.odd_assets import deploy_odd_asset
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, fund_and_approve, now, pass_time, warp_to
from tests.unit.licensing import market_kit
from tests.unit.licensing.dispute_kit import ANSWER, decide, dispute
from tests.unit.licensing.market_kit import (
    CURE,
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    REVENUE,
    add_model,
    buy,
    deploy_suite,
    offer,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.unit.models.registry_kit import treasury_share
from tests.unit.treasury.kit import accept, event_rows

BOND = 10_000
COST = 2_000
TIMES = 3


# --- the audit's cost ---


@pytest.fixture
def auditor(stranger):
    """Who paid for the audit: nobody's role."""
    return stranger


@pytest.fixture
def bonded(suite, licensee):
    """A license with a bond and one period reported and paid."""
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    return license_id


@pytest.fixture
def audit(enforcement, owner, auditor):
    """An audit that finds that period 1 owed `due`, and cost `cost`."""

    def audit(license_id, due, cost=COST):
        named = (auditor, cost) if cost else ()
        enforcement.assess(license_id, 1, 20 * due, 0, EVIDENCE, *named, sender=owner)

    return audit


def test_assess__auditor_and_cost__are_on_record(enforcement, owner, bonded, auditor):
    assert enforcement.audit(bonded, 1) == (ZERO_ADDRESS, 0)
    arguments = (bonded, 1, 2 * REVENUE, 0, EVIDENCE, auditor, COST)
    enforcement.assess(*arguments, sender=owner)
    assert event_rows(enforcement) == [
        ("AuditCostNamed", bonded, 1, auditor, COST),
        ("Assessed", bonded, 1, DUE, 2 * DUE, now() + ANSWER, EVIDENCE),
    ]
    assert enforcement.audit(bonded, 1) == (auditor, COST)


def test_assess__neither_auditor_nor_cost__names_nobody(enforcement, bonded, audit):
    audit(bonded, 2 * DUE, cost=0)
    assert [row[0] for row in event_rows(enforcement)] == ["Assessed"]
    assert enforcement.audit(bonded, 1) == (ZERO_ADDRESS, 0)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"cost": COST}, "audit cost is incomplete"),
        ({"auditor": True}, "audit cost is incomplete"),
        ({"auditor": "enforcement", "cost": 1}, "auditor is the enforcement"),
    ],
)
def test_assess__half_of_an_audit__reverts(enforcement, owner, bonded, auditor, named, reason):
    who = {"enforcement": enforcement.address, True: auditor}.get(
        named.get("auditor"), ZERO_ADDRESS
    )
    arguments = (bonded, 1, 2 * REVENUE, 0, EVIDENCE, who, named.get("cost", 0))
    with boa.env.prank(owner), boa.reverts(reason):
        enforcement.assess(*arguments)


def test_assess__auditor_named_by_who_is_not_the_arbiter__reverts(
    enforcement, bonded, auditor, licensee
):
    arguments = (bonded, 1, 2 * REVENUE, 0, EVIDENCE, auditor, COST)
    for caller in (auditor, licensee):
        with boa.env.prank(caller), boa.reverts("caller is not the arbiter"):
            enforcement.assess(*arguments)


def test_conclude__bond_is_lost__pays_the_audit_out_of_it(
    suite, enforcement, bonded, audit, auditor, licensee
):
    audit(bonded, 2 * DUE)
    before = suite.router.pending(1, suite.asset.address)
    enforcement.conclude(bonded, 1, sender=licensee)
    assert ("BondForfeited", bonded, 1, BOND - COST, auditor, COST) in event_rows(enforcement)
    assert suite.router.pending(1, suite.asset.address) - before == BOND - COST
    assert enforcement.bond(bonded) == 0
    assert enforcement.refund(auditor, suite.asset.address) == COST
    assert enforcement.accounted(suite.asset.address) == COST
    # The licensee owes what it hid, and nothing of the cost.
    assert suite.market.outstanding(bonded) == DUE
    held = suite.asset.balanceOf(auditor)
    assert enforcement.withdraw(auditor, suite.asset.address, sender=licensee) == COST
    assert suite.asset.balanceOf(auditor) - held == COST
    assert enforcement.withdraw(auditor, suite.asset.address) == 0
    assert enforcement.accounted(suite.asset.address) == 0


@pytest.mark.parametrize(
    ("bond", "cost", "gets"),
    [
        (10, 4, 4),
        (10, 5, 5),
        (10, 6, 5),
        (11, 5, 5),
        (11, 6, 5),
        (10, MAX_UINT, 5),
        (2, 1, 1),
        (1, 1, 0),
        (0, COST, 0),
    ],
)
def test_conclude__any_bond_and_cost__auditor_gets_the_cost_and_at_most_half(
    suite, enforcement, licensee, audit, auditor, bond, cost, gets
):
    license_id = sell(suite, licensee, bond=bond)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    audit(license_id, 2 * DUE, cost)
    before = suite.router.pending(1, suite.asset.address)
    enforcement.conclude(license_id, 1, sender=licensee)
    rows = [row for row in event_rows(enforcement) if row[0] == "BondForfeited"]
    assert rows == ([("BondForfeited", license_id, 1, bond - gets, auditor, gets)] if bond else [])
    assert enforcement.refund(auditor, suite.asset.address) == gets
    assert suite.router.pending(1, suite.asset.address) - before == bond - gets
    assert suite.market.outstanding(license_id) == DUE


# A report of 900 that owed 1,000 is short by a tenth to the unit.
@pytest.mark.parametrize(("owed", "is_lost"), [(1_000, False), (1_001, True)])
def test_conclude__shortfall_at_a_tenth_and_above__costs_the_audit_with_the_bond(
    suite, enforcement, licensee, audit, auditor, owed, is_lost
):
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1, revenue=20 * 900)
    pay(suite, licensee, license_id, 900)
    audit(license_id, owed)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == (0 if is_lost else BOND)
    assert enforcement.refund(auditor, suite.asset.address) == (COST if is_lost else 0)


# Of 2,000 that were assessed 1,000 were reported: with 111 upheld 1,111 stand, a tenth and less.
@pytest.mark.parametrize(("upheld", "is_lost"), [(0, False), (111, False), (112, True)])
def test_decide__dispute_lowers_the_shortfall__costs_no_audit(
    suite, enforcement, owner, licensee, audit, auditor, upheld, is_lost
):
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1, revenue=20 * 1_000)
    pay(suite, licensee, license_id, 1_000)
    audit(license_id, 2_000)
    dispute(suite, licensee, license_id, 1_000)
    assert enforcement.bond(license_id) == BOND
    decide(enforcement, license_id, upheld, owner)
    assert enforcement.bond(license_id) == (0 if is_lost else BOND)
    assert enforcement.refund(auditor, suite.asset.address) == (COST if is_lost else 0)


def test_expire__nobody_decides__pays_the_audit(
    suite, enforcement, licensee, audit, auditor, bonded
):
    audit(bonded, 2 * DUE)
    dispute(suite, licensee, bonded, DUE)
    warp_to(enforcement.open_dispute(bonded, 1).decide_until)
    enforcement.expire(bonded, 1)
    assert enforcement.refund(auditor, suite.asset.address) == COST


def test_dispute__of_less_than_makes_it_short__pays_the_audit_at_once_and_once(
    suite, market, enforcement, owner, licensee, audit, auditor
):
    license_id = sell(suite, licensee, bond=BOND, upfront_fee=0, renewable=True)
    report_next(suite, licensee, license_id, 1)
    audit(license_id, 4 * DUE)
    dispute(suite, licensee, license_id, DUE)
    assert enforcement.refund(auditor, suite.asset.address) == COST
    pay(suite, licensee, license_id, 10**6)
    fund_and_approve(suite.asset, licensee, market.address, BOND)
    market.renew(license_id, BOND, sender=licensee)
    decide(enforcement, license_id, DUE, owner)
    assert enforcement.bond(license_id) == BOND
    assert enforcement.refund(auditor, suite.asset.address) == COST


def test_assess__what_lowers_a_report__pays_nobody(
    suite, enforcement, owner, licensee, bonded, auditor
):
    """An audit that finds for the licensee opens nothing, and its cost has nothing to come from."""
    arguments = (bonded, 1, REVENUE - 20, 0, EVIDENCE, auditor, COST)
    enforcement.assess(*arguments, sender=owner)
    assert [row[0] for row in event_rows(enforcement)] == ["Assessed", "PeriodDecided"]
    assert enforcement.audit(bonded, 1) == (ZERO_ADDRESS, 0)
    assert enforcement.refund(auditor, suite.asset.address) == 0
    assert enforcement.bond(bonded) == BOND


def test_assess__second_audit__does_not_pay_the_first_auditor(
    suite, enforcement, owner, licensee, bonded, audit, auditor, payee_account
):
    """The first finds less than a tenth, the second more: the second is paid."""
    audit(bonded, DUE + 1)
    enforcement.conclude(bonded, 1, sender=licensee)
    arguments = (bonded, 1, 4 * REVENUE, 0, EVIDENCE)
    enforcement.assess(*arguments, payee_account, COST + 1, sender=owner)
    enforcement.conclude(bonded, 1, sender=licensee)
    assert enforcement.refund(auditor, suite.asset.address) == 0
    assert enforcement.refund(payee_account, suite.asset.address) == COST + 1


def test_assess__second_audit_without_a_cost__pays_nobody(
    suite, enforcement, licensee, bonded, audit, auditor
):
    audit(bonded, DUE + 1)
    enforcement.conclude(bonded, 1, sender=licensee)
    audit(bonded, 4 * DUE, cost=0)
    enforcement.conclude(bonded, 1, sender=licensee)
    assert enforcement.bond(bonded) == 0
    assert enforcement.refund(auditor, suite.asset.address) == 0


@pytest.fixture
def payee_account(builder):
    return builder


def test_conclude__auditor_whom_the_asset_refuses__blocks_nobody(owner, licensee, stranger):
    asset = deploy_odd_asset()
    suite = deploy_suite(owner, asset=asset)
    add_model(suite, [treasury_share(10_000)])
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1)
    suite.enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, stranger, COST, sender=owner)
    asset.set_blacklisted(stranger, True)
    suite.enforcement.conclude(license_id, 1, sender=licensee)
    assert suite.router.pending(1, asset.address) >= BOND - COST
    with boa.reverts("account is blacklisted"):
        suite.enforcement.withdraw(stranger, asset.address)
    # Its money waits, whatever others do meanwhile.
    pay(suite, licensee, license_id, 2 * DUE)
    asset.set_blacklisted(stranger, False)
    assert suite.enforcement.withdraw(stranger, asset.address) == COST


def test_conclude__report_after_its_assessment__costs_neither_bond_nor_audit(
    suite, market, enforcement, licensee, audit, auditor
):
    license_id = sell(suite, licensee, bond=BOND)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    market.estimate(license_id)
    audit(license_id, 50_000)
    market.report(license_id, 1, 0, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == BOND
    assert enforcement.refund(auditor, suite.asset.address) == 0


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


def test_terminate__license_that_was_moved__marks_who_holds_it(
    suite, market, catalog, licensee, payer, terms_id, license_id
):
    market.transferFrom(licensee, payer, license_id, sender=licensee)
    _lose(suite, license_id)
    assert catalog.fee_for(terms_id, payer) == TIMES * FEE
    assert catalog.fee_for(terms_id, licensee) == FEE


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


# --- terms that would make silence free ---


@pytest.mark.parametrize("royalty", ["share_bps", "price_per_unit"])
@pytest.mark.parametrize(
    ("secured", "is_refused"),
    [({}, True), ({"minimum_per_period": 1}, False), ({"bond": 1}, False)],
)
def test_offer_terms__royalty_without_minimum_and_bond__reverts(
    suite, owner, royalty, secured, is_refused
):
    free = {"share_bps": 0, "price_per_unit": 0, "minimum_per_period": 0, "bond": 0}
    terms = market_kit.license_terms(suite, **(free | {royalty: 1} | secured))
    if is_refused:
        with boa.env.prank(owner), boa.reverts("no minimum and no bond"):
            suite.catalog.offer_terms(terms)
    else:
        suite.catalog.offer_terms(terms, sender=owner)
