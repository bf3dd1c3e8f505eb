# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Token errors
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The typed errors of ERC-6093, ERC-2612, ERC-5805, ECDSA and account nonces, with OpenZeppelin's names and
        arguments, so that wallets and explorers decode them.
@dev Each function reverts, always. Vyper has no error declarations: the selectors come from the signatures here.
"""


# --- ERC-6093 ---


@internal
@pure
def _insufficient_balance(account: address, held: uint256, needed: uint256):
    raw_revert(
        abi_encode(
            account, held, needed, method_id=method_id("ERC20InsufficientBalance(address,uint256,uint256)")
        )
    )


@internal
@pure
def _insufficient_allowance(spender: address, allowed: uint256, needed: uint256):
    raw_revert(
        abi_encode(
            spender, allowed, needed, method_id=method_id("ERC20InsufficientAllowance(address,uint256,uint256)")
        )
    )


@internal
@pure
def _invalid_sender():
    raw_revert(abi_encode(empty(address), method_id=method_id("ERC20InvalidSender(address)")))


@internal
@pure
def _invalid_receiver():
    raw_revert(abi_encode(empty(address), method_id=method_id("ERC20InvalidReceiver(address)")))


@internal
@pure
def _invalid_approver():
    raw_revert(abi_encode(empty(address), method_id=method_id("ERC20InvalidApprover(address)")))


@internal
@pure
def _invalid_spender():
    raw_revert(abi_encode(empty(address), method_id=method_id("ERC20InvalidSpender(address)")))


@internal
@pure
def _exceeded_safe_supply(increased_supply: uint256, max_supply: uint256):
    raw_revert(
        abi_encode(increased_supply, max_supply, method_id=method_id("ERC20ExceededSafeSupply(uint256,uint256)"))
    )


# --- signatures ---


@internal
@pure
def _expired_permit(deadline: uint256):
    raw_revert(abi_encode(deadline, method_id=method_id("ERC2612ExpiredSignature(uint256)")))


@internal
@pure
def _invalid_signer(signer: address, owner: address):
    raw_revert(abi_encode(signer, owner, method_id=method_id("ERC2612InvalidSigner(address,address)")))


@internal
@pure
def _expired_delegation(expiry: uint256):
    raw_revert(abi_encode(expiry, method_id=method_id("VotesExpiredSignature(uint256)")))


@internal
@pure
def _invalid_nonce(account: address, current: uint256):
    raw_revert(abi_encode(account, current, method_id=method_id("InvalidAccountNonce(address,uint256)")))


@internal
@pure
def _invalid_signature():
    raw_revert(method_id("ECDSAInvalidSignature()"))


@internal
@pure
def _invalid_s(s: bytes32):
    raw_revert(abi_encode(s, method_id=method_id("ECDSAInvalidSignatureS(bytes32)")))


# --- votes ---


@internal
@pure
def _future_lookup(timepoint: uint256, clock: uint48):
    raw_revert(abi_encode(timepoint, clock, method_id=method_id("ERC5805FutureLookup(uint256,uint48)")))
