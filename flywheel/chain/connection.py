"""The connected chain, through Ape: clock, transactions, reverts in words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from flywheel.chain import any_text, on_demand, reverts
from flywheel.errors import FlywheelError, fix

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
    from eth_utils import is_checksum_address, is_hex_address, to_checksum_address

    digits = text.removeprefix("0x")
    if text[:2] != "0x" or not is_hex_address(text):
        raise fix(f"'{text}' is no address", "Write 0x and 40 hexadecimal digits")
    if digits not in (digits.lower(), digits.upper()) and not is_checksum_address(text):
        raise fix(f"'{text}' has a wrong checksum", "Copy the address again: a digit is mistyped")
    return str(to_checksum_address(text))


def provider() -> Any:
    """Ape's connected provider. Raises `FlywheelError` when none is connected."""
    from ape.utils.basemodel import ManagerAccessMixin

    on_demand.connect_now()
    active = ManagerAccessMixin.network_manager.active_provider
    if active is None:
        raise fix("No chain is connected", "Give one with --network, such as ethereum:local:node")
    return active


def chain_id() -> int:
    """What the node itself says: Ape's own figure may be the configured one."""
    return int(provider().web3.eth.chain_id)


def is_local() -> bool:
    return chain_id() in LOCAL_CHAIN_IDS


def is_test() -> bool:
    """Whether money on this chain is worth nothing: a local chain or a public testnet."""
    return chain_id() in (*LOCAL_CHAIN_IDS, *PUBLIC_TEST_CHAIN_IDS)


def now() -> int:
    """Time of the latest block, in Unix seconds."""
    return int(provider().get_block("latest").timestamp)


def pass_time(seconds: int) -> int:
    """Moves the clock of a test node forward and mines a block. Returns the new time.

    Raises `FlywheelError` on a node whose clock cannot be moved.
    """
    if _batches:
        raise fix("A Safe moves no clock", "Leave out --safe")
    active = provider()
    if active.name == "test":
        from ape import chain

        chain.mine(timestamp=now() + seconds)
        return now()
    try:
        active.make_request("evm_increaseTime", [hex(seconds)])
        active.make_request("evm_mine", [])
    except Exception as error:
        raise fix(
            f"This node does not move its clock ({error})", "Wait until the time has come"
        ) from None
    return now()


def read_as(account: str) -> None:
    """Whom the embedded chain's views see as their caller, unless one is named.

    Left open, web3 asks the chain for all its accounts before each call, which takes longer than
    the call.
    """
    if provider().name == "test":
        provider().web3.eth.default_account = account


def quiet() -> None:
    """Keeps Ape's own log of every transaction off the screen; `-v INFO` brings it back."""
    import sys

    from ape.logging import LogLevel, logger

    if not {"-v", "--verbosity"} & set(sys.argv):
        logger.set_level(LogLevel.ERROR)


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
        except TransactionError:
            raise
        except (ConnectionError, ProviderError, _http_error()) as error:
            remedy = "Start it, or correct --network and its URL"
            raise fix(f"The node does not answer ({_first_line(error)})", remedy) from error
        except ConversionError as error:
            remedy = "Write an address as 0x and 40 hexadecimal digits"
            raise fix(_first_line(error), remedy) from error
        except AccountsError as error:
            remedy = "Check that the account can sign and has ether for gas"
            raise fix(_first_line(error), remedy) from error
        except (ApeException, _web3_error()) as error:
            raise fix(_first_line(error), "See --help, or -v DEBUG for more") from error


def _http_error() -> type[Exception]:
    """Imported when something was raised: it takes longer than a command that needs no node."""
    from requests import RequestException

    return RequestException


def _web3_error() -> type[Exception]:
    from web3.exceptions import Web3Exception

    return Web3Exception


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]


def send(method: Any, *args: Any, sender: "AccountAPI", **options: Any) -> "ReceiptAPI":
    """Sends one transaction to a contract method and waits for its receipt.

    Raises `FlywheelError` with the contract's reason when it reverts. While a batch for a Safe is
    made it records the call; what is read from the receipt is then unknown.
    """
    if _batches:
        unsent: Any = _batches[-1].record(method, args, int(options.get("value", 0)))
        return unsent
    with plain_reverts():
        return method(*args, sender=sender, **options)


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
