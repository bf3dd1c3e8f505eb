"""The chain is connected when something asks for it, and commands that ask nothing need no node."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from flywheel.chain import connection, on_demand
from flywheel.errors import FlywheelError
from tests import scripts_support

# Nothing listens there.
NOWHERE = "ethereum:local:http://127.0.0.1:1"


class Line:
    """Counts how often it was opened and closed."""

    def __init__(self) -> None:
        self.opened = self.closed = 0

    @contextmanager
    def connect(self) -> Iterator[None]:
        self.opened += 1
        try:
            yield
        finally:
            self.closed += 1


def test_connecting__nobody_asks__never_connects() -> None:
    line = Line()
    with on_demand.connecting(line.connect):
        pass
    on_demand.connect_now()
    assert (line.opened, line.closed) == (0, 0)


def test_connecting__asked_twice__connects_once_and_leaves_at_the_end() -> None:
    line = Line()
    with on_demand.connecting(line.connect):
        on_demand.connect_now()
        on_demand.connect_now()
        assert (line.opened, line.closed) == (1, 0)
    assert (line.opened, line.closed) == (1, 1)


def test_connecting__within_another__makes_the_inner_one_first() -> None:
    outer, inner = Line(), Line()
    with on_demand.connecting(outer.connect):
        with on_demand.connecting(inner.connect):
            on_demand.connect_now()
        assert (outer.opened, inner.opened, inner.closed) == (0, 1, 1)
        on_demand.connect_now()
        assert outer.opened == 1


def test_connecting__block_fails__leaves_the_connection() -> None:
    line = Line()

    def fail() -> None:
        with on_demand.connecting(line.connect):
            on_demand.connect_now()
            raise KeyError("why")

    with pytest.raises(KeyError, match="why"):
        fail()
    assert line.closed == 1


def test_provider__asked_for__makes_the_connection() -> None:
    line = Line()
    with on_demand.connecting(line.connect):
        # The line leads to no chain.
        with suppress(FlywheelError):
            connection.provider()
        assert line.opened == 1


def test_command__wrong_options__says_so_without_a_node() -> None:
    words = ("contribute", "1", "--account", "TEST::1", "--safe", "batch.json")
    result = scripts_support.run("raise", *words, network=NOWHERE)
    assert result.exit_code == 1
    assert "--safe FILE and --safe-address belong together" in result.output


def test_command__needs_a_node_that_is_not_there__says_that_it_does_not_answer() -> None:
    result = scripts_support.run("vote", "show", network=NOWHERE)
    assert result.exit_code == 1
    assert result.output.startswith("Error: The node does not answer")
    assert result.output.count("\n") == 1


def test_command__unknown_network__is_a_usage_error() -> None:
    result = scripts_support.run("vote", "show", network="ethereum:nowhere")
    assert result.exit_code == 2
    assert "Invalid value for '--network'" in result.output


def test_command__no_network__says_that_none_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ape import networks

    # The chain that the test suite is connected to.
    monkeypatch.setattr(networks, "active_provider", None)
    result = scripts_support.run("vote", "show", network="none")
    assert result.exit_code == 1
    assert "No chain is connected" in result.output
