"""Compute: ape run compute offer | offers | order | notice | voucher | verify | draw | ..."""

from pathlib import Path
from typing import Any

import click

from flywheel.console import cli as shared

ORDER = click.argument("order_id", metavar="ORDER", type=int)
GRANT = click.argument("grant_id", metavar="GRANT", type=int)
OFFER = click.argument("offer_id", metavar="OFFER", type=int)


@click.group()
def cli() -> None:
    """Providers offer machines; builders lease them out of a budget and sign for what came."""


# --- offers ---


@shared.command(cli)
@click.argument("hardware")
@click.argument("price")
@click.option("--gpus", type=click.IntRange(1), required=True, help="The most of one order.")
@click.option("--watts", type=click.IntRange(1), required=True, help="Of a GPU, at full load.")
@click.option("--pue", default="1.2", show_default=True, help="Of the data centre, 1 or more.")
@click.option("--grid-grams", type=click.IntRange(0), required=True, help="gCO2e per kWh.")
@click.option("--region", required=True)
@click.option("--uri", default="", help="Where you say more.")
@click.option("--campaign", type=int, default=0, help="Campaign that is paid in your place.")
def offer(
    session: shared.Session,
    hardware: str,
    price: str,
    gpus: int,
    watts: int,
    pue: str,
    grid_grams: int,
    region: str,
    uri: str,
    campaign: int,
) -> None:
    """Offer HARDWARE at PRICE per GPU-hour."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute, compute_views

    suite = Suite.connected()
    account = session.account
    told = compute.Offer(
        hardware=hardware,
        region=region,
        price_per_gpu_hour=suite.units(price),
        gpus=gpus,
        watts_per_gpu=watts,
        pue_bps=amounts.to_units(pue, compute.PUE_DECIMALS),
        grams_per_kwh=grid_grams,
        uri=uri,
        campaign_id=campaign,
    )
    compute.refuse(suite, told)
    price_text = suite.money(told.price_per_gpu_hour)
    if session.confirm(f"Offer up to {gpus} {hardware} at {price_text} per GPU-hour"):
        offer_id = compute.register_offer(suite, account, told)
        session.output.record(
            "Offer registered",
            {"Offer": offer_id, "Hardware": hardware, "Carbon": compute_views.carbon(told)},
        )


@shared.reading(cli)
@click.option(
    "--by",
    type=click.Choice(["price", "carbon", "both"]),
    default="price",
    show_default=True,
    help="The first first; both: by the sum of an offer's places in the two orders.",
)
@click.option("--hardware", help="Only what is called so.")
@click.option(
    "--like",
    "models",
    metavar="MODEL",
    type=int,
    multiple=True,
    help="And what the energy of this model's training would emit on each grid; repeatable.",
)
def offers(output: shared.Output, by: str, hardware: str | None, models: tuple[int, ...]) -> None:
    """List the offers that take orders, by price, by carbon per GPU-hour, or by both.

    Below them: what the cleanest region saves, and, of models named with --like, what the smaller
    run saves, such as a fine-tune in place of a training from scratch.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute, compute_views, greener

    suite = Suite.connected()
    runs = [greener.run_of(suite, model_id) for model_id in dict.fromkeys(models)]
    found = compute.in_order(list(compute.offers(suite)), by)
    output.show(compute_views.offers(suite, found, runs, hardware))


@shared.command(cli)
@OFFER
def withdraw(session: shared.Session, offer_id: int) -> None:
    """Take no more orders on OFFER. Open orders stand."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    compute.offer_of(suite, offer_id)
    if session.confirm(f"Withdraw offer {offer_id}"):
        compute.withdraw_offer(suite, account, offer_id)
        session.output.record(f"Offer {offer_id}", {"Taken": "no more orders"})


# --- leases ---


@shared.command(cli)
@GRANT
@OFFER
@click.option("--gpus", type=click.IntRange(1), required=True)
@click.option("--life", "duration", required=True, help="How long, such as '10 days'.")
@click.option("--start", default="10 minutes", show_default=True, help="From now on.")
def order(
    session: shared.Session, grant_id: int, offer_id: int, gpus: int, duration: str, start: str
) -> None:
    """Lease GPUs of OFFER out of the compute budget of GRANT."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    chosen, seconds = compute.offer_of(suite, offer_id), amounts.seconds(duration)
    price = chosen.offer.price_per_gpu_hour
    cost = suite.money(compute.cost(price, gpus * seconds))
    starts_at = connection.soon() + amounts.seconds(start)
    compute.require_room(suite, grant_id, chosen, gpus, seconds)
    if session.confirm(f"Lease {gpus} {chosen.offer.hardware} for {duration}, {cost}"):
        order_id = compute.order(
            suite, account, grant_id, offer_id, gpus, starts_at, seconds, price
        )
        session.output.record(
            "Order opened",
            {
                "Order": order_id,
                "Reserved": cost,
                "Starts": show_time(starts_at),
                "Ends": show_time(starts_at + seconds),
            },
        )


@shared.command(cli)
@ORDER
def notice(session: shared.Session, order_id: int) -> None:
    """Stop ORDER now (builder or provider), or let one go that has ended (anybody)."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    compute.lease(suite, order_id)
    if session.confirm(f"Stop order {order_id}"):
        freed = compute.give_notice(suite, account, order_id)
        until = compute.lease(suite, order_id).drawable_until
        fields = {"Freed": suite.money(freed), "Vouchers drawable until": show_time(until)}
        session.output.record(f"Order {order_id}", fields)


@shared.command(cli)
@ORDER
def close(session: shared.Session, order_id: int) -> None:
    """Close ORDER, which was stopped (its provider; anyone 7 days after its end)."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Close order {order_id}"):
        freed = compute.close_order(suite, account, order_id)
        session.output.record(f"Order {order_id}", {"Freed": suite.money(freed)})


@shared.reading(cli)
@GRANT
def status(output: shared.Output, grant_id: int) -> None:
    """Show the compute budget of GRANT and its orders."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute, compute_views

    suite = Suite.connected()
    found = compute.budget(suite, grant_id)
    if output.format == "table":
        output.show(compute_views.budget(suite, found))
    else:
        output.record(f"Compute of grant {grant_id}", compute_views.for_programs(suite, found))


@shared.command(cli, "return")
@GRANT
def return_budget(session: shared.Session, grant_id: int) -> None:
    """Give what GRANT, which is over, did not spend on compute back. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute

    suite = Suite.connected()
    account = session.account
    left = suite.money(compute.unordered(suite, grant_id))
    if session.confirm(f"Return {left} of grant {grant_id} to the Treasury"):
        returned = compute.return_budget(suite, account, grant_id)
        session.output.record(f"Grant {grant_id}", {"Returned": suite.money(returned)})


# --- vouchers ---


@shared.command(cli)
@ORDER
@click.argument("gpu_hours")
@click.argument("file", type=shared.NEW_FILE)
def voucher(session: shared.Session, order_id: int, gpu_hours: str, file: Path) -> None:
    """Sign that GPU_HOURS of ORDER were delivered so far; write the voucher to FILE."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute, vouchers

    suite = Suite.connected()
    account = session.account
    seconds = vouchers.gpu_seconds(gpu_hours)
    lease = compute.lease(suite, order_id)
    vouchers.refuse(suite, lease, seconds, str(account.address))
    amount = suite.money(lease.price_per_gpu_hour * seconds // compute.SECONDS_PER_HOUR)
    if session.confirm(f"Sign {gpu_hours} GPU-hours of order {order_id}, {amount}", rehearse=False):
        signed = vouchers.sign(suite, account, order_id, seconds)
        signed.save(file)
        session.output.record(
            "Voucher signed",
            {
                "Order": order_id,
                "GPU hours": gpu_hours,
                "Worth": amount,
                "Drawn before": suite.money(lease.paid),
                "File": str(file),
                "Next": f"the provider: ape run compute draw {file}",
            },
        )


@shared.reading(cli)
@click.argument("file", type=shared.FILE)
@click.option("--signer", help="The address that has to have signed it: the grant's recipient.")
def verify(output: shared.Output, file: Path, signer: str | None) -> None:
    """Check the voucher in FILE without a chain: what it says, and whose key signed it."""
    from flywheel.grants import vouchers

    found = vouchers.load(file)
    by = vouchers.require_signer(found, signer)
    fields: dict[str, Any] = {
        "Order": found.order_id,
        "GPU hours": vouchers.hours(found.gpu_seconds),
        "Signer": by,
        "Chain": found.chain_id,
        "ComputeEscrow": found.contract,
    }
    output.record("Voucher", fields)


@shared.command(cli)
@click.argument("file", type=shared.FILE)
def draw(session: shared.Session, file: Path) -> None:
    """Pay the provider what the voucher in FILE adds."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import vouchers

    suite = Suite.connected()
    account = session.account
    found = vouchers.load(file)
    vouchers.require_here(suite, found)
    hours = vouchers.hours(found.gpu_seconds)
    if session.confirm(f"Draw on order {found.order_id} up to {hours} GPU-hours"):
        paid = vouchers.draw(suite, account, found)
        session.output.record(f"Order {found.order_id}", {"Paid": suite.money(paid)})
