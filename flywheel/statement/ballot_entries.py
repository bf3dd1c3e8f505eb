"""Entries of the Governor: proposals, ballots and its settings."""

from collections.abc import Callable

from flywheel.statement.book import Book, Event

V = "Governor"
# `support` of a ballot.
CHOICES = ("against", "for", "abstain")
# Event => setting, and the argument that has its new value.
SETTINGS = {
    "VotingDelaySet": ("voting delay", "newVotingDelay"),
    "VotingPeriodSet": ("voting period", "newVotingPeriod"),
    "ProposalThresholdSet": ("proposal threshold", "newProposalThreshold"),
    "QuorumNumeratorUpdated": ("quorum numerator", "newQuorumNumerator"),
    "QuorumMinimumSet": ("quorum minimum", "new_minimum"),
    "LateQuorumVoteExtensionSet": ("late quorum extension", "newVoteExtension"),
}


def _created(book: Book, e: Event) -> None:
    book.add(1, V, "proposals")
    # Compared even if no ballot is known.
    for choice in CHOICES:
        book.add(0, V, choice, e.proposalId)


def _cast(book: Book, e: Event) -> None:
    book.add(e.weight, V, CHOICES[e.support], e.proposalId)


def _extended(book: Book, e: Event) -> None:
    book.put(e.extendedDeadline, V, "deadline", e.proposalId)


def _setting(name: str, argument: str) -> Callable[[Book, Event], None]:
    return lambda book, e: book.put(e.arguments[argument], V, name)


BALLOT_APPLIERS: dict[str, Callable[[Book, Event], None]] = {
    "ProposalCreated": _created,
    "VoteCast": _cast,
    "VoteCastWithParams": _cast,
    "ProposalExtended": _extended,
    **{event: _setting(*names) for event, names in SETTINGS.items()},
}
