"""Compiled byte code, and where it will be on chain."""

from eth_utils import keccak, to_checksum_address

from flywheel.suite import container


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
