"""Energy commands: reports out of files, attestations carried by others, challenges, footprints."""

import json

import pytest
from eth_utils import keccak

from flywheel.governance import named
from tests.kits.energy import emissions_csv, sample, samples_csv
from tests.scripts import nodes
from tests.scripts.test_models import MAKER, STRANGER, TUNER, URI, model_files

BASE = 1
EVIDENCE = "--uri ipfs://evidence"


@pytest.fixture(scope="module")
def csv(folder):
    path = folder / "emissions.csv"
    path.write_text(emissions_csv({}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def node(local, folder, csv):
    """A model of TEST::1 with one report on it, out of CodeCarbon's file."""
    files = model_files(folder, "lab/base", "license: apache-2.0\n")
    local.succeed("deploy $N --account TEST::0")
    local.succeed(f"models register {files.card} {files.home} {URI} $N {MAKER}")
    line = f"energy report --model {BASE} --from {csv} --pue 1.1 {EVIDENCE} $N {MAKER}"
    assert nodes.shown(local, line)["report"] == 1
    return local


def test_report__of_a_file__is_what_the_chain_has(node, csv):
    with node.suite() as suite:
        found = suite.energy.report_of(1)
        assert (found.subject_kind, found.subject_id, found.energy_wh) == (2, BASE, 3_850)
        assert bytes(found.evidence_hash) == keccak(csv.read_bytes())
    said = node.succeed("energy show 1 $M")
    assert "3,850 Wh" in said
    assert "CodeCarbon" in said


def test_offers__like_a_model__say_what_its_run_would_emit(node):
    for region, grams in (("US", 400), ("FR", 50)):
        node.succeed(
            f"compute offer A100 2 --gpus 8 --watts 400 --pue 1.1 --grid-grams {grams} "
            f"--region {region} $N {MAKER}"
        )
    said = node.run("compute offers --by carbon --like 1 $M")
    remark = "A GPU-hour of offer 2 (FR) emits 87.5 % less than one of offer 1 (US)."
    assert remark in " ".join(said.stderr.split())
    line = f"compute offers --by carbon --like {BASE} --format json $M"
    clean, dirty = json.loads(node.succeed(line))
    assert (clean["like_model_1"], dirty["like_model_1"]) == (193, 1_540)
    said = node.run("compute offers --hardware tpu $M")
    assert "Offers of compute: none" in said.stdout
    assert "Nobody offers 'tpu'. What is offered: " in said.stderr
    assert "no model 9" in node.refuse("compute offers --like 9 $M")


def test_report__dry_run__shows_figures_and_sends_nothing(node, csv):
    said = node.succeed(
        f"energy report --model {BASE} --from {csv} {EVIDENCE} $N {MAKER} --dry-run"
    )
    assert "3,500 Wh" in said
    with node.suite() as suite:
        assert suite.energy.report_count() == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("", "Give --from FILE, or --gpu-hours"),
        ("--from {csv} --kind nvidia-smi", "Give --pue, --grid-grams and --region"),
        ("--from {csv} --grid-grams 5", "Leave out --grid-grams"),
        ("--from {csv} --market-grams 5", "Give --renewable-proof FILE"),
        ("--from pyproject.toml", "Name what it is with --kind"),
    ],
)
def test_report__what_does_not_fit__says_what_to_give(node, csv, options, reason):
    given = options.format(csv=csv)
    assert reason in node.refuse(f"energy report --model {BASE} {given} {EVIDENCE} $N {MAKER}")


def test_report__subject_missing_or_twice__refused(node, csv):
    for subject in ("", "1", f"1 1 --model {BASE}"):
        said = node.refuse(f"energy report {subject} --from {csv} {EVIDENCE} $N {MAKER}")
        assert "Give GRANT and MILESTONE, or --model ID" in said


def test_report__by_a_stranger__refused(node, csv):
    line = f"energy report --model {BASE} --from {csv} {EVIDENCE} $N {STRANGER}"
    assert "caller may not report" in node.refuse(line)


def test_attest__signed_by_one__submitted_by_another(node, folder):
    signed = folder / "attestation.json"
    node.succeed(f"energy attest 1 --sign {signed} $N {TUNER}")
    said = nodes.shown(node, f"energy attest --signature {signed} $N {STRANGER}")
    assert said["attestations"] == 1
    assert "report is attested already" in node.refuse(
        f"energy attest --signature {signed} $N {STRANGER}"
    )
    content = json.loads(signed.read_text())
    for changes in ({"chainId": 7}, {"contract": "0x" + "11" * 20}, {"kind": "ballot"}):
        other = folder / "other.json"
        other.write_text(json.dumps(content | changes))
        assert "attestation" in node.refuse(f"energy attest --signature {other} $N {STRANGER}")
    assert nodes.shown(node, f"energy attest 1 $N {STRANGER}")["attestations"] == 2


def test_attest__no_report_or_two__refused(node):
    assert "Give REPORT" in node.refuse(f"energy attest $N {TUNER}")
    assert "There is no energy report 99" in node.refuse(f"energy attest 99 $N {TUNER}")


def test_challenge__proposal_of_a_vote__is_the_action(node, folder):
    out = folder / "challenge.yaml"
    node.succeed(f"energy challenge 1 --reason 'no meter' --out {out} $N {STRANGER}")
    with node.suite() as suite:
        title, _, (action,) = named.read(suite, out)
        expected = suite.energy.challenge.encode_input(1, keccak(text="no meter"))
    assert title == "Challenge energy report 1: no meter"
    assert bytes(action.calldata) == bytes(expected)
    line = f"energy challenge 1 --reason x $N {STRANGER}"
    assert "caller may not challenge" in node.refuse(line)


def test_show_and_card__after_a_correction__tell_the_live_report(node, folder):
    power, proof = folder / "power.csv", folder / "proof.pdf"
    lines = [sample(f"12:00:{second:02d}.000", "360 W") for second in range(11)]
    power.write_text(samples_csv(*lines), encoding="utf-8")
    proof.write_bytes(b"certificates")
    node.succeed(
        f"energy report --model {BASE} --from {power} --pue 1.2 --grid-grams 500 --region FRA "
        f"--market-grams 0 --renewable-bps 10000 --renewable-proof {proof} --supersedes 1 "
        f"{EVIDENCE} $N {MAKER}"
    )
    # 360 W for 10 s, half as much again for the server, PUE 1.2: 1.8 Wh, rounded up.
    said = node.succeed(f"energy show --model {BASE} $M")
    assert "superseded by 2" in said
    assert "with ancestors" in said
    with node.suite() as suite:
        assert tuple(suite.energy.footprint(2, BASE, 1)) == (2, 1, 0)
        assert tuple(suite.energy.footprint_with_ancestors(BASE)) == (2, 1, 0)
    card = node.succeed(f"energy card {BASE} --training-type fine-tuning $M")
    assert "co2_eq_emissions:" in card
    assert "emissions: 1\n" in card
    assert "model_name: lab/base" in card
