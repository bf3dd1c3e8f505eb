"""Supporters: contribute to a round, then claim tokens or take the refund."""

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from flywheel import chain
from flywheel.actions import assets
from flywheel.errors import fix
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

PERMIT_SECONDS = 3_600


class RoundState(IntFlag):
    PENDING = 1
    OPEN = 2
    SUCCEEDED = 4
    FINALIZED = 8
    FAILED = 16
    CANCELLED = 32


@dataclass(frozen=True)
class Round:
    """A funding round as it stands; amounts in units of the asset, times in Unix seconds."""

    round_id: int
    state: RoundState
    price: int
    soft_goal: int
    hard_cap: int
    min_contribution: int
    max_contribution: int
    starts_at: int
    ends_at: int
    raised: int
    tokens_minted: int
    terms_uri: str


def get_round(suite: Suite, round_id: int) -> Round:
    """Reads one round. Raises `FlywheelError` if it does not exist."""
    count = int(suite.rounds.round_count())
    if not 1 <= round_id <= count:
        raise fix(f"There is no round {round_id}", f"Rounds 1 to {count} exist")
    data = suite.rounds.round(round_id)
    terms = data.terms
    return Round(
        round_id=round_id,
        state=RoundState(suite.rounds.state(round_id)),
        price=terms.price,
        soft_goal=terms.soft_goal,
        hard_cap=terms.hard_cap,
        min_contribution=terms.min_contribution,
        max_contribution=terms.max_contribution,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        raised=data.raised,
        tokens_minted=data.tokens_minted,
        terms_uri=terms.terms_uri,
    )


def contribute(
    suite: Suite, supporter: "AccountAPI", round_id: int, amount: int, permit: bool = False
) -> int:
    """Pays `amount` units into a round; returns what was taken (less when it fills the cap)."""
    if permit:
        assets.require_balance(suite, str(supporter.address), amount)
        deadline = chain.now() + PERMIT_SECONDS
        v, r, s = assets.sign_permit(suite, supporter, suite.rounds, amount, deadline)
        receipt = chain.send(
            suite.rounds.contribute_with_permit,
            round_id,
            amount,
            amount,
            deadline,
            v,
            r,
            s,
            sender=supporter,
        )
    else:
        assets.ensure_allowance(suite, supporter, suite.rounds, amount)
        receipt = chain.send(suite.rounds.contribute, round_id, amount, sender=supporter)
    return int(chain.event_of(receipt, suite.rounds.Contributed).amount)


def finalize(suite: Suite, caller: "AccountAPI", round_id: int) -> int:
    """Closes a successful round; returns the token wei minted."""
    receipt = chain.send(suite.rounds.finalize, round_id, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.RoundFinalized).tokens_minted)


def claim(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> int:
    """Brings `account` its tokens; returns token wei."""
    receipt = chain.send(suite.rounds.claim, round_id, account, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.TokensClaimed).amount)


def refund(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> int:
    """Brings `account` back what it paid; returns units."""
    receipt: ReceiptAPI = chain.send(suite.rounds.refund, round_id, account, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.Refunded).amount)
