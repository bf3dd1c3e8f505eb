"""Fixtures of the titanoboa tests: a chain per file, actors by role.

Contracts come from `make_*` beside the tests.
"""

import gc

import boa
import pytest

from tests import compiler_cache, memory, support

# Compiled contracts are large trees that live as long as the run. Looking for garbage among them as
# often as Python does by default takes a third of the time of a compilation. Yet it is looked for
# among all now and then: mutants and chains leave circles behind, in a long campaign gigabytes.
gc.set_threshold(100_000, 10, 10)
compiler_cache.install()


# titanoboa's own plugin is switched off in pyproject.toml: it takes a snapshot for each fixture and
# gives them up in an order of its own, so that a fixture first asked for inside a test finds its
# snapshot gone. One chain for a whole run would also grow slower with every account it ever saw.
@pytest.fixture(scope="module", autouse=True)
def _chain_of_the_module():
    with support.fresh_chain():
        yield
    memory.give_back()


@pytest.fixture(autouse=True)
def _isolated_chain(_chain_of_the_module):
    """Each test starts from the state its module's fixtures left."""
    with boa.env.anchor():
        yield


def _actor(name: str):
    @pytest.fixture(name=name, scope="module")
    def fixture() -> str:
        return support.account(name)

    return fixture


owner = _actor("owner")
guardian = _actor("guardian")
contributor = _actor("contributor")
holder = _actor("holder")
builder = _actor("builder")
provider = _actor("provider")
licensee = _actor("licensee")
publisher = _actor("publisher")
payer = _actor("payer")
stranger = _actor("stranger")


@pytest.fixture(scope="module", autouse=True)
def _actors(
    _chain_of_the_module,
    owner,
    guardian,
    contributor,
    holder,
    builder,
    provider,
    licensee,
    publisher,
    payer,
    stranger,
):
    """Tests may ask for an actor by name: one made inside a test would lose its ether with it."""
