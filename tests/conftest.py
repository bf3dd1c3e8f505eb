"""Fixtures of the titanoboa tests: actors by role. Contracts come from `make_*` beside tests."""

import boa
import pytest

from tests import support


@pytest.fixture(autouse=True)
def _isolated_chain():
    """Each test starts from the state its session- and module-scoped fixtures left."""
    with boa.env.anchor():
        yield


def _actor(name: str):
    @pytest.fixture(name=name, scope="session")
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
