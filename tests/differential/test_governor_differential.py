"""Our Governor, Timelock and token and OpenZeppelin's under the same random calls."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import boa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.differential import differences
from tests.differential.differences import Excuses
from tests.differential.governor_actions import ACTIONS, class_decides, spoilt_ballot, view_number
from tests.differential.sides import OURS, Call, PerSide, calldata, per_side
from tests.differential.world import (
    BATCH,
    ETHER,
    EXTENSION,
    GRACE,
    QUORUM_BPS,
    Proposal,
    Signer,
    World,
    deploy_world,
)
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.support import DAY, deploy, now, pass_time, warp_to

# What the voters hold, in ether. The last may not propose; the third may until it moves a little.
HOLDINGS = (400_000, 30_000, 1_100, 700, 50_000)
# The actors, and after them one that votes only, as a contract (ERC-1271).
ACTORS = WALLET = 4
SUPPLY = 10**6 * ETHER

actors = st.integers(0, ACTORS - 1)
picks = st.integers(0, 2)
supports = st.sampled_from([0, 1, 1, 1, 1, 2, 3])
kinds = st.sampled_from(sorted(ACTIONS))
reasons = st.sampled_from(["", "", "fine", "\N{SNOWMAN}" * 40])
FAULTS = ("signer", "nonce", "s", "v", "short", "domain")
many_params = st.sampled_from([None, None, b"", b"\x05" * 33])
faults = st.one_of(st.none(), st.none(), st.sampled_from(FAULTS))
offsets = st.sampled_from([-1, 0, 0, 1, 1])

PROPOSE = "propose(address[],uint256[],bytes[],string)"
SUCCEEDED, QUEUED, EXPIRED = 4, 5, 6


class GovernorMachine(ChainMachine):
    handlers = HandlerCount()
    excuses = Excuses()
    world: World

    @classmethod
    def prepare(cls) -> None:
        """Deploys both suites on the current chain, once for all examples."""
        cls.world = deploy_world()
        cls.world.add("wallet", *(deploy("MockWallet").address for _ in range(2)))

    def chain(self) -> AbstractContextManager[None]:
        """One chain for all: the peer's contracts take long to deploy."""
        return boa.env.anchor()

    def set_up(self) -> None:
        self.world = replace(self.world, aliases=list(self.world.aliases))
        self.signers = [Signer(f"voter {i}") for i in range(ACTORS)]
        for signer in self.signers:
            boa.env.set_balance(signer.address, ETHER)
        self.actors: list[PerSide] = [signer.address for signer in self.signers]
        self.actors.append(self.world.of("wallet"))
        for actor, held in zip(self.actors, HOLDINGS, strict=True):
            self.mint(actor, held * ETHER)
            self.token("delegate(address)", actor, lambda side, to=actor: (at(to, side),))
        self.mint(self.world.admin, SUPPLY - sum(HOLDINGS) * ETHER)
        self.proposals: list[Proposal] = []
        self.made = 0
        self.steps = 0
        # (time, share of the quorum from then on)
        self.numerators = [(now(), QUORUM_BPS)]
        self.extension = EXTENSION
        pass_time(1)

    @initialize(kind=kinds)
    def begin(self, kind: str) -> None:
        """Every example starts with proposals that are executed, queued, under vote, to come."""
        self.propose(by=0, kind=kind, suffix=None)
        self.propose(by=0, kind="pay", suffix=None)
        self.carry_on(number=0, steps=4, offset=0)
        self.carry_on(number=1, steps=3, offset=0)
        self.propose(by=2, kind="spend", suffix=2)
        under_vote = self.proposals[-1]
        self.wait_for(under_vote, "Snapshot", 1)
        self.cast(under_vote, by=2, support=2, reason="why", params=b"")
        self.cast(under_vote, by=3, support=1, reason="fine")
        self.sign_and_vote(2, by=1, support=0)
        self.sign_and_vote(2, by=WALLET, support=2, params=b"\x01")
        self.propose(by=1, kind="spend", suffix=None)
        # `pick` counts among the last three.
        self.cancel(number=2, by=None)
        self.propose(by=1, kind="threshold", suffix=None)

    def sign_and_vote(
        self, number: int, by: int, support: int, params: bytes | None = None
    ) -> None:
        self.vote_by_signature(number, by, 3, support, "why", params, None, ready=False)

    # --- calls ---

    def mint(self, to: PerSide, amount: int) -> None:
        args = lambda side: (at(to, side), amount)  # noqa: E731
        self.world.call("token", "mint(address,uint256)", args, sender=self.world.minter)

    def token(self, signature: str, by: PerSide, args: PerSide) -> None:
        self.world.call("token", signature, args, sender=by)

    def governor(
        self, signature: str, args: PerSide, by: PerSide, *expected: str, value: int = 0
    ) -> Call:
        """Makes the call on both, compares, and counts it by its function."""
        call = self.world.try_call("governor", signature, args, sender=by, value=value)
        self.excuses.check(call, *expected)
        self.handlers.tried[call.function] += 1
        self.handlers.succeeded[call.function] += call.ours.ok
        return call

    def pick(self, number: int) -> Proposal | None:
        """One of the last proposals on which the two did not part."""
        together = [p for p in self.proposals if p.parted is None][-3:]
        return together[number % len(together)] if together else None

    # --- what the two are known to see differently ---

    def numerator_at(self, moment: int) -> int:
        return [share for since, share in self.numerators if since <= moment][-1]

    def state_difference(self, proposal: Proposal) -> tuple[str, ...]:
        """The name under which the two may see another state of the proposal now, if any."""
        snapshot = proposal.snapshot
        if snapshot >= now():
            return ()
        frozen = (proposal.numerator, proposal.extension)
        if (self.numerator_at(snapshot), self.extension) != frozen:
            return ("frozen-settings",)
        if class_decides(self.world, proposal, SUPPLY):
            return ("strict-class",)
        eta = view_number(self.world, proposal, "proposalEta")
        deadline = view_number(self.world, proposal, "proposalDeadline")
        if now() >= eta + GRACE if eta else now() > deadline + GRACE:
            return ("expiry" if eta else "success-expiry",)
        return ()

    def below_threshold(self, proposal: Proposal) -> bool:
        """Whether the proposer had fewer votes a second ago than its proposal needed."""
        proposer = self.actors[proposal.by]
        votes = self.world.number(
            "token", "getPastVotes(address,uint256)", lambda side: (at(proposer, side), now() - 1)
        )
        return votes < proposal.threshold

    def part(self, proposal: Proposal, call: Call, names: tuple[str, ...]) -> None:
        """After a difference in what a proposal became, it is no longer compared."""
        if call.agrees:
            return
        if differences.explain(call) == "late-swing":
            proposal.parted = "late-swing"
        elif names:
            (proposal.parted,) = names

    # --- proposals ---

    @rule(by=actors, kind=kinds, suffix=st.one_of(st.none(), actors))
    def propose(self, by: int, kind: str, suffix: int | None) -> None:
        self.made += 1
        description = f"Proposal {self.made}"
        if suffix is not None:
            description += f"#proposer={self.actors[suffix].lower()}"
        proposal = Proposal(self.world, ACTIONS[kind](), description)
        proposal.by, proposal.kind = by, kind
        proposal.numerator = self.numerators[-1][1]
        proposal.extension = self.extension
        proposal.threshold = self.world.number("governor", "proposalThreshold()")
        call = self.governor(
            PROPOSE, lambda side: (*proposal.batch(side), description), self.actors[by]
        )
        if call.ours.ok:
            self.proposals.append(proposal)
            proposal.snapshot = view_number(self.world, proposal, "proposalSnapshot")

    @rule(by=actors, number=picks)
    def propose_again(self, by: int, number: int) -> None:
        proposal = self.pick(number)
        if proposal is None:
            return
        names = self.state_difference(proposal)
        call = self.world.try_call(
            "governor",
            PROPOSE,
            lambda side: (*proposal.batch(side), proposal.description),
            sender=self.actors[by],
        )
        self.excuses.check(call, *names)
        self.part(proposal, call, names)
        assert not call.ours.ok

    @rule(by=actors, longer=st.integers(0, 2))
    def propose_lists_of_unequal_length(self, by: int, longer: int) -> None:
        lists: list[list[Any]] = [[self.world.admin], [0], [b""]]
        lists[longer] *= 2
        call = self.world.try_call("governor", PROPOSE, (*lists, "unequal"), sender=self.actors[by])
        self.excuses.check(call)
        assert not call.ours.ok

    # --- ballots ---

    def open(self, proposal: Proposal, ready: bool) -> None:
        """Goes to the first second of voting if that is to come."""
        if ready:
            self.wait_for(proposal, "Snapshot", 1)

    @rule(
        number=picks,
        by=st.integers(0, WALLET),
        support=supports,
        reason=reasons,
        params=many_params,
        ready=st.booleans(),
    )
    def vote(
        self, number: int, by: int, support: int, reason: str, params: bytes | None, ready: bool
    ) -> None:
        proposal = self.pick(number)
        if proposal is not None:
            self.open(proposal, ready)
            self.cast(proposal, by, support, reason, params)

    def cast(
        self,
        proposal: Proposal,
        by: int,
        support: int,
        reason: str = "",
        params: bytes | None = None,
    ) -> None:
        names = self.state_difference(proposal)
        if params is not None:
            signature = "castVoteWithReasonAndParams(uint256,uint8,string,bytes)"
            args = lambda side: (proposal.id(side), support, reason, params)  # noqa: E731
        elif reason:
            signature = "castVoteWithReason(uint256,uint8,string)"
            args = lambda side: (proposal.id(side), support, reason)  # noqa: E731
        else:
            signature = "castVote(uint256,uint8)"
            args = lambda side: (proposal.id(side), support)  # noqa: E731
        self.part(proposal, self.governor(signature, args, self.actors[by], *names), names)

    @rule(
        number=picks,
        by=st.integers(0, WALLET),
        relayer=actors,
        support=supports,
        reason=reasons,
        params=many_params,
        fault=faults,
        ready=st.booleans(),
    )
    def vote_by_signature(
        self,
        number: int,
        by: int,
        relayer: int,
        support: int,
        reason: str,
        params: bytes | None,
        fault: str | None,
        ready: bool,
    ) -> None:
        proposal = self.pick(number)
        if proposal is None:
            return
        self.open(proposal, ready)
        voter = self.actors[by]
        nonce = self.world.number("governor", "nonces(address)", lambda side: (at(voter, side),))

        def args(side: str) -> tuple[Any, ...]:
            values = {
                "proposalId": proposal.id(side),
                "support": support,
                "voter": at(voter, side),
                "nonce": nonce + (fault == "nonce"),
            }
            said = () if params is None else (reason, params)
            kind = "Ballot"
            if params is not None:
                kind = "ExtendedBallot"
                values |= {"reason": reason, "params": params}
            signature = spoilt_ballot(self.world, side, self.signers, by, kind, values, fault)
            return proposal.id(side), support, at(voter, side), *said, signature

        names = self.state_difference(proposal)
        function = "castVoteBySig(uint256,uint8,address,bytes)"
        if params is not None:
            function = "castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)"
        call = self.governor(function, args, self.actors[relayer], *names)
        self.part(proposal, call, names)
        # A contract may accept a signature of any length.
        assert fault in (None, "short" if by == WALLET else None) or not call.ours.ok

    # --- what becomes of proposals ---

    @rule(number=picks, by=actors)
    def queue(self, number: int, by: int) -> None:
        proposal = self.pick(number)
        if proposal is not None:
            self.finish("queue", proposal, by)

    @rule(number=picks, by=actors, paid=st.booleans())
    def execute(self, number: int, by: int, paid: bool) -> None:
        proposal = self.pick(number)
        if proposal is not None:
            self.finish("execute", proposal, by, proposal.value if paid else 0)

    def finish(self, function: str, proposal: Proposal, by: int, value: int = 0) -> None:
        names = self.state_difference(proposal)
        call = self.governor(
            f"{function}({BATCH})", proposal.args, self.actors[by], *names, value=value
        )
        both = call.ours.ok and call.peer.ok
        self.part(proposal, call, () if both else names)
        if both and function == "execute" and proposal.kind == "quorum":
            self.numerators.append((now(), 377))
        if both and function == "execute" and proposal.kind == "extension":
            self.extension = 2 * DAY

    @rule(number=picks, by=st.one_of(st.none(), st.none(), actors))
    def cancel(self, number: int, by: int | None) -> None:
        """By its proposer, or by somebody."""
        proposal = self.pick(number)
        if proposal is None:
            return
        by = proposal.by if by is None else by
        names = self.state_difference(proposal)
        if self.below_threshold(proposal):
            names = ("cancel-below-threshold",)
        call = self.governor(f"cancel({BATCH})", proposal.args, self.actors[by], *names)
        self.part(proposal, call, names if call.ours.ok else ())

    @rule(number=picks, offset=offsets)
    def carry_on_a_little(self, number: int, offset: int) -> None:
        self.carry_on(number, 1, offset)

    @rule(number=picks, steps=st.integers(1, 4), offset=offsets)
    def carry_on(self, number: int, steps: int, offset: int) -> None:
        """A proposal's next steps as they should be, each perhaps a second early or late."""
        proposal = self.pick(number)
        for _ in range(steps):
            if proposal is None or proposal.parted is not None:
                return
            state = self.world.run(
                OURS,
                self.world.of("governor")(OURS),
                calldata("state(uint256)", (proposal.id(OURS),)),
            )
            match int.from_bytes(state.output, "big"):
                case 0:
                    self.wait_for(proposal, "Snapshot", 1)
                case 1:
                    for voter in (0, WALLET):
                        self.cast(proposal, voter, 1)
                    self.wait_for(proposal, "Deadline", 1 + offset)
                case 4:
                    self.finish("queue", proposal, 1)
                case 5:
                    self.wait_for(proposal, "Eta", offset)
                    self.finish("execute", proposal, 2, proposal.value)

    @rule(number=picks)
    def cancel_in_the_timelock(self, number: int) -> None:
        proposal = self.pick(number)
        if proposal is None or self.state_difference(proposal):
            return
        self.timelock("cancel(bytes32)", lambda side: (proposal.operation(side),))

    @rule(number=picks)
    def execute_in_the_timelock(self, number: int) -> None:
        proposal = self.pick(number)
        # What the Governor does with itself would differ: `setters-by-caller`.
        if proposal is None or self.state_difference(proposal) or proposal.touches_governor:
            return
        self.timelock(
            f"executeBatch({BATCH},bytes32)", proposal.operation_args, value=proposal.value
        )

    def timelock(self, signature: str, args: PerSide, value: int = 0) -> None:
        call = self.world.try_call(
            "timelock", signature, args, sender=self.world.proposer, value=value
        )
        self.excuses.check(call)

    # --- votes and time ---

    @rule(by=actors, to=actors, part=st.sampled_from([1, 10, 10_000]))
    def move_tokens(self, by: int, to: int, part: int) -> None:
        held = self.world.number("token", "balanceOf(address)", (self.actors[by],))
        args = (self.actors[to], held * part // 10_000)
        self.token("transfer(address,uint256)", self.actors[by], args)

    @rule(seconds=st.sampled_from([1, 3_600, DAY]))
    def wait(self, seconds: int) -> None:
        pass_time(seconds)

    @rule(number=picks, view=st.sampled_from(["Snapshot", "Deadline", "Eta"]), offset=offsets)
    def wait_for_a_boundary(self, number: int, view: str, offset: int) -> None:
        proposal = self.pick(number)
        if proposal is not None:
            self.wait_for(proposal, view, offset)

    def wait_for(self, proposal: Proposal, view: str, offset: int) -> None:
        boundary = view_number(self.world, proposal, f"proposal{view}")
        warp_to(max(now(), boundary + offset))

    @rule(number=picks, offset=offsets)
    def wait_for_the_end_of_grace(self, number: int, offset: int) -> None:
        proposal = self.pick(number)
        if proposal is not None and (eta := view_number(self.world, proposal, "proposalEta")):
            warp_to(max(now(), eta + GRACE + offset))

    # --- agreement on all that can be read ---

    def agree(self, signature: str, args: PerSide, *expected: str) -> Call:
        call = self.world.try_call("governor", signature, args, static=True)
        self.excuses.check(call, *expected)
        return call

    def agree_on(self, proposal: Proposal) -> None:
        names = self.state_difference(proposal)
        call = self.agree("state(uint256)", lambda side: (proposal.id(side),), *names)
        self.part(proposal, call, names)

    @invariant()
    def a_proposal_agrees(self) -> None:
        self.steps += 1
        proposal = self.pick(self.steps)
        if proposal is not None:
            self.agree_on(proposal)

    def check_at_end(self) -> None:
        """Everything, at the end of each example."""
        settings = (
            "votingDelay votingPeriod proposalThreshold quorumNumerator quorumDenominator "
            "lateQuorumVoteExtension BALLOT_TYPEHASH EXTENDED_BALLOT_TYPEHASH"
        )
        names = "token timelock name version COUNTING_MODE CLOCK_MODE clock eip712Domain"
        for view in (*settings.split(), *names.split()):
            self.agree(f"{view}()", ())
        self.world.view("timelock", "getMinDelay()")
        for proposal in self.proposals:
            if proposal.parted is None:
                self.agree_on(proposal)
            # Where our class or a swing decided, the two may end at another time.
            ended_alike = proposal.parted not in ("late-swing", "strict-class")
            for view in ("Proposer", "Snapshot", "Votes", *("Deadline", "Eta") * ended_alike):
                self.agree(f"proposal{view}(uint256)", lambda side, p=proposal: (p.id(side),))
            for voter in self.actors:
                self.agree(
                    "hasVoted(uint256,address)",
                    lambda side, p=proposal, v=voter: (p.id(side), at(v, side)),
                )
            self.agree("proposalNeedsQueuing(uint256)", lambda side, p=proposal: (p.id(side),))
            for view in ("hashProposal", "getProposalId"):
                self.agree(f"{view}({BATCH})", proposal.args)
        for since, _ in self.numerators:
            for moment in (since - 1, since, now() + 1):
                self.agree("quorumNumerator(uint256)", (moment,))
            # The supply is a whole number of 10,000ths, so that nothing is rounded.
            if since < now():
                self.agree("quorum(uint256)", (since,))
        self.agree("quorum(uint256)", (now(),))
        for interface in ("01ffc9a7", "65455a86", "cdbdfcee", "4e2312e0", "ffffffff"):
            self.agree("supportsInterface(bytes4)", (bytes.fromhex(interface),))
        for voter in self.actors:
            self.agree(
                "getVotesWithParams(address,uint256,bytes)",
                lambda side, v=voter: (at(v, side), now() - 1, b"any"),
            )
            self.agree("nonces(address)", lambda side, v=voter: (at(v, side),))
            self.agree("getVotes(address,uint256)", lambda side, v=voter: (at(v, side), now() - 1))


def at(account: PerSide, side: str) -> str:
    return str(per_side(account, side))


def test_governor_machine__same_calls_on_both__same_outcomes():
    GovernorMachine.prepare()
    run_machine(GovernorMachine, examples=6, least=0.02)
    assert set(GovernorMachine.excuses.seen) <= differences.documented("The Governor")
