"""A run of CodeCarbon's offline tracker around a command.

CodeCarbon is an optional extra (`pip install 'flywheel[energy]'`): nothing else needs it. Offline
means that it asks nobody where it is; the country is given.
"""

import re
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from flywheel.amounts import BPS
from flywheel.energy.figures import MAX_PUE_BPS
from flywheel.errors import fix

FILE = "emissions.csv"
_COUNTRY = re.compile("[A-Z]{3}")


def track(
    command: Sequence[str], folder: Path, country: str, pue_bps: int, every_seconds: int = 15
) -> Path:
    """Runs the command, measures the machine meanwhile, and returns the `emissions.csv`.

    `country`: ISO 3166 alpha-3, whose grid CodeCarbon takes.     `pue_bps`: of the data centre.
    The file is written, or a row added to it, even if the command fails. Raises `FlywheelError`.
    """
    if not _COUNTRY.fullmatch(country):
        raise fix(f"'{country}' is no code of a country", "Write ISO 3166 alpha-3, such as FRA")
    if not BPS <= pue_bps <= MAX_PUE_BPS:
        raise fix(f"The PUE is {pue_bps / BPS}", "A data centre has 1.0 to 3.0")
    path = folder / FILE
    before = _size(path)
    tracker = _tracker(folder, country, float(Fraction(pue_bps, BPS)), every_seconds)
    tracker.start()
    try:
        status = subprocess.run(list(command), check=False).returncode
    except OSError as error:
        raise fix(f"Cannot run {command[0]}: {error.strerror}", "Check the command") from None
    finally:
        tracker.stop()
    if _size(path) == before:
        # CodeCarbon gives up with a line in its log, for example if another tracker runs.
        raise fix(
            f"CodeCarbon wrote nothing to {path}", "End other trackers on this machine; see its log"
        )
    if status:
        raise fix(f"{command[0]} ended with {status}", f"What it used is in {path} all the same")
    return path


def _tracker(folder: Path, country: str, pue: float, every_seconds: int) -> Any:
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError:
        raise fix("CodeCarbon is not installed", "Run: pip install 'flywheel[energy]'") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fix(f"Cannot write {folder}: {error.strerror}", "Give another folder") from None
    return OfflineEmissionsTracker(
        country_iso_code=country,
        output_dir=str(folder),
        output_file=FILE,
        pue=pue,
        measure_power_secs=every_seconds,
        log_level="error",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
