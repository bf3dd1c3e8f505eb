"""A pytest plugin (`pytest -p tools.unoptimised`): the suite on byte code that was not optimised.

A fault of the compiler's optimiser shows as a test that passes in one of the two runs only.
"""

import boa
from boa import interpret
from vyper.compiler.settings import OptimizationLevel

# Code that is not optimised may be larger than a real chain takes.
CODE_SIZE_LIMIT = 2**20


def pytest_configure() -> None:
    OptimizationLevel.default = classmethod(lambda cls: cls.NONE)
    # What a contract's own pragma asks for.
    OptimizationLevel.from_string = classmethod(lambda cls, name: cls.NONE)
    # The usual cache does not know at which level its code was compiled.
    interpret.set_cache_dir(".cache/titanoboa-unoptimised")
    boa.env.evm.patch.code_size_limit = CODE_SIZE_LIMIT
