"""The tutorial's walk-through under the rules of parameters/sepolia.yaml, on a node that says it is
Sepolia and refuses, loses and limits as free nodes do."""

import re
from pathlib import Path

import pytest

from flywheel.chain import devnet, patient
from flywheel.chain.connection import address
from flywheel.states import GrantState, RoundState
from tests.scripts import nodes
from tests.scripts.faulty_node import LimitedRange, LostReply, Throttled, faulty
from tests.support import ROOT

# What a faucet can fill: amounts of the tutorial => a hundredth of them or less.
AMOUNTS = {
    "fund 200_000": "fund 140",
    "fund 80_000.50": "fund 60.5",
    "contribute 200_000": "contribute 139.5",
    "contribute 80_000.50": "contribute 60.5",
    "fund 13_000": "fund 9",
    "--gpus 200": "--gpus 1",
    "--gpus 250": "--gpus 1",
    "offer A100-40GB 2 ": "offer A100-40GB 0.25 ",
    '--life "50 hours"': '--life "4 hours"',
    "voucher 1 10_000": "voucher 1 4",
    "voucher 2 15_000": "voucher 2 8",
    "voucher 3 15_000": "voucher 3 8",
    "--gpu-hours 25_000": "--gpu-hours 12",
    "--gpu-hours 15_000": "--gpu-hours 8",
    "fund 10_000": "fund 100",
    "--revenue 42_000": "--revenue 420",
    "--max-cost 5_000": "--max-cost 50",
}
# And its times: days of voting are hours there.
TIMES = {'"25 hours"': '"15 minutes"', '"4 days"': '"3 hours"'}
# The same in the example files.
IN_FILES = {
    "application.yaml": {'"100_000"': '"60"', '"10_000"': '"10"', '"14_000"': '"8"'},
    "terms.yaml": {"5,000 USDC": "50 USDC", '"500"': '"5"', "../LICENSE": str(ROOT / "LICENSE")},
    "royalties.csv": {"42_000": "420", "../README.md": str(ROOT / "README.md")},
}
PLACEHOLDER = "0x000000000000000000000000000000000000dEaD"
USDC = 10**6


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def lines(folder: Path) -> list[str]:
    """The walk-through with these amounts, and with its files in `folder`."""
    for name, changes in IN_FILES.items():
        text = (ROOT / "examples" / name).read_text(encoding="utf-8")
        assert all(old in text for old in changes), name
        (folder / name).write_text(replaced(text, changes), encoding="utf-8")
    told = nodes.walkthrough()
    for old in (*AMOUNTS, *TIMES):
        assert any(old in line for line in told), f"the tutorial no longer says {old}"
    moved = {"examples/": f"{folder}/", "parameters/devnet.yaml": f"{folder}/sepolia.yaml"}
    return [replaced(line, {**AMOUNTS, **TIMES, **moved}) for line in told]


def put_usdc_where_the_file_says(node: nodes.Node, folder: Path) -> None:
    """The public chain has Circle's contract there; this node gets the mock's code and names."""
    text = (ROOT / "parameters" / "sepolia.yaml").read_text(encoding="utf-8")
    (place,) = re.findall(r'asset: .*address: "(0x\w+)"', text)
    guardian = devnet.rpc(node.url, "eth_accounts")[0]
    assert PLACEHOLDER in text
    (folder / "sepolia.yaml").write_text(
        text.replace(PLACEHOLDER, address(guardian)), encoding="utf-8"
    )
    with node.connected():
        from ape import accounts, project

        sender = accounts.load("payer6")
        sender.set_autosign(True, passphrase=nodes.PASSPHRASE)
        made = str(project.MockAsset.deploy("USDC", "USDC", 6, sender=sender).address)
    node.rpc("anvil_setCode", place, node.rpc("eth_getCode", made, "latest"))
    for slot in range(12):
        word = node.rpc("eth_getStorageAt", made, hex(slot), "latest")
        node.rpc("anvil_setStorageAt", place, hex(slot), word)


@pytest.mark.deep
def test_rehearsal__from_its_own_file_behind_a_faulty_node__runs_through(
    sepolia, tmp_path, monkeypatch
):
    monkeypatch.setattr(patient, "PAUSES", (0.01,) * 5)
    put_usdc_where_the_file_says(sepolia, tmp_path)
    faults = (
        Throttled(every=40),
        Throttled(every=173, status=502),
        LostReply("eth_sendRawTransaction", times=1_000, every=9),
        LimitedRange(500, status=400),
    )
    with faulty(sepolia, *faults) as worse:
        for line in lines(tmp_path):
            if line.startswith("income claim"):
                # All that came in fills the floor of the grants, as its rules say.
                assert "has no income to claim" in worse.refuse(line)
            else:
                worse.succeed(line)
        worse.succeed(f"deploy $M --check --parameters {tmp_path}/sepolia.yaml")
    with sepolia.suite() as suite:
        assert suite.rounds.state(1) == RoundState.FINALIZED
        assert suite.rounds.round(1).raised == 200 * USDC
        assert suite.grants.state(1) == GrantState.COMPLETED
        assert sum(suite.grants.milestone(1, n).paid for n in (1, 2, 3)) == 30 * USDC
        assert suite.market.is_in_good_standing(1)
        asset = suite.asset.address
        assert suite.asset.balanceOf(suite.treasury.address) == suite.treasury.accounted(asset)
