"""Builders: ape run energy report."""

import click

from flywheel.console import cli as shared


@click.group()
def cli() -> None:
    """Builders: file what a training run used."""


@shared.command(cli)
@click.argument("grant_id", metavar="GRANT", type=int)
@click.argument("milestone", type=int)
@click.option("--gpu-hours", type=click.IntRange(1), required=True)
@click.option("--gpu-watts", type=click.IntRange(1), required=True, help="Rated power of one GPU.")
@click.option("--pue-bps", type=click.IntRange(10_000), default=11_000, show_default=True)
@click.option("--grid-grams", type=click.IntRange(0), required=True, help="gCO2e per kWh.")
@click.option("--duration", required=True, help="Wall-clock time, such as '9.5 days'.")
@click.option("--hardware", required=True)
@click.option("--region", required=True)
@click.option("--uri", required=True, help="Where the evidence is.")
def report(
    session: shared.Session,
    grant_id: int,
    milestone: int,
    gpu_hours: int,
    gpu_watts: int,
    pue_bps: int,
    grid_grams: int,
    duration: str,
    hardware: str,
    region: str,
    uri: str,
) -> None:
    """Estimate and file the energy of MILESTONE of GRANT: GPU-hours x watts x PUE."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.grants import compute, energy

    suite = Suite.connected()
    account = session.account
    estimate = energy.Estimate(gpu_hours * compute.SECONDS_PER_HOUR, gpu_watts, pue_bps, grid_grams)
    shown = f"{estimate.energy_wh:,} Wh, {estimate.emissions_grams:,} gCO2e"
    if session.confirm(f"Report {shown} for milestone {milestone} of grant {grant_id}"):
        report_id = energy.report(
            suite,
            account,
            energy.SubjectKind.MILESTONE,
            grant_id,
            milestone,
            estimate,
            amounts.seconds(duration),
            hardware,
            region,
            energy.METHOD,
            uri,
        )
        session.output.record("Report filed", {"Report": report_id, "Footprint": shown})
