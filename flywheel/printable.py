"""Texts of others, made safe to show: what anybody can put on chain or into a file may hold escape
codes, line breaks or marks that turn the direction of writing, and forge what a terminal shows."""

from typing import Any


def on_lines(value: Any) -> str:
    """`value` as text: line breaks stay, every other character that cannot be printed is "?"."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def on_one_line(value: Any) -> str:
    """`value` as text of one line: what cannot be printed, line breaks too, is "?"."""
    return on_lines(value).replace("\n", "?")
