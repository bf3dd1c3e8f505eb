"""flywheel.licensing.offer_terms: what a terms file says, in units and words; its faults."""

from pathlib import Path

import pytest
from eth_utils import keccak

from flywheel.amounts import Unit
from flywheel.errors import FlywheelError
from flywheel.licensing import offer_terms
from flywheel.licensing.offer_terms import ZERO_ADDRESS, LicenceTerms

USDC = Unit("0x" + "11" * 20, "USDC", 6)
FILE = """terms:
  fee: "1,000.5"
  bond: 200 USDC
  share: 2.5 %
  price_per_unit: "0.001"
  minimum: "50"
  cap: 20_000
  late_rate: 1200 bps
  period: 30 days
  grace: 10 days
  cure: 20 days
  term: 360 days
  renewable: true
  derivations: {merge: 7 %, fine_tune: 0 %}
  legal_uri: ipfs://text
  legal_text: text.md
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "text.md").write_text("Use it well.")
    path = tmp_path / "terms.yaml"
    path.write_text(FILE)
    return path


def test_load__every_field__is_in_units(path):
    terms = offer_terms.load(path, USDC, 4)
    assert terms == LicenceTerms(
        model_id=4,
        upfront_fee=1_000_500_000,
        share_bps=250,
        minimum_per_period=50_000_000,
        period_seconds=30 * 86_400,
        grace_seconds=10 * 86_400,
        term_seconds=360 * 86_400,
        transferable=False,
        legal_uri="ipfs://text",
        bond=200_000_000,
        price_per_unit=1_000,
        royalty_cap=20_000_000_000,
        late_bps_per_year=1_200,
        cure_seconds=20 * 86_400,
        renewable=True,
        derivation_bps=((2, 0), (7, 700)),
        legal_hash=keccak(text="Use it well."),
        asset=USDC.address,
    )
    struct = terms.struct("0x" + "22" * 20)
    assert struct[1] == USDC.address
    # Fine-tunes are allowed though they owe nothing.
    assert struct[24:26] == (0b1000_0100, [0, 0, 0, 0, 0, 0, 0, 700])
    assert struct[13:17] == (0, 0, ZERO_ADDRESS, ZERO_ADDRESS)
    assert struct[17:24] == (False, False, True, False, False, False, False)
    assert struct[-2:] == (bytes(32), "")


@pytest.mark.parametrize("royalty", ["share: 5 %", 'price_per_unit: "0.001"'])
def test_load__royalty_without_minimum_and_bond__is_refused_with_why(tmp_path, royalty):
    path = tmp_path / "terms.yaml"
    text = f"terms:\n  fee: 1\n  {royalty}\n  period: 30 days\n  grace: 10 days\n"
    path.write_text(text)
    with pytest.raises(FlywheelError) as fault:
        offer_terms.load(path, USDC)
    field = royalty.partition(":")[0]
    assert str(fault.value) == (
        f"{path}, line 3: terms.{field}: a share or a unit price needs a minimum per period or a "
        "bond: who never reports would owe nothing and lose nothing."
    )
    for name in ("minimum", "bond"):
        path.write_text(f"{text}  {name}: 1\n")
        offer_terms.load(path, USDC)
        path.write_text(text)
        offer_terms.load(path, USDC, overrides={name: "1"})


@pytest.mark.parametrize(
    ("name", "revenue", "due"),
    [
        ("enterprise", 100_000, 5_000),
        ("enterprise-mid", 400_000, 20_000),
        ("enterprise-large", 2_500_000, 100_000),
    ],
)
def test_presets__tiers_that_owe_5_000_and_more__ask_for_six_periods_as_a_bond(name, revenue, due):
    terms = offer_terms.load(offer_terms.path_of(name), USDC)
    one = 10**USDC.decimals
    assert revenue * terms.share_bps // 10_000 == due
    assert terms.bond == 6 * due * one
    assert due * one // 2 <= terms.minimum_per_period <= due * one


def test_presets__of_the_product__never_make_silence_free():
    for name in offer_terms.presets():
        terms = offer_terms.load(offer_terms.path_of(name), USDC)
        assert not terms.makes_silence_free, name


MORE = """
  licensee: "0x00000000000000000000000000000000000000aa"
  arbiter: "0x00000000000000000000000000000000000000bb"
  max_licenses: 3
  offered_until: "2027-01-31"
  exclusive: true
  approval_required: true
  share_alike: true
  attribution: true
  summary: summary.yaml
  summary_uri: ipfs://summary
"""
SUMMARY = """license: openrail++
attribution: Made with Open 7B
field_of_use: [research, commercial]
use_restrictions: [weapons, surveillance]
"""


@pytest.fixture
def full(path):
    """A terms file with every field, and its summary."""
    path.with_name("summary.yaml").write_text(SUMMARY)
    path.write_text(FILE.rstrip() + MORE)
    return path


def test_load__conditions_of_the_sale__are_in_the_struct(full):
    terms = offer_terms.load(full, USDC, 4)
    last = terms.struct("0x" + "22" * 20)
    # 2027-01-31 00:00 UTC.
    assert last[13:15] == (3, 1_801_353_600)
    assert [int(account, 16) for account in last[15:17]] == [0xAA, 0xBB]
    assert last[17:24] == (False, False, True, True, True, True, True)
    assert last[-2:] == (keccak(text=SUMMARY), "ipfs://summary")
    said = offer_terms.in_words(terms, USDC)
    assert said["Sold"] == (
        f"to {last[15]} alone, 3 at most, until 2027-01-31 00:00:00 UTC; no other licence of the "
        "model is sold while it runs"
    )
    assert said["Decides in disputes"] == last[16]
    assert said["Must name the model"] == "yes"
    assert said["May be derived"].endswith(
        "; each after the licensor's approval; licensed on the same conditions"
    )
    assert said["Summary for programs"] == "ipfs://summary"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_licenses: 3", "max_licenses: 0", "write how many are sold at most"),
        ('"2027-01-31"', '"2027-02-31"', "'2027-02-31' is no day"),
        ('"2027-01-31"', "tomorrow", "write the day from which none is sold"),
        ('"0x00000000000000000000000000000000000000aa"', "0xaa", "write an address in quotes"),
        ("  summary_uri: ipfs://summary\n", "", "terms: write the fields of the presets"),
        ("summary.yaml", "none.yaml", "Cannot read"),
    ],
)
def test_load__fault_in_the_conditions__names_the_reason(full, old, new, said):
    full.write_text(full.read_text().replace(old, new, 1))
    with pytest.raises(FlywheelError) as caught:
        offer_terms.load(full, USDC)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("license: openrail++", "license: my own", "write an SPDX id"),
        ("weapons", "WEAPONS!", "list what is forbidden"),
        ("commercial", "everything", "list some of research"),
        ("attribution", "credits", "there is no 'credits' here"),
    ],
)
def test_load__summary_no_program_can_read__is_refused(full, old, new, said):
    full.with_name("summary.yaml").write_text(SUMMARY.replace(old, new, 1))
    with pytest.raises(FlywheelError, match=said):
        offer_terms.load(full, USDC)


def test_load__overrides__win_over_the_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path.parent / "other.md").write_text("Other words.")
    path.write_text(FILE.replace("legal_text: text.md", f'legal_hash: "0x{"ab" * 32}"'))
    changed = {"fee": "7", "term": "perpetual", "legal_text": "other.md", "share": None}
    terms = offer_terms.load(path, USDC, 4, changed)
    assert (terms.upfront_fee, terms.term_seconds, terms.share_bps) == (7_000_000, 0, 250)
    assert terms.legal_hash == keccak(text="Other words.")
    with pytest.raises(FlywheelError, match=r"^--late-rate: '12' is no share"):
        offer_terms.load(path, USDC, 4, {"late_rate": "12"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2.5 %", "2.5", "line 4: terms.share: write a share such as 12.5 % or 1250 bps"),
        ("2.5 %", "2.555 %", "line 4: terms.share: '2.555' has more than 2 decimals"),
        ("200 USDC", "200 EUR", "line 3: terms.bond: '200 EUR' is not in USDC"),
        ("30 days", "a month", "line 9: terms.period: write a duration"),
        ("360 days", "forever", "line 12: terms.term: write perpetual or a duration"),
        (
            "{merge: 7 %,",
            "{fork: 7 %,",
            "line 14: terms.derivations: write kinds of derived models",
        ),
        ("text.md", "none.md", "line 16: terms.legal_text: Cannot read"),
        (
            "renewable: true",
            "renewable: maybe",
            "line 13: terms.renewable: 'maybe' is not of type 'boolean'",
        ),
        ("cap:", "ceiling:", "line 7: terms: write the fields of the presets"),
        ("legal_text", 'legal_hash: "0x' + "ab" * 32 + '"\n  legal_text', "not both"),
    ],
)
def test_load__fault__names_line_and_reason(path, old, new, said):
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises(FlywheelError) as caught:
        offer_terms.load(path, USDC)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}, line ")


def test_path_of__neither_preset_nor_file__lists_the_presets(path):
    assert offer_terms.path_of("api").parent == offer_terms.PRESETS
    assert offer_terms.path_of(str(path)) == path
    with pytest.raises(FlywheelError, match="one of api, research, startup, derivative, enter"):
        offer_terms.path_of("best")


@pytest.mark.parametrize("name", list(offer_terms.presets()))
def test_presets__lack_only_the_legal_text(name):
    terms = offer_terms.load(offer_terms.path_of(name), USDC, 1)
    with pytest.raises(FlywheelError, match="--legal-uri"):
        offer_terms.require_legal_text(terms)
    said = offer_terms.in_words(terms, USDC)
    assert said["Field of use"] == terms.field_of_use != ""
    assert (said["Royalty"] == "none") == (terms.period_seconds == 0)


def test_load__example_of_the_product__has_its_legal_text():
    terms = offer_terms.load(Path("examples/terms.yaml"), USDC, 1)
    offer_terms.require_legal_text(terms)
    assert terms.legal_hash == keccak(Path("LICENSE").read_bytes())


def test_in_words__of_a_file__says_everything(path):
    said = offer_terms.in_words(offer_terms.load(path, USDC, 4), USDC)
    assert said["Fee"] == "1,000.5 USDC at once, again for each term"
    assert said["Royalty"] == (
        "2.5 % of revenue and 0.001 USDC per unit, at least 50 USDC per 30 days, "
        "20,000 USDC in all at most"
    )
    assert said["Reports"] == "every 30 days, to be paid within 10 days"
    assert said["Late"].startswith("12 % interest a year")
    assert said["Term"] == "360 days, renewable by right"
    assert said["May be derived"] == (
        "fine-tune (0 % of what it earns), merge (7 % of what it earns)"
    )


@pytest.mark.parametrize(
    ("text", "bps"), [("12.5 %", 1_250), ("0 %", 0), ("1250bps", 1_250), ("0.01%", 1)]
)
def test_share__written__is_basis_points(text, bps):
    assert offer_terms.share(text) == bps


@pytest.mark.parametrize("text", ["5", "5 per cent", "0.001 %", "1.5 bps", "%", "-1 %"])
def test_share__unclear__is_refused(text):
    with pytest.raises(FlywheelError):
        offer_terms.share(text)
