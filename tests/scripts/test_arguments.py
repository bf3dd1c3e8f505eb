"""Named actions: what people write is what is encoded, and what they mistype is refused."""

from typing import Any

import pytest

from flywheel import documents
from flywheel.errors import FlywheelError
from flywheel.evaluations import scores
from flywheel.governance import named
from flywheel.wording.arguments import Misfit, Reader, parse_pairs
from flywheel.wording.kinds import Kind, kind_of
from tests.scripts.test_words import NAMES, OTHER_ASSET, STRANGER, ZERO, calls_of, words

__all__ = ["words"]

NEVER = 0
SPEND = {"purpose": "grants", "asset": "USDC", "receiver": STRANGER, "amount": "12.5 USDC"}


def decoded(words, contract, function, written):
    action = named.build(words, contract, function, written)
    call = words.interface(contract).decode(action.calldata)
    assert call is not None
    assert call.exact
    return call.arguments


@pytest.mark.parametrize(
    ("contract", "function", "argument", "text", "value"),
    [
        ("Treasury", "spend", "amount", "12.5 USDC", 12_500_000),
        ("Treasury", "spend", "amount", "1,000 USDC", 1_000_000_000),
        ("Treasury", "spend", "amount", "7 units", 7),
        ("Treasury", "spend", "purpose", "reserve", 1),
        ("Treasury", "spend", "purpose", 2, 2),
        ("GovernanceToken", "mint", "amount", "0.5 FLY", 5 * 10**17),
        ("Governor", "setVotingPeriod", "seconds", "8 days", 691_200),
        ("Governor", "set_guardian", "expires_at", "2030-01-31 12:00", 1_896_091_200),
        ("Governor", "set_guardian", "expires_at", "2030-01-31 12:00 UTC", 1_896_091_200),
        ("Governor", "set_guardian", "expires_at", "never", NEVER),
        ("Treasury", "set_policy", "holders_bps", "12.5 %", 1_250),
        ("Treasury", "set_policy", "holders_bps", "1250 bps", 1_250),
        ("Treasury", "set_committer", "allowed", True, True),
        ("Timelock", "grantRole", "role", "CANCELLER_ROLE", b"\x02" * 32),
        ("Governor", "castVote", "support", "abstain", 2),
        ("FundingRounds", "cancel", "round_id", "1_000", 1_000),
    ],
)
def test_build__written_value__is_encoded(words, contract, function, argument, text, value):
    others = {
        "spend": SPEND,
        "mint": {"to": STRANGER},
        "set_guardian": {"new_guardian": STRANGER},
        "set_policy": {"grants_bps": "50 %"},
        "set_committer": {"account": "TrainingGrants"},
        "grantRole": {"account": STRANGER},
        "castVote": {"proposal_id": 1},
    }.get(function, {})
    found = decoded(words, contract, function, {**others, argument: text})
    assert found[argument] == value


def test_build__names__are_addresses(words):
    found = decoded(words, "Treasury", "spend", {**SPEND, "receiver": "Timelock"})
    assert found["receiver"].lower() == words.suite["Timelock"].address
    assert found["asset"].lower() == words.suite["Asset"].address
    found = decoded(words, "Treasury", "set_committer", {"account": "nobody", "allowed": False})
    assert int(found["account"], 16) == 0


def test_build__struct__is_a_mapping(words):
    written = {
        "publisher": STRANGER,
        "challenge_seconds": "7 days",
        "description": {"kind": 1, "content_hash": "keccak hello", "uri": "ipfs://x"},
    }
    found = decoded(words, "ContributorRewards", "create_campaign", written)
    assert found["challenge_seconds"] == 604_800
    assert found["description"]["content_hash"].hex().startswith("1c8aff95")


def test_build__id_of_a_drop__is_taken_in_hexadecimal(words):
    call = {"drop_id": "0x12", "reason_hash": "keccak why"}
    assert decoded(words, "ContributorRewards", "cancel_drop", call)["drop_id"] == 18


@pytest.mark.parametrize(
    ("written", "kinds"), [("none", 0), ("merge", 128), ("fine-tune, merge", 132), (132, 132)]
)
def test_build__model_kinds__are_added_up(words, written, kinds):
    terms = license_terms(derivations=written)
    assert (
        decoded(words, "LicenseCatalog", "offer_terms", {"terms": terms})["terms"]["derivations"]
        == kinds
    )


def test_build__unknown_model_kind__is_refused(words):
    terms = license_terms(derivations="fine-tune, remix")
    with pytest.raises(Misfit, match="'remix' is no kind of model: foundation, version"):
        named.build(words, "LicenseCatalog", "offer_terms", {"terms": terms})


def license_terms(**changed: Any) -> dict[str, Any]:
    money = ("upfront_fee", "bond", "price_per_unit", "minimum_per_period", "royalty_cap")
    seconds = ("period_seconds", "grace_seconds", "cure_seconds", "term_seconds")
    return {
        "model_id": 1, "asset": "USDC", "share_bps": "5 %", "late_bps_per_year": "0 %",
        **dict.fromkeys(money, "1 USDC"), **dict.fromkeys(seconds, "30 days"),
        "max_licenses": 0, "offered_until": "never", "licensee": ZERO, "arbiter": ZERO,
        **dict.fromkeys(("transferable", "sublicensable", "renewable", "exclusive"), False),
        **dict.fromkeys(("approval_required", "share_alike", "attribution"), False),
        "summary_hash": f"0x{bytes(32).hex()}", "summary_uri": "",
        "derivation_share_bps": ["0 %"] * 8, "field_of_use": "any",
        "legal_hash": "keccak text", "legal_uri": "ipfs://text", **changed,
    }  # fmt: skip


def test_build__overload__is_chosen_by_its_arguments(words):
    written = {"owner": STRANGER, "to": STRANGER, "token_id": 1, "data": "0x0102"}
    assert decoded(words, "ModelRegistry", "safeTransferFrom", written)["data"] == b"\1\2"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": 5}, "names no USDC"),
        ({"amount": "5"}, "names no USDC"),
        ({"amount": 12.5}, "put it in quotes"),
        ({"amount": "5 FLY"}, "names no USDC"),
        ({"amount": "5 usdc"}, "names no USDC"),
        ({"amount": "12,5 USDC"}, "is not an amount"),
        ({"amount": "0.0000001 USDC"}, "more than 6 decimals"),
        ({"asset": OTHER_ASSET, "amount": "5 USDC"}, "names no units"),
        ({"purpose": "granst"}, "is no purpose of the Treasury: reserve (1), grants (2)"),
        ({"purpose": 3}, "is no purpose"),
        ({"receiver": "0x12"}, "is no address"),
        ({"receiver": 0x12}, "write an address in quotes"),
        ({"receiver": "nobody-i-know"}, "is neither an address"),
        ({"reciever": STRANGER}, "has no argument 'reciever'"),
    ],
)
def test_build__wrong_argument__is_refused(words, changed, said):
    with pytest.raises(Misfit) as caught:
        named.build(words, "Treasury", "spend", {**SPEND, **changed})
    assert said in str(caught.value)
    assert caught.value.path == ["arguments", next(reversed(changed))]


@pytest.mark.parametrize(
    ("contract", "function", "written", "said"),
    [
        ("Treasury", "spend", {"purpose": 1}, "lacks the argument 'asset'"),
        ("Governor", "setVotingPeriod", {"seconds": 691_200}, "has no unit of time"),
        ("Governor", "setVotingPeriod", {"seconds": "5000000 days"}, "does not fit into uint32"),
        ("Governor", "set_guardian", {"new_guardian": STRANGER, "expires_at": 5}, "is no time"),
        ("Treasury", "set_policy", {"holders_bps": 30, "grants_bps": "5 %"}, "is no share"),
        ("Treasury", "set_policy", {"holders_bps": "nan %", "grants_bps": "5 %"}, "is no share"),
        ("Treasury", "set_committer", {"account": STRANGER, "allowed": "yes"}, "true or false"),
        ("Timelock", "cancel", {"id": "0x12"}, "0x and 64 digits"),
        ("FundingRounds", "cancel", {"round_id": "one"}, "is no whole number"),
        ("FundingRounds", "cancel", {"round_id": -1}, "is no whole number"),
        ("FundingRounds", "pause", {"now": True}, "it takes no arguments"),
        ("FundingRounds", "open_round", {"terms": 5}, "each with its value"),
        ("Treasury", "nothing", {}, "has no function 'nothing'"),
        ("Nothing", "spend", {}, "there is no contract 'Nothing'"),
    ],
)
def test_build__wrong_call__is_refused(words, contract, function, written, said):
    with pytest.raises(Misfit) as caught:
        named.build(words, contract, function, written)
    assert said in str(caught.value)


def test_every_function__written_by_names__is_encoded_as_given(words, monkeypatch):
    """What the reader takes and what the words show are of the same unit, for every function."""
    purposes = {number: str(number) for number in range(5_000)}
    monkeypatch.setitem(words.lexicon.__dict__, "purposes", purposes)

    for name in NAMES:
        for function, data in calls_of(name):
            call = words.interface(name).decode(data)
            written = {
                item["name"]: _written(words, function, item, call.arguments[item["name"]])
                for item in function.inputs
            }
            assert Reader(words.lexicon).encode(function, written) == data, function.signature


def _written(words, function, item, value):
    """A value as a person would write it."""
    if isinstance(value, list):
        element = {**item, "type": item["type"][: item["type"].rindex("[")]}
        return [_written(words, function, element, part) for part in value]
    if isinstance(value, dict):
        parts = {part["name"]: part for part in item["components"]}
        return {name: _written(words, function, parts[name], part) for name, part in value.items()}
    if isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, str):
        return value
    kind = kind_of(function.contract, function.name, item["name"], item["type"])
    return {
        Kind.MONEY: f"{value} units",
        Kind.TOKENS: f"{value} units",
        Kind.DURATION: f"{value} seconds",
        Kind.TIME: f"1970-01-01 00:{value // 60:02}:{value % 60:02}",
        Kind.SHARE: f"{value} bps",
        Kind.KIND_SHARES: f"{value} bps",
        Kind.PURPOSE: value,
        Kind.SCORE: str(scores.show(value)) if kind == Kind.SCORE else "",
    }.get(kind, value)


# --- files ---


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("actions: []\n", 1, "title must be given"),
        ("title: x\nactions: []\n", 2, "write one to ten actions"),
        ("title: x\nactions:\n- {contract: Treasury}\n", 3, "contract, function and arguments"),
        ("title: x\nactions:\n- {contract: T, function: f, args: {}}\n", 3, "write an action as"),
        ("title: 'a\n\n  b'\nactions:\n- {contract: T, function: f}\n", 1, "a title of one line"),
        ("title: x\ntitle: y\nactions: []\n", 2, "'title' was given in line 1"),
    ],
)
def test_actions_file__wrong__names_line_and_reason(tmp_path, text, line, said):
    path = tmp_path / "actions.yaml"
    path.write_text(text)
    with pytest.raises(FlywheelError) as caught:
        documents.load(path, "actions")
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert said in str(caught.value)


def test_actions_file__wrong_argument__names_its_line(words, tmp_path, monkeypatch):
    monkeypatch.setattr(named, "Words", lambda suite: words)
    path = tmp_path / "actions.yaml"
    path.write_text(
        "title: x\nactions:\n- contract: Treasury\n  function: set_policy\n  arguments:\n"
        "    holders_bps: 30 %\n    grants_bps: 60\n"
    )
    with pytest.raises(FlywheelError) as caught:
        named.read(words.suite, path)
    assert str(caught.value) == (
        f"{path}, line 7: actions.0.arguments.grants_bps: '60' is no share: write '12.5 %' or "
        "'1250 bps'."
    )


def test_parse_pairs__values__stay_what_was_written():
    found = parse_pairs(
        ("a=5 USDC", "b=0x01", "c=true", "d=[1, 2]", "e=5", "f=in 3 days", "g=x: y z")
    )
    assert found == {
        "a": "5 USDC", "b": "0x01", "c": True, "d": [1, 2], "e": 5, "f": "in 3 days",
        "g": {"x": "y z"},
    }  # fmt: skip


@pytest.mark.parametrize("pairs", [("a",), ("=5",), ("a=1", "a=2")])
def test_parse_pairs__wrong__is_refused(pairs):
    with pytest.raises(FlywheelError, match="Write NAME=VALUE"):
        parse_pairs(pairs)
