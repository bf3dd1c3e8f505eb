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
# A model registered by vote with a revenue split of eight receivers takes 1,572 bytes, a grant's approval or a round's
# terms under 1 kB.
MAX_CALLDATA_BYTES: constant(uint256) = 1_664
