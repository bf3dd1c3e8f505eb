"""Calendar files of grants: what RFC 5545 asks for."""

from flywheel.grants import calendars

EVENTS = [(1_800_000_000, "due-1", "milestone 1 is due, 10,000 USDC; " + "\u00e9" * 60)]


def test_calendar__events__are_folded_escaped_and_stamped():
    text = calendars.calendar("Grant 1", EVENTS, 1_700_000_000)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert unfolded[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Flywheel//Grants//EN"]
    assert "DTSTART:20270115T080000Z" in unfolded
    assert "DTSTAMP:20231114T221320Z" in unfolded
    assert "UID:grant-1-due-1@flywheel" in unfolded
    (summary,) = (line for line in unfolded if line.startswith("SUMMARY:"))
    words = f"milestone 1 is due\\, 10\\,000 USDC\\; {'é' * 60}"
    assert summary == f"SUMMARY:Grant 1: {words}"
    assert unfolded[-2:] == ["END:VCALENDAR", ""]


def test_calendar__line_breaks_and_backslashes__stay_within_a_value():
    text = calendars.calendar("a\r\nb\\c", [(0, "k", "x\ny")], 0)
    assert "X-WR-CALNAME:a\\nb\\\\c\r\n" in text
    assert "SUMMARY:a\\nb\\\\c: x\\ny\r\n" in text.replace("\r\n ", "")


def test_calendar__no_events__is_a_calendar_all_the_same():
    text = calendars.calendar("Grant 1", [], 0)
    assert (text.count("BEGIN:"), text.count("END:")) == (1, 1)
