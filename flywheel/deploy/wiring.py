"""Who is told about whom: the calls that tie the contracts together, before the hand-over."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flywheel.deploy.parameters import FIRST_ROUND_NAME, FIRST_ROUND_PURPOSE, Parameters
from flywheel.deploy.roles import COLLECTORS, EXCLUDED, GUARDED
from flywheel.deploy.suite import Suite


class Wire(NamedTuple):
    """One call by the deployer. `done` reads the chain and never sends."""

    label: str
    contract: str
    method: str
    args: Callable[[], list[Any]]
    done: Callable[[], bool]


def wires(
    suite: Suite, parameters: Parameters, guardian_expires_at: Callable[[], int]
) -> Iterator[Wire]:
    """All calls in order. Contracts are looked up when a wire is used: they may not exist yet."""
    yield from _token(suite, parameters)
    yield from _money(suite, parameters)
    yield from _work(suite)
    yield from _models(suite)
    yield from _guardians(suite, parameters.guardian.account, guardian_expires_at)


def _token(suite: Suite, parameters: Parameters) -> Iterator[Wire]:
    yield _link(
        suite,
        "token: Treasury's tokens do not count for the quorum",
        "GovernanceToken.treasury",
        "Treasury",
    )
    yield Wire(
        "token: FundingRounds may mint up to the round cap",
        "GovernanceToken",
        "set_minter",
        lambda: [suite.rounds.address, parameters.round_cap],
        lambda: bool(suite.token.minter_cap(suite.rounds.address) == parameters.round_cap),
    )
    for name in EXCLUDED:
        label = f"token: {name} earns no income"
        yield _flag(suite, label, "GovernanceToken.excluded", name)


def _money(suite: Suite, parameters: Parameters) -> Iterator[Wire]:
    yield Wire(
        "treasury: a purpose that the first round fills",
        "Treasury",
        "create_round_purpose",
        lambda: [FIRST_ROUND_NAME, suite.rounds.address],
        lambda: bool(suite.treasury.purpose_source(FIRST_ROUND_PURPOSE) == suite.rounds.address),
    )
    yield _link(
        suite,
        "rounds: Redemptions pay abandoned purposes back",
        "FundingRounds.redemptions",
        "Redemptions",
    )
    yield Wire(
        "treasury: accept the asset",
        "Treasury",
        "accept_asset",
        lambda: [suite.asset.address],
        lambda: bool(suite.treasury.is_accepted(suite.asset.address)),
    )
    if parameters.holders_floor:
        yield Wire(
            "treasury: a floor for the grants before holders are paid",
            "Treasury",
            "set_holders_floor",
            lambda: [suite.asset.address, parameters.holders_floor],
            # The first floor of an asset without income holds from epoch 1 on.
            lambda: bool(
                suite.treasury.holders_floor_at(1, suite.asset.address) == parameters.holders_floor
            ),
        )
    yield _link(
        suite,
        "treasury: holders are paid through HolderIncome",
        "Treasury.holder_income",
        "HolderIncome",
    )
    for name in COLLECTORS:
        yield _flag(suite, f"router: {name} collects", "RoyaltyRouter.collector", name)
    yield _link(
        suite,
        "market: LicenseEnforcement holds bonds and decides",
        "LicenseMarket.enforcement",
        "LicenseEnforcement",
    )
    yield _link(
        suite,
        "enforcement: windows are as long as a vote takes",
        "LicenseEnforcement.governor",
        "Governor",
    )
    yield _link(
        suite,
        "redemptions: a notice is as long as a vote takes",
        "Redemptions.governor",
        "Governor",
    )
    yield _link(
        suite,
        "rewards: a hold is as long as a vote takes",
        "ContributorRewards.governor",
        "Governor",
    )
    yield _link(
        suite,
        "token: the quorum leaves out what waits for contributors",
        "GovernanceToken.rewards",
        "ContributorRewards",
    )
    yield _flag(
        suite,
        "treasury: RoyaltyRouter brings income",
        "Treasury.income_source",
        "RoyaltyRouter",
    )


def _work(suite: Suite) -> Iterator[Wire]:
    yield _flag(
        suite, "treasury: TrainingGrants commits money", "Treasury.committer", "TrainingGrants"
    )
    yield _link(
        suite,
        "grants: the grace after a due date is as long as a vote takes",
        "TrainingGrants.governor",
        "Governor",
    )
    yield _link(
        suite,
        "escrow: budgets come from TrainingGrants",
        "ComputeEscrow.grants",
        "TrainingGrants",
    )
    yield Wire(
        "energy: reporters come from TrainingGrants and ModelRegistry",
        "EnergyLedger",
        "set_sources",
        lambda: [suite.grants.address, suite.registry.address],
        lambda: bool(
            suite.energy.grants() == suite.grants.address
            and suite.energy.registry() == suite.registry.address
        ),
    )


def _models(suite: Suite) -> Iterator[Wire]:
    links = {
        "rewards": "ContributorRewards",
        "rights": "LicenseRights",
        "router": "RoyaltyRouter",
    }
    for role, name in links.items():
        yield _link(suite, f"registry: {name} is its {role}", f"ModelRegistry.{role}", name)
    yield _link(suite, "catalog: LicenseMarket sells", "LicenseCatalog.market", "LicenseMarket")


def _guardians(suite: Suite, account: str, expires_at: Callable[[], int]) -> Iterator[Wire]:
    """Who may pause; who may cancel proposals is named to the Governor's constructor."""
    for name in GUARDED:
        yield Wire(
            f"guardian of {name}",
            name,
            "set_guardian",
            lambda: [account, expires_at()],
            _guardian_is(suite, name, account),
        )


def _link(suite: Suite, label: str, role: str, name: str) -> Wire:
    """`role` is `Contract.view`: `set_view(contract called name)` makes the view answer it."""
    contract, view = role.split(".")
    return Wire(
        label,
        contract,
        f"set_{view}",
        lambda: [suite[name].address],
        lambda: bool(getattr(suite[contract], view)() == suite[name].address),
    )


def _flag(suite: Suite, label: str, role: str, name: str) -> Wire:
    """`role` is `Contract.flag`: `set_flag(contract called name, True)` makes `is_flag` true."""
    contract, flag = role.split(".")
    return Wire(
        label,
        contract,
        f"set_{flag}",
        lambda: [suite[name].address, True],
        lambda: bool(getattr(suite[contract], f"is_{flag}")(suite[name].address)),
    )


def _guardian_is(suite: Suite, name: str, account: str) -> Callable[[], bool]:
    return lambda: bool(suite[name].guardian() == account)
