"""Anyone: settle what a model earned and bring each part to where it belongs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_utils import to_checksum_address

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.royalties.receivers import ACCOUNT, ANCESTOR, CAMPAIGN, TREASURY, parts

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Settlement:
    """What one settlement credited, in units of the asset; ancestors by model id."""

    amount: int
    treasury: int
    accounts: dict[str, int]
    campaigns: dict[int, int]
    ancestors: dict[int, int]


def has_waiting(suite: Suite, model_id: int, asset: str) -> bool:
    """Whether a block of 10,000 units waits to be divided: paid for the model, or its own."""
    where = (model_id, asset)
    views = (suite.router.pending, suite.router.own_pending)
    return any(connection.call(view, *where) >= amounts.BPS for view in views)


def settle(suite: Suite, caller: "AccountAPI", model_id: int, asset: str) -> Settlement:
    """Splits the whole blocks of 10,000 units that wait for a model.

    Raises `FlywheelError` if there is none.
    """
    if not has_waiting(suite, model_id, asset):
        raise fix(
            f"Of model {model_id} less than a block of 10,000 units waits to be divided",
            "Settle when a licensee has paid",
        )
    receipt = connection.send(suite.router.settle, model_id, asset, sender=caller)
    log = connection.event_of(receipt, suite.router.RoyaltySettled)
    kinds = (TREASURY, ACCOUNT, CAMPAIGN, ANCESTOR)
    by_kind: dict[int, dict[int, int]] = {kind: {} for kind in kinds}
    for kind, number, amount in parts(log.parts):
        by_kind[kind][number] = by_kind[kind].get(number, 0) + amount
    accounts = by_kind[ACCOUNT].items()
    return Settlement(
        amount=int(log.amount),
        treasury=by_kind[TREASURY].get(0, 0),
        accounts={to_checksum_address(f"0x{number:040x}"): part for number, part in accounts},
        campaigns=by_kind[CAMPAIGN],
        ancestors=by_kind[ANCESTOR],
    )


def settle_all(
    suite: Suite, caller: "AccountAPI", model_ids: Iterable[int], asset: str
) -> dict[int, Settlement]:
    """Settles every model that has received something; returns what each settlement credited.

    Descendants come before their ancestors, whose ids are lower: afterwards nothing waits.
    """
    return {
        model_id: settle(suite, caller, model_id, asset)
        for model_id in sorted(model_ids, reverse=True)
        if has_waiting(suite, model_id, asset)
    }


def forward_income(suite: Suite, caller: "AccountAPI", asset: str) -> int:
    """Brings the DAO's part to the Treasury's income of the running epoch; returns units."""
    receipt = connection.send(suite.router.forward_income, asset, sender=caller)
    return int(connection.event_of(receipt, suite.router.IncomeForwarded).amount)


def forward_campaign(suite: Suite, caller: "AccountAPI", campaign_id: int, asset: str) -> int:
    """Brings a campaign its part; returns units."""
    receipt = connection.send(suite.router.forward_campaign, campaign_id, asset, sender=caller)
    return int(connection.event_of(receipt, suite.router.CampaignForwarded).amount)


def credit(suite: Suite, account: str, asset: str) -> int:
    """Units that settlements credited to `account` and that it has not taken."""
    return int(connection.call(suite.router.credit, account, asset))


def withdraw(suite: Suite, caller: "AccountAPI", account: str, asset: str) -> int:
    """Pays `account` its credit in the asset; returns units."""
    receipt = connection.send(suite.router.withdraw, account, asset, sender=caller)
    return int(connection.event_of(receipt, suite.router.Withdrawn).amount)
