"""The walk-through of docs/tutorial.md, line by line, on a real node."""

import csv
import io

import pytest

from flywheel.states import GrantState, RoundState
from tests.scripts import nodes

USDC = 10**6
SUPPORTERS, BUILDER, PROVIDER, LICENSEE = (1, 2), 3, 4, 6

RAISED = 280_000_500_000
MILESTONES = 30_000 * USDC
BOND = 13_000 * USDC
COMPUTE = 80_000 * USDC
FEE = 5_000 * USDC
# 5 % of 42,000 is above the minimum of 500.
ROYALTY = 2_100 * USDC
EARNED = FEE + ROYALTY
# The grant's split: 60 % Treasury, 25 % builder, 15 % contributors.
INCOME, BUILDERS_PART, CONTRIBUTORS_PART = (EARNED * bps // 10_000 for bps in (6_000, 2_500, 1_500))
HOLDERS_PART = INCOME * 4_000 // 10_000


def walk(node: nodes.Node) -> dict[str, str]:
    """Runs every line; returns line -> standard output."""
    lines = nodes.walkthrough()
    assert len(lines) > 50, "the tutorial has another walk-through"
    return {line: node.succeed(line) for line in lines}


def assert_everybody_is_paid(node: nodes.Node, contributors: str) -> None:
    """`contributors`: the CSV of what the data contributors claimed."""
    from ape import accounts

    def account(number: int) -> str:
        if node.account == "TEST::":
            return str(accounts.test_accounts[number].address)
        return str(accounts.load(f"{node.account}{number}").address)

    with node.suite() as suite:
        asset = suite.asset.address

        def held(owner) -> int:
            return int(suite.asset.balanceOf(owner))

        assert suite.rounds.state(1) == RoundState.FINALIZED
        assert suite.rounds.round(1).raised == RAISED
        assert suite.grants.state(1) == GrantState.COMPLETED
        paid = sum(suite.grants.milestone(1, number).paid for number in (1, 2, 3))
        assert paid == MILESTONES
        assert held(account(BUILDER)) == MILESTONES + BUILDERS_PART + BOND
        assert held(account(PROVIDER)) == COMPUTE
        assert held(account(LICENSEE)) == 10_000 * USDC - EARNED
        assert suite.market.outstanding(1) == 0
        assert suite.market.is_in_good_standing(1)

        # What was claimed is what the campaign and the pot got, but for roundings.
        paid = [int(row["got"]) for row in csv.DictReader(io.StringIO(contributors))]
        assert len(paid) > 100
        assert sum(paid) == CONTRIBUTORS_PART
        drop = suite.rewards.drop(suite.rewards.drop_id(1, asset, 1))
        assert (suite.rewards.free(1, asset), drop.unopened) == (0, 0)
        assert any(bytes(drop.root))
        shares = [held(account(number)) for number in SUPPORTERS]
        assert 0 <= HOLDERS_PART - sum(shares) < len(SUPPORTERS)
        # Both held their tokens all the time, so income is as what they paid.
        assert shares[0] * 80_000_500_000 // 200_000_000_000 == pytest.approx(shares[1], abs=1)

        # Nothing is left on the way, and nothing is promised any more.
        for contract in (suite.rounds, suite.escrow, suite.grants, suite.market, suite.router):
            assert held(contract) == 0
        assert held(suite.income) == HOLDERS_PART - sum(shares)
        assert held(suite.rewards) == 0
        assert suite.treasury.total_committed(asset) == 0
        spent = MILESTONES + COMPUTE
        assert held(suite.treasury) == RAISED - spent + INCOME - HOLDERS_PART
        assert held(suite.treasury) == suite.treasury.accounted(asset)


def claimed_by_contributors(said: dict[str, str]) -> str:
    (line,) = (line for line in said if line.startswith("rewards claim"))
    return said[line]


def test_walkthrough__on_a_devnet__pays_everybody(local):
    said = walk(local)
    assert_everybody_is_paid(local, claimed_by_contributors(said))


@pytest.mark.deep
def test_walkthrough__on_a_node_posing_as_sepolia__pays_everybody(sepolia):
    said = walk(sepolia)
    assert_everybody_is_paid(sepolia, claimed_by_contributors(said))
