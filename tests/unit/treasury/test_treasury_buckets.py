"""Treasury: money by purpose. Deposits, spending, promises and what becomes of them."""

import boa
import pytest

from tests.kits.treasury import GRANTS, RESERVE, deposit, event_rows, transfer_row
from tests.support import ZERO_ADDRESS, account, deploy_asset, fund_and_approve


@pytest.fixture
def funded(treasury, usdc, payer):
    """100 units free for grants."""
    deposit(treasury, usdc, payer, GRANTS, 100)
    return treasury


@pytest.fixture
def commitment_id(funded, usdc, committer, controller):
    """60 of the 100 units committed to `controller`."""
    with boa.env.prank(committer):
        return funded.commit_beyond_cap(GRANTS, usdc.address, 60, controller)


def _state(treasury, asset, purpose=GRANTS) -> tuple[int, int, int]:
    """Free and committed money of the purpose, and the ledger's total."""
    return (
        treasury.free(purpose, asset.address),
        treasury.committed(purpose, asset.address),
        treasury.accounted(asset.address),
    )


# --- deposit ---


def test_deposit__anyone__is_free_money_of_the_purpose(treasury, usdc, payer):
    deposit(treasury, usdc, payer, GRANTS, 100)
    assert event_rows(treasury) == [
        ("Deposited", payer, GRANTS, usdc.address, 100),
        transfer_row(payer, treasury, 100),
    ]
    assert _state(treasury, usdc) == (100, 0, 100)
    assert _state(treasury, usdc, RESERVE) == (0, 0, 100)
    assert treasury.total_free(usdc.address) == 100
    assert usdc.balanceOf(treasury.address) == 100


def test_deposit__last_purpose__is_accepted(treasury, usdc, payer, owner):
    with boa.env.prank(owner):
        purpose = treasury.create_purpose("compute")
    deposit(treasury, usdc, payer, purpose, 1)
    assert treasury.free(purpose, usdc.address) == 1


@pytest.mark.parametrize("purpose", [0, 3, 2**256 - 1])
def test_deposit__unknown_purpose__reverts(treasury, usdc, payer, purpose):
    with boa.reverts("purpose is unknown"):
        deposit(treasury, usdc, payer, purpose, 1)


def test_deposit__asset_not_accepted__reverts(treasury, payer):
    with boa.reverts("asset is not accepted"):
        deposit(treasury, deploy_asset(), payer, GRANTS, 1)


def test_deposit__zero__reverts(treasury, usdc, payer):
    with boa.reverts("amount is zero"):
        deposit(treasury, usdc, payer, GRANTS, 0)


def test_deposit__more_than_approved__reverts(treasury, usdc, payer):
    fund_and_approve(usdc, payer, treasury.address, 5)
    with boa.env.prank(payer), boa.reverts("allowance is too low"):
        treasury.deposit(GRANTS, usdc.address, 6)


# --- spend ---


def test_spend__all_that_is_free(funded, usdc, owner, builder):
    with boa.env.prank(owner):
        funded.spend_beyond_cap(GRANTS, usdc.address, builder, 100)
    assert event_rows(funded) == [
        ("Spent", GRANTS, usdc.address, builder, 100),
        transfer_row(funded, builder, 100),
    ]
    assert _state(funded, usdc) == (0, 0, 0)
    assert usdc.balanceOf(builder) == 100


def test_spend__more_than_free__reverts(funded, usdc, owner, builder):
    with boa.env.prank(owner), boa.reverts("free money is too low"):
        funded.spend_beyond_cap(GRANTS, usdc.address, builder, 101)


def test_spend__money_of_another_purpose__reverts(funded, usdc, owner, builder):
    with boa.env.prank(owner), boa.reverts("free money is too low"):
        funded.spend_beyond_cap(RESERVE, usdc.address, builder, 1)


def test_spend__committed_money__reverts(funded, commitment_id, usdc, owner, builder):
    with boa.env.prank(owner), boa.reverts("free money is too low"):
        funded.spend_beyond_cap(GRANTS, usdc.address, builder, 41)


def test_spend__zero__reverts(funded, usdc, owner, builder):
    with boa.env.prank(owner), boa.reverts("amount is zero"):
        funded.spend_beyond_cap(GRANTS, usdc.address, builder, 0)


# --- receivers ---


@pytest.mark.parametrize("to_itself", [False, True])
@pytest.mark.parametrize("function", ["spend", "skim", "pay_commitment"])
def test_paying_functions__no_proper_receiver__revert(
    funded, commitment_id, usdc, owner, controller, function, to_itself
):
    receiver = funded.address if to_itself else ZERO_ADDRESS
    reason = "receiver is the treasury" if to_itself else "receiver is zero"
    caller, args = {
        "spend": (owner, (GRANTS, usdc.address, receiver, 1)),
        "skim": (owner, (usdc.address, receiver)),
        "pay_commitment": (controller, (commitment_id, receiver, 1)),
    }[function]
    with boa.env.prank(caller), boa.reverts(reason):
        getattr(funded, function)(*args)


# --- move_free ---


def test_move_free__changes_the_purpose_only(funded, usdc, owner):
    with boa.env.prank(owner):
        funded.move_free(GRANTS, RESERVE, usdc.address, 30)
    assert event_rows(funded) == [("Moved", GRANTS, RESERVE, usdc.address, 30)]
    assert _state(funded, usdc) == (70, 0, 100)
    assert _state(funded, usdc, RESERVE) == (30, 0, 100)


def test_move_free__to_the_same_purpose__changes_nothing(funded, usdc, owner):
    with boa.env.prank(owner):
        funded.move_free(GRANTS, GRANTS, usdc.address, 100)
    assert _state(funded, usdc) == (100, 0, 100)


@pytest.mark.parametrize(
    ("from_purpose", "to_purpose", "amount", "reason"),
    [
        (GRANTS, 0, 1, "purpose is unknown"),
        (GRANTS, 3, 1, "purpose is unknown"),
        (3, RESERVE, 1, "free money is too low"),
        (GRANTS, RESERVE, 101, "free money is too low"),
        (GRANTS, RESERVE, 0, "amount is zero"),
    ],
)
def test_move_free__wrong_arguments__revert(
    funded, usdc, owner, from_purpose, to_purpose, amount, reason
):
    with boa.env.prank(owner), boa.reverts(reason):
        funded.move_free(from_purpose, to_purpose, usdc.address, amount)


def test_move_free__purpose_with_a_source__is_not_for_a_vote_to_fill(funded, usdc, owner, income):
    purpose = funded.create_round_purpose("a model", income.address, sender=owner)
    with boa.reverts("purpose has a source"):
        funded.move_free(GRANTS, purpose, usdc.address, 1, sender=owner)
    funded.allow_wind_down(purpose, usdc.address, owner, sender=owner)
    funded.move_free(GRANTS, purpose, usdc.address, 1, sender=owner)
    assert (_state(funded, usdc)[0], _state(funded, usdc, purpose)[0]) == (99, 1)


# --- commit ---


def test_commit__free_money_becomes_committed(funded, usdc, committer, controller):
    with boa.env.prank(committer):
        assert funded.commit_beyond_cap(GRANTS, usdc.address, 60, controller) == 1
        assert event_rows(funded) == [("Committed", 1, GRANTS, usdc.address, controller, 60)]
        assert funded.commit_beyond_cap(GRANTS, usdc.address, 40, committer) == 2
    assert _state(funded, usdc) == (0, 100, 100)
    assert tuple(funded.commitment(1)) == (controller, GRANTS, usdc.address, 60)
    assert tuple(funded.commitment(2)) == (committer, GRANTS, usdc.address, 40)
    assert funded.commitment_count() == 2
    assert funded.total_committed(usdc.address) == 100
    assert funded.total_free(usdc.address) == 0


@pytest.mark.parametrize("role", ["owner", "stranger", "controller", "router"])
def test_commit__not_a_committer__reverts(funded, usdc, controller, role, role_accounts):
    caller = role_accounts[role]
    with boa.env.prank(caller), boa.reverts("caller is not a committer"):
        funded.commit_beyond_cap(GRANTS, usdc.address, 1, controller)


@pytest.mark.parametrize(
    ("purpose", "amount", "reason"),
    [
        (GRANTS, 101, "free money is too low"),
        (RESERVE, 1, "free money is too low"),
        (9, 1, "free money is too low"),
        (GRANTS, 0, "amount is zero"),
    ],
)
def test_commit__wrong_arguments__revert(
    funded, usdc, committer, controller, purpose, amount, reason
):
    with boa.env.prank(committer), boa.reverts(reason):
        funded.commit_beyond_cap(purpose, usdc.address, amount, controller)


def test_commit__zero_controller__reverts(funded, usdc, committer):
    with boa.env.prank(committer), boa.reverts("controller is zero"):
        funded.commit_beyond_cap(GRANTS, usdc.address, 1, ZERO_ADDRESS)


# --- pay_commitment ---


def test_pay_commitment__in_parts_to_the_last_unit(
    funded, commitment_id, usdc, controller, builder
):
    with boa.env.prank(controller):
        funded.pay_commitment(commitment_id, builder, 59)
        assert event_rows(funded) == [
            ("CommitmentPaid", commitment_id, builder, usdc.address, 59),
            transfer_row(funded, builder, 59),
        ]
        assert funded.commitment(commitment_id).remaining == 1
        funded.pay_commitment(commitment_id, builder, 1)
    assert _state(funded, usdc) == (40, 0, 40)
    assert usdc.balanceOf(builder) == 60
    assert tuple(funded.commitment(commitment_id)) == (controller, GRANTS, usdc.address, 0)
    with boa.env.prank(controller), boa.reverts("commitment is too low"):
        funded.pay_commitment(commitment_id, builder, 1)


def test_pay_commitment__more_than_remains__reverts(
    funded, usdc, committer, commitment_id, controller, builder
):
    # The purpose has more committed than this commitment: it is not this controller's.
    with boa.env.prank(committer):
        funded.commit_beyond_cap(GRANTS, usdc.address, 40, committer)
    with boa.env.prank(controller), boa.reverts("commitment is too low"):
        funded.pay_commitment(commitment_id, builder, 61)


@pytest.mark.parametrize("function", ["pay_commitment", "release_commitment"])
def test_commitment_functions__zero__change_nothing(
    funded, commitment_id, usdc, controller, builder, function
):
    args = (builder, 0) if function == "pay_commitment" else (0,)
    with boa.env.prank(controller):
        getattr(funded, function)(commitment_id, *args)
    assert event_rows(funded) == []
    assert _state(funded, usdc) == (40, 60, 100)


@pytest.mark.parametrize("function", ["pay_commitment", "release_commitment"])
@pytest.mark.parametrize("role", ["owner", "stranger", "committer", "router"])
def test_commitment_functions__not_the_controller__revert(
    funded, commitment_id, builder, function, role, role_accounts
):
    caller = role_accounts[role]
    args = (builder, 1) if function == "pay_commitment" else (1,)
    with boa.env.prank(caller), boa.reverts("caller is not the controller"):
        getattr(funded, function)(commitment_id, *args)


@pytest.mark.parametrize("unknown", [0, 2])
def test_commitment_functions__unknown_id__revert(
    funded, commitment_id, controller, builder, unknown
):
    with boa.env.prank(controller), boa.reverts("caller is not the controller"):
        funded.pay_commitment(unknown, builder, 0)
    with boa.env.prank(controller), boa.reverts("caller is not the controller"):
        funded.release_commitment(unknown, 0)


def test_commitment__of_another_controller__is_out_of_reach(
    funded, commitment_id, usdc, committer, controller, builder
):
    other = account("other controller")
    with boa.env.prank(committer):
        other_id = funded.commit_beyond_cap(GRANTS, usdc.address, 40, other)
    with boa.env.prank(controller), boa.reverts("caller is not the controller"):
        funded.pay_commitment(other_id, builder, 1)
    with boa.env.prank(controller), boa.reverts("caller is not the controller"):
        funded.release_commitment(other_id, 1)


def test_commitment__committer_revoked__is_still_paid_and_released(
    funded, commitment_id, usdc, owner, committer, controller, builder
):
    with boa.env.prank(owner):
        funded.set_committer(committer, False)
    with boa.env.prank(controller):
        funded.pay_commitment(commitment_id, builder, 20)
        funded.release_commitment(commitment_id, 40)
    assert _state(funded, usdc) == (80, 0, 80)
    with boa.env.prank(committer), boa.reverts("caller is not a committer"):
        funded.commit_beyond_cap(GRANTS, usdc.address, 1, controller)


# --- release_commitment ---


def test_release_commitment__returns_to_its_purpose(funded, commitment_id, usdc, controller):
    with boa.env.prank(controller):
        funded.release_commitment(commitment_id, 25)
    assert event_rows(funded) == [("CommitmentReleased", commitment_id, usdc.address, 25)]
    assert _state(funded, usdc) == (65, 35, 100)
    assert _state(funded, usdc, RESERVE) == (0, 0, 100)
    assert funded.commitment(commitment_id).remaining == 35
    assert funded.total_committed(usdc.address) == 35


def test_release_commitment__more_than_remains__reverts(
    funded, usdc, committer, commitment_id, controller
):
    with boa.env.prank(committer):
        funded.commit_beyond_cap(GRANTS, usdc.address, 40, committer)
    with boa.env.prank(controller), boa.reverts("commitment is too low"):
        funded.release_commitment(commitment_id, 61)
    with boa.env.prank(controller):
        funded.release_commitment(commitment_id, 60)
    with boa.env.prank(controller), boa.reverts("commitment is too low"):
        funded.release_commitment(commitment_id, 1)


# --- skim ---


def test_skim__donation__leaves_the_buckets(funded, usdc, owner, stranger):
    usdc.mint(funded.address, 7)
    assert _state(funded, usdc) == (100, 0, 100)
    with boa.env.prank(owner):
        assert funded.skim(usdc.address, stranger) == 7
        assert event_rows(funded) == [
            transfer_row(funded, stranger, 7),
            ("Skimmed", usdc.address, stranger, 7),
        ]
        assert funded.skim(usdc.address, stranger) == 0
        assert event_rows(funded) == [("Skimmed", usdc.address, stranger, 0)]
    assert _state(funded, usdc) == (100, 0, 100)
    assert usdc.balanceOf(funded.address) == 100


def test_skim__token_paid_in_kind__goes_whole(treasury, owner, stranger):
    in_kind = deploy_asset("KIND", 18)
    in_kind.mint(treasury.address, 9)
    with boa.env.prank(owner):
        assert treasury.skim(in_kind.address, stranger) == 9
    assert in_kind.balanceOf(stranger) == 9
