"""A ModelRegistry owned by `owner`, with a grant of `builder`."""

import pytest

from tests.kits import models as registry_kit
from tests.kits.models import account_share, treasury_share
from tests.support import account


@pytest.fixture(scope="module")
def models(owner):
    return registry_kit.deploy_models(owner)


@pytest.fixture(scope="module")
def registry(models):
    return models.registry


@pytest.fixture(scope="module")
def grant_split(builder):
    return [treasury_share(6_000), account_share(builder, 4_000)]


@pytest.fixture(scope="module")
def grant_id(models, builder, grant_split):
    models.grants.set_grant(7, builder, grant_split)
    return 7


@pytest.fixture(scope="module")
def operator():
    return account("operator")
