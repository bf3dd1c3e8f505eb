"""Calls made up from the ABIs, and what they write: for properties that hold for every function.

A new function is called like all others, so it fails the properties until it keeps them, or until
their tables say why it need not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import boa

from tests.attack.test_access import changing_functions, neutral
from tests.busy_suite import BusySuite
from tests.support import MAX_UINT

# Inputs that number something: each is tried with every small number.
NUMBERS = re.compile(r"(_id|^token_id|epoch|purpose|period|milestone|index)$")
IDS = range(11)
PEOPLE = ("contributor", "holder", "licensee", "builder", "provider", "model_owner", "publisher")
# Of one function and sender; what is left out is a stretch of the longest products only.
MOST_ROWS = 400


@dataclass(frozen=True)
class Call:
    """One call of a function of the suite."""

    stem: str
    function: str
    args: tuple[Any, ...]
    sender: str

    def calldata(self, suite: Any) -> bytes:
        return bytes(getattr(suite[self.stem], self.function).prepare_calldata(*self.args))


def domain(busy: BusySuite, item: dict[str, Any]) -> list[Any]:
    """Values for an ABI input with which nothing is moved: every id, and amounts of zero."""
    kind, name = item["type"], item["name"]
    people = [busy.people[person] for person in PEOPLE]
    if kind == "uint256" and NUMBERS.search(name):
        return list(IDS)
    if kind == "uint256" and name == "max_cost":
        return [MAX_UINT]
    if kind == "uint256" and name.endswith("_count"):
        return [2]
    if kind == "address" and name in ("asset", "token"):
        return [busy.suite.asset.address]
    if kind == "address":
        return people
    if kind == "address[]" and name == "assets":
        return [[busy.suite.asset.address]]
    if kind == "address[]" and name in ("accounts", "contributors", "holders"):
        return [people]
    return [neutral(item)]


def empty_calls(busy: BusySuite, stem: str, function: str, sender: str) -> Iterator[Call]:
    """Calls of `function` by `sender` with every id and nothing in them."""
    for entry in changing_functions(busy.suite[stem])[function]:
        domains = [domain(busy, item) for item in entry["inputs"]]
        rows = list(product(*domains))
        # An even choice, if there are too many.
        step = max(1, -(-len(rows) // MOST_ROWS))
        for args in islice(rows, 0, None, step):
            yield Call(stem, function, args, sender)


Writes = dict[tuple[str, int], tuple[int, int]]


def writes_of(busy: BusySuite, call: Call) -> Writes | None:
    """Storage that `call` would change, (contract, slot) => (before, after); None if it reverts.

    Nothing is kept of it.
    """
    env = boa.env
    env.sstore_trace = {}
    with env.anchor():
        result = env.execute_code(
            to_address=busy.suite[call.stem].address,
            sender=call.sender,
            data=call.calldata(busy.suite),
        )
        if result.is_error:
            return None
        touched = [(str(a), slot) for a, slots in env.sstore_trace.items() for slot in slots]
        after = {place: env.get_storage(*place) for place in touched}
    before = {place: env.get_storage(*place) for place in touched}
    return {p: (before[p], after[p]) for p in touched if before[p] != after[p]}


def run(busy: BusySuite, call: Call) -> bool:
    """Makes the call; says whether it went through."""
    result = boa.env.execute_code(
        to_address=busy.suite[call.stem].address,
        sender=call.sender,
        data=call.calldata(busy.suite),
    )
    return not result.is_error
