"""What is registered of a model: read from its card or from a YAML file.

A card is a README.md as Hugging Face has it: YAML between two lines of `---`, then text. Read are
`model_name` (or the name in `model-index`), `base_model`, `base_model_relation`, `tags`,
`library_name`, `quantized_by`, `license`, `license_name` and `datasets`; nothing is fetched.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from eth_utils import keccak

from flywheel import documents
from flywheel.errors import fix
from flywheel.models.front_matter import FrontMatter, heading_of, split
from flywheel.models.kinds import ModelKind
from flywheel.reading import texts
from flywheel.reading.texts import shown

# What the registry keeps of a name: bytes, of which a Chinese character needs three.
MAX_NAME = 64
# How cards name a relation to the base model: the first four are Hugging Face's words.
RELATIONS = {
    "finetune": ModelKind.FINE_TUNE,
    "adapter": ModelKind.ADAPTER,
    "merge": ModelKind.MERGE,
    "quantized": ModelKind.QUANTIZATION,
    "distill": ModelKind.DISTILLATION,
}
# Some cards name a base model by its page.
HUB = "https://huggingface.co/"
QUANTIZED_TAGS = {"gguf", "gptq", "awq", "exl2", "quantized"}
ADAPTER_TAGS = {"lora", "peft", "adapter"}


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
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        found = _from_yaml(path)
        found = replace(found, name=name or found.name, kind=kind or found.kind)
    elif suffix == ".md":
        found = _from_card(path, name, kind)
    else:
        raise fix(f"{path} is neither a model card nor YAML", "Give a README.md, or a .yaml file")
    _check_name(path, found.name)
    return found


def _check_name(path: Path, name: str) -> None:
    """Raises `FlywheelError` if the registry could not keep the name, or nobody could read it."""
    size = texts.utf8_bytes(name)
    if size > MAX_NAME:
        unit = "characters" if name.isascii() else "bytes in UTF-8"
        raise fix(
            f"{path}: '{shown(name, 100)}' has {size} {unit}", f"Give --name of at most {MAX_NAME}"
        )
    hidden = texts.unseen(name)
    if hidden:
        raise fix(
            f"{path}: the name '{shown(name)}' holds a character that cannot be seen, {hidden}",
            "Give --name without it",
        )


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
        card_hash=bytes(keccak(_card_bytes(card))),
        parents=parents,
        card_uri=data.get("card_uri", ""),
        grant_id=data.get("grant", 0),
        weights=tuple(path.parent / item for item in data.get("weights", ())),
        datasets=datasets,
        split=tuple(data.get("split", ())),
        fingerprint=bytes.fromhex(data.get("fingerprint", "0x" + "00" * 32)[2:]),
    )


def _card_bytes(card: Path) -> bytes:
    """What the hash of a card is taken of."""
    return texts.read_bytes(card, "the card ")


# --- cards ---


def _from_card(path: Path, name: str | None, kind: ModelKind | None) -> Description:
    data = _card_bytes(path)
    front, text = split(path, texts.decode(data, path))
    bases = list(dict.fromkeys(map(_without_page, front.names("base_model"))))
    concluded, reason = (kind, "") if kind else _kind_of(front, bases)
    named = name or front.text("model_name") or front.index_name() or heading_of(text)
    if not named:
        raise fix(f"{path} names no model", "Add model_name to its front matter, or give --name")
    remarks = [] if kind else [f"It is a {concluded.word}: {reason}"]
    datasets = front.names("datasets")
    if datasets:
        remarks.append(
            f"Its datasets ({', '.join(datasets)}) get nothing: --dataset names their campaigns"
        )
    return Description(
        name=named,
        kind=concluded,
        card_hash=bytes(keccak(data)),
        parents=tuple(map(ParentName, bases)),
        licence=front.text("license_name") or ", ".join(front.names("license")),
        remarks=tuple(remarks),
    )


def _without_page(base: str) -> str:
    return base.removeprefix(HUB).rstrip("/")


def _kind_of(front: FrontMatter, bases: list[str]) -> tuple[ModelKind, str]:
    """The kind that the card states, or what Hugging Face would conclude from it, and why."""
    relation = front.text("base_model_relation")
    if relation:
        if relation not in RELATIONS:
            raise front.fault(
                "base_model_relation",
                f"'{shown(relation)}' is unknown",
                f"Write {', '.join(RELATIONS)}, or give --kind",
            )
        return RELATIONS[relation], f"base_model_relation is {relation}"
    if not bases:
        return ModelKind.FOUNDATION, "the card names no base_model"
    tags = {tag.lower() for tag in front.names("tags")}
    if len(bases) > 1:
        return ModelKind.MERGE, "base_model names several models"
    if front.text("quantized_by") or tags & QUANTIZED_TAGS:
        return ModelKind.QUANTIZATION, "the card says that it is quantised"
    if front.text("library_name") == "peft" or tags & ADAPTER_TAGS:
        return ModelKind.ADAPTER, "the card says that it is an adapter"
    return ModelKind.FINE_TUNE, "base_model names one model"
