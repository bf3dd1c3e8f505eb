"""What a publisher writes, and what is refused of it."""

import json
import os
from pathlib import Path

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import publication, shares
from flywheel.rewards.leaves import Domain, keccak

DOMAIN = Domain(1_337, "0x" + "Cc" * 20, 3, "0x" + "aA" * 20, 2)


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """A publication of three leaves."""
    path = tmp_path / "published"
    names = ["w1", "w2", "w3"]
    leaves = shares.leaves_of(
        dict(zip(names, [5, 7, 2**100], strict=True)), shares.addresses_of(names)
    )
    publication.publish(path, DOMAIN, leaves)
    return path


def edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / publication.MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_publish__then_recompute__same_root_total_and_hash(folder):
    manifest = publication.read_manifest(folder)
    tree = publication.recompute_root(folder)
    assert manifest.root == f"0x{tree.root.hex()}"
    assert manifest.total == tree.total == 12 + 2**100
    assert manifest.leaf_count == 3
    data = (folder / publication.LEAF_FILE).read_bytes()
    assert manifest.keccak256 == f"0x{keccak(data).hex()}"
    assert publication.recompute_root(folder / publication.MANIFEST_FILE).root == tree.root


def test_publish__any_order_and_spelling__same_files(folder, tmp_path):
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    mixed = {f"0x{account[2:].upper()}": amount for account, amount in reversed(leaves.items())}
    first = next(iter(leaves))
    mixed = {first: leaves[first]} | {a: c for a, c in mixed.items() if a.lower() != first}
    publication.publish(tmp_path / "again", DOMAIN, mixed)
    for name in (publication.LEAF_FILE, publication.MANIFEST_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_publish__manifest__has_large_numbers_as_text(folder):
    document = json.loads((folder / publication.MANIFEST_FILE).read_text())
    assert document["total"] == str(12 + 2**100)
    assert document["format"] == "flywheel-drop-v2"


def test_read_leaves__written_file__gives_the_leaves(folder):
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    assert sorted(leaves.values()) == [5, 7, 2**100]
    assert all(account == account.lower() for account in leaves)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda lines: ["account;amount", *lines[1:]], "line 1: the header is not"),
        (lambda lines: [*lines[:2], lines[2].upper(), lines[3]], "line 3: '0X.*is not a leaf"),
        (lambda lines: [*lines[:3], lines[3] + ".5"], "line 4: .* is not a leaf"),
        (lambda lines: [*lines[:3], lines[3].split(",")[0] + ",0"], "line 4: .* is not a leaf"),
        (lambda lines: [*lines, ""], "line 5: '' is not a leaf"),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "line 3: .* is out of order"),
        (lambda lines: [*lines[:2], *lines[1:]], "line 3: .* repeats"),
    ],
)
def test_read_leaves__faulty_line__names_line_and_fault(folder, spoil, reason):
    path = folder / publication.LEAF_FILE
    write(folder, publication.LEAF_FILE, *spoil(path.read_text().splitlines()))
    with pytest.raises(FlywheelError, match=reason) as caught:
        publication.read_leaves(path)
    assert str(path) in str(caught.value)


def test_read_leaves__cut_off__is_refused(folder):
    path = folder / publication.LEAF_FILE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FlywheelError, match="line 4: the file is cut off"):
        publication.read_leaves(path)


def test_recompute_root__leaf_changed__is_refused(folder):
    path = folder / publication.LEAF_FILE
    path.write_text(path.read_text().replace(",5\n", ",6\n"))
    with pytest.raises(FlywheelError, match=r"has the root .*, its manifest says"):
        publication.recompute_root(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"root": "0x" + "00" * 32},
        {"total": "1"},
        {"leaf_count": 2},
        {"sha256": "0x"},
        {"keccak256": "0x"},
        {"chain_id": 1},
        {"campaign_id": 4},
        {"number": 1},
        {"asset": "0x" + "11" * 20},
        {"contract": "0x" + "11" * 20},
    ],
)
def test_recompute_root__manifest_changed__is_refused(folder, changes):
    edit_manifest(folder, **changes)
    with pytest.raises(FlywheelError, match="its manifest says"):
        publication.recompute_root(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "flywheel-drop-v0"},
        {"total": "many"},
        {"leaf_count": "3"},
        {"chain_id": None},
        {"chain_id": -1},
        {"number": 2**48},
        {"campaign_id": 2**48},
        {"asset": "USDC"},
        {"leaf_file": "../leaves.csv"},
        {"leaf_file": "real.csv"},
        {"files": {"leaves.csv": "0x" + "00" * 32}},
        {"files": {"manifest.json": "0x" + "00" * 32}},
        {"files": {"shards/index.json": "0x" + "00" * 32}},
        {"files": {"../notes.txt": "0x" + "00" * 32}},
        {"author": "nobody"},
    ],
)
def test_read_manifest__faulty__is_refused(folder, changes):
    edit_manifest(folder, **changes)
    with pytest.raises(FlywheelError, match=r"manifest\.json"):
        publication.read_manifest(folder)


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}"])
def test_read_manifest__not_a_manifest__is_refused(tmp_path, text):
    path = write(tmp_path, "manifest.json", text)
    with pytest.raises(FlywheelError, match=r"manifest\.json"):
        publication.read_manifest(path)


@pytest.mark.parametrize("missing", [publication.LEAF_FILE, publication.MANIFEST_FILE])
def test_recompute_root__file_missing__is_refused(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(FlywheelError, match=f"Cannot read .*{missing}"):
        publication.recompute_root(folder)


def test_read_manifest__larger_than_any_of_ours__is_refused_unread(folder):
    with (folder / publication.MANIFEST_FILE).open("r+b") as file:
        file.truncate(publication._MAX_MANIFEST_BYTES + 1)
    with pytest.raises(FlywheelError, match=r"manifest\.json has 1,000,001 bytes"):
        publication.read_manifest(folder)


def test_publish__file_of_a_name_like_the_leaf_files__is_named(tmp_path):
    write(tmp_path, "leaves.csvx", "hello")
    manifest = publication.publish(tmp_path, DOMAIN, {"0x" + "11" * 20: 5})
    assert set(manifest.files) == {"leaves.csvx"}


@pytest.mark.parametrize(
    "put",
    [
        lambda folder: (folder / "link.csv").symlink_to(folder / "leaves.csv"),
        lambda folder: (folder / "link").symlink_to(folder),
        lambda folder: os.mkfifo(folder / "pipe.csv"),
        lambda folder: (folder / "a/b").mkdir(parents=True),
    ],
)
def test_entries__neither_file_nor_folder__is_refused(folder, put):
    put(folder)
    with pytest.raises(FlywheelError, match="is a link, a pipe or a folder"):
        publication.entries(folder)
    with pytest.raises(FlywheelError, match="is a link, a pipe or a folder"):
        publication.publish(folder, DOMAIN, {"0x" + "11" * 20: 5})


def test_publish__pipe_put_there_in_the_meantime__is_refused_at_once(folder, monkeypatch):
    os.mkfifo(folder / "pipe.csv")
    monkeypatch.setattr(publication, "entries", lambda _: ["pipe.csv"])
    with pytest.raises(FlywheelError, match="a pipe or a device"):
        publication.publish(folder, DOMAIN, {"0x" + "11" * 20: 5})


def test_entries__no_folder__is_refused(folder):
    with pytest.raises(FlywheelError, match="Cannot read"):
        publication.entries(folder / "absent")


@pytest.mark.parametrize("name", [publication.LEAF_FILE, publication.MANIFEST_FILE])
def test_recompute_root__pipe_or_endless_device__is_refused_at_once(folder, name):
    path = folder / name
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(FlywheelError, match="a pipe or a device"):
        publication.recompute_root(folder)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(FlywheelError, match="a pipe or a device"):
        publication.recompute_root(folder)
