"""Runs the commands of scripts/ in this process, as `ape run` would."""

import runpy
import shlex
from functools import cache
from typing import Any

import click
from click.testing import CliRunner, Result

from tests.support import ROOT


@cache
def command_of(name: str) -> click.Command:
    """The `cli` of scripts/<name>.py."""
    command: Any = runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))["cli"]
    assert isinstance(command, click.Command)
    return command


def run(name: str, *arguments: str, network: str | None = None) -> Result:
    """`ape run <name> <arguments>`; standard output and error are in `output`."""
    options = ["--network", network] if network else []
    return CliRunner().invoke(command_of(name), [*arguments, *options])


def run_line(line: str, variables: dict[str, str]) -> Result:
    """Runs one line of a shell block that begins with `ape run`, after putting in its variables.

    Standard output and error stay apart, in `stdout` and `stderr`.
    """
    for name, value in variables.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line)
    assert words[:2] == ["ape", "run"], line
    return CliRunner(mix_stderr=False).invoke(command_of(words[2]), words[3:])
