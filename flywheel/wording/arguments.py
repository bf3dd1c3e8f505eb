"""What people write for an argument, by its unit: "12.5 USDC", "7 days", "Treasury", "40 %"."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from eth_utils import keccak

from flywheel import amounts
from flywheel.chain import accounts, connection
from flywheel.chain.calldata import Abi, Function
from flywheel.deploy.parameters import TOKEN_DECIMALS
from flywheel.errors import FlywheelError, fix
from flywheel.evaluations import scores
from flywheel.models.kinds import ModelKind
from flywheel.reading import strict_yaml
from flywheel.reading.values import MAX_DIGITS
from flywheel.wording.kinds import Kind, kind_of
from flywheel.wording.lexicon import Lexicon

_MONEY = re.compile(r"([\d.,_]+)\s*([A-Za-z][A-Za-z0-9.-]*)")


class Misfit(FlywheelError):
    """An argument that does not fit; `path` leads to it from the arguments."""

    def __init__(self, path: list[str | int], message: str) -> None:
        super().__init__(message)
        self.path = path


class Reader:
    """Turns written arguments into values of the ABI."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.suite = lexicon.suite

    def encode(self, function: Function, written: dict[str, Any]) -> bytes:
        """The calldata. Raises `Misfit` for an argument that is missing, unknown or wrong."""
        values = self._members(function, list(function.inputs), written, [])
        try:
            return function.encode(values)
        except Exception as error:
            raise Misfit([], f"{function.signature} does not take this: {error}") from None

    def _members(
        self,
        function: Function,
        inputs: list[Abi],
        written: Any,
        path: list[str | int],
        asset: str | None = None,
    ) -> list[Any]:
        names = [str(item["name"]) for item in inputs]
        if not isinstance(written, dict):
            raise Misfit(path, f"write {', '.join(names)}, each with its value")
        for name in written:
            if name not in names:
                takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
                raise Misfit([*path, name], f"{function.name} has no argument '{name}': {takes}")
        for name in names:
            if name not in written:
                raise Misfit(path, f"{function.name} lacks the argument '{name}'")
        if any(item["name"] == "asset" and item["type"] == "address" for item in inputs):
            asset = self._address(written["asset"], [*path, "asset"])
        return [
            self._value(function, item, written[item["name"]], [*path, item["name"]], asset)
            for item in inputs
        ]

    def _value(
        self, function: Function, item: Abi, written: Any, path: list[str | int], asset: str | None
    ) -> Any:
        abi_type = str(item["type"])
        if abi_type.endswith("]"):
            if not isinstance(written, list):
                raise Misfit(path, "write a list")
            element = {**item, "type": abi_type[: abi_type.rindex("[")]}
            return [
                self._value(function, element, part, [*path, number], asset)
                for number, part in enumerate(written)
            ]
        if abi_type == "tuple":
            return self._members(function, item["components"], written, path, asset)
        try:
            return self._scalar(function, str(item["name"]), abi_type, written, path, asset)
        except Misfit:
            raise
        except FlywheelError as error:
            raise Misfit(path, str(error).rstrip(".")) from None

    def _scalar(
        self,
        function: Function,
        name: str,
        abi_type: str,
        written: Any,
        path: list[str | int],
        asset: str | None,
    ) -> Any:
        if abi_type == "bool":
            if not isinstance(written, bool):
                raise Misfit(path, "write true or false")
            return written
        if abi_type == "string":
            if not isinstance(written, str):
                raise Misfit(path, "write a text in quotes")
            return written
        if abi_type == "address":
            return self._address(written, path)
        if abi_type.startswith("bytes"):
            return self._bytes(abi_type, written, path)
        kind = kind_of(function.contract, function.name, name, abi_type)
        number = self._number(kind, written, path, asset, function)
        is_signed = abi_type.startswith("int")
        bits = int(abi_type.removeprefix("u").removeprefix("int")) - is_signed
        if not -(2**bits) * is_signed <= number < 2**bits:
            raise Misfit(path, f"{written} does not fit into {abi_type}")
        return number

    def _address(self, written: Any, path: list[str | int]) -> str:
        """An address, a contract of the suite, the asset's symbol, or an account of Ape."""
        text = str(written)
        if isinstance(written, int) or not text:
            raise Misfit(path, "write an address in quotes, or a name")
        if text[:2] == "0x":
            return connection.address(text)
        if text in self.suite.contracts:
            return str(self.suite[text].address)
        if text == self.suite.symbol:
            return str(self.suite.asset.address)
        if text == self.suite.token_symbol:
            return str(self.suite.token.address)
        if text == "nobody":
            return connection.ZERO_ADDRESS
        found = accounts.known_address(text)
        if found is None:
            raise Misfit(
                path,
                f"'{text}' is neither an address, a contract of the suite, "
                f"{self.suite.symbol}, nor an account of Ape",
            )
        return found

    def _bytes(self, abi_type: str, written: Any, path: list[str | int]) -> bytes:
        text = str(written)
        if abi_type == "bytes32" and text.startswith("keccak "):
            return bytes(keccak(text=text.removeprefix("keccak ")))
        roles = {name: value for value, name in self.lexicon.roles.items()}
        if abi_type == "bytes32" and text in roles:
            return roles[text]
        size = abi_type.removeprefix("bytes")
        try:
            found = bytes.fromhex(text.removeprefix("0x"))
        except ValueError:
            found = b""
        if text[:2] != "0x" or (size and len(found) != int(size)):
            how = f"0x and {2 * int(size)} digits, or 'keccak' and a text" if size else "0x..."
            raise Misfit(path, f"write {how}, in quotes")
        return found

    def _number(
        self, kind: Kind, written: Any, path: list[str | int], asset: str | None, call: Function
    ) -> int:
        if isinstance(written, bool | float) or not isinstance(written, int | str):
            raise Misfit(path, f"'{written}' is no amount: put it in quotes, with its unit")
        match kind:
            case Kind.MONEY if call.contract != "Asset":
                return self._amount(str(written), asset, path)
            case Kind.MONEY:
                return self._amount(str(written), str(self.suite.asset.address), path)
            case Kind.TOKENS:
                return self._amount(str(written), str(self.suite.token.address), path)
            case Kind.DURATION:
                return _duration(written, path)
            case Kind.TIME:
                return _time(str(written), path)
            case Kind.SHARE | Kind.KIND_SHARES:
                return _share(str(written), path)
            case Kind.PURPOSE:
                return self._purpose(written, path)
            case Kind.SCORE:
                return scores.parse(str(written))
            case Kind.SUPPORT if written in ("against", "for", "abstain"):
                return ("against", "for", "abstain").index(str(written))
            case Kind.DROP if re.fullmatch(r"0x[0-9a-fA-F]{1,64}", str(written)):
                return int(str(written), 16)
            case Kind.MODEL_KINDS if not str(written).isdigit():
                return _model_kinds(str(written), path)
        text = str(written).replace("_", "").replace(",", "")
        if not text.isdigit():
            raise Misfit(path, f"'{written}' is no whole number")
        return int(text)

    def _amount(self, text: str, asset: str | None, path: list[str | int]) -> int:
        """Money always names its unit, so that nobody mistakes units for whole coins."""
        suite = self.suite
        asset = asset or str(suite.asset.address)
        known = {
            str(suite.asset.address).lower(): (suite.symbol, suite.decimals),
            str(suite.token.address).lower(): (suite.token_symbol, TOKEN_DECIMALS),
        }.get(asset.lower(), ("units", 0))
        match = _MONEY.fullmatch(text.strip())
        if match is None or match[2] not in (known[0], "units"):
            example = f"12.5 {known[0]}" if known[1] else "12 units"
            raise Misfit(path, f"'{text}' names no {known[0]}: write for example '{example}'")
        return amounts.to_units(match[1], 0 if match[2] == "units" else known[1])

    def _purpose(self, written: Any, path: list[str | int]) -> int:
        known = {**self.lexicon.purposes, **self.lexicon.purposes_made()}
        for number, name in known.items():
            if written in (number, str(number), name):
                return number
        listed = ", ".join(f"{name} ({number})" for number, name in known.items())
        raise Misfit(path, f"'{written}' is no purpose of the Treasury: {listed}")


def _model_kinds(written: str, path: list[str | int]) -> int:
    """`fine-tune, merge`, or `none`."""
    known = {kind.label: int(kind) for kind in ModelKind}
    names = [] if written == "none" else [name.strip() for name in written.split(",")]
    for name in names:
        if name not in known:
            raise Misfit(path, f"'{name}' is no kind of model: {', '.join(known)}")
    return sum(known[name] for name in set(names))


def _duration(written: Any, path: list[str | int]) -> int:
    if isinstance(written, int):
        raise Misfit(path, f"'{written}' has no unit of time: write for example '7 days'")
    return amounts.seconds(written)


def _time(text: str, path: list[str | int]) -> int:
    """A date in UTC, or "in 30 days" from the latest block; "never" is zero."""
    if text == "never":
        return 0
    if text.startswith("in "):
        return connection.now() + amounts.seconds(text.removeprefix("in "))
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC").strip())
    except ValueError:
        raise Misfit(
            path, f"'{text}' is no time: write '2030-01-31 12:00' or 'in 30 days'"
        ) from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def share(text: str) -> int:
    """Basis points of a written share, at most 100 %. Raises `FlywheelError`."""
    try:
        bps = _share(text.strip(), [])
    except Misfit as error:
        raise fix(str(error), "Write for example '50 %'") from None
    if not 0 <= bps <= amounts.BPS:
        raise fix(f"'{text}' is no part of a whole", "Write 0 % to 100 %")
    return bps


def _share(text: str, path: list[str | int]) -> int:
    """Basis points: "12.5 %" or "1250 bps"."""
    share: Decimal | None = None
    try:
        if text.endswith("%"):
            share = Decimal(text.removesuffix("%").strip()) * 100
        elif text.endswith("bps"):
            share = Decimal(text.removesuffix("bps").strip())
    except InvalidOperation:
        share = None
    if share is None or not share.is_finite() or share != share.to_integral_value():
        raise Misfit(path, f"'{text}' is no share: write '12.5 %' or '1250 bps'")
    return int(share)


def parse_pairs(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Arguments written as NAME=VALUE; values as in YAML. Raises `FlywheelError`."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name or name in found:
            raise fix(f"'{pair}' is no argument", "Write NAME=VALUE, each name once")
        if re.fullmatch(r"0x[0-9a-fA-F]*|[\d_]+", text):
            # YAML would read these as numbers.
            found[name] = int(text) if text.isdigit() and len(text) <= MAX_DIGITS else text
            continue
        try:
            value = strict_yaml.load(text, name)
        except FlywheelError:
            value = text
        found[name] = value if isinstance(value, bool | list | dict) else text
    return found
