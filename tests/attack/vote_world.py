"""The contracts under attack, and mutants that lack a group of defences."""

from typing import Any

from tests.attack.mutants import check_changes, mutate_all
from tests.kits.governance import (
    MIN_DELAY,
    Batch,
    Proposal,
    governor_arguments,
    role,
    run_as_timelock,
)
from tests.support import DAY, ZERO_ADDRESS, account, deploy, deployer_of, now, pass_time

HELD = 100_000 * 10**18
THRESHOLD = HELD
QUORUM_BPS = 2_500  # of 800,000 tokens: two of the four hundreds of thousands that people have
QUORUM_MINIMUM = 2 * HELD

# --- mutants ---

BALLOT_CHANGES = (
    ("proposal_book", "if packed_ballot._at(ballots, number) != 0:", "if False:"),
    ("signed_ballots", "self.nonces[voter] = nonce + 1", "pass"),
    ("signature_checks", "if s > MAX_S:", "if False:"),
    ("signature_checks", "signer == account and signer != empty(address)", "signer == account"),
    (
        "signature_checks",
        "len(answer) == 32 and convert(answer, bytes32) == convert(ERC1271_MAGIC, bytes32)",
        "len(answer) == 32",
    ),
)
RULE_CHANGES = (
    (
        "voting",
        "links._votes(voter, book._snapshot(record))",
        "links._votes(voter, block.timestamp - 1)",
    ),
    (
        "late_quorum",
        "if not (reaches_quorum or self._turns_majority(proposal_id, record, support, weight)):",
        "if False:",
    ),
    (
        "late_quorum",
        "min(book._elapsed() + extension, last)",
        "book._elapsed() + extension",
    ),
    (
        "settings_book",
        "min(packed_voting_terms._min_quorum(voting_terms), (counted + 1) // 2)",
        "0",
    ),
    (
        "proposal_states",
        # Where the outcome is decided; the view of a proposal's quorum reads it as well.
        "settings_book.voting_terms[packed_proposal._version(record)]\n    snapshot",
        "settings_book.voting_terms[settings_book._current()]\n    snapshot",
    ),
    ("proposal_states", "if elapsed <= deadline + links.GRACE_SECONDS:", "if True:"),
)
POWER_CHANGES = (
    ("Governor", "errors._restricted_proposer(msg.sender)", "pass"),
    (
        "governor_links",
        "self._votes(account, block.timestamp - 1)",
        "staticcall TOKEN.getVotes(account)",
    ),
    ("Governor", 'assert msg.gas >= least, "too little gas"', "pass"),
    ("Governor", "not replaces_guardian and guardians", "guardians"),
    ("guardians", " and block.timestamp < self.guardian_expires_at", ""),
    ("live_proposals", 'assert live < MAX_LIVE, "too many live proposals"', "pass"),
    (
        "governor_links",
        "if msg.sender != TIMELOCK.address:",
        "if msg.sender != TIMELOCK.address and msg.sender == self:",
    ),
)
LATE_CHANGES = (("late_quorum", "if extended <= deadline:", "if True:"),)
CALL_CHANGES = (
    ("calls", "if not success:", "if False:"),
    ("calls", "if len(payload) > 0 and not target.is_contract:", "if False:"),
    ("operations", "if block.timestamp < eta:", "if False:"),
    ("operations", "    if delay < shortest:", "    if False:"),
)
AGAIN_CHANGES = (
    (
        "Timelock",
        "@external\n@payable\ndef executeBatch(",
        "@external\n@payable\n@reentrant\ndef executeBatch(",
    ),
    (
        "operations",
        "self.operations[id] = packed_operation._mark_done(self.operations[id])",
        "pass",
    ),
)
for _changes in (
    *(BALLOT_CHANGES, RULE_CHANGES, POWER_CHANGES),
    *(LATE_CHANGES, CALL_CHANGES, AGAIN_CHANGES),
):
    check_changes(_changes)


def ballot_mutant() -> dict[str, Any]:
    return {"governor": mutate_all("Governor", BALLOT_CHANGES)}


def rule_mutant() -> dict[str, Any]:
    return {"governor": mutate_all("Governor", RULE_CHANGES)}


def power_mutant() -> dict[str, Any]:
    return {"governor": mutate_all("Governor", POWER_CHANGES)}


def late_mutant() -> dict[str, Any]:
    return {"governor": mutate_all("Governor", LATE_CHANGES)}


def call_mutant() -> dict[str, Any]:
    return {"timelock": mutate_all("Timelock", CALL_CHANGES)}


def again_mutant() -> dict[str, Any]:
    return {"timelock": mutate_all("Timelock", AGAIN_CHANGES)}


class World:
    """Token, Timelock and Governor, of deployers that may be mutants.

    `rules` overrides the Governor's settings. Each of `proposer`, `voter`, `friend` and `attacker`
    has an eighth of the tokens and votes.
    """

    def __init__(self, governor: Any = None, timelock: Any = None, **rules: Any) -> None:
        self.owner = account("owner")
        self.proposer, self.voter, self.friend, self.attacker = self.people = [
            account(name) for name in ("proposer", "voter", "friend", "attacker")
        ]
        self.token = deploy(
            "GovernanceToken", "Flywheel", "FLY", now(), 30 * DAY, sender=self.owner
        )
        self.token.set_minter(self.owner, 100 * HELD, sender=self.owner)
        self.token.mint(self.owner, 4 * HELD, sender=self.owner)
        for person in self.people:
            self.give(person)
        pass_time(1)
        timelock = timelock or deployer_of("Timelock")
        self.timelock = timelock.deploy(MIN_DELAY, [self.owner], [ZERO_ADDRESS], self.owner)
        self.target = deploy("GovernedTarget")
        rules = {
            "proposal_threshold": THRESHOLD,
            "quorum_numerator": QUORUM_BPS,
            "quorum_minimum": QUORUM_MINIMUM,
            "treasury": self.target.address,
        } | rules
        arguments = governor_arguments(self.token, self.timelock, **rules)
        self.governor = (governor or deployer_of("Governor")).deploy(*arguments)
        for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
            self.timelock.grantRole(role(name), self.governor.address, sender=self.owner)

    def give(self, person: str, amount: int = HELD) -> None:
        self.token.mint(person, amount, sender=self.owner)
        self.token.delegate(person, sender=person)

    def proposal(self, batch: Batch | None = None, text: str = "Store seven") -> Proposal:
        batch = batch or Batch().spend(self.target)
        return Proposal(self.governor, batch, text, self.proposer)

    def decided(self, batch: Batch | None = None) -> Proposal:
        """A proposal that three people voted for; the vote has ended."""
        proposal = self.proposal(batch).propose().open()
        for person in (self.proposer, self.voter, self.friend):
            proposal.vote(person)
        return proposal.close()

    def by_vote(self, function: str, *args: Any) -> None:
        run_as_timelock(self.timelock, self.governor, function, *args)
