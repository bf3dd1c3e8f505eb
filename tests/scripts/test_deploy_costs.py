"""What a deployment costs is said before its first transaction, and is about what it then costs."""

import json
import re

import pytest

LINE = "deploy $N --account TEST::0"


def announced(said: str) -> tuple[int, float]:
    """Transactions, and millions of gas."""
    found = re.search(r"about (\d+) transactions and ([\d.]+) million gas", said)
    assert found, said
    return int(found[1]), float(found[2])


def test_deploy__account_without_ether__is_refused_before_anything_is_sent(local):
    from ape import accounts

    account = str(accounts.test_accounts[1].address)
    local.rpc("anvil_setBalance", account, hex(10**15))
    result = local.run("deploy $N --account TEST::1")
    assert result.exit_code == 1
    assert f"{account} has 0.001 ETH, about 0." in result.stderr
    assert "Send it ether" in result.stderr
    assert local.nonce(account) == 0


def test_deploy__announced_costs__are_close_to_what_is_spent(local):
    result = local.run(f"{LINE} --format json")
    assert result.exit_code == 0, result.stderr
    sent = json.loads(result.stdout)["transactions"]
    count, millions = announced(result.stderr)
    assert count == len(sent)
    assert millions * 10**6 == pytest.approx(sum(item["gas"] for item in sent), rel=0.03)
    # Nothing is left to pay for.
    again = local.run(f"{LINE} --dry-run")
    assert announced(again.stderr) == (0, 0.0)
