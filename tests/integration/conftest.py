"""The stories run on Ape's embedded chain, with the byte code that `make compile` made."""

import pytest

from flywheel import story
from flywheel.console.output import Output
from flywheel.story import scenario
from tests import scripts_support


def _player(accounts, folder):
    def run(tale: scenario.Scenario):
        played = story.Play(tale, list(accounts), Output("csv"), folder)
        return story.play(played), played

    return run


@pytest.fixture
def play(accounts, tmp_path):
    """Plays a scenario; returns (summary, play)."""
    return _player(accounts, tmp_path)


@pytest.fixture(scope="module")
def play_once(accounts, tmp_path_factory):
    """The same for a story that several tests look at."""
    return _player(accounts, tmp_path_factory.mktemp("story"))


@pytest.fixture
def run_script(project):
    """`run_script("demo", "--scenario", ...)` on the embedded chain; returns click's result."""
    assert project.path == scripts_support.ROOT
    return lambda name, *arguments: scripts_support.run(
        name, *arguments, network="ethereum:local:test"
    )
