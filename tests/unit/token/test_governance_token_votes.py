"""ERC-5805 delegation and checkpoints, and ERC-6372."""

import boa
import pytest

from tests.kits.token import HELD, minted, votes_changed
from tests.kits.token import transferred as moved
from tests.support import MAX_UINT, ZERO_ADDRESS, logged, now, pass_time, reverts_with, warp_to

FUTURE_LOOKUP = "ERC5805FutureLookup(uint256,uint48)"


def checkpoints_of(token, account):
    return [token.checkpoints(account, i) for i in range(token.numCheckpoints(account))]


# --- ERC-6372 ---


def test_clock__is_the_block_time(token):
    pass_time(7)
    assert token.clock() == now()
    assert token.CLOCK_MODE() == "mode=timestamp"


# --- delegate ---


def test_delegate__never__has_no_votes(token, holder):
    assert token.delegates(holder) == ZERO_ADDRESS
    assert (token.getVotes(holder), token.numCheckpoints(holder)) == (0, 0)


def test_delegate__to_oneself__has_the_votes(token, holder):
    token.delegate(holder, sender=holder)
    assert logged(token) == [
        ("DelegateChanged", holder, ZERO_ADDRESS, holder),
        votes_changed(holder, 0, HELD),
    ]
    assert token.delegates(holder) == holder
    assert token.getVotes(holder) == HELD


def test_delegate__from_oneself_to_another__moves_the_votes(token, holder, delegatee):
    token.delegate(holder, sender=holder)
    token.delegate(delegatee, sender=holder)
    assert logged(token) == [
        ("DelegateChanged", holder, holder, delegatee),
        votes_changed(holder, HELD, 0),
        votes_changed(delegatee, 0, HELD),
    ]
    assert token.delegates(holder) == delegatee
    assert (token.getVotes(holder), token.getVotes(delegatee)) == (0, HELD)


def test_delegate__from_one_to_another__moves_the_votes(token, holder, delegatee, stranger):
    token.delegate(delegatee, sender=holder)
    token.delegate(stranger, sender=holder)
    assert logged(token) == [
        ("DelegateChanged", holder, delegatee, stranger),
        votes_changed(delegatee, HELD, 0),
        votes_changed(stranger, 0, HELD),
    ]


def test_delegate__to_another_and_back__moves_the_votes(token, holder, delegatee):
    token.delegate(delegatee, sender=holder)
    token.delegate(holder, sender=holder)
    assert token.delegates(holder) == holder
    assert (token.getVotes(holder), token.getVotes(delegatee)) == (HELD, 0)


@pytest.mark.parametrize("role", ["holder", "delegatee"])
def test_delegate__to_zero__leaves_nobody_with_the_votes(token, holder, role, request):
    before = request.getfixturevalue(role)
    token.delegate(before, sender=holder)
    token.delegate(ZERO_ADDRESS, sender=holder)
    assert logged(token) == [
        ("DelegateChanged", holder, before, ZERO_ADDRESS),
        votes_changed(before, HELD, 0),
    ]
    assert token.delegates(holder) == ZERO_ADDRESS
    assert token.getVotes(before) == token.getVotes(ZERO_ADDRESS) == 0
    token.transfer(before, 1, sender=holder)
    assert token.getVotes(ZERO_ADDRESS) == 0


@pytest.mark.parametrize("role", ["holder", "delegatee"])
def test_delegate__again_to_the_same__changes_nothing(token, holder, role, request):
    same = request.getfixturevalue(role)
    token.delegate(same, sender=holder)
    pass_time(1)
    token.delegate(same, sender=holder)
    assert logged(token) == [("DelegateChanged", holder, same, same)]
    assert (token.getVotes(same), token.numCheckpoints(same)) == (HELD, 1)


def test_delegate__without_tokens__counts_what_comes(token, holder, stranger, delegatee):
    token.delegate(delegatee, sender=stranger)
    assert logged(token) == [("DelegateChanged", stranger, ZERO_ADDRESS, delegatee)]
    assert token.numCheckpoints(delegatee) == 0
    token.transfer(stranger, 9, sender=holder)
    assert token.getVotes(delegatee) == 9


def test_delegate__in_a_loop__each_has_the_others_votes_only(token, holder, stranger):
    token.transfer(stranger, 9, sender=holder)
    token.delegate(stranger, sender=holder)
    token.delegate(holder, sender=stranger)
    assert (token.getVotes(stranger), token.getVotes(holder)) == (HELD - 9, 9)


def test_delegate__never_changes_the_balance_seconds(token, holder, delegatee):
    pass_time(100)
    token.delegate(delegatee, sender=holder)
    pass_time(100)
    assert token.balance_seconds(holder, 1) == HELD * 200
    assert token.balance_seconds(delegatee, 1) == 0
    assert token.balanceOf(holder) == HELD


# --- delegate_default ---


def test_delegate_default__never_delegated__delegates_to_oneself(token, minter, holder):
    token.delegate_default(holder, sender=minter)
    assert logged(token) == [
        ("DelegateChanged", holder, ZERO_ADDRESS, holder),
        votes_changed(holder, 0, HELD),
    ]
    assert token.delegates(holder) == holder


@pytest.mark.parametrize("role", ["holder", "delegatee"])
def test_delegate_default__has_a_delegate__does_nothing(token, minter, holder, role, request):
    chosen = request.getfixturevalue(role)
    token.delegate(chosen, sender=holder)
    token.delegate_default(holder, sender=minter)
    assert logged(token) == []
    assert token.delegates(holder) == chosen


def test_delegate_default__chose_nobody__does_nothing(token, minter, holder):
    token.delegate(ZERO_ADDRESS, sender=holder)
    token.delegate_default(holder, sender=minter)
    assert logged(token) == []
    assert token.delegates(holder) == ZERO_ADDRESS


def test_delegate_default__of_zero__does_nothing(token, minter):
    token.delegate_default(ZERO_ADDRESS, sender=minter)
    assert logged(token) == []


def test_delegate_default__cap_used_up__still_works(token, owner, minter, holder):
    token.set_minter(minter, 1, sender=owner)
    token.delegate_default(holder, sender=minter)
    assert token.delegates(holder) == holder


@pytest.mark.parametrize("role", ["owner", "holder", "stranger"])
def test_delegate_default__not_a_minter__reverts(token, holder, role, request):
    with boa.reverts("caller is not a minter"):
        token.delegate_default(holder, sender=request.getfixturevalue(role))


def test_delegate_default__revoked_minter__reverts(token, owner, minter, holder):
    token.set_minter(minter, 0, sender=owner)
    with boa.reverts("caller is not a minter"):
        token.delegate_default(holder, sender=minter)


# --- votes follow tokens ---


def test_transfer__both_delegated__moves_votes(token, holder, stranger, delegatee):
    token.delegate(holder, sender=holder)
    token.delegate(delegatee, sender=stranger)
    token.transfer(stranger, 9, sender=holder)
    assert logged(token) == [
        moved(holder, stranger, 9),
        votes_changed(holder, HELD, HELD - 9),
        votes_changed(delegatee, 0, 9),
    ]


def test_transfer__same_delegate__moves_no_votes(token, holder, stranger, delegatee):
    token.delegate(delegatee, sender=holder)
    token.delegate(delegatee, sender=stranger)
    token.transfer(stranger, 9, sender=holder)
    assert logged(token) == [moved(holder, stranger, 9)]
    assert token.getVotes(delegatee) == HELD


def test_transfer__only_sender_delegated__takes_votes(token, holder, stranger):
    token.delegate(holder, sender=holder)
    token.transfer(stranger, 9, sender=holder)
    assert logged(token)[1:] == [votes_changed(holder, HELD, HELD - 9)]


def test_transfer__only_receiver_delegated__gives_votes(token, holder, stranger):
    token.delegate(stranger, sender=stranger)
    token.transfer(stranger, 9, sender=holder)
    assert logged(token)[1:] == [votes_changed(stranger, 0, 9)]


def test_mint__receiver_delegated__gives_votes(token, minter, holder):
    token.delegate(holder, sender=holder)
    token.mint(holder, 9, sender=minter)
    assert logged(token) == [minted(holder, 9), votes_changed(holder, HELD, HELD + 9)]


def test_burn__owner_delegated__takes_votes(token, holder, delegatee):
    token.delegate(delegatee, sender=holder)
    token.burn(9, sender=holder)
    assert logged(token) == [
        moved(holder, ZERO_ADDRESS, 9),
        votes_changed(delegatee, HELD, HELD - 9),
    ]


# --- checkpoints ---


def test_checkpoints__several_changes_in_one_second__make_one(token, holder, stranger):
    token.delegate(holder, sender=holder)
    token.transfer(stranger, 4, sender=holder)
    token.transfer(stranger, 5, sender=holder)
    assert checkpoints_of(token, holder) == [(now(), HELD - 9)]


@pytest.mark.parametrize("changes", range(1, 8))
def test_checkpoints__any_number__are_all_found(token, holder, stranger, changes):
    expected = []
    token.delegate(holder, sender=holder)
    for i in range(changes):
        if i > 0:
            pass_time(10)
            token.transfer(stranger, i, sender=holder)
        expected.append((now(), token.balanceOf(holder)))
    assert checkpoints_of(token, holder) == expected
    pass_time(10)
    assert token.getPastVotes(holder, expected[0][0] - 1) == 0
    for at, votes in expected:
        assert token.getPastVotes(holder, at) == votes
        assert token.getPastVotes(holder, at + 9) == votes


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_checkpoints__index_beyond_the_last__reverts(token, holder, stranger, changes):
    token.delegate(holder, sender=holder)
    for _ in range(changes - 1):
        pass_time(1)
        token.transfer(stranger, 1, sender=holder)
    token.checkpoints(holder, changes - 1)
    with boa.reverts("no such checkpoint"):
        token.checkpoints(holder, changes)


def test_checkpoints__nobodys__are_none(token, stranger):
    with boa.reverts("no such checkpoint"):
        token.checkpoints(stranger, 0)


def test_checkpoints__136_years_on__last_and_then_halt_votes_only(token, holder, stranger):
    deployed = token.GENESIS()
    token.delegate(holder, sender=holder)
    warp_to(deployed + 2**32 - 1)
    token.transfer(stranger, 9, sender=holder)
    assert token.checkpoints(holder, 1) == (deployed + 2**32 - 1, HELD - 9)
    pass_time(1)
    with boa.reverts("clock is out of range"):
        token.transfer(stranger, 1, sender=holder)
    token.transfer(holder, 0, sender=stranger)
    token.transfer(token.owner(), 9, sender=stranger)
    assert token.getVotes(holder) == HELD - 9


# --- past lookups ---


@pytest.mark.parametrize("ahead", [0, 1, MAX_UINT - 2**64])
def test_past_lookups__now_and_later__revert(token, holder, ahead):
    for lookup in (
        lambda at: token.getPastVotes(holder, at),
        token.getPastTotalSupply,
        token.past_quorum_supply,
    ):
        with reverts_with(token, FUTURE_LOOKUP, now() + ahead, now()):
            lookup(now() + ahead)


def test_past_lookups__one_second_ago__answer(token, holder):
    token.delegate(holder, sender=holder)
    pass_time(1)
    at = now() - 1
    assert token.getPastVotes(holder, at) == HELD
    assert token.getPastTotalSupply(at) == token.past_quorum_supply(at) == HELD


@pytest.mark.parametrize("at", [0, 1])
def test_past_lookups__before_the_token__are_zero(token, holder, at):
    token.delegate(holder, sender=holder)
    assert token.getPastVotes(holder, at) == 0
    assert token.getPastTotalSupply(at) == token.past_quorum_supply(at) == 0


def test_get_past_votes__moved_since__does_not_change(token, holder, stranger):
    token.delegate(holder, sender=holder)
    token.delegate(stranger, sender=stranger)
    pass_time(1)
    snapshot = now()
    pass_time(1)
    token.transfer(stranger, HELD, sender=holder)
    pass_time(1)
    assert token.getPastVotes(holder, snapshot) == HELD
    assert token.getPastVotes(stranger, snapshot) == 0


def test_get_past_votes__borrowed_and_returned_in_one_second__are_none(token, holder, stranger):
    token.delegate(stranger, sender=stranger)
    token.transfer(stranger, HELD, sender=holder)
    token.transfer(holder, HELD, sender=stranger)
    pass_time(1)
    assert token.getPastVotes(stranger, now() - 1) == 0


def test_get_past_total_supply__follows_mints_and_burns(token, minter, holder):
    start = now()
    pass_time(10)
    token.mint(holder, 9, sender=minter)
    pass_time(10)
    token.burn(4, sender=holder)
    pass_time(10)
    supplies = [token.getPastTotalSupply(start + at) for at in (0, 9, 10, 19, 20, 29)]
    assert supplies == [HELD, HELD, HELD + 9, HELD + 9, HELD + 5, HELD + 5]
