"""A publication takes the place of an older one of its drop; nothing else of a user's is lost."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import drop_files, publication
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.leaves import Domain

DOMAIN = Domain(1_337, "0x" + "Cc" * 20, 3, "0x" + "aA" * 20, 2)
BUDGET = 10**9 + 7


@pytest.fixture
def room(tmp_path) -> Path:
    """The curator's folder."""
    room = tmp_path / "room"
    room.mkdir()
    rows = [f"{name},t{task},{'GPX'[task % 3]}" for name in ("ann", "bob") for task in range(30)]
    write(room / "labels.csv", "worker,task,label", *rows)
    write(room / "gold.csv", "task,label", "t1,P", "t2,X")
    accounts = [f"{name},0x{number + 1:040x}" for number, name in enumerate(("ann", "bob"))]
    write(room / "addresses.csv", "worker,address", *accounts)
    return room


def write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n")


def files_of(room: Path) -> JobFiles:
    return JobFiles(room / "labels.csv", gold=room / "gold.csv")


def build(room: Path, folder: Path, domain: Domain = DOMAIN) -> None:
    drop_files.build(folder, domain, BUDGET, files_of(room), room / "addresses.csv")


def loose(folder: Path) -> dict[str, object]:
    """All that lies in a folder, links as what they point to."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }


def refused_whole(room: Path, folder: Path, said: str) -> None:
    """One line, and nothing in the folder above is another."""
    before = loose(room.parent)
    with pytest.raises(FlywheelError, match=said) as caught:
        build(room, folder)
    assert "\n" not in str(caught.value)
    assert loose(room.parent) == before


@pytest.mark.parametrize(
    "text", ['{"manifest_version": 3, "name": "my extension"}', "{}", "[", "", "\0"]
)
def test_build__folder_of_another_program_with_a_manifest__is_left_alone(room, tmp_path, text):
    folder = tmp_path / "extension"
    (folder / "src").mkdir(parents=True)
    (folder / "manifest.json").write_text(text)
    (folder / "src/main.js").write_text("years of work")
    refused_whole(room, folder, "holds something else")


@pytest.mark.parametrize(
    "add",
    [
        lambda drop: write(drop / "consent.csv", "worker,salt", "cy,0x" + "5a" * 32),
        lambda drop: write(drop / "inputs/notes.csv", "mine"),
        lambda drop: write(drop / "shards/00001.json", "{}"),
        lambda drop: write(drop / "shards/0.json", "{}"),
        lambda drop: write(drop / "shards/notes.txt", "mine"),
        lambda drop: (drop / "notes").mkdir(),
        lambda drop: (drop / "inputs/notes").mkdir(),
        lambda drop: (drop / "link").symlink_to(drop),
        lambda drop: (
            (drop / "inputs/gold.csv").unlink()
            or (drop / "inputs/gold.csv").symlink_to(drop.parent / "room/gold.csv")
        ),
    ],
)
def test_build__private_file_beside_the_older_publication__is_left_alone(room, tmp_path, add):
    build(room, tmp_path / "drop")
    add(tmp_path / "drop")
    refused_whole(room, tmp_path / "drop", "is no part of the publication|is a link, a pipe or")


@pytest.mark.parametrize(
    "change",
    [
        {"number": 3},
        {"campaign_id": 4},
        {"chain_id": 1},
        {"contract": "0x" + "11" * 20},
        {"asset": "0x" + "11" * 20},
    ],
)
def test_build__publication_of_another_drop__is_left_alone(room, tmp_path, change):
    build(room, tmp_path / "drop", replace(DOMAIN, **change))
    refused_whole(room, tmp_path / "drop", "holds drop [23] of campaign [34], another one")


def test_build__same_drop_in_other_capitals__is_replaced(room, tmp_path):
    build(room, tmp_path / "drop")
    other = replace(DOMAIN, contract=DOMAIN.contract.lower(), asset=DOMAIN.asset.lower())
    build(room, tmp_path / "drop", other)
    drop_files.verify(tmp_path / "drop")


@pytest.mark.parametrize("place", [".", "..", "/", "drop/.."])
def test_build__folder_without_a_name__is_refused(room, tmp_path, monkeypatch, place):
    build(room, tmp_path / "drop")
    monkeypatch.chdir(tmp_path / "drop")
    folder = tmp_path / place if place.startswith("drop") else Path(place)
    refused_whole(room, folder, "is no name of a folder of its own")


@pytest.mark.parametrize("target", ["drop", "nowhere", "room/labels.csv"])
def test_build__link__is_refused_and_stays(room, tmp_path, target):
    build(room, tmp_path / "drop")
    (tmp_path / "link").symlink_to(tmp_path / target)
    refused_whole(room, tmp_path / "link", "is no name of a folder of its own")


def test_build__file_or_below_one__is_refused(room, tmp_path):
    write(tmp_path / "thesis", "years of work")
    refused_whole(room, tmp_path / "thesis", "holds something else")
    refused_whole(room, tmp_path / "thesis/drop", "Cannot write")
    refused_whole(room, tmp_path / "a\0b", "Cannot write")


def test_build__trailing_slash__is_the_same_folder(room, tmp_path):
    build(room, tmp_path / "drop")
    build(room, Path(f"{tmp_path}/drop/"))
    drop_files.verify(tmp_path / "drop")


def test_build__longest_name__is_made(room, tmp_path):
    build(room, tmp_path / ("d" * 255))


@pytest.mark.parametrize(
    ("stop", "error"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), FlywheelError)],
)
@pytest.mark.parametrize("name", ["drop", "draft"])
def test_build__stopped_at_a_rename__the_older_publication_is_back(
    room, tmp_path, monkeypatch, name, stop, error
):
    build(room, tmp_path / "drop")
    before, rename = loose(tmp_path), Path.rename

    def stopped(path: Path, target: Path) -> Path:
        if path.name == name:
            raise stop
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(error):
        build(room, tmp_path / "drop")
    assert loose(tmp_path) == before


def test_build__older_publication_cannot_be_put_back__is_kept_and_named(
    room, tmp_path, monkeypatch
):
    build(room, tmp_path / "drop")
    published, rename = loose(tmp_path / "drop"), Path.rename

    def taken(path: Path, target: Path) -> Path:
        if path.name == "draft":
            # Somebody else was faster.
            target.mkdir()
            write(target / "thesis.txt", "years of work")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", taken)
    with pytest.raises(FlywheelError, match=r"What was there is in .*/before\. Move it") as caught:
        build(room, tmp_path / "drop")
    before = Path(str(caught.value).split("What was there is in ")[1].split(". Move it")[0])
    assert loose(before) == published
    assert loose(tmp_path / "drop") == {"thesis.txt": b"years of work\n"}


def test_build__file_put_there_in_the_meantime__is_left_alone(room, tmp_path, monkeypatch):
    build(room, tmp_path / "drop")
    publish = publication.publish

    def slow(*given):
        write(tmp_path / "drop/thesis.txt", "years of work")
        return publish(*given)

    monkeypatch.setattr(publication, "publish", slow)
    with pytest.raises(FlywheelError, match="is no part of the publication"):
        build(room, tmp_path / "drop")
    assert (tmp_path / "drop/thesis.txt").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
