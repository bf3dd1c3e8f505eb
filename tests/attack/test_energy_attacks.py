"""Attacks on energy reports: who files, what is counted, who attests, what a review is about. Each
runs twice: on the contracts, and on a mutant without the defence that it aims at.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests import support
from tests.attack.grant_world import (
    Attacks,
    Run,
    World,
    hand_over,
    is_accepted_after,
    make_world,
    report_model,
    with_report,
)
from tests.kits.grants import (
    BUILDER_KEY,
    MILESTONE,
    MODEL,
    PHASE_SERVING,
    PHASE_TRAINING,
    REASON,
    REVIEW_SECONDS,
    attestation,
    make_report,
    sign_message,
)
from tests.kits.models import register
from tests.support import works

attack = Attacks()


@pytest.fixture(scope="module")
def world():
    return make_world()


def report_check(line: str) -> Callable[[Run], Run]:
    """An attack that one line of `is_valid_for` holds off."""
    return attack("EnergyLedger", ("EnergyLedger", f"        {line}\n", ""))


@report_check("and self.reports[report_id].subject_id == grant_id")
def report_of_another_grant(world):
    _, report_id = with_report(world)
    grant_id, _ = with_report(world)
    return works(world.submit, grant_id, report_id=report_id)


@report_check("and self.reports[report_id].milestone == milestone")
def report_of_another_milestone(world):
    grant_id, report_id = with_report(world)
    world.accept(grant_id, report_id=report_id)
    return works(world.submit, grant_id, report_id=report_id)


@report_check("and self.superseded_by[report_id] == 0")
def report_that_was_superseded(world):
    grant_id, report_id = with_report(world)
    world.report(grant_id, 1, supersedes=report_id)
    return works(world.submit, grant_id, report_id=report_id)


@report_check("and self.reports[report_id].phase == phase")
def rate_of_serving_for_a_report_of_training(world):
    """F2."""
    grant_id, _ = with_report(world)
    rate = world.report(grant_id, 1, phase=PHASE_SERVING, energy_wh=1)
    return works(world.submit, grant_id, report_id=rate)


@attack(
    "EnergyLedger",
    (
        "EnergyLedger",
        'assert reviewed.energy_report_id != old_id or not in_review, "report is under review"',
        "",
    ),
)
def paid_on_a_report_that_was_superseded_in_review(world):
    """F3: the large report is handed in, and a small one takes its place while it is reviewed."""
    grant_id, report_id = with_report(world)
    world.submit(grant_id, report_id=report_id)
    works(world.report, grant_id, 1, supersedes=report_id, energy_wh=1)
    support.pass_time(REVIEW_SECONDS)
    world.grants.draw(grant_id)
    return world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING).energy_wh == 1


@attack(
    "EnergyLedger",
    (
        "EnergyLedger",
        'assert is_owner or not self.was_cleared[report_id], "challenge was cleared"',
        "pass",
    ),
)
def challenge_repeated_after_a_vote_cleared_it(world):
    """The guardian would cost each submission five days."""
    grant_id, report_id = with_report(world)
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    works(world.challenge, report_id)
    world.submit(grant_id, report_id=report_id)
    return not is_accepted_after(world, grant_id, REVIEW_SECONDS)


@attack(
    "EnergyLedger",
    (
        "EnergyLedger",
        'assert state == ITrainingGrants.GrantState.ACTIVE, "grant is not active"',
        "",
    ),
)
def report_of_a_grant_that_nobody_approved(world):
    """F11."""
    return works(world.report, world.apply(), 1)


@attack(
    "EnergyLedger",
    (
        "EnergyLedger",
        "is_allowed = msg.sender == staticcall grants.recipient(subject_id)",
        "is_allowed = msg.sender in ["
        "staticcall grants.recipient(subject_id), self.reporter[self.report_count]]",
    ),
)
def footprint_shrunk_by_a_former_recipient(world):
    """F12, the other way round: who gave the grant up corrects its reports."""
    grant_id, report_id = with_report(world)
    hand_over(world, grant_id, world.stranger)
    return works(world.report, grant_id, 1, supersedes=report_id, energy_wh=1)


@attack(
    "ModelRegistry",
    (
        "ModelRegistry",
        "if account == tagged_tokens._owner_of(model_id):",
        "if account == model_records._model(model_id).registrant:",
    ),
)
def footprint_spoofed_by_who_sold_the_model(world):
    """M2."""
    model_id = register(world.registry, world.builder)
    world.registry.transferFrom(world.builder, world.stranger, model_id, sender=world.builder)
    return works(report_model, world, model_id, energy_wh=10**15)


@attack(
    "ModelRegistry",
    (
        "ModelRegistry",
        "if model_records._grants_number(model_id) != registry_links._grants_number:",
        "if False:",
    ),
)
def footprint_spoofed_by_the_same_number_of_another_grants_contract(world):
    """A vote replaced TrainingGrants: grant 1 of the new one is somebody else's."""
    grant_id = world.active()
    model_id = register(world.registry, world.builder, grant_id=grant_id, split=[])
    new_grants = support.deploy("MockGrantSplits", sender=world.owner)
    new_grants.set_grant(grant_id, world.stranger, [])
    world.registry.set_grants(new_grants, sender=world.owner)
    data = make_report(model_id, 0, subject_kind=MODEL)
    return works(world.ledger.report, data, sender=world.stranger)


@attack(
    "EnergyLedger",
    (
        "footprints",
        "if old_id == 0 or old_id == self._serving_reports[source][subject_id]:",
        "if True:",
    ),
)
def newest_rate_overwritten_by_correcting_an_old_one(world):
    """M3."""
    model_id = register(world.registry, world.builder)
    old = report_model(world, model_id, phase=PHASE_SERVING, energy_wh=9)
    report_model(world, model_id, phase=PHASE_SERVING, energy_wh=500)
    report_model(world, model_id, phase=PHASE_SERVING, energy_wh=1, supersedes=old)
    return world.ledger.footprint(MODEL, model_id, PHASE_SERVING).energy_wh == 1


@attack(
    "EnergyLedger",
    ("energy_figures", 'assert is_near or len(data.note) > 0, "emissions need a note"', ""),
)
def megawatt_hour_of_no_emissions(world):
    """M4."""
    figures = {"energy_wh": 10**6, "emissions_grams": 0}
    return works(report_model, world, register(world.registry, world.builder), **figures)


def attested(world: World, report_id: int, **changes: Any) -> bool:
    """Whether a signature of the builder, by `changes`, counts for the report."""
    message = attestation(world.ledger, report_id, **changes)
    signature = sign_message(message, BUILDER_KEY)
    return works(world.ledger.attest, report_id, world.builder, signature)


@attack(
    "EnergyLedger",
    (
        "attestation_book",
        "abi_encode(ATTESTATION_TYPEHASH, report_id, energy_wh, emissions_grams, report_hash)",
        "abi_encode(ATTESTATION_TYPEHASH, empty(uint256), energy_wh, emissions_grams, report_hash)",
    ),
)
def attestation_replayed_on_a_twin(world):
    """The same content filed twice: whoever signed one did not sign the other."""
    grant_id, _ = with_report(world)
    return attested(world, world.report(grant_id, 1), reportId=0)


@attack(
    "EnergyLedger",
    (
        "attestation_book",
        'assert not self.has_attested[report_id][attester], "report is attested already"',
        "",
    ),
)
def attestation_counted_twice(world):
    _, report_id = with_report(world)
    attested(world, report_id)
    return attested(world, report_id)


@attack(
    "EnergyLedger",
    (
        "attestation_book",
        "assert signature_checks._is_valid(attester, digest, signature), "
        '"signature is not the attester\'s"',
        "pass",
    ),
)
def attestation_in_the_name_of_another(world):
    _, report_id = with_report(world)
    return works(world.ledger.attest, report_id, world.owner, b"", sender=world.stranger)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()


def test_f12__successor__corrects_what_came_before(world):
    """The footprint counts each milestone once, whoever reported it first."""
    grant_id, report_id = with_report(world)
    hand_over(world, grant_id, world.stranger)
    better = make_report(grant_id, 1, supersedes=report_id, energy_wh=500)
    world.ledger.report(better, sender=world.stranger)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING).energy_wh == 500
