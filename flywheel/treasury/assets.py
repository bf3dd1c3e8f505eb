"""Stablecoins and other ERC-20 assets: allowances, permits, test money."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flywheel.amounts import Unit
from flywheel.chain import connection, signatures, simulation
from flywheel.deploy.parameters import TOKEN_DECIMALS
from flywheel.deploy.suite import Suite, at
from flywheel.errors import fix

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI


def unit_of(suite: Suite, address: str = "") -> Unit:
    """The asset at `address`, the suite's if empty, with the names that people count in."""
    if address.lower() in ("", str(suite.asset.address).lower()):
        return Unit(str(suite.asset.address), suite.symbol, suite.decimals)
    if address.lower() == str(suite.token.address).lower():
        return Unit(str(suite.token.address), suite.token_symbol, TOKEN_DECIMALS)
    asset = at("Asset", address)
    return Unit(address, str(connection.call(asset.symbol)), int(connection.call(asset.decimals)))


def accepted(suite: Suite) -> list[Unit]:
    """All assets that the Treasury accepts, the suite's first."""
    own = str(suite.asset.address)
    others = (str(item) for item in suite.treasury.assets() if str(item) != own)
    return [unit_of(suite), *(unit_of(suite, address) for address in others)]


def chosen(suite: Suite, text: str | None) -> list[Unit]:
    """The accepted asset with that symbol or address, all of them if none is named.

    Raises `FlywheelError` if there is no such asset, or if several have that symbol.
    """
    known = accepted(suite)
    if text is None:
        return known
    found = [unit for unit in known if text in (unit.symbol, unit.address)]
    if len(found) == 1:
        return found
    listed = ", ".join(f"{unit.symbol} {unit.address}" for unit in known)
    if found:
        raise fix(f"{len(found)} accepted assets are called {text}", f"Give the address: {listed}")
    raise fix(f"The Treasury accepts no asset '{text}'", f"It accepts {listed}")


def only(suite: Suite, text: str | None) -> Unit:
    """The accepted asset with that symbol or address, the suite's if none is named."""
    return unit_of(suite) if text is None else chosen(suite, text)[0]


def _contract(suite: Suite, unit: Unit | None) -> Any:
    if unit is None or unit.address == str(suite.asset.address):
        return suite.asset
    return at("Asset", unit.address)


def require_balance(suite: Suite, owner: str, amount: int, unit: Unit | None = None) -> None:
    """Raises `FlywheelError` if `owner` holds less than `amount` units of the asset."""
    unit = unit or unit_of(suite)
    held = int(_contract(suite, unit).balanceOf(owner))
    if held < amount:
        raise fix(
            f"{owner} holds {unit.show(held)}, {unit.show(amount)} are needed",
            f"Send {unit.show(amount - held)} to it first",
        )


def allow(
    suite: Suite,
    owner: "AccountAPI",
    spender: Any,
    amount: int,
    unit: Unit | None = None,
    then: Sequence[Any] = (),
) -> None:
    """Lets `spender` take exactly `amount` of the asset, unless it may take that much already.

    `then` is the call that the allowance is for, a method and its arguments. It is tried together
    with the allowance first: what the chain would refuse leaves no allowance behind. Raises
    `FlywheelError` with its reason.
    """
    asset = _contract(suite, unit)
    allowed = int(asset.allowance(owner.address, spender.address))
    if allowed >= amount:
        return
    approvals = [(asset.approve, spender.address, amount)]
    if allowed > 0:
        # Some stablecoins refuse to change an allowance that is not zero.
        approvals.insert(0, (asset.approve, spender.address, 0))
    if then:
        simulation.require(str(owner.address), [*approvals, tuple(then)])
    for approval in approvals:
        connection.send(*approval, sender=owner)


def pay(
    suite: Suite,
    payer: "AccountAPI",
    spender: Any,
    most: int,
    unit: Unit,
    call: Sequence[Any],
) -> "ReceiptAPI":
    """Sends `call`, a method and its arguments, by which `spender` takes at most `most` of the
    payer's asset, after the allowance that it needs."""
    allow(suite, payer, spender, most, unit, call)
    return connection.send(*call, sender=payer)


def mint_test_money(suite: Suite, receiver: str, amount: int, sender: "AccountAPI") -> "ReceiptAPI":
    """Mints units of the mock asset. Raises `FlywheelError` where the asset is a real one."""
    if not connection.is_test():
        raise fix("Test money exists on test chains only", "Buy the stablecoin")
    return connection.send(suite.asset.mint, receiver, amount, sender=sender)


def sign_permit(
    suite: Suite,
    owner: "AccountAPI",
    spender: Any,
    amount: int,
    deadline: int,
    unit: Unit | None = None,
) -> tuple[int, bytes, bytes]:
    """An ERC-2612 signature (v, r, s) of the asset's owner for `spender`."""
    asset = _contract(suite, unit)
    _, name, version, _, contract, _, _ = asset.eip712Domain()
    signature = signatures.sign(
        owner,
        contract,
        name,
        version,
        "Permit",
        {
            "owner": "address",
            "spender": "address",
            "value": "uint256",
            "nonce": "uint256",
            "deadline": "uint256",
        },
        {
            "owner": str(owner.address),
            "spender": str(spender.address),
            "value": amount,
            "nonce": int(asset.nonces(owner.address)),
            "deadline": deadline,
        },
    )
    return signatures.parts(signature)
