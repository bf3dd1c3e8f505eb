"""A suite in the middle of its life, in which a valid call of nearly every function is waiting.

Tests of what holds everywhere (access, pause, reentrancy) replay those calls under their own
circumstances, each from the same state.
"""

from dataclasses import dataclass, field
from typing import Any

from eth_utils import keccak

from tests import busy_grants
from tests.boa_suite import BoaSuite, deploy_suite
from tests.busy_grants import CLAIMABLE_CAMPAIGN, GRANT_MODEL
from tests.kits.evaluations import EVALUATOR_KEYS
from tests.kits.grants import BUILDER_KEY, EVIDENCE, keyed_account
from tests.kits.licensing import license_terms
from tests.kits.models import account_share, campaign_share, model_terms, treasury_share
from tests.kits.rewards import CHALLENGE_SECONDS, REASON_HASH, Pool, claims_of, terms
from tests.support import (
    DAY,
    EPOCH_SECONDS,
    MAX_UINT,
    account,
    deploy_asset,
    fund_and_approve,
    now,
    pass_time,
    warp_to,
)

USDC = 10**6
TOKEN = 10**18
HOUR = 3_600
PEOPLE = "stranger contributor holder provider publisher licensee operator model_owner payer heir"
# More than anybody pays in the story below.
POCKET = 10_000_000 * USDC
PAYMENT = 10_000 * USDC
PERIOD = 28 * DAY
GRACE = 7 * DAY
PRICE = USDC // 10
REWARD = 600 * USDC
SALT = b"\x5a" * 32

# The contracts that hold assets and account for what they owe.
LEDGERS = (
    "FundingRounds",
    "Redemptions",
    "Treasury",
    "HolderIncome",
    "RoyaltyRouter",
    "LicenseEnforcement",
)

# Ids of the things that wait.
SOLD_ROUND, FAILED_ROUND, FULL_ROUND, OPEN_ROUND = 1, 2, 3, 4
# The first is wound down, the notice of the second is over, the third is not announced.
ABANDONED_ROUND, NOTICED_ROUND, KEPT_ROUND = 5, 6, 7
# The purpose of each round is two above its id; the last one waits for a round.
NOTICED, VACANT = NOTICED_ROUND + 2, KEPT_ROUND + 3
DAO_MODEL, EXCLUSIVE_MODEL = 1, 3
LOST_LICENSE, CLEAR_LICENSE, OWING_LICENSE, FRESH_LICENSE = 1, 2, 3, 4
ENFORCED_LICENSE, ASSESSED_LICENSE, DISPUTED_LICENSE, REFUNDED_LICENSE = 5, 6, 7, 8
EXCLUSIVE_LICENSE, SHORT_LICENSE = 9, 10
BONDED_TERMS, STRICT_TERMS = 2, 3
PENDING_CAMPAIGN, CHALLENGED_CAMPAIGN = 2, 3
CLOSED_EPOCH, ENDED_EPOCH = 1, 2
VOTING, WAITING, NEW = 1, 2, 3


@dataclass(frozen=True)
class Action:
    """A valid call and who makes it."""

    stem: str
    function: str
    args: tuple[Any, ...]
    sender: str

    def run(self, suite: BoaSuite) -> Any:
        return getattr(suite[self.stem], self.function)(*self.args, sender=self.sender)

    def calldata(self, suite: BoaSuite) -> bytes:
        return bytes(getattr(suite[self.stem], self.function).prepare_calldata(*self.args))


@dataclass
class BusySuite:
    """The suite, its people, and `actions` by "<contract>.<function>" (or ".../<variant>")."""

    suite: BoaSuite
    people: dict[str, str]
    actions: dict[str, Action] = field(default_factory=dict)
    of_grant: Any = None
    # A commitment of the abandoned round's money, released after the redemption began.
    late: int = 0
    pending_drop: int = 0

    def can(self, key: str, sender: str, *args: Any) -> None:
        stem, function = key.split("/")[0].split(".")
        plain = tuple(getattr(value, "address", value) for value in args)
        self.actions[key] = Action(stem, function, plain, sender)


def deploy_busy_suite(asset: Any = None, **mutants: Any) -> BusySuite:
    """Deploys and lives through nearly three epochs; every action is possible at its end."""
    suite = deploy_suite(asset, **mutants)
    names = (
        "stranger contributor holder provider publisher licensee operator model_owner payer heir"
    )
    people = {name: account(name) for name in names.split()}
    people |= {"builder": keyed_account(BUILDER_KEY), "owner": suite.owner}
    people |= {"guardian": suite.guardian, "deployer": suite.deployer}
    people |= {"evaluator": keyed_account(EVALUATOR_KEYS[0])}
    busy = BusySuite(suite, people)
    for name in ("contributor", "holder", "licensee", "payer"):
        _fill_pocket(suite, people[name])
    _raise(busy)
    _publish_rewards(busy)
    _earn(busy)
    _open_rounds(busy)
    _abandon(busy)
    busy_grants.start_grants(busy)
    suite.governor.set_guardian(suite.guardian, now() + 300 * DAY, sender=suite.owner)
    busy_grants.deliver(busy)
    _license(busy)
    busy_grants.measure(busy)
    _start_what_is_short(busy)
    for plan in (
        _token_actions,
        _governance_actions,
        _round_actions,
        _money_actions,
        busy_grants.grant_actions,
        busy_grants.compute_actions,
        busy_grants.energy_actions,
        busy_grants.evaluation_actions,
        _model_actions,
        _reward_actions,
        _market_actions,
    ):
        plan(busy)
    for stem in LEDGERS:
        _skim_action(busy, stem)
    return busy


# --- the story ---


def _fill_pocket(suite: BoaSuite, payer: str) -> None:
    spenders = (
        suite.rounds,
        suite.treasury,
        suite.router,
        suite.market,
        suite.rewards,
        suite.enforcement,
        suite.grants,
    )
    for spender in spenders:
        fund_and_approve(suite.asset, payer, spender.address, POCKET)


def _raise(busy: BusySuite) -> None:
    """The first round: the holder has its tokens, the contributor has not asked for them yet."""
    suite, people = busy.suite, busy.people
    pass_time(HOUR)
    suite.rounds.contribute(SOLD_ROUND, 200_000 * USDC, sender=people["holder"])
    suite.rounds.contribute(SOLD_ROUND, 100_000 * USDC, sender=people["contributor"])
    suite.rounds.finalize(SOLD_ROUND)
    suite.treasury.deposit(2, suite.asset, 300_000 * USDC, sender=people["payer"])
    suite.token.set_excluded(people["heir"], True, sender=suite.owner)
    suite.rounds.claim(SOLD_ROUND, people["holder"])
    suite.token.set_minter(suite.rounds, 100_000_000 * TOKEN, sender=suite.owner)


def _publish_rewards(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    for campaign_id in (CLAIMABLE_CAMPAIGN, PENDING_CAMPAIGN, CHALLENGED_CAMPAIGN):
        suite.rewards.create_campaign(*terms(people["publisher"]), sender=people["publisher"])
        suite.rewards.fund(campaign_id, suite.asset, REWARD, sender=people["payer"])
    stranger, who = people["stranger"], people["contributor"]
    drop = _pool(busy, CLAIMABLE_CAMPAIGN).publish(
        {who: REWARD // 3, people["holder"]: REWARD // 3}
    )
    claim = (drop.drop_id, *drop.claim_of(who))
    busy.can("ContributorRewards.claim", stranger, *claim)
    busy.can("ContributorRewards.claim_to", who, *claim, people["heir"], MAX_UINT, b"")
    claims = claims_of(drop, who, people["holder"])
    busy.can("ContributorRewards.claim_batch", stranger, drop.drop_id, claims)
    ((leaves, proof),) = drop.tree.ranges()
    neighbours = [leaf.argument for leaf in leaves]
    busy.can("ContributorRewards.claim_range", stranger, drop.drop_id, neighbours, proof)
    busy.can("ContributorRewards.claim_drops", stranger, who, [drop.part_of(who)])


def _pool(busy: BusySuite, campaign_id: int) -> Pool:
    people, suite = busy.people, busy.suite
    return Pool(suite.rewards, suite.asset, campaign_id, people["publisher"], people["payer"])


def _earn(busy: BusySuite) -> None:
    """Two epochs of income: the first is shared out, the second has ended."""
    suite, people = busy.suite, busy.people
    shares = [
        treasury_share(7_000),
        account_share(people["builder"], 2_000),
        campaign_share(1, 1_000),
    ]
    suite.registry.register(model_terms(split=shares), sender=suite.owner)
    for epoch in (CLOSED_EPOCH, ENDED_EPOCH):
        assert suite.token.epoch_at(now()) == epoch
        suite.router.pay(DAO_MODEL, suite.asset, PAYMENT, SALT, sender=people["payer"])
        suite.router.settle(DAO_MODEL, suite.asset)
        suite.router.forward_income(suite.asset)
        warp_to(suite.token.GENESIS() + epoch * EPOCH_SECONDS)
    suite.treasury.close_epoch(CLOSED_EPOCH, suite.asset)
    # One payment is settled and not fetched, another is not even settled.
    suite.router.pay(DAO_MODEL, suite.asset, PAYMENT, SALT, sender=people["payer"])
    suite.router.settle(DAO_MODEL, suite.asset)
    suite.router.pay(DAO_MODEL, suite.asset, PAYMENT, SALT, sender=people["payer"])


def _round_terms(busy: BusySuite, goal: int, seconds: int, purpose: int = 0) -> tuple[Any, ...]:
    """For a new purpose unless one is given."""
    suite = busy.suite
    purpose = purpose or suite.treasury.create_round_purpose("a", suite.rounds, sender=suite.owner)
    window = (now(), now() + seconds)
    amounts = (PRICE, goal, goal, USDC, 0)
    plain = (purpose, False, b"\0" * 32, 0, 0)
    return (busy.suite.asset.address, *amounts, *window, *plain, b"\x11" * 32, "ipfs://terms")


def _open_rounds(busy: BusySuite) -> None:
    """A round that will fail, one that is full, one that goes on."""
    suite, contributor = busy.suite, busy.people["contributor"]
    for goal, seconds in ((5_000, DAY), (1_000, 40 * DAY), (9_000, 300 * DAY)):
        terms_ = _round_terms(busy, goal * USDC, seconds)
        round_id = suite.rounds.open_round(terms_, sender=suite.owner)
        suite.rounds.contribute(round_id, 1_000 * USDC, sender=contributor)


def _abandon(busy: BusySuite) -> None:
    """Full rounds: one is wound down, one waits for its notice, one is not announced."""
    suite, contributor = busy.suite, busy.people["contributor"]
    for wanted in (ABANDONED_ROUND, NOTICED_ROUND, KEPT_ROUND):
        terms_ = _round_terms(busy, 1_000 * USDC, DAY)
        round_id = suite.rounds.open_round(terms_, sender=suite.owner)
        assert round_id == wanted
        suite.rounds.contribute(round_id, 1_000 * USDC, sender=contributor)
        suite.rounds.finalize(round_id)
        purpose = suite.rounds.outcome(round_id).purpose
        suite.treasury.allow_wind_down(purpose, suite.asset, suite.redemptions, sender=suite.owner)
        if wanted == ABANDONED_ROUND:
            suite.redemptions.announce(round_id, 1, sender=suite.owner)
    assert _round_terms(busy, 1, 1)[8] == VACANT


def _proposal(busy: BusySuite, number: int) -> tuple[Any, ...]:
    return ([busy.suite.treasury.address], [0], [b"\0\0\0\0"], f"Proposal {number}")


def _license(busy: BusySuite) -> None:
    """Licenses of one buyer: one has a period to report, one owes for it, one is clear; one is to
    be enforced, one to be terminated, one is assessed, one disputed, one was decided, of one the
    bond is short."""
    suite, people = busy.suite, busy.people
    # A transfer to another owner, so that its powers differ from those of the DAO.
    owner = people["model_owner"]
    suite.registry.transferFrom(suite.owner, owner, GRANT_MODEL, sender=suite.owner)
    strict = {"grace_seconds": GRACE, "cure_seconds": 7 * DAY}
    for offered in (
        _license_terms(busy),
        _license_terms(
            busy, bond=100, sublicensable=True, **(strict | {"term_seconds": 9 * PERIOD})
        ),
        _license_terms(busy, upfront_fee=0, **strict),
    ):
        suite.catalog.offer_terms(offered, sender=owner)
    # One is older by the time that it has to be cured.
    _buy(busy, STRICT_TERMS)
    pass_time(7 * DAY)
    for terms_id in [1, 1, 1, BONDED_TERMS, 1, 1, 1]:
        _buy(busy, terms_id)
    _sell_exclusively(busy)
    _buy(busy, BONDED_TERMS)
    # The notice of one wind-down is over, and will be of the other one.
    purpose, grants = suite.rounds.outcome(ABANDONED_ROUND).purpose, suite.grants.address
    busy.late = suite.treasury.commit_beyond_cap(
        purpose, suite.asset, 100 * USDC, grants, sender=grants
    )
    suite.redemptions.begin(ABANDONED_ROUND)
    suite.redemptions.announce(NOTICED_ROUND, 1, sender=suite.owner)
    pass_time(PERIOD + GRACE - 14 * DAY)
    suite.enforcement.accuse(OWING_LICENSE, EVIDENCE, sender=suite.owner)
    pass_time(14 * DAY)
    _dispute(busy)
    suite.market.report(OWING_LICENSE, 1, 10_000, EVIDENCE, sender=people["licensee"])
    suite.market.report(LOST_LICENSE, 1, 10_000, EVIDENCE, sender=people["licensee"])
    # Its bond pays for the period that was not reported.
    suite.enforcement.enforce(SHORT_LICENSE)


def _buy(busy: BusySuite, terms_id: int) -> int:
    """A license of the licensee."""
    suite, licensee = busy.suite, busy.people["licensee"]
    terms_hash = suite.catalog.terms_hash(terms_id)
    return int(suite.market.buy(terms_id, terms_hash, MAX_UINT, sender=licensee))


def _dispute(busy: BusySuite) -> None:
    suite, licensee, owner = busy.suite, busy.people["licensee"], busy.suite.owner
    for license_id in (ASSESSED_LICENSE, DISPUTED_LICENSE, REFUNDED_LICENSE):
        report = (license_id, 1, 10_000, EVIDENCE, MAX_UINT)
        suite.market.report_and_pay(*report, sender=licensee)
        suite.enforcement.assess(license_id, 1, 20_000, 0, EVIDENCE, sender=owner)
    suite.market.report_and_pay(FRESH_LICENSE, 1, 0, EVIDENCE, MAX_UINT, sender=licensee)
    for license_id in (DISPUTED_LICENSE, REFUNDED_LICENSE):
        suite.enforcement.dispute(license_id, 1, 500, EVIDENCE, sender=licensee)
    opened_at = suite.enforcement.open_dispute(REFUNDED_LICENSE, 1).opened_at
    suite.enforcement.decide(REFUNDED_LICENSE, 1, opened_at, 100, sender=owner)


def _start_what_is_short(busy: BusySuite) -> None:
    """What has a window of days: a submission, a pending drop, a running vote and one to come."""
    suite, people = busy.suite, busy.people
    busy_grants.start_reviews(busy)
    busy.pending_drop = _pool(busy, PENDING_CAMPAIGN).propose(SALT, REWARD)
    suite.governor.propose(*_proposal(busy, VOTING), sender=people["holder"])
    pass_time(CHALLENGE_SECONDS)
    suite.governor.propose(*_proposal(busy, WAITING), sender=people["holder"])


def _license_terms(busy: BusySuite, **changes: Any) -> tuple[Any, ...]:
    terms = {"period_seconds": PERIOD, "grace_seconds": PERIOD, "term_seconds": 0}
    return license_terms(busy.suite, model_id=GRANT_MODEL, **(terms | changes))


# --- what each contract waits for ---


def _skim_action(busy: BusySuite, stem: str) -> None:
    busy.suite.asset.mint(busy.suite[stem], 7)
    busy.can(f"{stem}.skim", busy.suite.owner, busy.suite.asset, busy.people["payer"])


def _token_actions(busy: BusySuite) -> None:
    token, people = busy.suite.token, busy.people
    holder, stranger = people["holder"], people["stranger"]
    token.approve(stranger, TOKEN, sender=holder)
    busy.can("GovernanceToken.transfer", holder, stranger, TOKEN)
    busy.can("GovernanceToken.transferFrom", stranger, holder, stranger, TOKEN)
    busy.can("GovernanceToken.approve", holder, stranger, TOKEN)
    busy.can("GovernanceToken.burn", holder, TOKEN)
    busy.can("GovernanceToken.burnFrom", stranger, holder, TOKEN)
    busy.can("GovernanceToken.delegate", holder, stranger)
    rounds = busy.suite.rounds.address
    busy.can("GovernanceToken.mint", rounds, stranger, TOKEN)
    busy.can("GovernanceToken.delegate_default", rounds, people["contributor"])
    busy.can("GovernanceToken.set_excluded", busy.suite.owner, stranger, True)
    busy.can("GovernanceToken.apply_exclusion", stranger, people["heir"])


def _governance_actions(busy: BusySuite) -> None:
    governor, holder = busy.suite.governor, busy.people["holder"]
    *batch, description = _proposal(busy, VOTING)
    voting_id = governor.getProposalId(*batch, keccak(text=description))
    *batch, description = _proposal(busy, WAITING)
    busy.can("Governor.propose", holder, *_proposal(busy, NEW))
    busy.can("Governor.cancel", holder, *batch, keccak(text=description))
    waiting_id = governor.getProposalId(*batch, keccak(text=description))
    busy.can("Governor.cancel_by_id", holder, waiting_id)
    busy.can("ProposalArchive.keep", holder, *batch, keccak(text=description))
    busy.can("Governor.castVote", holder, voting_id, 1)
    busy.can("Governor.castVoteWithReason", holder, voting_id, 1, "because")
    busy.can("Governor.castVoteWithReasonAndParams", holder, voting_id, 1, "because", b"params")
    role = busy.suite.timelock.PROPOSER_ROLE()
    stranger = busy.people["stranger"]
    busy.can("Timelock.renounceRole", stranger, role, stranger)


def _round_actions(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    contributor, stranger = people["contributor"], people["stranger"]
    permit = (MAX_UINT, now(), 27, SALT, SALT, [])
    suite.token.approve(suite.redemptions, 100 * TOKEN, sender=contributor)
    _redemption_actions(busy)
    batch = [contributor, stranger]
    busy.can("FundingRounds.contribute", contributor, OPEN_ROUND, 100 * USDC)
    permitted = (OPEN_ROUND, 100 * USDC, *permit)
    busy.can("FundingRounds.contribute_with_proof", contributor, OPEN_ROUND, 100 * USDC, [])
    busy.can("FundingRounds.claim_batch", stranger, SOLD_ROUND, batch)
    busy.can("FundingRounds.refund_batch", stranger, FAILED_ROUND, batch)
    busy.can("FundingRounds.refund_to", contributor, FAILED_ROUND, contributor, people["heir"])
    moved = (FAILED_ROUND, contributor, people["heir"])
    busy.can("FundingRounds.move_position", contributor, *moved)
    busy.can("FundingRounds.end_vesting", suite.redemptions.address, SOLD_ROUND)
    busy.can("FundingRounds.contribute_with_permit", contributor, *permitted)
    busy.can("FundingRounds.open_round", suite.owner, _round_terms(busy, 10 * USDC, DAY, VACANT))
    busy.can("FundingRounds.finalize", stranger, FULL_ROUND)
    busy.can("FundingRounds.claim", stranger, SOLD_ROUND, contributor)
    busy.can("FundingRounds.refund", stranger, FAILED_ROUND, contributor)
    busy.can("FundingRounds.release_reservation", stranger, FAILED_ROUND)
    busy.can("FundingRounds.cancel", suite.owner, OPEN_ROUND)


def _redemption_actions(busy: BusySuite) -> None:
    """Of the round that is wound down a part came free later, and a part was burned before."""
    suite, people = busy.suite, busy.people
    contributor, stranger = people["contributor"], people["stranger"]
    redeem = (ABANDONED_ROUND, contributor, TOKEN, 1, contributor)
    suite.redemptions.redeem(*redeem, sender=contributor)
    busy.can("Redemptions.announce", suite.owner, KEPT_ROUND, 1)
    busy.can("Redemptions.withdraw", suite.owner, NOTICED_ROUND)
    busy.can("Redemptions.begin", stranger, NOTICED_ROUND)
    busy.can("Redemptions.redeem", contributor, *redeem)
    # Half of what came free late is in the pool, the other half can still be added.
    grants = suite.grants.address
    suite.treasury.release_commitment(busy.late, 50 * USDC, sender=grants)
    suite.redemptions.top_up(ABANDONED_ROUND)
    suite.treasury.release_commitment(busy.late, 50 * USDC, sender=grants)
    busy.can("Redemptions.top_up", stranger, ABANDONED_ROUND)
    busy.can("Redemptions.collect", stranger, ABANDONED_ROUND, contributor)
    collected = (ABANDONED_ROUND, contributor, people["heir"])
    busy.can("Redemptions.collect_to", contributor, *collected)


def _money_actions(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    stranger, payer, asset = people["stranger"], people["payer"], suite.asset
    busy.can("Treasury.deposit", payer, 2, asset, USDC)
    busy.can("Treasury.receive_income", suite.router.address, asset, USDC)
    busy.can("Treasury.close_epoch", stranger, ENDED_EPOCH, asset)
    busy.can("Treasury.pay_commitment", suite.grants.address, 1, people["builder"], USDC)
    busy.can("Treasury.release_commitment", suite.grants.address, 1, USDC)
    busy.can("Treasury.commit", suite.grants.address, 2, asset, USDC, suite.grants)
    committed = (2, asset, USDC, suite.grants)
    busy.can("Treasury.commit_beyond_cap", suite.grants.address, *committed)
    busy.can("Treasury.commit_deposit", suite.grants.address, 2, asset, USDC)
    busy.can("Treasury.allow_wind_down", suite.owner, 2, asset, suite.redemptions)
    released = (NOTICED, asset, USDC)
    busy.can("Treasury.release_for_wind_down", suite.redemptions.address, *released)
    busy.can("Treasury.spend", suite.owner, 2, asset, payer, USDC)
    busy.can("Treasury.spend_beyond_cap", suite.owner, 2, asset, payer, USDC)
    busy.can("Treasury.move_free", suite.owner, 2, 1, asset, USDC)
    gift, holder = deploy_asset("GIFT", 18), people["holder"]
    fund_and_approve(gift, payer, suite.treasury.address, 2 * USDC)
    suite.treasury.receive_in_kind(gift, USDC, sender=payer)
    busy.can("Treasury.receive_in_kind", payer, gift, USDC)
    busy.can("Treasury.spend_in_kind", suite.owner, gift, payer, USDC)
    busy.can("HolderIncome.claim", stranger, holder, asset, CLOSED_EPOCH, 2)
    busy.can("HolderIncome.claim_assets", stranger, holder, [asset.address], CLOSED_EPOCH, 2)
    redirected = (holder, [asset.address], CLOSED_EPOCH, 2, people["heir"])
    busy.can("HolderIncome.claim_to", holder, *redirected)
    busy.can("HolderIncome.set_claimer", holder, people["heir"])
    busy.can("HolderIncome.roll", stranger, asset)
    busy.can("HolderIncome.fund", suite.treasury.address, ENDED_EPOCH, asset, USDC)
    busy.can("RoyaltyRouter.pay", payer, DAO_MODEL, asset, USDC, SALT)
    busy.can("RoyaltyRouter.settle", stranger, DAO_MODEL, asset)
    busy.can("RoyaltyRouter.settle_all", stranger, DAO_MODEL)
    busy.can("RoyaltyRouter.withdraw", stranger, people["builder"], asset)
    busy.can("RoyaltyRouter.forward_income", stranger, asset)
    busy.can("RoyaltyRouter.forward_campaign", stranger, 1, asset)
    # No money comes with it: the collector is believed only as far as the balance goes.
    collected = (payer, DAO_MODEL, asset, 1, SALT)
    busy.can("RoyaltyRouter.collect", suite.market.address, *collected)


def _model_actions(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    registry, owner, operator = suite.registry, people["model_owner"], people["operator"]
    registry.setApprovalForAll(operator, True, sender=owner)
    of_grant = busy.of_grant
    busy.can("ModelRegistry.commit", people["stranger"], SALT)
    busy.can("ModelRegistry.register", people["builder"], of_grant)
    busy.can("ModelRegistry.refresh", people["stranger"], GRANT_MODEL)
    busy.can("ModelRegistry.set_split", suite.owner, DAO_MODEL, busy_grants.split_of(busy))
    busy.can("ModelRegistry.set_card", owner, GRANT_MODEL, SALT, "ipfs://card")
    busy.can("ModelRegistry.set_floor", suite.owner, GRANT_MODEL, 100)
    busy.can("ModelRegistry.set_protocol_fee", suite.owner, 100)
    busy.can("ModelRegistry.set_contract_uri", suite.owner, "ipfs://models")
    busy.can("ModelRegistry.register/dao", suite.owner, model_terms())
    busy.can("ModelRegistry.approve", owner, people["heir"], GRANT_MODEL)
    busy.can("ModelRegistry.setApprovalForAll", owner, people["heir"], True)
    moved = (owner, people["heir"], GRANT_MODEL)
    busy.can("ModelRegistry.transferFrom", owner, *moved)
    busy.can("ModelRegistry.safeTransferFrom", owner, *moved)


def _reward_actions(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    publisher, payer, asset = people["publisher"], people["payer"], suite.asset
    busy.can("ContributorRewards.create_campaign", people["stranger"], *terms(publisher))
    busy.can("ContributorRewards.set_publisher", publisher, 1, people["heir"])
    busy.can("ContributorRewards.fund", payer, 1, asset, USDC)
    proposal = _pool(busy, CHALLENGED_CAMPAIGN).terms(SALT, REWARD)
    busy.can("ContributorRewards.propose_drop", publisher, CHALLENGED_CAMPAIGN, proposal)
    busy.can("ContributorRewards.withdraw_drop", publisher, busy.pending_drop)
    busy.can("ContributorRewards.hold_drop", suite.guardian, busy.pending_drop, REASON_HASH)
    busy.can("ContributorRewards.cancel_drop", suite.owner, busy.pending_drop, REASON_HASH)
    busy.can("ContributorRewards.activate_drop", people["stranger"], busy.pending_drop)
    busy.can("ContributorRewards.set_governor", suite.owner, suite.governor)


def _market_actions(busy: BusySuite) -> None:
    suite, people = busy.suite, busy.people
    licensee, owner, heir = people["licensee"], people["model_owner"], people["heir"]
    suite.market.setApprovalForAll(people["operator"], True, sender=licensee)
    busy.can("LicenseCatalog.offer_terms", owner, _license_terms(busy, upfront_fee=1))
    busy.can("LicenseCatalog.retire_terms", owner, 1)
    _sale_actions(busy)
    busy.can("LicenseRights.approve_derivation", owner, GRANT_MODEL, SALT, True)
    for key, terms_id in (("", 1), ("/bonded", BONDED_TERMS)):
        purchase = (terms_id, suite.catalog.terms_hash(terms_id), MAX_UINT)
        busy.can(f"LicenseMarket.buy{key}", licensee, *purchase)
    busy.can("LicenseMarket.set_reporter", licensee, CLEAR_LICENSE, heir)
    busy.can("LicenseMarket.pay", people["payer"], OWING_LICENSE, MAX_UINT)
    reported = (CLEAR_LICENSE, 1, 10_000, EVIDENCE)
    busy.can("LicenseMarket.report", licensee, *reported)
    busy.can("LicenseMarket.report_and_pay", licensee, *reported, MAX_UINT)
    busy.can("LicenseMarket.approve", licensee, heir, CLEAR_LICENSE)
    busy.can("LicenseMarket.setApprovalForAll", licensee, heir, True)
    moved = (licensee, heir, FRESH_LICENSE)
    busy.can("LicenseMarket.transferFrom", licensee, *moved)
    busy.can("LicenseMarket.safeTransferFrom", licensee, *moved)
    busy.can("LicenseMarket.prepay", people["payer"], OWING_LICENSE, USDC)
    busy.can("LicenseMarket.estimate", people["stranger"], ENFORCED_LICENSE)
    busy.can("LicenseEnforcement.enforce", people["stranger"], ENFORCED_LICENSE)
    busy.can("LicenseEnforcement.fill_bond", licensee, SHORT_LICENSE, MAX_UINT)
    busy.can("LicenseEnforcement.terminate", people["stranger"], LOST_LICENSE)
    busy.can("LicenseEnforcement.surrender", licensee, CLEAR_LICENSE)
    assessed = (OWING_LICENSE, 1, 20_000, 0, EVIDENCE)
    busy.can("LicenseEnforcement.assess", suite.owner, *assessed)
    audit = (people["provider"], USDC)
    busy.can("LicenseEnforcement.assess/audited", suite.owner, *assessed, *audit)
    busy.can("LicenseEnforcement.conclude", licensee, ASSESSED_LICENSE, 1)
    busy.can("LicenseEnforcement.dispute", licensee, ASSESSED_LICENSE, 1, 500, EVIDENCE)
    opened_at = suite.enforcement.open_dispute(DISPUTED_LICENSE, 1).opened_at
    busy.can("LicenseEnforcement.decide", suite.owner, DISPUTED_LICENSE, 1, opened_at, 100)
    suite.market.open_strays(suite.asset, sender=suite.owner)
    suite.asset.mint(suite.market, USDC)
    busy.can("LicenseMarket.open_strays", suite.owner, suite.asset)
    busy.can("LicenseEnforcement.skim_market", suite.owner, suite.asset, people["payer"])
    busy.can("LicenseEnforcement.withdraw", people["stranger"], licensee, suite.asset)
    busy.can("LicenseRights.present", licensee, CLEAR_LICENSE)
    busy.can("LicenseEnforcement.accuse", suite.owner, CLEAR_LICENSE, EVIDENCE)
    busy.can("LicenseEnforcement.answer", licensee, OWING_LICENSE, EVIDENCE)
    busy.can("LicenseEnforcement.end_for_misuse", suite.owner, OWING_LICENSE, EVIDENCE)
    sound = _buy(busy, BONDED_TERMS)
    busy.can("LicenseMarket.renew", licensee, sound, MAX_UINT)
    busy.can("LicenseRights.sublicense", licensee, sound, heir)
    granted = suite.rights.sublicense(sound, licensee, sender=licensee)
    busy.can("LicenseRights.end_sublicense", licensee, granted)
    enforcement = suite.enforcement.address
    busy.can("LicenseMarket.set_due", enforcement, OWING_LICENSE, 1, 0, 0, 0, 0)
    busy.can("LicenseMarket.end", enforcement, OWING_LICENSE, now())


def _sale_actions(busy: BusySuite) -> None:
    """Terms to sell under, and a model whose exclusive license has ended."""
    suite, licensee = busy.suite, busy.people["licensee"]
    market = suite.market.address
    busy.can("LicenseCatalog.record_sale", market, 1, licensee, suite.catalog.terms_hash(1))
    enforcement = suite.enforcement.address
    busy.can("LicenseCatalog.note_end", enforcement, suite.market, LOST_LICENSE)
    ended = (EXCLUSIVE_MODEL, EXCLUSIVE_LICENSE)
    busy.can("LicenseCatalog.end_exclusivity", busy.people["stranger"], *ended)


def _sell_exclusively(busy: BusySuite) -> None:
    """A license that ends after a second, of a model that others wait for."""
    suite = busy.suite
    model_id = suite.registry.register(model_terms(), sender=suite.owner)
    free = {"upfront_fee": 0, "share_bps": 0, "minimum_per_period": 0, "term_seconds": 1}
    free |= {"period_seconds": 0, "grace_seconds": 0, "exclusive": True}
    terms = license_terms(suite, model_id=model_id, **free)
    terms_id = suite.catalog.offer_terms(terms, sender=suite.owner)
    license_id = _buy(busy, terms_id)
    assert (model_id, license_id) == (EXCLUSIVE_MODEL, EXCLUSIVE_LICENSE)
