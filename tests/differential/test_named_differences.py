"""Each deliberate difference from OpenZeppelin still shows, exactly as docs/DIFFERENCES.md says.

A difference that no longer occurs fails here, and one that occurs without a name fails in the
machines.
"""

import boa
import pytest
from eth.exceptions import Revert
from eth_abi.exceptions import EncodingError as EncodeError

from tests.differential import (
    differences,
    named_timelock,  # noqa: F401 (enters its own)
)
from tests.differential.shows import (
    ACTIVE,
    CANCELED,
    DEFEATED,
    EXPIRED,
    PROPOSE,
    QUEUED,
    SHOWN,
    SUCCEEDED,
    SUPPLY,
    UNEXPECTED,
    difference,
    executed,
    only_ours,
    only_peer,
    proposal_of,
    queued,
    small,
    states,
    step,
    stock,
    succeeded,
    view,
    vote,
    whale,
    word,
)
from tests.differential.sides import (
    OURS,
    PEER,
    calldata,
    error,
    must,
    reason,
)
from tests.differential.world import (
    GRACE,
    MIN_DELAY,
    QUORUM_BPS,
    THRESHOLD,
    Action,
    Signer,
    World,
    deploy_peer,
    deploy_token,
    deploy_world,
)
from tests.support import DAY, account, deploy, now, pass_time, warp_to


@pytest.fixture(scope="module")
def world(_chain_of_the_module) -> World:
    """Two holders with votes: `whale` has all but what `small`, a proposer, has."""
    world = deploy_world()
    stock(world)
    return world


# --- token ---


@difference("checkpoint-index")
def checkpoint_index(world: World) -> None:
    call = world.try_call("token", "checkpoints(address,uint32)", (whale(), 5))
    assert call.ours.output == reason("no such checkpoint")
    assert call.peer.output == error("Panic(uint256)", 0x32)


@difference("supply-limit")
def supply_limit(world: World) -> None:
    other = World()
    deploy_token(other, max_supply=0)
    args = (whale(), 2**96)
    call = other.try_call("token", "mint(address,uint256)", args, sender=other.minter)
    only_peer(call, error("ERC20ExceededSafeSupply(uint256,uint256)", 2**96, 2**96 - 1))
    call = other.try_call("token", "mint(address,uint256)", (whale(), 2**208), sender=other.minter)
    limit = error("ERC20ExceededSafeSupply(uint256,uint256)", 2**208 + 2**96, 2**208 - 1)
    assert call.peer.output == limit


@difference("name-length")
def name_length(world: World) -> None:
    types = ["string", "string", "uint256"]
    deploy("GovernanceToken", "n" * 50, "FLY", now(), 30 * DAY)
    with pytest.raises(Revert):
        deploy_peer("PeerToken", types, "n" * 32, "FLY", 0)
    deploy_peer("PeerToken", types, "Flywheel", "S" * 11, 0)
    for texts in (("n" * 51, "FLY"), ("Flywheel", "S" * 11)):
        with pytest.raises((boa.BoaError, EncodeError)):
            deploy("GovernanceToken", *texts, now(), 30 * DAY)


# --- Governor ---


@difference("governor-logs-first")
def governor_logs_first(world: World) -> None:
    proposal = succeeded(world)
    for function in ("queue", "execute"):
        call = step(world, function, proposal)
        assert call.ours.ok
        assert not call.agrees
        assert differences.explain(call) == "governor-logs-first"
        pass_time(MIN_DELAY)


@difference("quorum-rounded-up")
def quorum_rounded_up(world: World) -> None:
    world.mint(small(), 1)
    pass_time(1)
    call = world.try_call("governor", "quorum(uint256)", (now() - 1,))
    floor = (SUPPLY + 1) * QUORUM_BPS // 10_000
    assert call.ours.output == word(floor + 1)
    assert call.peer.output == word(floor)


@difference("quorum-minimum")
def quorum_minimum(world: World) -> None:
    other = deploy_world(quorum_minimum=SUPPLY)
    stock(other)
    call = other.try_call("governor", "quorum(uint256)", (now() - 1,))
    # Half of the supply at most.
    assert call.ours.output == word(SUPPLY // 2)
    assert call.peer.output == word(SUPPLY * QUORUM_BPS // 10_000)
    args = (small(), SUPPLY // 3)
    must(other.call("token", "transfer(address,uint256)", args, sender=whale()))
    proposal = proposal_of(other)
    vote(other, proposal, small())
    warp_to(view(other, proposal, "proposalDeadline") + 1)
    assert states(other, proposal) == (DEFEATED, SUCCEEDED)


def stock_the_treasury(world: World, amount: int) -> str:
    """An account that is the Treasury on our side and holds `amount` on both."""
    treasury = account("treasury")
    args = (treasury, amount)
    must(world.call("token", "transfer(address,uint256)", args, sender=whale()))
    data = calldata("set_treasury(address)", (treasury,))
    must(world.run(OURS, world.of("token")(OURS), data))
    return treasury


@difference("treasury-does-not-vote")
def treasury_does_not_vote(world: World) -> None:
    treasury = stock_the_treasury(world, 1)
    call = world.try_call("token", "delegate(address)", (treasury,), sender=treasury)
    only_peer(call, reason("account cannot delegate"))


@difference("key-before-code")
def key_before_code(world: World) -> None:
    proposal = proposal_of(world)
    warp_to(view(world, proposal, "proposalSnapshot") + 1)
    boa.env.set_code(small(), b"\0")
    signatures = {}
    for side in (OURS, PEER):
        ballot = {"proposalId": proposal.id(side), "support": 1, "voter": small(), "nonce": 0}
        signed = Signer("small").sign(world.domain("governor", side), "Ballot", ballot)
        signatures[side] = bytes(signed.signature)
    args = lambda side: (proposal.id(side), 1, small(), signatures[side])  # noqa: E731
    call = world.try_call("governor", "castVoteBySig(uint256,uint8,address,bytes)", args)
    only_ours(call, error("GovernorInvalidSignature(address)", small()))


@difference("threshold-within-reach")
def threshold_within_reach(world: World) -> None:
    for who, left in ((whale(), 0), (small(), THRESHOLD - 1)):
        held = world.number("token", "balanceOf(address)", (who,))
        must(world.call("token", "burn(uint256)", (held - left,), sender=who))
    pass_time(1)
    batch = ([world.of("target")(OURS)], [0], [b""], "all that is left")
    call = world.try_call("governor", PROPOSE, batch, sender=small())
    short = error(
        "GovernorInsufficientProposerVotes(address,uint256,uint256)",
        small(), THRESHOLD - 1, THRESHOLD,
    )  # fmt: skip
    only_ours(call, short)


@difference("treasury-does-not-count")
def treasury_does_not_count(world: World) -> None:
    stock_the_treasury(world, SUPPLY // 2)
    pass_time(1)
    call = world.try_call("governor", "quorum(uint256)", (now() - 1,))
    assert call.ours.output == word(SUPPLY // 2 * QUORUM_BPS // 10_000)
    assert call.peer.output == word(SUPPLY * QUORUM_BPS // 10_000)
    assert world.view("token", "getPastTotalSupply(uint256)", (now() - 1,)).output == word(SUPPLY)


@difference("frozen-settings")
def frozen_settings(world: World) -> None:
    change = queued(world, Action("governor", "updateQuorumNumerator(uint256)", (5_000,)))
    warp_to(view(world, change, "proposalEta"))
    later = proposal_of(world, by=small())
    assert step(world, "execute", change).ours.ok
    # A fiftieth of the supply votes: enough for the quorum of before, not for that of now.
    must(world.call("token", "transfer(address,uint256)", (small(), SUPPLY // 20), sender=whale()))
    vote(world, later, small())
    warp_to(view(world, later, "proposalDeadline") + 1)
    assert states(world, later) == (SUCCEEDED, DEFEATED)


@difference("expiry")
def expiry(world: World) -> None:
    proposal = queued(world)
    warp_to(view(world, proposal, "proposalEta") + GRACE - 1)
    assert states(world, proposal) == (QUEUED, QUEUED)
    pass_time(1)
    assert states(world, proposal) == (EXPIRED, QUEUED)
    call = step(world, "execute", proposal)
    only_peer(call, error(UNEXPECTED, proposal.id(OURS), EXPIRED, word(1 << QUEUED)))


@difference("success-expiry")
def success_expiry(world: World) -> None:
    proposal = succeeded(world)
    warp_to(view(world, proposal, "proposalDeadline") + GRACE)
    assert states(world, proposal) == (SUCCEEDED, SUCCEEDED)
    pass_time(1)
    assert states(world, proposal) == (EXPIRED, SUCCEEDED)
    only_peer(step(world, "queue", proposal))


@difference("live-proposals")
def live_proposals(world: World) -> None:
    other = deploy_world(max_live=1)
    stock(other)
    proposal_of(other)
    batch = ([other.of("target")(OURS)], [0], [b""], "a second one")
    only_peer(
        other.try_call("governor", PROPOSE, batch, sender=whale()),
        reason("too many live proposals"),
    )


@difference("strict-class")
def strict_class(world: World) -> None:
    """A fifth of the supply passes a payment; anything else needs it and two thirds."""
    args = (small(), SUPPLY // 5 - 2 * THRESHOLD - 1)
    must(world.call("token", "transfer(address,uint256)", args, sender=whale()))
    pass_time(1)
    proposal = proposal_of(world, Action("target", "store(uint256)", (7,)))
    vote(world, proposal, small())
    warp_to(view(world, proposal, "proposalDeadline") + 1)
    assert states(world, proposal) == (DEFEATED, SUCCEEDED)
    other = deploy_world(strict_delay=MIN_DELAY + 1)
    stock(other)
    strict = succeeded(other, Action("target", "store(uint256)", (7,)))
    assert step(other, "queue", strict).ours.ok
    args = lambda side: (strict.id(side),)  # noqa: E731
    call = other.try_call("governor", "proposalEta(uint256)", args)
    assert call.ours.output == word(now() + MIN_DELAY + 1)
    assert call.peer.output == word(now() + MIN_DELAY)


@difference("late-swing")
def late_swing(world: World) -> None:
    args = (small(), SUPPLY // 5)
    must(world.call("token", "transfer(address,uint256)", args, sender=whale()))
    pass_time(1)
    proposal = proposal_of(world)
    vote(world, proposal, small(), support=1)
    warp_to(view(world, proposal, "proposalDeadline"))
    args = lambda side: (proposal.id(side), 0)  # noqa: E731
    call = world.try_call("governor", "castVote(uint256,uint8)", args, sender=whale())
    assert call.ours.ok
    assert differences.explain(call) == "late-swing"
    pass_time(1)
    assert states(world, proposal) == (ACTIVE, DEFEATED)


@difference("first-days")
def first_days(world: World) -> None:
    """On our side most tokens wait in the account that stands for the rounds."""
    rounds = account("rounds")
    other = deploy_world(opens_after=90 * DAY, rounds=rounds)
    stock(other)
    args = (rounds, SUPPLY // 2)
    must(other.call("token", "transfer(address,uint256)", args, sender=whale()))
    batch = ([other.of("target")(OURS)], [0], [b""], "Early")
    only_peer(
        other.try_call("governor", PROPOSE, batch, sender=small()),
        reason("most tokens wait in rounds"),
    )
    must(other.call("token", "transfer(address,uint256)", (whale(), 1), sender=rounds))
    must(other.call("governor", PROPOSE, (*batch[:3], "Now"), sender=small()))


@difference("unknown-functions")
def unknown_functions(world: World) -> None:
    call = world.try_call("governor", "noSuchFunction()")
    assert call.ours.failed_with(error("GovernorDisabledDeposit()"))
    assert call.peer.failed_with(b"")


@difference("cancel-below-threshold")
def cancel_below_threshold(world: World) -> None:
    proposal = proposal_of(world, by=small())
    args = (whale(), 2 * THRESHOLD)
    must(world.call("token", "transfer(address,uint256)", args, sender=small()))
    pass_time(1)
    call = step(world, "cancel", proposal)
    only_ours(call, error("GovernorUnableToCancel(uint256,address)", proposal.id(OURS), whale()))


@difference("guardian-cancels")
def guardian_cancels(world: World) -> None:
    guardian = account("guardian")
    data = calldata("set_guardian(address,uint256)", (guardian, now() + 100 * DAY))
    timelock = world.of("timelock")(OURS)
    must(world.run(OURS, world.of("governor")(OURS), data, sender=timelock))
    proposal = queued(world)
    only_ours(step(world, "cancel", proposal, guardian))
    assert states(world, proposal) == (CANCELED, QUEUED)


@difference("setting-bounds")
def setting_bounds(world: World) -> None:
    for setter, value, refusal in (
        ("setVotingDelay(uint48)", 0, reason("voting delay is too short")),
        ("setVotingDelay(uint48)", 31 * DAY, reason("voting delay is too long")),
        ("setVotingPeriod(uint32)", 1, error("GovernorInvalidVotingPeriod(uint256)", 1)),
        ("setProposalThreshold(uint256)", SUPPLY, reason("proposal threshold is too high")),
        (
            "updateQuorumNumerator(uint256)",
            99,
            error("GovernorInvalidQuorumFraction(uint256,uint256)", 99, 10_000),
        ),
    ):
        with boa.env.anchor():
            only_peer(executed(world, Action("governor", setter, (value,))), refusal)


@difference("setters-by-caller")
def setters_by_caller(world: World) -> None:
    call = world.try_call("governor", "setVotingDelay(uint48)", (DAY,), sender=world.of("timelock"))
    only_ours(call, error("Panic(uint256)", 0x31))


@difference("batch-limits")
def batch_limits(world: World) -> None:
    target = world.of("target")(OURS)
    for targets, payload, text in (
        ([target] * 11, b"", "eleven actions"),
        ([target], b"\0" * 1_665, "long calldata"),
        ([target], b"", "d" * 4_097),
    ):
        args = (targets, [0] * len(targets), [payload] * len(targets), text)
        only_peer(world.try_call("governor", PROPOSE, args, sender=whale()), b"")
    proposal = proposal_of(world)
    warp_to(view(world, proposal, "proposalSnapshot") + 1)
    args = lambda side: (proposal.id(side), 1, "r" * 1_025)  # noqa: E731
    call = world.try_call(
        "governor", "castVoteWithReason(uint256,uint8,string)", args, sender=whale()
    )
    only_peer(call, b"")


@difference("no-other-timelock")
def no_other_timelock(world: World) -> None:
    action = Action("governor", "updateTimelock(address)", (account("another"),))
    call = executed(world, action)
    assert call.peer.ok
    assert not call.ours.ok


# --- the list ---


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_difference__listed__still_occurs(world, name):
    SHOWN[name](world)


def test_document__lists_exactly_the_differences_that_are_shown():
    sections = ("The token", "The Governor", "The Timelock")
    listed = set().union(*(differences.documented(section) for section in sections))
    assert listed == set(SHOWN)
