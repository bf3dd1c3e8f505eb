"""`ape run deploy` on a node that loses replies and hides receipts: each step once."""

import pytest

from flywheel.chain import patient, transactions
from tests.scripts.faulty_node import LostReply, NthTransaction, Throttled, faulty
from tests.scripts.license_shop import address

DEPLOY = "deploy $N --account TEST::0"


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch) -> None:
    monkeypatch.setattr(patient, "PAUSES", (0.01,) * 5)
    monkeypatch.setattr(transactions, "CATCH_UP", 0.1)


def test_deploy__replies_lost_and_a_receipt_not_shown__ends_in_the_good_state(local, monkeypatch):
    said = local.run(f"{DEPLOY} --dry-run --format csv").stdout
    steps = len(said.strip().splitlines()) - 1
    lost = LostReply("eth_sendRawTransaction", times=100, every=3)
    with faulty(local, lost, NthTransaction(7), Throttled(every=40)) as worse:
        with monkeypatch.context() as patch:
            patch.setattr(transactions, "_timeout", lambda: 1.0)
            said = worse.refuse(DEPLOY)
        assert "was sent as 0x" in said
        assert "not in a block yet" in said
        # The node loses its replies still, and a second run is enough.
        worse.calls.clear()
        transactions_before = local.nonce(address(0))
    with faulty(local, LostReply("eth_sendRawTransaction", times=100, every=3)) as worse:
        worse.succeed(DEPLOY)
    assert transactions_before >= 7
    assert local.nonce(address(0)) == steps, "a step was sent twice"
    assert local.run("deploy $N --check").exit_code == 0
