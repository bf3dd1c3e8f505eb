"""P5: rights follow the thing. Who gave it away is a stranger to it, whatever it tries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import boa
import pytest

from flywheel.deploy.roles import GUARDED
from tests.attack.test_access import ACCESS, changing_functions, neutral, outcome
from tests.busy_grants import GRANT_MODEL, HANDED
from tests.busy_suite import PENDING_CAMPAIGN, BusySuite, deploy_busy_suite
from tests.properties.empty_calls import Call, domain
from tests.support import DAY, MAX_UINT, account, fund_and_approve, now, pass_time

POCKET = 10**12
SPENDERS = (
    "FundingRounds",
    "Treasury",
    "RoyaltyRouter",
    "LicenseMarket",
    "LicenseEnforcement",
    "ContributorRewards",
)


@dataclass(frozen=True)
class Handing:
    """How a thing changes hands. `names` are the inputs that name it, and its number.

    `give` hands it from the former holder to `heir`; before that it may do what else a holder does.
    """

    give: Callable[[BusySuite, str, str], None]
    # Input name => value, by contract.
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    # Contracts of which every function is tried, whatever its inputs.
    whole: tuple[str, ...] = ()
    # Who had it, if the busy suite says so; else a fresh account that `give` makes the holder.
    holder: str | None = None


def give_model(busy: BusySuite, former: str, heir: str) -> None:
    registry = busy.suite.registry
    registry.approve(account("approved by the former"), GRANT_MODEL, sender=former)
    registry.transferFrom(former, heir, GRANT_MODEL, sender=former)


def bought_license(busy: BusySuite, holder: str) -> int:
    """A licence of `holder`'s own, presented, with a reporter."""
    terms_hash = busy.suite.catalog.terms_hash(1)
    license_id = busy.suite.market.buy(1, terms_hash, MAX_UINT, sender=holder)
    busy.suite.rights.present(license_id, sender=holder)
    busy.suite.market.set_reporter(license_id, account("reporter of the former"), sender=holder)
    return license_id


def give_license(busy: BusySuite, former: str, heir: str) -> None:
    license_id = bought_license(busy, former)
    assert license_id == NEXT_LICENSE
    busy.suite.market.transferFrom(former, heir, license_id, sender=former)


def give_grant(busy: BusySuite, former: str, heir: str) -> None:
    busy.suite.grants.propose_recipient(HANDED, heir, sender=former)
    busy.suite.grants.accept_recipient(HANDED, sender=heir)


def replace_builder(busy: BusySuite, former: str, heir: str) -> None:
    """A vote named the successor."""
    grants = busy.suite.grants
    grants.replace_recipient(HANDED, heir, sender=busy.suite.owner)
    pass_time(14 * DAY)
    grants.accept_recipient(HANDED, sender=heir)


def give_campaign(busy: BusySuite, former: str, heir: str) -> None:
    busy.suite.rewards.set_publisher(PENDING_CAMPAIGN, heir, sender=former)


def give_guard(busy: BusySuite, former: str, heir: str) -> None:
    until = now() + 300 * 86_400
    for stem in (*GUARDED, "Governor"):
        busy.suite[stem].set_guardian(heir, until, sender=busy.suite.owner)


def give_claims(busy: BusySuite, former: str, heir: str) -> None:
    holder = busy.people["holder"]
    busy.suite.income.set_claimer(former, sender=holder)
    busy.suite.income.set_claimer(heir, sender=holder)


def give_minting(busy: BusySuite, former: str, heir: str) -> None:
    token, owner = busy.suite.token, busy.suite.owner
    token.set_minter(former, 100, sender=owner)
    token.set_minter(former, 0, sender=owner)


def give_duties(busy: BusySuite, former: str, heir: str) -> None:
    owner = busy.suite.owner
    for allowed in (True, False):
        busy.suite.treasury.set_committer(former, allowed, sender=owner)
        busy.suite.treasury.set_income_source(former, allowed, sender=owner)
        busy.suite.router.set_collector(former, allowed, sender=owner)


def give_measuring(busy: BusySuite, former: str, heir: str) -> None:
    for account_, admitted in ((heir, True), (former, False)):
        busy.suite.evaluations.set_evaluator(1, account_, admitted, sender=busy.suite.owner)


LICENSE = ("LicenseMarket", "LicenseEnforcement", "LicenseRights")
NEXT_LICENSE = 12
HANDINGS = {
    "model": Handing(
        give_model,
        {
            stem: {"model_id": GRANT_MODEL, "token_id": GRANT_MODEL}
            for stem in ("ModelRegistry", "EnergyLedger")
        }
        | {"LicenseCatalog": {"model_id": GRANT_MODEL, "terms_id": 1}},
        holder="model_owner",
    ),
    "license": Handing(
        give_license,
        {stem: {"license_id": NEXT_LICENSE, "token_id": NEXT_LICENSE} for stem in LICENSE},
    ),
    "grant": Handing(
        give_grant,
        {stem: {"grant_id": HANDED} for stem in ("TrainingGrants", "ComputeEscrow")},
        holder="builder",
    ),
    "grant, by vote": Handing(
        replace_builder,
        {stem: {"grant_id": HANDED} for stem in ("TrainingGrants", "ComputeEscrow")},
        holder="builder",
    ),
    "campaign": Handing(
        give_campaign, {"ContributorRewards": {"campaign_id": PENDING_CAMPAIGN}}, holder="publisher"
    ),
    "guardian": Handing(give_guard, whole=(*GUARDED, "Governor"), holder="guardian"),
    "evaluator": Handing(give_measuring, whole=("Evaluations",), holder="evaluator"),
    "claimer": Handing(give_claims, whole=("HolderIncome",)),
    "minter": Handing(give_minting, whole=("GovernanceToken",)),
    "committer, source, collector": Handing(give_duties, whole=("Treasury", "RoyaltyRouter")),
}


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    return deploy_busy_suite()


def fill(busy: BusySuite, person: str) -> None:
    for stem in SPENDERS:
        fund_and_approve(busy.suite.asset, person, busy.suite[stem].address, POCKET)


def tries(busy: BusySuite, handing: Handing, former: str) -> Iterator[Call]:
    """Every function that names the thing, and the valid calls that its holder had waiting."""
    for stem in {*handing.names, *handing.whole}:
        named = handing.names.get(stem, {})
        for function, entries in changing_functions(busy.suite[stem]).items():
            for entry in entries:
                inputs = entry["inputs"]
                if stem not in handing.whole and not {i["name"] for i in inputs} & set(named):
                    continue
                args = tuple(
                    named[item["name"]]
                    if item["name"] in named
                    else domain(busy, item)[-1]
                    if item["type"] == "uint256"
                    else former
                    if item["name"] == "owner"
                    else neutral(item)
                    for item in inputs
                )
                yield Call(stem, function, args, former)
    for key, action in busy.actions.items():
        if action.sender == former:
            stem, function = key.split("/")[0].split(".")
            named = handing.names.get(stem, {})
            (entry, *_) = changing_functions(busy.suite[stem])[function]
            names = [item["name"] for item in entry["inputs"]]
            about = [
                action.args[names.index(name)] == value
                for name, value in named.items()
                if name in names
            ]
            if stem in handing.whole or (about and all(about)):
                yield Call(stem, function, action.args, former)


@pytest.mark.parametrize("thing", HANDINGS)
def test_former_holder__of_what_it_gave_away__is_a_stranger(busy, thing):
    handing = HANDINGS[thing]
    heir, nobody = account("heir of all"), account("nobody")
    former = busy.people[handing.holder] if handing.holder else account("former holder")
    for person in (former, nobody):
        fill(busy, person)
    calls = list(tries(busy, handing, former))
    assert len(calls) > 3
    handing.give(busy, former, heir)
    different = {}
    for call in calls:
        target, data = busy.suite[call.stem].address, call.calldata(busy.suite)
        # What says "the caller" among the arguments says the stranger's name for the stranger.
        other = bytes.fromhex(data.hex().replace(former[2:].lower(), nobody[2:].lower()))
        got, expected = outcome(target, data, former), outcome(target, other, nobody)
        if got != expected:
            different[call.stem, call.function] = (got, expected)
    assert different == {}


def test_former_holders__had_what_they_gave_away(busy):
    """The same tries succeed more often before: the test above is not empty."""
    for handing in HANDINGS.values():
        if handing.holder is None:
            continue
        former, nobody = busy.people[handing.holder], account("nobody")
        fill(busy, former)
        fill(busy, nobody)
        got = [
            outcome(busy.suite[c.stem].address, c.calldata(busy.suite), former)
            != outcome(busy.suite[c.stem].address, c.calldata(busy.suite), nobody)
            for c in tries(busy, handing, former)
        ]
        assert any(got), handing


def test_waiting_acceptance__of_a_recipient_that_was_replaced__is_refused(busy):
    """Who was proposed and then passed over has no claim."""
    grants, builder, heir = busy.suite.grants, busy.people["builder"], busy.people["heir"]
    grants.propose_recipient(HANDED, account("another"), sender=builder)
    with boa.reverts("caller is not proposed"):
        grants.accept_recipient(HANDED, sender=heir)


def test_access_table__names_every_contract_that_is_tried():
    tried = {stem for h in HANDINGS.values() for stem in (*h.names, *h.whole)}
    assert tried <= set(ACCESS)
