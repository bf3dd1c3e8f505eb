"""natrix's rules through the project's own driver."""

from pathlib import Path

import pytest
from natrix.rules.common import RuleRegistry

from tools import natrix_lint

PRAGMAS = "# pragma version 0.4.3\n# pragma nonreentrancy on\n"
STATE = "count: public(uint256)\nevent Seen:\n    count: uint256\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "contracts" / "token").mkdir(parents=True)
    (tmp_path / "contracts" / "mocks").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def rules_of(project: Path, body: str, name: str = "token/Sample.vy") -> list[str]:
    (project / "contracts" / name).write_text(PRAGMAS + STATE + body)
    return [finding.rule for finding in natrix_lint.check(project)]


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("NTX3", "@external\ndef f():\n    self._g()\n\ndef _g():\n    self.count += 1\n"),
        ("NTX4", "@external\ndef f() -> uint256:\n    return self.count\n"),
        ("NTX5", "@external\n@view\ndef f() -> uint256:\n    return 1\n"),
        ("NTX8", "@external\ndef f():\n    self.count += 1\n    x: uint256 = self.count\n"),
        ("NTX10", "@external\ndef f(x: uint256):\n    self.count += 1\n"),
        ("NTX12", "@view\n@external\ndef f() -> uint256:\n    return self.count\n"),
    ],
)
def test_check__rule_broken__is_found(project: Path, rule: str, body: str) -> None:
    assert rules_of(project, body) == [rule]


def test_check__argument_without_underscore__is_no_finding(project: Path) -> None:
    assert rules_of(project, "@external\ndef f(x: uint256):\n    self.count += x\n") == []


@pytest.mark.parametrize(
    "body",
    [
        "@external\ndef f():\n    log Seen(count=self.count)\n",
        "@external\ndef f():\n    raw_call(msg.sender, abi_encode(self.count))\n",
        "@external\n@view\ndef f() -> uint256:\n    return block.timestamp\n",
    ],
)
def test_check__proposal_that_does_not_compile__is_no_finding(project: Path, body: str) -> None:
    assert rules_of(project, body) == []


def test_check__module_that_uses_another__is_checked(project: Path) -> None:
    (project / "contracts/token/part.vy").write_text(f"{PRAGMAS}x: uint256\n")
    body = "@internal\ndef _f(y: uint256):\n    self.count += part.x\n"
    found = rules_of(
        project, f"from contracts.token import part\nuses: part\n{body}", "token/whole.vy"
    )
    assert found == ["NTX10"]


def test_check__mock__is_left_out(project: Path) -> None:
    body = "@external\ndef f(x: uint256):\n    self.count += 1\n"
    assert rules_of(project, body, "mocks/Sample.vy") == []


def test_check__rule_that_crashes__is_not_passed_over(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("a fault in natrix")

    RuleRegistry.discover_rules()
    for rule in RuleRegistry.get_rule_classes().values():
        monkeypatch.setattr(rule, "run", crash)
    monkeypatch.setattr(RuleRegistry, "_rule_instances", None)
    with pytest.raises(RuntimeError, match="a fault in natrix"):
        rules_of(project, "")
    monkeypatch.setattr(RuleRegistry, "_rule_instances", None)
