"""The salts of registrations under way, each in a file, so that one can be taken up again."""

import json
import os
import secrets
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, values

FORMAT = 1


def path_of(folder: Path, chain_id: int, registrant: str, weights_digest: bytes) -> Path:
    return folder / f"{chain_id}-{registrant.lower()}-{weights_digest.hex()[:16]}.json"


def salt_of(
    path: Path, chain_id: int, registry: str, registrant: str, weights_digest: bytes
) -> bytes:
    """The salt that `path` keeps; a new one, kept there before anybody hears of it, if it does not
    exist. Raises `FlywheelError` if it is of another registration.

    Whoever reads the salt before the registration can find out what was committed to: only the
    owner of the file may read it.
    """
    about = {
        "format": FORMAT,
        "chain_id": chain_id,
        "registry": registry,
        "registrant": registrant,
        "weights_digest": f"0x{weights_digest.hex()}",
    }
    if path.exists():
        anew = "Move it away: the next run commits anew"
        data = strict_json.read(path, anew, "keeps no salt")
        if not isinstance(data, dict) or "salt" not in data:
            raise fix(f"{path} keeps no salt", anew)
        try:
            salt = values.hexadecimal(data.pop("salt"), "salt")
        except FlywheelError as error:
            raise fix(f"{path} keeps no salt: {error}", anew) from None
        if data != about or len(salt) != 32:
            raise fix(f"{path} is of another registration", "Move it away, or name another file")
        return salt
    salt = secrets.token_bytes(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "salt": salt.hex()}, indent=2) + "\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return salt
