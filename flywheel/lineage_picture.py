"""A model's lineage as an SVG picture: foundations at the left, the model at the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from flywheel import amounts
from flywheel.family import FamilyTree, Member

MARGIN, TITLE = 24, 40
LINE, PADDING = 19, 12
BOX_HEIGHT = 3 * LINE + 2 * PADDING
GAP, ROW = 130, BOX_HEIGHT + 26
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
    """Where a model's box stands."""

    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.y + BOX_HEIGHT / 2


def svg(tree: FamilyTree) -> str:
    """The picture of a model, its ancestors, the links between them and what each gets."""
    places = _places(tree)
    width = max(place.x + place.width for place in places.values()) + MARGIN
    height = max(place.y for place in places.values()) + BOX_HEIGHT + MARGIN
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
    links = [(member, link) for member in tree.members.values() for link in member.links]
    for member, link in links:
        lines.append(_curve(places[link.parent], places[member.model_id]))
    # Labels after all curves, so that none is crossed out.
    for member, link in links:
        label = "own" if link.own else amounts.show_bps(link.share_bps)
        lines.append(_label(places[link.parent], places[member.model_id], label))
    lines += [_box(tree, member, places[member.model_id]) for member in tree.members.values()]
    return "\n".join([*lines, "</svg>", ""])


def _places(tree: FamilyTree) -> dict[int, Place]:
    """A column for each distance from the model, and in it each box near its children."""
    columns: dict[int, list[Member]] = {}
    for member in tree.members.values():
        columns.setdefault(tree.distance(member.model_id), []).append(member)
    tallest = max(map(len, columns.values()))
    rows: dict[int, float] = {}
    for distance in sorted(columns):
        column = columns[distance]
        column.sort(key=lambda member: (_wanted(tree, member, rows), member.model_id))
        first = (tallest - len(column)) / 2
        for index, member in enumerate(column):
            rows[member.model_id] = first + index
    places: dict[int, Place] = {}
    x = float(MARGIN)
    for distance in sorted(columns, reverse=True):
        width = max(_width(_words(tree, member)) for member in columns[distance])
        for member in columns[distance]:
            y = MARGIN + TITLE + rows[member.model_id] * ROW
            places[member.model_id] = Place(x, y, width)
        x += width + GAP
    return places


def _wanted(tree: FamilyTree, member: Member, rows: dict[int, float]) -> float:
    """The mean row of the children that are placed already."""
    children = [rows[child] for child in tree.children(member.model_id) if child in rows]
    return sum(children) / len(children) if children else 0.0


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


def _curve(parent: Place, child: Place) -> str:
    start, end = parent.x + parent.width, child.x
    bend = (end - start) / 2
    return (
        f'<path d="M {start:.1f} {parent.middle:.1f} C {start + bend:.1f} {parent.middle:.1f}, '
        f'{end - bend:.1f} {child.middle:.1f}, {end:.1f} {child.middle:.1f}"/>'
    )


def _label(parent: Place, child: Place, words: str) -> str:
    """What the link asks, where its curve leaves the parent: there no other curve runs."""
    x, y = parent.x + parent.width + 34, parent.middle + (child.middle - parent.middle) * 0.08
    width = len(words) * CHARACTER + 6
    return (
        f'<rect class="label" x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width:.1f}" '
        f'height="18" rx="3"/><text class="faint" text-anchor="middle" x="{x:.1f}" '
        f'y="{y + 4:.1f}">{_text(words)}</text>'
    )


def _text(words: str) -> str:
    """Names come from the chain: no markup, and no control characters, which XML refuses."""
    return escape("".join(char if char.isprintable() else "?" for char in words))
