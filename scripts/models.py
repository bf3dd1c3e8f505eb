"""Builders: ape run models register | show | lineage | set-split | refresh."""

from flywheel.console.models import cli

__all__ = ["cli"]
