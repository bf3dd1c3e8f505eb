"""Every constant and immutable of the deployed suite, read back and compared with a literal.

A fault of the compiler, or a slip in a factor, would show here and nowhere else. Constants without
a getter are measured by what they let pass and what they refuse.
"""

from typing import Any

import boa
import pytest
from eth_utils import keccak

from tests.boa_suite import BoaSuite, deploy_suite
from tests.support import deploy_asset, now, reverts_otherwise

# Of a refusal whose words are not told.
WHY = "a typed error that carries the values"

SAFETY = {"MAX_PAUSE_SECONDS": 1_209_600, "MAX_GUARDIAN_SECONDS": 31_622_400}
BALLOT = "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
EXTENDED_BALLOT = f"Extended{BALLOT[:-1]},string reason,bytes params)"
ENERGY_ATTESTATION = (
    "Attestation(uint256 reportId,uint256 energyWh,uint256 emissionsGrams,bytes32 reportHash)"
)
CLAIM_TO = "ClaimTo(uint256 dropId,uint256 index,address receiver,uint256 deadline)"
VOUCHER = "Voucher(uint256 orderId,uint256 gpuSeconds)"
CLAIM = (
    "Claim(bytes32 weightsDigest,uint256 benchmarkId,int256 score,string harness,"
    "bytes32 evidenceHash,string evidenceUri,address claimant)"
)
ATTESTATION = f"Attestation(uint256 claimId,uint256 admission,uint256 deadline,Claim claim){CLAIM}"
PAY_TO = "PayTo(uint256 roundId,address account,address receiver,uint256 deadline)"

# Contract => getter => value; the name of a contract stands for its address.
CONSTANTS: dict[str, dict[str, Any]] = {
    "Timelock": {
        "DEFAULT_ADMIN_ROLE": b"\0" * 32,
        "PROPOSER_ROLE": keccak(text="PROPOSER_ROLE"),
        "EXECUTOR_ROLE": keccak(text="EXECUTOR_ROLE"),
        "CANCELLER_ROLE": keccak(text="CANCELLER_ROLE"),
        "MIN_DELAY_FLOOR": 86_400,
        "MAX_DELAY": 2_592_000,
        "GRACE_SECONDS": 1_209_600,
    },
    "GovernanceToken": {"EPOCH_SECONDS": 2_592_000, "CLOCK_MODE": "mode=timestamp"},
    "Governor": {
        "MIN_VOTING_DELAY": 86_400,
        "MIN_VOTING_PERIOD": 259_200,
        "STRICT_QUORUM_BPS": 2_000,
        "STRICT_MAJORITY_BPS": 6_667,
        "STRICT_DELAY": 345_600,
        "BALLOT_TYPEHASH": keccak(text=BALLOT),
        "EXTENDED_BALLOT_TYPEHASH": keccak(text=EXTENDED_BALLOT),
        "COUNTING_MODE": "support=bravo&quorum=for,abstain",
        "CLOCK_MODE": "mode=timestamp",
    },
    "ProposalArchive": {"GOVERNOR": "Governor"},
    "Treasury": {"TOKEN": "GovernanceToken"},
    "HolderIncome": {
        "RECYCLE_SECONDS": 63_072_000,
        "TOKEN": "GovernanceToken",
        "TREASURY": "Treasury",
    },
    "FundingRounds": {
        **SAFETY,
        "FINALIZE_SECONDS": 2_592_000,
        "MAX_ROUND_SECONDS": 31_622_400,
        "MAX_VESTING_SECONDS": 316_224_000,
        "RULES": "RoundRules",
        "TOKEN": "GovernanceToken",
        "TREASURY": "Treasury",
    },
    "RoundRules": {"TOKEN": "GovernanceToken", "TREASURY": "Treasury"},
    "Redemptions": {
        "NOTICE_SECONDS": 1_209_600,
        "EXPIRY_SECONDS": 2_592_000,
        "REDEEM_SECONDS": 63_072_000,
        "TOP_UP_SECONDS": 15_552_000,
        "PAY_TO_TYPEHASH": keccak(text=PAY_TO),
        "ROUNDS": "FundingRounds",
        "TOKEN": "GovernanceToken",
        "TREASURY": "Treasury",
    },
    "Evaluations": {
        "MAX_THRESHOLD": 8,
        "MAX_SCORE": 10**27,
        "CLAIM_TYPEHASH": keccak(text=CLAIM),
        "ATTESTATION_TYPEHASH": keccak(text=ATTESTATION),
    },
    "EnergyLedger": {
        "MAX_GUARDIAN_SECONDS": 31_622_400,
        "ATTESTATION_TYPEHASH": keccak(text=ENERGY_ATTESTATION),
        "MAX_LINEAGE": 64,
        "MAX_ENERGY_WH": 10**15,
        "MAX_EMISSIONS_GRAMS": 2 * 10**15,
        "MAX_GRID_GRAMS": 2_000,
        "MAX_PUE_BPS": 30_000,
        "MAX_DURATION_SECONDS": 157_680_000,
        "MAX_TOLERANCE_BPS": 5_000,
        "MAX_GPU_WATTS": 5_000,
    },
    "ComputeEscrow": {
        **SAFETY,
        "VOUCHER_TYPEHASH": keccak(text=VOUCHER),
        "TREASURY": "Treasury",
        "REWARDS": "ContributorRewards",
    },
    "GrantApplications": {
        **SAFETY,
        "TREASURY": "Treasury",
        "EVALUATIONS": "Evaluations",
        "REWARDS": "ContributorRewards",
    },
    "TrainingGrants": {
        "MAX_GUARDIAN_SECONDS": 31_622_400,
        "MIN_REVIEW_SECONDS": 86_400,
        "MAX_REVIEW_SECONDS": 2_592_000,
        "MAX_OBJECTION_BPS": 500,
        "TOKEN": "GovernanceToken",
        "TREASURY": "Treasury",
        "COMPUTE_ESCROW": "ComputeEscrow",
        "ENERGY_LEDGER": "EnergyLedger",
        "EVALUATIONS": "Evaluations",
    },
    "ModelRegistry": {
        "MIN_COMMIT_SECONDS": 60,
        "SPLIT_NOTICE_SECONDS": 1_209_600,
        "LINEAGE": "LineageRules",
    },
    "ContributorRewards": {
        **SAFETY,
        "MIN_CHALLENGE_SECONDS": 259_200,
        "MAX_CHALLENGE_SECONDS": 5_184_000,
        "MIN_CLAIM_SECONDS": 94_608_000,
        "MAX_CLAIM_SECONDS": 315_360_000,
        "DORMANT_SECONDS": 63_072_000,
        "CLAIM_TO_TYPEHASH": keccak(text=CLAIM_TO),
        "TOKEN": "GovernanceToken",
    },
    "RoyaltyRouter": {"REGISTRY": "ModelRegistry"},
    "LicenseCatalog": {**SAFETY, "FEES_AFTER_TERMINATION": 3, "REGISTRY": "ModelRegistry"},
    "LicenseMarket": {"CATALOG": "LicenseCatalog"},
    "LicenseEnforcement": {
        "ANSWER_SECONDS": 1_209_600,
        "REFILL_SECONDS": 1_209_600,
        "MARKET": "LicenseMarket",
        "CATALOG": "LicenseCatalog",
    },
    "LicenseRights": {"MARKET": "LicenseMarket", "CATALOG": "LicenseCatalog"},
}
# Differ from one deployment to the next; compared below.
COMPUTED = {"GovernanceToken": {"GENESIS", "DOMAIN_SEPARATOR"}, "Governor": {"OPENS_AT"}}
# What the constructors wrote from parameters/devnet.yaml, and names.
SETTINGS: dict[str, dict[str, Any]] = {
    "Timelock": {"getMinDelay": 172_800},
    "GovernanceToken": {"name": "Flywheel", "symbol": "FLY", "decimals": 18},
    "Governor": {
        "name": "Flywheel Governor",
        "version": "1",
        "votingDelay": 86_400,
        "votingPeriod": 604_800,
        "proposalThreshold": 10_000 * 10**18,
        "quorumNumerator": 1_000,
        "quorumDenominator": 10_000,
        "quorum_minimum": 100_000 * 10**18,
        "lateQuorumVoteExtension": 86_400,
        "max_live_proposals": 5,
    },
    "Treasury": {"purpose_count": 3, "spend_cap_bps": 500, "grant_cap_bps": 2_500},
    "TrainingGrants": {"review_seconds": 604_800, "objection_bps": 100},
    "ModelRegistry": {"name": "Flywheel Models", "symbol": "FWMDL"},
    "LicenseMarket": {"name": "Flywheel Licenses", "symbol": "FWLIC"},
    # Voting delay and period, three extensions, the delay of strict proposals, a week.
    "LicenseEnforcement": {"vote_seconds": 1_900_800},
}
READ = [
    (stem, getter)
    for table in (CONSTANTS, SETTINGS)
    for stem, getters in table.items()
    for getter in getters
]


@pytest.fixture(scope="module")
def suite() -> BoaSuite:
    return deploy_suite(first_round=False)


@pytest.mark.parametrize("stem", CONSTANTS)
def test_constants__table__names_every_getter(suite, stem):
    getters = {
        entry["name"]
        for entry in suite[stem].abi
        if entry["type"] == "function" and entry["name"].isupper() and not entry["inputs"]
    }
    assert getters == CONSTANTS[stem].keys() | COMPUTED.get(stem, set())


@pytest.mark.parametrize(("stem", "getter"), READ)
def test_constant__deployed__is_the_literal(suite, stem, getter):
    expected = (CONSTANTS[stem] | SETTINGS.get(stem, {}))[getter]
    if expected in suite.contracts:
        expected = suite[expected].address
    assert getattr(suite[stem], getter)() == expected


def test_token__deployed__has_its_genesis_and_domain(suite):
    token = suite.token
    assert token.GENESIS() == now()
    domain = token.eip712Domain()
    assert (domain[1], domain[2], domain[4]) == ("Flywheel", "1", token.address)


def test_governor__deployed__opens_after_the_first_days(suite):
    assert suite.governor.OPENS_AT() == now() + 90 * DAY


# --- constants without a getter: the last value that passes, the first that does not ---

DAY = 86_400
# Contract, setter, arguments that pass, arguments that do not, and what is said of them.
BOUNDS = [
    ("Treasury", "set_policy", (5_000, 4_000), (5_001, 4_000), "holders share is too high"),
    ("Treasury", "set_policy", (0, 4_000), (0, 3_999), "grants share is too low"),
    ("Treasury", "set_policy", (5_000, 5_000), (5_000, 5_001), "shares exceed the whole"),
    ("Treasury", "set_caps", (1_000, 5_000), (1_001, 5_000), "cap is too high"),
    ("Treasury", "set_caps", (1_000, 5_000), (1_000, 5_001), "cap is too high"),
    ("TrainingGrants", "set_review_seconds", (DAY,), (DAY - 1,), "review is out of bounds"),
    (
        "TrainingGrants",
        "set_review_seconds",
        (30 * DAY,),
        (30 * DAY + 1,),
        "review is out of bounds",
    ),
    ("TrainingGrants", "set_objection_bps", (1,), (0,), "objection is out of bounds"),
    ("TrainingGrants", "set_objection_bps", (500,), (501,), "objection is out of bounds"),
    ("Governor", "setVotingDelay", (DAY,), (DAY - 1,), "voting delay is too short"),
    ("Governor", "setVotingDelay", (30 * DAY,), (30 * DAY + 1,), "voting delay is too long"),
    ("Governor", "setVotingPeriod", (3 * DAY,), (3 * DAY - 1,), None),
    ("Governor", "setVotingPeriod", (60 * DAY,), (60 * DAY + 1,), None),
    ("Governor", "updateQuorumNumerator", (100,), (99,), None),
    ("Governor", "updateQuorumNumerator", (5_000,), (5_001,), None),
    ("Governor", "setLateQuorumVoteExtension", (7 * DAY,), (7 * DAY + 1,), None),
    ("Timelock", "updateDelay", (DAY,), (DAY - 1,), None),
    ("Timelock", "updateDelay", (30 * DAY,), (30 * DAY + 1,), None),
]


@pytest.mark.parametrize(("stem", "setter", "passes", "fails", "reason"), BOUNDS)
def test_bound__both_sides__are_where_they_are_documented(
    suite, stem, setter, passes, fails, reason
):
    set_ = getattr(suite[stem], setter)
    with boa.reverts(reason) if reason else reverts_otherwise(WHY):
        set_(*fails, sender=suite.owner)
    set_(*passes, sender=suite.owner)


@pytest.mark.parametrize(
    "stem", [stem for stem in CONSTANTS if "MAX_GUARDIAN" in str(CONSTANTS[stem])]
)
def test_guardian_term__both_sides__are_366_days(suite, stem):
    limit, guardian = now() + 366 * DAY, suite.guardian
    with boa.reverts("guardian expiry is too far"):
        suite[stem].set_guardian(guardian, limit + 1, sender=suite.owner)
    suite[stem].set_guardian(guardian, limit, sender=suite.owner)


def test_governor_guardian_term__both_sides__are_366_days(suite):
    limit = now() + 366 * DAY
    with boa.reverts("guardian expiry is too far"):
        suite.governor.set_guardian(suite.guardian, limit + 1, sender=suite.owner)
    suite.governor.set_guardian(suite.guardian, limit, sender=suite.owner)


def test_assets__ninth__is_refused(suite):
    for number in range(2, 9):
        suite.treasury.accept_asset(deploy_asset(f"A{number}"), sender=suite.owner)
    assert len(suite.treasury.assets()) == 8
    with boa.reverts("too many assets"):
        suite.treasury.accept_asset(deploy_asset("A9"), sender=suite.owner)


def test_income_claim__twenty_seven_epochs__are_refused(suite):
    args = (suite.guardian, suite.asset, 1)
    assert suite.income.claim(*args, 26) == 0
    with boa.reverts("too many epochs"):
        suite.income.claim(*args, 27)


def test_token_supply__at_two_to_the_96__is_refused(suite):
    """The last token wei that fits in 96 bits is minted, the next one is not."""
    token, minter = suite.token, suite.guardian
    token.set_minter(minter, 2**256 - 1, sender=suite.owner)
    token.mint(minter, 2**96 - 1, sender=minter)
    with reverts_otherwise(WHY):
        token.mint(minter, 1, sender=minter)
