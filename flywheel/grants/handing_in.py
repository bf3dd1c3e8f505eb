"""What a builder hands in, checked against the terms before anything is sent."""

from pathlib import Path

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.grants.milestones import Submission
from flywheel.grants.progress import UNDER_REVIEW, Grant, Stage
from flywheel.wording.lexicon import show_time

MAX_URI = 128


def prepare(
    suite: Suite,
    grant: Grant,
    evidence: Path | None,
    uri: str,
    energy_report_id: int,
    model_id: int,
    claim_id: int,
) -> Submission:
    """The submission of the milestone in turn. Raises `FlywheelError` if the contract would refuse
    it: without a bond, too late, or without what the terms ask for."""
    stage = _in_turn(grant)
    given = {"an energy report": energy_report_id, "the model": model_id}
    for need in stage.needs:
        if not given.get(need, claim_id):
            raise fix(
                f"Milestone {stage.number} needs {need}",
                "Name it with --energy-report, --model or --claim",
            )
    if len(uri.encode()) > MAX_URI:
        raise fix("--uri is longer than 128 bytes", "Write a shorter one")
    if model_id:
        digest, address = _model(suite, grant, model_id)
        if evidence is not None:
            raise fix(
                "With --model the evidence is the digest of its weights", "Leave out --evidence"
            )
        return Submission(digest, uri or address, energy_report_id, model_id, claim_id)
    if evidence is None or not uri:
        raise fix("--evidence and --uri are missing", "Give the file and where it is published")
    digest = bytes(keccak(evidence.read_bytes()))
    return Submission(digest, uri, energy_report_id, 0, claim_id)


def _in_turn(grant: Grant) -> Stage:
    """The milestone that can be submitted now. Raises `FlywheelError` if there is none."""
    stage, show = grant.current, f"ape run grants show {grant.grant_id}"
    if not grant.is_bonded:
        raise fix(
            f"The bond of grant {grant.grant_id} is not posted",
            f"Post it with 'ape run grants bond {grant.grant_id}'",
        )
    if stage is None:
        raise fix(f"Every milestone of grant {grant.grant_id} is accepted", f"See '{show}'")
    if stage.state in UNDER_REVIEW:
        raise fix(f"Milestone {stage.number} is under review", f"See until when with '{show}'")
    if connection.now() < grant.opens_at:
        raise fix(
            f"Milestone {stage.number} may be submitted from {show_time(grant.opens_at)} on",
            "Milestones are 14 days apart, so that holders can answer",
        )
    if connection.now() >= stage.due_at:
        raise fix(f"Milestone {stage.number} is overdue", "Ask holders to move its date by a vote")
    return stage


def _model(suite: Suite, grant: Grant, model_id: int) -> tuple[bytes, str]:
    """Digest and card of a model of this grant. Raises `FlywheelError` if it is another's."""
    count = int(connection.call(suite.registry.model_count))
    if not 1 <= model_id <= count:
        raise _no_model(f"There is no model {model_id}", grant)
    found = connection.call(suite.registry.model, model_id)
    if int(found.grant_id) != grant.grant_id:
        raise _no_model(f"Model {model_id} is not of grant {grant.grant_id}", grant)
    address = str(connection.call(suite.registry.tokenURI, model_id))
    return bytes(found.weights_digest), address


def _no_model(problem: str, grant: Grant) -> FlywheelError:
    remedy = f"Register it with 'ape run models register --grant {grant.grant_id}'"
    return fix(problem, remedy)
