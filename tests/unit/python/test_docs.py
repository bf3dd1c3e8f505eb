"""What the documents say exists: commands with their options, links, folders of the tree."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from ape.cli import ConnectedProviderCommand

from tests.scripts_support import command_of
from tests.support import ROOT

TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
# Reviews say what was there on their day.
HISTORY = ROOT / "docs" / "audits"
PAGES = sorted(
    [ROOT / name for name in TOP]
    + [page for page in (ROOT / "docs").rglob("*.md") if not page.is_relative_to(HISTORY)]
)
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`(ape run [^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# What the walk-through and the guides define: for commands that read, and for those that send.
VARIABLES = {"M": "--network ethereum:local:node", "N": "--network ethereum:local:node --yes"}


class Refusal(Exception):
    """Why `ape run` would not take a line."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def lines_of(text: str) -> list[str]:
    """The lines of shell blocks that begin with `ape run`: whole commands."""
    return [
        line
        for block in FENCE.findall(text)
        for line in block.splitlines()
        if line.startswith("ape run ")
    ]


def mentions_of(text: str) -> list[str]:
    """What stands in the text as `ape run ...`: perhaps a group, or a command without the rest."""
    return [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]


def script_of(name: str) -> click.Command:
    if not (ROOT / "scripts" / f"{name}.py").is_file():
        raise Refusal(f"there is no job {name}")
    return command_of(name)


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words name, and the words behind it. Raises `Refusal`."""
    command, rest = script_of(words[0]), words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.commands.get(rest[0])
        if found is None:
            raise Refusal(f"{command.name} has no command {rest[0]}")
        command, rest = found, rest[1:]
    return command, rest


def check_line(line: str) -> None:
    """Raises `Refusal` unless the command takes all of these words, and lacks none.

    What the values mean is not looked at, but for choices: files and numbers are examples.
    """
    for name, value in VARIABLES.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line, comments=True)
    command, rest = resolve(words[2:])
    if isinstance(command, click.Group):
        raise Refusal("the command is missing")
    # Ape adds this option itself, when it parses.
    assert isinstance(command, ConnectedProviderCommand)
    if "--network" in rest:
        at = rest.index("--network")
        rest = rest[:at] + rest[at + 2 :]
    context = click.Context(command)
    try:
        given, left, _ = click.Command.make_parser(command, context).parse_args(list(rest))
    except click.UsageError as error:
        raise Refusal(error.format_message()) from error
    if left:
        raise Refusal(f"too many words: {left}")
    for parameter in command.params:
        value = given.get(parameter.name or "")
        if parameter.required and (value is None or value == ()):
            raise Refusal(f"{parameter.name} is missing")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str):
            try:
                parameter.type.convert(value, parameter, context)
            except click.UsageError as error:
                raise Refusal(error.format_message()) from error


def check_mention(span: str) -> None:
    """Raises `Refusal` unless the group or command exists, with each option that is named."""
    words = span.removeprefix("ape run ").replace("[", " ").replace("]", " ").split()
    command, rest = resolve(words)
    known = {"--network", "--help", *(opt for item in command.params for opt in item.opts)}
    for word in rest:
        if word.startswith("--") and word not in known:
            raise Refusal(f"{command.name} has no option {word}")


def faults(page: Path) -> list[str]:
    """Each command of a page that does not exist as it stands, and why."""
    text = page.read_text(encoding="utf-8")
    found = []
    checks = [(line, check_line) for line in lines_of(text)]
    checks += [(span, check_mention) for span in mentions_of(text)]
    for said, check in checks:
        try:
            check(said)
        except Refusal as refusal:
            found.append(f"{said}: {refusal}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands__of_a_page__exist_with_their_options(page):
    assert faults(page) == []


def test_commands__of_guides_and_tutorial__are_many():
    """So that a change of their form does not leave the test above with nothing to read."""
    lines = [line for page in PAGES for line in lines_of(page.read_text(encoding="utf-8"))]
    assert len(lines) > 150


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ape run rise show $M", "there is no job rise"),
        ("ape run raise shew $M", "cli has no command shew"),
        ("ape run raise $M", "the command is missing"),
        ("ape run raise show $N", "No such option: --yes"),
        ("ape run raise show $M --rounds 1", "No such option: --rounds"),
        ("ape run raise contribute $N --account TEST::1", "amount is missing"),
        ("ape run raise contribute 1 2 $N", "too many words"),
        ("ape run grants object 1 $N", "reason is missing"),
        ("ape run vote cast 1 yes $N", "'yes' is not one of"),
        ("ape run treasury limits $M --format xml", "'xml' is not one of"),
    ],
)
def test_check_line__wrong__says_why(line, said):
    with pytest.raises(Refusal) as caught:
        check_line(line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("ape run raise refunds", "no command refunds"),
        ("ape run models register CARD [--licence N]", "no option --licence"),
    ],
)
def test_check_mention__wrong__says_why(span, said):
    with pytest.raises(Refusal) as caught:
        check_mention(span)
    assert said in str(caught.value)


def anchors_of(page: Path) -> set[str]:
    """The names that a page's headings get, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def broken_links(page: Path) -> list[str]:
    """Relative links of a page that lead to no file, or to no heading of it."""
    found = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        is_there = file.exists()
        if not is_there or (anchor and anchor not in anchors_of(file)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", [*PAGES, *sorted(HISTORY.glob("*.md"))], ids=name_of)
def test_links__of_a_page__lead_somewhere(page):
    assert broken_links(page) == []


def test_broken_links__missing_file_and_heading__are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n\n[a](page.md#one) [b](page.md#two) [c](other.md) [d](https://e.f)\n")
    assert broken_links(page) == ["page.md#two", "other.md"]


def test_guides__each__stands_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = sorted((ROOT / "docs" / "guides").glob("*.md"))
    assert len(guides) == 9
    assert [name_of(page) for page in guides if f"({name_of(page)})" not in readme] == []


def test_contracts__each__has_its_line_and_its_paragraph():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "reference" / "contracts.md").read_text(encoding="utf-8")
    rooms = [room for room in (ROOT / "contracts").iterdir() if room.name != "mocks"]
    names = {path.stem for room in rooms for path in room.glob("[A-Z]*.vy")}
    assert len(names) == 22
    assert {name for name in names if f"| [{name}](" not in readme} == set()
    assert {name for name in names if f"**{name}**" not in page and f"**[{name}](" not in page} == (
        set()
    )


def test_tree__of_architecture__names_every_folder():
    table = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## ")[1]
    rows = " ".join(line for line in table.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"(\w+)/", rows))
    # Rooms of one name stand there as a range.
    rooms = {path.name for path in (ROOT / "contracts").iterdir()}
    package = {path.parent.name for path in (ROOT / "flywheel").glob("*/*.py")}
    tests = {path.parent.name for path in (ROOT / "tests").glob("*/*.py")}
    others = {
        *("contracts", "interfaces", "flywheel", "scripts", "parameters", "scenarios", "examples"),
        *("data", "docs", "tests", "benchmarks", "tools"),
    }
    assert all((ROOT / name).is_dir() for name in others)
    missing = (others | package | tests) - named - rooms - {"clients", "solmate", "tests"}
    assert missing == set()


def test_parameters__each_field_of_the_schema__stands_on_the_page():
    page = (ROOT / "docs" / "reference" / "parameters.md").read_text(encoding="utf-8")
    schema = json.loads((ROOT / "flywheel" / "schemas" / "definitions.json").read_text())
    sections = dict(schema["suite"]["properties"])
    first = sections.pop("genesis_round")
    assert first == {"$ref": "#/$defs/round"}
    fields = [
        f"`{name}.{field}`" for name, item in sections.items() for field in item["properties"]
    ]
    fields += [f"`{field}`" for field in schema["round"]["properties"]]
    assert len(fields) > 30
    assert [field for field in fields if field not in page] == []
