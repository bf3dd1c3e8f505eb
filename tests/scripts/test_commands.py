"""What all commands have in common: who may sign, when they send, how they print and fail."""

import os
import subprocess
import sys

import pytest

from tests.scripts import nodes
from tests.support import ROOT

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def suite_on(local) -> nodes.Node:
    """The devnet with a deployment and an open round that TEST::1 has money for."""
    local.succeed("deploy $N --account TEST::0")
    local.succeed("devnet fund 1_000 $N --account TEST::1")
    local.succeed("rewards create ipfs://dataset $N --account TEST::5")
    local.succeed("devnet pass-time '1 hour' $N")
    return local


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


# --- printing ---


@pytest.mark.parametrize(
    "line",
    [
        "raise show",
        "vote show",
        "grants show",
        "models show",
        "license terms",
        "license terms presets",
        "license terms enterprise",
        "license quote api --units 5",
        f"license status --for {'0x' + '11' * 20}",
        "income show",
        f"income show --for {'0x' + '11' * 20}",
        f"income history {'0x' + '11' * 20}",
        "treasury balances",
        "treasury buckets",
        "treasury promises --all",
        "treasury policy",
        "treasury limits",
        "treasury floor",
        "statement",
        "statement --epoch 1",
        "deploy --check",
        "deploy --dry-run --account TEST::0",
    ],
)
def test_format__of_a_reading_command__parses(suite_on, line):
    before = suite_on.height()
    nodes.result_of(suite_on.succeed(f"{line} $M --format json"))
    assert suite_on.succeed(f"{line} $M --format csv").splitlines()
    assert suite_on.succeed(f"{line} $M --format table")
    assert suite_on.height() == before


def test_format__csv__has_a_header_and_bare_values(suite_on):
    header, values = suite_on.succeed("raise show $M --format csv").splitlines()
    assert header.startswith("state,raised,soft_goal")
    assert values.startswith("OPEN,")


# --- when they send ---

SENDING = [
    "raise contribute 25 --account TEST::1",
    "raise contribute 25 --permit --account TEST::1",
    "devnet fund 10 --account TEST::1",
    "devnet pass-time '1 day'",
    "rewards create ipfs://dataset --account TEST::1",
    "grants apply examples/application.yaml --account TEST::1",
    "compute offer A100 2 --gpus 8 --watts 400 --region FR --grid-grams 57 --account TEST::1",
    "deploy --account TEST::0",
]


@pytest.mark.parametrize("line", SENDING)
def test_dry_run__sends_nothing(suite_on, line):
    before = suite_on.height(), suite_on.nonce(address(1))
    # --dry-run wins over --yes.
    result = suite_on.run(f"{line} $N --dry-run")
    assert result.exit_code == 0, result.output
    assert (suite_on.height(), suite_on.nonce(address(1))) == before


@pytest.mark.parametrize("line", SENDING)
def test_without_a_terminal__without_yes__is_refused(suite_on, line):
    before = suite_on.height()
    said = suite_on.refuse(f"{line} $M")
    assert said == "There is no terminal to confirm at. Give --yes to send, or --dry-run."
    assert suite_on.height() == before


# --- what they refuse ---


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise contribute 25 $N", "Name one of 'ape accounts list' with --account"),
        ("raise contribute 25 $N --account nobody", "ape accounts import nobody"),
        ("raise contribute 25 $N --account TEST::99", "Give TEST::0 to TEST::59"),
        ("raise contribute 25 $N --account TEST::x", "Give TEST::0 to TEST::59"),
        ("raise contribute ten $N --account TEST::1", "'ten' is not an amount"),
        ("raise contribute 25.0000001 $N --account TEST::1", "Round it to 6 decimals"),
        ("raise contribute 10 $N --account TEST::1", "10 USDC is below 25 USDC. Pay more."),
        ("raise contribute 5_000 $N --account TEST::1", "Send 4,000 USDC to it first"),
        ("raise contribute 5_000 --permit $N --account TEST::1", "Send 4,000 USDC to it first"),
        (
            "raise contribute 25 --round 7 $N --account TEST::1",
            "There is no round 7. Only round 1 exists",
        ),
        ("raise show --round 0 $M", "There is no round 0"),
        ("raise finalize $N --account TEST::1", "Finalize it then if it has reached its goal."),
        ("raise claim $N --account TEST::1", "can be claimed once it is finalized."),
        ("raise refund $N --account TEST::1", "Money comes back if it fails or is cancelled"),
        ("raise refund --for somebody $N --account TEST::1", "'somebody' is no address"),
        ("vote show 9 $M", "There is no proposal 9. List the proposals with"),
        ("vote show x $M", "'x' is no proposal"),
        ("vote cast 1 for $N --account TEST::1", "There is no proposal 1"),
        ("vote propose-grant 1 $N --account TEST::1", "There is no grant 1"),
        ("grants apply no.yaml $N --account TEST::1", "Cannot read no.yaml"),
        ("grants apply parameters/devnet.yaml $N --account TEST::1", "devnet.yaml, line 2"),
        ("grants show 5 $M", "There is no grant 5"),
        ("grants draw 5 $N --account TEST::1", "There is no grant 5"),
        ("grants bond 5 $N --account TEST::1", "There is no grant 5"),
        ("grants submit 5 $N --account TEST::1", "There is no grant 5"),
        ("grants escalate 5 --proposal 1 $N --account TEST::1", "There is no proposal 1"),
        ("compute order 1 3 --gpus 1 --life 1 $N --account TEST::1", "There is no offer 3"),
        ("compute notice 3 $N --account TEST::1", "There is no order 3"),
        ("compute verify README.md $M", "README.md is no voucher"),
        ("compute draw README.md $N --account TEST::1", "README.md is no voucher"),
        ("compute return 3 $N --account TEST::1", "The chain refused: "),
        ("license buy 1 $N --account TEST::1", "The chain refused: "),
        ("license status 1 $M", "There is no licence 1"),
        ("royalty report 1 5 $N --account TEST::1", "There is no licence 1"),
        ("royalty pay 1 $N --account TEST::1", "There is no licence 1"),
        ("royalty settle 1 $N --account TEST::1", "There is no model 1"),
        ("royalty withdraw $N --account TEST::1", "has no royalties"),
        ("rewards build 9 data/adult-content-labels/labels.csv out/none $M", "no campaign 9"),
        ("rewards publish out/none --uri x $N --account TEST::1", "out/none"),
        ("income close $N --account TEST::1", "No ended epoch has income to split"),
        ("income recycle $N --account TEST::1", "No pot has waited for two years"),
        ("income close 99 $N --account TEST::1", "Epoch 99 ends on "),
        ("devnet pass-time soon $N", "'soon' is not a duration"),
        ("devnet fund 5 0x12 $N --account TEST::1", "'0x12' is no address"),
        ("deploy --parameters no.yaml $N --account TEST::0", "Cannot read no.yaml"),
    ],
)
def test_refusal__is_one_line_that_says_what_to_do(suite_on, line, said):
    assert said.replace("out/", f"{suite_on.folder}/") in suite_on.refuse(line)


def test_refusal__no_deployment__says_how_to_make_one(local, tmp_path, monkeypatch):
    monkeypatch.setenv("FLYWHEEL_DEPLOYMENTS", str(tmp_path))
    said = local.refuse("raise show $M")
    assert said.startswith("Nothing is deployed on chain 1337, by ")
    assert "Deploy with 'ape run deploy'" in said


def test_refusal__account_without_ether__names_it(suite_on):
    suite_on.succeed(f"devnet fund 1_000 {address(30)} $N --account TEST::1")
    suite_on.rpc("anvil_setBalance", address(30), "0x0")
    said = suite_on.refuse("raise contribute 25 $N --account TEST::30")
    assert address(30) in said
    assert "ether" in said


@pytest.mark.parametrize("network", ["ethereum:local", "ethereum:sepolia"])
def test_refusal__node_does_not_answer__says_so(local, network):
    said = local.refuse(f"raise show --network {network}:{NOBODY}")
    assert "The node does not answer" in said
    assert "--network" in said


# --- a public chain ---


def test_public_chain__test_account__is_refused(sepolia):
    for number in (0, 39):
        # `run` puts the keyfiles' alias for TEST::, but not for test::.
        said = sepolia.refuse(f"deploy $N --account test::{number}")
        assert "is a test account, its key is public" in said
    assert sepolia.nonce(address(0)) == 0


def test_public_chain__keyfile_of_a_test_key__is_refused(sepolia):
    from ape import accounts
    from ape_accounts import import_account_from_private_key

    key = accounts.test_accounts[3].private_key
    import_account_from_private_key("disguised", nodes.PASSPHRASE, key)
    said = sepolia.refuse("deploy $N --account disguised")
    assert "its key is public" in said


def test_public_chain__wrong_passphrase__is_refused(sepolia, monkeypatch):
    monkeypatch.setenv("APE_ACCOUNTS_payer0_PASSPHRASE", "wrong")
    said = sepolia.refuse("deploy $N --account TEST::0")
    assert said == ("The passphrase of 'payer0' is wrong. Correct APE_ACCOUNTS_payer0_PASSPHRASE.")


def test_public_chain__no_passphrase_and_no_terminal__is_refused(sepolia, monkeypatch):
    monkeypatch.delenv("APE_ACCOUNTS_payer0_PASSPHRASE")
    said = sepolia.refuse("deploy $N --account TEST::0")
    assert "Put it in the environment as APE_ACCOUNTS_payer0_PASSPHRASE" in said


def test_public_chain__dry_run__needs_no_passphrase(sepolia, monkeypatch):
    monkeypatch.delenv("APE_ACCOUNTS_payer0_PASSPHRASE")
    result = sepolia.run("deploy $M --account TEST::0 --dry-run --format json")
    assert result.exit_code == 0, result.stderr
    assert {row["would"] for row in nodes.result_of(result.stdout)} == {"send"}
    assert "Caution: no asset is named, so a mock is deployed" in result.stderr


@pytest.mark.deep
def test_public_chain__first_round__is_raised_by_keyfiles(sepolia):
    """Deploy, fund, contribute both ways, finalize, claim: as the walk-through begins."""
    lines = nodes.walkthrough()
    end = lines.index("rewards create ipfs://devnet/dataset $N --account TEST::5")
    for line in lines[:end]:
        sepolia.succeed(line)
    assert nodes.result_of(sepolia.succeed("raise show $M --format json"))["state"] == "FINALIZED"
    with sepolia.suite() as suite:
        assert suite.token.totalSupply() == 2_800_005 * 10**18
    rows = nodes.result_of(sepolia.succeed("deploy --check $M --format json"))
    assert {row["right"] for row in rows} == {True}


# --- through `ape run` itself ---


def ape_run(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "ape"), "run", *line.split()],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_ape_run__sepolia_by_its_name__connects_to_the_url_of_the_environment(sepolia):
    done = ape_run(
        "raise show --network ethereum:sepolia:node --format json --round 99",
        SEPOLIA_RPC_URL=sepolia.url,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert (
        "Nothing is deployed on chain 11155111" in done.stderr
        or "There is no round 99" in done.stderr
    )


@pytest.mark.parametrize("url", ["", NOBODY])
def test_ape_run__no_node__fails_without_a_traceback(folder, url):
    done = ape_run("raise show --network ethereum:sepolia:node", SEPOLIA_RPC_URL=url)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
