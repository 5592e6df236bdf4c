# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organization, the root users of its accounts and a map, which botocore itself talks to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from tests.local_aws.organizations import Organizations
from tests.local_aws.root_access import RootAccess, RootUser
from tests.local_aws.wire import AwsError, Request, query_error, query_result
from tests.map_table import create_table
from tests.map_work import edit_of, edit_record, vend

MASTER, TABLE, DOMAIN = "111122223333", "mail-forwarder-map", "accounts.example.com"
CALLER = f"arn:aws:iam::{MASTER}:user/jane"
EPOCH = 1_790_000_000.0


@dataclass
class World:
    """Each call is noted by its name, and may be refused, or cut off when it was done."""

    calls: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    # The number of the call after which whatever runs is killed, from 1.
    killed_after: int = 0
    # The name of the call before which it is killed.
    killed_before: str = ""

    def __post_init__(self) -> None:
        self.organizations = Organizations(MASTER, 0.0, lambda: EPOCH)
        self.root = RootAccess(
            self.organizations.is_administrator, self.organizations.state_of, lambda _key: MASTER, "o-a", lambda: EPOCH
        )
        # boto3's keys in tests are words.
        self.root.refuses_root = False

    @property
    def table(self) -> api.Table:
        return api.Table(boto3.client("dynamodb", region_name="eu-west-1"), TABLE)

    def account(self, name: str, **edits: Any) -> str:
        """Return the id of an account that was created with an address of the map, whose record is then edited."""
        email = f"{name}@{DOMAIN}"
        vend(self.table, ExactRequest(name, name, DOMAIN, {"owners": ("jane@example.org",)}))
        asked = self._organization("CreateAccount", Email=email, AccountName=name)["CreateAccountStatus"]["Id"]
        done = self._organization("DescribeCreateAccountStatus", CreateAccountRequestId=asked)
        account_id = str(done["CreateAccountStatus"]["AccountId"])
        edit_record(self.table, edit_of(email, account_id=account_id, **edits))
        return account_id

    def user(self, account_id: str) -> RootUser:
        return self.root.user(account_id)

    def _organization(self, name: str, **parameters: Any) -> Any:
        headers = {"x-amz-target": f"AWSOrganizationsV20161128.{name}"}
        answer = self.organizations.handle(Request("POST", "/", "", headers, json.dumps(parameters).encode()))
        assert answer is not None
        return json.loads(answer.body)

    def send(self, request: Any) -> AWSResponse:
        """Answer a request as AWS would."""
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        name = headers.get("x-amz-target", "").rpartition(".")[2] or parse_qs(body.decode())["Action"][0]
        self.calls.append(name)
        if name == self.killed_before:
            raise KeyboardInterrupt
        self.hosts.append(urlsplit(request.url).hostname or "")
        answer = self._answer(name, Request("POST", "/", "", headers, body))
        if len(self.calls) == self.killed_after:
            raise KeyboardInterrupt
        response = AWSResponse(request.url, answer.status, dict(answer.headers), None)
        response._content = answer.body
        return response

    def _answer(self, name: str, sent: Request) -> Any:
        if name in self.refused:
            return query_error(AwsError(self.refused[name], "no", 403))
        if name == "GetCallerIdentity":
            return query_result(name, {"Account": MASTER, "Arn": CALLER, "UserId": "A"})
        if name == "AssumeRoot":
            answer = self.root.handle_assume(sent)
        elif self.root.is_session(sent):
            answer = self.root.handle_session(sent)
        else:
            answer = self.organizations.handle(sent)
        assert answer is not None, name
        return answer


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextmanager
def root_world() -> Iterator[World]:
    """Give such a world, with a map that vends in a domain."""
    with mock_aws(config={"core": {"passthrough": {"services": ["iam", "organizations", "sts"]}}}):
        world = World()
        create_table(world.table.client, TABLE)
        assert api.put_domain(world.table, DOMAIN, None)
        send = "botocore.httpsession.URLLib3Session.send"
        with mock.patch(send, lambda _session, request: world.send(request)), mock.patch("time.sleep"):
            yield world
