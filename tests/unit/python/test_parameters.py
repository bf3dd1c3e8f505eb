"""A parameters file is refused where a constructor would refuse it, before anything is sent."""

import pytest

from flywheel.deploy.parameters import cautions, check_filled_in, load
from flywheel.errors import FlywheelError
from tests.support import DAY, ROOT

DEVNET = (ROOT / "parameters" / "devnet.yaml").read_text()
# What is written in the file, what stands there instead, and what the refusal says.
REFUSED = [
    ("quorum_percent: 10", "quorum_percent: 51", "1 to 50 %"),
    ("timelock: {delay: 2 days}", "timelock: {delay: 31 days}", "timelock.delay"),
    ("timelock: {delay: 2 days}", "timelock: {delay: 0 seconds}", "timelock.delay"),
    ("voting_delay: 1 day", "voting_delay: 0 seconds", "governor.voting_delay"),
    ("voting_delay: 1 day", "voting_delay: 31 days", "governor.voting_delay"),
    ("voting_period: 7 days", "voting_period: 61 days", "governor.voting_period"),
    ("voting_period: 7 days", "voting_period: 0 seconds", "governor.voting_period"),
    ("epoch: 30 days", "epoch: 91 days", "token.epoch"),
    ("epoch: 30 days", "epoch: 23 hours", "token.epoch"),
    ("review: 7 days", "review: 23 hours", "grants.review"),
    ("review: 7 days", "review: 31 days", "grants.review"),
    ('quorum_minimum: "100_000"', 'quorum_minimum: "0"', "governor.quorum_minimum"),
    ("term: 365 days", "term: 367 days", "guardian.term"),
    ("term: 365 days", "term: 0 days", "guardian.term"),
    ("late_quorum_extension: 1 day", "late_quorum_extension: 31 days", "late_quorum_extension"),
    ("strict_quorum_percent: 20", "strict_quorum_percent: '14.99'", "a tenth decides alone"),
    ("strict_quorum_percent: 20", "strict_quorum_percent: '40.01'", "never be reached"),
    ("quorum_percent: 10", "quorum_percent: 21", "no more votes than a grant"),
    ('majority_percent: "66.67"', 'majority_percent: "59.99"', "hardly more than a majority"),
    ('majority_percent: "66.67"', 'majority_percent: "80.01"', "a fifth blocks"),
    ('majority_percent: "66.67"', 'majority_percent: "66.667"', "2 decimals"),
    ("strict_delay: 4 days", "strict_delay: 31 days", "governor.strict_delay"),
    ("strict_delay: 4 days", "strict_delay: 47 hours", "shorter than timelock.delay"),
    ("opens_after: 90 days", "opens_after: 367 days", "governor.opens_after"),
    ("opens_after: 90 days", "opens_after: 30 days", "over before the first round is"),
]
# What is taken at the bounds, in basis points and seconds.
TAKEN = [
    ("strict_quorum_percent: 20", "strict_quorum_percent: 15", "strict_quorum_bps", 1_500),
    ("strict_quorum_percent: 20", "strict_quorum_percent: 40", "strict_quorum_bps", 4_000),
    ('majority_percent: "66.67"', "majority_percent: 60", "strict_majority_bps", 6_000),
    ('majority_percent: "66.67"', "majority_percent: 80", "strict_majority_bps", 8_000),
    ("strict_delay: 4 days", "strict_delay: 2 days", "strict_delay", 2 * DAY),
    ("strict_delay: 4 days", "strict_delay: 30 days", "strict_delay", 30 * DAY),
    ("opens_after: 90 days", "opens_after: 31 days", "opens_after", 31 * DAY),
    ("opens_after: 90 days", "opens_after: 366 days", "opens_after", 366 * DAY),
]


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSED, ids=[row[1] for row in REFUSED])
def test_load__with_what_a_contract_refuses__says_so(tmp_path, old, new, refusal):
    assert DEVNET.count(old) == 1
    path = tmp_path / "parameters.yaml"
    path.write_text(DEVNET.replace(old, new))
    with pytest.raises(FlywheelError, match=refusal):
        load(path)


@pytest.mark.parametrize(("old", "new", "field", "value"), TAKEN, ids=[row[1] for row in TAKEN])
def test_load__at_the_bounds_of_strict_rules__takes_them(tmp_path, old, new, field, value):
    path = tmp_path / "parameters.yaml"
    path.write_text(DEVNET.replace(old, new))
    assert getattr(load(path), field) == value


def test_load__without_strict_rules__has_the_recommended_ones(tmp_path):
    """A fifth, two thirds, twice the delay of the Timelock, a quarter of a year."""
    path = tmp_path / "parameters.yaml"
    names = ("strict_", "opens_after")
    lines = [line for line in DEVNET.split("\n") if not line.strip().startswith(names)]
    path.write_text("\n".join(lines))
    found = load(path)
    assert (found.strict_quorum_bps, found.strict_majority_bps) == (2_000, 6_667)
    assert (found.strict_delay, found.opens_after) == (2 * found.timelock_delay, 90 * DAY)


def test_load__without_a_guardian__is_refused(tmp_path):
    """In the first days few have claimed: somebody must be able to stop the fastest of them."""
    path = tmp_path / "parameters.yaml"
    path.write_text("\n".join(line for line in DEVNET.split("\n") if "guardian:" not in line))
    with pytest.raises(FlywheelError, match="guardian"):
        load(path)


@pytest.mark.parametrize("name", ["devnet", "sepolia", "mainnet"])
def test_load__files_of_the_project__are_taken(name):
    load(ROOT / "parameters" / f"{name}.yaml")


def test_check_filled_in__devnet_as_it_stands__can_be_sent():
    check_filled_in(load(ROOT / "parameters" / "devnet.yaml"))


def test_check_filled_in__sepolia_as_it_stands__wants_a_guardian_of_your_own(tmp_path):
    """On a public chain anybody could cancel every vote with the key of a test account."""
    text = (ROOT / "parameters" / "sepolia.yaml").read_text()
    path = tmp_path / "sepolia.yaml"
    path.write_text(text)
    with pytest.raises(FlywheelError, match=r"guardian\.account is still the placeholder"):
        check_filled_in(load(path))

    path.write_text(text.replace("0x000000000000000000000000000000000000dEaD", "0x" + "12" * 20))
    check_filled_in(load(path))


@pytest.mark.parametrize("name", ["sepolia", "mainnet"])
def test_load__files_for_public_chains__name_their_asset(name):
    """A chain that others use gets no mock because a file forgot to say which asset it is."""
    assert load(ROOT / "parameters" / f"{name}.yaml").asset.address is not None


def test_check_filled_in__mainnet_as_it_stands__names_what_is_missing(tmp_path):
    text = (ROOT / "parameters" / "mainnet.yaml").read_text()
    path = tmp_path / "mainnet.yaml"
    path.write_text(text)
    with pytest.raises(FlywheelError, match=r"guardian\.account is still the placeholder"):
        check_filled_in(load(path))

    text = text.replace("0x000000000000000000000000000000000000dEaD", "0x" + "12" * 20)
    path.write_text(text)
    with pytest.raises(FlywheelError, match="terms_uri is still the placeholder"):
        check_filled_in(load(path))

    path.write_text(text.replace("ipfs://write-the-address-of-your-terms", "ipfs://terms"))
    check_filled_in(load(path))


MAINNET = (ROOT / "parameters" / "mainnet.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("delay: 7 days", "delay: 23 hours", "timelock.delay is 23 hours"),
        ("voting_period: 7 days", "voting_period: 23 hours", "voting_period is 23 hours"),
        ('proposal_threshold: "500_000"', 'proposal_threshold: "0"', "propose without end"),
        ('max_contribution: "1_250_000"', 'max_contribution: "3_000_000"', "strict quorum"),
        ('    max_contribution: "1_250_000"\n', "", "strict quorum"),
        ('    holders_floor: "200_000"\n', "", "holders_floor is missing"),
    ],
)
def test_cautions__rule_that_protects_little__is_said(tmp_path, old, new, said):
    path = tmp_path / "mainnet.yaml"
    text = MAINNET.replace(old, new, 1).replace("late_quorum_extension: 3 days", "")
    path.write_text(text)
    assert [sentence for sentence in cautions(load(path)) if said in sentence] != []


def test_cautions__mainnet_as_it_stands__none():
    assert cautions(load(ROOT / "parameters" / "mainnet.yaml")) == []


def test_cautions__just_below_the_strict_quorum__none(tmp_path):
    path = tmp_path / "mainnet.yaml"
    path.write_text(MAINNET.replace('"1_250_000"', '"2_999_999.999999"'))
    assert cautions(load(path)) == []
