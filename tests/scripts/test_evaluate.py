"""Claims and attestations by command: the guide for evaluators, line by line, and refusals."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak
from huggingface_hub import ModelCard

from flywheel.evaluations import attestations, claims
from flywheel.evaluations.harness import Results
from tests.kits.evaluations import make_benchmark
from tests.scripts import license_shop, nodes
from tests.scripts.safe_app import send_as
from tests.support import ROOT

EVE, IVO, BO = "--account TEST::1", "--account TEST::2", "--account TEST::3"
ACCURACY, PERPLEXITY = 1, 2
PUBLISHED = ROOT / "tests" / "fixtures" / "evaluations" / "lm-eval-0.4-rwkv7-0.1b.json"
LAMBADA = "lambada_openai"
DIGEST = hashlib.sha256(b"ABC").hexdigest()
WEIGHTS = b"ABC"


@pytest.fixture(scope="module")
def files(folder) -> Path:
    """The results file and the weights that the guide names."""
    shutil.copy(PUBLISHED, folder / "results.json")
    (folder / "weights").mkdir()
    (folder / "weights" / "model.safetensors").write_bytes(WEIGHTS)
    return folder


@pytest.fixture(scope="module")
def measured(local, files) -> nodes.Node:
    """Two benchmarks of the published file, and two evaluators that a vote admitted to each."""
    local.succeed("deploy $N --account TEST::0")
    results = Results(PUBLISHED)
    accuracy = make_benchmark(task_hash=results.read(LAMBADA, "acc").task_hash)
    perplexity = make_benchmark(
        name=f"{LAMBADA}, perplexity",
        task_hash=results.read(LAMBADA, "perplexity").task_hash,
        higher_is_better=False,
        max_score=10**9,
        threshold=1,
    )
    with local.suite() as suite:
        target = suite.evaluations
        calls = [target.add_benchmark.encode_input(item) for item in (accuracy, perplexity)]
        calls += [
            target.set_evaluator.encode_input(number, license_shop.address(person), True)
            for number in (ACCURACY, PERPLEXITY)
            for person in (1, 2)
        ]
    license_shop.by_vote(local, *((target, data) for data in calls))
    return local


@pytest.fixture
def node(measured):
    """Each test starts from the state in which nothing is claimed."""
    snapshot = measured.rpc("evm_snapshot")
    yield measured
    assert measured.rpc("evm_revert", snapshot)


def claim_line(files: Path, metric: str = "acc", **changes: str) -> str:
    options = {
        "from": f"{files}/results.json",
        "task": LAMBADA,
        "metric": metric,
        "uri": "ipfs://results",
        "digest": DIGEST,
    } | changes
    written = " ".join(f"--{name} '{value}'" for name, value in options.items() if value)
    return f"evaluate claim {written} $N {BO}"


def guide_lines(files: Path) -> list[str]:
    text = (ROOT / "docs" / "guides" / "evaluator.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("ape run ") for block in blocks for line in block.splitlines()]
    people = {"eve": EVE, "ivo": IVO, "bo": BO}
    for name, account in people.items():
        lines = [line.replace(f"--account {name}", account) for line in lines]
    return [
        line.replace(" results.json", f" {files}/results.json").replace(
            "--model-weights weights", f"--model-weights {files}/weights"
        )
        for line in lines
    ]


def test_guide__line_by_line__attests_a_claim(node, files):
    lines = guide_lines(files)
    assert len(lines) == 8
    said = dict(zip(lines, map(node.succeed, lines), strict=True))
    shown = [text for line, text in said.items() if line.startswith("evaluate show 1")]
    assert "claimed, attested by nobody" in shown[0]
    (last,) = nodes.shown(node, f"evaluate show --digest {DIGEST} $M")
    assert (last["claim"], last["score"], last["standing"]) == (1, 457_791, "attested")
    with node.suite() as suite:
        found = claims.get(suite, 1)
    assert found.attestors == tuple(license_shop.address(number) for number in (1, 2))
    assert found.evidence_hash == keccak(PUBLISHED.read_bytes())
    assert found.harness == "lm-evaluation-harness at 4a852644"
    assert found.weights_digest.hex() == DIGEST


def test_benchmarks__two__tell_scale_direction_and_evaluators(node):
    rows = nodes.shown(node, "evaluate benchmarks $M")
    assert [(row["benchmark"], row["from"], row["to"], row["better"]) for row in rows] == [
        (ACCURACY, 0, 1_000_000, "higher is better"),
        (PERPLEXITY, 0, 1_000_000_000, "lower is better"),
    ]
    assert [(row["needs"], row["evaluators"]) for row in rows] == [(2, 2), (1, 2)]


def test_scores__of_a_file__need_no_chain(node, files):
    rows = nodes.shown(node, f"evaluate scores {files}/results.json --network none")
    assert [(row["metric"], row["value"]) for row in rows] == [
        ("acc", "0.4577915777217155"),
        ("perplexity", "14.451282557750991"),
    ]


def test_claim__lower_is_better__is_rounded_up(node, files):
    node.succeed(claim_line(files, "perplexity"))
    (row,) = nodes.shown(node, f"evaluate show --digest {DIGEST} $M")
    assert (row["score"], row["better"]) == (14_451_283, "lower is better")
    assert row["standing"] == "claimed"


def changed_results(files: Path, name: str, change: Any) -> Path:
    data = json.loads(PUBLISHED.read_text())
    change(data)
    path = files / name
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metric": "f1"}, "has no metric 'f1'"),
        ({"task": "wsc"}, "no task 'wsc'"),
        ({"digest": "12"}, "'12' is no digest. Write 64 hexadecimal digits."),
        ({"digest": ""}, "The weights are named once. Give --digest, or --model-weights."),
        ({"uri": " " * 129}, "The chain keeps 128"),
    ],
)
def test_claim__wrong__says_what_to_do(node, files, changes, said):
    assert said in node.refuse(claim_line(files, **changes))


def test_claim__what_no_benchmark_measures__names_the_hash(node, files):
    def five_shots(data):
        data["n-shot"][LAMBADA] = 5

    path = changed_results(files, "five.json", five_shots)
    said = node.refuse(claim_line(files, **{"from": str(path)}))
    digits = Results(path).read(LAMBADA, "acc").task_hash.hex()
    assert f"No benchmark has the task hash 0x{digits}" in said


def test_claim__outside_of_the_scale_or_the_other_way_round__is_refused(node, files):
    def too_good(data):
        data["results"][LAMBADA]["acc,none"] = 1.5

    path = changed_results(files, "good.json", too_good)
    said = node.refuse(claim_line(files, **{"from": str(path)}))
    assert "1.5 is not on the scale of benchmark 1, 0 to 1" in said

    def upside_down(data):
        data["higher_is_better"][LAMBADA]["acc"] = False

    path = changed_results(files, "down.json", upside_down)
    said = node.refuse(claim_line(files, **{"from": str(path)}))
    assert "higher is better, but the file says the opposite" in said


def test_attest__who_may_not__is_told_before_anything_is_sent(node, files):
    node.succeed(claim_line(files))
    said = node.refuse(f"evaluate attest 1 $N {BO}")
    assert "is no evaluator of benchmark 1" in said
    node.succeed(f"evaluate attest 1 $N {EVE}")
    assert "has attested claim 1 already" in node.refuse(f"evaluate attest 1 $N {EVE}")
    assert "There is no claim 2. Only claim 1 exists." in node.refuse(f"evaluate attest 2 $N {EVE}")
    assert "One claim is attested at a time" in node.refuse(f"evaluate attest $N {EVE}")
    (row,) = nodes.shown(node, f"evaluate show --digest {DIGEST} $M")
    assert "claimed, attested by 1 of 2" in node.succeed("evaluate show 1 $M")
    assert row["standing"] == "claimed"


def signed_by(node: nodes.Node, person: str, name: str) -> Path:
    node.succeed(f"evaluate sign 1 --out out/{name} $N {person}")
    return node.folder / name


def test_attest__signed_file__for_something_else_is_refused(node, files):
    node.succeed(claim_line(files))
    path = signed_by(node, EVE, "eve.json")
    content = json.loads(path.read_text())
    for change, said in (
        ({"chainId": 1}, "It is for chain 1, this is chain"),
        ({"contract": "0x" + "22" * 20}, "It is for the contract 0x22"),
        ({"deadline": "5"}, "It has expired"),
        ({"claimHash": "0x" + "00" * 32}, "Claim 1 is another than was signed"),
        ({"claimId": "7"}, "There is no claim 7"),
        ({"evaluator": "0x" + "22" * 20}, "is no evaluator of benchmark 1"),
        ({"evaluator": license_shop.address(2)}, "signature is not the evaluator's"),
        ({"more": 1}, "it has an unknown 'more'"),
        ({"kind": "ballot"}, "its kind is ballot"),
        ({"signature": "0x"}, "its signature is empty"),
    ):
        other = node.folder / "other.json"
        other.write_text(json.dumps(content | change))
        assert said in node.refuse(f"evaluate attest --signature {other} $N {BO}")
    node.succeed(f"evaluate attest --signature {path} $N {BO}")


def test_sign__after_a_removal_and_another_admission__is_void(node, files):
    node.succeed(claim_line(files))
    path = signed_by(node, EVE, "early.json")
    with node.suite() as suite:
        target, eve = suite.evaluations, license_shop.address(1)
        calls = [target.set_evaluator.encode_input(1, eve, flag) for flag in (False, True)]
    license_shop.by_vote(node, *((target, data) for data in calls))
    said = node.refuse(f"evaluate attest --signature {path} $N {BO}")
    assert "signature is not the evaluator's" in said
    node.succeed(f"evaluate attest --signature {signed_by(node, EVE, 'late.json')} $N {BO}")


def test_show__a_void_claim__says_so_and_is_not_in_the_card(node, files):
    for _ in range(2):
        node.succeed(claim_line(files))
    for person in (EVE, IVO):
        node.succeed(f"evaluate attest 1 $N {person}")
    with node.suite() as suite:
        target = suite.evaluations
        data = target.void_claim.encode_input(1, b"\x02" * 32)
    license_shop.by_vote(node, (target, data))
    rows = nodes.shown(node, f"evaluate show --digest {DIGEST} --card out/block.md $M")
    assert [(row["claim"], row["standing"]) for row in rows] == [(2, "claimed"), (1, "void")]
    card = ModelCard((node.folder / "block.md").read_text()).data
    (result,) = card.eval_results
    assert (card.model_name, result.metric_value) == (DIGEST, 0.457791)
    assert "claimed, attested by nobody" in result.metric_name
    assert result.source_name == "lm-evaluation-harness at 4a852644, claimed, attested by nobody"
    assert "Claim 1 is void since" in node.refuse(f"evaluate attest 1 $N {EVE}")


def test_show__many_claims_of_nobody__are_cut_short_for_people(node, files, monkeypatch):
    monkeypatch.setattr(claims, "MOST_UNATTESTED", 1)
    for _ in range(3):
        node.succeed(claim_line(files))
    node.succeed(f"evaluate attest 1 $N {EVE}")
    result = node.run(f"evaluate show --digest {DIGEST} $M")
    assert "1 older claims that nobody attested are left out" in result.stderr
    assert len(nodes.shown(node, f"evaluate show --digest {DIGEST} $M")) == 3


@pytest.mark.parametrize("options", ["", "1 --model 1", f"--model 1 --digest {DIGEST}"])
def test_show__not_one_thing__is_refused(node, options):
    assert "One thing is shown at a time" in node.refuse(f"evaluate show {options} $M")


def test_models_show__a_measured_model__lists_its_claims(node, files):
    name = "Measured-7B"
    license_shop.register(node, name)
    digest = name.encode().ljust(32, b".").hex()
    node.succeed(claim_line(files, digest=digest))
    shown = nodes.shown(node, "models show 1 $M")
    assert shown["measured"] == [
        {"claim": 1, "benchmark": 1, "score": 457_791, "standing": "claimed"}
    ]
    page = " ".join(node.succeed("models show 1 $M").split())
    assert "attested by nobody" in page
    (row,) = nodes.shown(node, "evaluate show --model 1 --card out/model.md $M")
    assert row["claim"] == 1
    assert ModelCard((node.folder / "model.md").read_text()).data.model_name == name


def test_get__event_that_is_not_what_was_claimed__is_refused(node, files, monkeypatch):
    """A node that tells another harness or evidence than the contract's hash is found out."""
    node.succeed(claim_line(files))
    monkeypatch.setattr(claims, "hash_of", lambda message: bytes(32))
    said = node.refuse("evaluate show 1 $M")
    assert "What the node tells of claim 1 is not what was claimed" in said


def test_dry_run__claim_and_attest__send_nothing(node, files):
    node.succeed(claim_line(files))
    before = node.height()
    node.succeed(f"evaluate attest 1 --dry-run $M {EVE}")
    node.succeed(claim_line(files).replace("$N", "--dry-run $M"))
    assert node.height() == before


def test_load__a_saved_file__is_what_was_signed(node, files):
    node.succeed(claim_line(files))
    signed = attestations.load(signed_by(node, IVO, "ivo.json"))
    assert (signed.claim_id, signed.evaluator) == (1, license_shop.address(2))


HOSTILE = (b"no \xff text", b"\x1b[2J[/]=1+1", "\u202etxet\n|".encode(), b"x" * 64)


def test_show__texts_that_are_none__take_the_page_away_from_nobody(node, files):
    """Whatever anybody files, the honest claim about the same weights is shown and attested."""
    node.succeed(claim_line(files))
    for number, text in enumerate(HOSTILE, start=2):
        fields = (bytes.fromhex(DIGEST), ACCURACY, 1, text, b"\x01" * 32, text)
        body = encode(["(bytes32,uint256,int256,bytes,bytes32,bytes)"], [fields])
        selector = keccak(text="claim((bytes32,uint256,int256,string,bytes32,string))")[:4]
        with node.suite() as suite:
            target = str(suite.evaluations.address)
        send_as(node, license_shop.address(9), [(target, f"0x{(selector + body).hex()}", "0")])
        shown = node.succeed(f"evaluate show {number} $M")
        assert "\x1b" not in shown
    for way in ("table", "json", "csv"):
        said = node.succeed(f"evaluate show --digest {DIGEST} --format {way} $M")
        assert "\x1b" not in said
        assert "\u202e" not in said
    node.succeed(f"evaluate show --digest {DIGEST} --card out/hostile.md $M")
    results = ModelCard((node.folder / "hostile.md").read_text()).data.eval_results
    assert [result.dataset_config for result in results] == ["claim 5", "claim 1"]
    assert "are no text that anybody can read" in node.refuse(f"evaluate attest 2 $N {EVE}")
    node.succeed(f"evaluate attest 1 $N {EVE}")
    node.succeed(f"evaluate attest 3 $N {EVE}")
