"""Competitions: attested scores of the contract Evaluations, ranked; prizes by rank.

A file says whose claims compete; the chain alone says what they score, and whether it was attested.
docs/reference/rewards.md has the formulas.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from eth_utils import to_checksum_address

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.evaluations import claims
from flywheel.evaluations.scores import MAX_SCORE
from flywheel.reading import values
from flywheel.reading.texts import shown
from flywheel.rewards import earnings, inputs, rules, shares
from flywheel.rewards.earnings import Earned
from flywheel.rewards.job_tables import read_table
from flywheel.rewards.leaves import Domain
from flywheel.rewards.rules import RankingRule

ENTRY_COLUMNS = ("worker", "claim_id")
RESULT_COLUMNS = (*ENTRY_COLUMNS, "score")
RESULTS = "results.csv"
# More than anybody trains; each takes a call to the chain, and a look at all others.
MAX_CLAIMS = 10_000
_REMEDY = "Tell the guardian before the drop is active"
_SCORE = re.compile(r"0|-?[1-9][0-9]{0,27}")


@dataclass(frozen=True)
class Entry:
    """A claim that competes for a worker, and its line in the file."""

    line: int
    worker: str
    claim_id: int


@dataclass(frozen=True)
class Result:
    """What a claim scores, in millionths."""

    worker: str
    claim_id: int
    score: int


@dataclass(frozen=True)
class Standing:
    """A worker's best claim. Rank and points are 0 if it is worse than what is paid at all."""

    worker: str
    claim_id: int
    score: int
    rank: int
    points: int


@dataclass(frozen=True)
class RankingFiles:
    """The files of a competition: `entries` before the chain was read, `results` afterwards."""

    kind: ClassVar[str] = rules.RANKING
    entries: Path | None
    rule: Path
    results: Path | None = None
    # What `check` found on chain.
    seen: tuple[RankingRule, tuple[Result, ...]] | None = None

    @classmethod
    def published(cls, folder: Path) -> "RankingFiles":
        """Those of a publication's folder `inputs`."""
        return cls(None, folder / inputs.RULE, folder / RESULTS)

    def stage(self, folder: Path, drop: Domain) -> None:
        """As `earnings.Files` has it, after `check`."""
        if self.seen is None:
            raise fix("Scores are read from the chain", "Build the drop with a node")
        rule, results = self.seen
        inputs.begin(folder, rule)
        rows = [(item.worker, item.claim_id, item.score) for item in results]
        (folder / RESULTS).write_bytes(earnings.table_of(RESULT_COLUMNS, rows))

    def earn(self, drop: Domain | None) -> Earned:
        """As `earnings.Files` has it: the prizes of the ranks of a worker's best claim."""
        if self.results is None:
            raise fix("Scores are read from the chain", "Build the drop with a node")
        rule = rules.read_as(self.rule, RankingRule)
        if rule.is_higher_better is None:
            raise fix(f"{self.rule} does not say whether a higher score is better", _REMEDY)
        found = standings(read_results(self.results), rule)
        table = earnings.table_of(
            ("worker", "claim_id", "score", "rank", "points"),
            [(item.worker, item.claim_id, item.score, item.rank, item.points) for item in found],
        )
        points = {item.worker: item.points for item in found}
        return Earned(points, table, earnings.POINTS_FILE)

    def check(self, suite: Suite, addresses: Path | None) -> "RankingFiles":
        """As `earnings.Files` has it. Reads every claim; each has to be attested, of the rule's
        benchmark and of its worker's account. A publication names no account of a worker whom it
        does not pay; of these claims all else is compared."""
        rule = _with_direction(suite, self.rule)
        if self.results is not None:
            results = read_results(self.results)
            entries = _read_entries(self.results, RESULT_COLUMNS)
            found = _results_of(suite, self.results, entries, rule, addresses, is_public=True)
            for said, seen in zip(results, found, strict=True):
                if said != seen:
                    raise fix(
                        f"Claim {said.claim_id} scores {seen.score} on the chain, in "
                        f"{self.results} {said.score}",
                        _REMEDY,
                    )
            return self
        assert self.entries is not None
        entries = _read_entries(self.entries, ENTRY_COLUMNS)
        found = _results_of(suite, self.entries, entries, rule, addresses, is_public=False)
        found = sorted(found, key=lambda item: item.claim_id)
        return replace(self, seen=(rule, tuple(found)))


# --- from results to points ---


def standings(results: Iterable[Result], rule: RankingRule) -> list[Standing]:
    """The best claim of each worker with its rank and points, by the workers' names.

    Claims are taken as they were filed. Each lifts its worker, from its place or from the end,
    above the one before it as long as it is better than that one's best by the rule's lead: so
    whoever copies what is there already stays below it.
    """
    # The sign makes the larger number the better one.
    sign = 1 if rule.is_higher_better else -1
    lead = max(1, rule.least_lead)
    least = None if rule.least_score is None else sign * rule.least_score
    best: dict[str, Result] = {}
    # The first is the best one; scores are those of the workers beside them.
    ranking: list[str] = []
    scores: list[int] = []
    for item in sorted(results, key=lambda item: item.claim_id):
        score, before = sign * item.score, best.get(item.worker)
        if before is not None and score <= sign * before.score:
            continue
        best[item.worker] = item
        if least is not None and score < least:
            continue
        if before is not None and (least is None or sign * before.score >= least):
            place = ranking.index(item.worker)
            del ranking[place], scores[place]
        else:
            place = len(ranking)
        while place and score - scores[place - 1] >= lead:
            place -= 1
        ranking.insert(place, item.worker)
        scores.insert(place, score)
    ranks = {worker: rank for rank, worker in enumerate(ranking, start=1)}
    prizes = dict(enumerate(rule.prizes, start=1))
    return [
        Standing(
            worker,
            item.claim_id,
            item.score,
            ranks.get(worker, 0),
            prizes.get(ranks.get(worker, 0), 0),
        )
        for worker, item in sorted(best.items())
    ]


# --- files ---


def read_results(path: Path) -> list[Result]:
    """The results of a publication, in the file's order. Raises `FlywheelError` with all faults."""
    entries = _read_entries(path, RESULT_COLUMNS)
    faults, results = [], []
    for entry, text in zip(entries, read_table(path, RESULT_COLUMNS)["score"], strict=True):
        if not _SCORE.fullmatch(text) or abs(int(text)) > MAX_SCORE:
            error = fix(f"score '{shown(text)}' is none", "Write whole millionths")
            faults.append(values.Fault(entry.line, str(error)))
            continue
        results.append(Result(entry.worker, entry.claim_id, int(text)))
    values.refuse_all(path, faults)
    return results


def _read_entries(path: Path, columns: tuple[str, ...]) -> list[Entry]:
    """The claims that compete, in the file's order, each once. Raises `FlywheelError`."""
    table = read_table(path, columns)
    if len(table) > MAX_CLAIMS:
        raise fix(f"{path} has {len(table):,} claims", f"Enter at most {MAX_CLAIMS:,}")
    entries, faults = [], []
    before: dict[int, int] = {}
    for line, worker, text in zip(table.index, table["worker"], table["claim_id"], strict=True):
        try:
            claim_id = values.whole_number(text, "claim_id")
            first = before.setdefault(claim_id, int(line))
            if first != line:
                raise fix(f"claim {claim_id} is there already, in line {first}", "Enter it once")
            entries.append(Entry(int(line), worker, claim_id))
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)
    return entries


# --- the chain ---


def _with_direction(suite: Suite, path: Path) -> RankingRule:
    """The rule, with what is better as the chain has it. Raises `FlywheelError` if it differs."""
    rule = rules.read_as(path, RankingRule)
    benchmark = claims.benchmark(suite, rule.benchmark)
    if rule.is_higher_better not in (None, benchmark.higher_is_better):
        raise fix(
            f"{path}: of benchmark {rule.benchmark} {benchmark.direction}, the rule says the "
            "opposite",
            "Leave is_higher_better out: it is read from the chain",
        )
    return replace(rule, is_higher_better=benchmark.higher_is_better)


def _results_of(
    suite: Suite,
    path: Path,
    entries: Sequence[Entry],
    rule: RankingRule,
    addresses: Path | None,
    is_public: bool,
) -> list[Result]:
    """What the chain says of each entry. Raises `FlywheelError` with the lines of all that must not
    compete. `is_public`: workers whose account is not known are taken as well."""
    count = int(connection.call(suite.evaluations.claim_count))
    account_of = _accounts(path, entries, addresses, is_public)
    worker_of: dict[bytes, str] = {}
    results, faults = [], []
    for entry in entries:
        try:
            if not 1 <= entry.claim_id <= count:
                raise fix(f"there is no claim {entry.claim_id}", f"The last one is {count}")
            state = connection.call(suite.evaluations.claim_of, entry.claim_id)
            _refuse(entry, state, rule, account_of.get(entry.worker))
            owner = worker_of.setdefault(bytes(state.weights_digest), entry.worker)
            if owner != entry.worker:
                raise fix(
                    f"the weights of claim {entry.claim_id} compete for '{shown(owner)}' already",
                    "Find out whose they are: weights compete for one worker",
                )
            results.append(Result(entry.worker, entry.claim_id, int(state.score)))
        except FlywheelError as error:
            faults.append(values.Fault(entry.line, str(error)))
    values.refuse_all(path, faults)
    return results


def _refuse(entry: Entry, state: Any, rule: RankingRule, account: str | None) -> None:
    """Raises `FlywheelError` if a claim must not compete. Whoever may file claims on chain, a prize
    is only for the one who did."""
    name, remedy = f"claim {entry.claim_id}", "Take it out"
    if int(state.benchmark_id) != rule.benchmark:
        raise fix(f"{name} is of benchmark {state.benchmark_id}, not of {rule.benchmark}", remedy)
    if int(state.voided_at):
        raise fix(f"{name} is void", remedy)
    if not int(state.attested_at):
        raise fix(f"{name} is not attested", "Wait until it is, or take it out")
    if account is not None and to_checksum_address(state.claimant) != account:
        raise fix(
            f"{name} is of {state.claimant}, the account of '{shown(entry.worker)}' is {account}",
            "Enter it for whom it is of",
        )


def _accounts(
    path: Path, entries: Sequence[Entry], addresses: Path | None, is_public: bool
) -> dict[str, str]:
    """Worker -> account. Raises `FlywheelError` if one is missing, or of two workers: it would take
    two ranks."""
    workers = sorted({entry.worker for entry in entries})
    if is_public:
        known = read_table(addresses, ("worker", "address"), "worker") if addresses else None
        listed = set() if known is None else set(known["worker"])
        workers = [worker for worker in workers if worker in listed]
    elif addresses is None:
        raise fix("A claim competes for the account that filed it", "Give --addresses")
    found = shares.addresses_of(workers, addresses)
    account_of = {worker: str(to_checksum_address(account)) for worker, account in found.items()}
    worker_of: dict[str, str] = {}
    for worker, account in account_of.items():
        other = worker_of.setdefault(account, worker)
        if other != worker:
            raise fix(
                f"{path}: '{shown(other)}' and '{shown(worker)}' have one account, {account}",
                "Enter its claims for one worker",
            )
    return account_of
