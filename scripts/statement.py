"""Everyone: ape run statement [--epoch N]. Rebuilds all balances from events; compares."""

from flywheel.console.statement import cli

__all__ = ["cli"]
