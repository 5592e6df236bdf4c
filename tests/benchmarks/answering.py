# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.answering: S3, SES and DynamoDB as far as one mail needs them, at the least cost.

A process of its own, so that nothing of it counts as the forwarder's. It prints its port, answers on the loopback
interface, and ends when its standard input does.
"""

from __future__ import annotations

import functools
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._record import address_key
from tests.benchmarks import received

_PIECE = 1024 * 1024


def _record(address: str, owners: tuple[str, ...]) -> dict[str, Any]:
    return {
        "pk": {"S": address_key(address)},
        "address": {"S": address},
        "account_name": {"S": address.partition("@")[0]},
        "domain": {"S": "accounts.example.com"},
        "owners": {"L": [{"S": owner} for owner in owners]},
        "status": {"S": "active"},
        "forwarding": {"BOOL": True},
        "version": {"N": "1"},
    }


_RECORD = _record(received.VENDED, ("jane@example.org",))
_SHARED = _record(received.SHARED, ("jane@example.org", "joe@example.org"))
_stored = functools.cache(received.stored)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Whether the next mail is refused: the one that follows the reading of a mail of that kind.
    refuses = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        message_id = self.path.partition("?")[0].rpartition("/")[2]
        self.server.refuses = message_id.startswith(received.REFUSED)
        self._answer(200, _stored(message_id), "binary/octet-stream")

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if action == "GetItem":
            key = json.loads(self.rfile.read(left))["Key"]
            self._answer_json(200, {"Item": _SHARED if key.get("pk") == _SHARED["pk"] else _RECORD})
            return
        if action == "BatchGetItem":
            # No owner's mailbox is marked as failing.
            self.rfile.read(left)
            self._answer_json(200, {"Responses": {}, "UnprocessedKeys": {}})
            return
        while left:
            left -= len(self.rfile.read(min(left, _PIECE)))
        if action:
            self._answer_json(200, {})
        elif self.server.refuses:
            self.server.refuses = False
            self._answer_json(400, {"message": "Invalid MIME message"})
        else:
            self._answer_json(200, {"MessageId": "sent"})

    def _answer_json(self, status: int, content: object) -> None:
        self._answer(status, json.dumps(content).encode("ascii"), "application/json")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        if status >= 400:
            self.send_header("X-Amzn-ErrorType", "BadRequestException")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of what went well."""


def main() -> None:
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
