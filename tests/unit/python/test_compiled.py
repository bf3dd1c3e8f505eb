"""Byte code is read from what `make compile` left, and deployed only if it is the sources'."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flywheel.deploy import compiled
from flywheel.deploy.deployment import Deployment
from flywheel.deploy.journal import Journal
from flywheel.deploy.parameters import load
from flywheel.errors import FlywheelError
from tests.support import ROOT

THING = {"contractName": "Thing", "abi": [], "runtimeBytecode": {"bytecode": "0x60"}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiled project of one contract, which stands for this one."""
    source = tmp_path / "contracts" / "token" / "Thing.vy"
    source.parent.mkdir(parents=True)
    source.write_text("thing")
    build = tmp_path / ".build"
    build.mkdir()
    (build / compiled.MANIFEST).write_text(json.dumps({"contractTypes": {"Thing": THING}}))
    (build / compiled.STAMP).write_text(compiled.state(tmp_path))
    monkeypatch.setattr(compiled, "ROOT", tmp_path)
    return tmp_path


def _deployment() -> Any:
    deployer: Any = SimpleNamespace(address="0x" + "11" * 20)
    return Deployment(load(ROOT / "parameters" / "devnet.yaml"), deployer, Journal(1337))


def _edit(project: Path) -> None:
    (project / "contracts" / "token" / "Thing.vy").write_text("other")


def _tamper(project: Path) -> None:
    manifest = project / ".build" / compiled.MANIFEST
    manifest.write_text(manifest.read_text().replace("0x60", "0x61"))


def _unstamp(project: Path) -> None:
    (project / ".build" / compiled.STAMP).unlink()


def test_contract_type__compiled__has_its_byte_code(project: Path) -> None:
    found = compiled.contract_type("Thing")
    assert found.name == "Thing"
    assert bytes(found.runtime_bytecode.to_bytes()) == b"\x60"


def test_contract_type__unknown_name__says_to_compile(project: Path) -> None:
    with pytest.raises(FlywheelError, match=r"Contract Other is not compiled. Run 'make compile'"):
        compiled.contract_type("Other")


def test_contract_type__never_compiled__says_to_compile(project: Path) -> None:
    (project / ".build" / compiled.MANIFEST).unlink()
    with pytest.raises(FlywheelError, match=r"The contracts are not compiled. Run 'make compile'"):
        compiled.contract_type("Thing")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '"a"', "\x00"])
def test_contract_type__damaged_file__says_to_compile(project: Path, text: str) -> None:
    (project / ".build" / compiled.MANIFEST).write_text(text)
    with pytest.raises(FlywheelError, match=r"__local__.json is damaged. Run 'make compile'"):
        compiled.contract_type("Thing")


def test_deployment__byte_code_of_the_sources__is_planned(project: Path) -> None:
    assert _deployment().suite.contracts == {}


@pytest.mark.parametrize("change", [_edit, _tamper, _unstamp])
def test_deployment__byte_code_not_of_the_sources__is_refused(project: Path, change: Any) -> None:
    change(project)
    with pytest.raises(
        FlywheelError, match=r"byte code is not that of the sources. Run 'make compile'"
    ):
        _deployment()


def test_deployment__never_compiled__is_refused(project: Path) -> None:
    (project / ".build" / compiled.MANIFEST).unlink()
    with pytest.raises(FlywheelError, match=r"not compiled. Run 'make compile'"):
        _deployment()
