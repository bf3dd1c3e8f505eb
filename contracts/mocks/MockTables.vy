# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock tables
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A registry as far as LineageRules asks one: tables and floors that a test sets.
@dev For tests only.
"""

_tables: HashMap[uint256, uint256[4]]
floor_bps: public(HashMap[uint256, uint256])
# Above zero once any floor was set, also one of zero.
floor_count: public(uint256)


@external
def set_table(model_id: uint256, words: uint256[4]):
    """
    @notice Gives a model a table.
    """
    self._tables[model_id] = words


@external
def set_floor(model_id: uint256, floor_bps: uint256):
    """
    @notice Gives a model a floor.
    """
    self.floor_bps[model_id] = floor_bps
    self.floor_count = 1


@external
@view
def ancestor_table(model_id: uint256) -> uint256[4]:
    return self._tables[model_id]
