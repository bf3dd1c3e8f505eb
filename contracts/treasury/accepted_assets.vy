# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Accepted assets
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The ERC-20 assets the DAO takes payment in.
@custom:invariant The list holds no duplicate and never shrinks: a debt in an asset, once accepted, stays payable.
"""

# Bounds every loop over assets, also those of other contracts and of clients.
MAX_ASSETS: constant(uint256) = 8
# Assets beyond are no money: no known stablecoin has more than 24 decimals.
MAX_DECIMALS: constant(uint256) = 36

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
def _accept(asset: address):
    """
    @dev Adds `asset` after asking it what every ERC-20 with a unit can answer.
    """
    assert not self.is_accepted[asset], "asset is accepted already"
    assert len(self._assets) < MAX_ASSETS, "too many assets"
    assert asset.is_contract, "asset is not a contract"
    decimals: uint256 = self._read(asset, method_id("decimals()", output_type=Bytes[4]))
    assert decimals <= MAX_DECIMALS, "asset has too many decimals"
    self._read(asset, concat(method_id("balanceOf(address)"), convert(self, bytes32)))
    self.is_accepted[asset] = True
    self._assets.append(asset)


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
