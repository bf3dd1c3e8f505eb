"""What an ordinary majority may take out of the Treasury, and who can stop whom from leaving.

The attacker of these tests passes any ordinary vote: it spends within the cap, approves and decides
grants, at any second, and asks for as much as goes through. Its victim is the DAO that votes no
strict one meanwhile. Each attack runs on the contracts, where the caps hold, and on mutants without
one of the defences, where the Treasury is emptied.
"""

from collections.abc import Callable
from typing import Any

import boa
import pytest

from tests.attack.grant_world import data_terms, make_world
from tests.attack.income_world import INCOME, POT
from tests.attack.income_world import World as IncomeWorld
from tests.attack.mutants import Case
from tests.busy_suite import deploy_busy_suite
from tests.kits import treasury as kit
from tests.kits.grants import (
    GRANTS_PURPOSE,
    TREASURY_FUNDS,
    milestone_terms,
)
from tests.support import CAPS, DAY, now, warp_to

BPS = 10_000
MONTH_DAYS = 30
# What is left when everything in sight was taken in halves.
CRUMBS = TREASURY_FUNDS // 100


def _most(call: Callable[[int], Any], most: int) -> int:
    """Takes as much as goes through, by halves: what is refused is asked for in smaller pieces."""
    taken, piece = 0, most
    while piece:
        try:
            call(piece)
        except boa.BoaError:
            piece //= 2
        else:
            taken += piece
            piece = min(piece, most - taken)
    return taken


def _days(take: Callable[[], int]) -> int:
    """What `take` takes in the first second of every third day of a month, in all."""
    begin, taken = -(-now() // DAY) * DAY, 0
    for day in range(0, MONTH_DAYS, 3):
        warp_to(begin + day * DAY)
        taken += take()
    return taken


# --- one majority, one month ---


def _spends(treasury: Any = None) -> int:
    """Direct spends, as many as go through."""
    world = make_world(Treasury=treasury) if treasury else make_world()

    def take() -> int:
        free = world.free()
        arguments = (GRANTS_PURPOSE, world.asset, world.stranger)
        call = world.treasury.spend
        return _most(lambda amount: call(*arguments, amount, sender=world.owner), free)

    return _days(take)


def _grants(treasury: Any = None) -> int:
    """Grants to oneself; whoever passes ordinary votes decides on their milestones, too."""
    world = make_world(Treasury=treasury) if treasury else make_world()

    return _days(lambda: _most(lambda amount: _grant(world, amount), world.free()))


def _grant(world: Any, amount: int) -> int:
    """An approved grant of `amount` in all, in four steps; its bond would be money of its own."""
    steps = [amount // 4] * 3
    steps.append(amount - sum(steps))
    milestones = [
        milestone_terms(step, (number + 1) * 30 * DAY) for number, step in enumerate(steps)
    ]
    return int(world.approved(**data_terms(milestones=milestones, bond=amount)))


def _cycles(treasury: Any = None) -> int:
    """Most that is out at a time: budgets come back and go out again, and so do gifts."""
    world = make_world(Treasury=treasury) if treasury else make_world()
    taken = 0
    for _ in range(6):
        grant_ids = []

        def approve(amount: int, to: list[int] = grant_ids) -> None:
            to.append(_grant(world, amount))

        _most(approve, world.free())
        taken = max(taken, world.committed())
        for grant_id in grant_ids:
            world.grants.terminate(grant_id, b"\1" * 32, sender=world.owner)
    return taken


SPENDS = (
    Case(
        _spends,
        'assert amount <= self._spendable(asset), "spend is above the cap"',
        module="outflows",
        stem="Treasury",
    ),
    Case(
        _spends,
        "outflow_caps._record(outflow_caps.ALL_PURPOSES, asset, amount)",
        module="outflows",
        stem="Treasury",
    ),
    # Everything older than today is forgotten.
    Case(
        _spends,
        "packed_outflow_day._day(oldest), WINDOW_DAYS) > today",
        "packed_outflow_day._day(oldest), 1) > today",
        module="outflow_caps",
        stem="Treasury",
    ),
)
GRANTS = (
    Case(
        _grants,
        'assert amount <= self._grantable(purpose, asset), "grant is above the cap"',
        module="outflows",
        stem="Treasury",
    ),
    Case(
        _grants,
        "outflow_caps._record(purpose, asset, amount)",
        module="outflows",
        stem="Treasury",
    ),
    Case(
        _grants,
        "packed_outflow_day._day(oldest), WINDOW_DAYS) > today",
        "packed_outflow_day._day(oldest), 1) > today",
        module="outflow_caps",
        stem="Treasury",
    ),
)


def test_many_small_spends__a_month__take_one_twentieth():
    assert _spends() == TREASURY_FUNDS * CAPS[0] // BPS


@pytest.mark.parametrize("case", SPENDS, ids=("no cap", "no record", "no window"))
def test_many_small_spends__mutant__take_much_more(case):
    """All without a cap; without a record, or a window, a twentieth of the rest again and again."""
    taken = case.attack(case.mutant())
    if case is SPENDS[0]:
        assert taken == TREASURY_FUNDS
    elif case is SPENDS[1]:
        assert taken > TREASURY_FUNDS - CRUMBS
    else:
        assert taken > 7 * TREASURY_FUNDS * CAPS[0] // BPS


@pytest.mark.deep
def test_many_grants__a_month__take_one_quarter():
    assert _grants() == TREASURY_FUNDS * CAPS[1] // BPS


@pytest.mark.parametrize("case", GRANTS, ids=("no cap", "no record", "no window"))
def test_many_grants__mutant__take_nearly_all(case):
    taken = case.attack(case.mutant())
    assert taken == TREASURY_FUNDS if case is GRANTS[0] else taken > TREASURY_FUNDS * 9 // 10


def test_approve_and_end_again__never_more_than_a_quarter_is_out():
    """Ending a grant takes a strict vote; even so nothing is gained."""
    assert _cycles() == TREASURY_FUNDS * CAPS[1] // BPS


def test_spends_and_grants_together__a_month__take_what_both_caps_say():
    """Spends first, so that both are of the whole: the most that one majority gets."""
    world = make_world()
    spent = world.treasury.spendable(world.asset)
    arguments = (GRANTS_PURPOSE, world.asset, world.stranger, spent)
    granted = world.treasury.grantable(GRANTS_PURPOSE, world.asset)
    _grant(world, granted)
    with boa.reverts("spend is above the cap"):  # a grant takes from what spends are a share of
        world.treasury.spend(*arguments, sender=world.owner)
    taken = granted + _most(
        lambda amount: world.treasury.spend(*arguments[:3], amount, sender=world.owner), spent
    )
    assert taken <= TREASURY_FUNDS * sum(CAPS) // BPS


def test_gift__raises_the_cap_by_less_than_it_costs():
    world = make_world()
    before = world.treasury.spendable(world.asset), world.treasury.grantable(2, world.asset)
    gift = 10**12
    world.asset.mint(world.stranger, gift)
    world.asset.approve(world.treasury, gift, sender=world.stranger)
    world.treasury.deposit(GRANTS_PURPOSE, world.asset, gift, sender=world.stranger)
    after = world.treasury.spendable(world.asset), world.treasury.grantable(2, world.asset)
    gains = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert gains == [gift * cap // BPS for cap in CAPS]
    assert sum(gains) < gift


# --- nobody is kept from leaving ---

# What a cap is there for.
CAPPED = ("Treasury.spend", "Treasury.commit", "TrainingGrants.approve")
# Changes what it tells about itself.
SETTING = "Treasury.set_caps"


def _stopped_by_used_up_caps(treasury: Any = None) -> list[str]:
    """Actions of the whole suite that do something else, or nothing, when no cap is left."""
    busy = deploy_busy_suite(Treasury=treasury) if treasury else deploy_busy_suite()
    before = {key: _effect(busy, key) for key in busy.actions if key != SETTING}
    busy.suite.treasury.set_caps(0, 0, sender=busy.suite.owner)
    return [key for key, effect in before.items() if _effect(busy, key) != effect]


def _effect(busy: Any, key: str) -> Any:
    action = busy.actions[key]
    with boa.env.anchor():
        try:
            result = action.run(busy.suite)
        except boa.BoaError as error:
            return str(error.args[0])[-200:]
        logs = busy.suite[action.stem].get_logs()
        return result, [(type(log).__name__, *log) for log in logs]


EXITS = (
    (
        Case(
            _stopped_by_used_up_caps,
            "    wind_down_permits._check(purpose, asset)\n",
            "    wind_down_permits._check(purpose, asset)\n"
            '    assert amount <= outflows._spendable(asset), "mutant"\n',
            stem="Treasury",
        ),
        {"Treasury.release_for_wind_down", "Redemptions.begin", "Redemptions.top_up"},
    ),
    (
        Case(
            _stopped_by_used_up_caps,
            "    purpose, asset = commitments._debit(commitment_id, amount)\n"
            "    log ITreasury.CommitmentPaid",
            "    purpose, asset = commitments._debit(commitment_id, amount)\n"
            '    assert amount <= outflows._grantable(purpose, asset), "mutant"\n'
            "    log ITreasury.CommitmentPaid",
            stem="Treasury",
        ),
        {
            "Treasury.pay_commitment",
            *(f"TrainingGrants.draw{key}" for key in ("", "/streaming", "/finished")),
            *(f"ComputeEscrow.draw{key}" for key in ("", "/campaign")),
        },
    ),
)


def test_used_up_caps__stop_what_they_are_for_and_nothing_else():
    """Refunds, redemptions, wind-downs, claims, draws, closings: all as ever."""
    assert sorted(_stopped_by_used_up_caps()) == sorted(CAPPED)


@pytest.mark.parametrize("number", range(len(EXITS)))
def test_used_up_caps__mutant_that_caps_an_exit__is_seen(number):
    case, stopped = EXITS[number]
    assert set(_stopped_by_used_up_caps(case.mutant())) == {*CAPPED, *stopped}


# --- who chooses the moment of a closing ---


def _floored(treasury: Any) -> IncomeWorld:
    """A floor above what the grants have; an epoch in which a holder earned, which is over."""
    world = IncomeWorld(treasury)
    world.mint(world.attacker)
    world.treasury.set_holders_floor(world.asset, INCOME, sender=world.owner)
    world.earn()
    return world


def _holder_waits_for_better_times(treasury: Any = None) -> int:
    """A holder lets the epoch lie until somebody gave the grants what was missing."""
    world = _floored(treasury)
    epoch = kit.end_epoch(world.treasury)
    kit.deposit(world.treasury, world.asset, world.owner, kit.GRANTS, INCOME)
    world.close(epoch)
    return world.claim(world.attacker, epoch)


def _rival_closes_late(treasury: Any = None) -> int:
    """What the holder loses as a rival keeps older income from the grants over an epoch's end."""
    gets = []
    for late in (False, True):
        world = _floored(treasury)
        first = kit.end_epoch(world.treasury)
        if not late:
            world.close(first)
        # With what the first epoch brought the floor is met to the unit.
        missing = INCOME - INCOME * (kit.HOLDERS_BPS + kit.GRANTS_BPS) // BPS
        kit.deposit(world.treasury, world.asset, world.owner, kit.GRANTS, missing)
        world.earn()
        second = kit.end_epoch(world.treasury)
        if late:
            world.close(first)
        world.close(second)
        gets.append(world.claim(world.attacker, second))
    assert gets[0] == POT
    return gets[0] - gets[1]


WAITED = Case(
    _holder_waits_for_better_times,
    "    return unsafe_add(self._at_end[asset][epoch], self._credited[asset])\n",
    "    return free\n",
    module="epoch_ends",
    stem="Treasury",
)
RIVAL = Case(
    _rival_closes_late,
    "    self._credited[asset] = unsafe_add(self._credited[asset], amount)\n",
    "    pass\n",
    module="epoch_ends",
    stem="Treasury",
)


def test_closing__holder_waits_for_better_times__gets_nothing():
    assert _holder_waits_for_better_times() == 0


def test_closing__holder_waits__mutant_pays_it():
    assert _holder_waits_for_better_times(WAITED.mutant()) == POT


def test_closing__rival_closes_late__takes_nothing_from_the_holder():
    assert _rival_closes_late() == 0


def test_closing__rival_closes_late__mutant_takes_all():
    assert _rival_closes_late(RIVAL.mutant()) == POT
