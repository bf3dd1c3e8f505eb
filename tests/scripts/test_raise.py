"""A supporter's life: a second round by vote, paid in over the cap, settled, and wound down.

The fixtures are the chapters of one story on one chain; each hands on what its commands printed.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from flywheel import statement
from flywheel.governance import named
from flywheel.statement import chain_events
from tests.scripts import nodes
from tests.scripts.nodes import shown, units
from tests.scripts.safe_app import SAFE, record

USDC, FLY = 10**6, 10**18
DAY = 86_400
PAID = {3: 20_000 * USDC, 4: 17_000 * USDC + 1, 5: 13_000 * USDC + 500_001}
CAP = 30_000 * USDC
PRICE = USDC // 5
# Above the cap, rounding keeps back a unit for each contributor but one.
PROCEEDS = CAP - 2
USED = {number: paid * CAP // sum(PAID.values()) for number, paid in PAID.items()}
TOKENS = {number: used * FLY // PRICE for number, used in USED.items()}
ROUND = """
round:
  price: "0.20"
  soft_goal: "10_000"
  hard_cap: "30_000"
  min_contribution: "25"
  opens_in: {opens_in}
  window: 30 days
  mode: pro rata
  allow_list_root: "{root}"
  vesting: {{cliff: 10 days, length: 100 days}}
  terms_uri: ipfs://second-round
"""

ACTIONS = """
title: Money for data
actions:
  - contract: Treasury
    function: create_purpose
    arguments: {name: data}
  - contract: Treasury
    function: move_free
    arguments: {from_purpose: reserve, to_purpose: data, asset: USDC, amount: 1 USDC}
"""


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def win(node: nodes.Node, *numbers: int) -> None:
    for wait, line in (
        ("25 hours", "vote cast {} for $N --account TEST::1"),
        ("7 days", "vote queue {} $N --account TEST::9"),
        ("4 days", "vote execute {} $N --account TEST::9"),
    ):
        node.succeed(f"devnet pass-time '{wait}' $N")
        for number in numbers:
            node.succeed(line.format(number))


@contextmanager
def what_if(node: nodes.Node) -> Iterator[None]:
    """What happens in the block is undone after it."""
    snapshot = node.rpc("evm_snapshot")
    yield
    assert node.rpc("evm_revert", snapshot)


def agrees(node: nodes.Node) -> None:
    result = node.run("statement $M --format json")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    assert "all agree" in result.stderr


# --- the chapters ---


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    """The first round has brought 280,000 USDC; its two contributors have their tokens."""
    for line in (
        "deploy $N --account TEST::0",
        "devnet fund 200_000 $N --account TEST::1",
        "devnet fund 80_000 $N --account TEST::2",
        "devnet pass-time '1 hour' $N",
        "raise contribute 200_000 $N --account TEST::1",
        "raise contribute 80_000 $N --account TEST::2 --permit",
        "devnet pass-time '30 days' $N",
        "raise finalize $N --account TEST::0",
    ):
        local.succeed(line)
    got = shown(local, "raise claim --all $N --account TEST::9")

    assert got == [
        {
            "account": address(1),
            "got": units("2,000,000 FLY"),
            "surplus": 0,
            "got_asset": "FLY",
            "surplus_asset": "USDC",
        },
        {
            "account": address(2),
            "got": units("800,000 FLY"),
            "surplus": 0,
            "got_asset": "FLY",
            "surplus_asset": "USDC",
        },
    ]
    local.succeed("devnet pass-time '1 minute' $N")
    return local


@pytest.fixture(scope="module")
def opened(dao) -> nodes.Node:
    """A vote has opened a pro-rata round for the accounts 3 to 5."""
    people = dao.folder / "people.csv"
    people.write_text("account\n" + "".join(f"{address(number)}\n" for number in (3, 4, 5)))
    made = shown(dao, f"raise allow-list {people} out/list.json $M")
    assert made["accounts"] == 3
    path = dao.folder / "round.yaml"
    path.write_text(ROUND.format(root=made["root"], opens_in="12 days"))
    said = dao.refuse(f"raise open {path} $N --account TEST::1")
    assert said.startswith("The round would begin before a vote can have opened it")
    path.write_text(ROUND.format(root=made["root"], opens_in="13 days"))
    height = dao.height()
    dao.succeed(f"raise open {path} $N --account TEST::1 --dry-run")
    assert dao.height() == height
    proposed = shown(dao, f"raise open {path} $N --account TEST::1")
    assert proposed["title"] == "Open a funding round for up to 30,000 USDC"
    created, words = shown(dao, "vote show 1 $M")["really_does"]
    assert created.startswith('open a new purpose named "round of purpose 4", which only Funding')
    assert "'round of purpose 4' (4, if no other is made first)" in words
    assert "UNKNOWN" not in words
    win(dao, 1)
    return dao


@pytest.fixture(scope="module")
def pending(opened) -> dict[str, Any]:
    """`raise show` of the round before it starts."""
    found = shown(opened, "raise show --round 2 $M")
    opened.succeed("devnet pass-time '1 day' $N")
    return found


@pytest.fixture(scope="module")
def paid_in(opened, pending) -> nodes.Node:
    """Three have paid in 50,000 USDC, 20,000 of them above the cap."""
    for number, amount in PAID.items():
        opened.succeed(f"devnet fund 20_000 $N --account TEST::{number}")
        permit = "--permit" if number == 4 else ""
        line = f"raise contribute {amount / USDC:f} --round 2 --proofs out/list.json {permit}"
        done = shown(opened, f"{line} $N --account TEST::{number}")
        assert done["taken"] == amount
    return opened


@pytest.fixture(scope="module")
def finalized(paid_in) -> nodes.Node:
    paid_in.succeed("devnet pass-time '30 days' $N")
    minted = shown(paid_in, "raise finalize --round 2 $N --account TEST::9")
    assert minted == {"minted": units("150,000 FLY"), "asset": "FLY"}
    return paid_in


@pytest.fixture(scope="module")
def refunded(finalized) -> list[dict[str, str]]:
    """What `refund --all` said."""
    found: list[dict[str, str]] = shown(
        finalized, "raise refund --round 2 --all $N --account TEST::9"
    )
    return found


@pytest.fixture(scope="module")
def claimed(finalized, refunded) -> list[dict[str, str]]:
    """What `claim --all` said, in the 40th of 100 days of vesting."""
    agrees(finalized)
    said = finalized.refuse("raise claim --round 2 $N --account TEST::3")
    assert said.startswith(f"Round 2 has nothing for {address(3)} now. See with")
    finalized.succeed("devnet pass-time '40 days' $N")
    found: list[dict[str, str]] = shown(
        finalized, "raise claim --round 2 --all $N --account TEST::9"
    )
    return found


@pytest.fixture(scope="module")
def announced(finalized, claimed) -> nodes.Node:
    """Two votes have abandoned the purposes that the two rounds paid for."""
    for number, least in ((1, "280_000"), (2, "29_000")):
        line = f"raise propose-wind-down --round {number} --least {least} $N --account TEST::1"
        assert shown(finalized, line)["title"] == f"Wind round {number} down"
        assert len(shown(finalized, f"vote show {number + 1} $M")["really_does"]) == 2
    win(finalized, 2, 3)
    return finalized


@pytest.fixture(scope="module")
def wound_down(announced) -> nodes.Node:
    agrees(announced)
    assert "announced, may begin in 2" in shown(announced, "raise show $M --round 1")["wind_down"]
    said = announced.refuse("raise wind-down $N --account TEST::9")
    assert said.startswith("The chain refused: no notice has ended")
    announced.succeed("devnet pass-time '22 days' $N")
    said = shown(announced, "raise show --round 2 $M")["wind_down"]
    assert said == "may begin with at least 29,000 USDC free"
    for number, brought in ((1, 280_000 * USDC), (2, PROCEEDS)):
        taken = shown(announced, f"raise wind-down --round {number} $N --account TEST::9")
        assert taken["taken"] == taken["pool"] == brought
    return announced


@pytest.fixture(scope="module")
def redeemed(wound_down) -> dict[int, dict[str, str]]:
    """Account 1 has burned a part of what it got, account 3 all, vested or not."""
    found = {}
    for number, options in ((1, "--tokens 500_000 --min-out 50_000"), (3, "--round 2")):
        found[number] = shown(wound_down, f"raise redeem {options} $N --account TEST::{number}")
    return found


# --- the round ---


def test_open__by_vote__is_what_the_file_says(dao, pending):
    assert pending["state"] == "PENDING"
    assert pending["opens_in"] // 3_600 == 22
    assert (pending["mode"], pending["allow_list"]) == ("pro rata", True)
    assert pending["vesting"].startswith("100 days, nothing before 10 days;")
    assert pending["terms"] == "ipfs://second-round"
    listed = shown(dao, "raise show $M")
    assert [row["round"] for row in listed] == [1, 2]
    assert [row["hard_cap"] for row in listed] == [units("300,000 USDC"), units("30,000 USDC")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("hard_cap", "hard_top"), ", line 5: round: there is no 'hard_top' here"),
        (("pro rata", "by lot"), ": round.mode: write 'first come' or 'pro rata'"),
        (('"10_000"', '"40_000"'), "soft_goal must be above zero and at most the hard_cap"),
        (("cliff: 10", "cliff: 101"), "vesting.cliff is longer than vesting.length"),
        (("  terms", "  purpose: grants\n  terms"), ": round.purpose: write models, or the number"),
    ],
)
def test_open__wrong_file__names_the_reason(dao, tmp_path, change, said):
    path = tmp_path / "round.yaml"
    path.write_text(ROUND.format(root="0x" + "11" * 32, opens_in="13 days").replace(*change))
    refusal = dao.refuse(f"raise open {path} $N --account TEST::1")
    assert refusal.startswith(str(path))
    assert said in refusal


@pytest.mark.parametrize("purpose", [2, 4, 9])
def test_open__purpose_that_takes_no_round__is_refused(opened, tmp_path, purpose):
    path = tmp_path / "round.yaml"
    text = ROUND.format(root="0x" + "11" * 32, opens_in="13 days")
    path.write_text(f"{text}  purpose: {purpose}\n")
    said = opened.refuse(f"raise open {path} $N --account TEST::1")
    assert said.startswith(f"Purpose {purpose} takes no round: it is none that rounds fill")


def test_open__file_of_the_project__is_accepted(dao):
    height = dao.height()
    dao.succeed("raise open examples/round.yaml $N --account TEST::1 --dry-run")
    assert dao.height() == height


def test_actions__purpose_that_the_file_makes__has_its_name(dao, tmp_path):
    path = tmp_path / "actions.yaml"
    path.write_text(ACTIONS)
    with dao.suite() as suite:
        following = int(suite.treasury.purpose_count()) + 1
        *_, moved = named.read(suite, path)[2]
    assert f"to 'data' ({following}, if no other is made first)" in moved.words


def test_contribute__without_the_right_proof__is_refused(opened, pending, tmp_path):
    others = tmp_path / "others.csv"
    others.write_text(f"account\n{address(7)}\n")
    opened.succeed(f"raise allow-list {others} out/others.json --round 2 $M")
    opened.succeed("devnet fund 1_000 $N --account TEST::7")
    line = "raise contribute 100 --round 2 $N --account TEST::7"
    assert opened.refuse(line).startswith("Round 2 has an allow-list. Give its file of proofs")
    assert "is not on the allow-list" in opened.refuse(f"{line} --proofs out/list.json")
    assert "The proofs are not those of round 2" in opened.refuse(
        f"{line} --proofs out/others.json"
    )


def test_claim_and_refund__again__are_refused_alike(opened):
    before = opened.nonce(address(1))
    said = opened.refuse("raise claim $N --account TEST::1")
    assert said.startswith(f"Round 1 has nothing for {address(1)} now. See with")
    said = opened.refuse("raise refund $N --account TEST::1")
    assert said.startswith("Round 1 is finalized, it ended on ")
    assert opened.nonce(address(1)) == before


def test_propose_wind_down__round_that_brought_no_money__is_refused(opened, pending):
    line = "raise propose-wind-down --least 1 $N --account TEST::1 --round"
    assert opened.refuse(f"{line} 2").startswith("Round 2 is OPEN: its money went to no purpose")
    assert opened.refuse(f"{line} 3").startswith("There is no round 3. Rounds 1 to 2 exist")


def test_show__over_the_cap__has_a_full_bar(paid_in):
    found = shown(paid_in, "raise show --round 2 $M")
    assert found["state"] in ("OPEN", "FINALIZED")
    assert found["progress"] == "##########|#################### 166 % of the cap"
    assert found["contributors"] == 3
    assert "166 % of the cap" in paid_in.succeed("raise show --round 2 $M")
    (row,) = rows_of(paid_in.succeed("raise show --round 2 $M --format csv"))
    assert row["raised"] == str(sum(PAID.values()))


def test_refund__to_another_address__is_paid_there(finalized):
    surplus, elsewhere = PAID[5] - USED[5], address(8)
    with what_if(finalized):
        line = f"raise refund --round 2 --to {elsewhere} $N --account TEST::5"
        got = shown(finalized, line)
        assert (got["account"], got["got"]) == (elsewhere, surplus)
    with what_if(finalized):
        height = finalized.height()
        line = f"raise sign-refund {elsewhere} --round 2 $N --account TEST::5"
        signed = shown(finalized, line)
        assert finalized.height() == height
        line = "raise submit-refund {account} {receiver} {deadline} {signature}"
        got = shown(finalized, f"{line.format(**signed)} --round 2 $N --account TEST::9")
        assert (got["account"], got["got"]) == (elsewhere, surplus)
    with what_if(finalized):
        line = f"raise move-position {elsewhere} --round 2 $N --account TEST::5"
        assert shown(finalized, line) == {"position_of": address(5), "held_by": elsewhere}
        finalized.succeed("raise refund --round 2 --all $N --account TEST::9")
        with finalized.suite() as suite:
            assert suite.asset.balanceOf(elsewhere) == surplus


def test_refund__all__is_each_ones_surplus(finalized, refunded):
    assert {row["account"]: row["got"] for row in refunded} == {
        address(number): paid - USED[number] for number, paid in PAID.items()
    }
    with what_if(finalized):
        assert shown(finalized, "raise refund --round 2 --all $N --account TEST::9") == []
    with finalized.suite() as suite:
        for number, paid in PAID.items():
            assert suite.asset.balanceOf(address(number)) == 20_000 * USDC - paid + (
                paid - USED[number]
            )


def test_claim__all__is_what_has_vested(finalized, claimed):
    assert [row["account"] for row in claimed] == [address(3), address(4), address(5)]
    with finalized.suite() as suite:
        ends_at = suite.rounds.round(2).terms.ends_at
        claims = [
            event
            for event in statement.fetch(suite)
            if event.name == "TokensClaimed" and event.round_id == 2
        ]
    # Vesting counts from the end of the round; it was finalized an hour or two later.
    vested = claims[0].timestamp - ends_at
    assert 40 * DAY <= vested < 40 * DAY + DAY // 8
    for number, row in zip(PAID, claimed, strict=True):
        assert row["got"] == TOKENS[number] * vested // (100 * DAY)
        assert row["surplus"] == 0


def test_export__csv__equals_what_was_paid(finalized, claimed):
    rows = rows_of(finalized.succeed("raise export --round 2 $M --format csv"))
    assert [row["account"] for row in rows] == [address(3), address(4), address(5)]
    with finalized.suite() as suite:
        for number, row in zip(PAID, rows, strict=True):
            assert row["paid"] == str(PAID[number])
            assert row["refunded"] == str(PAID[number] - USED[number])
            position = suite.rounds.position(2, address(number))
            out = int(row["tokens_claimed"]) + int(row["tokens_redeemed"])
            assert out in (position.tokens_out, position.tokens)
    assert rows == [
        {key: str(value) for key, value in row.items()}
        for row in shown(finalized, "raise export --round 2 $M")
    ]
    first = rows_of(finalized.succeed("raise export $M --format csv"))
    assert [row["paid"] for row in first] == ["200000000000", "80000000000"]


# --- the wind-down ---


def test_redeem__pays_the_part_of_the_pool(wound_down, redeemed):
    # All was free, so each token is worth what was paid for it.
    assert redeemed[1] == {
        "burned": units("500,000 FLY"),
        "got": units("50,000 USDC"),
        "burned_asset": "FLY",
        "got_asset": "USDC",
    }
    assert redeemed[3]["burned"] == TOKENS[3]
    assert USED[3] - 2 <= redeemed[3]["got"] <= USED[3]
    rows = rows_of(wound_down.succeed("raise export --round 2 $M --format csv"))
    assert rows[0]["tokens_redeemed"] == str(TOKENS[3])
    found = shown(wound_down, "raise show --round 1 $M")["wind_down"]
    assert found.startswith("50,000 USDC of 280,000 USDC redeemed, open for 7")


def test_redeem__what_cannot_be__is_refused(wound_down, redeemed):
    line = "raise redeem --tokens 1 --min-out 0.2 $N --account TEST::2"
    said = wound_down.refuse(line)
    assert said.startswith("The chain refused: payment is below the minimum")
    said = wound_down.refuse("raise redeem --round 2 $N --account TEST::3")
    assert said.startswith("0 FLY of round 2 are worth nothing")
    said = wound_down.refuse("raise redeem --round 2 --tokens 1 $N --account TEST::3")
    assert said.startswith("The chain refused: more than the round allotted")


def test_close_wind_down__after_two_years__gives_the_rest_back(wound_down, redeemed):
    said = wound_down.refuse("raise close-wind-down $N --account TEST::9")
    assert said.startswith("The chain refused: redemption is open")
    got = {1: redeemed[1]["got"], 2: redeemed[3]["got"]}
    with what_if(wound_down):
        wound_down.succeed("devnet pass-time '731 days' $N")
        for number, purpose, pool in ((1, 3, 280_000 * USDC), (2, 4, PROCEEDS)):
            over = shown(wound_down, f"raise show --round {number} $M")["wind_down"]
            assert f"; over, the rest may be given back to purpose {purpose}" in over
            line = f"raise close-wind-down --round {number} $N --account TEST::9"
            assert shown(wound_down, line)["returned"] == pool - got[number]
            over = shown(wound_down, f"raise show --round {number} $M")["wind_down"]
            assert over.endswith(f"given back to purpose {purpose}")
        # The last of the round are settled: what rounding left over is burned and freed.
        wound_down.succeed("raise claim --round 2 --all $N --account TEST::9")
        agrees(wound_down)


def test_safe__claim_and_redeem__are_files(wound_down, redeemed, tmp_path):
    for line in ("raise claim --round 2 --all", "raise refund --round 2 --all"):
        document = record(wound_down, line, tmp_path / "batch.json")
        assert len(document["transactions"]) == 1
    assert SAFE in (tmp_path / "batch.json").read_text()


# --- the statement ---


@pytest.fixture
def events(wound_down, redeemed) -> list[statement.Event]:
    with wound_down.suite() as suite:
        return statement.fetch(suite)


def test_statement__after_the_story__agrees_in_every_epoch(wound_down, events):
    agrees(wound_down)
    counts = {row["contract"] for row in shown(wound_down, "statement $M")}
    assert {"GovernanceToken", "Governor", "FundingRounds", "Treasury"} <= counts
    with wound_down.suite() as suite:
        asset, last = str(suite.asset.address), int(suite.token.epoch_at(events[-1].timestamp))
        starts = [int(suite.token.epoch_start(number)) for number in range(1, last + 2)]
    closing, kinds = 0, set()
    for start, end in pairwise(starts):
        lines = statement.epoch_report(events, asset, start, end)
        opening, *movements, last_line = (line for line in lines if line.kind != "note")
        assert opening.amount == closing
        closing += sum(line.amount for line in movements)
        assert last_line.amount == closing
        kinds |= {line.words for line in movements}
    assert kinds == {"Deposited", "Paid back to contributors"}
    # All that rounds had brought went back to them.
    assert closing == 0
    printed = shown(wound_down, f"statement --epoch {last} $M")
    assert printed == [
        {"kind": line.kind, "what": line.words, "amount": line.amount, "asset": "USDC"}
        for line in lines
    ]


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        ("VoteCast", "Governor"),
        ("VotingPeriodSet", "Governor"),
        ("RoundFinalized", "FundingRounds"),
        ("Redeemed", "Redemptions"),
        ("WindDownReleased", "Treasury"),
    ],
)
def test_statement__one_event_hidden__names_the_contract(
    wound_down, events, monkeypatch, name, contract
):
    hidden = next(event for event in reversed(events) if event.name == name)
    left = [event for event in events if event is not hidden]
    monkeypatch.setattr(chain_events, "fetch", lambda *_, **__: left)
    assert _differs(wound_down).startswith(contract)


@pytest.mark.parametrize(
    ("name", "field", "said"),
    [
        ("RoundFinalized", "proceeds", "FundingRounds, accounted of "),
        ("Redeemed", "tokens", "Redemptions, burned of "),
        ("WindDownReleased", "amount", "Treasury, free of 3, "),
        ("VoteCast", "weight", "Governor, for of "),
    ],
)
def test_statement__one_event_changed__names_the_first_difference(
    wound_down, events, monkeypatch, name, field, said
):
    place = next(index for index, event in enumerate(events) if event.name == name)
    found = events[place]
    more = {**found.arguments, field: found.arguments[field] + 1}
    changed = [*events[:place], replace(found, arguments=more), *events[place + 1 :]]
    monkeypatch.setattr(chain_events, "fetch", lambda *_, **__: changed)
    assert _differs(wound_down).startswith(said)


def _differs(node: nodes.Node) -> str:
    """What the statement says of the first difference; its status must be 1."""
    result = node.run("statement $M")
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.stdout == ""
    said = result.stderr.strip().splitlines()[-1]
    return str(said.removeprefix("First difference: ").removeprefix("Error: "))
