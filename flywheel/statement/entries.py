"""Which event makes which entries: a table per contract.

Events that are missing here move no balance (texts, energy, grants, most settings).
"""

from flywheel.chain.connection import ZERO_ADDRESS
from flywheel.deploy.parameters import GRANTS_PURPOSE, RESERVE_PURPOSE
from flywheel.statement.ballot_entries import BALLOT_APPLIERS, V
from flywheel.statement.book import Applier, Book, Event
from flywheel.statement.license_entries import (
    CATALOG_APPLIERS,
    ENFORCEMENT_APPLIERS,
    MARKET_APPLIERS,
    K,
    L,
    N,
)
from flywheel.statement.reward_entries import REWARD_APPLIERS, C
from flywheel.statement.round_entries import REDEMPTION_APPLIERS, ROUND_APPLIERS, F
from flywheel.statement.royalty_entries import ROUTER_APPLIERS, R

T, H = "Treasury", "HolderIncome"
G = "GovernanceToken"


def apply(book: Book, event: Event) -> None:
    """Enters one event; events have to come in the order of the chain."""
    applier = APPLIERS.get(event.contract, {}).get(event.name)
    if applier is not None:
        applier(book, event)


# --- GovernanceToken ---


def _transfer(book: Book, e: Event) -> None:
    if e.sender == ZERO_ADDRESS:
        book.add(e.value, G, "supply")
    else:
        book.add(-e.value, G, "balance", e.sender)
    if e.receiver == ZERO_ADDRESS:
        book.add(-e.value, G, "supply")
    else:
        book.add(e.value, G, "balance", e.receiver)


def _votes(book: Book, e: Event) -> None:
    book.put(e.newVotes, G, "votes", e.delegate)


# --- Treasury ---


def _free(book: Book, amount: int, purpose: int, asset: str) -> None:
    book.add(amount, T, "free", purpose, asset)


def _deposited(book: Book, e: Event) -> None:
    _free(book, e.amount, e.purpose, e.asset)
    book.add(e.amount, T, "accounted", e.asset)


def _spent(book: Book, e: Event) -> None:
    _free(book, -e.amount, e.purpose, e.asset)
    book.add(-e.amount, T, "accounted", e.asset)


def _moved(book: Book, e: Event) -> None:
    _free(book, -e.amount, e.from_purpose, e.asset)
    _free(book, e.amount, e.to_purpose, e.asset)


def _committed(book: Book, e: Event) -> None:
    book.memory[T, e.commitment_id] = e.purpose
    _free(book, -e.amount, e.purpose, e.asset)
    book.add(e.amount, T, "committed", e.purpose, e.asset)
    book.add(e.amount, T, "commitment", e.commitment_id)


def _commitment_taken(book: Book, e: Event) -> int:
    purpose = int(book.memory[T, e.commitment_id])
    book.add(-e.amount, T, "committed", purpose, e.asset)
    book.add(-e.amount, T, "commitment", e.commitment_id)
    return purpose


def _commitment_paid(book: Book, e: Event) -> None:
    _commitment_taken(book, e)
    book.add(-e.amount, T, "accounted", e.asset)


def _commitment_released(book: Book, e: Event) -> None:
    _free(book, e.amount, _commitment_taken(book, e), e.asset)


def _wind_down_allowed(book: Book, e: Event) -> None:
    book.put(int(e.controller, 16), T, "wind-down controller", e.purpose, e.asset)


def _income_received(book: Book, e: Event) -> None:
    book.add(e.amount, T, "income", e.epoch, e.asset)
    book.add(e.amount, T, "unclosed income", e.asset)
    book.add(e.amount, T, "accounted", e.asset)


def _epoch_closed(book: Book, e: Event) -> None:
    whole = e.to_holders + e.to_grants + e.to_reserve
    book.add(-whole, T, "unclosed income", e.asset)
    _free(book, e.to_grants, GRANTS_PURPOSE, e.asset)
    _free(book, e.to_reserve, RESERVE_PURPOSE, e.asset)
    book.add(-e.to_holders, T, "accounted", e.asset)
    # Arrives at HolderIncome in the same transaction; its own events say in which pot.
    book.add(e.to_holders, H, "accounted", e.asset)
    # Compared even if no pot is known.
    book.add(0, H, "pot", e.epoch, e.asset)


def _holders_wait(sign: int) -> Applier:
    """Undoes what the closing said of the holders' part, and does it once it is pushed."""

    def enter(book: Book, e: Event) -> None:
        for contract, account, amount in (
            (T, "waiting income", e.amount),
            (T, "accounted", e.amount),
            (H, "accounted", -e.amount),
        ):
            book.add(sign * amount, contract, account, e.asset)

    return enter


def _in_kind(sign: int) -> Applier:
    def enter(book: Book, e: Event) -> None:
        book.add(sign * e.amount, T, "in kind", e.asset)
        book.add(sign * e.amount, T, "accounted", e.asset)

    return enter


# --- HolderIncome ---


def _pot_funded(book: Book, e: Event) -> None:
    book.take_all(H, "carried", e.asset)
    book.add(e.amount, H, "pot", e.epoch, e.asset)


def _pot_carried(book: Book, e: Event) -> None:
    book.add(e.amount, H, "carried", e.asset)


def _income_lapsed(book: Book, e: Event) -> None:
    book.add(-e.amount, H, "carried", e.asset)
    book.add(e.amount, H, "lapsed", e.asset)


def _lapsed_returned(book: Book, e: Event) -> None:
    book.add(-e.amount, H, "lapsed", e.asset)
    book.add(-e.amount, H, "accounted", e.asset)


def _income_claimed(book: Book, e: Event) -> None:
    for epoch, amount in enumerate(e.amounts, e.first_epoch):
        if amount:
            book.add(amount, H, "claimed", epoch, e.asset)
    book.add(-sum(e.amounts), H, "accounted", e.asset)


def _pot_recycled(book: Book, e: Event) -> None:
    book.add(-e.amount, H, "accounted", e.asset)


APPLIERS: dict[str, dict[str, Applier]] = {
    G: {"Transfer": _transfer, "DelegateVotesChanged": _votes},
    V: BALLOT_APPLIERS,
    F: ROUND_APPLIERS,
    "Redemptions": REDEMPTION_APPLIERS,
    T: {
        "Deposited": _deposited,
        "Spent": _spent,
        "Moved": _moved,
        "Committed": _committed,
        "CommitmentPaid": _commitment_paid,
        "CommitmentReleased": _commitment_released,
        "WindDownAllowed": _wind_down_allowed,
        "WindDownReleased": _spent,
        "IncomeReceived": _income_received,
        "EpochClosed": _epoch_closed,
        "HoldersWait": _holders_wait(1),
        "HoldersPushed": _holders_wait(-1),
        "ReceivedInKind": _in_kind(1),
        "SpentInKind": _in_kind(-1),
    },
    H: {
        "PotFunded": _pot_funded,
        "PotCarried": _pot_carried,
        "IncomeLapsed": _income_lapsed,
        "LapsedReturned": _lapsed_returned,
        "IncomeClaimed": _income_claimed,
        "PotRecycled": _pot_recycled,
    },
    R: ROUTER_APPLIERS,
    C: REWARD_APPLIERS,
    K: CATALOG_APPLIERS,
    L: MARKET_APPLIERS,
    N: ENFORCEMENT_APPLIERS,
}
