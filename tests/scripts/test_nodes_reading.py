"""Statements and simulations on nodes that limit, lag and move: no false alarm."""

import pytest

from flywheel.chain import connection, patient
from flywheel.statement import as_of, event_store
from tests.scripts import nodes
from tests.scripts.faulty_node import (
    FaultyNode,
    LaggingLogs,
    LimitedRange,
    LimitedResults,
    LostReply,
    Moving,
    Reply,
    Throttled,
    WithoutMethod,
    error,
    faulty,
)
from tests.scripts.license_shop import LICENSEE, USDC, address

STATEMENT = "statement $M"
SAFE = "0x" + "5a" * 20


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch) -> None:
    monkeypatch.setattr(patient, "PAUSES", (0.01,) * 5)


@pytest.fixture(scope="module")
def sold(shop) -> nodes.Node:
    """Licence 1 of TEST::6, with an allowance for payments that a test makes."""
    shop.succeed("license buy 2 $N --account TEST::6")
    with shop.suite() as suite:
        from ape import accounts

        licensee = accounts.test_accounts[LICENSEE]
        connection.send(suite.asset.approve, suite.market, 10**12, sender=licensee)
    return shop


@pytest.fixture
def unread(sold) -> nodes.Node:
    """`sold`, of which nothing was read yet."""
    for file in stores(sold):
        file.unlink()
    return sold


def stores(node: nodes.Node) -> list:
    return list((node.folder / "deployments" / "events").glob("*.duckdb"))


def prepayment(node: nodes.Node) -> dict[str, str]:
    """TEST::6 pays a dollar ahead, past every command."""
    with node.suite() as suite:
        market = str(suite.market.address)
        data = "0x" + bytes(suite.market.prepay.encode_input(1, USDC)).hex()
    return {"from": address(LICENSEE), "to": market, "data": data}


def prepay(node: nodes.Node) -> None:
    node.rpc("eth_sendTransaction", prepayment(node))


def ranges(node: FaultyNode) -> list[tuple[int, int]]:
    return [call.blocks for call in node.calls if call.method == "eth_getLogs"]


@pytest.mark.parametrize(
    "fault",
    [
        LimitedRange(20),
        pytest.param(LimitedRange(20, status=400), marks=pytest.mark.deep),
        pytest.param(LimitedRange(20, status=413), marks=pytest.mark.deep),
        LimitedResults(50),
        pytest.param(LostReply("eth_getLogs"), marks=pytest.mark.deep),
        Throttled(every=9),
        pytest.param(Throttled(every=9, status=503), marks=pytest.mark.deep),
    ],
    ids=["range", "http-400", "http-413", "results", "dropped", "throttled", "http-503"],
)
def test_statement__faulty_node__agrees(unread, fault):
    with faulty(unread, fault) as worse:
        result = worse.run(STATEMENT)
    assert result.exit_code == 0, result.stderr
    assert "all agree" in result.stderr


def test_statement__again__reads_only_what_is_new(unread):
    with faulty(unread) as watched:
        watched.succeed(STATEMENT)
        (everything,) = ranges(watched)
        prepay(unread)
        watched.calls.clear()
        watched.succeed(STATEMENT)
        assert ranges(watched) == [(everything[1] + 1, unread.height())]
        watched.calls.clear()
        watched.succeed(STATEMENT)
        assert ranges(watched) == []


@pytest.mark.deep
def test_statement__chain_reorganised__drops_what_is_gone(unread):
    # The hash of the last block that was read is kept: what both chains share ends with it.
    unread.succeed(STATEMENT)
    shared = unread.height()
    snapshot = unread.rpc("evm_snapshot")
    prepay(unread)
    unread.succeed(STATEMENT)
    assert unread.rpc("evm_revert", snapshot)
    # Another block of the same number, and more above it.
    unread.succeed(f"devnet fund 1 {address(1)} $N --account TEST::1")
    prepay(unread)
    with faulty(unread) as watched:
        watched.succeed(STATEMENT)
        ((first, last),) = ranges(watched)
    assert (first, last) == (shared + 1, unread.height())


@pytest.mark.deep
def test_statement__store_lacks_an_event__is_read_anew_before_an_alarm(unread):
    unread.succeed(STATEMENT)
    (file,) = stores(unread)
    import duckdb

    with duckdb.connect(str(file)) as kept:
        kept.execute("DELETE FROM logs WHERE block = (SELECT max(block) FROM logs)")
    unread.succeed(STATEMENT)


@pytest.mark.deep
@pytest.mark.parametrize("junk", [b"", b"no database at all" * 1000])
def test_statement__store_is_damaged__is_made_anew(unread, junk):
    unread.succeed(STATEMENT)
    (file,) = stores(unread)
    file.write_bytes(junk)
    unread.succeed(STATEMENT)
    assert file.read_bytes() != junk


@pytest.mark.deep
def test_statement__payment_between_logs_and_views__raises_no_alarm(unread):
    payment = prepayment(unread)
    move = Moving(lambda: unread.rpc("eth_sendTransaction", payment))
    with faulty(unread, move) as worse:
        worse.succeed(STATEMENT)
    assert move.moved


def test_statement__logs_lag_on_a_public_network__raises_no_alarm(unread, monkeypatch):
    monkeypatch.setattr(connection, "is_local", lambda: False)
    monkeypatch.setattr(as_of, "CONFIRMATIONS", 2)
    prepay(unread)
    with faulty(unread, LaggingLogs(2)) as worse:
        worse.succeed(STATEMENT)
    # Without blocks above it the last payment would be missing.
    monkeypatch.setattr(as_of, "CONFIRMATIONS", 0)
    with faulty(unread, LaggingLogs(2)) as worse:
        assert worse.run(STATEMENT).exit_code == 1


def test_statement__deployment_too_young__says_so(unread, monkeypatch):
    monkeypatch.setattr(connection, "is_local", lambda: False)
    monkeypatch.setattr(as_of, "CONFIRMATIONS", unread.height())
    assert "is younger than" in unread.refuse(STATEMENT)


def test_statement__contract_holds_less_than_it_books__is_told(unread):
    """A stablecoin that takes away what it will not have there."""
    with unread.suite() as suite:
        router, asset = str(suite.router.address), str(suite.asset.address)
        data = "0x" + bytes(suite.asset.transfer.encode_input(address(1), USDC)).hex()
    snapshot = unread.rpc("evm_snapshot")
    unread.rpc("anvil_setBalance", router, hex(10**18))
    unread.rpc("anvil_impersonateAccount", router)
    unread.rpc("eth_sendTransaction", {"from": router, "to": asset, "data": data})
    result = unread.run(STATEMENT)
    assert unread.rpc("evm_revert", snapshot)
    assert result.exit_code == 1
    assert f"First difference: RoyaltyRouter, balance of {asset}" in result.stderr


@pytest.mark.parametrize(
    "reply",
    [
        error(-32601, "Method not found"),
        # Each of these asks for hundreds of calls one by one.
        *(
            pytest.param(reply, marks=pytest.mark.deep)
            for reply in (
                error(-32600, "Unsupported method: eth_simulateV1", 400),
                error(-32000, "eth_simulateV1 is not supported"),
                error(-38026, "client limit exceeded"),
                Reply("Not Allowed", 405),
            )
        ),
        Reply({"result": None}),
    ],
    ids=["unknown", "http-400", "not-supported", "limit", "http-405", "empty"],
)
def test_simulate__node_refuses_the_method__tries_each_call_alone(sold, reply):
    line = f"vote propose-payment grants '999_999 USDC' {SAFE} $M --simulate --format json"
    with faulty(sold, WithoutMethod("eth_simulateV1", reply)) as worse:
        assert '"would": "fail: ' in worse.run(line).stdout
        assert worse.count("eth_simulateV1") == 1


@pytest.mark.deep
def test_store__format__is_part_of_its_name(unread):
    unread.succeed(STATEMENT)
    (file,) = stores(unread)
    assert file.name.endswith(f".v{event_store.FORMAT}.duckdb")
