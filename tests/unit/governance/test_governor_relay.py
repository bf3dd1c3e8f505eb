"""What actions may call on the Governor (relay, require_gas), and what it refuses to receive."""

import boa
import pytest
from eth_utils import function_signature_to_4byte_selector

from tests.kits.governance import EXECUTED, QUEUED, Batch, run_as_timelock
from tests.support import deploy_asset, reverts_with, typed_error

RECEIVERS = [
    "onERC721Received(address,address,uint256,bytes)",
    "onERC1155Received(address,address,uint256,uint256,bytes)",
    "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)",
]


# --- relay ---


def test_relay__by_an_executed_proposal__moves_a_stray_token(
    governor, make_proposal, voter, stranger
):
    asset = deploy_asset()
    asset.mint(governor.address, 500)
    payload = asset.transfer.prepare_calldata(stranger, 500)
    batch = Batch().add(governor, "relay", asset.address, 0, payload)
    make_proposal(batch).advance(EXECUTED, voter)
    assert (asset.balanceOf(governor.address), asset.balanceOf(stranger)) == (0, 500)


def test_relay__with_currency__passes_it_on(governor, timelock, target, stranger):
    boa.env.set_balance(timelock.address, 7)
    with boa.env.prank(timelock.address):
        governor.relay(target.address, 7, target.store.prepare_calldata(3), value=7)
    assert target.stored() == 3
    assert boa.env.get_balance(target.address) == 7
    assert boa.env.get_balance(governor.address) == 0


def test_relay__by_others__reverts(governor, owner, proposer, voter, target):
    for account in (owner, proposer, voter, governor.address):
        with reverts_with(governor, "GovernorOnlyExecutor(address)", account):
            governor.relay(target.address, 0, b"", sender=account)


def test_relay__of_a_call_that_fails__fails_with_its_reason(governor, timelock, target):
    with boa.reverts("target refuses"):
        run_as_timelock(
            timelock, governor, "relay", target.address, 0, target.refuse.prepare_calldata()
        )
    with reverts_with(governor, "FailedCall()"):
        payload = target.refuse_silently.prepare_calldata()
        run_as_timelock(timelock, governor, "relay", target.address, 0, payload)


def test_relay__of_calldata_to_no_contract__reverts(governor, timelock, stranger):
    with reverts_with(governor, "AddressEmptyCode(address)", stranger):
        run_as_timelock(timelock, governor, "relay", stranger, 0, b"\1\2\3\4")


# --- require_gas ---


def test_require_gas__of_what_is_there__passes(governor):
    governor.require_gas(100_000, gas=200_000)


def test_require_gas__of_more__reverts(governor):
    with boa.reverts("too little gas"):
        governor.require_gas(200_000, gas=200_000)


# --- deposits ---


@pytest.mark.parametrize("amount", [0, 1])
def test_currency__sent__is_refused(governor, stranger, amount):
    result = boa.env.execute_code(to_address=governor.address, sender=stranger, value=amount)
    assert bytes(result.output) == typed_error("GovernorDisabledDeposit()")
    assert boa.env.get_balance(governor.address) == 0


@pytest.mark.parametrize("function", RECEIVERS)
def test_tokens__sent_safely__are_refused(governor, stranger, function):
    data = function_signature_to_4byte_selector(function) + bytes(160)
    result = boa.env.execute_code(to_address=governor.address, sender=stranger, data=data)
    assert bytes(result.output) == typed_error("GovernorDisabledDeposit()")


def test_execute__with_currency__pays_for_the_actions(governor, make_proposal, target, voter):
    batch = Batch().add(target, "store", 5, amount=9)
    proposal = make_proposal(batch).advance(QUEUED, voter).wait()
    boa.env.set_balance(voter, 9)
    proposal.execute(value=9, sender=voter)
    assert boa.env.get_balance(target.address) == 9
    assert target.stored() == 5
