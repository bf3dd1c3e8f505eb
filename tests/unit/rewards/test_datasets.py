"""Metadata of datasets: written, read back, and judged by the library of their standard."""

import json
import socket
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import krippendorff
import mlcroissant
import pandas as pd
import pytest

from flywheel.errors import FlywheelError
from flywheel.rewards import datasets
from flywheel.rewards.datasets import DataFile, Dataset, Facts, RecordSet
from flywheel.rewards.leaves import keccak
from tests.support import ROOT

# What rdflib says of itself; the library of the standard will have to follow.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

DATA = ROOT / "data/adult-content-labels"
SMALL = Dataset(
    name="Birds",
    description="Which bird is heard.\n\nOne label for each recording, ünicode & all.",
    licence="CC-BY-4.0",
    creator="Ann",
    creator_type="Person",
    url="https://birds.example/set",
    version="1.2.0",
    published=date(2027, 1, 31),
    files=(DataFile("labels.csv", "labels.csv", 12, "ab" * 32),),
    record_sets=(RecordSet("labels", "labels.csv", ("worker", "task", "label", "time")),),
    facts=Facts(2, 5, 3),
)
TYPED = RecordSet("labels", "labels.csv", ("task", "seconds"), ("sc:Text", "sc:Integer"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails the test."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a test of metadata asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def written(folder: Path, dataset: Dataset = SMALL, **changes: Any) -> Path:
    path = folder / "croissant.json"
    path.write_text(datasets.describe(replace(dataset, **changes)), encoding="utf-8")
    return path


def altered(folder: Path, *place: Any, to: Any) -> Path:
    """Metadata in which the value at `place` is another one; None takes it out."""
    document = json.loads(datasets.describe(SMALL))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    if to is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = to
    path = folder / "croissant.json"
    path.write_text(json.dumps(document))
    return path


def fault_of(path: Path, check: Any = datasets.read) -> str:
    with pytest.raises(FlywheelError) as caught:
        check(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) <= 1_000
    return message.removeprefix(str(path))


# --- the real job ---


@pytest.fixture(scope="module")
def real_job() -> Dataset:
    labels = pd.read_csv(DATA / "labels.csv")
    first = labels.drop_duplicates(["worker", "task"])
    counts = first.pivot_table(index="task", columns="label", aggfunc="size", fill_value=0)
    alpha = krippendorff.alpha(value_counts=counts.to_numpy(), level_of_measurement="nominal")
    return Dataset(
        name="Audience of web sites",
        description="Labels of paid crowd workers on web sites, and answers of experts.",
        licence="Apache-2.0",
        creator="Panagiotis G. Ipeirotis and contributors",
        url="https://github.com/ipeirotis/Get-Another-Label",
        version="1.0.0",
        published=date(2026, 11, 30),
        files=tuple(datasets.file_of(DATA / name) for name in ("labels.csv", "gold.csv")),
        record_sets=(
            RecordSet("labels", "labels.csv", ("worker", "task", "label")),
            RecordSet("gold", "gold.csv", ("task", "label")),
        ),
        facts=Facts(
            contributors=labels["worker"].nunique(),
            judgements=len(first),
            tasks=labels["task"].nunique(),
            alpha=f"{alpha:.3f}",
            models=("acme/site-filter-7b", "2"),
        ),
    )


def test_check__real_job__is_accepted_by_the_library_without_a_warning(tmp_path, real_job, caplog):
    path = written(tmp_path, real_job)
    assert datasets.read(path) == real_job
    assert datasets.check(path)
    assert mlcroissant.Dataset(jsonld=path).metadata.ctx.issues.warnings == set()
    assert not caplog.records


def test_check__real_job__the_library_reads_its_figures(tmp_path, real_job):
    metadata = mlcroissant.Dataset(jsonld=written(tmp_path, real_job)).metadata
    assert metadata.license == ["https://spdx.org/licenses/Apache-2.0.html"]
    assert [file.sha256 for file in metadata.distribution] == [f.sha256 for f in real_job.files]
    assert metadata.extra_properties == {
        "urn:flywheel:contributors": 825,
        "urn:flywheel:judgements": 89_799,
        "urn:flywheel:tasks": 11_040,
        "urn:flywheel:krippendorffAlpha": real_job.facts.alpha,
        "urn:flywheel:trainedModels": ["acme/site-filter-7b", "2"],
    }
    assert 0.3 < float(real_job.facts.alpha) < 0.5


def test_check__real_job__the_library_reads_its_rows_from_the_files_beside(tmp_path, real_job):
    path = written(tmp_path, real_job)
    for file in real_job.files:
        (tmp_path / file.name).write_bytes((DATA / file.name).read_bytes())
    rows = list(mlcroissant.Dataset(jsonld=path).records("gold"))
    assert len(rows) == 333
    assert rows[0] == {"gold/task": b"t00041", "gold/label": b"G"}


# --- writing and reading ---


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"licence": "https://birds.example/licence"},
        {"creator_type": "Organization", "creator": "ラベル協会"},
        {"record_sets": (TYPED,)},
        {
            "record_sets": (
                RecordSet("field", "labels.csv", ("data", "source", "sc", "cr", "_a", "0")),
            )
        },
        {"files": (DataFile("labels.csv", "ipfs://bafy/labels.csv", 0, "0" * 64),)},
        {"facts": Facts(0, 0, 0, "-0.5", ("one",))},
        {"facts": Facts(1, 2**53 - 1, 1, "1.000", ("b", "a"))},
    ],
)
def test_read__what_describe_wrote__is_the_same_and_accepted(tmp_path, changes):
    path = written(tmp_path, **changes)
    assert datasets.read(path) == replace(SMALL, **changes)
    assert datasets.check(path)
    assert path.read_bytes().isascii()


def test_read__other_order_and_spaces__do_not_count(tmp_path):
    document = json.loads(datasets.describe(SMALL))
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(dict(reversed(document.items()))))
    assert datasets.read(path) == SMALL


def test_content_hash__file__is_keccak_of_its_bytes(tmp_path):
    path = written(tmp_path)
    assert datasets.content_hash(path.read_bytes()) == keccak(path.read_bytes())
    assert datasets.content_hash(b"").hex().startswith("c5d24601")


def test_file_of__file__has_its_size_and_hash(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    assert datasets.file_of(path, "https://a.example/a.csv") == DataFile(
        "a.csv",
        "https://a.example/a.csv",
        3,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    )


def test_check__library_not_installed__reads_strictly_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlcroissant", None)
    assert datasets.check(written(tmp_path)) is False
    assert "version" in fault_of(altered(tmp_path, "version", to="1"), datasets.check)


def test_check__library_finds_a_fault__its_first_line_is_shown(tmp_path, monkeypatch):
    report = "Found the following 2 error(s) during the validation:\n  -  [a] first\n  -  [b] next"

    def fail(**_: Any) -> None:
        raise mlcroissant.ValidationError(report)

    monkeypatch.setattr(mlcroissant, "Dataset", fail)
    fault = fault_of(written(tmp_path), datasets.check)
    assert fault == ": mlcroissant says: [a] first. Describe the dataset again."


# --- what is refused ---


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "name '' is empty"),
        ({"name": "two\nlines"}, "name 'two?lines' is no line"),
        ({"name": "a" * 256}, "is no line"),
        ({"name": " Birds"}, "begins or ends in space"),
        ({"name": "Bi\u202erds"}, "U+202E"),
        ({"description": "a\0b"}, "U+0000"),
        ({"description": "a\x1b[2Jb"}, "U+001B"),
        ({"description": "a" * 20_001}, "is no text"),
        ({"licence": ""}, "licence '' is none"),
        ({"licence": "CC BY"}, "Write an SPDX identifier"),
        ({"licence": "https://spdx.org/licenses/MIT.html"}, "Write its identifier"),
        ({"creator": "\ud800"}, "U+D800"),
        ({"creator_type": "Robot"}, "Write Organization, Person"),
        ({"url": "javascript:alert(1)"}, "url 'javascript:alert(1)' is none"),
        ({"url": "https://a b"}, "is none"),
        ({"version": "1.0"}, "Write MAJOR.MINOR.PATCH"),
        ({"version": "1.0.0\n"}, "Write MAJOR.MINOR.PATCH"),
        ({"version": f"1.0.{chr(0x661)}"}, "Write MAJOR.MINOR.PATCH"),
        ({"facts": Facts(-1, 0, 0)}, "contributors '-1' is negative"),
        ({"facts": Facts(True, 0, 0)}, "contributors 'True' is no whole number"),
        ({"facts": Facts(0, 2**53, 0)}, "too large"),
        ({"facts": Facts(0, 0, 0, "0.3e1")}, "alpha '0.3e1' is none"),
        ({"facts": Facts(0, 0, 0, "nan")}, "alpha 'nan' is none"),
        ({"facts": Facts(0, 0, 0, "1.01")}, "beyond 1"),
        ({"facts": Facts(0, 0, 0, models=("a", "a"))}, "model 'a' is there twice"),
        ({"facts": Facts(0, 0, 0, models=("",))}, "model '' is empty"),
        ({"files": ()}, "no file"),
        ({"record_sets": ()}, "says what is in it"),
        ({"files": SMALL.files * 2}, "'labels.csv' is there twice"),
        ({"files": (replace(SMALL.files[0], name="../x"),)}, "'../x' is none"),
        ({"files": (replace(SMALL.files[0], url="/etc/passwd"),)}, "contentUrl"),
        ({"files": (replace(SMALL.files[0], sha256="AB" * 32),)}, "sha256"),
        ({"files": (replace(SMALL.files[0], size=-1),)}, "negative"),
        ({"files": (replace(SMALL.files[0], format="csv"),)}, "encodingFormat"),
        ({"record_sets": (replace(TYPED, file="other.csv"),)}, "'other.csv' is unknown"),
        ({"record_sets": (replace(TYPED, name="labels.csv"),)}, "is there twice"),
        ({"record_sets": (replace(TYPED, columns=("a", "a")),)}, "column 'a' is there twice"),
        ({"record_sets": (replace(TYPED, columns=()),)}, "has no columns"),
        ({"record_sets": (replace(TYPED, columns=("a b", "c")),)}, "name of a column 'a b'"),
        ({"record_sets": (replace(TYPED, types=("sc:Text",)),)}, "not as many types"),
        ({"record_sets": (replace(TYPED, types=("sc:Text", "cr:Exec")),)}, "is unknown"),
    ],
)
def test_describe__value_that_does_not_fit__is_refused(changes, fault):
    with pytest.raises(FlywheelError) as caught:
        datasets.describe(replace(SMALL, **changes))
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("name",), None, "name is missing"),
        (("name",), {"en": "Birds"}, "is no line"),
        (("name",), 5, "is no line"),
        (("extra",), "x", "extra is nothing that such metadata have"),
        (("creator",), "Ann", "of another kind"),
        (("creator", "@type"), "Person", "creator/@type is 'Person'"),
        (("creator", "email"), "a@b", "creator/email is nothing"),
        (("datePublished",), "31.1.2027", "of another kind"),
        (("datePublished",), "20270131", "datePublished is '20270131'"),
        (("citeAs",), "Bob", "citeAs is 'Bob'"),
        (("license",), "CC-BY-4.0", "license is 'CC-BY-4.0'"),
        (("license",), ["CC-BY-4.0"], "of another kind"),
        (("conformsTo",), "http://mlcommons.org/croissant/1.1", "conformsTo is"),
        (("flywheel:contributors",), "2", "contributors '2' is no whole number"),
        (("flywheel:contributors",), 2.0, "contributors '2.0' is no whole number"),
        (("flywheel:contributors",), True, "contributors 'True' is no whole number"),
        (("flywheel:krippendorffAlpha",), 0.5, "alpha '0.5' is none"),
        (("flywheel:krippendorffAlpha",), "", "flywheel:krippendorffAlpha is nothing"),
        (("flywheel:trainedModels",), "mpt", "flywheel:trainedModels is 'mpt'"),
        (("flywheel:trainedModels",), {"mpt": 1}, "flywheel:trainedModels is"),
        (("flywheel:trainedModels",), [["mpt"]], "model '['mpt']' is no line"),
        (("distribution",), {}, "no file"),
        (("distribution",), [[]], "of another kind"),
        (("distribution", 0, "contentSize"), "12 MB", "contentSize '12 MB' is no whole number"),
        (("distribution", 0, "contentSize"), "0012 B", "distribution/0/contentSize is '0012 B'"),
        (("distribution", 0, "@id"), "x", "distribution/0/@id is 'x'"),
        (("distribution", 0, "containedIn"), {"@id": "x"}, "containedIn is nothing"),
        (("recordSet", 0, "field"), [], "of another kind"),
        (("recordSet", 0, "field", 1, "source", "extract", "column"), "x", "extract/column is 'x'"),
        (("recordSet", 0, "field", 1, "source", "fileObject"), "x", "source/fileObject is 'x'"),
        (("recordSet", 0, "field", 0, "dataType"), {}, "of another kind"),
        (("recordSet", 0, "data"), [{"a": 1}], "recordSet/0/data is nothing"),
        (("@context",), "https://evil.example/context.json", "@context is 'https://evil"),
        (("@context", "sc"), "https://evil.example/", "@context/sc is"),
        (("creator", "@context"), "https://evil.example/c.json", "creator/@context is nothing"),
        (("@type",), ["sc:Dataset"], "@type is"),
    ],
)
@pytest.mark.parametrize("way", [datasets.read, datasets.check])
def test_read__altered_metadata__are_refused_before_the_library_sees_them(
    tmp_path, monkeypatch, place, value, fault, way
):
    monkeypatch.setattr(mlcroissant, "Dataset", lambda **_: pytest.fail("the library saw it"))
    assert fault in fault_of(altered(tmp_path, *place, to=value), way)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "this is not JSON"),
        (b"[]", "of another kind"),
        (b"null", "of another kind"),
        (b'"text"', "of another kind"),
        (b"{}", "description is missing|name is missing|creator is missing"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "byte order mark"),
        (b'{"name": "\xff"}', "is not UTF-8"),
        (b'{"name": "a\x00b"}', "this is not JSON"),
        (b'{"name": "\\ud800"}', "half a character"),
        (b'{"name": 1, "name": 2}', "was given in line 1 already"),
        (b'{"name": ' + b"9" * 5_000 + b"}", "is too long"),
        (b'{"name": NaN}', "NaN is no number"),
        (b"[" * 5_000, "nested too deeply"),
        (b"{" + b" " * 1_000_000 + b"}", "bytes"),
    ],
)
def test_read__file_that_is_none__is_refused_in_one_line(tmp_path, data, fault):
    path = tmp_path / "croissant.json"
    path.write_bytes(data)
    found = fault_of(path)
    assert any(part in found for part in fault.split("|"))


def test_read__cut_off_anywhere__is_refused(tmp_path):
    data = datasets.describe(SMALL).encode()
    path = tmp_path / "croissant.json"
    for length in range(0, len(data.rstrip()), 97):
        path.write_bytes(data[:length])
        fault_of(path)


def test_read__five_thousand_digits_as_text__are_refused(tmp_path):
    for place in (("version",), ("distribution", 0, "contentSize"), ("flywheel:tasks",)):
        fault_of(altered(tmp_path, *place, to="9" * 5_000))


def test_read__very_many_models__takes_no_time(tmp_path):
    models = tuple(str(number) for number in range(60_000))
    path = written(tmp_path, facts=Facts(1, 1, 1, models=models))
    assert len(datasets.read(path).facts.models) == 60_000


def test_read__no_file__says_so(tmp_path):
    with pytest.raises(FlywheelError, match="Cannot read"):
        datasets.read(tmp_path / "none.json")
    with pytest.raises(FlywheelError, match="is no path"):
        datasets.read(tmp_path / "a\0b")
