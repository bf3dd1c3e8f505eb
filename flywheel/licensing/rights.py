"""Who may use a model: present a licence, pass it on, and look it up as a third party."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.licensing import licenses
from flywheel.models.kinds import KINDS
from flywheel.wording.lexicon import show_time

if TYPE_CHECKING:
    from ape.api import AccountAPI

SUBLICENCE = 2**63  # Ids of sublicences are this and their number.


@dataclass(frozen=True)
class Verdict:
    """Whether an account may use a model, under which licence (0: none), and why not."""

    licensed: bool
    license_id: int
    reason: str


@dataclass(frozen=True)
class Sublicence:
    """`ends_at` is 0 while it runs."""

    sublicense_id: int
    parent_id: int
    licensee: str
    starts_at: int
    ends_at: int


def present(suite: Suite, licensee: "AccountAPI", license_id: int) -> int:
    """Makes this the licence that `is_licensed` reads for the caller; returns the model."""
    receipt = connection.send(suite.rights.present, license_id, sender=licensee)
    return int(connection.event_of(receipt, suite.rights.LicensePresented).model_id)


def sublicense(suite: Suite, holder: "AccountAPI", license_id: int, licensee: str) -> int:
    """Grants a licence under one's own; returns the sublicence's id."""
    receipt = connection.send(suite.rights.sublicense, license_id, licensee, sender=holder)
    return int(connection.event_of(receipt, suite.rights.Sublicensed).sublicense_id)


def end_sublicense(suite: Suite, caller: "AccountAPI", sublicense_id: int) -> None:
    connection.send(suite.rights.end_sublicense, sublicense_id, sender=caller)


def get_sublicence(suite: Suite, sublicense_id: int) -> Sublicence:
    """Raises `FlywheelError` if it does not exist."""
    data = connection.call(suite.rights.sublicense_of, sublicense_id)
    ends_at = int(data.ends_at)
    return Sublicence(
        sublicense_id=sublicense_id,
        parent_id=int(data.parent_id),
        licensee=str(data.licensee),
        starts_at=int(data.starts_at),
        ends_at=0 if ends_at >= licenses.FOREVER else ends_at,
    )


def kind_value(kind: str) -> int:
    """The value of a kind of derived model, 0 for "use". Raises `FlywheelError`."""
    name = kind.lower().replace("-", "_")
    if name == "use":
        return 0
    if name not in KINDS:
        raise fix(f"'{kind}' is no kind of model", f"Write use, or one of {', '.join(KINDS)}")
    return 1 << KINDS.index(name)


def verify(suite: Suite, model_id: int, account: str, kind: str, at: int) -> Verdict:
    """Whether `account` was licensed to use a model, or to derive `kind` of it, at `at`."""
    rights, value = suite.rights, kind_value(kind)
    licenses.owner_of_model(suite, model_id)
    shown = int(connection.call(rights.presented, model_id, account, at))
    if connection.call(rights.is_licensed, model_id, account, value, at):
        return Verdict(True, shown, "")
    if shown:
        return Verdict(False, shown, _why_not(suite, shown, account, kind, at))
    for licence in licenses.of_account(suite, account):
        ours = licence.model_id == model_id
        if ours and connection.call(rights.is_covered, licence.license_id, account, value, at):
            return Verdict(
                False,
                licence.license_id,
                f"licence {licence.license_id} would cover it, but was not presented by then: its "
                f"holder calls present({licence.license_id}) of LicenseRights, or runs "
                f"'ape run license present {licence.license_id}'",
            )
    return Verdict(False, 0, "no licence was presented")


def _why_not(suite: Suite, license_id: int, account: str, kind: str, at: int) -> str:
    """What a presented licence lacks, in the order in which LicenseRights asks."""
    name = f"licence {license_id}"
    parent_id = license_id
    if license_id >= SUBLICENCE:
        granted = get_sublicence(suite, license_id)
        name = f"sublicence {license_id}"
        parent_id = granted.parent_id
        if granted.ends_at and at >= granted.ends_at:
            return f"{name} was ended on {show_time(granted.ends_at)}"
    elif not licenses.same_account(suite.market.owner_at(license_id, at), account):
        return f"{name} did not belong to {account} then"
    return f"{name} {_fault(suite, parent_id, kind, at)}"


def _fault(suite: Suite, license_id: int, kind: str, at: int) -> Any:
    licence = licenses.get(suite, license_id)
    terms = licenses.terms_of(suite, licence.terms_id)
    if at < licence.starts_at:
        return f"began on {show_time(licence.starts_at)}"
    if at >= licence.ends_at:
        return f"ended on {show_time(licence.ends_at)}"
    if licence.overdue_since and at >= licence.overdue_since:
        return f"is out of good standing since {show_time(licence.overdue_since)}"
    if suite.market.lapsed_at(license_id, at):
        return "was out of good standing then"
    allowed = ", ".join(KINDS[number] for number, _ in terms.derivation_bps) or "nothing"
    return f"does not allow to derive {kind}: it allows {allowed}"
