"""Who is connected: chain, clock, and the doors through which every room reads and sends.

How a transaction is sent is in `transactions`, how a node is asked in `node` and `patient`.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from flywheel.chain import any_text, node, reverts, sent, transactions
from flywheel.errors import FlywheelError, fix
from flywheel.reading import values

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

any_text.install()

# Chains that only exist for tests. 11155111 is public, whatever node answers for it.
LOCAL_CHAIN_IDS = (1337, 31337)
PUBLIC_TEST_CHAIN_IDS = (11155111, 17000, 560048, 84532, 421614)
ZERO_ADDRESS = "0x" + "00" * 20


class Recorder(Protocol):
    """Takes the calls of a command instead of the chain."""

    def record(self, method: Any, args: tuple[Any, ...], value: int = 0) -> Any:
        """Adds one call; what stands for its receipt."""


# Connection => its chain id.
_chain_ids: "WeakKeyDictionary[Any, int]" = WeakKeyDictionary()
# Where transactions are recorded instead of being sent, while a batch for a Safe is made.
_batches: list["Recorder"] = []


@contextmanager
def recorder(batch: "Recorder") -> Iterator[None]:
    """Within the block `send` sends nothing and adds to `batch`."""
    _batches.append(batch)
    try:
        yield
    finally:
        _batches.remove(batch)


def is_recording() -> bool:
    """Whether transactions are recorded for a Safe and not sent."""
    return bool(_batches)


def address(text: str) -> str:
    """A written address in its checksummed form. Raises `FlywheelError` if it is none, or if its
    capital letters do not fit its digits: then one of them was mistyped."""
    from eth_utils import is_hex_address, to_checksum_address

    if text[:2] != "0x" or not is_hex_address(text):
        raise fix(f"'{text}' is no address", "Write 0x and 40 hexadecimal digits")
    if values.has_slip(text):
        raise fix(f"'{text}' has a wrong checksum", "Copy the address again: a digit is mistyped")
    return str(to_checksum_address(text))


def provider() -> Any:
    """Ape's connected provider. Raises `FlywheelError` when none is connected."""
    return node.provider()


def chain_id() -> int:
    """What the node itself says, asked once: Ape's own figure may be the configured one."""
    web3 = provider().web3
    if web3 not in _chain_ids:
        _chain_ids[web3] = int(web3.eth.chain_id)
    return _chain_ids[web3]


def ether_of(account: str) -> int:
    """What an account holds of the network's own currency, in wei."""
    return int(provider().get_balance(account))


def is_local() -> bool:
    return chain_id() in LOCAL_CHAIN_IDS


def is_test() -> bool:
    """Whether money on this chain is worth nothing: a local chain or a public testnet."""
    return chain_id() in (*LOCAL_CHAIN_IDS, *PUBLIC_TEST_CHAIN_IDS)


def reading_at(block: int) -> AbstractContextManager[None]:
    """Within the block every view is read as of a block of the chain instead of the latest."""
    return node.reading_at(block)


def now() -> int:
    """Time of the latest block, in Unix seconds."""
    return int(provider().get_block("latest").timestamp)


def soon() -> int:
    """The time that the next block has at least. A node that makes blocks when it is asked to tells
    it apart from the last one's, which may be hours old."""
    if node.is_embedded():
        return now()
    waiting = node.block("pending") or {}
    return max(now(), int(waiting.get("timestamp", "0x0"), 16))


def pass_time(seconds: int) -> int:
    """Moves the clock of a test node forward and mines a block. Returns the new time.

    Raises `FlywheelError` on a node whose clock cannot be moved.
    """
    if _batches:
        raise fix("A Safe moves no clock", "Leave out --safe")
    if node.is_embedded():
        from ape import chain

        chain.mine(timestamp=now() + seconds)
        return now()
    try:
        # By the time that the next block would have, and to a time instead of by a span: a node
        # whose reply was lost may be told again.
        node.result("evm_setNextBlockTimestamp", hex(soon() + seconds))
        node.result("evm_mine")
    except node.Refused as error:
        raise fix(
            f"This node does not move its clock ({error})", "Wait until the time has come"
        ) from None
    return now()


def read_as(account: str) -> None:
    """Whom the embedded chain's views see as their caller, unless one is named.

    Left open, web3 asks the chain for all its accounts before each call, which takes longer than
    the call.
    """
    if node.is_embedded():
        provider().web3.eth.default_account = account


def quiet() -> None:
    """Before a command connects: keeps Ape's own log of every transaction off the screen, which
    `-v INFO` brings back, and has it bear with its node."""
    import sys

    from ape.logging import LogLevel, logger

    if not {"-v", "--verbosity"} & set(sys.argv):
        logger.set_level(LogLevel.ERROR)
    node.be_patient()


@contextmanager
def plain_reverts() -> Iterator[None]:
    """Turns Ape's contract errors into `FlywheelError`: the contract's reason and its remedy."""
    from ape.exceptions import ContractLogicError, TransactionError

    try:
        yield
    except ContractLogicError as error:
        raise FlywheelError(reverts.explain(error)) from error
    except TransactionError as error:
        raise FlywheelError(reverts.explain(error)) from error


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns what Ape and the connection to a node raise into `FlywheelError`, in one line."""
    from ape.exceptions import (
        AccountsError,
        ApeException,
        ConversionError,
        ProviderError,
        TransactionError,
    )

    with plain_reverts():
        try:
            yield
        except (FlywheelError, TransactionError, BrokenPipeError):
            # The last: whoever read our output has enough. The node's are wrapped by `requests`.
            raise
        except (_gave_up(), node.Refused) as error:
            remedy = "Run the command again later, or use another node"
            raise fix(f"The node refuses ({node.first_line(error)})", remedy) from error
        except (ConnectionError, ProviderError, _http_error()) as error:
            remedy = "Start it, or correct --network and its URL"
            raise fix(f"The node does not answer ({node.first_line(error)})", remedy) from error
        except ConversionError as error:
            remedy = "Write an address as 0x and 40 hexadecimal digits"
            raise fix(node.first_line(error), remedy) from error
        except AccountsError as error:
            remedy = "Check that the account can sign and has ether for gas"
            raise fix(node.first_line(error), remedy) from error
        except (ApeException, _web3_error()) as error:
            raise fix(node.first_line(error), "See --help, or -v DEBUG for more") from error


def _gave_up() -> type[Exception]:
    """Imported when something was raised, like the two below: they take longer than a command
    that needs no node."""
    from flywheel.chain.patient import NodeGaveUp

    return NodeGaveUp


def _http_error() -> type[Exception]:
    from requests import RequestException

    return RequestException


def _web3_error() -> type[Exception]:
    from web3.exceptions import Web3Exception

    return Web3Exception


def send(method: Any, *args: Any, sender: "AccountAPI", **options: Any) -> "ReceiptAPI":
    """Sends one transaction to a contract method and waits for its receipt (`transactions.send`).

    Raises `FlywheelError` with the contract's reason when it reverts, or with what was sent and is
    not in a block yet. While a batch for a Safe is made it records the call; what is read from the
    receipt is then unknown.
    """
    if _batches:
        unsent: Any = _batches[-1].record(method, args, int(options.get("value", 0)))
        return unsent
    with plain_reverts():
        receipt = transactions.send(method, args, sender, **options)
    return _noted(receipt)


def create(
    container: Any, *args: Any, sender: "AccountAPI", nonce: int | None = None
) -> "ReceiptAPI":
    """Creates a contract, with the sender's nonce `nonce` if given; waits for its receipt only."""
    with plain_reverts():
        receipt = transactions.create(container, args, sender, nonce)
    return _noted(receipt)


def _noted(receipt: "ReceiptAPI") -> "ReceiptAPI":
    if sent.is_collecting():
        sent.note(receipt, chain_id())
    return receipt


def next_nonce(sender: "AccountAPI") -> int:
    """The nonce of the sender's next transaction, once what it sent before is in a block."""
    return int(sender.nonce) if node.is_embedded() else transactions.next_nonce(str(sender.address))


def finish_earlier(sender: "AccountAPI", resumes: bool = True) -> None:
    """Waits for a transaction that an earlier run of the sender left without an end.

    For runs that read from the chain what is left to do (`resumes`). Others are told by an error if
    it did something: what they are to send may be just that. Raises `FlywheelError` if it is still
    not in a block.
    """
    if _batches or node.is_embedded():
        return
    if resumes:
        transactions.finish_earlier(str(sender.address))
    else:
        transactions.refuse_after_earlier(str(sender.address))


def method(contract: Any, name: str) -> Any:
    """A sending method whose name Ape's contracts use for something of their own."""
    from ape.contracts.base import ContractTransactionHandler

    abis = [item for item in contract.contract_type.mutable_methods if item.name == name]
    return ContractTransactionHandler(contract, abis)


def view(contract: Any, name: str) -> Any:
    """`method` for a view."""
    from ape.contracts.base import ContractCallHandler

    abis = [item for item in contract.contract_type.view_methods if item.name == name]
    return ContractCallHandler(contract, abis)


def await_confirmations(receipt: "ReceiptAPI") -> None:
    """Waits until as many blocks follow a receipt's as Ape asks for on this network."""
    if _batches:
        return
    wanted = receipt.block_number + int(provider().network.required_confirmations)
    while int(provider().get_block("latest").number) < wanted:
        time.sleep(1)


def call(method: Any, *args: Any) -> Any:
    """Reads a view. Raises `FlywheelError` with the contract's reason when it reverts."""
    with plain_reverts():
        return method(*args)


def event_of(receipt: "ReceiptAPI", event: Any) -> Any:
    """The one event of that kind in a receipt: how to learn an id that a transaction gave out."""
    if _batches:
        return receipt
    (log,) = event.from_receipt(receipt)
    return log


def events_of(receipt: "ReceiptAPI", event: Any) -> list[Any]:
    """All events of that kind in a receipt; none while a batch for a Safe is made."""
    return [] if _batches else list(event.from_receipt(receipt))
