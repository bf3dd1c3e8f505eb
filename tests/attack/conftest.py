"""Attacks on mutants are for `make test-deep`: compiling them takes half of the time of the suite.

`make test` shows that each attack fails on the contracts; that it succeeds where its defence is cut
out, so that the attack is one, is shown by `make test ARGS='-m deep tests/attack'`.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ON_MUTANTS = re.compile(r"mutant|without_(the|its|any)_|cut_out|each_layer_alone")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == HERE and ON_MUTANTS.search(item.originalname):
            item.add_marker(pytest.mark.deep)


@pytest.fixture(scope="module")
def license_world():
    """One world for the attacks of a file on licences that find their defences in place."""
    from tests.attack.license_world import World

    return World()
