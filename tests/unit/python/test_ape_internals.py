"""What is replaced in Ape does what Ape's own does, and keeps out of a command what it should."""

import json
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest

from flywheel.chain import ape_internals
from tests.support import ROOT

# Facts about Ape in a fresh interpreter, as one line of JSON. Both chains are looked up, and the
# node's is not connected to.
FACTS = """
import json, sys
if {lean}:
    from flywheel.chain import ape_internals
    ape_internals.start_lean()
from ape import networks
local = networks.get_provider_from_choice("ethereum:local:node")
import ape.managers.chain, ape.managers.plugins, ape.types.signatures
heavy = [name for name in ("aiohttp", "eth", "numpy", "pandas") if name in sys.modules]
import web3.utils.async_exception_handling
test = networks.get_provider_from_choice("ethereum:local:test")
message = ape.types.signatures.SignableMessage
print(json.dumps({{
    "heavy": heavy,
    "plugins": sorted(set(ape.managers.plugins.get_plugin_dists())),
    "registered": sorted(networks.plugin_manager.registered_plugins),
    "providers": sorted(networks.ethereum.local.providers),
    "sepolia": sorted(networks.ethereum.sepolia.providers),
    "classes": [type(one).__module__ + "." + type(one).__name__ for one in (local, test)],
    "names": [local.name, test.name],
    "message": [message.__module__, message.__doc__],
    "timeout": repr(web3.utils.async_exception_handling.ClientTimeout(3)),
    "frame": ape.managers.chain.pd.DataFrame.__module__,
}}))
"""

# What no script may import before its command runs.
HEAVY = ("ape.managers", "ape.api", "eth_account", "jsonschema", "numpy", "pandas", "web3")


def _facts(lean: bool) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", FACTS.format(lean=lean)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def stock() -> dict[str, Any]:
    return _facts(lean=False)


@pytest.fixture(scope="module")
def lean() -> dict[str, Any]:
    return _facts(lean=True)


def test_ape_version__installed__is_the_one_whose_internals_were_read() -> None:
    assert version("eth-ape") == ape_internals.APE_VERSION


@pytest.mark.parametrize(
    "fact",
    [
        "plugins",
        "registered",
        "providers",
        "sepolia",
        "classes",
        "names",
        "message",
        "timeout",
        "frame",
    ],
)
def test_start_lean__each_replacement__answers_as_ape_does(
    stock: dict[str, Any], lean: dict[str, Any], fact: str
) -> None:
    assert lean[fact] == stock[fact]


def test_start_lean__provider_of_a_node__imports_nothing_heavy(
    stock: dict[str, Any], lean: dict[str, Any]
) -> None:
    assert stock["heavy"] == ["aiohttp", "eth", "numpy", "pandas"]
    assert lean["heavy"] == []


def test_start_lean__ape_runs_already__changes_nothing() -> None:
    import ape.managers.networks
    import ape.managers.plugins as plugins

    assert ape.managers.networks
    before = plugins.get_plugin_dists
    ape_internals.start_lean()
    assert plugins.get_plugin_dists is before


def test_connect_lean__many_providers__each_follows_up_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ape_ethereum.provider import Web3Provider

    followed_up = []

    class Provider(Web3Provider):  # type: ignore[misc]
        def connect(self) -> None: ...

        def disconnect(self) -> None: ...

        def _post_connect(self) -> None:
            followed_up.append(1)

    monkeypatch.setattr(Web3Provider, "__new__", Web3Provider.__new__)
    ape_internals.connect_lean()
    ape_internals.connect_lean()
    for _ in range(5):
        last = Web3Provider.__new__(Provider)
    Provider.connect(last)
    assert len(followed_up) == 1


def test_as_our_module__class_and_text__takes_both() -> None:
    class Borrowed:
        """Theirs."""

    Borrowed.__module__ = "elsewhere"
    assert ape_internals.as_our_module(Borrowed, "Ours.") is Borrowed
    assert (Borrowed.__module__, Borrowed.__doc__) == (__name__, "Ours.")
    assert ape_internals.as_our_module(None) is None


def test_later__attribute_read__imports_then() -> None:
    sys.modules.pop("this_is_none", None)
    later = ape_internals.Later("this_is_none")
    with pytest.raises(ModuleNotFoundError, match="this_is_none"):
        _ = later.anything
    assert ape_internals.Later("json").dumps is json.dumps


def test_console__imported__stays_light() -> None:
    """Ape imports all scripts for each command, also for one that needs no node."""
    program = (
        "import pathlib, runpy, sys\n"
        "for path in pathlib.Path('scripts').glob('*.py'):\n"
        "    runpy.run_path(str(path))\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
