"""Events of the suite's contracts, read from the node and decoded."""

from typing import Any

from flywheel.chain import connection
from flywheel.deploy.suite import CONTRACTS, Suite, first_block
from flywheel.statement.book import Event

# Public nodes answer for a limited number of blocks at a time.
BLOCKS_PER_REQUEST = 10_000


def fetch(suite: Suite, contracts: tuple[str, ...] = CONTRACTS) -> list[Event]:
    """All events of `contracts` up to the latest block, in the order of the chain."""
    names = {str(suite[name].address).lower(): name for name in contracts}
    topics = {name: _events_by_topic(suite[name]) for name in contracts}
    times: dict[int, int] = {}
    found = []
    for log in _logs(list(map(str, (suite[name].address for name in contracts)))):
        name = names[str(log["address"]).lower()]
        abi = topics[name].get(bytes(log["topics"][0]))
        if abi is None:
            continue
        block = int(log["blockNumber"])
        if block not in times:
            times[block] = int(connection.provider().web3.eth.get_block(block)["timestamp"])
        arguments = _decode(abi, log)
        found.append(Event(name, abi["name"], arguments, block, int(log["logIndex"]), times[block]))
    return sorted(found, key=lambda event: (event.block, event.index))


def _logs(addresses: list[str]) -> list[Any]:
    eth = connection.provider().web3.eth
    latest, logs = int(eth.block_number), []
    for first in range(first_block(), latest + 1, BLOCKS_PER_REQUEST):
        last = min(first + BLOCKS_PER_REQUEST - 1, latest)
        logs += eth.get_logs({"fromBlock": first, "toBlock": last, "address": addresses})
    return logs


def _events_by_topic(contract: Any) -> dict[bytes, dict[str, Any]]:
    from eth_utils import keccak

    return {
        bytes(keccak(text=event.selector)): event.model_dump(mode="json")
        for event in contract.contract_type.events
    }


def _decode(abi: dict[str, Any], log: Any) -> dict[str, Any]:
    from web3._utils.events import get_event_data

    codec = connection.provider().web3.codec
    return dict(get_event_data(codec, abi, log)["args"])
