"""A model, its ancestors and the links between them, as the registry tells them."""

from collections.abc import Iterable
from dataclasses import dataclass

from flywheel import amounts
from flywheel.lineage import Link, Table
from flywheel.output import Branch


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

    def children(self, model_id: int) -> Iterable[int]:
        return (
            member.model_id
            for member in self.members.values()
            if any(link.parent == model_id for link in member.links)
        )

    def distance(self, model_id: int) -> int:
        """Links on the longest way to the root. A child's id is above its parents'."""
        if model_id == self.root:
            return 0
        return 1 + max(map(self.distance, self.children(model_id)))

    def branch(self, model_id: int | None = None, via: Link | None = None) -> Branch:
        """The tree for `Output.tree`: each model with its parents below it."""
        member = self.members[self.root if model_id is None else model_id]
        below = [self.branch(link.parent, link) for link in member.links]
        return words(member, via, self.table.get(member.model_id)), below

    def as_data(self, model_id: int | None = None, via: Link | None = None) -> dict[str, object]:
        """The same nested for JSON; shares in bps."""
        member = self.members[self.root if model_id is None else model_id]
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
        found["parents"] = [self.as_data(link.parent, link) for link in member.links]
        return found


def words(member: Member, via: Link | None, share: int | None) -> str:
    """What a line of the printed tree says: the model, its link to the child above, its part."""
    text = f"{member.name} (model {member.model_id}, {member.kind})"
    if via is None:
        return text
    link = "own model" if via.own else f"link of {amounts.show_bps(via.share_bps)}"
    return f"{text}: {link}; gets {amounts.show_bps(share) if share else 'nothing of it'}"
