"""From work to money: shares of a budget to the last unit, by worker and by account."""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import values
from flywheel.rewards.job_tables import read_table
from flywheel.rewards.leaves import keccak, packed

if TYPE_CHECKING:
    import pandas as pd


def split(work: Mapping[str, int], units: int) -> dict[str, int]:
    """`units` of an asset shared in proportion to `work`, exactly: the parts sum to `units`.

    Cumulative rounding: the first k workers, by name, get floor(units * work of the first k / all
    work) together. So each part is its exact share rounded down or up. Who did nothing gets nothing
    and is left out. `FlywheelError` if nobody did anything or a number is negative.
    """
    if units < 0 or min(work.values(), default=0) < 0:
        raise fix("Work and units cannot be negative", "Check the amounts")
    names = sorted(name for name, amount in work.items() if amount)
    if not names:
        raise fix("There is no accepted work to pay for", "Check the labels")
    running = list(accumulate(work[name] for name in names))
    bounds = [0, *(units * so_far // running[-1] for so_far in running)]
    parts = (high - low for low, high in pairwise(bounds))
    return dict(zip(names, parts, strict=True))


def demo_address(worker: str) -> str:
    """A stand-in account for a pseudonym: the last 20 bytes of keccak256("flywheel-contributor:" +
    worker). Nobody has its private key, so what it is paid is lost: for demonstrations on local
    chains only."""
    return str(to_checksum_address(keccak(f"flywheel-contributor:{worker}".encode())[-20:]))


def addresses_of(workers: Iterable[str], mapping_csv: Path | None = None) -> dict[str, str]:
    """Worker -> account in lower case, from `mapping_csv` (columns worker, address).

    Without a file every worker gets its `demo_address`, which has NO PRIVATE KEY: for
    demonstrations and local chains, never for money that matters. Several workers may share an
    account. `FlywheelError` for a worker without an account, or named twice, or a bad address.
    """
    if mapping_csv is None:
        return {worker: demo_address(worker) for worker in workers}
    table = read_table(mapping_csv, ("worker", "address"), "worker")
    _check_addresses(mapping_csv, table["address"])
    accounts = map(_in_lower_case, table["address"])
    known = dict(zip(table["worker"], accounts, strict=True))
    # A million rows are some 180 MB.
    del table
    wanted = list(workers)
    missing = [worker for worker in wanted if worker not in known]
    if missing:
        raise fix(
            f"{mapping_csv}: {len(missing)} workers have no account, first '{missing[0]}'",
            "Add a line 'worker,address' for each",
        )
    return dict(zip(wanted, map(known.__getitem__, wanted), strict=True))


def _check_addresses(path: Path, addresses: "pd.Series[str]") -> None:
    """Raises `FlywheelError` with the lines of those that are no addresses."""
    if packed(addresses) is not None:
        return
    faults = []
    for line, address in zip(addresses.index, addresses, strict=True):
        try:
            values.address(address)
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)


def _in_lower_case(account: str) -> str:
    # `lower` would copy what is so already: 90 MB of a million.
    return account if account.islower() else account.lower()


def leaves_of(earned: Mapping[str, int], addresses: Mapping[str, str]) -> dict[str, int]:
    """Account (lower case) -> units; workers of one account are added up."""
    accounts = [addresses[worker] for worker in earned]
    # Checked at once: a million texts are in lower case as a rule.
    if not all(map(str.islower, accounts)):
        accounts = [account.lower() for account in accounts]
    leaves = dict(zip(accounts, earned.values(), strict=True))
    if len(leaves) < len(accounts):
        leaves = dict.fromkeys(accounts, 0)
        for account, amount in zip(accounts, earned.values(), strict=True):
            leaves[account] += amount
    if all(leaves.values()):
        return leaves
    return {account: amount for account, amount in leaves.items() if amount}
