"""Attacks on votes, proposals and the Timelock: each fails, and succeeds without its defence.

The mutants share one compilation per group of defences that do not touch each other.
"""

from typing import Any

import boa
import pytest
from eth_account import Account

from tests.attack.vote_world import (
    HELD,
    World,
    again_mutant,
    ballot_mutant,
    call_mutant,
    late_mutant,
    power_mutant,
    rule_mutant,
)
from tests.kits.governance import (
    ABSTAIN,
    ACTIVE,
    AGAINST,
    BALLOT,
    EXECUTED,
    EXPIRED,
    FOR,
    GRACE,
    MIN_DELAY,
    NO_PREDECESSOR,
    QUEUED,
    SALT,
    SUCCEEDED,
    Batch,
    Proposal,
    ballot_domain,
    role,
    schedule,
)
from tests.support import DAY, ZERO_ADDRESS, account, deploy, now, pass_time, warp_to, works

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

# --- ballots ---


def vote_twice(**mutant: Any) -> int:
    """Votes in favour that one account casts by voting three times."""
    world = World(**mutant)
    proposal = world.proposal().propose().open()
    for _ in range(3):
        works(proposal.vote, world.attacker)
    return world.governor.proposalVotes(proposal.id)[FOR] // HELD


def replay_a_signed_ballot(**mutant: Any) -> int:
    """Votes in favour of a signer whose ballot is handed in three times."""
    world, signer = World(**mutant), Account.from_key(f"{0xB2:064x}")
    world.token.mint(world.friend, 0, sender=world.owner)
    world.token.delegate(signer.address, sender=world.friend)
    pass_time(1)
    proposal = world.proposal().propose().open()
    args = (
        proposal.id,
        FOR,
        signer.address,
        signed(world, proposal, signer, signer.address).signature,
    )
    for _ in range(3):
        works(world.governor.castVoteBySig, *args)
    return world.governor.proposalVotes(proposal.id)[FOR] // HELD


def signed(world: World, proposal: Proposal, signer: Any, voter: str) -> Any:
    message = {"proposalId": proposal.id, "support": FOR, "voter": voter, "nonce": 0}
    return signer.sign_typed_data(ballot_domain(world.governor), BALLOT, message)


def malleate_a_signed_ballot(**mutant: Any) -> bool:
    """Hands in the other signature, with the high s, that belongs to a ballot."""
    world, signer = World(**mutant), Account.from_key(f"{0xB2:064x}")
    proposal = world.proposal().propose().open()
    made = signed(world, proposal, signer, signer.address)
    r, s = made.r.to_bytes(32, "big"), (CURVE_ORDER - made.s).to_bytes(32, "big")
    other = r + s + bytes([27 + (28 - made.v)])
    return works(world.governor.castVoteBySig, proposal.id, FOR, signer.address, other)


def vote_for_the_zero_address(**mutant: Any) -> bool:
    """A broken signature recovers the zero address, which may well have votes by mistake."""
    world = World(**mutant)
    proposal = world.proposal().propose().open()
    broken = b"\0" * 64 + b"\x1b"
    return works(world.governor.castVoteBySig, proposal.id, FOR, ZERO_ADDRESS, broken)


def vote_for_a_wallet_that_refuses(**mutant: Any) -> bool:
    world, wallet = World(**mutant), deploy("MockWallet")
    proposal = world.proposal().propose().open()
    return works(world.governor.castVoteBySig, proposal.id, FOR, wallet.address, b"\1" * 65)


# --- rules of a vote ---


def vote_move_and_vote_again(**mutant: Any) -> int:
    """Votes in favour out of one lot of tokens that moves on after each ballot."""
    world = World(**mutant)
    proposal = world.proposal().propose().open()
    pass_time(10)
    holder = world.attacker
    for i in range(3):
        proposal.vote(holder)
        accomplice = account(f"accomplice {i}")
        world.token.delegate(accomplice, sender=accomplice)
        world.token.transfer(accomplice, HELD, sender=holder)
        holder = accomplice
        pass_time(1)
    return world.governor.proposalVotes(proposal.id)[FOR] // HELD


def prolong_the_vote_for_ever(**mutant: Any) -> int:
    """How many times a minority moves the deadline, by late ballots that weigh nothing."""
    world = World(**mutant)
    proposal = world.proposal().propose().open()
    proposal.vote(world.voter).vote(world.friend)
    moved = 0
    for i in range(4):
        deadline = world.governor.proposalDeadline(proposal.id)
        warp_to(deadline)
        proposal.vote(account(f"nobody {i}"))
        moved += world.governor.proposalDeadline(proposal.id) > deadline
    return moved


def swing_in_the_last_second(**mutant: Any) -> bool:
    """The quorum is reached at the very end, when nobody can answer any more."""
    world = World(**mutant)
    proposal = world.proposal().propose().open()
    warp_to(world.governor.proposalDeadline(proposal.id))
    proposal.vote(world.attacker).vote(world.friend, ABSTAIN)
    pass_time(1)
    works(proposal.vote, world.voter, AGAINST)
    works(proposal.vote, world.proposer, AGAINST)
    proposal.close()
    return proposal.state == SUCCEEDED


def capture_a_small_supply(**mutant: Any) -> bool:
    """Almost all tokens are burnt: a share of the rest is next to nothing. The attacker has just
    less than half of it."""
    world = World(**mutant)
    for person in (world.owner, world.voter, world.friend):
        world.token.burn(world.token.balanceOf(person), sender=person)
    world.token.burn(1, sender=world.attacker)
    proposal = world.proposal().propose().open().vote(world.attacker).close()
    return proposal.state == SUCCEEDED


def revive_a_defeat(**mutant: Any) -> bool:
    """The quorum is lowered after a proposal missed it."""
    world = World(**mutant)
    proposal = world.proposal().propose().open().vote(world.attacker).close()
    world.by_vote("set_quorum_minimum", 1)
    world.by_vote("updateQuorumNumerator", 100)
    return proposal.state == SUCCEEDED


def hoard_an_old_victory(**mutant: Any) -> bool:
    """A victory is kept for years, until nobody expects it any more."""
    world = World(**mutant)
    proposal = world.decided()
    pass_time(1_000 * DAY)
    return works(proposal.queue)


# --- powers ---


def take_a_proposal_and_cancel_it(**mutant: Any) -> bool:
    """Sees a proposal that names its proposer, makes it first, and cancels it for ever."""
    world = World(**mutant)
    proposal = world.proposal(text=f"Mine\n\n#proposer={world.proposer}")
    stolen = Proposal(world.governor, proposal.batch, proposal.description, world.attacker)
    works(stolen.propose)
    works(stolen.cancel, world.attacker)
    return not works(proposal.propose)


def propose_with_a_flash_loan(**mutant: Any) -> bool:
    """Votes that are borrowed and given back in the same second."""
    world, borrower = World(**mutant), account("borrower")
    world.token.delegate(borrower, sender=borrower)
    world.token.transfer(borrower, HELD, sender=world.friend)
    proposal = Proposal(world.governor, Batch().add(world.target, "store", 1), "Loan", borrower)
    made = works(proposal.propose)
    world.token.transfer(world.friend, HELD, sender=borrower)
    return made


def starve_an_inner_call(**mutant: Any) -> bool:
    """An executor gives so little gas that the target goes on without the call it makes.

    The target swallows the failure, so the Timelock cannot know. True if the proposal counts as
    executed though nothing was done.
    """
    world = World(**mutant)
    world.target.arm(world.target.address, world.target.fill.prepare_calldata(50))
    batch = Batch().add(world.governor, "require_gas", 1_500_000).add(world.target, "call_back")
    proposal = world.decided(batch).queue().wait()
    works(proposal.execute, gas=700_000)
    assert world.target.filled(49) == 0
    if proposal.state == EXECUTED:
        return True
    proposal.execute(gas=5_000_000)
    assert world.target.filled(49) == 1
    return False


def stay_in_office_by_cancelling(**mutant: Any) -> bool:
    """The guardian cancels the vote that replaces it."""
    world = World(**mutant)
    world.by_vote("set_guardian", world.attacker, now() + 100 * DAY)
    proposal = world.proposal(Batch().add(world.governor, "set_guardian", world.voter, 0)).propose()
    return works(proposal.cancel, world.attacker)


def stay_in_office_after_the_term(**mutant: Any) -> bool:
    world = World(**mutant)
    world.by_vote("set_guardian", world.attacker, now() + DAY)
    proposal = world.proposal().propose()
    pass_time(DAY)
    return works(proposal.cancel, world.attacker)


def spam_proposals(**mutant: Any) -> int:
    """How many proposals of one account wait for their vote at once."""
    world = World(max_live=3, **mutant)
    spam = [world.proposal(text=f"Spam {i}") for i in range(10)]
    return sum(works(proposal.propose) for proposal in spam)


def relay_without_a_vote(**mutant: Any) -> bool:
    """The Governor may schedule and cancel in the Timelock: relay would lend that to anybody."""
    world = World(**mutant)
    batch = Batch().add(world.target, "store", 9)
    payload = world.timelock.scheduleBatch.prepare_calldata(
        *batch.args, NO_PREDECESSOR, SALT, MIN_DELAY
    )
    args = (world.timelock.address, 0, payload)
    return works(world.governor.relay, *args, sender=world.attacker)


def lower_the_quorum_without_a_vote(**mutant: Any) -> bool:
    world = World(**mutant)
    return works(world.governor.updateQuorumNumerator, 100, sender=world.attacker)


# --- Timelock ---


def execute_without_enough_gas(**mutant: Any) -> bool:
    """True if a batch whose call ran out of gas counts as executed (63/64)."""
    world = World(**mutant)
    proposal = world.decided(Batch().add(world.target, "fill", 50)).queue().wait()
    works(proposal.execute, gas=900_000)
    assert world.target.filled(49) == 0
    return proposal.state == EXECUTED


def execute_on_a_target_that_vanished(**mutant: Any) -> bool:
    """The target's code is gone between vote and execution (selfdestruct): a call does nothing."""
    world = World(**mutant)
    proposal = world.decided().queue().wait()
    boa.env.set_code(world.target.address, b"")
    works(proposal.execute)
    return proposal.state == EXECUTED


def execute_before_the_delay(**mutant: Any) -> bool:
    world = World(**mutant)
    proposal = world.decided().queue()
    return works(proposal.execute)


def schedule_without_delay(**mutant: Any) -> bool:
    world = World(**mutant)
    batch = Batch().add(world.target, "store", 9)
    args = (*batch.args, NO_PREDECESSOR, SALT, 0)
    return works(world.timelock.scheduleBatch, *args, sender=world.owner)


def execute_a_batch_inside_itself(**mutant: Any) -> bool:
    """True if a batch that starts itself again from one of its calls ran more than once."""
    world = World(**mutant)
    batch = Batch().add(world.target, "call_back").add(world.target, "count")
    schedule(world.timelock, world.owner, batch)
    pass_time(MIN_DELAY)
    again = world.timelock.executeBatch.prepare_calldata(*batch.args, NO_PREDECESSOR, SALT)
    world.target.arm(world.timelock.address, again)
    works(world.timelock.executeBatch, *batch.args, NO_PREDECESSOR, SALT)
    assert world.target.counted() > 0
    return world.target.counted() > 1


def execute_a_batch_twice(**mutant: Any) -> int:
    world = World(**mutant)
    batch = Batch().add(world.target, "count")
    schedule(world.timelock, world.owner, batch)
    pass_time(MIN_DELAY)
    for _ in range(2):
        works(world.timelock.executeBatch, *batch.args, NO_PREDECESSOR, SALT)
    return world.target.counted()


# Attack, mutant, what it gets of the contracts, what of the mutant.
ATTACKS = [
    (vote_twice, ballot_mutant, 1, 3),
    (replay_a_signed_ballot, ballot_mutant, 1, 3),
    (malleate_a_signed_ballot, ballot_mutant, False, True),
    (vote_for_the_zero_address, ballot_mutant, False, True),
    (vote_for_a_wallet_that_refuses, ballot_mutant, False, True),
    (vote_move_and_vote_again, rule_mutant, 1, 3),
    (prolong_the_vote_for_ever, rule_mutant, 0, 4),
    (capture_a_small_supply, rule_mutant, False, True),
    (revive_a_defeat, rule_mutant, False, True),
    (hoard_an_old_victory, rule_mutant, False, True),
    (swing_in_the_last_second, late_mutant, False, True),
    (take_a_proposal_and_cancel_it, power_mutant, False, True),
    (propose_with_a_flash_loan, power_mutant, False, True),
    (starve_an_inner_call, power_mutant, False, True),
    (stay_in_office_by_cancelling, power_mutant, False, True),
    (stay_in_office_after_the_term, power_mutant, False, True),
    (spam_proposals, power_mutant, 3, 10),
    (relay_without_a_vote, power_mutant, False, True),
    (lower_the_quorum_without_a_vote, power_mutant, False, True),
    (execute_without_enough_gas, call_mutant, False, True),
    (execute_on_a_target_that_vanished, call_mutant, False, True),
    (execute_before_the_delay, call_mutant, False, True),
    (schedule_without_delay, call_mutant, False, True),
    (execute_a_batch_inside_itself, again_mutant, False, True),
    (execute_a_batch_twice, again_mutant, 1, 2),
]
NAMES = [row[0].__name__ for row in ATTACKS]


@pytest.mark.parametrize(("attack", "mutant", "held", "broken"), ATTACKS, ids=NAMES)
def test_attack__with_every_defence__fails(attack, mutant, held, broken):
    assert attack() == held


@pytest.mark.parametrize(("attack", "mutant", "held", "broken"), ATTACKS, ids=NAMES)
def test_attack__with_its_defence_cut_out__succeeds(attack, mutant, held, broken):
    assert attack(**mutant()) == broken


def test_flash_loan__of_votes_at_the_snapshot__weighs_nothing():
    """Held in the second of the snapshot and given back before it ends."""
    world, borrower = World(), account("borrower")
    world.token.delegate(borrower, sender=borrower)
    proposal = world.proposal().propose()
    warp_to(world.governor.proposalSnapshot(proposal.id))
    world.token.transfer(borrower, HELD, sender=world.friend)
    world.token.transfer(world.friend, HELD, sender=borrower)
    proposal.open().vote(borrower)
    assert world.governor.proposalVotes(proposal.id) == (0, 0, 0)


def test_delegation__in_a_loop_and_to_nobody__makes_no_votes():
    world = World()
    a, b = world.voter, world.friend
    world.token.delegate(b, sender=a)
    world.token.delegate(a, sender=b)
    world.token.delegate(ZERO_ADDRESS, sender=world.attacker)
    pass_time(1)
    proposal = world.proposal().propose().open()
    for person in (a, b, world.attacker):
        proposal.vote(person)
    assert world.governor.proposalVotes(proposal.id) == (0, 2 * HELD, 0)


def test_relay__to_the_governor_and_the_timelock__gives_no_power_of_its_own():
    """As the Governor's caller the Governor is nobody; in the Timelock it may do what it may."""
    world = World()
    ours, theirs = world.governor, world.timelock
    calls = [
        (ours, ours.setVotingDelay.prepare_calldata(3 * DAY)),
        (ours, ours.relay.prepare_calldata(world.attacker, 0, b"")),
        (theirs, theirs.updateDelay.prepare_calldata(5 * DAY)),
        (theirs, theirs.grantRole.prepare_calldata(role("PROPOSER_ROLE"), world.attacker)),
    ]
    for contract, payload in calls:
        assert not works(world.by_vote, "relay", contract.address, 0, payload)


def test_queued_victory__cannot_be_hoarded_either():
    world = World()
    proposal = world.decided().queue().wait()
    assert proposal.state == QUEUED
    pass_time(GRACE)
    assert not works(proposal.execute)
    assert proposal.state == EXPIRED
    assert world.proposal(text="Another").propose().open().state == ACTIVE
