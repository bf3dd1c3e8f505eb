"""What programs get of a result: values, its asset, what was sent; and no formulas."""

import csv
import io
import json

import pytest

from flywheel import amounts
from flywheel.chain import sent
from flywheel.chain.sent import Sent
from flywheel.console.output import Output, SendingOutput
from flywheel.shown import NEVER, Record, Remark, Shown, Table, numbered, yes
from flywheel.wording.lexicon import exact_duration, in_time, show_time

USDC = amounts.Unit("0x" + "11" * 20, "USDC", 6)
FLY = amounts.Unit("0x" + "22" * 20, "FLY", 18)
SENT = Sent("0x" + "ab" * 32, 12, 83_528, 83_528 * 10**9, "https://etherscan.io/tx/0xab")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def as_json(capsys, **fields):
    Output("json").record("Title", fields)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("shown", "text", "data"),
    [
        (USDC.show(12_500_000), "12.5 USDC", 12_500_000),
        (amounts.show_bps(1_250), "12.5 %", 1_250),
        (amounts.show_duration(90_000), "1 day 1 hour", 90_000),
        (exact_duration(90_061), "90,061 seconds", 90_061),
        (show_time(1_896_091_200), "2030-01-31 12:00:00 UTC", "2030-01-31T12:00:00Z"),
        (show_time(0), "never", None),
        (show_time(2**80), f"the end of time ({2**80:,})", None),
        (yes(1), "yes", True),
        (yes(0), "no", False),
        (NEVER, "never", None),
        (numbered(["a"]), "a", ["a"]),
        (numbered(["a", "b"]), "1. a\n2. b", ["a", "b"]),
    ],
)
def test_shown__of_each_kind__has_a_text_and_a_value(capsys, shown, text, data):
    assert str(shown) == text
    assert as_json(capsys, value=shown)["value"] == data


def test_in_time__before_and_after__says_how_long():
    assert in_time(90_000, 0) == "on 1970-01-02 01:00:00 UTC (in 1 day 1 hour)"
    assert in_time(90_000, 93_600) == "on 1970-01-02 01:00:00 UTC (1 hour ago)"


def test_asset__of_all_money__stands_beside_it_once(capsys):
    found = as_json(capsys, paid=USDC.show(1), held=USDC.show(2), count=3)
    assert found == {"paid": 1, "held": 2, "count": 3, "asset": "USDC"}


def test_asset__that_the_fields_name__is_not_named_again(capsys):
    found = as_json(capsys, asset=USDC.address, held=USDC.show(2))
    assert found == {"asset": USDC.address, "held": 2}


def test_asset__of_two__is_named_for_each(capsys):
    found = as_json(capsys, got=FLY.show(1), surplus=USDC.show(2))
    assert found == {"got": 1, "surplus": 2, "got_asset": "FLY", "surplus_asset": "USDC"}


def test_csv__of_values__has_no_texts_of_people(capsys):
    votes = Shown("1 FLY for", {"for": 1, "against": 0})
    row = (USDC.show(-5), yes(True), votes, NEVER, numbered(["a", "b"]))
    Output("csv").table("Title", ("Paid", "Closed", "Votes", "Ends", "Does"), [row])
    (found,) = rows_of(capsys.readouterr().out)
    assert found == {
        "paid": "-5",
        "closed": "true",
        "votes_for": "1",
        "votes_against": "0",
        "ends": "",
        "does": "a\nb",
        "asset": "USDC",
    }


def test_csv__without_rows__has_its_columns(capsys):
    Output("csv").table("Title", ("Paid", "Closed"), [])
    assert capsys.readouterr().out == "paid,closed\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_csv__text_of_others__is_no_formula(capsys, text):
    Output("csv").table("Title", ("Name",), [(text,)])
    assert rows_of(capsys.readouterr().out) == [{"name": f"'{text}"}]


def test_csv__escape_codes__are_not_printed(capsys):
    Output("csv").record("Title", {"Name": "\x1b[2Kfalse\u202e"})
    assert rows_of(capsys.readouterr().out) == [{"name": "?[2Kfalse?"}]


def test_show__parts_of_a_room__are_printed_in_order(capsys):
    Output().show([Remark("first"), Table("T", ("A",), [(1,)]), Record("R", {"B": 2})])
    captured = capsys.readouterr()
    assert captured.err == "first\n"
    assert captured.out.index("T") < captured.out.index("R")


# --- what was sent ---


@pytest.mark.parametrize("rows", [True, False])
def test_finish__in_json__has_the_transactions(capsys, rows):
    output = SendingOutput("json")
    if rows:
        output.table("Title", ("A",), [(1,)])
    else:
        output.record("Title", {"A": 1})
    assert capsys.readouterr().out == ""
    output.finish([SENT])
    found = json.loads(capsys.readouterr().out)
    (told,) = found.pop("transactions")
    assert told == {
        "hash": SENT.hash,
        "block": 12,
        "gas": 83_528,
        "cost": 83_528 * 10**9,
        "url": "https://etherscan.io/tx/0xab",
    }
    assert found == ({"rows": [{"a": 1}]} if rows else {"a": 1})


def test_finish__of_several_results__is_one_object(capsys):
    output = SendingOutput("json")
    output.table("Title", ("A",), [(1,)])
    output.record("Title", {"B": 2})
    output.finish([])
    found = json.loads(capsys.readouterr().out)
    assert found == {"results": [[{"a": 1}], {"b": 2}], "transactions": []}


def test_finish__of_a_run_that_sends_nothing__is_the_result_alone(capsys):
    output = SendingOutput("json")
    output.table("Title", ("A",), [(1,)])
    output.finish(None)
    assert json.loads(capsys.readouterr().out) == [{"a": 1}]


def test_finish__for_people__is_a_line_for_each_or_a_sum(capsys):
    SendingOutput().finish([SENT])
    said = capsys.readouterr().err
    assert said == (
        f"Sent {SENT.hash}: block 12, 83,528 gas, 0.000084 ETH  https://etherscan.io/tx/0xab\n"
    )
    SendingOutput().finish([SENT] * 6)
    said = capsys.readouterr().err
    assert said.startswith("6 transactions, blocks 12 to 12: 501,168 gas, 0.000502 ETH.")


class Receipt:
    txn_hash, block_number, gas_used, gas_price = "0xab", 12, 100, 7


@pytest.mark.parametrize(
    ("chain_id", "url"), [(11_155_111, "https://sepolia.etherscan.io/tx/0xab"), (1_337, "")]
)
def test_collecting__within_the_block__notes_what_is_sent(chain_id, url):
    assert not sent.is_collecting()
    with sent.collecting() as found:
        assert sent.is_collecting()
        sent.note(Receipt(), chain_id)
    assert found == [Sent("0xab", 12, 100, 700, url)]
    assert not sent.is_collecting()
