# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock rounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The part of FundingRounds that the Governor reads: how many tokens had not vested at a time.
"""

unvested: uint256


@external
def set_unvested(amount: uint256):
    """
    @notice Token wei that are unvested at all times from now on.
    """
    self.unvested = amount


@external
@view
def unvested_at(timepoint: uint256) -> uint256:
    return self.unvested
