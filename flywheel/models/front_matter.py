"""The two halves of a model card: the YAML at its head, as Hugging Face finds it, and its text.

Where the head begins and ends is decided by the expression of huggingface_hub, "exact same as in
the Hub server", so what a page there says of a model is what is registered of it. What the Hub
would pass over in silence (a head that it does not find, a name given twice) is refused here:
parents that vanish are not paid.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from flywheel import documents
from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_yaml, texts
from flywheel.reading.texts import line_at, shown

# A line that means to open a head; one of more strokes is a ruler.
_OPENS = re.compile(r"[\s\ufeff\u200b-\u200f\u2060]*---(?!-)")
_EMPTY = re.compile(r"\s*---(\r\n|\n|\r)---(\r\n|\n|\r|$)")
# How far into a card its heading is looked for, in characters.
SEARCHED = 100_000
# The headings of cards that nobody filled in: "Model Card for Model ID" of Hugging Face's template.
_TEMPLATE = re.compile(
    r"(model card( for)?( model id)?|model id|model name|\[?more information needed\]?)[:.]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FrontMatter:
    """The head of the card `path`: what it says, its text and the line in which that begins."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    first_line: int = 1

    def fault(self, key: str, problem: str, remedy: str) -> FlywheelError:
        """An error about the value of `key`, with its line."""
        line = self.first_line + documents.line_of(self.source, [key]) - 1
        return fix(f"{self.path}, line {line}: {key} {problem}", remedy)

    def text(self, key: str) -> str:
        """A value that is one text; empty if there is none. Raises `FlywheelError`."""
        value = self.data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.fault(key, f"is no text: {shown(value)}", f"Write {key}: and one text")
        return self._seen(key, value.strip())

    def names(self, key: str) -> list[str]:
        """A value that is one name or a list of them, each once. Raises `FlywheelError`."""
        value = self.data.get(key)
        items = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise self.fault(key, "is no name and no list of names", f"Write {key}: and a name")
        return list(dict.fromkeys(self._seen(key, item.strip()) for item in items))

    def index_name(self) -> str:
        """The name in `model-index`, where trainers write it; empty if it names several models."""
        index = self.data.get("model-index")
        models = index if isinstance(index, list) else []
        names = {str(model.get("name", "")) for model in models if isinstance(model, dict)}
        return names.pop().strip() if len(names) == 1 else ""

    def _seen(self, key: str, value: str) -> str:
        hidden = texts.unseen(value)
        if hidden:
            raise self.fault(
                key, f"holds a character that cannot be seen, {hidden}", "Write it again by hand"
            )
        return value


def split(path: Path, text: str) -> tuple[FrontMatter, str]:
    """The head of a card and its text. A card without a head has an empty one.

    Raises `FlywheelError` if there is a head that is not closed, no YAML, no mapping of texts, or
    names something twice.
    """
    opening = _OPENS.match(text)
    if opening is None:
        return FrontMatter(path), text
    # Some 0.3 s, which commands that read no card should not wait for.
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    head = REGEX_YAML_BLOCK.search(text)
    if head is None:
        empty = _EMPTY.match(text)
        if empty:
            return FrontMatter(path), text[empty.end() :]
        raise _not_understood(path, text, opening.end())
    first_line = line_at(text[: head.start(2)])
    source = head[2]
    data = strict_yaml.load(source, path, first_line, is_card=True)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise fix(
            f"{path}, line {first_line}: the front matter is no mapping", "Write it as key: value"
        )
    for key in data:
        if not isinstance(key, str):
            line = first_line + documents.line_of(source, [str(key)]) - 1
            raise fix(f"{path}, line {line}: '{shown(key)}' is no name", "Write it in quotes")
    return FrontMatter(path, data, source, first_line), text[head.end() :]


def _not_understood(path: Path, text: str, end: int) -> FlywheelError:
    """Why a head that was opened is none."""
    line = line_at(text[:end])
    rest = texts.LINE_BREAK.split(text[end:], maxsplit=1)[0]
    if rest:
        return fix(
            f"{path}, line {line}: the front matter opens with '---{shown(rest)}'",
            "Write --- alone in its line, without a blank behind it",
        )
    return fix(
        f"{path}, line {line}: the front matter has no end",
        "Close it with a line of ---, without a blank before or behind it",
    )


def heading_of(text: str) -> str:
    """The first heading of the first rank in a card's Markdown, without its markup; empty if there
    is none, or only that of a template which nobody filled in."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    tokens = parser.disable("inline").parse(text[:SEARCHED])
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open" and heading.tag == "h1" and not heading.level:
            (inline,) = MarkdownIt("commonmark").parseInline(content.content)
            parts = inline.children or []
            name = "".join(part.content for part in parts if part.type in ("text", "code_inline"))
            name = " ".join(name.split())
            if not name:
                continue
            return "" if _TEMPLATE.fullmatch(name) or "{{" in name else name
    return ""
