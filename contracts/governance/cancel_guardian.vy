# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Cancel guardian
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The guardian of the Governor may cancel proposals, and nothing else. The deployment names the first one, for the
        time in which few have claimed their tokens; votes name later ones.
"""

from contracts.common import guardians
from contracts.governance import governor_links as links

uses: links

initializes: guardians

exports: (guardians.guardian, guardians.guardian_expires_at)


@deploy
def __init__(first_guardian: address, expires_at: uint256):
    guardians.__init__()
    guardians._set(first_guardian, expires_at)


@external
@reentrant
def set_guardian(new_guardian: address, expires_at: uint256):
    links._only_timelock()
    guardians._set(new_guardian, expires_at)
