"""What the deployer did while everything was still its own, and what of it stays.

Roles and wiring can be as they should be, and votes or cheap tokens left behind all the same: these
lines are read from the events up to the block in which the token was handed to the Timelock.
"""

from collections.abc import Iterator
from typing import Any

from flywheel.chain import connection
from flywheel.deploy.parameters import FROZEN_TERMS, Parameters
from flywheel.deploy.roles import GUARDED, Role, logs_of
from flywheel.deploy.suite import Suite

DAY = 86_400


def read_back(suite: Suite, first_block: int = 0) -> list[Role]:
    """Tokens minted, rounds opened, benchmarks added and minters named before the hand-over."""
    return [
        Role(contract, what, expected, actual)
        for contract, what, expected, actual in _lines(suite, first_block)
    ]


def compare(suite: Suite, parameters: Parameters, first_block: int = 0) -> list[Role]:
    """The first round's terms and the guardians' terms beside those of the parameters."""
    return [
        Role(contract, what, str(expected), str(actual))
        for contract, what, expected, actual in _settings(suite, parameters, first_block)
    ]


def _lines(suite: Suite, first_block: int) -> Iterator[tuple[str, str, str, str]]:
    handed = _handed_over(suite, first_block)
    minted = sum(
        int(log.value)
        for log in logs_of(suite.token.Transfer, first_block, handed)
        if str(log.sender) == connection.ZERO_ADDRESS
    )
    yield "GovernanceToken", "minted before the hand-over", "0", str(minted)
    rounds = len(logs_of(suite.rounds.RoundOpened, first_block, handed))
    yield "FundingRounds", "rounds opened before the hand-over", "1", str(rounds)
    added = len(logs_of(suite.evaluations.BenchmarkAdded, first_block, handed))
    yield "Evaluations", "benchmarks added before the hand-over", "0", str(added)
    names = {str(item.address): name for name, item in suite.contracts.items()}
    minters = {
        names.get(str(log.minter), str(log.minter))
        for log in logs_of(suite.token.MinterChanged, first_block, handed)
    }
    named = ", ".join(sorted(minters))
    yield "GovernanceToken", "minters before the hand-over", "FundingRounds", named


def _settings(
    suite: Suite, wanted: Parameters, first_block: int
) -> Iterator[tuple[str, str, Any, Any]]:
    if int(suite.rounds.round_count()) > 0:
        terms, first = suite.rounds.round(1).terms, wanted.genesis_round
        for name in FROZEN_TERMS:
            value, found = getattr(first, name), getattr(terms, name)
            yield "FundingRounds", f"first round's {name}", value, found
        window = terms.ends_at - terms.starts_at
        yield "FundingRounds", "first round's window", first.window, window
    term = wanted.guardian.term_seconds // DAY
    for name in ("Governor", *GUARDED):
        days = _guardian_days(suite, name, first_block)
        yield name, "guardian's term, days", term, days


def _guardian_days(suite: Suite, name: str, first_block: int) -> int:
    """From the deployment of the Governor to the end of the guardian's term, to the whole day."""
    began = logs_of(suite.governor.GuardianChanged, first_block)[0]
    since = int(connection.provider().get_block(began.block_number).timestamp)
    return round((int(suite[name].guardian_expires_at()) - since) / DAY)


def _handed_over(suite: Suite, first_block: int) -> int:
    """The block in which the token became the Timelock's; the latest if it is not yet."""
    blocks = [
        int(log.block_number)
        for log in logs_of(suite.token.OwnershipTransferred, first_block)
        if str(log.new_owner) == str(suite.timelock.address)
    ]
    return min(blocks) if blocks else int(connection.provider().get_block("latest").number)
