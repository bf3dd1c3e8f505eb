"""flywheel.energy.power_samples: integration by hand, gaps, units, and spoilt logs."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from eth_utils import keccak

from flywheel.energy import power_samples
from flywheel.energy.figures import Filing
from flywheel.energy.power_samples import Filling, Gaps, Site
from flywheel.errors import FlywheelError
from tests.kits.energy import FILING, HEADER, sample, samples_csv

# Nothing but the GPUs: energy is what was integrated.
BARE = Site(pue_bps=10_000, grid_grams_per_kwh=100, region="FRA", server_bps=0)
# A constant 360 W for a minute, in samples of 30 s, is 6 Wh.
MINUTE = [sample("12:00:00.000", "360.00 W")] + [
    sample(f"12:0{second // 60}:{second % 60:02d}.000", "360.00 W") for second in (30, 60)
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "power.csv"


@pytest.fixture
def read(path):
    def run(text, site=BARE, gaps=None, filing=FILING):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return power_samples.read(path, site, filing, gaps)

    return run


# --- integration ---


def test_read__constant_power__is_power_times_time(read, path):
    found = read(samples_csv(*MINUTE))
    assert found.figures.energy_wh == 6
    # 6 Wh x 100 g/kWh = 0.6 g.
    assert found.figures.emissions_grams == 1
    assert found.figures.duration_seconds == 60
    assert found.figures.gpu_seconds == 60
    assert found.figures.hardware == "NVIDIA H100 80GB HBM3"
    assert found.figures.region == "FRA"
    assert found.figures.measured
    assert found.figures.note == ""
    assert found.figures.evidence_hash == keccak(path.read_bytes())
    assert (found.measured_seconds, found.gap_seconds, found.remarks) == (60, 0, ())
    (gpu,) = found.gpus
    assert (gpu.key, gpu.samples, gpu.missing) == ("GPU-00000000", 3, 0)
    assert gpu.maximum_microwatts == 360_000_000


def test_read__changing_power__is_integrated_by_trapezoids(read):
    # 10 s from 100 to 300 W, then 20 s from 300 to 0 W: 10 x 200 + 20 x 150 = 5,000 J.
    found = read(
        samples_csv(
            sample("12:00:00.000", "100 W"),
            sample("12:00:10.000", "300.0 W"),
            sample("12:00:30.000", "0.00 W"),
        )
    )
    assert found.gpus[0].energy_wh == Fraction(5_000, 3_600)
    assert found.figures.energy_wh == 2


def test_read__several_gpus__are_integrated_each_for_itself(read):
    # Every 10 s for half a minute: GPU 0 at 100 W, GPU 1 at 200 W, in turn; 30 x 300 = 9,000 J.
    lines = []
    for second in (0, 10, 20, 30):
        lines += [
            sample(f"12:00:{second}.000".replace(":0.", ":00."), "100.00 W", 0),
            sample(f"12:00:{second}.004".replace(":0.", ":00."), "200.00 W", 1),
        ]
    found = read(samples_csv(*lines))
    assert [gpu.energy_wh for gpu in found.gpus] == [Fraction(5, 6), Fraction(5, 3)]
    assert found.figures.energy_wh == 3
    assert found.figures.gpu_seconds == 60
    # From the first sample of all to the last: 30.004 s.
    assert found.figures.duration_seconds == 31


def test_read__rest_of_server_and_pue__are_on_top(read):
    site = Site(pue_bps=12_000, grid_grams_per_kwh=1_000, region="FRA")
    found = read(samples_csv(*MINUTE), site)
    # 6 Wh x 1.5 x 1.2 = 10.8 Wh; 11 Wh at 1,000 g/kWh are 11 g.
    assert (found.figures.energy_wh, found.figures.emissions_grams) == (11, 11)
    assert found.figures.method.startswith("GPU power by nvidia-smi, trapezoidal, 50 % on top")


def test_read__share_with_decimals__is_told_with_them(read):
    found = read(samples_csv(*MINUTE), replace(BARE, server_bps=1_250))
    # 6 Wh x 1.125 = 6.75 Wh.
    assert found.figures.energy_wh == 7
    assert "12.5 % on top" in found.figures.method


def test_read__midnight_and_month__pass(read):
    lines = [
        sample("2024/02/29 23:59:50.000", "360 W"),
        sample("2024/03/01 00:00:00.000", "360 W"),
        sample("2024/03/01 00:00:50.000", "360 W"),
    ]
    assert read(samples_csv(*lines)).gpus[0].energy_wh == 6


# --- units ---


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("power.draw [W]", "360"),
        ("power.draw [W]", "360. W"),
        ("power.draw", "360 W"),
        ("power.draw [mW]", "360000"),
        ("power.draw [kW]", "0.36"),
        ("power.draw [kW]", "0.36 kW"),
        ("power.draw.average [W]", "360.00 W"),
        ("power.draw.instant [W]", "360.00 W"),
        ("POWER.DRAW [W]", "360.00 W"),
    ],
)
def test_read__each_way_to_write_a_power__is_the_same(read, heading, value):
    text = samples_csv(*MINUTE, header=HEADER.replace("power.draw [W]", heading))
    assert read(text.replace("360.00 W", value)).gpus[0].energy_wh == 6


def test_read__several_powers__takes_the_plain_one(read):
    header = HEADER.replace("name", "power.draw.instant [W], power.draw.average [W]")
    text = samples_csv(*MINUTE, header=header).replace("NVIDIA H100 80GB HBM3", "1 W, 2 W")
    assert read(text, filing=Filing("ipfs://x", hardware="H100")).gpus[0].energy_wh == 6


@pytest.mark.parametrize(
    ("heading", "value", "said"),
    [
        ("power.draw", "360", "power '360' has no unit"),
        ("power.draw [W]", "360 kW", "power '360 kW' is not in W as the heading says"),
        ("power.draw [W]", "360 mW", "power '360 mW' is not in W as the heading says"),
        ("power.draw [J]", "360", "line 1: 'j' is no unit of power"),
        ("power.draw [W]", "360000", "power '360000' is above 5,000 W for one GPU"),
        ("power.draw [kW]", "360", "power '360' is above 5,000 W for one GPU"),
        ("power.draw [W]", "-360.00 W", "power '-360.00 W' is no number"),
        ("power.draw [W]", "nan W", "power 'nan W' is no number"),
        ("power.draw [W]", "inf", "power 'inf' is no number"),
        ("power.draw [W]", "1e999", "power '1e999' is no number"),
        ("power.draw [W]", "9" * 5_000, "is no number"),
        ("power.draw [W]", "", "power '' is no number"),
        ("power.draw [W]", "360 Watt", "is no number"),
        ("power.draw [W]", "٣٦٠ W", "is no number"),
    ],
)
def test_read__power_without_sense__is_refused(read, heading, value, said):
    text = samples_csv(*MINUTE, header=HEADER.replace("power.draw [W]", heading))
    with pytest.raises(FlywheelError) as caught:
        read(text.replace("360.00 W", value))
    assert said in str(caught.value)
    assert all(len(line) < 300 for line in str(caught.value).splitlines())


def test_read__most_that_a_gpu_may_draw__is_taken(read):
    # 5,000 W for a minute are 83 1/3 Wh; with a PUE of 1.2 they are 100.
    site = replace(BARE, pue_bps=12_000)
    text = samples_csv(*MINUTE).replace("360.00 W", "5000.00 W")
    assert read(text, site).figures.energy_wh == 100


# --- gaps ---

# 10 s at 360 W, nothing for 100 s, 10 s at 180 W.
GAPPED = [
    sample("12:00:00.000", "360 W"),
    sample("12:00:10.000", "360 W"),
    sample("12:01:50.000", "180 W"),
    sample("12:02:00.000", "180 W"),
]


def test_read__gap__is_counted_and_left_out(read):
    found = read(samples_csv(*GAPPED))
    # 3,600 J + 1,800 J = 1.5 Wh.
    assert found.gpus[0].energy_wh == Fraction(3, 2)
    assert (found.measured_seconds, found.gap_seconds) == (20, 100)
    assert found.figures.gpu_seconds == 20
    assert found.figures.duration_seconds == 120
    assert found.figures.note == "100 GPU-seconds without samples are left out"
    assert found.remarks == ("GPU GPU-00000000: 100 s of gaps, left out",)


@pytest.mark.parametrize(
    ("gaps", "joules"),
    [
        # 5,400 J, and 100 s at 360 W or at 700 W.
        (Gaps(filling=Filling.MAXIMUM), 41_400),
        (Gaps(filling=Filling.RATED, rated_watts=700), 75_400),
    ],
)
def test_read__gap_that_is_filled__says_with_what(read, gaps, joules):
    found = read(samples_csv(*GAPPED), gaps=gaps)
    assert found.gpus[0].energy_wh == Fraction(joules, 3_600)
    assert found.figures.gpu_seconds == 120
    # Most of the time is not measured.
    assert not found.figures.measured
    assert f"count with {gaps.filling.value}" in found.figures.note


def test_read__note_of_the_filing__stands_above_that_of_gaps(read):
    found = read(samples_csv(*GAPPED), filing=Filing("ipfs://x", note="The logger died"))
    assert found.figures.note == "The logger died"


@pytest.mark.parametrize(("limit", "gap"), [(99, 100), (100, 0)])
def test_read__interval_at_the_limit__is_no_gap(read, limit, gap):
    found = read(samples_csv(*GAPPED), gaps=Gaps(limit_seconds=limit))
    assert found.gap_seconds == gap
    # With it 100 s from 360 to 180 W are 27,000 J more.
    assert found.gpus[0].energy_wh == Fraction(5_400 + (0 if gap else 27_000), 3_600)


def test_read__gpu_that_ends_early__has_a_gap_to_the_end(read):
    other = [sample(f"12:0{minute}:00.000", "100 W", 1) for minute in range(5)]
    found = read(samples_csv(*MINUTE, *other))
    assert [gpu.gap_milliseconds for gpu in found.gpus] == [180_000, 0]
    # Filled at 360 W it used 4 minutes of them: 24 Wh; GPU 1 20/3 Wh.
    filled = read(samples_csv(*MINUTE, *other), gaps=Gaps(filling=Filling.MAXIMUM))
    assert [gpu.energy_wh for gpu in filled.gpus] == [24, Fraction(20, 3)]
    assert filled.figures.measured


def test_read__gpu_that_begins_late__has_a_gap_before(read):
    late = [sample("12:03:00.000", "100 W", 1), sample("12:03:30.000", "100 W", 1)]
    found = read(samples_csv(*MINUTE, *late))
    assert [gpu.gap_milliseconds for gpu in found.gpus] == [150_000, 180_000]


@pytest.mark.parametrize("value", ["[N/A]", "[Not Supported]", "[Unknown Error]", "N/A", "ERR!"])
def test_read__line_without_a_value__is_counted_and_bridged(read, value):
    lines = [*MINUTE[:1], MINUTE[1].replace("360.00 W", value), *MINUTE[2:]]
    found = read(samples_csv(*lines))
    assert found.gpus[0].energy_wh == 6
    assert found.gpus[0].missing == 1
    assert found.remarks == ("GPU GPU-00000000: 1 lines without a value",)


def test_read__header_of_a_restarted_logger__is_passed_over(read):
    assert read(samples_csv(*MINUTE[:2], HEADER, *MINUTE[2:])).gpus[0].energy_wh == 6


def test_read__index_instead_of_uuid__is_enough(read):
    header = HEADER.replace(" uuid,", "")
    text = samples_csv(*MINUTE, header=header).replace(" GPU-00000000,", "")
    assert read(text).gpus[0].key == "0"


def test_read__two_gpus_of_one_index__are_told_by_uuid(read):
    lines = [*MINUTE, *(line.replace("GPU-00000000", "GPU-other") for line in MINUTE)]
    assert [gpu.energy_wh for gpu in read(samples_csv(*lines)).gpus] == [6, 6]


# --- refusals ---


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (MINUTE[:1] * 2, "line 3: GPU GPU-00000000 has a sample of the same time in line 2"),
        (MINUTE[::-1], "line 3: the clock goes back by 30.000 s for GPU GPU-00000000, after line"),
        ([MINUTE[0].replace("360.00 W", "[N/A]"), MINUTE[0]], "of the same time in line 2"),
        ([MINUTE[0], MINUTE[1].replace("H100", "A100")], "line 3: GPU GPU-00000000 is 'NVIDIA A"),
        ([MINUTE[0].replace("05/01", "02/30")], "timestamp '2024/02/30 12:00:00.000' is no time"),
        ([MINUTE[0].replace("12:00", "24:00")], "is no time"),
        ([MINUTE[0].replace("2024/05/01 12", "2024-05-01T12")], "is no time"),
        ([MINUTE[0].replace("2024", "0001")], "is no time"),
        ([MINUTE[0].replace("GPU-00000000", "")], "does not say which GPU"),
        ([MINUTE[0], HEADER.replace("[W]", "[mW]"), MINUTE[1]], "line 3: the columns change here"),
        ([MINUTE[0], "Unable to determine the device handle"], "line 3: the row has 1 fields"),
        ([MINUTE[0].replace("NVIDIA", '"NVIDIA')], "line 2: a quotation mark"),
        ([MINUTE[0].replace("NVIDIA", "NVI\0DIA")], "line 2: 'NVI?DIA H100 80GB HBM3' holds"),
        ([MINUTE[0].replace("360.00 W", "[N/A]")], "line 2: GPU GPU-00000000 has no value of pow"),
        ([MINUTE[0]], "has no two samples within 60 s of one GPU"),
        ([], "has no rows"),
        ([HEADER], "has no samples"),
    ],
)
def test_read__spoilt_log__is_refused_by_line(read, lines, said):
    with pytest.raises(FlywheelError) as caught:
        read(samples_csv(*lines))
    assert said in str(caught.value).splitlines()[0]


def test_read__two_gpus_with_one_index_and_no_uuid__are_refused(read):
    text = samples_csv(*MINUTE, *MINUTE, header=HEADER.replace("uuid", "serial"))
    with pytest.raises(FlywheelError, match=r"line 5: .*for GPU 0, after line 4"):
        read(text)
    text = samples_csv(MINUTE[0], MINUTE[0], header=HEADER.replace("uuid", "serial"))
    with pytest.raises(FlywheelError, match="If two GPUs have one index, add uuid"):
        read(text)


def test_read__last_line_cut_off__is_refused(read):
    with pytest.raises(FlywheelError, match="line 4: the last line does not end"):
        read(samples_csv(*MINUTE).rstrip(" W\n"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("power.draw [W]", "power", r"column 'power.draw \[w\]' is missing"),
        ("power.draw [W]", "power.drawn [W]", r"'power.drawn \[w\]' is like 'power.draw \[w\]'"),
        ("timestamp", "time", "column 'timestamp' is missing"),
        ("index, uuid", "id, serial", "column 'uuid' is missing"),
        ("index, uuid", "index, index", "column 'index' is there twice"),
    ],
)
def test_read__wrong_columns__are_named(read, old, new, said):
    with pytest.raises(FlywheelError, match=said):
        read(samples_csv(*MINUTE, header=HEADER.replace(old, new)))


@pytest.mark.parametrize(
    ("site", "gaps", "said"),
    [
        (replace(BARE, pue_bps=9_999), None, "The PUE is 0.9999"),
        (replace(BARE, grid_grams_per_kwh=2_001), None, "The grid has 2,001"),
        (replace(BARE, server_bps=-1), None, "The rest of the server draws -1"),
        (replace(BARE, server_bps=40_001), None, "The rest of the server draws 40,001"),
        (replace(BARE, region=""), None, "The region is not named"),
        (BARE, Gaps(limit_seconds=0), "A gap of more than 0 s is no gap"),
        (BARE, Gaps(filling=Filling.RATED), "The rated power of a gap is not given"),
        (BARE, Gaps(filling=Filling.RATED, rated_watts=5_001), "The rated power of a gap"),
    ],
)
def test_read__settings_without_sense__are_refused(read, site, gaps, said):
    with pytest.raises(FlywheelError, match=said):
        read(samples_csv(*MINUTE), site, gaps)


def test_read__utf16_of_a_windows_shell__is_read(read):
    assert read(samples_csv(*MINUTE).encode("utf-16")).gpus[0].energy_wh == 6


def test_read__random_walk__is_what_a_plain_sum_gives(read):
    # Independent: joules summed in floats, second by second.
    powers = [(index * 7_919) % 70_000 / 100 for index in range(600)]
    lines = [
        sample(f"12:{second // 60:02d}:{second % 60:02d}.000", f"{power:.2f} W")
        for second, power in enumerate(powers)
    ]
    joules = sum((a + b) / 2 for a, b in pairwise(powers))
    found = read(samples_csv(*lines))
    assert float(found.gpus[0].energy_wh) == pytest.approx(joules / 3_600, rel=1e-12)
