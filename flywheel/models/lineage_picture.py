"""A model's lineage as an SVG picture: foundations at the left, the model at the right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from xml.sax.saxutils import escape

from flywheel import amounts
from flywheel.models.family import FamilyTree, Member
from flywheel.models.lineage import Link

MARGIN, TITLE = 24, 40
LINE, PADDING = 19, 12
BOX_HEIGHT = 3 * LINE + 2 * PADDING
GAP, ROW, PASSING = 130, BOX_HEIGHT + 26, 30
# Of the fonts below, a little above what the widest ones take.
CHARACTER = 7.9
FONT = "font-family: 'DejaVu Sans', Verdana, Arial, sans-serif"
STYLE = (
    f"text {{ {FONT}; font-size: 13px; fill: #1b1f24 }} "
    ".title { font-size: 17px; font-weight: bold } .name { font-weight: bold } "
    ".faint { fill: #57606a; font-size: 12px } .share { fill: #0b5d3b; font-size: 12px } "
    "rect.box { fill: #f6f8fa; stroke: #8c959f } "
    "rect.foundation { fill: #fff8e6; stroke: #b08800 } "
    "rect.root { fill: #e8f5ee; stroke: #1a7f4b; stroke-width: 2 } "
    "path { fill: none; stroke: #8c959f; stroke-width: 1.5 } rect.label { fill: #ffffff }"
)


@dataclass(frozen=True)
class Place:
    """Where a model's box stands, or where a link passes a column: then without a height."""

    x: float
    y: float
    width: float
    height: float = BOX_HEIGHT

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


# A model by its id, or a link (child, parent) on its way past a column (distance from the model).
Stop = int | tuple[int, int, int]


def svg(tree: FamilyTree) -> str:
    """The picture of a model, its ancestors, the links between them and what each gets."""
    places = _places(tree)
    width = max(place.x + place.width for place in places.values()) + MARGIN
    height = max(place.y + place.height for place in places.values()) + MARGIN
    root = tree.members[tree.root]
    title = f"{root.name} owes its ancestors {amounts.show_bps(tree.owed)} of what is paid for it"
    width = max(width, len(title) * 10 + 2 * MARGIN)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{_text(title)}</title>",
        f"<style>{STYLE}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text class="title" x="{MARGIN}" y="{MARGIN + 12}">{_text(title)}</text>',
    ]
    labels = []
    for member in tree.members.values():
        for link, end_y in zip(_from_above(member, places), _ports(member, places), strict=True):
            stops = [places[stop] for stop in _way(tree, member.model_id, link.parent)]
            lines.append(_curve(stops, end_y))
            words = "own" if link.own else amounts.show_bps(link.share_bps)
            labels.append(_label(stops[-1], end_y, words))
    lines += [_box(tree, member, places[member.model_id]) for member in tree.members.values()]
    return "\n".join([*lines, *labels, "</svg>", ""])


def _way(tree: FamilyTree, child: int, parent: int) -> list[Stop]:
    """From a parent to its child, through every column between."""
    far, near = tree.distance(parent), tree.distance(child)
    return [parent, *((child, parent, column) for column in range(far - 1, near, -1)), child]


def _places(tree: FamilyTree) -> dict[Stop, Place]:
    """A column for each distance from the model, and in it everything near what it leads to."""
    columns: dict[int, dict[Stop, list[Stop]]] = {}
    for member in tree.members.values():
        columns.setdefault(tree.distance(member.model_id), {})[member.model_id] = []
    for member in tree.members.values():
        for link in member.links:
            way = _way(tree, member.model_id, link.parent)
            for stop, after in pairwise(way):
                distance = stop[2] if isinstance(stop, tuple) else tree.distance(stop)
                columns[distance].setdefault(stop, []).append(after)
    places: dict[Stop, Place] = {}
    right = 0.0
    for distance in sorted(columns):
        column = columns[distance]
        boxes = [tree.members[stop] for stop in column if isinstance(stop, int)]
        width = max(_width(_words(tree, member)) for member in boxes)
        right -= width
        y = -sum(map(_room, column)) / 2
        wanted = {stop: _wanted(after, places) for stop, after in column.items()}
        for stop in sorted(column, key=wanted.__getitem__):
            height = BOX_HEIGHT if isinstance(stop, int) else 0
            places[stop] = Place(right, y + (_room(stop) - height) / 2, width, height)
            y += _room(stop)
        right -= GAP
    left = min(place.x for place in places.values())
    top = min(place.y for place in places.values())
    return {
        stop: replace(place, x=place.x - left + MARGIN, y=place.y - top + MARGIN + TITLE)
        for stop, place in places.items()
    }


def _room(stop: Stop) -> int:
    return ROW if isinstance(stop, int) else PASSING


def _wanted(after: list[Stop], places: dict[Stop, Place]) -> float:
    """The mean height of what a stop leads to, which is placed already."""
    return sum(places[stop].middle for stop in after) / len(after) if after else 0.0


def _from_above(member: Member, places: dict[Stop, Place]) -> list[Link]:
    return sorted(member.links, key=lambda link: places[link.parent].middle)


def _ports(member: Member, places: dict[Stop, Place]) -> list[float]:
    """Where the links of a model end, spread over the side of its box."""
    place, count = places[member.model_id], len(member.links)
    return [place.y + place.height * (index + 1) / (count + 1) for index in range(count)]


def _words(tree: FamilyTree, member: Member) -> tuple[str, str, str]:
    publisher, _, name = member.name.rpartition("/")
    above = f"{publisher} · " if publisher else ""
    first = f"{above}model {member.model_id}, {member.kind}"
    if member.model_id == tree.root:
        return first, name, f"{len(tree.table)} ancestors share {amounts.show_bps(tree.owed)}"
    share = tree.table.get(member.model_id)
    return first, name, f"gets {amounts.show_bps(share)}" if share else "gets nothing of it"


def _width(words: Sequence[str]) -> float:
    return max(len(text) for text in words) * CHARACTER + 2 * PADDING


def _box(tree: FamilyTree, member: Member, place: Place) -> str:
    kind = "root" if member.model_id == tree.root else "box"
    if kind == "box" and not member.links:
        kind = "foundation"
    lines = [
        f'<rect class="{kind}" x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" '
        f'height="{BOX_HEIGHT}" rx="6"/>'
    ]
    for index, (style, words) in enumerate(
        zip(("faint", "name", "share"), _words(tree, member), strict=True)
    ):
        y = place.y + PADDING + LINE * (index + 0.72)
        lines.append(
            f'<text class="{style}" x="{place.x + PADDING:.1f}" y="{y:.1f}">{_text(words)}</text>'
        )
    return "\n".join(lines)


def _curve(stops: Sequence[Place], end_y: float) -> str:
    """From the parent's right side through the columns between to the child's left side."""
    first = stops[0]
    path = f"M {first.x + first.width:.1f} {first.middle:.1f}"
    before = first
    for index, place in enumerate(stops[1:], start=1):
        is_last = index == len(stops) - 1
        y = end_y if is_last else place.middle
        start, bend = before.x + before.width, (place.x - before.x - before.width) / 2
        path += (
            f" C {start + bend:.1f} {before.middle:.1f}, {place.x - bend:.1f} {y:.1f}, "
            f"{place.x:.1f} {y:.1f}"
        )
        if not is_last:
            path += f" H {place.x + place.width:.1f}"
        before = place
    return f'<path d="{path}"/>'


def _label(child: Place, y: float, words: str) -> str:
    """What the link asks, at the end where no other link is."""
    width = len(words) * CHARACTER + 4
    x = child.x - width / 2 - 4
    return (
        f'<rect class="label" x="{x - width / 2:.1f}" y="{y - 8:.1f}" width="{width:.1f}" '
        f'height="16" rx="3"/><text class="faint" text-anchor="middle" x="{x:.1f}" '
        f'y="{y + 4:.1f}">{_text(words)}</text>'
    )


def _text(words: str) -> str:
    """Names come from the chain: no markup, and no control characters, which XML refuses."""
    return escape("".join(char if char.isprintable() else "?" for char in words))
