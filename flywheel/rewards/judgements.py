"""A labelling job: who said what of which task, read from files into a database of its own.

Whole numbers stand for names, in the order of the names' UTF-8 bytes, so that everything that
follows is counting.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import parquet_files, plain_csv
from flywheel.rewards.job_tables import read_table, spelling
from flywheel.rewards.persons import read_persons

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = ("worker", "task", "label")
TIMED_COLUMNS = (*COLUMNS, "time")
PARQUET = ".parquet"
# One spelling for each second; ten digits last until 2286.
_SECONDS, _END = "0|[1-9][0-9]{0,9}", 10**10
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_DIGITS = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_NO_TIME = f"moment IS NULL OR moment < 0 OR moment >= {_END}"


class Job:
    """The judgements of a job and what is known of its tasks; close it, or use it as a context.

    Tables of `database`: worker, task and label (id, name); coded (worker, task, label, moment), a
    row of the file each, `moment` in Unix seconds; gold (task, label).
    """

    def __init__(
        self,
        labels: Path,
        gold: Path | None = None,
        tasks: Path | None = None,
        persons: Path | None = None,
        leave_out: frozenset[str] = frozenset(),
        memory: str = "4GB",
    ) -> None:
        """Raises `FlywheelError` with all faults of a file and their lines.

        `labels`: CSV with the columns worker, task, label and perhaps time (Unix seconds or
        2027-01-31T12:00:00Z), or Parquet with the same columns as text; `gold`: CSV task,label;
        `tasks`: CSV with the one column task, those that count; `persons`: CSV worker,person, whose
        workers stand under the name of their person; `leave_out`: workers who leave, each with its
        person and all others of that person; `memory`: what is kept there before it goes to a
        temporary folder.
        """
        import duckdb

        self._folder = TemporaryDirectory(prefix="flywheel-job-")
        self.database: DuckDBPyConnection = duckdb.connect(
            config={
                "memory_limit": memory,
                "temp_directory": self._folder.name,
                "preserve_insertion_order": "false",
            }
        )
        try:
            self.has_times = _load_labels(self.database, labels)
            person_of = read_persons(persons)
            # Names to leave out that neither the labels nor the persons know.
            self.strangers = _unknown(self.database, leave_out, person_of)
            _name_persons(self.database, person_of)
            # A person leaves as a whole, whichever of its names asks.
            _leave_out(self.database, {person_of.get(name, name) for name in leave_out})
            _load_gold(self.database, gold)
            _number_names(self.database)
            if tasks is not None:
                _keep_tasks(self.database, tasks)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Job":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, path: Path) -> None:
        """Writes the rows that were read as CSV: one order, one spelling, `time` in seconds."""
        time = ", coded.moment AS time" if self.has_times else ""
        order = ", ".join(str(number) for number in range(1, 5 if time else 4))
        name = "'" + str(path.absolute()).replace("'", "''") + "'"
        self.database.execute(f"""
            COPY (
                SELECT w.name AS worker, t.name AS task, l.name AS label{time}
                FROM coded JOIN worker w ON w.id = coded.worker JOIN task t ON t.id = coded.task
                JOIN label l ON l.id = coded.label ORDER BY {order}
            ) TO {name} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '"', ESCAPE '"')
        """)

    def close(self) -> None:
        self.database.close()
        self._folder.cleanup()


def read_labels(path: Path) -> pd.DataFrame:
    """Judgements of a CSV file, text: columns worker, task, label and, if it is there, time; the
    index is the line of each row."""
    return read_table(path, COLUMNS, optional="time")


def read_gold(path: Path) -> pd.DataFrame:
    """Experts' answers: columns task, label (text); one row per task."""
    return read_table(path, ("task", "label"), "task")


def second_of(text: str) -> int:
    """Unix seconds of a time as a file has it. Raises `FlywheelError`."""
    if re.fullmatch(_SECONDS, text):
        return int(text)
    try:
        if not re.fullmatch(_DIGITS, text):
            raise ValueError
        moment = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise fix(
            f"time '{shown(text)}' is no time",
            "Write 2027-01-31T12:00:00Z, or Unix seconds in at most 10 digits, none of them a "
            "leading 0",
        ) from None
    second = int(moment.timestamp())
    if not 0 <= second < _END:
        where = "before 1970" if second < 0 else "after 2286"
        raise fix(f"time '{shown(text)}' is {where}", "Write when the label was given")
    return second


def _load_labels(database: "DuckDBPyConnection", path: Path) -> bool:
    """Makes raw (worker, task, label, moment), names in one spelling; whether there are times."""
    if path.suffix == PARQUET:
        return _load_parquet(database, path)
    for columns in (COLUMNS, TIMED_COLUMNS):
        if plain_csv.is_plain(path, columns) and _load_plain(database, path, columns):
            return "time" in columns
    table = read_labels(path)
    has_times = "time" in table
    table["moment"] = _seconds(path, table) if has_times else 0
    _make_raw(database, table)
    return has_times


def _make_raw(database: "DuckDBPyConnection", table: pd.DataFrame) -> None:
    database.register("strictly_read", table)
    database.execute(
        "CREATE OR REPLACE TEMP TABLE raw AS "
        "SELECT worker, task, label, moment::BIGINT AS moment FROM strictly_read"
    )
    database.unregister("strictly_read")


def _load_plain(database: "DuckDBPyConnection", path: Path, columns: tuple[str, ...]) -> bool:
    """Reads a plain file; False if a time in it is none, which the strict way explains."""
    at = _second_in_sql("time") if "time" in columns else "0::BIGINT"
    database.execute(
        f"CREATE TEMP TABLE raw AS SELECT worker, task, label, {at} AS moment "
        f"FROM {plain_csv.relation(path, columns)}"
    )
    return not database.execute(f"SELECT 1 FROM raw WHERE {_NO_TIME} LIMIT 1").fetchall()


def _second_in_sql(column: str) -> str:
    return f"""CASE
        WHEN regexp_full_match({column}, '{_SECONDS}') THEN TRY_CAST({column} AS BIGINT)
        WHEN regexp_full_match({column}, '{_DIGITS}')
        THEN epoch(try_strptime({column}, '{_MOMENT}'))::BIGINT END"""


def _seconds(path: Path, table: pd.DataFrame) -> list[int]:
    found, faults = [], []
    for line, text in zip(table.index, table["time"], strict=True):
        try:
            found.append(second_of(text))
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)
    return found


def _load_parquet(database: "DuckDBPyConnection", path: Path) -> bool:
    import duckdb

    try:
        source = parquet_files.table(database, path)
        found = dict(zip(source.columns, map(str, source.types), strict=True))
        timed = tuple(found) == TIMED_COLUMNS
        if not timed and tuple(found) != COLUMNS:
            raise fix(
                f"{path} has the columns {shown(','.join(found))}",
                f"Write {','.join(COLUMNS)} and, if it is known, time",
            )
        wrong = [name for name in COLUMNS if found[name] != "VARCHAR"]
        if wrong:
            raise fix(f"{path}: column {wrong[0]} is no text", "Save it as a string")
        at = _second_in_sql("CAST(time AS VARCHAR)") if timed else "0::BIGINT"
        parquet_files.refuse_long(source.select(*COLUMNS), path)
        source.create_view("given")
        database.execute(
            f"CREATE TEMP TABLE raw AS SELECT worker, task, label, {at} AS moment FROM given"
        )
    except duckdb.Error as error:
        raise fix(f"{path} is no Parquet file: {error}", "Write it again") from None
    if not database.execute("SELECT 1 FROM raw LIMIT 1").fetchall():
        raise fix(f"{path} has no rows", f"Write the columns {','.join(COLUMNS)}")
    _refuse_gaps(database, path)
    for column in COLUMNS:
        _respell(database, path, column)
    return timed


def _refuse_gaps(database: "DuckDBPyConnection", path: Path) -> None:
    faults = [
        *((f"{name} IS NULL", name, "Fill it in or leave the row out") for name in COLUMNS),
        (
            _NO_TIME,
            "time",
            "Write Unix seconds in at most 10 digits, or text such as 2027-01-31T12:00:00Z",
        ),
    ]
    for condition, name, remedy in faults:
        found = database.execute(f"SELECT count(*) FROM raw WHERE {condition}").fetchone()
        if found and found[0]:
            raise fix(f"{path}: {found[0]:,} rows have no {name}", remedy)


def _respell(database: "DuckDBPyConnection", path: Path, column: str) -> None:
    """Gives the names that are not plain the spelling that a CSV file would have given them."""
    odd = database.execute(
        f"SELECT DISTINCT {column} FROM raw "
        f"WHERE NOT regexp_full_match({column}, '[!-~]([ -~]*[!-~])?')"
    ).fetchall()
    spelt = []
    for (written,) in odd:
        name = spelling(written)
        hidden = texts.unseen(name)
        if not name or hidden:
            raise fix(
                f"{path}: {column} '{shown(written)}' holds "
                f"{hidden or 'nothing'}, which cannot be seen",
                "Write the value again by hand",
            )
        spelt.append((written, name))
    if spelt:
        database.execute("CREATE OR REPLACE TEMP TABLE spelt (written VARCHAR, name VARCHAR)")
        database.executemany("INSERT INTO spelt VALUES (?, ?)", spelt)
        database.execute(
            f"UPDATE raw SET {column} = spelt.name FROM spelt WHERE raw.{column} = spelt.written"
        )


def _unknown(
    database: "DuckDBPyConnection", names: frozenset[str], person_of: dict[str, str]
) -> frozenset[str]:
    named = names - person_of.keys() - set(person_of.values())
    if not named:
        return frozenset()
    query = "SELECT DISTINCT worker FROM raw WHERE worker IN (SELECT unnest(?))"
    found = database.execute(query, [sorted(named)]).fetchall()
    return named - {worker for (worker,) in found}


def _leave_out(database: "DuckDBPyConnection", workers: set[str]) -> None:
    if workers:
        database.execute("DELETE FROM raw WHERE worker IN (SELECT unnest(?))", [sorted(workers)])


def _name_persons(database: "DuckDBPyConnection", person_of: dict[str, str]) -> None:
    if not person_of:
        return
    table = pd.DataFrame(person_of.items(), columns=["worker", "person"], dtype=str)
    database.register("strictly_read", table)
    database.execute(
        "UPDATE raw SET worker = p.person FROM strictly_read p WHERE raw.worker = p.worker"
    )
    database.unregister("strictly_read")


def _load_gold(database: "DuckDBPyConnection", path: Path | None) -> None:
    database.execute("CREATE TEMP TABLE expert (task VARCHAR, label VARCHAR)")
    if path is not None:
        database.register("strictly_read", read_gold(path))
        database.execute("INSERT INTO expert SELECT task, label FROM strictly_read")
        database.unregister("strictly_read")


def _keep_tasks(database: "DuckDBPyConnection", path: Path) -> None:
    database.register("strictly_read", read_table(path, ("task",), "task"))
    database.execute("""
        DELETE FROM coded WHERE task NOT IN (
            SELECT id FROM task WHERE name IN (SELECT task FROM strictly_read)
        )
    """)
    database.unregister("strictly_read")


def _number_names(database: "DuckDBPyConnection") -> None:
    for table, source in [
        ("worker", "SELECT worker AS name FROM raw"),
        ("task", "SELECT task AS name FROM raw"),
        ("label", "SELECT label AS name FROM raw UNION SELECT label FROM expert"),
    ]:
        database.execute(f"""
            CREATE TEMP TABLE {table} AS
            SELECT (row_number() OVER (ORDER BY name) - 1)::INTEGER AS id, name
            FROM (SELECT DISTINCT name FROM ({source}))
        """)
    database.execute("""
        CREATE TEMP TABLE coded AS
        SELECT w.id AS worker, t.id AS task, l.id AS label, raw.moment
        FROM raw JOIN worker w ON w.name = raw.worker JOIN task t ON t.name = raw.task
        JOIN label l ON l.name = raw.label
    """)
    database.execute("""
        CREATE TEMP TABLE gold AS SELECT t.id AS task, l.id AS label
        FROM expert e JOIN task t ON t.name = e.task JOIN label l ON l.name = e.label
    """)
    database.execute("DROP TABLE raw")
