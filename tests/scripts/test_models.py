"""A builder's models: registered from cards, derived under licences, shown, drawn, split anew."""

import csv
import hashlib
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from eth_utils import keccak

from flywheel.licensing import licenses
from flywheel.models import registry as models
from flywheel.models import salts
from flywheel.models.kinds import ModelKind
from tests.scripts import nodes
from tests.scripts.safe_app import SAFE, record, send_as_the_safe

MAKER, TUNER, STRANGER = "--account TEST::1", "--account TEST::2", "--account TEST::3"
URI = "--card-uri ipfs://card --salts out/commitments"
BASE, CHILD, OWN = 1, 2, 3


def account(number: int) -> Any:
    from ape import accounts

    return accounts.test_accounts[number]


def model_files(folder: Path, name: str, front: str, shards: int = 1) -> SimpleNamespace:
    """A card and weights of their own in a folder of their own."""
    home = folder / name.replace("/", "-")
    home.mkdir()
    card = home / "README.md"
    card.write_text(f"---\nmodel_name: {name}\n{front}---\n# {name}\n", encoding="utf-8")
    weights = [home / f"model-{number}.safetensors" for number in range(shards)]
    for path in weights:
        path.write_bytes(f"{name} {path.name}".encode() * 100)
    return SimpleNamespace(card=card, home=home, weights=weights)


@pytest.fixture(scope="module")
def files(folder) -> SimpleNamespace:
    return SimpleNamespace(
        base=model_files(folder, "lab/base", "license: apache-2.0\n", shards=3),
        child=model_files(folder, "tuner/child", "base_model: lab/base\n"),
        own=model_files(folder, "tuner/own", "base_model: tuner/child\nquantized_by: tuner\n"),
        other=model_files(folder, "tuner/other", "base_model: lab/base\n"),
        safe=model_files(folder, "safe/model", ""),
        merge=model_files(folder, "tuner/merge", "base_model: [lab/base, far/away]\n"),
        twin=model_files(folder, "twin", ""),
    )


@pytest.fixture(scope="module")
def shop(local, files) -> nodes.Node:
    """A base model, a licence to fine-tune it, a child under it, and the child's own copy."""
    local.succeed("deploy $N --account TEST::0")
    said = nodes.result_of(
        local.succeed(
            f"models register {files.base.card} {files.base.home} {URI} $N {MAKER} --format json"
        )
    )
    assert said["model"] == BASE
    with local.suite() as suite:
        terms = licenses.to_derive(BASE, 0, {ModelKind.FINE_TUNE: 1_000}, "ipfs://derive")
        suite.catalog.offer_terms(terms.struct(str(suite.asset.address)), sender=account(1))
        assert licenses.buy(suite, account(2), 1) == 1
    for name, options in (("child", "--license 1"), ("own", "")):
        item = getattr(files, name)
        line = f"models register {item.card} {item.home} {URI} {options} $N {TUNER}"
        local.succeed(line)
    return local


# --- register ---


def test_register__shards_of_a_card__are_on_chain_and_the_salt_is_gone(shop, files):
    with shop.suite() as suite:
        model = models.get(suite, BASE)
        owner = str(account(1).address)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in files.base.weights
    ]
    assert model.weights_digest == hashlib.sha256("".join(sorted(lines)).encode()).digest()
    assert model.card_hash == keccak(files.base.card.read_bytes())
    assert (model.name, model.kind, model.card_uri) == (
        "lab/base",
        ModelKind.FOUNDATION,
        "ipfs://card",
    )
    assert model.owner == model.registrant == owner
    assert [(item.account, item.bps) for item in model.split] == [(owner, 10_000)]
    assert list((shop.folder / "commitments").glob("*")) == []


def test_register__child_and_own_copy__owe_what_the_licence_says(shop, files):
    with shop.suite() as suite:
        child, own = models.get(suite, CHILD), models.get(suite, OWN)
    assert (child.kind, child.parents) == (ModelKind.FINE_TUNE, ((BASE, 1, 1_000),))
    digest = hashlib.sha256(files.child.weights[0].read_bytes()).digest()
    assert child.weights_digest == digest
    assert child.ancestors == {BASE: 1_000}
    assert (own.kind, own.parents) == (ModelKind.QUANTIZATION, ((CHILD, 0, 1_000),))
    assert own.ancestors == {BASE: 1_000}


def test_register__what_cannot_be_registered__is_refused_before_anything_is_sent(shop, files):
    before = shop.height()
    other, base, merge = files.other, files.base, files.merge
    register = f"models register {other.card} {other.home}"
    for line, said in (
        (f"{register} {URI} $N {STRANGER}", "a fine_tune of it needs a licence"),
        (f"{register} {URI} $N {STRANGER}", "give it with --license"),
        (f"{register} {URI} --license 1 $N {STRANGER}", "Licence 1 does not let"),
        (f"{register} {URI} --license 9 $N {TUNER}", "There is no licence 9"),
        (
            f"{register} {URI} --license 1 --kind quantization $N {TUNER}",
            "register a quantization of lab/base",
        ),
        (
            f"{register} {URI} --parent lab/base=2 --license 1 $N {STRANGER}",
            "model 2) is not yours",
        ),
        (f"{register} {URI} --kind foundation $N {TUNER}", "A foundation is made from no other"),
        (f"{register} --salts out/x $N {TUNER}", "Give --card-uri"),
        (f"{register} {URI} --split treasury=9999 --license 1 $N {TUNER}", "sum to 9,999 bps"),
        (f"{register} {URI} --split treasury=10000 --grant 1 $N {TUNER}", "Leave out --split"),
        (
            f"models register {base.card} {base.home} {URI} $N {MAKER}",
            f"These weights are model {BASE} already",
        ),
        (
            f"models register {merge.card} {merge.home} {URI} --license 1 $N {TUNER}",
            "The parent far/away is not registered",
        ),
    ):
        assert said in shop.refuse(line), line
    assert shop.height() == before


def test_register__dry_run_or_no_terminal__sends_and_keeps_nothing(shop, files):
    before = shop.height()
    line = f"models register {files.other.card} {files.other.home} {URI} --license 1"
    result = shop.run(f"{line} $N {TUNER} --dry-run")
    assert result.exit_code == 0
    digest = hashlib.sha256(files.other.weights[0].read_bytes()).hexdigest()
    assert f"Dry run, not sent: Register tuner/other, a fine_tune, with SHA-256 {digest}" in (
        result.stderr
    )
    base = f"lab/base (model 1 of {account(1).address}, licence 1, 10 %)"
    assert f"made from {base}" in result.stderr
    assert "owing 10 % of what is paid for it to 1 ancestors" in result.stderr
    said = shop.run(f"{line} $M {TUNER}")
    assert said.exit_code == 1
    assert "There is no terminal to confirm at" in said.stderr
    assert shop.height() == before
    assert list((shop.folder / "commitments").glob("*")) == []


def test_register__broken_off_after_the_commitment__goes_on(shop, files):
    item, tuner = files.other, str(account(2).address)
    digest = hashlib.sha256(item.weights[0].read_bytes()).digest()
    with shop.suite() as suite:
        path = salts.path_of(shop.folder / "commitments", 1337, tuner, digest)
        registry = str(suite.registry.address)
        salt = salts.salt_of(path, 1337, registry, tuner, digest)
        models.commit(suite, account(2), digest, salt)
    before = shop.nonce(tuner)
    shop.succeed(f"models register {item.card} {item.home} {URI} --license 1 $N {TUNER}")
    assert shop.nonce(tuner) == before + 1
    assert not path.exists()


def test_register__merge_with_an_unregistered_base__leaves_it_out(shop, files):
    merge = files.merge
    line = f"models register {merge.card} {merge.home} {URI} --leave-out far/away --license 1"
    # Left alone with one parent the card is still a merge, which the licence does not allow.
    assert "register a merge of lab/base" in shop.refuse(f"{line} $N {TUNER}")
    shop.succeed(f"{line} --kind fine_tune $N {TUNER}")


def test_register__a_name_twice__asks_which(shop, files, tmp_path):
    """Names are not unique: the second twin is found by its number only."""
    twin = files.twin
    first = nodes.result_of(
        shop.succeed(f"models register {twin.card} {twin.home} {URI} $N {TUNER} --format json")
    )
    (weights := tmp_path / "second.gguf").write_bytes(b"second")
    shop.succeed(f"models register {twin.card} {weights} {URI} $N {TUNER}")
    child = model_files(tmp_path, "tuner/of-twin", "base_model: twin\n")
    line = f"models register {child.card} {child.home} {URI}"
    said = shop.refuse(f"{line} $N {TUNER}")
    assert "are all named twin. Say which with --parent 'twin=MODEL'" in said
    shop.succeed(f"{line} --parent twin={first['model']} $N {TUNER}")


def test_register__with_a_safe__takes_two_batches(shop, files, tmp_path):
    item = files.safe
    line = f"models register {item.card} {item.home} {URI}"
    with shop.suite() as suite:
        before = int(suite.registry.model_count())
    commit = record(shop, line, tmp_path / "commit.json")
    assert [call["contractMethod"]["name"] for call in commit["transactions"]] == ["commit"]
    send_as_the_safe(shop, commit)
    shop.succeed("devnet pass-time '61 seconds' $N")
    registration = record(shop, line, tmp_path / "register.json")
    assert [call["contractMethod"]["name"] for call in registration["transactions"]] == ["register"]
    send_as_the_safe(shop, registration)
    with shop.suite() as suite:
        assert int(suite.registry.model_count()) == before + 1
        assert str(suite.registry.ownerOf(before + 1)) == SAFE


# --- show and lineage ---


def test_show__one_model__tells_all_in_each_format(shop):
    shown = nodes.result_of(shop.succeed(f"models show {CHILD} $M --format json"))
    assert (shown["name"], shown["kind"], shown["parents"]) == ("tuner/child", "fine_tune", "1")
    assert shown["owes_its_ancestors"] == 1_000
    assert shown["split"] == f"{account(2).address} 100 %"
    (row,) = csv.DictReader(io.StringIO(shop.succeed(f"models show {CHILD} $M --format csv")))
    assert row == {key: str(value) for key, value in shown.items()}
    assert "tuner/child" in shop.succeed(f"models show {CHILD} $M")
    assert "There is no model 99" in shop.refuse("models show 99 $M")


def test_lineage__of_an_own_copy__is_a_tree_a_table_and_a_picture(shop, tmp_path):
    picture = tmp_path / "pictures" / "own.svg"
    said = shop.succeed(f"models lineage {OWN} $M --svg {picture}")
    for line in (
        "tuner/own (model 3, quantization)",
        "tuner/child (model 2, fine_tune): own model; gets nothing of it",
        "lab/base (model 1, foundation): link of 10 %; gets 10 %",
    ):
        assert line in said
    words = [item.text for item in ElementTree.parse(picture).iter() if item.text]
    assert {"own", "child", "base", "gets 10 %"} <= set(words)
    data = nodes.result_of(shop.succeed(f"models lineage {OWN} $M --format json"))
    assert data["parents"][0]["parents"][0]["share_bps"] == 1_000
    rows = list(csv.DictReader(io.StringIO(shop.succeed(f"models lineage {OWN} $M --format csv"))))
    assert rows == [{"model": "1", "name": "lab/base", "relation": "ancestor", "share": "1000"}]
    assert "There is no model 99" in shop.refuse("models lineage 99 $M")


# --- splits ---


def test_set_split__announced_and_refreshed_after_the_notice__is_in_force(shop):
    maker, other = account(1).address, account(4).address
    split = f"models set-split {BASE} treasury=1000 {other}=9000"
    for line, said in (
        (f"{split} $N {TUNER}", f"Model {BASE} belongs to {maker}"),
        (f"models set-split {BASE} treasury=999 $N {MAKER}", "The shares sum to 999 bps"),
        (f"models set-split {BASE} $N {MAKER}", "--take-back is needed"),
        (f"{split} --take-back $N {MAKER}", "--take-back is needed"),
        (f"{split} $M {MAKER}", "There is no terminal to confirm at"),
    ):
        assert said in shop.refuse(line)
    shop.succeed(f"{split} $N {MAKER}")
    shown = nodes.result_of(shop.succeed(f"models show {BASE} $M --format json"))
    assert shown["split"] == f"{maker} 100 %"
    assert shown["announced_split"] == f"Treasury 10 %, {other} 90 %"
    early = shop.run(f"models refresh {BASE} $N {STRANGER}")
    assert early.exit_code == 0
    assert "The announced split waits for" in early.stderr
    shop.succeed("devnet pass-time '14 days' $N")
    said = nodes.result_of(shop.succeed(f"models refresh {BASE} $N {STRANGER} --format json"))
    assert said["split"] == f"Treasury 10 %, {other} 90 %"
    shop.succeed(f"models set-split {BASE} treasury=10000 $N {MAKER}")
    shop.succeed(f"models set-split {BASE} --take-back $N {MAKER}")
    shown = nodes.result_of(shop.succeed(f"models show {BASE} $M --format json"))
    assert (shown["split"], shown["announced_split"], shown["in_force_from"]) == (
        f"Treasury 10 %, {other} 90 %",
        "",
        "",
    )
