"""YAML files that are checked against a schema; errors name file, line and reason."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from flywheel.errors import FlywheelError
from flywheel.reading import strict_yaml, texts
from flywheel.reading.texts import shown
from flywheel.reading.values import Fault, refuse_all

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMAS = Path(__file__).parent / "schemas"


# How much of a value an error repeats.
_LONGEST = 300


def load(path: Path, schema: str) -> dict[str, Any]:
    """Reads `path` and checks it against `schemas/<schema>.json`.

    Raises `FlywheelError` "<file>, line <n>: <reason>" when the file is missing or is not YAML, and
    with one such line for each place that does not fit the schema.
    """
    from jsonschema.exceptions import best_match

    text = texts.read_text(path)
    data = strict_yaml.load(text, path)
    problems = (best_match([found]) for found in _validator(schema).iter_errors(data))
    refuse_all(path, _faults(text, [item for item in problems if item is not None]))
    return dict(data)


def _faults(text: str, problems: "list[ValidationError]") -> list[Fault]:
    """Each problem once, with its line. What is missing is not told where a name is unknown: it may
    be that name, misspelt."""
    found: dict[Fault, None] = {}
    misspelt = [list(item.absolute_path) for item in problems if _unknown_names(item)]
    for problem in problems:
        if problem.validator == "required" and list(problem.absolute_path) in misspelt:
            continue
        line = line_of(text, [*problem.absolute_path, *_unknown_names(problem)[:1]])
        found[Fault(line, f"{_reason(problem)}.")] = None
    return list(found)


def misfit(path: Path, where: Sequence[str | int], reason: str) -> FlywheelError:
    """For what the schema cannot know: "<file>, line <n>: <where>: <reason>." """
    (fault,) = _placed(path, [(where, reason)])
    return FlywheelError(f"{path}, line {fault.line}: {fault.text}")


def refuse(path: Path, found: Iterable[tuple[Sequence[str | int], str]]) -> None:
    """Raises one `FlywheelError` with a line as of `misfit` for each place and its reason, if there
    are any."""
    refuse_all(path, _placed(path, found))


@contextmanager
def reading(path: Path, *where: str | int) -> Iterator[None]:
    """Whatever is refused inside is refused with the file and the line of `where`."""
    try:
        yield
    except FlywheelError as error:
        raise misfit(path, where, str(error)) from None


def _placed(path: Path, found: Iterable[tuple[Sequence[str | int], str]]) -> list[Fault]:
    listed = list(found)
    if not listed:
        return []
    text = texts.read_text(path)
    return [
        Fault(
            line_of(text, where),
            f"{'.'.join(map(str, where))}: {shown(reason.rstrip('.'), _LONGEST)}.",
        )
        for where, reason in listed
    ]


@cache
def _validator(schema: str) -> "Draft202012Validator":
    # Imported here: most commands read no document.
    from jsonschema import Draft202012Validator, validators

    definitions = json.loads((SCHEMAS / "definitions.json").read_text(encoding="utf-8"))
    document = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    document["$defs"] = definitions | document.get("$defs", {})
    Draft202012Validator.check_schema(document)
    made: Draft202012Validator = validators.extend(Draft202012Validator, {"maxLength": _max_bytes})(
        document
    )
    return made


def _max_bytes(_: Any, limit: int, text: Any, __: Any) -> "Iterator[ValidationError]":
    """`maxLength` as the chain counts: its `String[64]` takes 64 bytes, which are 21 characters of
    Chinese."""
    from jsonschema.exceptions import ValidationError

    if isinstance(text, str) and texts.utf8_bytes(text) > limit:
        count = texts.utf8_bytes(text)
        yield ValidationError(
            f"'{shown(text)}' has {count} bytes, at most {limit} are allowed: write a shorter one"
        )


def _reason(problem: "ValidationError") -> str:
    """Where, and why in the schema's own words (`x-reason`, there or further up) if it has any."""
    where = ".".join(shown(part) for part in problem.absolute_path) or "the file"
    found: Any = problem
    while found is not None:
        if isinstance(found.schema, dict) and "x-reason" in found.schema:
            return f"{where}: {found.schema['x-reason']}"
        found = found.parent
    for name in _unknown_names(problem):
        known = sorted(_properties(problem))
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Perhaps '{close[0]}' is meant" if close else f"Use one of {', '.join(known)}"
        return f"{where}: there is no '{shown(name)}' here. {hint}"
    if problem.validator == "required":
        required: Any = problem.validator_value
        given: Any = problem.instance
        missing = [name for name in required if name not in given]
        return f"{where}: {', '.join(missing)} must be given"
    return f"{where}: {shown(problem.message, _LONGEST)}"


def _properties(problem: "ValidationError") -> dict[str, Any]:
    """What the schema that was not met knows by name."""
    schema: Any = problem.schema
    return dict(schema.get("properties", {}))


def _unknown_names(problem: "ValidationError") -> list[str]:
    """Names in the file that the schema does not know, where that is the problem."""
    if problem.validator != "additionalProperties":
        return []
    given: Any = problem.instance
    return [str(name) for name in given if name not in _properties(problem)]


def line_of(text: str, path: Sequence[str | int]) -> int:
    """Line (from 1) of the node that `path` leads to, or of the deepest part of it that exists."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line if node else 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            key, node = found[0]
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1
