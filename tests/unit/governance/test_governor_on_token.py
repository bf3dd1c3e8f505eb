"""The Governor over the real governance token: delegation, moved votes, the Treasury's tokens."""

import pytest

from tests.kits.governance import AGAINST, DEFEATED, ETHER, EXECUTED, FOR, SUCCEEDED
from tests.support import DAY, deploy, now, pass_time, reverts_with, warp_to

HELD = 100_000 * ETHER


@pytest.fixture(scope="module")
def token(owner, proposer, voter, holder, contributor):
    """Four holders with a tenth of a million each; all but `contributor` vote for themselves."""
    token = deploy("GovernanceToken", "Flywheel", "FLY", now() - DAY, 30 * DAY, sender=owner)
    token.set_minter(owner, 100 * HELD, sender=owner)
    for account in (proposer, voter, holder, contributor):
        token.mint(account, HELD, sender=owner)
        if account != contributor:
            token.delegate(account, sender=account)
    pass_time(1)
    return token


@pytest.fixture(scope="module")
def governor(make_governor, token):
    return make_governor(token=token)


def test_proposal__from_start_to_end__executes(proposal, target, voter):
    proposal.advance(EXECUTED, voter)
    assert target.stored() == 7


def test_votes__moved_after_the_snapshot__vote_once(governor, token, proposal, holder, contributor):
    token.delegate(contributor, sender=contributor)
    proposal.propose().open().vote(holder)
    token.transfer(contributor, HELD, sender=holder)
    pass_time(1)
    assert governor.castVote(proposal.id, FOR, sender=contributor) == HELD
    assert governor.proposalVotes(proposal.id) == (0, 2 * HELD, 0)


def test_votes__delegated__are_the_delegates_only(governor, token, proposal, voter, contributor):
    token.delegate(voter, sender=contributor)
    proposal.propose().open()
    assert governor.castVote(proposal.id, AGAINST, sender=voter) == 2 * HELD
    assert governor.castVote(proposal.id, FOR, sender=contributor) == 0


def test_quorum__leaves_out_what_the_treasury_held_at_the_snapshot(
    governor, token, owner, proposal, holder, stranger
):
    """4 % of 400,000 tokens are 16,000, of the 300,000 outside the Treasury 12,000."""
    token.set_treasury(stranger, sender=owner)
    token.transfer(stranger, HELD, sender=holder)
    proposal.propose()
    warp_to(governor.proposalSnapshot(proposal.id) + 1)
    token.transfer(holder, HELD, sender=stranger)
    assert governor.proposal_quorum(proposal.id) == 12_000 * ETHER
    assert governor.quorum(now() - 1) == 12_000 * ETHER
    pass_time(1)
    assert governor.quorum(now() - 1) == 16_000 * ETHER


@pytest.mark.parametrize(("weight", "state"), [(16_000, SUCCEEDED), (15_999, DEFEATED)])
def test_quorum__of_the_real_supply__decides(token, proposal, holder, stranger, weight, state):
    token.transfer(stranger, weight * ETHER, sender=holder)
    token.delegate(stranger, sender=stranger)
    proposal.propose().open().vote(stranger).close()
    assert proposal.state == state


def test_quorum__of_the_future__cannot_be_asked(governor, proposal):
    proposal.propose()
    error = "ERC5805FutureLookup(uint256,uint48)"
    snapshot = governor.proposalSnapshot(proposal.id)
    with reverts_with(governor, error, snapshot, now()):
        governor.proposal_quorum(proposal.id)
