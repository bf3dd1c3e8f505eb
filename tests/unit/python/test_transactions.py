"""Rules of sending that need no node."""

import json

import pytest

from flywheel.chain import folders, node, reverts, simulation, transactions, unfinished
from flywheel.errors import FlywheelError

ACCOUNT = "0x" + "Ab" * 20
SENT = unfinished.Sent("0x12", 7, "LicenseMarket.prepay", "0x02f8")


@pytest.fixture(autouse=True)
def _chain(monkeypatch, tmp_path):
    monkeypatch.setattr(node, "identity", lambda: "1-abcdef01")
    monkeypatch.setenv(folders.DEPLOYMENTS_VARIABLE, str(tmp_path))


@pytest.mark.parametrize("estimate", [21_000, 300_000, 5_000_000])
def test_with_margin__usual_estimate__leaves_room_for_new_words(estimate):
    room = transactions.with_margin(estimate) - estimate
    assert room >= 5 * 22_100
    assert room >= estimate // 5


@pytest.mark.parametrize("estimate", [transactions.MOST_GAS - 1, transactions.MOST_GAS + 1])
def test_with_margin__near_what_is_allowed__adds_no_more_than_that(estimate):
    assert transactions.with_margin(estimate) == max(estimate, transactions.MOST_GAS)


def test_unfinished__kept__is_there_for_that_account_and_chain_alone(monkeypatch):
    unfinished.keep(ACCOUNT, SENT)
    assert unfinished.of(ACCOUNT.lower()) == SENT
    assert unfinished.of("0x" + "cd" * 20) is None
    monkeypatch.setattr(node, "identity", lambda: "1-00000000")
    assert unfinished.of(ACCOUNT) is None


def test_unfinished__forgotten__is_gone_and_may_be_forgotten_again():
    unfinished.keep(ACCOUNT, SENT)
    unfinished.forget(ACCOUNT)
    unfinished.forget(ACCOUNT)
    assert unfinished.of(ACCOUNT) is None


def test_unfinished__folder_cannot_be_made__says_that_nothing_was_sent(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(folders.DEPLOYMENTS_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(FlywheelError, match=r"cannot be written to .*, so nothing was sent"):
        unfinished.keep(ACCOUNT, SENT)


@pytest.mark.parametrize("text", ["", "{}", "[1]", json.dumps({"hash": "0x12"})])
def test_unfinished__damaged__says_which_file(text):
    unfinished.keep(ACCOUNT, SENT)
    unfinished.path_of(ACCOUNT).write_text(text, encoding="utf-8")
    with pytest.raises(FlywheelError, match=r"1-abcdef01-0xabab.*does not say which transaction"):
        unfinished.of(ACCOUNT)


@pytest.mark.parametrize(
    ("data", "message", "reason"),
    [
        (None, "execution reverted: paused", "paused"),
        (None, "execution reverted", "no reason given"),
        ("0x", "", "no reason given"),
        ("Reverted", "execution reverted: paused", "paused"),
        ({"a": 1}, "execution reverted: paused", "paused"),
        ("0x01020304", "execution reverted", "unknown error 0x01020304"),
        ("0x4e487b71" + "11".rjust(64, "0"), "execution reverted", "panic 17"),
    ],
)
def test_of_answer__whatever_the_node_sends__is_a_reason(data, message, reason):
    assert reverts.of_answer(data, message) == reason


@pytest.mark.parametrize(
    ("code", "about_them"),
    [
        *((code, True) for code in (3, -32003, -38010, -38014, -38015, -38025)),
        *((code, False) for code in (-32601, -32600, -32000, -32602, -38020, -38026, None)),
    ],
)
def test_simulation__code_of_an_error__tells_the_calls_from_the_method(code, about_them):
    assert (code in simulation.ABOUT_THE_CALLS) == about_them


def test_await_block__interrupted__says_what_was_sent(monkeypatch):
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transactions, "_timeout", lambda: 1.0)
    monkeypatch.setattr(node, "raw_receipt", interrupt)
    with pytest.raises(FlywheelError, match=r"prepay was sent as 0x12, not in a block yet\. Look"):
        transactions._await_block(ACCOUNT, SENT)
