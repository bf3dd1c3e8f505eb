"""Rated powers of hardware and intensities of grids, each with its published source.

The tables are `sources.yaml`. A figure that is not there is given with its source by whoever
reports; nothing is guessed.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from flywheel.errors import fix
from flywheel.reading import strict_yaml, texts
from flywheel.reading.texts import shown

PATH = Path(__file__).with_name("sources.yaml")


@dataclass(frozen=True)
class Hardware:
    """What one piece draws at most, as its maker rates it (TDP) or measured it."""

    name: str
    watts: int
    source: str


@dataclass(frozen=True)
class Grid:
    """Average gCO2e per kWh of a country's electricity in one year; `region` is ISO 3166 alpha-3.

    `exact`: the published figure, of which `grams_per_kwh` is rounded up.
    """

    region: str
    country: str
    year: int
    exact: str
    grams_per_kwh: int
    source: str


def hardware(name: str) -> Hardware:
    """The hardware of this name, in capitals or not. Raises `FlywheelError`, naming the nearest."""
    return _found(name, all_hardware(), "hardware", "Give watts and watts_source")


def grid(region: str) -> Grid:
    """The grid of this country. Raises `FlywheelError`, naming the nearest."""
    return _found(region, all_grids(), "region", "Give grams_per_kwh and source")


def _found(name: str, known: dict[str, Any], what: str, remedy: str) -> Any:
    by_key = {key.lower(): item for key, item in known.items()}
    found = by_key.get(name.lower())
    if found is None:
        close = get_close_matches(name.lower(), by_key, n=1)
        near = f"; the nearest is {_key(by_key[close[0]])}" if close else ""
        raise fix(f"{what} '{shown(name)}' is not in the table{near}", remedy)
    return found


def _key(item: Hardware | Grid) -> str:
    return item.name if isinstance(item, Hardware) else item.region


@cache
def all_hardware() -> dict[str, Hardware]:
    """By name."""
    rows = _tables()["hardware"]
    return {row["name"]: Hardware(row["name"], row["watts"], row["source"]) for row in rows}


@cache
def all_grids() -> dict[str, Grid]:
    """By the country's code."""
    found = {}
    for table in _tables()["grids"]:
        for region, (country, exact) in table["grams_per_kwh"].items():
            grams = math.ceil(Decimal(exact))
            found[region] = Grid(region, country, table["year"], exact, grams, table["source"])
    return found


@cache
def _tables() -> dict[str, Any]:
    return dict(strict_yaml.load(texts.read_text(PATH), PATH))
