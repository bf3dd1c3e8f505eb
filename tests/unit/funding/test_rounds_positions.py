"""FundingRounds and Redemptions: who holds a position, and where it wants its money."""

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.kits.funding import TERMS, USDC, RoundsSuite, sole_event
from tests.odd_assets import Entry, calldata_of, deploy_odd_asset, program_reentry
from tests.support import DAY, ZERO_ADDRESS, account, events, now, pass_time

CAP, PAID = TERMS["hard_cap"], 100 * USDC
SIGNER = Account.from_key(b"\x07" * 32)
OTHER = Account.from_key(b"\x08" * 32)
MAX_S = 57896044618658097711785492504343953926418782139537452191302581570759080747168
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def failed(suite, contributor) -> int:
    round_id = suite.open_now()
    suite.pay(round_id, contributor, PAID)
    suite.warp_to_end(round_id)
    return round_id


# --- moving ---


def test_move_position__failed_round__new_holder_is_refunded(suite, failed, contributor, stranger):
    suite.rounds.move_position(failed, contributor, stranger, sender=contributor)
    moved = (failed, contributor, contributor, stranger)
    assert sole_event(suite.rounds, "PositionMoved") == moved
    assert suite.rounds.position(failed, contributor).holder == stranger
    assert suite.rounds.refund(failed, contributor) == PAID
    assert suite.asset.balanceOf(stranger) == PAID
    with boa.reverts("position is empty"):
        suite.rounds.move_position(failed, contributor, stranger, sender=contributor)


def test_move_position__finalized_round__tokens_votes_and_surplus_follow(
    suite, contributor, holder, stranger
):
    round_id = suite.open_now(is_pro_rata=True, vesting_seconds=100 * DAY)
    for who in (contributor, holder):
        suite.pay(round_id, who, CAP)
    suite.end_successful(round_id)
    pass_time(50 * DAY)
    suite.rounds.claim(round_id, holder)
    suite.rounds.move_position(round_id, contributor, stranger, sender=contributor)
    assert suite.rounds.claim(round_id, contributor) == suite.token.balanceOf(stranger)
    assert suite.asset.balanceOf(stranger) == CAP // 2
    assert suite.token.getVotes(stranger) == suite.token.balanceOf(stranger) > 0
    suite.rounds.move_position(round_id, contributor, holder, sender=stranger)
    pass_time(50 * DAY)
    suite.rounds.claim_batch(round_id, [contributor, holder])
    assert suite.token.balanceOf(contributor) == 0
    assert suite.rounds.accounted(suite.token) == suite.token.balanceOf(suite.rounds) == 0


def test_move_position__wrong_caller_state_or_target__reverts(
    suite, failed, contributor, holder, stranger
):
    for caller in (stranger, suite.owner):
        with boa.reverts("caller holds no such position"):
            suite.rounds.move_position(failed, contributor, stranger, sender=caller)
    with boa.reverts("holder is zero"):
        suite.rounds.move_position(failed, contributor, ZERO_ADDRESS, sender=contributor)
    with boa.reverts("position is empty"):
        suite.rounds.move_position(failed, stranger, holder, sender=stranger)
    suite.rounds.move_position(failed, contributor, holder, sender=contributor)
    # The former owner is a stranger.
    for call in (suite.rounds.move_position, suite.rounds.refund_to):
        with boa.reverts("caller holds no such position"):
            call(failed, contributor, contributor, sender=contributor)
    running = suite.open_now()
    suite.pay(running, contributor, PAID)
    with boa.reverts("round is not over"):
        suite.rounds.move_position(running, contributor, stranger, sender=contributor)


def test_refund_batch__moved_and_refused__stays_moved_and_owed(make_suite, contributor, stranger):
    suite = make_suite(asset=deploy_odd_asset())
    round_id = suite.open_now()
    suite.pay(round_id, contributor, PAID)
    suite.warp_to_end(round_id)
    suite.rounds.move_position(round_id, contributor, stranger, sender=contributor)
    suite.asset.set_blacklisted(stranger, True)
    assert suite.rounds.refund_batch(round_id, [contributor]) == 0
    assert suite.rounds.position(round_id, contributor).holder == stranger
    suite.asset.set_blacklisted(stranger, False)
    assert suite.rounds.refund_batch(round_id, [contributor]) == PAID
    assert suite.asset.balanceOf(stranger) == PAID


# --- another address ---


def test_refund_to__holder__is_paid_elsewhere(suite, failed, contributor, stranger):
    with boa.reverts("caller holds no such position"):
        suite.rounds.refund_to(failed, contributor, stranger, sender=stranger)
    assert suite.rounds.refund_to(failed, contributor, stranger, sender=contributor) == PAID
    redirected = sole_event(suite.rounds, "RefundRedirected")
    assert redirected == (failed, contributor, contributor, stranger)
    assert suite.asset.balanceOf(stranger) == PAID
    with boa.reverts("nothing to settle"):
        suite.rounds.refund_to(failed, contributor, stranger, sender=contributor)


def test_refund_to__nowhere__reverts(suite, failed, contributor):
    """An asset that lets anybody burn would take the money of a slip."""
    for receiver, reason in (
        (ZERO_ADDRESS, "receiver is zero"),
        (suite.rounds.address, "receiver is the payer"),
    ):
        with boa.reverts(reason):
            suite.rounds.refund_to(failed, contributor, receiver, sender=contributor)
    assert suite.rounds.refund(failed, contributor) == PAID


def sign(suite: RoundsSuite, signer, round_id: int, who: str, receiver: str, deadline: int):
    """The 65 bytes of a PayTo."""
    _, name, version, chain_id, contract, _, _ = suite.redemptions.eip712Domain()
    fields = {"roundId": "uint256", "account": "address", "receiver": "address"}
    fields["deadline"] = "uint256"
    message = encode_typed_data(
        {
            "name": name,
            "version": version,
            "chainId": chain_id,
            "verifyingContract": str(contract),
        },
        {"PayTo": [{"name": key, "type": kind} for key, kind in fields.items()]},
        {"roundId": round_id, "account": who, "receiver": receiver, "deadline": deadline},
    )
    return Account.sign_message(message, signer.key).signature


@pytest.fixture
def signed(make_suite, stranger):
    """A failed round whose asset refuses SIGNER, and its signature for `stranger`."""
    suite = make_suite(asset=deploy_odd_asset())
    boa.env.set_balance(SIGNER.address, 10**18)
    round_id = suite.open_now()
    suite.pay(round_id, SIGNER.address, PAID)
    suite.warp_to_end(round_id)
    suite.asset.set_blacklisted(SIGNER.address, True)
    deadline = now() + DAY
    args = (round_id, SIGNER.address, stranger, deadline)
    return suite, args, sign(suite, SIGNER, *args)


def test_refund_by_signature__holder_signed__anybody_pays_it_there(signed, stranger, builder):
    suite, args, signature = signed
    pass_time(DAY)  # the last second
    assert suite.redemptions.refund_by_signature(*args, signature, sender=builder) == PAID
    assert suite.asset.balanceOf(stranger) == PAID
    with boa.reverts("signature is not the holder's"):
        # Refunded, so that the position is nobody's but the account's, which never signed this.
        suite.redemptions.refund_by_signature(args[0], stranger, *args[2:], signature)
    with boa.reverts("nothing to settle"):
        suite.redemptions.refund_by_signature(*args, signature)


def test_refund_by_signature__signed_for_nowhere__reverts(signed):
    suite, (round_id, who, _, deadline), _ = signed
    args = (round_id, who, ZERO_ADDRESS, deadline)
    with boa.reverts("receiver is zero"):
        suite.redemptions.refund_by_signature(*args, sign(suite, SIGNER, *args))


def test_refund_by_signature__anything_else__reverts(signed, stranger, builder):
    suite, args, signature = signed
    refund, reason = suite.redemptions.refund_by_signature, "signature is not the holder's"
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    high = r + (ORDER - s).to_bytes(32, "big") + bytes([27 + 28 - v])
    assert ORDER - s > MAX_S
    for wrong in (b"", signature[:64], signature + b"\0", high, r + signature[32:64] + b"\x02"):
        with boa.reverts(reason):
            refund(*args, wrong)
    with boa.reverts(reason):
        refund(*args, sign(suite, OTHER, *args))
    for index, other in ((2, builder), (3, args[3] + 1), (0, args[0])):
        changed = list(args)
        changed[index] = other
        if tuple(changed) != args:
            with boa.reverts(reason):
                refund(*changed, signature)
    pass_time(DAY + 1)
    with boa.reverts("signature has expired"):
        refund(*args, signature)


def test_refund_by_signature__other_round__reverts(signed, stranger):
    suite, args, signature = signed
    other = suite.open_now()
    suite.asset.set_blacklisted(SIGNER.address, False)
    suite.pay(other, SIGNER.address, PAID)
    suite.rounds.cancel(other, sender=suite.owner)
    with boa.reverts("signature is not the holder's"):
        suite.redemptions.refund_by_signature(other, *args[1:], signature)


def test_refund_by_signature__position_was_moved__new_holder_signs(signed, stranger):
    suite, args, signature = signed
    suite.rounds.move_position(args[0], SIGNER.address, OTHER.address, sender=SIGNER.address)
    with boa.reverts("signature is not the holder's"):
        suite.redemptions.refund_by_signature(*args, signature)
    suite.redemptions.refund_by_signature(*args, sign(suite, OTHER, *args))
    assert suite.asset.balanceOf(stranger) == PAID


WALLET = """
# pragma version 0.4.3
answer: public(bytes4)
@external
def set_answer(answer: bytes4):
    self.answer = answer
@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    return self.answer
"""


def test_refund_by_signature__contract_holds_it__is_asked(suite, failed, contributor, stranger):
    wallet = boa.loads(WALLET)
    suite.rounds.move_position(failed, contributor, wallet.address, sender=contributor)
    args = (failed, contributor, stranger, now())
    for answer in (b"\0" * 4, b"\xff" * 4):
        wallet.set_answer(answer)
        with boa.reverts("signature is not the holder's"):
            suite.redemptions.refund_by_signature(*args, b"anything")
    wallet.set_answer(bytes.fromhex("1626ba7e"))
    assert suite.redemptions.refund_by_signature(*args, b"anything") == PAID


def test_refund_by_signature__key_with_code__its_key_comes_first(signed, stranger):
    """An account that runs code (EIP-7702) still signs with its key."""
    suite, args, signature = signed
    boa.env.set_code(SIGNER.address, b"\xfe")
    assert suite.redemptions.refund_by_signature(*args, signature) == PAID


# --- batches ---

RECEIVER = """
# pragma version 0.4.3
interface Asset:
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def balanceOf(account: address) -> uint256: view
spent: public(uint256)
@external
def burn_gas(asset: address):
    # A transfer to somebody else is left alone.
    if staticcall Asset(asset).balanceOf(self) > 0:
        for i: uint256 in range(20_000):
            self.spent = i + 1
@external
def give_back(asset: address, to: address, amount: uint256):
    assert extcall Asset(asset).transfer(to, amount)
"""


@pytest.fixture
def crowded(make_suite):
    """A failed round of three, the first of them a contract that is called when it is paid."""
    suite = make_suite(asset=deploy_odd_asset())
    receiver = boa.loads(RECEIVER)
    crowd = [receiver.address, *(account(f"crowd {i}") for i in range(2))]
    round_id = suite.open_now()
    for who in crowd:
        suite.pay(round_id, who, PAID)
    suite.warp_to_end(round_id)
    return suite, round_id, crowd, receiver


def test_refund_batch__receiver_burns_all_gas__is_passed_over(crowded):
    """A transfer may use 200,000 gas: more would be the others'."""
    suite, round_id, crowd, receiver = crowded
    burn = calldata_of(receiver, "burn_gas", suite.asset.address)
    program_reentry(suite.asset, receiver, burn, entries=Entry.TRANSFER, is_strict=True)
    assert suite.rounds.refund_batch(round_id, crowd, gas=1_500_000) == 2 * PAID
    assert len(events(suite.rounds, "Refunded")) == 2
    assert suite.rounds.refundable(round_id, crowd[0]) == PAID


@pytest.mark.parametrize("returned", [1, PAID - 1, PAID])
def test_refund_batch__receiver_sends_units_back__the_others_are_paid(
    crowded, owner, stranger, returned
):
    """What it gives away in the middle of its own payment used to undo the batch."""
    suite, round_id, crowd, receiver = crowded
    back = (suite.asset.address, suite.rounds.address, returned)
    call = calldata_of(receiver, "give_back", *back)
    program_reentry(suite.asset, receiver, call, entries=Entry.TRANSFER, is_strict=True)
    if returned == PAID:
        # Nothing has moved: that is no payment. It harms only who does it.
        with boa.reverts("asset took a fee"):
            suite.rounds.refund_batch(round_id, crowd)
        return
    assert suite.rounds.refund_batch(round_id, crowd) == 3 * PAID
    assert suite.asset.balanceOf(crowd[2]) == PAID
    assert suite.rounds.accounted(suite.asset) == 0
    assert suite.rounds.skim(suite.asset, stranger, sender=owner) == returned


def test_move_position__to_the_rounds__reverts(suite, failed, contributor):
    """Nobody could claim for it, and it would hold up every batch that it is in."""
    with boa.reverts("holder is the rounds"):
        suite.rounds.move_position(failed, contributor, suite.rounds, sender=contributor)
