"""One anvil that gives the same gas on every run: its hardfork, clock and accounts are fixed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flywheel.chain import devnet
from flywheel.errors import FlywheelError

HARDFORK = "prague"
# The clock starts here and goes on by one second a block, whatever the wall clock says.
STARTS_AT = 2_000_000_000
ACCOUNTS = 20
OPTIONS = (
    *("--hardfork", HARDFORK),
    *("--timestamp", str(STARTS_AT)),
    *("--accounts", str(ACCOUNTS)),
    *("--order", "fifo"),
    # A crowd moves in a few large transactions.
    *("--gas-limit", "4000000000"),
    *("--block-base-fee-per-gas", "0"),
    *("--gas-price", "0"),
)
# Enough for a crowd in one transaction; nobody pays for it.
GAS = 1_000_000_000


@dataclass(frozen=True)
class Call:
    """A transaction to be sent."""

    sender: str
    to: str | None
    data: bytes

    def fields(self) -> dict[str, str]:
        fields = {"from": self.sender, "data": "0x" + self.data.hex(), "gas": hex(GAS)}
        fields["gasPrice"] = "0x0"
        return fields | ({"to": self.to} if self.to else {})


@dataclass(frozen=True)
class Receipt:
    """What the node says of a mined transaction. `gas_used` is the whole transaction's."""

    gas_used: int
    block_number: int
    contract: str | None
    logs: tuple[Any, ...]


class Node:
    """JSON-RPC of one node. Every method raises `FlywheelError` when something reverts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.chain_id = int(self.rpc("eth_chainId"), 16)
        self.accounts: list[str] = self.rpc("eth_accounts")
        self.rpc("anvil_setBlockTimestampInterval", 1)
        self.rpc("evm_setAutomine", False)

    def rpc(self, method: str, *params: Any) -> Any:
        return devnet.rpc(self.url, method, *params)

    # --- transactions ---

    def send(self, call: Call) -> Receipt:
        """Sends one transaction, in a block of its own."""
        digest = self.rpc("eth_sendTransaction", call.fields())
        self.rpc("evm_mine")
        found = self.rpc("eth_getTransactionReceipt", digest)
        if found is None:
            raise FlywheelError("eth_sendTransaction: the transaction was not mined")
        if found["status"] != "0x1":
            # The same call by eth_call has the reason.
            self.rpc("eth_call", call.fields(), hex(int(found["blockNumber"], 16) - 1))
            raise FlywheelError("eth_sendTransaction: the transaction reverted")
        return Receipt(
            gas_used=int(found["gasUsed"], 16),
            block_number=int(found["blockNumber"], 16),
            contract=found.get("contractAddress"),
            logs=tuple(found["logs"]),
        )

    def call(self, call: Call) -> bytes:
        """The answer of a view."""
        return bytes.fromhex(self.rpc("eth_call", call.fields(), "latest")[2:])

    # --- state ---

    def impersonate(self, account: str) -> None:
        """Lets `account` send without its key: what the DAO does after a vote and its delay."""
        self.rpc("anvil_impersonateAccount", account)

    def now(self) -> int:
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def warp_to(self, timestamp: int) -> None:
        """Mines a block at exactly `timestamp`."""
        self.rpc("evm_setNextBlockTimestamp", timestamp)
        self.rpc("evm_mine")

    def pass_time(self, seconds: int) -> None:
        self.warp_to(self.now() + seconds)

    @contextmanager
    def automined(self) -> Iterator[None]:
        """Each transaction is mined as it comes, for programs that do not mine themselves."""
        self.rpc("evm_setAutomine", True)
        try:
            yield
        finally:
            self.rpc("evm_setAutomine", False)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens in the block is undone afterwards, the clock included."""
        snapshot = self.rpc("evm_snapshot")
        try:
            yield
        finally:
            self.rpc("evm_revert", snapshot)


@contextmanager
def running() -> Iterator[Node]:
    with devnet.devnet(options=OPTIONS) as url:
        yield Node(url)
