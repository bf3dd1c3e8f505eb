"""How long commands take, on a devnet of their own: `make bench-cli` prints medians.

Each command is a process of its own, as for a user. Wall time is what a user waits, and means
something on an idle machine only; CPU time, user and system, is steadier. A further run of each,
through a proxy, counts the requests that it makes to the node.
"""

import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.counting_proxy import proxy
from flywheel.chain import devnet
from flywheel.deploy.suite import DEPLOYMENTS_VARIABLE
from flywheel.errors import FlywheelError

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 5
ALIAS = "bench"
PASSPHRASE = "a passphrase of the benchmark"
# Any key: the account lives on this devnet only.
KEY = bytes.fromhex("5e" * 32)
# Ape reads these two names itself.
DATA_VARIABLE = "APE_DATA_FOLDER"
PASSPHRASE_VARIABLE = f"APE_ACCOUNTS_{ALIAS}_PASSPHRASE"
NOTHING = "nothing"

SET_UP = (
    "deploy --account TEST::0",
    "devnet fund 200_000 --account TEST::1",
    "devnet fund 80_000 --account TEST::2",
    "devnet pass-time '1 hour'",
    "raise contribute 200_000 --account TEST::1",
    "raise contribute 80_000 --account TEST::2",
    "devnet pass-time '30 days'",
    "raise finalize --account TEST::0",
    "raise claim --account TEST::1",
    "raise claim --account TEST::2",
    "devnet pass-time '1 minute'",
    "vote propose examples/actions.yaml --account TEST::1",
)


@dataclass(frozen=True)
class Row:
    """One command that is measured; `status` is the exit status it must have."""

    kind: str
    line: str
    status: int = 0


ROWS = (
    Row("no node", "vote cast --help"),
    Row("no node", "raise contribute 1 --account TEST::1 --safe out/no-address.json", status=1),
    Row("read", NOTHING),
    Row("read", "vote show"),
    Row("read", "vote show 1"),
    Row("read", "vote show 99", status=1),
    Row("read", "raise show"),
    Row("read", "treasury limits"),
    Row("write", "vote delegate {account} --account TEST::3"),
    Row("write", "devnet fund 1 --account TEST::1"),
    Row("write, keyfile", f"devnet fund 1 --account {ALIAS}"),
)


@dataclass(frozen=True)
class Timing:
    """Seconds of one run: on the clock, and of the processor."""

    wall: float
    cpu: float


class Bench:
    """Runs commands on one devnet, with journals, accounts and an empty script in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.account = _make_keyfile(folder / "ape" / "accounts")
        devnet.rpc(url, "anvil_setBalance", self.account, hex(10**20))
        self.environment = os.environ | {
            DEPLOYMENTS_VARIABLE: str(folder / "deployments"),
            DATA_VARIABLE: str(folder / "ape"),
            PASSPHRASE_VARIABLE: PASSPHRASE,
        }
        self.empty_project = folder / "project"
        script = self.empty_project / "scripts" / f"{NOTHING}.py"
        script.parent.mkdir(parents=True)
        script.write_text("def main() -> None:\n    pass\n", encoding="utf-8")

    def run(self, row: Row, url: str = "") -> Timing:
        """Raises `FlywheelError` if the command ends with another status than the row's."""
        words = ["ape", "run", *shlex.split(row.line.format(account=self.account))]
        if "--help" not in words:
            words += ["--network", f"ethereum:local:{url or self.url}"]
        if "--account" in words:
            words.append("--yes")
        folder = self.empty_project if row.line == NOTHING else ROOT
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            words, cwd=folder, env=self.environment, capture_output=True, text=True
        )
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != row.status:
            said = (done.stderr or done.stdout).strip()
            raise FlywheelError(f"ape run {row.line} ended with {done.returncode}: {said}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Timing(wall, cpu)

    def measure(self, row: Row) -> tuple[Timing, int]:
        """Medians of `REPEATS` runs after one that warms the caches, and the requests of it."""
        with proxy(self.url) as counted:
            self.run(row, counted.url)
            requests = counted.methods.total()
        runs = [self.run(row) for _ in range(REPEATS)]
        timing = Timing(median(run.wall for run in runs), median(run.cpu for run in runs))
        return timing, requests


def _make_keyfile(folder: Path) -> str:
    """An account of Ape, as `ape accounts import` makes it; returns its address."""
    from eth_account import Account

    folder.mkdir(parents=True)
    content = Account.encrypt(KEY, PASSPHRASE)
    (folder / f"{ALIAS}.json").write_text(json.dumps(content), encoding="utf-8")
    return str(Account.from_key(KEY).address)


@contextmanager
def running() -> Iterator[Bench]:
    """A bench on a fresh devnet, with the suite deployed, a round sold and one proposal."""
    with devnet.devnet() as url, tempfile.TemporaryDirectory() as folder:
        bench = Bench(url, Path(folder))
        for line in SET_UP:
            bench.run(Row("set-up", f"{line} --yes"))
        yield bench


def main() -> int:
    """Prints one line for each command as soon as it is measured."""
    print(f"medians of {REPEATS} runs; load of this machine now: {os.getloadavg()[0]:.1f}")
    print(f"{'':16}{'wall s':>8}{'CPU s':>8}{'requests':>10}  ape run ...", flush=True)
    try:
        with running() as bench:
            for row in ROWS:
                timing, requests = bench.measure(row)
                said = "an empty script of another project" if row.line == NOTHING else row.line
                print(
                    f"{row.kind:16}{timing.wall:8.2f}{timing.cpu:8.2f}{requests:10}  {said}",
                    flush=True,
                )
    except FlywheelError as error:
        print(f"bench-cli: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
