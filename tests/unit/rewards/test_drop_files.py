"""A publication is made of a job's files, and computed again from what was published."""

import random
from collections.abc import Callable
from pathlib import Path

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
    write(room / "appeals.csv", "worker,task,ruling,reason", "eve,t1,accepted,right after all")
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
    (room / "appeals.csv").write_text("worker,task,ruling,reason\n")
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
    (room / "appeals.csv").write_text("worker,task,ruling,reason\n")
    with pytest.raises(FlywheelError, match=said):
        build(room, tmp_path / "drop")
    assert all_bytes(tmp_path / "drop") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop", "room"]


def test_build__without_accounts__stand_ins_are_published(room, tmp_path):
    drop_files.build(tmp_path / "drop", DOMAIN, BUDGET, files_of(room))
    rows = (tmp_path / "drop/inputs" / inputs.ADDRESSES).read_text().splitlines()
    assert f"ann,{shares.demo_address('ann').lower()}" in [row.lower() for row in rows]
    drop_files.verify(tmp_path / "drop")
