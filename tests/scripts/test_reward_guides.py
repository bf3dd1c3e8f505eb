"""The guides for curators and for data contributors, line by line."""

import re
from pathlib import Path

import pytest

from tests.scripts import nodes
from tests.support import ROOT

USDC = 10**6
PEOPLE = {"pat": 5, "cleo": 7}
# The worker that cleo is, in the guides and in the job.
CLEO = "w0001"


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


@pytest.fixture(scope="module")
def node(local) -> nodes.Node:
    local.succeed(nodes.FIRST_ROUND[0])
    return local


@pytest.fixture(scope="module")
def room(folder) -> Path:
    """A smaller job, judged by people of whom cleo is one."""
    room = folder / "job"
    room.mkdir()
    rows = (ROOT / "data/adult-content-labels/labels.csv").read_text().splitlines()[:20_000]
    (room / "labels.csv").write_text("\n".join(rows) + "\n")
    workers = sorted({row.split(",")[0] for row in rows[1:]})
    lines = [f"{name},0x{number + 1:040x}" for number, name in enumerate(workers)]
    lines[workers.index(CLEO)] = f"{CLEO},{address(PEOPLE['cleo'])}"
    (room / "addresses.csv").write_text("\n".join(["worker,address", *lines]) + "\n")
    return room


def fund(node: nodes.Node, amount: str) -> None:
    """Somebody gives the campaign money."""
    node.succeed(f"devnet fund {amount} TEST::0 $N --account TEST::0")
    node.succeed(f"rewards fund 1 {amount} $N --account TEST::0")


def lines_of(guide: str, room: Path, *sections: str) -> list[str]:
    """The commands of those sections of a guide, with our accounts and files."""
    text = (ROOT / "docs" / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    found = []
    for section in sections:
        part = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
        for block in re.findall(r"^```sh\n(.*?)^```$", part, re.DOTALL | re.MULTILINE):
            found += [line.removeprefix("ape run ") for line in block.splitlines()]
    for name, number in PEOPLE.items():
        found = [line.replace(f"--account {name}", f"--account TEST::{number}") for line in found]
    for said, ours in [
        ("data/adult-content-labels/labels.csv", f"{room}/labels.csv"),
        (" addresses.csv", f" {room}/addresses.csv"),
        (" appeals.csv", f" {room}/appeals.csv"),
        ("out/croissant.json", f"{room}/croissant.json"),
        ("out/drop", f"{room}/drops/first"),
        (" drops", f" {room}/drops"),
    ]:
        found = [line.replace(said, ours) for line in found]
    return found


def test_guides__curator_then_contributor__line_by_line(node, room):
    for line in lines_of("curator", room, "Create the campaign"):
        node.succeed(line)
    with node.suite() as suite:
        description = suite.rewards.campaign(1).description
        assert bytes(description.content_hash) != bytes(32)
    node.succeed("devnet fund 1_000 TEST::5 $N --account TEST::0")
    # The model of the story is another test's: nothing is settled here.
    for line in lines_of("curator", room, "Look at the work", "Publish"):
        if not line.startswith("royalty settle"):
            node.succeed(line)
    claim = lines_of("data-contributor", room, "Claim what you earned", "Check a drop")
    said = [node.succeed(line) for line in claim]
    # What cleo is told to compare.
    assert f"--for {CLEO} " in claim[2]
    assert address(PEOPLE["cleo"]) in said[2]
    with node.suite() as suite:
        cleo = int(suite.asset.balanceOf(address(PEOPLE["cleo"])))
    assert cleo > 0
    assert "was paid already" in node.refuse(claim[1])
    everybody = f"rewards claim {room}/drops --all $N --account TEST::9"
    assert "exclude each other" in node.refuse(f"{everybody} --for TEST::9")
    before = node.height()
    assert len(node.succeed(f"{everybody} --format json")) > 100
    assert node.height() > before
    # Everybody is paid: nothing is sent any more.
    before = node.height()
    assert "drop 1 of campaign 1 was paid to everybody already" in node.refuse(everybody)
    assert node.height() == before
    assert "is on the chain already, as drop 1 of campaign 1: ACTIVE" in node.refuse(
        f"rewards publish {room}/drops/first --uri ipfs://again $N --account TEST::5"
    )
    _appeal_and_leave(node, room)


def _appeal_and_leave(node: nodes.Node, room: Path) -> None:
    """The next drop pays the appeal, and the labels of who left are in no file of it."""
    (appeal,) = lines_of("data-contributor", room, "If it is wrong")
    node.succeed(appeal)
    assert "has an appeal of task 't00041' already" in node.refuse(appeal)
    appeals = room / "appeals.csv"
    appeals.write_text(appeals.read_text().replace(",open,", ",accepted,"))
    draw, look = lines_of("data-contributor", room, "Leave")
    # Somebody else leaves, so that cleo's appeal is paid.
    gone = (room / "labels.csv").read_text().splitlines()[2].split(",")[0]
    drawn = nodes.shown(node, draw.replace("w0001", gone))
    salt = drawn["salt"]
    node.succeed(f"rewards withdraw-consent {gone} --salt {salt} --to {room}/consent.csv")
    fund(node, "50")
    second = f"{room}/drops/second"
    node.succeed(
        f"rewards build 1 {room}/labels.csv {second} --addresses {room}/addresses.csv "
        f"--appeals {appeals} --consent {room}/consent.csv $M"
    )
    node.succeed(f"rewards publish {second} --uri ipfs://second $N --account TEST::5")
    node.succeed(f"rewards verify {second} $M")
    assert gone not in (Path(second) / "inputs" / "labels.csv").read_text()
    assert not (Path(second) / "inputs" / "consent.csv").exists()
    quality = (Path(second) / "quality.csv").read_text()
    assert re.search(r"^w0001,\d+,\d+,1,\d+$", quality, re.MULTILINE)
    found = nodes.shown(node, look.replace("w0001", gone).replace("$SALT", salt))
    assert found["is_listed"] is True
