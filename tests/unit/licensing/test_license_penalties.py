"""What a short report costs a licensee: its bond, which pays the audit, too."""

import boa
import pytest

from tests.kits import licensing as market_kit
from tests.kits.disputes import ANSWER, decide, dispute
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    GRACE,
    REVENUE,
    add_model,
    buy,
    deploy_suite,
    license_terms,
    offer,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.models import treasury_share
from tests.kits.treasury import event_rows
from tests.odd_assets import deploy_odd_asset
from tests.support import MAX_UINT, ZERO_ADDRESS, fund_and_approve, now, warp_to

BOND = 10_000
COST = 2_000


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


@pytest.fixture
def seller_model(suite, licensee, builder):
    """A bonded license of a model of the builder, who is the arbiter by its terms."""
    suite.registry.transferFrom(suite.owner, builder, 1, sender=suite.owner)
    terms = license_terms(suite, bond=BOND, arbiter=builder)
    terms_id = suite.catalog.offer_terms(terms, sender=builder)
    license_id = buy(suite, licensee, terms_id)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    return license_id, builder


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


def test_assess__cost_named_by_an_arbiter_of_the_terms__reverts(
    suite, enforcement, licensee, auditor, seller_model
):
    """It could take half of an honest bond for a friend: to answer takes the amount it chose."""
    license_id, arbiter = seller_model
    arguments = (license_id, 1, 2 * REVENUE, 0, EVIDENCE)
    with boa.env.prank(arbiter):
        with boa.reverts("only a vote pays for an audit"):
            enforcement.assess(*arguments, auditor, 1)
        enforcement.assess(*arguments)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 0
    assert enforcement.refund(auditor, suite.asset.address) == 0


def test_conclude__two_licenses_lost__the_auditor_has_both_parts(
    suite, enforcement, owner, licensee, auditor
):
    terms_id = offer(suite, bond=BOND)
    for cost in (3_000, 4_000):
        license_id = buy(suite, licensee, terms_id)
        report_next(suite, licensee, license_id, 1)
        pay(suite, licensee, license_id, DUE)
        arguments = (license_id, 1, 2 * REVENUE, 0, EVIDENCE, auditor, cost)
        enforcement.assess(*arguments, sender=owner)
        enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.refund(auditor, suite.asset.address) == 7_000
    assert enforcement.withdraw(auditor, suite.asset.address) == 7_000


def test_conclude__audits_of_two_periods__each_pays_its_own(
    suite, enforcement, owner, licensee, auditor, bonded
):
    """The second period's audit takes the bond: its payer is paid, and not the first one's."""
    other = suite.router.address
    report_next(suite, licensee, bonded, 2)
    pay(suite, licensee, bonded, DUE)
    for period, payer, cost in ((1, other, 1_000), (2, auditor, 2_000)):
        arguments = (bonded, period, 2 * REVENUE, 0, EVIDENCE, payer, cost)
        enforcement.assess(*arguments, sender=owner)
    enforcement.conclude(bonded, 2, sender=licensee)
    assert enforcement.refund(auditor, suite.asset.address) == 2_000
    assert enforcement.refund(other, suite.asset.address) == 0


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
