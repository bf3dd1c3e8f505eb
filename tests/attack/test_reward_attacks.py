"""Attacks on the money of contributor rewards, from funding to the end of a drop: each gains
nothing, and something without its defence."""

from contextlib import suppress
from typing import Any

import pytest
from boa import BoaError

from tests.attack.reward_world import (
    EARNED,
    FUNDED,
    STEM,
    YEAR,
    Case,
    World,
    wait_and_activate,
)
from tests.kits.rewards import CHALLENGE_SECONDS, CLAIM_SECONDS, REASON_HASH
from tests.odd_assets import Entry, Fault, calldata_of, deploy_odd_asset, program_reentry
from tests.support import DAY, deployer_of, pass_time

# --- each attack returns what it gained: 0 is a failure ---


def drop_above_the_free_money(world: World) -> int:
    """The thief promises itself money that other campaigns hold."""
    own = world.new_pool(world.thief)
    return world.steal_with(own, FUNDED, (0, world.thief, FUNDED, FUNDED))


def donation_promised(world: World) -> int:
    """The thief promises itself a stray transfer."""
    own = world.new_pool(world.thief)
    world.asset.mint(world.rewards, FUNDED)
    return world.steal_with(own, FUNDED, (0, world.thief, FUNDED, FUNDED))


def second_drop_takes_the_first(world: World) -> int:
    """All of the campaign is promised. The publisher proposes a second root with the same total, in
    which the worker's unclaimed leaf stands in the thief's name."""
    world.honest.publish({world.worker: FUNDED - 2 * EARNED})
    row = (0, world.thief, 2 * EARNED, 2 * EARNED)
    return world.steal_with(world.honest, 2 * EARNED, row)


def leaves_above_the_total(world: World) -> int:
    """A drop whose total is paid for, but whose leaf is more."""
    own = world.new_pool(world.thief)
    own.fund(1)
    return world.steal_with(own, 1, (0, world.thief, FUNDED, 1))


def page_total_inflated(world: World) -> int:
    """A drop whose total is paid for, but whose page says that it has more."""
    own = world.new_pool(world.thief)
    own.fund(1)
    return world.steal_with(own, 1, (0, world.thief, FUNDED, FUNDED))


def page_opened_twice(world: World) -> int:
    """The thief's page is claimed to the end; is it filled again from the worker's?"""
    rows = [(0, world.thief, EARNED, EARNED), (128, world.worker, EARNED, EARNED)]
    drop_id, tree = world.publish_wild(world.honest, rows, 2 * EARNED)
    world.claim(drop_id, tree, 0)
    with suppress(BoaError):
        world.claim(drop_id, tree, 0)
    return world.loot - EARNED


def window_skipped(world: World) -> int:
    """The publisher proposes and activates before anybody can look."""
    drop = world.honest.propose_leaves({world.thief: EARNED})
    pass_time(CHALLENGE_SECONDS - 1)
    with suppress(BoaError):
        world.rewards.activate_drop(drop.drop_id)
        world.honest.claim(drop, world.thief)
    return world.loot


def withdrawn_drop_activated(world: World) -> int:
    """The thief withdraws its drop, promises the same money again, and activates both."""
    own = world.new_pool(world.thief)
    own.fund(EARNED)
    first = own.propose_leaves({world.thief: EARNED})
    world.rewards.withdraw_drop(first.drop_id, sender=world.thief)
    second = own.propose_leaves({world.thief: EARNED})
    for drop in (second, first):
        with suppress(BoaError):
            wait_and_activate(own, drop)
            own.claim(drop, world.thief)
    return world.loot - EARNED


def cancelled_drop_activated(world: World) -> int:
    """The drop was thrown out, and is activated all the same."""
    drop = world.honest.propose_leaves({world.thief: EARNED})
    world.rewards.cancel_drop(drop.drop_id, REASON_HASH, sender=world.owner)
    with suppress(BoaError):
        wait_and_activate(world.honest, drop)
        world.honest.claim(drop, world.thief)
    return world.loot


def drop_without_files(world: World) -> int:
    """A root of which nobody can find a leaf: all of the free money is locked for years."""
    gained = 0
    for missing in ({"leaves_hash": bytes(32)}, {"manifest_hash": bytes(32)}, {"uri": ""}):
        with suppress(BoaError):
            gained += world.honest.propose(b"\1" * 32, 1, **missing)
    return gained


def drop_of_a_later_number(world: World) -> int:
    """The leaves were made for another number: nobody could prove one."""
    tree = world.honest.tree({world.worker: EARNED})
    with suppress(BoaError):
        return world.honest.propose(tree.root, EARNED, number=world.honest.next_number + 1)
    return 0


def locked_for_a_century(world: World) -> int:
    """The publisher locks the free money for as long as it likes."""
    with suppress(BoaError):
        return world.honest.propose(b"\1" * 32, 1, claim_seconds=10 * YEAR + 1)
    return 0


def guardian_holds_for_ever(world: World) -> int:
    """Each time the hold is about to end, the guardian holds the drop again."""
    drop = world.honest.propose_leaves({world.worker: EARNED})
    world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)
    opens_at = world.rewards.drop(drop.drop_id).turns_at
    pass_time(14 * DAY - 1)
    with suppress(BoaError):
        world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)
    return world.rewards.drop(drop.drop_id).turns_at - opens_at


def hold_brings_it_forward(world: World) -> int:
    """A hold shortens a long challenge window."""
    made = (world.publisher, 60 * DAY, (1, b"\1" * 32, "ipfs://x"))
    campaign_id = world.rewards.create_campaign(*made)
    world.honest.campaign_id = campaign_id
    world.honest.fund(EARNED)
    drop = world.honest.propose_leaves({world.worker: EARNED})
    opens_at = world.rewards.drop(drop.drop_id).turns_at
    world.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=world.guardian)
    return opens_at - world.rewards.drop(drop.drop_id).turns_at


def publisher_withdraws_an_active_drop(world: World) -> int:
    free = world.honest.free
    with suppress(BoaError):
        world.rewards.withdraw_drop(world.drop.drop_id, sender=world.publisher)
    return world.honest.free - free


def vote_cancels_an_active_drop(world: World) -> int:
    free = world.honest.free
    with suppress(BoaError):
        world.rewards.cancel_drop(world.drop.drop_id, REASON_HASH, sender=world.owner)
    return world.honest.free - free


def stranger_withdraws(world: World) -> int:
    free = world.honest.free
    drop = world.honest.propose_leaves({world.worker: EARNED})
    with suppress(BoaError):
        world.rewards.withdraw_drop(drop.drop_id, sender=world.thief)
    return world.honest.free - free + EARNED


def ended_before_the_time(world: World) -> int:
    """The publisher ends the drop in its last second and keeps what nobody has claimed."""
    free = world.honest.free
    pass_time(CLAIM_SECONDS - 1)
    with suppress(BoaError):
        world.rewards.end_drop(world.drop.drop_id, [0])
    return world.honest.free - free


def pending_drop_ended(world: World) -> int:
    """The window is over; before anybody activates the drop, the thief ends it."""
    drop, free = world.honest.propose_leaves({world.worker: EARNED}), world.honest.free
    pass_time(CHALLENGE_SECONDS)
    with suppress(BoaError):
        world.rewards.end_drop(drop.drop_id, [])
    return world.honest.free - free


def claimed_after_the_end(world: World) -> int:
    """The drop was ended, but nobody named the page of the worker."""
    world.honest.claim(world.drop, world.coworker)
    pass_time(CLAIM_SECONDS)
    world.rewards.end_drop(world.drop.drop_id, [])
    with suppress(BoaError):
        world.honest.claim(world.drop, world.worker)
    return world.balance(world.worker)


def claimed_and_returned_both(world: World) -> int:
    """The money of the ended drop is free again; is it paid from the others' all the same?"""
    pass_time(CLAIM_SECONDS)
    world.rewards.end_drop(world.drop.drop_id, [0])
    with suppress(BoaError):
        world.honest.claim(world.drop, world.worker)
    return world.balance(world.worker)


def drop_ended_twice(world: World) -> int:
    """What no page received returns a second time, out of the money of others."""
    free = world.honest.free
    pass_time(CLAIM_SECONDS)
    for _ in range(2):
        world.rewards.end_drop(world.drop.drop_id, [])
    return world.honest.free - free - 2 * EARNED


def page_returned_twice(world: World) -> int:
    """A page is named twice, in one call and in two."""
    world.honest.claim(world.drop, world.coworker)
    free = world.honest.free
    pass_time(CLAIM_SECONDS)
    for _ in range(2):
        world.rewards.end_drop(world.drop.drop_id, [0, 0])
    return world.honest.free - free - EARNED


def active_campaign_closed(world: World) -> int:
    """A vote takes the free money of a campaign in the last second of its two years."""
    pass_time(2 * YEAR - 1 - CHALLENGE_SECONDS)
    with suppress(BoaError):
        return world.rewards.close_dormant(*world.honest.key, world.owner, sender=world.owner)
    return 0


def promised_money_closed(world: World) -> int:
    """A vote takes what the drops of a dormant campaign promise."""
    world.honest.publish({world.worker: FUNDED - 2 * EARNED})
    pass_time(2 * YEAR)
    with suppress(BoaError):
        return world.rewards.close_dormant(*world.honest.key, world.owner, sender=world.owner)
    return 0


def dormant_money_sent_twice(world: World) -> int:
    pass_time(2 * YEAR)
    for _ in range(2):
        with suppress(BoaError):
            world.rewards.close_dormant(*world.honest.key, world.thief, sender=world.owner)
    return world.loot - (FUNDED - 2 * EARNED)


def money_never_delivered(world: World) -> int:
    """The thief pays with a token that says it moved, so that the books say more than there is."""
    odd = world.new_pool(world.thief, deploy_odd_asset(Fault.MOVES_NOTHING, Entry.TRANSFER_FROM))
    with suppress(BoaError):
        odd.fund(FUNDED)
    return odd.free


def fee_on_the_way_in(world: World) -> int:
    odd = world.new_pool(world.thief, deploy_odd_asset(Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM))
    with suppress(BoaError):
        odd.fund(FUNDED)
    return odd.free - world.balance(world.rewards, odd.asset)


def eaten_by_fees(world: World, name: str) -> int:
    """The asset begins to charge its senders: what others are owed pays for the thief's claim."""
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    odd.fund(FUNDED)
    own = world.new_pool(world.thief, odd.asset)
    own.fund(FUNDED)
    drop = own.publish({world.thief: FUNDED})
    odd.asset.misbehave(Fault.FEE_ON_SENDER, Entry.TRANSFER)
    leaf, proof = drop.claim_of(world.thief)
    with suppress(BoaError):
        if name == "claim":
            world.rewards.claim(drop.drop_id, leaf, proof)
        else:
            world.rewards.claim_batch(drop.drop_id, [(leaf, proof)])
    owed = FUNDED + world.rewards.drop(drop.drop_id).unopened
    owed += world.rewards.page(drop.drop_id, 0)[0]
    return owed - world.balance(world.rewards, odd.asset)


def eaten_by_fees_in_claim(world: World) -> int:
    return eaten_by_fees(world, "claim")


def eaten_by_fees_in_batch(world: World) -> int:
    return eaten_by_fees(world, "claim_batch")


def claim_reentered(world: World) -> int:
    """A token with hooks claims from another campaign while its own claim pays."""
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    odd.fund(FUNDED)
    drop = odd.publish({world.worker: EARNED})
    inner = (world.drop.drop_id, *world.drop.claim_of(world.worker))
    payload = calldata_of(world.rewards, "claim", *inner)
    program_reentry(odd.asset, world.rewards, payload, entries=Entry.TRANSFER)
    odd.claim(drop, world.worker)
    return int(odd.asset.hook_succeeded())


def funding_reentered(world: World) -> int:
    """A token with hooks has the books read while the money is on its way."""
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    payload = calldata_of(world.rewards, "free", *odd.key)
    program_reentry(odd.asset, world.rewards, payload, entries=Entry.TRANSFER_FROM)
    odd.fund(FUNDED)
    return int(odd.asset.hook_succeeded())


FREE_CHECK = 'assert total <= free, "total is above the free money"'
CLEARED = """    self.drops[drop_id].pending_root = empty(bytes32)
    self.drops[drop_id].head = 0"""
PENDING = 'assert self.drops[drop_id].pending_root != empty(bytes32), "drop is not pending"'
ROOT_CLEARED = "self.drops[drop_id].root = empty(bytes32)"
STATE = (
    "assert head.turns_at != 0 and self.drops[drop_id].pending_root == empty(bytes32), "
    '"drop is not active"'
)
FILES = (
    "assert drop.leaves_hash != empty(bytes32) and drop.manifest_hash != empty(bytes32), "
    '"hash is empty"'
)
DORMANT = (
    "assert block.timestamp >= self._head(campaign_id).active_at + DORMANT_SECONDS, "
    '"campaign is not dormant"'
)
CLAIM_SECONDS_CHECK = (
    "drop.claim_seconds >= MIN_CLAIM_SECONDS and drop.claim_seconds <= MAX_CLAIM_SECONDS"
)
ARRIVED = 'assert balance_before + amount == balance_after, "asset took a fee"'
PAID_OF_A_CLAIM = "asset_ledger._check_paid(balance_before, balance_after, leaf.amount)"
PAID = (
    "assert balance_after < balance_before and balance_after + amount >= balance_before, "
    '"asset took a fee"'
)
OPEN_PAGE = "    if packed == 0:\n        packed = self._open"
LOCK = "# pragma nonreentrancy on"
UNLOCKED = "# pragma nonreentrancy off"


def in_campaigns(attack: Any, old: str, new: str = "pass") -> Case:
    return Case(attack, old, new, module="campaign_book")


def in_book(attack: Any, old: str, new: str = "pass", **more: Any) -> Case:
    return Case(attack, old, new, module="drop_book", **more)


CASES = [
    in_campaigns(drop_above_the_free_money, FREE_CHECK, "free = max(free, total)"),
    in_campaigns(donation_promised, FREE_CHECK, "free = max(free, total)"),
    in_campaigns(second_drop_takes_the_first, "self.free[campaign_id][asset] = free - total"),
    Case(
        leaves_above_the_total,
        'assert amount <= packed >> LEFT_OFFSET, "claims exceed the page"',
        module="packed_page",
    ),
    in_book(
        page_total_inflated,
        'assert page_total <= packed_drop_head._unopened(head), "pages exceed the drop"',
    ),
    in_book(page_opened_twice, OPEN_PAGE, OPEN_PAGE.replace("packed ==", "packed >> 128 ==")),
    in_book(window_skipped, 'assert block.timestamp >= head.turns_at, "challenge window is open"'),
    in_book(withdrawn_drop_activated, CLEARED, "    pass"),
    in_book(cancelled_drop_activated, CLEARED, "    pass"),
    Case(drop_without_files, FILES),
    Case(drop_without_files, 'assert len(drop.uri) > 0, "uri is empty"'),
    in_campaigns(drop_of_a_later_number, "number == head.drop_count + 1", "number > 0"),
    Case(locked_for_a_century, CLAIM_SECONDS_CHECK, "drop.claim_seconds >= MIN_CLAIM_SECONDS"),
    in_book(guardian_holds_for_ever, 'assert not head.is_held, "drop was held before"'),
    in_book(guardian_holds_for_ever, "head.is_held = True"),
    in_book(hold_brings_it_forward, "max(head.turns_at, held_until)", "held_until"),
    in_book(publisher_withdraws_an_active_drop, PENDING),
    in_book(vote_cancels_an_active_drop, PENDING),
    Case(stranger_withdraws, "campaign_book._only_publisher(drop.campaign_id)"),
    in_book(ended_before_the_time, 'assert block.timestamp >= head.turns_at, "drop has not ended"'),
    in_book(pending_drop_ended, STATE),
    in_book(claimed_after_the_end, ROOT_CLEARED),
    in_book(
        claimed_and_returned_both,
        ROOT_CLEARED,
        backup=(("drop_book", "    head.unopened = 0\n", ""),),
    ),
    in_book(drop_ended_twice, "    head.unopened = 0\n", ""),
    in_book(page_returned_twice, "self.drops[drop_id].pages[page] = 0"),
    in_campaigns(active_campaign_closed, DORMANT),
    Case(
        promised_money_closed,
        "amount: uint256 = campaign_book._take_dormant(campaign_id, asset)",
        "amount: uint256 = staticcall IERC20(asset).balanceOf(self)",
    ),
    in_campaigns(dormant_money_sent_twice, "self.free[campaign_id][asset] = 0"),
    Case(money_never_delivered, ARRIVED, module="asset_ledger"),
    Case(fee_on_the_way_in, ARRIVED, module="asset_ledger"),
    Case(eaten_by_fees_in_claim, PAID_OF_A_CLAIM),
    Case(eaten_by_fees_in_batch, PAID, module="asset_ledger"),
    Case(claim_reentered, LOCK, UNLOCKED),
    Case(funding_reentered, LOCK, UNLOCKED),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cases
def test_attack__defences_in_place__gains_nothing(case):
    assert case.gain(deployer_of(STEM)) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.gain(case.mutant()) > 0
