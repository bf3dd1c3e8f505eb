"""Time-weighted balances per epoch, and excluded accounts."""

import boa
import pytest

from tests.kits.token import HELD, MAX_SUPPLY
from tests.support import (
    DAY,
    EPOCH_SECONDS,
    MAX_UINT,
    ZERO_ADDRESS,
    account,
    deploy,
    logged,
    now,
    pass_time,
    reverts_silently,
    warp_to,
)

FULL = HELD * EPOCH_SECONDS


@pytest.fixture
def next_epoch(token):
    """Moves to the first second of the next epoch, or of the n-th from now."""

    def go(n=1):
        warp_to(token.epoch_start(token.epoch_at(now()) + n))

    return go


def seconds_of(token, epoch, *accounts):
    return [token.balance_seconds(account, epoch) for account in accounts]


# --- epochs ---


def test_epoch_at__every_boundary__is_half_open(token):
    genesis = token.GENESIS()
    moments = {
        0: 0,
        genesis - 1: 0,
        genesis: 1,
        genesis + EPOCH_SECONDS - 1: 1,
        genesis + EPOCH_SECONDS: 2,
        genesis + 100 * EPOCH_SECONDS - 1: 100,
    }
    assert {moment: token.epoch_at(moment) for moment in moments} == moments


def test_epoch_start__is_the_first_second_of_the_epoch(token):
    genesis = token.GENESIS()
    assert [token.epoch_start(epoch) for epoch in (0, 1, 2, 100)] == [
        0,
        genesis,
        genesis + EPOCH_SECONDS,
        genesis + 99 * EPOCH_SECONDS,
    ]


@pytest.mark.parametrize("epoch", [0, 2, 3, 2**41, MAX_UINT])
def test_balance_seconds__no_such_epoch_yet__are_zero(token, holder, epoch):
    pass_time(100)
    assert token.balance_seconds(holder, epoch) == 0
    assert token.eligible_balance_seconds(epoch) == 0
    assert token.supply_balance_seconds(epoch) == 0


# --- balance-seconds ---


def test_balance_seconds__running_epoch__count_up_to_now(token, holder):
    assert token.balance_seconds(holder, 1) == 0
    pass_time(1)
    assert token.balance_seconds(holder, 1) == HELD
    pass_time(99)
    assert token.balance_seconds(holder, 1) == token.eligible_balance_seconds(1) == HELD * 100


def test_balance_seconds__last_second_of_an_epoch__belongs_to_it(token, holder, next_epoch):
    next_epoch()
    assert seconds_of(token, 1, holder) == [FULL]
    assert seconds_of(token, 2, holder) == [0]


def test_balance_seconds__moved_within_the_epoch__counts_both_sides(token, holder, stranger):
    pass_time(100)
    token.transfer(stranger, HELD // 4, sender=holder)
    pass_time(100)
    token.transfer(holder, HELD // 4, sender=stranger)
    pass_time(100)
    quarter = HELD // 4 * 100
    assert seconds_of(token, 1, holder, stranger) == [11 * quarter, quarter]
    assert token.eligible_balance_seconds(1) == HELD * 300


def test_balance_seconds__moved_in_the_second_it_came__counts_nothing(token, holder, stranger):
    pass_time(100)
    token.transfer(stranger, HELD, sender=holder)
    token.transfer(holder, HELD, sender=stranger)
    pass_time(100)
    assert seconds_of(token, 1, holder, stranger) == [HELD * 200, 0]


@pytest.mark.parametrize("untouched", [1, 2, 7])
def test_balance_seconds__untouched_epochs__are_whole(
    token, holder, stranger, next_epoch, untouched
):
    next_epoch(untouched)
    pass_time(10)
    token.transfer(stranger, HELD, sender=holder)
    next_epoch(untouched)
    for epoch in range(1, untouched + 1):
        assert seconds_of(token, epoch, holder, stranger) == [FULL, 0]
    moved_in = untouched + 1
    assert seconds_of(token, moved_in, holder, stranger) == [HELD * 10, FULL - HELD * 10]
    for epoch in range(moved_in + 1, 2 * untouched + 1):
        assert seconds_of(token, epoch, holder, stranger) == [0, FULL]
    assert seconds_of(token, 2 * untouched + 1, holder, stranger) == [0, 0]


def test_balance_seconds__many_epochs_with_gaps__are_each_found(token, holder, stranger):
    """The holder gives one away 10 s into every epoch that is no multiple of 3."""
    expected, held = {}, HELD
    for epoch in range(1, 21):
        warp_to(token.epoch_start(epoch) + 10)
        before = held
        if epoch % 3:
            token.transfer(stranger, 1, sender=holder)
            held -= 1
        expected[epoch] = before * 10 + held * (EPOCH_SECONDS - 10)
    warp_to(token.epoch_start(22))
    for epoch, seconds in expected.items():
        assert seconds_of(token, epoch, holder, stranger) == [seconds, FULL - seconds]


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_balance_seconds__moved_around_the_boundary__are_split_there(
    token, holder, stranger, offset
):
    boundary = token.epoch_start(2)
    warp_to(boundary + offset)
    token.transfer(stranger, HELD, sender=holder)
    warp_to(boundary + EPOCH_SECONDS)
    late, early = max(offset, 0) * HELD, max(-offset, 0) * HELD
    assert seconds_of(token, 1, holder, stranger) == [FULL - early, early]
    assert seconds_of(token, 2, holder, stranger) == [late, FULL - late]


def test_balance_seconds__past_epoch__never_changes(token, holder, stranger, next_epoch):
    pass_time(10)
    token.transfer(stranger, 1, sender=holder)
    next_epoch()
    before = seconds_of(token, 1, holder, stranger)
    token.transfer(stranger, 5, sender=holder)
    token.burn(1, sender=holder)
    next_epoch(3)
    token.transfer(holder, 3, sender=stranger)
    assert seconds_of(token, 1, holder, stranger) == before


def test_balance_seconds__minted_and_burnt__count_while_they_exist(
    token, holder, minter, stranger, next_epoch
):
    pass_time(100)
    token.mint(stranger, 50, sender=minter)
    pass_time(100)
    token.burn(20, sender=stranger)
    pass_time(100)
    assert seconds_of(token, 1, stranger) == [50 * 100 + 30 * 100]
    expected = HELD * 300 + 8_000
    assert token.supply_balance_seconds(1) == token.eligible_balance_seconds(1) == expected
    next_epoch()
    token.burn(30, sender=stranger)
    pass_time(100)
    assert seconds_of(token, 2, stranger) == [0]
    assert token.supply_balance_seconds(2) == HELD * 100


def test_balance_seconds__greatest_supply_for_the_longest_epoch__fits(
    make_token, owner, minter, holder, stranger
):
    token = make_token(epoch_seconds=90 * DAY)
    token.set_minter(minter, MAX_SUPPLY, sender=owner)
    token.mint(holder, MAX_SUPPLY, sender=minter)
    pass_time(90 * DAY - 1)
    token.transfer(stranger, MAX_SUPPLY, sender=holder)
    pass_time(90 * DAY)
    token.transfer(holder, MAX_SUPPLY, sender=stranger)
    epoch = MAX_SUPPLY * 90 * DAY
    assert seconds_of(token, 1, holder, stranger) == [epoch - MAX_SUPPLY, MAX_SUPPLY]
    assert seconds_of(token, 2, holder, stranger) == [0, epoch - MAX_SUPPLY]
    assert token.eligible_balance_seconds(1) == token.supply_balance_seconds(1) == epoch


def test_balance_seconds__genesis_long_ago__earlier_epochs_are_empty(
    make_token, owner, minter, holder
):
    token = make_token(genesis=now() - 3 * EPOCH_SECONDS - 5)
    token.set_minter(minter, HELD, sender=owner)
    token.mint(holder, HELD, sender=minter)
    pass_time(EPOCH_SECONDS)
    token.burn(HELD, sender=holder)
    assert [token.balance_seconds(holder, epoch) for epoch in range(6)] == [
        *(0, 0, 0, 0),
        HELD * (EPOCH_SECONDS - 5),
        HELD * 5,
    ]


# --- exclusion ---


def exclude(token, who, excluded):
    """What `apply_exclusion` does, in this second: for sums that are easy to write down."""
    token.internal._set_excluded(who, excluded)


def test_set_excluded__before_any_token__is_so_at_once(owner, holder):
    """The suite's own contracts, at deployment."""
    token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS, sender=owner)
    for excluded in (True, False):
        token.set_excluded(holder, excluded, sender=owner)
        assert logged(token) == [("ExclusionChanged", holder, excluded)]
        assert token.is_excluded(holder) is excluded
        token.set_excluded(holder, excluded, sender=owner)
        assert logged(token) == []


@pytest.mark.parametrize("balance", ["holds", "empty"])
def test_set_excluded__later__begins_two_epochs_on(token, owner, holder, stranger, balance):
    """A vote used to exclude a minority in the last second of an epoch that it had held through."""
    who = holder if balance == "holds" else stranger
    warp_to(token.epoch_start(2) - 1)
    token.set_excluded(who, True, sender=owner)
    assert logged(token) == [("ExclusionAnnounced", who, True, 3)]
    assert tuple(token.announced_exclusion(who)) == (True, 3)
    for moment in (now(), now() + 1, token.epoch_start(3) - 1):
        warp_to(moment)
        with boa.reverts("notice has not ended"):
            token.apply_exclusion(who)
        assert not token.is_excluded(who)
    pass_time(1)
    token.apply_exclusion(who, sender=stranger)
    assert logged(token) == [("ExclusionChanged", who, True)]
    assert token.is_excluded(who)
    assert tuple(token.announced_exclusion(who)) == (False, 0)
    with boa.reverts("no exclusion is announced"):
        token.apply_exclusion(who)
    pass_time(50)
    if who == holder:
        assert [token.balance_seconds(holder, epoch) for epoch in (2, 3)] == [FULL, 0]
    assert token.eligible_balance_seconds(3) == (0 if who == holder else HELD * 50)


def test_set_excluded__announced_again__replaces_it(token, owner, holder, next_epoch):
    token.set_excluded(holder, True, sender=owner)
    next_epoch()
    token.set_excluded(holder, False, sender=owner)
    next_epoch()
    with boa.reverts("notice has not ended"):
        token.apply_exclusion(holder)
    next_epoch()
    token.apply_exclusion(holder)
    assert logged(token) == []
    assert not token.is_excluded(holder)


def test_set_excluded__end_of_an_exclusion__has_the_same_notice(token, owner, holder, next_epoch):
    exclude(token, holder, True)
    token.set_excluded(holder, False, sender=owner)
    next_epoch()
    with boa.reverts("notice has not ended"):
        token.apply_exclusion(holder)
    next_epoch()
    token.apply_exclusion(holder)
    assert not token.is_excluded(holder)


@pytest.mark.parametrize("role", ["minter", "holder", "stranger"])
@pytest.mark.parametrize("excluded", [False, True])
def test_set_excluded__by_another__reverts(token, holder, role, excluded, request):
    with boa.reverts("caller is not the owner"):
        token.set_excluded(holder, excluded, sender=request.getfixturevalue(role))


def test_set_excluded__of_zero__counts_nothing(token, owner):
    exclude(token, ZERO_ADDRESS, True)
    pass_time(10)
    assert token.eligible_balance_seconds(1) == HELD * 10


def test_set_excluded__mid_epoch__counts_exactly_the_other_seconds(token, owner, holder):
    pass_time(100)
    exclude(token, holder, True)
    pass_time(1_000)
    assert seconds_of(token, 1, holder) == [HELD * 100]
    exclude(token, holder, False)
    pass_time(10)
    assert seconds_of(token, 1, holder) == [HELD * 110]
    assert token.eligible_balance_seconds(1) == HELD * 110
    assert token.supply_balance_seconds(1) == HELD * 1_110


def test_set_excluded__for_whole_epochs__counts_nothing_in_them(token, owner, holder, next_epoch):
    pass_time(100)
    exclude(token, holder, True)
    next_epoch(3)
    pass_time(7)
    exclude(token, holder, False)
    next_epoch()
    by_epoch = [token.balance_seconds(holder, epoch) for epoch in range(1, 6)]
    assert by_epoch == [HELD * 100, 0, 0, FULL - HELD * 7, 0]
    assert [token.eligible_balance_seconds(epoch) for epoch in range(1, 6)] == by_epoch
    assert [token.supply_balance_seconds(epoch) for epoch in range(1, 6)] == [*[FULL] * 4, 0]


def test_set_excluded__keeps_balance_votes_and_transfers(token, owner, holder, stranger):
    token.delegate(holder, sender=holder)
    exclude(token, holder, True)
    assert (token.balanceOf(holder), token.getVotes(holder)) == (HELD, HELD)
    token.transfer(stranger, 9, sender=holder)
    assert (token.getVotes(holder), token.delegates(holder)) == (HELD - 9, holder)
    assert token.is_excluded(holder)


@pytest.mark.parametrize(
    ("sender_out", "receiver_out"), [(False, False), (False, True), (True, False), (True, True)]
)
def test_transfer__between_excluded_and_not__moves_what_is_eligible(
    token, owner, holder, stranger, sender_out, receiver_out
):
    exclude(token, holder, sender_out)
    exclude(token, stranger, receiver_out)
    pass_time(100)
    token.transfer(stranger, 40, sender=holder)
    pass_time(100)
    sent = 0 if sender_out else HELD * 100 + (HELD - 40) * 100
    received = 0 if receiver_out else 40 * 100
    assert seconds_of(token, 1, holder, stranger) == [sent, received]
    assert token.eligible_balance_seconds(1) == sent + received
    assert token.supply_balance_seconds(1) == HELD * 200


def test_mint_and_burn__excluded_account__move_the_supply_only(
    token, owner, minter, stranger, next_epoch
):
    exclude(token, stranger, True)
    token.mint(stranger, 40, sender=minter)
    pass_time(100)
    token.burn(10, sender=stranger)
    pass_time(100)
    assert token.supply_balance_seconds(1) == HELD * 200 + 40 * 100 + 30 * 100
    assert token.eligible_balance_seconds(1) == HELD * 200
    next_epoch(2)
    assert seconds_of(token, 1, stranger) == seconds_of(token, 2, stranger) == [0]


# --- ranges ---


def test_balance_seconds_range__any_history__tells_what_single_views_tell(token, owner):
    """Accounts that moved in every epoch, in some, once, never, and one that was excluded."""
    busy, seldom, still, never, barred = (
        account(name) for name in ("busy", "seldom", "still", "never", "barred")
    )
    token.set_minter(owner, 10**30, sender=owner)
    for who in (busy, seldom, still, barred):
        token.mint(who, 10**20, sender=owner)
    for epoch in range(1, 31):
        pass_time(12_345 + epoch)
        token.transfer(seldom, 10**15, sender=busy)
        if epoch % 5 == 0:
            token.transfer(busy, 7 * 10**15, sender=seldom)
        if epoch in (4, 9):
            exclude(token, barred, epoch == 4)
        warp_to(token.epoch_start(epoch + 1) + epoch % 2)
    for who in (busy, seldom, still, never, barred):
        single = [token.balance_seconds(who, epoch) for epoch in range(60)]
        for first, count in ((0, 26), (1, 26), (3, 1), (4, 12), (9, 23), (28, 5), (31, 2), (33, 3)):
            found = token.balance_seconds_range(who, first, count)
            assert found == single[first : first + count], (who, first, count)
    eligible = [token.eligible_balance_seconds(epoch) for epoch in range(2, 28)]
    assert token.eligible_balance_seconds_range(2, 26) == eligible
    assert token.balance_seconds_range(busy, 1, 0) == []


def test_balance_seconds_range__from_the_epoch_of_the_last_change__ends_before_the_running_one(
    token, holder, stranger
):
    """The first epoch is part moved, part not; the others are whole ones of what was held since."""
    warp_to(token.epoch_start(3) + 500)
    token.transfer(stranger, 40, sender=holder)
    warp_to(token.epoch_start(9) + 3)
    whole = (HELD - 40) * EPOCH_SECONDS
    first = HELD * 500 + (HELD - 40) * (EPOCH_SECONDS - 500)
    for count in range(1, 6):
        assert token.balance_seconds_range(holder, 3, count) == [first, *[whole] * (count - 1)]
        received = [40 * (EPOCH_SECONDS - 500), *[40 * EPOCH_SECONDS] * (count - 1)]
        assert token.balance_seconds_range(stranger, 3, count) == received


@pytest.mark.parametrize("first", [MAX_UINT, MAX_UINT - 8, MAX_UINT - 1])
def test_balance_seconds_range__beyond_the_last_number__reverts(token, owner, first):
    """One that wrapped around let a holder claim epochs that the log does not name."""
    with reverts_silently():
        token.balance_seconds_range(owner, first, 10)


def test_balance_seconds_range__twenty_seven_epochs__reverts(token, owner):
    for call in (
        lambda: token.balance_seconds_range(owner, 1, 27),
        lambda: token.eligible_balance_seconds_range(1, 27),
    ):
        with boa.reverts("too many epochs"):
            call()
