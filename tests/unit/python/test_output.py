import csv
import io
import json

import pytest
from rich.console import Console

from flywheel.chain import connection
from flywheel.console.output import Output

ROWS = [(1, "a, b", "12.5 USDC"), (2, "[bold]c[/bold]", "0 USDC")]
COLUMNS = ("Round", "Name of it", "Raised")


def test_table__as_json__is_a_list_of_objects(capsys):
    Output("json").table("Title", COLUMNS, ROWS)
    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {"round": 1, "name_of_it": "a, b", "raised": "12.5 USDC"}


def test_table__as_csv__quotes_what_needs_it(capsys):
    Output("csv").table("Title", COLUMNS, ROWS)
    lines = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert lines[0] == ["round", "name_of_it", "raised"]
    assert lines[1] == ["1", "a, b", "12.5 USDC"]


def test_table__for_people__shows_text_as_it_is(capsys):
    Output("table").table("Title", COLUMNS, ROWS)
    shown = capsys.readouterr().out
    assert "Title" in shown
    assert "[bold]c[/bold]" in shown


def test_table__too_wide_for_the_terminal__prints_each_row_by_itself(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    columns = ("Preset", *(f"Column{number}" for number in range(8)))
    rows = [(name, *(f"value{number}" for number in range(8))) for name in ("api", "startup")]
    Output("table").table("Title", columns, rows)
    shown = capsys.readouterr().out
    assert shown.count("Column7 │ value7") == 2
    assert "Preset api" in shown
    assert max(map(len, shown.splitlines())) <= 40


def test_table__as_wide_as_the_terminal__stays_a_table(capsys, monkeypatch):
    """Borders and padding: one column of n characters takes n + 4."""
    text = "x" * 36
    for width, heads in ((40, 1), (39, 0)):
        monkeypatch.setenv("COLUMNS", str(width))
        Output("table").table("Title", ("Name",), [(text,)])
        assert capsys.readouterr().out.count("┃ Name") == heads


def test_record__hash_that_does_not_fit__stands_whole_below_the_table(capsys, monkeypatch):
    """Borders and padding of two columns take seven."""
    digest = "0x" + "ab" * 32
    for width, inside in ((79, True), (78, False)):
        monkeypatch.setenv("COLUMNS", str(width))
        Output("table").record("Model 1", {"Name": "Tiny", "Digest": digest})
        shown = capsys.readouterr().out
        assert (f"│ Digest │ {digest} │" in shown) == inside
        assert (f"Digest:\n{digest}\n" in shown) != inside
        assert "│ Tiny" in shown


def test_record__nothing_but_a_hash__has_no_empty_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    Output("table").record("Commitment", {"Hash": "ab" * 28})
    assert "┌" not in capsys.readouterr().out


def test_table__without_rows__says_so_to_people_and_is_an_empty_list_to_programs(capsys):
    for form, shown in (("table", "Offers: none\n"), ("json", "[]\n"), ("csv", "offer,gpus\n")):
        Output(form).table("Offers", ("Offer", "GPUs"), [])
        assert capsys.readouterr().out == shown


def test_say__at_a_terminal__breaks_lines_between_words():
    text = "a sentence of some length that a terminal of forty columns cannot show in a line"
    for at_terminal, lines in ((True, 3), (False, 1)):
        output, printed = Output("table"), io.StringIO()
        output.remarks = Console(
            file=printed, width=40, force_terminal=at_terminal, soft_wrap=True, highlight=False
        )
        output.say(text)
        told = printed.getvalue().splitlines()
        assert len(told) == lines
        assert " ".join(line.strip() for line in told) == text


@pytest.mark.parametrize("output_format", ["table", "json", "csv"])
def test_say__never_goes_to_standard_output(capsys, output_format):
    output = Output(output_format)
    output.say("progress")
    output.heading("stage")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "progress" in captured.err


def test_record__as_json__is_one_object(capsys):
    Output("json").record("Title", {"Ends in": "3 days", "Count": 2})
    assert json.loads(capsys.readouterr().out) == {"ends_in": "3 days", "count": 2}


def test_table__escape_codes__do_not_reach_the_terminal(capsys):
    Output("table").table("Title", ("Name",), [("\x1b[2Kfalse",)])
    assert "\x1b[2K" not in capsys.readouterr().out


def test_plain_errors__reader_of_our_output_has_enough__blames_no_node():
    with pytest.raises(BrokenPipeError), connection.plain_errors():
        raise BrokenPipeError(32, "Broken pipe")
