"""All that this project takes from Ape beyond its documented interface, so that it starts fast.

For every command Ape imports py-evm, pandas and more, and it asks the chain about each contract
before each view. Here these wait until somebody uses them. A test compares each replacement with
Ape's own, and fails as soon as another version of Ape is installed.
"""

import sys
from collections.abc import Callable
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

# The version whose internals were read; another one needs this file to be read again.
APE_VERSION = "0.8.52"
# Marks a function that `connect_lean` need not touch again.
WRAPS_ONCE = "_flywheel_wraps_once"
# What web3 imports of aiohttp.
AIOHTTP_CLASSES = (
    "ClientError",
    "ClientResponse",
    "ClientSession",
    "ClientTimeout",
    "TCPConnector",
)


def start_lean() -> None:
    """Replaces what slows Ape's start. Call it before Ape's managers are imported; once they are,
    as in a test that runs several commands, it changes nothing."""
    if "ape.managers.networks" in sys.modules:
        return
    _name_modules_cheaply()
    _find_plugins_by_folder()
    _import_embedded_chain_when_used()
    _import_aiohttp_when_used()
    _import_pandas_when_used()


# --- imports that wait ---


def _import_embedded_chain_when_used() -> None:
    """Ape asks every plugin for its provider classes, and ape_test's imports py-evm."""
    import ape_test
    from ape import plugins

    @plugins.register(plugins.ProviderPlugin)
    def providers() -> Any:
        yield "ethereum", "local", embedded_chain

    ape_test.providers = providers


def embedded_chain(**options: Any) -> Any:
    """Makes the provider of the embedded chain: stands for its class in Ape's table."""
    provider = import_module("ape_test.provider").LocalProvider
    return provider(**options)


# Ape reads the name of the provider from its class, or else from the name of the class's module.
embedded_chain.NAME = "test"  # type: ignore[attr-defined]
embedded_chain.__module__ = "ape_test.provider"


def _import_aiohttp_when_used() -> None:
    """web3, which Ape connects with, names classes of aiohttp for its asynchronous half."""
    if "aiohttp" in sys.modules or "web3" in sys.modules:
        return
    stand_in = ModuleType("aiohttp")
    for name in AIOHTTP_CLASSES:
        setattr(stand_in, name, _made_later("aiohttp", name))
    sys.modules["aiohttp"] = stand_in
    try:
        import_module("web3")
    finally:
        del sys.modules["aiohttp"]


def _made_later(module: str, name: str) -> type:
    """A class that makes instances of the class `name` of `module`, which is imported then.

    It is an exception because web3 lists one of them among those after which it tries again.
    """

    def make(_cls: type, *args: Any, **options: Any) -> Any:
        return getattr(import_module(module), name)(*args, **options)

    return type(name, (Exception,), {"__new__": make, "__module__": module})


def _import_pandas_when_used() -> None:
    """Ape's chain manager names `pandas.DataFrame` in annotations, and needs pandas for queries."""
    if "pandas" in sys.modules or "ape.managers.chain" in sys.modules:
        return
    stand_in = ModuleType("pandas")
    stand_in.DataFrame = object  # type: ignore[attr-defined]
    sys.modules["pandas"] = stand_in
    try:
        chain: Any = import_module("ape.managers.chain")
    finally:
        del sys.modules["pandas"]
    chain.pd = Later("pandas")


class Later:
    """Stands for a module, which is imported when the first of its attributes is read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


# --- what Ape works out in a slow way ---


def _find_plugins_by_folder() -> None:
    """Ape reads the metadata of every installed distribution to find those called ape-*."""
    import ape.managers.plugins as plugins

    plugins.get_plugin_dists = plugin_distributions


def plugin_distributions() -> list[str]:
    """Names of the installed distributions that are plugins of Ape, as in their metadata."""
    folders = [Path(entry) for entry in sys.path if entry]
    found = {path.name for folder in folders for path in folder.glob("ape_*.dist-info")}
    return sorted(name.split("-", 1)[0].replace("_", "-") for name in found)


def _name_modules_cheaply() -> None:
    """Ape reads the source of every frame on the stack to find the name of its caller."""
    import ape.utils.misc as misc

    misc.as_our_module = as_our_module  # type: ignore[assignment]


def as_our_module(definition: Any, doc_str: str | None = None) -> Any:
    """Makes `definition` look as if its caller's module had defined it; None stays None."""
    if definition is None:
        return None
    if doc_str is not None:
        definition.__doc__ = doc_str
    definition.__module__ = sys._getframe(1).f_globals["__name__"]
    return definition


# --- connections ---


def connect_lean() -> None:
    """Leaves out what Ape does needlessly when it connects and after it has sent a transaction.

    For each provider that it makes, Ape wraps the method that connects once more around what it
    was before: the thousandth provider would do a thousand times what follows a connection. After
    each transaction it asks a local chain for its trace, to print what contracts write to a
    console, which these contracts do not.
    """
    import ape_ethereum.provider as apes

    _wrap_connect_once(apes.Web3Provider)
    replaced: Any = apes
    replaced._post_send_transaction = _after_sending


def _after_sending(_transaction: Any, _receipt: Any) -> None: ...


def _wrap_connect_once(providers: Any) -> None:
    make_as_before = providers.__new__
    if getattr(make_as_before, WRAPS_ONCE, False):
        return

    def make(cls: Any, *args: Any, **options: Any) -> Any:
        connect = cls.connect
        made = make_as_before(cls, *args, **options)
        if getattr(connect, WRAPS_ONCE, False):
            cls.connect = connect
        setattr(cls.connect, WRAPS_ONCE, True)
        return made

    setattr(make, WRAPS_ONCE, True)
    providers.__new__ = staticmethod(make)


# --- contracts ---


def contract_at(address: str, read: Callable[[], Any]) -> Any:
    """Instance of the contract at a checksummed address; asks the chain nothing.

    Ape would read its code, and the slots in which proxies keep their targets, to find an ABI that
    is known here: `read` gives Ape's description of the contract when it is first used.
    """
    return _instance_class()(address, read)


@cache
def _instance_class() -> Any:
    from ape.contracts import ContractInstance

    class Instance(ContractInstance):
        """Reads its description when it is used, and its code once, where Ape reads the code
        before each call to a local chain."""

        _has_code = False

        def __init__(self, address: Any, read: Callable[[], Any]) -> None:
            super().__init__(address, None)
            del self.__dict__["contract_type"]
            self._read = read

        @cached_property
        def contract_type(self) -> Any:
            found = self._read()
            # By this Ape finds the contract again when it explains a revert.
            self.chain_manager.contracts.contract_types.memory[self.address] = found
            return found

        @property
        def is_contract(self) -> bool:
            self._has_code = self._has_code or super().is_contract
            return self._has_code

    return Instance
