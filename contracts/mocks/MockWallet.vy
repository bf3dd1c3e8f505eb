# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock wallet
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An ERC-1271 wallet for tests: accepts the one digest and signature that it was told to.
"""

MAGIC: constant(bytes4) = 0x1626ba7e
REFUSAL: constant(bytes4) = 0xffffffff

digest: public(bytes32)
signature_hash: public(bytes32)


@external
def accept(digest: bytes32, signature: Bytes[1_024]):
    """
    @notice Accepts `signature` of `digest` from now on and nothing else.
    """
    self.digest = digest
    self.signature_hash = keccak256(signature)


@external
def act(target: address, payload: Bytes[8_192]) -> Bytes[2_048]:
    """
    @notice Calls `target` with `payload` and bubbles a revert up.
    """
    return raw_call(target, payload, max_outsize=2_048)


@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[1_024]) -> bytes4:
    """
    @notice ERC-1271's answer.
    """
    if digest == self.digest and keccak256(signature) == self.signature_hash:
        return MAGIC
    return REFUSAL
