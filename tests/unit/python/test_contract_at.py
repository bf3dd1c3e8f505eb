"""Instances that ask the chain nothing before they are used, on the embedded chain."""

from collections.abc import Iterator
from typing import Any

import pytest

from flywheel.chain import ape_internals
from flywheel.deploy import compiled
from flywheel.deploy.suite import container

EMPTY = "0x00000000000000000000000000000000000000e1"


def read() -> Any:
    return compiled.contract_type("MockAsset")


@pytest.fixture
def asset() -> Iterator[Any]:
    from ape import accounts, networks

    with networks.parse_network_choice("ethereum:local:test"):
        deployer = accounts.test_accounts[0]
        yield deployer.deploy(container("MockAsset"), "Mock", "MCK", 6, publish=False)


@pytest.fixture
def reads(asset: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses whose code was read, in order."""
    from ape import networks

    kind, found = type(networks.active_provider), []
    original = kind.get_code

    def get_code(self: Any, address: str, block_id: Any = None) -> Any:
        found.append(str(address))
        return original(self, address, block_id)

    monkeypatch.setattr(kind, "get_code", get_code)
    return found


def test_contract_at__several_views__reads_the_code_once(asset: Any, reads: list[str]) -> None:
    instance = ape_internals.contract_at(asset.address, read)
    assert reads == []
    assert (instance.symbol(), instance.decimals(), instance.name()) == ("MCK", 6, "Mock")
    assert reads == [asset.address]


def test_contract_at__no_code_there__is_refused_as_by_ape(asset: Any, reads: list[str]) -> None:
    """Else a view of nothing would be read as zero."""
    from ape.exceptions import ContractNotFoundError

    instance = ape_internals.contract_at(EMPTY, read)
    for _ in range(2):
        with pytest.raises(ContractNotFoundError, match=EMPTY):
            instance.decimals()
    assert reads == [EMPTY, EMPTY]


def test_contract_at__known_to_ape__explains_what_it_holds(asset: Any) -> None:
    from ape import chain

    del chain.contracts.contract_types[asset.address]
    ape_internals.contract_at(asset.address, read).decimals()
    assert chain.contracts.get(asset.address) is read()


def test_contract_at__not_used__reads_no_description(asset: Any) -> None:
    def fail() -> Any:
        raise AssertionError("nobody needs it")

    instance = ape_internals.contract_at(asset.address, fail)
    assert instance.address == asset.address
    assert instance == asset
