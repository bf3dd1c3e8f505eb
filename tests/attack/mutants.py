"""Contracts with one defence taken out, to show that an attack test would see the attack succeed.

def test_refund__reentered__pays_once():
    assert attack(deployer_of("FundingRounds")) == 0

def test_refund__reentered__mutant_pays_twice():
    mutant = mutate("FundingRounds", "# pragma nonreentrancy on", "# pragma nonreentrancy off")
    assert attack(mutant) > 0
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boa
from boa import interpret
from vyper.compiler.settings import OptimizationLevel

from tests.support import ROOT

# EIP-170 allows 24,576 bytes, with the immutables that are appended to the code.
MAX_CODE_BYTES = 24_576 - 1_024
# What backs every ledger when it skims.
SOLVENT = 'assert staticcall ITreasury(treasury).is_solvent(self), "skim takes what is owed"'
# Stems of contracts that turned out to need the optimiser to fit.
_LARGE: set[str] = set()


@lru_cache(maxsize=4)
def mutate(stem: str, old: str, new: str, *, module: str | None = None) -> Any:
    """The deployer of `<stem>.vy`, compiled with `old` replaced by `new` in it or in `<module>.vy`.

    Raises ValueError unless `old` occurs exactly once, so that a mutant never goes stale unseen.
    """
    return mutate_all(stem, ((module or stem, old, new),))


@lru_cache(maxsize=4)
def mutate_all(stem: str, changes: tuple[tuple[str, str, str], ...]) -> Any:
    """Like `mutate` for several `(file stem, old, new)` at once: defences that back each other."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        root = Path(folder).resolve()
        for tree in ("contracts", "interfaces"):
            shutil.copytree(ROOT / tree, root / tree)
        for file_stem, old, new in changes:
            _replace_once(_source_of(root, file_stem), old, new)
        # A relative path is the same on every run, so that boa's disk cache finds the mutant again.
        with _compiling_in(root):
            path = str(_source_of(root, stem).relative_to(root))
            # Half of the compiler's time goes into optimising, and a mutant runs once or twice.
            if stem not in _LARGE and "# pragma optimize" not in Path(path).read_text():
                quick = boa.load_partial(path, compiler_args={"optimize": OptimizationLevel.NONE})
                if len(quick.compiler_data.bytecode_runtime) <= MAX_CODE_BYTES:
                    return quick
                _LARGE.add(stem)
            return boa.load_partial(path)


def check_changes(changes: tuple[tuple[str, str, str], ...]) -> None:
    """Raises ValueError, without compiling, unless the `old` of each change occurs exactly once.

    Called where changes are listed, it shows when the tests are collected that a defence was
    written anew.
    """
    for file_stem, old, _ in changes:
        found = _text_of(file_stem).count(old)
        if found != 1:
            raise ValueError(f"{old!r} occurs {found} times in {file_stem}.vy, not once")


@dataclass(frozen=True)
class Case:
    """An attack, and the defence without which it gains: `old` becomes `new` in `<module>.vy`, the
    contract itself unless given. `backup`: further such changes, of defences that back the first.
    """

    attack: Callable[..., Any]
    old: str
    new: str = "pass"
    module: str = ""
    stem: str = ""
    backup: tuple[tuple[str, str, str], ...] = ()

    def __post_init__(self) -> None:
        check_changes(((self.module or self.stem, self.old, self.new), *self.backup))

    def mutant(self) -> Any:
        change = (self.module or self.stem, self.old, self.new)
        return mutate_all(self.stem, (change, *self.backup))


def _source_of(root: Path, stem: str) -> Path:
    (path,) = (root / "contracts").rglob(f"{stem}.vy")
    return path


@lru_cache
def _text_of(file_stem: str) -> str:
    return _source_of(ROOT, file_stem).read_text(encoding="ascii")


def _replace_once(path: Path, old: str, new: str) -> None:
    source = path.read_text(encoding="ascii")
    if source.count(old) != 1:
        raise ValueError(f"{old!r} occurs {source.count(old)} times in {path.name}, not once")
    path.write_text(source.replace(old, new), encoding="ascii")


@contextmanager
def _compiling_in(root: Path) -> Iterator[None]:
    """Makes imports resolve under `root` before anywhere else in the project."""
    previous = interpret._search_path
    interpret.set_search_paths([str(root)])
    try:
        with chdir(root):
            yield
    finally:
        interpret.set_search_paths(previous)
