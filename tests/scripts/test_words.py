"""Every function that a vote can call has words, and nothing that a call carries is left unsaid."""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from flywheel import amounts
from flywheel.chain.calldata import Account, Function, Interface, interface_of, marked
from flywheel.deploy.suite import CONTRACTS, Suite, container
from flywheel.rewards.leaves import Domain
from flywheel.wording.describe import UNKNOWN, Words, leaves
from flywheel.wording.kinds import Kind, kind_of
from flywheel.wording.phrases import phrase_of
from flywheel.wording.special import DESCRIBERS

NAMES = (*CONTRACTS, "Asset")
ROLE = b"\x0a" * 32
OTHER_ASSET = "0x" + "e1" * 20
STRANGER = "0x" + "5a" * 20
ZERO = "0x" + "00" * 20


def interface(name: str) -> Interface:
    return interface_of(name, container("MockAsset" if name == "Asset" else name))


@pytest.fixture(scope="module")
def words() -> Words:
    """On a suite that is not on any chain: addresses from 0x..c0 on, two purposes, no grant."""
    contracts: dict[str, Any] = {
        name: SimpleNamespace(address="0x" + f"{0xC0 + number:x}".rjust(40, "0"))
        for number, name in enumerate(NAMES)
    }
    suite = Suite(contracts)
    for name, value in {"decimals": 6, "symbol": "USDC", "token_symbol": "FLY"}.items():
        suite.__dict__[name] = value
    contracts["Treasury"].assets = lambda: [contracts["Asset"].address, OTHER_ASSET]
    contracts["Treasury"].purpose_count = lambda: 2
    contracts["Treasury"].purpose_name = {1: "reserve", 2: "grants"}.get
    contracts["GrantApplications"].application_count = lambda: 0
    for number, role in enumerate(("PROPOSER", "EXECUTOR", "CANCELLER", "DEFAULT_ADMIN")):
        setattr(contracts["Timelock"], f"{role}_ROLE", lambda number=number: bytes([number]) * 32)
    return Words(suite, {name: interface(name) for name in NAMES})


def call(words: Words, name: str, function: str, *values: Any) -> tuple[str, bytes]:
    """Target and calldata."""
    (found,) = words.interface(name).named(function)
    return str(words.suite[name].address), found.encode(list(values))


@pytest.mark.parametrize(
    ("role", "account", "ends"),
    [(0, "Governor", True), (1, ZERO, True), (2, "Governor", False), (0, STRANGER, False)],
)
def test_revoke_role__last_that_carries_votes_out__says_what_it_ends(words, role, account, ends):
    holder = str(words.suite[account].address) if account in CONTRACTS else account
    for function, begins in (("revokeRole", "take "), ("renounceRole", "give up ")):
        target, data = call(words, "Timelock", function, bytes([role]) * 32, holder)
        said = words.call(target, data)
        assert ("NO VOTE CAN BE CARRIED OUT" in said) == ends
        assert said.startswith(begins)
    relay = call(words, "Governor", "relay", target, 0, data)
    assert ("NO VOTE CAN BE CARRIED OUT" in words.call(*relay)) == ends


def sample(parameter: dict[str, Any], number: int) -> Any:
    """A value of that type, different for each `number`."""
    kind = parameter["type"]
    if kind.endswith("]"):
        element = {**parameter, "type": kind[: kind.rindex("[")]}
        length = kind[kind.rindex("[") + 1 : -1]
        return [sample(element, number)] * int(length or 1)
    if kind == "tuple":
        return tuple(
            sample(item, 16 * number + position)
            for position, item in enumerate(parameter["components"])
        )
    if kind == "address":
        return "0x" + f"{0xA0 + number:x}".rjust(40, "0")
    if kind == "bool":
        return True
    if kind == "string":
        return f"text {number}"
    if kind == "bytes":
        return b"bytes %d" % number
    if kind.startswith("bytes"):
        return bytes([number % 256]) * int(kind[5:])
    return 100 + number if int(kind[4:]) > 8 else 1


def calls_of(name: str) -> list[tuple[Function, bytes]]:
    return [
        (item, item.encode([sample(part, number) for number, part in enumerate(item.inputs)]))
        for item in interface(name).functions
    ]


@pytest.mark.parametrize("name", CONTRACTS)
def test_words__every_function__has_its_own(name):
    without = [
        item.signature
        for item in interface(name).functions
        if phrase_of(name, item.name) is None and (name, item.name) not in DESCRIBERS
    ]
    assert without == []


@pytest.mark.parametrize("name", NAMES)
def test_words__every_function__says_every_argument(words, name):
    for function, data in calls_of(name):
        said = words.call(str(words.suite[name].address), data)
        assert not said.startswith(UNKNOWN), function.signature
        # The phrase names arguments that the function has; the mock asset's own have no words.
        assert not said.startswith("call ") or name == "Asset", function.signature
        decoded = words.interface(name).decode(data)
        assert decoded is not None
        assert decoded.exact
        for leaf in leaves(function.inputs):
            value = leaf.of(decoded.arguments)
            kind = kind_of(name, function.name, leaf.name, leaf.element)
            # Structs in arrays and calls in calls have tests of their own.
            if isinstance(value, bool | list) or leaf.element == "bytes":
                continue
            if kind == Kind.ASSET and "units of" in said:
                continue
            if (name, function.name, leaf.name) == ("Governor", "relay", "amount"):
                # What a relayed call sends is ether, not an asset.
                assert f"SEND {amounts.show(value, 18, 'ETH')} along" in said, function.signature
                continue
            shown = words.lexicon.show(value, kind, words.asset_of(decoded))
            assert shown in said, f"{function.signature}: {leaf.path} is not in: {said}"


@pytest.mark.parametrize(
    ("name", "function", "values", "said"),
    [
        (
            "Treasury",
            "spend",
            (2, "USDC", STRANGER, 12_500_000),
            f"pay 12.5 USDC of 'grants' (2) to {STRANGER}",
        ),
        (
            "Treasury",
            "spend",
            (9, OTHER_ASSET, STRANGER, 12_500_000),
            f"pay 12,500,000 units of {OTHER_ASSET} of 'UNKNOWN PURPOSE' (9) to {STRANGER}",
        ),
        (
            "Treasury",
            "spend",
            (1, STRANGER, STRANGER, 5),
            f"pay 5 units of {STRANGER}, WHICH THE TREASURY DOES NOT ACCEPT of 'reserve' (1) "
            f"to {STRANGER}",
        ),
        (
            "Treasury",
            "set_policy",
            (4_000, 5_050),
            "split model income from the epoch after the next: 40 % to holders, 50.5 % to the "
            "next grants, the rest to the reserve",
        ),
        ("Treasury", "set_committer", (STRANGER, False), f"let {STRANGER} commit money of the "
         "Treasury: no"),
        ("Timelock", "grantRole", (b"\0" * 32, STRANGER), f"GIVE PROPOSER_ROLE of the Timelock "
         f"to {STRANGER}"),
        ("Governor", "setVotingPeriod", (5 * 86_400,), "let votes last 5 days"),
        ("Governor", "setVotingPeriod", (5 * 86_400 + 3_661,), "let votes last 435,661 seconds"),
        ("Governor", "updateQuorumNumerator", (400,), "set the quorum to 4 % of the supply"),
        ("GovernanceToken", "set_minter", (STRANGER, 10**21), f"let {STRANGER} mint at most 1,000 "
         "FLY in all"),
        ("RoyaltyRouter", "set_collector", ("Treasury", True), "let Treasury bring royalties: yes"),
        ("FundingRounds", "pause", (), "pause new obligations of FundingRounds"),
        (
            "EnergyLedger",
            "set_guardian",
            ("0x" + "00" * 20, 0),
            "make nobody (the zero address) the guardian of EnergyLedger until never",
        ),
        (
            "LicenseCatalog",
            "offer_terms",
            (
                (3, "USDC", 5_000_000_000, 0, 500, 2_000, 500_000_000, 0, 1_200, 2_592_000, 60, 0,
                 0, 3, 0, ZERO, ZERO, False, False, True, False, True, False, True, 132,
                 [0, 0, 1_000, 0, 0, 0, 0, 500], "research", ROLE, "uri", bytes(32), ""),
            ),
            "offer licences of model 3: 5,000 USDC at once, 5 % of revenue and 0.002 USDC per "
            "unit, at least 500 USDC per 30 days (bond none, royalty_cap none, late_bps_per_year "
            "12 %, grace_seconds 1 minute, cure_seconds none, term_seconds for ever, max_licenses "
            "3, offered_until no end, licensee anybody, arbiter a vote, transferable no, "
            "sublicensable no, renewable yes, exclusive no, approval_required yes, share_alike no, "
            "attribution yes, derivations fine-tune, merge, derivation_share_bps fine-tune 10 %, "
            'merge 5 %, field_of_use "research", '
            f'legal_hash 0x{ROLE.hex()}, legal_uri "uri", summary_hash 0x{bytes(32).hex()}, '
            'summary_uri "")',
        ),
        ("LicenseMarket", "set_due", (7, 2, 10**6, 5 * 10**5, 3 * 10**5, 1_800_000_000),
         "make period 2 of licence 7 owe 1 USDC, 0.5 USDC of it by its own report and 0.3 USDC in "
         "escrow since 2027-01-15 08:00:00 UTC"),
        ("TrainingGrants", "approve", (1, ROLE), "approve grant 1, WHICH DOES NOT EXIST "
         f"(terms_hash 0x{ROLE.hex()})"),
        ("TrainingGrants", "approve_beyond_cap", (1, ROLE), "BEYOND THE CAP of ordinary votes, "
         f"approve grant 1, WHICH DOES NOT EXIST (terms_hash 0x{ROLE.hex()})"),
        ("Treasury", "spend_beyond_cap", (2, "USDC", STRANGER, 12_500_000),
         f"pay 12.5 USDC of 'grants' (2) to {STRANGER}, BEYOND THE CAP of ordinary votes"),
        ("Treasury", "set_caps", (500, 2_500), "let ordinary votes within 30 days spend 5 % of "
         "what is free of an asset and grant 25 % of what a purpose has free"),
        ("Treasury", "set_holders_floor", ("USDC", 10**9), "give holders no part of an epoch as "
         "which ended the next grants had less than 1,000 USDC free, from the epoch after the "
         "next on, or from the first if the asset has earned nothing yet"),
    ],
)  # fmt: skip
def test_words__known_call__is_a_sentence(words, name, function, values, said):
    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(put(item) for item in value)
        known = {"USDC": "Asset", "Treasury": "Treasury"}.get(value) if type(value) is str else None
        return str(words.suite[known].address) if known else value

    target, data = call(words, name, function, *map(put, values))
    assert words.call(target, data).lower() == said.lower()


def hostile(parameter: dict[str, Any], dice: Random) -> Any:
    """A value of that type as somebody picks it who wants nobody to read the call."""
    kind = parameter["type"]
    if kind.endswith("]"):
        element = {**parameter, "type": kind[: kind.rindex("[")]}
        length = kind[kind.rindex("[") + 1 : -1]
        return [hostile(element, dice) for _ in range(int(length or dice.randrange(4)))]
    if kind == "tuple":
        return tuple(hostile(item, dice) for item in parameter["components"])
    if kind == "address":
        return dice.choice((ZERO, STRANGER, OTHER_ASSET))
    if kind == "bool":
        return dice.random() < 0.5
    if kind == "string":
        return dice.choice(HOSTILE_TEXTS)
    if kind.startswith("bytes"):
        return dice.randbytes(int(kind[5:] or dice.randrange(100)))
    is_signed = kind.startswith("int")
    most = 2 ** (int(kind.removeprefix("u").removeprefix("int") or 256) - is_signed) - 1
    number = min(most, dice.choice((0, 1, 3, 10_000, 2**31, 2**48, 2**96, 2**255, most)))
    return -number - 1 if is_signed and dice.random() < 0.5 else number


HOSTILE_TEXTS = (
    *("", "0x" + "z" * 40, "0x" + "-" * 40, "0x" + "é" * 40, "0x" + "1" * 40, STRANGER),
    *("\x1b[2J", "{terms}", "[red]x[/red]", "[/]", "\n2. approve", "\u202etxet", "x" * 5_000),
)


@pytest.mark.parametrize("name", NAMES)
def test_words__hostile_arguments__are_described_and_votable(words, name):
    dice = Random(7)
    for function in interface(name).functions:
        for _ in range(15):
            data = function.encode([hostile(item, dice) for item in function.inputs])
            said = words.call(str(words.suite[name].address), data, dice.choice((0, 1, 2**255)))
            assert said.isprintable()
            assert len(said) > 5
            assert not said.startswith(UNKNOWN), (function.signature, said)


@pytest.mark.parametrize("text", ["0x" + "z" * 40, STRANGER])
def test_words__text_that_looks_like_an_address__is_a_text(words, text):
    said = words.call(*call(words, "Treasury", "create_purpose", text))
    assert said == f'open a new purpose named "{text}"'
    members = words.lexicon.show({"name": text, "account": Account(STRANGER)}, Kind.PLAIN)
    assert members.lower() == f'(name "{text}", account {STRANGER})'


def test_words__text_with_marks__ends_where_it_ends(words):
    text = 'Audits", which only FundingRounds fills'
    said = words.call(*call(words, "Treasury", "create_purpose", text))
    assert said == 'open a new purpose named "Audits\\", which only FundingRounds fills"'


def test_words__addresses_in_lists_and_structs__are_accounts():
    treasury = "0x" + "c0".rjust(40, "0")
    kinds = ("address[]", "(address,string)[2]", "(uint256,address[])")
    values = ([STRANGER], [(STRANGER, treasury), (ZERO, "")], (7, [STRANGER]))
    found = [marked(kind, value) for kind, value in zip(kinds, values, strict=True)]
    assert [type(item) for item in found[0]] == [Account]
    assert [type(item) for pair in found[1] for item in pair] == [Account, str, Account, str]
    assert [type(item) for item in found[2][1]] == [Account]


@pytest.mark.parametrize("count", [2**255, 2**64, 1_000_000, 3])
def test_words__list_that_ends_before_it_says__is_unknown_at_once(words, count):
    """Ape reads zeros past the end of the data: such a list would be read for ever."""
    governor = words.interface("Governor")
    (cancel,) = (item for item in governor.named("cancel") if len(item.inputs) == 4)
    data = cancel.encode([[], [], [], b"\0" * 32])
    # The list of amounts is the last one, and says that it has more than the data.
    head = data[4 : 4 + 32 * 4]
    broken = data[:4] + head[:32] + (32 * 6).to_bytes(32, "big") + head[64:] + bytes(64)
    broken += count.to_bytes(32, "big")
    target = str(words.suite["Governor"].address)
    assert words.call(target, broken).startswith(f"{UNKNOWN} to Governor")
    (keep,) = words.interface("ProposalArchive").named("keep")
    inner = keep.encode([[target], [0], [broken], b"\0" * 32])
    said = words.call(str(words.suite["ProposalArchive"].address), inner)
    assert f"[{UNKNOWN} to Governor" in said


@pytest.mark.parametrize("name", NAMES)
def test_words__calldata_that_was_cut_or_changed__is_described_and_votable(words, name):
    dice = Random(11)
    for function in interface(name).functions:
        for _ in range(10):
            data = bytearray(function.encode([hostile(item, dice) for item in function.inputs]))
            for _ in range(dice.randrange(4)):
                if len(data) > 4:
                    data[dice.randrange(4, len(data))] = dice.choice((0, 1, 32, 255))
            cut = bytes(data[: dice.randrange(4, len(data) + 1)])
            assert words.call(str(words.suite[name].address), cut).isprintable()


def test_words__everything_of_another_asset__names_it(words):
    (approve,) = words.interface("Asset").named("approve")
    data = approve.encode([STRANGER, 2**256 - 1])
    assert OTHER_ASSET in words.call(OTHER_ASSET, data).lower()
    assert (
        words.call(OTHER_ASSET, b"\1\2\3\4")
        .lower()
        .startswith(f"{UNKNOWN} to the asset {OTHER_ASSET}".lower())
    )


def test_words__claim__counts_in_the_asset_of_its_drop(words):
    token = str(words.suite.token.address)
    drop_id = Domain(1, ZERO, 7, token, 3).drop_id
    leaf = (0, STRANGER, 5 * 10**18, 8 * 10**18)
    said = words.call(*call(words, "ContributorRewards", "claim", drop_id, leaf, []))
    assert "its part of drop 3 of campaign 7 in GovernanceToken (0x" in said
    assert "amount 5 FLY, page_total 8 FLY" in said


def test_words__describer_that_fails__leaves_the_call_votable(words, monkeypatch):
    monkeypatch.setitem(DESCRIBERS, ("Treasury", "set_policy"), lambda words, call: 1 // 0)
    target, data = call(words, "Treasury", "set_policy", 4_000, 5_000)
    said = words.call(target, data)
    assert said == f"{UNKNOWN} to Treasury, not described (ZeroDivisionError): 0x{data.hex()}"


def test_words__unknown_target__is_loud(words):
    said = words.call(STRANGER, b"\x12\x34\x56\x78")
    assert said == f"{UNKNOWN} to {STRANGER}, which is no part of this DAO: 0x12345678"


def test_words__unknown_selector__is_loud(words):
    said = words.call(str(words.suite["Treasury"].address), b"\x12\x34\x56\x78")
    assert said == f"{UNKNOWN} to Treasury, which has no such function: 0x12345678"


def test_words__cut_arguments__are_loud(words):
    target, data = call(words, "Treasury", "set_policy", 4_000, 5_000)
    said = words.call(target, data[:-1])
    assert said.startswith(f"{UNKNOWN} to Treasury, with arguments that cannot be read: 0x")


def test_words__trailing_bytes__are_loud(words):
    target, data = call(words, "Treasury", "set_policy", 4_000, 5_000)
    assert f"UNUSUAL ENCODING, read it yourself: 0x{data.hex()}ff" in words.call(
        target, data + b"\xff"
    )


def test_words__ether__is_loud(words):
    target, data = call(words, "Treasury", "set_policy", 4_000, 5_000)
    assert words.call(target, data, 10**17).endswith("and SEND 0.1 ETH along")


def test_words__calls_in_calls__are_read_too(words):
    inner = call(words, "Treasury", "set_policy", 4_000, 5_000)
    zero = b"\0" * 32
    batch = ([inner[0], STRANGER], [0, 7], [inner[1], b"\x01\x02\x03\x04"], zero, zero)
    said = words.call(*call(words, "Timelock", "executeBatch", *batch))
    assert "run in the Timelock: [split model income" in said
    assert f"{UNKNOWN} to {STRANGER}".lower() in said.lower()
    assert "SEND 0.000000000000000007 ETH" in said


def test_words__lists_of_different_length__are_loud(words):
    said = words.call(*call(words, "Timelock", "executeBatch", [STRANGER], [], [], ROLE, ROLE))
    assert "LISTS OF DIFFERENT LENGTH" in said


def test_words__deep_nesting__ends(words):
    target, data = call(words, "Treasury", "set_policy", 4_000, 5_000)
    for _ in range(6):
        target, data = call(words, "Timelock", "execute", target, 0, data, ROLE, ROLE)
    assert "TOO DEEPLY NESTED" in words.call(target, data)


def test_words__function_without_a_phrase__is_shown_by_names_and_units(words):
    spend = words.interface("Treasury").named("spend")[0]
    decoded = words.interface("Treasury").decode(
        spend.encode([2, str(words.suite["Asset"].address), STRANGER, 12_500_000])
    )
    assert decoded is not None
    assert (
        words.by_names(decoded).lower()
        == (
            f"call Treasury.spend with purpose 'grants' (2), asset USDC, receiver {STRANGER}, "
            "amount 12.5 USDC"
        ).lower()
    )
