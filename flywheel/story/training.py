"""Compute by voucher, energy reports, milestones with evidence, and how the grant ends."""

from eth_utils import keccak

from flywheel.energy.estimate import Total
from flywheel.errors import fix
from flywheel.grants import energy, milestones, reviews
from flywheel.grants.milestones import Submission, Submitted
from flywheel.models import registry
from flywheel.models.kinds import ModelKind
from flywheel.states import ProposalState
from flywheel.story import basis, granting
from flywheel.story.leases import Compute, delivered
from flywheel.story.parts import Job, Milestone
from flywheel.story.play import Play
from flywheel.story.scenario_checks import SUBMIT_BEFORE_DUE

DAY = 86_400
# A submission that fails leaves time for the vote that rejects it and for a second try.
FAILED_SUBMIT_BEFORE_DUE = 60 * DAY
WHOLE = 10_000


def train(play: Play, job: Job, grant_id: int) -> bool:
    """Takes the grant to its end; whether the builder finished."""
    suite, grant = play.suite, job.grant
    play.output.heading("Train: compute by voucher, milestones with evidence")
    machines, spent = Compute(play, job, grant_id), play.ledger.spent(job.kind)
    finished, done = True, 0
    for number, milestone in enumerate(grant.milestones, start=1):
        if grant.stops_after and number > grant.stops_after:
            finished = False
            _give_up(play, job, grant_id, number)
            break
        machines.run(number, done, milestone.compute_percent)
        done = milestone.compute_percent
        lead = FAILED_SUBMIT_BEFORE_DUE if milestone.fails_first else SUBMIT_BEFORE_DUE
        play.pass_to(suite.grants.milestone(grant_id, number).due_at - lead)
        work = _work(machines, number, milestone)
        tries = _deliver(machines, number, milestone, work)
        if milestone.stream_seconds:
            play.wait(milestone.stream_seconds)
        paid = granting.draw(play, job, grant_id)
        tried = "" if tries == 1 else f", submitted {tries} times"
        told = f"Milestone {number}: {milestone.title}{tried}"
        machines.rows.append((grant.builder, told, suite.money(paid)))
    if finished:
        machines.rows.append((grant.builder, "Bond back", suite.money(spent.bond_returned)))
    left = suite.money(granting.return_compute(play, job, grant_id))
    rows = [*machines.rows, ("treasury", "Compute budget left", left)]
    play.output.table("Paid for the training", ("Who", "For", "Got"), rows)
    play.output.say(
        f"Energy {spent.energy_wh / 1e6:,.3f} MWh, emissions "
        f"{spent.emissions_grams / 1e6:,.3f} tCO2e (estimated)."
    )
    return finished


# --- submissions ---


def _work(machines: Compute, number: int, milestone: Milestone) -> Submission:
    """What a milestone is handed in with: the last one with the model."""
    play, grant = machines.play, machines.job.grant
    model = play.scenario.model
    assert model is not None
    report_id = _report_energy(machines, number, milestone)
    if number < len(grant.milestones):
        uri = f"{grant.terms_uri}/milestone-{number}"
        return Submission(bytes(keccak(text=uri)), uri, report_id)
    digest = bytes(keccak(text=f"{model.card_uri}/weights"))
    parents = basis.license_for(play, grant.builder)
    play.ledger.model_id = registry.register(
        play.suite,
        play.actor(grant.builder),
        machines.grant_id,
        ModelKind.FINE_TUNE if parents else ModelKind.FOUNDATION,
        model.name,
        digest,
        model.card_uri,
        parents=parents,
    )
    return Submission(digest, model.card_uri, report_id, play.ledger.model_id)


def _report_energy(machines: Compute, number: int, milestone: Milestone) -> int:
    """Reports the GPU time drawn since the last report, if the milestone demands a report."""
    play, job = machines.play, machines.job
    if not milestone.energy_report:
        return 0
    settings, spent = job.energy, play.ledger.spent(job.kind)
    worked = [
        (provider, spent.gpu_seconds(provider.name) - machines.reported.get(provider.name, 0))
        for provider in job.providers
    ]
    total = Total(tuple(settings.estimate(seconds, provider) for provider, seconds in worked))
    for provider, seconds in worked:
        machines.reported[provider.name] = machines.reported.get(provider.name, 0) + seconds
    everything = sum(delivered(provider, 100) for provider in job.providers)
    told = energy.estimated(
        total,
        settings.duration_seconds * total.gpu_seconds // everything,
        job.providers[0].hardware,
        "+".join(provider.region for provider, seconds in worked if seconds),
        settings.method,
        f"{job.grant.terms_uri}/energy-{number}",
    )
    subject = energy.Subject(energy.SubjectKind.MILESTONE, machines.grant_id, number)
    report_id = energy.report(play.suite, play.actor(job.grant.builder), subject, told)
    spent.energy_wh += total.energy_wh
    spent.emissions_grams += total.emissions_grams
    return report_id


def _deliver(machines: Compute, number: int, milestone: Milestone, work: Submission) -> int:
    """Submits until accepted; returns how many submissions it took."""
    play, grant_id = machines.play, machines.grant_id
    builder = play.actor(machines.job.grant.builder)
    tries = 1
    done = milestones.submit(play.suite, builder, grant_id, work)
    if milestone.fails_first:
        tries += 1
        done = _resubmit(machines, number, work)
    if done.accepts_at is not None:
        play.pass_to(done.accepts_at)
        return tries
    decision = reviews.decision(play.suite, grant_id, number, WHOLE, "looked at by the holders")
    if play.vote(f"Milestone {number} of grant {grant_id}", [decision]) != ProposalState.EXECUTED:
        raise fix(
            f"Only a vote accepts milestone {number}, and it refuses",
            "Have more supporters vote for it",
        )
    return tries


def _resubmit(machines: Compute, number: int, work: Submission) -> Submitted:
    """The largest holder objects and a vote rejects; if it does not, the builder withdraws."""
    play, grant_id = machines.play, machines.grant_id
    builder = play.actor(machines.job.grant.builder)
    largest = max(play.scenario.supporters, key=lambda item: item.contribution)
    reason = "the loss does not fall as promised"
    reviews.object_to(play.suite, play.actor(largest.name), grant_id, number, reason)
    decision = reviews.decision(play.suite, grant_id, number, 0, reason)
    outcome = play.vote(f"Milestone {number} of grant {grant_id}", [decision])
    play.output.say(f"Milestone {number} was objected to; the vote to reject is {outcome.name}.")
    if outcome != ProposalState.EXECUTED:
        milestones.withdraw(play.suite, builder, grant_id)
    again = Submission(
        bytes(keccak(text=f"{work.evidence_uri}-2")),
        f"{work.evidence_uri}-2",
        work.energy_report_id,
        work.model_id,
    )
    # The evidence of a model is its weights, which a second try cannot change.
    return milestones.submit(play.suite, builder, grant_id, work if work.model_id else again)


# --- ends ---


def _give_up(play: Play, job: Job, grant_id: int, number: int) -> None:
    """The builder is silent; the holders end the grant by a vote, or anybody once it is overdue."""
    play.output.say(f"The builder delivers nothing for milestone {number}.")
    due_at = int(play.suite.grants.milestone(grant_id, number).due_at)
    play.pass_to(due_at)
    ended = reviews.termination(play.suite, grant_id, "nothing was delivered")
    outcome = play.vote(f"End grant {grant_id}", [ended])
    if outcome != ProposalState.EXECUTED:
        play.pass_to(due_at + int(play.suite.grants.approval(grant_id)[1]))
        milestones.expire(play.suite, play.keeper, grant_id)
    lost = play.suite.money(play.ledger.spent(job.kind).bond_posted)
    play.output.say(f"The grant is ended; its bond of {lost} is the DAO's.")
