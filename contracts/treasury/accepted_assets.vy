# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Accepted assets
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The ERC-20 assets the DAO takes payment in.
@custom:invariant The list holds no duplicate and never shrinks: a debt in an asset, once accepted, stays payable.
"""

from ethereum.ercs import IERC20

# Bounds every loop over assets, also those of other contracts and of clients.
MAX_ASSETS: constant(uint256) = 8
# No known stablecoin has more. Rounds keep amounts in 112 bits: 5 * 10**9 whole tokens of this many decimals.
MAX_DECIMALS: constant(uint256) = 24

is_accepted: public(HashMap[address, bool])
_assets: DynArray[address, MAX_ASSETS]


@deploy
def __init__():
    pass


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def assets() -> DynArray[address, MAX_ASSETS]:
    return self._assets


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _accept(asset: address) -> bool:
    """
    @dev Adds `asset` if it answers `decimals()` and `balanceOf(address)`. Returns whether its transfers were probed.
         They are not if nothing of it is here, or if a transfer from here to here reverts: else anybody could keep
         such a token out by a gift. One that answers false to it is refused.
    """
    assert not self.is_accepted[asset], "asset is accepted already"
    assert len(self._assets) < MAX_ASSETS, "too many assets"
    assert asset.is_contract, "asset is not a contract"
    decimals: uint256 = self._read(asset, method_id("decimals()", output_type=Bytes[4]))
    assert decimals <= MAX_DECIMALS, "asset has too many decimals"
    held: uint256 = self._read(asset, concat(method_id("balanceOf(address)"), convert(self, bytes32)))
    self.is_accepted[asset] = True
    self._assets.append(asset)
    if held == 0:
        return False
    # Only half, so that a fee charged on top can be paid and is noticed.
    amount: uint256 = held - held // 2
    success: bool = raw_call(
        asset, abi_encode(self, amount, method_id=method_id("transfer(address,uint256)")), revert_on_failure=False
    )
    if not success:
        return False
    self._probe(asset, held, amount)
    return True


@internal
def _probe(asset: address, held: uint256, amount: uint256):
    """
    @dev Sends `amount` from here to here by `transfer` and by `transferFrom`, and refuses a token that takes a fee,
         reverts or answers false. It cannot see what a token does later, or to others.
    """
    success: bool = extcall IERC20(asset).transfer(self, amount, default_return_value=True)
    self._check_probe(asset, held, success)
    success = extcall IERC20(asset).approve(self, amount, default_return_value=True)
    self._check_probe(asset, held, success)
    success = extcall IERC20(asset).transferFrom(self, self, amount, default_return_value=True)
    self._check_probe(asset, held, success)


@internal
@view
def _check_probe(asset: address, held: uint256, success: bool):
    assert success and staticcall IERC20(asset).balanceOf(self) == held, "asset failed its probe"


@internal
@view
def _check(asset: address):
    assert self.is_accepted[asset], "asset is not accepted"


@internal
@view
def _read(asset: address, payload: Bytes[36]) -> uint256:
    """
    @dev The one word `asset` answers to `payload`; a raw call, so that a silent contract gets a reason too.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(asset, payload, max_outsize=32, is_static_call=True, revert_on_failure=False)
    assert success and len(answer) == 32, "asset is not an ERC-20"
    return convert(answer, uint256)
