"""Constants, batches, typed errors and signatures of the governance tests."""

from dataclasses import dataclass, field
from typing import Any

import boa
from eth_abi import encode
from eth_utils import keccak

from tests.support import DAY, ZERO_ADDRESS, now, pass_time, warp_to

ETHER = 10**18
NO_PREDECESSOR = b"\0" * 32
SALT = b"\x05" * 32

MIN_DELAY = 2 * DAY
MAX_DELAY = 30 * DAY
GRACE = 14 * DAY

VOTING_DELAY = 2 * DAY
VOTING_PERIOD = 5 * DAY
LATE_EXTENSION = DAY
THRESHOLD = 1_000 * ETHER
QUORUM_BPS = 400
QUORUM_MINIMUM = 10_000 * ETHER
SUPPLY = 1_000_000 * ETHER
# Of the account whose ballots are signed.
SIGNED_VOTES = 77 * ETHER
INVALID_SIGNATURE = "GovernorInvalidSignature(address)"
QUORUM = SUPPLY * QUORUM_BPS // 10_000
STRICT_QUORUM_BPS = 2_000
STRICT_MAJORITY_BPS = 6_667
STRICT_QUORUM = SUPPLY * STRICT_QUORUM_BPS // 10_000
ORDINARY, STRICT = range(2)
# The Governor's constructor, in order, but for token and timelock. No account but `treasury` has an
# ordinary function: the GovernedTarget of a test is named there.
RULES = {
    "name": "Flywheel Governor",
    "token": None,
    "timelock": None,
    "rounds": ZERO_ADDRESS,
    "voting_delay": VOTING_DELAY,
    "voting_period": VOTING_PERIOD,
    "proposal_threshold": THRESHOLD,
    "quorum_numerator": QUORUM_BPS,
    "quorum_minimum": QUORUM_MINIMUM,
    "late_extension": LATE_EXTENSION,
    "max_live": 0,
    "guardian": ZERO_ADDRESS,
    "guardian_expires_at": 0,
    "strict_quorum_bps": STRICT_QUORUM_BPS,
    "strict_majority_bps": STRICT_MAJORITY_BPS,
    "strict_delay": 0,
    "opens_after": 0,
    "grants": ZERO_ADDRESS,
    "license_catalog": ZERO_ADDRESS,
    "treasury": ZERO_ADDRESS,
}

AGAINST, FOR, ABSTAIN = range(3)
PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
UNSET, WAITING, READY, DONE = range(4)

UNEXPECTED_STATE = "GovernorUnexpectedProposalState(uint256,uint8,bytes32)"
UNEXPECTED_OPERATION = "TimelockUnexpectedOperationState(bytes32,bytes32)"


def bits(*states: int) -> bytes:
    """OpenZeppelin's set of expected states, as bytes32."""
    return sum(1 << state for state in states).to_bytes(32, "big")


def governor_arguments(token: Any, timelock: Any, **overrides: Any) -> list[Any]:
    """Constructor arguments of a Governor by RULES, but for `overrides`."""
    assert overrides.keys() <= RULES.keys(), f"unknown rules: {overrides.keys() - RULES.keys()}"
    links = {"token": token.address, "timelock": timelock.address}
    return list((RULES | links | overrides).values())


def role(name: str) -> bytes:
    return b"\0" * 32 if name == "DEFAULT_ADMIN_ROLE" else keccak(text=name)


@dataclass
class Batch:
    """Calls as the Timelock and the Governor take them."""

    targets: list[str] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)

    def add(self, contract: Any, function: str, *args: Any, amount: int = 0) -> "Batch":
        payload = getattr(contract, function).prepare_calldata(*args)
        return self.add_raw(str(contract.address), payload, amount)

    def add_raw(self, target: str, payload: bytes, amount: int = 0) -> "Batch":
        self.targets.append(target)
        self.amounts.append(amount)
        self.payloads.append(payload)
        return self

    def spend(self, target: Any, amount: int = 7) -> "Batch":
        """An ordinary call, where `target` is the Governor's treasury: stores `amount`."""
        return self.add(target, "spend", 1, ZERO_ADDRESS, ZERO_ADDRESS, amount)

    @property
    def args(self) -> tuple[list[str], list[int], list[bytes]]:
        return self.targets, self.amounts, self.payloads

    def operation(self, salt: bytes = SALT, predecessor: bytes = NO_PREDECESSOR) -> bytes:
        """Id of the operation in the Timelock, by OpenZeppelin's formula."""
        types = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"]
        return keccak(encode(types, [*self.args, predecessor, salt]))


def schedule(
    timelock: Any, proposer: str, batch: Batch, salt: bytes = SALT, **kwargs: Any
) -> bytes:
    """Schedules `batch` with the shortest delay and returns its id."""
    predecessor = kwargs.get("predecessor", NO_PREDECESSOR)
    with boa.env.prank(proposer):
        timelock.scheduleBatch(*batch.args, predecessor, salt, MIN_DELAY)
    return batch.operation(salt, predecessor)


def run_as_timelock(timelock: Any, contract: Any, function: str, *args: Any) -> None:
    """Calls a function that only the Timelock may call, and returns with its outcome."""
    with boa.env.prank(timelock.address):
        getattr(contract, function)(*args)


@dataclass
class Proposal:
    """A proposal on its way, with the clock moved as it goes."""

    governor: Any
    batch: Batch
    description: str
    proposer: str

    @property
    def description_hash(self) -> bytes:
        return keccak(text=self.description)

    @property
    def args(self) -> tuple:
        return (*self.batch.args, self.description_hash)

    @property
    def id(self) -> int:
        types = ["address[]", "uint256[]", "bytes[]", "bytes32"]
        return int.from_bytes(keccak(encode(types, self.args)), "big")

    @property
    def salt(self) -> bytes:
        prefix = bytes.fromhex(self.governor.address[2:]) + b"\0" * 12
        return bytes(a ^ b for a, b in zip(prefix, self.description_hash, strict=True))

    @property
    def operation(self) -> bytes:
        return self.batch.operation(self.salt)

    @property
    def state(self) -> int:
        return self.governor.state(self.id)

    def propose(self) -> "Proposal":
        with boa.env.prank(self.proposer):
            assert self.governor.propose(*self.batch.args, self.description) == self.id
        return self

    def open(self) -> "Proposal":
        """To the first second of voting."""
        warp_to(self.governor.proposalSnapshot(self.id) + 1)
        return self

    def vote(self, voter: str, support: int = FOR) -> "Proposal":
        with boa.env.prank(voter):
            self.governor.castVote(self.id, support)
        return self

    def close(self) -> "Proposal":
        """To the first second after voting."""
        warp_to(self.governor.proposalDeadline(self.id) + 1)
        return self

    def queue(self) -> "Proposal":
        self.governor.queue(*self.args)
        return self

    def wait(self) -> "Proposal":
        """To the first second in which it may be executed."""
        warp_to(self.governor.proposalEta(self.id))
        return self

    def execute(self, **kwargs: Any) -> "Proposal":
        self.governor.execute(*self.args, **kwargs)
        return self

    def cancel(self, sender: str) -> "Proposal":
        with boa.env.prank(sender):
            self.governor.cancel(*self.args)
        return self

    def advance(self, state: int, voter: str) -> "Proposal":
        """From nothing to `state`, with `voter` alone in favour (or nobody, to be defeated)."""
        self.propose()
        if state == PENDING:
            return self
        if state == CANCELED:
            return self.cancel(self.proposer)
        self.open()
        if state == ACTIVE:
            return self
        if state != DEFEATED:
            self.vote(voter)
        self.close()
        if state in (DEFEATED, SUCCEEDED):
            return self
        self.queue()
        if state == QUEUED:
            return self
        self.wait()
        if state == EXPIRED:
            pass_time(GRACE)
            return self
        return self.execute()


BALLOT = {
    "Ballot": [
        {"name": "proposalId", "type": "uint256"},
        {"name": "support", "type": "uint8"},
        {"name": "voter", "type": "address"},
        {"name": "nonce", "type": "uint256"},
    ]
}

EXTENDED_BALLOT = {
    "ExtendedBallot": [
        *BALLOT["Ballot"],
        {"name": "reason", "type": "string"},
        {"name": "params", "type": "bytes"},
    ]
}


def ballot_domain(governor: Any, **overrides: Any) -> dict:
    return {
        "name": "Flywheel Governor",
        "version": "1",
        "chainId": boa.env.evm.patch.chain_id,
        "verifyingContract": governor.address,
        **overrides,
    }


def set_votes(votes: Any, account: str, amount: int) -> None:
    """Gives `account` past votes that count from now on."""
    votes.set_votes(account, amount)
    pass_time(1)
    assert votes.getPastVotes(account, now() - 1) == amount
