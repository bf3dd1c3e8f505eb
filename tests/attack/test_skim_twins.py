"""A token with two addresses: whichever a vote skims by, what is owed by the other stays."""

from typing import Any

import boa
import pytest

from tests.attack.mutants import SOLVENT, mutate
from tests.kits import treasury as kit
from tests.kits.funding import USDC, deploy_rounds_suite
from tests.support import ZERO_ADDRESS, account, deploy, fresh_chain

TWIN = """
# pragma version 0.4.3
interface Asset:
    def balanceOf(holder: address) -> uint256: view
    def move(owner: address, to: address, amount: uint256): nonpayable
MAIN: immutable(address)
@deploy
def __init__(main: address):
    MAIN = main
@external
@view
def balanceOf(holder: address) -> uint256:
    return staticcall Asset(MAIN).balanceOf(holder)
@external
def transfer(to: address, amount: uint256) -> bool:
    extcall Asset(MAIN).move(msg.sender, to, amount)
    return True
"""
MAIN = """
# pragma version 0.4.3
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
decimals: public(uint8)
@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount
@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True
@external
def transfer(to: address, amount: uint256) -> bool:
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
    return True
@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self.allowance[owner][msg.sender] -= amount
    self.balanceOf[owner] -= amount
    self.balanceOf[to] += amount
    return True
@external
def move(owner: address, to: address, amount: uint256):
    self.balanceOf[owner] -= amount
    self.balanceOf[to] += amount
"""
OWED = 900 * USDC


def world(**mutants: Any):
    """Rounds, Redemptions, Treasury and HolderIncome that each owe OWED or more."""
    owner, payer = account("owner"), account("payer")
    asset = boa.loads(MAIN)
    suite = deploy_rounds_suite(owner, asset=asset, **mutants)
    income = deploy("HolderIncome", suite.token, suite.treasury, sender=owner)
    suite.treasury.set_holder_income(income, sender=owner)
    suite.pay(suite.open_now(), payer, OWED)
    kit.deposit(suite.treasury, asset, payer, kit.GRANTS, OWED)
    suite.token.set_minter(owner, 10**24, sender=owner)
    suite.token.mint(payer, 10**18, sender=owner)
    source = kit.income_source(suite.treasury, owner)
    epoch = kit.earn(suite.treasury, asset, source, 2 * OWED)
    won = suite.open_now()
    suite.pay(won, payer, 2_000 * USDC)
    suite.rounds.finalize(won)
    purpose = suite.opened[won]["purpose"]
    suite.treasury.allow_wind_down(purpose, asset, suite.redemptions, sender=owner)
    suite.redemptions.announce(won, 1, sender=owner)
    kit.end_epoch(suite.treasury)
    suite.treasury.close_epoch(epoch, asset)
    suite.redemptions.begin(won)
    ledgers = {
        "rounds": suite.rounds,
        "redemptions": suite.redemptions,
        "treasury": suite.treasury,
        "income": income,
    }
    return owner, asset, boa.loads(TWIN, asset.address), ledgers


@pytest.mark.parametrize("name", ["rounds", "redemptions", "treasury", "income"])
def test_skim__by_the_other_address__takes_nothing_that_is_owed(name):
    with fresh_chain():
        owner, asset, twin, ledgers = world()
        ledger, sink = ledgers[name], account("sink")
        owed = ledger.accounted(asset)
        assert asset.balanceOf(ledger) == owed > 0
        assert ledger.skim(asset, sink, sender=owner) == 0
        with boa.reverts("skim takes what is owed"):
            ledger.skim(twin, sink, sender=owner)
        asset.mint(ledger, 5)
        with boa.reverts("skim takes what is owed"):
            ledger.skim(twin, sink, sender=owner)
        itself = "receiver is the treasury" if name == "treasury" else "receiver is the payer"
        for receiver, reason in ((ledger, itself), (ZERO_ADDRESS, "receiver is zero")):
            with boa.reverts(reason):
                ledger.skim(asset, receiver, sender=owner)
        assert ledger.skim(asset, sink, sender=owner) == 5


@pytest.mark.parametrize(
    ("name", "stem"), [("rounds", "FundingRounds"), ("redemptions", "Redemptions")]
)
def test_skim__by_the_other_address__without_the_last_check__takes_all(name, stem):
    mutant = mutate(stem, SOLVENT, "pass", module="asset_ledger")
    with fresh_chain():
        owner, asset, twin, ledgers = world(**{stem: mutant})
        ledger, sink = ledgers[name], account("sink")
        owed = ledger.accounted(asset)
        assert ledger.skim(twin, sink, sender=owner) == owed
        assert asset.balanceOf(sink) == owed > 0
