"""Deploys the suite, wires it, hands it to the Timelock and reads every role back.

A plan is a list of steps. Each step first asks the chain whether it is done and right, so a plan
may be stopped at any point and run again: what is on chain and right is skipped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eth_utils import keccak, to_checksum_address

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy import compiled
from flywheel.deploy.artifacts import create_address, is_code_of, is_intact, runtime_code
from flywheel.deploy.journal import Journal
from flywheel.deploy.parameters import FROZEN_TERMS, Parameters, RoundParameters, check_filled_in
from flywheel.deploy.roles import GOVERNED, ORDINARY_TARGETS, timelock_role
from flywheel.deploy.suite import CONTRACTS, Suite, at, container
from flywheel.deploy.wiring import wires
from flywheel.errors import fix

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI


@dataclass(frozen=True)
class Step:
    """One transaction of a plan. `done` reads the chain and never sends."""

    label: str
    done: Callable[[], bool]
    run: Callable[[], None]


class Deployment:
    """One deployment by one deployer into one journal."""

    def __init__(
        self,
        parameters: Parameters,
        deployer: "AccountAPI",
        journal: Journal,
        allowed: Sequence[str] = (),
    ) -> None:
        """Raises `FlywheelError` when the journal was begun by somebody else, when the parameters
        are those of a file that was not filled in, or when the byte code is not the sources'.

        `allowed`: who alone may contribute to the first round. A list names the contract, so its
        root is known only once that is deployed.
        """
        check_filled_in(parameters)
        compiled.require_current()
        self.parameters = parameters
        self.allowed = allowed
        self.deployer = deployer
        self.journal = journal
        self.suite = Suite()
        self._last_call: ReceiptAPI | None = None
        if journal.deployer not in (None, str(deployer.address)):
            raise fix(
                f"This deployment was begun by {journal.deployer}, not by {deployer.address}",
                "Run it with that account (--account)",
            )
        for name, entry in journal.contracts.items():
            self.suite.contracts[name] = at(name, entry["address"])

    # --- the plan ---

    def steps(self) -> list[Step]:
        """All steps in order: contracts, wiring, first round, hand-over."""
        return [
            *self._contract_steps(),
            *self._wiring_steps(),
            *self._first_round_step(),
            *self._hand_over_steps(),
        ]

    def run(self, on_step: Callable[[Step, str], None] = lambda step, outcome: None) -> Suite:
        """Runs what is not done yet. `on_step(step, "skipped" | "sent")` after each.

        Each step waits until it is in a block; the network's confirmations are waited for once, at
        the end. What a reorganisation undoes in between is found missing by the next run.

        Raises `FlywheelError` when a step fails or a contract on chain is not ours.
        """
        connection.finish_earlier(self.deployer)
        self._recover_pending()
        self.journal.deployer = str(self.deployer.address)
        # Where the events of this deployment begin.
        head = int(connection.provider().get_block("latest").number)
        self.journal.values.setdefault("first_block", head)
        self.journal.save()
        for step in self.steps():
            if step.done():
                on_step(step, "skipped")
                continue
            step.run()
            on_step(step, "sent")
        if self._last_call is not None:
            connection.await_confirmations(self._last_call)
        return self.suite

    def preview(self) -> Iterator[tuple[str, str]]:
        """`(label, "skip" | "send")` for each step, without sending anything.

        Wiring cannot be read before the contracts exist: it counts as to be sent until then.
        """
        deployed = all(name in self.suite.contracts for name in (*CONTRACTS, "Asset"))
        for step in self.steps():
            known = deployed or step.label.startswith("deploy ")
            yield step.label, "skip" if known and self._seems_done(step) else "send"

    def _seems_done(self, step: Step) -> bool:
        try:
            return step.done()
        except KeyError:
            # It was made with the address of a contract that is not recorded.
            return False

    # --- contracts ---

    def _contract_steps(self) -> list[Step]:
        return [self._asset_step(), *(self._contract_step(name) for name in CONTRACTS)]

    def _contract_step(self, name: str) -> Step:
        return Step(
            f"deploy {name}",
            lambda: self._is_deployed(name) and self._has_arguments(name),
            lambda: self._deploy(name, name, *self._arguments(name)),
        )

    def _has_arguments(self, name: str) -> bool:
        """True; raises `FlywheelError` if the parameters were changed since the deployment."""
        recorded = self.journal.contracts[name]["args"]
        wanted = [_plain(value) for value in self._arguments(name)]
        if recorded != wanted:
            raise fix(
                f"{name} was deployed with {recorded}, the parameters now say {wanted}",
                "Undo the change, or begin a new deployment with another journal",
            )
        return True

    def _asset_step(self) -> Step:
        asset = self.parameters.asset

        def run() -> None:
            if asset.address:
                self._adopt_asset(asset.address)
                return
            if not connection.is_test():
                raise fix(
                    "A mock stablecoin is for test chains only",
                    "Set suite.asset.address in the parameters to the stablecoin's address",
                )
            self._deploy("Asset", "MockAsset", f"Mock {asset.symbol}", asset.symbol, asset.decimals)

        return Step(f"deploy Asset ({asset.symbol})", lambda: self._is_deployed("Asset"), run)

    def _adopt_asset(self, address: str) -> None:
        """Takes an ERC-20 that exists, after checking that it is the one the parameters mean."""
        if not connection.provider().get_code(address):
            raise fix(f"There is no contract at {address}", "Check suite.asset.address")
        asset = at("Asset", to_checksum_address(address))
        decimals = int(connection.call(asset.decimals))
        if decimals != self.parameters.asset.decimals:
            raise fix(
                f"The asset at {address} has {decimals} decimals", "Correct suite.asset.decimals"
            )
        self.suite.contracts["Asset"] = asset
        self.journal.contracts["Asset"] = {"address": str(asset.address), "adopted": True}
        self.journal.save()

    def _arguments(self, name: str) -> list[Any]:
        """Constructor arguments, in order."""
        parameters, suite = self.parameters, self.suite
        if name == "Timelock":
            # Open executor: anybody may execute what the vote and the delay have let through.
            return [
                parameters.timelock_delay,
                [],
                [connection.ZERO_ADDRESS],
                str(self.deployer.address),
            ]
        if name == "GovernanceToken":
            genesis = self.journal.values.setdefault("genesis", connection.now())
            return [
                parameters.token_name,
                parameters.token_symbol,
                genesis,
                parameters.epoch_seconds,
            ]
        if name == "Governor":
            return [
                parameters.governor_name,
                suite.token.address,
                suite.timelock.address,
                suite.rounds.address,
                parameters.voting_delay,
                parameters.voting_period,
                parameters.proposal_threshold,
                parameters.quorum_percent * amounts.BPS // 100,
                parameters.quorum_minimum,
                parameters.late_quorum_extension,
                parameters.max_live_proposals,
                parameters.guardian.account,
                self._guardian_expires_at(),
                parameters.strict_quorum_bps,
                parameters.strict_majority_bps,
                parameters.strict_delay,
                parameters.opens_after,
                *(suite[listed].address for listed in ORDINARY_TARGETS),
            ]
        arguments: dict[str, Callable[[], list[Any]]] = {
            "ProposalArchive": lambda: [suite.governor],
            "Treasury": lambda: [
                suite.token,
                parameters.holders_bps,
                parameters.grants_bps,
                parameters.spend_cap_bps,
                parameters.grant_cap_bps,
            ],
            "HolderIncome": lambda: [suite.token, suite.treasury],
            "RoundRules": lambda: [suite.token, suite.treasury],
            "FundingRounds": lambda: [suite["RoundRules"]],
            "Redemptions": lambda: [suite.rounds],
            "EnergyLedger": list,
            "Evaluations": list,
            "ContributorRewards": lambda: [suite.token],
            "GrantApplications": lambda: [suite.treasury, suite.evaluations, suite.rewards],
            "ComputeEscrow": lambda: [suite.treasury, suite.rewards],
            "TrainingGrants": lambda: [
                suite.token,
                suite.applications,
                suite.treasury,
                suite.escrow,
                suite.energy,
                suite.evaluations,
                parameters.review_seconds,
                parameters.objection_bps,
            ],
            "LineageRules": list,
            "ModelRegistry": lambda: [
                suite.grants,
                suite["LineageRules"],
                "Flywheel Models",
                "FWMDL",
            ],
            "RoyaltyRouter": lambda: [suite.registry, suite.treasury, suite.rewards],
            "LicenseCatalog": lambda: [suite.registry, suite.treasury],
            "LicenseMarket": lambda: [suite.catalog, suite.router],
            "LicenseEnforcement": lambda: [suite.market, suite.catalog],
            "LicenseRights": lambda: [suite.market, suite.catalog],
        }
        return [getattr(value, "address", value) for value in arguments[name]()]

    def _guardian_expires_at(self) -> int:
        """One time for all guardians of this deployment, however often it is run again."""
        term = self.parameters.guardian.term_seconds
        return int(self.journal.values.setdefault("guardian_expires_at", connection.now() + term))

    def _deploy(self, name: str, contract: str, *args: Any) -> None:
        """Deploys and records. It is written down before it is sent: a lost reply loses nothing."""
        nonce = connection.next_nonce(self.deployer)
        self.journal.pending = {
            "name": name,
            "contract": contract,
            "args": [_plain(value) for value in args],
            "nonce": nonce,
            "address": create_address(str(self.deployer.address), nonce),
        }
        self.journal.save()
        receipt = connection.create(container(contract), *args, sender=self.deployer, nonce=nonce)
        instance = at(name, str(receipt.contract_address))
        self._record(name, contract, instance, args, str(receipt.txn_hash))

    def _record(
        self, name: str, contract: str, instance: Any, args: Any, transaction: str | None
    ) -> None:
        code = bytes(connection.provider().get_code(instance.address))
        if not is_code_of(contract, code):
            raise fix(
                f"The code at {instance.address} is not {contract}",
                "Compile with 'make compile' and deploy again",
            )
        self.suite.contracts[name] = instance
        self.journal.contracts[name] = {
            "address": str(instance.address),
            "contract": contract,
            "args": [_plain(value) for value in args],
            "transaction": transaction,
            "code_hash": "0x" + keccak(code).hex(),
            "artifact_hash": "0x" + keccak(runtime_code(contract)).hex(),
        }
        self.journal.pending = None
        self.journal.save()

    def _is_deployed(self, name: str) -> bool:
        return name in self.journal.contracts and is_intact(self.journal, name)

    def _recover_pending(self) -> None:
        """Adopts a contract that was sent but not recorded: its address was foreseeable."""
        pending = self.journal.pending
        if pending is None:
            return
        code = bytes(connection.provider().get_code(pending["address"]))
        if code and is_code_of(pending["contract"], code):
            instance = at(pending["name"], pending["address"])
            self._record(pending["name"], pending["contract"], instance, pending["args"], None)
            return
        if code:
            raise fix(
                f"At {pending['address']}, where {pending['name']} was to be, is other code",
                "Another program used the deployer's account: deploy with a fresh one",
            )
        if self.deployer.nonce > pending["nonce"]:
            raise fix(
                f"The deployer's nonce {pending['nonce']} was used, but not for {pending['name']}",
                f"If you know that transaction, set 'pending' in {self.journal.path} to null "
                "and run again",
            )
        self.journal.pending = None
        self.journal.save()

    # --- wiring ---

    def _call_step(
        self, label: str, contract: str, method: str, args: Callable[[], list[Any]], done: Any
    ) -> Step:
        def run() -> None:
            target = self.suite[contract]
            receipt = connection.send(
                getattr(target, method), *args(), sender=self.deployer, required_confirmations=0
            )
            self._last_call = receipt
            self.journal.calls[label] = {"transaction": str(receipt.txn_hash)}
            self.journal.save()
            if not done():
                raise fix(f"'{label}' was sent but cannot be read back", "Run the command again")

        return Step(label, lambda: done() or self._handed_over(contract), run)

    def _handed_over(self, contract: str) -> bool:
        """After the hand-over only a vote changes anything: nothing is left to do there."""
        if contract not in GOVERNED:
            return False
        return bool(self.suite[contract].owner() == self.suite.timelock.address)

    def _wiring_steps(self) -> list[Step]:
        return [
            self._call_step(wire.label, wire.contract, wire.method, wire.args, wire.done)
            for wire in wires(self.suite, self.parameters, self._guardian_expires_at)
        ]

    # --- first round ---

    def _first_round_step(self) -> list[Step]:
        """The deployer opens the first round: before it nobody has a vote to open one with."""
        suite = self.suite

        def terms() -> list[Any]:
            first = self._first_round()
            return [first.terms(suite.asset.address, connection.now() + first.opens_in)]

        return [
            self._call_step(
                "rounds: open the first round",
                "FundingRounds",
                "open_round",
                terms,
                self._first_round_is_open,
            )
        ]

    def _first_round(self) -> RoundParameters:
        """Its terms, with the root of `allowed`."""
        first = self.parameters.genesis_round
        if not self.allowed:
            return first
        rounds = str(self.suite.rounds.address)
        from flywheel.funding.allow_list import AllowList

        root = AllowList.build(connection.chain_id(), rounds, 1, self.allowed).root
        return replace(first, allow_list_root=root)

    def _first_round_is_open(self) -> bool:
        """Whether it exists; raises `FlywheelError` if it has other terms than the parameters."""
        if self.suite.rounds.round_count() == 0:
            return False
        terms, first = self.suite.rounds.round(1).terms, self._first_round()
        frozen = (*FROZEN_TERMS, "allow_list_root")
        recorded = [*(getattr(terms, name) for name in frozen), terms.ends_at - terms.starts_at]
        wanted = [*(getattr(first, name) for name in frozen), first.window]
        if recorded != wanted:
            raise fix(
                f"The first round was opened with {recorded}, the parameters now say {wanted}",
                "Undo the change: what a round promises is frozen",
            )
        return True

    # --- hand-over ---

    def _hand_over_steps(self) -> list[Step]:
        suite, me = self.suite, str(self.deployer.address)
        steps = []
        for role in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
            steps.append(self._grant_step(role))
        for name in GOVERNED:
            steps.append(self._ownership_step(name))
        steps.append(
            self._call_step(
                "timelock: the deployer gives up the administration",
                "Timelock",
                "renounceRole",
                lambda: [timelock_role(suite, "DEFAULT_ADMIN_ROLE"), me],
                lambda: not suite.timelock.hasRole(timelock_role(suite, "DEFAULT_ADMIN_ROLE"), me),
            )
        )
        return steps

    def _grant_step(self, role: str) -> Step:
        return self._call_step(
            f"timelock: {role} to the Governor",
            "Timelock",
            "grantRole",
            lambda: [timelock_role(self.suite, role), self.suite.governor.address],
            lambda: self.suite.timelock.hasRole(
                timelock_role(self.suite, role), self.suite.governor.address
            ),
        )

    def _ownership_step(self, name: str) -> Step:
        return self._call_step(
            f"{name}: owner becomes the Timelock",
            name,
            "transfer_ownership",
            lambda: [self.suite.timelock.address],
            lambda: self.suite[name].owner() == self.suite.timelock.address,
        )


def _plain(value: Any) -> Any:
    """A constructor argument as the journal keeps it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value
