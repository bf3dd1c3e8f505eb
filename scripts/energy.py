"""Builders and auditors: ape run energy report | attest | challenge | show | card."""

from flywheel.console.energy import cli

__all__ = ["cli"]
