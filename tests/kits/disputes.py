"""What the tests of assessments and disputes share."""

from tests.kits.licensing import DUE, EVIDENCE, GRACE, period_end, sell
from tests.support import DAY, ZERO_ADDRESS, fund_and_approve, warp_to

ANSWER = 14 * DAY
# Without a Governor to ask.
DECISION = 120 * DAY
# An audit that doubles the revenue of a period.
EXTRA = DUE
NONE = (0, 0)
NO_DISPUTE = (0, 0, ZERO_ADDRESS, 0, 0)


def dispute(suite, who, license_id, amount, period=1):
    fund_and_approve(suite.asset, who, suite.enforcement.address, amount)
    suite.enforcement.dispute(license_id, period, amount, EVIDENCE, sender=who)


def decide(enforcement, license_id, upheld, sender, period=1):
    """The arbiter decides the open dispute of a period."""
    opened_at = enforcement.open_dispute(license_id, period).opened_at
    enforcement.decide(license_id, period, opened_at, upheld, sender=sender)


def sell_metered(suite, licensee, price=7, cap=0):
    return sell(suite, licensee, price_per_unit=price, royalty_cap=cap)


def totals(market, license_id):
    state = market.license(license_id)
    return state.due, state.paid


def late_at(suite, license_id, period):
    """The due time of a period passes without a report, and it is estimated."""
    warp_to(period_end(suite, license_id, period) + GRACE)
    suite.market.estimate(license_id)
