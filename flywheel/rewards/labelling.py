"""From contributions to rewards: a labelling job becomes amounts, leaves, and public files.

read_labels -> accepted_work -> split -> leaves_of -> publish; and back: recompute_root.
Everything is decided with integers, so two people with the same files get the same root.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path

import pandas as pd
from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, tables, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards.leaves import Domain, address_bytes, keccak
from flywheel.rewards.merkle import RewardTree

FORMAT = "flywheel-drop-v1"
LEAF_FILE = "leaves.csv"
MANIFEST_FILE = "manifest.json"
_LEAF_HEADER = "account,amount"
# Of a chain's id, a campaign's, and a drop's number in it, as a drop's id packs them.
_LIMITS = (2**256, 2**48, 2**48)
# One way to write each leaf, so that a set of leaves has one file and one hash.
_LEAF_LINE = re.compile(r"0x[0-9a-f]{40},[1-9][0-9]{0,38}")


# --- labelling jobs ---


def read_labels(path: Path) -> pd.DataFrame:
    """Judgements of a job: columns worker, task, label (text), a row each, in the file's order."""
    return _read_table(path, ("worker", "task", "label"))


def read_gold(path: Path) -> pd.DataFrame:
    """Experts' answers: columns task, label (text); one row per task."""
    return _read_table(path, ("task", "label"), "task")


def first_judgements(labels: pd.DataFrame) -> pd.DataFrame:
    """`labels` without a worker's later judgements of a task it had judged already."""
    return labels.drop_duplicates(["worker", "task"])


def consensus(labels: pd.DataFrame) -> pd.DataFrame:
    """Columns task, label: the labels with most first judgements of each task.

    Majority vote, every worker one vote per task. All labels of a tie are consensus, so a task may
    have several rows: no coin decides who is paid.
    """
    votes = first_judgements(labels).groupby(["task", "label"], as_index=False).size()
    most = votes.groupby("task")["size"].transform("max")
    return votes.loc[votes["size"] == most, ["task", "label"]].reset_index(drop=True)


def accepted_work(labels: pd.DataFrame) -> pd.DataFrame:
    """Columns worker, judgements, accepted (counts), a row per worker in the order of names.

    A first judgement is accepted when its label is consensus; later judgements of the same task by
    the same worker count for nothing.
    """
    judgements = first_judgements(labels).merge(
        consensus(labels).assign(accepted=1), on=["task", "label"], how="left"
    )
    work = judgements.groupby("worker").agg(
        judgements=("task", "size"), accepted=("accepted", "count")
    )
    return work.reset_index()


@dataclass(frozen=True)
class JobReport:
    """Figures of a labelling job. `gold_*` count the experts' tasks that somebody judged."""

    rows: int
    repeats: int
    workers: int
    tasks: int
    accepted: int
    workers_with_accepted: int
    tied_tasks: int
    gold_tasks: int
    gold_right: int  # the majority is the experts' label
    gold_tied_right: int  # it is among the labels of a tie
    accuracy: Fraction  # a tie counts its chance: one in the number of tied labels


def report(labels: pd.DataFrame, gold: pd.DataFrame | None = None) -> JobReport:
    """The figures of a job; those against the experts are zero without `gold`."""
    work = accepted_work(labels)
    winners = consensus(labels)
    ways = winners.groupby("task").size()
    known = pd.DataFrame(columns=["task", "label"], dtype=str) if gold is None else gold
    judged = int(known["task"].isin(ways.index).sum())
    # Of each task whose experts' label is among the winners: how many labels share the win.
    right_ways = ways.reindex(winners.merge(known, on=["task", "label"])["task"])
    chances = sum((Fraction(1, int(n)) for n in right_ways), Fraction(0))
    return JobReport(
        rows=len(labels),
        repeats=len(labels) - len(first_judgements(labels)),
        workers=len(work),
        tasks=len(ways),
        accepted=int(work["accepted"].sum()),
        workers_with_accepted=int((work["accepted"] > 0).sum()),
        tied_tasks=int((ways > 1).sum()),
        gold_tasks=judged,
        gold_right=int((right_ways == 1).sum()),
        gold_tied_right=int((right_ways > 1).sum()),
        accuracy=chances / judged if judged else Fraction(0),
    )


# --- amounts ---


def split(work: Mapping[str, int], units: int) -> dict[str, int]:
    """`units` of an asset shared in proportion to `work`, exactly: the parts sum to `units`.

    Cumulative rounding: the first k workers, by name, get floor(units * work of the first k / all
    work) together. So each part is its exact share rounded down or up. Who did nothing gets nothing
    and is left out. `FlywheelError` if nobody did anything or a number is negative.
    """
    if units < 0 or any(amount < 0 for amount in work.values()):
        raise fix("Work and units cannot be negative", "Check the amounts")
    names = sorted(name for name, amount in work.items() if amount)
    if not names:
        raise fix("There is no accepted work to pay for", "Check the labels")
    running = list(accumulate(work[name] for name in names))
    bounds = [0, *(units * so_far // running[-1] for so_far in running)]
    parts = (high - low for low, high in pairwise(bounds))
    return dict(zip(names, parts, strict=True))


# --- accounts ---


def demo_address(worker: str) -> str:
    """A stand-in account for a pseudonym: the last 20 bytes of keccak256("flywheel-contributor:" +
    worker). Nobody has its private key, so what it is paid is lost: for demonstrations on local
    chains only."""
    return str(to_checksum_address(keccak(f"flywheel-contributor:{worker}".encode())[-20:]))


def addresses_of(workers: Iterable[str], mapping_csv: Path | None = None) -> dict[str, str]:
    """Worker -> checksummed account, from `mapping_csv` (columns worker, address).

    Without a file every worker gets its `demo_address`, which has NO PRIVATE KEY: for
    demonstrations and local chains, never for money that matters. Several workers may share an
    account. `FlywheelError` for a worker without an account, or named twice, or a bad address.
    """
    if mapping_csv is None:
        return {worker: demo_address(worker) for worker in workers}
    table = _read_table(mapping_csv, ("worker", "address"), "worker")
    known, faults = {}, []
    for line, worker, address in zip(table.index, table["worker"], table["address"], strict=True):
        try:
            known[worker] = str(to_checksum_address(values.address(address)))
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(mapping_csv, faults)
    wanted = list(workers)
    missing = [worker for worker in wanted if worker not in known]
    if missing:
        raise fix(
            f"{mapping_csv}: {len(missing)} workers have no account, first '{missing[0]}'",
            "Add a line 'worker,address' for each",
        )
    return {worker: known[worker] for worker in wanted}


def leaves_of(earned: Mapping[str, int], addresses: Mapping[str, str]) -> dict[str, int]:
    """Account (lower case) -> units, ascending; workers of one account are added up."""
    leaves: dict[str, int] = {}
    for worker, amount in earned.items():
        account = addresses[worker].lower()
        leaves[account] = leaves.get(account, 0) + amount
    return {account: leaves[account] for account in sorted(leaves) if leaves[account]}


# --- published files ---


@dataclass(frozen=True)
class Manifest:
    """What a publisher says about a leaf file. Numbers that exceed 53 bits are text in the JSON."""

    chain_id: int
    contract: str
    campaign_id: int
    asset: str
    number: int  # of the drop in its campaign
    root: str
    total: int
    leaf_count: int
    leaf_file: str
    sha256: str
    keccak256: str  # goes on chain as `leaves_hash`

    @property
    def domain(self) -> Domain:
        return Domain(self.chain_id, self.contract, self.campaign_id, self.asset, self.number)

    def to_json(self) -> str:
        document = {"format": FORMAT, **asdict(self), "total": str(self.total)}
        return json.dumps(document, indent=2) + "\n"


def publish(folder: Path, domain: Domain, leaves: Mapping[str, int]) -> Manifest:
    """Writes `leaves.csv` (account,amount; ascending) and `manifest.json` into `folder`, which
    is made if it is missing, and returns the manifest."""
    tree = RewardTree.build(domain, leaves)
    lines = [_LEAF_HEADER, *(f"{account},{amount}" for account, amount in tree.items())]
    data = ("\n".join(lines) + "\n").encode()
    manifest = _manifest_of(domain, tree, data)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEAF_FILE).write_bytes(data)
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`, a JSON file or the folder that `publish` wrote. Believes nothing."""
    path = path / MANIFEST_FILE if path.is_dir() else path
    document = strict_json.read(path, "Publish it again", "is no manifest")
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise fix(f"{path} is not a '{FORMAT}' manifest", "Give the manifest.json of a publication")
    try:
        manifest = Manifest(
            **{**document, "total": values.whole_number(document["total"], "total")}
        )
        _check_types(manifest)
    except (KeyError, TypeError, ValueError, FlywheelError) as error:
        raise fix(f"{path}: {error}", "Publish it again") from None
    return manifest


def read_leaves(path: Path) -> dict[str, int]:
    """Account (lower case) -> units of a leaf file, in its order, which is that of the indexes.

    Strict, as a set of leaves has one spelling only: `FlywheelError` with file and line for any
    other header, spelling or order.
    """
    return _parse_leaves(path, texts.read_bytes(path))


def recompute_root(path: Path) -> RewardTree:
    """The tree of a publication, rebuilt from its leaf file; `path` is its folder or manifest.

    Raises `FlywheelError` if hashes, number of leaves, total or root of the file are not those of
    the manifest. What remains to be compared is the manifest with the chain: chain id, contract,
    campaign, asset, number, root, total and `keccak256` with the event DropProposed.
    """
    manifest = read_manifest(path)
    leaf_path = (path if path.is_dir() else path.parent) / manifest.leaf_file
    data = texts.read_bytes(leaf_path)
    tree = RewardTree.build(manifest.domain, _parse_leaves(leaf_path, data))
    found = asdict(_manifest_of(manifest.domain, tree, data))
    for name, said in asdict(manifest).items():
        if name not in ("leaf_file", "contract", "asset") and found[name] != said:
            raise fix(
                f"{leaf_path} has the {name} {found[name]}, its manifest says {said}",
                "Do not pay under this root; ask the publisher for the right file",
            )
    return tree


def _manifest_of(domain: Domain, tree: RewardTree, data: bytes) -> Manifest:
    return Manifest(
        chain_id=domain.chain_id,
        contract=to_checksum_address(domain.contract),
        campaign_id=domain.campaign_id,
        asset=to_checksum_address(domain.asset),
        number=domain.number,
        root=f"0x{tree.root.hex()}",
        total=tree.total,
        leaf_count=len(tree),
        leaf_file=LEAF_FILE,
        sha256=f"0x{hashlib.sha256(data).hexdigest()}",
        keccak256=f"0x{keccak(data).hex()}",
    )


def _check_types(manifest: Manifest) -> None:
    for name, kind in Manifest.__annotations__.items():
        if type(getattr(manifest, name)) is not kind:
            raise ValueError(f"{name} is not {'a number' if kind is int else 'text'}")
    if Path(manifest.leaf_file).name != manifest.leaf_file:
        raise ValueError("leaf_file names another folder")
    numbers = (manifest.chain_id, manifest.campaign_id, manifest.number)
    if not all(0 <= number < limit for number, limit in zip(numbers, _LIMITS, strict=True)):
        raise ValueError("a number is negative or too large")
    for address in (manifest.contract, manifest.asset):
        address_bytes(address)


def _parse_leaves(path: Path, data: bytes) -> dict[str, int]:
    lines = data.decode("ascii", errors="replace").split("\n")
    if lines[0] != _LEAF_HEADER:
        raise fix(f"{path}, line 1: the header is not '{_LEAF_HEADER}'", "Give a leaf file")
    if lines.pop() != "":
        raise fix(f"{path}, line {len(lines) + 1}: the file is cut off", "Download it again")
    leaves = {}
    before = ""
    for number, line in enumerate(lines[1:], start=2):
        if not _LEAF_LINE.fullmatch(line):
            raise fix(
                f"{path}, line {number}: '{shown(line)}' is not a leaf",
                "Write 0x and 40 lower-case digits, a comma, a positive whole number",
            )
        account = line[:42]
        if account <= before:
            raise fix(
                f"{path}, line {number}: {account} repeats or is out of order",
                "Sort the accounts and name each once",
            )
        leaves[account] = int(line[43:])
        before = account
    return leaves


# --- tables ---


def _read_table(path: Path, columns: tuple[str, ...], key: str = "") -> pd.DataFrame:
    """A CSV file of exactly `columns`, as text, no value empty; the index is the line of each row.

    White space around a value does not count, nor how its accents are composed: two spellings
    that nobody can tell apart are one worker, one label. No two rows may have the same `key`.
    Raises `FlywheelError` with all faults of the file and their lines.
    """
    remedy = f"Write a CSV file with the columns {','.join(columns)}"
    table = tables.read(path, remedy)
    if table.columns != columns:
        raise fix(
            f"{path}, line {table.header_line}: the columns are {shown(','.join(table.columns))}",
            remedy,
        )
    table.require_rows(remedy)
    lines: list[int] = []
    rows: list[list[str]] = []
    before: dict[str, int] = {}

    def read_row(row: tables.Row) -> None:
        cells = [unicodedata.normalize("NFC", row.cells[column]) for column in columns]
        for column, cell in zip(columns, cells, strict=True):
            if not cell:
                raise fix(f"no {column}", "Fill it in or delete the line")
        if key:
            value = cells[columns.index(key)]
            if before.setdefault(value, row.line) != row.line:
                raise fix(
                    f"{key} '{shown(value)}' is there already, in line {before[value]}",
                    "Delete one of the two lines",
                )
        lines.append(row.line)
        rows.append(cells)

    table.each(read_row)
    table.refuse_faults()
    return pd.DataFrame(rows, columns=list(columns), index=lines, dtype=str)
