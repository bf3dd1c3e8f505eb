"""I13: whatever the split and the amounts, what is credited is what was paid, to the last unit."""

from itertools import pairwise

import boa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.licensing.market_kit import add_model, pay_router
from tests.unit.models.registry_kit import (
    BPS,
    Receiver,
    Share,
    account_share,
    campaign_share,
    payee,
    treasury_share,
)


@st.composite
def splits(draw) -> list[Share]:
    """Any good split: 1 to 8 shares above zero, at most one of them the Treasury's."""
    cuts = draw(st.sets(st.integers(1, BPS - 1), max_size=7))
    edges = [0, *sorted(cuts), BPS]
    parts = [high - low for low, high in pairwise(edges)]
    treasury_at = draw(st.integers(-1, len(parts) - 1))
    is_campaign = draw(st.lists(st.booleans(), min_size=len(parts), max_size=len(parts)))
    return [
        treasury_share(bps)
        if index == treasury_at
        else campaign_share(index + 1, bps)
        if is_campaign[index]
        else account_share(payee(index), bps)
        for index, bps in enumerate(parts)
    ]


def _credit(router, asset, share: Share) -> int:
    if share.kind == Receiver.TREASURY:
        return router.treasury_credit(asset)
    if share.kind == Receiver.ACCOUNT:
        return router.credit(share.account, asset)
    return router.campaign_credit(share.campaign_id, asset)


def _expected(split: list[Share], amount: int) -> list[int]:
    """The rule of `shares._amounts`, written the long way."""
    parts = [amount * share.bps // BPS for share in split]
    kinds = [share.kind for share in split]
    rest_at = kinds.index(Receiver.TREASURY) if Receiver.TREASURY in kinds else 0
    parts[rest_at] += amount - sum(parts)
    return parts


AMOUNTS = st.one_of(st.integers(1, 20_000), st.integers(1, 2**120))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(split=splits(), amounts=st.lists(AMOUNTS, min_size=1, max_size=4))
def test_settle__any_split_and_payments__credits_sum_to_the_amount(suite, payer, split, amounts):
    router, asset = suite.router, suite.asset.address
    with boa.env.anchor():
        model_id = add_model(suite, split)
        credited = [0] * len(split)
        for amount in amounts:
            pay_router(suite, payer, model_id, amount)
            assert router.settle(model_id, asset) == amount
            expected = _expected(split, amount)
            credited = [had + part for had, part in zip(credited, expected, strict=True)]
            assert [_credit(router, asset, share) for share in split] == credited
        assert sum(credited) == sum(amounts) == router.accounted(asset)
        assert router.pending(model_id, asset) == 0


@pytest.mark.parametrize("bps", [[1] * 7 + [9_993], [1_250] * 8, [9_999, 1], [BPS]])
@pytest.mark.parametrize("amount", [1, 2, 7, 9_999, 10_000, 10_001, 2**127 - 1])
def test_settle__edges_of_rounding__lose_nothing(suite, payer, bps, amount):
    split = [account_share(payee(index), part) for index, part in enumerate(bps)]
    model_id = add_model(suite, split)
    pay_router(suite, payer, model_id, amount)
    suite.router.settle(model_id, suite.asset.address)
    credits = [_credit(suite.router, suite.asset.address, share) for share in split]
    assert credits == _expected(split, amount)
    assert sum(credits) == amount


def test_settle__dust_again_and_again__costs_a_receiver_less_than_a_unit_each(suite, payer):
    """Settling after every unit sends the rest to the Treasury: at most one unit per share lost."""
    router, asset = suite.router, suite.asset.address
    amounts = [7, 3, 9]
    for amount in amounts:
        pay_router(suite, payer, 1, amount)
        router.settle(1, asset)
    whole = sum(amounts)
    builder = suite.registry.split(1)[1].account
    assert whole * 3_000 // BPS - router.credit(builder, asset) <= len(amounts)
    total = router.treasury_credit(asset) + router.credit(builder, asset)
    assert total + router.campaign_credit(1, asset) == whole
