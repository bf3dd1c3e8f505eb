"""YAML files that are checked against a schema; errors name file, line and reason."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from flywheel.errors import FlywheelError
from flywheel.reading import strict_yaml, texts
from flywheel.reading.texts import shown

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMAS = Path(__file__).parent / "schemas"


# How much of a value an error repeats.
_LONGEST = 300


def load(path: Path, schema: str) -> dict[str, Any]:
    """Reads `path` and checks it against `schemas/<schema>.json`.

    Raises `FlywheelError` "<file>, line <n>: <reason>" when the file is missing, is not YAML, or
    does not fit the schema.
    """
    from jsonschema.exceptions import best_match

    text = texts.read_text(path)
    data = strict_yaml.load(text, path)
    problem = best_match(_validator(schema).iter_errors(data))
    if problem is not None:
        line = line_of(text, [*problem.absolute_path, *_unknown_names(problem)[:1]])
        raise FlywheelError(f"{path}, line {line}: {_reason(problem)}.")
    return dict(data)


def misfit(path: Path, where: list[str | int], reason: str) -> FlywheelError:
    """For what the schema cannot know: "<file>, line <n>: <where>: <reason>." """
    line = line_of(texts.read_text(path), where)
    place = ".".join(map(str, where))
    return FlywheelError(f"{path}, line {line}: {place}: {shown(reason.rstrip('.'), _LONGEST)}.")


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


def line_of(text: str, path: list[str | int]) -> int:
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
