"""Commands and statement: rounds in another asset than the suite's, money that is gone, rows of
the policy, and who is excluded."""

import pytest

from flywheel.deploy.roles import EXCLUDED
from flywheel.deploy.suite import CONTRACTS, Suite
from flywheel.funding import rounds as funding
from flywheel.statement import Book, differences
from flywheel.treasury import buckets
from tests.invariant.booked import Booked
from tests.kits.funding import RoundsSuite, deploy_rounds_suite
from tests.odd_assets import deploy_odd_asset
from tests.support import ROOT, account, deploy, deploy_asset, now


def suite_of(rounds: RoundsSuite) -> Suite:
    income = deploy("HolderIncome", rounds.token, rounds.treasury, sender=rounds.owner)
    return Suite(
        {
            "Asset": rounds.asset,
            "GovernanceToken": rounds.token,
            "Treasury": rounds.treasury,
            "FundingRounds": rounds.rounds,
            "Redemptions": rounds.redemptions,
            "HolderIncome": income,
        }
    )


@pytest.mark.parametrize("lost", [1, 10**9])
def test_differences__contract_holds_less_than_it_owes__is_told(monkeypatch, owner, lost):
    asset = deploy_odd_asset()
    rounds = deploy_rounds_suite(owner, asset=asset)
    monkeypatch.setattr("flywheel.statement.reads.at", lambda _, where: asset.at(where))
    world = Booked()
    world.suite, world.book = suite_of(rounds), Book()
    world.names = {str(item.address): name for name, item in world.suite.contracts.items()}
    payer = account("payer")
    asset.mint(payer, 10**9)
    asset.approve(rounds.treasury, 10**9, sender=payer)
    world.call("Treasury", "deposit", 2, asset.address, 10**9, sender=payer)
    assert list(differences(world.suite, world.book)) == []
    asset.rebase(rounds.treasury.address, 10**9 - lost)
    (found,) = differences(world.suite, world.book)
    assert found.key == ("Treasury", "balance", str(asset.address))
    assert (found.booked, found.read) == (10**9, 10**9 - lost)


def test_unit_of__round_in_another_asset__counts_in_it(monkeypatch, owner):
    rounds = deploy_rounds_suite(owner)
    dai = deploy_asset("DAI", 18)
    rounds.treasury.accept_asset(dai, sender=owner)
    monkeypatch.setattr("flywheel.treasury.assets.at", lambda _, where: dai)
    rounds.open(
        asset=dai.address,
        price=10**17,
        soft_goal=250_000 * 10**18,
        hard_cap=300_000 * 10**18,
        min_contribution=25 * 10**18,
    )
    suite = suite_of(rounds)
    terms = funding.get_round(suite, 1)
    assert funding.unit_of(suite, terms).show(terms.hard_cap) == "300,000 DAI"


def test_policies__rows__are_what_no_vote_can_change(monkeypatch, owner):
    rounds = deploy_rounds_suite(owner)
    suite = suite_of(rounds)
    monkeypatch.setattr(buckets, "current_epoch", lambda _: int(rounds.token.epoch_at(now())))
    before = buckets.policies(suite)
    rounds.treasury.set_policy(0, 4_000, sender=owner)
    assert buckets.policies(suite) == before
    assert len(before) == 2


def test_excluded__every_contract_that_can_come_to_hold_the_token__is_named():
    """Whatever has a ledger of assets; and all others, as anybody can send them tokens."""
    holders = {
        path.stem
        for path in (ROOT / "contracts").rglob("*.vy")
        if path.stem[0].isupper() and "mocks" not in path.parts
        if "asset_ledger" in path.read_text()
    }
    assert holders >= {"FundingRounds", "Redemptions", "LicenseEnforcement", "LicenseMarket"}
    assert holders <= set(EXCLUDED)
    assert EXCLUDED == CONTRACTS
