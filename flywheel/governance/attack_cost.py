"""What the turnouts of the last votes would make an attack cost, and what it could take at once.

An attacker is taken to buy from all holders alike, and of the others the part that took part in a
past vote is taken to vote against it: the model of docs/ECONOMICS.md, at the price of the last
round that brought money. Buying many tokens in a market costs more.
"""

from dataclasses import dataclass

from flywheel.amounts import BPS
from flywheel.chain import connection
from flywheel.deploy.parameters import TOKEN_DECIMALS
from flywheel.deploy.suite import Suite
from flywheel.funding import rounds
from flywheel.governance import proposals
from flywheel.states import ProposalState, RoundState
from flywheel.treasury import buckets

# How many votes are looked back at.
LAST_VOTES = 5
DAYS = 30


@dataclass(frozen=True)
class AttackCost:
    """One class of proposals: token wei that pass it, units of the asset they cost and take."""

    proposal_class: str
    tokens: int
    # None before a round brought money.
    price: int | None
    taken: int


@dataclass(frozen=True)
class Exposure:
    """What an attack meets today: tokens that can vote, and the least that took part in a vote.

    `turnout` is in token wei; None where no vote has ended.
    """

    counted: int
    turnout: int | None
    classes: tuple[AttackCost, AttackCost]


def exposure(suite: Suite, past: list[proposals.Proposal]) -> Exposure:
    """Reads it in the suite's own asset: an ordinary proposal, and a strict one.

    `past` is the history, oldest first.
    """
    now = connection.now() - 1
    governor = suite.governor
    circulating = int(connection.call(suite.token.past_quorum_supply, now))
    counted = circulating - int(connection.call(suite.rounds.unvested_at, now))
    quorum = int(connection.call(governor.quorum, now))
    strict_quorum = -(-counted * int(governor.STRICT_QUORUM_BPS()) // BPS)
    turnout = least_turnout(suite, past)
    against = min(turnout or 0, counted)
    free, ordinary = within_reach(suite)
    price = last_price(suite)
    majority = int(governor.STRICT_MAJORITY_BPS())
    needed = (
        ("ordinary", tokens_needed(counted, against, quorum, BPS // 2), ordinary),
        (
            "strict",
            tokens_needed(counted, against, max(quorum, strict_quorum), majority),
            free,
        ),
    )
    first, second = (
        AttackCost(name, tokens, _cost(tokens, price), taken) for name, tokens, taken in needed
    )
    return Exposure(counted, turnout, (first, second))


def rows(suite: Suite, found: Exposure) -> list[tuple[str, ...]]:
    """Class, tokens that pass it, their share of all that vote, their price, what it takes."""
    return [
        (
            item.proposal_class,
            suite.tokens(-(-item.tokens // 10**TOKEN_DECIMALS) * 10**TOKEN_DECIMALS),
            f"{item.tokens / found.counted:.1%}" if found.counted else "none can vote",
            "no round yet" if item.price is None else suite.money(item.price),
            suite.money(item.taken),
        )
        for item in found.classes
    ]


def basis(suite: Suite, found: Exposure) -> str:
    """What the figures assume, in a sentence or two."""
    against = "Nobody is taken to vote against it, as no vote has ended yet"
    part = _part_against(found)
    if part is not None:
        against = (
            f"Of the other holders {part:.1%} are taken to vote against "
            f"it, the least turnout of the last {LAST_VOTES} votes that ended"
        )
    return (
        f"{against}; {suite.tokens(found.counted)} can vote. Tokens are bought from all alike at "
        "the price of the last round; docs/ECONOMICS.md has the price of a market, and the tables "
        "for other turnouts."
    )


def sentences(suite: Suite, found: Exposure) -> list[str]:
    """The same in words, one line for each class."""
    against = "nobody against them, as no vote has ended yet"
    part = _part_against(found)
    if part is not None:
        against = f"{part:.1%} of the others against them, the least of late"
    return [
        f"{kind.capitalize()} votes pass with {tokens} ({share} of what can vote, {price} at the "
        f"price of the last round) and {against}; they could take {taken} within {DAYS} days"
        for kind, tokens, share, price, taken in rows(suite, found)
    ]


def tokens_needed(counted: int, turnout: int, quorum: int, majority_bps: int) -> int:
    """Least votes for, in token wei, that pass a vote of `counted` tokens.

    Of the others the part `turnout / counted` votes against, rounded down. The votes for reach the
    quorum, are more than those against, and are at least `majority_bps` of both.
    """

    def passes(bought: int) -> bool:
        against = (counted - bought) * turnout // counted
        return bought > against and bought * BPS >= majority_bps * (bought + against)

    # More votes for leave fewer against: what passes begins somewhere and ends nowhere.
    low, high = quorum, max(quorum, counted)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle + 1, high)
    return low


def least_turnout(suite: Suite, past: list[proposals.Proposal]) -> int | None:
    """The fewest tokens that took part in one of the last votes that ended, cancelled aside."""
    turnouts: list[int] = []
    now = connection.now()
    for proposal in reversed(past):
        if len(turnouts) == LAST_VOTES:
            break
        is_over = int(suite.governor.proposalDeadline(proposal.proposal_id)) < now
        state = proposals.state(suite, proposal.proposal_id)
        if is_over and state != ProposalState.CANCELED:
            turnouts.append(sum(proposals.votes(suite, proposal.proposal_id).values()))
    return min(turnouts, default=None)


def within_reach(suite: Suite) -> tuple[int, int]:
    """Free money of the suite's asset, and what ordinary votes could take of it within the caps."""
    asset = str(suite.asset.address)
    free, grantable = 0, 0
    for bucket in buckets.purposes(suite, asset):
        free += int(bucket.free)
        grantable += int(suite.treasury.grantable(bucket.purpose, asset))
    return free, min(free, grantable + int(suite.treasury.spendable(asset)))


def last_price(suite: Suite) -> int | None:
    """Units of the suite's asset for one whole token in the last round that brought money in it."""
    for terms in reversed(rounds.list_rounds(suite)):
        if terms.state == RoundState.FINALIZED and terms.asset == str(suite.asset.address):
            return terms.price
    return None


def _part_against(found: Exposure) -> float | None:
    """Which part of the others is taken to vote against; None where no vote has ended."""
    if found.turnout is None or not found.counted:
        return None
    return found.turnout / found.counted


def _cost(tokens: int, price: int | None) -> int | None:
    return None if price is None else -(-tokens * price // 10**TOKEN_DECIMALS)
