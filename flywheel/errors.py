"""Errors that tell a person what to do."""

from flywheel.printable import on_lines

# Of each line what fits a screen; its end says what to do.
_LONGEST, _END = 900, 300


class FlywheelError(Exception):
    """Something the user can put right. The message says what is wrong and how to mend it.

    Whatever it repeats of a file, a path or a chain: what cannot be seen stands as "?" in it, and a
    line that is longer than a screen lacks its middle.
    """

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(map(_shortened, on_lines(message).split("\n"))))


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - _END]}...{line[-_END:]}"


def fix(problem: str, remedy: str) -> FlywheelError:
    """A `FlywheelError` whose text is the problem, then the remedy, one sentence each."""
    return FlywheelError(f"{problem.rstrip('.')}. {remedy.rstrip('.')}.")


def unknown(what: str, number: int, count: int, none: str = "There is none yet") -> FlywheelError:
    """For a number that nothing has: `what`, such as "model", are counted from 1 to `count`. `none`
    says what to do if there is none at all."""
    some = f"{what.capitalize()}s 1 to {count} exist" if count > 1 else f"Only {what} 1 exists"
    return fix(f"There is no {what} {number}", some if count else none)
