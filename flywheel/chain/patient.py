"""The wire to a node: asks again where a node throttles or drops, and reads at one block.

Public nodes limit requests, answer with an error page now and then, and drop connections. A read is
asked again after a growing pause. A signed transaction is sent again in the same bytes, which can
only ever be in one block once. What would happen twice, such as moving a test node's clock, is sent
once unless the node says that it did nothing.
"""

import json
import time
from typing import Any

import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

# Seconds before each further try; a node that names a time itself is given that, up to the longest.
PAUSES: tuple[float, ...] = (0.25, 0.5, 1, 2, 4, 8)
LONGEST_PAUSE = 30.0
# Seconds until an answer is given up. Ape's own figure is half an hour.
TIMEOUT = 60.0
TOO_MANY_REQUESTS = 429
# JSON-RPC errors that say the same as HTTP's 429, by their code or in words.
THROTTLED_CODES = (429, -32029)
THROTTLED_WORDS = ("rate limit", "too many requests", "request count exceeded", "compute units")
# Where each repetition would do something more, or undo something.
ONCE = ("eth_sendTransaction", "evm_increaseTime", "evm_snapshot", "evm_revert")
# Place of the block among the parameters of a method that reads the state.
BLOCK_AT = {
    "eth_call": 1,
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_getStorageAt": 2,
    "eth_getTransactionCount": 1,
}


class NodeGaveUp(requests.RequestException):
    """The node answered every try with an error of its own; the text says which."""


class PatientProvider(HTTPProvider):
    """web3's HTTP provider with the manners above.

    An HTTP error whose body is a JSON-RPC error is answered like any other JSON-RPC error: some
    nodes refuse a range of logs or an unknown method with HTTP 400 or 413.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options["exception_retry_configuration"] = None
        super().__init__(*args, **options)
        self._request_kwargs = {**(self._request_kwargs or {}), "timeout": TIMEOUT}
        # What state is read at instead of the latest block, as JSON-RPC writes it.
        self.block: str | None = None
        # Which chain answers here, once it was asked.
        self.identity: str | None = None
        self._has_answered = False

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One answer of the node, its errors included. Raises `NodeGaveUp` when it has none after
        some tries, and what `requests` raises when it cannot be reached."""
        params = self._pinned(method, params)
        pauses = list(PAUSES)
        while True:
            failure: requests.RequestException | None = None
            wait = 0.0
            try:
                answer = super().make_request(method, params)
                self._has_answered = True
                if not is_throttled(answer) or not pauses:
                    return answer
            except requests.HTTPError as error:
                self._has_answered = True
                refusal = _rpc_error(error.response)
                if refusal is not None and not may_pass(error.response.status_code):
                    return refusal
                failure, wait = _gave_up(method, error), _asked_to_wait(error.response)
                if not may_repeat(method, error.response.status_code):
                    raise failure from error
            except (requests.ConnectionError, requests.Timeout) as error:
                if not self._has_answered or not may_repeat(method, None):
                    raise
                failure = error
            if not pauses:
                assert failure is not None
                raise failure
            time.sleep(min(LONGEST_PAUSE, max(pauses.pop(0), wait)))

    def _pinned(self, method: str, params: Any) -> Any:
        place = BLOCK_AT.get(method)
        if self.block is None or place is None:
            return params
        listed = list(params)
        if listed[place:] and listed[place] != "latest":
            return params
        return [*listed[:place], self.block, *listed[place + 1 :]]


def is_throttled(answer: Any) -> bool:
    """Whether an answer says that there were too many requests."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return False
    said = str(error.get("message", "")).lower()
    return error.get("code") in THROTTLED_CODES or any(words in said for words in THROTTLED_WORDS)


def may_pass(status: int) -> bool:
    """Whether another try may go better after this HTTP status."""
    return status == TOO_MANY_REQUESTS or status >= requests.codes.server_error


def may_repeat(method: str, status: int | None) -> bool:
    """Whether to ask again after an HTTP status, or after no answer at all (None).

    A request that was refused for its number did nothing. After anything else it may have.
    """
    if status == TOO_MANY_REQUESTS:
        return True
    return method not in ONCE and (status is None or may_pass(status))


def _asked_to_wait(response: requests.Response) -> float:
    """Seconds of `Retry-After`; 0 if there are none, or a date."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else 0.0


def _rpc_error(response: requests.Response) -> RPCResponse | None:
    """The JSON-RPC error in the body of an HTTP error, if there is one."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        body["error"] = error = {"code": -response.status_code, "message": error}
    return body if isinstance(error, dict) else None


def _gave_up(method: str, error: requests.HTTPError) -> NodeGaveUp:
    response = error.response
    refusal = _rpc_error(response)
    said = f": {refusal['error']['message']}" if refusal else ""
    return NodeGaveUp(f"HTTP {response.status_code} to {method}{said}", response=response)
