"""flywheel.energy.codecarbon: real files of versions 2 and 3, and files as they should not be."""

import csv
from dataclasses import replace
from decimal import Decimal

import pytest
from eth_utils import keccak

from flywheel.energy import codecarbon
from flywheel.energy.figures import Filing, Market
from flywheel.errors import FlywheelError
from tests.kits.energy import COLUMNS, FILING, FIXTURES, PROOF, emissions_csv

DIGITS = "9" * 5_000


@pytest.fixture
def read(tmp_path):
    """Reads a text, or bytes, as an emissions.csv."""

    def run(content, filing=FILING, pue_bps=None):
        path = tmp_path / "emissions.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return codecarbon.read(path, filing, pue_bps)

    return run


# --- real files ---


def test_read__file_of_3_3_0__takes_the_last_of_three_running_totals():
    path = FIXTURES / "codecarbon-3.3.0.csv"
    found = codecarbon.read(path, FILING)
    (run,) = found.runs
    assert (run.line, run.rows) == (4, 3)
    # What stop() returned for this run, which its rows do not sum to.
    assert run.emissions_kg == Decimal("1.3327795140966287e-05")
    # 0.0000514787... kWh are 0.0515 Wh, 0.0133 g at 258.90 g/kWh; 12.13 s.
    assert found.figures.energy_wh == 1
    assert found.figures.emissions_grams == 1
    assert found.figures.grid_grams_per_kwh == 259
    assert found.figures.duration_seconds == 13
    assert found.figures.gpu_seconds == 0
    assert found.figures.hardware == "Apple M5"
    assert found.figures.region == "ESP madrid"
    assert not found.figures.measured
    assert found.figures.evidence_hash == keccak(path.read_bytes())
    assert "1.0: give that of the data centre" in found.remarks[0]


def test_read__file_of_3_3_2__has_the_pue_in_its_energy():
    found = codecarbon.read(FIXTURES / "codecarbon-3.3.2.csv", FILING)
    assert [run.rows for run in found.runs] == [1, 1]
    # The tracker was told 1.2. CodeCarbon takes 20 W for the memory of this machine, which in
    # 6.017 s are 120 J; the file has 4.003e-05 kWh, which are 144 J.
    memory = Decimal("4.002787438666625e-05") * 3_600_000
    assert Decimal("1.19") < memory / (20 * Decimal("6.017")) < Decimal("1.21")
    assert found.figures.pue_bps == 12_000
    # 5.2335e-06 kg / 9.3391e-05 kWh = 56.039 g/kWh, which is France in the table of grids.
    assert found.figures.grid_grams_per_kwh == 57
    assert found.figures.duration_seconds == 11
    assert found.remarks == ()


def test_read__file_of_2_4__sums_the_last_rows_of_its_runs(read):
    lines = (FIXTURES / "codecarbon-2.4.3rc1.csv").read_text(encoding="utf-8").splitlines(True)
    kept = "".join(lines[:2] + lines[7:])
    found = read(kept)
    last = {row["run_id"]: row for row in csv.DictReader(kept.splitlines())}
    assert len(found.runs) == len(last) == 16
    # 0.00782607185245066671 kWh, 0.000172945... kg, 22.0987 g/kWh; 5,265.5 s of one GPU.
    assert sum(run.energy_kwh for run in found.runs) == sum(
        Decimal(row["energy_consumed"]) for row in last.values()
    )
    assert sum(run.emissions_kg for run in found.runs) == Decimal("0.0001729457432802138072")
    assert found.figures.energy_wh == 8
    assert found.figures.emissions_grams == 1
    assert found.figures.grid_grams_per_kwh == 23
    assert found.figures.gpu_seconds == 5_266
    # No two of them overlap, and each second that began counts: 356 + 92 + 86 + 647 + 2,487 + 269
    # + 75 + 71 + 262 + 137 + 66 + 64 + 259 + 144 + 117 + 141.
    assert found.figures.duration_seconds == 5_273
    assert found.figures.method.startswith("CodeCarbon 2.4.3rc1:")


def test_read__real_rows_without_run_id_or_totals__are_refused_by_line():
    path = FIXTURES / "codecarbon-2.4.3rc1.csv"
    with pytest.raises(FlywheelError) as caught:
        codecarbon.read(path, FILING)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}, line {n}" for n in range(3, 8)]
    assert all("run_id is empty" in line for line in lines)


# --- figures ---


def test_read__one_run_of_eight_gpus__has_exact_figures(read):
    found = read(emissions_csv({}))
    # 3.5 kWh, 200 g; 200 / 3.5 = 57.14 g/kWh, rounded up; 8 GPUs for an hour.
    assert found.figures.energy_wh == 3_500
    assert found.figures.emissions_grams == 200
    assert found.figures.grid_grams_per_kwh == 58
    assert found.figures.gpu_seconds == 28_800
    assert found.figures.duration_seconds == 3_600
    assert found.figures.pue_bps == 10_000
    assert found.figures.hardware == "8 x NVIDIA A100-SXM4-80GB"
    assert found.figures.region == "FRA île-de-france"
    assert found.figures.measured
    assert found.figures.tolerance_bps == 500
    # 3,500 x 58 / 1,000 = 203 g: 200 is 1.5 % below, within 5 %.
    assert found.figures.is_within_tolerance


def test_read__parts_of_a_unit__are_rounded_up(read):
    row = {"energy_consumed": "3.5000001", "cpu_energy": "0.4000001", "emissions": "0.2000001"}
    found = read(emissions_csv(row | {"duration": "3600.001"}))
    assert found.figures.energy_wh == 3_501
    assert found.figures.emissions_grams == 201
    assert found.figures.duration_seconds == 3_601
    # 8 x 3,600.001.
    assert found.figures.gpu_seconds == 28_801


def test_read__pue_of_the_caller__is_in_energy_and_emissions(read):
    found = read(emissions_csv({}), pue_bps=12_000)
    # 3,500 x 1.2 = 4,200 Wh; 200 x 1.2 = 240 g; the grid stays 57.14 g/kWh.
    assert (found.figures.energy_wh, found.figures.emissions_grams) == (4_200, 240)
    assert found.figures.grid_grams_per_kwh == 58
    assert found.figures.pue_bps == 12_000
    assert found.remarks == ()


def test_read__pue_of_the_file__is_not_applied_again(read):
    found = read(emissions_csv({"pue": "1.15"}))
    assert found.figures.energy_wh == 3_500
    assert found.figures.pue_bps == 11_500
    with pytest.raises(FlywheelError, match="has the PUE in its figures already"):
        read(emissions_csv({"pue": "1.15"}), pue_bps=12_000)


def test_read__version_without_a_column_for_pue__counts_the_machine(read):
    columns = [name for name in COLUMNS if name not in ("pue", "codecarbon_version")]
    found = read(emissions_csv({}, columns=columns), pue_bps=15_000)
    assert found.figures.energy_wh == 5_250
    assert found.figures.method.startswith("CodeCarbon 2:")


def test_read__column_of_a_later_version__is_passed_over(read):
    columns = [*COLUMNS, "water_consumed"]
    assert read(emissions_csv({"water_consumed": "0.1"}, columns=columns)).figures.energy_wh == 3500


def test_read__several_rows_of_a_run__count_once(read):
    half = {"duration": "1800", "emissions": "0.1", "energy_consumed": "1.75"}
    half |= {"cpu_energy": "0.2", "gpu_energy": "1.4", "ram_energy": "0.15"}
    half |= {"timestamp": "2025-03-01T12:30:00"}
    found = read(emissions_csv(half, {}))
    assert [(run.line, run.rows) for run in found.runs] == [(3, 2)]
    assert found.figures.energy_wh == 3_500


def test_read__two_nodes_at_once__take_the_time_of_one(read):
    found = read(emissions_csv({}, {"run_id": "run-b", "timestamp": "2025-03-01T13:30:00"}))
    assert found.figures.energy_wh == 7_000
    # 12:00 to 13:00 and 12:30 to 13:30 are an hour and a half.
    assert found.figures.duration_seconds == 5_400
    assert found.figures.gpu_seconds == 57_600
    assert any("overlap in time" in remark for remark in found.remarks)


def test_read__runs_one_after_the_other__have_no_remark_of_overlap(read):
    found = read(emissions_csv({}, {"run_id": "run-b", "timestamp": "2025-03-01T13:59:59"}))
    assert not any("overlap" in remark for remark in found.remarks)


def test_read__different_places_and_machines__are_all_named(read):
    other = {"run_id": "b", "country_iso_code": "DEU", "region": "", "gpu_model": "8 x H100"}
    found = read(emissions_csv({"region": "", "gpu_model": "8 x A100"}, other))
    assert found.figures.region == "FRA+DEU"
    assert found.figures.hardware == "8 x A100+8 x H100"


@pytest.mark.parametrize(
    ("versions", "named"),
    [
        (["3.0.0", "2.8.5", "3.0.0"], "CodeCarbon 2.8.5+3.0.0:"),
        (["1", "2", "3", "4"], "CodeCarbon of several versions:"),
    ],
)
def test_read__runs_of_several_versions__are_named(read, versions, named):
    rows = [{"run_id": str(n), "codecarbon_version": v} for n, v in enumerate(versions)]
    assert read(emissions_csv(*rows)).figures.method.startswith(named)


def test_read__region_too_long_for_the_chain__is_the_country(read):
    found = read(emissions_csv({"region": "a very long name of a region indeed"}))
    assert found.figures.region == "FRA"


def test_read__filing__adds_market_and_names(read):
    filing = Filing("ipfs://x", hardware="pod", region="Paris", market=Market(0, 10_000, PROOF))
    found = read(emissions_csv({}), filing).figures
    assert (found.hardware, found.region, found.market_grams) == ("pod", "Paris", 0)
    assert (found.renewable_bps, found.renewable_proof) == (10_000, PROOF)


def test_read__grid_far_below_a_gram__says_so_in_the_note(read):
    # 3.5 kWh with 0.0001 kg are 0.0286 g/kWh, told as 1: 4 g instead of 1 g.
    found = read(emissions_csv({"emissions": "0.0001"}))
    assert found.figures.note == "The grid is 0.029 g/kWh, told as 1"


# --- refusals ---


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"energy_consumed": "nan"}, "energy_consumed 'nan' is no number"),
        ({"energy_consumed": "inf"}, "energy_consumed 'inf' is no number"),
        ({"energy_consumed": "-3.5"}, "energy_consumed '-3.5' is negative"),
        ({"emissions": "1e999"}, "emissions '1e999' is beyond any measurement"),
        ({"emissions": DIGITS}, "is beyond any measurement"),
        ({"emissions": "3e12"}, "emissions 3e12 is too large"),
        ({"energy_consumed": ""}, "energy_consumed is empty"),
        ({"energy_consumed": "3,5"}, "fields, not as many fields as the first line"),
        ({"energy_consumed": "3.4"}, "is not cpu_energy + gpu_energy + ram_energy"),
        ({"duration": "157680001"}, "duration 157680001 is too large"),
        ({"timestamp": "2025-02-30T12:00:00"}, "timestamp '2025-02-30T12:00:00' is no time"),
        ({"timestamp": "0001-01-01T00:00:00"}, "is no time"),
        ({"timestamp": "2025-03-01 13:00:00"}, "is no time"),
        ({"run_id": ""}, "run_id is empty"),
        ({"pue": "0.9"}, "pue 0.9 is below 1"),
        ({"codecarbon_version": "v" * 17}, "codecarbon_version 'vvvvvvvvvvvvvvvvv' is none"),
        ({"gpu_count": "many"}, "gpu_count 'many' is no number"),
        ({"gpu_model": '"8 x A100'}, "a quotation mark stands in the middle"),
        ({"gpu_model": "A\u200b100"}, "cannot be seen, U+200B"),
        ({"cpu_model": "a\0b"}, "cannot be seen, U+0000"),
    ],
)
def test_read__bad_cell__is_a_fault_of_its_line(read, change, said):
    text = emissions_csv(change, {"run_id": "good"})
    with pytest.raises(FlywheelError) as caught:
        read(text)
    (line,) = str(caught.value).splitlines()
    assert "emissions.csv, line 2: " in line
    assert said in line
    assert len(line) < 400


def test_read__falling_totals__are_refused(read):
    for name, value in (("duration", "3599"), ("emissions", "0.1")):
        with pytest.raises(FlywheelError, match=rf"line 3: {name} of run run-a falls below .* 2"):
            read(emissions_csv({}, {name: value}))


def test_read__missing_columns__are_named_with_the_nearest(read):
    columns = [name for name in COLUMNS if name not in ("run_id", "energy_consumed")]
    text = emissions_csv({}, columns=columns).replace("ram_energy,", "energy_consumption,", 1)
    with pytest.raises(FlywheelError) as caught:
        read(text)
    assert "line 1: columns 'run_id', 'ram_energy', 'energy_consumed' are missing" in str(
        caught.value
    )
    assert "'energy_consumption' is like 'energy_consumed'" in str(caught.value)


def test_read__row_with_fields_left_out__is_told_the_cause(read):
    text = emissions_csv({}) + ",".join(["x"] * (len(COLUMNS) - 2)) + "\n"
    with pytest.raises(FlywheelError, match=r"line 3: .*3\.2\.9 and 3\.3\.0 leave out empty col"):
        read(text)


def test_read__last_line_cut_off__is_refused(read):
    # "pue" 1.15 would have become 1.1.
    text = emissions_csv({"pue": "1.15"})[:-2]
    with pytest.raises(FlywheelError, match="line 2: the last line does not end"):
        read(text)


def test_read__tasks__are_refused(read):
    with pytest.raises(FlywheelError, match="holds tasks, which overlap"):
        read(emissions_csv({"task_name": "load"}, columns=["task_name", *COLUMNS]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (emissions_csv(), "has no rows"),
        ("", "line 1: columns 'timestamp'"),
        (emissions_csv({}).encode("utf-16-le"), "is in UTF-16 without a mark"),
        (emissions_csv({}).encode("latin-1"), "line 2: the byte 0xee is not UTF-8"),
        (emissions_csv({"energy_consumed": "0", **dict.fromkeys(
            ("cpu_energy", "gpu_energy", "ram_energy", "emissions"), "0")}), "The energy is zero"),
        (emissions_csv({}).replace("run_id", "pue"), "column 'pue' is there twice"),
    ],
)  # fmt: skip
def test_read__no_usable_file__is_refused(read, content, said):
    with pytest.raises(FlywheelError, match=said):
        read(content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_read__with_a_mark__is_the_same(read, encoding):
    plain = read(emissions_csv({})).figures
    found = read(emissions_csv({}).encode(encoding)).figures
    assert found.evidence_hash != plain.evidence_hash
    assert replace(found, evidence_hash=b"") == replace(plain, evidence_hash=b"")
