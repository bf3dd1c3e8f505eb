"""Flywheel's Python half: what its scripts, its tests and other projects share.

How money flows, and the room of each step: `funding` -> `governance` -> `grants` -> `models` ->
`licensing` -> `royalties` -> `treasury` and `rewards`. Public names, each with an example in
docs/reference/python.md:

`Parameters`     what a deployment file says, in units of contracts
`Journal`        what of a deployment is on chain
`Deployment`     makes what is not, step by step, and can be run again
`Suite`          the contracts of a deployment by name
`play`           plays a scenario on a test chain and accounts for every unit
`FlywheelError`  what a person can mend: the reason and what to do, in one line
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flywheel.deploy.deployment import Deployment as Deployment
    from flywheel.deploy.journal import Journal as Journal
    from flywheel.deploy.parameters import Parameters as Parameters
    from flywheel.deploy.suite import Suite as Suite
    from flywheel.errors import FlywheelError as FlywheelError
    from flywheel.story import play_scenario as play

__version__ = "0.1.0"
# Where each public name is: imported when it is first used, so that no command waits for others.
_HOMES = {
    "Deployment": ("flywheel.deploy.deployment", "Deployment"),
    "FlywheelError": ("flywheel.errors", "FlywheelError"),
    "Journal": ("flywheel.deploy.journal", "Journal"),
    "Parameters": ("flywheel.deploy.parameters", "Parameters"),
    "Suite": ("flywheel.deploy.suite", "Suite"),
    "play": ("flywheel.story", "play_scenario"),
}
__all__ = ["Deployment", "FlywheelError", "Journal", "Parameters", "Suite", "play"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flywheel' has no attribute '{name}'")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
