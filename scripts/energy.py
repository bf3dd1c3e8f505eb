"""Builders: ape run energy report."""

from flywheel.console.energy import cli

__all__ = ["cli"]
