"""Source rules on the compiler's own typed syntax tree.

The numbers are those of the compiler's published faults (CVE-2026-...); no release fixes them.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vyper import ast as vy_ast
from vyper.exceptions import VyperException
from vyper.semantics.types.function import ContractFunctionT, MemberFunctionT
from vyper.semantics.types.module import ModuleT

from tools import paths
from tools.analysis import Analysis, analyse
from tools.findings import Finding, at

MAX_REASON_LENGTH = 32
MAX_FUNCTION_LINES = 45
CREATES = {
    "create_copy_of",
    "create_forwarder_to",
    "create_from_blueprint",
    "create_minimal_proxy_to",
    "raw_create",
}
EFFECTS = CREATES | {"raw_call", "send", "selfdestruct"}
CODE_CHECKS = {"code", "codehash", "codesize", "is_contract"}
HEADER_TAGS = ("@custom:invariant", "@custom:halt")


def _parts(node: Any, kinds: Any) -> list[Any]:
    return list(node.get_descendants(kinds, include_self=True))


def _called_builtin(call: Any) -> str | None:
    return call.func.id if isinstance(call.func, vy_ast.Name) else None


def ternary_type(module: Any) -> Iterator[tuple[int, str]]:
    """A ternary only over types of one word: others may come out wrong (114115)."""
    for node in _parts(module, vy_ast.IfExp):
        typ = node._metadata["type"]
        if not typ._is_prim_word:
            yield node.lineno, f"ternary over {typ}, which is not a plain value type"


def or_with_call_data(module: Any) -> Iterator[tuple[int, str]]:
    """No `|` with msg.value or len(msg.data): the optimiser may drop an operand (114117)."""
    for node in _parts(module, (vy_ast.BinOp, vy_ast.AugAssign)):
        if isinstance(node.op, vy_ast.BitOr) and any(
            _is_call_datum(part) for part in _parts(node, None)
        ):
            yield node.lineno, "`|` with msg.value or len(msg.data)"


def _is_call_datum(node: Any) -> bool:
    if isinstance(node, vy_ast.Call) and _called_builtin(node) == "len":
        return any(_is_message_field(argument, "data") for argument in node.args)
    return _is_message_field(node, "value")


def _is_message_field(node: Any, field: str) -> bool:
    is_field = isinstance(node, vy_ast.Attribute) and node.attr == field
    return is_field and isinstance(node.value, vy_ast.Name) and node.value.id == "msg"


def code_offset(module: Any) -> Iterator[tuple[int, str]]:
    """`code_offset` is a constant: a caller's can point behind the blueprint's code (114118)."""
    for call in _parts(module, vy_ast.Call):
        for keyword in call.keywords:
            if keyword.arg == "code_offset" and not isinstance(
                keyword.value.reduced(), vy_ast.Constant
            ):
                yield keyword.lineno, "code_offset is not a constant"


def unchecked_create(module: Any) -> Iterator[tuple[int, str]]:
    """After a create the code at the new address is asserted in the same function (114118)."""
    for function in _parts(module, vy_ast.FunctionDef):
        for statement in _parts(function, vy_ast.Stmt):
            if not any(_called_builtin(call) in CREATES for call in _own_calls(statement)):
                continue
            target = getattr(statement, "target", None)
            if target is None or not _asserts_code(
                function, target.node_source_code, statement.lineno
            ):
                yield (
                    statement.lineno,
                    "create without an assert on the new address's code after it",
                )


def _asserts_code(function: Any, address: str, line: int) -> bool:
    return any(
        part.attr in CODE_CHECKS and part.value.node_source_code == address
        for check in _parts(function, vy_ast.Assert)
        for part in _parts(check.test, vy_ast.Attribute)
        if check.lineno > line
    )


def one_effect(module: Any) -> Iterator[tuple[int, str]]:
    """One call with an effect per statement, so that no result hangs on the order of evaluation."""
    for statement in _parts(module, vy_ast.Stmt):
        effects = [call for call in _own_calls(statement) if _has_effect(call)]
        if len(effects) > 1:
            yield statement.lineno, f"{len(effects)} calls with side effects in one statement"
        elif effects and isinstance(statement, vy_ast.AugAssign) and _is_storage(statement.target):
            yield statement.lineno, "a call with side effects inside an update of storage"


def _own_calls(statement: Any) -> list[Any]:
    """The calls of a statement without those of the statements inside it."""
    if isinstance(statement, vy_ast.If):
        return _parts(statement.test, vy_ast.Call)
    if isinstance(statement, vy_ast.For):
        return _parts(statement.iter, vy_ast.Call)
    return _parts(statement, vy_ast.Call)


def _has_effect(call: Any) -> bool:
    if isinstance(call.get_ancestor(), vy_ast.ExtCall):
        return True
    if _called_builtin(call) in EFFECTS:
        static = [one for one in call.keywords if one.arg == "is_static_call"]
        return not static or getattr(static[0].value.reduced(), "value", None) is not True
    typ = call.func._metadata.get("type")
    if isinstance(typ, ContractFunctionT):
        return bool(typ.is_internal and typ.is_mutable)
    return isinstance(typ, MemberFunctionT) and bool(typ.is_modifying)


def _is_storage(target: Any) -> bool:
    while isinstance(target, (vy_ast.Attribute, vy_ast.Subscript)):
        target = target.value
    if not isinstance(target, vy_ast.Name):
        return False
    return target.id == "self" or isinstance(target._metadata.get("type"), ModuleT)


def reasons(module: Any) -> Iterator[tuple[int, str]]:
    """A reason is a short lower-case phrase without a colon, and stands once in a file."""
    seen: Counter[str] = Counter()
    for node in _parts(module, (vy_ast.Assert, vy_ast.Raise, vy_ast.Call)):
        if isinstance(node, vy_ast.Call):
            if not _is_refusal(node):
                continue
            (reason,) = node.args
        else:
            reason = node.msg if isinstance(node, vy_ast.Assert) else node.exc
        if reason is None:
            yield node.lineno, "no reason is given"
        elif isinstance(reason.reduced(), vy_ast.Str):
            text = reason.reduced().value
            yield from ((node.lineno, f'reason "{text}" {fault}') for fault in _reason_faults(text))
            seen[text] += 1
            if seen[text] == 2:
                yield node.lineno, f'reason "{text}" is given before: one place per reason'


def _is_refusal(call: Any) -> bool:
    """A call of `refusals._refuse`, which gives a reason in the place of an `assert`."""
    return str(call.func.node_source_code) == "refusals._refuse"


def _reason_faults(text: str) -> Iterator[str]:
    if len(text) > MAX_REASON_LENGTH:
        yield f"is {len(text)} characters long, more than {MAX_REASON_LENGTH}"
    if not text[:1].islower():
        yield "does not begin in lower case"
    if ":" in text:
        yield "has a colon, behind which some clients cut"
    if text.endswith("."):
        yield "ends with a dot"


def foreign_storage(module: Any) -> Iterator[tuple[int, str]]:
    """A module's storage is written by itself alone: others call its verbs."""
    for node in _parts(module, (vy_ast.Assign, vy_ast.AugAssign)):
        if _module_of(node.target):
            yield node.lineno, f"writes {node.target.node_source_code}, the storage of a module"
    for call in _parts(module, vy_ast.Call):
        typ = call.func._metadata.get("type")
        if isinstance(typ, MemberFunctionT) and typ.is_modifying and _module_of(call.func):
            yield call.lineno, f"{call.func.node_source_code} changes the storage of a module"


def _module_of(target: Any) -> bool:
    """Whether a variable belongs to an imported module."""
    while isinstance(target, (vy_ast.Attribute, vy_ast.Subscript)):
        target = target.value
    if not isinstance(target, vy_ast.Name):
        return False
    return target.id != "self" and isinstance(target._metadata.get("type"), ModuleT)


# A packed word is shifted and masked in a module of this name alone.
PACKED = "packed_"


def shifts(module: Any) -> Iterator[tuple[int, str]]:
    """Bits are moved in `packed_*` modules alone, by the names of their layout, not by literals."""
    is_packed = Path(module.resolved_path).name.startswith(PACKED)
    for node in _parts(module, (vy_ast.BinOp, vy_ast.AugAssign)):
        if not isinstance(node.op, (vy_ast.LShift, vy_ast.RShift)):
            continue
        if not is_packed:
            yield node.lineno, f"{node.node_source_code} moves bits outside of a packed_* module"
        elif isinstance(getattr(node, "right", None), vy_ast.Int) and not _in_constant(node):
            yield node.lineno, f"{node.node_source_code} moves bits by a literal number"


def _in_constant(node: Any) -> bool:
    declared = node.get_ancestor(vy_ast.VariableDecl)
    return declared is not None and declared.is_constant


def function_length(module: Any) -> Iterator[tuple[int, str]]:
    """A function has so many lines at most, its header and its NatSpec not counted."""
    for node in module.get_children(vy_ast.FunctionDef):
        count = node.body[-1].end_lineno - node.body[0].lineno + 1
        if count > MAX_FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {count} lines, more than {MAX_FUNCTION_LINES}"


# Rule name => what to look for; each yields lines and messages.
RULES = {
    "ternary-type": ternary_type,
    "or-with-call-data": or_with_call_data,
    "code-offset": code_offset,
    "unchecked-create": unchecked_create,
    "one-effect": one_effect,
    "foreign-storage": foreign_storage,
    "shifts": shifts,
    "function-length": function_length,
    "reason": reasons,
}


def deployable_header(root: Path, analysis: Analysis) -> Iterator[Finding]:
    """A contract implements its interface, and says what holds and how it is stopped."""
    source, module = analysis.source, analysis.module
    interface = f"I{source.stem}"
    if not (root / "interfaces" / f"{interface}.vyi").is_file():
        message = f"interfaces/{interface}.vyi is missing"
        yield at(root, source, 0, "interface", message)
    else:
        implemented = {
            one.annotation.node_source_code for one in _parts(module, vy_ast.ImplementsDecl)
        }
        if interface not in implemented:
            yield at(root, source, 0, "interface", f"does not say `implements: {interface}`")
    docstring = getattr(module, "doc_string", None)
    text = docstring.value if docstring else ""
    for tag in HEADER_TAGS:
        if tag not in text:
            yield at(root, source, 0, "header", f"the header has no {tag}")


def check(root: Path = paths.ROOT) -> tuple[list[Finding], set[Path]]:
    """All of the above over the contracts in `root`, and the library files that they import."""
    findings: list[Finding] = []
    libraries: set[Path] = set()
    for source in paths.vyper_sources(root):
        try:
            analysis = analyse(root, source)
        except (VyperException, UnicodeDecodeError) as error:
            findings.append(at(root, source, 0, "compiles", str(error).strip()))
            continue
        for rule, look in RULES.items():
            findings += (at(root, source, line, rule, text) for line, text in look(analysis.module))
        if paths.is_deployable(source) and not paths.is_mock(source, root):
            findings += deployable_header(root, analysis)
        libraries |= {
            path for path in analysis.imports if not path.is_relative_to(root / "contracts")
        }
    return findings, {path for path in libraries if path.parent != root / "interfaces"}
