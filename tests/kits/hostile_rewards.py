"""Readers of the files of rewards, each with good and hostile files of its kind."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from flywheel.rewards import (
    appeals,
    consent,
    datasets,
    judgements,
    publication,
    rules,
    shards,
    shares,
)
from flywheel.rewards.leaves import Domain
from tests.kits import hostile

CONTRACT = "0x" + "cc" * 20
LEAVES = f"account,amount\n{hostile.ACCOUNT.lower()},5\n".encode()


def _publication(path: Path) -> Any:
    """A leaf file under a manifest that was made for good leaves."""
    publication.publish(
        path.parent / "good", Domain(1, CONTRACT, 1, CONTRACT, 1), {hostile.ACCOUNT: 5}
    )
    manifest = (path.parent / "good" / publication.MANIFEST_FILE).read_text()
    (path.parent / publication.MANIFEST_FILE).write_text(manifest)
    return publication.recompute_root(path.parent)


def _job(path: Path) -> Any:
    judgements.Job(path).close()


def _persons(path: Path) -> Any:
    labels = path.parent / "good.csv"
    labels.write_bytes(b"worker,task,label\na,t,G\n")
    judgements.Job(labels, persons=path).close()


def _parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.parquet"
        query = "SELECT 'a' AS worker, 't' AS task, 'G' AS label"
        duckdb.sql(query).write_parquet(str(path))
        return path.read_bytes()


def _shards(path: Path) -> Any:
    """An index above the shard of one good leaf."""
    domain = Domain(1, CONTRACT, 1, CONTRACT, 1)
    publication.publish(path.parent / "good", domain, {hostile.ACCOUNT: 5})
    target = path.parent / "good" / "shards"
    (target / path.name).write_bytes(path.read_bytes())
    return shards.look_up(path.parent / "good", hostile.ACCOUNT)


def _index_of_shards() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        domain = Domain(1, CONTRACT, 1, CONTRACT, 1)
        publication.publish(Path(folder), domain, {hostile.ACCOUNT: 5})
        return (Path(folder) / "shards" / "index.json").read_bytes()


# What reads a file, the name that the file has, and the files.
REWARD_READERS: dict[str, tuple[Callable[[Path], Any], str, list[bytes]]] = {
    "labels": (judgements.read_labels, "l.csv", hostile.TABLES),
    "job": (
        _job,
        "l.csv",
        [b"worker,task,label,time\na,t,G,2027-01-31T12:00:00Z\n", *hostile.TABLES],
    ),
    "parquet": (_job, "l.parquet", [_parquet(), *hostile.TABLES]),
    "rule": (rules.read, "r.yaml", [b"judges: 3\nfull_at: 0.2\n", *hostile.YAMLS]),
    "persons": (_persons, "p.csv", [b"worker,person\na,b\n", *hostile.TABLES]),
    "appeals": (
        appeals.read_appeals,
        "a.csv",
        [b"worker,task,drop,ruling,reason\na,t,1,open,why\n", *hostile.TABLES],
    ),
    "consent": (
        consent.read_requests,
        "c.csv",
        [f"worker,salt\na,0x{'5a' * 32}\n".encode(), *hostile.TABLES],
    ),
    "suppression": (
        consent.read_suppression,
        "s.csv",
        [f"entry\n0x{'5a' * 32}\n".encode(), *hostile.TABLES],
    ),
    "shards": (_shards, "index.json", [_index_of_shards(), *hostile.JSONS]),
    "croissant": (datasets.read, "c.json", hostile.JSONS),
    "gold": (judgements.read_gold, "g.csv", [b"task,label\nt1,cat\n", *hostile.TABLES]),
    "addresses": (
        lambda path: shares.addresses_of(["ann"], path),
        "a.csv",
        [f"worker,address\nann,{hostile.ACCOUNT}\n".encode(), *hostile.TABLES],
    ),
    "leaves": (publication.read_leaves, "leaves.csv", [LEAVES, *hostile.TABLES]),
    "publication": (_publication, "leaves.csv", [LEAVES, *hostile.TABLES]),
    "manifest": (publication.read_manifest, "manifest.json", hostile.JSONS),
}
