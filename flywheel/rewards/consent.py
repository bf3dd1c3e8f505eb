"""Consent that a worker withdraws, without tying its account to the dataset for ever.

The worker draws a random salt and sends its name with it to the curator, who keeps the line
`worker,salt` in `consent.csv`, which is PRIVATE. Public is `suppression.csv`: of each request one
entry, keccak256(salt ++ name), sorted. From the next publication on, and so in the next drop,
nothing of that worker is published: a person leaves as a whole, with all names that `persons.csv`
gives it, and its lines there and among the appeals are left out as well.

What this gives:

1. The worker sees, and can show to whom it tells the salt, that its request was honoured.
2. Nobody else learns from an entry who asked: names such as `w0001` can all be tried, but not
   with a salt of 256 random bits. Entries of one worker in two datasets have nothing in common.
3. What the worker earned in earlier drops stays its own: claims need no list of labels.

What it does not give:

1. The curator learns who asked, when, and the account it paid: it has to, in order to leave out
   the right labels. It should delete the line once it publishes nothing more of the job, and not
   before: a later export of the labels may hold them again.
2. Whoever has an earlier edition keeps it, and sees by comparing two of them which pseudonym is
   gone. Leaves of earlier drops stay on chain and in their published files.
3. How many asked is public, and the time at which an entry appeared. Publish entries with the
   next edition, not one by one.
4. Only the worker can tell that an entry is missing. Others cannot check the list.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import job_files
from flywheel.rewards.job_tables import spelling
from flywheel.rewards.leaves import keccak

COLUMNS = ("worker", "salt")
SALT_BYTES = 32
_HEADER = "entry"
# Of salts and entries: one way to write each.
_WORD = re.compile(r"0x[0-9a-f]{64}")
_SPELLING = "Write 0x and 64 lower-case hexadecimal digits"


@dataclass(frozen=True)
class Withdrawal:
    """A worker's request to leave. Who knows the salt can prove that an entry is this worker's."""

    worker: str
    salt: bytes = field(repr=False)
    # Of the private file, if it was read there.
    line: int = field(default=0, repr=False, compare=False)

    @property
    def entry(self) -> str:
        """What the public list says of it: 0x and 64 digits."""
        return f"0x{keccak(self.salt + spelling(self.worker).encode()).hex()}"


def withdrawal(worker: str, salt: bytes | None = None) -> Withdrawal:
    """The request of `worker`, with `salt` or 32 random bytes. `FlywheelError` if either is not
    what a file of requests can hold."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    if len(salt) != SALT_BYTES:
        raise fix(f"The salt has {len(salt)} bytes", f"Give {SALT_BYTES} random bytes")
    return Withdrawal(job_files.value_of(worker, "worker"), salt)


def salt_of(text: str) -> bytes:
    """A salt as files and people write it: 0x and 64 lower-case digits. Raises `FlywheelError`."""
    if not _WORD.fullmatch(text):
        # A salt is a secret of its worker, so no error repeats one.
        raise fix(f"the salt is not one, it has {len(text):,} characters", _SPELLING)
    return bytes.fromhex(text[2:])


# --- the curator's private file ---


def read_requests(path: Path) -> list[Withdrawal]:
    """The requests of a CSV file with the columns worker, salt, in its order.

    Raises `FlywheelError` with the lines of all faults. A salt of two workers is one: each of them
    could try names with it until it finds the other.
    """
    table = job_files.read_rows(path, COLUMNS, "worker")
    requests, faults = [], []
    before: dict[bytes, int] = {}
    for line, worker, text in zip(table.index, table["worker"], table["salt"], strict=True):
        try:
            salt = salt_of(text)
            first = before.setdefault(salt, int(line))
            if first != line:
                raise fix(f"the salt is that of line {first}", "Ask the worker for a random one")
            requests.append(Withdrawal(worker, salt, int(line)))
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)
    return requests


def new_request(path: Path, request: Withdrawal) -> None:
    """Adds a request to the private file, which is made, for its owner only, if it is missing.

    Raises `FlywheelError`, and leaves the file as it is, if the worker or the salt is in it.
    """
    with job_files.replaced(path, is_private=True) as file:
        for other in read_requests(path) if path.exists() else ():
            if other.worker == request.worker:
                raise fix(f"'{shown(other.worker)}' is in {path} already", "Leave it as it is")
            if other.salt == request.salt:
                raise fix(f"The salt is in {path} already", "Ask the worker for a random one")
        cells = (request.worker, f"0x{request.salt.hex()}")
        file.write(job_files.with_row(path, COLUMNS, cells))


def leaving(requests: Iterable[Withdrawal], person_of: Mapping[str, str]) -> set[str]:
    """The persons who leave: that of each name which asked."""
    names = {spelling(request.worker) for request in requests}
    return {person_of.get(name, name) for name in names}


def refuse_unknown(path: Path, requests: Iterable[Withdrawal], unknown: Set[str]) -> None:
    """Raises `FlywheelError` with the lines of the requests of names that are `unknown`: whoever is
    misspelt would be published for ever."""
    values.refuse_all(
        path,
        [
            values.Fault(
                request.line,
                f"no label and no line of persons is of '{shown(request.worker)}'. Mend the name; "
                "if its labels are gone already, make it known to persons.csv as a person of its "
                "own: that line is not published",
            )
            for request in requests
            if request.worker in unknown
        ],
    )


# --- the public file ---


def suppression(requests: Iterable[Withdrawal]) -> list[str]:
    """The entries of the public list: ascending, each once."""
    return sorted({request.entry for request in requests})


def write_suppression(path: Path, requests: Iterable[Withdrawal]) -> list[str]:
    """Writes the public list of `requests`, as a whole, and returns its entries."""
    entries = suppression(requests)
    with job_files.replaced(path) as file:
        file.write("".join(f"{line}\n" for line in (_HEADER, *entries)).encode())
    return entries


def read_suppression(path: Path) -> list[str]:
    """The entries of a public list.

    Strict, as a set of entries has one spelling only: `FlywheelError` with file and line for any
    other header, spelling or order.
    """
    lines = texts.read_bytes(path).decode("ascii", errors="replace").split("\n")
    if lines[0] != _HEADER:
        raise fix(f"{path}, line 1: the header is not '{_HEADER}'", "Give a suppression.csv")
    if lines.pop() != "":
        raise fix(f"{path}, line {len(lines) + 1}: the file is cut off", "Download it again")
    entries = lines[1:]
    before = ""
    for number, entry in enumerate(entries, start=2):
        if not _WORD.fullmatch(entry):
            raise fix(f"{path}, line {number}: '{shown(entry)}' is not an entry", _SPELLING)
        if entry <= before:
            raise fix(
                f"{path}, line {number}: {entry} repeats or is out of order",
                "Sort the entries and name each once",
            )
        before = entry
    return entries


def is_listed(path: Path, worker: str, salt: bytes) -> bool:
    """Whether the public list has the request of `worker` with `salt`: what the worker looks up."""
    return withdrawal(worker, salt).entry in read_suppression(path)
