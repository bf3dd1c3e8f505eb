"""Commands that pay, on nodes with every fault: what they send is in a block once, or they say what
was sent and what to do."""

import shutil
from collections.abc import Iterator

import pytest

from flywheel.chain import connection, patient, transactions
from flywheel.errors import FlywheelError
from tests.scripts import nodes
from tests.scripts.faulty_node import (
    AlreadyKnown,
    CheapEstimate,
    FixedEstimate,
    Forgotten,
    LostReply,
    NthTransaction,
    StaleState,
    Throttled,
    Unreachable,
    WithoutMethod,
    error,
    faulty,
)
from tests.scripts.license_shop import LICENSEE, USDC, address

# An allowance of exactly as much, then the payment.
PAY = "royalty pay 1 --amount 100 --ahead $N --account TEST::6"
APPROVAL, PAYMENT = 1, 2


@pytest.fixture(autouse=True)
def _in_a_hurry(folder, monkeypatch) -> Iterator[None]:
    """Pauses are short, and nothing is left of what a test could not finish."""
    monkeypatch.setattr(patient, "PAUSES", (0.01,) * 5)
    monkeypatch.setattr(transactions, "CATCH_UP", 0.1)
    monkeypatch.setattr(transactions, "LONGEST_LOOK", 0.1)
    yield
    shutil.rmtree(folder / "deployments" / "sent", ignore_errors=True)


def give_up_soon(monkeypatch) -> None:
    monkeypatch.setattr(transactions, "_timeout", lambda: 1.0)


def paid(node: nodes.Node) -> int:
    """USDC that licence 1 was ever paid, interest and arrears aside."""
    with node.suite() as suite:
        return int(suite.market.license(1).paid) // USDC


def left_unfinished(node: nodes.Node) -> int:
    return len(list((node.folder / "deployments" / "sent").glob("*.json")))


@pytest.mark.parametrize(
    "fault",
    [
        LostReply("eth_sendRawTransaction", times=2),
        pytest.param(LostReply("eth_estimateGas", times=2), marks=pytest.mark.deep),
        AlreadyKnown("already known"),
        pytest.param(AlreadyKnown("transaction already imported"), marks=pytest.mark.deep),
        StaleState(0.5),
        Throttled(every=3),
        pytest.param(Throttled(every=4, status=502), marks=pytest.mark.deep),
        CheapEstimate(60),
        pytest.param(
            WithoutMethod("eth_maxPriorityFeePerGas", error(-32601, "Method not found")),
            marks=pytest.mark.deep,
        ),
    ],
    ids=lambda fault: f"{type(fault).__name__}",
)
def test_pay__faulty_node__pays_once(licence, fault):
    with faulty(licence, fault) as worse:
        assert "100 USDC" in worse.succeed(PAY)
    assert paid(licence) == 100
    assert left_unfinished(licence) == 0


def test_pay__receipt_not_shown__says_what_was_sent_and_is_not_repeated(licence, monkeypatch):
    give_up_soon(monkeypatch)
    fault = NthTransaction(PAYMENT)
    with faulty(licence, fault) as worse:
        said = worse.refuse(PAY)
    assert f"LicenseMarket.prepay was sent as {fault.hash}, not in a block yet" in said
    assert "Look before you repeat" in said
    # It was in a block all the time: who repeats it is told so, once.
    said = licence.refuse(PAY)
    assert f"sent by an earlier run as {fault.hash}, is in block" in said
    assert "Nothing was sent now" in said
    assert paid(licence) == 100
    licence.succeed(PAY)
    assert paid(licence) == 200


@pytest.mark.deep
def test_pay__node_forgot_the_transaction__same_bytes_are_sent_again(licence, monkeypatch):
    give_up_soon(monkeypatch)
    with faulty(licence, Forgotten(PAYMENT)) as worse:
        assert "not in a block yet" in worse.refuse(PAY)
        (raw,) = [call.params[0] for call in worse.calls if "sendRaw" in call.method][-1:]
    assert paid(licence) == 0
    with faulty(licence) as good:
        assert "is in block" in good.refuse(PAY)
        assert [call.params for call in good.calls if "sendRaw" in call.method] == [[raw]]
    assert paid(licence) == 100


def test_pay__node_gone_while_sending__says_that_it_may_have_been_sent(licence):
    with faulty(licence, Unreachable("eth_sendRawTransaction")) as worse:
        said = worse.refuse(PAY)
    assert "may have been sent as 0x" in said
    assert left_unfinished(licence) == 1


def test_pay__another_transaction_waits__sends_nothing(licence, monkeypatch):
    give_up_soon(monkeypatch)
    account = address(LICENSEE)
    licence.rpc("evm_setAutomine", False)
    waiting = {"from": account, "to": account, "value": "0x0"}
    nonce = licence.nonce(account)
    licence.rpc("eth_sendTransaction", waiting)
    try:
        said = licence.refuse(PAY)
    finally:
        licence.rpc("evm_mine")
        licence.rpc("evm_setAutomine", True)
    assert f"{account} has a transaction with nonce {nonce} that is not in a block yet" in said
    assert "nothing was sent" in said
    assert licence.nonce(account) == nonce + 1


@pytest.mark.deep
def test_pay__nonce_used_by_another_run__is_told(licence, monkeypatch):
    """Signed, then lost: meanwhile the wallet has sent something else with the same nonce."""
    give_up_soon(monkeypatch)
    with faulty(licence, Forgotten(APPROVAL)) as worse:
        worse.refuse(PAY)
    account = address(LICENSEE)
    licence.rpc("eth_sendTransaction", {"from": account, "to": account, "value": "0x0"})
    assert "used by now, by it or by another transaction" in licence.refuse(PAY)
    licence.succeed(PAY)
    assert paid(licence) == 100


def test_pay__no_ether__says_how_much_is_needed(licence):
    licence.rpc("anvil_setBalance", address(LICENSEE), "0x0")
    said = licence.refuse(PAY)
    assert f"{address(LICENSEE)} has 0 ETH, about 0.000" in said
    assert "are needed for gas" in said


@pytest.mark.deep
def test_pay__estimate_too_low_without_a_margin__says_that_gas_ran_out(licence, monkeypatch):
    monkeypatch.setattr(transactions, "with_margin", lambda estimate: estimate)
    with faulty(licence, CheapEstimate(80)) as worse:
        said = worse.refuse(PAY)
    assert "ran out of its" in said
    assert "gas and did nothing" in said
    assert "It was 0x" in said
    assert left_unfinished(licence) == 0


def test_send__refused_in_its_block__tells_the_contracts_reason(licence):
    from ape import accounts

    sender = accounts.test_accounts[LICENSEE]
    said = r"balance is too low.*It was 0x[0-9a-f]{64} in block"
    with faulty(licence, FixedEstimate(200_000)) as worse, worse.suite() as suite:
        transfer = suite.asset.transfer
        with pytest.raises(FlywheelError, match=said):
            connection.send(transfer, address(1), 2**128, sender=sender)


@pytest.mark.deep
def test_send__block_reorganised_away__sends_the_same_bytes_again(licence, monkeypatch):
    from ape import accounts
    from ape.api import ReceiptAPI

    before = [licence.rpc("evm_snapshot")]

    def reorganise(receipt: ReceiptAPI) -> ReceiptAPI:
        """While it waits for confirmations the block of the transaction is replaced, once."""
        if before:
            licence.rpc("evm_revert", before.pop())
        return receipt

    monkeypatch.setattr(ReceiptAPI, "await_confirmations", reorganise)
    sender = accounts.test_accounts[LICENSEE]
    with faulty(licence) as watched, watched.suite() as suite:
        held = suite.asset.balanceOf(address(1))
        transfer = suite.asset.transfer
        connection.send(transfer, address(1), 5, sender=sender, required_confirmations=1)
        assert suite.asset.balanceOf(address(1)) == held + 5
        first, second = [call.params for call in watched.calls if "sendRaw" in call.method]
    assert first == second


@pytest.mark.deep
def test_batch__report_not_shown__goes_on_in_the_next_run(licence, tmp_path, monkeypatch):
    give_up_soon(monkeypatch)
    licence.succeed("devnet pass-time '61 days' $N")
    path = tmp_path / "royalties.csv"
    path.write_text("license,period,revenue\n1,1,1000\n1,2,2000\n", encoding="utf-8")
    batch = f"royalty batch {path} $N --account TEST::6"
    with faulty(licence, NthTransaction(PAYMENT)) as worse:
        result = worse.run(batch)
    assert result.exit_code == 1
    assert "not in a block yet" in result.stderr
    licence.succeed(batch)
    with licence.suite() as suite:
        assert suite.market.license(1).periods_reported == 2
        assert suite.market.license(1).paid == suite.market.license(1).due


@pytest.mark.deep
@pytest.mark.parametrize("method", ["evm_setNextBlockTimestamp", "evm_mine"])
def test_pass_time__reply_lost__moves_the_clock_once(licence, method):
    with licence.connected():
        before = connection.now()
    with faulty(licence, LostReply(method)) as worse:
        worse.succeed("devnet pass-time '10 days' $N")
    with licence.connected():
        assert 10 * 86_400 <= connection.now() - before < 10 * 86_400 + 3_600


@pytest.mark.deep
def test_fund__reply_lost__mints_once(licence):
    with faulty(licence, LostReply("eth_sendRawTransaction")) as worse:
        worse.succeed(f"devnet fund 5 {address(40)} $N --account TEST::6")
    with licence.suite() as suite:
        assert suite.asset.balanceOf(address(40)) == 5 * USDC
