"""A wired suite with model 1 of `owner`, and terms offered for it."""

import pytest

from tests.kits import licensing as market_kit
from tests.kits.licensing import add_model, deploy_suite, three_way_split
from tests.support import account, warp_to


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


@pytest.fixture(scope="module")
def enforcement(suite):
    return suite.enforcement


@pytest.fixture
def audited(suite, license_id, licensee):
    """A license with one period reported and paid, its grace over."""
    market_kit.report_next(suite, licensee, license_id, 1)
    market_kit.pay(suite, licensee, license_id, market_kit.DUE)
    warp_to(market_kit.period_end(suite, license_id, 1) + market_kit.GRACE)
    return license_id


@pytest.fixture
def assessed(suite, enforcement, audited, owner):
    enforcement.assess(audited, 1, 2 * market_kit.REVENUE, 0, market_kit.EVIDENCE, sender=owner)
    return audited


@pytest.fixture
def assess(enforcement, owner):
    """The arbiter says what a period really owes, with the usual share of 5 %."""

    def assess(license_id, period, due):
        return enforcement.assess(
            license_id, period, 20 * due, 0, market_kit.EVIDENCE, sender=owner
        )

    return assess
