"""ModelRegistry: parents, ancestor tables, floors, commitments, datasets, splits with notice.

Tables are compared with flywheel/models/lineage.py, and random lineages with payments to the unit.
"""

import os
import random

import boa
import pytest

from flywheel.models import lineage
from flywheel.models.lineage import TREASURY, Link, Share
from tests.attack.mutants import mutate
from tests.kits.lineage import ANY_KIND, NOTICE, World
from tests.kits.models import (
    Kind,
    account_share,
    campaign_share,
    commit,
    model_terms,
    register,
    treasury_share,
)
from tests.support import account, now, pass_time

DEEP = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))


@pytest.fixture(scope="module")
def world():
    return World()


# --- tables ---


def test_register__child_of_a_child__divides_its_link(world):
    base = world.model()
    middle = world.model(links=[(base, 1_000)])
    child = world.model(links=[(middle, 2_000)])
    assert world.table(middle) == {base: 1_000}
    assert world.table(child) == {base: 200, middle: 1_800}
    parent = world.registry.parents(child)[0]
    assert (parent.model_id, parent.share_bps) == (middle, 2_000)


def test_register__diamond__adds_up(world):
    base = world.model()
    left, right = (world.model(links=[(base, 1_000)]) for _ in range(2))
    merged = world.model(links=[(left, 1_000), (right, 2_000)], kind=Kind.MERGE)
    assert world.table(merged) == {base: 300, left: 900, right: 1_800}


def test_register__own_parent__owes_its_ancestors_in_full(world):
    base = world.model(world.owner)
    middle = world.model(links=[(base, 1_000)])
    version = world.model(own=[middle], kind=Kind.VERSION)
    assert world.table(version) == {base: 1_000}


def test_register__parent_of_another_without_a_license__reverts(world):
    base = world.model(world.owner)
    with boa.reverts("parent needs a license"):
        world.model(own=[base])


def test_register__license_of_another_kind_account_or_model__reverts(world):
    base, other = world.model(), world.model()
    only_merges = world.rights.grant(base, world.maker, 1, Kind.MERGE)
    for license_id in (only_merges, world.rights.grant(base, world.thief, 1, ANY_KIND)):
        with boa.reverts("license does not allow it"):
            register(world.registry, world.maker, kind=4, parents=[(base, license_id)])
    license_id = world.rights.grant(other, world.maker, 1, ANY_KIND)
    with boa.reverts("license is of another model"):
        register(world.registry, world.maker, kind=4, parents=[(base, license_id)])


def test_register__cycle_or_unknown_parent__reverts(world):
    own_id = world.registry.model_count() + 1
    for parent in (0, own_id, own_id + 1):
        with boa.reverts("unknown model"):
            world.model(links=[(parent, 1)])


def test_register__parent_twice_or_under_a_foundation__reverts(world):
    base = world.model()
    with boa.reverts("parent is repeated"):
        world.model(links=[(base, 1), (base, 2)])
    with boa.reverts("foundation has a parent"):
        world.model(links=[(base, 1)], kind=Kind.FOUNDATION)


@pytest.mark.parametrize("share", [5_000, 5_001, 2**256 - 1])
def test_register__stack_of_shares__at_most_half(world, share):
    base = world.model()
    if share == 5_000:
        assert world.table(world.model(links=[(base, share)])) == {base: 5_000}
        return
    with boa.reverts("ancestors exceed 5000 bps"):
        world.model(links=[(base, share)])
    with boa.reverts("ancestors exceed 5000 bps"):
        world.model(links=[(base, 2_501), (world.model(), 2_500)])


def test_register__more_than_sixteen__smallest_goes_to_its_parent(world):
    tops = [world.model() for _ in range(16)]
    middles = [
        world.model(links=[(top, 100 + 10 * index + at) for at, top in enumerate(group)])
        for index, group in enumerate((tops[:4], tops[4:8], tops[8:12], tops[12:]))
    ]
    child = world.model(links=[(middle, 1_000) for middle in middles])
    table = world.table(child)
    tables = {model_id: world.table(model_id) for model_id in (*tops, *middles)}
    links = [Link(middle, 1_000) for middle in middles]
    assert table == lineage.table_of(links, tables, foundations=tops)
    assert len(table) == 16
    assert sum(table.values()) == 4_000
    assert set(middles) <= table.keys()


# --- floors ---


def test_set_floor__every_descendant__owes_it_whoever_owns_it(world):
    """A maker's own version of its foundation owes the floor, and so does what derives from it."""
    base = world.model(world.owner)
    version = world.model(world.owner, own=[base], kind=Kind.VERSION)
    assert world.table(version) == {base: 0}
    world.registry.set_floor(base, 500, sender=world.owner)
    assert world.table(world.model(world.owner, own=[version])) == {base: 500}
    child = world.model(links=[(version, 1_000)])
    assert world.table(child) == {base: 500, version: 1_000}


def test_set_floor__foundation__stops_dilution_by_an_own_intermediate(world):
    base = world.model(world.owner)
    assert _diluted(world, base) == 0
    world.registry.set_floor(base, 300, sender=world.owner)
    assert _diluted(world, base) == 300


def _diluted(world, base) -> int:
    """What the base gets of a child that the thief derives through a model of its own."""
    middle = world.model(world.thief, links=[(base, 1_000)])
    child = world.model(world.thief, links=[(middle, 1)])
    return world.table(child).get(base, 0)


def test_set_floor__bounds_and_roles__hold(world):
    base = world.model()
    child = world.model(links=[(base, 1)])
    with boa.reverts("caller is not the owner"):
        world.registry.set_floor(base, 1, sender=world.maker)
    with boa.reverts("floor is too high"):
        world.registry.set_floor(base, 501, sender=world.owner)
    with boa.reverts("only foundations get a floor"):
        world.registry.set_floor(child, 1, sender=world.owner)
    world.registry.set_floor(base, 500, sender=world.owner)
    assert world.registry.floor_bps(base) == 500


def test_floor_count__granted_changed_and_taken_back__counts_models(world):
    before = world.registry.floor_count()
    first, second = world.model(), world.model()
    steps = ((first, 1, 1), (first, 2, 1), (second, 500, 2), (second, 0, 1), (second, 0, 1))
    for base, floor_bps, more in (*steps, (first, 0, 0)):
        world.registry.set_floor(base, floor_bps, sender=world.owner)
        assert world.registry.floor_count() - before == more


# --- commitments ---


def _digest_stolen(world) -> int:
    """The thief copies the digest out of a waiting registration. Models it got."""
    terms = model_terms(split=[account_share(world.thief, 10_000)])
    commit(world.registry, world.maker, terms)
    before = world.registry.balanceOf(world.thief)
    world.registry.commit(
        world.registry.commitment(world.thief, terms.weights_digest, terms.salt),
        sender=world.thief,
    )
    try:
        world.registry.register(terms, sender=world.thief)
    except boa.BoaError:
        world.registry.register(terms, sender=world.maker)
    return world.registry.balanceOf(world.thief) - before


def test_register__digest_copied_from_a_waiting_registration__is_too_late(world):
    assert _digest_stolen(world) == 0


def test_commit__twice__reverts(world):
    world.registry.commit(b"\x01" * 32, sender=world.maker)
    with boa.reverts("already committed"):
        world.registry.commit(b"\x01" * 32, sender=world.thief)


def test_register__a_second_too_early__reverts(world):
    terms = model_terms()
    commit(world.registry, world.maker, terms, 59)
    with boa.reverts("weights are not committed"):
        world.registry.register(terms, sender=world.maker)
    pass_time(1)
    world.registry.register(terms, sender=world.maker)


# --- datasets ---


def test_register__share_of_the_datasets__divides_by_weight(world):
    split = [account_share(world.maker, 9_000), campaign_share(0, 1_000)]
    model_id = world.model(split=split, datasets=[(1, 3_333), (2, 6_667)])
    assert world.registry.split(model_id) == [
        split[0],
        campaign_share(1, 334),
        campaign_share(2, 666),
    ]
    assert world.registry.datasets(model_id) == [1 | 3_333 << 160, 2 | 6_667 << 160]
    with boa.reverts("weights do not sum to 10000"):
        world.model(datasets=[(1, 9_999)])


def test_register__share_too_small_to_divide__is_the_first_datasets(world):
    split = [account_share(world.maker, 9_999), campaign_share(0, 1)]
    model_id = world.model(split=split, datasets=[(number, 1_250) for number in range(1, 9)])
    assert world.registry.split(model_id) == [split[0], campaign_share(1, 1)]
    split.reverse()
    model_id = world.model(split=split, datasets=[(number, 1_250) for number in range(1, 9)])
    assert world.registry.split(model_id) == [campaign_share(1, 1), split[1]]


def test_register__dataset_without_a_weight__is_named_and_gets_no_share(world):
    split = [campaign_share(0, 5_000), account_share(world.maker, 5_000)]
    model_id = world.model(split=split, datasets=[(1, 0), (2, 10_000)])
    assert world.registry.datasets(model_id) == [1, 2 | 10_000 << 160]
    assert world.registry.split(model_id) == [campaign_share(2, 5_000), split[1]]
    world.earn(model_id, 10_000)
    world.router.settle(model_id, world.asset)
    (settled,) = (log for log in world.router.get_logs() if type(log).__name__ == "RoyaltySettled")
    account_key = 2 << 176 | int(world.maker, 16)
    assert [tuple(part) for part in settled.parts] == [(4 << 176 | 2, 5_000), (account_key, 5_000)]
    assert world.router.campaign_credit(1, world.asset) == 0


def test_register__first_dataset_without_a_weight__the_rest_is_the_next_ones(world):
    split = [account_share(world.maker, 9_999), campaign_share(0, 1)]
    model_id = world.model(split=split, datasets=[(1, 0), (2, 5_000), (3, 0), (4, 5_000)])
    assert world.registry.split(model_id) == [split[0], campaign_share(2, 1)]


def test_register__campaign_that_does_not_exist__reverts(world):
    world.registry.set_rewards(world.suite.rewards.address, sender=world.owner)
    with boa.reverts("no such campaign"):
        world.model(split=[campaign_share(1, 10_000)])


# --- splits with notice, the protocol fee ---


def _repriced(world) -> int:
    """The owner turns the split over money that was received before. What it gained."""
    payee = account("payee")
    model_id = world.model(split=[account_share(payee, 10_000)])
    world.registry.set_split(model_id, [account_share(world.maker, 10_000)], sender=world.maker)
    pass_time(NOTICE)
    world.earn(model_id, 10_000)
    before = world.credit(world.maker)
    world.registry.refresh(model_id)
    world.router.settle(model_id, world.asset)
    return world.credit(world.maker) - before


def test_refresh__unsettled_money__is_divided_as_it_was_received(world):
    assert _repriced(world) == 0


@pytest.mark.deep
def test_refresh__without_settling_first__reprices():
    blind = mutate(
        "ModelRegistry",
        "extcall IRoyaltyRouter(registry_links.router).settle_all(model_id)",
        "pass",
    )
    assert _repriced(World(registry=blind)) == 10_000


def test_set_split__before_and_at_the_end_of_the_notice__takes_effect_then(world):
    model_id = world.model()
    new = [treasury_share(10_000)]
    with boa.reverts("caller does not own the model"):
        world.registry.set_split(model_id, new, sender=world.thief)
    world.registry.set_split(model_id, new, sender=world.maker)
    effective_at = now() + NOTICE
    assert world.registry.scheduled_split(model_id)[1] == effective_at
    pass_time(NOTICE - 1)
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == [account_share(world.maker, 10_000)]
    pass_time(1)
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == new
    assert world.registry.scheduled_split(model_id) == ([], 0)


def test_set_split__empty__takes_back_what_was_announced_and_nothing_else(world):
    model_id = world.model()
    with boa.reverts("no split is announced"):
        world.registry.set_split(model_id, [], sender=world.maker)
    world.registry.set_split(model_id, [treasury_share(10_000)], sender=world.maker)
    world.registry.set_split(model_id, [], sender=world.maker)
    assert world.registry.scheduled_split(model_id) == ([], 0)
    pass_time(NOTICE)
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == [account_share(world.maker, 10_000)]


def test_set_protocol_fee__money_received_before__pays_the_old_fee(world):
    model_id = world.model()
    world.earn(model_id, 10_000)
    world.registry.set_protocol_fee(500, sender=world.owner)
    world.registry.refresh(model_id)
    assert world.router.treasury_credit(world.asset) == 0
    world.earn(model_id, 10_000)
    world.router.settle(model_id, world.asset)
    assert world.router.treasury_credit(world.asset) == 500
    with boa.reverts("fee is too high"):
        world.registry.set_protocol_fee(501, sender=world.owner)
    assert world.registry.distribution(world.model(world.owner))[1][0] >> 192 & 0xFFFF == 0


def test_refresh__unknown_model__reverts(world):
    for unknown in (0, world.registry.model_count() + 1):
        with boa.reverts("unknown model"):
            world.registry.refresh(unknown)


def test_set_card__owner__tells_of_new_metadata(world):
    model_id = world.model()
    world.registry.set_card(model_id, b"\x07" * 32, "ipfs://new", sender=world.maker)
    names = [type(log).__name__ for log in world.registry.get_logs()]
    assert names == ["CardChanged", "MetadataUpdate"]
    assert world.registry.tokenURI(model_id) == "ipfs://new"
    world.registry.set_contract_uri("ipfs://all", sender=world.owner)
    assert world.registry.contractURI() == "ipfs://all"


# --- I12, I13: random lineages and payments against plain Python ---


@pytest.mark.parametrize("seed", range(2 * DEEP))
def test_random_lineages__payments__match_the_reference_to_the_unit(world, seed):
    dice, floors, tables, splits = random.Random(seed), {}, {}, {}
    waiting: dict[int, list[int]] = {}
    credits, foundations = {}, set()
    base = world.router.treasury_credit(world.asset)
    people = [account(f"person {index}") for index in range(4)]
    for _ in range(25):
        parents = dice.sample(sorted(tables), min(len(tables), dice.randint(0, 4)))
        links = [Link(parent, dice.randint(0, 1_600)) for parent in parents]
        names = dice.sample(people, dice.randint(1, 4))
        cuts = sorted(dice.sample(range(1, 10_000), len(names) - 1))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        split = [account_share(*pair) for pair in zip(names, parts, strict=True)]
        try:
            expected = lineage.table_of(links, tables, floors, foundations)
        except ValueError as error:
            with boa.reverts(str(error)):
                world.model(links=[(link.parent, link.share_bps) for link in links], split=split)
            continue
        model_id = world.model(links=[(link.parent, link.share_bps) for link in links], split=split)
        assert world.table(model_id) == expected
        tables[model_id], waiting[model_id] = expected, [0, 0]
        splits[model_id] = [Share(*pair) for pair in zip(names, parts, strict=True)]
        if not links:
            foundations.add(model_id)
        if not links and dice.random() < 0.3:
            floors[model_id] = dice.randint(1, 100)
            world.registry.set_floor(model_id, floors[model_id], sender=world.owner)
    for _ in range(60):
        model_id = dice.choice(sorted(tables))
        amount = dice.choice([dice.randint(1, 30), dice.randint(1, 10**12)])
        world.earn(model_id, amount)
        waiting[model_id][0] += amount
        settled = dice.choice(sorted(tables))
        world.router.settle(settled, world.asset)
        division = lineage.divide(*waiting[settled], tables[settled], splits[settled])
        waiting[settled] = [division.pending, division.own]
        for ancestor, part in division.ancestors.items():
            waiting[ancestor][1] += part
        for name, part in division.receivers.items():
            credits[name] = credits.get(name, 0) + part
        assert world.router.own_pending(settled, world.asset) == division.own
    assert {name: world.credit(name) for name in credits} == credits
    for model_id, (paid, own) in waiting.items():
        assert world.router.pending(model_id, world.asset) == paid
        assert world.router.own_pending(model_id, world.asset) == own
    held = sum(map(sum, waiting.values())) + sum(credits.values())
    assert world.router.accounted(world.asset) == held
    assert world.router.treasury_credit(world.asset) == base
    assert TREASURY not in credits
