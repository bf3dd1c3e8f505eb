"""I20: a pause of everything stops new obligations and changes nothing else."""

from typing import Any

import boa
import pytest

from tests.boa_suite import GUARDIAN_TERM
from tests.busy_suite import Action, BusySuite, deploy_busy_suite
from tests.support import DAY, account, now, pass_time, warp_to

PAUSE_SECONDS = 14 * DAY
PAUSABLE = (
    "FundingRounds",
    "ComputeEscrow",
    "GrantApplications",
    "ContributorRewards",
    "LicenseCatalog",
)
# What creates an obligation. `contribute` and `buy` give money away for a promise.
OBLIGATIONS = (
    "FundingRounds.contribute",
    "FundingRounds.contribute_with_proof",
    "FundingRounds.contribute_with_permit",
    "ComputeEscrow.register_offer",
    "ComputeEscrow.order",
    "GrantApplications.apply",
    "ContributorRewards.propose_drop",
    "LicenseCatalog.offer_terms",
    # The catalogue's pause stops these: it says what may be sold.
    "LicenseCatalog.record_sale",
    "LicenseMarket.buy",
    "LicenseMarket.buy/bonded",
)
# What pays back, pays out, moves along or ends something: none of it may notice a pause.
EXITS = (
    # What a vote decided.
    "FundingRounds.open_round",
    "TrainingGrants.approve",
    "TrainingGrants.approve_beyond_cap",
    "FundingRounds.finalize",
    "FundingRounds.claim",
    "FundingRounds.claim_batch",
    "FundingRounds.refund",
    "FundingRounds.refund_batch",
    "FundingRounds.refund_to",
    "FundingRounds.move_position",
    "FundingRounds.end_vesting",
    "Redemptions.announce",
    "Redemptions.withdraw",
    "Redemptions.begin",
    "Redemptions.redeem",
    "Redemptions.skim",
    "FundingRounds.release_reservation",
    "FundingRounds.cancel",
    "FundingRounds.skim",
    "ComputeEscrow.withdraw_offer",
    "ComputeEscrow.draw",
    "ComputeEscrow.draw/campaign",
    "ComputeEscrow.give_notice",
    "ComputeEscrow.give_notice/ended",
    "ComputeEscrow.close_order",
    "ComputeEscrow.return_budget",
    "ComputeEscrow.open_budget",
    "TrainingGrants.post_bond",
    "TrainingGrants.submit",
    "TrainingGrants.withdraw_submission",
    "TrainingGrants.object",
    "TrainingGrants.escalate",
    "TrainingGrants.decide",
    "TrainingGrants.decide/part",
    "TrainingGrants.decide/no",
    "TrainingGrants.draw",
    "TrainingGrants.draw/streaming",
    "TrainingGrants.draw/finished",
    "TrainingGrants.terminate",
    "TrainingGrants.expire",
    "TrainingGrants.expire/unbonded",
    "TrainingGrants.move_due",
    "TrainingGrants.propose_recipient",
    "TrainingGrants.replace_recipient",
    "TrainingGrants.accept_recipient",
    "TrainingGrants.set_review_seconds",
    "TrainingGrants.set_objection_bps",
    "ContributorRewards.create_campaign",
    "ContributorRewards.set_publisher",
    "ContributorRewards.fund",
    "ContributorRewards.withdraw_drop",
    "ContributorRewards.hold_drop",
    "ContributorRewards.cancel_drop",
    "ContributorRewards.activate_drop",
    "ContributorRewards.claim",
    "ContributorRewards.claim_to",
    "ContributorRewards.claim_batch",
    "ContributorRewards.claim_range",
    "ContributorRewards.claim_drops",
    "LicenseMarket.pay",
    "LicenseMarket.report",
    "LicenseMarket.report_and_pay",
    "LicenseMarket.prepay",
    "LicenseMarket.renew",
    "LicenseMarket.set_reporter",
    "LicenseMarket.set_due",
    "LicenseMarket.end",
    "LicenseMarket.estimate",
    "LicenseCatalog.retire_terms",
    # The market stops its sales itself.
    "LicenseCatalog.end_exclusivity",
    "LicenseCatalog.note_end",
    "LicenseEnforcement.enforce",
    "LicenseEnforcement.terminate",
    "LicenseEnforcement.surrender",
    "LicenseEnforcement.assess",
    "LicenseEnforcement.assess/audited",
    "LicenseEnforcement.conclude",
    "LicenseEnforcement.dispute",
    "LicenseEnforcement.decide",
    "LicenseEnforcement.withdraw",
    "LicenseEnforcement.accuse",
    "LicenseEnforcement.answer",
    "LicenseEnforcement.end_for_misuse",
    "LicenseEnforcement.skim",
    "LicenseEnforcement.skim_market",
    "LicenseRights.present",
    "LicenseRights.sublicense",
    "LicenseRights.end_sublicense",
    "LicenseMarket.transferFrom",
    "LicenseMarket.safeTransferFrom",
    "LicenseMarket.approve",
    "LicenseMarket.setApprovalForAll",
    "LicenseMarket.open_strays",
    # The other contracts have no pause; they call, or are called by, those that have.
    "GovernanceToken.transfer",
    "GovernanceToken.transferFrom",
    "GovernanceToken.burn",
    "GovernanceToken.delegate",
    "Governor.propose",
    "Governor.castVote",
    "Governor.cancel",
    "Treasury.deposit",
    "Treasury.close_epoch",
    "Treasury.spend",
    "Treasury.spend_beyond_cap",
    "Treasury.receive_in_kind",
    "Treasury.spend_in_kind",
    "HolderIncome.claim",
    "HolderIncome.claim_assets",
    "HolderIncome.claim_to",
    "HolderIncome.set_claimer",
    "HolderIncome.roll",
    "RoyaltyRouter.pay",
    "RoyaltyRouter.settle",
    "RoyaltyRouter.settle_all",
    "RoyaltyRouter.withdraw",
    "RoyaltyRouter.forward_income",
    "RoyaltyRouter.forward_campaign",
    "ModelRegistry.register",
    "ModelRegistry.register/dao",
    "ModelRegistry.commit",
    "ModelRegistry.refresh",
    "ModelRegistry.set_split",
    "ModelRegistry.transferFrom",
    "EnergyLedger.report",
    "EnergyLedger.report/model",
    "EnergyLedger.attest",
    "EnergyLedger.challenge",
    "Evaluations.claim",
    "Evaluations.attest",
    "Evaluations.attest_by_signature",
)
# Exits that wait for years: a busy suite does not live so long. A pause ends long before.
LATER = (
    "Redemptions.close",
    "ContributorRewards.end_drop",
    "ContributorRewards.close_dormant",
)
# Needs a vote that lowered the cap under a round; test_rounds_pauses.py has it.
RARE = ("FundingRounds.cancel_unmintable",)
# Changes who governs or guards, or is the pause itself; test_safety.py and below.
SETTINGS = {
    "transfer_ownership",
    "set_guardian",
    "pause",
    "unpause",
    "set_governor",
    "set_grants",
    "set_router",
    "set_enforcement",
    "set_market",
    "set_treasury",
    "set_redemptions",
}


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    return deploy_busy_suite()


def pause_everything(busy: BusySuite) -> None:
    for stem in PAUSABLE:
        busy.suite[stem].pause(sender=busy.suite.guardian)


def effect(busy: BusySuite, action: Action) -> tuple[Any, list[tuple[Any, ...]]]:
    """What the call returned and every event it made, in order; then it is undone."""
    with boa.env.anchor():
        result = action.run(busy.suite)
        logs = busy.suite[action.stem].get_logs()
        return result, [(type(log).__name__, *log) for log in logs]


# --- the lists are complete ---


def test_pause__lists__name_every_function_of_the_pausable_contracts(busy):
    listed = {key.split("/")[0] for key in (*OBLIGATIONS, *EXITS, *LATER, *RARE)}
    functions = {
        f"{stem}.{entry['name']}"
        for stem in PAUSABLE
        for entry in busy.suite[stem].abi
        if entry["type"] == "function"
        and entry["stateMutability"] in ("nonpayable", "payable")
        and entry["name"] not in SETTINGS
    }
    assert {key for key in listed if key.split(".")[0] in PAUSABLE} == functions


def test_pause__exists__in_exactly_the_pausable_contracts(busy):
    assert {stem for stem, item in busy.suite.contracts.items() if hasattr(item, "pause")} == set(
        PAUSABLE
    )


# --- what a pause stops, and what it does not ---


@pytest.mark.parametrize("key", OBLIGATIONS)
def test_obligation__while_paused__is_refused(busy, key):
    action = busy.actions[key]
    effect(busy, action)  # Nothing but the pause is in its way.
    pause_everything(busy)
    with boa.reverts("paused"):
        action.run(busy.suite)


@pytest.mark.parametrize("key", EXITS)
def test_exit__while_everything_is_paused__does_what_it_always_does(busy, key):
    before = effect(busy, busy.actions[key])
    pause_everything(busy)
    assert effect(busy, busy.actions[key]) == before


def test_exit__last_second_of_a_pause__pays(busy):
    suite, contributor = busy.suite, busy.people["contributor"]
    pause_everything(busy)
    pass_time(PAUSE_SECONDS - 1)
    for key in ("FundingRounds.refund", "FundingRounds.claim", "ContributorRewards.claim_batch"):
        assert busy.actions[key].run(suite) > 0, key
    assert suite.token.balanceOf(contributor) > 0


# --- how long it lasts ---


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__fourteen_days_later__has_ended_by_itself(busy, stem):
    contract = busy.suite[stem]
    until = now() + PAUSE_SECONDS
    contract.pause(sender=busy.suite.guardian)
    assert contract.paused_until() == until
    # A new order, application or offer needs nothing else to be alive by then.
    key = next(key for key in OBLIGATIONS if key.startswith(stem))
    warp_to(until - 1)
    with boa.reverts("paused"):
        busy.actions[key].run(busy.suite)
    warp_to(until)
    busy.actions[key].run(busy.suite)


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__chained__is_refused_until_as_much_time_has_passed(busy, stem):
    contract, guardian = busy.suite[stem], busy.suite.guardian
    start = now()
    contract.pause(sender=guardian)
    for moment in (start, start + PAUSE_SECONDS, start + 2 * PAUSE_SECONDS - 1):
        warp_to(moment)
        with boa.reverts("pause is too soon"):
            contract.pause(sender=guardian)
    warp_to(start + 2 * PAUSE_SECONDS)
    contract.pause(sender=guardian)


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__chained_by_a_new_guardian__is_refused(busy, stem):
    """The waiting time belongs to the contract, not to the account."""
    contract, successor = busy.suite[stem], account("successor")
    contract.pause(sender=busy.suite.guardian)
    contract.set_guardian(successor, now() + DAY, sender=busy.suite.owner)
    with boa.reverts("pause is too soon"):
        contract.pause(sender=successor)


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__ended_by_vote__runs_again_at_once(busy, stem):
    contract, key = busy.suite[stem], next(key for key in OBLIGATIONS if key.startswith(stem))
    contract.pause(sender=busy.suite.guardian)
    contract.unpause(sender=busy.suite.owner)
    effect(busy, busy.actions[key])
    with boa.reverts("pause is too soon"):
        contract.pause(sender=busy.suite.guardian)


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__guardian_at_the_end_of_its_term__is_refused(busy, stem):
    contract, guardian = busy.suite[stem], busy.suite.guardian
    ends_at = contract.guardian_expires_at()
    assert ends_at == busy.suite.token.GENESIS() + GUARDIAN_TERM
    warp_to(ends_at)
    with boa.reverts("caller is not the guardian"):
        contract.pause(sender=guardian)


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__guardian_in_its_last_second__is_allowed(busy, stem):
    contract = busy.suite[stem]
    warp_to(contract.guardian_expires_at() - 1)
    contract.pause(sender=busy.suite.guardian)
    assert contract.paused_until() == now() + PAUSE_SECONDS


@pytest.mark.parametrize("stem", PAUSABLE)
def test_pause__one_contract__leaves_the_others_running(busy, stem):
    busy.suite[stem].pause(sender=busy.suite.guardian)
    for key in OBLIGATIONS:
        stops_sales = stem == "LicenseCatalog" and key.startswith("LicenseMarket.buy")
        if not key.startswith(stem) and not stops_sales:
            effect(busy, busy.actions[key])
