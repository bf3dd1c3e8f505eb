"""ModelRegistry as an ERC-721 collection: approvals, transfers, errors, what is out of reach."""

import boa
import pytest
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector

from tests.kits.models import register
from tests.kits.treasury import event_rows
from tests.odd_assets import calldata_of
from tests.support import ZERO_ADDRESS, deploy, reverts_silently, reverts_with

RECEIVED = bytes.fromhex("150b7a02")
NOTHING = bytes(4)
UNKNOWN = 99


@pytest.fixture(scope="module")
def token_id(registry, owner):
    return register(registry, owner)


# --- standing data ---


def test_name_and_symbol__are_the_constructors(registry):
    assert (registry.name(), registry.symbol()) == ("Flywheel Models", "FWMOD")


@pytest.mark.parametrize(
    ("interface_id", "supported"),
    [
        ("01ffc9a7", True),
        ("80ac58cd", True),
        ("5b5e139f", True),
        ("49064906", True),
        ("780e9d63", False),
        ("ffffffff", False),
    ],
    ids=["ERC-165", "ERC-721", "metadata", "updates", "enumerable", "none"],
)
def test_supports_interface__id__is_told(registry, interface_id, supported):
    assert registry.supportsInterface(bytes.fromhex(interface_id)) is supported


@pytest.mark.parametrize(
    "signature",
    [
        "safe_mint(address,string)",
        "set_minter(address,bool)",
        "is_minter(address)",
        "burn(uint256)",
        "permit(address,uint256,uint256,uint8,bytes32,bytes32)",
        "nonces(uint256)",
        "totalSupply()",
        "renounce_ownership()",
    ],
)
def test_library_functions__called_by_the_owner__are_out_of_reach(registry, owner, signature):
    payload = function_signature_to_4byte_selector(signature) + bytes(32 * 8)
    actor = deploy("Actor")
    with boa.env.prank(owner):
        registry.transfer_ownership(actor.address)
    with reverts_silently():
        actor.act(registry.address, payload)
    assert registry.model_count() == 0


def test_calls_with_ether__every_mutating_function__revert(registry, token_id, owner, holder):
    boa.env.set_balance(owner, 10)
    for call, *args in (
        (registry.approve, holder, token_id),
        (registry.setApprovalForAll, holder, True),
        (registry.transferFrom, owner, holder, token_id),
        (registry.safeTransferFrom, owner, holder, token_id),
    ):
        with boa.env.prank(owner), reverts_silently():
            call(*args, value=1)


# --- views ---


def test_balance_of__counts_tokens(registry, token_id, owner, holder):
    register(registry, owner)
    assert (registry.balanceOf(owner), registry.balanceOf(holder)) == (2, 0)


def test_balance_of__zero_address__reverts(registry):
    with reverts_with(registry, "ERC721InvalidOwner(address)", ZERO_ADDRESS):
        registry.balanceOf(ZERO_ADDRESS)


@pytest.mark.parametrize("view", ["ownerOf", "getApproved", "tokenURI"])
@pytest.mark.parametrize("unknown", [0, UNKNOWN])
def test_token_views__unknown_token__revert(registry, token_id, view, unknown):
    with reverts_with(registry, "ERC721NonexistentToken(uint256)", unknown):
        getattr(registry, view)(unknown)


# --- approve ---


def test_approve__owner__lets_one_account_move_it_once(registry, token_id, owner, operator, holder):
    with boa.env.prank(owner):
        registry.approve(operator, token_id)
    assert event_rows(registry) == [("Approval", owner, operator, token_id)]
    assert registry.getApproved(token_id) == operator
    with boa.env.prank(operator):
        registry.transferFrom(owner, holder, token_id)
    assert registry.getApproved(token_id) == ZERO_ADDRESS


def test_approve__zero_address__takes_it_back(registry, token_id, owner, operator, holder):
    with boa.env.prank(owner):
        registry.approve(operator, token_id)
        registry.approve(ZERO_ADDRESS, token_id)
    error = "ERC721InsufficientApproval(address,uint256)"
    with boa.env.prank(operator), reverts_with(registry, error, operator, token_id):
        registry.transferFrom(owner, holder, token_id)


def test_approve__operator_for_all__may(registry, token_id, owner, operator, holder):
    with boa.env.prank(owner):
        registry.setApprovalForAll(operator, True)
    with boa.env.prank(operator):
        registry.approve(holder, token_id)
    assert registry.getApproved(token_id) == holder


def test_approve__approved_account__may_not(registry, token_id, owner, operator, holder):
    with boa.env.prank(owner):
        registry.approve(operator, token_id)
    with (
        boa.env.prank(operator),
        reverts_with(registry, "ERC721InvalidApprover(address)", operator),
    ):
        registry.approve(holder, token_id)


def test_approve__stranger__reverts(registry, token_id, stranger):
    with (
        boa.env.prank(stranger),
        reverts_with(registry, "ERC721InvalidApprover(address)", stranger),
    ):
        registry.approve(stranger, token_id)


def test_approve__unknown_token__reverts(registry, token_id, owner, operator):
    with boa.env.prank(owner), reverts_with(registry, "ERC721NonexistentToken(uint256)", UNKNOWN):
        registry.approve(operator, UNKNOWN)


# --- setApprovalForAll ---


def test_set_approval_for_all__on_and_off__is_kept(registry, token_id, owner, operator, holder):
    for approved in (True, False):
        with boa.env.prank(owner):
            registry.setApprovalForAll(operator, approved)
        assert event_rows(registry) == [("ApprovalForAll", owner, operator, approved)]
        assert registry.isApprovedForAll(owner, operator) is approved
    error = "ERC721InsufficientApproval(address,uint256)"
    with boa.env.prank(operator), reverts_with(registry, error, operator, token_id):
        registry.transferFrom(owner, holder, token_id)


def test_set_approval_for_all__nobody__reverts(registry, owner):
    refusal = reverts_with(registry, "ERC721InvalidOperator(address)", ZERO_ADDRESS)
    with boa.env.prank(owner), refusal:
        registry.setApprovalForAll(ZERO_ADDRESS, True)


def test_set_approval_for_all__oneself__is_as_with_openzeppelin(registry, owner):
    for approved in (True, False):
        registry.setApprovalForAll(owner, approved, sender=owner)
        assert registry.isApprovedForAll(owner, owner) == approved


# --- transfers ---


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
@pytest.mark.parametrize("mover", ["owner", "approved", "operator"])
def test_transfer__whoever_may__moves_it(
    registry, token_id, owner, operator, holder, function, mover
):
    with boa.env.prank(owner):
        if mover == "approved":
            registry.approve(operator, token_id)
        if mover == "operator":
            registry.setApprovalForAll(operator, True)
    with boa.env.prank(owner if mover == "owner" else operator):
        getattr(registry, function)(owner, holder, token_id)
    assert event_rows(registry) == [("Transfer", owner, holder, token_id)]
    assert registry.ownerOf(token_id) == holder
    assert (registry.balanceOf(owner), registry.balanceOf(holder)) == (0, 1)


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
def test_transfer__every_fault__has_its_error(
    registry, token_id, owner, holder, stranger, function
):
    transfer = getattr(registry, function)
    with (
        boa.env.prank(stranger),
        reverts_with(registry, "ERC721InsufficientApproval(address,uint256)", stranger, token_id),
    ):
        transfer(owner, stranger, token_id)
    with boa.env.prank(owner):
        with reverts_with(registry, "ERC721NonexistentToken(uint256)", UNKNOWN):
            transfer(owner, holder, UNKNOWN)
        with reverts_with(
            registry,
            "ERC721IncorrectOwner(address,uint256,address)",
            holder,
            token_id,
            owner,
        ):
            transfer(holder, stranger, token_id)
        with reverts_with(registry, "ERC721InvalidReceiver(address)", ZERO_ADDRESS):
            transfer(owner, ZERO_ADDRESS, token_id)
    assert registry.ownerOf(token_id) == owner


def test_transfer_from__to_oneself__changes_nothing(registry, token_id, owner):
    with boa.env.prank(owner):
        registry.transferFrom(owner, owner, token_id)
    assert registry.ownerOf(token_id) == owner
    assert registry.balanceOf(owner) == 1


def test_safe_transfer_from__willing_contract__is_told(registry, token_id, owner):
    receiver = deploy("MockTokenReceiver", RECEIVED)
    with boa.env.prank(owner):
        registry.safeTransferFrom(owner, receiver.address, token_id, b"note")
    assert registry.ownerOf(token_id) == receiver.address
    assert (receiver.received_operator(), receiver.received_data()) == (owner, b"note")


def test_safe_transfer_from__unwilling_contract__reverts(registry, token_id, owner):
    receiver = deploy("MockTokenReceiver", NOTHING).address
    with (
        boa.env.prank(owner),
        reverts_with(registry, "ERC721InvalidReceiver(address)", receiver),
    ):
        registry.safeTransferFrom(owner, receiver, token_id)


def test_safe_transfer_from__contract_without_the_hook__reverts(registry, token_id, owner):
    refusal = reverts_with(registry, "ERC721InvalidReceiver(address)", registry.address)
    with boa.env.prank(owner), refusal:
        registry.safeTransferFrom(owner, registry.address, token_id)
    assert registry.ownerOf(token_id) == owner


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("approve", ("stranger", "token")),
        ("setApprovalForAll", ("stranger", True)),
        ("transferFrom", ("receiver", "stranger", "token")),
        ("safeTransferFrom", ("receiver", "stranger", "token")),
    ],
)
def test_safe_transfer_from__receiver_reenters__is_locked_out(
    registry, token_id, owner, stranger, function, args
):
    receiver = deploy("MockTokenReceiver", RECEIVED)
    values = {"stranger": stranger, "token": token_id, "receiver": receiver.address}
    payload = calldata_of(registry, function, *(values.get(arg, arg) for arg in args))
    receiver.program(registry.address, payload)
    with boa.env.prank(owner):
        registry.safeTransferFrom(owner, receiver.address, token_id)
    assert not receiver.call_succeeded()
    assert registry.ownerOf(token_id) == receiver.address


def test_safe_transfer_from__receiver_reads__sees_itself_as_owner(registry, token_id, owner):
    receiver = deploy("MockTokenReceiver", RECEIVED)
    receiver.program(registry.address, calldata_of(registry, "ownerOf", token_id))
    with boa.env.prank(owner):
        registry.safeTransferFrom(owner, receiver.address, token_id)
    assert receiver.call_succeeded()
    assert receiver.response() == encode(["address"], [receiver.address])
