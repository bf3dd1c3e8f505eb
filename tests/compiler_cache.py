"""titanoboa's cache of compiled contracts, by everything that a contract imports.

titanoboa looks one import deep: after a change of a module that is imported by a module it would
serve the byte code of before, and tests, and above all mutants, would run on that.
"""

from pathlib import Path
from typing import Any

from boa import interpret
from vyper.utils import sha256sum


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


def install() -> None:
    interpret.get_module_fingerprint = fingerprint
