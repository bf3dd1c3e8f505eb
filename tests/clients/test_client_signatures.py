"""ethers and viem sign permits, delegations and ballots that our contracts accept.

Both take the domain from `eip712Domain()` (ERC-5267), as wallets do.
"""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from eth_utils import keccak

from tests.differential.sides import OURS, Outcome, calldata
from tests.differential.world import (
    GOVERNOR_NAME,
    NAME,
    TYPES,
    Action,
    Proposal,
    Signer,
    World,
    deploy_world,
)
from tests.support import ROOT, account, now, pass_time, warp_to

CLIENTS = ("ethers", "viem")
SCRIPT = ROOT / "tests" / "clients" / "sign.mjs"
SPENDER = "0x" + "ab" * 20
HELD = 10**24
REASON = "Für den Wald\n\N{EVERGREEN TREE}"
PARAMS = b"\x00\x01\xff"


def key_of(signer: Signer) -> str:
    return "0x" + keccak(text=signer.seed).hex()


@dataclass
class Signed:
    """What the clients signed, by client and kind, on the state that the fixture left."""

    world: World
    proposal: Proposal
    signers: dict[str, Signer]
    answers: dict[tuple[str, str], dict[str, Any]]

    def run(self, contract: str, signature: str, *args: Any) -> Outcome:
        to = self.world.of(contract)(OURS)
        return self.world.run(OURS, to, calldata(signature, args), sender=account("relayer"))

    def view(self, contract: str, signature: str, *args: Any) -> int:
        return int.from_bytes(self.run(contract, signature, *args).output, "big")

    def signature(self, client: str, kind: str) -> bytes:
        return bytes.fromhex(self.answers[client, kind]["signature"][2:])

    def vrs(self, client: str, kind: str) -> tuple[int, bytes, bytes]:
        signature = self.signature(client, kind)
        return signature[64], signature[:32], signature[32:64]


@pytest.fixture(scope="module")
def signed(_chain_of_the_module) -> Signed:
    """One node process signs all; each client's signer holds votes, and a proposal is open."""
    world = deploy_world()
    signers = {client: Signer(f"client {client}") for client in CLIENTS}
    for signer in signers.values():
        world.mint(signer.address, HELD)
        world.call("token", "delegate(address)", (signer.address,), sender=signer.address)
    pass_time(1)
    proposal = Proposal(world, [Action("target", "store(uint256)", (7,))])
    propose = "propose(address[],uint256[],bytes[],string)"
    args = lambda side: (*proposal.batch(side), proposal.description)  # noqa: E731
    proposer = signers[CLIENTS[0]].address
    assert world.call("governor", propose, args, sender=proposer).ok
    snapshot = world.number(
        "governor", "proposalSnapshot(uint256)", lambda side: (proposal.id(side),)
    )
    warp_to(snapshot + 1)
    requests = [
        request(world, proposal, client, signers[client], kind)
        for client in CLIENTS
        for kind in TYPES
    ]
    done = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    keys = [(r["client"], r["primaryType"]) for r in requests]
    return Signed(world, proposal, signers, dict(zip(keys, json.loads(done.stdout), strict=True)))


def request(
    world: World, proposal: Proposal, client: str, signer: Signer, kind: str
) -> dict[str, Any]:
    contract = "token" if kind in ("Permit", "Delegation") else "governor"
    domain = world.run(OURS, world.of(contract)(OURS), calldata("eip712Domain()"), static=True)
    ballot = {
        "proposalId": str(proposal.id(OURS)),
        "support": 1,
        "voter": signer.address,
        "nonce": "0",
    }
    message = {
        "Permit": {
            "owner": signer.address,
            "spender": SPENDER,
            "value": str(HELD),
            "nonce": "0",
            "deadline": str(now()),
        },
        "Delegation": {"delegatee": SPENDER, "nonce": "0", "expiry": str(now())},
        "Ballot": ballot,
        "ExtendedBallot": {**ballot, "reason": REASON, "params": "0x" + PARAMS.hex()},
    }[kind]
    return {
        "client": client,
        "key": key_of(signer),
        "domain": "0x" + domain.output.hex(),
        "types": {kind: [{"name": name, "type": type_} for name, type_ in TYPES[kind]]},
        "primaryType": kind,
        "message": message,
    }


def test_eip712_domain__read_by_a_client__names_contract_and_chain(signed):
    for (client, kind), answer in signed.answers.items():
        contract = "token" if kind in ("Permit", "Delegation") else "governor"
        assert answer["address"] == signed.signers[client].address
        assert answer["domain"] == {
            "name": NAME if contract == "token" else GOVERNOR_NAME,
            "version": "1",
            "chainId": str(boa.env.evm.patch.chain_id),
            "verifyingContract": signed.world.of(contract)(OURS),
        }


@pytest.mark.parametrize("client", CLIENTS)
def test_permit__signed_by_a_client__approves(signed, client):
    owner = signed.signers[client].address
    permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    args = (owner, SPENDER, HELD, now(), *signed.vrs(client, "Permit"))
    assert signed.run("token", permit, *args).ok
    assert signed.view("token", "allowance(address,address)", owner, SPENDER) == HELD


@pytest.mark.parametrize("client", CLIENTS)
def test_delegate_by_sig__signed_by_a_client__delegates(signed, client):
    signer = signed.signers[client].address
    delegate = "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)"
    args = (SPENDER, 0, now(), *signed.vrs(client, "Delegation"))
    assert signed.run("token", delegate, *args).ok
    assert signed.view("token", "delegates(address)", signer) == int(SPENDER, 16)


@pytest.mark.parametrize("client", CLIENTS)
def test_cast_vote_by_sig__signed_by_a_client__counts(signed, client):
    voter, ballot = signed.signers[client].address, signed.proposal.id(OURS)
    cast = "castVoteBySig(uint256,uint8,address,bytes)"
    signature = signed.signature(client, "Ballot")
    # Another support than the signed one is refused.
    assert not signed.run("governor", cast, ballot, 0, voter, signature).ok
    assert signed.run("governor", cast, ballot, 1, voter, signature).ok
    assert signed.view("governor", "hasVoted(uint256,address)", ballot, voter) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_cast_vote_with_reason_and_params_by_sig__signed_by_a_client__counts(signed, client):
    voter, ballot = signed.signers[client].address, signed.proposal.id(OURS)
    cast = "castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)"
    signature = signed.signature(client, "ExtendedBallot")
    assert not signed.run("governor", cast, ballot, 1, voter, REASON, b"", signature).ok
    assert signed.run("governor", cast, ballot, 1, voter, REASON, PARAMS, signature).ok
    assert signed.view("governor", "hasVoted(uint256,address)", ballot, voter) == 1
