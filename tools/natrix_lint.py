"""Runs natrix's rules over the contracts, in this process and with the project's exceptions.

Its command line starts three compilers per file, goes on with success when a rule raises, gives up
on modules that use several others, and knows no exceptions. The settings are natrix's own,
[tool.natrix] in pyproject.toml. Test doubles are left out: they break rules on purpose.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import natrix
from natrix.rules.common import RuleRegistry
from vyper.compiler import output
from vyper.compiler.settings import anchor_settings
from vyper.exceptions import VyperException

from tools import paths
from tools.analysis import Analysis, analyse
from tools.findings import NATRIX_PREFIX, Finding, apply_pardons, at, pardons, report

# natrix proposes these from the storage that a function touches; the compiler knows of more: calls,
# logs, the environment.
PROPOSALS = {"NTX4": "@view", "NTX5": "@pure"}
DECORATOR = re.compile(r"@(view|pure|nonpayable)$")


def compiler_output(analysis: Analysis) -> dict[str, Any]:
    """What `vyper -f annotated_ast` and `-f metadata` print. Some modules have no metadata."""
    data = analysis.data
    with anchor_settings(data.settings):
        result = output.build_annotated_ast_dict(data)
        try:
            result["metadata"] = output.build_metadata_output(data)
        except VyperException:
            if paths.is_deployable(analysis.source):
                raise
    # Through JSON, because the rules expect its types.
    return dict(json.loads(json.dumps(result)))


def is_accepted(root: Path, source: Path, line: int, decorator: str) -> bool:
    """Whether the function defined at `line` compiles with `decorator` as its mutability."""
    lines = source.read_text().split("\n")
    definition = line - 1
    first = definition
    while first > 0 and lines[first - 1].startswith("@"):
        first -= 1
    decorators = [one for one in lines[first:definition] if not DECORATOR.fullmatch(one.strip())]
    changed = [*lines[:first], *decorators, decorator, *lines[definition:]]
    try:
        analyse(root, source, "\n".join(changed))
    except VyperException:
        return False
    return True


def check_file(root: Path, source: Path, rules: Any, disabled: set[str]) -> list[Finding]:
    try:
        tree = compiler_output(analyse(root, source))
    except VyperException as error:
        return [at(root, source, 0, "compiles", str(error).strip())]
    findings = []
    for rule in rules:
        for issue in rule.run(tree):
            line = int(issue.position.split(":")[0])
            proposal = PROPOSALS.get(issue.code)
            if issue.code in disabled or (
                proposal and not is_accepted(root, source, line, proposal)
            ):
                continue
            findings.append(at(root, source, line, issue.code, issue.message))
    return findings


def check(root: Path = paths.ROOT) -> list[Finding]:
    """Every finding in the contracts of `root` that are not mocks."""
    settings = natrix.read_pyproject_config()
    rules = RuleRegistry.get_rules(settings["rule_configs"])
    findings: list[Finding] = []
    for source in paths.vyper_sources(root):
        if not paths.is_mock(source, root):
            findings += check_file(root, source, rules, settings["disabled_rules"])
    granted = [one for one in pardons(root) if one.rule.startswith(NATRIX_PREFIX)]
    return apply_pardons(findings, granted)


if __name__ == "__main__":
    sys.exit(report("natrix", check(), "no findings"))
