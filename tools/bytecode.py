"""Compiles each deployable with warnings as errors, and measures what it puts on chain."""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from tools import paths

# EIP-170 allows 24,576; the rest is room for the repair of a contract that turns out to need one.
RUNTIME_LIMIT = 24_000
# EIP-3860. Constructor arguments come on top, so this is not the last byte either.
INIT_CODE_LIMIT = 48_000
PROCESSES = 2


class CompilationError(Exception):
    """The compiler's own message, errors and warnings."""


@dataclass(frozen=True)
class Size:
    """Bytes of one deployable: the code, and the immutables that its constructor appends to it."""

    name: str
    runtime: int
    immutables: int
    init_code: int

    @property
    def deployed(self) -> int:
        return self.runtime + self.immutables

    @property
    def is_within_limits(self) -> bool:
        return self.deployed <= RUNTIME_LIMIT and self.init_code <= INIT_CODE_LIMIT


def evm_version(root: Path = paths.ROOT) -> str:
    """The one that Ape compiles for, so that the measured code is the deployed code."""
    config = yaml.safe_load((root / "ape-config.yaml").read_text())
    return str(config["vyper"]["evm_version"])


def run_vyper(source: str, formats: str, root: Path, *options: str) -> list[str]:
    """What the compiler writes for `source`, a line for each of `formats`, in the project's EVM
    version. Raises CompilationError with the compiler's text."""
    command = ["vyper", *options, "--evm-version", evm_version(root), "-f", formats, source]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise CompilationError(result.stderr.strip() or result.stdout.strip())
    return result.stdout.strip().splitlines()


def compile_strictly(source: Path, root: Path = paths.ROOT) -> Size:
    """Compiles `source`. Raises CompilationError with the compiler's text, also for a warning."""
    init_code, runtime, layout = run_vyper(
        source.relative_to(root).as_posix(), "bytecode,bytecode_runtime,layout", root, "-W", "error"
    )
    return Size(
        name=source.stem,
        runtime=_byte_count(runtime),
        immutables=_immutable_bytes(json.loads(layout).get("code_layout", {})),
        init_code=_byte_count(init_code),
    )


def _byte_count(hexadecimal: str) -> int:
    return len(bytes.fromhex(hexadecimal.removeprefix("0x")))


def _immutable_bytes(layout: dict) -> int:
    """Sums the leaves of the layout, which nests the immutables of imported modules by name."""
    if isinstance(layout.get("length"), int):
        return int(layout["length"])
    return sum(_immutable_bytes(part) for part in layout.values() if isinstance(part, dict))


def compile_all(sources: list[Path]) -> tuple[list[Size], dict[Path, str]]:
    """The sizes of those that compile without warnings, and the compiler's text for the others."""
    sizes: list[Size] = []
    faults: dict[Path, str] = {}

    def attempt(source: Path) -> Size | CompilationError:
        try:
            return compile_strictly(source)
        except CompilationError as error:
            return error

    with ThreadPoolExecutor(PROCESSES) as pool:
        for source, result in zip(sources, pool.map(attempt, sources), strict=True):
            if isinstance(result, Size):
                sizes.append(result)
            else:
                faults[source] = str(result)
    return sizes, faults


def table(sizes: list[Size]) -> Table:
    """The largest first."""
    result = Table(title=f"Runtime byte code (limit {RUNTIME_LIMIT:,} bytes)")
    result.add_column("contract")
    for heading in ("deployed", "code", "immutables", "room", "init code"):
        result.add_column(heading, justify="right")
    for size in sorted(sizes, key=lambda one: (-one.deployed, one.name)):
        figures = (
            size.deployed,
            size.runtime,
            size.immutables,
            RUNTIME_LIMIT - size.deployed,
            size.init_code,
        )
        style = None if size.is_within_limits else "bold red"
        result.add_row(size.name, *(f"{figure:,}" for figure in figures), style=style)
    return result


def _report_faults(faults: dict[Path, str]) -> None:
    for source, message in faults.items():
        name = source.relative_to(paths.ROOT).as_posix()
        print(f"{name}: does not compile without warnings\n{message}\n", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=("warnings", "size"))
    options = parser.parse_args(arguments)
    sources = paths.deployables()
    if options.job == "size":
        sources = [source for source in sources if not paths.is_mock(source)]
    sizes, faults = compile_all(sources)
    _report_faults(faults)
    if options.job == "warnings":
        if not faults:
            print(f"vyper -W error: {len(sizes)} deployables compile without a warning")
        return 1 if faults else 0
    console = Console()
    console.print(table(sizes))
    too_large = [size.name for size in sizes if not size.is_within_limits]
    if too_large:
        print(f"size: too large: {', '.join(sorted(too_large))}", file=sys.stderr)
    return 1 if faults or too_large else 0


if __name__ == "__main__":
    sys.exit(main())
