"""I19: every function of every deployable that changes state, tried by everybody.

`ACCESS` says who may call what. It must name exactly the functions of the ABIs, so a new function
fails here until it is listed.
"""

from dataclasses import dataclass
from typing import Any

import boa
import pytest
from eth_abi import decode
from eth_utils import function_signature_to_4byte_selector

from flywheel.deploy.roles import read_back
from flywheel.deploy.suite import CONTRACTS
from tests.busy_suite import Action, BusySuite, deploy_busy_suite
from tests.support import ROOT, ZERO_ADDRESS

SUCCESS = "success"
ERROR_SELECTOR = function_signature_to_4byte_selector("Error(string)")


@dataclass(frozen=True)
class Only:
    """Who may call, and what everybody else is told: a reason, or a typed error's signature."""

    error: str
    callers: frozenset[str]


def only(error: str, *callers: str) -> Only:
    return Only(error, frozenset(callers))


# The call ends the same way whoever makes it.
ANYBODY = "anybody"
# Open to all; how it ends depends on what the caller has itself.
OWN = "what is the caller's own"

OWNER = only("caller is not the owner", "owner")
GUARDIAN = only("caller is not the guardian", "guardian")
BY_VOTE = only("GovernorOnlyExecutor(address)", "owner")
ROLE_ERROR = "AccessControlUnauthorizedAccount(address,bytes32)"
GRANTS = only("caller is not the grants", "TrainingGrants")
CONTROLLER = only("caller is not the controller", "TrainingGrants")
RECIPIENT = only("caller is not the recipient", "builder")
PROVIDER = only("caller is not the provider", "provider")
MINTER = only("caller is not a minter", "FundingRounds")
MODEL_OWNER = only("caller does not own the model", "model_owner")
LICENSE_MOVER = only(
    "ERC721InsufficientApproval(address,uint256)", "licensee", "operator", "approved"
)
# An approval to move a license files no reports.
REPORTER = only("caller is not the licensee", "licensee", "reporter")
LICENSE_OWNER = only("caller is not the licensee", "licensee")
ARBITER = only("caller is not the arbiter", "owner")
ENFORCEMENT = only("caller is not the enforcement", "LicenseEnforcement")
LICENSE_APPROVER = only("ERC721InvalidApprover(address)", "licensee", "operator")
MODEL_MOVER = only(
    "ERC721InsufficientApproval(address,uint256)", "model_owner", "operator", "approved"
)

GOVERNED = {"transfer_ownership": OWNER}
PAUSABLE = GOVERNED | {"set_guardian": OWNER, "pause": GUARDIAN, "unpause": OWNER}

# Contract => function (or function/variant of `tests.busy_suite`) => who.
ACCESS: dict[str, dict[str, Only | str]] = {
    "Timelock": {
        "execute": ANYBODY,
        "executeBatch": ANYBODY,
        "schedule": only(ROLE_ERROR, "Governor"),
        "scheduleBatch": only(ROLE_ERROR, "Governor"),
        "cancel": only(ROLE_ERROR, "Governor"),
        "updateDelay": only("TimelockUnauthorizedCaller(address)", "owner"),
        "grantRole": only(ROLE_ERROR, "owner"),
        "revokeRole": only(ROLE_ERROR, "owner"),
        "renounceRole": only("AccessControlBadConfirmation()", "stranger"),
    },
    "GovernanceToken": {
        **GOVERNED,
        "set_minter": OWNER,
        "transfer": OWN,
        "transferFrom": OWN,
        "approve": OWN,
        "permit": ANYBODY,
        "burn": OWN,
        "burnFrom": OWN,
        "delegate": OWN,
        "delegateBySig": ANYBODY,
        "mint": MINTER,
        "delegate_default": only("caller is not a minter", "FundingRounds", "ContributorRewards"),
        "set_excluded": OWNER,
        "apply_exclusion": ANYBODY,
        "set_rewards": OWNER,
        "set_treasury": OWNER,
    },
    "Governor": {
        "setVotingDelay": BY_VOTE,
        "setVotingPeriod": BY_VOTE,
        "setProposalThreshold": BY_VOTE,
        "updateQuorumNumerator": BY_VOTE,
        "set_quorum_minimum": BY_VOTE,
        "setLateQuorumVoteExtension": BY_VOTE,
        "relay": BY_VOTE,
        "set_guardian": BY_VOTE,
        "propose": only("GovernorInsufficientProposerVotes(address,uint256,uint256)", "holder"),
        "queue": ANYBODY,
        "execute": ANYBODY,
        "cancel": only("GovernorUnableToCancel(uint256,address)", "holder", "guardian"),
        "cancel_by_id": only("GovernorUnableToCancel(uint256,address)", "holder"),
        "castVote": OWN,
        "castVoteWithReason": OWN,
        "castVoteWithReasonAndParams": OWN,
        "castVoteBySig": ANYBODY,
        "castVoteWithReasonAndParamsBySig": ANYBODY,
    },
    "ProposalArchive": {"keep": ANYBODY, "queue": ANYBODY, "execute": ANYBODY},
    "Treasury": {
        **GOVERNED,
        "deposit": OWN,
        "receive_income": only("caller is no income source", "RoyaltyRouter"),
        "close_epoch": ANYBODY,
        "pay_commitment": CONTROLLER,
        "release_commitment": CONTROLLER,
        "commit": only("caller is not a committer", "TrainingGrants"),
        "commit_beyond_cap": only("caller is not a committer", "TrainingGrants"),
        "commit_deposit": only("caller is not a committer", "TrainingGrants"),
        "spend": OWNER,
        "spend_beyond_cap": OWNER,
        "allow_wind_down": OWNER,
        "release_for_wind_down": only("wind-down is not allowed", "Redemptions"),
        "receive_in_kind": OWN,
        "spend_in_kind": OWNER,
        "move_free": OWNER,
        "skim": OWNER,
        "accept_asset": OWNER,
        "create_purpose": OWNER,
        "create_round_purpose": OWNER,
        "push_holders": ANYBODY,
        "push_from_closing": only("caller is not the treasury", "Treasury"),
        **dict.fromkeys(("set_committer", "set_income_source"), OWNER),
        **dict.fromkeys(("set_holder_income", "set_holders_floor"), OWNER),
        **dict.fromkeys(("set_policy", "set_caps"), OWNER),
    },
    "HolderIncome": {
        **GOVERNED,
        "claim": ANYBODY,
        "claim_assets": ANYBODY,
        "claim_to": only("caller may not claim", "holder"),
        "set_claimer": ANYBODY,
        "roll": ANYBODY,
        "recycle": ANYBODY,
        "fund": only("caller is not the treasury", "Treasury"),
        "skim": OWNER,
    },
    "FundingRounds": {
        **PAUSABLE,
        "contribute": OWN,
        "contribute_with_proof": OWN,
        "contribute_with_permit": OWN,
        **dict.fromkeys(("finalize", "claim", "claim_batch", "refund", "refund_batch"), ANYBODY),
        "refund_to": only("caller holds no such position", "contributor", "Redemptions"),
        "move_position": only("caller holds no such position", "contributor"),
        "cancel_unmintable": ANYBODY,
        "end_vesting": only("caller is not the redemptions", "Redemptions"),
        "set_redemptions": OWNER,
        "release_reservation": ANYBODY,
        "open_round": OWNER,
        "cancel": OWNER,
        "skim": OWNER,
    },
    # It keeps a calendar of each caller's own.
    "RoundRules": {"admit": OWN, "begin_vesting": OWN, "end_vesting": OWN},
    "Redemptions": {
        **GOVERNED,
        **dict.fromkeys(("announce", "withdraw", "set_governor"), OWNER),
        "begin": ANYBODY,
        "top_up": ANYBODY,
        "collect": ANYBODY,
        "close": ANYBODY,
        "redeem": only("position is held by another", "contributor"),
        "collect_to": only("position is held by another", "contributor"),
        "refund_by_signature": ANYBODY,
        "skim": OWNER,
    },
    "EnergyLedger": {
        **GOVERNED,
        "set_guardian": OWNER,
        "report": only("caller may not report", "builder"),
        "report/model": only("caller may not report", "builder", "model_owner"),
        "attest": ANYBODY,
        "challenge": only("caller may not challenge", "guardian", "owner"),
        "clear_challenge": OWNER,
        "set_sources": OWNER,
    },
    "Evaluations": {
        **GOVERNED,
        **dict.fromkeys(("add_benchmark", "set_threshold", "set_evaluator", "void_claim"), OWNER),
        **dict.fromkeys(("claim", "attest_by_signature"), ANYBODY),
        "attest": only("evaluator is not admitted", "evaluator"),
    },
    "ComputeEscrow": {
        **PAUSABLE,
        "register_offer": PROVIDER,
        "withdraw_offer": PROVIDER,
        "order": RECIPIENT,
        **dict.fromkeys(("draw", "draw/campaign", "return_budget"), ANYBODY),
        "give_notice": only("caller may not give notice", "provider", "builder"),
        "give_notice/ended": ANYBODY,
        "close_order": only("order may still be drawn", "provider"),
        "set_grants": OWNER,
        "open_budget": GRANTS,
    },
    "GrantApplications": {**PAUSABLE, "apply": RECIPIENT},
    "TrainingGrants": {
        **GOVERNED,
        "set_guardian": OWNER,
        **dict.fromkeys(("set_review_seconds", "set_objection_bps", "set_governor"), OWNER),
        **dict.fromkeys(("approve", "approve_beyond_cap"), OWNER),
        "post_bond": OWN,
        **dict.fromkeys(("submit", "withdraw_submission"), RECIPIENT),
        "object": only("no votes to object with", "guardian", "owner", "holder"),
        "escalate": ANYBODY,
        **dict.fromkeys(("decide", "decide/part", "decide/no"), OWNER),
        **dict.fromkeys(("draw", "draw/streaming", "draw/finished"), ANYBODY),
        **dict.fromkeys(("terminate", "move_due", "replace_recipient"), OWNER),
        **dict.fromkeys(("expire", "expire/unbonded"), ANYBODY),
        "propose_recipient": RECIPIENT,
        "accept_recipient": only("caller is not proposed", "heir"),
    },
    "LineageRules": {},
    "ModelRegistry": {
        **GOVERNED,
        "approve": only("ERC721InvalidApprover(address)", "model_owner", "operator"),
        "setApprovalForAll": OWN,
        "transferFrom": MODEL_MOVER,
        "safeTransferFrom": MODEL_MOVER,
        "commit": ANYBODY,
        "register": only("caller may not register", "builder"),
        "register/dao": only("weights are not committed", "owner"),
        "refresh": ANYBODY,
        "set_split": only("caller does not own the model", "owner"),
        "set_card": MODEL_OWNER,
        "set_floor": OWNER,
        "set_protocol_fee": OWNER,
        "set_contract_uri": OWNER,
        **dict.fromkeys(("set_grants", "set_rewards", "set_rights", "set_router"), OWNER),
    },
    "ContributorRewards": {
        **PAUSABLE,
        "create_campaign": ANYBODY,
        "set_publisher": only("caller is not the publisher", "publisher", "owner"),
        "fund": OWN,
        "propose_drop": only("caller is not the publisher", "publisher"),
        "withdraw_drop": only("caller is not the publisher", "publisher"),
        "hold_drop": only("caller is not the guardian", "guardian"),
        **dict.fromkeys(("cancel_drop", "close_dormant", "set_governor"), OWNER),
        **dict.fromkeys(("activate_drop", "end_drop"), ANYBODY),
        **dict.fromkeys(("claim", "claim_batch", "claim_range", "claim_drops"), ANYBODY),
        "claim_to": only("signature is not the account's", "contributor"),
    },
    "RoyaltyRouter": {
        **GOVERNED,
        "pay": OWN,
        **dict.fromkeys(("settle", "settle_all", "withdraw"), ANYBODY),
        **dict.fromkeys(("forward_income", "forward_campaign"), ANYBODY),
        "collect": only("caller is not a collector", "LicenseMarket"),
        "set_targets": OWNER,
        "set_collector": OWNER,
        "skim": OWNER,
    },
    "LicenseMarket": {
        **GOVERNED,
        "approve": LICENSE_APPROVER,
        "setApprovalForAll": OWN,
        "buy": OWN,
        "pay": OWN,
        "prepay": OWN,
        "estimate": ANYBODY,
        "renew": LICENSE_OWNER,
        "set_reporter": LICENSE_OWNER,
        "report": REPORTER,
        "report_and_pay": REPORTER,
        "transferFrom": LICENSE_MOVER,
        "safeTransferFrom": LICENSE_MOVER,
        "set_due": ENFORCEMENT,
        "end": ENFORCEMENT,
        "set_router": OWNER,
        "set_enforcement": OWNER,
        "open_strays": OWNER,
    },
    "LicenseCatalog": {
        **PAUSABLE,
        **dict.fromkeys(("offer_terms", "retire_terms"), MODEL_OWNER),
        "record_sale": only("caller is not the market", "LicenseMarket"),
        "note_end": ENFORCEMENT,
        "end_exclusivity": ANYBODY,
        "set_market": OWNER,
        "set_treasury": OWNER,
    },
    "LicenseEnforcement": {
        **GOVERNED,
        "receive_bond": only("caller is not the market", "LicenseMarket"),
        "enforce": ANYBODY,
        "fill_bond": OWN,
        "release_bond": ANYBODY,
        "terminate": ANYBODY,
        "surrender": LICENSE_OWNER,
        "assess": ARBITER,
        "assess/audited": ARBITER,
        "conclude": only("answer window is open", "licensee"),
        "dispute": LICENSE_OWNER,
        "decide": ARBITER,
        "expire": ANYBODY,
        "withdraw": ANYBODY,
        "accuse": ARBITER,
        "answer": LICENSE_OWNER,
        "end_for_misuse": ARBITER,
        "set_governor": OWNER,
        "skim": OWNER,
        "skim_market": OWNER,
    },
    "LicenseRights": {
        "approve_derivation": MODEL_OWNER,
        "present": LICENSE_OWNER,
        "sublicense": only("license is not in standing", "licensee"),
        "end_sublicense": LICENSE_OWNER,
    },
}
RULES = [(stem, key) for stem, functions in ACCESS.items() for key in functions]
GATED = [rule for rule in RULES if isinstance(ACCESS[rule[0]][rule[1]], Only)]
OPEN = [rule for rule in RULES if rule not in GATED]
ACCESS_ERRORS = {ACCESS[stem][key].error for stem, key in GATED}


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    busy = deploy_busy_suite()
    # One account more for the tokens that a test moves or reports for: approved for those only.
    approved = boa.env.generate_address("approved")
    for key in ("ModelRegistry", "LicenseMarket"):
        action = busy.actions[f"{key}.approve"]
        for token_id in {action.args[1], busy.actions[f"{key}.transferFrom"].args[2]}:
            busy.suite[key].approve(approved, token_id, sender=action.sender)
    busy.people["approved"] = str(approved)
    reporter = boa.env.generate_address("reporter")
    action = busy.actions["LicenseMarket.report"]
    busy.suite.market.set_reporter(action.args[0], reporter, sender=action.sender)
    busy.people["reporter"] = str(reporter)
    return busy


# --- machinery ---


def changing_functions(contract: Any) -> dict[str, list[dict[str, Any]]]:
    """ABI entries, overloads together, of the functions that are not views."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in contract.abi:
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable"):
            found.setdefault(entry["name"], []).append(entry)
    return found


def neutral(item: dict[str, Any]) -> Any:
    """A value of the ABI input `item` that means as little as possible."""
    kind = item["type"]
    if kind.endswith("[]"):
        return []
    if kind.endswith("]"):
        base, _, count = kind[:-1].rpartition("[")
        return [neutral({"type": base})] * int(count)
    if kind == "tuple":
        return tuple(map(neutral, item["components"]))
    values = {"address": ZERO_ADDRESS, "string": "", "bytes": b"", "bool": False}
    return b"\0" * int(kind[5:]) if kind[:5] == "bytes" and kind != "bytes" else values.get(kind, 0)


def actions_of(busy: BusySuite, stem: str, key: str) -> list[Action]:
    """The call that waits in the busy suite, or one with neutral values."""
    waiting = busy.actions.get(f"{stem}.{key}")
    if waiting is not None:
        return [waiting]
    entries = changing_functions(busy.suite[stem])[key]
    arguments = [tuple(map(neutral, entry["inputs"])) for entry in entries]
    return [Action(stem, key, args, ZERO_ADDRESS) for args in arguments]


def callers(busy: BusySuite) -> dict[str, str]:
    """Everybody who is anybody, by role or contract; the Timelock is `owner`."""
    contracts = {name: str(item.address) for name, item in busy.suite.contracts.items()}
    del contracts["Timelock"]
    return busy.people | contracts


def outcome(target: str, data: bytes, sender: str) -> str:
    """`SUCCESS`, the reason of the revert, or the selector of its typed error."""
    with boa.env.anchor():
        result = boa.env.execute_code(to_address=target, sender=sender, data=data)
    if not result.is_error:
        return SUCCESS
    output = bytes(result.output)
    if output[:4] == ERROR_SELECTOR:
        return str(decode(["string"], output[4:])[0])
    return output[:4].hex()


def told(error: str) -> str:
    """What `outcome` says of an access error."""
    if "(" in error:
        return bytes(function_signature_to_4byte_selector(error)).hex()
    return error


def outcomes(busy: BusySuite, stem: str, key: str) -> list[dict[str, str]]:
    """For each call that stands for `key`: what each role got."""
    target, roles_ = busy.suite[stem].address, callers(busy)
    return [
        {role: outcome(target, data, sender) for role, sender in roles_.items()}
        for data in (action.calldata(busy.suite) for action in actions_of(busy, stem, key))
    ]


# --- the table is complete ---


def test_access__table__names_exactly_the_deployables():
    stems = {path.stem for path in (ROOT / "contracts").rglob("*.vy") if "mocks" not in path.parts}
    assert {stem for stem in stems if stem[0].isupper()} == ACCESS.keys() == set(CONTRACTS)


@pytest.mark.parametrize("stem", ACCESS)
def test_access__table__names_exactly_the_functions(busy, stem):
    functions = changing_functions(busy.suite[stem])
    assert {key.split("/")[0] for key in ACCESS[stem]} == functions.keys()


# --- the table is true ---


@pytest.mark.parametrize(("stem", "key"), GATED)
def test_access__gated_function__refuses_every_wrong_role(busy, stem, key):
    rule = ACCESS[stem][key]
    assert rule.callers <= callers(busy).keys()
    for got in outcomes(busy, stem, key):
        passed = {role for role, result in got.items() if result != told(rule.error)}
        assert passed == rule.callers, {role: got[role] for role in passed ^ rule.callers}


def test_access__waiting_calls__succeed_for_their_sender(busy):
    """A gate that refuses everybody would pass the test above."""
    got = {
        key: outcome(busy.suite[action.stem].address, action.calldata(busy.suite), action.sender)
        for key, action in busy.actions.items()
    }
    # The router has nothing that it could bring: only a payment to it gives it that.
    assert got.pop("Treasury.receive_income") == "allowance is too low"
    # Nor has the treasury approved anything outside of a closing.
    assert got.pop("HolderIncome.fund") == "allowance is too low"
    # Nor have the grants: what they deposit they get within the call.
    assert got.pop("Treasury.commit_deposit") == "allowance is too low"
    assert {key: result for key, result in got.items() if result != SUCCESS} == {}


@pytest.mark.parametrize(("stem", "key"), OPEN)
def test_access__open_function__refuses_nobody(busy, stem, key):
    refusals = {told(error) for error in ACCESS_ERRORS}
    for got in outcomes(busy, stem, key):
        assert refusals.isdisjoint(got.values())
        if ACCESS[stem][key] == ANYBODY:
            assert len(set(got.values())) == 1, got


# --- what no function takes ---


@pytest.mark.parametrize("stem", [stem for stem in ACCESS if stem != "Timelock"])
def test_currency__sent_plainly__is_refused(busy, stem):
    """Only the Timelock can do anything with the chain's own currency (I18)."""
    sender = busy.people["stranger"]
    for data in (b"", b"\xde\xad\xbe\xef"):
        target = busy.suite[stem].address
        result = boa.env.execute_code(to_address=target, sender=sender, value=1, data=data)
        assert result.is_error


def test_currency__sent_to_the_timelock__arrives(busy):
    boa.env.raw_call(busy.suite.owner, sender=busy.people["stranger"], value=1)
    assert boa.env.get_balance(busy.suite.owner) == 1


# --- the suite under test is the one that is deployed ---


def test_deploy_suite__read_back_by_the_deployment__every_role_is_right(busy):
    lines = read_back(busy.suite, busy.suite.deployer)
    assert lines
    assert [line for line in lines if not line.right] == []
