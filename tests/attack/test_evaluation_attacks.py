"""Attacks on claims and attestations: a score that was not measured is not to count.

Each runs twice: on the contract, where it must fail, and on a mutant without the defence that it
aims at, where it must succeed.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.mutants import Case
from tests.kits.evaluations import (
    ACCURACY,
    EVIDENCE,
    MILLION,
    REASON,
    SCORE,
    STEREOTYPES,
    EvaluationsWorld,
    make_evaluations,
)
from tests.support import DAY, MAX_UINT, now, pass_time, works

Attack = Callable[[EvaluationsWorld], bool]
CASES: dict[str, Case] = {}


def held_off_by(
    old: str, new: str = "pass", module: str = "", backup: tuple[tuple[str, str, str], ...] = ()
) -> Callable[[Attack], Attack]:
    """Registers an attack that returns whether the attacker got what it wanted."""

    def register(run: Attack) -> Attack:
        CASES[run.__name__] = Case(run, old, new, module, "Evaluations", backup)
        return run

    return register


# --- who attests ---


@held_off_by('assert admission != 0, "evaluator is not admitted"')
def strangers_attest_their_own_claim(world):
    claim_id = world.claim(sender=world.stranger, score=MILLION)
    for who in (world.stranger, world.claimant):
        works(world.attest, claim_id, who)
    return world.meets(claim_id)


@held_off_by('assert attestor not in counting, "already attested"')
def one_evaluator_is_two(world):
    claim_id = world.claim()
    for _ in range(2):
        works(world.attest, claim_id, world.evaluators[0])
    return world.meets(claim_id)


@held_off_by(
    "        if packed_attestor._account(packed) in [builder, applicant]:\n"
    "            return False\n",
    "        pass\n",
)
def builder_attests_itself(world):
    world.admit(world.builder)
    claim_id = world.claim(score=MILLION)
    for who in (world.builder, world.evaluators[0]):
        world.attest(claim_id, who)
    return world.meets(claim_id)


@held_off_by(
    "if benchmarks._admission(benchmark_id, account) == packed_attestor._admission(attestor):",
    "if account != empty(address) or benchmark_id == 0:",
)
def removed_evaluator_still_counts(world):
    claim_id = world.claim()
    world.attest(claim_id, world.evaluators[0])
    world.admit(world.evaluators[0], admitted=False)
    world.attest(claim_id, world.evaluators[1])
    return world.meets(claim_id)


@held_off_by(
    "if benchmarks._admission(benchmark_id, account) == packed_attestor._admission(attestor):",
    "if benchmarks._admission(benchmark_id, account) != 0:",
)
def removal_is_undone_by_another_admission(world):
    """What a lost key attested counts again once its owner is admitted with a new one."""
    claim_id = world.claim()
    world.attest(claim_id, world.evaluators[0])
    world.admit(world.evaluators[0], admitted=False)
    world.admit(world.evaluators[0])
    world.attest(claim_id, world.evaluators[1])
    return world.meets(claim_id)


@held_off_by("number += 1", "number = convert(admitted, uint256)", module="benchmarks")
def numbers_of_admissions_come_again(world):
    claim_id = world.claim()
    signature = world.sign(claim_id)
    world.admit(world.evaluators[0], admitted=False)
    world.admit(world.evaluators[0])
    return works(world.attest_by, claim_id, signature)


@held_off_by(
    "if len(counting) >= benchmarks._threshold(packed_standing._benchmark_id(packed)):",
    "if len(counting) >= 1:",
)
def one_attestation_is_enough(world):
    claim_id = world.claim()
    world.attest(claim_id, world.evaluators[0])
    return world.meets(claim_id)


# --- what is attested ---


@held_off_by('assert self.claim_hashes[claim_id] == claim_hash, "claim is another"')
def claim_is_renumbered_under_the_evaluator(world):
    """A reorganisation puts another claim in the place of the one that was looked at."""
    honest = world.claim(score=SCORE)
    claim_hash = world.contract.claim_of(honest).claim_hash
    liar = world.claim(score=MILLION)
    return works(world.contract.attest, liar, claim_hash, sender=world.evaluators[0])


def in_messages(old: str, new: str) -> Callable[[Attack], Attack]:
    return held_off_by(old, new, module="attestation_messages")


@in_messages(
    "abi_encode(ATTESTATION_TYPEHASH, claim_id, admission,",
    "abi_encode(ATTESTATION_TYPEHASH, convert(1, uint256), admission,",
)
def signature_of_an_equal_claim(world):
    signature = world.sign(world.claim())
    return works(world.attest_by, world.claim(), signature)


@in_messages("            data.score,\n", "            convert(0, int256),\n")
def attestation_of_another_score(world):
    """The evaluator names the hash of the score that it measured."""
    measured, liar = world.claim(), world.claim(score=MILLION)
    claim_hash = world.contract.claim_of(measured).claim_hash
    return works(world.contract.attest, liar, claim_hash, sender=world.evaluators[0])


@in_messages(
    "claim_id, admission, deadline, claim_hash))",
    "claim_id, convert(1, uint256), deadline, claim_hash))",
)
def signature_of_an_earlier_admission(world):
    claim_id = world.claim()
    signature = world.sign(claim_id)
    world.admit(world.evaluators[0], admitted=False)
    world.admit(world.evaluators[0])
    return works(world.attest_by, claim_id, signature)


@held_off_by('assert block.timestamp <= deadline, "signature has expired"')
def signature_that_expired(world):
    claim_id, deadline = world.claim(), now() + DAY
    signature = world.sign(claim_id, deadline=deadline)
    pass_time(DAY + 1)
    return works(world.attest_by, claim_id, signature, deadline)


@in_messages(
    "claim_id, admission, deadline, claim_hash))",
    "claim_id, admission, max_value(uint256), claim_hash))",
)
def signature_that_lives_longer_than_it_says(world):
    claim_id = world.claim()
    signature = world.sign(claim_id, deadline=MAX_UINT)
    return works(world.attest_by, claim_id, signature, now() + DAY)


@held_off_by("signature_checks._is_valid(evaluator, digest, signature)", "digest != empty(bytes32)")
def signature_of_nobody(world):
    claim_id = world.claim()
    return works(world.attest_by, claim_id, bytes(65))


# --- what became of it ---


@held_off_by(
    "return packed_standing._attested_at(packed) != 0 and packed_standing._voided_at(packed) == 0",
    "return packed_standing._attested_at(packed) != 0",
)
def void_claim_still_pays(world):
    claim_id = world.attested()
    world.contract.void_claim(claim_id, REASON, sender=world.owner)
    return world.meets(claim_id)


@held_off_by('assert packed_standing._voided_at(packed) == 0, "claim is void"')
def void_claim_is_dated_anew(world):
    """A second vote moves the time at which the claim became void."""
    claim_id = world.attested()
    world.contract.void_claim(claim_id, REASON, sender=world.owner)
    voided_at = world.contract.claim_of(claim_id).voided_at
    pass_time(DAY)
    works(world.contract.void_claim, claim_id, REASON, sender=world.owner)
    return world.contract.claim_of(claim_id).voided_at != voided_at


@held_off_by('assert packed_standing._attested_at(packed) == 0, "claim is attested"')
def attested_claim_is_dated_anew(world):
    claim_id = world.attested()
    attested_at = world.contract.claim_of(claim_id).attested_at
    world.admit(world.evaluators[2])
    pass_time(DAY)
    works(world.attest, claim_id, world.evaluators[2])
    return world.contract.claim_of(claim_id).attested_at != attested_at


@held_off_by(
    "if packed_standing._attested_at(packed) != 0:\n        return",
    "if claim_id == 0:\n        return",
)
def attestors_vanish_after_the_fact(world):
    claim_id = world.attested()
    world.admit(world.evaluators[0], admitted=False)
    return world.contract.attestors(claim_id) != world.evaluators[:2]


# --- what it meets ---


def passes(**demand: Any) -> Attack:
    """A milestone that demands something else takes an attested claim."""
    return lambda world: world.meets(world.attested(), **demand)


@held_off_by("self.digests[claim_id] == weights_digest\n        and ", "")
def claim_about_other_weights(world):
    return passes(weights_digest=EVIDENCE)(world)


@held_off_by(
    "        and packed_standing._benchmark_id(self.packed_standings[claim_id]) == benchmark_id\n",
    "",
)
def claim_about_an_easier_benchmark(world):
    harder = world.add(name="a hard one")
    return passes(benchmark_id=harder)(world)


@held_off_by("return score >= required", "return True", module="benchmarks")
def score_below_what_is_required(world):
    return passes(required_score=SCORE + 1)(world)


@held_off_by(
    "    return score <= required\n", "    return score >= required\n", module="benchmarks"
)
def rate_of_harm_above_what_is_allowed(world):
    claim_id = world.attested(benchmark_id=STEREOTYPES)
    return world.meets(claim_id, benchmark_id=STEREOTYPES, required_score=SCORE - 1)


@held_off_by(
    " and raised <= packed_benchmark._raised_max(packed)",
    "",
    module="benchmarks",
)
def score_beyond_the_scale(world):
    """An accuracy of two."""
    return works(world.claim, score=2 * MILLION)


@held_off_by("    governed._only_owner()\n    number: uint256", "    number: uint256")
def stranger_admits_itself(world):
    return works(
        world.contract.set_evaluator, ACCURACY, world.stranger, True, sender=world.stranger
    )


@held_off_by("    governed._only_owner()\n    old_threshold: uint256", "    old_threshold: uint256")
def stranger_lowers_the_threshold(world):
    return works(world.contract.set_threshold, ACCURACY, 1, sender=world.stranger)


@held_off_by("    governed._only_owner()\n    packed: uint256", "    packed: uint256")
def stranger_voids_the_claim_of_a_rival(world):
    return works(world.contract.void_claim, world.attested(), REASON, sender=world.stranger)


# --- the table ---


@pytest.fixture(scope="module")
def world() -> EvaluationsWorld:
    return make_evaluations()


@pytest.mark.parametrize("name", CASES)
def test_attack__on_the_contract__fails(world, name):
    assert CASES[name].attack(world) is False


@pytest.mark.parametrize("name", CASES)
def test_attack__without_the_defence__succeeds(name):
    case = CASES[name]
    assert case.attack(make_evaluations(case.mutant())) is True
