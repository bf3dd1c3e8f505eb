# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock derivations
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The part of LicenseRights that the model registry asks: who may derive what from a model, for which share.
"""

licensed_model: public(HashMap[uint256, uint256])
licensee: public(HashMap[uint256, address])
share_bps: public(HashMap[uint256, uint256])
kinds: public(HashMap[uint256, uint256])
count: public(uint256)


@external
def grant(model_id: uint256, licensee: address, share_bps: uint256, kinds: uint256) -> uint256:
    """
    @notice A new license of `model_id` for `licensee` that allows `kinds`, members of ModelKind added up.
    """
    self.count += 1
    self.licensed_model[self.count] = model_id
    self.licensee[self.count] = licensee
    self.share_bps[self.count] = share_bps
    self.kinds[self.count] = kinds
    return self.count


@external
@view
def derivation_share(
    license_id: uint256, account: address, kind: uint256, commitment: bytes32
) -> (uint256, uint256):
    is_allowed: bool = account == self.licensee[license_id] and kind & self.kinds[license_id] != 0
    assert is_allowed, "license does not allow it"
    return self.licensed_model[license_id], self.share_bps[license_id]
