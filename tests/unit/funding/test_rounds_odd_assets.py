"""FundingRounds with every odd token at every entry point that moves it."""

import boa
import pytest

from tests.odd_assets import HARMLESS_FAULTS, REFUSED_FAULTS, Entry, Fault, deploy_odd_asset
from tests.support import deploy_asset, fund_and_approve
from tests.unit.funding.rounds_support import FINALIZE_SECONDS, TERMS, TOKEN, USDC, State

CAP = TERMS["hard_cap"]
PAID = 100 * USDC
# What the rounds refuse beyond `REFUSED_FAULTS`, by the direction of the transfer.
REFUSED_IN = REFUSED_FAULTS | {Fault.FEE_ON_RECEIVER: "asset took a fee"}
REFUSED_OUT = REFUSED_FAULTS | {Fault.FEE_ON_SENDER: "asset took a fee"}


@pytest.fixture
def odd(make_suite):
    return make_suite(asset=deploy_odd_asset())


def expect_revert(reason: str | None):
    return boa.reverts(reason) if reason else boa.reverts()


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_round__harmless_token__succeeds_and_fails_as_usual(odd, fault, contributor, holder):
    won, lost = odd.open_now(), odd.open_now()
    odd.asset.misbehave(fault, Entry.ALL)
    assert odd.pay(won, contributor, 2 * CAP) == CAP
    assert odd.pay(lost, holder, PAID) == PAID
    odd.rounds.finalize(won)
    odd.warp_to_end(lost)
    assert odd.rounds.claim(won, contributor) == odd.tokens_for(won, CAP)
    assert odd.rounds.refund(lost, holder) == PAID
    assert odd.asset.balanceOf(odd.treasury) == CAP
    assert odd.asset.balanceOf(odd.rounds) == 0


@pytest.mark.parametrize(("fault", "reason"), REFUSED_IN.items())
def test_contribute__faulty_token__reverts(odd, fault, reason, contributor):
    round_id = odd.open_now()
    fund_and_approve(odd.asset, contributor, odd.rounds, PAID)
    odd.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with expect_revert(reason):
        odd.rounds.contribute(round_id, PAID, sender=contributor)
    assert odd.rounds.accounted(odd.asset) == odd.rounds.contribution(round_id, contributor) == 0


@pytest.mark.parametrize(("fault", "reason"), REFUSED_OUT.items())
def test_refund__faulty_token__reverts_and_is_owed_until_it_works(odd, fault, reason, contributor):
    round_id = odd.open_now()
    odd.pay(round_id, contributor, PAID)
    odd.pay(odd.open_now(), contributor, PAID)
    odd.warp_to_end(round_id)
    odd.asset.misbehave(fault, Entry.TRANSFER)
    with expect_revert(reason):
        odd.rounds.refund(round_id, contributor)
    assert odd.rounds.refundable(round_id, contributor) == PAID
    odd.asset.misbehave(Fault.NONE, Entry.TRANSFER)
    assert odd.rounds.refund(round_id, contributor) == PAID


@pytest.mark.parametrize(
    ("fault", "entries"),
    [(fault, Entry.TRANSFER_FROM) for fault in (*REFUSED_IN, Fault.FEE_ON_SENDER)]
    + [
        (fault, Entry.APPROVE)
        for fault in (
            Fault.RETURNS_FALSE,
            Fault.RETURNS_GARBAGE,
            Fault.RETURNS_SHORT,
            Fault.MOVES_NOTHING,
            Fault.PAUSED,
            Fault.REVERTS,
            Fault.BURNS_GAS,
        )
    ],
)
def test_finalize__faulty_token__reverts_and_the_deadline_pays_back(
    odd, fault, entries, contributor
):
    """Nothing is minted, nothing is lost: the round turns into a failed one."""
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.asset.mint(odd.rounds, CAP)  # a fee on the sender could be paid out of a donation
    odd.asset.misbehave(fault, entries)
    with boa.reverts():
        odd.rounds.finalize(round_id)
    assert odd.state(round_id) == State.SUCCEEDED
    assert odd.token.totalSupply() == 0
    odd.warp_to_end(round_id, FINALIZE_SECONDS)
    assert odd.rounds.refund(round_id, contributor) == CAP


def test_finalize__blacklisted_treasury__pays_back_after_the_deadline(odd, contributor):
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.asset.set_blacklisted(odd.treasury, True)
    with boa.reverts("account is blacklisted"):
        odd.rounds.finalize(round_id)
    odd.warp_to_end(round_id, FINALIZE_SECONDS)
    assert odd.rounds.refund(round_id, contributor) == CAP


def test_claim__dead_asset__still_gives_the_tokens(odd, contributor):
    """Once the proceeds are handed over, the asset has no say."""
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.rounds.finalize(round_id)
    odd.asset.misbehave(Fault.BURNS_GAS, Entry.ALL)
    odd.asset.set_blacklisted(contributor, True)
    assert odd.rounds.claim(round_id, contributor) == odd.tokens_for(round_id, CAP)


@pytest.mark.parametrize("decimals", [2, 18, 24])
def test_round__other_decimals__price_scales(make_suite, decimals, contributor, holder):
    """Half a unit of currency per token, whatever its decimals."""
    unit = 10**decimals
    suite = make_suite(asset=deploy_asset("COIN", decimals))
    round_id = suite.open_now(
        price=unit // 2, soft_goal=1_000 * unit, hard_cap=2_000 * unit, min_contribution=unit
    )
    suite.pay(round_id, contributor, 999 * unit)
    suite.pay(round_id, holder, 5_000 * unit)
    suite.rounds.finalize(round_id)
    assert suite.rounds.claim(round_id, contributor) == 1_998 * TOKEN
    assert suite.rounds.claim(round_id, holder) == 2_002 * TOKEN
