"""The files of a model's weights: which ones they are, that none is missing, and their digest."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from flywheel.errors import fix
from flywheel.reading import strict_json
from flywheel.reading.texts import shown

CHUNK = 2**22
SUFFIXES = {".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx"}
# What Git LFS leaves in place of a large file that was not fetched; a pointer has some 130 bytes.
POINTER = b"version https://git-lfs.github.com/spec/"
LONGEST_POINTER = 1_024
# How transformers, llama.cpp and others name the parts of one model.
_SHARD = re.compile(r"(.*)-([0-9]{5})-of-([0-9]{5})(\.[A-Za-z]+)")
INDEX = "*.index.json"


def weight_files(paths: Sequence[Path]) -> list[Path]:
    """The files that `paths` name; a folder stands for the weight files in it.

    Raises `FlywheelError`, naming the file, if there are none, if two have one name, if one is a
    link to nothing, a pointer of Git LFS, or empty, or if a part of a divided model is missing.
    """
    found: list[Path] = []
    for path in paths:
        found += _in_folder(path) if path.is_dir() else [path]
    for file in found:
        _refuse_what_is_none(file)
    names = [item.name for item in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise fix(f"Two weight files are named {twice[0]}", "Name every file once")
    if not found:
        raise fix("No weight files are given", "Name them after the card")
    _refuse_missing_shards(names)
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    for folder in folders:
        for index in sorted(folder.glob(INDEX)):
            _refuse_missing(index, names, folder in paths)
    return sorted(found, key=lambda item: item.name.encode())


def _in_folder(folder: Path) -> list[Path]:
    inside = [item for item in folder.iterdir() if item.suffix.lower() in SUFFIXES]
    if not inside:
        kinds = ", ".join(sorted(SUFFIXES))
        raise fix(f"{folder} has no weight files ({kinds})", "Name the files one by one")
    return inside


def _refuse_what_is_none(file: Path) -> None:
    """Raises `FlywheelError` for what has a name but holds no weights."""
    if not file.name.isprintable():
        # The digest of several files is taken over lines with their names.
        raise fix(f"The name '{shown(file.name)}' holds what cannot be printed", "Rename the file")
    if file.is_symlink() and not file.exists():
        raise fix(
            f"{file} is a link to {shown(file.readlink())}, which is not there",
            "Fetch the file that it stands for",
        )
    if file.is_dir():
        raise fix(f"{file} is a folder with the name of a file", "Rename it")
    if not file.is_file():
        raise fix(f"There is no file {file}", "Check the path of the weights")
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(len(POINTER))
    except OSError as error:
        raise fix(f"Cannot read {file}: {error.strerror}", "Check who may read it") from None
    if not size:
        raise fix(f"{file} is empty", "Fetch it again")
    if head == POINTER and size <= LONGEST_POINTER:
        raise fix(
            f"{file} is a pointer of Git LFS, not the weights",
            f"Fetch them: git lfs pull --include {shown(file.name)}",
        )


def _refuse_missing_shards(names: Iterable[str]) -> None:
    """Raises `FlywheelError` if names say "1 of 3" and not all of the three are there."""
    parts: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for name in names:
        match = _SHARD.fullmatch(name)
        if match:
            parts[match[1], match[3], match[4]].add(int(match[2]))
    for (stem, count, suffix), numbers in parts.items():
        # Some count from 0. One more than there can be of them is enough to find one missing.
        first = 0 if 0 in numbers else 1
        wanted = range(first, first + min(int(count), len(numbers) + 1))
        missing = [number for number in wanted if number not in numbers]
        if missing:
            raise fix(
                f"{stem}-{missing[0]:05d}-of-{count}{suffix} is missing",
                f"Give all {int(count)} parts, or their folder",
            )


def _refuse_missing(index: Path, names: Sequence[str], is_folder: bool) -> None:
    """Raises `FlywheelError` if an index of what is given names a file that is not given.

    It may be the index of the same weights in another format, whose files nobody fetched, or, if
    the files were named one by one, of other weights in their folder.
    """
    document = strict_json.read(index, "Fetch the index again")
    places = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(places, dict) or not all(isinstance(item, str) for item in places.values()):
        raise fix(f"{index} does not say where which weights are", "Fetch the index again")
    wanted, known = set(places.values()), set(names)
    format_ = Path(index.name.removesuffix(".index.json")).suffix
    is_of_these = wanted & known or (is_folder and format_ in {Path(name).suffix for name in names})
    if wanted - known and is_of_these:
        missing = shown(min(wanted - known))
        raise fix(f"{missing} is missing, which {index.name} names", "Fetch it, and give it too")


def digest_of(files: Sequence[Path], progress: Callable[[int], None] = lambda _: None) -> bytes:
    """What identifies the weights: of one file its SHA-256; of several, the SHA-256 over a line
    "<sha256>  <name>" for each, the lines sorted as bytes. Anybody can check it:

        sha256sum *.safetensors | LC_ALL=C sort | sha256sum

    `progress` is told how many bytes were read. Raises `FlywheelError` if one cannot be read.
    """
    digests = [(_sha256(file, progress), file.name) for file in files]
    if len(digests) == 1:
        return digests[0][0]
    lines = sorted(f"{digest.hex()}  {name}\n".encode() for digest, name in digests)
    return hashlib.sha256(b"".join(lines)).digest()


def _sha256(path: Path, progress: Callable[[int], None]) -> bytes:
    total = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                total.update(chunk)
                progress(len(chunk))
    except OSError as error:
        raise fix(f"Cannot read {path}: {error.strerror}", "Fetch it again") from None
    return total.digest()
