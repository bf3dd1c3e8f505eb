"""Compiles the project with Ape, from nothing, whenever any source changed, and else not at all.

Ape compares each contract's own text with its cache, and so keeps the old byte code of a contract
whose imported module or interface changed. Here one digest over all that is compiled decides, by
which `flywheel.deploy.compiled` also knows whether it may deploy what is there.
"""

import argparse
import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

from flywheel.deploy.compiled import STAMP, is_current, state
from tools import paths

APE_COMPILE = ("ape", "compile", "--force", "--verbosity", "WARNING")


def compile_project(root: Path, force: bool = False) -> bool:
    """Compiles if anything changed, and returns whether it did. CalledProcessError if Ape fails."""
    if not force and is_current(root):
        return False
    # Two targets at once: the second waits, and finds the first one's work. tools/lock.sh uses the
    # same file.
    with (root / ".setup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not force and is_current(root):
            return False
        _compile(root)
    return True


def _compile(root: Path) -> None:
    build = root / ".build"
    shutil.rmtree(build, ignore_errors=True)
    print("compile: compiling all contracts (about half a minute)", file=sys.stderr, flush=True)
    subprocess.run([*APE_COMPILE], cwd=root, check=True)
    if not any(build.glob("*.json")):
        # Ape ends with success when it found nothing or skipped what it could not compile.
        raise RuntimeError("ape compile wrote no byte code: read its messages above")
    (build / STAMP).write_text(state(root))


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
