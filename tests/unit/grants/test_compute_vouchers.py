"""ComputeEscrow: what a cumulative voucher pays, and which signatures count."""

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import support
from tests.kits.grants import (
    BUILDER_KEY,
    COMPUTE_BUDGET,
    DRAW_SECONDS,
    ORDERED_SECONDS,
    PRICE,
    TREASURY_FUNDS,
    logged,
    make_terms,
    sign_voucher,
)
from tests.support import DAY, ZERO_ADDRESS

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STRANGER_KEY = b"\x0c" * 32
NOT_SIGNED = "voucher is not the builder's"


@pytest.fixture
def order_id(world, grant_id) -> int:
    """An open order for a month."""
    return world.order(grant_id, world.offer())


# --- what is paid ---


def test_draw__first_voucher__paid_to_the_provider_by_anyone(world, grant_id, order_id):
    signature = sign_voucher(world.escrow, order_id, 5_000)
    paid = world.escrow.draw(order_id, 5_000, signature, sender=world.stranger)
    events = logged(world.escrow)
    assert paid == PRICE * 5_000 // 3_600
    assert [name for name, _ in events] == ["VoucherDrawn", "CommitmentPaid", "Transfer"]
    assert events[0][1] == {
        "order_id": order_id,
        "provider": world.provider,
        "gpu_seconds": 5_000,
        "amount": paid,
    }
    assert world.asset.balanceOf(world.provider) == paid
    order = world.escrow.order_of(order_id)
    assert (order.drawn_gpu_seconds, order.paid) == (5_000, paid)
    budget = world.escrow.budget(grant_id)
    assert budget.paid == paid
    assert world.treasury.commitment(budget.commitment_id).remaining == COMPUTE_BUDGET - paid


def test_draw__later_voucher__pays_the_difference(world, order_id):
    first = world.draw_voucher(order_id, 1)
    second = world.draw_voucher(order_id, 3_601)
    assert first + second == PRICE * 3_601 // 3_600


def test_draw__last_voucher__whole_order_is_covered(world, grant_id, order_id):
    paid = world.draw_voucher(order_id, ORDERED_SECONDS)
    order = world.escrow.order_of(order_id)
    assert paid == PRICE * ORDERED_SECONDS // 3_600 == order.amount - 1
    world.escrow.close_order(order_id, sender=world.provider)
    assert world.escrow.available(grant_id) == COMPUTE_BUDGET - paid


def test_draw__more_than_was_ordered__reverts(world, order_id):
    with boa.reverts("voucher exceeds the order"):
        world.draw_voucher(order_id, ORDERED_SECONDS + 1)


@pytest.mark.parametrize("gpu_seconds", [0, 3_599, 3_600])
def test_draw__stale_voucher__reverts(world, order_id, gpu_seconds):
    world.draw_voucher(order_id, 3_600)
    with boa.reverts("voucher is stale"):
        world.draw_voucher(order_id, gpu_seconds)


def test_draw__worth_less_than_a_unit__reverts_and_stays_drawable(world, grant_id):
    order_id = world.order(grant_id, world.offer(price=1), gpu_seconds=7_200)
    with boa.reverts("nothing to draw"):
        world.draw_voucher(order_id, 3_599)
    assert world.draw_voucher(order_id, 3_600) == 1


def test_draw__unknown_order__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("order is not open"):
            world.escrow.draw(unknown, 1, b"")


def test_draw__after_expiry_until_closed__works(world, order_id):
    support.pass_time(30 * DAY + 10 * DRAW_SECONDS)
    assert world.draw_voucher(order_id, 3_600) == PRICE


def test_draw__terminated_grant__provider_is_still_paid(world, grant_id, order_id):
    world.terminate(grant_id)
    returned = world.escrow.return_budget(grant_id)
    paid = world.draw_voucher(order_id, ORDERED_SECONDS)
    world.escrow.close_order(order_id, sender=world.provider)
    returned += world.escrow.return_budget(grant_id)
    assert paid + returned == COMPUTE_BUDGET
    assert world.free() == TREASURY_FUNDS - paid


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    price=st.integers(1, 10**7),
    gpu_seconds=st.integers(1, 10**6),
    cuts=st.lists(st.integers(1, 10**6), max_size=4),
)
def test_draw__any_sequence_of_vouchers__sums_to_the_last(
    world, grant_id, price, gpu_seconds, cuts
):
    with boa.env.anchor():
        offer_id = world.offer(price=price)
        order_id = world.escrow.order(
            *(grant_id, offer_id, gpu_seconds, support.now() + DAY, price), sender=world.builder
        )
        paid = 0
        for cut in sorted({min(cut, gpu_seconds) for cut in cuts} | {gpu_seconds}):
            if price * cut // 3_600 > paid:
                paid += world.draw_voucher(order_id, cut)
        assert paid == price * gpu_seconds // 3_600 <= world.escrow.order_of(order_id).amount


# --- signatures ---


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
def test_draw__signed_for_another_domain_or_key__reverts(world, order_id, change):
    signature = sign_voucher(world.escrow, order_id, 3_600, **change)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, 3_600, signature)


def test_draw__signed_for_other_seconds__reverts(world, order_id):
    signature = sign_voucher(world.escrow, order_id, 3_600)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, 3_601, signature)


def test_draw__malformed_signature__reverts(world, order_id):
    good = sign_voucher(world.escrow, order_id, 3_600)
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
            world.escrow.draw(order_id, 3_600, signature)
    assert world.escrow.draw(order_id, 3_600, good) == PRICE


def test_draw__key_with_delegated_code__its_signature_still_counts(world, order_id):
    signature = sign_voucher(world.escrow, order_id, 3_600)
    boa.env.set_code(world.builder, bytes.fromhex("60006000fd"))
    assert world.escrow.draw(order_id, 3_600, signature) == PRICE


def test_draw__recipient_changed__signer_of_the_order_stays(world, grant_id, order_id):
    stranger = Account.from_key(STRANGER_KEY).address
    world.grants.propose_recipient(grant_id, stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=stranger)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(
            order_id, 3_600, sign_voucher(world.escrow, order_id, 3_600, key=STRANGER_KEY)
        )
    assert world.escrow.draw(
        order_id, 3_600, sign_voucher(world.escrow, order_id, 3_600, key=BUILDER_KEY)
    )


@pytest.fixture
def wallet_order(world) -> tuple:
    """An order by a grant whose recipient is an ERC-1271 wallet, and the wallet."""
    wallet = support.deploy("MockWallet")
    terms = make_terms(wallet.address, world.asset.address)
    wallet.act(world.grants, world.grants.apply.prepare_calldata(terms))
    grant_id = world.grants.grant_count()
    world.approve(grant_id)
    call = world.escrow.order.prepare_calldata(
        *(grant_id, world.offer(), ORDERED_SECONDS, support.now() + DAY, PRICE)
    )
    wallet.act(world.escrow, call)
    return wallet, world.escrow.order_count()


@pytest.mark.parametrize("signature", [b"", b"\x01" * 65, b"\x01" * 1_024])
def test_draw__wallet_accepts__paid(world, wallet_order, signature):
    wallet, order_id = wallet_order
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, 3_600, signature)
    wallet.accept(world.escrow.voucher_digest(order_id, 3_600), signature)
    assert world.escrow.draw(order_id, 3_600, signature) == PRICE


# Reverting, answering with 100 kB, reverting with 100 kB.
@pytest.mark.parametrize("mood", [1, 4, 8])
def test_draw__hostile_wallet__refused(world, wallet_order, mood):
    order_id = hostile_order(wallet_order, mood)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(order_id, 3_600, b"")


def test_draw__wallet_burns_all_gas__harms_its_own_order_only(world, grant_id, wallet_order):
    hostile_id = hostile_order(wallet_order, 2)
    with boa.reverts(NOT_SIGNED):
        world.escrow.draw(hostile_id, 3_600, b"", gas=3_000_000)
    assert world.draw_voucher(world.order(grant_id, world.offer()), 3_600) == PRICE


def hostile_order(wallet_order: tuple, mood: int) -> int:
    """The wallet's order, after the wallet turned hostile."""
    wallet, order_id = wallet_order
    hostile = support.deploy("Hostile", mood)
    boa.env.set_code(wallet.address, boa.env.get_code(hostile.address))
    boa.env.set_storage(wallet.address, 0, boa.env.get_storage(hostile.address, 0))
    return order_id
