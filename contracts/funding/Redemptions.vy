# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Redemptions
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Pays back what is left of a purpose that a vote abandons, to those who paid it in.
@dev The round does not change, except that `begin` ends its vesting: so all its tokens can be claimed and burned. They
     are burned from the wallet of the holder of the position. Roundings may leave a unit per position in the pool.
@custom:invariant balanceOf(self) >= accounted(asset) = sum of pool - paid - returned over the rounds in that asset.
@custom:halt Nothing halts `redeem` and `collect`. A vote may withdraw an announcement before the beginning. If it takes
     the Treasury's permit back, `top_up` and `close` have to wait for another one.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import signature_checks
from contracts.common import vote_windows
from contracts.funding import wind_downs
from interfaces import IFundingRounds
from interfaces import IGovernanceToken
from interfaces import IRedemptions
from interfaces import ITreasury
from snekmate.utils import eip712_domain_separator

implements: IRedemptions

initializes: asset_ledger
initializes: governed
initializes: eip712_domain_separator
initializes: vote_windows[governed := governed]
initializes: wind_downs

exports: (
    governed.__interface__,
    asset_ledger.accounted,
    eip712_domain_separator.eip712Domain,
    vote_windows.governor,
    vote_windows.set_governor,
    wind_downs.__interface__,
)

PAY_TO_TYPEHASH: public(constant(bytes32)) = keccak256(
    "PayTo(uint256 roundId,address account,address receiver,uint256 deadline)"
)

ROUNDS: public(immutable(address))
TREASURY: public(immutable(address))
TOKEN: public(immutable(address))


@deploy
def __init__(rounds: address):
    """
    @param rounds The FundingRounds whose rounds are wound down here. Token and Treasury are read from it.
    """
    governed.__init__()
    eip712_domain_separator.__init__("Flywheel redemptions", "1")
    vote_windows.__init__()
    wind_downs.__init__()
    ROUNDS = rounds
    TREASURY = staticcall IFundingRounds(rounds).TREASURY()
    TOKEN = staticcall IFundingRounds(rounds).TOKEN()


# --- open to anybody ---


@external
def begin(round_id: uint256) -> uint256:
    outcome: IFundingRounds.Outcome = self._outcome(round_id)
    amount: uint256 = self._available(outcome, 0)
    closes_at: uint256 = wind_downs._begin(round_id, amount)
    log IRedemptions.PoolFilled(round_id=round_id, amount=amount, pool=amount, closes_at=closes_at)
    extcall IFundingRounds(ROUNDS).end_vesting(round_id)
    self._fetch(outcome, amount)
    return amount


@external
def top_up(round_id: uint256) -> uint256:
    outcome: IFundingRounds.Outcome = self._outcome(round_id)
    amount: uint256 = self._available(outcome, wind_downs.wind_down[round_id].pool)
    pool: uint256 = 0
    closes_at: uint256 = 0
    pool, closes_at = wind_downs._add_to_pool(round_id, amount)
    log IRedemptions.PoolFilled(round_id=round_id, amount=amount, pool=pool, closes_at=closes_at)
    self._fetch(outcome, amount)
    return amount


@external
def collect(round_id: uint256, account: address) -> uint256:
    position: IFundingRounds.Position = staticcall IFundingRounds(ROUNDS).position(round_id, account)
    return self._collect(round_id, account, position.holder)


@external
def close(round_id: uint256) -> uint256:
    outcome: IFundingRounds.Outcome = self._outcome(round_id)
    rest: uint256 = wind_downs._close(round_id, outcome.tokens_minted)
    log IRedemptions.WindDownClosed(round_id=round_id, returned=rest)
    asset_ledger._begin_hand_over(outcome.asset, TREASURY, rest)
    extcall ITreasury(TREASURY).deposit(outcome.purpose, outcome.asset, rest)
    asset_ledger._end_hand_over(outcome.asset, rest)
    return rest


# --- of a position's holder ---


@external
def redeem(round_id: uint256, account: address, tokens: uint256, min_out: uint256, receiver: address) -> uint256:
    # Also checked by `_record_burn`; first here, so that a round without a wind-down says so, whoever calls.
    wind_downs._check_open(round_id)
    position: IFundingRounds.Position = self._position_of_caller(round_id, account)
    wind_downs._record_burn(round_id, account, tokens, position.tokens)
    log IRedemptions.Redeemed(round_id=round_id, account=account, tokens=tokens)
    if position.tokens_out < position.tokens:
        extcall IFundingRounds(ROUNDS).claim(round_id, account)
    extcall IGovernanceToken(TOKEN).burnFrom(msg.sender, tokens)
    outcome: IFundingRounds.Outcome = self._outcome(round_id)
    amount: uint256 = wind_downs._due(round_id, account, outcome.tokens_minted)
    assert amount > 0 and amount >= min_out, "payment is below the minimum"
    self._pay(round_id, account, receiver, outcome.asset, amount)
    return amount


@external
def collect_to(round_id: uint256, account: address, receiver: address) -> uint256:
    self._position_of_caller(round_id, account)
    return self._collect(round_id, account, receiver)


@external
def refund_by_signature(
    round_id: uint256,
    account: address,
    receiver: address,
    deadline: uint256,
    signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES],
) -> uint256:
    assert block.timestamp <= deadline, "signature has expired"
    position: IFundingRounds.Position = staticcall IFundingRounds(ROUNDS).position(round_id, account)
    struct_hash: bytes32 = keccak256(abi_encode(PAY_TO_TYPEHASH, round_id, account, receiver, deadline))
    digest: bytes32 = eip712_domain_separator._hash_typed_data_v4(struct_hash)
    assert signature_checks._is_valid(position.holder, digest, signature), "signature is not the holder's"
    return extcall IFundingRounds(ROUNDS).refund_to(round_id, account, receiver)


# --- governed ---


@external
def announce(round_id: uint256, min_pool: uint256):
    governed._only_owner()
    outcome: IFundingRounds.Outcome = self._outcome(round_id)
    starts_at: uint256 = 0
    expires_at: uint256 = 0
    notice: uint256 = vote_windows._window_seconds(wind_downs.NOTICE_SECONDS)
    starts_at, expires_at = wind_downs._announce(round_id, min_pool, outcome.proceeds, notice)
    log IRedemptions.WindDownAnnounced(
        round_id=round_id, min_pool=min_pool, starts_at=starts_at, expires_at=expires_at
    )


@external
def withdraw(round_id: uint256):
    governed._only_owner()
    wind_downs._withdraw(round_id)
    log IRedemptions.WindDownWithdrawn(round_id=round_id)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, TREASURY)
    log IRedemptions.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def redemption_value(round_id: uint256, tokens: uint256) -> uint256:
    if wind_downs.wind_down[round_id].pool == 0:
        return 0
    return wind_downs._worth(round_id, tokens, self._outcome(round_id).tokens_minted)


@external
@view
def collectable(round_id: uint256, account: address) -> uint256:
    return self._collectable(round_id, account)


# --- internals ---


@internal
def _collect(round_id: uint256, account: address, receiver: address) -> uint256:
    amount: uint256 = self._collectable(round_id, account)
    assert amount > 0, "nothing to collect"
    self._pay(round_id, account, receiver, self._outcome(round_id).asset, amount)
    return amount


@internal
def _pay(round_id: uint256, account: address, receiver: address, asset: address, amount: uint256):
    asset_ledger._check_receiver(receiver)
    wind_downs._record_payment(round_id, account, amount)
    log IRedemptions.RedemptionPaid(round_id=round_id, account=account, receiver=receiver, amount=amount)
    asset_ledger._push(asset, receiver, amount)


@internal
def _fetch(outcome: IFundingRounds.Outcome, amount: uint256):
    extcall ITreasury(TREASURY).release_for_wind_down(outcome.purpose, outcome.asset, amount)
    asset_ledger._record_arrived(outcome.asset, amount)


@internal
@view
def _collectable(round_id: uint256, account: address) -> uint256:
    if wind_downs.burned[round_id][account] == 0:
        return 0
    return wind_downs._due(round_id, account, self._outcome(round_id).tokens_minted)


@internal
@view
def _available(outcome: IFundingRounds.Outcome, pool: uint256) -> uint256:
    """
    @dev Units that may be added to the pool: the free money, up to what the round brought less the pool.
    """
    return min(staticcall ITreasury(TREASURY).free(outcome.purpose, outcome.asset), outcome.proceeds - pool)


@internal
@view
def _position_of_caller(round_id: uint256, account: address) -> IFundingRounds.Position:
    position: IFundingRounds.Position = staticcall IFundingRounds(ROUNDS).position(round_id, account)
    assert msg.sender == position.holder, "position is held by another"
    return position


@internal
@view
def _outcome(round_id: uint256) -> IFundingRounds.Outcome:
    return staticcall IFundingRounds(ROUNDS).outcome(round_id)
