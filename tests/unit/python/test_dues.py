"""flywheel.licensing.dues against its reference, which keeps a licence debt by debt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.amounts import Unit
from flywheel.licensing import dues, reference
from flywheel.licensing.offer_terms import LicenceTerms
from flywheel.licensing.reference import Rates

USDC = Unit("0x" + "11" * 20, "USDC", 6)
START, PERIOD, GRACE, COUNT = 1_000, 30 * 86_400, 10 * 86_400, 6

RATES = st.builds(
    Rates,
    share_bps=st.integers(0, 10_000),
    price_per_unit=st.integers(0, 10**6),
    minimum=st.integers(0, 10**9),
    cap=st.one_of(st.just(0), st.integers(1, 10**11), st.integers(1, 10**4)),
)
FIGURES = st.tuples(st.integers(0, 10**12), st.integers(0, 10**6))
STEPS = st.lists(
    st.tuples(FIGURES, st.integers(0, 3 * PERIOD), st.integers(0, 10**9)), max_size=COUNT
)


def account_of(rates: Rates, late_bps: int) -> reference.Account:
    return reference.Account(rates, late_bps, START, PERIOD, GRACE, COUNT, now=START)


def outlook_of(account: reference.Account) -> dues.Outlook:
    """As the chain would show the account."""
    rates, number = account.rates, account.reported + 1 if account.has_next else 0
    terms = LicenceTerms(
        1, 0, rates.share_bps, rates.minimum, PERIOD, GRACE, 0, False, "",
        price_per_unit=rates.price_per_unit, royalty_cap=rates.cap,
        late_bps_per_year=account.late_bps,
    )  # fmt: skip
    return dues.Outlook(
        terms=terms,
        unit=USDC,
        now=account.now,
        due=account.total,
        paid=account.paid,
        interest=account.interest,
        next_period=number,
        next_ends_at=START + number * PERIOD,
        next_due_at=START + number * PERIOD + GRACE,
        last_period=COUNT,
        estimates=tuple(item.amount for item in account.periods[account.reported :]),
        assessed=frozenset(n for n, item in enumerate(account.periods, 1) if item.assessed),
    )


@given(rates=RATES, late_bps=st.integers(0, 3_600), steps=STEPS)
def test_cost__any_history__is_what_the_reference_takes(rates, late_bps, steps):
    account = account_of(rates, late_bps)
    for number, ((revenue, units), delay, ahead) in enumerate(steps, start=1):
        # Some pay ahead, or only a part of what they owe.
        account.pass_to(max(account.now, START + number * PERIOD) + delay)
        if ahead % 3 == 0:
            account.estimate()
        if ahead % 5 == 0 and len(account.periods) > account.reported:
            # The next period is assessed, or the last one that is missing.
            account.decide((number, len(account.periods))[ahead % 2], ahead)
        account.pay(ahead, ahead=ahead % 2 == 0 and account.lapse is None)
        view = outlook_of(account)
        cost = view.cost(revenue, units)
        # What was paid before the last report counts for its interest, which only the chain knows.
        is_exact = account.total - sum(view.estimates) >= account.paid
        assert account.report(revenue, units) == cost.due
        later = sum(item.amount for item in account.periods[account.reported :])
        assert cost.arrears == max(0, view.due - sum(view.estimates) + later - view.paid)
        # Interest is rounded once on chain, in three parts here.
        assert account.outstanding - cost.to_pay <= 1
        if is_exact and not view.next_estimate:
            assert account.outstanding >= cost.to_pay
        # What was offered is enough, also a little later.
        account.pass_to(account.now + dues.SLACK_SECONDS)
        assert account.outstanding <= cost.max_amount


@given(rates=RATES, late_bps=st.integers(0, 3_600), rows=st.lists(FIGURES, max_size=COUNT))
def test_report__all_rows_at_once__is_what_the_reference_takes(rates, late_bps, rows):
    account = account_of(rates, late_bps)
    account.pass_to(START + (COUNT + 1) * PERIOD)
    outlook = outlook_of(account)
    for number, (revenue, units) in enumerate(rows, start=1):
        assert outlook.next_period == number
        cost = outlook.report(revenue, units)
        account.report(revenue, units)
        assert abs(account.outstanding - cost.to_pay) <= 1
        assert account.outstanding <= cost.max_amount
        account.pay(account.outstanding)
    assert outlook.next_period == (len(rows) + 1) % (COUNT + 1)


@pytest.mark.parametrize(
    ("rates", "before", "due", "said"),
    [
        (Rates(500, 0, 0), 0, 51, "share: 5 % of 0.001001 USDC is 0.000051 USDC"),
        (Rates(0, 7, 0), 0, 21, "metered: 3 units at 0.000007 USDC are 0.000021 USDC"),
        (Rates(0, 0, 9), 0, 9, "the minimum is 0.000009 USDC"),
        (
            Rates(500, 0, 60, 100),
            70,
            30,
            "share: 5 % of 0.001001 USDC is 0.000051 USDC; the minimum is 0.00006 USDC; "
            "the cap of 0.0001 USDC leaves 0.00003 USDC",
        ),
        (Rates(0, 0, 0), 0, 0, "nothing is owed for periods"),
    ],
)
def test_why__names_every_part(rates, before, due, said):
    assert dues.why(rates, 1_001, 3, before, USDC) == (due, said)


def test_cost__next_period_is_assessed__is_that_at_least():
    account = account_of(Rates(500, 0, 50), 3_600)
    account.pass_to(START + PERIOD)
    account.report(20 * 80_000, 0)
    account.pay(80_000)
    account.pass_to(START + 2 * PERIOD + GRACE)
    account.estimate()
    account.decide(2, 90_000)
    for revenue, due in ((0, 90_000), (20 * 90_001, 90_001)):
        cost = outlook_of(account).cost(revenue, 0)
        assert cost.due == due
        assert cost.why.startswith("it was assessed at" if due == 90_000 else "share: ")
    assert account.report(0, 0) == 90_000
