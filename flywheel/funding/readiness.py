"""Whether a round takes contributions, can be finalized, or pays tokens or money back now.

Said before anything is sent. Each function raises `FlywheelError` with the reason in words and what
to do; the order is: wrong time, wrong amount.
"""

from flywheel.amounts import Unit
from flywheel.errors import FlywheelError, fix
from flywheel.funding.rounds import Round
from flywheel.states import RoundState
from flywheel.wording.lexicon import in_time

SEE = "See it with 'ape run raise show'"
# What there is to do about a round that is over.
NEXT = {
    RoundState.SUCCEEDED: "Anybody may finalize it: 'ape run raise finalize'",
    RoundState.FINALIZED: "Contributors take their tokens: 'ape run raise claim'",
    RoundState.FAILED: "Contributors take their money back: 'ape run raise refund'",
    RoundState.CANCELLED: "Contributors take their money back: 'ape run raise refund'",
}


def require_contribution(terms: Round, unit: Unit, amount: int, now: int) -> None:
    """Unless the round takes contributions of `amount` units."""
    if terms.state == RoundState.PENDING:
        raise fix(f"Round {terms.round_id} opens {in_time(terms.starts_at, now)}", "Come back then")
    if terms.state != RoundState.OPEN:
        raise _over(terms, now)
    room = terms.hard_cap - terms.raised
    fills = not terms.is_pro_rata and amount >= room
    if amount < terms.min_contribution and not fills:
        raise fix(
            f"A contribution of {unit.show(amount)} is below {unit.show(terms.min_contribution)}",
            "Pay more",
        )


def require_ended(terms: Round, now: int) -> None:
    """Unless the round can be finalized."""
    if terms.state in (RoundState.PENDING, RoundState.OPEN):
        goal = "" if terms.raised >= terms.soft_goal else " if it has reached its goal"
        raise fix(
            f"Round {terms.round_id} ends {in_time(terms.ends_at, now)}", f"Finalize it then{goal}"
        )
    if terms.state != RoundState.SUCCEEDED:
        raise _over(terms, now)


def require_tokens(terms: Round, now: int) -> None:
    """Unless the round hands out tokens."""
    if terms.state in (RoundState.PENDING, RoundState.OPEN):
        raise fix(
            f"Round {terms.round_id} ends {in_time(terms.ends_at, now)}",
            "Its tokens can be claimed once it is finalized",
        )
    if terms.state != RoundState.FINALIZED:
        raise _over(terms, now)


def require_refunds(terms: Round, now: int) -> None:
    """Unless the round pays money back: all of it, or the surplus of a pro-rata round."""
    if terms.state in (RoundState.PENDING, RoundState.OPEN):
        raise fix(
            f"Round {terms.round_id} ends {in_time(terms.ends_at, now)}",
            "Money comes back if it fails or is cancelled, a surplus once it is finalized",
        )
    if terms.state == RoundState.SUCCEEDED or (
        terms.state == RoundState.FINALIZED and not terms.surplus_left
    ):
        raise _over(terms, now)


def _over(terms: Round, now: int) -> FlywheelError:
    word = str(terms.state.name).lower()
    when = f", it ended {in_time(terms.ends_at, now)}" if terms.ends_at <= now else ""
    return fix(f"Round {terms.round_id} is {word}{when}", NEXT.get(terms.state, SEE))
