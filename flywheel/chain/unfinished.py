"""Transactions whose end nobody has seen yet, kept from one run to the next.

A transaction is written down, signed, before it is sent, and forgotten as soon as its receipt was
read. What is left after a run that was killed, or that gave up waiting, may be in a block by now:
the next run of that account finds out before it sends anything of its own.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from flywheel.chain import folders, node
from flywheel.errors import fix


@dataclass(frozen=True)
class Sent:
    """One signed transaction. `raw` are its bytes, `what` says what it calls, in words."""

    hash: str
    nonce: int
    what: str
    raw: str


def path_of(account: str) -> Path:
    """The file of an account on the connected chain."""
    return folders.deployments() / "sent" / f"{node.identity()}-{account.lower()}.json"


def keep(account: str, sent: Sent) -> None:
    """Writes it down, for good before this returns. It replaces what was kept of the account.

    Raises `FlywheelError` if the folder cannot be written to: then nothing may be sent.
    """
    path = path_of(account)
    draft = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(sent), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise fix(
            f"{path.parent} cannot be written to ({error.strerror}), so nothing was sent",
            f"Make it writable, or name another folder in {folders.DEPLOYMENTS_VARIABLE}",
        ) from error


def forget(account: str) -> None:
    path_of(account).unlink(missing_ok=True)


def of(account: str) -> Sent | None:
    """What the account sent and nobody saw the end of. Raises `FlywheelError` if the file that
    says so cannot be read."""
    path = path_of(account)
    if not path.exists():
        return None
    try:
        return Sent(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise fix(
            f"{path} does not say which transaction it is of",
            f"Look what {account} sent last, then remove the file",
        ) from None
