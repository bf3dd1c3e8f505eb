"""A wired Treasury and HolderIncome on a token whose balance-seconds the test sets."""

import boa
import pytest

from tests.kits import treasury as kit
from tests.support import account, deploy_asset


@pytest.fixture(scope="module")
def money(owner):
    return kit.deploy_money(kit.deploy_mock_token(), owner)


@pytest.fixture(scope="module")
def token(money):
    return money.token


@pytest.fixture(scope="module")
def treasury(money):
    return money.treasury


@pytest.fixture(scope="module")
def income(money):
    return money.income


@pytest.fixture(scope="module")
def usdc(treasury, owner):
    return kit.accept(treasury, owner, deploy_asset("USDC", 6))


@pytest.fixture(scope="module")
def dai(treasury, owner):
    return kit.accept(treasury, owner, deploy_asset("DAI", 18))


@pytest.fixture(scope="module")
def router(treasury, owner):
    return kit.income_source(treasury, owner)


@pytest.fixture(scope="module")
def committer(treasury, owner):
    committer = account("committer")
    with boa.env.prank(owner):
        treasury.set_committer(committer, True)
    return committer


@pytest.fixture(scope="module")
def controller():
    return account("controller")


@pytest.fixture(scope="module")
def role_accounts(owner, stranger, committer, controller, router):
    """Accounts by role, for tests that go through several: a module's fixture that is first asked
    for inside a test would be undone with the test."""
    return {
        "owner": owner,
        "stranger": stranger,
        "committer": committer,
        "controller": controller,
        "router": router,
    }
