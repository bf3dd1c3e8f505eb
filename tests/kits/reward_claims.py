"""Claims of contributor rewards: each way to make one, signatures, and the events they leave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boa
import pytest
from eth.exceptions import Revert
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector

from tests.kits.grants import sign_message
from tests.support import MAX_UINT

WAYS = ("claim", "claim_to", "claim_batch", "claim_range", "claim_drops")
# Structs as the ABI has them.
LEAF = "(uint256,address,uint256,uint256)"
CLAIM = f"({LEAF},bytes32[])"
PART = "(uint256,uint256,uint256,uint256,bytes32[])"


def raw_call(contract: Any, function: str, types: list[str], *args: Any) -> None:
    """Calls with lists that are longer than their type, which boa itself would refuse."""
    selector = function_signature_to_4byte_selector(f"{function}({','.join(types)})")
    boa.env.raw_call(contract.address, data=selector + encode(types, args))


@contextmanager
def refused_by_the_decoder() -> Iterator[None]:
    """The block's `raw_call` reverts without any words, as for arguments outside of their type."""
    with pytest.raises(Revert, match=r"^b''$"):
        yield


def claim_in_ways(rewards: Any, receiver: str) -> dict[str, Callable[..., Any]]:
    """Each function that pays a leaf, called with drop, leaf and proof for that leaf alone;
    `claim_to` by the account itself in favour of `receiver`."""
    return {
        "claim": lambda drop_id, leaf, proof: rewards.claim(drop_id, leaf, proof),
        "claim_to": lambda drop_id, leaf, proof: rewards.claim_to(
            drop_id, leaf, proof, receiver, 0, b"", sender=leaf[1]
        ),
        "claim_batch": lambda drop_id, leaf, proof: rewards.claim_batch(drop_id, [(leaf, proof)]),
        "claim_range": lambda drop_id, leaf, proof: rewards.claim_range(drop_id, [leaf], proof),
        "claim_drops": lambda drop_id, leaf, proof: rewards.claim_drops(
            leaf[1], [(drop_id, leaf[0], *leaf[2:], proof)]
        ),
    }


def sign_claim_to(
    rewards: Any,
    drop_id: int,
    index: int,
    receiver: str,
    key: bytes,
    deadline: int = MAX_UINT,
    **domain: Any,
) -> bytes:
    """65-byte signature of a payment elsewhere; any field of the EIP-712 domain by keyword."""
    return sign_message(
        {
            "domain": {
                "name": "Flywheel Rewards",
                "version": "1",
                "chainId": boa.env.evm.patch.chain_id,
                "verifyingContract": rewards.address,
                **domain,
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
            "message": {
                "dropId": drop_id,
                "index": index,
                "receiver": receiver,
                "deadline": deadline,
            },
        },
        key,
    )


def opened_event(drop_id: int, page: int, total: int) -> tuple[str, dict[str, Any]]:
    """As `event_list` gives it."""
    return "PageOpened", {"drop_id": drop_id, "page": page, "total": total}


def claimed_event(drop_id: int, account: str, index: int, amount: int) -> tuple[str, dict]:
    """As `event_list` gives it."""
    fields = {"drop_id": drop_id, "account": account, "index": index, "amount": amount}
    return "RewardClaimed", fields
