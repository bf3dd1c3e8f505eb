"""YAML of people: no name twice, nothing read as what it does not look like, nothing that explodes.

YAML 1.1 takes 010 for eight, 1:30 for ninety, 0x12 for eighteen and 2025-02-30 for a date. A file
of ours that says so is refused; in the head of a model card, which others read as well, these stay
what they are, because only its texts are used.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from flywheel.errors import fix
from flywheel.reading import texts
from flywheel.reading.texts import shown
from flywheel.reading.values import MAX_DEPTH, MAX_DIGITS

_TAG = "tag:yaml.org,2002:"
_TEXT, _MERGE = f"{_TAG}str", f"{_TAG}merge"
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_ORDINARY = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
# What names that stand for other parts may grow to, and how long a file may be: our largest has
# some 1,500 parts and 20,000 characters.
MAX_PARTS = 100_000
MAX_CHARACTERS = 1_000_000


class _Fault(Exception):
    """What is wrong in which line (from 0), and what to do."""

    def __init__(self, node: yaml.Node, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.line = int(node.start_mark.line)
        self.problem, self.remedy = problem, remedy


class _Repeated(Exception):
    """A mapping has a name twice, in these lines (from 0)."""

    def __init__(self, name: str, line: int, before: int) -> None:
        super().__init__(name)
        self.name, self.line, self.before = name, line, before


class _Loader(yaml.SafeLoader):
    """Whatever a constructor raises names its line, and nothing lies too deep."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            assert parent is not None
            raise _Fault(parent, "it is nested too deeply", "Write a flatter one")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            kind = node.tag.removeprefix(_TAG)
            what = "a date" if kind == "timestamp" else f"a value of the kind '{kind}'"
            said = shown(node.value) if isinstance(node, yaml.ScalarNode) else "This"
            raise _Fault(
                node, f"'{said}' looks like {what}, and is none", "Write it in quotes"
            ) from None


def load(text: str, path: Path | str, first_line: int = 1, is_card: bool = False) -> Any:
    """What `text` says, which begins in line `first_line` of `path`.

    `is_card`: what the head of a model card may hold beside what our own files do.
    Raises `FlywheelError` "<file>, line <n>: <reason>".
    """
    if len(text) > MAX_CHARACTERS:
        raise fix(f"{path} has {len(text):,} characters", f"Write at most {MAX_CHARACTERS:,}")
    texts.refuse_controls(text, path, first_line)
    line, remedy = 0, "Mend the YAML"
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _Inspection(is_card).parts_of(node)
        return loader.construct_document(node)
    except _Fault as fault:
        line, problem, remedy = fault.line, fault.problem, fault.remedy
    except _Repeated as fault:
        line, remedy = fault.line, "Keep one of them"
        before = first_line + fault.before
        problem = f"'{shown(fault.name)}' was given in line {before} already"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        problem = error.problem or "this is no YAML"
        if problem.startswith("but "):
            problem = f"{error.context}, {problem}"
    except yaml.reader.ReaderError as error:
        line = texts.line_at(text[: error.position]) - 1
        problem = f"it holds U+{ord(text[error.position]):04X}, which is no character"
    except (ValueError, OverflowError):
        # An escape beyond Unicode, in which the parser fails without a mark.
        line, problem = _bad_escape(text), "an escape stands for no character"
    raise fix(f"{path}, line {first_line + line}: {problem}", remedy)


def _bad_escape(text: str) -> int:
    found = re.search(r"\\U(?!0010|000)", text)
    return texts.line_at(text[: found.start()]) - 1 if found else 0


class _Inspection:
    """Looks at every part before anything is made of it."""

    def __init__(self, is_card: bool) -> None:
        self.is_card = is_card
        # By the identity of a node, which a name may stand for many times; 0 while inside it.
        self.sizes: dict[int, int] = {}

    def parts_of(self, node: yaml.Node) -> int:
        """How many parts it has once every name is replaced by what it stands for."""
        known = self.sizes.get(id(node))
        if known is not None:
            if not known:
                raise _Fault(node, "it holds itself", "Write out what is meant")
            return known
        self.sizes[id(node)] = 0
        size = 1
        if isinstance(node, yaml.MappingNode):
            self._names(node)
            size += sum(self.parts_of(value) + 1 for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(map(self.parts_of, node.value))
        else:
            self._scalar(node)
        if not self.is_card and node.tag not in _ORDINARY:
            self._odd(node)
        if size > MAX_PARTS:
            raise _Fault(node, f"it has more than {MAX_PARTS:,} parts", "Write a smaller one")
        self.sizes[id(node)] = size
        return size

    def _names(self, node: yaml.MappingNode) -> None:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "This"
            is_text = isinstance(key, yaml.ScalarNode) and key.tag in (_TEXT, _MERGE)
            if not is_text and not (self.is_card and isinstance(key, yaml.ScalarNode)):
                raise _Fault(key, f"'{shown(name)}' is no name", "Write it in quotes")
            self._scalar(key)
            line = int(key.start_mark.line)
            if (key.tag, name) in lines:
                raise _Repeated(name, line, lines[key.tag, name])
            lines[key.tag, name] = line

    def _scalar(self, node: yaml.Node) -> None:
        value = str(node.value)
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise _Fault(node, "an escape stands for no character", "Write the character itself")
        if self.is_card:
            return
        if node.tag == f"{_TAG}int" and value.startswith("0x"):
            raise _Fault(
                node,
                f"'{shown(value)}' would be read as a number: write an address in quotes",
                "Likewise a hash",
            )
        if node.tag == f"{_TAG}int" and not (
            _DECIMAL.fullmatch(value) and len(value) <= MAX_DIGITS
        ):
            raise _Fault(
                node,
                f"'{shown(value)}' would be read as another number, or is too long for one",
                "Write it in decimal digits without zeros before them, or in quotes",
            )
        if node.tag == f"{_TAG}float":
            self._fraction(node, value)

    def _fraction(self, node: yaml.Node, value: str) -> None:
        try:
            written = Decimal(value.replace("_", ""))
            is_kept = len(value) <= MAX_DIGITS and written == Decimal(repr(float(written)))
        except ArithmeticError:
            is_kept = False
        if not is_kept:
            raise _Fault(
                node, f"'{shown(value)}' would be read as another number", "Write it in quotes"
            )

    def _odd(self, node: yaml.Node) -> None:
        said = shown(node.value) if isinstance(node, yaml.ScalarNode) else "This"
        kind = node.tag.removeprefix(_TAG)
        what = "a date" if kind == "timestamp" else f"'{kind}'"
        raise _Fault(node, f"'{said}' would be read as {what}", "Write it in quotes")
