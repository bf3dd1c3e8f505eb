"""Nodes for the commands of scripts/, and the tutorial's walk-through as lines to run on them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result

from flywheel import amounts
from flywheel.chain import devnet
from flywheel.deploy.suite import Suite
from tests import scripts_support
from tests.support import ROOT

SEPOLIA = 11_155_111
# Lines on standard error that may stand before a refusal.
PROGRESS = re.compile(
    r"\s*(sent|skipped) |Sent 0x|\d+ transactions, blocks |To be sent: |Caution: "
    r"|Milestone \d+ pays "
)
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Node:
    """A node, as `--network` names it, and the folder for what the commands write."""

    url: str
    network: str
    folder: Path
    # What stands before the number of an account: TEST::, or the alias of a keyfile.
    account: str = "TEST::"

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Afterwards the chain is as it was before."""
        snapshot = self.rpc("evm_snapshot")
        yield
        assert self.rpc("evm_revert", snapshot)

    def run(self, line: str) -> Result:
        """`ape run <line>`, with the tutorial's accounts and its folder out/ replaced by ours.

        `$N` stands for the options that the walk-through defines; other lines name theirs.
        """
        line = line.replace("TEST::", self.account).replace("out/", f"{self.folder}/")
        options = f"--network {self.network}"
        return scripts_support.run_line(f"ape run {line}", {"N": f"{options} --yes", "M": options})

    def succeed(self, line: str) -> str:
        """Runs a line that must succeed; returns its standard output."""
        result = self.run(line)
        assert result.exit_code == 0, f"{line}\n{result.stdout}{result.stderr}"
        return result.stdout

    def refuse(self, line: str) -> str:
        """Runs a line that must fail in a way a person can use; returns the line that says why."""
        result = self.run(line)
        assert result.exit_code == 1, f"{line}\n{result.stdout}{result.stderr}"
        # Anything but a clean exit is what `ape run` would print as a traceback.
        assert isinstance(result.exception, SystemExit), f"{line}\n{result.exception!r}"
        *progress, said = result.stderr.strip().splitlines()
        assert all(PROGRESS.match(line) for line in progress), result.stderr
        assert said.startswith("Error: "), said
        assert said.endswith("."), said
        return said.removeprefix("Error: ")

    @contextmanager
    def suite(self) -> Iterator[Suite]:
        """The deployed contracts, while connected."""
        with self.connected():
            yield Suite.connected()

    @contextmanager
    def connected(self) -> Iterator[Any]:
        from ape import networks

        with networks.parse_network_choice(self.network) as provider:
            yield provider

    def rpc(self, method: str, *params: Any) -> Any:
        return devnet.rpc(self.url, method, *params)

    def nonce(self, address: str) -> int:
        return int(self.rpc("eth_getTransactionCount", address, "latest"), 16)

    def code(self, address: str) -> bytes:
        return bytes.fromhex(self.rpc("eth_getCode", address, "latest")[2:])

    def height(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)


# A deployment whose first round two accounts fill, 200,000 and 80,000 USDC; nothing is claimed yet.
FIRST_ROUND = (
    "deploy $N --account TEST::0",
    "devnet fund 200_000 $N --account TEST::1",
    "devnet fund 80_000 $N --account TEST::2",
    "devnet pass-time '1 hour' $N",
    "raise contribute 200_000 $N --account TEST::1",
    "raise contribute 80_000 $N --account TEST::2",
    "devnet pass-time '30 days' $N",
    "raise finalize $N --account TEST::0",
)
# The first proposal, a strict one, from the next second to its execution.
FIRST_VOTE = (
    "devnet pass-time '25 hours' $N",
    "vote cast 1 for $N --account TEST::1",
    "devnet pass-time '7 days' $N",
    "vote queue 1 $N --account TEST::0",
    "devnet pass-time '4 days' $N",
    "vote execute 1 $N --account TEST::0",
)


def shown(node: Node, line: str) -> Any:
    """What a command tells programs, but for what it sent."""
    return result_of(node.succeed(f"{line} --format json"))


def result_of(text: str) -> Any:
    """The rows or the fields in the JSON of a command, without its transactions."""
    found = json.loads(text)
    if isinstance(found, dict) and "transactions" in found:
        found.pop("transactions")
        return found.get("rows", found)
    return found


def units(written: str) -> int:
    """Units of the devnet's asset or of its token: `units("12.5 USDC") == 12_500_000`."""
    number, symbol = written.split()
    return amounts.to_units(number, {"USDC": 6, "FLY": 18}[symbol])


def walkthrough() -> list[str]:
    """The lines of the tutorial's walk-through that begin with `ape run`, without these words."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    section = text.split("\n## Walk-through", 1)[1].split("\n## ", 1)[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return [
        line.removeprefix("ape run ") for line in block.splitlines() if line.startswith("ape run ")
    ]
