"""Where this machine keeps what it knows of deployments: journals, sent transactions, events."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS_VARIABLE = "FLYWHEEL_DEPLOYMENTS"


def deployments() -> Path:
    """deployments/, or the folder that $FLYWHEEL_DEPLOYMENTS names."""
    return Path(os.environ.get(DEPLOYMENTS_VARIABLE) or ROOT / "deployments")
