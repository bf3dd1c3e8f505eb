# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title In-kind assets
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Tokens that the DAO was given and has not accepted as money, such as those of a licensee's project. They are in
        no bucket, count as no income, and are spent by vote only.
@dev Anybody may give any token, so there is no list; events tell which ones were given.
@custom:invariant in_kind(asset) = what was given - what was spent, in units that the token reported.
"""

# Asset => units held in kind. They stay so when the asset is accepted later.
in_kind: public(HashMap[address, uint256])


@deploy
def __init__():
    pass


@internal
def _credit(asset: address, amount: uint256):
    self.in_kind[asset] += amount


@internal
def _debit(asset: address, amount: uint256):
    owned: uint256 = self.in_kind[asset]
    assert owned >= amount, "held in kind is too low"
    self.in_kind[asset] = unsafe_sub(owned, amount)
