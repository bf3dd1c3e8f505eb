"""Attacks on who may use a model: each gains nothing, and something without its defence."""

from collections.abc import Callable
from contextlib import suppress

from boa import BoaError

from tests.attack.license_world import RIGHTS, Case, World, attack_tests
from tests.attack.test_license_money_attacks import DERIVED
from tests.kits.licensing import DUE, GRACE, is_licensed, period_end, sell
from tests.kits.models import Kind
from tests.support import DAY, now, warp_to


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


def on_rights(attack: Callable[[World], int], old: str, new: str = "pass") -> Case:
    return Case(attack, old, new, RIGHTS, RIGHTS)


HOLDER = "if account == empty(address) or self._holder_at(license_id, at) != account:"
OVERDUE = "if state.overdue_since != 0 and at >= state.overdue_since:"
PRESENT = """    number += 1
    self._presented_count[model_id][msg.sender] = number
    self._presented[model_id][msg.sender][number] = packed_presentation._pack(
"""
HOLDER_PRESENTS = "self._check_licensee(self._holder_at(license_id, block.timestamp) == msg.sender)"
# Anybody may do it; it counts for the holder.
HOLDER_IS_PRESENTED_FOR = HOLDER_PRESENTS.replace("== msg.sender", "!= empty(address)")
PRESENT_FOR_HOLDER = PRESENT.replace("msg.sender", "self._holder_at(license_id, block.timestamp)")

CASES = [
    Case(use_in_arrears, DERIVED, "        since = 0\n", "standing"),
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
        "if kind != 0 and not self._allows(license_id, kind):",
        "if kind > packed_terms_derivation.KINDS_MASK:",
    ),
    on_rights(
        sublicense_that_the_terms_do_not_allow,
        'assert is_sublicensable, "license is not sublicensable"',
    ),
    on_rights(
        sublicense_ended_by_a_stranger,
        "self._check_licensee(msg.sender == holder or msg.sender == granted.licensee)",
    ),
]
test_attack__defences_in_place__gains_nothing, test_attack__without_its_defence__gains = (
    attack_tests(CASES)
)
