"""Data contributors: ape run rewards create | build | publish | activate | claim."""

from flywheel.console.rewards import cli

__all__ = ["cli"]
