# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway: the one endpoint of local AWS. It answers what it knows itself and passes the rest on to the emulator.

What is passed on keeps its Host and Authorization headers, so that the emulator can verify signatures and enforce IAM.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.local_aws.wire import DROPPED, Request, Response

log = logging.getLogger(__name__)

# A service answers a request itself, or returns None: then the emulator does.
Service = Callable[[Request], Response | None]

# The names that emulator_process.py knows them by; importing it here would load the whole emulator.
AUTHORIZE_ONLY = "x-local-aws-authorize-only"
AUTHORIZED = "x-local-aws-authorized"

_BLOCK = 1 << 16
# The emulator keeps an idle connection for 75 s; one that is younger than this is surely still open.
_REUSE_SECONDS = 30
# RFC 9110 section 7.6.1: these belong to one connection and are not passed on.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
_TIMEOUT = 900
# Loopback stands for TLS: policies that ask for aws:SecureTransport are met here as they are by any SDK in AWS.
_AS_TLS = {"x-forwarded-proto": "https"}


class Gateway:
    """An HTTP server on loopback. ``services`` maps a SigV4 service name to who answers for it."""

    def __init__(self, services: dict[str, Service], port: int = 0) -> None:
        self.services = services
        self.emulator_port = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.gateway = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="gateway", daemon=True)

    @property
    def port(self) -> int:
        """Return the port; it is bound from the beginning, so that the emulator can be told of it."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def authorize(self, request: Request, resource: str | None = None) -> Response | None:
        """Let the emulator authenticate and authorise a request that is answered here; return its refusal, if any.

        ``resource`` is the ARN that the request is about, where the emulator cannot know it.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator_port, timeout=_TIMEOUT)
        try:
            send(connection, request, {AUTHORIZE_ONLY: resource or "true"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.getheader(AUTHORIZED):
                return None
            if answer.status < 400:
                raise RuntimeError(
                    f"the emulator carried out {request.method} {request.path}, which it was only to authorise"
                )
            headers = {
                name: value
                for name, value in answer.getheaders()
                if name.lower() not in _HOP_BY_HOP | {"content-length"}
            }
            return Response(answer.status, body, headers)
        finally:
            connection.close()


def send(connection: http.client.HTTPConnection, request: Request, more: dict[str, str]) -> None:
    """Send a request on as it came; Host and Authorization are the caller's."""
    target = request.path + (f"?{request.query}" if request.query else "")
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in {**request.headers, **_AS_TLS, **more}.items():
        if name not in _HOP_BY_HOP and name != "content-length":
            connection.putheader(name, value)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body or None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    gateway: Gateway

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 socketserver's signature
        log.warning("connection of %s ended early", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One client connection, with one connection to the emulator beside it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # One write for head and body: small answers must not wait for the client's delayed acknowledgement.
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._onward: http.client.HTTPConnection | None = None
        self._used = 0.0

    def finish(self) -> None:
        if self._onward is not None:
            self._onward.close()
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def handle_expect_100(self) -> bool:
        done = super().handle_expect_100()
        self.wfile.flush()
        return done

    def _handle(self) -> None:
        request = self._read_request()
        scope = request.scope
        # Whether somebody may do something the emulator says, who does not do it.
        is_only_asked = AUTHORIZE_ONLY in request.headers
        answer_for = self.server.gateway.services.get(scope[1]) if scope and not is_only_asked else None
        try:
            response = answer_for(request) if answer_for else None
        except Exception as error:
            log.exception("%s %s failed", request.method, request.path)
            response = Response(500, f"local AWS: {error}\n".encode())
        try:
            self._respond(request, response)
        finally:
            # Whether the client is still there to read the answer makes no difference.
            if response is not None and response.after:
                response.after()

    def _respond(self, request: Request, response: Response | None) -> None:
        if response is None:
            self._pass_on(request)
        elif response.status == DROPPED.status:
            self.close_connection = True
        else:
            self._answer(response)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _handle  # noqa: N815 http.server's names

    def _read_request(self) -> Request:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = self._read_chunked()
        else:
            body = self._read_exactly(int(self.headers.get("Content-Length") or 0))
        path, _unused, query = self.path.partition("?")
        return Request(self.command, path, query, {name.lower(): value for name, value in self.headers.items()}, body)

    def _read_exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError(f"the client sent {len(body)} of {size} octets of a request body")
        return body

    def _read_chunked(self) -> bytes:
        """Read a chunked body (RFC 9112 section 7.1); chunk extensions and trailers are dropped."""
        chunks = []
        while size := int(self.rfile.readline(_BLOCK).partition(b";")[0], 16):
            chunks.append(self._read_exactly(size))
            self.rfile.readline(_BLOCK)
        while self.rfile.readline(_BLOCK).strip():
            continue
        return b"".join(chunks)

    def _answer(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _pass_on(self, request: Request) -> None:
        if self._onward is not None and time.monotonic() - self._used > _REUSE_SECONDS:
            self._onward.close()
            self._onward = None
        if self._onward is None:
            self._onward = http.client.HTTPConnection("127.0.0.1", self.server.gateway.emulator_port, timeout=_TIMEOUT)
        try:
            send(self._onward, request, {})
            answer = self._onward.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self._onward.close()
            self._onward = None
            log.exception("the emulator did not answer %s %s", request.method, request.path)
            self._answer(Response(502, f"local AWS: the emulator did not answer: {error}\n".encode()))
            return
        self._relay(answer)
        self._used = time.monotonic()

    def _relay(self, answer: http.client.HTTPResponse) -> None:
        """Pass an answer back block by block."""
        # send_response_only, because the Date and Server headers are the emulator's.
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        chunked = (
            answer.length is None
            and self.command != "HEAD"
            and answer.status >= 200
            and answer.status not in (204, 304)
        )
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while block := answer.read(_BLOCK):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
