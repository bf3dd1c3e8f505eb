"""Attacks on reviews: objections, named proposals, and what a submission has to name. Each runs
twice: on the contracts, and on a mutant without the defence that it aims at.
"""

import boa
import pytest

from tests import support
from tests.attack.grant_world import (
    PART,
    Attacks,
    World,
    data_grant,
    decision,
    escalate,
    holder,
    is_accepted_after,
    leased,
    make_world,
    object_by,
    objected,
    replace_number,
    to_the_last,
    with_governor,
    with_report,
)
from tests.kits.evaluations import make_benchmark, make_claim
from tests.kits.governance import AGAINST, Batch, Proposal
from tests.kits.grants import (
    BENCHMARK,
    ESCALATION_SECONDS,
    EVIDENCE,
    OBJECTED,
    PHASE_TRAINING,
    REASON,
    REVIEW_SECONDS,
    WHOLE,
    milestone_terms,
)
from tests.support import DAY, works

attack = Attacks()
GRANTS = "TrainingGrants"


@pytest.fixture(scope="module")
def world():
    return make_world()


# --- objections ---


@attack(
    GRANTS,
    (
        "objections",
        "assert not self.has_objected[grant_id][milestone][number][account], "
        '"account has objected"',
        "pass",
    ),
)
def half_a_per_cent_objects_until_it_is_enough(world):
    who = holder(world, "small", 50)
    grant_id = data_grant(world)
    world.submit(grant_id)
    for _ in range(2):
        object_by(world, grant_id, who)
    return world.state_of(grant_id) == OBJECTED


@attack(
    GRANTS,
    (
        "objections",
        "seen_at: uint256 = submission.submitted_at - 1",
        "seen_at: uint256 = block.timestamp - 1",
    ),
)
def objection_by_votes_rented_for_it(world):
    """S2: who learns of a submission gets tokens, objects and gives them back."""
    grant_id = data_grant(world)
    holder(world, "somebody", 1)
    world.submit(grant_id)
    return object_by(world, grant_id, holder(world, "renter", 100))


@attack(
    GRANTS,
    (
        "objections",
        "total: uint256 = self.votes[grant_id][milestone][number] + votes",
        "total: uint256 = votes",
    ),
)
def builder_paid_although_holders_object_together(world):
    """S6: six tenths of a per cent each."""
    people = [holder(world, name, 60) for name in ("one", "another")]
    grant_id = data_grant(world)
    world.submit(grant_id)
    for who in people:
        assert object_by(world, grant_id, who)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


@attack(
    GRANTS,
    (
        "milestones",
        "accepted_at += ESCALATION_SECONDS",
        "accepted_at = max(accepted_at, submission.objected_at + ESCALATION_SECONDS)",
    ),
)
def builders_friend_uses_up_the_objection(world):
    """Raised in the first second, it would be over before the review is."""
    friend = holder(world, "friend", 100)
    grant_id = data_grant(world)
    world.submit(grant_id)
    assert object_by(world, grant_id, friend)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS + ESCALATION_SECONDS - 1)


@attack(GRANTS, ("objections", "submission.needs_vote = True", "pass"))
def builder_waits_out_what_five_per_cent_said(world):
    who = holder(world, "large", 500)
    grant_id = data_grant(world)
    world.submit(grant_id)
    assert object_by(world, grant_id, who)
    return is_accepted_after(world, grant_id, 365 * DAY)


@attack(
    GRANTS,
    (
        "objections",
        "if submission.objected_at == 0 and (is_officer or ",
        "if submission.objected_at == 0 and (",
    ),
)
def guardian_cannot_stop_a_paid_milestone(world):
    """The attacker is a builder of worthless work; the guardian alone has seen it."""
    holder(world, "others", 1)
    grant_id = data_grant(world)
    world.submit(grant_id)
    world.object(grant_id)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


@attack(
    GRANTS,
    ("milestones", "objected_at=block.timestamp if is_challenged else 0", "objected_at=0"),
)
def work_on_a_challenged_report_paid_after_the_review(world):
    grant_id, report_id = with_report(world)
    world.challenge(report_id)
    world.submit(grant_id, report_id=report_id)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


# --- named proposals ---


@attack(
    GRANTS,
    ("objections", 'assert submission.objected_at != 0, "milestone is not objected to"', "pass"),
)
def review_held_by_a_proposal_alone(world):
    """Whoever may propose would hold every milestone of every grant."""
    governor = with_governor(world)
    grant_id = data_grant(world)
    world.submit(grant_id)
    decision(world, governor, grant_id)
    return escalate(world, grant_id)


@attack(
    GRANTS,
    ("objections", 'assert submission.held_until == 0, "a proposal was named"', "pass"),
)
def review_held_by_one_proposal_after_the_other(world):
    governor = with_governor(world)
    grant_id = objected(world)
    decision(world, governor, grant_id)
    assert escalate(world, grant_id)
    support.pass_time(REVIEW_SECONDS)
    decision(world, governor, grant_id, words="once more")
    return escalate(world, grant_id, "once more")


@attack(
    GRANTS,
    (
        "objections",
        "assert (\n"
        "        state == PENDING or state == ACTIVE or state == SUCCEEDED or state == QUEUED\n"
        '    ), "proposal is not live"',
        "pass",
    ),
)
def review_held_by_a_proposal_that_was_defeated(world):
    governor = with_governor(world)
    grant_id = objected(world)
    proposal = decision(world, governor, grant_id).open()
    proposal.vote(world.owner, AGAINST).close()
    return escalate(world, grant_id)


@attack(
    GRANTS,
    (
        "objections",
        "        submission.number,\n        pay_bps,",
        "        submission.number - 1,\n        pay_bps,",
    ),
)
def review_held_by_a_proposal_about_an_earlier_submission(world):
    governor = with_governor(world)
    grant_id = objected(world)
    decision(world, governor, grant_id)
    replace_number(world, grant_id)
    world.object(grant_id)
    return escalate(world, grant_id)


@attack(
    GRANTS,
    (
        "objections",
        "since: uint256 = max(block.timestamp, submission.submitted_at + progress.review_seconds)",
        "since: uint256 = block.timestamp",
    ),
)
def early_proposal_uses_up_the_time_of_the_vote(world):
    """Named by the builder's friend in the first second; holders would lose the review's days."""
    governor = with_governor(world)
    grant_id = objected(world)
    begin, window = support.now(), world.grants.vote_seconds()
    decision(world, governor, grant_id)
    assert escalate(world, grant_id)
    return world.grants.milestone(grant_id, 1).accepts_at < begin + REVIEW_SECONDS + window


@pytest.mark.parametrize("foreign", ["target", "two calls", "arguments", "another grant", "value"])
def test_escalate__proposal_that_does_not_decide_about_this__is_refused(world, foreign):
    governor = with_governor(world)
    grant_id, words = objected(world), "decide"
    other = objected(world) if foreign == "another grant" else grant_id
    batch = Batch()
    target = world.applications if foreign == "target" else world.grants
    payload = bytes(world.grants.decide.prepare_calldata(other, 1, 1, 0, REASON))
    if foreign == "arguments":
        payload = bytes(world.grants.decide.prepare_calldata(other, 1, 1, WHOLE, REASON))
    batch.add_raw(target.address, payload, 1 if foreign == "value" else 0)
    if foreign == "two calls":
        batch.add_raw(target.address, payload)
    proposal = Proposal(governor, batch, words, world.owner).propose()
    assert governor.state(proposal.id) == 0
    assert not escalate(world, grant_id)


def test_escalate__named__holds_for_a_vote_and_no_longer(world):
    """From the end of the review on, whatever becomes of the proposal."""
    governor = with_governor(world)
    grant_id = objected(world)
    begin = support.now()
    proposal = decision(world, governor, grant_id)
    assert escalate(world, grant_id)
    proposal.cancel(world.owner)
    held_until = begin + REVIEW_SECONDS + world.grants.vote_seconds()
    assert world.grants.milestone(grant_id, 1).accepts_at == held_until
    support.warp_to(held_until - 1)
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)
    support.pass_time(1)
    assert world.grants.draw(grant_id) == PART


# --- what a submission names ---


def submits(world, grant_id, model_id, digest):
    """Whether the last milestone may be submitted with that model."""
    to_the_last(world, grant_id)
    report_id = world.report(grant_id)
    named = {"report_id": report_id, "model_id": model_id, "evidence": digest}
    return works(world.submit, grant_id, **named)


@attack(GRANTS, ("requirements", 'assert not is_required, "model is missing"', "pass"))
def training_finished_without_a_model(world):
    """M1: the DAO pays all, and the builder keeps the weights."""
    return submits(world, world.active(), 0, EVIDENCE)


@attack(GRANTS, ("requirements", "found.grant_id == grant_id\n        and ", ""))
def model_of_another_grant(world):
    first, second = world.active(), world.active()
    model_id, digest = world.model(first)
    return submits(world, second, model_id, digest)


@attack(GRANTS, ("requirements", "\n        and found.weights_digest == weights_digest", ""))
def model_of_other_weights(world):
    grant_id = world.active()
    model_id, _ = world.model(grant_id)
    return submits(world, grant_id, model_id, EVIDENCE)


@attack(
    GRANTS,
    (
        "requirements",
        "\n        and staticcall IERC721(registry.address).ownerOf(model_id) == owner",
        "",
    ),
)
def model_that_the_dao_no_longer_owns(world):
    grant_id = world.active()
    model_id, digest = world.model(grant_id)
    world.registry.transferFrom(world.owner, world.stranger, model_id, sender=world.owner)
    return submits(world, grant_id, model_id, digest)


@attack(
    GRANTS,
    (
        "requirements",
        "\n        and staticcall registry.may_report_energy(model_id, builder)",
        "",
    ),
)
def model_of_an_earlier_grants_contract(world):
    """A vote replaced TrainingGrants; the same builder won the grant of the same number."""
    milestones = [
        milestone_terms(PART, due * DAY, model_required=last)
        for due, last in ((30, False), (60, False), (90, True))
    ]
    terms = {"kind": 1, "milestones": milestones, "bond": PART}
    grant_id = world.active(**terms)
    model_id, digest = world.model(grant_id)
    named = (world.token, world.applications, world.treasury, world.escrow, world.ledger)
    with boa.env.prank(world.owner):
        grants = world.grants.deployer.deploy(*named, world.evaluations, REVIEW_SECONDS, 100)
        world.registry.set_grants(grants)
        world.ledger.set_sources(grants, world.registry)
        world.treasury.set_committer(grants, True)
    world = World(**vars(world) | {"grants": grants})
    world.approve(grant_id)
    world.post_bond(grant_id)
    to_the_last(world, grant_id)
    return works(world.submit, grant_id, model_id=model_id, evidence=digest)


def scored(world, evaluator, digest=EVIDENCE, score=600_000):
    """A grant that asks for a score, and a claim of `digest` that `evaluator` attested."""
    world.evaluations.add_benchmark(make_benchmark(threshold=1), sender=world.owner)
    world.evaluations.set_evaluator(BENCHMARK, evaluator, True, sender=world.owner)
    first = {"benchmark_id": BENCHMARK, "required_score": 500_000}
    grant_id = data_grant(world, first)
    claim = make_claim(weights_digest=digest, benchmark_id=BENCHMARK, score=score)
    claim_id = world.evaluations.claim(claim, sender=world.builder)
    claim_hash = world.evaluations.claim_of(claim_id).claim_hash
    world.evaluations.attest(claim_id, claim_hash, sender=evaluator)
    return grant_id, claim_id


@attack(
    "Evaluations",
    ("Evaluations", "if packed_attestor._account(packed) in [builder, applicant]:", "if False:"),
)
def score_attested_by_the_builder(world):
    grant_id, claim_id = scored(world, world.builder)
    return works(world.submit, grant_id, claim_id=claim_id)


@attack(GRANTS, (GRANTS, "if terms.benchmark_id != 0:", "if False:"))
def score_that_is_too_low(world):
    grant_id, claim_id = scored(world, world.stranger, score=499_999)
    return works(world.submit, grant_id, claim_id=claim_id)


@attack(
    "Evaluations", ("Evaluations", "self.digests[claim_id] == weights_digest\n        and ", "")
)
def score_of_other_weights(world):
    grant_id, claim_id = scored(world, world.stranger, digest=b"\x55" * 32)
    return works(world.submit, grant_id, claim_id=claim_id)


def test_score__attested_without_the_builder__is_taken(world):
    """Else the attacks above would fail for another reason."""
    grant_id, claim_id = scored(world, world.stranger)
    world.submit(grant_id, claim_id=claim_id)


# --- carbon ---


@attack(
    GRANTS,
    (
        "requirements",
        "return max(reported, drawn) > carbon_budget_grams",
        "return reported > carbon_budget_grams",
    ),
)
def carbon_budget_dodged_by_a_small_report(world):
    grant_id, order_id = leased(world, carbon_budget_grams=1_000)
    support.pass_time(10 * DAY)
    world.draw_voucher(order_id, 4 * 10 * DAY)
    world.report(grant_id, 1, energy_wh=1)
    world.submit(grant_id)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


@attack(
    "ComputeEscrow",
    ("budgets", "budget.carbon_grams += more.carbon_grams", "pass"),
)
def carbon_budget_dodged_by_vouchers_that_are_kept(world):
    """Drawn only after the submission, as long as the provider can wait."""
    grant_id, _ = leased(world, seconds=20 * DAY, carbon_budget_grams=1_000)
    support.pass_time(20 * DAY)
    world.submit(grant_id)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


@attack(
    GRANTS,
    (
        "requirements",
        "return max(reported, drawn) > carbon_budget_grams",
        "return drawn > carbon_budget_grams",
    ),
)
def carbon_budget_dodged_by_machines_of_ones_own(world):
    """Nothing was leased; the report says what was burned."""
    first = {"energy_phase": PHASE_TRAINING}
    grant_id = data_grant(world, first, carbon_budget_grams=1_000)
    report_id = world.report(grant_id, 1, energy_wh=10**6)
    world.submit(grant_id, report_id=report_id)
    return is_accepted_after(world, grant_id, REVIEW_SECONDS)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()
