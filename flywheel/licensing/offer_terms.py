"""Licence terms: from presets and files to the struct that is offered, and in words.

A file is checked against schemas/terms.json. Its amounts are in whole units of the terms' asset,
shares are "5 %" or "500 bps", durations "90 days". Presets are such files without a legal text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from eth_utils import keccak, to_checksum_address

from flywheel import amounts, documents
from flywheel.amounts import Unit
from flywheel.errors import FlywheelError, fix
from flywheel.licensing import reference
from flywheel.models.kinds import KINDS, ModelKind
from flywheel.shown import Shown, yes

PRESETS = Path(__file__).parent / "presets"
PRESET_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
SILENCE_IS_FREE = (
    "a share or a unit price needs a minimum per period or a bond: who never reports would owe "
    "nothing and lose nothing"
)
NEVER = 2**64  # Times from here on are no dates.
ZERO_ADDRESS = "0x" + "00" * 20


@dataclass(frozen=True)
class LicenceTerms:
    """Terms of a licence; amounts in units of the asset, times in seconds."""

    model_id: int
    upfront_fee: int
    share_bps: int
    minimum_per_period: int
    period_seconds: int
    grace_seconds: int
    term_seconds: int
    transferable: bool
    legal_uri: str
    bond: int = 0
    price_per_unit: int = 0
    royalty_cap: int = 0
    late_bps_per_year: int = 0
    cure_seconds: int = 30 * 86_400
    sublicensable: bool = False
    renewable: bool = False
    derivation_bps: tuple[tuple[int, int], ...] = ()
    """Kinds that may be derived, by their number in ModelKind from 0, and what each owes."""
    field_of_use: str = ""
    legal_hash: bytes = b""
    """keccak256 of the legal text; of its address where the text itself is not at hand."""
    max_licenses: int = 0
    """The most that are ever sold; 0: no limit."""
    offered_until: int = 0
    """Unix second from which none is sold; 0: no end."""
    licensee: str = ""
    """The only account that may buy; empty: anybody."""
    arbiter: str = ""
    """Who decides about the licence; empty: the DAO's vote."""
    exclusive: bool = False
    approval_required: bool = False
    share_alike: bool = False
    attribution: bool = False
    summary_hash: bytes = b""
    summary_uri: str = ""
    asset: str = ""
    """Address; of terms that are not offered yet the suite's asset if empty."""

    @classmethod
    def of(cls, data: Any) -> "LicenceTerms":
        """From `ILicenseCatalog.Terms` as the chain gives it."""
        allowed = int(data.derivations)
        shares = enumerate(data.derivation_share_bps)
        own = {"derivation_bps", "legal_hash", "licensee", "arbiter", "summary_hash"}
        same = {item.name for item in fields(cls)} - own
        return cls(
            **{name: getattr(data, name) for name in same},
            derivation_bps=tuple((kind, int(bps)) for kind, bps in shares if allowed >> kind & 1),
            legal_hash=bytes(data.legal_hash),
            licensee=_account(data.licensee),
            arbiter=_account(data.arbiter),
            summary_hash=bytes(data.summary_hash) if any(data.summary_hash) else b"",
        )

    @property
    def makes_silence_free(self) -> bool:
        """Whether they ask for a part of what is reported, and nothing of who never reports."""
        asks = self.share_bps > 0 or self.price_per_unit > 0
        return asks and self.minimum_per_period == 0 and self.bond == 0

    @property
    def rates(self) -> reference.Rates:
        return reference.Rates(
            share_bps=self.share_bps,
            price_per_unit=self.price_per_unit,
            minimum=self.minimum_per_period,
            cap=self.royalty_cap,
        )

    def struct(self, asset: str) -> tuple[object, ...]:
        """`ILicenseCatalog.Terms`, in `asset` unless the terms name their own."""
        shares = dict(self.derivation_bps)
        return (
            self.model_id,
            self.asset or asset,
            self.upfront_fee,
            self.bond,
            self.share_bps,
            self.price_per_unit,
            self.minimum_per_period,
            self.royalty_cap,
            self.late_bps_per_year,
            self.period_seconds,
            self.grace_seconds,
            self.cure_seconds,
            self.term_seconds,
            self.max_licenses,
            self.offered_until,
            self.licensee or ZERO_ADDRESS,
            self.arbiter or ZERO_ADDRESS,
            self.transferable,
            self.sublicensable,
            self.renewable,
            self.exclusive,
            self.approval_required,
            self.share_alike,
            self.attribution,
            sum(1 << kind for kind in shares),
            [shares.get(kind, 0) for kind in range(len(KINDS))],
            self.field_of_use,
            self.legal_hash or bytes(keccak(text=self.legal_uri)),
            self.legal_uri,
            self.summary_hash or bytes(32),
            self.summary_uri,
        )


def _account(address: str) -> str:
    return "" if int(address, 16) == 0 else str(address)


# --- files ---


def presets() -> dict[str, dict[str, Any]]:
    """The terms files of the product by their names, in the order of their fees."""
    found = {path.stem: documents.load(path, "terms") for path in PRESETS.glob("*.yaml")}
    return dict(sorted(found.items(), key=lambda item: (_fee(item[1]), item[0])))


def path_of(source: str) -> Path:
    """A preset's file, or the file itself. Raises `FlywheelError` if there is neither."""
    preset = PRESETS / f"{source}.yaml"
    path = preset if PRESET_NAME.fullmatch(source) and preset.is_file() else Path(source)
    if not path.is_file():
        names = ", ".join(presets())
        raise fix(f"There are no terms '{source}'", f"Name a YAML file or one of {names}")
    return path


def load(
    path: Path, unit: Unit, model_id: int = 0, overrides: Mapping[str, Any] | None = None
) -> LicenceTerms:
    """The terms of a file, with `overrides` of its fields; without model and legal text a draft.

    Raises `FlywheelError`, with the line for what the file says.
    """
    written = documents.load(path, "terms")["terms"]
    changed = {name: value for name, value in (overrides or {}).items() if value is not None}
    if "legal_text" in changed:
        written.pop("legal_hash", None)
    terms = LicenceTerms(model_id, 0, 0, 0, 0, 0, 0, False, "", asset=unit.address)
    for name, value in (written | changed).items():
        try:
            folder = Path() if name in changed else path.parent
            terms = replace(terms, **_member(name, value, unit, folder))
        except FlywheelError as error:
            if name in changed:
                option = name.replace("_", "-")
                raise FlywheelError(f"--{option}: {error}") from None
            raise documents.misfit(path, ["terms", name], str(error)) from None
    if terms.makes_silence_free:
        by = "share" if terms.share_bps else "price_per_unit"
        raise documents.misfit(path, ["terms", by], SILENCE_IS_FREE)
    return terms


def require_legal_text(terms: LicenceTerms) -> None:
    """Raises `FlywheelError` unless the terms say where their legal text is, and its hash."""
    if not terms.legal_uri:
        raise fix(
            "The terms do not say where the licence text is", "Give its address with --legal-uri"
        )
    if not terms.legal_hash:
        raise fix(
            "The licence text is not fixed", "Give the file with --legal-text: its hash is offered"
        )


AMOUNTS = {
    "fee": "upfront_fee",
    "bond": "bond",
    "price_per_unit": "price_per_unit",
    "minimum": "minimum_per_period",
    "cap": "royalty_cap",
}
SHARES = {"share": "share_bps", "late_rate": "late_bps_per_year"}
DURATIONS = {"period": "period_seconds", "grace": "grace_seconds", "cure": "cure_seconds"}


def _member(name: str, value: Any, unit: Unit, folder: Path) -> dict[str, Any]:
    if name in AMOUNTS:
        return {AMOUNTS[name]: unit.units(value)}
    if name in SHARES:
        return {SHARES[name]: share(value)}
    if name in DURATIONS:
        return {DURATIONS[name]: amounts.seconds(value)}
    if name == "term":
        return {"term_seconds": 0 if value == "perpetual" else amounts.seconds(value)}
    if name == "derivations":
        pairs = sorted((KINDS.index(kind), share(bps)) for kind, bps in value.items())
        return {"derivation_bps": tuple(pairs)}
    if name == "legal_hash":
        return {"legal_hash": bytes.fromhex(value[2:])}
    if name == "legal_text":
        return {"legal_hash": _hash_of(folder / value)}
    if name in ("licensee", "arbiter"):
        return {name: to_checksum_address(value)}
    if name == "offered_until":
        return {name: _second(value)}
    if name == "summary":
        return {"summary_hash": _hash_of_summary(folder / value)}
    # The asset is what `unit` was made for.
    return {} if name == "asset" else {name: value}


def _hash_of(text: Path) -> bytes:
    """keccak256 of a file."""
    try:
        return bytes(keccak(text.read_bytes()))
    except OSError as error:
        raise fix(f"Cannot read {text}: {error.strerror}", "Give the licence text") from None


def _hash_of_summary(path: Path) -> bytes:
    """keccak256 of a summary for programs, which must be one."""
    documents.load(path, "license_summary")
    return _hash_of(path)


def _second(text: str) -> int:
    """Unix second at which a day begins, in UTC."""
    try:
        return int(datetime.combine(date.fromisoformat(text), time(), UTC).timestamp())
    except ValueError:
        raise fix(f"'{text}' is no day", "Write it as 2027-01-31") from None


def _fee(document: Mapping[str, Any]) -> int:
    return amounts.to_units(str(document["terms"]["fee"]).split(" ")[0], 36)


def share(text: str) -> int:
    """Basis points of "12.5 %" or "1250 bps". Raises `FlywheelError`; nothing is rounded."""
    number, sign = text.strip(), ""
    for suffix in ("%", "bps"):
        if number.endswith(suffix):
            number, sign = number.removesuffix(suffix).strip(), suffix
    if not sign:
        raise fix(f"'{text}' is no share", "Write for example '12.5 %' or '1250 bps'")
    return amounts.to_units(number, 2 if sign == "%" else 0)


# --- words ---


def in_words(terms: LicenceTerms, unit: Unit) -> dict[str, str]:
    """What the terms say, by subject, for people."""
    return {
        "Fee": _fee_words(terms, unit),
        "Royalty": royalty_words(terms, unit),
        "Reports": _report_words(terms),
        "Late": _late_words(terms),
        "Bond": (
            f"{unit.show(terms.bond)}, given back one period after the end if nothing is owed"
            if terms.bond
            else "none"
        ),
        "Term": _term_words(terms),
        "May be sold on": Shown(
            "yes, with nothing owed" if terms.transferable else "no", terms.transferable
        ),
        "May grant sublicences": yes(terms.sublicensable),
        "May be derived": derivation_words(terms) or "nothing",
        "Sold": _sale_words(terms),
        "Field of use": terms.field_of_use or "any",
        "Must name the model": yes(terms.attribution),
        "Decides in disputes": terms.arbiter or "the DAO, by vote",
        "Legal text": terms.legal_uri or "to be given with --legal-uri and --legal-text",
        "Its keccak256": f"0x{terms.legal_hash.hex()}" if terms.legal_hash else "",
        "Summary for programs": terms.summary_uri or "none",
    }


def royalty_words(terms: LicenceTerms, unit: Unit) -> str:
    parts = []
    if terms.share_bps:
        parts.append(f"{amounts.show_bps(terms.share_bps)} of revenue")
    if terms.price_per_unit:
        parts.append(f"{unit.show(terms.price_per_unit)} per unit")
    said = " and ".join(parts)
    if terms.minimum_per_period:
        least = f"at least {unit.show(terms.minimum_per_period)}"
        said = f"{said}, {least}" if said else least
    if said:
        said += f" per {amounts.show_duration(terms.period_seconds)}"
    if said and terms.royalty_cap:
        said += f", {unit.show(terms.royalty_cap)} in all at most"
    return said or "none"


def derivation_words(terms: LicenceTerms) -> str:
    said = ", ".join(
        f"{ModelKind(1 << kind).label} ({amounts.show_bps(bps)} of what it earns)"
        for kind, bps in terms.derivation_bps
    )
    if said and terms.approval_required:
        said += "; each after the licensor's approval"
    if said and terms.share_alike:
        said += "; licensed on the same conditions"
    return said


def day_and_time(second: int) -> str:
    """A Unix second in UTC, as `ape run vote propose` reads it; 0 is never."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S} UTC" if second else "never"


def _sale_words(terms: LicenceTerms) -> str:
    """To whom, how often, until when; what else is sold meanwhile."""
    said = f"to {terms.licensee} alone" if terms.licensee else "to anybody"
    if terms.max_licenses:
        said += f", {terms.max_licenses} at most"
    if terms.offered_until:
        said += f", until {day_and_time(terms.offered_until)}"
    if terms.exclusive:
        said += "; no other licence of the model is sold while it runs"
    return said


def _fee_words(terms: LicenceTerms, unit: Unit) -> str:
    if not terms.upfront_fee:
        return "none"
    again = ", again for each term" if terms.term_seconds else ""
    return f"{unit.show(terms.upfront_fee)} at once{again}"


def _report_words(terms: LicenceTerms) -> str:
    if not terms.period_seconds:
        return "none"
    period, grace = map(amounts.show_duration, (terms.period_seconds, terms.grace_seconds))
    return f"every {period}, to be paid within {grace}"


def _late_words(terms: LicenceTerms) -> str:
    if not terms.period_seconds:
        return "nothing can be late"
    rate = amounts.show_bps(terms.late_bps_per_year)
    cure = amounts.show_duration(terms.cure_seconds)
    return f"{rate} interest a year, no rights while overdue; may be terminated after {cure}"


def _term_words(terms: LicenceTerms) -> str:
    if not terms.term_seconds:
        return "perpetual"
    renewal = "renewable by right" if terms.renewable else "renewable while it is offered"
    return f"{amounts.show_duration(terms.term_seconds)}, {renewal}"
