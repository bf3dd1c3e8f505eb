"""Measured sizes against what a deployment leaves on chain."""

from pathlib import Path

import boa
import pytest

from tests import support
from tools import bytecode, paths

MOCK_ASSET = paths.ROOT / "contracts" / "mocks" / "MockAsset.vy"
SOURCE = "# pragma version 0.4.3\n# pragma nonreentrancy on\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "ape-config.yaml").write_text("vyper:\n  evm_version: cancun\n")
    return tmp_path


def test_compile_strictly__contract_with_immutables__gives_the_deployed_size() -> None:
    asset = support.deploy_asset()
    size = bytecode.compile_strictly(MOCK_ASSET)
    assert size.immutables > 0
    assert size.deployed == len(boa.env.get_code(asset.address))


def test_compile_strictly__warning__is_an_error(project: Path) -> None:
    source = project / "contracts" / "Sample.vy"
    event = "event Seen:\n    count: uint256\n"
    source.write_text(f"{SOURCE}{event}@external\ndef f():\n    log Seen(count=1)\n")
    assert bytecode.compile_strictly(source, project).runtime > 0
    # Arguments by position are deprecated.
    source.write_text(f"{SOURCE}{event}@external\ndef f():\n    log Seen(1)\n")
    with pytest.raises(bytecode.CompilationError, match="deprecated"):
        bytecode.compile_strictly(source, project)


@pytest.mark.parametrize(
    ("runtime", "immutables", "init_code", "fits"),
    [
        (bytecode.RUNTIME_LIMIT, 0, 30_000, True),
        (bytecode.RUNTIME_LIMIT - 32, 32, 30_000, True),
        (bytecode.RUNTIME_LIMIT - 31, 32, 30_000, False),
        (1, 0, bytecode.INIT_CODE_LIMIT, True),
        (1, 0, bytecode.INIT_CODE_LIMIT + 1, False),
    ],
)
def test_is_within_limits__at_each_limit__counts_immutables(
    runtime: int, immutables: int, init_code: int, fits: bool
) -> None:
    assert bytecode.Size("Sample", runtime, immutables, init_code).is_within_limits == fits


def test_deployables__of_the_project__are_camel_case_only() -> None:
    names = {source.stem for source in paths.deployables()}
    assert "MockAsset" in names
    assert "asset_ledger" not in names
