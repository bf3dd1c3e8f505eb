"""Batches for a Safe: what each writing command would send, as a file that the Safe can send."""

import pytest

from flywheel.chain import connection
from tests.scripts import nodes, voters
from tests.scripts.safe_app import SAFE, as_the_app_encodes, record, send_as_the_safe
from tests.scripts.voters import shown, win


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    return voters.dao(local)


@pytest.fixture(autouse=True)
def _back_again(dao):
    """Each test starts from the state the fixture left."""
    with dao.undone():
        yield


@pytest.fixture
def funded(dao) -> nodes.Node:
    """The Safe has money and votes, the round of the second proposal is open for votes."""
    with dao.suite() as suite:
        from ape import accounts

        holder = accounts.test_accounts[1]
        connection.send(suite.asset.mint, SAFE, 1_000 * 10**6, sender=holder)
        connection.send(suite.token.transfer, SAFE, 500_000 * 10**18, sender=holder)
    return dao


@pytest.mark.parametrize(
    "line",
    [
        f"vote delegate {SAFE}",
        "grants apply examples/application.yaml",
        "compute offer A100 2 --gpus 8 --watts 400 --region FR --grid-grams 57",
        "rewards create ipfs://another",
        "devnet fund 10",
    ],
)
def test_safe__writing_command__is_a_file_that_the_safe_can_send(funded, tmp_path, line):
    document = record(funded, line, tmp_path / "batch.json")
    for item in document["transactions"]:
        assert as_the_app_encodes(item) == item["data"][10:]
    send_as_the_safe(funded, document)


def test_safe__propose__is_proposed_by_the_safe(funded, tmp_path):
    send_as_the_safe(funded, record(funded, f"vote delegate {SAFE}", tmp_path / "first.json"))
    funded.succeed("devnet pass-time '1 minute' $N")
    line = "vote propose-call Governor.setVotingPeriod seconds='9 days'"
    document = record(funded, line, tmp_path / "batch.json")
    (item,) = document["transactions"]
    assert as_the_app_encodes(item) == item["data"][10:]
    assert document["meta"]["name"] == "Propose: let votes last 9 days"
    send_as_the_safe(funded, document)
    assert shown(funded, "show 3")["proposer"] == SAFE


@pytest.mark.deep
def test_safe__two_transactions__are_one_batch(dao, tmp_path):
    """A second round, so that paying in needs an approval first."""
    call = "propose-call Treasury.create_round_purpose name=second source=FundingRounds"
    dao.succeed(f"vote {call} $N --account TEST::1")
    win(dao, 3)
    dao.succeed("vote queue 3 $N --account TEST::9")
    dao.succeed("devnet pass-time '4 days' $N")
    dao.succeed("vote execute 3 $N --account TEST::9")
    opening = (
        "terms={asset: USDC, price: 1 USDC, soft_goal: 5 USDC, hard_cap: 1000 USDC, "
        "min_contribution: 1 USDC, max_contribution: 0 USDC, starts_at: in 14 days, "
        "ends_at: in 40 days, purpose: second, is_pro_rata: no, "
        f"allow_list_root: '0x{'00' * 32}', cliff_seconds: 0 seconds, vesting_seconds: 0 seconds, "
        "terms_hash: keccak hi, terms_uri: hi}"
    )
    dao.succeed(f'vote propose-call FundingRounds.open_round "{opening}" $N --account TEST::1')
    win(dao, 4)
    dao.succeed("vote queue 4 $N --account TEST::9")
    dao.succeed("devnet pass-time '4 days' $N")
    dao.succeed("vote execute 4 $N --account TEST::9")
    dao.succeed("devnet pass-time '5 days' $N")
    with dao.suite() as suite:
        from ape import accounts

        connection.send(suite.asset.mint, SAFE, 1_000 * 10**6, sender=accounts.test_accounts[1])
    line = "raise contribute 250 --round 2"
    document = record(dao, line, tmp_path / "batch.json")
    names = [item["contractMethod"]["name"] for item in document["transactions"]]
    assert names == ["approve", "contribute"]
    send_as_the_safe(dao, document)
    with dao.suite() as suite:
        assert suite.rounds.contribution(2, SAFE) == 250 * 10**6
    # What depends on the sender is asked of the Safe.
    refused = tmp_path / "refused.json"
    options = f"$M --safe {refused} --safe-address {SAFE}"
    assert "Send 4,250 USDC to it first" in dao.refuse(
        f"raise contribute 5_000 --round 2 {options}"
    )
    assert "A Safe signs nothing here" in dao.refuse(
        f"raise contribute 5 --round 2 --permit {options}"
    )
    assert not refused.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("vote cast 1 for $M --safe {f}", "Give both, or neither"),
        (f"vote cast 1 for $M --safe-address {SAFE}", "Give both, or neither"),
        ("vote cast 1 for $M --safe {f} --safe-address 0x12", "'0x12' is no address"),
        (
            f"vote delegate {SAFE} $M --account TEST::1 --safe {{f}} --safe-address {SAFE}",
            "Leave out --account",
        ),
        (
            f"vote queue 1 $M --safe {{f}} --safe-address {SAFE}",
            "Voting ends on ",
        ),
        (
            f"vote cancel 1 $M --safe {{f}} --safe-address {SAFE}",
            "Transaction 1 of the Safe would fail, no file. The chain refused: Governor",
        ),
        (f"devnet pass-time '1 day' $M --safe {{f}} --safe-address {SAFE}", "moves no clock"),
        (
            f"vote sign 1 for $M --out {{f}} --safe {{f}} --safe-address {SAFE}",
            "A Safe signs nothing here",
        ),
        (f"deploy $M --safe {{f}} --safe-address {SAFE}", "cannot deploy contracts"),
    ],
)
def test_safe__what_cannot_be__is_refused_and_no_file_is_written(dao, tmp_path, line, said):
    path = tmp_path / "batch.json"
    result = dao.run(line.format(f=path))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert said in result.stderr
    assert not path.exists()
