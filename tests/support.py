"""What the titanoboa tests share: loading contracts by their stem, time, events, accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boa
import pytest
from boa import BoaError
from boa.vm.py_evm import Sha3PreimageTracer, SstoreTracer
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector

ROOT = Path(__file__).resolve().parent.parent
DAY = 86_400
EPOCH_SECONDS = 30 * DAY
# What direct spends may take of an asset, and grants of a purpose, within 30 days, in basis points.
CAPS = (500, 2_500)
ZERO_ADDRESS = "0x" + "00" * 20
MAX_UINT = 2**256 - 1
# When each chain begins.
GENESIS = 1_800_000_000
# Opcodes.
SHA3, SSTORE = 0x20, 0x55


@contextmanager
def fresh_chain() -> Iterator[None]:
    """An empty titanoboa chain in place of the current one, which comes back afterwards."""
    with boa.swap_env(_new_env()):
        yield


def _new_env() -> boa.Env:
    """titanoboa puts its tracers of SHA3 and SSTORE into a table of opcodes that all chains share,
    around those of the chain before: no chain would ever be freed, all of them would trace each
    step, and after some hundred the stack would overflow. This one has a table of its own."""
    env = boa.Env()
    computation = env.evm.vm.state.computation_class
    shared = computation.opcodes
    sha3, sstore = shared[SHA3].sha3, shared[SSTORE].sstore
    computation.opcodes = shared | {
        SHA3: Sha3PreimageTracer(getattr(sha3, "sha3", sha3), env),
        SSTORE: SstoreTracer(getattr(sstore, "sstore", sstore), env),
    }
    shared |= {SHA3: sha3, SSTORE: sstore}
    # titanoboa would begin at the time of day, and go on with the addresses of the chain before.
    env.timestamp = GENESIS
    env.set_random_seed("titanoboa")
    env.eoa = env.generate_address("eoa")
    return env


@contextmanager
def refused() -> Iterator[Any]:
    """The block reverts; the error is `.value` of what this yields, afterwards."""
    with pytest.raises(BoaError) as error:
        yield error


def answer_of(error: Any) -> bytes:
    """The data that the call of a `refused` block reverted with."""
    return bytes(error.value.call_trace.computation.output)


@contextmanager
def reverts_silently() -> Iterator[None]:
    """The block reverts without any data: the decoder, an overflow, or a token without words."""
    with refused() as error:
        yield
    assert answer_of(error) == b""


@contextmanager
def reverts_otherwise(why: str) -> Iterator[None]:
    """The block reverts, with words that the test cannot or need not name: `why` says so."""
    assert why
    with refused() as error:
        yield
    assert error.value.call_trace is not None


def works(call: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether a call goes through."""
    try:
        call(*args, **kwargs)
    except boa.BoaError:
        return False
    return True


def typed_error(error: str, *args: Any) -> bytes:
    """Revert data of the typed `error`, e.g. "Err(address,uint256)"."""
    types = [name for name in error[error.index("(") + 1 : -1].split(",") if name]
    return function_signature_to_4byte_selector(error) + encode(types, args)


@contextmanager
def reverts_with(contract: Any, error: str, *args: Any) -> Iterator[None]:
    """The block reverts with exactly the typed `error` of `args`."""
    with refused():
        yield
    assert contract._computation.output == typed_error(error, *args)


def logged(contract: Any) -> list[tuple]:
    """Events of the last call as (name, value, value, ...), in order."""
    return [
        (type(log).__name__, *(getattr(log, name) for name in log._fields if name != "address"))
        for log in events(contract)
    ]


@cache
def deployer_of(stem: str) -> Any:
    """The compiled contract of `contracts/**/<stem>.vy`; stems are unique in the project."""
    (path,) = (ROOT / "contracts").rglob(f"{stem}.vy")
    return boa.load_partial(str(path))


def deploy(stem: str, *args: Any, sender: str | None = None) -> Any:
    """Deploys `<stem>.vy` from `sender` (boa's default account unless given)."""
    if sender is None:
        return deployer_of(stem).deploy(*args)
    with boa.env.prank(sender):
        return deployer_of(stem).deploy(*args)


def deploy_asset(symbol: str = "USDC", decimals: int = 6) -> Any:
    return deploy("MockAsset", f"Mock {symbol}", symbol, decimals)


def account(name: str) -> str:
    """A funded address that shows up under `name` in boa's traces."""
    address = boa.env.generate_address(name)
    boa.env.set_balance(address, 10**21)
    return str(address)


def now() -> int:
    return int(boa.env.timestamp)


def pass_time(seconds: int) -> None:
    boa.env.time_travel(seconds=seconds)


def warp_to(timestamp: int) -> None:
    """Moves the clock to exactly `timestamp`, which must not lie in the past."""
    assert timestamp >= now(), "the clock does not run backwards"
    boa.env.time_travel(seconds=timestamp - now())


def events(contract: Any, name: str | None = None) -> list[Any]:
    """Events of the last call on `contract`, optionally only those called `name`."""
    logs = contract.get_logs()
    return [log for log in logs if name is None or type(log).__name__ == name]


def fund_and_approve(asset: Any, owner: str, spender: Any, amount: int) -> None:
    """Mints `amount` of the mock `asset` to `owner` and approves `spender` for it."""
    asset.mint(owner, amount)
    with boa.env.prank(owner):
        asset.approve(spender, amount)
