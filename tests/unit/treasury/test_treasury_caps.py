"""What an ordinary vote may take within 30 days, by spends and by grants, and what is beyond."""

import boa
import pytest

from tests.kits import treasury as kit
from tests.kits.treasury import GRANTS, RESERVE, deposit, event_rows, transfer_row
from tests.support import (
    CAPS,
    DAY,
    ZERO_ADDRESS,
    account,
    deploy,
    deploy_asset,
    now,
    warp_to,
)

MONEY = 10_000
# 5 % of what is free over all purposes; 25 % of what a purpose has free.
SPEND_CAP, GRANT_CAP = 2 * MONEY // 20, MONEY // 4
ALL = 0


@pytest.fixture
def funded(treasury, usdc, payer):
    """10,000 units for each of grants and reserve, at the begin of a day."""
    deposit(treasury, usdc, payer, GRANTS, MONEY)
    deposit(treasury, usdc, payer, RESERVE, MONEY)
    warp_to(-(-now() // DAY) * DAY)
    return treasury


@pytest.fixture
def spend(funded, usdc, owner, builder):
    """Spends as an ordinary vote would, of the grants' purpose unless told."""

    def spend(amount: int, purpose: int = GRANTS, function: str = "spend") -> None:
        getattr(funded, function)(purpose, usdc, builder, amount, sender=owner)

    return spend


@pytest.fixture
def commit(funded, usdc, committer, controller):
    """Commits as an ordinary vote would; returns the commitment's id."""

    def commit(amount: int, purpose: int = GRANTS, function: str = "commit") -> int:
        return getattr(funded, function)(purpose, usdc, amount, controller, sender=committer)

    return commit


def _taken(treasury, asset) -> tuple[int, int, int]:
    """What counts for direct spends, for grants of the grants' purpose and of the reserve."""
    return tuple(treasury.taken_lately(purpose, asset) for purpose in (ALL, GRANTS, RESERVE))


# --- within the cap ---


def test_spend__all_that_the_cap_leaves__passes_and_one_unit_more_reverts(
    funded, spend, usdc, builder
):
    assert funded.spendable(usdc) == SPEND_CAP
    with boa.reverts("spend is above the cap"):
        spend(SPEND_CAP + 1)
    spend(SPEND_CAP)
    assert event_rows(funded) == [
        ("Spent", GRANTS, usdc.address, builder, SPEND_CAP),
        transfer_row(funded, builder, SPEND_CAP),
    ]
    assert funded.spendable(usdc) == 0
    assert _taken(funded, usdc) == (SPEND_CAP, 0, 0)
    with boa.reverts("spend is above the cap"):
        spend(1)


def test_spend__in_pieces_and_from_several_purposes__is_bounded_as_one(funded, spend, usdc):
    for piece in range(10):
        spend(SPEND_CAP // 10, purpose=(GRANTS, RESERVE)[piece % 2])
        assert funded.spendable(usdc) == SPEND_CAP - (piece + 1) * SPEND_CAP // 10
    with boa.reverts("spend is above the cap"):
        spend(1, purpose=RESERVE)


def test_commit__all_that_the_cap_leaves__passes_and_one_unit_more_reverts(funded, commit, usdc):
    assert funded.grantable(GRANTS, usdc) == GRANT_CAP
    with boa.reverts("grant is above the cap"):
        commit(GRANT_CAP + 1)
    commit(GRANT_CAP)
    assert [row[0] for row in event_rows(funded)] == ["Committed"]
    assert funded.grantable(GRANTS, usdc) == 0
    assert _taken(funded, usdc) == (0, GRANT_CAP, 0)
    with boa.reverts("grant is above the cap"):
        commit(1)


def test_commit__in_pieces__is_bounded_as_one_and_each_purpose_by_itself(funded, commit, usdc):
    for piece in range(5):
        commit(GRANT_CAP // 5)
        assert funded.grantable(GRANTS, usdc) == GRANT_CAP - (piece + 1) * GRANT_CAP // 5
    assert funded.grantable(RESERVE, usdc) == GRANT_CAP
    commit(GRANT_CAP, purpose=RESERVE)


def test_caps__another_asset__has_its_own(funded, spend, commit, usdc, dai, payer):
    deposit(funded, dai, payer, GRANTS, 100)
    spend(SPEND_CAP)
    commit(funded.grantable(GRANTS, usdc))
    assert (funded.spendable(dai), funded.grantable(GRANTS, dai)) == (5, 25)


@pytest.mark.parametrize("free", [1, 3, 4, 19, 20, 39, 40])
def test_caps__small_amounts__are_rounded_down(treasury, dai, payer, free):
    deposit(treasury, dai, payer, GRANTS, free)
    assert (treasury.spendable(dai), treasury.grantable(GRANTS, dai)) == (free // 20, free // 4)


def test_caps__as_much_as_a_ledger_can_hold__overflow_nothing(treasury, dai, payer, owner, builder):
    most = 2**256 - 1
    deposit(treasury, dai, payer, GRANTS, most)
    assert treasury.spendable(dai) == most * 500 // 10_000
    assert treasury.grantable(GRANTS, dai) == most // 4
    with boa.reverts("outflow is too large"):
        treasury.spend_beyond_cap(GRANTS, dai, builder, 2**192, sender=owner)
    treasury.spend_beyond_cap(GRANTS, dai, builder, 2**192 - 1, sender=owner)
    assert treasury.taken_lately(ALL, dai) == 2**192 - 1
    with boa.reverts("outflow is too large"):
        treasury.spend_beyond_cap(GRANTS, dai, builder, 1, sender=owner)


def test_caps__unknown_purpose__has_nothing(funded, usdc, commit):
    assert funded.grantable(77, usdc) == 0
    with boa.reverts("grant is above the cap"):
        commit(1, purpose=77)


# --- the window ---


@pytest.mark.parametrize("hour", [0, 12 * 3_600, DAY - 1])
def test_spend__counts_for_thirty_days_and_less_than_thirty_one(funded, spend, usdc, hour):
    """Whatever the hour: the day of the outflow and the thirty after it."""
    begin = now()
    warp_to(begin + hour)
    spend(SPEND_CAP)
    warp_to(begin + 31 * DAY - 1)
    assert (funded.spendable(usdc), funded.taken_lately(ALL, usdc)) == (0, SPEND_CAP)
    with boa.reverts("spend is above the cap"):
        spend(1)
    warp_to(begin + 31 * DAY)
    left = (2 * MONEY - SPEND_CAP) // 20
    assert (funded.spendable(usdc), funded.taken_lately(ALL, usdc)) == (left, 0)
    spend(left)


def test_commit__each_day_leaves_the_window_by_itself(funded, commit, usdc):
    begin = now()
    for day in (0, 10, 30):
        warp_to(begin + day * DAY)
        commit(500)
    assert funded.taken_lately(GRANTS, usdc) == 1_500
    for day, left in ((31, 1_000), (40, 1_000), (41, 500), (60, 500), (61, 0), (400, 0)):
        warp_to(begin + day * DAY)
        assert funded.taken_lately(GRANTS, usdc) == left
        assert funded.grantable(GRANTS, usdc) == (8_500 + left) // 4 - left


def test_spend__on_every_day_for_a_quarter__keeps_thirty_one_of_them(funded, spend, usdc):
    """More days than the ring has places."""
    begin = now()
    for day in range(92):
        warp_to(begin + day * DAY + day * 900)
        spend(day + 1, function="spend_beyond_cap")
        kept = range(max(0, day - 30), day + 1)
        assert funded.taken_lately(ALL, usdc) == sum(each + 1 for each in kept)


# --- what comes back, and what comes in ---


def test_release__frees_no_cap(funded, commit, usdc, controller):
    """Approve, end, approve: else a quarter would be at work again and again."""
    commitment_id = commit(GRANT_CAP)
    funded.release_commitment(commitment_id, GRANT_CAP, sender=controller)
    assert _taken(funded, usdc) == (0, GRANT_CAP, 0)
    # What returned is free again, so the quarter is of more than there is: less than a third of
    # the first grant, all of which is back.
    room = (MONEY + GRANT_CAP) // 4 - GRANT_CAP
    assert funded.grantable(GRANTS, usdc) == room == 625
    commit(room)
    with boa.reverts("grant is above the cap"):
        commit(1)


def test_release__of_an_old_grant__is_new_free_money(funded, commit, usdc, controller):
    begin = now()
    commitment_id = commit(8_000, function="commit_beyond_cap")
    warp_to(begin + 31 * DAY)
    assert funded.grantable(GRANTS, usdc) == 500
    funded.release_commitment(commitment_id, 4_000, sender=controller)
    assert funded.grantable(GRANTS, usdc) == 1_500


def test_deposit__raises_the_cap_by_its_share_only(funded, commit, usdc, payer):
    commit(GRANT_CAP)
    deposit(funded, usdc, payer, GRANTS, 1_000)
    assert funded.grantable(GRANTS, usdc) == 250


def test_money_that_leaves_otherwise__leaves_no_room_and_no_underflow(
    funded, spend, usdc, owner, controller
):
    spend(SPEND_CAP)
    for purpose in (GRANTS, RESERVE):
        funded.allow_wind_down(purpose, usdc, controller, sender=owner)
        everything = funded.free(purpose, usdc)
        funded.release_for_wind_down(purpose, usdc, everything, sender=controller)
    assert (funded.total_free(usdc), funded.spendable(usdc)) == (0, 0)


def test_wind_down_allowed__ordinary_votes_take_nothing_from_the_purpose(
    funded, spend, commit, usdc, owner, controller
):
    """Its supporters read the notice; what a vote may still do takes the strict functions."""
    funded.allow_wind_down(GRANTS, usdc, controller, sender=owner)
    assert funded.grantable(GRANTS, usdc) == 0
    with boa.reverts("purpose may be wound down"):
        spend(1)
    with boa.reverts("grant is above the cap"):
        commit(1)
    spend(1, RESERVE)
    spend(1, function="spend_beyond_cap")
    commit(1, function="commit_beyond_cap")
    funded.allow_wind_down(GRANTS, usdc, ZERO_ADDRESS, sender=owner)
    spend(1)
    commit(1)


def test_move_free__counts_nowhere(funded, usdc, owner):
    funded.move_free(RESERVE, GRANTS, usdc, MONEY, sender=owner)
    assert _taken(funded, usdc) == (0, 0, 0)
    assert funded.grantable(GRANTS, usdc) == 2 * GRANT_CAP


def test_income_in_kind_and_unclosed__are_no_base(funded, usdc, router, payer):
    kit.earn(funded, usdc, router, 1_000_000)
    usdc.mint(funded.address, 1_000_000)
    assert funded.spendable(usdc) == SPEND_CAP


def test_holders_part_that_waits__is_no_base(owner, payer):
    """Without a HolderIncome the part of an epoch waits; it is nobody's to spend."""
    token = kit.deploy_mock_token()
    arguments = (token.address, kit.HOLDERS_BPS, kit.GRANTS_BPS, *CAPS)
    treasury = deploy("Treasury", *arguments, sender=owner)
    asset = kit.accept(treasury, owner, deploy_asset("USDC", 6))
    kit.earn(treasury, asset, kit.income_source(treasury, owner), MONEY)
    kit.end_epoch(treasury)
    treasury.close_epoch(1, asset)
    assert treasury.waiting_income(asset) == MONEY * kit.HOLDERS_BPS // 10_000
    free = MONEY - treasury.waiting_income(asset)
    assert treasury.total_free(asset) == free
    assert treasury.spendable(asset) == free // 20


def test_governance_token__takes_a_strict_vote(owner, payer, builder, committer, controller):
    """The Treasury's tokens count for no vote; paid out within a cap they would vote."""
    token = kit.deploy_token(owner)
    treasury = kit.deploy_money(token, owner).treasury
    kit.accept(treasury, owner, token)
    treasury.set_committer(committer, True, sender=owner)
    token.mint(payer, MONEY, sender=owner)
    token.approve(treasury, MONEY, sender=payer)
    treasury.deposit(GRANTS, token, MONEY, sender=payer)
    assert treasury.total_free(token) == MONEY
    assert treasury.spendable(token) == treasury.grantable(GRANTS, token) == 0
    with boa.env.prank(owner), boa.reverts("spend is above the cap"):
        treasury.spend(GRANTS, token, builder, 1)
    with boa.env.prank(committer), boa.reverts("grant is above the cap"):
        treasury.commit(GRANTS, token, 1, controller)
    treasury.spend_beyond_cap(GRANTS, token, builder, 1, sender=owner)
    treasury.commit_beyond_cap(GRANTS, token, 2, controller, sender=committer)
    assert (token.balanceOf(builder), treasury.free(GRANTS, token)) == (1, MONEY - 3)
    treasury.move_free(GRANTS, RESERVE, token, MONEY - 3, sender=owner)
    assert treasury.grantable(RESERVE, token) == 0
    with boa.env.prank(committer), boa.reverts("grant is above the cap"):
        treasury.commit(RESERVE, token, 1, controller)


# --- beyond the cap ---


def test_spend_beyond_cap__all_that_is_free__counts_too(funded, spend, usdc, builder):
    spend(MONEY, function="spend_beyond_cap")
    assert event_rows(funded) == [
        ("Spent", GRANTS, usdc.address, builder, MONEY),
        transfer_row(funded, builder, MONEY),
    ]
    assert _taken(funded, usdc) == (MONEY, 0, 0)
    assert funded.spendable(usdc) == 0
    with boa.reverts("free money is too low"):
        spend(1, function="spend_beyond_cap")
    with boa.reverts("spend is above the cap"):
        spend(1, purpose=RESERVE)


def test_commit_beyond_cap__all_that_is_free__counts_too(funded, commit, usdc, controller):
    assert commit(MONEY, function="commit_beyond_cap") == 1
    assert event_rows(funded) == [("Committed", 1, GRANTS, usdc.address, controller, MONEY)]
    assert _taken(funded, usdc) == (0, MONEY, 0)
    assert funded.grantable(GRANTS, usdc) == 0
    with boa.reverts("free money is too low"):
        commit(1, function="commit_beyond_cap")


@pytest.mark.parametrize("function", ["spend", "spend_beyond_cap"])
@pytest.mark.parametrize("role", ["stranger", "committer", "controller", "router"])
def test_spends__not_the_owner__revert(funded, usdc, function, role, role_accounts, builder):
    with boa.reverts("caller is not the owner"):
        getattr(funded, function)(GRANTS, usdc, builder, 1, sender=role_accounts[role])


@pytest.mark.parametrize("function", ["commit", "commit_beyond_cap"])
@pytest.mark.parametrize("role", ["owner", "stranger", "controller", "router"])
def test_commits__not_a_committer__revert(funded, usdc, function, role, role_accounts, controller):
    with boa.reverts("caller is not a committer"):
        getattr(funded, function)(GRANTS, usdc, 1, controller, sender=role_accounts[role])


@pytest.mark.parametrize("function", ["spend", "spend_beyond_cap"])
def test_spends__of_nothing__revert(spend, function):
    with boa.reverts("amount is zero"):
        spend(0, function=function)


@pytest.mark.parametrize("function", ["commit", "commit_beyond_cap"])
def test_commits__of_nothing__revert(commit, function):
    with boa.reverts("amount is zero"):
        commit(0, function=function)


# --- set_caps ---


@pytest.mark.parametrize("caps", [(0, 0), (1_000, 5_000), (500, 2_500)])
def test_set_caps__at_the_bounds__holds_at_once(funded, usdc, owner, caps):
    funded.set_caps(*caps, sender=owner)
    assert event_rows(funded) == [("CapsChanged", *CAPS, *caps)]
    assert (funded.spend_cap_bps(), funded.grant_cap_bps()) == caps
    assert funded.spendable(usdc) == 2 * MONEY * caps[0] // 10_000
    assert funded.grantable(GRANTS, usdc) == MONEY * caps[1] // 10_000


@pytest.mark.parametrize("caps", [(1_001, 0), (0, 5_001), (2**256 - 1, 2**256 - 1)])
def test_set_caps__out_of_bounds__reverts(treasury, owner, caps):
    with boa.reverts("cap is too high"):
        treasury.set_caps(*caps, sender=owner)
    with boa.reverts("cap is too high"):
        deploy("Treasury", treasury.TOKEN(), 0, 10_000, *caps, sender=owner)


@pytest.mark.parametrize("role", ["stranger", "committer", "controller", "router"])
def test_set_caps__not_the_owner__reverts(treasury, role, role_accounts):
    with boa.reverts("caller is not the owner"):
        treasury.set_caps(0, 0, sender=role_accounts[role])


def test_set_caps__zero__stops_ordinary_votes_and_nothing_else(
    funded, spend, commit, owner, controller
):
    """What is promised is paid and released, and the strict vote goes on."""
    commitment_id = commit(GRANT_CAP)
    funded.set_caps(0, 0, sender=owner)
    for call, reason in ((spend, "spend is above the cap"), (commit, "grant is above the cap")):
        with boa.reverts(reason):
            call(1)
    spend(1, function="spend_beyond_cap")
    commit(1, function="commit_beyond_cap")
    funded.pay_commitment(commitment_id, account("payee"), 1, sender=controller)
    funded.release_commitment(commitment_id, GRANT_CAP - 1, sender=controller)


def test_set_caps__lower_than_what_was_taken__leaves_zero(funded, spend, usdc, owner):
    spend(SPEND_CAP)
    funded.set_caps(100, 2_500, sender=owner)
    assert funded.spendable(usdc) == 0
    funded.set_caps(1_000, 2_500, sender=owner)
    assert funded.spendable(usdc) == SPEND_CAP
