"""A small suite with grants in it: the real contracts, wired and funded."""

from types import SimpleNamespace
from typing import Any

import boa
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests import support
from tests.support import CAPS, DAY, EPOCH_SECONDS, ZERO_ADDRESS

USDC = 10**6
GRANTS_PURPOSE = 2
TREASURY_FUNDS = 10_000_000 * USDC
REVIEW_SECONDS = 7 * DAY
OBJECTION_BPS = 100
APPLICATION_SECONDS = 180 * DAY
DECISION_SECONDS = 30 * DAY
RESUBMIT_SECONDS = 14 * DAY
GRACE_SECONDS = 14 * DAY
DRAW_SECONDS = 7 * DAY
EVIDENCE = b"\x01" * 32
REASON = b"\x02" * 32
BUILDER_KEY = b"\x0b" * 32
TOKENS = 1_000_000 * 10**18
DATASET = 1
# Campaigns that a split may name.
CAMPAIGNS = 8

# Flags as the ABI carries them: one bit per member, in the order of the interface.
TRAINING, DATA, EVALUATION, SERVING = 1, 2, 4, 8
APPLIED, LAPSED, ACTIVE, COMPLETED, TERMINATED, EXPIRED = (1 << i for i in range(6))
LOCKED, SUBMITTED, OBJECTED, ACCEPTED, PAID, CANCELLED = (1 << i for i in range(6))
TO_TREASURY, TO_ACCOUNT, TO_CAMPAIGN = 1, 2, 4
MILESTONE, MODEL = 1, 2
PHASE_TRAINING, PHASE_SERVING = 1, 2
# The ABI type of IEnergyLedger.Report.
REPORT_TYPE = (
    "(uint256,uint256,uint256,uint256,uint256,uint256,bool,uint256,uint256,bytes32,uint256,uint256,"
    "uint256,uint256,uint256,bool,string,string,string,string,bytes32,string,uint256)"
)

AMOUNTS = (50_000 * USDC, 100_000 * USDC, 30_000 * USDC)
DUES = (30 * DAY, 90 * DAY, 150 * DAY)
COMPUTE_BUDGET = 20_000 * USDC
# Units per GPU-hour, not divisible by 3,600, and GPU-seconds of an order.
PRICE = 1_999_999
ORDERED_SECONDS = 1_000 * 3_600 + 1
PROMISED = sum(AMOUNTS) + COMPUTE_BUDGET


def milestone_terms(
    amount: int = AMOUNTS[0], due_seconds: int = DUES[0], energy_required: bool = False
) -> tuple:
    return (amount, due_seconds, energy_required, b"\x03" * 32)


def make_terms(recipient: str, asset: str, **changes: Any) -> tuple:
    """GrantTerms of three milestones, the last with an energy report; any field by keyword."""
    fields = {
        "kind": TRAINING,
        "recipient": recipient,
        "asset": asset,
        "purpose": GRANTS_PURPOSE,
        "compute_budget": COMPUTE_BUDGET,
        "milestones": [
            milestone_terms(AMOUNTS[0], DUES[0]),
            milestone_terms(AMOUNTS[1], DUES[1]),
            milestone_terms(AMOUNTS[2], DUES[2], energy_required=True),
        ],
        "split": [
            (TO_TREASURY, ZERO_ADDRESS, 0, 7_000),
            (TO_ACCOUNT, recipient, 0, 2_000),
            (TO_CAMPAIGN, ZERO_ADDRESS, 1, 1_000),
        ],
        "terms_hash": b"\x04" * 32,
        "terms_uri": "ipfs://terms",
    }
    assert changes.keys() <= fields.keys()
    return tuple({**fields, **changes}.values())


def report_fields(subject_id: int, milestone: int) -> dict[str, Any]:
    """The fields of a report, in the order of IEnergyLedger.Report."""
    return {
        "subject_kind": MILESTONE,
        "subject_id": subject_id,
        "milestone": milestone,
        "phase": PHASE_TRAINING,
        "energy_wh": 1_000,
        "emissions_grams": 400,
        "has_market": False,
        "market_grams": 0,
        "renewable_bps": 0,
        "renewable_proof": b"\0" * 32,
        "pue_bps": 12_000,
        "duration_seconds": 3_600,
        "gpu_seconds": 7_200,
        "grid_grams_per_kwh": 400,
        "tolerance_bps": 100,
        "measured": True,
        "hardware": "A100-40GB",
        "region": "us-east",
        "method": "CodeCarbon 3.0",
        "note": "",
        "evidence_hash": EVIDENCE,
        "evidence_uri": "ipfs://report",
        "supersedes": 0,
    }


REPORT_FIELDS = tuple(report_fields(0, 0))


def make_report(subject_id: int, milestone: int = 3, **changes: Any) -> tuple:
    """Report on a grant's milestone unless `subject_kind` says otherwise; any field by keyword."""
    fields = report_fields(subject_id, milestone)
    assert changes.keys() <= fields.keys()
    if "energy_wh" in changes:
        # Fits the energy unless the test says otherwise.
        fields["emissions_grams"] = -(-changes["energy_wh"] * 400 // 1_000)
        fields["gpu_seconds"] = 0
    return tuple({**fields, **changes}.values())


def attestation(ledger: Any, report_id: int, **changes: Any) -> dict[str, Any]:
    """EIP-712 message of an attestation, made of the report; any field or `domain` by keyword."""
    report = ledger.report_of(report_id)
    fields = {
        "reportId": report_id,
        "energyWh": report.energy_wh,
        "emissionsGrams": report.emissions_grams,
        "reportHash": keccak(encode([REPORT_TYPE], [tuple(report)])),
    }
    domain = {
        "name": "Flywheel EnergyLedger",
        "version": "1",
        "chainId": boa.env.evm.chain.chain_id,
        "verifyingContract": ledger.address,
        **changes.pop("domain", {}),
    }
    assert changes.keys() <= fields.keys()
    kinds = ("uint256", "uint256", "uint256", "bytes32")
    return {
        "domain": domain,
        "types": {
            "Attestation": [
                {"name": name, "type": kind} for name, kind in zip(fields, kinds, strict=True)
            ]
        },
        "primaryType": "Attestation",
        "message": fields | changes,
    }


def sign_message(message: dict[str, Any], key: bytes) -> bytes:
    """65-byte signature of an EIP-712 message."""
    signed = Account.sign_message(encode_typed_data(full_message=message), key)
    return bytes(signed.signature)


def keyed_account(key: bytes) -> str:
    """A funded address whose private key is known."""
    address = Account.from_key(key).address
    boa.env.set_balance(address, 10**21)
    return str(address)


def sign_voucher(
    escrow: Any,
    order_id: int,
    gpu_seconds: int,
    key: bytes = BUILDER_KEY,
    **domain: Any,
) -> bytes:
    """65-byte signature of a cumulative voucher; any field of the EIP-712 domain by keyword."""
    message = {
        "domain": {
            "name": "Flywheel ComputeEscrow",
            "version": "1",
            "chainId": boa.env.evm.chain.chain_id,
            "verifyingContract": escrow.address,
            **domain,
        },
        "types": {
            "Voucher": [
                {"name": "orderId", "type": "uint256"},
                {"name": "gpuSeconds", "type": "uint256"},
            ]
        },
        "primaryType": "Voucher",
        "message": {"orderId": order_id, "gpuSeconds": gpu_seconds},
    }
    signed = Account.sign_message(encode_typed_data(full_message=message), key)
    return bytes(signed.signature)


def logged(contract: Any) -> list[tuple[str, dict[str, Any]]]:
    """Name and fields of each event of the last call on `contract`, its callees' included."""
    found = []
    for entry in contract.get_logs():
        fields = entry._asdict()
        del fields["address"]
        found.append((type(entry).__name__, fields))
    return found


class World(SimpleNamespace):
    """The contracts and actors, and the steps that most tests begin with."""

    def apply(self, **changes: Any) -> int:
        recipient = changes.pop("recipient", self.builder)
        asset = changes.pop("asset", self.asset.address)
        return self.grants.apply(make_terms(recipient, asset, **changes), sender=recipient)

    def approve(self, grant_id: int) -> None:
        self.grants.approve(grant_id, self.grants.terms_hash(grant_id), sender=self.owner)

    def approve_beyond_cap(self, grant_id: int) -> None:
        terms_hash = self.grants.terms_hash(grant_id)
        self.grants.approve_beyond_cap(grant_id, terms_hash, sender=self.owner)

    def active(self, **changes: Any) -> int:
        """An approved grant."""
        grant_id = self.apply(**changes)
        self.approve(grant_id)
        return grant_id

    def submit(self, grant_id: int, milestone: int = 1, report_id: int = 0) -> None:
        self.grants.submit(
            grant_id, milestone, EVIDENCE, "ipfs://evidence", report_id, sender=self.builder
        )

    def accept(self, grant_id: int, milestone: int = 1, report_id: int = 0) -> None:
        """Submits a milestone and lets its review window pass in silence."""
        self.submit(grant_id, milestone, report_id)
        support.pass_time(REVIEW_SECONDS)

    def object(self, grant_id: int, milestone: int = 1) -> None:
        self.grants.object(grant_id, milestone, REASON, sender=self.guardian)

    def decide(self, grant_id: int, accepted: bool, milestone: int = 1) -> None:
        self.grants.decide(grant_id, milestone, accepted, REASON, sender=self.owner)

    def terminate(self, grant_id: int) -> None:
        self.grants.terminate(grant_id, REASON, sender=self.owner)

    def report(self, grant_id: int, milestone: int = 3, **changes: Any) -> int:
        return self.ledger.report(make_report(grant_id, milestone, **changes), sender=self.builder)

    def challenge(self, report_id: int) -> None:
        self.ledger.challenge(report_id, REASON, sender=self.guardian)

    def state_of(self, grant_id: int, milestone: int = 1) -> int:
        return self.grants.milestone(grant_id, milestone).state

    def due_at(self, grant_id: int, milestone: int = 1) -> int:
        return self.grants.milestone(grant_id, milestone).due_at

    def offer(self, price: int = PRICE, **changes: Any) -> int:
        """An offer by the provider; `price` in units of the asset per GPU-hour."""
        fields = {
            "provider": self.provider,
            "asset": self.asset.address,
            "price": price,
            "carbon": 400,
            "active": True,
            "hardware": "A100-40GB",
            "region": "us-east",
        }
        assert changes.keys() <= fields.keys()
        return self.escrow.register_offer(
            tuple({**fields, **changes}.values()), sender=self.provider
        )

    def order(
        self,
        grant_id: int,
        offer_id: int,
        gpu_seconds: int = ORDERED_SECONDS,
        expires_at: int | None = None,
    ) -> int:
        """An order by the builder, until a month from now unless said otherwise."""
        if expires_at is None:
            expires_at = support.now() + 30 * DAY
        return self.escrow.order(
            grant_id, offer_id, gpu_seconds, expires_at, PRICE, sender=self.builder
        )

    def draw_voucher(self, order_id: int, gpu_seconds: int) -> int:
        signature = sign_voucher(self.escrow, order_id, gpu_seconds)
        return self.escrow.draw(order_id, gpu_seconds, signature)

    def give_votes(self, account: str, amount: int) -> None:
        """Mints tokens to `account`, delegates them to itself and lets a second pass."""
        self.token.mint(account, amount, sender=self.owner)
        self.token.delegate(account, sender=account)
        support.pass_time(1)

    def committed(self) -> int:
        return self.treasury.committed(GRANTS_PURPOSE, self.asset)

    def free(self) -> int:
        return self.treasury.free(GRANTS_PURPOSE, self.asset)


def make_world(**deployers: Any) -> World:
    """Deploys the suite; `TrainingGrants=deployer` puts a mutant in place of a contract."""
    owner, guardian = support.account("owner"), support.account("guardian")

    def deploy(stem: str, *args: Any) -> Any:
        deployer = deployers.get(stem) or support.deployer_of(stem)
        with boa.env.prank(owner):
            return deployer.deploy(*args)

    assert deployers.keys() <= {
        *("Treasury", "TrainingGrants", "ComputeEscrow", "EnergyLedger", "ModelRegistry"),
    }
    asset = support.deploy_asset()
    token = deploy("GovernanceToken", "Flywheel", "FLY", support.now(), EPOCH_SECONDS)
    treasury = deploy("Treasury", token, 4_000, 4_000, *CAPS)
    escrow = deploy("ComputeEscrow", treasury)
    ledger = deploy("EnergyLedger")
    rewards = deploy("ContributorRewards")
    for _ in range(CAMPAIGNS):
        rewards.create_campaign((DATASET, owner, DAY, b"\1" * 32, "ipfs://dataset"), sender=owner)
    grants = deploy(
        "TrainingGrants",
        token,
        treasury,
        escrow,
        ledger,
        rewards,
        REVIEW_SECONDS,
        OBJECTION_BPS,
    )
    registry = deploy("ModelRegistry", grants, deploy("LineageRules"), "Flywheel models", "FLYM")
    with boa.env.prank(owner):
        treasury.accept_asset(asset)
        treasury.set_committer(grants, True)
        escrow.set_grants(grants)
        ledger.set_sources(grants, registry)
        for guarded in (grants, escrow, ledger):
            guarded.set_guardian(guardian, support.now() + 366 * DAY)
        token.set_minter(owner, TOKENS)
    support.fund_and_approve(asset, owner, treasury, TREASURY_FUNDS)
    treasury.deposit(GRANTS_PURPOSE, asset, TREASURY_FUNDS, sender=owner)
    return World(
        owner=owner,
        guardian=guardian,
        builder=keyed_account(BUILDER_KEY),
        provider=support.account("provider"),
        stranger=support.account("stranger"),
        asset=asset,
        token=token,
        treasury=treasury,
        escrow=escrow,
        ledger=ledger,
        registry=registry,
        grants=grants,
    )
