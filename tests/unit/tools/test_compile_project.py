"""When the project is compiled, and when not."""

import subprocess
from pathlib import Path

import pytest

from tools import compile_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in {
        "contracts/token/Thing.vy": "thing",
        "contracts/common/part.vy": "part",
        "interfaces/IThing.vyi": "interface",
        "ape-config.yaml": "config",
        "requirements.lock": "lock",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def ape_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stands for Ape: notes each command and writes byte code; returns the commands."""
    runs: list[list[str]] = []

    def run(command: list[str], cwd: Path, check: bool) -> None:
        assert check
        assert not (cwd / ".build").exists()
        runs.append(command)
        (cwd / ".build").mkdir()
        (cwd / ".build" / "__local__.json").write_text("byte code")

    monkeypatch.setattr(subprocess, "run", run)
    return runs


def test_compile__twice__compiles_once(project: Path, ape_runs: list[list[str]]) -> None:
    assert compile_project.compile_project(project)
    assert not compile_project.compile_project(project)
    assert ape_runs == [[*compile_project.APE_COMPILE]]


def test_compile__forced__compiles_again(project: Path) -> None:
    compile_project.compile_project(project)
    assert compile_project.compile_project(project, force=True)


@pytest.mark.parametrize(
    "path",
    [
        "contracts/token/Thing.vy",
        "contracts/common/part.vy",
        "interfaces/IThing.vyi",
        "ape-config.yaml",
        "requirements.lock",
        "contracts/token/New.vy",
        ".build/__local__.json",
    ],
)
def test_compile__any_input_changed__compiles_again(project: Path, path: str) -> None:
    compile_project.compile_project(project)
    (project / path).write_text("changed")
    assert compile_project.compile_project(project)


def test_compile__file_moved_or_removed__compiles_again(project: Path) -> None:
    compile_project.compile_project(project)
    part = project / "contracts/common/part.vy"
    part.rename(project / "contracts/token/part.vy")
    assert compile_project.compile_project(project)
    (project / "contracts/token/part.vy").unlink()
    assert compile_project.compile_project(project)


def test_compile__ape_fails__leaves_no_stamp(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_project.compile_project(project)
    (project / "ape-config.yaml").write_text("changed")

    def fail(command: list[str], cwd: Path, check: bool) -> None:
        raise subprocess.CalledProcessError(2, command)

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(subprocess.CalledProcessError):
        compile_project.compile_project(project)
    assert not compile_project.is_current(project)


def test_compile__ape_writes_nothing__is_an_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="no byte code"):
        compile_project.compile_project(project)
