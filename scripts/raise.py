"""Supporters: ape run raise open | show | contribute | claim | refund | redeem | export | ..."""

from flywheel.console.rounds import cli

__all__ = ["cli"]
