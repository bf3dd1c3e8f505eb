"""Claims that an account has paid to somebody else: by itself, by its key, or by its contract."""

import boa
import pytest
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.kits.grants import keyed_account
from tests.kits.reward_claims import (
    LEAF,
    claimed_event,
    opened_event,
    raw_call,
    refused_by_the_decoder,
    sign_claim_to,
)
from tests.kits.rewards import FUNDED, event_list
from tests.support import MAX_UINT, ZERO_ADDRESS, account, deploy, now, pass_time

EARNED = 700
OTHERS = 300
BOTH = EARNED + OTHERS
KEY = b"\xc1" * 32
OTHER_KEY = b"\xc2" * 32
NOT_SIGNED = "signature is not the account's"
# secp256k1's order.
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module")
def signer() -> str:
    """A contributor whose key is known."""
    return keyed_account(KEY)


@pytest.fixture(scope="module")
def receiver() -> str:
    return account("receiver")


@pytest.fixture
def drop(pool, signer, coworker):
    return pool.publish({signer: EARNED, coworker: OTHERS})


@pytest.fixture
def sign(pool, drop, signer, receiver):
    """The signer's signature for its leaf of the drop; any part of it by keyword."""

    def make(**changes) -> bytes:
        usual = {"drop_id": drop.drop_id, "index": drop.leaf(signer).index}
        usual |= {"receiver": receiver, "key": KEY}
        return sign_claim_to(pool.rewards, **(usual | changes))

    return make


@pytest.fixture
def claim_to(pool, drop, signer, receiver, stranger):
    """Claims the signer's leaf by a stranger, with a signature for any time."""

    def call(signature: bytes, deadline: int = MAX_UINT, sender: str = stranger) -> None:
        leaf, proof = drop.claim_of(signer)
        pool.rewards.claim_to(
            drop.drop_id, leaf, proof, receiver, deadline, signature, sender=sender
        )

    return call


def check_paid_elsewhere(pool, drop, holder: str, receiver: str) -> None:
    index = drop.leaf(holder).index
    fields = {"drop_id": drop.drop_id, "account": holder, "receiver": receiver}
    assert event_list(pool.rewards) == [
        opened_event(drop.drop_id, 0, BOTH),
        claimed_event(drop.drop_id, holder, index, EARNED),
        ("RewardSentTo", fields),
    ]
    assert pool.asset.balanceOf(receiver) == EARNED
    assert pool.asset.balanceOf(holder) == 0
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - EARNED
    assert pool.page(drop) == (OTHERS, 1 << index)


# --- by the account itself ---


@pytest.mark.parametrize("deadline", [0, MAX_UINT])
def test_claim_to__by_the_account__needs_no_signature(
    pool, drop, signer, receiver, claim_to, deadline
):
    claim_to(b"", deadline, sender=signer)
    check_paid_elsewhere(pool, drop, signer, receiver)


def test_claim_to__by_the_account__does_not_look_at_a_signature(
    pool, drop, signer, receiver, claim_to
):
    claim_to(b"\x01" * 1_024, 0, sender=signer)
    check_paid_elsewhere(pool, drop, signer, receiver)


def test_claim_to__by_the_account_to_itself__pays_it(pool, drop, signer):
    leaf, proof = drop.claim_of(signer)
    pool.rewards.claim_to(drop.drop_id, leaf, proof, signer, 0, b"", sender=signer)
    assert event_list(pool.rewards)[2][0] == "RewardSentTo"
    assert pool.asset.balanceOf(signer) == EARNED


def test_claim_to__by_the_account_again__reverts(claim_to, signer):
    claim_to(b"", sender=signer)
    with boa.reverts("claimed already"):
        claim_to(b"", sender=signer)


@pytest.mark.parametrize("role", ["coworker", "publisher", "owner", "guardian", "stranger"])
def test_claim_to__by_another_without_signature__reverts(claim_to, request, role):
    with boa.reverts(NOT_SIGNED):
        claim_to(b"", sender=request.getfixturevalue(role))


def test_claim_to__by_another_in_favour_of_the_account__needs_a_signature_as_well(
    pool, drop, signer, sign, stranger
):
    leaf, proof = drop.claim_of(signer)
    for signature in (b"", sign()):
        with boa.reverts(NOT_SIGNED):
            pool.rewards.claim_to(drop.drop_id, leaf, proof, signer, MAX_UINT, signature)
    signature = sign(receiver=signer)
    pool.rewards.claim_to(drop.drop_id, leaf, proof, signer, MAX_UINT, signature)
    assert pool.asset.balanceOf(signer) == EARNED


# --- by a key ---


def test_claim_to__signed_by_the_key__pays_the_receiver(
    pool, drop, signer, receiver, claim_to, sign
):
    claim_to(sign())
    check_paid_elsewhere(pool, drop, signer, receiver)


def test_claim_to__account_with_code_and_key__pays_the_receiver(claim_to, sign, signer):
    """Its code knows nothing of ERC-1271 (EIP-7702); what its key signed still counts."""
    signature = sign()
    boa.env.set_code(signer, b"\x00")
    claim_to(signature)


@pytest.mark.parametrize("left", [0, 1])
def test_claim_to__up_to_its_deadline__pays(claim_to, sign, left):
    deadline = now() + left
    claim_to(sign(deadline=deadline), deadline)


@pytest.mark.parametrize("late", [1, 10**6])
def test_claim_to__after_its_deadline__reverts(claim_to, sign, late):
    deadline = now()
    signature = sign(deadline=deadline)
    pass_time(late)
    with boa.reverts("signature has expired"):
        claim_to(signature, deadline)


def test_claim_to__deadline_moved__reverts(claim_to, sign):
    signature = sign(deadline=now())
    pass_time(1)
    with boa.reverts(NOT_SIGNED):
        claim_to(signature, now())


@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER_KEY},
        {"name": "Flywheel Reward"},
        {"version": "2"},
        {"chainId": 2},
        {"verifyingContract": ZERO_ADDRESS},
        {"receiver": ZERO_ADDRESS},
        {"deadline": MAX_UINT - 1},
        {"index": 2},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_claim_to__signature_of_something_else__reverts(claim_to, sign, changes):
    with boa.reverts(NOT_SIGNED):
        claim_to(sign(**changes))
    claim_to(sign())


def test_claim_to__signature_for_another_drop__reverts(
    pool, drop, signer, coworker, claim_to, sign
):
    later = pool.publish({signer: EARNED, coworker: OTHERS})
    with boa.reverts(NOT_SIGNED):
        claim_to(sign(drop_id=later.drop_id))


def test_claim_to__leaf_of_another_under_the_own_signature__reverts(
    pool, drop, signer, coworker, receiver, sign, stranger
):
    leaf, proof = drop.claim_of(coworker)
    signature = sign(index=leaf[0])
    args = (MAX_UINT, signature)
    with boa.reverts(NOT_SIGNED):
        pool.rewards.claim_to(drop.drop_id, leaf, proof, receiver, *args)
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_to(
            drop.drop_id, (leaf[0], signer, *leaf[2:]), proof, receiver, *args, sender=stranger
        )


@pytest.mark.parametrize("first", ["claim", "claim_to"])
def test_claim_to__replayed_after_the_claim__reverts(pool, drop, signer, claim_to, sign, first):
    signature = sign()
    if first == "claim":
        pool.claim(drop, signer)
    else:
        claim_to(signature)
    with boa.reverts("claimed already"):
        claim_to(signature)


@pytest.mark.parametrize("form", ["short", "long", "zeros", "high s", "other v"])
def test_claim_to__malformed_signature__reverts(claim_to, sign, form):
    good = sign()
    high_s = (ORDER - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    flipped = bytes([27 + 28 - good[64]])
    forms = {
        "short": good[:-1],
        "long": good + b"\0",
        "zeros": bytes(65),
        "high s": good[:32] + high_s + flipped,
        "other v": good[:64] + flipped,
    }
    with boa.reverts(NOT_SIGNED):
        claim_to(forms[form])


def test_claim_to__signature_of_1025_bytes__reverts(pool, drop, signer, receiver):
    leaf, proof = drop.claim_of(signer)
    types = ["uint256", LEAF, "bytes32[]", "address", "uint256", "bytes"]
    args = (drop.drop_id, leaf, proof, receiver, MAX_UINT, bytes(1_025))
    with refused_by_the_decoder():
        raw_call(pool.rewards, "claim_to", types, *args)


def test_claim_to__leaf_of_the_zero_address__nobody_signs_for_it(pool, receiver):
    leaf = (0, ZERO_ADDRESS, EARNED, EARNED)
    drop_id = pool.publish_leaf(leaf, EARNED)
    with boa.reverts(NOT_SIGNED):
        pool.rewards.claim_to(drop_id, leaf, [], receiver, MAX_UINT, bytes(65))


# --- by a contract ---


@pytest.fixture
def wallet():
    return deploy("MockWallet")


@pytest.fixture
def wallet_drop(pool, wallet, coworker):
    return pool.publish({wallet.address: EARNED, coworker: OTHERS})


def test_claim_to__that_a_wallet_accepts__pays_the_receiver(
    pool, wallet, wallet_drop, receiver, stranger
):
    leaf, proof = wallet_drop.claim_of(wallet.address)
    drop_id = wallet_drop.drop_id
    digest = pool.rewards.claim_to_digest(drop_id, leaf[0], receiver, MAX_UINT)
    wallet.accept(digest, b"two of three")
    pool.rewards.claim_to(
        drop_id, leaf, proof, receiver, MAX_UINT, b"two of three", sender=stranger
    )
    check_paid_elsewhere(pool, wallet_drop, wallet.address, receiver)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="says no"),
        pytest.param("5f5ffd", id="reverts"),
        pytest.param("00", id="says nothing"),
        pytest.param("fe", id="burns its gas"),
        pytest.param("631626ba7e60e01b5f5260045ff3", id="answers four bytes"),
    ],
)
def test_claim_to__that_a_wallet_does_not_accept__reverts(
    pool, wallet, wallet_drop, receiver, code
):
    if code:
        boa.env.set_code(wallet.address, bytes.fromhex(code))
    leaf, proof = wallet_drop.claim_of(wallet.address)
    with boa.reverts(NOT_SIGNED):
        pool.rewards.claim_to(wallet_drop.drop_id, leaf, proof, receiver, MAX_UINT, b"\x01" * 65)


def test_claim_to__wallet_accepted_another_receiver__reverts(
    pool, wallet, wallet_drop, receiver, stranger
):
    leaf, proof = wallet_drop.claim_of(wallet.address)
    digest = pool.rewards.claim_to_digest(wallet_drop.drop_id, leaf[0], receiver, MAX_UINT)
    wallet.accept(digest, b"two of three")
    with boa.reverts(NOT_SIGNED):
        pool.rewards.claim_to(wallet_drop.drop_id, leaf, proof, stranger, MAX_UINT, b"two of three")


def test_claim_to__by_a_wallet_itself__needs_no_signature(pool, wallet, wallet_drop, receiver):
    leaf, proof = wallet_drop.claim_of(wallet.address)
    payload = pool.rewards.claim_to.prepare_calldata(
        wallet_drop.drop_id, leaf, proof, receiver, 0, b""
    )
    wallet.act(pool.rewards, payload)
    assert pool.asset.balanceOf(receiver) == EARNED


# --- receivers ---


@pytest.mark.parametrize("by_the_account", [True, False])
def test_claim_to__receiver_zero_or_the_contract__reverts(
    pool, drop, signer, sign, stranger, by_the_account
):
    leaf, proof = drop.claim_of(signer)
    sender = signer if by_the_account else stranger
    for wrong, reason in (
        (ZERO_ADDRESS, "receiver is zero"),
        (pool.rewards.address, "receiver is the payer"),
    ):
        signature = sign(receiver=wrong)
        with boa.reverts(reason):
            pool.rewards.claim_to(
                drop.drop_id, leaf, proof, wrong, MAX_UINT, signature, sender=sender
            )


# --- claim_to_digest ---


def test_claim_to_digest__is_the_typed_data_of_the_documents(pool, receiver):
    message = {
        "domain": {
            "name": "Flywheel Rewards",
            "version": "1",
            "chainId": boa.env.evm.patch.chain_id,
            "verifyingContract": pool.rewards.address,
        },
        "types": {
            "ClaimTo": [
                {"name": "dropId", "type": "uint256"},
                {"name": "index", "type": "uint256"},
                {"name": "receiver", "type": "address"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        "primaryType": "ClaimTo",
        "message": {"dropId": MAX_UINT, "index": 7, "receiver": receiver, "deadline": 9},
    }
    signable = encode_typed_data(full_message=message)
    expected = keccak(b"\x19\x01" + signable.header + signable.body)
    assert pool.rewards.claim_to_digest(MAX_UINT, 7, receiver, 9) == expected


def test_claim_to_digest__differs_by_each_of_its_parts(pool, receiver, stranger):
    digest_of = pool.rewards.claim_to_digest
    digests = {
        digest_of(1, 2, receiver, 3),
        digest_of(2, 2, receiver, 3),
        digest_of(1, 3, receiver, 3),
        digest_of(1, 2, stranger, 3),
        digest_of(1, 2, receiver, 4),
    }
    assert len(digests) == 5
