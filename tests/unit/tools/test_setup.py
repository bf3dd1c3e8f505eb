"""Setting an environment up: alone, twice at once, and where Python 3.11 is not on PATH."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from flywheel.chain import devnet
from tools import paths

# What the scripts may run besides Python: more than this a fresh machine may lack.
PROGRAMS = ("bash", "dirname", "head", "rm", "cat", "mkdir", "sleep", "env")

# Stands for a Python 3.11: its environments are copies of itself, and it notes what it installs.
PYTHON_311 = """#!/usr/bin/env bash
case "$1 $2" in
    "-c "*) echo 3.11 ;;
    "- "*) cat >/dev/null; echo the key ;;
    "-m venv")
        mkdir -p "$4/bin"
        cat "$0" >"$4/bin/python"
        echo "#!$4/bin/python" >"$4/bin/pip"
        chmod +x "$4/bin/python" ;;
    "-m pip") if [[ $* == *--require-hashes* ]]; then echo installed >>installed; sleep 0.3; fi ;;
esac
"""
PYTHON_312 = """#!/usr/bin/env bash
echo 3.12
"""
# Finds a Python 3.11 only after it was told to install one.
UV = """#!/usr/bin/env bash
case "$*" in
    "python install 3.11") echo brought >brought ;;
    "python find --system 3.11") [[ -f brought ]] && echo "$PWD/elsewhere/python" ;;
    *) exit 2 ;;
esac
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts and nothing else, `bin` being all that is on PATH."""
    (tmp_path / "tools").mkdir()
    for name in ("setup_python.sh", "lock.sh"):
        shutil.copy(paths.ROOT / "tools" / name, tmp_path / "tools" / name)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "bin").mkdir()
    for name in (*PROGRAMS, "chmod", "flock"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def start(checkout: Path, *command: str) -> "subprocess.Popen[str]":
    environment = {key: value for key, value in os.environ.items() if key != "PYTHON"}
    environment["PATH"] = str(checkout / "bin")
    return subprocess.Popen(
        command,
        cwd=checkout,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def set_up(checkout: Path) -> tuple[int, str]:
    process = start(checkout, "bash", "tools/setup_python.sh")
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_setup__only_python_312__says_what_to_do(checkout: Path) -> None:
    program(checkout / "bin" / "python3", PYTHON_312)
    status, output = set_up(checkout)
    assert status == 1
    assert "setup: Python 3.11 was not found on PATH." in output
    assert "put uv on PATH" in output
    assert not (checkout / ".venv").exists()


def test_setup__only_python_312_and_uv__uv_brings_311(checkout: Path) -> None:
    program(checkout / "bin" / "python3", PYTHON_312)
    program(checkout / "bin" / "uv", UV)
    program(checkout / "elsewhere" / "python", PYTHON_311)
    status, output = set_up(checkout)
    assert status == 0, output
    assert (checkout / ".venv" / "bin" / "python").is_file()
    assert (checkout / "brought").is_file()


def test_setup__python_311_on_path__uv_is_not_asked(checkout: Path) -> None:
    program(checkout / "bin" / "python3", PYTHON_311)
    program(checkout / "bin" / "uv", UV)
    assert set_up(checkout)[0] == 0
    assert not (checkout / "brought").exists()


def test_setup__two_at_once_and_once_more__installs_once(checkout: Path) -> None:
    program(checkout / "bin" / "python3", PYTHON_311)
    both = [start(checkout, "bash", "tools/setup_python.sh") for _ in range(2)]
    outputs = [process.communicate(timeout=30)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert set_up(checkout) == (0, "")
    assert (checkout / "installed").read_text() == "installed\n"


@pytest.mark.parametrize("locks_with", ["flock", "perl"])
def test_take_the_lock__two_at_once__one_after_the_other(checkout: Path, locks_with: str) -> None:
    (checkout / "bin" / "flock").unlink()
    found = shutil.which(locks_with)
    assert found is not None
    (checkout / "bin" / locks_with).symlink_to(found)
    script = "source tools/lock.sh; take_the_lock; echo in >>log; sleep 0.2; echo out >>log"
    both = [start(checkout, "bash", "-euc", script) for _ in range(2)]
    outputs = [process.communicate(timeout=30)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert (checkout / "log").read_text().split() == ["in", "out", "in", "out"]


@pytest.mark.parametrize("name", ["anvil", "forge"])
def test_lock_of_npm__program__has_every_platform(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm installs the package of the machine it runs on: the lock must know them all."""
    lock = (paths.ROOT / "package-lock.json").read_text()
    for system in ("linux", "darwin"):
        for machine in ("x86_64", "arm64", "aarch64"):
            monkeypatch.setattr(devnet.sys, "platform", system)
            monkeypatch.setattr(devnet.platform, "machine", lambda machine=machine: machine)
            package = devnet.packaged_program(name).parent.parent.relative_to(devnet.ROOT)
            assert f'"{package}": {{' in lock
