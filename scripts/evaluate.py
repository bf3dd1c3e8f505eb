"""Builders and evaluators: ape run evaluate benchmarks | scores | claim | show | attest | sign."""

from flywheel.console.evaluate import cli

__all__ = ["cli"]
