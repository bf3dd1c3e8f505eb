"""I13: whatever the split and the amounts, what is credited or waits is what was paid."""

from itertools import pairwise

import boa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kits.licensing import add_model, pay_router
from tests.kits.models import (
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


AMOUNTS = st.one_of(st.integers(1, 20_000), st.integers(1, 2**120))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(split=splits(), amounts=st.lists(AMOUNTS, min_size=1, max_size=4))
def test_settle__any_split_and_payments__credits_sum_to_the_amount(suite, payer, split, amounts):
    router, asset = suite.router, suite.asset.address
    with boa.env.anchor():
        model_id = add_model(suite, split)
        for amount in amounts:
            pay_router(suite, payer, model_id, amount)
            router.settle(model_id, asset)
        # As if all had been paid at once and settled once.
        blocks, rest = divmod(sum(amounts), BPS)
        credited = [_credit(router, asset, share) for share in split]
        assert credited == [blocks * share.bps for share in split]
        assert (router.pending(model_id, asset), router.own_pending(model_id, asset)) == (rest, 0)
        assert sum(credited) + rest == sum(amounts) == router.accounted(asset)


@pytest.mark.parametrize("bps", [[1] * 7 + [9_993], [1_250] * 8, [9_999, 1], [BPS]])
@pytest.mark.parametrize("amount", [1, 2, 7, 9_999, 10_000, 10_001, 2**127 - 1])
def test_settle__edges__lose_nothing(suite, payer, bps, amount):
    split = [account_share(payee(index), part) for index, part in enumerate(bps)]
    model_id = add_model(suite, split)
    pay_router(suite, payer, model_id, amount)
    suite.router.settle(model_id, suite.asset.address)
    credits = [_credit(suite.router, suite.asset.address, share) for share in split]
    assert credits == [amount // BPS * part for part in bps]
    assert sum(credits) + suite.router.pending(model_id, suite.asset) == amount
