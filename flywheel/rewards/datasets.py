"""Metadata of a labelling job's dataset, in the format Croissant 1.0 of MLCommons (JSON-LD).

Hubs and search engines read it: what the dataset is, by whom, under which licence, which files it
has and what their columns are. `create_campaign` puts the hash of the file on chain, so what it
said on that day can be shown later. Figures and models come after: they stand in later editions,
which nothing on chain vouches for.

The format: https://docs.mlcommons.org/croissant/docs/croissant-spec.html. It has no words for how
many judged and how well they agree; those are `flywheel:` here, and readers pass over them.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import dataset_words as words
from flywheel.rewards.leaves import keccak

CSV = "text/csv"
TEXT = "sc:Text"
DATA_TYPES = (TEXT, "sc:Integer", "sc:Float", "sc:Boolean", "sc:Date", "sc:DateTime", "sc:URL")
CREATORS = ("Organization", "Person")
# Bytes of metadata; the largest real ones, with hundreds of columns, have a tenth of it.
_LARGEST = 1_000_000
_REMEDY = "Describe the dataset again"


@dataclass(frozen=True)
class DataFile:
    """A file of the dataset. `url` is where it is, or its path beside the metadata."""

    name: str
    url: str
    size: int  # bytes
    sha256: str  # 64 lower-case digits
    format: str = CSV  # a media type


@dataclass(frozen=True)
class RecordSet:
    """Rows of the CSV file `file`: the names of its columns, all of them text unless `types` says
    for each what it is, one of `DATA_TYPES`."""

    name: str
    file: str
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What was counted. `alpha` is Krippendorff's, as a decimal number, or "" if nobody measured
    it. `models`: names or ids of those that were trained on the dataset."""

    contributors: int
    judgements: int
    tasks: int
    alpha: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """All that the metadata says. `licence` is an SPDX identifier, such as CC-BY-4.0, or a URL."""

    name: str
    description: str
    licence: str
    creator: str
    url: str
    version: str  # MAJOR.MINOR.PATCH
    published: date
    files: tuple[DataFile, ...]
    record_sets: tuple[RecordSet, ...]
    facts: Facts
    creator_type: str = "Organization"  # or Person


def file_of(path: Path, url: str = "", media_type: str = CSV) -> DataFile:
    """What the metadata says of a file on this machine. Without a `url` it lies beside them."""
    data = texts.read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    return DataFile(path.name, url or path.name, len(data), digest, media_type)


def describe(dataset: Dataset) -> str:
    """The metadata as JSON text in ASCII: for each dataset one text. Raises `FlywheelError` if a
    value is not what its field is for."""
    _check(dataset)
    return json.dumps(_document(dataset), indent=2) + "\n"


def content_hash(data: bytes) -> bytes:
    """What `create_campaign` puts on chain: keccak256 of the bytes of the metadata's file."""
    return keccak(data)


def read(path: Path) -> Dataset:
    """What metadata written by `describe` say; their order and white space do not count.

    Believes nothing: what `describe` would not have written is refused, also what other readers
    would pass over. Raises `FlywheelError` with the file and the first fault.
    """
    return _load(path)[0]


def check(path: Path) -> bool:
    """Whether mlcroissant, the library of the standard, checked the metadata and found no error.

    False: it is not installed (`pip install 'flywheel[datasets]'`), so they were read strictly and
    no more. Raises `FlywheelError` with the first fault that either finds. Nothing is fetched: a
    context that names another one to load is refused before the library sees it.
    """
    document = _load(path)[1]
    try:
        import mlcroissant
    except ImportError:
        return False
    try:
        mlcroissant.Dataset(jsonld=document)
    except Exception as error:
        # A report of its own, or whatever its parsers stumble over.
        raise fix(
            f"{path}: mlcroissant says: {shown(_first_fault(str(error)), 400)}", _REMEDY
        ) from None
    return True


def _first_fault(report: str) -> str:
    """Of a report of mlcroissant the first line that names a fault."""
    lines = [line.strip() for line in report.splitlines() if line.strip()]
    faults = [line.removeprefix("-").strip() for line in lines if line.startswith("-")]
    return next(iter(faults or lines), "it failed without saying why")


# --- reading ---


def _load(path: Path) -> tuple[Dataset, dict[str, Any]]:
    texts.refuse_large(path, _LARGEST)
    data = texts.read_bytes(path)
    if data.startswith((texts.UTF8_MARK, *texts.UTF16_MARKS)):
        raise fix(f"{path} begins with a byte order mark, which JSON has not", "Save it as UTF-8")
    what = "is no metadata of a dataset"
    document = strict_json.loads(texts.decode(data, path), path, _REMEDY, what)
    try:
        dataset = _dataset_of(document)
        _check(dataset)
        fault = words.difference(document, _document(dataset))
    except FlywheelError as error:
        raise FlywheelError(f"{path}: {error}") from None
    except KeyError as error:
        raise fix(f"{path}: {shown(error.args[0])} is missing", _REMEDY) from None
    except (AttributeError, IndexError, TypeError, ValueError):
        raise fix(f"{path}: a value is of another kind than the format has", _REMEDY) from None
    if fault:
        raise fix(f"{path}: {fault}", _REMEDY)
    return dataset, document


def _dataset_of(document: Any) -> Dataset:
    """The values as they stand, of whatever kind; `_check` and a comparison judge them."""
    creator = document["creator"]
    return Dataset(
        name=document["name"],
        description=document["description"],
        licence=words.licence_of(document["license"]),
        creator=creator["name"],
        creator_type=creator["@type"].removeprefix("sc:"),
        url=document["url"],
        version=document["version"],
        published=date.fromisoformat(document["datePublished"]),
        files=tuple(map(_file_of, document["distribution"])),
        record_sets=tuple(map(_record_set_of, document["recordSet"])),
        facts=Facts(
            contributors=document["flywheel:contributors"],
            judgements=document["flywheel:judgements"],
            tasks=document["flywheel:tasks"],
            alpha=document.get("flywheel:krippendorffAlpha", ""),
            models=tuple(document.get("flywheel:trainedModels", ())),
        ),
    )


def _file_of(entry: Any) -> DataFile:
    return DataFile(
        name=entry["name"],
        url=entry["contentUrl"],
        size=values.whole_number(entry["contentSize"].removesuffix(" B"), "contentSize"),
        sha256=entry["sha256"],
        format=entry["encodingFormat"],
    )


def _record_set_of(entry: Any) -> RecordSet:
    fields = entry["field"]
    types = tuple(field["dataType"] for field in fields)
    return RecordSet(
        name=entry["name"],
        file=fields[0]["source"]["fileObject"]["@id"],
        columns=tuple(field["name"] for field in fields),
        types=() if set(types) == {TEXT} else types,
    )


# --- writing ---


def _document(dataset: Dataset) -> dict[str, Any]:
    facts = dataset.facts
    document = {
        "@context": words.CONTEXT,
        "@type": "sc:Dataset",
        "name": dataset.name,
        "description": dataset.description,
        "conformsTo": words.CONFORMS_TO,
        "citeAs": _citation(dataset),
        "license": words.licence_url(dataset.licence),
        "url": dataset.url,
        "version": dataset.version,
        "datePublished": dataset.published.isoformat(),
        "creator": {"@type": f"sc:{dataset.creator_type}", "name": dataset.creator},
        "flywheel:contributors": facts.contributors,
        "flywheel:judgements": facts.judgements,
        "flywheel:tasks": facts.tasks,
    }
    if facts.alpha:
        document["flywheel:krippendorffAlpha"] = facts.alpha
    if facts.models:
        document["flywheel:trainedModels"] = list(facts.models)
    document["distribution"] = [_file_entry(file) for file in dataset.files]
    document["recordSet"] = [_record_set_entry(records) for records in dataset.record_sets]
    return document


def _citation(dataset: Dataset) -> str:
    year = dataset.published.year
    return f"{dataset.creator}: {dataset.name}, version {dataset.version}, {year}. {dataset.url}"


def _file_entry(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.url,
        "contentSize": f"{file.size} B",
        "encodingFormat": file.format,
        "sha256": file.sha256,
    }


def _record_set_entry(records: RecordSet) -> dict[str, Any]:
    types = records.types or (TEXT,) * len(records.columns)
    return {
        "@type": "cr:RecordSet",
        "@id": records.name,
        "name": records.name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{records.name}/{column}",
                "name": column,
                "dataType": data_type,
                "source": {"fileObject": {"@id": records.file}, "extract": {"column": column}},
            }
            for column, data_type in zip(records.columns, types, strict=True)
        ],
    }


# --- checking ---


def _check(dataset: Dataset) -> None:
    words.refuse_bad_line(dataset.name, "name")
    words.refuse_bad_text(dataset.description, "description")
    words.refuse_bad_licence(dataset.licence)
    words.refuse_bad_line(dataset.creator, "creator")
    words.refuse_unknown(dataset.creator_type, CREATORS, "creator's type")
    words.refuse_bad_url(dataset.url, "url")
    words.refuse_misfit(words.VERSION, dataset.version, "version", "Write MAJOR.MINOR.PATCH")
    _check_facts(dataset.facts)
    if not dataset.files or not dataset.record_sets:
        raise fix("There is no file, or nothing that says what is in it", "Name both")
    for file in dataset.files:
        _check_file(file)
    names = [file.name for file in dataset.files]
    for records in dataset.record_sets:
        _check_records(records, names)
    words.refuse_repeated(
        [*names, *(records.name for records in dataset.record_sets)], "file or record set"
    )


def _check_facts(facts: Facts) -> None:
    for what in ("contributors", "judgements", "tasks"):
        words.refuse_no_count(getattr(facts, what), what)
    if facts.alpha != "":
        words.refuse_misfit(words.ALPHA, facts.alpha, "alpha", "Write a number such as 0.381")
        if abs(Decimal(facts.alpha)) > 1:
            raise fix(f"alpha {facts.alpha} is beyond 1", "Measure it again")
    for model in facts.models:
        words.refuse_bad_line(model, "model")
    words.refuse_repeated(facts.models, "model")


def _check_file(file: DataFile) -> None:
    words.refuse_misfit(words.ID, file.name, "name of a file", words.ID_REMEDY)
    if file.url != file.name:
        words.refuse_bad_url(file.url, "contentUrl")
    words.refuse_no_count(file.size, "contentSize")
    words.refuse_misfit(words.SHA256, file.sha256, "sha256", "Write 64 lower-case digits")
    words.refuse_misfit(words.MEDIA_TYPE, file.format, "encodingFormat", "Write text/csv")


def _check_records(records: RecordSet, files: list[str]) -> None:
    words.refuse_misfit(words.ID, records.name, "name of a record set", words.ID_REMEDY)
    for column in records.columns:
        words.refuse_misfit(words.ID, column, "name of a column", words.ID_REMEDY)
    if not records.columns:
        raise fix(f"The record set {records.name} has no columns", "Name them")
    words.refuse_repeated(records.columns, "column")
    words.refuse_unknown(records.file, files, "file of a record set")
    for data_type in records.types:
        words.refuse_unknown(data_type, DATA_TYPES, "dataType")
    if len(records.types) not in (0, len(records.columns)):
        raise fix(f"{records.name} has not as many types as columns", "Give one for each, or none")
