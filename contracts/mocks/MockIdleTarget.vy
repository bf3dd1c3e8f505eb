# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock idle target
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A Treasury and a ContributorRewards that answer every hand-over and take nothing.
"""

accepts: bool


@external
def receive_income(asset: address, amount: uint256):
    pass


@external
def fund(campaign_id: uint256, asset: address, amount: uint256):
    pass


@external
def receive_in_kind(asset: address, amount: uint256):
    pass


@external
@view
def is_accepted(asset: address) -> bool:
    return self.accepts


@external
def accept(accepts: bool):
    self.accepts = accepts
