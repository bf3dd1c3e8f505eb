"""What was read of a deployment's events, kept so that the next statement reads only what is new.

A DuckDB file per deployment, beside its journal. It holds nothing that the chain does not have: a
file that is damaged, or of another chain, is read anew.

Each log is kept with its block's hash. A reorganisation gives the blocks that it replaces other
hashes, and all blocks after them: what is kept is right up to the newest block whose hash is still
the chain's.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Part of the file's name: what another release has written is not read.
FORMAT = 1
NOTHING = -1

TABLES = """
CREATE TABLE IF NOT EXISTS blocks (number BIGINT PRIMARY KEY, hash VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS logs (
    block BIGINT NOT NULL, index BIGINT NOT NULL, timestamp BIGINT NOT NULL,
    address VARCHAR NOT NULL, topics VARCHAR NOT NULL, data VARCHAR NOT NULL,
    PRIMARY KEY (block, index)
);
"""


@dataclass(frozen=True)
class RawLog:
    """One log as the node gave it, not decoded. `topics` and `data` are hexadecimal with 0x;
    `timestamp` is its block's, in Unix seconds."""

    block: int
    index: int
    timestamp: int
    address: str
    topics: tuple[str, ...]
    data: str


class EventStore:
    """The logs of one deployment up to some block; in memory only if `path` is None."""

    def __init__(self, path: Path | None = None) -> None:
        self._connection = _open(path)
        self._connection.execute(TABLES)

    def close(self) -> None:
        self._connection.close()

    def drop_changed(self, hash_of: Callable[[int], str | None]) -> int:
        """Drops what the chain does not have any more, by `hash_of` a block's number. Returns the
        last block up to which all logs are here, `NOTHING` if there is none."""
        marks = self._connection.execute("SELECT number, hash FROM blocks ORDER BY number")
        known = marks.fetchall()
        # Hashes that are right come before those that are not: found by halving.
        low, high = 0, len(known)
        while low < high:
            # The newest first: as a rule nothing has changed.
            middle = high - 1 if high == len(known) else (low + high) // 2
            number, kept = known[middle]
            if hash_of(int(number)) == kept:
                low = middle + 1
            else:
                high = middle
        until = int(known[low - 1][0]) if low else NOTHING
        with self._transaction() as store:
            store.execute("DELETE FROM logs WHERE block > ?", [until])
            store.execute("DELETE FROM blocks WHERE number > ?", [until])
        return until

    def clear(self) -> None:
        with self._transaction() as store:
            store.execute("DELETE FROM logs")
            store.execute("DELETE FROM blocks")

    def add(self, logs: Iterable[RawLog], hashes: dict[int, str]) -> None:
        """Adds logs, all there are up to the last block in `hashes`: the hashes of their blocks and
        of the last one that was read."""
        import pandas as pd

        rows = [
            (log.block, log.index, log.timestamp, log.address, " ".join(log.topics), log.data)
            for log in logs
        ]
        # DuckDB reads data frames by their name.
        columns = ["block", "index", "timestamp", "address", "topics", "data"]
        frames = {
            "logs": pd.DataFrame(rows, columns=columns),
            "blocks": pd.DataFrame(sorted(hashes.items()), columns=["number", "hash"]),
        }
        with self._transaction() as store:
            for table, frame in frames.items():
                if len(frame):
                    store.register("added", frame)
                    store.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM added")
                    store.unregister("added")

    def logs(self) -> list[RawLog]:
        """All logs, in the order of the chain."""
        rows = self._connection.execute("SELECT * FROM logs ORDER BY block, index").fetchall()
        return [
            RawLog(block, index, timestamp, address, tuple(topics.split()), data)
            for block, index, timestamp, address, topics, data in rows
        ]

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    """All of a block's statements, or none if it raises."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __enter__(self) -> Any:
        self._connection.begin()
        return self._connection

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._connection.commit()
        else:
            self._connection.rollback()


def _open(path: Path | None) -> Any:
    """The file at `path`; one in memory while another process has it. A damaged one is replaced."""
    import duckdb

    if path is None:
        return duckdb.connect()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path))
        # Some damage shows only when the tables are asked for.
        connection.execute(TABLES)
        return connection
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            return duckdb.connect()
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    try:
        return duckdb.connect(str(path))
    except duckdb.Error:
        # A folder that cannot be written to: everything is read each time.
        return duckdb.connect()
