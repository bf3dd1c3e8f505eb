"""Developers on a test node: ape run devnet fund | pass-time."""

from flywheel.console.devnet import cli

__all__ = ["cli"]
