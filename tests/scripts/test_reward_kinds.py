"""Drops of reports, rankings and units by command, from the file to a checked publication."""

import json
import shutil
from pathlib import Path

import pytest

from flywheel.chain import connection
from flywheel.console import cli
from flywheel.rewards import campaigns, drop_files, kinds, unit_files
from tests.kits.evaluations import make_benchmark, make_claim
from tests.scripts import license_shop, nodes

USDC = 10**6
TESTING, COMPETITION, COMPUTE = 1, 2, 3
PUBLISHER, ANN, BOB = 5, 6, 7
RULES = {
    "reports": "kind: reports\npoints: {critical: 100, low: 2}\n",
    "ranking": "kind: ranking\nbenchmark: 1\nprizes: [50, 30, 20]\n",
}
REPORTS = """worker,report,severity,ruling,reason
ann,r1,critical,accepted,reproduced
bob,r2,critical,duplicate,of r1
bob,r3,low,accepted,a slip
"""


@pytest.fixture(scope="module")
def funded(local) -> nodes.Node:
    """A campaign of each kind, each with 100 USDC, and a benchmark with an evaluator."""
    local.succeed("deploy $N --account TEST::0")
    local.succeed(f"devnet fund 1_000 $N --account TEST::{PUBLISHER}")
    for kind in ("testing", "competition", "compute pool"):
        line = f"rewards create ipfs://it --kind '{kind}' --challenge '3 days' $N"
        local.succeed(f"{line} --account TEST::{PUBLISHER}")
    with local.suite() as suite:
        from ape import accounts

        giver = accounts.test_accounts[PUBLISHER]
        connection.send(suite.asset.approve, suite.rewards, 300 * USDC, sender=giver)
        for campaign_id in (TESTING, COMPETITION, COMPUTE):
            args = (campaign_id, suite.asset, 100 * USDC)
            connection.send(suite.rewards.fund, *args, sender=giver)
        target = suite.evaluations
        data = (
            target.add_benchmark.encode_input(make_benchmark(threshold=1)),
            target.set_evaluator.encode_input(1, license_shop.address(1), True),
        )
    license_shop.by_vote(local, *((target, item) for item in data))
    return local


@pytest.fixture
def node(funded):
    snapshot = funded.rpc("evm_snapshot")
    yield funded
    assert funded.rpc("evm_revert", snapshot)


@pytest.fixture
def room(tmp_path) -> Path:
    """A folder with the rules and the workers' accounts."""
    for kind, text in RULES.items():
        (tmp_path / f"{kind}.yaml").write_text(text)
    lines = [f"{name},{license_shop.address(n)}\n" for name, n in (("ann", ANN), ("bob", BOB))]
    (tmp_path / "addresses.csv").write_text("worker,address\n" + "".join(lines))
    return tmp_path


def build_line(campaign_id: int, room: Path, name: str, rule: str, more: str = "") -> str:
    files = f"{room}/{name} {room}/drop --rule {room}/{rule} --addresses {room}/addresses.csv"
    return f"rewards build {campaign_id} {files} {more} $M"


def publish(node: nodes.Node, room: Path) -> dict[str, object]:
    """Publishes the drop, verifies it, opens it and pays all; what is verified afterwards."""
    assert "nobody proposed it" in node.refuse(f"rewards verify {room}/drop $M")
    sender = f"$N --account TEST::{PUBLISHER}"
    node.succeed(f"rewards publish {room}/drop --uri ipfs://drop {sender}")
    node.succeed(f"rewards verify {room}/drop $M")
    claim_all = f"rewards claim {room}/drop {room}/drop --all {sender}"
    assert "can be activated from" in node.refuse(claim_all)
    node.succeed("devnet pass-time '3 days' $N")
    node.succeed(f"rewards activate {room}/drop {sender}")
    assert "is active. Only a pending drop" in node.refuse(f"rewards activate {room}/drop {sender}")
    node.succeed(claim_all)
    return nodes.shown(node, f"rewards verify {room}/drop $M")


def held(node: nodes.Node, number: int) -> int:
    with node.suite() as suite:
        return int(suite.asset.balanceOf(license_shop.address(number)))


def test_reports__from_the_file_to_the_testers(node, room):
    (room / "reports.csv").write_text(REPORTS)
    node.succeed(build_line(TESTING, room, "reports.csv", "reports.yaml"))
    found = publish(node, room)
    assert found["kind_of_work"] == "reports"
    assert (held(node, ANN), held(node, BOB)) == (
        100 * USDC * 100 // 102,
        100 * USDC - 100 * USDC * 100 // 102,
    )


def claim(suite, number: int, score: int, is_attested: bool = True) -> int:
    """A claim of TEST::number about weights of its own, attested by TEST::1."""
    from ape import accounts

    target = suite.evaluations
    data = make_claim(weights_digest=bytes([number]) * 32, score=score)
    receipt = connection.send(target.claim, data, sender=accounts.test_accounts[number])
    event = connection.event_of(receipt, target.Claimed)
    if is_attested:
        args = (event.claim_id, event.claim_hash)
        connection.send(target.attest, *args, sender=accounts.test_accounts[1])
    return int(event.claim_id)


def test_ranking__from_attested_claims_to_the_winners(node, room):
    with node.suite() as suite:
        ids = [claim(suite, ANN, 500), claim(suite, BOB, 600), claim(suite, BOB, 700, False)]
    entries = room / "entries.csv"
    entries.write_text(f"worker,claim_id\nann,{ids[0]}\nbob,{ids[1]}\nbob,{ids[2]}\n")
    line = build_line(COMPETITION, room, "entries.csv", "ranking.yaml")
    assert f"line 4: claim {ids[2]} is not attested" in node.refuse(line)
    entries.write_text(f"worker,claim_id\nann,{ids[0]}\nbob,{ids[1]}\n")
    node.succeed(line)
    found = publish(node, room)
    assert found["kind_of_work"] == "ranking"
    # Nobody reached the third rank: its prize is shared as the others are.
    assert (held(node, ANN), held(node, BOB)) == (37_500_000, 62_500_000)
    with node.suite() as suite:
        target = suite.evaluations
        data = target.void_claim.encode_input(ids[1], b"r" * 32)
    assert found["claims"] == "2, all as on the chain"
    license_shop.by_vote(node, (target, data))
    # It was right when it was paid: nobody is to be told anything.
    after = nodes.shown(node, f"rewards verify {room}/drop $M")
    assert after == found | {"claims": "1 of 2 was voided since"}


def test_ranking__claim_voided_while_the_drop_is_pending__is_refused(node, room):
    with node.suite() as suite:
        number = claim(suite, ANN, 500)
        target = suite.evaluations
        data = target.void_claim.encode_input(number, b"r" * 32)
    (room / "entries.csv").write_text(f"worker,claim_id\nann,{number}\n")
    node.succeed(build_line(COMPETITION, room, "entries.csv", "ranking.yaml"))
    sender = f"$N --account TEST::{PUBLISHER}"
    node.succeed(f"rewards publish {room}/drop --uri ipfs://drop {sender}")
    license_shop.by_vote(node, (target, data))
    assert f"claim {number} is void" in node.refuse(f"rewards verify {room}/drop $M")
    # Nobody heard it.
    node.succeed("devnet pass-time '3 days' $N")
    node.succeed(f"rewards activate {room}/drop {sender}")
    found = nodes.shown(node, f"rewards verify {room}/drop $M")
    assert found["claims"] == "1 of 1 was voided before the drop was active"


def test_activate__a_folder_of_another_root__is_refused_before_it_asks(node, room):
    (room / "reports.csv").write_text(REPORTS)
    line = build_line(TESTING, room, "reports.csv", "reports.yaml")
    node.succeed(line)
    sender = f"$N --account TEST::{PUBLISHER}"
    activate = f"rewards activate {room}/drop {sender}"
    assert "is not on the chain: nobody proposed it" in node.refuse(activate)
    node.succeed(f"rewards publish {room}/drop --uri ipfs://drop {sender}")
    node.succeed("devnet pass-time '3 days' $N")
    (room / "reports.csv").write_text(REPORTS.replace("low,accepted", "low,refused"))
    # The folder of the next drop would have another number: it is the same one, made anew.
    with node.suite() as suite:
        drop = campaigns.domain(suite, TESTING, 1)
        files = kinds.given(room / "reports.csv", room / "reports.yaml")
        drop_files.build(room / "drop", drop, 100 * USDC, files, room / "addresses.csv")
    nonce = node.nonce(license_shop.address(PUBLISHER))
    assert "has another root or total on the chain" in node.refuse(activate)
    assert "has another root on the chain" in node.refuse(
        f"rewards claim {room}/drop --all {sender}"
    )
    assert node.nonce(license_shop.address(PUBLISHER)) == nonce


def test_verify__for_a_worker__shows_its_line_and_account(node, room):
    (room / "reports.csv").write_text(REPORTS)
    node.succeed(build_line(TESTING, room, "reports.csv", "reports.yaml"))
    node.succeed(f"rewards publish {room}/drop --uri x $N --account TEST::{PUBLISHER}")
    verify = f"rewards verify {room}/drop $M"
    bob = license_shop.address(BOB)
    said = " ".join(node.succeed(f"{verify} --for bob").split())
    assert "addresses, reports, rule: nothing proves them" in said
    rows = [
        json.loads(node.succeed(f"{verify} --for {name} --format json").split("\n}\n", 1)[1])
        for name in ("bob", bob, f"{bob.lower()} --for bob")
    ]
    units = 100 * USDC - 100 * USDC * 100 // 102
    for (row,) in rows:
        assert (row["worker"], row["accepted"], row["points"]) == ("bob", "1", "2")
        assert (row["gets"], row["account"]) == (units, bob)
    refused = node.refuse(f"{verify} --for carl")
    assert "'carl' has no part in this drop" in refused


def test_build__fault_in_a_file__names_the_one_that_was_given(node, room):
    labels, gold = room / "labels.csv", room / "gold.csv"
    labels.write_text("worker,task,label\nann,t1,G\nzoe,t1\n")
    line = build_line(TESTING, room, "labels.csv", "labels.yaml", f"--gold {gold}")
    gold.write_text("task,label\nt1\n")
    (room / "labels.yaml").write_text("kind: labels\n")
    assert node.refuse(line).startswith(f"{labels}, line 3: ")
    labels.write_text("worker,task,label\nann,t1,G\n")
    assert node.refuse(line).startswith(f"{gold}, line 2: ")


@pytest.fixture
def units(room) -> Path:
    """Units of two machines, and a rule of 2 of the validators TEST::1 to TEST::3."""
    path = room / "units.csv"
    path.write_text("worker,units\nann,3\nbob,1\n")
    named = "".join(f"- '{license_shop.address(number)}'\n" for number in (1, 2, 3))
    (room / "units.yaml").write_text(f"kind: units\nvalidators:\n{named}threshold: 2\n")
    return path


def sign_line(units: Path, number: int, more: str = "") -> str:
    return f"rewards sign-units {COMPUTE} {units} {more} $N --account TEST::{number}"


def test_units__signed_by_two_of_three__are_paid(node, room, units):
    signatures = f"--signatures {room}/signatures.csv"
    line = build_line(COMPUTE, room, "units.csv", "units.yaml", signatures)
    said = node.succeed(sign_line(units, 1))
    assert "4 units of 2 workers" in said
    assert "has 1 of the 2 signatures" in node.refuse(line)
    assert "already" in node.refuse(sign_line(units, 1))
    nonce = node.nonce(license_shop.address(3))
    node.succeed(sign_line(units, 3))
    assert node.nonce(license_shop.address(3)) == nonce
    node.succeed(line)
    found = publish(node, room)
    assert found["kind_of_work"] == "units"
    assert (held(node, ANN), held(node, BOB)) == (75 * USDC, 25 * USDC)
    # The next drop is another one: what was signed for the first is worth nothing there.
    with node.suite() as suite:
        assert campaigns.next_number(suite, COMPUTE) == 2
    stale = room / "signatures.csv"
    stale.write_text("".join(stale.read_text().splitlines(keepends=True)[:2]))
    assert "into a new file if the drop is another" in node.refuse(sign_line(units, 2))


def test_sign_units__out_and_dry_run__write_where_they_should(node, room, units):
    elsewhere = room / "elsewhere" / "mine.csv"
    node.succeed(sign_line(units, 1, f"--out {elsewhere}"))
    assert elsewhere.is_file()
    assert not (room / "signatures.csv").exists()
    node.succeed(sign_line(units, 2, f"--out {elsewhere} --dry-run"))
    assert len(elsewhere.read_text().splitlines()) == 2
    shutil.rmtree(elsewhere.parent)


def test_sign_units__file_replaced_while_it_asks__signs_what_was_shown(
    node, room, units, monkeypatch
):
    shown = units.read_bytes()

    def meddle(*_: object, **__: object) -> bool:
        units.write_text("worker,units\nmallory,99\n")
        return True

    monkeypatch.setattr(cli.Session, "confirm", meddle)
    assert "4 units of 2 workers" in node.succeed(sign_line(units, 1))
    with node.suite() as suite:
        drop = campaigns.domain(suite, COMPUTE, campaigns.next_number(suite, COMPUTE))
    units.write_bytes(shown)
    text = unit_files.text_of(drop, units)
    assert unit_files.read_signers(room / "signatures.csv", text) == [license_shop.address(1)]
    monkeypatch.undo()
    assert f"signed {units} in" in node.refuse(sign_line(units, 1))
    units.write_text("worker,units\nann,x\n")
    assert node.refuse(sign_line(units, 2)).startswith(f"{units}, line 2: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rewards sign-units 9 {}/units.csv $N --account TEST::1", "no campaign 9"),
        ("rewards score {}/units.csv --rule {}/units.yaml $M", "a rule of the kind units"),
        ("rewards build 3 {}/units.csv {}/drop --rule {}/units.yaml $M", "Nobody signed"),
        (
            "rewards build 3 {}/units.csv {}/drop --rule {}/units.yaml --gold {}/units.csv $M",
            "Work of the kind units has no --gold",
        ),
        (
            "rewards build 2 {}/units.csv {}/drop --rule {}/ranking.yaml $M",
            "Write a CSV file with the columns worker,claim_id",
        ),
    ],
)
def test_commands__of_the_wrong_kind__say_what_to_do(node, room, units, line, said):
    assert said in node.refuse(line.replace("{}", str(room)))
