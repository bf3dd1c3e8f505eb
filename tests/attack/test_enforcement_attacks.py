"""Attacks on bonds, assessments and disputes: each gains nothing, and something undefended."""

from dataclasses import dataclass

from tests.attack import mutants
from tests.attack.license_world import BOND, ENFORCEMENT, World, attack_tests
from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    MINIMUM,
    REVENUE,
    period_end,
    report,
)
from tests.support import DAY, fund_and_approve, now, warp_to

HOUR = 3_600


# --- bonds ---


def _due_at(world: World, license_id: int, period: int = 1) -> int:
    return period_end(world.suite, license_id, period) + GRACE


def bond_taken_back_while_it_secures(world: World) -> int:
    """The licensee takes its bond in the last second in which it still secures an audit."""
    license_id = world.sell(bond=BOND)
    world.serve(3, license_id)
    warp_to(period_end(world.suite, license_id, 4) - 1)
    world.attempt(world.licensee, world.enforcement.release_bond, license_id)
    return world.held(world.licensee)


def bond_taken_back_in_an_assessment(world: World) -> int:
    """What an audit has found is not due yet; the bond leaves before it is."""
    license_id = world.sell(bond=BOND)
    world.serve(3, license_id)
    warp_to(period_end(world.suite, license_id, 4))
    world.assess(3, 2 * REVENUE, license_id)
    world.attempt(world.licensee, world.enforcement.release_bond, license_id)
    return world.held(world.licensee)


def bond_taken_back_with_arrears(world: World) -> int:
    license_id = world.sell(bond=BOND)
    world.serve(2, license_id)
    world.report(3, license_id)
    warp_to(period_end(world.suite, license_id, 4))
    world.attempt(world.licensee, world.enforcement.release_bond, license_id)
    return world.held(world.licensee)


def bond_taken_back_twice(world: World) -> int:
    """The second time it is another's."""
    license_id = world.sell(bond=BOND)
    world.sell(bond=BOND + 1)
    world.serve(3, license_id)
    warp_to(period_end(world.suite, license_id, 4))
    for _ in range(2):
        world.attempt(world.licensee, world.enforcement.release_bond, license_id)
    return world.held(world.licensee) - BOND


def debt_paid_from_the_bonds_of_others(world: World) -> int:
    """A bond that is used up pays on, from what others have put in."""
    debtor = world.sell(bond=DUE)
    world.sell(bond=BOND)
    for period in (1, 2):
        world.report(period, debtor)
    warp_to(_due_at(world, debtor, 2))
    for _ in range(2):
        world.attempt(world.thief, world.enforcement.enforce, debtor)
    return int(world.market.license(debtor).paid) - DUE


def donation_booked_as_a_bond(world: World) -> int:
    """The licensee books a stray transfer as its bond."""
    world.asset.mint(world.enforcement.address, BOND)
    args = (world.license_id, world.asset.address, BOND)
    world.attempt(world.licensee, world.enforcement.receive_bond, *args)
    return int(world.enforcement.bond(world.license_id))


def bonds_skimmed(world: World) -> int:
    """The owner takes bonds for a surplus."""
    world.sell(bond=BOND)
    world.attempt(world.owner, world.enforcement.skim, world.asset.address, world.thief)
    return world.held(world.thief)


# --- ends ---


def _is_ended(world: World, license_id: int) -> int:
    return int(world.market.license(license_id).ended_early)


def terminated_in_good_standing(world: World) -> int:
    world.attempt(world.thief, world.enforcement.terminate, world.license_id)
    return _is_ended(world, world.license_id)


def terminated_before_the_cure_is_over(world: World) -> int:
    world.report(1)
    warp_to(_due_at(world, world.license_id) + CURE - 1)
    world.attempt(world.thief, world.enforcement.terminate, world.license_id)
    return _is_ended(world, world.license_id)


def terminated_while_its_bond_could_pay(world: World) -> int:
    license_id = world.sell(bond=BOND, term_seconds=0, cure_seconds=CURE - DAY)
    world.report(1, license_id)
    warp_to(_due_at(world, license_id) + CURE - 1)
    world.attempt(world.thief, world.enforcement.terminate, license_id)
    return _is_ended(world, license_id)


def surrendered_by_a_stranger(world: World) -> int:
    license_id = world.sell(term_seconds=0)
    world.attempt(world.thief, world.enforcement.surrender, license_id)
    return _is_ended(world, license_id)


def term_cut_short_by_surrender(world: World) -> int:
    """A licensee that has promised minimums for a whole term leaves after the first period."""
    world.serve(1)
    world.attempt(world.licensee, world.enforcement.surrender, world.license_id)
    return _is_ended(world, world.license_id)


# --- assessments and disputes ---


def own_word_disputed_to_hold_it_back(world: World) -> int:
    """The licensee reports what it earned, and puts into escrow what it would have to pay."""
    world.report(1)
    world.try_to_dispute(1, DUE)
    return int(world.enforcement.open_dispute(world.license_id, 1).amount)


def more_disputed_than_the_audit_added(world: World) -> int:
    """A small assessment is the licensee's chance to get back what it owed anyway."""
    world.serve(1)
    world.assess(1, REVENUE + 20)
    world.try_to_dispute(1, DUE)
    return int(world.enforcement.open_dispute(world.license_id, 1).amount)


def assessment_disputed_too_late(world: World) -> int:
    world.serve(1)
    world.assess(1, 2 * REVENUE)
    warp_to(now() + 14 * DAY)
    world.try_to_dispute(1, DUE)
    return int(world.enforcement.open_dispute(world.license_id, 1).amount)


def assessment_concluded_before_the_answer(world: World) -> int:
    """A stranger makes the licensee owe before it could answer."""
    world.serve(1)
    world.assess(1, 2 * REVENUE)
    warp_to(now() + 14 * DAY - 1)
    world.attempt(world.thief, world.enforcement.conclude, world.license_id, 1)
    return int(world.market.outstanding(world.license_id))


def _dispute(world: World) -> None:
    world.serve(1)
    world.assess(1, 2 * REVENUE)
    world.try_to_dispute(1, DUE)


def dispute_ended_before_its_vote(world: World) -> int:
    """A stranger ends a dispute before the vote does, at the licensee's cost."""
    _dispute(world)
    warp_to(now() + 120 * DAY - 1)
    world.attempt(world.thief, world.enforcement.expire, world.license_id, 1)
    return DUE - int(world.enforcement.open_dispute(world.license_id, 1).amount)


def dispute_decided_by_the_licensee(world: World) -> int:
    _dispute(world)
    arguments = (world.license_id, 1, world.opened_at(), 0)
    world.attempt(world.licensee, world.enforcement.decide, *arguments)
    return int(world.enforcement.refund(world.licensee, world.asset.address))


def dispute_decided_twice(world: World) -> int:
    """A decision is repeated, with the escrows and bonds of others."""
    world.sell(bond=BOND)
    _dispute(world)
    for _ in range(2):
        world.attempt(
            world.owner, world.enforcement.decide, world.license_id, 1, world.opened_at(), 0
        )
    return int(world.enforcement.refund(world.licensee, world.asset.address)) - DUE


def refund_withdrawn_twice(world: World) -> int:
    world.sell(bond=BOND)
    _dispute(world)
    world.enforcement.decide(world.license_id, 1, world.opened_at(), 0, sender=world.owner)
    for _ in range(2):
        args = (world.licensee, world.asset.address)
        world.attempt(world.thief, world.enforcement.withdraw, *args)
    return world.held(world.licensee) - DUE


def refund_paid_to_the_caller(world: World) -> int:
    _dispute(world)
    world.enforcement.decide(world.license_id, 1, world.opened_at(), 0, sender=world.owner)
    args = (world.licensee, world.asset.address)
    world.attempt(world.thief, world.enforcement.withdraw, *args)
    return world.held(world.thief)


def dispute_decided_by_a_vote_on_another(world: World) -> int:
    """The vote was about one unit; the licensee gets its next, large escrow back by it."""
    world.serve(1)
    world.assess(1, 2 * REVENUE)
    world.try_to_dispute(1, 1)
    first = world.opened_at()
    warp_to(now() + 120 * DAY)
    world.enforcement.expire(world.license_id, 1)
    world.assess(1, 4 * REVENUE)
    world.try_to_dispute(1, 2 * DUE)
    world.attempt(world.owner, world.enforcement.decide, world.license_id, 1, first, 0)
    return int(world.enforcement.refund(world.licensee, world.asset.address))


def two_assessments_of_a_period(world: World) -> int:
    """The second one takes the first one's place; its finding is lost."""
    world.serve(2)
    world.assess(1, 3 * REVENUE)
    args = (world.license_id, 1, REVENUE + 20, 0, EVIDENCE)
    world.attempt(world.owner, world.enforcement.assess, *args)
    return 3 * DUE - int(world.enforcement.assessment(world.license_id, 1).due)


def audit_dodged_by_a_small_dispute(world: World) -> int:
    """One unit in dispute keeps another period's audit away."""
    world.serve(2)
    world.assess(1, 2 * REVENUE)
    world.try_to_dispute(1, 1)
    world.attempt(
        world.owner, world.enforcement.assess, world.license_id, 2, 3 * REVENUE, 0, EVIDENCE
    )
    return 3 * DUE - int(world.enforcement.assessment(world.license_id, 2).due)


def shortfall_kept_below_a_tenth_by_a_dispute(world: World) -> int:
    """A large shortfall in two parts, each below a tenth, would leave the bond."""
    license_id = world.sell(bond=BOND)
    world.report(1, license_id)
    world.pay(DUE, license_id)
    world.assess(1, REVENUE * 118 // 100, license_id)
    world.try_to_dispute(1, DUE * 9 // 100, license_id)
    opened_at = world.opened_at(license_id)
    world.enforcement.decide(license_id, 1, opened_at, DUE * 9 // 100, sender=world.owner)
    return int(world.enforcement.bond(license_id))


def second_bond_for_one_shortfall(world: World) -> int:
    """The arbiter waits until the bond is filled up, and takes it for one unit more."""
    license_id = world.sell(bond=BOND, renewable=True, upfront_fee=0)
    world.report(1, license_id)
    world.assess(1, 2 * REVENUE, license_id)
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    world.pay(2 * DUE, license_id)
    fund_and_approve(world.asset, world.licensee, world.market.address, BOND)
    world.market.renew(license_id, BOND, sender=world.licensee)
    world.assess(1, 2 * REVENUE + 20, license_id)
    world.enforcement.conclude(license_id, 1, sender=world.licensee)
    return BOND - int(world.enforcement.bond(license_id))


def estimate_bound_without_an_answer(world: World) -> int:
    """The arbiter is a second faster than the licensee's own report, which says less."""
    license_id = world.sell(term_seconds=0)
    world.serve(1, license_id)
    warp_to(_due_at(world, license_id, 2))
    world.estimate(license_id)
    estimate = int(world.market.reported(license_id, 2)[0])
    world.assess(2, 20 * estimate, license_id)
    report(world.suite, world.licensee, license_id, 2, 0)
    return int(world.market.reported(license_id, 2)[0]) - MINIMUM


def ended_beside_a_full_bond(world: World) -> int:
    """The arbiter assesses one unit, and the bond that would have cured the licence may not."""
    license_id = world.sell(bond=BOND, term_seconds=0, cure_seconds=CURE - DAY)
    world.report(1, license_id)
    warp_to(_due_at(world, license_id) + CURE - 1)
    world.assess(1, REVENUE + 20, license_id)
    world.attempt(world.thief, world.enforcement.terminate, license_id)
    return _is_ended(world, license_id)


def ended_for_misuse_without_an_answer(world: World) -> int:
    """The arbiter ends a license in the second in which it accuses."""
    world.attempt(world.owner, world.enforcement.accuse, world.license_id, EVIDENCE)
    world.attempt(world.owner, world.enforcement.end_for_misuse, world.license_id, EVIDENCE)
    return _is_ended(world, world.license_id)


def ended_for_another_misuse(world: World) -> int:
    """A vote on an accusation that has lapsed ends the license by the next one."""
    license_id = world.sell(term_seconds=0, share_bps=0)
    world.enforcement.accuse(license_id, EVIDENCE, sender=world.owner)
    warp_to(now() + 14 * DAY + 120 * DAY)
    world.enforcement.accuse(license_id, b"\x01" * 32, sender=world.owner)
    warp_to(now() + 14 * DAY)
    world.attempt(world.owner, world.enforcement.end_for_misuse, license_id, EVIDENCE)
    return _is_ended(world, license_id)


@dataclass(frozen=True)
class Case(mutants.Case):
    stem: str = ENFORCEMENT


HELD = 'assert is_over and not self._is_held(license_id), "bond is still held"'
ARBITER = (
    'assert msg.sender == staticcall CATALOG.arbiter_of(terms_id), "caller is not the arbiter"'
)
IS_CURED = (
    "        if staticcall MARKET.is_in_good_standing(license_id):\n            return False\n"
)
IS_OPEN = (
    "assert not is_assessed and self._disputes[license_id][period].amount == 0"
    ', "period is in dispute"'
)

CASES = [
    Case(bond_taken_back_while_it_secures, HELD, HELD.replace("is_over and ", "")),
    Case(
        bond_taken_back_in_an_assessment,
        HELD,
        HELD.replace(" and not self._is_held(license_id)", ""),
    ),
    Case(
        bond_taken_back_with_arrears,
        "assert period == 0 and staticcall MARKET.outstanding(license_id) == 0"
        ', "license has arrears"',
    ),
    Case(
        bond_taken_back_twice,
        "self.bond[license_id] = 0",
        module="bonds",
    ),
    Case(
        debt_paid_from_the_bonds_of_others,
        "self.bond[license_id] = left",
        module="bonds",
    ),
    Case(
        donation_booked_as_a_bond,
        'assert msg.sender == MARKET.address, "caller is not the market"',
    ),
    Case(
        bonds_skimmed,
        "    if held <= owed:\n        return 0\n    return held - owed",
        "    return held",
        "asset_ledger",
        backup=(("asset_ledger", mutants.SOLVENT, "pass"),),
    ),
    Case(
        terminated_in_good_standing,
        'assert state.overdue_since != 0, "nothing is overdue"',
        backup=((ENFORCEMENT, IS_CURED, ""),),
    ),
    Case(
        terminated_before_the_cure_is_over,
        'assert block.timestamp >= curable_until, "license can still be cured"',
    ),
    Case(
        terminated_while_its_bond_could_pay,
        "    self._enforce(license_id)\n    if not is_bond_late:",
        "    if not is_bond_late:",
    ),
    Case(
        surrendered_by_a_stranger,
        'assert msg.sender == self._licensee(license_id), "caller is not the licensee"',
    ),
    Case(
        term_cut_short_by_surrender,
        'assert state.ends_at == max_value(uint256), "term is not over"',
    ),
    Case(
        own_word_disputed_to_hold_it_back,
        'assert assessment.answer_until != 0, "no assessment is open"',
        module="audits",
        backup=(
            (
                ENFORCEMENT,
                'assert amount > 0 and amount <= max_amount, "amount cannot be disputed"',
                "pass",
            ),
            (
                ENFORCEMENT,
                'assert block.timestamp < assessment.answer_until, "answer window is over"',
                "pass",
            ),
        ),
    ),
    Case(
        more_disputed_than_the_audit_added,
        'assert amount > 0 and amount <= max_amount, "amount cannot be disputed"',
    ),
    Case(
        assessment_disputed_too_late,
        'assert block.timestamp < assessment.answer_until, "answer window is over"',
    ),
    Case(
        assessment_concluded_before_the_answer,
        'assert msg.sender == self._licensee(license_id), "answer window is open"',
    ),
    Case(
        dispute_ended_before_its_vote,
        'assert block.timestamp >= dispute.decide_until, "dispute is not expired"',
    ),
    Case(
        dispute_decided_by_the_licensee,
        ARBITER,
    ),
    Case(
        dispute_decided_twice,
        "    audits._close_dispute(license_id, period)\n",
        "    pass\n",
    ),
    Case(
        refund_withdrawn_twice,
        "    self.refund[account][asset] = 0\n",
        "    pass\n",
        "refunds",
    ),
    Case(
        refund_paid_to_the_caller,
        "asset_ledger._push(asset, account, amount)",
        "asset_ledger._push(asset, msg.sender, amount)",
        "refunds",
    ),
    Case(
        dispute_decided_by_a_vote_on_another,
        'assert dispute.opened_at == opened_at, "dispute is another"',
    ),
    Case(two_assessments_of_a_period, IS_OPEN, module="audits"),
    Case(
        audit_dodged_by_a_small_dispute,
        IS_OPEN,
        'assert not self._is_open(license_id), "period is in dispute"',
        "audits",
    ),
    Case(
        shortfall_kept_below_a_tenth_by_a_dispute,
        "if self._own_dues[license_id][period] == 0:",
        "if True:",
        "shortfalls",
    ),
    Case(
        second_bond_for_one_shortfall,
        "        shortfalls._set_judged_due(license_id, period, assessed)\n",
        "        pass\n",
    ),
    Case(
        estimate_bound_without_an_answer,
        "is_answered: bool = due > old_due or is_estimate",
        "is_answered: bool = due > old_due",
        backup=(
            (ENFORCEMENT, "assert is_answered or due < old_due", "assert is_estimate or True"),
        ),
    ),
    Case(ended_beside_a_full_bond, "    self._check_bond_is_no_use(license_id)\n", ""),
    Case(
        ended_for_misuse_without_an_answer,
        'assert block.timestamp >= accusation.answer_until, "answer window is open"',
        module="accusations",
    ),
    Case(
        ended_for_another_misuse,
        'assert accusation.evidence_hash == evidence_hash, "accusation is another"',
        module="accusations",
    ),
]
test_attack__defences_in_place__gains_nothing, test_attack__without_its_defence__gains = (
    attack_tests(CASES)
)
