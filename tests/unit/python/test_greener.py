"""The order of offers, and what a cleaner region or a smaller run would save."""

import pytest

from flywheel.grants import greener
from flywheel.grants.compute import Offer, Registered, in_order
from flywheel.models.kinds import ModelKind


def offered(offer_id, price, grams, region="FR"):
    """`grams` per GPU-hour: 1,000 W at a PUE of 1."""
    offer = Offer("A100", region, price, 8, 1_000, 10_000, grams)
    return Registered(offer_id, "0x01", "0x02", True, offer)


CHEAP = offered(1, 100, 400, "US")
CLEAN = offered(2, 300, 50)
MIDDLE = offered(3, 200, 100, "ES")
WORST = offered(4, 400, 500, "PL")
ALL = [WORST, CHEAP, CLEAN, MIDDLE]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("price", [CHEAP, MIDDLE, CLEAN, WORST]),
        ("carbon", [CLEAN, MIDDLE, CHEAP, WORST]),
        # Places 0 + 2, 1 + 1, 2 + 0: the cheaper one first. The worst has 3 + 3.
        ("both", [CHEAP, MIDDLE, CLEAN, WORST]),
    ],
)
def test_in_order__each_way__is_as_asked(by, expected):
    assert in_order(ALL, by) == expected


def test_in_order__both__prefers_the_balanced_one():
    balanced = offered(5, 150, 60)
    assert in_order([CHEAP, MIDDLE, balanced], "both") == [balanced, CHEAP, MIDDLE]


def run(model_id, kind, energy_wh):
    return greener.Run(model_id, kind, energy_wh, 0)


def test_emissions_on__an_offer__are_energy_by_its_grid_rounded_up():
    assert greener.emissions_on(run(1, ModelKind.FOUNDATION, 44_140_800), CLEAN.offer) == 2_207_040
    assert greener.emissions_on(run(1, ModelKind.FOUNDATION, 1_001), MIDDLE.offer) == 101


def test_advice__offers_and_runs__names_what_is_saved():
    runs = [run(1, ModelKind.FOUNDATION, 44_140_800), run(2, ModelKind.FINE_TUNE, 506_882)]
    region, fine_tune = greener.advice(ALL, runs)
    assert region == "A GPU-hour of offer 2 (FR) emits 90.0 % less than one of offer 4 (PL)."
    assert fine_tune == ("Model 2 (fine-tune) took 98.8 % less energy than model 1 (foundation).")


@pytest.mark.parametrize("found", [[], [CLEAN], [CLEAN, offered(9, 1, 50)]])
def test_advice__nothing_to_choose__says_nothing(found):
    assert list(greener.advice(found, [run(1, ModelKind.FOUNDATION, 5)])) == []
