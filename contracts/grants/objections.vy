# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Objections
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who objects to a submission, with how many votes, and which proposal is named to decide about it.
@dev The votes that count are those of the second before the submission: who learns of it cannot get votes for it, by
     loan or purchase. They add up. At the threshold the review is held `milestones.ESCALATION_SECONDS` beyond its end,
     however early that was, so that nobody uses up an objection for the others. A live proposal that decides about
     this very submission holds it as long as a vote takes from the end of the review on. From DECISIVE_BPS on no time
     accepts it any more.
@custom:invariant An account objects to a submission at most once, and a submission is held by one proposal at most.
"""

from contracts.common import governed
from contracts.common import guardians
from contracts.common import vote_windows
from contracts.grants import milestones
from contracts.grants import packed_progress
from contracts.grants import packed_submission
from interfaces import IGovernanceToken
from interfaces import IGovernor
from interfaces import ITrainingGrants

uses: governed
uses: guardians
uses: vote_windows
uses: milestones

# Of the quorum supply. Half of the quorum that the parameter files set for an ordinary vote.
DECISIVE_BPS: constant(uint256) = 500
BPS: constant(uint256) = 10_000
# Calldata of `decide`: a selector and five words.
MAX_DECISION_BYTES: constant(uint256) = 164
# States of a Governor's proposal that may still decide.
PENDING: constant(uint8) = 0
ACTIVE: constant(uint8) = 1
SUCCEEDED: constant(uint8) = 4
QUEUED: constant(uint8) = 5

TOKEN: public(immutable(IGovernanceToken))

# Grant id => milestone => number of the submission => votes that objected, and who they were of.
votes: HashMap[uint256, HashMap[uint256, HashMap[uint256, uint256]]]
has_objected: HashMap[uint256, HashMap[uint256, HashMap[uint256, HashMap[address, bool]]]]


@deploy
def __init__(token: address):
    assert token != empty(address), "token is zero"
    TOKEN = IGovernanceToken(token)


@internal
def _object(grant_id: uint256, milestone: uint256, account: address, reason_hash: bytes32):
    """
    @dev The owner and the guardian reach the threshold alone, but decide nothing: their objection lapses like any.
    """
    progress: packed_progress.Progress = milestones._check_in_review(grant_id, milestone)
    submission: packed_submission.Submission = milestones._submission(grant_id, milestone)
    number: uint256 = submission.number
    assert not self.has_objected[grant_id][milestone][number][account], "account has objected"
    self.has_objected[grant_id][milestone][number][account] = True
    seen_at: uint256 = submission.submitted_at - 1
    votes: uint256 = staticcall TOKEN.getPastVotes(account, seen_at)
    is_officer: bool = account == governed.ownable.owner or guardians._is_guardian(account)
    assert votes > 0 or is_officer, "no votes to object with"
    supply: uint256 = staticcall TOKEN.past_quorum_supply(seen_at)
    total: uint256 = self.votes[grant_id][milestone][number] + votes
    self.votes[grant_id][milestone][number] = total
    # Compared as products, which is the threshold rounded up.
    if submission.objected_at == 0 and (is_officer or total * BPS >= supply * progress.objection_bps):
        submission.objected_at = block.timestamp
    if total * BPS >= supply * DECISIVE_BPS and total > 0:
        submission.needs_vote = True
    milestones._keep_submission(grant_id, milestone, submission)
    log ITrainingGrants.MilestoneObjected(
        grant_id=grant_id,
        milestone=milestone,
        account=account,
        submission=number,
        votes=votes,
        total_votes=total,
        reason_hash=reason_hash,
    )


@internal
def _escalate(
    grant_id: uint256, milestone: uint256, pay_bps: uint256, reason_hash: bytes32, description_hash: bytes32
):
    """
    @dev The proposal is the one whose only call is `decide` with these arguments on this submission. Its id follows
         from them, so nothing else can be named.
    """
    progress: packed_progress.Progress = milestones._check_in_review(grant_id, milestone)
    submission: packed_submission.Submission = milestones._submission(grant_id, milestone)
    assert submission.objected_at != 0, "milestone is not objected to"
    assert submission.held_until == 0, "a proposal was named"
    assert vote_windows.governor != empty(address), "no governor is named"
    payload: Bytes[MAX_DECISION_BYTES] = abi_encode(
        grant_id,
        milestone,
        submission.number,
        pay_bps,
        reason_hash,
        method_id=method_id("decide(uint256,uint256,uint256,uint256,bytes32)"),
    )
    targets: DynArray[address, 1] = [self]
    amounts: DynArray[uint256, 1] = [0]
    payloads: DynArray[Bytes[MAX_DECISION_BYTES], 1] = [payload]
    # As the Governor's `hashProposal` makes it.
    proposal_id: uint256 = convert(
        keccak256(abi_encode(targets, amounts, payloads, description_hash)), uint256
    )
    state: uint8 = staticcall IGovernor(vote_windows.governor).state(proposal_id)
    assert (
        state == PENDING or state == ACTIVE or state == SUCCEEDED or state == QUEUED
    ), "proposal is not live"
    since: uint256 = max(block.timestamp, submission.submitted_at + progress.review_seconds)
    submission.held_until = since + vote_windows._window_seconds(milestones.ESCALATION_SECONDS)
    milestones._keep_submission(grant_id, milestone, submission)
    log ITrainingGrants.ReviewEscalated(
        grant_id=grant_id,
        milestone=milestone,
        submission=submission.number,
        proposal_id=proposal_id,
        held_until=submission.held_until,
    )
