"""TrainingGrants: what is handed in, when, and what it has to name."""

import boa
import pytest
from eth_utils import keccak

from tests import support
from tests.kits.evaluations import make_benchmark, make_claim
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    BENCHMARK,
    ESCALATION_SECONDS,
    EVIDENCE,
    LOCKED,
    OBJECTED,
    PAID,
    PHASE_SERVING,
    PHASE_TRAINING,
    REVIEW_SECONDS,
    SUBMITTED,
    event_names,
    logged,
    three_milestones,
)
from tests.kits.models import register

DIGEST = b"\xd1" * 32
REQUIRED = 700_000
MAX_SUBMISSIONS = 2**16 - 1


def with_model(**changes) -> dict:
    """Terms whose first milestone asks for a model."""
    return {"milestones": three_milestones(model_required=True), **changes}


# --- submit ---


def test_submit__in_turn__recorded_and_logged(world, grant_id):
    due_at = world.due_at(grant_id)
    world.submit(grant_id)
    at = support.now()
    assert logged(world.grants) == [
        (
            "MilestoneSubmitted",
            {
                "grant_id": grant_id,
                "milestone": 1,
                "submission": 1,
                "evidence_hash": EVIDENCE,
                "evidence_uri": "ipfs://evidence",
                "energy_report_id": 0,
                "model_id": 0,
                "claim_id": 0,
                "accepts_at": at + REVIEW_SECONDS,
            },
        )
    ]
    assert world.grants.milestone(grant_id, 1)._asdict() == {
        "state": SUBMITTED,
        "amount": AMOUNTS[0],
        "due_at": due_at,
        "submission": 1,
        "submitted_at": at,
        "accepts_at": at + REVIEW_SECONDS,
        "objection_votes": 0,
        "energy_report_id": 0,
        "evidence_hash": EVIDENCE,
        "accepted_at": 0,
        "earned": 0,
        "paid": 0,
    }


@pytest.mark.parametrize("role", ["owner", "guardian", "provider", "stranger"])
def test_submit__not_the_recipient__reverts(world, grant_id, role):
    with boa.reverts("caller is not the recipient"):
        world.grants.submit(grant_id, EVIDENCE, "", 0, 0, 0, sender=getattr(world, role))


def test_submit__application_or_unknown__reverts(world, application):
    """Nobody is the recipient of a grant before it is approved."""
    for not_approved in (application, 0, 99):
        with boa.reverts("caller is not the recipient"):
            world.submit(not_approved)


def test_submit__under_review__reverts(world, submitted):
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.reverts("milestone is under review"):
        world.submit(submitted, at_once=True)
    support.pass_time(1)
    world.submit(submitted)
    assert event_names(world.grants) == ["MilestoneAccepted", "MilestoneSubmitted"]
    assert [world.state_of(submitted, m) for m in (1, 2, 3)] == [ACCEPTED, SUBMITTED, LOCKED]


def test_submit__everything_accepted__reverts(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    with boa.reverts("every milestone is accepted"):
        world.submit(at_last)


def test_submit__next_before_the_first_is_paid__works(world, grant_id):
    world.accept(grant_id)
    world.submit(grant_id)
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert [world.state_of(grant_id, m) for m in (1, 2, 3)] == [PAID, SUBMITTED, LOCKED]


def test_submit__last_second__on_time(world, grant_id):
    support.warp_to(world.due_at(grant_id) - 1)
    with boa.env.anchor():
        world.accept(grant_id)
        assert world.state_of(grant_id) == ACCEPTED
    support.pass_time(1)
    with boa.reverts("milestone is overdue"):
        world.submit(grant_id)


def test_submit__no_evidence__reverts(world, grant_id):
    with boa.reverts("evidence hash is empty"):
        world.submit(grant_id, evidence=b"\x00" * 32)


def test_submit__ended_or_completed__reverts(world, grant_id):
    with boa.env.anchor():
        world.finish(grant_id)
        with boa.reverts("grant is not active"):
            world.submit(grant_id)
    world.terminate(grant_id)
    with boa.reverts("grant is not active"):
        world.submit(grant_id)


def test_submit__again__has_a_number_of_its_own(world, grant_id):
    for number in (1, 2, 3):
        world.submit(grant_id)
        assert world.grants.milestone(grant_id, 1).submission == number
        world.grants.withdraw_submission(grant_id, sender=world.builder)
    world.accept(grant_id)
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).submission == 4
    assert world.grants.milestone(grant_id, 2).submission == 1


def test_submit__as_often_as_the_word_counts__then_no_more(world, grant_id):
    """The 65,535th is the last: the number is kept in sixteen bits."""
    world.submit(grant_id)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    layout = world.grants.compiler_data.storage_layout["storage_layout"]
    slot = layout["milestones"]["submissions"]["slot"]
    for key in (grant_id, 1):
        slot = int.from_bytes(keccak(slot.to_bytes(32, "big") + key.to_bytes(32, "big")), "big")
    packed = boa.env.get_storage(world.grants.address, slot)
    assert packed % 2**16 == 1
    boa.env.set_storage(world.grants.address, slot, packed - 1 + MAX_SUBMISSIONS - 1)
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).submission == MAX_SUBMISSIONS
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    with boa.reverts("too many submissions"):
        world.submit(grant_id)


# --- withdraw_submission ---


def test_withdraw_submission__under_review__locked_with_its_due_date(world, submitted):
    due_at = world.due_at(submitted)
    world.object(submitted)
    world.grants.withdraw_submission(submitted, sender=world.builder)
    assert logged(world.grants) == [
        ("SubmissionWithdrawn", {"grant_id": submitted, "milestone": 1, "submission": 1})
    ]
    assert (world.state_of(submitted), world.due_at(submitted)) == (LOCKED, due_at)
    # What was objected to is the submission, not the milestone.
    world.submit(submitted)
    found = world.grants.milestone(submitted, 1)
    assert (found.state, found.submission, found.objection_votes) == (SUBMITTED, 2, 0)
    world.object(submitted)


@pytest.mark.parametrize("late", [-1, 0, 1, REVIEW_SECONDS - 2])
def test_withdraw_submission__after_the_due_date__is_overdue_from_now(world, grant_id, late):
    """Never before now: what leases earned while the review ran stays earned."""
    due_at = world.due_at(grant_id)
    third = world.due_at(grant_id, 3)
    support.warp_to(due_at - 1)
    world.submit(grant_id)
    support.warp_to(due_at + late)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    assert logged(world.grants) == [
        ("SubmissionWithdrawn", {"grant_id": grant_id, "milestone": 1, "submission": 1})
    ]
    assert world.due_at(grant_id) == due_at + max(0, late)
    assert world.grants.compute_rights(grant_id).stops_at == due_at + max(0, late)
    assert world.due_at(grant_id, 3) == third
    if late < 0:
        world.submit(grant_id)
    else:
        with boa.reverts("milestone is overdue"):
            world.submit(grant_id)


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_withdraw_submission__not_the_recipient__reverts(world, submitted, role):
    with boa.reverts("caller is not the recipient"):
        world.grants.withdraw_submission(submitted, sender=getattr(world, role))


def test_withdraw_submission__not_in_review__reverts(world, submitted):
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.env.anchor():
        world.grants.withdraw_submission(submitted, sender=world.builder)
        with boa.reverts("milestone is not in review"):
            world.grants.withdraw_submission(submitted, sender=world.builder)
    support.pass_time(1)
    with boa.reverts("milestone is not in review"):
        world.grants.withdraw_submission(submitted, sender=world.builder)
    world.terminate(submitted)
    with boa.reverts("grant is not active"):
        world.grants.withdraw_submission(submitted, sender=world.builder)


# --- energy reports ---


def test_submit__report_asked_for__missing_reverts(world, at_last):
    model_id, digest = world.model(at_last)
    with boa.reverts("energy report is missing"):
        world.submit(at_last, model_id=model_id, evidence=digest)


@pytest.mark.parametrize("change", [{"phase": PHASE_SERVING}, {"milestone": 2}])
def test_submit__report_of_another_phase_or_milestone__reverts(world, at_last, change):
    """F2: a rate of 1 Wh is no report of the training."""
    report_id = world.report(at_last, **change)
    with boa.reverts("energy report is not valid"):
        world.submit_model(at_last, report_id=report_id)


def test_submit__report_of_another_grant_or_unknown__reverts(world, at_last):
    for report_id in (world.report(world.active(), 3), 99):
        with boa.reverts("energy report is not valid"):
            world.submit_model(at_last, report_id=report_id)


def test_submit__superseded_report__reverts(world, at_last):
    old_id = world.report(at_last)
    new_id = world.report(at_last, supersedes=old_id)
    with boa.reverts("energy report is not valid"):
        world.submit_model(at_last, report_id=old_id)
    world.submit_model(at_last, report_id=new_id)
    assert world.grants.milestone(at_last, 3).energy_report_id == new_id


def test_submit__report_of_serving_asked_for__no_other_does(world):
    grant_id = world.active(milestones=three_milestones(energy_phase=PHASE_SERVING))
    with boa.reverts("energy report is missing"):
        world.submit(grant_id)
    with boa.reverts("energy report is not valid"):
        world.submit(grant_id, report_id=world.report(grant_id, 1))
    world.submit(grant_id, report_id=world.report(grant_id, 1, phase=PHASE_SERVING))


def test_submit__report_that_nobody_asked_for__must_be_of_training_and_valid(world, grant_id):
    for report_id in (99, world.report(grant_id, 1, phase=PHASE_SERVING)):
        with boa.reverts("energy report is not valid"):
            world.submit(grant_id, report_id=report_id)
    world.submit(grant_id, report_id=world.report(grant_id, 1, phase=PHASE_TRAINING))


def test_submit__challenged_report__is_objected_to_from_the_start(world, grant_id):
    report_id = world.report(grant_id, 1)
    world.challenge(report_id)
    world.submit(grant_id, report_id=report_id)
    accepts_at = support.now() + REVIEW_SECONDS + ESCALATION_SECONDS
    assert logged(world.grants)[0][1]["accepts_at"] == accepts_at
    assert world.state_of(grant_id) == OBJECTED
    assert world.grants.milestone(grant_id, 1).accepts_at == accepts_at
    # Clearing it changes nothing, nor does waiting for a vote that never comes.
    world.ledger.clear_challenge(report_id, EVIDENCE, sender=world.owner)
    assert world.grants.milestone(grant_id, 1).accepts_at == accepts_at
    support.warp_to(accepts_at - 1)
    assert world.state_of(grant_id) == OBJECTED
    support.pass_time(1)
    assert world.state_of(grant_id) == ACCEPTED
    assert world.grants.milestone(grant_id, 1).accepted_at == accepts_at


@pytest.mark.parametrize("seconds", [1, REVIEW_SECONDS - 1, REVIEW_SECONDS])
def test_submit__report_challenged_later__changes_nothing(world, grant_id, seconds):
    report_id = world.report(grant_id, 1)
    world.submit(grant_id, report_id=report_id)
    before = world.grants.milestone(grant_id, 1).accepts_at
    support.pass_time(seconds)
    world.challenge(report_id)
    state = SUBMITTED if seconds < REVIEW_SECONDS else ACCEPTED
    assert world.state_of(grant_id) == state
    support.warp_to(before)
    assert world.grants.milestone(grant_id, 1).accepted_at == before
    assert world.grants.draw(grant_id) == AMOUNTS[0]


def test_submit__challenged_and_cleared_before__is_not_objected_to(world, grant_id):
    report_id = world.report(grant_id, 1)
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, EVIDENCE, sender=world.owner)
    world.submit(grant_id, report_id=report_id)
    assert world.state_of(grant_id) == SUBMITTED


# --- models ---


def test_submit__model_asked_for__missing_reverts(world):
    grant_id = world.active(**with_model())
    with boa.reverts("model is missing"):
        world.submit(grant_id)
    model_id, digest = world.model(grant_id)
    world.submit(grant_id, model_id=model_id, evidence=digest)
    assert logged(world.grants)[0][1]["model_id"] == model_id


@pytest.mark.parametrize("required", [True, False])
def test_submit__model_that_does_not_fit__reverts(world, required):
    """Also where none is asked for: whoever names one says that it is the grant's."""
    grant_id = world.active(**with_model() if required else {})
    model_id, digest = world.model(grant_id)
    of_another, other_digest = world.model(world.active())
    of_nobody = register(world.registry, world.builder)
    nobodys_digest = world.registry.model(of_nobody).weights_digest
    for named, evidence in (
        (model_id, other_digest),
        (model_id, EVIDENCE),
        (of_another, other_digest),
        (of_nobody, nobodys_digest),
    ):
        with boa.reverts("model is not the grant's"):
            world.submit(grant_id, model_id=named, evidence=evidence)
    world.submit(grant_id, model_id=model_id, evidence=digest)


def test_submit__unknown_model__reverts(world, grant_id):
    with boa.reverts("unknown model"):
        world.submit(grant_id, model_id=99)


def test_submit__model_not_the_owners__reverts(world):
    grant_id = world.active(**with_model())
    model_id, digest = world.model(grant_id)
    world.registry.transferFrom(world.owner, world.stranger, model_id, sender=world.owner)
    with boa.reverts("model is not the grant's"):
        world.submit(grant_id, model_id=model_id, evidence=digest)
    world.registry.transferFrom(world.stranger, world.owner, model_id, sender=world.stranger)
    world.submit(grant_id, model_id=model_id, evidence=digest)


def test_submit__registry_asks_other_grants__ids_mean_other_grants(world):
    """A model of grant 1 of an earlier TrainingGrants is none of grant 1 of this one."""
    grant_id = world.active(**with_model())
    model_id, digest = world.model(grant_id)
    mock = support.deploy("MockGrantSplits", sender=world.owner)
    mock.set_grant(grant_id, world.builder, [])
    world.registry.set_grants(mock, sender=world.owner)
    assert mock.may_register_model(grant_id, world.builder)
    with boa.reverts("model is not the grant's"):
        world.submit(grant_id, model_id=model_id, evidence=digest)


def test_submit__recipient_is_the_owner_of_all__has_to_be_two_accounts(world):
    """The owner owns the models of the DAO: as a builder it would pass for any of them."""
    grant_id = world.active(**with_model())
    model_id, digest = world.model(grant_id)
    world.grants.propose_recipient(grant_id, world.owner, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.owner)
    world.ready(grant_id)
    with boa.reverts("model is not the grant's"):
        world.grants.submit(grant_id, digest, "", 0, model_id, 0, sender=world.owner)


# --- scores ---


@pytest.fixture
def scored(world) -> int:
    """A grant whose first milestone asks for a score, and one evaluator admitted for it."""
    world.evaluations.add_benchmark(make_benchmark(threshold=1), sender=world.owner)
    world.evaluations.set_evaluator(BENCHMARK, world.stranger, True, sender=world.owner)
    milestones = three_milestones(benchmark_id=BENCHMARK, required_score=REQUIRED)
    return world.active(milestones=milestones)


def claim(world, score: int = REQUIRED, digest: bytes = DIGEST, evaluator: str = "") -> int:
    """A claim that `evaluator` attested, the stranger unless told."""
    fields = make_claim(score=score, weights_digest=digest, benchmark_id=BENCHMARK)
    claim_id = world.evaluations.claim(fields, sender=world.builder)
    claim_hash = world.evaluations.claim_of(claim_id).claim_hash
    world.evaluations.attest(claim_id, claim_hash, sender=evaluator or world.stranger)
    return claim_id


@pytest.mark.parametrize(("score", "meets"), [(REQUIRED - 1, False), (REQUIRED, True)])
def test_submit__score__from_both_sides(world, scored, score, meets):
    claim_id = claim(world, score)
    if meets:
        world.submit(scored, claim_id=claim_id, evidence=DIGEST)
        assert logged(world.grants)[0][1]["claim_id"] == claim_id
    else:
        with boa.reverts("score is not met"):
            world.submit(scored, claim_id=claim_id, evidence=DIGEST)


def test_submit__score_of_nobody_or_of_other_weights__reverts(world, scored):
    claim_id = claim(world)
    for named, evidence in ((0, DIGEST), (99, DIGEST), (claim_id, EVIDENCE)):
        with boa.reverts("score is not met"):
            world.submit(scored, claim_id=named, evidence=evidence)


def test_submit__score_that_nobody_attested__reverts(world, scored):
    fields = make_claim(score=REQUIRED, weights_digest=DIGEST, benchmark_id=BENCHMARK)
    claim_id = world.evaluations.claim(fields, sender=world.builder)
    with boa.reverts("score is not met"):
        world.submit(scored, claim_id=claim_id, evidence=DIGEST)


def test_submit__score_attested_by_the_builder__does_not_count(world, scored):
    world.evaluations.set_evaluator(BENCHMARK, world.builder, True, sender=world.owner)
    claim_id = claim(world, evaluator=world.builder)
    with boa.reverts("score is not met"):
        world.submit(scored, claim_id=claim_id, evidence=DIGEST)


def test_submit__score_attested_by_the_first_recipient__does_not_count(world, scored):
    """A builder that evaluates, too, hands its grant to another key of its own."""
    world.evaluations.set_evaluator(BENCHMARK, world.builder, True, sender=world.owner)
    claim_id = claim(world, evaluator=world.builder)
    second = support.account("second key")
    world.grants.propose_recipient(scored, second, sender=world.builder)
    world.grants.accept_recipient(scored, sender=second)
    world.ready(scored)
    arguments = (scored, DIGEST, "ipfs://evidence", 0, 0)
    with boa.reverts("score is not met"):
        world.grants.submit(*arguments, claim_id, sender=second)
    world.grants.submit(*arguments, claim(world), sender=second)


def test_submit__claim_voided_in_the_review__accepted_all_the_same(world, scored):
    claim_id = claim(world)
    world.submit(scored, claim_id=claim_id, evidence=DIGEST)
    world.evaluations.void_claim(claim_id, EVIDENCE, sender=world.owner)
    support.pass_time(REVIEW_SECONDS)
    assert world.grants.draw(scored) == AMOUNTS[0]


def test_submit__claim_that_nobody_asked_for__is_not_looked_at(world, grant_id):
    world.submit(grant_id, claim_id=99)
