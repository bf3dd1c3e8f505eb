"""Runs invariant machines and counts which handler calls get through: reverts prove nothing.

class TokenMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self):
        self.token = deploy("GovernanceToken", ...)

    @rule(...)
    def transfer(self, ...):
        with self.handlers.counts("transfer"):
            self.token.transfer(receiver, amount)  # a revert is counted, not raised,
            self.model.transfer(...)  # so this line runs only after a success

def test_token_machine():
    run_machine(TokenMachine, examples=25)
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from boa import BoaError
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.support import fresh_chain

STEPS = 30
LEAST_RATE = 0.7


class HandlerCount:
    """Tries and successes by handler name, over all examples of one machine: a class attribute."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.succeeded: Counter[str] = Counter()

    @contextmanager
    def counts(self, name: str) -> Iterator[None]:
        """Counts the block as a success unless a contract reverts in it; other errors raise."""
        self.tried[name] += 1
        try:
            yield
        except BoaError:
            return
        self.succeeded[name] += 1

    def rate(self, name: str) -> float:
        """Share of the tries of `name` that succeeded, 0 to 1; 0 if there was none."""
        return self.succeeded[name] / self.tried[name] if self.tried[name] else 0.0

    def report(self) -> str:
        """Prints and returns a line per handler: name, successes / tries, share."""
        text = "\n".join(
            f"{name:<28}{self.succeeded[name]:>7} /{tried:>7}{self.rate(name):>8.1%}"
            for name, tried in sorted(self.tried.items())
        )
        print(f"\n{text}")
        return text

    def assert_rate(self, least: float = LEAST_RATE) -> None:
        """Prints the report; fails if a handler succeeded in less than `least` of its tries."""
        text = self.report()
        assert self.tried, "no handler ran"
        poor = [name for name in sorted(self.tried) if self.rate(name) < least]
        assert not poor, f"below {least:.0%}: {', '.join(poor)}\n{text}"


class ChainMachine(RuleBasedStateMachine):
    """A machine whose every example has a chain of its own, and leaves it however it ends: a chain
    left by the garbage collector would be taken away from under a later example."""

    def __init__(self) -> None:
        super().__init__()
        self._failing_before = sys.exc_info()[1]
        with ExitStack() as stack:
            stack.enter_context(self.chain())
            self.set_up()
            self._leave_chain = stack.pop_all().close

    def chain(self) -> AbstractContextManager[None]:
        return fresh_chain()

    def set_up(self) -> None:
        """What each example begins with."""

    def check_at_end(self) -> None:
        """What must hold after the last step; not asked if a step failed, whose words it would
        hide, nor of an example that hypothesis breaks off."""

    def teardown(self) -> None:
        try:
            if sys.exc_info()[1] is self._failing_before:
                self.check_at_end()
        finally:
            self._leave_chain()


def machine_settings(examples: int, steps: int = STEPS) -> settings:
    """A third of `examples` of `steps` each, always the same ones. FLYWHEEL_EXAMPLES=n makes it n
    times `examples`, drawn at random."""
    factor = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
    return settings(
        max_examples=examples * factor if factor > 1 else -(-examples // 3),
        stateful_step_count=steps,
        deadline=None,
        derandomize=factor == 1,
        suppress_health_check=list(HealthCheck),
    )


def run_machine(machine: Any, examples: int, steps: int = STEPS, least: float = LEAST_RATE) -> None:
    """Runs the machine class (with its `handlers: HandlerCount`), then checks its success rates."""
    run_state_machine_as_test(machine, settings=machine_settings(examples, steps))
    machine.handlers.assert_rate(least)
