"""What all stages of a story share: the actors, the clock, the votes, and what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.governance import proposals
from flywheel.governance.proposals import Action
from flywheel.states import GrantKind, ProposalState, Support
from flywheel.story.parts import Scenario
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI

ROUND_ID = 1


class Teller(Protocol):
    """Whoever hears the story."""

    def heading(self, text: str) -> None: ...
    def say(self, text: str) -> None: ...
    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None: ...


class Silent:
    """Tells nobody."""

    def heading(self, text: str) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        pass


@dataclass
class Spent:
    """What one grant has cost. `leases`: provider and GPU-seconds that were paid, by order."""

    paid: int = 0
    bond_posted: int = 0
    bond_returned: int = 0
    compute_paid: int = 0
    compute_returned: int = 0
    energy_wh: int = 0
    emissions_grams: int = 0
    leases: dict[int, tuple[str, int]] = field(default_factory=dict)

    def gpu_seconds(self, provider: str | None = None) -> int:
        """GPU time that was paid to a provider, or to all."""
        return sum(seconds for name, seconds in self.leases.values() if provider in (None, name))


@dataclass
class Ledger:
    """What the story saw happen, in units of the asset unless said: the source of the summary."""

    raised: int = 0
    tokens_minted: int = 0
    refunded: int = 0
    grants: dict[GrantKind, Spent] = field(default_factory=dict)
    model_id: int = 0
    base_id: int = 0
    base_fee: int = 0
    base_claimed: int = 0
    royalties_paid: int = 0
    settled: int = 0
    treasury_income: int = 0
    holders_pot: int = 0
    holders_claimed: int = 0
    builders_claimed: int = 0
    contributors_funded: int = 0
    contributors_claimed: int = 0
    contributions: dict[str, int] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)
    contributors: dict[str, int] = field(default_factory=dict)

    def spent(self, kind: GrantKind) -> Spent:
        return self.grants.setdefault(kind, Spent())

    def total(self, what: str) -> int:
        """Sum over all grants."""
        return sum(getattr(item, what) for item in self.grants.values())

    @property
    def bond_lost(self) -> int:
        return self.total("bond_posted") - self.total("bond_returned")


class Play:
    """One play of one scenario: filled by the stages in turn."""

    def __init__(
        self,
        scenario: Scenario,
        accounts: Sequence["AccountAPI"],
        output: Teller,
        folder: Path,
        others: Sequence[str] = (),
    ) -> None:
        """`accounts` are test accounts with ether: one for the deployer and one for each name, in
        the scenario or among `others`."""
        names = ["deployer", "keeper", "publisher", *scenario.names, *others]
        if len(accounts) < len(names):
            raise fix(
                f"The scenario needs {len(names)} accounts, there are {len(accounts)}",
                "Raise test.number_of_accounts in ape-config.yaml",
            )
        connection.read_as(str(accounts[0].address))
        self.scenario = scenario
        self.actors = dict(zip(names, accounts, strict=False))
        self.output = output
        self.folder = folder
        self.suite = Suite()
        self.ledger = Ledger()

    # --- votes ---

    def vote(self, title: str, actions: list[Action]) -> ProposalState:
        """Takes a proposal through its life with the scenario's voters; returns how it ended."""
        suite = self.suite
        proposer = max(self.scenario.supporters, key=lambda item: item.contribution)
        proposal = proposals.propose(suite, self.actor(proposer.name), title, actions)
        self.pass_to(proposal.vote_start + 1)
        rows = []
        for supporter in self.scenario.supporters:
            if supporter.vote is None or not self.ledger.contributions.get(supporter.name):
                continue
            weight = proposals.cast(
                suite, self.actor(supporter.name), proposal.proposal_id, supporter.vote
            )
            rows.append((supporter.name, supporter.vote.name.lower(), suite.tokens(weight)))
        self.pass_to(proposal.vote_end + 1)
        state = proposals.state(suite, proposal.proposal_id)
        counted = proposals.votes(suite, proposal.proposal_id)
        result = ", ".join(f"{suite.tokens(counted[side])} {side.name.lower()}" for side in Support)
        words = self.named(actions[0].words)
        self.output.table(
            f"{words[:1].upper()}{words[1:]}",
            ("Voter", "Vote", "Weight"),
            rows,
        )
        self.output.say(f"{result}: {state.name}")
        if state != ProposalState.SUCCEEDED:
            return state
        self.pass_to(proposals.queue(suite, self.keeper, proposal))
        proposals.execute(suite, self.keeper, proposal)
        return proposals.state(suite, proposal.proposal_id)

    # --- actors and time ---

    @property
    def keeper(self) -> "AccountAPI":
        """Sends what anybody may send."""
        return self.actor("keeper")

    def actor(self, name: str) -> "AccountAPI":
        return self.actors[name]

    def address(self, name: str) -> str:
        return str(self.actors[name].address)

    def named(self, text: str) -> str:
        """`text` with the names of the actors in place of their addresses."""
        for name, account in self.actors.items():
            text = text.replace(str(account.address), name)
        return text

    def wait(self, seconds: int) -> None:
        connection.pass_time(seconds)

    def pass_to(self, timestamp: int) -> None:
        if timestamp > connection.now():
            connection.pass_time(timestamp - connection.now())

    def give_money(self, name: str, amount: int) -> None:
        if amount:
            assets.mint_test_money(self.suite, self.address(name), amount, self.actor(name))
