"""From the bytes of a file to its text, and what no text of ours may hold.

A file is UTF-8 with or without a byte order mark, or UTF-16 with one. Everything else is refused
with the line and with how to convert it: guessing an encoding changes names.
"""

import errno
import os
import re
import stat
import unicodedata
from io import BufferedReader
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.printable import on_one_line

UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF32_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# What separates lines in an editor. `str.splitlines` knows more, which would count other lines.
LINE_BREAK = re.compile(r"\r\n|\n|\r")
# Joiners of letters: Persian words and many emoji are not right without them.
_JOINERS = "\u200c\u200d"
_WIDE_SPACE = "\u3000"


def open_file(path: Path) -> BufferedReader:
    """The file, to read. Raises `OSError` or `ValueError`, as `open` does, also for what is no file
    and might never end or never begin: a pipe, a device, a link to one."""
    return open(path, "rb", opener=_opened)


def _opened(path: str, flags: int) -> int:
    # Otherwise opening a pipe waits for its other end.
    number = os.open(path, flags | os.O_NONBLOCK)
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return number
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "It is a pipe or a device and no file", path)


def read_bytes(path: Path, what: str = "") -> bytes:
    """What is in the file, which is `what`, such as "the card ". Raises `FlywheelError`."""
    try:
        with open_file(path) as file:
            return file.read()
    except OSError as error:
        raise fix(f"Cannot read {what}{path}: {error.strerror}", "Check the path") from None
    except ValueError:
        # A NUL in a path ends it for the system; Python refuses it.
        raise fix(f"'{shown(path)}' is no path of a file", "Check the path") from None


def refuse_large(path: Path, limit: int) -> None:
    """Raises `FlywheelError` if the file has more than `limit` bytes, before it is read."""
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        # Reading it says what is wrong.
        return
    if size > limit:
        raise fix(f"{path} has {size:,} bytes", f"Give a file of at most {limit:,}")


def read_text(path: Path) -> str:
    """The text of the file, its line breaks as they are. Raises `FlywheelError`."""
    return decode(read_bytes(path), path)


def decode(data: bytes, path: Path | str) -> str:
    """The text that `data` is; `path` names it in errors. Raises `FlywheelError` with the line."""
    if data.startswith(UTF32_MARKS):
        raise fix(f"{path} is in UTF-32", "Save it as UTF-8, or run: iconv -f UTF-32 -t UTF-8 FILE")
    if data.startswith(UTF16_MARKS):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            line = line_at(data[: error.start].decode("utf-16", errors="replace"))
            raise fix(
                f"{path}, line {line}: this is no UTF-16, though the file is marked as such",
                "Save it as UTF-8",
            ) from None
    if _looks_like_utf16(data):
        raise fix(
            f"{path} is in UTF-16 without a mark",
            "Save it as UTF-8, or run: iconv -f UTF-16LE -t UTF-8 FILE",
        )
    body = data.removeprefix(UTF8_MARK)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = line_at(body[: error.start].decode("utf-8"))
        raise fix(
            f"{path}, line {line}: the byte 0x{body[error.start]:02x} is not UTF-8",
            "Save the file as UTF-8; from Latin-1: iconv -f LATIN1 -t UTF-8 FILE",
        ) from None


def _looks_like_utf16(data: bytes) -> bool:
    """Whether every second byte of the head is NUL, as in UTF-16 of Latin letters."""
    head = data[:512]
    half = len(head) // 2
    return half > 1 and max(head[::2].count(0), head[1::2].count(0)) > half * 3 // 4


def line_at(before: str) -> int:
    """The line (from 1) in which a text goes on after `before`."""
    return len(LINE_BREAK.findall(before)) + 1


def refuse_controls(text: str, path: Path | str, first_line: int = 1) -> None:
    """Raises `FlywheelError` with the line if `text` holds a control character or a surrogate."""
    for number, line in enumerate(LINE_BREAK.split(text), start=first_line):
        if line.isprintable():
            continue
        for char in line:
            if unicodedata.category(char) in ("Cc", "Cs") and char != "\t":
                raise fix(
                    f"{path}, line {number}: it holds the control character U+{ord(char):04X}",
                    "Take it out",
                )


def unseen(text: str) -> str:
    """What `text` holds that a reader cannot see or tell from a space, as "U+200B", or nothing.

    Two names that look alike must be alike. Joiners between letters beyond ASCII are part of words.
    """
    if text.isprintable():
        return ""
    for index, char in enumerate(text):
        if char.isprintable() or char == _WIDE_SPACE:
            continue
        around = text[max(index - 1, 0) : index] + text[index + 1 : index + 2]
        if char in _JOINERS and len(around) == 2 and not any(map(str.isascii, around)):
            continue
        return f"U+{ord(char):04X}"
    return ""


def shown(value: object, length: int = 60) -> str:
    """`value` for an error: on one line, at most `length` characters, what is unseen as "?"."""
    text = on_one_line(str(value))
    return text if len(text) <= length else f"{text[: length - 3]}..."


def utf8_bytes(text: str) -> int:
    """How many bytes of a chain's `String` the text needs."""
    return len(text.encode("utf-8", errors="surrogatepass"))


def refuse_long(text: str, limit: int, what: str) -> None:
    """Raises `FlywheelError` if `text` has more bytes than the chain keeps of `what`."""
    count = utf8_bytes(text)
    if count > limit:
        size = f"{count} bytes" if text.isascii() else f"{count} bytes in UTF-8"
        raise FlywheelError(
            f"{what} '{shown(text)}' has {size}. The chain keeps {limit}: write a shorter one."
        )
