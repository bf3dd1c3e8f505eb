# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed proposal
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who made a proposal, when it is voted on, and under which settings.
@dev No state. Times count from the Governor's deployment, so that 32 bits last for 136 years.
     [0..159]   proposer      the account that made it; zero only for a proposal that does not exist
     [160..191] snapshot      seconds from the deployment to the moment at which votes are read
     [192..215] duration      seconds from the snapshot to the end of voting, with extensions
     [216..243] number        of the proposal, counted from 1
     [244]      is_strict     whether its class is strict
     [245..254] version       of the settings that it was made under, counted from 1
     [255]      is_canceled   whether it was cancelled in the Governor
"""

struct Proposal:
    proposer: address
    snapshot: uint256
    duration: uint256
    number: uint256
    is_strict: bool
    version: uint256
    is_canceled: bool


PROPOSER_MASK: constant(uint256) = 2**160 - 1
SNAPSHOT_OFFSET: constant(uint256) = 160
SNAPSHOT_MASK: constant(uint256) = 2**32 - 1
DURATION_OFFSET: constant(uint256) = 192
DURATION_MASK: constant(uint256) = 2**24 - 1
NUMBER_OFFSET: constant(uint256) = 216
NUMBER_MASK: constant(uint256) = 2**28 - 1
IS_STRICT_OFFSET: constant(uint256) = 244
VERSION_OFFSET: constant(uint256) = 245
VERSION_MASK: constant(uint256) = 2**10 - 1
IS_CANCELED_OFFSET: constant(uint256) = 255
IS_CANCELED: constant(uint256) = 1 << IS_CANCELED_OFFSET


@internal
@pure
def _pack(proposal: Proposal) -> uint256:
    assert proposal.snapshot <= SNAPSHOT_MASK, "clock is out of range"
    assert (
        proposal.duration <= DURATION_MASK and proposal.number <= NUMBER_MASK and proposal.version <= VERSION_MASK
    ), "proposal is too large"
    packed: uint256 = self._pack_new(proposal)
    return packed | IS_CANCELED if proposal.is_canceled else packed


@internal
@pure
def _unpack(packed: uint256) -> Proposal:
    return Proposal(
        proposer=self._proposer(packed),
        snapshot=self._snapshot(packed),
        duration=(packed >> DURATION_OFFSET) & DURATION_MASK,
        number=self._number(packed),
        is_strict=self._is_strict(packed),
        version=self._version(packed),
        is_canceled=self._is_canceled(packed),
    )


@internal
@pure
def _proposer(packed: uint256) -> address:
    return convert(packed & PROPOSER_MASK, address)


@internal
@pure
def _snapshot(packed: uint256) -> uint256:
    return (packed >> SNAPSHOT_OFFSET) & SNAPSHOT_MASK


@internal
@pure
def _number(packed: uint256) -> uint256:
    return (packed >> NUMBER_OFFSET) & NUMBER_MASK


@internal
@pure
def _is_strict(packed: uint256) -> bool:
    return (packed >> IS_STRICT_OFFSET) & 1 != 0


@internal
@pure
def _version(packed: uint256) -> uint256:
    return (packed >> VERSION_OFFSET) & VERSION_MASK


@internal
@pure
def _is_canceled(packed: uint256) -> bool:
    return packed >> IS_CANCELED_OFFSET != 0


@internal
@pure
def _deadline(packed: uint256) -> uint256:
    """
    @dev Seconds from the deployment to the end of voting.
    """
    return unsafe_add(self._snapshot(packed), (packed >> DURATION_OFFSET) & DURATION_MASK)


@internal
@pure
def _pack_new(proposal: Proposal) -> uint256:
    """
    @dev A proposal just made, not cancelled. The callers have bounded each field: settings_book the number and the
         version, voting_settings the duration, the Governor the snapshot, by its check of the end of voting.
    """
    return (
        convert(proposal.proposer, uint256)
        | (proposal.snapshot << SNAPSHOT_OFFSET)
        | (proposal.duration << DURATION_OFFSET)
        | (proposal.number << NUMBER_OFFSET)
        | (convert(proposal.is_strict, uint256) << IS_STRICT_OFFSET)
        | (proposal.version << VERSION_OFFSET)
    )


@internal
@pure
def _add_duration(packed: uint256, seconds: uint256) -> uint256:
    """
    @dev Lets voting end `seconds` later. The longest period and three of the longest extensions are 150 days together,
         fewer than 2**24 seconds.
    """
    return unsafe_add(packed, seconds << DURATION_OFFSET)


@internal
@pure
def _cancel(packed: uint256) -> uint256:
    return packed | IS_CANCELED
