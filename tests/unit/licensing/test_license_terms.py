"""LicenseMarket: offering, retiring and reading terms; wiring."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, deploy, deploy_asset
from tests.unit.licensing.market_kit import (
    LEGAL_HASH,
    MAX_PER_PERIOD,
    MAX_TOTAL,
    buy,
    license_terms,
    offer,
)
from tests.unit.models.registry_kit import payee
from tests.unit.treasury.kit import event_rows, transfer_row

TERMS_TYPE = "(uint256,address,uint256,uint256,uint256,uint256,uint256,uint256,bool,bytes32,string)"
FREE = {
    "upfront_fee": 0,
    "share_bps": 0,
    "minimum_per_period": 0,
    "period_seconds": 0,
    "grace_seconds": 0,
}
LARGEST = {
    "upfront_fee": MAX_TOTAL,
    "share_bps": 10_000,
    "minimum_per_period": MAX_PER_PERIOD,
    "period_seconds": 366 * DAY,
    "grace_seconds": 90 * DAY,
    "term_seconds": 100 * 366 * DAY,
    "legal_uri": "u" * 128,
}


def _terms_hash(market, terms) -> bytes:
    chain_id = boa.env.evm.patch.chain_id
    return keccak(encode(["uint256", "address", TERMS_TYPE], [chain_id, market.address, terms]))


# --- constructor and wiring ---


def test_constructor__given_addresses__keeps_and_logs(owner):
    registry, treasury, router = (payee(i) for i in range(3))
    market = deploy("LicenseMarket", registry, treasury, router, sender=owner)
    rows = event_rows(market)
    assert ("TreasuryChanged", ZERO_ADDRESS, treasury) in rows
    assert ("RouterChanged", ZERO_ADDRESS, router) in rows
    assert (market.REGISTRY(), market.treasury(), market.router()) == (registry, treasury, router)
    assert market.owner() == owner
    assert (market.name(), market.symbol()) == ("Flywheel Licenses", "FWLIC")
    assert market.terms_count() == market.license_count() == 0


@pytest.mark.parametrize(
    ("missing", "reason"),
    [(0, "registry is zero"), (1, "treasury is zero"), (2, "router is zero")],
)
def test_constructor__zero_address__reverts(missing, reason):
    addresses = [payee(i) for i in range(3)]
    addresses[missing] = ZERO_ADDRESS
    with boa.reverts(reason):
        deploy("LicenseMarket", *addresses)


@pytest.mark.parametrize(
    ("setter", "getter", "event"),
    [("set_router", "router", "RouterChanged"), ("set_treasury", "treasury", "TreasuryChanged")],
)
def test_setters__owner__change_and_log(market, owner, setter, getter, event):
    old = getattr(market, getter)()
    with boa.env.prank(owner):
        getattr(market, setter)(payee(1))
    assert event_rows(market) == [(event, old, payee(1))]
    assert getattr(market, getter)() == payee(1)


@pytest.mark.parametrize(
    ("setter", "reason"),
    [("set_router", "router is zero"), ("set_treasury", "treasury is zero")],
)
def test_setters__zero__revert(market, owner, setter, reason):
    with boa.env.prank(owner), boa.reverts(reason):
        getattr(market, setter)(ZERO_ADDRESS)


@pytest.mark.parametrize("role", ["licensee", "guardian", "stranger"])
def test_gated__not_the_owner__reverts(suite, market, request, role):
    sender = request.getfixturevalue(role)
    for call, *args in (
        (market.set_router, sender),
        (market.set_treasury, sender),
        (market.skim, suite.asset.address, sender),
        (market.set_guardian, sender, 0),
        (market.unpause,),
        (market.transfer_ownership, sender),
    ):
        with boa.env.prank(sender), boa.reverts("caller is not the owner"):
            call(*args)


def test_skim__strayed_tokens__go_where_the_owner_says(suite, market, owner, holder):
    suite.asset.mint(market.address, 7)
    with boa.env.prank(owner):
        assert market.skim(suite.asset.address, holder) == 7
    assert event_rows(market) == [
        transfer_row(market, holder, 7),
        ("Skimmed", suite.asset.address, holder, 7),
    ]
    assert suite.asset.balanceOf(holder) == 7


# --- offer_terms ---


@pytest.mark.parametrize(
    "changes",
    [
        {},
        FREE,
        LARGEST,
        {"term_seconds": 0, "transferable": False},
        {"share_bps": 0},
        {"minimum_per_period": 0, "grace_seconds": 0, "period_seconds": DAY},
        {"term_seconds": 1},
    ],
    ids=["usual", "free", "largest", "perpetual", "minimum only", "share only", "one second"],
)
def test_offer_terms__model_owner__keeps_every_field(suite, market, owner, changes):
    terms = license_terms(suite, **changes)
    with boa.env.prank(owner):
        terms_id = market.offer_terms(terms)
    terms_hash = _terms_hash(market, terms)
    assert event_rows(market) == [("TermsOffered", 1, 1, terms_hash, terms)]
    assert terms_id == market.terms_count() == 1
    assert market.terms(1) == terms
    assert market.terms_hash(1) == terms_hash
    assert market.is_offered(1)


def test_offer_terms__same_again__is_another_offer_with_the_same_hash(suite, market):
    assert [offer(suite), offer(suite)] == [1, 2]
    assert market.terms_hash(1) == market.terms_hash(2)


def test_terms_hash__every_field__counts(suite, market):
    changes = [
        {},
        {"upfront_fee": 1},
        {"share_bps": 1},
        {"minimum_per_period": 1},
        {"period_seconds": DAY},
        {"grace_seconds": 1},
        {"term_seconds": 1},
        {"transferable": False},
        {"legal_hash": b"\x01" * 32},
        {"legal_uri": "other"},
    ]
    hashes = {market.terms_hash(offer(suite, **change)) for change in changes}
    assert len(hashes) == len(changes)


@pytest.mark.parametrize("role", ["builder", "licensee", "stranger"])
def test_offer_terms__not_the_model_owner__reverts(suite, market, request, role):
    sender = request.getfixturevalue(role)
    with boa.env.prank(sender), boa.reverts("caller does not own the model"):
        market.offer_terms(license_terms(suite))


def test_offer_terms__approved_for_the_model__is_not_enough(suite, market, owner, operator):
    with boa.env.prank(owner):
        suite.registry.setApprovalForAll(operator, True)
    with boa.env.prank(operator), boa.reverts("caller does not own the model"):
        market.offer_terms(license_terms(suite))


def test_offer_terms__model_changed_hands__is_the_new_owners_right(suite, market, owner, holder):
    with boa.env.prank(owner):
        suite.registry.transferFrom(owner, holder, 1)
        with boa.reverts("caller does not own the model"):
            market.offer_terms(license_terms(suite))
    with boa.env.prank(holder):
        assert market.offer_terms(license_terms(suite)) == 1


@pytest.mark.parametrize("model_id", [0, 2, 2**64 + 1, MAX_UINT])
def test_offer_terms__unknown_model__reverts(suite, model_id):
    with boa.reverts("unknown model"):
        offer(suite, model_id=model_id)


def test_offer_terms__asset_not_accepted__reverts(suite):
    with boa.reverts("asset is not accepted"):
        offer(suite, asset=deploy_asset("XYZ").address)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"upfront_fee": MAX_TOTAL + 1}, "fee is too large"),
        ({"share_bps": 10_001}, "share is above 10000 bps"),
        ({"share_bps": MAX_UINT}, "share is above 10000 bps"),
        ({"minimum_per_period": MAX_PER_PERIOD + 1}, "minimum is too large"),
        ({"grace_seconds": 90 * DAY + 1}, "grace is too long"),
        ({"term_seconds": 100 * 366 * DAY + 1}, "term is too long"),
        ({"period_seconds": DAY - 1}, "period is too short"),
        ({"period_seconds": 0}, "period is too short"),
        ({"period_seconds": 366 * DAY + 1}, "period is too long"),
        ({"share_bps": 0, "period_seconds": 0}, "period is too short"),
        ({"minimum_per_period": 0, "period_seconds": 0}, "period is too short"),
        (FREE | {"period_seconds": DAY}, "periods without a royalty"),
        (FREE | {"grace_seconds": 1}, "periods without a royalty"),
        ({"legal_hash": bytes(32)}, "legal hash is empty"),
    ],
)
def test_offer_terms__out_of_bounds__reverts(suite, market, changes, reason):
    with boa.reverts(reason):
        offer(suite, **changes)
    assert market.terms_count() == 0


# --- retire_terms ---


def test_retire_terms__model_owner__ends_the_offer_only(suite, market, owner, licensee, terms_id):
    license_id = buy(suite, licensee, terms_id)
    terms, terms_hash = market.terms(terms_id), market.terms_hash(terms_id)
    with boa.env.prank(owner):
        market.retire_terms(terms_id)
    assert event_rows(market) == [("TermsRetired", terms_id)]
    assert not market.is_offered(terms_id)
    assert (market.terms(terms_id), market.terms_hash(terms_id)) == (terms, terms_hash)
    assert market.is_licensed(1, licensee, license_id)
    with boa.reverts("terms are not offered"):
        buy(suite, licensee, terms_id)


def test_retire_terms__twice__reverts(market, owner, terms_id):
    with boa.env.prank(owner):
        market.retire_terms(terms_id)
        with boa.reverts("terms are not offered"):
            market.retire_terms(terms_id)


@pytest.mark.parametrize("role", ["builder", "licensee", "stranger"])
def test_retire_terms__not_the_model_owner__reverts(market, terms_id, request, role):
    sender = request.getfixturevalue(role)
    with boa.env.prank(sender), boa.reverts("caller does not own the model"):
        market.retire_terms(terms_id)
    assert market.is_offered(terms_id)


@pytest.mark.parametrize("unknown", [0, 2, MAX_UINT])
def test_terms__unknown__say_so(market, owner, terms_id, unknown):
    assert not market.is_offered(unknown)
    for call in (market.retire_terms, market.terms, market.terms_hash):
        with boa.env.prank(owner), boa.reverts("unknown terms"):
            call(unknown)


# --- pause ---


def test_pause__new_business_only__goes_on_afterwards(
    suite, market, owner, guardian, licensee, terms_id
):
    with boa.env.prank(owner):
        market.set_guardian(guardian, boa.env.timestamp + 30 * DAY)
    with boa.env.prank(guardian):
        market.pause()
    with boa.reverts("paused"):
        offer(suite)
    with boa.reverts("paused"):
        buy(suite, licensee, terms_id)
    with boa.env.prank(owner):
        market.retire_terms(terms_id)
        market.unpause()
    assert buy(suite, licensee, offer(suite)) == 1
    assert market.terms(2).legal_hash == LEGAL_HASH
