"""Supporters of a round whose money goes back: announce by vote, begin, redeem, close."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.funding.rounds import get_round
from flywheel.governance import proposals
from flywheel.states import RoundState

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class WindDown:
    """How the money of a round goes back; units of its asset, times in Unix seconds."""

    starts_at: int
    expires_at: int
    min_pool: int
    pool: int
    paid: int
    returned: int
    closes_at: int


def propose_wind_down(
    suite: Suite, proposer: "AccountAPI", round_id: int, min_pool: int
) -> proposals.Proposal:
    """Proposes to give the free money of a round's purpose back to those who paid it in."""
    terms = get_round(suite, round_id)
    if terms.state != RoundState.FINALIZED:
        raise fix(
            f"Round {round_id} is {terms.state.name}: its money went to no purpose",
            "See 'ape run raise show'",
        )
    name = connection.call(suite.treasury.purpose_name, terms.purpose)
    actions = [
        proposals.action(
            suite.treasury,
            "allow_wind_down",
            terms.purpose,
            terms.asset,
            str(suite.redemptions.address),
            words=f"let Redemptions take the free money of purpose {terms.purpose} ({name})",
        ),
        proposals.action(
            suite.redemptions,
            "announce",
            round_id,
            min_pool,
            words=f"announce to wind round {round_id} down",
        ),
    ]
    return proposals.propose(suite, proposer, f"Wind round {round_id} down", actions)


def wind_down(suite: Suite, caller: "AccountAPI", round_id: int) -> int:
    """Takes the money of an abandoned purpose back: after the notice, and what came free later once
    it has begun. Returns units."""
    method = suite.redemptions.begin
    if suite.redemptions.wind_down(round_id).pool:
        method = suite.redemptions.top_up
    receipt = connection.send(method, round_id, sender=caller)
    return int(connection.event_of(receipt, suite.redemptions.PoolFilled).amount)


def close_wind_down(suite: Suite, caller: "AccountAPI", round_id: int) -> int:
    """Gives what nobody redeemed in time back to the purpose; returns units."""
    receipt = connection.send(suite.redemptions.close, round_id, sender=caller)
    return int(connection.event_of(receipt, suite.redemptions.WindDownClosed).returned)


def wind_down_of(suite: Suite, round_id: int) -> WindDown:
    """The wind-down of a round; all zero without one."""
    found = suite.redemptions.wind_down(round_id)
    return WindDown(
        int(found.starts_at),
        int(found.expires_at),
        int(found.min_pool),
        int(found.pool),
        int(found.paid),
        int(found.returned),
        int(found.closes_at),
    )


def redeemable(suite: Suite, round_id: int, account: str, holder: str) -> tuple[int, int]:
    """Token wei that `holder` may still burn on `account`'s position, with what it holds, and the
    units that they bring, with what was not collected yet."""
    position = suite.rounds.position(round_id, account)
    burned = int(suite.redemptions.burned(round_id, account))
    in_round = int(position.tokens) - int(position.tokens_out)
    held = in_round + int(suite.token.balanceOf(holder))
    tokens = min(int(position.tokens) - burned, held)
    return tokens, worth_of(suite, round_id, account, tokens)


def worth_of(suite: Suite, round_id: int, account: str, tokens: int) -> int:
    """Units that burning `tokens` on a position would bring now."""
    burned = int(suite.redemptions.burned(round_id, account))
    due = int(suite.redemptions.redemption_value(round_id, burned + tokens))
    past = int(suite.redemptions.redemption_value(round_id, burned))
    return due - past + int(suite.redemptions.collectable(round_id, account))


def redeem(
    suite: Suite,
    owner: "AccountAPI",
    round_id: int,
    tokens: int,
    min_out: int,
    account: str | None = None,
    receiver: str | None = None,
) -> int:
    """Burns tokens for money of a wind-down, allowing the burn first; returns units. What came in
    later for tokens that are burned already is paid with it, or alone if `tokens` is zero."""
    me = str(owner.address)
    account, receiver = account or me, receiver or me
    if not tokens:
        method = suite.redemptions.collect_to
        receipt = connection.send(method, round_id, account, receiver, sender=owner)
    else:
        # All of them, wherever they are: a stranger may claim them in between.
        if int(suite.token.allowance(me, suite.redemptions.address)) < tokens:
            connection.send(suite.token.approve, suite.redemptions.address, tokens, sender=owner)
        arguments = (round_id, account, tokens, min_out, receiver)
        receipt = connection.send(suite.redemptions.redeem, *arguments, sender=owner)
    return int(connection.event_of(receipt, suite.redemptions.RedemptionPaid).amount)
