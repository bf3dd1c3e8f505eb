"""Source rules that need no compiler: bytes, pragmas, names, lengths.

The numbers are those of the compiler's published faults (CVE-2026-...); no release fixes them.
"""

import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools import paths
from tools.findings import Finding, at

MAX_LINES = 500
PRAGMA_VERSION = "# pragma version 0.4.3"
PRAGMA_LOCK = "# pragma nonreentrancy on"
# All that the compiler or an older one takes for a pragma.
ANY_PRAGMA = re.compile(r"\s*#\s*(pragma\b|@version\b)")
EXPERIMENTAL = re.compile(r"experimental[-_]codegen|venom[-_]experimental|enable[-_]venom")
SETTINGS_FILES = ("ape-config.yaml", "pyproject.toml", "Makefile", ".ci/run")

DEPLOYABLE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
MODULE_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
INTERFACE_NAME = re.compile(r"I[A-Z][A-Za-z0-9]*")
# Names that Python prescribes.
COMMON_STEMS = {"__init__", "__main__", "conftest"}
CODE_SUFFIXES = {".vy", ".vyi", ".py"}
CODE_FOLDERS = ("contracts", "interfaces", "flywheel", "scripts", "tools", "tests", "benchmarks")

# What str.splitlines takes for the end of a line; the compiler's two parsers do not agree on it.
FOREIGN_SEPARATORS = re.compile("[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def source_bytes(root: Path, source: Path) -> Iterator[Finding]:
    """Only 0x0A and 0x20 to 0x7E: no tab, no other separator, only ASCII (114114, 114116)."""
    for number, line in enumerate(source.read_bytes().split(b"\n"), start=1):
        odd = sorted({byte for byte in line if not 0x20 <= byte <= 0x7E})
        if odd:
            shown = ", ".join(f"0x{byte:02X}" for byte in odd)
            yield at(root, source, number, "source-bytes", f"byte {shown} in the source")


def library_bytes(root: Path, source: Path) -> Iterator[Finding]:
    """Imported text may say what it likes in comments, but never end a line in another way.

    A separator makes code of the rest of a comment. Other characters there, and in docstrings, are
    harmless: nothing that is compiled stands behind them on their line.
    """
    text = source.read_bytes().decode("utf-8")
    for number, line in enumerate(text.split("\n"), start=1):
        if FOREIGN_SEPARATORS.search(line):
            yield at(root, source, number, "library-bytes", "a line separator other than 0x0A")
    for number in _non_ascii_code_lines(text):
        yield at(root, source, number, "library-bytes", "non-ASCII text outside of comments")


def _non_ascii_code_lines(text: str) -> Iterator[int]:
    is_line_start = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_docstring = token.type == tokenize.STRING and is_line_start
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            if not token.string.isascii() and not is_docstring:
                yield token.start[0]
            is_line_start = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def pragmas(root: Path, source: Path) -> Iterator[Finding]:
    """The exact compiler, the lock, nothing else: the EVM version is in ape-config.yaml."""
    lines = source.read_text(errors="replace").split("\n")
    if lines[0] != PRAGMA_VERSION:
        yield at(root, source, 1, "pragma-version", f"the first line is not `{PRAGMA_VERSION}`")
    allowed = {PRAGMA_VERSION}
    if source.suffix == ".vy":
        allowed.add(PRAGMA_LOCK)
        if PRAGMA_LOCK not in lines[:2]:
            message = f"the second line is not `{PRAGMA_LOCK}`"
            yield at(root, source, 2, "nonreentrancy-on", message)
    for number, line in enumerate(lines, start=1):
        if not ANY_PRAGMA.match(line) or line in allowed:
            continue
        if EXPERIMENTAL.search(line):
            yield at(root, source, number, "experimental-codegen", "experimental code generation")
        elif "nonreentrancy" not in line and number > 1:
            yield at(root, source, number, "extra-pragma", f"unexpected pragma `{line.strip()}`")


def experimental_settings(root: Path) -> Iterator[Finding]:
    """No build switches the experimental code generator on."""
    for name in SETTINGS_FILES:
        settings = root / name
        if not settings.is_file():
            continue
        for number, line in enumerate(settings.read_text().split("\n"), start=1):
            if EXPERIMENTAL.search(line):
                message = "experimental code generation"
                yield at(root, settings, number, "experimental-codegen", message)


def file_names(root: Path, source: Path) -> Iterator[Finding]:
    """CamelCase is deployed, snake_case a module, I<Contract> an interface; the build needs it."""
    stem = source.stem
    if source.suffix == ".vyi":
        if not INTERFACE_NAME.fullmatch(stem) or source.parent != root / "interfaces":
            message = "an interface is interfaces/I<Contract>.vyi"
            yield at(root, source, 0, "file-name", message)
    elif not (DEPLOYABLE_NAME.fullmatch(stem) or MODULE_NAME.fullmatch(stem)):
        message = "a contract is CamelCase.vy, a module snake_case.vy"
        yield at(root, source, 0, "file-name", message)


def code_files(root: Path) -> list[Path]:
    """The project's own Vyper and Python files."""
    return sorted(
        file
        for folder in CODE_FOLDERS
        for file in (root / folder).rglob("*")
        if file.suffix in CODE_SUFFIXES and file.is_file()
    )


def file_length(root: Path, source: Path) -> Iterator[Finding]:
    count = source.read_bytes().count(b"\n")
    if count > MAX_LINES:
        message = f"{count} lines; split it before {MAX_LINES}"
        yield at(root, source, 0, "file-length", message)


def unique_stems(root: Path, sources: Iterable[Path]) -> Iterator[Finding]:
    """A contract is known by its stem alone in Ape, a test and a tool in talk.

    The Python half does not count: its modules are known by their room and stem, and the same room
    of the contracts may have the same stem. Nor do scripts, as `ape run` makes commands of their
    names, nor kits of tests, which have the names of the rooms that they are for.
    """
    named_otherwise = (root / "flywheel", root / "scripts", root / "tests" / "kits")
    by_stem: dict[str, list[Path]] = defaultdict(list)
    for source in sources:
        if source.stem in COMMON_STEMS or any(
            source.is_relative_to(one) for one in named_otherwise
        ):
            continue
        by_stem[source.stem].append(source)
    for stem, same in by_stem.items():
        for source in same[1:]:
            other = same[0].relative_to(root).as_posix()
            yield at(root, source, 0, "unique-stem", f"the stem `{stem}` is taken by {other}")


def check(root: Path = paths.ROOT) -> list[Finding]:
    """All of the above over `root`, but `library_bytes`: that is for whoever knows the imports."""
    findings = list(experimental_settings(root))
    for source in [*paths.vyper_sources(root), *paths.interfaces(root)]:
        findings += source_bytes(root, source)
        findings += pragmas(root, source)
        findings += file_names(root, source)
    sources = code_files(root)
    for source in sources:
        findings += file_length(root, source)
    findings += unique_stems(root, sources)
    return findings
