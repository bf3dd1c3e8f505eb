"""Fixtures of the rewards tests: a contract, and a funded pool."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kits.rewards import FUNDED, Pool, deploy_rewards, open_pool
from tests.support import account, now


@pytest.fixture(scope="module")
def worker() -> str:
    return account("worker")


@pytest.fixture(scope="module")
def coworker() -> str:
    return account("coworker")


@pytest.fixture
def rewards(owner: str, guardian: str) -> Any:
    contract = deploy_rewards(owner)
    contract.set_guardian(guardian, now() + contract.MAX_GUARDIAN_SECONDS(), sender=owner)
    return contract


@pytest.fixture
def make_pool(rewards: Any, publisher: str, payer: str) -> Callable[..., Pool]:
    def make(asset: Any | None = None) -> Pool:
        return open_pool(rewards, publisher, payer, asset)

    return make


@pytest.fixture
def pool(make_pool: Callable[..., Pool]) -> Pool:
    """A campaign that holds FUNDED units and has no drop."""
    funded = make_pool()
    funded.fund(FUNDED)
    return funded
