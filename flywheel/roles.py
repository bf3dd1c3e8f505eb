"""Who should hold each power of the suite, and who does."""

from dataclasses import dataclass
from typing import Any

from flywheel import chain
from flywheel.suite import Suite

# The contracts whose powers an owner holds; all of them end with the Timelock.
GOVERNED = (
    "GovernanceToken",
    "Treasury",
    "HolderIncome",
    "FundingRounds",
    "EnergyLedger",
    "ComputeEscrow",
    "TrainingGrants",
    "ModelRegistry",
    "ContributorRewards",
    "RoyaltyRouter",
    "LicenseMarket",
)
GUARDED = (
    "FundingRounds",
    "ComputeEscrow",
    "EnergyLedger",
    "TrainingGrants",
    "ContributorRewards",
    "LicenseMarket",
)
# May hold governance tokens for others, or for the DAO: their balances earn no income.
EXCLUDED = (
    "Timelock",
    "Treasury",
    "HolderIncome",
    "FundingRounds",
    "ContributorRewards",
    "RoyaltyRouter",
)


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
            "anybody": chain.ZERO_ADDRESS,
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
        ("Treasury", "holder_income", suite.income, suite.treasury.holder_income()),
        ("ComputeEscrow", "grants", suite.grants, suite.escrow.grants()),
        ("EnergyLedger", "grants", suite.grants, suite.energy.grants()),
        ("EnergyLedger", "registry", suite.registry, suite.energy.registry()),
        ("Governor", "token", suite.token, suite.governor.token()),
        ("Governor", "timelock", suite.timelock, suite.governor.timelock()),
        ("HolderIncome", "treasury", suite.treasury, suite.income.TREASURY()),
        ("RoyaltyRouter", "treasury", suite.treasury, suite.router.treasury()),
        ("RoyaltyRouter", "rewards", suite.rewards, suite.router.rewards()),
        ("LicenseMarket", "router", suite.router, suite.market.router()),
        ("LicenseMarket", "treasury", suite.treasury, suite.market.treasury()),
        ("ModelRegistry", "grants", suite.grants, suite.registry.grants()),
    ]
    lines += [Role(name, role, named(want.address), named(got)) for name, role, want, got in pairs]
    flags = [
        ("Treasury", "committer TrainingGrants", suite.treasury.is_committer(suite.grants)),
        ("Treasury", "income source RoyaltyRouter", suite.treasury.is_income_source(suite.router)),
        ("RoyaltyRouter", "collector LicenseMarket", suite.router.is_collector(suite.market)),
        ("Treasury", "committer deployer", not suite.treasury.is_committer(deployer)),
        ("GovernanceToken", "minter deployer", suite.token.minter_cap(deployer) == 0),
        ("GovernanceToken", "minter FundingRounds", suite.token.minter_cap(suite.rounds) > 0),
        *(
            ("GovernanceToken", f"excluded {name}", suite.token.is_excluded(suite[name]))
            for name in EXCLUDED
        ),
    ]
    lines += [Role(name, role, "right", "right" if ok else "wrong") for name, role, ok in flags]
    return lines


def timelock_role(suite: Suite, name: str) -> bytes:
    """Identifier of a role of the Timelock, by its name there."""
    return bytes(getattr(suite.timelock, name)())
