"""What the benchmarks run on: our suite as it is deployed, OpenZeppelin's beside it, and people."""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import peers
from benchmarks.contracts import Contract, deploy, ours
from benchmarks.crowd import Crowd
from benchmarks.node import Node
from benchmarks.rows import OURS
from flywheel.chain.devnet import ROOT

DECIMALS = 6
UNIT = 10**DECIMALS
TOKEN = 10**18
DAY = 86_400
MAX_UINT = 2**256 - 1

VOTING_DELAY = DAY
VOTING_PERIOD = 7 * DAY
TIMELOCK_DELAY = 2 * DAY
PROPOSAL_THRESHOLD = 10_000 * TOKEN
QUORUM_PERCENT = 4
SUPPLY = 100_000_000 * TOKEN
POCKET = 10**9 * UNIT
# What each of a crowd has.
SHARE = 1_000 * TOKEN
MEMBERS_POCKET = 1_000 * UNIT


@dataclass(frozen=True)
class Subject:
    """A token, its Governor and its Timelock: all have OpenZeppelin's ABI. The bank has tokens."""

    name: str
    token: Contract
    governor: Contract
    timelock: Contract
    bank: str
    governor_name: str

    def give(self, account: str, amount: int) -> None:
        self.token.send(self.bank, "transfer", account, amount)

    def delegated(self, account: str, amount: int, delegatee: str | None = None) -> None:
        """Gives tokens to an account that votes itself, or lets `delegatee` vote."""
        self.give(account, amount)
        self.token.send(account, "delegate", delegatee or account)


@dataclass
class World:
    """One node with everything on it. `crowd`: how many others hold, vote, pay and claim."""

    node: Node
    suite: dict[str, Contract]
    subjects: list[Subject]
    crowd: Crowd = field(default_factory=Crowd)

    @property
    def owner(self) -> str:
        """The Timelock, which can send: what the DAO does after a vote and its delay."""
        return self.suite["Timelock"].address

    @property
    def asset(self) -> Contract:
        return self.suite["Asset"]

    @property
    def token(self) -> Contract:
        return self.suite["GovernanceToken"]

    @property
    def bank(self) -> str:
        return self.node.accounts[1]

    def people(self, count: int) -> list[str]:
        """Accounts that have done nothing yet and have their keys on the node."""
        return self.node.accounts[2 : 2 + count]

    def fund(self, account: str, *spenders: str, amount: int = POCKET) -> None:
        """Gives `account` money, and the contracts of these names its lasting approval."""
        self.asset.send(self.bank, "mint", account, amount)
        for spender in spenders:
            self.asset.send(account, "approve", self.suite[spender], MAX_UINT)

    def gather(self, size: int) -> None:
        """A crowd of `size`: each holds tokens of every subject, votes itself, and has money."""
        self.crowd = Crowd.of(self.node, self.bank, size)
        for subject in self.subjects:
            subject.give(self.crowd.address, size * SHARE)
            self.crowd.for_each(subject.token, "transfer", ..., SHARE)
            self.crowd.each(subject.token, "delegate", ...)
        self.crowd.for_each(self.asset, "mint", ..., MEMBERS_POCKET)


def build(node: Node) -> World:
    """Deploys everything."""
    suite = _deploy_suite(node)
    world = World(node, suite, [])
    timelock = world.owner
    node.impersonate(timelock)
    world.token.send(timelock, "set_minter", world.bank, SUPPLY)
    world.token.send(world.bank, "mint", world.bank, SUPPLY)
    world.subjects = [
        Subject(
            OURS,
            suite["GovernanceToken"],
            suite["Governor"],
            suite["Timelock"],
            world.bank,
            "Flywheel Governor",
        ),
        _deploy_openzeppelin(node, world.bank),
    ]
    return world


def _deploy_suite(node: Node) -> dict[str, Contract]:
    """Ours, by the deployment that users run, wired and handed over to the Timelock."""
    from ape import accounts, networks
    from ape.logging import LogLevel, logger

    from flywheel.deploy.deployment import Deployment
    from flywheel.deploy.journal import Journal
    from flywheel.deploy.parameters import load

    logger.set_level(LogLevel.ERROR)
    parameters = replace(
        load(ROOT / "parameters" / "devnet.yaml"),
        voting_delay=VOTING_DELAY,
        voting_period=VOTING_PERIOD,
        timelock_delay=TIMELOCK_DELAY,
        proposal_threshold=PROPOSAL_THRESHOLD,
        quorum_percent=QUORUM_PERCENT,
        # OpenZeppelin has no such bound, no first days and no longer delay.
        max_live_proposals=0,
        opens_after=0,
        strict_delay=TIMELOCK_DELAY,
    )
    with (
        node.automined(),
        tempfile.TemporaryDirectory() as folder,
        networks.parse_network_choice(f"ethereum:local:{node.url}"),
    ):
        journal = Journal(node.chain_id, Path(folder) / "journal.json")
        Deployment(parameters, accounts.test_accounts[0], journal).run()
        return {
            name: Contract(node, entry["address"], ours(entry["contract"]))
            for name, entry in journal.contracts.items()
        }


def _deploy_openzeppelin(node: Node, bank: str) -> Subject:
    """The same settings as ours, wired as OpenZeppelin's documentation says."""
    admin = node.accounts[0]
    anybody = "0x" + "00" * 20
    token = deploy(node, bank, peers.artifact("VotesToken"), SUPPLY)
    timelock = deploy(
        node, admin, peers.artifact("TimelockController"), TIMELOCK_DELAY, [], [anybody], admin
    )
    governor = deploy(
        node,
        admin,
        peers.artifact("VotesGovernor"),
        *(token, timelock, VOTING_DELAY, VOTING_PERIOD, PROPOSAL_THRESHOLD, QUORUM_PERCENT),
    )
    for role in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
        timelock.send(admin, "grantRole", timelock.read(role), governor)
    timelock.send(admin, "renounceRole", timelock.read("DEFAULT_ADMIN_ROLE"), admin)
    name = f"OpenZeppelin {peers.version('@openzeppelin/contracts')}"
    return Subject(name, token, governor, timelock, bank, "Votes Governor")
