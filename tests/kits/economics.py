"""The rules that the tests of the model play by."""

from flywheel.economics.rules import DAY, Rules

RULES = Rules(
    quorum=0.1,
    strict_quorum=0.2,
    strict_majority=0.6667,
    voting_delay=2 * DAY,
    voting_period=7 * DAY,
    timelock_delay=7 * DAY,
    strict_delay=14 * DAY,
    extension=3 * DAY,
    spend_cap=0.05,
    grant_cap=0.25,
    holders=0.2,
    grants=0.7,
    floor=200_000,
    start=25_000_000,
)
