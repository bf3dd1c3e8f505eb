"""Assets at the contributor rewards: a hostile one harms only those it was paid to; the governance
token votes for whom it is paid to."""

from dataclasses import replace
from random import Random

import boa
import pytest

from tests.attack.reward_world import EARNED, FUNDED, STEM, WORKER_KEY, World
from tests.kits.reward_claims import WAYS, claim_in_ways, sign_claim_to
from tests.kits.rewards import Drop, Pool, claims_of, deploy_rewards, open_pool
from tests.odd_assets import (
    HARMLESS_FAULTS,
    REFUSED_FAULTS,
    Entry,
    Fault,
    calldata_of,
    deploy_odd_asset,
    program_reentry,
)
from tests.support import (
    EPOCH_SECONDS,
    MAX_UINT,
    ZERO_ADDRESS,
    account,
    deploy,
    deployer_of,
    now,
    pass_time,
    reverts_otherwise,
)

# Of a refusal whose words are not told.
WHY = "each fault of the asset has words of its own, or none"
ALL_WAYS = pytest.mark.parametrize("way", WAYS)
MINTED = 10**24


@pytest.fixture(scope="module")
def world() -> World:
    return World(deployer_of(STEM))


@pytest.fixture
def odd(world: World) -> tuple[Pool, Drop]:
    """The honest campaign's money in an odd asset, and a drop of it like that of the world."""
    pool = replace(world.honest, asset=deploy_odd_asset())
    pool.fund(FUNDED)
    return pool, pool.publish({world.worker: EARNED, world.coworker: EARNED})


# --- hostile assets harm themselves only ---


@ALL_WAYS
@pytest.mark.parametrize("fault", [*REFUSED_FAULTS, Fault.FEE_ON_SENDER])
def test_hostile_asset__stuck_in_the_same_campaign__others_are_paid(world, odd, fault, way):
    pool, drop = odd
    pool.asset.misbehave(fault, Entry.ALL)
    leaf, proof = drop.claim_of(world.worker)
    with reverts_otherwise(WHY):
        claim_in_ways(world.rewards, world.coworker)[way](drop.drop_id, leaf, proof)
    assert not world.rewards.is_claimed(drop.drop_id, leaf[0])
    world.honest.claim(world.drop, world.worker)
    assert world.balance(world.worker) == EARNED


@ALL_WAYS
@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_unusual_asset__that_does_no_harm__is_paid_in_each_way(world, fault, way):
    pool = replace(world.honest, asset=deploy_odd_asset(fault))
    pool.fund(FUNDED)
    drop = pool.publish({world.worker: EARNED})
    claim_in_ways(world.rewards, world.worker)[way](drop.drop_id, *drop.claim_of(world.worker))
    assert pool.asset.balanceOf(world.worker) == EARNED


def test_unusual_asset__that_refuses_to_move_nothing__is_not_asked_to(world):
    """Neither for a leaf of nothing among others, nor for a call whose leaves are all paid."""
    pool = replace(world.honest, asset=deploy_odd_asset(Fault.REVERTS_ON_ZERO))
    pool.fund(FUNDED)
    rows = [(0, world.worker, 0, 5), (1, world.coworker, 5, 5)]
    drop_id, tree = world.publish_wild(pool, rows, 5)
    claims = [(leaf.argument, tree.proof(place)) for place, leaf in enumerate(tree.leaves)]
    with boa.env.anchor():
        assert world.rewards.claim_batch(drop_id, claims) == 5
        assert world.rewards.claim_batch(drop_id, claims) == 0
    assert world.rewards.claim_range(drop_id, *tree.range(0, 1)) == 5
    assert world.rewards.claim_range(drop_id, *tree.range(0, 1)) == 0
    part = (drop_id, 1, 5, 5, tree.proof(1))
    assert world.rewards.claim_drops(world.coworker, [part]) == 0


@ALL_WAYS
def test_fee_of_the_receiver__switched_on_after_the_drop__is_the_receivers_loss_alone(
    world, odd, way
):
    pool, drop = odd
    pool.asset.misbehave(Fault.FEE_ON_RECEIVER, Entry.TRANSFER)
    leaf, proof = drop.claim_of(world.worker)
    claim_in_ways(world.rewards, world.worker)[way](drop.drop_id, leaf, proof)
    assert 0 < pool.asset.balanceOf(world.worker) < EARNED
    assert pool.asset.balanceOf(world.rewards) == FUNDED - EARNED


def test_hostile_asset__inflates_its_own_balance__reaches_no_other_asset(world):
    fake = world.new_pool(world.thief, deploy_odd_asset())
    fake.fund(2**127)
    fake.asset.rebase(world.rewards, 2**200)
    fake.claim(fake.publish({world.thief: 2**127}), world.thief)
    with boa.reverts("total is above the free money"):
        replace(fake, asset=world.asset).propose(b"\1" * 32, 1)
    assert world.loot == 0


def test_hostile_asset__loses_its_balance__pays_who_comes_first(world, odd):
    """Nothing is shared out again: the books promise more than there is left."""
    pool, drop = odd
    pool.asset.rebase(world.rewards, EARNED)
    pool.claim(drop, world.coworker)
    with reverts_otherwise(WHY):
        pool.claim(drop, world.worker)
    world.honest.claim(world.drop, world.worker)


def test_hook_of_the_receiver__sends_all_of_it_back__undoes_its_own_claim_only(world, odd):
    """The balance must fall; a batch in which others are paid goes through, for what it says."""
    pool, drop = odd
    pool.asset.mint(world.thief, EARNED)
    pool.asset.approve(pool.asset, MAX_UINT, sender=world.thief)
    back = calldata_of(pool.asset, "transferFrom", world.thief, world.rewards, EARNED)
    program_reentry(pool.asset, pool.asset, back, entries=Entry.TRANSFER)
    with boa.reverts("asset took a fee"):
        pool.claim(drop, world.worker)
    program_reentry(pool.asset, pool.asset, back, entries=Entry.TRANSFER)
    claims = claims_of(drop, world.worker, world.coworker)
    assert world.rewards.claim_batch(drop.drop_id, claims) == 2 * EARNED
    assert pool.asset.balanceOf(world.worker) == pool.asset.balanceOf(world.coworker) == EARNED


# --- blacklisted contributors ---


def test_blacklisted_contributor__in_a_batch_or_range__others_are_paid_without_it(world, odd):
    pool, drop = odd
    pool.asset.set_blacklisted(world.worker, True)
    ((leaves, proof),) = drop.tree.ranges()
    with boa.reverts("account is blacklisted"):
        world.rewards.claim_batch(drop.drop_id, claims_of(drop, world.worker, world.coworker))
    with boa.reverts("account is blacklisted"):
        world.rewards.claim_range(drop.drop_id, [leaf.argument for leaf in leaves], proof)
    assert world.rewards.claim_batch(drop.drop_id, claims_of(drop, world.coworker)) == EARNED
    pool.asset.set_blacklisted(world.worker, False)
    pool.claim(drop, world.worker)
    assert pool.asset.balanceOf(world.worker) == EARNED


def test_blacklisted_contributor__signs_for_another_account__is_paid_there(world, odd):
    pool, drop = odd
    pool.asset.set_blacklisted(world.worker, True)
    leaf, proof = drop.claim_of(world.worker)
    with boa.reverts("account is blacklisted"):
        pool.claim(drop, world.worker, sender=world.thief)
    signature = sign_claim_to(world.rewards, drop.drop_id, leaf[0], world.payer, WORKER_KEY)
    arguments = (drop.drop_id, leaf, proof, world.payer, MAX_UINT, signature)
    world.rewards.claim_to(*arguments, sender=world.thief)
    assert pool.asset.balanceOf(world.payer) == EARNED


def test_blacklisted_contract__the_rewards_themselves__nothing_ends_before_it_is_lifted(world, odd):
    """Ends and withdrawals move no token: the books go on, and are paid when the list allows it."""
    pool, drop = odd
    pool.asset.set_blacklisted(world.rewards, True)
    with boa.reverts("account is blacklisted"):
        pool.claim(drop, world.worker)
    pending = pool.propose_leaves({world.worker: 5})
    world.rewards.withdraw_drop(pending.drop_id, sender=world.publisher)
    pass_time(world.rewards.MIN_CLAIM_SECONDS())
    assert world.rewards.end_drop(drop.drop_id, [0]) == 2 * EARNED
    pool.asset.set_blacklisted(world.rewards, False)
    again = pool.publish({world.worker: FUNDED})
    pool.claim(again, world.worker)
    assert pool.asset.balanceOf(world.worker) == FUNDED


# --- the governance token ---


@pytest.fixture
def votes(world: World) -> Pool:
    """A campaign that pays the governance token itself."""
    token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS, sender=world.owner)
    rewards = deploy_rewards(world.owner, token=token)
    token.set_minter(world.owner, 2**96 - 1, sender=world.owner)
    token.set_rewards(rewards, sender=world.owner)
    token.mint(world.payer, MINTED, sender=world.owner)
    token.approve(rewards, MAX_UINT, sender=world.payer)
    pool = open_pool(rewards, world.publisher, world.payer, token)
    rewards.fund(*pool.key, MINTED, sender=world.payer)
    return pool


@ALL_WAYS
def test_claim__of_votes__first_time_in_each_way__the_receiver_votes(world, votes, way):
    drop = votes.publish({world.worker: EARNED})
    call = claim_in_ways(votes.rewards, world.worker)[way]
    call(drop.drop_id, *drop.claim_of(world.worker))
    assert votes.asset.delegates(world.worker) == world.worker
    assert votes.asset.getVotes(world.worker) == EARNED


@ALL_WAYS
def test_claim__of_votes__who_chose_a_delegate_or_nobody__keeps_the_choice(world, votes, way):
    for choice in (world.coworker, ZERO_ADDRESS):
        votes.asset.delegate(choice, sender=world.worker)
        drop = votes.publish({world.worker: EARNED})
        call = claim_in_ways(votes.rewards, world.worker)[way]
        call(drop.drop_id, *drop.claim_of(world.worker))
        assert votes.asset.delegates(world.worker) == choice


def test_claim__of_votes__with_any_gas__delegates_whenever_it_pays(world, votes):
    """No caller can give just so much that the delegation fails and the payment succeeds."""
    drop = votes.publish({world.worker: EARNED})
    leaf, proof = drop.claim_of(world.worker)
    seen = set()
    for gas in range(60_000, 260_000, 1_500):
        with boa.env.anchor():
            try:
                votes.rewards.claim(drop.drop_id, leaf, proof, gas=gas)
            except boa.BoaError:
                seen.add("refused")
                continue
            assert votes.asset.getVotes(world.worker) == EARNED, gas
            seen.add("paid")
    assert seen == {"paid", "refused"}


def test_claim__of_votes__rewards_lost_the_right_to_delegate__is_paid_without_votes(world, votes):
    drop = votes.publish({world.worker: EARNED})
    votes.asset.set_rewards(ZERO_ADDRESS, sender=world.owner)
    votes.claim(drop, world.worker)
    assert votes.asset.balanceOf(world.worker) == EARNED
    assert votes.asset.delegates(world.worker) == ZERO_ADDRESS


def test_quorum__votes_that_wait_and_votes_that_were_claimed__are_each_counted_right(world, votes):
    """What waits in campaigns counts for no quorum and no vote; from a claim on it counts for both.
    Each second stands for itself."""
    token, drop = votes.asset, votes.publish({world.worker: EARNED})
    token.mint(world.owner, 7, sender=world.owner)
    pass_time(1)
    before = now() - 1
    votes.claim(drop, world.worker)
    pass_time(1)
    assert token.past_quorum_supply(before) == 7
    assert token.past_quorum_supply(now() - 1) == 7 + EARNED
    assert token.getPastVotes(world.worker, now() - 1) == EARNED


def test_set_rewards__of_who_is_left_out_already__is_refused_and_forgets_nothing(world, votes):
    token, owner, treasury = votes.asset, world.owner, account("treasury")
    token.mint(treasury, 5, sender=owner)
    token.set_treasury(treasury, sender=owner)
    with boa.reverts("account is left out already"):
        token.set_rewards(treasury, sender=owner)
    with boa.reverts("account is left out already"):
        token.set_treasury(votes.rewards, sender=owner)
    pass_time(1)
    assert token.past_quorum_supply(now() - 1) == 0
    # They change places by way of nobody, in one second and in two.
    token.set_treasury(ZERO_ADDRESS, sender=owner)
    token.set_rewards(treasury, sender=owner)
    token.set_treasury(votes.rewards, sender=owner)
    pass_time(1)
    assert token.past_quorum_supply(now() - 1) == 0
    token.set_treasury(ZERO_ADDRESS, sender=owner)
    pass_time(1)
    token.set_rewards(ZERO_ADDRESS, sender=owner)
    pass_time(1)
    assert token.past_quorum_supply(now() - 1) == token.totalSupply() == MINTED + 5
    assert token.past_quorum_supply(now() - 2) == MINTED


@pytest.mark.parametrize("seed", range(3))
def test_quorum__random_moves_and_names__is_the_supply_less_what_both_hold(world, seed):
    """A trace beside balances that are looked up, through every change of who is left out."""
    dice = Random(seed)
    token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS, sender=world.owner)
    token.set_minter(world.owner, 2**96 - 1, sender=world.owner)
    people = [account(f"holder {number}") for number in range(4)]
    for _ in range(60):
        who, to = dice.choice(people), dice.choice(people)
        held = token.balanceOf(who)
        step = dice.randrange(6)
        if step == 0:
            token.mint(to, dice.randint(0, 50), sender=world.owner)
        elif step == 1:
            token.transfer(to, dice.randint(0, held), sender=who)
        elif step == 2:
            token.burn(dice.randint(0, held), sender=who)
        elif step == 3 and who not in (token.treasury(), token.rewards()):
            token.delegate(dice.choice([*people, ZERO_ADDRESS]), sender=who)
        else:
            name, other = dice.sample(("treasury", "rewards"), 2)
            new = dice.choice([*people, ZERO_ADDRESS])
            if new == ZERO_ADDRESS or new != getattr(token, other)():
                getattr(token, f"set_{name}")(new, sender=world.owner)
        pass_time(dice.choice((0, 1, 1)))
        left_out = {token.treasury(), token.rewards()} - {ZERO_ADDRESS}
        outside = sum(token.balanceOf(who) for who in people if who not in left_out)
        with boa.env.anchor():
            pass_time(1)
            assert token.past_quorum_supply(now() - 1) == outside
        voting = sum(token.getVotes(who) for who in people)
        assert voting <= outside
