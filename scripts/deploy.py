"""Deploys the suite from a parameters file: ape run deploy --parameters parameters/devnet.yaml."""

from flywheel.console.deploy import cli

__all__ = ["cli"]
