"""FundingRounds wired to the real token and Treasury, with short ways to open and fund rounds."""

from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

import boa
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.support import (
    CAPS,
    DAY,
    EPOCH_SECONDS,
    account,
    deploy,
    deploy_asset,
    deployer_of,
    events,
    fund_and_approve,
    now,
    warp_to,
)

# A contributor that signs permits.
SIGNER = Account.from_key(b"\x07" * 32)
USDC = 10**6
TOKEN = 10**18
PRICE = USDC // 2  # half a dollar per token
GRANTS_PURPOSE = 2
# The purpose that the first round of a test fills.
FIRST_PURPOSE = 3
MINTER_CAP = 10_000_000 * TOKEN
FINALIZE_SECONDS = 30 * DAY
MAX_ROUND_SECONDS = 366 * DAY
MAX_VESTING_SECONDS = 3_660 * DAY
NOTICE_SECONDS = 14 * DAY
EXPIRY_SECONDS = 30 * DAY
TOP_UP_SECONDS = 180 * DAY
REDEEM_SECONDS = 730 * DAY
TERMS = {
    "price": PRICE,
    "soft_goal": 1_000 * USDC,
    "hard_cap": 2_000 * USDC,
    "min_contribution": 10 * USDC,
    "max_contribution": 0,
    "is_pro_rata": False,
    "allow_list_root": b"\0" * 32,
    "cliff_seconds": 0,
    "vesting_seconds": 0,
    "terms_hash": b"\x11" * 32,
    "terms_uri": "ipfs://terms",
}


class State(IntFlag):
    """Mirror of `IFundingRounds.RoundState`."""

    PENDING = 1
    OPEN = 2
    SUCCEEDED = 4
    FINALIZED = 8
    FAILED = 16
    CANCELLED = 32


@dataclass
class RoundsSuite:
    """One deployment; `owner` governs all of it. `rounds` may be a mutant."""

    owner: str
    token: Any
    treasury: Any
    asset: Any
    rounds: Any
    redemptions: Any
    opened: dict[int, dict[str, Any]] = field(default_factory=dict)

    def terms(self, **changes: Any) -> dict[str, Any]:
        """Terms of ten days from tomorrow, in the order of the struct, with `changes`."""
        starts_at = changes.get("starts_at", now() + DAY)
        terms = TERMS | {
            "purpose": FIRST_PURPOSE,
            "asset": self.asset.address,
            "starts_at": starts_at,
            "ends_at": starts_at + 10 * DAY,
        }
        unknown = changes.keys() - terms.keys()
        assert not unknown, unknown
        terms |= changes
        order = (
            "asset price soft_goal hard_cap min_contribution max_contribution"
            " starts_at ends_at purpose is_pro_rata allow_list_root cliff_seconds vesting_seconds"
            " terms_hash terms_uri"
        )
        return {name: terms[name] for name in order.split()}

    def open(self, **changes: Any) -> int:
        """Opens a round on `terms(**changes)`, for a new purpose unless one is given; its id."""
        following = self.treasury.purpose_count() + 1
        if changes.setdefault("purpose", following) == following:
            self.create_purpose()
        if changes.get("cliff_seconds", 0) or changes.get("vesting_seconds", 0):
            self.ensure_voter()
        terms = self.terms(**changes)
        round_id = self.rounds.open_round(tuple(terms.values()), sender=self.owner)
        self.opened[round_id] = terms
        return int(round_id)

    def ensure_voter(self) -> None:
        """Somebody holds a token, as most rounds with a vesting need it."""
        if self.token.totalSupply() == self.token.balanceOf(self.rounds):
            minted = self.token.minted_by(self.owner)
            self.token.set_minter(self.owner, minted + TOKEN, sender=self.owner)
            self.token.mint(account("a voter"), TOKEN, sender=self.owner)

    def create_purpose(self, name: str = "a model") -> int:
        """A purpose that these rounds fill; one of them."""
        return int(self.treasury.create_round_purpose(name, self.rounds, sender=self.owner))

    def open_now(self, **changes: Any) -> int:
        """Opens a round that takes contributions from this second on."""
        return self.open(**({"starts_at": now()} | changes))

    def pay(self, round_id: int, payer: str, amount: int) -> int:
        """Funds and approves `payer` with `amount` and contributes it; returns what was taken."""
        fund_and_approve(self.asset_of(round_id), payer, self.rounds, amount)
        return int(self.rounds.contribute(round_id, amount, sender=payer))

    def asset_of(self, round_id: int) -> Any:
        address = self.opened[round_id]["asset"]
        return self.asset if address == self.asset.address else boa.env.lookup_contract(address)

    def state(self, round_id: int) -> State:
        return State(self.rounds.state(round_id))

    def tokens_for(self, round_id: int, amount: int) -> int:
        """Token wei for `amount` units of the asset, rounded down."""
        return amount * TOKEN // self.opened[round_id]["price"]

    def warp_to_end(self, round_id: int, offset: int = 0) -> None:
        warp_to(self.opened[round_id]["ends_at"] + offset)

    def end_successful(self, round_id: int) -> None:
        """Passes the end of the round, which must have reached its goal, and finalizes it."""
        self.warp_to_end(round_id)
        self.rounds.finalize(round_id)


def deploy_rounds_suite(
    owner: str,
    *,
    asset: Any = None,
    minter_cap: int = MINTER_CAP,
    **mutants: Any,
) -> RoundsSuite:
    """Deploys token, Treasury, rounds and redemptions from `owner`, accepts `asset`, names the
    minter. `RoundRules=deployer` puts a mutant in place of a contract."""

    def put(stem: str, *args: Any) -> Any:
        return (mutants.get(stem) or deployer_of(stem)).deploy(*args)

    asset = asset or deploy_asset()
    with boa.env.prank(owner):
        token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS)
        treasury = deploy("Treasury", token, 5_000, 4_000, *CAPS)
        treasury.accept_asset(asset)
        rounds = put("FundingRounds", put("RoundRules", token, treasury))
        redemptions = put("Redemptions", rounds)
        rounds.set_redemptions(redemptions)
        token.set_minter(rounds, minter_cap)
        token.set_excluded(rounds, True)
        token.set_excluded(redemptions, True)
    return RoundsSuite(owner, token, treasury, asset, rounds, redemptions)


def event_names(contract: Any) -> list[str]:
    """Names of all events of the last call on `contract`, those of its callees included."""
    return [type(event).__name__ for event in events(contract)]


def sole_event(contract: Any, name: str) -> tuple[Any, ...]:
    """Arguments, in the order of the declaration, of the one event `name` of the last call."""
    (event,) = events(contract, name)
    return tuple(event)[1:]  # without the address of the contract


def sign_permit(
    asset: Any, signer: Any, spender: str, amount: int, deadline: int
) -> tuple[int, bytes, bytes]:
    """An ERC-2612 signature of the eth_account `signer` as (v, r, s)."""
    _, name, version, chain_id, contract, _, _ = asset.eip712Domain()
    message = {
        "owner": signer.address,
        "spender": spender,
        "value": amount,
        "nonce": asset.nonces(signer.address),
        "deadline": deadline,
    }
    types = {"owner": "address", "spender": "address"} | dict.fromkeys(
        ("value", "nonce", "deadline"), "uint256"
    )
    signed = Account.sign_message(
        encode_typed_data(
            {
                "name": name,
                "version": version,
                "chainId": chain_id,
                "verifyingContract": str(contract),
            },
            {"Permit": [{"name": key, "type": kind} for key, kind in types.items()]},
            message,
        ),
        signer.key,
    )
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
