"""A Timelock and a Governor over votes that the test sets, wired as in a deployment."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account

from tests.kits.governance import (
    MIN_DELAY,
    SIGNED_VOTES,
    SUPPLY,
    THRESHOLD,
    Batch,
    Proposal,
    governor_arguments,
    role,
)
from tests.support import ZERO_ADDRESS, account, deploy, pass_time


@pytest.fixture(scope="module")
def proposer() -> str:
    return account("proposer")


@pytest.fixture(scope="module")
def voter() -> str:
    """Has enough votes to pass anything."""
    return account("voter")


@pytest.fixture(scope="module")
def canceller() -> str:
    return account("canceller")


@pytest.fixture(scope="module")
def make_timelock(proposer: str, owner: str) -> Callable[..., Any]:
    """`proposer` may schedule and cancel, everybody may execute, `owner` is the admin."""

    def make(min_delay: int = MIN_DELAY, executors: tuple = (ZERO_ADDRESS,), admin: str = owner):
        return deploy("Timelock", min_delay, [proposer], list(executors), admin)

    return make


@pytest.fixture(scope="module")
def timelock(make_timelock: Callable[..., Any]) -> Any:
    return make_timelock()


@pytest.fixture(scope="module")
def target() -> Any:
    return deploy("GovernedTarget")


@pytest.fixture(scope="module")
def votes(proposer: str, voter: str) -> Any:
    votes = deploy("MockVotes", 0)
    votes.set_supply(SUPPLY)
    votes.set_votes(proposer, THRESHOLD)
    votes.set_votes(voter, SUPPLY // 2)
    pass_time(1)
    return votes


@pytest.fixture(scope="module")
def make_governor(votes: Any, timelock: Any, target: Any, owner: str) -> Callable[..., Any]:
    """`target` is the treasury of the table of classes: its `spend` is ordinary."""

    def make(token: Any = votes, **overrides: Any) -> Any:
        rules = {"treasury": target.address} | overrides
        governor = deploy("Governor", *governor_arguments(token, timelock, **rules))
        for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
            timelock.grantRole(role(name), governor.address, sender=owner)
        return governor

    return make


@pytest.fixture(scope="module")
def governor(make_governor: Callable[..., Any]) -> Any:
    return make_governor()


@pytest.fixture
def make_proposal(governor: Any, target: Any, proposer: str) -> Callable[..., Proposal]:
    """Not proposed yet: stores 7 in the target, an ordinary call, unless another batch is given."""

    def make(
        batch: Batch | None = None, description: str = "Store seven", sender: str = proposer
    ) -> Proposal:
        actions = batch or Batch().spend(target)
        return Proposal(governor, actions, description, sender)

    return make


@pytest.fixture
def proposal(make_proposal: Callable[..., Proposal]) -> Proposal:
    return make_proposal()


@pytest.fixture(scope="module")
def signer(votes: Any) -> Any:
    """An account with a key and SIGNED_VOTES."""
    account = Account.from_key(f"{0xB0:064x}")
    votes.set_votes(account.address, SIGNED_VOTES)
    pass_time(1)
    return account


@pytest.fixture
def active(proposal: Proposal) -> Proposal:
    """The vote on it is open."""
    return proposal.propose().open()
