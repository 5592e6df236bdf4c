# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root access as local AWS gives it: rules of AssumeRoot's reference and of the task policies."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.local_aws.root_access import MAX_SECONDS, ROOT_CREDENTIALS, TASKS, RootAccess
from tests.local_aws.wire import Request

MASTER, MEMBER, CLOSED = "111122223333", "444455556666", "777788889999"
ADMIN = "AKIAIOSFODNN7EXAMPLE"
_POLICY = "arn:aws:iam::aws:policy/root-task/{}"
_SIGNED = "AWS4-HMAC-SHA256 Credential={}/20261126/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"


class _Caller:
    """Calls operations of STS and IAM, at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        accounts = {ADMIN: MASTER, MASTER: MASTER, "AKIAI44QH8DHBEXAMPLE": MEMBER}
        self.root = RootAccess(
            lambda account_id: account_id == MASTER,
            {MEMBER: "ACTIVE", CLOSED: "SUSPENDED"}.get,
            lambda key: accounts[key],
            "o-a",
            lambda: self.now,
        )

    def _request(self, key: str, token: str, action: str, given: dict[str, Any]) -> Request:
        headers = {"authorization": _SIGNED.format(key), "x-amz-security-token": token}
        return Request("POST", "/", "", headers, urlencode({"Action": action, **given}).encode())

    def assume(self, task: str, target: str = MEMBER, key: str = ADMIN, **given: Any) -> tuple[str, str]:
        """Return the session's key and token, or the code of the error and nothing."""
        asked = {"TargetPrincipal": target, "TaskPolicyArn.arn": _POLICY.format(task), **given}
        answer = self.root.handle_assume(self._request(key, "", "AssumeRoot", asked))
        assert answer is not None
        if answer.status != 200:
            return _of(answer.body, "Code"), ""
        return _of(answer.body, "AccessKeyId"), _of(answer.body, "SessionToken")

    def iam(self, session: tuple[str, str], action: str, **given: str) -> str:
        """Return the code of the error, or nothing."""
        request = self._request(*session, action, given)
        assert self.root.is_session(request)
        answer = self.root.handle_session(request)
        assert answer is not None
        return "" if answer.status == 200 else _of(answer.body, "Code")


def _of(body: bytes, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)<", body.decode())
    assert found, body
    return found[1]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"target": MASTER}, "AccessDenied", id="the management account"),
        pytest.param({"target": CLOSED}, "AccessDenied", id="a closed account"),
        pytest.param({"target": "000000000000"}, "AccessDenied", id="an account of nobody's"),
        pytest.param({"key": MASTER}, "AccessDenied", id="called by the root user"),
        pytest.param({"key": "AKIAI44QH8DHBEXAMPLE"}, "AccessDenied", id="called from a member account"),
        pytest.param({"task": "AdministratorAccess"}, "ValidationError", id="another policy"),
        pytest.param({"DurationSeconds": MAX_SECONDS + 1}, "ValidationError", id="for too long"),
    ],
)
def test_who_gets_no_session(given: dict[str, Any], code: str) -> None:
    assert _Caller().assume(**{"task": "IAMAuditRootUserCredentials", **given}) == (code, "")


@pytest.mark.parametrize("target", [MEMBER, f"arn:aws:iam::{MEMBER}:root"])
def test_an_account_is_named_by_its_id_or_its_root_user(target: str) -> None:
    assert _Caller().assume("IAMAuditRootUserCredentials", target)[0].startswith("ASIA")


@pytest.mark.parametrize("task", TASKS)
def test_a_session_needs_its_feature(task: str) -> None:
    caller = _Caller()
    caller.root.features = {ROOT_CREDENTIALS}
    assert bool(caller.assume(task)[1]) is task.startswith("IAM")


@pytest.mark.parametrize("action", ["GetLoginProfile", "ListAccessKeys", "CreateLoginProfile", "DeleteLoginProfile"])
@pytest.mark.parametrize("task", TASKS)
def test_a_session_does_what_its_task_is(task: str, action: str) -> None:
    caller = _Caller()
    refused = caller.iam(caller.assume(task), action) == "AccessDenied"
    assert refused is (action not in TASKS[task][1])


def test_a_session_is_about_the_root_user_and_ends() -> None:
    caller = _Caller()
    session = caller.assume("IAMAuditRootUserCredentials", DurationSeconds="900")
    assert caller.iam(session, "ListAccessKeys") == ""
    assert caller.iam(session, "ListAccessKeys", UserName="jane") == "AccessDenied"
    assert caller.iam((session[0], "another"), "ListAccessKeys") == "InvalidClientTokenId"
    caller.now += MAX_SECONDS
    assert caller.iam(session, "ListAccessKeys") == "ExpiredToken"


def test_a_password_is_created_once_and_deleted_once() -> None:
    caller = _Caller()
    create, delete = (caller.assume(f"IAM{task}") for task in ("CreateRootUserPassword", "DeleteRootUserCredentials"))
    assert not caller.root.may_reset_password(MEMBER)
    assert caller.iam(create, "GetLoginProfile") == "NoSuchEntity"
    assert caller.iam(create, "CreateLoginProfile") == ""
    assert caller.iam(create, "CreateLoginProfile") == "EntityAlreadyExists"
    assert caller.root.may_reset_password(MEMBER)
    assert caller.iam(delete, "DeleteLoginProfile") == ""
    assert caller.iam(delete, "DeleteLoginProfile") == "NoSuchEntity"


@pytest.mark.parametrize(
    ("kind", "action", "name"),
    [
        ("access_keys", "DeleteAccessKey", "AccessKeyId"),
        ("mfa_devices", "DeactivateMFADevice", "SerialNumber"),
        ("signing_certificates", "DeleteSigningCertificate", "CertificateId"),
    ],
)
def test_a_credential_is_deleted_once(kind: str, action: str, name: str) -> None:
    caller = _Caller()
    session = caller.assume("IAMDeleteRootUserCredentials")
    getattr(caller.root.user(MEMBER), kind)["one"] = caller.now
    assert caller.iam(session, action, **{name: "one"}) == ""
    assert caller.iam(session, action, **{name: "one"}) == "NoSuchEntity"


def test_the_feature_is_switched_by_the_management_account() -> None:
    caller = _Caller()
    caller.root.features.clear()

    def switch(action: str, key: str = ADMIN) -> tuple[int, set[str]]:
        answer = caller.root.handle_features(caller._request(key, "", action, {}))
        assert answer is not None
        return answer.status, caller.root.features

    assert switch("EnableOrganizationsRootCredentialsManagement") == (200, {ROOT_CREDENTIALS})
    assert switch("DisableOrganizationsRootCredentialsManagement") == (200, set())
    assert switch("EnableOrganizationsRootCredentialsManagement", "AKIAI44QH8DHBEXAMPLE") == (400, set())
