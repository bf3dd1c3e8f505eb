"""Measures, writes results.json and RESULTS.md, and fails if a target is missed: `make bench`."""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import node, page, peers, scaling
from benchmarks import peers_world as worlds
from benchmarks.rows import BENCHES, OURS, Row
from flywheel.errors import FlywheelError
from tools.solidity import SETTINGS

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
LARGE_RESULTS = HERE / "scaling.json"
PAGE = HERE / "RESULTS.md"
DOMAINS = ("tokens", "votes", "royalties", "income", "rewards", "rounds", "evaluations", "grants")


def measure(world: worlds.World) -> Iterator[tuple[str, str, str, int]]:
    """(operation, state, subject, gas) of every benchmark."""
    for operation, bench in BENCHES.items():
        with world.node.undone():
            for state, subject, gas in bench(world):
                yield operation, state, subject, gas


def measure_scaling(world: worlds.World, sizes: tuple[int, ...]) -> list[Row]:
    return [
        Row(operation, scaling.state(size), OURS, gas, None)
        for operation, size, gas in scaling.measure(world, sizes)
    ]


def write(path: Path, rows: list[Row]) -> None:
    lines = ",\n".join(f"  {json.dumps(row.plain())}" for row in rows)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    return [Row(**line) for line in json.loads(path.read_text(encoding="utf-8"))]


def versions(client: str) -> dict[str, str]:
    return {
        "node": client.replace("/", " "),
        "hardfork": node.HARDFORK.capitalize(),
        "vyper": version("vyper"),
        "openzeppelin": peers.version("@openzeppelin/contracts"),
        "solc": peers.version("solc"),
        "evm": str(SETTINGS["evmVersion"]),
        "asset_decimals": str(worlds.DECIMALS),
    }


def table(verdicts: list[page.Verdict]) -> Table:
    result = Table(title="gasUsed of whole transactions")
    result.add_column("operation")
    for heading in ("ours", "best other", "ratio", "limit", "must reach", "reached"):
        result.add_column(heading, justify="right")
    for one in verdicts:
        gas = (one.ours, one.best_peer, one.operation.limit, one.operation.must_reach)
        ours, peer, limit, target = ("" if value is None else f"{value:,}" for value in gas)
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        style = "bold red" if one.reached == page.MISSED else None
        cells = (one.operation.operation, ours, peer, ratio, limit, target, one.reached)
        result.add_row(*cells, style=style)
    return result


def run(large: bool) -> int:
    operations, exceptions = page.load_operations(), page.load_exceptions()
    for domain in DOMAINS:
        import_module(f"benchmarks.gas_of_{domain}")
    with node.running() as chain:
        world = worlds.build(chain)
        client = str(chain.rpc("web3_clientVersion"))
        if large:
            # Against the smallest, so that the two are of the same contracts.
            write(LARGE_RESULTS, measure_scaling(world, (scaling.SIZES[0], scaling.LARGE)))
        else:
            rows = page.to_rows(operations, measure(world))
            write(RESULTS, rows + measure_scaling(world, scaling.SIZES))
    rows = read(RESULTS)
    small, others = scaling.by_size(rows), scaling.by_size(read(LARGE_RESULTS))
    rows = [row for row in rows if scaling.size_of(row) is None]
    verdicts = page.judge(operations, rows, exceptions)
    lines = page.scaling_table(small, others)
    text = page.render(verdicts, rows, exceptions, lines, versions(client))
    PAGE.write_text(text, encoding="utf-8")
    Console(width=110).print(table(verdicts))
    found = page.scaling_faults(others if large else small)
    if not large:
        found += page.faults(verdicts, exceptions)
    for name in page.stale(verdicts, exceptions):
        print(f"bench: {name} in benchmarks/exceptions.yaml is no exception any more")
    for fault in found:
        print(f"bench: {fault}", file=sys.stderr)
    return 1 if found else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="only the scaling rows among 10,000 others"
    )
    options = parser.parse_args(arguments)
    try:
        return run(options.large)
    except FlywheelError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
