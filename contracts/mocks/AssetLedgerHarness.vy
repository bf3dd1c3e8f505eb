# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Asset ledger harness
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Opens every internal function of the asset ledger to anybody; `hand_over` and `accept` are the two
        ends of a hand-over.
"""

from contracts.common import asset_ledger

initializes: asset_ledger

exports: asset_ledger.accounted


interface Receiver:
    def accept(asset: address, amount: uint256): nonpayable


@external
def pull(asset: address, payer: address, amount: uint256):
    asset_ledger._pull(asset, payer, amount)


@external
def push(asset: address, receiver: address, amount: uint256):
    asset_ledger._push(asset, receiver, amount)


@external
def try_push(asset: address, receiver: address, amount: uint256) -> bool:
    return asset_ledger._try_push(asset, receiver, amount)


@external
def hand_over(asset: address, target: address, amount: uint256, accepted_amount: uint256):
    """
    @notice Hands `amount` over to `target`, which takes `accepted_amount` of it.
    """
    asset_ledger._begin_hand_over(asset, target, amount)
    extcall Receiver(target).accept(asset, accepted_amount)
    asset_ledger._end_hand_over(asset, amount)


@external
def accept(asset: address, amount: uint256):
    """
    @notice The receiving end of `hand_over`: pulls from the caller.
    """
    asset_ledger._pull(asset, msg.sender, amount)


@external
def forward(asset: address, payer: address, target: address, amount: uint256):
    asset_ledger._forward(asset, payer, target, amount)


@external
def book_arrived(asset: address, amount: uint256):
    asset_ledger._record_arrived(asset, amount)


@external
def unbook_burned(asset: address, amount: uint256):
    asset_ledger._release_burned(asset, amount)


@external
def disown(asset: address, amount: uint256):
    asset_ledger._disown(asset, amount)


@external
def skim(asset: address, receiver: address, treasury: address = empty(address)) -> uint256:
    return asset_ledger._skim(asset, receiver, treasury)


@external
@view
def surplus(asset: address) -> uint256:
    return asset_ledger._surplus(asset)
