import pytest
from eth_abi import encode
from eth_utils import keccak

from flywheel.chain import reverts

VOTER = "0x" + "11" * 20


class ChainError(Exception):
    """Stands for Ape's errors: a message, and the error below it."""

    def __init__(self, message, base_err=None):
        super().__init__(message)
        self.message = message
        self.base_err = base_err


def typed(signature, *values):
    types = signature.split("(")[1].rstrip(")").split(",")
    return keccak(text=signature)[:4] + encode(types, values)


def test_reason__plain_string__is_kept():
    assert reverts.reason(ChainError("execution reverted: round is closed")) == "round is closed"


@pytest.mark.parametrize("form", [bytes, lambda data: "0x" + data.hex(), repr])
def test_reason__typed_error__is_decoded(form):
    data = typed("GovernorAlreadyCastVote(address)", VOTER)
    assert reverts.reason(ChainError(form(data))) == f"GovernorAlreadyCastVote({VOTER})"


def test_reason__typed_error_below__is_found():
    inner = ChainError(typed("ERC2612ExpiredSignature(uint256)", 5))
    assert reverts.reason(ChainError("failed", inner)) == "ERC2612ExpiredSignature(5)"


def test_reason__nothing_said__says_so():
    assert reverts.reason(ChainError("execution reverted")) == "no reason given"


def test_explain__known_reason__names_the_remedy():
    said = reverts.explain(ChainError("caller is not the owner"))
    assert "ape run vote" in said
    error = ChainError(typed("GovernorAlreadyCastVote(address)", VOTER))
    assert "cannot be changed" in reverts.explain(error)


def test_typed_errors__have_unique_selectors():
    selectors = {keccak(text=signature)[:4] for signature in reverts.TYPED_ERRORS}
    assert len(selectors) == len(reverts.TYPED_ERRORS)
