"""Everyone: ape run treasury balances | buckets | promises | policy | limits | floor | exposure."""

from flywheel.console.treasury import cli

__all__ = ["cli"]
