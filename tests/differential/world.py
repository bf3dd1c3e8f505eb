"""Our token, Timelock and Governor beside OpenZeppelin's, deployed alike on the current chain."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import boa
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.datatypes import Signature as PublicKeySignature
from eth_utils import keccak, to_canonical_address

from tests.differential.sides import OURS, PEER, Outcome, PerSide, Sides, calldata, must, per_side
from tests.support import DAY, EPOCH_SECONDS, MAX_UINT, ZERO_ADDRESS, account, deploy, now
from tools.paths import ROOT
from tools.solidity import compile_solidity

SOURCES = ROOT / "tests" / "solidity"
MAX_SUPPLY = 2**96 - 1
ETHER = 10**18

NAME = "Flywheel"
SYMBOL = "FLY"
GOVERNOR_NAME = "Flywheel Governor"
VOTING_DELAY = 2 * DAY
VOTING_PERIOD = 5 * DAY
THRESHOLD = 1_000 * ETHER
EXTENSION = DAY
QUORUM_BPS = 400
STRICT_QUORUM_BPS = 2_000
STRICT_MAJORITY_BPS = 6_667
MIN_DELAY = 2 * DAY
GRACE = 14 * DAY

BATCH = "address[],uint256[],bytes[],bytes32"

TYPES = {
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ),
    "Delegation": (("delegatee", "address"), ("nonce", "uint256"), ("expiry", "uint256")),
    "Ballot": (
        ("proposalId", "uint256"),
        ("support", "uint8"),
        ("voter", "address"),
        ("nonce", "uint256"),
    ),
    "ExtendedBallot": (
        ("proposalId", "uint256"),
        ("support", "uint8"),
        ("voter", "address"),
        ("nonce", "uint256"),
        ("reason", "string"),
        ("params", "bytes"),
    ),
}


@cache
def peers() -> dict[str, dict[str, Any]]:
    """The peers' byte code by name."""
    return compile_solidity([SOURCES / "PeerToken.sol", SOURCES / "PeerGovernor.sol"])


def deploy_peer(name: str, types: list[str], *args: Any, sender: str | None = None) -> str:
    code = peers()[name]["bytecode"] + encode(types, args)
    address, _ = boa.env.deploy_code(bytecode=code, sender=sender)
    return str(address)


@dataclass(frozen=True)
class Signer:
    """An account with a key; the same seed makes the same account."""

    seed: str

    @property
    def account(self) -> Any:
        return Account.from_key(keccak(text=self.seed))

    @property
    def address(self) -> str:
        return str(self.account.address)

    def sign(self, domain: dict[str, Any], kind: str, values: dict[str, Any]) -> Any:
        types = {kind: [{"name": name, "type": type_} for name, type_ in TYPES[kind]]}
        return self.account.sign_typed_data(domain, types, values)


def typed_digest(domain: dict[str, Any], kind: str, values: dict[str, Any]) -> bytes:
    """The hash that is signed."""
    types = {kind: [{"name": name, "type": type_} for name, type_ in TYPES[kind]]}
    message = encode_typed_data(domain, types, values)
    return keccak(b"\x19" + message.version + message.header + message.body)


def recovered(digest: bytes, v: int, r: bytes, s: bytes) -> bytes:
    """Who a signature is taken for: 20 bytes."""
    signature = PublicKeySignature(r + s + bytes([v - 27]))
    return signature.recover_public_key_from_msg_hash(digest).to_canonical_address()


@dataclass
class World(Sides):
    """Both suites; `minter` mints, `proposer` may schedule and cancel, `admin` gives roles."""

    minter: str = ZERO_ADDRESS
    admin: str = ZERO_ADDRESS
    proposer: str = ZERO_ADDRESS

    def domain(self, contract: str, side: str, **overrides: Any) -> dict[str, Any]:
        return {
            "name": NAME if contract == "token" else GOVERNOR_NAME,
            "version": "1",
            "chainId": boa.env.evm.patch.chain_id,
            "verifyingContract": self.addresses[contract][side],
            **overrides,
        }

    def vrs(self, signer: Signer, side: str, kind: str, **values: Any) -> tuple[int, bytes, bytes]:
        """A signature in the token's domain on a side."""
        signed = signer.sign(self.domain("token", side), kind, values)
        return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")

    def mint(self, to: str, amount: int) -> Outcome:
        return self.call("token", "mint(address,uint256)", (to, amount), sender=self.minter)

    def number(self, contract: str, signature: str, args: PerSide = ()) -> int:
        """A view on which both agree."""
        return int.from_bytes(must(self.view(contract, signature, args)).output, "big")


def deploy_token(world: World, max_supply: int = MAX_SUPPLY) -> None:
    world.minter = account("minter")
    ours = deploy("GovernanceToken", NAME, SYMBOL, now(), EPOCH_SECONDS)
    ours.set_minter(world.minter, MAX_UINT)
    peer = deploy_peer("PeerToken", ["string", "string", "uint256"], NAME, SYMBOL, max_supply)
    world.add("token", ours.address, peer)
    world.alias(domain_separator(world, OURS), domain_separator(world, PEER))


def domain_separator(world: World, side: str) -> bytes:
    data = calldata("DOMAIN_SEPARATOR()")
    return world.run(OURS, world.addresses["token"][side], data, static=True).output


def deploy_world(
    threshold: int = THRESHOLD,
    quorum_minimum: int = 1,
    max_supply: int = MAX_SUPPLY,
    extension: int = EXTENSION,
    max_live: int = 0,
    strict_delay: int = 0,
    opens_after: int = 0,
    rounds: str = ZERO_ADDRESS,
) -> World:
    """All three contracts, a target for proposals, and the Governor's roles.

    The target's `spend` is ordinary, and so as OpenZeppelin's Governor has it; all else is strict.
    """
    world = World(admin=account("admin"), proposer=account("proposer"))
    deploy_token(world, max_supply)
    deploy_timelocks(world)
    terms = (VOTING_DELAY, VOTING_PERIOD, threshold, QUORUM_BPS)
    target = deploy("GovernedTarget")
    world.add("target", target.address, target.address)
    links = (world.of("token")(OURS), world.of("timelock")(OURS), rounds)
    guardian, tables = (ZERO_ADDRESS, 0), (ZERO_ADDRESS, ZERO_ADDRESS, target.address)
    late = (quorum_minimum, extension, max_live, *guardian)
    strict = (STRICT_QUORUM_BPS, STRICT_MAJORITY_BPS, strict_delay, opens_after)
    ours = deploy("Governor", GOVERNOR_NAME, *links, *terms, *late, *strict, *tables)
    peer = deploy_peer(
        "PeerGovernor",
        ["string", "address", "address", "uint48", "uint32", "uint256", "uint256", "uint48"],
        GOVERNOR_NAME,
        world.of("token")(PEER),
        world.of("timelock")(PEER),
        *terms,
        extension,
    )
    world.add("governor", ours.address, peer)
    for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
        role = keccak(text=name)
        must(
            world.call(
                "timelock",
                "grantRole(bytes32,address)",
                lambda side, role=role: (role, world.of("governor")(side)),
                sender=world.admin,
            )
        )
    return world


def deploy_timelocks(world: World) -> None:
    arguments = (MIN_DELAY, [world.proposer], [ZERO_ADDRESS], world.admin)
    ours = deploy("Timelock", *arguments)
    peer = deploy_peer(
        "TimelockController", ["uint256", "address[]", "address[]", "address"], *arguments
    )
    world.add("timelock", ours.address, peer)


@dataclass
class Action:
    """One call of a batch: a contract by name, a function, arguments, which may be per side."""

    contract: str
    signature: str
    args: PerSide = ()
    value: int = 0


@dataclass
class Proposal:
    """A batch with its description, on both sides."""

    world: World
    actions: list[Action]
    description: str = "A proposal"
    # Name of the difference by which the two went apart, once they did.
    parted: str | None = None
    # For the machine: the proposer's number, what it does, and the terms it was made under.
    by: int = 0
    kind: str = ""
    snapshot: int = 0
    numerator: int = 0
    threshold: int = 0
    extension: int = 0

    def __post_init__(self) -> None:
        self._batches = {side: self._batch(side) for side in (OURS, PEER)}
        self._ids = {
            side: keccak(encode(BATCH.split(","), self.args(side))) for side in (OURS, PEER)
        }
        for encoded in (self._ids.__getitem__, self.salt, self.operation):
            self.world.alias(encoded(OURS), encoded(PEER))

    def _batch(self, side: str) -> tuple[list[str], list[int], list[bytes]]:
        return (
            [self.world.of(action.contract)(side) for action in self.actions],
            [action.value for action in self.actions],
            [
                calldata(action.signature, tuple(per_side(action.args, side)))
                for action in self.actions
            ],
        )

    def batch(self, side: str) -> tuple[list[str], list[int], list[bytes]]:
        """Targets, values, calldata."""
        return self._batches[side]

    def args(self, side: str) -> tuple:
        """Arguments of queue, execute, cancel."""
        return (*self.batch(side), keccak(text=self.description))

    def id(self, side: str) -> int:
        return int.from_bytes(self._ids[side], "big")

    def salt(self, side: str) -> bytes:
        governor = to_canonical_address(self.world.of("governor")(side)) + b"\0" * 12
        hashed = keccak(text=self.description)
        return bytes(a ^ b for a, b in zip(governor, hashed, strict=True))

    def operation_args(self, side: str) -> tuple:
        """Arguments of the Timelock's executeBatch."""
        return (*self.batch(side), b"\0" * 32, self.salt(side))

    def operation(self, side: str) -> bytes:
        return keccak(encode([*BATCH.split(","), "bytes32"], self.operation_args(side)))

    @property
    def touches_governor(self) -> bool:
        return any(action.contract == "governor" for action in self.actions)

    @property
    def value(self) -> int:
        return sum(action.value for action in self.actions)
