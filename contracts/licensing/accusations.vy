# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Accusations
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Accusations of misuse: one per license at a time, with a window to answer and a time after which it has lapsed.
@custom:invariant A license has at most one open accusation. One that was decided or has lapsed is not open.
"""

from interfaces import ILicenseEnforcement

# Time to answer an assessment or an accusation.
ANSWER_SECONDS: public(constant(uint256)) = 14 * 86_400

_accusations: HashMap[uint256, ILicenseEnforcement.Accusation]


@deploy
def __init__():
    pass


@external
@view
def accusation(license_id: uint256) -> ILicenseEnforcement.Accusation:
    if not self._is_open(license_id):
        return empty(ILicenseEnforcement.Accusation)
    return self._accusations[license_id]


@internal
def _open(license_id: uint256, evidence_hash: bytes32, vote_seconds: uint256):
    """
    @dev Opens an accusation that can be decided within `vote_seconds` after the answer window.
    """
    assert not self._is_open(license_id), "accusation is open"
    assert evidence_hash != empty(bytes32), "evidence is empty"
    answer_until: uint256 = block.timestamp + ANSWER_SECONDS
    decide_until: uint256 = answer_until + vote_seconds
    self._accusations[license_id] = ILicenseEnforcement.Accusation(
        evidence_hash=evidence_hash, answer_until=answer_until, decide_until=decide_until
    )
    log ILicenseEnforcement.Accused(
        license_id=license_id, answer_until=answer_until, decide_until=decide_until, evidence_hash=evidence_hash,
    )


@internal
def _answer(license_id: uint256, answer_hash: bytes32):
    """
    @dev Logs an answer. It is taken for as long as the accusation is open: the answer window only bounds when the
         arbiter may decide.
    """
    self._check_open(license_id)
    log ILicenseEnforcement.Answered(license_id=license_id, account=msg.sender, answer_hash=answer_hash)


@internal
def _decide(license_id: uint256, evidence_hash: bytes32):
    """
    @dev Closes the accusation on that evidence as founded, after its answer window.
    """
    self._check_open(license_id)
    accusation: ILicenseEnforcement.Accusation = self._accusations[license_id]
    assert accusation.evidence_hash == evidence_hash, "accusation is another"
    assert block.timestamp >= accusation.answer_until, "answer window is open"
    self._accusations[license_id] = empty(ILicenseEnforcement.Accusation)
    log ILicenseEnforcement.EndedForMisuse(license_id=license_id, evidence_hash=evidence_hash)


@internal
@view
def _is_open(license_id: uint256) -> bool:
    return block.timestamp < self._accusations[license_id].decide_until


@internal
@view
def _check_open(license_id: uint256):
    assert self._is_open(license_id), "no accusation is open"
