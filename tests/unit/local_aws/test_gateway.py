# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway in front of a stand-in for the emulator, which answers with what it was sent."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.local_aws.gateway import AUTHORIZE_ONLY, AUTHORIZED, Gateway
from tests.local_aws.wire import DROPPED, Request, Response

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261121/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"


# What is done after an answer ends when this is set.
AFTER = threading.Event()


class _Emulator(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get(AUTHORIZE_ONLY) and self.path == "/denied":
            self._reply(403, {}, b"denied")
        elif self.headers.get(AUTHORIZE_ONLY) and self.path != "/carried-out":
            self._reply(200, {AUTHORIZED: "true"}, b"")
        else:
            self._reply(200, {"x-path": self.path, "x-headers": json.dumps(dict(self.headers))}, body)

    do_PUT = do_POST  # noqa: N815 http.server's name

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "12345")
        self.end_headers()

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    emulator = ThreadingHTTPServer(("127.0.0.1", 0), _Emulator)
    threading.Thread(target=emulator.serve_forever, args=(0.05,), daemon=True).start()

    def ours(request: Request) -> Response | None:
        if request.path == "/dropped":
            return DROPPED
        if request.path == "/after":
            return Response(200, b"answer", after=lambda: AFTER.wait(30))
        return Response(200, b"ours", {"x-body": str(len(request.body))}) if request.path == "/ours" else None

    def broken(request: Request) -> Response | None:
        raise RuntimeError(f"cannot answer {request.path}")

    gateway = Gateway({"ses": ours, "sns": broken})
    gateway.emulator_port = emulator.server_address[1]
    gateway.start()
    yield gateway
    gateway.stop()
    emulator.shutdown()
    emulator.server_close()


@pytest.fixture
def connection(gateway: Gateway) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("service", "path", "ours"),
    [
        pytest.param("ses", "/ours", True, id="a service that answers"),
        pytest.param("ses", "/other", False, id="a service that leaves it"),
        pytest.param("s3", "/ours", False, id="another service"),
        pytest.param(None, "/ours", False, id="no signature"),
    ],
)
def test_routing(connection: http.client.HTTPConnection, service: str | None, path: str, ours: bool) -> None:
    headers = {"Authorization": SIGNED.format(service)} if service else {}
    connection.request("POST", path, b"body", headers)
    assert (connection.getresponse().read() == b"ours") is ours


def test_whether_a_call_is_allowed_is_asked_of_the_emulator(connection: http.client.HTTPConnection) -> None:
    headers = {"Authorization": SIGNED.format("ses"), AUTHORIZE_ONLY: "true"}
    connection.request("POST", "/ours", b"body", headers)
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader(AUTHORIZED)) == (b"", "true")


def test_what_is_passed_on_keeps_what_a_signature_covers(connection: http.client.HTTPConnection) -> None:
    sent = {"Host": "bucket.example.com", "Authorization": SIGNED.format("s3"), "X-Amz-Date": "20261121T000000Z"}
    connection.request("PUT", "/a%20b//c?x=%2F&y", b"body", sent)
    answer = connection.getresponse()
    assert answer.read() == b"body"
    assert answer.getheader("x-path") == "/a%20b//c?x=%2F&y"
    got = {name.lower(): value for name, value in json.loads(answer.getheader("x-headers") or "").items()}
    assert {name.lower(): value for name, value in sent.items()}.items() <= got.items()
    assert got["x-forwarded-proto"] == "https"


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    for path, expected in (("/ours", b"ours"), ("/echo", b"body"), ("/ours", b"ours")) * 3:
        connection.request("POST", path, b"body", {"Authorization": SIGNED.format("ses")})
        assert connection.getresponse().read() == expected


def test_large_bodies_pass_whole_both_ways(connection: http.client.HTTPConnection) -> None:
    body = bytes(range(256)) * 4 * 40_000
    connection.request("PUT", "/large", body, {"Authorization": SIGNED.format("s3")})
    assert connection.getresponse().read() == body


def test_a_chunked_body_is_put_together(connection: http.client.HTTPConnection) -> None:
    connection.request(
        "POST", "/ours", iter([b"abc", b"defg"]), {"Authorization": SIGNED.format("ses")}, encode_chunked=True
    )
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader("x-body")) == (b"ours", "7")


def test_a_chunked_answer_passes(connection: http.client.HTTPConnection) -> None:
    for _unused in range(2):
        connection.request("GET", "/chunked")
        assert connection.getresponse().read() == b"abcdefg"


def test_answers_without_a_body(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/object")
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader("Content-Length")) == (b"", "12345")
    connection.request("DELETE", "/object")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (204, b"")
    connection.request("POST", "/echo", b"still in step")
    assert connection.getresponse().read() == b"still in step"


def test_a_client_that_expects_100_continue_gets_it(gateway: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client:
        client.sendall(
            b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert client.recv(1024).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(b"body")
        assert b"".join(iter(lambda: client.recv(1024), b"")).endswith(b"body")


def test_a_failure_is_an_error_and_no_silence(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/x", b"", {"Authorization": SIGNED.format("sns")})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (500, b"local AWS: cannot answer /x\n")


def test_an_absent_emulator_is_an_error_and_no_silence() -> None:
    alone = Gateway({})
    alone.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            alone.emulator_port = closed.getsockname()[1]
        connection = http.client.HTTPConnection("127.0.0.1", alone.port, timeout=30)
        connection.request("POST", "/x", b"")
        assert connection.getresponse().status == 502
        connection.close()
    finally:
        alone.stop()


def test_the_emulator_authorises_what_the_gateway_answers(gateway: Gateway) -> None:
    def request(path: str) -> Request:
        return Request("POST", path, "", {"host": "h", "authorization": SIGNED.format("ses")}, b"body")

    assert gateway.authorize(request("/allowed")) is None
    refusal = gateway.authorize(request("/denied"))
    assert refusal is not None
    assert (refusal.status, refusal.body) == (403, b"denied")
    with pytest.raises(RuntimeError, match="only to authorise"):
        gateway.authorize(request("/carried-out"))


def test_what_is_to_be_done_after_an_answer_does_not_delay_it(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/after", headers={"Authorization": SIGNED.format("ses")})
    assert connection.getresponse().read() == b"answer"
    AFTER.set()


def test_a_dropped_request_gets_no_answer(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/dropped", headers={"Authorization": SIGNED.format("ses")})
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
