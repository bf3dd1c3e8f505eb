"""What the fine-tune cost beside its base from scratch, and what a million tokens cost."""

from flywheel.energy.figures import Phase
from flywheel.grants import energy
from flywheel.grants.compute import SECONDS_PER_HOUR
from flywheel.states import GrantKind
from flywheel.story.parts import Base, Serving
from flywheel.story.play import Play, Spent
from flywheel.story.serving import MILLION


def compare(play: Play) -> None:
    """Tells cost and carbon as the chain has them; nothing without a base."""
    base, serving = play.scenario.base, play.scenario.serving
    if base is not None:
        _beside_its_base(play, base)
    if serving is not None and play.ledger.spent(GrantKind.SERVING).compute_paid:
        _per_million_tokens(play, serving)


def _beside_its_base(play: Play, base: Base) -> None:
    suite, spent = play.suite, play.ledger.spent(GrantKind.TRAINING)
    model, milestone = energy.SubjectKind.MODEL, energy.SubjectKind.MILESTONE
    scratch = energy.footprint(suite, model, play.ledger.base_id, Phase.TRAINING)
    # The story's first grant.
    tuned = energy.footprint(suite, milestone, 1, Phase.TRAINING)
    inherited = energy.footprint_with_ancestors(suite, play.ledger.model_id)
    rows = [
        (
            "GPU-hours",
            f"{base.run.gpu_hours:,}",
            f"{spent.gpu_seconds() / SECONDS_PER_HOUR:,.0f}",
        ),
        ("Compute", suite.money(base.training_cost), suite.money(spent.compute_paid)),
        ("Builder", "", suite.money(spent.paid)),
        ("Energy", _megawatt_hours(scratch), _megawatt_hours(tuned)),
        ("Emissions", _tonnes(scratch), _tonnes(tuned)),
        ("Emissions of ancestors", "", _tonnes(inherited)),
    ]
    columns = ("", f"{base.model.name} from scratch", "Fine-tune")
    play.output.table("What the model cost beside its base", columns, rows)


def _per_million_tokens(play: Play, serving: Serving) -> None:
    suite, spent = play.suite, play.ledger.spent(GrantKind.SERVING)
    tokens = serving.tokens(spent.gpu_seconds())
    # The story's second grant.
    rate = energy.footprint(suite, energy.SubjectKind.MILESTONE, 2, Phase.SERVING)
    rows = [
        ("Machines", suite.money(_share(spent.compute_paid, tokens))),
        ("Machines and operator", suite.money(_share(spent.compute_paid + spent.paid, tokens))),
        ("Energy, as reported in whole Wh", f"{rate.energy_wh:,} Wh"),
        ("Emissions, as reported in whole grams", f"{rate.emissions_grams:,} gCO2e"),
    ]
    title = f"What a million tokens cost; {tokens / 1e9:,.2f} billion were served"
    play.output.table(title, ("", "Per million tokens"), rows)
    _tell_totals(play, spent)


def _tell_totals(play: Play, spent: Spent) -> None:
    play.output.say(
        f"Serving took {spent.energy_wh / 1e6:,.3f} MWh and emitted "
        f"{spent.emissions_grams / 1e6:,.3f} tCO2e (estimated, at full power all the time)."
    )


def _share(units: int, tokens: int) -> int:
    return units * MILLION // tokens


def _megawatt_hours(found: energy.Footprint) -> str:
    return f"{found.energy_wh / 1e6:,.3f} MWh"


def _tonnes(found: energy.Footprint) -> str:
    return f"{found.emissions_grams / 1e6:,.3f} tCO2e"
