"""The balance sheet of a played story: every unit that went in, and where it is, to the last wei.

Positions are read from the chain. Checks compare them with each other, with each contract's own
ledger, and with what the scenario's figures demand, computed here anew.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from flywheel import amounts
from flywheel.deploy.parameters import (
    FIRST_ROUND_PURPOSE,
    GRANTS_PURPOSE,
    RESERVE_PURPOSE,
    TOKEN_DECIMALS,
)
from flywheel.deploy.suite import CONTRACTS, Suite
from flywheel.states import GrantKind

if TYPE_CHECKING:
    from flywheel.story.parts import Job, Licensee, Provider, Scenario
    from flywheel.story.play import Ledger, Spent

# Contracts that keep an `accounted` ledger of what they owe.
LEDGERS = (
    "Treasury",
    "HolderIncome",
    "FundingRounds",
    "Redemptions",
    "RoyaltyRouter",
    "LicenseEnforcement",
)


@dataclass(frozen=True)
class Line:
    side: str
    position: str
    amount: int


@dataclass(frozen=True)
class Check:
    """Two figures that must be equal."""

    words: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True)
class Sheet:
    """Lines in units of the asset. `residue`: rounding rests that stay in pots and pools."""

    lines: tuple[Line, ...]
    checks: tuple[Check, ...]
    residue: int

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.holds]

    @property
    def conserved(self) -> bool:
        return bool(self.checks) and not self.failed


def draw_up(suite: Suite, people: dict[str, str], ledger: "Ledger", scenario: "Scenario") -> Sheet:
    """Reads all positions and compares. `people`: name -> address of everybody in the story."""
    asset = suite.asset
    holdings = {name: int(asset.balanceOf(address)) for name, address in people.items()}
    contracts = {name: int(asset.balanceOf(suite[name].address)) for name in CONTRACTS}
    contributors = {account: int(asset.balanceOf(account)) for account in ledger.contributors}
    lines = [
        *_sources(ledger),
        *_uses(suite, holdings, contracts, sum(contributors.values()), scenario),
    ]
    residue = sum(contracts.values()) - contracts["Treasury"]
    checks = [
        Check(
            f"all {suite.symbol} there is = what people and contracts hold",
            int(asset.totalSupply()),
            sum(holdings.values()) + sum(contracts.values()) + sum(contributors.values()),
        ),
        *_ledger_checks(suite, contracts, ledger, _rest(ledger, scenario)),
        *_treasury_checks(suite, ledger, contracts, scenario),
        *_token_checks(suite, people, ledger, scenario),
        *_flow_checks(suite, ledger, scenario, holdings),
        *(
            Check(f"contributor {account} holds what it was paid", contributors[account], paid)
            for account, paid in ledger.contributors.items()
        ),
    ]
    return Sheet(tuple(lines), tuple(checks), residue)


# --- positions ---


def _sources(ledger: "Ledger") -> list[Line]:
    bonds = ledger.total("bond_posted")
    return [
        Line("in", "Contributions of supporters", ledger.raised),
        Line("in", "Fees and royalties of licensees", ledger.royalties_paid),
        *_if_any(Line("in", "Licence of the base model", ledger.base_fee)),
        *_if_any(Line("in", "Bonds of builders", bonds)),
        Line("in", "Total", ledger.raised + ledger.royalties_paid + ledger.base_fee + bonds),
    ]


def _if_any(line: Line) -> list[Line]:
    return [line] if line.amount else []


def _uses(
    suite: Suite,
    holdings: dict[str, int],
    contracts: dict[str, int],
    contributors: int,
    scenario: "Scenario",
) -> list[Line]:
    asset = suite.asset.address
    builders = sum(holdings[job.grant.builder] for job in scenario.jobs)
    providers = sum(holdings[item.name] for job in scenario.jobs for item in job.providers)
    maker = holdings[scenario.base.maker] if scenario.base else 0
    committed = sum(
        int(suite.treasury.committed(purpose, asset))
        for purpose in range(1, int(suite.treasury.purpose_count()) + 1)
    )
    refunds_and_income = sum(
        max(0, holdings[item.name]) for item in scenario.supporters
    ) - _unspent(scenario)
    lines = [
        Line("out", "Supporters: refunds and income", refunds_and_income),
        Line("out", "Builders: milestones, royalties and bonds", builders),
        Line("out", "Compute providers", providers),
        *_if_any(Line("out", "Maker of the base model", maker)),
        Line("out", "Data contributors", contributors),
        Line("held", "Treasury: models", int(suite.treasury.free(FIRST_ROUND_PURPOSE, asset))),
        Line("held", "Treasury: next grants", int(suite.treasury.free(GRANTS_PURPOSE, asset))),
        Line("held", "Treasury: reserve", int(suite.treasury.free(RESERVE_PURPOSE, asset))),
        Line("held", "Treasury: committed", committed),
        Line(
            "held",
            "Treasury: income of epochs not closed",
            int(suite.treasury.unclosed_income(asset)),
        ),
        Line(
            "held",
            "Rests below a block or a unit",
            sum(contracts.values()) - contracts["Treasury"],
        ),
    ]
    lines.append(Line("out + held", "Total", sum(line.amount for line in lines)))
    return lines


def _unspent(scenario: "Scenario") -> int:
    """Money of supporters that the round did not take: the last one may exceed the cap."""
    given = sum(
        item.contribution for item in scenario.supporters if _took_part(scenario, item.name)
    )
    return given - _expected_raise(scenario)


# --- checks ---


def _ledger_checks(
    suite: Suite, contracts: dict[str, int], ledger: "Ledger", rest: int
) -> list[Check]:
    """No contract holds more or less than its ledger says; those without a ledger hold nothing, but
    ContributorRewards what its contributors have not claimed.

    `rest`: what rounding leaves to FundingRounds, owed to nobody.
    """
    checks = []
    for name, held in contracts.items():
        owed = int(suite[name].accounted(suite.asset.address)) if name in LEDGERS else 0
        if name == "ContributorRewards":
            owed = ledger.contributors_funded - ledger.contributors_claimed
        spare = rest if name == "FundingRounds" else 0
        checks.append(Check(f"{name} holds what its ledger says", held, owed + spare))
    return checks


def _treasury_checks(
    suite: Suite, ledger: "Ledger", contracts: dict[str, int], scenario: "Scenario"
) -> list[Check]:
    asset = suite.asset.address
    purposes = range(1, int(suite.treasury.purpose_count()) + 1)
    free = sum(int(suite.treasury.free(purpose, asset)) for purpose in purposes)
    committed = sum(int(suite.treasury.committed(purpose, asset)) for purpose in purposes)
    unclosed = int(suite.treasury.unclosed_income(asset))
    spent = ledger.total("paid") + ledger.total("compute_paid") + ledger.holders_pot
    proceeds = _proceeds(ledger, scenario)
    return [
        Check(
            "Treasury = free + committed + unclosed income",
            contracts["Treasury"],
            free + committed + unclosed,
        ),
        Check(
            "Treasury = proceeds + income + a lost bond - grants - compute - holders' pots",
            contracts["Treasury"],
            proceeds + ledger.treasury_income + ledger.bond_lost - spent,
        ),
    ]


def _token_checks(
    suite: Suite, people: dict[str, str], ledger: "Ledger", scenario: "Scenario"
) -> list[Check]:
    token, price = suite.token, scenario.suite.genesis_round.price
    supply = int(token.totalSupply())
    balances = {name: int(token.balanceOf(address)) for name, address in people.items()}
    held_by_contracts = sum(int(token.balanceOf(suite[name].address)) for name in CONTRACTS)
    checks = [
        Check("token supply = all balances", supply, sum(balances.values()) + held_by_contracts)
    ]
    if not ledger.tokens_minted:
        return [*checks, Check("a failed round mints nothing", supply, 0)]
    cap = scenario.suite.genesis_round.hard_cap
    minted = min(ledger.raised, cap) * 10**TOKEN_DECIMALS // price
    checks.append(
        Check("tokens minted = raised up to the cap / price", ledger.tokens_minted, minted)
    )
    checks += [
        Check(
            f"{name} has its tokens",
            balances[name],
            _used(ledger, scenario, paid) * 10**TOKEN_DECIMALS // price,
        )
        for name, paid in ledger.contributions.items()
    ]
    return checks


def _flow_checks(
    suite: Suite,
    ledger: "Ledger",
    scenario: "Scenario",
    holdings: dict[str, int],
) -> list[Check]:
    checks = [
        Check(
            "raised = contributions, up to the cap if first come",
            ledger.raised,
            _expected_raise(scenario),
        ),
        Check(
            "supporters hold refunds and income",
            sum(holdings[item.name] for item in scenario.supporters),
            ledger.refunded + ledger.holders_claimed + _unspent(scenario),
        ),
    ]
    if not ledger.tokens_minted:
        checks.append(Check("refunds = contributions", ledger.refunded, ledger.raised))
    else:
        checks.append(
            Check("refunds = surplus above the cap", ledger.refunded, _surplus(ledger, scenario))
        )
    for job in scenario.jobs:
        checks += _grant_checks(ledger, job, holdings)
    if ledger.royalties_paid:
        checks += _royalty_checks(suite, ledger, scenario)
    return checks


def _grant_checks(ledger: "Ledger", job: "Job", holdings: dict[str, int]) -> list[Check]:
    """What a grant paid beside its own terms; of one that was not approved, that it paid nobody."""
    grant, spent = job.grant, ledger.spent(job.kind)
    is_training = job.kind == GrantKind.TRAINING
    royalties = ledger.builders_claimed if is_training else 0
    checks = [
        Check(
            f"{grant.builder} holds milestones and royalties, and its bond if it finished",
            holdings[grant.builder],
            spent.paid + royalties + spent.bond_returned,
        )
    ]
    if not spent.paid:
        return checks
    done = grant.milestones[: grant.stops_after or None]
    percents = [0, *(item.compute_percent for item in done)]
    due = _expected_compute(job.providers, percents) if is_training else _served(job, spent)
    return [
        *checks,
        Check(
            "milestones paid = milestones of the grant, as far as they were delivered",
            spent.paid,
            sum(item.amount for item in done),
        ),
        Check(
            "the bond came back, if all was delivered",
            spent.bond_returned,
            0 if grant.stops_after else grant.bond,
        ),
        *(
            Check(f"{name} is paid its delivered GPU-hours", holdings[name], amount)
            for name, amount in due.items()
        ),
        Check("compute paid = GPU-hours x price", spent.compute_paid, sum(due.values())),
        Check(
            "compute paid + returned = budget",
            spent.compute_paid + spent.compute_returned,
            grant.compute_budget,
        ),
    ]


def _waiting(suite: Suite) -> int:
    """Units that wait in the router, below a block of 10,000 per model and kind."""
    asset = suite.asset.address
    models = range(1, int(suite.registry.model_count()) + 1)
    views = (suite.router.pending, suite.router.own_pending)
    return sum(int(view(model, asset)) for model in models for view in views)


def _royalty_checks(suite: Suite, ledger: "Ledger", scenario: "Scenario") -> list[Check]:
    asset = suite.asset.address
    pots_left = ledger.holders_pot - ledger.holders_claimed
    split_up = (
        ledger.treasury_income
        + ledger.builders_claimed
        + ledger.base_claimed
        + ledger.contributors_funded
    )
    return [
        Check(
            "paid by licensees = fees + max(minimum, share of revenue) per period",
            ledger.royalties_paid,
            sum(_expected_royalties(scenario, item) for item in scenario.licensees),
        ),
        Check(
            "settled + what waits to be settled = paid by licensees, and for the base",
            ledger.settled + _waiting(suite),
            ledger.royalties_paid + ledger.base_fee,
        ),
        Check("Treasury + builder + base + dataset = settled", split_up, ledger.settled),
        Check(
            "pots not claimed stay in HolderIncome", pots_left, int(suite.income.accounted(asset))
        ),
        Check(
            "contributors' claims = what their campaign was funded with",
            ledger.contributors_claimed,
            ledger.contributors_funded,
        ),
    ]


# --- the scenario's own arithmetic ---


def _expected_compute(providers: tuple["Provider", ...], percents: list[int]) -> dict[str, int]:
    """What each provider earns: for each step of the compute its GPU-seconds x price, rounded down,
    and from where it dies on its stand-in's."""
    prices = {item.name: item.price_per_gpu_hour for item in providers}
    due = dict.fromkeys(prices, 0)
    for item in providers:
        dies = item.dies_at_percent
        marks = sorted({*percents, *([dies] if dies is not None and dies < percents[-1] else [])})
        for first, last in pairwise(marks):
            name = item.replaced_by if dies is not None and first >= dies else item.name
            seconds = item.delivered_gpu_hours * 36 * (last - first)
            due[name] += prices[name] * seconds // 3_600
    return due


def _served(job: "Job", spent: "Spent") -> dict[str, int]:
    """What each provider earns with leases that run as long as the service does: of each the
    GPU-seconds x price, rounded down."""
    prices = {item.name: item.price_per_gpu_hour for item in job.providers}
    due = dict.fromkeys(prices, 0)
    for name, seconds in spent.leases.values():
        due[name] += prices[name] * seconds // 3_600
    return due


def _took_part(scenario: "Scenario", name: str) -> bool:
    """Whether a supporter came before the cap was reached, which ends no pro-rata round."""
    if scenario.suite.genesis_round.is_pro_rata:
        return True
    raised = 0
    for item in scenario.supporters:
        if raised >= scenario.suite.genesis_round.hard_cap:
            return False
        if item.name == name:
            return True
        raised += item.contribution
    return False


def _expected_raise(scenario: "Scenario") -> int:
    total = sum(item.contribution for item in scenario.supporters)
    first = scenario.suite.genesis_round
    return total if first.is_pro_rata else min(total, first.hard_cap)


def _used(ledger: "Ledger", scenario: "Scenario", paid: int) -> int:
    """The part of a contribution that buys tokens, rounded down."""
    cap = scenario.suite.genesis_round.hard_cap
    return paid * cap // ledger.raised if ledger.raised > cap else paid


def _surplus(ledger: "Ledger", scenario: "Scenario") -> int:
    return sum(paid - _used(ledger, scenario, paid) for paid in ledger.contributions.values())


def _proceeds(ledger: "Ledger", scenario: "Scenario") -> int:
    """What the round brought the Treasury: above the cap, a unit per further contributor stays."""
    cap = scenario.suite.genesis_round.hard_cap
    if not ledger.tokens_minted:
        return ledger.raised - ledger.refunded
    return cap - (len(ledger.contributions) - 1) if ledger.raised > cap else ledger.raised


def _rest(ledger: "Ledger", scenario: "Scenario") -> int:
    """Units kept back for roundings that nobody was owed."""
    if not ledger.tokens_minted:
        return 0
    return ledger.raised - _proceeds(ledger, scenario) - _surplus(ledger, scenario)


def _expected_royalties(scenario: "Scenario", licensee: "Licensee") -> int:
    licence = scenario.licence
    assert licence is not None
    return licence.upfront_fee + sum(
        max(licence.minimum_per_period, -(-revenue * licence.share_bps // amounts.BPS))
        for revenue in licensee.revenue
    )
