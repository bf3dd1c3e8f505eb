"""What a number, an address or a hash of an ABI stands for: the unit that people read and write."""

from enum import Enum


class Kind(Enum):
    MONEY = "units of the asset that the call names, else of the suite's asset"
    TOKENS = "governance token wei"
    DURATION = "seconds"
    TIME = "Unix time"
    SHARE = "basis points of 10,000"
    PURPOSE = "purpose of the Treasury"
    ASSET = "an ERC-20 asset"
    ACCOUNT = "an account"
    ROLE = "a role of the Timelock"
    SUPPORT = "against, for, abstain"
    ENERGY = "Wh"
    EMISSIONS = "gCO2e"
    SCORE = "millionths of a metric's unit"
    MODEL_KINDS = "kinds of models, added up"
    KIND_SHARES = "basis points for each kind of model, in their order"
    DROP = "a drop of ContributorRewards: asset, campaign and number in one"
    PLAIN = "as it is"


# By contract, function and name, where the name alone misleads.
EXACT = {
    ("Governor", "setVotingDelay", "seconds"): Kind.DURATION,
    ("Governor", "setVotingPeriod", "seconds"): Kind.DURATION,
    ("Governor", "setLateQuorumVoteExtension", "seconds"): Kind.DURATION,
    ("Governor", "setProposalThreshold", "votes"): Kind.TOKENS,
    ("Governor", "set_quorum_minimum", "votes"): Kind.TOKENS,
    ("Governor", "updateQuorumNumerator", "numerator"): Kind.SHARE,
    ("ModelRegistry", "register", "kind"): Kind.MODEL_KINDS,
    ("LicenseCatalog", "offer_terms", "derivations"): Kind.MODEL_KINDS,
    ("LicenseCatalog", "offer_terms", "derivation_share_bps"): Kind.KIND_SHARES,
    ("LicenseEnforcement", "vote_seconds", ""): Kind.DURATION,
    ("Evaluations", "add_benchmark", "threshold"): Kind.PLAIN,
    ("Timelock", "schedule", "amount"): Kind.PLAIN,
    ("Timelock", "execute", "amount"): Kind.PLAIN,
    # views
    ("Governor", "votingDelay", ""): Kind.DURATION,
    ("Governor", "votingPeriod", ""): Kind.DURATION,
    ("Governor", "lateQuorumVoteExtension", ""): Kind.DURATION,
    ("Governor", "proposalThreshold", ""): Kind.TOKENS,
    ("Governor", "quorum_minimum", ""): Kind.TOKENS,
    ("Governor", "quorumNumerator", ""): Kind.SHARE,
    ("Governor", "STRICT_DELAY", ""): Kind.DURATION,
    ("Timelock", "getMinDelay", ""): Kind.DURATION,
    ("GovernanceToken", "totalSupply", ""): Kind.TOKENS,
    ("GovernanceToken", "balanceOf", ""): Kind.TOKENS,
    ("GovernanceToken", "getVotes", ""): Kind.TOKENS,
    ("GovernanceToken", "minter_cap", ""): Kind.TOKENS,
    ("GovernanceToken", "minted_by", ""): Kind.TOKENS,
    ("TrainingGrants", "compute_unlocked", ""): Kind.MONEY,
    # What a view returns several of has its number in place of a name.
    ("TrainingGrants", "approval", "0"): Kind.TIME,
    ("TrainingGrants", "approval", "1"): Kind.DURATION,
    ("TrainingGrants", "pending_recipient", "1"): Kind.TIME,
    ("TrainingGrants", "milestone", "objection_votes"): Kind.TOKENS,
    ("FundingRounds", "tokens_reserved", ""): Kind.TOKENS,
    ("FundingRounds", "paused_until", ""): Kind.TIME,
    ("ComputeEscrow", "paused_until", ""): Kind.TIME,
    ("GrantApplications", "paused_until", ""): Kind.TIME,
    ("ContributorRewards", "paused_until", ""): Kind.TIME,
}
# What zero, or the zero address, says of an argument.
ZERO = {
    ("LicenseCatalog", "offer_terms"): {
        "max_licenses": "any number",
        "royalty_cap": "none",
        "bond": "none",
        "period_seconds": "no period",
        "grace_seconds": "none",
        "cure_seconds": "none",
        "term_seconds": "for ever",
        "offered_until": "no end",
        "licensee": "anybody",
        "arbiter": "a vote",
        "derivations": "none",
    },
}
MONEY_VIEWS = {
    "free", "committed", "total_free", "total_committed", "accounted", "paid", "drawable", "pot",
    "available", "outstanding", "pending", "received", "credit", "treasury_credit",
    "campaign_credit", "unclosed_income", "income", "carried", "spendable", "grantable",
    "taken_lately", "holders_floor_at", "fee_for",
}  # fmt: skip
MONEY_NAMES = {
    "amount", "price", "soft_goal", "hard_cap", "min_contribution", "max_contribution", "fee",
    "upfront_fee", "minimum_per_period", "bond", "compute_budget", "total", "max_fee", "max_price",
    "max_amount", "revenue", "max_cost", "min_out", "least", "royalty_cap", "due", "own_due",
    "escrow", "upheld", "price_per_gpu_hour", "max_price_per_gpu_hour", "max_compute_per_day",
    "price_per_unit", "page_total", "permit_amount", "credit", "min_pool", "min_amount",
    "holders_floor", "audit_cost", "earned",
}  # fmt: skip
TOKEN_NAMES = {"votes", "cap", "tokens", "threshold"}
TIME_NAMES = {"deadline", "expiry", "offered_until", "escrow_since"}
DURATION_NAMES = {"delay", "duration", "grace"}


def kind_of(contract: str, function: str, name: str, abi_type: str) -> Kind:
    """What the parameter `name` of a function stands for; of a view's result with name ''."""
    exact = EXACT.get((contract, function, name))
    if exact is not None:
        return exact
    if abi_type == "address":
        return Kind.ASSET if name == "asset" else Kind.ACCOUNT
    if abi_type == "bytes32":
        return Kind.ROLE if (contract, name) == ("Timelock", "role") else Kind.PLAIN
    if abi_type.startswith("int"):
        return Kind.SCORE if name.endswith("score") else Kind.PLAIN
    if not abi_type.startswith("uint"):
        return Kind.PLAIN
    return _number(contract, function, name or function, is_view=not name)


def _number(contract: str, function: str, name: str, is_view: bool) -> Kind:
    if name.endswith(("_bps", "_bps_per_year")) or name == "bps":
        return Kind.SHARE
    if name == "gpu_seconds" or name.endswith("_seconds") or name in DURATION_NAMES:
        return Kind.DURATION
    if name.endswith("_at") or name in TIME_NAMES:
        return Kind.TIME
    if name.endswith("purpose"):
        return Kind.PURPOSE
    if name == "drop_id":
        return Kind.DROP
    if name.endswith("_wh"):
        return Kind.ENERGY
    if name.endswith("_grams"):
        return Kind.EMISSIONS
    if name == "support":
        return Kind.SUPPORT
    if contract == "GovernanceToken" and name == "amount":
        return Kind.TOKENS
    if is_view:
        return Kind.MONEY if name in MONEY_VIEWS else Kind.PLAIN
    if name in MONEY_NAMES:
        return Kind.MONEY
    return Kind.TOKENS if name in TOKEN_NAMES else Kind.PLAIN
