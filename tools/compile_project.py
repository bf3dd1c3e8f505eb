"""Compiles the project with Ape, from nothing, whenever any source changed, and else not at all.

Ape compares each contract's own text with its cache, and so keeps the old byte code of a contract
whose imported module or interface changed. Here one digest over all that is compiled decides.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools import paths

SOURCE_FOLDERS = ("contracts", "interfaces")
SOURCE_SUFFIXES = {".vy", ".vyi", ".json"}
# The lock file pins the compiler and the libraries that the contracts import.
APE_COMPILE = ("ape", "compile", "--force", "--verbosity", "WARNING")
SETTINGS = ("ape-config.yaml", "requirements.lock")


def digest(root: Path, files: Iterable[Path]) -> str:
    """SHA-256 over the relative names and the contents of `files`, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def sources(root: Path) -> list[Path]:
    """Every file that the byte code depends on."""
    found = [root / name for name in SETTINGS if (root / name).is_file()]
    for folder in SOURCE_FOLDERS:
        for file in (root / folder).rglob("*"):
            if file.suffix in SOURCE_SUFFIXES and file.is_file():
                found.append(file)
    return found


def state(root: Path) -> str:
    """What the stamp must say: a digest of the sources and one of the byte code built from them.

    The second half catches an Ape command that was given by hand and rewrote the cache in between.
    """
    build = root / ".build"
    return f"{digest(root, sources(root))} {digest(root, build.glob('*.json'))}\n"


def is_current(root: Path) -> bool:
    stamp = root / ".build" / "flywheel.stamp"
    return stamp.is_file() and stamp.read_text() == state(root)


def compile_project(root: Path, force: bool = False) -> bool:
    """Compiles if anything changed, and returns whether it did. CalledProcessError if Ape fails."""
    if not force and is_current(root):
        return False
    build = root / ".build"
    shutil.rmtree(build, ignore_errors=True)
    print("compile: compiling all contracts (about half a minute)", flush=True)
    subprocess.run([*APE_COMPILE], cwd=root, check=True)
    if not any(build.glob("*.json")):
        # Ape ends with success when it found nothing or skipped what it could not compile.
        raise RuntimeError("ape compile wrote no byte code: read its messages above")
    (build / "flywheel.stamp").write_text(state(root))
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--force", action="store_true", help="compile even if nothing changed")
    options = parser.parse_args(arguments)
    try:
        compile_project(paths.ROOT, force=options.force)
    except subprocess.CalledProcessError as error:
        return error.returncode or 1
    except RuntimeError as error:
        print(f"compile: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
