"""Pools of machines: units that k of n validators signed, for one drop and one file."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from flywheel.errors import FlywheelError
from flywheel.reading import values
from flywheel.rewards import drop_files, earnings, inputs, kinds, publication, unit_files
from flywheel.rewards.leaves import Domain
from flywheel.rewards.unit_files import UnitFiles
from tests.kits import units as kit

DROP = Domain(31_337, "0x" + "aa" * 20, 1, "0x" + "bb" * 20, 1)
UNITS: dict[str, object] = {"ann": 70, "bob": 30, "cat": 0}
ONE, TWO, THREE, OUTSIDER = (kit.validator(number) for number in range(4))
# secp256k1
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def files(tmp_path):
    """Units, a rule of 2 of 3, and the signatures of those who are named."""

    def write(*signers, drop: Domain = DROP, units=None) -> UnitFiles:
        path = kit.write_units(tmp_path / "units.csv", UNITS if units is None else units)
        rule = kit.write_rule(tmp_path / "rule.yaml", [ONE, TWO, THREE], 2)
        signatures = tmp_path / "signatures.csv"
        signatures.unlink(missing_ok=True)
        kit.sign(drop, path, signatures, *signers)
        return UnitFiles(path, rule, signatures if signers else None)

    return write


def signature_of(key, text: str) -> bytes:
    return bytes(key.sign_message(encode_defunct(text=text)).signature)


def test_text_of__a_file__names_all_that_it_is_for(files):
    given = files()
    # The digest as `sha256sum units.csv` prints it.
    assert unit_files.text_of(DROP, given.units) == (
        "Flywheel units of work\n"
        "chain: 31337\n"
        "contract: 0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa\n"
        "campaign: 1\n"
        "asset: 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\n"
        "drop: 1\n"
        "sha256: 0x38f7d227f3101e9453c5f2b333df7231c04c646d83baab8afc4b3d325c14cc70"
    )


def test_earn__two_of_three__pays_units(files):
    found = earnings.earn(files(ONE, THREE), DROP)
    assert found.points == UNITS
    assert found.table == b"worker,points\nann,70\nbob,30\ncat,0\n"
    assert earnings.earn(files(ONE, TWO, THREE), DROP) == found


@pytest.mark.parametrize("signers", [(), (ONE,)])
def test_earn__fewer_than_the_threshold__is_refused(files, signers):
    with pytest.raises(FlywheelError, match=r"Nobody signed|has 1 of the 2 signatures"):
        earnings.earn(files(*signers), DROP)


def test_earn__no_drop_named__is_refused(files):
    with pytest.raises(FlywheelError, match=r"Nobody signed .* for this drop"):
        earnings.earn(files(ONE, TWO))


def test_earn__a_signer_who_is_no_validator__is_refused_with_its_line(files):
    with pytest.raises(FlywheelError, match=f"line 3: {OUTSIDER.address} is no validator"):
        earnings.earn(files(ONE, OUTSIDER, TWO), DROP)


@pytest.mark.parametrize("respell", [str, str.lower, lambda text: "0x" + text[2:].upper()])
def test_earn__a_validator_twice__counts_as_a_fault(files, respell):
    given = files(ONE)
    signatures = given.signatures
    _, line = signatures.read_text().splitlines()
    account, signature = line.split(",")
    with signatures.open("a") as file:
        file.write(f"{respell(account)},{signature}\n")
    with pytest.raises(FlywheelError, match=f"line 3: {ONE.address} is there already"):
        earnings.earn(given, DROP)


def test_earn__the_other_form_of_a_signature__is_no_second_one(files):
    """Whoever has (r, s) can write (r, -s): it is of the same key, so nothing is won by it."""
    given = files(ONE)
    signature = values.hexadecimal(
        given.signatures.read_text().splitlines()[1].split(",")[1], "signature"
    )
    s = ORDER - int.from_bytes(signature[32:64], "big")
    other = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    for account in (ONE.address, TWO.address):
        given = files(ONE)
        with given.signatures.open("a") as file:
            file.write(f"{account},0x{other.hex()}\n")
        with pytest.raises(FlywheelError, match="line 3"):
            earnings.earn(given, DROP)


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": 1},
        {"contract": "0x" + "ac" * 20},
        {"campaign_id": 2},
        {"asset": "0x" + "bc" * 20},
        {"number": 2},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_earn__signed_for_another_drop__is_refused(files, changes):
    given = files(ONE, TWO, drop=replace(DROP, **changes))
    with pytest.raises(FlywheelError) as error:
        earnings.earn(given, DROP)
    said = str(error.value).splitlines()
    assert len(said) == 2
    assert f"line 2: this is not {ONE.address}'s signature of this file for this drop" in said[0]


def test_earn__units_changed_after_signing__is_refused(files):
    given = files(ONE, TWO)
    kit.write_units(given.units, UNITS | {"ann": 71})
    with pytest.raises(FlywheelError, match=r"not .* signature of this file"):
        earnings.earn(given, DROP)


def test_earn__a_signature_under_another_validators_name__is_refused(files):
    given = files(ONE)
    signature = signature_of(
        Account.from_key(bytes([0xA3]) * 32), unit_files.text_of(DROP, given.units)
    )
    with given.signatures.open("a") as file:
        file.write(f"{TWO.address},0x{signature.hex()}\n")
    with pytest.raises(FlywheelError, match=f"line 3: this is not {TWO.address}'s signature"):
        earnings.earn(given, DROP)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("eve,0x00", "line 3: validator 'eve' is not an address"),
        (f"{TWO.address},0x00", "line 3: the signature has 1 bytes. Sign by a key"),
        (f"{TWO.address},0x{'11' * 97}", "line 3: the signature has 97 bytes.*contracts cannot be"),
        (f"{TWO.address},0xzz", "line 3: signature '0xzz' is not hexadecimal"),
        (f"{TWO.address},0x{'00' * 65}", "line 3: this is not"),
        (f"{TWO.address},0x{'ff' * 65}", "line 3: this is not"),
        (f"{TWO.address}", "line 3: the row has 1 fields"),
        (f"{TWO.address},", "line 3: no signature"),
    ],
)
def test_earn__no_signature__is_refused_with_its_line(files, line, said):
    given = files(ONE)
    with given.signatures.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(FlywheelError, match=said):
        earnings.earn(given, DROP)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"ann": 1, " ann": 2}, "line 3: worker 'ann' is there already"),
        ({"ann": "1.5"}, "line 2: units '1.5' is no whole number"),
        ({"ann": "-1"}, "line 2: units '-1' is no whole number"),
        ({"ann": "1e6"}, "line 2: units '1e6' is no whole number"),
        ({"ann": "٣"}, "line 2: .* is no whole number"),
        ({"ann": 10**18 + 1}, "line 2: units .* is too large"),
        ({"ann": "9" * 5_000}, "line 2: units .* is too large"),
        ({}, "has no rows"),
    ],
)
def test_read_units__hostile__is_refused_before_anybody_signs(files, tmp_path, units, said):
    path = kit.write_units(tmp_path / "units.csv", units)
    with pytest.raises(FlywheelError, match=said):
        unit_files.sign(DROP, path, tmp_path / "signatures.csv", ONE)
    assert not (tmp_path / "signatures.csv").exists()


def test_sign__twice__is_refused_and_changes_nothing(files):
    given = files(ONE)
    before = given.signatures.read_bytes()
    with pytest.raises(FlywheelError, match=r"already\. Have another validator sign"):
        unit_files.sign(DROP, given.units, given.signatures, ONE)
    assert given.signatures.read_bytes() == before


def test_sign__into_the_file_of_another_drop__is_refused_and_changes_nothing(files):
    given = files(ONE)
    before = given.signatures.read_bytes()
    with pytest.raises(FlywheelError, match="into a new file if the drop is another"):
        unit_files.sign(replace(DROP, number=2), given.units, given.signatures, TWO)
    assert given.signatures.read_bytes() == before


def test_sign__refused_in_the_wallet__leaves_no_file(files, tmp_path):
    path = kit.write_units(tmp_path / "units.csv", UNITS)
    silent = SimpleNamespace(address=ONE.address, sign_message=lambda _: None)
    with pytest.raises(FlywheelError, match="The text was not signed"):
        unit_files.sign(DROP, path, tmp_path / "new.csv", silent)
    assert not (tmp_path / "new.csv").exists()


def test_build__signed_units__verify_and_are_conserved(files, tmp_path):
    folder = tmp_path / "drop"
    manifest, _ = drop_files.build(folder, DROP, 1_001, files(ONE, TWO))
    assert sorted(manifest.files) == [
        "inputs/addresses.csv",
        "inputs/rule.yaml",
        "inputs/signatures.csv",
        "inputs/units.csv",
        "points.csv",
    ]
    found = drop_files.verify(folder)
    assert isinstance(found.work, UnitFiles)
    assert sorted(amount for _, amount in found.tree.items()) == [301, 700]
    assert kinds.published(folder / inputs.FOLDER).kind == "units"


@pytest.mark.parametrize("signers", [(), (ONE,), (ONE, OUTSIDER)])
def test_build__not_signed_by_enough__writes_nothing(files, tmp_path, signers):
    with pytest.raises(FlywheelError):
        drop_files.build(tmp_path / "drop", DROP, 1_000, files(*signers))
    assert not (tmp_path / "drop").exists()


def test_build__for_the_next_drop__needs_new_signatures(files, tmp_path):
    given = files(ONE, TWO)
    with pytest.raises(FlywheelError, match=r"not .* signature of this file for this drop"):
        drop_files.build(tmp_path / "drop", replace(DROP, number=2), 1_000, given)


@pytest.mark.parametrize("name", ["signatures.csv", "units.csv", "rule.yaml"])
def test_verify__changed_and_published_anew__is_refused(files, tmp_path, name):
    """A publisher whose hashes, tables and root all fit has to have the signatures as well."""
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 1_000, files(ONE, TWO))
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    path = folder / inputs.FOLDER / name
    changed = {
        "signatures.csv": ("\n".join(path.read_text().splitlines()[:2]) + "\n", "has 1 of the 2"),
        "units.csv": (path.read_text().replace("cat,0", "cat,00"), "not .* signature of this file"),
        "rule.yaml": (path.read_text().replace(TWO.address, OUTSIDER.address), "is no validator"),
    }
    text, said = changed[name]
    assert text != path.read_text()
    path.write_text(text)
    (folder / publication.MANIFEST_FILE).unlink()
    publication.publish(folder, DROP, leaves)
    with pytest.raises(FlywheelError, match=said):
        drop_files.verify(folder)


def test_verify__without_signatures__is_refused(files, tmp_path):
    folder = tmp_path / "drop"
    drop_files.build(folder, DROP, 1_000, files(ONE, TWO))
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    (folder / inputs.FOLDER / "signatures.csv").unlink()
    (folder / publication.MANIFEST_FILE).unlink()
    publication.publish(folder, DROP, leaves)
    with pytest.raises(FlywheelError, match=r"Cannot read .*signatures.csv"):
        drop_files.verify(folder)
