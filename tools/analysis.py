"""The compiler's view of one source file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vyper.cli.vyper_compile import get_search_paths
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.phases import CompilerData
from vyper.compiler.settings import anchor_settings


@dataclass(frozen=True)
class Analysis:
    """A source with its types resolved (`module`), and all files that it imports, at any depth."""

    source: Path
    module: Any
    imports: tuple[Path, ...]
    data: CompilerData


def analyse(root: Path, source: Path, contents: str | None = None) -> Analysis:
    """Parses and types a contract or module, with `contents` instead of its own text if given.

    Raises VyperException if the compiler refuses it, UnicodeDecodeError if it is not UTF-8.
    """
    bundle = FilesystemInputBundle(get_search_paths([str(root)]))
    file = FileInput(
        contents=source.read_bytes().decode("utf-8") if contents is None else contents,
        source_id=-1,
        path=source.relative_to(root),
        resolved_path=source,
    )
    data = CompilerData(file, bundle)
    with anchor_settings(data.settings):
        module = data.annotated_vyper_module
        inputs = data.resolved_imports.compiler_inputs
    imports = {Path(one.resolved_path) for one in inputs if not one.from_builtin}
    return Analysis(source, module, tuple(sorted(imports)), data)
