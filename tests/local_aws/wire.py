# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and responses as they travel, and the error shapes of the three AWS protocols that the gateway speaks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

_SES_NAMESPACE = "http://ses.amazonaws.com/doc/2010-12-01/"


@dataclass(frozen=True)
class Request:
    """One HTTP request, read whole. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def scope(self) -> tuple[str, str] | None:
        """Return (region, service) of the SigV4 credential scope, None for a request that carries none."""
        _unused, marker, rest = self.headers.get("authorization", "").partition("Credential=")
        parts = rest.split(",")[0].strip().split("/")
        return (parts[2], parts[3]) if marker and len(parts) == 5 else None


@dataclass(frozen=True)
class Response:
    """An answer that the gateway gives itself; ``after`` is done once the client has it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    after: Callable[[], object] | None = field(default=None, compare=False)


# No answer: the gateway closes the connection instead.
DROPPED = Response(0, b"")


class AwsError(Exception):
    """An error that AWS would answer with: its code, its text, and the members that its shape adds."""

    def __init__(self, code: str, message: str, status: int = 400, **members: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def query_parameters(body: bytes) -> dict[str, Any]:
    """Return the parameters of a Query request as nested values: ``A.member.1.B=c`` becomes {"A": [{"B": "c"}]}."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode("utf-8"), keep_blank_values=True):
        node = tree
        *parents, last = name.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    unfolded: dict[str, Any] = _lists(tree)
    return unfolded


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        return [_lists(node["member"][index]) for index in sorted(node["member"], key=int)]
    return {name: _lists(value) for name, value in node.items()}


def query_result(action: str, result: Mapping[str, Any] | None = None) -> Response:
    """Return a successful answer of the Query protocol, as SES v1 gives it."""
    inner = (
        f"<{action}Result>{''.join(_element(name, value) for name, value in (result or {}).items())}</{action}Result>"
    )
    metadata = f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
    text = f'<{action}Response xmlns="{_SES_NAMESPACE}">{inner}{metadata}</{action}Response>'
    return Response(200, text.encode("utf-8"), {"Content-Type": "text/xml"})


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, list | tuple):
        inner = "".join(_element("member", item) for item in value)
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def query_error(error: AwsError) -> Response:
    """Return an error of the Query protocol."""
    members = "".join(_element(name, value) for name, value in error.members.items())
    text = (
        f'<ErrorResponse xmlns="{_SES_NAMESPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message>{members}</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Response(error.status, text.encode("utf-8"), {"Content-Type": "text/xml"})


def answer_query(
    request: Request, of: Any, operations: Mapping[str, Callable[[Any, dict[str, Any]], Mapping[str, Any] | None]]
) -> Response | None:
    """Answer a request of the Query protocol by the operation of its name, or return None for none of those."""
    given = query_parameters(request.body)
    action = given.get("Action", "")
    if action not in operations:
        return None
    try:
        return query_result(action, operations[action](of, given))
    except AwsError as error:
        return query_error(error)


def json_result(result: Mapping[str, Any], content_type: str = "application/x-amz-json-1.1") -> Response:
    """Return a successful answer of the JSON protocols."""
    return Response(200, json.dumps(result).encode("utf-8"), {"Content-Type": content_type})


def json_error(error: AwsError) -> Response:
    """Return an error of the JSON 1.1 protocol (Organizations)."""
    body = json.dumps({"__type": error.code, "Message": error.message, **error.members})
    return Response(error.status, body.encode("utf-8"), {"Content-Type": "application/x-amz-json-1.1"})


def rest_json_error(error: AwsError) -> Response:
    """Return an error of the REST JSON protocol (SES v2)."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return Response(error.status, json.dumps({"message": error.message}).encode("utf-8"), headers)


def access_key_of(request: Request) -> str:
    """Return the access key id that signed a request (Signature Version 4)."""
    return request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
