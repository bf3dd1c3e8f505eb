"""Values of calls and views for people: contracts, assets, purposes and roles by their names."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from eth_utils import to_checksum_address

from flywheel import amounts
from flywheel.chain import connection
from flywheel.chain.calldata import Account
from flywheel.deploy.suite import Suite
from flywheel.evaluations import scores
from flywheel.models.kinds import ModelKind
from flywheel.rewards.leaves import parts_of
from flywheel.shown import Shown
from flywheel.wording.kinds import Kind

ROLES = ("PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE", "DEFAULT_ADMIN_ROLE")
MAX = 2**256 - 1


@dataclass
class Lexicon:
    """Names of one deployment. What it reads from the chain it reads once."""

    suite: Suite
    # Names of purposes that the calls read so far make.
    made: list[str] = field(default_factory=list)

    @cached_property
    def contracts(self) -> dict[str, str]:
        """Address in small letters -> name of the contract there."""
        return {str(item.address).lower(): name for name, item in self.suite.contracts.items()}

    @cached_property
    def accepted(self) -> tuple[str, ...]:
        """Addresses of the assets that the Treasury accepts."""
        return tuple(str(item) for item in self.suite.treasury.assets())

    @cached_property
    def roles(self) -> dict[bytes, str]:
        return {bytes(getattr(self.suite.timelock, name)()): name for name in ROLES}

    @cached_property
    def purposes(self) -> dict[int, str]:
        count = int(self.suite.treasury.purpose_count())
        return {
            number: str(self.suite.treasury.purpose_name(number)) for number in range(1, count + 1)
        }

    def purposes_made(self) -> dict[int, str]:
        """What the purposes in `made` will be, if nobody makes another one before."""
        return dict(enumerate(self.made, start=len(self.purposes) + 1)) if self.made else {}

    def purpose(self, number: int) -> str:
        name = self.purposes.get(number)
        if name is None and number in (made := self.purposes_made()):
            return f"'{made[number]}' ({number}, if no other is made first)"
        return f"'{name or 'UNKNOWN PURPOSE'}' ({number})"

    def show(self, value: Any, kind: Kind, asset: str | None = None) -> str:
        """`value` in its unit. `asset` is what money is counted in, the suite's unless given."""
        if isinstance(value, dict):
            members = (f"{name} {self.show(item, Kind.PLAIN)}" for name, item in value.items())
            return f"({', '.join(members)})"
        if kind == Kind.KIND_SHARES:
            return _kind_shares(value)
        if isinstance(value, list | tuple):
            return f"[{', '.join(self.show(item, kind, asset) for item in value)}]"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, bytes):
            return self.roles.get(value, "0x" + value.hex()) if kind == Kind.ROLE else _hex(value)
        if isinstance(value, str):
            return self._text(value, kind)
        return self._number(int(value), kind, asset)

    def account(self, address: str) -> str:
        """The contract of the suite that is there, else the whole address."""
        if int(address, 16) == 0:
            return "nobody (the zero address)"
        name = self.contracts.get(address.lower())
        return self.suite.symbol if name == "Asset" else name or str(to_checksum_address(address))

    def money(self, units: int, asset: str | None = None) -> str:
        """Units of `asset`; another asset than the suite's is named with its address too."""
        suite = self.suite
        if asset is None or asset.lower() == str(suite.asset.address).lower():
            return suite.money(units)
        if asset.lower() == str(suite.token.address).lower():
            return suite.tokens(units)
        if not any(same(asset, known) for known in self.accepted):
            return f"{units:,} units of {asset}, WHICH THE TREASURY DOES NOT ACCEPT"
        return f"{units:,} units of {asset}"

    def _drop(self, drop_id: int) -> str:
        """The parts of an id, and the whole of it."""
        drop = parts_of(drop_id)
        where = f"{drop.number} of campaign {drop.campaign_id} in {self.account(drop.asset)}"
        return f"{where} ({drop_id:#x})"

    def _everything(self, asset: str | None) -> str:
        if asset is None or same(asset, self.suite.asset):
            return "everything"
        return f"everything of {self.account(asset)}"

    def _text(self, value: str, kind: Kind) -> str:
        if kind in (Kind.ACCOUNT, Kind.ASSET) or isinstance(value, Account):
            return self.account(value)
        # Marks in it cannot end the text.
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def _number(self, value: int, kind: Kind, asset: str | None) -> str:
        match kind:
            case Kind.MONEY:
                return self._everything(asset) if value == MAX else self.money(value, asset)
            case Kind.TOKENS:
                return "everything" if value == MAX else self.suite.tokens(value)
            case Kind.DURATION:
                return exact_duration(value)
            case Kind.TIME:
                return show_time(value)
            case Kind.SHARE:
                return amounts.show_bps(value)
            case Kind.PURPOSE:
                return self.purpose(value)
            case Kind.SUPPORT:
                return dict(enumerate(("against", "for", "abstain"))).get(value, f"support {value}")
            case Kind.ENERGY:
                return f"{value:,} Wh"
            case Kind.SCORE:
                return scores.show(value)
            case Kind.EMISSIONS:
                return f"{value:,} gCO2e"
            case Kind.DROP:
                return self._drop(value)
            case Kind.MODEL_KINDS if value < 2 * max(ModelKind):
                return ", ".join(kind.label for kind in ModelKind(value)) or "none"
        return f"{value:,}" if value >= 10_000 else str(value)


def _kind_shares(shares: list[int]) -> str:
    """Only the kinds that have a share: "fine-tune 5 %, merge 2 %"."""
    told = zip(ModelKind, shares, strict=True)
    return ", ".join(f"{kind.label} {amounts.show_bps(bps)}" for kind, bps in told if bps) or "none"


def exact_duration(seconds: int) -> Shown:
    """A duration in its two largest units, and in seconds if these leave something out."""
    if amounts.is_told_whole(seconds):
        return amounts.show_duration(seconds)
    return Shown(f"{seconds:,} seconds", seconds)


def show_time(timestamp: int) -> Shown:
    """Unix time as a date; zero is never and what no calendar holds stays a number."""
    if timestamp == 0:
        return Shown("never", None)
    try:
        when = datetime.fromtimestamp(timestamp, UTC)
        return Shown(when.strftime("%Y-%m-%d %H:%M:%S UTC"), when.strftime("%Y-%m-%dT%H:%M:%SZ"))
    except (OverflowError, ValueError, OSError):
        return Shown(f"the end of time ({timestamp:,})", None)


def in_time(timestamp: int, now: int) -> str:
    """When something is, and how long until then: "on 2027-01-05 12:48:00 UTC (in 23 hours)"."""
    gap = amounts.show_duration(abs(timestamp - now))
    distance = f"in {gap}" if timestamp > now else f"{gap} ago"
    return f"on {show_time(timestamp)} ({distance})"


def same(address: str, other: Any) -> bool:
    return address.lower() == str(getattr(other, "address", other)).lower()


def is_zero(address: str) -> bool:
    return same(address, connection.ZERO_ADDRESS)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
