"""A publication beside the chain: is what is paid what the published work is worth?"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eth_utils import keccak, to_checksum_address

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import (
    campaigns,
    drop_files,
    inputs,
    publication,
    ranking_files,
    rules,
    shares,
)
from flywheel.rewards.campaigns import DropState, DropTerms
from flywheel.rewards.drop_files import Verified
from flywheel.rewards.job_tables import read_table, spelling
from flywheel.rewards.publication import Manifest
from flywheel.shown import NONE, Part, Record, Table

Row = tuple[str, str]

# Inputs that somebody else answers for, by the kind of work: the chain, or validators who signed.
_PROVED = {
    rules.RANKING: {"results", "addresses"},
    rules.UNITS: {"units", "signatures"},
}


def verify(suite: Suite, folder: Path) -> list[Row]:
    """What was compared, and what was found. Raises `FlywheelError` for the first difference.

    The amounts are computed again from the inputs, which say of scores what the chain says; root
    and total are those of the drop on chain, and so are the hashes of leaf file and manifest that
    were proposed with it.
    """
    return _verified(suite, folder)[1]


def in_full(suite: Suite, folder: Path, receivers: Sequence[str] = ()) -> Iterator[Part]:
    """`verify` as a record, and what it gives `receivers`, who are workers or their accounts.
    Raises `FlywheelError` for one that has no part in the drop."""
    verified, rows, manifest = _verified(suite, folder)
    found = _lines_of(suite, verified, _inputs_of(folder), receivers) if receivers else None
    yield Record(f"Drop {manifest.number} of campaign {manifest.campaign_id}", dict(rows))
    if found is not None:
        yield found


def _verified(suite: Suite, folder: Path) -> tuple[Verified, list[Row], Manifest]:
    manifest = publication.read_manifest(folder)
    campaigns.require_here(suite, manifest.domain, folder)
    verified = drop_files.verify(folder)
    terms = campaigns.proposed_terms(suite, manifest.domain)
    state = campaigns.state_of(suite, manifest.domain)
    of_claims = _check_work(suite, verified, _inputs_of(folder), state, terms)
    if terms is None or state.state == "NONE":
        raise fix(
            f"The {verified.files} files of {folder} agree, but drop {manifest.number} of campaign "
            f"{manifest.campaign_id} is not on the chain: nobody proposed it, or it was withdrawn",
            "Publish it, or wait until its publisher does",
        )
    path = folder / publication.MANIFEST_FILE if folder.is_dir() else folder
    compared: list[tuple[str, bytes | int, bytes | int]] = [
        ("root", verified.tree.root, terms.root),
        ("total", verified.tree.total, terms.total),
        ("hash of the leaf file", bytes.fromhex(manifest.keccak256[2:]), terms.leaves_hash),
        ("hash of the manifest", bytes(keccak(texts.read_bytes(path))), terms.manifest_hash),
    ]
    for what, here, there in compared:
        if here != there:
            raise fix(
                f"The {what} of {folder} is {_text(here)}, on the chain it is {_text(there)}",
                "Download it again; if it stays so, tell the guardian",
            )
    rows = [
        ("Files", f"{verified.files}, all with the hashes of the manifest"),
        ("Kind of work", verified.work.kind),
        ("Workers", f"{len(verified.earned.points)}, {verified.earned.workers} with points"),
        ("Amounts", f"{len(verified.tree)} accounts, equal to the unit"),
        ("Total", suite.money(verified.tree.total)),
        ("Root", f"0x{verified.tree.root.hex()}"),
        ("On the chain", f"{state.state}, with this root, total, leaf file and manifest"),
        *of_claims,
        ("Publisher's word", _publishers_word(verified, manifest)),
    ]
    return verified, rows, manifest


def _inputs_of(folder: Path) -> Path:
    return (folder if folder.is_dir() else folder.parent) / inputs.FOLDER


def _text(value: bytes | int) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else f"{value:,}"


def _publishers_word(verified: Verified, manifest: Manifest) -> str:
    """Of which inputs the amounts follow and nothing proves them."""
    names = {Path(name).stem for name in manifest.files if name.startswith(f"{inputs.FOLDER}/")}
    said = sorted(names - _PROVED.get(verified.work.kind, set()))
    return f"{', '.join(said)}: nothing proves them, look at them"


# --- the chain's word on the work ---


def _check_work(
    suite: Suite, verified: Verified, folder: Path, state: DropState, terms: DropTerms | None
) -> list[Row]:
    """Compares the inputs in `folder` with the chain. Raises `FlywheelError` if they differ.

    A claim that a vote voids makes no drop wrong that is open already: of such a drop it is told.
    """
    addresses = folder / inputs.ADDRESSES
    is_open = state.state in ("ACTIVE", "ENDED") and terms is not None
    if verified.work.kind != rules.RANKING or not is_open:
        verified.work.check(suite, addresses)
        return []
    assert terms is not None
    evaluations = _WithoutVoids(suite.evaluations)
    verified.work.check(Suite({**suite.contracts, "Evaluations": evaluations}), addresses)
    opened_at = state.turns_at - terms.claim_seconds
    voided = evaluations.voided_at.values()
    since = sum(opened_at <= time for time in voided)
    before = sum(0 < time < opened_at for time in voided)
    count = len(ranking_files.read_results(folder / ranking_files.RESULTS))
    parts = [
        f"{number} of {count} {'was' if number == 1 else 'were'} voided {when}"
        for number, when in ((since, "since"), (before, "before the drop was active"))
        if number
    ]
    return [("Claims", ", ".join(parts) or f"{count}, all as on the chain")]


class _WithoutVoids:
    """The contract Evaluations as if no claim had been voided; it remembers when each was, 0 if
    none did: a void changes nothing else of a claim."""

    def __init__(self, contract: Any) -> None:
        self._contract = contract
        self.voided_at: dict[int, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._contract, name)

    def claim_of(self, claim_id: int) -> Any:
        state = connection.call(self._contract.claim_of, claim_id)
        self.voided_at[claim_id] = int(state.voided_at)
        return _NotVoid(state)


class _NotVoid:
    """The state of a claim, in which it is not void."""

    voided_at = 0

    def __init__(self, state: Any) -> None:
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)


# --- the lines of workers ---


def _lines_of(suite: Suite, verified: Verified, folder: Path, receivers: Sequence[str]) -> Table:
    """What the table of the drop says of some workers, with what each gets and where."""
    points, total = verified.earned.points, verified.tree.total
    units = shares.split(points, total)
    table = read_table(folder / inputs.ADDRESSES, ("worker", "address"), "worker")
    accounts = {
        worker: str(to_checksum_address(address))
        for worker, address in zip(table["worker"], table["address"], strict=True)
    }
    wanted: dict[str, None] = {}
    for receiver in receivers:
        wanted |= dict.fromkeys(_workers_of(receiver, points, accounts))
    columns, *lines = csv.reader(io.StringIO(verified.earned.table.decode(), newline=""))
    rows = [
        (*line, suite.money(units.get(line[0], 0)), accounts.get(line[0], NONE))
        for line in lines
        if line[0] in wanted
    ]
    heads = [name.replace("_", " ").capitalize() for name in columns]
    return Table("Workers", (*heads, "Gets", "Account"), rows)


def _workers_of(receiver: str, points: dict[str, int], accounts: dict[str, str]) -> list[str]:
    """The worker of that name, and those who are paid at that address."""
    name = spelling(receiver)
    found = [name] if name in points else []
    try:
        account = str(to_checksum_address(values.address(name)))
    except FlywheelError:
        account = ""
    found += [worker for worker, address in accounts.items() if address == account]
    if not found:
        raise fix(
            f"'{shown(receiver)}' has no part in this drop",
            "Check the name, or the address; workers of one person stand under the person's name",
        )
    return found
