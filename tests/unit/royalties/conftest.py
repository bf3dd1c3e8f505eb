"""A wired suite with campaign 1 and model 1: 50 % the DAO, 30 % `builder`, 20 % the campaign."""

import pytest

from tests.kits.licensing import (
    add_campaign,
    add_model,
    deploy_suite,
    three_way_split,
)


@pytest.fixture(scope="module")
def suite(owner, builder):
    suite = deploy_suite(owner)
    assert add_campaign(suite) == 1
    assert add_model(suite, three_way_split(builder)) == 1
    return suite


@pytest.fixture(scope="module")
def router(suite):
    return suite.router


@pytest.fixture(scope="module")
def asset(suite):
    return suite.asset
