"""Compute providers: offers, orders out of a grant's budget, vouchers for delivered GPU time."""

from pathlib import Path
from typing import TYPE_CHECKING

from flywheel.chain import connection, signatures
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, values

if TYPE_CHECKING:
    from ape.api import AccountAPI

SECONDS_PER_HOUR = 3_600


def register_offer(
    suite: Suite,
    provider: "AccountAPI",
    hardware: str,
    price_per_gpu_hour: int,
    region: str,
    grid_grams_per_kwh: int,
) -> int:
    """Registers an offer; the price is in units of the asset per GPU-hour. Returns its id."""
    receipt = connection.send(
        suite.escrow.register_offer,
        (
            provider.address,
            suite.asset.address,
            price_per_gpu_hour,
            grid_grams_per_kwh,
            True,
            hardware,
            region,
        ),
        sender=provider,
    )
    return int(connection.event_of(receipt, suite.escrow.OfferRegistered).offer_id)


def order(
    suite: Suite,
    builder: "AccountAPI",
    grant_id: int,
    offer_id: int,
    gpu_hours: int,
    expires_at: int,
    max_price: int,
) -> int:
    """Reserves GPU-hours of an offer out of the grant's compute budget. Returns the order's id."""
    receipt = connection.send(
        suite.escrow.order,
        grant_id,
        offer_id,
        gpu_hours * SECONDS_PER_HOUR,
        expires_at,
        max_price,
        sender=builder,
    )
    return int(connection.event_of(receipt, suite.escrow.OrderOpened).order_id)


def sign_voucher(suite: Suite, builder: "AccountAPI", order_id: int, gpu_seconds: int) -> bytes:
    """The builder's EIP-712 signature for `gpu_seconds` delivered on an order so far (65 bytes)."""
    return signatures.sign(
        builder,
        str(suite.escrow.address),
        "Flywheel ComputeEscrow",
        "1",
        "Voucher",
        {"orderId": "uint256", "gpuSeconds": "uint256"},
        {"orderId": order_id, "gpuSeconds": gpu_seconds},
    )


def draw(
    suite: Suite, caller: "AccountAPI", order_id: int, gpu_seconds: int, signature: bytes
) -> int:
    """Pays the provider what a cumulative voucher adds; returns units."""
    receipt = connection.send(suite.escrow.draw, order_id, gpu_seconds, signature, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.VoucherDrawn).amount)


def close_order(suite: Suite, caller: "AccountAPI", order_id: int) -> int:
    """Closes an order; returns the units freed for the grant's compute budget."""
    receipt = connection.send(suite.escrow.close_order, order_id, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.OrderClosed).released)


def unordered(suite: Suite, grant_id: int) -> int:
    """Units of a compute budget that no order holds and that have not been returned."""
    budget = suite.escrow.budget(grant_id)
    return int(budget.total - budget.ordered - budget.returned)


def return_budget(suite: Suite, caller: "AccountAPI", grant_id: int) -> int:
    """Returns what is left of an ended budget to its bucket; returns units."""
    receipt = connection.send(suite.escrow.return_budget, grant_id, sender=caller)
    return int(connection.event_of(receipt, suite.escrow.BudgetReturned).amount)


def read_voucher(path: Path) -> tuple[int, int, bytes]:
    """Order, GPU-seconds and signature of a file that `ape run compute voucher` wrote.

    Raises `FlywheelError` if it is none.
    """
    anew = "Ask the builder for a new one"
    content = strict_json.read(path, anew, "is no voucher")
    try:
        return (
            values.whole_number(content["order_id"], "order_id"),
            values.whole_number(content["gpu_seconds"], "gpu_seconds"),
            values.hexadecimal(content["signature"], "signature"),
        )
    except (KeyError, TypeError):
        raise fix(f"{path} is no voucher", anew) from None
    except FlywheelError as error:
        raise fix(f"{path} is no voucher: {error}", anew) from None
