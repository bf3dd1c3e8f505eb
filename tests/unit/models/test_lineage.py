"""ModelRegistry: parents, ancestor tables, floors, commitments, datasets, splits with notice.

Tables are compared with flywheel/lineage.py, and random lineages with payments to the unit.
"""

import os
import random

import boa
import pytest

from flywheel import lineage
from flywheel.lineage import TREASURY, Link, Share
from tests import boa_suite
from tests.attack.mutants import mutate
from tests.support import DAY, account, deploy, now, pass_time
from tests.unit.licensing.market_kit import deploy_suite, pay_router
from tests.unit.models.registry_kit import (
    Kind,
    account_share,
    campaign_share,
    commit,
    model_terms,
    payee,
    register,
    treasury_share,
)

ANY_KIND = 255
NOTICE = 14 * DAY
DEEP = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))


class World:
    """A wired suite whose LicenseRights is a mock that grants any licence."""

    def __init__(self, **deployers) -> None:
        self.owner, self.maker, self.thief, self.payer = map(
            account, ("owner", "maker", "thief", "payer")
        )
        self.suite = deploy_suite(self.owner, **deployers)
        self.registry, self.router = self.suite.registry, self.suite.router
        self.asset = self.suite.asset.address
        self.rights = deploy("MockDerivations")
        self.registry.set_rights(self.rights.address, sender=self.owner)

    def model(self, who=None, links=(), own=(), **changes) -> int:
        """A model of `who` with licensed (parent, share) `links` and parents of its own."""
        who = who or self.maker
        parents = [(p, self.rights.grant(p, who, bps, ANY_KIND)) for p, bps in links]
        kind = Kind.FINE_TUNE if links or own else Kind.FOUNDATION
        # The owner is the Timelock: the DAO's share has a kind of its own.
        split = treasury_share(10_000) if who == self.owner else account_share(who, 10_000)
        terms = {"split": [split], "kind": kind} | changes
        return register(self.registry, who, parents=[*parents, *((p, 0) for p in own)], **terms)

    def table(self, model_id) -> dict[int, int]:
        return {item.model_id: item.share_bps for item in self.registry.ancestors(model_id)}

    def earn(self, model_id, amount) -> None:
        pay_router(self.suite, self.payer, model_id, amount)

    def credit(self, who) -> int:
        return int(self.router.credit(who, self.asset))


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


# --- parents of one's own ---


class Loan:
    """The owner's base, which the thief gets for a while to make a child of."""

    def __init__(self, world) -> None:
        self.world, self.registry = world, world.registry
        self.base = world.model(world.maker)
        split = [account_share(world.thief, 10_000)]
        links = {"kind": Kind.FINE_TUNE, "parents": [(self.base, 0)]}
        self.terms = model_terms(split=split, **links)

    def lend(self) -> None:
        self.move(self.world.maker, self.world.thief)

    def give_back(self) -> None:
        self.move(self.world.thief, self.world.maker)

    def move(self, source, target) -> None:
        self.registry.transferFrom(source, target, self.base, sender=source)

    def commit(self) -> None:
        commit(self.registry, self.world.thief, self.terms, 0)

    def wait(self) -> None:
        pass_time(60)

    def register(self) -> int:
        return self.registry.register(self.terms, sender=self.world.thief)


LOANS = {
    "for the registration": "commit wait lend register",
    "for the commitment": "lend commit give_back wait register",
    "for each of them": "lend commit give_back wait lend register",
    "a second after the commitment": "commit wait lend wait register",
    "never": "commit wait register",
}


@pytest.mark.parametrize("steps", LOANS.values(), ids=LOANS)
def test_register__parent_lent_for_a_while__is_not_ones_own(world, steps):
    loan = Loan(world)
    *before, last = steps.split()
    for step in before:
        getattr(loan, step)()
    with boa.reverts("parent needs a license"):
        getattr(loan, last)()


def test_register__parent_bought_before_the_commitment__is_ones_own(world):
    loan = Loan(world)
    for step in ("lend", "commit", "wait"):
        getattr(loan, step)()
    child = loan.register()
    assert world.registry.parents(child)[0].license_id == 0
    assert world.table(child) == {loan.base: 0}


def test_register__parent_moved_to_its_owner_itself__was_moved(world):
    loan = Loan(world)
    for step in ("lend", "commit"):
        getattr(loan, step)()
    pass_time(1)
    loan.move(world.thief, world.thief)
    loan.wait()
    with boa.reverts("parent needs a license"):
        loan.register()


def test_register__without_the_time_of_the_last_move__a_loan_of_a_moment_is_enough():
    blind = mutate("ModelRegistry", "tenures._since(parent.model_id) <= committed_at", "True")
    loan = Loan(World(registry=blind))
    for step in ("commit", "wait", "lend"):
        getattr(loan, step)()
    child = loan.register()
    loan.give_back()
    assert loan.world.table(child) == {loan.base: 0}


def test_register__parent_registered_after_the_commitment__is_ones_own(world):
    """Whoever makes a family commits to all of it at once."""
    terms = model_terms(split=[account_share(world.maker, 10_000)], kind=Kind.VERSION)
    commit(world.registry, world.maker, terms, 60)
    base = world.model(world.maker)
    child = terms._replace(parents=[(base, 0)])
    assert world.registry.parents(world.registry.register(child, sender=world.maker))


def test_tenure__moves__are_counted_and_dated(world):
    base = world.model(world.maker)
    assert world.registry.tenure(base) == (0, 0)
    world.registry.transferFrom(world.maker, world.thief, base, sender=world.maker)
    assert world.registry.tenure(base) == (1, now())
    pass_time(5)
    world.registry.safeTransferFrom(world.thief, world.maker, base, sender=world.thief)
    assert world.registry.tenure(base) == (2, now())
    assert world.registry.tenure(2**256 - 1) == (0, 0)


# --- receivers of a split ---


def test_split__contract_of_the_suite__is_refused():
    """Every contract of a real suite that has the Timelock for an owner, and those without one."""
    suite = boa_suite.deploy_suite()
    maker = account("maker")
    model_id = register(suite.registry, maker, split=[account_share(maker, 10_000)])
    refused = []
    for name, contract in suite.contracts.items():
        if name == "Asset":
            continue
        split = [account_share(contract.address, 10_000)]
        try:
            suite.registry.set_split(model_id, split, sender=maker)
        except boa.BoaError:
            refused.append(name)
            with boa.reverts("receiver is of the suite"):
                register(suite.registry, maker, split=split)
    # Neither holds money nor can be owed any, and neither has an owner: see docs/RISKS.md.
    assert {*suite.contracts} - {*refused} == {"Asset", "Governor", "ProposalArchive"}


def test_split__contracts_of_others__are_receivers(world):
    for contract in (deploy("MockWallet", world.maker), deploy("MockIdleTarget")):
        world.model(split=[account_share(contract.address, 10_000)])
    other = deploy("RoyaltyRouter", *[payee(n) for n in range(3)], sender=world.maker)
    world.model(split=[account_share(other.address, 10_000)])


def test_split__receiver_not_looked_at__money_is_stuck_in_the_router():
    blind = mutate("ModelRegistry", 'assert not is_of_suite, "receiver is of the suite"', "pass")
    world = World(registry=blind)
    router = world.router.address
    model_id = world.model(split=[account_share(router, 10_000)])
    world.earn(model_id, 10_000)
    world.router.settle(model_id, world.asset)
    assert world.credit(router) == 10_000
    with boa.reverts("asset took a fee"):
        world.router.withdraw(router, world.asset)


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


def test_refresh__without_settling_first__reprices():
    blind = mutate(
        "ModelRegistry", "extcall IRoyaltyRouter(self.router).settle_all(model_id)", "pass"
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
    world.registry.set_split(model_id, [], sender=world.maker)
    assert world.registry.scheduled_split(model_id) == ([], 0)


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


def _fee(world, model_id) -> int:
    return world.registry.distribution(model_id)[1][0] >> 192 & 0xFFFF


@pytest.mark.parametrize("minted_to_the_dao", [True, False])
def test_refresh__model_given_or_sold__keeps_owing_what_it_did(world, minted_to_the_dao):
    """Who a model was minted to says whether it owes the fee, not who holds its token."""
    world.registry.set_protocol_fee(500, sender=world.owner)
    first, then = world.maker, world.owner
    if minted_to_the_dao:
        first, then = then, first
    model_id = world.model(first)
    for source, target in ((first, then), (then, first)):
        world.registry.transferFrom(source, target, model_id, sender=source)
        world.registry.refresh(model_id, sender=world.thief)
        assert _fee(world, model_id) == (0 if minted_to_the_dao else 500)


def test_refresh__fee_by_the_holder__ends_with_a_gift_to_the_dao():
    by_holder = mutate(
        "ModelRegistry",
        "if facts & FEE_FREE == 0:",
        "if collection._owner_of(model_id) != ownable.owner:",
    )
    world = World(registry=by_holder)
    world.registry.set_protocol_fee(500, sender=world.owner)
    model_id = world.model()
    world.registry.transferFrom(world.maker, world.owner, model_id, sender=world.maker)
    world.registry.refresh(model_id)
    assert _fee(world, model_id) == 0


def _announced(world, seller, buyer) -> int:
    """The seller announces a split for itself and sells. A model that pays the buyer."""
    model_id = world.model(seller, split=[account_share(buyer, 10_000)])
    split = [account_share(seller, 10_000)]
    world.registry.set_split(model_id, split, sender=seller)
    pass_time(NOTICE)
    world.registry.transferFrom(seller, buyer, model_id, sender=seller)
    return model_id


def test_transfer__announced_split__ends_with_the_tenure(world):
    buyer = account("buyer")
    model_id = _announced(world, world.maker, buyer)
    assert world.registry.get_logs()[0].effective_at == 0
    assert world.registry.scheduled_split(model_id) == ([], 0)
    world.registry.transferFrom(buyer, world.maker, model_id, sender=buyer)
    assert [type(log).__name__ for log in world.registry.get_logs()] == ["Transfer"]
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == [account_share(buyer, 10_000)]


def test_transfer__announced_split_kept__takes_the_buyers_income():
    keeping = mutate("ModelRegistry", "    if revenue_splits._drop(model_id):", "    if False:")
    world = World(registry=keeping)
    model_id = _announced(world, world.maker, account("buyer"))
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == [account_share(world.maker, 10_000)]


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
