"""Attacks on licenses: each gains nothing, and something without its defence."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack.license_world import CATALOG, LATE_BPS, MARKET, RIGHTS, World
from tests.attack.mutants import mutate_all
from tests.support import DAY, account, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    CURE,
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    REVENUE,
    SHARE_BPS,
    TERM,
    Terms,
    is_licensed,
    license_terms,
    offer,
    pay,
    period_end,
    sell,
)
from tests.unit.models.registry_kit import Kind

# --- each attack returns what it gained: 0 is a failure ---


def price_raised_while_a_purchase_waits(world: World) -> int:
    """The buyer was told what the next terms will cost; dearer ones take their number first."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, 10 * FEE)
    offer(world.suite, upfront_fee=10 * FEE)
    terms_hash = world.catalog.terms_hash(terms_id)
    world.attempt(buyer, world.market.buy, terms_id, buyer, terms_hash, FEE)
    return 10 * FEE - int(world.asset.balanceOf(buyer))


def terms_other_than_the_buyer_read(world: World) -> int:
    """The same with the revenue share: the hash is that of what the buyer read."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, FEE)
    offer(world.suite, share_bps=2 * SHARE_BPS)
    terms_hash = world.catalog.terms_hash(terms_id - 1)
    world.attempt(buyer, world.market.buy, terms_id, buyer, terms_hash, FEE)
    return int(world.market.balanceOf(buyer))


def debtor_made_by_a_gift(world: World) -> int:
    """The thief buys the victim a license with a minimum, and calls it a debtor."""
    terms_id = offer(world.suite, upfront_fee=0, minimum_per_period=10**6)
    terms_hash = world.catalog.terms_hash(terms_id)
    gift = world.market.buy(terms_id, world.licensee, terms_hash, 0, sender=world.thief)
    warp_to(period_end(world.suite, gift, 1) + GRACE)
    world.market.estimate(gift)
    return int(world.market.outstanding(gift))


def terms_offered_by_a_thief(world: World) -> int:
    """Whoever may not speak for the model sells itself a free license."""
    terms: Terms = license_terms(world.suite, upfront_fee=0, share_bps=0, minimum_per_period=1)
    with suppress(BoaError), boa.env.prank(world.thief):
        terms_id = world.suite.catalog.offer_terms(terms)
        world.market.buy(terms_id, world.thief, world.catalog.terms_hash(terms_id), 0)
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


def late_debtor_locked_out(world: World) -> int:
    """Offer retired, model sold, market paused, term long over: the debtor still pays."""
    world.end_period(3)
    for period in (1, 2, 3):
        world.try_to_report(world.licensee, period, REVENUE)
    warp_to(now() + 10 * TERM)
    with boa.env.prank(world.owner):
        world.suite.catalog.retire_terms(1)
        world.suite.registry.transferFrom(world.owner, world.thief, 1)
        world.market.set_guardian(world.owner, now() + DAY)
        world.market.pause()
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


def debt_forgiven_by_a_stranger(world: World) -> int:
    """Whoever is not the enforcement decides that nothing was owed."""
    world.report(1)
    world.attempt(world.licensee, world.market.clamp_due, world.license_id, 1, 0, 0)
    return DUE - int(world.market.outstanding(world.license_id))


def license_ended_by_a_stranger(world: World) -> int:
    world.attempt(world.thief, world.market.end, world.license_id, now())
    return 1 - world.covers(now())


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
    license_id = world.sell(minimum_per_period=0, term_seconds=0)
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
    world.report(1, license_id, revenue=2**112 - 1)
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


# --- rights ---


def use_in_arrears(world: World) -> int:
    world.report(1)
    warp_to(period_end(world.suite, world.license_id, 1) + GRACE)
    return world.covers(now())


def sublicense_that_outlives_the_standing_above(world: World) -> int:
    """The license lapses; its sublicense is used on."""
    license_id = world.sell(sublicensable=True)
    granted = world.rights.sublicense(license_id, world.thief, sender=world.licensee)
    world.report(1, license_id)
    warp_to(period_end(world.suite, license_id, 1) + GRACE)
    return int(world.rights.is_covered(granted, world.thief, 0, now()))


def lapse_forgotten_once_it_is_paid(world: World) -> int:
    """The licensee pays late and claims to have been licensed all the time."""
    world.report(1)
    lapsed = period_end(world.suite, world.license_id, 1) + GRACE
    warp_to(lapsed + DAY)
    world.pay(DUE)
    return world.covers(lapsed)


def license_of_another_forged_for_a_parent(world: World) -> int:
    """The thief derives a model under a license that it does not hold."""
    with suppress(BoaError):
        share = world.rights.derivation_share(
            world.license_id, world.thief, Kind.FINE_TUNE, bytes(32)
        )
        return int(share[0])
    return 0


def license_passed_on_still_derives(world: World) -> int:
    """The licensee derives under a license that it has given away."""
    moved = (world.licensee, world.thief, world.license_id)
    world.market.transferFrom(*moved, sender=world.licensee)
    with suppress(BoaError):
        share = world.rights.derivation_share(
            world.license_id, world.licensee, Kind.FINE_TUNE, bytes(32)
        )
        return int(share[0])
    return 0


def gifted_license_hides_a_good_one(world: World) -> int:
    """The thief gives the licensee a useless license, to be the one that third parties find."""
    world.rights.present(world.license_id, sender=world.licensee)
    useless = sell(world.suite, world.thief)
    world.market.transferFrom(world.thief, world.licensee, useless, sender=world.thief)
    world.attempt(world.thief, world.rights.present, useless)
    found = world.rights.presented(1, world.licensee, now())
    return int(found != world.license_id or not is_licensed(world.suite, world.licensee, found))


def kind_that_the_terms_do_not_allow(world: World) -> int:
    with suppress(BoaError):
        share = world.rights.derivation_share(
            world.license_id, world.licensee, Kind.MERGE, bytes(32)
        )
        return int(share[0])
    return 0


def sublicense_that_the_terms_do_not_allow(world: World) -> int:
    world.attempt(world.licensee, world.rights.sublicense, world.license_id, world.thief)
    return int(world.rights.sublicense_count())


def sublicense_ended_by_a_stranger(world: World) -> int:
    license_id = world.sell(sublicensable=True)
    granted = world.rights.sublicense(license_id, world.licensee, sender=world.licensee)
    warp_to(now() + DAY)
    world.attempt(world.thief, world.rights.end_sublicense, granted)
    return 1 - world.covers(now(), granted)


@dataclass(frozen=True)
class Case:
    """An attack, and the defence without which it gains: `old` becomes `new` in `<module>.vy`."""

    attack: Callable[[World], int]
    old: str
    new: str = "pass"
    module: str = MARKET
    stem: str = MARKET
    # Further such changes, of defences that back the first.
    backup: tuple[tuple[str, str, str], ...] = ()

    def mutant(self) -> Any:
        return mutate_all(self.stem, ((self.module, self.old, self.new), *self.backup))


def on_rights(attack: Callable[[World], int], old: str, new: str = "pass") -> Case:
    return Case(attack, old, new, RIGHTS, RIGHTS)


NEXT_PERIOD = 'assert period == entry.reported + 1, "period is not the next one"'
CLEAR = "clear: bool = entry.due <= entry.paid and entry.lapse.since == 0"
RUNS = """    self._check_runs(entry)
    self._check_clear(entry)
    enforcement"""
# A debt that nobody has written yet is never late.
DERIVED = """        if block.timestamp < since:
            since = 0
"""
HOLDER = "if account == empty(address) or self._holder_at(license_id, at) != account:"
OVERDUE = "if state.overdue_since != 0 and at >= state.overdue_since:"
SINCE = " = license_id | (block.timestamp << 64)"
PRESENT = f"""    number: uint256 = self._presented_count[model_id][msg.sender] + 1
    self._presented_count[model_id][msg.sender] = number
    self._presented[model_id][msg.sender][number]{SINCE}
"""
HOLDER_PRESENTS = "self._check_licensee(self._holder_at(license_id, block.timestamp) == msg.sender)"
# Anybody may do it; it counts for the holder.
HOLDER_IS_PRESENTED_FOR = HOLDER_PRESENTS.replace("== msg.sender", "!= empty(address)")
PRESENT_FOR_HOLDER = PRESENT.replace("msg.sender", "self._holder_at(license_id, block.timestamp)")

CASES = [
    Case(
        price_raised_while_a_purchase_waits,
        'assert cost <= max_cost, "cost is above the maximum"',
    ),
    Case(
        terms_other_than_the_buyer_read,
        'assert staticcall CATALOG.terms_hash(terms_id) == terms_hash, "terms hash does not match"',
    ),
    Case(debtor_made_by_a_gift, "entry.flags = license_book.WAITING"),
    Case(
        terms_offered_by_a_thief,
        "staticcall IERC721(REGISTRY).ownerOf(model_id) == msg.sender",
        "staticcall IERC721(REGISTRY).ownerOf(model_id) != empty(address)",
        CATALOG,
        CATALOG,
    ),
    Case(spoofed_report, "self._check_licensee(msg.sender == self.reporter[entry.id])"),
    Case(report_replayed, NEXT_PERIOD, NEXT_PERIOD.replace("==", "<=")),
    Case(report_out_of_order, NEXT_PERIOD, 'assert period > 0, "period is not the next one"'),
    Case(
        report_ahead_of_time,
        'assert block.timestamp >= license_book._opens_at(entry, period), "period has not ended"',
    ),
    Case(report_without_payment, DERIVED, "        since = 0\n", "standing"),
    Case(payment_of_the_newest_dues_only, DERIVED, "        since = 0\n", "standing"),
    Case(use_in_arrears, DERIVED, "        since = 0\n", "standing"),
    Case(debts_sold_with_the_license, CLEAR, "clear: bool = True"),
    Case(renewal_with_arrears, CLEAR, "clear: bool = True"),
    Case(
        unreported_period_sold_with_the_license,
        "clear = block.timestamp < license_book._opens_at(entry, period)",
        "clear = block.timestamp < license_book._due_at(entry, period)",
    ),
    Case(
        late_debtor_locked_out,
        "    amount: uint256 = min(max_amount,",
        "    safety._check_running()\n    amount: uint256 = min(max_amount,",
    ),
    Case(
        more_taken_than_owed,
        "min(max_amount, standing._outstanding(entry, position))",
        "max_amount",
    ),
    Case(
        more_taken_than_the_licensee_allowed,
        'assert amount <= max_amount, "amount is above the maximum"',
    ),
    Case(renewal_that_begins_in_the_past, "moved.origin += gap"),
    Case(
        gap_before_a_late_renewal_licensed_after_all,
        "arrears._add_lapse(entry.id | arrears.BETWEEN_TERMS, ends_at, block.timestamp)",
    ),
    Case(
        assessment_escaped_by_a_transfer,
        "assert not staticcall ILicenseEnforcement(enforcement).is_held(license_id)"
        ', "license is in dispute"',
    ),
    Case(
        interest_spared_by_paying_ahead,
        'assert entry.lapse.since == 0, "license is late"',
        # Even then a payment counts from its second on.
        backup=(
            (
                "standing",
                "convert((amount - interest) * block.timestamp, int256)",
                "convert((amount - interest) * moved.lapse.since, int256)",
            ),
        ),
    ),
    Case(
        silence_that_costs_nothing,
        "    return entry.reported < self._count(entry)",
        "    return entry.booked < self._count(entry)",
        "license_book",
        backup=(
            (
                "license_book",
                "block.timestamp < self._due_at(entry, entry.reported + 1)",
                "block.timestamp < self._due_at(entry, entry.booked + 1)",
            ),
        ),
    ),
    Case(silence_at_the_price_of_the_last_report, "(due * 5 + 3) // 4", "due", "standing"),
    Case(
        huge_report_that_stops_enforcing,
        "min(due, terms_words.MASK_112)",
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
        "frozen_terms._capped(entry.terms_id, entry.core, min_due, entry.due - old_due)",
        "min_due",
        "standing",
    ),
    Case(license_sold_after_it_was_given_up, RUNS, "    self._check_clear(entry)\n    enforcement"),
    Case(
        reporter_of_the_seller_stays,
        "    if self.reporter[license_id] != empty(address):",
        "    if False:",
    ),
    Case(
        debt_forgiven_by_a_stranger,
        'assert msg.sender == self.enforcement, "caller is not the enforcement"',
    ),
    Case(
        license_ended_by_a_stranger,
        'assert msg.sender == self.enforcement, "caller is not the enforcement"',
    ),
    Case(
        dues_that_vanish_after_late_payment,
        "position.accrued = arrears._interest_of(debt_seconds, entry.core.late_bps)",
        module="standing",
    ),
    on_rights(sublicense_that_outlives_the_standing_above, OVERDUE, "if at < state.starts_at:"),
    on_rights(
        lapse_forgotten_once_it_is_paid,
        "return not staticcall MARKET.lapsed_at(parent_id, at)",
        "return True",
    ),
    on_rights(license_of_another_forged_for_a_parent, HOLDER, "if account == empty(address):"),
    on_rights(license_passed_on_still_derives, HOLDER, "if account == empty(address):"),
    Case(
        gifted_license_hides_a_good_one,
        PRESENT,
        PRESENT_FOR_HOLDER,
        RIGHTS,
        RIGHTS,
        backup=((RIGHTS, HOLDER_PRESENTS, HOLDER_IS_PRESENTED_FOR),),
    ),
    on_rights(
        kind_that_the_terms_do_not_allow,
        "if kind != 0 and not terms_words._allows(self._words(license_id)[4], kind):",
        "if kind > terms_words.MASK_8:",
    ),
    on_rights(
        sublicense_that_the_terms_do_not_allow,
        'assert (words[0] >> 240) & terms_words.SUBLICENSABLE != 0, "license is not sublicensable"',
    ),
    on_rights(
        sublicense_ended_by_a_stranger,
        "self._check_licensee(msg.sender == holder or msg.sender == granted.licensee)",
    ),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@cases
def test_attack__defences_in_place__gains_nothing(world, case):
    assert case.attack(world) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.attack(World(case.stem, case.mutant())) > 0
