"""The benchmark of the commands: it names commands that exist, and counts what passes its proxy."""

import json
import shlex
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import click
import pytest

from benchmarks import commands
from benchmarks.counting_proxy import proxy
from tests.scripts_support import command_of

LINES = [*commands.SET_UP, *(row.line for row in commands.ROWS if row.line != commands.NOTHING)]


@pytest.fixture
def node() -> Iterator[str]:
    """Answers everything with the body it was asked with."""

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the output of the tests clean."""

    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("line", LINES)
def test_lines__each__name_a_command_that_exists(line: str) -> None:
    script, *words = shlex.split(line)
    found = command_of(script)
    while isinstance(found, click.Group):
        found = found.commands[words.pop(0)]
    assert isinstance(found, click.Command)


def test_rows__all_kinds__are_measured() -> None:
    kinds = {row.kind for row in commands.ROWS}
    assert kinds == {"no node", "read", "write", "write, keyfile"}


def test_proxy__single_and_batch__counts_each_request_and_passes_it_on(node: str) -> None:
    one = {"id": 1, "method": "eth_chainId", "params": []}
    batch = [one, {"id": 2, "method": "eth_call", "params": []}]
    with proxy(node) as counted:
        for asked in (one, batch):
            body = json.dumps(asked).encode()
            with urllib.request.urlopen(urllib.request.Request(counted.url, body)) as answer:
                assert answer.read() == body
        assert counted.methods == {"eth_chainId": 2, "eth_call": 1}
