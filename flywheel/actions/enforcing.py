"""What happens when a licensee is late, and how it answers: bonds, ends, assessments, disputes."""

from typing import TYPE_CHECKING

from flywheel import chain
from flywheel.actions import assets, licensing
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


def enforce(suite: Suite, caller: "AccountAPI", license_id: int) -> tuple[int, int]:
    """Books missing periods, up to 16, and pays what is overdue from the bond.

    Returns the number of periods booked and the units paid.
    """
    receipt = chain.send(suite.enforcement.enforce, license_id, sender=caller)
    log = chain.event_of(receipt, suite.enforcement.Enforced)
    return int(log.booked), int(log.amount)


def terminate(suite: Suite, caller: "AccountAPI", license_id: int) -> bool:
    """Enforces a licence that was not cured in time and ends it, if its bond did not cure it.
    What it owes stays owed. Returns whether it ended."""
    receipt = chain.send(suite.enforcement.terminate, license_id, sender=caller)
    return bool(chain.events_of(receipt, suite.enforcement.Terminated))


def surrender(suite: Suite, licensee: "AccountAPI", license_id: int) -> int:
    """Gives a perpetual licence up; returns the first second after it."""
    receipt = chain.send(suite.enforcement.surrender, license_id, sender=licensee)
    return int(chain.event_of(receipt, suite.enforcement.Surrendered).ends_at)


def release_bond(suite: Suite, caller: "AccountAPI", license_id: int) -> int:
    """Returns the bond of a licence that is over to its holder; returns units."""
    receipt = chain.send(suite.enforcement.release_bond, license_id, sender=caller)
    return int(chain.event_of(receipt, suite.enforcement.BondReturned).amount)


def conclude(suite: Suite, caller: "AccountAPI", license_id: int, period: int) -> int:
    """Makes an undisputed assessment stand; returns the units that its period owes more."""
    receipt = chain.send(suite.enforcement.conclude, license_id, period, sender=caller)
    return int(chain.event_of(receipt, suite.enforcement.AssessmentConcluded).raised)


def dispute(
    suite: Suite,
    licensee: "AccountAPI",
    license_id: int,
    period: int,
    amount: int,
    evidence_hash: bytes,
) -> None:
    """Puts a disputed amount into escrow, where it waits until the arbiter decides."""
    terms = licensing.terms_of(suite, licensing.get(suite, license_id).terms_id)
    unit = assets.unit_of(suite, terms.asset)
    assets.ensure_allowance(suite, licensee, suite.enforcement, amount, unit)
    chain.send(
        suite.enforcement.dispute, license_id, period, amount, evidence_hash, sender=licensee
    )


def expire(suite: Suite, caller: "AccountAPI", license_id: int, period: int) -> None:
    """Ends a dispute that was not decided in time: all of the escrow was owed."""
    chain.send(suite.enforcement.expire, license_id, period, sender=caller)


def answer(suite: Suite, licensee: "AccountAPI", license_id: int, answer_hash: bytes) -> None:
    """Answers an accusation of misuse, for the record and for whoever decides."""
    chain.send(suite.enforcement.answer, license_id, answer_hash, sender=licensee)


def withdraw(suite: Suite, caller: "AccountAPI", account: str, asset: str) -> int:
    """Pays `account` what decisions gave back; returns units, 0 if there is nothing."""
    receipt = chain.send(suite.enforcement.withdraw, account, asset, sender=caller)
    return sum(int(log.amount) for log in chain.events_of(receipt, suite.enforcement.Refunded))
