"""What happens when a licensee is late, and how it answers: bonds, ends, assessments, disputes."""

from typing import TYPE_CHECKING

from flywheel import chain
from flywheel.actions import assets, licensing
from flywheel.offer_terms import Unit
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


def enforce(suite: Suite, caller: "AccountAPI", license_id: int) -> tuple[int, int]:
    """Books missing periods, up to 12, and pays what is overdue from the bond.

    Returns the number of periods booked and the units paid.
    """
    receipt = chain.send(suite.enforcement.enforce, license_id, sender=caller)
    log = chain.event_of(receipt, suite.enforcement.Enforced)
    return int(log.booked), int(log.amount)


def terminate(suite: Suite, caller: "AccountAPI", license_id: int) -> None:
    """Ends a licence that was not cured in time and has no bond left. What it owes stays owed."""
    chain.send(suite.enforcement.terminate, license_id, sender=caller)


def surrender(suite: Suite, licensee: "AccountAPI", license_id: int) -> int:
    """Gives a perpetual licence up; returns the first second after it."""
    receipt = chain.send(suite.enforcement.surrender, license_id, sender=licensee)
    return int(chain.event_of(receipt, suite.enforcement.Surrendered).ends_at)


def release_bond(suite: Suite, caller: "AccountAPI", license_id: int) -> int:
    """Returns the bond of a licence that is over to its holder; returns units."""
    receipt = chain.send(suite.enforcement.release_bond, license_id, sender=caller)
    return int(chain.event_of(receipt, suite.enforcement.BondReturned).amount)


def conclude(suite: Suite, caller: "AccountAPI", license_id: int) -> int:
    """Makes an undisputed assessment due; returns the units that its period owes more."""
    receipt = chain.send(suite.enforcement.conclude, license_id, sender=caller)
    return int(chain.event_of(receipt, suite.enforcement.AssessmentConcluded).extra)


def dispute(
    suite: Suite,
    licensee: "AccountAPI",
    license_id: int,
    period: int,
    amount: int,
    evidence_hash: bytes,
) -> None:
    """Puts a disputed amount into escrow, where it counts as paid until a vote decides."""
    terms = licensing.terms_of(suite, licensing.get(suite, license_id).terms_id)
    unit = assets.unit_of(suite, terms.asset)
    assets.ensure_allowance(suite, licensee, suite.enforcement, amount, unit)
    chain.send(
        suite.enforcement.dispute, license_id, period, amount, evidence_hash, sender=licensee
    )


def expire(suite: Suite, caller: "AccountAPI", license_id: int) -> None:
    """Ends a dispute that no vote decided in time: all of the escrow goes to the model."""
    chain.send(suite.enforcement.expire, license_id, sender=caller)


def withdraw(suite: Suite, caller: "AccountAPI", account: str, asset: str) -> int:
    """Pays `account` what decisions gave back; returns units, 0 if there is nothing."""
    receipt = chain.send(suite.enforcement.withdraw, account, asset, sender=caller)
    return sum(int(log.amount) for log in chain.events_of(receipt, suite.enforcement.Refunded))


def offer_in_kind(
    suite: Suite, licensee: "AccountAPI", license_id: int, token: Unit, amount: int, credit: int
) -> None:
    """Offers tokens for a part of what a licence owes; they wait until a vote takes them."""
    assets.ensure_allowance(suite, licensee, suite.enforcement, amount, token)
    chain.send(
        suite.enforcement.offer_in_kind, license_id, token.address, amount, credit, sender=licensee
    )


def withdraw_in_kind(suite: Suite, caller: "AccountAPI", license_id: int) -> tuple[str, int]:
    """Takes an open offer back; returns the token and the units of it."""
    receipt = chain.send(suite.enforcement.withdraw_in_kind, license_id, sender=caller)
    log = chain.event_of(receipt, suite.enforcement.InKindWithdrawn)
    return str(log.token), int(log.amount)
