"""Competitions: attested claims of the contract Evaluations, from the chain to the leaves."""

from types import SimpleNamespace

import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import drop_files, inputs, publication, ranking_files, rules
from flywheel.rewards.leaves import Domain
from flywheel.rewards.ranking_files import RankingFiles
from tests.kits.evaluations import (
    ACCURACY,
    DIGEST,
    REASON,
    STEREOTYPES,
    EvaluationsWorld,
    make_evaluations,
)
from tests.support import account

DROP = Domain(31_337, "0x" + "aa" * 20, 1, "0x" + "bb" * 20, 1)
RULE = f"kind: ranking\nbenchmark: {ACCURACY}\nprizes: [50, 30, 20]\n"
NAMES = ("ann", "bob", "cat", "dan")


# --- from the chain ---


@pytest.fixture(scope="module")
def world() -> EvaluationsWorld:
    return make_evaluations()


@pytest.fixture(scope="module")
def accounts(world) -> dict[str, str]:
    return {name: account(name) for name in NAMES}


@pytest.fixture
def suite(world) -> SimpleNamespace:
    return SimpleNamespace(evaluations=world.contract)


@pytest.fixture
def attested(world, accounts):
    """An attested claim of somebody about weights of its own; any field by keyword."""

    def claim(name: str, score: int, **changes) -> int:
        digest = name.encode().ljust(32, b".")
        named = {"weights_digest": digest, "sender": accounts[name], "score": score} | changes
        return world.attested(**named)

    return claim


@pytest.fixture
def files(tmp_path):
    """Writes a rule and entries (worker, claim)."""

    def write(*entries: tuple[str, object], rule: str = RULE) -> RankingFiles:
        path, rules_path = tmp_path / "entries.csv", tmp_path / "rule.yaml"
        lines = ("worker,claim_id", *(f"{worker},{number}" for worker, number in entries))
        path.write_text("\n".join(lines), encoding="utf-8")
        rules_path.write_text(rule, encoding="utf-8")
        return RankingFiles(path, rules_path)

    return write


@pytest.fixture
def addresses(tmp_path, accounts):
    """Writes worker,address; other accounts by keyword, None for no line."""

    def write(**changes: str | None):
        path = tmp_path / "addresses.csv"
        known = {name: found for name, found in (accounts | changes).items() if found}
        lines = ("worker,address", *(f"{name},{found}" for name, found in known.items()))
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def build(suite, tmp_path, addresses):
    """Builds a drop as `campaigns.build` does; returns its folder."""

    def run(files: RankingFiles, listed=None):
        listed = listed or addresses()
        drop_files.build(tmp_path / "drop", DROP, 100_000, files.check(suite, listed), listed)
        return tmp_path / "drop"

    return run


def check(suite, folder) -> None:
    """As `verifying.verify` does."""
    found = drop_files.verify(folder)
    found.work.check(suite, folder / inputs.FOLDER / inputs.ADDRESSES)


def test_build__attested_claims__pays_by_rank_and_verifies(suite, files, attested, build, accounts):
    ids = {name: attested(name, 400_000 - number) for number, name in enumerate(NAMES)}
    better = attested("bob", 400_001)
    entries = [*((name, ids[name]) for name in ("dan", "cat", "ann", "bob")), ("bob", better)]
    folder = build(files(*entries))
    assert (folder / "inputs" / "results.csv").read_text() == (
        "worker,claim_id,score\n"
        f"ann,{ids['ann']},400000\nbob,{ids['bob']},399999\n"
        f"cat,{ids['cat']},399998\ndan,{ids['dan']},399997\nbob,{better},400001\n"
    )
    assert "is_higher_better: true" in (folder / "inputs" / "rule.yaml").read_text()
    assert (folder / "points.csv").read_text() == (
        "worker,claim_id,score,rank,points\n"
        f"ann,{ids['ann']},400000,2,30\nbob,{better},400001,1,50\n"
        f"cat,{ids['cat']},399998,3,20\ndan,{ids['dan']},399997,4,0\n"
    )
    leaves = publication.read_leaves(folder / publication.LEAF_FILE)
    assert leaves == {
        accounts["ann"].lower(): 30_000,
        accounts["bob"].lower(): 50_000,
        accounts["cat"].lower(): 20_000,
    }
    check(suite, folder)


def test_build__where_less_is_better__follows_the_chain(suite, files, attested, build):
    rule = RULE.replace(f"benchmark: {ACCURACY}", f"benchmark: {STEREOTYPES}")
    ids = {
        name: attested(name, score, benchmark_id=STEREOTYPES)
        for name, score in (("ann", 600_000), ("bob", 500_000))
    }
    folder = build(files(*ids.items(), rule=rule))
    assert "is_higher_better: false" in (folder / "inputs" / "rule.yaml").read_text()
    table = (folder / "points.csv").read_text().splitlines()
    assert table[1:] == [f"ann,{ids['ann']},600000,2,30", f"bob,{ids['bob']},500000,1,50"]
    check(suite, folder)


def test_check__the_rule_says_the_opposite_of_the_chain__is_refused(
    suite, files, attested, addresses
):
    given = files(("ann", attested("ann", 1)), rule=f"{RULE}is_higher_better: false\n")
    with pytest.raises(FlywheelError, match="higher is better, the rule says the opposite"):
        given.check(suite, addresses())


def test_check__an_unknown_benchmark__is_refused(suite, files, addresses):
    given = files(("ann", 1), rule=RULE.replace("benchmark: 1", "benchmark: 9"))
    with pytest.raises(FlywheelError, match="There is no benchmark 9"):
        given.check(suite, addresses())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("unattested", "line 3: claim {} is not attested"),
        ("half", "line 3: claim {} is not attested"),
        ("void", "line 3: claim {} is void"),
        ("other benchmark", "line 3: claim {} is of benchmark 2, not of 1"),
        ("of somebody else", "line 3: claim {} is of 0x.*, the account of 'bob' is"),
        ("same weights", "line 3: the weights of claim {} compete for 'ann' already"),
    ],
)
def test_check__a_claim_that_must_not_compete__is_refused_with_its_line(
    world, suite, files, attested, accounts, addresses, spoil, said
):
    first = attested("ann", 5)
    mine = {"weights_digest": b"bob".ljust(32), "sender": accounts["bob"]}
    if spoil in ("unattested", "half"):
        number = world.claim(**mine)
        if spoil == "half":
            world.attest(number, world.evaluators[0])
    elif spoil == "other benchmark":
        number = attested("bob", 6, benchmark_id=STEREOTYPES)
    elif spoil == "of somebody else":
        number = attested("bob", 6, sender=accounts["cat"])
    elif spoil == "same weights":
        number = attested("bob", 6, weights_digest=b"ann".ljust(32, b"."))
    else:
        number = attested("bob", 6)
        world.contract.void_claim(number, REASON, sender=world.owner)
    with pytest.raises(FlywheelError, match=said.format(number)):
        files(("ann", first), ("bob", number)).check(suite, addresses())


def test_check__claims_of_one_worker_about_the_same_weights__may_compete(
    suite, files, attested, addresses
):
    one, other = attested("ann", 5), attested("ann", 6)
    _, results = files(("ann", one), ("ann", other)).check(suite, addresses()).seen
    assert [item.score for item in results] == [5, 6]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("ann", 0), "line 2: there is no claim 0"),
        (("ann", 999), "line 2: there is no claim 999"),
        (("ann", "-1"), "line 2: claim_id '-1' is no whole number"),
        (("ann", "1.0"), "line 2: claim_id '1.0' is no whole number"),
        (("ann", ""), "line 2: no claim_id"),
        (("eve", 1), "1 workers have no account, first 'eve'"),
    ],
)
def test_check__hostile_entry__is_refused(suite, files, attested, addresses, entry, said):
    attested("ann", 5)
    with pytest.raises(FlywheelError, match=said):
        files(entry).check(suite, addresses())


@pytest.mark.parametrize("written", ["{}", "0{}", "{} "])
def test_check__a_claim_twice__is_refused(suite, files, attested, addresses, written):
    number = attested("ann", 5)
    given = files(("ann", number), ("bob", written.format(number)))
    with pytest.raises(FlywheelError, match=f"line 3: claim {number} is there already, in line 2"):
        given.check(suite, addresses())


def test_check__one_account_of_two_workers__is_refused(suite, files, attested, addresses, accounts):
    """It would take two ranks."""
    one = attested("ann", 5)
    other = attested("ann", 6, weights_digest=DIGEST)
    listed = addresses(bob=accounts["ann"].lower())
    with pytest.raises(FlywheelError, match="'ann' and 'bob' have one account"):
        files(("ann", one), ("bob", other)).check(suite, listed)


def test_check__without_addresses__is_refused(suite, files, attested):
    """Stand-in accounts have filed nothing."""
    with pytest.raises(FlywheelError, match="competes for the account that filed it"):
        files(("ann", attested("ann", 5))).check(suite, None)


def test_build__without_the_chain__is_refused(files, tmp_path):
    with pytest.raises(FlywheelError, match="Scores are read from the chain"):
        drop_files.build(tmp_path / "drop", DROP, 1_000, files(("ann", 1)))
    assert not (tmp_path / "drop").exists()


# --- verifying what somebody published ---


@pytest.fixture
def published(files, attested, build):
    """A drop of two claims, and a way to publish it anew with one text for another."""
    ids = {"ann": attested("ann", 500), "bob": attested("bob", 400)}
    folder = build(files(*ids.items()))

    def publish_again(name: str, before: str, after: str, leaves=None) -> None:
        path = folder / name
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))
        found = ranking_files.RankingFiles.published(folder / "inputs").earn(None)
        (folder / "points.csv").write_bytes(found.table)
        accounts = {
            line.split(",")[0]: line.split(",")[1].lower()
            for line in (folder / "inputs" / "addresses.csv").read_text().splitlines()[1:]
        }
        units = drop_files.shares.split(found.points, 100_000)
        (folder / publication.MANIFEST_FILE).unlink()
        publication.publish(folder, DROP, drop_files.shares.leaves_of(units, accounts))

    return SimpleNamespace(folder=folder, again=publish_again, ids=ids)


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("inputs/results.csv", ",400\n", ",600\n", "scores 400 on the chain, in .* 600"),
        ("inputs/rule.yaml", "better: true", "better: false", "the rule says the opposite"),
        ("inputs/rule.yaml", "benchmark: 1", "benchmark: 2", "of benchmark 2 lower is better"),
    ],
)
def test_check__a_publication_that_says_otherwise__is_refused(
    suite, published, name, before, after, said
):
    published.again(name, before, after)
    drop_files.verify(published.folder)
    with pytest.raises(FlywheelError, match=said):
        check(suite, published.folder)


def test_check__a_prize_redirected_to_another_account__is_refused(suite, published, accounts):
    listed = (published.folder / "inputs" / "addresses.csv").read_text()
    (line,) = (line for line in listed.splitlines() if line.startswith("bob,"))
    published.again("inputs/addresses.csv", line, f"bob,{accounts['dan']}")
    drop_files.verify(published.folder)
    with pytest.raises(FlywheelError, match=f"the account of 'bob' is {accounts['dan']}"):
        check(suite, published.folder)


def test_check__voided_since__is_refused(world, suite, published):
    check(suite, published.folder)
    world.contract.void_claim(published.ids["bob"], REASON, sender=world.owner)
    with pytest.raises(FlywheelError, match=f"claim {published.ids['bob']} is void"):
        check(suite, published.folder)


def test_verify__no_direction__is_refused_without_a_chain(published):
    path = published.folder / "inputs" / "rule.yaml"
    path.write_text(path.read_text().replace("is_higher_better: true\n", ""))
    with pytest.raises(FlywheelError, match="does not say whether a higher score is better"):
        RankingFiles.published(published.folder / "inputs").earn(None)


@pytest.mark.parametrize(
    "score", ["4e2", "1.5", "+4", "04", "-0", "4_0", str(10**27 + 1), "9" * 99]
)
def test_read_results__hostile_score__is_refused(tmp_path, score):
    path = tmp_path / "results.csv"
    path.write_text(f"worker,claim_id,score\nann,1,{score}\n")
    with pytest.raises(FlywheelError, match=r"line 2: score '.*' is none"):
        ranking_files.read_results(path)


def test_read_results__ends_of_the_scale__are_read(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(f"worker,claim_id,score\nann,1,-{10**27}\nbob,2,{10**27}\ncat,3,0\n")
    assert [item.score for item in ranking_files.read_results(path)] == [-(10**27), 10**27, 0]
    assert RankingFiles.kind == rules.RANKING


def test_read_results__more_claims_than_anybody_trains__are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(ranking_files, "MAX_CLAIMS", 2)
    path = tmp_path / "results.csv"
    path.write_text("worker,claim_id,score\nann,1,1\nbob,2,1\n")
    assert len(ranking_files.read_results(path)) == 2
    path.write_text("worker,claim_id,score\nann,1,1\nbob,2,1\ncat,3,1\n")
    with pytest.raises(FlywheelError, match=r"has 3 claims\. Enter at most 2"):
        ranking_files.read_results(path)
