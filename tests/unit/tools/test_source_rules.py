"""Each rule of the project's own lint against a source that breaks it, and one that does not."""

from pathlib import Path
from textwrap import dedent

import pytest

from tools import ast_rules, findings, source_rules, text_rules

PRAGMAS = "# pragma version 0.4.3\n# pragma nonreentrancy on\n"
BODY = """
interface Other:
    def act(amount: uint256) -> uint256: nonpayable
    def look() -> uint256: view

struct Pair:
    left: uint256
    right: uint256

total: uint256
queue: DynArray[uint256, 4]
last: address

@internal
def _count() -> uint256:
    self.total += 1
    return self.total

@internal
@view
def _look() -> uint256:
    return self.total
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project, with folders for the sources that a test writes."""
    for folder in ("contracts/mocks", "contracts/token", "interfaces", "flywheel"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def write(project: Path, path: str, text: str | bytes) -> Path:
    file = project / path
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def function(statements: str, arguments: str = "") -> str:
    """A contract whose one external function has these statements."""
    body = "\n".join(f"    {line}" for line in dedent(statements).strip().split("\n"))
    return f"{PRAGMAS}{BODY}\n@external\n@payable\ndef f({arguments}):\n{body}\n"


def broken_rules(project: Path) -> set[str]:
    return {finding.rule for finding in source_rules.check(project)}


# Rule => pairs of a function's statements that break it, and statements that do not.
TREE_CASES = {
    "ternary-type": [
        (
            'name: String[4] = "ab" if self.total > 1 else "c"',
            "x: uint256 = 1 if self.total > 1 else 2",
        ),
        (
            "pair: Pair = Pair(left=1, right=2) if self.total > 1 else empty(Pair)",
            "who: address = self if self.total > 1 else msg.sender",
        ),
        (
            "queue: DynArray[uint256, 4] = self.queue if self.total > 1 else []",
            "queue: DynArray[uint256, 4] = self.queue",
        ),
    ],
    "or-with-call-data": [
        ("x: uint256 = self.total | msg.value", "x: uint256 = self.total | self._look()"),
        ("x: uint256 = len(msg.data) | self.total", "x: uint256 = len(msg.data) + self.total"),
        ("x: uint256 = (msg.value + 1) | self.total", "x: uint256 = msg.value & self.total"),
        ("x: uint256 = 1\nx |= msg.value", "x: uint256 = 1\nx |= 2"),
    ],
    "code-offset": [
        (
            """
            made: address = create_from_blueprint(self.last, code_offset=self.total)
            assert made.codesize > 0, "nothing was made"
            """,
            """
            made: address = create_from_blueprint(self.last, code_offset=3)
            assert made.codesize > 0, "nothing was made"
            """,
        ),
    ],
    "unchecked-create": [
        (
            "made: address = create_minimal_proxy_to(self.last)",
            """
            made: address = create_minimal_proxy_to(self.last)
            assert made.is_contract, "nothing was made"
            """,
        ),
        (
            """
            assert self.last.codesize > 0, "nothing to copy"
            self.last = create_copy_of(self.last)
            """,
            """
            self.last = create_copy_of(self.last)
            assert self.last.codesize > 0, "nothing was made"
            """,
        ),
        (
            """
            made: address = create_copy_of(self.last)
            assert self.last.codesize > 0, "nothing to copy"
            """,
            """
            made: address = create_copy_of(self.last)
            assert made.codehash == self.last.codehash, "nothing was made"
            """,
        ),
    ],
    "one-effect": [
        (
            "x: uint256 = extcall Other(self.last).act(extcall Other(self.last).act(1))",
            "x: uint256 = extcall Other(self.last).act(staticcall Other(self.last).look())",
        ),
        ("x: uint256 = self._count() + self._count()", "x: uint256 = self._count() + self._look()"),
        ("self.queue.append(self.queue.pop())", "x: uint256 = self.queue.pop()"),
        ("self.total += self._count()", "x: uint256 = 0\nx += self._count()"),
        (
            'if self._count() > 1 and raw_call(self.last, b"", revert_on_failure=False):\n    pass',
            "if self._count() > 1:\n    x: uint256 = self._count()",
        ),
        (
            'x: Bytes[64] = concat(raw_call(self.last, b"", max_outsize=32), '
            'raw_call(self.last, b"", max_outsize=32))',
            'x: Bytes[64] = concat(raw_call(self.last, b"", max_outsize=32), '
            'raw_call(self.last, b"", max_outsize=32, is_static_call=True))',
        ),
    ],
    "reason": [
        ("assert self.total > 1", 'assert self.total > 1, "total is too low"'),
        ("if self.total > 1:\n    raise", "assert self.total > 1, UNREACHABLE"),
        (f'raise "{"a" * 33}"', f'raise "{"a" * 32}"'),
        ('raise "Total is too low"', 'raise "total is too low"'),
        ('raise "total: too low"', 'raise "total is too low"'),
        ('raise "total is too low."', 'raise "total is too low"'),
        (
            'assert self.total > 1, "total is too low"\nassert self.total > 2, "total is too low"',
            'assert self.total > 1, "total is too low"\nassert self.total > 2, "total is low"',
        ),
    ],
    "function-length": [
        ("self.total += 1\n" * 46, "self.total += 1\n" * 45),
    ],
    "shifts": [
        ("self.total = self.total << 8", "self.total = self.total * 256"),
        ("x: uint256 = self.total >> 8", "x: uint256 = self.total // 256"),
        ("self.total <<= 1", "self.total *= 2"),
    ],
}
FLAT_TREE_CASES = [(rule, *pair) for rule, pairs in TREE_CASES.items() for pair in pairs]


def test_tree_rules__all__have_a_case() -> None:
    # It takes a module to write into: below.
    assert set(TREE_CASES) | {"foreign-storage"} == set(ast_rules.RULES)


@pytest.mark.parametrize(("rule", "broken", "mended"), FLAT_TREE_CASES)
def test_tree_rule__broken_and_mended__is_found_and_gone(
    project: Path, rule: str, broken: str, mended: str
) -> None:
    write(project, "contracts/mocks/Sample.vy", function(broken))
    assert broken_rules(project) == {rule}
    write(project, "contracts/mocks/Sample.vy", function(mended))
    assert broken_rules(project) == set()


def test_code_offset__constant_by_name__is_no_finding(project: Path) -> None:
    source = function(
        """
        made: address = create_from_blueprint(self.last, code_offset=OFFSET)
        assert made.codesize > 0, "nothing was made"
        """
    )
    source = source.replace("total: uint256\n", "OFFSET: constant(uint256) = 3\ntotal: uint256\n")
    write(project, "contracts/mocks/Sample.vy", source)
    assert broken_rules(project) == set()


def test_one_effect__storage_of_a_module__is_found(project: Path) -> None:
    module = f"{PRAGMAS}count: uint256\n@internal\ndef _add() -> uint256:\n    self.count += 1\n"
    write(project, "contracts/token/counter.vy", module + "    return self.count\n")
    body = "@internal\ndef _twice() -> uint256:\n    return counter._add() + counter._add()\n"
    imports = "from contracts.token import counter\ninitializes: counter\n"
    write(project, "contracts/mocks/Sample.vy", PRAGMAS + imports + body)
    assert broken_rules(project) == {"one-effect"}


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("counter.count = 1", "counter._add(1)"),
        ("counter.count += 1", "counter._add(1)"),
        ("counter.counts[msg.sender] = 1", "counter._add(counter.counts[msg.sender])"),
        ("counter.past.append(1)", "counter._add(len(counter.past))"),
    ],
)
def test_foreign_storage__written__is_found_and_a_verb_is_not(
    project: Path, written: str, asked: str
) -> None:
    state = "count: uint256\ncounts: HashMap[address, uint256]\npast: DynArray[uint256, 3]\n"
    verb = "@internal\ndef _add(amount: uint256):\n    self.count += amount\n"
    write(project, "contracts/token/counter.vy", PRAGMAS + state + verb)
    imports = "from contracts.token import counter\ninitializes: counter\n"
    for body, found in ((written, {"foreign-storage"}), (asked, set())):
        source = f"{PRAGMAS}{imports}@external\ndef act():\n    {body}\n"
        write(project, "contracts/mocks/Sample.vy", source)
        assert broken_rules(project) == found


@pytest.mark.parametrize(
    ("reason", "found"), [("total is too low", set()), ("Total: too low.", {"reason"})]
)
def test_reason__of_a_refusal__is_looked_at(project: Path, reason: str, found: set[str]) -> None:
    module = f"{PRAGMAS}@internal\n@pure\ndef _refuse(reason: String[32]):\n    raise reason\n"
    write(project, "contracts/token/refusals.vy", module)
    imports = "from contracts.token import refusals\n"
    source = f'{PRAGMAS}{imports}@external\ndef act():\n    refusals._refuse("{reason}")\n'
    write(project, "contracts/mocks/Sample.vy", source)
    assert broken_rules(project) == found


LITERAL = "packed << 8"
NAMED = "packed << OFFSET"


@pytest.mark.parametrize(("moved", "found"), [(LITERAL, {"shifts"}), (NAMED, set())])
def test_shifts__in_a_packed_module__are_by_names(
    project: Path, moved: str, found: set[str]
) -> None:
    source = (
        f"{PRAGMAS}OFFSET: constant(uint256) = 8\nFLAG: constant(uint256) = 1 << 9\n"
        f"@internal\n@pure\ndef _move(packed: uint256) -> uint256:\n    return {moved}\n"
    )
    write(project, "contracts/token/packed_thing.vy", source)
    assert broken_rules(project) == found


def test_compiles__type_error__is_a_finding(project: Path) -> None:
    write(project, "contracts/mocks/Sample.vy", function('x: uint256 = "text"'))
    assert broken_rules(project) == {"compiles"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("source-bytes", f"{PRAGMAS}#\ta tab\n"),
        ("source-bytes", f"{PRAGMAS}# 5 \N{EURO SIGN}\n"),
        ("source-bytes", f"{PRAGMAS}# a return\r\n"),
        ("source-bytes", f"{PRAGMAS}# a form feed \f\n"),
        ("source-bytes", f"{PRAGMAS}# a line \N{LINE SEPARATOR} separator\n"),
        ("source-bytes", f"{PRAGMAS}# a \x7f delete\n"),
        ("pragma-version", PRAGMAS.replace("0.4.3", "==0.4.3")),
        ("pragma-version", PRAGMAS.replace("0.4.3", "~=0.4.3")),
        ("pragma-version", "\n" + PRAGMAS),
        ("nonreentrancy-on", PRAGMAS.replace(" on", " off")),
        ("nonreentrancy-on", "# pragma version 0.4.3\n"),
        ("extra-pragma", f"{PRAGMAS}# pragma evm-version cancun\n"),
        ("extra-pragma", f"{PRAGMAS}#pragma optimize codesize\n"),
        ("experimental-codegen", f"{PRAGMAS}# pragma experimental-codegen\n"),
    ],
)
def test_text_rule__broken__is_found(project: Path, rule: str, text: str) -> None:
    write(project, "contracts/mocks/Sample.vy", text)
    assert rule in {finding.rule for finding in text_rules.check(project)}


def test_text_rules__clean_source__has_no_finding(project: Path) -> None:
    write(project, "contracts/mocks/Sample.vy", f"{PRAGMAS}# from 0x20 to 0x7e: !~\n")
    write(project, "interfaces/ISample.vyi", "# pragma version 0.4.3\n")
    assert text_rules.check(project) == []


def test_experimental_codegen__in_the_build_settings__is_found(project: Path) -> None:
    write(project, "ape-config.yaml", "vyper:\n  enable_venom: true\n")
    assert broken_rules(project) == {"experimental-codegen"}


def test_library_bytes__separator_in_a_comment__is_found(project: Path) -> None:
    for separator in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
        library = write(project, "library.vy", f"{PRAGMAS}# text{separator}x: uint256\n")
        assert [one.line for one in text_rules.library_bytes(project, library)] == [3]


def test_library_bytes__other_characters__are_found_in_code_only(project: Path) -> None:
    harmless = (
        f'{PRAGMAS}"""\n0 \u2264 i\n"""\n# \u00bd\nx: uint256  # \u2500\n\n@external\ndef f():\n'
    )
    library = write(project, "library.vy", f'{harmless}    """\n    \u2264\n    """\n    pass\n')
    assert list(text_rules.library_bytes(project, library)) == []
    library = write(project, "library.vy", f'{PRAGMAS}X: constant(Bytes[2]) = b"\u00bd"\n')
    assert [one.line for one in text_rules.library_bytes(project, library)] == [3]


def test_libraries__imported_through_a_module__are_checked(project: Path) -> None:
    imports = "from snekmate.utils import eip712_domain_separator\n"
    write(project, "contracts/token/domain.vy", PRAGMAS + imports)
    write(project, "contracts/mocks/Sample.vy", f"{PRAGMAS}from contracts.token import domain\n")
    found, libraries = ast_rules.check(project)
    assert found == []
    assert {one.stem for one in libraries} >= {"eip712_domain_separator", "IERC5267"}
    assert not any(one.is_relative_to(project) for one in libraries)


@pytest.mark.parametrize(
    "path",
    [
        "contracts/mocks/sampleThing.vy",
        "contracts/mocks/Sample_Thing.vy",
        "interfaces/Sample.vyi",
        "interfaces/Isample.vyi",
    ],
)
def test_file_name__wrong_case__is_found(project: Path, path: str) -> None:
    write(project, path, PRAGMAS if path.endswith(".vy") else "# pragma version 0.4.3\n")
    assert broken_rules(project) == {"file-name"}


def test_file_length__at_and_above_the_limit__is_found_above(project: Path) -> None:
    write(project, "flywheel/long.py", "\n" * text_rules.MAX_LINES)
    assert broken_rules(project) == set()
    write(project, "flywheel/long.py", "\n" * (text_rules.MAX_LINES + 1))
    assert broken_rules(project) == {"file-length"}


def test_unique_stem__same_stem_in_two_languages__is_found(project: Path) -> None:
    write(project, "contracts/token/shares.vy", PRAGMAS)
    write(project, "flywheel/__init__.py", "")
    (project / "scripts").mkdir()
    write(project, "scripts/shares.py", "")
    write(project, "flywheel/shares.py", "")
    assert broken_rules(project) == set()
    (project / "tools").mkdir(exist_ok=True)
    write(project, "tools/shares.py", "")
    assert broken_rules(project) == {"unique-stem"}


HEADER = '"""\n@title Sample\n@custom:invariant It holds.\n@custom:halt Nothing halts it.\n"""\n'
IMPLEMENTS = "from interfaces import ISample\nimplements: ISample\n"
INTERFACE = "# pragma version 0.4.3\n@external\ndef f(): ...\n"
DEPLOYABLE = f"{PRAGMAS}{HEADER}{IMPLEMENTS}@external\ndef f():\n    pass\n"


@pytest.mark.parametrize(
    ("rule", "left_out"),
    [
        ("interface", IMPLEMENTS),
        ("header", "@custom:invariant It holds.\n"),
        ("header", "@custom:halt Nothing halts it.\n"),
        ("header", HEADER),
    ],
)
def test_deployable__without_interface_or_header__is_found(
    project: Path, rule: str, left_out: str
) -> None:
    write(project, "interfaces/ISample.vyi", INTERFACE)
    write(project, "contracts/token/Sample.vy", DEPLOYABLE)
    assert broken_rules(project) == set()
    write(project, "contracts/token/Sample.vy", DEPLOYABLE.replace(left_out, ""))
    assert broken_rules(project) == {rule}


def test_deployable__without_an_interface_file__is_found_unless_a_mock(project: Path) -> None:
    source = DEPLOYABLE.replace(IMPLEMENTS, "")
    write(project, "contracts/token/Sample.vy", source)
    assert broken_rules(project) == {"interface"}
    (project / "contracts/token/Sample.vy").rename(project / "contracts/mocks/Sample.vy")
    assert broken_rules(project) == set()


def exception(**entry: str) -> str:
    lines = [f'{key} = "{value}"' for key, value in entry.items()]
    return "\n".join(["[[tool.flywheel.lint.exceptions]]", *lines, ""])


def test_exceptions__that_cover__drop_the_finding(project: Path) -> None:
    write(project, "contracts/mocks/Sample.vy", PRAGMAS.replace(" on", " off"))
    place = {"path": "contracts/mocks/Sample.vy", "rule": "nonreentrancy-on"}
    write(project, "pyproject.toml", exception(**place, reason="a test double"))
    assert broken_rules(project) == set()
    write(project, "pyproject.toml", exception(**place, reason="a test double", about="no such"))
    assert broken_rules(project) == {"nonreentrancy-on", "unused-exception"}


def test_exceptions__that_cover_nothing__are_found(project: Path) -> None:
    entry = exception(path="contracts/mocks/Sample.vy", rule="reason", reason="none left")
    write(project, "pyproject.toml", entry)
    assert broken_rules(project) == {"unused-exception"}


def test_exceptions__of_natrix__are_left_to_natrix(project: Path) -> None:
    entry = exception(path="contracts/mocks/Sample.vy", rule="NTX1", reason="a batch")
    write(project, "pyproject.toml", entry)
    assert broken_rules(project) == set()


def test_exceptions__without_a_reason__are_refused(project: Path) -> None:
    write(project, "pyproject.toml", exception(path="a.vy", rule="reason"))
    with pytest.raises(TypeError, match="reason"):
        findings.pardons(project)
    write(project, "pyproject.toml", exception(path="a.vy", rule="reason", reason=" "))
    with pytest.raises(ValueError, match="has no reason"):
        findings.pardons(project)
