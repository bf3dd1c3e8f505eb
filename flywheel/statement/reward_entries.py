"""Entries of ContributorRewards: free money of campaigns, drops, and their pages.

The contract accounts for nothing by asset. What it owes follows from its events, and must be there.
"""

from collections.abc import Mapping

from flywheel.rewards.leaves import PAGE, parts_of
from flywheel.statement.book import Applier, Book, Event

C = "ContributorRewards"


def _free(book: Book, drop_id: int, amount: int) -> None:
    drop = parts_of(drop_id)
    book.add(amount, C, "free", drop.campaign_id, drop.asset)


def _funded(book: Book, e: Event) -> None:
    book.add(e.amount, C, "free", e.campaign_id, e.asset)
    book.add(e.amount, C, "owed", e.asset)


def _proposed(book: Book, e: Event) -> None:
    # web3 makes a mapping of a struct, boa a tuple.
    total = int(e.terms["total" if isinstance(e.terms, Mapping) else 3])
    _free(book, e.drop_id, -total)
    book.add(total, C, "unopened", e.drop_id)


def _taken_back(book: Book, e: Event) -> None:
    _free(book, e.drop_id, book.take_all(C, "unopened", e.drop_id))


def _page_opened(book: Book, e: Event) -> None:
    book.add(-e.total, C, "unopened", e.drop_id)
    book.add(e.total, C, "left", e.drop_id, e.page)


def _claimed(book: Book, e: Event) -> None:
    # An event has an index of its own, that of its log.
    page = int(e.arguments["index"]) // PAGE
    book.add(-e.amount, C, "left", e.drop_id, page)
    book.add(-e.amount, C, "owed", parts_of(e.drop_id).asset)


def _ended(book: Book, e: Event) -> None:
    _taken_back(book, e)
    for page in e.pages:
        _free(book, e.drop_id, book.take_all(C, "left", e.drop_id, page))


def _dormant_sent(book: Book, e: Event) -> None:
    book.add(-e.amount, C, "free", e.campaign_id, e.asset)
    book.add(-e.amount, C, "owed", e.asset)


REWARD_APPLIERS: dict[str, Applier] = {
    "CampaignFunded": _funded,
    "DropProposed": _proposed,
    "DropWithdrawn": _taken_back,
    "DropCancelled": _taken_back,
    "PageOpened": _page_opened,
    "RewardClaimed": _claimed,
    "DropEnded": _ended,
    "DormantMoneySent": _dormant_sent,
}
