"""Anyone: settle what a model earned and bring each part to where it belongs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flywheel import chain
from flywheel.errors import fix
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Settlement:
    """What one settlement credited, in units of the asset."""

    amount: int
    treasury: int
    accounts: dict[str, int]
    campaigns: dict[int, int]


def settle(suite: Suite, caller: "AccountAPI", model_id: int) -> Settlement:
    """Splits everything that a model received since the last settlement.

    Raises `FlywheelError` if there is nothing to split.
    """
    if not chain.call(suite.router.pending, model_id, suite.asset.address):
        raise fix(
            f"Model {model_id} has received nothing since its last settlement",
            "Settle when a licensee has paid",
        )
    receipt = chain.send(suite.router.settle, model_id, suite.asset.address, sender=caller)
    router = suite.router
    accounts: dict[str, int] = {}
    for log in router.AccountCredited.from_receipt(receipt):
        accounts[str(log.account)] = accounts.get(str(log.account), 0) + int(log.amount)
    campaigns: dict[int, int] = {}
    for log in router.CampaignCredited.from_receipt(receipt):
        campaigns[int(log.campaign_id)] = campaigns.get(int(log.campaign_id), 0) + int(log.amount)
    return Settlement(
        amount=int(chain.event_of(receipt, router.RoyaltySettled).amount),
        treasury=sum(int(log.amount) for log in router.TreasuryCredited.from_receipt(receipt)),
        accounts=accounts,
        campaigns=campaigns,
    )


def forward_income(suite: Suite, caller: "AccountAPI") -> int:
    """Brings the DAO's part to the Treasury's income of the running epoch; returns units."""
    receipt = chain.send(suite.router.forward_income, suite.asset.address, sender=caller)
    return int(chain.event_of(receipt, suite.router.IncomeForwarded).amount)


def forward_campaign(suite: Suite, caller: "AccountAPI", campaign_id: int) -> int:
    """Brings a campaign its part; returns units."""
    receipt = chain.send(
        suite.router.forward_campaign, campaign_id, suite.asset.address, sender=caller
    )
    return int(chain.event_of(receipt, suite.router.CampaignForwarded).amount)


def withdraw(suite: Suite, caller: "AccountAPI", account: str) -> int:
    """Pays `account` its credit; returns units. Raises `FlywheelError` if it has none."""
    if not chain.call(suite.router.credit, account, suite.asset.address):
        raise fix(f"{account} has no royalties", "Settle its model first: ape run royalty settle")
    receipt = chain.send(suite.router.withdraw, account, suite.asset.address, sender=caller)
    return int(chain.event_of(receipt, suite.router.Withdrawn).amount)
