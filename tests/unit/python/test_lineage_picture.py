"""The picture and the printed tree of a lineage: complete, legible, and safe to open."""

import re
from xml.etree import ElementTree

import pytest

from flywheel.models import family, lineage_picture
from flywheel.models.family import FamilyTree, Member
from flywheel.models.lineage import Link
from flywheel.models.lineage_picture import BOX_HEIGHT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def goliath():
    """A quantised merge of two fine-tunes of one foundation; one of them is its maker's own."""
    members = {
        1: Member(1, "meta-llama/Llama-2-70b-hf", "foundation"),
        2: Member(2, "Xwin-LM/Xwin-LM-70B-V0.1", "fine_tune", (Link(1, 1_000),)),
        3: Member(3, "Sao10K/Euryale-1.3-L2-70B", "merge", (Link(1, 800),)),
        4: Member(4, "alpindale/goliath-120b", "merge", (Link(2, 800), Link(3, 64, own=True))),
        5: Member(5, "TheBloke/goliath-120b-GGUF", "quantization", (Link(4, 2_000),)),
    }
    return FamilyTree(5, members, {1: 28, 2: 144, 4: 1_828})


def boxes(text, kinds=frozenset({"box", "foundation", "root"})):
    root = ElementTree.fromstring(text)
    found = [item for item in root.iter(f"{SVG}rect") if item.get("class") in kinds]
    return root, [
        tuple(float(item.get(key)) for key in ("x", "y", "width", "height")) for item in found
    ]


def test_svg__a_lineage__names_every_model_link_and_share(goliath):
    root, found = boxes(lineage_picture.svg(goliath))
    words = [item.text for item in root.iter(f"{SVG}text")]
    assert len(found) == 5
    for member in goliath.members.values():
        assert member.name.split("/")[1] in words
    assert words.count("10 %") == words.count("own") == words.count("20 %") == 1
    assert words.count("8 %") == 2
    assert {"gets 0.28 %", "gets 1.44 %", "gets 18.28 %", "gets nothing of it"} <= set(words)
    assert "3 ancestors share 20 %" in words
    title = "TheBloke/goliath-120b-GGUF owes its ancestors 20 % of what is paid for it"
    assert words[0] == title == root.find(f"{SVG}title").text
    assert len(list(root.iter(f"{SVG}path"))) == 5


def test_svg__boxes_and_labels__lie_inside_and_do_not_overlap(goliath):
    text = lineage_picture.svg(goliath)
    root, found = boxes(text)
    assert {h for *_, h in found} == {BOX_HEIGHT}
    longest = max(found, key=lambda box: box[2])[2]
    assert longest >= 7 * max(len(m.name.split("/")[1]) for m in goliath.members.values())
    labels = boxes(text, {"label"})[1]
    assert len(labels) == 5
    found += labels
    width, height = float(root.get("width")), float(root.get("height"))
    for x, y, w, h in found:
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for index, (x, y, w, h) in enumerate(found):
        for other_x, other_y, other_w, other_h in found[index + 1 :]:
            apart_x = x + w <= other_x or other_x + other_w <= x
            assert apart_x or y + h <= other_y or other_y + other_h <= y


def test_svg__a_link_past_a_column__goes_around_its_boxes(goliath):
    """A model made from the merge and from the foundation: that link passes two columns."""
    links = (Link(4, 1_000), Link(1, 1_000))
    members = {**goliath.members, 5: Member(5, "x/both", "merge", links)}
    root, found = boxes(lineage_picture.svg(FamilyTree(5, members, {1: 1_000, 4: 1_000})))
    passes = [
        (float(x), float(y), float(end))
        for path in root.iter(f"{SVG}path")
        for x, y, end in re.findall(r"([\d.]+) ([\d.]+) H ([\d.]+)", path.get("d"))
    ]
    assert len(passes) == 2
    for x, y, end in passes:
        beside = [box for box in found if box[0] < end and x < box[0] + box[2]]
        assert beside
        assert not any(box[1] <= y <= box[1] + box[3] for box in beside)


def test_svg__a_parent__stands_left_of_its_children(goliath):
    text = lineage_picture.svg(goliath)
    root = ElementTree.fromstring(text)
    left = {}
    for item in root.iter(f"{SVG}text"):
        numbered = re.search(r"model (\d+),", item.text or "")
        if numbered:
            left[int(numbered[1])] = float(item.get("x"))
    assert left.keys() == goliath.members.keys()
    for member in goliath.members.values():
        assert all(left[link.parent] < left[member.model_id] for link in member.links)


def test_svg__a_name_of_markup_and_control_characters__is_only_text():
    name = 'x/<script>alert("&")</script>\x1b[2J\u202e'
    tree = FamilyTree(1, {1: Member(1, name, "foundation")}, {})
    text = lineage_picture.svg(tree)
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert any('alert("&")' in (item.text or "") for item in root.iter(f"{SVG}text"))


def test_branch__a_lineage__puts_parents_below_their_children(goliath):
    text, below = goliath.branch()
    assert text == "TheBloke/goliath-120b-GGUF (model 5, quantization)"
    ((merge, parents),) = below
    assert merge == "alpindale/goliath-120b (model 4, merge): link of 20 %; gets 18.28 %"
    assert [item[0].split(": ")[1] for item in parents] == [
        "link of 8 %; gets 1.44 %",
        "own model; gets nothing of it",
    ]
    assert parents[0][1] == [(family.words(goliath.members[1], Link(1, 1_000), 28), [])]


def test_as_data__a_lineage__nests_links_and_shares_in_bps(goliath):
    data = goliath.as_data()
    assert (data["model"], data["owed_bps"]) == (5, 2_000)
    (merge,) = data["parents"]
    assert (merge["link_bps"], merge["share_bps"], merge["own"]) == (2_000, 1_828, False)
    assert [item["own"] for item in merge["parents"]] == [False, True]
    assert merge["parents"][1]["share_bps"] == 0


def layered(layers, width=4):
    """A family in which every model merges all models of the layer before."""
    members, before = {}, ()
    for _ in range(layers):
        links = tuple(Link(parent, 0, own=True) for parent in before)
        first = len(members) + 1
        before = tuple(range(first, first + width))
        members |= {number: Member(number, f"m{number}", "merge", links) for number in before}
    root = len(members) + 1
    links = tuple(Link(parent, 0, own=True) for parent in before)
    return FamilyTree(root, members | {root: Member(root, "root", "merge", links)}, {})


def size(place):
    return 1 + sum(map(size, place["parents"]))


@pytest.mark.parametrize("layers", [2, 9, 60])
def test_as_data__a_family_of_merges__grows_with_its_links(layers):
    tree = layered(layers)
    links = sum(len(member.links) for member in tree.members.values())
    assert size(tree.as_data()) <= 1 + links
    assert len(tree.distances) == 1 + 4 * layers
    assert len(tree.branch()[1]) == 4


def test_as_data__a_model_met_again__says_where_its_parents_are(goliath):
    tree = layered(3)
    first, second = tree.as_data()["parents"][0]["parents"][:2]
    assert "shortened" not in first
    assert len(first["parents"]) == 4
    grandparent = second["parents"][0]
    assert "shortened" not in grandparent, "it has no parents that could be missing"
    assert layered(3).as_data()["parents"][1]["parents"][0]["shortened"] == "listed before"


def test_as_data__a_chain_without_end__is_cut():
    members = {1: Member(1, "m1", "version")}
    for number in range(2, 3_000):
        members[number] = Member(number, "v", "version", (Link(number - 1, 0, own=True),))
    tree = FamilyTree(2_999, members, {})
    assert size(tree.as_data()) == family.MAX_DEPTH + 1
    assert tree.distance(1) == 2_998
    assert tree.branch()[1]
