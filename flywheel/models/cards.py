"""What is registered of a model: read from its card or from a YAML file, its weights hashed.

A card is a README.md as Hugging Face has it: YAML between two lines of `---`, then text. Read are
`model_name`, `base_model`, `base_model_relation`, `tags`, `library_name`, `quantized_by`,
`license`, `license_name` and `datasets`; nothing is fetched.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from eth_utils import keccak

from flywheel import documents
from flywheel.errors import fix
from flywheel.models.kinds import ModelKind

MAX_NAME = 64
CHUNK = 2**22
# How Hugging Face names a relation to the base model.
RELATIONS = {
    "finetune": ModelKind.FINE_TUNE,
    "adapter": ModelKind.ADAPTER,
    "merge": ModelKind.MERGE,
    "quantized": ModelKind.QUANTIZATION,
}
# Some cards name a base model by its page.
HUB = "https://huggingface.co/"
QUANTIZED_TAGS = {"gguf", "gptq", "awq", "exl2", "quantized"}
WEIGHT_SUFFIXES = {".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx"}


@dataclass(frozen=True)
class ParentName:
    """A parent as somebody wrote it: the name or the number of a registered model."""

    model: str | int
    license_id: int | None = None


@dataclass(frozen=True)
class Description:
    """What a card or a file says of a model. `remarks`: what was concluded or is left out."""

    name: str
    kind: ModelKind
    card_hash: bytes
    parents: tuple[ParentName, ...] = ()
    card_uri: str = ""
    grant_id: int = 0
    weights: tuple[Path, ...] = ()
    datasets: tuple[tuple[int, int], ...] = ()
    split: tuple[str, ...] = ()
    fingerprint: bytes = bytes(32)
    licence: str = ""
    remarks: tuple[str, ...] = field(default=())


def read(path: Path, name: str | None = None, kind: ModelKind | None = None) -> Description:
    """Reads a card (.md) or a YAML file (.yaml, .yml); `name` and `kind` stand above what it says.

    Raises `FlywheelError` with the file and what to mend.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        found = _from_yaml(path)
        return replace(found, name=name or found.name, kind=kind or found.kind)
    if path.suffix.lower() == ".md":
        return _from_card(path, name, kind)
    raise fix(f"{path} is neither a model card nor YAML", "Give a README.md, or a .yaml file")


# --- YAML ---


def _from_yaml(path: Path) -> Description:
    data = documents.load(path, "model")
    card = path.parent / data["card"]
    kind = ModelKind[data["kind"].upper()]
    parents = tuple(
        ParentName(item["model"], item.get("license")) for item in data.get("parents", ())
    )
    if parents and kind == ModelKind.FOUNDATION:
        raise documents.misfit(path, ["parents"], "a foundation has no parents")
    datasets = tuple((item["campaign"], item["weight_bps"]) for item in data.get("datasets", ()))
    if datasets and sum(weight for _, weight in datasets) != 10_000:
        raise documents.misfit(path, ["datasets"], "the weights do not sum to 10000")
    return Description(
        name=data["name"],
        kind=kind,
        card_hash=_hash_of(card),
        parents=parents,
        card_uri=data.get("card_uri", ""),
        grant_id=data.get("grant", 0),
        weights=tuple(path.parent / item for item in data.get("weights", ())),
        datasets=datasets,
        split=tuple(data.get("split", ())),
        fingerprint=bytes.fromhex(data.get("fingerprint", "0x" + "00" * 32)[2:]),
    )


def _hash_of(card: Path) -> bytes:
    try:
        return bytes(keccak(card.read_bytes()))
    except OSError as error:
        raise fix(f"Cannot read the card {card}: {error.strerror}", "Check the path") from None


# --- cards ---


def _from_card(path: Path, name: str | None, kind: ModelKind | None) -> Description:
    card_hash = _hash_of(path)
    front = front_matter(path)
    bases = [name.removeprefix(HUB) for name in _listed(path, front, "base_model")]
    concluded, reason = _kind_of(path, front, bases)
    named = name or front.get("model_name") or _heading(path)
    if not named:
        raise fix(f"{path} names no model", "Add model_name to its front matter, or give --name")
    if len(str(named)) > MAX_NAME:
        raise fix(
            f"'{named}' has {len(str(named))} characters", f"Give --name of at most {MAX_NAME}"
        )
    remarks = [] if kind else [f"It is a {concluded.word}: {reason}"]
    datasets = _listed(path, front, "datasets")
    if datasets:
        remarks.append(
            f"Its datasets ({', '.join(datasets)}) get nothing: --dataset names their campaigns"
        )
    licence = front.get("license_name") or front.get("license") or ""
    return Description(
        name=str(named),
        kind=kind or concluded,
        card_hash=card_hash,
        parents=tuple(map(ParentName, bases)),
        licence=", ".join(licence) if isinstance(licence, list) else str(licence),
        remarks=tuple(remarks),
    )


def front_matter(path: Path) -> dict[str, Any]:
    """The YAML at the head of a card; empty if it has none. Raises `FlywheelError`."""
    try:
        data = yaml.safe_load("\n".join(_parts(path)[0]))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise fix(f"{path}, line {line}: {error.problem}", "Mend the YAML") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise fix(f"{path}, line 2: the front matter is no mapping", "Write it as key: value")
    return data


def _parts(path: Path) -> tuple[list[str], list[str]]:
    """The lines of a card's front matter, and those of its text."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines or lines[0].strip() != "---":
        return [], lines
    ends = [index for index, line in enumerate(lines) if index and line.strip() == "---"]
    if not ends:
        raise fix(f"{path}, line 1: the front matter has no end", "Close it with a line of ---")
    return lines[1 : ends[0]], lines[ends[0] + 1 :]


def _listed(path: Path, front: dict[str, Any], key: str) -> list[str]:
    """A value that may be one text or a list of them."""
    value = front.get(key)
    items = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in items):
        raise fix(f"{path}: {key} is no name and no list of names", f"Write {key}: publisher/name")
    return list(dict.fromkeys(items))


def _kind_of(path: Path, front: dict[str, Any], bases: list[str]) -> tuple[ModelKind, str]:
    """The kind that the card states, or what Hugging Face would conclude from it, and why."""
    relation = front.get("base_model_relation")
    if relation is not None:
        if relation not in RELATIONS:
            raise fix(
                f"{path}: base_model_relation '{relation}' is unknown",
                f"Write {', '.join(RELATIONS)}, or give --kind",
            )
        return RELATIONS[relation], f"base_model_relation is {relation}"
    if not bases:
        return ModelKind.FOUNDATION, "the card names no base_model"
    tags = {str(tag).lower() for tag in front.get("tags") or []}
    if len(bases) > 1:
        return ModelKind.MERGE, "base_model names several models"
    if front.get("quantized_by") or tags & QUANTIZED_TAGS:
        return ModelKind.QUANTIZATION, "the card says that it is quantised"
    if front.get("library_name") == "peft" or tags & {"lora", "peft", "adapter"}:
        return ModelKind.ADAPTER, "the card says that it is an adapter"
    return ModelKind.FINE_TUNE, "base_model names one model"


def _heading(path: Path) -> str:
    """The first heading of a card's text."""
    for line in _parts(path)[1]:
        if line.startswith("# ") and len(line) > 2:
            return line[2:].strip()
    return ""


# --- weights ---


def weight_files(paths: Sequence[Path]) -> list[Path]:
    """The files that `paths` name; a folder stands for the weight files in it.

    Raises `FlywheelError` if there are none, or if two have one name.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [item for item in path.iterdir() if item.suffix in WEIGHT_SUFFIXES]
            if not inside:
                kinds = ", ".join(sorted(WEIGHT_SUFFIXES))
                raise fix(f"{path} has no weight files ({kinds})", "Name the files one by one")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise fix(f"There is no file {path}", "Check the path of the weights")
    names = [item.name for item in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise fix(f"Two weight files are named {twice[0]}", "Name every file once")
    if not found:
        raise fix("No weight files are given", "Name them after the card")
    return sorted(found, key=lambda item: item.name.encode())


def digest_of(files: Sequence[Path], progress: Callable[[int], None] = lambda _: None) -> bytes:
    """What identifies the weights: of one file its SHA-256; of several, the SHA-256 over a line
    "<sha256>  <name>" for each, the lines sorted as bytes. Anybody can check it:

        sha256sum *.safetensors | LC_ALL=C sort | sha256sum

    `progress` is told how many bytes were read.
    """
    digests = [(_sha256(file, progress), file.name) for file in files]
    if len(digests) == 1:
        return digests[0][0]
    lines = sorted(f"{digest.hex()}  {name}\n".encode() for digest, name in digests)
    return hashlib.sha256(b"".join(lines)).digest()


def _sha256(path: Path, progress: Callable[[int], None]) -> bytes:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            total.update(chunk)
            progress(len(chunk))
    return total.digest()
