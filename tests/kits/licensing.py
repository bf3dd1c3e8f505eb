"""Registry, market, router, Treasury and rewards, wired, for tests of what models earn."""

from typing import Any, NamedTuple

import boa

from tests.kits.models import (
    Share,
    account_share,
    campaign_share,
    deploy_models,
    register,
    treasury_share,
)
from tests.kits.treasury import GRANTS_BPS, HOLDERS_BPS, accept, deploy_mock_token
from tests.support import (
    CAPS,
    DAY,
    ZERO_ADDRESS,
    account,
    deploy_asset,
    deployer_of,
    fund_and_approve,
    now,
    warp_to,
)

EVIDENCE = b"\xe1" * 32
LEGAL_HASH = b"\x1e" * 32
MAX_UINT = 2**256 - 1
# The largest revenue of a period and the largest total of an entry.
MAX_PER_PERIOD = 2**112 - 1
MAX_TOTAL = 2**128 - 1

PERIOD = 30 * DAY
GRACE = 10 * DAY
CURE = 20 * DAY
TERM = 3 * PERIOD
FEE = 1_000
MINIMUM = 50
SHARE_BPS = 500
# A revenue above the minimum, and what is due for it.
REVENUE = 10_000
DUE = 500


class Suite(NamedTuple):
    """The contracts a royalty passes through, and an accepted asset."""

    owner: str
    grants: Any
    registry: Any
    treasury: Any
    rewards: Any
    router: Any
    market: Any
    asset: Any
    catalog: Any
    enforcement: Any
    rights: Any


def deploy_suite(owner: str, *, asset: Any = None, **mutants: Any) -> Suite:
    """Everything of `owner`; roles such as `market=` name other deployers than the usual."""

    def make(role: str, stem: str, *args: Any) -> Any:
        with boa.env.prank(owner):
            return mutants.get(role, deployer_of(stem)).deploy(*args)

    asset = asset or deploy_asset("USDC", 6)
    models = deploy_models(owner, mutants.get("registry"), mutants.get("lineage"))
    registry = models.registry.address
    token = deploy_mock_token()
    treasury = make("treasury", "Treasury", token.address, HOLDERS_BPS, GRANTS_BPS, *CAPS)
    rewards = make("rewards", "ContributorRewards", token.address)
    router = make("router", "RoyaltyRouter", registry, treasury.address, rewards.address)
    catalog = make("catalog", "LicenseCatalog", registry, treasury.address)
    market = make("market", "LicenseMarket", catalog.address, router.address)
    links = (market.address, catalog.address)
    enforcement = make("enforcement", "LicenseEnforcement", *links)
    rights = make("rights", "LicenseRights", *links)
    accept(treasury, owner, asset)
    with boa.env.prank(owner):
        treasury.set_income_source(router.address, True)
        router.set_collector(market.address, True)
        market.set_enforcement(enforcement.address)
        catalog.set_market(market.address)
        models.registry.set_router(router.address)
    paid = (models.grants, models.registry, treasury, rewards, router, market, asset)
    return Suite(owner, *paid, catalog, enforcement, rights)


class Terms(NamedTuple):
    """Mirror of `ILicenseCatalog.Terms`."""

    model_id: int
    asset: str
    upfront_fee: int
    bond: int
    share_bps: int
    price_per_unit: int
    minimum_per_period: int
    royalty_cap: int
    late_bps_per_year: int
    period_seconds: int
    grace_seconds: int
    cure_seconds: int
    term_seconds: int
    max_licenses: int
    offered_until: int
    licensee: str
    arbiter: str
    transferable: bool
    sublicensable: bool
    renewable: bool
    exclusive: bool
    approval_required: bool
    share_alike: bool
    attribution: bool
    derivations: int
    derivation_share_bps: list[int]
    field_of_use: str
    legal_hash: bytes
    legal_uri: str
    summary_hash: bytes
    summary_uri: str


def license_terms(suite: Suite, **changes: Any) -> Terms:
    """Three periods with a fee, a share and a minimum, for model 1; `changes` replace fields."""
    terms = Terms(
        model_id=1,
        asset=suite.asset.address,
        upfront_fee=FEE,
        bond=0,
        share_bps=SHARE_BPS,
        price_per_unit=0,
        minimum_per_period=MINIMUM,
        royalty_cap=0,
        late_bps_per_year=0,
        period_seconds=PERIOD,
        grace_seconds=GRACE,
        cure_seconds=CURE,
        term_seconds=TERM,
        max_licenses=0,
        offered_until=0,
        licensee=ZERO_ADDRESS,
        arbiter=ZERO_ADDRESS,
        transferable=True,
        sublicensable=False,
        renewable=False,
        exclusive=False,
        approval_required=False,
        share_alike=False,
        attribution=False,
        derivations=0,
        derivation_share_bps=[0] * 8,
        field_of_use="",
        legal_hash=LEGAL_HASH,
        legal_uri="ipfs://legal",
        summary_hash=bytes(32),
        summary_uri="",
    )
    return terms._replace(**changes)


def three_way_split(builder: str) -> list[Share]:
    """Half to the DAO, 30 % to `builder`, 20 % to campaign 1."""
    return [treasury_share(5_000), account_share(builder, 3_000), campaign_share(1, 2_000)]


def add_model(suite: Suite, split: list[Share]) -> int:
    """A model of the owner with this split."""
    return register(suite.registry, suite.owner, split=split)


def add_campaign(suite: Suite) -> int:
    """A dataset's campaign, so that a campaign share has somewhere to go."""
    return suite.rewards.create_campaign(
        account("publisher"), 7 * DAY, (1, b"\xda" * 32, "ipfs://d")
    )


def offer(suite: Suite, **changes: Any) -> int:
    """Offers `license_terms(suite, **changes)` as the model's owner and returns the terms' id."""
    terms = license_terms(suite, **changes)
    with boa.env.prank(suite.owner):
        return suite.catalog.offer_terms(terms)


def buy(suite: Suite, licensee: str, terms_id: int) -> int:
    """Buys a license with freshly minted money."""
    cost = suite.catalog.fee_for(terms_id, licensee) + suite.catalog.terms(terms_id).bond
    fund_and_approve(suite.asset, licensee, suite.market.address, cost)
    terms_hash = suite.catalog.terms_hash(terms_id)
    return int(suite.market.buy(terms_id, terms_hash, MAX_UINT, sender=licensee))


def sell(suite: Suite, licensee: str, **changes: Any) -> int:
    """Offers terms and sells one license under them."""
    return buy(suite, licensee, offer(suite, **changes))


def report(suite: Suite, licensee: str, license_id: int, period: int, revenue: int) -> int:
    with boa.env.prank(licensee):
        return suite.market.report(license_id, period, revenue, EVIDENCE)


def pay(suite: Suite, payer: str, license_id: int, amount: int) -> int:
    """Pays dues with freshly minted money."""
    fund_and_approve(suite.asset, payer, suite.market.address, amount)
    with boa.env.prank(payer):
        return suite.market.pay(license_id, amount)


def pay_router(suite: Suite, payer: str, model_id: int, amount: int) -> None:
    """Pays for a model straight at the router, with freshly minted money."""
    fund_and_approve(suite.asset, payer, suite.router.address, amount)
    with boa.env.prank(payer):
        suite.router.pay(model_id, suite.asset.address, amount, EVIDENCE)


def period_end(suite: Suite, license_id: int, period: int) -> int:
    """When `period` of a license under the usual terms ends."""
    return suite.market.license(license_id).starts_at + period * PERIOD


def wait_for_end(suite: Suite, license_id: int, period: int) -> None:
    """Moves the clock to the first second after `period`."""
    warp_to(period_end(suite, license_id, period))


def report_next(
    suite: Suite, licensee: str, license_id: int, period: int, revenue: int = REVENUE
) -> int:
    """Waits for the end of `period` and reports it."""
    wait_for_end(suite, license_id, period)
    return report(suite, licensee, license_id, period, revenue)


def report_and_pay(
    suite: Suite,
    licensee: str,
    license_id: int,
    period: int,
    max_amount: int,
    revenue: int = REVENUE,
) -> int:
    """Reports and pays with `max_amount` freshly minted."""
    fund_and_approve(suite.asset, licensee, suite.market.address, max_amount)
    with boa.env.prank(licensee):
        return suite.market.report_and_pay(license_id, period, revenue, EVIDENCE, max_amount)


def is_licensed(suite: Suite, account_: str, license_id: int, kind: int = 0) -> bool:
    """Whether the license covers `account_` now."""
    return bool(suite.rights.is_covered(license_id, account_, kind, now()))
