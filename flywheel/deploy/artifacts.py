"""Compiled byte code, and where it will be on chain."""

from eth_utils import keccak, to_checksum_address

from flywheel.deploy.journal import Journal
from flywheel.deploy.suite import container, recorded_code
from flywheel.errors import fix


def create_address(deployer: str, nonce: int) -> str:
    """Where `deployer` creates with `nonce`: the last 20 bytes of keccak256 of their RLP."""
    import rlp

    encoded = rlp.encode([bytes.fromhex(deployer.removeprefix("0x")), nonce])
    return str(to_checksum_address(keccak(encoded)[12:]))


def runtime_code(contract: str) -> bytes:
    """Compiled runtime code of `contract`, without its immutables."""
    return bytes(container(contract).contract_type.runtime_bytecode.to_bytes())


def is_code_of(contract: str, code: bytes) -> bool:
    """Vyper appends immutables to the runtime code: what comes before must be ours, to the byte."""
    compiled = runtime_code(contract)
    return len(code) >= len(compiled) and code.startswith(compiled)


def is_intact(journal: Journal, name: str) -> bool:
    """True; raises `FlywheelError` unless the chain has the code that was recorded, and it is the
    code that this release deploys."""
    entry = journal.contracts[name]
    code = recorded_code(journal, name)
    if entry.get("adopted"):
        return True
    if "0x" + keccak(code).hex() != entry["code_hash"] or not is_code_of(entry["contract"], code):
        raise fix(
            f"The code of {name} at {entry['address']} is not what this release deploys",
            "Check out the release that deployed it, or deploy to a new journal",
        )
    return True
