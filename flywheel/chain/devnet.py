"""A local chain that keeps its state: finds, starts and stops anvil.

`make devnet` runs this module; tests use the context manager `devnet`. It needs no Ape.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flywheel.chain.folders import ROOT
from flywheel.errors import FlywheelError, fix

HOST = "127.0.0.1"
DEFAULT_PORT = 8545
# The id that Ape signs for on `ethereum:local`, whatever the node says.
LOCAL_CHAIN_ID = 1337
BINARY_VARIABLE = "FLYWHEEL_ANVIL"
START_SECONDS = 20.0
# Writing the state takes longer the more the chain holds.
STOP_SECONDS = 60.0
# So that not even a killed machine loses more.
STATE_INTERVAL_SECONDS = 10
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Settings:
    """How a node is started. Without `block_time` (seconds) each transaction is mined at once.

    `state` is the file that it reads at the start, if it exists, and writes at the end: accounts,
    blocks, receipts, logs. The state as of an older block is gone after a restart.
    """

    port: int = DEFAULT_PORT
    chain_id: int = LOCAL_CHAIN_ID
    block_time: int | None = None
    state: Path | None = None
    # Further words of anvil's command line.
    options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def _system() -> str:
    return f"{sys.platform}-{MACHINES.get(platform.machine().lower(), 'unknown')}"


def packaged_program(name: str, root: Path = ROOT) -> Path:
    """Where npm puts Foundry's program of that name (`anvil`, `forge`) on this system.

    The program itself and not npm's wrapper: that one would survive the signal that stops it.
    """
    file = f"{name}.exe" if sys.platform == "win32" else name
    return root / "node_modules" / "@foundry-rs" / f"{name}-{_system()}" / "bin" / file


def find_binary(root: Path = ROOT) -> Path:
    """The anvil of $FLYWHEEL_ANVIL, else of node_modules, else of PATH. FlywheelError if none."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise fix(
                f"{BINARY_VARIABLE} names {named}, which is no program", "Correct or unset it"
            )
        return Path(named)
    packaged = packaged_program("anvil", root)
    if packaged.is_file():
        return packaged
    installed = shutil.which("anvil")
    if installed:
        return Path(installed)
    raise fix(
        f"No anvil was found for {_system()}",
        "Run `make setup-node`; if npm has no package for this system, install Foundry's anvil "
        f"and put it on PATH or name it in {BINARY_VARIABLE}",
    )


def command(binary: Path, settings: Settings) -> list[str]:
    """The command line of a node."""
    words = [str(binary), "--silent", "--host", HOST, "--port", str(settings.port)]
    words += ["--chain-id", str(settings.chain_id)]
    if settings.block_time is not None:
        words += ["--block-time", str(settings.block_time)]
    if settings.state is not None:
        words += ["--state", str(settings.state)]
        words += ["--state-interval", str(STATE_INTERVAL_SECONDS)]
    return [*words, *settings.options]


def rpc(url: str, method: str, *params: Any) -> Any:
    """The result of one JSON-RPC call. OSError if nobody answers, FlywheelError if refused."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    if "error" in answer:
        raise FlywheelError(f"{method}: {answer['error'].get('message')}")
    return answer["result"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def start(settings: Settings, binary: Path | None = None) -> subprocess.Popen[str]:
    """Starts a node and waits until it answers. FlywheelError if it does not."""
    if _is_taken(settings.port):
        raise fix(f"Port {settings.port} is in use", "Stop what listens there, or take another")
    if settings.state is not None:
        settings.state.parent.mkdir(parents=True, exist_ok=True)
    node = subprocess.Popen(
        command(binary or find_binary(), settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Ctrl-C reaches this process alone, which then stops the node in an orderly way.
        start_new_session=True,
    )
    try:
        _wait_until_ready(node, settings)
        _restore_clock(settings.url)
    except BaseException:
        stop(node)
        raise
    return node


def _wait_until_ready(node: subprocess.Popen[str], settings: Settings) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if node.poll() is not None:
            said = node.stderr.read().strip() if node.stderr else ""
            reason = said.splitlines()[0] if said else f"exit status {node.returncode}"
            raise fix(f"anvil stopped at once: {reason}", _state_remedy(settings))
        try:
            if int(rpc(settings.url, "eth_chainId"), 16) == settings.chain_id:
                return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.05)
    raise fix(f"anvil did not answer within {START_SECONDS:.0f} s", _state_remedy(settings))


def _restore_clock(url: str) -> None:
    """Puts the clock where the last run left it: a restarted anvil goes by the wall clock again.

    Without this the time of a chain that was moved into the future runs backwards.
    """
    latest = int(rpc(url, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    ahead = latest + 1 - int(time.time())
    if ahead > 0:
        rpc(url, "evm_increaseTime", hex(ahead))


def _state_remedy(settings: Settings) -> str:
    if settings.state is None:
        return "Try again"
    return f"Try again; if the state file is damaged, remove {settings.state}"


def stop(node: subprocess.Popen[str]) -> None:
    """Ends the node after it has written its state."""
    if node.poll() is None:
        node.send_signal(signal.SIGTERM)
        try:
            node.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            node.kill()
            node.wait()
    if node.stderr:
        node.stderr.close()


@contextmanager
def devnet(
    port: int = 0,
    chain_id: int = LOCAL_CHAIN_ID,
    block_time: int | None = None,
    state: Path | None = None,
    options: tuple[str, ...] = (),
) -> Iterator[str]:
    """Runs a node for the length of the block and gives its URL; port 0 takes a free one."""
    settings = Settings(port or free_port(), chain_id, block_time, state, options)
    node = start(settings)
    try:
        yield settings.url
    finally:
        stop(node)


def serve(settings: Settings) -> int:
    """Runs a node in the foreground until Ctrl-C or SIGTERM. Returns the exit status."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    node = None
    try:
        node = start(settings)
        print(_welcome(settings), flush=True)
        node.wait()
        print(f"devnet: anvil ended by itself (exit status {node.returncode})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndevnet: writing the state and stopping", flush=True)
        return 0
    finally:
        if node is not None:
            stop(node)


def _welcome(settings: Settings) -> str:
    height = int(rpc(settings.url, "eth_blockNumber"), 16)
    # Ape knows the node at the usual port by its name, any other by its address.
    provider = "node" if settings.port == DEFAULT_PORT else settings.url
    lines = [
        f"devnet: ready at {settings.url}, chain id {settings.chain_id}, block {height}",
        f"  use it:   ape run <command> --network ethereum:local:{provider}",
        "  stop it:  Ctrl-C here",
    ]
    if settings.state is not None:
        lines.append(f"  state:    {settings.state} (remove it, when stopped, to start anew)")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make devnet", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--chain-id", type=int, default=LOCAL_CHAIN_ID)
    parser.add_argument(
        "--block-time", type=int, help="seconds; without it each transaction is mined at once"
    )
    parser.add_argument(
        "--state", type=Path, help="state file; .devnet/<chain id>-<port>.json unless given"
    )
    options = parser.parse_args(arguments)
    default_state = ROOT / ".devnet" / f"{options.chain_id}-{options.port}.json"
    settings = Settings(
        options.port, options.chain_id, options.block_time, options.state or default_state
    )
    try:
        return serve(settings)
    except FlywheelError as error:
        print(f"devnet: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
