"""A publication is made of a job's files, and computed again from what was published."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import drop_files, inputs, publication, shares
from flywheel.rewards.earnings import QUALITY_FILE
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.leaves import Domain

DOMAIN = Domain(1_337, "0x" + "Cc" * 20, 3, "0x" + "aA" * 20, 2)
BUDGET = 10**9 + 7
CARE = {"ann": 0.95, "bob": 0.9, "cy": 0.8, "dee": 0.7, "eve": 0.0, "fay": 0.85}


@pytest.fixture
def room(tmp_path) -> Path:
    """The curator's folder: labels, gold answers, accounts, an appeal."""
    room = tmp_path / "room"
    room.mkdir()
    chance = random.Random(5)
    rows, gold = [], []
    for task in range(120):
        truth = chance.choice("GPX")
        for name, care in CARE.items():
            said = truth if chance.random() < care else chance.choice("GPX")
            rows.append(f"{name},t{task},{said}")
        if task % 10 == 0:
            gold.append(f"t{task},{truth}")
    write(room / "labels.csv", "worker,task,label", *rows)
    write(room / "gold.csv", "task,label", *gold)
    header = "worker,task,drop,ruling,reason"
    write(room / "appeals.csv", header, "eve,t1,1,accepted,right after all")
    accounts = [f"{name},0x{number + 1:040x}" for number, name in enumerate(CARE)]
    write(room / "addresses.csv", "worker,address", *accounts)
    return room


def write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n")


def files_of(room: Path, **more: Path) -> JobFiles:
    return JobFiles(
        room / "labels.csv", gold=room / "gold.csv", appeals=room / "appeals.csv", **more
    )


def build(room: Path, folder: Path, **more: Path) -> publication.Manifest:
    return drop_files.build(folder, DOMAIN, BUDGET, files_of(room, **more), room / "addresses.csv")[
        0
    ]


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_build__then_verify__all_of_the_budget_is_shared(room, tmp_path):
    manifest = build(room, tmp_path / "drop")
    found = drop_files.verify(tmp_path / "drop")
    assert found.tree.total == manifest.total == BUDGET
    assert found.earned.points["eve"] == 1_000
    assert min(found.earned.points[name] for name in ("ann", "bob", "cy")) > 100 * 900
    assert set(manifest.files) == {
        QUALITY_FILE,
        *(f"inputs/{name}.csv" for name in ("labels", "gold", "appeals", "addresses")),
        "inputs/rule.yaml",
    }


def test_build__again__the_same_bytes(room, tmp_path):
    build(room, tmp_path / "one")
    build(room, tmp_path / "two")
    assert all_bytes(tmp_path / "one") == all_bytes(tmp_path / "two")


def test_build__rows_in_another_order__same_root(room, tmp_path):
    before = build(room, tmp_path / "one")
    header, *rows = (room / "labels.csv").read_text().splitlines()
    random.Random(1).shuffle(rows)
    write(room / "labels.csv", header, *rows)
    assert build(room, tmp_path / "two").root == before.root


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "inputs/gold.csv").unlink(), r"Cannot read .*gold\.csv"),
        (lambda folder: append(folder / "inputs/labels.csv", "ann,t1,G\n"), "is not the file that"),
        (lambda folder: append(folder / "inputs/rule.yaml", "# so\n"), "is not the file that"),
        (lambda folder: append(folder / QUALITY_FILE, "x\n"), "is not the file that"),
        (lambda folder: write(folder / "inputs/tasks.csv", "task", "t1"), "is not the file that"),
        (lambda folder: write(folder / "notes.txt", "hello"), "is not the file that"),
    ],
)
def test_verify__file_changed__is_refused(room, tmp_path, change, said):
    build(room, tmp_path / "drop")
    change(tmp_path / "drop")
    with pytest.raises(FlywheelError, match=said):
        drop_files.verify(tmp_path / "drop")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def republished(folder: Path, change: Callable[[Path], None], leaves: dict[str, int]) -> None:
    """What a dishonest publisher writes: hashes that fit, of files that do not say so."""
    change(folder)
    publication.publish(folder, DOMAIN, leaves)


def test_verify__leaves_that_the_inputs_do_not_give__are_refused(room, tmp_path):
    folder = tmp_path / "drop"
    build(room, folder)
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    first, second = list(leaves)[:2]
    for other in (
        leaves | {first: leaves[first] + 1, second: leaves[second] - 1},
        leaves | {"0x" + "77" * 20: leaves[first], first: 0},
        {account: amount for account, amount in leaves.items() if account != first},
    ):
        given = {account: amount for account, amount in other.items() if amount}
        republished(folder, lambda _: None, given)
        with pytest.raises(FlywheelError, match=r"The inputs (do not )?give 0x"):
            drop_files.verify(folder)


def test_verify__quality_that_the_inputs_do_not_give__is_refused(room, tmp_path):
    folder = tmp_path / "drop"
    build(room, folder)
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    republished(folder, lambda drop: append(drop / QUALITY_FILE, "zoe,9,1000,0,9000\n"), leaves)
    with pytest.raises(FlywheelError, match=r"quality\.csv is not what the inputs give"):
        drop_files.verify(folder)


def test_verify__manifest_without_inputs__is_refused(tmp_path):
    publication.publish(tmp_path, DOMAIN, {"0x" + "11" * 20: 5})
    with pytest.raises(FlywheelError, match="does not say how its amounts came about"):
        drop_files.verify(tmp_path)


def test_build__consent_withdrawn__no_published_file_has_the_worker(room, tmp_path):
    write(room / "consent.csv", "worker,salt", "cy,0x" + "5a" * 32)
    build(room, tmp_path / "drop", consent=room / "consent.csv")
    found = all_bytes(tmp_path / "drop")
    assert "inputs/suppression.csv" in found
    assert "inputs/consent.csv" not in found
    assert not [name for name, data in found.items() if b"cy," in data or b"5a5a5a" in data]
    assert "cy" not in drop_files.verify(tmp_path / "drop").earned.points


def test_build__folder_with_something_else__is_left_alone(room, tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    write(folder / "thesis.txt", "years of work")
    with pytest.raises(FlywheelError, match="holds something else"):
        build(room, folder)
    assert all_bytes(folder) == {"thesis.txt": b"years of work\n"}


def test_build__older_publication__is_replaced_as_a_whole(room, tmp_path):
    build(room, tmp_path / "drop")
    (room / "appeals.csv").write_text("worker,task,drop,ruling,reason\n")
    write(room / "tasks.csv", "task", *(f"t{number}" for number in range(60)))
    files = JobFiles(room / "labels.csv", tasks=room / "tasks.csv")
    drop_files.build(tmp_path / "drop", DOMAIN, BUDGET, files, room / "addresses.csv")
    drop_files.verify(tmp_path / "drop")
    assert not (tmp_path / "drop/inputs/gold.csv").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda room: append(room / "labels.csv", "zoe,t1\n"), "line 722: the row has 2 fields"),
        (
            lambda room: write(room / "addresses.csv", "worker,address", "ann,0x" + "11" * 20),
            "5 workers have no account|4 workers have no account",
        ),
        (
            lambda room: write(room / "labels.csv", "worker,task,label", "ann,t1,G"),
            "no accepted|no work",
        ),
    ],
)
def test_build__cannot_be__leaves_the_older_publication(room, tmp_path, spoil, said):
    build(room, tmp_path / "drop")
    before = all_bytes(tmp_path / "drop")
    spoil(room)
    (room / "appeals.csv").write_text("worker,task,drop,ruling,reason\n")
    with pytest.raises(FlywheelError, match=said):
        build(room, tmp_path / "drop")
    assert all_bytes(tmp_path / "drop") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop", "room"]


def test_build__without_accounts__stand_ins_are_published(room, tmp_path):
    drop_files.build(tmp_path / "drop", DOMAIN, BUDGET, files_of(room))
    rows = (tmp_path / "drop/inputs" / inputs.ADDRESSES).read_text().splitlines()
    assert f"ann,{shares.demo_address('ann').lower()}" in [row.lower() for row in rows]
    drop_files.verify(tmp_path / "drop")


# --- what a dishonest publisher puts there ---


def judged(folder: Path) -> dict[str, int]:
    return publication.read_leaves(folder / publication.LEAF_FILE)


def parquet_of(labels: Path, target: Path, worker: str = "worker") -> None:
    source = f"read_csv('{labels}', all_varchar=true)"
    duckdb.sql(f"SELECT {worker} AS worker, task, label FROM {source}").write_parquet(str(target))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda drop: write(
                drop / "inputs/appeal.csv",
                "worker,task,drop,ruling,reason",
                "cy,t1,1,accepted,misspelt",
            ),
            r"No work of the kind labels reads .*appeal\.csv",
        ),
        (lambda drop: write(drop / "inputs/units.csv", "worker,units"), r"reads .*units\.csv"),
        (lambda drop: write(drop / "inputs/rules.yaml", "judges: 9"), r"reads .*rules\.yaml"),
        (
            lambda drop: parquet_of(drop / "inputs/labels.csv", drop / "inputs/labels.parquet"),
            r"reads .*inputs/labels\.csv",
        ),
        (lambda drop: (drop / "inputs/rule.yaml").unlink(), "has no rule of its amounts"),
        (lambda drop: write(drop / "inputs/suppression.csv", "garbage"), "line 1: the header"),
        (lambda drop: write(drop / "points.csv", "worker,points"), "is no file of a publication"),
        (lambda drop: write(drop / "readme.md", "hello"), "is no file of a publication"),
    ],
)
def test_verify__decoy_that_the_manifest_names__is_refused(room, tmp_path, change, said):
    folder = tmp_path / "drop"
    build(room, folder)
    republished(folder, change, judged(folder))
    with pytest.raises(FlywheelError, match=said):
        drop_files.verify(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda drop: shutil.rmtree(drop / "shards"), r"Cannot read .*00000\.json"),
        (lambda drop: (drop / "shards/index.json").unlink(), r"Cannot read .*index\.json"),
        (lambda drop: append(drop / "shards/index.json", " "), "bytes"),
        (
            lambda drop: write(
                drop / "shards/index.json",
                (drop / "shards/index.json").read_text().strip().replace("1337", "1338"),
            ),
            r"index\.json: it is not what the leaves give",
        ),
        (
            lambda drop: (drop / "shards/00000.json").write_text(
                (drop / "shards/00000.json").read_text().replace("1", "2", 1)
            ),
            r"00000\.json: it is not what the leaves give",
        ),
        (lambda drop: write(drop / "shards/evil.html", "<script>"), "is not the file that"),
        (lambda drop: write(drop / "shards/00001.json", "{}"), "is not the file that"),
        (lambda drop: (drop / "shards/more").mkdir(), "is a link, a pipe or a folder"),
        (lambda drop: (drop / "notes").mkdir(), "is not the file that"),
    ],
)
def test_verify__shards_of_another_tree__are_refused(room, tmp_path, change, said):
    folder = tmp_path / "drop"
    build(room, folder)
    change(folder)
    with pytest.raises(FlywheelError, match=said):
        drop_files.verify(folder)


def moved_and_linked(path: Path) -> None:
    elsewhere = path.parent.parent / f"elsewhere-{path.name}"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "name",
    ["inputs", "shards", "inputs/labels.csv", "shards/index.json", "leaves.csv", "quality.csv"],
)
def test_verify__link__is_refused_before_a_file_is_read(room, tmp_path, monkeypatch, name):
    folder = tmp_path / "drop"
    build(room, folder)
    moved_and_linked(folder / name)
    monkeypatch.setattr(publication, "_sha256", lambda _: pytest.fail("a file was read"))
    with pytest.raises(FlywheelError, match=f"{name} is a link, a pipe or a folder"):
        drop_files.verify(folder)


def test_verify__manifest_that_is_a_link__is_refused(room, tmp_path):
    build(room, tmp_path / "drop")
    moved_and_linked(tmp_path / "drop/manifest.json")
    with pytest.raises(FlywheelError, match=r"manifest\.json is a link, a pipe"):
        drop_files.verify(tmp_path / "drop")


@pytest.mark.parametrize(
    "name", ["manifest.json", "leaves.csv", "inputs/labels.csv", "quality.csv", "shards/index.json"]
)
def test_verify__pipe__is_refused_at_once(room, tmp_path, name):
    build(room, tmp_path / "drop")
    piped(tmp_path / "drop" / name)
    with pytest.raises(FlywheelError, match="pipe"):
        drop_files.verify(tmp_path / "drop")


def test_verify__folder_whose_name_is_a_pattern__reads_its_own_parquet(room, tmp_path):
    parquet_of(room / "labels.csv", room / "labels.parquet")
    files = JobFiles(room / "labels.parquet")
    folder = tmp_path / "drop[1]"
    drop_files.build(folder, DOMAIN, BUDGET, files, room / "addresses.csv")
    (tmp_path / "drop1/inputs").mkdir(parents=True)
    someone = "CASE worker WHEN 'ann' THEN 'mallory' ELSE worker END"
    parquet_of(room / "labels.csv", tmp_path / "drop1/inputs/labels.parquet", someone)
    assert "mallory" not in drop_files.verify(folder).earned.points
    for name in ("label=G", "time=9", "drop*"):
        shutil.copytree(folder, tmp_path / name / "drop")
        assert drop_files.verify(tmp_path / name / "drop").earned.points["ann"] > 0
