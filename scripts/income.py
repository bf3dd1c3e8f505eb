"""Holders: ape run income show | history | close | claim | set-claimer | roll | recycle."""

from flywheel.console.income import cli

__all__ = ["cli"]
