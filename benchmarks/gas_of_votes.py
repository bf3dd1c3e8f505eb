"""A proposal's life, beside OpenZeppelin's Governor and TimelockController."""

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from benchmarks.peers_world import (
    OURS,
    TIMELOCK_DELAY,
    TOKEN,
    VOTING_DELAY,
    VOTING_PERIOD,
    Subject,
    World,
)
from benchmarks.rows import FIRST, STEADY, Measured, bench

AGAINST, FOR = 0, 1
# A quarter of all: what is measured is a strict proposal, the dearer one, which needs a fifth.
STOCK = 25_000_000 * TOKEN
ALLOWANCE = 1_000_000
# As long as the first lines of a real one; the rest is usually behind a link.
DESCRIPTION = (
    "# Proposal {:03}: a standing approval\n\nLets the payer of the training grants draw "
    "stablecoins up to the sum that the forum agreed on. Discussion, budget and risks: "
    "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
)
# anvil's accounts are those of the public test mnemonic.
MNEMONIC = "test test test test test test test test test test test junk"


@dataclass
class Proposal:
    """One call of the stablecoin, which stores one word and logs once, by the Timelock."""

    world: World
    subject: Subject
    proposer: str
    number: int

    @property
    def description(self) -> str:
        return DESCRIPTION.format(self.number)

    @property
    def call(self) -> tuple[list[str], list[int], list[bytes]]:
        asset = self.world.asset
        payload = asset.data("approve", self.proposer, ALLOWANCE + self.number)
        return [asset.address], [0], [payload]

    @property
    def args(self) -> tuple[Any, ...]:
        return (*self.call, keccak(text=self.description))

    @property
    def id(self) -> int:
        return int(self.subject.governor.read("hashProposal", *self.args))

    def propose(self) -> int:
        """Gas."""
        return self.subject.governor.gas(self.proposer, "propose", *self.call, self.description)

    def vote(self, voter: str, support: int = FOR) -> int:
        """Gas."""
        return self.subject.governor.gas(voter, "castVote", self.id, support)

    def open(self) -> "Proposal":
        """Proposes and waits for the vote to begin."""
        self.propose()
        self.world.node.pass_time(VOTING_DELAY + 1)
        return self

    def pass_(self, *voters: str) -> "Proposal":
        self.open()
        for voter in voters:
            self.vote(voter)
        self.world.node.pass_time(VOTING_PERIOD + 1)
        return self

    def queue(self) -> int:
        """Gas."""
        return self.subject.governor.gas(self.proposer, "queue", *self.args)

    def execute(self) -> int:
        """Gas."""
        return self.subject.governor.gas(self.proposer, "execute", *self.args)


@dataclass
class Proposals:
    world: World
    subject: Subject
    proposer: str
    count: int = 0

    def next(self) -> Proposal:
        self.count += 1
        return Proposal(self.world, self.subject, self.proposer, self.count)


def proposals(world: World, subject: Subject) -> Proposals:
    proposer = world.people(1)[0]
    subject.delegated(proposer, STOCK)
    world.node.pass_time(1)
    return Proposals(world, subject, proposer)


@bench("propose")
def propose(world: World) -> Measured:
    """A strict proposal, and an ordinary one of as many bytes, which only ours has."""
    for subject in world.subjects:
        series = proposals(world, subject)
        yield FIRST, subject.name, series.next().propose()
        yield STEADY, subject.name, series.next().propose()
        if subject.name == OURS:
            grants = world.suite["TrainingGrants"]
            call = [grants.address], [0], [grants.data("approve", 1, keccak(text="terms"))]
            args = (*call, series.next().description)
            yield "ordinary", subject.name, subject.governor.gas(series.proposer, "propose", *args)


@bench("cast_vote_repeat")
def cast_vote_repeat(world: World) -> Measured:
    """Of somebody who has voted before, on a proposal that others have voted on."""
    alice, bob = world.people(3)[1:]
    for subject in world.subjects:
        for voter in (alice, bob):
            subject.delegated(voter, STOCK)
        series = proposals(world, subject)
        series.next().pass_(alice, bob)
        proposal = series.next().open()
        proposal.vote(series.proposer)
        world.crowd.each(subject.governor, "castVote", proposal.id, FOR)
        yield STEADY, subject.name, proposal.vote(alice)
        yield "against", subject.name, proposal.vote(bob, AGAINST)


@bench("cast_vote_first")
def cast_vote_first(world: World) -> Measured:
    """Of somebody who has never voted, on a proposal that others have or have not voted on."""
    alice, bob = world.people(3)[1:]
    for subject in world.subjects:
        for voter in (alice, bob):
            subject.delegated(voter, STOCK)
        proposal = proposals(world, subject).next().open()
        yield "first of all on the proposal", subject.name, proposal.vote(alice)
        yield FIRST, subject.name, proposal.vote(bob)


@bench("cast_vote_by_sig")
def cast_vote_by_sig(world: World) -> Measured:
    """By the first signature ever of a voter, and by a later one."""
    relayer = world.people(3)[2]
    Account.enable_unaudited_hdwallet_features()
    voter = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/3")
    assert voter.address.lower() == world.people(2)[1].lower()
    for subject in world.subjects:
        subject.delegated(voter.address, STOCK)
        series = proposals(world, subject)
        for state in (FIRST, STEADY):
            proposal = series.next().open()
            proposal.vote(series.proposer)
            ballot = (proposal.id, FOR, voter.address)
            signature = voter.sign_message(_ballot(subject, *ballot)).signature
            gas = subject.governor.gas(relayer, "castVoteBySig", *ballot, bytes(signature))
            yield state, subject.name, gas


def _ballot(subject: Subject, proposal_id: int, support: int, voter: str) -> Any:
    node, governor = subject.governor.node, subject.governor
    fields = {"proposalId": "uint256", "support": "uint8", "voter": "address", "nonce": "uint256"}
    domain = {
        "name": subject.governor_name,
        "version": "1",
        "chainId": node.chain_id,
        "verifyingContract": governor.address,
    }
    message = {"proposalId": proposal_id, "support": support, "voter": voter}
    message["nonce"] = governor.read("nonces", voter)
    types = {"Ballot": [{"name": name, "type": kind} for name, kind in fields.items()]}
    return encode_typed_data(domain, types, message)


@bench("queue")
def queue(world: World) -> Measured:
    voter = world.people(1)[0]
    for subject in world.subjects:
        series = proposals(world, subject)
        for state in (FIRST, STEADY):
            yield state, subject.name, series.next().pass_(voter).queue()


@bench("execute")
def execute(world: World) -> Measured:
    """The call included: it changes a word that was (steady) or was not (first) zero before."""
    voter = world.people(1)[0]
    for subject in world.subjects:
        series = proposals(world, subject)
        for state in (FIRST, STEADY):
            proposal = series.next().pass_(voter)
            proposal.queue()
            world.node.pass_time(TIMELOCK_DELAY)
            yield state, subject.name, proposal.execute()
