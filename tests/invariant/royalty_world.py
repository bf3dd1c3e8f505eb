"""What the machine of licences and royalties plays in, and what plain Python says about it.

`flywheel.statement` follows the events, `flywheel.models.lineage` and
`flywheel.licensing.reference` work out the same figures from the calls alone.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flywheel.deploy.suite import Suite
from flywheel.licensing.reference import Account
from flywheel.models import lineage
from flywheel.models.lineage import TREASURY
from flywheel.statement import Book
from tests.invariant.booked import Booked
from tests.kits.licensing import Terms
from tests.kits.models import ModelTerms
from tests.odd_assets import Fault, deploy_odd_asset
from tests.support import (
    CAPS,
    DAY,
    EPOCH_SECONDS,
    account,
    deploy,
    deploy_asset,
    fund_and_approve,
    now,
    warp_to,
)

ACTORS = 8
CAMPAIGNS = 3
R, L, N = "RoyaltyRouter", "LicenseMarket", "LicenseEnforcement"
HOLDERS = (R, L, N)


@dataclass
class Model:
    """A model as it was registered, and what is in force for it."""

    terms: ModelTerms
    owner: str
    table: lineage.Table
    split: list[lineage.Share]
    fee_bps: int
    # Minted to the DAO: never owes the fee.
    is_fee_free: bool = False
    # What the registry says of it, for ever.
    frozen: Any = None
    # From when another split may take effect.
    next_split: tuple[int, list[lineage.Share]] | None = None


@dataclass
class Assessment:
    due: int
    answer_until: int
    auditor: str
    audit_cost: int


@dataclass
class Dispute:
    amount: int
    due: int
    account: str
    opened_at: int
    decide_until: int
    auditor: str
    audit_cost: int


@dataclass
class License:
    """A licence beside its account: whose it is, its bond, what is open."""

    terms_id: int
    terms: Terms
    asset: Any
    holder: str
    book: Account
    bond: int
    ends_at: int | None
    ended_early: bool = False
    # By period.
    open: dict[int, Assessment | Dispute] = field(default_factory=dict)
    # Period => what its own report said, since an audit looked at it.
    said: dict[int, int] = field(default_factory=dict)
    # Period => what an audit said, from which the next shortfall counts.
    known: dict[int, int] = field(default_factory=dict)
    # Period => the most that it owed when a decision lowered it in good standing.
    paid: dict[int, int] = field(default_factory=dict)
    accused_until: int = 0
    # Since when the bond is less than the terms ask for; 0: it is not.
    short_since: int = 0
    reporter: str | None = None
    # Account, time, answer: what was once said about the past stays.
    answers: list[tuple[int, str, int, bool]] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.ends_at is None or now() < self.ends_at

    def take_bond(self, amount: int) -> None:
        """The bond pays, or is lost: from the first time on it is short."""
        self.bond -= amount
        if self.bond < self.terms.bond and not self.short_since:
            self.short_since = now()

    def paid_once(self, period: int) -> int:
        """What a period owed before decisions took it off."""
        return max(self.said.get(period, 0), self.paid.get(period, 0))

    @property
    def is_reported(self) -> bool:
        """Every period that has ended is reported."""
        return not (self.book.has_next and now() >= self.book.next_opens_at)

    @property
    def is_clear(self) -> bool:
        """Nothing is owed either: it may be renewed."""
        return self.is_reported and self.book.outstanding == 0

    @property
    def is_held(self) -> bool:
        """An assessment, a dispute or an accusation is open: it cannot be moved."""
        return bool(self.open) or now() < self.accused_until

    @property
    def escrow(self) -> int:
        return sum(item.amount for item in self.open.values() if isinstance(item, Dispute))


class World(Booked):
    """The contracts, the actors' money and the books."""

    def __init__(self) -> None:
        self.dao = account("dao")
        self.actors = [account(f"actor {number}") for number in range(ACTORS)]
        self.suite = self._deploy()
        self.names = {str(c.address): name for name, c in self.suite.contracts.items()}
        self.book = Book()
        self.assets = [deploy_asset("USDC", 6), deploy_odd_asset(Fault.RETURNS_NOTHING)]
        self.models: dict[int, Model] = {}
        self.terms: dict[int, Terms] = {}
        self.offered: set[int] = set()
        self.licenses: dict[int, License] = {}
        # Sublicence => parent licence, account, running.
        self.sublicenses: dict[int, tuple[int, str, bool]] = {}
        # Account, model => asset => price of the dearest licence that it lost by a breach.
        self.lost: dict[tuple[str, int], dict[str, int]] = {}
        self.fee_bps = 0
        # Model, asset => units; receiver, asset => units.
        self.paid, self.own, self.owed = Counter(), Counter(), Counter()
        self.refunds, self.wallets, self.donated = Counter(), Counter(), Counter()
        self._wire()

    def _deploy(self) -> Suite:
        def make(stem: str, *args: Any) -> Any:
            return deploy(stem, *args, sender=self.dao)

        token = make("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS)
        treasury = make("Treasury", token, 4_000, 4_000, *CAPS)
        rounds = make("FundingRounds", make("RoundRules", token, treasury))
        links = (deploy("MockGrantSplits"), deploy("LineageRules"))
        registry = make("ModelRegistry", *links, "Flywheel Models", "FWMOD")
        rewards = make("ContributorRewards", token)
        router = make(R, registry, treasury, rewards)
        catalog = make("LicenseCatalog", registry, treasury)
        market = make(L, catalog, router)
        return Suite(
            {
                "GovernanceToken": token,
                "Treasury": treasury,
                "HolderIncome": make("HolderIncome", token, treasury),
                "FundingRounds": rounds,
                "Redemptions": make("Redemptions", rounds),
                "ContributorRewards": rewards,
                "ModelRegistry": registry,
                R: router,
                "LicenseCatalog": catalog,
                L: market,
                N: make(N, market, catalog),
                "LicenseRights": make("LicenseRights", market, catalog),
            }
        )

    def _wire(self) -> None:
        s = self.suite
        for asset in self.assets:
            self.vote("Treasury", "accept_asset", asset)
        self.vote("Treasury", "set_income_source", s.router, True)
        self.vote(R, "set_collector", s.market, True)
        self.vote(L, "set_enforcement", s.enforcement)
        self.vote("LicenseCatalog", "set_market", s.market)
        self.vote("ModelRegistry", "set_router", s.router)
        self.vote("ModelRegistry", "set_rights", s.rights)
        self.vote("ModelRegistry", "set_rewards", s.rewards)
        self.vote("LicenseCatalog", "set_guardian", self.dao, now() + 366 * DAY)
        for _ in range(CAMPAIGNS):
            campaign = (self.dao, 7 * DAY, (1, b"\xda" * 32, "ipfs://data"))
            self.vote("ContributorRewards", "create_campaign", *campaign)

    # --- calls ---

    def vote(self, name: str, function: str, *args: Any) -> Any:
        return self.call(name, function, *args, sender=self.dao)

    def fund(self, who: str, asset: Any, name: str, amount: int) -> None:
        """Mints `amount` to an account, which lets a contract of the suite take it."""
        fund_and_approve(asset, who, self.suite[name].address, amount)
        self.wallets[who, asset.address] += amount

    def price(self, terms: Terms) -> int:
        """What a licence costs by its terms: the fee, or what they ask for in its place."""
        return terms.upfront_fee or terms.minimum_per_period or terms.bond

    def charge(self, who: str, terms: Terms) -> int:
        """The fee of a licence that is bought: three prices after a breach, until one was paid for
        a licence that was no cheaper than what was lost in its asset."""
        lost = self.lost.get((who, terms.model_id), {})
        if not lost:
            return terms.upfront_fee
        if terms.asset in lost and self.price(terms) >= lost[terms.asset]:
            del lost[terms.asset]
        return 3 * self.price(terms)

    def lose(self, who: str, terms: Terms) -> None:
        """A licence is ended for a breach."""
        lost = self.lost.setdefault((who, terms.model_id), {})
        lost[terms.asset] = max(self.price(terms), lost.get(terms.asset, 0))

    def spend(self, who: str, asset: Any, amount: int) -> None:
        self.wallets[who, asset.address] -= amount

    # --- the router's figures ---

    def receive(self, model_id: int, asset: Any, amount: int) -> None:
        self.paid[model_id, asset.address] += amount

    def divide(self, model_id: int, address: str) -> int:
        """A settlement in plain Python; returns what was divided."""
        key, model = (model_id, address), self.models[model_id]
        waited = self.paid[key] + self.own[key]
        parts = lineage.divide(
            self.paid[key], self.own[key], model.table, model.split, model.fee_bps
        )
        self.paid[key], self.own[key] = parts.pending, parts.own
        credited = sum(parts.ancestors.values()) + sum(parts.receivers.values())
        assert credited == waited - parts.pending - parts.own
        for ancestor, part in parts.ancestors.items():
            self.own[ancestor, address] += part
        for receiver, part in parts.receivers.items():
            self.owed[receiver, address] += part
        return credited

    def put_in_force(self, model_id: int) -> None:
        """A refresh in plain Python: what waits is divided by what was in force until now."""
        model = self.models[model_id]
        for asset in self.assets:
            self.divide(model_id, asset.address)
        model.fee_bps = 0 if model.is_fee_free else self.fee_bps
        if model.next_split and model.next_split[0] <= now():
            model.split, model.next_split = model.next_split[1], None

    # --- what must hold ---

    def check(self) -> None:
        """I13, I16, I18, I22 and every figure of the references, to the unit."""
        assert self.differences() == []
        figures = self.book.figures
        for asset in self.assets:
            address = asset.address
            for model_id in self.models:
                key = (model_id, address)
                assert figures[R, "pending", *key] == self.paid[key]
                assert figures[R, "own pending", *key] == self.own[key]
            for who in self.actors:
                assert figures[R, "credit", who, address] == self.owed[who, address]
                assert figures[N, "refund", who, address] == self.refunds[who, address]
                assert asset.balanceOf(who) == self.wallets[who, address]
            assert figures[R, "treasury credit", address] == self.owed[TREASURY, address]
            for campaign in range(1, CAMPAIGNS + 1):
                credit = figures[R, "campaign credit", campaign, address]
                assert credit == self.owed[campaign, address]
            self._check_held(asset)
        for license_id, held in self.licenses.items():
            self._check_license(license_id, held)

    def _check_held(self, asset: Any) -> None:
        """Each contract holds what it owes by the references, and what was given to it."""
        address = asset.address
        counters = (self.paid, self.own, self.owed)
        waiting = sum(n for c in counters for (_, where), n in c.items() if where == address)
        kept = sum(n for (_, where), n in self.refunds.items() if where == address)
        for held in self.licenses.values():
            if held.asset.address == address:
                kept += held.bond + held.escrow
        for name, owes in ((R, waiting), (L, 0), (N, kept)):
            # The market passes on at once what it takes and keeps no account.
            assert name == L or self.suite[name].accounted(address) == owes
            balance = asset.balanceOf(self.suite[name].address)
            assert balance == owes + self.donated[name, address]

    def _check_license(self, license_id: int, held: License) -> None:
        book, state = held.book, self.suite.market.license(license_id)
        book.pass_to(now())
        assert (state.due, state.paid, state.overdue) == (book.total, book.paid, book.overdue)
        assert (state.interest, state.overdue_since) == (book.interest, book.overdue_since)
        assert self.suite.enforcement.is_held(license_id) == held.is_held
        assert state.ends_at == (2**256 - 1 if held.ends_at is None else held.ends_at)
        assert state.ended_early == held.ended_early
        booked = (book.reported, len(book.periods))
        assert (state.periods_reported, state.periods_booked) == booked
        assert self.book.figures[N, "bond", license_id] == held.bond

    def check_frozen(self, model_id: int) -> None:
        """I12: what was registered is so for ever, and bounded."""
        model = self.models[model_id]
        assert self.frozen(model_id) == model.frozen
        assert len(model.table) <= lineage.MAX_ANCESTORS
        assert sum(model.table.values()) <= lineage.MAX_OWED_BPS
        assert all(ancestor < model_id for ancestor in model.table)

    def frozen(self, model_id: int) -> Any:
        registry = self.suite.registry
        model = registry.model(model_id)
        written_once = (model.kind, model.grant_id, model.registrant, model.registered_at)
        digests = (model.weights_digest, model.fingerprint, registry.model_name(model_id))
        found = {item.model_id: item.share_bps for item in registry.ancestors(model_id)}
        family = (registry.parents(model_id), found, registry.datasets(model_id))
        return written_once, digests, family

    def check_terms(self, license_id: int) -> None:
        """What was sold is what the catalogue has and the market bills."""
        held = self.licenses[license_id]
        assert self.suite.catalog.terms(held.terms_id) == held.terms
        assert self.suite.market.license(license_id).terms_id == held.terms_id
        assert self.suite.enforcement.bond_short_since(license_id) == held.short_since

    def check_rights(self, license_id: int) -> None:
        """Who is covered now, by its account; what was said of the past is said again."""
        held, rights = self.licenses[license_id], self.suite.rights
        for number, who in self.users(license_id):
            assert rights.is_covered(number, who, 0, now()) == self.covers(number, who)
        for number, who, at, answer in held.answers[-4:]:
            assert rights.is_covered(number, who, 0, at) == answer

    def go_to(self, time: int) -> None:
        """Ends a second: what the rights say of it now they say for ever."""
        if time <= now():
            return
        for license_id, held in self.licenses.items():
            held.book.pass_to(now())
            for number, who in self.users(license_id):
                held.answers.append((number, who, now(), self.covers(number, who)))
        warp_to(time)
        for held in self.licenses.values():
            held.book.pass_to(time)

    def covers(self, number: int, who: str) -> bool:
        """Whether a licence or a sublicence lets `who` use the model now."""
        parent, licensee, runs = self.sublicenses.get(number, (number, who, True))
        held = self.licenses[parent]
        held.book.pass_to(now())
        in_standing = held.is_running and not held.book.overdue_since
        is_holder = who == (held.holder if parent == number else licensee)
        return runs and in_standing and is_holder

    def users(self, license_id: int) -> list[tuple[int, str]]:
        """The licence with its holder, sublicences with theirs."""
        granted = [
            (i, who) for i, (parent, who, _) in self.sublicenses.items() if parent == license_id
        ]
        return [(license_id, self.licenses[license_id].holder), *granted]
