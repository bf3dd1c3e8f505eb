"""Prints docs/ECONOMICS.md for a parameters file: make economics PARAMETERS=<file>."""

import argparse
import sys
from pathlib import Path
from typing import Any

from flywheel.deploy import parameters
from flywheel.economics.assumptions import AXES, KNOBS, Assumptions, Axes, with_knobs
from flywheel.economics.rules import Rules
from flywheel.economics.tables import render
from flywheel.errors import FlywheelError

DEFAULT = Path("parameters/mainnet.yaml")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make economics",
        description=__doc__,
        epilog=_knobs(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parameters", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument(
        "--set",
        dest="knobs",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a knob of those below",
    )
    parser.add_argument("--write", type=Path, help="file that gets the page; printed without it")
    options = parser.parse_args(arguments)
    try:
        rules = Rules.of(parameters.load(options.parameters))
        assumptions, axes = with_knobs(Assumptions.of(rules), Axes(), tuple(options.knobs))
        page = render(rules, assumptions, axes, options.parameters.as_posix())
    except FlywheelError as error:
        print(f"economics: {error}", file=sys.stderr)
        return 1
    if options.write is None:
        print(page, end="")
    else:
        options.write.write_text(page, encoding="utf-8")
    return 0


def _values(axis: Any) -> str:
    return ",".join(f"{value:g}" for value in axis.default)


def _knobs() -> str:
    """All knobs with their values and meanings, for the help."""
    lines = ["knobs:"]
    for knob in KNOBS:
        lines.append(f"  {knob.name}={knob.default:g}")
        lines.append(f"      {knob.metadata['meaning']}")
    lines.append("rows and columns of the tables:")
    for axis in AXES:
        lines.append(f"  {axis.name}={_values(axis)}")
        lines.append(f"      {axis.metadata['meaning']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
