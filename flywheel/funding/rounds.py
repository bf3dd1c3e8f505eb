"""Supporters: contribute to a round, then claim tokens or take the refund."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel import documents
from flywheel.amounts import Unit
from flywheel.chain import connection, logs, signatures
from flywheel.deploy import parameters
from flywheel.deploy.parameters import FIRST_ROUND_PURPOSE, RoundParameters
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import fix, unknown
from flywheel.governance import proposals
from flywheel.states import RoundState
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

    from flywheel.funding.allow_list import AllowList

PERMIT_SECONDS = 3_600
BATCH = 50
NO_ROOT = bytes(32)


@dataclass(frozen=True)
class Round:
    """A funding round as it stands; amounts in units of the asset, times in Unix seconds."""

    round_id: int
    state: RoundState
    price: int
    soft_goal: int
    hard_cap: int
    min_contribution: int
    max_contribution: int
    starts_at: int
    ends_at: int
    raised: int
    tokens_minted: int
    terms_uri: str
    asset: str
    purpose: int
    is_pro_rata: bool
    has_allow_list: bool
    cliff_seconds: int
    vesting_seconds: int
    contributors: int
    surplus_left: int


@dataclass(frozen=True)
class Claimed:
    """What a claim brought one account: token wei, and units of surplus."""

    tokens: int = 0
    surplus: int = 0


@dataclass(frozen=True)
class Contribution:
    """What one account did in a round, from events: units of the asset, and token wei."""

    account: str
    paid: int
    refunded: int
    tokens: int
    redeemed: int


def load_round(path: Path, unit: Unit) -> RoundParameters:
    """A round's terms from a checked file, whose amounts are in `unit`.

    Raises `FlywheelError` with file, line and reason.
    """
    data = documents.load(path, "round")
    terms = parameters.round_from(data["round"], unit.decimals)
    parameters.check_round(terms, f"{path}: round")
    return terms


def propose_round(
    suite: Suite, proposer: "AccountAPI", terms: RoundParameters, starts_at: int, unit: Unit
) -> proposals.Proposal:
    """Proposes to open a round that takes contributions from `starts_at` on, and to create the
    purpose that it fills unless there is one.

    Raises `FlywheelError` if it would have begun before the proposal can be executed.
    """
    voting = (suite.governor.votingDelay, suite.governor.votingPeriod)
    # A round at a low price with an allow-list is a mint: to open one is strict.
    needed = sum(int(connection.call(view)) for view in voting) + proposals.delay(suite, True)
    if starts_at <= connection.now() + needed:
        raise fix(
            "The round would begin before a vote can have opened it",
            f"Set opens_in to more than {needed // 86_400 + 1} days",
        )
    following = int(connection.call(suite.treasury.purpose_count)) + 1
    actions = []
    if terms.purpose == FIRST_ROUND_PURPOSE and not takes_a_round(suite, terms.purpose):
        terms = replace(terms, purpose=following)
    if terms.purpose == following:
        name = f"round of purpose {following}"
        actions.append(
            proposals.action(
                suite.treasury,
                "create_round_purpose",
                name,
                str(suite.rounds.address),
                words=f"create purpose {following}, which only rounds fill",
            )
        )
    elif not takes_a_round(suite, terms.purpose):
        raise fix(
            f"Purpose {terms.purpose} takes no round: it is none that rounds fill, or has one",
            f"Leave 'purpose' out of the file, so that purpose {following} is made for the round",
        )
    words = f"open a funding round for up to {unit.show(terms.hard_cap)}"
    actions.append(
        proposals.action(
            suite.rounds,
            "open_round",
            terms.terms(unit.address, starts_at),
            words=words,
        )
    )
    return proposals.propose(suite, proposer, words[:1].upper() + words[1:], actions)


def takes_a_round(suite: Suite, purpose: int) -> bool:
    """Whether only rounds fill a purpose, and none brought it money or may still."""
    if str(connection.call(suite.treasury.purpose_source, purpose)) != str(suite.rounds.address):
        return False
    last = int(connection.call(suite.rounds.round_of, purpose))
    return not last or get_round(suite, last).state in (RoundState.FAILED, RoundState.CANCELLED)


def list_rounds(suite: Suite) -> list[Round]:
    """All rounds, oldest first."""
    return [get_round(suite, number + 1) for number in range(int(suite.rounds.round_count()))]


def get_round(suite: Suite, round_id: int) -> Round:
    """Reads one round. Raises `FlywheelError` if it does not exist."""
    count = int(suite.rounds.round_count())
    if not 1 <= round_id <= count:
        raise unknown("round", round_id, count)
    data = suite.rounds.round(round_id)
    terms = data.terms
    return Round(
        round_id=round_id,
        state=RoundState(suite.rounds.state(round_id)),
        price=terms.price,
        soft_goal=terms.soft_goal,
        hard_cap=terms.hard_cap,
        min_contribution=terms.min_contribution,
        max_contribution=terms.max_contribution,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        raised=data.raised,
        tokens_minted=data.tokens_minted,
        terms_uri=terms.terms_uri,
        asset=str(terms.asset),
        purpose=int(terms.purpose),
        is_pro_rata=bool(terms.is_pro_rata),
        has_allow_list=bytes(terms.allow_list_root) != NO_ROOT,
        cliff_seconds=int(terms.cliff_seconds),
        vesting_seconds=int(terms.vesting_seconds),
        contributors=int(data.contributors),
        surplus_left=int(data.surplus_left),
    )


def unit_of(suite: Suite, terms: Round) -> Unit:
    """The asset that a round is in, which need not be the suite's."""
    return assets.unit_of(suite, terms.asset)


def check_proofs(suite: Suite, terms: Round, proofs: "AllowList | None") -> None:
    """Raises `FlywheelError` unless `proofs` is the allow-list of the round, if it has one."""
    if not terms.has_allow_list:
        return
    if proofs is None:
        raise fix(
            f"Round {terms.round_id} has an allow-list", "Give its file of proofs with --proofs"
        )
    root = bytes(suite.rounds.round(terms.round_id).terms.allow_list_root)
    if proofs.root != root:
        raise fix(
            f"The proofs are not those of round {terms.round_id}", f"Get those of 0x{root.hex()}"
        )


def contribute(
    suite: Suite,
    supporter: "AccountAPI",
    round_id: int,
    amount: int,
    permit: bool = False,
    proofs: "AllowList | None" = None,
    min_amount: int = 0,
) -> int:
    """Pays `amount` units of the round's asset into it; returns what was taken: less when it fills
    the cap, but nothing below `min_amount`.

    `proofs` is the allow-list, for a round that has one.
    """
    unit = unit_of(suite, get_round(suite, round_id))
    proof = proofs.proof_of(str(supporter.address)) if proofs else []
    if permit:
        assets.require_balance(suite, str(supporter.address), amount, unit)
        deadline = connection.now() + PERMIT_SECONDS
        v, r, s = assets.sign_permit(suite, supporter, suite.rounds, amount, deadline, unit)
        receipt = connection.send(
            suite.rounds.contribute_with_permit,
            round_id,
            amount,
            amount,
            deadline,
            v,
            r,
            s,
            proof,
            min_amount,
            sender=supporter,
        )
    else:
        assets.require_balance(suite, str(supporter.address), amount, unit)
        if proofs:
            method, extra = suite.rounds.contribute_with_proof, [proof]
        else:
            method, extra = suite.rounds.contribute, []
        call = (method, round_id, amount, *extra, min_amount)
        receipt = assets.pay(suite, supporter, suite.rounds, amount, unit, call)
    return int(connection.event_of(receipt, suite.rounds.Contributed).amount)


def finalize(suite: Suite, caller: "AccountAPI", round_id: int) -> int:
    """Closes a successful round; returns the token wei minted."""
    receipt = connection.send(suite.rounds.finalize, round_id, sender=caller)
    return int(connection.event_of(receipt, suite.rounds.RoundFinalized).tokens_minted)


def waiting(suite: Suite, round_id: int, account: str) -> Claimed:
    """What a round would hand out to `account` now: tokens that have vested, money back."""
    where = (round_id, account)
    return Claimed(
        int(connection.call(suite.rounds.claimable, *where)),
        int(connection.call(suite.rounds.refundable, *where)),
    )


def claim(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> Claimed:
    """Brings `account` the tokens that have vested, and its surplus."""
    receipt = connection.send(suite.rounds.claim, round_id, account, sender=caller)
    return Claimed(
        _sums(suite.rounds.TokensClaimed.from_receipt(receipt), round_id).get(account, 0),
        _sums(suite.rounds.Refunded.from_receipt(receipt), round_id).get(account, 0),
    )


def refund(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> int:
    """Brings `account` back what it paid, or its surplus; returns units."""
    receipt: ReceiptAPI = connection.send(suite.rounds.refund, round_id, account, sender=caller)
    return int(connection.event_of(receipt, suite.rounds.Refunded).amount)


def claim_all(
    suite: Suite, caller: "AccountAPI", round_id: int, accounts: Sequence[str]
) -> dict[str, Claimed]:
    """`claim` for many, in batches. Who has nothing to get is left out."""
    rounds = suite.rounds
    tokens, surplus = _in_batches(
        rounds.claim_batch, (rounds.TokensClaimed, rounds.Refunded), caller, round_id, accounts
    )
    return {
        name: Claimed(tokens.get(name, 0), surplus.get(name, 0))
        for name in accounts
        if name in tokens or name in surplus
    }


def refund_all(
    suite: Suite, caller: "AccountAPI", round_id: int, accounts: Sequence[str]
) -> dict[str, int]:
    """`refund` for many, in batches; account -> units. Whom the asset refuses is left out."""
    rounds = suite.rounds
    (units,) = _in_batches(rounds.refund_batch, (rounds.Refunded,), caller, round_id, accounts)
    return units


def _in_batches(
    method: Any, events: Sequence[Any], caller: "AccountAPI", round_id: int, accounts: Sequence[str]
) -> list[dict[str, int]]:
    """What each event says that each account got."""
    got: list[dict[str, int]] = [{} for _ in events]
    for start in range(0, len(accounts), BATCH):
        batch = list(accounts[start : start + BATCH])
        receipt = connection.send(method, round_id, batch, sender=caller)
        for sums, event in zip(got, events, strict=True):
            sums.update(_sums(event.from_receipt(receipt), round_id))
    return got


def refund_to(
    suite: Suite, holder: "AccountAPI", round_id: int, account: str, receiver: str
) -> int:
    """Brings the refund or the surplus of a position to another address; returns units."""
    method = suite.rounds.refund_to
    receipt = connection.send(method, round_id, account, receiver, sender=holder)
    return int(connection.event_of(receipt, suite.rounds.Refunded).amount)


def sign_refund(
    suite: Suite, holder: "AccountAPI", round_id: int, account: str, receiver: str, deadline: int
) -> bytes:
    """What anybody may submit until `deadline` to have the refund of a position paid there."""
    _, name, version, _, contract, _, _ = suite.redemptions.eip712Domain()
    return signatures.sign(
        holder,
        contract,
        name,
        version,
        "PayTo",
        {
            "roundId": "uint256",
            "account": "address",
            "receiver": "address",
            "deadline": "uint256",
        },
        {"roundId": round_id, "account": account, "receiver": receiver, "deadline": deadline},
    )


def refund_by_signature(
    suite: Suite,
    caller: "AccountAPI",
    round_id: int,
    account: str,
    receiver: str,
    deadline: int,
    signature: bytes,
) -> int:
    """Submits what `sign_refund` made; returns units."""
    method = suite.redemptions.refund_by_signature
    arguments = (round_id, account, receiver, deadline, signature)
    receipt = connection.send(method, *arguments, sender=caller)
    return int(connection.event_of(receipt, suite.rounds.Refunded).amount)


def move_position(
    suite: Suite, holder: "AccountAPI", round_id: int, account: str, new_holder: str
) -> None:
    """Gives all that is still due on a position to another address."""
    method = suite.rounds.move_position
    connection.send(method, round_id, account, new_holder, sender=holder)


def contributions(suite: Suite, round_id: int) -> list[Contribution]:
    """Everybody who paid into a round, by what they paid, rebuilt from events."""
    get_round(suite, round_id)
    rounds = suite.rounds
    paid, refunded, tokens = (
        _sums(_logs(event), round_id)
        for event in (rounds.Contributed, rounds.Refunded, rounds.TokensClaimed)
    )
    redeemed = _sums(_logs(suite.redemptions.Redeemed), round_id, "tokens")
    return [
        Contribution(
            account,
            amount,
            refunded.get(account, 0),
            tokens.get(account, 0),
            redeemed.get(account, 0),
        )
        for account, amount in sorted(paid.items(), key=lambda item: (-item[1], item[0]))
    ]


def _logs(event: Any) -> Iterable[Any]:
    return logs.of_event(event, first_block())


def _sums(found: Iterable[Any], round_id: int, what: str = "amount") -> dict[str, int]:
    sums: dict[str, int] = {}
    for log in found:
        if int(log.round_id) == round_id:
            account = str(log.account)
            sums[account] = sums.get(account, 0) + int(getattr(log, what))
    return sums
