"""flywheel.royalties.royalty_file: the columns and cells of a batch; what is wrong by line."""

import pytest
from eth_utils import keccak

from flywheel.errors import FlywheelError
from flywheel.royalties import royalty_file
from flywheel.royalties.royalty_file import Row


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def test_read__rows__have_their_lines_and_evidence(path):
    (path.parent / "a.pdf").write_bytes(b"audited")
    path.write_text(
        '\ufeffLicence, period ,REVENUE,units,evidence\n3,1,"1,000.50",,\n\n3,2,0,1_000,a.pdf\n',
        encoding="utf-8",
    )
    rows, faults = royalty_file.read(path)
    assert faults == []
    assert rows == [
        Row(2, 3, 0, 1, "1,000.50", 0, bytes(32)),
        Row(4, 3, 0, 2, "0", 1_000, keccak(b"audited")),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("license,period\n1,1\n", "line 1: column 'revenue' is missing"),
        ("period,revenue\n1,1\n", "line 1: column 'license' or 'model' is missing"),
        ("license,period,revenue,note\n1,1,1,x\n", "line 1: there is no column 'note'"),
        ("license,period,period,revenue\n1,1,1,1\n", "line 1: column 'period' is there twice"),
        ("license,licence,period,revenue\n", "column 'license' is there twice"),
        ("license,period,revenue\n", "has no rows"),
        ("", "column 'period' is missing"),
    ],
)
def test_read__wrong_columns__are_refused(path, text, said):
    path.write_text(text)
    with pytest.raises(FlywheelError, match=said):
        royalty_file.read(path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,0,5,", "the period is missing"),
        ("1,,5,", "the period is missing"),
        ("1,1.5,5,", "period '1.5' is no whole number"),
        ("-1,1,5,", "license '-1' is no whole number"),
        (",1,5,", "neither license nor model is given"),
        ("1,1,,", "the revenue is missing"),
        ("1,1,5,many", "units 'many' is no whole number"),
        ("1,1,1,000,", "not as many fields"),
        ("1,1,5", "not as many fields"),
    ],
)
def test_read__unreadable_row__is_a_fault_of_its_line(path, row, said):
    path.write_text(f"license,period,revenue,units\n1,1,5,\n{row}\n")
    rows, (fault,) = royalty_file.read(path)
    assert len(rows) == 1
    assert fault.line == 3
    assert said in fault.text


def test_read__no_csv__is_refused(path):
    with pytest.raises(FlywheelError, match="Cannot read"):
        royalty_file.read(path)
    path.write_bytes(b"\xff\xfel")
    with pytest.raises(FlywheelError, match="line 1: this is no UTF-16, though"):
        royalty_file.read(path)
