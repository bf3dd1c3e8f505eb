"""Claims under test: one contract per module, with two benchmarks and two evaluators."""

import pytest

from tests.kits.evaluations import EvaluationsWorld, make_evaluations


@pytest.fixture(scope="module")
def world() -> EvaluationsWorld:
    return make_evaluations()


@pytest.fixture
def claim_id(world) -> int:
    """A claim about the accuracy that nobody attested."""
    return world.claim()
