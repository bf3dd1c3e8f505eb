"""Fixtures of the round tests: `make_suite` deploys, `suite` is one with the usual terms."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kits.funding import RoundsSuite, deploy_rounds_suite
from tests.kits.redemptions import CAP, LEFT, Story, tell
from tests.support import now


@pytest.fixture
def make_suite(owner) -> Callable[..., RoundsSuite]:
    def make(**options: Any) -> RoundsSuite:
        return deploy_rounds_suite(owner, **options)

    return make


@pytest.fixture
def suite(make_suite, guardian, owner) -> RoundsSuite:
    """With a guardian."""
    suite = make_suite()
    suite.rounds.set_guardian(guardian, now() + 366 * 86_400, sender=owner)
    return suite


@pytest.fixture
def story(suite, contributor, holder) -> Story:
    return tell(suite, contributor, holder)


@pytest.fixture
def promised(suite, contributor, holder, owner) -> tuple[Story, int]:
    """Half of the money is free and half committed; the id of the commitment."""
    story = tell(suite, contributor, holder, CAP)
    suite.treasury.set_committer(owner, True, sender=owner)
    commitment = suite.treasury.commit_beyond_cap(
        story.purpose, suite.asset, LEFT, owner, sender=owner
    )
    return story, commitment
