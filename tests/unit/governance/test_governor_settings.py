"""Construction, the settings that votes change, and what they cannot do to proposals that exist."""

import boa
import pytest

from tests.kits.governance import (
    DEFEATED,
    ETHER,
    EXECUTED,
    LATE_EXTENSION,
    PENDING,
    QUORUM,
    QUORUM_BPS,
    QUORUM_MINIMUM,
    SUCCEEDED,
    SUPPLY,
    THRESHOLD,
    VOTING_DELAY,
    VOTING_PERIOD,
    Batch,
    run_as_timelock,
    set_votes,
)
from tests.support import (
    DAY,
    deploy,
    logged,
    now,
    pass_time,
    reverts_otherwise,
    reverts_with,
    typed_error,
    warp_to,
)

PERIOD_ERROR = "GovernorInvalidVotingPeriod(uint256)"
EXTENSION_ERROR = "GovernorPreventLateQuorumVoteExtensionTooLarge(uint256,uint256)"
QUORUM_ERROR = "GovernorInvalidQuorumFraction(uint256,uint256)"

# Setter, getter, event, value before, a value it takes.
SETTINGS = [
    ("setVotingDelay", "votingDelay", "VotingDelaySet", VOTING_DELAY, 3 * DAY),
    ("setVotingPeriod", "votingPeriod", "VotingPeriodSet", VOTING_PERIOD, 4 * DAY),
    ("setProposalThreshold", "proposalThreshold", "ProposalThresholdSet", THRESHOLD, 5 * ETHER),
    ("updateQuorumNumerator", "quorumNumerator", "QuorumNumeratorUpdated", QUORUM_BPS, 900),
    ("set_quorum_minimum", "quorum_minimum", "QuorumMinimumSet", QUORUM_MINIMUM, 6 * ETHER),
    (
        "setLateQuorumVoteExtension",
        "lateQuorumVoteExtension",
        "LateQuorumVoteExtensionSet",
        LATE_EXTENSION,
        2 * DAY,
    ),
]


@pytest.fixture
def by_vote(timelock, governor):
    def change(function, *args):
        run_as_timelock(timelock, governor, function, *args)

    return change


# --- construction ---


def test_init__sets_everything_that_clients_read(make_governor, votes, timelock):
    governor = make_governor()
    assert logged(governor)[-6:] == [(event, 0, value) for _, _, event, value, _ in SETTINGS]
    for _, getter, _, value, _ in SETTINGS:
        assert getattr(governor, getter)() == value
    assert governor.name() == "Flywheel Governor"
    assert governor.version() == "1"
    assert governor.token() == votes.address
    assert governor.timelock() == timelock.address
    assert governor.quorumDenominator() == 10_000
    pass_time(1)
    assert governor.quorum(now() - 1) == QUORUM
    assert governor.COUNTING_MODE() == "support=bravo&quorum=for,abstain"
    assert governor.CLOCK_MODE() == "mode=timestamp"
    assert governor.clock() == now()
    assert governor.proposal_count() == 0
    domain = governor.eip712Domain()
    assert domain[1:3] == ("Flywheel Governor", "1")
    assert domain[4] == governor.address


@pytest.mark.parametrize("identifier", ["01ffc9a7", "65455a86", "cdbdfcee", "4e2312e0"])
def test_supports_interface__of_openzeppelins_governor__is_claimed(governor, identifier):
    assert governor.supportsInterface(bytes.fromhex(identifier))


@pytest.mark.parametrize("identifier", ["ffffffff", "00000000", "49064906"])
def test_supports_interface__of_others__is_not_claimed(governor, identifier):
    assert not governor.supportsInterface(bytes.fromhex(identifier))


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"voting_delay": 0}, "voting delay is zero"),
        ({"voting_delay": 30 * DAY + 1}, "voting delay is too long"),
        ({"quorum_minimum": 0}, "quorum minimum is zero"),
        ({"quorum_minimum": 2**96}, "quorum minimum is too high"),
        ({"proposal_threshold": 2**96}, "proposal threshold is too high"),
        ({"max_live": 9}, "too many live proposals allowed"),
        (
            {"voting_period": 60 * DAY, "late_extension": 30 * DAY + 1},
            "vote extension is too long",
        ),
    ],
)
def test_init__with_a_setting_out_of_bounds__reverts(make_governor, overrides, reason):
    with boa.reverts(reason):
        make_governor(**overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        {"voting_period": 0},
        {"voting_period": 60 * DAY + 1},
        {"quorum_numerator": 99},
        {"quorum_numerator": 5_001},
        {"late_extension": VOTING_PERIOD + 1},
    ],
)
def test_init__with_a_share_or_period_out_of_bounds__reverts(make_governor, overrides):
    with reverts_otherwise("OpenZeppelin's errors carry the values, which differ by case"):
        make_governor(**overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        {
            "voting_delay": 1,
            "voting_period": 1,
            "quorum_numerator": 100,
            "quorum_minimum": 1,
            "late_extension": 0,
        },
        {
            "voting_delay": 30 * DAY,
            "voting_period": 60 * DAY,
            "quorum_numerator": 5_000,
            "quorum_minimum": 2**96 - 1,
            "proposal_threshold": 2**96 - 1,
            "late_extension": 30 * DAY,
            "max_live": 8,
        },
    ],
)
def test_init__at_the_bounds__keeps_each_value(make_governor, overrides):
    governor = make_governor(**overrides)
    assert governor.votingDelay() == overrides["voting_delay"]
    assert governor.votingPeriod() == overrides["voting_period"]
    assert governor.quorumNumerator() == overrides["quorum_numerator"]
    assert governor.quorum_minimum() == overrides["quorum_minimum"]
    assert governor.proposalThreshold() == overrides.get("proposal_threshold", THRESHOLD)
    assert governor.lateQuorumVoteExtension() == overrides["late_extension"]
    assert governor.max_live_proposals() == overrides.get("max_live", 0)
    assert governor.MIN_VOTING_DELAY() == min(DAY, overrides["voting_delay"])
    assert governor.MIN_VOTING_PERIOD() == min(3 * DAY, overrides["voting_period"])


def test_init__with_a_token_of_another_clock__reverts(make_governor):
    with pytest.raises(boa.BoaError) as error:
        make_governor(token=deploy("MockVotes", 1))
    output = error.value.call_trace.computation.output
    assert output == typed_error("ERC6372InconsistentClock()")


# --- setters ---


@pytest.mark.parametrize(("setter", "getter", "event", "old", "new"), SETTINGS)
def test_setter__by_the_timelock__changes_one_setting(
    governor, by_vote, setter, getter, event, old, new
):
    by_vote(setter, new)
    assert logged(governor) == [(event, old, new)]
    changed = {name: getattr(governor, name)() for _, name, _, _, _ in SETTINGS}
    assert changed == {name: value for _, name, _, value, _ in SETTINGS} | {getter: new}


@pytest.mark.parametrize(
    ("setter", "args"),
    [*((row[0], (row[4],)) for row in SETTINGS), ("set_guardian", ("0x" + "22" * 20, 0))],
)
def test_setter__by_others__reverts(governor, owner, proposer, voter, setter, args):
    for account in (owner, proposer, voter, governor.address):
        with reverts_with(governor, "GovernorOnlyExecutor(address)", account):
            getattr(governor, setter)(*args, sender=account)


@pytest.mark.parametrize(
    ("setter", "value", "reason"),
    [
        ("setVotingDelay", DAY - 1, "voting delay is too short"),
        ("setVotingDelay", 30 * DAY + 1, "voting delay is too long"),
        ("setProposalThreshold", SUPPLY // 10 + 1, "proposal threshold is too high"),
        ("set_quorum_minimum", 0, "quorum minimum is zero"),
        ("set_quorum_minimum", SUPPLY // 2 + 1, "quorum minimum is too high"),
    ],
)
def test_setter__out_of_bounds__reverts(by_vote, setter, value, reason):
    with boa.reverts(reason):
        by_vote(setter, value)


@pytest.mark.parametrize(
    ("setter", "value", "error", "args"),
    [
        ("setVotingPeriod", 3 * DAY - 1, PERIOD_ERROR, (3 * DAY - 1,)),
        ("setVotingPeriod", 60 * DAY + 1, PERIOD_ERROR, (60 * DAY + 1,)),
        ("updateQuorumNumerator", 99, QUORUM_ERROR, (99, 10_000)),
        ("updateQuorumNumerator", 5_001, QUORUM_ERROR, (5_001, 10_000)),
        (
            "setLateQuorumVoteExtension",
            VOTING_PERIOD + 1,
            EXTENSION_ERROR,
            (VOTING_PERIOD + 1, VOTING_PERIOD),
        ),
    ],
)
def test_setter__out_of_bounds__reverts_as_openzeppelin(
    governor, by_vote, setter, value, error, args
):
    with reverts_with(governor, error, *args):
        by_vote(setter, value)


@pytest.mark.parametrize(
    ("setter", "getter", "value"),
    [
        ("setVotingDelay", "votingDelay", DAY),
        ("setVotingDelay", "votingDelay", 30 * DAY),
        ("setVotingPeriod", "votingPeriod", 3 * DAY),
        ("setVotingPeriod", "votingPeriod", 60 * DAY),
        ("setProposalThreshold", "proposalThreshold", 0),
        ("setProposalThreshold", "proposalThreshold", SUPPLY // 10),
        ("updateQuorumNumerator", "quorumNumerator", 100),
        ("updateQuorumNumerator", "quorumNumerator", 5_000),
        ("set_quorum_minimum", "quorum_minimum", 1),
        ("set_quorum_minimum", "quorum_minimum", SUPPLY // 2),
        ("setLateQuorumVoteExtension", "lateQuorumVoteExtension", 0),
        ("setLateQuorumVoteExtension", "lateQuorumVoteExtension", VOTING_PERIOD),
    ],
)
def test_setter__at_its_bounds__is_inclusive(governor, by_vote, setter, getter, value):
    by_vote(setter, value)
    assert getattr(governor, getter)() == value


def test_setters__in_one_proposal__run_under_its_own_execution(governor, make_proposal, voter):
    """Self-targeted calls pass the lock that `execute` holds."""
    batch = Batch()
    for setter, _, _, _, new in SETTINGS:
        batch.add(governor, setter, new)
    make_proposal(batch).advance(EXECUTED, voter)
    for _, getter, _, _, new in SETTINGS:
        assert getattr(governor, getter)() == new


# --- frozen per proposal ---


def test_settings__of_a_proposal__are_those_it_was_made_under(
    governor, by_vote, make_proposal, voter
):
    """Each proposal keeps its version, whatever number of changes follow."""
    made = []
    for i, (delay, period, numerator) in enumerate(
        [(2, 5, 400), (3, 6, 500), (4, 7, 5_000), (5, 8, 100)]
    ):
        by_vote("setVotingDelay", delay * DAY)
        by_vote("setVotingPeriod", period * DAY)
        by_vote("updateQuorumNumerator", numerator)
        proposal = make_proposal(description=f"Version {i}").propose()
        made.append((proposal, now() + delay * DAY, period * DAY, SUPPLY * numerator // 10_000))
    pass_time(6 * DAY)
    for proposal, snapshot, period, quorum in made:
        assert governor.proposalSnapshot(proposal.id) == snapshot
        assert governor.proposalDeadline(proposal.id) == snapshot + period
        assert governor.proposal_quorum(proposal.id) == max(quorum, QUORUM_MINIMUM)


def test_settings__changed_several_times_at_once__make_one_version(governor, by_vote, proposal):
    proposal.propose()
    before = boa.env.get_storage(governor.address, _slot(governor, "counters"))
    for setter, _, _, _, new in SETTINGS:
        by_vote(setter, new)
    after = boa.env.get_storage(governor.address, _slot(governor, "counters"))
    assert (before >> 32) & (2**32 - 1) == 1
    assert (after >> 32) & (2**32 - 1) == 2


def _slot(governor, variable):
    layout = governor.compiler_data.storage_layout["storage_layout"]
    return layout["settings_book"][variable]["slot"]


@pytest.mark.parametrize(
    ("variable_bits", "reason", "call"),
    [
        (1 | (1 << 64) | ((2**10 - 1) << 32), "too many settings", "set"),
        ((2**28 - 1) | (1 << 32), "too many proposals", "propose"),
    ],
)
def test_counters__when_full__refuse_more(governor, by_vote, proposal, variable_bits, reason, call):
    boa.env.set_storage(governor.address, _slot(governor, "counters"), variable_bits)
    with boa.reverts(reason):
        if call == "set":
            by_vote("setVotingDelay", 3 * DAY)
        else:
            proposal.propose()


def test_quorum_numerator__of_a_past_time__is_what_held_then(governor, by_vote, make_proposal):
    """Changes in one second make one, proposals in between or not; the quorum follows."""
    deployed = now()
    history = {deployed - 1: 0, deployed: QUORUM_BPS}
    for gap, numerators in ((1, [500]), (DAY, [600, 700]), (7, [800]), (DAY, [900, 1_000, 1_100])):
        pass_time(gap)
        for numerator in numerators:
            make_proposal(description=f"Under {numerator}").propose()
            by_vote("updateQuorumNumerator", numerator)
        history[now()] = numerators[-1]
    pass_time(DAY)
    moments = sorted(history)
    for moment, after in zip(moments, [*moments[1:], now()], strict=True):
        for at in {moment, after - 1}:
            assert governor.quorumNumerator(at) == history[moment]
            quorum = SUPPLY * history[moment] // 10_000
            assert governor.quorum(at) == max(quorum, QUORUM_MINIMUM if history[moment] else 0)
    assert governor.quorumNumerator() == governor.quorumNumerator(2**256 - 1) == 1_100


def test_extension__of_any_period__is_at_most_30_days(governor, by_vote):
    """Three of them and the longest period fit in what a proposal has room for."""
    by_vote("setVotingPeriod", 60 * DAY)
    by_vote("setLateQuorumVoteExtension", 30 * DAY)
    assert governor.lateQuorumVoteExtension() == 30 * DAY
    with boa.reverts("vote extension is too long"):
        by_vote("setLateQuorumVoteExtension", 30 * DAY + 1)
    with reverts_with(governor, EXTENSION_ERROR, 60 * DAY + 1, 60 * DAY):
        by_vote("setLateQuorumVoteExtension", 60 * DAY + 1)


def test_voting_period__below_the_extension__reverts(governor, by_vote):
    by_vote("setLateQuorumVoteExtension", VOTING_PERIOD)
    with reverts_with(governor, EXTENSION_ERROR, VOTING_PERIOD, VOTING_PERIOD - 1):
        by_vote("setVotingPeriod", VOTING_PERIOD - 1)
    by_vote("setLateQuorumVoteExtension", 0)
    by_vote("setVotingPeriod", VOTING_PERIOD - 1)


def test_quorum__lowered_after_a_defeat__does_not_revive_it(
    governor, by_vote, votes, proposal, holder
):
    set_votes(votes, holder, QUORUM - 1)
    proposal.propose().open().vote(holder).close()
    assert proposal.state == DEFEATED
    by_vote("updateQuorumNumerator", 100)
    by_vote("set_quorum_minimum", 1)
    votes.set_supply(1)
    pass_time(1)
    assert proposal.state == DEFEATED


def test_quorum__raised_after_a_success__does_not_undo_it(governor, by_vote, proposal, voter):
    proposal.propose().open().vote(voter).close()
    by_vote("updateQuorumNumerator", 5_000)
    by_vote("set_quorum_minimum", SUPPLY // 2)
    assert proposal.state == SUCCEEDED


# --- guardian ---


def test_set_guardian__by_vote__logs_and_replaces(governor, by_vote, guardian, stranger):
    zero = "0x" + "00" * 20
    end = now() + 366 * DAY
    by_vote("set_guardian", guardian, end)
    assert logged(governor) == [("GuardianChanged", zero, guardian, end)]
    assert (governor.guardian(), governor.guardian_expires_at()) == (guardian, end)
    by_vote("set_guardian", stranger, 5)
    assert logged(governor) == [("GuardianChanged", guardian, stranger, 5)]


def test_set_guardian__for_too_long__reverts(by_vote, guardian):
    with boa.reverts("guardian expiry is too far"):
        by_vote("set_guardian", guardian, now() + 366 * DAY + 1)


def test_clock__in_136_years__still_takes_proposals(proposal):
    warp_to(now() + 2**32 - 1_000 * DAY)
    assert proposal.propose().state == PENDING
