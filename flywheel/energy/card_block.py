"""What a model's card says of its emissions and its evaluations, as Hugging Face reads it.

The head of a card: `co2_eq_emissions` (grams of CO2e, and where they come from) and `model-index`
(results of evaluations). It is made by huggingface_hub and read back by it: what differs then is
not written. `verified` of a result is set by Hugging Face alone; who attests to ours is `source`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel.energy.figures import MAX_EMISSIONS_GRAMS, Figures, Phase
from flywheel.errors import fix
from flywheel.models import front_matter
from flywheel.models.front_matter import FrontMatter
from flywheel.reading import texts
from flywheel.reading.texts import shown

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

KEY = "co2_eq_emissions"
# Powers of ten of the largest number.
_MAX_EXPONENT = 70
TRAINING_TYPES = ("pre-training", "fine-tuning")
_TEXTS = ("source", "training_type", "geographical_location", "hardware_used")


@dataclass(frozen=True)
class Emissions:
    """`co2_eq_emissions` of a card. An empty text is not there."""

    grams: Decimal
    source: str = ""
    training_type: str = ""
    geographical_location: str = ""
    hardware_used: str = ""


@dataclass(frozen=True)
class Result:
    """One result of `model-index`. `value`: a number, or a text such as "71.5 +- 0.4".

    `task`, `dataset`, `metric`: identifiers of Hugging Face, such as text-generation, cais/mmlu,
    accuracy. The names are for people; an empty one is not written. `source_name` and `source_url`:
    who attests to the result, and where.
    """

    task: str
    dataset: str
    dataset_name: str
    metric: str
    value: Decimal | int | str
    task_name: str = ""
    metric_name: str = ""
    dataset_config: str = ""
    dataset_split: str = ""
    source_name: str = ""
    source_url: str = ""


def emissions_of(figures: Figures, training_type: str) -> Emissions:
    """What a card says of a report of training: its location-based emissions.

    Raises `FlywheelError` for another phase or kind of training.
    """
    if figures.phase != Phase.TRAINING:
        raise fix("The report is not of training", "A card states what training emitted")
    if training_type not in TRAINING_TYPES:
        raise fix(
            f"training_type is '{shown(training_type)}'", f"Use {' or '.join(TRAINING_TYPES)}"
        )
    source = f"{figures.method}; location-based"
    if figures.market_grams is not None:
        source += f", market-based {figures.market_grams} g"
    return Emissions(
        Decimal(figures.emissions_grams),
        f"{source}; {figures.evidence_uri}",
        training_type,
        figures.region,
        figures.hardware,
    )


# --- writing ---


def block(
    name: str, emissions: Emissions | None = None, results: Sequence[Result] = (), **more: Any
) -> str:
    """The head of the card of model `name`, between its lines of `---`.

    `more`: other keys of a card, such as `license`. Results of one task and dataset stand together.
    Raises `FlywheelError` if huggingface_hub would read something else than was given.
    """
    from huggingface_hub import ModelCardData

    if not name.strip():
        raise fix("The model has no name", "Give one")
    _refuse_unseen(name, emissions, results)
    if emissions is not None:
        more[KEY] = _mapping(emissions)
    listed = [_eval_result(result) for result in _grouped(results)]
    data = ModelCardData(model_name=name, eval_results=listed or None, **more)
    text = f"---\n{data.to_yaml(line_break=chr(10))}\n---\n"
    _refuse_change(text, name, listed, more)
    return text


def _refuse_unseen(name: str, emissions: Emissions | None, results: Sequence[Result]) -> None:
    values: list[Any] = [name]
    for item in (emissions, *results):
        values += vars(item).values() if item is not None else []
    for value in values:
        hidden = texts.unseen(value) if isinstance(value, str) else ""
        if hidden:
            raise fix(
                f"'{shown(value)}' holds a character that cannot be seen, {hidden}",
                "Write it again by hand",
            )


def _mapping(emissions: Emissions) -> dict[str, Any]:
    grams = _number(emissions.grams, "emissions")
    if isinstance(grams, str) or not 0 <= grams <= MAX_EMISSIONS_GRAMS:
        raise fix(f"The emissions are {shown(grams)} g", f"Give 0 to {MAX_EMISSIONS_GRAMS:,}")
    given = {key: getattr(emissions, key) for key in _TEXTS}
    return {"emissions": grams} | {key: text for key, text in given.items() if text}


def _number(value: Decimal | int | str, what: str) -> int | float | str:
    """A number as YAML keeps it; one with more digits than a float has becomes a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal) and not value.is_finite():
        raise fix(f"{what} is {value}", "Give a number")
    if isinstance(value, Decimal) and value.adjusted() > _MAX_EXPONENT:
        raise fix(f"{what} is {shown(value)}", "Give a smaller number")
    if value == int(value):
        return int(value)
    nearest = float(value)
    return nearest if Decimal(repr(nearest)) == value else f"{value:f}"


def _group(result: Result) -> tuple[str, ...]:
    """What huggingface_hub takes for one entry of the list."""
    return result.task, result.dataset, result.dataset_config, result.dataset_split


def _grouped(results: Sequence[Result]) -> list[Result]:
    order = {key: place for place, key in enumerate(dict.fromkeys(map(_group, results)))}
    return sorted(results, key=lambda result: order[_group(result)])


def _eval_result(result: Result) -> "EvalResult":
    from huggingface_hub import EvalResult

    if result.source_name and not result.source_url:
        raise fix(f"source '{shown(result.source_name)}' has no URL", "Give source_url")
    return EvalResult(
        task_type=result.task,
        dataset_type=result.dataset,
        dataset_name=result.dataset_name,
        metric_type=result.metric,
        metric_value=_number(result.value, f"the value of {result.metric}"),
        task_name=result.task_name or None,
        metric_name=result.metric_name or None,
        dataset_config=result.dataset_config or None,
        dataset_split=result.dataset_split or None,
        source_name=result.source_name or None,
        source_url=result.source_url or None,
    )


def _refuse_change(text: str, name: str, listed: "list[EvalResult]", more: dict[str, Any]) -> None:
    """Raises `FlywheelError` if huggingface_hub reads the block as something else."""
    from huggingface_hub import ModelCard

    read: Any = ModelCard(text).data
    for found, given in zip(read.get("eval_results", []), listed, strict=True):
        if found != given:
            # Of one task and dataset it keeps one name and one source.
            raise fix(
                f"Results of task {shown(given.task_type)} on dataset {shown(given.dataset_type)} "
                "differ in the name of task or dataset, or in their source, of which a card keeps "
                "one",
                "Give them another config or split, or one source",
            )
    for key, value in (more | {"model_name": name}).items():
        if read.get(key) != value:
            raise fix(f"{shown(key)} is read as another value", "Write it in another way")


# --- reading ---


def read(path: Path) -> Emissions | None:
    """What a card states of its emissions; None if it states nothing.

    Read are a mapping as Hugging Face documents it, and the bare number of older cards. Raises
    `FlywheelError` with file and line.
    """
    front, _ = front_matter.split(path, texts.read_text(path))
    value = front.data.get(KEY)
    if value is None:
        return None
    if not isinstance(value, dict):
        return Emissions(_grams(front, value))
    if value.get("emissions") is None:
        raise front.fault(KEY, "states no emissions", "Write emissions: and grams of CO2e")
    return Emissions(_grams(front, value["emissions"]), *_seen(front, value))


def _grams(front: FrontMatter, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise front.fault(KEY, f"'{shown(value)}' is no number", "Write grams of CO2e")
    # The shortest decimal number that the float stands for, as it was written.
    grams = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
    if not grams.is_finite() or not 0 <= grams <= MAX_EMISSIONS_GRAMS:
        raise front.fault(
            KEY, f"'{shown(value)}' is out of bounds", f"Write 0 to {MAX_EMISSIONS_GRAMS:,} grams"
        )
    return grams


def _seen(front: FrontMatter, value: dict[str, Any]) -> Iterable[str]:
    for key in _TEXTS:
        text = value.get(key)
        if text is not None and not isinstance(text, str):
            raise front.fault(KEY, f"has a {key} that is no text", f"Write {key}: and one text")
        hidden = texts.unseen(text or "")
        if hidden:
            raise front.fault(
                KEY, f"holds a character that cannot be seen, {hidden}", "Write it again by hand"
            )
        yield (text or "").strip()
