"""The journal of a deployment: what is on chain, written after every step."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flywheel.errors import fix
from flywheel.reading import strict_json

FORMAT = 1


@dataclass
class Journal:
    """`deployments/<chain id>.json`, or memory only when `path` is None (the embedded chain).

    `contracts`: name -> address, args, transaction, code_hash (keccak256 of the runtime code on
    chain), artifact_hash (keccak256 of the compiled runtime code, without immutables).
    `calls`: label -> transaction. `pending`: the deployment that was sent and not yet recorded.
    """

    chain_id: int
    path: Path | None = None
    deployer: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    contracts: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, Any] | None = None

    @classmethod
    def at(cls, path: Path, chain_id: int) -> "Journal":
        """Opens the journal at `path`, empty if there is none yet."""
        if not path.exists():
            return cls(chain_id=chain_id, path=path)
        restore = "Restore it from version control or a backup"
        data = strict_json.read(path, restore, "is not a journal")
        if not isinstance(data, dict):
            raise fix(f"{path} is not a journal", restore)
        if data.get("format") != FORMAT:
            raise fix(f"{path} has another format than {FORMAT}", "Use the release that wrote it")
        kinds = {"chain_id": int, "values": dict, "contracts": dict, "calls": dict}
        for name, kind in kinds.items():
            if not isinstance(data.get(name), kind):
                raise fix(f"{path} is not a journal: its {name} are missing or odd", restore)
        if data["chain_id"] != chain_id:
            raise fix(
                f"{path} is of chain {data['chain_id']}, the node is on chain {chain_id}",
                "Connect to the right network with --network",
            )
        return cls(
            chain_id=chain_id,
            path=path,
            deployer=data.get("deployer"),
            values=data["values"],
            contracts=data["contracts"],
            calls=data["calls"],
            pending=data.get("pending"),
        )

    def save(self) -> None:
        """Writes the whole journal in one rename: a reader sees the old or the new one."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        data = {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "deployer": self.deployer,
            "values": self.values,
            "contracts": self.contracts,
            "calls": self.calls,
            "pending": self.pending,
        }
        draft = self.path.with_suffix(".json.tmp")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.path)
