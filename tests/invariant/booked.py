"""What machines share that follow a suite's events with `flywheel.statement`."""

from typing import Any

import boa
import pytest

from flywheel.deploy.suite import Suite
from flywheel.statement import Book, Event, differences
from flywheel.statement.entries import apply
from tests.support import now


class Booked:
    """A suite whose calls are entered in `book`; `names`: address of a contract -> its name."""

    suite: Suite
    names: dict[str, str]
    book: Book

    def call(self, name: str, function: str, *args: Any, sender: str) -> Any:
        """Calls a contract of the suite and enters its events in the book."""
        contract = self.suite[name]
        result = getattr(contract, function)(*args, sender=sender)
        for index, log in enumerate(contract.get_logs()):
            emitter = self.names.get(str(log.address))
            if emitter is not None:
                arguments = dict(zip(log._fields[1:], log[1:], strict=True))
                apply(self.book, Event(emitter, type(log).__name__, arguments, 0, index, now()))
        return result

    def differences(self) -> list[str]:
        """Figures on which book and chain do not agree; assets are read from titanoboa's chain."""
        with pytest.MonkeyPatch.context() as patch:
            at = "flywheel.statement.reads.at"
            patch.setattr(at, lambda _, address: boa.env.lookup_contract(address))
            return list(map(str, differences(self.suite, self.book)))
