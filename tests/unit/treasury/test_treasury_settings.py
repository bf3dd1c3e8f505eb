"""Treasury: what a vote sets up. Assets, purposes, roles, the holders' contract, the policy."""

import boa
import pytest

from tests.kits.treasury import (
    BPS,
    GRANTS_BPS,
    HOLDERS_BPS,
    RESERVE_BPS,
    accept,
    deploy_mock_token,
    deploy_money,
    event_rows,
    pass_epochs,
)
from tests.odd_assets import HARMLESS_FAULTS, Entry, Fault, Mood, deploy_odd_asset
from tests.support import (
    CAPS,
    EPOCH_SECONDS,
    ZERO_ADDRESS,
    account,
    deploy,
    deploy_asset,
    fund_and_approve,
    pass_time,
    reverts_otherwise,
    warp_to,
)

NEXT_POLICY = (1_000, 6_000, 3_000)


def _set_policy(treasury, owner, holders_bps, grants_bps) -> int:
    with boa.env.prank(owner):
        return treasury.set_policy(holders_bps, grants_bps)


# --- construction ---


def test_init__opens_purposes_and_first_policy(owner):
    token = deploy_mock_token()
    treasury = deploy("Treasury", token.address, HOLDERS_BPS, GRANTS_BPS, *CAPS, sender=owner)
    assert event_rows(treasury) == [
        ("OwnershipTransferred", ZERO_ADDRESS, owner),
        ("PurposeCreated", 1, "reserve", ZERO_ADDRESS),
        ("PurposeCreated", 2, "grants", ZERO_ADDRESS),
        ("PolicyChanged", 1, HOLDERS_BPS, GRANTS_BPS, RESERVE_BPS),
    ]
    assert treasury.owner() == owner
    assert treasury.TOKEN() == token.address
    assert treasury.holder_income() == ZERO_ADDRESS
    assert treasury.assets() == []
    assert treasury.purpose_count() == 2
    assert (treasury.purpose_name(1), treasury.purpose_name(2)) == ("reserve", "grants")
    assert treasury.purpose_name(3) == ""


@pytest.mark.parametrize(
    ("holders_bps", "grants_bps", "reason"),
    [
        (5_001, 4_000, "holders share is too high"),
        (0, 3_999, "grants share is too low"),
        (5_000, 5_001, "shares exceed the whole"),
    ],
)
def test_init__policy_out_of_bounds__reverts(owner, holders_bps, grants_bps, reason):
    token = deploy_mock_token()
    with boa.reverts(reason):
        deploy("Treasury", token.address, holders_bps, grants_bps, *CAPS, sender=owner)


# --- access ---

OWNER_CALLS = {
    "accept_asset": (ZERO_ADDRESS,),
    "create_purpose": ("compute",),
    "set_committer": (ZERO_ADDRESS, True),
    "set_income_source": (ZERO_ADDRESS, True),
    "set_holder_income": (ZERO_ADDRESS,),
    "create_round_purpose": ("x", ZERO_ADDRESS),
    "set_policy": (HOLDERS_BPS, GRANTS_BPS),
    "spend": (1, ZERO_ADDRESS, ZERO_ADDRESS, 1),
    "spend_beyond_cap": (1, ZERO_ADDRESS, ZERO_ADDRESS, 1),
    "set_caps": (500, 2_500),
    "set_holders_floor": (ZERO_ADDRESS, 1),
    "move_free": (1, 2, ZERO_ADDRESS, 1),
    "spend_in_kind": (ZERO_ADDRESS, ZERO_ADDRESS, 1),
    "skim": (ZERO_ADDRESS, ZERO_ADDRESS),
    "transfer_ownership": (ZERO_ADDRESS,),
}


@pytest.mark.parametrize("function", OWNER_CALLS)
@pytest.mark.parametrize("role", ["stranger", "committer", "router", "controller"])
def test_owner_functions__any_other_role__revert(treasury, function, role, role_accounts):
    caller = role_accounts[role]
    with boa.env.prank(caller), boa.reverts("caller is not the owner"):
        getattr(treasury, function)(*OWNER_CALLS[function])


# --- assets ---


@pytest.fixture
def bare_treasury(token, owner):
    """A Treasury without an asset."""
    return deploy("Treasury", token.address, HOLDERS_BPS, GRANTS_BPS, *CAPS, sender=owner)


def test_accept_asset__plain_token__is_listed(bare_treasury, owner):
    usdc, dai = deploy_asset("USDC", 6), deploy_asset("DAI", 18)
    for asset in (usdc, dai):
        assert not bare_treasury.is_accepted(asset.address)
        accept(bare_treasury, owner, asset)
        assert event_rows(bare_treasury) == [("AssetAccepted", asset.address, False)]
        assert bare_treasury.is_accepted(asset.address)
    assert bare_treasury.assets() == [usdc.address, dai.address]


def test_accept_asset__again__reverts(bare_treasury, owner):
    usdc = accept(bare_treasury, owner, deploy_asset())
    with boa.reverts("asset is accepted already"):
        accept(bare_treasury, owner, usdc)


def test_accept_asset__ninth__reverts(bare_treasury, owner):
    for index in range(8):
        accept(bare_treasury, owner, deploy_asset(f"A{index}"))
    with boa.reverts("too many assets"):
        accept(bare_treasury, owner, deploy_asset("A8"))
    assert len(bare_treasury.assets()) == 8


@pytest.mark.parametrize("decimals", [0, 2, 24])
def test_accept_asset__decimals_in_bounds__is_listed(bare_treasury, owner, decimals):
    asset = accept(bare_treasury, owner, deploy_asset("ODD", decimals))
    assert bare_treasury.is_accepted(asset.address)


def test_accept_asset__25_decimals__reverts(bare_treasury, owner):
    with boa.reverts("asset has too many decimals"):
        accept(bare_treasury, owner, deploy_asset("ODD", 25))


def test_accept_asset__no_contract__reverts(bare_treasury, owner, stranger):
    with boa.env.prank(owner), boa.reverts("asset is not a contract"):
        bare_treasury.accept_asset(stranger)


def test_accept_asset__contract_without_decimals__reverts(bare_treasury, owner):
    with boa.reverts("asset is not an ERC-20"):
        accept(bare_treasury, owner, deploy("Actor"))


@pytest.mark.parametrize(
    "function",
    [
        pytest.param("@view\ndef decimals() -> uint8:\n    return 18", id="only_decimals"),
        pytest.param("def __default__():\n    pass", id="silent_fallback"),
    ],
)
def test_accept_asset__contract_that_answers_half__reverts(bare_treasury, owner, function):
    contract = boa.loads(f"# pragma version 0.4.3\n@external\n{function}\n")
    with boa.reverts("asset is not an ERC-20"):
        accept(bare_treasury, owner, contract)


@pytest.mark.parametrize("mood", [Mood.REVERTS, Mood.REVERTS_WITH_100_KB])
def test_accept_asset__hostile_contract__reverts(bare_treasury, owner, mood):
    with boa.reverts("asset is not an ERC-20"):
        accept(bare_treasury, owner, deploy("Hostile", mood))


def test_accept_asset__something_of_it_here__is_probed(bare_treasury, owner, stranger):
    asset = deploy_asset()
    asset.mint(bare_treasury.address, 7)
    accept(bare_treasury, owner, asset)
    assert ("AssetAccepted", asset.address, True) in event_rows(bare_treasury)
    assert asset.balanceOf(bare_treasury.address) == 7
    assert asset.allowance(bare_treasury.address, bare_treasury.address) == 0
    assert bare_treasury.skim(asset.address, stranger, sender=owner) == 7


@pytest.mark.parametrize(
    ("fault", "entries"),
    [
        (Fault.FEE_ON_RECEIVER, Entry.TRANSFER),
        (Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM),
        (Fault.FEE_ON_SENDER, Entry.MOVES),
        (Fault.RETURNS_FALSE, Entry.TRANSFER),
        (Fault.RETURNS_FALSE, Entry.TRANSFER_FROM),
        (Fault.RETURNS_FALSE, Entry.APPROVE),
        (Fault.RETURNS_GARBAGE, Entry.TRANSFER),
        (Fault.PAUSED, Entry.TRANSFER_FROM),
    ],
)
def test_accept_asset__misbehaves_in_its_probe__reverts(bare_treasury, owner, fault, entries):
    asset = deploy_odd_asset(fault, entries)
    # Far more than a unit: a fee of some basis points would round to nothing.
    asset.mint(bare_treasury.address, 1_000_000)
    with reverts_otherwise("each fault of the asset has words of its own, or none"):
        accept(bare_treasury, owner, asset)
    assert bare_treasury.assets() == []


@pytest.mark.parametrize("fault", [Fault.PAUSED, Fault.REVERTS])
def test_accept_asset__refuses_to_be_sent_to_itself__is_accepted_unprobed(
    bare_treasury, owner, stranger, fault
):
    """Anybody can give a unit: it used to keep such a token out for ever."""
    asset = deploy_odd_asset()
    fund_and_approve(asset, stranger, bare_treasury, 1)
    bare_treasury.receive_in_kind(asset, 1, sender=stranger)
    asset.misbehave(fault, Entry.TRANSFER)
    accept(bare_treasury, owner, asset)
    assert event_rows(bare_treasury) == [("AssetAccepted", asset.address, False)]


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_accept_asset__harmless_fault__passes_its_probe(bare_treasury, owner, fault):
    asset = deploy_odd_asset(fault)
    asset.mint(bare_treasury.address, 1_000_000)
    accept(bare_treasury, owner, asset)


# --- purposes ---


def test_create_purpose__counts_from_three(treasury, owner):
    with boa.env.prank(owner):
        assert treasury.create_purpose("compute") == 3
        assert event_rows(treasury) == [("PurposeCreated", 3, "compute", ZERO_ADDRESS)]
        # Names need not differ: the id is what counts.
        assert treasury.create_purpose("compute") == 4
    assert treasury.purpose_count() == 4
    assert treasury.purpose_name(3) == "compute"


def test_create_purpose__empty_name__reverts(treasury, owner):
    with boa.env.prank(owner), boa.reverts("purpose has no name"):
        treasury.create_purpose("")


# --- roles ---


@pytest.mark.parametrize(
    ("setter", "getter", "event"),
    [
        ("set_committer", "is_committer", "CommitterChanged"),
        ("set_income_source", "is_income_source", "IncomeSourceChanged"),
    ],
)
def test_set_role__grants_and_revokes(treasury, owner, setter, getter, event):
    member = account("member")
    for allowed in (True, False):
        with boa.env.prank(owner):
            getattr(treasury, setter)(member, allowed)
        assert event_rows(treasury) == [(event, member, allowed)]
        assert getattr(treasury, getter)(member) is allowed


@pytest.mark.parametrize("setter", ["set_committer", "set_income_source"])
def test_set_role__zero_account__reverts(treasury, owner, setter):
    with boa.env.prank(owner), boa.reverts("account is zero"):
        getattr(treasury, setter)(ZERO_ADDRESS, True)


# --- holder income ---


def test_set_holder_income__first_one__is_that_of_all_epochs(token, owner):
    treasury = deploy("Treasury", token.address, HOLDERS_BPS, GRANTS_BPS, *CAPS, sender=owner)
    income = deploy("HolderIncome", token.address, treasury.address, sender=owner)
    pass_epochs(5)
    assert treasury.holder_income() == ZERO_ADDRESS
    assert treasury.set_holder_income(income, sender=owner) == 1
    assert event_rows(treasury) == [("HolderIncomeChanged", 1, ZERO_ADDRESS, income.address)]
    assert treasury.holder_income() == treasury.holder_income_at(1) == income.address


def test_set_holder_income__another__has_the_notice_of_a_policy(treasury, income, token, owner):
    """It used to be in force at once, in the last second of an epoch too."""
    other = deploy("HolderIncome", token.address, treasury.address, sender=owner)
    assert treasury.set_holder_income(other, sender=owner) == 3
    assert event_rows(treasury) == [("HolderIncomeChanged", 3, income.address, other.address)]
    expected = [income.address, income.address, other.address]
    assert [treasury.holder_income_at(epoch) for epoch in (1, 2, 3)] == expected
    assert treasury.holder_income() == income.address
    assert tuple(treasury.policy_at(3)) == (HOLDERS_BPS, GRANTS_BPS, RESERVE_BPS)
    # A policy of the same vote keeps it, and the other way round.
    treasury.set_policy(0, 6_000, sender=owner)
    assert treasury.holder_income_at(3) == other.address
    treasury.set_holder_income(income, sender=owner)
    assert tuple(treasury.policy_at(3)) == (0, 6_000, 4_000)
    assert treasury.holder_income_at(3) == income.address
    pass_epochs(2)
    treasury.set_holder_income(other, sender=owner)
    assert treasury.holder_income() == income.address
    pass_epochs(2)
    assert treasury.holder_income() == other.address


def test_set_holder_income__zero__reverts(treasury, owner):
    with boa.reverts("holder income is no contract"):
        treasury.set_holder_income(ZERO_ADDRESS, sender=owner)


def test_create_round_purpose__source__alone_fills_it(treasury, owner, usdc, payer, stranger):
    with boa.reverts("source is no contract"):
        treasury.create_round_purpose("x", stranger, sender=owner)
    with boa.reverts("purpose has no name"):
        treasury.create_round_purpose("", usdc, sender=owner)
    source = usdc.address
    assert treasury.create_round_purpose("x", source, sender=owner) == 3
    assert event_rows(treasury) == [("PurposeCreated", 3, "x", source)]
    assert (treasury.purpose_source(3), treasury.purpose_source(2)) == (source, ZERO_ADDRESS)
    fund_and_approve(usdc, payer, treasury, 5)
    with boa.reverts("purpose has a source"):
        treasury.deposit(3, usdc, 5, sender=payer)
    treasury.allow_wind_down(3, usdc, payer, sender=owner)
    treasury.deposit(3, usdc, 5, sender=payer)
    assert treasury.free(3, usdc) == 5


def test_set_holder_income__no_contract__reverts(treasury, owner, stranger):
    with boa.env.prank(owner), boa.reverts("holder income is no contract"):
        treasury.set_holder_income(stranger)


def test_set_holder_income__of_another_treasury__reverts(treasury, owner, token):
    other = deploy_money(token, owner)
    with boa.env.prank(owner), boa.reverts("holder income is not ours"):
        treasury.set_holder_income(other.income.address)


# --- policy ---


@pytest.mark.parametrize(
    ("holders_bps", "grants_bps"), [(5_000, 4_000), (5_000, 5_000), (0, 4_000), (0, 10_000)]
)
def test_set_policy__at_the_bounds__is_announced(treasury, owner, holders_bps, grants_bps):
    assert _set_policy(treasury, owner, holders_bps, grants_bps) == 3
    reserve_bps = BPS - holders_bps - grants_bps
    assert event_rows(treasury) == [("PolicyChanged", 3, holders_bps, grants_bps, reserve_bps)]
    assert tuple(treasury.policy_at(3)) == (holders_bps, grants_bps, reserve_bps)


@pytest.mark.parametrize(
    ("holders_bps", "grants_bps", "reason"),
    [
        (5_001, 4_000, "holders share is too high"),
        (2**256 - 1, 4_000, "holders share is too high"),
        (0, 3_999, "grants share is too low"),
        (0, 10_001, "shares exceed the whole"),
        (5_000, 5_001, "shares exceed the whole"),
        (1, 2**256 - 1, "shares exceed the whole"),
    ],
)
def test_set_policy__out_of_bounds__reverts(treasury, owner, holders_bps, grants_bps, reason):
    with boa.reverts(reason):
        _set_policy(treasury, owner, holders_bps, grants_bps)


def test_set_policy__applies_after_one_full_epoch_of_notice(treasury, owner, token):
    warp_to(token.epoch_start(6) - 1)
    assert _set_policy(treasury, owner, 1_000, 6_000) == 7
    assert tuple(treasury.policy_at(6)) == (HOLDERS_BPS, GRANTS_BPS, RESERVE_BPS)
    assert tuple(treasury.policy_at(7)) == NEXT_POLICY
    assert tuple(treasury.policy_at(2**255)) == NEXT_POLICY


def test_set_policy__first_second_of_epoch__counts_as_that_epoch(treasury, owner, token):
    warp_to(token.epoch_start(6))
    assert _set_policy(treasury, owner, 1_000, 6_000) == 8


def test_set_policy__twice_in_one_epoch__last_one_counts(treasury, owner):
    _set_policy(treasury, owner, 5_000, 5_000)
    assert _set_policy(treasury, owner, 1_000, 6_000) == 3
    assert tuple(treasury.policy_at(3)) == NEXT_POLICY
    assert tuple(treasury.policy_at(2)) == (HOLDERS_BPS, GRANTS_BPS, RESERVE_BPS)
    pass_epochs(1)
    # The history grew by one: the next announcement leaves that of an earlier epoch alone.
    assert _set_policy(treasury, owner, 0, 4_000) == 4
    assert tuple(treasury.policy_at(3)) == NEXT_POLICY


def test_set_policy__announced_one_still_takes_effect(treasury, owner):
    assert _set_policy(treasury, owner, 1_000, 6_000) == 3
    pass_epochs(1)
    assert _set_policy(treasury, owner, 5_000, 5_000) == 4
    assert tuple(treasury.policy_at(3)) == NEXT_POLICY
    assert tuple(treasury.policy_at(4)) == (5_000, 5_000, 0)


def test_policy_at__long_history__finds_the_one_in_force(treasury, owner):
    expected = {1: HOLDERS_BPS}
    for step in range(13):
        holders_bps = step * 100
        expected[_set_policy(treasury, owner, holders_bps, 4_000)] = holders_bps
        pass_time(EPOCH_SECONDS * (1 + step % 3))
    in_force = HOLDERS_BPS
    for epoch in range(1, max(expected) + 3):
        in_force = expected.get(epoch, in_force)
        assert treasury.policy_at(epoch).holders_bps == in_force


def test_policy_at__epoch_zero__reverts(treasury):
    with boa.reverts("epoch is unknown"):
        treasury.policy_at(0)


# --- ownership ---


def test_transfer_ownership__hands_every_power_over(treasury, owner, stranger):
    with boa.env.prank(owner):
        treasury.transfer_ownership(stranger)
    assert event_rows(treasury) == [("OwnershipTransferred", owner, stranger)]
    with boa.env.prank(owner), boa.reverts("caller is not the owner"):
        treasury.create_purpose("compute")
    with boa.env.prank(stranger):
        treasury.create_purpose("compute")
