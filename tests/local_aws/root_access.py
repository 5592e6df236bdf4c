# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Centralized root access: sts:AssumeRoot, and what IAM allows in a session of a member account's root user.

Sources: AWS STS API Reference, AssumeRoot; IAM User Guide, "Centrally manage root access for member accounts" and "AWS
managed policies for IAM" (the task policies); IAM API Reference, which omits UserName for the caller's own credentials.
"""

from __future__ import annotations

import secrets
import string
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.local_aws.wire import (
    AwsError,
    Request,
    Response,
    access_key_of,
    answer_query,
    query_error,
    query_parameters,
)

ROOT_CREDENTIALS, ROOT_SESSIONS = "RootCredentialsManagement", "RootSessions"
MAX_SECONDS = 900
_POLICIES = "arn:aws:iam::aws:policy/root-task/"
_READ = ("ListAccessKeys", "ListSigningCertificates", "GetLoginProfile", "ListMFADevices")
# What each task policy lets a session do, of what is kept here, and the feature that the task belongs to.
TASKS: Mapping[str, tuple[str, frozenset[str]]] = {
    "IAMAuditRootUserCredentials": (ROOT_CREDENTIALS, frozenset(_READ)),
    "IAMCreateRootUserPassword": (ROOT_CREDENTIALS, frozenset(("CreateLoginProfile", "GetLoginProfile"))),
    "IAMDeleteRootUserCredentials": (
        ROOT_CREDENTIALS,
        frozenset((*_READ, "DeleteAccessKey", "DeleteSigningCertificate", "DeleteLoginProfile", "DeactivateMFADevice")),
    ),
    "S3UnlockBucketPolicy": (ROOT_SESSIONS, frozenset()),
    "SQSUnlockQueuePolicy": (ROOT_SESSIONS, frozenset()),
}


@dataclass
class RootUser:
    """The credentials of a root user. Accounts that Organizations creates have none (since November 2024)."""

    password_created_at: float | None = None
    access_keys: dict[str, float] = field(default_factory=dict)
    mfa_devices: dict[str, float] = field(default_factory=dict)
    signing_certificates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Session:
    account_id: str
    allowed: frozenset[str]
    token: str
    ends: float


class RootAccess:
    """Answers AssumeRoot, the features of the organization, and IAM in root sessions; safe to call from many threads.

    ``administers`` tells whether callers in an account may take such sessions, ``state_of`` the state of a member
    account, None for what is none, and ``account_of`` the account of an access key.
    """

    def __init__(
        self,
        administers: Callable[[str], bool],
        state_of: Callable[[str], str | None],
        account_of: Callable[[str], str],
        organization_id: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lock = threading.RLock()
        self._administers = administers
        self._state_of = state_of
        self._account_of = account_of
        self._organization_id = organization_id
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._users: dict[str, RootUser] = {}
        # Whether callers that are root users are refused, as they are on AWS.
        self.refuses_root = True
        self.features = {ROOT_CREDENTIALS, ROOT_SESSIONS}

    def user(self, account_id: str) -> RootUser:
        """Return the root user of an account, in which a test may set and look at credentials."""
        with self._lock:
            return self._users.setdefault(account_id, RootUser())

    def may_reset_password(self, account_id: str) -> bool:
        """Tell whether AWS mails the root user a link to set a new password: there is one, or recovery is allowed."""
        return self.user(account_id).password_created_at is not None

    def is_session(self, request: Request) -> bool:
        """Tell whether a request is signed with the credentials of a root session."""
        return access_key_of(request) in self._sessions

    def handle_assume(self, request: Request) -> Response | None:
        """Answer AssumeRoot; None for every other operation of STS."""
        return answer_query(request, _Call(self, access_key_of(request)), {"AssumeRoot": _Call.assume})

    def handle_features(self, request: Request) -> Response | None:
        """Answer what is about the features of the organization; None for every other operation of IAM."""
        return answer_query(request, _Call(self, access_key_of(request)), _FEATURES)

    def handle_session(self, request: Request) -> Response | None:
        """Answer a request to IAM in a root session, which may do what its task policy lets it do, to itself."""
        given = query_parameters(request.body)
        action, session = given.get("Action", ""), self._sessions[access_key_of(request)]
        if request.headers.get("x-amz-security-token") != session.token:
            return query_error(AwsError("InvalidClientTokenId", "The security token included is invalid.", 403))
        if session.ends <= self._clock():
            return query_error(AwsError("ExpiredToken", "The security token included in the request is expired", 403))
        if action not in session.allowed or "UserName" in given:
            user = f"arn:aws:iam::{session.account_id}:root"
            return query_error(
                _denied(f"User: {user} is not authorized to perform: iam:{action} with an explicit deny")
            )
        with self._lock:
            return answer_query(request, _Own(self.user(session.account_id), self._clock), _OPERATIONS)

    def resources(self, request: Request) -> list[str]:
        """Return the ARN on which IAM allows or refuses AssumeRoot (Service Authorization Reference, "AWS STS")."""
        account_id = _target(query_parameters(request.body))
        return [f"arn:aws:iam::{account_id}:root"]


@dataclass(frozen=True)
class _Call:
    """An operation that is called with credentials of the organization."""

    root: RootAccess
    access_key: str

    def assume(self, given: dict[str, Any]) -> dict[str, Any]:
        root, account_id, policy = self.root, _target(given), (given.get("TaskPolicyArn") or {}).get("arn", "")
        seconds = int(given.get("DurationSeconds", MAX_SECONDS))
        if not 0 <= seconds <= MAX_SECONDS:
            raise AwsError("ValidationError", f"1 validation error detected: 'durationSeconds' is above {MAX_SECONDS}.")
        task = policy.removeprefix(_POLICIES)
        if policy != _POLICIES + task or task not in TASKS:
            raise AwsError("ValidationError", f"The task policy {policy} is not one that AssumeRoot takes.")
        self._check_caller()
        feature, allowed = TASKS[task]
        # What AWS says here is documented nowhere; that it denies access is what those who met it report.
        if feature not in root.features or root._state_of(account_id) != "ACTIVE":
            raise _denied(f"User is not authorized to perform: sts:AssumeRoot on resource: {_root_arn(account_id)}")
        with root._lock:
            key, token = f"ASIA{_capitals(16)}", secrets.token_hex(64)
            root._sessions[key] = _Session(account_id, allowed, token, root._clock() + seconds)
        credentials = {
            "AccessKeyId": key,
            "SecretAccessKey": secrets.token_hex(20),
            "SessionToken": token,
            "Expiration": _moment(root._clock() + seconds),
        }
        return {"Credentials": credentials, "SourceIdentity": "local"}

    def _check_caller(self) -> None:
        account_id = self.root._account_of(self.access_key)
        is_root = not self.access_key.startswith(("AKIA", "ASIA"))
        if not self.root._administers(account_id) or (is_root and self.root.refuses_root):
            raise _denied("Roles or users of the management account or a delegated administrator may call AssumeRoot.")

    def features(self, _given: dict[str, Any]) -> dict[str, Any]:
        self._check_administers()
        return {"OrganizationId": self.root._organization_id, "EnabledFeatures": sorted(self.root.features)}

    def enable_credentials(self, given: dict[str, Any]) -> dict[str, Any]:
        self._check_administers()
        self.root.features.add(ROOT_CREDENTIALS)
        return self.features(given)

    def disable_credentials(self, given: dict[str, Any]) -> dict[str, Any]:
        self._check_administers()
        self.root.features.discard(ROOT_CREDENTIALS)
        return self.features(given)

    def _check_administers(self) -> None:
        if not self.root._administers(self.root._account_of(self.access_key)):
            raise AwsError("AccountNotManagementOrDelegatedAdministrator", "The account may not manage root access.")


@dataclass(frozen=True)
class _Own:
    """What the root user of a session does to its own credentials."""

    user: RootUser
    clock: Callable[[], float]

    def profile(self, _given: dict[str, Any]) -> dict[str, Any]:
        if self.user.password_created_at is None:
            raise _gone("Login Profile for User root cannot be found.")
        return {"LoginProfile": {"UserName": "root", "CreateDate": _moment(self.user.password_created_at)}}

    def create_profile(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.user.password_created_at is not None:
            raise AwsError("EntityAlreadyExists", "Login Profile for user root already exists.", 409)
        self.user.password_created_at = self.clock()
        return self.profile(given)

    def delete_profile(self, given: dict[str, Any]) -> None:
        self.profile(given)
        self.user.password_created_at = None

    def access_keys(self, _given: dict[str, Any]) -> dict[str, Any]:
        keys = [
            {"UserName": "root", "AccessKeyId": name, "Status": "Active", "CreateDate": _moment(when)}
            for name, when in self.user.access_keys.items()
        ]
        return {"AccessKeyMetadata": keys, "IsTruncated": False}

    def delete_access_key(self, given: dict[str, Any]) -> None:
        _take(self.user.access_keys, given.get("AccessKeyId"), "Access Key")

    def mfa_devices(self, _given: dict[str, Any]) -> dict[str, Any]:
        devices = [
            {"UserName": "root", "SerialNumber": name, "EnableDate": _moment(when)}
            for name, when in self.user.mfa_devices.items()
        ]
        return {"MFADevices": devices, "IsTruncated": False}

    def deactivate_mfa_device(self, given: dict[str, Any]) -> None:
        _take(self.user.mfa_devices, given.get("SerialNumber"), "MFA Device")

    def certificates(self, _given: dict[str, Any]) -> dict[str, Any]:
        found = [
            {
                "UserName": "root",
                "CertificateId": name,
                "CertificateBody": "-",
                "Status": "Active",
                "UploadDate": _moment(when),
            }
            for name, when in self.user.signing_certificates.items()
        ]
        return {"Certificates": found, "IsTruncated": False}

    def delete_certificate(self, given: dict[str, Any]) -> None:
        _take(self.user.signing_certificates, given.get("CertificateId"), "Certificate")


_FEATURES: Mapping[str, Callable[[_Call, dict[str, Any]], dict[str, Any] | None]] = {
    "ListOrganizationsFeatures": _Call.features,
    "EnableOrganizationsRootCredentialsManagement": _Call.enable_credentials,
    "DisableOrganizationsRootCredentialsManagement": _Call.disable_credentials,
}
_OPERATIONS: Mapping[str, Callable[[_Own, dict[str, Any]], dict[str, Any] | None]] = {
    "GetLoginProfile": _Own.profile,
    "CreateLoginProfile": _Own.create_profile,
    "DeleteLoginProfile": _Own.delete_profile,
    "ListAccessKeys": _Own.access_keys,
    "DeleteAccessKey": _Own.delete_access_key,
    "ListMFADevices": _Own.mfa_devices,
    "DeactivateMFADevice": _Own.deactivate_mfa_device,
    "ListSigningCertificates": _Own.certificates,
    "DeleteSigningCertificate": _Own.delete_certificate,
}


def action_of(request: Request) -> str:
    """Return the operation of a request of the Query protocol."""
    return str(query_parameters(request.body).get("Action", ""))


def _target(given: Mapping[str, Any]) -> str:
    """Return the account of a TargetPrincipal, which is an account's id or the ARN of its root user."""
    return str(given.get("TargetPrincipal", "")).removeprefix("arn:aws:iam::").removesuffix(":root")


def _root_arn(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"


def _take(there: dict[str, float], name: Any, what: str) -> None:
    if name not in there:
        raise _gone(f"The {what} with id {name} cannot be found.")
    del there[name]


def _gone(text: str) -> AwsError:
    return AwsError("NoSuchEntity", text, 404)


def _denied(text: str) -> AwsError:
    return AwsError("AccessDenied", text, 403)


def _capitals(length: int) -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _unused in range(length))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
