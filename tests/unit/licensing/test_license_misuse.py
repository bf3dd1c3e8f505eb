"""LicenseEnforcement: accusations of misuse, and how long a vote may take."""

import boa
import pytest

from tests.kits.licensing import (
    EVIDENCE,
    MINIMUM,
    PERIOD,
    is_licensed,
    pay,
    period_end,
    sell,
)
from tests.kits.treasury import event_rows
from tests.support import (
    DAY,
    ZERO_ADDRESS,
    account,
    deploy,
    now,
    reverts_silently,
    warp_to,
)

ANSWER = 14 * DAY
VOTE = 120 * DAY
OTHER = b"\x0e" * 32
NONE = (bytes(32), 0, 0)


@pytest.fixture(scope="module")
def enforcement(suite):
    return suite.enforcement


@pytest.fixture
def accused(suite, enforcement, license_id, owner):
    enforcement.accuse(license_id, EVIDENCE, sender=owner)
    return license_id


def test_accuse__arbiter__opens_an_answer_window(
    suite, market, enforcement, license_id, owner, licensee, holder
):
    enforcement.accuse(license_id, EVIDENCE, sender=owner)
    until, last = now() + ANSWER, now() + ANSWER + VOTE
    assert event_rows(enforcement) == [("Accused", license_id, until, last, EVIDENCE)]
    assert enforcement.accusation(license_id) == (EVIDENCE, until, last)
    assert enforcement.is_held(license_id)
    assert is_licensed(suite, licensee, license_id)
    with boa.env.prank(licensee), boa.reverts("license is in dispute"):
        market.transferFrom(licensee, holder, license_id)
    with boa.env.prank(owner), boa.reverts("accusation is open"):
        enforcement.accuse(license_id, OTHER)


def test_accuse__without_evidence_or_ended__reverts(suite, enforcement, license_id, owner):
    with boa.env.prank(owner):
        with boa.reverts("evidence is empty"):
            enforcement.accuse(license_id, bytes(32))
        warp_to(period_end(suite, license_id, 3))
        with boa.reverts("license has ended"):
            enforcement.accuse(license_id, EVIDENCE)


def test_answer__licensee__is_on_record(enforcement, license_id, accused, licensee, stranger):
    enforcement.answer(accused, OTHER, sender=licensee)
    assert event_rows(enforcement) == [("Answered", accused, licensee, OTHER)]
    with boa.env.prank(stranger), boa.reverts("caller is not the licensee"):
        enforcement.answer(accused, OTHER)


def test_answer__nobody_accused__reverts(enforcement, license_id, licensee):
    with boa.env.prank(licensee), boa.reverts("no accusation is open"):
        enforcement.answer(license_id, OTHER)


def test_end_for_misuse__after_the_answer_window__ends_and_bills_the_part(
    suite, market, enforcement, accused, owner, licensee
):
    started = now()
    with boa.env.prank(owner):
        warp_to(started + ANSWER - 1)
        with boa.reverts("answer window is open"):
            enforcement.end_for_misuse(accused, EVIDENCE)
        warp_to(started + ANSWER)
        with boa.reverts("accusation is another"):
            enforcement.end_for_misuse(accused, OTHER)
        enforcement.end_for_misuse(accused, EVIDENCE)
        assert event_rows(enforcement) == [
            ("EndedForMisuse", accused, EVIDENCE),
            ("LicenseEnded", accused, now()),
            ("LicenseLost", 1, licensee, 1, accused),
        ]
        with boa.reverts("license has ended"):
            enforcement.end_for_misuse(accused, EVIDENCE)
    assert not is_licensed(suite, licensee, accused)
    assert enforcement.accusation(accused) == NONE
    assert not enforcement.is_held(accused)
    warp_to(market.next_period(accused)[1])
    part = -(-MINIMUM * 14 // 30)
    assert market.report(accused, 1, 0, EVIDENCE, sender=licensee) == part
    assert pay(suite, licensee, accused, part) == part
    assert market.next_period(accused) == (0, 0, 0)
    warp_to(now() + PERIOD)
    assert enforcement.release_bond(accused) == 0


def test_end_for_misuse__nobody_decided__accusation_lapses(
    suite, market, enforcement, owner, licensee, holder
):
    license_id = sell(suite, licensee, term_seconds=0, share_bps=0, minimum_per_period=1)
    enforcement.accuse(license_id, EVIDENCE, sender=owner)
    boa.env.time_travel(seconds=ANSWER + VOTE)
    assert enforcement.accusation(license_id) == NONE
    assert not enforcement.is_held(license_id)
    with boa.env.prank(owner), boa.reverts("no accusation is open"):
        enforcement.end_for_misuse(license_id, EVIDENCE)
    enforcement.accuse(license_id, OTHER, sender=owner)


# --- how long a vote may take ---


def test_vote_seconds__without_a_governor__is_120_days(enforcement):
    assert enforcement.governor() == ZERO_ADDRESS
    assert enforcement.vote_seconds() == VOTE


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        ((DAY, 5 * DAY, 2 * DAY, 3 * DAY, 0), 22 * DAY),
        ((DAY, 5 * DAY, 2 * DAY, 3 * DAY, 3 * DAY + 1), 22 * DAY + 1),
        ((30 * DAY, 60 * DAY, 30 * DAY, 30 * DAY, 30 * DAY), 217 * DAY),
        ((30 * DAY, 60 * DAY, 31 * DAY, 30 * DAY, 30 * DAY), 220 * DAY),
        ((90 * DAY,) * 5, 220 * DAY),
    ],
)
def test_vote_seconds__with_a_governor__is_a_vote_and_a_week(
    suite, enforcement, owner, stranger, delays, expected
):
    governor = deploy("MockVoteTimes", *delays)
    with boa.env.prank(stranger), boa.reverts("caller is not the owner"):
        enforcement.set_governor(governor.address)
    enforcement.set_governor(governor.address, sender=owner)
    assert event_rows(enforcement) == [("GovernorChanged", ZERO_ADDRESS, governor.address)]
    assert enforcement.vote_seconds() == expected


NO_GOVERNORS = {
    "an account": "",
    "a contract of another kind": """
@external
@view
def votingDelay() -> uint256:
    return 1
""",
    "one that answers in part": """
@external
@view
def STRICT_DELAY() -> uint256:
    return 1
""",
    "one that refuses": """
@external
@view
def STRICT_DELAY() -> uint256:
    raise "no"
""",
    "one that answers too much": """
@external
@view
def STRICT_DELAY() -> uint256[2]:
    return [1, 1]

@external
@view
def votingDelay() -> uint256:
    return max_value(uint256)

@external
@view
def votingPeriod() -> uint256:
    return 1
""",
}


# Those that answer at first fail where they are asked for more.
SILENT = ("one that answers in part", "one that answers too much")


@pytest.mark.parametrize("kind", NO_GOVERNORS)
def test_set_governor__none__is_refused_before_it_can_stop_anything(enforcement, owner, kind):
    """Whoever disputes needs the length of a vote: a wrong address would stop every dispute."""
    source = NO_GOVERNORS[kind]
    wrong = boa.loads(source).address if source else account("nobody")
    with reverts_silently() if kind in SILENT else boa.reverts("not a governor"):
        enforcement.set_governor(wrong, sender=owner)
    assert enforcement.governor() == ZERO_ADDRESS


def test_set_governor__zero__is_refused(enforcement, owner):
    with boa.reverts("not a governor"):
        enforcement.set_governor(ZERO_ADDRESS, sender=owner)


def test_end_for_misuse__surrendered__ends_all_the_same(
    suite, market, enforcement, owner, licensee, stranger
):
    """Surrendering first is no shield: the license runs on until its last period is over."""
    license_id = sell(suite, licensee, term_seconds=0)
    ends_at = enforcement.surrender(license_id, sender=licensee)
    enforcement.accuse(license_id, EVIDENCE, sender=owner)
    warp_to(now() + ANSWER)
    assert now() < ends_at
    enforcement.end_for_misuse(license_id, EVIDENCE, sender=owner)
    assert market.license(license_id).ends_at == now()
    assert not is_licensed(suite, licensee, license_id)
