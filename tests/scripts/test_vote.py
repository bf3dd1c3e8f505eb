"""A token holder's life: propose, read, simulate, vote by hand and by signature, queue, execute."""

import csv
import io
import json
import re

import pytest

from flywheel.chain import node
from flywheel.governance import proposals
from tests.scripts import nodes, voters
from tests.scripts.nodes import units
from tests.scripts.safe_app import SAFE
from tests.scripts.voters import changes, shown, win

# A second of this century: any view that shows one raw is not said in its unit.
UNIX_TIME = re.compile(r"\b1[0-9],?[0-9]{3},?[0-9]{3},?[0-9]{3}\b")
MOVE = "move 12,500.5 USDC from 'grants' (2) to 'reserve' (1)"
GRANT = (
    "BEYOND THE CAP of ordinary votes, approve grant 1: 130,000 USDC of 'models' (3) to {builder} "
    "in 3 milestones, 100,000 USDC of it for compute, against a bond of 13,000 USDC; its models' "
    "revenue goes 60 % to the Treasury, 25 % to {builder}, 15 % to campaign 1"
)


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    return voters.dao(local)


@pytest.fixture(autouse=True)
def _back_again(dao):
    """Each test starts from the state the fixture left."""
    with dao.undone():
        yield


# --- reading ---


def test_show__list__has_titles_states_and_what_comes_next(dao):
    first, second = shown(dao, "show")
    assert (first["title"], first["state"], first["next"]) == (
        "Grant 1", "PENDING", first["next"],
    )  # fmt: skip
    assert first["next"].startswith("vote in ")
    assert second["title"] == "Keep a reserve and vote a little longer"
    table = dao.succeed("vote show $M")
    assert "Votes" in table
    rows = list(csv.DictReader(io.StringIO(dao.succeed("vote show $M --format csv"))))
    assert [row["votes_for"] for row in rows] == ["0", "0"]


def test_show__one__says_what_its_calls_do(dao):
    grant = shown(dao, "show 1")
    assert grant["really_does"] == [GRANT.format(builder=address(3))]
    batch = shown(dao, "show 2")
    assert batch["really_does"][:2] == [MOVE, "let votes last 8 days"]
    assert batch["proposer"] == address(1)
    assert "The reserve pays the audit" in batch["proposer_says"]
    assert batch["proposer_says"].endswith(f"#proposer={address(1)}")
    assert shown(dao, f"show {batch['id']}") == batch
    assert f"{MOVE}\n" in dao.succeed("vote show 2 $M --format csv")


def test_show__false_title_and_unknown_calls__are_exposed(dao):
    with dao.suite() as suite:
        from ape import accounts

        spend = suite.treasury.spend.encode_input(2, suite.asset, address(9), 10**6)
        actions = [
            proposals.Action(str(suite.treasury.address), bytes(spend), "nothing"),
            proposals.Action(address(9), b"\x12\x34\x56\x78", "nothing"),
            proposals.Action(str(suite.treasury.address), b"\x12\x34\x56\x78", "nothing"),
        ]
        proposals.propose(suite, accounts.test_accounts[1], "A present for all", actions)
    said = shown(dao, "show 3")["really_does"]
    assert said[0] == f"pay 1 USDC of 'grants' (2) to {address(9)}"
    assert said[1] == f"UNKNOWN CALL to {address(9)}, which is no part of this DAO: 0x12345678"
    assert said[2] == "UNKNOWN CALL to Treasury, which has no such function: 0x12345678"
    # Whoever votes reads the same before they confirm.
    dao.succeed("devnet pass-time '25 hours' $N")
    result = dao.run("vote cast 3 for $N --account TEST::1")
    assert f"Action 2: UNKNOWN CALL to {address(9)}" in result.stderr
    assert "Strict votes pass with" in dao.run("vote show 3 $M").stderr


def test_describe__other_terms_or_an_unknown_grant__is_loud(dao):
    with dao.suite() as suite:
        words = proposals.Words(suite)
        target = str(suite.grants.address)

        def said(method: str, *args: object) -> str:
            return words.call(target, bytes(getattr(suite.grants, method).encode_input(*args)))

        zero = b"\0" * 32
        assert "OTHER TERMS than it has now" in said("approve", 1, zero)
        assert "WHICH DOES NOT EXIST" in said("approve", 2, zero)
        of_grant = "submission 1 of milestone 2 of grant 1"
        assert said("decide", 1, 2, 1, 0, zero).startswith(f"reject {of_grant}, of 10,000 USDC (")
        paid = f"accept and pay 25 % of {of_grant}, 2,500 USDC (reason_hash 0x00"
        assert said("decide", 1, 2, 1, 2_500, zero).startswith(paid)
        assert "WHICH DOES NOT EXIST" in said("decide", 1, 4, 1, 10_000, zero)
        assert "of its milestones of 30,000 USDC 0 USDC are paid" in said("terminate", 1, zero)
        assert "WHICH DOES NOT EXIST" in said("terminate", 2, zero)


# --- simulating ---


def test_simulate__proposals__show_what_would_change_and_change_nothing(dao):
    before = dao.height()
    grant = changes(dao, "vote show 1")
    assert grant["Treasury", "models, free"] == ("280,000 USDC", "150,000 USDC")
    assert grant["Treasury", "models, committed"] == ("0 USDC", "130,000 USDC")
    assert grant["TrainingGrants", "state of 1"] == ("APPLIED", "ACTIVE")
    batch = changes(dao, "vote show 2")
    assert batch["Treasury", "reserve, free"] == ("0 USDC", "12,500.5 USDC")
    assert batch["Governor", "votingPeriod"] == ("7 days", "8 days")
    (policy,) = (value for (_, what), value in batch.items() if what.startswith("income from"))
    assert policy == (
        "holders 40 %, grants 50 %, reserve 10 %",
        "holders 30 %, grants 60 %, reserve 10 %",
    )
    assert not [
        value for value in (*grant.values(), *batch.values()) if UNIX_TIME.search(str(value))
    ]
    was, becomes = grant["TrainingGrants", "approval of 1"]
    assert was == "never, 0 seconds"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d+ days", becomes)
    assert dao.height() == before


@pytest.mark.parametrize(
    ("line", "where", "what", "change"),
    [
        (
            f"propose-payment grants '5 USDC' {SAFE}",
            SAFE,
            "holds",
            ("0 USDC", "5 USDC"),
        ),
        (
            f"propose-call Timelock.grantRole role=PROPOSER_ROLE account={SAFE}",
            "Timelock",
            f"PROPOSER_ROLE of {SAFE}",
            ("no", "yes"),
        ),
        (
            f"propose-call GovernanceToken.set_minter minter={SAFE} cap='5 FLY'",
            "GovernanceToken",
            f"minter cap of {SAFE}",
            ("0 FLY", "5 FLY"),
        ),
        (
            f"propose-call Treasury.set_committer account={SAFE} allowed=true",
            "Treasury",
            f"is committer of {SAFE}",
            ("no", "yes"),
        ),
        (
            "propose-call TrainingGrants.set_review_seconds new_review_seconds='8 days'",
            "TrainingGrants",
            "review seconds",
            ("7 days", "8 days"),
        ),
        (
            f"propose-call Treasury.transfer_ownership new_owner={SAFE}",
            "Treasury",
            "owner",
            ("Timelock", SAFE),
        ),
    ],
)
def test_simulate__roles_money_and_settings__are_seen(dao, line, where, what, change):
    found = changes(dao, f"vote {line}")
    assert found[where, what] == change


def test_simulate__action_that_fails__is_named_with_its_reason(dao):
    said = dao.run(f"vote propose-payment grants '999_999 USDC' {SAFE} $M --simulate")
    assert said.exit_code == 1
    assert "Action 1 would fail: spend is above the cap" in said.stderr
    assert "This spends 999,999 USDC; an ordinary vote may take 15,000 USDC now." in said.stderr


def test_simulate__executed__is_what_the_simulation_said(dao):
    said = changes(dao, "vote show 2")["Treasury", "reserve, free"][1]
    win(dao, 2)
    dao.succeed("vote queue 2 $N --account TEST::9")
    assert changes(dao, "vote show 2")["Treasury", "reserve, free"] == ("0 USDC", said)
    dao.succeed("devnet pass-time '4 days' $N")
    dao.succeed("vote execute 2 $N --account TEST::9")
    with dao.suite() as suite:
        assert suite.money(suite.treasury.free(1, suite.asset.address)) == said


def test_simulate__node_without_the_method__tries_each_alone(dao, monkeypatch):
    def ask(method, parameters, real=node.ask):
        if method == "eth_simulateV1":
            return {"error": {"code": -32601, "message": "no such method"}}
        return real(method, parameters)

    monkeypatch.setattr(node, "ask", ask)
    result = dao.run("vote show 2 $M --simulate --format json")
    assert result.exit_code == 0, result.output
    assert "lacks eth_simulateV1" in result.stderr
    assert [row["would"] for row in nodes.result_of(result.stdout)] == ["succeed"] * 3
    line = f"vote propose-payment grants '999_999 USDC' {SAFE} $M --simulate --format json"
    (row,) = nodes.result_of(dao.succeed(line))
    assert row["would"] == "fail: spend is above the cap"


# --- voting ---


def test_life__of_a_proposal__to_its_execution(dao):
    win(dao, 1)
    assert shown(dao, "show 1")["quorum"] == "560,000 FLY, reached"
    queued = nodes.result_of(dao.succeed("vote queue 1 $N --account TEST::9 --format json"))
    assert queued["can_be_executed_from"] == shown(dao, "show 1")["can_be_executed_from"]
    assert shown(dao, "show")[0]["next"].startswith("execute in ")
    dao.succeed("devnet pass-time '4 days' $N")
    assert shown(dao, "show")[0]["next"] == "execute"
    done = nodes.result_of(dao.succeed("vote execute 1 $N --account TEST::9 --format json"))
    assert done == {"state": "EXECUTED"}


def test_cancel__by_the_proposer_before_the_vote__ends_it(dao):
    assert "Its proposer may" in dao.refuse("vote cancel 1 $N --account TEST::2")
    done = nodes.result_of(dao.succeed("vote cancel 1 $N --account TEST::1 --format json"))
    assert done == {"state": "CANCELED"}


def test_delegate__to_another__moves_the_votes(dao):
    moved = nodes.result_of(
        dao.succeed(f"vote delegate {address(8)} $N --account TEST::2 --format json")
    )
    assert moved == {"to": address(8), "votes": units("800,000 FLY"), "asset": "FLY"}
    with dao.suite() as suite:
        assert suite.token.getVotes(address(8)) == 800_000 * 10**18
        assert suite.token.getVotes(address(2)) == 0
    assert "wrong checksum" in dao.refuse(
        "vote delegate 0x70997970C51812dc3A010C7d01b50e0d17dc79C9 $N --account TEST::2"
    )


def test_propose__wrong_file__names_file_line_and_reason(dao, tmp_path):
    path = tmp_path / "actions.yaml"
    path.write_text(
        "title: x\nactions:\n- contract: Governor\n  function: setVotingPeriod\n"
        "  arguments:\n    seconds: 8\n"
    )
    said = dao.refuse(f"vote propose {path} $N --account TEST::1")
    assert said.startswith(f"{path}, line 6: actions.0.arguments.seconds: '8' has no unit of time")


def test_propose__description_too_long__is_refused(dao, tmp_path):
    path = tmp_path / "actions.yaml"
    call = "- contract: Treasury\n  function: create_purpose\n  arguments: {name: abc}\n"
    path.write_text(f"title: {'x' * 200}\ntext: {'long ' * 480}\nactions:\n{call * 1}")
    dao.succeed(f"vote propose {path} $N --account TEST::1")
    terms = (
        "- contract: ContributorRewards\n  function: create_campaign\n  arguments:\n"
        f"    publisher: '{SAFE}'\n    challenge_seconds: 7 days\n"
        f"    description: {{kind: 1, content_hash: keccak a, uri: ipfs://{'u' * 80}}}\n"
    )
    path.write_text(f"title: x\ntext: {'long ' * 480}\nactions:\n{terms * 8}")
    assert "4,096 are allowed" in dao.refuse(f"vote propose {path} $N --account TEST::1")


# --- signatures ---


def test_ballots__signed_by_two__are_submitted_by_a_third(dao, tmp_path):
    dao.succeed("devnet pass-time '25 hours' $N")
    first, second, third, moved = (tmp_path / name for name in ("a", "b", "c", "d"))
    nonces = dao.nonce(address(1)), dao.nonce(address(2))
    dao.succeed(f"vote sign 1 for $N --account TEST::1 --out {first}")
    dao.succeed(f"vote sign 2 abstain $N --account TEST::1 --nonce 1 --out {second}")
    dao.succeed(f"vote sign 1 against $N --account TEST::2 --out {third}")
    dao.succeed(f"vote sign-delegation {address(8)} $N --account TEST::2 --out {moved}")
    assert (dao.nonce(address(1)), dao.nonce(address(2))) == nonces
    files = f"{second} {moved} {third} {first}"
    rows = nodes.result_of(
        dao.succeed(f"vote submit-ballots {files} $N --account TEST::9 --format json")
    )
    assert {row["file"]: row["result"] for row in rows} == {
        "a": "ballot: for with 2,000,000 FLY",
        "b": "ballot: abstain with 2,000,000 FLY",
        "c": "ballot: against with 800,000 FLY",
        "d": f"delegation: delegated to {address(8)}",
    }
    assert shown(dao, "show")[0]["votes"]["for"] == units("2,000,000 FLY")
    said = dao.refuse(f"vote submit-ballots {first} $N --account TEST::9")
    assert said == f"{address(1)} has used nonce 0. Sign a new one."


def test_ballots__one_that_is_refused__stops_no_other(dao, tmp_path):
    dao.succeed("devnet pass-time '25 hours' $N")
    good, bad = tmp_path / "good", tmp_path / "bad"
    dao.succeed(f"vote sign 1 for $N --account TEST::1 --out {good}")
    dao.succeed(f"vote sign 1 for $N --account TEST::2 --out {bad}")
    forged = json.loads(bad.read_text())
    forged["message"]["support"] = "0"
    bad.write_text(json.dumps(forged))
    rows = nodes.result_of(
        dao.succeed(f"vote submit-ballots {bad} {good} $N --account TEST::9 --format json")
    )
    results = {row["file"]: row["result"] for row in rows}
    assert results["good"] == "ballot: for with 2,000,000 FLY"
    assert "GovernorInvalidSignature" in results["bad"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chainId": 1}, "It is for chain 1, this is chain 1337"),
        ({"contract": SAFE}, f"It is for the contract {SAFE}, not for ours"),
        ({"kind": "letter"}, "is no signed ballot or delegation"),
        ({"signature": "0xzz"}, "is no signed ballot or delegation"),
        ({"message": {}}, "is no signed ballot or delegation"),
    ],
)
def test_ballots__of_elsewhere_or_damaged__are_refused(dao, tmp_path, change, said):
    path = tmp_path / "ballot"
    dao.succeed(f"vote sign 1 for $N --account TEST::1 --out {path}")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert said in dao.refuse(f"vote submit-ballots {path} $N --account TEST::9")


def test_ballots__out_of_turn__are_refused(dao, tmp_path):
    path = tmp_path / "ballot"
    dao.succeed(f"vote sign 1 for $N --account TEST::1 --nonce 5 --out {path}")
    said = dao.refuse(f"vote submit-ballots {path} $N --account TEST::9")
    assert "has signed another one before this" in said
    assert "Nonce 0 is used" not in said
