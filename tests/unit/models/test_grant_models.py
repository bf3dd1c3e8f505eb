"""ModelRegistry: models of a grant, with parents, with the protocol fee, and once they are sold."""

import boa
import pytest

from tests.kits.lineage import ANY_KIND, NOTICE, World
from tests.kits.models import account_share, commit, model_terms, register, treasury_share
from tests.support import pass_time

GRANT = 7
FEE_BPS = 500
OWED_BPS = 300


@pytest.fixture(scope="module")
def world():
    made = World()
    split = [treasury_share(6_000), account_share(made.maker, 4_000)]
    made.suite.grants.set_grant(GRANT, made.maker, split)
    made.suite.grants.set_max_owed(GRANT, OWED_BPS)
    made.registry.set_protocol_fee(FEE_BPS, sender=made.owner)
    return made


def of_grant(world, **changes):
    return register(world.registry, world.maker, grant_id=GRANT, split=[], **changes)


def derived(world, link_bps, base=None):
    """A model of the grant with one parent of somebody else."""
    base = base or world.model(world.thief)
    licence = world.rights.grant(base, world.maker, link_bps, ANY_KIND)
    return of_grant(world, kind=2, parents=[(base, licence)])


# --- what ancestors may get ---


def test_register__ancestors_within_the_terms__owed_to_the_last_point(world):
    base = world.model(world.thief)
    assert world.table(derived(world, OWED_BPS, base)) == {base: OWED_BPS}
    with boa.reverts("ancestors get too much"):
        derived(world, OWED_BPS + 1, base)


def test_register__two_parents__their_sum_counts(world):
    parents = []
    for link_bps in (200, 101):
        base = world.model(world.thief)
        parents.append((base, world.rights.grant(base, world.maker, link_bps, ANY_KIND)))
    with boa.reverts("ancestors get too much"):
        of_grant(world, kind=2, parents=parents)


def test_register__parent_that_was_given_to_the_dao__owes_what_it_owed(world):
    """No licence is asked of a parent of the owner's own: whoever gives it away chose its table."""
    base = world.model(world.thief)
    middle = world.model(links=[(base, 5_000)])
    world.registry.transferFrom(world.maker, world.owner, middle, sender=world.maker)
    with boa.reverts("ancestors get too much"):
        of_grant(world, kind=2, parents=[(middle, 0)])


def test_register__floor_of_a_foundation__is_within_the_terms_too(world):
    base = world.model(world.owner)
    world.registry.set_floor(base, OWED_BPS + 1, sender=world.owner)
    middle = world.model(world.thief, links=[(base, OWED_BPS + 1)])
    with boa.reverts("ancestors get too much"):
        derived(world, OWED_BPS, middle)


def test_register__without_a_grant__half_may_be_owed(world):
    base = world.model(world.thief)
    child = world.model(links=[(base, 5_000)])
    assert world.table(child) == {base: 5_000}


# --- parents of a grant's model ---


def test_register__own_parents_of_a_grants_model__are_the_daos(world):
    with boa.reverts("parent needs a license"):
        of_grant(world, kind=2, parents=[(world.model(), 0)])
    of_grant(world, kind=2, parents=[(of_grant(world), 0)])


def test_register__license_of_a_grants_parent__is_the_builders(world):
    base = world.model(world.thief)
    assert world.table(derived(world, 100, base)) == {base: 100}
    of_dao = world.rights.grant(base, world.owner, 100, ANY_KIND)
    with boa.reverts("license does not allow it"):
        of_grant(world, kind=2, parents=[(base, of_dao)])


# --- what a grant's model is not asked for, and what it keeps ---


def test_refresh__grants_model__pays_no_fee(world):
    model_id = of_grant(world)
    for _ in range(2):
        assert world.registry.distribution(model_id)[1][0] >> 192 & 0xFFFF == 0
        world.registry.refresh(model_id)


def test_set_split__buyer_of_a_grants_model__cannot(world):
    model_id = of_grant(world)
    world.registry.transferFrom(world.owner, world.thief, model_id, sender=world.owner)
    for split in ([treasury_share(10_000)], []):
        with boa.reverts("grant sets the split"):
            world.registry.set_split(model_id, split, sender=world.thief)


# --- any model ---


def test_refresh__another_split__ancestors_are_paid_as_before(world):
    child = world.model(links=[(world.model(), 1_000)])
    before = world.registry.distribution(child)[0]
    world.registry.set_split(child, [treasury_share(10_000)], sender=world.maker)
    pass_time(NOTICE)
    world.registry.refresh(child)
    assert before
    assert world.registry.distribution(child)[0] == before


def test_register__commitment__is_used_up(world):
    terms = model_terms(split=[account_share(world.maker, 10_000)])
    commit(world.registry, world.maker, terms)
    world.registry.register(terms, sender=world.maker)
    used = world.registry.commitment(world.maker, terms.weights_digest, terms.salt)
    assert world.registry.committed_at(used) == 0
