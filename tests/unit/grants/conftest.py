"""Grants under test: one wired suite per module, and grants at the stages that tests begin with."""

import pytest

from tests.kits.grants import World, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture
def application(world: World) -> int:
    return world.apply()


@pytest.fixture
def grant_id(world: World) -> int:
    """An approved grant of three milestones with a compute budget and its bond."""
    return world.active()


@pytest.fixture
def submitted(world, grant_id) -> int:
    """A grant whose first milestone was submitted just now."""
    world.submit(grant_id)
    return grant_id


@pytest.fixture
def at_last(world, grant_id) -> int:
    """A grant whose two milestones without energy report are paid."""
    for _ in (1, 2):
        world.accept(grant_id)
        world.grants.draw(grant_id)
    return grant_id


@pytest.fixture
def offer_id(world) -> int:
    return world.offer()


@pytest.fixture
def order_id(world, grant_id, offer_id) -> int:
    """A lease of a month that begins now."""
    return world.order(grant_id, offer_id)
