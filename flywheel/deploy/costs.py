"""What a deployment will cost, before its first transaction."""

from collections.abc import Iterable
from dataclasses import dataclass

from flywheel import amounts
from flywheel.chain import node, transactions
from flywheel.deploy import compiled

# Ethereum's prices (the yellow paper, appendix G; EIP-2028; EIP-3860).
TRANSACTION, CREATION, BYTE_OF_CODE, BYTE_OF_DATA, WORD_OF_INIT_CODE = 21_000, 32_000, 200, 16, 2
# What a constructor and a call of the wiring use beside that, on average: measured on this suite by
# tests/scripts/test_deploy.py, which compares the estimate of a whole deployment with what it used.
CONSTRUCTOR, CALL = 50_000, 65_000
DEPLOY = "deploy "


@dataclass(frozen=True)
class Estimate:
    """`gas` of all transactions; `wei` at the network's price of now."""

    transactions: int
    gas: int
    wei: int

    @property
    def words(self) -> str:
        ether = amounts.show(transactions.rounded(self.wei), transactions.ETHER_DECIMALS, "ETH")
        return (
            f"about {self.transactions} transactions and {self.gas / 10**6:.1f} million gas, "
            f"{ether} at the present price"
        )


def gas_of(label: str) -> int:
    """The gas of a step that is yet to be sent, about."""
    if not label.startswith(DEPLOY):
        return CALL
    name = label.removeprefix(DEPLOY).split()[0]
    found = compiled.contract_type("MockAsset" if name == "Asset" else name)
    init, runtime = (
        len(item.bytecode.removeprefix("0x")) // 2
        for item in (found.deployment_bytecode, found.runtime_bytecode)
    )
    data = init * BYTE_OF_DATA + init // 32 * WORD_OF_INIT_CODE
    return TRANSACTION + CREATION + data + runtime * BYTE_OF_CODE + CONSTRUCTOR


def estimate(labels: Iterable[str]) -> Estimate:
    """What the steps with these labels cost together."""
    gas = [gas_of(label) for label in labels]
    price = int(node.result("eth_gasPrice"), 16)
    return Estimate(len(gas), sum(gas), sum(gas) * price)
