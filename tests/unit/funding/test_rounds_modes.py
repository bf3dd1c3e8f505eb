"""FundingRounds: pro rata, allow-lists, vesting, batches."""

import boa
import pytest

from flywheel.funding.allow_list import AllowList
from tests.kits.funding import (
    FIRST_PURPOSE,
    SIGNER,
    TERMS,
    TOKEN,
    USDC,
    State,
    event_names,
    sign_permit,
    sole_event,
)
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import (
    DAY,
    ZERO_ADDRESS,
    account,
    events,
    fund_and_approve,
    now,
    reverts_otherwise,
    warp_to,
)

GOAL, CAP, MINIMUM = TERMS["soft_goal"], TERMS["hard_cap"], TERMS["min_contribution"]
MAX_112 = 2**112 - 1


# --- pro rata ---


@pytest.fixture
def shared(suite, contributor, holder, builder) -> int:
    """A pro-rata round in which 7,001 dollars and a unit were paid for a cap of 2,000."""
    round_id = suite.open_now(is_pro_rata=True)
    for who, amount in ((contributor, 1_000), (holder, 3_000), (builder, 3_001)):
        suite.pay(round_id, who, amount * USDC + (who == builder))
    return round_id


def used(paid: int) -> int:
    return paid * CAP // (7_001 * USDC + 1)


def test_contribute__pro_rata__takes_more_than_the_cap_until_the_end(suite, shared, holder):
    assert suite.state(shared) == State.OPEN
    suite.warp_to_end(shared, -1)
    assert suite.pay(shared, holder, 5 * CAP) == 5 * CAP
    suite.warp_to_end(shared)
    with boa.reverts("round is not open"):
        suite.pay(shared, holder, MINIMUM)
    stored = suite.rounds.round(shared)
    assert (stored.raised, stored.contributors) == (7_001 * USDC + 1 + 5 * CAP, 3)
    assert suite.state(shared) == State.SUCCEEDED


def test_contribute__pro_rata__minimum_holds_at_any_total(suite, shared, holder):
    with boa.reverts("contribution is too small"):
        suite.pay(shared, holder, MINIMUM - 1)


def test_contribute__pro_rata__total_stays_below_112_bits(suite, contributor, holder):
    round_id = suite.open_now(is_pro_rata=True)
    suite.pay(round_id, contributor, MINIMUM)
    suite.pay(round_id, holder, MAX_112 - MINIMUM)
    suite.asset.approve(suite.rounds, MINIMUM, sender=contributor)
    with boa.reverts("round total is too large"):
        suite.rounds.contribute(round_id, MINIMUM, sender=contributor)
    suite.end_successful(round_id)
    # Of 2^112 - 1 units that 2,000 bought in part, 10 are worth less than one: nothing is used.
    assert MINIMUM * CAP // MAX_112 == 0
    assert suite.rounds.claim(round_id, contributor) == 0
    assert suite.asset.balanceOf(contributor) == MINIMUM
    assert suite.rounds.refundable(round_id, contributor) == 0


def test_finalize__over_subscribed__hands_over_the_cap_less_what_rounding_gives_back(suite, shared):
    suite.end_successful(shared)
    raised = 7_001 * USDC + 1
    minted = suite.tokens_for(shared, CAP)
    assert sole_event(suite.rounds, "RoundFinalized") == (shared, raised, CAP - 2, minted)
    assert suite.treasury.free(FIRST_PURPOSE, suite.asset) == CAP - 2
    stored = suite.rounds.round(shared)
    assert (stored.proceeds, stored.surplus_left) == (CAP - 2, raised - CAP + 2)
    assert suite.rounds.accounted(suite.asset) == raised - CAP + 2


def test_claim__over_subscribed__gives_the_part_and_the_rest_of_what_was_paid(
    suite, shared, contributor, holder, builder, stranger
):
    suite.end_successful(shared)
    for who, paid in ((contributor, 1_000 * USDC), (holder, 3_000 * USDC)):
        tokens = suite.tokens_for(shared, used(paid))
        assert suite.rounds.claimable(shared, who) == tokens
        assert suite.rounds.refundable(shared, who) == paid - used(paid)
        assert suite.rounds.claim(shared, who, sender=stranger) == tokens
        assert sole_event(suite.rounds, "Refunded") == (shared, who, paid - used(paid))
        assert suite.asset.balanceOf(who) == paid - used(paid)
        assert suite.token.balanceOf(who) == suite.token.getVotes(who) == tokens
        with boa.reverts("nothing to settle"):
            suite.rounds.claim(shared, who)
        with boa.reverts("nothing to settle"):
            suite.rounds.refund(shared, who)
    suite.rounds.claim(shared, builder)
    # 2 units were held back; the used parts left out one, which went back to who paid it.
    left_out = CAP - sum(map(used, (1_000 * USDC, 3_000 * USDC, 3_001 * USDC + 1)))
    assert left_out == 1
    assert sole_event(suite.rounds, "SurplusLeft") == (shared, 1)
    assert suite.rounds.accounted(suite.asset) == suite.rounds.accounted(suite.token) == 0
    assert suite.token.balanceOf(suite.rounds) == 0
    assert suite.rounds.skim(suite.asset, stranger, sender=suite.owner) == 2 - left_out
    stored = suite.rounds.round(shared)
    assert (stored.paid_settled, stored.surplus_left) == (stored.raised, 0)


def test_refund__over_subscribed__surplus_alone_then_tokens(suite, shared, contributor):
    suite.warp_to_end(shared)
    with boa.reverts("round is not refundable"):
        suite.rounds.refund(shared, contributor)
    suite.rounds.finalize(shared)
    surplus = 1_000 * USDC - used(1_000 * USDC)
    assert suite.rounds.refund(shared, contributor) == surplus
    assert suite.rounds.claim(shared, contributor) == suite.tokens_for(shared, used(1_000 * USDC))
    assert suite.asset.balanceOf(contributor) == surplus


def test_claim__asset_refuses_the_surplus__tokens_arrive_and_it_stays_owed(
    make_suite, contributor, holder
):
    suite = make_suite(asset=deploy_odd_asset())
    round_id = suite.open_now(is_pro_rata=True)
    for who in (contributor, holder):
        suite.pay(round_id, who, CAP)
    suite.end_successful(round_id)
    suite.asset.set_blacklisted(contributor, True)
    assert suite.rounds.claim(round_id, contributor) == suite.tokens_for(round_id, CAP // 2)
    assert events(suite.rounds, "Refunded") == []
    with boa.reverts("nothing to settle"):
        suite.rounds.claim(round_id, contributor)
    assert suite.rounds.refundable(round_id, contributor) == CAP // 2
    assert suite.rounds.round(round_id).paid_settled == 0
    suite.rounds.claim(round_id, holder)
    suite.asset.set_blacklisted(contributor, False)
    assert suite.rounds.refund(round_id, contributor) == CAP // 2
    assert suite.rounds.round(round_id).paid_settled == 2 * CAP


@pytest.mark.parametrize(("paid", "state"), [(GOAL - 1, State.FAILED), (GOAL, State.SUCCEEDED)])
def test_state__pro_rata_below_the_cap__is_as_first_come(suite, contributor, paid, state):
    round_id = suite.open_now(is_pro_rata=True)
    suite.pay(round_id, contributor, paid)
    suite.warp_to_end(round_id)
    assert suite.state(round_id) == state
    if state == State.FAILED:
        assert suite.rounds.refund(round_id, contributor) == paid
        return
    suite.rounds.finalize(round_id)
    assert suite.rounds.round(round_id).proceeds == paid
    with boa.reverts("round is not refundable"):
        suite.rounds.refund(round_id, contributor)
    assert suite.rounds.claim(round_id, contributor) == suite.tokens_for(round_id, paid)


def test_refund__pro_rata_cancelled__pays_all_that_was_paid(suite, shared, owner, holder):
    suite.rounds.cancel(shared, sender=owner)
    assert suite.rounds.refund(shared, holder) == 3_000 * USDC


def test_finalize__cap_of_two_units_and_many_contributors__everybody_is_settled(suite):
    terms = {"price": TOKEN, "soft_goal": 1, "hard_cap": 2, "min_contribution": 1}
    round_id = suite.open_now(is_pro_rata=True, **terms)
    crowd = [account(f"crowd {i}") for i in range(4)]
    for who in crowd:
        suite.pay(round_id, who, 1)
    suite.end_successful(round_id)
    assert suite.rounds.round(round_id).proceeds == 0
    # Each used part rounds down to nothing: all get all of it back, and no tokens.
    assert suite.rounds.claim_batch(round_id, crowd) == 0
    assert [suite.asset.balanceOf(who) for who in crowd] == [1] * 4
    assert suite.token.totalSupply() == suite.rounds.accounted(suite.asset) == 0


# --- allow-list ---


@pytest.fixture
def listed(suite, contributor, holder, builder) -> tuple[int, AllowList]:
    """A round for three accounts."""
    tree = AllowList.build(1, str(suite.rounds.address), 1, [contributor, holder, builder])
    return suite.open_now(allow_list_root=tree.root), tree


def test_allow_list_leaf__contract_and_python__agree(suite, listed, contributor):
    round_id, tree = listed
    assert suite.rounds.allow_list_leaf(round_id, contributor) == tree.leaf(contributor)
    assert suite.rounds.allow_list_leaf(round_id + 1, contributor) != tree.leaf(contributor)


def test_contribute_with_proof__on_the_list__is_taken(suite, listed, contributor, holder):
    round_id, tree = listed
    for who in (contributor, holder):
        fund_and_approve(suite.asset, who, suite.rounds, MINIMUM)
        taken = suite.rounds.contribute_with_proof(
            round_id, MINIMUM, tree.proof_of(who), sender=who
        )
        assert taken == MINIMUM
        assert event_names(suite.rounds) == ["Contributed", "Transfer"]


def test_contribute__not_on_the_list__is_refused(suite, listed, contributor, stranger):
    round_id, tree = listed
    for who, proof in (
        (stranger, []),
        (stranger, tree.proof_of(contributor)),
        (contributor, tree.proof_of(contributor)[:-1]),
    ):
        fund_and_approve(suite.asset, who, suite.rounds, MINIMUM)
        with boa.reverts("account is not allowed"):
            suite.rounds.contribute_with_proof(round_id, MINIMUM, proof, sender=who)
    with boa.reverts("account is not allowed"):
        suite.rounds.contribute(round_id, MINIMUM, sender=contributor)


def test_contribute_with_permit__list__needs_the_proof_as_well(suite):
    tree = AllowList.build(
        1, str(suite.rounds.address), 1, [SIGNER.address, ZERO_ADDRESS[:-1] + "1"]
    )
    round_id = suite.open_now(allow_list_root=tree.root)
    suite.asset.mint(SIGNER.address, MINIMUM)
    permit = sign_permit(suite.asset, SIGNER, suite.rounds.address, MINIMUM, now())
    call = (round_id, MINIMUM, MINIMUM, now(), *permit)
    with boa.reverts("account is not allowed"):
        suite.rounds.contribute_with_permit(*call, [], sender=SIGNER.address)
    proof = tree.proof_of(SIGNER.address)
    assert suite.rounds.contribute_with_permit(*call, proof, sender=SIGNER.address) == MINIMUM


def test_contribute_with_proof__round_open_to_all__ignores_the_proof(suite, stranger):
    round_id = suite.open_now()
    fund_and_approve(suite.asset, stranger, suite.rounds, MINIMUM)
    assert suite.rounds.contribute_with_proof(round_id, MINIMUM, [b"x" * 32], sender=stranger)


def test_exits__allow_list__never_ask_for_a_proof(suite, listed, contributor, owner):
    round_id, tree = listed
    fund_and_approve(suite.asset, contributor, suite.rounds, MINIMUM)
    proof = tree.proof_of(contributor)
    suite.rounds.contribute_with_proof(round_id, MINIMUM, proof, sender=contributor)
    suite.rounds.cancel(round_id, sender=owner)
    assert suite.rounds.refund(round_id, contributor) == MINIMUM


# --- vesting ---

CLIFF, VESTING = 30 * DAY, 300 * DAY


@pytest.fixture
def vesting(suite, contributor) -> int:
    round_id = suite.open_now(cliff_seconds=CLIFF, vesting_seconds=VESTING)
    suite.pay(round_id, contributor, CAP)
    suite.rounds.finalize(round_id)
    return round_id


@pytest.mark.parametrize(
    ("elapsed", "vested"),
    [
        (0, 0),
        (CLIFF - 1, 0),
        (CLIFF, 4_000 * TOKEN // 10),
        (VESTING // 2, 2_000 * TOKEN),
        (VESTING - 1, 4_000 * TOKEN * (VESTING - 1) // VESTING),
        (VESTING, 4_000 * TOKEN),
        (10 * VESTING, 4_000 * TOKEN),
    ],
)
def test_claim__vesting__is_linear_after_the_cliff(suite, vesting, contributor, elapsed, vested):
    end = suite.opened[vesting]["ends_at"]
    assert suite.rounds.round(vesting).vesting_starts_at == end
    warp_to(max(end + elapsed, now()))
    assert suite.rounds.claimable(vesting, contributor) == vested
    if not vested:
        with boa.reverts("nothing to settle"):
            suite.rounds.claim(vesting, contributor)
        return
    assert suite.rounds.claim(vesting, contributor) == vested
    assert suite.token.getVotes(contributor) == vested
    assert suite.token.balanceOf(suite.rounds) == 4_000 * TOKEN - vested
    done = vested == 4_000 * TOKEN
    assert suite.rounds.round(vesting).paid_settled == (CAP if done else 0)


def test_claim__vesting__many_small_ones_sum_to_all(suite, vesting, contributor, stranger):
    begin, total = suite.opened[vesting]["ends_at"], 0
    for part in (CLIFF, CLIFF + 1, CLIFF + 7, 2 * CLIFF, VESTING - 1, VESTING):
        warp_to(begin + part)
        total += suite.rounds.claim(vesting, contributor, sender=stranger)
    assert total == suite.token.balanceOf(contributor) == 4_000 * TOKEN
    with boa.reverts("nothing to settle"):
        suite.rounds.claim(vesting, contributor)


def test_vesting__unvested_tokens__have_no_votes_and_earn_nothing(suite, vesting, contributor):
    suite.warp_to_end(vesting, VESTING // 2)
    assert suite.token.getVotes(contributor) == suite.token.getVotes(suite.rounds) == 0
    assert suite.token.is_excluded(suite.rounds)
    epoch = suite.token.epoch_at(now())
    assert suite.token.balance_seconds(contributor, epoch) == 0


def test_claim__vesting_and_surplus__surplus_comes_at_once(suite, contributor, holder):
    round_id = suite.open_now(is_pro_rata=True, cliff_seconds=CLIFF, vesting_seconds=VESTING)
    for who in (contributor, holder):
        suite.pay(round_id, who, CAP)
    suite.end_successful(round_id)
    assert suite.rounds.claim(round_id, contributor) == 0
    assert suite.asset.balanceOf(contributor) == CAP // 2
    warp_to(now() + VESTING)
    assert suite.rounds.claim(round_id, contributor) == 2_000 * TOKEN


# --- batches ---


def test_refund_batch__some_cannot_be_paid__the_others_are(make_suite, stranger):
    suite = make_suite(asset=deploy_odd_asset())
    round_id, crowd = suite.open_now(), [account(f"crowd {i}") for i in range(4)]
    for who in crowd:
        suite.pay(round_id, who, MINIMUM)
    suite.warp_to_end(round_id)
    suite.asset.set_blacklisted(crowd[1], True)
    batch = [crowd[0], crowd[1], crowd[0], stranger, *crowd[2:]]
    assert suite.rounds.refund_batch(round_id, batch, sender=stranger) == 3 * MINIMUM
    refunded = [event.account for event in events(suite.rounds, "Refunded")]
    assert refunded == [crowd[0], crowd[2], crowd[3]]
    assert suite.rounds.refundable(round_id, crowd[1]) == MINIMUM
    assert suite.rounds.accounted(suite.asset) == suite.asset.balanceOf(suite.rounds) == MINIMUM
    assert suite.rounds.round(round_id).paid_settled == 3 * MINIMUM
    assert suite.rounds.refund_batch(round_id, batch) == 0
    suite.asset.set_blacklisted(crowd[1], False)
    assert suite.rounds.refund_batch(round_id, batch) == MINIMUM


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RETURNS_FALSE | Fault.MOVES_NOTHING,
        Fault.REVERTS,
        Fault.BURNS_GAS,
        Fault.PAUSED,
    ],
)
def test_refund_batch__asset_refuses_everybody__all_stay_owed(make_suite, contributor, fault):
    suite = make_suite(asset=deploy_odd_asset())
    round_id = suite.open_now()
    suite.pay(round_id, contributor, MINIMUM)
    suite.warp_to_end(round_id)
    suite.asset.misbehave(fault, Entry.TRANSFER)
    assert suite.rounds.refund_batch(round_id, [contributor]) == 0
    assert suite.rounds.refundable(round_id, contributor) == MINIMUM
    suite.asset.misbehave(Fault.RETURNS_NOTHING, Entry.TRANSFER)
    assert suite.rounds.refund_batch(round_id, [contributor]) == MINIMUM


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RETURNS_FALSE,
        Fault.RETURNS_GARBAGE,
        Fault.RETURNS_SHORT,
        Fault.FEE_ON_SENDER,
        Fault.MOVES_NOTHING,
    ],
)
def test_refund_batch__asset_moves_otherwise_than_it_says__reverts(make_suite, contributor, fault):
    suite = make_suite(asset=deploy_odd_asset())
    round_id = suite.open_now()
    suite.pay(round_id, contributor, MINIMUM)
    suite.pay(suite.open_now(), contributor, MINIMUM)
    suite.warp_to_end(round_id)
    suite.asset.misbehave(fault, Entry.TRANSFER)
    with boa.reverts("asset took a fee"):
        suite.rounds.refund_batch(round_id, [contributor])
    assert suite.rounds.refundable(round_id, contributor) == MINIMUM


def test_batches__wrong_state_or_too_many__revert(suite, contributor):
    round_id = suite.open_now()
    with boa.reverts("round is not refundable"):
        suite.rounds.refund_batch(round_id, [contributor])
    with boa.reverts("round is not finalized"):
        suite.rounds.claim_batch(round_id, [contributor])
    for call in (suite.rounds.claim_batch, suite.rounds.refund_batch):
        with reverts_otherwise("the decoder takes no longer list, without a word"):
            call(round_id, [contributor] * 51)


def test_claim_batch__mixed__pays_who_has_something(suite, shared, contributor, holder, stranger):
    suite.end_successful(shared)
    suite.rounds.claim(shared, contributor)
    got = suite.rounds.claim_batch(shared, [stranger, contributor, holder, holder])
    assert got == suite.token.balanceOf(holder) == suite.tokens_for(shared, used(3_000 * USDC))


# --- position ---


def test_position__through_a_round__tells_where_the_account_stands(suite, shared, contributor):
    paid, part = 1_000 * USDC, used(1_000 * USDC)
    tokens = suite.tokens_for(shared, part)
    assert tuple(suite.rounds.position(shared, contributor)) == (paid, part, tokens, 0, contributor)
    suite.end_successful(shared)
    suite.rounds.claim(shared, contributor)
    assert tuple(suite.rounds.position(shared, contributor)) == (
        *(paid, part, tokens, tokens, contributor),
    )
