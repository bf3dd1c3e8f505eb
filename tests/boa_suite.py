"""The whole suite on titanoboa: real contracts, deployed, wired and handed over to the Timelock.

Mirrors flywheel/deploy/deployment.py step by step; `tests/attack/test_access.py` reads the result
back with `flywheel.deploy.roles.read_back`.
"""

from dataclasses import dataclass
from typing import Any

import boa

from flywheel.deploy.parameters import FIRST_ROUND_NAME, Parameters, load
from flywheel.deploy.roles import EXCLUDED, GOVERNED, GUARDED, ORDINARY_TARGETS
from flywheel.deploy.suite import CONTRACTS, Suite
from tests.support import DAY, ROOT, ZERO_ADDRESS, account, deploy_asset, deployer_of, now

PARAMETERS = ROOT / "parameters" / "devnet.yaml"
GUARDIAN_TERM = 366 * DAY


@dataclass
class BoaSuite(Suite):
    """The suite's contracts by name, and who deployed and who guards it."""

    deployer: str = ZERO_ADDRESS
    guardian: str = ZERO_ADDRESS

    @property
    def owner(self) -> str:
        """The Timelock's address, for `sender=`: what the DAO does after a vote and its delay."""
        return str(self.timelock.address)


def deploy_suite(asset: Any = None, first_round: bool = True, **mutants: Any) -> BoaSuite:
    """Deploys, wires and hands over. `asset` is a mock of 6 decimals unless given;
    `Treasury=deployer` puts a mutant in place of a contract."""
    parameters = load(PARAMETERS)
    suite = BoaSuite({"Asset": asset or deploy_asset()}, account("deployer"), account("guardian"))
    for name in CONTRACTS:
        arguments = _arguments(name, suite, parameters)
        with boa.env.prank(suite.deployer):
            deployer = mutants.get(name) or deployer_of(name)
            suite.contracts[name] = deployer.deploy(*arguments)
    with boa.env.prank(suite.deployer):
        _wire(suite, parameters)
        if first_round:
            suite.rounds.open_round(_first_round(suite, parameters))
        _hand_over(suite)
    return suite


def _arguments(name: str, suite: BoaSuite, parameters: Parameters) -> list[Any]:
    """Constructor arguments of `name`, in order."""
    p = parameters
    if name == "Timelock":
        return [p.timelock_delay, [], [ZERO_ADDRESS], suite.deployer]
    if name == "GovernanceToken":
        return [p.token_name, p.token_symbol, now(), p.epoch_seconds]
    if name == "Governor":
        quorum = (p.quorum_percent * 100, p.quorum_minimum)
        periods = (p.voting_delay, p.voting_period)
        return [
            p.governor_name,
            suite.token,
            suite.timelock,
            suite.rounds,
            *periods,
            p.proposal_threshold,
            *quorum,
            p.late_quorum_extension,
            p.max_live_proposals,
            suite.guardian,
            now() + GUARDIAN_TERM,
            *(p.strict_quorum_bps, p.strict_majority_bps, p.strict_delay, p.opens_after),
            *(suite[listed] for listed in ORDINARY_TARGETS),
        ]
    if name == "Treasury":
        shares = (p.holders_bps, p.grants_bps)
        return [suite.token, *shares, p.spend_cap_bps, p.grant_cap_bps]
    if name == "TrainingGrants":
        named = ("GovernanceToken", "GrantApplications", "Treasury", "ComputeEscrow")
        links = [suite[link] for link in (*named, "EnergyLedger", "Evaluations")]
        return [*links, p.review_seconds, p.objection_bps]
    if name == "ModelRegistry":
        return [suite.grants, suite["LineageRules"], "Flywheel Models", "FWMDL"]
    links_of = {
        "ProposalArchive": ("Governor",),
        "HolderIncome": ("GovernanceToken", "Treasury"),
        "RoundRules": ("GovernanceToken", "Treasury"),
        "FundingRounds": ("RoundRules",),
        "Redemptions": ("FundingRounds",),
        "EnergyLedger": (),
        "Evaluations": (),
        "LineageRules": (),
        "ComputeEscrow": ("Treasury", "ContributorRewards"),
        "GrantApplications": ("Treasury", "Evaluations", "ContributorRewards"),
        "ContributorRewards": ("GovernanceToken",),
        "RoyaltyRouter": ("ModelRegistry", "Treasury", "ContributorRewards"),
        "LicenseCatalog": ("ModelRegistry", "Treasury"),
        "LicenseMarket": ("LicenseCatalog", "RoyaltyRouter"),
        "LicenseEnforcement": ("LicenseMarket", "LicenseCatalog"),
        "LicenseRights": ("LicenseMarket", "LicenseCatalog"),
    }
    return [suite[link] for link in links_of[name]]


def _wire(suite: BoaSuite, parameters: Parameters) -> None:
    suite.token.set_treasury(suite.treasury)
    suite.token.set_rewards(suite.rewards)
    suite.token.set_minter(suite.rounds, parameters.round_cap)
    for name in EXCLUDED:
        suite.token.set_excluded(suite[name], True)
    suite.treasury.accept_asset(suite.asset)
    if parameters.holders_floor:
        suite.treasury.set_holders_floor(suite.asset, parameters.holders_floor)
    suite.treasury.set_holder_income(suite.income)
    suite.treasury.create_round_purpose(FIRST_ROUND_NAME, suite.rounds)
    suite.rounds.set_redemptions(suite.redemptions)
    suite.router.set_collector(suite.market, True)
    suite.market.set_enforcement(suite.enforcement)
    for windowed in (suite.enforcement, suite.redemptions, suite.grants, suite.rewards):
        windowed.set_governor(suite.governor)
    suite.treasury.set_income_source(suite.router, True)
    suite.treasury.set_committer(suite.grants, True)
    suite.escrow.set_grants(suite.grants)
    suite.energy.set_sources(suite.grants, suite.registry)
    suite.registry.set_rewards(suite.rewards)
    suite.registry.set_rights(suite.rights)
    suite.registry.set_router(suite.router)
    suite.catalog.set_market(suite.market)
    for name in GUARDED:
        suite[name].set_guardian(suite.guardian, now() + GUARDIAN_TERM)


def _first_round(suite: BoaSuite, parameters: Parameters) -> tuple[Any, ...]:
    """`RoundTerms` of the round that the deployment opens."""
    first = parameters.genesis_round
    starts_at = now() + first.opens_in
    return (
        suite.asset.address,
        first.price,
        first.soft_goal,
        first.hard_cap,
        first.min_contribution,
        first.max_contribution,
        starts_at,
        starts_at + first.window,
        first.purpose,
        first.is_pro_rata,
        first.allow_list_root,
        first.cliff_seconds,
        first.vesting_seconds,
        b"\x11" * 32,
        first.terms_uri,
    )


def _hand_over(suite: BoaSuite) -> None:
    for role in (suite.timelock.PROPOSER_ROLE(), suite.timelock.CANCELLER_ROLE()):
        suite.timelock.grantRole(role, suite.governor)
    for name in GOVERNED:
        suite[name].transfer_ownership(suite.timelock)
    suite.timelock.renounceRole(suite.timelock.DEFAULT_ADMIN_ROLE(), suite.deployer)
