from typing import Any

import boa
import pytest

from tests.support import ZERO_ADDRESS, deploy, events


@pytest.fixture
def governed(owner) -> Any:
    return deploy("SafetyHarness", sender=owner)


def test_constructor__any_deployer__owns(governed, owner):
    assert governed.owner() == owner


def test_transfer_ownership__owner__hands_over_at_once(governed, owner, holder):
    governed.transfer_ownership(holder, sender=owner)
    (event,) = events(governed)
    assert (type(event).__name__, event.previous_owner, event.new_owner) == (
        "OwnershipTransferred",
        owner,
        holder,
    )
    assert governed.owner() == holder
    with boa.reverts("caller is not the owner"):
        governed.transfer_ownership(owner, sender=owner)
    governed.transfer_ownership(owner, sender=holder)


def test_transfer_ownership__not_the_owner__reverts(governed, stranger):
    with boa.reverts("caller is not the owner"):
        governed.transfer_ownership(stranger, sender=stranger)


def test_transfer_ownership__to_zero__reverts(governed, owner):
    with boa.reverts("new owner is zero"):
        governed.transfer_ownership(ZERO_ADDRESS, sender=owner)
    assert governed.owner() == owner


def test_interface__renouncing__does_not_exist(governed):
    assert not hasattr(governed, "renounce_ownership")
