"""Prints docs/ECONOMICS.md for a parameters file: make economics PARAMETERS=<file>."""

import argparse
import sys
from pathlib import Path

from flywheel import parameters
from flywheel.economics.assumptions import Assumptions, with_knobs
from flywheel.economics.rules import Rules
from flywheel.economics.tables import render
from flywheel.errors import FlywheelError

DEFAULT = Path("parameters/mainnet.yaml")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make economics", description=__doc__)
    parser.add_argument("parameters", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument(
        "--set", dest="knobs", action="append", default=[], help="a knob, as name=value"
    )
    parser.add_argument("--write", type=Path, help="file that gets the page; printed without it")
    options = parser.parse_args(arguments)
    try:
        rules = Rules.of(parameters.load(options.parameters))
        assumptions = with_knobs(Assumptions(), tuple(options.knobs))
        page = render(rules, assumptions, options.parameters.as_posix())
    except FlywheelError as error:
        print(f"economics: {error}", file=sys.stderr)
        return 1
    if options.write is None:
        print(page, end="")
    else:
        options.write.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
