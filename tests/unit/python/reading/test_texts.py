"""flywheel.reading.texts: encodings, what cannot be seen, lengths as the chain counts them."""

import os
import socket
from pathlib import Path

import pytest

from flywheel.errors import FlywheelError
from flywheel.reading import texts

TEXT = "name: Modèle\nend\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_decode__encoding_with_a_mark_or_utf8__is_the_same_text(encoding):
    assert texts.decode(TEXT.encode(encoding), "x") == TEXT


def test_decode__big_endian_with_a_mark__is_the_same_text():
    assert texts.decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), "x") == TEXT


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a\nb\n" + "Modèle".encode("latin-1"), "x, line 3: the byte 0xe8 is not UTF-8"),
        (TEXT.encode("utf-16-le"), "in UTF-16 without a mark. Save it as UTF-8, or run: iconv"),
        (TEXT.encode("utf-16-be"), "in UTF-16 without a mark"),
        (TEXT.encode("utf-32"), "x is in UTF-32"),
        (b"\xff\xfe" + "a\nb".encode("utf-16-le") + b"\0", "x, line 2: this is no UTF-16"),
    ],
)
def test_decode__other_encoding__says_where_and_how_to_convert(data, said):
    with pytest.raises(FlywheelError) as caught:
        texts.decode(data, "x")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_read_bytes__of_nothing_or_no_path__is_refused(tmp_path):
    for path, said in (
        (tmp_path / "absent", "Cannot read the card"),
        (tmp_path, "Cannot read the card"),
        (tmp_path / "a\0b", "is no path of a file"),
    ):
        with pytest.raises(FlywheelError, match=said):
            texts.read_bytes(path, "the card ")


def test_read_bytes__pipe__is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link"):
        with pytest.raises(FlywheelError, match=r"Cannot read .*a pipe or a device and no file"):
            texts.read_bytes(tmp_path / name)


def test_read_bytes__device_or_socket__is_refused(tmp_path):
    (tmp_path / "link").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path in (Path("/dev/zero"), Path("/dev/null"), tmp_path / "link", tmp_path / "socket"):
            with pytest.raises(FlywheelError, match="Cannot read"):
                texts.read_bytes(path)


def test_open_file__refused__leaves_nothing_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(OSError, match="Is a directory"):
            texts.open_file(tmp_path)
        with pytest.raises(OSError, match="a device"):
            texts.open_file(Path("/dev/zero"))
    assert len(os.listdir("/proc/self/fd")) == before


def test_read_bytes__link_to_a_file__is_that_file(tmp_path):
    (tmp_path / "file").write_bytes(b"a\r\n")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert texts.read_bytes(tmp_path / "link") == b"a\r\n"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("cat", ""),
        ("模型 7B", ""),
        ("w1\u200b", "U+200B"),
        ("w1\u200d", "U+200D"),
        ("a\u202eb", "U+202E"),
        ("a\0b", "U+0000"),
        ("New\u00a0York", "U+00A0"),
        ("\ufeffname", "U+FEFF"),
        # Persian "I want", which is written with a joiner between two letters.
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", ""),
        ("全\u3000角", ""),
    ],
)
def test_unseen__character__is_named_unless_part_of_a_word(text, hidden):
    assert texts.unseen(text) == hidden


def test_refuse_long__bytes__count_as_on_the_chain():
    texts.refuse_long("型" * 21, 64, "The name")
    with pytest.raises(FlywheelError, match=r"has 66 bytes in UTF-8\. The chain keeps 64"):
        texts.refuse_long("型" * 22, 64, "The name")


def test_line_at__any_line_break__counts_as_an_editor_does():
    assert texts.line_at("a\r\nb\nc\rd\u2028e\x0bf") == 4


def test_shown__hostile_text__is_short_and_on_one_line():
    assert texts.shown("a\x1b[2J\nb") == "a?[2J?b"
    assert len(texts.shown("x" * 1_000)) == 60
