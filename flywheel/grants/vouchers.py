"""Vouchers: what a builder signs for delivered GPU time, in a file that a provider draws with."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel import amounts
from flywheel.chain import connection, signatures, signed_files
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.grants.compute import SECONDS_PER_HOUR, Lease
from flywheel.reading import values
from flywheel.shown import Shown

if TYPE_CHECKING:
    from ape.api import AccountAPI

DOMAIN = ("Flywheel ComputeEscrow", "1")
TYPES = {"orderId": "uint256", "gpuSeconds": "uint256"}
# Of written GPU-hours.
HOUR_DECIMALS = 6
AGAIN = "Ask the builder for a new one"


@dataclass(frozen=True)
class Voucher:
    """GPU-seconds delivered so far on an order of one ComputeEscrow on one chain."""

    chain_id: int
    contract: str
    order_id: int
    gpu_seconds: int
    signature: bytes

    def save(self, path: Path) -> None:
        content = asdict(self) | {"signature": "0x" + self.signature.hex()}
        signed_files.save(path, content)

    @property
    def signer(self) -> str | None:
        """Whose key signed it; None if the signature is no key's: then a contract (ERC-1271) may
        accept it, which only the chain knows."""
        from eth_account import Account
        from eth_account.messages import encode_typed_data
        from eth_keys.exceptions import BadSignature

        name, version = DOMAIN
        message = encode_typed_data(
            domain_data={
                "name": name,
                "version": version,
                "chainId": self.chain_id,
                "verifyingContract": self.contract,
            },
            message_types={
                "Voucher": [{"name": field, "type": kind} for field, kind in TYPES.items()]
            },
            message_data={"orderId": self.order_id, "gpuSeconds": self.gpu_seconds},
        )
        try:
            return str(Account.recover_message(message, signature=self.signature))
        except (BadSignature, ValueError):
            return None


def sign(suite: Suite, builder: "AccountAPI", order_id: int, gpu_seconds: int) -> Voucher:
    """The builder's EIP-712 signature for `gpu_seconds` delivered on an order so far."""
    contract = str(suite.escrow.address)
    signature = signatures.sign(
        builder, contract, *DOMAIN, "Voucher", TYPES, _message(order_id, gpu_seconds)
    )
    return Voucher(connection.chain_id(), contract, order_id, gpu_seconds, signature)


def gpu_seconds(text: str) -> int:
    """GPU-seconds of written GPU-hours, such as "12.5". Raises `FlywheelError`."""
    exact = amounts.to_units(text, HOUR_DECIMALS) * SECONDS_PER_HOUR
    seconds, rest = divmod(exact, 10**HOUR_DECIMALS)
    if rest:
        raise fix(f"'{text}' GPU-hours are no whole seconds", "Round them to whole seconds")
    return seconds


def hours(seconds: int) -> Shown:
    """GPU-hours of GPU-seconds for people, rounded down to a hundredth."""
    return Shown(f"{amounts.from_units(seconds * 100 // SECONDS_PER_HOUR, 2):,f}", seconds)


def refuse(suite: Suite, lease: Lease, seconds: int, signer: str) -> None:
    """Raises `FlywheelError` for a voucher that nobody could draw."""
    recipient = str(connection.call(suite.grants.compute_rights, lease.grant_id).recipient)
    if signer != recipient:
        raise fix(
            f"{signer} is not the recipient of grant {lease.grant_id}", f"{recipient} has to sign"
        )
    if lease.is_closed:
        raise fix(f"Order {lease.order_id} is closed", "Order again")
    if seconds <= lease.gpu_seconds:
        raise fix(
            f"{hours(lease.gpu_seconds)} GPU-hours of order {lease.order_id} are drawn already",
            "A voucher says what was delivered so far, all in all",
        )
    if seconds > lease.delivered_at_most:
        raise fix(
            f"Order {lease.order_id} can have delivered {hours(lease.delivered_at_most)} "
            "GPU-hours so far",
            "Sign for no more than its GPUs x the time since its start",
        )


def require_signer(voucher: Voucher, wanted: str | None) -> str:
    """Whose key signed it. Raises `FlywheelError` if nobody's did, or not the wanted one's."""
    signer = voucher.signer
    if signer is None:
        raise fix("No key signed this voucher", "A contract may accept it: draw, to see")
    if wanted is not None and signer != connection.address(wanted):
        raise fix(f"The voucher was signed by {signer}, not by {wanted}", AGAIN)
    return signer


def _message(order_id: int, gpu_seconds: int) -> dict[str, Any]:
    return {"orderId": order_id, "gpuSeconds": gpu_seconds}


def load(path: Path) -> Voucher:
    """Reads a file of `Voucher.save`. Raises `FlywheelError` if it is none."""
    return signed_files.read(path, "voucher", AGAIN, _voucher)


def _voucher(content: dict[str, Any]) -> Voucher:
    signed_files.require_names(content, [field.name for field in fields(Voucher)])
    return Voucher(
        values.whole_number(content["chain_id"], "chain_id"),
        values.address(content["contract"], "contract"),
        values.whole_number(content["order_id"], "order_id"),
        values.whole_number(content["gpu_seconds"], "gpu_seconds"),
        values.hexadecimal(content["signature"], "signature"),
    )


def require_here(suite: Suite, voucher: Voucher) -> None:
    """Raises `FlywheelError` if the voucher is of another chain or another contract."""
    signed_files.require_here(voucher.chain_id, voucher.contract, str(suite.escrow.address))


def draw(suite: Suite, caller: "AccountAPI", voucher: Voucher) -> int:
    """Pays the provider what a cumulative voucher adds; returns units."""
    require_here(suite, voucher)
    receipt = connection.send(
        suite.escrow.draw, voucher.order_id, voucher.gpu_seconds, voucher.signature, sender=caller
    )
    return int(connection.event_of(receipt, suite.escrow.VoucherDrawn).amount)
