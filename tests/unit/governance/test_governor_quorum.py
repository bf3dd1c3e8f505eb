"""How many votes a proposal needs: of what could vote, with a minimum that a small supply meets."""

from itertools import product

import boa
import pytest

from tests.kits.governance import (
    ABSTAIN,
    DEFEATED,
    FOR,
    LATE_EXTENSION,
    SUCCEEDED,
    SUPPLY,
    Batch,
    Proposal,
    set_votes,
)
from tests.support import ZERO_ADDRESS, deploy, now, pass_time, reverts_with

BPS = 10_000
MINIMUM = 1_001


@pytest.fixture
def rounds():
    return deploy("MockRounds")


@pytest.fixture
def small(make_governor, rounds):
    """A Governor with a share of 25 %, an odd minimum and rounds in which tokens vest."""
    return make_governor(
        quorum_numerator=2_500,
        quorum_minimum=MINIMUM,
        proposal_threshold=0,
        rounds=rounds.address,
    )


def expected(counted: int) -> int:
    """The quorum in words: a quarter of what counts, and at least the minimum, but never more
    than half of what counts, both rounded up."""
    return max(-(-counted // 4), min(MINIMUM, -(-counted // 2)))


SUPPLIES = [0, 1, 2, 3, 2 * MINIMUM - 2, 2 * MINIMUM - 1, 2 * MINIMUM, 4 * MINIMUM, 4 * MINIMUM + 1]


@pytest.mark.parametrize(
    ("supply", "unvested"), product(SUPPLIES, [0, 1, MINIMUM, 5 * MINIMUM, 2**128])
)
def test_quorum__of_any_supply__can_be_reached_by_it(small, votes, rounds, supply, unvested):
    """Burning and redeeming never end the vote, nor do tokens that vest for years."""
    votes.set_supply(supply)
    rounds.set_unvested(unvested)
    pass_time(1)
    counted = max(0, supply - unvested)
    assert small.quorum(now() - 1) == expected(counted)
    assert small.quorum(now() - 1) <= counted


@pytest.mark.parametrize("unvested", [0, 4_000, 8_000])
@pytest.mark.parametrize("support", [FOR, ABSTAIN])
@pytest.mark.parametrize("short", [0, 1])
def test_state__at_the_quorum__is_decided_by_what_could_vote(
    small, votes, rounds, target, proposer, stranger, unvested, support, short
):
    """One vote in favour, the rest as `support`: just the quorum, or one wei less."""
    votes.set_supply(16_000)
    rounds.set_unvested(unvested)
    pass_time(1)
    quorum = expected(16_000 - unvested)
    set_votes(votes, proposer, 1)
    set_votes(votes, stranger, quorum - 1 - short)
    proposal = Proposal(small, Batch().spend(target), "Store seven", proposer)
    proposal.propose().open().vote(proposer)
    assert small.proposal_quorum(proposal.id) == quorum
    proposal.vote(stranger, support).close()
    assert proposal.state == (DEFEATED if short else SUCCEEDED)


def test_late_quorum__of_what_could_vote__extends(small, votes, rounds, target, proposer, stranger):
    votes.set_supply(16_000)
    rounds.set_unvested(8_000)
    pass_time(1)
    set_votes(votes, stranger, 2_000)
    proposal = Proposal(small, Batch().spend(target), "Store seven", proposer)
    proposal.propose().open()
    boa.env.time_travel(seconds=small.proposalDeadline(proposal.id) - now())
    proposal.vote(stranger)
    assert small.proposalDeadline(proposal.id) == now() + LATE_EXTENSION


def test_rounds__of_a_governor_without_any__count_nothing(governor, votes):
    assert governor.rounds() == ZERO_ADDRESS
    pass_time(1)
    assert governor.quorum(now() - 1) == SUPPLY * governor.quorumNumerator() // BPS


def test_rounds__is_what_the_deployment_named(small, rounds):
    assert small.rounds() == rounds.address


def test_propose__most_tokens_vest__a_tenth_of_all_that_circulate_is_needed(
    make_governor, rounds, votes, target, stranger
):
    """Else the first to claim would propose alone with a tenth of the little that has vested."""
    governor = make_governor(proposal_threshold=10**6, rounds=rounds.address)
    votes.set_supply(1_000)
    rounds.set_unvested(900)
    set_votes(votes, stranger, 100)
    proposal = Proposal(governor, Batch().spend(target), "Early", stranger)
    error = "GovernorInsufficientProposerVotes(address,uint256,uint256)"
    with reverts_with(governor, error, stranger, 100, 101):
        proposal.propose()
    set_votes(votes, stranger, 101)
    proposal.propose()
