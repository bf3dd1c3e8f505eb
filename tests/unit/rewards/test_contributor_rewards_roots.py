"""The life of a root: proposed, challenged, activated."""

import boa
import pytest

from tests.kits.rewards import (
    CHALLENGE_SECONDS,
    FUNDED,
    LEAVES_HASH,
    LEAVES_URI,
    REASON_HASH,
    event_list,
)
from tests.support import now, pass_time, warp_to

ROOT = b"\xaa" * 32
OTHER_ROOT = b"\xbb" * 32
TOTAL = 600_000
NOTHING = b"\0" * 32


@pytest.fixture
def pending(pool):
    """The pool with ROOT pending."""
    pool.propose(ROOT, TOTAL)
    return pool


@pytest.fixture
def active(pending):
    """The pool with ROOT active."""
    pass_time(CHALLENGE_SECONDS)
    pending.activate(ROOT)
    return pending


def pending_part(pool) -> tuple:
    books = pool.books
    return books.pending_root, books.pending_total, books.activates_at


# --- propose ---


def test_propose_root__by_publisher__waits_for_the_challenge_window(pool):
    before = pool.books
    pool.propose(ROOT, TOTAL)
    activates_at = now() + CHALLENGE_SECONDS
    assert event_list(pool.rewards) == [
        (
            "RootProposed",
            {
                "campaign_id": 1,
                "asset": pool.asset.address,
                "root": ROOT,
                "total": TOTAL,
                "leaves_hash": LEAVES_HASH,
                "uri": LEAVES_URI,
                "activates_at": activates_at,
            },
        )
    ]
    assert pool.books == before._replace(
        pending_root=ROOT, pending_total=TOTAL, activates_at=activates_at
    )


@pytest.mark.parametrize("role", ["owner", "guardian", "payer", "stranger"])
def test_propose_root__by_others__reverts(pool, request, role):
    with boa.reverts("caller is not the publisher"):
        pool.propose(ROOT, TOTAL, sender=request.getfixturevalue(role))


@pytest.mark.parametrize("campaign_id", [0, 2])
def test_propose_root__unknown_campaign__reverts(pool, campaign_id):
    pool.campaign_id = campaign_id
    with boa.reverts("campaign is unknown"):
        pool.propose(ROOT, 0)


def test_propose_root__zero__reverts(pool):
    with boa.reverts("root is zero"):
        pool.propose(NOTHING, TOTAL)


def test_propose_root__while_paused__reverts(pool, guardian, owner):
    pool.rewards.pause(sender=guardian)
    with boa.reverts("paused"):
        pool.propose(ROOT, TOTAL)
    pool.rewards.unpause(sender=owner)
    pool.propose(ROOT, TOTAL)


@pytest.mark.parametrize("root", [ROOT, OTHER_ROOT])
@pytest.mark.parametrize("waited", [0, CHALLENGE_SECONDS])
def test_propose_root__while_one_is_pending__reverts(pending, root, waited):
    pass_time(waited)
    with boa.reverts("a root is pending"):
        pending.propose(root, TOTAL)
    assert pending.books.pending_root == ROOT


def test_propose_root__in_another_asset_or_campaign__does_not_collide(pending, make_pool):
    neighbour = make_pool(pending.asset)
    neighbour.fund(TOTAL)
    neighbour.propose(OTHER_ROOT, TOTAL)
    assert pending.books.pending_root == ROOT
    assert neighbour.books.pending_root == OTHER_ROOT


def test_propose_root__all_that_is_funded__is_accepted(pool):
    pool.propose(ROOT, FUNDED)
    assert pool.books.pending_total == FUNDED


@pytest.mark.parametrize("excess", [1, 2**255])
def test_propose_root__above_the_funding__reverts(pool, excess):
    with boa.reverts("total is above the funding"):
        pool.propose(ROOT, FUNDED + excess)


def test_propose_root__above_the_funding_but_covered_by_a_donation__reverts(pool):
    pool.asset.mint(pool.rewards, 1)
    with boa.reverts("total is above the funding"):
        pool.propose(ROOT, FUNDED + 1)


def test_propose_root__same_total_as_the_active_one__is_accepted(active):
    active.propose(OTHER_ROOT, TOTAL)
    assert active.books.pending_total == TOTAL


def test_propose_root__below_the_active_total__reverts(active):
    with boa.reverts("total is below the active one"):
        active.propose(OTHER_ROOT, TOTAL - 1)


# --- cancel ---


@pytest.mark.parametrize("role", ["owner", "guardian"])
@pytest.mark.parametrize("waited", [0, CHALLENGE_SECONDS])
def test_cancel_root__by_guardian_or_owner__throws_it_out(pending, request, role, waited):
    pass_time(waited)
    pending.rewards.cancel_root(
        *pending.key, ROOT, REASON_HASH, sender=request.getfixturevalue(role)
    )
    assert event_list(pending.rewards) == [
        (
            "RootCancelled",
            {
                "campaign_id": 1,
                "asset": pending.asset.address,
                "root": ROOT,
                "reason_hash": REASON_HASH,
            },
        )
    ]
    assert pending_part(pending) == (NOTHING, 0, 0)
    pass_time(CHALLENGE_SECONDS)
    with boa.reverts("no root is pending"):
        pending.activate(ROOT)


def test_cancel_root__while_paused__succeeds(pending, guardian):
    pending.rewards.pause(sender=guardian)
    pending.rewards.cancel_root(*pending.key, ROOT, REASON_HASH, sender=guardian)
    assert pending_part(pending) == (NOTHING, 0, 0)


@pytest.mark.parametrize("role", ["publisher", "payer", "stranger"])
def test_cancel_root__by_others__reverts(pending, request, role):
    with boa.reverts("caller may not cancel"):
        pending.rewards.cancel_root(
            *pending.key, ROOT, REASON_HASH, sender=request.getfixturevalue(role)
        )


def test_cancel_root__guardian_expired__reverts(pending, guardian):
    warp_to(pending.rewards.guardian_expires_at())
    with boa.reverts("caller may not cancel"):
        pending.rewards.cancel_root(*pending.key, ROOT, REASON_HASH, sender=guardian)


def test_cancel_root__another_root__reverts(pending, guardian):
    with boa.reverts("another root is pending"):
        pending.rewards.cancel_root(*pending.key, OTHER_ROOT, REASON_HASH, sender=guardian)


@pytest.mark.parametrize("root", [ROOT, NOTHING])
def test_cancel_root__none_pending__reverts(pool, guardian, root):
    with boa.reverts("no root is pending"):
        pool.rewards.cancel_root(*pool.key, root, REASON_HASH, sender=guardian)


def test_cancel_root__then_propose__starts_a_full_window(pending, guardian):
    pass_time(CHALLENGE_SECONDS - 1)
    pending.rewards.cancel_root(*pending.key, ROOT, REASON_HASH, sender=guardian)
    pending.propose(ROOT, TOTAL)
    assert pending.books.activates_at == now() + CHALLENGE_SECONDS


def test_cancel_root__active_root__stays(active, guardian):
    with boa.reverts("no root is pending"):
        active.rewards.cancel_root(*active.key, ROOT, REASON_HASH, sender=guardian)
    assert active.books.active_root == ROOT


# --- activate ---


def test_activate_root__by_anyone_at_the_end_of_the_window__replaces_the_root(pending, stranger):
    warp_to(pending.books.activates_at)
    pending.activate(ROOT, sender=stranger)
    assert event_list(pending.rewards) == [
        (
            "RootActivated",
            {"campaign_id": 1, "asset": pending.asset.address, "root": ROOT, "total": TOTAL},
        )
    ]
    books = pending.books
    assert (books.active_root, books.active_total, books.paid) == (ROOT, TOTAL, 0)
    assert books.funded == FUNDED
    assert pending_part(pending) == (NOTHING, 0, 0)


def test_activate_root__one_second_early__reverts(pending):
    warp_to(pending.books.activates_at - 1)
    with boa.reverts("challenge window is open"):
        pending.activate(ROOT)


@pytest.mark.parametrize("root", [OTHER_ROOT, NOTHING])
def test_activate_root__not_the_pending_one__reverts(pending, root):
    pass_time(CHALLENGE_SECONDS)
    with boa.reverts("another root is pending"):
        pending.activate(root)


@pytest.mark.parametrize("root", [ROOT, NOTHING])
def test_activate_root__none_pending__reverts(pool, root):
    with boa.reverts("no root is pending"):
        pool.activate(root)


def test_activate_root__twice__reverts(active):
    with boa.reverts("no root is pending"):
        active.activate(ROOT)


def test_activate_root__while_paused__succeeds(pending, guardian):
    pass_time(CHALLENGE_SECONDS)
    pending.rewards.pause(sender=guardian)
    pending.activate(ROOT)
    assert pending.books.active_root == ROOT


def test_activate_root__funding_gone__reverts(pending):
    # No call can lower the funding, so the test writes the storage.
    pending.rewards.eval(f"root_book.books[1][{pending.asset.address}].funded = {TOTAL - 1}")
    pass_time(CHALLENGE_SECONDS)
    with boa.reverts("total is above the funding"):
        pending.activate(ROOT)


def test_activate_root__keeps_what_is_paid(pool, worker, coworker):
    first = pool.publish({worker: 10, coworker: 20})
    pool.claim(first, worker)
    pool.publish({worker: 15, coworker: 25})
    books = pool.books
    assert (books.paid, books.active_total) == (10, 40)
