"""The wire to a node: what is asked again, what is not, and what an HTTP error means."""

import json
from typing import Any

import pytest
import requests
from web3 import HTTPProvider

from flywheel.chain import patient
from flywheel.chain.patient import NodeGaveUp, PatientProvider

GOOD: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "result": "0x1"}


def http(status: int, body: Any = "", **headers: str) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    text = body if isinstance(body, str) else json.dumps(body)
    response._content = text.encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return requests.HTTPError(f"{status}", response=response)


def refused(code: int, message: str = "no") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@pytest.fixture
def node(monkeypatch):
    """A provider whose node does one thing after another; what was asked, and the pauses."""

    class Node:
        def __init__(self) -> None:
            self.wire = PatientProvider("http://127.0.0.1:1")
            self.asked: list[tuple[str, Any]] = []
            self.pauses: list[float] = []

        def does(self, *answers: Any) -> None:
            left = iter(answers)

            def make_request(_: Any, method: str, params: Any) -> Any:
                self.asked.append((method, params))
                answer = next(left)
                if isinstance(answer, Exception):
                    raise answer
                return answer

            monkeypatch.setattr(HTTPProvider, "make_request", make_request)

        def ask(self, method: str, *params: Any) -> Any:
            return self.wire.make_request(method, list(params))

    made = Node()
    monkeypatch.setattr(patient.time, "sleep", made.pauses.append)
    # The node answered before: it is there.
    made.does(GOOD)
    made.ask("eth_chainId")
    made.asked.clear()
    return made


@pytest.mark.parametrize(
    "fault",
    [
        http(429),
        http(500),
        http(503, "<html>"),
        requests.ConnectionError("reset"),
        requests.Timeout("slow"),
        refused(-32005, "request rate limited: rate limit"),
        refused(429),
    ],
)
def test_make_request__passing_fault__asks_again_after_growing_pauses(node, fault):
    node.does(fault, fault, GOOD)
    assert node.ask("eth_call", {}, "latest") == GOOD
    assert node.pauses == list(patient.PAUSES[:2])
    assert node.pauses == sorted(node.pauses)


def test_make_request__signed_bytes__are_sent_again_as_they_are(node):
    node.does(requests.ConnectionError("reset"), GOOD)
    assert node.ask("eth_sendRawTransaction", "0xabcd") == GOOD
    assert node.asked == [("eth_sendRawTransaction", ["0xabcd"])] * 2


@pytest.mark.parametrize("method", patient.ONCE)
@pytest.mark.parametrize("fault", [requests.ConnectionError("reset"), http(502)])
def test_make_request__what_would_happen_twice__is_not_repeated(node, method, fault):
    node.does(fault, GOOD)
    with pytest.raises(requests.RequestException, match=r"reset|HTTP 502"):
        node.ask(method)
    assert len(node.asked) == 1


def test_make_request__what_would_happen_twice_and_was_throttled__is_repeated(node):
    node.does(http(429), GOOD)
    assert node.ask("evm_increaseTime", "0x1") == GOOD


def test_make_request__node_names_the_pause__is_given_that_and_no_more_than_the_longest(node):
    node.does(http(429, retry_after="7"), http(429, retry_after="4000"), GOOD)
    node.ask("eth_call")
    assert node.pauses == [7, patient.LONGEST_PAUSE]


def test_make_request__error_each_time__gives_up_and_says_which(node):
    tries = len(patient.PAUSES) + 1
    node.does(*[http(429, refused(-32005, "too many"))] * tries)
    with pytest.raises(NodeGaveUp, match="HTTP 429 to eth_call: too many"):
        node.ask("eth_call")
    assert len(node.asked) == tries


@pytest.mark.parametrize("status", [400, 405, 413])
def test_make_request__json_rpc_error_as_an_http_error__is_answered(node, status):
    node.does(http(status, refused(-32600, "range too large")))
    assert node.ask("eth_getLogs", {})["error"]["message"] == "range too large"
    assert node.pauses == []


def test_make_request__http_error_without_json__is_told_at_once(node):
    node.does(http(401, "<html>"))
    with pytest.raises(NodeGaveUp, match="HTTP 401 to eth_call"):
        node.ask("eth_call")
    assert node.pauses == []


def test_make_request__nobody_ever_answered__does_not_wait(monkeypatch, node):
    wire = PatientProvider("http://127.0.0.1:1")
    node.does(requests.ConnectionError("refused"))
    with pytest.raises(requests.ConnectionError, match="refused"):
        wire.make_request("eth_chainId", [])
    assert node.pauses == []


def test_make_request__read_at_a_block__is_asked_of_that_block_only(node):
    node.wire.block = "0x7"
    node.does(*[GOOD] * 5)
    node.ask("eth_call", {}, "latest")
    node.ask("eth_getBalance", "0xaa")
    node.ask("eth_call", {}, "0x3")
    node.ask("eth_getTransactionCount", "0xaa", "pending")
    node.ask("eth_getBlockByNumber", "latest", False)
    assert [params for _, params in node.asked] == [
        [{}, "0x7"],
        ["0xaa", "0x7"],
        [{}, "0x3"],
        ["0xaa", "pending"],
        ["latest", False],
    ]
