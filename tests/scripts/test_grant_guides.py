"""The guides for builders, providers and holders, as far as they are about grants, line by line."""

import re
from pathlib import Path

import pytest

from flywheel.states import GrantState, MilestoneState
from tests.scripts import nodes
from tests.support import ROOT

PEOPLE = {"alice": 1, "bea": 3, "dana": 4}
PLACEHOLDER = "0x1111111111111111111111111111111111111111"
DAYS_3, DAYS_7 = "devnet pass-time '3 days' $N", "devnet pass-time '7 days' $N"
# Until a milestone may be submitted.
DAYS_14 = "devnet pass-time '14 days' $N"
BUDGET, BOND = 100_000 * 10**6, 13_000 * 10**6
OFFER = "compute offer A100-40GB 2 --gpus 400 --watts 400 --grid-grams 57 --region FR $N"
APPLIED = (
    *nodes.FIRST_ROUND,
    "raise claim $N --account TEST::1",
    "rewards create ipfs://dataset $N --account TEST::5",
    "devnet fund 13_000 $N --account TEST::3",
    "devnet pass-time '1 minute' $N",
)
APPROVED = (
    "grants apply examples/application.yaml $N --account TEST::3",
    "vote propose-grant 1 $N --account TEST::1",
    *nodes.FIRST_VOTE,
    "grants bond 1 $N --account TEST::3",
)


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


@pytest.fixture(scope="module")
def files(folder) -> Path:
    """What the guides name: a report, a card, weights."""
    (folder / "report.pdf").write_bytes(b"report")
    for name, content in {"card/README.md": b"# Bea-7B\n", "weights/a.safetensors": b"abc"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def funded(local) -> nodes.Node:
    """A round has paid, nobody has applied."""
    for line in APPLIED:
        local.succeed(line)
    return local


@pytest.fixture
def node(funded):
    snapshot = funded.rpc("evm_snapshot")
    yield funded
    assert funded.rpc("evm_revert", snapshot)


def lines_of(guide: str, files: Path, *sections: str) -> list[str]:
    """The commands of those sections of a guide, with our accounts and files."""
    text = (ROOT / "docs" / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    found = []
    for section in sections:
        part = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
        (block,) = re.findall(r"^```sh\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)
        found += [line.removeprefix("ape run ") for line in block.splitlines()]
    for name, number in PEOPLE.items():
        found = [line.replace(f"--account {name}", f"--account TEST::{number}") for line in found]
    named = ("report.pdf", "card/", "weights/", "voucher.json", "grant-1.ics")
    for name in named:
        found = [re.sub(rf"(?<=[ =]){re.escape(name)}", f"{files}/{name}", line) for line in found]
    return found


def run(node: nodes.Node, lines: list[str], before: dict[str, tuple[str, ...]]) -> None:
    """Runs the lines; `before` names what the world does before the first line that begins so."""
    left = dict(before)
    for line in lines:
        for begins in [begins for begins in left if line.startswith(begins)]:
            for other in left.pop(begins):
                node.succeed(other)
        node.succeed(line)
    assert not left, f"the guide no longer says {list(left)}"


def test_builder__guide_line_by_line__delivers_and_hands_the_model_in(node, files):
    lines = lines_of("builder", files, "Apply", "Compute", "Deliver")
    model = lines_of("builder", files, "Register the model")
    with_time = {
        "grants show 1": nodes.FIRST_VOTE,
        "compute offers": (f"{OFFER} --account TEST::4",),
        "compute voucher": ("devnet pass-time '2 days' $N",),
        "grants submit 1": (DAYS_14,),
        "grants draw": (DAYS_7,),
        "energy report 1 2": (DAYS_14,),
    }
    run(node, lines, with_time)
    calendar = (files / "grant-1.ics").read_bytes()
    assert calendar.startswith(b"BEGIN:VCALENDAR\r\n")
    assert calendar.count(b"BEGIN:VEVENT") == 4
    last = "energy report 1 3 --gpu-hours 1 --gpu-watts 400 --grid-grams 57 --duration '1 day' "
    last += "--hardware A100 --region FR --uri ipfs://last $N --account TEST::3"
    run(node, model[:2], {"models register": (DAYS_7, DAYS_14, last)})
    with node.suite() as suite:
        assert suite.grants.milestone(1, 1).state == MilestoneState.PAID
        assert suite.grants.milestone(1, 1).submission == 2
        assert suite.grants.milestone(1, 2).state == MilestoneState.ACCEPTED
        assert suite.grants.milestone(1, 3).state == MilestoneState.SUBMITTED
        assert suite.registry.ownerOf(1) == suite.timelock.address
    run(
        node,
        ["grants draw 1 $N --account TEST::0", "compute return 1 $N --account TEST::0"],
        {"grants draw": (DAYS_7, "compute close 1 $N --account TEST::4")},
    )
    with node.suite() as suite:
        assert suite.grants.state(1) == GrantState.COMPLETED
        assert suite.asset.balanceOf(address(3)) == BOND + 30_000 * 10**6


def test_provider__guide_line_by_line__is_paid(node, files):
    for line in APPROVED:
        node.succeed(line)
    builder = "--account TEST::3"
    order = f"compute order 1 1 --gpus 200 --life '50 hours' $N {builder}"
    voucher = f"compute voucher 1 4_000.5 {files}/voucher.json $N {builder}"
    sections = ("Offer", "What an order means", "Draw", "End")
    lines = [
        line.replace(PLACEHOLDER, address(3)) for line in lines_of("provider", files, *sections)
    ]
    before = {
        "compute status": (order,),
        "compute verify": ("devnet pass-time '1 day' $N", voucher),
    }
    run(node, lines, before)
    with node.suite() as suite:
        assert suite.asset.balanceOf(address(4)) == 8_001 * 10**6
        assert suite.escrow.order_of(1).is_closed
    (found,) = nodes.shown(node, "compute status 1 $M")["orders"]
    assert (found["gpu_seconds_drawn"], found["state"]) == (4_000 * 3_600 + 1_800, "closed")
    said = node.refuse(f"compute verify {files}/voucher.json --signer {PLACEHOLDER} $M")
    assert said.startswith(f"The voucher was signed by {address(3)}, not by ")


def test_holder__guide_line_by_line__holds_a_submission(node, files):
    for line in APPROVED:
        node.succeed(line)
    submit = f"grants submit 1 --evidence {files}/report.pdf --uri ipfs://a $N --account TEST::3"
    report = "energy report 1 2 --gpu-hours 1 --gpu-watts 400 --grid-grams 57 --duration '1 day' "
    report += "--hardware A100 --region FR --uri ipfs://last $N --account TEST::3"
    second = DAYS_7, DAYS_14, report
    for line in (DAYS_14, submit, *second, submit.replace("$N", "--energy-report 1 $N")):
        node.succeed(line)
    run(node, lines_of("holder", files, "Look at what builders hand in"), {})
    found = nodes.shown(node, "grants show 1 $M")
    assert found["milestones"][1]["state"] == "OBJECTED"
    assert found["milestones"][1]["accepted"] is None
    assert [step["what"] for step in found["next"]] == [
        "only a vote decides about submission 1 of milestone 2",
        "or it is withdrawn, to be submitted again",
        "10,000 USDC can be drawn for the recipient",
    ]
    assert "does more, or something else, than decide" in node.refuse(
        "grants escalate 1 --proposal 1 $N --account TEST::1"
    )
