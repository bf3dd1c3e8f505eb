"""Attacks on grants and energy reports: registered beside the defence that each aims at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_utils import keccak

from tests import support
from tests.attack.mutants import check_changes, mutate_all
from tests.kits.governance import MIN_DELAY, Batch, Proposal, governor_arguments
from tests.kits.grants import (
    BUILDER_KEY,
    DATA,
    EVIDENCE,
    MODEL,
    PHASE_TRAINING,
    PRICE,
    REASON,
    USDC,
    World,
    make_report,
    make_world,
    milestone_terms,
)
from tests.support import DAY, ZERO_ADDRESS, works

# File stem, defence, what stands in its place.
Change = tuple[str, str, str]
Run = Callable[[World], bool]
# Between an approval, or an acceptance, and the next submission.
SPACING_SECONDS = 14 * DAY
# Of `data_grant`: what each of its three milestones pays, and the whole.
PART = 40_000 * USDC
WHOLE_GRANT = 3 * PART
# Votes that all objections are a part of.
VOTES = 100 * 10**18


@dataclass(frozen=True)
class Attack:
    """`run` returns whether the attacker got what it wanted; `stem` is what is mutated."""

    run: Run
    stem: str
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        check_changes(self.changes)

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


# --- grants ---


def data_terms(first: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Changes of the terms: three equal milestones of a data set, without compute and model;
    `first` are changes of the first milestone."""
    milestones = [milestone_terms(PART, due * DAY) for due in (30, 60, 90)]
    milestones[0] = milestone_terms(PART, 30 * DAY, **(first or {}))
    fields = {"kind": DATA, "milestones": milestones, "bond": WHOLE_GRANT // 10}
    return fields | changes


def data_grant(world: World, first: dict[str, Any] | None = None, **changes: Any) -> int:
    """An active grant of `data_terms`."""
    return int(world.active(**data_terms(first, **changes)))


def with_report(world: World) -> tuple[int, int]:
    """A grant whose first two milestones demand energy, and a report on its first."""
    energy = {"energy_phase": PHASE_TRAINING}
    milestones = [
        milestone_terms(PART, 30 * DAY, **energy),
        milestone_terms(PART, 60 * DAY, **energy),
        milestone_terms(PART, 90 * DAY),
    ]
    grant_id = data_grant(world, milestones=milestones)
    return grant_id, world.report(grant_id, 1)


def report_model(world: World, model_id: int, **changes: Any) -> int:
    """The builder's report on a model."""
    data = make_report(model_id, 0, subject_kind=MODEL, **changes)
    return int(world.ledger.report(data, sender=world.builder))


def submit_now(world: World, grant_id: int, who: str | None = None) -> None:
    """Submits the milestone in turn, which asks for nothing, without waiting."""
    named = (EVIDENCE, "ipfs://evidence", 0, 0, 0)
    world.grants.submit(grant_id, *named, sender=who or world.builder)


def to_the_last(world: World, grant_id: int) -> None:
    """Accepts all milestones but the last, in silence."""
    while world.in_turn(grant_id) < world.applications.application(grant_id).milestone_count:
        world.accept(grant_id)


def hand_over(world: World, grant_id: int, heir: str) -> None:
    world.grants.propose_recipient(grant_id, heir, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=heir)


def replace_number(world: World, grant_id: int) -> None:
    """The builder takes its submission back and hands in another one."""
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    world.submit(grant_id, evidence=b"\x07" * 32)


# --- votes ---


def holder(world: World, name: str, bps: int) -> str:
    """An account with `bps` of VOTES; the owner has all others once, given with the first."""
    who = support.account(name)
    if world.token.totalSupply() == 0:
        world.give_votes(world.owner, VOTES)
    world.token.delegate(who, sender=who)
    world.token.transfer(who, VOTES * bps // 10_000, sender=world.owner)
    support.pass_time(2)
    return who


def object_by(world: World, grant_id: int, who: str) -> bool:
    """Whether `who` may object to the milestone in turn."""
    return works(world.grants.object, grant_id, world.in_turn(grant_id), REASON, sender=who)


def with_governor(world: World) -> Any:
    """A Governor whose proposers need a single vote, named in the grants; it owns nothing."""
    timelock = support.deploy(
        "Timelock", MIN_DELAY, [], [ZERO_ADDRESS], world.owner, sender=world.owner
    )
    rules = {"proposal_threshold": 1, "quorum_minimum": 1, "grants": world.grants.address}
    arguments = governor_arguments(world.token, timelock, **rules)
    governor = support.deploy("Governor", *arguments, sender=world.owner)
    world.grants.set_governor(governor, sender=world.owner)
    if world.token.totalSupply() == 0:
        world.give_votes(world.owner, VOTES)
    support.pass_time(2)
    return governor


def decision(
    world: World, governor: Any, grant_id: int, number: int = 1, words: str = "decide"
) -> Proposal:
    """A proposal, made by the owner, that rejects a submission of milestone 1."""
    args = (grant_id, 1, number, 0, REASON)
    batch = Batch().add(world.grants, "decide", *args)
    return Proposal(governor, batch, words, world.owner).propose()


def escalate(world: World, grant_id: int, words: str = "decide") -> bool:
    """Whether a proposal of `decision` may be named."""
    args = (grant_id, 1, 0, REASON, keccak(text=words))
    return works(world.grants.escalate, *args, sender=world.stranger)


def objected(world: World, **changes: Any) -> int:
    """A grant whose first submission the guardian objects to."""
    grant_id = data_grant(world, **changes)
    world.submit(grant_id)
    world.object(grant_id)
    return grant_id


def held_at_the_due_date(world: World) -> int:
    """A grant whose first submission came in the last second, and that only a vote accepts."""
    who = holder(world, "large", 500)
    grant_id = data_grant(world)
    support.pass_time(30 * DAY - 1)
    world.submit(grant_id)
    assert object_by(world, grant_id, who)
    return grant_id


def is_accepted_after(world: World, grant_id: int, seconds: int) -> bool:
    """Whether time alone pays the milestone in review `seconds` from now."""
    support.pass_time(seconds)
    return works(world.grants.draw, grant_id)


# --- compute ---


def own_offer(world: World, price: int = PRICE, **changes: Any) -> tuple[int, str]:
    """An offer of the builder's own company."""
    company = support.account("the builder's company")
    return world.offer(price, provider=company, **changes), company


def sign(escrow: Any, order_id: int, gpu_seconds: int) -> bytes:
    """The builder's signature of whatever this escrow says that a voucher's digest is."""
    digest = escrow.voucher_digest(order_id, gpu_seconds)
    return bytes(Account.unsafe_sign_hash(digest, BUILDER_KEY).signature)


def leased(world: World, seconds: int = 10 * DAY, gpus: int = 4, **changes: Any) -> tuple[int, int]:
    """A grant and its running lease."""
    grant_id = world.active(**changes)
    return grant_id, world.order(grant_id, world.offer(), gpus=gpus, seconds=seconds)
