"""P1: a call that moves nothing changes nothing, whoever makes it and however often."""

import boa
import pytest

from tests.attack.test_access import ACCESS, ANYBODY, OWN
from tests.busy_suite import BusySuite, deploy_busy_suite
from tests.properties.empty_calls import PEOPLE, Call, empty_calls, run, writes_of

# What anybody may do for others although it brings nothing: it moves what was due anyhow, and comes
# to rest at once. (Contract, function) => what it moves.
RIGHTS = {
    ("FundingRounds", "finalize"): "the proceeds of a round that succeeded",
    ("FundingRounds", "claim"): "tokens and surplus to their contributor",
    ("FundingRounds", "claim_batch"): "tokens and surpluses to their contributors",
    ("FundingRounds", "refund"): "a contribution back",
    ("FundingRounds", "refund_batch"): "contributions back",
    ("FundingRounds", "release_reservation"): "the reservation of a round that failed",
    ("FundingRounds", "cancel_unmintable"): "nothing: a round whose tokens cannot be minted fails",
    ("Redemptions", "begin"): "money of a purpose whose notice is over",
    ("Redemptions", "top_up"): "money of that purpose that came free since",
    ("Redemptions", "collect"): "what came into the pool since, to who redeemed",
    ("Redemptions", "close"): "what nobody redeemed in two years",
    ("GovernanceToken", "apply_exclusion"): "nothing: an exclusion whose notice is over begins",
    ("Treasury", "push_holders"): "the holders' part of an epoch to HolderIncome",
    ("Treasury", "close_epoch"): "income of an epoch that ended",
    ("HolderIncome", "claim"): "income to its holder",
    ("HolderIncome", "claim_assets"): "income to its holder",
    ("HolderIncome", "roll"): "the pot of an epoch in which nobody was eligible",
    ("HolderIncome", "recycle"): "a pot that nobody claimed for two years",
    ("TrainingGrants", "draw"): "accepted milestones to their recipient",
    ("TrainingGrants", "expire"): "the rest of an overdue grant, or of one without its bond",
    ("ComputeEscrow", "give_notice"): "what a lease of an ended grant reserves and has not come to",
    ("ComputeEscrow", "return_budget"): "the rest of a budget whose grant ended",
    ("ModelRegistry", "refresh"): "what was paid under the old rules",
    ("RoyaltyRouter", "settle"): "payments to their receivers' credit",
    ("RoyaltyRouter", "settle_all"): "payments to their receivers' credit",
    ("RoyaltyRouter", "withdraw"): "a credit to its account",
    ("RoyaltyRouter", "forward_income"): "the Treasury's credit",
    ("RoyaltyRouter", "forward_campaign"): "a campaign's credit",
    ("ContributorRewards", "activate_drop"): "nothing: a drop whose challenge window is over",
    ("ContributorRewards", "claim_batch"): "rewards to their contributors",
    ("ContributorRewards", "claim_range"): "rewards to their contributors",
    ("ContributorRewards", "claim_drops"): "rewards to their contributor",
    ("LicenseCatalog", "end_exclusivity"): "nothing: licences may be sold again",
    ("LicenseMarket", "estimate"): "nothing: books a period whose report is missing",
    ("LicenseEnforcement", "enforce"): "what is overdue out of the bond",
    ("LicenseEnforcement", "terminate"): "nothing: ends a licence that was not cured",
    ("LicenseEnforcement", "release_bond"): "a bond to its licensee",
    ("LicenseEnforcement", "expire"): "the escrow of a dispute that nobody decided",
    ("LicenseEnforcement", "withdraw"): "what a decision gave back",
}
# What changes only what is the caller's own, and changes nothing when it is repeated.
CHOICES = {
    ("GovernanceToken", "delegate"): "whom the caller's votes go to",
    ("HolderIncome", "set_claimer"): "who may claim for the caller",
    ("ModelRegistry", "approve"): "who may move the caller's model",
    ("ModelRegistry", "setApprovalForAll"): "who may move the caller's models",
    ("ModelRegistry", "transferFrom"): "the caller's own model",
    ("ModelRegistry", "safeTransferFrom"): "the caller's own model",
    ("LicenseMarket", "approve"): "who may move the caller's licence",
    ("LicenseMarket", "setApprovalForAll"): "who may move the caller's licences",
    ("LicenseMarket", "transferFrom"): "the caller's own licence",
    ("LicenseMarket", "safeTransferFrom"): "the caller's own licence",
    ("LicenseRights", "present"): "which licence the caller shows",
}
# What makes a new thing of the caller's own each time, which costs nobody else anything.
MAKES = {
    ("ModelRegistry", "commit"): "a commitment of the caller's",
    ("Governor", "castVote"): "a ballot, once",
    ("LicenseRights", "sublicense"): "a sublicence of the caller's",
    ("LicenseRights", "end_sublicense"): "ends a sublicence, once",
    ("LicenseEnforcement", "surrender"): "ends the caller's licence",
    ("LicenseMarket", "buy"): "a licence that the caller pays for",
    ("TrainingGrants", "post_bond"): "a bond that the caller pays, once",
}
OPEN = [
    (stem, key)
    for stem, functions in ACCESS.items()
    for key, rule in functions.items()
    if rule in (ANYBODY, OWN) and "/" not in key
]
ALLOWED = RIGHTS | CHOICES | MAKES


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    return deploy_busy_suite()


def senders(busy: BusySuite, stem: str, key: str) -> list[str]:
    if ACCESS[stem][key] == ANYBODY:
        return [busy.people["stranger"]]
    return [busy.people[name] for name in ("stranger", *PEOPLE)]


def effects(busy: BusySuite, stem: str, key: str) -> list[Call]:
    """The empty calls of an open function that would write something."""
    return [
        call
        for sender in senders(busy, stem, key)
        for call in empty_calls(busy, stem, key, sender)
        if writes_of(busy, call)
    ]


@pytest.mark.parametrize(("stem", "key"), [rule for rule in OPEN if rule not in ALLOWED])
def test_open_function__with_nothing_in_it__writes_nothing(busy, stem, key):
    assert effects(busy, stem, key) == []


@pytest.mark.parametrize(("stem", "key"), [rule for rule in OPEN if rule in RIGHTS])
def test_right_of_everybody__once_used__comes_to_rest(busy, stem, key):
    """Each call that writes is made; the same call in the same second then writes nothing."""
    for call in effects(busy, stem, key):
        with boa.env.anchor():
            for _ in range(4):
                assert run(busy, call)
                if not writes_of(busy, call):
                    break
            assert not writes_of(busy, call), call


@pytest.mark.parametrize(("stem", "key"), [rule for rule in OPEN if rule in CHOICES])
def test_choice__repeated__writes_nothing(busy, stem, key):
    for call in effects(busy, stem, key):
        with boa.env.anchor():
            assert run(busy, call)
            assert not writes_of(busy, call), call


def test_tables__name_functions_of_the_suite_once():
    names = [*RIGHTS, *CHOICES, *MAKES]
    assert len(names) == len(set(names))
    assert set(names) <= {(stem, key) for stem, functions in ACCESS.items() for key in functions}


# What adds something each time it is called with something in it: it says how much.
ADDS = {
    "GovernanceToken.transfer",
    "GovernanceToken.burn",
    "FundingRounds.contribute",
    "FundingRounds.contribute_with_proof",
    "FundingRounds.contribute_with_permit",
    "FundingRounds.redeem",
    "Treasury.deposit",
    "RoyaltyRouter.pay",
    "ContributorRewards.create_campaign",
    "ContributorRewards.fund",
    "LicenseMarket.buy",
    "LicenseMarket.buy/bonded",
    "LicenseMarket.prepay",
    "LicenseMarket.renew",
    "LicenseRights.sublicense",
    "GrantApplications.apply",
    "ComputeEscrow.register_offer",
    "ComputeEscrow.order",
    "EnergyLedger.report",
    "EnergyLedger.report/model",
    "Evaluations.claim",
    "Redemptions.redeem",
}


def test_waiting_calls__made_twice_in_one_second__count_once(busy):
    """A valid call of its rightful sender; what it moves is moved once, unless it is listed."""
    again = set()
    for key, action in busy.actions.items():
        stem, function = key.split("/")[0].split(".")
        rule = ACCESS[stem].get(key.split(".")[1], ACCESS[stem][function])
        if action.sender == busy.people["owner"] or action.sender in {
            str(item.address) for item in busy.suite.contracts.values()
        }:
            continue
        call = Call(stem, function, action.args, action.sender)
        with boa.env.anchor():
            if run(busy, call) and writes_of(busy, call):
                again.add(key)
        assert rule is not None
    assert again == ADDS & set(busy.actions)
