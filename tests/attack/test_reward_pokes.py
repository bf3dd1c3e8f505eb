"""Odd calls, races and odd assets at the contributor rewards: before, in and after each second that
matters, with nothing, with too much, by strangers, and by those who have a right and abuse it."""

from dataclasses import replace
from typing import Any

import boa
import pytest

from tests.attack.reward_world import (
    EARNED,
    FUNDED,
    STEM,
    WORKER_KEY,
    YEAR,
    World,
    wait_and_activate,
)
from tests.kits.reward_claims import WAYS, claim_in_ways, sign_claim_to
from tests.kits.rewards import CHALLENGE_SECONDS, CLAIM_SECONDS, REASON_HASH
from tests.odd_assets import deploy_odd_asset
from tests.support import (
    DAY,
    MAX_UINT,
    ZERO_ADDRESS,
    deployer_of,
    now,
    pass_time,
    reverts_otherwise,
    warp_to,
    works,
)

# Of a refusal whose words are not told.
WHY = "each fault of the asset has words of its own, or none"
ALL_WAYS = pytest.mark.parametrize("way", WAYS)
# What is free beside the drop of a world.
FREE = FUNDED - 2 * EARNED


@pytest.fixture(scope="module")
def world() -> World:
    return World(deployer_of(STEM))


def turns_at(world: World, drop_id: int) -> int:
    return int(world.rewards.drop(drop_id).turns_at)


# --- boundary seconds ---


def test_activate_drop__second_before_and_of_the_opening__refused_then_open(world):
    drop = world.honest.propose_leaves({world.worker: EARNED})
    warp_to(turns_at(world, drop.drop_id) - 1)
    with boa.reverts("challenge window is open"):
        world.rewards.activate_drop(drop.drop_id, sender=world.thief)
    pass_time(1)
    world.rewards.activate_drop(drop.drop_id, sender=world.thief)
    with boa.reverts("drop is not pending"):
        world.rewards.activate_drop(drop.drop_id, sender=world.thief)


def test_hold_drop__after_the_window_but_before_the_activation__keeps_it(world):
    """Whoever activates first wins the second; a guardian has the whole window before it."""
    drop = world.honest.propose_leaves({world.worker: EARNED})
    pass_time(CHALLENGE_SECONDS)
    world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)
    with boa.reverts("challenge window is open"):
        world.rewards.activate_drop(drop.drop_id)
    pass_time(14 * DAY - 1)
    with boa.reverts("challenge window is open"):
        world.rewards.activate_drop(drop.drop_id)
    pass_time(1)
    world.rewards.activate_drop(drop.drop_id)
    with boa.reverts("drop is not pending"):
        world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)


def test_end_drop__second_before_and_of_the_end__refused_then_ended(world):
    warp_to(turns_at(world, world.drop.drop_id) - 1)
    with boa.reverts("drop has not ended"):
        world.rewards.end_drop(world.drop.drop_id, [0], sender=world.thief)
    pass_time(1)
    assert world.rewards.end_drop(world.drop.drop_id, [0], sender=world.thief) == 2 * EARNED
    assert world.rewards.end_drop(world.drop.drop_id, [0], sender=world.thief) == 0


def test_claim__long_after_the_time_but_before_anybody_ended_it__is_paid(world):
    """The time lets somebody end the drop; the call ends it."""
    pass_time(CLAIM_SECONDS + 12 * YEAR)
    world.honest.claim(world.drop, world.worker)
    world.honest.claim(world.drop, world.coworker)
    assert world.balance(world.worker) == world.balance(world.coworker) == EARNED


@ALL_WAYS
def test_claim__in_the_second_after_the_end_was_called__is_refused_in_each_way(world, way):
    warp_to(turns_at(world, world.drop.drop_id))
    world.rewards.end_drop(world.drop.drop_id, [], sender=world.thief)
    call = claim_in_ways(world.rewards, world.worker)[way]
    with boa.reverts("drop is not active"):
        call(world.drop.drop_id, *world.drop.claim_of(world.worker))


def test_end_drop__page_named_years_later__returns_what_was_left_on_it(world):
    world.honest.claim(world.drop, world.worker)
    pass_time(CLAIM_SECONDS)
    assert world.rewards.end_drop(world.drop.drop_id, []) == 0
    pass_time(12 * YEAR)
    assert world.rewards.end_drop(world.drop.drop_id, [1, 0, 0, 2**25 - 1]) == EARNED
    assert world.honest.free == FREE + EARNED


def test_close_dormant__second_before_and_of_two_years__refused_then_sent(world):
    pass_time(2 * YEAR - CHALLENGE_SECONDS - 1)
    close = world.rewards.close_dormant
    with boa.reverts("campaign is not dormant"):
        close(*world.honest.key, world.owner, sender=world.owner)
    pass_time(1)
    for receiver, words in ((ZERO_ADDRESS, "zero"), (world.rewards.address, "the payer")):
        with boa.reverts(f"receiver is {words}"):
            close(*world.honest.key, receiver, sender=world.owner)
    assert close(*world.honest.key, world.owner, sender=world.owner) == FREE
    with boa.reverts("nothing is free"):
        close(*world.honest.key, world.owner, sender=world.owner)
    # The leaves of its drop are paid all the same.
    world.honest.claim(world.drop, world.worker)


def test_close_dormant__first_money_after_two_silent_years__may_be_taken_at_once(world):
    """Money is no sign of life, and without money nothing can be proposed. The publisher has as
    long as a vote takes to propose a drop."""
    pool = world.new_pool(world.publisher)
    pass_time(2 * YEAR)
    pool.fund(EARNED)
    with boa.env.anchor():
        world.rewards.close_dormant(*pool.key, world.owner, sender=world.owner)
    pool.propose(b"\1" * 32, 1)
    with boa.reverts("campaign is not dormant"):
        world.rewards.close_dormant(*pool.key, world.owner, sender=world.owner)


def test_claim_to__last_second_of_the_signature__is_paid_and_not_a_second_later(world):
    leaf, proof = world.drop.claim_of(world.worker)
    deadline = now() + 60
    signature = sign_claim_to(
        world.rewards, world.drop.drop_id, leaf[0], world.payer, WORKER_KEY, deadline
    )
    call = (world.drop.drop_id, leaf, proof, world.payer, deadline, signature)
    warp_to(deadline + 1)
    with boa.env.anchor(), boa.reverts("signature has expired"):
        world.rewards.claim_to(*call, sender=world.thief)
    boa.env.timestamp = deadline
    world.rewards.claim_to(*call, sender=world.thief)
    assert world.balance(world.payer) == EARNED


# --- nothing, and too much ---


def test_claim__leaf_of_nothing__is_a_claim_in_all_ways_but_one(world):
    """Nobody should publish one. `claim` alone refuses it, with words about the asset."""
    paid = {}
    for way in WAYS:
        with boa.env.anchor():
            drop_id = world.honest.publish_leaf((0, world.worker, 0, 5), 5)
            call = claim_in_ways(world.rewards, world.worker)[way]
            paid[way] = works(call, drop_id, (0, world.worker, 0, 5), [])
    assert paid == dict.fromkeys(WAYS, True) | {"claim": False}


@ALL_WAYS
def test_claim__last_index_of_all__is_paid_and_the_next_is_out_of_range(world, way):
    for index, is_fit in ((2**32 - 1, True), (2**32, False), (MAX_UINT, False)):
        leaf = (index, world.worker, 1, 1)
        drop_id = world.honest.publish_leaf(leaf, 1)
        call = claim_in_ways(world.rewards, world.worker)[way]
        if is_fit:
            call(drop_id, leaf, [])
        else:
            with boa.reverts("index is out of range"):
                call(drop_id, leaf, [])
    assert world.balance(world.worker) == 1
    assert world.rewards.is_claimed(world.drop.drop_id, 2**32) is False
    assert world.rewards.is_claimed(world.drop.drop_id, MAX_UINT) is False


@ALL_WAYS
@pytest.mark.parametrize("amount", [2**128, MAX_UINT, 2**128 + 1, MAX_UINT - 2**128 + 1])
def test_claim__amount_or_page_total_beyond_a_word__is_refused(world, way, amount):
    """Whatever is shifted or subtracted, a leaf of more than there is gets nothing."""
    for leaf in ((0, world.worker, amount, 5), (0, world.worker, amount, amount)):
        drop_id = world.honest.publish_leaf(leaf, 5)
        call = claim_in_ways(world.rewards, world.worker)[way]
        with reverts_otherwise("the page or the drop has less, which one depends on the total"):
            call(drop_id, leaf, [])
    assert world.balance(world.worker) == 0


def test_claim_batch__nothing_in_it__pays_nothing(world):
    assert world.rewards.claim_batch(world.drop.drop_id, []) == 0
    with boa.reverts("leaves are no whole subtree"):
        world.rewards.claim_range(world.drop.drop_id, [], [])
    with boa.reverts("no claims"):
        world.rewards.claim_drops(world.worker, [])


def test_leaf_of_the_contract_itself__alone_or_among_others__moves_nothing_of_others(world):
    """A publisher's slip: alone it cannot be claimed; among others its money stays for ever."""
    here = world.rewards.address
    rows = [(0, here, 5, 10), (1, world.worker, 5, 10)]
    drop_id, tree = world.publish_wild(world.honest, rows, 10)
    with boa.reverts("asset took a fee"):
        world.claim(drop_id, tree, 0)
    assert world.rewards.claim_range(drop_id, *tree.range(0, 1)) == 10
    assert world.balance(world.worker) == 5
    owed = world.honest.free + world.rewards.drop(world.drop.drop_id).unopened
    assert world.balance(here) == owed + 5


def test_fund__fills_the_word_then_a_withdrawal__waits_until_there_is_room(world):
    """Only an asset whose maker mints 2**128 units can do this, to itself."""
    own = world.new_pool(world.thief, deploy_odd_asset())
    own.fund(2**128 - 1)
    drop = own.propose_leaves({world.thief: 7})
    own.fund(7)
    with boa.reverts("amount is too large"):
        world.rewards.withdraw_drop(drop.drop_id, sender=world.thief)
    with boa.reverts("amount is too large"):
        world.rewards.cancel_drop(drop.drop_id, REASON_HASH, sender=world.owner)
    own.propose(b"\1" * 32, 7)
    world.rewards.withdraw_drop(drop.drop_id, sender=world.thief)


def test_unknown_drops__each_call__changes_nothing(world):
    asset = int(world.asset.address, 16) << 96
    for drop_id in (0, 1, MAX_UINT, asset, asset | 2 << 48 | 1, asset | 1 << 48 | 9, 1 << 48 | 1):
        calls: list[tuple[Any, ...]] = [
            (world.rewards.withdraw_drop, (drop_id,), world.publisher),
            (world.rewards.cancel_drop, (drop_id, REASON_HASH), world.owner),
            (world.rewards.hold_drop, (drop_id, REASON_HASH), world.guardian),
            (world.rewards.activate_drop, (drop_id,), world.thief),
            (world.rewards.end_drop, (drop_id, [0]), world.thief),
            (world.rewards.claim, (drop_id, *world.drop.claim_of(world.worker)), world.thief),
        ]
        assert not any(works(call, *args, sender=who) for call, args, who in calls)
    assert world.honest.free == FREE


def test_rights__of_everybody_else__are_nobody_elses(world):
    """Who may do one thing may not do the next: publisher, guardian and owner have their own."""
    drop = world.honest.propose_leaves({world.worker: EARNED})
    made = world.honest.terms(b"\1" * 32, 1)
    pass_time(2 * YEAR)
    world.appoint()
    held, closing = (drop.drop_id, REASON_HASH), (*world.honest.key, world.thief)
    calls: dict[str, tuple[str, tuple[Any, ...]]] = {
        "propose_drop": ("publisher", (world.honest.campaign_id, made)),
        "withdraw_drop": ("publisher", (drop.drop_id,)),
        "hold_drop": ("guardian", held),
        "cancel_drop": ("owner", held),
        "close_dormant": ("owner", closing),
    }
    for name, (role, args) in calls.items():
        for other in ("publisher", "guardian", "owner", "thief", "worker"):
            if other != role:
                with boa.reverts(f"caller is not the {role}"):
                    getattr(world.rewards, name)(*args, sender=getattr(world, other))
    for other in ("guardian", "thief", "worker"):
        with boa.reverts("caller is not the publisher"):
            new = (world.honest.campaign_id, world.thief)
            world.rewards.set_publisher(*new, sender=getattr(world, other))


def test_propose_drop__twice_in_a_second__are_two_drops(world):
    first = world.honest.propose_leaves({world.worker: 5})
    second = world.honest.propose_leaves({world.worker: 5})
    assert second.drop_id == first.drop_id + 1
    for drop in (first, second):
        wait_and_activate(world.honest, drop)
        world.honest.claim(drop, world.worker)
    assert world.balance(world.worker) == 10


# --- races, and rights abused ---


def test_withdraw_drop__in_the_second_before_a_vote_cancels__stops_all_that_the_vote_decided(world):
    """The hostile publisher, whose drop is held, withdraws it before the vote is executed: then
    `cancel_drop` reverts, and with it a new publisher in the same proposal. It proposes the same
    again. A vote should name the new publisher in a proposal of its own."""
    drop = world.honest.propose_leaves({world.thief: EARNED})
    world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)
    pass_time(14 * DAY - 1)
    world.rewards.withdraw_drop(drop.drop_id, sender=world.publisher)
    with boa.reverts("drop is not pending"):
        world.rewards.cancel_drop(drop.drop_id, REASON_HASH, sender=world.owner)
    again = world.honest.propose_leaves({world.thief: EARNED})
    # It needs a hold of its own. With a new publisher first, the old one is out of the game.
    world.rewards.hold_drop(again.drop_id, REASON_HASH, sender=world.guardian)
    world.rewards.set_publisher(world.honest.campaign_id, world.payer, sender=world.owner)
    with boa.reverts("caller is not the publisher"):
        world.rewards.withdraw_drop(again.drop_id, sender=world.publisher)
    world.rewards.cancel_drop(again.drop_id, REASON_HASH, sender=world.owner)
    assert world.honest.free == FREE


def test_set_publisher__while_a_drop_is_pending__the_new_one_can_withdraw_it(world):
    drop = world.honest.propose_leaves({world.thief: EARNED})
    world.rewards.set_publisher(world.honest.campaign_id, world.payer, sender=world.owner)
    world.rewards.withdraw_drop(drop.drop_id, sender=world.payer)
    assert world.honest.free == FREE


def test_hostile_publisher__splits_the_theft_into_many_drops__each_needs_a_hold_but_one_vote(world):
    """The guardian stops further proposals and holds each drop; one vote names a new publisher, who
    withdraws them all without further votes."""
    drops = [world.honest.propose(b"\1" * 32, FREE // 8) for _ in range(8)]
    world.rewards.pause(sender=world.guardian)
    with boa.reverts("paused"):
        world.honest.propose(b"\1" * 32, 1)
    for drop_id in drops:
        world.rewards.hold_drop(drop_id, REASON_HASH, sender=world.guardian)
    world.rewards.set_publisher(world.honest.campaign_id, world.payer, sender=world.owner)
    for drop_id in drops:
        world.rewards.withdraw_drop(drop_id, sender=world.payer)
    assert world.honest.free == FREE


def test_guardian__after_its_term__holds_nothing(world):
    drop = world.honest.propose_leaves({world.worker: EARNED})
    warp_to(world.rewards.guardian_expires_at())
    with boa.reverts("caller is not the guardian"):
        world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)


def test_hostile_publisher__a_root_of_nothing__locks_the_free_money_for_ten_years(world):
    """What it costs when neither guardian nor vote acts; the promised money is out of its reach."""
    drop_id = world.honest.propose(b"\1" * 32, FREE, claim_seconds=10 * YEAR)
    pass_time(CHALLENGE_SECONDS)
    world.rewards.activate_drop(drop_id)
    pass_time(10 * YEAR - 1)
    with boa.reverts("drop has not ended"):
        world.rewards.end_drop(drop_id, [])
    pass_time(1)
    assert world.rewards.end_drop(drop_id, []) == FREE
    world.honest.claim(world.drop, world.worker)


def test_close_dormant__publisher_proposes_a_unit_of_its_own_token__money_is_kept_from_the_vote(
    world,
):
    """Any proposal in any asset is a sign of life. A vote names another publisher, who pays it."""
    junk = replace(world.honest, asset=deploy_odd_asset())
    junk.fund(1)
    pass_time(2 * YEAR)
    junk.propose(b"\1" * 32, 1)
    with boa.reverts("campaign is not dormant"):
        world.rewards.close_dormant(*world.honest.key, world.owner, sender=world.owner)
    world.rewards.set_publisher(world.honest.campaign_id, world.payer, sender=world.owner)
    world.honest.publisher = world.payer
    try:
        drop = world.honest.publish({world.owner: FREE})
        world.honest.claim(drop, world.owner)
    finally:
        world.honest.publisher = world.publisher
    assert world.balance(world.owner) == FREE


def test_claim__somebody_overtakes_claim_to__the_account_itself_is_paid(world):
    """Anybody can void an account's order by claiming for it: the money goes to the account."""
    leaf, proof = world.drop.claim_of(world.worker)
    signature = sign_claim_to(world.rewards, world.drop.drop_id, leaf[0], world.payer, WORKER_KEY)
    world.honest.claim(world.drop, world.worker, sender=world.thief)
    with boa.reverts("claimed already"):
        world.rewards.claim_to(world.drop.drop_id, leaf, proof, world.payer, MAX_UINT, signature)
    assert world.balance(world.worker) == EARNED


def test_claim_drops__one_of_the_drops_was_ended__is_refused_until_it_is_left_out(world):
    later = world.honest.publish({world.worker: 5})
    warp_to(turns_at(world, world.drop.drop_id))
    world.rewards.end_drop(world.drop.drop_id, [])
    parts = [drop.part_of(world.worker) for drop in (world.drop, later)]
    with boa.reverts("drop is not active"):
        world.rewards.claim_drops(world.worker, parts)
    assert world.rewards.claim_drops(world.worker, parts[1:]) == 5
