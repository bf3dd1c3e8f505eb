"""Examples worked out by hand from docs/reference/rewards.md that pin the second model to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.properties.quality_model import (
    PARTS,
    Judgement,
    ModelRule,
    kappa_at,
    model_agreements,
    model_leaves,
    model_points,
    model_scores,
    model_units,
    reference,
)

# No margin for chance and kappa itself in thousandths, which keeps arithmetic by hand short.
PLAIN = ModelRule(confidence=0.0, full_at=1.0)


def by_columns(columns: dict[str, str]) -> list[Judgement]:
    """Rows from one string of one-letter labels per worker; a dot is a task it did not judge."""
    return [
        Judgement(worker, f"t{number}", label)
        for worker, labels in columns.items()
        for number, label in enumerate(labels)
        if label != "."
    ]


def with_two_others(right: int, wrong: int, agreed: int) -> tuple[list[Judgement], dict[str, str]]:
    """Rows and gold answers: of its tasks with gold w says A of half, as of its tasks without.

    Of those with gold so many are right and so many are wrong. Of the `agreed` tasks without gold
    two others say what w says; they judge none with gold. As w says A of half, e = 1/2 whatever it
    is held against.
    """
    by_gold = right + wrong
    says = "AB" * (by_gold // 2) + "AB" * (agreed // 2)
    opposite = {"A": "B", "B": "A"}
    gold = {f"t{i}": says[i] if i < right else opposite[says[i]] for i in range(by_gold)}
    others = "." * by_gold + says[by_gold:]
    return by_columns({"w": says, "x": others, "y": others}), gold


def counts(scores: dict[str, tuple[int, int]]) -> dict[str, int]:
    return {worker: n for worker, (n, _quality) in scores.items()}


# -- which judgements count


def test_first_judgements__when_the_earliest_contradict_each_other__then_none_counts():
    # Of a's judgements of t the two of second 5 are the earliest and differ; that of second 9 does
    # not help. So b and c have one other judge each, and `judges` of 3 asks for two.
    rows = [
        Judgement("a", "t", "yes", 9),
        Judgement("a", "t", "yes", 5),
        Judgement("a", "t", "no", 5),
        Judgement("b", "t", "yes", 1),
        Judgement("c", "t", "yes", 1),
    ]
    for order in (rows, rows[::-1]):
        assert counts(model_scores(order, ModelRule())) == {"a": 0, "b": 0, "c": 0}


def test_first_judgements__when_the_earliest_repeat_one_label__then_it_counts_once():
    # The two of second 5 say the same and are one judgement; the other label came later. Against
    # the gold answers A, B a says A, B: o = 1, e = (1 * S + 1 * S) / (S * 4) = 1/2, kappa = 1.
    rows = [
        Judgement("a", "t0", "B", 6),
        Judgement("a", "t0", "A", 5),
        Judgement("a", "t0", "A", 5),
        Judgement("a", "t1", "B", 5),
    ]
    gold = {"t0": "A", "t1": "B"}
    assert model_scores(rows, PLAIN, gold) == {"a": (2, 1000)}


def test_names__when_only_spaces_or_composition_differ__then_they_are_the_same():
    # "é" is one character or two. The rows are one judgement each of t0 and t1 by one worker, and
    # the gold answers and the list of tasks are found under any spelling.
    rows = [
        Judgement("\u00e9", "t0", "A"),
        Judgement(" e\u0301", "t0 ", " A"),
        Judgement("e\u0301", "t1", "\u00e9"),
    ]
    scores = model_scores(rows, PLAIN, {" t0": "A", "t1": "e\u0301"}, {"t0", " t1 "})
    assert scores == {"\u00e9": (2, 1000)}
    persons = {"e\u0301 ": " p"}
    assert model_scores(rows, PLAIN, {"t0": "A"}, None, persons) == {"p": (1, 0)}


def test_list_of_tasks__when_a_task_is_not_on_it__then_also_its_gold_answer_is_of_no_use():
    rows = by_columns({"a": "AB", "b": "AB", "c": "AB"})
    assert counts(model_scores(rows, PLAIN, {"t1": "B"}, {"t0"})) == {"a": 1, "b": 1, "c": 1}
    assert counts(model_scores(rows, PLAIN, {"t1": "B"}, set())) == {"a": 0, "b": 0, "c": 0}


def test_most_judges__when_times_are_equal__then_all_of_the_last_second_count():
    # The second by time is of second 2, so both of second 2 count: a, b, c are three judges, and
    # each has the two others that it needs. d came later.
    rows = [
        Judgement("a", "t", "yes", 1),
        Judgement("b", "t", "yes", 2),
        Judgement("c", "t", "no", 2),
        Judgement("d", "t", "no", 3),
    ]
    for order in (rows, rows[::-1]):
        scores = model_scores(order, ModelRule(most_judges=2))
        assert counts(scores) == {"a": 1, "b": 1, "c": 1, "d": 0}
    # With a limit of 1 a is alone, and with one of 4 also d counts.
    assert counts(model_scores(rows, ModelRule(most_judges=1))) == dict.fromkeys("abcd", 0)
    assert counts(model_scores(rows, ModelRule(most_judges=4)))["d"] == 1


def test_most_judges__when_a_worker_judged_twice__then_it_takes_one_place():
    # Step 2 is before step 4: a's second judgement is gone, so the first two by time are a and b.
    # The other way round they would be a and a, and b would not count.
    rows = [
        Judgement("a", "t", "yes", 1),
        Judgement("a", "t", "no", 2),
        Judgement("b", "t", "yes", 3),
        Judgement("c", "t", "yes", 4),
    ]
    scores = model_scores(rows, ModelRule(judges=2, most_judges=2))
    assert counts(scores) == {"a": 1, "b": 1, "c": 0}


def test_most_judges__when_a_worker_contradicted_itself__then_it_takes_no_place():
    # x was the earliest and is gone after step 2, so the first two by time are a and b.
    rows = [
        Judgement("x", "t", "yes", 0),
        Judgement("x", "t", "no", 0),
        Judgement("a", "t", "yes", 1),
        Judgement("b", "t", "yes", 2),
        Judgement("c", "t", "yes", 3),
    ]
    scores = model_scores(rows, ModelRule(judges=2, most_judges=2))
    assert counts(scores) == {"a": 1, "b": 1, "c": 0, "x": 0}


# -- persons


def test_persons__when_two_workers_are_one__then_their_copies_are_one_judgement():
    # a and b say the same and are p, so p, c and d are the three judges of each task. p says A, B;
    # of the two others both say A of t0, and one says B of t1: r = (A: 1), (A: 1/2, B: 1/2).
    #   o = (1 + 1/2) / 2 = 3/4, e = (1 * 3/2 + 1 * 1/2) / 4 = 1/2, kappa = (1/4) / (1/2) = 1/2.
    # c says A, B; the others A, A of t0 and B, A of t1: the same. d says A, A and the others A, A
    # and B, B: o = 1/2, e = 2 * 1 / 4 = 1/2, kappa = 0.
    rows = by_columns({"a": "AB", "b": "AB", "c": "AB", "d": "AA"})
    merged = model_scores(rows, PLAIN, persons={"a": "p", "b": "p", "nobody": "q"})
    assert merged == {"p": (2, 500), "c": (2, 500), "d": (2, 0)}
    # Apart, a, b and c have three others: r = (A: 1), (A: 1/3, B: 2/3), o = 5/6,
    #   e = (4/3 + 2/3) / 4 = 1/2, kappa = (1/3) / (1/2) = 2/3.
    assert model_scores(rows, PLAIN)["a"] == (2, 666)


def test_persons__when_a_person_is_a_worker_of_the_rows__then_it_is_the_same():
    rows = by_columns({"a": "AB", "b": "AB", "c": "AB", "d": "AA"})
    merged = model_scores(rows, PLAIN, persons={"a": "b"})
    assert merged == {"b": (2, 500), "c": (2, 500), "d": (2, 0)}


def test_persons__when_their_workers_did_different_tasks__then_all_of_them_count():
    # p says A of t0 (as a) and B of t1 (as b), which are the gold answers: e = 1/2, kappa = 1.
    # Apart each has one judgement, o = e = 1.
    rows = by_columns({"a": "A.", "b": ".B"})
    gold = {"t0": "A", "t1": "B"}
    assert model_scores(rows, PLAIN, gold, None, {"a": "p", "b": "p"}) == {"p": (2, 1000)}
    assert model_scores(rows, PLAIN, gold) == {"a": (1, 0), "b": (1, 0)}


def test_persons__when_two_accounts_of_one_contradict_each_other__then_neither_counts():
    # Step 1 is before step 2. Of t1 both say B.
    rows = by_columns({"a": "AB", "b": "BB"})
    scores = model_scores(rows, PLAIN, {"t0": "A", "t1": "B"}, None, {"a": "p", "b": "p"})
    assert counts(scores) == {"p": 1}
    # With times the earlier of the two is what p says: B of t0 and A of t1, as the gold answers do.
    rows = [
        Judgement("a", "t0", "A", 2),
        Judgement("b", "t0", "B", 1),
        Judgement("a", "t1", "A", 5),
        Judgement("b", "t1", "B", 6),
    ]
    gold = {"t0": "B", "t1": "A"}
    assert model_scores(rows, PLAIN, gold, None, {"a": "p", "b": "p"}) == {"p": (2, 1000)}


def test_persons__when_their_accounts_were_the_first__then_they_take_one_place():
    # Step 1 is before step 4: the first two by time are p, who said so twice, and c.
    rows = [
        Judgement("a", "t", "A", 1),
        Judgement("b", "t", "A", 2),
        Judgement("c", "t", "A", 3),
        Judgement("d", "t", "A", 4),
    ]
    rule = ModelRule(judges=2, most_judges=2)
    assert counts(model_scores(rows, rule)) == {"a": 1, "b": 1, "c": 0, "d": 0}
    merged = model_scores(rows, rule, None, None, {"a": "p", "b": "p"})
    assert counts(merged) == {"p": 1, "c": 1, "d": 0}


def test_persons__when_a_judge_is_missing_without_the_copies__then_none_counts():
    rows = by_columns({"a": "AB", "b": "AB", "c": "AB"})
    assert counts(model_scores(rows, ModelRule())) == {"a": 2, "b": 2, "c": 2}
    merged = model_scores(rows, ModelRule(), persons={"b": "a"})
    assert merged == {"a": (0, 0), "c": (0, 0)}


# -- quality


def test_gold__when_there_is_one_judge__then_it_counts():
    # N = 2, o = 1, e = 1/2, z = 1:
    #   o' = (1 + 1/4 - sqrt(0 + 1/16)) / (1 + 1/2) = 1 / 1.5 = 2/3
    #   kappa' = (2/3 - 1/2) / (1/2) = 1/3
    rows = by_columns({"a": "AB"})
    gold = {"t0": "A", "t1": "B"}
    assert model_scores(rows, ModelRule(full_at=1.0), gold) == {"a": (2, 333)}
    assert model_scores(rows, ModelRule(), gold) == {"a": (2, 1000)}


def test_gold__when_a_task_has_it__then_what_others_say_does_not_matter():
    # Against the gold answers a is right twice, and b and c, who agree, are wrong twice:
    # o = 0 is below any chance.
    rows = by_columns({"a": "AB", "b": "BA", "c": "BA"})
    scores = model_scores(rows, PLAIN, {"t0": "A", "t1": "B"})
    assert scores == {"a": (2, 1000), "b": (2, 0), "c": (2, 0)}


def test_quality__when_three_of_four_answers_are_right__then_it_is_at_the_lower_bound():
    # A, A, B, B against A, A, A, B: o = 3/4, e = (2 * 3 + 2 * 1) / 16 = 1/2, z = 1/2:
    #   o (1 - o) / N = 0.1875 / 4 = 0.046875, z^2 / (4 N^2) = 0.25 / 64 = 0.00390625
    #   sqrt(0.05078125) = 0.225347 (0.225347^2 = 0.05078127)
    #   o' = (0.75 + 0.03125 - 0.1126735) / 1.0625 = 0.6685765 / 1.0625 = 0.629248
    #   kappa' = 0.129248 / 0.5 = 0.258497; at 0.5 in full: 0.516994.
    rows = by_columns({"a": "AABB"})
    gold = {"t0": "A", "t1": "A", "t2": "A", "t3": "B"}
    half = ModelRule(confidence=0.5, full_at=0.5)
    assert model_scores(rows, half, gold) == {"a": (4, 516)}
    # With z = 1: sqrt(0.046875 + 0.015625) = 1/4, o' = (0.75 + 0.125 - 0.25) / 1.25 = 1/2 = e.
    assert model_scores(rows, ModelRule(), gold) == {"a": (4, 0)}


def test_quality__when_everything_is_one_label__then_chance_explains_it_all():
    # o = 1 and e = (2 * 2 S) / (S * 4) = 1: nothing is above chance.
    rows = by_columns({"a": "AA", "b": "AA", "c": "AA"})
    assert model_scores(rows, PLAIN, {"t0": "A", "t1": "A"})["a"] == (2, 0)
    assert model_scores(rows, ModelRule())["a"] == (2, 0)


def test_quality__when_a_judge_is_missing__then_a_gold_answer_of_another_task_does_not_help():
    rows = by_columns({"a": "AB", "b": "AB"})
    assert counts(model_scores(rows, PLAIN, {"t0": "A"})) == {"a": 1, "b": 1}


def test_quality__when_17_others_judge__then_each_share_is_rounded_down():
    # Of the 17 others 12 agree with w on either task:
    #   S * 12 // 17 = 8,648,640 // 17 = 508,743 (rest 9)
    #   S * 5 // 17 = 3,603,600 // 17 = 211,976 (rest 8)
    # o = 508,743 / S, and e = 2 * (508,743 + 211,976) / (4 S) = 720,719 / (2 S), so that
    #   kappa = (2 * 508,743 - 720,719) / (2 S - 720,719) = 296,767 / 720,721 = 0.41176405
    # Without rounding it would be (12/17 - 1/2) / (1/2) = 7/17 = 0.41176470.
    # Between the two lies 0.4117643, at which only the latter would be paid in full.
    assert PARTS == 720_720
    columns = {"w": "A"} | {f"y{i}": "A" for i in range(12)} | {f"z{i}": "B" for i in range(5)}
    assert reference(columns, None, "w", PLAIN) == {"A": 508_743, "B": 211_976}
    columns = {"w": "AB"} | {f"y{i}": "AB" for i in range(12)} | {f"z{i}": "BA" for i in range(5)}
    rule = ModelRule(confidence=0.0, full_at=0.4117643)
    assert model_scores(by_columns(columns), rule)["w"] == (2, 999)


# -- experts who decide alone


def by_gold_from(gold_least: int) -> ModelRule:
    return replace(PLAIN, gold_least=gold_least)


def test_lower_bound__when_half_of_16_are_right__then_it_is_wilsons():
    # o = e = 1/2 and N = 16, z = 3: sqrt(0.25 / 16 + 9 / 1024) = sqrt(25 / 1024) = 5/32,
    #   o' = (1/2 + 9/32 - 15/32) / (25/16) = 0.2, so K = -0.6.
    rights = [("A", {"A": PARTS})] * 4 + [("B", {"B": PARTS})] * 4
    wrongs = [("A", {"B": PARTS})] * 4 + [("B", {"A": PARTS})] * 4
    assert kappa_at(rights + wrongs, 3.0) == pytest.approx(-0.6)
    # At 0 standard errors it is kappa.
    assert kappa_at(rights + wrongs, 0.0) == 0.0


@pytest.mark.parametrize("z", [0.0, 1.0, 10.0])
def test_lower_bound__when_nothing_is_known__then_kappa_is_0(z):
    assert kappa_at([], z) == 0.0
    assert kappa_at([("A", {"A": PARTS})] * 5, z) == 0.0


@pytest.mark.parametrize(
    ("gold_least", "is_by_gold", "quality"),
    [(0, False, 804), (1, True, 500), (20, True, 500), (36, True, 500), (37, False, 804)],
)
def test_experts__when_a_worker_judged_enough_of_theirs__then_they_alone_count(
    gold_least, is_by_gold, quality
):
    # Gold, N = 36: o = 3/4, e = 1/2, K = 1/2. All, N = 92: o = (27 + 56) / 92, K = 74/92 = 0.804.
    # By gold alone or not, its work is 92 judgements.
    rows, gold = with_two_others(right=27, wrong=9, agreed=56)
    rule = by_gold_from(gold_least)
    assert model_agreements(rows, rule, gold)["w"].is_by_gold == is_by_gold
    assert model_scores(rows, rule, gold)["w"] == (92, quality)


def test_experts__when_the_rule_does_not_say__then_20_of_theirs_are_enough():
    # Of 20 with gold 10 are right: K = 0; of all, o = 22/32, it would be 3/8.
    rows, gold = with_two_others(right=10, wrong=10, agreed=12)
    assert model_scores(rows, PLAIN, gold)["w"] == (32, 0)
    # Of 18 with gold 9 are right; of all, o = 23/32, K = 7/16.
    rows, gold = with_two_others(right=9, wrong=9, agreed=14)
    assert model_scores(rows, PLAIN, gold)["w"] == (32, 437)


def test_experts__when_they_decide__then_confidence_is_that_of_the_rule():
    # Gold at z = 1: sqrt(0.1875 / 36 + 1 / 5184) = sqrt(28) / 72 = 0.0734931
    #   o' = (0.75 + 0.0138889 - 0.0734931) / 1.0277778 = 0.671737, K = 0.343474.
    # All, N = 200, o = 191/200: sqrt(0.042975 / 200 + 1 / 160,000) = sqrt(0.000221125) = 0.0148703
    #   o' = (0.955 + 0.0025 - 0.0148703) / 1.005 = 0.937940, K = 0.87588.
    rows, gold = with_two_others(right=27, wrong=9, agreed=164)
    assert model_scores(rows, ModelRule(full_at=1.0), gold)["w"] == (200, 343)
    assert model_scores(rows, ModelRule(full_at=1.0, gold_least=0), gold)["w"] == (200, 875)
    # In full at 0.125 it is more than enough.
    assert model_scores(rows, ModelRule(), gold)["w"] == (200, 1000)


def test_experts__when_they_agree_more_than_others__then_a_worker_is_paid_for_it():
    # The 16 with gold are right; of 16 others the two who judge say the opposite of 8. All:
    #   o = 24/32 = 3/4, K = 1/2. Of gold alone it is 1.
    rows, gold = with_two_others(right=16, wrong=0, agreed=16)
    opposite = {"A": "B", "B": "A"}
    last = {f"t{i}" for i in range(24, 32)}
    rows = [
        row._replace(label=opposite[row.label]) if row.worker != "w" and row.task in last else row
        for row in rows
    ]
    assert model_scores(rows, by_gold_from(17), gold)["w"] == (32, 500)
    assert model_scores(rows, by_gold_from(16), gold)["w"] == (32, 1000)


def test_experts__when_a_worker_judged_none_of_theirs__then_all_count():
    # x and y judge tasks without gold only and agree on all: K = 1. w is wrong about all of the
    # experts': K = (0 - 1/2) / (1/2) = -1. Of all it is o = 48/64, K = 1/2.
    rows, gold = with_two_others(right=0, wrong=16, agreed=48)
    agreements = model_agreements(rows, by_gold_from(1), gold)
    assert agreements == {"w": (64, -1.0, True), "x": (48, 1.0, False), "y": (48, 1.0, False)}
    scores = model_scores(rows, by_gold_from(1), gold)
    assert scores == {"w": (64, 0), "x": (48, 1000), "y": (48, 1000)}
    assert model_scores(rows, by_gold_from(17), gold) == scores | {"w": (64, 500)}


def test_experts__when_chance_explains_all_of_theirs__then_a_worker_has_nothing():
    # All of the 16 with gold are A, and w says so: e = 1, K = 0. Of all, o = 1, and e is less than
    # 1 by the B of a task without gold: K = 1.
    columns = {"w": "A" * 16 + "AB", "x": "." * 16 + "AB", "y": "." * 16 + "AB"}
    gold = {f"t{i}": "A" for i in range(16)}
    assert model_scores(by_columns(columns), by_gold_from(16), gold)["w"] == (18, 0)
    assert model_scores(by_columns(columns), by_gold_from(17), gold)["w"] == (18, 1000)


def test_experts__when_a_task_of_theirs_is_not_listed__then_it_decides_nothing():
    # The 16 with gold are not tasks of the job: o = 1 of the other 26.
    rows, gold = with_two_others(right=8, wrong=8, agreed=26)
    listed = {f"t{i}" for i in range(16, 42)}
    assert model_scores(rows, by_gold_from(1), gold, listed)["w"] == (26, 1000)


def test_experts__when_a_judgement_of_theirs_does_not_count__then_there_is_one_less():
    # w contradicts itself on t0 and has 15 of gold, 7 of them right, and 16 others:
    #   o = 23/31 = 713/961, e = (15 * 15 + 16 * 16) / 961 = 481/961, K = 232/480 = 0.483.
    # Of gold alone, o = 7/15 is below e = (7 * 7 + 8 * 8) / 225 = 0.502.
    rows, gold = with_two_others(right=8, wrong=8, agreed=16)
    assert model_scores(rows, by_gold_from(16), gold)["w"] == (32, 0)
    rows.append(Judgement("w", "t0", "B"))
    assert model_scores(rows, by_gold_from(16), gold)["w"] == (31, 483)
    assert model_scores(rows, by_gold_from(15), gold)["w"] == (31, 0)


def test_experts__when_a_judgement_of_theirs_came_too_late__then_there_is_one_less():
    # As above, but w was the second to judge t0, of which one counts.
    rows, gold = with_two_others(right=8, wrong=8, agreed=16)
    rows = [row._replace(time=5) for row in rows] + [Judgement("v", "t0", "A", 4)]
    one = replace(by_gold_from(16), most_judges=1)
    assert model_scores(rows, one, gold)["w"] == (31, 483)
    assert model_scores(rows, replace(one, gold_least=15), gold)["w"] == (31, 0)


def test_experts__when_two_workers_are_one__then_theirs_are_added_up_and_copies_are_not():
    # v did t0 to t7 in w's stead, and both did t8: 16 with gold, not 17.
    rows, gold = with_two_others(right=0, wrong=16, agreed=48)
    of_v = {f"t{i}" for i in range(8)}
    rows = [row._replace(worker="v") if row.task in of_v else row for row in rows]
    rows += [row._replace(worker="v") for row in rows if row.task == "t8"]
    persons = {"v": "w"}
    assert model_scores(rows, by_gold_from(16), gold, None, persons)["w"] == (64, 0)
    assert model_scores(rows, by_gold_from(17), gold, None, persons)["w"] == (64, 500)


# -- points, units, leaves


def test_points__when_appeals_were_accepted__then_each_is_a_thousand():
    # b has no judgements that count, and c has none at all.
    scores = {"a": (7, 250), "b": (0, 0)}
    assert model_points(scores, {"b": 2, "c": 1}) == {"a": 1750, "b": 2000, "c": 1000}


def test_points__when_nobody_appealed__then_they_are_work_times_quality():
    assert model_points({"a": (7, 250), "b": (3, 0)}, {}) == {"a": 1750, "b": 0}


def test_units__when_the_budget_does_not_divide__then_the_order_of_utf8_bytes_decides():
    # Together: 100 * 1 // 3 = 33, 100 * 2 // 3 = 66, 100. In UTF-8 "Z" is before "a" before "é".
    assert model_units({"é": 1, "a": 1, "Z": 1}, 100) == {"Z": 33, "a": 33, "é": 34}


def test_units__when_a_worker_has_no_points__then_it_has_none_of_the_rest():
    # Together: 10 * 1 // 3 = 3, 3, 10 * 3 // 3 = 10.
    assert model_units({"a": 1, "b": 0, "c": 2}, 10) == {"a": 3, "b": 0, "c": 7}


@pytest.mark.parametrize("points", [{}, {"a": 0, "b": 0}])
def test_units__when_there_are_no_points__then_there_is_no_drop(points):
    with pytest.raises(ValueError, match="no drop"):
        model_units(points, 100)


def test_leaves__when_workers_share_an_address__then_they_are_added_up():
    accounts = {"a": "0xAB", "b": "0xab", "d": "0xcd"}
    # c has no units and needs no address, and d has no leaf.
    assert model_leaves({"a": 2, "b": 3, "c": 0, "d": 0}, accounts) == {"0xab": 5}


def test_leaves__when_a_worker_with_units_has_no_address__then_there_is_no_drop():
    with pytest.raises(KeyError):
        model_leaves({"a": 2, "b": 1}, {"a": "0xab"})
