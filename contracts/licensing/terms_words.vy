# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Words of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the market reads of packed terms, and what a period owes by them.
@dev No state. The layout is that of `terms_layout` and the packed modules that it names, written out a second time here
     because LicenseMarket, which is compiled with this, has no room for calls to them. A report of terms without METERED
     reads the billing and the scope alone.
"""

# What every report and payment needs: words 0 and 1.
struct Core:
    asset: address
    share_bps: uint256
    period_seconds: uint256
    grace_seconds: uint256
    flags: uint256
    minimum_per_period: uint256
    model_id: uint256
    term_seconds: uint256
    late_bps: uint256

# 0: asset | share_bps << 160 | period_seconds << 176 | grace_seconds << 208 | flags << 240
# 1: minimum_per_period | model_id << 112 | term_seconds << 176 | late_bps << 216
# 2: price_per_unit | royalty_cap << 96
# 3: upfront_fee | bond << 128
# 4: derivation shares, 16 bits a kind | kinds allowed << 128 | cure_seconds << 136
TRANSFERABLE: constant(uint256) = 1
SUBLICENSABLE: constant(uint256) = 2
RENEWABLE: constant(uint256) = 4
# A price per unit or a cap: only then word 2 says something.
METERED: constant(uint256) = 8
# A most of licenses, a last second or one account: only then the catalogue's word of the offer says something.
LIMITED: constant(uint256) = 16
EXCLUSIVE: constant(uint256) = 32
APPROVAL: constant(uint256) = 64
SHARE_ALIKE: constant(uint256) = 128
ATTRIBUTION: constant(uint256) = 256
FLAGS_SHIFT: constant(uint256) = 240

BPS: constant(uint256) = 10_000
KINDS: constant(uint256) = 8
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_96: constant(uint256) = 2**96 - 1
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1
MASK_160: constant(uint256) = 2**160 - 1


@internal
@pure
def _core(billing: uint256, scope: uint256) -> Core:
    return Core(
        asset=convert(convert(billing & MASK_160, uint160), address),
        share_bps=(billing >> 160) & MASK_16,
        period_seconds=(billing >> 176) & MASK_32,
        grace_seconds=(billing >> 208) & MASK_32,
        flags=billing >> FLAGS_SHIFT,
        minimum_per_period=scope & MASK_112,
        model_id=self._model_id(scope),
        term_seconds=(scope >> 176) & MASK_40,
        late_bps=scope >> 216,
    )


@internal
@pure
def _model_id(scope: uint256) -> uint256:
    return (scope >> 112) & MASK_64


@internal
@pure
def _price(metering: uint256) -> uint256:
    return metering & MASK_96


@internal
@pure
def _cap(metering: uint256) -> uint256:
    """
    @dev 0: no cap.
    """
    return metering >> 96


@internal
@pure
def _fee(sale: uint256) -> uint256:
    return sale & MASK_128


@internal
@pure
def _bond(sale: uint256) -> uint256:
    return sale >> 128


@internal
@pure
def _due(core: Core, metering: uint256, revenue: uint256, units: uint256, before: uint256) -> uint256:
    """
    @dev What a period owes: the share, rounded up, and the price of its units, but at least the minimum; of that no
         more than the cap leaves after `before`, which the other periods owe. `metering` is zero without METERED.
    """
    due: uint256 = (revenue * core.share_bps + BPS - 1) // BPS + units * self._price(metering)
    return self._capped(max(core.minimum_per_period, due), metering, before)


@internal
@pure
def _capped(due: uint256, metering: uint256, before: uint256) -> uint256:
    capped: uint256 = due
    cap: uint256 = self._cap(metering)
    if cap > 0:
        capped = min(due, cap - min(cap, before))
    assert capped <= MASK_112, "due is too large"
    return capped
