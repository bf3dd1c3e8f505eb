"""Attacks on what licenses owe and pay: each gains nothing, and something without its defence."""

from contextlib import suppress

import boa
from boa import BoaError

from tests.attack.license_world import LATE_BPS, Case, World, attack_tests
from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    REVENUE,
    TERM,
    is_licensed,
    pay,
    period_end,
)
from tests.support import DAY, fund_and_approve, now, warp_to

# --- each attack returns what it gained: 0 is a failure ---


def report_without_payment(world: World) -> int:
    """The licensee reports faithfully, never pays, and stays licensed."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    warp_to(period_end(world.suite, world.license_id, 1) + GRACE)
    return int(is_licensed(world.suite, world.licensee, world.license_id))


def payment_of_the_newest_dues_only(world: World) -> int:
    """The licensee pays as much as the last period owed, and calls the older one settled."""
    for period in (1, 2):
        world.end_period(period)
        world.try_to_report(world.licensee, period, REVENUE)
    pay(world.suite, world.licensee, world.license_id, DUE)
    warp_to(period_end(world.suite, world.license_id, 2) + GRACE)
    return int(world.market.is_in_good_standing(world.license_id))


def late_debtor_locked_out(world: World) -> int:
    """Offer retired, model sold, sales paused, term long over: the debtor still pays."""
    world.end_period(3)
    for period in (1, 2, 3):
        world.try_to_report(world.licensee, period, REVENUE)
    warp_to(now() + 10 * TERM)
    with boa.env.prank(world.owner):
        world.suite.catalog.retire_terms(1)
        world.suite.registry.transferFrom(world.owner, world.thief, 1)
        world.suite.catalog.set_guardian(world.owner, now() + DAY)
        world.suite.catalog.pause()
    with suppress(BoaError):
        pay(world.suite, world.licensee, world.license_id, 3 * DUE)
    return int(world.market.outstanding(world.license_id))


def more_taken_than_owed(world: World) -> int:
    """A generous payer's approval is emptied."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    pay(world.suite, world.licensee, world.license_id, 3 * DUE)
    return 2 * DUE - int(world.asset.balanceOf(world.licensee))


def more_taken_than_the_licensee_allowed(world: World) -> int:
    """Old dues surface in a report that was meant to pay one period."""
    world.end_period(2)
    world.try_to_report(world.licensee, 1, REVENUE)
    fund_and_approve(world.asset, world.licensee, world.market.address, 2 * DUE)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.report_and_pay(world.license_id, 2, REVENUE, EVIDENCE, DUE)
    return 2 * DUE - int(world.asset.balanceOf(world.licensee))


def dues_that_vanish_after_late_payment(world: World) -> int:
    """The licensee pays late what it owes, and nothing for the delay."""
    license_id = world.sell(late_bps_per_year=LATE_BPS)
    world.report(1, license_id)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + 365 * DAY)
    world.pay(DUE, license_id)
    interest = DUE * LATE_BPS // 10_000
    return interest - int(world.market.outstanding(license_id))


def interest_spared_by_paying_ahead(world: World) -> int:
    """The licensee pays in what it is about to report late, and owes nothing for the delay."""
    license_id = world.sell(late_bps_per_year=LATE_BPS, term_seconds=0)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + 365 * DAY)
    fund_and_approve(world.asset, world.licensee, world.market.address, 10 * DUE)
    world.attempt(world.licensee, world.market.prepay, license_id, DUE)
    world.market.report(license_id, 1, REVENUE, EVIDENCE, sender=world.licensee)
    owed = DUE * LATE_BPS // 10_000
    paid = int(world.market.license(license_id).paid)
    return owed - int(world.market.outstanding(license_id)) + DUE - paid


def silence_that_costs_nothing(world: World) -> int:
    """Without a minimum the licensee books estimates of nothing, and stays licensed."""
    license_id = world.sell(minimum_per_period=0, bond=1, term_seconds=0)
    warp_to(period_end(world.suite, license_id, 1) + GRACE)
    world.market.estimate(license_id, sender=world.licensee)
    return world.covers(now(), license_id)


def silence_at_the_price_of_the_last_report(world: World) -> int:
    """A growing business reports once, and then lets others guess."""
    license_id = world.sell(term_seconds=0)
    world.report(1, license_id)
    warp_to(period_end(world.suite, license_id, 3) + GRACE)
    world.market.estimate(license_id)
    steps = [int(world.market.reported(license_id, n)[0]) for n in (2, 3)]
    return int(steps[0] >= steps[1])


def huge_report_that_stops_enforcing(world: World) -> int:
    """The licensee reports so much that no estimate above it fits."""
    license_id = world.sell(share_bps=10_000, term_seconds=0)
    world.report(1, license_id, revenue=2**112 - 2)
    warp_to(period_end(world.suite, license_id, 2) + GRACE + CURE)
    world.attempt(world.thief, world.enforcement.terminate, license_id)
    return 1 - int(world.market.license(license_id).ended_early)


def running_period_forgiven_by_termination(world: World) -> int:
    """The licensee used the model for most of a period, until it was ended."""
    license_id = world.sell(term_seconds=0, cure_seconds=CURE + 5 * DAY)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + CURE + 5 * DAY)
    world.enforcement.terminate(license_id)
    warp_to(now() + 2 * GRACE)
    booked = int(world.market.estimate(license_id))
    return 2 - booked


def cap_exceeded_by_a_late_conclusion(world: World) -> int:
    """An assessment waits while another period takes what the cap had left."""
    license_id = world.sell(royalty_cap=2 * DUE, term_seconds=0)
    world.report(1, license_id)
    warp_to(period_end(world.suite, license_id, 2) - DAY)
    world.assess(1, 2 * REVENUE, license_id)
    world.report(2, license_id)
    warp_to(now() + 14 * DAY)
    world.enforcement.conclude(license_id, 1)
    return int(world.market.license(license_id).due) - 2 * DUE


def cap_used_up_by_estimates(world: World) -> int:
    """The licensee has later periods estimated, and then reports that an earlier one earned all."""
    license_id = world.sell(royalty_cap=10 * DUE, term_seconds=0)
    world.report(1, license_id)
    warp_to(period_end(world.suite, license_id, 6) + GRACE)
    world.estimate(license_id)
    due = world.market.due_for(license_id, 2, 20 * REVENUE, 0)
    return 9 * DUE - int(due)


def estimates_left_above_the_cap(world: World) -> int:
    license_id = world.sell(royalty_cap=10 * DUE, term_seconds=0)
    warp_to(period_end(world.suite, license_id, 4) + GRACE)
    world.estimate(license_id)
    world.market.report(license_id, 1, 20 * REVENUE, EVIDENCE, sender=world.licensee)
    return int(world.market.license(license_id).due) - 10 * DUE


TEN_DAYS = 10**9 * LATE_BPS * 10 // (10_000 * 365)
TWENTY_NINE_DAYS = 10**9 * LATE_BPS * 29 // (10_000 * 365)


def _interest_of_a_dispute(world: World, decided_after: int) -> int:
    """What 10**9 units owe that are disputed ten days after their due time."""
    license_id = world.sell(late_bps_per_year=LATE_BPS, term_seconds=0)
    world.serve(1, license_id)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + 10 * DAY)
    world.assess(1, REVENUE + 20 * 10**9, license_id)
    world.try_to_dispute(1, 10**9, license_id)
    warp_to(now() + decided_after)
    opened_at = world.opened_at(license_id)
    world.enforcement.decide(license_id, 1, opened_at, 10**9, sender=world.owner)
    return int(world.market.license(license_id).interest)


def interest_of_a_slow_decision(world: World) -> int:
    """An arbiter takes its time, and the escrow bears interest for it."""
    return _interest_of_a_dispute(world, 30 * DAY) - TEN_DAYS


def escrow_that_spares_interest_from_before_it(world: World) -> int:
    """Money that comes into escrow late counts as if it had always been there."""
    return TEN_DAYS - _interest_of_a_dispute(world, 30 * DAY)


def _corrected(world: World, correction: int, due: int, is_paid: bool = True) -> int:
    """Interest of a licence whose due is lowered, put at another figure, and paid, 30 days after
    its due time."""
    license_id = world.sell(late_bps_per_year=LATE_BPS, term_seconds=0)
    world.report(1, license_id, 20 * 10**9)
    if is_paid:
        world.pay(10**9, license_id)
    world.report(2, license_id)
    if is_paid:
        world.pay(DUE, license_id)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + 29 * DAY)
    if correction:
        world.assess(1, 20 * (10**9 - correction), license_id)
    world.assess(1, 20 * due, license_id)
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    return int(world.market.license(license_id).interest)


def interest_of_a_mistake(world: World) -> int:
    """An arbiter lowers what was paid, puts it back, and the licensee pays interest for it."""
    return _corrected(world, 10**8, 10**9)


def interest_of_a_lie_spared_by_a_correction(world: World) -> int:
    return TWENTY_NINE_DAYS - _corrected(world, 1, 2 * 10**9)


def interest_of_a_debt_spared_by_a_correction(world: World) -> int:
    """A debt that was never paid is lowered and put back, and has lost the interest."""
    return TWENTY_NINE_DAYS - _corrected(world, 10**8, 10**9 + 1, is_paid=False)


def report_so_late_that_nobody_audits_it(world: World) -> int:
    """In the last second in which it could be assessed by its due time the period is reported."""
    license_id = world.sell(term_seconds=0)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + 400 * DAY - 1)
    world.market.report(license_id, 1, 0, EVIDENCE, sender=world.licensee)
    warp_to(now() + 1)
    args = (license_id, 1, REVENUE, 0, EVIDENCE)
    world.attempt(world.owner, world.enforcement.assess, *args)
    return int(world.enforcement.assessment(license_id, 1).due == 0)


def debt_forgiven_by_a_stranger(world: World) -> int:
    """Whoever is not the enforcement decides that nothing was owed."""
    world.report(1)
    world.attempt(world.licensee, world.market.set_due, world.license_id, 1, 0, 0, 0, 0)
    return DUE - int(world.market.outstanding(world.license_id))


# A debt that nobody has written yet is never late.
DERIVED = """        if block.timestamp < since:
            since = 0
"""
CASES = [
    Case(report_without_payment, DERIVED, "        since = 0\n", "standing"),
    Case(payment_of_the_newest_dues_only, DERIVED, "        since = 0\n", "standing"),
    Case(
        late_debtor_locked_out,
        "    amount: uint256 = min(max_amount,",
        "    assert staticcall market_links.CATALOG.is_offered(record.terms_id)\n"
        "    amount: uint256 = min(max_amount,",
    ),
    Case(
        more_taken_than_owed,
        "min(max_amount, outstanding)",
        "max_amount",
    ),
    Case(
        more_taken_than_the_licensee_allowed,
        'refusals._refuse("amount is above the maximum")',
    ),
    Case(
        interest_spared_by_paying_ahead,
        'refusals._refuse("license is late")',
        # Even then a payment counts from its second on.
        backup=(
            (
                "standing",
                "convert(amount - interest, int256), block.timestamp)",
                "convert(amount - interest, int256), updated.lapse.since)",
            ),
        ),
    ),
    Case(
        silence_that_costs_nothing,
        "    return record.reported < self._count(record)",
        "    return record.booked < self._count(record)",
        "license_book",
        backup=(
            (
                "license_book",
                "block.timestamp < self._due_at(record, record.reported + 1)",
                "block.timestamp < self._due_at(record, record.booked + 1)",
            ),
        ),
    ),
    Case(silence_at_the_price_of_the_last_report, "(due * 5 + 3) // 4", "due", "standing"),
    Case(
        huge_report_that_stops_enforcing,
        "min(due, packed_period.DUE_MASK)",
        "due",
        "frozen_terms",
    ),
    Case(
        running_period_forgiven_by_termination,
        "(ends_at - origin + period_seconds - 1) // period_seconds",
        "(ends_at - origin) // period_seconds",
        "periods",
    ),
    Case(
        cap_exceeded_by_a_late_conclusion,
        "frozen_terms._capped(record.terms_id, record.core, due, "
        "self._firm_dues_except(record, period))",
        "due",
        "standing",
    ),
    Case(
        cap_used_up_by_estimates,
        "            firm -= license_book._due_of(record, other)\n",
        "            pass\n",
        "standing",
    ),
    Case(
        estimates_left_above_the_cap,
        "excess: uint256 = frozen_terms._excess(record.terms_id, record.core, updated.due)",
        "excess: uint256 = 0",
        "standing",
    ),
    Case(
        interest_of_a_slow_decision,
        "convert(escrowed, int256), block.timestamp - escrowed_from)",
        "convert(escrowed, int256), 0)",
        "standing",
    ),
    Case(
        escrow_that_spares_interest_from_before_it,
        "max(escrow_since, due_at)",
        "due_at",
        "standing",
    ),
    Case(
        interest_of_a_mistake,
        "own_change, since - min(since, due_at))",
        "own_change, 0)",
        "standing",
    ),
    Case(
        interest_of_a_lie_spared_by_a_correction,
        "convert(min(new_due, own_due), int256) - convert(min(old_due, own_due), int256)",
        "convert(new_due, int256) - convert(old_due, int256)",
        "standing",
    ),
    Case(
        interest_of_a_debt_spared_by_a_correction,
        "own_change, since - min(since, due_at))",
        "own_change, block.timestamp - min(block.timestamp, due_at))",
        "standing",
        backup=(
            (
                "standing",
                "convert(min(new_due, own_due), int256) - convert(min(old_due, own_due), int256)",
                "convert(new_due - min(new_due, old_due), int256)",
            ),
        ),
    ),
    Case(
        report_so_late_that_nobody_audits_it,
        "self._due_at(record, period) + days_late * DAY + STATUTE_SECONDS",
        "self._due_at(record, period) + STATUTE_SECONDS",
        "license_book",
    ),
    Case(
        debt_forgiven_by_a_stranger,
        'refusals._refuse("caller is not the enforcement")',
        module="market_links",
    ),
    Case(
        dues_that_vanish_after_late_payment,
        "position.accrued = "
        "arrears._interest_of(meter_now - record.lapse.meter, record.core.late_bps)",
        module="standing",
    ),
]
test_attack__defences_in_place__gains_nothing, test_attack__without_its_defence__gains = (
    attack_tests(CASES)
)
