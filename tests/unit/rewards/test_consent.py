"""Consent that a worker withdraws: private requests, public entries."""

import re
import stat
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import appeals, consent, drop_files, publication
from flywheel.rewards.consent import Withdrawal, withdrawal
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.leaves import Domain, keccak

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


def test_leaving__some_names__are_their_persons():
    requests = [Withdrawal("Zoe\u0308", SALT), salted("ann", 2), salted("cy", 3)]
    person_of = {"ann": "dee", "cy2": "cy", "bob": "ben", "Ann": "eve"}
    assert consent.leaving(requests, person_of) == {"Zoë", "dee", "cy"}
    assert consent.leaving([], person_of) == set()


# --- what is published without those who left ---

DROP = Domain(31_337, "0x" + "aa" * 20, 1, "0x" + "bb" * 20, 2)
SAID = ("G", "X", "P")


@pytest.fixture
def job(tmp_path):
    """The files of a job of six workers; who asked to leave, and who is who, by name."""

    def make(*asked: str, persons: tuple[str, ...] = (), parquet: bool = False) -> JobFiles:
        names = ("ann", "bob", "cy", "cy2", "dee", "eve")
        rows = [
            f"{name},t{task},{SAID[(task + (number == 5)) % 3]}"
            for task in range(60)
            for number, name in enumerate(names)
        ]
        labels = written(tmp_path, "worker,task,label", *rows, name="labels.csv")
        if parquet:
            labels = tmp_path / "labels.parquet"
            duckdb.read_csv(str(tmp_path / "labels.csv")).write_parquet(str(labels))
        lines = [
            f"{name},t{2 * number + again},1,accepted,ruled of {name}"
            for number, name in enumerate((*names, "cy3"))
            for again in (0, 1)
        ]
        salts = [f"{name},0x{number:064x}" for number, name in enumerate(asked)]
        return JobFiles(
            labels,
            persons=written(tmp_path, "worker,person", *persons, name="persons.csv")
            if persons
            else None,
            appeals=written(tmp_path, ",".join(appeals.COLUMNS), *lines, name="appeals.csv"),
            consent=written(tmp_path, HEADER, *salts) if asked else None,
        )

    return make


def published(files: JobFiles, folder: Path) -> dict[str, str]:
    """What every published file says; the drop is verified."""
    drop_files.build(folder, DROP, 10**9, files)
    drop_files.verify(folder)
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("asked", ["cy", "cy2", "cy3"])
@pytest.mark.parametrize("parquet", [False, True])
def test_build__somebody_left__no_published_file_names_any_of_its_names(
    job, tmp_path, asked, parquet
):
    """The person, an alias with labels, and one that only `persons` and an appeal know."""
    files = job(asked, persons=("cy2,cy", "cy3,cy", "bob,ben"), parquet=parquet)
    found = published(files, tmp_path / "drop")
    assert not [name for name, text in found.items() if re.search(r"\bcy[23]?\b", text)]
    assert found["inputs/persons.csv"] == "worker,person\nbob,ben\n"
    assert found["inputs/appeals.csv"].count("accepted") == 8
    quality = [line.split(",") for line in found["quality.csv"].splitlines()[1:]]
    assert [(line[0], line[3]) for line in quality] == [
        (name, "2") for name in ("ann", "ben", "dee", "eve")
    ]


def test_build__all_of_a_file_left__is_not_published(job, tmp_path):
    found = published(job("cy2", persons=("cy2,cy",)), tmp_path / "drop")
    assert "inputs/persons.csv" not in found
    assert "inputs/suppression.csv" in found


def test_build__nobody_left__files_are_published_as_they_are(job, tmp_path):
    files = job(persons=("cy2,cy", "cy3,cy"))
    found = published(files, tmp_path / "drop")
    for name in ("persons", "appeals"):
        assert found[f"inputs/{name}.csv"] == getattr(files, name).read_text()
    assert found["inputs/labels.csv"] == files.labels.read_text()


def test_earn__an_alias_appeals__its_person_is_paid(job):
    found = job(persons=("cy3,cy", "cy2,cy")).earn(DROP)
    assert {name for name in found.points if name.startswith("cy")} == {"cy"}
    assert re.search(r"^cy,60,\d+,6,\d+$", found.table.decode(), re.MULTILINE)


def test_open__a_name_that_nobody_has__is_refused_with_its_line(job, tmp_path):
    """Whoever is misspelt would be published for ever."""
    files = job("dee", "Ann", "cyy", persons=("cy2,cy",))
    for use in (lambda: files.open(), lambda: drop_files.build(tmp_path / "drop", DROP, 9, files)):
        with pytest.raises(FlywheelError) as caught:
            use()
        faults = str(caught.value).split("\n")
        assert [fault.split(":")[0] for fault in faults] == [
            f"{files.consent}, line {n}" for n in (3, 4)
        ]
        assert "no label and no line of persons is of 'Ann'. Mend the name" in faults[0]
    assert not (tmp_path / "drop").exists()


def test_build__labels_of_who_left_are_gone_already__persons_make_it_known(job, tmp_path):
    files = job("gone", persons=("gone,gone",))
    found = published(files, tmp_path / "drop")
    assert not [name for name, text in found.items() if "gone" in text]
    assert len(consent.read_suppression(tmp_path / "drop/inputs/suppression.csv")) == 1


# --- appeals of a drop ---


@pytest.mark.parametrize("number", [1, 3, 4])
def test_build__appeals_of_another_drop__are_refused_with_their_lines(job, tmp_path, number):
    files = job()
    drop = replace(DROP, number=number)
    with pytest.raises(FlywheelError, match=r"appeals\.csv, line 2: (it is of drop 1|no drop was)"):
        drop_files.build(tmp_path / "drop", drop, 10**9, files)
    assert not (tmp_path / "drop").exists()


def test_verify__appeals_that_another_drop_paid__are_refused(job, tmp_path):
    """A publisher that publishes its inputs again as those of the next drop, hashes and all."""
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 10**9, job())
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    (folder / publication.MANIFEST_FILE).unlink()
    publication.publish(folder, replace(DROP, number=3), leaves)
    with pytest.raises(FlywheelError, match="drop 3 pays appeals of drop 2 only"):
        drop_files.verify(folder)


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
    assert consent.leaving(requests, {}) == set(asked)


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
