"""How the files of a labelling job are read."""

from pathlib import Path

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import judgements


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
