# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules' tests share: botocore's data is read once, and an organization to run modules against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.loaders import Loader

from tests.local_aws.account import AccountManagement
from tests.local_aws.organizations import Organizations
from tests.local_aws.service_quotas import list_quotas
from tests.local_aws.wire import AwsError, Request, Response, json_error, json_result, query_result, rest_json_error

MASTER = "111122223333"
# AWS Account Management Reference Guide, "Update your AWS account name".
PROPAGATION_SECONDS = 4 * 3600
CREATION_SECONDS = 120


@pytest.fixture(scope="session", autouse=True)
def _botocore_data_is_read_once() -> Iterator[None]:
    """Share what was read: each run of a module makes a session of its own, and botocore remembers within one only.

    The clients of a session share it as well, so what botocore fills in there it may fill in again.
    """
    read: dict[str, Any] = {}
    original = Loader.load_data_with_path

    def load_data_with_path(self: Loader, name: str) -> Any:
        if name not in read:
            read[name] = original(self, name)
        return read[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loader, "load_data_with_path", load_data_with_path)
        yield


@dataclass
class World:
    """An organization, the time in it, every call made to it, and what is to happen before a call is answered.

    The clock is the test's own: sleeping moves it on, so that a creation of two minutes takes no time. ``caller`` is
    the account whose credentials the calls to Account Management have.
    """

    now: float = 1_790_000_000.0
    caller: str = MASTER
    calls: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    on: dict[str, Callable[[dict[str, Any]], Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        def clock() -> float:
            return self.now

        self.organization = Organizations(MASTER, CREATION_SECONDS, clock, PROPAGATION_SECONDS)
        self.management = AccountManagement(
            self.organization, MASTER, lambda *_mail: None, lambda _key: self.caller, clock
        )

    def call(self, name: str, **parameters: Any) -> Any:
        """Call an operation as another job would: not noted, nothing happens before it."""
        response = self._answer(name, json.dumps(parameters).encode())
        return json.loads(response.body)

    def create(self, name: str, email: str) -> str:
        """Return the id of a new account, which another job has created."""
        status = self.call("CreateAccount", Email=email, AccountName=name)["CreateAccountStatus"]
        self.now += 2 * CREATION_SECONDS
        done = self.call("DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"])
        return str(done["CreateAccountStatus"]["AccountId"])

    def _answer(self, name: str, body: bytes) -> Response:
        if name == "GetCallerIdentity":
            return query_result(name, {"Account": self.caller, "Arn": f"arn:aws:iam::{self.caller}:user/jane"})
        path = f"/{name[0].lower()}{name[1:]}"
        headers = {"x-amz-target": f"AWSOrganizationsV20161128.{name}"}
        response = self.management.handle(Request("POST", path, "", {}, body))
        sent = Request("POST", "/", "", headers, body)
        response = response or self.organization.handle(sent) or list_quotas(self.organization, sent)
        assert response is not None, name
        return response

    def send(self, request: Any) -> AWSResponse:
        target = request.headers.get("X-Amz-Target", b"").decode()
        path = urlsplit(request.url).path
        name = target.rpartition(".")[2] or path[1:2].upper() + path[2:] or "GetCallerIdentity"
        self.calls.append(name)
        self.hosts.add(urlsplit(request.url).hostname or "")
        try:
            before = self.on.get(name)
            instead = before(json.loads(request.body or b"{}")) if before else None
            answer = json_result(instead) if instead else self._answer(name, request.body)
        except AwsError as error:
            answer = json_error(error) if target else rest_json_error(error)
        response = AWSResponse(request.url, answer.status, dict(answer.headers), None)
        response._content = answer.body
        return response

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def accounts(self) -> list[tuple[str, str]]:
        return [(account["Email"], account["Name"]) for account in self.call("ListAccounts")["Accounts"][1:]]

    def name_of(self, account_id: str) -> str:
        """Return the name of an account as it is now, whatever Organizations still lists."""
        account = self.organization.account(account_id)
        assert account is not None
        return str(account["Name"])

    def root(self) -> str:
        root: str = self.call("ListRoots")["Roots"][0]["Id"]
        return root

    def unit(self, path: str) -> str:
        """Make the OUs of a path as another job would, and return the id of the last one."""
        place = self.root()
        for name in path.split("/"):
            units = self.call("ListOrganizationalUnitsForParent", ParentId=place)["OrganizationalUnits"]
            there = [unit["Id"] for unit in units if unit["Name"] == name]
            made = None if there else self.call("CreateOrganizationalUnit", ParentId=place, Name=name)
            place = there[0] if made is None else made["OrganizationalUnit"]["Id"]
        return place

    def tree(self) -> dict[str, list[str]]:
        """Return the names of the accounts in each root and OU, by path."""
        found: dict[str, list[str]] = {}
        waiting = [("/", self.root())]
        while waiting:
            path, place = waiting.pop()
            found[path] = [
                account["Name"] for account in self.call("ListAccountsForParent", ParentId=place)["Accounts"]
            ]
            above = "" if path == "/" else f"{path}/"
            units = self.call("ListOrganizationalUnitsForParent", ParentId=place)["OrganizationalUnits"]
            waiting += [(above + unit["Name"], unit["Id"]) for unit in units]
        return found

    def refuse(self, operation: str, code: str, times: int = 10**6, reason: str | None = None) -> None:
        """Let AWS refuse the operation so many times."""
        count = self.calls.count(operation)

        def refusal(_parameters: dict[str, Any]) -> None:
            if self.calls.count(operation) <= count + times:
                raise AwsError(code, "no", 400, **({"Reason": reason} if reason else {}))

        self.on[operation] = refusal

    def fail_creation(self, reason: str) -> None:
        """Let every creation fail for the reason."""
        status = {"Id": "car-0123456789abcdef", "AccountName": "payments-001", "State": "IN_PROGRESS"}
        self.on["CreateAccount"] = lambda _parameters: {"CreateAccountStatus": status}
        failed = {**status, "State": "FAILED", "FailureReason": reason}
        self.on["DescribeCreateAccountStatus"] = lambda _parameters: {"CreateAccountStatus": failed}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr("time.sleep", world.sleep)
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _session, request: world.send(request))
    return world
