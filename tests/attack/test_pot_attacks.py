"""Attacks on pots: carried money, recycling, and claims by others."""

from typing import Any

import boa

from tests.attack.income_world import HELD, POT, World
from tests.attack.mutants import mutate, mutate_all
from tests.support import pass_time
from tests.unit.treasury import kit

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


def test_carried_pot__next_closing__does_not_decide_whose_it_is():
    assert _aim_the_carried_pot() == 0


def test_carried_pot__unrolled_mutant__goes_to_who_closes_next():
    mutant = mutate_all(
        "HolderIncome",
        (
            ("HolderIncome", "    self._roll(asset, epoch)\n", ""),
            (
                "HolderIncome",
                "income_pots.settled_to[asset] + 1 == epoch",
                "income_pots.settled_to[asset] < epoch",
            ),
        ),
    )
    assert _aim_the_carried_pot(mutant) == POT


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


def test_recycle__before_its_time__reverts():
    with boa.reverts("pot is too young"):
        _recycle_under_a_claimant()


def test_recycle__then_claim__pays_nothing():
    assert _claim_after_recycling() == 0


def test_recycle__mutant__takes_a_young_pot_and_pays_it_out_again():
    mutant = mutate("HolderIncome", "made_at + RECYCLE_SECONDS, ", "made_at, ")
    assert _recycle_under_a_claimant(mutant) == 0
    forgetful = mutate(
        "HolderIncome",
        "self._pots[asset][epoch] = packed | RECYCLED",
        "self._pots[asset][epoch] = packed",
        module="income_pots",
    )
    assert _claim_after_recycling(forgetful) == POT // 4


# --- a claimer ---


def _redirect(income: Any = None) -> int:
    world = World(income=income)
    world.mint(world.holders[0])
    epoch = world.earn_and_close()
    arguments = (world.holders[0], [world.asset.address], epoch, 1, world.attacker)
    return sum(world.income.claim_to(*arguments, sender=world.attacker))


def test_claim_to__by_a_stranger__reverts():
    with boa.reverts("caller may not claim"):
        _redirect()


def test_claim_to__open_mutant__takes_it_all():
    mutant = mutate(
        "HolderIncome",
        "assert msg.sender == account or msg.sender == self.claimer[account], ",
        "assert account != empty(address), ",
    )
    assert _redirect(mutant) == POT
