"""What `vote show` says of a majority: as the Governor counts, at the last ballot on both sides."""

from types import SimpleNamespace

import pytest

from flywheel.governance import views
from flywheel.states import Support

SUITE = SimpleNamespace(governor=SimpleNamespace(STRICT_MAJORITY_BPS=lambda: 6_667))


@pytest.mark.parametrize(
    ("in_favour", "against", "strict", "said"),
    [
        (0, 0, False, "no ballot for or against yet"),
        (5, 5, False, "50.00% for, more than half needed, not reached"),
        (6, 5, False, "54.55% for, more than half needed, reached"),
        (6, 5, True, "54.55% for, 66.67 % needed, not reached"),
        (6_666, 3_334, True, "66.66% for, 66.67 % needed, not reached"),
        (6_667, 3_333, True, "66.67% for, 66.67 % needed, reached"),
        (0, 5, True, "0.00% for, 66.67 % needed, not reached"),
    ],
)
def test_majority__ballots__says_part_need_and_outcome(in_favour, against, strict, said):
    counted = {Support.FOR: in_favour, Support.AGAINST: against, Support.ABSTAIN: 9}

    assert views._majority(SUITE, counted, strict) == said
