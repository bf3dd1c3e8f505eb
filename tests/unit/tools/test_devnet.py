"""The local chain, on a real anvil."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flywheel.chain import devnet
from flywheel.errors import FlywheelError

YEAR = 365 * 86_400
# The first account of the public test mnemonic, which anvil funds.
FUNDED = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
# Its code logs once, without a topic, at every call.
LOGGING_CODE = "0x6005600c60003960056000f360006000a0"


def send(url: str, **transaction: str) -> dict:
    """Sends from the funded account and waits for the receipt."""
    fields = {"from": FUNDED, "gas": hex(500_000), **transaction}
    digest = devnet.rpc(url, "eth_sendTransaction", fields)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        receipt = devnet.rpc(url, "eth_getTransactionReceipt", digest)
        if receipt:
            return receipt
        time.sleep(0.02)
    raise AssertionError("the transaction was not mined")


def latest(url: str, field: str) -> int:
    return int(devnet.rpc(url, "eth_getBlockByNumber", "latest", False)[field], 16)


def test_devnet__restarted__keeps_blocks_code_and_logs(tmp_path: Path) -> None:
    state = tmp_path / "chain" / "state.json"
    with devnet.devnet(state=state) as url:
        made = send(url, data=LOGGING_CODE)["contractAddress"]
        call = send(url, to=made)
        height = latest(url, "number")
    assert state.stat().st_size > 0
    with devnet.devnet(state=state) as url:
        assert latest(url, "number") == height == 2
        assert devnet.rpc(url, "eth_getCode", made, "latest") == "0x60006000a0"
        logs = devnet.rpc(url, "eth_getLogs", {"fromBlock": "0x0"})
        assert [log["transactionHash"] for log in logs] == [call["transactionHash"]]
        assert send(url, to=made)["status"] == "0x1"


def test_devnet__restarted_in_its_future__does_not_go_back_in_time(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with devnet.devnet(state=state) as url:
        devnet.rpc(url, "evm_increaseTime", hex(YEAR))
        devnet.rpc(url, "evm_mine")
        left_at = latest(url, "timestamp")
    assert left_at > time.time() + YEAR / 2
    with devnet.devnet(state=state) as url:
        devnet.rpc(url, "evm_mine")
        assert left_at < latest(url, "timestamp") < left_at + 600


def test_devnet__chain_id__is_what_the_node_says() -> None:
    with devnet.devnet(chain_id=11_155_111) as url:
        assert devnet.rpc(url, "eth_chainId") == hex(11_155_111)


def test_devnet__block_time__mines_without_transactions() -> None:
    with devnet.devnet(block_time=1) as url:
        deadline = time.monotonic() + 15
        while latest(url, "number") < 2:
            assert time.monotonic() < deadline, "no blocks"
            time.sleep(0.1)


def test_command__options__come_last() -> None:
    settings = devnet.Settings(port=1, options=("--hardfork", "prague"))
    words = devnet.command(Path("anvil"), settings)
    assert words[0] == "anvil"
    assert words[-2:] == ["--hardfork", "prague"]


def test_devnet__after_the_block__is_gone() -> None:
    with devnet.devnet() as url:
        pass
    with pytest.raises(OSError, match="refused"):
        devnet.rpc(url, "eth_chainId")


def test_rpc__refused_call__raises() -> None:
    with devnet.devnet() as url, pytest.raises(FlywheelError, match="no_such_method"):
        devnet.rpc(url, "no_such_method")


def test_start__port_in_use__says_so() -> None:
    with socket.socket() as other:
        other.bind((devnet.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(FlywheelError, match=f"Port {port} is in use"):
            devnet.start(devnet.Settings(port))


def test_start__damaged_state__names_the_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("{")
    with pytest.raises(FlywheelError, match=f"remove {state}"):
        devnet.start(devnet.Settings(devnet.free_port(), state=state))
    assert state.read_text() == "{"


def test_find_binary__order__variable_then_package_then_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(devnet.BINARY_VARIABLE, raising=False)
    monkeypatch.setattr(devnet.sys, "platform", "linux")
    monkeypatch.setattr(devnet.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(FlywheelError, match="make setup-node"):
        devnet.find_binary(tmp_path)

    def program(path: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o755)
        return file

    installed = program("bin/anvil")
    assert devnet.find_binary(tmp_path) == installed
    packaged = program("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil")
    assert devnet.find_binary(tmp_path) == packaged
    named = program("elsewhere/anvil")
    monkeypatch.setenv(devnet.BINARY_VARIABLE, str(named))
    assert devnet.find_binary(tmp_path) == named
    monkeypatch.setenv(devnet.BINARY_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(FlywheelError, match="is no program"):
        devnet.find_binary(tmp_path)


def test_main__terminated__writes_the_state_and_succeeds(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    port = devnet.free_port()
    command = [
        sys.executable,
        "-m",
        "flywheel.chain.devnet",
        "--port",
        str(port),
        "--state",
        str(state),
    ]
    server = subprocess.Popen(command, cwd=devnet.ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        assert f"ready at http://127.0.0.1:{port}, chain id 1337" in server.stdout.readline()
        assert f"--network ethereum:local:http://127.0.0.1:{port}\n" in server.stdout.readline()
        devnet.rpc(f"http://127.0.0.1:{port}", "anvil_mine", hex(3))
    finally:
        server.terminate()
        rest = server.stdout.read()
        assert server.wait(30) == 0
    assert str(state) in rest
    with devnet.devnet(state=state) as url:
        assert latest(url, "number") == 3


def test_main__port_in_use__fails_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with devnet.devnet() as url:
        port = url.rsplit(":", 1)[1]
        assert devnet.main(["--port", port, "--state", os.devnull]) == 1
    assert capsys.readouterr().err == (
        f"devnet: Port {port} is in use. Stop what listens there, or take another.\n"
    )
