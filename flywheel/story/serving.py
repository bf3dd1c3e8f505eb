"""A grant that keeps the model running: leases without a gap, reports per million tokens."""

from dataclasses import replace

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.energy.estimate import Total
from flywheel.energy.figures import Phase
from flywheel.errors import fix
from flywheel.grants import energy, milestones
from flywheel.grants.milestones import Submission
from flywheel.story import granting
from flywheel.story.leases import LEAD_SECONDS, Compute, Order
from flywheel.story.parts import Serving
from flywheel.story.play import Play
from flywheel.story.scenario_checks import SUBMIT_BEFORE_DUE

MILLION = 1_000_000


def serve(play: Play) -> None:
    """Wins the grant and takes it to its end. Machines run from one acceptance to the next."""
    serving = play.scenario.serving
    if serving is None:
        return
    grant_id = granting.win_grant(play, serving.job)
    if not grant_id:
        return
    play.output.heading("Serve: machines by voucher, milestones with energy per million tokens")
    machines, suite = Compute(play, serving.job, grant_id), play.suite
    review, operator = play.scenario.suite.review_seconds, serving.job.grant.builder
    for number, milestone in enumerate(serving.job.grant.milestones, start=1):
        submits_at = suite.grants.milestone(grant_id, number).due_at - SUBMIT_BEFORE_DUE
        seconds = submits_at + review - connection.now() - LEAD_SECONDS
        orders = [
            machines.lease(provider, seconds, seconds * provider.gpus)
            for provider in serving.job.providers
        ]
        play.pass_to(submits_at)
        _pay_so_far(machines, orders, number)
        uri = f"{serving.job.grant.terms_uri}/milestone-{number}"
        report_id = _report(machines, serving, number) if milestone.energy_report else 0
        work = Submission(bytes(keccak(text=uri)), uri, report_id)
        done = milestones.submit(suite, play.actor(operator), grant_id, work)
        if done.accepts_at is None:
            raise fix(f"Milestone {number} needs a vote", "Raise serving.grant.carbon_budget_kg")
        play.pass_to(done.accepts_at)
        for order in orders:
            machines.pay(order, order.gpu_seconds, number)
            machines.close(order)
        paid = suite.money(granting.draw(play, serving.job, grant_id))
        machines.rows.append((operator, f"Milestone {number}: {milestone.title}", paid))
    _tell(play, serving, machines)


def _pay_so_far(machines: Compute, orders: list[Order], number: int) -> None:
    for order in orders:
        passed = min(connection.now(), order.ends_at) - order.starts_at
        machines.pay(order, passed * order.provider.gpus, number)


def _report(machines: Compute, serving: Serving, number: int) -> int:
    """What a million tokens take, if the machines draw full power also when they wait."""
    play, settings = machines.play, serving.job.energy
    seconds = serving.gpu_seconds(MILLION)
    gpus = sum(provider.gpus for provider in serving.job.providers)
    total = Total(
        tuple(
            settings.estimate(seconds * provider.gpus // gpus, provider)
            for provider in serving.job.providers
        )
    )
    told = energy.estimated(
        total,
        -(-seconds // gpus),
        serving.job.providers[0].hardware,
        "+".join(provider.region for provider in serving.job.providers),
        settings.method,
        f"{serving.job.grant.terms_uri}/energy-{number}",
    )
    subject = energy.Subject(energy.SubjectKind.MILESTONE, machines.grant_id, number)
    operator = play.actor(serving.job.grant.builder)
    return energy.report(play.suite, operator, subject, replace(told, phase=Phase.SERVING))


def _tell(play: Play, serving: Serving, machines: Compute) -> None:
    spent, suite = play.ledger.spent(serving.job.kind), play.suite
    used = Total(
        tuple(
            serving.job.energy.estimate(spent.gpu_seconds(provider.name), provider)
            for provider in serving.job.providers
        )
    )
    spent.energy_wh, spent.emissions_grams = used.energy_wh, used.emissions_grams
    operator = serving.job.grant.builder
    machines.rows.append((operator, "Bond back", suite.money(spent.bond_returned)))
    left = suite.money(granting.return_compute(play, serving.job, machines.grant_id))
    rows = [*machines.rows, ("treasury", "Compute budget left", left)]
    play.output.table("Paid for serving", ("Who", "For", "Got"), rows)
