"""The grants of the busy suite: one in each state, with leases, reports and scores beside them.

Apart from `tests.busy_suite`, which tells the rest of the story.
"""

from typing import Any

from eth_utils import keccak

from tests.kits.evaluations import make_benchmark, make_claim, sign_attestation
from tests.kits.grants import (
    BUILDER_KEY,
    DATA,
    EVIDENCE,
    HOUR,
    REASON,
    TRAINING,
    USDC,
    WHOLE,
    attestation,
    make_report,
    make_terms,
    milestone_terms,
    sign_message,
    sign_voucher,
)
from tests.kits.models import (
    account_share,
    campaign_share,
    commit,
    model_terms,
    register,
    treasury_share,
)
from tests.support import DAY, MAX_UINT, account, now, pass_time

RUNNING, SUBMITTED, OBJECTED, OVERDUE, HANDED, APPLIED = 1, 2, 3, 4, 5, 6
# A grant whose bond is missing, one that streams, one that only has to be drawn, one that ended.
UNBONDED, STREAMING, FINISHED, ENDED = 7, 8, 9, 10
GRANT_IDS = range(RUNNING, ENDED + 1)
GRANT_MODEL = 2
ATTESTED_CLAIM, OPEN_CLAIM = 1, 2
PLAIN_OFFER, CAMPAIGN_OFFER = 1, 2
# Of the running grant: drawn and running, stopped with a voucher, to be stopped, for a campaign.
RUNNING_ORDER, STOPPED_ORDER, SPARE_ORDER, CAMPAIGN_ORDER = 1, 2, 3, 4
# Of the ended grant.
ENDED_ORDER = 5
PRICE = USDC // 10
AMOUNT = 1_000 * USDC
# All compute is unlocked at once, which the bond has to cover but for a part.
BOND = 900 * USDC
CLAIMABLE_CAMPAIGN = 1


# --- terms ---


def split_of(busy: Any) -> list[Any]:
    builder = busy.people["builder"]
    return [
        treasury_share(7_000),
        account_share(builder, 2_000),
        campaign_share(CLAIMABLE_CAMPAIGN, 1_000),
    ]


def terms_of(busy: Any, grant_id: int) -> tuple[Any, ...]:
    """What the builder applies for: three steps of money, and one of compute as large."""
    is_short = grant_id == OVERDUE
    dues = (28, 42, 56) if is_short else (90, 180, 270)
    first: dict[str, Any] = {"compute_unlocked": AMOUNT}
    if grant_id == STREAMING:
        first["stream_seconds"] = 200 * DAY
    # What came of data has no model: such a grant can be finished without one.
    is_training = grant_id != FINISHED
    last = {"model_required": is_training}
    milestones = [
        milestone_terms(AMOUNT, due * DAY, **changes)
        for due, changes in zip(dues, (first, {}, last), strict=True)
    ]
    if grant_id == FINISHED:
        # Each step takes a fortnight, and the story has two.
        del milestones[1]
    return make_terms(
        busy.people["builder"],
        busy.suite.asset.address,
        kind=TRAINING if is_training else DATA,
        milestones=milestones,
        bond=BOND,
        max_compute_per_day=AMOUNT // 7,
        split=split_of(busy) if is_training else [],
    )


# --- the story ---


def start_grants(busy: Any) -> None:
    """Applies, approves and posts bonds; first milestones, one of which a vote accepts."""
    suite, people = busy.suite, busy.people
    builder, applications = people["builder"], suite["GrantApplications"]
    for grant_id in GRANT_IDS:
        assert applications.apply(terms_of(busy, grant_id), sender=builder) == grant_id
        if grant_id != APPLIED:
            approve(busy, grant_id)
        if grant_id not in (APPLIED, UNBONDED):
            suite.grants.post_bond(grant_id, sender=people["payer"])
    suite.grants.propose_recipient(HANDED, people["heir"], sender=builder)
    _lease(busy)
    pass_time(14 * DAY)
    for grant_id in (RUNNING, STREAMING, FINISHED):
        submit(busy, grant_id)
    accept(busy, FINISHED, 1)
    pass_time(2 * DAY)


def approve(busy: Any, grant_id: int) -> None:
    terms_hash = busy.suite["GrantApplications"].terms_hash(grant_id)
    busy.suite.grants.approve(grant_id, terms_hash, sender=busy.suite.owner)


def submit(busy: Any, grant_id: int) -> None:
    args = (grant_id, EVIDENCE, "ipfs://evidence", 0, 0, 0)
    busy.suite.grants.submit(*args, sender=busy.people["builder"])


def accept(busy: Any, grant_id: int, milestone: int) -> None:
    """A vote pays the whole of a first submission."""
    args = (grant_id, milestone, 1, WHOLE, REASON)
    busy.suite.grants.decide(*args, sender=busy.suite.owner)


def offer_of(busy: Any, campaign_id: int = 0) -> tuple[Any, ...]:
    figures = (PRICE, 400, 700, 12_000, 400, campaign_id, True)
    words = ("A100-40GB", "us-east", "ipfs://offer")
    return (busy.people["provider"], busy.suite.asset.address, *figures, *words)


def _lease(busy: Any) -> None:
    suite, provider, builder = busy.suite, busy.people["provider"], busy.people["builder"]
    for campaign_id in (0, CLAIMABLE_CAMPAIGN):
        suite.escrow.register_offer(offer_of(busy, campaign_id), sender=provider)
    leases = (
        (RUNNING, PLAIN_OFFER, 0, 180),
        (RUNNING, PLAIN_OFFER, 0, 90),
        (RUNNING, PLAIN_OFFER, 60, 30),
        (RUNNING, CAMPAIGN_OFFER, 0, 100),
        (ENDED, PLAIN_OFFER, 0, 200),
    )
    for grant_id, offer_id, starts_in, days in leases:
        starts_at = now() + starts_in * DAY
        lease = (offer_id, 1, starts_at, starts_at + days * DAY, PRICE)
        suite.escrow.order(grant_id, *lease, sender=builder)


def deliver(busy: Any) -> None:
    """The model and the energy reports of the running grant."""
    suite, builder = busy.suite, busy.people["builder"]
    of_grant = {"grant_id": RUNNING, "split": []}
    register(suite.registry, builder, **of_grant)
    # Committed here, because it takes a minute: nothing below may move the clock any more.
    busy.of_grant = model_terms(**of_grant)
    commit(suite.registry, builder, busy.of_grant)
    for _ in range(2):
        suite.energy.report(make_report(RUNNING, 1), sender=builder)
    suite.energy.challenge(2, REASON, sender=suite.guardian)


def measure(busy: Any) -> None:
    """Two claims of the builder's: one is attested, one waits for its evaluator."""
    suite, people = busy.suite, busy.people
    contract, another = suite.evaluations, account("another evaluator")
    contract.add_benchmark(make_benchmark(), sender=suite.owner)
    for evaluator in (people["evaluator"], another):
        contract.set_evaluator(1, evaluator, True, sender=suite.owner)
    for claim_id in (ATTESTED_CLAIM, OPEN_CLAIM):
        assert contract.claim(make_claim(), sender=people["builder"]) == claim_id
    claim_hash = contract.claim_of(ATTESTED_CLAIM).claim_hash
    for evaluator in (people["evaluator"], another):
        contract.attest(ATTESTED_CLAIM, claim_hash, sender=evaluator)


def start_reviews(busy: Any) -> None:
    """What lasts days: reviews, a proposal about one, the draws of a grant that has ended."""
    suite, people = busy.suite, busy.people
    submit(busy, OBJECTED)
    suite.grants.object(OBJECTED, 1, REASON, sender=suite.guardian)
    submit(busy, SUBMITTED)
    submit(busy, FINISHED)
    accept(busy, FINISHED, 2)
    suite.grants.terminate(ENDED, REASON, sender=suite.owner)
    suite.escrow.give_notice(STOPPED_ORDER, sender=people["provider"])
    suite.governor.propose(*decision(busy), sender=people["holder"])


def decision(busy: Any) -> tuple[Any, ...]:
    """The proposal about the submission that was objected to."""
    grants = busy.suite.grants
    data = bytes(grants.decide.prepare_calldata(OBJECTED, 1, 1, WHOLE, REASON))
    return ([grants.address], [0], [data], "Accept it")


# --- what each contract waits for ---


def grant_actions(busy: Any) -> None:
    suite, people = busy.suite, busy.people
    builder, stranger, owner = people["builder"], people["stranger"], suite.owner
    busy.can("GrantApplications.apply", builder, terms_of(busy, RUNNING))
    named = (APPLIED, suite["GrantApplications"].terms_hash(APPLIED))
    busy.can("TrainingGrants.approve", owner, *named)
    busy.can("TrainingGrants.approve_beyond_cap", owner, *named)
    busy.can("TrainingGrants.post_bond", people["payer"], UNBONDED)
    busy.can("TrainingGrants.submit", builder, RUNNING, EVIDENCE, "ipfs://evidence", 0, 0, 0)
    busy.can("TrainingGrants.withdraw_submission", builder, SUBMITTED)
    busy.can("TrainingGrants.object", suite.guardian, SUBMITTED, 1, REASON)
    described = keccak(text=decision(busy)[3])
    busy.can("TrainingGrants.escalate", stranger, OBJECTED, 1, WHOLE, REASON, described)
    for key, pay_bps in (("", WHOLE), ("/part", 5_000), ("/no", 0)):
        busy.can(f"TrainingGrants.decide{key}", owner, OBJECTED, 1, 1, pay_bps, REASON)
    busy.can("TrainingGrants.draw", stranger, RUNNING)
    busy.can("TrainingGrants.draw/streaming", stranger, STREAMING)
    busy.can("TrainingGrants.draw/finished", stranger, FINISHED)
    busy.can("TrainingGrants.terminate", owner, RUNNING, REASON)
    busy.can("TrainingGrants.expire", stranger, OVERDUE)
    busy.can("TrainingGrants.expire/unbonded", stranger, UNBONDED)
    busy.can("TrainingGrants.move_due", owner, RUNNING, 2, now() + 300 * DAY)
    busy.can("TrainingGrants.propose_recipient", builder, RUNNING, people["heir"])
    busy.can("TrainingGrants.replace_recipient", owner, RUNNING, people["heir"])
    busy.can("TrainingGrants.accept_recipient", people["heir"], HANDED)
    busy.can("TrainingGrants.set_review_seconds", owner, 2 * DAY)
    busy.can("TrainingGrants.set_objection_bps", owner, 200)


def compute_actions(busy: Any) -> None:
    suite, people = busy.suite, busy.people
    builder, provider, stranger = people["builder"], people["provider"], people["stranger"]
    busy.can("ComputeEscrow.register_offer", provider, offer_of(busy))
    busy.can("ComputeEscrow.withdraw_offer", provider, PLAIN_OFFER)
    lease = (PLAIN_OFFER, 1, now() + 30 * DAY, now() + 40 * DAY, PRICE)
    busy.can("ComputeEscrow.order", builder, RUNNING, *lease)
    for key, order_id in (("", RUNNING_ORDER), ("/campaign", CAMPAIGN_ORDER)):
        voucher = sign_voucher(suite.escrow, order_id, 10 * HOUR)
        busy.can(f"ComputeEscrow.draw{key}", stranger, order_id, 10 * HOUR, voucher)
    busy.can("ComputeEscrow.give_notice", provider, SPARE_ORDER)
    busy.can("ComputeEscrow.give_notice/ended", stranger, ENDED_ORDER)
    busy.can("ComputeEscrow.close_order", provider, STOPPED_ORDER)
    busy.can("ComputeEscrow.return_budget", stranger, ENDED)
    busy.can("ComputeEscrow.open_budget", suite.grants.address, 99, 99, suite.asset, USDC)


def energy_actions(busy: Any) -> None:
    suite, builder = busy.suite, busy.people["builder"]
    on_model = {"subject_kind": 2, "milestone": 0}
    busy.can("EnergyLedger.report", builder, make_report(RUNNING, 2))
    busy.can("EnergyLedger.report/model", builder, make_report(GRANT_MODEL, **on_model))
    signed = sign_message(attestation(suite.energy, 1), BUILDER_KEY)
    busy.can("EnergyLedger.attest", busy.people["stranger"], 1, builder, signed)
    busy.can("EnergyLedger.challenge", suite.guardian, 1, REASON)
    busy.can("EnergyLedger.clear_challenge", suite.owner, 2, REASON)


def evaluation_actions(busy: Any) -> None:
    suite, people = busy.suite, busy.people
    contract, owner, evaluator = suite.evaluations, suite.owner, people["evaluator"]
    claim_hash = contract.claim_of(OPEN_CLAIM).claim_hash
    claim, builder = make_claim(), people["builder"]
    signature = sign_attestation(contract, OPEN_CLAIM, claim, builder)
    by_signature = (OPEN_CLAIM, evaluator, MAX_UINT, signature)
    busy.can("Evaluations.claim", people["stranger"], claim)
    busy.can("Evaluations.attest", evaluator, OPEN_CLAIM, claim_hash)
    busy.can("Evaluations.attest_by_signature", people["stranger"], *by_signature)
    busy.can("Evaluations.add_benchmark", owner, make_benchmark())
    busy.can("Evaluations.set_threshold", owner, 1, 3)
    busy.can("Evaluations.set_evaluator", owner, 1, people["heir"], True)
    busy.can("Evaluations.void_claim", owner, ATTESTED_CLAIM, REASON)
