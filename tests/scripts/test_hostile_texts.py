"""Bytes that are no text: no description, reason or name takes a command away from others."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from flywheel.governance import proposals
from tests.scripts import nodes

UNREADABLE = [b"Pay the auditors \xff\xfe", b"A\xc3", b"\xed\xa0\x80 half a pair", b"\xff" * 4_096]


def address(number: int) -> str:
    from ape import accounts

    return str(accounts.test_accounts[number].address)


@pytest.fixture(scope="module")
def dao(local) -> nodes.Node:
    for line in (
        "deploy $N --account TEST::0",
        "devnet fund 281_000 $N --account TEST::1",
        "devnet pass-time '1 hour' $N",
        "raise contribute 280_000 $N --account TEST::1",
        "devnet pass-time '30 days' $N",
        "raise finalize $N --account TEST::0",
        "raise claim $N --account TEST::1",
        "devnet pass-time '1 minute' $N",
    ):
        local.succeed(line)
    return local


@pytest.fixture(autouse=True)
def _back_again(dao):
    with dao.undone():
        yield


def send(dao: nodes.Node, number: int, signature: str, *values: object) -> None:
    """A call of the Governor as any other tool can send it, with `bytes` where it has strings."""
    types = signature[signature.index("(") + 1 : -1].split(",")
    body = encode([item.replace("string", "bytes") for item in types], values)
    data = keccak(text=signature)[:4] + body
    with dao.suite() as suite:
        governor = str(suite.governor.address)
    call = {"from": address(number), "to": governor, "data": f"0x{data.hex()}", "gas": hex(10**7)}
    transaction = dao.rpc("eth_sendTransaction", call)
    dao.rpc("anvil_mine", "0x1")
    receipt = dao.rpc("eth_getTransactionReceipt", transaction)
    assert receipt["status"] == "0x1"


def propose(dao: nodes.Node, description: bytes) -> None:
    with dao.suite() as suite:
        target = str(suite.treasury.address)
        calldata = bytes(suite.treasury.create_purpose.encode_input("audits"))
    send(
        dao, 1, "propose(address[],uint256[],bytes[],string)",
        [target], [0], [calldata], description,
    )  # fmt: skip


@pytest.mark.parametrize("description", UNREADABLE, ids=lambda text: text[:8].hex())
def test_vote__description_that_is_no_text__is_shown_and_voted_on(dao, description):
    propose(dao, description)
    with dao.suite() as suite:
        (found,) = proposals.history(suite)
        assert found.description_hash == keccak(description)
        assert int(suite.governor.getProposalId(*found.arguments)) == found.proposal_id
    (row,) = nodes.result_of(dao.succeed("vote show $M --format json"))
    assert "\ufffd" in row["title"]
    shown = nodes.result_of(dao.succeed("vote show 1 $M --format json"))
    assert shown["really_does"] == ['open a new purpose named "audits"']
    dao.succeed("vote show 1 $M")
    dao.succeed("statement $M")
    dao.succeed("devnet pass-time '25 hours' $N")
    dao.succeed("vote cast 1 for $N --account TEST::1")
    dao.succeed("devnet pass-time '8 days' $N")
    dao.succeed("vote queue 1 $N --account TEST::9")
    dao.succeed("devnet pass-time '4 days' $N")
    dao.succeed("vote execute 1 $N --account TEST::9")


def test_vote__others_beside_it__can_be_proposed_and_cancelled(dao):
    propose(dao, UNREADABLE[0])
    dao.succeed("vote cancel 1 $N --account TEST::1")
    line = "vote propose-call Governor.setVotingPeriod seconds='9 days' --title other"
    dao.succeed(f"{line} $N --account TEST::1")
    assert len(nodes.result_of(dao.succeed("vote show $M --format json"))) == 2


def test_statement__reason_of_somebody_without_votes__is_no_obstacle(dao):
    propose(dao, b"a text")
    dao.succeed("devnet pass-time '25 hours' $N")
    with dao.suite() as suite:
        (found,) = proposals.history(suite)
    reason = b"no \xff"
    send(dao, 8, "castVoteWithReason(uint256,uint8,string)", found.proposal_id, 0, reason)
    dao.succeed("vote show 1 $M")
    dao.succeed("statement $M")


# --- hostile calls ---

TRAP = "0x" + "ba" * 20


def reverts_with(signature: str) -> str:
    """Code that reverts with the selector of an error, and nothing after it."""
    return f"63{keccak(text=signature)[:4].hex()}60e01b5f5260045ffd"


def propose_beside_a_trap(dao: nodes.Node, code: str, value: int) -> None:
    """A purpose, and a call of a contract with `code` that `value` wei are sent to."""
    dao.rpc("anvil_setCode", TRAP, "0x" + code)
    with dao.suite() as suite:
        target = str(suite.treasury.address)
        calldata = bytes(suite.treasury.create_purpose.encode_input("audits"))
    send(
        dao, 1, "propose(address[],uint256[],bytes[],string)",
        [target, TRAP], [0, value], [calldata, b"\x12\x34\x56\x78"], b"Audits",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "value", "ends"),
    [
        ("00", 0, None),
        # Who executes sends it along.
        ("00", 1, None),
        ("00", 10**24, None),
        ("fe", 0, "Action 2 would fail"),
        (reverts_with("Error(string)"), 0, "unknown error 0x08c379a0"),
        (reverts_with("Panic(uint256)"), 0, "unknown error 0x4e487b71"),
        (reverts_with("ERC20InsufficientBalance(address,uint256,uint256)"), 0, "unknown error 0x"),
    ],
)
def test_simulate__hostile_call__says_what_it_would_do(dao, code, value, ends):
    propose_beside_a_trap(dao, code, value)
    result = dao.run("vote show 1 $M --simulate")
    assert "lacks eth_simulateV1" not in result.output
    if ends is None:
        assert result.exit_code == 0, result.output
        assert "purpose count" in result.output
    else:
        assert result.exit_code == 1
        assert ends in result.stderr


def test_simulate__more_than_there_is__says_what_the_node_says(dao):
    propose_beside_a_trap(dao, "00", 2**256 - 1)
    result = dao.run("vote show 1 $M --simulate")
    assert result.exit_code == 1
    assert "the node refuses to run it" in result.stderr


def test_vote__list_that_says_it_is_endless__can_be_voted_on(dao):
    """Inside calls that are only kept, so that it does not revert on chain."""
    with dao.suite() as suite:
        governor, archive = str(suite.governor.address), str(suite["ProposalArchive"].address)
        keep = suite["ProposalArchive"].keep
        words = [0, 32 * 4, 32 * 5, 0, 32 * 4, 32 * 4, 0, 2**255]
        endless = bytes(suite.governor.cancel.encode_input([], [], [], bytes(32)))[:4]
        endless += b"".join(word.to_bytes(32, "big") for word in words)
        calldata = bytes(keep.encode_input([governor], [0], [endless], bytes(32)))
    send(
        dao, 1, "propose(address[],uint256[],bytes[],string)",
        [archive], [0], [calldata], b"Audits",
    )  # fmt: skip
    shown = nodes.result_of(dao.succeed("vote show 1 $M --format json"))
    assert "UNKNOWN CALL to Governor" in shown["really_does"][0]
    dao.succeed("devnet pass-time '25 hours' $N")
    dao.succeed("vote cast 1 against $N --account TEST::1")
