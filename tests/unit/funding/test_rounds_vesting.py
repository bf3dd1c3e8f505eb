"""FundingRounds and RoundRules: what could not be claimed at a time, and so could not vote."""

import boa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kits.funding import (
    TERMS,
    TOKEN,
    RoundsSuite,
    State,
    deploy_rounds_suite,
)
from tests.support import DAY, account, now, pass_time, warp_to

CAP = TERMS["hard_cap"]
MINTED = 4_000 * TOKEN


def test_unvested_at__one_round__is_the_rest_of_what_vested(suite, contributor):
    suite.ensure_voter()
    round_id = suite.open_now(cliff_seconds=30 * DAY, vesting_seconds=300 * DAY)
    end = suite.opened[round_id]["ends_at"]
    suite.pay(round_id, contributor, CAP)
    assert suite.rounds.unvested_at(end) == 0
    suite.rounds.finalize(round_id)
    minted_at = now()
    for moment, unvested in (
        (0, 0),
        (minted_at - 1, 0),
        (minted_at, MINTED),
        (end + 30 * DAY - 1, MINTED),
        (end + 30 * DAY, MINTED * 9 // 10),
        (end + 150 * DAY, MINTED // 2),
        (end + 300 * DAY - 1, MINTED - MINTED * (300 * DAY - 1) // (300 * DAY)),
        (end + 300 * DAY, 0),
        (2**256 - 1, 0),
    ):
        assert suite.rounds.unvested_at(moment) == unvested
    warp_to(end + 150 * DAY)
    suite.rounds.claim(round_id, contributor)
    assert suite.rounds.unvested_at(now()) == MINTED // 2 == suite.token.balanceOf(suite.rounds)


def test_unvested_at__no_vesting__is_zero(suite, contributor):
    round_id = suite.open_now()
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    assert suite.rounds.unvested_at(now()) == 0
    assert suite.rounds.claim(round_id, contributor) == MINTED


def test_unvested_at__finalized_after_all_has_vested__is_zero(suite, contributor):
    round_id = suite.open_now(vesting_seconds=DAY)
    suite.pay(round_id, contributor, CAP)
    suite.warp_to_end(round_id, DAY)
    suite.rounds.finalize(round_id)
    assert suite.rounds.unvested_at(now()) == 0
    assert suite.rounds.claim(round_id, contributor) == MINTED


def test_finalize__late__changes_nothing_of_what_vests_when(suite, contributor):
    """Whoever called it used to choose the second at which a cliff ended."""
    round_id = suite.open_now(vesting_seconds=100 * DAY)
    suite.pay(round_id, contributor, CAP)
    suite.warp_to_end(round_id, 20 * DAY)
    suite.rounds.finalize(round_id)
    assert suite.rounds.claimable(round_id, contributor) == MINTED // 5


MUTE = [
    {"cliff_seconds": 1},
    {"cliff_seconds": 1, "is_pro_rata": True},
    # It may be full, and finalized, a year before its end, when the vesting begins.
    {"cliff_seconds": 0},
]


@pytest.mark.parametrize("changes", MUTE)
def test_open_round__nothing_vests_before_anybody_can_vote__reverts(
    suite, owner, contributor, changes
):
    def refuses() -> None:
        terms = suite.terms(purpose=purpose, vesting_seconds=DAY, **changes)
        with boa.reverts("nobody could vote"):
            suite.rounds.open_round(tuple(terms.values()), sender=owner)

    purpose = suite.create_purpose()
    refuses()
    # Tokens of the Treasury, or ones that vest, vote no more than none.
    suite.token.set_treasury(suite.treasury, sender=owner)
    suite.token.set_minter(owner, 10 * TOKEN, sender=owner)
    suite.token.mint(suite.treasury, TOKEN, sender=owner)
    refuses()
    # A round that is pro rata is over at its end, from which on its tokens vest second by second.
    first_purpose = suite.create_purpose()
    terms = suite.terms(
        purpose=first_purpose, starts_at=now(), is_pro_rata=True, vesting_seconds=300 * DAY
    )
    first = suite.rounds.open_round(tuple(terms.values()), sender=owner)
    suite.opened[first] = terms
    suite.pay(first, contributor, CAP)
    suite.warp_to_end(first)
    suite.rounds.finalize(first)
    refuses()
    suite.token.mint(contributor, 1, sender=owner)
    suite.open(purpose=purpose, vesting_seconds=DAY, **changes)


def test_open_round__ninth_that_vests__waits_for_a_place(make_suite, owner, contributor):
    suite = make_suite(minter_cap=100 * MINTED)
    terms = {"vesting_seconds": 300 * DAY}
    ids = [suite.open_now(**terms) for _ in range(8)]
    for round_id in ids[:3]:
        suite.pay(round_id, contributor, CAP)
        suite.rounds.finalize(round_id)
    with boa.reverts("too many rounds vest"):
        suite.open_now(**terms)
    suite.open_now()  # one without a vesting always may
    suite.rounds.cancel(ids[7], sender=owner)
    suite.open_now(**terms)
    with boa.reverts("too many rounds vest"):
        suite.open_now(**terms)
    for round_id in ids[3:7]:
        suite.pay(round_id, contributor, CAP)
        suite.rounds.finalize(round_id)
    assert suite.rounds.unvested_at(now()) == 7 * MINTED
    pass_time(400 * DAY)
    assert suite.rounds.unvested_at(now()) == 0
    for _ in range(8):
        suite.open_now(**terms)


def test_unvested_at__eight_rounds__costs_a_bounded_sum(make_suite, contributor):
    suite = make_suite(minter_cap=100 * MINTED)
    for _ in range(8):
        round_id = suite.open_now(vesting_seconds=300 * DAY)
        suite.pay(round_id, contributor, CAP)
        suite.rounds.finalize(round_id)
        pass_time(7)
    assert suite.rounds.unvested_at(now()) == 8 * MINTED
    assert suite.rounds._computation.get_gas_used() < 150_000


def test_round_rules__other_callers__keep_their_own_calendar(suite, stranger):
    rules = boa.env.lookup_contract(suite.rounds.RULES())
    rules.begin_vesting(1, MINTED, now(), now(), now() + DAY, sender=stranger)
    assert rules.unvested_at(stranger, now()) == MINTED
    assert suite.rounds.unvested_at(now()) == 0
    rules.end_vesting(1, sender=stranger)
    assert rules.unvested_at(stranger, now()) == 0
    rules.begin_vesting(2, MINTED, 0, 0, now(), sender=stranger)
    assert rules.unvested_at(stranger, now()) == 0


def by_brute_force(suite: RoundsSuite, people: list[str], moment: int) -> int:
    """Token wei that the rounds hold at `moment`, now, and that no claim would send."""
    held = int(suite.token.balanceOf(suite.rounds))
    for round_id in suite.opened:
        for who in people:
            held -= int(suite.rounds.claimable(round_id, who))
    return held


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_unvested_at__random_lives__is_what_no_claim_could_send_then(data):
    """Every answer of the past is the one that was true at its second, by asking everybody then."""
    with boa.env.anchor():
        owner = account("governance")
        suite = deploy_rounds_suite(owner)
        people = [account(f"p{i}") for i in range(2)]
        suite.ensure_voter()
        seen: dict[int, int] = {}
        for _ in range(data.draw(st.integers(3, 12))):
            deed = data.draw(st.sampled_from(["open", "finalize", "claim", "wait", "wind down"]))
            finalized = [i for i in suite.opened if suite.state(i) == State.FINALIZED]
            if deed == "open":
                vesting = data.draw(st.sampled_from([0, 1, 50 * DAY, 200 * DAY]))
                cliff = data.draw(st.integers(0, vesting))
                length = data.draw(st.integers(1, 20)) * DAY
                suite.open_now(
                    cliff_seconds=cliff,
                    vesting_seconds=vesting,
                    ends_at=now() + length,
                )
                for who in people:
                    suite.pay(max(suite.opened), who, CAP // 2)
            elif deed == "finalize":
                for round_id in suite.opened:
                    if suite.state(round_id) == State.SUCCEEDED:
                        suite.rounds.finalize(round_id)
            elif deed == "claim" and finalized:
                suite.rounds.claim_batch(data.draw(st.sampled_from(finalized)), people)
            elif deed == "wind down" and finalized:
                round_id = data.draw(st.sampled_from(finalized))
                suite.rounds.end_vesting(round_id, sender=suite.redemptions.address)
            pass_time(data.draw(st.sampled_from([1, 3_600, 7 * DAY, 40 * DAY])))
            # Nothing else happens in this second, so that it is seen as it will be remembered.
            seen[now()] = by_brute_force(suite, people, now())
            pass_time(1)
        for moment, unvested in seen.items():
            found = suite.rounds.unvested_at(moment)
            # A claim of each of two people is rounded down.
            assert 0 <= unvested - found <= 2 * len(suite.opened)
