"""Evaluations: benchmarks, claims, who attests them, what they meet."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.kits.evaluations import (
    ACCURACY,
    DIGEST,
    EVIDENCE,
    HARNESS,
    MAX_SCORE,
    MAX_THRESHOLD,
    MILLION,
    REASON,
    SCORE,
    STEREOTYPES,
    THRESHOLD,
    URI,
    make_benchmark,
    make_claim,
)
from tests.kits.grants import logged
from tests.support import DAY, ZERO_ADDRESS, now, pass_time

NOT_THE_OWNER = "caller is not the owner"
NOT_ADMITTED = "evaluator is not admitted"


# --- benchmarks ---


def test_add_benchmark__by_the_owner__stored_and_logged(world):
    benchmark = make_benchmark(min_score=-3, max_score=7, higher_is_better=False, threshold=8)
    benchmark_id = world.contract.add_benchmark(benchmark, sender=world.owner)
    assert logged(world.contract) == [
        ("BenchmarkAdded", {"benchmark_id": 3, "benchmark": benchmark})
    ]
    assert benchmark_id == world.contract.benchmark_count() == 3
    assert world.contract.benchmark_of(3) == benchmark
    assert world.contract.admission(3, world.evaluators[0]) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "benchmark is not named"),
        ({"task_hash": b"\0" * 32}, "task hash is empty"),
        ({"min_score": 5, "max_score": 5}, "scale is empty"),
        ({"min_score": 5, "max_score": 4}, "scale is empty"),
        ({"threshold": 0}, "threshold is out of range"),
        ({"threshold": MAX_THRESHOLD + 1}, "threshold is out of range"),
        ({"min_score": -MAX_SCORE - 1}, "score is too large"),
        ({"max_score": MAX_SCORE + 1}, "score is too large"),
    ],
)
def test_add_benchmark__bad_data__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.add(**changes)


def test_add_benchmark__the_widest_scale__keeps_every_score_of_it(world):
    benchmark_id = world.add(min_score=-MAX_SCORE, max_score=MAX_SCORE, threshold=1)
    for score in (-MAX_SCORE, -1, 0, 1, MAX_SCORE):
        claim_id = world.claim(benchmark_id=benchmark_id, score=score)
        assert world.contract.claim_of(claim_id).score == score
    found = world.contract.benchmark_of(benchmark_id)
    assert (found.min_score, found.max_score) == (-MAX_SCORE, MAX_SCORE)


def test_benchmark_of__unknown__is_empty(world):
    for unknown in (0, 3):
        assert world.contract.benchmark_of(unknown).name == ""
        assert world.contract.benchmark_of(unknown).min_score == 0


@pytest.mark.parametrize("role", ["claimant", "stranger", "builder"])
def test_settings__not_the_owner__revert(world, claim_id, role):
    sender = getattr(world, role)
    calls = (
        ("add_benchmark", (make_benchmark(),)),
        ("set_threshold", (ACCURACY, 1)),
        ("set_evaluator", (ACCURACY, world.stranger, True)),
        ("void_claim", (claim_id, REASON)),
    )
    for function, args in calls:
        with boa.reverts(NOT_THE_OWNER):
            getattr(world.contract, function)(*args, sender=sender)


def test_set_threshold__by_the_owner__logs_old_and_new(world):
    world.contract.set_threshold(ACCURACY, MAX_THRESHOLD, sender=world.owner)
    assert logged(world.contract) == [
        ("ThresholdChanged", {"benchmark_id": 1, "old_threshold": 2, "new_threshold": 8})
    ]
    expected = make_benchmark(threshold=MAX_THRESHOLD)
    assert world.contract.benchmark_of(ACCURACY) == expected


@pytest.mark.parametrize("threshold", [0, MAX_THRESHOLD + 1])
def test_set_threshold__out_of_range__reverts(world, threshold):
    with boa.reverts("threshold is out of range"):
        world.contract.set_threshold(ACCURACY, threshold, sender=world.owner)


def test_settings__of_an_unknown_benchmark__revert(world):
    for unknown in (0, 3):
        with boa.reverts("no such benchmark"):
            world.contract.set_threshold(unknown, 1, sender=world.owner)
        with boa.reverts("no such benchmark"):
            world.admit(world.stranger, unknown)


def test_set_evaluator__admitted_removed_admitted__has_another_number_each_time(world):
    numbers = []
    for admitted in (True, True, False, False, True):
        world.admit(world.stranger, admitted=admitted)
        ((name, fields),) = logged(world.contract)
        assert name == "EvaluatorChanged"
        assert (fields["benchmark_id"], fields["account"]) == (ACCURACY, world.stranger)
        assert fields["admitted"] == admitted
        numbers.append(fields["standing_number"])
        expected = fields["standing_number"] if admitted else 0
        assert world.contract.admission(ACCURACY, world.stranger) == expected
    assert numbers == [1, 1, 2, 2, 3]
    assert world.contract.admission(STEREOTYPES, world.stranger) == 0


def test_set_evaluator__zero__reverts(world):
    with boa.reverts("account is zero"):
        world.admit(ZERO_ADDRESS)


# --- claims ---


def test_claim__by_anybody__stored_and_logged(world):
    claim = make_claim()
    claim_id = world.contract.claim(claim, sender=world.stranger)
    ((name, fields),) = logged(world.contract)
    state = world.contract.claim_of(claim_id)
    assert name == "Claimed"
    assert fields == {
        "claim_id": claim_id,
        "weights_digest": DIGEST,
        "benchmark_id": ACCURACY,
        "claimant": world.stranger,
        "claim_hash": state.claim_hash,
        "claim": claim,
    }
    assert claim_id == world.contract.claim_count() == 1
    assert state._asdict() == {
        "weights_digest": DIGEST,
        "benchmark_id": ACCURACY,
        "score": SCORE,
        "claimant": world.stranger,
        "claim_hash": state.claim_hash,
        "claimed_at": now(),
        "attested_at": 0,
        "voided_at": 0,
    }
    assert world.contract.attestors(claim_id) == []
    assert not world.contract.is_attested(claim_id)


def test_claim__hash__is_that_of_eip_712_over_every_field(world, claim_id):
    types = ["bytes32"] * 2 + ["uint256", "int256"] + ["bytes32"] * 3 + ["address"]
    expected = keccak(
        encode(
            types,
            [
                world.contract.CLAIM_TYPEHASH(),
                DIGEST,
                ACCURACY,
                SCORE,
                keccak(text=HARNESS),
                EVIDENCE,
                keccak(text=URI),
                world.claimant,
            ],
        )
    )
    assert world.contract.claim_of(claim_id).claim_hash == expected


def test_claim__each_field_and_the_claimant__changes_the_hash(world, claim_id):
    others = (
        {"weights_digest": EVIDENCE},
        {"benchmark_id": STEREOTYPES},
        {"score": SCORE + 1},
        {"harness": "another"},
        {"evidence_hash": DIGEST},
        {"evidence_uri": "ipfs://another"},
        {"sender": world.stranger},
    )
    ids = [claim_id, *(world.claim(**changes) for changes in others)]
    assert len({world.contract.claim_of(one).claim_hash for one in ids}) == len(ids)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights_digest": b"\0" * 32}, "weights digest is empty"),
        ({"harness": ""}, "harness is not named"),
        ({"evidence_hash": b"\0" * 32}, "evidence hash is empty"),
        ({"evidence_uri": ""}, "evidence uri is empty"),
        ({"benchmark_id": 0}, "no such benchmark"),
        ({"benchmark_id": 3}, "no such benchmark"),
        ({"score": -1}, "score is outside of the scale"),
        ({"score": MILLION + 1}, "score is outside of the scale"),
        ({"score": MAX_SCORE + 1}, "score is too large"),
        ({"score": -(2**255)}, "score is too large"),
        ({"score": 2**255 - 1}, "score is too large"),
    ],
)
def test_claim__bad_data__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.claim(**changes)


def test_claim__the_ends_of_the_scale__are_in_it(world):
    for score in (0, MILLION):
        assert world.contract.claim_of(world.claim(score=score)).score == score


def test_claim__the_same_twice_and_another_score__are_claims_of_their_own(world, claim_id):
    twin, other = world.claim(), world.claim(score=SCORE + 1)
    state, twins = world.contract.claim_of(claim_id), world.contract.claim_of(twin)
    assert state.claim_hash == twins.claim_hash
    world.attest(twin, world.evaluators[0])
    assert world.contract.attestors(claim_id) == world.contract.attestors(other) == []


def test_claim_of__unknown__is_empty(world):
    for unknown in (0, 1):
        assert world.contract.claim_of(unknown).claimant == ZERO_ADDRESS
        assert world.contract.claim_of(unknown).score == 0
        assert world.contract.attestors(unknown) == []
        assert not world.contract.is_attested(unknown)


# --- attestations ---


def test_attest__as_many_as_the_threshold__is_attested_at_that_moment(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    assert logged(world.contract) == [
        (
            "ClaimAttested",
            {"claim_id": claim_id, "evaluator": world.evaluators[0], "attestations": 1},
        )
    ]
    assert world.contract.attestors(claim_id) == [world.evaluators[0]]
    assert not world.contract.is_attested(claim_id)
    pass_time(DAY)
    world.attest(claim_id, world.evaluators[1])
    assert logged(world.contract) == [
        (
            "ClaimAttested",
            {"claim_id": claim_id, "evaluator": world.evaluators[1], "attestations": 2},
        ),
        ("ThresholdReached", {"claim_id": claim_id}),
    ]
    assert world.contract.is_attested(claim_id)
    assert world.contract.claim_of(claim_id).attested_at == now()
    assert world.contract.claim_of(claim_id).claimed_at == now() - DAY
    assert world.contract.attestors(claim_id) == world.evaluators[:2]


def test_attest__by_the_claimant__counts_if_it_is_an_evaluator(world):
    claim_id = world.claim(sender=world.evaluators[0])
    world.attest(claim_id, world.evaluators[0])
    assert world.contract.attestors(claim_id) == [world.evaluators[0]]


@pytest.mark.parametrize("role", ["claimant", "stranger", "owner"])
def test_attest__not_an_evaluator__reverts(world, claim_id, role):
    with boa.reverts(NOT_ADMITTED):
        world.attest(claim_id, getattr(world, role))


def test_attest__an_evaluator_of_another_benchmark__reverts(world, claim_id):
    world.admit(world.stranger, STEREOTYPES)
    with boa.reverts(NOT_ADMITTED):
        world.attest(claim_id, world.stranger)


def test_attest__twice__reverts(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    with boa.reverts("already attested"):
        world.attest(claim_id, world.evaluators[0])


def test_attest__of_an_attested_claim__reverts(world):
    claim_id = world.attested()
    world.admit(world.stranger)
    with boa.reverts("claim is attested"):
        world.attest(claim_id, world.stranger)


def test_attest__another_claim_than_was_meant__reverts(world, claim_id):
    other = world.claim(score=SCORE + 1)
    with boa.reverts("claim is another"):
        world.contract.attest(
            claim_id, world.contract.claim_of(other).claim_hash, sender=world.evaluators[0]
        )


def test_attest__unknown_claim__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("no such claim"):
            world.contract.attest(unknown, b"\0" * 32, sender=world.evaluators[0])


def test_attest__of_a_void_claim__reverts(world, claim_id):
    world.contract.void_claim(claim_id, REASON, sender=world.owner)
    with boa.reverts("claim is void"):
        world.attest(claim_id, world.evaluators[0])


# --- evaluators that come and go, thresholds that move ---


def test_set_evaluator__removed_before_the_threshold__no_longer_counts(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    world.admit(world.evaluators[0], admitted=False)
    assert world.contract.attestors(claim_id) == []
    world.attest(claim_id, world.evaluators[1])
    assert world.contract.attestors(claim_id) == [world.evaluators[1]]
    assert not world.contract.is_attested(claim_id)


def test_set_evaluator__admitted_again__attests_anew(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    world.admit(world.evaluators[0], admitted=False)
    world.admit(world.evaluators[0])
    assert world.contract.attestors(claim_id) == []
    world.attest(claim_id, world.evaluators[0])
    assert world.contract.attestors(claim_id) == [world.evaluators[0]]
    with boa.reverts("already attested"):
        world.attest(claim_id, world.evaluators[0])


def test_set_evaluator__admitted_twice_over__keeps_what_it_attested(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    world.admit(world.evaluators[0])
    assert world.contract.attestors(claim_id) == [world.evaluators[0]]


def test_set_evaluator__removed_after_the_threshold__changes_nothing(world):
    claim_id = world.attested()
    for evaluator in world.evaluators[:2]:
        world.admit(evaluator, admitted=False)
    assert world.contract.is_attested(claim_id)
    assert world.contract.attestors(claim_id) == world.evaluators[:2]
    assert world.meets(claim_id)


def test_set_threshold__raised__changes_nothing_of_what_is_attested(world, claim_id):
    attested = world.attested()
    world.attest(claim_id, world.evaluators[0])
    world.contract.set_threshold(ACCURACY, 3, sender=world.owner)
    assert world.contract.is_attested(attested)
    world.attest(claim_id, world.evaluators[1])
    assert not world.contract.is_attested(claim_id)
    world.admit(world.evaluators[2])
    world.attest(claim_id, world.evaluators[2])
    assert world.contract.is_attested(claim_id)


def test_set_threshold__lowered__holds_from_the_next_attestation_on(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    world.contract.set_threshold(ACCURACY, 1, sender=world.owner)
    assert not world.contract.is_attested(claim_id)
    assert not world.meets(claim_id)
    again = world.claim()
    world.attest(again, world.evaluators[0])
    assert world.contract.is_attested(again)
    world.attest(claim_id, world.evaluators[1])
    assert world.contract.is_attested(claim_id)


def test_attest__as_many_as_there_can_be__all_are_listed(world):
    """Eight live attestors after one that was removed: the list holds them."""
    world.contract.set_threshold(ACCURACY, MAX_THRESHOLD, sender=world.owner)
    for evaluator in world.evaluators:
        world.admit(evaluator)
    claim_id = world.claim()
    for evaluator in world.evaluators[:7]:
        world.attest(claim_id, evaluator)
    world.admit(world.evaluators[0], admitted=False)
    for evaluator in world.evaluators[7:]:
        assert not world.contract.is_attested(claim_id)
        world.attest(claim_id, evaluator)
    assert world.contract.is_attested(claim_id)
    assert world.contract.attestors(claim_id) == world.evaluators[1:]


# --- void ---


@pytest.mark.parametrize("attested", [False, True])
def test_void_claim__by_the_owner__once_and_for_ever(world, attested):
    claim_id = world.attested() if attested else world.claim()
    pass_time(DAY)
    world.contract.void_claim(claim_id, REASON, sender=world.owner)
    assert logged(world.contract) == [
        ("ClaimVoided", {"claim_id": claim_id, "reason_hash": REASON})
    ]
    state = world.contract.claim_of(claim_id)
    assert state.voided_at == now()
    assert (state.attested_at > 0) == attested
    assert not world.contract.is_attested(claim_id)
    assert not world.meets(claim_id)
    with boa.reverts("claim is void"):
        world.contract.void_claim(claim_id, REASON, sender=world.owner)


def test_void_claim__unknown__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("no such claim"):
            world.contract.void_claim(unknown, REASON, sender=world.owner)


# --- what a claim meets ---


def test_meets__an_attested_claim__at_least_as_good_as_required(world):
    claim_id = world.attested()
    assert world.meets(claim_id)
    assert world.meets(claim_id, required_score=SCORE - 1)
    assert not world.meets(claim_id, required_score=SCORE + 1)
    assert not world.meets(claim_id, required_score=2**255 - 1)
    assert world.meets(claim_id, required_score=-(2**255))


def test_meets__lower_is_better__at_most_as_high_as_required(world):
    claim_id = world.attested(benchmark_id=STEREOTYPES)
    for required, expected in ((SCORE, True), (SCORE + 1, True), (SCORE - 1, False)):
        found = world.meets(claim_id, benchmark_id=STEREOTYPES, required_score=required)
        assert found == expected


def test_meets__other_weights_or_another_benchmark__no(world):
    claim_id = world.attested()
    assert not world.meets(claim_id, weights_digest=EVIDENCE)
    assert not world.meets(claim_id, benchmark_id=STEREOTYPES)
    assert not world.meets(claim_id, benchmark_id=0)


def test_meets__not_attested__no(world, claim_id):
    world.attest(claim_id, world.evaluators[0])
    assert not world.meets(claim_id)


def test_meets__nothing_at_all__no(world):
    """Zero for everything is what an unknown claim has."""
    assert not world.contract.meets(0, b"\0" * 32, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)


def test_meets__a_builder_among_its_attestors__no(world):
    claim_id = world.attested()
    for attestor in world.evaluators[:THRESHOLD]:
        assert not world.meets(claim_id, builder=attestor)
        assert not world.meets(claim_id, applicant=attestor)
    assert world.meets(claim_id, builder=world.evaluators[2])


def test_attestors__of_a_void_claim_without_enough__are_those_still_admitted(world, claim_id):
    """A void claim is final only if it was attested before."""
    world.attest(claim_id, world.evaluators[0])
    world.contract.void_claim(claim_id, REASON, sender=world.owner)
    assert world.contract.attestors(claim_id) == world.evaluators[:1]
    world.admit(world.evaluators[0], admitted=False)
    assert world.contract.attestors(claim_id) == []


def test_meets__a_builder_that_filed_the_claim__yes(world):
    """A claim is worth what its attestors are, whoever filed it."""
    claim_id = world.attested(sender=world.builder)
    assert world.meets(claim_id)


def test_meets__a_builder_whose_attestation_did_not_count__yes(world, claim_id):
    """It was removed before the claim was attested, by others alone."""
    world.admit(world.builder)
    world.attest(claim_id, world.builder)
    world.admit(world.builder, admitted=False)
    for evaluator in world.evaluators[:2]:
        world.attest(claim_id, evaluator)
    assert world.contract.attestors(claim_id) == world.evaluators[:2]
    assert world.meets(claim_id)


def test_pause__does_not_exist(world):
    assert not hasattr(world.contract, "pause")
