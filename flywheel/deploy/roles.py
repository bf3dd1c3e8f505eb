"""Who should hold each power of the suite, and who does."""

from dataclasses import dataclass
from typing import Any

from eth_utils import keccak

from flywheel.chain import connection, logs
from flywheel.deploy.suite import CONTRACTS, Suite
from flywheel.shown import yes

# The contracts whose powers an owner holds; all of them end with the Timelock.
GOVERNED = (
    "GovernanceToken",
    "Treasury",
    "HolderIncome",
    "FundingRounds",
    "Redemptions",
    "EnergyLedger",
    "Evaluations",
    "GrantApplications",
    "ComputeEscrow",
    "TrainingGrants",
    "ModelRegistry",
    "ContributorRewards",
    "RoyaltyRouter",
    "LicenseCatalog",
    "LicenseMarket",
    "LicenseEnforcement",
)
GUARDED = (
    "FundingRounds",
    "GrantApplications",
    "ComputeEscrow",
    "EnergyLedger",
    "TrainingGrants",
    "ContributorRewards",
    "LicenseCatalog",
)
# Move what licensees pay to the router themselves and tell it then.
COLLECTORS = ("LicenseMarket",)
# The contracts of the Governor's table of ordinary functions, as its constructor takes them, and of
# each the selector of one of those.
ORDINARY_TARGETS = {
    name: bytes(keccak(text=signature)[:4])
    for name, signature in (
        ("TrainingGrants", "approve(uint256,bytes32)"),
        ("LicenseCatalog", "retire_terms(uint256)"),
        ("Treasury", "spend(uint256,address,address,uint256)"),
    )
}
# Every contract of the suite earns no income with what it holds for others, or by accident.
EXCLUDED = CONTRACTS


@dataclass(frozen=True)
class Role:
    """One line of the read-back: who should hold a power, and who does."""

    contract: str
    role: str
    expected: str
    actual: str

    @property
    def right(self) -> bool:
        return self.expected == self.actual


def read_back(suite: Suite, deployer: str) -> list[Role]:
    """Every power of the suite, read from the chain, beside who should hold it."""
    timelock = suite.timelock
    names = {str(item.address): name for name, item in suite.contracts.items()}

    def named(address: Any) -> str:
        return names.get(str(address), str(address))

    lines = [Role(name, "owner", "Timelock", named(suite[name].owner())) for name in GOVERNED]
    for role in ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE", "DEFAULT_ADMIN_ROLE"):
        identifier = timelock_role(suite, role)
        holders = {
            "Governor": suite.governor.address,
            "anybody": connection.ZERO_ADDRESS,
            "Timelock": timelock.address,
            "the deployer": deployer,
        }
        expected = {
            "PROPOSER_ROLE": "Governor",
            "CANCELLER_ROLE": "Governor",
            "EXECUTOR_ROLE": "anybody",
            "DEFAULT_ADMIN_ROLE": "Timelock",
        }[role]
        actual = [
            name for name, address in holders.items() if timelock.hasRole(identifier, address)
        ]
        lines.append(Role("Timelock", role, expected, ", ".join(actual) or "nobody"))
    pairs = [
        ("GovernanceToken", "treasury", suite.treasury, suite.token.treasury()),
        ("GovernanceToken", "rewards", suite.rewards, suite.token.rewards()),
        ("Treasury", "holder_income", suite.income, suite.treasury.holder_income()),
        ("ComputeEscrow", "grants", suite.grants, suite.escrow.grants()),
        ("EnergyLedger", "grants", suite.grants, suite.energy.grants()),
        ("EnergyLedger", "registry", suite.registry, suite.energy.registry()),
        ("Governor", "token", suite.token, suite.governor.token()),
        ("Governor", "timelock", suite.timelock, suite.governor.timelock()),
        ("Governor", "rounds", suite.rounds, suite.governor.rounds()),
        ("ProposalArchive", "governor", suite.governor, suite["ProposalArchive"].GOVERNOR()),
        ("HolderIncome", "treasury", suite.treasury, suite.income.TREASURY()),
        ("RoyaltyRouter", "treasury", suite.treasury, suite.router.treasury()),
        ("RoyaltyRouter", "rewards", suite.rewards, suite.router.rewards()),
        ("LicenseMarket", "router", suite.router, suite.market.router()),
        ("LicenseMarket", "enforcement", suite.enforcement, suite.market.enforcement()),
        ("LicenseCatalog", "treasury", suite.treasury, suite.catalog.treasury()),
        ("LicenseCatalog", "market", suite.market, suite.catalog.market()),
        ("ModelRegistry", "lineage", suite["LineageRules"], suite.registry.LINEAGE()),
        ("ModelRegistry", "grants", suite.grants, suite.registry.grants()),
        ("ModelRegistry", "rewards", suite.rewards, suite.registry.rewards()),
        ("ModelRegistry", "rights", suite.rights, suite.registry.rights()),
        ("ModelRegistry", "router", suite.router, suite.registry.router()),
        ("Treasury", "token", suite.token, suite.treasury.TOKEN()),
        ("HolderIncome", "token", suite.token, suite.income.TOKEN()),
        ("FundingRounds", "rules", suite["RoundRules"], suite.rounds.RULES()),
        ("FundingRounds", "redemptions", suite.redemptions, suite.rounds.redemptions()),
        ("Redemptions", "rounds", suite.rounds, suite.redemptions.ROUNDS()),
        ("FundingRounds", "token", suite.token, suite.rounds.TOKEN()),
        ("FundingRounds", "treasury", suite.treasury, suite.rounds.TREASURY()),
        ("ComputeEscrow", "treasury", suite.treasury, suite.escrow.TREASURY()),
        ("ComputeEscrow", "rewards", suite.rewards, suite.escrow.REWARDS()),
        ("TrainingGrants", "token", suite.token, suite.grants.TOKEN()),
        ("TrainingGrants", "treasury", suite.treasury, suite.grants.TREASURY()),
        ("TrainingGrants", "compute escrow", suite.escrow, suite.grants.COMPUTE_ESCROW()),
        ("TrainingGrants", "energy ledger", suite.energy, suite.grants.ENERGY_LEDGER()),
        ("TrainingGrants", "applications", suite.applications, suite.grants.applications()),
        ("TrainingGrants", "evaluations", suite.evaluations, suite.grants.EVALUATIONS()),
        ("GrantApplications", "treasury", suite.treasury, suite.applications.TREASURY()),
        ("GrantApplications", "evaluations", suite.evaluations, suite.applications.EVALUATIONS()),
        ("GrantApplications", "rewards", suite.rewards, suite.applications.REWARDS()),
        ("RoyaltyRouter", "registry", suite.registry, suite.router.REGISTRY()),
        ("LicenseCatalog", "registry", suite.registry, suite.catalog.REGISTRY()),
        ("LicenseMarket", "catalog", suite.catalog, suite.market.CATALOG()),
        ("LicenseEnforcement", "market", suite.market, suite.enforcement.MARKET()),
        ("LicenseEnforcement", "catalog", suite.catalog, suite.enforcement.CATALOG()),
        ("LicenseEnforcement", "governor", suite.governor, suite.enforcement.governor()),
        ("Redemptions", "governor", suite.governor, suite.redemptions.governor()),
        ("TrainingGrants", "governor", suite.governor, suite.grants.governor()),
        ("ContributorRewards", "governor", suite.governor, suite.rewards.governor()),
        ("ContributorRewards", "token", suite.token, suite.rewards.TOKEN()),
        ("LicenseRights", "market", suite.market, suite.rights.MARKET()),
        ("LicenseRights", "catalog", suite.catalog, suite.rights.CATALOG()),
    ]
    lines += [Role(name, role, named(want.address), named(got)) for name, role, want, got in pairs]
    held = [
        *(
            ("Governor", f"ordinary {name}", suite.governor.is_ordinary(suite[name], selector))
            for name, selector in ORDINARY_TARGETS.items()
        ),
        ("Treasury", "committer TrainingGrants", suite.treasury.is_committer(suite.grants)),
        ("Treasury", "income source RoyaltyRouter", suite.treasury.is_income_source(suite.router)),
        *(
            ("RoyaltyRouter", f"collector {name}", suite.router.is_collector(suite[name]))
            for name in COLLECTORS
        ),
        ("GovernanceToken", "minter FundingRounds", suite.token.minter_cap(suite.rounds) > 0),
        *(
            ("GovernanceToken", f"excluded {name}", suite.token.is_excluded(suite[name]))
            for name in EXCLUDED
        ),
    ]
    not_held = [
        ("Treasury", "committer deployer", suite.treasury.is_committer(deployer)),
        ("GovernanceToken", "minter deployer", suite.token.minter_cap(deployer) > 0),
    ]
    lines += [Role(name, role, "yes", str(yes(flag))) for name, role, flag in held]
    lines += [Role(name, role, "no", str(yes(flag))) for name, role, flag in not_held]
    return lines


def holders_ever(suite: Suite, first_block: int = 0) -> list[Role]:
    """Everybody who holds a power that can be given to any account, from the events since
    `first_block`: an account that nobody expects is a line that is not right."""
    names = {str(item.address): name for name, item in suite.contracts.items()}
    names[connection.ZERO_ADDRESS] = "anybody"
    timelock = suite.timelock
    lines = [
        _holders(
            names, "Treasury", "committers", suite.treasury.CommitterChanged, first_block
        ).expecting("TrainingGrants"),
        _holders(
            names, "Treasury", "income sources", suite.treasury.IncomeSourceChanged, first_block
        ).expecting("RoyaltyRouter"),
        _holders(
            names, "RoyaltyRouter", "collectors", suite.router.CollectorChanged, first_block
        ).expecting(*COLLECTORS),
        _holders(
            names, "GovernanceToken", "minters", suite.token.MinterChanged, first_block
        ).expecting("FundingRounds"),
        _holders(
            names, "GovernanceToken", "excluded", suite.token.ExclusionChanged, first_block
        ).expecting(*EXCLUDED),
    ]
    for role, expected in (
        ("PROPOSER_ROLE", "Governor"),
        ("CANCELLER_ROLE", "Governor"),
        ("EXECUTOR_ROLE", "anybody"),
        ("DEFAULT_ADMIN_ROLE", "Timelock"),
    ):
        identifier = timelock_role(suite, role)
        granted = {
            str(log.account)
            for log in logs_of(timelock.RoleGranted, first_block)
            if bytes(log.role) == identifier
        }
        holding = {
            names.get(account, account)
            for account in granted
            if timelock.hasRole(identifier, account)
        }
        lines.append(_Holders("Timelock", f"all of {role}", holding).expecting(expected))
    return lines


@dataclass(frozen=True)
class _Holders:
    contract: str
    role: str
    accounts: set[str]

    def expecting(self, *expected: str) -> Role:
        actual = ", ".join(sorted(self.accounts)) or "nobody"
        return Role(self.contract, self.role, ", ".join(sorted(expected)), actual)


def _holders(
    names: dict[str, str], contract: str, role: str, event: Any, first_block: int
) -> _Holders:
    """Accounts whose last event of that kind gave the power: a flag or a cap above zero."""
    last: dict[str, bool] = {}
    for log in logs_of(event, first_block):
        account, *values = log.event_arguments.values()
        last[str(account)] = bool(values[-1])
    return _Holders(
        contract, role, {names.get(account, account) for account, held in last.items() if held}
    )


def logs_of(event: Any, first_block: int, last_block: int | None = None) -> list[Any]:
    """The event's logs from one block to another, both included; to the latest unless given."""
    return logs.of_event(event, first_block, last_block)


def timelock_role(suite: Suite, name: str) -> bytes:
    """Identifier of a role of the Timelock, by its name there."""
    return bytes(getattr(suite.timelock, name)())
