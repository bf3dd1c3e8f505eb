# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Classes
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The two classes of proposals: ordinary, for what a DAO decides weekly, and strict, for all that could ruin it.
@dev Ordinary calls are a short table of functions, each bounded by rules of its own contract. All else is strict:
     functions that are not listed, unknown contracts, calls that send value, calls that make other calls (`relay`, the
     Timelock), calls without a selector. Opening a round is strict because a round at a low price with an allow-list is
     a mint. Offering a license is strict because no cap bounds what its terms give away: a free license that may be
     passed on and built upon gives away the model itself.

     The table is part of the code and its contracts are fixed at the deployment: a new version of one of them is strict
     until a new Governor lists it.
@custom:invariant The class of a proposal follows from its calls alone and never changes.
"""

from contracts.governance import packed_tally
from contracts.governance import settings_book

ORDINARY: constant(uint8) = 0
STRICT: constant(uint8) = 1

# Ordinary functions of TrainingGrants; `approve_beyond_cap` is strict.
APPROVE: constant(bytes4) = method_id("approve(uint256,bytes32)", output_type=bytes4)
DECIDE: constant(bytes4) = method_id("decide(uint256,uint256,uint256,uint256,bytes32)", output_type=bytes4)
# Ordinary function of LicenseCatalog; `offer_terms` is strict.
RETIRE_TERMS: constant(bytes4) = method_id("retire_terms(uint256)", output_type=bytes4)
# Ordinary function of the Treasury; `spend_beyond_cap` is strict.
SPEND: constant(bytes4) = method_id("spend(uint256,address,address,uint256)", output_type=bytes4)

# Below 15 % a strict quorum would protect nobody; above 40 % it might never be reached, and no vote can lower it.
MIN_STRICT_QUORUM_BPS: constant(uint256) = 1_500
MAX_STRICT_QUORUM_BPS: constant(uint256) = 4_000
# From three fifths to four fifths of the votes for and against.
MIN_STRICT_MAJORITY_BPS: constant(uint256) = 6_000
MAX_STRICT_MAJORITY_BPS: constant(uint256) = 8_000
# As operations.MAX_DELAY: with a longer one the Timelock would refuse every strict proposal.
MAX_STRICT_DELAY: constant(uint256) = 30 * 86_400

GRANTS: immutable(address)
LICENSE_CATALOG: immutable(address)
TREASURY: immutable(address)
STRICT_QUORUM_BPS: reentrant(public(immutable(uint256)))
STRICT_MAJORITY_BPS: reentrant(public(immutable(uint256)))
STRICT_DELAY: reentrant(public(immutable(uint256)))


@deploy
def __init__(
    grants: address,
    license_catalog: address,
    treasury: address,
    quorum_bps: uint256,
    majority_bps: uint256,
    delay: uint256,
):
    assert quorum_bps >= MIN_STRICT_QUORUM_BPS, "strict quorum is too low"
    assert quorum_bps <= MAX_STRICT_QUORUM_BPS, "strict quorum is too high"
    assert majority_bps >= MIN_STRICT_MAJORITY_BPS, "strict majority is too low"
    assert majority_bps <= MAX_STRICT_MAJORITY_BPS, "strict majority is too high"
    assert delay <= MAX_STRICT_DELAY, "strict delay is too long"
    GRANTS = grants
    LICENSE_CATALOG = license_catalog
    TREASURY = treasury
    STRICT_QUORUM_BPS = quorum_bps
    STRICT_MAJORITY_BPS = majority_bps
    STRICT_DELAY = delay


@external
@view
@reentrant
def is_ordinary(target: address, selector: bytes4) -> bool:
    return self._is_ordinary(target, convert(selector, uint256))


# --- internals ---

@internal
@view
def _is_ordinary(target: address, selector: uint256) -> bool:
    """
    @dev Whether a call of that function, without value, is in the table. Selectors are compared as uint256, which takes
         4 bytes of code for each constant and not 32.
    """
    if target == GRANTS:
        return selector == convert(APPROVE, uint256) or selector == convert(DECIDE, uint256)
    if target == LICENSE_CATALOG:
        return selector == convert(RETIRE_TERMS, uint256)
    return target == TREASURY and selector == convert(SPEND, uint256)


@internal
@view
def _quorum(is_strict: bool, voting_terms: uint256, counted: uint256) -> uint256:
    """
    @dev The quorum of a proposal of that class, token wei, rounded up, if `counted` tokens could vote. A strict one
         never needs less than an ordinary one. Grows with `counted`.
    """
    ordinary: uint256 = settings_book._ordinary_quorum(voting_terms, counted)
    if not is_strict:
        return ordinary
    return max(ordinary, settings_book._share(counted, STRICT_QUORUM_BPS))


@internal
@view
def _has_majority(is_strict: bool, tally: uint256) -> bool:
    """
    @dev Whether a packed tally has the majority of its class: more votes for than against and, if strict, at least
         STRICT_MAJORITY_BPS of both together. Votes are below 2**96, so the products do not overflow.
    """
    in_favour: uint256 = packed_tally._in_favour(tally)
    against: uint256 = packed_tally._against(tally)
    if in_favour <= against:
        return False
    return not is_strict or in_favour * settings_book.BPS >= STRICT_MAJORITY_BPS * (in_favour + against)


@internal
@view
def _delay(is_strict: bool, shortest: uint256) -> uint256:
    """
    @dev Seconds from queueing to execution, where the Timelock's own is `shortest`.
    """
    if not is_strict:
        return shortest
    return max(shortest, STRICT_DELAY)
