"""What is claimed out of folders that anybody may have put there: copies, damaged, foreign."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from flywheel.chain import connection
from flywheel.errors import FlywheelError
from flywheel.rewards import campaigns, claims, publication
from flywheel.rewards.campaigns import DropState
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.leaves import Domain
from flywheel.rewards.merkle import RewardTree

DROP = Domain(1_337, "0x" + "Cc" * 20, 3, "0x" + "aA" * 20, 2)
ANN, BOB = "0x" + "0a" * 20, "0x" + "0b" * 20
LEAVES = {ANN: 70, BOB: 30}


class Chain(SimpleNamespace):
    """The drops on chain by their ids, and which leaves are claimed."""

    drops: dict[int, DropState]
    claimed: set[tuple[int, int]]
    now: int

    def put(self, drop: Domain, root: str, state: str = "ACTIVE") -> None:
        self.drops[drop.drop_id] = DropState(
            drop.number, drop.drop_id, state, bytes.fromhex(root[2:]), 100, 1_900_000_000
        )


@pytest.fixture
def chain(monkeypatch) -> Chain:
    found = Chain(drops={}, claimed=set(), now=1_800_000_000)

    def state_of(_: object, drop: Domain) -> DropState:
        none = DropState(drop.number, drop.drop_id, "NONE", b"", 0, 0)
        return found.drops.get(drop.drop_id, none)

    def domain(_: object, campaign_id: int, number: int) -> Domain:
        return replace(DROP, campaign_id=campaign_id, number=number)

    def is_claimed(_: object, leaf: claims.ShardedLeaf) -> bool:
        return (leaf.domain.drop_id, leaf.leaf.index) in found.claimed

    monkeypatch.setattr(campaigns, "state_of", state_of)
    monkeypatch.setattr(campaigns, "domain", domain)

    def unpaid(_: object, tree: RewardTree) -> set[int]:
        drop = tree.domain.drop_id
        return {index for index in range(len(tree)) if (drop, index) not in found.claimed}

    monkeypatch.setattr(claims, "is_claimed", is_claimed)
    monkeypatch.setattr(claims, "unpaid", unpaid)
    monkeypatch.setattr(connection, "now", lambda: found.now)
    return found


@pytest.fixture
def place(tmp_path, chain) -> Path:
    """A folder of publications: the second drop, which is active, and a copy of it."""
    manifest = publication.publish(tmp_path / "drops" / "a", DROP, LEAVES)
    chain.put(DROP, manifest.root)
    shutil.copytree(tmp_path / "drops" / "a", tmp_path / "drops" / "copy")
    return tmp_path / "drops"


def amounts(found: list[claims.ShardedLeaf]) -> list[tuple[str, int]]:
    return [(item.leaf.account, item.leaf.amount) for item in found]


def test_waiting__copies_and_an_account_twice__each_leaf_once(place):
    places = claims.publications([place])
    assert len(places) == 2
    upper = "0x" + ANN[2:].upper()
    found, reasons = claims.waiting(None, places, (ANN, ANN, upper, BOB))
    assert (amounts(found), reasons) == ([(ANN, 70), (BOB, 30)], [])


def test_waiting__copy_whose_leaf_was_paid__is_told_once(chain, place):
    chain.claimed.add((DROP.drop_id, 0))
    found, reasons = claims.waiting(None, claims.publications([place]), (ANN,))
    assert (found, reasons) == ([], [f"{ANN}: drop 2 of campaign 3 was paid already"])


def test_waiting__copy_with_another_root__does_not_hide_the_right_one(place):
    """Whichever of the two is looked at first."""
    for name in ("0", "z"):
        publication.publish(place / name, DROP, {ANN: 99, BOB: 1})
    found, reasons = claims.waiting(None, claims.publications([place]), (ANN,))
    assert amounts(found) == [(ANN, 70)]
    assert reasons == [
        f"{ANN}: drop 2 of campaign 3 has another root on the chain than in this folder"
    ]


def damaged(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")


def foreign(folder: Path) -> None:
    publication.publish(folder, replace(DROP, chain_id=1), LEAVES)


def corrupt(folder: Path) -> None:
    publication.publish(folder, replace(DROP, number=1), LEAVES)
    index = folder / "shards" / "index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"leaf_count": 1_025}))
    (folder / "leaves.csv").write_text("account,amount\n")


@pytest.mark.parametrize("spoil", [damaged, foreign, corrupt])
def test_waiting_and_payable__a_bad_folder_among_others__is_a_reason(place, spoil):
    bad = place / "0-bad"
    spoil(bad)
    places = claims.publications([place])
    found, reasons = claims.waiting(None, places, (ANN, BOB))
    assert amounts(found) == [(ANN, 70), (BOB, 30)]
    trees, of_trees = claims.payable(None, places)
    assert [tree.total for tree in trees] == [100]
    for (reason,) in (reasons, of_trees):
        assert str(bad) in reason
        assert not reason.endswith(".")
    for look in (lambda: claims.waiting(None, [bad], (ANN,)), lambda: claims.payable(None, [bad])):
        with pytest.raises(FlywheelError, match=r"0-bad|no rewards to publish"):
            look()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("NONE", "is not on the chain: nobody proposed it"),
        ("PENDING", "can be activated from 2030-03-17"),
        ("ENDED", "ended at 2030-03-17"),
    ],
)
def test_payable__drop_that_is_not_active__is_refused_before_any_call(chain, place, state, said):
    root = publication.read_manifest(place / "a").root
    chain.put(DROP, root, state)
    for places in ([place / "a"], claims.publications([place])):
        trees, (reason,) = claims.payable(None, places)
        assert trees == []
        assert reason.startswith("drop 2 of campaign 3 ")
        assert said in reason


def test_payable__another_root__is_refused(chain, place):
    chain.put(DROP, "0x" + "12" * 32)
    trees, (reason,) = claims.payable(None, [place / "a"])
    assert trees == []
    assert "has another root on the chain than in this folder" in reason


@pytest.mark.parametrize(
    ("state", "unopened", "said"),
    [
        ("NONE", 100, "is not on the chain"),
        ("ACTIVE", 100, "Drop 2 of campaign 3 is active"),
        ("ENDED", 100, "Drop 2 of campaign 3 is ended"),
        ("PENDING", 101, "another root or total on the chain"),
    ],
)
def test_require_pending__not_this_drop__is_refused(chain, place, state, unopened, said):
    tree = publication.recompute_root(place / "a")
    chain.put(DROP, f"0x{tree.root.hex()}", "PENDING")
    campaigns.require_pending(None, tree)
    good = chain.drops[DROP.drop_id]
    chain.drops[DROP.drop_id] = replace(good, state=state, unopened=unopened)
    with pytest.raises(FlywheelError, match=said):
        campaigns.require_pending(None, tree)
    chain.drops[DROP.drop_id] = replace(good, root=b"\x12" * 32)
    with pytest.raises(FlywheelError, match="another root or total on the chain"):
        campaigns.require_pending(None, tree)


@pytest.mark.parametrize("folder", ["out", "deep/drop", "a b/odd (1)", "{}/d.r", "{}/a b/it"])
def test_build__fault_in_a_file__names_the_one_that_was_given(monkeypatch, chain, tmp_path, folder):
    """The copy that was read is gone by the time that somebody reads the message."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(campaigns, "require", lambda *_: None)
    monkeypatch.setattr(campaigns, "free", lambda *_: 1)
    monkeypatch.setattr(campaigns, "next_number", lambda *_: 1)
    files = JobFiles(tmp_path / "mine.csv", gold=Path("experts.csv"))
    files.labels.write_text("worker,task,label\nann,t1,G\nzoe,t1\neve,t2\n")
    Path("experts.csv").write_text("task,label\nt1,G\n")
    target = Path(folder.format(tmp_path))
    with pytest.raises(FlywheelError) as caught:
        campaigns.build(None, 3, files, target)
    assert str(caught.value).startswith(f"{files.labels}, line 3: ")
    files.labels.write_text("worker,task,label\nann,t1,G\n")
    Path("experts.csv").write_text("task,label\nt1\n")
    with pytest.raises(FlywheelError) as caught:
        campaigns.build(None, 3, files, target)
    assert str(caught.value).startswith("experts.csv, line 2: ")
    assert "draft" not in str(caught.value)


def test_payable__everybody_is_paid__nothing_is_sent(chain, place):
    chain.claimed |= {(DROP.drop_id, 0), (DROP.drop_id, 1)}
    trees, reasons = claims.payable(None, [place / "a"])
    assert (trees, reasons) == ([], ["drop 2 of campaign 3 was paid to everybody already"])


def test_payable__window_is_over__says_who_has_to_do_what(chain, place):
    chain.put(DROP, publication.read_manifest(place / "a").root, "PENDING")
    chain.now = 1_900_000_000
    _, (reason,) = claims.payable(None, [place / "a"])
    assert "waits for somebody to run 'ape run rewards activate'" in reason
