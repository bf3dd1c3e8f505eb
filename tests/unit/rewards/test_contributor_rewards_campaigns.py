"""Campaigns, their publishers, their funding, and donations."""

import boa
import pytest

from tests.kits.rewards import CONTENT_HASH, CONTENT_URI, FUNDED, Kind, event_list, terms
from tests.odd_assets import HARMLESS_FAULTS, REFUSED_FAULTS, Fault, deploy_odd_asset
from tests.support import DAY, ZERO_ADDRESS, deploy_asset, fund_and_approve, reverts_silently

HOUR = 3_600
PAYMENT = 400


def test_constants__match_the_documents(rewards):
    assert rewards.MIN_CHALLENGE_SECONDS() == HOUR
    assert rewards.MAX_CHALLENGE_SECONDS() == 30 * DAY


def test_init__deployer_owns(rewards, owner):
    assert rewards.owner() == owner
    assert rewards.campaign_count() == 0


@pytest.mark.parametrize("kind", list(Kind))
def test_create_campaign__by_anyone__stores_terms(rewards, publisher, stranger, kind):
    campaign = terms(publisher, kind)
    assert rewards.create_campaign(campaign, sender=stranger) == 1
    assert event_list(rewards) == [
        ("CampaignCreated", {"campaign_id": 1, "publisher": publisher, "campaign": campaign})
    ]
    stored = rewards.campaign(1)
    assert stored == campaign
    assert (stored.content_hash, stored.uri) == (CONTENT_HASH, CONTENT_URI)
    assert rewards.campaign_count() == 1


def test_create_campaign__second__has_the_next_id(rewards, publisher):
    assert [rewards.create_campaign(terms(publisher)) for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("kind", [0, Kind.DATASET | Kind.COMPUTE_POOL])
def test_create_campaign__not_exactly_one_kind__reverts(rewards, publisher, kind):
    with boa.reverts("campaign kind is unknown"):
        rewards.create_campaign(terms(publisher, kind))


def test_create_campaign__kind_beyond_the_flag__reverts(rewards, publisher):
    with reverts_silently():
        rewards.create_campaign(terms(publisher, 4))


def test_create_campaign__no_publisher__reverts(rewards):
    with boa.reverts("publisher is zero"):
        rewards.create_campaign(terms(ZERO_ADDRESS))


@pytest.mark.parametrize("seconds", [HOUR, 30 * DAY])
def test_create_campaign__challenge_time_on_its_bounds__is_accepted(rewards, publisher, seconds):
    rewards.create_campaign(terms(publisher, challenge_seconds=seconds))
    assert rewards.campaign(1).challenge_seconds == seconds


@pytest.mark.parametrize("seconds", [0, HOUR - 1, 30 * DAY + 1])
def test_create_campaign__challenge_time_out_of_bounds__reverts(rewards, publisher, seconds):
    with boa.reverts("challenge time out of bounds"):
        rewards.create_campaign(terms(publisher, challenge_seconds=seconds))


def test_create_campaign__while_paused__succeeds(rewards, publisher, guardian):
    rewards.pause(sender=guardian)
    assert rewards.create_campaign(terms(publisher)) == 1


# --- publisher ---


@pytest.mark.parametrize("role", ["publisher", "owner"])
def test_set_publisher__by_publisher_or_owner__hands_over(pool, stranger, request, role):
    pool.rewards.set_publisher(pool.campaign_id, stranger, sender=request.getfixturevalue(role))
    assert event_list(pool.rewards) == [
        (
            "PublisherChanged",
            {"campaign_id": 1, "old_publisher": pool.publisher, "new_publisher": stranger},
        )
    ]
    assert pool.rewards.campaign(1).publisher == stranger
    with boa.reverts("caller is not the publisher"):
        pool.propose(b"\1" * 32, 1)
    pool.propose(b"\1" * 32, 1, sender=stranger)


@pytest.mark.parametrize("role", ["stranger", "guardian", "payer"])
def test_set_publisher__by_others__reverts(pool, stranger, request, role):
    with boa.reverts("caller is not the publisher"):
        pool.rewards.set_publisher(1, stranger, sender=request.getfixturevalue(role))


def test_set_publisher__to_nobody__reverts(pool, publisher):
    with boa.reverts("publisher is zero"):
        pool.rewards.set_publisher(1, ZERO_ADDRESS, sender=publisher)


@pytest.mark.parametrize("campaign_id", [0, 2])
def test_set_publisher__unknown_campaign__reverts(pool, owner, campaign_id):
    with boa.reverts("campaign is unknown"):
        pool.rewards.set_publisher(campaign_id, owner, sender=owner)


# --- funding ---


def test_fund__by_anyone__adds_to_this_campaign_and_asset_only(pool, make_pool, stranger):
    other = make_pool(pool.asset)
    fund_and_approve(pool.asset, stranger, pool.rewards, PAYMENT)
    pool.rewards.fund(*pool.key, PAYMENT, sender=stranger)
    assert event_list(pool.rewards) == [
        (
            "CampaignFunded",
            {
                "campaign_id": 1,
                "asset": pool.asset.address,
                "payer": stranger,
                "amount": PAYMENT,
            },
        )
    ]
    assert pool.books.funded == FUNDED + PAYMENT
    assert other.books.funded == 0
    assert pool.asset.balanceOf(pool.rewards) == FUNDED + PAYMENT
    assert pool.rewards.accounted(pool.asset) == FUNDED + PAYMENT


def test_fund__while_paused__succeeds(pool, guardian):
    pool.rewards.pause(sender=guardian)
    pool.fund(PAYMENT)
    assert pool.books.funded == FUNDED + PAYMENT


def test_fund__nothing__reverts(pool, payer):
    with boa.reverts("amount is zero"):
        pool.rewards.fund(*pool.key, 0, sender=payer)


@pytest.mark.parametrize("campaign_id", [0, 2])
def test_fund__unknown_campaign__reverts(pool, payer, campaign_id):
    with boa.reverts("campaign is unknown"):
        pool.rewards.fund(campaign_id, pool.asset, 1, sender=payer)


def test_fund__without_approval__reverts(pool, stranger):
    pool.asset.mint(stranger, PAYMENT)
    with boa.reverts("allowance is too low"):
        pool.rewards.fund(*pool.key, PAYMENT, sender=stranger)


def test_fund__up_to_128_bits__is_accepted(pool):
    pool.fund(2**128 - 1 - FUNDED)
    assert pool.books.funded == 2**128 - 1


def test_fund__above_128_bits__reverts(pool):
    with boa.reverts("funded amount is too large"):
        pool.fund(2**128 - FUNDED)


def test_fund__amount_of_256_bits__reverts(pool):
    with boa.reverts("funded amount is too large"):
        pool.rewards.fund(*pool.key, 2**256 - 1, sender=pool.payer)


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_fund__odd_but_honest_asset__is_accepted(make_pool, fault):
    odd = make_pool(deploy_odd_asset(fault))
    odd.fund(PAYMENT)
    assert odd.books.funded == PAYMENT


@pytest.mark.parametrize(
    ("fault", "reason"), [*REFUSED_FAULTS.items(), (Fault.FEE_ON_RECEIVER, "asset took a fee")]
)
def test_fund__asset_that_does_not_deliver__reverts(make_pool, fault, reason):
    odd = make_pool(deploy_odd_asset())
    fund_and_approve(odd.asset, odd.payer, odd.rewards, PAYMENT)
    odd.asset.misbehave(fault, 7)
    with boa.reverts(reason) if reason else reverts_silently():
        odd.rewards.fund(*odd.key, PAYMENT, sender=odd.payer)
    assert odd.books.funded == 0


def test_fund__asset_without_code__reverts(pool, stranger):
    with reverts_silently():
        pool.rewards.fund(pool.campaign_id, stranger, PAYMENT, sender=pool.payer)


# --- donations ---


def test_skim__donation__goes_to_the_receiver_and_no_more(pool, owner, holder):
    pool.asset.mint(pool.rewards, PAYMENT)
    assert pool.books.funded == FUNDED
    assert pool.rewards.skim(pool.asset, holder, sender=owner) == PAYMENT
    assert event_list(pool.rewards) == [
        ("Skimmed", {"asset": pool.asset.address, "receiver": holder, "amount": PAYMENT})
    ]
    assert pool.asset.balanceOf(holder) == PAYMENT
    assert pool.asset.balanceOf(pool.rewards) == FUNDED


def test_skim__no_surplus__sends_nothing(pool, owner, holder):
    assert pool.rewards.skim(pool.asset, holder, sender=owner) == 0
    assert pool.asset.balanceOf(pool.rewards) == FUNDED


def test_skim__unknown_asset__sends_all(rewards, owner, holder):
    stray = deploy_asset("STRAY")
    stray.mint(rewards, PAYMENT)
    assert rewards.skim(stray, holder, sender=owner) == PAYMENT


@pytest.mark.parametrize("role", ["publisher", "guardian", "stranger"])
def test_skim__by_others__reverts(pool, holder, request, role):
    with boa.reverts("caller is not the owner"):
        pool.rewards.skim(pool.asset, holder, sender=request.getfixturevalue(role))


def test_skim__to_nobody__reverts(pool, owner):
    with boa.reverts("receiver is zero"):
        pool.rewards.skim(pool.asset, ZERO_ADDRESS, sender=owner)
