"""Licensors: ape run license terms; licensees: quote | buy | status | renew | present | ...

Third parties: ape run license verify; anyone: enforce | terminate | release-bond.
"""

from flywheel.console.license import cli

__all__ = ["cli"]
