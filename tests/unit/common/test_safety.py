"""A guardian with an expiry stops new obligations for a while, and never an exit."""

from typing import Any

import boa
import pytest

from tests.support import DAY, ZERO_ADDRESS, deploy, events, now, pass_time, warp_to

PAUSE_SECONDS = 14 * DAY
GUARDIAN_SECONDS = 366 * DAY


@pytest.fixture
def safety(owner, guardian) -> Any:
    """With a guardian for the longest possible time."""
    contract = deploy("SafetyHarness", sender=owner)
    contract.set_guardian(guardian, now() + GUARDIAN_SECONDS, sender=owner)
    return contract


def assert_stopped(safety: Any) -> None:
    """A pause stops everybody but the owner: what a vote decided can expire."""
    with boa.reverts("paused"):
        safety.oblige()
    with boa.env.anchor():
        safety.oblige(sender=safety.owner())


def test_constants__all__have_their_literal_values(safety):
    assert safety.MAX_PAUSE_SECONDS() == PAUSE_SECONDS
    assert safety.MAX_GUARDIAN_SECONDS() == GUARDIAN_SECONDS


def test_constructor__fresh__has_no_guardian_and_runs(owner):
    fresh = deploy("SafetyHarness", sender=owner)
    assert fresh.guardian() == ZERO_ADDRESS
    fresh.oblige()
    with boa.reverts("caller is not the guardian"):
        fresh.pause(sender=owner)


# --- set_guardian ---


def test_set_guardian__owner__replaces_and_logs(safety, owner, guardian, holder):
    expires_at = now() + DAY
    safety.set_guardian(holder, expires_at, sender=owner)
    (event,) = events(safety)
    assert type(event).__name__ == "GuardianChanged"
    assert (event.old_guardian, event.new_guardian, event.expires_at) == (
        guardian,
        holder,
        expires_at,
    )
    assert safety.guardian() == holder
    assert safety.guardian_expires_at() == expires_at
    with boa.reverts("caller is not the guardian"):
        safety.pause(sender=guardian)
    safety.pause(sender=holder)


def test_set_guardian__not_the_owner__reverts(safety, guardian, stranger):
    for sender in (guardian, stranger):
        with boa.reverts("caller is not the owner"):
            safety.set_guardian(stranger, now() + DAY, sender=sender)


def test_set_guardian__a_second_too_far__reverts(safety, owner, guardian):
    with boa.reverts("guardian expiry is too far"):
        safety.set_guardian(guardian, now() + GUARDIAN_SECONDS + 1, sender=owner)


def test_set_guardian__zero_address__leaves_none(safety, owner):
    safety.set_guardian(ZERO_ADDRESS, now() + DAY, sender=owner)
    assert not safety.is_guardian(ZERO_ADDRESS)
    with boa.reverts("caller is not the guardian"):
        safety.pause(sender=ZERO_ADDRESS)


# --- pause ---


def test_pause__guardian__stops_obligations_for_its_time_only(safety, guardian):
    safety.oblige()
    until = now() + PAUSE_SECONDS
    safety.pause(sender=guardian)
    (event,) = events(safety)
    assert (type(event).__name__, event.account, event.until) == ("Paused", guardian, until)
    assert safety.paused_until() == until
    assert_stopped(safety)
    safety.discharge()
    warp_to(until - 1)
    assert_stopped(safety)
    warp_to(until)
    safety.oblige()


def test_pause__wrong_role__reverts(safety, owner, stranger):
    for sender in (owner, stranger):
        with boa.reverts("caller is not the guardian"):
            safety.pause(sender=sender)


def test_pause__last_second_of_the_guardian__works(safety, guardian):
    warp_to(safety.guardian_expires_at() - 1)
    assert safety.is_guardian(guardian)
    safety.pause(sender=guardian)


def test_pause__expired_guardian__reverts(safety, guardian):
    warp_to(safety.guardian_expires_at())
    assert not safety.is_guardian(guardian)
    with boa.reverts("caller is not the guardian"):
        safety.pause(sender=guardian)


def test_pause__again__waits_as_long_as_it_paused(safety, guardian):
    safety.pause(sender=guardian)
    with boa.reverts("pause is too soon"):
        safety.pause(sender=guardian)
    next_at = safety.paused_until() + PAUSE_SECONDS
    warp_to(next_at - 1)
    safety.oblige()
    with boa.reverts("pause is too soon"):
        safety.pause(sender=guardian)
    warp_to(next_at)
    safety.pause(sender=guardian)
    assert_stopped(safety)


def test_pause__by_a_new_guardian__waits_too(safety, owner, guardian, holder):
    safety.pause(sender=guardian)
    safety.set_guardian(holder, now() + GUARDIAN_SECONDS, sender=owner)
    warp_to(safety.paused_until() + PAUSE_SECONDS - 1)
    with boa.reverts("pause is too soon"):
        safety.pause(sender=holder)


# --- unpause ---


def test_unpause__owner__runs_again_at_once(safety, owner, guardian):
    safety.pause(sender=guardian)
    pass_time(DAY)
    safety.unpause(sender=owner)
    (event,) = events(safety)
    assert (type(event).__name__, event.account) == ("Unpaused", owner)
    safety.oblige()
    warp_to(safety.paused_until() + PAUSE_SECONDS - 1)
    with boa.reverts("pause is too soon"):
        safety.pause(sender=guardian)
    pass_time(1)
    safety.pause(sender=guardian)


def test_unpause__wrong_role__reverts(safety, guardian, stranger):
    safety.pause(sender=guardian)
    for sender in (guardian, stranger):
        with boa.reverts("caller is not the owner"):
            safety.unpause(sender=sender)


def test_unpause__not_paused__reverts(safety, owner, guardian):
    with boa.reverts("not paused"):
        safety.unpause(sender=owner)
    safety.pause(sender=guardian)
    warp_to(safety.paused_until())
    with boa.reverts("not paused"):
        safety.unpause(sender=owner)
