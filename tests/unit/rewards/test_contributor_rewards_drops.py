"""The life of a drop: proposed, held, withdrawn or cancelled, activated."""

import boa
import pytest

from tests.kits.rewards import CHALLENGE_SECONDS, CLAIM_SECONDS, FUNDED, REASON_HASH, event_list
from tests.support import DAY, MAX_UINT, deploy, deploy_asset, now, pass_time, warp_to

ROOT = b"\xaa" * 32
OTHER_ROOT = b"\xbb" * 32
TOTAL = 600_000
NOTHING = b"\0" * 32
HOLD_SECONDS = 14 * DAY
YEAR = 365 * DAY
MAX_FREE = 2**128 - 1


@pytest.fixture
def drop_id(pool) -> int:
    """A drop of the pool that is pending."""
    return pool.propose(ROOT, TOTAL)


def view_of(pool, number: int = 1, **fields) -> tuple:
    """A `Drop` struct of the pool; all empty but for the fields given."""
    names = {"campaign_id": pool.campaign_id, "asset": pool.asset.address, "number": number}
    names |= {"pending_root": NOTHING, "root": NOTHING, "unopened": 0}
    names |= {"turns_at": 0, "claim_seconds": 0, "is_held": False}
    assert names.keys() >= fields.keys()
    return tuple((names | fields).values())


def pending_view(pool, number: int = 1, **fields) -> tuple:
    """As `view_of`, of a drop that was proposed just now."""
    usual = {"pending_root": ROOT, "unopened": TOTAL, "claim_seconds": CLAIM_SECONDS}
    return view_of(
        pool, number, **(usual | {"turns_at": now() + CHALLENGE_SECONDS, "is_held": False} | fields)
    )


def make_not_pending(pool, state: str) -> int:
    """The id of a drop of the pool that is not pending any more, or never was."""
    if state == "unknown":
        return pool.rewards.drop_id(1, pool.asset, 1)
    if state in ("active", "ended"):
        drop_id = pool.publish_root(ROOT, TOTAL)
        if state == "ended":
            pass_time(CLAIM_SECONDS)
            pool.rewards.end_drop(drop_id, [])
        return drop_id
    drop_id = pool.propose(ROOT, TOTAL)
    if state == "withdrawn":
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    else:
        pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=pool.rewards.owner())
    return drop_id


NOT_PENDING = ["unknown", "active", "ended", "withdrawn", "cancelled"]


# --- propose_drop ---


def test_propose_drop__by_publisher__takes_the_total_and_waits(pool):
    pass_time(DAY)
    drop = pool.terms(ROOT, TOTAL)
    drop_id = pool.rewards.propose_drop(1, drop, sender=pool.publisher)
    assert event_list(pool.rewards) == [
        (
            "DropProposed",
            {
                "drop_id": drop_id,
                "campaign_id": 1,
                "asset": pool.asset.address,
                "opens_at": now() + CHALLENGE_SECONDS,
                "terms": drop,
            },
        )
    ]
    assert drop_id == pool.rewards.drop_id(1, pool.asset, 1) == pool.domain(1).drop_id
    assert pool.rewards.drop(drop_id) == pending_view(pool)
    assert pool.free == FUNDED - TOTAL
    campaign = pool.rewards.campaign(1)
    assert (campaign.drop_count, campaign.active_at) == (1, now())


@pytest.mark.parametrize("role", ["owner", "guardian", "payer", "stranger"])
def test_propose_drop__by_others__reverts(pool, request, role):
    with boa.reverts("caller is not the publisher"):
        pool.propose(ROOT, TOTAL, sender=request.getfixturevalue(role))


@pytest.mark.parametrize("campaign_id", [0, 2, MAX_UINT])
def test_propose_drop__unknown_campaign__reverts(pool, campaign_id):
    with boa.reverts("campaign is unknown"):
        pool.rewards.propose_drop(campaign_id, pool.terms(ROOT, TOTAL), sender=pool.publisher)


def test_propose_drop__while_paused__reverts(pool, guardian, owner):
    pool.rewards.pause(sender=guardian)
    with boa.reverts("paused"):
        pool.propose(ROOT, TOTAL)
    pool.rewards.unpause(sender=owner)
    pool.propose(ROOT, TOTAL)


def test_propose_drop__by_an_owner_who_publishes__is_not_stopped_by_a_pause(pool, guardian, owner):
    pool.rewards.set_publisher(1, owner, sender=owner)
    pool.rewards.pause(sender=guardian)
    pool.propose(ROOT, TOTAL, sender=owner)


@pytest.mark.parametrize("number", [0, 2, 2**32, MAX_UINT])
def test_propose_drop__not_the_next_number__reverts(pool, number):
    with boa.reverts("not the next drop"):
        pool.propose(ROOT, TOTAL, number=number)


def test_propose_drop__number_of_an_earlier_drop__reverts(pool, drop_id):
    pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    with boa.reverts("not the next drop"):
        pool.propose(ROOT, TOTAL, number=1)
    assert pool.propose(ROOT, TOTAL, number=2) == drop_id + 1


def test_propose_drop__in_another_asset__goes_on_counting(pool, drop_id):
    asset = deploy_asset()
    pool.asset = asset
    pool.fund(TOTAL)
    second = pool.propose(ROOT, TOTAL)
    assert second == pool.rewards.drop_id(1, asset, 2)
    assert pool.free == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"root": NOTHING}, "root is zero"),
        ({"total": 0}, "total is zero"),
        ({"leaves_hash": NOTHING}, "hash is empty"),
        ({"manifest_hash": NOTHING}, "hash is empty"),
        ({"uri": ""}, "uri is empty"),
        ({"claim_seconds": 0}, "claim time out of bounds"),
        ({"claim_seconds": 3 * YEAR - 1}, "claim time out of bounds"),
        ({"claim_seconds": 10 * YEAR + 1}, "claim time out of bounds"),
        ({"claim_seconds": MAX_UINT}, "claim time out of bounds"),
        ({"total": FUNDED + 1}, "total is above the free money"),
        ({"total": MAX_FREE + 1}, "total is above the free money"),
        ({"total": MAX_UINT}, "total is above the free money"),
    ],
)
def test_propose_drop__faulty_terms__revert(pool, changes, reason):
    with boa.reverts(reason):
        pool.propose(**({"root": ROOT, "total": TOTAL} | changes))
    assert pool.free == FUNDED


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 1},
        {"total": FUNDED},
        {"claim_seconds": 3 * YEAR},
        {"claim_seconds": 10 * YEAR},
        {"uri": "u"},
        {"uri": "u" * 128},
    ],
)
def test_propose_drop__terms_on_their_bounds__are_accepted(pool, changes):
    total = changes.get("total", TOTAL)
    drop_id = pool.propose(**({"root": ROOT, "total": total} | changes))
    seconds = changes.get("claim_seconds", CLAIM_SECONDS)
    expected = pending_view(pool, unopened=total, claim_seconds=seconds)
    assert pool.rewards.drop(drop_id) == expected


def test_propose_drop__total_of_128_bits__is_accepted(pool):
    pool.fund(MAX_FREE - FUNDED)
    drop_id = pool.propose(ROOT, MAX_FREE)
    assert pool.rewards.drop(drop_id).unopened == MAX_FREE
    assert pool.free == 0


def test_propose_drop__covered_only_by_others_money__reverts(pool, make_pool):
    make_pool(pool.asset).fund(FUNDED)
    pool.asset.mint(pool.rewards, FUNDED)
    with boa.reverts("total is above the free money"):
        pool.propose(ROOT, FUNDED + 1)


def test_propose_drop__while_others_are_pending__shares_what_is_free(pool, make_pool, drop_id):
    neighbour = make_pool(pool.asset)
    neighbour.fund(TOTAL)
    pass_time(DAY)
    second = pool.propose(OTHER_ROOT, FUNDED - TOTAL)
    foreign = neighbour.propose(ROOT, TOTAL)
    expected = pending_view(pool, number=2, pending_root=OTHER_ROOT, unopened=FUNDED - TOTAL)
    assert pool.rewards.drop(second) == expected
    assert pool.rewards.drop(foreign) == pending_view(neighbour)
    assert pool.rewards.drop(drop_id) == pending_view(
        pool, turns_at=now() - DAY + CHALLENGE_SECONDS
    )
    assert pool.free == neighbour.free == 0
    with boa.reverts("total is above the free money"):
        pool.propose(ROOT, 1)


def test_propose_drop__same_root_and_terms_again__is_another_drop(pool, drop_id):
    again = pool.propose(ROOT, FUNDED - TOTAL)
    assert again == drop_id + 1
    assert pool.rewards.drop(drop_id) == pending_view(pool)


# --- withdraw_drop ---


@pytest.mark.parametrize("waited", [0, CHALLENGE_SECONDS - 1, CHALLENGE_SECONDS, YEAR])
def test_withdraw_drop__pending__returns_the_total(pool, drop_id, waited):
    pass_time(waited)
    pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    assert event_list(pool.rewards) == [("DropWithdrawn", {"drop_id": drop_id, "returned": TOTAL})]
    assert pool.rewards.drop(drop_id) == view_of(pool)
    assert pool.free == FUNDED
    assert pool.rewards.campaign(1).drop_count == 1
    with boa.reverts("drop is not pending"):
        pool.rewards.activate_drop(drop_id)


def test_withdraw_drop__held_or_paused__returns_the_total(pool, drop_id, guardian):
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    pool.rewards.pause(sender=guardian)
    pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    assert pool.free == FUNDED


@pytest.mark.parametrize("role", ["owner", "guardian", "payer", "stranger"])
def test_withdraw_drop__by_others__reverts(pool, drop_id, request, role):
    with boa.reverts("caller is not the publisher"):
        pool.rewards.withdraw_drop(drop_id, sender=request.getfixturevalue(role))


def test_withdraw_drop__by_another_publisher__reverts(pool, drop_id, make_pool, stranger):
    other = make_pool(pool.asset)
    pool.rewards.set_publisher(other.campaign_id, stranger, sender=other.publisher)
    with boa.reverts("caller is not the publisher"):
        pool.rewards.withdraw_drop(drop_id, sender=stranger)


@pytest.mark.parametrize("campaign_id", [0, 2])
def test_withdraw_drop__unknown_campaign__reverts(pool, drop_id, campaign_id):
    unknown = pool.rewards.drop_id(campaign_id, pool.asset, 1)
    with boa.reverts("campaign is unknown"):
        pool.rewards.withdraw_drop(unknown, sender=pool.publisher)


@pytest.mark.parametrize("state", NOT_PENDING)
def test_withdraw_drop__not_pending__reverts(pool, state):
    drop_id = make_not_pending(pool, state)
    free = pool.free
    with boa.reverts("drop is not pending"):
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    assert pool.free == free


def test_withdraw_drop__of_another_asset__reverts(pool, drop_id, stranger):
    with boa.reverts("drop is not pending"):
        pool.rewards.withdraw_drop(pool.rewards.drop_id(1, stranger, 1), sender=pool.publisher)


@pytest.mark.parametrize("excess", [0, 1])
def test_withdraw_drop__free_money_near_128_bits__only_what_fits_returns(pool, drop_id, excess):
    pool.fund(MAX_FREE - FUNDED + excess)
    if excess == 0:
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
        assert pool.free == MAX_FREE
        return
    with boa.reverts("amount is too large"):
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    pool.propose(OTHER_ROOT, excess)
    pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)


# --- cancel_drop ---


@pytest.mark.parametrize("waited", [0, CHALLENGE_SECONDS])
def test_cancel_drop__by_the_owner__returns_the_total(pool, drop_id, owner, waited):
    pass_time(waited)
    pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    assert event_list(pool.rewards) == [
        ("DropCancelled", {"drop_id": drop_id, "returned": TOTAL, "reason_hash": REASON_HASH})
    ]
    assert pool.rewards.drop(drop_id) == view_of(pool)
    assert pool.free == FUNDED
    with boa.reverts("drop is not pending"):
        pool.rewards.activate_drop(drop_id)


def test_cancel_drop__held_or_paused__returns_the_total(pool, drop_id, guardian, owner):
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    pool.rewards.pause(sender=guardian)
    pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    assert pool.free == FUNDED


@pytest.mark.parametrize("role", ["publisher", "guardian", "payer", "stranger"])
def test_cancel_drop__by_others__reverts(pool, drop_id, request, role):
    with boa.reverts("caller is not the owner"):
        pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=request.getfixturevalue(role))


@pytest.mark.parametrize("state", NOT_PENDING)
def test_cancel_drop__not_pending__reverts(pool, owner, state):
    drop_id = make_not_pending(pool, state)
    free = pool.free
    with boa.reverts("drop is not pending"):
        pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    assert pool.free == free


def test_cancel_drop__free_money_above_128_bits__reverts(pool, drop_id, owner):
    pool.fund(MAX_FREE - FUNDED + 1)
    with boa.reverts("amount is too large"):
        pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    pool.propose(OTHER_ROOT, 1)
    pool.rewards.cancel_drop(drop_id, REASON_HASH, sender=owner)
    assert pool.free == MAX_FREE


# --- hold_drop ---


@pytest.mark.parametrize("waited", [0, DAY, CHALLENGE_SECONDS, YEAR])
def test_hold_drop__by_the_guardian__waits_for_a_vote(pool, owner, guardian, waited):
    drop_id = pool.propose(ROOT, TOTAL)
    pass_time(waited)
    pool.rewards.set_guardian(guardian, now() + DAY, sender=owner)
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    opens_at = now() + HOLD_SECONDS
    assert event_list(pool.rewards) == [
        ("DropHeld", {"drop_id": drop_id, "opens_at": opens_at, "reason_hash": REASON_HASH})
    ]
    assert pool.rewards.drop(drop_id) == pending_view(pool, turns_at=opens_at, is_held=True)
    assert pool.free == FUNDED - TOTAL


@pytest.mark.parametrize(
    ("waited", "opens_later"), [(0, 0), (46 * DAY - 1, 0), (46 * DAY, 0), (46 * DAY + 1, 1)]
)
def test_hold_drop__window_longer_than_the_hold__is_never_shortened(
    pool, guardian, waited, opens_later
):
    pool.campaign_id = pool.rewards.create_campaign(
        pool.publisher, 60 * DAY, tuple(pool.rewards.campaign(1).description)
    )
    pool.fund(TOTAL)
    drop_id = pool.propose(ROOT, TOTAL)
    opened_at = now() + 60 * DAY
    pass_time(waited)
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    assert pool.rewards.drop(drop_id).turns_at == opened_at + opens_later


@pytest.mark.parametrize(
    ("period", "strict_delay", "held"),
    [(DAY, 0, HOLD_SECONDS), (2 * DAY + 1, 0, 14 * DAY + 1), (5 * DAY, 7 * DAY, 23 * DAY)],
)
def test_hold_drop__with_a_governor__lasts_as_long_as_a_vote(
    pool, drop_id, owner, guardian, period, strict_delay, held
):
    """A day to the vote, its period, three extensions of a day, a delay, and a week to notice."""
    governor = deploy("MockVoteTimes", DAY, period, DAY, DAY, strict_delay)
    pool.rewards.set_governor(governor, sender=owner)
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    assert pool.rewards.drop(drop_id).turns_at == now() + held


def test_hold_drop__then_activate__waits_for_its_end(pool, drop_id, guardian):
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    pass_time(HOLD_SECONDS - 1)
    with boa.reverts("challenge window is open"):
        pool.rewards.activate_drop(drop_id)
    pass_time(1)
    pool.rewards.activate_drop(drop_id)
    assert pool.rewards.drop(drop_id).root == ROOT


def test_hold_drop__while_paused__succeeds(pool, drop_id, guardian):
    pool.rewards.pause(sender=guardian)
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    assert pool.rewards.drop(drop_id).is_held


@pytest.mark.parametrize("waited", [0, HOLD_SECONDS])
def test_hold_drop__again__reverts(pool, drop_id, guardian, waited):
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    pass_time(waited)
    with boa.reverts("drop was held before"):
        pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)


def test_hold_drop__each_drop__once(pool, drop_id, guardian):
    second = pool.propose(ROOT, FUNDED - TOTAL)
    pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    assert not pool.rewards.drop(second).is_held
    pool.rewards.hold_drop(second, REASON_HASH, sender=guardian)
    assert pool.rewards.drop(second).is_held


@pytest.mark.parametrize("role", ["owner", "publisher", "payer", "stranger"])
def test_hold_drop__by_others__reverts(pool, drop_id, request, role):
    with boa.reverts("caller is not the guardian"):
        pool.rewards.hold_drop(drop_id, REASON_HASH, sender=request.getfixturevalue(role))


def test_hold_drop__guardian_expired__reverts(pool, guardian):
    warp_to(pool.rewards.guardian_expires_at() - 1)
    first, second = pool.propose(ROOT, 1), pool.propose(ROOT, 1)
    pool.rewards.hold_drop(first, REASON_HASH, sender=guardian)
    pass_time(1)
    with boa.reverts("caller is not the guardian"):
        pool.rewards.hold_drop(second, REASON_HASH, sender=guardian)


@pytest.mark.parametrize("state", NOT_PENDING)
def test_hold_drop__not_pending__reverts(pool, guardian, owner, state):
    drop_id = make_not_pending(pool, state)
    pool.rewards.set_guardian(guardian, now() + DAY, sender=owner)
    before = pool.rewards.drop(drop_id)
    with boa.reverts("drop is not pending"):
        pool.rewards.hold_drop(drop_id, REASON_HASH, sender=guardian)
    assert pool.rewards.drop(drop_id) == before


# --- activate_drop ---


@pytest.mark.parametrize("late", [0, YEAR])
def test_activate_drop__by_anyone_after_the_window__opens_it(pool, drop_id, stranger, late):
    warp_to(pool.rewards.drop(drop_id).turns_at + late)
    pool.rewards.activate_drop(drop_id, sender=stranger)
    ends_at = now() + CLAIM_SECONDS
    assert event_list(pool.rewards) == [("DropActivated", {"drop_id": drop_id, "ends_at": ends_at})]
    assert pool.rewards.drop(drop_id) == view_of(
        pool, root=ROOT, unopened=TOTAL, turns_at=ends_at, claim_seconds=CLAIM_SECONDS
    )
    assert pool.free == FUNDED - TOTAL


def test_activate_drop__one_second_early__reverts(pool, drop_id):
    warp_to(pool.rewards.drop(drop_id).turns_at - 1)
    with boa.reverts("challenge window is open"):
        pool.rewards.activate_drop(drop_id)


def test_activate_drop__while_paused__succeeds(pool, drop_id, guardian):
    pass_time(CHALLENGE_SECONDS)
    pool.rewards.pause(sender=guardian)
    pool.rewards.activate_drop(drop_id)
    assert pool.rewards.drop(drop_id).root == ROOT


def test_activate_drop__longest_time_to_claim__ends_ten_years_later(pool):
    drop_id = pool.propose(ROOT, TOTAL, claim_seconds=10 * YEAR)
    pass_time(CHALLENGE_SECONDS)
    pool.rewards.activate_drop(drop_id)
    assert pool.rewards.drop(drop_id).turns_at == now() + 10 * YEAR


@pytest.mark.parametrize("state", NOT_PENDING)
def test_activate_drop__not_pending__reverts(pool, state):
    drop_id = make_not_pending(pool, state)
    pass_time(CHALLENGE_SECONDS)
    before = pool.rewards.drop(drop_id)
    with boa.reverts("drop is not pending"):
        pool.rewards.activate_drop(drop_id)
    assert pool.rewards.drop(drop_id) == before


def test_activate_drop__of_several__leaves_the_others_pending(pool):
    first, second = pool.propose(ROOT, 1), pool.propose(ROOT, 2)
    pass_time(CHALLENGE_SECONDS)
    pool.rewards.activate_drop(second)
    assert pool.rewards.drop(second).root == pool.rewards.drop(first).pending_root == ROOT
    assert pool.rewards.drop(first).root == pool.rewards.drop(second).pending_root == NOTHING
    pool.rewards.activate_drop(first)
    assert pool.rewards.drop(first).root == ROOT
