"""Tests that expect a failure and do not say which.

Such a test also passes when the call fails for another reason, so their number may only fall: the
limit is `bare_reverts` under [tool.flywheel.lint] in pyproject.toml.
"""

import re
import tomllib
from pathlib import Path

from tools.findings import SETTINGS, Finding

BARE = re.compile(r"boa\.reverts\(\)|pytest\.raises\((boa\.)?BoaError\):")


def places(root: Path) -> list[tuple[Path, int]]:
    """File and line of each."""
    return [
        (source, number)
        for source in sorted((root / "tests").rglob("*.py"))
        for number, line in enumerate(source.read_text().split("\n"), start=1)
        if BARE.search(line)
    ]


def check(root: Path) -> list[Finding]:
    """One finding if there are more than allowed, or if the limit can be lowered."""
    settings = tomllib.loads((root / SETTINGS).read_text())
    limit = settings.get("tool", {}).get("flywheel", {}).get("lint", {}).get("bare_reverts", 0)
    found = places(root)
    if len(found) > limit:
        last = ", ".join(f"{path.relative_to(root)}:{line}" for path, line in found[:5])
        message = (
            f"{len(found)} bare reverts in tests, {limit} are allowed: name the reason ({last})"
        )
        return [Finding(SETTINGS, 0, "bare-revert", message)]
    if len(found) < limit:
        message = f"lower bare_reverts to {len(found)}, so that the number only falls"
        return [Finding(SETTINGS, 0, "bare-revert", message)]
    return []
