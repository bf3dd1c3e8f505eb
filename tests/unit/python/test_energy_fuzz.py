"""Energy files drawn at random: what was written is what is summed, whatever the program's form."""

import os
import tempfile
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flywheel.energy import codecarbon, power_samples
from flywheel.energy.figures import Filing
from flywheel.energy.power_samples import Gaps, Site
from tests.kits.energy import emissions_csv, sample, samples_csv

FACTOR = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FILING = Filing("ipfs://x", note="Drawn at random")


def examples(count):
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        suppress_health_check=list(HealthCheck),
    )


def written(content, encoding, read):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(content.encode(encoding))
        return read(path)


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
# Floats as Python writes them, of some watt-hours to some megawatt-hours.
ENERGIES = st.floats(1e-3, 1e3, allow_nan=False)
RUNS = st.lists(st.tuples(ENERGIES, ENERGIES, ENERGIES, st.integers(1, 3)), min_size=1, max_size=5)


@examples(50)
@given(runs=RUNS, encoding=ENCODINGS, pue_bps=st.integers(10_000, 30_000))
def test_codecarbon_read__any_runs__sums_their_last_rows(runs, encoding, pue_bps):
    rows, total = [], Fraction(0)
    for number, (cpu, gpu, ram, count) in enumerate(runs):
        energy = cpu + gpu + ram
        for part in range(1, count + 1):
            share = part / count
            rows.append(
                {
                    "run_id": f"run-{number}",
                    "duration": repr(3_600.0 * share),
                    "cpu_energy": repr(cpu * share),
                    "gpu_energy": repr(gpu * share),
                    "ram_energy": repr(ram * share),
                    "energy_consumed": repr(energy * share),
                    "emissions": repr(energy * share / 10),
                    "gpu_count": "0",
                }
            )
        total += Fraction(repr(energy * 1.0))
    found = written(
        emissions_csv(*rows), encoding, lambda path: codecarbon.read(path, FILING, pue_bps)
    )
    assert found.figures.energy_wh == ceil(total * pue_bps / 10)
    assert [run.rows for run in found.runs] == [count for *_, count in runs]


STEPS = st.lists(
    st.tuples(st.integers(1, 120_000), st.integers(0, 70_000)), min_size=2, max_size=20
)


@examples(50)
@given(steps=STEPS, encoding=ENCODINGS, unit=st.sampled_from(["W", "mW", "kW"]))
def test_power_samples_read__any_steps__are_trapezoids_and_gaps(steps, encoding, unit):
    # Milliseconds between samples, and hundredths of a watt.
    now, lines, points = 0, [], []
    for span, power in steps:
        now += span
        points.append((now, Fraction(power, 100)))
        hours, rest = divmod(now, 3_600_000)
        minutes, rest = divmod(rest, 60_000)
        shown = {
            "W": f"{power / 100:.2f}",
            "mW": str(power * 10),
            "kW": f"{power / 100_000:.5f}",
        }[unit]
        time = f"{hours:02d}:{minutes:02d}:{rest // 1_000:02d}.{rest % 1_000:03d}"
        lines.append(sample(time, shown))
    joules, measured = Fraction(0), 0
    for (start, first), (end, second) in pairwise(points):
        if end - start <= 60_000:
            joules += (first + second) / 2 * (end - start) / 1_000
            measured += end - start
    text = samples_csv(*lines).replace("[W]", f"[{unit}]")
    site = Site(10_000, 100, "FRA", server_bps=0)
    if measured and joules * 1_000 > measured:
        found = written(text, encoding, lambda path: power_samples.read(path, site, FILING, Gaps()))
        (gpu,) = found.gpus
        assert gpu.energy_wh == joules / 3_600
        assert gpu.measured_milliseconds == measured
        assert gpu.gap_milliseconds == points[-1][0] - points[0][0] - measured
