"""flywheel.energy.tracker: CodeCarbon is an optional extra, here a stand-in of its tracker."""

import sys
from types import ModuleType

import pytest

from flywheel.energy import codecarbon, tracker
from flywheel.errors import FlywheelError
from tests.kits.energy import FILING, emissions_csv

NOTHING = [sys.executable, "-c", ""]


class Tracker:
    """Writes a row when it is stopped, as OfflineEmissionsTracker does."""

    made: "list[Tracker]" = []  # noqa: RUF012
    writes = True

    def __init__(self, **settings):
        self.settings, self.calls = settings, []
        self.made.append(self)

    def start(self):
        self.calls.append("start")

    def stop(self):
        self.calls.append("stop")
        if self.writes:
            path = f"{self.settings['output_dir']}/{self.settings['output_file']}"
            with open(path, "a", encoding="utf-8") as file:
                file.write(emissions_csv({"pue": str(self.settings["pue"])}))


@pytest.fixture
def made(monkeypatch):
    """The trackers that were made."""
    module = ModuleType("codecarbon")
    module.OfflineEmissionsTracker = Tracker
    monkeypatch.setitem(sys.modules, "codecarbon", module)
    monkeypatch.setattr(Tracker, "made", [])
    monkeypatch.setattr(Tracker, "writes", True)
    return Tracker.made


def test_track__command__is_measured_from_start_to_stop(made, tmp_path):
    marker = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(marker)!r}, 'w')"]
    path = tracker.track(command, tmp_path / "out", "FRA", 11_500)
    assert marker.exists()
    (one,) = made
    assert one.calls == ["start", "stop"]
    assert one.settings["country_iso_code"] == "FRA"
    assert one.settings["pue"] == 1.15
    assert codecarbon.read(path, FILING).figures.pue_bps == 11_500


def test_track__command_that_fails__says_where_its_figures_are(made, tmp_path):
    with pytest.raises(FlywheelError, match=r"ended with 3\. What it used is in .*emissions\.csv"):
        tracker.track([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, "FRA", 10_000)
    assert (tmp_path / "emissions.csv").exists()


def test_track__no_such_command__stops_the_tracker(made, tmp_path):
    with pytest.raises(FlywheelError, match="Cannot run no-such-command: No such file"):
        tracker.track(["no-such-command"], tmp_path, "FRA", 10_000)
    assert made[0].calls == ["start", "stop"]


def test_track__tracker_that_writes_nothing__is_told(made, tmp_path, monkeypatch):
    (tmp_path / "emissions.csv").write_text(emissions_csv({}))
    monkeypatch.setattr(Tracker, "writes", False)
    with pytest.raises(FlywheelError, match="CodeCarbon wrote nothing"):
        tracker.track(NOTHING, tmp_path, "FRA", 10_000)


@pytest.mark.parametrize(
    ("country", "pue_bps", "said"),
    [
        ("France", 10_000, "'France' is no code of a country"),
        ("fra", 10_000, "'fra' is no code of a country"),
        ("FRA", 9_999, "The PUE is 0.9999"),
        ("FRA", 30_001, "The PUE is 3.0001"),
    ],
)
def test_track__settings_without_sense__run_nothing(made, tmp_path, country, pue_bps, said):
    with pytest.raises(FlywheelError, match=said):
        tracker.track(NOTHING, tmp_path, country, pue_bps)
    assert made == []


def test_track__without_codecarbon__says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "codecarbon", None)
    with pytest.raises(FlywheelError, match=r"Run: pip install 'flywheel\[energy\]'"):
        tracker.track(NOTHING, tmp_path, "FRA", 10_000)


def test_track__folder_that_cannot_be__is_told(made, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FlywheelError, match="Give another folder"):
        tracker.track(NOTHING, tmp_path / "file" / "below", "FRA", 10_000)
