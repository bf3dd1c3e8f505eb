# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed footprint
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Energy and both figures of emissions, of one report or summed over several.
@dev No state. One report fills at most 51 bits of a field, so a sum has room for 10^10 reports.
     [0..84]    energy_wh        Wh
     [85..169]  emissions_grams  gCO2e, location-based
     [170..254] market_grams     gCO2e, market-based; of a report that states none, the location-based figure
"""

struct Footprint:
    energy_wh: uint256
    emissions_grams: uint256
    market_grams: uint256


EMISSIONS_GRAMS_OFFSET: constant(uint256) = 85
MARKET_GRAMS_OFFSET: constant(uint256) = 170
FIELD_MASK: constant(uint256) = 2**85 - 1


@internal
@pure
def _pack(footprint: Footprint) -> uint256:
    assert (
        max(footprint.energy_wh, max(footprint.emissions_grams, footprint.market_grams)) <= FIELD_MASK
    ), "footprint is too large"
    return (
        footprint.energy_wh
        | (footprint.emissions_grams << EMISSIONS_GRAMS_OFFSET)
        | (footprint.market_grams << MARKET_GRAMS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Footprint:
    return Footprint(
        energy_wh=packed & FIELD_MASK,
        emissions_grams=(packed >> EMISSIONS_GRAMS_OFFSET) & FIELD_MASK,
        market_grams=(packed >> MARKET_GRAMS_OFFSET) & FIELD_MASK,
    )
