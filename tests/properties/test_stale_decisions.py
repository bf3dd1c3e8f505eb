"""P4: a decision names the whole of what it decides. A vote that arrives after its subject changed
reverts, or says by itself all that will hold."""

from collections.abc import Callable

import boa
import pytest

from tests import busy_grants
from tests.attack.test_access import ACCESS, Only
from tests.busy_grants import (
    APPLIED,
    ATTESTED_CLAIM,
    ENDED,
    OBJECTED,
    RUNNING,
    SUBMITTED,
)
from tests.busy_suite import (
    DAO_MODEL,
    DISPUTED_LICENSE,
    EVIDENCE,
    OPEN_ROUND,
    OWING_LICENSE,
    SALT,
    USDC,
    BusySuite,
    deploy_busy_suite,
)
from tests.kits.grants import WHOLE
from tests.support import DAY, warp_to

# What a vote sets: the arguments say all that holds afterwards, whatever held before.
SETS = {
    "Timelock": ["updateDelay", "grantRole", "revokeRole"],
    "GovernanceToken": ["set_minter", "set_excluded", "set_treasury", "set_rewards"],
    "Governor": [
        "setVotingDelay",
        "setVotingPeriod",
        "setProposalThreshold",
        "updateQuorumNumerator",
        "set_quorum_minimum",
        "setLateQuorumVoteExtension",
        "set_guardian",
    ],
    "Treasury": [
        "accept_asset",
        "set_committer",
        "set_income_source",
        "set_holder_income",
        "set_policy",
        "set_caps",
        "set_holders_floor",
        "allow_wind_down",
    ],
    "FundingRounds": ["set_guardian", "set_redemptions"],
    # Who may take free money back, and the notice of it: both are withdrawn by a vote, too.
    "Redemptions": ["announce", "withdraw", "set_governor"],
    "EnergyLedger": ["set_guardian", "set_sources"],
    # A threshold holds for attestations to come, an admission for those and for signatures.
    "Evaluations": ["set_threshold", "set_evaluator"],
    "ComputeEscrow": ["set_guardian", "set_grants"],
    "GrantApplications": ["set_guardian"],
    "TrainingGrants": [
        # Names a successor, or nobody, whoever was named before; the notice begins anew.
        "replace_recipient",
        "set_guardian",
        "set_review_seconds",
        "set_objection_bps",
        "set_governor",
    ],
    "ModelRegistry": [
        "set_protocol_fee",
        "set_contract_uri",
        "set_grants",
        "set_rewards",
        "set_rights",
        "set_router",
        "set_floor",
    ],
    # Sends what is free now, whatever a campaign had when it was voted; it must be dormant then.
    "ContributorRewards": ["set_guardian", "set_publisher", "set_governor", "close_dormant"],
    "RoyaltyRouter": ["set_targets", "set_collector"],
    "LicenseMarket": ["set_router", "set_enforcement"],
    "LicenseCatalog": ["set_guardian", "set_market", "set_treasury"],
    "LicenseEnforcement": ["set_governor"],
}
# What makes something new, or moves an amount that it names to whom it names: if there is less, it
# reverts.
MOVES = {
    "Governor": ["relay"],
    "Treasury": [
        "spend",
        "spend_beyond_cap",
        "spend_in_kind",
        "move_free",
        "create_purpose",
        "create_round_purpose",
    ],
    "FundingRounds": ["open_round"],
    "ModelRegistry": ["register/dao"],
    "Evaluations": ["add_benchmark"],
}
# A pause or a surplus is what it is when the vote arrives; ending or sending it harms nobody.
PLAIN = ("transfer_ownership", "unpause", "skim", "skim_market", "open_strays")

Stale = Callable[[BusySuite], tuple[str, str, tuple, str]]


def grant_with_other_terms(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """The hash of one application says nothing about another one."""
    terms_hash = busy.suite["GrantApplications"].terms_hash(APPLIED - 1)
    return "TrainingGrants", "approve", (APPLIED, terms_hash), "terms hash does not match"


def larger_grant_with_other_terms(busy: BusySuite) -> tuple[str, str, tuple, str]:
    stem, _, args, refusal = grant_with_other_terms(busy)
    return stem, "approve_beyond_cap", args, refusal


def submission_that_was_replaced(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """The builder took the work back that was voted about and handed other work in."""
    busy.actions["TrainingGrants.withdraw_submission"].run(busy.suite)
    busy_grants.submit(busy, SUBMITTED)
    args = (SUBMITTED, 1, 1, WHOLE, EVIDENCE)
    return "TrainingGrants", "decide", args, "another submission"


def part_of_a_submission_that_was_replaced(busy: BusySuite) -> tuple[str, str, tuple, str]:
    stem, key, (*args, _, reason), refusal = submission_that_was_replaced(busy)
    return stem, key, (*args, 5_000, reason), refusal


def submission_that_was_decided(busy: BusySuite) -> tuple[str, str, tuple, str]:
    busy.actions["TrainingGrants.decide/no"].run(busy.suite)
    args = (OBJECTED, 1, 1, 0, EVIDENCE)
    return "TrainingGrants", "decide", args, "milestone is not in review"


def objection_to_what_was_decided(busy: BusySuite) -> tuple[str, str, tuple, str]:
    busy.actions["TrainingGrants.decide"].run(busy.suite)
    return "TrainingGrants", "object", (OBJECTED, 1, EVIDENCE), "milestone is not in review"


def grant_that_ended(busy: BusySuite) -> tuple[str, str, tuple, str]:
    return "TrainingGrants", "terminate", (ENDED, EVIDENCE), "grant is not active"


def date_of_a_milestone_that_was_accepted(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """The next one is in turn; the vote was not about it."""
    args = (RUNNING, 1, busy.suite.grants.milestone(RUNNING, 2).due_at + DAY)
    return "TrainingGrants", "move_due", args, "milestone is not in turn"


def challenge_that_was_made(busy: BusySuite) -> tuple[str, str, tuple, str]:
    return "EnergyLedger", "challenge", (2, EVIDENCE), "report is challenged"


def challenge_that_was_cleared(busy: BusySuite) -> tuple[str, str, tuple, str]:
    busy.actions["EnergyLedger.clear_challenge"].run(busy.suite)
    return "EnergyLedger", "clear_challenge", (2, EVIDENCE), "report is not challenged"


def dispute_that_was_decided(busy: BusySuite) -> tuple[str, str, tuple, str]:
    dispute = busy.suite.enforcement.open_dispute(DISPUTED_LICENSE, 1)
    args = (DISPUTED_LICENSE, 1, dispute.opened_at, 0)
    busy.suite.enforcement.decide(*args, sender=busy.suite.owner)
    return "LicenseEnforcement", "decide", args, "no dispute is open"


def another_dispute_of_the_period(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """The dispute that was voted on ended, and another of the same period was opened."""
    enforcement, owner = busy.suite.enforcement, busy.suite.owner
    old = enforcement.open_dispute(DISPUTED_LICENSE, 1)
    enforcement.decide(DISPUTED_LICENSE, 1, old.opened_at, 0, sender=owner)
    enforcement.assess(DISPUTED_LICENSE, 1, 30_000, 0, EVIDENCE, sender=owner)
    licensee = busy.people["licensee"]
    enforcement.dispute(DISPUTED_LICENSE, 1, old.amount, EVIDENCE, sender=licensee)
    args = (DISPUTED_LICENSE, 1, old.opened_at, old.amount)
    return "LicenseEnforcement", "decide", args, "dispute is another"


def assessment_of_what_is_disputed(busy: BusySuite) -> tuple[str, str, tuple, str]:
    args = (DISPUTED_LICENSE, 1, 40_000, 0, EVIDENCE)
    return "LicenseEnforcement", "assess", args, "period is in dispute"


def audit_of_what_is_disputed(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """Another cost cannot be named for it either."""
    args = (DISPUTED_LICENSE, 1, 40_000, 0, EVIDENCE, busy.people["provider"], USDC)
    return "LicenseEnforcement", "assess", args, "period is in dispute"


def accusation_that_is_open(busy: BusySuite) -> tuple[str, str, tuple, str]:
    return "LicenseEnforcement", "accuse", (OWING_LICENSE, SALT), "accusation is open"


def misuse_on_other_evidence(busy: BusySuite) -> tuple[str, str, tuple, str]:
    return "LicenseEnforcement", "end_for_misuse", (OWING_LICENSE, SALT), "accusation is another"


def round_that_is_over(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """A round that succeeded while the vote to cancel it waited."""
    busy.suite.rounds.contribute(OPEN_ROUND, 8_000 * USDC, sender=busy.people["contributor"])
    warp_to(busy.suite.rounds.round(OPEN_ROUND).terms.ends_at)
    busy.suite.rounds.finalize(OPEN_ROUND)
    return "FundingRounds", "cancel", (OPEN_ROUND,), "round is over"


def split_of_a_model_that_was_sold(busy: BusySuite) -> tuple[str, str, tuple, str]:
    registry, owner = busy.suite.registry, busy.suite.owner
    registry.transferFrom(owner, busy.people["heir"], DAO_MODEL, sender=owner)
    return "ModelRegistry", "set_split", (DAO_MODEL, []), "caller does not own the model"


def drop_that_was_activated(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """Its number names a drop, so that no vote throws out another one."""
    busy.suite.rewards.activate_drop(busy.pending_drop)
    return "ContributorRewards", "cancel_drop", (busy.pending_drop, SALT), "drop is not pending"


def claim_that_is_void(busy: BusySuite) -> tuple[str, str, tuple, str]:
    """A claim never changes, so that its number names it; only another vote can void it before."""
    args = (ATTESTED_CLAIM, EVIDENCE)
    busy.suite.evaluations.void_claim(*args, sender=busy.suite.owner)
    return "Evaluations", "void_claim", args, "claim is void"


STALE: dict[str, Stale] = {
    "TrainingGrants.approve": grant_with_other_terms,
    "TrainingGrants.approve_beyond_cap": larger_grant_with_other_terms,
    "TrainingGrants.decide": submission_that_was_replaced,
    "TrainingGrants.decide/part": part_of_a_submission_that_was_replaced,
    "TrainingGrants.decide/no": submission_that_was_decided,
    "TrainingGrants.object": objection_to_what_was_decided,
    "TrainingGrants.terminate": grant_that_ended,
    "TrainingGrants.move_due": date_of_a_milestone_that_was_accepted,
    "EnergyLedger.challenge": challenge_that_was_made,
    "EnergyLedger.clear_challenge": challenge_that_was_cleared,
    "LicenseEnforcement.decide": dispute_that_was_decided,
    "LicenseEnforcement.decide/other": another_dispute_of_the_period,
    "LicenseEnforcement.assess": assessment_of_what_is_disputed,
    "LicenseEnforcement.assess/audited": audit_of_what_is_disputed,
    "LicenseEnforcement.accuse": accusation_that_is_open,
    "LicenseEnforcement.end_for_misuse": misuse_on_other_evidence,
    "FundingRounds.cancel": round_that_is_over,
    "ModelRegistry.set_split": split_of_a_model_that_was_sold,
    "ContributorRewards.cancel_drop": drop_that_was_activated,
    "Evaluations.void_claim": claim_that_is_void,
}


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    return deploy_busy_suite()


@pytest.mark.parametrize("name", STALE)
def test_decision__whose_subject_changed__reverts(busy, name):
    stem, function, args, refusal = STALE[name](busy)
    with boa.reverts(refusal):
        getattr(busy.suite[stem], function)(*args, sender=busy.suite.owner)


def decisions() -> set[tuple[str, str]]:
    """Every function that obeys the Timelock as owner or voter."""
    return {
        (stem, key)
        for stem, functions in ACCESS.items()
        for key, rule in functions.items()
        if isinstance(rule, Only) and "owner" in rule.callers and key not in PLAIN
    }


def test_tables__name_every_decision_once():
    tabled = [
        (stem, key) for table in (SETS, MOVES) for stem, keys in table.items() for key in keys
    ]
    tabled += [tuple(name.split("/other")[0].split(".")) for name in STALE if "/other" not in name]
    assert len(tabled) == len(set(tabled))
    assert set(tabled) == decisions()
