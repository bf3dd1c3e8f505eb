"""Errors that tell a person what to do."""


class FlywheelError(Exception):
    """Something the user can put right. The message says what is wrong and how to mend it."""


def fix(problem: str, remedy: str) -> FlywheelError:
    """A `FlywheelError` whose text is the problem, then the remedy, one sentence each."""
    return FlywheelError(f"{problem.rstrip('.')}. {remedy.rstrip('.')}.")
