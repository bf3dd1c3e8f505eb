"""ERC-2612 permits, delegation by signature, ERC-5267 and the nonces that both share."""

import boa
import pytest
from eth_account import Account
from eth_utils import keccak

from tests.kits.token import DELEGATION, HELD, NAME, PERMIT, sign, votes_changed
from tests.support import (
    MAX_UINT,
    ZERO_ADDRESS,
    logged,
    now,
    pass_time,
    reverts_otherwise,
    reverts_with,
)

# Of a refusal whose words are not told.
WHY = "the error names whoever the wrong signature recovers to"

# secp256k1's order: (r, n - s) with the other v signs the same message.
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HOUR = 3_600


@pytest.fixture
def permit(token, signer, payer):
    """Sends a permit of the signer's to `payer`; what is sent may differ from what was signed."""

    def send(signed_by=signer, signed=None, domain=None, signature=None, **sent):
        message = {
            "owner": signer.address,
            "spender": payer,
            "value": 5,
            "nonce": token.nonces(signer.address),
            "deadline": now() + HOUR,
        } | sent
        v, r, s = signature or sign(
            token, signed_by, PERMIT, **(message | (signed or {})), domain=domain or {}
        )
        token.permit(
            message["owner"], message["spender"], message["value"], message["deadline"], v, r, s
        )
        return v, r, s

    return send


@pytest.fixture
def delegate_by_sig(token, signer, delegatee):
    def send(signed_by=signer, signed=None, domain=None, **sent):
        message = {
            "delegatee": delegatee,
            "nonce": token.nonces(signer.address),
            "expiry": now() + HOUR,
        } | sent
        v, r, s = sign(
            token, signed_by, DELEGATION, **(message | (signed or {})), domain=domain or {}
        )
        token.delegateBySig(message["delegatee"], message["nonce"], message["expiry"], v, r, s)
        return v, r, s

    return send


# --- domain ---


def test_eip712_domain__describes_this_token(token):
    fields, name, version, chain_id, verifier, salt, extensions = token.eip712Domain()
    assert (fields, name, version, verifier) == (b"\x0f", NAME, "1", token.address)
    assert (chain_id, salt, extensions) == (boa.env.evm.patch.chain_id, bytes(32), [])


def test_domain_separator__is_that_of_the_domain(token):
    fields = "string name,string version,uint256 chainId,address verifyingContract"
    words = [
        keccak(text=f"EIP712Domain({fields})"),
        keccak(text=NAME),
        keccak(text="1"),
        boa.env.evm.patch.chain_id.to_bytes(32, "big"),
        bytes(12) + bytes.fromhex(token.address[2:]),
    ]
    assert token.DOMAIN_SEPARATOR() == keccak(b"".join(words))


# --- permit ---


@pytest.mark.parametrize("amount", [0, 1, MAX_UINT])
def test_permit__signed_by_the_owner__approves(token, permit, signer, payer, amount):
    permit(value=amount)
    assert logged(token) == [("Approval", signer.address, payer, amount)]
    assert token.allowance(signer.address, payer) == amount
    assert token.nonces(signer.address) == 1


def test_permit__in_the_second_of_its_deadline__approves(token, permit, signer, payer):
    permit(deadline=now())
    assert token.allowance(signer.address, payer) == 5


def test_permit__after_its_deadline__reverts(token, permit):
    with reverts_with(token, "ERC2612ExpiredSignature(uint256)", now() - 1):
        permit(deadline=now() - 1)


def test_permit__of_another_signer__reverts(token, permit, signer):
    other = Account.from_key(f"{0xF2:064x}")
    with reverts_with(
        token, "ERC2612InvalidSigner(address,address)", other.address, signer.address
    ):
        permit(signed_by=other)
    assert token.nonces(signer.address) == 0


@pytest.mark.parametrize(
    "signed",
    [{"value": 6}, {"spender": ZERO_ADDRESS}, {"nonce": 1}, {"deadline": MAX_UINT}],
    ids=lambda signed: next(iter(signed)),
)
def test_permit__other_than_signed__reverts(token, permit, signer, signed):
    with reverts_otherwise(WHY):
        permit(signed=signed)
    assert token.nonces(signer.address) == 0


@pytest.mark.parametrize(
    "domain",
    [
        {"name": "Other"},
        {"version": "2"},
        {"chainId": 2},
        {"verifyingContract": ZERO_ADDRESS},
    ],
    ids=lambda domain: next(iter(domain)),
)
def test_permit__for_another_domain__reverts(token, permit, delegate_by_sig, signer, domain):
    with reverts_otherwise(WHY):
        permit(domain=domain)
    delegate_by_sig(domain=domain)  # recovers some other account, never the signer
    assert token.delegates(signer.address) == ZERO_ADDRESS
    assert token.nonces(signer.address) == 0


def test_permit__replayed__reverts(token, permit, signer, payer):
    signature = permit()
    token.approve(payer, 0, sender=signer.address)
    with reverts_otherwise(WHY):
        permit(nonce=0, signature=signature)
    assert token.allowance(signer.address, payer) == 0


def test_permit__zero_spender__reverts(token, permit):
    with reverts_with(token, "ERC20InvalidSpender(address)", ZERO_ADDRESS):
        permit(spender=ZERO_ADDRESS)


def test_permit__zero_owner__reverts(token, permit):
    with reverts_with(token, "ECDSAInvalidSignature()"):
        permit(owner=ZERO_ADDRESS, signature=(27, bytes(32), bytes(32)))


def test_permit__high_s__reverts(token, permit, signer, payer):
    message = {
        "owner": signer.address,
        "spender": payer,
        "value": 5,
        "nonce": 0,
        "deadline": now() + HOUR,
    }
    v, r, s = sign(token, signer, PERMIT, **message)
    mirrored = (CURVE_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    with reverts_with(token, "ECDSAInvalidSignatureS(bytes32)", mirrored):
        permit(signature=(55 - v, r, mirrored))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_permit__v_out_of_range__reverts(token, permit, signer, v):
    _, r, s = sign(token, signer, DELEGATION, delegatee=ZERO_ADDRESS, nonce=0, expiry=0)
    with reverts_with(token, "ECDSAInvalidSignature()"):
        permit(signature=(v, r, s))


# --- delegateBySig ---


def test_delegate_by_sig__signed__delegates(token, delegate_by_sig, holder, signer, delegatee):
    token.transfer(signer.address, HELD, sender=holder)
    delegate_by_sig()
    assert logged(token) == [
        ("DelegateChanged", signer.address, ZERO_ADDRESS, delegatee),
        votes_changed(delegatee, 0, HELD),
    ]
    assert token.delegates(signer.address) == delegatee
    assert token.nonces(signer.address) == 1


def test_delegate_by_sig__in_the_second_of_its_expiry__delegates(
    token, delegate_by_sig, signer, delegatee
):
    delegate_by_sig(expiry=now())
    assert token.delegates(signer.address) == delegatee


def test_delegate_by_sig__expired__reverts(token, delegate_by_sig):
    with reverts_with(token, "VotesExpiredSignature(uint256)", now() - 1):
        delegate_by_sig(expiry=now() - 1)


def test_delegate_by_sig__replayed__reverts(token, delegate_by_sig, signer, delegatee):
    expiry = now() + HOUR
    v, r, s = delegate_by_sig(expiry=expiry)
    with reverts_with(token, "InvalidAccountNonce(address,uint256)", signer.address, 1):
        token.delegateBySig(delegatee, 0, expiry, v, r, s)


def test_delegate_by_sig__nonce_to_come__reverts(token, delegate_by_sig, signer):
    with reverts_with(token, "InvalidAccountNonce(address,uint256)", signer.address, 0):
        delegate_by_sig(nonce=1)


@pytest.mark.parametrize(
    "signed", [{"delegatee": ZERO_ADDRESS}, {"expiry": MAX_UINT}], ids=["delegatee", "expiry"]
)
def test_delegate_by_sig__other_than_signed__leaves_the_signer_alone(
    token, delegate_by_sig, signer, signed
):
    delegate_by_sig(signed=signed)  # recovers some other account
    assert token.delegates(signer.address) == ZERO_ADDRESS
    assert token.nonces(signer.address) == 0


def test_delegate_by_sig__malformed__reverts(token, delegatee):
    with reverts_with(token, "ECDSAInvalidSignature()"):
        token.delegateBySig(delegatee, 0, now(), 27, bytes(32), bytes(32))


# --- nonces ---


def test_nonces__permit_and_delegation__share_them(token, permit, delegate_by_sig, signer):
    permit()
    delegate_by_sig()
    permit()
    assert token.nonces(signer.address) == 3


def test_nonces__permit_used__voids_the_delegation_of_the_same_nonce(
    token, permit, delegate_by_sig, signer
):
    permit()
    with reverts_with(token, "InvalidAccountNonce(address,uint256)", signer.address, 1):
        delegate_by_sig(nonce=0)


def test_nonces__without_signatures__never_grow(token, holder, payer):
    token.approve(payer, HELD, sender=holder)
    token.delegate(payer, sender=holder)
    token.transferFrom(holder, payer, 1, sender=payer)
    pass_time(1)
    token.burn(1, sender=holder)
    assert (token.nonces(holder), token.nonces(payer)) == (0, 0)
