"""Pools of machines: units of work that validators measured and signed, for one drop.

A validator signs a text (EIP-191) by a key of its own; contracts as validators (ERC-1271) are out
of scope. docs/reference/rewards.md has the text.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from eth_utils import to_checksum_address

from flywheel.chain import signatures
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts, values
from flywheel.rewards import earnings, inputs, job_files, rules
from flywheel.rewards.earnings import Earned
from flywheel.rewards.job_tables import read_table
from flywheel.rewards.leaves import Domain
from flywheel.rewards.rules import UnitRule

if TYPE_CHECKING:
    from ape.api import AccountAPI

COLUMNS = ("worker", "units")
SIGNATURE_COLUMNS = ("validator", "signature")
UNITS, SIGNATURES = "units.csv", "signatures.csv"
MAX_UNITS = 10**18
_SIGNATURE_BYTES = 65


@dataclass(frozen=True)
class UnitFiles:
    """The files of a pool of machines."""

    kind: ClassVar[str] = rules.UNITS
    units: Path
    rule: Path
    signatures: Path | None = None

    @classmethod
    def published(cls, folder: Path) -> "UnitFiles":
        """Those of a publication's folder `inputs`."""
        return cls(folder / UNITS, folder / inputs.RULE, folder / SIGNATURES)

    def stage(self, folder: Path, drop: Domain) -> None:
        """As `earnings.Files` has it; faults are told of the files that were given."""
        self.earn(drop)
        assert self.signatures is not None
        inputs.begin(folder, rules.read_as(self.rule, UnitRule))
        inputs.copy(self.units, folder / UNITS)
        inputs.copy(self.signatures, folder / SIGNATURES)

    def earn(self, drop: Domain | None) -> Earned:
        """As `earnings.Files` has it: as many points as units, if enough validators signed."""
        rule = rules.read_as(self.rule, UnitRule)
        units = read_units(self.units)
        if drop is None or self.signatures is None:
            raise fix(f"Nobody signed {self.units} for this drop", "Give --signatures")
        count = len(read_signers(self.signatures, text_of(drop, self.units), rule.validators))
        if count < rule.threshold:
            raise fix(
                f"{self.signatures} has {count} of the {rule.threshold} signatures that "
                f"{self.units} needs",
                "Have more validators run 'ape run rewards sign-units'",
            )
        table = earnings.table_of(("worker", "points"), sorted(units.items()))
        return Earned(units, table, earnings.POINTS_FILE)

    def check(self, suite: Suite, addresses: Path | None) -> "UnitFiles":
        """As `earnings.Files` has it: the chain knows nothing of units."""
        return self


def text_of(drop: Domain, units: Path) -> str:
    """What a validator signs: of which work it holds true that these are the units."""
    digest = hashlib.sha256(texts.read_bytes(units)).hexdigest()
    return "\n".join(
        [
            "Flywheel units of work",
            f"chain: {drop.chain_id}",
            f"contract: {to_checksum_address(drop.contract)}",
            f"campaign: {drop.campaign_id}",
            f"asset: {to_checksum_address(drop.asset)}",
            f"drop: {drop.number}",
            f"sha256: 0x{digest}",
        ]
    )


def read_units(path: Path) -> dict[str, int]:
    """Worker -> units, one line each. Raises `FlywheelError` with all faults and their lines."""
    table = read_table(path, COLUMNS, "worker")
    units, faults = {}, []
    for line, worker, text in zip(table.index, table["worker"], table["units"], strict=True):
        try:
            units[worker] = values.whole_number(text, "units", MAX_UNITS)
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)
    return units


def read_signers(path: Path, text: str, validators: tuple[str, ...] = ()) -> list[str]:
    """Who signed `text` by the lines of a file. Raises `FlywheelError` with the lines of all that
    are no signature of theirs, are there twice, or are of none of `validators` if any are given."""
    table = job_files.read_rows(path, SIGNATURE_COLUMNS)
    signers: list[str] = []
    faults = []
    for line, written, signature in table.itertuples():
        try:
            account = str(to_checksum_address(values.address(written, "validator")))
            if validators and account not in validators:
                raise fix(f"{account} is no validator of the rule", "Take the line out")
            if account in signers:
                raise fix(f"{account} is there already", "Take one of the two lines out")
            if signatures.signer_of(text, _signature(signature)) != account:
                raise fix(
                    f"this is not {account}'s signature of this file for this drop",
                    "Have it signed again, into a new file if the drop is another",
                )
            signers.append(account)
        except FlywheelError as error:
            faults.append(values.Fault(int(line), str(error)))
    values.refuse_all(path, faults)
    return signers


def _signature(text: str) -> bytes:
    found = values.hexadecimal(text, "signature")
    if len(found) != _SIGNATURE_BYTES:
        raise fix(
            f"the signature has {len(found)} bytes",
            f"Sign by a key, which gives {_SIGNATURE_BYTES}; contracts cannot be validators",
        )
    return found


def sign(drop: Domain, units: Path, to: Path, validator: "AccountAPI") -> int:
    """Adds the validator's line to the file `to`, which is made if it is missing; returns how many
    it has. Raises `FlywheelError`, and leaves it as it is, if it is there or another line is not
    for this drop and these units."""
    read_units(units)
    text = text_of(drop, units)
    account = str(validator.address)
    with job_files.replaced(to) as file:
        signers = read_signers(to, text) if to.exists() else []
        if account in signers:
            raise fix(f"{account} signed {units} in {to} already", "Have another validator sign")
        signature = signatures.sign_text(validator, text)
        row = (account, f"0x{signature.hex()}")
        file.write(job_files.with_row(to, SIGNATURE_COLUMNS, row))
    return len(signers) + 1
