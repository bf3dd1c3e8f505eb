# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock stablecoin
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A plain ERC-20 with ERC-2612 permits that anybody may mint: for local chains and rehearsals only.
@dev Transfers, approvals and `balanceOf` take no lock, as those of stablecoins: it calls nobody.
"""

from ethereum.ercs import IERC20
from snekmate.utils import ecdsa
from snekmate.utils import eip712_domain_separator

implements: IERC20

initializes: eip712_domain_separator

exports: eip712_domain_separator.eip712Domain

PERMIT_TYPEHASH: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)

name: public(String[50])
symbol: public(String[16])
decimals: public(immutable(uint8))
totalSupply: public(uint256)
balanceOf: public(reentrant(HashMap[address, uint256]))
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@deploy
def __init__(name_: String[50], symbol_: String[16], decimals_: uint8):
    eip712_domain_separator.__init__(name_, "1")
    self.name = name_
    self.symbol = symbol_
    decimals = decimals_


@external
@reentrant
def transfer(to: address, amount: uint256) -> bool:
    self._transfer(msg.sender, to, amount)
    return True


@external
@reentrant
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    allowed: uint256 = self.allowance[owner][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance is too low"
        self.allowance[owner][msg.sender] = allowed - amount
    self._transfer(owner, to, amount)
    return True


@external
@reentrant
def approve(spender: address, amount: uint256) -> bool:
    self._approve(msg.sender, spender, amount)
    return True


@external
def permit(
    owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    assert block.timestamp <= deadline, "permit expired"
    nonce: uint256 = self.nonces[owner]
    self.nonces[owner] = nonce + 1
    struct_hash: bytes32 = keccak256(abi_encode(PERMIT_TYPEHASH, owner, spender, amount, nonce, deadline))
    digest: bytes32 = eip712_domain_separator._hash_typed_data_v4(struct_hash)
    signer: address = ecdsa._recover_vrs(digest, convert(v, uint256), convert(r, uint256), convert(s, uint256))
    assert signer == owner and owner != empty(address), "permit is not the owner's"
    self._approve(owner, spender, amount)


@external
def mint(to: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=empty(address), receiver=to, value=amount)


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    return eip712_domain_separator._domain_separator_v4()


@internal
def _transfer(owner: address, to: address, amount: uint256):
    assert to != empty(address), "receiver is zero"
    assert self.balanceOf[owner] >= amount, "balance is too low"
    self.balanceOf[owner] -= amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=owner, receiver=to, value=amount)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log IERC20.Approval(owner=owner, spender=spender, value=amount)
