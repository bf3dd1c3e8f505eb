"""Parquet files of labels: that one file, and no more of it than its bytes can tell."""

import os
from pathlib import Path

import duckdb
import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import parquet_files
from flywheel.rewards.judgements import Job

ROW = "'w' AS worker, 't' AS task, 'l' AS label"


def save(path: Path, query: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"COPY ({query}) TO '{path.parent}/new' (FORMAT parquet, COMPRESSION zstd)")
    (path.parent / "new").rename(path)
    return path


def workers(path: Path) -> list[str]:
    with Job(path) as job:
        assert not job.has_times
        return [name for (name,) in job.database.execute("SELECT name FROM worker").fetchall()]


@pytest.mark.parametrize(
    ("name", "neighbour"),
    [
        ("drop[1]", "drop1"),
        ("drop?", "drop1"),
        ("drop*", "drop1"),
        ("{a,b}", "a"),
        ("it's", "a"),
        ("back\\slash", "backslash"),
        ("worker=mallory", "worker=eve"),
        ("label=G", "label=P"),
        ("time=9", "time=8"),
        ("place=1", "place=2"),
    ],
)
def test_job__parquet_in_a_folder_of_an_odd_name__is_that_file_alone(tmp_path, name, neighbour):
    query = "SELECT '{}' AS worker, 't' AS task, 'G' AS label"
    save(tmp_path / neighbour / "l.parquet", query.format("mallory"))
    new = save(tmp_path / "new" / "l.parquet", query.format("ann"))
    path = tmp_path / name / "l.parquet"
    path.parent.mkdir()
    new.rename(path)
    assert workers(path) == ["ann"]


def test_job__relative_parquet__is_of_this_folder(tmp_path, monkeypatch):
    path = save(tmp_path / "s3:" / "l.parquet", f"SELECT {ROW}")
    monkeypatch.chdir(tmp_path)
    assert workers(Path("s3://l.parquet")) == ["w"]
    path.unlink()
    with pytest.raises(FlywheelError, match="Cannot read"):
        Job(Path("s3://l.parquet"))


def test_job__parquet_of_twenty_million_equal_rows__is_refused_unread(tmp_path, monkeypatch):
    path = save(tmp_path / "l.parquet", f"SELECT {ROW} FROM range(20_000_000)")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(parquet_files, "refuse_long", lambda *_: pytest.fail("it was read"))
    with pytest.raises(FlywheelError, match=r"has 20,000,000 rows, more than so small a file"):
        Job(path)


def test_job__parquet_whose_pages_unpack_to_more__is_refused_unread(tmp_path, monkeypatch):
    # Each name is another one, so none is in a dictionary.
    query = "SELECT repeat('w', 1_000_000 + range) AS worker, 't' AS task, 'l' AS label"
    path = save(tmp_path / "l.parquet", f"{query} FROM range(100)")
    monkeypatch.setattr(parquet_files, "refuse_long", lambda *_: pytest.fail("it was read"))
    with pytest.raises(FlywheelError, match="bytes unpacked, more than so small a file"):
        Job(path)


def test_job__parquet_of_one_long_name_in_many_rows__is_refused(tmp_path):
    query = "SELECT repeat('w', 100_000) AS worker, 't' AS task, 'l' AS label"
    path = save(tmp_path / "l.parquet", f"{query} FROM range(10_000)")
    assert path.stat().st_size < 100_000
    with pytest.raises(FlywheelError, match=r"has 1,000,020,000 bytes of text, more than so small"):
        Job(path)


@pytest.mark.parametrize("compression", ["zstd", "gzip", "snappy"])
@pytest.mark.parametrize("order", ["worker, task", "task, worker"])
def test_table__honest_dictionaries__are_read_without_the_allowance(
    tmp_path, monkeypatch, order, compression
):
    """Nearly all labels are the same, and the rows are sorted."""
    for name in ("_ROWS", "_UNPACKED", "_LETTERS"):
        monkeypatch.setattr(parquet_files, name, 0)
    path = tmp_path / "l.parquet"
    duckdb.execute(f"""
        COPY (
            SELECT 'w' || w.range AS worker, 't' || t.range AS task,
                CASE WHEN hash(w.range * 100_003 + t.range) % 500 = 0 THEN 'x' ELSE 'y' END AS label
            FROM range(100) w, range(3_000) t ORDER BY {order}
        ) TO '{path}' (FORMAT parquet, COMPRESSION {compression})
    """)
    with Job(path) as job:
        assert job.database.execute("SELECT count(*) FROM coded").fetchall() == [(300_000,)]


def test_job__small_parquet_of_equal_rows__is_read(tmp_path):
    assert workers(save(tmp_path / "l.parquet", f"SELECT {ROW} FROM range(1_000_000)")) == ["w"]


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(64) + b"PAR1", b"\0" * 4_096])
def test_job__no_parquet__is_refused(tmp_path, data):
    (tmp_path / "l.parquet").write_bytes(data)
    with pytest.raises(FlywheelError, match="is no Parquet file"):
        Job(tmp_path / "l.parquet")


def test_job__parquet_that_is_a_pipe_or_no_path__is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.parquet")
    (tmp_path / "zero.parquet").symlink_to("/dev/zero")
    (tmp_path / "folder.parquet").mkdir()
    for name in ("pipe", "zero", "folder", "absent", "\udcff"):
        with pytest.raises(FlywheelError, match=r"Cannot read|is no path"):
            Job(tmp_path / f"{name}.parquet")
