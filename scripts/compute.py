"""Compute providers and builders: ape run compute offer | order | voucher | draw."""

from flywheel.console.compute import cli

__all__ = ["cli"]
