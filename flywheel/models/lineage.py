"""What models owe their ancestors, and how a payment divides, worked out apart from the contracts:
for display and for checks.

Written from interfaces/ILineageRules.vyi (steps 1 to 6) and interfaces/IRoyaltyRouter.vyi, over
dictionaries instead of packed words.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

BPS = 10_000
MAX_ANCESTORS = 16
MAX_OWED_BPS = 5_000


@dataclass(frozen=True)
class Link:
    """A parent and what its licence asks; `own`: it belongs to the child's owner, asks nothing."""

    parent: int
    share_bps: int = 0
    own: bool = False


@dataclass(frozen=True)
class Share:
    """A receiver of a model's own revenue: any name, or TREASURY."""

    receiver: object
    bps: int


TREASURY = "treasury"
Table = dict[int, int]


def table_of(
    links: Sequence[Link],
    tables: Mapping[int, Table],
    floors: Mapping[int, int] | None = None,
    foundations: Container[int] = (),
) -> Table:
    """Ancestor -> bps of what is paid for the child, in the contract's order.

    `tables`: of the parents at least; `floors`: of foundations now, in bps; `foundations`: the
    models of that kind. Raises ValueError, with the contract's reason, where the contract reverts.
    """
    if len({link.parent for link in links}) < len(links):
        raise ValueError("parent is repeated")
    if any(link.share_bps > MAX_OWED_BPS for link in links if not link.own):
        raise ValueError("ancestors exceed 5000 bps")
    floors = floors or {}
    licensed: Table = {}
    own: Table = {}
    made_by: dict[int, int] = {}
    for link in links:
        for ancestor, bps in _parts(link, tables[link.parent]).items():
            if bps or ancestor in foundations:
                made_by.setdefault(ancestor, link.parent)
            if link.own:
                own[ancestor] = max(own.get(ancestor, 0), bps)
            else:
                licensed[ancestor] = licensed.get(ancestor, 0) + bps
    table = {key: licensed.get(key, 0) + own.get(key, 0) for key in made_by}
    kept = {link.parent for link in links if not link.own}
    kept |= {key for key in table if floors.get(key)}
    while len(table) > MAX_ANCESTORS:
        droppable = [key for key in table if key not in kept]
        if not droppable:
            raise ValueError("too many ancestors")
        dropped = min(droppable, key=lambda key: table[key])
        part, heir = table.pop(dropped), made_by[dropped]
        table[heir if heir in table else max(table, key=lambda key: table[key])] += part
    table = {key: max(bps, floors.get(key, 0)) for key, bps in table.items()}
    if sum(table.values()) > MAX_OWED_BPS:
        raise ValueError("ancestors exceed 5000 bps")
    return table


def _parts(link: Link, table: Table) -> Table:
    """What one link gives each ancestor of its parent and then the parent (step 1)."""
    if link.own:
        return table | {link.parent: 0}
    parts = {key: link.share_bps * bps // BPS for key, bps in table.items()}
    return parts | {link.parent: link.share_bps - sum(parts.values())}


@dataclass(frozen=True)
class Division:
    """What one settlement gives to whom: ancestors by model id, the model's own receivers; and what
    waits on, of what was paid and of the model's own."""

    ancestors: dict[int, int]
    receivers: dict[object, int]
    pending: int
    own: int


def divide(
    pending: int, own: int, table: Table, split: Sequence[Share], fee_bps: int = 0
) -> Division:
    """Divides the whole blocks of 10,000 units that were paid for a model and that are its own."""
    blocks = pending // BPS
    fee = blocks * fee_bps
    ancestors = {key: blocks * bps for key, bps in table.items()}
    own += blocks * BPS - fee - sum(ancestors.values())
    receivers: dict[object, int] = {TREASURY: fee}
    for share in split:
        part = own // BPS * share.bps
        receivers[share.receiver] = receivers.get(share.receiver, 0) + part
    return Division(
        {key: part for key, part in ancestors.items() if part},
        {key: part for key, part in receivers.items() if part},
        pending % BPS,
        own % BPS,
    )


@dataclass
class Earnings:
    """What one model had so far: paid for it, brought by descendants, passed on to ancestors."""

    paid: int = 0
    inherited: int = 0
    passed_on: int = 0


@dataclass
class Books:
    """The money of a whole lineage in one asset, model by model: what the RoyaltyRouter must say.

    Models are numbered from 1 as they are added, parents before their children.
    """

    fees: list[int] = field(default_factory=list)
    tables: dict[int, Table] = field(default_factory=dict)
    splits: dict[int, Sequence[Share]] = field(default_factory=dict)
    floors: dict[int, int] = field(default_factory=dict)
    foundations: set[int] = field(default_factory=set)
    earnings: dict[int, Earnings] = field(default_factory=dict)
    credits: dict[object, int] = field(default_factory=lambda: defaultdict(int))
    _waiting: dict[int, Earnings] = field(default_factory=lambda: defaultdict(Earnings))

    def add(
        self,
        links: Sequence[Link],
        split: Sequence[Share],
        fee_bps: int = 0,
        *,
        foundation: bool = False,
    ) -> int:
        """Registers a model; returns its number. Raises ValueError where the registry reverts."""
        table = table_of(links, self.tables, self.floors, self.foundations)
        self.fees.append(fee_bps)
        number = len(self.fees)
        if foundation:
            self.foundations.add(number)
        self.tables[number], self.splits[number] = table, split
        self.earnings[number] = Earnings()
        return number

    def pay(self, model: int, amount: int) -> None:
        self._waiting[model].paid += amount
        self.earnings[model].paid += amount

    def settle(self, model: int) -> Division | None:
        """Divides what waits for a model; None if there is no whole block of it."""
        waiting = self._waiting.pop(model, Earnings())
        done = divide(
            waiting.paid,
            waiting.inherited,
            self.tables[model],
            self.splits[model],
            self.fees[model - 1],
        )
        self._waiting[model] = Earnings(paid=done.pending, inherited=done.own)
        if not done.ancestors and not done.receivers:
            return None
        for ancestor, part in done.ancestors.items():
            self._waiting[ancestor].inherited += part
            self.earnings[ancestor].inherited += part
            self.earnings[model].passed_on += part
        for receiver, part in done.receivers.items():
            self.credits[receiver] += part
        return done

    def waiting(self, model: int | None = None) -> int:
        """Units that wait in the router, of `model` or of all."""
        items = self._waiting.values() if model is None else [self._waiting[model]]
        return sum(item.paid + item.inherited for item in items)

    def settle_all(self) -> int:
        """Settles every model, descendants before their ancestors; returns how many had money."""
        models = range(len(self.fees), 0, -1)
        return sum(self.settle(model) is not None for model in models)
