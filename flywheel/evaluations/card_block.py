"""Claims as results of a model's card: each says who attests it, or that nobody does."""

from collections.abc import Sequence

from flywheel import amounts
from flywheel.energy import card_block
from flywheel.energy.card_block import Result
from flywheel.evaluations import scores
from flywheel.evaluations.claims import Claim, shortened
from flywheel.reading import texts


def block(name: str, found: Sequence[Claim]) -> str:
    """The head of the card of model `name`, with a result for each claim that is not void.

    Claims whose texts cannot be seen are left out: anybody may file one about any weights, and no
    card would take it. Raises `FlywheelError` if the model's name is one.
    """
    return card_block.block(
        name, results=[_result(item) for item in shortened(found) if _fits(item)]
    )


def _fits(item: Claim) -> bool:
    text = item.harness + item.evidence_uri + item.benchmark.name
    return item.is_readable and not item.voided_at and not texts.unseen(text)


def _result(item: Claim) -> Result:
    # The name of a benchmark begins with that of its task.
    task, _, metric = item.benchmark.name.partition(", ")
    return Result(
        task="text-generation",
        dataset=task,
        dataset_name=task,
        metric=metric or task,
        value=amounts.from_units(item.score, scores.DECIMALS),
        metric_name=f"{item.benchmark.name} ({item.standing})",
        # A card keeps one source of one task, dataset and configuration.
        dataset_config=f"claim {item.claim_id}",
        source_name=f"{item.harness}, {item.standing}",
        source_url=item.evidence_uri,
    )
