"""Events of the suite's contracts, read from the node or the store and decoded."""

from typing import Any

from eth_utils import keccak

from flywheel.chain import connection, folders, logs, node
from flywheel.deploy.suite import CONTRACTS, Suite, first_block
from flywheel.statement import event_store
from flywheel.statement.book import Event
from flywheel.statement.event_store import EventStore, RawLog


def fetch(
    suite: Suite,
    contracts: tuple[str, ...] = CONTRACTS,
    until: int | None = None,
    anew: bool = False,
) -> list[Event]:
    """All events of `contracts` up to the block `until`, the latest unless given, in the order of
    the chain. `anew` reads what the store has once more.

    Raises `FlywheelError` if the node refuses to give logs.
    """
    last = int(connection.provider().get_block("latest").number) if until is None else until
    addresses = [str(suite[name].address) for name in contracts]
    if node.is_embedded():
        raw = _of_the_embedded_chain(addresses, last)
    else:
        store = EventStore(_path(addresses))
        try:
            raw = _up_to_date(store, addresses, last, anew)
        finally:
            store.close()
    return _decoded(suite, contracts, raw)


def _path(addresses: list[str]) -> Any:
    """The store's file: of this chain and these contracts."""
    mark = keccak(text=" ".join(addresses).lower()).hex()[:8]
    name = f"{node.identity()}-{mark}.v{event_store.FORMAT}.duckdb"
    return folders.deployments() / "events" / name


def _up_to_date(store: EventStore, addresses: list[str], last: int, anew: bool) -> list[RawLog]:
    """All logs up to `last`, of which only those are asked for that the store has not."""
    if anew:
        store.clear()
    kept = store.drop_changed(_hash_of)
    first = max(first_block(), kept + 1)
    if first <= last:
        found = logs.of_contracts(addresses, first, last)
        hashes = {int(log["blockNumber"], 16): str(log["blockHash"]) for log in found}
        end = _hash_of(last)
        if end is not None:
            hashes[last] = end
        times: dict[int, int] = {}
        store.add((_raw(log, times) for log in found), hashes)
    return [log for log in store.logs() if log.block <= last]


def _hash_of(number: int) -> str | None:
    block = node.block(number)
    return None if block is None else str(block["hash"])


def _raw(log: dict[str, Any], times: dict[int, int]) -> RawLog:
    number = int(log["blockNumber"], 16)
    if number not in times:
        # Newer nodes tell it with the log.
        said = log.get("blockTimestamp") or (node.block(number) or {})["timestamp"]
        times[number] = int(str(said), 16) if isinstance(said, str) else int(said)
    topics = tuple(map(str, log["topics"]))
    index, data = int(log["logIndex"], 16), str(log["data"])
    return RawLog(number, index, times[number], str(log["address"]), topics, data)


def _of_the_embedded_chain(addresses: list[str], last: int) -> list[RawLog]:
    eth = connection.provider().web3.eth
    times: dict[int, int] = {}
    found = []
    for log in eth.get_logs({"fromBlock": 0, "toBlock": last, "address": addresses}):
        number = int(log["blockNumber"])
        if number not in times:
            times[number] = int(eth.get_block(number)["timestamp"])
        topics = tuple(f"0x{bytes(topic).hex()}" for topic in log["topics"])
        data = f"0x{bytes(log['data']).hex()}"
        found.append(
            RawLog(number, int(log["logIndex"]), times[number], str(log["address"]), topics, data)
        )
    return sorted(found, key=lambda log: (log.block, log.index))


# --- decoding ---


def _decoded(suite: Suite, contracts: tuple[str, ...], raw: list[RawLog]) -> list[Event]:
    names = {str(suite[name].address).lower(): name for name in contracts}
    kinds = {name: _events_by_topic(suite[name]) for name in contracts}
    found = []
    for log in raw:
        name = names[log.address.lower()]
        abi = kinds[name].get(log.topics[0]) if log.topics else None
        if abi is not None:
            arguments = _decode(abi, log)
            found.append(Event(name, abi["name"], arguments, log.block, log.index, log.timestamp))
    return found


def _events_by_topic(contract: Any) -> dict[str, dict[str, Any]]:
    return {
        f"0x{keccak(text=event.selector).hex()}": event.model_dump(mode="json")
        for event in contract.contract_type.events
    }


def _decode(abi: dict[str, Any], log: RawLog) -> dict[str, Any]:
    from hexbytes import HexBytes
    from web3._utils.events import get_event_data

    entry: Any = {
        "address": log.address,
        "topics": [HexBytes(topic) for topic in log.topics],
        "data": HexBytes(log.data),
        "blockNumber": log.block,
        "logIndex": log.index,
        # Not asked for, and what the decoder passes on.
        "blockHash": None,
        "transactionHash": None,
        "transactionIndex": None,
    }
    return dict(get_event_data(connection.provider().web3.codec, abi, entry)["args"])
