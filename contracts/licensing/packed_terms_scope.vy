# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed scope of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which model the terms license and for how long, the least that a period costs, and the rate of interest.
@dev No state. `license_terms` bounds every field before it is packed.
     [0..111]   minimum_per_period  token units that a period costs at least
     [112..175] model_id            the model
     [176..215] term_seconds        length of a term; 0: without end
     [216..255] late_bps            simple interest per 365 days, in basis points of what is overdue
"""

struct Scope:
    minimum_per_period: uint256
    model_id: uint256
    term_seconds: uint256
    late_bps: uint256


MINIMUM_PER_PERIOD_MASK: constant(uint256) = 2**112 - 1
MODEL_ID_OFFSET: constant(uint256) = 112
MODEL_ID_MASK: constant(uint256) = 2**64 - 1
TERM_SECONDS_OFFSET: constant(uint256) = 176
TERM_SECONDS_MASK: constant(uint256) = 2**40 - 1
LATE_BPS_OFFSET: constant(uint256) = 216
LATE_BPS_MASK: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(scope: Scope) -> uint256:
    assert scope.minimum_per_period <= MINIMUM_PER_PERIOD_MASK, "minimum is too large"
    assert scope.model_id <= MODEL_ID_MASK, "model id is too large"
    assert scope.term_seconds <= TERM_SECONDS_MASK and scope.late_bps <= LATE_BPS_MASK, "term is too long"
    return (
        scope.minimum_per_period
        | (scope.model_id << MODEL_ID_OFFSET)
        | (scope.term_seconds << TERM_SECONDS_OFFSET)
        | (scope.late_bps << LATE_BPS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Scope:
    return Scope(
        minimum_per_period=packed & MINIMUM_PER_PERIOD_MASK,
        model_id=(packed >> MODEL_ID_OFFSET) & MODEL_ID_MASK,
        term_seconds=(packed >> TERM_SECONDS_OFFSET) & TERM_SECONDS_MASK,
        late_bps=packed >> LATE_BPS_OFFSET,
    )


@internal
@pure
def _minimum_per_period(packed: uint256) -> uint256:
    return packed & MINIMUM_PER_PERIOD_MASK


@internal
@pure
def _model_id(packed: uint256) -> uint256:
    return (packed >> MODEL_ID_OFFSET) & MODEL_ID_MASK
