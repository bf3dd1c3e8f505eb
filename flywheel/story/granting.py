"""The builder applies, the holders vote."""

from flywheel.grants import milestones
from flywheel.grants.milestones import Share
from flywheel.rewards import campaigns
from flywheel.states import GrantKind, ProposalState, ReceiverKind
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
        campaigns.CampaignKind.DATASET,
        CHALLENGE_SECONDS,
        dataset.uri,
    )


def win_grant(play: Play, campaign_id: int) -> int:
    """Applies and asks the holders; returns the grant's id, 0 if they refuse."""
    suite, grant = play.suite, play.scenario.grant
    assert grant is not None
    play.output.heading("Grant: the builder applies, the holders vote")
    builder = play.actor(grant.builder)
    shares = (
        Share(ReceiverKind.TREASURY, grant.treasury_bps),
        Share(ReceiverKind.ACCOUNT, grant.builder_bps, account=str(builder.address)),
        Share(ReceiverKind.CAMPAIGN, grant.dataset_bps, campaign_id=campaign_id),
    )
    terms = milestones.GrantTerms(
        kind=GrantKind.TRAINING,
        purpose=play.scenario.suite.genesis_round.purpose,
        compute_budget=grant.compute_budget,
        milestones=tuple(
            milestones.MilestoneTerms(item.title, item.amount, item.due_seconds, item.energy_report)
            for item in grant.milestones
        ),
        split=tuple(share for share in shares if share.bps),
        terms_uri=grant.terms_uri,
    )
    grant_id = milestones.apply(suite, builder, terms)
    outcome = play.vote(f"Grant {grant_id}", [milestones.approval(suite, grant_id)])
    if outcome != ProposalState.EXECUTED:
        play.output.say(f"Grant {grant_id} was not approved: the proposal is {outcome.name}.")
        return 0
    play.output.say(f"Grant {grant_id} is approved; {suite.money(terms.total)} are committed.")
    return grant_id
