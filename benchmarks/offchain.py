"""What a publication costs its publisher, its checkers and who claims: `make bench-offchain`.

Each measurement is a process of its own. CPU time, user and system, and the most memory that it
had at once, are those of the whole process, its start and imports included.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from flywheel.errors import FlywheelError

# Nothing large is imported up here: a process that this one starts begins with its peak.
ROOT = Path(__file__).resolve().parents[1]
MILLION = 1_000_000
# As many leaves as the JavaScript library builds in reasonable time.
PEER_LEAVES = 100_000
BUDGET = 10**13
PROOFS = 101
ACCOUNTS_FILE = "accounts.csv"
VALUES_FILE = "values.json"
PUBLICATION = "publication"
LABELS_FILE = "labels.csv"
LABEL_COUNT_FILE = "labels.count"
LABELS = 10_000_000
# Chain, contract, campaign, asset and number of the drop.
_DOMAIN = (31_337, "0x" + "c0" * 20, 7, "0x" + "a5" * 20, 3)
PEER = """
import { readFileSync } from "node:fs";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
const { types, values } = JSON.parse(readFileSync(process.argv[1], "utf8"));
process.stdout.write(StandardMerkleTree.of(values, types, { sortLeaves: false }).root);
"""


@dataclass(frozen=True)
class Found:
    """What a measured function says beside its costs: milliseconds of one of many, or a root.

    `is_child`: a process that it started is what was measured.
    """

    milliseconds: float | None = None
    root: str = ""
    is_child: bool = False


@dataclass(frozen=True)
class Costs:
    """Of a whole process, in seconds and in bytes; `found` is what it said."""

    cpu: float
    peak: int
    wall: float
    found: Found


@dataclass(frozen=True)
class Measurement:
    """`run` gets the folder of inputs, which earlier measurements may have added to. What it must
    not exceed is None where nothing is promised."""

    name: str
    run: Callable[[Path], Found]
    max_seconds: float | None = None
    max_bytes: int | None = None
    max_milliseconds: float | None = None

    def misses(self, costs: Costs) -> Iterator[str]:
        """A line for each target that was missed."""
        for value, limit, unit in (
            (costs.cpu, self.max_seconds, "s of CPU"),
            (costs.peak / 1e6, self.max_bytes and self.max_bytes / 1e6, "MB"),
            (costs.found.milliseconds, self.max_milliseconds, "ms"),
        ):
            if limit is not None and (value is None or value > limit):
                said = "nothing" if value is None else f"{value:.1f} {unit}"
                yield f"{self.name}: {said}, at most {limit:g} {unit} are allowed"


# --- inputs ---


def prepare(folder: Path) -> Found:
    """The files that measurements read. Accounts come in no order, as those of people do."""
    from flywheel.rewards.leaves import Domain, keccak
    from flywheel.rewards.merkle import LEAF_TYPES, RewardTree

    accounts = [f"0x{keccak(number.to_bytes(4, 'big'))[:20].hex()}" for number in range(MILLION)]
    rows = (f"{worker},{account}\n" for worker, account in zip(_workers(), accounts, strict=True))
    with (folder / ACCOUNTS_FILE).open("w", encoding="utf-8") as file:
        file.write("worker,address\n")
        file.writelines(rows)
    leaves = {account: number for number, account in enumerate(accounts[:PEER_LEAVES], start=1)}
    tree = RewardTree.build(Domain(*_DOMAIN), leaves)
    values = [tree.values_of(tree.leaf(index)) for index in range(len(tree))]
    document = {"types": LEAF_TYPES, "values": values}
    (folder / VALUES_FILE).write_text(json.dumps(document), encoding="utf-8")
    return Found()


def write_labels(folder: Path) -> Found:
    """Ten judges a task, one worker for two hundred judgements, of all degrees of care."""
    import duckdb

    count = _label_count(folder)
    database = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder)})
    database.execute(f"""
        COPY (
            SELECT 'w' || lpad(w::VARCHAR, 8, '0') AS worker,
                   't' || lpad(t::VARCHAR, 9, '0') AS task,
                   chr((65 + CASE WHEN hash(w) % 100 >= hash(w, t) % 120 THEN hash(t) % 5
                                  ELSE hash(t, w, 1) % 5 END)::INTEGER) AS label
            FROM (
                SELECT t.range AS t, hash(t.range, k.range) % {max(100, count // 200)} AS w
                FROM range({count // 10}) t, range(10) k
            )
        ) TO '{folder / LABELS_FILE}' (HEADER)
    """)
    return Found()


def _label_count(folder: Path) -> int:
    return int((folder / LABEL_COUNT_FILE).read_text())


def _workers() -> Iterator[str]:
    return (f"worker-{number:07}" for number in range(MILLION))


# --- measurements ---


def publish_million(folder: Path) -> Found:
    """From points and a file of accounts to what everybody reads."""
    from flywheel.rewards import publication
    from flywheel.rewards.leaves import Domain

    leaves = _leaves(folder / ACCOUNTS_FILE)
    manifest = publication.publish(folder / PUBLICATION, Domain(*_DOMAIN), leaves)
    assert manifest.leaf_count == MILLION
    return Found(root=manifest.root)


def _leaves(accounts: Path) -> dict[str, int]:
    from flywheel.rewards import shares

    points = {worker: 1 + number % 97 for number, worker in enumerate(_workers())}
    earned = shares.split(points, BUDGET)
    return shares.leaves_of(earned, shares.addresses_of(earned, accounts))


def recompute_million(folder: Path) -> Found:
    """As anybody does who wants to know whether a root is right."""
    from flywheel.rewards import publication

    tree = publication.recompute_root(folder / PUBLICATION)
    return Found(root=f"0x{tree.root.hex()}")


def prove_one(folder: Path) -> Found:
    """The median of proofs from all over the tree, after one that loads what is loaded once."""
    from flywheel.rewards import publication, shards

    published = folder / PUBLICATION
    with (published / publication.LEAF_FILE).open(encoding="ascii") as file:
        lines = file.readlines()[1 :: MILLION // PROOFS]
    root = publication.read_manifest(published).root
    taken = []
    for line in lines:
        account, amount = line.rstrip().split(",")
        began = time.process_time()
        found = shards.find(published, account)
        taken.append(1_000 * (time.process_time() - began))
        assert (found.leaf.amount, f"0x{found.root.hex()}") == (int(amount), root)
    return Found(milliseconds=median(taken[1:]), root=root)


def score_labels(folder: Path) -> Found:
    """From a file of judgements to the quality and the points of every worker."""
    from flywheel.rewards import scoring
    from flywheel.rewards.judgements import Job
    from flywheel.rewards.rules import LabelRule

    with Job(folder / LABELS_FILE) as job:
        found = scoring.score(job, LabelRule())
    assert found.rows == _label_count(folder)
    return Found()


def build_ours(folder: Path) -> Found:
    """The same file of values as the JavaScript library reads, to a root."""
    from flywheel.rewards.leaves import Domain
    from flywheel.rewards.merkle import RewardTree

    values = json.loads((folder / VALUES_FILE).read_text(encoding="utf-8"))["values"]
    leaves = {row[4]: int(row[5]) for row in values}
    tree = RewardTree.build(Domain(*_DOMAIN), leaves)
    return Found(root=f"0x{tree.root.hex()}")


def build_theirs(folder: Path) -> Found:
    """npm's @openzeppelin/merkle-tree."""
    words = ["node", "--input-type=module", "--eval", PEER, str(folder / VALUES_FILE)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise FlywheelError(f"node ended with {done.returncode}: {done.stderr.strip()}")
    return Found(root=done.stdout, is_child=True)


# In this order; later ones read what earlier ones wrote. Further measurements are further lines.
MEASUREMENTS = (
    Measurement(
        "one million accounts: file to root and shards",
        publish_million,
        max_seconds=12,
        max_bytes=600_000_000,
    ),
    Measurement("one million accounts: recomputed from the file", recompute_million),
    Measurement("one proof out of the shards of a million", prove_one, max_milliseconds=10),
    Measurement(f"tree of {PEER_LEAVES:,} leaves: ours", build_ours),
    Measurement(f"tree of {PEER_LEAVES:,} leaves: OpenZeppelin's JavaScript", build_theirs),
)
# Of a file that has as many labels as `--labels` says.
SCORING = Measurement("labels: file to quality", score_labels, max_bytes=16_000_000_000)
# Functions that have to come to the same root.
SAME_ROOTS = ((publish_million, recompute_million, prove_one), (build_ours, build_theirs))


# --- processes ---


def measure(run: Callable[[Path], Found], folder: Path) -> Costs:
    """Starts a process for one function of this module. Raises `FlywheelError` if it fails."""
    words = [sys.executable, "-m", "benchmarks.offchain", "--one", run.__name__, str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise FlywheelError(f"{run.__name__} ended with {done.returncode}: {said[-1]}")
    costs = json.loads(done.stdout)
    return Costs(**{**costs, "found": Found(**costs["found"])})


def _be_measured(name: str, folder: Path) -> None:
    began = time.monotonic()
    found: Found = globals()[name](folder)
    wall = time.monotonic() - began
    who = resource.RUSAGE_CHILDREN if found.is_child else resource.RUSAGE_SELF
    usage = resource.getrusage(who)
    # Linux counts kibibytes.
    costs = Costs(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1_024, wall, found)
    print(json.dumps(asdict(costs)))


def run_all(labels: int) -> list[str]:
    """Prints a line for each measurement as soon as it is there; returns what went wrong."""
    faults: list[str] = []
    roots: dict[Callable[[Path], Found], str] = {}
    with tempfile.TemporaryDirectory(prefix="flywheel-offchain-") as name:
        folder = Path(name)
        (folder / LABEL_COUNT_FILE).write_text(str(labels))
        measure(prepare, folder)
        print(f"{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'ms each':>9}", flush=True)
        for one in MEASUREMENTS:
            roots[one.run] = _print_one(one, one.name, folder, faults)
        for file in (ACCOUNTS_FILE, VALUES_FILE):
            (folder / file).unlink()
        measure(write_labels, folder)
        _print_one(SCORING, f"{labels:,} {SCORING.name}", folder, faults)
    for group in SAME_ROOTS:
        if len({roots[run] for run in group if roots[run]}) > 1:
            faults.append(f"{', '.join(run.__name__ for run in group)} have different roots")
    return faults


def _print_one(one: Measurement, name: str, folder: Path, faults: list[str]) -> str:
    """Measures, prints a line, adds to `faults` what went wrong; returns the root that was found,
    or nothing."""
    try:
        costs = measure(one.run, folder)
    except FlywheelError as error:
        faults.append(f"{name}: {error}")
        print(f"{'failed':>34}  {name}", flush=True)
        return ""
    each = costs.found.milliseconds
    shown = "" if each is None else f"{each:.1f}"
    figures = f"{costs.cpu:8.1f}{costs.wall:8.1f}{costs.peak / 1e6:9.0f}{shown:>9}"
    print(f"{figures}  {name}", flush=True)
    faults += one.misses(costs)
    return costs.found.root


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench-offchain", description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("FUNCTION", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument(
        "--labels", type=int, default=LABELS, help="how many labels are scored (%(default)s)"
    )
    options = parser.parse_args(arguments)
    if options.one:
        _be_measured(options.one[0], Path(options.one[1]))
        return 0
    try:
        faults = run_all(options.labels)
    except FlywheelError as error:
        faults = [str(error)]
    for fault in faults:
        print(f"bench-offchain: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
