"""The end of a drop: what no page received and what pages have left returns to the campaign."""

from typing import Any

import boa
import pytest

from flywheel.rewards.shares import demo_address
from tests.kits.reward_claims import WAYS, claim_in_ways, raw_call, refused_by_the_decoder
from tests.kits.rewards import CLAIM_SECONDS, FUNDED, REASON_HASH, Drop, event_list
from tests.support import DAY, MAX_UINT, now, pass_time, warp_to

# Each leaf, and as many leaves as fill two pages and a part of a third.
EARNED = 10
LEAVES = 300
PAGE = 128
ROOT = b"\xaa" * 32
MAX_PAGES = 2**25
MAX_FREE = 2**128 - 1


@pytest.fixture
def drop(pool) -> Drop:
    """An active drop of three pages, with one unit more than its leaves have."""
    leaves = {demo_address(f"w{number}"): EARNED for number in range(LEAVES)}
    return pool.publish(leaves, total=LEAVES * EARNED + 1)


def claim_at(pool, drop: Drop, *indexes: int) -> None:
    for index in indexes:
        leaf = drop.tree.leaf(index)
        pool.rewards.claim(drop.drop_id, leaf.argument, drop.tree.proof(index))


def end(pool, drop: Drop, *pages: int) -> int:
    """Ends it by a stranger to all; its event must tell what is returned."""
    returned = pool.rewards.end_drop(drop.drop_id, list(pages), sender=pool.payer)
    fields: dict[str, Any] = {"drop_id": drop.drop_id, "pages": list(pages), "returned": returned}
    assert event_list(pool.rewards) == [("DropEnded", fields)]
    return int(returned)


def test_end_drop__no_page_opened__returns_all(pool, drop):
    warp_to(pool.rewards.drop(drop.drop_id).turns_at)
    free = pool.free
    before = pool.rewards.drop(drop.drop_id)
    assert end(pool, drop) == LEAVES * EARNED + 1
    assert pool.free == free + LEAVES * EARNED + 1 == FUNDED
    expected = before._replace(root=b"\0" * 32, unopened=0)
    assert pool.rewards.drop(drop.drop_id) == expected


def test_end_drop__one_second_early__reverts(pool, drop):
    warp_to(pool.rewards.drop(drop.drop_id).turns_at - 1)
    with boa.reverts("drop has not ended"):
        pool.rewards.end_drop(drop.drop_id, [])


@pytest.mark.parametrize("state", ["unknown", "pending", "held", "withdrawn", "cancelled"])
def test_end_drop__not_active__reverts(pool, owner, guardian, state):
    drop_id = pool.rewards.drop_id(1, pool.asset, 1)
    if state != "unknown":
        assert pool.propose(ROOT, FUNDED) == drop_id
    if state == "held":
        pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    elif state == "withdrawn":
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    elif state == "cancelled":
        pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    pass_time(2 * CLAIM_SECONDS)
    with boa.reverts("drop is not active"):
        pool.rewards.end_drop(drop_id, [0])


def test_end_drop__pages_partly_claimed__return_what_they_have_left(pool, drop):
    claim_at(pool, drop, 0, 127, 128)
    pass_time(CLAIM_SECONDS)
    unopened = (LEAVES - 2 * PAGE) * EARNED + 1
    left = (PAGE - 2) * EARNED + (PAGE - 1) * EARNED
    assert end(pool, drop, 0, 1) == unopened + left
    assert pool.free == FUNDED - 3 * EARNED
    assert pool.asset.balanceOf(pool.rewards) == pool.free
    assert [pool.page(drop, number) for number in range(3)] == [(0, 0)] * 3


def test_end_drop__again__returns_further_pages(pool, drop):
    claim_at(pool, drop, 0, 128, 299)
    pass_time(CLAIM_SECONDS)
    assert end(pool, drop) == 1
    assert pool.page(drop, 0) == ((PAGE - 1) * EARNED, 1)
    assert end(pool, drop, 0) == (PAGE - 1) * EARNED
    pass_time(CLAIM_SECONDS)
    assert end(pool, drop, 1, 2) == (PAGE - 1 + LEAVES - 2 * PAGE - 1) * EARNED
    assert end(pool, drop, 0, 1, 2) == 0
    assert pool.free == FUNDED - 3 * EARNED


def test_end_drop__page_named_twice__returns_once(pool, drop):
    claim_at(pool, drop, 5)
    pass_time(CLAIM_SECONDS)
    unopened = (LEAVES - PAGE) * EARNED + 1
    assert end(pool, drop, 0, 0, 1, 0) == unopened + (PAGE - 1) * EARNED


def test_end_drop__page_that_nobody_opened__returns_nothing_of_its_own(pool, drop):
    pass_time(CLAIM_SECONDS)
    assert end(pool, drop, 0, 1, 2, 3) == LEAVES * EARNED + 1
    assert end(pool, drop, 0, 1, 2, 3) == 0


def test_end_drop__all_claimed__returns_nothing(pool, worker):
    drop = pool.publish({worker: EARNED})
    pool.claim(drop, worker)
    pass_time(CLAIM_SECONDS)
    assert end(pool, drop, 0) == 0
    assert pool.free == FUNDED - EARNED
    assert pool.page(drop) == (0, 0)


def test_end_drop__emptied_page__tells_of_no_claim_any_more(pool, drop):
    claim_at(pool, drop, 7, 128)
    pass_time(CLAIM_SECONDS)
    end(pool, drop, 0)
    assert not pool.rewards.is_claimed(drop.drop_id, 7)
    assert pool.rewards.is_claimed(drop.drop_id, 128)


def test_end_drop__other_drops_and_campaigns__keep_theirs(pool, make_pool, worker):
    neighbour = make_pool(pool.asset)
    neighbour.fund(EARNED)
    foreign = neighbour.publish({worker: EARNED})
    first = pool.publish({worker: EARNED})
    second = pool.publish({worker: EARNED})
    warp_to(pool.rewards.drop(first.drop_id).turns_at)
    assert end(pool, first, 0) == EARNED
    assert pool.free == FUNDED - EARNED
    assert neighbour.free == 0
    for drop, owner_of_drop in ((second, pool), (foreign, neighbour)):
        owner_of_drop.claim(drop, worker)
    assert pool.asset.balanceOf(worker) == 2 * EARNED


def test_end_drop__while_paused__succeeds(pool, drop, owner, guardian):
    pass_time(CLAIM_SECONDS)
    pool.rewards.set_guardian(guardian, now() + DAY, sender=owner)
    pool.rewards.pause(sender=guardian)
    assert end(pool, drop) == LEAVES * EARNED + 1


def test_end_drop__last_page_there_can_be__returns_nothing(pool, drop):
    pass_time(CLAIM_SECONDS)
    assert end(pool, drop, MAX_PAGES - 1) == LEAVES * EARNED + 1


@pytest.mark.parametrize("page", [MAX_PAGES, MAX_UINT])
def test_end_drop__page_beyond_the_last__reverts(pool, drop, page):
    pass_time(CLAIM_SECONDS)
    with boa.reverts("index is out of range"):
        pool.rewards.end_drop(drop.drop_id, [0, page])


def test_end_drop__free_money_above_128_bits__reverts(pool, worker):
    drop = pool.publish({worker: EARNED})
    pool.fund(MAX_FREE - FUNDED + 1)
    pass_time(CLAIM_SECONDS)
    with boa.reverts("amount is too large"):
        pool.rewards.end_drop(drop.drop_id, [])
    pool.propose(ROOT, 1)
    assert end(pool, drop) == EARNED
    assert pool.free == MAX_FREE


def test_end_drop__as_many_pages_as_fit__are_accepted(pool, drop):
    claim_at(pool, drop, 0)
    pass_time(CLAIM_SECONDS)
    with refused_by_the_decoder():
        raw_call(pool.rewards, "end_drop", ["uint256", "uint256[]"], drop.drop_id, list(range(129)))
    assert end(pool, drop, *range(128)) == (LEAVES - 1) * EARNED + 1


# --- claims around the end ---


@pytest.mark.parametrize("way", WAYS)
def test_claim__after_the_time_but_before_the_end__still_pays(pool, worker, stranger, way):
    drop = pool.publish({worker: EARNED})
    pass_time(2 * CLAIM_SECONDS)
    claim_in_ways(pool.rewards, stranger)[way](drop.drop_id, *drop.claim_of(worker))
    assert pool.rewards.is_claimed(drop.drop_id, 0)
    assert end(pool, drop, 0) == 0


@pytest.mark.parametrize("pages", [[], [0]])
@pytest.mark.parametrize("way", WAYS)
def test_claim__after_the_end__reverts(pool, worker, coworker, stranger, way, pages):
    drop = pool.publish({worker: EARNED, coworker: EARNED})
    pool.claim(drop, coworker)
    pass_time(CLAIM_SECONDS)
    end(pool, drop, *pages)
    for account in (worker, coworker):
        with boa.reverts("drop is not active"):
            claim_in_ways(pool.rewards, stranger)[way](drop.drop_id, *drop.claim_of(account))
