"""What the project's own linters report, and the exceptions to it.

Exceptions are entries of [[tool.flywheel.lint.exceptions]] in pyproject.toml. One that excepts
nothing any more is itself a finding.
"""

import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SETTINGS = "pyproject.toml"
NATRIX_PREFIX = "NTX"


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of `rule`. `path` is relative to the project; line 0 means the whole file."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message} [{self.rule}]"


def at(root: Path, source: Path, line: int, rule: str, message: str) -> Finding:
    """A finding in `source`; a file outside of `root` keeps its absolute path."""
    path = source.relative_to(root) if source.is_relative_to(root) else source
    return Finding(path.as_posix(), line, rule, message)


@dataclass(frozen=True)
class Pardon:
    """Findings of `rule` in `path` that may stand, because of `reason`.

    With `about`, only those whose message contains it.
    """

    path: str
    rule: str
    reason: str
    about: str = ""

    def covers(self, finding: Finding) -> bool:
        same = (self.path, self.rule) == (finding.path, finding.rule)
        return same and self.about in finding.message


def pardons(root: Path) -> list[Pardon]:
    """The exceptions of the project in `root`. TypeError or ValueError for a faulty entry."""
    settings = tomllib.loads((root / SETTINGS).read_text())
    lint = settings.get("tool", {}).get("flywheel", {}).get("lint", {})
    entries = [Pardon(**entry) for entry in lint.get("exceptions", [])]
    for entry in entries:
        if not entry.reason.strip():
            raise ValueError(
                f"{SETTINGS}: the exception of {entry.path} from {entry.rule} has no reason"
            )
    return entries


def apply_pardons(findings: Iterable[Finding], granted: Iterable[Pardon]) -> list[Finding]:
    """What is not excepted, and a finding for each exception that excepts nothing; sorted."""
    left = list(findings)
    for pardon in granted:
        kept = [one for one in left if not pardon.covers(one)]
        if len(kept) == len(left):
            message = f"the exception of {pardon.path} from {pardon.rule} is not needed"
            kept.append(Finding(SETTINGS, 0, "unused-exception", message))
        left = kept
    return sorted(left)


def report(linter: str, findings: list[Finding], clean: str) -> int:
    """Prints to the console and returns the exit status."""
    if not findings:
        print(f"{linter}: {clean}")
        return 0
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"{linter}: {len(findings)} finding{'s' if len(findings) > 1 else ''}", file=sys.stderr)
    return 1
