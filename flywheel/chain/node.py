"""The connected node, and all that this project takes from the inside of Ape and web3.

`ask` gives the node's whole answer, its errors included: Ape's own way loses their codes and data.
A node that cannot be reached raises an `OSError`, under which `requests` has all of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flywheel.chain import ape_internals, on_demand
from flywheel.errors import fix

if TYPE_CHECKING:
    from ape.api import ReceiptAPI, TransactionAPI

# Ape's name of the chain that lives in this process.
EMBEDDED = "test"


class Refused(Exception):
    """A node's JSON-RPC error. `data` is what a revert returned, if anything."""

    def __init__(self, error: Any) -> None:
        known: dict[str, Any] = error if isinstance(error, dict) else {"message": str(error)}
        self.code: int | None = known.get("code")
        self.said = str(known.get("message", "no reason given"))
        self.data: Any = known.get("data")
        super().__init__(self.said)


def be_patient() -> None:
    """Has every node that Ape connects from now on reached through `PatientProvider`."""
    import ape_ethereum.provider as apes

    from flywheel.chain.patient import PatientProvider

    replaced: Any = apes
    replaced.HTTPProvider = PatientProvider
    ape_internals.connect_lean()


def provider() -> Any:
    """Ape's connected provider. Raises `FlywheelError` when none is connected."""
    from ape.utils.basemodel import ManagerAccessMixin

    on_demand.connect_now()
    active = ManagerAccessMixin.network_manager.active_provider
    if active is None:
        raise fix("No chain is connected", "Give one with --network, such as ethereum:local:node")
    if active.name != EMBEDDED:
        _unwrap(active.web3)
    return active


def _unwrap(web3: Any) -> None:
    """Has a connection over HTTP reached by `PatientProvider` itself.

    web3 looks for a provider among several, and repeats whatever failed with the next one it finds,
    what may not be repeated too.
    """
    from flywheel.chain.patient import PatientProvider

    if isinstance(web3.provider, PatientProvider):
        return
    found = getattr(web3.provider, "_active_provider", web3.provider)
    if not isinstance(found, PatientProvider) and getattr(found, "endpoint_uri", None):
        found = PatientProvider(found.endpoint_uri, request_kwargs=found._request_kwargs)
    if isinstance(found, PatientProvider):
        web3.provider = found


def is_embedded() -> bool:
    return bool(provider().name == EMBEDDED)


def ask(method: str, parameters: Sequence[Any]) -> dict[str, Any]:
    """The node's whole answer: `result`, or `error` with its code, message and data."""
    answer: dict[str, Any] = provider().web3.provider.make_request(method, list(parameters))
    return answer


def result(method: str, *parameters: Any) -> Any:
    """What the node answers. Raises `Refused` with its error."""
    answer = ask(method, parameters)
    if answer.get("error") is not None:
        raise Refused(answer["error"])
    return answer.get("result")


def block(number: int | str = "latest") -> dict[str, Any] | None:
    """A block's header as JSON-RPC has it, by number or tag; None if the node has it not."""
    named = hex(number) if isinstance(number, int) else number
    found: dict[str, Any] | None = result("eth_getBlockByNumber", named, False)
    return found


def height() -> int:
    """Number of the latest block that the node shows."""
    latest = block()
    return int(latest["number"], 16) if latest else 0


def identity() -> str:
    """Which chain this is: its id, and a mark of its first block, as a test node that was started
    anew has the id of the one before. Asked once for each connection."""
    wire: Any = provider().web3.provider
    known: str | None = getattr(wire, "identity", None)
    if known is None:
        chain, first = int(result("eth_chainId"), 16), block(0)
        known = wire.identity = f"{chain}-{str((first or {}).get('hash', ''))[2:10]}"
    return known


def nonce(account: str, at: str = "latest") -> int:
    """How many transactions an account has sent, up to a block or tag."""
    return int(result("eth_getTransactionCount", account, at), 16)


@contextmanager
def reading_at(number: int) -> Iterator[None]:
    """Within the block every view is read as of that block instead of the latest.

    The embedded chain does not move and is read as it is; so is a node that is not reached over
    HTTP, which is one's own.
    """
    if is_embedded():
        yield
        return
    wire = provider().web3.provider
    before, wire.block = getattr(wire, "block", None), hex(number)
    try:
        yield
    finally:
        wire.block = before


def raw_receipt(transaction: str) -> dict[str, Any] | None:
    """A transaction's receipt as web3 has it; None if the node shows none, or does not answer."""
    from web3.exceptions import Web3Exception

    try:
        return dict(provider().web3.eth.get_transaction_receipt(transaction))
    except (OSError, Web3Exception):
        return None


def knows(transaction: str) -> bool:
    """Whether the node has a transaction, in a block or waiting for one."""
    try:
        return result("eth_getTransactionByHash", transaction) is not None
    except (OSError, Refused):
        return False


def receipt_of(signed: "TransactionAPI", raw: dict[str, Any]) -> "ReceiptAPI":
    """Ape's receipt from the raw one of a transaction that we signed."""
    active = provider()
    known = {**signed.model_dump(by_alias=True, mode="json"), "signature": signed.signature}
    price = raw.get("effectiveGasPrice") or 0
    made: ReceiptAPI = active.network.ecosystem.decode_receipt(
        {
            "provider": active,
            "required_confirmations": signed.required_confirmations,
            **known,
            **raw,
            "gasPrice": price,
        }
    )
    return made


def first_line(error: BaseException) -> str:
    """The first line of what an error says; its kind if it says nothing."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]
