"""A grant's life around its work: applied for, voted, bonded, drawn; what is left goes back."""

from flywheel.grants import applications, compute, milestones
from flywheel.rewards import campaigns
from flywheel.states import CampaignKind, ProposalState
from flywheel.story import scenario_checks
from flywheel.story.parts import Job
from flywheel.story.play import Play

DAY = 86_400
CHALLENGE_SECONDS = 7 * DAY


def create_campaign(play: Play) -> int:
    """The dataset's campaign, if the grant's split pays one; 0 if not."""
    grant, dataset = play.scenario.grant, play.scenario.dataset
    if grant is None or dataset is None or grant.dataset_bps == 0:
        return 0
    return campaigns.create_campaign(
        play.suite,
        play.actor("publisher"),
        CampaignKind.DATASET,
        CHALLENGE_SECONDS,
        dataset.uri,
    )


def win_grant(play: Play, job: Job, campaign_id: int = 0) -> int:
    """Applies and asks the holders; returns the grant's id, 0 if they refuse."""
    suite, grant = play.suite, job.grant
    play.output.heading("Grant: the builder applies, the holders vote")
    builder = play.actor(grant.builder)
    terms = scenario_checks.terms_of(play.scenario, job, str(builder.address), campaign_id)
    grant_id = applications.apply(suite, builder, terms)
    outcome = play.vote(f"Grant {grant_id}", [applications.approval(suite, grant_id)])
    if outcome != ProposalState.EXECUTED:
        play.output.say(f"Grant {grant_id} was not approved: the proposal is {outcome.name}.")
        return 0
    play.output.say(f"Grant {grant_id} is approved; {suite.money(terms.total)} are committed.")
    play.give_money(grant.builder, terms.bond)
    bond = milestones.post_bond(suite, builder, grant_id)
    play.ledger.spent(job.kind).bond_posted = bond
    play.output.say(f"The builder stakes a bond of {suite.money(terms.bond)}.")
    return grant_id


def draw(play: Play, job: Job, grant_id: int) -> int:
    """Brings the builder what is accepted and released, and its bond at the end; returns the
    first."""
    drawn = milestones.draw(play.suite, play.keeper, grant_id)
    spent = play.ledger.spent(job.kind)
    spent.paid += drawn.paid
    spent.bond_returned += drawn.bond
    return drawn.paid


def return_compute(play: Play, job: Job, grant_id: int) -> int:
    """Compute that nobody ordered is free for the next grants; returns units."""
    if compute.unordered(play.suite, grant_id):
        back = compute.return_budget(play.suite, play.keeper, grant_id)
        play.ledger.spent(job.kind).compute_returned = back
    return play.ledger.spent(job.kind).compute_returned
