"""Sends transactions so that each is in a block once, whatever the node does.

1. What an earlier run left without an end is followed first (`unfinished`).
2. Its gas is estimated, with a margin: the next block may take a dearer path than this one.
3. It is signed and written down, then sent. The same bytes may be sent again, never others.
4. It waits for the receipt, and until the node shows the receipt's block to every reader.

Each failure names the transaction and says whether anything was sent.
"""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flywheel import amounts
from flywheel.chain import node, reverts, unfinished
from flywheel.chain.unfinished import Sent
from flywheel.errors import FlywheelError, fix

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI, TransactionAPI

# Added to an estimate, in percent and in gas. The first payment of an epoch or a period writes
# words that a second one finds: 22,100 gas each, a handful of them. Unused gas costs nothing.
MARGIN_PERCENT, MARGIN_GAS = 25, 120_000
# What Ethereum lets one transaction have (EIP-7825).
MOST_GAS = 2**24
# Stands for the limit until it is known: Ape would otherwise estimate by itself.
UNKNOWN_GAS = 21_000
# A node that used at least this much of the limit, in percent, may have run out of it in a call:
# EIP-150 keeps a 64th back.
NEARLY_ALL = 90
# Seconds between looks for a receipt: the first, and the longest.
FIRST_LOOK, LONGEST_LOOK = 0.02, 1.0
# Seconds in which another part of a node shows what one part said.
CATCH_UP = 5.0
ETHER_DECIMALS = 18
ALREADY = ("already known", "already imported", "known transaction", "already exists")
NO_ETHER = ("insufficient funds", "not enough funds")
LOOK = "Look before you repeat: the next command of this account waits for it first"


def send(method: Any, args: tuple[Any, ...], sender: "AccountAPI", **options: Any) -> "ReceiptAPI":
    """Sends one transaction to a method of a contract; returns its receipt.

    Raises `FlywheelError` when the contract refuses it, when it is not seen in a block in time, or
    when an earlier one of the account turns out to be in a block.
    """
    if node.is_embedded():
        done: ReceiptAPI = method(*args, sender=sender, **options)
        return done
    refuse_after_earlier(str(sender.address))
    unsigned = method.as_transaction(
        *args, sender=str(sender.address), gas_limit=UNKNOWN_GAS, **options
    )
    (abi, *_) = method.abis
    return _send(unsigned, sender, f"{method.contract.contract_type.name}.{abi.name}")


def create(
    container: Any, args: tuple[Any, ...], sender: "AccountAPI", nonce: int | None = None
) -> "ReceiptAPI":
    """Creates a contract, with the account's nonce `nonce` if given; `send` otherwise.

    It does not wait for confirmations.
    """
    if node.is_embedded():
        # Ape's own way remembers where the contract's events begin.
        made = sender.deploy(container, *args, publish=False, required_confirmations=0)
        receipt: ReceiptAPI = node.provider().get_receipt(made.txn_hash)
        return receipt
    refuse_after_earlier(str(sender.address))
    unsigned = container(*args, gas_limit=UNKNOWN_GAS, required_confirmations=0)
    node.provider().prepare_transaction(unsigned)
    return _send(unsigned, sender, f"the creation of {container.contract_type.name}", nonce)


def _send(
    unsigned: "TransactionAPI", sender: "AccountAPI", what: str, nonce: int | None = None
) -> "ReceiptAPI":
    account = str(sender.address)
    unsigned.sender = sender.address
    unsigned.nonce = next_nonce(account) if nonce is None else nonce
    unsigned.gas_limit = _gas_for(unsigned)
    _require_ether(unsigned)
    signed = sender.sign_transaction(unsigned)
    if signed is None:
        raise fix("The transaction was not signed, so nothing was sent", "Sign it, or give --yes")
    digest, raw = bytes(signed.txn_hash).hex(), bytes(signed.serialize_transaction()).hex()
    sent = Sent(f"0x{digest}", int(signed.nonce or 0), what, f"0x{raw}")
    unfinished.keep(account, sent)
    while True:
        _broadcast(account, sent)
        seen = _await_block(account, sent)
        receipt = node.receipt_of(signed, seen)
        if not seen["status"]:
            unfinished.forget(account)
            raise _failure(signed, seen, sent)
        receipt.await_confirmations()
        # A reorganisation may have put it into another block meanwhile, or out of all: then once
        # more, in the same bytes.
        if not signed.required_confirmations or _is_still_in(sent, seen):
            unfinished.forget(account)
            return receipt


# --- before ---


def next_nonce(account: str) -> int:
    """The nonce of the account's next transaction. Raises `FlywheelError` while another one waits
    for a block: what it does is not known yet."""
    deadline = time.monotonic() + _timeout()
    while True:
        # In this order: what gets into a block in between is then in both.
        waiting, mined = _pending_nonce(account), node.nonce(account)
        if waiting <= mined:
            return mined
        if time.monotonic() > deadline:
            raise fix(
                f"{account} has a transaction with nonce {mined} that is not in a block yet, so "
                "nothing was sent",
                "Wait until it is, or replace it with the wallet that sent it, then run this again",
            )
        time.sleep(LONGEST_LOOK)


def _pending_nonce(account: str) -> int:
    try:
        return node.nonce(account, "pending")
    except node.Refused:
        # Some nodes show no transactions that wait.
        return 0


def _call_of(transaction: "TransactionAPI") -> dict[str, Any]:
    data = bytes(transaction.data)
    call = {"from": str(transaction.sender), "data": f"0x{data.hex()}"}
    if transaction.value:
        call["value"] = hex(transaction.value)
    target = str(transaction.receiver or "")
    if int(target or "0", 16):
        call["to"] = target
    return call


def _gas_for(unsigned: "TransactionAPI") -> int:
    """The limit: the estimate and its margin."""
    try:
        estimate = int(node.result("eth_estimateGas", _call_of(unsigned)), 16)
    except node.Refused as refusal:
        raise _refusal(refusal, unsigned) from refusal
    return with_margin(estimate)


def with_margin(estimate: int) -> int:
    """A gas limit from an estimate; never above what a transaction may have, unless the estimate
    is."""
    padded = estimate + estimate * MARGIN_PERCENT // 100 + MARGIN_GAS
    return max(estimate, min(padded, MOST_GAS))


def _require_ether(transaction: "TransactionAPI") -> None:
    # Transactions of the oldest kind name one price, the others the most that they would pay.
    price = getattr(transaction, "gas_price", None) or transaction.max_fee or 0
    needed = int(transaction.value) + int(price) * int(transaction.gas_limit or 0)
    held = int(node.result("eth_getBalance", str(transaction.sender), "latest"), 16)
    if held < needed:
        raise no_ether(str(transaction.sender), held, needed)


def no_ether(account: str, held: int, needed: int) -> FlywheelError:
    """Why an account cannot send; `held` and `needed` in wei."""
    symbol = node.provider().network.ecosystem.fee_token_symbol
    shown = amounts.show(rounded(held), ETHER_DECIMALS, symbol)
    return fix(
        f"{account} has {shown}, about {amounts.show(rounded(needed), ETHER_DECIMALS)} are needed "
        "for gas, so nothing was sent",
        "Send it ether, or use another --account",
    )


def rounded(wei: int) -> int:
    """To two digits, upwards."""
    unit = 10 ** max(0, len(str(wei)) - 2)
    return -(-wei // unit) * unit


def _refusal(refusal: node.Refused, transaction: "TransactionAPI") -> FlywheelError:
    """What a node's error to an estimate or a transaction means."""
    said = refusal.said.lower()
    if refusal.data is not None or "revert" in said:
        reason = reverts.of_answer(refusal.data, refusal.said)
        return FlywheelError(reverts.explain_reason(reason))
    if any(words in said for words in NO_ETHER):
        account = str(transaction.sender)
        held = int(node.result("eth_getBalance", account, "latest"), 16)
        return no_ether(account, held, max(held, int(transaction.value)))
    return fix(
        f"The node refuses the transaction ({refusal.said}), so nothing was sent",
        "Run it again, or use another node",
    )


# --- sending ---


def _broadcast(account: str, sent: Sent) -> None:
    """Hands the bytes to the node. Returns if the node has them, or may have them."""
    try:
        node.result("eth_sendRawTransaction", sent.raw)
    except node.Refused as refusal:
        said = refusal.said.lower()
        if any(words in said for words in ALREADY) or _is_known(sent, "nonce" in said):
            return
        if "nonce too low" in said:
            # The reply to a first try may be lost, and this part of the node may lag.
            raise fix(
                f"{sent.what} was signed as {sent.hash} with nonce {sent.nonce}, which was used "
                "meanwhile, by it or by another transaction",
                LOOK,
            ) from refusal
        unfinished.forget(account)
        raise fix(
            f"The node refuses the transaction ({refusal.said}), so nothing was sent",
            "Run it again, or use another node",
        ) from refusal
    except OSError as error:
        if not _is_known(sent, patiently=False):
            raise fix(
                f"{sent.what} may have been sent as {sent.hash}, but the node stopped answering "
                f"({node.first_line(error)})",
                LOOK,
            ) from error


def _is_known(sent: Sent, patiently: bool) -> bool:
    deadline = time.monotonic() + (CATCH_UP if patiently else 0)
    while not (node.raw_receipt(sent.hash) or node.knows(sent.hash)):
        if time.monotonic() >= deadline:
            return False
        time.sleep(LONGEST_LOOK / 2)
    return True


def _await_block(account: str, sent: Sent) -> dict[str, Any]:
    """The receipt, as soon as the node shows its block, and the nonce as used, to who reads the
    latest state: parts of a node may lag behind the one that has the receipt."""
    deadline, pause = time.monotonic() + _timeout(), FIRST_LOOK
    try:
        while True:
            receipt = node.raw_receipt(sent.hash)
            if receipt is not None and _shows(account, sent, int(receipt["blockNumber"])):
                return receipt
            if time.monotonic() > deadline:
                raise not_seen(sent)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK)
    except KeyboardInterrupt:
        raise not_seen(sent) from None


def _shows(account: str, sent: Sent, block: int) -> bool:
    try:
        return node.height() >= block and node.nonce(account) > sent.nonce
    except (OSError, node.Refused):
        return False


def not_seen(sent: Sent) -> FlywheelError:
    return fix(f"{sent.what} was sent as {sent.hash}, not in a block yet", LOOK)


def _is_still_in(sent: Sent, seen: dict[str, Any]) -> bool:
    now = node.raw_receipt(sent.hash)
    return now is not None and now["blockHash"] == seen["blockHash"]


def _timeout() -> float:
    """Seconds in which a transaction should be in a block, by Ape's configuration."""
    return float(node.provider().network.transaction_acceptance_timeout)


# --- afterwards ---


def _failure(signed: "TransactionAPI", seen: dict[str, Any], sent: Sent) -> FlywheelError:
    """Why a transaction failed in its block: it is run again there, with gas to spare."""
    block, used, limit = int(seen["blockNumber"]), int(seen["gasUsed"]), int(signed.gas_limit or 0)
    where = f"It was {sent.hash} in block {block}"
    answer: dict[str, Any] = {}
    # What it was is told even if the node does not answer any more.
    with suppress(OSError):
        answer = node.ask("eth_call", [_call_of(signed), hex(block)])
    if answer.get("error"):
        error = node.Refused(answer["error"])
        if error.data is not None or "revert" in error.said.lower():
            reason = reverts.of_answer(error.data, error.said)
            return FlywheelError(f"{reverts.explain_reason(reason)} {where}.")
    if used * 100 >= limit * NEARLY_ALL:
        return fix(
            f"{sent.what} ran out of its {limit:,} gas and did nothing",
            f"Run it again. {where}",
        )
    return fix(f"{sent.what} failed and did nothing, the node does not say why", where)


def finish_earlier(account: str) -> str | None:
    """What became of a transaction that an earlier run of the account saw no end of, in words; None
    if there is none, or if it did nothing.

    It is sent again, in the same bytes, if the node lost it. Raises `FlywheelError` if it is still
    not in a block.
    """
    sent = unfinished.of(account)
    if sent is None:
        return None
    seen = node.raw_receipt(sent.hash)
    if seen is None and node.nonce(account) > sent.nonce and not _is_known(sent, patiently=True):
        unfinished.forget(account)
        return (
            f"An earlier run signed {sent.what} as {sent.hash} with nonce {sent.nonce}, which is "
            "used by now, by it or by another transaction"
        )
    if seen is None:
        seen = _follow(account, sent)
    unfinished.forget(account)
    if not seen["status"]:
        return None
    return f"{sent.what}, sent by an earlier run as {sent.hash}, is in block {seen['blockNumber']}"


def _follow(account: str, sent: Sent) -> dict[str, Any]:
    # It may be known, or in a block by now: the wait below tells.
    with suppress(OSError, node.Refused):
        node.result("eth_sendRawTransaction", sent.raw)
    try:
        return _await_block(account, sent)
    except FlywheelError:
        raise fix(
            f"{sent.what} was sent by an earlier run as {sent.hash}, not in a block yet",
            f"Wait and run this again, or use nonce {sent.nonce} of {account} for something else",
        ) from None


def refuse_after_earlier(account: str) -> None:
    """Raises `FlywheelError` once if an earlier run's transaction got into a block after all: who
    repeats a payment should know first."""
    news = finish_earlier(account)
    if news is not None:
        raise fix(
            news, "Nothing was sent now: look whether that was what you wanted, else run this again"
        )
