"""The settings of a deployed suite beside those that its parameters file asks for."""

from collections.abc import Iterator
from typing import Any

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.parameters import Parameters
from flywheel.deploy.roles import GUARDED, Role
from flywheel.deploy.suite import Suite


def compare(suite: Suite, parameters: Parameters) -> list[Role]:
    """One line per setting; a vote may have changed one since, which only people can judge."""
    return [
        Role(contract, setting, str(wanted), str(found))
        for contract, setting, wanted, found in _settings(suite, parameters)
    ]


def _settings(suite: Suite, wanted: Parameters) -> Iterator[tuple[str, str, Any, Any]]:
    token, governor, grants = suite.token, suite.governor, suite.grants
    yield "GovernanceToken", "epoch seconds", wanted.epoch_seconds, token.EPOCH_SECONDS()
    yield (
        "GovernanceToken",
        "cap of FundingRounds",
        wanted.round_cap,
        token.minter_cap(suite.rounds),
    )
    yield "Timelock", "delay", wanted.timelock_delay, suite.timelock.getMinDelay()
    yield "Governor", "voting delay", wanted.voting_delay, governor.votingDelay()
    yield "Governor", "voting period", wanted.voting_period, governor.votingPeriod()
    yield "Governor", "threshold", wanted.proposal_threshold, governor.proposalThreshold()
    quorum_bps = wanted.quorum_percent * amounts.BPS // 100
    yield "Governor", "quorum bps", quorum_bps, governor.quorumNumerator()
    yield "Governor", "quorum minimum", wanted.quorum_minimum, governor.quorum_minimum()
    extension = governor.lateQuorumVoteExtension()
    yield "Governor", "late quorum extension", wanted.late_quorum_extension, extension
    live = governor.max_live_proposals()
    yield "Governor", "live proposals", wanted.max_live_proposals, live
    quorum, majority = wanted.strict_quorum_bps, wanted.strict_majority_bps
    yield "Governor", "strict quorum bps", quorum, governor.STRICT_QUORUM_BPS()
    yield "Governor", "strict majority bps", majority, governor.STRICT_MAJORITY_BPS()
    yield "Governor", "strict delay", wanted.strict_delay, governor.STRICT_DELAY()
    yield "Governor", "guardian", wanted.guardian.account, governor.guardian()
    treasury, epoch = suite.treasury, token.epoch_at(connection.now())
    policy = treasury.policy_at(epoch)
    yield "Treasury", "holders bps", wanted.holders_bps, policy.holders_bps
    yield "Treasury", "grants bps", wanted.grants_bps, policy.grants_bps
    yield "Treasury", "spend cap bps", wanted.spend_cap_bps, treasury.spend_cap_bps()
    yield "Treasury", "grant cap bps", wanted.grant_cap_bps, treasury.grant_cap_bps()
    holders_floor = treasury.holders_floor_at(epoch, suite.asset.address)
    yield "Treasury", "holders floor", wanted.holders_floor, holders_floor
    yield "TrainingGrants", "review seconds", wanted.review_seconds, grants.review_seconds()
    yield "TrainingGrants", "objection bps", wanted.objection_bps, grants.objection_bps()
    for name in GUARDED:
        yield name, "guardian", wanted.guardian.account, suite[name].guardian()
