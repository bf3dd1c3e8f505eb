"""A model, its ancestors and the links between them, as the registry tells them."""

from dataclasses import dataclass
from functools import cached_property

from flywheel import amounts
from flywheel.models.lineage import Link, Table
from flywheel.shown import Branch

# Levels of parents that are listed; a maker may register versions of versions without end.
MAX_DEPTH = 64


@dataclass(frozen=True)
class Member:
    """One model of a lineage; `kind` in words."""

    model_id: int
    name: str
    kind: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class FamilyTree:
    """`table`: what the root owes whom, in bps. Members who have no part are there all the same."""

    root: int
    members: dict[int, Member]
    table: Table

    @property
    def owed(self) -> int:
        return sum(self.table.values())

    @cached_property
    def distances(self) -> dict[int, int]:
        """Links on the longest way from each model to the root. A child's id is above its
        parents', so one look at each link, from the highest id down, is enough."""
        found = {self.root: 0}
        for model_id in sorted(self.members, reverse=True):
            for link in self.members[model_id].links:
                there = found[model_id] + 1
                found[link.parent] = max(found.get(link.parent, 0), there)
        return found

    def distance(self, model_id: int) -> int:
        return self.distances[model_id]

    def branch(self) -> Branch:
        """The tree for `Output.tree`: each model with its parents below it."""
        return self._branch(self._nested(self.members[self.root], None, set(), 0))

    def _branch(self, place: "Place") -> Branch:
        share = self.table.get(place.member.model_id)
        text = words(place.member, place.via, share)
        if place.shortened:
            text += f"; its parents are {place.shortened}"
        return text, [self._branch(item) for item in place.parents]

    def as_data(self) -> dict[str, object]:
        """The same nested for JSON; shares in bps. `shortened` says why parents are left out."""
        return self._as_data(self._nested(self.members[self.root], None, set(), 0))

    def _as_data(self, place: "Place") -> dict[str, object]:
        member, via = place.member, place.via
        found: dict[str, object] = {
            "model": member.model_id,
            "name": member.name,
            "kind": member.kind,
        }
        if via is None:
            found["owed_bps"] = self.owed
        else:
            found["own"] = via.own
            found["link_bps"] = via.share_bps
            found["share_bps"] = self.table.get(member.model_id, 0)
        if place.shortened:
            found["shortened"] = place.shortened
        found["parents"] = [self._as_data(item) for item in place.parents]
        return found

    def _nested(self, member: Member, via: Link | None, told: set[int], depth: int) -> "Place":
        """A model's parents are listed at its first place only, and to a depth that can be read:
        else a family of merges would have more places than there are atoms."""
        shortened = ""
        if member.links and member.model_id in told:
            shortened = "listed before"
        elif member.links and depth == MAX_DEPTH:
            shortened = "too deep to list"
        else:
            told.add(member.model_id)
        links = () if shortened else member.links
        parents = [self._nested(self.members[link.parent], link, told, depth + 1) for link in links]
        return Place(member, via, parents, shortened)


@dataclass(frozen=True)
class Place:
    """A model in a printed tree, by the link to the child above it."""

    member: Member
    via: Link | None
    parents: list["Place"]
    shortened: str = ""


def words(member: Member, via: Link | None, share: int | None) -> str:
    """What a line of the printed tree says: the model, its link to the child above, its part."""
    text = f"{member.name} (model {member.model_id}, {member.kind})"
    if via is None:
        return text
    link = "own model" if via.own else f"link of {amounts.show_bps(via.share_bps)}"
    return f"{text}: {link}; gets {amounts.show_bps(share) if share else 'nothing of it'}"
