"""Model cards and YAML files of models, the digest of weights, the salts kept for them."""

import hashlib
import io
import json
import subprocess
from pathlib import Path

import pytest
from eth_utils import keccak
from rich.console import Console

from flywheel.console.models import hash_weights
from flywheel.console.output import Output
from flywheel.errors import FlywheelError
from flywheel.models import cards, registering, revenue_shares, salts, weights
from flywheel.models.cards import ParentName
from flywheel.models.kinds import ModelKind
from flywheel.states import ReceiverKind

ACCOUNT = "0x" + "11" * 20


def card(folder: Path, front: str, text: str = "# A model\n") -> Path:
    path = folder / "README.md"
    path.write_text(f"---\n{front}---\n{text}", encoding="utf-8")
    return path


# --- cards ---


def test_read__card_of_a_fine_tune__has_name_kind_parent_and_hash(tmp_path):
    front = "model_name: lab/child\nbase_model: mistralai/Mistral-7B-v0.1\nlicense: apache-2.0\n"
    path = card(tmp_path, front)
    found = cards.read(path)
    assert (found.name, found.kind, found.licence) == (
        "lab/child",
        ModelKind.FINE_TUNE,
        "apache-2.0",
    )
    assert found.parents == (ParentName("mistralai/Mistral-7B-v0.1"),)
    assert found.card_hash == keccak(path.read_bytes())
    assert found.remarks == ("It is a fine_tune: base_model names one model",)


@pytest.mark.parametrize(
    ("front", "kind", "parents"),
    [
        ("license: mit\n", ModelKind.FOUNDATION, 0),
        ("base_model: a/b\n", ModelKind.FINE_TUNE, 1),
        ("base_model: a/b\nbase_model_relation: finetune\n", ModelKind.FINE_TUNE, 1),
        ("base_model: a/b\nbase_model_relation: adapter\n", ModelKind.ADAPTER, 1),
        ("base_model: [a/b]\nbase_model_relation: quantized\n", ModelKind.QUANTIZATION, 1),
        ("base_model: [a/b, c/d]\nbase_model_relation: merge\n", ModelKind.MERGE, 2),
        ("base_model: [a/b, c/d]\n", ModelKind.MERGE, 2),
        ("base_model: [a/b, a/b]\n", ModelKind.FINE_TUNE, 1),
        ("base_model: a/b\nquantized_by: TheBloke\n", ModelKind.QUANTIZATION, 1),
        ("base_model: a/b\ntags: [GGUF]\n", ModelKind.QUANTIZATION, 1),
        ("base_model: a/b\nlibrary_name: peft\n", ModelKind.ADAPTER, 1),
        ("base_model: a/b\ntags: [lora]\n", ModelKind.ADAPTER, 1),
    ],
)
def test_read__card__kind_is_stated_or_concluded(tmp_path, front, kind, parents):
    found = cards.read(card(tmp_path, front))
    assert (found.kind, len(found.parents)) == (kind, parents)
    # Who says it himself is not told what the card says.
    given = cards.read(tmp_path / "README.md", "x", ModelKind.PRUNING)
    assert (given.name, given.kind, given.remarks) == ("x", ModelKind.PRUNING, ())


def test_read__card_without_front_matter__has_its_heading_as_name(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("Some text\n# Flywheel 7B\n## More\n", encoding="utf-8")
    found = cards.read(path)
    commented = card(tmp_path, "# a comment\nlicense: mit\n", "# Flywheel 7B\n")
    assert cards.read(commented).name == "Flywheel 7B"
    assert (found.name, found.kind, found.parents) == ("Flywheel 7B", ModelKind.FOUNDATION, ())


def test_read__base_model_named_by_its_page__is_the_same_model(tmp_path):
    front = "base_model: https://huggingface.co/meta-llama/Llama-2-13b-hf\n"
    found = cards.read(card(tmp_path, front))
    assert found.parents == (ParentName("meta-llama/Llama-2-13b-hf"),)


def test_read__card_with_datasets_and_own_licence__tells_both(tmp_path):
    front = "license: other\nlicense_name: research-only\ndatasets: [a/b, c/d]\n"
    found = cards.read(card(tmp_path, front))
    assert found.licence == "research-only"
    assert (
        found.remarks[-1] == "Its datasets (a/b, c/d) get nothing: --dataset names their campaigns"
    )


@pytest.mark.parametrize(
    ("front", "text", "said"),
    [
        ("base_model: a/b\nbase_model_relation: copy\n", "# x\n", "'copy' is unknown"),
        ("base_model: 7\n", "# x\n", "base_model is no name and no list of names"),
        ("base_model: [a/b, '']\n", "# x\n", "base_model is no name and no list of names"),
        ("- a\n", "# x\n", "line 2: the front matter is no mapping"),
        ("name: a\nb: [\n", "# x\n", "README.md, line 3: "),
        ("license: mit\n", "no heading\n", "Add model_name to its front matter, or give --name"),
        (f"model_name: {'x' * 65}\n", "", "has 65 characters. Give --name of at most 64."),
    ],
)
def test_read__wrong_card__says_what_to_mend(tmp_path, front, text, said):
    with pytest.raises(FlywheelError) as caught:
        cards.read(card(tmp_path, front, text))
    assert said in str(caught.value)


def test_read__unclosed_front_matter_or_other_file__is_refused(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("---\nlicense: mit\n# x\n", encoding="utf-8")
    with pytest.raises(FlywheelError, match="line 1: the front matter has no end"):
        cards.read(path)
    with pytest.raises(FlywheelError, match="neither a model card nor YAML"):
        cards.read(tmp_path / "model.json")
    with pytest.raises(FlywheelError, match="Cannot read the card"):
        cards.read(tmp_path / "absent.md")


# --- YAML ---

YAML = """\
name: lab/merged
kind: merge
card: README.md
card_uri: ipfs://card
weights: [a.safetensors]
parents:
  - {model: lab/one, license: 3}
  - {model: 2}
datasets: [{campaign: 4, weight_bps: 10000}]
split: [treasury=2500, datasets=7500]
fingerprint: "0xabababababababababababababababababababababababababababababababab"
"""


@pytest.fixture
def described(tmp_path):
    (tmp_path / "README.md").write_text("# x\n", encoding="utf-8")

    def write(text):
        path = tmp_path / "model.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_read__yaml__has_all_that_is_registered(described, tmp_path):
    found = cards.read(described(YAML))
    assert found.parents == (ParentName("lab/one", 3), ParentName(2))
    assert found.datasets == ((4, 10_000),)
    assert found.weights == (tmp_path / "a.safetensors",)
    assert found.card_hash == keccak(b"# x\n")
    assert found.fingerprint == b"\xab" * 32
    assert found.split == ("treasury=2500", "datasets=7500")
    other = cards.read(tmp_path / "model.yaml", "lab/other", ModelKind.VERSION)
    assert (other.name, other.kind, other.parents) == (
        "lab/other",
        ModelKind.VERSION,
        found.parents,
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: merge", "kind: clone", "line 2: kind: write foundation, version, fine_tune"),
        ("kind: merge", "kind: foundation", "line 6: parents: a foundation has no parents"),
        ("model: 2", "model: -2", "line 8: parents.1.model: write the name or the number"),
        ("card_uri", "uri", "there is no 'uri' here. Perhaps 'card_uri' is meant"),
        ("weight_bps: 10000", "weight_bps: 9000", "line 9: datasets: the weights do not sum"),
        ("0xabab", "abab", "write the commitment in quotes"),
        ("card: README.md", "card: absent.md", "Cannot read the card"),
    ],
)
def test_read__wrong_yaml__names_line_and_reason(described, old, new, said):
    with pytest.raises(FlywheelError) as caught:
        cards.read(described(YAML.replace(old, new)))
    assert said in str(caught.value)


# --- weights ---


def test_digest_of__one_file__is_its_sha256(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights" * 1_000_000)
    seen = []
    digest = weights.digest_of(weights.weight_files([path]), seen.append)
    assert digest == hashlib.sha256(path.read_bytes()).digest()
    assert sum(seen) == 7_000_000
    assert len(seen) == 2


def test_digest_of__shards__is_what_coreutils_say(tmp_path):
    names = ["model-00002-of-00002.safetensors", "model-00001-of-00002.safetensors"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode() * 10)
    (tmp_path / "config.json").write_text("{}")
    files = weights.weight_files([tmp_path])
    assert [item.name for item in files] == sorted(names)
    line = "sha256sum *.safetensors | LC_ALL=C sort | sha256sum"
    said = subprocess.run(
        line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    digest = weights.digest_of(files)
    assert said.stdout.split()[0] == digest.hex()
    # In whatever order they are named; and a name counts.
    assert weights.digest_of(files[::-1]) == digest
    for number, name in enumerate(names):
        (tmp_path / name).rename(tmp_path / f"other-{number}.safetensors")
    assert weights.digest_of(weights.weight_files([tmp_path])) != digest


@pytest.mark.parametrize("is_terminal", [True, False])
def test_hash_weights__progress__is_shown_on_a_terminal_only(tmp_path, is_terminal):
    (tmp_path / "a.bin").write_bytes(b"weights")
    output = Output()
    screen = io.StringIO()
    output.remarks = Console(file=screen, force_terminal=is_terminal, width=80)
    digest = hash_weights([tmp_path], output)
    assert digest == hashlib.sha256(b"weights").digest()
    assert ("Hashing" in screen.getvalue()) is is_terminal
    assert is_terminal or not screen.getvalue()


def test_weight_files__that_name_nothing_certain__are_refused(tmp_path):
    with pytest.raises(FlywheelError, match="No weight files are given"):
        weights.weight_files([])
    with pytest.raises(FlywheelError, match="has no weight files"):
        weights.weight_files([tmp_path])
    with pytest.raises(FlywheelError, match="There is no file"):
        weights.weight_files([tmp_path / "absent"])
    (tmp_path / "a.bin").write_bytes(b"1")
    with pytest.raises(FlywheelError, match=r"Two weight files are named a\.bin"):
        weights.weight_files([tmp_path, tmp_path / "a.bin"])


# --- salts ---


def test_salt_of__second_run__is_the_same_and_private(tmp_path):
    path = salts.path_of(tmp_path / "salts", 1337, ACCOUNT, b"\x01" * 32)
    about = (1337, "0xregistry", ACCOUNT, b"\x01" * 32)
    salt = salts.salt_of(path, *about)
    assert len(salt) == 32
    assert salts.salt_of(path, *about) == salt
    assert path.stat().st_mode & 0o077 == 0
    other = salts.path_of(tmp_path / "salts", 1337, ACCOUNT, b"\x02" * 32)
    assert salts.salt_of(other, 1337, "0xregistry", ACCOUNT, b"\x02" * 32) != salt


def test_salt_of__file_of_another_registration_or_none__is_refused(tmp_path):
    path = tmp_path / "salt.json"
    about = (1337, "0xregistry", ACCOUNT, b"\x01" * 32)
    salts.salt_of(path, *about)
    for other in (
        (1, *about[1:]),
        (1337, "0xother", *about[2:]),
        (1337, "0xregistry", "0x" + "22" * 20, b"\x01" * 32),
        (*about[:3], b"\x02" * 32),
    ):
        with pytest.raises(FlywheelError, match="is of another registration"):
            salts.salt_of(path, *other)
    for text in ("nonsense", "[]", json.dumps({"salt": 7}), "{}"):
        path.write_text(text)
        with pytest.raises(FlywheelError, match="keeps no salt"):
            salts.salt_of(path, *about)


# --- what options say ---


def test_read_all__shares__are_those_of_the_registry():
    found = revenue_shares.read_all(
        ["treasury=1000", f"{ACCOUNT}=6000", "campaign:3=1000", "datasets=2000"]
    )
    assert [(item.kind, item.bps, item.campaign_id) for item in found] == [
        (ReceiverKind.TREASURY, 1_000, 0),
        (ReceiverKind.ACCOUNT, 6_000, 0),
        (ReceiverKind.CAMPAIGN, 1_000, 3),
        (ReceiverKind.CAMPAIGN, 2_000, 0),
    ]
    assert found[1].account == ACCOUNT
    assert revenue_shares.show(found) == (
        f"Treasury 10 %, {ACCOUNT} 60 %, campaign 3 10 %, datasets 20 %"
    )
    assert revenue_shares.read_all([]) == ()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["treasury=9999"], "sum to 9,999 bps"),
        (["treasury=10001"], "is not a share"),
        (["treasury=0"], "is not a share"),
        (["treasury"], "is not a share"),
        (["someone=10000"], "'someone' receives nothing"),
        (["campaign:x=10000"], "'campaign:x' receives nothing"),
        (["0x12=10000"], "'0x12' is no address"),
        ([f"campaign:{number}=1111" for number in range(1, 10)], "9 shares are too many"),
    ],
)
def test_read_all__wrong_shares__are_refused(texts, said):
    with pytest.raises(FlywheelError) as caught:
        revenue_shares.read_all(texts)
    assert said in str(caught.value)


def test_options__of_parents_and_datasets__are_checked():
    assert registering.parent_ids(["a/b=3", "c=d=4"]) == {"a/b": 3, "c=d": 4}
    assert registering.dataset_weights(["1=4000", "2=6000"]) == ((1, 4_000), (2, 6_000))
    names = (ParentName("a/b"), ParentName("c/d"))
    assert registering.kept(names, ["a/b"]) == names[1:]
    for call, said in (
        (lambda: registering.parent_ids(["a/b"]), "says no model"),
        (lambda: registering.parent_ids(["=3"]), "says no model"),
        (lambda: registering.dataset_weights(["1"]), "is no dataset"),
        (lambda: registering.dataset_weights(["1=9999"]), "do not sum to 10000"),
        (lambda: registering.kept(names, ["x/y"]), "Its base models: a/b, c/d"),
    ):
        with pytest.raises(FlywheelError, match=said):
            call()
