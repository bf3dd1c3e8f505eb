"""The contracts of one deployment, by name."""

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from flywheel import amounts
from flywheel.chain import ape_internals, connection, folders
from flywheel.deploy import compiled
from flywheel.deploy.journal import Journal
from flywheel.deploy.parameters import TOKEN_DECIMALS
from flywheel.errors import fix
from flywheel.shown import Shown

# Another folder of journals than the project's: two deployments on one chain, or a test.
DEPLOYMENTS_VARIABLE = folders.DEPLOYMENTS_VARIABLE

# Deployment order: each contract knows only those before it.
CONTRACTS = (
    "Timelock",
    "GovernanceToken",
    "Treasury",
    "HolderIncome",
    "RoundRules",
    "FundingRounds",
    "Redemptions",
    "EnergyLedger",
    "Evaluations",
    "ContributorRewards",
    "GrantApplications",
    "ComputeEscrow",
    "TrainingGrants",
    "LineageRules",
    "ModelRegistry",
    "RoyaltyRouter",
    "LicenseCatalog",
    "LicenseMarket",
    "LicenseEnforcement",
    "LicenseRights",
    "Governor",
    "ProposalArchive",
)


def container(name: str) -> Any:
    """The compiled contract `name` of this project, with its ABI and byte code."""
    from ape.contracts import ContractContainer

    return ContractContainer(compiled.contract_type(name))


@dataclass
class Suite:
    """Contract instances by name; `asset` is the stablecoin that the deployment was made for."""

    contracts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_journal(cls, journal: Journal) -> "Suite":
        """The contracts that the journal names.

        Raises `FlywheelError` if one is missing, or if the chain is not the one they are on.
        """
        if not journal.contracts:
            raise fix(
                f"Nothing is deployed on chain {journal.chain_id}, by {journal.path}",
                "Deploy with 'ape run deploy', or name the folder of its journal in "
                f"{DEPLOYMENTS_VARIABLE}",
            )
        missing = [name for name in (*CONTRACTS, "Asset") if name not in journal.contracts]
        if missing:
            raise fix(
                f"The deployment on chain {journal.chain_id} lacks {', '.join(missing)}",
                "Finish it with 'ape run deploy'",
            )
        recorded_code(journal, CONTRACTS[0])
        return cls({name: at(name, entry["address"]) for name, entry in journal.contracts.items()})

    @classmethod
    def connected(cls) -> "Suite":
        """The deployment on the connected chain, from its journal."""
        return cls.from_journal(Journal.at(journal_path(), connection.chain_id()))

    def __getitem__(self, name: str) -> Any:
        return self.contracts[name]

    @property
    def asset(self) -> Any:
        return self["Asset"]

    @property
    def token(self) -> Any:
        return self["GovernanceToken"]

    @property
    def timelock(self) -> Any:
        return self["Timelock"]

    @property
    def governor(self) -> Any:
        return self["Governor"]

    @property
    def treasury(self) -> Any:
        return self["Treasury"]

    @property
    def income(self) -> Any:
        return self["HolderIncome"]

    @property
    def rounds(self) -> Any:
        return self["FundingRounds"]

    @property
    def redemptions(self) -> Any:
        return self["Redemptions"]

    @property
    def energy(self) -> Any:
        return self["EnergyLedger"]

    @property
    def evaluations(self) -> Any:
        return self["Evaluations"]

    @property
    def escrow(self) -> Any:
        return self["ComputeEscrow"]

    @property
    def applications(self) -> Any:
        return self["GrantApplications"]

    @property
    def grants(self) -> Any:
        return self["TrainingGrants"]

    @property
    def registry(self) -> Any:
        return self["ModelRegistry"]

    @property
    def rewards(self) -> Any:
        return self["ContributorRewards"]

    @property
    def router(self) -> Any:
        return self["RoyaltyRouter"]

    @property
    def market(self) -> Any:
        return self["LicenseMarket"]

    @property
    def catalog(self) -> Any:
        return self["LicenseCatalog"]

    @property
    def enforcement(self) -> Any:
        return self["LicenseEnforcement"]

    @property
    def rights(self) -> Any:
        return self["LicenseRights"]

    @cached_property
    def decimals(self) -> int:
        """Decimals of the asset."""
        return int(self.asset.decimals())

    @cached_property
    def symbol(self) -> str:
        return str(self.asset.symbol())

    @cached_property
    def token_symbol(self) -> str:
        return str(self.token.symbol())

    def money(self, units: int) -> Shown:
        """Units of the asset for people: "12.5 USDC"."""
        return amounts.show(units, self.decimals, self.symbol)

    def tokens(self, wei: int) -> Shown:
        """Governance tokens for people."""
        return amounts.show(wei, TOKEN_DECIMALS, self.token_symbol)

    def units(self, text: str | int) -> int:
        """Units of the asset from what a person wrote."""
        return amounts.to_units(text, self.decimals)


def at(name: str, address: str) -> Any:
    """Instance of contract `name` at `address`; the asset is read through the mock's ABI."""
    from eth_utils import to_checksum_address

    compiled_as = "MockAsset" if name == "Asset" else name
    read = partial(compiled.contract_type, compiled_as)
    return ape_internals.contract_at(to_checksum_address(address), read)


def recorded_code(journal: Journal, name: str) -> bytes:
    """Runtime code where the journal has `name`. Raises `FlywheelError` if there is none."""
    address = journal.contracts[name]["address"]
    code = bytes(connection.provider().get_code(address))
    if not code:
        raise fix(
            f"{name} is in the journal at {address}, but this chain has no code there",
            "Name the chain that you mean with --network; or, if it was reset, move "
            f"{journal.path} away and deploy again",
        )
    return code


def journal_path() -> Path:
    """`<chain id>.json` of the connected chain, in deployments/ or in $FLYWHEEL_DEPLOYMENTS."""
    return folders.deployments() / f"{connection.chain_id()}.json"


def first_block() -> int:
    """Where the events of the connected deployment begin; 0 on the embedded chain, which has no
    journal of its own."""
    if connection.provider().name == "test":
        return 0
    return int(Journal.at(journal_path(), connection.chain_id()).values.get("first_block", 0))
