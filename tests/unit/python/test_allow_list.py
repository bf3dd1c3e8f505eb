"""flywheel.funding.allow_list and the files of rounds."""

import pytest

from flywheel import documents
from flywheel.deploy import parameters
from flywheel.errors import FlywheelError
from flywheel.funding.allow_list import AllowList, accounts_of
from flywheel.rewards.merkle import verify
from tests.support import ROOT

CONTRACT = "0x" + "22" * 20
ACCOUNTS = [f"0x{number:040x}" for number in range(1, 12)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 11])
def test_allow_list__any_size__proves_every_account(count):
    tree = AllowList.build(1, CONTRACT, 3, ACCOUNTS[:count])
    for account in tree.accounts:
        assert verify(tree.root, tree.leaf(account), tree.proof_of(account))
    other = AllowList.build(1, CONTRACT, 4, ACCOUNTS[:count])
    assert other.root != tree.root
    with pytest.raises(FlywheelError, match="is not on the allow-list"):
        tree.proof_of("0x" + "ff" * 20)


@pytest.mark.parametrize(
    ("accounts", "said"),
    [([], "names nobody"), (ACCOUNTS[:1] * 2, "twice"), (["0x12"], "is not an address")],
)
def test_allow_list__bad_accounts__are_refused(accounts, said):
    with pytest.raises(FlywheelError, match=said):
        AllowList.build(1, CONTRACT, 1, accounts)


def test_allow_list__written_and_read__is_the_same(tmp_path):
    tree = AllowList.build(1, CONTRACT, 3, ACCOUNTS)
    path = tmp_path / "out" / "list.json"
    tree.write(path)
    assert AllowList.read(path).root == tree.root
    path.write_text(path.read_text().replace(ACCOUNTS[0], "0x" + "ee" * 20))
    with pytest.raises(FlywheelError, match="is not that of its accounts"):
        AllowList.read(path)
    path.write_text("[]")
    with pytest.raises(FlywheelError, match="is no allow-list"):
        AllowList.read(path)
    with pytest.raises(FlywheelError, match="Cannot read"):
        AllowList.read(tmp_path / "none.json")


def test_accounts_of__csv__names_the_line_of_a_fault(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"name,account\nann, {ACCOUNTS[0]}\nben,{ACCOUNTS[1]}\n")
    assert accounts_of(path) == ACCOUNTS[:2]
    path.write_text(f"account\n{ACCOUNTS[0]}\n0x12\n")
    with pytest.raises(FlywheelError, match=r"line 3: '0x12' is not an address"):
        accounts_of(path)
    path.write_text("address\n")
    with pytest.raises(FlywheelError, match="line 1: there is no column 'account'"):
        accounts_of(path)


def test_round_file__example__is_right():
    path = ROOT / "examples" / "round.yaml"
    terms = parameters.round_from(documents.load(path, "round")["round"], 6)
    parameters.check_round(terms, str(path))
    assert terms.is_pro_rata
    assert (terms.cliff_seconds, terms.vesting_seconds) == (30 * 86_400, 360 * 86_400)


def read_round(path):
    terms = parameters.round_from(documents.load(path, "round")["round"], 6)
    parameters.check_round(terms, f"{path}: round")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mode: pro rata", "mode: lottery", "line 8: round.mode: write 'first come' or 'pro rata'"),
        ('hard_cap: "200_000"', 'hard_cap: "20_000"', "soft_goal must be above zero and at most"),
        ("cliff: 30 days", "cliff: 400 days", "vesting.cliff is longer than vesting.length"),
        ('min_contribution: "25"', 'min_contribution: "0"', "min_contribution must be above zero"),
    ],
)
def test_round_file__wrong__says_where_and_why(tmp_path, old, new, said):
    text = (ROOT / "examples" / "round.yaml").read_text()
    assert old in text
    path = tmp_path / "round.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(FlywheelError, match=said):
        read_round(path)
