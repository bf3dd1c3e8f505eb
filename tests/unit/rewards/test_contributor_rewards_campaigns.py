"""Campaigns, their publishers, their funding, and what is done with dormant money."""

import boa
import pytest
from eth_utils import keccak

from tests.kits.rewards import (
    CHALLENGE_SECONDS,
    CONTENT_HASH,
    CONTENT_URI,
    FUNDED,
    Kind,
    deploy_rewards,
    description,
    event_list,
    terms,
)
from tests.odd_assets import HARMLESS_FAULTS, REFUSED_FAULTS, Entry, Fault, deploy_odd_asset
from tests.support import (
    DAY,
    MAX_UINT,
    ZERO_ADDRESS,
    deploy,
    deploy_asset,
    fund_and_approve,
    now,
    pass_time,
    reverts_silently,
    warp_to,
)

YEAR = 365 * DAY
DORMANT_SECONDS = 2 * YEAR
PAYMENT = 400
ROOT = b"\xaa" * 32
MAX_FREE = 2**128 - 1


def test_constants__match_the_documents(rewards):
    assert rewards.MIN_CHALLENGE_SECONDS() == 3 * DAY
    assert rewards.MAX_CHALLENGE_SECONDS() == 60 * DAY
    assert rewards.MIN_CLAIM_SECONDS() == 3 * YEAR
    assert rewards.MAX_CLAIM_SECONDS() == 10 * YEAR
    assert rewards.DORMANT_SECONDS() == DORMANT_SECONDS
    assert rewards.CLAIM_TO_TYPEHASH() == keccak(
        text="ClaimTo(uint256 dropId,uint256 index,address receiver,uint256 deadline)"
    )


def test_init__deployer_owns_and_the_token_is_known(owner):
    token = deploy_asset("FLY", 18)
    rewards = deploy_rewards(owner, token=token)
    assert rewards.owner() == owner
    assert rewards.TOKEN() == token.address
    assert rewards.campaign_count() == 0


def test_init__no_token__reverts(owner):
    with boa.reverts("token is zero"):
        deploy_rewards(owner, token=ZERO_ADDRESS)


def test_eip712_domain__names_this_contract_and_chain(rewards):
    domain = rewards.eip712Domain()
    chain_id = boa.env.evm.patch.chain_id
    assert domain[1:5] == ("Flywheel Rewards", "1", chain_id, rewards.address)


@pytest.mark.parametrize("role", ["publisher", "guardian", "stranger"])
def test_set_governor__by_the_owner_alone__is_asked_for_the_length_of_a_vote(
    rewards, owner, request, role
):
    governor = deploy("MockVoteTimes", DAY, 5 * DAY, DAY, DAY, 7 * DAY)
    with boa.reverts("caller is not the owner"):
        rewards.set_governor(governor, sender=request.getfixturevalue(role))
    rewards.set_governor(governor, sender=owner)
    assert rewards.vote_seconds() == 23 * DAY


# --- create_campaign ---


@pytest.mark.parametrize("kind", list(Kind))
def test_create_campaign__by_anyone__stores_terms(rewards, publisher, stranger, kind):
    assert rewards.create_campaign(*terms(publisher, kind), sender=stranger) == 1
    assert event_list(rewards) == [
        (
            "CampaignCreated",
            {
                "campaign_id": 1,
                "publisher": publisher,
                "challenge_seconds": CHALLENGE_SECONDS,
                "description": description(kind),
            },
        )
    ]
    expected = (publisher, CHALLENGE_SECONDS, 0, now(), description(kind))
    stored = rewards.campaign(1)
    assert stored == expected
    assert (stored.description.content_hash, stored.description.uri) == (CONTENT_HASH, CONTENT_URI)
    assert rewards.campaign_count() == 1


def test_create_campaign__second__has_the_next_id(rewards, publisher):
    assert [rewards.create_campaign(*terms(publisher)) for _ in range(2)] == [1, 2]
    assert rewards.campaign_count() == 2


@pytest.mark.parametrize("kind", [0, Kind.DATASET | Kind.COMPUTE_POOL, 15])
def test_create_campaign__not_exactly_one_kind__reverts(rewards, publisher, kind):
    with boa.reverts("campaign kind is unknown"):
        rewards.create_campaign(*terms(publisher, kind))


def test_create_campaign__kind_beyond_the_flag__reverts(rewards, publisher):
    with reverts_silently():
        rewards.create_campaign(*terms(publisher, 16))


def test_create_campaign__no_publisher__reverts(rewards):
    with boa.reverts("publisher is zero"):
        rewards.create_campaign(*terms(ZERO_ADDRESS))


@pytest.mark.parametrize("seconds", [3 * DAY, 60 * DAY])
def test_create_campaign__challenge_time_on_its_bounds__is_accepted(rewards, publisher, seconds):
    rewards.create_campaign(*terms(publisher, challenge_seconds=seconds))
    assert rewards.campaign(1).challenge_seconds == seconds


@pytest.mark.parametrize("seconds", [0, 3 * DAY - 1, 60 * DAY + 1, MAX_UINT])
def test_create_campaign__challenge_time_out_of_bounds__reverts(rewards, publisher, seconds):
    with boa.reverts("challenge time out of bounds"):
        rewards.create_campaign(*terms(publisher, challenge_seconds=seconds))


def test_create_campaign__no_content_hash__reverts(rewards, publisher):
    with boa.reverts("content hash is empty"):
        rewards.create_campaign(
            publisher, CHALLENGE_SECONDS, (Kind.DATASET, b"\0" * 32, CONTENT_URI)
        )


@pytest.mark.parametrize("uri", ["", "u" * 128])
def test_create_campaign__uri_on_its_bounds__is_accepted(rewards, publisher, uri):
    rewards.create_campaign(publisher, CHALLENGE_SECONDS, (Kind.DATASET, CONTENT_HASH, uri))
    assert rewards.campaign(1).description.uri == uri


def test_create_campaign__while_paused__succeeds(rewards, publisher, guardian):
    rewards.pause(sender=guardian)
    assert rewards.create_campaign(*terms(publisher)) == 1


# --- set_publisher ---


@pytest.mark.parametrize("role", ["publisher", "owner"])
def test_set_publisher__by_publisher_or_owner__hands_over(pool, stranger, request, role):
    before = pool.rewards.campaign(1)
    pass_time(DAY)
    pool.rewards.set_publisher(pool.campaign_id, stranger, sender=request.getfixturevalue(role))
    assert event_list(pool.rewards) == [
        (
            "PublisherChanged",
            {"campaign_id": 1, "old_publisher": pool.publisher, "new_publisher": stranger},
        )
    ]
    assert pool.rewards.campaign(1) == before._replace(publisher=stranger)
    with boa.reverts("caller is not the publisher"):
        pool.propose(ROOT, 1)
    pool.propose(ROOT, 1, sender=stranger)


def test_set_publisher__with_a_pending_drop__leaves_it_to_the_new_one(pool, owner, stranger):
    drop_id = pool.propose(ROOT, PAYMENT)
    before = pool.rewards.drop(drop_id)
    pool.rewards.set_publisher(1, stranger, sender=owner)
    assert pool.rewards.drop(drop_id) == before
    with boa.reverts("caller is not the publisher"):
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    pool.rewards.withdraw_drop(drop_id, sender=stranger)


def test_set_publisher__while_paused__succeeds(pool, guardian, stranger):
    pool.rewards.pause(sender=guardian)
    pool.rewards.set_publisher(1, stranger, sender=pool.publisher)
    assert pool.rewards.campaign(1).publisher == stranger


@pytest.mark.parametrize("role", ["stranger", "guardian", "payer"])
def test_set_publisher__by_others__reverts(pool, stranger, request, role):
    with boa.reverts("caller is not the publisher"):
        pool.rewards.set_publisher(1, stranger, sender=request.getfixturevalue(role))


@pytest.mark.parametrize("role", ["publisher", "owner"])
def test_set_publisher__to_nobody__reverts(pool, request, role):
    with boa.reverts("publisher is zero"):
        pool.rewards.set_publisher(1, ZERO_ADDRESS, sender=request.getfixturevalue(role))


@pytest.mark.parametrize("campaign_id", [0, 2, MAX_UINT])
def test_set_publisher__unknown_campaign__reverts(pool, owner, campaign_id):
    with boa.reverts("campaign is unknown"):
        pool.rewards.set_publisher(campaign_id, owner, sender=owner)


# --- fund ---


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
    assert pool.free == FUNDED + PAYMENT
    assert other.free == pool.rewards.free(1, stranger) == 0
    assert pool.asset.balanceOf(stranger) == 0
    assert pool.asset.balanceOf(pool.rewards) == FUNDED + PAYMENT


def test_fund__does_not_count_as_activity(pool):
    before = pool.rewards.campaign(1)
    pass_time(DAY)
    pool.fund(PAYMENT)
    assert pool.rewards.campaign(1) == before


def test_fund__while_paused__succeeds(pool, guardian):
    pool.rewards.pause(sender=guardian)
    pool.fund(PAYMENT)
    assert pool.free == FUNDED + PAYMENT


def test_fund__nothing__reverts(pool, payer):
    with boa.reverts("amount is zero"):
        pool.rewards.fund(*pool.key, 0, sender=payer)


@pytest.mark.parametrize("campaign_id", [0, 2, MAX_UINT])
def test_fund__unknown_campaign__reverts(pool, payer, campaign_id):
    with boa.reverts("campaign is unknown"):
        pool.rewards.fund(campaign_id, pool.asset, 1, sender=payer)


def test_fund__without_approval__reverts(pool, stranger):
    pool.asset.mint(stranger, PAYMENT)
    with boa.reverts("allowance is too low"):
        pool.rewards.fund(*pool.key, PAYMENT, sender=stranger)


def test_fund__up_to_128_bits__is_accepted(pool):
    pool.fund(MAX_FREE - FUNDED)
    assert pool.free == MAX_FREE
    with boa.reverts("amount is too large"):
        pool.fund(1)


@pytest.mark.parametrize("amount", [MAX_FREE - FUNDED + 1, MAX_FREE + 1, MAX_UINT])
def test_fund__above_128_bits__reverts(pool, amount):
    with boa.reverts("amount is too large"):
        pool.rewards.fund(*pool.key, amount, sender=pool.payer)


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_fund__odd_but_honest_asset__is_accepted(make_pool, fault):
    odd = make_pool(deploy_odd_asset(fault))
    odd.fund(PAYMENT)
    assert odd.free == PAYMENT


@pytest.mark.parametrize(
    ("fault", "reason"), [*REFUSED_FAULTS.items(), (Fault.FEE_ON_RECEIVER, "asset took a fee")]
)
def test_fund__asset_that_does_not_deliver__reverts(make_pool, fault, reason):
    odd = make_pool(deploy_odd_asset())
    fund_and_approve(odd.asset, odd.payer, odd.rewards, PAYMENT)
    odd.asset.misbehave(fault, Entry.ALL)
    with boa.reverts(reason) if reason else reverts_silently():
        odd.rewards.fund(*odd.key, PAYMENT, sender=odd.payer)
    assert odd.free == 0


def test_fund__asset_without_code__reverts(pool, stranger):
    with reverts_silently():
        pool.rewards.fund(pool.campaign_id, stranger, PAYMENT, sender=pool.payer)


# --- close_dormant ---


def test_close_dormant__after_two_years__sends_the_free_money(pool, owner, holder):
    warp_to(pool.rewards.campaign(1).active_at + DORMANT_SECONDS)
    assert pool.rewards.close_dormant(*pool.key, holder, sender=owner) == FUNDED
    assert event_list(pool.rewards) == [
        (
            "DormantMoneySent",
            {
                "campaign_id": 1,
                "asset": pool.asset.address,
                "receiver": holder,
                "amount": FUNDED,
            },
        )
    ]
    assert pool.free == pool.asset.balanceOf(pool.rewards) == 0
    assert pool.asset.balanceOf(holder) == FUNDED


def test_close_dormant__one_second_early__reverts(pool, owner, holder):
    warp_to(pool.rewards.campaign(1).active_at + DORMANT_SECONDS - 1)
    with boa.reverts("campaign is not dormant"):
        pool.rewards.close_dormant(*pool.key, holder, sender=owner)


def test_close_dormant__after_a_proposal__waits_two_years_more(pool, owner, holder):
    pass_time(YEAR)
    pool.rewards.withdraw_drop(pool.propose(ROOT, PAYMENT), sender=pool.publisher)
    proposed_at = now()
    assert pool.rewards.campaign(1).active_at == proposed_at
    warp_to(proposed_at + DORMANT_SECONDS - 1)
    with boa.reverts("campaign is not dormant"):
        pool.rewards.close_dormant(*pool.key, holder, sender=owner)
    pass_time(1)
    assert pool.rewards.close_dormant(*pool.key, holder, sender=owner) == FUNDED


def test_close_dormant__what_drops_promise__stays(pool, owner, holder, worker, coworker):
    active = pool.publish({worker: PAYMENT})
    pending = pool.propose_leaves({coworker: PAYMENT})
    pass_time(DORMANT_SECONDS)
    sent = pool.rewards.close_dormant(*pool.key, holder, sender=owner)
    assert sent == FUNDED - 2 * PAYMENT
    pool.claim(active, worker)
    pool.rewards.activate_drop(pending.drop_id)
    pool.claim(pending, coworker)
    assert pool.asset.balanceOf(worker) == pool.asset.balanceOf(coworker) == PAYMENT


def test_close_dormant__other_campaigns_and_donations__stay(pool, make_pool, owner, holder):
    neighbour = make_pool(pool.asset)
    neighbour.fund(PAYMENT)
    pool.asset.mint(pool.rewards, PAYMENT)
    pass_time(DORMANT_SECONDS)
    assert pool.rewards.close_dormant(*pool.key, holder, sender=owner) == FUNDED
    assert neighbour.free == PAYMENT
    assert pool.asset.balanceOf(pool.rewards) == 2 * PAYMENT


def test_close_dormant__while_paused__succeeds(pool, owner, guardian, holder):
    pass_time(DORMANT_SECONDS)
    pool.rewards.set_guardian(guardian, now() + DAY, sender=owner)
    pool.rewards.pause(sender=guardian)
    assert pool.rewards.close_dormant(*pool.key, holder, sender=owner) == FUNDED


@pytest.mark.parametrize("role", ["publisher", "guardian", "payer", "stranger"])
def test_close_dormant__by_others__reverts(pool, holder, request, role):
    pass_time(DORMANT_SECONDS)
    with boa.reverts("caller is not the owner"):
        pool.rewards.close_dormant(*pool.key, holder, sender=request.getfixturevalue(role))


def test_close_dormant__to_nobody_or_the_contract__reverts(pool, owner):
    pass_time(DORMANT_SECONDS)
    with boa.reverts("receiver is zero"):
        pool.rewards.close_dormant(*pool.key, ZERO_ADDRESS, sender=owner)
    with boa.reverts("receiver is the payer"):
        pool.rewards.close_dormant(*pool.key, pool.rewards, sender=owner)


@pytest.mark.parametrize("campaign_id", [0, 2, MAX_UINT])
def test_close_dormant__unknown_campaign__reverts(pool, owner, holder, campaign_id):
    pass_time(DORMANT_SECONDS)
    with boa.reverts("campaign is unknown"):
        pool.rewards.close_dormant(campaign_id, pool.asset, holder, sender=owner)


def test_close_dormant__again_or_in_another_asset__reverts(pool, owner, holder):
    pass_time(DORMANT_SECONDS)
    with boa.reverts("nothing is free"):
        pool.rewards.close_dormant(1, deploy_asset(), holder, sender=owner)
    pool.rewards.close_dormant(*pool.key, holder, sender=owner)
    with boa.reverts("nothing is free"):
        pool.rewards.close_dormant(*pool.key, holder, sender=owner)


@pytest.mark.parametrize(
    ("fault", "reason"), [*REFUSED_FAULTS.items(), (Fault.FEE_ON_SENDER, "asset took a fee")]
)
def test_close_dormant__asset_that_does_not_deliver__reverts(
    make_pool, owner, holder, fault, reason
):
    odd = make_pool(deploy_odd_asset())
    odd.fund(PAYMENT)
    pass_time(DORMANT_SECONDS)
    odd.asset.mint(odd.rewards, PAYMENT)
    odd.asset.misbehave(fault, Entry.ALL)
    with boa.reverts(reason) if reason else reverts_silently():
        odd.rewards.close_dormant(*odd.key, holder, sender=owner)
    assert odd.free == PAYMENT


# --- views ---


@pytest.mark.parametrize("campaign_id", [0, 2, MAX_UINT])
def test_campaign__unknown__is_empty(pool, campaign_id):
    nothing = (ZERO_ADDRESS, 0, 0, 0, (0, b"\0" * 32, ""))
    assert pool.rewards.campaign(campaign_id) == nothing


def test_free__unknown_campaign_or_asset__is_zero(pool, stranger):
    assert pool.free == FUNDED
    assert pool.rewards.free(2, pool.asset) == pool.rewards.free(1, stranger) == 0


def test_drop_id__any__can_be_read_off_in_hexadecimal(pool):
    found = pool.rewards.drop_id(0x1234, pool.asset, 0x56)
    assert f"{found:#x}" == f"{pool.asset.address.lower()}000000001234000000000056"


def test_drop_id__numbers_of_48_bits__are_the_largest(pool):
    largest = 2**48 - 1
    found = pool.rewards.drop_id(largest, pool.asset, largest)
    assert found == int(pool.asset.address, 16) << 96 | 2**96 - 1
    for campaign_id, number in ((largest + 1, 1), (1, largest + 1), (MAX_UINT, 1), (1, MAX_UINT)):
        with boa.reverts("drop id is too large"):
            pool.rewards.drop_id(campaign_id, pool.asset, number)


def test_drop__unknown__says_only_what_its_id_says(pool):
    drop_id = pool.rewards.drop_id(7, pool.asset, 8)
    nothing = b"\0" * 32
    expected = (7, pool.asset.address, 8, nothing, nothing, 0, 0, 0, False)
    assert pool.rewards.drop(drop_id) == expected
