"""A contract is compiled anew when anything changes that it imports, however deep."""

from types import SimpleNamespace

import boa
import pytest
from boa import interpret
from vyper.compiler.output import build_abi_output

from tests import compiler_cache, support

TOP = "import middle\n@external\ndef f() -> uint256:\n    return middle.g()\n"
MIDDLE = "import bottom\n@internal\ndef g() -> uint256:\n    return bottom.h()\n"
BOTTOM = "@internal\ndef h() -> uint256:\n    return {}\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in (("top", TOP), ("middle", MIDDLE), ("bottom", BOTTOM.format(1))):
        (tmp_path / f"{name}.vy").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(interpret, "_search_path", [str(tmp_path)])
    interpret.set_cache_dir(str(tmp_path / "cache"))
    yield tmp_path
    interpret.set_cache_dir()


def test_load__imported_by_an_import_changed__is_compiled_again(project):
    assert boa.load_partial("top.vy").deploy().f() == 1
    (project / "bottom.vy").write_text(BOTTOM.format(2))
    assert boa.load_partial("top.vy").deploy().f() == 2
    (project / "bottom.vy").write_text(BOTTOM.format(1))
    assert boa.load_partial("top.vy").deploy().f() == 1


def test_load__nothing_changed__is_not_even_parsed(project, monkeypatch):
    assert boa.load_partial("top.vy").deploy().f() == 1

    def parse(*_arguments, **_options):
        raise AssertionError("parsed again")

    monkeypatch.setattr(compiler_cache, "_compile", parse)
    assert boa.load_partial("top.vy").deploy().f() == 1
    (project / "bottom.vy").write_text(BOTTOM.format(2))
    with pytest.raises(AssertionError, match="parsed again"):
        boa.load_partial("top.vy")


def test_abi__without_generated_code__is_the_compilers():
    contract = support.deployer_of("GovernanceToken")
    data = contract.compiler_data
    found = compiler_cache._abi_of(SimpleNamespace(compiler_data=data))
    assert "_ir_output" not in data.__dict__
    assert found == build_abi_output(data)
    assert {"constructor", "function", "event"} <= {entry["type"] for entry in found}


def test_load__what_no_test_reads__is_not_kept(project):
    kept = boa.load_partial("top.vy").compiler_data.__dict__
    assert "bytecode_runtime" in kept
    assert not set(compiler_cache.INTERMEDIATE) & set(kept)
    modules = [*compiler_cache._modules(kept["annotated_vyper_module"]._metadata["type"], set())]
    functions = [item._metadata["func_type"] for one in modules for item in one.function_defs]
    assert len(modules) == len(functions) == 3
    assert all(function._ir_info.func_ir is None for function in functions)
