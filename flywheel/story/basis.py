"""The base model of somebody else: registered with its footprint, licensed to derive from it."""

from eth_utils import keccak

from flywheel import amounts
from flywheel.grants import energy
from flywheel.grants.compute import SECONDS_PER_HOUR
from flywheel.grants.grant_terms import Share
from flywheel.licensing import licenses
from flywheel.models import registry
from flywheel.models.kinds import ModelKind
from flywheel.states import ReceiverKind
from flywheel.story.play import Play

# Its maker's offer is the first of a story.
TERMS_ID = 1


def publish(play: Play) -> None:
    """Its maker registers the base, files what its training took and offers licences to derive."""
    base, suite = play.scenario.base, play.suite
    if base is None:
        return
    play.output.heading("Base: a model of somebody else, with its footprint and its licence")
    maker = play.actor(base.maker)
    play.ledger.base_id = registry.register(
        suite,
        maker,
        0,
        ModelKind.FOUNDATION,
        base.model.name,
        bytes(keccak(text=f"{base.model.card_uri}/weights")),
        base.model.card_uri,
        split=[Share(ReceiverKind.ACCOUNT, amounts.BPS, str(maker.address)).argument],
    )
    total = base.energy.estimate(base.run.gpu_hours * SECONDS_PER_HOUR, base.run)
    told = energy.estimated(
        total,
        base.energy.duration_seconds,
        base.run.hardware,
        base.run.region,
        base.energy.method,
        f"{base.model.card_uri}/energy",
    )
    subject = energy.Subject(energy.SubjectKind.MODEL, play.ledger.base_id)
    energy.report(suite, maker, subject, told)
    shares = {ModelKind.FINE_TUNE: base.share_bps}
    terms = licenses.to_derive(play.ledger.base_id, base.fee, shares, base.legal_uri)
    licenses.offer_directly(suite, maker, terms)
    play.output.say(
        f"{base.model.name} of {base.maker} is model {play.ledger.base_id}: training from scratch "
        f"cost about {suite.money(base.training_cost)} and emitted "
        f"{total.emissions_grams / 1e6:,.3f} tCO2e. What is fine-tuned from it owes "
        f"{amounts.show_bps(base.share_bps)}."
    )


def license_for(play: Play, name: str) -> tuple[tuple[int, int], ...]:
    """`name` buys the licence to derive; returns the parents of its model: none without a base."""
    base = play.scenario.base
    if base is None:
        return ()
    play.give_money(name, base.fee)
    play.ledger.base_fee = base.fee
    return ((play.ledger.base_id, licenses.buy(play.suite, play.actor(name), TERMS_ID)),)
