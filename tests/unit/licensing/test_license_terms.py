"""LicenseCatalog: offering, retiring and reading terms; wiring of catalog and market."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.kits.licensing import (
    LEGAL_HASH,
    MAX_PER_PERIOD,
    MAX_TOTAL,
    PERIOD,
    TERM,
    buy,
    is_licensed,
    license_terms,
    offer,
)
from tests.kits.models import payee
from tests.kits.treasury import event_rows, transfer_row
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, deploy, deploy_asset

TERMS_TYPE = (
    f"(uint256,address{13 * ',uint256'},address,address{7 * ',bool'},uint256,uint256[8]"
    ",string,bytes32,string,bytes32,string)"
)
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
    "bond": MAX_TOTAL,
    "price_per_unit": 2**96 - 1,
    "royalty_cap": MAX_TOTAL,
    "late_bps_per_year": 3_600,
    "cure_seconds": 366 * DAY,
    "derivations": 255,
    "derivation_share_bps": [5_000] * 8,
    "field_of_use": "f" * 64,
    "legal_uri": "u" * 128,
    "max_licenses": 2**32 - 1,
    "offered_until": 2**40 - 1,
    "licensee": payee(7),
    "sublicensable": True,
    "renewable": True,
    "exclusive": True,
    "approval_required": True,
    "share_alike": True,
    "attribution": True,
    "summary_hash": b"\xff" * 32,
    "summary_uri": "s" * 128,
}


def _terms_hash(catalog, terms) -> bytes:
    chain_id = boa.env.evm.patch.chain_id
    return keccak(encode(["uint256", "address", TERMS_TYPE], [chain_id, catalog.address, terms]))


# --- constructor and wiring ---


def test_constructors__given_addresses__keep_and_log(catalog, owner):
    one, two = payee(1), payee(2)
    catalog = deploy("LicenseCatalog", one, two, sender=owner)
    assert ("TreasuryChanged", ZERO_ADDRESS, two) in event_rows(catalog)
    assert (catalog.REGISTRY(), catalog.treasury(), catalog.owner()) == (one, two, owner)
    assert catalog.terms_count() == 0
    market = deploy("LicenseMarket", one, two, sender=owner)
    assert ("RouterChanged", ZERO_ADDRESS, two) in event_rows(market)
    assert (market.CATALOG(), market.router(), market.owner()) == (one, two, owner)
    assert (market.name(), market.symbol()) == ("Flywheel Licenses", "FWLIC")
    assert market.license_count() == 0


@pytest.mark.parametrize(
    ("stem", "missing", "reason"),
    [
        ("LicenseCatalog", 0, "registry is zero"),
        ("LicenseCatalog", 1, "treasury is zero"),
        ("LicenseMarket", 0, "catalog is zero"),
        ("LicenseMarket", 1, "router is zero"),
        ("LicenseEnforcement", 0, "market is zero"),
        ("LicenseEnforcement", 1, "catalog is zero"),
        ("LicenseRights", 0, "market is zero"),
        ("LicenseRights", 1, "catalog is zero"),
    ],
)
def test_constructors__zero_address__revert(catalog, stem, missing, reason):
    addresses = [payee(1), payee(2)]
    addresses[missing] = ZERO_ADDRESS
    with boa.reverts(reason):
        deploy(stem, *addresses)


@pytest.mark.parametrize(
    ("role", "setter", "getter", "event", "zero_reason"),
    [
        ("market", "set_router", "router", "RouterChanged", "router is zero"),
        ("market", "set_enforcement", "enforcement", "EnforcementChanged", None),
        ("catalog", "set_market", "market", "MarketChanged", None),
        ("catalog", "set_treasury", "treasury", "TreasuryChanged", "treasury is zero"),
    ],
)
def test_setters__owner__change_and_log(suite, owner, role, setter, getter, event, zero_reason):
    contract = getattr(suite, role)
    old = getattr(contract, getter)()
    with boa.env.prank(owner):
        getattr(contract, setter)(payee(1))
        assert event_rows(contract) == [(event, old, payee(1))]
        assert getattr(contract, getter)() == payee(1)
        if zero_reason:
            with boa.reverts(zero_reason):
                getattr(contract, setter)(ZERO_ADDRESS)


@pytest.mark.parametrize("role", ["licensee", "guardian", "stranger"])
def test_gated__not_the_owner__reverts(suite, market, catalog, request, role):
    sender = request.getfixturevalue(role)
    for call, *args in (
        (market.set_router, sender),
        (market.set_enforcement, sender),
        (catalog.set_treasury, sender),
        (catalog.set_market, sender),
        (market.open_strays, suite.asset.address),
        (suite.enforcement.skim_market, suite.asset.address, sender),
        (suite.enforcement.skim, suite.asset.address, sender),
        (catalog.set_guardian, sender, 0),
        (catalog.unpause,),
        (market.transfer_ownership, sender),
    ):
        with boa.env.prank(sender), boa.reverts("caller is not the owner"):
            call(*args)


def test_skim__strayed_tokens__go_where_the_owner_says(suite, owner, holder):
    contract = suite.enforcement
    suite.asset.mint(contract.address, 7)
    with boa.env.prank(owner):
        assert contract.skim(suite.asset.address, holder) == 7
    assert event_rows(contract) == [
        transfer_row(contract, holder, 7),
        ("Skimmed", suite.asset.address, holder, 7),
    ]
    assert suite.asset.balanceOf(holder) == 7


def test_skim_market__strayed_tokens__go_where_the_owner_says(suite, market, owner, holder):
    enforcement, asset = suite.enforcement, suite.asset
    asset.mint(market.address, 7)
    with boa.env.prank(owner):
        with boa.reverts("allowance is too low"):
            enforcement.skim_market(asset, holder)
        market.open_strays(asset)
        for receiver, reason in (
            (ZERO_ADDRESS, "receiver is zero"),
            (enforcement.address, "receiver is the payer"),
        ):
            with boa.reverts(reason):
                enforcement.skim_market(asset, receiver)
        assert enforcement.skim_market(asset, holder) == 7
        assert event_rows(enforcement) == [
            ("Skimmed", asset.address, holder, 7),
            transfer_row(market, holder, 7),
        ]
        assert enforcement.skim_market(asset, holder) == 0
    assert asset.balanceOf(holder) == 7
    assert enforcement.accounted(asset) == asset.balanceOf(enforcement) == 0


# --- offer_terms ---


@pytest.mark.parametrize(
    "changes",
    [
        {},
        FREE,
        LARGEST,
        {"term_seconds": 0, "transferable": False},
        {"share_bps": 0},
        {
            "minimum_per_period": 0,
            "bond": 1,
            "grace_seconds": 7 * DAY,
            "period_seconds": 28 * DAY,
            "term_seconds": 280 * DAY,
        },
        FREE | {"term_seconds": 1},
        {"sublicensable": True, "renewable": True, "field_of_use": "research"},
        {"derivations": 0b10000101, "derivation_share_bps": [1, 0, 5_000, 0, 0, 0, 0, 0]},
        {"max_licenses": 1},
        {"offered_until": 1},
        {"licensee": payee(1)},
        {"exclusive": True},
        {"derivations": 1, "approval_required": True},
        {"derivations": 1, "share_alike": True},
        {"attribution": True, "summary_hash": b"\1" * 32, "summary_uri": "ipfs://s"},
    ],
    ids=[
        "usual",
        "free",
        "largest",
        "perpetual",
        "minimum only",
        "share only",
        "one second",
        "rights",
        "derivations",
        "at most one",
        "until a date",
        "to one account",
        "exclusive",
        "approval",
        "share alike",
        "summary",
    ],
)
def test_offer_terms__model_owner__keeps_every_field(suite, market, catalog, owner, changes):
    terms = license_terms(suite, **changes)
    terms_id = offer(suite, **changes)
    terms_hash = _terms_hash(catalog, terms)
    assert event_rows(catalog) == [("TermsOffered", 1, 1, terms_hash, terms)]
    assert terms_id == catalog.terms_count() == 1
    assert catalog.terms(1) == terms
    assert catalog.terms_hash(1) == terms_hash
    assert catalog.is_offered(1) == (terms.offered_until != 1)


def test_offer_terms__same_again__is_refused_or_reopens_the_same_id(suite, catalog, owner):
    assert offer(suite) == 1
    with boa.reverts("terms are already offered"):
        offer(suite)
    with boa.env.prank(owner):
        catalog.retire_terms(1)
    assert offer(suite) == 1
    assert catalog.is_offered(1)
    assert catalog.id_of_hash(catalog.terms_hash(1)) == catalog.terms_count() == 1
    assert catalog.id_of_hash(LEGAL_HASH) == 0


def test_terms_hash__every_field__counts(suite, catalog):
    changes = [
        {},
        {"upfront_fee": 1},
        {"share_bps": 1},
        {"minimum_per_period": 1},
        {"period_seconds": 45 * DAY},
        {"grace_seconds": 8 * DAY},
        {"term_seconds": PERIOD},
        {"transferable": False},
        {"bond": 1},
        {"derivations": 1},
        {"field_of_use": "x"},
        {"legal_hash": b"\x01" * 32},
        {"legal_uri": "other"},
        {"max_licenses": 1},
        {"offered_until": 1},
        {"licensee": payee(1)},
        {"sublicensable": True},
        {"renewable": True},
        {"exclusive": True},
        {"derivations": 1, "approval_required": True},
        {"derivations": 1, "share_alike": True},
        {"attribution": True},
        {"summary_hash": b"\1" * 32, "summary_uri": "s"},
        {"summary_hash": b"\1" * 32, "summary_uri": "t"},
    ]
    hashes = {catalog.terms_hash(offer(suite, **change)) for change in changes}
    assert len(hashes) == len(changes)


@pytest.mark.parametrize("role", ["builder", "licensee", "stranger"])
def test_offer_terms__not_the_model_owner__reverts(suite, catalog, request, role):
    sender = request.getfixturevalue(role)
    with boa.env.prank(sender), boa.reverts("caller does not own the model"):
        catalog.offer_terms(license_terms(suite))


def test_offer_terms__approved_for_the_model__is_not_enough(suite, catalog, owner, operator):
    with boa.env.prank(owner):
        suite.registry.setApprovalForAll(operator, True)
    with boa.env.prank(operator), boa.reverts("caller does not own the model"):
        catalog.offer_terms(license_terms(suite))


def test_offer_terms__model_changed_hands__is_the_new_owners_right(suite, catalog, owner, holder):
    with boa.env.prank(owner):
        suite.registry.transferFrom(owner, holder, 1)
        with boa.reverts("caller does not own the model"):
            catalog.offer_terms(license_terms(suite))
    with boa.env.prank(holder):
        assert catalog.offer_terms(license_terms(suite)) == 1


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
        ({"term_seconds": TERM + 1}, "term is not whole periods"),
        ({"grace_seconds": PERIOD + 1}, "grace is longer than a period"),
        ({"cure_seconds": 366 * DAY + 1}, "cure is too long"),
        ({"cure_seconds": 7 * DAY - 1}, "cure is too short"),
        ({"bond": MAX_TOTAL + 1}, "bond is too large"),
        ({"price_per_unit": 2**96}, "price is too large"),
        ({"royalty_cap": MAX_TOTAL + 1}, "cap is too large"),
        ({"late_bps_per_year": 3_601}, "late rate is too high"),
        ({"derivations": 256}, "unknown model kind"),
        (
            {"derivations": 1, "derivation_share_bps": [5_001] + [0] * 7},
            "derivation share is too high",
        ),
        ({"derivations": 2, "derivation_share_bps": [1] + [0] * 7}, "share of a kind not allowed"),
        (FREE | {"bond": 1}, "bond without a royalty"),
        (FREE | {"royalty_cap": 1}, "bond without a royalty"),
        ({"period_seconds": 28 * DAY - 1}, "period is too short"),
        ({"grace_seconds": 7 * DAY - 1}, "grace is too short"),
        ({"grace_seconds": 0}, "grace is too short"),
        ({"minimum_per_period": 0}, "no minimum and no bond"),
        (
            {"minimum_per_period": 0, "share_bps": 0, "price_per_unit": 1},
            "no minimum and no bond",
        ),
        ({"max_licenses": 2**32}, "limit is too large"),
        ({"offered_until": 2**40}, "offer ends too late"),
        ({"approval_required": True}, "nothing may be derived"),
        ({"share_alike": True}, "nothing may be derived"),
        ({"summary_hash": b"\1" * 32}, "summary is incomplete"),
        ({"summary_uri": "s"}, "summary is incomplete"),
        ({"arbiter": payee(1)}, "the DAO is its own arbiter"),
        ({"period_seconds": 0}, "period is too short"),
        ({"period_seconds": 366 * DAY + 1, "term_seconds": 0}, "period is too long"),
        ({"share_bps": 0, "period_seconds": 0}, "period is too short"),
        (FREE | {"period_seconds": DAY}, "periods without a royalty"),
        (FREE | {"grace_seconds": 1}, "periods without a royalty"),
        ({"legal_hash": bytes(32)}, "legal hash is empty"),
    ],
)
def test_offer_terms__out_of_bounds__reverts(suite, catalog, changes, reason):
    with boa.reverts(reason):
        offer(suite, **changes)
    assert catalog.terms_count() == 0


# --- retire_terms ---


def test_retire_terms__model_owner__ends_the_offer_only(
    suite, market, catalog, owner, licensee, terms_id
):
    license_id = buy(suite, licensee, terms_id)
    terms, terms_hash = catalog.terms(terms_id), catalog.terms_hash(terms_id)
    with boa.env.prank(owner):
        catalog.retire_terms(terms_id)
    assert event_rows(catalog) == [("TermsRetired", terms_id)]
    assert not catalog.is_offered(terms_id)
    assert (catalog.terms(terms_id), catalog.terms_hash(terms_id)) == (terms, terms_hash)
    assert is_licensed(suite, licensee, license_id)
    with boa.reverts("terms are not offered"):
        buy(suite, licensee, terms_id)


def test_retire_terms__twice__reverts(catalog, owner, terms_id):
    with boa.env.prank(owner):
        catalog.retire_terms(terms_id)
        with boa.reverts("terms are not offered"):
            catalog.retire_terms(terms_id)


@pytest.mark.parametrize("role", ["builder", "licensee", "stranger"])
def test_retire_terms__not_the_model_owner__reverts(catalog, terms_id, request, role):
    sender = request.getfixturevalue(role)
    with boa.env.prank(sender), boa.reverts("caller does not own the model"):
        catalog.retire_terms(terms_id)
    assert catalog.is_offered(terms_id)


@pytest.mark.parametrize("unknown", [0, 2, MAX_UINT])
def test_terms__unknown__say_so(catalog, owner, terms_id, unknown):
    assert not catalog.is_offered(unknown)
    for call in (catalog.retire_terms, catalog.terms, catalog.terms_hash):
        with boa.env.prank(owner), boa.reverts("unknown terms"):
            call(unknown)


# --- pause ---


def test_pause__new_business_only__goes_on_afterwards(
    suite, catalog, owner, guardian, licensee, terms_id
):
    catalog.set_guardian(guardian, boa.env.timestamp + 30 * DAY, sender=owner)
    catalog.pause(sender=guardian)
    with boa.env.anchor():
        # The owner of the catalogue is the vote, which no pause stops.
        assert buy(suite, owner, offer(suite, upfront_fee=1)) == 1
        suite.registry.transferFrom(owner, licensee, 1, sender=owner)
        with boa.reverts("paused"):
            catalog.offer_terms(license_terms(suite, upfront_fee=1), sender=licensee)
    with boa.reverts("paused"):
        buy(suite, licensee, terms_id)
    with boa.env.prank(owner):
        catalog.retire_terms(terms_id)
        catalog.unpause()
    assert buy(suite, licensee, offer(suite, upfront_fee=1)) == 1
    assert catalog.terms(2).legal_hash == LEGAL_HASH
