"""FundingRounds with every odd token at every entry point that moves it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import boa
import pytest

from tests.kits.funding import (
    FINALIZE_SECONDS,
    NOTICE_SECONDS,
    REDEEM_SECONDS,
    TERMS,
    TOKEN,
    USDC,
    RoundsSuite,
    State,
    deploy_rounds_suite,
)
from tests.odd_assets import (
    HARMLESS_FAULTS,
    NAMED_FAULTS,
    REASONS,
    REFUSED_FAULTS,
    Entry,
    Fault,
    deploy_odd_asset,
)
from tests.support import (
    MAX_UINT,
    account,
    deploy_asset,
    fund_and_approve,
    now,
    pass_time,
    reverts_otherwise,
)

# Of a refusal whose words are not told.
WHY = "each fault of the asset has words of its own, or none"

CAP = TERMS["hard_cap"]
PAID = 100 * USDC
DONATION = 777
# What the rounds refuse beyond `REFUSED_FAULTS`, by the direction of the transfer.
REFUSED_IN = REFUSED_FAULTS | {Fault.FEE_ON_RECEIVER: "asset took a fee"}
REFUSED_OUT = REFUSED_FAULTS | {Fault.FEE_ON_SENDER: "asset took a fee"}


# --- the table: kind of token x kind of movement => what happens ---

TABLE = """
kind                  | in      | handed  | out    | tried | released | skim
plain                 | ok      | ok      | ok     | ok    | ok       | ok
no return value       | ok      | ok      | ok     | ok    | ok       | ok
false, moves          | failed  | approve | failed | fee   | failed   | failed
false, stays          | failed  | approve | failed | owed  | failed   | failed
garbage, moves        | reverts | reverts | reverts| fee   | reverts  | reverts
garbage, stays        | reverts | reverts | reverts| owed  | reverts  | reverts
short, moves          | reverts | reverts | reverts| fee   | reverts  | reverts
true, stays           | fee     | allow   | fee    | fee   | fee      | fee
fee on receiver       | fee     | fee     | ok     | ok    | missing  | ok
fee on sender         | ok      | short   | fee    | fee   | fee      | fee
paused                | paused  | paused  | paused | owed  | paused   | paused
reverts               | reverts | reverts | reverts| owed  | reverts  | reverts
burns gas             | reverts | reverts | reverts| owed  | reverts  | reverts
reverts on zero       | ok      | ok      | ok     | ok    | ok       | ok
reverts over 96 bits  | ok      | ok      | ok     | ok    | ok       | ok
reverts on reapproval | ok      | ok      | ok     | ok    | ok       | ok
hook of the receiver  | reverts | reverts | ok     | ok    | reverts  | ok
blacklists            | black   | black   | black  | owed  | black    | black
rebased down          | ok      | low     | low    | owed  | missing  | nothing
rebased up            | ok      | ok      | ok     | ok    | ok       | more
"""


class Scene(NamedTuple):
    """A moment in which each entry point that moves money has something to move."""

    suite: RoundsSuite
    payer: str
    receiver: str
    live: int  # open
    won: int  # full, not finalized
    shared: int  # over-subscribed and finalized: half of what `receiver` paid is surplus
    lost: int  # failed
    over: int  # its redemption is over
    abandoned: int  # its wind-down is being redeemed
    noticed: int  # its wind-down may begin


def abandon(suite: RoundsSuite, receiver: str) -> int:
    """A round that brings CAP to its purpose, and the notice of its wind-down."""
    owner, rounds = suite.owner, suite.rounds
    round_id = suite.open_now()
    suite.pay(round_id, receiver, CAP)
    rounds.finalize(round_id)
    purpose = suite.opened[round_id]["purpose"]
    suite.treasury.allow_wind_down(purpose, suite.asset, suite.redemptions, sender=owner)
    suite.redemptions.announce(round_id, 1, sender=owner)
    return round_id


@pytest.fixture(scope="module")
def scene() -> Scene:
    suite = deploy_rounds_suite(account("governance"), asset=deploy_odd_asset())
    payer, receiver = account("payer"), account("receiver")
    over = abandon(suite, receiver)
    pass_time(NOTICE_SECONDS)
    suite.redemptions.begin(over)
    pass_time(REDEEM_SECONDS)
    abandoned, noticed = abandon(suite, receiver), abandon(suite, receiver)
    pass_time(NOTICE_SECONDS)
    suite.redemptions.begin(abandoned)
    suite.token.approve(suite.redemptions, MAX_UINT, sender=receiver)
    shared = suite.open_now(is_pro_rata=True, ends_at=now() + 1)
    lost = suite.open_now(ends_at=now() + 1)
    for who in (payer, receiver):
        suite.pay(shared, who, CAP)
    suite.pay(lost, receiver, PAID)
    suite.end_successful(shared)
    won, live = suite.open_now(), suite.open_now()
    suite.pay(won, payer, CAP)
    fund_and_approve(suite.asset, payer, suite.rounds, PAID)
    suite.asset.mint(payer, PAID)  # out of which to pay a fee on the sender
    for ledger in (suite.rounds, suite.redemptions):
        suite.asset.mint(ledger, DONATION)
    rounds = (live, won, shared, lost, over, abandoned, noticed)
    return Scene(suite, payer, receiver, *rounds)


def permitted(s: Scene) -> Any:
    """The odd token knows no permit, so that its allowance counts."""
    permit = (PAID, now(), 27, b"", b"")
    return s.suite.rounds.contribute_with_permit(s.live, PAID, *permit, [], sender=s.payer)


# Entry point => column of the table, call, and what it changes in the balance of its contract.
MOVES: dict[str, tuple[str, Callable[[Scene], Any], int]] = {
    "contribute": ("in", lambda s: s.suite.rounds.contribute(s.live, PAID, sender=s.payer), PAID),
    "contribute_with_permit": ("in", permitted, PAID),
    "finalize": ("handed", lambda s: s.suite.rounds.finalize(s.won), -CAP),
    "close": ("handed", lambda s: s.suite.redemptions.close(s.over), -CAP),
    "refund": ("out", lambda s: s.suite.rounds.refund(s.lost, s.receiver), -PAID),
    "refund of surplus": ("out", lambda s: s.suite.rounds.refund(s.shared, s.receiver), -CAP // 2),
    "redeem": (
        "out",
        lambda s: s.suite.redemptions.redeem(
            s.abandoned, s.receiver, 2 * TOKEN, 0, s.receiver, sender=s.receiver
        ),
        -USDC,
    ),
    "claim": ("tried", lambda s: s.suite.rounds.claim(s.shared, s.receiver), -CAP // 2),
    "claim_batch": (
        "tried",
        lambda s: s.suite.rounds.claim_batch(s.shared, [s.receiver]),
        -CAP // 2,
    ),
    "refund_batch": ("tried", lambda s: s.suite.rounds.refund_batch(s.lost, [s.receiver]), -PAID),
    "begin": ("released", lambda s: s.suite.redemptions.begin(s.noticed), CAP),
    "skim": (
        "skim",
        lambda s: s.suite.rounds.skim(s.suite.asset, s.receiver, sender=s.suite.owner),
        -DONATION,
    ),
    "skim of the redemptions": (
        "skim",
        lambda s: s.suite.redemptions.skim(s.suite.asset, s.receiver, sender=s.suite.owner),
        -DONATION,
    ),
}
# Of the Redemptions; all others are the rounds'.
REDEMPTIONS = {"close", "redeem", "begin", "skim of the redemptions"}


def cells() -> list[tuple[str, str, str]]:
    """Kind, entry point and result, read from the table."""
    header, *rows = ([cell.strip() for cell in row.split("|")] for row in TABLE.split("\n")[1:-1])
    results = [dict(zip(header, row, strict=True)) for row in rows]
    return [
        (row["kind"], move, row[column])
        for row in results
        for move, (column, _, _) in MOVES.items()
    ]


def spoil(s: Scene, kind: str, ledger: Any) -> None:
    """Turns the asset into one of this kind, everywhere at once; `ledger` is rebased."""
    asset = s.suite.asset
    if kind == "blacklists":
        for who in (s.payer, s.receiver, s.suite.treasury):
            asset.set_blacklisted(who, True)
    elif kind.startswith("rebased"):
        asset.rebase(ledger, 0 if kind == "rebased down" else asset.balanceOf(ledger) + PAID)
    else:
        asset.misbehave(NAMED_FAULTS[kind], Entry.ALL)


@pytest.mark.parametrize(("kind", "move", "result"), cells())
def test_table__kind_of_token__does_what_it_says(scene, kind, move, result):
    asset = scene.suite.asset
    ledger = scene.suite.redemptions if move in REDEMPTIONS else scene.suite.rounds
    _, call, change = MOVES[move]
    with boa.env.anchor():
        spoil(scene, kind, ledger)
        held, owed = asset.balanceOf(ledger), ledger.accounted(asset)
        if result in REASONS:
            with expect_revert(REASONS[result]):
                call(scene)
            moved = 0
        else:
            call(scene)
            moved = {"owed": 0, "nothing": 0, "more": change - PAID}.get(result, change)
        assert asset.balanceOf(ledger) == held + moved
        assert ledger.accounted(asset) == owed + (0 if "skim" in move else moved)
        if result == "owed":
            assert_still_owed(scene, move)


def assert_still_owed(s: Scene, move: str) -> None:
    """The money waits; the tokens of a claim do not."""
    rounds = s.suite.rounds
    if move == "refund_batch":
        assert rounds.refundable(s.lost, s.receiver) == PAID
        return
    assert rounds.refundable(s.shared, s.receiver) == CAP // 2
    assert s.suite.token.balanceOf(s.receiver) == s.suite.tokens_for(s.shared, CAP // 2)


def test_table__every_fault_of_a_token__has_a_row():
    shown = {fault for kind in NAMED_FAULTS.values() for fault in Fault if fault and fault in kind}
    assert shown == {fault for fault in Fault if fault}
    assert {kind for kind, _, _ in cells()} >= NAMED_FAULTS.keys()


# --- whole stories ---


@pytest.fixture
def odd(make_suite):
    return make_suite(asset=deploy_odd_asset())


def expect_revert(reason: str | None):
    return boa.reverts(reason) if reason else reverts_otherwise(WHY)


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_round__harmless_token__succeeds_and_fails_as_usual(odd, fault, contributor, holder):
    won, lost = odd.open_now(), odd.open_now()
    odd.asset.misbehave(fault, Entry.ALL)
    assert odd.pay(won, contributor, 2 * CAP) == CAP
    assert odd.pay(lost, holder, PAID) == PAID
    odd.rounds.finalize(won)
    odd.warp_to_end(lost)
    assert odd.rounds.claim(won, contributor) == odd.tokens_for(won, CAP)
    assert odd.rounds.refund(lost, holder) == PAID
    assert odd.asset.balanceOf(odd.treasury) == CAP
    assert odd.asset.balanceOf(odd.rounds) == 0


@pytest.mark.parametrize(("fault", "reason"), REFUSED_OUT.items())
def test_refund__faulty_token__reverts_and_is_owed_until_it_works(odd, fault, reason, contributor):
    round_id = odd.open_now()
    odd.pay(round_id, contributor, PAID)
    odd.pay(odd.open_now(), contributor, PAID)
    odd.warp_to_end(round_id)
    odd.asset.misbehave(fault, Entry.TRANSFER)
    with expect_revert(reason):
        odd.rounds.refund(round_id, contributor)
    assert odd.rounds.refundable(round_id, contributor) == PAID
    odd.asset.misbehave(Fault.NONE, Entry.TRANSFER)
    assert odd.rounds.refund(round_id, contributor) == PAID


@pytest.mark.parametrize(
    ("fault", "entries"),
    [(fault, Entry.TRANSFER_FROM) for fault in (*REFUSED_IN, Fault.FEE_ON_SENDER)]
    + [
        (fault, Entry.APPROVE)
        for fault in (
            Fault.RETURNS_FALSE,
            Fault.RETURNS_GARBAGE,
            Fault.RETURNS_SHORT,
            Fault.MOVES_NOTHING,
            Fault.PAUSED,
            Fault.REVERTS,
            Fault.BURNS_GAS,
        )
    ],
)
def test_finalize__faulty_token__reverts_and_the_deadline_pays_back(
    odd, fault, entries, contributor
):
    """Nothing is minted, nothing is lost: the round turns into a failed one."""
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.asset.mint(odd.rounds, CAP)  # a fee on the sender could be paid out of a donation
    odd.asset.misbehave(fault, entries)
    with reverts_otherwise(WHY):
        odd.rounds.finalize(round_id)
    assert odd.state(round_id) == State.SUCCEEDED
    assert odd.token.totalSupply() == 0
    odd.warp_to_end(round_id, FINALIZE_SECONDS)
    assert odd.rounds.refund(round_id, contributor) == CAP


def test_finalize__blacklisted_treasury__pays_back_after_the_deadline(odd, contributor):
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.asset.set_blacklisted(odd.treasury, True)
    with boa.reverts("account is blacklisted"):
        odd.rounds.finalize(round_id)
    odd.warp_to_end(round_id, FINALIZE_SECONDS)
    assert odd.rounds.refund(round_id, contributor) == CAP


def test_claim__dead_asset__still_gives_the_tokens(odd, contributor):
    """Once the proceeds are handed over, the asset has no say."""
    round_id = odd.open_now()
    odd.pay(round_id, contributor, CAP)
    odd.rounds.finalize(round_id)
    odd.asset.misbehave(Fault.BURNS_GAS, Entry.ALL)
    odd.asset.set_blacklisted(contributor, True)
    assert odd.rounds.claim(round_id, contributor) == odd.tokens_for(round_id, CAP)


@pytest.mark.parametrize("decimals", [2, 18, 24])
def test_round__other_decimals__price_scales(make_suite, decimals, contributor, holder):
    """Half a unit of currency per token, whatever its decimals."""
    unit = 10**decimals
    suite = make_suite(asset=deploy_asset("COIN", decimals))
    round_id = suite.open_now(
        price=unit // 2, soft_goal=1_000 * unit, hard_cap=2_000 * unit, min_contribution=unit
    )
    suite.pay(round_id, contributor, 999 * unit)
    suite.pay(round_id, holder, 5_000 * unit)
    suite.rounds.finalize(round_id)
    assert suite.rounds.claim(round_id, contributor) == 1_998 * TOKEN
    assert suite.rounds.claim(round_id, holder) == 2_002 * TOKEN
