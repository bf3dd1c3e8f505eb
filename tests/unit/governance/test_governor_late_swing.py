"""The late swing: who turns the majority in the last moment gives time to answer."""

import boa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.governance import (
    ABSTAIN,
    AGAINST,
    DEFEATED,
    FOR,
    LATE_EXTENSION,
    QUORUM_MINIMUM,
    STRICT_QUORUM_BPS,
    SUCCEEDED,
    SUPPLY,
    VOTING_PERIOD,
    Batch,
    Proposal,
)
from tests.support import account, events, logged, now, pass_time, warp_to

UNIT = SUPPLY // 100
# Of the ballots of one example; each voter has its own weight, in units.
WEIGHTS = [0, 1, 1, 2, 3, 5, 8, 13, 20, 21]


@pytest.fixture(scope="module")
def crowd(votes):
    """Ten accounts with WEIGHTS."""
    people = [account(f"swinger {i}") for i in range(len(WEIGHTS))]
    for person, weight in zip(people, WEIGHTS, strict=True):
        votes.set_votes(person, weight * UNIT)
    pass_time(1)
    return people


def decided_early(proposal, crowd):
    """Open, with 21 against 20: the quorum of both classes is reached, and the end is far away.
    Returns the deadline."""
    proposal.propose().open().vote(crowd[8]).vote(crowd[9], AGAINST)
    return proposal.governor.proposalDeadline(proposal.id)


@pytest.fixture(scope="module")
def make_class(governor, target, proposer):
    """A proposal of either class."""

    def make(strict):
        batch = Batch().add(target, "store", 7) if strict else Batch().spend(target)
        return Proposal(governor, batch, "Of some class", proposer)

    return make


# --- one swing ---


@pytest.mark.parametrize("before_the_end", [LATE_EXTENSION - 1, 1, 0])
def test_majority__won_late__extends_voting(governor, proposal, crowd, before_the_end):
    deadline = decided_early(proposal, crowd)
    warp_to(deadline - before_the_end)
    proposal.vote(crowd[3])
    extended = now() + LATE_EXTENSION
    assert logged(governor) == [
        ("VoteCast", crowd[3], proposal.id, FOR, 2 * UNIT, ""),
        ("ProposalExtended", proposal.id, extended),
    ]
    assert governor.proposalDeadline(proposal.id) == extended > deadline
    warp_to(extended)
    proposal.vote(crowd[7], AGAINST)
    assert proposal.close().state == DEFEATED


@pytest.mark.parametrize("before_the_end", [LATE_EXTENSION - 1, 1, 0])
def test_majority__lost_late__extends_voting(governor, proposal, crowd, before_the_end):
    deadline = decided_early(proposal, crowd)
    proposal.vote(crowd[3])
    warp_to(deadline - before_the_end)
    proposal.vote(crowd[1], AGAINST)
    assert governor.proposalDeadline(proposal.id) == now() + LATE_EXTENSION
    warp_to(now() + LATE_EXTENSION)
    proposal.vote(crowd[2])
    assert proposal.close().state == SUCCEEDED


@pytest.mark.parametrize("before_the_end", [LATE_EXTENSION, LATE_EXTENSION + 1, VOTING_PERIOD - 1])
def test_majority__turned_early__moves_nothing(governor, proposal, crowd, before_the_end):
    deadline = decided_early(proposal, crowd)
    warp_to(deadline - before_the_end)
    for voter, support in ((crowd[3], FOR), (crowd[1], AGAINST), (crowd[2], FOR)):
        proposal.vote(voter, support)
        assert not events(governor, "ProposalExtended")
    assert governor.proposalDeadline(proposal.id) == deadline


@pytest.mark.parametrize(
    ("who", "support"), [(1, FOR), (6, AGAINST), (6, ABSTAIN), (0, FOR), (0, AGAINST), (0, ABSTAIN)]
)
def test_ballot__that_turns_nothing__extends_nothing(governor, proposal, crowd, who, support):
    deadline = decided_early(proposal, crowd)
    warp_to(deadline)
    proposal.vote(crowd[who], support)
    assert governor.proposalDeadline(proposal.id) == deadline


@pytest.mark.parametrize("support", [FOR, AGAINST])
def test_majority__turned_before_the_quorum_is_reached__extends_nothing(
    governor, proposal, crowd, support
):
    """Whoever reaches the quorum then will extend the vote."""
    proposal.propose().open()
    proposal.vote(crowd[1], AGAINST if support == FOR else FOR)
    deadline = governor.proposalDeadline(proposal.id)
    warp_to(deadline)
    proposal.vote(crowd[3], support)
    assert governor.proposalDeadline(proposal.id) == deadline


def test_quorum__reached_early_by_abstentions__leaves_time_to_answer(governor, proposal, crowd):
    """The fault of a rule that looks at the quorum alone: the last ballot decided unanswered."""
    proposal.propose().open().vote(crowd[8], ABSTAIN)
    deadline = governor.proposalDeadline(proposal.id)
    warp_to(deadline)
    proposal.vote(crowd[1])
    assert governor.proposalDeadline(proposal.id) == deadline + LATE_EXTENSION
    warp_to(deadline + 1)
    proposal.vote(crowd[3], AGAINST)
    assert proposal.close().state == DEFEATED


def test_majority__of_a_strict_proposal__is_that_of_its_class(governor, make_class, crowd):
    """21 to 13 turns an ordinary proposal; a strict one turns at two thirds, and a bit."""
    for strict in (False, True):
        with boa.env.anchor():
            proposal = make_class(strict).propose().open()
            proposal.vote(crowd[8], ABSTAIN).vote(crowd[7], AGAINST)
            deadline = governor.proposalDeadline(proposal.id)
            warp_to(deadline)
            # 21 to 13, 26 to 13, 27 to 13.
            for who, turns in ((9, not strict), (5, not strict), (1, True)):
                proposal.vote(crowd[who])
                assert (governor.proposalDeadline(proposal.id) > deadline) == turns


# --- several ---


def test_extensions__of_all_kinds_together__are_three(governor, proposal, crowd):
    """A late quorum and swings, each in the last second that there is."""
    proposal.propose().open()
    deadline = governor.proposalDeadline(proposal.id)
    ballots = [(1, FOR), (8, ABSTAIN), (3, AGAINST), (4, FOR), (5, AGAINST), (6, FOR)]
    moved = []
    for who, support in ballots:
        warp_to(governor.proposalDeadline(proposal.id))
        proposal.vote(crowd[who], support)
        moved.append(governor.proposalDeadline(proposal.id) - deadline)
    assert moved == [LATE_EXTENSION * i for i in (0, 1, 2, 3, 3, 3)]
    pass_time(1)
    assert proposal.state == SUCCEEDED


def test_extension__near_the_last_end__is_cut(governor, proposal, crowd):
    """The last one is as long as is left to three extensions after the period: here a second."""
    deadline = decided_early(proposal, crowd)
    last = deadline + 3 * LATE_EXTENSION
    warp_to(deadline - 1)
    for who, support in ((3, FOR), (4, AGAINST), (5, FOR)):
        proposal.vote(crowd[who], support)
        warp_to(governor.proposalDeadline(proposal.id))
    assert now() == last - 1
    proposal.vote(crowd[6], AGAINST)
    assert governor.proposalDeadline(proposal.id) == last
    pass_time(1)
    proposal.vote(crowd[7], FOR)
    assert governor.proposalDeadline(proposal.id) == last
    pass_time(1)
    assert proposal.state == SUCCEEDED


# --- a model ---


class Model:
    """The deadline of one proposal, from the rule in words: a late ballot that reaches the quorum,
    or that turns the majority once it is reached, leaves an extension to answer, up to three."""

    def __init__(self, strict: bool, opened: int) -> None:
        self.strict = strict
        self.end = self.first_end = opened + VOTING_PERIOD
        self.sides = {AGAINST: 0, FOR: 0, ABSTAIN: 0}
        bps = STRICT_QUORUM_BPS if strict else 400
        self.quorum = max(SUPPLY * bps // 10_000, QUORUM_MINIMUM)

    def summary(self) -> tuple[bool, bool]:
        """Whether the quorum is reached, and whether those in favour have the majority."""
        reached = self.sides[FOR] + self.sides[ABSTAIN] >= self.quorum
        in_favour, against = self.sides[FOR], self.sides[AGAINST]
        if self.strict:
            return reached, in_favour > 0 and in_favour * 3_333 >= against * 6_667
        return reached, in_favour > against

    def vote(self, at: int, support: int, weight: int) -> None:
        had_quorum, carried = self.summary()
        self.sides[support] += weight
        has_quorum, carries = self.summary()
        if has_quorum and (not had_quorum or carried != carries):
            latest = self.first_end + 3 * LATE_EXTENSION
            self.end = max(self.end, min(at + LATE_EXTENSION, latest))


# Who votes how, and how many seconds before the end at the earliest: mostly late.
BALLOTS = st.permutations(range(len(WEIGHTS))).flatmap(
    lambda order: st.tuples(
        *(
            st.tuples(
                st.just(who),
                st.sampled_from([AGAINST, FOR, FOR, ABSTAIN]),
                st.sampled_from([0, 0, 0, 1, LATE_EXTENSION - 1, LATE_EXTENSION, VOTING_PERIOD]),
            )
            for who in order
        )
    )
)


@given(ballots=BALLOTS, strict=st.booleans())
@settings(max_examples=60, deadline=None)
def test_deadline__of_random_ballots__is_the_models(governor, make_class, crowd, ballots, strict):
    with boa.env.anchor():
        proposal = make_class(strict).propose().open()
        model = Model(strict, governor.proposalSnapshot(proposal.id))
        last = model.first_end + 3 * LATE_EXTENSION
        for who, support, before_the_end in ballots:
            warp_to(max(now(), model.end - before_the_end))
            proposal.vote(crowd[who], support)
            model.vote(now(), support, WEIGHTS[who] * UNIT)
            assert governor.proposalDeadline(proposal.id) == model.end <= last
        passed = all(model.summary())
        assert proposal.close().state == (SUCCEEDED if passed else DEFEATED)
