"""The Safe's batch file: checksum, what is unknown until the Safe sends."""

import json
from types import SimpleNamespace

import pytest
from eth_abi import decode

from flywheel.chain import connection, safe, unsent
from flywheel.errors import FlywheelError

TARGET = "0x" + "7a" * 20
SAFE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class Method:
    """Stands for a method of an Ape contract: `pay(uint256 amount, address to)`."""

    contract = SimpleNamespace(address=TARGET)

    def __init__(self):
        entry = {
            "type": "function",
            "name": "pay",
            "stateMutability": "nonpayable",
            "inputs": [
                {"name": "amount", "type": "uint256"},
                {"name": "to", "type": "address"},
            ],
        }
        self.abis = [
            SimpleNamespace(selector="pay(uint256,address)", model_dump=lambda by_alias: entry)
        ]

    def encode_input(self, amount, to):
        from flywheel.chain.calldata import Function

        abi = self.abis[0].model_dump(by_alias=True)
        return Function("Pot", "pay", tuple(abi["inputs"])).encode([int(amount), str(to)])


@pytest.fixture
def batch(tmp_path):
    return safe.Batch(tmp_path / "batch.json", SAFE)


def test_checksum__published_file__is_equal():
    """A file and its checksum from the tests of a library that the Safe app reads files of."""
    zero = "0x" + "00" * 20
    document = {
        "version": "1.0",
        "chainId": "1",
        "createdAt": 1665177409513,
        "meta": {
            "name": "Transactions Batch",
            "description": "Created from @morpho-labs/gnosis-tx-builder",
            "txBuilderVersion": "1.8.0",
            "createdFromSafeAddress": zero,
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {"to": zero, "operation": 1, "value": "1000000000000000000", "data": "0x"}
        ],
    }
    wanted = "0xcc15ad0f6efe4476b91fdb28019f8006198056434b8746f177b37f07bb3e86f8"
    assert safe.checksum(document) == wanted
    signed = safe.with_checksum(document)
    assert signed["meta"]["checksum"] == wanted
    # As the app verifies a file: without the checksum, whatever its name.
    renamed = {**signed, "meta": {**signed["meta"], "name": "another"}}
    assert safe.checksum(renamed) == wanted
    assert safe.checksum({**signed, "chainId": "10"}) != wanted


def test_checksum__text_beyond_ascii__is_kept_as_javascript_does():
    shown = safe._serialized({"b": None, "a": ["\u00e9", True, {"x": "1"}]})
    assert shown == '{["a","b"]["\u00e9",true,{["x"]"1",}],null,}'


def test_record__one_call__has_data_method_and_values(batch):
    batch.record(Method(), (5, TARGET))
    (made,) = batch.transactions
    assert made["to"] == TARGET
    assert made["value"] == "0"
    assert made["contractMethod"]["name"] == "pay"
    assert made["contractMethod"]["payable"] is False
    assert made["contractInputsValues"]["amount"] == "5"
    assert made["contractInputsValues"]["to"].lower() == TARGET
    assert decode(["uint256", "address"], bytes.fromhex(made["data"][10:])) == (5, TARGET)


def test_record__result_of_an_earlier_call__is_refused(batch):
    receipt = batch.record(Method(), (5, TARGET))
    for amount, to in [
        (int(receipt.logs_of.amount), TARGET),
        (int(receipt["id"]) + 3_600, TARGET),
        (5, str(receipt.account)),
    ]:
        with pytest.raises(FlywheelError, match="Transaction 2 needs the result"):
            batch.record(Method(), (amount, to))
    assert len(batch.transactions) == 1


def test_record__number_that_looks_like_a_result__passes_if_none_was_read(batch):
    batch.record(Method(), (5, TARGET))
    batch.record(Method(), (unsent.UNKNOWN_NUMBER, TARGET))
    assert len(batch.transactions) == 2


def test_record__more_than_fit_into_a_block__is_refused(batch):
    for number in range(safe.MAX_TRANSACTIONS):
        batch.record(Method(), (number, TARGET))
    with pytest.raises(FlywheelError, match="Do it in parts"):
        batch.record(Method(), (5, TARGET))


def test_recorder__after_the_block__is_gone(batch):
    with connection.recorder(batch):
        receipt = connection.send(Method(), 5, TARGET, sender=None)
        assert connection.event_of(receipt, None) is receipt
    assert connection._batches == []


def test_safe_account__has_an_address_and_no_key():
    account = safe.SafeAccount(SAFE.lower())
    assert str(account) == account.address == SAFE
    with pytest.raises(FlywheelError, match="A Safe signs nothing here"):
        account.sign_message("permit")
    with pytest.raises(FlywheelError, match="cannot deploy"):
        account.deploy("contract")


def test_plain__big_numbers_in_lists__stay_text():
    assert json.loads(safe._field("uint256[]", (2**255, 1))) == [str(2**255), "1"]
    assert safe._field("bool", True) == "true"
    assert safe._field("bytes32", b"\1" * 32) == "0x" + "01" * 32


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0x12", "is no address"),
        ("5a" * 20, "is no address"),
        ("0x70997970C51812dc3A010C7d01b50e0d17dc79C9", "wrong checksum"),
    ],
)
def test_address__wrong__is_refused(text, said):
    with pytest.raises(FlywheelError, match=said):
        connection.address(text)


@pytest.mark.parametrize("change", [str, str.lower, lambda text: "0x" + text[2:].upper()])
def test_address__any_honest_form__is_checksummed(change):
    right = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    assert connection.address(change(right)) == right
