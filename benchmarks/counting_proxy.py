"""Passes JSON-RPC on to a node and counts it."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Proxy:
    """`methods` counts the requests by method since it was last cleared."""

    url: str
    methods: Counter[str] = field(default_factory=Counter)


def _methods(body: bytes) -> list[str]:
    """The method of each request in a body, which may be a batch."""
    asked = json.loads(body)
    return [str(one["method"]) for one in (asked if isinstance(asked, list) else [asked])]


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy on a free port in front of the node at `upstream`, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body of a reply leave together.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            counted.methods.update(_methods(body))
            request = urllib.request.Request(upstream, body, {"content-type": "application/json"})
            with urllib.request.urlopen(request) as answer:
                said = answer.read()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the counts are the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    counted = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield counted
    finally:
        server.shutdown()
        server.server_close()
