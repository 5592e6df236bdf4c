# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caller of the vending functions sent, by invoking one or by its URL, and how it is answered. Pure.

Sources: AWS Lambda Developer Guide, "Invoking Lambda function URLs" (the event and the response are those of payload
format 2.0 of API Gateway) and "Control access to Lambda function URLs".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from forwarder.core.refusals import DENIED, ERRORS, Refusal

# Who an invocation is by is not told to the function: what its caller says is marked, and is never taken for an ARN.
UNPROVEN = "unproven: "
NOT_SAID = "not said"
_SAID_MAX = 256
# A response holds 6 MB (AWS Lambda Developer Guide, "Lambda quotas"), with what goes around it.
ANSWER_MAX = 5_900_000


class NotAuthenticatedError(InputError):
    """A request by URL that does not say who it is by."""

    code = DENIED


@dataclass(frozen=True)
class Call:
    """A request: ``body`` as it was sent, and ``caller``, the ARN that AWS proved by URL, None where it is invoked."""

    body: Any
    caller: str | None = None

    @property
    def is_by_url(self) -> bool:
        return self.caller is not None

    def signature(self, requested_by: str | None) -> str:
        """Return by whom a change is made, as the record has it; InputError for what cannot be a name."""
        if self.caller is not None:
            if requested_by is not None:
                raise InputError("requested_by: by URL AWS proves who asks; omit it")
            return self.caller
        said = NOT_SAID if requested_by is None else requested_by.strip()
        if not 1 <= len(said) <= _SAID_MAX or not said.isprintable():
            raise InputError(
                f"requested_by: is not one line of 1 to {_SAID_MAX} printable characters; give one, or omit it"
            )
        return f"{UNPROVEN}{said}"


def is_by_url(event: Any, has_url: bool) -> bool:
    """Return whether an event is one of the function's URL; where it has none, it is what somebody made up."""
    return has_url and isinstance(event, Mapping) and "requestContext" in event


def read_url_event(event: Mapping[str, Any]) -> Call:
    """Return the request of an event of a URL; InputError for what is not one of JSON.

    Where the ARN is in the event is from the Developer Guide's example, and not verified on AWS.
    """
    context = event["requestContext"]
    identity = (context.get("authorizer") or {}).get("iam") or {}
    caller = identity.get("userArn")
    if not isinstance(caller, str) or not caller.startswith("arn:"):
        raise NotAuthenticatedError(
            "the URL does not tell who asks. Let its AuthType be AWS_IAM, as the stack makes it"
        )
    if (context.get("http") or {}).get("method") != "POST":
        raise InputError("the request is not made by POST; send it by POST, with the options as JSON in its body")
    body = event.get("body") or ""
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        return Call(json.loads(raw), caller)
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InputError(f"the body is not JSON: {error}; send the options as one JSON object") from error


def answer_url(status: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a URL answers with."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}


def refuse(refusal: Refusal, by_url: bool) -> dict[str, Any]:
    """Return what a URL answers a request with that is refused; where the function is invoked, raise it."""
    told = {"error": refusal.to_dict()}
    if by_url:
        return answer_url(refusal.status, told)
    raise ERRORS[refusal.code](json.dumps(told))


def check_size(answer: Mapping[str, Any]) -> None:
    """Raise InputError where a response cannot hold an answer."""
    size = len(json.dumps(answer))
    if size > ANSWER_MAX:
        raise InputError(
            f"the answer has {size} bytes, and a function answers with 6 MB at most; ask for fewer addresses, by owner,"
            " tags or status for example"
        )
