"""The same as `ape run license`, for whoever spells it so."""

from flywheel.console.license import cli

__all__ = ["cli"]
