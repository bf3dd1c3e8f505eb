"""The builder applies, the holders vote, the builder stakes its bond."""

from flywheel.grants import applications, milestones
from flywheel.rewards import campaigns
from flywheel.states import ProposalState
from flywheel.story import scenario
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
    terms = scenario.terms_of(play.scenario, str(builder.address), campaign_id)
    grant_id = applications.apply(suite, builder, terms)
    outcome = play.vote(f"Grant {grant_id}", [applications.approval(suite, grant_id)])
    if outcome != ProposalState.EXECUTED:
        play.output.say(f"Grant {grant_id} was not approved: the proposal is {outcome.name}.")
        return 0
    play.output.say(f"Grant {grant_id} is approved; {suite.money(terms.total)} are committed.")
    play.give_money(grant.builder, terms.bond)
    play.ledger.bond_posted = milestones.post_bond(suite, builder, grant_id)
    play.output.say(f"The builder stakes a bond of {suite.money(terms.bond)}.")
    return grant_id
