"""ComputeEscrow: which signatures on a voucher count."""

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests import support
from tests.kits.grants import (
    BUILDER_KEY,
    GPUS,
    HOUR,
    LEASE_SECONDS,
    PRICE,
    REPLACEMENT_SECONDS,
    keyed_account,
    make_terms,
    sign_voucher,
)
from tests.support import DAY, ZERO_ADDRESS

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STRANGER_KEY = b"\x0c" * 32
NOT_SIGNED = "voucher is not the builder's"


@pytest.fixture
def running(world, order_id) -> int:
    """A lease a day after its start."""
    support.pass_time(DAY)
    return order_id


def test_voucher_digest__is__eip712(world, order_id):
    domain = encode_typed_data(
        {
            "name": "Flywheel ComputeEscrow",
            "version": "1",
            "chainId": boa.env.evm.chain.chain_id,
            "verifyingContract": world.escrow.address,
        },
        {
            "Voucher": [
                {"name": "orderId", "type": "uint256"},
                {"name": "gpuSeconds", "type": "uint256"},
            ]
        },
        {"orderId": order_id, "gpuSeconds": 77},
    )
    expected = keccak(b"\x19\x01" + domain.header + domain.body)
    assert world.escrow.voucher_digest(order_id, 77) == expected
    fields, name, version, *_ = world.escrow.eip712Domain()
    assert (fields, name, version) == (b"\x0f", "Flywheel ComputeEscrow", "1")
    assert world.escrow.VOUCHER_TYPEHASH() == keccak(
        text="Voucher(uint256 orderId,uint256 gpuSeconds)"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Flywheel"},
        {"version": "2"},
        {"chainId": 1_337},
        {"verifyingContract": ZERO_ADDRESS},
        {"key": STRANGER_KEY},
    ],
)
def test_draw__signed_for_another_domain_or_key__reverts(world, running, change):
    signature = sign_voucher(world.escrow, running, 3_600, **change)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(running, 3_600, signature)


def test_draw__signed_for_another_order_or_other_seconds__reverts(world, grant_id, running):
    other = world.order(grant_id, world.offer(price=1))
    support.pass_time(DAY)
    signature = sign_voucher(world.escrow, running, 3_600)
    for order_id, seconds in ((other, 3_600), (running, 3_601), (running, 3_599)):
        with boa.reverts(NOT_SIGNED):
            world.escrow.draw(order_id, seconds, signature)
    assert world.escrow.draw(running, 3_600, signature) == PRICE


def test_draw__malformed_signature__reverts(world, running):
    good = sign_voucher(world.escrow, running, 3_600)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high_s = (SECP256K1_ORDER - s).to_bytes(32, "big")
    malformed = [
        b"",
        good[:64],
        good + b"\x00",
        r + high_s + bytes([55 - v]),
        good[:64] + b"\x00",
        good[:64] + b"\x1d",
        bytes(64) + b"\x1b",
        b"\xff" * 65,
    ]
    for signature in malformed:
        with boa.reverts(NOT_SIGNED):
            world.escrow.draw(running, 3_600, signature)
    assert world.escrow.draw(running, 3_600, good) == PRICE


def test_draw__same_voucher_twice__reverts(world, running):
    signature = sign_voucher(world.escrow, running, 3_600)
    world.escrow.draw(running, 3_600, signature)
    with boa.reverts("voucher is stale"):
        world.escrow.draw(running, 3_600, signature)


def test_draw__key_with_delegated_code__its_signature_still_counts(world, running):
    signature = sign_voucher(world.escrow, running, 3_600)
    boa.env.set_code(world.builder, bytes.fromhex("60006000fd"))
    assert world.escrow.draw(running, 3_600, signature) == PRICE


@pytest.mark.parametrize("by_vote", [False, True])
def test_draw__recipient_changed__only_the_present_one_signs(world, grant_id, running, by_vote):
    """Providers draw before a recipient changes; a former one could give the budget away."""
    stranger = Account.from_key(STRANGER_KEY).address
    if by_vote:
        world.grants.replace_recipient(grant_id, stranger, sender=world.owner)
        support.pass_time(REPLACEMENT_SECONDS)
    else:
        world.grants.propose_recipient(grant_id, stranger, sender=world.builder)
    old = sign_voucher(world.escrow, running, 3_600, key=BUILDER_KEY)
    new = sign_voucher(world.escrow, running, 3_600, key=STRANGER_KEY)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(running, 3_600, new)
    with boa.env.anchor():
        assert world.escrow.draw(running, 3_600, old) == PRICE
    world.grants.accept_recipient(grant_id, sender=stranger)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(running, 3_600, old)
    assert world.escrow.draw(running, 3_600, new) == PRICE


# --- wallets ---


@pytest.fixture
def wallet_order(world) -> tuple:
    """A lease by a grant whose recipient is an ERC-1271 wallet, a day old, and the wallet."""
    wallet = support.deploy("MockWallet")
    terms = make_terms(wallet.address, world.asset.address)
    wallet.act(world.applications, world.applications.apply.prepare_calldata(terms))
    grant_id = world.applications.application_count()
    world.approve(grant_id)
    world.post_bond(grant_id)
    starts_at = support.now()
    call = world.escrow.order.prepare_calldata(
        *(grant_id, world.offer(), GPUS, starts_at, starts_at + LEASE_SECONDS, PRICE)
    )
    wallet.act(world.escrow, call)
    support.pass_time(DAY)
    return wallet, world.escrow.order_count()


@pytest.mark.parametrize("signature", [b"", b"\x01" * 65, b"\x01" * 1_024])
def test_draw__wallet_accepts__paid(world, wallet_order, signature):
    wallet, order_id = wallet_order
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, HOUR, signature)
    wallet.accept(world.escrow.voucher_digest(order_id, HOUR), signature)
    assert world.escrow.draw(order_id, HOUR, signature) == PRICE


def test_draw__wallet_and_the_key_of_somebody__does_not_count(world, wallet_order):
    _, order_id = wallet_order
    assert keyed_account(BUILDER_KEY) == world.builder
    with boa.reverts(NOT_SIGNED):
        world.draw_voucher(order_id, HOUR)


# Reverting, answering with 100 kB, reverting with 100 kB.
@pytest.mark.parametrize("mood", [1, 4, 8])
def test_draw__hostile_wallet__refused(world, wallet_order, mood):
    order_id = hostile_order(wallet_order, mood)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, HOUR, b"")


def test_draw__wallet_burns_all_gas__harms_its_own_order_only(world, running, wallet_order):
    hostile_id = hostile_order(wallet_order, 2)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(hostile_id, HOUR, b"", gas=3_000_000)
    assert world.draw_voucher(running, HOUR) == PRICE


def hostile_order(wallet_order: tuple, mood: int) -> int:
    """The wallet's order, after the wallet turned hostile."""
    wallet, order_id = wallet_order
    hostile = support.deploy("Hostile", mood)
    boa.env.set_code(wallet.address, boa.env.get_code(hostile.address))
    boa.env.set_storage(wallet.address, 0, boa.env.get_storage(hostile.address, 0))
    return order_id
