"""Deadlines of a grant as an iCalendar file (RFC 5545)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

PRODUCT = "-//Flywheel//Grants//EN"
MAX_OCTETS = 75


def calendar(name: str, events: Sequence[tuple[int, str, str]], stamped_at: int) -> str:
    """A file with one event for each (Unix time, key, what happens). `name` is what the calendar is
    called, and with the key what makes an event the same one in a later file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", f"X-WR-CALNAME:{_text(name)}"]
    for at, key, what in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(name.lower().replace(' ', '-'))}-{key}@flywheel",
            f"DTSTAMP:{_time(stamped_at)}",
            f"DTSTART:{_time(at)}",
            f"SUMMARY:{_text(f'{name}: {what}')}",
            "END:VEVENT",
        ]
    folded = [part for line in (*lines, "END:VCALENDAR") for part in _folded(line)]
    return "".join(f"{line}\r\n" for line in folded)


def _time(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line breaks are escaped."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, none of which breaks a character; each but the first
    begins with a space."""
    part = ""
    for char in line:
        if len((part + char).encode()) > MAX_OCTETS:
            yield part
            part = " "
        part += char
    yield part
