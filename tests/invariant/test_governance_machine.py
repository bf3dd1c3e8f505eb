"""I5 to I8: Governor, Timelock and the real token against a model of every proposal."""

from dataclasses import dataclass, field

import boa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.kits.governance import (
    ACTIVE,
    AGAINST,
    CANCELED,
    DEFEATED,
    EXECUTED,
    EXPIRED,
    FOR,
    GRACE,
    LATE_EXTENSION,
    MIN_DELAY,
    PENDING,
    QUEUED,
    STRICT_MAJORITY_BPS,
    SUCCEEDED,
    VOTING_DELAY,
    VOTING_PERIOD,
    Batch,
    Proposal,
    governor_arguments,
    role,
)
from tests.support import (
    DAY,
    ZERO_ADDRESS,
    account,
    deploy,
    now,
    pass_time,
    reverts_otherwise,
    warp_to,
)

# Of a refusal whose words are not told.
WHY = "the unit tests name each reason; here any call out of turn is tried"

ACTORS = 4
HELD = 1_000 * 10**18
QUORUM_MINIMUM = 1_500 * 10**18
MOST_LIVE = 3
# More than the minimum of the first 4,000 tokens, so that both bind.
STRICT_QUORUM_BPS = 4_000
STRICT_DELAY = MIN_DELAY + 3 * DAY

# What each state may become, in one step or over time. Time alone brings several steps at once.
AFTER = {
    PENDING: {ACTIVE, CANCELED, DEFEATED},
    ACTIVE: {CANCELED, DEFEATED, SUCCEEDED, EXPIRED},
    SUCCEEDED: {CANCELED, QUEUED, EXPIRED},
    QUEUED: {CANCELED, EXECUTED, EXPIRED},
    CANCELED: set(),
    DEFEATED: set(),
    EXPIRED: set(),
    EXECUTED: set(),
}

actors = st.integers(0, ACTORS - 1)
picks = st.integers(0, 10**6)


@dataclass
class Record:
    """What the model knows of a proposal."""

    proposal: Proposal
    snapshot: int
    deadline: int
    bps: int
    strict: bool
    numerator: int | None  # what it sets the quorum to, None if it only counts
    votes: list[int] = field(default_factory=lambda: [0, 0, 0])
    voters: set[str] = field(default_factory=set)
    canceled: bool = False
    executed: bool = False
    eta: int = 0
    seen: int = PENDING


class GovernanceMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner, self.guardian = account("owner"), account("guardian")
        self.actors = [account(f"actor {i}") for i in range(ACTORS)]
        genesis = now() - DAY
        self.token = deploy("GovernanceToken", "Fly", "FLY", genesis, 30 * DAY, sender=self.owner)
        self.token.set_minter(self.owner, 2**90, sender=self.owner)
        for actor in self.actors:
            self.token.mint(actor, HELD, sender=self.owner)
            self.token.delegate(actor, sender=actor)
        self.timelock = deploy("Timelock", MIN_DELAY, [], [ZERO_ADDRESS], self.owner)
        pass_time(1)
        self.target = deploy("GovernedTarget")
        rules = {
            "proposal_threshold": 1,
            "quorum_numerator": 2_500,
            "quorum_minimum": QUORUM_MINIMUM,
            "max_live": MOST_LIVE,
            "guardian": self.guardian,
            "guardian_expires_at": now() + 366 * DAY,
            "strict_quorum_bps": STRICT_QUORUM_BPS,
            "strict_delay": STRICT_DELAY,
            "treasury": self.target.address,
        }
        self.governor = deploy("Governor", *governor_arguments(self.token, self.timelock, **rules))
        for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
            self.timelock.grantRole(role(name), self.governor.address, sender=self.owner)
        admin = role("DEFAULT_ADMIN_ROLE")
        self.timelock.renounceRole(admin, self.owner, sender=self.owner)
        self.bps = 2_500
        self.records: list[Record] = []
        self.propose(0, None)
        self.propose(1, 3_000)
        # Every example starts with two votes won, one of them executed, one cancelled, one to come.
        warp_to(self.records[-1].snapshot + 1)
        for who in range(3):
            self.vote(0, who, FOR)
            self.vote(1, who, FOR)
        warp_to(self.records[-1].deadline + 1)
        self.propose(2, None)
        self.propose(3, None)
        self.queue(1)
        self.cancel(3, by_guardian=True, rarely=0)
        warp_to(self.records[1].eta)
        self.execute(0)
        for record in self.records:
            record.seen = self.state_of(record)

    # --- the model ---

    def quorum_of(self, record: Record) -> int:
        supply = self.token.past_quorum_supply(record.snapshot)
        bps = max(record.bps, STRICT_QUORUM_BPS) if record.strict else record.bps
        return max(-(-supply * bps // 10_000), QUORUM_MINIMUM)

    def carries(self, record: Record) -> bool:
        against, in_favour, _ = record.votes
        share = STRICT_MAJORITY_BPS if record.strict else 5_000
        enough = 10_000 * in_favour >= share * (in_favour + against)
        return enough and in_favour > against

    def state_of(self, record: Record) -> int:
        if record.canceled or record.executed:
            return CANCELED if record.canceled else EXECUTED
        if now() <= record.snapshot:
            return PENDING
        if now() <= record.deadline:
            return ACTIVE
        if record.eta:
            return QUEUED if now() < record.eta + GRACE else EXPIRED
        _, in_favour, abstaining = record.votes
        if not self.carries(record) or in_favour + abstaining < self.quorum_of(record):
            return DEFEATED
        return SUCCEEDED if now() <= record.deadline + GRACE else EXPIRED

    def votes_of(self, account_: str) -> int:
        return int(self.token.getPastVotes(account_, now() - 1))

    def in_state(self, *states: int) -> list[Record]:
        return [record for record in self.records if self.state_of(record) in states]

    # --- handlers ---

    @rule(who=actors, numerator=st.sampled_from([None, None, 2_000, 3_000, 5_000]))
    def propose(self, who: int, numerator: int | None) -> None:
        proposer = self.actors[who]
        if self.token.getPastVotes(proposer, now() - 1) == 0:
            return
        batch = Batch().spend(self.target)
        if numerator is not None:
            batch.add(self.governor, "updateQuorumNumerator", numerator)
        text = f"Proposal {len(self.records)}"
        proposal = Proposal(self.governor, batch, text, proposer)
        live = [r for r in self.in_state(PENDING, ACTIVE) if r.proposal.proposer == proposer]
        ends = [r.snapshot + VOTING_PERIOD for r in live]
        if sum(end >= now() for end in ends) >= MOST_LIVE:
            with boa.reverts("too many live proposals"):
                proposal.propose()
            return
        with self.handlers.counts("propose"):
            proposal.propose()
            snapshot = now() + VOTING_DELAY
            strict = numerator is not None
            deadline = snapshot + VOTING_PERIOD
            record = Record(proposal, snapshot, deadline, self.bps, strict, numerator)
            assert self.governor.proposal_class(proposal.id) == strict
            self.records.append(record)

    @rule(which=picks, who=actors, support=st.sampled_from([AGAINST, FOR, FOR, FOR, 2]))
    def vote(self, which: int, who: int, support: int) -> None:
        active, voter = self.in_state(ACTIVE), self.actors[who]
        if not active:
            return
        record = active[which % len(active)]
        if voter in record.voters:
            with reverts_otherwise(WHY):
                record.proposal.vote(voter, support)
            return
        with self.handlers.counts("vote"):
            record.proposal.vote(voter, support)
            weight = self.token.getPastVotes(voter, record.snapshot)
            before, carried = record.votes[1] + record.votes[2], self.carries(record)
            record.votes[support] += weight
            record.voters.add(voter)
            quorum, after = self.quorum_of(record), record.votes[1] + record.votes[2]
            if after >= quorum and (before < quorum or carried != self.carries(record)):
                last = record.snapshot + VOTING_PERIOD + 3 * LATE_EXTENSION
                record.deadline = max(record.deadline, min(now() + LATE_EXTENSION, last))

    @rule(which=picks)
    def queue(self, which: int) -> None:
        won = self.in_state(SUCCEEDED)
        if not won:
            return
        record = won[which % len(won)]
        with self.handlers.counts("queue"):
            record.proposal.queue()
            record.eta = now() + (STRICT_DELAY if record.strict else MIN_DELAY)

    @rule(which=picks)
    def execute(self, which: int) -> None:
        queued = self.in_state(QUEUED)
        if not queued:
            return
        record = queued[which % len(queued)]
        if now() < record.eta:
            with reverts_otherwise(WHY):
                record.proposal.execute()
            return
        with self.handlers.counts("execute"):
            record.proposal.execute()
            record.executed = True
            if record.numerator is not None:
                self.bps = record.numerator

    @rule(which=picks, by_guardian=st.booleans(), rarely=st.integers(0, 3))
    def cancel(self, which: int, by_guardian: bool, rarely: int) -> None:
        # Rarely, or nothing would ever be executed.
        found = self.in_state(PENDING, ACTIVE, SUCCEEDED, QUEUED)
        if not found or rarely:
            return
        record = found[which % len(found)]
        if by_guardian:
            with self.handlers.counts("cancel"):
                record.proposal.cancel(self.guardian)
                record.canceled = True
        elif self.state_of(record) == PENDING:
            with self.handlers.counts("cancel"):
                record.proposal.cancel(record.proposal.proposer)
                record.canceled = True
        elif self.state_of(record) == ACTIVE and not self.votes_of(record.proposal.proposer):
            # Below the threshold, until voting has ended: anybody.
            with self.handlers.counts("cancel"):
                record.proposal.cancel(self.actors[which % ACTORS])
                record.canceled = True
        else:
            with reverts_otherwise(WHY):
                record.proposal.cancel(record.proposal.proposer)

    @rule(owner=actors, to=actors, part=st.integers(0, 10))
    def transfer(self, owner: int, to: int, part: int) -> None:
        """Votes move on before and after snapshots and ballots."""
        with self.handlers.counts("transfer"):
            held = self.token.balanceOf(self.actors[owner])
            self.token.transfer(self.actors[to], held * part // 10, sender=self.actors[owner])

    @rule(which=picks, who=actors)
    def nothing_but_the_legal_step_works(self, which: int, who: int) -> None:
        record = self.records[which % len(self.records)]
        state, proposal = self.state_of(record), record.proposal
        if state != ACTIVE:
            with reverts_otherwise(WHY):
                proposal.vote(self.actors[who])
        if state != SUCCEEDED:
            with reverts_otherwise(WHY):
                proposal.queue()
        if state != QUEUED:
            with reverts_otherwise(WHY):
                proposal.execute()
        with reverts_otherwise(WHY):
            proposal.propose()
        with reverts_otherwise(WHY):
            self.governor.updateQuorumNumerator(100, sender=self.actors[who])

    # --- time ---

    @rule(stale=picks, offset=st.integers(0, 1))
    def go_on(self, stale: int, offset: int) -> None:
        """To the next boundary of a proposal that is not over, or to the second after it."""
        moments = []
        for record in self.in_state(PENDING, ACTIVE, SUCCEEDED, QUEUED):
            moments += [record.snapshot, record.deadline, record.eta]
            # Rarely to where victories and operations expire: it ends everything.
            if stale % 6 == 0:
                moments.append((record.eta or record.deadline) + GRACE)
        ahead = [moment for moment in moments if moment + offset > now()]
        if ahead:
            warp_to(min(ahead) + offset)

    # --- invariants ---

    @invariant()
    def every_state_is_the_models_and_reached_legally(self) -> None:
        for record in self.records:
            state = record.proposal.state
            assert state == self.state_of(record)
            reachable = {record.seen} | AFTER[record.seen]
            for step in AFTER[record.seen]:
                reachable |= AFTER[step] if step not in (CANCELED, QUEUED) else set()
            assert state in reachable
            record.seen = state

    @invariant()
    def votes_are_the_models_and_at_most_the_supply(self) -> None:
        for record in self.records:
            votes = self.governor.proposalVotes(record.proposal.id)
            assert list(votes) == record.votes
            if now() > record.snapshot:
                assert sum(votes) <= self.token.getPastTotalSupply(record.snapshot)
            assert self.governor.proposalDeadline(record.proposal.id) == record.deadline

    @invariant()
    def only_executed_proposals_did_anything(self) -> None:
        assert self.target.counted() == sum(record.executed for record in self.records)
        assert self.governor.quorumNumerator() == self.bps
        assert self.timelock.getMinDelay() == MIN_DELAY


def test_governance_machine():
    run_machine(GovernanceMachine, examples=15, least=1.0)
    for handler in ("propose", "vote", "queue", "execute", "cancel"):
        assert GovernanceMachine.handlers.succeeded[handler]
