"""Fixtures of the tests of scripts/: a real anvil, on a local chain id or posing as Sepolia."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flywheel.chain import devnet
from flywheel.deploy.suite import DEPLOYMENTS_VARIABLE
from tests.scripts import license_shop, nodes
from tests.support import ROOT


@pytest.fixture(scope="module")
def module_patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def folder(tmp_path_factory, module_patch) -> Path:
    """Where the module's commands write. They run in the project's folder, as the tutorial says."""
    path: Path = tmp_path_factory.mktemp("commands")
    module_patch.chdir(ROOT)
    module_patch.setenv(DEPLOYMENTS_VARIABLE, str(path / "deployments"))
    return path


@pytest.fixture(scope="module")
def local(folder) -> Iterator[nodes.Node]:
    with devnet.devnet() as url:
        yield nodes.Node(url, f"ethereum:local:{url}", folder)


@pytest.fixture(scope="module")
def sepolia(folder, module_patch) -> Iterator[nodes.Node]:
    """A node that says it is Sepolia, with a block each second, and keyfiles payer0 to payer6."""
    from ape import accounts, config
    from ape.api import ReceiptAPI
    from ape_accounts import import_account_from_private_key

    # Between two looks at the confirmations Ape sleeps half a block of the real Sepolia.
    module_patch.setattr(ReceiptAPI, "_block_time", 1)
    with (
        config.isolate_data_folder() as data,
        devnet.devnet(chain_id=nodes.SEPOLIA, block_time=1) as url,
    ):
        keyfiles = data / "accounts"
        keyfiles.mkdir(exist_ok=True)
        # Ape keeps the folder that it saw first, which may be the user's own.
        container = accounts.containers["accounts"]
        module_patch.setitem(container.__dict__, "data_folder", keyfiles)
        module_patch.setattr(type(container), "loaded_accounts", {})
        for number in range(7):
            alias = f"payer{number}"
            key = "0x" + f"{number + 1:02x}" * 32
            account = import_account_from_private_key(alias, nodes.PASSPHRASE, key)
            module_patch.setenv(f"APE_ACCOUNTS_{alias}_PASSPHRASE", nodes.PASSPHRASE)
            devnet.rpc(url, "anvil_setBalance", str(account.address), hex(10**20))
            assert (keyfiles / f"{alias}.json").is_file()
        yield nodes.Node(url, f"ethereum:sepolia:{url}", folder, account="payer")


@pytest.fixture(scope="module")
def shop(local) -> nodes.Node:
    return license_shop.open_shop(local)


@pytest.fixture
def shop_again(shop) -> Iterator[nodes.Node]:
    """Each test that uses it starts from the state that the shop opened with."""
    snapshot = shop.rpc("evm_snapshot")
    yield shop
    assert shop.rpc("evm_revert", snapshot)


@pytest.fixture
def licence(shop_again) -> nodes.Node:
    """Licence 1 of TEST::6 under the monthly terms."""
    shop_again.succeed("license buy 2 $N --account TEST::6")
    return shop_again
