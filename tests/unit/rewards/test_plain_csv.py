"""Plain files are read fast to the same table; everything unusual is left to the strict way."""

import os
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import plain_csv
from flywheel.rewards.job_tables import read_table

COLUMNS = ("worker", "task", "label")
HEADER = "worker,task,label\n"
PRINTABLE = "".join(map(chr, range(33, 127)))
CELLS = st.text(st.sampled_from(PRINTABLE.replace(",", "").replace('"', "")), min_size=1)
SPACED = st.lists(CELLS, min_size=1, max_size=3).map("  ".join)
ROWS = st.lists(st.tuples(SPACED, SPACED, SPACED), min_size=1)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("tables") / "labels.csv"


def by_duckdb(path: Path, columns: tuple[str, ...] = COLUMNS) -> pd.DataFrame:
    table = duckdb.sql(f"SELECT * FROM {plain_csv.relation(path, columns)}").df()
    return table.set_index(pd.RangeIndex(2, len(table) + 2))


def assert_same(path: Path, columns: tuple[str, ...] = COLUMNS) -> None:
    """All three ways give the same table of a plain file."""
    strict = read_table(path, columns)
    assert plain_csv.is_plain(path, columns)
    pd.testing.assert_frame_equal(plain_csv.read_plain(path, columns), strict)
    pd.testing.assert_frame_equal(by_duckdb(path, columns), strict)


def assert_left(path: Path, columns: tuple[str, ...] = COLUMNS) -> None:
    assert not plain_csv.is_plain(path, columns)
    assert plain_csv.read_plain(path, columns) is None


# --- plain files ---


@given(rows=ROWS, is_ended=st.booleans())
def test_read_plain__plain_file__is_the_table_of_the_strict_way(path, rows, is_ended):
    text = HEADER + "\n".join(map(",".join, rows)) + "\n" * is_ended
    path.write_text(text)
    assert_same(path)
    assert plain_csv.read_plain(path, COLUMNS).to_numpy().tolist() == [list(row) for row in rows]


@given(rows=ROWS)
@settings(max_examples=20)
def test_read_plain__blocks_of_any_size__are_the_same_table(path, rows):
    path.write_text(HEADER + "\n".join(map(",".join, rows)) + "\n")
    longest = max(len(",".join(row)) + 1 for row in rows)
    with pytest.MonkeyPatch.context() as patch:
        for size in (longest, longest + 1, 2 * longest + 3):
            patch.setattr(plain_csv, "_BLOCK", size)
            table = plain_csv.read_plain(path, COLUMNS)
            assert table.to_numpy().tolist() == [list(row) for row in rows]


@pytest.mark.parametrize("columns", [("a",), ("a", "b"), ("a", "b", "c", "d", "e")])
def test_read_plain__any_number_of_columns__is_the_same_table(tmp_path, columns):
    path = tmp_path / "table.csv"
    rows = "".join(",".join(f"{name}{line}" for name in columns) + "\n" for line in range(3))
    path.write_text(",".join(columns) + "\n" + rows)
    assert_same(path, columns)


@pytest.mark.parametrize(
    "cell",
    # What readers of CSV files take for something else.
    [
        "NULL",
        "NA",
        "nan",
        "\\N",
        "#",
        "#1",
        "--",
        "'a'",
        "a;b",
        "a|b",
        "0012",
        "1e5",
        "2027-01-31",
        "TRUE",
    ],
)
def test_read_plain__cell_that_looks_like_something__stays_text(path, cell):
    path.write_text(f"{HEADER}{cell},t1,{cell}\n{cell},{cell},G\n")
    assert_same(path)
    assert plain_csv.read_plain(path, COLUMNS).iloc[0].tolist() == [cell, "t1", cell]


@pytest.mark.parametrize(
    "name",
    [
        "labels[1].csv",
        "labels*.csv",
        "it's ?.csv",
        "labels.csv.gz",
        "campaign=1/labels.csv",
        "back\\slash.csv",
        "{a,b}.csv",
        "labels.parquet",
    ],
)
def test_relation__odd_name__is_that_file_and_nothing_more(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    (tmp_path / "labels1.csv").write_text(f"{HEADER}x,x,x\n")
    path.write_text(f"{HEADER}a,t1,G\n")
    assert_same(path)


def test_relation__relative_path__is_of_this_folder(tmp_path, monkeypatch):
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "labels.csv").write_text(f"{HEADER}a,t1,G\n")
    monkeypatch.chdir(tmp_path)
    assert_same(Path("s3://labels.csv"))


def test_read_plain__large_file__is_the_same_table(path):
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(
            f"worker {line % 97},task-{line},{'GPRX'[line % 4]}\n" for line in range(99_999)
        )
    assert path.stat().st_size > 2 * plain_csv._BLOCK
    assert_same(path)


# --- everything else ---


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"worker,task,label",
        HEADER.encode(),
        b"worker,task\na,t1\n",
        b"task,worker,label\na,t1,G\n",
        b"Worker,task,label\na,t1,G\n",
        b'"worker",task,label\na,t1,G\n',
        b"worker, task,label\na,t1,G\n",
        b"worker,task,label,time\na,t1,G,1\n",
        b"\nworker,task,label\na,t1,G\n",
        b"worker;task;label\na;t1;G\n",
        b"\xef\xbb\xbfworker,task,label\na,t1,G\n",
        "worker,task,label\na,t1,G\n".encode("utf-16"),
        "worker,task,label\na,t1,G\n".encode("utf-16-le"),
        b"worker,task,label\r\na,t1,G\r\n",
        b"worker,task,label\ra,t1,G\r",
    ],
)
def test_is_plain__other_header_or_form__is_left_to_the_strict_way(path, content):
    path.write_bytes(content)
    assert_left(path)


@pytest.mark.parametrize("place", ["first", "middle", "last", "last without its end"])
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b" ",
        b",,",
        b"a,t1",
        b"a,t1,G,X",
        b"a",
        b"a,t1,G,X\na,t1",
        b",t1,G",
        b"a,,G",
        b"a,t1,",
        b" a,t1,G",
        b"a ,t1,G",
        b"a, t1,G",
        b"a,t1 ,G",
        b"a,t1, G",
        b"a,t1,G ",
        b'"a",t1,G',
        b'a,t"1,G',
        b'a,t1,"',
        b"a,t1,G\r",
        b"a,t\r1,G",
        b"a,t\t1,G",
        b"a,t\x001,G",
        b"a,t\x1f1,G",
        b"a,t\x7f1,G",
        b"a,t\x0b1,G",
        b"a,t\x801,G",
        b"a,\xff,G",
        "ä,t1,G".encode(),
        "a,t1,\u200bG".encode(),
        "a,t\u00a01,G".encode(),
        "a,t\u20281,G".encode(),
    ],
)
def test_is_plain__unusual_line__is_left_to_the_strict_way(path, line, place):
    usual = b"b,t 2,P"
    lines = {"first": [line, usual], "middle": [usual, line, usual]}.get(place, [usual, line])
    end = b"" if place.endswith("end") else b"\n"
    path.write_bytes(HEADER.encode() + b"\n".join(lines) + end)
    if line or end:
        assert_left(path)
    else:
        # Nothing after the last end is no line.
        assert_same(path)


@given(data=st.binary(max_size=40), at=st.integers(0, 60))
def test_read_plain__any_bytes_in_a_plain_file__never_read_otherwise(path, data, at):
    plain = f"{HEADER}a,t 1,G\nb,t 2,P\nc,t 3,R\nd,t 4,X\n".encode()
    path.write_bytes(plain[:at] + data + plain[at:])
    assert_never_otherwise(path)


@given(text=st.text("ab ,\n\"'\r\t", max_size=30))
def test_read_plain__any_text__never_read_otherwise(path, text):
    path.write_bytes((HEADER + text).encode())
    assert_never_otherwise(path)


def assert_never_otherwise(path: Path) -> None:
    """The fast way is not taken, or gives what the strict way does."""
    if plain_csv.is_plain(path, COLUMNS):
        assert_same(path)
    else:
        assert_left(path)


def test_is_plain__unusual_byte_in_a_late_block__is_found(path):
    row = "worker,task,label\n"
    data = bytearray((HEADER + row * (2 * plain_csv._BLOCK // len(row))).encode())
    path.write_bytes(data)
    assert plain_csv.is_plain(path, COLUMNS)
    for at in (plain_csv._BLOCK - 1, plain_csv._BLOCK + len(HEADER), len(data) - 2):
        changed = data.copy()
        changed[at] = 7
        path.write_bytes(changed)
        assert_left(path)


def test_is_plain__endless_line__is_left_to_the_strict_way(path):
    path.write_text(f"{HEADER}a,t1,{'G' * 2 * plain_csv._BLOCK}\n")
    assert_left(path)


def test_is_plain__longest_lines__are_read_by_duckdb(path):
    long = "G" * (plain_csv._BLOCK - 100)
    path.write_text(f"{HEADER}a,{'t' * (plain_csv._BLOCK // 2)},G\n" + f"b,t1,{long}\n" * 3)
    assert_same(path)


def test_is_plain__no_file__is_left_to_the_strict_way(tmp_path):
    for path in (tmp_path, tmp_path / "missing.csv", Path("a\0b")):
        assert_left(path)
    with pytest.raises(FlywheelError, match="Cannot read"):
        read_table(tmp_path / "missing.csv", COLUMNS)


def test_is_plain__pipe__is_not_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert_left(pipe)
    with pytest.raises(FlywheelError, match="a pipe or a device"):
        read_table(pipe, COLUMNS)


def test_is_plain__pipe_in_the_place_of_a_file__is_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    # As for whoever puts it there after a look at the path.
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    assert_left(tmp_path / "pipe")
