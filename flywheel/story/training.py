"""Compute by voucher, energy reports, milestones with evidence."""

from eth_utils import keccak

from flywheel.energy.estimate import Estimate, Total
from flywheel.grants import compute, energy, milestones
from flywheel.states import MilestoneState, ProposalState
from flywheel.story.play import Play
from flywheel.story.scenario import Milestone, Provider

DAY = 86_400
SUBMIT_BEFORE_DUE = 5 * DAY
# A submission that fails leaves time for the vote that rejects it and for a second try.
FAILED_SUBMIT_BEFORE_DUE = 60 * DAY


def train(play: Play, grant_id: int) -> None:
    suite, grant = play.suite, play.scenario.grant
    assert grant is not None
    play.output.heading("Train: compute by voucher, milestones with evidence")
    orders = _order_compute(play, grant_id)
    drawn: dict[str, int] = {}
    reported: dict[str, int] = {}
    rows = []
    for number, milestone in enumerate(grant.milestones, start=1):
        due_at = suite.grants.milestone(grant_id, number).due_at
        lead = FAILED_SUBMIT_BEFORE_DUE if milestone.fails_first else SUBMIT_BEFORE_DUE
        play.pass_to(due_at - lead)
        for provider in play.scenario.providers:
            seconds = _delivered(provider, milestone.compute_percent)
            paid = _draw_voucher(play, provider, orders[provider.name], seconds, drawn)
            if paid:
                rows.append((provider.name, f"GPU time to milestone {number}", suite.money(paid)))
        report_id = _report_energy(play, grant_id, number, milestone, drawn, reported)
        tries = _deliver(play, grant_id, number, milestone, report_id)
        paid = milestones.draw(suite, play.keeper, grant_id)
        play.ledger.grant_paid += paid
        tried = "" if tries == 1 else f", submitted {tries} times"
        rows.append(
            (grant.builder, f"Milestone {number}: {milestone.title}{tried}", suite.money(paid))
        )
    _return_compute(play, grant_id, orders)
    rows.append(("treasury", "Compute budget left", suite.money(play.ledger.compute_returned)))
    play.output.table("Paid for the training", ("Who", "For", "Got"), rows)
    play.output.say(
        f"Energy {play.ledger.energy_wh / 1e6:,.3f} MWh, emissions "
        f"{play.ledger.emissions_grams / 1e6:,.3f} tCO2e (estimated)."
    )


def _order_compute(play: Play, grant_id: int) -> dict[str, int]:
    """One order with each provider; name -> order id."""
    grant = play.scenario.grant
    assert grant is not None
    expires_at = int(play.suite.escrow.budget(grant_id).ends_at)
    orders = {}
    for provider in play.scenario.providers:
        offer_id = compute.register_offer(
            play.suite,
            play.actor(provider.name),
            provider.hardware,
            provider.price_per_gpu_hour,
            provider.region,
            provider.grid_grams_per_kwh,
        )
        orders[provider.name] = compute.order(
            play.suite,
            play.actor(grant.builder),
            grant_id,
            offer_id,
            provider.gpu_hours,
            expires_at,
            provider.price_per_gpu_hour,
        )
    return orders


def _draw_voucher(
    play: Play, provider: Provider, order_id: int, seconds: int, drawn: dict[str, int]
) -> int:
    if seconds <= drawn.get(provider.name, 0):
        return 0
    grant = play.scenario.grant
    assert grant is not None
    voucher = compute.sign_voucher(play.suite, play.actor(grant.builder), order_id, seconds)
    paid = compute.draw(play.suite, play.actor(provider.name), order_id, seconds, voucher)
    drawn[provider.name] = seconds
    play.ledger.compute_paid += paid
    return paid


def _report_energy(
    play: Play,
    grant_id: int,
    number: int,
    milestone: Milestone,
    drawn: dict[str, int],
    reported: dict[str, int],
) -> int:
    """Reports the GPU time drawn since the last report, if the milestone demands a report."""
    grant, settings = play.scenario.grant, play.scenario.energy
    if not milestone.energy_report or grant is None or settings is None:
        return 0
    total = Total(
        tuple(
            Estimate(
                drawn.get(provider.name, 0) - reported.get(provider.name, 0),
                settings.gpu_watts,
                settings.pue_bps,
                provider.grid_grams_per_kwh,
            )
            for provider in play.scenario.providers
        )
    )
    reported.update(drawn)
    everything = sum(_delivered(provider, 100) for provider in play.scenario.providers)
    told = energy.estimated(
        total,
        settings.duration_seconds * total.gpu_seconds // everything,
        play.scenario.providers[0].hardware,
        "+".join(provider.region for provider in play.scenario.providers),
        settings.method,
        f"{grant.terms_uri}/energy-{number}",
    )
    subject = energy.Subject(energy.SubjectKind.MILESTONE, grant_id, number)
    report_id = energy.report(play.suite, play.actor(grant.builder), subject, told)
    play.ledger.energy_wh += total.energy_wh
    play.ledger.emissions_grams += total.emissions_grams
    return report_id


def _deliver(play: Play, grant_id: int, number: int, milestone: Milestone, report_id: int) -> int:
    """Submits until accepted; returns how many submissions it took."""
    tries = 1
    payable_at = _submit(play, grant_id, number, tries, report_id)
    if milestone.fails_first and _reject(play, grant_id, number):
        tries += 1
        payable_at = _submit(play, grant_id, number, tries, report_id)
    play.pass_to(payable_at)
    state = play.suite.grants.milestone(grant_id, number).state
    if state == MilestoneState.OBJECTED:
        # No vote decided: the objection lapses.
        play.wait(int(play.suite.grants.DECISION_SECONDS()))
    return tries


def _submit(play: Play, grant_id: int, number: int, attempt: int, report_id: int) -> int:
    grant = play.scenario.grant
    assert grant is not None
    uri = f"{grant.terms_uri}/milestone-{number}-{attempt}"
    return milestones.submit(
        play.suite,
        play.actor(grant.builder),
        grant_id,
        number,
        bytes(keccak(text=uri)),
        uri,
        report_id,
    )


def _reject(play: Play, grant_id: int, number: int) -> bool:
    """The largest holder objects and a vote decides; True if it rejected the milestone."""
    largest = max(play.scenario.supporters, key=lambda item: item.contribution)
    reason = "the loss does not fall as promised"
    milestones.object_to(play.suite, play.actor(largest.name), grant_id, number, reason)
    decision = milestones.decision(play.suite, grant_id, number, False, reason)
    outcome = play.vote(f"Milestone {number} of grant {grant_id}", [decision])
    play.output.say(f"Milestone {number} was objected to; the vote to reject is {outcome.name}.")
    return outcome == ProposalState.EXECUTED


def _return_compute(play: Play, grant_id: int, orders: dict[str, int]) -> None:
    for name, order_id in orders.items():
        compute.close_order(play.suite, play.actor(name), order_id)
    budget = play.suite.escrow.budget(grant_id)
    if not budget.closed:
        play.pass_to(int(budget.ends_at))
    if compute.unordered(play.suite, grant_id):
        play.ledger.compute_returned = compute.return_budget(play.suite, play.keeper, grant_id)


def _delivered(provider: Provider, percent: int) -> int:
    """GPU-seconds that a provider has delivered when `percent` of the compute is done."""
    return provider.delivered_gpu_hours * compute.SECONDS_PER_HOUR * percent // 100
