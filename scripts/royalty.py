"""Licensees: ape run royalty report | batch | pay; anyone: ape run royalty settle | withdraw."""

from flywheel.console.royalty import cli

__all__ = ["cli"]
