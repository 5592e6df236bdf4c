# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM Identity Center, as far as it is about the users and groups of its identity store: moto's, made as strict as AWS.

Sources: Identity Store API Reference (ListGroupMemberships, DescribeGroup, CreateUser, DescribeUser), IAM Identity
Center API Reference (ListInstances), IAM Identity Center User Guide ("Quotas", "Delegated administration", "Limiting
access to the identity store from member accounts").
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from moto.core.request import normalize_request
from moto.identitystore.models import IdentityStoreBackend
from moto.identitystore.responses import IdentityStoreResponse

from tests.local_aws.wire import AwsError, Request, Response, access_key_of, json_error, json_result

STORE_ID = "d-1234567890"
# User Guide, "Quotas": the Identity Store APIs together.
RATE = 20
_THROTTLED = "Rate exceeded"


class IdentityCenter:
    """Answers ``identitystore`` and ``sso`` (JSON 1.1); safe to call from many threads.

    ``reads`` tells whether an account may read the identity store, ``account_of`` whose an access key is.
    """

    def __init__(
        self,
        region: str,
        owner: str,
        reads: Callable[[str], bool],
        account_of: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.region = region
        self._owner = owner
        self._reads = reads
        self._account_of = account_of
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()
        self._disabled: set[str] = set()
        # One of its own: moto's are for the whole process, and begin anew with each mock_aws.
        backend = IdentityStoreBackend(region, owner)
        self._answers: Any = type(
            "Answers", (IdentityStoreResponse,), {"identitystore_backend": property(lambda _self: backend)}
        )

    def disable(self, user_id: str) -> None:
        """Disable a user, as an administrator does in the console, or SCIM by ``active: false``."""
        self._disabled.add(user_id)

    def handle_instances(self, request: Request) -> Response | None:
        """Answer ListInstances (API ``sso``); None for any other operation.

        An instance is in one Region (User Guide, "Prerequisites and considerations").
        """
        if _operation(request) != "ListInstances":
            return None
        if not self._reads(self._account_of(access_key_of(request))):
            return json_result({"Instances": []})
        instance = {
            "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
            "IdentityStoreId": STORE_ID,
            "OwnerAccountId": self._owner,
            "Status": "ACTIVE",
        }
        return json_result({"Instances": [instance] if _region(request) == self.region else []})

    def handle(self, request: Request) -> Response:
        """Answer an operation of the identity store."""
        try:
            given = json.loads(request.body or b"{}")
            with self._lock:
                self._check(request, given)
                return self._by_moto(request, given)
        except AwsError as error:
            return json_error(error)

    def _check(self, request: Request, given: dict[str, Any]) -> None:
        """Raise what AWS refuses and moto does not."""
        self._count()
        if not self._reads(self._account_of(access_key_of(request))):
            raise AwsError("AccessDeniedException", "You do not have sufficient access to perform this action.")
        if given.get("IdentityStoreId") != STORE_ID or _region(request) != self.region:
            raise AwsError("ResourceNotFoundException", "IDENTITY_STORE not found.", ResourceType="IDENTITY_STORE")
        if len(given.get("Emails") or []) > 1:
            # API Reference, CreateUser, Emails: at most 1 item.
            raise AwsError("ValidationException", "Member must have length less than or equal to 1: emails")
        if _operation(request) == "ListGroupMemberships":
            self._check_group(request, given)

    def _check_group(self, request: Request, given: dict[str, Any]) -> None:
        """Raise where there is no such group (API Reference, ListGroupMemberships, Errors): moto lists no members."""
        headers = {**request.headers, "x-amz-target": "AWSIdentityStore.DescribeGroup"}
        asked = {"IdentityStoreId": given["IdentityStoreId"], "GroupId": given["GroupId"]}
        answer = self._by_moto(Request("POST", "/", "", headers, b""), asked)
        if answer.status != 200:
            raise AwsError("ResourceNotFoundException", "GROUP not found.", ResourceType="GROUP")

    def _count(self) -> None:
        now = self._clock()
        while self._calls and self._calls[0] <= now - 1:
            self._calls.popleft()
        if len(self._calls) >= RATE:
            raise AwsError("ThrottlingException", _THROTTLED)
        self._calls.append(now)

    def _by_moto(self, request: Request, given: dict[str, Any]) -> Response:
        url = f"https://identitystore.{self.region}.amazonaws.com/"
        body = json.dumps(given)
        kept = ("authorization", "content-type", "x-amz-date", "x-amz-target")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        asked = normalize_request(AWSPreparedRequest("POST", url, headers, body, stream_output=False))
        status, more, answer = self._answers.dispatch(asked, url, headers)
        text = answer.decode() if isinstance(answer, bytes) else answer
        said = json.loads(text or "{}")
        self._add_status(said)
        content = {"Content-Type": "application/x-amz-json-1.1"}
        error = {name: str(value) for name, value in more.items() if name.lower() == "x-amzn-errortype"}
        return Response(status, json.dumps(said).encode(), {**content, **error})

    def _add_status(self, said: dict[str, Any]) -> None:
        """Say of each user whether it is enabled (API Reference, DescribeUser, UserStatus): moto knows no status."""
        for user in said.get("Users", [said] if "UserName" in said else []):
            user["UserStatus"] = "DISABLED" if user["UserId"] in self._disabled else "ENABLED"


def _operation(request: Request) -> str:
    return request.headers.get("x-amz-target", "").rpartition(".")[2]


def _region(request: Request) -> str:
    return request.scope[0] if request.scope else ""
