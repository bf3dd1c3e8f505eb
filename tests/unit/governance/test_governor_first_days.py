"""The first days: no proposal while most tokens wait in rounds, until a stated time."""

from contextlib import nullcontext

import boa
import pytest

from tests.kits.governance import ETHER, Batch, Proposal
from tests.support import DAY, account, deploy, now, pass_time, reverts_with, warp_to

OPENS_AFTER = 90 * DAY
WAITING = "most tokens wait in rounds"
CLAIMED = 1_000 * ETHER


@pytest.fixture(scope="module")
def token(owner, proposer):
    """`proposer` has claimed CLAIMED; nobody else has anything."""
    token = deploy("GovernanceToken", "Flywheel", "FLY", now() - DAY, 30 * DAY, sender=owner)
    token.set_minter(owner, 2**95, sender=owner)
    token.mint(proposer, CLAIMED, sender=owner)
    token.delegate(proposer, sender=proposer)
    pass_time(1)
    return token


@pytest.fixture(scope="module")
def rounds():
    return deploy("MockRounds")


@pytest.fixture(scope="module")
def early(make_governor, token, rounds):
    return make_governor(
        token=token, rounds=rounds.address, opens_after=OPENS_AFTER, proposal_threshold=1
    )


@pytest.fixture
def make(early, target, proposer):
    def make(text="First", sender=proposer):
        return Proposal(early, Batch().spend(target), text, sender)

    return make


@pytest.mark.parametrize(
    ("waiting", "opens"),
    [
        (0, True),
        (1, True),
        (CLAIMED - 1, True),
        (CLAIMED, False),
        (CLAIMED + 1, False),
        (99 * CLAIMED, False),
    ],
)
def test_propose__in_the_first_days__needs_more_than_half_outside_the_rounds(
    token, owner, rounds, make, waiting, opens
):
    if waiting:
        token.mint(rounds.address, waiting, sender=owner)
    pass_time(1)
    with nullcontext() if opens else boa.reverts(WAITING):
        make().propose()


def test_propose__at_the_stated_time__waits_for_nobody(early, token, owner, rounds, make):
    token.mint(rounds.address, 99 * CLAIMED, sender=owner)
    # A tenth of all tokens, or the threshold, is another rule.
    assert early.proposalThreshold() == 1
    warp_to(early.OPENS_AT() - 1)
    with boa.reverts(WAITING):
        make().propose()
    pass_time(1)
    make().propose()


def test_propose__once_enough_claimed__is_open_and_closes_again(token, owner, rounds, make):
    """A round that is minted in the first days is waited for again."""
    token.mint(rounds.address, CLAIMED, sender=owner)
    with boa.reverts(WAITING):
        make("One").propose()
    token.transfer(account("a claimer"), 1, sender=rounds.address)
    make("One").propose()
    token.mint(rounds.address, 2, sender=owner)
    with boa.reverts(WAITING):
        make("Two").propose()


def test_propose__before_there_are_tokens__fails_for_want_of_votes(
    make_governor, owner, rounds, target, proposer
):
    token = deploy("GovernanceToken", "Flywheel", "FLY", now() - DAY, 30 * DAY, sender=owner)
    governor = make_governor(
        token=token, rounds=rounds.address, opens_after=OPENS_AFTER, proposal_threshold=1
    )
    proposal = Proposal(governor, Batch().spend(target), "Nobody", proposer)
    error = "GovernorInsufficientProposerVotes(address,uint256,uint256)"
    with reverts_with(governor, error, proposer, 0, 1):
        proposal.propose()


def test_propose__without_rounds__waits_for_nobody(make_governor, token, target, proposer):
    governor = make_governor(token=token, opens_after=OPENS_AFTER, proposal_threshold=1)
    Proposal(governor, Batch().spend(target), "No rounds", proposer).propose()


def test_votes__on_what_was_proposed__go_on_whatever_waits(early, token, owner, rounds, make):
    """The rule is of proposing: what is made is voted on, queued and executed."""
    proposal = make().propose()
    token.mint(rounds.address, 99 * CLAIMED, sender=owner)
    proposal.open().vote(proposal.proposer)
    assert early.proposalVotes(proposal.id) == (0, CLAIMED, 0)


def test_propose__after_the_first_days__reads_no_balance(early, make):
    """What is not asked costs nothing."""
    make("One").propose()
    costs = early._computation.get_gas_used()
    warp_to(early.OPENS_AT())
    make("Two").propose()
    assert early._computation.get_gas_used() < costs
