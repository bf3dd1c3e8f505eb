"""Plays a scenario and accounts for every unit: ape run demo --scenario mpt-7b."""

from flywheel.console.demo import cli

__all__ = ["cli"]
