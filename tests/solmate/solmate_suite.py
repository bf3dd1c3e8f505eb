"""npm's solmate ERC-20 forge tests against our byte code.

The tests are read from node_modules and rewritten for today's forge and compiler: another pragma,
our token in place of solmate's mock, and `testFail...`, which forge no longer knows, as a try that
must be caught. They run as they are (`ERC20Test`), and once more with their inputs within our
bounds (`ERC20BoundedTest`): no zero address, amounts below 2^96.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from flywheel.chain import devnet
from tests.support import ROOT, deployer_of
from tools.solidity import COMPILER

SOLMATE = ROOT / "node_modules" / "solmate" / "src"
FORGE = devnet.packaged_program("forge")
OURS = ROOT / "tests" / "solidity" / "solmate"
PROJECT = ROOT / ".cache" / "solmate"
FAILURES = PROJECT / "failures"

CONFIG = """[profile.default]
src = "src"
test = "src"
libs = []
remappings = ["ds-test/={ours}/ds-test/", "solmate/={solmate}/"]
allow_paths = ["{root}"]
solc = "{solc}"
offline = true
auto_detect_remappings = false
evm_version = "cancun"
bytecode_hash = "none"
# The token's init code stands in a contract of its own for a moment.
code_size_limit = 100000

[fuzz]
runs = {runs}
seed = "0x666c79"
# Failures of an earlier run are not played again: each run is the same.
failure_persist_dir = "{failures}"

[invariant]
runs = {invariant_runs}
depth = 30
fail_on_revert = false
failure_persist_dir = "{failures}"
"""

# Amounts that the fuzzer chooses; what else has the type uint256 is a key, a time or a nonce.
AMOUNTS = {"amount", "mintAmount", "burnAmount", "sendAmount", "approval"}
# Makes the fuzzer try the zero address, which it otherwise finds once in a few hundred runs.
ZERO_ADDRESS = "\n    address[] public fixtureTo = [address(0)];"
FUNCTION = re.compile(r"function (\w+)\(([^)]*)\) public \{")


def rewritten(source: str, bounded: bool) -> str:
    """solmate's ERC20.t.sol for forge, over our MockERC20."""
    source = source.replace("pragma solidity 0.8.15;", "pragma solidity 0.8.37;")
    source = source.replace('"./utils/mocks/MockERC20.sol"', '"./MockERC20.sol"')
    source = source.replace('"./utils/', '"solmate/test/utils/')
    if not bounded:
        source = FUNCTION.sub(lambda found: _function(found, False), source)
        return re.sub(r"contract ERC20Test [^{]*{", rf"\g<0>{ZERO_ADDRESS}", source)
    tests, invariants = source.split("contract ERC20Invariants")
    tests = tests.replace("contract ERC20Test", "contract ERC20BoundedTest")
    # The actions of the invariant's fuzzer fill a supply that they can fit in.
    invariants = invariants.replace("uint256 amount", "uint96 amount")
    tests = FUNCTION.sub(lambda found: _function(found, True), tests)
    return f"{tests}contract ERC20BoundedInvariants{invariants}"


def _function(found: re.Match[str], bounded: bool) -> str:
    name, parameters = found.groups()
    names = [part.split()[-1] for part in parameters.split(",") if part.strip()]
    limits = ""
    if bounded:
        for part, parameter in zip(parameters.split(","), names, strict=False):
            if part.split()[0] == "address":
                limits += f"\n        hevm.assume({parameter} != address(0));"
            elif parameter in AMOUNTS:
                limits += f"\n        {parameter} = bound({parameter}, 0, type(uint96).max);"
    if not name.startswith("testFail"):
        return f"function {name}({parameters}) public {{{limits}"
    attempt = f"attempt{name.removeprefix('testFail')}"
    return (
        f"function test_{attempt}_Refused({parameters}) public {{\n"
        f"        try this.{attempt}({', '.join(names)}) {{ fail(); }} catch {{}}\n    }}\n\n"
        f"    function {attempt}({parameters}) public {{{limits}"
    )


def write_project(runs: int, invariant_runs: int) -> None:
    """Lays the forge project under .cache; what is unchanged keeps its time, so forge reuses it."""
    tests = (SOLMATE / "test" / "ERC20.t.sol").read_text()
    files = {
        "foundry.toml": CONFIG.format(
            ours=OURS,
            solmate=SOLMATE,
            root=ROOT,
            failures=FAILURES,
            solc=COMPILER,
            runs=runs,
            invariant_runs=invariant_runs,
        ),
        "src/MockERC20.sol": (OURS / "MockERC20.sol").read_text(),
        "src/ERC20.t.sol": rewritten(tests, bounded=False),
        "src/ERC20Bounded.t.sol": rewritten(tests, bounded=True),
    }
    for name, text in files.items():
        path = PROJECT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)


def run(runs: int, invariant_runs: int) -> dict[str, dict[str, str | None]]:
    """Test contract -> test -> None if it passed, else why it failed.

    Raises RuntimeError if forge did not get as far as the tests.
    """
    write_project(runs, invariant_runs)
    shutil.rmtree(FAILURES, ignore_errors=True)
    init_code = deployer_of("GovernanceToken").compiler_data.bytecode
    done = subprocess.run(
        [str(FORGE), "test", "--json", "--root", str(PROJECT)],
        env={**os.environ, "TOKEN_INIT_CODE": f"0x{init_code.hex()}"},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        suites = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"forge ran no test:\n{done.stdout}\n{done.stderr}") from None
    return {
        Path(suite).name.split(":")[1]: {
            test: None if result["status"] == "Success" else str(result["reason"])
            for test, result in results["test_results"].items()
        }
        for suite, results in suites.items()
    }
