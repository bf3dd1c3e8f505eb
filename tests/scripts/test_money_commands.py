"""A holder's life: income closed, shown, claimed and recycled; the Treasury's tables beside it."""

import csv
import io
import json
from typing import Any

import pytest

from flywheel import statement
from flywheel.chain import connection
from flywheel.statement import chain_events
from flywheel.statement.reads import READS
from tests.scripts import nodes
from tests.scripts.nodes import shown, units
from tests.scripts.safe_app import SAFE, record
from tests.support import ROOT

USDC = 10**6
INCOME = 3_000_000_001
# 40 % to holders, 50 % to the next grants, the rest to the reserve; each part rounded down.
# What every result in the devnet's asset says beside its money.
IN_USDC = {"asset": "USDC"}
SPLIT = {
    "to_holders": units("1,200 USDC"),
    "to_grants": units("1,500 USDC"),
    "to_reserve": units("300.000001 USDC"),
}


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


def as_cell(value: Any) -> str:
    """What CSV has for a value of JSON."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def read(node: nodes.Node, line: str) -> Any:
    """What a reading command tells as JSON, which its CSV and its table must tell too."""
    found = shown(node, f"{line} $M")
    rows = list(csv.DictReader(io.StringIO(node.succeed(f"{line} $M --format csv"))))
    assert rows == [{name: as_cell(value) for name, value in row.items()} for row in found]
    assert len(node.succeed(f"{line} $M").splitlines()) > len(rows)
    return found


def earn(node: nodes.Node, amount: int) -> None:
    """Income as the RoyaltyRouter brings it."""
    from ape import accounts

    with node.suite() as suite:
        router = str(suite.router.address)
        connection.send(suite.asset.mint, router, amount, sender=accounts.test_accounts[0])
        node.rpc("anvil_setBalance", router, hex(10**18))
        node.rpc("anvil_impersonateAccount", router)
        for target, data in (
            (suite.asset, suite.asset.approve.encode_input(suite.treasury, amount)),
            (suite.treasury, suite.treasury.receive_income.encode_input(suite.asset, amount)),
        ):
            call = {"from": router, "to": str(target.address), "data": "0x" + bytes(data).hex()}
            node.rpc("eth_sendTransaction", call)
        node.succeed("devnet pass-time '1 minute' $N")
        node.rpc("anvil_stopImpersonatingAccount", router)


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    """Two holders of 5 : 2, three epochs old; the third has earned."""
    for line in (
        *nodes.FIRST_ROUND,
        "raise claim --all $N --account TEST::0",
        "devnet pass-time '30 days' $N",
        "rewards create ipfs://dataset $N --account TEST::5",
        "grants apply examples/application.yaml $N --account TEST::3",
    ):
        local.succeed(line)
    earn(local, 3_000 * USDC + 1)
    return local


@pytest.fixture(autouse=True)
def _back_again(dao):
    """Each test starts from the state the fixture left."""
    with dao.undone():
        yield


@pytest.fixture
def closed(dao) -> Any:
    """What `income close` said once the epoch was over."""
    dao.succeed("devnet pass-time '30 days' $N")
    return shown(dao, "income close $N --account TEST::9")


# --- income ---


def test_show__epoch_that_runs__has_no_pot_yet(dao):
    row = {"epoch": 3, "received": INCOME, "closed": False, "pot": 0, **IN_USDC}
    assert read(dao, "income show") == [row]
    said = dao.refuse("income close 3 $N --account TEST::9")
    assert said.startswith("Epoch 3 ends on ")
    assert read(dao, f"income history {address(1)}") == []


def test_close__ended_epoch__splits_by_the_policy(dao, closed):
    assert closed == [{"epoch": 3, **SPLIT, **IN_USDC}]
    (row,) = read(dao, f"income show --for {address(1)}")
    assert (row["closed"], row["pot"]) == (True, units("1,200 USDC"))
    # Held the whole epoch: 5 parts of 7, rounded down.
    assert row["claimable"] == units("857.142857 USDC")
    history = [
        {
            "epoch": 3,
            "pot": units("1,200 USDC"),
            "share": units("342.857142 USDC"),
            "state": "open",
            **IN_USDC,
        }
    ]
    assert read(dao, f"income history {address(2)}") == history
    assert "No ended epoch has income" in dao.refuse("income close $N --account TEST::9")


def test_claim__for_another__pays_the_holder(dao, closed):
    (got,) = shown(dao, f"income claim --for {address(1)} $N --account TEST::9")
    assert got == {
        "account": address(1),
        "paid_to": address(1),
        "got": units("857.142857 USDC"),
        **IN_USDC,
    }
    with dao.suite() as suite:
        assert suite.asset.balanceOf(address(1)) == 857_142_857
    again = dao.refuse("income claim $N --account TEST::1")
    assert again.startswith(f"{address(1)} has no income to claim in epochs 1 to 3")
    (row,) = read(dao, f"income history {address(1)}")
    assert row["state"] == "claimed"


def test_claim__by_the_named_claimer__pays_whom_it_likes(dao, closed):
    line = f"income claim --for {address(2)} --to {address(8)} $N --account TEST::7"
    assert dao.refuse(line).startswith("The chain refused: caller may not claim")
    set_to = shown(dao, f"income set-claimer {address(7)} $N --account TEST::2")
    assert set_to == {"account": address(2), "claimer": address(7)}
    (got,) = shown(dao, line)
    assert got["paid_to"] == address(8)
    with dao.suite() as suite:
        assert suite.asset.balanceOf(address(8)) == 342_857_142
    dao.succeed("income set-claimer --none $N --account TEST::2")
    assert "Give an account, or --none" in dao.refuse("income set-claimer $N --account TEST::2")
    assert "wrong checksum" in dao.refuse(
        "income set-claimer 0x70997970C51812dc3A010C7d01b50e0d17dc79C9 $N --account TEST::2"
    )


def test_recycle__after_two_years__gives_the_rest_to_grants(dao, closed):
    dao.succeed("income claim $N --account TEST::1")
    assert "No pot has waited" in dao.refuse("income recycle $N --account TEST::9")
    dao.succeed("devnet pass-time '730 days' $N")
    rest = [{"epoch": 3, "to_grants": units("342.857143 USDC"), **IN_USDC}]
    assert shown(dao, "income recycle $N --account TEST::9") == rest
    (row,) = read(dao, f"income history {address(2)}")
    assert (row["share"], row["state"]) == (0, "recycled")
    assert "has no income to claim" in dao.refuse("income claim $N --account TEST::2")
    (row,) = read(dao, f"income show --for {address(2)}")
    assert row["claimable"] == 0
    assert dao.run("statement $M").exit_code == 0


def test_safe__income_commands__are_files(dao, closed, tmp_path):
    for line in (
        f"income claim --for {address(1)}",
        f"income set-claimer {address(7)}",
    ):
        document = record(dao, line, tmp_path / "batch.json")
        assert len(document["transactions"]) == 1
    dao.succeed(f"income set-claimer {SAFE} $N --account TEST::2")
    document = record(dao, f"income claim --for {address(2)} --to {SAFE}", tmp_path / "batch.json")
    assert document["transactions"][0]["contractMethod"]["name"] == "claim_to"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("income show --for somebody $M", "'somebody' is no address"),
        ("income history somebody $M", "'somebody' is no address"),
        ("income claim --for somebody $N --account TEST::1", "'somebody' is no address"),
    ],
)
def test_refusal__of_an_address__says_what_to_write(dao, line, said):
    assert said in dao.refuse(line)


# --- the Treasury ---


def test_balances__of_each_asset__sum_up(dao, closed):
    (row,) = read(dao, "treasury balances")
    with dao.suite() as suite:
        assert row.pop("asset") == suite.asset.address
    assert row == {
        "balance": units("281,800.000001 USDC"),
        "free": units("281,800.000001 USDC"),
        "committed": 0,
        "unclosed_income": 0,
        "in_kind": 0,
        "surplus": 0,
    }


def test_balances__stray_money__is_surplus(dao):
    with dao.suite() as suite:
        treasury = str(suite.treasury.address)
    dao.succeed(f"devnet fund 7 {treasury} $N --account TEST::1")
    (row,) = read(dao, "treasury balances")
    assert row["surplus"] == units("7 USDC")
    assert row["unclosed_income"] == INCOME


def test_buckets_and_promises__of_a_grant__move_by_vote(dao):
    assert read(dao, "treasury promises") == []
    for line in ("vote propose-grant 1 $N --account TEST::1", *nodes.FIRST_VOTE):
        dao.succeed(line)
    rows = {row["purpose"]: row for row in read(dao, "treasury buckets")}
    assert (rows[1]["name"], rows[1]["free"]) == ("reserve", 0)
    assert (rows[2]["name"], rows[2]["free"]) == ("grants", 0)
    assert (rows[3]["free"], rows[3]["committed"]) == (units("150,000 USDC"), units("130,000 USDC"))
    promises = read(dao, "treasury promises")
    assert sum(row["remaining"] for row in promises) == units("130,000 USDC")
    assert {row["purpose"] for row in promises} == {"models"}
    assert shown(dao, "treasury promises --all $M") == promises


def test_limits__before_and_after_a_grant__say_what_is_left(dao):
    def limits() -> dict[tuple[str, str], tuple[str, str, str]]:
        found = read(dao, "treasury limits")
        return {
            (row["by"], row["purpose"]): (row["free"], row["taken_in_30_days"], row["may_take_now"])
            for row in found
        }

    before = {
        ("spends", "any"): (units("280,000 USDC"), 0, units("14,000 USDC")),
        ("grants", "models"): (units("280,000 USDC"), 0, units("70,000 USDC")),
    }
    assert limits() == before
    with dao.suite() as suite:
        voted = f"grant_id=1 terms_hash=0x{bytes(suite.applications.terms_hash(1)).hex()}"
    said = dao.run(f"vote propose-call TrainingGrants.approve {voted} $M --simulate")
    assert said.exit_code == 1
    assert "This grants 130,000 USDC; an ordinary vote may take 70,000 USDC now." in said.stderr
    assert "Action 1 would fail: grant is above the cap" in said.stderr
    said = dao.run("vote propose-grant 1 $N --account TEST::1")
    assert said.exit_code == 0
    assert "BEYOND THE CAP of ordinary votes, approve grant 1" in said.stdout
    for line in nodes.FIRST_VOTE:
        dao.succeed(line)
    assert limits() == {
        ("spends", "any"): (units("150,000 USDC"), 0, units("7,500 USDC")),
        ("grants", "models"): (units("150,000 USDC"), units("130,000 USDC"), 0),
    }


def test_floor__none__holders_get_their_part(dao):
    (row,) = read(dao, "treasury floor")
    assert row["epoch"] == 3
    assert (row["floor"], row["free_for_grants"]) == (0, 0)
    assert row["holders_get_their_part"]


def test_apply__purpose__is_a_name_or_a_number(dao, tmp_path):
    path = tmp_path / "application.yaml"
    text = (ROOT / "examples/application.yaml").read_text(encoding="utf-8")
    line = 1 + text.splitlines().index("purpose: models")
    apply = f"grants apply {path} $N --account TEST::3"
    written = {"purpose: grants": 2, "purpose: 3": 3, "": 2}
    for number, words in enumerate(written, start=2):
        path.write_text(text.replace("purpose: models", words))
        dao.succeed(apply)
        with dao.suite() as suite:
            assert suite.applications.terms(number).purpose == written[words]
    names = [row["purpose"] for row in read(dao, "grants show")]
    assert names == ["models", "grants", "models", "grants"]
    for words, said in {
        "purpose: 4": "purpose: the Treasury has no purpose 4.",
        "purpose: model": "purpose: write reserve, grants, models, or the number of another "
        "purpose.",
    }.items():
        path.write_text(text.replace("purpose: models", words))
        assert dao.refuse(apply) == f"{path}, line {line}: {said}"


def test_policy__shows_what_no_vote_can_change(dao):
    """The running epoch is the third: a vote of today changes the fifth at the earliest."""
    shares = {"holders": 4_000, "next_grants": 5_000, "reserve": 1_000}
    assert read(dao, "treasury policy") == [{"epoch": epoch, **shares} for epoch in (3, 4)]


# --- the statement ---


def test_statement__of_an_epoch__leads_from_balance_to_balance(dao, closed):
    dao.succeed("income claim $N --account TEST::1")
    third = {row["what"]: row["amount"] for row in shown(dao, "statement --epoch 3 $M")}
    assert third == {
        "Opening balance": units("280,000 USDC"),
        "Income of models": INCOME,
        "Closing balance": units("283,000.000001 USDC"),
    }
    rows = read(dao, "statement --epoch 4")
    assert [(row["kind"], row["what"], row["amount"]) for row in rows] == [
        ("balance", "Opening balance", units("283,000.000001 USDC")),
        ("movement", "To the holders' pot of epoch 3", -units("1,200 USDC")),
        ("balance", "Closing balance", units("281,800.000001 USDC")),
        ("note", "Split of epoch 3: holders", units("1,200 USDC")),
        ("note", "Split of epoch 3: grants", units("1,500 USDC")),
        ("note", "Split of epoch 3: reserve", units("300.000001 USDC")),
    ]


@pytest.mark.parametrize("name", ["PotFunded", "IncomeClaimed"])
def test_statement__event_hidden__names_its_contract(dao, closed, monkeypatch, name):
    dao.succeed("income claim $N --account TEST::1")
    with dao.suite() as suite:
        events = statement.fetch(suite)
    hidden = next(event for event in events if event.name == name)
    left = [event for event in events if event is not hidden]
    monkeypatch.setattr(chain_events, "fetch", lambda *_, **__: left)
    result = dao.run("statement $M")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"First difference: {hidden.contract}, " in result.stderr


def test_statement__a_view_that_lies__is_named(dao, monkeypatch):
    monkeypatch.setitem(READS, ("Treasury", "unclosed income"), lambda suite, asset: 1)
    result = dao.run("statement $M")
    assert result.exit_code == 1
    assert "First difference: Treasury, unclosed income of 0x" in result.stderr
    assert result.stderr.strip().endswith("events say 3000000001, the chain 1.")
