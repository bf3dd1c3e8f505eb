"""Statements: every balance rebuilt from events alone, and compared with the chain.

`book` keeps the entries, `entries` says which event makes which (those of rounds and ballots in
files of their own), `reads` which view must show the same, `chain_events` fetches events and
`event_store` keeps them, `as_of` reads all of it at one block, `report` prints an epoch. A contract
that gets a new event or balance needs a line in `entries.APPLIERS` and one in `reads.READS`.
"""

from flywheel.statement.as_of import Checked, check
from flywheel.statement.book import Book, Event
from flywheel.statement.chain_events import fetch
from flywheel.statement.reads import Difference, differences
from flywheel.statement.report import epoch_report, rebuild, summary

__all__ = [
    "Book",
    "Checked",
    "Difference",
    "Event",
    "check",
    "differences",
    "epoch_report",
    "fetch",
    "rebuild",
    "summary",
]
