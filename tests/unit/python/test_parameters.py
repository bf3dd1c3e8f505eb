"""A parameters file is refused where a constructor would refuse it, before anything is sent."""

import pytest

from flywheel.errors import FlywheelError
from flywheel.parameters import check_filled_in, load
from tests.support import ROOT

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
]


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSED, ids=[row[1] for row in REFUSED])
def test_load__with_what_a_contract_refuses__says_so(tmp_path, old, new, refusal):
    assert DEVNET.count(old) == 1
    path = tmp_path / "parameters.yaml"
    path.write_text(DEVNET.replace(old, new))
    with pytest.raises(FlywheelError, match=refusal):
        load(path)


def test_load__without_a_guardian__is_refused(tmp_path):
    """In the first days few have claimed: somebody must be able to stop the fastest of them."""
    path = tmp_path / "parameters.yaml"
    path.write_text("\n".join(line for line in DEVNET.split("\n") if "guardian:" not in line))
    with pytest.raises(FlywheelError, match="guardian"):
        load(path)


@pytest.mark.parametrize("name", ["devnet", "testnet", "mainnet"])
def test_load__files_of_the_project__are_taken(name):
    load(ROOT / "parameters" / f"{name}.yaml")


@pytest.mark.parametrize("name", ["devnet", "testnet"])
def test_check_filled_in__rehearsals__can_be_sent(name):
    check_filled_in(load(ROOT / "parameters" / f"{name}.yaml"))


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
