"""The words of Croissant 1.0 metadata, and what a value of each kind may look like."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flywheel.errors import fix
from flywheel.reading import texts, values
from flywheel.reading.texts import shown

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
# The context of the specification, which the metadata have to repeat, and one line of our own.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    # A name that nobody can look up, and nobody can own and change.
    "flywheel": "urn:flywheel:",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

# Ids of JSON-LD are parts of addresses: of these characters none needs an escape there.
ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
ID_REMEDY = "Write at most 100 letters of English, digits, dots, dashes and underscores"
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[A-Za-z0-9.+-]{1,80}")
ALPHA = re.compile(r"-?[01](\.[0-9]{1,12})?")
# The form of an SPDX identifier. Their list grows, so a name that is not on it is not found here.
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_URL = re.compile(r"(https?|ipfs)://[A-Za-z0-9][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{0,1999}")
_LICENCES, _PAGE = "https://spdx.org/licenses/", ".html"
_LONGEST_LINE, _LONGEST_TEXT = 255, 20_000


def licence_url(licence: str) -> str:
    """What the metadata say of a licence: a URL, for an SPDX identifier that of its page."""
    return licence if "://" in licence else f"{_LICENCES}{licence}{_PAGE}"


def licence_of(url: str) -> str:
    """An SPDX identifier for its page, any other URL as it is."""
    is_page = url.startswith(_LICENCES) and url.endswith(_PAGE)
    return url[len(_LICENCES) : -len(_PAGE)] if is_page else url


def refuse_bad_licence(licence: object) -> None:
    if isinstance(licence, str) and "://" in licence:
        refuse_bad_url(licence, "licence")
        if licence_of(licence) != licence:
            raise fix(f"The licence {licence} is a page of SPDX", "Write its identifier")
    else:
        refuse_misfit(_SPDX, licence, "licence", "Write an SPDX identifier, such as CC-BY-4.0")


def refuse_bad_url(url: object, what: str) -> None:
    refuse_misfit(_URL, url, what, "Write an address that begins with https:// or ipfs://")


def refuse_misfit(pattern: re.Pattern[str], value: object, what: str, remedy: str) -> None:
    """Raises `FlywheelError` unless `value` is a text that the pattern fits."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise fix(f"The {what} '{shown(value)}' is none", remedy)


def refuse_bad_line(value: object, what: str) -> None:
    """Raises `FlywheelError` unless `value` is a line of text that everybody can read."""
    if not isinstance(value, str) or "\n" in value or len(value) > _LONGEST_LINE:
        raise fix(
            f"The {what} '{shown(value)}' is no line", f"Write at most {_LONGEST_LINE} characters"
        )
    refuse_bad_text(value, what)


def refuse_bad_text(value: object, what: str) -> None:
    """Raises `FlywheelError` unless `value` is lines of text that everybody can read."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise fix(
            f"The {what} '{shown(value)}' is no text", f"Write at most {_LONGEST_TEXT} characters"
        )
    if not value.strip() or value != value.strip():
        raise fix(f"The {what} '{shown(value)}' is empty, or begins or ends in space", "Mend it")
    for line in value.split("\n"):
        hidden = texts.unseen(line)
        if hidden:
            raise fix(
                f"The {what} holds a character that cannot be seen, {hidden}",
                "Write it again by hand",
            )


def refuse_no_count(value: object, what: str) -> None:
    if type(value) is not int:
        raise fix(f"{what} '{shown(value)}' is no whole number", "Write digits")
    # Programs that read JSON keep 53 bits of a number.
    values.whole_number(value, what, 2**53 - 1)


def refuse_unknown(value: object, known: Sequence[str], what: str) -> None:
    if value not in known:
        raise fix(f"The {what} '{shown(value)}' is unknown", f"Write {', '.join(known)}")


def refuse_repeated(names: Sequence[str], what: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise fix(f"The {what} '{shown(name)}' is there twice", "Name each once")


def difference(found: Any, expected: Any, place: str = "") -> str:
    """Where the first value is that `expected` does not have so, and what is wrong with it."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            inner = f"{place}/{name}".lstrip("/")
            if name not in expected:
                return f"{shown(inner)} is nothing that such metadata have"
            if name not in found:
                return f"{shown(inner)} is missing"
            fault = difference(found[name], expected[name], inner)
            if fault:
                return fault
        return ""
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        faults = (
            difference(one, other, f"{place}/{number}")
            for number, (one, other) in enumerate(zip(found, expected, strict=True))
        )
        return next(filter(None, faults), "")
    if type(found) is type(expected) and found == expected:
        return ""
    return f"{shown(place)} is '{shown(found)}', which does not fit the rest"
