# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Limits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How large a batch of actions may be. The Governor and the Timelock share these, so that whatever can be
        proposed can be queued and executed.
@dev Every call pays memory for the full bound, however short its batch is (figures in docs/decisions/timelock.md).
"""

# As many as Compound's Governor Bravo has; a longer plan is split over two proposals.
MAX_ACTIONS: constant(uint256) = 10
# A grant's approval or a round's terms take under 1 kB. A license's terms take up to 1,668 bytes and are refused if
# field_of_use is above 32 bytes and both addresses above 96. A model takes up to 2,532: without parents and datasets
# a split of seven receivers fits whatever the texts, one of eight if name and card_uri have at most 32 bytes each.
MAX_CALLDATA_BYTES: constant(uint256) = 1_664
