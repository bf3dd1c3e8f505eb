"""Builders apply: terms from a file, checked before anything is sent, and what a vote approves."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel import amounts, documents
from flywheel.chain import connection
from flywheel.deploy.parameters import purpose_id
from flywheel.deploy.suite import Suite
from flywheel.energy.figures import Phase
from flywheel.errors import fix, unknown
from flywheel.evaluations import scores
from flywheel.governance import proposals
from flywheel.grants import grant_terms
from flywheel.grants.grant_terms import GRAM_DECIMALS, NO_PHASE, GrantTerms, MilestoneTerms, Share
from flywheel.states import GrantKind, ReceiverKind
from flywheel.wording.describe import Words
from flywheel.wording.grants import approval_in_words

if TYPE_CHECKING:
    from ape.api import AccountAPI

PHASES = {
    False: NO_PHASE,
    True: Phase.TRAINING,
    "training": Phase.TRAINING,
    "serving": Phase.SERVING,
}


def apply(suite: Suite, builder: "AccountAPI", terms: GrantTerms) -> int:
    """Files an application; returns the grant's id."""
    argument = terms.argument(str(builder.address), str(suite.asset.address))
    receipt = connection.send(suite.applications.apply, argument, sender=builder)
    return int(connection.event_of(receipt, suite.applications.GrantApplied).grant_id)


def require(suite: Suite, grant_id: int) -> Any:
    """`Application` of a grant. Raises `FlywheelError` if there is none of this number."""
    count = int(connection.call(suite.applications.application_count))
    if not 1 <= grant_id <= count:
        raise unknown("grant", grant_id, count, "Nobody has applied for one yet")
    return connection.call(suite.applications.application, grant_id)


def approval(suite: Suite, grant_id: int) -> proposals.Action:
    """The action that approves a grant against the hash of the terms as they stand: the one that
    takes a strict vote if the grant is above the cap of its purpose.
    """
    told = require(suite, grant_id)
    if str(told.asset) != str(suite.asset.address):
        raise fix(f"Grant {grant_id} asks for another asset, {told.asset}", "Do not approve it")
    total = int(told.milestones_total) + int(told.compute_budget)
    is_ordinary = total <= connection.call(suite.treasury.grantable, told.purpose, told.asset)
    beyond = "" if is_ordinary else "BEYOND THE CAP of ordinary votes, "
    return proposals.action(
        suite.grants,
        "approve" if is_ordinary else "approve_beyond_cap",
        grant_id,
        bytes(told.terms_hash),
        words=beyond + approval_in_words(Words(suite), grant_id),
    )


# --- from a file ---


def read_application(suite: Suite, path: Path, builder: str) -> GrantTerms:
    """Terms from a checked YAML file. Raises `FlywheelError` with file, line and reason, also for
    whatever GrantApplications would refuse."""
    data = documents.load(path, "application")
    purpose = purpose_id(data.get("purpose", "grants"))

    def units(name: str) -> int:
        with documents.reading(path, name):
            return suite.units(data.get(name, 0))

    milestones = tuple(
        _milestone(suite, path, index, item) for index, item in enumerate(data["milestones"])
    )
    split = tuple(_share(item["to"], item["bps"], builder) for item in data.get("split", []))
    amounts_due = sum(item.amount for item in milestones)
    budget = _compute_budget(suite, path, data, units("compute_budget"), milestones)
    least = grant_terms.least_bond(amounts_due + budget)
    bond = units("bond") if "bond" in data else least
    if budget and not any("compute" in item for item in data["milestones"]):
        parts = grant_terms.unlocked(budget, bond, amounts_due, len(milestones))
        milestones = tuple(
            replace(item, compute_unlocked=part)
            for item, part in zip(milestones, parts, strict=True)
        )
    with documents.reading(path, "carbon_budget_kg"):
        grams = amounts.to_units(data.get("carbon_budget_kg", 0), GRAM_DECIMALS)
    terms = GrantTerms(
        kind=GrantKind[data.get("kind", "training").upper()],
        purpose=purpose,
        bond=bond,
        carbon_budget_grams=grams,
        max_price_per_gpu_hour=units("max_price_per_gpu_hour"),
        max_compute_per_day=units("max_compute_per_day"),
        milestones=milestones,
        split=split,
        max_owed_bps=data.get("max_owed_bps", 0),
        terms_hash=_terms_hash(path, data),
        terms_uri=data["terms_uri"],
    )
    documents.refuse(path, (*grant_terms.faults(terms, suite.money), *_unknown(suite, terms)))
    return terms


def _milestone(suite: Suite, path: Path, index: int, item: dict[str, Any]) -> MilestoneTerms:
    with documents.reading(path, "milestones", index):
        return MilestoneTerms(
            title=item["title"],
            amount=suite.units(item["amount"]),
            due_seconds=amounts.seconds(item["due"]),
            stream_seconds=amounts.seconds(item.get("stream", 0)),
            compute_unlocked=suite.units(item.get("compute", 0)),
            energy_phase=PHASES[item.get("energy_report", False)],
            model_required=item.get("model", False),
            benchmark_id=item.get("benchmark", 0),
            required_score=scores.parse(str(item["score"])) if "score" in item else 0,
        )


def _compute_budget(
    suite: Suite,
    path: Path,
    data: dict[str, Any],
    total: int,
    milestones: tuple[MilestoneTerms, ...],
) -> int:
    """What all milestones unlock. Raises `FlywheelError` if the file says two different sums."""
    if not any("compute" in item for item in data["milestones"]):
        return total
    unlocked = sum(item.compute_unlocked for item in milestones)
    if "compute_budget" in data and unlocked != total:
        why = f"the milestones unlock {suite.money(unlocked)}, not {suite.money(total)}"
        raise documents.misfit(path, ["compute_budget"], why)
    return unlocked


def _terms_hash(path: Path, data: dict[str, Any]) -> bytes:
    """Of the document that the file names; without one of its address."""
    if "terms_file" not in data:
        return bytes(keccak(text=data["terms_uri"]))
    document = path.parent / data["terms_file"]
    if not document.is_file():
        raise documents.misfit(path, ["terms_file"], f"there is no file {document}")
    return bytes(keccak(document.read_bytes()))


def _unknown(suite: Suite, terms: GrantTerms) -> list[grant_terms.Fault]:
    """What the terms name that is not on chain."""
    found = []
    if terms.purpose > connection.call(suite.treasury.purpose_count):
        why = f"the Treasury has no purpose {terms.purpose}"
        found.append(grant_terms.Fault(("purpose",), why))
    benchmarks = int(connection.call(suite.evaluations.benchmark_count))
    for index, item in enumerate(terms.milestones):
        if item.benchmark_id > benchmarks:
            why = f"there is no benchmark {item.benchmark_id}, there are {benchmarks}"
            found.append(grant_terms.Fault(("milestones", index, "benchmark"), why))
    campaigns = int(connection.call(suite.rewards.campaign_count))
    for index, share in enumerate(terms.split):
        if share.campaign_id > campaigns:
            why = f"there is no campaign {share.campaign_id}, there are {campaigns}"
            found.append(grant_terms.Fault(("split", index, "to"), why))
    return found


def _share(receiver: str, bps: int, builder: str) -> Share:
    if receiver == "treasury":
        return Share(ReceiverKind.TREASURY, bps)
    if receiver.startswith("campaign "):
        return Share(ReceiverKind.CAMPAIGN, bps, campaign_id=int(receiver.split()[1]))
    return Share(ReceiverKind.ACCOUNT, bps, account=builder if receiver == "builder" else receiver)
