"""The supply that the quorum counts, and the two accounts that it leaves out: the Treasury, and the
contract that holds tokens for contributors. They cannot vote."""

import boa
import pytest

from tests.kits.token import DELEGATION, HELD, sign, votes_changed
from tests.kits.token import transferred as moved
from tests.support import (
    DAY,
    MAX_UINT,
    ZERO_ADDRESS,
    logged,
    now,
    pass_time,
    reverts_with,
    warp_to,
)

# What each of the two holds.
TREASURED = 100
PROMISED = 30
COUNTED = HELD - TREASURED - PROMISED


@pytest.fixture(scope="module")
def rewards() -> str:
    return str(boa.env.generate_address("rewards"))


@pytest.fixture
def treasured(token, owner, treasury, holder):
    """The Treasury is named and holds TREASURED."""
    token.set_treasury(treasury, sender=owner)
    token.transfer(treasury, TREASURED, sender=holder)
    pass_time(10)
    return token


@pytest.fixture
def both(treasured, owner, rewards, holder):
    """The contract of the rewards is named beside the Treasury and holds PROMISED."""
    treasured.set_rewards(rewards, sender=owner)
    treasured.transfer(rewards, PROMISED, sender=holder)
    pass_time(10)
    return treasured


@pytest.fixture(params=["treasury", "rewards"])
def place(request) -> str:
    """One of the two places."""
    return request.param


@pytest.fixture
def name_as(token, owner):
    """Names an account in a place: `name_as("treasury", account)`."""

    def call(place: str, account: str, sender: str = owner) -> None:
        getattr(token, f"set_{place}")(account, sender=sender)

    return call


def other_of(place: str) -> str:
    return {"treasury": "rewards", "rewards": "treasury"}[place]


def named_in(token, place: str) -> str:
    return str(getattr(token, place)())


def quorum_supply_a_second_later(token):
    pass_time(1)
    return token.past_quorum_supply(now() - 1)


# --- set_treasury and set_rewards ---


@pytest.mark.parametrize(
    ("place", "event"), [("treasury", "TreasuryChanged"), ("rewards", "RewardsChanged")]
)
def test_set_place__by_the_owner__logs_old_and_new(
    token, name_as, treasury, stranger, place, event
):
    assert named_in(token, place) == ZERO_ADDRESS
    name_as(place, treasury)
    assert logged(token) == [(event, ZERO_ADDRESS, treasury)]
    name_as(place, stranger)
    assert logged(token) == [(event, treasury, stranger)]
    assert named_in(token, place) == stranger
    assert named_in(token, other_of(place)) == ZERO_ADDRESS
    name_as(place, ZERO_ADDRESS)
    assert logged(token) == [(event, stranger, ZERO_ADDRESS)]
    assert named_in(token, place) == ZERO_ADDRESS


@pytest.mark.parametrize("role", ["minter", "holder", "stranger", "treasury", "rewards"])
def test_set_place__by_another__reverts(both, name_as, place, role, request):
    caller = request.getfixturevalue(role)
    with boa.reverts("caller is not the owner"):
        name_as(place, caller, sender=caller)


def test_set_place__to_the_same__does_nothing(both, name_as, place):
    name_as(place, named_in(both, place))
    assert logged(both) == []
    assert quorum_supply_a_second_later(both) == COUNTED


def test_set_place__nobody_to_nobody__does_nothing(token, name_as, place):
    name_as(place, ZERO_ADDRESS)
    assert logged(token) == []


def test_set_place__to_the_account_of_the_other__reverts(both, name_as, place):
    with boa.reverts("account is left out already"):
        name_as(place, named_in(both, other_of(place)))
    assert quorum_supply_a_second_later(both) == COUNTED


def test_set_place__to_the_account_of_the_other_while_empty__reverts(
    token, name_as, place, stranger
):
    name_as(other_of(place), stranger)
    with boa.reverts("account is left out already"):
        name_as(place, stranger)
    assert named_in(token, place) == ZERO_ADDRESS


def test_set_place__accounts_change_places__one_must_leave_first(both, name_as, treasury, rewards):
    name_as("treasury", ZERO_ADDRESS)
    assert quorum_supply_a_second_later(both) == COUNTED + TREASURED
    name_as("rewards", treasury)
    assert quorum_supply_a_second_later(both) == COUNTED + PROMISED
    name_as("treasury", rewards)
    assert quorum_supply_a_second_later(both) == COUNTED
    assert (both.treasury(), both.rewards()) == (rewards, treasury)


def test_set_place__account_leaves_and_comes_back_in_one_second__is_left_out(both, name_as, place):
    account = named_in(both, place)
    name_as(place, ZERO_ADDRESS)
    name_as(other_of(place), account)
    name_as(other_of(place), ZERO_ADDRESS)
    name_as(place, account)
    held = both.balanceOf(account)
    assert quorum_supply_a_second_later(both) == HELD - held


@pytest.mark.parametrize("oneself", [True, False])
def test_set_place__to_an_account_with_a_delegate__takes_it_away(
    both, name_as, place, holder, stranger, oneself
):
    """Anybody can give an account a default delegate by a claim: that stops no vote."""
    delegatee = holder if oneself else stranger
    both.delegate(delegatee, sender=holder)
    votes, held = both.getVotes(delegatee), both.balanceOf(holder)
    assert votes >= held > 0
    before = named_in(both, place)
    name_as(place, holder)
    event = {"treasury": "TreasuryChanged", "rewards": "RewardsChanged"}[place]
    assert logged(both) == [
        ("DelegateChanged", holder, delegatee, ZERO_ADDRESS),
        votes_changed(delegatee, votes, votes - held),
        (event, before, holder),
    ]
    assert both.delegates(holder) == ZERO_ADDRESS
    with boa.reverts("account cannot delegate"):
        both.delegate(delegatee, sender=holder)


def test_set_place__away__lets_the_former_one_delegate(both, name_as, place):
    former = named_in(both, place)
    name_as(place, ZERO_ADDRESS)
    both.delegate(former, sender=former)
    assert both.getVotes(former) == both.balanceOf(former) > 0


def test_set_place__136_years_on__moves_nothing_any_more(both, owner, name_as, place):
    warp_to(both.GENESIS() + 2**32)
    with boa.reverts("clock is out of range"):
        name_as(place, ZERO_ADDRESS)
    with boa.reverts("clock is out of range"):
        both.transfer(owner, 1, sender=named_in(both, place))


# --- past_quorum_supply ---


def test_past_quorum_supply__treasury_alone__leaves_it_out(treasured):
    assert quorum_supply_a_second_later(treasured) == HELD - TREASURED
    assert treasured.getPastTotalSupply(now() - 1) == HELD


def test_past_quorum_supply__both__leaves_them_out_together(both):
    assert quorum_supply_a_second_later(both) == COUNTED
    assert both.getPastTotalSupply(now() - 1) == HELD


def test_past_quorum_supply__excluded_account__counts(both, owner, holder):
    both.set_excluded(holder, True, sender=owner)
    assert quorum_supply_a_second_later(both) == COUNTED


CHANGES = {
    "into the place": (lambda t, r: t.transfer(r["place"], 7, sender=r["holder"]), -7),
    "out of the place": (lambda t, r: t.transfer(r["holder"], 7, sender=r["place"]), 7),
    "to itself": (lambda t, r: t.transfer(r["place"], 7, sender=r["place"]), 0),
    "to the other": (lambda t, r: t.transfer(r["other"], 7, sender=r["place"]), 0),
    "all to the other": (
        lambda t, r: t.transfer(r["other"], t.balanceOf(r["place"]), sender=r["place"]),
        0,
    ),
    "mint to the place": (lambda t, r: t.mint(r["place"], 7, sender=r["minter"]), 0),
    "mint to another": (lambda t, r: t.mint(r["holder"], 7, sender=r["minter"]), 7),
    "burn by the place": (lambda t, r: t.burn(7, sender=r["place"]), 0),
    "burn by another": (lambda t, r: t.burn(7, sender=r["holder"]), -7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_past_quorum_supply__each_change__is_followed(both, place, minter, holder, name):
    change, difference = CHANGES[name]
    roles = {"minter": minter, "holder": holder}
    roles |= {"place": named_in(both, place), "other": named_in(both, other_of(place))}
    before = now()
    change(both, roles)
    assert quorum_supply_a_second_later(both) == COUNTED + difference
    assert both.past_quorum_supply(before - 1) == COUNTED


def test_past_quorum_supply__nobody_named_any_more__counts_what_the_former_one_holds(
    both, name_as, place
):
    held = both.balanceOf(named_in(both, place))
    before = now()
    name_as(place, ZERO_ADDRESS)
    assert quorum_supply_a_second_later(both) == COUNTED + held
    assert both.past_quorum_supply(before - 1) == COUNTED


def test_past_quorum_supply__another_named__leaves_that_one_out_instead(
    both, name_as, place, holder
):
    former = named_in(both, place)
    held = both.balanceOf(former)
    name_as(place, holder)
    assert quorum_supply_a_second_later(both) == held
    both.transfer(holder, 1, sender=former)
    assert quorum_supply_a_second_later(both) == held - 1


def test_past_quorum_supply__before_one_was_named__counts_it(
    token, name_as, place, stranger, holder
):
    token.transfer(stranger, TREASURED, sender=holder)
    unnamed = now()
    pass_time(DAY)
    name_as(place, stranger)
    assert quorum_supply_a_second_later(token) == HELD - TREASURED
    assert token.past_quorum_supply(unnamed) == HELD


def test_transfer__between_the_two__moves_no_votes(both, treasury, rewards):
    both.transfer(rewards, 7, sender=treasury)
    assert logged(both) == [moved(treasury, rewards, 7)]
    assert (both.balanceOf(treasury), both.balanceOf(rewards)) == (TREASURED - 7, PROMISED + 7)


def test_transfer__from_the_place_to_a_voter__gives_votes(both, place, stranger):
    both.delegate(stranger, sender=stranger)
    account = named_in(both, place)
    both.transfer(stranger, 7, sender=account)
    assert logged(both) == [moved(account, stranger, 7), votes_changed(stranger, 0, 7)]
    assert quorum_supply_a_second_later(both) == COUNTED + 7


# --- no votes for what is left out ---


def test_delegate__by_an_account_that_is_left_out__reverts(both, place, holder):
    account = named_in(both, place)
    for delegatee in (account, holder, ZERO_ADDRESS):
        with boa.reverts("account cannot delegate"):
            both.delegate(delegatee, sender=account)
    assert both.delegates(account) == ZERO_ADDRESS


def test_delegate_by_sig__of_an_account_that_is_left_out__reverts(
    both, name_as, place, signer, holder
):
    name_as(place, signer.address)
    message = {"delegatee": holder, "nonce": 0, "expiry": MAX_UINT}
    signature = sign(both, signer, DELEGATION, **message)
    with boa.reverts("account cannot delegate"):
        both.delegateBySig(*message.values(), *signature)
    name_as(place, ZERO_ADDRESS)
    both.delegateBySig(*message.values(), *signature)
    assert both.delegates(signer.address) == holder


@pytest.mark.parametrize("caller", ["minter", "rewards"])
def test_delegate_default__of_an_account_that_is_left_out__changes_nothing(
    both, place, caller, request
):
    account = named_in(both, place)
    both.delegate_default(account, sender=request.getfixturevalue(caller))
    assert logged(both) == []
    assert both.delegates(account) == ZERO_ADDRESS
    assert both.getVotes(account) == 0


# --- delegate_default by the contract of the rewards ---


def test_delegate_default__by_rewards__delegates_to_oneself(both, rewards, stranger, holder):
    both.transfer(stranger, 9, sender=holder)
    both.delegate_default(stranger, sender=rewards)
    assert logged(both) == [
        ("DelegateChanged", stranger, ZERO_ADDRESS, stranger),
        votes_changed(stranger, 0, 9),
    ]
    assert both.delegates(stranger) == stranger


def test_delegate_default__by_rewards_for_who_chose__does_nothing(both, rewards, holder, stranger):
    both.delegate(ZERO_ADDRESS, sender=holder)
    both.delegate(holder, sender=stranger)
    for account, chosen in ((holder, ZERO_ADDRESS), (stranger, holder)):
        both.delegate_default(account, sender=rewards)
        assert logged(both) == []
        assert both.delegates(account) == chosen


def test_delegate_default__by_rewards_of_zero__does_nothing(both, rewards):
    both.delegate_default(ZERO_ADDRESS, sender=rewards)
    assert logged(both) == []


def test_delegate_default__by_the_treasury__reverts(both, treasury, holder):
    with boa.reverts("caller is not a minter"):
        both.delegate_default(holder, sender=treasury)


def test_delegate_default__by_former_rewards__reverts(both, name_as, rewards, stranger, holder):
    name_as("rewards", stranger)
    with boa.reverts("caller is not a minter"):
        both.delegate_default(holder, sender=rewards)
    both.delegate_default(holder, sender=stranger)
    assert both.delegates(holder) == holder


def test_mint__by_rewards__reverts(both, rewards):
    """It may delegate by default like a minter, and nothing else of what a minter may."""
    with boa.reverts("caller is not a minter"):
        both.mint(rewards, 1, sender=rewards)


def test_past_quorum_supply__now__reverts(both):
    with reverts_with(both, "ERC5805FutureLookup(uint256,uint48)", now(), now()):
        both.past_quorum_supply(now())
