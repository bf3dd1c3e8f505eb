"""A licensee's year: periods of two licences reported and paid from a file, broken off, resumed."""

import csv
from pathlib import Path

import pytest

from flywheel.chain import connection
from flywheel.errors import FlywheelError
from flywheel.licensing import licenses, rights
from flywheel.licensing.offer_terms import LicenceTerms
from tests.scripts import nodes
from tests.scripts.license_shop import address, register
from tests.scripts.nodes import shown, units
from tests.scripts.safe_app import SAFE, record

USDC = 10**6
DAY = 86_400
OWNER, LICENSEE, STRANGER = 3, 6, 9
HEADER = "license,period,revenue,units,evidence\n"
# Licence 1: 5 % and 0.01 per unit, at least 100 a month, 36 % interest. Licence 2: 1 %, 250 in all.
YEAR = HEADER + (
    "1,1,1000,,\n"
    "1,2,4000.5,300,statement.txt\n"
    "2,1,20_000,,\n"
    '2,2,"20,000",,statement.txt\n'
    "1,3,3000,,\n"
)
DUE = {
    2: units("100 USDC"),
    3: units("203.025 USDC"),
    4: units("200 USDC"),
    5: units("50 USDC"),
    6: units("150 USDC"),
}


@pytest.fixture(scope="module")
def shop(local) -> nodes.Node:
    """Two licences of TEST::6 for the model of TEST::3, three months old but for minutes."""
    from ape import accounts

    owner, licensee = (accounts.test_accounts[number] for number in (OWNER, LICENSEE))
    local.succeed("deploy $N --account TEST::0")
    local.succeed("devnet fund 10_000 $N --account TEST::6")
    register(local, "Open-7B")
    with local.suite() as suite:
        for share, price, least, cap in ((500, USDC // 100, 100, 0), (100, 0, 0, 250)):
            terms = LicenceTerms(
                1, 0, share, least * USDC or 1, 30 * DAY, 15 * DAY, 0, False, "ipfs://licence",
                price_per_unit=price, royalty_cap=cap * USDC, late_bps_per_year=3_600,
            )  # fmt: skip
            terms_id = licenses.offer_directly(suite, owner, terms)
            license_id = licenses.buy(suite, licensee, terms_id)
            rights.present(suite, licensee, license_id)
        connection.pass_time(91 * DAY)
    return local


@pytest.fixture(autouse=True)
def _back_again(shop):
    """Each test starts from the state the fixture left."""
    with shop.undone():
        yield


@pytest.fixture
def year(tmp_path) -> Path:
    """The file of the licensee's periods, its evidence beside it."""
    (tmp_path / "statement.txt").write_text("audited")
    path = tmp_path / "year.csv"
    path.write_text(YEAR)
    return path


def paid_by(node: nodes.Node) -> int:
    with node.suite() as suite:
        return 10_000 * USDC - int(suite.asset.balanceOf(address(LICENSEE)))


def faults(node: nodes.Node, path: Path, *rows: str) -> list[str]:
    """What the checks say about a file with these rows; the chain must not have moved."""
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    before = node.height()
    result = node.run(f"royalty batch {path} $N --account TEST::6")
    assert result.exit_code == 1
    assert node.height() == before
    said = result.stderr.replace("Error: ", "").strip().splitlines()
    return [line.removeprefix(f"{path}, ") for line in said]


# --- one period ---


def test_report__dry_run__says_what_is_due_and_why(shop):
    said = shown(shop, "royalty report 1 4_000.5 --units 300 --account TEST::6 $M --dry-run")
    assert said["due"] == units("203.025 USDC")
    assert said["why"] == (
        "share: 5 % of 4,000.5 USDC is 200.025 USDC; metered: 300 units at 0.01 USDC are 3 USDC"
    )
    assert said["to_pay"] == said["due"] + said["interest"]
    assert said["interest"] > 0
    assert paid_by(shop) == 0


def test_report__in_order__pays_dues_and_interest(shop):
    said = shown(shop, "royalty report 1 1000 --evidence README.md $N --account TEST::6")
    assert (said["period"], said["due"]) == (1, units("100 USDC"))
    # 46 days late at 36 % a year.
    assert 100 + 4.53 < said["paid"] / USDC < 100 + 4.55
    assert said["paid"] == paid_by(shop)
    assert "Report period 2." in shop.refuse("royalty report 1 5 --period 3 $N --account TEST::6")


def test_pay_ahead__late__is_refused_and_afterwards_is_credit(shop, year):
    line = "royalty pay 1 --amount 150 --ahead $N --account TEST::6"
    assert "Licence 1 is late: nothing is paid ahead" in shop.refuse(line)
    shop.succeed(f"royalty batch {year} $N --account TEST::6")
    assert shown(shop, line)["paid"] == units("150 USDC")
    assert shown(shop, "license status 1 $M")["credit"] == units("150 USDC")
    assert "Give --amount" in shop.refuse("royalty pay 1 --ahead $N --account TEST::6")
    assert "Nothing is outstanding" in shop.refuse("royalty pay 1 $N --account TEST::6")


# --- a file ---


def test_batch__dry_run__prices_every_row(shop, year):
    before = shop.height()
    rows = shown(shop, f"royalty batch {year} --account TEST::6 $M --dry-run")
    assert shop.height() == before
    assert {row["line"]: row["due"] for row in rows} == DUE
    assert {row["state"] for row in rows} == {"to report"}
    by_line = {row["line"]: row for row in rows}
    assert by_line[2]["why"].endswith("the minimum is 100 USDC")
    assert by_line[5]["why"] == (
        "share: 1 % of 20,000 USDC is 200 USDC; the cap of 250 USDC leaves 50 USDC"
    )
    # The third period is in its grace, the others are late.
    late = {line: row["interest"] > 0 for line, row in by_line.items()}
    assert late == {2: True, 3: True, 4: True, 5: True, 6: False}
    assert not year.with_suffix(".result.csv").exists()


def test_batch__sent__pays_what_the_dry_run_said(shop, year, tmp_path):
    planned = shown(shop, f"royalty batch {year} --account TEST::6 $M --dry-run")
    result = shop.run(f"royalty batch {year} $N --account TEST::6 --format json")
    assert result.exit_code == 0, result.stderr
    rows = nodes.result_of(result.stdout)
    assert {row["state"] for row in rows} == {"reported and paid"}
    assert sum(row["paid"] for row in rows) == paid_by(shop)
    # Seconds pass between, each a unit or two of interest.
    for row, plan in zip(rows, planned, strict=True):
        assert 0 <= row["paid"] - plan["to_pay"] < 1_000
    written = list(csv.DictReader(year.with_suffix(".result.csv").open()))
    assert [units(row["Paid"]) for row in written] == [row["paid"] for row in rows]
    assert "Licence 2: 25" in result.stderr
    assert "paid so far for 2 periods, 0 USDC outstanding; period 3 is due by" in result.stderr
    with shop.suite() as suite:
        assert suite.market.is_in_good_standing(1)
        assert licenses.get(suite, 1).periods_reported == 3
        report = licenses.reports(suite, 1)[2]
        assert (report.revenue, report.units) == (4_000_500_000, 300)
        approvals = list(suite.asset.Approval.range(0, suite.asset.chain_manager.blocks.height + 1))
        # One allowance for all rows.
        assert sum(int(log.value) > 0 for log in approvals) == 1
    # The same file again sends nothing.
    before = shop.height()
    again = shown(shop, f"royalty batch {year} $N --account TEST::6")
    assert {row["state"] for row in again} == {"on chain already"}
    assert shop.height() == before


def test_batch__broken_off__resumes_without_paying_twice(shop, year, monkeypatch):
    send, calls = licenses.send_report, []

    def failing(suite, account, license_id, report, max_amount):
        calls.append((license_id, report.period))
        if len(calls) == 3:
            raise FlywheelError("The node does not answer.")
        return send(suite, account, license_id, report, max_amount)

    monkeypatch.setattr(licenses, "send_report", failing)
    result = shop.run(f"royalty batch {year} $N --account TEST::6 --format json")
    assert result.exit_code == 1
    states = [row["state"] for row in nodes.result_of(result.stdout)]
    assert states == ["reported and paid"] * 2 + ["failed"] + ["not sent"] * 2
    said = result.stderr.strip().splitlines()[-1]
    assert f"Stopped at {year}, line 4: The node does not answer." in said
    written = [row["State"] for row in csv.DictReader(year.with_suffix(".result.csv").open())]
    assert written == states
    first = paid_by(shop)

    monkeypatch.undo()
    rows = shown(shop, f"royalty batch {year} $N --account TEST::6")
    states = [row["state"] for row in rows]
    assert states == ["on chain already"] * 2 + ["reported and paid"] * 3
    assert paid_by(shop) - first == sum(row["paid"] for row in rows)
    assert calls == [(1, 1), (1, 2), (2, 1)]


def test_batch__lost_reply__is_found_on_chain(shop, year, monkeypatch):
    send = licenses.send_report

    def lost(*arguments):
        send(*arguments)
        raise ConnectionError("reply lost")

    monkeypatch.setattr(licenses, "send_report", lost)
    result = shop.run(f"royalty batch {year} $N --account TEST::6")
    assert "The node does not answer (reply lost)" in result.stderr
    monkeypatch.undo()
    rows = shown(shop, f"royalty batch {year} $N --account TEST::6")
    assert [row["state"] for row in rows] == ["on chain already"] + ["reported and paid"] * 4


def test_batch__faults_in_lines__are_all_named_before_anything_is_sent(shop, tmp_path):
    path = tmp_path / "faulty.csv"
    said = faults(shop, path, "1,x,5,,", "1,1,5,,missing.pdf", "1,1,,,", ",1,5,,", "1,1,5")
    assert [line.split(":")[0] for line in said] == [f"line {number}" for number in range(2, 7)]
    words = (
        "period 'x' is no whole number",
        "evidence missing.pdf: No such file",
        "revenue is missing",
        "neither license nor model",
        "not as many fields",
    )
    for line, part in zip(said, words, strict=True):
        assert part in line
    assert said[-1].endswith("The file has 5 faults, nothing was sent.")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["1,1,5,,", "1,1,6,,"], "line 3: period 1 of licence 1 is in line 2 already"),
        (["1,1,5,,", "1,3,6,,"], "line 3: period 2 of licence 1 is missing before period 3"),
        (["1,2,5,,"], "line 2: period 1 of licence 1 is missing before period 2"),
        (["1,2,5,,", "1,1,5,,"], "line 3: period 1 of licence 1 comes after period 2"),
        (["1,1,5,,", "1,2,5,,", "1,3,5,,", "1,4,5,,"], "period 4 of licence 1 has not ended"),
        (["7,1,5,,"], "line 2: there is no licence 7"),
        (["1,1,5.0000001,,"], "line 2: '5.0000001' has more than 6 decimals"),
        (["1,1,12;5,,"], "line 2: '12;5' is not an amount"),
        (["1,1,-5,,"], "line 2: '-5' is not a positive amount"),
        ([f"1,1,5,{2**64},"], "units are too many"),
    ],
)
def test_batch__row_that_cannot_be_reported__is_refused(shop, tmp_path, rows, said):
    assert said in "\n".join(faults(shop, tmp_path / "faulty.csv", *rows))


def test_batch__other_figures_than_on_chain__are_an_error(shop, tmp_path, year):
    shop.succeed("royalty report 1 1000 --units 7 $N --account TEST::6")
    path = tmp_path / "other.csv"
    assert "on chain with revenue 1,000 USDC, 7 units." in faults(shop, path, "1,1,1001,,")[0]
    assert "on chain with evidence 0x0000" in faults(shop, path, "1,1,1000,7,statement.txt")[0]
    with shop.suite() as suite:
        from ape import accounts

        connection.send(suite.market.estimate, 1, sender=accounts.test_accounts[STRANGER])
    # An estimate waits for the licensee's own report.
    path.write_text(HEADER + "1,2,5,,\n")
    dry = f"royalty batch {path} --account TEST::6 $M --dry-run"
    assert [row["state"] for row in shown(shop, dry)] == ["to report"]
    path.write_text(HEADER + "1,1,1000,7,\n")
    assert [row["state"] for row in shown(shop, f"royalty batch {path} $N --account TEST::6")] == [
        "on chain already"
    ]


def test_batch__by_model__finds_the_licence_or_asks(shop, tmp_path):
    path = tmp_path / "models.csv"
    path.write_text("model,period,revenue\n1,1,1000\n")
    line = f"royalty batch {path} --account TEST::6 $M --dry-run"
    assert "you hold licences 1, 2 of model 1" in shop.refuse(line)
    path.write_text("model,period,revenue\n2,1,1000\n")
    assert "you hold no licence of model 2" in shop.refuse(line)
    path.write_text("license,model,period,revenue\n1,1,1,1000\n")
    (row,) = shown(shop, line)
    assert (row["licence"], row["model"]) == (1, 1)
    path.write_text("license,model,period,revenue\n1,9,1,1000\n")
    assert "licence 1 is of model 1, not 9" in shop.refuse(line)
    stranger = f"royalty batch {path} --account TEST::9 $M --dry-run"
    path.write_text("license,period,revenue\n1,1,1000\n")
    assert f"licence 1 belongs to {address(LICENSEE)}" in shop.refuse(stranger)


def test_batch__too_little_money__is_said_first(shop, tmp_path):
    path = tmp_path / "rich.csv"
    path.write_text("license,period,revenue\n1,1,1_000_000\n")
    before = shop.height()
    said = shop.refuse(f"royalty batch {path} $N --account TEST::6")
    assert "holds 10,000 USDC" in said
    assert shop.height() == before
    assert "There is no terminal" in shop.refuse(f"royalty batch {path} $M --account TEST::6")
    own = f"royalty batch {path} --out {path} $N --account TEST::6"
    assert "would overwrite" in shop.refuse(own)
    path.write_text("license,period,revenue\n1,1,1000\n")
    nowhere = f"royalty batch {path} --out {path}/x.csv $N --account TEST::6"
    assert "Give another --out" in shop.refuse(nowhere)
    # Not halfway: nothing was paid, only the allowance could have been given.
    assert paid_by(shop) == 0


def test_batch__for_a_safe__is_one_file(shop, year, tmp_path):
    from ape import accounts

    shop.succeed(f"devnet fund 1_000 {SAFE} $N --account TEST::6")
    with shop.suite() as suite:
        licensee = accounts.test_accounts[LICENSEE]
        for license_id in (1, 2):
            connection.send(suite.market.set_reporter, license_id, SAFE, sender=licensee)
    document = record(shop, f"royalty batch {year}", tmp_path / "batch.json")
    names = [item["contractMethod"]["name"] for item in document["transactions"]]
    assert names == ["approve", *["report_and_pay"] * 5]
