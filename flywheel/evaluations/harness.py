"""Results of EleutherAI's lm-evaluation-harness, from the JSON that it writes, in three forms:

0.3          `results`, `versions`, `config`; a metric is "acc", its error "acc_stderr"
0.4          beside these `configs`, `n-shot`, `n-samples`, `higher_is_better`; a metric is
             "acc,none", after the comma the filter that answers went through; the second Open LLM
             Leaderboard publishes this form
leaderboard  `config_general`; a task is "harness|gsm8k|5" with its shots; the first Open LLM
             Leaderboard published this form

What is read is exact: no number goes through a binary fraction. Runs on part of a task's samples
are refused: their score is not that of the task.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from eth_utils import keccak

from flywheel.errors import FlywheelError, fix
from flywheel.evaluations import scores
from flywheel.reading import strict_json, texts
from flywheel.reading.texts import shown

# The largest published files, of some sixty tasks with their configurations, have 1 MB.
MAX_BYTES = 20_000_000
ANOTHER = "Give the results file that lm-evaluation-harness wrote"
NAME = "lm-evaluation-harness"
NO_FILTER = "none"
# What the program writes in place of a standard error that it did not work out.
NOT_WORKED_OUT = "N/A"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,23}")
_COMMIT_DIGITS = 8
# Where a function was in the memory of the machine that measured.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# How deep groups of tasks lie in each other at most.
_MAX_GROUPS = 8
_ERROR = "_stderr"


@dataclass(frozen=True)
class Measured:
    """One score of one task, as a results file tells it.

    `higher_is_better` is None where the file does not say. `shots` is None for a group of tasks.
    """

    path: Path
    task: str
    metric: str
    filter: str
    value: Decimal
    stderr: Decimal | None
    shots: int | None
    higher_is_better: bool | None
    version: str
    harness: str
    model: str
    config: dict[str, Any]
    evidence_hash: bytes

    @property
    def name(self) -> str:
        """Task and metric for people: "lambada_openai, acc"; with the filter if there is one."""
        filtered = "" if self.filter in ("", NO_FILTER) else f" ({self.filter})"
        return f"{self.task}, {self.metric}{filtered}"

    @cached_property
    def canonical(self) -> str:
        """What the task's hash is taken of: JSON with sorted names and without blanks.

        Left out is what says nothing (null, false, empty) and what differs from one machine or
        model to the next: addresses of functions, and a task's metadata but for its version.
        Numbers are written without zeros at their end.
        """
        content = {
            "config": self.config,
            "filter": "" if self.filter == NO_FILTER else self.filter,
            "metric": self.metric,
            "shots": self.shots,
            "task": self.task,
            "version": self.version,
        }
        return _written(_told(content))

    @property
    def task_hash(self) -> bytes:
        """keccak256 of `canonical`: equal for everybody who measures the same in the same way."""
        return bytes(keccak(text=self.canonical))

    def score(self, higher_is_better: bool) -> int:
        """Millionths, rounded to the worse side. Raises `FlywheelError` if it is no number."""
        try:
            return scores.cut(self.value, higher_is_better)
        except FlywheelError as error:
            raise FlywheelError(f"{self.path}: {shown(self.name)}: {error}") from None


class Results:
    """A results file. Raises `FlywheelError`, naming the file, if it is none."""

    def __init__(self, path: Path) -> None:
        texts.refuse_large(path, MAX_BYTES)
        written = texts.read_bytes(path)
        self.path = path
        self.evidence_hash = bytes(keccak(written))
        text = texts.decode(written, path)
        self.data = strict_json.loads(text, path, ANOTHER, is_measured=True)
        if not isinstance(self.data, dict):
            raise self.fault("it is no object with names")
        self.results = self._object(self.data, "results")
        self.is_leaderboard = "config_general" in self.data
        if not self.results:
            raise self.fault("it has no results")

    @property
    def tasks(self) -> list[str]:
        """Names of tasks and groups, as `read` takes them; not the leaderboard's mean of all."""
        return sorted(name for name in self.results if not self.is_leaderboard or "|" in name)

    def metrics(self, task: str) -> list[str]:
        """Metrics of a task, as `read` takes them, with their filters."""
        measured = self._object(self.results, task)
        return sorted(key for key, value in measured.items() if _is_metric(key, value))

    def all(self) -> Iterator[Measured]:
        """Every score of the file."""
        for task in self.tasks:
            for metric in self.metrics(task):
                yield self.read(task, metric)

    def read(self, task: str, metric: str) -> Measured:
        """One score; `metric` with its filter, or without if there is only one.

        Raises `FlywheelError` that names what is there instead, or what is wrong.
        """
        if task not in self.results:
            raise self.fault(f"it has no task '{shown(task)}'", _one_of(self.tasks))
        measured = self._object(self.results, task)
        key = self._key(task, metric)
        name, _, filter_ = key.partition(",")
        self._refuse_partial(task)
        general = self._object(self.data, "config_general")
        config, asked, shots = self._config_of(task)
        return Measured(
            path=self.path,
            task=asked,
            metric=name,
            filter=filter_,
            value=self._number(measured[key], f"the score {shown(key)} of {shown(task)}"),
            stderr=self._error(measured, name, filter_),
            shots=shots,
            higher_is_better=self._direction(task, name),
            version=self._version(task),
            harness=_harness(self, general),
            model=self._model(general),
            config=config,
            evidence_hash=self.evidence_hash,
        )

    def fault(self, problem: str, remedy: str = ANOTHER) -> FlywheelError:
        return fix(f"{self.path} is no result of {NAME}: {problem}", remedy)

    # --- single fields ---

    def _object(self, found: dict[str, Any], name: str) -> dict[str, Any]:
        """The object under a name; empty if there is none."""
        value = found.get(name, {})
        if not isinstance(value, dict):
            raise self.fault(f"its '{shown(name)}' is no object with names")
        return value

    def _key(self, task: str, metric: str) -> str:
        known = self.metrics(task)
        if metric in known:
            return metric
        fitting = [key for key in known if key.partition(",")[0] == metric]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise self.fault(f"{shown(task)} has several '{shown(metric)}'", _one_of(fitting))
        raise self.fault(f"{shown(task)} has no metric '{shown(metric)}'", _one_of(known))

    def _number(self, value: Any, what: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.fault(f"{what} is {shown(value)}, which is no number")
        number = Decimal(value)
        if not number.is_finite():
            raise self.fault(f"{what} is {number}, which is no number")
        return number

    def _error(self, measured: dict[str, Any], name: str, filter_: str) -> Decimal | None:
        key = f"{name}{_ERROR},{filter_}" if filter_ else f"{name}{_ERROR}"
        value = measured.get(key)
        is_missing = value is None or value == NOT_WORKED_OUT
        if is_missing or (isinstance(value, Decimal) and not value.is_finite()):
            return None
        return self._number(value, f"its {shown(key)}")

    def _direction(self, task: str, metric: str) -> bool | None:
        told = self._object(self._object(self.data, "higher_is_better"), task).get(metric)
        if told is not None and not isinstance(told, bool):
            raise self.fault(f"whether more of {shown(metric)} is better is {shown(told)}")
        return told

    def _version(self, task: str) -> str:
        version = self._object(self.data, "versions").get(task, "")
        if version is None or isinstance(version, dict | list | bool):
            raise self.fault(f"the version of {shown(task)} is {shown(version)}")
        return _plain(version) if isinstance(version, int | Decimal) else str(version)

    def _shots(self, value: Any, task: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.fault(f"the number of shots of {shown(task)} is {shown(value)}")
        return value

    def _model(self, general: dict[str, Any]) -> str:
        """What the file says was measured, for people: nothing is decided by it."""
        run = self._object(self.data, "config")
        arguments = run.get("model_args")
        if isinstance(arguments, dict):
            arguments = arguments.get("pretrained")
        named = general.get("model_name") or self.data.get("model_name") or arguments
        return shown(named, 100) if isinstance(named, str) else ""

    # --- the configuration of a task ---

    def _config_of(self, task: str) -> tuple[dict[str, Any], str, int | None]:
        """Configuration, the task's own name, and its shots."""
        if self.is_leaderboard:
            return self._of_leaderboard(task)
        run = self._object(self.data, "config")
        if "configs" not in self.data:
            shots = self._shots(run.get("num_fewshot"), task)
            described = self._object(run, "description_dict") if run.get("description_dict") else {}
            return ({"description": described.get(task)}, task, shots)
        leaves = self._leaves(task)
        configs = self._object(self.data, "configs")
        shots = self._shots(self._object(self.data, "n-shot").get(task), task)
        seed = run.get("fewshot_seed") if shots or len(leaves) > 1 else None
        manner = {
            "chat_template": bool(self.data.get("chat_template")),
            "fewshot_as_multiturn": bool(self.data.get("fewshot_as_multiturn")) and shots != 0,
            "fewshot_seed": seed,
            "system_instruction": self.data.get("system_instruction"),
        }
        tasks = {leaf: _portable(self._object(configs, leaf)) for leaf in leaves}
        return ({"tasks": tasks, **manner}, task, shots)

    def _of_leaderboard(self, task: str) -> tuple[dict[str, Any], str, int | None]:
        parts = task.split("|")
        if len(parts) != 3 or not re.fullmatch("[0-9]{1,4}", parts[2]):
            raise self.fault(
                f"'{shown(task)}' is no task of it", "Name one such as harness|gsm8k|5"
            )
        return {}, parts[1], int(parts[2])

    def _leaves(self, task: str, depth: int = 0) -> list[str]:
        """The tasks of a group, by name; of a task itself."""
        below = self._object(self.data, "group_subtasks").get(task) or []
        if not isinstance(below, list) or not all(isinstance(item, str) for item in below):
            raise self.fault(f"the tasks of {shown(task)} are no list of names")
        if depth > _MAX_GROUPS:
            raise self.fault(f"the group {shown(task)} holds itself")
        if not below:
            if task not in self._object(self.data, "configs"):
                raise self.fault(f"it has no configuration of {shown(task)}")
            return [task]
        return sorted({leaf for item in below for leaf in self._leaves(item, depth + 1)})

    def _refuse_partial(self, task: str) -> None:
        """Raises `FlywheelError` if not all samples of the task were used."""
        limit = self._object(self.data, "config").get("limit")
        limit = limit or self._object(self.data, "config_general").get("max_samples")
        counts = self._object(self.data, "n-samples")
        leaves = self._leaves(task) if "configs" in self.data else [task]
        counted = [leaf for leaf in leaves if leaf in counts]
        for leaf in counted:
            count = self._object(counts, leaf)
            whole, used = count.get("original"), count.get("effective")
            if whole != used:
                raise self._partial(leaf, f"{shown(used)} of {shown(whole)} samples")
        if limit is not None and len(counted) < len(leaves):
            raise self._partial(task, f"at most {shown(limit)} samples")

    def _partial(self, task: str, used: str) -> FlywheelError:
        return fix(
            f"{self.path}: {shown(task)} was run on {used}",
            "Run it on all of them, without --limit",
        )


def _is_metric(key: str, value: Any) -> bool:
    name = key.partition(",")[0]
    is_text = isinstance(value, str) and value != NOT_WORKED_OUT
    return not name.endswith(_ERROR) and key not in ("alias", "sample_len") and not is_text


def _one_of(names: list[str]) -> str:
    most = 12
    listed = ", ".join(shown(name) for name in names[:most])
    more = f" and {len(names) - most} others" if len(names) > most else ""
    return f"It has {listed}{more}" if names else "It has none"


def _harness(results: Results, general: dict[str, Any]) -> str:
    """Program and version in at most 64 bytes."""
    data = results.data
    if results.is_leaderboard:
        return f"lighteval {_word(results, general.get('lighteval_sha'), 'lighteval_sha')}".strip()
    version = _word(results, data.get("lm_eval_version"), "lm_eval_version")
    commit = _word(results, data.get("git_hash"), "git_hash")
    if version:
        return f"{NAME} {version} ({commit})" if commit else f"{NAME} {version}"
    if commit:
        return f"{NAME} at {commit}"
    return f"{NAME} 0.4" if "configs" in data else f"{NAME} before 0.4"


def _word(results: Results, value: Any, what: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{40}", value):
        return value[:_COMMIT_DIGITS]
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise results.fault(f"its {what} '{shown(value)}' is no version")
    return value


# --- canonical form ---


def _portable(config: dict[str, Any]) -> dict[str, Any]:
    """A task's configuration without what is of the machine or the model."""
    metadata = config.get("metadata")
    kept = {"version": metadata.get("version")} if isinstance(metadata, dict) else None
    return {**config, "metadata": kept}


def _told(value: Any) -> Any:
    """`value` without what says nothing, its numbers and texts as they are hashed."""
    if isinstance(value, dict):
        told = {str(name): _told(item) for name, item in value.items()}
        return {name: item for name, item in told.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, bool):
        return value or None
    if isinstance(value, int | Decimal):
        return _Number(_plain(value))
    return _ADDRESS.sub("", value) if isinstance(value, str) else None


class _Number(str):
    """The digits of a number, which JSON has without quotation marks."""


def _plain(number: int | Decimal) -> str:
    """Digits without an exponent and without zeros at the end of a fraction."""
    if isinstance(number, int):
        return str(number)
    if not number.is_finite():
        return str(number)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _written(value: Any) -> str:
    """JSON with sorted names and without blanks; all characters beyond ASCII as they are."""
    if isinstance(value, dict):
        members = (f"{_written(name)}:{_written(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, _Number):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
