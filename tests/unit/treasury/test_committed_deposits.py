"""Treasury: money that a committer brings and keeps there, such as the bond of a grant."""

import boa
import pytest

from tests.kits import treasury as kit
from tests.kits.treasury import GRANTS, RESERVE, deposit, event_rows, transfer_row
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import ZERO_ADDRESS, deploy, fund_and_approve

BOND = 60
ALL = 0


@pytest.fixture
def bring(treasury, usdc, committer):
    """The committer brings money of its own; returns the commitment's id."""

    def bring(amount: int = BOND, purpose: int = GRANTS, sender: str = committer) -> int:
        fund_and_approve(usdc, sender, treasury.address, amount)
        return treasury.commit_deposit(purpose, usdc, amount, sender=sender)

    return bring


def _figures(treasury, asset) -> tuple[int, int, int]:
    return treasury.free(GRANTS, asset), treasury.committed(GRANTS, asset), balance(treasury, asset)


def balance(treasury, asset) -> int:
    return asset.balanceOf(treasury.address)


# --- what it does ---


def test_commit_deposit__by_a_committer__kept_for_it_and_logged(treasury, usdc, committer, bring):
    assert bring() == 1
    assert event_rows(treasury) == [
        ("Deposited", committer, GRANTS, usdc.address, BOND),
        ("Committed", 1, GRANTS, usdc.address, committer, BOND),
        ("Transfer", committer, treasury.address, BOND),
    ]
    found = treasury.commitment(1)
    assert (found.controller, found.purpose, found.asset, found.remaining) == (
        *(committer, GRANTS, usdc.address, BOND),
    )
    assert _figures(treasury, usdc) == (0, BOND, BOND)
    assert (treasury.total_free(usdc), treasury.total_committed(usdc)) == (0, BOND)
    assert treasury.commitment_count() == 1
    assert treasury.is_solvent(treasury)


def test_commit_deposit__one_unit__is_enough(treasury, usdc, bring):
    bring(1)
    assert _figures(treasury, usdc) == (0, 1, 1)


def test_commit_deposit__any_purpose__with_nothing_in_it(treasury, usdc, owner, bring):
    treasury.create_purpose("data", sender=owner)
    for purpose in (RESERVE, GRANTS, 3):
        bring(purpose=purpose)
        assert treasury.committed(purpose, usdc) == BOND
        assert treasury.free(purpose, usdc) == 0


def test_commit_deposit__no_cap__counts_it(treasury, usdc, payer, owner, bring):
    """It was never free: a vote has given nothing away, and no vote has room for it."""
    deposit(treasury, usdc, payer, GRANTS, 100)
    before = treasury.grantable(GRANTS, usdc), treasury.spendable(usdc)
    bring(1_000_000)
    taken = [treasury.taken_lately(purpose, usdc) for purpose in (ALL, GRANTS, RESERVE)]
    assert taken == [0, 0, 0]
    assert (treasury.grantable(GRANTS, usdc), treasury.spendable(usdc)) == before
    with boa.reverts("free money is too low"):
        treasury.spend_beyond_cap(GRANTS, usdc, payer, 101, sender=owner)


def test_commit_deposit__spent_or_moved_by_a_vote__is_out_of_reach(treasury, usdc, owner, bring):
    bring()
    with boa.reverts("free money is too low"):
        treasury.spend_beyond_cap(GRANTS, usdc, owner, 1, sender=owner)
    with boa.reverts("free money is too low"):
        treasury.move_free(GRANTS, RESERVE, usdc, 1, sender=owner)


# --- what becomes of it ---


def test_commit_deposit__paid_back__leaves_nothing(treasury, usdc, committer, builder, bring):
    commitment_id = bring()
    treasury.pay_commitment(commitment_id, builder, BOND, sender=committer)
    assert event_rows(treasury) == [
        ("CommitmentPaid", commitment_id, builder, usdc.address, BOND),
        transfer_row(treasury, builder, BOND),
    ]
    assert _figures(treasury, usdc) == (0, 0, 0)


def test_commit_deposit__released__is_free_money_of_its_purpose(treasury, usdc, committer, bring):
    commitment_id = bring()
    treasury.release_commitment(commitment_id, BOND - 1, sender=committer)
    assert _figures(treasury, usdc) == (BOND - 1, 1, BOND)
    treasury.release_commitment(commitment_id, 1, sender=committer)
    assert _figures(treasury, usdc) == (BOND, 0, BOND)
    with boa.reverts("commitment is too low"):
        treasury.pay_commitment(commitment_id, committer, 1, sender=committer)


def test_commit_deposit__committer_revoked__still_pays_and_releases(
    treasury, usdc, owner, committer, builder, bring
):
    commitment_id = bring()
    treasury.set_committer(committer, False, sender=owner)
    treasury.pay_commitment(commitment_id, builder, 1, sender=committer)
    treasury.release_commitment(commitment_id, BOND - 1, sender=committer)
    assert _figures(treasury, usdc) == (BOND - 1, 0, BOND - 1)


@pytest.mark.parametrize("role", ["owner", "stranger", "controller", "router"])
def test_commit_deposit__of_the_committer__nobody_else_controls_it(
    treasury, builder, bring, role, role_accounts
):
    commitment_id = bring()
    with boa.reverts("caller is not the controller"):
        treasury.pay_commitment(commitment_id, builder, 1, sender=role_accounts[role])
    with boa.reverts("caller is not the controller"):
        treasury.release_commitment(commitment_id, 1, sender=role_accounts[role])


# --- what is refused ---


@pytest.mark.parametrize("role", ["owner", "stranger", "controller", "router"])
def test_commit_deposit__not_a_committer__reverts(bring, role, role_accounts):
    with boa.reverts("caller is not a committer"):
        bring(sender=role_accounts[role])


@pytest.mark.parametrize("purpose", [0, 3, 2**256 - 1])
def test_commit_deposit__unknown_purpose__reverts(bring, purpose):
    with boa.reverts("purpose is unknown"):
        bring(purpose=purpose)


def test_commit_deposit__nothing__reverts(bring):
    with boa.reverts("amount is zero"):
        bring(0)


def test_commit_deposit__asset_not_accepted__reverts(treasury, committer):
    other = deploy("MockAsset", "Mock EURC", "EURC", 6)
    fund_and_approve(other, committer, treasury.address, BOND)
    for asset in (other.address, ZERO_ADDRESS):
        with boa.reverts("asset is not accepted"):
            treasury.commit_deposit(GRANTS, asset, BOND, sender=committer)


def test_commit_deposit__too_little_approved__reverts(treasury, usdc, committer):
    fund_and_approve(usdc, committer, treasury.address, BOND - 1)
    with boa.reverts("allowance is too low"):
        treasury.commit_deposit(GRANTS, usdc, BOND, sender=committer)
    assert treasury.commitment_count() == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.RETURNS_FALSE, "asset transfer failed"),
        (Fault.MOVES_NOTHING, "asset took a fee"),
        (Fault.FEE_ON_RECEIVER, "asset took a fee"),
        (Fault.PAUSED, "asset is paused"),
    ],
)
def test_commit_deposit__odd_asset__reverts(treasury, owner, committer, fault, reason):
    odd = kit.accept(treasury, owner, deploy_odd_asset())
    fund_and_approve(odd, committer, treasury.address, 1_000)
    odd.misbehave(fault, Entry.TRANSFER_FROM)
    with boa.reverts(reason):
        treasury.commit_deposit(GRANTS, odd, 1_000, sender=committer)
    assert treasury.committed(GRANTS, odd) == 0
