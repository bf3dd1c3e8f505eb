"""ERC-20, burning, minters and the constructor of the governance token."""

import boa
import pytest

from tests.kits.token import CAP, HELD, MAX_SUPPLY, NAME, SYMBOL, minted, transferred
from tests.support import (
    DAY,
    EPOCH_SECONDS,
    MAX_UINT,
    ZERO_ADDRESS,
    deploy,
    logged,
    now,
    pass_time,
    reverts_with,
)

INSUFFICIENT_BALANCE = "ERC20InsufficientBalance(address,uint256,uint256)"
INSUFFICIENT_ALLOWANCE = "ERC20InsufficientAllowance(address,uint256,uint256)"
INVALID_RECEIVER = "ERC20InvalidReceiver(address)"
INVALID_APPROVER = "ERC20InvalidApprover(address)"
INVALID_SPENDER = "ERC20InvalidSpender(address)"


# --- constructor ---


def test_init__valid__stores_what_it_is_given(make_token, owner):
    token = make_token(genesis=now() - 5, epoch_seconds=7 * DAY)
    assert (token.name(), token.symbol(), token.decimals()) == (NAME, SYMBOL, 18)
    assert (token.GENESIS(), token.EPOCH_SECONDS()) == (now() - 5, 7 * DAY)
    assert token.owner() == owner
    assert (token.totalSupply(), token.treasury()) == (0, ZERO_ADDRESS)


def test_init__genesis_now__is_accepted(make_token):
    assert make_token(genesis=now()).epoch_at(now()) == 1


def test_init__genesis_in_the_future__reverts(make_token):
    with boa.reverts("genesis is in the future"):
        make_token(genesis=now() + 1)


@pytest.mark.parametrize("epoch_seconds", [DAY, 90 * DAY])
def test_init__epoch_at_its_bound__is_accepted(make_token, epoch_seconds):
    assert make_token(epoch_seconds=epoch_seconds).EPOCH_SECONDS() == epoch_seconds


@pytest.mark.parametrize(
    ("epoch_seconds", "reason"),
    [(DAY - 1, "epoch is too short"), (90 * DAY + 1, "epoch is too long")],
)
def test_init__epoch_beyond_its_bound__reverts(make_token, epoch_seconds, reason):
    with boa.reverts(reason):
        make_token(epoch_seconds=epoch_seconds)


def test_init__longest_names__are_kept(owner):
    token = deploy("GovernanceToken", "n" * 50, "s" * 10, now(), EPOCH_SECONDS, sender=owner)
    assert (token.name(), token.symbol()) == ("n" * 50, "s" * 10)
    assert token.eip712Domain()[1] == "n" * 50


# --- transfer ---


@pytest.mark.parametrize("amount", [1, HELD - 1, HELD])
def test_transfer__covered__moves_and_logs(token, holder, stranger, amount):
    assert token.transfer(stranger, amount, sender=holder) is True
    assert logged(token) == [transferred(holder, stranger, amount)]
    assert token.balanceOf(holder) == HELD - amount
    assert token.balanceOf(stranger) == amount
    assert token.totalSupply() == HELD


@pytest.mark.parametrize("amount", [HELD + 1, 2**96, MAX_UINT])
@pytest.mark.parametrize("to_self", [False, True])
def test_transfer__above_the_balance__reverts(token, holder, stranger, amount, to_self):
    with reverts_with(token, INSUFFICIENT_BALANCE, holder, HELD, amount):
        token.transfer(holder if to_self else stranger, amount, sender=holder)


@pytest.mark.parametrize("amount", [0, HELD])
def test_transfer__to_zero__reverts(token, holder, amount):
    with reverts_with(token, INVALID_RECEIVER, ZERO_ADDRESS):
        token.transfer(ZERO_ADDRESS, amount, sender=holder)


@pytest.mark.parametrize(("own", "amount"), [(True, 0), (True, 1), (True, HELD), (False, 0)])
def test_transfer__to_oneself_or_of_nothing__logs_and_changes_nothing(
    token, holder, stranger, own, amount
):
    token.delegate(holder, sender=holder)
    pass_time(10)
    to = holder if own else stranger
    slot = f"time_weighted.slots[{int(holder, 16)}]"
    before = token.eval(slot)
    assert token.transfer(to, amount, sender=holder) is True
    assert logged(token) == [transferred(holder, to, amount)]
    assert (token.balanceOf(holder), token.balanceOf(stranger)) == (HELD, 0)
    assert (token.getVotes(holder), token.numCheckpoints(holder)) == (HELD, 1)
    assert token.balance_seconds(holder, 1) == HELD * 10
    assert token.eval(slot) == before


# --- allowances ---


@pytest.mark.parametrize("amount", [0, 1, MAX_UINT])
def test_approve__any_amount__replaces_and_logs(token, holder, payer, amount):
    token.approve(payer, 7, sender=holder)
    assert token.approve(payer, amount, sender=holder) is True
    assert logged(token) == [("Approval", holder, payer, amount)]
    assert token.allowance(holder, payer) == amount
    assert token.allowance(payer, holder) == 0


def test_approve__zero_spender__reverts(token, holder):
    with reverts_with(token, INVALID_SPENDER, ZERO_ADDRESS):
        token.approve(ZERO_ADDRESS, 1, sender=holder)


@pytest.mark.parametrize("amount", [0, 1, HELD // 2])
def test_transfer_from__within_the_allowance__spends_it(approved, holder, payer, stranger, amount):
    assert approved.transferFrom(holder, stranger, amount, sender=payer) is True
    assert logged(approved) == [transferred(holder, stranger, amount)]
    assert approved.allowance(holder, payer) == HELD // 2 - amount
    assert approved.balanceOf(stranger) == amount


def test_transfer_from__above_the_allowance__reverts(approved, holder, payer, stranger):
    amount = HELD // 2 + 1
    with reverts_with(approved, INSUFFICIENT_ALLOWANCE, payer, HELD // 2, amount):
        approved.transferFrom(holder, stranger, amount, sender=payer)


def test_transfer_from__own_tokens_unapproved__reverts(token, holder, stranger):
    with reverts_with(token, INSUFFICIENT_ALLOWANCE, holder, 0, 1):
        token.transferFrom(holder, stranger, 1, sender=holder)


def test_transfer_from__above_the_balance__reverts(token, holder, payer, stranger):
    token.approve(payer, HELD + 1, sender=holder)
    with reverts_with(token, INSUFFICIENT_BALANCE, holder, HELD, HELD + 1):
        token.transferFrom(holder, stranger, HELD + 1, sender=payer)
    assert token.allowance(holder, payer) == HELD + 1


def test_transfer_from__endless_allowance__is_not_used_up(token, holder, payer, stranger):
    token.approve(payer, MAX_UINT, sender=holder)
    token.transferFrom(holder, stranger, HELD, sender=payer)
    assert token.allowance(holder, payer) == MAX_UINT


def test_transfer_from__one_below_the_endless_allowance__is_used_up(token, holder, payer, stranger):
    token.approve(payer, MAX_UINT - 1, sender=holder)
    token.transferFrom(holder, stranger, 1, sender=payer)
    assert token.allowance(holder, payer) == MAX_UINT - 2


def test_transfer_from__zero_owner__reverts(token, payer, stranger):
    with reverts_with(token, "ERC20InvalidSender(address)", ZERO_ADDRESS):
        token.burn(0, sender=ZERO_ADDRESS)
    with reverts_with(token, INVALID_APPROVER, ZERO_ADDRESS):
        token.transferFrom(ZERO_ADDRESS, stranger, 0, sender=payer)


def test_transfer_from__to_zero__reverts(approved, holder, payer):
    with reverts_with(approved, INVALID_RECEIVER, ZERO_ADDRESS):
        approved.transferFrom(holder, ZERO_ADDRESS, 1, sender=payer)


# --- burning ---


@pytest.mark.parametrize("amount", [0, 1, HELD])
def test_burn__covered__shrinks_the_supply(token, holder, minter, amount):
    token.burn(amount, sender=holder)
    assert logged(token) == [transferred(holder, ZERO_ADDRESS, amount)]
    assert token.balanceOf(holder) == token.totalSupply() == HELD - amount
    assert token.minted_by(minter) == HELD


def test_burn__above_the_balance__reverts(token, holder):
    with reverts_with(token, INSUFFICIENT_BALANCE, holder, HELD, HELD + 1):
        token.burn(HELD + 1, sender=holder)


def test_burn_from__within_the_allowance__spends_it(approved, holder, payer):
    approved.burnFrom(holder, HELD // 2, sender=payer)
    assert logged(approved) == [transferred(holder, ZERO_ADDRESS, HELD // 2)]
    assert approved.allowance(holder, payer) == 0
    assert approved.balanceOf(holder) == approved.totalSupply() == HELD // 2


def test_burn_from__above_the_allowance__reverts(approved, holder, payer):
    with reverts_with(approved, INSUFFICIENT_ALLOWANCE, payer, HELD // 2, HELD // 2 + 1):
        approved.burnFrom(holder, HELD // 2 + 1, sender=payer)


def test_burn_from__above_the_balance__reverts(token, holder, payer):
    token.approve(payer, MAX_UINT, sender=holder)
    with reverts_with(token, INSUFFICIENT_BALANCE, holder, HELD, HELD + 1):
        token.burnFrom(holder, HELD + 1, sender=payer)


def test_burn_from__zero_account__reverts(token, payer):
    with reverts_with(token, INVALID_APPROVER, ZERO_ADDRESS):
        token.burnFrom(ZERO_ADDRESS, 0, sender=payer)


# --- minters ---


@pytest.mark.parametrize("amount", [0, 1, CAP - HELD])
def test_mint__within_the_cap__creates_and_counts(token, minter, stranger, amount):
    token.mint(stranger, amount, sender=minter)
    assert logged(token) == [minted(stranger, amount)]
    assert token.balanceOf(stranger) == amount
    assert token.totalSupply() == token.minted_by(minter) == HELD + amount


@pytest.mark.parametrize("amount", [CAP - HELD + 1, MAX_UINT])
def test_mint__above_the_cap__reverts(token, minter, stranger, amount):
    with boa.reverts("mint is above the cap"):
        token.mint(stranger, amount, sender=minter)


def test_mint__after_a_burn__cap_is_not_refilled(token, minter, holder):
    token.burn(HELD, sender=holder)
    with boa.reverts("mint is above the cap"):
        token.mint(holder, CAP - HELD + 1, sender=minter)


@pytest.mark.parametrize("amount", [0, 1])
@pytest.mark.parametrize("role", ["owner", "holder", "stranger"])
def test_mint__not_a_minter__reverts(token, role, amount, request):
    caller = request.getfixturevalue(role)
    with boa.reverts("caller is not a minter"):
        token.mint(caller, amount, sender=caller)


@pytest.mark.parametrize("amount", [0, 1])
def test_mint__to_zero__reverts(token, minter, amount):
    with reverts_with(token, INVALID_RECEIVER, ZERO_ADDRESS):
        token.mint(ZERO_ADDRESS, amount, sender=minter)


def test_mint__up_to_the_greatest_supply__is_exact(token, owner, minter, holder, stranger):
    token.set_minter(minter, MAX_UINT, sender=owner)
    token.mint(stranger, MAX_SUPPLY - HELD, sender=minter)
    assert token.totalSupply() == MAX_SUPPLY
    token.transfer(holder, MAX_SUPPLY - HELD, sender=stranger)
    assert (token.balanceOf(holder), token.balanceOf(stranger)) == (MAX_SUPPLY, 0)


def test_mint__above_the_greatest_supply__reverts(token, owner, minter, stranger):
    token.set_minter(minter, MAX_UINT, sender=owner)
    with reverts_with(
        token, "ERC20ExceededSafeSupply(uint256,uint256)", MAX_SUPPLY + 1, MAX_SUPPLY
    ):
        token.mint(stranger, MAX_SUPPLY - HELD + 1, sender=minter)


def test_set_minter__by_the_owner__logs_old_and_new(token, owner, minter):
    token.set_minter(minter, 5, sender=owner)
    assert logged(token) == [("MinterChanged", minter, CAP, 5)]
    assert token.minter_cap(minter) == 5
    assert token.minted_by(minter) == HELD


@pytest.mark.parametrize("role", ["minter", "holder", "stranger"])
def test_set_minter__by_another__reverts(token, role, request):
    caller = request.getfixturevalue(role)
    with boa.reverts("caller is not the owner"):
        token.set_minter(caller, MAX_UINT, sender=caller)


def test_set_minter__below_what_was_minted__mints_no_more(token, owner, minter):
    token.set_minter(minter, HELD - 1, sender=owner)
    with boa.reverts("mint is above the cap"):
        token.mint(minter, 0, sender=minter)


def test_set_minter__revoked_and_raised__earlier_mints_still_count(token, owner, minter):
    token.set_minter(minter, 0, sender=owner)
    with boa.reverts("caller is not a minter"):
        token.mint(minter, 0, sender=minter)
    token.set_minter(minter, HELD + 3, sender=owner)
    with boa.reverts("mint is above the cap"):
        token.mint(minter, 4, sender=minter)
    token.mint(minter, 3, sender=minter)
    assert token.minted_by(minter) == HELD + 3


def test_set_minter__two_minters__have_a_cap_each(token, owner, minter, builder):
    token.set_minter(builder, 10, sender=owner)
    token.mint(builder, 10, sender=builder)
    token.mint(builder, 10, sender=minter)
    assert (token.minted_by(builder), token.minted_by(minter)) == (10, HELD + 10)


def test_transfer_ownership__to_the_timelock__moves_every_power(token, owner, guardian):
    token.transfer_ownership(guardian, sender=owner)
    assert token.owner() == guardian
    with boa.reverts("caller is not the owner"):
        token.set_minter(owner, 1, sender=owner)
    token.set_minter(owner, 1, sender=guardian)
