"""What a builder could take from the DAO by the model that it hands in.

The first one is a finding of an audit: the split that holders voted for divides what ancestors
leave, and the builder chooses the ancestors. The others are programs that once succeeded.
"""

from types import SimpleNamespace

import boa
import pytest

from tests import support
from tests.kits.grants import (
    AMOUNTS,
    COMPLETED,
    DUES,
    PHASE_TRAINING,
    REVIEW_SECONDS,
    UNLOCKED,
    make_world,
    milestone_terms,
)
from tests.kits.licensing import license_terms
from tests.kits.models import account_share, register

PAID = 1_000_000
FINE_TUNE = 4
ALL_KINDS = 255
HALF = 5_000


@pytest.fixture(scope="module")
def world():
    """Grants with a router, a market and rights beside them."""
    made = make_world()

    def deploy(stem, *arguments):
        return support.deploy(stem, *arguments, sender=made.owner)

    made.router = deploy("RoyaltyRouter", made.registry, made.treasury, made.rewards)
    made.catalog = deploy("LicenseCatalog", made.registry, made.treasury)
    made.market = deploy("LicenseMarket", made.catalog, made.router)
    rights = deploy("LicenseRights", made.market, made.catalog)
    made.catalog.set_market(made.market, sender=made.owner)
    made.router.set_collector(made.market, True, sender=made.owner)
    made.registry.set_router(made.router, sender=made.owner)
    made.registry.set_rights(rights, sender=made.owner)
    made.registry.set_rewards(made.rewards, sender=made.owner)
    made.treasury.set_income_source(made.router, True, sender=made.owner)
    return made


def last_milestone_of(world, **terms):
    """A grant of which all but the last milestone is accepted. Its split: 70 %, 20 %, 10 %."""
    grant_id = world.active(**terms)
    world.accept(grant_id)
    world.accept(grant_id)
    return grant_id


def own_base(world):
    """An empty foundation of the builder's own, and a licence that it sells itself for nothing:
    half of what a fine-tune of it is paid."""
    base = register(world.registry, world.builder, split=[account_share(world.builder, 10_000)])
    terms = license_terms(
        SimpleNamespace(asset=world.asset),
        model_id=base,
        upfront_fee=0,
        minimum_per_period=1,
        share_bps=1,
        derivations=ALL_KINDS,
        derivation_share_bps=[HALF] * 8,
        licensee=world.builder,
    )
    terms_id = world.catalog.offer_terms(terms, sender=world.builder)
    terms_hash = world.catalog.terms_hash(terms_id)
    return base, world.market.buy(terms_id, terms_hash, 0, sender=world.builder)


def hand_in(world, grant_id, model_id, digest):
    report_id = world.report(grant_id, 3)
    world.submit(grant_id, report_id=report_id, model_id=model_id, evidence=digest)
    support.pass_time(REVIEW_SECONDS)
    world.grants.draw(grant_id)
    assert world.grants.state(grant_id) == COMPLETED


def shared_out(world, *models):
    """What builder, Treasury and campaign get of a payment for the first of `models`."""
    router, asset = world.router, world.asset
    before = (asset.balanceOf(world.builder), router.treasury_credit(asset))
    support.fund_and_approve(asset, world.stranger, router, PAID)
    router.pay(models[0], asset, PAID, bytes(32), sender=world.stranger)
    for model_id in models:
        router.settle(model_id, asset)
    router.withdraw(world.builder, asset)
    return (
        asset.balanceOf(world.builder) - before[0],
        router.treasury_credit(asset) - before[1],
        router.campaign_credit(1, asset),
    )


def test_split__voted_for__is_what_the_model_pays(world):
    grant_id = last_milestone_of(world)
    model_id, digest = world.model(grant_id)
    hand_in(world, grant_id, model_id, digest)
    assert shared_out(world, model_id) == (200_000, 700_000, 100_000)


@pytest.mark.parametrize("max_owed_bps", [0, HALF - 1])
def test_split__hollowed_out_by_a_parent_of_the_builder__is_refused(world, max_owed_bps):
    grant_id = last_milestone_of(world, max_owed_bps=max_owed_bps)
    parents = [own_base(world)]
    with boa.reverts("ancestors get too much"):
        world.model(grant_id, kind=FINE_TUNE, parents=parents)


def test_split__ancestors_that_were_voted_for__are_paid_first(world):
    """What the terms allow is what the cheat would take: voters read it beside the split."""
    grant_id = last_milestone_of(world, max_owed_bps=HALF)
    base, licence = own_base(world)
    model_id, digest = world.model(grant_id, kind=FINE_TUNE, parents=[(base, licence)])
    hand_in(world, grant_id, model_id, digest)
    assert shared_out(world, model_id, base) == (600_000, 350_000, 50_000)


def test_terms__that_pay_all_and_demand_no_model__are_refused(world):
    silent = [
        milestone_terms(AMOUNTS[0], DUES[0], compute_unlocked=UNLOCKED[0]),
        milestone_terms(AMOUNTS[1], DUES[1], compute_unlocked=UNLOCKED[1]),
        milestone_terms(AMOUNTS[2], DUES[2], energy_phase=PHASE_TRAINING),
    ]
    with boa.reverts("training ends with a model"):
        world.apply(milestones=silent)


def test_weights__registered_for_oneself__do_not_earn_the_last_milestone(world):
    grant_id = last_milestone_of(world)
    world.ready(grant_id)
    mine = register(world.registry, world.builder, split=[account_share(world.builder, 10_000)])
    digest = world.registry.model(mine).weights_digest
    report_id = world.report(grant_id, 3)
    for model_id, reason in ((mine, "model is not the grant's"), (0, "model is missing")):
        with boa.reverts(reason):
            world.submit(grant_id, report_id=report_id, model_id=model_id, evidence=digest)
    with boa.reverts("weights are already registered"):
        register(world.registry, world.builder, grant_id=grant_id, split=[], weights_digest=digest)


def test_model__before_the_bond__is_not_registered(world):
    """A grant that costs its builder nothing yet could leave the DAO a model with its share."""
    grant_id = world.approved()
    with boa.reverts("caller may not register"):
        world.model(grant_id)
    world.post_bond(grant_id)
    world.model(grant_id)
