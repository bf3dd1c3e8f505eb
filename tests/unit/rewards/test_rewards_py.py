"""From judgements to amounts, leaves and published files."""

import json
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import judgements, publication, shares
from flywheel.rewards.leaves import Domain, keccak
from tests.support import ROOT

DATA = ROOT / "data/adult-content-labels"
DOMAIN = Domain(1_337, "0x" + "Cc" * 20, 3, "0x" + "aA" * 20, 2)
WORK = st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), max_size=30)


def job(*rows: str) -> pd.DataFrame:
    """Judgements written as "worker task label"."""
    return pd.DataFrame([row.split() for row in rows], columns=["worker", "task", "label"])


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def accepted(labels: pd.DataFrame) -> dict[str, int]:
    work = judgements.accepted_work(labels)
    return dict(zip(work["worker"], work["accepted"].tolist(), strict=True))


# --- the real job ---


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    return judgements.read_labels(DATA / "labels.csv")


@pytest.fixture(scope="module")
def gold() -> pd.DataFrame:
    return judgements.read_gold(DATA / "gold.csv")


def test_report__real_job__has_the_figures_of_its_readme(labels, gold):
    figures = judgements.report(labels, gold)
    assert figures == judgements.JobReport(
        rows=92_721,
        repeats=2_922,
        workers=825,
        tasks=11_040,
        accepted=74_944,
        workers_with_accepted=820,
        tied_tasks=423,
        gold_tasks=333,
        gold_right=248,
        gold_tied_right=9,
        accuracy=Fraction(505, 666),
    )
    assert float(figures.accuracy) == pytest.approx(0.758, abs=0.0005)


def test_report__without_experts__leaves_their_figures_out(labels):
    figures = judgements.report(labels)
    assert figures.accepted == 74_944
    assert (figures.gold_tasks, figures.gold_right, figures.accuracy) == (0, 0, 0)


def test_split__real_job__pays_820_workers_to_the_last_unit(labels):
    work = accepted(labels)
    parts = shares.split(work, 1_234_567_891)
    assert len(parts) == 820
    assert sum(parts.values()) == 1_234_567_891
    for worker, part in parts.items():
        exact = Fraction(1_234_567_891 * work[worker], 74_944)
        assert abs(part - exact) < 1


# --- consensus and acceptance ---


def test_consensus__majority__wins():
    winners = judgements.consensus(job("a t1 G", "b t1 G", "c t1 X", "a t2 P"))
    assert winners.to_dict("records") == [
        {"task": "t1", "label": "G"},
        {"task": "t2", "label": "P"},
    ]


def test_accepted_work__tie__accepts_every_tied_label():
    labels = job("a t1 G", "b t1 X", "c t1 G", "d t1 X", "e t1 P")
    assert accepted(labels) == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 0}


def test_accepted_work__same_judgement_again__counts_once():
    labels = job("a t1 G", "a t1 G", "b t1 X", "c t1 X")
    work = judgements.accepted_work(labels)
    assert work.to_dict("records") == [
        {"worker": "a", "judgements": 1, "accepted": 0},
        {"worker": "b", "judgements": 1, "accepted": 1},
        {"worker": "c", "judgements": 1, "accepted": 1},
    ]


def test_accepted_work__second_thoughts__first_judgement_stands():
    assert accepted(job("a t1 X", "a t1 G", "b t1 G", "c t1 G")) == {"a": 0, "b": 1, "c": 1}


def test_report__ties_against_experts__count_their_chance():
    labels = job("a t1 G", "b t1 X", "a t2 G", "a t3 P")
    gold = pd.DataFrame({"task": ["t1", "t2", "t3", "t9"], "label": ["X", "G", "G", "G"]})
    figures = judgements.report(labels, gold)
    assert (figures.gold_tasks, figures.gold_right, figures.gold_tied_right) == (3, 1, 1)
    assert figures.accuracy == Fraction(3, 2) / 3


# --- amounts ---


@given(work=WORK, units=st.integers(0, 2**128 - 1))
def test_split__any_work__sums_exactly_and_rounds_by_less_than_one(work, units):
    if not any(work.values()):
        with pytest.raises(FlywheelError, match="no accepted work"):
            shares.split(work, units)
        return
    parts = shares.split(work, units)
    assert sum(parts.values()) == units
    assert set(parts) == {name for name, amount in work.items() if amount}
    for name, part in parts.items():
        assert abs(part - Fraction(units * work[name], sum(work.values()))) < 1


def test_split__order_of_the_workers__does_not_matter():
    assert shares.split({"b": 1, "a": 1, "c": 1}, 100) == {"a": 33, "b": 33, "c": 34}


@pytest.mark.parametrize(("work", "units"), [({"a": -1, "b": 2}, 1), ({"a": 1}, -1)])
def test_split__negative__is_refused(work, units):
    with pytest.raises(FlywheelError, match="cannot be negative"):
        shares.split(work, units)


# --- accounts ---


def test_demo_address__is_the_documented_hash():
    expected = keccak(b"flywheel-contributor:w0001")[-20:].hex()
    assert shares.demo_address("w0001").lower() == f"0x{expected}"


def test_addresses_of__no_file__derives_each():
    assert shares.addresses_of(["w1", "w2"]) == {
        "w1": shares.demo_address("w1"),
        "w2": shares.demo_address("w2"),
    }


def test_addresses_of__file__maps_and_checksums(tmp_path):
    lower = shares.demo_address("x").lower()
    path = write(tmp_path, "map.csv", "worker,address", f"w1,{lower}", f"w2,{lower}")
    assert shares.addresses_of(["w2"], path) == {"w2": shares.demo_address("x")}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["w1,0x12"], r"line 2: '0x12' is not an address"),
        (["w1,0x" + "11" * 20, "w1,0x" + "22" * 20], r"line 3: worker 'w1' is there already"),
        (["w2,0x" + "11" * 20], r"1 workers have no account, first 'w1'"),
        (["w1,"], r"line 2: no address"),
    ],
)
def test_addresses_of__faulty_file__names_line_and_fault(tmp_path, lines, reason):
    path = write(tmp_path, "map.csv", "worker,address", *lines)
    with pytest.raises(FlywheelError, match=reason) as caught:
        shares.addresses_of(["w1"], path)
    assert str(path) in str(caught.value)


def test_leaves_of__workers_of_one_account__are_added_up():
    one, two = shares.demo_address("one"), shares.demo_address("two")
    leaves = shares.leaves_of(
        {"a": 1, "b": 2, "c": 4, "d": 0}, {"a": one, "b": two, "c": one.lower(), "d": DOMAIN.asset}
    )
    assert leaves == {one.lower(): 5, two.lower(): 2}
    assert list(leaves) == sorted(leaves)


# --- tables ---


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["worker,task"], "line 1: the columns are worker,task"),
        (["task,worker,label", "a,b,c"], "line 1: the columns are task,worker,label"),
        (["worker,task,label", "a,t1,G", "a,,G"], "line 3: no task"),
        (["worker,task,label", "a,t1,G", "a,t2"], "line 3: the row has 2 fields"),
        (["worker,task,label", "a,t1,G", ",t1,G", "b,t1,G"], "line 3: no worker"),
        (["worker,task,label", "a,t1,G", "", "a,t2,G,X"], "line 4: the row has 4 fields, not as"),
        (["worker,task,label", "a,t2,G,X"], "line 2: the row has 4 fields"),
        (["worker,task,label"], "has no rows"),
    ],
)
def test_read_labels__faulty_file__names_line_and_fault(tmp_path, lines, reason):
    path = write(tmp_path, "labels.csv", *lines)
    with pytest.raises(FlywheelError, match=reason) as caught:
        judgements.read_labels(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Write a CSV file with the columns worker,task,label"),
        (b"worker,task,label\na,\xff,G\n", "line 2: the byte 0xff is not UTF-8. Save the file"),
    ],
)
def test_read_labels__not_a_table__is_refused(tmp_path, content, said):
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(FlywheelError, match=said):
        judgements.read_labels(path)


def test_read_labels__missing_file__is_refused(tmp_path):
    with pytest.raises(FlywheelError, match="Cannot read"):
        judgements.read_labels(tmp_path / "labels.csv")


def test_read_labels__words_pandas_takes_for_missing__stay_text(tmp_path):
    path = write(tmp_path, "labels.csv", "worker,task,label", "NA,null,nan")
    assert judgements.read_labels(path).iloc[0].tolist() == ["NA", "null", "nan"]


def test_read_gold__task_twice__is_refused(tmp_path):
    path = write(tmp_path, "gold.csv", "task,label", "t1,G", "t2,G", "t1,X")
    with pytest.raises(FlywheelError, match="line 4: task 't1' is there already"):
        judgements.read_gold(path)


# --- published files ---


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
    assert document["format"] == "flywheel-drop-v1"


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
