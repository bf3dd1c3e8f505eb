"""The two classes of proposals: which calls are ordinary, and what a strict proposal needs."""

import boa
import pytest
from vyper.compiler.output import build_method_identifiers_output

from flywheel.deploy.suite import CONTRACTS
from tests.kits.governance import (
    ABSTAIN,
    AGAINST,
    DEFEATED,
    ETHER,
    EXECUTED,
    FOR,
    GRACE,
    MIN_DELAY,
    ORDINARY,
    QUORUM,
    QUORUM_MINIMUM,
    READY,
    STRICT,
    STRICT_QUORUM,
    SUCCEEDED,
    SUPPLY,
    UNEXPECTED_OPERATION,
    Batch,
    Proposal,
    bits,
    run_as_timelock,
    set_votes,
)
from tests.support import DAY, account, deployer_of, logged, now, pass_time, reverts_with

# All that ordinary proposals may do. A function that is not named here is strict.
TABLE = {
    ("TrainingGrants", "approve"),
    ("TrainingGrants", "decide"),
    ("LicenseCatalog", "retire_terms"),
    ("Treasury", "spend"),
}
LISTED = ("TrainingGrants", "LicenseCatalog", "Treasury")


def selectors_of(name: str) -> dict[bytes, str]:
    """Selector => name, of every function in the ABI of a deployable."""
    signatures = build_method_identifiers_output(deployer_of(name).compiler_data)
    return {
        bytes.fromhex(selector[2:].zfill(8)): signature.split("(")[0]
        for signature, selector in signatures.items()
    }


@pytest.fixture(scope="module")
def addresses():
    """An address for each deployable."""
    return {name: account(f"a {name}") for name in CONTRACTS}


@pytest.fixture(scope="module")
def listing(make_governor, addresses):
    """A Governor whose table is of three of those addresses."""
    grants, catalog, treasury = (addresses[name] for name in LISTED)
    return make_governor(grants=grants, license_catalog=catalog, treasury=treasury)


def class_of(governor, proposer, *calls):
    """The class of a proposal of `calls`: target, calldata and perhaps value."""
    batch = Batch()
    for target, payload, *amount in calls:
        batch.add_raw(target, payload, *amount)
    with boa.env.anchor():
        proposal = Proposal(governor, batch, "Of some class", proposer).propose()
        return governor.proposal_class(proposal.id)


# --- the table ---


@pytest.mark.parametrize("name", CONTRACTS)
def test_is_ordinary__every_function_of_the_suite__is_strict_unless_listed(
    listing, addresses, name
):
    found = set()
    for selector, function in selectors_of(name).items():
        if listing.is_ordinary(addresses[name], selector):
            found.add((name, function))
        # Elsewhere the same four bytes mean nothing, unless the other contract has them as well.
        for other in LISTED:
            if other != name and listing.is_ordinary(addresses[other], selector):
                assert (other, selectors_of(other).get(selector)) in TABLE
    assert found == {entry for entry in TABLE if entry[0] == name}


@pytest.mark.parametrize("name", LISTED)
def test_propose__one_listed_call__is_ordinary(listing, addresses, proposer, name):
    for selector, function in selectors_of(name).items():
        expected = ORDINARY if (name, function) in TABLE else STRICT
        call = (addresses[name], selector + bytes(32))
        assert class_of(listing, proposer, call) == expected, function
        assert listing.is_ordinary(addresses[name], selector) == (expected == ORDINARY)


@pytest.fixture
def spend(addresses):
    """An ordinary call."""
    (selector,) = (s for s, name in selectors_of("Treasury").items() if name == "spend")
    return addresses["Treasury"], selector + bytes(128)


def test_propose__calldata_of_four_bytes__is_enough_to_be_ordinary(listing, proposer, spend):
    target, payload = spend
    assert class_of(listing, proposer, (target, payload[:4])) == ORDINARY
    for length in range(4):
        assert class_of(listing, proposer, (target, payload[:length])) == STRICT
    assert class_of(listing, proposer, (target, payload + bytes(64))) == ORDINARY


def test_propose__value__is_strict(listing, proposer, spend):
    assert class_of(listing, proposer, (*spend, 0)) == ORDINARY
    assert class_of(listing, proposer, (*spend, 1)) == STRICT
    assert class_of(listing, proposer, (*spend, 2**256 - 1)) == STRICT


def test_propose__an_unknown_target__is_strict(listing, proposer, stranger, spend):
    for target in (stranger, listing.address, "0x" + "00" * 20, "0x" + "ff" * 20):
        assert class_of(listing, proposer, (target, spend[1])) == STRICT


def test_propose__an_unknown_selector__is_strict(listing, proposer, spend):
    target, payload = spend
    for i in range(32):
        other = (int.from_bytes(payload[:4], "big") ^ (1 << i)).to_bytes(4, "big")
        assert class_of(listing, proposer, (target, other + payload[4:])) == STRICT


def test_propose__a_nested_call__is_strict(listing, timelock, proposer, spend):
    """What a listed call would be, through the Governor or the Timelock."""
    target, payload = spend
    inner = Batch().add_raw(target, payload)
    nested = [
        (listing.address, listing.relay.prepare_calldata(target, 0, payload)),
        (
            timelock.address,
            timelock.executeBatch.prepare_calldata(*inner.args, bytes(32), bytes(32)),
        ),
        (
            timelock.address,
            timelock.scheduleBatch.prepare_calldata(*inner.args, bytes(32), bytes(32), 0),
        ),
        (
            listing.address,
            listing.propose.prepare_calldata(*inner.args, "Inner"),
        ),
    ]
    for call in nested:
        assert class_of(listing, proposer, call) == STRICT


def test_propose__a_batch__is_ordinary_only_as_a_whole(listing, proposer, stranger, spend):
    """One strict call makes it strict, wherever it stands."""
    strict = (stranger, b"")
    assert class_of(listing, proposer, *[spend] * 10) == ORDINARY
    for place in range(10):
        calls = [spend] * 10
        calls[place] = strict
        assert class_of(listing, proposer, *calls) == STRICT
    assert class_of(listing, proposer, *[strict] * 10) == STRICT


def test_proposal_class__of_a_proposal__never_changes(
    governor, timelock, make_proposal, target, voter
):
    """It stays through every state, and no setting changes it."""
    ordinary = make_proposal()
    strict = make_proposal(Batch().add(target, "store", 8), "Store eight")
    for proposal in (ordinary, strict):
        proposal.propose()
    run_as_timelock(timelock, governor, "updateQuorumNumerator", 5_000)
    run_as_timelock(timelock, governor, "setProposalThreshold", 0)

    def classes():
        return [governor.proposal_class(proposal.id) for proposal in (ordinary, strict)]

    steps = ("open", "vote", "close", "queue", "wait", "execute")
    for step in steps:
        for proposal in (ordinary, strict):
            getattr(proposal, step)(*([voter] if step == "vote" else []))
        assert classes() == [ORDINARY, STRICT]


def test_proposal_class__of_an_unknown_proposal__reverts(governor):
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", 5):
        governor.proposal_class(5)


def test_proposal_class__of_a_cancelled_one__is_still_told(governor, make_proposal, target):
    proposal = make_proposal(Batch().add(target, "store", 8)).propose()
    proposal.cancel(proposal.proposer)
    assert governor.proposal_class(proposal.id) == STRICT


# --- quorum ---


@pytest.fixture
def make_strict(make_proposal, target):
    def make(text="Strict"):
        return make_proposal(Batch().add(target, "store", 7), text)

    return make


@pytest.mark.parametrize("support", [FOR, ABSTAIN])
@pytest.mark.parametrize("short", [0, 1])
def test_state__at_the_strict_quorum__is_decided_by_one_vote(
    governor, votes, make_strict, proposer, stranger, support, short
):
    set_votes(votes, proposer, 1_000 * ETHER)
    set_votes(votes, stranger, STRICT_QUORUM - 1_000 * ETHER - short)
    proposal = make_strict().propose().open()
    assert governor.proposal_quorum(proposal.id) == STRICT_QUORUM
    proposal.vote(proposer).vote(stranger, support).close()
    assert proposal.state == (DEFEATED if short else SUCCEEDED)


def test_state__at_the_ordinary_quorum__suffices_only_for_ordinary_ones(
    governor, votes, proposal, make_strict, stranger
):
    set_votes(votes, stranger, QUORUM)
    strict = make_strict()
    for made in (proposal, strict):
        made.propose()
    for made in (proposal, strict):
        made.open().vote(stranger)
    assert governor.proposal_quorum(proposal.id) == QUORUM
    assert (proposal.close().state, strict.state) == (SUCCEEDED, DEFEATED)


def test_quorum__of_openzeppelins_abi__is_that_of_ordinary_proposals(
    governor, proposal, make_strict
):
    strict = make_strict()
    for made in (proposal, strict):
        made.propose()
    strict.open()
    at = governor.proposalSnapshot(strict.id)
    assert governor.quorum(at) == governor.proposal_quorum(proposal.id) == QUORUM
    assert governor.proposal_quorum(strict.id) == STRICT_QUORUM


@pytest.mark.parametrize("ordinary_bps", [100, 1_999, 2_000, 2_001, 5_000])
def test_proposal_quorum__of_a_strict_one__is_never_below_the_ordinary_one(
    governor, timelock, make_strict, ordinary_bps
):
    run_as_timelock(timelock, governor, "updateQuorumNumerator", ordinary_bps)
    proposal = make_strict().propose().open()
    assert governor.proposal_quorum(proposal.id) == SUPPLY * max(2_000, ordinary_bps) // 10_000


@pytest.mark.parametrize("supply", [0, 1, 2, 3, 4, 5, 9, 10, 11, 10**6 - 1])
@pytest.mark.parametrize("bps", [1_500, 2_000, 4_000])
def test_proposal_quorum__of_any_supply__is_rounded_up_and_within_reach(
    make_governor, votes, target, proposer, supply, bps
):
    """The minimum counts for half of what can vote at the most, here as for ordinary ones."""
    governor = make_governor(strict_quorum_bps=bps, proposal_threshold=0)
    votes.set_supply(supply)
    pass_time(1)
    batch = Batch().add(target, "store", 7)
    proposal = Proposal(governor, batch, "Strict", proposer).propose().open()
    share = -(-supply * bps // 10_000)
    expected = max(share, min(QUORUM_MINIMUM, -(-supply // 2)))
    assert governor.proposal_quorum(proposal.id) == expected <= supply


# --- majority ---


@pytest.mark.parametrize(
    ("majority", "in_favour", "against", "passes"),
    [
        (6_000, 600_000, 400_000, True),
        (6_000, 599_999, 400_001, False),
        (6_667, 666_700, 333_300, True),
        (6_667, 666_699, 333_301, False),
        (6_667, 2 * 10**9, 10**9, False),
        (8_000, 800_000, 200_000, True),
        (8_000, 799_999, 200_001, False),
        (6_000, 1, 0, True),
        (6_000, 0, 0, False),
        (6_000, 0, 1, False),
    ],
)
def test_state__at_the_strict_majority__is_decided_by_one_vote(
    make_governor, votes, target, proposer, holder, stranger, majority, in_favour, against, passes
):
    governor = make_governor(
        strict_majority_bps=majority, quorum_minimum=1, proposal_threshold=0, late_extension=0
    )
    votes.set_supply(1)
    set_votes(votes, holder, in_favour)
    set_votes(votes, stranger, against)
    set_votes(votes, proposer, 1)
    batch = Batch().add(target, "store", 7)
    proposal = Proposal(governor, batch, "Strict", proposer).propose().open()
    proposal.vote(holder).vote(stranger, AGAINST).vote(proposer, ABSTAIN).close()
    assert proposal.state == (SUCCEEDED if passes else DEFEATED)


def test_state__of_a_plain_majority__passes_only_ordinary_proposals(
    votes, proposal, make_strict, voter, stranger
):
    set_votes(votes, stranger, SUPPLY // 2 - 1)
    strict = make_strict()
    for made in (proposal, strict):
        made.propose()
    for made in (proposal, strict):
        made.open().vote(voter).vote(stranger, AGAINST)
    assert (proposal.close().state, strict.state) == (SUCCEEDED, DEFEATED)


# --- delay ---


@pytest.mark.parametrize(
    ("strict_delay", "expected"),
    [
        (0, MIN_DELAY),
        (MIN_DELAY - 1, MIN_DELAY),
        (MIN_DELAY, MIN_DELAY),
        (MIN_DELAY + 1, MIN_DELAY + 1),
        (30 * DAY, 30 * DAY),
    ],
)
def test_queue__a_strict_proposal__waits_for_the_longer_delay(
    make_governor, timelock, target, proposer, voter, strict_delay, expected
):
    governor = make_governor(strict_delay=strict_delay)
    strict = Proposal(governor, Batch().add(target, "store", 9), "Strict", proposer)
    ordinary = Proposal(governor, Batch().spend(target), "Ordinary", proposer)
    for proposal in (ordinary, strict):
        proposal.advance(SUCCEEDED, voter)
        proposal.queue()
        delay = expected if proposal is strict else MIN_DELAY
        assert logged(governor)[0] == ("ProposalQueued", proposal.id, now() + delay)
        assert governor.proposalEta(proposal.id) == now() + delay
        assert timelock.getTimestamp(proposal.operation) == now() + delay
        pass_time(delay - 1)
        too_early = (proposal.operation, bits(READY))
        with reverts_with(governor, UNEXPECTED_OPERATION, *too_early):
            proposal.execute()
        pass_time(1)
        proposal.execute()
        assert proposal.state == EXECUTED


def test_queue__a_strict_call_behind_an_ordinary_one__waits_as_long(
    make_governor, target, proposer, voter
):
    governor = make_governor(strict_delay=4 * DAY)
    batch = Batch().spend(target).add(target, "store", 9)
    proposal = Proposal(governor, batch, "Strict behind", proposer)
    proposal.advance(SUCCEEDED, voter).queue()
    assert governor.proposalEta(proposal.id) == now() + 4 * DAY


def test_queue__after_the_timelocks_delay_grew__waits_for_that(
    make_governor, timelock, target, proposer, voter
):
    governor = make_governor(strict_delay=4 * DAY)
    run_as_timelock(timelock, timelock, "updateDelay", 5 * DAY)
    proposal = Proposal(governor, Batch().add(target, "store", 9), "Strict", proposer)
    proposal.advance(SUCCEEDED, voter).queue()
    assert governor.proposalEta(proposal.id) == now() + 5 * DAY


def test_state__of_a_strict_victory__expires_a_grace_after_its_own_eta(
    make_governor, target, proposer, voter
):
    governor = make_governor(strict_delay=20 * DAY)
    proposal = Proposal(governor, Batch().add(target, "store", 9), "Strict", proposer)
    proposal.advance(SUCCEEDED, voter).queue().wait()
    pass_time(GRACE - 1)
    proposal.execute()
    assert target.stored() == 9


# --- construction ---


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"strict_quorum_bps": 1_499}, "strict quorum is too low"),
        ({"strict_quorum_bps": 4_001}, "strict quorum is too high"),
        ({"strict_majority_bps": 5_999}, "strict majority is too low"),
        ({"strict_majority_bps": 8_001}, "strict majority is too high"),
        ({"strict_delay": 30 * DAY + 1}, "strict delay is too long"),
        ({"opens_after": 366 * DAY + 1}, "first days are too long"),
    ],
)
def test_init__with_a_strict_rule_out_of_bounds__reverts(make_governor, rules, reason):
    with boa.reverts(reason):
        make_governor(**rules)


@pytest.mark.parametrize(
    ("quorum", "majority", "delay", "opens_after"),
    [(1_500, 6_000, 0, 0), (4_000, 8_000, 30 * DAY, 366 * DAY)],
)
def test_init__at_the_bounds_of_strict_rules__keeps_them(
    make_governor, quorum, majority, delay, opens_after
):
    governor = make_governor(
        strict_quorum_bps=quorum,
        strict_majority_bps=majority,
        strict_delay=delay,
        opens_after=opens_after,
    )
    assert governor.STRICT_QUORUM_BPS() == quorum
    assert governor.STRICT_MAJORITY_BPS() == majority
    assert governor.STRICT_DELAY() == delay
    assert governor.OPENS_AT() == now() + opens_after
