"""Shares of a model's revenue as people write them: treasury=1000, 0x...=9000, campaign:3=500."""

from collections.abc import Sequence

from flywheel import amounts
from flywheel.chain import connection
from flywheel.errors import fix
from flywheel.grants.grant_terms import Share
from flywheel.states import ReceiverKind

MAX_SHARES = 8
FORMS = "treasury=BPS, ADDRESS=BPS, campaign:NUMBER=BPS or datasets=BPS"


def read_all(texts: Sequence[str]) -> tuple[Share, ...]:
    """A whole split. Raises `FlywheelError` for what the registry would refuse."""
    shares = tuple(map(read, texts))
    total = sum(item.bps for item in shares)
    if len(shares) > MAX_SHARES:
        raise fix(f"{len(shares)} shares are too many", f"Name at most {MAX_SHARES} receivers")
    if shares and total != amounts.BPS:
        raise fix(f"The shares sum to {total:,} bps", "Make them sum to 10000")
    return shares


def read(text: str) -> Share:
    receiver, mark, number = text.strip().rpartition("=")
    if not mark or not number.isdigit() or not 0 < int(number) <= amounts.BPS:
        raise fix(f"'{text}' is not a share", f"Write {FORMS}, with 1 to 10000 bps")
    bps = int(number)
    if receiver == "treasury":
        return Share(ReceiverKind.TREASURY, bps)
    if receiver == "datasets":
        return Share(ReceiverKind.CAMPAIGN, bps)
    if receiver.startswith("campaign:") and receiver[9:].isdigit():
        return Share(ReceiverKind.CAMPAIGN, bps, campaign_id=int(receiver[9:]))
    if receiver.startswith("0x"):
        return Share(ReceiverKind.ACCOUNT, bps, account=connection.address(receiver))
    raise fix(f"'{receiver}' receives nothing", f"Write {FORMS}")


def show(shares: Sequence[Share]) -> str:
    return ", ".join(f"{_receiver(item)} {amounts.show_bps(item.bps)}" for item in shares)


def _receiver(share: Share) -> str:
    if share.kind == ReceiverKind.TREASURY:
        return "Treasury"
    if share.kind == ReceiverKind.ACCOUNT:
        return share.account
    return f"campaign {share.campaign_id}" if share.campaign_id else "datasets"
