"""Entries of the licences: what they owe and paid, their bonds, what waits for a decision."""

from collections.abc import Mapping

from flywheel.statement.book import Applier, Book, Event

K, L, N = "LicenseCatalog", "LicenseMarket", "LicenseEnforcement"


# --- LicenseCatalog ---


def _offered(book: Book, e: Event) -> None:
    book.memory[K, e.terms_id] = e.terms["asset"] if isinstance(e.terms, Mapping) else e.terms.asset


# --- LicenseMarket: interest apart, which grows without an event ---


def _bought(book: Book, e: Event) -> None:
    book.memory[L, e.license_id] = book.memory[K, e.terms_id]


def _owes(book: Book, e: Event, due: int) -> None:
    """A period owes `due` from now on: a report replaces an estimate, a decision a report."""
    key = (L, e.license_id, e.period)
    book.add(due - book.memory.get(key, 0), L, "due", e.license_id)
    book.memory[key] = due


def _due(book: Book, e: Event) -> None:
    _owes(book, e, e.due)


def _paid(book: Book, e: Event) -> None:
    book.add(e.amount, L, "paid", e.license_id)


def _interest_paid(book: Book, e: Event) -> None:
    book.add(-e.amount, L, "paid", e.license_id)


def _interest_returned(book: Book, e: Event) -> None:
    book.add(e.amount, L, "paid", e.license_id)


def _decided(book: Book, e: Event) -> None:
    _owes(book, e, e.new_due)


# --- LicenseEnforcement ---


def _held(book: Book, amount: int, license_id: int) -> None:
    book.add(amount, N, "accounted", book.memory[L, license_id])


def _bonded(book: Book, e: Event) -> None:
    book.add(e.amount, N, "bond", e.license_id)
    book.add(e.amount, N, "accounted", e.asset)


def _bond_used(book: Book, e: Event) -> None:
    book.add(-e.amount, N, "bond", e.license_id)
    _held(book, -e.amount, e.license_id)


def _bond_forfeited(book: Book, e: Event) -> None:
    """All of the bond is lost: what does not go to the model waits for who paid the audit."""
    book.add(-e.amount - e.audit_paid, N, "bond", e.license_id)
    book.add(e.audit_paid, N, "refund", e.auditor, book.memory[L, e.license_id])
    _held(book, -e.amount, e.license_id)


def _disputed(book: Book, e: Event) -> None:
    book.memory[N, e.license_id, e.period] = e.account
    book.add(e.amount, N, "in dispute", e.license_id, e.period)
    _held(book, e.amount, e.license_id)


def _dispute_decided(book: Book, e: Event) -> None:
    account = book.memory[N, e.license_id, e.period]
    book.add(-e.upheld - e.refunded, N, "in dispute", e.license_id, e.period)
    book.add(e.refunded, N, "refund", account, book.memory[L, e.license_id])
    _held(book, -e.upheld, e.license_id)


def _refunded(book: Book, e: Event) -> None:
    book.add(-e.amount, N, "refund", e.account, e.asset)
    book.add(-e.amount, N, "accounted", e.asset)


CATALOG_APPLIERS: dict[str, Applier] = {"TermsOffered": _offered}
MARKET_APPLIERS: dict[str, Applier] = {
    "LicenseBought": _bought,
    "PeriodReported": _due,
    "PeriodEstimated": _due,
    "RoyaltyPaid": _paid,
    "InterestPaid": _interest_paid,
    "InterestReturned": _interest_returned,
    "PeriodDecided": _decided,
}
ENFORCEMENT_APPLIERS: dict[str, Applier] = {
    "BondReceived": _bonded,
    "Enforced": _bond_used,
    "BondReturned": _bond_used,
    "BondForfeited": _bond_forfeited,
    "Disputed": _disputed,
    "DisputeDecided": _dispute_decided,
    "Refunded": _refunded,
}
