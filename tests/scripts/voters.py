"""A node with a DAO, and what holders do and see there, for the tests of votes."""

from flywheel.chain import connection
from flywheel.deploy.parameters import GRANTS_PURPOSE
from tests.scripts import nodes


def dao(local: nodes.Node) -> nodes.Node:
    """Two holders, money for grants, and two pending proposals: grant 1, and a batch."""
    for line in (
        "deploy $N --account TEST::0",
        "devnet fund 221_000 $N --account TEST::1",
        "devnet fund 80_000 $N --account TEST::2",
        "devnet pass-time '1 hour' $N",
        "raise contribute 200_000 $N --account TEST::1",
        "raise contribute 80_000 $N --account TEST::2",
        "devnet pass-time '30 days' $N",
        "raise finalize $N --account TEST::0",
        "raise claim $N --account TEST::1",
        "raise claim $N --account TEST::2",
        "rewards create ipfs://dataset $N --account TEST::5",
        "grants apply examples/application.yaml $N --account TEST::3",
        "devnet pass-time '1 minute' $N",
        "vote propose-grant 1 $N --account TEST::1",
        "vote propose examples/actions.yaml $N --account TEST::1",
    ):
        local.succeed(line)
    with local.suite() as suite:
        from ape import accounts

        gift, giver = 20_000 * 10**6, accounts.test_accounts[1]
        connection.send(suite.asset.approve, suite.treasury, gift, sender=giver)
        connection.send(suite.treasury.deposit, GRANTS_PURPOSE, suite.asset, gift, sender=giver)
    return local


def shown(dao: nodes.Node, line: str):
    return nodes.result_of(dao.succeed(f"vote {line} $M --format json"))


def changes(dao: nodes.Node, line: str) -> dict[tuple[str, str], tuple[str, str]]:
    """(where, what) -> (before, after) of a simulation."""
    rows = nodes.result_of(dao.succeed(f"{line} $M --simulate --format json"))
    return {(row["where"], row["what"]): (row["before"], row["after"]) for row in rows}


def win(dao: nodes.Node, number: int) -> None:
    """Takes a proposal to where it can be queued."""
    dao.succeed("devnet pass-time '25 hours' $N")
    dao.succeed(f"vote cast {number} for $N --account TEST::1")
    dao.succeed("devnet pass-time '8 days' $N")
