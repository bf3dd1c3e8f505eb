"""Builders deliver: the bond, submissions, payments, the end of a grant, who its recipient is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.grants import applications
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Submission:
    """What is handed in for the milestone in turn; ids are 0 where nothing is named."""

    evidence_hash: bytes
    evidence_uri: str
    energy_report_id: int = 0
    model_id: int = 0
    claim_id: int = 0


@dataclass(frozen=True)
class Submitted:
    """`accepts_at` is when time alone accepts it; None if only a vote does."""

    milestone: int
    number: int
    accepts_at: int | None


@dataclass(frozen=True)
class Drawn:
    """Units of the grant's asset: for milestones, and the bond that came back with the last."""

    paid: int
    bond: int


def bond_of(suite: Suite, grant_id: int) -> tuple[int, assets.Unit]:
    """What has to be posted. Raises `FlywheelError` if there is no such grant, or if it is."""
    told = applications.require(suite, grant_id)
    if connection.call(suite.grants.commitments, grant_id)[1]:
        raise fix(f"The bond of grant {grant_id} is posted", "There is nothing to do")
    return int(told.bond), assets.unit_of(suite, str(told.asset))


def post_bond(suite: Suite, payer: "AccountAPI", grant_id: int) -> int:
    """Posts the bond, with the allowance that it needs; returns its units."""
    bond, unit = bond_of(suite, grant_id)
    assets.require_balance(suite, str(payer.address), bond, unit)
    call = (suite.grants.post_bond, grant_id)
    assets.pay(suite, payer, suite.grants, bond, unit, call)
    return bond


def submit(suite: Suite, builder: "AccountAPI", grant_id: int, work: Submission) -> Submitted:
    """Hands in the milestone in turn."""
    receipt = connection.send(
        suite.grants.submit,
        grant_id,
        work.evidence_hash,
        work.evidence_uri,
        work.energy_report_id,
        work.model_id,
        work.claim_id,
        sender=builder,
    )
    log = connection.event_of(receipt, suite.grants.MilestoneSubmitted)
    accepts_at = time_of(int(log.accepts_at))
    return Submitted(int(log.milestone), int(log.submission), accepts_at)


def withdraw(suite: Suite, builder: "AccountAPI", grant_id: int) -> int:
    """Takes the submission under review back; returns the number of its milestone."""
    receipt = connection.send(suite.grants.withdraw_submission, grant_id, sender=builder)
    return int(connection.event_of(receipt, suite.grants.SubmissionWithdrawn).milestone)


def draw(suite: Suite, caller: "AccountAPI", grant_id: int) -> Drawn:
    """Pays the recipient what accepted milestones have released."""
    receipt = connection.send(suite.grants.draw, grant_id, sender=caller)
    paid = connection.events_of(receipt, suite.grants.MilestonePaid)
    completed = connection.events_of(receipt, suite.grants.GrantCompleted)
    return Drawn(sum(int(log.amount) for log in paid), sum(int(log.bond) for log in completed))


def expire(suite: Suite, caller: "AccountAPI", grant_id: int) -> int:
    """Ends an overdue grant; returns the units that went back to its purpose, without the bond."""
    receipt = connection.send(suite.grants.expire, grant_id, sender=caller)
    return int(connection.event_of(receipt, suite.grants.GrantExpired).returned)


# --- recipients ---


def propose_recipient(
    suite: Suite, builder: "AccountAPI", grant_id: int, new_recipient: str
) -> None:
    """Names who may take the grant over; nobody with the zero address."""
    connection.send(suite.grants.propose_recipient, grant_id, new_recipient, sender=builder)


def accept_recipient(suite: Suite, account: "AccountAPI", grant_id: int) -> None:
    """Takes a grant over."""
    connection.send(suite.grants.accept_recipient, grant_id, sender=account)


def time_of(timestamp: int) -> int | None:
    """A time of the contracts, None for the end of all time: what only a vote decides."""
    return None if timestamp == 2**256 - 1 else timestamp
