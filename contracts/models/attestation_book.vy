# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Attestation book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who stands by a report, in person or by an EIP-712 signature.
@dev The signature covers chain, contract, report and all of its content. Each account attests a report once, so a
     signature that is shown again changes nothing. No power follows from an attestation: what an account's word is
     worth, and how many accounts are one person, each reader judges.
@custom:invariant `attestations` of a report is the number of accounts for which `has_attested` is true, and never falls.
"""

from contracts.common import signature_checks
from interfaces import IEnergyLedger
from snekmate.utils import eip712_domain_separator

initializes: eip712_domain_separator

exports: eip712_domain_separator.eip712Domain

ATTESTATION_TYPEHASH: public(constant(bytes32)) = keccak256(
    "Attestation(uint256 reportId,uint256 energyWh,uint256 emissionsGrams,bytes32 reportHash)"
)

# Report => how many accounts attested it.
attestations: public(HashMap[uint256, uint256])
# Report => account => whether it attested it.
has_attested: public(HashMap[uint256, HashMap[address, bool]])


@deploy
def __init__():
    eip712_domain_separator.__init__("Flywheel EnergyLedger", "1")


@internal
def _attest(report_id: uint256, attester: address, digest: bytes32, signature: Bytes[1_024]):
    """
    @dev The signature is not looked at when the attester itself calls.
    """
    assert not self.has_attested[report_id][attester], "report is attested already"
    if msg.sender != attester:
        assert signature_checks._is_valid(attester, digest, signature), "signature is not the attester's"
    self.has_attested[report_id][attester] = True
    self.attestations[report_id] += 1
    log IEnergyLedger.Attested(report_id=report_id, attester=attester, attestations=self.attestations[report_id])


@internal
@view
def _digest(report_id: uint256, energy_wh: uint256, emissions_grams: uint256, report_hash: bytes32) -> bytes32:
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(ATTESTATION_TYPEHASH, report_id, energy_wh, emissions_grams, report_hash))
    )
