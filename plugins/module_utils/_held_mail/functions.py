# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions of a forwarder that decide about held mail, for whoever may invoke them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client

# AWS Lambda Quotas: a function runs for 15 minutes at most.
ANSWER_SECONDS = 910
_LAMBDA = Service(retried=("TooManyRequestsException", "ServiceException", "ResourceConflictException"))
_NONE_THERE = (
    "stack_name: there is no forwarder {0} in this account and region, or it is of an earlier release; give the name of"
    " its stack, and the region, or deploy it again"
)


class DecisionError(Exception):
    """A function that says, or shows by failing, why a mail cannot be released, replayed or discarded."""


@dataclass(frozen=True)
class Functions:
    """The functions of a stack, and on whose behalf they are invoked; in check mode they change nothing."""

    client: Any
    stack_name: str
    by: str
    check_mode: bool

    @classmethod
    def of_stack(cls, make: Callable[..., Any], stack_name: str, by: str, *, check_mode: bool) -> Functions:
        """Return the functions of a stack; ``make`` makes the client of a service."""
        return cls(new_client(make, "lambda", answer_seconds=ANSWER_SECONDS), stack_name, by, check_mode)

    def release(self, message_id: str) -> dict[str, int]:
        """Release a mail from the quarantine; return what its copies came to."""
        answer = self._invoke("release", {"message_id": message_id, "released_by": self.by})
        deliveries: dict[str, int] = answer["deliveries"]
        return deliveries

    def discard(self, message_id: str) -> bool:
        """Take a mail from the list of what is quarantined; return whether it was there."""
        answer = self._invoke("release", {"message_id": message_id, "released_by": self.by, "discard": True})
        return bool(answer["discarded"])

    def replay(self, message_ids: Sequence[str], kinds: Sequence[str], *, discard: bool) -> dict[str, Any]:
        """Bring dead letters back to their queues, or delete them; return what the forwarder's replay says of each."""
        request = {"message_ids": list(message_ids), "kinds": list(kinds), "replayed_by": self.by, "discard": discard}
        return self._invoke("replay", request)

    def _invoke(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        payload = json.dumps({**request, "check": self.check_mode})
        function = f"{self.stack_name}-{name}"
        try:
            answer = _LAMBDA.call(
                f"invoke the function {function}", self.client.invoke, FunctionName=function, Payload=payload
            )
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                raise error.but(remedy=_NONE_THERE.format(self.stack_name)) from error
            raise
        said: dict[str, Any] = json.loads(answer["Payload"].read() or b"{}")
        if "FunctionError" in answer:
            raise DecisionError(f"the function {function} failed: {said.get('errorMessage', said)}; its log says more")
        if "error" in said:
            raise DecisionError(said["error"])
        return said
