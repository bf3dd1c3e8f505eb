"""LicenseCatalog: what may be sold, to whom, how often and until when; rights follow the model's
token."""

import boa
import pytest

from tests.attack.mutants import mutate_all
from tests.kits.licensing import (
    FEE,
    TERM,
    add_model,
    buy,
    deploy_suite,
    license_terms,
    offer,
    treasury_share,
)
from tests.kits.models import account_share, payee, register
from tests.kits.treasury import event_rows
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, account, now, pass_time, warp_to


@pytest.fixture
def sold(suite, catalog):
    """Sells one license as the market: `sold(terms_id, licensee)` gives the words and the fee."""

    def sell(terms_id, licensee=None, terms_hash=None):
        licensee = licensee or payee(1)
        digest = catalog.terms_hash(terms_id) if terms_hash is None else terms_hash
        return catalog.record_sale(terms_id, licensee, digest, sender=suite.market.address)

    return sell


# --- record_sale ---


def test_record_sale__plain_terms__gives_the_words_and_the_fee(catalog, terms_id, sold):
    assert sold(terms_id) == (catalog.packed(terms_id), FEE)
    assert event_rows(catalog) == []
    sold(terms_id, payee(2))
    # Nothing that has no limit is counted.
    assert catalog.sold(terms_id) == 0
    assert catalog.is_offered(terms_id)


@pytest.mark.parametrize("role", ["owner", "licensee", "guardian", "stranger"])
def test_record_sale__not_the_market__reverts(catalog, terms_id, request, role):
    sender = request.getfixturevalue(role)
    digest = catalog.terms_hash(terms_id)
    with boa.reverts("caller is not the market"):
        catalog.record_sale(terms_id, sender, digest, sender=sender)


def test_record_sale__market_replaced__only_the_new_one_sells(suite, catalog, terms_id, sold):
    catalog.set_market(payee(9), sender=suite.owner)
    with boa.reverts("caller is not the market"):
        sold(terms_id)
    digest = catalog.terms_hash(terms_id)
    catalog.record_sale(terms_id, payee(1), digest, sender=payee(9))


def test_record_sale__hash_of_other_terms_or_none__reverts(suite, catalog, terms_id, sold):
    other = offer(suite, upfront_fee=1)
    for asked, digest in (
        (terms_id, catalog.terms_hash(other)),
        (terms_id, bytes(32)),
        (0, bytes(32)),
        (MAX_UINT, bytes(32)),
        (0, catalog.terms_hash(terms_id)),
    ):
        with boa.reverts("terms hash does not match"):
            sold(asked, terms_hash=digest)


def test_record_sale__retired__reverts(suite, catalog, terms_id, sold):
    catalog.retire_terms(terms_id, sender=suite.owner)
    with boa.reverts("terms are not offered"):
        sold(terms_id)


def test_record_sale__limit__counts_for_ever(suite, catalog, sold):
    terms_id = offer(suite, max_licenses=2)
    sold(terms_id)
    assert catalog.is_offered(terms_id)
    sold(terms_id)
    assert not catalog.is_offered(terms_id)
    with boa.reverts("all licenses are sold"):
        sold(terms_id)
    assert catalog.sold(terms_id) == 2
    catalog.retire_terms(terms_id, sender=suite.owner)
    assert offer(suite, max_licenses=2) == terms_id
    with boa.reverts("all licenses are sold"):
        sold(terms_id)


def test_record_sale__last_second_and_the_next__sells_and_reverts(suite, catalog, sold):
    until = now() + 10
    terms_id = offer(suite, offered_until=until)
    warp_to(until - 1)
    sold(terms_id)
    assert catalog.is_offered(terms_id)
    pass_time(1)
    assert not catalog.is_offered(terms_id)
    with boa.reverts("offer has ended"):
        sold(terms_id)


def test_record_sale__offer_to_one_account__sells_to_it_alone(suite, catalog, sold):
    terms_id = offer(suite, licensee=payee(1))
    with boa.reverts("offer is for another account"):
        sold(terms_id, payee(2))
    sold(terms_id, payee(1))


def test_record_sale__the_example_of_the_interface__is_as_written(suite, catalog, sold, holder):
    until = now() + 1_000
    limits = {"max_licenses": 2, "offered_until": until}
    terms_id = offer(suite, **limits)
    for second in (until - 2, until - 1):
        warp_to(second)
        sold(terms_id)
    with boa.reverts("all licenses are sold"):
        sold(terms_id)
    warp_to(until)
    with boa.reverts("offer has ended"):
        sold(terms_id)
    for source, target in ((suite.owner, holder), (holder, suite.owner)):
        suite.registry.transferFrom(source, target, 1, sender=source)
    assert suite.registry.tenure(1)[0] == 2
    with boa.reverts("terms are not offered"):
        sold(terms_id)
    assert offer(suite, **limits) == terms_id
    assert (catalog.sold(terms_id), catalog.is_offered(terms_id)) == (2, False)


# --- exclusive ---


def test_record_sale__exclusive__ends_all_other_sales_of_the_model(suite, catalog, sold, terms_id):
    only = offer(suite, exclusive=True)
    add_model(suite, [treasury_share(10_000)])
    other_model = offer(suite, model_id=2)
    sold(terms_id)
    sold(only)
    assert event_rows(catalog) == [("ExclusivityBegan", 1, only)]
    assert catalog.exclusive_terms(1) == only
    for blocked in (terms_id, only):
        assert not catalog.is_offered(blocked)
        with boa.reverts("model is licensed exclusively"):
            sold(blocked)
    sold(other_model)


def _exclusive(suite, catalog, licensee, **changes):
    """Sells an exclusive license at the market, as the market's `buy` will; its terms and id."""
    terms_id = offer(suite, exclusive=True, **changes)
    license_id = buy(suite, licensee, terms_id)
    if not catalog.exclusive_terms(1):
        digest = catalog.terms_hash(terms_id)
        catalog.record_sale(terms_id, licensee, digest, sender=suite.market.address)
    return terms_id, license_id


def test_end_exclusivity__after_the_end__sells_again(suite, catalog, licensee, terms_id, sold):
    plain_id = buy(suite, licensee, terms_id)
    _, license_id = _exclusive(suite, catalog, licensee)
    with boa.reverts("model has no exclusive license"):
        catalog.end_exclusivity(2, license_id)
    with boa.reverts("not the exclusive license"):
        catalog.end_exclusivity(1, plain_id)
    warp_to(suite.market.license(license_id).ends_at - 1)
    with boa.reverts("license has not ended"):
        catalog.end_exclusivity(1, license_id)
    pass_time(1)
    catalog.end_exclusivity(1, license_id)
    assert event_rows(catalog) == [("ExclusivityEnded", 1, license_id)]
    assert catalog.exclusive_terms(1) == 0
    sold(terms_id)


def test_end_exclusivity__an_earlier_license_of_the_same_terms__is_not_it(suite, catalog, licensee):
    terms_id, first_id = _exclusive(suite, catalog, licensee)
    warp_to(suite.market.license(first_id).ends_at)
    catalog.end_exclusivity(1, first_id)
    catalog.retire_terms(terms_id, sender=suite.owner)
    _, second_id = _exclusive(suite, catalog, licensee)
    with boa.reverts("not the exclusive license"):
        catalog.end_exclusivity(1, first_id)
    warp_to(suite.market.license(second_id).ends_at)
    catalog.end_exclusivity(1, second_id)


def test_end_exclusivity__sold_again_in_one_second__is_the_later_one(suite, catalog, licensee):
    """A license without periods can be given up in the second in which it was bought."""
    free = {"share_bps": 0, "minimum_per_period": 0, "period_seconds": 0, "grace_seconds": 0}
    terms_id, first_id = _exclusive(suite, catalog, licensee, term_seconds=0, **free)
    suite.enforcement.surrender(first_id, sender=licensee)
    catalog.end_exclusivity(1, first_id)
    second_id = buy(suite, payee(2), terms_id)
    if not catalog.exclusive_terms(1):
        digest = catalog.terms_hash(terms_id)
        catalog.record_sale(terms_id, payee(2), digest, sender=suite.market.address)
    licenses = [suite.market.license(number) for number in (first_id, second_id)]
    assert licenses[0].starts_at == licenses[1].starts_at
    with boa.reverts("not the exclusive license"):
        catalog.end_exclusivity(1, first_id)
    assert catalog.exclusive_terms(1) == terms_id


def test_end_exclusivity__market_replaced__asks_the_one_that_sold(suite, catalog, licensee):
    _, license_id = _exclusive(suite, catalog, licensee)
    catalog.set_market(payee(9), sender=suite.owner)
    warp_to(suite.market.license(license_id).ends_at)
    catalog.end_exclusivity(1, license_id)


# Nothing to report: only the end of the term counts.
PLAIN = {
    "share_bps": 0,
    "minimum_per_period": 0,
    "period_seconds": 0,
    "grace_seconds": 0,
    "upfront_fee": 0,
    "renewable": True,
}


def test_renew__ended_before_an_exclusive_sale__reverts(suite, market, catalog, licensee, holder):
    """A license that runs stays beside an exclusive one, one that is over does not come back."""
    ended = buy(suite, licensee, offer(suite, **PLAIN))
    running = buy(suite, licensee, offer(suite, **PLAIN | {"term_seconds": 20 * TERM}))
    warp_to(market.license(ended).ends_at - 1)
    _, only = _exclusive(suite, catalog, holder)
    market.renew(ended, 0, sender=licensee)
    warp_to(market.license(ended).ends_at)
    with boa.reverts("model is licensed exclusively"):
        market.renew(ended, 0, sender=licensee)
    market.renew(running, 0, sender=licensee)
    catalog.end_exclusivity(1, only)
    market.renew(ended, 0, sender=licensee)


def test_renew__exclusive_license_late__comes_back_while_it_is_still_the_one(
    suite, market, catalog, licensee, holder
):
    terms_id, first = _exclusive(suite, catalog, licensee, **PLAIN)
    warp_to(market.license(first).ends_at + DAY)
    market.renew(first, 0, sender=licensee)
    assert not catalog.is_offered(terms_id)
    warp_to(market.license(first).ends_at)
    catalog.end_exclusivity(1, first)
    with boa.reverts("model is licensed exclusively"):
        market.renew(first, 0, sender=licensee)
    second = buy(suite, holder, terms_id)
    with boa.reverts("model is licensed exclusively"):
        market.renew(first, 0, sender=licensee)
    warp_to(market.license(second).ends_at)
    market.renew(second, 0, sender=holder)
    for unknown in (0, catalog.terms_count() + 1):
        with boa.reverts("unknown terms"):
            catalog.may_return(unknown, 0)


# --- arbiter ---


def test_arbiter_of__terms__name_the_vote_or_another(suite, catalog, owner, holder, terms_id):
    assert catalog.arbiter_of(terms_id) == owner
    model_id = register(suite.registry, holder, split=[account_share(holder, 10_000)])
    terms = license_terms(suite, model_id=model_id, arbiter=payee(3))
    other = catalog.offer_terms(terms, sender=holder)
    assert catalog.arbiter_of(other) == payee(3)
    catalog.transfer_ownership(payee(4), sender=owner)
    assert catalog.arbiter_of(terms_id) == payee(4)
    for unknown in (0, other + 1, MAX_UINT):
        with boa.reverts("unknown terms"):
            catalog.arbiter_of(unknown)


# --- rights follow the thing ---


class Sale:
    """A seller's offer of its own model, which the seller then sells."""

    def __init__(self, suite) -> None:
        self.suite, self.catalog = suite, suite.catalog
        self.seller, self.buyer = account("seller"), account("buyer")
        split = [account_share(self.buyer, 10_000)]
        self.model_id = register(suite.registry, self.seller, split=split)
        self.terms = license_terms(suite, model_id=self.model_id)
        self.terms_id = self.offer(self.seller)

    def offer(self, who) -> int:
        return self.catalog.offer_terms(self.terms, sender=who)

    def move(self, source, target) -> None:
        self.suite.registry.transferFrom(source, target, self.model_id, sender=source)

    def sell(self):
        """What the market is told when somebody buys under the offer."""
        digest = self.catalog.terms_hash(self.terms_id)
        return self.catalog.record_sale(
            self.terms_id, payee(1), digest, sender=self.suite.market.address
        )


def _move(sale) -> None:
    sale.move(sale.seller, sale.buyer)


def _move_there_and_back(sale) -> None:
    sale.move(sale.seller, sale.buyer)
    sale.move(sale.buyer, sale.seller)


def _move_to_itself(sale) -> None:
    sale.move(sale.seller, sale.seller)


def _move_safely_by_an_operator(sale) -> None:
    operator = account("operator")
    sale.suite.registry.setApprovalForAll(operator, True, sender=sale.seller)
    arguments = (sale.seller, sale.buyer, sale.model_id)
    sale.suite.registry.safeTransferFrom(*arguments, sender=operator)


MOVES = [_move, _move_there_and_back, _move_to_itself, _move_safely_by_an_operator]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_transfer_of_a_model__its_offers__end(suite, move):
    sale = Sale(suite)
    move(sale)
    assert not sale.catalog.is_offered(sale.terms_id)
    with boa.reverts("terms are not offered"):
        sale.sell()
    with boa.reverts("terms are not offered"):
        buy(suite, payee(1), sale.terms_id)
    owner = suite.registry.ownerOf(sale.model_id)
    with boa.reverts("terms are not offered"):
        sale.catalog.retire_terms(sale.terms_id, sender=owner)
    assert sale.offer(owner) == sale.terms_id
    sale.sell()


def test_transfer_of_a_model__former_owner__is_a_stranger(suite):
    sale = Sale(suite)
    sale.move(sale.seller, sale.buyer)
    for call, *arguments in (
        (sale.catalog.offer_terms, sale.terms),
        (sale.catalog.retire_terms, sale.terms_id),
        (suite.rights.approve_derivation, sale.model_id, b"\1" * 32, True),
        (suite.registry.set_split, sale.model_id, []),
        (suite.registry.set_card, sale.model_id, b"\1" * 32, ""),
    ):
        with boa.reverts("caller does not own the model"):
            call(*arguments, sender=sale.seller)


@pytest.mark.deep
def test_transfer_of_a_model__tenure_not_compared__still_sells(owner):
    """Without the defence the attack succeeds."""
    blind = mutate_all(
        "LicenseCatalog",
        (
            (
                "license_terms",
                "return packed_offer._tenure(self._terms[terms_id].offer) == tenure + 1",
                "return packed_offer._tenure(self._terms[terms_id].offer) != 0",
            ),
        ),
    )
    sale = Sale(deploy_suite(owner, catalog=blind))
    sale.move(sale.seller, sale.buyer)
    assert sale.catalog.is_offered(sale.terms_id)
    sale.sell()


def test_offer_terms__dao_bought_the_model__names_no_arbiter(suite, owner):
    sale = Sale(suite)
    sale.terms = sale.terms._replace(arbiter=payee(3), grace_seconds=9 * DAY)
    sale.offer(sale.seller)
    sale.move(sale.seller, owner)
    with boa.reverts("the DAO is its own arbiter"):
        sale.offer(owner)
    assert suite.catalog.arbiter_of(suite.catalog.terms_count()) != ZERO_ADDRESS
