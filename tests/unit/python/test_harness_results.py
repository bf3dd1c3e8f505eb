"""Results of lm-evaluation-harness: published files of each form, and files that are none."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from eth_utils import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.evaluations import harness, scores
from flywheel.evaluations.harness import Results
from tests.support import ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "evaluations"
PYTHIA, BLOOM = FIXTURES / "lm-eval-0.3-pythia-70m.json", FIXTURES / "lm-eval-0.3-bloom-1b1.json"
RWKV, NEWEST = FIXTURES / "lm-eval-0.4-rwkv7-0.1b.json", FIXTURES / "lm-eval-0.4.9-two-tasks.json"
PARTIAL = FIXTURES / "lm-eval-0.4-partial-run.json"
LEADERBOARD = FIXTURES / "open-llm-leaderboard-llama-2-7b.json"
LAMBADA = "lambada_openai"


def changed(path: Path, tmp_path: Path, *places: tuple[tuple[str, ...], Any]) -> Path:
    """A copy of a file with other values at some places."""
    data = json.loads(path.read_text())
    for names, value in places:
        inner = data
        for name in names[:-1]:
            inner = inner[name]
        inner[names[-1]] = value
    return written(tmp_path, data)


def written(tmp_path: Path, data: Any) -> Path:
    path = tmp_path / "results.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


# --- published files ---


@pytest.mark.parametrize(
    ("path", "task", "metric", "expected"),
    [
        (PYTHIA, "arc_challenge", "acc_norm", ("0.22098976109215018", 220_989, 0, None)),
        (PYTHIA, "crows_pairs_english", "pct_stereotype", ("0.5193798449612403", 519_379, 0, None)),
        (PYTHIA, LAMBADA, "ppl", ("142.42891015470678", 142_428_910, 0, None)),
        (BLOOM, "xcopa_zh", "acc", ("0.594", 594_000, 0, None)),
        (RWKV, LAMBADA, "acc", ("0.4577915777217155", 457_791, 0, True)),
        (RWKV, LAMBADA, "perplexity,none", ("14.451282557750991", 14_451_282, 0, False)),
        (NEWEST, "nl2foam_llm_judge_original", "llm_judge", ("89.156", 89_156_000, 0, True)),
        (LEADERBOARD, "harness|gsm8k|5", "acc", ("0.14480667172100076", 144_806, 5, None)),
    ],
)
def test_read__published_file__is_exact(path, task, metric, expected):
    found = Results(path).read(task, metric)
    value, millionths, shots, direction = expected
    assert found.value == Decimal(value)
    assert found.score(higher_is_better=True) == millionths
    assert (found.shots, found.higher_is_better) == (shots, direction)
    assert found.evidence_hash == keccak(path.read_bytes())


def test_read__lower_is_better__rounds_up():
    found = Results(RWKV).read(LAMBADA, "perplexity")
    assert found.score(higher_is_better=False) == 14_451_283
    assert Results(BLOOM).read("xcopa_zh", "acc").score(higher_is_better=False) == 594_000


@pytest.mark.parametrize(
    ("path", "task", "metric", "expected"),
    [
        (BLOOM, "xcopa_zh", "acc", ("lm-evaluation-harness before 0.4", "0.02198396209008634")),
        (RWKV, LAMBADA, "acc", ("lm-evaluation-harness at 4a852644", "0.006941112792281861")),
        (
            NEWEST,
            "nl2foam_gen_original",
            "bleu",
            ("lm-evaluation-harness 0.4.9.2 (02bb9278)", "0.002462402921501157"),
        ),
        (LEADERBOARD, "harness|gsm8k|5", "acc", ("lighteval b35d4d84", "0.009693234799052708")),
    ],
)
def test_read__published_file__names_harness_and_error(path, task, metric, expected):
    found = Results(path).read(task, metric)
    assert (found.harness, str(found.stderr)) == expected


def test_read__published_file__names_the_model():
    models = {
        Results(path).read(*where).model
        for path, where in (
            (RWKV, (LAMBADA, "acc")),
            (NEWEST, ("nl2foam_gen_original", "bleu")),
            (LEADERBOARD, ("harness|gsm8k|5", "acc")),
        )
    }
    assert models == {
        "SmerkyG/RWKV7-Goose-0.1B-Pile-HF",
        "/scratch/nl2foam_sft_0__8__1765350318",
        "meta-llama/Llama-2-7b-hf",
    }


def test_all__of_the_published_files__are_their_metrics():
    counts = {path.name: len(list(Results(path).all())) for path in (PYTHIA, BLOOM, RWKV, NEWEST)}
    assert list(counts.values()) == [9, 11, 2, 3]
    assert [one.name for one in Results(LEADERBOARD).all()] == ["gsm8k, acc"]


def test_read__run_on_part_of_the_samples__is_refused():
    with pytest.raises(FlywheelError, match=r"asdiv was run on 50 of 2305 samples. Run it on all"):
        Results(PARTIAL).read("asdiv", "acc")


@pytest.mark.parametrize(
    ("path", "where", "place"),
    [
        (BLOOM, ("xcopa_zh", "acc"), ("config", "limit")),
        (LEADERBOARD, ("harness|gsm8k|5", "acc"), ("config_general", "max_samples")),
    ],
)
def test_read__limit_without_counts__is_refused(tmp_path, path, where, place):
    with pytest.raises(FlywheelError, match="was run on at most 10 samples"):
        Results(changed(path, tmp_path, (place, 10))).read(*where)


def test_read__limit_above_all_samples__is_no_limit(tmp_path):
    path = changed(RWKV, tmp_path, (("config", "limit"), 10_000))
    assert Results(path).read(LAMBADA, "acc").score(True) == 457_791


# --- the task's hash ---


def hash_of(path: Path, task: str = LAMBADA, metric: str = "acc") -> bytes:
    return Results(path).read(task, metric).task_hash


def test_task_hash__of_a_file_of_0_3__covers_what_it_tells():
    found = Results(BLOOM).read("xcopa_zh", "acc")
    assert found.canonical == '{"metric":"acc","shots":0,"task":"xcopa_zh","version":"0"}'
    assert found.task_hash == keccak(text=found.canonical)


def test_task_hash__of_another_machine_model_or_day__is_the_same(tmp_path):
    """What differs between two who measure the same: real files differ in all of it."""
    config = ("configs", LAMBADA)
    fewshot = {"doc_to_text": "<function f at 0x7f00>", "sampler": "default"}
    first = changed(RWKV, tmp_path, ((*config, "fewshot_config"), fewshot))
    expected = hash_of(first)
    other = changed(
        first,
        tmp_path,
        ((*config, "fewshot_config", "doc_to_text"), "<function f at 0x7eff12>"),
        ((*config, "fewshot_config", "gen_prefix"), None),
        ((*config, "metadata"), {"version": 1, "pretrained": "/elsewhere"}),
        ((*config, "a_later_field"), False),
        (("model_name",), "another/model"),
        (("date",), 1.5),
        (("git_hash",), "aaaaaaaa"),
        (("config", "batch_size"), "auto:4"),
        (("config", "fewshot_seed"), 7),
        (("results", LAMBADA, "acc,none"), 0.1),
    )
    assert hash_of(other) == expected


@pytest.mark.parametrize(
    "place",
    [
        (("configs", LAMBADA, "doc_to_text"), "another prompt"),
        (("configs", LAMBADA, "metadata", "version"), 2),
        (("configs", LAMBADA, "target_delimiter"), ""),
        (("versions", LAMBADA), 2.0),
        (("n-shot", LAMBADA), 5),
        (("system_instruction",), "Be right."),
        (("chat_template",), "{{ messages }}"),
    ],
)
def test_task_hash__of_another_configuration__is_another(tmp_path, place):
    assert hash_of(changed(RWKV, tmp_path, place)) != hash_of(RWKV)


def test_task_hash__of_another_metric__is_another():
    assert hash_of(RWKV) != hash_of(RWKV, metric="perplexity")


def test_task_hash__with_shots__covers_which_examples_they_were(tmp_path):
    few = (("n-shot", LAMBADA), 5)
    first = hash_of(changed(RWKV, tmp_path, few))
    assert hash_of(changed(RWKV, tmp_path, few, (("config", "fewshot_seed"), 7))) != first


def group(tmp_path: Path, *places: tuple[tuple[str, ...], Any]) -> Path:
    """A file with a group of two tasks, as 0.4 has it."""
    score = {"acc,none": 0.5, "acc_stderr,none": "N/A", "alias": "g"}
    return changed(
        RWKV,
        tmp_path,
        (("results", "g"), score),
        (("group_subtasks",), {"g": ["inner", LAMBADA], "inner": ["b"], LAMBADA: [], "b": []}),
        (("configs", "b"), {"task": "b"}),
        (("versions", "g"), 2),
        (("n-samples", "b"), {"original": 3, "effective": 3}),
        *places,
    )


def test_read__a_group__covers_the_configurations_of_its_tasks(tmp_path):
    found = Results(group(tmp_path)).read("g", "acc")
    assert (found.stderr, found.shots) == (None, None)
    assert set(found.config["tasks"]) == {"b", LAMBADA}
    other = Results(group(tmp_path, (("configs", "b", "doc_to_text"), "x"))).read("g", "acc")
    assert other.task_hash != found.task_hash


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((("group_subtasks", "inner"), ["g"]), "holds itself"),
        ((("group_subtasks", "inner"), [["b"]]), "the tasks of inner are no list of names"),
        ((("group_subtasks", "inner"), ["c"]), "it has no configuration of c"),
        ((("n-samples", "b", "effective"), 1), "b was run on 1 of 3 samples"),
    ],
)
def test_read__a_group_that_is_none__is_refused(tmp_path, place, said):
    with pytest.raises(FlywheelError, match=said):
        Results(group(tmp_path, place)).read("g", "acc")


# --- what is asked for ---


@pytest.mark.parametrize(
    ("task", "metric", "said"),
    [
        ("hellaswag", "acc", f"no task 'hellaswag'. It has {LAMBADA}."),
        (LAMBADA, "f1", f"{LAMBADA} has no metric 'f1'. It has acc,none, perplexity,none."),
        (LAMBADA, "acc_stderr", "has no metric 'acc_stderr'"),
        (LAMBADA, "alias", "has no metric 'alias'"),
    ],
)
def test_read__what_is_not_there__names_what_is(task, metric, said):
    with pytest.raises(FlywheelError) as error:
        Results(RWKV).read(task, metric)
    assert said in str(error.value)


def test_read__several_filters__asks_which(tmp_path):
    measured = {"exact_match,strict-match": 0.25, "exact_match,flexible-extract": 0.5}
    path = changed(RWKV, tmp_path, (("results", LAMBADA), measured))
    with pytest.raises(FlywheelError, match=r"several 'exact_match'. It has exact_match,flexible"):
        Results(path).read(LAMBADA, "exact_match")
    found = Results(path).read(LAMBADA, "exact_match,strict-match")
    assert (found.score(True), found.name) == (250_000, f"{LAMBADA}, exact_match (strict-match)")


# --- files that are none ---

ACC = ("results", LAMBADA, "acc,none")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((ACC, float("nan")), "acc,none of lambada_openai is NaN, which is no number"),
        ((ACC, float("inf")), "is Infinity, which is no number"),
        ((ACC, True), "is True, which is no number"),
        ((ACC, None), "is None, which is no number"),
        ((ACC, [0.5]), r"is \[Decimal"),
        ((ACC, 1e300), "The score 1E\\+300 is too large"),
        ((ACC, "0.9"), "has no metric 'acc'"),
        ((("results", LAMBADA), 7), "its 'lambada_openai' is no object with names"),
        ((("results",), []), "its 'results' is no object with names"),
        ((("results",), {}), "it has no results"),
        ((("versions", LAMBADA), {}), "the version of lambada_openai is {}"),
        ((("n-shot", LAMBADA), -1), "the number of shots of lambada_openai is -1"),
        ((("n-shot", LAMBADA), 1.5), "the number of shots of lambada_openai is 1.5"),
        ((("higher_is_better", LAMBADA, "acc"), "yes"), "whether more of acc is better is yes"),
        ((("results", LAMBADA, "acc_stderr,none"), "small"), "its acc_stderr,none is small"),
        ((("git_hash",), "a b"), "its git_hash 'a b' is no version"),
        ((("lm_eval_version",), "1" * 30), "is no version"),
        ((("group_subtasks", LAMBADA), 5), "the tasks of lambada_openai are no list of names"),
    ],
)
def test_read__wrong_value__is_named_in_one_line(tmp_path, place, said):
    with pytest.raises(FlywheelError, match=said) as error:
        Results(changed(RWKV, tmp_path, place)).read(LAMBADA, "acc").score(True)
    assert "\n" not in str(error.value)
    assert "results.json" in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "it is no object with names"),
        ("{}", "it has no results"),
        ("", "this is not JSON"),
        ('{"results": {"a": {"acc": 1}, "a": {"acc": 0}}}', "'a' was given in line 1 already"),
        ('{"results": {"a": {"acc": 0.1000000000000000055}}}', "more digits than are kept"),
        ('{"results": {"a": {"acc": 1e999}}}', "more digits than are kept"),
        ('{"results": {"a": {"acc": ' + "9" * 5_000 + "}}}", "is too long"),
        ("[" * 60 + "]" * 60, "nested too deeply"),
    ],
)
def test_read__no_results_file__is_refused(tmp_path, text, said):
    with pytest.raises(FlywheelError, match=said):
        Results(written(tmp_path, text))


def test_read__huge_file__is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "MAX_BYTES", 100)
    path = written(tmp_path, "x" * 101)
    with pytest.raises(FlywheelError, match=r"results.json has 101 bytes. Give a file of at most"):
        Results(path)


def test_read__nan_where_nothing_is_asked__stays_unread(tmp_path):
    """Published files have NaN for metrics that could not be worked out."""
    error = ("results", LAMBADA, "acc_stderr,none")
    path = changed(RWKV, tmp_path, (error, float("nan")), (("results", "x"), {"a": float("nan")}))
    found = Results(path).read(LAMBADA, "acc")
    assert (found.stderr, found.score(True)) == (None, 457_791)


def test_leaderboard__a_task_without_shots__is_refused(tmp_path):
    path = changed(LEADERBOARD, tmp_path, (("results", "harness|x"), {"acc": 1}))
    with pytest.raises(FlywheelError, match=r"'harness\|x' is no task of it"):
        Results(path).read("harness|x", "acc")


# --- scores ---


@settings(max_examples=200, deadline=None)
@given(st.decimals(-(10**20), 10**20, allow_nan=False, places=12))
def test_cut__any_value__never_overstates(value):
    low, high = scores.cut(value, True), scores.cut(value, False)
    assert Decimal(low).scaleb(-6) <= value <= Decimal(high).scaleb(-6)
    assert high - low == (0 if value.scaleb(6) == value.scaleb(6).to_integral_value() else 1)


@pytest.mark.parametrize("text", ["1e-400", "-1e-400", "1e-999999"])
def test_cut__almost_nothing__is_rounded(text):
    value = Decimal(text)
    assert scores.cut(value, True) == (-1 if value < 0 else 0)


@pytest.mark.parametrize("text", ["1e22", "-1e22", "1e999999", "NaN", "Infinity", "-Infinity"])
def test_cut__what_no_contract_keeps__is_refused(text):
    with pytest.raises(FlywheelError):
        scores.cut(Decimal(text), True)


@pytest.mark.parametrize(
    ("text", "millionths"), [("0.5", 500_000), ("-1.25", -1_250_000), ("0", 0), ("1,000", 10**9)]
)
def test_parse__a_written_score__is_exact(text, millionths):
    assert scores.parse(text) == millionths
    assert scores.parse(scores.show(millionths)) == millionths


@pytest.mark.parametrize("text", ["0.1234567", "--1", "", "x", "1e3", "9" * 30])
def test_parse__no_score__is_refused(text):
    with pytest.raises(FlywheelError):
        scores.parse(text)
