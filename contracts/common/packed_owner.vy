# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed owner
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who owns a token, and what the contract keeps beside it.
@dev No state.
     [0..159]   account   the owner; zero for a token that does not exist
     [160..255] tag       whatever the contract that uses tagged_tokens keeps with the owner
"""

struct Owner:
    account: address
    tag: uint256


ACCOUNT_MASK: constant(uint256) = 2**160 - 1
TAG_OFFSET: constant(uint256) = 160
TAG_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(owner: Owner) -> uint256:
    assert owner.tag <= TAG_MASK, "tag is too large"
    return convert(owner.account, uint256) | (owner.tag << TAG_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Owner:
    return Owner(account=self._account(packed), tag=self._tag(packed))


@internal
@pure
def _account(packed: uint256) -> address:
    return convert(convert(packed & ACCOUNT_MASK, uint160), address)


@internal
@pure
def _tag(packed: uint256) -> uint256:
    return packed >> TAG_OFFSET


@internal
@pure
def _with_account(packed: uint256, account: address) -> uint256:
    return (packed & ~ACCOUNT_MASK) | convert(account, uint256)
