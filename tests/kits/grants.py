"""A small suite with grants in it: the real contracts, wired and funded."""

from types import SimpleNamespace
from typing import Any

import boa
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests import support
from tests.kits.models import register
from tests.support import CAPS, DAY, EPOCH_SECONDS, ZERO_ADDRESS

USDC = 10**6
HOUR = 3_600
GRANTS_PURPOSE = 2
TREASURY_FUNDS = 10_000_000 * USDC
REVIEW_SECONDS = 7 * DAY
OBJECTION_BPS = 100
DECISIVE_BPS = 500
APPLICATION_SECONDS = 180 * DAY
BOND_SECONDS = 30 * DAY
ESCALATION_SECONDS = 5 * DAY
RESUBMIT_SECONDS = 14 * DAY
GRACE_SECONDS = 14 * DAY
REPLACEMENT_SECONDS = 14 * DAY
DRAW_SECONDS = 7 * DAY
SPACING_SECONDS = 14 * DAY
COMPUTE_DAYS = 7
MAX_TOTAL = 2**100 - 1
WHOLE, NOTHING = 10_000, 0
EVIDENCE = b"\x01" * 32
REASON = b"\x02" * 32
BUILDER_KEY = b"\x0b" * 32
TOKENS = 1_000_000 * 10**18
DATASET = 1
# Campaigns that a split may name, all with the asset's money.
CAMPAIGNS = 8
# A threshold of one attestation, higher is better, scores in millionths.
BENCHMARK = 1

# Flags as the ABI carries them: one bit per member, in the order of the interface.
TRAINING, DATA, EVALUATION, SERVING = 1, 2, 4, 8
APPLIED, LAPSED, ACTIVE, COMPLETED, TERMINATED, EXPIRED = (1 << i for i in range(6))
LOCKED, SUBMITTED, OBJECTED, ACCEPTED, PAID, CANCELLED = (1 << i for i in range(6))
TO_TREASURY, TO_ACCOUNT, TO_CAMPAIGN = 1, 2, 4
MILESTONE, MODEL = 1, 2
PHASE_NONE, PHASE_TRAINING, PHASE_SERVING = 0, 1, 2
# The ABI type of IEnergyLedger.Report.
REPORT_TYPE = (
    "(uint256,uint256,uint256,uint256,uint256,uint256,bool,uint256,uint256,bytes32,uint256,uint256,"
    "uint256,uint256,uint256,bool,string,string,string,string,bytes32,string,uint256)"
)

AMOUNTS = (50_000 * USDC, 60_000 * USDC, 30_000 * USDC)
DUES = (30 * DAY, 90 * DAY, 150 * DAY)
UNLOCKED = (20_000 * USDC, 30_000 * USDC, 0)
COMPUTE_BUDGET = sum(UNLOCKED)
PROMISED = sum(AMOUNTS) + COMPUTE_BUDGET
BOND = PROMISED // 10
# Units per GPU-hour, not divisible by 3,600.
PRICE = 1_999_999
GPUS = 8
LEASE_SECONDS = 30 * DAY
MAX_PER_DAY = 2_000 * USDC
# Of MilestoneTerms: compute_unlocked.
COMPUTE_FIELD = 3


def milestone_terms(amount: int = AMOUNTS[0], due_seconds: int = DUES[0], **changes: Any) -> tuple:
    """MilestoneTerms, without a stream and without requirements; any field by keyword."""
    fields = {
        "amount": amount,
        "due_seconds": due_seconds,
        "stream_seconds": 0,
        "compute_unlocked": 0,
        "energy_phase": PHASE_NONE,
        "model_required": False,
        "benchmark_id": 0,
        "required_score": 0,
        "description_hash": b"\x03" * 32,
    }
    assert changes.keys() <= fields.keys()
    return tuple({**fields, **changes}.values())


def three_milestones(**changes: Any) -> list[tuple]:
    """The milestones of `make_terms`; `changes` are those of the first."""
    first = {"compute_unlocked": UNLOCKED[0], **changes}
    return [
        milestone_terms(AMOUNTS[0], DUES[0], **first),
        milestone_terms(AMOUNTS[1], DUES[1], compute_unlocked=UNLOCKED[1]),
        milestone_terms(AMOUNTS[2], DUES[2], energy_phase=PHASE_TRAINING, model_required=True),
    ]


def make_split(recipient: str) -> list[tuple]:
    rest = [(TO_ACCOUNT, recipient, 0, 2_000), (TO_CAMPAIGN, ZERO_ADDRESS, 1, 1_000)]
    return [(TO_TREASURY, ZERO_ADDRESS, 0, 7_000), *rest]


def make_terms(recipient: str, asset: str, **changes: Any) -> tuple:
    """GrantTerms of three milestones, the last with an energy report and a model; any field by
    keyword. A day of compute is MAX_PER_DAY, or what is allowed of a smaller budget."""
    milestones = changes.get("milestones", three_milestones())
    compute = sum(terms[COMPUTE_FIELD] for terms in milestones)
    fields = {
        "kind": TRAINING,
        "recipient": recipient,
        "asset": asset,
        "purpose": GRANTS_PURPOSE,
        "bond": BOND,
        "carbon_budget_grams": 0,
        "max_price_per_gpu_hour": 2 * USDC,
        "max_compute_per_day": min(MAX_PER_DAY, max(1, compute // COMPUTE_DAYS)),
        "milestones": milestones,
        "split": make_split(recipient) if changes.get("kind", TRAINING) == TRAINING else [],
        "max_owed_bps": 0,
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


def event_names(contract: Any) -> list[str]:
    """Names of the events of the last call on `contract`, in order."""
    return [name for name, _ in logged(contract)]


class World(SimpleNamespace):
    """The contracts and actors, and the steps that most tests begin with."""

    def apply(self, **changes: Any) -> int:
        recipient = changes.pop("recipient", self.builder)
        asset = changes.pop("asset", self.asset.address)
        return self.applications.apply(make_terms(recipient, asset, **changes), sender=recipient)

    def approve(self, grant_id: int) -> None:
        terms_hash = self.applications.terms_hash(grant_id)
        self.grants.approve(grant_id, terms_hash, sender=self.owner)
        self.approved_at[grant_id] = support.now()

    def approve_beyond_cap(self, grant_id: int) -> None:
        terms_hash = self.applications.terms_hash(grant_id)
        self.grants.approve_beyond_cap(grant_id, terms_hash, sender=self.owner)
        self.approved_at[grant_id] = support.now()

    def approved(self, **changes: Any) -> int:
        """An approved grant whose bond is missing."""
        grant_id = self.apply(**changes)
        self.approve(grant_id)
        return grant_id

    def post_bond(self, grant_id: int, payer: str | None = None) -> None:
        told = self.applications.application(grant_id)
        payer = payer or self.builder
        asset = self.asset_at(told.asset)
        support.fund_and_approve(asset, payer, self.grants, told.bond)
        self.grants.post_bond(grant_id, sender=payer)

    def is_bonded(self, grant_id: int) -> bool:
        return self.grants.commitments(grant_id)[1] != 0

    def active(self, **changes: Any) -> int:
        """An approved grant with its bond."""
        grant_id = self.approved(**changes)
        self.post_bond(grant_id)
        return grant_id

    def asset_at(self, address: str) -> Any:
        """The world's asset, or another one that a test added to `other_assets`."""
        return self.other_assets.get(address, self.asset)

    def ready_at(self, grant_id: int) -> int:
        """The first second in which the milestone in turn may be submitted."""
        in_turn = self.in_turn(grant_id)
        if in_turn > 1:
            last_step_at = self.grants.milestone(grant_id, in_turn - 1).accepted_at
        elif grant_id in self.approved_at:
            last_step_at = self.approved_at[grant_id]
        else:
            # Approved by a vote; no vote has moved its dates.
            schedule = self.applications.schedule(grant_id, 1)
            last_step_at = self.due_at(grant_id, 1) - schedule.due_seconds
        return int(last_step_at) + SPACING_SECONDS

    def ready(self, grant_id: int) -> None:
        """Moves the clock to `ready_at`, unless it has passed or the grant is not approved."""
        if self.grants.commitments(grant_id)[0] != 0:
            support.warp_to(max(support.now(), self.ready_at(grant_id)))

    def submit(self, grant_id: int, at_once: bool = False, **named: Any) -> None:
        """`named`: report_id, model_id, claim_id, evidence. Waits until it is not too early, unless
        `at_once`."""
        assert named.keys() <= {"report_id", "model_id", "claim_id", "evidence"}
        if not at_once:
            self.ready(grant_id)
        self.grants.submit(
            grant_id,
            named.get("evidence", EVIDENCE),
            "ipfs://evidence",
            named.get("report_id", 0),
            named.get("model_id", 0),
            named.get("claim_id", 0),
            sender=self.builder,
        )

    def model(self, grant_id: int, **changes: Any) -> tuple[int, bytes]:
        """A model that the builder registered under the grant, and the digest of its weights."""
        changes = {"grant_id": grant_id, "split": [], **changes}
        model_id = register(self.registry, self.builder, **changes)
        return model_id, self.registry.model(model_id).weights_digest

    def submit_model(self, grant_id: int, **named: Any) -> None:
        """Submits the milestone in turn with all that the last of `make_terms` asks for."""
        report_id = self.report(grant_id, self.in_turn(grant_id))
        model_id, digest = self.model(grant_id)
        found = {"report_id": report_id, "model_id": model_id, "evidence": digest}
        self.submit(grant_id, **{**found, **named})

    def finish(self, grant_id: int) -> None:
        """Accepts all milestones of `make_terms` that are left, and draws."""
        while self.in_turn(grant_id) < len(AMOUNTS):
            self.accept(grant_id)
        self.submit_model(grant_id)
        support.pass_time(REVIEW_SECONDS)
        self.grants.draw(grant_id)

    def accept(self, grant_id: int, **named: Any) -> None:
        """Submits the milestone in turn and lets its review window pass in silence."""
        self.submit(grant_id, **named)
        support.pass_time(REVIEW_SECONDS)

    def in_turn(self, grant_id: int) -> int:
        return self.grants.milestone_in_turn(grant_id)

    def object(self, grant_id: int, milestone: int | None = None) -> None:
        """The guardian objects to the milestone in turn, which reaches any threshold."""
        milestone = milestone or self.in_turn(grant_id)
        self.grants.object(grant_id, milestone, REASON, sender=self.guardian)

    def decide(self, grant_id: int, pay_bps: int, milestone: int | None = None) -> None:
        milestone = milestone or self.in_turn(grant_id)
        number = self.grants.milestone(grant_id, milestone).submission
        self.grants.decide(grant_id, milestone, number, pay_bps, REASON, sender=self.owner)

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
            "gpus": 4 * GPUS,
            "watts": 700,
            "pue_bps": 12_000,
            "grams_per_kwh": 400,
            "campaign_id": 0,
            "is_active": True,
            "hardware": "A100-40GB",
            "region": "us-east",
            "uri": "ipfs://offer",
        }
        assert changes.keys() <= fields.keys()
        fields |= changes
        return self.escrow.register_offer(tuple(fields.values()), sender=fields["provider"])

    def order(
        self,
        grant_id: int,
        offer_id: int,
        gpus: int = GPUS,
        starts_at: int | None = None,
        seconds: int = LEASE_SECONDS,
    ) -> int:
        """A lease by the builder, from now for a month unless said otherwise."""
        starts_at = support.now() if starts_at is None else starts_at
        return self.escrow.order(
            grant_id, offer_id, gpus, starts_at, starts_at + seconds, PRICE, sender=self.builder
        )

    def draw_voucher(self, order_id: int, gpu_seconds: int) -> int:
        signature = sign_voucher(self.escrow, order_id, gpu_seconds)
        return self.escrow.draw(order_id, gpu_seconds, signature)

    def give_votes(self, account: str, amount: int) -> None:
        """Mints tokens to `account`, delegates them to itself and lets two seconds pass."""
        self.token.mint(account, amount, sender=self.owner)
        self.token.delegate(account, sender=account)
        support.pass_time(2)

    def committed(self) -> int:
        return self.treasury.committed(GRANTS_PURPOSE, self.asset)

    def free(self) -> int:
        return self.treasury.free(GRANTS_PURPOSE, self.asset)


# Contracts that a mutant may stand in for.
REPLACEABLE = {
    *("Treasury", "GrantApplications", "TrainingGrants", "ComputeEscrow", "EnergyLedger"),
    *("ModelRegistry", "Evaluations"),
}


def make_world(**deployers: Any) -> World:
    """Deploys the suite; `TrainingGrants=deployer` puts a mutant in place of a contract."""
    owner, guardian = support.account("owner"), support.account("guardian")

    def deploy(stem: str, *args: Any) -> Any:
        deployer = deployers.get(stem) or support.deployer_of(stem)
        with boa.env.prank(owner):
            return deployer.deploy(*args)

    assert deployers.keys() <= REPLACEABLE
    asset = support.deploy_asset()
    token = deploy("GovernanceToken", "Flywheel", "FLY", support.now(), EPOCH_SECONDS)
    treasury = deploy("Treasury", token, 4_000, 4_000, *CAPS)
    rewards = deploy("ContributorRewards", token)
    escrow = deploy("ComputeEscrow", treasury, rewards)
    ledger = deploy("EnergyLedger")
    evaluations = deploy("Evaluations")
    for _ in range(CAMPAIGNS):
        rewards.create_campaign(owner, 3 * DAY, (DATASET, b"\1" * 32, "ipfs://d"), sender=owner)
    applications = deploy("GrantApplications", treasury, evaluations, rewards)
    named = (token, applications, treasury, escrow, ledger, evaluations)
    grants = deploy("TrainingGrants", *named, REVIEW_SECONDS, OBJECTION_BPS)
    registry = deploy("ModelRegistry", grants, deploy("LineageRules"), "Flywheel models", "FLYM")
    with boa.env.prank(owner):
        treasury.accept_asset(asset)
        treasury.set_committer(grants, True)
        escrow.set_grants(grants)
        ledger.set_sources(grants, registry)
        for guarded in (applications, grants, escrow, ledger):
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
        other_assets={},
        approved_at={},
        token=token,
        treasury=treasury,
        rewards=rewards,
        applications=applications,
        escrow=escrow,
        ledger=ledger,
        evaluations=evaluations,
        registry=registry,
        grants=grants,
    )
