"""A licensee that cheats beside one that does not, and who would enrich itself by the penalties.

Each attack gains nothing, and something without its defence.
"""

from typing import Any

import boa
import pytest

from tests.attack.license_world import BOND, CATALOG, ENFORCEMENT, Case, World, attack_tests
from tests.attack.mutants import mutate
from tests.kits import licensing as market_kit
from tests.kits.disputes import ANSWER
from tests.kits.licensing import (
    CURE,
    DUE,
    FEE,
    GRACE,
    MAX_UINT,
    MINIMUM,
    PERIOD,
    REVENUE,
    license_terms,
    offer,
    period_end,
)
from tests.odd_assets import deploy_odd_asset
from tests.support import account, deployer_of, fund_and_approve, now, warp_to

YEAR = 12
COST = BOND // 4
TIMES = 3

# --- a licensee that says too little ---


def year_of_reports_at_the_minimum(world: World) -> int:
    """Twelve periods at the minimum, an audit of all, and nothing lost but what was owed anyway.

    Two actors: one reports what it earned, the other nothing. Both pay all that is found. What the
    second has left of the same pocket in the end is its gain; to be as well off is one, too, for
    most years nobody looks.
    """
    outlays = []
    for revenue in (REVENUE, 0):
        license_id = world.sell(bond=BOND + len(outlays), term_seconds=0)
        for period in range(1, YEAR + 1):
            world.report(period, license_id, revenue)
            world.pay(DUE, license_id)
            if revenue == 0:
                world.assess(period, REVENUE, license_id, (world.thief, COST))
                world.enforcement.conclude(license_id, period, sender=world.licensee)
                world.pay(DUE, license_id)
        paid = int(world.market.license(license_id).paid)
        outlays.append(paid + BOND + len(outlays) - int(world.enforcement.bond(license_id)))
    honest, cheat = outlays
    return int(cheat <= honest)


def audit_that_leaves_its_cost_to_who_paid_it(world: World) -> int:
    """Who looks is out of pocket even where it finds all: so nobody looks, and the cheat knows."""
    license_id = world.sell(bond=BOND)
    world.report(1, license_id, 0)
    world.assess(1, REVENUE, license_id, (world.thief, COST))
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    world.enforcement.withdraw(world.thief, world.asset.address)
    return COST - world.held(world.thief)


def bond_spent_on_ones_own_dues(world: World) -> int:
    """The first due is hidden. The second is left to the bond, in the second in which it falls due.
    An audit of the first comes a month later: is there a bond, or a license, that is lost by it?

    Two actors: the licensee, and who ends a license whose bond was not filled up."""
    license_id = world.sell(bond=DUE)
    world.report(1, license_id, 0)
    world.pay(MINIMUM, license_id)
    world.report(2, license_id)
    warp_to(period_end(world.suite, license_id, 2) + GRACE)
    world.enforcement.enforce(license_id, sender=world.licensee)
    warp_to(period_end(world.suite, license_id, 2) + PERIOD - 1)
    world.attempt(world.thief, world.enforcement.terminate, license_id)
    is_lost = world.market.license(license_id).ended_early
    return 0 if is_lost else DUE - int(world.enforcement.bond(license_id))


# --- who lives off the penalties ---


def bond_taken_by_an_arbiter_that_names_a_friend(world: World) -> int:
    """An arbiter finds a shortfall and names a friend, with a cost above every bond."""
    license_id = world.sell(bond=BOND)
    world.report(1, license_id, 0)
    world.assess(1, REVENUE, license_id, (world.thief, MAX_UINT))
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    world.enforcement.withdraw(world.thief, world.asset.address)
    return world.held(world.thief) - BOND // 2


def audit_paid_by_an_honest_licensee(world: World) -> int:
    """An audit finds a tenth to the unit, which is no shortfall, and its cost is taken."""
    license_id = world.sell(bond=BOND)
    world.report(1, license_id, 20 * 900)
    world.pay(900, license_id)
    world.assess(1, 20 * 1_000, license_id, (world.thief, COST))
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    return int(world.enforcement.refund(world.thief, world.asset.address))


def audit_paid_from_the_bonds_of_others(world: World) -> int:
    """The cheat has no bond: the cost is taken from what secures another's license."""
    world.sell(bond=BOND)
    cheat = world.sell(bond=1, minimum_per_period=MINIMUM + 1)
    world.report(1, cheat, 0)
    world.assess(1, REVENUE, cheat, (world.thief, COST))
    world.enforcement.conclude(cheat, 1, sender=world.licensee)
    world.attempt(world.thief, world.enforcement.withdraw, world.thief, world.asset.address)
    return world.held(world.thief)


# --- who was thrown out and comes back ---


def _lose(world: World, license_id: int = 0) -> None:
    """Nothing is reported, and the cure time passes."""
    warp_to(period_end(world.suite, license_id or world.license_id, 1) + GRACE + CURE)
    world.enforcement.terminate(license_id or world.license_id, sender=world.thief)


def _bought(world: World, terms_id: int) -> int:
    """What the licensee pays to buy under terms now, of a pocket that is large enough."""
    fund_and_approve(world.asset, world.licensee, world.market.address, 100 * FEE)
    before = world.held(world.licensee)
    digest = world.catalog.terms_hash(terms_id)
    world.market.buy(terms_id, digest, MAX_UINT, sender=world.licensee)
    return before - world.held(world.licensee)


def licence_bought_again_at_once(world: World) -> int:
    """Thrown out for debts, and back in the same second at the price of everybody."""
    _lose(world)
    return TIMES * FEE - _bought(world, 1)


def licence_bought_again_after_misuse(world: World) -> int:
    world.enforcement.accuse(world.license_id, b"\x01" * 32, sender=world.owner)
    warp_to(world.enforcement.accusation(world.license_id).answer_until)
    world.enforcement.end_for_misuse(world.license_id, b"\x01" * 32, sender=world.owner)
    return TIMES * FEE - _bought(world, 1)


def mark_bought_off_by_the_cheapest_terms(world: World) -> int:
    """The model has cheap licenses, too: one of them first, then the dear one at its fee."""
    cheap = offer(world.suite, upfront_fee=1)
    _lose(world)
    _bought(world, cheap)
    return TIMES * FEE - _bought(world, 1)


def mark_overwritten_by_a_cheaper_breach(world: World) -> int:
    """The second license that it loses is a cheap one: three fees of that are little."""
    cheap = offer(world.suite, upfront_fee=1)
    fund_and_approve(world.asset, world.licensee, world.market.address, 1)
    world.market.buy(cheap, world.catalog.terms_hash(cheap), 1, sender=world.licensee)
    _lose(world)
    _lose(world, world.market.license_count())
    _bought(world, cheap)
    return TIMES * FEE - _bought(world, 1)


FALSE_MARKET = """
# pragma version 0.4.3
licensee: address
caller: address

@deploy
def __init__(licensee: address):
    self.licensee = licensee
    self.caller = msg.sender

@external
@view
def enforcement() -> address:
    return self.caller

@external
@view
def ownerOf(license_id: uint256) -> address:
    return self.licensee

@external
@view
def move_count(license_id: uint256) -> uint256:
    return 0

@external
@view
def license(license_id: uint256) -> uint256[12]:
    words: uint256[12] = empty(uint256[12])
    words[0] = 1
    words[1] = 1
    return words
"""


def competitor_marked_by_a_market_of_ones_own(world: World) -> int:
    """A stranger's contract says that the licensee lost a license in it."""
    with boa.env.prank(world.thief):
        false_market = boa.loads(FALSE_MARKET, world.licensee)
    world.attempt(world.thief, world.catalog.note_end, false_market.address, 1)
    return int(world.catalog.fee_for(1, world.licensee)) - FEE


def competitor_marked_by_a_stranger(world: World) -> int:
    """A license that runs well is said to be lost."""
    world.attempt(world.thief, world.catalog.note_end, world.market.address, world.license_id)
    return int(world.catalog.fee_for(1, world.licensee)) - FEE


def competitor_marked_by_a_license_that_it_never_asked_for(world: World) -> int:
    """A stranger buys a license and sends it to its competitor in front of its end."""
    fund_and_approve(world.asset, world.thief, world.market.address, 10 * FEE)
    args = (1, world.catalog.terms_hash(1), FEE)
    license_id = world.market.buy(*args, sender=world.thief)
    # From the end of the period on it could not be moved.
    warp_to(period_end(world.suite, license_id, 1) - 1)
    gift = (world.thief, world.licensee, license_id)
    world.attempt(world.thief, world.market.transferFrom, *gift)
    world.report(1)
    world.pay(DUE)
    warp_to(period_end(world.suite, license_id, 1) + GRACE + CURE)
    world.attempt(world.thief, world.enforcement.terminate, license_id)
    return int(world.catalog.fee_for(1, world.licensee)) - FEE


def honest_bond_shared_by_an_arbiter_and_its_friend(world: World) -> int:
    """The seller of a model is the arbiter by its terms, and says what no pocket can dispute."""
    suite = world.suite
    suite.registry.transferFrom(suite.owner, world.thief, 1, sender=suite.owner)
    terms = license_terms(suite, bond=BOND, arbiter=world.thief)
    terms_id = suite.catalog.offer_terms(terms, sender=world.thief)
    license_id = market_kit.buy(suite, world.licensee, terms_id)
    world.report(1, license_id)
    world.pay(DUE, license_id)
    friend = account("friend")
    finding = (license_id, 1, 2**100, 0, b"\x01" * 32, friend, MAX_UINT)
    world.attempt(world.thief, world.enforcement.assess, *finding)
    warp_to(now() + ANSWER)
    world.attempt(world.thief, world.enforcement.conclude, license_id, 1)
    return int(world.enforcement.refund(friend, world.asset.address))


def more_taken_than_a_buyer_named(world: World) -> int:
    """A stranger ends the buyer's other license in front of its purchase."""
    fund_and_approve(world.asset, world.licensee, world.market.address, 10 * FEE)
    _lose(world)
    args = (1, world.catalog.terms_hash(1), FEE)
    world.attempt(world.licensee, world.market.buy, *args)
    return 10 * FEE - world.held(world.licensee)


PART = "min(audit.cost, bond // AUDIT_PARTS)"
NOTED = "    extcall CATALOG.note_end(MARKET.address, license_id)\n"
IS_NOTED = 'assert is_enforcement, "caller is not the enforcement"'

CASES = [
    Case(
        bond_spent_on_ones_own_dues,
        "    if left < full_bond and self.bond_short_since[license_id] == 0:",
        "    if False:",
        "bonds",
        ENFORCEMENT,
    ),
    Case(
        year_of_reports_at_the_minimum,
        "        self._forfeit(license_id, period, state)\n",
        "        pass\n",
        stem=ENFORCEMENT,
    ),
    Case(audit_that_leaves_its_cost_to_who_paid_it, PART, "0", "audits", ENFORCEMENT),
    Case(
        bond_taken_by_an_arbiter_that_names_a_friend,
        PART,
        "min(audit.cost, bond - 1)",
        "audits",
        ENFORCEMENT,
    ),
    Case(
        audit_paid_by_an_honest_licensee,
        "* SHORTFALL_PARTS > due",
        "* SHORTFALL_PARTS >= due",
        "shortfalls",
        ENFORCEMENT,
    ),
    Case(
        audit_paid_from_the_bonds_of_others,
        PART,
        "audit.cost",
        "audits",
        ENFORCEMENT,
        backup=(
            (
                ENFORCEMENT,
                "    amount: uint256 = bond - audit_paid\n",
                "    amount: uint256 = bond - min(bond, audit_paid)\n",
            ),
            (
                ENFORCEMENT,
                "    asset_ledger._begin_hand_over(asset, router, amount)\n"
                "    extcall IRoyaltyRouter(router)",
                "    if amount == 0:\n        return\n"
                "    asset_ledger._begin_hand_over(asset, router, amount)\n"
                "    extcall IRoyaltyRouter(router)",
            ),
        ),
    ),
    Case(licence_bought_again_at_once, NOTED, "", stem=ENFORCEMENT),
    Case(licence_bought_again_after_misuse, NOTED, "", stem=ENFORCEMENT),
    Case(
        mark_bought_off_by_the_cheapest_terms,
        "if mark > 0 and price + 1 >= mark:",
        "if mark > 0:",
        "former_licensees",
        CATALOG,
    ),
    Case(
        mark_overwritten_by_a_cheaper_breach,
        "max(mark, 1 + self._price(packed_terms))",
        "1 + self._price(packed_terms)",
        "former_licensees",
        CATALOG,
    ),
    Case(
        competitor_marked_by_a_market_of_ones_own,
        "is_enforcement: bool = self._was_market[market]",
        "is_enforcement: bool = True",
        stem=CATALOG,
    ),
    Case(competitor_marked_by_a_stranger, IS_NOTED, stem=CATALOG),
    Case(
        competitor_marked_by_a_license_that_it_never_asked_for,
        "move_count(license_id) > 0:",
        "move_count(license_id) > 100:",
        stem=CATALOG,
    ),
    Case(
        honest_bond_shared_by_an_arbiter_and_its_friend,
        "assert audit_cost == 0 or msg.sender == governed.ownable.owner, "
        '"only a vote pays for an audit"',
        stem=ENFORCEMENT,
    ),
    Case(
        more_taken_than_a_buyer_named,
        'refusals._refuse("cost is above the maximum")',
    ),
]
test_attack__defences_in_place__gains_nothing, test_attack__without_its_defence__gains = (
    attack_tests(CASES)
)


# --- an auditor that cannot be paid ---


def _shortfall_left_alone(enforcement: Any) -> int:
    """The cheat's friend, whom the asset refuses, paid for the audit: the bond that stays."""
    world = World(ENFORCEMENT, enforcement, asset=deploy_odd_asset())
    license_id = world.sell(bond=BOND)
    world.report(1, license_id, 0)
    world.assess(1, REVENUE, license_id, (world.thief, COST))
    world.asset.set_blacklisted(world.thief, True)
    world.attempt(world.licensee, world.enforcement.conclude, license_id, 1)
    return int(world.enforcement.bond(license_id))


def test_conclude__auditor_on_a_blacklist__takes_the_bond_all_the_same():
    assert _shortfall_left_alone(deployer_of(ENFORCEMENT)) == 0


@pytest.mark.deep
def test_conclude__auditor_paid_at_once__mutant_is_blocked():
    credit = "    refunds._credit(auditor, asset, audit_paid)\n"
    push = "    asset_ledger._push(asset, auditor, audit_paid)\n"
    assert _shortfall_left_alone(mutate(ENFORCEMENT, credit, push)) > 0
