"""From work to money: shares of a budget to the last unit, by worker and by account."""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from pathlib import Path

from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import values
from flywheel.rewards.job_tables import read_table
from flywheel.rewards.leaves import keccak


def split(work: Mapping[str, int], units: int) -> dict[str, int]:
    """`units` of an asset shared in proportion to `work`, exactly: the parts sum to `units`.

    Cumulative rounding: the first k workers, by name, get floor(units * work of the first k / all
    work) together. So each part is its exact share rounded down or up. Who did nothing gets nothing
    and is left out. `FlywheelError` if nobody did anything or a number is negative.
    """
    if units < 0 or any(amount < 0 for amount in work.values()):
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
    """Worker -> checksummed account, from `mapping_csv` (columns worker, address).

    Without a file every worker gets its `demo_address`, which has NO PRIVATE KEY: for
    demonstrations and local chains, never for money that matters. Several workers may share an
    account. `FlywheelError` for a worker without an account, or named twice, or a bad address.
    """
    if mapping_csv is None:
        return {worker: demo_address(worker) for worker in workers}
    table = read_table(mapping_csv, ("worker", "address"), "worker")
    known, faults = {}, []
    for line, worker, address in zip(table.index, table["worker"], table["address"], strict=True):
        try:
            known[worker] = str(to_checksum_address(values.address(address)))
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(mapping_csv, faults)
    wanted = list(workers)
    missing = [worker for worker in wanted if worker not in known]
    if missing:
        raise fix(
            f"{mapping_csv}: {len(missing)} workers have no account, first '{missing[0]}'",
            "Add a line 'worker,address' for each",
        )
    return {worker: known[worker] for worker in wanted}


def leaves_of(earned: Mapping[str, int], addresses: Mapping[str, str]) -> dict[str, int]:
    """Account (lower case) -> units, ascending; workers of one account are added up."""
    leaves: dict[str, int] = {}
    for worker, amount in earned.items():
        account = addresses[worker].lower()
        leaves[account] = leaves.get(account, 0) + amount
    return {account: leaves[account] for account in sorted(leaves) if leaves[account]}
