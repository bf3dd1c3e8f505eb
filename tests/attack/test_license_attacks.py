"""Attacks on licenses: each gains nothing, and something without its defence."""

from contextlib import suppress

import boa
from boa import BoaError

from tests.attack.license_world import CATALOG, Case, World, attack_tests
from tests.kits.licensing import (
    FEE,
    REVENUE,
    SHARE_BPS,
    TERM,
    Terms,
    license_terms,
    offer,
    period_end,
)
from tests.support import account, fund_and_approve, now, warp_to

# --- each attack returns what it gained: 0 is a failure ---


def price_raised_while_a_purchase_waits(world: World) -> int:
    """The buyer was told what the next terms will cost; dearer ones take their number first."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, 10 * FEE)
    offer(world.suite, upfront_fee=10 * FEE)
    terms_hash = world.catalog.terms_hash(terms_id)
    world.attempt(buyer, world.market.buy, terms_id, terms_hash, FEE)
    return 10 * FEE - int(world.asset.balanceOf(buyer))


def terms_other_than_the_buyer_read(world: World) -> int:
    """The same with the revenue share: the hash is that of what the buyer read."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, FEE)
    offer(world.suite, share_bps=2 * SHARE_BPS)
    terms_hash = world.catalog.terms_hash(terms_id - 1)
    world.attempt(buyer, world.market.buy, terms_id, terms_hash, FEE)
    return int(world.market.balanceOf(buyer))


def terms_offered_by_a_thief(world: World) -> int:
    """Whoever may not speak for the model sells itself a free license."""
    terms: Terms = license_terms(world.suite, upfront_fee=0, share_bps=0, minimum_per_period=1)
    with suppress(BoaError), boa.env.prank(world.thief):
        terms_id = world.suite.catalog.offer_terms(terms)
        world.market.buy(terms_id, world.catalog.terms_hash(terms_id), 0)
    return int(world.market.balanceOf(world.thief))


def spoofed_report(world: World) -> int:
    """A stranger closes the licensee's period at a revenue of its choice."""
    world.end_period(1)
    world.try_to_report(world.thief, 1, REVENUE)
    return world.reported


def report_replayed(world: World) -> int:
    """The licensee sends the cheap report of period 1 again, in the place of period 2's."""
    world.end_period(2)
    world.try_to_report(world.licensee, 1, 0)
    world.try_to_report(world.licensee, 1, 0)
    return world.reported - 1


def report_out_of_order(world: World) -> int:
    """The licensee leaves out the period in which it earned."""
    world.end_period(2)
    world.try_to_report(world.licensee, 2, 0)
    return world.reported


def report_ahead_of_time(world: World) -> int:
    """The licensee reports a period at nothing before it has earned in it."""
    warp_to(period_end(world.suite, world.license_id, 1) - 1)
    world.try_to_report(world.licensee, 1, 0)
    return world.reported


def debts_sold_with_the_license(world: World) -> int:
    """The licensee gets rid of a license with dues."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.transferFrom(world.licensee, world.thief, world.license_id)
    return int(world.market.balanceOf(world.thief))


def unreported_period_sold_with_the_license(world: World) -> int:
    """The licensee sells within the grace of a period that the buyer would have to report."""
    world.end_period(1)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.transferFrom(world.licensee, world.thief, world.license_id)
    return int(world.market.balanceOf(world.thief))


def renewal_that_begins_in_the_past(world: World) -> int:
    """A licensee that renews long after the end is sold time that has passed."""
    world.serve(3)
    warp_to(now() + 10 * TERM)
    fund_and_approve(world.asset, world.licensee, world.market.address, FEE)
    with boa.env.prank(world.licensee):
        world.market.renew(world.license_id, FEE)
    return int(world.market.license(world.license_id).ends_at <= now())


def gap_before_a_late_renewal_licensed_after_all(world: World) -> int:
    """Use without a license is covered up by renewing later."""
    world.serve(3)
    gap = now() + TERM
    warp_to(gap + TERM)
    fund_and_approve(world.asset, world.licensee, world.market.address, FEE)
    with boa.env.prank(world.licensee):
        world.market.renew(world.license_id, FEE)
    return world.covers(gap)


def renewal_with_arrears(world: World) -> int:
    """A debtor buys another term instead of paying."""
    world.report(1)
    fund_and_approve(world.asset, world.licensee, world.market.address, FEE)
    before = world.market.license(world.license_id).ends_at
    world.attempt(world.licensee, world.market.renew, world.license_id, FEE)
    return int(world.market.license(world.license_id).ends_at - before)


def assessment_escaped_by_a_transfer(world: World) -> int:
    """The licensee moves the license to a shell before what an audit found is due."""
    world.serve(1)
    world.assess(1, 2 * REVENUE)
    moved = (world.licensee, world.thief, world.license_id)
    world.attempt(world.licensee, world.market.transferFrom, *moved)
    return int(world.market.balanceOf(world.thief))


def license_ended_by_a_stranger(world: World) -> int:
    world.attempt(world.thief, world.market.end, world.license_id, now())
    return 1 - world.covers(now())


def license_sold_after_it_was_given_up(world: World) -> int:
    """The seller surrenders what somebody is about to buy."""
    license_id = world.sell(term_seconds=0)
    world.market.approve(world.thief, license_id, sender=world.licensee)
    world.enforcement.surrender(license_id, sender=world.licensee)
    moved = (world.licensee, world.thief, license_id)
    world.attempt(world.thief, world.market.transferFrom, *moved)
    return int(world.market.balanceOf(world.thief))


def reporter_of_the_seller_stays(world: World) -> int:
    """The seller's reporter files a final report for the buyer."""
    world.market.set_reporter(world.license_id, world.owner, sender=world.licensee)
    moved = (world.licensee, world.thief, world.license_id)
    world.market.transferFrom(*moved, sender=world.licensee)
    world.end_period(1)
    world.try_to_report(world.owner, 1, 0)
    return world.reported


NEXT_PERIOD = "if period != record.reported + 1:"
CLEAR = "clear: bool = record.due <= record.paid and record.lapse.since == 0"
RUNS = """    self._check_not_ended_early(record)
    self._check_clear(record)
    enforcement"""
CASES = [
    Case(
        price_raised_while_a_purchase_waits,
        'refusals._refuse("cost is above the maximum")',
    ),
    Case(
        terms_other_than_the_buyer_read,
        'assert is_known, "terms hash does not match"',
        "pass",
        CATALOG,
        CATALOG,
    ),
    Case(
        terms_offered_by_a_thief,
        "staticcall IERC721(REGISTRY).ownerOf(model_id) == msg.sender",
        "staticcall IERC721(REGISTRY).ownerOf(model_id) != empty(address)",
        CATALOG,
        CATALOG,
    ),
    Case(spoofed_report, "self._check_licensee(msg.sender == self.reporter[record.id])"),
    Case(report_replayed, NEXT_PERIOD, NEXT_PERIOD.replace("!=", ">")),
    Case(report_out_of_order, NEXT_PERIOD, "if period == 0:"),
    Case(
        report_ahead_of_time,
        'refusals._refuse("period has not ended")',
    ),
    Case(debts_sold_with_the_license, CLEAR, "clear: bool = True"),
    Case(renewal_with_arrears, CLEAR, "clear: bool = True"),
    Case(
        unreported_period_sold_with_the_license,
        "clear = block.timestamp < license_book._opens_at(record, period)",
        "clear = block.timestamp < license_book._due_at(record, period)",
    ),
    Case(renewal_that_begins_in_the_past, "updated.origin += gap", module="standing"),
    Case(
        gap_before_a_late_renewal_licensed_after_all,
        "arrears._add_lapse(record.id | arrears.GAP_BIT, ends_at, block.timestamp)",
        module="standing",
    ),
    Case(
        assessment_escaped_by_a_transfer,
        'refusals._refuse("license is in dispute")',
    ),
    Case(
        license_sold_after_it_was_given_up, RUNS, "    self._check_clear(record)\n    enforcement"
    ),
    Case(
        reporter_of_the_seller_stays,
        "    if self.reporter[license_id] != empty(address):",
        "    if False:",
    ),
    Case(
        license_ended_by_a_stranger,
        'refusals._refuse("caller is not the enforcement")',
        module="market_links",
    ),
]
test_attack__defences_in_place__gains_nothing, test_attack__without_its_defence__gains = (
    attack_tests(CASES)
)
