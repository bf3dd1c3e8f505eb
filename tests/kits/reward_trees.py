"""Reward trees that no honest publisher makes: any leaves, in any order."""

from dataclasses import dataclass
from functools import cached_property

from flywheel.rewards.leaves import Domain, Leaf, keccak, leaf_hash


@dataclass(frozen=True)
class WildTree:
    """A tree of any leaves in any order, also of those that `RewardTree` refuses to build."""

    domain: Domain
    leaves: tuple[Leaf, ...]

    @cached_property
    def levels(self) -> list[list[bytes]]:
        """Hashes from the leaves, in their order, to the root; an odd last one moves up."""
        found = [[leaf_hash(self.domain, leaf) for leaf in self.leaves]]
        while len(found[-1]) > 1:
            row = found[-1]
            pairs = [sorted(row[place : place + 2]) for place in range(0, len(row), 2)]
            found.append([keccak(b"".join(pair)) if pair[1:] else pair[0] for pair in pairs])
        return found

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    @property
    def total(self) -> int:
        return sum(leaf.amount for leaf in self.leaves)

    def proof(self, place: int, height: int = 0) -> list[bytes]:
        """Of a node by its place in its level; that of a leaf unless a height is given."""
        found = []
        for row in self.levels[height:-1]:
            found += row[place ^ 1 : (place ^ 1) + 1]
            place //= 2
        return found

    def range(self, place: int, height: int) -> tuple[list[tuple[int, str, int, int]], list[bytes]]:
        """Leaves and proof of `claim_range` for a node with 2**height leaves."""
        leaves = self.leaves[place << height : place + 1 << height]
        assert len(leaves) == 1 << height
        return [leaf.argument for leaf in leaves], self.proof(place, height)
