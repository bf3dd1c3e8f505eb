# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Attestation messages
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What an evaluator signs (EIP-712): the whole of a claim, so that a wallet shows it, its id, the evaluator's
        admission, and until when the signature may be used.
@dev The domain names chain and contract. Of the claim the contract keeps the struct hash alone.
"""

from interfaces import IEvaluations
from snekmate.utils import eip712_domain_separator

initializes: eip712_domain_separator

exports: eip712_domain_separator.eip712Domain

CLAIM_TYPEHASH: public(constant(bytes32)) = keccak256(
    "Claim(bytes32 weightsDigest,uint256 benchmarkId,int256 score,string harness,"
    "bytes32 evidenceHash,string evidenceUri,address claimant)"
)
# By EIP-712 the type of the inner struct follows that of the outer one.
ATTESTATION_TYPEHASH: public(constant(bytes32)) = keccak256(
    "Attestation(uint256 claimId,uint256 admission,uint256 deadline,Claim claim)"
    "Claim(bytes32 weightsDigest,uint256 benchmarkId,int256 score,string harness,"
    "bytes32 evidenceHash,string evidenceUri,address claimant)"
)


@deploy
def __init__():
    eip712_domain_separator.__init__("Flywheel Evaluations", "1")


@internal
@pure
def _claim_hash(data: IEvaluations.Claim, claimant: address) -> bytes32:
    return keccak256(
        abi_encode(
            CLAIM_TYPEHASH,
            data.weights_digest,
            data.benchmark_id,
            data.score,
            keccak256(data.harness),
            data.evidence_hash,
            keccak256(data.evidence_uri),
            claimant,
        )
    )


@internal
@view
def _digest(claim_id: uint256, admission: uint256, deadline: uint256, claim_hash: bytes32) -> bytes32:
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(ATTESTATION_TYPEHASH, claim_id, admission, deadline, claim_hash))
    )
