"""LicenseRights: who may use a model and derive from it, now and in the past; sublicenses."""

import boa
import pytest

from tests.attack.mutants import mutate
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    GRACE,
    PERIOD,
    TERM,
    add_model,
    deploy_suite,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.models import (
    Kind,
    account_share,
    commit,
    model_terms,
    treasury_share,
)
from tests.kits.treasury import event_rows
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, now, warp_to

FIRST_SUB = 2**63 + 1
UNKNOWN = 99
NO_COMMITMENT = bytes(32)
DERIVATIVE = {"derivations": Kind.FINE_TUNE | Kind.MERGE}
SHARES = [0, 0, 1_500, 0, 0, 0, 0, 250]


@pytest.fixture(scope="module")
def rights(suite):
    return suite.rights


@pytest.fixture
def open_license(suite, licensee):
    """A license that allows fine-tunes, merges and sublicenses."""
    return sell(suite, licensee, sublicensable=True, derivation_share_bps=SHARES, **DERIVATIVE)


@pytest.fixture
def granted(rights, open_license, licensee, holder):
    """A sublicense of `holder`."""
    return rights.sublicense(open_license, holder, sender=licensee)


# --- present ---


def test_present__holder__is_what_third_parties_find(suite, rights, license_id, licensee, stranger):
    bought_at = now()
    assert not rights.is_licensed(1, licensee, 0, now())
    boa.env.time_travel(seconds=DAY)
    rights.present(license_id, sender=licensee)
    assert event_rows(rights) == [("LicensePresented", license_id, 1, licensee)]
    assert rights.presented(1, licensee, now()) == license_id
    assert rights.presented(1, licensee, now() - 1) == 0
    assert rights.is_licensed(1, licensee, 0, now())
    assert not rights.is_licensed(1, licensee, 0, bought_at)
    assert rights.is_covered(license_id, licensee, 0, bought_at)
    assert not rights.is_licensed(1, stranger, 0, now())
    assert not rights.is_licensed(2, licensee, 0, now())


def test_present__another_license_later__past_answers_stay(suite, rights, licensee):
    first, second = (sell(suite, licensee, upfront_fee=fee) for fee in (1, 2))
    times = []
    for license_id in (first, second, first):
        rights.present(license_id, sender=licensee)
        times.append((now(), license_id))
        boa.env.time_travel(seconds=DAY)
    for at, license_id in times:
        assert rights.presented(1, licensee, at) == license_id
        assert rights.presented(1, licensee, at + DAY - 1) == license_id
    assert rights.presented(1, licensee, times[0][0] - 1) == 0


def test_present__twice_in_a_second__last_one_counts(suite, rights, licensee):
    first, second = (sell(suite, licensee, upfront_fee=fee) for fee in (1, 2))
    rights.present(first, sender=licensee)
    rights.present(second, sender=licensee)
    assert rights.presented(1, licensee, now()) == second


@pytest.mark.parametrize("role", ["owner", "payer", "stranger"])
def test_present__not_the_holder__reverts(rights, license_id, request, role):
    with boa.env.prank(request.getfixturevalue(role)), boa.reverts("caller is not the licensee"):
        rights.present(license_id)


@pytest.mark.parametrize("license_id", [0, UNKNOWN, FIRST_SUB + 1, 2**64 + 1, MAX_UINT])
def test_unknown_license__covers_nobody(rights, open_license, licensee, license_id):
    with boa.env.prank(licensee), boa.reverts("caller is not the licensee"):
        rights.present(license_id)
    for account in (licensee, ZERO_ADDRESS):
        assert not rights.is_covered(license_id, account, 0, now())
        with boa.reverts("license does not allow it"):
            rights.derivation_share(license_id, account, Kind.FINE_TUNE, NO_COMMITMENT)
    with boa.env.prank(licensee), boa.reverts("license is not in standing"):
        rights.sublicense(license_id, licensee)


def test_present__transferred_license__covers_the_new_holder_only(
    suite, market, rights, license_id, licensee, holder
):
    rights.present(license_id, sender=licensee)
    boa.env.time_travel(seconds=DAY)
    market.transferFrom(licensee, holder, license_id, sender=licensee)
    moved_at = now()
    assert rights.is_licensed(1, licensee, 0, moved_at - 1)
    assert not rights.is_licensed(1, licensee, 0, moved_at)
    assert not rights.is_licensed(1, holder, 0, moved_at)
    rights.present(license_id, sender=holder)
    assert rights.is_licensed(1, holder, 0, moved_at)
    assert not rights.is_covered(license_id, holder, 0, moved_at - 1)


def test_owner_at__several_moves__each_second_has_one(
    market, rights, license_id, licensee, holder, stranger
):
    start = now()
    for owner, to in ((licensee, holder), (holder, stranger), (stranger, licensee)):
        boa.env.time_travel(seconds=DAY)
        market.transferFrom(owner, to, license_id, sender=owner)
    # Twice more in the last second.
    market.transferFrom(licensee, holder, license_id, sender=licensee)
    owners = [licensee, holder, stranger, holder]
    for day, owner in enumerate(owners):
        assert market.owner_at(license_id, start + day * DAY) == owner
        if day < 3:
            assert market.owner_at(license_id, start + (day + 1) * DAY - 1) == owner


# --- is_covered ---


def test_is_covered__future__reverts(rights, license_id, licensee):
    for view, subject in ((rights.is_covered, license_id), (rights.is_licensed, 1)):
        with boa.reverts("time is in the future"):
            view(subject, licensee, 0, now() + 1)


def test_is_covered__term__is_from_start_to_end(suite, market, rights, license_id, licensee):
    start, end = market.license(license_id)[2:4]
    for period in (1, 2, 3):
        report_next(suite, licensee, license_id, period)
        pay(suite, licensee, license_id, DUE)
    warp_to(end + 1)
    for at, covered in ((start - 1, False), (start, True), (end - 1, True), (end, False)):
        assert rights.is_covered(license_id, licensee, 0, at) is covered, at


def test_is_covered__lapse__is_from_overdue_to_paid(suite, rights, license_id, licensee):
    report_next(suite, licensee, license_id, 1)
    overdue = period_end(suite, license_id, 1) + GRACE
    warp_to(overdue + DAY)

    def answers():
        times = (overdue - 1, overdue, overdue + DAY - 1, overdue + DAY)
        return [rights.is_covered(license_id, licensee, 0, at) for at in times]

    assert answers() == [True, False, False, False]
    pay(suite, licensee, license_id, DUE)
    assert answers() == [True, False, False, True]
    boa.env.time_travel(seconds=TERM)
    assert answers() == [True, False, False, True]


def test_is_covered__report_missing__is_from_the_end_of_its_grace(
    suite, market, rights, license_id, licensee
):
    overdue = period_end(suite, license_id, 1) + GRACE
    warp_to(overdue + DAY)
    assert not rights.is_covered(license_id, licensee, 0, overdue)
    assert rights.is_covered(license_id, licensee, 0, overdue - 1)
    market.report(license_id, 1, 10_000, EVIDENCE, sender=licensee)
    pay(suite, licensee, license_id, DUE)
    assert rights.is_covered(license_id, licensee, 0, now())
    assert not rights.is_covered(license_id, licensee, 0, now() - 1)


def test_is_covered__kind__is_what_the_terms_allow(rights, open_license, license_id, licensee):
    for kind in Kind:
        allowed = kind in (Kind.FINE_TUNE, Kind.MERGE)
        assert rights.is_covered(open_license, licensee, kind, now()) is allowed, kind
        assert not rights.is_covered(license_id, licensee, kind, now())
    for odd in (3, Kind.FINE_TUNE | Kind.MERGE, 256, MAX_UINT):
        assert not rights.is_covered(open_license, licensee, odd, now())


# --- derivation_share ---


def test_derivation_share__allowed_kind__is_of_the_terms(suite, rights, open_license, licensee):
    assert rights.derivation_share(open_license, licensee, Kind.FINE_TUNE, NO_COMMITMENT) == (
        1,
        1_500,
    )
    assert rights.derivation_share(open_license, licensee, Kind.MERGE, NO_COMMITMENT) == (1, 250)
    add_model(suite, [treasury_share(10_000)])
    other = sell(suite, licensee, model_id=2, derivations=Kind.ADAPTER)
    assert rights.derivation_share(other, licensee, Kind.ADAPTER, NO_COMMITMENT) == (2, 0)


@pytest.mark.parametrize("kind", [0, Kind.VERSION, 3, 256, MAX_UINT])
def test_derivation_share__other_kind__reverts(rights, open_license, licensee, kind):
    with boa.reverts("license does not allow it"):
        rights.derivation_share(open_license, licensee, kind, NO_COMMITMENT)


def test_derivation_share__not_held_or_lapsed__reverts(suite, rights, open_license, licensee):
    for other in (suite.owner, ZERO_ADDRESS):
        with boa.reverts("license does not allow it"):
            rights.derivation_share(open_license, other, Kind.MERGE, NO_COMMITMENT)
    warp_to(period_end(suite, open_license, 1) + GRACE - 1)
    rights.derivation_share(open_license, licensee, Kind.MERGE, NO_COMMITMENT)
    boa.env.time_travel(seconds=1)
    with boa.reverts("license does not allow it"):
        rights.derivation_share(open_license, licensee, Kind.MERGE, NO_COMMITMENT)


# --- approval of derived models ---


@pytest.fixture
def reserved(suite, licensee):
    """A license that allows fine-tunes, each after the licensor's approval."""
    suite.registry.set_rights(suite.rights.address, sender=suite.owner)
    shares = {"derivation_share_bps": SHARES, **DERIVATIVE}
    return sell(suite, licensee, approval_required=True, **shares)


def _child(suite, licensee, license_id):
    """Terms of a fine-tune that the licensee has committed to, and the commitment."""
    split = [account_share(licensee, 10_000)]
    terms = model_terms(kind=Kind.FINE_TUNE, split=split, parents=[(1, license_id)])
    commit(suite.registry, licensee, terms)
    digest = terms.weights_digest
    return terms, suite.registry.commitment(licensee, digest, terms.salt)


def test_approve_derivation__model_owner__lets_that_one_be_registered(
    suite, rights, reserved, licensee
):
    terms, commitment = _child(suite, licensee, reserved)
    other, _ = _child(suite, licensee, reserved)
    with boa.reverts("derivation is not approved"):
        suite.registry.register(terms, sender=licensee)
    rights.approve_derivation(1, commitment, True, sender=suite.owner)
    assert event_rows(rights) == [("DerivationApproved", 1, commitment, True)]
    assert rights.is_derivation_approved(1, commitment)
    assert not rights.is_derivation_approved(2, commitment)
    with boa.reverts("derivation is not approved"):
        suite.registry.register(other, sender=licensee)
    child = suite.registry.register(terms, sender=licensee)
    assert suite.registry.ancestors(child)[0].share_bps == 1_500


def test_approve_derivation__taken_back__is_refused(suite, rights, reserved, licensee):
    terms, commitment = _child(suite, licensee, reserved)
    for approved in (True, False):
        rights.approve_derivation(1, commitment, approved, sender=suite.owner)
    with boa.reverts("derivation is not approved"):
        suite.registry.register(terms, sender=licensee)


@pytest.mark.parametrize("role", ["licensee", "builder", "stranger"])
def test_approve_derivation__not_the_model_owner__reverts(suite, rights, request, role):
    sender = request.getfixturevalue(role)
    with boa.reverts("caller does not own the model"):
        rights.approve_derivation(1, NO_COMMITMENT, True, sender=sender)


def test_approve_derivation__model_sold__is_the_buyers_to_take_back(
    suite, rights, reserved, licensee, holder
):
    _, commitment = _child(suite, licensee, reserved)
    rights.approve_derivation(1, commitment, True, sender=suite.owner)
    suite.registry.transferFrom(suite.owner, holder, 1, sender=suite.owner)
    rights.derivation_share(reserved, licensee, Kind.FINE_TUNE, commitment)
    with boa.reverts("caller does not own the model"):
        rights.approve_derivation(1, commitment, False, sender=suite.owner)
    rights.approve_derivation(1, commitment, False, sender=holder)
    with boa.reverts("derivation is not approved"):
        rights.derivation_share(reserved, licensee, Kind.FINE_TUNE, commitment)


def test_derivation_share__approval_not_asked_for__needs_none(rights, open_license, licensee):
    """Terms without the flag read no approval, and kinds are refused before it is looked at."""
    rights.derivation_share(open_license, licensee, Kind.FINE_TUNE, NO_COMMITMENT)


def test_derivation_share__approval_cut_out__any_model_is_derived(owner, licensee):
    careless = mutate(
        "LicenseRights",
        "assert is_free or self._is_approved[model_id][commitment], ",
        "assert True, ",
    )
    suite = deploy_suite(owner, rights=careless)
    add_model(suite, [treasury_share(10_000)])
    shares = {"derivation_share_bps": SHARES, **DERIVATIVE}
    license_id = sell(suite, licensee, approval_required=True, **shares)
    suite.registry.set_rights(suite.rights.address, sender=owner)
    terms, _ = _child(suite, licensee, license_id)
    assert suite.registry.register(terms, sender=licensee) == 2


# --- sublicenses ---


def test_sublicense__holder__covers_another_under_the_same_terms(
    rights, open_license, licensee, holder
):
    assert rights.sublicense(open_license, holder, sender=licensee) == FIRST_SUB
    assert event_rows(rights) == [("Sublicensed", FIRST_SUB, open_license, holder)]
    assert rights.sublicense_count() == 1
    assert rights.sublicense_of(FIRST_SUB) == (open_license, holder, now(), MAX_UINT)
    assert rights.is_covered(FIRST_SUB, holder, 0, now())
    assert not rights.is_covered(FIRST_SUB, holder, 0, now() - 1)
    assert not rights.is_covered(FIRST_SUB, licensee, 0, now())
    assert rights.derivation_share(FIRST_SUB, holder, Kind.FINE_TUNE, NO_COMMITMENT) == (1, 1_500)
    rights.present(FIRST_SUB, sender=holder)
    assert rights.is_licensed(1, holder, 0, now())
    assert rights.is_licensed(1, holder, Kind.MERGE, now())
    assert not rights.is_licensed(1, holder, Kind.PRUNING, now())


def test_sublicense__not_allowed__reverts(
    suite, rights, license_id, open_license, granted, licensee, holder, stranger
):
    for sender, subject, receiver, reason in (
        (licensee, license_id, holder, "license is not sublicensable"),
        (stranger, open_license, holder, "license is not in standing"),
        (holder, granted, stranger, "license is not in standing"),
        (licensee, open_license, ZERO_ADDRESS, "licensee is zero"),
    ):
        with boa.env.prank(sender), boa.reverts(reason):
            rights.sublicense(subject, receiver)
    warp_to(period_end(suite, open_license, 1) + GRACE)
    with boa.env.prank(licensee), boa.reverts("license is not in standing"):
        rights.sublicense(open_license, holder)


def test_sublicense__license_above_lapses__neither_covers(
    suite, rights, open_license, granted, licensee, holder
):
    overdue = period_end(suite, open_license, 1) + GRACE
    warp_to(overdue)
    assert rights.is_covered(granted, holder, 0, overdue - 1)
    assert not rights.is_covered(granted, holder, 0, overdue)
    boa.env.time_travel(seconds=DAY)
    suite.market.report(open_license, 1, 0, EVIDENCE, sender=licensee)
    pay(suite, licensee, open_license, PERIOD)
    assert rights.is_covered(granted, holder, 0, now())
    assert not rights.is_covered(granted, holder, 0, overdue)


@pytest.mark.parametrize("by", ["licensee", "holder"])
def test_end_sublicense__either_side__ends_now(rights, granted, request, holder, by):
    boa.env.time_travel(seconds=DAY)
    rights.end_sublicense(granted, sender=request.getfixturevalue(by))
    assert event_rows(rights) == [("SublicenseEnded", granted, request.getfixturevalue(by))]
    assert rights.sublicense_of(granted).ends_at == now()
    assert rights.is_covered(granted, holder, 0, now() - 1)
    assert not rights.is_covered(granted, holder, 0, now())
    with boa.env.prank(holder), boa.reverts("sublicense has ended"):
        rights.end_sublicense(granted)
    with boa.env.prank(holder), boa.reverts("caller is not the licensee"):
        rights.present(granted)


def test_end_sublicense__license_above_moved__is_its_new_holder_s(
    suite, market, rights, open_license, granted, licensee, stranger, payer
):
    market.transferFrom(licensee, stranger, open_license, sender=licensee)
    for other in (licensee, payer):
        with boa.env.prank(other), boa.reverts("caller is not the licensee"):
            rights.end_sublicense(granted)
    rights.end_sublicense(granted, sender=stranger)


@pytest.mark.parametrize("unknown", [0, 1, 2**63, FIRST_SUB + 1, MAX_UINT])
def test_sublicense_functions__unknown__say_so(rights, granted, licensee, unknown):
    with boa.env.prank(licensee), boa.reverts("unknown sublicense"):
        rights.end_sublicense(unknown)
    with boa.reverts("unknown sublicense"):
        rights.sublicense_of(unknown)
