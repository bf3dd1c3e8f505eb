"""A wired suite with model 1 of `owner`, and terms offered for it."""

import pytest

from tests.support import account
from tests.unit.licensing import market_kit
from tests.unit.licensing.market_kit import add_model, deploy_suite, three_way_split


@pytest.fixture(scope="module")
def operator():
    return account("operator")


@pytest.fixture(scope="module")
def suite(owner, builder):
    suite = deploy_suite(owner)
    assert add_model(suite, three_way_split(builder)) == 1
    return suite


@pytest.fixture(scope="module")
def market(suite):
    return suite.market


@pytest.fixture(scope="module")
def catalog(suite):
    return suite.catalog


@pytest.fixture(scope="module")
def terms_id(suite):
    return market_kit.offer(suite)


@pytest.fixture(scope="module")
def license_id(suite, terms_id, licensee):
    """A license of `licensee` that starts now, its fee paid."""
    return market_kit.buy(suite, licensee, terms_id)
