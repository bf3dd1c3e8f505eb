"""Attacks on lineage and on splits over time: each gains nothing, and something undefended."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from boa import BoaError

from tests.attack import mutants
from tests.attack.test_royalty_attacks import AMOUNT, World
from tests.kits.licensing import add_model, buy, license_terms
from tests.kits.models import (
    Kind,
    account_share,
    commit,
    model_terms,
    register,
    treasury_share,
)
from tests.support import DAY, deployer_of, now, warp_to

REGISTRY, RULES = "ModelRegistry", "LineageRules"
FOUNDATION = 1
NOTICE = 14 * DAY
SHARE = 1_000
FLOOR = 300
MOST = 5_000


class Lineage(World):
    """The foundation of the DAO with real licenses; the thief holds one that allows fine-tunes."""

    def __init__(self, **deployers: Any) -> None:
        super().__init__(**deployers)
        self.registry.set_rights(self.suite.rights.address, sender=self.owner)
        self.license_id = self.sell(self.owner, FOUNDATION, SHARE)

    def sell(self, seller: str, model_id: int, share_bps: int) -> int:
        """A license of the thief under which a fine-tune of the model owes `share_bps`."""
        shares = [0, 0, share_bps, 0, 0, 0, 0, 0]
        changes = {"model_id": model_id, "derivations": Kind.FINE_TUNE}
        terms = license_terms(self.suite, derivation_share_bps=shares, **changes)
        terms_id = self.suite.catalog.offer_terms(terms, sender=seller)
        return buy(self.suite, self.thief, terms_id)

    def derive(self, *parents: tuple[int, int]) -> int:
        """A fine-tune of the thief's, 0 when it is refused."""
        split = [account_share(self.thief, 10_000)]
        changes = {"kind": Kind.FINE_TUNE, "split": split, "parents": list(parents)}
        with suppress(BoaError):
            return register(self.registry, self.thief, **changes)
        return 0

    def owed(self, model_id: int, ancestor_id: int = FOUNDATION) -> int:
        shares = {entry[0]: entry[1] for entry in self.registry.ancestors(model_id)}
        return int(shares.get(ancestor_id, 0))


# --- each attack returns what it gained: 0 is a failure ---


def diluted_by_an_own_intermediate(world: Lineage) -> int:
    """The thief releases its fine-tune once more, as its child, for a tenth of the share."""
    intermediate = world.derive((FOUNDATION, world.license_id))
    child = world.derive((intermediate, 0))
    return SHARE - world.owed(child)


def diluted_by_a_license_to_oneself(world: Lineage) -> int:
    """The thief sells itself a license of its fine-tune, at a hundredth."""
    world.registry.set_floor(FOUNDATION, FLOOR, sender=world.owner)
    intermediate = world.derive((FOUNDATION, world.license_id))
    license_id = world.sell(world.thief, intermediate, 100)
    child = world.derive((intermediate, license_id))
    return FLOOR - world.owed(child)


def diluted_by_a_version_of_an_own_foundation(world: Lineage) -> int:
    """The thief buys the floor of its foundation away: it licenses a version of it at nothing."""
    split = [account_share(world.thief, 10_000)]
    base = register(world.registry, world.thief, split=split)
    version = world.derive((base, 0))
    world.registry.set_floor(base, FLOOR, sender=world.owner)
    license_id = world.sell(world.thief, version, 0)
    child = world.derive((version, license_id))
    return FLOOR - world.owed(child, base)


def parent_lent_for_a_moment(world: Lineage) -> int:
    """The builder's foundation is lent to the thief, which makes it its own parent and gives it
    back: what the child does not owe it."""
    split = [account_share(world.builder, 10_000)]
    base = register(world.registry, world.builder, split=split)
    terms = model_terms(
        kind=Kind.FINE_TUNE, split=[account_share(world.thief, 10_000)], parents=[(base, 0)]
    )
    commit(world.registry, world.thief, terms)
    world.registry.transferFrom(world.builder, world.thief, base, sender=world.builder)
    before = int(world.registry.model_count())
    with suppress(BoaError):
        world.registry.register(terms, sender=world.thief)
    world.registry.transferFrom(world.thief, world.builder, base, sender=world.thief)
    return int(world.registry.model_count()) - before


def split_announced_before_the_sale(world: Lineage) -> int:
    """The thief sells a model whose next split it has announced for itself."""
    split = [account_share(world.builder, 10_000)]
    model_id = register(world.registry, world.thief, split=split)
    announced = [account_share(world.thief, 10_000)]
    world.registry.set_split(model_id, announced, sender=world.thief)
    world.registry.transferFrom(world.thief, world.builder, model_id, sender=world.thief)
    warp_to(now() + NOTICE)
    world.registry.refresh(model_id)
    return int(world.registry.split(model_id) == announced)


def fee_ended_by_a_gift(world: Lineage) -> int:
    """The thief gives its model to the DAO, keeps its split, and owes no fee."""
    world.registry.set_protocol_fee(500, sender=world.owner)
    split = [account_share(world.thief, 10_000)]
    model_id = register(world.registry, world.thief, split=split)
    world.registry.transferFrom(world.thief, world.owner, model_id, sender=world.thief)
    world.registry.refresh(model_id)
    world.registry.set_protocol_fee(0, sender=world.owner)
    return 500 - (world.registry.distribution(model_id)[1][0] >> 192 & 0xFFFF)


def digest_front_run(world: Lineage) -> int:
    """The thief reads the digest in the builder's waiting registration and commits to it, too."""
    terms = model_terms(split=[account_share(world.thief, 10_000)])
    commitment = world.registry.commitment(world.thief, terms.weights_digest, terms.salt)
    world.registry.commit(commitment, sender=world.thief)
    warp_to(now() + 59)
    with suppress(BoaError):
        world.registry.register(terms, sender=world.thief)
    return int(world.registry.model_count()) - 1


def commitment_of_another_used(world: Lineage) -> int:
    """The builder's old commitment serves the thief."""
    terms = model_terms(split=[account_share(world.thief, 10_000)])
    commitment = world.registry.commitment(world.builder, terms.weights_digest, terms.salt)
    world.registry.commit(commitment, sender=world.builder)
    warp_to(now() + 60)
    with suppress(BoaError):
        world.registry.register(terms, sender=world.thief)
    return int(world.registry.model_count()) - 1


def parent_named_twice(world: Lineage) -> int:
    """The parent's one share is split over two licenses, the second of them free."""
    free = world.sell(world.owner, FOUNDATION, 0)
    return world.derive((FOUNDATION, world.license_id), (FOUNDATION, free))


def license_of_another_model_shown(world: Lineage) -> int:
    """A free license of the thief's own model is shown for the foundation."""
    own = register(world.registry, world.thief, split=[account_share(world.thief, 10_000)])
    free = world.sell(world.thief, own, 0)
    return world.derive((FOUNDATION, free))


def parent_taken_for_an_own_one(world: Lineage) -> int:
    """No license: the thief says that the foundation is its own."""
    return world.derive((FOUNDATION, 0))


def license_of_another_used(world: Lineage) -> int:
    """The thief derives under a license after it has sold it."""
    moved = (world.thief, world.payer, world.license_id)
    world.suite.market.transferFrom(*moved, sender=world.thief)
    return world.derive((FOUNDATION, world.license_id))


def stack_over_the_whole(world: Lineage) -> int:
    """Links that each are bearable promise away more than half of what the model earns."""
    second = add_model(world.suite, [treasury_share(10_000)])
    licenses = [world.sell(world.owner, model, 3_000) for model in (FOUNDATION, second)]
    child = world.derive((FOUNDATION, licenses[0]), (second, licenses[1]))
    if child == 0:
        return 0
    return sum(int(entry[1]) for entry in world.registry.ancestors(child)) - MOST


def _with_a_split_for_the_thief(world: Lineage) -> None:
    split = [account_share(world.thief, 10_000)]
    world.registry.set_split(FOUNDATION, split, sender=world.owner)


def split_changed_over_unsettled_money(world: Lineage) -> int:
    """What was paid under the old split is divided by the new one."""
    world.pay(FOUNDATION)
    _with_a_split_for_the_thief(world)
    warp_to(now() + NOTICE)
    world.registry.refresh(FOUNDATION)
    world.router.settle(FOUNDATION, world.asset.address)
    return int(world.router.credit(world.thief, world.asset.address))


def split_changed_without_notice(world: Lineage) -> int:
    """The split changes before the builder can settle, and the next payment passes it by."""
    _with_a_split_for_the_thief(world)
    warp_to(now() + NOTICE - 1)
    world.registry.refresh(FOUNDATION)
    world.pay(FOUNDATION)
    world.router.settle(FOUNDATION, world.asset.address)
    return int(world.router.credit(world.thief, world.asset.address))


def floor_given_to_oneself(world: Lineage) -> int:
    with suppress(BoaError):
        world.registry.set_floor(FOUNDATION, FLOOR, sender=world.thief)
    return int(world.registry.floor_bps(FOUNDATION))


@dataclass(frozen=True)
class Case(mutants.Case):
    stem: str = REGISTRY

    def world(self) -> Lineage:
        role = "registry" if self.stem == REGISTRY else "lineage"
        return Lineage(**{role: self.mutant()})


CASES = [
    Case(
        diluted_by_an_own_intermediate,
        "        if not link.is_own:\n            share_bps =",
        "        if True:\n            share_bps =",
        RULES,
        RULES,
    ),
    Case(
        diluted_by_a_license_to_oneself,
        "max(packed_candidate._share_bps(candidate), packed_candidate._floor_bps(candidate))",
        "packed_candidate._share_bps(candidate)",
        RULES,
        RULES,
    ),
    Case(
        diluted_by_a_version_of_an_own_foundation,
        "if share_bps == 0 and not fresh.is_foundation:",
        "if share_bps == 0:",
        RULES,
        RULES,
    ),
    Case(
        parent_lent_for_a_moment,
        ".since <= committed_at",
        ".since <= max_value(uint256)",
        "parentage",
    ),
    Case(
        split_announced_before_the_sale,
        "    if revenue_splits._cancel_scheduled(model_id):",
        "    if False:",
    ),
    Case(
        fee_ended_by_a_gift,
        "if model_records._is_fee_free(model_id):",
        "if tagged_tokens._owner_of(model_id) == ownable.owner:",
    ),
    Case(
        digest_front_run,
        "block.timestamp >= committed_at + MIN_COMMIT_SECONDS",
        "block.timestamp >= committed_at",
        "digest_commitments",
    ),
    Case(
        commitment_of_another_used,
        "return keccak256(abi_encode(chain.id, self, registrant, weights_digest, salt))",
        "return keccak256(abi_encode(chain.id, self, weights_digest, salt))",
        "digest_commitments",
    ),
    Case(
        parent_named_twice,
        'assert link.model_id not in named, "parent is repeated"',
        module=RULES,
        stem=RULES,
    ),
    Case(
        license_of_another_model_shown,
        'assert licensed_id == parent.model_id, "license is of another model"',
        module="parentage",
    ),
    Case(
        parent_taken_for_an_own_one,
        'assert is_held, "parent needs a license"',
        module="parentage",
    ),
    Case(
        stack_over_the_whole,
        'assert share_bps <= MAX_OWED_BPS, "ancestors exceed 5000 bps"',
        module=RULES,
        stem=RULES,
    ),
    Case(
        split_changed_over_unsettled_money,
        "extcall IRoyaltyRouter(registry_links.router).settle_all(model_id)",
    ),
    Case(
        split_changed_without_notice,
        "if effective_at == 0 or block.timestamp < effective_at:",
        "if effective_at == 0:",
        "revenue_splits",
    ),
    Case(
        floor_given_to_oneself,
        "    governed._only_owner()\n    self._check_exists(model_id)",
        "    self._check_exists(model_id)",
    ),
]
# Whose license it is, is LicenseRights' to say: test_license_attacks.py shows that defence cut out.
ATTACKS = [*(case.attack for case in CASES), license_of_another_used]


@pytest.fixture(scope="module")
def world() -> Lineage:
    return Lineage(registry=deployer_of(REGISTRY))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack__defences_in_place__gains_nothing(world, attack):
    assert attack(world) == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)
def test_attack__without_its_defence__gains(case):
    assert case.attack(case.world()) > 0


def test_split_changed__after_its_notice__takes_what_comes_later(world):
    """Else the attacks on splits would fail because nothing ever changes."""
    _with_a_split_for_the_thief(world)
    warp_to(now() + NOTICE)
    world.registry.refresh(FOUNDATION)
    world.pay(FOUNDATION)
    world.router.settle(FOUNDATION, world.asset.address)
    assert world.router.credit(world.thief, world.asset.address) == AMOUNT
