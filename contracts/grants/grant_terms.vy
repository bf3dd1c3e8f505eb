# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Grant terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms of every application, written once.
@dev The hash covers chain and contract, so a vote on one deployment approves nothing on another.
@custom:invariant The terms of a grant and their hash never change once they are stored.
"""

from contracts.common import shares
from interfaces import ITrainingGrants

# Five years: longer than any training programme, short enough that no promise is for ever.
MAX_DUE_SECONDS: public(constant(uint256)) = 5 * 365 * 86_400

# Grant id => what was applied for.
terms_of: HashMap[uint256, ITrainingGrants.GrantTerms]
# Grant id => hash of the above with chain, contract and id.
hash_of: HashMap[uint256, bytes32]


@deploy
def __init__():
    pass


@internal
def _store(grant_id: uint256, terms: ITrainingGrants.GrantTerms) -> bytes32:
    """
    @dev Checks all of `terms` that needs no other contract. The caller gives out each `grant_id` once.
    """
    assert self._is_single(convert(terms.kind, uint256)), "unknown grant kind"
    assert terms.terms_hash != empty(bytes32), "terms hash is empty"
    self._check_milestones(terms.milestones)
    if len(terms.split) > 0:
        shares._check_split(terms.split, 1)
    terms_hash: bytes32 = keccak256(abi_encode(chain.id, self, grant_id, terms))
    self.terms_of[grant_id] = terms
    self.hash_of[grant_id] = terms_hash
    return terms_hash


@internal
@view
def _count(grant_id: uint256) -> uint256:
    return len(self.terms_of[grant_id].milestones)


@internal
@view
def _sum(grant_id: uint256, after: uint256, upto: uint256) -> uint256:
    """
    @dev Amounts of the milestones after + 1 .. upto, in units of the grant's asset.
    """
    total: uint256 = 0
    for i: uint256 in range(after, upto, bound=16):
        total += self.terms_of[grant_id].milestones[i].amount
    return total


# --- pure helpers ---


@internal
@pure
def _check_milestones(milestones: DynArray[ITrainingGrants.MilestoneTerms, 16]):
    assert len(milestones) > 0, "no milestones"
    last_due: uint256 = 0
    for milestone: ITrainingGrants.MilestoneTerms in milestones:
        assert milestone.amount > 0, "amount is zero"
        assert milestone.due_seconds > last_due, "due dates do not increase"
        last_due = milestone.due_seconds
    assert last_due <= MAX_DUE_SECONDS, "due date is too far"


@internal
@pure
def _is_single(bits: uint256) -> bool:
    """
    @dev A flag's value may combine members or be empty; whether it is exactly one.
    """
    return bits != 0 and bits & (bits - 1) == 0
