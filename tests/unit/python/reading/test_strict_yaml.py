"""flywheel.reading.strict_yaml and the schema check: what a file says is what is read of it."""

import time

import pytest

from flywheel import documents
from flywheel.errors import FlywheelError
from flywheel.reading import strict_yaml
from tests.kits import hostile


def load(text, is_card=False):
    return strict_yaml.load(text, "x.yaml", is_card=is_card)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 10", 10),
        ("a: 0", 0),
        ("a: -7", -7),
        ("a: 3_000", 3_000),
        ("a: 0.1", 0.1),
        ("a: '010'", "010"),
        ("a: 1e3", "1e3"),
        ("a: true", True),
        ("a:", None),
        ("a: &x [1]\nb: *x", [1]),
        ("a: 'x\ty'", "x\ty"),
        ("\ufeffa: 1".removeprefix("\ufeff"), 1),
    ],
)
def test_load__plain_value__is_itself(text, value):
    assert load(text)["a"] == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b: 1\na: 010", "line 2: '010' would be read as another number"),
        ("a: 0b11", "would be read as another number"),
        ("a: 1:30", "'1:30' would be read as another number"),
        ("a: 0x12", "would be read as a number: write an address in quotes"),
        (f"a: {hostile.DIGITS}", "or is too long for one"),
        ("a: 0.12345678901234567890", "would be read as another number. Write it in quotes"),
        ("a: .nan", "would be read as another number"),
        ("a: -.inf", "would be read as another number"),
        ("a: 1:30.5", "would be read as another number"),
        ("a: 2025-02-28", "line 1: '2025-02-28' would be read as a date. Write it in quotes"),
        ("a: 2025-02-30", "line 1: '2025-02-30' would be read as a date"),
        ("a: !!int seven", "line 1: 'seven' "),
        ("a: !!set {b}", "would be read as 'set'"),
        ("a: !!python/name:os.system", "would be read as"),
        ("a: =", "would be read as 'value'"),
        ("a: 1\nb: {c: 1,\n  c: 2}", "line 3: 'c' was given in line 2 already. Keep one of them"),
        ("{a: 1, 'a': 2}", "line 1: 'a' was given in line 1 already"),
        ("1: a", "line 1: '1' is no name. Write it in quotes"),
        ("yes: a", "'yes' is no name"),
        ("? [a]\n: b", "is no name"),
        ("a: &x [*x]", "it holds itself"),
        ("b:\n\ta: 1", "line 2: found character '\\t'"),
        ("a: b\n---\nc: d", "expected a single document"),
        ("a: x\bb", "line 1: it holds the control character U+0008"),
        ("b: 1\na: x\0", "line 2: it holds the control character U+0000"),
        ("a: \ufffe", "it holds U+FFFE"),
        ('b: 1\na: "\\U00110000"', "line 2: an escape stands for no character"),
        ('a: "\\ud800"', "line 1: an escape stands for no character"),
        ("[" * 5_000, "nested too deeply"),
        ("#" * 1_000_001, "Write at most 1,000,000"),
        ("[" + "1," * 100_001 + "]", "more than 100,000 parts"),
    ],
)
def test_load__value_that_is_not_what_it_looks_like__is_refused_with_its_line(text, said):
    with pytest.raises(FlywheelError) as caught:
        load(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("x.yaml")
    assert len(str(caught.value)) < 400


def test_load__names_that_stand_for_names__do_not_explode():
    before = time.process_time()
    with pytest.raises(FlywheelError, match="more than 100,000 parts"):
        load(hostile.BOMB.decode())
    assert time.process_time() - before < 5


@pytest.mark.parametrize("text", ["a: 010", "a: 2025-02-28", "a: 1:30", "a: {0: cat}"])
def test_load__head_of_a_card__may_hold_what_others_read(text):
    assert set(load(text, is_card=True)) == {"a"}


def test_load__head_of_a_card__still_refuses_repeats_and_impossible_dates():
    for text, said in (
        ("a: 1\na: 2", "'a' was given in line 1"),
        ("a: 2025-02-30", "'2025-02-30' looks like a date, and is none"),
        ("a: !!int seven", "looks like a value of the kind 'int'"),
    ):
        with pytest.raises(FlywheelError) as caught:
            load(text, is_card=True)
        assert said in str(caught.value)


def test_documents_load__text_of_the_chain__is_measured_in_bytes(tmp_path):
    path = tmp_path / "model.yaml"
    text = "name: {}\nkind: foundation\ncard: README.md\n"
    path.write_text(text.format("型" * 21), encoding="utf-8")
    assert documents.load(path, "model")["name"] == "型" * 21
    path.write_text(text.format("型" * 22), encoding="utf-8")
    with pytest.raises(FlywheelError, match=r"line 1: name: '型+' has 66 bytes, at most 64"):
        documents.load(path, "model")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_documents_load__marked_encoding__is_read_and_faults_have_lines(tmp_path, encoding):
    path = tmp_path / "model.yaml"
    text = "name: Modèle\nkind: foundation\ncard: README.md\n"
    path.write_bytes(text.encode(encoding))
    assert documents.load(path, "model")["name"] == "Modèle"
    assert "line 2: kind" in str(documents.misfit(path, ["kind"], "no"))


def test_documents_load__fault_in_a_large_value__is_told_in_short(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_text(f"name: river\nkind: foundation\ncard: README.md\ngrant: {'x' * 100_000}\n")
    with pytest.raises(FlywheelError, match="line 4: grant: 'xxx") as caught:
        documents.load(path, "model")
    assert len(str(caught.value)) < 600
