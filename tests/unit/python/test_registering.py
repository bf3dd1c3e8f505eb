"""What a registration is refused before anything is sent."""

from types import SimpleNamespace

import pytest

from flywheel.errors import FlywheelError
from flywheel.models import registering


def test_require_within_terms__more_than_the_vote_allows__is_refused():
    suite = SimpleNamespace(applications=SimpleNamespace(max_owed_bps={7: 300}.__getitem__))
    registering._require_within_terms(suite, 7, 300)
    with pytest.raises(FlywheelError, match=r"owe its ancestors 3\.01 %; .* grant 7 allow 3 %"):
        registering._require_within_terms(suite, 7, 301)
