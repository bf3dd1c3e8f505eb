"""Texts of others cannot forge what a terminal shows, wherever they are printed."""

import pytest
from vyper.compiler.output import build_abi_output

from flywheel.chain.calldata import Interface
from flywheel.console import cli
from flywheel.console.output import Output
from flywheel.printable import on_lines, on_one_line
from flywheel.wording.describe import Words
from tests.support import deployer_of

HOSTILE = [
    "Pay the audit\x1b[2A\x1b[J\x1b[E",
    "a\rb",
    "a\x00b",
    "a\u202eb\u2066c",
    "a\x9b2Jb",
    "a\u2028b",
    "[/]",
    "[/x] markup [red]x[/red]",
    "x" * 100_000,
]


def shown(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("text", [*HOSTILE, "a\nb"])
def test_on_one_line__of_hostile_text__is_printable(text):
    assert on_one_line(text).isprintable()
    assert shown(on_lines(text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["title", "row", "record", "say", "heading", "tree"])
def test_output__of_hostile_text__sends_no_codes(capsys, text, where):
    output = Output("table")
    {
        "title": lambda: output.table(text, ("Name",), [("x",)]),
        "row": lambda: output.table("Title", ("Name",), [(text,)]),
        "record": lambda: output.record(text, {"Id": text}),
        "say": lambda: output.say(text),
        "heading": lambda: output.heading(text),
        "tree": lambda: output.tree((text, [(text, [])])),
    }[where]()
    captured = capsys.readouterr()
    assert captured.out + captured.err
    assert shown(captured.out + captured.err)


def test_confirm__of_a_hostile_title__asks_on_one_line(monkeypatch):
    asked = []
    monkeypatch.setattr("click.confirm", lambda text, **options: asked.append(text))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    session = object.__new__(cli.Session)
    session.__dict__.update(dry_run=False, batch=None, yes=False, output=Output())
    session.confirm("Vote for 'x\x1b[2A\nAction 1: pay 5 USDC'")
    (text,) = asked
    assert text.isprintable()


class _Suite:
    """Just enough for words about a registry."""

    def __init__(self, address: str) -> None:
        self.contracts = {"ModelRegistry": _At(address)}
        self.symbol = "USDC"
        self.treasury = _NoAssets()
        self.asset, self.token = _At("0x" + "22" * 20), _At("0x" + "33" * 20)


class _At:
    def __init__(self, address: str) -> None:
        self.address = address


class _NoAssets:
    def assets(self) -> list[str]:
        return []


def test_words__of_a_call_with_line_breaks__are_one_line():
    """A URI of 24 empty lines and an action of its own would push the real one off the screen."""
    address = "0x" + "11" * 20
    abi = build_abi_output(deployer_of("ModelRegistry").compiler_data)
    registry = Interface("ModelRegistry", abi)
    (function,) = registry.named("set_contract_uri")
    data = function.encode(['ipfs://c"' + "\n" * 24 + "Action 1: pay 500 USDC"])
    said = Words(_Suite(address), {"ModelRegistry": registry}).call(address, data)  # type: ignore[arg-type]
    assert "Action 1" in said
    assert said.isprintable()
