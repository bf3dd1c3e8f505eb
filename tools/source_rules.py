"""The project's own lint of its Vyper sources.

Rules against the known faults of the compiler (ast_rules, text_rules), and those rules of the style
guide that a program can check.
"""

import sys
from pathlib import Path

from tools import ast_rules, bare_reverts, paths, text_rules
from tools.findings import NATRIX_PREFIX, Finding, apply_pardons, pardons, report


def check(root: Path = paths.ROOT) -> list[Finding]:
    """Every finding in the project in `root`, in the order of files and lines."""
    from_trees, libraries = ast_rules.check(root)
    findings = text_rules.check(root) + from_trees + bare_reverts.check(root)
    for library in sorted(libraries):
        findings += text_rules.library_bytes(root, library)
    granted = [one for one in pardons(root) if not one.rule.startswith(NATRIX_PREFIX)]
    return apply_pardons(findings, granted)


if __name__ == "__main__":
    sys.exit(report("source rules", check(), f"{len(paths.vyper_sources())} files clean"))
