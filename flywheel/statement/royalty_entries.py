"""Entries of RoyaltyRouter: what models received, what is their own, whom it was credited to."""

from eth_utils import to_checksum_address

from flywheel.royalties.receivers import ACCOUNT, ANCESTOR, CAMPAIGN, TREASURY, parts
from flywheel.statement.book import Applier, Book, Event

R = "RoyaltyRouter"


def _received(book: Book, e: Event) -> None:
    book.add(e.amount, R, "pending", e.model_id, e.asset)
    book.add(e.amount, R, "accounted", e.asset)


def _settled(book: Book, e: Event) -> None:
    book.put(e.pending, R, "pending", e.model_id, e.asset)
    book.put(e.own, R, "own pending", e.model_id, e.asset)
    for kind, number, amount in parts(e.parts):
        if kind == TREASURY:
            book.add(amount, R, "treasury credit", e.asset)
        elif kind == ACCOUNT:
            account = to_checksum_address(number.to_bytes(20, "big"))
            book.add(amount, R, "credit", account, e.asset)
        elif kind == CAMPAIGN:
            book.add(amount, R, "campaign credit", number, e.asset)
        elif kind == ANCESTOR:
            book.add(amount, R, "own pending", number, e.asset)


def _withdrawn(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "credit", e.account, e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


def _income_forwarded(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "treasury credit", e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


def _campaign_forwarded(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "campaign credit", e.campaign_id, e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


ROUTER_APPLIERS: dict[str, Applier] = {
    "RoyaltyReceived": _received,
    "RoyaltySettled": _settled,
    "Withdrawn": _withdrawn,
    "IncomeForwarded": _income_forwarded,
    "CampaignForwarded": _campaign_forwarded,
}
