"""Cards and weights as people leave them: what is read, what is refused, and that the Hub's own
library reads the same."""

import json
import logging

import pytest
from huggingface_hub import ModelCard

from flywheel.errors import FlywheelError
from flywheel.models import cards, registering, weights
from flywheel.models.cards import ParentName
from flywheel.models.front_matter import heading_of
from flywheel.models.kinds import ModelKind
from tests.kits.hostile import CARD, card

BASE = (ParentName("lab/base-7b"),)


@pytest.fixture
def read(tmp_path):
    def of(content, *arguments):
        path = tmp_path / "README.md"
        path.write_bytes(content)
        return cards.read(path, *arguments)

    return of


def refusal(read, content, *arguments):
    with pytest.raises(FlywheelError) as caught:
        read(content, *arguments)
    said = str(caught.value)
    assert "README.md" in said
    assert "\n" not in said, "one fault is one line"
    return said


# --- where the head is ---


@pytest.mark.parametrize(
    "content",
    [
        CARD,
        b"\n" + CARD,
        b"\n \n\t\n" + CARD,
        b"\xef\xbb\xbf" + CARD,
        b"\xef\xbb\xbf\n" + CARD,
        CARD.decode().encode("utf-16"),
        CARD.replace(b"\n", b"\r\n"),
        CARD.replace(b"lab/river\n", b"lab/river\nextra: |\n  Agree:\n  ---\n  Yes.\n"),
        CARD.replace(b"lab/base-7b", b"&b lab/base-7b\nnot_read: *b"),
    ],
)
def test_read__head_in_any_guise__keeps_its_parents(read, content):
    found = read(content)
    assert (found.name, found.parents, found.licence) == ("lab/river", BASE, "mit")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"--- \n" + CARD[4:], "line 1: the front matter opens with '--- '"),
        (b"\n--- # card\n" + CARD[4:], "line 2: the front matter opens with '--- # card'"),
        (CARD.replace(b"\n---\n", b"\n ---\n"), "line 1: the front matter has no end"),
        (b"\n\n---\nbase_model: a/b\n", "line 3: the front matter has no end"),
        ("\ufeff\ufeff".encode() + CARD, "line 1: the front matter has no end"),
        ("\u200b".encode() + CARD, "line 1: the front matter has no end"),
        (card("base_model: a/b\nbase_model: []\n"), "line 3: 'base_model' was given in line 2"),
        (b"\n\n" + card("a: 1\n\na: 2\n"), "line 6: 'a' was given in line 4 already"),
        (card("a: 1\n7: x\n"), "line 3: '7' is no name. Write it in quotes"),
        (card("a: 1\nb: a\bc\n"), "line 3: it holds the control character U+0008"),
        (card("date: 2025-02-30\n"), "line 2: '2025-02-30' looks like a date, and is none"),
        (CARD + "Modèle".encode("latin-1"), "line 7: the byte 0xe8 is not UTF-8"),
        (CARD.decode().encode("utf-16-le"), "is in UTF-16 without a mark"),
    ],
)
def test_read__head_that_would_be_passed_over__is_refused(read, content, said):
    assert said in refusal(read, content)


def test_read__ruler_or_empty_head__is_a_card_without_parents(read):
    for content in (b"-----\n# River\n", b"---\n---\n# River\n", b"# River\n---\nbase_model: a\n"):
        found = read(content)
        assert (found.name, found.parents) == ("River", ())


@pytest.mark.parametrize(
    "front",
    [
        "base_model: lab/base\n",
        "base_model:\n- lab/base\n- lab/other\n",
        "extra: |\n  ---\nbase_model: lab/base\n",
        "base_model: 'lab/base'\ntags: [gguf]\n",
        "base_model: &a lab/base\nx: *a\n",
        "x: {base_model: lab/other}\n",
        "a: b\n\n\n",
        "'base_model': lab/base\n",
        "<<: {base_model: lab/base}\n",
    ],
)
@pytest.mark.parametrize("before", ["", "\n", "  \n\n"])
def test_read__any_head__names_the_parents_that_huggingface_hub_reads(read, front, before):
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    text = before + card(front).decode()
    theirs = ModelCard(text).data.get("base_model") or []
    theirs = [theirs] if isinstance(theirs, str) else theirs
    assert [item.model for item in read(text.encode()).parents] == theirs


# --- what it says ---


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("base_model: {a: b}\n", "line 2: base_model is no name and no list of names"),
        ("base_model: [a/b, 7]\n", "line 2: base_model is no name"),
        ("a: 1\nbase_model: [[a/b]]\n", "line 3: base_model is no name"),
        ("base_model: true\n", "line 2: base_model is no name"),
        ('base_model: "lab/\\u202ebase"\n', "line 2: base_model holds a character that cannot be"),
        ("base_model: a/b\nbase_model_relation: [merge]\n", "line 3: base_model_relation is no t"),
        ("base_model: a/b\nbase_model_relation: copy\n", "line 3: base_model_relation 'copy' is"),
        ("base_model: a/b\ntags: 7\n", "line 3: tags is no name and no list of names"),
        ("base_model: a/b\ntags: [{a: b}]\n", "line 3: tags is no name"),
        ("base_model: a/b\nlibrary_name: [peft]\n", "line 3: library_name is no text"),
        ("base_model: a/b\nquantized_by: 7\n", "line 3: quantized_by is no text"),
        ("license: [mit, 7]\n", "line 2: license is no name"),
        ("license: no\n", "line 2: license is no name"),
        ("license_name: 7\n", "line 2: license_name is no text"),
        ("datasets: {a: b}\n", "line 2: datasets is no name"),
        ("model_name: 007\n", "line 2: model_name is no text: 7"),
        ("model_name: [river]\n", "line 2: model_name is no text"),
        ('model_name: "ri\\u200bver"\n', "line 2: model_name holds a character that cannot be"),
        ("model_name: " + "型" * 22 + "\n", "has 66 bytes in UTF-8. Give --name of at most 64."),
    ],
)
def test_read__value_of_an_odd_type__is_one_line_with_its_line(read, front, said):
    assert said in refusal(read, card(front))


def test_read__name_in_bytes__is_measured_wherever_it_comes_from(read, tmp_path):
    assert read(card("model_name: " + "型" * 21 + "\n")).name == "型" * 21
    assert "has 66 bytes" in refusal(read, CARD, "型" * 22)
    assert "has 66 bytes" in refusal(read, b"# " + "型".encode() * 22)
    path = tmp_path / "model.yaml"
    path.write_text("name: river\nkind: foundation\ncard: README.md\n")
    (tmp_path / "README.md").write_bytes(CARD)
    assert cards.read(path).name == "river"
    with pytest.raises(FlywheelError, match="cannot be seen, U\\+202E"):
        cards.read(path, "ri\u202ever")


@pytest.mark.parametrize("relation", ["distill", "copy", "[merge]", "7"])
def test_read__kind_that_is_given__stands_above_any_relation(read, relation):
    content = card(f"base_model: lab/base-7b\nbase_model_relation: {relation}\n")
    found = read(content, None, ModelKind.PRUNING)
    assert (found.kind, found.parents, found.remarks) == (ModelKind.PRUNING, BASE, ())


def test_read__card_of_a_distillation__is_one(read):
    found = read(card("base_model: lab/base-7b\nbase_model_relation: distill\n"))
    assert (found.kind, found.parents) == (ModelKind.DISTILLATION, BASE)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ("gguf", ModelKind.QUANTIZATION),
        ("lora", ModelKind.ADAPTER),
        # Its letters are no tags.
        ("text", ModelKind.FINE_TUNE),
    ],
)
def test_read__tags_as_one_text__are_one_tag(read, tags, kind):
    assert read(card(f"base_model: lab/base-7b\ntags: {tags}\n")).kind == kind


def test_read__one_base_by_name_and_page__is_one_parent(read):
    page = "https://huggingface.co/lab/base-7b/"
    found = read(card(f"base_model: [lab/base-7b, {page}]\n"))
    assert (found.kind, found.parents) == (ModelKind.FINE_TUNE, BASE)


def test_read__name_in_the_index_of_results__is_that_of_the_model(read):
    front = "model-index:\n- name: lab/river\n  results: []\n"
    assert read(card(front, "# outputs\n")).name == "lab/river"
    assert read(card(front + "- name: lab/sea\n", "# River\n")).name == "River"
    assert read(card("model-index: 7\n", "# River\n")).name == "River"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# River\n", "River"),
        ("# River 7B #\n", "River 7B"),
        ("# **River** `7B`\n", "River 7B"),
        ("River\n=====\n", "River"),
        ("## Details\n# River\n", "River"),
        ("```bash\n# install\n```\n# River\n", "River"),
        ("~~~\n```\n# install\n~~~\n# River\n", "River"),
        ("<!--\n# hidden\n-->\n\n# River\n", "River"),
        ("    # code\n\n# River\n", "River"),
        ("> # quoted\n\n# River\n", "River"),
        ("#\n# River\n", "River"),
        ("#River\n", ""),
        ("# Model Card for Model ID\n\n# Uses\n", ""),
        ("# model card\n", ""),
        ("# Model Card for {{ model_id }}\n", ""),
        ("# Model Card for River\n", "Model Card for River"),
    ],
)
def test_heading_of__markdown__is_the_first_that_somebody_wrote(text, name):
    assert heading_of(text) == name


def test_prepare__address_of_the_card__is_measured_in_bytes():
    described = cards.Description(
        "river", ModelKind.FOUNDATION, b"", card_uri="ipfs://" + "型" * 41
    )
    with pytest.raises(FlywheelError, match=r"card's address .* has 130 bytes in UTF-8"):
        registering.prepare(None, "", described, (), {}, hashed=bytes)


# --- weights ---

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5000000000\n".format(
    "a" * 64
)


@pytest.fixture
def folder(tmp_path):
    """A model in two parts with their index."""
    names = ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"]
    for name in names:
        (tmp_path / name).write_bytes(b"weights")
    index = {"metadata": {}, "weight_map": {"a": names[0], "b": names[1]}}
    (tmp_path / "m.safetensors.index.json").write_text(json.dumps(index))
    return tmp_path


def refused(*paths):
    with pytest.raises(FlywheelError) as caught:
        weights.weight_files(paths)
    return str(caught.value)


def test_weight_files__complete_model__is_taken(folder):
    assert len(weights.weight_files([folder])) == 2
    assert len(weights.weight_files(sorted(folder.glob("*.safetensors")))) == 2


def test_weight_files__pointer_of_git_lfs__is_refused_by_name(folder):
    pointer = folder / "m-00002-of-00002.safetensors"
    pointer.write_text(POINTER)
    assert f"{pointer} is a pointer of Git LFS, not the weights. Fetch them: git lfs pull" in (
        refused(folder)
    )
    assert "is a pointer" in refused(pointer)


def test_weight_files__missing_part__is_refused_by_name(folder):
    # Its name tells it without an index, too.
    (folder / "m.safetensors.index.json").unlink()
    part = folder / "m-00002-of-00002.safetensors"
    part.unlink()
    assert "m-00002-of-00002.safetensors is missing" in refused(folder)
    assert "m-00002-of-00002.safetensors is missing" in refused(
        folder / "m-00001-of-00002.safetensors"
    )


def test_weight_files__missing_file_of_an_index__is_refused_by_name(folder):
    for name, new in (("m-00001-of-00002", "one"), ("m-00002-of-00002", "two")):
        (folder / f"{name}.safetensors").rename(folder / f"{new}.safetensors")
    index = folder / "m.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "one.safetensors", "b": "three.safetensors"}}))
    said = "three.safetensors is missing, which m.safetensors.index.json names"
    assert said in refused(folder)
    assert said in refused(folder / "one.safetensors")
    # Of other weights in the folder the index says nothing.
    assert len(weights.weight_files([folder / "two.safetensors"])) == 1
    for text in ("[]", "{}", '{"weight_map": {"a": 7}}'):
        index.write_text(text)
        assert "does not say where which weights are" in refused(folder)
    index.write_text("{")
    assert "this is not JSON" in refused(folder)


def test_weight_files__index_of_a_format_that_was_not_fetched__does_not_matter(folder):
    index = folder / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}))
    assert len(weights.weight_files([folder])) == 2
    (folder / "other.bin").write_bytes(b"weights")
    assert "pytorch_model-00001-of-00002.bin is missing" in refused(folder)


def test_weight_files__what_only_has_a_name__is_refused_by_it(folder):
    link = folder / "n.safetensors"
    link.symlink_to("../blobs/abc")
    assert f"{link} is a link to ../blobs/abc, which is not there" in refused(folder)
    assert "is a link to" in refused(link)
    link.unlink()
    link.write_bytes(b"")
    assert f"{link} is empty" in refused(folder)
    link.unlink()
    link.mkdir()
    assert f"{link} is a folder with the name of a file" in refused(folder)
    link.rmdir()
    (folder / "a\nb.safetensors").write_bytes(b"weights")
    assert "The name 'a?b.safetensors' holds what cannot be printed" in refused(folder)


def test_digest_of__file_that_went_away__is_refused(folder):
    with pytest.raises(FlywheelError, match=r"Cannot read .*absent: No such file"):
        weights.digest_of([folder / "absent"])
