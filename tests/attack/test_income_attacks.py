"""Attacks on holders' income, each with the defence in place and with it taken out."""

from typing import Any

import boa
import pytest

from tests.attack.income_world import HELD, INCOME, POT, World
from tests.attack.mutants import Case
from tests.kits import treasury as kit
from tests.odd_assets import calldata_of, deploy_odd_asset, program_reentry
from tests.support import EPOCH_SECONDS, account, now, pass_time, reverts_otherwise

# Income by balance-seconds, and by voting power at the time of the claim, as some peers share it.
ASKED = """staticcall IGovernanceToken(TOKEN).balance_seconds_range(
        account, first_epoch, epoch_count
    )
    return self._claim("""
VOTES = """[]
    for _: uint256 in range(epoch_count, bound=MAX_RANGE):
        balance_seconds.append(
            staticcall IGovernanceToken(TOKEN).getVotes(account)
            * staticcall IGovernanceToken(TOKEN).EPOCH_SECONDS()
        )
    return self._claim("""


# --- buy just before the end, claim, sell ---


def _just_in_time(income: Any = None) -> int:
    """Share of the pot, in units, of one who has half of all tokens in the last second only."""
    world = World(income=income)
    whale, attacker = world.holders[0], world.attacker
    world.mint(whale, 2 * HELD)
    epoch = world.earn()
    world.last_second_of(epoch)
    world.token.transfer(attacker, HELD, sender=whale)
    world.token.delegate(attacker, sender=attacker)
    kit.end_epoch(world.treasury)
    world.close(epoch)
    gain = world.claim(attacker, epoch)
    world.token.transfer(whale, HELD, sender=attacker)
    return gain


JUST_IN_TIME = Case(_just_in_time, ASKED, VOTES, stem="HolderIncome")


def test_just_in_time_buyer__earns_one_second_of_the_epoch():
    assert _just_in_time() == POT // 2 // EPOCH_SECONDS


def test_just_in_time_buyer__snapshot_mutant__earns_half_of_the_pot():
    assert _just_in_time(JUST_IN_TIME.mutant()) == POT // 2


def test_flash_holder__no_seconds__earns_nothing():
    world = World()
    world.mint(world.holders[0])
    epoch = world.earn()
    world.last_second_of(epoch)
    for sender, to in ((world.holders[0], world.attacker), (world.attacker, world.holders[0])):
        world.token.transfer(to, HELD, sender=sender)
    kit.end_epoch(world.treasury)
    world.close(epoch)
    assert world.claim(world.attacker, epoch) == 0
    assert world.claim(world.holders[0], epoch) == POT


# --- move before the claim ---


def _move_and_claim_again(income: Any = None) -> int:
    """What one holder of a quarter and its accomplice get when the tokens move between claims."""
    world = World(income=income)
    first, accomplice = world.holders[0], world.attacker
    world.mint(first)
    world.mint(world.holders[1], 3 * HELD)
    epoch = world.earn_and_close()
    gain = world.claim(first, epoch)
    world.token.transfer(accomplice, HELD, sender=first)
    world.token.delegate(accomplice, sender=accomplice)
    return gain + world.claim(accomplice, epoch)


MOVED = Case(_move_and_claim_again, ASKED, VOTES, stem="HolderIncome")


def test_move_and_claim_again__earned_income_stays_with_the_holder():
    assert _move_and_claim_again() == POT // 4


def test_move_and_claim_again__snapshot_mutant__pays_twice():
    assert _move_and_claim_again(MOVED.mutant()) == POT // 2


def test_move_before_the_claim__sender_is_paid_and_receiver_is_not():
    world = World()
    world.mint(world.holders[0])
    epoch = world.earn_and_close()
    world.token.transfer(world.attacker, HELD, sender=world.holders[0])
    pass_time(EPOCH_SECONDS)
    assert world.claim(world.attacker, epoch) == 0
    assert world.claim(world.holders[0], epoch) == POT


# --- claim twice, on every path ---


def _claim_on_every_path(income: Any = None) -> int:
    """What a holder of a quarter of the tokens gets of two pots by every way to ask for them."""
    world = World(income=income)
    attacker = world.attacker
    world.mint(attacker)
    world.mint(world.holders[0], 3 * HELD)
    for _ in range(2):
        world.earn_and_close()
    total = world.claim(attacker, 1, 1)
    for first, count in ((1, 1), (1, 2), (2, 1), (1, 26), (0, 26)):
        total += world.claim(attacker, first, count)
    assets = [world.asset.address] * 3
    total += sum(world.income.claim_assets(attacker, assets, 1, 2))
    total += sum(world.income.claim_to(attacker, assets, 1, 2, attacker, sender=attacker))
    for caller in (attacker, world.holders[0]):
        total += world.income.claim(attacker, world.asset.address, 1, 2, sender=caller)
    assert total == world.asset.balanceOf(attacker)
    return total


UNMARKED = Case(_claim_on_every_path, "claimed |= bit", module="income_pots", stem="HolderIncome")


def test_claim_twice__every_path__pays_once():
    assert _claim_on_every_path() == 2 * (POT // 4)


def test_claim_twice__unmarked_mutant__takes_the_others_part():
    mutant = UNMARKED.mutant()
    with boa.reverts("pot is exhausted"):
        _claim_on_every_path(mutant)


def _claim_again_from_the_hook(income: Any = None) -> int:
    """What a holder of a quarter gets when the asset calls back into its own claim."""
    asset = deploy_odd_asset()
    world = World(income=income, asset=asset)
    world.mint(world.attacker)
    world.mint(world.holders[0], 3 * HELD)
    epoch = world.earn_and_close()
    again = calldata_of(world.income, "claim", world.attacker, asset.address, epoch, 1)
    program_reentry(asset, world.income, again, runs_first=True)
    world.claim(world.attacker, epoch)
    return asset.balanceOf(world.attacker)


REENTERED = Case(
    _claim_again_from_the_hook,
    "# pragma nonreentrancy on",
    "# pragma nonreentrancy off",
    stem="HolderIncome",
    backup=(
        # Nothing is booked before the money moves, and then by its own storage only.
        ("income_pots", "claimed |= bit", "pass"),
        # The ledger's own check of the balance is the third line of defence.
        ("asset_ledger", " and balance_after + amount >= balance_before", ""),
    ),
)


def test_claim__reentered_from_the_asset__pays_once():
    assert _claim_again_from_the_hook() == POT // 4


def test_claim__reentered_from_the_asset__mutant__pays_twice():
    assert _claim_again_from_the_hook(REENTERED.mutant()) == POT // 2


# --- an epoch without supply ---


def _income_before_anybody_holds(income: Any = None) -> int:
    """What the first holder ever gets of the income of the epoch before and of its own."""
    world = World(income=income)
    world.earn_and_close()
    world.mint(world.holders[0])
    world.earn_and_close()
    return world.claim(world.holders[0], 1, 2)


NOT_CARRIED = Case(
    _income_before_anybody_holds,
    "if eligible == 0:\n",
    "if eligible == max_value(uint256):\n",
    stem="HolderIncome",
)


def test_zero_supply_epoch__is_shared_by_the_next_holders():
    assert _income_before_anybody_holds() == 2 * POT


def test_zero_supply_epoch__not_carried_mutant__is_lost():
    assert _income_before_anybody_holds(NOT_CARRIED.mutant()) == POT


def test_all_excluded_epoch__closes_and_is_carried():
    world = World()
    world.mint(world.holders[0])
    world.token.internal._set_excluded(world.holders[0], True)
    pass_time(EPOCH_SECONDS)
    epoch = world.earn_and_close()
    assert world.income.carried(world.asset.address) == POT
    assert world.claim(world.holders[0], epoch) == 0


# --- the boundary second of an epoch ---


def test_boundary_second__belongs_to_the_later_epoch():
    world = World()
    world.mint(world.holders[0])
    epoch = world.earn()
    world.last_second_of(epoch)
    pass_time(1)
    # Closing, buying and claiming all happen in the first second of the next epoch.
    world.token.transfer(world.attacker, HELD, sender=world.holders[0])
    world.close(epoch)
    assert world.claim(world.attacker, epoch) == 0
    world.token.transfer(world.holders[0], HELD, sender=world.attacker)
    assert world.claim(world.holders[0], epoch) == POT
    later = world.earn_and_close()
    assert world.claim(world.attacker, later) == 0
    assert world.claim(world.holders[0], later) == POT


def _close_while_it_runs(
    treasury: Any = None, income: Any = None, *, pushes_again: bool = False
) -> int:
    """What an early holder of half the tokens gets when it closes the epoch on its first day."""
    world = World(treasury, income)
    world.mint(world.attacker)
    epoch = world.earn()
    pass_time(86_400)
    world.close(epoch)
    if pushes_again:
        world.treasury.push_holders(world.asset)
    return world.claim(world.attacker, epoch)


EARLY_TREASURY = Case(
    _close_while_it_runs,
    "epoch < current_epoch",
    "epoch <= current_epoch",
    module="epoch_income",
    stem="Treasury",
)
EARLY_INCOME = Case(
    _close_while_it_runs,
    "assert epoch < self._current_epoch()",
    "assert epoch <= self._current_epoch()",
    stem="HolderIncome",
)


def test_close_in_the_running_epoch__reverts():
    with boa.reverts("epoch is not over"):
        _close_while_it_runs()


def test_close_in_the_running_epoch__mutant_treasury__is_refused_by_holder_income():
    # The closing goes through, and the holders' part waits for who takes it.
    treasury = EARLY_TREASURY.mutant()
    assert _close_while_it_runs(treasury) == 0
    with boa.reverts("epoch is not over"):
        _close_while_it_runs(treasury, pushes_again=True)


def test_close_in_the_running_epoch__both_mutants__first_day_holders_take_it_all():
    assert _close_while_it_runs(EARLY_TREASURY.mutant(), EARLY_INCOME.mutant()) == POT


# --- rounding ---


def _split_into_dust_accounts(income: Any = None) -> tuple[int, int]:
    """What 3 of 7 equal parts get of a pot of 10 in one account, and in three."""
    gains = []
    for parts in ([3], [1, 1, 1]):
        world = World(income=income)
        crooks = [account(f"crook {i}") for i in range(len(parts))]
        for crook, part in zip(crooks, parts, strict=True):
            world.mint(crook, part)
        world.mint(world.holders[0], 7 - sum(parts))
        epoch = world.earn_and_close(25)
        gains.append(sum(world.claim(crook, epoch) for crook in crooks))
    return gains[0], gains[1]


ROUNDED_UP = Case(
    _split_into_dust_accounts,
    "unsafe_mul(packed >> AMOUNT_OFFSET, seconds), packed",
    "unsafe_mul(packed >> AMOUNT_OFFSET, seconds) + (packed & ELIGIBLE_MASK) - 1, packed",
    module="packed_pot",
    stem="HolderIncome",
)


def test_rounding__splitting_an_account__gains_nothing():
    # 10 x 3 / 7 is 4.28; 10 x 1 / 7 is 1.43, thrice.
    assert _split_into_dust_accounts() == (4, 3)


def test_rounding__up_mutant__pays_the_crook_more():
    assert _split_into_dust_accounts(ROUNDED_UP.mutant()) == (5, 6)


def test_rounding__tiny_pots_and_repeated_claims__stay_within_the_pot():
    world = World()
    for index, holder in enumerate(world.holders):
        world.mint(holder, 10**index)
    for epoch in range(1, 6):
        # Pots of 0, 1, 2, 3, 4 units.
        world.earn(1 + (epoch - 1) * 5 // 2)
        kit.end_epoch(world.treasury)
        world.close(epoch)
        for _ in range(3):
            for holder in world.holders:
                world.claim(holder, epoch)
        pot = world.income.pot(epoch, world.asset.address)
        claimed = world.income.claimed_total(epoch, world.asset.address)
        assert pot - len(world.holders) < claimed <= pot


# --- exclusion ---


def test_exclusion__toggled_in_mid_epoch__counts_by_the_second():
    world = World()
    half, other = world.holders[0], world.holders[1]
    world.mint(half)
    world.mint(other)
    epoch = world.earn()
    minted_at = now()
    for seconds, excluded in ((100, True), (1_000, False)):
        pass_time(seconds)
        world.token.internal._set_excluded(half, excluded)
    kit.end_epoch(world.treasury)
    world.close(epoch)
    full = now() - minted_at
    eligible = full - 1_000
    expected = POT * eligible // (full + eligible)
    assert world.claim(half, epoch) == expected
    assert world.claim(other, epoch) == POT * full // (full + eligible)
    assert world.income.accounted(world.asset.address) <= 1


@pytest.mark.parametrize("excluded_when_claiming", [True, False])
def test_exclusion__after_the_epoch__neither_takes_nor_gives(excluded_when_claiming):
    world = World()
    toggled, other = world.holders[0], world.holders[1]
    world.token.internal._set_excluded(toggled, not excluded_when_claiming)
    world.mint(toggled)
    world.mint(other)
    epoch = world.earn()
    kit.end_epoch(world.treasury)
    world.token.internal._set_excluded(toggled, excluded_when_claiming)
    world.close(epoch)
    world.token.transfer(other, HELD, sender=toggled)
    expected = POT // 2 if excluded_when_claiming else 0
    assert world.claim(toggled, epoch) == expected
    assert world.claim(other, epoch) == POT - expected


# --- donations ---


def _pot_after_donations(treasury: Any = None) -> int:
    world = World(treasury)
    world.mint(world.holders[0])
    epoch = world.earn()
    for target in (world.treasury, world.income):
        world.asset.mint(target.address, 1_000_000)
    kit.end_epoch(world.treasury)
    world.close(epoch)
    return world.claim(world.holders[0], epoch)


DONATED = Case(
    _pot_after_donations,
    "epoch_income._close(epoch, asset, epoch_ends._current_epoch())",
    "epoch_income._close(epoch, asset, epoch_ends._current_epoch()) + asset_ledger._surplus(asset)",
    stem="Treasury",
)


def test_donation__moves_no_pot():
    assert _pot_after_donations() == POT


def test_donation__balance_mutant__moves_the_pot():
    assert _pot_after_donations(DONATED.mutant()) == POT + 400_000


# --- one hostile account ---


def test_blacklisted_holder__blocks_nobody_else_and_loses_nothing():
    asset = deploy_odd_asset()
    world = World(asset=asset)
    listed, other = world.holders[0], world.holders[1]
    world.mint(listed)
    world.mint(other)
    epoch = world.earn_and_close()
    asset.set_blacklisted(listed, True)
    with reverts_otherwise("the asset's own refusal"):
        world.claim(listed, epoch)
    assert world.claim(other, epoch) == POT // 2
    asset.set_blacklisted(listed, False)
    assert world.claim(listed, epoch) == POT // 2


# --- the governance token as an asset ---


def test_governance_token__as_an_asset__is_kept_paid_and_shared_like_any_other():
    world = World()
    token, treasury, owner = world.token, world.treasury, world.owner
    for contract in (treasury, world.income):
        token.internal._set_excluded(contract.address, True)
    kit.accept(treasury, owner, token)
    holder, contributor = world.holders[0], world.holders[1]
    world.mint(holder)
    token.mint(world.router, 3 * INCOME, sender=owner)
    token.internal._set_excluded(world.router, True)
    token.approve(treasury.address, 3 * INCOME, sender=world.router)
    treasury.deposit(kit.GRANTS, token.address, INCOME, sender=world.router)
    treasury.spend_beyond_cap(kit.GRANTS, token.address, contributor, INCOME, sender=owner)
    assert token.balanceOf(contributor) == INCOME
    token.internal._set_excluded(contributor, True)
    treasury.receive_income(token.address, INCOME, sender=world.router)
    epoch = kit.end_epoch(treasury)
    treasury.close_epoch(epoch, token.address)
    # Being paid in it changes nothing about the seconds that the pot is shared by.
    assert world.income.claim(holder, token.address, epoch, 1) == POT
    assert world.income.claim(holder, token.address, epoch, 1) == 0
    assert token.balanceOf(world.income.address) == 0
