"""Supporters: contribute to a round, then claim tokens, take the refund, or redeem."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel import chain, documents, parameters
from flywheel.actions import assets, governance
from flywheel.allow_list import AllowList
from flywheel.errors import fix
from flywheel.parameters import RoundParameters
from flywheel.suite import Suite, first_block

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

PERMIT_SECONDS = 3_600
BATCH = 50
NO_ROOT = bytes(32)


class RoundState(IntFlag):
    PENDING = 1
    OPEN = 2
    SUCCEEDED = 4
    FINALIZED = 8
    FAILED = 16
    CANCELLED = 32


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
    wind_down_id: int


@dataclass(frozen=True)
class Claimed:
    """What a claim brought one account: token wei, and units of surplus."""

    tokens: int = 0
    surplus: int = 0


@dataclass(frozen=True)
class WindDown:
    """How the money of a purpose goes back; units of the asset, times in Unix seconds."""

    wind_down_id: int
    purpose: int
    starts_at: int
    least: int
    pool: int
    paid: int
    returned: int
    closes_at: int


@dataclass(frozen=True)
class Contribution:
    """What one account did in a round, from events: units of the asset, and token wei."""

    account: str
    paid: int
    refunded: int
    tokens: int
    redeemed: int


def load_round(suite: Suite, path: Path) -> RoundParameters:
    """A round's terms from a checked file. Raises `FlywheelError` with file, line and reason."""
    data = documents.load(path, "round")
    terms = parameters.round_from(data["round"], suite.decimals)
    parameters.check_round(terms, f"{path}: round")
    return terms


def propose_round(
    suite: Suite, proposer: "AccountAPI", terms: RoundParameters, starts_at: int
) -> governance.Proposal:
    """Proposes to open a round that takes contributions from `starts_at` on.

    Raises `FlywheelError` if it would have begun before the proposal can be executed.
    """
    needed = sum(
        int(value)
        for value in (
            chain.call(suite.governor.votingDelay),
            chain.call(suite.governor.votingPeriod),
            chain.call(suite.timelock.getMinDelay),
        )
    )
    if starts_at <= chain.now() + needed:
        raise fix(
            "The round would begin before a vote can have opened it",
            f"Set opens_in to more than {needed // 86_400 + 1} days",
        )
    words = f"open a funding round for up to {suite.money(terms.hard_cap)}"
    action = governance.action(
        suite.rounds,
        "open_round",
        terms.terms(str(suite.asset.address), starts_at),
        words=words,
    )
    return governance.propose(suite, proposer, words[:1].upper() + words[1:], [action])


def propose_wind_down(
    suite: Suite, proposer: "AccountAPI", purpose: int, least: int
) -> governance.Proposal:
    """Proposes to give the free money of a purpose back to those whose rounds brought it."""
    asset = str(suite.asset.address)
    name = chain.call(suite.treasury.purpose_name, purpose)
    if not int(suite.rounds.running_wind_down(purpose, asset)):
        raise fix(f"No round brought money to purpose {purpose}", "See 'ape run raise show'")
    actions = [
        governance.action(
            suite.treasury,
            "allow_wind_down",
            purpose,
            asset,
            str(suite.rounds.address),
            words=f"let FundingRounds take the free money of purpose {purpose} ({name}) once",
        ),
        governance.action(
            suite.rounds,
            "announce_wind_down",
            purpose,
            asset,
            least,
            words=f"announce to wind purpose {purpose} down",
        ),
    ]
    return governance.propose(suite, proposer, f"Wind purpose {purpose} down", actions)


def list_rounds(suite: Suite) -> list[Round]:
    """All rounds, oldest first."""
    return [get_round(suite, number + 1) for number in range(int(suite.rounds.round_count()))]


def get_round(suite: Suite, round_id: int) -> Round:
    """Reads one round. Raises `FlywheelError` if it does not exist."""
    count = int(suite.rounds.round_count())
    if not 1 <= round_id <= count:
        raise fix(f"There is no round {round_id}", f"Rounds 1 to {count} exist")
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
        wind_down_id=int(data.wind_down_id),
    )


def check_proofs(suite: Suite, terms: Round, proofs: AllowList | None) -> None:
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
    proofs: AllowList | None = None,
) -> int:
    """Pays `amount` units into a round; returns what was taken (less when it fills the cap).

    `proofs` is the allow-list, for a round that has one.
    """
    proof = proofs.proof_of(str(supporter.address)) if proofs else []
    if permit:
        assets.require_balance(suite, str(supporter.address), amount)
        deadline = chain.now() + PERMIT_SECONDS
        v, r, s = assets.sign_permit(suite, supporter, suite.rounds, amount, deadline)
        receipt = chain.send(
            suite.rounds.contribute_with_permit,
            round_id,
            amount,
            amount,
            deadline,
            v,
            r,
            s,
            proof,
            sender=supporter,
        )
    else:
        assets.ensure_allowance(suite, supporter, suite.rounds, amount)
        if proofs:
            method, extra = suite.rounds.contribute_with_proof, [proof]
        else:
            method, extra = suite.rounds.contribute, []
        receipt = chain.send(method, round_id, amount, *extra, sender=supporter)
    return int(chain.event_of(receipt, suite.rounds.Contributed).amount)


def finalize(suite: Suite, caller: "AccountAPI", round_id: int) -> int:
    """Closes a successful round; returns the token wei minted."""
    receipt = chain.send(suite.rounds.finalize, round_id, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.RoundFinalized).tokens_minted)


def claim(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> Claimed:
    """Brings `account` the tokens that have vested, and its surplus."""
    receipt = chain.send(suite.rounds.claim, round_id, account, sender=caller)
    return Claimed(
        _sums(suite.rounds.TokensClaimed.from_receipt(receipt), round_id).get(account, 0),
        _sums(suite.rounds.Refunded.from_receipt(receipt), round_id).get(account, 0),
    )


def refund(suite: Suite, caller: "AccountAPI", round_id: int, account: str) -> int:
    """Brings `account` back what it paid, or its surplus; returns units."""
    receipt: ReceiptAPI = chain.send(suite.rounds.refund, round_id, account, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.Refunded).amount)


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
        receipt = chain.send(method, round_id, batch, sender=caller)
        for sums, event in zip(got, events, strict=True):
            sums.update(_sums(event.from_receipt(receipt), round_id))
    return got


def wind_down(suite: Suite, caller: "AccountAPI", wind_down_id: int) -> int:
    """Takes the money of an abandoned purpose back after the notice; returns units."""
    receipt = chain.send(suite.rounds.wind_down, wind_down_id, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.WoundDown).pool)


def close_wind_down(suite: Suite, caller: "AccountAPI", wind_down_id: int) -> int:
    """Gives what nobody redeemed in time back to the purpose; returns units."""
    receipt = chain.send(suite.rounds.close_wind_down, wind_down_id, sender=caller)
    return int(chain.event_of(receipt, suite.rounds.WindDownClosed).returned)


def wind_down_of(suite: Suite, terms: Round) -> WindDown:
    """The wind-down of a finalized round, also one that may yet come.

    Raises `FlywheelError` for another round.
    """
    if not terms.wind_down_id:
        raise fix(
            f"Round {terms.round_id} is not finalized: its money went to no purpose yet",
            "See 'ape run raise show'",
        )
    found = suite.rounds.wind_down_of(terms.wind_down_id)
    return WindDown(
        terms.wind_down_id,
        int(found.purpose),
        int(found.starts_at),
        int(found.least),
        int(found.pool),
        int(found.paid),
        int(found.returned),
        int(found.closes_at),
    )


def redeemable(suite: Suite, round_id: int, account: str) -> tuple[int, int]:
    """Token wei that `account` may still redeem, with what it holds, and units they are worth."""
    position = suite.rounds.position(round_id, account)
    in_round = int(position.tokens) - int(position.tokens_out)
    held = in_round + int(suite.token.balanceOf(account))
    tokens = min(int(position.tokens) - int(position.tokens_redeemed), held)
    return tokens, int(suite.rounds.redemption_value(round_id, tokens))


def redeem(suite: Suite, owner: "AccountAPI", round_id: int, tokens: int, min_out: int) -> int:
    """Burns tokens for money of a wind-down, allowing the burn first; returns units."""
    position = suite.rounds.position(round_id, owner.address)
    from_wallet = tokens - (int(position.tokens) - int(position.tokens_out))
    allowed = int(suite.token.allowance(owner.address, suite.rounds.address))
    if from_wallet > allowed:
        chain.send(suite.token.approve, suite.rounds.address, from_wallet, sender=owner)
    receipt = chain.send(suite.rounds.redeem, round_id, tokens, min_out, sender=owner)
    return int(chain.event_of(receipt, suite.rounds.Redeemed).amount)


def contributions(suite: Suite, round_id: int) -> list[Contribution]:
    """Everybody who paid into a round, by what they paid, rebuilt from events."""
    get_round(suite, round_id)
    rounds = suite.rounds
    paid, refunded, tokens = (
        _sums(_logs(event), round_id)
        for event in (rounds.Contributed, rounds.Refunded, rounds.TokensClaimed)
    )
    redeemed = _sums(_logs(rounds.Redeemed), round_id, "tokens")
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
    head = int(chain.provider().get_block("latest").number)
    logs: Iterable[Any] = event.range(first_block(), head + 1)
    return logs


def _sums(logs: Iterable[Any], round_id: int, what: str = "amount") -> dict[str, int]:
    sums: dict[str, int] = {}
    for log in logs:
        if int(log.round_id) == round_id:
            account = str(log.account)
            sums[account] = sums.get(account, 0) + int(getattr(log, what))
    return sums
