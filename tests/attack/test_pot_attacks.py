"""Attacks on pots: carried money, recycling, and claims by others."""

from typing import Any

import boa

from tests.attack.income_world import HELD, POT, World
from tests.attack.mutants import Case
from tests.kits import treasury as kit
from tests.support import pass_time

RECYCLE_SECONDS = 730 * 86_400


# --- carried money is nobody's to aim ---


def _aim_the_carried_pot(income: Any = None) -> int:
    """What the only holder of epoch 3 gets of the pot that epoch 1 carried, when epoch 2 had other
    holders and no income, and it is the attacker that closes."""
    world = World(income=income)
    world.earn_and_close()
    world.mint(world.holders[0])
    kit.end_epoch(world.treasury)
    world.token.transfer(world.attacker, HELD, sender=world.holders[0])
    epoch = world.earn_and_close(25)
    return world.claim(world.attacker, epoch) - 10


UNROLLED = Case(
    _aim_the_carried_pot,
    "    self._roll(asset, epoch)\n",
    "",
    stem="HolderIncome",
    backup=(
        (
            "HolderIncome",
            "income_pots.settled_to[asset] + 1 == epoch",
            "income_pots.settled_to[asset] < epoch",
        ),
    ),
)


def test_carried_pot__next_closing__does_not_decide_whose_it_is():
    assert _aim_the_carried_pot() == 0


def test_carried_pot__unrolled_mutant__goes_to_who_closes_next():
    assert _aim_the_carried_pot(UNROLLED.mutant()) == POT


# --- recycling ---


def _recycle_under_a_claimant(income: Any = None) -> int:
    """What a holder of a quarter still gets when somebody recycles on the pot's first day."""
    world = World(income=income)
    world.mint(world.attacker)
    world.mint(world.holders[0], 3 * HELD)
    epoch = world.earn_and_close()
    pass_time(86_400)
    world.income.recycle(epoch, world.asset.address)
    return world.claim(world.attacker, epoch)


def _claim_after_recycling(income: Any = None) -> int:
    """Like that, but after the two years; the next pot's money is all that is left."""
    world = World(income=income)
    world.mint(world.attacker)
    world.mint(world.holders[0], 3 * HELD)
    epoch = world.earn_and_close()
    pass_time(RECYCLE_SECONDS)
    world.income.recycle(epoch, world.asset.address)
    world.earn_and_close()
    return world.claim(world.attacker, epoch)


YOUNG = Case(
    _recycle_under_a_claimant, "made_at + RECYCLE_SECONDS, ", "made_at, ", stem="HolderIncome"
)
FORGETFUL = Case(
    _claim_after_recycling,
    "self._pots[asset][epoch] = packed_pot._with_is_recycled(packed)",
    "self._pots[asset][epoch] = packed",
    module="income_pots",
    stem="HolderIncome",
)


def test_recycle__before_its_time__reverts():
    with boa.reverts("pot is too young"):
        _recycle_under_a_claimant()


def test_recycle__then_claim__pays_nothing():
    assert _claim_after_recycling() == 0


def test_recycle__mutant__takes_a_young_pot_and_pays_it_out_again():
    assert _recycle_under_a_claimant(YOUNG.mutant()) == 0
    assert _claim_after_recycling(FORGETFUL.mutant()) == POT // 4


# --- a claimer ---


def _redirect(income: Any = None) -> int:
    world = World(income=income)
    world.mint(world.holders[0])
    epoch = world.earn_and_close()
    arguments = (world.holders[0], [world.asset.address], epoch, 1, world.attacker)
    return sum(world.income.claim_to(*arguments, sender=world.attacker))


OPEN = Case(
    _redirect,
    "assert msg.sender == account or msg.sender == self.claimer[account], ",
    "assert account != empty(address), ",
    stem="HolderIncome",
)


def test_claim_to__by_a_stranger__reverts():
    with boa.reverts("caller may not claim"):
        _redirect()


def test_claim_to__open_mutant__takes_it_all():
    assert _redirect(OPEN.mutant()) == POT
