"""flywheel.energy.card_block: what it writes, huggingface_hub reads back; what it reads."""

from dataclasses import replace
from decimal import Decimal

import pytest
from huggingface_hub import EvalResult, ModelCard

from flywheel.energy import card_block
from flywheel.energy.card_block import Emissions, Result
from flywheel.energy.figures import Phase
from flywheel.errors import FlywheelError
from flywheel.models import cards
from flywheel.models.kinds import ModelKind
from tests.kits.energy import GOOD, PROOF

EMISSIONS = Emissions(
    Decimal(44_000), "meter; location-based", "pre-training", "FRA", "8 x A100-SXM4-80GB"
)
MMLU = Result(
    task="text-generation",
    dataset="cais/mmlu",
    dataset_name="MMLU",
    metric="accuracy",
    value=Decimal("0.685"),
    task_name="Text generation",
    metric_name="Accuracy (5-shot)",
    dataset_config="all",
    dataset_split="test",
    source_name="Evaluators of the DAO",
    source_url="https://example.org/evaluation/1",
)
ARC = replace(MMLU, dataset="allenai/ai2_arc", dataset_name="ARC", value=Decimal("0.5"))


# --- writing ---


def test_block__emissions_and_results__are_read_back_by_huggingface_hub():
    text = card_block.block("river-7b", EMISSIONS, [MMLU, ARC], license="apache-2.0")
    data = ModelCard(text + "# River\n").data
    assert data.model_name == "river-7b"
    assert data.license == "apache-2.0"
    assert data.co2_eq_emissions == {
        "emissions": 44_000,
        "source": "meter; location-based",
        "training_type": "pre-training",
        "geographical_location": "FRA",
        "hardware_used": "8 x A100-SXM4-80GB",
    }
    assert data.eval_results == [
        EvalResult(
            task_type="text-generation",
            dataset_type=dataset,
            dataset_name=name,
            metric_type="accuracy",
            metric_value=value,
            task_name="Text generation",
            metric_name="Accuracy (5-shot)",
            dataset_config="all",
            dataset_split="test",
            source_name="Evaluators of the DAO",
            source_url="https://example.org/evaluation/1",
        )
        for dataset, name, value in (
            ("cais/mmlu", "MMLU", 0.685),
            ("allenai/ai2_arc", "ARC", 0.5),
        )
    ]


def test_block__as_a_card__is_read_by_the_registry_and_by_us(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(card_block.block("river-7b", EMISSIONS, [MMLU]) + "# River\n")
    assert card_block.read(path) == EMISSIONS
    assert cards.read(path, None, ModelKind.FOUNDATION).name == "river-7b"


def test_block__results_out_of_order__stand_together_by_dataset():
    f1 = replace(MMLU, metric="f1", metric_name="F1", value=7)
    data = ModelCard(card_block.block("river-7b", None, [MMLU, ARC, f1])).data
    assert [(item.dataset_type, item.metric_type) for item in data.eval_results] == [
        ("cais/mmlu", "accuracy"),
        ("cais/mmlu", "f1"),
        ("allenai/ai2_arc", "accuracy"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"source_name": "", "source_url": ""},
        {"source_url": "https://example.org/other"},
        {"dataset_name": "MMLU (5-shot)"},
        {"task_name": "Other"},
    ],
)
def test_block__what_huggingface_hub_would_drop__is_refused(change):
    # It keeps the name and the source of the first result of a task and dataset for all.
    other = replace(MMLU, metric="f1", **change)
    with pytest.raises(FlywheelError, match="of which a card keeps one"):
        card_block.block("river-7b", None, [MMLU, other])
    card_block.block("river-7b", None, [MMLU, replace(other, dataset_split="validation")])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (7, 7),
        (Decimal("7.0"), 7),
        (Decimal("0.1"), 0.1),
        ("71.5 +- 0.4", "71.5 +- 0.4"),
        # More digits than a float keeps stay as they are written.
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        ("2025-02-30", "2025-02-30"),
        ("010", "010"),
        ("yes", "yes"),
    ],
)
def test_block__value_of_a_result__is_read_as_it_was_given(value, read):
    data = ModelCard(card_block.block("r", None, [replace(MMLU, value=value)])).data
    assert data.eval_results[0].metric_value == read


@pytest.mark.parametrize(
    ("name", "emissions", "results", "said"),
    [
        ("r\u202eiver", None, [], "cannot be seen, U+202E"),
        ("river", replace(EMISSIONS, source="a\x1b[2J"), [], "cannot be seen, U+001B"),
        ("river", None, [replace(MMLU, dataset_name="a\nb")], "cannot be seen, U+000A"),
        ("river", replace(EMISSIONS, grams=Decimal("-1")), [], "The emissions are -1 g"),
        ("river", replace(EMISSIONS, grams=Decimal("NaN")), [], "emissions is NaN"),
        ("river", replace(EMISSIONS, grams=Decimal("1e999")), [], "emissions is 1E+999"),
        ("river", replace(EMISSIONS, grams=Decimal(3 * 10**15)), [], "The emissions are 3000"),
        ("river", None, [replace(MMLU, value=Decimal("inf"))], "the value of accuracy is Inf"),
        ("river", None, [replace(MMLU, source_url="")], "has no URL"),
    ],
)
def test_block__what_no_card_may_hold__is_refused(name, emissions, results, said):
    with pytest.raises(FlywheelError) as caught:
        card_block.block(name, emissions, results)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_block__key_that_is_read_as_another_value__is_refused():
    # huggingface_hub keeps each tag once.
    with pytest.raises(FlywheelError, match="tags is read as another value"):
        card_block.block("river", EMISSIONS, tags=["a", "a"])
    assert "model_name: '2025'" in card_block.block("2025", EMISSIONS, tags=["a"])


def test_block__without_a_name__is_refused():
    with pytest.raises(FlywheelError, match="The model has no name"):
        card_block.block(" ", EMISSIONS)


@pytest.mark.parametrize(
    ("change", "source"),
    [
        ({}, "meter; location-based; ipfs://evidence"),
        (
            {"market_grams": 0, "renewable_proof": PROOF},
            "meter; location-based, market-based 0 g; ipfs://evidence",
        ),
    ],
)
def test_emissions_of__a_report__is_its_location_based_figure(change, source):
    found = card_block.emissions_of(replace(GOOD, **change), "fine-tuning")
    assert found == Emissions(
        Decimal(44_000), source, "fine-tuning", "FRA", "A100-SXM4-80GB"
    )  # fmt: skip


def test_emissions_of__serving_or_an_unknown_training__is_refused():
    with pytest.raises(FlywheelError, match="The report is not of training"):
        card_block.emissions_of(replace(GOOD, phase=Phase.SERVING), "fine-tuning")
    with pytest.raises(FlywheelError, match="Use pre-training or fine-tuning"):
        card_block.emissions_of(GOOD, "pretraining")


# --- reading ---


@pytest.fixture
def read(tmp_path):
    def run(front):
        path = tmp_path / "card.md"
        path.write_text(f"---\nlicense: mit\n{front}\n---\n# River\n")
        return card_block.read(path)

    return run


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("tags: [a]", None),
        ("co2_eq_emissions:", None),
        ("co2_eq_emissions: 12", Emissions(Decimal(12))),
        ("co2_eq_emissions: 0.1", Emissions(Decimal("0.1"))),
        ("co2_eq_emissions: {emissions: 24700000}", Emissions(Decimal(24_700_000))),
        (
            "co2_eq_emissions:\n  emissions: 12.5\n  source: codecarbon\n  other: [1]\n",
            Emissions(Decimal("12.5"), "codecarbon"),
        ),
    ],
)
def test_read__each_form__gives_grams_without_a_change(read, front, found):
    assert read(front) == found


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("co2_eq_emissions: 12 kg", "card.md, line 3: co2_eq_emissions '12 kg' is no number"),
        ("co2_eq_emissions: yes", "'True' is no number"),
        ("co2_eq_emissions: [1]", "'[1]' is no number"),
        ("co2_eq_emissions: .nan", "is out of bounds"),
        ("co2_eq_emissions: .inf", "is out of bounds"),
        ("co2_eq_emissions: -1", "is out of bounds"),
        ("co2_eq_emissions: 1.0e+20", "is out of bounds"),
        (f"co2_eq_emissions: {'9' * 5_000}", "looks like a value of the kind 'int', and is none"),
        (f"co2_eq_emissions: {'9' * 4_000}", "is out of bounds"),
        ("co2_eq_emissions: {source: x}", "line 3: co2_eq_emissions states no emissions"),
        ("co2_eq_emissions: {emissions: null}", "states no emissions"),
        ("co2_eq_emissions: {emissions: 1, source: 7}", "has a source that is no text"),
        ('co2_eq_emissions: {emissions: 1, source: "a\\u200bb"}', "cannot be seen, U+200B"),
        ("co2_eq_emissions: 1\nco2_eq_emissions: 2", "line 4: 'co2_eq_emissions' was given in"),
    ],
)
def test_read__what_is_no_figure__is_refused_by_line(read, front, said):
    with pytest.raises(FlywheelError) as caught:
        read(front)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400
