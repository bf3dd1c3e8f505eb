"""A node that behaves as public ones do: a proxy that stands between a command and a good node.

    with faulty(node, Throttled(every=5), LostReply("eth_sendRawTransaction")) as worse:
        worse.succeed("royalty pay 1 $N --account TEST::6")

Each fault sees every call before the good node does, and the answer after it. `calls` of what
`faulty` gives lists the calls that came in.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.scripts import nodes


@dataclass(frozen=True)
class Reply:
    """What goes back; a status of 0 drops the connection instead."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


DROPPED = Reply(None, 0)


@dataclass(frozen=True)
class Call:
    """One JSON-RPC call, and the good node to ask something of one's own."""

    method: str
    params: list[Any]
    url: str

    def ask(self, method: str, *params: Any) -> Any:
        return post(self.url, method, list(params)).get("result")

    def height(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    @property
    def blocks(self) -> tuple[int, int]:
        """The range of `eth_getLogs`."""
        wanted = self.params[0]
        return int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)


def post(url: str, method: str, params: list[Any]) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    request = urllib.request.Request(url, body.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def error(code: int, message: str, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply({"error": {"code": code, "message": message}}, status, named)


class Fault:
    """None: a good node."""

    def before(self, call: Call) -> Reply | None:
        """A reply instead of the node's."""
        return None

    def after(self, call: Call, answer: Any) -> Any:
        """The node's answer as it goes back, or a `Reply` in its place."""
        return answer


@dataclass
class Throttled(Fault):
    """Every so many calls are refused for their number, or end in an error page."""

    every: int
    status: int = 429
    seen: int = 0

    def before(self, call: Call) -> Reply | None:
        self.seen += 1
        if self.seen % self.every:
            return None
        if self.status != 429:
            return Reply("<html>bad gateway</html>", self.status)
        return error(-32005, "request rate limited", 429, retry_after="0")


@dataclass
class LostReply(Fault):
    """The node does what it is told, and the connection ends before it says so."""

    method: str
    times: int = 1
    every: int = 1
    seen: int = 0

    def after(self, call: Call, answer: Any) -> Any:
        if call.method != self.method:
            return answer
        self.seen += 1
        if self.seen % self.every or self.seen > self.times * self.every:
            return answer
        return DROPPED


@dataclass
class Unreachable(Fault):
    """The connection ends at each call of a method, before the node hears of it."""

    method: str

    def before(self, call: Call) -> Reply | None:
        return DROPPED if call.method == self.method else None


@dataclass
class AlreadyKnown(Fault):
    """Takes a transaction and says that it had it already."""

    said: str = "already known"

    def after(self, call: Call, answer: Any) -> Any:
        return error(-32000, self.said) if call.method == "eth_sendRawTransaction" else answer


@dataclass
class NthTransaction(Fault):
    """What happens to one of the transactions, the `number`-th that is sent."""

    number: int
    sent: int = 0
    hash: str = ""

    def is_it(self, call: Call) -> bool:
        return bool(self.hash) and bool(call.params) and call.params[0] == self.hash

    def after(self, call: Call, answer: Any) -> Any:
        if call.method == "eth_sendRawTransaction" and "result" in answer:
            self.sent += 1
            if self.sent == self.number:
                self.hash = answer["result"]
        if call.method == "eth_getTransactionReceipt" and self.is_it(call):
            return {"result": None}
        return answer


@dataclass
class Forgotten(NthTransaction):
    """Says that it took it, and forgets it."""

    def before(self, call: Call) -> Reply | None:
        if call.method != "eth_sendRawTransaction":
            return None
        self.sent += 1
        if self.sent != self.number:
            return None
        from eth_utils import keccak

        return Reply({"result": "0x" + keccak(hexstr=call.params[0]).hex()})

    def after(self, call: Call, answer: Any) -> Any:
        return answer


@dataclass
class StaleState(Fault):
    """For some seconds after a transaction most calls reach a part that has not seen its block."""

    seconds: float
    block: int = 0
    until: float = 0

    def before(self, call: Call) -> Reply | None:
        if call.method == "eth_sendRawTransaction":
            self.block, self.until = call.height(), time.monotonic() + self.seconds
        if time.monotonic() < self.until:
            place = {"eth_call": 1, "eth_getTransactionCount": 1, "eth_getBlockByNumber": 0}
            at = place.get(call.method)
            if at is not None and call.params[at : at + 1] in (["latest"], ["pending"]):
                call.params[at] = hex(self.block)
        return None


@dataclass
class CheapEstimate(Fault):
    """The next block takes a dearer path than the one that was estimated."""

    percent: int

    def after(self, call: Call, answer: Any) -> Any:
        if call.method != "eth_estimateGas" or "result" not in answer:
            return answer
        return {"result": hex(int(answer["result"], 16) * self.percent // 100)}


@dataclass
class FixedEstimate(Fault):
    """What would revert in the block that is estimated, too, gets an estimate."""

    gas: int

    def before(self, call: Call) -> Reply | None:
        return Reply({"result": hex(self.gas)}) if call.method == "eth_estimateGas" else None


@dataclass
class LimitedRange(Fault):
    """Gives logs of so many blocks at a time."""

    blocks: int
    status: int = 200
    refused: int = 0

    def before(self, call: Call) -> Reply | None:
        if call.method != "eth_getLogs" or call.blocks[1] - call.blocks[0] < self.blocks:
            return None
        self.refused += 1
        return error(-32600, f"ranges are limited to {self.blocks} blocks", self.status)


@dataclass
class LimitedResults(Fault):
    """Gives so many logs at a time."""

    count: int

    def after(self, call: Call, answer: Any) -> Any:
        if call.method == "eth_getLogs" and len(answer.get("result") or []) > self.count:
            return error(-32005, f"query returned more than {self.count} results")
        return answer


@dataclass
class LaggingLogs(Fault):
    """Has no logs of the newest blocks yet."""

    blocks: int

    def after(self, call: Call, answer: Any) -> Any:
        if call.method != "eth_getLogs":
            return answer
        last = call.height() - self.blocks
        return {"result": [log for log in answer["result"] if int(log["blockNumber"], 16) <= last]}


@dataclass
class Moving(Fault):
    """Somebody sends a transaction right after the logs were read."""

    move: Callable[[], Any]
    moved: bool = False

    def after(self, call: Call, answer: Any) -> Any:
        if call.method == "eth_getLogs" and not self.moved:
            self.moved = True
            self.move()
        return answer


@dataclass
class WithoutMethod(Fault):
    """Refuses a method in words of its own."""

    method: str
    reply: Reply

    def before(self, call: Call) -> Reply | None:
        return self.reply if call.method == self.method else None


@dataclass(frozen=True)
class FaultyNode(nodes.Node):
    calls: list[Call] = field(default_factory=list)

    def count(self, method: str) -> int:
        return sum(call.method == method for call in self.calls)


@contextmanager
def faulty(node: nodes.Node, *faults: Fault) -> Iterator[FaultyNode]:
    """`node` as it would be with these faults."""
    calls: list[Call] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body of a reply leave together: the second of two would wait 40 ms for the
        # client to acknowledge the first.
        wbufsize = -1

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                call = Call(asked["method"], list(asked.get("params") or []), node.url)
                calls.append(call)
                self.reply(asked.get("id"), self.decide(call))

        def decide(self, call: Call) -> Reply:
            for fault in faults:
                said = fault.before(call)
                if said is not None:
                    return said
            answer = post(call.url, call.method, call.params)
            for fault in faults:
                answer = fault.after(call, answer)
                if isinstance(answer, Reply):
                    return answer
            return Reply(answer)

        def reply(self, number: Any, said: Reply) -> None:
            if not said.status:
                self.close_connection = True
                self.connection.close()
                return
            body = said.body
            if isinstance(body, dict):
                body = json.dumps({**body, "jsonrpc": "2.0", "id": number})
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    network = node.network.replace(node.url, url)
    plain = {name: getattr(node, name) for name in ("folder", "account")}
    try:
        yield FaultyNode(url=url, network=network, calls=calls, **plain)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
