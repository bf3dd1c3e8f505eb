"""Reverts in words: typed errors decoded, and for the common reasons what to do about them."""

import ast
import re
from functools import cache
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils import keccak

from flywheel.chain.strict_abi import decode

# Typed errors of the standards that the suite speaks (ERC-6093, ERC-721, ERC-2612, ERC-5805,
# ERC-6372, the OpenZeppelin Governor and Timelock); Vyper does not list them in a contract's ABI.
TYPED_ERRORS = (
    "AccessControlBadConfirmation()",
    "AccessControlUnauthorizedAccount(address,bytes32)",
    "AddressEmptyCode(address)",
    "ECDSAInvalidSignature()",
    "ECDSAInvalidSignatureS(bytes32)",
    "ERC1155InvalidReceiver(address)",
    "ERC20ExceededSafeSupply(uint256,uint256)",
    "ERC20InsufficientAllowance(address,uint256,uint256)",
    "ERC20InsufficientBalance(address,uint256,uint256)",
    "ERC20InvalidApprover(address)",
    "ERC20InvalidReceiver(address)",
    "ERC20InvalidSender(address)",
    "ERC20InvalidSpender(address)",
    "ERC2612ExpiredSignature(uint256)",
    "ERC2612InvalidSigner(address,address)",
    "ERC5805FutureLookup(uint256,uint48)",
    "ERC6372InconsistentClock()",
    "ERC721IncorrectOwner(address,uint256,address)",
    "ERC721InsufficientApproval(address,uint256)",
    "ERC721InvalidApprover(address)",
    "ERC721InvalidOperator(address)",
    "ERC721InvalidOwner(address)",
    "ERC721InvalidReceiver(address)",
    "ERC721NonexistentToken(uint256)",
    "FailedCall()",
    "GovernorAlreadyCastVote(address)",
    "GovernorAlreadyQueuedProposal(uint256)",
    "GovernorDisabledDeposit()",
    "GovernorInsufficientProposerVotes(address,uint256,uint256)",
    "GovernorInvalidProposalLength(uint256,uint256,uint256)",
    "GovernorInvalidQuorumFraction(uint256,uint256)",
    "GovernorInvalidSignature(address)",
    "GovernorInvalidVoteParams()",
    "GovernorInvalidVoteType()",
    "GovernorInvalidVotingPeriod(uint256)",
    "GovernorNonexistentProposal(uint256)",
    "GovernorOnlyExecutor(address)",
    "GovernorPreventLateQuorumVoteExtensionTooLarge(uint256,uint256)",
    "GovernorProposalQueueingFailed(uint256)",
    "GovernorProposalQueueingNotRequired(uint256)",
    "GovernorRestrictedProposer(address)",
    "GovernorUnableToCancel(uint256,address)",
    "GovernorUnexpectedProposalState(uint256,uint8,bytes32)",
    "InvalidAccountNonce(address,uint256)",
    "TimelockInsufficientDelay(uint256,uint256)",
    "TimelockInvalidOperationLength(uint256,uint256,uint256)",
    "TimelockUnauthorizedCaller(address)",
    "TimelockUnexecutedPredecessor(bytes32)",
    "TimelockUnexpectedOperationState(bytes32,bytes32)",
    "VotesExpiredSignature(uint256)",
)

# What to do about the reasons that users meet most.
REMEDIES = {
    "caller is not the owner": "Only a vote can do this: propose it with 'ape run vote'",
    "paused": "New obligations are paused; refunds, claims and payments still work",
    "round is not open": "See its dates with 'ape run raise show'",
    "allowance is too low": "Approve the contract for the amount first",
    "balance is too low": "Fund the account with the asset first",
    "spend is above the cap": "See what may go with 'ape run treasury limits'; more takes a strict "
    "vote: Treasury.spend_beyond_cap",
    "grant is above the cap": "See what may go with 'ape run treasury limits'; more takes a strict "
    "vote: TrainingGrants.approve_beyond_cap",
    "bond is not posted": "Post it with 'ape run grants bond'",
    "grant may not order": "Its milestone in turn is overdue, or the grant is over: see "
    "'ape run grants show'",
    "no votes to object with": "Who had votes in the second before the submission objects. Ask "
    "such a holder, or the guardian",
    "notice has not passed": "A successor that a vote named waits 14 days: see "
    "'ape run grants show'",
    "order is over": "A voucher can be drawn for 7 days after the lease has ended",
    "order is not stopped": "Give notice first: 'ape run compute notice'",
    "voucher is stale": "A later voucher has been drawn: ask the builder for one above it",
    "voucher is ahead of the lease": "No more than its GPUs x the time since its start can have "
    "been delivered. Wait, or sign for less",
    "voucher is not the builder's": "The recipient of the grant signs, on this chain, for this "
    "order",
    "ERC20InsufficientAllowance": "Approve the contract for the amount first",
    "ERC20InsufficientBalance": "Fund the account with the asset first",
    "GovernorAlreadyCastVote": "This account has voted; a ballot cannot be changed",
    "GovernorInsufficientProposerVotes": "Delegate votes to the proposer or ask a larger holder",
    "GovernorUnexpectedProposalState": "See where it stands with 'ape run vote show'",
    "GovernorUnableToCancel": "Its proposer may before the vote begins, or anybody once the "
    "proposer has too few votes",
    "TimelockUnexpectedOperationState": "Its delay has not ended, or it was executed already: see "
    "with 'ape run vote show' from when it can be executed",
    "too many live proposals": "Wait until the vote on one of them has ended, or cancel one",
    "most tokens wait in rounds": "Wait until more than half of the tokens are claimed, or until "
    "the Governor's OPENS_AT",
    "too little gas": "Send the transaction with a higher gas limit",
    "caller is not the licensee": "Use the account that holds it: 'ape run license status'",
    "caller does not own the model": "Use the account that holds the model's token",
    "license has arrears": "Report and pay first: 'ape run license status' says what",
    "license is not sublicensable": "Ask for terms that allow it",
    "license is not transferable": "Its terms do not allow it",
    "license can still be cured": "'ape run license status' says until when",
    "cost is above the maximum": "Raise --max-cost",
    "amount is above the maximum": "Interest ran on meanwhile: try again",
    "only a vote pays for an audit": (
        "Leave --auditor and --audit-cost out: the terms of this licence name their own arbiter"
    ),
    "audit cost is incomplete": "Give both --auditor and --audit-cost, or neither",
    "no minimum and no bond": "A share or a unit price needs one of them: who never reports would "
    "owe nothing and lose nothing",
    "unknown terms": "See what is on offer with 'ape run license terms show'",
    "terms are already offered": "Find them with 'ape run license terms show'",
    "GovernorNonexistentProposal": "List the proposals with 'ape run vote show'",
}


@cache
def _selectors() -> dict[bytes, str]:
    return {keccak(text=signature)[:4]: signature for signature in TYPED_ERRORS}


def decode_typed(data: bytes) -> str | None:
    """`Name(arg, ...)` of revert data that is a typed error we know, else None."""
    signature = _selectors().get(bytes(data[:4]))
    if signature is None:
        return None
    name, types = signature.rstrip(")").split("(")
    try:
        values = decode(types.split(","), data[4:]) if types else ()
    except DecodingError:
        return None
    shown = ("0x" + v.hex() if isinstance(v, bytes) else str(v) for v in values)
    return f"{name}({', '.join(shown)})"


def of_data(data: bytes) -> str | None:
    """The reason in raw revert data: a string, a typed error we know, a panic; None if empty."""
    unknown = f"unknown error 0x{data.hex()}" if data else None
    try:
        if data[:4] == keccak(text="Error(string)")[:4]:
            return str(decode(["string"], data[4:])[0])
        if data[:4] == keccak(text="Panic(uint256)")[:4]:
            return f"panic {decode(['uint256'], data[4:])[0]}"
    except DecodingError:
        return unknown
    return decode_typed(data) or unknown


def of_answer(data: Any, message: str) -> str:
    """The reason in a node's own error: its `data` as JSON-RPC writes bytes, else its message."""
    digits = data.removeprefix("0x") if isinstance(data, str) else ""
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        # Some nodes put a sentence there.
        raw = b""
    said = message.removeprefix("execution reverted").lstrip(": ").strip()
    return of_data(raw) or said or "no reason given"


def revert_data(error: Any) -> bytes | None:
    """Raw revert data hidden in an Ape or web3 error, if any."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for value in (
            getattr(error, "data", None),
            getattr(error, "message", None),
            *getattr(error, "args", ()),
        ):
            if isinstance(value, bytes) and len(value) >= 4:
                return value
            if isinstance(value, str) and value[:2] in ("b'", 'b"'):
                # eth-tester gives revert data as the text of a Python literal.
                return bytes(ast.literal_eval(value))
            if isinstance(value, str):
                match = re.search(r"0x([0-9a-fA-F]{8,})", value)
                if match and len(match[1]) % 2 == 0 and bytes.fromhex(match[1])[:4] in _selectors():
                    return bytes.fromhex(match[1])
        error = getattr(error, "base_err", None) or error.__cause__
    return None


def reason(error: Any) -> str:
    """The contract's own reason for a revert."""
    data = revert_data(error)
    typed = decode_typed(data) if data else None
    if typed:
        return typed
    message = str(getattr(error, "message", None) or error)
    return message.removeprefix("execution reverted").lstrip(": ").strip() or "no reason given"


def explain(error: Any) -> str:
    """The reason, and the remedy where one is known."""
    return explain_reason(reason(error))


def explain_reason(said: str) -> str:
    """A reason as a sentence, and its remedy."""
    remedy = REMEDIES.get(said) or REMEDIES.get(said.split("(")[0])
    text = f"The chain refused: {said}."
    return f"{text} {remedy}." if remedy else text
