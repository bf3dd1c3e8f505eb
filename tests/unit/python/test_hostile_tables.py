"""Labels, royalties and allow-lists as people save them: nobody is paid for a stray character."""

import pytest

from flywheel import amounts
from flywheel.errors import FlywheelError
from flywheel.funding.allow_list import AllowList, accounts_of
from flywheel.rewards import judgements, shares
from flywheel.royalties import royalty_file
from tests.kits.hostile import ACCOUNT, ACCOUNTS, DIGITS, LABELS, OTHER, ROYALTIES, SLIP


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def lines_of(read, path):
    """The lines that a refusal lists, each with its fault."""
    with pytest.raises(FlywheelError) as caught:
        read(path)
    found = {}
    for said in str(caught.value).splitlines():
        place, _, fault = said.removeprefix(f"{path}, line ").partition(": ")
        found[int(place)] = fault
    return found


def said(path):
    """Who said what, each once."""
    table = judgements.read_labels(path)
    return set(zip(table["worker"], table["task"], table["label"], strict=True))


# --- labels ---


def test_read_labels__quotation_marks_left_open__are_told_each_and_pay_nobody(path):
    path.write_text('worker,task,label\nann,t1,cat\nbob,t1,"cat\ncy,t1,cat\ndee,t2,"dog\n')
    found = lines_of(judgements.read_labels, path)
    assert list(found) == [3, 5]
    assert all("a quotation mark" in fault for fault in found.values())


def test_read_labels__pair_of_quotation_marks__swallows_no_worker(path):
    path.write_text('worker,task,label\nann,t1,"cat\nbob,t1,cat"\n')
    assert list(lines_of(judgements.read_labels, path)) == [2, 3]


def test_read_labels__white_space_around_values__makes_no_other_worker_or_label(path):
    path.write_text("worker,task,label\nann,t1,cat\nann ,t1,cat\nbob, t1,cat \n cy,t1,dog\n")
    assert said(path) == {("ann", "t1", "cat"), ("bob", "t1", "cat"), ("cy", "t1", "dog")}


def test_read_labels__accents_composed_in_another_way__are_one_label(path):
    path.write_text("worker,task,label\nann,t1,caf\u00e9\nbob,t1,cafe\u0301\ncy,t1,tea\n")
    assert {label for _, _, label in said(path)} == {"caf\u00e9", "tea"}


def test_read_labels__all_kinds_of_faults__are_listed_at_once(path):
    path.write_text("worker,task,label\nann,t1\nbob,,cat\nw\u200b1,t1,cat\ncy,t1,c\0\nd,t1,x,\n")
    found = lines_of(judgements.read_labels, path)
    assert list(found) == [2, 3, 4, 5, 6]
    assert found[3].startswith("no task")
    assert "U+200B" in found[4]


@pytest.mark.parametrize(
    "content",
    [
        LABELS,
        b"\xef\xbb\xbf" + LABELS,
        LABELS.decode().encode("utf-16"),
        LABELS.replace(b"\n", b"\r\n") + b",,\r\n,,\r\n",
        b"\n" + LABELS.replace(b"\n", b"\n\n"),
        LABELS.replace(b"ann", b'"ann"'),
    ],
)
def test_read_labels__decorated_file__is_the_same_job(path, content):
    path.write_bytes(content)
    assert said(path) == {("ann", "t1", "cat"), ("bob", "t1", "cat")}


def test_read_labels__first_line_alone__is_refused(path):
    path.write_text("worker,task,label\n,,\n")
    with pytest.raises(FlywheelError, match="has no rows"):
        judgements.read_labels(path)


def test_addresses_of__slips_and_repeats__are_listed_with_their_lines(path):
    path.write_text(f"worker,address\nann,{SLIP}\n\nbob,0x12\n")
    found = lines_of(lambda file: shares.addresses_of(["ann"], file), path)
    assert list(found) == [2, 4]
    assert "its capitals do not fit its digits" in found[2]
    path.write_text(f"worker,address\nann,{ACCOUNT}\n\nann ,{OTHER}\nann,{OTHER}\n")
    found = lines_of(lambda file: shares.addresses_of(["ann"], file), path)
    assert list(found) == [4, 5]
    assert "worker 'ann' is there already, in line 2" in found[4]


# --- royalties ---


def test_royalty_read__hostile_rows__are_faults_of_their_lines(path):
    path.write_text(
        "license,period,revenue,units,evidence\n"
        f"{DIGITS},1,1,,\n1,{DIGITS},1,,\n1,1,{DIGITS},,\n1,1,1,{DIGITS},\n1,1,1,,a\0b.pdf\n"
        '1,1,1,,"a.pdf\n\u0661,1,1,,\n1,1,1,18446744073709551616,\n1,1,1,,absent.pdf\n1,1,5,,\n,,,,\n'
    )
    rows, faults = royalty_file.read(path)
    assert [(row.line, row.revenue) for row in rows] == [(11, "5")]
    assert sorted(fault.line for fault in faults) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert all(len(fault.text) < 400 for fault in faults)
    by_line = {fault.line: fault.text for fault in faults}
    assert "license 999" in by_line[2]
    assert "revenue 999" in by_line[4]
    assert "is too long" in by_line[4]
    assert "U+0000" in by_line[6]
    assert "evidence absent.pdf: No such file" in by_line[10]
    assert len(royalty_file.refuse(path, faults)) == 9


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_royalty_read__marked_encoding__is_the_same(path, encoding):
    path.write_bytes(ROYALTIES.decode().encode(encoding))
    rows, faults = royalty_file.read(path)
    assert [(row.line, row.period, row.revenue, row.units) for row in rows] == [
        (2, 1, "100", 0),
        (3, 2, "5.5", 3),
    ]
    assert faults == []


# --- allow-lists ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_accounts_of__marked_encoding__is_the_same(path, encoding):
    path.write_bytes(ACCOUNTS.decode().encode(encoding))
    assert accounts_of(path) == [ACCOUNT, OTHER]


def test_accounts_of__faults__are_listed_with_their_lines(path):
    path.write_text(
        f'name,account\nann,{ACCOUNT}\n"be\nn",{OTHER}\ncy,{SLIP}\n\n'
        f"dee,{ACCOUNT.lower()}\neli,\n,,\n,\n"
    )
    found = lines_of(accounts_of, path)
    assert list(found) == [3, 4, 5, 7, 8]
    assert "its capitals do not fit" in found[5]
    assert "is in line 2 already. Name it once" in found[7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"account,account\n{ACCOUNT},{OTHER}\n", "line 1: column 'account' is there twice"),
        ("account\n", "has no rows"),
        (f"name;account\nann;{ACCOUNT}\n", "line 1: its columns are separated by semicolons"),
        (f"Account\n{ACCOUNT}\n", "line 1: there is no column 'account'"),
    ],
)
def test_accounts_of__no_list__is_refused(path, text, said):
    path.write_text(text)
    with pytest.raises(FlywheelError, match=said):
        accounts_of(path)


def test_accounts_of__latin_1__names_the_line(path):
    path.write_bytes(ACCOUNTS + "Zoë".encode("latin-1") + f",{OTHER}\n".encode())
    with pytest.raises(FlywheelError, match="line 4: the byte 0xeb is not UTF-8"):
        accounts_of(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"round": 3', '"round": 3, "round": 4', "'round' was given in line 4 already"),
        ('"round": 3', '"round": 3.0', "round '3.0' is no whole number"),
        ('"round": 3', '"round": true', "round 'True' is no whole number"),
        (ACCOUNT, SLIP, "its capitals do not fit its digits"),
        ('"proofs": {', '"proofs": 7, "x": {', "is no allow-list"),
        ('"root": "', '"root": 7, "y": "', "is no allow-list"),
    ],
)
def test_allow_list_read__value_that_would_change__is_refused(path, old, new, said):
    AllowList.build(1, "0x" + "22" * 20, 3, [ACCOUNT, OTHER]).write(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(FlywheelError, match=said):
        AllowList.read(path)


# --- amounts ---


def test_amounts__thousands_of_digits__are_refused_in_short():
    assert amounts.to_units("9" * 78, 18) == int("9" * 78 + "0" * 18)
    for text in (DIGITS, "0." + DIGITS, "1_" + DIGITS):
        with pytest.raises(FlywheelError, match="Write at most 80") as caught:
            amounts.to_units(text, 18)
        assert len(str(caught.value)) < 100
    with pytest.raises(FlywheelError, match="is too long a duration"):
        amounts.seconds(DIGITS)
    with pytest.raises(FlywheelError, match="is not a duration"):
        amounts.seconds("\u00b2")
