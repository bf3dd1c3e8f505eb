"""Energy reports in tests: files as loggers write them, and figures that nothing refuses."""

import yaml

from flywheel.energy.figures import Figures, Filing, Phase
from tests.kits import hostile
from tests.support import ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "energy"
FILING = Filing("ipfs://evidence")
PROOF = b"\x07" * 32
# 1,000 GPU-hours at 400 W and PUE 1.1 are 440,000 Wh; at 100 g/kWh they emit 44,000 g.
GOOD = Figures(
    phase=Phase.TRAINING,
    energy_wh=440_000,
    emissions_grams=44_000,
    pue_bps=11_000,
    duration_seconds=360_000,
    gpu_seconds=3_600_000,
    grid_grams_per_kwh=100,
    measured=True,
    hardware="A100-SXM4-80GB",
    region="FRA",
    method="meter",
    tolerance_bps=100,
    evidence_hash=b"\x01" * 32,
    evidence_uri="ipfs://evidence",
)

# --- CodeCarbon ---

# What CodeCarbon 2.8.5 writes.
# An hour of eight GPUs: 0.4 + 2.8 + 0.3 = 3.5 kWh, 200 g of it at 57.142... g/kWh.
ROW = {
    "timestamp": "2025-03-01T13:00:00",
    "project_name": "river",
    "run_id": "run-a",
    "experiment_id": "5b0fa12a",
    "duration": "3600.0",
    "emissions": "0.2",
    "emissions_rate": "5.6e-05",
    "cpu_power": "400.0",
    "gpu_power": "2800.0",
    "ram_power": "300.0",
    "cpu_energy": "0.4",
    "gpu_energy": "2.8",
    "ram_energy": "0.3",
    "energy_consumed": "3.5",
    "country_name": "France",
    "country_iso_code": "FRA",
    "region": "île-de-france",
    "cloud_provider": "",
    "cloud_region": "",
    "os": "Linux",
    "python_version": "3.11.7",
    "codecarbon_version": "2.8.5",
    "cpu_count": "96",
    "cpu_model": "AMD EPYC 7543",
    "gpu_count": "8.0",
    "gpu_model": "8 x NVIDIA A100-SXM4-80GB",
    "longitude": "2.1",
    "latitude": "48.7",
    "ram_total_size": "512.0",
    "tracking_mode": "machine",
    "on_cloud": "N",
    "pue": "1.0",
}
COLUMNS = list(ROW)


def emissions_csv(*changes: dict[str, str], columns: list[str] = COLUMNS) -> str:
    """A file with one row for each of `changes` of ROW."""
    lines = [",".join(columns)]
    for change in changes:
        row = ROW | change
        lines.append(",".join(row[name] for name in columns))
    return "\n".join(lines) + "\n"


# --- nvidia-smi ---

HEADER = "timestamp, index, uuid, name, power.draw [W]"
DAY = "2024/05/01"


def sample(time: str, power: str, gpu: int = 0) -> str:
    """One line of `nvidia-smi`; `time` as 12:00:00.000 of one day, or with another day."""
    stamp = time if "/" in time else f"{DAY} {time}"
    return f"{stamp}, {gpu}, GPU-{gpu:08d}, NVIDIA H100 80GB HBM3, {power}"


def samples_csv(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


# --- published runs ---


def published_runs() -> list[tuple[str, dict]]:
    """Each published run, with its name."""
    found = []
    for path in sorted(FIXTURES.glob("*.yaml")):
        for run in yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]:
            found.append((run["name"], run))
    return found


# --- hostile files: seeds of the fuzzer ---

_GOOD = emissions_csv({}, {"run_id": "run-b", "timestamp": "2025-03-01T14:30:00"})
EMISSIONS_FILES = [
    _GOOD.encode(),
    _GOOD.encode("utf-16"),
    b"\xef\xbb\xbf" + _GOOD.encode(),
    _GOOD.encode("latin-1"),
    _GOOD.replace("\n", "\r\n").encode(),
    *(path.read_bytes() for path in sorted(FIXTURES.glob("*.csv"))),
    *(
        emissions_csv({name: value}).encode()
        for name in ("energy_consumed", "duration", "pue", "timestamp", "run_id")
        for value in ("nan", "-1", "1e999", "1e-4000", hostile.DIGITS, "2025-02-30T00:00:00", "")
    ),
]
_SAMPLES = samples_csv(
    *(sample(f"12:00:{second:02d}.000", "350.12 W", gpu) for second in range(5) for gpu in (0, 1))
)
SAMPLES_FILES = [
    _SAMPLES.encode(),
    _SAMPLES.encode("utf-16"),
    _SAMPLES.replace("[W]", "[mW]").replace(" W\n", "\n").encode(),
    (_SAMPLES + _SAMPLES).encode(),
    *(
        _SAMPLES.replace("350.12 W", value).encode()
        for value in ("[N/A]", "-1 W", "nan", "1e999", f"{hostile.DIGITS} W", "12\0 W", '"1 W', "")
    ),
    _SAMPLES.replace("2024/05/01", "2024/02/30").encode(),
    _SAMPLES.replace("12:00:03", "11:00:03").encode(),
]
_ESTIMATES = [yaml.safe_dump(run["estimate"]) for _, run in published_runs()]
ESTIMATE_FILES = [
    *(text.encode() for text in _ESTIMATES),
    _ESTIMATES[0].replace("1082990", hostile.DIGITS).encode(),
    _ESTIMATES[0].replace("1082990", "'1_000'").encode(),
    _ESTIMATES[0].replace("118 days", f"{hostile.DIGITS} days").encode(),
]
CARDS = [
    hostile.card(f"co2_eq_emissions: {value}\n")
    for value in (
        "12.5",
        "{emissions: 24700000, source: meter, training_type: pre-training}",
        ".nan",
        "-1",
        "1e999",
        hostile.DIGITS,
        "{emissions: {a: b}}",
        '{emissions: 1, source: "a\\u200bb"}',
        "[1]",
    )
]
