"""EnergyLedger: who may report what, footprints, corrections and challenges."""

import boa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import support
from tests.kits.grants import (
    EVIDENCE,
    MILESTONE,
    MODEL,
    PHASE_SERVING,
    PHASE_TRAINING,
    REASON,
    World,
    logged,
    make_report,
    make_world,
)
from tests.kits.models import register
from tests.support import DAY, ZERO_ADDRESS

MAX_FIGURE = 10**21
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
    assert world.ledger.challenge_times(report_id) == (0, 0)
    assert world.ledger.is_valid_for(report_id, grant_id, 3)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (1_000, 400)


@pytest.mark.parametrize("role", ["builder", "owner"])
def test_report__on_a_model__by_registrant_or_owner(world, model_id, role):
    report_id = report_model(world, model_id, sender=getattr(world, role))
    assert world.ledger.reporter(report_id) == getattr(world, role)
    assert world.ledger.source_of(report_id) == world.registry.address
    assert world.ledger.footprint(MODEL, model_id, PHASE_TRAINING) == (1_000, 400)
    assert world.ledger.footprint(MILESTONE, model_id, PHASE_TRAINING) == (0, 0)


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


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subject_kind": 0}, "unknown subject kind"),
        ({"subject_kind": MILESTONE | MODEL}, "unknown subject kind"),
        ({"phase": 0}, "unknown phase"),
        ({"phase": PHASE_TRAINING | PHASE_SERVING}, "unknown phase"),
        ({"energy_wh": 0}, "energy is zero"),
        ({"energy_wh": MAX_FIGURE + 1}, "figure is too large"),
        ({"emissions_grams": MAX_FIGURE + 1}, "figure is too large"),
        ({"pue_bps": 9_999}, "pue is below one"),
        ({"method": ""}, "method is not named"),
        ({"evidence_hash": b"\x00" * 32}, "evidence hash is empty"),
        ({"supersedes": 99}, "superseded report differs"),
    ],
)
def test_report__bad_data__reverts(world, grant_id, changes, reason):
    with boa.reverts(reason):
        world.report(grant_id, **changes)


def test_report__figures_at_their_bounds__accepted(world, grant_id):
    world.report(grant_id, energy_wh=MAX_FIGURE, emissions_grams=MAX_FIGURE, pue_bps=10_000)
    world.report(grant_id, energy_wh=1, emissions_grams=0)
    assert world.ledger.MAX_FIGURE() == MAX_FIGURE


@pytest.mark.parametrize("milestone", [0, 4])
def test_report__no_such_milestone__reverts(world, grant_id, milestone):
    with boa.reverts("no such milestone"):
        world.report(grant_id, milestone)


def test_report__unknown_subject__reverts(world):
    with boa.reverts("no such milestone"):
        world.report(99)
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
    assert not ledger.is_valid_for(0, 0, 0)


# --- corrections and footprints ---


def test_report__superseding__replaces_the_old_one_in_the_footprint(world, grant_id, report_id):
    correction = world.report(grant_id, supersedes=report_id, energy_wh=700, emissions_grams=0)
    assert world.ledger.superseded_by(report_id) == correction
    assert not world.ledger.is_valid_for(report_id, grant_id, 3)
    assert world.ledger.is_valid_for(correction, grant_id, 3)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (700, 0)
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


def test_report__superseding_the_other_reporters__reverts(world, model_id):
    report_id = report_model(world, model_id)
    with boa.reverts("superseded report differs"):
        report_model(world, model_id, sender=world.owner, supersedes=report_id)


def test_report__model_supersedes_a_milestone__reverts(world, model_id, grant_id):
    report_id = world.report(grant_id)
    assert model_id == grant_id
    with boa.reverts("superseded report differs"):
        report_model(world, model_id, supersedes=report_id)


def test_footprint__training__sums_milestones_and_reporters(world, grant_id):
    world.report(grant_id, 1)
    world.report(grant_id, 1)
    world.report(grant_id, 2, energy_wh=5, emissions_grams=7)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (2_005, 807)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_SERVING) == (0, 0)
    assert world.ledger.footprint(MILESTONE, grant_id + 1, PHASE_TRAINING) == (0, 0)


def test_footprint__serving__is_the_newest_rate(world, model_id):
    first = report_model(world, model_id, phase=PHASE_SERVING)
    report_model(world, model_id, phase=PHASE_SERVING, energy_wh=3, emissions_grams=2)
    assert world.ledger.footprint(MODEL, model_id, PHASE_SERVING) == (3, 2)
    report_model(
        world, model_id, phase=PHASE_SERVING, energy_wh=4, emissions_grams=1, supersedes=first
    )
    assert world.ledger.footprint(MODEL, model_id, PHASE_SERVING) == (4, 1)


def test_footprint__unknown_kind__reverts(world):
    with boa.reverts("unknown subject kind"):
        world.ledger.footprint(MILESTONE | MODEL, 1, PHASE_TRAINING)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(1, MAX_FIGURE),
            st.integers(0, MAX_FIGURE),
            st.one_of(st.none(), st.integers(0, 9)),
        ),
        max_size=10,
    )
)
def test_footprint__any_history__is_the_sum_of_live_reports(world, grant_id, steps):
    with boa.env.anchor():
        live: dict[int, tuple[int, int]] = {}
        for energy, emissions, pick in steps:
            old = sorted(live)[pick % len(live)] if live and pick is not None else 0
            report_id = world.report(
                grant_id, energy_wh=energy, emissions_grams=emissions, supersedes=old
            )
            live.pop(old, None)
            live[report_id] = (energy, emissions)
        expected = tuple(sum(figures[i] for figures in live.values()) for i in (0, 1))
        assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == expected


# --- challenges ---


@pytest.mark.parametrize("role", ["guardian", "owner"])
def test_challenge__guardian_or_owner__marked_and_kept(world, grant_id, report_id, role):
    world.ledger.challenge(report_id, REASON, sender=getattr(world, role))
    assert logged(world.ledger) == [("Challenged", {"report_id": report_id, "reason_hash": REASON})]
    assert world.ledger.is_challenged(report_id)
    assert world.ledger.challenge_times(report_id) == (support.now(), 0)
    assert not world.ledger.is_valid_for(report_id, grant_id, 3)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (1_000, 400)


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


def test_clear_challenge__by_the_owner__valid_again(world, grant_id, report_id):
    world.challenge(report_id)
    support.pass_time(DAY)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert logged(world.ledger) == [
        ("ChallengeCleared", {"report_id": report_id, "reason_hash": REASON})
    ]
    assert world.ledger.challenge_times(report_id) == (0, support.now())
    assert world.ledger.is_valid_for(report_id, grant_id, 3)


def test_challenge__cleared_once__only_the_owner_may_again(world, report_id):
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    with boa.reverts("challenge was cleared"):
        world.challenge(report_id)
    world.ledger.challenge(report_id, REASON, sender=world.owner)


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
    assert world.ledger.is_valid_for(report_id, grant_id, 3)
    for args in ((report_id, grant_id, 2), (report_id, grant_id + 1, 3), (0, grant_id, 3)):
        assert not world.ledger.is_valid_for(*args)


def test_is_valid_for__report_on_a_model__never(world, grant_id, model_id):
    report_id = report_model(world, model_id)
    assert model_id == grant_id
    assert not world.ledger.is_valid_for(report_id, grant_id, 0)


def test_set_sources__changed__old_reports_count_for_nothing_new(world, grant_id, report_id):
    world.ledger.set_sources(world.stranger, world.registry, sender=world.owner)
    assert logged(world.ledger) == [
        ("SourcesChanged", {"grants": world.stranger, "registry": world.registry.address})
    ]
    assert (world.ledger.grants(), world.ledger.registry()) == (
        *(world.stranger, world.registry.address),
    )
    assert not world.ledger.is_valid_for(report_id, grant_id, 3)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (0, 0)
    assert world.ledger.report_of(report_id).evidence_hash == EVIDENCE
    world.ledger.set_sources(world.grants, ZERO_ADDRESS, sender=world.owner)
    assert world.ledger.is_valid_for(report_id, grant_id, 3)


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
