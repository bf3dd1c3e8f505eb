"""A bond that paid, or was lost, is filled up again, or the license may be ended for that."""

import boa
import pytest

from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    PERIOD,
    REVENUE,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.treasury import event_rows
from tests.support import DAY, MAX_UINT, fund_and_approve, now, pass_time, warp_to

REFILL = 14 * DAY


@pytest.fixture
def short(suite, enforcement, licensee, stranger):
    """A license whose bond has just paid a due of its own, to the last second without interest."""
    license_id = sell(suite, licensee, bond=2 * DUE)
    report_next(suite, licensee, license_id, 1)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    assert enforcement.enforce(license_id, sender=stranger) == (0, DUE)
    return license_id


def test_enforce__bond_pays__it_is_short_from_then_on(suite, market, enforcement, short, licensee):
    assert market.is_in_good_standing(short)
    assert enforcement.bond(short) == DUE
    since = now()
    assert enforcement.bond_short_since(short) == since
    report_next(suite, licensee, short, 2)
    warp_to(period_end(suite, short, 2) + GRACE)
    enforcement.enforce(short)
    assert enforcement.bond_short_since(short) == since


def test_terminate__bond_short_for_fourteen_days__ends_the_license(
    market, catalog, enforcement, short, licensee, stranger
):
    warp_to(enforcement.bond_short_since(short) + REFILL - 1)
    with boa.reverts("nothing is overdue"):
        enforcement.terminate(short, sender=stranger)
    pass_time(1)
    assert enforcement.terminate(short, sender=stranger)
    assert market.license(short).ends_at == now()
    # It lost the license as by any breach.
    terms_id = market.license(short).terms_id
    assert catalog.fee_for(terms_id, licensee) == 3 * FEE


@pytest.mark.parametrize("who", ["licensee", "stranger"])
def test_fill_bond__anybody__brings_what_is_missing(suite, enforcement, short, request, who):
    payer = request.getfixturevalue(who)
    fund_and_approve(suite.asset, payer, enforcement.address, DUE)
    before = suite.asset.balanceOf(payer)
    with boa.reverts("amount is above the maximum"):
        enforcement.fill_bond(short, DUE - 1, sender=payer)
    assert enforcement.fill_bond(short, DUE, sender=payer) == DUE
    assert event_rows(enforcement)[0] == ("BondReceived", short, suite.asset.address, DUE)
    assert before - suite.asset.balanceOf(payer) == DUE
    assert (enforcement.bond(short), enforcement.bond_short_since(short)) == (2 * DUE, 0)
    pass_time(REFILL)
    with boa.reverts("nothing is overdue"):
        enforcement.terminate(short)
    with boa.reverts("bond is full"):
        enforcement.fill_bond(short, MAX_UINT, sender=payer)


def test_fill_bond__license_over_or_unknown__reverts(suite, market, enforcement, short, licensee):
    warp_to(market.license(short).ends_at)
    with boa.reverts("license has ended"):
        enforcement.fill_bond(short, MAX_UINT, sender=licensee)
    with boa.reverts("unknown license"):
        enforcement.fill_bond(99, MAX_UINT, sender=licensee)


def test_conclude__bond_lost__is_short_too(suite, enforcement, licensee, stranger):
    license_id = sell(suite, licensee, bond=10_000)
    report_next(suite, licensee, license_id, 1, revenue=0)
    pay(suite, licensee, license_id, DUE)
    enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE, sender=suite.owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 0
    assert enforcement.bond_short_since(license_id) == now()


def test_enforce__terms_without_a_bond__nothing_is_short(suite, enforcement, licensee):
    license_id = sell(suite, licensee)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    enforcement.enforce(license_id)
    assert enforcement.bond_short_since(license_id) == 0


def test_renew__bond_short__fills_it_up(suite, market, enforcement, licensee):
    license_id = sell(suite, licensee, bond=2 * DUE)
    last = (market.license(license_id).ends_at - market.license(license_id).starts_at) // PERIOD
    for period in range(1, last + 1):
        report_next(suite, licensee, license_id, period)
        if period < last:
            pay(suite, licensee, license_id, DUE)
    warp_to(period_end(suite, license_id, last) + GRACE)
    enforcement.enforce(license_id)
    assert enforcement.bond_short_since(license_id) == now()
    fund_and_approve(suite.asset, licensee, market.address, FEE + DUE)
    market.renew(license_id, FEE + DUE, sender=licensee)
    assert (enforcement.bond(license_id), enforcement.bond_short_since(license_id)) == (2 * DUE, 0)
