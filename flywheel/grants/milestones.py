"""Builders: apply for a grant, deliver milestones, draw what is earned."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel import amounts, documents
from flywheel.chain import connection
from flywheel.deploy.parameters import purpose_id
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.governance import proposals
from flywheel.states import GrantKind, ReceiverKind

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Share:
    """One receiver of a model's revenue."""

    kind: ReceiverKind
    bps: int
    account: str = connection.ZERO_ADDRESS
    campaign_id: int = 0

    @property
    def argument(self) -> tuple[int, str, int, int]:
        return int(self.kind), self.account, self.campaign_id, self.bps


@dataclass(frozen=True)
class MilestoneTerms:
    title: str
    amount: int
    due_seconds: int
    energy_required: bool

    @property
    def argument(self) -> tuple[int, int, bool, bytes]:
        return (
            self.amount,
            self.due_seconds,
            self.energy_required,
            bytes(keccak(text=self.title)),
        )


@dataclass(frozen=True)
class GrantTerms:
    """Terms of a grant; amounts in units of the asset."""

    kind: GrantKind
    purpose: int
    compute_budget: int
    milestones: tuple[MilestoneTerms, ...]
    split: tuple[Share, ...]
    terms_uri: str

    @property
    def total(self) -> int:
        return self.compute_budget + sum(item.amount for item in self.milestones)


def apply(suite: Suite, builder: "AccountAPI", terms: GrantTerms) -> int:
    """Files an application; returns the grant's id."""
    receipt = connection.send(
        suite.grants.apply,
        (
            int(terms.kind),
            builder.address,
            suite.asset.address,
            terms.purpose,
            terms.compute_budget,
            [item.argument for item in terms.milestones],
            [share.argument for share in terms.split],
            bytes(keccak(text=terms.terms_uri)),
            terms.terms_uri,
        ),
        sender=builder,
    )
    return int(connection.event_of(receipt, suite.grants.GrantApplied).grant_id)


def approval(suite: Suite, grant_id: int) -> proposals.Action:
    """The action that approves a grant against the hash of the terms as they stand: the one that
    takes a strict vote if the grant is above the cap of its purpose.
    """
    if not 1 <= grant_id <= suite.grants.grant_count():
        raise fix(f"There is no grant {grant_id}", "List them with 'ape run grants show'")
    terms = connection.call(suite.grants.terms, grant_id)
    if str(terms.asset) != str(suite.asset.address):
        raise fix(f"Grant {grant_id} asks for another asset, {terms.asset}", "Do not approve it")
    total = sum(item.amount for item in terms.milestones) + terms.compute_budget
    split = ", ".join(
        f"{amounts.show_bps(share.bps)} to {_receiver(share)}" for share in terms.split
    )
    is_ordinary = total <= connection.call(suite.treasury.grantable, terms.purpose, terms.asset)
    beyond = "" if is_ordinary else "BEYOND THE CAP of ordinary votes, "
    return proposals.action(
        suite.grants,
        "approve" if is_ordinary else "approve_beyond_cap",
        grant_id,
        connection.call(suite.grants.terms_hash, grant_id),
        words=(
            f"{beyond}approve grant {grant_id}: {suite.money(total)} to {terms.recipient} in "
            f"{len(terms.milestones)} milestones, "
            f"{suite.money(terms.compute_budget)} of it for compute; "
            f"its models' revenue goes {split or 'nowhere'}"
        ),
    )


def _receiver(share: Any) -> str:
    kind = ReceiverKind(share.kind)
    if kind == ReceiverKind.CAMPAIGN:
        return f"campaign {share.campaign_id}"
    return "the treasury" if kind == ReceiverKind.TREASURY else str(share.account)


def submit(
    suite: Suite,
    builder: "AccountAPI",
    grant_id: int,
    milestone: int,
    evidence_hash: bytes,
    evidence_uri: str,
    energy_report_id: int = 0,
) -> int:
    """Submits a milestone; returns the time from which it is payable unless somebody objects."""
    receipt = connection.send(
        suite.grants.submit,
        grant_id,
        milestone,
        evidence_hash,
        evidence_uri,
        energy_report_id,
        sender=builder,
    )
    return int(connection.event_of(receipt, suite.grants.MilestoneSubmitted).payable_at)


def object_to(
    suite: Suite, holder: "AccountAPI", grant_id: int, milestone: int, reason: str
) -> None:
    """Objects to a submission: a vote must decide it."""
    connection.send(
        suite.grants.object, grant_id, milestone, bytes(keccak(text=reason)), sender=holder
    )


def decision(
    suite: Suite, grant_id: int, milestone: int, accepted: bool, reason: str
) -> proposals.Action:
    """The action that decides an objected milestone."""
    verb = "accept" if accepted else "reject"
    return proposals.action(
        suite.grants,
        "decide",
        grant_id,
        milestone,
        accepted,
        bytes(keccak(text=reason)),
        words=f"{verb} milestone {milestone} of grant {grant_id}: {reason}",
    )


def draw(suite: Suite, caller: "AccountAPI", grant_id: int) -> int:
    """Pays the recipient every accepted milestone; returns units paid."""
    receipt = connection.send(suite.grants.draw, grant_id, sender=caller)
    return sum(int(log.amount) for log in suite.grants.MilestonePaid.from_receipt(receipt))


# --- applications from a file ---


def read_application(suite: Suite, path: Path, builder: str) -> GrantTerms:
    """Terms from a checked YAML file. Raises `FlywheelError` with file, line and reason."""
    data = documents.load(path, "application")
    shares = tuple(_share(item["to"], item["bps"], builder) for item in data.get("split", []))
    if shares and sum(share.bps for share in shares) != amounts.BPS:
        raise fix(f"{path}: the split does not sum to 10000", "Make its parts sum to 10000")
    purpose = purpose_id(data.get("purpose", "grants"))
    if purpose > connection.call(suite.treasury.purpose_count):
        raise documents.misfit(path, ["purpose"], f"the Treasury has no purpose {purpose}")
    return GrantTerms(
        kind=GrantKind[data.get("kind", "training").upper()],
        purpose=purpose,
        compute_budget=suite.units(data.get("compute_budget", 0)),
        milestones=tuple(
            MilestoneTerms(
                item["title"],
                suite.units(item["amount"]),
                amounts.seconds(item["due"]),
                item.get("energy_report", False),
            )
            for item in data["milestones"]
        ),
        split=shares,
        terms_uri=data["terms_uri"],
    )


def _share(receiver: str, bps: int, builder: str) -> Share:
    if receiver == "treasury":
        return Share(ReceiverKind.TREASURY, bps)
    if receiver.startswith("campaign "):
        return Share(ReceiverKind.CAMPAIGN, bps, campaign_id=int(receiver.split()[1]))
    return Share(ReceiverKind.ACCOUNT, bps, account=builder if receiver == "builder" else receiver)
