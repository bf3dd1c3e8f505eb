"""flywheel.energy.figures: the bounds of a report, from both sides, and what it must explain."""

from dataclasses import replace
from fractions import Fraction

import pytest

from flywheel.energy import figures
from flywheel.energy.figures import Filing, Market, Phase
from flywheel.errors import FlywheelError
from tests.kits.energy import FILING, GOOD, PROOF


def test_refuse__figures_within_bounds__says_nothing():
    figures.refuse(GOOD)


# Without GPUs and with a note, a figure can be moved alone.
ALONE = replace(GOOD, gpu_seconds=0, note="Moved alone")


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("energy_wh", 1, 10**15),
        ("emissions_grams", 0, 2 * 10**15),
        ("pue_bps", 10_000, 30_000),
        ("grid_grams_per_kwh", 0, 2_000),
        ("duration_seconds", 0, 157_680_000),
        ("tolerance_bps", 0, 5_000),
    ],
)
def test_refuse__figure_at_its_bounds__is_taken_and_beyond_refused(field, least, most):
    for good in (least, most):
        figures.refuse(replace(ALONE, **{field: good}))
    for bad in (least - 1, most + 1):
        with pytest.raises(FlywheelError) as caught:
            figures.refuse(replace(ALONE, **{field: bad}))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"energy_wh": 0, "gpu_seconds": 0, "emissions_grams": 0}, "The energy is zero."),
        ({"phase": 4}, "The phase is neither training nor serving."),
        ({"gpu_seconds": -1}, "The GPU time is negative."),
        ({"hardware": " "}, "The hardware is not named."),
        ({"region": ""}, "The region is not named."),
        ({"method": ""}, "The method is not named."),
        ({"evidence_uri": ""}, "The URI of the evidence is not named."),
        ({"evidence_hash": bytes(32)}, "The evidence has no hash."),
        ({"evidence_hash": b"\x01" * 31}, "The evidence has no hash."),
        ({"hardware": "é" * 33}, "has 66 bytes. Give at most 64 bytes."),
        ({"region": "r" * 33}, "has 33 bytes. Give at most 32 bytes."),
        ({"method": "m" * 129}, "has 129 bytes. Give at most 128 bytes."),
        ({"note": "n" * 129}, "has 129 bytes. Give at most 128 bytes."),
        ({"evidence_uri": "u" * 129}, "has 129 bytes. Give at most 128 bytes."),
        ({"note": "a\x1b[2Jb"}, "holds a character that cannot be seen, U+001B."),
        ({"hardware": "A100\u202e"}, "holds a character that cannot be seen, U+202E."),
    ],
)
def test_refuse__one_fault__is_one_sentence_and_what_to_do(change, said):
    with pytest.raises(FlywheelError) as caught:
        figures.refuse(replace(GOOD, **change))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_refuse__texts_as_long_as_the_chain_keeps__are_taken():
    figures.refuse(
        replace(GOOD, hardware="h" * 64, region="r" * 32, method="m" * 128, note="n" * 128)
    )


def test_refuse__several_faults__has_a_line_for_each():
    with pytest.raises(FlywheelError) as caught:
        figures.refuse(replace(GOOD, pue_bps=9_000, region="", renewable_bps=1))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("energy_wh", "is_taken"),
    [
        # 3,600 GPU-seconds: 1 Wh is 1 W on average; at PUE 1.1 5,500 Wh are 5,000 W of the GPU.
        (1, True),
        (5_500, True),
        (5_501, False),
    ],
)
def test_refuse__average_power_of_a_gpu__is_bounded(energy_wh, is_taken):
    changed = replace(GOOD, gpu_seconds=3_600, energy_wh=energy_wh, note="Moved alone")
    if is_taken:
        figures.refuse(changed)
    else:
        with pytest.raises(FlywheelError, match=r"A GPU drew 5,501\.0 W on average"):
            figures.refuse(changed)


def test_refuse__gpu_below_one_watt__is_refused():
    # 1 Wh in 3,601 GPU-seconds is below 1 W.
    changed = replace(GOOD, gpu_seconds=3_601, energy_wh=1, emissions_grams=1)
    with pytest.raises(FlywheelError, match=r"A GPU drew 1\.0 W on average"):
        figures.refuse(changed)


@pytest.mark.parametrize(
    ("emissions", "is_within"),
    # Energy x grid is 44,000 g, and 1 % of it 440 g.
    [(43_559, False), (43_560, True), (44_000, True), (44_440, True), (44_441, False)],
)
def test_refuse__emissions_beside_energy_times_grid__need_a_note(emissions, is_within):
    changed = replace(GOOD, emissions_grams=emissions)
    assert changed.is_within_tolerance == is_within
    if is_within:
        figures.refuse(changed)
        return
    with pytest.raises(FlywheelError, match=r"but energy x grid is 44,000 g\. Say why in a note"):
        figures.refuse(changed)
    figures.refuse(replace(changed, note="Two grids"))


def test_expected_grams__part_of_a_gram__counts_as_one():
    assert replace(GOOD, energy_wh=1, grid_grams_per_kwh=1).expected_grams == 1
    assert replace(GOOD, energy_wh=1_001, grid_grams_per_kwh=1_000).expected_grams == 1_001


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"market_grams": 0}, "come without a proof"),
        ({"renewable_bps": 1}, "come without a proof"),
        ({"renewable_bps": 10_001, "renewable_proof": PROOF}, "is 10,001 basis points"),
        ({"renewable_bps": -1, "renewable_proof": PROOF}, "is -1 basis points"),
        ({"market_grams": -1, "renewable_proof": PROOF}, "market-based emissions are -1"),
        ({"market_grams": 1, "renewable_proof": PROOF[1:]}, "is no hash of 32 bytes"),
    ],
)
def test_refuse__market_figures__need_bounds_and_a_proof(change, said):
    with pytest.raises(FlywheelError, match=said):
        figures.refuse(replace(GOOD, **change))


def test_filed__what_the_filing_says__stands_above_the_file():
    filing = Filing(
        "ipfs://other", Phase.SERVING, "H100", "Paris", "Checked", Market(4_400, 9_000, PROOF)
    )
    found = GOOD.filed(filing)
    assert found == replace(
        GOOD,
        evidence_uri="ipfs://other",
        phase=Phase.SERVING,
        hardware="H100",
        region="Paris",
        note="Checked",
        market_grams=4_400,
        renewable_bps=9_000,
        renewable_proof=PROOF,
    )


def test_filed__empty_texts__leave_what_the_file_says():
    assert replace(GOOD, note="From the file").filed(FILING) == replace(GOOD, note="From the file")


def test_filed__market_without_proof__is_refused():
    with pytest.raises(FlywheelError, match="come without a proof"):
        GOOD.filed(Filing("ipfs://x", market=Market(0, 10_000, bytes(32))))


def test_explained__grid_of_a_fifth_of_a_gram__says_what_rounding_did():
    # Iceland-like: 440,000 Wh at 0.2 g/kWh are 88 g, told as 1 g/kWh, which would be 440 g.
    low = replace(GOOD, emissions_grams=88, grid_grams_per_kwh=1)
    found = low.explained(Fraction(1, 5))
    assert found.note == "The grid is 0.200 g/kWh, told as 1"
    figures.refuse(found)


def test_explained__within_tolerance_or_with_a_note__is_not_changed():
    assert GOOD.explained(Fraction(100)) == GOOD
    noted = replace(GOOD, emissions_grams=1, note="Known")
    assert noted.explained(Fraction(1)) == noted


def test_evidence_of__a_file__is_keccak256_of_its_bytes():
    # The digest of no bytes, as Ethereum has it everywhere.
    assert figures.evidence_of(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
