# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of a campaign
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a drop needs of its campaign.
@dev No state.
     [0..159]   publisher          who proposes drops; never zero, so a head of zero is no campaign
     [160..191] drop_count         drops proposed so far, which is the number of the newest
     [192..231] active_at          unix second of the newest proposal, or of the creation
     [232..255] challenge_seconds  from a proposal to the earliest activation
"""

struct CampaignHead:
    publisher: address
    drop_count: uint256
    active_at: uint256
    challenge_seconds: uint256


PUBLISHER_MASK: constant(uint256) = 2**160 - 1
DROP_COUNT_OFFSET: constant(uint256) = 160
DROP_COUNT_MASK: constant(uint256) = 2**32 - 1
ACTIVE_AT_OFFSET: constant(uint256) = 192
ACTIVE_AT_MASK: constant(uint256) = 2**40 - 1
CHALLENGE_SECONDS_OFFSET: constant(uint256) = 232
CHALLENGE_SECONDS_MASK: constant(uint256) = 2**24 - 1


@internal
@pure
def _pack(head: CampaignHead) -> uint256:
    assert (
        head.drop_count <= DROP_COUNT_MASK
        and head.active_at <= ACTIVE_AT_MASK
        and head.challenge_seconds <= CHALLENGE_SECONDS_MASK
    ), "campaign is too large"
    return (
        convert(head.publisher, uint256)
        | (head.drop_count << DROP_COUNT_OFFSET)
        | (head.active_at << ACTIVE_AT_OFFSET)
        | (head.challenge_seconds << CHALLENGE_SECONDS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> CampaignHead:
    return CampaignHead(
        publisher=convert(packed & PUBLISHER_MASK, address),
        drop_count=(packed >> DROP_COUNT_OFFSET) & DROP_COUNT_MASK,
        active_at=(packed >> ACTIVE_AT_OFFSET) & ACTIVE_AT_MASK,
        challenge_seconds=packed >> CHALLENGE_SECONDS_OFFSET,
    )
