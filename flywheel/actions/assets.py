"""Stablecoins and other ERC-20 assets: allowances, permits, test money."""

from typing import TYPE_CHECKING, Any

from flywheel import chain
from flywheel.errors import fix
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI


def require_balance(suite: Suite, owner: str, amount: int) -> None:
    """Raises `FlywheelError` if `owner` holds less than `amount` units of the asset."""
    held = int(suite.asset.balanceOf(owner))
    if held < amount:
        raise fix(
            f"{owner} holds {suite.money(held)}, {suite.money(amount)} are needed",
            f"Send {suite.money(amount - held)} to it first",
        )


def ensure_allowance(suite: Suite, owner: "AccountAPI", spender: Any, amount: int) -> None:
    """Lets `spender` take `amount` of the asset: exactly that much, and only if it may take less now."""
    require_balance(suite, str(owner.address), amount)
    allowed = int(suite.asset.allowance(owner.address, spender.address))
    if allowed >= amount:
        return
    if allowed > 0:
        # Some stablecoins refuse to change an allowance that is not zero.
        chain.send(suite.asset.approve, spender.address, 0, sender=owner)
    chain.send(suite.asset.approve, spender.address, amount, sender=owner)


def mint_test_money(suite: Suite, receiver: str, amount: int, sender: "AccountAPI") -> "ReceiptAPI":
    """Mints units of the mock asset. Raises `FlywheelError` where the asset is a real one."""
    if not hasattr(suite.asset, "mint") or chain.chain_id() not in (
        *chain.LOCAL_CHAIN_IDS,
        *chain.PUBLIC_TEST_CHAIN_IDS,
    ):
        raise fix("Test money exists on test chains only", "Buy the stablecoin")
    return chain.send(suite.asset.mint, receiver, amount, sender=sender)


def sign_permit(
    suite: Suite, owner: "AccountAPI", spender: Any, amount: int, deadline: int
) -> tuple[int, bytes, bytes]:
    """An ERC-2612 signature (v, r, s) of the asset's owner for `spender`."""
    from eip712.messages import EIP712Message

    _, name, version, chain_id, contract, _, _ = suite.asset.eip712Domain()

    class Permit(EIP712Message):
        _name_ = name
        _version_ = version
        _chainId_ = chain_id
        _verifyingContract_ = contract
        owner: "address"  # type: ignore[name-defined]  # noqa: F821
        spender: "address"  # type: ignore[name-defined]  # noqa: F821
        value: "uint256"  # type: ignore[name-defined]  # noqa: F821
        nonce: "uint256"  # type: ignore[name-defined]  # noqa: F821
        deadline: "uint256"  # type: ignore[name-defined]  # noqa: F821

    message = Permit(
        owner.address,
        spender.address,
        amount,
        int(suite.asset.nonces(owner.address)),
        deadline,
    )
    signature = owner.sign_message(message)
    if signature is None:
        raise fix("The permit was not signed", "Confirm it in the wallet, or approve instead")
    return signature.v, bytes(signature.r), bytes(signature.s)
