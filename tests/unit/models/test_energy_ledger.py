"""EnergyLedger: who may report what, within which bounds; corrections, challenges, sources."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    AMOUNTS,
    DUES,
    EVIDENCE,
    MILESTONE,
    MODEL,
    NOTHING,
    OBJECTED,
    PHASE_SERVING,
    PHASE_TRAINING,
    REASON,
    REVIEW_SECONDS,
    SUBMITTED,
    UNLOCKED,
    World,
    logged,
    make_report,
    make_world,
    milestone_terms,
    three_milestones,
)
from tests.kits.models import register
from tests.support import MAX_UINT, ZERO_ADDRESS

NOT_ALLOWED = "caller may not report"


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture
def grant_id(world) -> int:
    return world.active()


@pytest.fixture
def model_id(world, grant_id) -> int:
    """A model that the builder registered for its grant; it belongs to the owner."""
    return register(world.registry, world.builder, grant_id=grant_id, split=[])


@pytest.fixture
def report_id(world, grant_id) -> int:
    return world.report(grant_id)


def report_model(world, model_id: int, sender: str | None = None, **changes) -> int:
    data = make_report(model_id, **{"subject_kind": MODEL, "milestone": 0, **changes})
    return world.ledger.report(data, sender=sender or world.builder)


def under_review(world) -> tuple[int, int]:
    """A grant whose first milestone was submitted just now with a report, and the report."""
    grant_id = world.active(milestones=three_milestones(energy_phase=PHASE_TRAINING))
    report_id = world.report(grant_id, 1)
    world.submit(grant_id, report_id=report_id)
    return grant_id, report_id


# --- reports ---


def test_report__on_a_milestone__stored_and_logged(world, grant_id):
    data = make_report(grant_id)
    report_id = world.ledger.report(data, sender=world.builder)
    ((name, fields),) = logged(world.ledger)
    assert name == "Reported"
    assert fields["report_id"] == report_id == world.ledger.report_count() == 1
    assert (fields["subject_kind"], fields["subject_id"]) == (MILESTONE, grant_id)
    assert fields["reporter"] == world.ledger.reporter(report_id) == world.builder
    assert fields["report"] == world.ledger.report_of(report_id) == data
    assert world.ledger.source_of(report_id) == world.grants.address
    assert world.ledger.superseded_by(report_id) == 0
    assert not world.ledger.is_challenged(report_id)
    assert world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)
    assert not world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_SERVING)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (1_000, 400, 400)


@pytest.mark.parametrize("role", ["builder", "owner"])
def test_report__on_a_model__by_the_grants_recipient_or_the_owner(world, model_id, role):
    report_id = report_model(world, model_id, sender=getattr(world, role))
    assert world.ledger.reporter(report_id) == getattr(world, role)
    assert world.ledger.source_of(report_id) == world.registry.address
    assert world.ledger.footprint(MODEL, model_id, PHASE_TRAINING) == (1_000, 400, 400)
    assert world.ledger.footprint(MILESTONE, model_id, PHASE_TRAINING) == (0, 0, 0)


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_report__on_a_milestone__not_the_recipient__reverts(world, grant_id, role):
    with boa.reverts(NOT_ALLOWED):
        world.ledger.report(make_report(grant_id), sender=getattr(world, role))


@pytest.mark.parametrize("role", ["guardian", "stranger"])
def test_report__on_a_model__not_a_reporter__reverts(world, model_id, role):
    with boa.reverts(NOT_ALLOWED):
        report_model(world, model_id, sender=getattr(world, role))


def test_report__new_recipient__reports_instead_of_the_old_one(world, grant_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts(NOT_ALLOWED):
        world.report(grant_id)
    world.ledger.report(make_report(grant_id), sender=world.stranger)


def test_report__former_owner_of_a_model__is_a_stranger(world):
    """M2: who registered a model and sold it has no say over it, and its new owner corrects it."""
    model_id = register(world.registry, world.builder)
    old_id = report_model(world, model_id)
    world.registry.transferFrom(world.builder, world.stranger, model_id, sender=world.builder)
    for supersedes in (0, old_id):
        with boa.reverts(NOT_ALLOWED):
            report_model(world, model_id, supersedes=supersedes)
    new_id = report_model(world, model_id, world.stranger, supersedes=old_id, energy_wh=5)
    assert world.ledger.superseded_by(old_id) == new_id
    assert world.ledger.footprint(MODEL, model_id, PHASE_TRAINING) == (5, 2, 2)


def test_report__on_a_model_of_a_grant__by_its_present_recipient(world, grant_id, model_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts(NOT_ALLOWED):
        report_model(world, model_id)
    report_model(world, model_id, world.stranger)


def test_report__grant_ended__recipient_is_a_stranger(world, grant_id, model_id):
    world.terminate(grant_id)
    with boa.reverts("grant is not active"):
        world.report(grant_id)
    with boa.reverts(NOT_ALLOWED):
        report_model(world, model_id)
    report_model(world, model_id, world.owner)


def test_report__application_that_nobody_approved__reverts(world):
    """F11."""
    grant_id = world.apply()
    with boa.reverts("grant is not active"):
        world.report(grant_id)


def test_report__other_grants_contract__its_ids_say_nothing_of_older_models(
    world, grant_id, model_id
):
    """After a vote replaces TrainingGrants, grant 1 of the new one made no model of the old one."""
    mock = support.deploy("MockGrantSplits", sender=world.owner)
    mock.set_grant(grant_id, world.stranger, [])
    world.registry.set_grants(mock, sender=world.owner)
    assert mock.may_register_model(grant_id, world.stranger)
    for sender in (world.stranger, world.builder):
        with boa.reverts(NOT_ALLOWED):
            report_model(world, model_id, sender)
    report_model(world, model_id, world.owner)


@pytest.mark.parametrize("milestone", [0, 4])
def test_report__no_such_milestone__reverts(world, grant_id, milestone):
    with boa.reverts("no such milestone"):
        world.report(grant_id, milestone)


def test_report__supersedes_one_of_an_earlier_source__reverts(world, model_id):
    old_id = report_model(world, model_id)
    rules = support.deploy("LineageRules")
    twin = support.deploy("ModelRegistry", world.grants, rules, "t", "t", sender=world.owner)
    world.ledger.set_sources(world.grants, twin, sender=world.owner)
    assert register(twin, world.builder) == model_id
    fields = {"subject_kind": MODEL, "milestone": 0}
    world.ledger.report(make_report(model_id, **fields), sender=world.builder)
    with boa.reverts("superseded report differs"):
        correction = make_report(model_id, supersedes=old_id, **fields)
        world.ledger.report(correction, sender=world.builder)


# --- what was accepted stays in the carbon budget ---


def test_report__less_than_was_accepted__reverts(world, grant_id):
    world.ready(grant_id)
    first = world.report(grant_id, 1)
    # Until the milestone is accepted, a correction may say anything.
    second = world.report(grant_id, 1, emissions_grams=399, note="slip", supersedes=first)
    world.accept(grant_id, report_id=second)
    with boa.reverts("accepted report was larger"):
        world.report(grant_id, 1, emissions_grams=398, note="none", supersedes=second)
    third = world.report(grant_id, 1, emissions_grams=399, note="words", supersedes=second)
    larger = world.report(grant_id, 1, emissions_grams=400, supersedes=third)
    # Nor by two steps: what the last one says is what a further one is held against.
    with boa.reverts("accepted report was larger"):
        world.report(grant_id, 1, emissions_grams=399, note="slip", supersedes=larger)


def test_budget__accepted_report_replaced_by_a_smaller_one__is_still_spent(world):
    half = 480_000
    terms = [
        milestone_terms(amount, due, compute_unlocked=compute, energy_phase=PHASE_TRAINING)
        for amount, due, compute in zip(AMOUNTS[:2], DUES[:2], UNLOCKED[:2], strict=True)
    ]
    last = milestone_terms(AMOUNTS[2], DUES[2], energy_phase=PHASE_TRAINING, model_required=True)
    grant_id = world.active(milestones=[*terms, last], carbon_budget_grams=2 * half - 1)
    world.ready(grant_id)
    first = world.report(grant_id, 1, energy_wh=1_200_000)
    world.accept(grant_id, report_id=first)
    world.ready(grant_id)
    second = world.report(grant_id, 2, energy_wh=1_200_000)
    with boa.reverts("accepted report was larger"):
        world.report(grant_id, 1, energy_wh=1, emissions_grams=0, note="n", supersedes=first)
    world.submit(grant_id, report_id=second)
    assert world.grants.milestone(grant_id, 2).accepts_at == MAX_UINT


def test_report__unknown_subject__reverts(world):
    for unknown in (0, 99):
        with boa.reverts("no such grant"):
            world.report(unknown)
    with boa.reverts(NOT_ALLOWED):
        report_model(world, 99)


def test_report__model_with_milestone__reverts(world, model_id):
    with boa.reverts("a model has no milestone"):
        report_model(world, model_id, milestone=1)


def test_report__before_wiring__nobody_may(world, grant_id):
    ledger = support.deploy("EnergyLedger", sender=world.owner)
    for kind in (MILESTONE, MODEL):
        with boa.reverts(NOT_ALLOWED):
            ledger.report(make_report(grant_id, subject_kind=kind), sender=world.builder)
    assert not ledger.is_valid_for(0, 0, 0, PHASE_TRAINING)


# --- corrections ---


def test_report__superseding__replaces_the_old_one_in_the_footprint(world, grant_id, report_id):
    correction = world.report(grant_id, supersedes=report_id, energy_wh=700)
    assert world.ledger.superseded_by(report_id) == correction
    assert not world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)
    assert world.ledger.is_valid_for(correction, grant_id, 3, PHASE_TRAINING)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (700, 280, 280)
    assert world.ledger.report_of(report_id).energy_wh == 1_000


def test_report__superseding_twice__reverts(world, grant_id, report_id):
    world.report(grant_id, supersedes=report_id)
    with boa.reverts("report is superseded already"):
        world.report(grant_id, supersedes=report_id)


@pytest.mark.parametrize("change", [{"milestone": 2}, {"phase": PHASE_SERVING}])
def test_report__superseding_something_else__reverts(world, grant_id, report_id, change):
    with boa.reverts("superseded report differs"):
        world.report(grant_id, **{"supersedes": report_id, **change})


def test_report__superseding_another_grants_report__reverts(world, report_id):
    with boa.reverts("superseded report differs"):
        world.report(world.active(), supersedes=report_id)


def test_report__new_recipient__corrects_the_old_ones_report(world, grant_id, report_id):
    """F12."""
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts(NOT_ALLOWED):
        world.report(grant_id, supersedes=report_id)
    data = make_report(grant_id, supersedes=report_id, energy_wh=10)
    new_id = world.ledger.report(data, sender=world.stranger)
    assert world.ledger.superseded_by(report_id) == new_id
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (10, 4, 4)


@pytest.mark.parametrize("objected", [False, True])
def test_report__superseding_what_a_review_is_about__reverts(world, objected):
    """F3: nobody is paid on a report that was replaced while it was looked at."""
    grant_id, report_id = under_review(world)
    if objected:
        world.object(grant_id)
    with boa.reverts("report is under review"):
        world.report(grant_id, 1, supersedes=report_id)
    world.report(grant_id, 1)


def test_report__superseding_after_the_review__corrects(world):
    grant_id, report_id = under_review(world)
    world.decide(grant_id, NOTHING)
    second = world.report(grant_id, 1, supersedes=report_id)
    with boa.reverts("energy report is not valid"):
        world.submit(grant_id, report_id=report_id)
    world.submit(grant_id, report_id=second)
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.reverts("report is under review"):
        world.report(grant_id, 1, supersedes=second)
    support.pass_time(1)
    world.report(grant_id, 1, supersedes=second)
    assert world.grants.draw(grant_id) == AMOUNTS[0]


def test_report__model_supersedes_a_milestone__reverts(world, model_id, grant_id):
    report_id = world.report(grant_id)
    assert model_id == grant_id
    with boa.reverts("superseded report differs"):
        report_model(world, model_id, supersedes=report_id)


# --- challenges ---


@pytest.mark.parametrize("role", ["guardian", "owner"])
def test_challenge__guardian_or_owner__marked_and_kept(world, grant_id, report_id, role):
    world.ledger.challenge(report_id, REASON, sender=getattr(world, role))
    assert logged(world.ledger) == [("Challenged", {"report_id": report_id, "reason_hash": REASON})]
    assert world.ledger.is_challenged(report_id)
    # A mark for readers: it is neither out of the sums nor refused.
    assert world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (1_000, 400, 400)


@pytest.mark.parametrize("role", ["builder", "stranger"])
def test_challenge__other_role__reverts(world, report_id, role):
    with boa.reverts("caller may not challenge"):
        world.ledger.challenge(report_id, REASON, sender=getattr(world, role))


def test_challenge__expired_guardian__reverts(world, report_id):
    support.warp_to(world.ledger.guardian_expires_at() - 1)
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    support.pass_time(1)
    with boa.reverts("caller may not challenge"):
        world.challenge(report_id)


def test_challenge__unknown_report__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("no such report"):
            world.challenge(unknown)


def test_challenge__twice__reverts(world, report_id):
    world.challenge(report_id)
    with boa.reverts("report is challenged"):
        world.challenge(report_id)


def test_clear_challenge__by_the_owner__mark_is_gone(world, grant_id, report_id):
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert logged(world.ledger) == [
        ("ChallengeCleared", {"report_id": report_id, "reason_hash": REASON})
    ]
    assert not world.ledger.is_challenged(report_id)
    assert world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)


@pytest.mark.parametrize(("cleared", "state"), [(False, OBJECTED), (True, SUBMITTED)])
def test_challenge__before_the_submission__counts_as_an_objection(world, grant_id, cleared, state):
    report_id = world.report(grant_id, 1)
    world.challenge(report_id)
    if cleared:
        world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    world.submit(grant_id, report_id=report_id)
    assert world.state_of(grant_id) == state


def test_challenge__in_the_review__is_a_reason_to_object_and_no_more(world):
    grant_id, report_id = under_review(world)
    world.challenge(report_id)
    assert world.state_of(grant_id) == SUBMITTED
    world.object(grant_id)
    assert world.state_of(grant_id) == OBJECTED


def test_challenge__cleared_once__only_the_owner_may_again(world, report_id):
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    with boa.reverts("challenge was cleared"):
        world.challenge(report_id)
    world.ledger.challenge(report_id, REASON, sender=world.owner)
    assert world.ledger.is_challenged(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert not world.ledger.is_challenged(report_id)


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_clear_challenge__not_the_owner__reverts(world, report_id, role):
    world.challenge(report_id)
    with boa.reverts("caller is not the owner"):
        world.ledger.clear_challenge(report_id, REASON, sender=getattr(world, role))


def test_clear_challenge__not_challenged__reverts(world, report_id):
    with boa.reverts("report is not challenged"):
        world.ledger.clear_challenge(report_id, REASON, sender=world.owner)


# --- validity and sources ---


def test_is_valid_for__only_its_own_milestone(world, grant_id, report_id):
    assert world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)
    for args in ((report_id, grant_id, 2), (report_id, grant_id + 1, 3), (0, grant_id, 3)):
        assert not world.ledger.is_valid_for(*args, PHASE_TRAINING)


def test_is_valid_for__report_on_a_model__never(world, grant_id, model_id):
    report_id = report_model(world, model_id)
    assert model_id == grant_id
    assert not world.ledger.is_valid_for(report_id, grant_id, 0, PHASE_TRAINING)


def test_set_sources__changed__old_reports_count_for_nothing_new(world, grant_id, report_id):
    world.ledger.set_sources(world.stranger, world.registry, sender=world.owner)
    assert logged(world.ledger) == [
        ("SourcesChanged", {"grants": world.stranger, "registry": world.registry.address})
    ]
    assert (world.ledger.grants(), world.ledger.registry()) == (
        *(world.stranger, world.registry.address),
    )
    assert not world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (0, 0, 0)
    assert world.ledger.report_of(report_id).evidence_hash == EVIDENCE
    world.ledger.set_sources(world.grants, ZERO_ADDRESS, sender=world.owner)
    assert world.ledger.is_valid_for(report_id, grant_id, 3, PHASE_TRAINING)


def test_set_sources__both_zero__allowed(world, grant_id):
    world.ledger.set_sources(ZERO_ADDRESS, ZERO_ADDRESS, sender=world.owner)
    with boa.reverts(NOT_ALLOWED):
        world.report(grant_id)


def test_set_sources__the_same_twice__reverts(world):
    with boa.reverts("sources are the same"):
        world.ledger.set_sources(world.grants, world.grants, sender=world.owner)


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_set_sources__not_the_owner__reverts(world, role):
    with boa.reverts("caller is not the owner"):
        world.ledger.set_sources(ZERO_ADDRESS, ZERO_ADDRESS, sender=getattr(world, role))


def test_pause__does_not_exist(world):
    assert not hasattr(world.ledger, "pause")
