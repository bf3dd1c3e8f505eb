"""Allow-lists of funding rounds: the Merkle tree whose root a round freezes, and its proofs.

A leaf is `FundingRounds.allow_list_leaf`: the double hash of chain id, contract, round and account.
The tree is a "standard-v1" one, as @openzeppelin/merkle-tree builds it for `LEAF_TYPES`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, tables, values
from flywheel.rewards.leaves import address_bytes, keccak

LEAF_TYPES = ("uint256", "address", "uint256", "address")
_WORD = 32


def leaf_hash(chain_id: int, contract: str, round_id: int, account: str) -> bytes:
    """What `allow_list_leaf(round_id, account)` of the contract returns."""
    encoded = (
        chain_id.to_bytes(_WORD, "big")
        + address_bytes(contract).rjust(_WORD, b"\0")
        + round_id.to_bytes(_WORD, "big")
        + address_bytes(account).rjust(_WORD, b"\0")
    )
    return keccak(keccak(encoded))


@dataclass(frozen=True)
class AllowList:
    """The accounts that may contribute to one round. Make one with `build` or `read`."""

    chain_id: int
    contract: str
    round_id: int
    accounts: tuple[str, ...]

    @classmethod
    def build(
        cls, chain_id: int, contract: str, round_id: int, accounts: Sequence[str]
    ) -> "AllowList":
        """Raises `FlywheelError` for an empty list, no address, or an account given twice."""
        if not accounts:
            raise fix("The list names nobody", "Give at least one account")
        seen: set[bytes] = set()
        for account in accounts:
            data = address_bytes(account)
            if data in seen:
                raise fix(f"{account} is on the list twice", "Name it once")
            seen.add(data)
        return cls(chain_id, contract, round_id, tuple(accounts))

    def leaf(self, account: str) -> bytes:
        return leaf_hash(self.chain_id, self.contract, self.round_id, account)

    @cached_property
    def nodes(self) -> list[bytes]:
        """2n - 1 nodes, the root first, the sorted leaves at the end backwards."""
        leaves = sorted(map(self.leaf, self.accounts))
        nodes = [b""] * (len(leaves) - 1) + leaves[::-1]
        for index in range(len(leaves) - 2, -1, -1):
            nodes[index] = keccak(b"".join(sorted(nodes[2 * index + 1 : 2 * index + 3])))
        return nodes

    @property
    def root(self) -> bytes:
        return self.nodes[0]

    @cached_property
    def _places(self) -> dict[bytes, int]:
        first = len(self.accounts) - 1
        return {node: first + index for index, node in enumerate(self.nodes[first:])}

    def proof_of(self, account: str) -> list[bytes]:
        """Hashes from the account's sibling upwards. `FlywheelError` if it is not on the list."""
        index = self._places.get(self.leaf(account))
        if index is None:
            raise fix(f"{account} is not on the allow-list", "Ask who keeps the list")
        proof = []
        while index > 0:
            proof.append(self.nodes[index + 1 if index % 2 else index - 1])
            index = (index - 1) // 2
        return proof

    def write(self, path: Path) -> None:
        """Writes root and proofs as JSON: what `contribute --proofs` reads."""
        document = {
            "chain_id": self.chain_id,
            "contract": self.contract,
            "round": self.round_id,
            "root": f"0x{self.root.hex()}",
            "proofs": {
                account: [f"0x{node.hex()}" for node in self.proof_of(account)]
                for account in self.accounts
            },
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "AllowList":
        """The list of a file that `write` made; the tree is built again, the root compared."""
        again = "Make one with 'ape run raise allow-list'"
        document = strict_json.read(path, again, "is no allow-list")
        try:
            proofs, root = document["proofs"], document["root"]
            if not isinstance(proofs, dict) or not isinstance(root, str):
                raise TypeError
            tree = cls.build(
                values.whole_number(document["chain_id"], "chain_id"),
                values.address(document["contract"], "contract"),
                values.whole_number(document["round"], "round"),
                list(map(values.address, proofs)),
            )
        except (KeyError, TypeError):
            raise fix(f"{path} is no allow-list", again) from None
        except FlywheelError as error:
            raise FlywheelError(f"{path}: {error}") from None
        if root != f"0x{tree.root.hex()}":
            raise fix(f"The root in {path} is not that of its accounts", "Make the file again")
        return tree


def accounts_of(path: Path) -> list[str]:
    """The accounts of a CSV file with a column `account`, in its order; other columns are free.

    Raises `FlywheelError` with all faults of the file and their lines.
    """
    remedy = "Give a CSV file with a column 'account' and a row for each"
    table = tables.read(path, remedy)
    if "account" not in table.columns:
        raise fix(
            f"{path}, line {table.header_line}: there is no column 'account'",
            "Name it in the first line",
        )
    table.require_rows(remedy)
    accounts: list[str] = []
    lines: dict[str, int] = {}

    def read_row(row: tables.Row) -> None:
        account = values.address(row.cells["account"])
        before = lines.setdefault(account.lower(), row.line)
        if before != row.line:
            raise fix(f"{account} is in line {before} already", "Name it once")
        accounts.append(account)

    table.each(read_row)
    table.refuse_faults()
    return accounts
