"""Appeals of a job: read, counted and added."""

import os
import stat
from pathlib import Path

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import appeals, job_files
from flywheel.rewards.appeals import Appeal

HEADER = "worker,task,drop,ruling,reason"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "appeals.csv"
    path.write_text("".join(f"{line}\n" for line in (HEADER, *lines)), encoding="utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(FlywheelError) as caught:
        appeals.read_appeals(path)
    return str(caught.value).split("\n")


# --- reading ---


def test_read_appeals__file__has_each_appeal_in_its_order(tmp_path):
    path = written(
        tmp_path,
        'zoe\u0308,t1,4,accepted,"clear, on a second look"',
        "ann,t1,4,refused,it is a bird",
        " ann , t2 , 4,open,please look again",
    )
    assert appeals.read_appeals(path) == [
        Appeal("zoë", "t1", 4, "accepted", "clear, on a second look"),
        Appeal("ann", "t1", 4, "refused", "it is a bird"),
        Appeal("ann", "t2", 4, "open", "please look again"),
    ]


@pytest.mark.parametrize("data", [HEADER, f"{HEADER}\n", f"\ufeff{HEADER}\r\n\r\n"])
def test_read_appeals__header_alone__is_nobody(tmp_path, data):
    path = tmp_path / "appeals.csv"
    path.write_bytes(data.encode())
    assert appeals.read_appeals(path) == []


def test_read_appeals__byte_order_mark__is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "appeals.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\na,t,7,open,why\r\n".encode())
    assert appeals.read_appeals(path) == [Appeal("a", "t", 7, "open", "why")]


def test_read_appeals__bad_rulings_and_repeats__are_all_named_with_their_lines(tmp_path):
    path = written(
        tmp_path,
        "a,t1,1,accepted,x",
        "a,t2,1,Accepted,x",
        "b,t1,1,granted,x",
        "a,t1,1,refused,y",
        "",
        "zoë,t1,1,open,x",
        f"zoe\u0308,t1,1,{'9' * 5_000},x",
    )
    faults = faults_of(path)
    places = [fault.removeprefix(f"{path}, line ").split(":")[0] for fault in faults]
    assert places == ["3", "4", "5", "8", "8"]
    assert "ruling 'Accepted' is unknown. Write accepted, refused, open" in faults[0]
    assert "already, in line 2" in faults[2]
    assert "already, in line 7" in faults[4]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "the columns are"),
        (b"worker,task,ruling,reason\na,t,open,x\n", "the columns are"),
        (b"worker,task,drop,ruling,reason,by\na,t,1,open,x,y\n", "the columns are"),
        (b"task,worker,drop,ruling,reason\nt,a,1,open,x\n", "the columns are"),
        (b"worker,task,drop,ruling,reason\na,t,1,open\n", "4 fields"),
        (b"worker,task,drop,ruling,reason\na,t,1,open,\n", "no reason"),
        (b"worker,task,drop,ruling,reason\n,t,1,open,x\n", "no worker"),
        (b"worker,task,drop,ruling,reason\na,t,1,open,x\0y\n", "U+0000"),
        (b"worker,task,drop,ruling,reason\na,t,1,open,\x1b[2J\n", "U+001B"),
        ("worker,task,drop,ruling,reason\na\u202e,t,1,open,x\n".encode(), "U+202E"),
        (b'worker,task,drop,ruling,reason\na,t,1,open,"x\n', "quotation mark"),
        (b"worker,task,drop,ruling,reason\n\xff,t,1,open,x\n", "is not UTF-8"),
        (b"worker,task,drop,ruling,reason\na,t,1,op", "4 fields"),
        *(
            (f"{HEADER}\na,t,{text},open,x\n".encode(), said)
            for text, said in [
                ("0", "'0' is no number of a drop"),
                ("01", "'01' is no number of a drop"),
                ("1_0", "'1_0' is no number of a drop"),
                ("-1", "'-1' is no whole number"),
                ("1.0", "'1.0' is no whole number"),
                ("first", "'first' is no whole number"),
                ("\u0663", "is no whole number"),
                ("9" * 5_000, "is too large"),
                ("", "no drop"),
            ]
        ),
    ],
)
def test_read_appeals__what_is_no_such_file__is_refused(tmp_path, data, fault):
    path = tmp_path / "appeals.csv"
    path.write_bytes(data)
    faults = faults_of(path)
    assert any(fault in line for line in faults)
    assert all(line.isprintable() for line in faults)


def test_accepted__appeals__counts_them_by_worker(tmp_path):
    path = written(
        tmp_path,
        "b,t1,1,accepted,x",
        "a,t1,1,accepted,x",
        "b,t2,1,accepted,x",
        "b,t3,1,refused,x",
        "c,t1,1,refused,x",
        "d,t1,1,open,x",
    )
    counts = appeals.accepted(appeals.read_appeals(path))
    assert list(counts.items()) == [("a", 1), ("b", 2)]
    assert appeals.accepted([]) == {}


def test_read_appeals__of_another_drop__is_refused_with_its_line(tmp_path):
    """Whatever is paid in one drop can so be paid in no other."""
    path = written(tmp_path, *(f"a,t{drop},{drop},accepted,x" for drop in (1, 2, 3, 4)))
    with pytest.raises(FlywheelError) as caught:
        appeals.read_appeals(path, paid_in=3)
    faults = str(caught.value).split("\n")
    assert [fault.split(":")[0] for fault in faults] == [f"{path}, line {n}" for n in (2, 4, 5)]
    assert "it is of drop 1; drop 3 pays appeals of drop 2 only" in faults[0]
    for paid_in in (3, 4):
        (good,) = appeals.read_appeals(
            written(tmp_path, f"a,t,{paid_in - 1},open,x"), paid_in=paid_in
        )
        assert good.drop == paid_in - 1


def test_read_appeals__paid_in_the_first_drop__is_refused(tmp_path):
    path = written(tmp_path, "a,t1,1,accepted,x")
    with pytest.raises(FlywheelError, match="line 2: no drop was before the first"):
        appeals.read_appeals(path, paid_in=1)
    assert appeals.read_appeals(written(tmp_path), paid_in=1) == []


def test_read_appeals__two_names_of_one_person__is_one_appeal(tmp_path):
    path = written(tmp_path, "a,t1,1,accepted,x", "b,t1,1,accepted,x", "c,t1,1,accepted,x")
    with pytest.raises(FlywheelError, match=r"line 3: worker 'b' has an appeal of task 't1' al"):
        appeals.read_appeals(path, person_of={"b": "a"})
    with pytest.raises(FlywheelError, match="line 4: worker 'c' has"):
        appeals.read_appeals(path, person_of={"b": "p", "c": "p"})
    found = appeals.read_appeals(path, person_of={"b": "p"})
    assert appeals.accepted(found, {"b": "p", "x": "y"}) == {"a": 1, "c": 1, "p": 1}


# --- adding ---


def test_new_appeal__no_file__makes_it(tmp_path):
    path = tmp_path / "inputs/appeals.csv"
    first = appeals.new_appeal(path, "a", "t1", 2, 'it said "bird", twice')
    second = appeals.new_appeal(path, " zoe\u0308", "t1", 2, "=why", ruling="accepted")
    assert appeals.read_appeals(path) == [first, second]
    assert second == Appeal("zoë", "t1", 2, "accepted", "=why")
    assert path.read_text() == (
        f'{HEADER}\na,t1,2,open,"it said ""bird"", twice"\nzoë,t1,2,accepted,=why\n'
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_new_appeal__file_with_or_without_a_last_line_break__adds_one_line(tmp_path, end):
    path = tmp_path / "appeals.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\na,t1,1,open,x{end}".encode())
    appeals.new_appeal(path, "b", "t1", 1, "y")
    assert appeals.read_appeals(path) == [
        Appeal(name, "t1", 1, "open", x) for name, x in ("ax", "by")
    ]


@pytest.mark.parametrize("worker", ["zoë", "zoe\u0308", " zoë"])
def test_new_appeal__worker_has_one_of_the_task__is_refused_and_the_file_stays(tmp_path, worker):
    path = written(tmp_path, "zoë,t1,1,refused,x")
    before = path.read_bytes()
    with pytest.raises(FlywheelError, match="has an appeal of task 't1' already"):
        appeals.new_appeal(path, worker, "t1", 1, "y")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    appeals.new_appeal(path, worker, "t2", 1, "y")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (("", "t", 1, "x"), "worker is empty"),
        (("a", " ", 1, "x"), "task is empty"),
        (("a", "t", 1, ""), "reason is empty"),
        (("a", "t", 0, "x"), "'0' is no number of a drop"),
        (("a", "t", -1, "x"), "'-1' is no whole number"),
        (("a", "t", 1, "x\ny,t,accepted,z"), "U+000A"),
        (("a", "t", 1, "x\ry"), "U+000D"),
        (("a\0", "t", 1, "x"), "U+0000"),
        (("a", "\ud800", 1, "x"), "U+D800"),
        (("9" * 5_000, "t", 1, "x"), "5,000 characters"),
        (("a", "t", 1, "x", "Accepted"), "ruling 'Accepted' is unknown"),
        (("a", "t", 1, "x", "open\n"), "ruling 'open?' is unknown"),
    ],
)
def test_new_appeal__what_no_row_can_hold__is_refused_and_no_file_made(tmp_path, cells, fault):
    path = tmp_path / "appeals.csv"
    with pytest.raises(FlywheelError) as caught:
        appeals.new_appeal(path, *cells)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_new_appeal__file_of_another_drop__is_refused_and_the_file_stays(tmp_path):
    path = written(tmp_path, "a,t1,1,refused,x")
    before = path.read_bytes()
    with pytest.raises(FlywheelError, match=r"has appeals of drop 1.*of drop 2 to a file of their"):
        appeals.new_appeal(path, "a", "t2", 2, "y")
    assert path.read_bytes() == before


def test_new_appeal__file_that_cannot_be_read__is_left_as_it_is(tmp_path):
    path = written(tmp_path, "a,t1,1,granted,x")
    before = path.read_bytes()
    with pytest.raises(FlywheelError, match="granted"):
        appeals.new_appeal(path, "b", "t1", 1, "y")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_new_appeal__somebody_else_is_writing__is_refused_and_leaves_the_draft(tmp_path):
    path = written(tmp_path, "a,t1,1,open,x")
    with job_files.replaced(path) as file:
        with pytest.raises(FlywheelError, match="Somebody else writes"):
            appeals.new_appeal(path, "b", "t1", 1, "y")
        file.write(path.read_bytes())
    appeals.new_appeal(path, "b", "t1", 1, "y")
    assert len(appeals.read_appeals(path)) == 2


def test_new_appeal__stopped_before_the_end__leaves_the_old_file(tmp_path, monkeypatch):
    path = written(tmp_path, "a,t1,1,open,x")
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FlywheelError, match="No space left on device"):
            appeals.new_appeal(path, "b", "t1", 1, "y")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_new_appeal__file_behind_a_link__is_replaced_where_it_is_with_its_permissions(tmp_path):
    path = written(tmp_path, "a,t1,1,open,x")
    path.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    appeals.new_appeal(link, "b", "t1", 1, "y")
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(appeals.read_appeals(path)) == 2


def test_new_appeal__path_that_is_none__is_refused(tmp_path):
    with pytest.raises(FlywheelError, match="Cannot write"):
        appeals.new_appeal(tmp_path / "a\0b", "a", "t", 1, "x")
    with pytest.raises(FlywheelError, match="Cannot write"):
        appeals.new_appeal(written(tmp_path) / "inside/appeals.csv", "a", "t", 1, "x")
