"""RoyaltyRouter: payments, splits, credits and what leaves; who may rewire it."""

import boa
import pytest

from tests.kits.licensing import (
    EVIDENCE,
    add_model,
    deploy_suite,
    pay_router,
)
from tests.kits.models import (
    account_share,
    campaign_share,
    payee,
    treasury_share,
)
from tests.kits.treasury import accept, event_rows, running_epoch, transfer_row
from tests.support import ZERO_ADDRESS, deploy, deploy_asset, reverts_otherwise

# Of a refusal whose words are not told.
WHY = "the other contract's refusal, or the compiler's"

AMOUNT = 10_000
BPS = 10_000
UNKNOWN = 99


def _credits(suite, builder, campaign_id=1) -> tuple[int, int, int]:
    """What waits for the Treasury, the builder and the campaign."""
    asset = suite.asset.address
    return (
        suite.router.treasury_credit(asset),
        suite.router.credit(builder, asset),
        suite.router.campaign_credit(campaign_id, asset),
    )


def _pay_and_settle(suite, payer, model_id, amount) -> int:
    pay_router(suite, payer, model_id, amount)
    return suite.router.settle(model_id, suite.asset.address)


@pytest.fixture
def settled(suite, payer):
    """1,000 units divided: 500 for the DAO, 300 for the builder, 200 for campaign 1."""
    _pay_and_settle(suite, payer, 1, AMOUNT)
    return suite


# --- constructor ---


def test_constructor__given_targets__keeps_and_logs(owner):
    registry, treasury, rewards = (payee(i) for i in range(3))
    router = deploy("RoyaltyRouter", registry, treasury, rewards, sender=owner)
    assert ("TargetsChanged", treasury, rewards) in event_rows(router)
    assert (router.REGISTRY(), router.treasury(), router.rewards()) == (registry, treasury, rewards)
    assert router.owner() == owner


@pytest.mark.parametrize(
    ("missing", "reason"), [(0, "registry is zero"), (1, "target is zero"), (2, "target is zero")]
)
def test_constructor__zero_address__reverts(missing, reason):
    addresses = [payee(i) for i in range(3)]
    addresses[missing] = ZERO_ADDRESS
    with boa.reverts(reason):
        deploy("RoyaltyRouter", *addresses)


# --- pay ---


def test_pay__anyone__books_to_the_model(suite, router, asset, payer):
    pay_router(suite, payer, 1, AMOUNT)
    assert event_rows(router) == [
        ("RoyaltyReceived", 1, asset.address, payer, AMOUNT, EVIDENCE),
        transfer_row(payer, router, AMOUNT),
    ]
    assert router.pending(1, asset.address) == AMOUNT
    assert router.assets(1) == [asset.address]
    assert router.accounted(asset.address) == asset.balanceOf(router.address) == AMOUNT


def test_pay__again__adds_up_per_model_and_asset(suite, router, asset, owner, payer):
    other_model = add_model(suite, [treasury_share(10_000)])
    other_asset = accept(suite.treasury, owner, deploy_asset("DAI", 18))
    pay_router(suite, payer, 1, 5)
    pay_router(suite, payer, 1, 6)
    pay_router(suite, payer, other_model, 7)
    pay_router(suite._replace(asset=other_asset), payer, 1, 8)
    assert [
        router.pending(model_id, token.address)
        for model_id, token in ((1, asset), (other_model, asset), (1, other_asset))
    ] == [11, 7, 8]


def test_pay__zero__reverts(suite, payer):
    with boa.reverts("amount is zero"):
        pay_router(suite, payer, 1, 0)


@pytest.mark.parametrize("model_id", [0, 2])
def test_pay__unknown_model__reverts(suite, payer, model_id):
    with boa.reverts("unknown model"):
        pay_router(suite, payer, model_id, 1)


def test_pay__asset_not_accepted__reverts(suite, payer):
    with boa.reverts("asset is not accepted"):
        pay_router(suite._replace(asset=deploy_asset("XYZ")), payer, 1, 1)


def test_pay__total_at_and_over_the_limit__only_the_limit_passes(suite, router, asset, payer):
    most = 2**127 - 1
    pay_router(suite, payer, 1, most - 1)
    with boa.reverts("amount is too large"):
        pay_router(suite, payer, 1, 2)
    pay_router(suite, payer, 1, 1)
    assert router.settle(1, asset.address) == most - most % BPS
    with boa.reverts("amount is too large"):
        pay_router(suite, payer, 1, 1)
    router.forward_campaign(1, asset.address)
    pay_router(suite, payer, 1, 1)


def test_pay__without_approval__reverts(suite, router, asset, payer):
    asset.mint(payer, 1)
    with boa.env.prank(payer), boa.reverts("allowance is too low"):
        router.pay(1, asset.address, 1, EVIDENCE)
    assert router.pending(1, asset.address) == 0


# --- collect ---


@pytest.fixture
def collector(router, owner):
    with boa.env.prank(owner):
        router.set_collector(payee(1), True)
    return payee(1)


def test_collect__after_the_money_arrived__books_it(router, asset, collector, payer):
    asset.mint(router.address, AMOUNT)
    with boa.env.prank(collector):
        router.collect(payer, 1, asset.address, AMOUNT, EVIDENCE)
    assert event_rows(router) == [("RoyaltyReceived", 1, asset.address, payer, AMOUNT, EVIDENCE)]
    assert router.pending(1, asset.address) == router.accounted(asset.address) == AMOUNT


def test_collect__more_than_arrived__reverts(suite, router, asset, collector, payer):
    pay_router(suite, payer, 1, AMOUNT)
    asset.mint(router.address, AMOUNT)
    with boa.env.prank(collector), boa.reverts("asset did not arrive"):
        router.collect(payer, 1, asset.address, AMOUNT + 1, EVIDENCE)


def test_collect__asset_no_longer_accepted__is_booked(router, collector, payer):
    """A debt in an asset that was accepted when it arose stays payable."""
    old_asset = deploy_asset("OLD")
    old_asset.mint(router.address, AMOUNT)
    with boa.env.prank(collector):
        router.collect(payer, 1, old_asset.address, AMOUNT, EVIDENCE)
    assert router.pending(1, old_asset.address) == AMOUNT


def test_collect__unknown_model_or_nothing__reverts(router, asset, collector, payer):
    asset.mint(router.address, AMOUNT)
    with boa.env.prank(collector):
        with boa.reverts("unknown model"):
            router.collect(payer, UNKNOWN, asset.address, AMOUNT, EVIDENCE)
        with boa.reverts("amount is zero"):
            router.collect(payer, 1, asset.address, 0, EVIDENCE)


@pytest.mark.parametrize("role", ["owner", "builder", "stranger"])
def test_collect__not_a_collector__reverts(router, asset, request, role):
    sender = request.getfixturevalue(role)
    asset.mint(router.address, AMOUNT)
    with boa.env.prank(sender), boa.reverts("caller is not a collector"):
        router.collect(sender, 1, asset.address, AMOUNT, EVIDENCE)


# --- settle ---


def test_settle__three_receivers__credits_each(suite, router, asset, builder, payer, stranger):
    pay_router(suite, payer, 1, AMOUNT)
    with boa.env.prank(stranger):
        assert router.settle(1, asset.address) == AMOUNT
    assert event_rows(router) == [
        (
            *("RoyaltySettled", 1, asset.address, AMOUNT, 0, 0),
            [(2 << 176 | int(builder, 16), 3_000), (4 << 176 | 1, 2_000), (1 << 176, 5_000)],
        )
    ]
    assert _credits(suite, builder) == (5_000, 3_000, 2_000)
    assert router.pending(1, asset.address) == 0
    assert router.accounted(asset.address) == AMOUNT


def test_settle__nothing_new__does_nothing(settled, router, asset, builder):
    assert router.settle(1, asset.address) == 0
    assert event_rows(router) == []
    assert router.settle(UNKNOWN, asset.address) == 0
    assert _credits(settled, builder) == (5_000, 3_000, 2_000)


def test_settle__again_after_another_payment__adds_only_the_new(settled, builder, payer):
    assert _pay_and_settle(settled, payer, 1, 20_000) == 20_000
    assert _credits(settled, builder) == (15_000, 9_000, 6_000)


def test_settle__two_models_of_one_builder__add_up(settled, builder, payer):
    other_model = add_model(settled, [account_share(builder, 10_000)])
    _pay_and_settle(settled, payer, other_model, 20_000)
    assert _credits(settled, builder) == (5_000, 23_000, 2_000)


@pytest.mark.parametrize(
    ("amount", "blocks"), [(1, 0), (9_999, 0), (10_000, 1), (10_001, 1), (19_999, 1), (20_000, 2)]
)
def test_settle__of_an_amount__divides_its_whole_blocks(
    suite, router, asset, builder, payer, amount, blocks
):
    assert _pay_and_settle(suite, payer, 1, amount) == blocks * BPS
    assert _credits(suite, builder) == (blocks * 5_000, blocks * 3_000, blocks * 2_000)
    assert router.pending(1, asset.address) == amount - blocks * BPS
    assert router.own_pending(1, asset.address) == 0
    assert router.accounted(asset.address) == amount


def test_settle__after_every_unit__ends_as_one_settlement(suite, router, asset, builder, payer):
    """Whoever settles how often changes nothing."""
    for amount in (9_999, 1, 3, 9_996, 1):
        _pay_and_settle(suite, payer, 1, amount)
        for _ in range(2):
            assert router.settle(1, asset.address) == 0
    assert _credits(suite, builder) == (10_000, 6_000, 4_000)
    assert router.pending(1, asset.address) == 0


def test_settle__less_than_a_block__logs_and_writes_nothing(suite, router, asset, payer):
    _pay_and_settle(suite, payer, 1, 9_999)
    assert event_rows(router) == []


# --- withdraw ---


def test_withdraw__by_anyone__pays_the_account(settled, router, asset, builder, stranger):
    with boa.env.prank(stranger):
        assert router.withdraw(builder, asset.address) == 3_000
    assert event_rows(router) == [
        ("Withdrawn", builder, asset.address, 3_000),
        transfer_row(router, builder, 3_000),
    ]
    assert asset.balanceOf(builder) == 3_000
    assert asset.balanceOf(stranger) == 0
    assert _credits(settled, builder) == (5_000, 0, 2_000)
    assert router.accounted(asset.address) == asset.balanceOf(router.address) == 7_000


def test_withdraw__twice__pays_once(settled, router, asset, builder, payer):
    router.withdraw(builder, asset.address)
    assert router.withdraw(builder, asset.address) == 0
    assert event_rows(router) == []
    _pay_and_settle(settled, payer, 1, 10_000)
    assert router.withdraw(builder, asset.address) == 3_000
    assert asset.balanceOf(builder) == 6_000


def test_withdraw__never_credited__pays_nothing(settled, router, asset, stranger):
    assert router.withdraw(stranger, asset.address) == 0
    assert router.accounted(asset.address) == AMOUNT


# --- forward_income, forward_campaign ---


def test_forward_income__anyone__is_income_of_the_epoch(settled, router, asset, builder, stranger):
    treasury = settled.treasury
    epoch = running_epoch(treasury)
    with boa.env.prank(stranger):
        assert router.forward_income(asset.address) == 5_000
    rows = event_rows(router)
    assert rows[0] == ("IncomeForwarded", asset.address, 5_000)
    assert [row[0] for row in rows] == [
        "IncomeForwarded",
        "Approval",
        "IncomeReceived",
        "Transfer",
    ]
    assert treasury.income(epoch, asset.address) == 5_000
    assert asset.balanceOf(treasury.address) == 5_000
    assert asset.allowance(router.address, treasury.address) == 0
    assert _credits(settled, builder) == (0, 3_000, 2_000)
    assert router.accounted(asset.address) == asset.balanceOf(router.address) == 5_000


def test_forward_income__twice__forwards_once(settled, router, asset):
    router.forward_income(asset.address)
    assert router.forward_income(asset.address) == 0
    assert event_rows(router) == []


def test_forward_income__no_longer_a_source__waits(settled, router, asset, owner, builder):
    with boa.env.prank(owner):
        settled.treasury.set_income_source(router.address, False)
    with boa.reverts("caller is no income source"):
        router.forward_income(asset.address)
    assert _credits(settled, builder) == (5_000, 3_000, 2_000)


@pytest.fixture
def repointed(settled, router, owner):
    """The Treasury of a router that a vote has repointed; it does not accept the asset yet."""
    treasury = deploy_suite(owner).treasury
    with boa.env.prank(owner):
        router.set_targets(treasury.address, settled.rewards.address)
        treasury.set_income_source(router.address, True)
    return treasury


def test_forward_income__asset_not_accepted_yet__waits_and_holds_up_nothing(
    settled, repointed, router, asset, owner, builder, stranger, payer
):
    """A stranger used to turn the DAO's income into tokens in kind before the vote accepted it."""
    with boa.env.prank(stranger), boa.reverts("asset is not accepted yet"):
        router.forward_income(asset.address)
    assert _pay_and_settle(settled, payer, 1, AMOUNT) == AMOUNT
    assert router.withdraw(builder, asset.address) == 6_000
    assert router.forward_campaign(1, asset.address) == 4_000
    accept(repointed, owner, asset)
    with boa.env.prank(stranger):
        assert router.forward_income(asset.address) == 10_000
    assert repointed.income(running_epoch(repointed), asset.address) == 10_000
    assert repointed.in_kind(asset.address) == 0


def test_forward_income__asset_not_accepted__a_vote_hands_it_over_in_kind(
    repointed, router, asset, owner
):
    with boa.env.prank(owner):
        assert router.forward_income(asset.address) == 5_000
    assert repointed.in_kind(asset.address) == 5_000 == asset.balanceOf(repointed.address)
    assert repointed.income(running_epoch(repointed), asset.address) == 0
    assert router.treasury_credit(asset.address) == 0


def test_forward_campaign__anyone__funds_it(settled, router, asset, builder, stranger):
    with boa.env.prank(stranger):
        assert router.forward_campaign(1, asset.address) == 2_000
    rows = event_rows(router)
    assert rows[0] == ("CampaignForwarded", 1, asset.address, 2_000)
    assert [row[0] for row in rows] == [
        "CampaignForwarded",
        "Approval",
        "CampaignFunded",
        "Transfer",
    ]
    assert settled.rewards.free(1, asset.address) == 2_000
    assert asset.allowance(router.address, settled.rewards.address) == 0
    assert _credits(settled, builder) == (5_000, 3_000, 0)
    assert router.accounted(asset.address) == asset.balanceOf(router.address) == 8_000


def test_forward_campaign__twice__forwards_once(settled, router, asset):
    router.forward_campaign(1, asset.address)
    assert router.forward_campaign(1, asset.address) == 0
    assert event_rows(router) == []
    assert settled.rewards.free(1, asset.address) == 2_000


def test_forward_campaign__campaign_does_not_exist_yet__waits(suite, router, asset, payer):
    model_id = add_model(suite, [campaign_share(2, 10_000)])
    _pay_and_settle(suite, payer, model_id, AMOUNT)
    with reverts_otherwise(WHY):
        router.forward_campaign(2, asset.address)
    assert router.campaign_credit(2, asset.address) == AMOUNT


@pytest.mark.parametrize("accepts", [True, False])
def test_forward__target_takes_too_little__reverts(settled, router, asset, owner, accepts):
    """A target that answers without pulling must not make the money vanish from the books."""
    idle = deploy("MockIdleTarget")
    idle.accept(accepts)
    with boa.env.prank(owner):
        router.set_targets(idle.address, idle.address)
    for call, *args in ((router.forward_income,), (router.forward_campaign, 1)):
        with boa.env.prank(owner), boa.reverts("asset was not handed over"):
            call(*args, asset.address)


# --- wiring ---


def test_set_targets__owner__credits_follow_and_accounts_stay(
    settled, router, asset, owner, builder
):
    second = deploy_suite(owner, asset=asset)
    with boa.env.prank(owner):
        router.set_targets(second.treasury.address, second.rewards.address)
        second.treasury.set_income_source(router.address, True)
    assert _credits(settled, builder) == (5_000, 3_000, 2_000)
    router.forward_income(asset.address)
    assert asset.balanceOf(second.treasury.address) == 5_000
    assert router.withdraw(builder, asset.address) == 3_000


def test_set_targets__owner__logs(router, owner):
    with boa.env.prank(owner):
        router.set_targets(payee(1), payee(2))
    assert event_rows(router) == [("TargetsChanged", payee(1), payee(2))]
    assert (router.treasury(), router.rewards()) == (payee(1), payee(2))


@pytest.mark.parametrize("targets", [(ZERO_ADDRESS, payee(1)), (payee(1), ZERO_ADDRESS)])
def test_set_targets__zero__reverts(router, owner, targets):
    with boa.env.prank(owner), boa.reverts("target is zero"):
        router.set_targets(*targets)


def test_set_collector__owner__gives_and_takes(router, owner):
    for allowed in (True, False):
        with boa.env.prank(owner):
            router.set_collector(payee(1), allowed)
        assert event_rows(router) == [("CollectorChanged", payee(1), allowed)]
        assert router.is_collector(payee(1)) is allowed


def test_skim__owner__takes_only_the_surplus(settled, router, asset, owner, holder):
    asset.mint(router.address, 7)
    with boa.env.prank(owner):
        assert router.skim(asset.address, holder) == 7
    assert event_rows(router) == [
        transfer_row(router, holder, 7),
        ("Skimmed", asset.address, holder, 7),
    ]
    assert router.accounted(asset.address) == asset.balanceOf(router.address) == AMOUNT


@pytest.mark.parametrize("role", ["builder", "guardian", "stranger"])
def test_gated__not_the_owner__reverts(router, asset, request, role):
    sender = request.getfixturevalue(role)
    for call, *args in (
        (router.set_targets, sender, sender),
        (router.set_collector, sender, True),
        (router.skim, asset.address, sender),
        (router.transfer_ownership, sender),
    ):
        with boa.env.prank(sender), boa.reverts("caller is not the owner"):
            call(*args)


def test_pay__with_ether__reverts(router, asset, payer):
    # The compiler's own check of a function that takes no ether has no reason.
    with boa.env.prank(payer), reverts_otherwise(WHY):
        router.pay(1, asset.address, 1, EVIDENCE, value=1)
