"""`ape run deploy` on a real node: what it sends, skips, resumes and refuses."""

import json
import shutil
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from eth_utils import keccak

from flywheel.chain import connection, devnet
from flywheel.deploy import artifacts, deployment, parameters, roles, settings
from flywheel.deploy.journal import Journal
from flywheel.deploy.parameters import GuardianParameters, Parameters
from flywheel.deploy.suite import CONTRACTS, DEPLOYMENTS_VARIABLE, Suite, journal_path
from flywheel.errors import FlywheelError
from tests.scripts import nodes

PARAMETERS = Path("parameters/devnet.yaml")
DEPLOY = "deploy $N --parameters parameters/devnet.yaml"
CHECK = "deploy $N --check"
# Contracts, then calls: see deployment.Deployment.steps.
DEPLOYED = ["Asset", *CONTRACTS]

# Who deploys does so from an account of its own: the node is shared.
_numbers = count(10)


@dataclass(frozen=True)
class Deployer:
    """A funded account that has sent nothing, and a journal of its own."""

    node: nodes.Node
    alias: str
    address: str
    journal: Path

    def deploy(self, options: str = "") -> str:
        return self.node.succeed(f"{DEPLOY} --account {self.alias} {options}")

    def plan(self) -> deployment.Deployment:
        """The plan as the command makes it; to be run while connected."""
        from ape import accounts

        return deployment.Deployment(
            parameters.load(PARAMETERS),
            accounts.test_accounts[int(self.alias.split("::")[1])],
            Journal.at(journal_path(), connection.chain_id()),
        )

    def sent(self) -> int:
        return self.node.nonce(self.address)

    def recorded(self) -> dict:
        return json.loads(self.journal.read_text(encoding="utf-8"))


def new_deployer(node: nodes.Node, folder: Path) -> Deployer:
    from ape import accounts

    number = next(_numbers)
    account = accounts.test_accounts[number]
    node.rpc("anvil_setBalance", str(account.address), hex(10**20))
    return Deployer(node, f"TEST::{number}", str(account.address), folder / "1337.json")


@pytest.fixture
def deployer(local, tmp_path, monkeypatch) -> Deployer:
    """Has deployed nothing yet."""
    monkeypatch.setenv(DEPLOYMENTS_VARIABLE, str(tmp_path))
    return new_deployer(local, tmp_path)


@pytest.fixture(scope="module")
def finished(local, folder) -> Deployer:
    """One whole deployment; its journal is in the module's folder."""
    made = new_deployer(local, folder / "deployments")
    made.deploy()
    return made


@pytest.fixture
def deployed(finished, tmp_path, monkeypatch) -> Deployer:
    """The whole deployment with a copy of its journal, for the test to change."""
    monkeypatch.setenv(DEPLOYMENTS_VARIABLE, str(tmp_path))
    shutil.copy(finished.journal, tmp_path)
    return replace(finished, journal=tmp_path / finished.journal.name)


class Killed(BaseException):
    """The process dies: nothing may catch it."""


def kill_after(monkeypatch, transactions: int) -> None:
    """Kills the run after it has sent that many transactions, before the last one is recorded."""
    left = count(1)

    def dying(send):
        def run(*args, **options):
            result = send(*args, **options)
            if next(left) == transactions:
                raise Killed
            return result

        return run

    monkeypatch.setattr(connection, "send", dying(connection.send))
    monkeypatch.setattr(connection, "create", dying(connection.create))


def assert_complete(deployer: Deployer) -> Suite:
    """Every role is right and every contract is there once; returns the suite."""
    suite = Suite.connected()
    assert [role for role in roles.read_back(suite, deployer.address) if not role.right] == []
    assert set(deployer.recorded()["contracts"]) == set(DEPLOYED)
    return suite


def created(deployer: Deployer) -> list[str]:
    """Every contract that the account ever created."""
    addresses = (
        artifacts.create_address(deployer.address, nonce) for nonce in range(deployer.sent())
    )
    return [address for address in addresses if deployer.node.code(address)]


def test_deploy__dry_run__lists_every_step_and_sends_nothing(deployer):
    height = deployer.node.height()
    said = nodes.result_of(deployer.deploy("--dry-run --format json"))
    assert [row["would"] for row in said] == ["send"] * len(said)
    assert [row["step"] for row in said][:3] == [
        "deploy Asset (USDC)",
        "deploy Timelock",
        "deploy GovernanceToken",
    ]
    assert said[-1]["step"] == "timelock: the deployer gives up the administration"
    assert deployer.node.height() == height
    assert not deployer.journal.exists()
    # The dry run names exactly what the run does.
    with deployer.node.connected():
        steps = []
        deployer.plan().run(lambda step, outcome: steps.append((step.label, outcome)))
    assert steps == [(row["step"], "sent") for row in said]
    assert deployer.sent() == len(said)


def test_deploy__again__skips_every_step(deployed):
    before, journal = deployed.sent(), deployed.recorded()
    said = nodes.result_of(deployed.deploy("--dry-run --format json"))
    assert {row["would"] for row in said} == {"skip"}
    deployed.deploy()
    assert deployed.sent() == before
    assert deployed.recorded() == journal


def test_deploy__journal__has_the_hashes_of_what_is_on_chain(deployed):
    with deployed.node.connected():
        for name, entry in deployed.recorded()["contracts"].items():
            code = deployed.node.code(entry["address"])
            compiled = artifacts.runtime_code(entry["contract"])
            assert entry["code_hash"] == "0x" + keccak(code).hex(), name
            assert entry["artifact_hash"] == "0x" + keccak(code[: len(compiled)]).hex(), name
            receipt = deployed.node.rpc("eth_getTransactionReceipt", entry["transaction"])
            assert receipt["contractAddress"] == entry["address"].lower(), name
        assert_complete(deployed)


def test_deploy__check__prints_every_role_and_succeeds(deployed):
    rows = nodes.result_of(deployed.node.succeed(f"{CHECK} --format json"))
    assert {row["right"] for row in rows} == {True}
    assert {row["contract"] for row in rows if row["role"] == "owner"} == set(roles.GOVERNED)


@pytest.mark.deep
def test_deploy__killed_after_every_transaction__ends_in_the_same_state(deployer, monkeypatch):
    """Each run sends one transaction and dies before it is recorded: every reply is lost."""
    with deployer.node.connected():
        total = len(deployer.plan().steps())
        for number in range(1, total + 1):
            plan = deployer.plan()
            with monkeypatch.context() as patch:
                kill_after(patch, 1)
                with pytest.raises(Killed):
                    plan.run()
            assert deployer.sent() == number, "a step was sent twice, or two at once"
            assert bool(deployer.recorded()["pending"]) == (number <= len(DEPLOYED))
        outcomes = []
        deployer.plan().run(lambda step, outcome: outcomes.append(outcome))
        assert outcomes == ["skipped"] * total
        suite = assert_complete(deployer)
        addresses = sorted(str(item.address) for item in suite.contracts.values())
        assert sorted(created(deployer)) == addresses, "a contract has a twin"
        assert suite.rounds.round_count() == 1


def test_deploy__killed_before_sending__sends_it_in_the_next_run(deployer, monkeypatch):
    with deployer.node.connected():
        plan = deployer.plan()

        def die(*_args, **_options):
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(connection, "create", die)
            with pytest.raises(Killed):
                plan.run()
        assert deployer.recorded()["pending"]["name"] == "Asset"
        plan = deployer.plan()
        plan.run()
        assert deployer.sent() == len(plan.steps())
        assert_complete(deployer)


def test_deploy__pending_nonce_used_for_something_else__is_refused(deployed):
    journal = deployed.recorded()
    entry = journal["contracts"].pop("LicenseMarket")
    # A call's nonce, at which there is no contract.
    nonce = deployed.sent() - 1
    journal["pending"] = {
        "name": "LicenseMarket",
        "contract": "LicenseMarket",
        "args": entry["args"],
        "nonce": nonce,
        "address": artifacts.create_address(deployed.address, nonce),
    }
    deployed.journal.write_text(json.dumps(journal), encoding="utf-8")
    said = deployed.node.refuse(f"{DEPLOY} --account {deployed.alias}")
    assert f"nonce {nonce} was used, but not for LicenseMarket" in said


def test_deploy__other_deployer__is_refused(deployed, local):
    said = local.refuse(f"{DEPLOY} --account TEST::0")
    assert f"was begun by {deployed.address}" in said
    assert "--account" in said


def test_deploy__journal_of_another_chain__is_refused(deployer):
    Journal.at(deployer.journal, nodes.SEPOLIA).save()
    for line in (f"{DEPLOY} --account {deployer.alias}", CHECK, "raise show $M"):
        said = deployer.node.refuse(line)
        assert f"is of chain {nodes.SEPOLIA}, the node is on chain 1337" in said
    assert deployer.sent() == 0


def test_deploy__chain_was_reset__says_so(deployed):
    """Another node of the same id, as after a devnet without its state."""
    with devnet.devnet() as url:
        fresh = replace(deployed.node, url=url, network=f"ethereum:local:{url}")
        commands = (f"{DEPLOY} --account {deployed.alias}", CHECK, "raise show $M", "vote show $M")
        for line in commands:
            said = fresh.refuse(line)
            assert "this chain has no code there" in said, line
            assert str(deployed.journal) in said, line


def test_deploy__code_is_another_release__is_refused(deployed):
    address = deployed.recorded()["contracts"]["Treasury"]["address"]
    code = deployed.node.code(address)
    deployed.node.rpc("anvil_setCode", address, "0x60006000fd")
    said = deployed.node.refuse(f"{DEPLOY} --account {deployed.alias}")
    deployed.node.rpc("anvil_setCode", address, "0x" + code.hex())
    assert said.startswith(f"The code of Treasury at {address} is not what this release deploys")


def stopped_before_the_hand_over(deployer, monkeypatch) -> deployment.Deployment:
    """A plan killed when it had opened the first round: all wired, nothing handed over."""
    plan = deployer.plan()
    labels = [step.label for step in plan.steps()]
    with monkeypatch.context() as patch:
        kill_after(patch, labels.index("rounds: open the first round") + 1)
        with pytest.raises(Killed):
            plan.run()
    return plan


def test_check__before_the_hand_over__names_the_wrong_role_and_exits_1(deployer, monkeypatch):
    with deployer.node.connected():
        stopped_before_the_hand_over(deployer, monkeypatch)
    result = deployer.node.run(f"{CHECK} --format json")
    assert result.exit_code == 1
    assert "GovernanceToken owner should be Timelock" in result.stderr
    rows = nodes.result_of(result.stdout)
    wrong = {(row["contract"], row["role"]) for row in rows if not row["right"]}
    assert wrong == {
        *((name, "owner") for name in roles.GOVERNED),
        ("Timelock", "PROPOSER_ROLE"),
        ("Timelock", "CANCELLER_ROLE"),
        ("Timelock", "DEFAULT_ADMIN_ROLE"),
        ("Timelock", "all of PROPOSER_ROLE"),
        ("Timelock", "all of CANCELLER_ROLE"),
        ("Timelock", "all of DEFAULT_ADMIN_ROLE"),
    }


def test_check__powers_given_to_an_accomplice__are_found(deployer, monkeypatch):
    """What a dishonest deployer could leave behind, with every expected role in its place."""
    accomplice = "0x" + "ee" * 20
    with deployer.node.connected():
        plan = stopped_before_the_hand_over(deployer, monkeypatch)
        suite, sender = plan.suite, plan.deployer
        suite.treasury.set_committer(accomplice, True, sender=sender)
        suite.treasury.set_income_source(accomplice, True, sender=sender)
        suite.router.set_collector(accomplice, True, sender=sender)
        suite.token.set_minter(accomplice, 1, sender=sender)
        proposer = roles.timelock_role(suite, "PROPOSER_ROLE")
        suite.timelock.grantRole(proposer, accomplice, sender=sender)
        deployer.plan().run()
        wrong = {
            (role.contract, role.role)
            for role in roles.holders_ever(suite, deployer.recorded()["values"]["first_block"])
            if not role.right
        }
    assert wrong == {
        ("Treasury", "committers"),
        ("Treasury", "income sources"),
        ("RoyaltyRouter", "collectors"),
        ("GovernanceToken", "minters"),
        ("Timelock", "all of PROPOSER_ROLE"),
    }
    assert deployer.node.run(CHECK).exit_code == 1


def premint(suite, sender) -> None:
    suite.token.set_minter(sender, 10**25, sender=sender)
    suite.token.mint(sender, 10**25, sender=sender)
    connection.method(suite.token, "delegate")(sender, sender=sender)
    suite.token.set_minter(sender, 0, sender=sender)


def open_a_cheap_round(suite, sender) -> None:
    suite.treasury.create_round_purpose("mine", suite.rounds, sender=sender)
    terms = list(suite.rounds.round(1).terms)
    terms[1:5], terms[8] = (1, 1, 1_000, 1), suite.treasury.purpose_count()
    cap = suite.token.minter_cap(suite.rounds)
    suite.token.set_minter(suite.rounds, 2**95, sender=sender)
    suite.rounds.open_round(tuple(terms), sender=sender)
    suite.token.set_minter(suite.rounds, cap, sender=sender)


@pytest.mark.parametrize(
    ("cheat", "found"),
    [
        (premint, {"minted before the hand-over", "minters before the hand-over"}),
        (open_a_cheap_round, {"rounds opened before the hand-over"}),
    ],
)
def test_check__what_the_deployer_kept_for_itself__is_found(deployer, monkeypatch, cheat, found):
    """Every role and setting is in its place again when it hands over."""
    with deployer.node.connected():
        plan = stopped_before_the_hand_over(deployer, monkeypatch)
        cheat(plan.suite, plan.deployer)
        deployer.plan().run()
    result = deployer.node.run(f"{CHECK} --format json")
    assert result.exit_code == 1
    assert {row["role"] for row in nodes.result_of(result.stdout) if not row["right"]} == found


@pytest.mark.deep
def test_check__guardian_without_a_term__is_found(deployer, monkeypatch):
    monkeypatch.setattr(
        deployment.Deployment, "_guardian_expires_at", lambda self: connection.now() + 60
    )
    with deployer.node.connected():
        deployer.plan().run()
    result = deployer.node.run(f"{CHECK} --parameters {PARAMETERS} --format json")
    assert result.exit_code == 1
    wrong = [row for row in nodes.result_of(result.stdout) if not row["right"]]
    assert {row["role"] for row in wrong} == {"guardian's term, days"}
    assert len(wrong) == len(roles.GUARDED) + 1


def test_check__another_first_round__is_found(deployed, tmp_path):
    text = Path(PARAMETERS).read_text()
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("window: 30 days", "window: 31 days", 1))
    result = deployed.node.run(f"{CHECK} --parameters {path} --format json")
    wrong = {row["role"] for row in nodes.result_of(result.stdout) if not row["right"]}
    assert wrong == {"first round's window"}


def test_deploy__parameters_changed_since__is_refused(deployed):
    from ape import accounts

    known = parameters.load(PARAMETERS)
    dearer = replace(known.genesis_round, price=known.genesis_round.price + 1)
    with deployed.node.connected():
        deployer = accounts.test_accounts[int(deployed.alias.split("::")[1])]
        for changed, said in (
            (replace(known, quorum_percent=known.quorum_percent + 1), "Governor was deployed with"),
            (replace(known, genesis_round=dearer), "The first round was opened with"),
        ):
            journal = Journal.at(journal_path(), connection.chain_id())
            plan = deployment.Deployment(changed, deployer, journal)
            with pytest.raises(FlywheelError, match=said):
                plan.run()


def test_check__owner_kept_its_administration__is_found(deployer, monkeypatch):
    """The very last step: without it the deployer could give itself every power again."""
    with deployer.node.connected():
        plan = deployer.plan()
        with monkeypatch.context() as patch:
            kill_after(patch, len(plan.steps()) - 1)
            with pytest.raises(Killed):
                plan.run()
    result = deployer.node.run(CHECK)
    assert result.exit_code == 1
    assert "Timelock DEFAULT_ADMIN_ROLE should be Timelock" in result.stderr


def test_check__with_parameters__compares_every_setting(deployed):
    """Each setting of the file, and the guardians that it does not name."""
    right = f"{CHECK} --parameters {PARAMETERS}"
    assert deployed.node.run(right).exit_code == 0
    known = parameters.load(PARAMETERS)
    changed = {
        field: getattr(known, field) + 1
        for field, kind in Parameters.__annotations__.items()
        if kind is int
    }
    guardian = GuardianParameters("0x" + "ee" * 20, 1)
    with deployed.node.connected():
        lines = settings.compare(Suite.connected(), known)
        assert [line for line in lines if not line.right] == []
        other = replace(known, guardian=guardian, **changed)
        wrong = [line for line in settings.compare(Suite.connected(), other) if not line.right]
    assert len(wrong) == len(lines)


def test_deploy__real_asset_and_a_rule_that_protects_little__says_so(finished, deployer, tmp_path):
    text = PARAMETERS.read_text(encoding="utf-8")
    asset = finished.recorded()["contracts"]["Asset"]["address"]
    real = text.replace("decimals: 6}", f'decimals: 6, address: "{asset}"}}')
    assert real != text
    path = tmp_path / "real.yaml"
    path.write_text(real, encoding="utf-8")

    def said(parameters_file: Path) -> str:
        return deployer.node.run(
            f"deploy $N --account {deployer.alias} --parameters {parameters_file} --dry-run"
        ).stderr

    assert "Caution: genesis_round.max_contribution" in said(path)
    assert "Caution" not in said(PARAMETERS)


def test_check__unfinished_deployment__names_what_is_missing(deployer):
    said = deployer.node.refuse(CHECK)
    assert "Nothing is deployed on chain 1337" in said
    assert "ape run deploy" in said


@pytest.mark.deep
def test_deployment__adopted_asset_with_other_decimals__is_refused(finished, deployer):
    asset = finished.recorded()["contracts"]["Asset"]["address"]
    with deployer.node.connected():
        plan = deployer.plan()
        wrong = replace(plan.parameters.asset, decimals=18, address=asset)
        plan.parameters = replace(plan.parameters, asset=wrong)
        with pytest.raises(FlywheelError, match="has 6 decimals"):
            plan.run()
        plan.parameters = replace(plan.parameters, asset=replace(wrong, decimals=6))
        plan.run()
        assert Suite.connected().asset.address == asset
