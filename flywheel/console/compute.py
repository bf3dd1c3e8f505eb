"""Compute providers and builders: ape run compute offer | order | voucher | draw."""

from pathlib import Path

import click

from flywheel.console import cli as shared

ORDER = click.argument("order_id", metavar="ORDER", type=int)


@click.group()
def cli() -> None:
    """Providers offer GPU time; builders order it from a grant's budget and sign for what came."""


@shared.command(cli)
@click.argument("hardware")
@click.argument("price")
@click.option("--region", required=True)
@click.option("--grid-grams", type=click.IntRange(0), required=True, help="gCO2e per kWh.")
def offer(session: shared.Session, hardware: str, price: str, region: str, grid_grams: int) -> None:
    """Offer HARDWARE at PRICE per GPU-hour."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    units = suite.units(price)
    if session.confirm(f"Offer {hardware} at {suite.money(units)} per GPU-hour"):
        offer_id = compute.register_offer(suite, account, hardware, units, region, grid_grams)
        session.output.record("Offer registered", {"Offer": offer_id, "Hardware": hardware})


@shared.command(cli)
@click.argument("grant_id", metavar="GRANT", type=int)
@click.argument("offer_id", metavar="OFFER", type=int)
@click.argument("gpu_hours", type=click.IntRange(1))
@click.option("--life", "duration", default="30 days", show_default=True, help="Until it expires.")
def order(
    session: shared.Session, grant_id: int, offer_id: int, gpu_hours: int, duration: str
) -> None:
    """Reserve GPU_HOURS of OFFER out of the compute budget of GRANT."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    price = suite.escrow.offer(offer_id).price_per_gpu_hour
    if session.confirm(f"Order {gpu_hours} GPU-hours for {suite.money(price * gpu_hours)}"):
        expires_at = connection.now() + amounts.seconds(duration)
        order_id = compute.order(suite, account, grant_id, offer_id, gpu_hours, expires_at, price)
        session.output.record(
            "Order opened", {"Order": order_id, "Reserved": suite.money(price * gpu_hours)}
        )


@shared.command(cli)
@ORDER
@click.argument("gpu_hours", type=click.IntRange(1))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def voucher(session: shared.Session, order_id: int, gpu_hours: int, file: Path) -> None:
    """Sign that GPU_HOURS of ORDER were delivered so far; write the voucher to FILE."""
    from flywheel.chain import signed_files
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    seconds = gpu_hours * compute.SECONDS_PER_HOUR
    if session.confirm(f"Sign {gpu_hours} GPU-hours of order {order_id}", rehearse=False):
        signature = compute.sign_voucher(suite, account, order_id, seconds)
        content = {
            "order_id": order_id,
            "gpu_seconds": seconds,
            "signature": "0x" + signature.hex(),
        }
        signed_files.save(file, content)
        session.output.record("Voucher signed", {"Order": order_id, "File": str(file)})


@shared.command(cli)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def draw(session: shared.Session, file: Path) -> None:
    """Pay the provider what the voucher in FILE adds."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    order_id, seconds, signature = compute.read_voucher(file)
    if session.confirm(f"Draw on order {order_id} up to {seconds // 3600} GPU-hours"):
        paid = compute.draw(suite, account, order_id, seconds, signature)
        session.output.record(f"Order {order_id}", {"Paid": suite.money(paid)})


@shared.command(cli)
@ORDER
def close(session: shared.Session, order_id: int) -> None:
    """Close ORDER (its provider; anyone long after it expired): what it reserved can be ordered."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Close order {order_id}"):
        freed = compute.close_order(suite, account, order_id)
        session.output.record(f"Order {order_id}", {"Freed": suite.money(freed)})


@shared.command(cli)
@click.argument("grant_id", metavar="GRANT", type=int)
def refund(session: shared.Session, grant_id: int) -> None:
    """Give what the ended GRANT did not spend on compute back to the Treasury. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    left = suite.money(compute.unordered(suite, grant_id))
    if session.confirm(f"Return {left} of grant {grant_id} to the Treasury"):
        returned = compute.return_budget(suite, account, grant_id)
        session.output.record(f"Grant {grant_id}", {"Returned": suite.money(returned)})
