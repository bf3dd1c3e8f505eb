"""Competitions: the order of claims, and the prizes of their ranks."""

import random

import pytest

from flywheel.rewards import ranking_files
from flywheel.rewards.ranking_files import Result, standings
from flywheel.rewards.rules import RankingRule

ACCURACY = 1


def points_of(scores: dict[str, int], prizes: tuple[int, ...], is_higher_better=True, least=None):
    results = [Result(name, number, score) for number, (name, score) in enumerate(scores.items())]
    rule = RankingRule(ACCURACY, prizes, least, is_higher_better)
    return {item.worker: item.points for item in standings(results, rule) if item.points}


@pytest.mark.parametrize(
    ("scores", "points"),
    [
        ({"ann": 9, "bob": 8, "cat": 7, "dan": 6}, {"ann": 50, "bob": 30, "cat": 20}),
        ({"ann": 8, "bob": 9}, {"ann": 30, "bob": 50}),
        # Of equal ones the first that was filed.
        ({"bob": 9, "ann": 9, "cat": 7, "dan": 6}, {"bob": 50, "ann": 30, "cat": 20}),
        ({"dan": 7, "ann": 9, "bob": 7, "cat": 7}, {"ann": 50, "dan": 30, "bob": 20}),
        ({"ann": -1, "bob": 0, "cat": -2}, {"ann": 30, "bob": 50, "cat": 20}),
        ({"ann": 0, "bob": 0, "cat": 0, "dan": 0}, {"ann": 50, "bob": 30, "cat": 20}),
    ],
)
def test_standings__scores__are_paid_by_rank(scores, points):
    assert points_of(scores, (50, 30, 20)) == points
    # The other way round where less is better.
    mirrored = {name: -score for name, score in scores.items()}
    assert points_of(mirrored, (50, 30, 20), is_higher_better=False) == points


def test_standings__without_a_lead__is_the_order_of_scores_then_of_claims():
    dice = random.Random(7)
    for _ in range(300):
        results = random_results(dice, most=30, scores=6)
        least = dice.choice([None, 0, 3])
        prizes = tuple(sorted(dice.randint(1, 99) for _ in range(dice.randint(1, 6)))[::-1])
        best: dict[str, Result] = {}
        for item in sorted(results, key=lambda item: (-item.score, item.claim_id)):
            best.setdefault(item.worker, item)
        expected = {
            item.worker: (item.claim_id, item.score, rank, (*prizes, *[0] * 99)[rank - 1])
            for rank, item in enumerate(best.values(), start=1)
            if least is None or item.score >= least
        }
        found = standings(results, RankingRule(ACCURACY, prizes, least, True))
        assert [item.worker for item in found] == sorted(best)
        assert expected == {
            item.worker: (item.claim_id, item.score, item.rank, item.points)
            for item in found
            if item.rank
        }
        assert all(item.points == 0 for item in found if not item.rank)


def random_results(dice: random.Random, most: int, scores: int) -> list[Result]:
    return [
        Result(f"w{dice.randint(0, 7)}", number, dice.randint(-scores, scores))
        for number in range(1, dice.randint(2, most))
    ]


def ranks_of(results: list[Result], lead: int, is_higher_better=True) -> list[str]:
    rule = RankingRule(ACCURACY, (7, 2, 1), None, is_higher_better, lead)
    found = sorted(standings(results, rule), key=lambda item: item.rank)
    return [item.worker for item in found]


@pytest.mark.parametrize("prizes", [(1,), (50, 30, 20)])
def test_standings__copies_of_the_winner__take_nothing_of_the_first_prize(prizes):
    """The attack of an auditor: 99 one-bit copies left the winner a hundredth."""
    honest = [Result("ann", 5, 900), Result("bob", 2, 800), Result("cy", 3, 700)]
    copies = [Result(f"a{number}", 10 + number, 900) for number in range(99)]
    found = {
        item.worker: item for item in standings(honest + copies, RankingRule(1, prizes, None, True))
    }
    assert (found["ann"].rank, found["ann"].points) == (1, prizes[0])
    assert sum(item.points for item in found.values()) == sum(prizes)


def test_standings__copies_that_differ__need_the_lead():
    honest = [Result("ann", 1, 900), Result("bob", 2, 800)]
    copies = [Result(f"a{number}", 10 + number, 901 + number) for number in range(49)]
    assert ranks_of(honest + copies, lead=0)[0] == "a48"
    assert ranks_of(honest + copies, lead=50)[0] == "ann"
    better = [*copies, Result("cy", 99, 949 + 50)]
    assert ranks_of(honest + better, lead=50)[0] == "cy"
    mirrored = [Result(item.worker, item.claim_id, -item.score) for item in honest + better]
    assert ranks_of(mirrored, lead=50, is_higher_better=False) == ranks_of(honest + better, 50)


@pytest.mark.parametrize(
    ("results", "ranked"),
    [
        # Just enough, and one too little.
        ("ann 100, bob 110", "bob ann"),
        ("ann 100, bob 109", "ann bob"),
        # Whoever is not above one is above none before it.
        ("ann 100, bob 109, cat 112", "ann bob cat"),
        ("ann 100, bob 109, cat 119", "cat ann bob"),
        # A worker keeps its place and climbs from there; its own claims do not hold it up.
        ("ann 100, bob 100, ann 101", "ann bob"),
        ("ann 100, bob 95, bob 109, bob 110", "bob ann"),
        ("ann 100, bob 99, cat 98, bob 100, cat 109, cat 110", "cat ann bob"),
        # What is worse than an own claim before it changes nothing.
        ("ann 100, bob 95, ann 90, cat 105", "ann cat bob"),
    ],
)
def test_standings__lead_of_ten__is_needed_over_each_that_is_passed(results, ranked):
    made = [
        Result(name, number, int(score))
        for number, (name, score) in enumerate((text.split() for text in results.split(", ")), 1)
    ]
    assert ranks_of(made, lead=10) == ranked.split()
    assert ranks_of(made[::-1], lead=10) == ranked.split()


def test_standings__later_claim_with_too_little_lead__moves_nobody_who_stands_above():
    """Whatever is filed after all others, by others, ranks below whom it does not lead."""
    dice = random.Random(11)
    moved = 0
    for _ in range(500):
        results, lead = random_results(dice, most=25, scores=20), dice.randint(0, 9)
        before = ranks_of(results, lead)
        best = {name: max(item.score for item in results if item.worker == name) for name in before}
        score = dice.randint(-25, 25)
        after = ranks_of([*results, Result("copy", 99, score)], lead)
        place = after.index("copy")
        assert [name for name in after if name != "copy"] == before
        assert all(score - best[name] >= max(1, lead) for name in before[place:])
        assert place == 0 or score - best[before[place - 1]] < max(1, lead)
        moved += 0 < place < len(before)
    assert moved > 50


def test_standings__claim_too_bad_to_be_paid__holds_nobody_up():
    results = [Result("ann", 1, 85), Result("bob", 2, 89), Result("cat", 3, 95)]
    rule = RankingRule(ACCURACY, (5, 3), 90, True, 10)
    found = {item.worker: (item.rank, item.points) for item in standings(results, rule)}
    assert found == {"ann": (0, 0), "bob": (0, 0), "cat": (1, 5)}
    improved = standings([*results, Result("bob", 4, 104)], rule)
    assert {item.worker: item.rank for item in improved} == {"ann": 0, "bob": 2, "cat": 1}


def test_standings__as_many_as_are_taken__in_a_few_seconds():
    results = [
        Result(f"w{number}", number, number) for number in range(1, ranking_files.MAX_CLAIMS + 1)
    ]
    assert ranks_of(results, lead=0)[0] == f"w{ranking_files.MAX_CLAIMS}"


@pytest.mark.parametrize(
    ("is_higher_better", "least", "paid"),
    [
        (True, 7, {"ann": 50, "bob": 30}),
        (True, 8, {"ann": 50}),
        (False, 7, {"cat": 50, "bob": 30}),
        (False, 5, {}),
    ],
)
def test_standings__worse_than_the_least__is_not_ranked(is_higher_better, least, paid):
    found = points_of({"ann": 9, "bob": 7, "cat": 6}, (50, 30, 20), is_higher_better, least)
    assert found == paid


@pytest.mark.parametrize(("is_higher_better", "claim_id"), [(True, 2), (False, 3)])
def test_standings__several_claims_of_a_worker__the_best_counts(is_higher_better, claim_id):
    results = [Result("ann", 1, 5), Result("ann", 2, 6), Result("ann", 3, 4), Result("ann", 4, 4)]
    rule = RankingRule(ACCURACY, (50, 30), None, is_higher_better)
    for some in (results, results[::-1]):
        (item,) = standings([*some, *(Result("ann", n, 5) for n in (8, 9))], rule)
        assert (item.claim_id, item.rank, item.points) == (claim_id, 1, 50)
