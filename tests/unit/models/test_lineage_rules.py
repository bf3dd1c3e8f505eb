"""LineageRules: the example, each step of the rule, and thousands of random tables beside plain
Python (flywheel/models/lineage.py), on tables and floors that the test sets."""

import os
import random

import boa
import pytest

from flywheel.models import lineage
from flywheel.models.lineage import Link
from tests.attack.mutants import mutate
from tests.support import deploy, deployer_of

DEEP = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
ENTRY, FOUNDATION = 56, 1 << 55


class Rules:
    """LineageRules and what it is told; models are registered here in order of their numbers."""

    def __init__(self, deployer=None) -> None:
        self.contract = (deployer or deployer_of("LineageRules")).deploy()
        self.mock = deploy("MockTables")
        self.tables, self.floors, self.foundations = {}, {}, set()

    def add(self, *links, foundation=False) -> int:
        """A model with these links; its table is the contract's, which must be the reference's."""
        number = len(self.tables) + 1
        words = self.words(*links)
        table = decode(words, self.foundations)
        expected = lineage.table_of(links, self.tables, self.floors, self.foundations)
        assert list(table.items()) == list(expected.items())
        assert words[0] >> 224 & 0xFF == len(table)
        assert words[0] >> 232 == sum(table.values())
        self.tables[number] = table
        if foundation:
            self.foundations.add(number)
        self.mock.set_table(number, words)
        return number

    def words(self, *links) -> list[int]:
        given = [
            (link.parent, link.share_bps, link.own, link.parent in self.foundations)
            for link in links
        ]
        return self.contract.table_of(self.mock.address, given)

    def foundation(self, floor_bps=0) -> int:
        number = self.add(foundation=True)
        self.floor(number, floor_bps)
        return number

    def floor(self, number, floor_bps) -> None:
        if not floor_bps and not self.floors.get(number):
            return
        self.floors[number] = floor_bps
        self.mock.set_floor(number, floor_bps)

    def put(self, table, *, foundation=False) -> int:
        """A model whose table somebody worked out elsewhere."""
        number = len(self.tables) + 1
        entries = [
            key | bps << 40 | (FOUNDATION if key in self.foundations else 0)
            for key, bps in table.items()
        ]
        words = [0, 0, 0, 0]
        for index, entry in enumerate(entries):
            words[index // 4] |= entry << ENTRY * (index % 4)
        words[0] |= len(entries) << 224 | sum(table.values()) << 232
        self.mock.set_table(number, words)
        self.tables[number] = dict(table)
        if foundation:
            self.foundations.add(number)
        return number

    def plain(self) -> int:
        """A model of no parents that is no foundation: a version of something outside."""
        return self.add()


def decode(words, foundations=None) -> dict[int, int]:
    found = {}
    for index in range(words[0] >> 224 & 0xFF):
        entry = words[index // 4] >> ENTRY * (index % 4) & (1 << ENTRY) - 1
        model_id = entry & (1 << 40) - 1
        if foundations is not None:
            assert bool(entry & FOUNDATION) == (model_id in foundations)
        found[model_id] = entry >> 40 & 0x7FFF
    return found


@pytest.fixture
def rules():
    return Rules()


def own(parent) -> Link:
    return Link(parent, 0, own=True)


# --- the example of interfaces/ILineageRules.vyi ---


def test_table_of__the_worked_example__is_as_written(rules):
    f = rules.foundation(300)
    m = rules.add(Link(f, 1_000))
    assert rules.tables[m] == {f: 1_000}
    c = rules.add(Link(m, 2_000))
    assert rules.tables[c] == {f: 300, m: 1_800}
    v = rules.add(own(c))
    assert rules.tables[v] == {f: 300, m: 1_800}
    w = rules.add(own(c))
    x = rules.add(own(v), own(w))
    assert rules.tables[x] == {f: 300, m: 1_800}
    y = rules.add(own(v), Link(m, 500))
    assert rules.tables[y] == {f: 350, m: 2_250}


# --- steps 1 and 2 ---


def test_table_of__no_parents__is_empty(rules):
    assert rules.words() == [0, 0, 0, 0]


def test_table_of__own_merge_of_four_fine_tunes__owes_the_base_once(rules):
    base = rules.foundation()
    tunes = [rules.add(Link(base, 1_500)) for _ in range(4)]
    assert rules.tables[rules.add(*map(own, tunes))] == {base: 1_500}


@pytest.mark.parametrize("order", [(1_000, 1_500), (1_500, 1_000)])
def test_table_of__own_parents_that_owe_differently__owe_the_largest(rules, order):
    base = rules.foundation()
    tunes = [rules.add(Link(base, bps)) for bps in order]
    assert rules.tables[rules.add(*map(own, tunes))] == {base: 1_500}


def test_table_of__licensed_and_own_ways_to_one_model__add_up(rules):
    base = rules.foundation()
    mine, theirs = rules.add(Link(base, 1_500)), rules.add(Link(base, 1_000))
    merged = rules.add(own(mine), Link(theirs, 2_000), Link(base, 300))
    assert rules.tables[merged] == {base: 1_500 + 200 + 300, theirs: 1_800}


def test_table_of__own_parent_also_reached_under_a_license__gets_that_part(rules):
    mine = rules.plain()
    theirs = rules.add(Link(mine, 1_000))
    assert rules.tables[rules.add(own(mine), Link(theirs, 2_000))] == {mine: 200, theirs: 1_800}


def test_table_of__parts_round_down__the_parent_keeps_the_rest(rules):
    base = rules.foundation()
    middle = rules.add(Link(base, 3_333))
    assert rules.tables[rules.add(Link(middle, 7))] == {base: 2, middle: 5}


# --- step 3 ---


@pytest.mark.parametrize("foundation", [True, False])
def test_table_of__part_of_zero__makes_an_entry_of_a_foundation_alone(rules, foundation):
    base = rules.add(foundation=foundation)
    middle = rules.add(Link(base, 100))
    child = rules.add(Link(middle, 1))
    kept = {base: 0} if foundation else {}
    assert rules.tables[child] == kept | {middle: 1}
    assert rules.tables[rules.add(own(base))] == kept
    assert rules.tables[rules.add(Link(base, 0))] == kept


def test_table_of__floor_granted_later__is_owed_behind_own_models(rules):
    """The floor of a foundation whose maker releases a version and licenses that one cheaply."""
    base = rules.foundation()
    version = rules.add(own(base))
    assert rules.tables[version] == {base: 0}
    rules.floor(base, 500)
    assert rules.tables[rules.add(Link(version, 1_000))] == {base: 500, version: 1_000}
    assert rules.tables[rules.add(own(version))] == {base: 500}
    assert rules.tables[rules.add(own(base))] == {base: 500}


# --- step 4 ---


def crowded(rules, shares, extra=()):
    """A model whose table has these shares, of plain models, and then `extra` entries."""
    tops = [rules.plain() for _ in shares]
    return tops, rules.put(dict(zip(tops, shares, strict=True)) | dict(extra))


def test_table_of__last_of_equal_smallest__stays(rules):
    """Seventeen candidates, all ancestors equal: the first goes, and its part to the parent."""
    tops, middle = crowded(rules, [100] * 16)
    child = rules.add(Link(middle, 5_000))
    assert list(rules.tables[child]) == [*tops[1:], middle]
    assert rules.tables[child][middle] == 5_000 - 15 * 50


def test_table_of__smallest_in_the_middle__goes(rules):
    tops, middle = crowded(rules, [100] * 7 + [60] + [100] * 8)
    table = rules.tables[rules.add(Link(middle, 5_000))]
    assert tops[7] not in table
    assert len(table) == 16


def test_table_of__parent_without_an_entry__first_of_the_largest_inherits(rules):
    """Two own parents with 17 ancestors together: no direct parent has an entry."""
    firsts, one = crowded(rules, [10, 200, 200, 100, 100, 100, 100, 100, 100])
    others, two = crowded(rules, [200, 100, 100, 100, 100, 100, 100, 100])
    table = rules.tables[rules.add(own(one), own(two))]
    assert firsts[0] not in table
    assert table[firsts[1]] == 210
    assert table[firsts[2]] == table[others[0]] == 200


def test_table_of__first_entry_dropped_and_largest_last__the_largest_inherits(rules):
    firsts, one = crowded(rules, [1, 2, 100, 100, 100, 100, 100, 100, 100])
    others, two = crowded(rules, [100, 100, 100, 100, 100, 100, 100, 100, 300])
    table = rules.tables[rules.add(own(one), own(two))]
    assert not {firsts[0], firsts[1]} & table.keys()
    assert table[others[8]] == 303


def test_table_of__entry_made_by_the_second_link__returns_to_that_parent(rules):
    firsts, one = crowded(rules, [600] * 8)
    lasts, two = crowded(rules, [600] * 7 + [5])
    table = rules.tables[rules.add(Link(one, 2_000), Link(two, 2_000))]
    # Eighteen candidates. The 1 bps of the last goes first, then the first of fifteen equal ones.
    assert list(table) == [*firsts[1:], one, *lasts[:7], two]
    assert table[one] == 2_000 - 7 * 120
    assert table[two] == 2_000 - 7 * 120


def test_table_of__zeros_of_foundations__go_first_and_cost_nobody(rules):
    bases = [rules.foundation() for _ in range(3)]
    tops, middle = crowded(rules, [100] * 13, dict.fromkeys(bases, 0))
    table = rules.tables[rules.add(Link(middle, 5_000))]
    assert bases[0] not in table
    assert table == dict.fromkeys(tops, 50) | {bases[1]: 0, bases[2]: 0, middle: 5_000 - 13 * 50}


def test_table_of__floors_and_licensed_parents__never_go(rules):
    bases = [rules.foundation(1) for _ in range(12)]
    tops, middle = crowded(rules, [100] * 4, dict.fromkeys(bases, 0))
    small = [rules.plain() for _ in range(3)]
    links = [Link(middle, 2_000), *(Link(item, 1) for item in small)]
    table = rules.tables[rules.add(*links)]
    assert {*bases, middle, *small} == table.keys()
    assert not set(tops) & table.keys()
    other = rules.foundation(1)
    crowd = rules.put(dict.fromkeys([*bases, other], 1))
    with boa.reverts("too many ancestors"):
        rules.words(Link(crowd, 2_000), *(Link(item, 1) for item in small))


# --- steps 5 and 6, refusals ---


@pytest.mark.parametrize("share", [5_000, 5_001, 2**256 - 1])
def test_table_of__one_link__at_most_half(rules, share):
    base = rules.plain()
    if share == 5_000:
        assert rules.tables[rules.add(Link(base, share))] == {base: 5_000}
        return
    with boa.reverts("ancestors exceed 5000 bps"):
        rules.words(Link(base, share))


def test_table_of__all_links__at_most_half(rules):
    one, two = rules.plain(), rules.plain()
    assert sum(rules.tables[rules.add(Link(one, 2_500), Link(two, 2_500))].values()) == 5_000
    with boa.reverts("ancestors exceed 5000 bps"):
        rules.words(Link(one, 2_501), Link(two, 2_500))
    base = rules.foundation(500)
    child = rules.add(own(base), Link(one, 4_500))
    assert sum(rules.tables[child].values()) == 5_000
    with boa.reverts("ancestors exceed 5000 bps"):
        rules.words(own(base), Link(one, 4_501))


def test_table_of__share_of_an_own_link__is_not_read(rules):
    base = rules.plain()
    middle = rules.add(Link(base, 4_000))
    given = [(middle, 2**256 - 1, True, False)]
    assert decode(rules.contract.table_of(rules.mock.address, given)) == {base: 4_000}


@pytest.mark.parametrize("second", [Link(1, 2), Link(1, 0, own=True)])
def test_table_of__parent_named_twice__reverts(rules, second):
    rules.plain()
    with boa.reverts("parent is repeated"):
        rules.words(Link(1, 1), second)


# --- random lives, and the rule with one of its parts cut out ---


def live(rules, dice, models=60) -> None:
    """Registers random models; `add` compares each with the reference. Refused ones as well."""
    for _ in range(models):
        if not rules.tables or dice.random() < 0.25:
            rules.foundation(dice.choice([0, 0, dice.randint(1, 300)]))
            continue
        if dice.random() < 0.1:
            rules.floor(dice.choice(sorted(rules.foundations)), dice.choice([0, 1, 200]))
        near = sorted(rules.tables)[-dice.choice([4, 12, 60]) :]
        parents = dice.sample(near, min(len(near), dice.randint(1, 4)))
        links = [
            own(parent)
            if dice.random() < 0.35
            else Link(
                parent, dice.choice([0, 1, 7, dice.randint(0, 1_250), dice.randint(0, 5_000)])
            )
            for parent in parents
        ]
        try:
            lineage.table_of(links, rules.tables, rules.floors, rules.foundations)
        except ValueError as error:
            with boa.reverts(str(error)):
                rules.words(*links)
            continue
        rules.add(*links)


@pytest.mark.parametrize("seed", range(6 * DEEP))
def test_table_of__random_lives__are_those_of_the_reference(seed):
    rules, dice = Rules(), random.Random(seed)
    live(rules, dice)
    assert max(map(len, rules.tables.values())) > 8


def test_table_of__full_tables__are_those_of_the_reference():
    """Tables that no life comes to often: many entries, equal shares, parents among ancestors."""
    for seed in range(40 * DEEP):
        rules, dice = Rules(), random.Random(seed)
        tops = [
            rules.foundation(dice.choice([0, 0, 0, 40])) if dice.random() < 0.4 else rules.plain()
            for _ in range(24)
        ]
        parents = []
        for _ in range(dice.randint(1, 4)):
            chosen = dice.sample([*tops, *parents], dice.randint(4, 16))
            shares = [dice.choice([1, 2, 50, 100, 300]) for _ in chosen]
            table = dict(zip(chosen, shares, strict=True))
            for key in chosen:
                if key in rules.foundations and dice.random() < 0.3:
                    table[key] = 0
            parents.append(rules.put(table))
        links = [
            own(item) if dice.random() < 0.4 else Link(item, dice.choice([1, 400, 1_000]))
            for item in parents
        ]
        try:
            lineage.table_of(links, rules.tables, rules.floors, rules.foundations)
        except ValueError as error:
            with boa.reverts(str(error)):
                rules.words(*links)
            continue
        rules.add(*links)


MUTANTS = {
    "own parents add up": (
        "max(packed_candidate._own_share_bps(candidate), share_bps)",
        "packed_candidate._own_share_bps(candidate) + share_bps",
    ),
    "licenses count once": (
        "packed_candidate._add_share(candidate, share_bps) | (part & packed_candidate.IS_PARENT)",
        "candidate | (share_bps << 40) | (part & packed_candidate.IS_PARENT)",
    ),
    "zeros of foundations are forgotten": (
        "if share_bps == 0 and not fresh.is_foundation:",
        "if share_bps == 0:",
    ),
    "own parents are forgotten": (
        "if not link.is_own or link.is_foundation:",
        "if not link.is_own:",
    ),
    "last of the smallest goes": (
        "packed_candidate._share_bps(candidate) < smallest_bps",
        "packed_candidate._share_bps(candidate) <= smallest_bps",
    ),
    "last of the largest inherits": (
        "share_bps > packed_candidate._share_bps(candidates[largest])",
        "share_bps >= packed_candidate._share_bps(candidates[largest])",
    ),
    "the parent never inherits": (
        "if packed_candidate._model_id(candidate) == parent:",
        "if False:",
    ),
    "floors are not raised to": (
        "max(packed_candidate._share_bps(candidate), packed_candidate._floor_bps(candidate))",
        "packed_candidate._share_bps(candidate)",
    ),
    "floors may go": ("(FLOOR_BPS_MASK << FLOOR_BPS_OFFSET) | IS_PARENT", "IS_PARENT"),
    "parents may go": (
        "(FLOOR_BPS_MASK << FLOOR_BPS_OFFSET) | IS_PARENT",
        "FLOOR_BPS_MASK << FLOOR_BPS_OFFSET",
    ),
}


@pytest.mark.deep
@pytest.mark.parametrize("name", MUTANTS)
def test_table_of__a_part_of_the_rule_cut_out__is_noticed(name):
    """One of the examples above fails."""
    module = "packed_candidate" if name.endswith("may go") else None
    mutant = mutate("LineageRules", *MUTANTS[name], module=module)
    failed = []
    for example in EXAMPLES:
        try:
            example(Rules(mutant))
        except (AssertionError, boa.BoaError):
            failed.append(example)
    assert failed


EXAMPLES = [
    test_table_of__the_worked_example__is_as_written,
    test_table_of__licensed_and_own_ways_to_one_model__add_up,
    test_table_of__floor_granted_later__is_owed_behind_own_models,
    test_table_of__last_of_equal_smallest__stays,
    test_table_of__parent_without_an_entry__first_of_the_largest_inherits,
    test_table_of__entry_made_by_the_second_link__returns_to_that_parent,
    test_table_of__floors_and_licensed_parents__never_go,
]
