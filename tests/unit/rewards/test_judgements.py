"""How the files of a labelling job are read."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import judgements
from flywheel.rewards.judgements import Job


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["worker,task"], "line 1: the columns are worker,task"),
        (["task,worker,label", "a,b,c"], "line 1: the columns are task,worker,label"),
        (["worker,task,label", "a,t1,G", "a,,G"], "line 3: no task"),
        (["worker,task,label", "a,t1,G", "a,t2"], "line 3: the row has 2 fields"),
        (["worker,task,label", "a,t1,G", ",t1,G", "b,t1,G"], "line 3: no worker"),
        (["worker,task,label", "a,t1,G", "", "a,t2,G,X"], "line 4: the row has 4 fields, not as"),
        (["worker,task,label", "a,t2,G,X"], "line 2: the row has 4 fields"),
        (["worker,task,label"], "has no rows"),
    ],
)
def test_read_labels__faulty_file__names_line_and_fault(tmp_path, lines, reason):
    path = write(tmp_path, "labels.csv", *lines)
    with pytest.raises(FlywheelError, match=reason) as caught:
        judgements.read_labels(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Write a CSV file with the columns worker,task,label"),
        (b"worker,task,label\na,\xff,G\n", "line 2: the byte 0xff is not UTF-8. Save the file"),
    ],
)
def test_read_labels__not_a_table__is_refused(tmp_path, content, said):
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(FlywheelError, match=said):
        judgements.read_labels(path)


def test_read_labels__missing_file__is_refused(tmp_path):
    with pytest.raises(FlywheelError, match="Cannot read"):
        judgements.read_labels(tmp_path / "labels.csv")


def test_read_labels__words_pandas_takes_for_missing__stay_text(tmp_path):
    path = write(tmp_path, "labels.csv", "worker,task,label", "NA,null,nan")
    assert judgements.read_labels(path).iloc[0].tolist() == ["NA", "null", "nan"]


def test_read_gold__task_twice__is_refused(tmp_path):
    path = write(tmp_path, "gold.csv", "task,label", "t1,G", "t2,G", "t1,X")
    with pytest.raises(FlywheelError, match="line 4: task 't1' is there already"):
        judgements.read_gold(path)


# --- times ---


def plain(folder: Path, time: str) -> Path:
    """What the fast way reads."""
    return write(folder, "plain.csv", "worker,task,label,time", f"a,t1,G,{time}")


def strict(folder: Path, time: str) -> Path:
    """What the strict way reads."""
    return write(folder, "strict.csv", "worker,task,label,time", f'a,t1,"G","{time}"')


def parquet(folder: Path, time: str) -> Path:
    query = "SELECT 'a' AS worker, 't1' AS task, 'G' AS label, $time AS time"
    path = folder / "labels.parquet"
    duckdb.sql(query, params={"time": time}).write_parquet(str(path))
    return path


WAYS = pytest.mark.parametrize("way", [plain, strict, parquet])


@WAYS
@pytest.mark.parametrize(
    ("time", "second"),
    [
        ("0", 0),
        ("1800000000", 1_800_000_000),
        ("9999999999", 9_999_999_999),
        ("1970-01-01T00:00:00Z", 0),
        ("2027-01-15T08:00:00Z", 1_800_000_000),
        ("2286-11-20T17:46:39Z", 9_999_999_999),
        ("2028-02-29T00:00:00Z", 1_835_395_200),
    ],
)
def test_job__canonical_time__is_its_second(tmp_path, way: Callable[..., Path], time, second):
    with Job(way(tmp_path, time)) as job:
        assert job.database.execute("SELECT moment FROM coded").fetchall() == [(second,)]
        job.write(tmp_path / "again.csv")
    with Job(tmp_path / "again.csv") as again:
        assert again.database.execute("SELECT moment FROM coded").fetchall() == [(second,)]


@WAYS
@pytest.mark.parametrize(
    "time",
    [
        "00",
        "01800000000",
        "10000000000",
        "1_800",
        "+5",
        "5.0",
        "\u0663",
        "2027-1-15T08:00:00Z",
        "2027-01-15T8:00:00Z",
        "2027-01-15T08:00:0Z",
        "02027-01-15T08:00:00Z",
        "2027-01-15T08:00:60Z",
        "2027-01-15T24:00:00Z",
        "2027-02-29T00:00:00Z",
        "2027-01-15T08:00:00",
        "2027-01-15T08:00:00.0Z",
        "2027-01-15T08:00:00+00:00",
        "2027-01-15t08:00:00z",
        "2027-01-15 08:00:00",
        "1969-12-31T23:59:59Z",
        "2286-11-20T17:46:40Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_job__another_spelling_of_a_time__is_refused(tmp_path, way: Callable[..., Path], time):
    """Two files of one moment would be two; the ways have to take the same ones."""
    with pytest.raises(FlywheelError, match=r"line 2: time '.*' is |1 rows have no time"):
        Job(way(tmp_path, time))
