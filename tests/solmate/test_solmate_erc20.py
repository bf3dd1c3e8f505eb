"""solmate's forge tests pass on our token, but for what docs/DIFFERENCES.md names."""

import os

import pytest
from eth_utils import function_signature_to_4byte_selector

from tests.differential import differences
from tests.solmate import solmate_suite

FACTOR = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))


def selector(error: str) -> str:
    return f"custom error 0x{function_signature_to_4byte_selector(error).hex()}"


# What a test that fails as it is fails with => the difference.
REFUSALS = {
    selector("ERC20ExceededSafeSupply(uint256,uint256)"): "supply-limit",
    selector("ERC20InvalidReceiver(address)"): "zero-address",
    selector("ERC20InvalidSpender(address)"): "zero-address",
}
METADATA = "testMetadata(string,string,uint8)"
# Those that mint or approve what the fuzzer chooses.
UNBOUNDED = {
    "testApprove(address,uint256)",
    "testBurn(address,uint256,uint256)",
    "testMint(address,uint256)",
    "testPermit(uint248,address,uint256,uint256)",
    "testTransfer(address,uint256)",
    "testTransferFrom(address,uint256,uint256)",
}


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, str | None]]:
    return solmate_suite.run(runs=128 * FACTOR, invariant_runs=8 * FACTOR)


def failures(tests: dict[str, str | None]) -> dict[str, str]:
    return {test: why for test, why in tests.items() if why is not None}


def test_solmate_erc20__inputs_within_bounds__all_pass_but_the_free_decimals(results):
    assert set(failures(results["ERC20BoundedTest"])) == {METADATA}
    assert len(results["ERC20BoundedTest"]) == 30
    assert results["ERC20BoundedInvariants"] == {"invariantBalanceSum()": None}


def test_solmate_erc20__as_it_is__fails_by_named_differences_only(results):
    failed = failures(results["ERC20Test"])
    shown = set()
    for test, why in failed.items():
        if test == METADATA:
            shown.add("fixed-decimals")
            continue
        assert test in UNBOUNDED, f"{test} fails with {why}"
        assert why[:23] in REFUSALS, f"{test} fails with {why}"
        shown.add(REFUSALS[why[:23]])
    assert shown == differences.documented("solmate's")
    assert results["ERC20Invariants"] == {"invariantBalanceSum()": None}
