# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed policy
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who gets which share of an epoch's income, through which contract, and from when on.
@dev No state.
     [0..15]   grants_bps      share of the next grants, in basis points
     [16..31]  holders_bps     share of the holders, in basis points; the reserve gets the rest
     [32..95]  from_epoch      first epoch in which it is in force
     [96..255] holder_income   contract that pays the holders; zero where the policy names none
"""

struct PolicyTerms:
    grants_bps: uint256
    holders_bps: uint256
    from_epoch: uint256
    holder_income: address


GRANTS_BPS_MASK: constant(uint256) = 2**16 - 1
HOLDERS_BPS_OFFSET: constant(uint256) = 16
HOLDERS_BPS_MASK: constant(uint256) = 2**16 - 1
FROM_EPOCH_OFFSET: constant(uint256) = 32
FROM_EPOCH_MASK: constant(uint256) = 2**64 - 1
HOLDER_INCOME_OFFSET: constant(uint256) = 96
# The bits of all other fields.
HOLDER_INCOME_BELOW: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(policy: PolicyTerms) -> uint256:
    assert (
        policy.grants_bps <= GRANTS_BPS_MASK
        and policy.holders_bps <= HOLDERS_BPS_MASK
        and policy.from_epoch <= FROM_EPOCH_MASK
    ), "policy is too large"
    return (
        policy.grants_bps
        | (policy.holders_bps << HOLDERS_BPS_OFFSET)
        | (policy.from_epoch << FROM_EPOCH_OFFSET)
        | (convert(policy.holder_income, uint256) << HOLDER_INCOME_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> PolicyTerms:
    return PolicyTerms(
        grants_bps=self._grants_bps(packed),
        holders_bps=self._holders_bps(packed),
        from_epoch=self._from_epoch(packed),
        holder_income=self._holder_income(packed),
    )


@internal
@pure
def _grants_bps(packed: uint256) -> uint256:
    return packed & GRANTS_BPS_MASK


@internal
@pure
def _holders_bps(packed: uint256) -> uint256:
    return (packed >> HOLDERS_BPS_OFFSET) & HOLDERS_BPS_MASK


@internal
@pure
def _from_epoch(packed: uint256) -> uint256:
    return (packed >> FROM_EPOCH_OFFSET) & FROM_EPOCH_MASK


@internal
@pure
def _holder_income(packed: uint256) -> address:
    return convert(convert(packed >> HOLDER_INCOME_OFFSET, uint160), address)


@internal
@pure
def _with_shares(packed: uint256, holders_bps: uint256, grants_bps: uint256) -> uint256:
    """
    @dev `packed` with other shares, which are bounded by 10_000 together.
    """
    rest: uint256 = packed & ~(GRANTS_BPS_MASK | (HOLDERS_BPS_MASK << HOLDERS_BPS_OFFSET))
    return rest | grants_bps | (holders_bps << HOLDERS_BPS_OFFSET)


@internal
@pure
def _with_from_epoch(packed: uint256, from_epoch: uint256) -> uint256:
    """
    @dev `from_epoch` is bounded by the calendar: an epoch lasts a day at least.
    """
    return (packed & ~(FROM_EPOCH_MASK << FROM_EPOCH_OFFSET)) | (from_epoch << FROM_EPOCH_OFFSET)


@internal
@pure
def _with_holder_income(packed: uint256, holder_income: address) -> uint256:
    return (packed & HOLDER_INCOME_BELOW) | (convert(holder_income, uint256) << HOLDER_INCOME_OFFSET)
