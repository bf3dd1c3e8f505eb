"""`ape run deploy` on a node that loses replies and hides receipts: each step once."""

import pytest

from flywheel.chain import patient, transactions
from tests.scripts.faulty_node import LostReply, NthTransaction, Throttled, faulty
from tests.scripts.license_shop import address

DEPLOY = "deploy $N --account TEST::0"


def lost_replies() -> LostReply:
    """Every third transaction is taken without a word."""
    return LostReply("eth_sendRawTransaction", times=100, every=3)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch) -> None:
    monkeypatch.setattr(patient, "PAUSES", (0.01,) * 5)
    monkeypatch.setattr(transactions, "CATCH_UP", 0.1)


@pytest.mark.deep
def test_deploy__replies_lost_and_a_receipt_not_shown__ends_in_the_good_state(local, monkeypatch):
    listed = local.run(f"{DEPLOY} --dry-run --format csv").stdout
    steps = len(listed.strip().splitlines()) - 1
    hidden = NthTransaction(7)
    with (
        faulty(local, lost_replies(), hidden, Throttled(every=40)) as worse,
        monkeypatch.context() as patch,
    ):
        patch.setattr(transactions, "_timeout", lambda: 1.0)
        said = worse.refuse(DEPLOY)
    assert f"was sent as {hidden.hash}, not in a block yet" in said
    sent = local.nonce(address(0))
    assert sent >= hidden.number
    # The node loses its replies still, and one more run is enough.
    with faulty(local, lost_replies()) as worse:
        worse.succeed(DEPLOY)
    assert local.nonce(address(0)) == steps, "a step was sent twice"
    assert local.run("deploy $N --check").exit_code == 0
