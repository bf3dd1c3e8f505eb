"""Holders: ape run vote show | propose | cast | sign | delegate | queue | execute | cancel."""

from flywheel.console.vote import cli

__all__ = ["cli"]
