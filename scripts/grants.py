"""Builders: ape run grants show | apply | submit | object | draw."""

from flywheel.console.grants import cli

__all__ = ["cli"]
