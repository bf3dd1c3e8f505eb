"""What the attacks on licenses share: a suite with one license, an honest licensee and a thief."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack import mutants
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    REVENUE,
    add_model,
    deploy_suite,
    period_end,
    report,
    sell,
)
from tests.kits.models import Kind, treasury_share
from tests.support import account, deployer_of, fund_and_approve, warp_to

MARKET = "LicenseMarket"
ENFORCEMENT = "LicenseEnforcement"
RIGHTS = "LicenseRights"
CATALOG = "LicenseCatalog"
ROLES = {MARKET: "market", ENFORCEMENT: "enforcement", RIGHTS: "rights", CATALOG: "catalog"}
BOND = 2 * DUE
LATE_BPS = 3_600
# Who paid for an audit and what it cost; nobody.
Audit = tuple[str, int] | tuple[()]


@dataclass(frozen=True)
class Case(mutants.Case):
    """An attack on licences; the defence is the market's unless said otherwise."""

    stem: str = MARKET


class World:
    """Model 1 and license 1 under the usual terms; `mutant` replaces the contract of `stem`."""

    def __init__(self, stem: str = MARKET, mutant: Any = None, asset: Any = None) -> None:
        self.owner, self.licensee, self.thief = map(account, ("owner", "licensee", "thief"))
        deployers = {ROLES[stem]: mutant or deployer_of(stem)}
        self.suite = deploy_suite(self.owner, asset=asset, **deployers)
        self.market, self.enforcement = self.suite.market, self.suite.enforcement
        self.catalog, self.rights = self.suite.catalog, self.suite.rights
        self.asset = self.suite.asset
        add_model(self.suite, [treasury_share(10_000)])
        self.license_id = sell(self.suite, self.licensee, derivations=Kind.FINE_TUNE)

    # --- what happens without an attack ---

    def sell(self, **changes: Any) -> int:
        """One more license of the licensee."""
        return sell(self.suite, self.licensee, **changes)

    def end_period(self, period: int, license_id: int = 0) -> None:
        warp_to(period_end(self.suite, license_id or self.license_id, period))

    def report(self, period: int, license_id: int = 0, revenue: int = REVENUE) -> None:
        """The licensee's report at the end of the period."""
        self.end_period(period, license_id)
        report(self.suite, self.licensee, license_id or self.license_id, period, revenue)

    def pay(self, amount: int, license_id: int = 0) -> None:
        fund_and_approve(self.asset, self.licensee, self.market.address, amount)
        self.market.pay(license_id or self.license_id, amount, sender=self.licensee)

    def serve(self, periods: int, license_id: int = 0) -> None:
        """Reports and pays the first periods in time."""
        for period in range(1, periods + 1):
            self.report(period, license_id)
            self.pay(DUE, license_id)

    def assess(self, period: int, revenue: int, license_id: int = 0, audit: Audit = ()) -> None:
        """A vote says what the revenue of a period was, and who paid for the audit."""
        args = (license_id or self.license_id, period, revenue, 0, EVIDENCE, *audit)
        self.enforcement.assess(*args, sender=self.owner)

    def estimate(self, license_id: int = 0) -> None:
        self.market.estimate(license_id or self.license_id)

    # --- what the attacks try: a failure is theirs ---

    def try_to_report(self, who: str, period: int, revenue: int) -> None:
        with suppress(BoaError):
            report(self.suite, who, self.license_id, period, revenue)

    def attempt(self, who: str, function: Any, *args: Any) -> None:
        with suppress(BoaError), boa.env.prank(who):
            function(*args)

    def try_to_dispute(self, period: int, amount: int, license_id: int = 0) -> None:
        fund_and_approve(self.asset, self.licensee, self.enforcement.address, amount)
        args = (license_id or self.license_id, period, amount, EVIDENCE)
        self.attempt(self.licensee, self.enforcement.dispute, *args)

    # --- what it has led to ---

    def opened_at(self, license_id: int = 0, period: int = 1) -> int:
        """When the open dispute of a period was opened."""
        number = license_id or self.license_id
        return int(self.enforcement.open_dispute(number, period).opened_at)

    @property
    def reported(self) -> int:
        return int(self.market.license(self.license_id).periods_reported)

    def held(self, who: str) -> int:
        return int(self.asset.balanceOf(who))

    def covers(self, at: int, license_id: int = 0) -> int:
        covered = self.rights.is_covered(license_id or self.license_id, self.licensee, 0, at)
        return int(covered)


def attack_tests(cases: Sequence[mutants.Case]) -> tuple[Callable[..., None], Callable[..., None]]:
    """The two tests of a table: no attack gains, and each gains without its defence."""
    each = pytest.mark.parametrize("case", cases, ids=lambda case: case.attack.__name__)

    @each
    def gains_nothing(license_world: World, case: mutants.Case) -> None:
        assert case.attack(license_world) == 0

    @each
    def gains(case: mutants.Case) -> None:
        assert case.attack(World(case.stem, case.mutant())) > 0

    return gains_nothing, gains
