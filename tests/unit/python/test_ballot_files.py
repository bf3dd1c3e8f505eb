"""flywheel.governance.ballots.load: a file is what it says it is, or refused in one line."""

import json

import pytest

from flywheel.errors import FlywheelError
from flywheel.governance import ballots
from flywheel.governance.ballots import Signed
from tests.kits.hostile import ACCOUNT, BALLOT, DELEGATION, DIGITS, OTHER, SLIP


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ballot.json"


@pytest.mark.parametrize("signed", [BALLOT, DELEGATION])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_load__saved_file__is_the_same(path, signed, encoding):
    signed.save(path)
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert ballots.load(path) == signed


def test_load__signature_of_a_contract__may_have_any_length(path):
    for signature in (b"\x01", b"\x02" * 300):
        signed = Signed(*list(vars(BALLOT).values())[:-1], signature)
        signed.save(path)
        assert ballots.load(path) == signed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"signer": OTHER}, f"shown as signed by {OTHER}, but votes for {ACCOUNT}"),
        ({"signer": SLIP}, "signer .* its capitals do not fit its digits"),
        ({"signer": None}, "signer 'None' is not an address"),
        ({"contract": "0x12"}, "contract '0x12' is not an address"),
        ({"chainId": True}, "chainId 'True' is no whole number"),
        ({"chainId": 1.9}, "chainId '1.9' is no whole number"),
        ({"chainId": DIGITS}, "chainId 999.* is too large"),
        ({"kind": ["ballot"]}, "its kind is"),
        ({"kind": "letter"}, "its kind is letter"),
        ({"signature": "0x"}, "its signature is empty"),
        ({"signature": "0xab ab"}, "signature '0xab ab' is not hexadecimal"),
        ({"signature": 7}, "signature '7' is not hexadecimal"),
        ({"message": []}, "its message is no object with names"),
        ({"message": {}}, "it has no 'proposalId'"),
        ({"reason": "because"}, "it has an unknown 'reason'"),
    ],
)
def test_load__changed_file__is_refused_in_one_line(path, change, said):
    BALLOT.save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(FlywheelError, match=said) as caught:
        ballots.load(path)
    assert "ballot.json is no signed ballot or delegation: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"support": "3"}, "its support is 3"),
        ({"support": "256"}, "support 256 is too large"),
        ({"support": "-1"}, "support '-1' is no whole number"),
        ({"nonce": "1e3"}, "nonce '1e3' is no whole number"),
        ({"proposalId": str(2**256)}, "is too large"),
        ({"voter": OTHER}, f"but votes for {OTHER}"),
        ({"params": "0x"}, "it has an unknown 'params'"),
    ],
)
def test_load__changed_message__is_refused(path, change, said):
    BALLOT.save(path)
    content = json.loads(path.read_text())
    content["message"].update(change)
    path.write_text(json.dumps(content))
    with pytest.raises(FlywheelError, match=said):
        ballots.load(path)


def test_load__delegation_without_a_signature_of_65_bytes__is_refused(path):
    Signed(*list(vars(DELEGATION).values())[:-1], b"\xab" * 64).save(path)
    with pytest.raises(FlywheelError, match="a delegation needs a signature of 65 bytes"):
        ballots.load(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"kind": "ballot"', '"kind": "ballot", "kind": "ballot"', "line 2: 'kind' was given"),
        ('"support": "1"', '"support": "0", "support": "1"', "'support' was given in line 8"),
        ('"chainId": 1337', '"chainId": NaN', "NaN is no number"),
        ('"chainId": 1337', f'"chainId": {DIGITS}', "is too long"),
        ("{", "{" * 1_000, "it is nested too deeply"),
    ],
)
def test_load__json_that_parsers_read_differently__is_refused(path, old, new, said):
    BALLOT.save(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(FlywheelError, match=said) as caught:
        ballots.load(path)
    assert "is no signed ballot or delegation" in str(caught.value)
