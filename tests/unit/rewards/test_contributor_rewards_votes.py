"""Rewards in the real governance token: contributors vote from their first claim on."""

import boa
import pytest

from flywheel.rewards.shares import demo_address
from tests.kits.reward_claims import WAYS, claim_in_ways, claimed_event, opened_event
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import Pool, claims_of, deploy_rewards, event_list, terms
from tests.kits.token import CAP, HELD, NAME, SYMBOL, transferred, votes_changed
from tests.support import (
    EPOCH_SECONDS,
    ZERO_ADDRESS,
    deploy,
    logged,
    now,
    pass_time,
    works,
)

EARNED = 700
OTHERS = 300
BOTH = EARNED + OTHERS


@pytest.fixture
def token(owner, payer):
    """The real token, of which `payer` holds HELD."""
    token = deploy("GovernanceToken", NAME, SYMBOL, now(), EPOCH_SECONDS, sender=owner)
    token.set_minter(owner, CAP, sender=owner)
    token.mint(payer, HELD, sender=owner)
    return token


@pytest.fixture
def unnamed(token, owner, publisher, payer):
    """A campaign that pays the governance token, which does not know the contract."""
    rewards = deploy_rewards(owner, token=token)
    campaign_id = rewards.create_campaign(*terms(publisher), sender=publisher)
    token.approve(rewards, HELD, sender=payer)
    rewards.fund(campaign_id, token, HELD, sender=payer)
    return Pool(rewards, token, campaign_id, publisher, payer)


@pytest.fixture
def named(unnamed, owner):
    """The same, and the token knows the contract."""
    unnamed.asset.set_rewards(unnamed.rewards, sender=owner)
    return unnamed


def receiver_of(way: str, worker: str, stranger: str) -> str:
    """Who is paid: `claim_to` pays the stranger."""
    return stranger if way == "claim_to" else worker


@pytest.mark.parametrize("way", WAYS)
def test_each_way__first_tokens__vote_with_their_receiver(named, worker, coworker, stranger, way):
    drop = named.publish({worker: EARNED, coworker: OTHERS})
    index = drop.leaf(worker).index
    claim_in_ways(named.rewards, stranger)[way](drop.drop_id, *drop.claim_of(worker))
    paid = receiver_of(way, worker, stranger)
    elsewhere = [("RewardSentTo", drop.drop_id, worker, stranger)] if way == "claim_to" else []
    assert logged(named.rewards) == [
        ("PageOpened", drop.drop_id, 0, BOTH),
        ("RewardClaimed", drop.drop_id, worker, index, EARNED),
        *elsewhere,
        ("DelegateChanged", paid, ZERO_ADDRESS, paid),
        transferred(named.rewards.address, paid, EARNED),
        votes_changed(paid, 0, EARNED),
    ]
    assert named.asset.delegates(paid) == paid
    assert named.asset.getVotes(paid) == named.asset.balanceOf(paid) == EARNED


@pytest.mark.parametrize("way", WAYS)
def test_each_way__token_does_not_know_the_contract__pays_all_the_same(
    unnamed, worker, stranger, way
):
    """`delegate_default` reverts: the contract is neither a minter nor the one that was named."""
    token, drop = unnamed.asset, unnamed.publish({worker: EARNED})
    with boa.reverts("caller is not a minter"):
        token.delegate_default(worker, sender=unnamed.rewards.address)
    claim_in_ways(unnamed.rewards, stranger)[way](drop.drop_id, *drop.claim_of(worker))
    paid = receiver_of(way, worker, stranger)
    assert token.balanceOf(paid) == EARNED
    assert token.delegates(paid) == ZERO_ADDRESS
    assert token.getVotes(paid) == 0


def test_claim__named_later__next_claim_delegates_all(unnamed, owner, worker):
    first, second = (unnamed.publish({worker: amount}) for amount in (EARNED, OTHERS))
    unnamed.claim(first, worker)
    unnamed.asset.set_rewards(unnamed.rewards, sender=owner)
    unnamed.claim(second, worker)
    assert unnamed.asset.getVotes(worker) == BOTH


@pytest.mark.parametrize("chosen", ["coworker", None])
def test_claim__account_that_chose__keeps_its_choice(named, worker, request, chosen):
    delegatee = request.getfixturevalue(chosen) if chosen else ZERO_ADDRESS
    named.asset.delegate(delegatee, sender=worker)
    named.claim(named.publish({worker: EARNED}), worker)
    assert named.asset.delegates(worker) == delegatee
    assert named.asset.getVotes(worker) == 0
    assert chosen is None or named.asset.getVotes(delegatee) == EARNED


def test_claim__second_time__moves_votes_only(named, worker):
    first, second = (named.publish({worker: amount}) for amount in (EARNED, OTHERS))
    named.claim(first, worker)
    named.claim(second, worker)
    assert logged(named.rewards)[2:] == [
        transferred(named.rewards.address, worker, OTHERS),
        votes_changed(worker, EARNED, BOTH),
    ]


def test_claim_batch__each_account__votes_with_its_own(named, worker, coworker):
    drop = named.publish({worker: EARNED, coworker: OTHERS})
    assert named.rewards.claim_batch(drop.drop_id, claims_of(drop, worker, coworker)) == BOTH
    assert named.asset.getVotes(worker) == EARNED
    assert named.asset.getVotes(coworker) == OTHERS


def test_claim_range__each_account__votes_with_its_own(named):
    accounts = [demo_address(f"w{number}") for number in range(8)]
    drop = named.publish(dict.fromkeys(accounts, EARNED))
    for leaves, proof in drop.tree.ranges():
        named.rewards.claim_range(drop.drop_id, [leaf.argument for leaf in leaves], proof)
    assert {named.asset.getVotes(account) for account in accounts} == {EARNED}


def test_claim_drops__nothing_new__delegates_nobody(named, owner, worker):
    drop = named.publish({worker: EARNED})
    named.asset.set_rewards(ZERO_ADDRESS, sender=owner)
    named.claim(drop, worker)
    named.asset.set_rewards(named.rewards, sender=owner)
    assert named.rewards.claim_drops(worker, [drop.part_of(worker)]) == 0
    assert logged(named.rewards) == []
    assert named.asset.delegates(worker) == ZERO_ADDRESS


def test_claim__another_asset__does_not_touch_the_governance_token(
    named, make_pool, publisher, payer, worker
):
    other = make_pool()
    pool = Pool(named.rewards, other.asset, named.campaign_id, publisher, payer)
    pool.fund(EARNED)
    drop = pool.publish({worker: EARNED})
    pool.claim(drop, worker)
    assert event_list(named.rewards) == [
        opened_event(drop.drop_id, 0, EARNED),
        claimed_event(drop.drop_id, worker, 0, EARNED),
    ]
    assert named.asset.delegates(worker) == ZERO_ADDRESS


def test_claim__to_the_treasury__is_paid_and_cannot_vote(named, owner, worker):
    named.asset.set_treasury(worker, sender=owner)
    named.claim(named.publish({worker: EARNED}), worker)
    assert named.asset.balanceOf(worker) == EARNED
    assert named.asset.delegates(worker) == ZERO_ADDRESS


def test_claim__moves_tokens_into_the_supply_that_the_quorum_counts(named, worker):
    drop = named.publish({worker: EARNED})
    pass_time(1)
    assert named.asset.past_quorum_supply(now() - 1) == 0
    named.claim(drop, worker)
    pass_time(1)
    assert named.asset.past_quorum_supply(now() - 1) == EARNED
    assert named.asset.getPastTotalSupply(now() - 1) == HELD


def test_close_dormant__receiver_of_tokens__votes_with_them(named, owner, holder):
    pass_time(named.rewards.DORMANT_SECONDS())
    named.rewards.close_dormant(*named.key, holder, sender=owner)
    assert named.asset.getVotes(holder) == HELD


@pytest.mark.parametrize("way", ["claim", "claim_range"])
def test_claim__any_gas__pays_nobody_whom_it_did_not_give_a_delegate(named, worker, stranger, way):
    """Who could starve the call before the transfer would take contributors their votes."""
    tree = WildTree(named.domain(), (named.tree({worker: EARNED}).leaf(0),))
    drop_id = named.publish_root(tree.root, EARNED)
    leaf = tree.leaves[0].argument
    calls = {
        "claim": lambda gas: named.rewards.claim(drop_id, leaf, [], sender=stranger, gas=gas),
        "claim_range": lambda gas: named.rewards.claim_range(
            drop_id, [leaf], [], sender=stranger, gas=gas
        ),
    }
    paid_with = []
    for gas in range(40_000, 440_000, 4_000):
        with boa.env.anchor():
            if works(calls[way], gas):
                paid_with.append(gas)
                assert named.asset.getVotes(worker) == EARNED
    assert 0 < len(paid_with) < 100
