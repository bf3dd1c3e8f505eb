"""Which view of the chain must show what the book says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flywheel.deploy.suite import Suite, at
from flywheel.statement.ballot_entries import SETTINGS, V
from flywheel.statement.book import Book, Key
from flywheel.statement.reward_entries import C

Read = Callable[..., int]


@dataclass(frozen=True)
class Difference:
    """A figure that events and views do not agree on."""

    key: Key
    booked: int
    read: int

    def __str__(self) -> str:
        contract, account, *ids = self.key
        of = f" of {', '.join(map(str, ids))}" if ids else ""
        return f"{contract}, {account}{of}: events say {self.booked}, the chain {self.read}"


def _accounted(contract: str) -> Read:
    return lambda suite, asset: suite[contract].accounted(asset)


# (contract, account) => view with the ids of the key.
READS: dict[tuple[str, str], Read] = {
    ("GovernanceToken", "supply"): lambda s: s.token.totalSupply(),
    ("GovernanceToken", "balance"): lambda s, account: s.token.balanceOf(account),
    ("GovernanceToken", "votes"): lambda s, account: s.token.getVotes(account),
    ("Governor", "proposals"): lambda s: s.governor.proposal_count(),
    ("Governor", "against"): lambda s, i: s.governor.proposalVotes(i)[0],
    ("Governor", "for"): lambda s, i: s.governor.proposalVotes(i)[1],
    ("Governor", "abstain"): lambda s, i: s.governor.proposalVotes(i)[2],
    ("Governor", "deadline"): lambda s, i: s.governor.proposalDeadline(i),
    ("Governor", "voting delay"): lambda s: s.governor.votingDelay(),
    ("Governor", "voting period"): lambda s: s.governor.votingPeriod(),
    ("Governor", "proposal threshold"): lambda s: s.governor.proposalThreshold(),
    ("Governor", "quorum numerator"): lambda s: s.governor.quorumNumerator(),
    ("Governor", "quorum minimum"): lambda s: s.governor.quorum_minimum(),
    ("Governor", "late quorum extension"): lambda s: s.governor.lateQuorumVoteExtension(),
    ("FundingRounds", "tokens reserved"): lambda s: s.rounds.tokens_reserved(),
    ("FundingRounds", "contribution"): lambda s, i, account: s.rounds.contribution(i, account),
    ("FundingRounds", "tokens out"): lambda s, i, who: s.rounds.position(i, who).tokens_out,
    ("FundingRounds", "raised"): lambda s, i: s.rounds.round(i).raised,
    ("FundingRounds", "contributors"): lambda s, i: s.rounds.round(i).contributors,
    ("FundingRounds", "proceeds"): lambda s, i: s.rounds.round(i).proceeds,
    ("FundingRounds", "surplus left"): lambda s, i: s.rounds.round(i).surplus_left,
    ("FundingRounds", "accounted"): _accounted("FundingRounds"),
    ("Redemptions", "minimum"): lambda s, i: s.redemptions.wind_down(i).min_pool,
    ("Redemptions", "starts"): lambda s, i: s.redemptions.wind_down(i).starts_at,
    ("Redemptions", "pool"): lambda s, i: s.redemptions.wind_down(i).pool,
    ("Redemptions", "paid"): lambda s, i: s.redemptions.wind_down(i).paid,
    ("Redemptions", "returned"): lambda s, i: s.redemptions.wind_down(i).returned,
    ("Redemptions", "tokens burned"): lambda s, i: s.redemptions.wind_down(i).tokens_burned,
    ("Redemptions", "burned"): lambda s, i, account: s.redemptions.burned(i, account),
    ("Redemptions", "accounted"): _accounted("Redemptions"),
    ("Treasury", "free"): lambda s, purpose, asset: s.treasury.free(purpose, asset),
    ("Treasury", "committed"): lambda s, purpose, asset: s.treasury.committed(purpose, asset),
    ("Treasury", "commitment"): lambda s, i: s.treasury.commitment(i).remaining,
    ("Treasury", "income"): lambda s, epoch, asset: s.treasury.income(epoch, asset),
    ("Treasury", "unclosed income"): lambda s, asset: s.treasury.unclosed_income(asset),
    ("Treasury", "waiting income"): lambda s, asset: s.treasury.waiting_income(asset),
    ("Treasury", "in kind"): lambda s, asset: s.treasury.in_kind(asset),
    ("Treasury", "wind-down controller"): (
        lambda s, purpose, asset: int(s.treasury.wind_down_controller(purpose, asset), 16)
    ),
    ("Treasury", "accounted"): _accounted("Treasury"),
    ("HolderIncome", "pot"): lambda s, epoch, asset: s.income.pot(epoch, asset),
    ("HolderIncome", "claimed"): lambda s, epoch, asset: s.income.claimed_total(epoch, asset),
    ("HolderIncome", "carried"): lambda s, asset: s.income.carried(asset),
    ("HolderIncome", "lapsed"): lambda s, asset: s.income.lapsed(asset),
    ("HolderIncome", "accounted"): _accounted("HolderIncome"),
    ("RoyaltyRouter", "pending"): lambda s, model, asset: s.router.pending(model, asset),
    ("RoyaltyRouter", "own pending"): lambda s, model, asset: s.router.own_pending(model, asset),
    ("RoyaltyRouter", "credit"): lambda s, account, asset: s.router.credit(account, asset),
    ("RoyaltyRouter", "treasury credit"): lambda s, asset: s.router.treasury_credit(asset),
    ("RoyaltyRouter", "campaign credit"): lambda s, i, asset: s.router.campaign_credit(i, asset),
    ("RoyaltyRouter", "accounted"): _accounted("RoyaltyRouter"),
    ("ContributorRewards", "free"): lambda s, i, asset: s.rewards.free(i, asset),
    ("ContributorRewards", "unopened"): lambda s, drop_id: s.rewards.drop(drop_id).unopened,
    ("ContributorRewards", "left"): lambda s, drop_id, page: s.rewards.page(drop_id, page)[0],
    ("LicenseMarket", "due"): lambda s, i: s.market.license(i).due,
    ("LicenseMarket", "paid"): lambda s, i: s.market.license(i).paid,
    ("LicenseEnforcement", "bond"): lambda s, i: s.enforcement.bond(i),
    ("LicenseEnforcement", "in dispute"): lambda s, i, n: s.enforcement.open_dispute(i, n).amount,
    ("LicenseEnforcement", "refund"): lambda s, who, asset: s.enforcement.refund(who, asset),
    ("LicenseEnforcement", "accounted"): _accounted("LicenseEnforcement"),
}


def differences(suite: Suite, book: Book) -> Iterator[Difference]:
    """Every figure of the book that the chain does not show now, in the order of their entries."""
    for key, booked in _figures(suite, book):
        if key[:2] == (C, "owed"):
            # No view tells it. It must be there.
            held = int(at("Asset", key[2]).balanceOf(suite[C].address))
            if held < booked:
                yield Difference((C, "balance", key[2]), booked, held)
            continue
        read = int(READS[key[0], key[1]](suite, *key[2:]))
        if read != booked:
            yield Difference(key, booked, read)
        elif key[1] == "accounted":
            # What a contract owes must be there: an asset may have been seized, or lost by itself.
            held = int(at("Asset", key[2]).balanceOf(suite[key[0]].address))
            if held < read:
                yield Difference((key[0], "balance", key[2]), booked, held)


def _figures(suite: Suite, book: Book) -> Iterator[tuple[Key, int]]:
    """The book's figures; the rounds' unclaimed tokens as what their contract accounts for. At the
    end what the chain has and the book does not know at all: an event that made it is missing."""
    tokens = 0
    for key, amount in book.figures.items():
        if key[:2] == ("FundingRounds", "unclaimed tokens"):
            tokens += amount
        else:
            yield key, amount
    yield ("FundingRounds", "accounted", _address(suite.token)), tokens
    for key in _listed(suite):
        if key not in book.figures:
            yield key, 0


def _listed(suite: Suite) -> Iterator[Key]:
    """What the contracts count and list themselves."""
    if V in suite.contracts:
        yield V, "proposals"
        for setting, _ in SETTINGS.values():
            yield V, setting
    for number in range(1, int(suite.rounds.round_count()) + 1):
        yield "FundingRounds", "raised", number
        for account in ("pool", "tokens burned", "paid", "returned"):
            yield "Redemptions", account, number
    for number in range(1, int(suite.treasury.commitment_count()) + 1):
        yield "Treasury", "commitment", number
    purposes = int(suite.treasury.purpose_count())
    for asset in map(str, suite.treasury.assets()):
        for purpose in range(1, purposes + 1):
            yield "Treasury", "free", purpose, asset
            yield "Treasury", "committed", purpose, asset
        yield "Treasury", "unclosed income", asset
        yield "Treasury", "waiting income", asset
        for contract in ("Treasury", "HolderIncome", "FundingRounds", "Redemptions"):
            if asset != _address(suite.token) or contract != "FundingRounds":
                yield contract, "accounted", asset


def _address(contract: Any) -> str:
    return str(contract.address)
