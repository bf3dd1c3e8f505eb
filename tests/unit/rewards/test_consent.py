"""Consent that a worker withdraws: private requests, public entries."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import consent
from flywheel.rewards.consent import Withdrawal, withdrawal
from flywheel.rewards.leaves import keccak

SALT, OTHER_SALT = bytes(range(32)), bytes(range(32, 64))
HEADER = "worker,salt"


def written(folder: Path, *lines: str, name: str = "consent.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def salted(worker: str, number: int) -> Withdrawal:
    return withdrawal(worker, number.to_bytes(32, "big"))


def faults_of(path: Path) -> list[str]:
    with pytest.raises(FlywheelError) as caught:
        consent.read_requests(path)
    return str(caught.value).split("\n")


# --- requests ---


def test_withdrawal__without_a_salt__draws_another_one_each_time():
    first, second = withdrawal("w0001"), withdrawal("w0001")
    assert len(first.salt) == 32
    assert first.entry != second.entry


def test_withdrawal__shown__keeps_its_salt_secret():
    assert SALT.hex() not in repr(withdrawal("w0001", SALT))
    assert str(SALT) not in repr(withdrawal("w0001", SALT))


def test_entry__worker_and_salt__is_the_hash_of_salt_then_name():
    expected = f"0x{keccak(SALT + 'Zoë'.encode()).hex()}"
    assert withdrawal("Zoë", SALT).entry == expected
    assert withdrawal(" Zoe\u0308 ", SALT).entry == expected
    assert Withdrawal("Zoe\u0308", SALT).entry == expected


@pytest.mark.parametrize(
    ("worker", "salt", "fault"),
    [
        ("", SALT, "worker is empty"),
        (" \t", SALT, "worker is empty"),
        ("a\nb", SALT, "U+000A"),
        ("a\0b", SALT, "U+0000"),
        ("a\u200bb", SALT, "U+200B"),
        ("\ud800", SALT, "U+D800"),
        ("9" * 5_000, SALT, "5,000 characters"),
        ("w", b"", "salt has 0 bytes"),
        ("w", SALT[:31], "salt has 31 bytes"),
        ("w", SALT * 2, "salt has 64 bytes"),
    ],
)
def test_withdrawal__what_no_row_can_hold__is_refused(worker, salt, fault):
    with pytest.raises(FlywheelError) as caught:
        withdrawal(worker, salt)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "0x", "ab" * 32, f"0X{'ab' * 32}", f"0x{'AB' * 32}", f"0x{'ab' * 33}", "9" * 5_000]
)
def test_salt_of__other_spelling__is_refused_and_not_repeated(text):
    with pytest.raises(FlywheelError, match="64 lower-case hexadecimal digits") as caught:
        consent.salt_of(text)
    assert len(text) < 3 or text not in str(caught.value)


def test_salt_of__digits__are_its_bytes():
    assert consent.salt_of(f"0x{SALT.hex()}") == SALT


# --- the private file ---


def test_read_requests__file__has_each_request_in_its_order(tmp_path):
    lines = (f'"b, ""c""",0x{SALT.hex()}', f"a,0x{OTHER_SALT.hex()}")
    assert consent.read_requests(written(tmp_path, HEADER, *lines)) == [
        Withdrawal('b, "c"', SALT),
        Withdrawal("a", OTHER_SALT),
    ]


def test_read_requests__header_alone__is_nobody(tmp_path):
    assert consent.read_requests(written(tmp_path, HEADER)) == []


def test_read_requests__bad_salts__are_all_named_with_their_lines_and_not_shown(tmp_path):
    secret = SALT.hex().upper()
    path = written(
        tmp_path,
        HEADER,
        f"a,0x{SALT.hex()}",
        f"b,0x{secret}",
        f"c,0x{SALT.hex()}",
        f"d,{'9' * 5_000}",
        f"e,0x{OTHER_SALT.hex()}",
    )
    faults = faults_of(path)
    assert [fault.split(":")[0] for fault in faults] == [f"{path}, line {n}" for n in (3, 4, 5)]
    assert "is that of line 2" in faults[1]
    assert secret not in "".join(faults)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "the columns are"),
        (b"worker,salt,note\na,b,c\n", "the columns are"),
        (b"salt,worker\na,b\n", "the columns are"),
        (b"worker;salt\na;b\n", "semicolons"),
        (b"worker,salt\na\n", "1 fields"),
        (b"worker,salt\na\0b,c\n", "U+0000"),
        (b"worker,salt\n,0x\n", "no worker"),
        (b"worker,salt\na,\n", "no salt"),
        (b'worker,salt\n"a,0x\n', "quotation mark"),
        (b"worker,salt\n\xff,0x\n", "is not UTF-8"),
        (f"worker,salt\na,0x{'1' * 64}\na,0x{'2' * 64}\n".encode(), "is there already, in line 2"),
        (f"worker,salt\na,0x{'1' * 63}".encode(), "the salt is not one"),
    ],
)
def test_read_requests__what_is_no_such_file__is_refused(tmp_path, data, fault):
    path = tmp_path / "consent.csv"
    path.write_bytes(data)
    assert any(fault in line for line in faults_of(path))


def test_new_request__no_file__makes_one_for_its_owner_only(tmp_path):
    path = tmp_path / "private/consent.csv"
    consent.new_request(path, withdrawal("a, b", SALT))
    consent.new_request(path, withdrawal("c", OTHER_SALT))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == f'{HEADER}\n"a, b",0x{SALT.hex()}\nc,0x{OTHER_SALT.hex()}\n'


@pytest.mark.parametrize(
    ("request_", "fault"),
    [(salted("a", 2), "'a' is in"), (salted("b", 1), "The salt is in")],
)
def test_new_request__repeated__is_refused_and_the_file_stays(tmp_path, request_, fault):
    path = tmp_path / "consent.csv"
    consent.new_request(path, salted("a", 1))
    before = path.read_bytes()
    with pytest.raises(FlywheelError, match=fault):
        consent.new_request(path, request_)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_without__workers__leaves_out_those_who_asked_in_any_spelling():
    requests = [salted("Zoë", 1), salted("ann", 2), salted("gone", 3)]
    workers = ["Zoe\u0308", "Zoë", "ann", "Ann", "bob"]
    assert consent.without(workers, requests) == {"Zoe\u0308", "Zoë", "ann"}
    assert consent.without(workers, []) == set()


# --- the public file ---


def test_is_listed__published__only_with_the_right_name_and_salt(tmp_path):
    path = tmp_path / "suppression.csv"
    consent.write_suppression(path, [withdrawal("w0001", SALT), withdrawal("w0002", OTHER_SALT)])
    assert consent.is_listed(path, "w0001", SALT)
    assert not consent.is_listed(path, "w0001", OTHER_SALT)
    assert not consent.is_listed(path, "w0003", SALT)
    assert b"w0001" not in path.read_bytes()


def test_write_suppression__any_order_of_requests__is_the_same_file(tmp_path):
    requests = [salted(str(number), number) for number in range(20)]
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    entries = consent.write_suppression(one, requests)
    consent.write_suppression(other, [*reversed(requests), requests[3]])
    assert one.read_bytes() == other.read_bytes()
    assert entries == sorted(entries) == consent.read_suppression(one)
    assert len(entries) == 20


def test_write_suppression__nobody_asked__is_a_header(tmp_path):
    path = tmp_path / "suppression.csv"
    assert consent.write_suppression(path, []) == consent.read_suppression(path) == []
    assert path.read_bytes() == b"entry\n"


@given(st.dictionaries(st.text("abcdé", min_size=1), st.binary(min_size=32, max_size=32)))
def test_suppression__any_requests__lists_each_and_nothing_else(asked):
    requests = [withdrawal(worker, salt) for worker, salt in asked.items()]
    assert set(consent.suppression(requests)) == {request.entry for request in requests}
    assert consent.without(asked, requests) == set(asked)


A, B = f"0x{'a1' * 32}", f"0x{'b1' * 32}"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("", "line 1: the header is not 'entry'"),
        ("entry", "line 1: the file is cut off"),
        (f"entry\n{A}\n{B}", "line 3: the file is cut off"),
        (f"entry\n{A}\n{B[:40]}\n", f"line 3: '{B[:40]}' is not an entry"),
        (f"\ufeffentry\n{A}\n", "line 1"),
        (f"entry\r\n{A}\r\n", "line 1"),
        (f"entry\n{A}\r\n", "line 2"),
        (f"entry\n{A} \n", "line 2"),
        (f"entry\n{A.upper()}\n", "line 2"),
        (f"entry\n{'a1' * 32}\n", "line 2"),
        (f"entry\n{A},\n", "line 2"),
        (f'entry\n"{A}"\n', "line 2"),
        (f"entry\n{A}\n\n", "line 3"),
        (f"entry\n{B}\n{A}\n", "line 3: 0xa1"),
        (f"entry\n{A}\n{A}\n", "repeats or is out of order"),
        (f"entry\n{A[:-1]}\0\n", "line 2"),
        (f"entry\n0x{chr(0x661) * 64}\n", "line 2"),
        (f"entry\n{'9' * 5_000}\n", "line 2"),
        ("entry\n\x1b[2J\n", "'?[2J' is not an entry"),
    ],
)
def test_read_suppression__other_spelling_or_order__is_refused_with_its_line(tmp_path, data, fault):
    path = tmp_path / "suppression.csv"
    path.write_bytes(data.encode())
    with pytest.raises(FlywheelError) as caught:
        consent.read_suppression(path)
    message = str(caught.value)
    assert fault in message
    assert message.startswith(str(path))
    assert "\n" not in message
