"""A dry run refuses what the real run would, allowances included, and leaves nothing behind."""

import pytest

from tests.scripts import nodes
from tests.scripts.license_shop import LICENSEE, OTHER, address

pytestmark = pytest.mark.usefixtures("shop_again")


def state(node: nodes.Node, number: int) -> tuple[int, int]:
    return node.height(), node.nonce(address(number))


def allowance(node: nodes.Node, number: int, spender: str) -> int:
    with node.suite() as suite:
        return int(suite.asset.allowance(address(number), suite[spender].address))


def test_dry_run__with_an_allowance__says_that_the_chain_would_accept_it(shop):
    before = state(shop, LICENSEE)
    result = shop.run("license buy 2 --no-present $M --dry-run --account TEST::6")
    assert result.exit_code == 0, result.stderr
    assert "Dry run, not sent: Buy a licence of model 1" in result.stderr
    assert "The chain would accept 2 transactions." in result.stderr
    assert result.stdout == ""
    assert state(shop, LICENSEE) == before


def test_dry_run__what_follows_needs_a_result__says_how_far_it_was_tried(shop):
    result = shop.run("license buy 2 $M --dry-run --account TEST::6")
    assert (
        "The chain would accept 2 transactions; what follows needs their results." in result.stderr
    )


@pytest.mark.parametrize("mode", ["--dry-run", "--yes"])
def test_report__of_another_ones_licence__is_refused_before_an_allowance(licence, mode):
    licence.succeed("devnet pass-time '30 days' $N")
    licence.succeed("devnet fund 1_000 $N --account TEST::7")
    before = state(licence, OTHER)
    said = licence.refuse(f"royalty report 1 1_000 $M {mode} --account TEST::7")
    assert said.startswith("The chain refused: ")
    assert state(licence, OTHER) == before
    assert allowance(licence, OTHER, "LicenseMarket") == 0


@pytest.mark.parametrize("mode", ["--dry-run", "--yes"])
def test_contribute__to_a_round_that_is_not_open__is_refused_before_an_allowance(shop, mode):
    shop.succeed("devnet fund 1_000 $N --account TEST::7")
    before = state(shop, OTHER)
    said = shop.refuse(f"raise contribute 25 $M {mode} --account TEST::7")
    assert said.startswith("Round 1 opens on ")
    assert state(shop, OTHER) == before
    assert allowance(shop, OTHER, "FundingRounds") == 0
