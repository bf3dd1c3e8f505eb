"""Attacks on grants and energy reports: registered beside the defence that each aims at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.attack.mutants import check_changes, mutate_all
from tests.kits.grants import MODEL, World, make_report, make_world, milestone_terms
from tests.support import DAY

# File stem, defence, what stands in its place.
Change = tuple[str, str, str]
Run = Callable[[World], bool]


@dataclass(frozen=True)
class Attack:
    """`run` returns whether the attacker got what it wanted; `stem` is what is mutated."""

    run: Run
    stem: str
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        check_changes(self.changes)

    def gains(self) -> bool:
        return self.run(make_world())

    def gains_without_defence(self) -> bool:
        return self.run(make_world(**{self.stem: mutate_all(self.stem, self.changes)}))


@dataclass
class Attacks:
    """The attacks of one file, by name."""

    found: dict[str, Attack] = field(default_factory=dict)

    def __call__(self, stem: str, *changes: Change) -> Callable[[Run], Run]:
        """Registers an attack that `changes` of the source would let through."""

        def register(run: Run) -> Run:
            self.found[run.__name__] = Attack(run, stem, changes)
            return run

        return register


def report_model(world: World, model_id: int, **changes: Any) -> int:
    """The builder's report on a model."""
    data = make_report(model_id, 0, subject_kind=MODEL, **changes)
    return world.ledger.report(data, sender=world.builder)


def with_report(world: World) -> tuple[int, int]:
    """A grant of two milestones that demand energy, and a report on its first."""
    grant_id = world.active(
        milestones=[
            milestone_terms(energy_required=True),
            milestone_terms(due_seconds=60 * DAY, energy_required=True),
        ]
    )
    return grant_id, world.report(grant_id, 1)
