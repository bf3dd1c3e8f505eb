"""titanoboa's cache of compiled contracts, by everything that a contract imports.

titanoboa looks one import deep: after a change of a module that is imported by a module it would
serve the byte code of before, and tests, and above all mutants, would run on that. And it parses
and analyses a contract with all that it imports only to find out that it is in the cache: here a
digest of all sources finds it first.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from boa import interpret
from boa.contracts.vyper.vyper_contract import VyperContract, _BaseVyperContract
from vyper.compiler.settings import OptimizationLevel, anchor_settings
from vyper.ir.compile_ir import assembly_to_evm
from vyper.semantics.namespace import get_namespace
from vyper.utils import sha256sum

# What a compilation leaves behind and no test reads; whoever does has it computed again.
INTERMEDIATE = ("_ir_output", "assembly", "assembly_runtime")

# Where the map from a constructor's code to its source is kept.
DEPLOYMENT_MAP = "flywheel_deployment_source_map"

_compile = interpret.compiler_data
_worked_out = VyperContract._deployment_source_map.func


def fingerprint(module: Any, seen: dict[Any, str] | None = None) -> str:
    """Of a contract and of all that it imports, at any depth."""
    found: dict[Path, str] = {}
    _collect(module, found)
    return sha256sum("".join([*sorted(found.values()), module._module.source_sha256sum]))


def _collect(module: Any, found: dict[Path, str]) -> None:
    for statement in module.import_stmts:
        imported = statement._metadata["import_info"]
        path = Path(imported.compiler_input.resolved_path)
        if path not in found:
            found[path] = interpret.hash_input(imported.compiler_input)
            deeper = getattr(imported.typ, "module_t", None)
            if deeper is not None:
                _collect(deeper, found)


def compiler_data(
    source_code: str, contract_name: str | None, filename: Any, deployer: Any = None, **options: Any
) -> Any:
    """In place of titanoboa's: the compiled contract, from the cache if no source changed."""
    cache = interpret._disk_cache
    if cache is None:
        return _compile(source_code, contract_name, filename, deployer, **options)
    words = (source_code, contract_name, str(filename), repr(deployer), sorted(options.items()))
    level = OptimizationLevel.default()
    key = sha256sum(repr((words, level, version("snekmate"), _digest_of_sources())))

    def compiled() -> Any:
        data = _compile(source_code, contract_name, filename, deployer, **options)
        with anchor_settings(data.settings):
            _, source_map = assembly_to_evm(data.assembly)
        setattr(data, DEPLOYMENT_MAP, source_map)
        _drop_intermediate_code(data)
        return data

    if not cache.cal(key).exists():
        _in_a_child(lambda: cache.caching_lookup(key, compiled))
    return cache.caching_lookup(key, compiled)


def _drop_intermediate_code(data: Any) -> None:
    for name in INTERMEDIATE:
        data.__dict__.pop(name, None)
    for module in _modules(data.annotated_vyper_module._metadata["type"], set()):
        for function in module.function_defs:
            generated = function._metadata["func_type"]._ir_info
            if generated is not None:
                generated.func_ir = None


def _modules(module: Any, seen: set[int]) -> Iterator[Any]:
    """`module` and all that it imports, at any depth."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield module
    for statement in module.import_stmts:
        deeper = getattr(statement._metadata["import_info"].typ, "module_t", None)
        if deeper is not None:
            yield from _modules(deeper, seen)


def _in_a_child(work: Callable[[], Any]) -> None:
    """Runs `work` in a copy of this process, whatever comes of it.

    The compiler leaves memory behind that Python does not give back: with the mutants of a whole
    run it would be as much again as a worker needs.
    """
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            work()
        os._exit(0)
    os.waitpid(child, 0)


def _digest_of_sources() -> str:
    """Of all sources that an import can reach, but for those of installed packages."""
    root = Path((interpret._search_path or ["."])[-1])
    # By their paths within that folder: each mutant is compiled in a folder of its own, and finds
    # there what an earlier run compiled.
    texts = sorted((str(path.relative_to(root)), path.read_text()) for path in _sources(root))
    return sha256sum(repr(texts))


def _sources(root: Path) -> Iterator[Path]:
    places = (root.glob("*"), root.glob("contracts/**/*"), root.glob("interfaces/**/*"))
    for place in places:
        for path in place:
            if path.suffix in (".vy", ".vyi"):
                yield path


def _source_map_of_deployment(contract: Any) -> Any:
    """titanoboa works it out from the assembly at each deployment."""
    data = contract.compiler_data
    if not hasattr(data, DEPLOYMENT_MAP):
        setattr(data, DEPLOYMENT_MAP, _worked_out(contract))
    return getattr(data, DEPLOYMENT_MAP)


def _abi_of(contract: Any) -> list[dict[str, Any]]:
    """titanoboa has the contract's code generated anew for it: seconds and 20 MB, for nothing."""
    module = contract.compiler_data.annotated_vyper_module._metadata["type"]
    constructor = module.init_function
    entries = module.interface.to_toplevel_abi_dict()
    return [*entries, *(constructor.to_toplevel_abi_dict() if constructor else [])]


def _name_of(contract: Any) -> str:
    """titanoboa writes the whole storage out, and does so for every call that reverts."""
    return f"<{contract.contract_name} at {contract.address}>"


def install() -> None:
    # Vyper makes its table of names with the first contract that it parses; calls of internal
    # functions need it even when no contract was parsed.
    get_namespace()
    interpret.get_module_fingerprint = fingerprint
    interpret.compiler_data = compiler_data
    VyperContract._deployment_source_map = property(_source_map_of_deployment)
    _BaseVyperContract.abi = property(_abi_of)
    VyperContract.__repr__ = _name_of
