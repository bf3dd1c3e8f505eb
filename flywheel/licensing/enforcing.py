"""What happens when a licensee is late, and how it answers: bonds, ends, assessments, disputes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.licensing import licenses
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI

# Who paid an audit gets at most one part in so many of a bond that is lost by it.
AUDIT_PARTS = 2


@dataclass(frozen=True)
class Finding:
    """What an audit says of a period; amounts in units of the licence's asset.

    `auditor` is who paid `audit_cost` for it, both empty if nobody is to get anything.
    """

    license_id: int
    period: int
    revenue: int
    units: int
    evidence_hash: bytes
    auditor: str = ""
    audit_cost: int = 0

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Of `assess`, which takes the audit or leaves it out."""
        found = (self.license_id, self.period, self.revenue, self.units, self.evidence_hash)
        return (*found, self.auditor, self.audit_cost) if self.audit_cost else found


def assess(suite: Suite, arbiter: "AccountAPI", finding: Finding) -> None:
    """The arbiter says after an audit what the figures of a period really were."""
    connection.send(suite.enforcement.assess, *finding.arguments, sender=arbiter)


def as_named_action(suite: Suite, finding: Finding) -> dict[str, Any]:
    """The finding as `ape run vote propose` reads it, amounts with their unit."""
    terms = licenses.terms_of(suite, licenses.get(suite, finding.license_id).terms_id)
    is_usual = licenses.same_account(terms.asset, suite.asset.address)

    def money(units: int) -> str:
        # The call names no asset: only the suite's may be written in whole coins.
        return amounts.show(units, suite.decimals, suite.symbol) if is_usual else f"{units} units"

    arguments: dict[str, Any] = {
        "license_id": finding.license_id,
        "period": finding.period,
        "revenue": money(finding.revenue),
        "units": finding.units,
        "evidence_hash": f"0x{finding.evidence_hash.hex()}",
    }
    if finding.audit_cost:
        arguments |= {"auditor": finding.auditor, "audit_cost": money(finding.audit_cost)}
    return {"contract": "LicenseEnforcement", "function": "assess", "arguments": arguments}


def enforce(suite: Suite, caller: "AccountAPI", license_id: int) -> tuple[int, int]:
    """Books missing periods, up to 16, and pays what is overdue from the bond.

    Returns the number of periods booked and the units paid.
    """
    receipt = connection.send(suite.enforcement.enforce, license_id, sender=caller)
    log = connection.event_of(receipt, suite.enforcement.Enforced)
    return int(log.booked), int(log.amount)


def terminate(suite: Suite, caller: "AccountAPI", license_id: int) -> bool:
    """Enforces a licence that was not cured in time and ends it, if its bond did not cure it.
    What it owes stays owed. Returns whether it ended."""
    receipt = connection.send(suite.enforcement.terminate, license_id, sender=caller)
    return bool(connection.events_of(receipt, suite.enforcement.Terminated))


def fill_bond(suite: Suite, payer: "AccountAPI", license_id: int) -> int:
    """Fills the bond of a licence up to what its terms ask for; returns the units paid."""
    terms = licenses.terms_of(suite, licenses.get(suite, license_id).terms_id)
    missing = max(0, terms.bond - int(suite.enforcement.bond(license_id)))
    unit = assets.unit_of(suite, terms.asset)
    assets.require_balance(suite, str(payer.address), missing, unit)
    call = (suite.enforcement.fill_bond, license_id, missing)
    receipt = assets.pay(suite, payer, suite.enforcement, missing, unit, call)
    return int(connection.event_of(receipt, suite.enforcement.BondReceived).amount)


def surrender(suite: Suite, licensee: "AccountAPI", license_id: int) -> int:
    """Gives a perpetual licence up; returns the first second after it."""
    receipt = connection.send(suite.enforcement.surrender, license_id, sender=licensee)
    return int(connection.event_of(receipt, suite.enforcement.Surrendered).ends_at)


def release_bond(suite: Suite, caller: "AccountAPI", license_id: int) -> int:
    """Returns the bond of a licence that is over to its holder; returns units."""
    receipt = connection.send(suite.enforcement.release_bond, license_id, sender=caller)
    return int(connection.event_of(receipt, suite.enforcement.BondReturned).amount)


def conclude(suite: Suite, caller: "AccountAPI", license_id: int, period: int) -> int:
    """Makes an undisputed assessment stand; returns the units that its period owes more."""
    receipt = connection.send(suite.enforcement.conclude, license_id, period, sender=caller)
    return int(connection.event_of(receipt, suite.enforcement.AssessmentConcluded).raised)


def dispute(
    suite: Suite,
    licensee: "AccountAPI",
    license_id: int,
    period: int,
    amount: int,
    evidence_hash: bytes,
) -> None:
    """Puts a disputed amount into escrow, where it waits until the arbiter decides."""
    terms = licenses.terms_of(suite, licenses.get(suite, license_id).terms_id)
    unit = assets.unit_of(suite, terms.asset)
    assets.require_balance(suite, str(licensee.address), amount, unit)
    call = (suite.enforcement.dispute, license_id, period, amount, evidence_hash)
    assets.pay(suite, licensee, suite.enforcement, amount, unit, call)


def expire(suite: Suite, caller: "AccountAPI", license_id: int, period: int) -> None:
    """Ends a dispute that was not decided in time: all of the escrow was owed."""
    connection.send(suite.enforcement.expire, license_id, period, sender=caller)


def answer(suite: Suite, licensee: "AccountAPI", license_id: int, answer_hash: bytes) -> None:
    """Answers an accusation of misuse, for the record and for whoever decides."""
    connection.send(suite.enforcement.answer, license_id, answer_hash, sender=licensee)


def withdraw(suite: Suite, caller: "AccountAPI", account: str, asset: str) -> int:
    """Pays `account` what waits for it: what decisions gave back, what lost bonds paid for its
    audits. Returns units, 0 if there is nothing."""
    receipt = connection.send(suite.enforcement.withdraw, account, asset, sender=caller)
    return sum(int(log.amount) for log in connection.events_of(receipt, suite.enforcement.Refunded))
