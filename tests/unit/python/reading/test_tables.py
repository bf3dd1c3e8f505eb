"""flywheel.reading.tables and values: rows with their lines, all faults at once."""

import pytest

from flywheel.errors import FlywheelError
from flywheel.reading import tables, values
from tests.kits import hostile


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "x.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tables.read(path, "Write a, b")

    return of


def rows(table):
    return [(row.line, *row.cells.values()) for row in table.rows]


def test_read__ordinary_table__has_stripped_cells_and_lines(read):
    table = read('a,b\n 1 ,"x, ""y"""\r\n\n\u00a02,é\n')
    assert table.columns == ("a", "b")
    assert rows(table) == [(2, "1", 'x, "y"'), (4, "2", "é")]
    assert table.faults == []


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read__any_line_break_and_marked_encoding__is_the_same(read, line_break, encoding):
    text = line_break.join(["a,b", "1,é", "2,y", ""])
    assert rows(read(text.encode(encoding))) == [(2, "1", "é"), (3, "2", "y")]


def test_read__lines_without_values__are_passed_over(read):
    assert rows(read("\n,\na,b\n,\n1,x\n,,,,\n , \n\n")) == [(5, "1", "x")]


@pytest.mark.parametrize(
    "line",
    ['1,"x', '1,"x"y', '1,x"y', '1, "x"', '"1,x', '1,"x""', '"'],
)
def test_read__stray_quotation_mark__is_a_fault_of_its_line_and_swallows_no_other(read, line):
    table = read(f'a,b\n{line}\n2,y\n3,"z\n4,w\n')
    assert rows(table) == [(3, "2", "y"), (5, "4", "w")]
    assert [fault.line for fault in table.faults] == [2, 4]
    assert "a quotation mark stands in the middle of a value, or is not closed" in (
        table.faults[0].text
    )


def test_read__quoted_line_break__is_refused_where_it_begins_and_later_lines_keep_theirs(read):
    table = read('a,b\n1,"x\ny"\n2,y,z\n')
    assert [fault.line for fault in table.faults] == [2, 3, 4]
    with pytest.raises(FlywheelError) as caught:
        table.refuse_faults()
    assert str(caught.value).count("\n") == 2
    assert "x.csv, line 4: the row has 3 fields, not as many fields as the first line, 2" in str(
        caught.value
    )


@pytest.mark.parametrize("cell", ["x\0y", "x\u200by", "x\u202ey", "x\ty", "x\u00a0y", "x\x1by"])
def test_read__character_that_cannot_be_seen__is_a_fault(read, cell):
    (fault,) = read(f"a,b\n1,y\n2,{cell}\n").faults
    assert fault.line == 3
    assert f"cannot be seen, U+{ord(cell[1]):04X}" in fault.text
    assert fault.text.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,a\n1,2\n", "x.csv, line 1: column 'a' is there twice. Write a, b."),
        ("a;b\n1;2\n", "line 1: its columns are separated by semicolons. Save it with commas"),
        ("a\tb\n1\t2\n", "separated by tabs"),
        ('a,"b\n1,2\n', "line 1: a quotation mark"),
        ("a\u200b,b\n", "line 1: 'a?' holds a character that cannot be seen"),
    ],
)
def test_read__first_line_that_is_none__is_refused(read, text, said):
    with pytest.raises(FlywheelError) as caught:
        read(text)
    assert said in str(caught.value)


def test_refuse_faults__thousands__lists_the_first_and_counts_the_rest(read):
    table = read("a,b\n" + "1\n" * 1_000)
    with pytest.raises(FlywheelError) as caught:
        table.refuse_faults()
    assert len(str(caught.value).splitlines()) == values.MAX_SHOWN + 1
    assert str(caught.value).endswith("x.csv has 800 faults more.")


def test_require_rows__first_line_alone__is_refused(read):
    with pytest.raises(FlywheelError, match="has no rows"):
        read("a,b\n,\n").require_rows("Write some")


# --- values ---


@pytest.mark.parametrize(
    ("value", "number"),
    [("0", 0), ("007", 7), ("1_000", 1_000), (5, 5), (str(2**256 - 1), 2**256 - 1)],
)
def test_whole_number__digits__are_read(value, number):
    assert values.whole_number(value, "units") == number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("-1", "units '-1' is no whole number"),
        (-1, "is negative"),
        ("1.5", "is no whole number"),
        (1.0, "is no whole number"),
        (True, "is no whole number"),
        ("", "is no whole number"),
        ("\u00b2", "is no whole number"),
        ("\u0663", "is no whole number"),
        ("1__0", "is no whole number"),
        (None, "is no whole number"),
        (hostile.DIGITS, "is too large. Write at most 2^256 - 1"),
        (2**256, "is too large"),
    ],
)
def test_whole_number__anything_else__is_refused_in_short(value, said):
    with pytest.raises(FlywheelError) as caught:
        values.whole_number(value, "units")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_whole_number__maximum__is_told_from_both_sides():
    assert values.whole_number("255", "support", 255) == 255
    with pytest.raises(FlywheelError, match=r"support 256 is too large\. Write at most 255"):
        values.whole_number("256", "support", 255)


@pytest.mark.parametrize("text", [hostile.ACCOUNT, hostile.ACCOUNT.lower(), "0x" + "AB" * 20])
def test_address__in_one_case_or_with_its_checksum__is_as_written(text):
    assert values.address(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (hostile.SLIP, "is not an address: its capitals do not fit its digits"),
        (hostile.ACCOUNT + "\n", "is not an address"),
        ("0x" + "1 " * 20, "is not an address"),
        (hostile.ACCOUNT[2:], "is not an address"),
        ("0x12", "'0x12' is not an address"),
        (7, "is not an address"),
    ],
)
def test_address__anything_else__is_refused(text, said):
    with pytest.raises(FlywheelError) as caught:
        values.address(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["0x1", "0x 12", "12 ", "0xzz", 12, None])
def test_hexadecimal__no_pairs_of_digits__is_refused(text):
    assert values.hexadecimal("0xAb", "signature") == values.hexadecimal("ab", "x") == b"\xab"
    with pytest.raises(FlywheelError, match=r"signature '.*' is not hexadecimal"):
        values.hexadecimal(text, "signature")
