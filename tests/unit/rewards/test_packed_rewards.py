"""The packed words of the rewards beyond what tests/unit/common/test_packed.py reads from their
headers: `packed_page`, which has no struct, and the steps that other modules take in place."""

import random
from dataclasses import dataclass

import boa
import pytest

from tests.support import MAX_UINT

PAGE = 128
LEFT_OFFSET = 128
MASK = 2**128 - 1
ROUNDS = 100

HARNESS = """
# pragma version 0.4.3
from contracts.rewards import packed_drop_head
from contracts.rewards import packed_page

@external
@pure
def opened(total: uint256) -> uint256:
    return packed_page._opened(total)

@external
@pure
def parts(packed: uint256) -> (uint256, uint256):
    return packed_page._left(packed), packed_page._claimed(packed)

@external
@pure
def is_claimed(packed: uint256, index: uint256) -> bool:
    return packed_page._is_claimed(packed, index)

@external
@pure
def after_claim(packed: uint256, index: uint256, amount: uint256) -> uint256:
    return packed_page._after_claim(packed, index, amount)

@external
@pure
def head_less(packed: uint256, amount: uint256) -> uint256:
    return packed_drop_head._less_unopened(packed, amount)

@external
@pure
def head(packed: uint256) -> packed_drop_head.DropHead:
    return packed_drop_head._unpack(packed)

@external
@pure
def pack_head(head: packed_drop_head.DropHead) -> uint256:
    return packed_drop_head._pack(head)
"""


@dataclass(frozen=True)
class Page:
    """A page in plain Python: units left, and who of the 128 has claimed."""

    left: int
    claimed: frozenset[int]

    @property
    def packed(self) -> int:
        """As the header of `packed_page` says."""
        return self.left << LEFT_OFFSET | sum(1 << place for place in self.claimed)


@pytest.fixture(scope="module")
def words():
    return boa.loads(HARNESS)


def any_page(rng: random.Random) -> Page:
    left = rng.choice([0, 1, MASK, rng.randrange(2**128)])
    return Page(
        left, frozenset(rng.sample(range(PAGE), rng.choice([0, 1, 127, rng.randrange(PAGE)])))
    )


def free_place(page: Page, rng: random.Random) -> int:
    return rng.choice(sorted(set(range(PAGE)) - page.claimed))


# --- packed_page ---


@pytest.mark.parametrize("total", [0, 1, MASK])
def test_opened__any_total__is_all_left_and_nothing_claimed(words, total):
    assert words.opened(total) == total << LEFT_OFFSET
    assert words.parts(words.opened(total)) == (total, 0)


def test_parts__any_page__lie_where_the_header_says(words):
    rng = random.Random(1)
    for _ in range(ROUNDS):
        page = any_page(rng)
        assert words.parts(page.packed) == (page.left, page.packed & MASK)


def test_is_claimed__any_page__looks_at_the_place_of_the_index_alone(words):
    rng = random.Random(2)
    for _ in range(ROUNDS):
        page, index = any_page(rng), rng.randrange(2**32)
        assert words.is_claimed(page.packed, index) == (index % PAGE in page.claimed)


@pytest.mark.parametrize("place", [0, 1, 126, 127])
def test_is_claimed__each_place__has_its_own_bit(words, place):
    packed = 1 << place
    claimed = [index for index in range(PAGE) if words.is_claimed(packed, index)]
    assert claimed == [place]
    assert words.is_claimed(packed, place + PAGE)
    assert not words.is_claimed(MASK << LEFT_OFFSET, place)


def test_after_claim__any_page__takes_the_amount_and_sets_the_bit(words):
    rng = random.Random(3)
    for _ in range(ROUNDS):
        page = any_page(rng)
        place, amount = free_place(page, rng), rng.choice([0, page.left, rng.randint(0, page.left)])
        expected = Page(page.left - amount, page.claimed | {place})
        index = place + PAGE * rng.randrange(2**25)
        assert words.after_claim(page.packed, index, amount) == expected.packed


def test_after_claim__claimed_before__is_zero_whatever_the_amount(words):
    rng = random.Random(4)
    for _ in range(ROUNDS):
        page = any_page(rng)
        if page.claimed:
            place = rng.choice(sorted(page.claimed))
            amount = rng.choice([0, page.left, MAX_UINT])
            assert words.after_claim(page.packed, place, amount) == 0


@pytest.mark.parametrize("left", [0, 1, 700, MASK])
def test_after_claim__more_than_is_left__reverts(words, left):
    page = Page(left, frozenset({3}))
    assert words.after_claim(page.packed, 2, left) == Page(0, frozenset({2, 3})).packed
    for amount in (left + 1, left + 2**128, MAX_UINT):
        with boa.reverts("claims exceed the page"):
            words.after_claim(page.packed, 2, amount)


def test_after_claim__of_nothing_on_an_empty_page__is_not_zero(words):
    """Zero would say that the leaf was claimed before, or that nobody has opened the page."""
    assert words.after_claim(words.opened(0), 0, 0) == 1


# --- packed_drop_head ---


def test_less_unopened__any_part__changes_nothing_else(words):
    rng = random.Random(5)
    for _ in range(ROUNDS):
        unopened = rng.choice([0, MASK, rng.randrange(2**128)])
        others = (rng.randrange(2**40), rng.randrange(2**40), rng.random() < 0.5)
        amount = rng.choice([0, unopened, rng.randint(0, unopened)])
        less = words.head_less(words.pack_head((unopened, *others)), amount)
        assert words.head(less) == (unopened - amount, *others)
