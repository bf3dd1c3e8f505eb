"""ModelRegistry: what belongs to whom. Parents of one's own, receivers of a split, the fee by the
first owner, and what ends when a model's token moves."""

import boa
import pytest

from tests import boa_suite
from tests.attack.mutants import mutate
from tests.kits.lineage import NOTICE, World
from tests.kits.models import (
    Kind,
    account_share,
    commit,
    model_terms,
    payee,
    register,
)
from tests.support import account, deploy, now, pass_time


@pytest.fixture(scope="module")
def world():
    return World()


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


@pytest.mark.deep
def test_register__without_the_time_of_the_last_move__a_loan_of_a_moment_is_enough():
    blind = mutate(
        "ModelRegistry",
        ".since <= committed_at",
        ".since <= max_value(uint256)",
        module="parentage",
    )
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


UNOWNED = {"Asset", "Governor", "ProposalArchive", "RoundRules"}


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
    # None holds money nor can be owed any, and none has an owner: see docs/RISKS.md.
    assert {*suite.contracts} - {*refused} == UNOWNED


def test_split__contracts_of_others__are_receivers(world):
    for contract in (deploy("MockWallet", world.maker), deploy("MockIdleTarget")):
        world.model(split=[account_share(contract.address, 10_000)])
    other = deploy("RoyaltyRouter", *[payee(n) for n in range(3)], sender=world.maker)
    world.model(split=[account_share(other.address, 10_000)])


@pytest.mark.deep
def test_split__receiver_not_looked_at__money_is_stuck_in_the_router():
    blind = mutate(
        "ModelRegistry",
        'assert not is_of_suite, "receiver is of the suite"',
        "pass",
        module="split_terms",
    )
    world = World(registry=blind)
    router = world.router.address
    model_id = world.model(split=[account_share(router, 10_000)])
    world.earn(model_id, 10_000)
    world.router.settle(model_id, world.asset)
    assert world.credit(router) == 10_000
    with boa.reverts("asset took a fee"):
        world.router.withdraw(router, world.asset)


# --- the fee, and what was announced ---


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


@pytest.mark.deep
def test_refresh__fee_by_the_holder__ends_with_a_gift_to_the_dao():
    by_holder = mutate(
        "ModelRegistry",
        "if model_records._is_fee_free(model_id):",
        "if tagged_tokens._owner_of(model_id) == ownable.owner:",
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


@pytest.mark.deep
def test_transfer__announced_split_kept__takes_the_buyers_income():
    keeping = mutate(
        "ModelRegistry", "    if revenue_splits._cancel_scheduled(model_id):", "    if False:"
    )
    world = World(registry=keeping)
    model_id = _announced(world, world.maker, account("buyer"))
    world.registry.refresh(model_id)
    assert world.registry.split(model_id) == [account_share(world.maker, 10_000)]
